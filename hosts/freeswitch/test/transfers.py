"""Calls that are transferred while they are recorded."""

import time

import caller
import recorder
from harness import equal, test
from caller import babble
from files import audio_of, begins, read
from recording_files import ended, filed, finished, is_said, path_of, pieces, wav
from switch import Switch, extension

# What an extension that is called says.
CALLEE = babble(6000, "callee")


def dialplan(folder):
    wav(f"{folder}/callee.wav", CALLEE)
    return filed(folder, extension("callee", "answer", "playback FOLDER/callee.wav", "sleep 20000"))


def heard(audio, spoken):
    """How many ms of the spoken are in the audio, of 100 ms each."""
    return sum(100 for at in range(0, len(spoken) - 799, 800) if spoken[at:at + 800] in audio)


def bridge(b, one, other):
    b.switch.api(f"uuid_bridge {b.uuid(one.name)} {b.uuid(other.name)}")


@test
def a_call_that_is_transferred_aborts_its_recording(b):
    one = b.caller("rec-hangup", ("pause", 200), ("audio", babble(3000, "redirect")))
    with caller.calling([one], 20):
        uuid = b.uuid(one.name)
        time.sleep(1)
        b.switch.api(f"uuid_transfer {uuid} rec-nothing XML tests")
        told = ended(b, one.name)
    equal(told["Earwig-Cause"], "ABORTED")
    equal(told["Earwig-Bytes"], str(len(audio_of(read(path_of(b, one.name))))))


@test
def a_transfer_does_not_end_a_background_recording(b):
    spoken = babble(2500, "transfer")
    one = b.caller("rec-background", ("pause", 200), ("audio", spoken), ("hangup",))
    with caller.calling([one], 20):
        uuid = b.uuid(one.name)
        time.sleep(1)
        b.switch.api(f"uuid_transfer {uuid} listen XML tests")
    equal(ended(b, one.name)["Earwig-Cause"], "HANGUP")
    audio = audio_of(read(path_of(b, one.name)))
    is_said(audio, spoken, seams=1)


@test
def a_blind_transfer_keeps_a_recording_going(b):
    """The caller is recorded and bridged; the other leg is transferred away, and it goes on with another."""
    spoken = babble(4000, "blind")
    one = b.caller("rec-background", ("pause", 200), ("audio", spoken), ("hangup",))
    other = b.caller("park", ("pause", 6000), ("hangup",))
    with caller.calling([one, other], 20):
        uuids = [b.uuid(x.name) for x in (one, other)]
        time.sleep(0.5)
        b.switch.api("uuid_bridge " + " ".join(uuids))
        time.sleep(1)
        b.switch.api(f"uuid_transfer {uuids[0]} park XML tests")
        time.sleep(0.3)
        b.switch.api(f"uuid_kill {uuids[1]}")
    equal(finished(b, one.name)["Earwig-Cause"], "HANGUP")
    audio = audio_of(read(path_of(b, one.name)))
    assert sum(length for _, _, length in pieces(audio, spoken)) >= 3700, pieces(audio, spoken)


@test
def both_legs_of_a_bridge_are_transferred_and_go_on_being_recorded(b):
    spoken = [babble(4000, "one of both"), babble(4000, "other of both")]
    pair = [b.caller("rec-bridge", ("pause", 200), ("audio", said), ("hangup",)) for said in spoken]
    with caller.calling(pair, 20):
        bridge(b, *pair)
        time.sleep(1)
        b.switch.api(f"uuid_transfer {b.uuid(pair[0].name)} -both callee XML tests")
    for one, said in zip(pair, spoken):
        equal(finished(b, one.name)["Earwig-Cause"], "HANGUP")
        audio = audio_of(read(path_of(b, one.name)))
        assert heard(audio[0::2], said) >= 3500, heard(audio[0::2], said)
        assert heard(audio[1::2], CALLEE) >= 1500, heard(audio[1::2], CALLEE)


@test
def an_attended_transfer_by_the_dialplan_keeps_a_recording_going(b):
    """B, bridged with A, asks C, and hangs up: A goes on with C, in A's file."""
    spoken = babble(6000, "asked for")
    a = b.caller("rec-bridge", ("pause", 200), ("audio", spoken), ("hangup",))
    one = b.caller("park", ("pause", 3000), ("hangup",))
    with caller.calling([a, one], 20):
        bridge(b, a, one)
        time.sleep(0.5)
        b.switch.api(f"uuid_broadcast {b.uuid(one.name)} att_xfer::sofia/tests/callee@127.0.0.1:{b.switch.sip_port} aleg")
    equal(finished(b, a.name)["Earwig-Cause"], "HANGUP")
    audio = audio_of(read(path_of(b, a.name)))
    assert heard(audio[0::2], spoken) >= 5500, heard(audio[0::2], spoken)
    assert heard(audio[1::2], CALLEE) >= 1500, heard(audio[1::2], CALLEE)


@test
def an_attended_transfer_by_the_phone_keeps_recordings_of_those_who_stay_going(b):
    """A is bridged with B, and C with a second call of B's, who then refers A to C. B's own recordings end as B's calls do."""
    spoken = [babble(6000, "A"), babble(6000, "C")]
    a, c = [b.caller("rec-bridge", ("pause", 200), ("audio", said), ("hangup",)) for said in spoken]
    first, second = [b.caller("rec-bridge", ("pause", 4000), ("hangup",)) for _ in range(2)]
    with caller.calling([a, first, c, second], 30):
        bridge(b, a, first)
        bridge(b, c, second)
        time.sleep(1.5)
        first.refer(second)
    for one, said, other in zip((a, c), spoken, reversed(spoken)):
        equal(finished(b, one.name)["Earwig-Cause"], "HANGUP")
        audio = audio_of(read(path_of(b, one.name)))
        assert heard(audio[0::2], said) >= 5500, heard(audio[0::2], said)
        assert heard(audio[1::2], other) >= 2500, heard(audio[1::2], other)
    for one, other in zip((first, second), spoken):
        equal(finished(b, one.name)["Earwig-Cause"], "HANGUP")
        audio = audio_of(read(path_of(b, one.name)))
        assert heard(audio[1::2], other) >= 1000, heard(audio[1::2], other)


@test
def a_recording_is_whole_when_freeswitch_exits_meanwhile(b):
    spoken = babble(600, "exit")
    other = Switch(recorder.dialplan(b.folder))
    try:
        one = caller.Caller(other.sip_port, "rec-background", "exit", [("pause", 200), ("audio", spoken)])
        try:
            caller.run([one], 1)
        except TimeoutError:
            pass
    finally:
        other.close()
    audio = audio_of(read(path_of(b, one.name)))
    at = begins(audio, spoken)
    assert audio[at:at + 4800] == spoken, "the file is not what was said"
