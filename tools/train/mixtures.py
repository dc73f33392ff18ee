"""Mixtures to fit the voice network by: speech, or none, in noise, hum, music and tones.

    python mixtures.py CORPUS MIXTURES.npz [--count 8000] [--seed 1] [--held-out]

Six seconds each, over lines of all levels. Without --held-out everybody is in them; with it only those who are not in fold 3, and
MIXTURES-held.npz has those who are.
"""

import argparse

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

import sounds
from corpus import HOP, RATE, fold, load, turn
from heard import inputs

HOPS = 600
HELD = 3
TONES = [(440, 480), (480, 620), (350, 440), (400, 450), (425, 425.7), (440, 440), (1100, 1100), (2100, 2100), (1000, 1000)]


def tones(n, rng):
    """Network tones, beeps and digits, on and off."""
    if rng.random() < 0.6:
        pair = TONES[rng.integers(len(TONES))] if rng.random() < 0.6 else rng.uniform(200, 3200, 2)
        y = sounds.tone(n, pair[0], rng) + rng.uniform(0, 1) * sounds.tone(n, pair[1], rng)
    else:
        y, at = np.zeros(n), 0
        while at < n:
            m = min(n - at, int(rng.uniform(0.05, 0.5) * RATE))
            for hz in rng.uniform(300, 2500, rng.integers(1, 3)):
                y[at : at + m] += sounds.tone(m, hz, rng)
            at += m
    gate = (np.arange(n) / RATE + rng.uniform(0, 4)) % rng.uniform(0.5, 5) < rng.uniform(0.1, 2.5)
    return sounds.unit(y * gate) if gate.any() else y


def noise(n, rng, lines, music):
    """Anything but speech and tones."""
    k = rng.random()
    if music and k < 0.05:
        piece = music[rng.integers(len(music))]
        at = rng.integers(0, max(1, len(piece) - n))
        return sounds.unit(np.resize(piece[at : at + n], n))
    if k < 0.5:
        return sounds.line(n, rng, lines)
    if k < 0.6:  # a resonance
        r, hz = rng.uniform(0.5, 0.95), rng.uniform(100, 3600)
        return sounds.unit(lfilter([1], [1, -2 * r * np.cos(2 * np.pi * hz / RATE), r * r], rng.standard_normal(n)))
    if k < 0.7:  # it comes and goes
        swell = 1 + rng.uniform(0.2, 0.9) * np.sin(2 * np.pi * rng.uniform(0.2, 12) * np.arange(n) / RATE)
        return sounds.unit(sounds.colour(n, rng.uniform(0, 2), rng) * swell)
    return sounds.NOISES[list(sounds.NOISES)[rng.integers(len(sounds.NOISES))]](n, rng)


def mixture(turns, lines, music, rng):
    """Six seconds: samples, where they are speech, and how sure that is."""
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
            x = sounds.room(x, rng)
        if rng.random() < 0.9:
            snr = rng.choice([rng.uniform(-3, 15), rng.uniform(5, 40)])
            x += noise(n, rng, lines, music) * sounds.amplitude(level - snr)
        if rng.random() < 0.15:  # tones where there is no speech
            gaps = np.repeat(1 - np.clip(np.convolve(voice, np.ones(9), "same"), 0, 1), HOP)
            x += gaps * tones(n, rng) * sounds.amplitude(rng.uniform(-35, -6))
    elif rng.random() < 0.4:
        x = (tones(n, rng) + 10 ** (rng.uniform(-60, -5) / 20) * noise(n, rng, lines, [])) * sounds.amplitude(rng.uniform(-45, -5))
    else:
        x = noise(n, rng, lines, music) * sounds.amplitude(rng.choice([rng.uniform(-60, -30), rng.uniform(-35, -3)]))
    if rng.random() < 0.3:
        x += sounds.amplitude(rng.uniform(-80, -55)) * rng.standard_normal(n)
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
    x = sounds.through(x, "ULAW") if rng.random() < 0.5 else x
    return np.clip(np.round(x), -32768, 32767).astype(np.int16), voice, sure


def write(path, rows, count, rng):
    turns = [t for row in rows if row["group"] in ("human", "machine") or row["label"].startswith("speech") for t in [turn(row)] if t]
    lines = [row["pcm"].astype(np.float32) for row in rows if row["label"] == "noise_line" and "linenoise" in row["file"]]
    music = [row["pcm"].astype(np.float32) for row in rows if row["label"] == "music"]
    # Telephones, books and the rest in equal shares.
    kinds = [[t for t in turns if t["source"] == "wuw"], [t for t in turns if t["source"] == "libri"]]
    kinds.append([t for t in turns if t["source"] not in ("wuw", "libri")])
    kinds = [kind for kind in kinds if kind]
    heard, truth, weight = [], [], []
    while len(heard) < count:
        made = [mixture(kinds[i % len(kinds)], lines, music, rng) for i in range(min(200, count - len(heard)))]
        heard += [rows[:HOPS].astype(np.float32) for rows in inputs([x for x, _, _ in made])]
        truth += [voice for _, voice, _ in made]
        weight += [sure for _, _, sure in made]
    np.savez(path, heard=np.stack(heard), voice=np.stack(truth), sure=np.stack(weight))


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
