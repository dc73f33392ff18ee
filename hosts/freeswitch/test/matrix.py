"""Every cause, result and event on every kind of leg, with measured times: the tables of docs/reports/freeswitch.md."""

import os
import re
import tempfile
import time

from harness import Harness, answered
from caller import dial, silence, tone
from switch import TOP, Switch, extension
from signals import cadence, tones, voice

DOCS = os.path.join(TOP, "docs/reports/freeswitch.md")

SIP = "sofia/tests/{}@127.0.0.1:{}"

# A leg's name in the tables: its codec and its dial string.
LEGS = {
    "loopback": ("PCMU", "loopback/{}/tests"),
    "PCMU 20 ms": ("PCMU@20i", SIP),
    "PCMU 30 ms": ("PCMU@30i", SIP),
    "PCMA 10 ms": ("PCMA@10i", SIP),
    "G.722": ("G722", SIP),
    "L16 16 kHz": ("L16@16000h", SIP),
}

HEAD = """# Measurements in FreeSWITCH

Calls through a real FreeSWITCH, over its loopback and over SIP and RTP on 127.0.0.1. Each cell has two calls of that codec and packet
length: on the left mod_earwig runs on the inbound leg, on the right on the outbound leg. A cell with an unexpected result begins
with ✗. The figures are in media time, so that a busy machine changes them little; but packets that FreeSWITCH itself drops reach no
detector.

`make freeswitch-table FREESWITCH=prefix` places the calls again and writes this file, one section for each FreeSWITCH.
"""

WORD, GREETING, MORE, BEEP = voice(450, "hello"), voice(2500, "greeting"), voice(1000, "more"), tones(400, 1000)
REST = silence(3000)


class Mismatch(Exception):
    pass


def expect(found, wanted):
    if found != wanted:
        raise Mismatch(f"{found}, not {wanted}")


def within(number, low, high):
    if not low <= int(number) <= high:
        raise Mismatch(f"{number}, not {low} to {high}")
    return str(number)


class Call:
    """A call that was placed, and its events."""

    def __init__(self, b, name):
        self.b, self.name = b, name

    def checkpoint(self, at="end"):
        return self.b.checkpoint(self.name, at)

    def end(self, kind):
        found = self.b.event(self.name, kind, 15, Earwig_Action="end")
        if not found:
            raise Mismatch("no end")
        expect(len([e for e in self.b.all_events(self.name, kind) if e.get("Earwig-Action") == "end"]), 1)
        return found

    def digits(self):
        return self.b.all_events(self.name, "digit")

    def machine(self, event, last=False):
        found = [e for e in self.b.all_events(self.name, "machine") if e["Earwig-Machine-Event"] == event]
        if not found:
            raise Mismatch(f"no {event}")
        return found[-1 if last else 0]


def collected(cause, digits):
    def check(call):
        reported = call.end("dtmf")
        expect((reported.get("Earwig-Digits", ""), reported["Earwig-Cause"]), (digits, cause))
        return reported
    return check


def digit_latency(cause, digits, low=0, high=90):
    """From the start of the last key to its event."""
    def check(call):
        collected(cause, digits)(call)
        last = call.digits()[-1]
        return within(int(last["Earwig-At-Ms"]) - int(last["Earwig-Start-Ms"]), low, high)
    return check


def interdigit_timeout(call):
    reported = collected("TIMEOUT", "12")(call)
    return within(int(reported["Earwig-Ended-Ms"]) - int(call.digits()[-1]["Earwig-Start-Ms"]), 950, 1150)


def digits_or_yes(cause, digits):
    def check(call):
        collected(cause, digits)(call)
        return digits or "yes"
    return check


def recorded(cause, low, high):
    def check(call):
        reported = call.end("record")
        expect(reported["Earwig-Cause"], cause)
        return within(reported["Earwig-Duration-Ms"], low, high)
    return check


def barge_in_length(call):
    length = recorded("BARGEIN", 1250, 2200)(call)
    expect(call.checkpoint().D, "5")
    return length


def refused(kind):
    def check(call):
        if not call.end(kind).get("Earwig-Error"):
            raise Mismatch("no error in the event")
        return "yes"
    return check


def finished(call, result):
    reported = call.end("machine")
    expect(reported["Earwig-Result"], result)
    return reported


def after_onset(result, low, high):
    def check(call):
        reported = finished(call, result)
        return within(int(reported["Earwig-Detect-Ms"]) - int(reported["Earwig-Onset-Ms"]), low, high)
    return check


def after_start(result, low, high):
    def check(call):
        return within(finished(call, result)["Earwig-Detect-Ms"], low, high)
    return check


def event_after(event, ms, low, high, last=False):
    """From `ms` after the first voice to the event."""
    def check(call):
        end = call.end("machine")
        begin = int(end["Earwig-Started-Ms"]) + int(end["Earwig-Onset-Ms"]) + ms
        return within(int(call.machine(event, last)["Earwig-At-Ms"]) - begin, low, high)
    return check


def event_at(event, low, high):
    def check(call):
        end = call.end("machine")
        return within(int(call.machine(event)["Earwig-At-Ms"]) - int(end["Earwig-Started-Ms"]), low, high)
    return check


def beep_error(call):
    end = finished(call, "machine")
    return within(int(end["Earwig-Beep-Ms"]) - int(end["Earwig-Onset-Ms"]) - 2900, -50, 50)


def beep_hz(call):
    return within(round(float(finished(call, "machine")["Earwig-Beep-Hz"])), 990, 1010)


def one_end(call):
    expect(len([e for e in call.b.all_events(call.name, "machine") if e["Earwig-Machine-Event"] == "finished"]), 1)
    return "1"


def get(options):
    return answered("{}", f"earwig_get_digits D,{options}")


def record(options, *more):
    return answered("{}", f"earwig_record FOLDER/${{uuid}}.wav,{options}", *more)


def detect(options=""):
    return answered("{}", f"earwig_detect_machine {options}".strip())


LEAD = silence(500)

# Table, dialplan, what the other party plays, and the rows: what, unit, check.
CASES = [
    ("digits", get("5,seconds_predigits_timeout=20"), LEAD + dial("97531") + REST,
     [("`COUNT`: five digits", "ms to the last digit", digit_latency("COUNT", "97531"))]),
    ("digits", get("9,end=#,seconds_predigits_timeout=20"), LEAD + dial("2580#") + REST,
     [("`END`: four digits and `#`", "ms to the last digit", digit_latency("END", "2580#"))]),
    ("digits", get("4,seconds_predigits_timeout=20,seconds_interdigit_timeout=1"), LEAD + dial("12") + REST,
     [("`TIMEOUT`: 1 s after two digits", "ms from the key's begin", interdigit_timeout)]),
    ("digits", get("9,seconds_predigits_timeout=None"), LEAD + dial("77") + silence(400),
     [("`HANGUP`: after two digits", "digits", digits_or_yes("HANGUP", "77"))]),
    ("digits", answered("{}", "earwig_get_digits D"), LEAD, [("`NONE`: nothing is asked for", "", digits_or_yes("NONE", ""))]),
    ("digits", get("33"), LEAD, [("`ERROR`: a count of 33", "", refused("dtmf"))]),
    ("recordings", record("barge_in=true", "earwig_get_digits D"), LEAD + MORE + silence(200) + tone("5", 100) + REST,
     [("`BARGEIN`: the key 5 after 1 s of voice", "ms in the file", barge_in_length)]),
    ("recordings", record("milliseconds_max_silence=1000"), LEAD + MORE + REST,
     [("`SILENCE`: 1 s after 1 s of voice", "ms in the file", recorded("SILENCE", 2300, 2700))]),
    ("recordings", record("file_format=ulaw,max_bytes=8000"), LEAD + MORE + REST,
     [("`SIZE`: 8000 bytes", "ms in the file", recorded("SIZE", 1000, 1000))]),
    ("recordings", record("seconds_timeout=1"), LEAD + MORE + REST,
     [("`TIMEOUT`: 1 s", "ms in the file", recorded("TIMEOUT", 1000, 1000))]),
    ("recordings", answered("{}", "earwig_record_start FOLDER/${uuid}.wav", "sleep 1000", "earwig_record_stop"), LEAD + MORE + REST,
     [("`ABORTED`: stopped after 1 s", "ms in the file", recorded("ABORTED", 850, 1150))]),
    ("recordings", record("seconds_timeout=None"), LEAD + MORE,
     [("`HANGUP`: after 1.5 s", "ms in the file", recorded("HANGUP", 1200, 2000))]),
    ("recordings", record("file_format=mp3"), LEAD, [("`ERROR`: a format that is none", "", refused("record"))]),
    ("machines", detect(), LEAD + WORD + REST, [
        ("`human`: a word of 450 ms", "ms from its begin", after_onset("human", 1400, 1750)),
        ("event `HUMAN`", "ms from the word's end", event_after("HUMAN", 450, 950, 1300)),
    ]),
    ("machines", detect("detect_message_end=true"), LEAD + GREETING + silence(400) + BEEP + REST, [
        ("`machine`: a greeting of 2.5 s, then a beep", "ms from its begin", after_onset("machine", 3300, 3700)),
        ("event `MACHINE`", "ms from the greeting's begin", event_after("MACHINE", 0, 1200, 1500)),
        ("event `READY`", "ms from the beep's end", event_after("READY", 3300, 0, 250)),
        ("beep: where it begins", "error in ms", beep_error),
        ("beep: a tone of 1000 Hz", "Hz", beep_hz),
        ("event `finished`", "times", one_end),
    ]),
    ("machines", detect("detect_message_end=true,detect_interruptions=true"),
     LEAD + voice(2000, "one") + silence(1400) + MORE + silence(1400) + BEEP + REST,
     [("event `NOT_READY`: it talks on after 1.4 s", "ms from that", event_after("NOT_READY", 3400, 0, 400, last=True))]),
    ("machines", detect(), LEAD + tones(3000, 2100) + REST, [
        ("`fax`: an answering tone", "ms from the start", after_start("fax", 500, 2500)),
        ("event `CED`", "ms from the start", event_at("CED", 500, 2500)),
    ]),
    ("machines", detect("tone=CED,CNG"), LEAD + cadence(2, 500, 3000, 1100),
     [("event `CNG`", "ms from the start", event_at("CNG", 300, 2500))]),
    ("machines", detect("initial_timeout=1.5"), REST, [
        ("`unknown`: silence of 1.5 s", "ms from the start", after_start("unknown", 1450, 1750)),
        ("event `UNKNOWN`", "ms from the start", event_at("UNKNOWN", 1450, 1750)),
    ]),
    ("machines", detect("detecters=amd"), LEAD, [("`error`: an option that is none", "", refused("machine"))]),
]

TITLES = {"digits": "`earwig_get_digits`", "recordings": "`earwig_record`", "machines": "`earwig_detect_machine`"}


def dialplan(folder):
    plan = "".join(entry[1].replace("{}", f"matrix-{i}") for i, entry in enumerate(CASES)).replace("FOLDER", folder)
    return plan + extension("player", "answer", "playback ${file}", pattern="play-(.*)").replace("${file}", f"{folder}/$1")


def run_check(call, check):
    """The cell's text, and whether the check has passed."""
    try:
        return check(call), True
    except (Mismatch, AssertionError, KeyError, IndexError) as wrong:
        return f"✗ {wrong}", False


def play(b, number):
    """The rows of one entry of CASES, and the number of failed checks."""
    _, _, samples, checks = CASES[number]
    file = b.play(samples)
    calls = []
    for codec, where in LEGS.values():
        for way in (b.inbound, b.outbound):
            calls.append(Call(b, way(f"matrix-{number}", file, codec, where)))
            time.sleep(0.05)
    rows, wrong = [], 0
    for what, figure, check in checks:
        cells = [run_check(call, check) for call in calls]
        wrong += sum(not right for _, right in cells)
        texts = [text for text, _ in cells]
        rows.append(f"| {what} | {figure} | " + " | ".join(f"{a} / {z}" for a, z in zip(texts[::2], texts[1::2])) + " |")
    return rows, wrong


def section(b):
    """The tables of the running FreeSWITCH, and the number of failed checks."""
    tables, wrong = {name: [] for name in TITLES}, 0
    for number, entry in enumerate(CASES):
        rows, bad = play(b, number)
        print(*rows, sep="\n", flush=True)
        tables[entry[0]] += rows
        wrong += bad
    version = re.search(r"[0-9]+\.[0-9]+\.[0-9]+", b.switch.api("version")).group()
    text = f"## FreeSWITCH {version}\n"
    for name, title in TITLES.items():
        text += f"\n### {title}\n\n| what | figure | " + " | ".join(LEGS) + " |\n" + "|---" * (2 + len(LEGS)) + "|\n"
        text += "\n".join(tables[name]) + "\n"
    return text, wrong


def write():
    """Places the calls and writes the tables. Returns the number of failed checks."""
    with tempfile.TemporaryDirectory(prefix="ew-matrix-", dir="/tmp") as folder:
        switch = Switch(dialplan(folder))
        try:
            text, wrong = section(Harness(switch, folder))
        finally:
            switch.close()
    sections = {}
    if os.path.exists(DOCS):
        with open(DOCS) as f:
            sections = {part.split("\n", 1)[0]: part for part in re.split(r"(?m)^(?=## )", f.read())[1:]}
    sections[text.split("\n", 1)[0]] = text
    with open(DOCS, "w") as f:
        f.write("\n".join([HEAD] + [sections[name].rstrip() + "\n" for name in sorted(sections)]))
    print(f"{DOCS} is written; {wrong} cells are not as they must be")
    return wrong
