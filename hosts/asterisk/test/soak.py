#!/usr/bin/env python3
"""Random calls through Asterisk for a long time (make soak): digits, recordings, detections, manager actions, hang-ups, reloads."""

import os
import random
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../testkit"))

import caller
import control
import dtmf
import machine
import recorder
import soak
from caller import dial, encoded, silence
from harness import Harness, inband, wait_until_idle
from pbx import Asterisk
from process import end_on_signals

EXTENSIONS = ("count", "interdigit", "overall", "ahead", "twice", "waiting", "hold", "plain", "asks", "rec-stop", "rec-wait", "rec-both",
              "rec-pause", "rec-mask", "rec-cipher", "rec-background", "who-twice", "who-background", "who-stop", "who-wait", "who-idle")
JOBS = ({"Job": "listen", "Options": "squelch_dtmf=true"}, {"Job": "get_digits", "Options": "seconds_predigits_timeout=9"},
        {"Job": "record"}, {"Job": "detect_machine"})
# Calls of a batch, and batches between two reloads of the module.
CALLS = 24
RELOAD_EVERY = 10


class Batches:
    def __init__(self, b):
        self.b, self.number, self.dice = b, 0, random.Random()

    def plan(self):
        dice = self.dice
        said = [inband(dice.choice("0123456789*#")), ("audio", encoded(silence(100))), ("event", dice.choice("0123456789"), 100),
                ("audio", encoded(dial("12"))), ("pause", dice.randrange(20, 1500)), ("lose", 100)]
        return [("pause", dice.randrange(20, 600)), *dice.sample(said, dice.randrange(0, 4)), ("hangup",)]

    def act(self, phones):
        """Manager actions on the calls while they run."""
        names = [found["Channel"] for phone in phones if (found := self.b.pbx.manager.find(0.5, Event="Newchannel", CallerIDNum=phone.name))]
        for _ in range(60 if names else 0):
            name, job = self.dice.choice(names), self.dice.choice(JOBS)
            file = os.path.join(self.b.folder, f"random-{self.dice.getrandbits(48)}.wav")
            self.b.pbx.manager.send(Action="EarwigStart", Channel=name, File=file, **job)
            self.b.pbx.manager.send(Action="EarwigStop", Channel=name, Job=self.dice.choice(("record", "get_digits", "detect_machine")))
            self.b.pbx.manager.read(0.01)
        self.b.pbx.cli("module reload app_earwig.so")

    def __call__(self):
        b = self.b
        phones = [b.caller(self.dice.choice(EXTENSIONS), *self.plan()) for _ in range(CALLS)]
        with caller.calling(phones, 60):
            self.act(phones)
        # What no hang-up of its caller has ended.
        b.pbx.cli("channel request hangup all")
        wait_until_idle(b)
        while b.pbx.manager.read(0.1):
            pass
        b.pbx.manager.events.clear()
        left = [name for name in os.listdir(b.folder) if name.endswith((".part", ".whole"))]
        assert not left, f"unfinished recordings: {left}"
        for name in os.listdir(b.folder):
            if re.fullmatch(r"(c\d+(-\d+)?|random-\d+)\.wav", name):
                os.remove(os.path.join(b.folder, name))
        self.number += 1
        if self.number % RELOAD_EVERY == 0:
            text = b.pbx.cli("module unload app_earwig.so") + b.pbx.cli("module load app_earwig.so")
            assert "Unloaded" in text and "Loaded" in text, text
        return CALLS


def handles(pbx):
    found = re.search(r"Live handles: +(\d+)", pbx.cli("earwig show status"))
    return int(found.group(1)) if found else 0


def main():
    end_on_signals()
    options = soak.arguments(__doc__)
    with tempfile.TemporaryDirectory(prefix="ew-soak-", dir="/tmp") as folder:
        with open(os.path.join(folder, "tones.ulaw"), "wb") as file:
            file.write(encoded(silence(200) + dial("86420") + silence(500)))
        pbx = Asterisk(dtmf.DIALPLAN.replace("TONES", os.path.join(folder, "tones")) + recorder.dialplan(folder)
                       + machine.dialplan(folder) + control.dialplan(folder))
        try:
            b = Harness(pbx, folder)
            run = soak.Soak("asterisk", pbx.process.pid, lambda: handles(pbx), options.seconds, options.folder)
            run.run(Batches(b))
            # The engine is one handle.
            return soak.finish(run, handles(pbx) - 1)
        finally:
            pbx.close()


if __name__ == "__main__":
    sys.exit(main())
