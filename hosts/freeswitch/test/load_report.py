#!/usr/bin/env python3
"""What calls cost with everything on, beside FreeSWITCH's own detectors on the same calls, and with nothing on: one after the
other in the same run, as tables."""

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
# What takes little is measured so many times; the median counts.
ROUNDS = 2
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
    """One run: so many calls with that on; it may be looked at whether their answers are right."""

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
        at, began, rested = time.monotonic(), cpu(pid), idle()
        time.sleep(SECONDS)
        took = time.monotonic() - at
        self.cpu = (cpu(pid) - began) / took
        self.idle = (idle() - rested) / took / os.cpu_count()
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

What `hosts/freeswitch/test/load_report.py --write docs/LOAD.md` prints, which also writes it here: FreeSWITCH {version}, {cpus} processors.

FreeSWITCH calls out over SIP and RTP on 127.0.0.1 (PCMU, 20 ms, `rtp-timer-name=soft`), and a process of its own answers: a mailbox's
greeting of {greeting} s, a beep, four digits, and then a person, a fax, a beep or another mailbox. On each call earwig records all of
it, collects the digits, and detects twice: `strategy=adaptive,tone=CED,CNG`, the first time with `detect_message_end=true`. The others are
FreeSWITCH's own detectors, as they come. The legs are outbound, on which mod_avmd hears the far party.

CPU is that of the FreeSWITCH process over {seconds} s in the greeting, in processors; *above* is what is more than with nothing on. Idle is
the whole machine. What takes little is measured {rounds} times, in turn, and the median counts. Threads are the process's before the calls and during them; FreeSWITCH has one of its own for each. *Right* are the
calls whose digits, both results and beeps are what was played, and whose recording is whole and has 90 % or more of the greeting to the byte.
"""
TABLE = """
## {calls} calls at once

| on each call | CPU | above | idle | threads | of them ours | right |
|---|---|---|---|---|---|---|"""


class Report:
    """Lines that are printed as they come, and kept."""

    def __init__(self):
        self.lines = []

    def add(self, text):
        print(text, flush=True)
        self.lines.append(text)


def table(report, calls, kinds):
    """Runs of these kinds, the first with nothing on."""
    report.add(TABLE.format(calls=calls))
    seen = {what: [] for what in kinds}
    for number in range(ROUNDS):
        for what in kinds:
            if number == 0 or what in ("nothing", "ours"):
                one = Seen(what, calls, what == "ours" and number == 0)
                seen[what].append(one)
                print(f"{what}: {one.cpu:.3f}, late {one.late} ms, kept {one.kept and (min(one.kept), max(one.kept))}",
                      file=sys.stderr, flush=True)
    for runs in seen.values():
        runs[0].cpu = statistics.median(one.cpu for one in runs)
    for runs in seen.values():
        report.add(runs[0].row(seen["nothing"][0]))
    return {what: (runs[0].cpu - seen["nothing"][0].cpu) / calls for what, runs in seen.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--peers", type=int, default=50, help="calls at once that the machine bears with mod_avmd")
    parser.add_argument("--write", help="the file to write")
    options = parser.parse_args()
    report = Report()
    report.add(HEAD.format(version=version(), cpus=os.cpu_count(), greeting=campaign.GREETING_MS // 1000, seconds=SECONDS, rounds=ROUNDS))
    few = table(report, options.peers, NAMES)
    report.add("\nMore calls with mod_avmd than these the machine does not bear.")
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
