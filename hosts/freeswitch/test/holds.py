"""Calls on hold, by the phone or by FreeSWITCH, while a job runs."""

import time

import caller
from harness import equal, inband, near, test, wait_until_idle
from caller import PCMU, babble, silence
from files import audio_of, read
from machine import finished as detected
from recording_files import finished, matching_pieces, path_of
from transfers import bridge
from signals import voice


def dialplan(folder):
    return ""


def held_gap_ms(b, hold, drive=lambda uuid: None):
    """A bridged caller speaks, is on hold for a second, and speaks on. Returns the ms between both parts in its file."""
    spoken = babble(3000, "held")
    phone = b.caller("rec-bridge", ("pause", 200), ("audio", spoken[:12000]), (hold, 1000), ("audio", spoken[12000:]), ("hangup",))
    other = b.caller("rec-bridge", ("pause", 5500), ("hangup",))
    with caller.calling([phone, other], 20):
        bridge(b, phone, other)
        drive(b.uuid(phone.name))
    ends = [finished(b, x.name) for x in (phone, other)]
    equal([e["Earwig-Cause"] for e in ends], ["HANGUP", "HANGUP"])
    audio = audio_of(read(path_of(b, phone.name)))
    left, right = audio[0::2], audio[1::2]
    equal(len(left), len(right))
    before, after = left.find(spoken[8000:8400]), left.find(spoken[16000:16400])
    assert before >= 0 and after >= 0, matching_pieces(left, spoken)
    return (after - before) // 8


@test
def a_hold_by_the_phone_keeps_its_time_in_the_file(b):
    near(held_gap_ms(b, "hold"), 2000, 60)


@test
def a_hold_by_freeswitch_keeps_its_time_in_the_file(b):
    def drive(uuid):
        time.sleep(1.4)
        b.switch.api(f"uuid_hold {uuid}")
        time.sleep(0.8)
        b.switch.api(f"uuid_hold off {uuid}")

    near(held_gap_ms(b, "mute", drive), 2000, 60)


@test
def digits_before_and_after_a_hold_are_collected_together(b):
    phone = b.caller("nine", ("pause", 200), inband("42"), ("hold", 1000), ("pause", 300), inband("7"), ("pause", 200), ("hangup",))
    caller.run([phone], 20)
    channel = b.hangup_complete(phone.name)
    equal((channel.D, channel.earwig_cause), ("427", "HANGUP"))


@test
def a_hold_is_silence_to_a_detection(b):
    """A word and a hold are a person; a greeting that goes on after the hold is a machine."""
    word, greeting = PCMU.encode(voice(450, "hello")), PCMU.encode(voice(3000, "greeting") + silence(200))
    for said, result in (((word, 1600),), "human"), (((word, 400), (greeting, 0)), "machine"):
        plan = [step for audio, ms in said for step in [("audio", audio)] + [("hold", ms)] * (ms > 0)]
        phone = b.caller("who-idle", ("pause", 200), *plan, ("hangup",))
        caller.run([phone], 20)
        equal((result, detected(b, phone.name)["Earwig-Result"]), (result, result))
    wait_until_idle(b)
