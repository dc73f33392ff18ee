"""What earwig hears: `earwig-figures` over calls in memory."""

import os
import struct
import subprocess

import numpy as np

PROGRAM = os.environ.get("EARWIG_FIGURES", os.path.join(os.path.dirname(__file__), "../../target/release/earwig-figures"))

# The figures of `src/job/machine/adaptive/course.rs`, in its order; before them in a row, MEDIA, TOLD, MACHINE and DECIDED.
FIGURES = (
    "voiced span pause longest bursts gap last before after level snr level_deviation pitch pitch_deviation pitch_end "
    "voiced_share low high tilt highest tilt_deviation syllables floor_difference ringback steady moves steady_share"
).split()
MEDIA, TOLD, MACHINE, DECIDED, FIRST = range(5)
INPUTS = 28


def heard(what, calls, columns):
    """Rows of each call."""
    data = b"".join(struct.pack("<I", len(x)) + np.asarray(x, dtype="<i2").tobytes() for x in calls)
    out = subprocess.run([PROGRAM, what], input=data, stdout=subprocess.PIPE, check=True).stdout
    rows, at = [], 0
    for _ in calls:
        (count,) = struct.unpack_from("<I", out, at)
        rows.append(np.frombuffer(out, "<f4", count * columns, at + 4).reshape(count, columns).copy())
        at += 4 + 4 * count * columns
    return rows


def judged(calls):
    """What the judge hears, every 20 ms from the first voice on."""
    return heard("classifier", calls, FIRST + len(FIGURES))


def inputs(calls):
    """What the voice network hears, every 10 ms."""
    return heard("voice", calls, INPUTS)
