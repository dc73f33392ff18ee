"""Calls that are transferred while they are recorded."""

import time

import caller
import recorder
from harness import equal, test
from caller import babble
from files import audio_of, position_of, read
from recording_files import assert_is_spoken, ended, finished, matching_pieces, path_of, wav, with_files
from switch import Switch, extension

# The audio of the called extension.
CALLEE = babble(6000, "callee")


def dialplan(folder):
    wav(f"{folder}/callee.wav", CALLEE)
    return with_files(folder, extension("callee", "answer", "playback FOLDER/callee.wav", "sleep 20000"))


def ms_contained(audio, spoken):
    """How many ms of `spoken` are in the audio, in steps of 100 ms."""
    return sum(100 for at in range(0, len(spoken) - 799, 800) if spoken[at:at + 800] in audio)


def bridge(b, phone, other):
    b.switch.api(f"uuid_bridge {b.uuid(phone.name)} {b.uuid(other.name)}")


@test
def a_transfer_aborts_a_foreground_recording(b):
    phone = b.caller("rec-hangup", ("pause", 200), ("audio", babble(3000, "redirect")))
    with caller.calling([phone], 20):
        uuid = b.uuid(phone.name)
        time.sleep(1)
        b.switch.api(f"uuid_transfer {uuid} rec-nothing XML tests")
        reported = ended(b, phone.name)
    equal(reported["Earwig-Cause"], "ABORTED")
    equal(reported["Earwig-Bytes"], str(len(audio_of(read(path_of(b, phone.name))))))


@test
def a_transfer_does_not_end_a_background_recording(b):
    spoken = babble(2500, "transfer")
    phone = b.caller("rec-background", ("pause", 200), ("audio", spoken), ("hangup",))
    with caller.calling([phone], 20):
        uuid = b.uuid(phone.name)
        time.sleep(1)
        b.switch.api(f"uuid_transfer {uuid} listen XML tests")
    equal(ended(b, phone.name)["Earwig-Cause"], "HANGUP")
    audio = audio_of(read(path_of(b, phone.name)))
    assert_is_spoken(audio, spoken, seams=1)


@test
def a_blind_transfer_keeps_a_recording_going(b):
    """The recorded caller is bridged, then transferred, and its bridge ends."""
    spoken = babble(4000, "blind")
    phone = b.caller("rec-background", ("pause", 200), ("audio", spoken), ("hangup",))
    other = b.caller("park", ("pause", 6000), ("hangup",))
    with caller.calling([phone, other], 20):
        uuids = [b.uuid(x.name) for x in (phone, other)]
        time.sleep(0.5)
        b.switch.api("uuid_bridge " + " ".join(uuids))
        time.sleep(1)
        b.switch.api(f"uuid_transfer {uuids[0]} park XML tests")
        time.sleep(0.3)
        b.switch.api(f"uuid_kill {uuids[1]}")
    equal(finished(b, phone.name)["Earwig-Cause"], "HANGUP")
    audio = audio_of(read(path_of(b, phone.name)))
    assert sum(length for _, _, length in matching_pieces(audio, spoken)) >= 3700, matching_pieces(audio, spoken)


@test
def recordings_of_both_legs_survive_a_transfer_of_both(b):
    spoken = [babble(4000, "one of both"), babble(4000, "other of both")]
    pair = [b.caller("rec-bridge", ("pause", 200), ("audio", said), ("hangup",)) for said in spoken]
    with caller.calling(pair, 20):
        bridge(b, *pair)
        time.sleep(1)
        b.switch.api(f"uuid_transfer {b.uuid(pair[0].name)} -both callee XML tests")
    for phone, said in zip(pair, spoken):
        equal(finished(b, phone.name)["Earwig-Cause"], "HANGUP")
        audio = audio_of(read(path_of(b, phone.name)))
        assert ms_contained(audio[0::2], said) >= 3500, ms_contained(audio[0::2], said)
        assert ms_contained(audio[1::2], CALLEE) >= 1500, ms_contained(audio[1::2], CALLEE)


@test
def an_attended_transfer_by_the_dialplan_keeps_a_recording_going(b):
    """B, bridged with A, calls C and hangs up: A is connected with C, and A's file goes on."""
    spoken = babble(6000, "asked for")
    a = b.caller("rec-bridge", ("pause", 200), ("audio", spoken), ("hangup",))
    phone = b.caller("park", ("pause", 3000), ("hangup",))
    with caller.calling([a, phone], 20):
        bridge(b, a, phone)
        time.sleep(0.5)
        b.switch.api(f"uuid_broadcast {b.uuid(phone.name)} att_xfer::sofia/tests/callee@127.0.0.1:{b.switch.sip_port} aleg")
    equal(finished(b, a.name)["Earwig-Cause"], "HANGUP")
    audio = audio_of(read(path_of(b, a.name)))
    assert ms_contained(audio[0::2], spoken) >= 5500, ms_contained(audio[0::2], spoken)
    assert ms_contained(audio[1::2], CALLEE) >= 1500, ms_contained(audio[1::2], CALLEE)


@test
def an_attended_transfer_by_the_phone_keeps_recordings_of_the_remaining_parties(b):
    """A is bridged with B, and C with a second call of B, who then refers A to C. B's own recordings end with B's calls."""
    spoken = [babble(6000, "A"), babble(6000, "C")]
    a, c = [b.caller("rec-bridge", ("pause", 200), ("audio", said), ("hangup",)) for said in spoken]
    first, second = [b.caller("rec-bridge", ("pause", 4000), ("hangup",)) for _ in range(2)]
    with caller.calling([a, first, c, second], 30):
        bridge(b, a, first)
        bridge(b, c, second)
        time.sleep(1.5)
        first.refer(second)
    for phone, said, other in zip((a, c), spoken, reversed(spoken)):
        equal(finished(b, phone.name)["Earwig-Cause"], "HANGUP")
        audio = audio_of(read(path_of(b, phone.name)))
        assert ms_contained(audio[0::2], said) >= 5500, ms_contained(audio[0::2], said)
        assert ms_contained(audio[1::2], other) >= 2500, ms_contained(audio[1::2], other)
    for phone, other in zip((first, second), spoken):
        equal(finished(b, phone.name)["Earwig-Cause"], "HANGUP")
        audio = audio_of(read(path_of(b, phone.name)))
        assert ms_contained(audio[1::2], other) >= 1000, ms_contained(audio[1::2], other)


@test
def a_recording_is_whole_when_freeswitch_exits_meanwhile(b):
    spoken = babble(600, "exit")
    other = Switch(recorder.dialplan(b.folder))
    try:
        phone = caller.Caller(other.sip_port, "rec-background", "exit", [("pause", 200), ("audio", spoken)])
        try:
            caller.run([phone], 1)
        except TimeoutError:
            pass
    finally:
        other.close()
    audio = audio_of(read(path_of(b, phone.name)))
    at = position_of(audio, spoken)
    assert audio[at:at + 4800] == spoken, "the file is not what was said"
