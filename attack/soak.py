#!/usr/bin/env python3
"""The library alone under load for a long time (make soak): `soak.py --seconds N --folder DIR PROGRAM`, with the path of earwig-attack.
Its part `load` keeps 200 calls going in real time; each has random jobs and ends after 0.1 to 20 s."""

import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../hosts/testkit"))

import soak
from process import die_with_parent, end_on_signals

CALLS = 200


class Load:
    """The process; it answers each line with the number of live handles and of calls so far."""

    def __init__(self, program):
        self.process = subprocess.Popen([program, "--part", "load", str(CALLS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, preexec_fn=die_with_parent)
        self.calls = 0

    def handles(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        handles, self.calls = map(int, self.process.stdout.readline().split())
        return handles

    def end(self):
        """Ends the calls and the engine. Returns the number of handles left."""
        self.process.stdin.close()
        left = int(self.process.stdout.readlines()[-1])
        self.process.wait()
        return left


def main():
    end_on_signals()
    program = sys.argv.pop()
    options = soak.arguments(__doc__)
    load = Load(program)
    run = soak.Soak("library", load.process.pid, load.handles, options.seconds, options.folder)

    def batch():
        time.sleep(1)
        assert load.process.poll() is None, "the process has died"
        return load.calls - run.calls

    run.run(batch)
    run.calls = load.calls
    return soak.finish(run, load.end())


if __name__ == "__main__":
    sys.exit(main())
