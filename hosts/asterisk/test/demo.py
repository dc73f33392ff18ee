#!/usr/bin/env python3
"""Places some calls through a real Asterisk and prints the variables of each."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../testkit"))  # shared by the hosts

import caller
from caller import Caller, dial, encoded
from pbx import Asterisk
from process import end_on_signals
from signals import tones, voice

CALLS = [
    ("count", "in-band tones 1 2 3 4 5", "D,5,seconds_predigits_timeout=30,seconds_interdigit_timeout=1",
     [("audio", encoded(dial("12345")))], ("12345", "COUNT")),
    ("end", "in-band tones 2 5 8 0 #", "D,,seconds_predigits_timeout=10,end=#",
     [("audio", encoded(dial("2580#")))], ("2580#", "END")),
    ("rfc4733", "RFC 4733 digits 9 0 2 1 0", "D,5,seconds_predigits_timeout=10",
     [s for d in "90210" for s in (("event", d, 100), ("pause", 100))], ("90210", "COUNT")),
    ("both", "the same keys 1 1 2 both ways at once", "D,,seconds_predigits_timeout=10,seconds_interdigit_timeout=1",
     [s for d in "112" for s in (("both", d, 100), ("pause", 100))], ("112", "TIMEOUT")),
    ("silent", "a caller who dials nothing", "D,4,seconds_predigits_timeout=2", [], ("", "TIMEOUT")),
    ("hangup", "a caller who dials 7 7 and hangs up", "D,9,seconds_predigits_timeout=None",
     [("audio", encoded(dial("77"))), ("hangup",)], ("77", "HANGUP")),
]

RECORDED = [
    ("silence", "a caller who says something for 2 s", "message.wav,milliseconds_max_silence=1000",
     [("audio", encoded(voice(2000, "message"))), ("pause", 3000)], "SILENCE"),
    ("bargein", "a caller who says something and presses 0", "another.wav,barge_in=yes",
     [("audio", encoded(voice(1000, "another"))), ("pause", 200), ("audio", encoded(dial("0")))], "BARGEIN"),
]

ANSWERED = [
    ("human", "somebody who says hello and waits", "", [("audio", encoded(voice(500, "hello")))], "human"),
    ("machine", "a voicemail: a greeting and a beep", "detect_message_end=true",
     [("audio", encoded(voice(3000, "greeting"))), ("pause", 500), ("audio", encoded(tones(400, 1000)))], "machine"),
    ("fax", "a fax machine", "", [("audio", encoded(tones(3000, 2100)))], "fax"),
]

VARIABLES = ("UserEvent(End,Caller: ${CALLERID(num)},Digits: ${D},Cause: ${EARWIG_CAUSE},Ms: ${EARWIG_RECORD_MS},"
       "Audio: ${EARWIG_AUDIO_DETECTED},Result: ${DETECT_RESULT},Beep: ${DETECT_MACHINE_BEEP},Took: ${DETECT_MS})")


def call(pbx, name, plan):
    caller.run([Caller(pbx.sip_port, name, name, [("pause", 300), *plan])], 20)
    return pbx.manager.find(10, Event="UserEvent", UserEvent="End", Caller=name) or {}


def main():
    dialplan = "[tests]\n" + "".join(
        f"exten => {name},1,Answer()\n same => n,EarwigGetDigits({arguments})\n same => n,Hangup()\n"
        for name, _, arguments, _, _ in CALLS) + "".join(
        f"exten => {name},1,Answer()\n same => n,EarwigRecord({arguments})\n same => n,Hangup()\n"
        for name, _, arguments, _, _ in RECORDED) + "".join(
        f"exten => {name},1,Answer()\n same => n,EarwigDetectMachine({options})\n same => n,Hangup()\n"
        for name, _, options, _, _ in ANSWERED) + f"exten => h,1,{VARIABLES}\n"
    end_on_signals()
    pbx = Asterisk(dialplan)
    wrong = 0
    try:
        print(pbx.cli("core show version").split(" built")[0].strip())
        print(pbx.cli("earwig show status").splitlines()[0] + "\n")
        for name, what, arguments, plan, wanted in CALLS:
            event = call(pbx, name, plan)
            found = event.get("Digits"), event.get("Cause")
            wrong += found != wanted
            print(f"{what}\n  EarwigGetDigits({arguments})\n  D={found[0]}  EARWIG_CAUSE={found[1]}"
                  + ("" if found == wanted else f"   <- wrong, {wanted} was dialed"))
        for name, what, arguments, plan, wanted in RECORDED:
            event = call(pbx, name, plan)
            wrong += event.get("Cause") != wanted
            print(f"{what}\n  EarwigRecord({arguments})\n  EARWIG_CAUSE={event.get('Cause')}"
                  f"  EARWIG_RECORD_MS={event.get('Ms')}  EARWIG_AUDIO_DETECTED={event.get('Audio')}")
        for name, what, options, plan, wanted in ANSWERED:
            event = call(pbx, name, plan)
            wrong += event.get("Result") != wanted
            print(f"{what}\n  EarwigDetectMachine({options})\n  DETECT_RESULT={event.get('Result')}"
                  f"  DETECT_MACHINE_BEEP={event.get('Beep')}  DETECT_MS={event.get('Took')}  EARWIG_CAUSE={event.get('Cause')}")
    finally:
        pbx.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
