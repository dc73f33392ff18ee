#!/usr/bin/env python3
"""Calls through a real FreeSWITCH, each with its answer. Prints a line for each, and `N passed, N failed` at the end.
With names, only the tests whose names have one of them as a part; with --write, the tables of docs/FREESWITCH.md instead."""

import os
import signal
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../test"))  # what hosts share

import bridges
import digits
import early
import holds
import life
import load
import machines
import recorded_audio
import recordings
import samples
import seen
import transfers
from bench import TESTS, Bench
from switch import Switch

PARTS = [digits, recordings, recorded_audio, bridges, transfers, holds, machines, early, life, samples, load]


def end_on_signals():
    """A signal ends the program as an exception does: what was begun is cleaned up."""
    numbers = signal.SIGTERM, signal.SIGHUP, signal.SIGINT

    def end(number, _):
        for other in numbers:
            signal.signal(other, signal.SIG_IGN)
        sys.exit(128 + number)

    for number in numbers:
        signal.signal(number, end)


def main():
    end_on_signals()
    if sys.argv[1:] == ["--write"]:
        return 1 if seen.write() else 0
    chosen = [one for one in TESTS if not sys.argv[1:] or any(part in one.__name__ for part in sys.argv[1:])]
    with tempfile.TemporaryDirectory(prefix="ew-tones-", dir="/tmp") as folder:
        switch = Switch("".join(part.dialplan(folder) for part in PARTS))
        try:
            failed = run(chosen, Bench(switch, folder))
        finally:
            switch.close()
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


def run(tests, bench):
    """How many failed."""
    failed = 0
    for number, one in enumerate(tests):
        name = one.__name__.replace("_", " ")
        began = time.monotonic()
        try:
            one(bench)
            assert bench.switch.alive(), "FreeSWITCH has died"
            print(f"ok    {name} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception:
            failed += 1
            print(f"FAIL  {name}\n{traceback.format_exc()}", flush=True)
        if not bench.switch.alive():
            print("FreeSWITCH has died: the tests that are left could not run", flush=True)
            failed += len(tests) - number - 1
            break
    if failed:
        print(bench.switch.output()[-4000:])
    return failed


if __name__ == "__main__":
    sys.exit(main())
