"""Runs `earwig-figures`, which computes the inputs of the classifier and of the voice network from calls."""

import os
import struct
import subprocess

import numpy as np

PROGRAM = os.environ.get("EARWIG_FIGURES", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../target/release/earwig-figures"))

# The classifier's features, in the order of core/src/job/machine/classifier/features.rs.
FEATURES = (
    "voiced span pause longest bursts gap last before after level snr level_deviation pitch pitch_deviation pitch_end "
    "voiced_share low high tilt highest tilt_deviation syllables floor_difference ringback steady moves steady_share "
    "certain probability level_end pitch_top"
).split()
# Columns of the classifier's rows: media time and the time before which all facts are complete, both in ms; log-odds of a machine and
# of a voice; the first feature.
MEDIA, COMPLETE, ODDS, VOICE, FIRST = range(5)
# Inputs of the voice network.
INPUTS = 28


def run(command, calls, columns):
    """Runs a command of `earwig-figures` on calls at 8 kHz. Returns an array of rows, of `columns` values each, for each call."""
    data = b"".join(struct.pack("<I", len(x)) + np.asarray(x, dtype="<i2").tobytes() for x in calls)
    out = subprocess.run([PROGRAM, command], input=data, stdout=subprocess.PIPE, check=True).stdout
    rows, at = [], 0
    for _ in calls:
        (count,) = struct.unpack_from("<I", out, at)
        rows.append(np.frombuffer(out, "<f4", count * columns, at + 4).reshape(count, columns).copy())
        at += 4 + 4 * count * columns
    assert at == len(out), f"{PROGRAM} {command}: its rows do not have {columns} columns"
    return rows


def classifier_rows(calls):
    """Rows of the classifier for each call, every 20 ms from the first voice."""
    return run("classifier", calls, FIRST + len(FEATURES))


def voice_inputs(calls):
    """Inputs of the voice network for each call, every 10 ms."""
    return run("voice", calls, INPUTS)
