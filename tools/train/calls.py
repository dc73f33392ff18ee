"""Calls to train the classifier on: turns of people, greetings of machines, all through the same simulated lines.

    python calls.py CALLS.pkl CORPUS [EVIDENCE ...] [--calls 8000] [--seed 1]

CORPUS and EVIDENCE are folders with labels*.csv; an EVIDENCE folder may have sentences.csv too. Rows of the split `final` are left out.
"""

import argparse
import collections
import multiprocessing
import os
import pickle
import zlib

import numpy as np

import augment
from corpus import FOLDS, HOP, RATE, fold, load, runs, sentences, source, turn
from features import classifier_rows

# Number of calls of each kind among all.
KINDS = {
    "turn": 6, "phrase": 5, "read phrase": 2, "two turns": 1,
    "prompt": 4, "greeting": 4, "monologue": 3, "name and prompt": 1, "one sentence": 2,
}  # fmt: skip
MACHINES = {"prompt", "greeting", "monologue", "name and prompt", "one sentence"}
FREE = ("speech_phone", "speech_spontaneous", "speech_conversation", "human_command", "human_hello_phrase", "human_phrase")
READ = ("speech_read", "speech_acted", "speech_words", "speech", "human_phrase_acted")
AFTER = 2.6  # seconds of line noise after the greeting
MAX_VOICE = 9 * RATE  # samples
MAX_CALL = 12 * RATE


def phrases(t, gap):
    """Segments of speech separated by pauses of `gap` hops or more; pairs of first hop and end."""
    segments = []
    for a, b in runs(t["voice"] > 0.5):
        if segments and a - segments[-1][1] < gap:
            segments[-1][1] = b
        else:
            segments.append([a, b])
    return [(a, b) for a, b in segments if b - a >= 12]


def cut(t, a, b, margin=5):
    """Hops a to b at -20 dBm0, with faded ends, as samples."""
    a, b = max(0, a - margin), min(len(t["voice"]), b + margin)
    y = t["x"][a * HOP : b * HOP] * 10 ** ((-20 - t["level"]) / 20)
    k = min(160, len(y) // 4)
    y[:k] *= np.linspace(0, 1, k)
    y[-k:] *= np.linspace(1, 0, k)
    return y


def whole(t):
    """All speech of a turn, as from `cut`."""
    return cut(t, t["begin"], t["end"])


def own_noise(t):
    """The noise in the pauses of the turn's own recording, at the level of `cut`; None if its pauses are too short."""
    gaps = [(a, b) for a, b in runs(t["voice"] < 0.5) if b - a > 12]
    gaps = [t["x"][(a + 4) * HOP : (b - 3) * HOP] for a, b in gaps]
    noise = max(gaps, key=len, default=[])
    return noise * 10 ** ((-20 - t["level"]) / 20) if len(noise) >= 800 else None


def sentence_pause(rng):
    """The pause between two sentences of a greeting, s."""
    k = rng.random()
    return rng.uniform(0.15, 0.5) if k < 0.35 else rng.uniform(0.5, 1.2) if k < 0.85 else rng.uniform(1.2, 1.8)


def word_pause(rng):
    return rng.uniform(0.08, 0.45)


def joined(parts, pauses):
    """Parts with silence between them."""
    pieces = [parts[0]]
    for part, pause in zip(parts[1:], pauses):
        pieces += [np.zeros(int(pause * RATE)), part]
    return np.concatenate(pieces)


def call(y, rng, own, lines):
    """The audio of a call whose greeting is `y`, and the end of the greeting in ms. `own`: the noise of the greeting's own line."""
    if rng.random() < 0.6:
        y = augment.speed(y, rng.uniform(0.9, 1.1))
    delay = int(RATE * rng.choice([0, rng.uniform(0, 0.4), rng.uniform(0.2, 1.5), rng.uniform(0.5, 2.0)]))
    if rng.random() < 0.1:  # the beginning is cut off
        y, delay = y[min(len(y) // 3, int(rng.uniform(0.02, 0.25) * RATE)) :], 0
    pieces = [augment.ringback(int(rng.uniform(2.0, 3.5) * RATE), rng) * augment.amplitude(-20)] if rng.random() < 0.05 else []
    pieces += [np.zeros(delay), y]
    y = np.concatenate(pieces)
    begin, end = len(y) - len(pieces[-1]), len(y)
    y = np.concatenate([y, np.zeros(int(AFTER * RATE))])
    n, gain = len(y), 10 ** ((rng.uniform(-34, -8) + 20) / 20)
    y = augment.equalize(y * gain, rng)
    if rng.random() < 0.2:
        y = augment.room(y, rng)
    k = rng.random()
    if own is None and k < 0.6 and lines:
        own = lines[rng.integers(len(lines))]  # the line of somebody else
    elif k > 0.85:
        own = None
    if own is not None:
        noise = augment.pieces(own, n, rng) * gain * 10 ** (rng.uniform(-10, 2) / 20)
    else:
        noise = augment.line(n, rng, lines) * augment.amplitude(rng.uniform(-78, -42))
    k = rng.random()
    if k < 0.15:
        noise[:begin] = 0  # the line is silent until the voice starts
    elif k < 0.22:
        noise[end + RATE // 10 :] = 0
    y = augment.telephone(y + noise, rng)
    return np.clip(np.round(y), -32768, 32767).astype(np.int16), end * 1000 / RATE


class Turns:
    """The speech that calls are made of, each with its fold."""

    def __init__(self, rows, voices):
        turns = [t for row in rows if row["group"] in ("human", "machine") or row["label"].startswith("speech") for t in [turn(row)] if t]
        self.people = Pool(turns, lambda t: t["label"].startswith("human") and t["end"] - t["begin"] < 450)
        self.prompts = Pool(turns, lambda t: t["group"] == "machine" and t["end"] - t["begin"] >= 60, 12)
        self.phone = Pool(turns, lambda t: t["label"] in FREE)
        self.read = Pool(turns, lambda t: t["label"] in READ)
        self.greetings = voices
        self.lines = [n for t in turns if t["source"] == "wuw" or t["label"] in ("speech_phone",) for n in [own_noise(t)] if n is not None]

    def greeting(self, kind, rng):
        """A greeting: its turn or None, its audio, and its fold; None if the material does not do."""
        one = lambda items: items[rng.integers(len(items))]
        if kind == "turn":
            t = one(self.people.speaker(rng))
            return t, whole(t)
        if kind in ("phrase", "read phrase"):
            t = one((self.phone if kind == "phrase" else self.read).speaker(rng))
            candidates = [p for p in phrases(t, rng.integers(15, 45)) if 25 <= p[1] - p[0] <= 480]
            return (t, cut(t, *one(candidates))) if candidates else None
        if kind == "two turns":
            turns = self.people.speaker(rng)
            t, u = one(turns), one(turns)
            y = joined([whole(t), whole(u)], [rng.uniform(0.15, 0.9)])
            return (t, y) if len(y) <= 3.5 * RATE else None
        if kind in ("prompt", "name and prompt", "one sentence") and not (kind == "one sentence" and self.greetings and rng.random() < 0.6):
            turns = self.prompts.speaker(rng)
            t = one(turns)
            parts = [cut(t, *p) for p in phrases(t, 12)]
            if not parts:
                return None
            if kind == "one sentence":
                y = joined(parts[: 1 + int(rng.random() < 0.3)], [word_pause(rng)])
                return (t, y) if 0.5 * RATE <= len(y) <= 2.6 * RATE else None
            if rng.random() < 0.5:
                parts += [cut(u, *p) for u in [one(turns)] for p in phrases(u, 12)]
            if kind == "name and prompt":  # a name spoken by its owner, before the prompt
                parts.insert(0, whole(one(self.people.speaker(rng))))
        elif kind in ("greeting", "one sentence"):
            if not self.greetings:
                return None
            name = one(list(self.greetings))
            texts = [text for text in self.greetings[name] if (len(text) == 1) == (kind == "one sentence")] or self.greetings[name]
            rows = one(texts)
            parts = [row["pcm"].astype(np.float32) * 0.5 for row in rows]
            if kind == "one sentence":
                parts = parts[:1]
            t = {"fold": zlib.crc32(name.encode()) % FOLDS, "source": rows[0]["engine"], "x": None}
            first = parts[0]
            if kind == "greeting" and rng.random() < 0.15:  # the engine's own sentence, cut by a pause
                k = len(first) // 2
                parts[:1] = [first[:k], first[k:]]
        else:  # monologue: a greeting that a person has recorded, on the telephone or with a microphone
            turns = (self.phone if rng.random() < 0.6 else self.read).speaker(rng)
            t = one(turns)
            parts = [cut(t, *p) for p in phrases(t, 15)] + [cut(u, *p) for u in [one(turns)] for p in phrases(u, 15)]
            if sum(map(len, parts)) < 3.5 * RATE:
                return None
        pauses = [sentence_pause(rng) if i == 0 or rng.random() < 0.4 else word_pause(rng) for i in range(len(parts))]
        return t, joined(parts, pauses)[:MAX_VOICE]




class Pool:
    """Turns by source and speaker. A source is chosen as often as it has speakers, up to a limit; then a speaker. Sources of one
    recording are one source together."""

    def __init__(self, turns, use, max_speakers=80):
        turns = [t for t in turns if use(t)]
        recordings = collections.Counter(t["source"] for t in turns)
        self.sources = {}
        for t in turns:
            source = t["source"] if recordings[t["source"]] > 1 else "others"
            self.sources.setdefault(source, {}).setdefault(t["speaker"], []).append(t)
        self.sources = [list(speakers.values()) for speakers in self.sources.values()]
        weights = np.array([min(len(speakers), max_speakers) for speakers in self.sources], float)
        self.weights = weights / weights.sum()

    def __len__(self):
        return sum(map(len, self.sources))

    def speaker(self, rng):
        """The turns of a random speaker."""
        speakers = self.sources[rng.choice(len(self.sources), p=self.weights)]
        return speakers[rng.integers(len(speakers))]


def generated(turns, count, rng):
    """`count` calls."""
    names, out = [k for k, n in KINDS.items() for _ in range(n)], []
    while len(out) < count:
        kind = names[rng.integers(len(names))]
        made = turns.greeting(kind, rng)
        if made is None:
            continue
        t, y = made
        own = own_noise(t) if t["x"] is not None and t["source"] == "wuw" else None
        x, end = call(y, rng, own, turns.lines)
        out.append({"x": x[:MAX_CALL], "end": end, "machine": int(kind in MACHINES), "fold": t["fold"], "kind": kind, "source": t["source"]})
    return out


def sounds(rows, count, rng):
    """`count` calls on which nobody speaks: generated and recorded noises, and music."""
    recorded = [row for row in rows if row["group"] in ("silence_noise", "music") or row["label"] == "music" or row["label"].startswith("noise")]
    out = []
    for i in range(count):
        n = int(rng.uniform(1, 6) * RATE)
        if i % 3 and recorded:
            row = recorded[rng.integers(len(recorded))]
            x, kind, place, name = row["pcm"].astype(float), row["label"], fold(row), row["source"]
            begin = rng.integers(max(1, len(x) - n))
            x = augment.speed(x[begin : begin + n], rng.uniform(0.9, 1.1))
            x = x * augment.amplitude(rng.uniform(-34, -10)) / (np.std(x) + 30)
        else:
            kind = list(augment.NOISES)[i // 3 % len(augment.NOISES)]
            x, place, name = augment.unit(augment.NOISES[kind](n, rng)) * augment.amplitude(rng.uniform(-40, -12)), 0, "generated"
        x = np.concatenate([x, np.zeros(3 * RATE)])
        x = augment.telephone(x + augment.colour(len(x), 0.5, rng) * augment.amplitude(rng.uniform(-80, -55)), rng)
        out.append({"x": np.clip(np.round(x), -32768, 32767).astype(np.int16), "end": 0.0, "machine": None, "fold": place, "kind": kind, "source": name})
    return out


def originals(rows):
    """The people, machines and noises of the corpus, unchanged, followed by silence."""
    out = []
    for row in rows:
        if row["group"] not in ("human", "machine", "composed", "silence_noise") and row["label"] != "music":
            continue
        noise = row["group"] == "silence_noise" or row["label"] == "music"
        machine = None if noise else int(not row["label"].startswith("human"))
        speech = turn(row) if row["group"] != "composed" and not row["greeting_end_ms"] else None
        end = float(row["greeting_end_ms"]) if row["greeting_end_ms"] else speech["end"] * 10.0 if speech else len(row["pcm"]) / 8
        begin = float(row["speech_start_ms"]) if row["speech_start_ms"] else speech["begin"] * 10.0 if speech else 0.0
        x = np.concatenate([row["pcm"][: 15 * RATE], np.zeros(4 * RATE, np.int16)])
        length = "" if machine != 0 else "0-1 1-2.5 2.5-5 5-".split()[int(np.searchsorted([1000, 2500, 5000], end - begin))]
        out.append({
            "x": x, "end": end, "machine": machine, "fold": fold(row), "kind": "original", "source": source(row)[0], "file": row["file"],
            "label": "composed " + row["label"] if row["group"] == "composed" else row["label"], "language": row["language"],
            "length": length,
        })  # fmt: skip
    return out


def swapped(rows, lines, rng):
    """The people of the corpus without the noise of their lines, and its machines on those lines: a classifier that hears the line
    instead of the voice fails here."""
    out = []
    for row in rows:
        if row["group"] not in ("human", "machine"):
            continue
        t = turn(row)
        if t is None:
            continue
        machine = int(row["group"] == "machine")
        if machine:
            noise = augment.pieces(lines[rng.integers(len(lines))], len(row["pcm"][: 12 * RATE]) + 4 * RATE, rng)
            x = np.concatenate([row["pcm"][: 12 * RATE].astype(float), np.zeros(4 * RATE)]) * 10 ** ((-22 - t["level"]) / 20) + noise * 10 ** (-2 / 20)
            x = augment.through(augment.sosfilt(augment.butter(3, [300 / 4000, 3400 / 4000], "band", output="sos"), x), "ULAW")
        else:
            gate = np.convolve(np.repeat(t["voice"], HOP), np.ones(800) / 800, "same") > 0.01
            x = t["x"][: len(gate)] * gate[: len(t["x"])]
            x = np.concatenate([x, np.zeros(4 * RATE)]) + rng.standard_normal(len(x) + 4 * RATE) * 3
        out.append({"x": np.clip(np.round(x), -32768, 32767).astype(np.int16), "end": t["end"] * 10.0, "machine": machine, "fold": fold(row), "kind": "swapped", "source": t["source"], "file": row["file"], "label": "swapped"})
    return out


def silent(n, rng):
    return np.round(rng.standard_normal(n) * 3)


def traps(rows, voices, rng):
    """What is hard: machines that pause early or say one sentence, people who say a long one."""
    out = []

    def add(y, machine, place, kind, name):
        x = np.concatenate([silent(2400, rng), y, silent(4 * RATE, rng)])
        out.append({"x": np.clip(np.round(x), -32768, 32767).astype(np.int16), "end": 300 + len(y) / 8, "machine": machine, "fold": place, "kind": kind, "source": name, "file": ""})

    for row in rows:
        machine = row["group"] == "machine" or (row["group"] == "composed" and row["label"].startswith("machine"))
        if not (machine or row["label"] == "speech_phone"):
            continue
        t = turn(row)
        if not t:
            continue
        found = phrases(t, 6 if machine else 20)
        if not machine:
            for a, b in found:
                if 250 <= b - a <= 500:
                    x = t["x"][max(0, a - 5) * HOP : (b + 5) * HOP]
                    noise = own_noise(t)
                    end = len(x) / 8
                    tail = np.zeros(4 * RATE) if noise is None else augment.pieces(noise * 10 ** ((20 + t["level"]) / 20), 4 * RATE, rng)
                    x = np.concatenate([x, tail])
                    out.append({"x": np.clip(np.round(x), -32768, 32767).astype(np.int16), "end": end, "machine": 0, "fold": t["fold"], "kind": "free sentence", "source": t["source"], "file": row["file"]})
                    break
            continue
        start = found[0][0]
        for i, (a, b) in enumerate(found[:-1]):
            if 90 <= b - start <= 300:
                p, q = (max(0, start - 3) * HOP, (b + 3) * HOP), ((found[i + 1][0] - 3) * HOP, (t["end"] + 5) * HOP)
                for pause in (0.6, 1.0):
                    y = np.concatenate([t["x"][slice(*p)], silent(int(pause * RATE), rng), t["x"][slice(*q)]])
                    add(y, 1, t["fold"], f"pause {pause}", t["source"])
                if b - start < 200:
                    add(t["x"][slice(*p)], 1, t["fold"], "short machine", t["source"])
                break
    for voice, texts in voices.items():
        place = zlib.crc32(voice.encode()) % FOLDS
        for text in texts[:4]:
            name = text[0]["engine"]
            parts = [row["pcm"].astype(float) * 0.5 for row in text]
            if len(text) == 1:
                add(parts[0], 1, place, "voice one sentence", name)
            else:
                for pause in (0.25, 0.6, 1.0):
                    y = joined(parts, [pause] + [0.3] * len(parts))
                    add(y[: 12 * RATE], 1, place, f"voice {pause}", name)
    return out


def analyze(calls):
    """Replaces the audio `x` of each call with the classifier's rows."""
    for begin in range(0, len(calls), 250):
        part = calls[begin : begin + 250]
        for c, rows in zip(part, classifier_rows([c.pop("x") for c in part])):
            c["rows"] = rows
    return calls


def work(job):
    part, count, seed = job
    rng = np.random.default_rng(seed)
    return part, analyze(generated(TURNS, count, rng) if part == "generated" else sounds(ROWS, count, rng))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("calls")
    options.add_argument("folders", nargs="+")
    options.add_argument("--calls", dest="count", type=int, default=8000)
    options.add_argument("--seed", type=int, default=1)
    options = options.parse_args()
    global TURNS, ROWS
    ROWS = [row for folder in options.folders for row in load(folder)]
    voices = {}
    for folder in options.folders:
        if os.path.exists(os.path.join(folder, "sentences.csv")):
            voices |= sentences(folder)
    TURNS = Turns(ROWS, voices)
    print({name: len(getattr(TURNS, name)) for name in ("people", "prompts", "phone", "read", "greetings", "lines")})
    jobs = [("generated", 250, options.seed * 1000 + k) for k in range(options.count // 250)]
    jobs += [("noises", 250, options.seed * 1000 + 500 + k) for k in range(options.count // 1200)]
    data = {"generated": [], "noises": []}
    with multiprocessing.Pool(2) as pool:
        for part, calls in pool.imap_unordered(work, jobs):
            data[part] += calls
    rng = np.random.default_rng(options.seed)
    corpus = [row for row in ROWS if "split" not in row]
    data["corpus"], data["traps"] = analyze(originals(corpus)), analyze(traps(corpus, voices, rng) + swapped(corpus, TURNS.lines, rng))
    with open(options.calls, "wb") as file:
        pickle.dump(data, file, protocol=4)


if __name__ == "__main__":
    main()
