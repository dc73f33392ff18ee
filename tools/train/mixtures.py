"""Mixtures to train the voice network on: with or without speech, in noise, hum, music and tones.

    python mixtures.py CORPUS MIXTURES.npz [--count 8000] [--seed 1] [--held-out]

Each mixture has 6 s, at a random level. With --held-out, MIXTURES.npz has no speakers and sources of fold 3; those are in
MIXTURES-held.npz.
"""

import argparse

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

import augment
from corpus import HOP, RATE, fold, load, turn
from features import voice_inputs

HOPS = 600  # of 10 ms
HELD = 3  # the fold that is held out
TONES = [(440, 480), (480, 620), (350, 440), (400, 450), (425, 425.7), (440, 440), (1100, 1100), (2100, 2100), (1000, 1000)]


def tones(n, rng):
    """Network tones, beeps and digits, switched on and off."""
    if rng.random() < 0.6:
        pair = TONES[rng.integers(len(TONES))] if rng.random() < 0.6 else rng.uniform(200, 3200, 2)
        y = augment.tone(n, pair[0], rng) + rng.uniform(0, 1) * augment.tone(n, pair[1], rng)
    else:
        y, at = np.zeros(n), 0
        while at < n:
            m = min(n - at, int(rng.uniform(0.05, 0.5) * RATE))
            for hz in rng.uniform(300, 2500, rng.integers(1, 3)):
                y[at : at + m] += augment.tone(m, hz, rng)
            at += m
    gate = (np.arange(n) / RATE + rng.uniform(0, 4)) % rng.uniform(0.5, 5) < rng.uniform(0.1, 2.5)
    return augment.unit(y * gate) if gate.any() else y


def noise(n, rng, lines, music):
    """Noise without speech and tones."""
    k = rng.random()
    if music and k < 0.05:
        piece = music[rng.integers(len(music))]
        at = rng.integers(0, max(1, len(piece) - n))
        return augment.unit(np.resize(piece[at : at + n], n))
    if k < 0.5:
        return augment.line(n, rng, lines)
    if k < 0.6:  # a resonance
        r, hz = rng.uniform(0.5, 0.95), rng.uniform(100, 3600)
        return augment.unit(lfilter([1], [1, -2 * r * np.cos(2 * np.pi * hz / RATE), r * r], rng.standard_normal(n)))
    if k < 0.7:  # its level swells and falls
        swell = 1 + rng.uniform(0.2, 0.9) * np.sin(2 * np.pi * rng.uniform(0.2, 12) * np.arange(n) / RATE)
        return augment.unit(augment.colour(n, rng.uniform(0, 2), rng) * swell)
    return augment.NOISES[list(augment.NOISES)[rng.integers(len(augment.NOISES))]](n, rng)


def mixture(turns, lines, music, rng):
    """A mixture: its samples, and for each hop whether it is speech (0 or 1) and the confidence in that (0 to 1)."""
    n = HOPS * HOP
    x, voice, sure, level = np.zeros(n), np.zeros(HOPS, np.float32), np.ones(HOPS, np.float32), None
    if rng.random() < 0.78:
        level, hop = rng.uniform(-38, -8), int(rng.choice([0, rng.uniform(0, 30), rng.uniform(0, 150)]))
        first = turns[rng.integers(len(turns))]
        while hop < HOPS - 20 and rng.random() < 0.9:
            t = first if rng.random() < 0.7 else turns[rng.integers(len(turns))]
            at = 0 if len(t["voice"]) < 300 or rng.random() < 0.5 else int(rng.integers(0, len(t["voice"]) - 200))
            m = min(len(t["voice"]) - at, HOPS - hop, int(rng.uniform(40, 400)))
            x[hop * HOP : (hop + m) * HOP] += t["x"][at * HOP : (at + m) * HOP] * 10 ** ((level - t["level"]) / 20)
            voice[hop : hop + m], sure[hop : hop + m] = t["voice"][at : at + m], t["sure"][at : at + m]
            hop += m + int(rng.uniform(0, 120))
        if rng.random() < 0.25:
            x = augment.room(x, rng)
        if rng.random() < 0.9:
            snr = rng.choice([rng.uniform(-3, 15), rng.uniform(5, 40)])
            x += noise(n, rng, lines, music) * augment.amplitude(level - snr)
        if rng.random() < 0.15:  # tones where there is no speech
            gaps = np.repeat(1 - np.clip(np.convolve(voice, np.ones(9), "same"), 0, 1), HOP)
            x += gaps * tones(n, rng) * augment.amplitude(rng.uniform(-35, -6))
    elif rng.random() < 0.4:
        x = (tones(n, rng) + 10 ** (rng.uniform(-60, -5) / 20) * noise(n, rng, lines, [])) * augment.amplitude(rng.uniform(-45, -5))
    else:
        x = noise(n, rng, lines, music) * augment.amplitude(rng.choice([rng.uniform(-60, -30), rng.uniform(-35, -3)]))
    if rng.random() < 0.3:
        x += augment.amplitude(rng.uniform(-80, -55)) * rng.standard_normal(n)
    if rng.random() < 0.4:
        band = [rng.uniform(150, 350) / 4000, rng.uniform(2800, 3600) / 4000]
        x = sosfilt(butter(3, band, "band", output="sos"), x)
    if rng.random() < 0.15:  # lost packets
        for at in rng.integers(0, n - 4000, rng.integers(1, 6)):
            m = int(rng.choice([160, 320, 1600, 4000]))
            x[at : at + m] = 0
            if m >= 1600:
                voice[at // HOP + 1 : (at + m) // HOP] = 0
            sure[at // HOP : (at + m) // HOP + 1] *= 0.3
    x = augment.through(x, "ULAW") if rng.random() < 0.5 else x
    return np.clip(np.round(x), -32768, 32767).astype(np.int16), voice, sure


def write(path, rows, count, rng):
    """Writes `count` mixtures: the network's inputs, the labels and their confidence."""
    turns = [t for row in rows if row["group"] in ("human", "machine") or row["label"].startswith("speech") for t in [turn(row)] if t]
    lines = [row["pcm"].astype(np.float32) for row in rows if row["label"] == "noise_line" and "linenoise" in row["file"]]
    music = [row["pcm"].astype(np.float32) for row in rows if row["label"] == "music"]
    # Speech by telephone, read books and all other speech have equal shares.
    kinds = [[t for t in turns if t["source"] == "wuw"], [t for t in turns if t["source"] == "libri"]]
    kinds.append([t for t in turns if t["source"] not in ("wuw", "libri")])
    kinds = [kind for kind in kinds if kind]
    inputs, labels, weights = [], [], []
    while len(inputs) < count:
        made = [mixture(kinds[i % len(kinds)], lines, music, rng) for i in range(min(200, count - len(inputs)))]
        inputs += [rows[:HOPS].astype(np.float32) for rows in voice_inputs([x for x, _, _ in made])]
        labels += [voice for _, voice, _ in made]
        weights += [sure for _, _, sure in made]
    np.savez(path, inputs=np.stack(inputs), voice=np.stack(labels), sure=np.stack(weights))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("corpus")
    options.add_argument("mixtures")
    options.add_argument("--count", type=int, default=8000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--held-out", action="store_true")
    options = options.parse_args()
    rng, rows = np.random.default_rng(options.seed), load(options.corpus)
    if options.held_out:
        held = [row for row in rows if fold(row) == HELD]
        write(options.mixtures.removesuffix(".npz") + "-held.npz", held, options.count // 8, rng)
        rows = [row for row in rows if fold(row) != HELD]
    write(options.mixtures, rows, options.count, rng)


if __name__ == "__main__":
    main()
