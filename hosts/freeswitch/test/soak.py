#!/usr/bin/env python3
"""Random calls through FreeSWITCH for a long time (make soak): digits, recordings, detections, hang-ups, reloads."""

import os
import random
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../testkit"))

import caller
import soak
from caller import PCMU, dial
from harness import Harness, inband, wait_until_idle
from load import JOBS
from process import end_on_signals
from run import PARTS
from signals import voice
from switch import Switch

# Calls of a batch, and batches between two loads of the module.
CALLS = 24
RELOAD_EVERY = 10


class Batches:
    def __init__(self, b):
        self.b, self.number, self.dice = b, 0, random.Random()
        self.said = [PCMU.encode(voice(1500, f"soak {i}")) for i in range(5)]

    def plan(self):
        dice = self.dice
        said = [("audio", dice.choice(self.said)[:8 * dice.randrange(0, 1500)]), inband(dice.choice("0123456789*#")),
                ("event", dice.choice("0123456789"), 100), ("audio", PCMU.encode(dial("12"))), ("lose", 100)]
        return [("pause", dice.randrange(20, 600)), *dice.sample(said, dice.randrange(0, 4)), ("hangup",)]

    def __call__(self):
        b = self.b
        phones = [b.caller(self.dice.choice(JOBS), *self.plan()) for _ in range(CALLS)]
        with caller.calling(phones, 60):
            b.switch.api("earwig reload")
        b.switch.api("hupall")
        wait_until_idle(b)
        b.switch.events.events.clear()
        left = [os.path.join(at, name) for at, _, names in os.walk(b.folder) for name in names if name.endswith((".part", ".whole"))]
        assert not left, f"unfinished recordings: {left}"
        for at, _, names in os.walk(b.folder):
            for name in names:
                if re.fullmatch(r"[co]\d+.*\.wav", name):
                    os.remove(os.path.join(at, name))
        self.number += 1
        if self.number % RELOAD_EVERY == 0:
            assert "+OK" in b.switch.api("unload mod_earwig")
            assert "+OK" in b.switch.api("load mod_earwig")
        return CALLS


def handles(switch):
    found = re.search(r"live_handles: (\d+)", switch.api("earwig status"))
    return int(found.group(1)) if found else 0


def main():
    end_on_signals()
    options = soak.arguments(__doc__)
    with tempfile.TemporaryDirectory(prefix="ew-soak-", dir="/tmp") as folder:
        switch = Switch("".join(part.dialplan(folder) for part in PARTS))
        try:
            b = Harness(switch, folder)
            run = soak.Soak("freeswitch", switch.process.pid, lambda: handles(switch), options.seconds, options.folder)
            run.run(Batches(b))
            # The engine is one handle.
            return soak.finish(run, handles(switch) - 1)
        finally:
            switch.close()


if __name__ == "__main__":
    sys.exit(main())
