"""Beeps later than machine_ready_timeout after the greeting."""

import time

import caller
from caller import encoded, silence
from harness import equal, test, wait_until_idle
from machine import BEEP, call, finished, machine_events, near
from signals import voice

SAID = voice(2500, "greeting") + silence(2500) + BEEP

DIALPLAN = """
[tests](+)
exten => late-beep,1,Answer()
 same => n,EarwigDetectMachine(detect_message_end=true)
 same => n,UserEvent(End,Caller: ${CALLERID(num)},Result: ${DETECT_RESULT},Beep: ${DETECT_MACHINE_BEEP})
 same => n,Wait(20)
exten => late-beep-stopped,1,Answer()
 same => n,EarwigDetectMachine(detect_message_end=true)
 same => n,EarwigDetectMachineStop()
 same => n,Wait(20)
"""


def late_beeps(b, phone):
    return [e for e in b.pbx.manager.events if (e.get("Event"), e.get("CallerIDNum")) == ("EarwigMachineBeep", phone.name)]


@test
def ready_on_chooses_what_ends_a_greeting(b):
    equal(machine_events(b, call(b, "ready-on-beep", SAID)[0]), ["MACHINE", "NOT_READY", "MACHINE+", "READY+", "finished+"])
    equal(machine_events(b, call(b, "ready-on-silence", SAID)[0]), ["MACHINE", "NOT_READY", "READY", "finished"])


@test
def a_beep_after_the_detection_is_an_event_of_its_own(b):
    phones = [b.caller(name, ("pause", 200), ("audio", encoded(SAID)), ("pause", 1000), ("hangup",))
              for name in ("late-beep", "late-beep-stopped")]
    caller.run(phones, 20)
    beep = b.event(phones[0], "EarwigMachineBeep")
    near(float(beep["Hz"]), 1000, 10)
    near(int(beep["EndMs"]) - int(beep["StartMs"]), 400, 60)
    assert int(beep["StartMs"]) > int(finished(b, phones[0])["AtMs"]), beep
    equal([b.user_event(phones[0])[key] for key in ("Result", "Beep")], ["machine", "false"])
    equal(machine_events(b, phones[0]), ["MACHINE", "NOT_READY", "READY", "finished"])
    time.sleep(0.5)
    b.pbx.manager.read(0.1)
    equal([len(late_beeps(b, phone)) for phone in phones], [1, 0])
    wait_until_idle(b)
