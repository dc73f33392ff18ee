"""Augmentation of speech: line noise, rooms, codecs, speed; and sounds of a line on which nobody speaks."""

import io

import numpy as np
import soundfile as sf
from scipy.signal import butter, fftconvolve, lfilter, sosfilt

from corpus import RATE


def amplitude(dbm0):
    """RMS amplitude of a level in dBm0."""
    return 32768 / np.sqrt(2) * 10 ** ((dbm0 - 3.14) / 20)


def unit(x):
    """Scales to a standard deviation of 1."""
    return x / (np.std(x) + 1e-9)


def colour(n, slope, rng):
    """Noise whose power is proportional to 1 / f^slope: 0 is white, 1 pink, 2 brown."""
    f = np.maximum(np.fft.rfftfreq(n, 1 / RATE), 20)
    return unit(np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) / f ** (slope / 2), n))


def tone(n, hz, rng):
    return np.sqrt(2) * np.sin(2 * np.pi * hz * np.arange(n) / RATE + rng.uniform(0, 6.28))


def hum(n, base, rng):
    """Mains hum with harmonics of `base` Hz."""
    return unit(sum(tone(n, base * (k + 1), rng) * a for k, a in enumerate((1, 0.5, 0.6, 0.2, 0.3, 0.1, 0.1))))


def pieces(recording, n, rng, length=640):
    """`n` samples of noise, from overlapping random pieces of a recording."""
    window, out = np.hanning(length), np.zeros(n + 2 * length)
    for i in range(0, n + length, length // 2):
        j = rng.integers(0, max(1, len(recording) - length))
        part = recording[j : j + length]
        out[i : i + len(part)] += part * window[: len(part)]
    return out[length // 2 : length // 2 + n]


def line(n, rng, recordings):
    """Line noise: colored noise, hum, a piece of a recording, or noise of a varying level."""
    k = rng.random()
    if k < 0.4:
        y = colour(n, rng.uniform(-0.2, 2), rng)
    elif k < 0.5:
        y = hum(n, rng.choice([50, 60]), rng) + 0.5 * colour(n, 0.5, rng)
    elif k < 0.75 and recordings:
        y = pieces(recordings[rng.integers(len(recordings))], n, rng)
    else:
        y = colour(n, rng.uniform(0, 1.5), rng) * np.interp(np.arange(n), np.linspace(0, n, 8), 10 ** (rng.uniform(-6, 6, 8) / 20))
    return unit(y)


def room(x, rng):
    """Adds the reverberation of a random room."""
    n = int(rng.uniform(0.02, 0.25) * RATE)
    h = rng.standard_normal(n) * np.exp(-np.arange(n) / n * 5)
    h *= rng.uniform(0.1, 0.5) / np.sqrt((h**2).sum())
    h[0] = 1
    return fftconvolve(x, h)[: len(x)]


def equalize(x, rng):
    """Tilts the spectrum and moves its bends, as microphones do; the level stays."""
    f = np.fft.rfftfreq(len(x), 1 / RATE)
    points = np.array([0, 250, 500, 1000, 2000, 3000, 4000])
    db = rng.uniform(-3, 3, len(points)) + rng.uniform(-4, 4) * (points - 1500) / 2500
    y = np.fft.irfft(np.fft.rfft(x) * 10 ** (np.interp(f, points, db) / 20), len(x))
    return y * (np.std(x) + 1e-9) / (np.std(y) + 1e-9)


def speed(x, factor):
    """Plays faster and at a higher pitch by `factor`."""
    return np.interp(np.arange(0, len(x) - 1, factor), np.arange(len(x)), x)


def through(x, code):
    """Encodes and decodes with a codec of libsndfile: ULAW, ALAW or GSM610."""
    file = io.BytesIO()
    sf.write(file, np.clip(np.round(x), -32768, 32767).astype(np.int16), RATE, format="WAV", subtype=code)
    file.seek(0)
    y = sf.read(file, dtype="int16")[0].astype(float)
    return np.pad(y, (0, max(0, len(x) - len(y))))[: len(x)]


def telephone(x, rng):
    """Applies a telephone's band and a codec, each at random."""
    if rng.random() < 0.45:
        band = [rng.uniform(150, 320) / 4000, rng.uniform(3000, 3600) / 4000]
        x = sosfilt(butter(3, band, "band", output="sos"), x)
    k = rng.random()
    if k < 0.4:
        return through(x, "ULAW")
    if k < 0.6:
        return through(x, "ALAW")
    if k < 0.75:
        return through(x, "GSM610")
    return np.round(x / 16) * 16 if k < 0.8 else x


def ringback(n, rng):
    """A burst of ringback and the pause after it, cut off by the answer."""
    pair, on = ((440, 480), 2.0) if rng.random() < 0.5 else ((425, 425), 1.0)
    begin = int(rng.uniform(0.2, 0.8) * RATE)
    y = np.zeros(n)
    stop = min(n, begin + int(on * RATE))
    y[begin:stop] = sum(tone(n, hz, rng) for hz in pair)[begin:stop] * 0.5
    return y


def puff(n, rng):
    """A burst of breath or fricative noise, filtered as by a mouth."""
    y = rng.standard_normal(n)
    for _ in range(rng.integers(1, 4)):
        r, hz = rng.uniform(0.75, 0.95), rng.uniform(300, 3600)
        y = lfilter([1], [1, -2 * r * np.cos(2 * np.pi * hz / RATE), r * r], y)
    rise = max(1, int(rng.uniform(0.002, 0.08) * n))
    shape = np.exp(-np.arange(n) / n * rng.uniform(1, 6))
    shape[:rise] *= np.linspace(0, 1, rise)
    return unit(y) * shape


def cough(n, rng):
    """One to four puffs, some with a rough throat: a voice whose pitch changes at random from period to period."""
    y, at = np.zeros(n), int(rng.uniform(0, 0.6) * RATE)
    for _ in range(rng.integers(1, 5)):
        m = int(rng.uniform(0.06, 0.4) * RATE)
        part = puff(m, rng)
        if rng.random() < 0.6:
            pulses, t = np.zeros(m), 0.0
            while t < m:
                pulses[int(t)] = 1
                t += RATE / rng.uniform(110, 400)
            throat = lfilter([1], [1, -1.2, 0.7], pulses) * np.exp(-np.arange(m) / m * 4)
            part = part + unit(throat) * rng.uniform(0.2, 1.2)
        stop = min(n, at + m)
        y[at:stop] += part[: stop - at] * 10 ** (rng.uniform(-9, 0) / 20)
        at = stop + int(rng.uniform(0.02, 0.6) * RATE)
        if at >= n:
            break
    return y


def knocks(n, rng):
    """Clicks that ring briefly, as of doors, keys and a handset."""
    y, at = np.zeros(n), int(rng.uniform(0, 0.5) * RATE)
    hz, r = rng.uniform(80, 2500), np.exp(-1 / (rng.uniform(0.002, 0.06) * RATE))
    while at < n:
        y[at] = rng.uniform(0.2, 1)
        at += int(rng.uniform(0.05, 0.9) * RATE)
    y = lfilter([1], [1, -2 * r * np.cos(2 * np.pi * hz / RATE), r * r], y)
    return unit(y + 0.3 * lfilter(np.exp(-np.arange(400) / 60) * rng.standard_normal(400), [1], (y > y.max() / 2).astype(float)))


def breath(n, rng):
    """Breathing in and out at the mouthpiece."""
    t = np.arange(n) / RATE
    swell = np.clip(np.sin(2 * np.pi * rng.uniform(0.3, 1.2) * t + rng.uniform(0, 6)), 0, 1)
    return unit(colour(n, rng.uniform(0, 2), rng) * swell)


def gated(n, rng):
    """Noise in bursts, as of wind, a saw, or the noise gate of another telephone."""
    y, g, t = colour(n, rng.uniform(-0.3, 2), rng), np.zeros(n), int(rng.uniform(0, 0.8) * RATE)
    while t < n:
        m = int(rng.uniform(0.05, 1.5) * RATE)
        g[t : t + m] = 1
        t += m + int(rng.uniform(0.05, 1.5) * RATE)
    return unit(y * g)


# Sounds without a voice: functions of a length and a random generator.
NOISES = {"cough": cough, "knocks": knocks, "breath": breath, "gated": gated,
          "hum": lambda n, rng: hum(n, rng.choice([50, 60, 100]), rng), "hiss": lambda n, rng: colour(n, rng.uniform(0, 2), rng)}
