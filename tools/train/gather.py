"""Gathers the recordings that sources.csv names: 8 kHz mono FLAC files in OUT/<group>, and a table OUT/labels-<batch>.csv.

    python gather.py OUT --cache DIR [--batch NAME] [--only TEXT]

A row of sources.csv is a rule: which files of one source have one label. `address` is the source: github:owner/name (version: a
commit), pypi:name, npm:name or debian:name (version: a version). Sources are downloaded to DIR with git, pip, npm and apt-get, once.
README.md describes the columns.
"""

import argparse
import csv
import hashlib
import io
import os
import re
import subprocess
import tarfile
import zipfile
import zlib

import numpy as np
import soundfile as sf
import soxr
from scipy.signal import sosfilt

from corpus import HIGHPASS, RATE, levels, runs

HERE = os.path.dirname(os.path.abspath(__file__))
AUDIO = re.compile(r"\.(wav|flac|mp3|ogg|oga|opus|gsm|sln|sln16|ulaw|ul|alaw|al|sph|aiff?|m4a|webm|amr|raw)$", re.I)
FINAL = 4  # one of so many sources (or speakers) belongs to the final set
PEAK = 10 ** (-1 / 20)
GROUPS = {"human": "human", "machine": "machine", "speech": "talkoff", "music": "music", "noise": "silence_noise", "beep": "beep"}
COLUMNS = (
    "file,group,label,language,source,licence,speaker,authenticity,duration_ms,speech_start_ms,greeting_end_ms,beep_start_ms,"
    "beep_end_ms,beep_freq_hz,tone_start_ms,tone_end_ms,tone_freq_hz,digits,digit_times_ms,floor_dbfs,peak_dbfs,notes,md5,split"
).split(",")


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, **options).stdout


class Repository:
    """A git repository of GitHub, in DIR/owner+name or downloaded to it."""

    def __init__(self, name, version, cache):
        self.version, folder = version, os.path.join(cache, name.replace("/", "+"))
        inner = [os.path.join(folder, part) for part in ("repo/.git", "repo", ".git")]
        self.git = next((path for path in inner if os.path.isdir(os.path.join(path, "objects"))), folder)
        if not os.path.isdir(os.path.join(self.git, "objects")):
            run("git", "init", "-q", "--bare", folder)
            run("git", "-C", folder, "fetch", "-q", "--depth", "1", f"https://github.com/{name}", version)
        self.objects = subprocess.Popen(
            ["git", "-C", self.git, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def names(self):
        return run("git", "-C", self.git, "ls-tree", "-r", "-z", "--name-only", self.version).decode().split("\0")

    def read(self, name):
        self.objects.stdin.write(f"{self.version}:{name}\n".encode())
        self.objects.stdin.flush()
        head = self.objects.stdout.readline().split()
        if head[-1:] == [b"missing"] or len(head) != 3:
            raise KeyError(name)
        return self.objects.stdout.read(int(head[2]) + 1)[:-1]


class Package:
    """A package of PyPI, npm or Debian: an archive in DIR, or downloaded to it."""

    def __init__(self, kind, name, version, cache):
        folder = os.path.join(cache, f"{kind}+{name.replace('/', '+')}+{version}")
        if not os.path.isdir(folder):
            os.makedirs(folder)
            download = {
                "pypi": ["pip", "download", "--no-deps", "--no-build-isolation", "-q", f"{name}=={version}"],
                "npm": ["npm", "pack", "--silent", f"{name}@{version}"],
                "debian": ["apt-get", "download", "-q", f"{name}={version}"],
            }[kind]
            run(*download, cwd=folder)
        path = os.path.join(folder, os.listdir(folder)[0])
        if path.endswith((".whl", ".zip")):
            archive = zipfile.ZipFile(path)
            self.names, self.read = archive.namelist, archive.read
            return
        data = io.BytesIO(run("dpkg-deb", "--fsys-tarfile", path)) if path.endswith(".deb") else open(path, "rb")
        archive = tarfile.open(fileobj=data)
        self.names, self.read = archive.getnames, lambda name: archive.extractfile(name).read()


def open_source(row, cache):
    kind, name = row["address"].split(":", 1)
    return Repository(name, row["version"], cache) if kind == "github" else Package(kind, name, row["version"], cache)


RAW = {".gsm": ["-f", "gsm"], ".sln": ["-f", "s16le", "-ar", "8000"], ".sln16": ["-f", "s16le", "-ar", "16000"]}
RAW |= {".ulaw": ["-f", "mulaw", "-ar", "8000"], ".ul": ["-f", "mulaw", "-ar", "8000"], ".raw": ["-f", "s16le", "-ar", "16000"]}
RAW |= {".alaw": ["-f", "alaw", "-ar", "8000"], ".al": ["-f", "alaw", "-ar", "8000"]}


def decode(data, name):
    """The samples of a file, one channel, at 8 kHz. None if it has no audio."""
    try:
        samples, rate = sf.read(io.BytesIO(data), dtype="float32", always_2d=True)
    except Exception:
        shape = RAW.get(os.path.splitext(name)[1].lower(), [])
        try:
            wav = run("ffmpeg", "-v", "error", *shape, "-i", "pipe:0", "-f", "f32le", "-ac", "1", "-ar", "48000", "pipe:1", input=data)
        except subprocess.CalledProcessError:
            return None
        samples, rate = np.frombuffer(wav, np.float32)[:, None], 48000
    # Of two channels the louder one: their sum could cancel.
    samples = samples[:, np.argmax((samples**2).sum(0))] if len(samples) else samples.ravel()
    if rate != RATE and len(samples):
        samples = soxr.resample(samples, rate, RATE)
    return np.asarray(samples, float)


def voiced(x):
    """Start and end in samples of what is louder than the background; None if nothing is."""
    level = levels(sosfilt(HIGHPASS, x * 32767))
    if len(level) < 10:
        return None
    top, floor = np.percentile(level, 98), np.percentile(level, 10)
    loud = [(a, b) for a, b in runs(level > max(top - 28, min(floor + 10, top - 6), -58)) if b - a >= 4]
    return (loud[0][0] * 80, loud[-1][1] * 80) if loud else None


def beep(x):
    """Start, end (samples) and frequency of the last steady tone of at least 120 ms between 350 and 2500 Hz; None without one."""
    size, hop = 512, 80
    if len(x) < 2 * size:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(x, size)[::hop] * np.hanning(size)
    power = np.abs(np.fft.rfft(frames, 2048, axis=1)) ** 2
    peak = power.argmax(1)
    near = np.arange(-12, 13)
    inside = np.take_along_axis(power, np.clip(peak[:, None] + near, 0, power.shape[1] - 1), 1).sum(1)
    hertz = peak * RATE / 2048
    steady = np.concatenate([[False], np.abs(np.diff(hertz)) <= 8])
    tonal = (inside > 0.93 * power.sum(1)) & (inside > 1.0) & (hertz > 350) & (hertz < 2500) & steady
    found = [(a, b) for a, b in runs(tonal) if b - a >= 10 and np.ptp(hertz[a:b]) < 12]
    if not found:
        return None
    begin, end = found[-1]
    return begin * hop + size // 2, end * hop + size // 2, int(round(float(np.median(hertz[begin:end]))))


def pieces(x, row):
    """The cuts of a file: `seconds` is A-B, the shortest and longest; `pieces` how many of a file, spread over it."""
    shortest, longest = (float(part) for part in row["seconds"].split("-"))
    span = voiced(x) if row["label"].startswith("human") and len(x) > longest * RATE else None
    if span:
        x = x[max(0, span[0] - RATE // 2) : span[1] + RATE]
        longest = 8
    if len(x) < shortest * RATE:
        return []
    if len(x) <= longest * RATE:
        return [x]
    count = int(row["pieces"] or 0)
    size = int(longest * RATE)
    if not count:
        return []
    count = min(count, len(x) // size)
    room = (len(x) - count * size) // count
    return [x[i * (size + room) + room // 2 :][:size] for i in range(count)]


def split(row, speaker):
    """train or final, by a hash of the speaker or of the source; a row may set it, where its voice is in use elsewhere already."""
    if row["split"] in ("train", "final"):
        return row["split"]
    key = {"speaker": speaker, "source": row["address"] + row["part"]}[row["split"]]
    return "final" if zlib.crc32(key.encode()) % FINAL == 0 else "train"


def measure(x, label):
    """The measured columns, and None for a file that lacks what its label says."""
    level = 10 * np.log10(np.maximum(np.convolve(x**2, np.ones(80) / 80, "valid")[::80], 1e-12))
    found = {"duration_ms": round(len(x) / 8), "floor_dbfs": round(float(np.percentile(level, 5)))}
    found["peak_dbfs"] = round(20 * np.log10(np.abs(x).max() + 1e-9))
    if label.startswith(("human", "machine")):
        span = voiced(x)
        if span is None or span[1] - span[0] < 0.15 * RATE or found["peak_dbfs"] < -50:
            return None
        if label.startswith("human") and span[1] - span[0] > 6.5 * RATE:
            return None
        tone = beep(x) if label.startswith("machine") else None
        if tone and tone[0] < span[0] + 0.4 * RATE:
            tone = None
        if tone:
            before = voiced(x[: tone[0] - 160])
            span = before or span
            found |= {"beep_start_ms": tone[0] // 8, "beep_end_ms": tone[1] // 8, "beep_freq_hz": tone[2]}
        found |= {"speech_start_ms": span[0] // 8, "greeting_end_ms": span[1] // 8}
    elif label == "beep":
        tone = beep(x)
        if tone is None:
            return None
        found |= {"beep_start_ms": tone[0] // 8, "beep_end_ms": tone[1] // 8, "beep_freq_hz": tone[2]}
    elif found["peak_dbfs"] < -60:
        return None
    return found


def rank(name):
    """An order that depends on nothing but the name: a sample of a source is the same every time."""
    return zlib.crc32(name.encode())


def gather(row, cache, out, seen):
    """Writes the files of one rule. The rows of the table."""
    source = open_source(row, cache)
    rule = re.compile(row["paths"])
    taken, table, total = {}, [], 0
    for name in sorted((n for n in source.names() if AUDIO.search(n) and rule.search(n)), key=rank):
        match = rule.search(name)
        speaker = row["short"] + "_" + (re.sub(r"\W+", "-", match.expand(row["speaker"])) if row["speaker"] else f"{rank(name):08x}")
        if row["speaker"].startswith("="):
            speaker = row["speaker"][1:]
        if taken.get(speaker, 0) >= int(row["per_speaker"] or 15) or total >= int(row["most"] or 10**6):
            continue
        try:
            data = source.read(name)
        except (subprocess.CalledProcessError, AttributeError, KeyError):
            continue
        x = decode(data, name) if not data.startswith(b"version https://git-lfs") else None
        if x is None or len(x) < 0.2 * RATE or not np.isfinite(x).all():
            continue
        for number, cut in enumerate(pieces(x, row)):
            top = np.abs(cut).max()
            cut = cut * min(1, PEAK / max(top, 1e-9))
            found = measure(cut, row["label"])
            pcm = np.round(cut * 32767).astype(np.int16)
            same = hashlib.md5(pcm.tobytes()).hexdigest()
            if found is None or same in seen:
                continue
            seen.add(same)
            label = "machine_beep" if row["label"].startswith("machine") and "beep_start_ms" in found else row["label"]
            group = GROUPS[row["label"].split("_")[0]]
            stem = re.sub(r"[^A-Za-z0-9]+", "-", os.path.splitext(name)[0]).strip("-")[-60:]
            path = f"{group}/{row['short']}__{stem}-{rank(name) & 0xFFFF:04x}" + (f"-{number}" if number else "") + ".flac"
            assert path not in seen, f"two recordings are called {path}: give one source another `short`"
            seen.add(path)
            os.makedirs(os.path.join(out, group), exist_ok=True)
            sf.write(os.path.join(out, path), pcm, RATE, subtype="PCM_16")
            with open(os.path.join(out, path), "rb") as file:
                digest = hashlib.md5(file.read()).hexdigest()[:12]
            fixed = {"file": path, "group": group, "label": label, "source": row["address"] + row["part"], "licence": row["licence"]}
            fixed |= {"speaker": speaker, "authenticity": row["authenticity"] or "real", "notes": name[-100:], "md5": digest}
            fixed["split"] = split(row, speaker)
            language = match.expand(row["language"]) if "\\" in row["language"] else row["language"]
            table.append(dict.fromkeys(COLUMNS, "") | fixed | {"language": language} | found)
            taken[speaker] = taken.get(speaker, 0) + (number == 0)
            total += 1
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--cache", required=True, metavar="DIR")
    parser.add_argument("--batch", default="real-1", metavar="NAME")
    parser.add_argument("--only", default="", metavar="TEXT", help="only sources whose address contains TEXT")
    parser.add_argument("--sources", default=os.path.join(HERE, "sources.csv"), metavar="FILE")
    options = parser.parse_args()
    with open(options.sources, encoding="utf-8") as file:
        rules = [row for row in csv.DictReader(file) if options.only in row["address"] + row["part"]]
    table, seen = [], set()
    for row in rules:
        rows = gather(row, options.cache, options.out, seen)
        seconds = sum(int(r["duration_ms"]) for r in rows) / 1000
        speakers = len({r["speaker"] for r in rows})
        print(f"{len(rows):5} files {speakers:4} speakers {seconds:7.0f} s  {row['label']:18} {row['address']}{row['part']}", flush=True)
        table += rows
    path = os.path.join(options.out, f"labels-{options.batch}.csv")
    with open(path + ".new", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(table)
    os.replace(path + ".new", path)


if __name__ == "__main__":
    main()
