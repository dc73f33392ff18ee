"""Synthetic voice and tones."""

import math
import random

from caller import silence

# Formants of five vowels, in Hz.
VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))


def voice(ms, seed, level=7000):
    """Speech without words: glottal pulses of a varying pitch through the formants of changing vowels, in syllables of about
    180 ms that swell and fade without a pause."""
    numbers = random.Random(seed)
    pitch = numbers.uniform(105, 150)
    out, phase, state = [], 0.0, [[0.0, 0.0] for _ in range(3)]
    poles = [[0.0, 0.0] for _ in range(3)]
    syllable, at = 0, 0
    for n in range(ms * 8):
        if at >= syllable:
            syllable, at = numbers.randrange(1200, 1700), 0
            for pole, formant in zip(poles, numbers.choice(VOWELS)):
                radius = math.exp(-math.pi * (60 + formant / 25) / 8000)
                pole[:] = 2 * radius * math.cos(2 * math.pi * formant / 8000), -radius * radius
        hz = pitch * (1 + 0.12 * math.sin(2 * math.pi * at / syllable) + 0.05 * math.sin(n / 2900))
        phase += hz / 8000
        sample = numbers.gauss(0, 0.01)
        if phase >= 1:
            phase -= 1 + numbers.uniform(-0.01, 0.01)
            sample += 1
        for pole, last in zip(poles, state):
            sample += pole[0] * last[0] + pole[1] * last[1]
            last[:] = sample, last[0]
        out.append(sample * (0.25 + 0.75 * math.sin(math.pi * at / syllable)))
        at += 1
    top = max(map(abs, out))
    ramp = 80
    return [round(level * s / top * min(1, (n + 1) / ramp, (len(out) - n) / ramp)) for n, s in enumerate(out)]


def words(count, seed, ms=200, pause=300):
    """`count` words with pauses between them."""
    return [s for i in range(count) for s in voice(ms, f"{seed} {i}") + silence(pause)]


def tones(ms, *hz, level=4000):
    """A sum of sines, each of this amplitude, with ramps of 5 ms."""
    samples = ms * 8
    return [round(level * min(1, (n + 1) / 40, (samples - n) / 40) * sum(math.sin(2 * math.pi * f * n / 8000) for f in hz))
            for n in range(samples)]


def cadence(times, on, off, *hz):
    return (tones(on, *hz) + silence(off)) * times
