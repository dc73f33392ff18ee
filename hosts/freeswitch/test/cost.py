#!/usr/bin/env python3
"""What calls cost with everything on, beside FreeSWITCH's own detectors on the same calls, and with nothing on: one after the
other in the same run. Writes a table; `cost.py CALLS...`, the numbers of calls, 200 if none is given; `--write FILE` for a file."""

import argparse
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../test"))

import busy
from switch import Switch

SECONDS = 15
TICKS = os.sysconf("SC_CLK_TCK")


def cpu(pid):
    """Seconds of CPU that the process has taken."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def idle():
    """Seconds that the machine's processors were idle."""
    with open("/proc/stat") as f:
        return int(f.readline().split()[4]) / TICKS


def threads(pid):
    """How many, and how many of them are ours."""
    names = []
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/comm") as f:
                names.append(f.read())
        except OSError:
            pass  # it has ended meanwhile
    return len(names), sum(name.startswith("earwig") for name in names)


class Seen:
    """One run: so many calls with that on."""

    def __init__(self, what, calls):
        self.what, self.calls = what, calls
        self.wrong = self.kept = None
        with tempfile.TemporaryDirectory(prefix="ew-cost-", dir="/tmp") as folder:
            campaign = busy.Campaign(calls)
            switch = None
            try:
                switch = Switch(busy.dialplan(folder), modules=("mod_earwig", "mod_avmd"))
                self._measure(campaign, switch, what)
                if what == "ours":
                    self.wrong, self.kept = campaign.wrong(switch, folder)
                    for line in self.wrong:
                        print("wrong:", line, file=sys.stderr)
            finally:
                if switch:
                    switch.close()
                campaign.close()

    def _measure(self, campaign, switch, what):
        pid = switch.process.pid
        self.before = threads(pid)
        campaign.call(switch, what)
        time.sleep(2)
        self.during = threads(pid)
        campaign.crowd.late.value = 0
        at, began, rested = time.monotonic(), cpu(pid), idle()
        time.sleep(SECONDS)
        took = time.monotonic() - at
        self.cpu = (cpu(pid) - began) / took
        self.idle = (idle() - rested) / took / os.cpu_count()
        self.late = campaign.crowd.late_ms

    def row(self, nothing):
        share = "" if self is nothing else f"{self.cpu - nothing.cpu:.2f}"
        right = "" if self.wrong is None else f"{self.calls - len({line.split(':')[0].split(',')[0] for line in self.wrong})}"
        return (f"| {self.calls} | {NAMES[self.what]} | {self.cpu:.2f} | {share} | {100 * self.idle:.0f} % | {self.before[0]} | "
                f"{self.during[0]} | {self.before[1]} → {self.during[1]} | {right} |")


NAMES = {
    "nothing": "nothing",
    "ours": "earwig: digits, recording, detect_machine",
    "ours-listen": "earwig: digits, detect_machine",
    "peers": "mod_avmd, spandsp's DTMF and fax",
    "peers-record": "the same and record_session",
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("calls", nargs="*", type=int, default=[200])
    parser.add_argument("--only", default=",".join(NAMES))
    options = parser.parse_args()
    for calls in options.calls:
        seen = {}
        for what in options.only.split(","):
            one = seen[what] = Seen(what, calls)
            print(one.row(seen["nothing"]), f"late {one.late} ms", "" if one.kept is None else f"kept {min(one.kept)} to {max(one.kept)}",
                  flush=True)


if __name__ == "__main__":
    sys.exit(main())
