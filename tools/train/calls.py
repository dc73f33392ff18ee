"""Calls to train the classifier on: turns of the corpus, cut, joined and augmented; and the corpus itself.

    python calls.py CORPUS CALLS.pkl [--calls 8000] [--seed 1]
"""

import argparse
import os
import pickle

import numpy as np

import augment
from corpus import HOP, RATE, fold, load, runs, source, turn
from features import classifier_rows
from prompts import prompts

# Number of calls of each kind among 16.
KINDS = {"turn": 4, "phrase": 2, "read phrase": 1, "two turns": 1, "prompt": 4, "synthetic": 1, "monologue": 2, "read": 1}
AFTER = 3.0  # seconds of line noise after the greeting
MAX_CALL = 14 * RATE  # samples


def phrases(t, gap):
    """Segments of speech separated by pauses of `gap` hops or more; pairs of first hop and end."""
    segments = []
    for a, b in runs(t["voice"] > 0.5):
        if segments and a - segments[-1][1] < gap:
            segments[-1][1] = b
        else:
            segments.append([a, b])
    return [(a, b) for a, b in segments if b - a >= 15]


def cut(t, a, b, margin=6):
    """Hops a to b at -20 dBm0, with faded ends, as samples."""
    a, b = max(0, a - margin), min(len(t["voice"]), b + margin)
    y = t["x"][a * HOP : b * HOP].copy()
    k = min(160, len(y) // 4)
    y[:k] *= np.linspace(0, 1, k)
    y[-k:] *= np.linspace(1, 0, k)
    return y * 10 ** ((-20 - t["level"]) / 20)


def whole(t):
    """All speech of a turn, as from `cut`."""
    return cut(t, t["begin"], t["end"])


def own_noise(t, n, rng):
    """`n` samples of the noise in the turn's own recording; None if its pauses are too short."""
    gaps = [(a, b) for a, b in runs(t["voice"] < 0.5) if b - a > 12]
    if not gaps:
        return None
    a, b = gaps[rng.integers(len(gaps))]
    noise = t["x"][(a + 4) * HOP : (b - 3) * HOP]
    return augment.pieces(noise, n, rng) * 10 ** ((-20 - t["level"]) / 20) if len(noise) >= 400 else None


def call(parts, rng, lines, own):
    """The audio of a call, and the end of its greeting in ms."""
    delay = int(RATE * rng.choice([0, rng.uniform(0, 0.4), rng.uniform(0.2, 1.5), rng.uniform(0.5, 2.5)]))
    if rng.random() < 0.5:
        factor = rng.uniform(0.9, 1.1)
        parts = [augment.speed(p, factor) for p in parts]
    if rng.random() < 0.12:  # the first words are cut off
        parts = [parts[0][min(len(parts[0]) // 3, int(rng.uniform(0.02, 0.25) * RATE)) :], *parts[1:]]
        delay = 0
    rings = rng.random() < 0.06
    pieces = [augment.ringback(int(rng.uniform(2.5, 4.5) * RATE), rng) * augment.amplitude(-20)] if rings else []
    ring = sum(map(len, pieces))
    pieces.append(np.zeros(delay))
    for i, part in enumerate(parts):
        if i:
            pieces.append(np.zeros(int(rng.uniform(0.1, 0.6) * RATE)))
        pieces.append(part)
    y = np.concatenate(pieces)
    begin, end = ring + delay, len(y)
    y = np.concatenate([y, np.zeros(int(AFTER * RATE))])
    n, gain = len(y), 10 ** ((rng.uniform(-34, -8) + 20) / 20)
    y *= gain
    if rng.random() < 0.2:
        y = augment.room(y, rng)
    k = rng.random()
    if own is not None and k < 0.55:
        noise = np.resize(own * gain, n)
        if rng.random() < 0.2:
            noise[:begin] = 0
        y = y + noise
    if (own is None or k > 0.45) and rng.random() < 0.75:
        noise = augment.line(n, rng, lines) * augment.amplitude(rng.uniform(-75, -38))
        k = rng.random()
        if k < 0.2:
            noise[:begin] = 0  # the line is silent until the voice starts
        elif k < 0.3:
            noise[end + RATE // 10 :] = 0
        y = y + noise
    y = augment.telephone(y, rng)
    return np.clip(np.round(y), -32768, 32767).astype(np.int16), end * 1000 / RATE


class Turns:
    """The speech that calls are made of."""

    def __init__(self, rows, folder):
        turns = [t for row in rows if row["group"] in ("human", "machine") or row["label"].startswith("speech") for t in [turn(row)] if t]
        self.people = [t for t in turns if t["group"] == "human"]
        self.prompts, self.voices = {}, {}
        for t in turns:
            if t["group"] == "machine":
                self.prompts.setdefault(t["source"], []).append(t)
            elif t["group"] == "talkoff" and t["source"] == "wuw":
                self.voices.setdefault(t["speaker"], []).append(t)
        talk = [t for t in turns if t["group"] == "talkoff"]
        self.phone = [t for t in talk if t["source"] == "wuw"]
        self.books = [t for t in talk if t["source"] == "libri"]
        self.read = self.books + [t for t in turns if t["source"] in ("hebrew", "hedgewars")]
        self.voices = [v for v in self.voices.values() if len(v) >= 2]
        self.synthetic = prompts(folder)

    def greeting(self, kind, rng):
        """A greeting: its turn, its parts, and its exact kind. None if the greeting is too long or too short."""
        one = lambda items: items[rng.integers(len(items))]
        parts = None
        if kind == "turn":
            t = one(self.people)
            parts = [whole(t)] if t["end"] - t["begin"] < 500 else None
        elif kind in ("phrase", "read phrase"):
            t = one(self.phone if kind == "phrase" else self.read)
            gap, max_hops = (18, 240) if kind == "phrase" else (12, 200)
            candidates = [p for p in phrases(t, gap) if 25 <= p[1] - p[0] <= max_hops]
            parts = [cut(t, *one(candidates))] if candidates else None
        elif kind == "two turns":
            t = one(self.people)
            u = one([u for u in self.people if u["speaker"] == t["speaker"]])
            parts = [whole(t), whole(u)]
            parts = parts if sum(map(len, parts)) <= 3 * RATE else None
        elif kind == "prompt":
            turns = one(list(self.prompts.values()))
            t = one(turns)
            parts = [whole(t)] + ([whole(one(turns))] if rng.random() < 0.4 else [])
            k = rng.random()
            if k < 0.2:
                pieces = [p for p in phrases(t, 10) if p[1] - p[0] >= 110]
                if pieces:
                    kind, parts = "piece", [cut(t, *one(pieces))]
            elif k < 0.4:  # a name spoken by its owner, before the prompt
                names = [p for p in self.people if p["label"] == "human_name" and p["fold"] == t["fold"]]
                if names:
                    kind, parts = "name and prompt", [whole(one(names)), *parts]
        elif kind == "synthetic":
            t = one(self.synthetic or self.prompts["freeswitch"])
            parts = [whole(t)]
        elif kind == "monologue":  # a greeting that a person has recorded by telephone
            voice = one(self.voices)
            t, parts = voice[0], [whole(one(voice)) for _ in range(rng.integers(2, 4))]
            parts = parts if sum(map(len, parts)) >= 4.5 * RATE else None
        else:
            t = one(self.books)
            parts = [cut(t, t["begin"], min(t["end"], t["begin"] + 900))]
            parts = parts if len(parts[0]) >= 4 * RATE else None
        return (t, [p[: 11 * RATE] for p in parts], kind) if parts else None


MACHINES = {"prompt", "piece", "name and prompt", "synthetic", "monologue", "read"}


def generated(turns, lines, count, rng):
    """`count` calls."""
    names, out = [k for k, n in KINDS.items() for _ in range(n)], []
    while len(out) < count:
        made = turns.greeting(names[rng.integers(len(names))], rng)
        if made is None:
            continue
        t, parts, kind = made
        own = own_noise(t, 15 * RATE, rng) if rng.random() < (0.8 if t["source"] == "wuw" else 0.3) else None
        x, end = call(parts, rng, lines, own)
        out.append({"x": x[:MAX_CALL], "end": end, "machine": int(kind in MACHINES), "fold": t["fold"], "kind": kind, "source": t["source"]})
    return out


def originals(rows, variants, rng):
    """The people, machines and noises of the corpus, each unchanged and in `variants` augmented versions, followed by silence."""
    out = []
    for row in rows:
        if row["group"] not in ("human", "machine", "composed", "silence_noise"):
            continue
        machine = None if row["group"] == "silence_noise" else int(not row["label"].startswith("human"))
        speech = turn(row) if row["group"] != "composed" and not row["greeting_end_ms"] else None
        end = float(row["greeting_end_ms"]) if row["greeting_end_ms"] else speech["end"] * 10.0 if speech else len(row["pcm"]) / 8
        for variant in range(1 + variants):
            x, stop = np.concatenate([row["pcm"].astype(float), np.zeros(4 * RATE)]), end
            if variant:
                factor = rng.uniform(0.93, 1.07)
                x, stop = augment.speed(x, factor), end / factor
                x = x * 10 ** (rng.uniform(-8, 4) / 20) + augment.colour(len(x), rng.uniform(0, 1.5), rng) * augment.amplitude(rng.uniform(-75, -55))
                x = augment.telephone(x, rng)
            out.append({
                "x": np.clip(np.round(x), -32768, 32767).astype(np.int16), "end": stop, "machine": machine, "fold": fold(row),
                "kind": "varied" if variant else "original", "source": source(row)[0], "file": row["file"],
                "label": "composed " + row["label"] if row["group"] == "composed" else row["label"], "language": row["language"],
            })
    return out


def noises(count, rng):
    """`count` calls on which nobody speaks."""
    out = []
    for i in range(count):
        kind = list(augment.NOISES)[i % len(augment.NOISES)]
        n = int(rng.uniform(1, 6) * RATE)
        x = np.concatenate([augment.unit(augment.NOISES[kind](n, rng)) * augment.amplitude(rng.uniform(-40, -12)), np.zeros(3 * RATE)])
        x = x + augment.colour(len(x), 0.5, rng) * augment.amplitude(rng.uniform(-80, -55))
        x = augment.telephone(x, rng)
        out.append({"x": np.clip(np.round(x), -32768, 32767).astype(np.int16), "end": 0.0, "machine": None, "fold": 0, "kind": kind, "source": "noise"})
    return out


def analyze(calls):
    """Replaces the audio `x` of each call with the classifier's rows."""
    for begin in range(0, len(calls), 500):
        part = calls[begin : begin + 500]
        for c, rows in zip(part, classifier_rows([c.pop("x") for c in part])):
            c["rows"] = rows
    return calls


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("corpus")
    options.add_argument("calls")
    options.add_argument("--calls", dest="count", type=int, default=8000)
    options.add_argument("--seed", type=int, default=1)
    options = options.parse_args()
    rng, rows = np.random.default_rng(options.seed), load(options.corpus)
    turns = Turns(rows, os.path.splitext(options.calls)[0] + "-prompts")
    lines = [row["pcm"].astype(np.float32) for row in rows if row["label"] == "noise_line" and "linenoise" in row["file"] and len(row["pcm"]) > 3000]
    made = []
    while len(made) < options.count:  # 500 calls at a time, to limit the memory for audio
        made += analyze(generated(turns, lines, 500, rng))
    with open(options.calls, "wb") as file:
        pickle.dump({"generated": made, "corpus": analyze(originals(rows, 5, rng)), "noises": analyze(noises(600, rng))}, file)


if __name__ == "__main__":
    main()
