#!/usr/bin/env python3
"""Measures the CPU time of calls with all jobs, with FreeSWITCH's own detectors, and with nothing, in turn in one run. Prints
tables."""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../testkit"))

import campaign
from switch import PREFIX, Switch

SECONDS = 10
# Cheap kinds are measured this many times; the median counts.
ROUNDS = 2
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """CPU seconds of the process so far."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def idle_seconds():
    """Idle seconds of the machine's processors so far."""
    with open("/proc/stat") as f:
        return int(f.readline().split()[4]) / TICKS


def threads(pid):
    """The number of threads, and of ours among them."""
    names = []
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/comm") as f:
                names.append(f.read())
        except OSError:
            pass  # the thread has ended meanwhile
    return len(names), sum(name.startswith("earwig") for name in names)


class Measurement:
    """One run of `calls` calls of that kind; with `answers` their results are checked."""

    def __init__(self, what, calls, answers=False):
        self.what, self.calls = what, calls
        self.wrong = self.kept = None
        with tempfile.TemporaryDirectory(prefix="ew-cost-", dir="/tmp") as folder:
            placed = campaign.Campaign(calls)
            switch = None
            try:
                switch = Switch(campaign.dialplan(folder), modules=("mod_earwig", "mod_avmd"))
                self._measure(placed, switch, what)
                if answers:
                    self.wrong, self.kept = placed.wrong(switch, folder)
                    for line in self.wrong:
                        print("wrong:", line, file=sys.stderr)
            finally:
                if switch:
                    switch.close()
                placed.close()

    def _measure(self, placed, switch, what):
        pid = switch.process.pid
        self.before = threads(pid)
        placed.call(switch, what)
        time.sleep(2)
        self.during = threads(pid)
        placed.answerers.late.value = 0
        at, began, rested = time.monotonic(), cpu_seconds(pid), idle_seconds()
        time.sleep(SECONDS)
        took = time.monotonic() - at
        self.cpu = (cpu_seconds(pid) - began) / took
        self.idle = (idle_seconds() - rested) / took / os.cpu_count()
        self.late = placed.answerers.late_ms

    def row(self, nothing):
        above = "" if self is nothing else f"{self.cpu - nothing.cpu:.3f}"
        right = "" if self.wrong is None else f"{self.calls - len({line.split(',')[0].split(':')[0] for line in self.wrong})} of {self.calls}"
        return (f"| {NAMES[self.what]} | {self.cpu:.3f} | {above} | {100 * self.idle:.0f} % | {self.before[0]} → {self.during[0]} | "
                f"{self.before[1]} → {self.during[1]} | {right} |")


NAMES = {
    "nothing": "nothing",
    "ours": "earwig: digits, recording, `detect_machine`",
    "ours-listen": "earwig: digits, `detect_machine`",
    "peers": "`avmd_start`, `spandsp_start_dtmf`, `spandsp_start_fax_detect`",
    "peers-record": "these and `record_session`",
}
HEAD = """# Under load

Written by `hosts/freeswitch/test/load_report.py --write docs/reports/load.md`: FreeSWITCH {version}, {cpus} processors.

FreeSWITCH calls out over SIP and RTP on 127.0.0.1 (PCMU, 20 ms, `rtp-timer-name=soft`), and another process answers: a mailbox's
greeting of {greeting} s, a beep, four digits, and then a person, a fax, a beep or another mailbox. earwig records each call as a whole,
collects the digits and detects twice with `strategy=adaptive,tone=CED,CNG`, the first time with `detect_message_end=true`. FreeSWITCH's own
detectors run with their defaults. The legs are outbound, on which mod_avmd hears the far party.

*CPU* is that of the FreeSWITCH process over {seconds} s in the greeting, in processors; *above* is the difference to calls with nothing on;
*idle* is the whole machine. Cheap kinds are measured {rounds} times in turn, and the median counts. *Threads* are those of the process before
and during the calls; FreeSWITCH itself has one for each call. A call is *right* if its digits, both results and beeps are the expected ones, and
its recording is complete with at least 90 % of the greeting, byte for byte.
"""
TABLE = """
## {calls} calls at once

| on each call | CPU | above | idle | threads | of them ours | right |
|---|---|---|---|---|---|---|"""


class Report:
    """Prints lines and keeps them."""

    def __init__(self):
        self.lines = []

    def add(self, text):
        print(text, flush=True)
        self.lines.append(text)


def table(report, calls, kinds):
    """A table of these kinds; the first is the base line."""
    report.add(TABLE.format(calls=calls))
    runs_of = {what: [] for what in kinds}
    for number in range(ROUNDS):
        for what in kinds:
            if number == 0 or what in ("nothing", "ours"):
                one = Measurement(what, calls, what == "ours" and number == 0)
                runs_of[what].append(one)
                print(f"{what}: {one.cpu:.3f}, late {one.late} ms, kept {one.kept and (min(one.kept), max(one.kept))}",
                      file=sys.stderr, flush=True)
    for runs in runs_of.values():
        runs[0].cpu = statistics.median(one.cpu for one in runs)
    for runs in runs_of.values():
        report.add(runs[0].row(runs_of["nothing"][0]))
    return {what: (runs[0].cpu - runs_of["nothing"][0].cpu) / calls for what, runs in runs_of.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--peers", type=int, default=50, help="calls at once with mod_avmd, below the machine's limit")
    parser.add_argument("--write", help="the file to write")
    options = parser.parse_args()
    report = Report()
    report.add(HEAD.format(version=version(), cpus=os.cpu_count(), greeting=campaign.GREETING_MS // 1000, seconds=SECONDS, rounds=ROUNDS))
    few = table(report, options.peers, NAMES)
    report.add(f"\nThe machine saturates above {options.peers} calls with mod_avmd.")
    many = table(report, options.calls, ["nothing", "ours"])
    report.add(f"""
## The ratio

FreeSWITCH's own detectors, above nothing, against earwig with its recording:

| | a call with theirs takes | a call of earwig's takes | ratio |
|---|---|---|---|
| both at {options.peers} calls | {1000 * few['peers']:.1f} ms each second | {1000 * few['ours']:.2f} ms | {few['peers'] / few['ours']:.0f} |
| theirs at {options.peers}, earwig's at {options.calls} | {1000 * few['peers']:.1f} ms | {1000 * many['ours']:.2f} ms | {few['peers'] / many['ours']:.0f} |
| with `record_session`, both at {options.peers} | {1000 * few['peers-record']:.1f} ms | {1000 * few['ours']:.2f} ms | {few['peers-record'] / few['ours']:.0f} |""")
    if options.write:
        with open(options.write, "w") as f:
            f.write("\n".join(report.lines) + "\n")


def version():
    text = subprocess.run([os.path.join(PREFIX, "bin/freeswitch"), "-version"], capture_output=True, text=True).stdout
    return re.search(r"\d+\.\d+\.\d+", text).group()


if __name__ == "__main__":
    main()
