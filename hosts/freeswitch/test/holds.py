"""Calls that are held, by the phone and by FreeSWITCH, while something runs."""

import time

import caller
from harness import equal, idle, inband, near, test
from caller import PCMU, babble, silence
from files import audio_of, read
from machine import finished as detected
from recording_files import finished, path_of, pieces
from transfers import bridge
from signals import voice


def dialplan(folder):
    return ""


def held(b, hold, drive=lambda uuid: None):
    """A bridged caller that says something, is held for a second, and says the rest: where that is in its file."""
    spoken = babble(3000, "held")
    one = b.caller("rec-bridge", ("pause", 200), ("audio", spoken[:12000]), (hold, 1000), ("audio", spoken[12000:]), ("hangup",))
    other = b.caller("rec-bridge", ("pause", 5500), ("hangup",))
    with caller.calling([one, other], 20):
        bridge(b, one, other)
        drive(b.uuid(one.name))
    ends = [finished(b, x.name) for x in (one, other)]
    equal([e["Earwig-Cause"] for e in ends], ["HANGUP", "HANGUP"])
    audio = audio_of(read(path_of(b, one.name)))
    left, right = audio[0::2], audio[1::2]
    equal(len(left), len(right))
    before, after = left.find(spoken[8000:8400]), left.find(spoken[16000:16400])
    assert before >= 0 and after >= 0, pieces(left, spoken)
    return (after - before) // 8


@test
def a_hold_by_the_phone_keeps_its_time_in_the_file(b):
    near(held(b, "hold"), 2000, 60)


@test
def a_hold_by_freeswitch_keeps_its_time_in_the_file(b):
    def drive(uuid):
        time.sleep(1.4)
        b.switch.api(f"uuid_hold {uuid}")
        time.sleep(0.8)
        b.switch.api(f"uuid_hold off {uuid}")

    near(held(b, "mute", drive), 2000, 60)


@test
def digits_before_and_after_a_hold_are_collected_together(b):
    one = b.caller("nine", ("pause", 200), inband("42"), ("hold", 1000), ("pause", 300), inband("7"), ("pause", 200), ("hangup",))
    caller.run([one], 20)
    seen = b.over(one.name)
    equal((seen.D, seen.earwig_cause), ("427", "HANGUP"))


@test
def a_hold_is_silence_to_a_detection(b):
    """A word and a hold are a person's; a greeting that goes on after the hold is a machine's."""
    word, greeting = PCMU.encode(voice(450, "hello")), PCMU.encode(voice(3000, "greeting") + silence(200))
    for said, result in (((word, 1600),), "human"), (((word, 400), (greeting, 0)), "machine"):
        plan = [step for audio, ms in said for step in [("audio", audio)] + [("hold", ms)] * (ms > 0)]
        one = b.caller("who-idle", ("pause", 200), *plan, ("hangup",))
        caller.run([one], 20)
        equal((result, detected(b, one.name)["Earwig-Result"]), (result, result))
    idle(b)
