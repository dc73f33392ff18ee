"""The corpus: its labels, the speech segments of a file, and the split into folds by speaker and source."""

import csv
import glob
import os
import zlib

import numpy as np
import soundfile as sf
from scipy.signal import butter, sosfilt

RATE = 8000
HOP = 80  # samples of 10 ms
FOLDS = 4

# For each source a short name, and its fold if it has few voices. Sources with fold None are split by speaker.
SOURCES = {
    "sounds-en-wav": ("prompts-en", 0),
    "sounds-es-wav": ("prompts-es", 0),  # same voice as the English prompts
    "sounds-fr-wav": ("prompts-fr", 1),
    "signalwire": ("freeswitch", 2),
    "sems": ("sems", 2),
    "Jakobovski": ("digits", 1),
    "ktuberling": ("ktuberling", 2),
    "hedgewars": ("hedgewars", 0),
    "kaldi": ("hebrew", 3),
    "spandsp": ("spandsp", 1),
    "testsuite": ("testsuite", 0),
    "wake-up": ("wuw", None),
    "Resemb": ("libri", None),
}


def source(row):
    """The short name of a row's source, and its fold if the source has one."""
    return next((found for part, found in SOURCES.items() if part in row["source"]), (row["source"], None))


def fold(row):
    """The fold, 0 to 3: that of the source if it has one, else by the speaker. A composed machine has the fold of its prompts."""
    fixed = source(row)[1]
    return zlib.crc32((row["speaker"] or row["file"]).encode()) % FOLDS if fixed is None else fixed


def load(folder, split="train"):
    """The rows of all labels*.csv in a folder, each with its samples as `pcm`. Rows of another split are left out."""
    rows = []
    for path in sorted(glob.glob(os.path.join(folder, "labels*.csv"))):
        with open(path, encoding="utf-8") as table:
            rows += [row for row in csv.DictReader(table) if row.get("split", split) == split]
    for row in rows:
        row["pcm"], rate = sf.read(os.path.join(folder, row["file"]), dtype="int16")
        assert rate == RATE and row["pcm"].ndim == 1, row["file"]
    return rows


# Voices that are not trained on: their terms forbid to sell what contains them.
NOT_COMMERCIAL = "arina artemiy evgeniy-eng evgeniy-rus lyubov magda mikhail natan pavel tatiana victoria vitaliy yuriy el_diphone".split()


def sentences(folder, split="train"):
    """The greetings of sentences.csv: for each voice a list of greetings, each a list of sentences as samples."""
    voices = {}
    with open(os.path.join(folder, "sentences.csv"), encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table) if row["split"] == split and row["engine"] != "mbrola"]
    rows = [row for row in rows if row["voice"].partition("-")[2] not in NOT_COMMERCIAL]
    for row in sorted(rows, key=lambda row: (row["text_id"], int(row["sentence_index"]))):
        row["pcm"] = sf.read(os.path.join(folder, "sentences", os.path.basename(row["file"])), dtype="int16")[0]
        voices.setdefault(row["voice"], {}).setdefault((row["language"], row["text_id"]), []).append(row)
    return {voice: list(texts.values()) for voice, texts in voices.items()}


def levels(x, window=240):
    """Level of each hop in dBm0, over a window of `window` samples around it."""
    x = np.asarray(x, float)
    n, half = len(x) // HOP, (window - HOP) // 2
    sums = np.cumsum(np.concatenate([[0], x**2]))
    begin = np.clip(np.arange(n) * HOP - half, 0, len(x))
    end = np.clip(np.arange(n) * HOP + HOP + half, 0, len(x))
    return 10 * np.log10((sums[end] - sums[begin]) / np.maximum(end - begin, 1) + 0.01) - 10 * np.log10(2**29) + 3.14


def runs(mask):
    """The segments in which the mask is true: pairs of start and end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(mask, int), [0]])))
    return list(zip(edges[::2], edges[1::2]))


HIGHPASS = butter(2, 120 / 4000, "high", output="sos")


def speech(row):
    """For each hop whether it is speech (0 or 1) and the confidence in that (0 to 1); and the level of the speech in dBm0. None if the
    recording is too noisy."""
    level = levels(sosfilt(HIGHPASS, row["pcm"].astype(float)))
    top, floor = np.percentile(level, 95), np.percentile(level, 5)
    if top - floor < 22:
        return None
    limit = max(top - 30, floor + 8, -60)
    voice, sure = level > limit, np.clip(abs(level - limit) / 4, 0.1, 1)
    for a, b in runs(~voice):
        if b - a <= 6 and a > 0 and b < len(voice):  # 60 ms: within a word
            voice[a:b], sure[a:b] = True, 0.3
    for a, b in runs(voice):
        if b - a < 4:  # a click
            voice[a:b], sure[a:b] = False, 0.1
    if row.get("speech_start_ms") and "wake" in row["source"]:
        # Sound before and after the labelled words is breath.
        voice[: max(0, int(float(row["speech_start_ms"]) / 10) - 6)] = False
        if row.get("greeting_end_ms"):
            voice[int(float(row["greeting_end_ms"]) / 10) + 8 :] = False
    if not voice.any():
        return None
    return voice.astype(np.float32), sure.astype(np.float32), 10 * np.log10(np.mean(10 ** (level[voice] / 10)))


def turn(row):
    """A recording as a turn of speech: samples, speech segments and labels. None if the recording is too noisy."""
    found = speech(row)
    if found is None:
        return None
    voice, sure, level = found
    at = np.flatnonzero(voice)
    return {
        "x": row["pcm"].astype(np.float32), "voice": voice, "sure": sure, "begin": at[0], "end": at[-1] + 1, "level": level,
        "fold": fold(row), "source": source(row)[0], "speaker": row["speaker"] or row["file"], "file": row["file"],
        "group": row["group"], "label": row["label"],
    }
