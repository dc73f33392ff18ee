#!/usr/bin/env python3
"""Tests with calls through a real FreeSWITCH. Prints a line for each, and `N passed, N failed` at the end.
Arguments select the tests whose names contain one of them; --write writes the tables of docs/reports/freeswitch.md instead."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../testkit"))  # shared by the hosts

import after_hangup
import bridges
import dtmf
import early_media
import holds
import late_beeps
import lifecycle
import listening
import load
import machine
import recorded_audio
import recorder
import settings
import samples
import matrix
import transfers
from harness import TESTS, Harness
from process import end_on_signals
from runner import run, select
from switch import Switch

PARTS = [dtmf, recorder, recorded_audio, bridges, transfers, holds, machine, late_beeps, early_media, after_hangup, lifecycle, samples, load]


def main():
    end_on_signals()
    if sys.argv[1:] == ["--write"]:
        return 1 if matrix.write() else 0
    tests = select(TESTS, sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="ew-tones-", dir="/tmp") as folder:
        switch = Switch("".join(part.dialplan(folder) for part in PARTS))
        try:
            failed = run(tests, Harness(switch, folder), switch, "FreeSWITCH")
        finally:
            switch.close()
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
