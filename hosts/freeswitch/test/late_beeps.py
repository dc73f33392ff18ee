"""Beeps later than machine_ready_timeout after the greeting."""

import time

import caller
from caller import PCMU, silence
from harness import checkpoint, equal, near, test, wait_until_idle
from machine import BEEP, call, finished, machine_events
from signals import voice
from switch import extension

SAID = voice(2500, "greeting") + silence(2500) + BEEP


def dialplan(folder):
    return "".join((
        extension("late-beep", "answer", "set api_on_earwig_beep=uuid_setvar ${uuid} api yes",
                  "earwig_detect_machine detect_message_end=true", checkpoint("end"), "park"),
        extension("late-beep-stopped", "answer", "earwig_detect_machine detect_message_end=true", "earwig_detect_machine_stop", "park"),
    ))


@test
def ready_on_chooses_what_ends_a_greeting(b):
    phone, _ = call(b, "ready-on-beep", SAID)
    equal(machine_events(b, phone.name), ["MACHINE", "NOT_READY", "MACHINE+", "READY+", "finished+"])
    phone, _ = call(b, "ready-on-silence", SAID)
    equal(machine_events(b, phone.name), ["MACHINE", "NOT_READY", "READY", "finished"])


@test
def a_beep_after_the_detection_is_an_event_of_its_own(b):
    phones = [b.caller(name, ("pause", 200), ("audio", PCMU.encode(SAID)), ("pause", 1000), ("hangup",))
              for name in ("late-beep", "late-beep-stopped")]
    caller.run(phones, 20)
    name = phones[0].name
    beep = b.event(name, "beep")
    near(float(beep["Earwig-Hz"]), 1000, 10)
    near(int(beep["Earwig-End-Ms"]) - int(beep["Earwig-Start-Ms"]), 400, 60)
    assert int(beep["Earwig-Start-Ms"]) > int(finished(b, name)["Earwig-At-Ms"]), beep
    equal((b.checkpoint(name).detect_result, b.checkpoint(name).detect_machine_beep), ("machine", "false"))
    equal(machine_events(b, name), ["MACHINE", "NOT_READY", "READY", "finished"])
    equal(b.hangup_complete(name).api, "yes")
    time.sleep(0.5)
    equal([len(b.all_events(phone.name, "beep")) for phone in phones], [1, 0])
    wait_until_idle(b)
