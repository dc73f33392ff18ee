"""Calls that are bridged while they are recorded."""

import time

import caller
from harness import equal, test
from caller import PCMU
from files import audio_of, begins, is_part, read
from recording_files import FILE, decoded, filed, finished, is_said, path_of
from switch import extension


def dialplan(folder):
    return filed(folder, extension("rec-bridge", "answer", f"earwig_record_start {FILE},file_format=ulaw,source=both", "park"))


def bridged(b, codecs):
    """Two calls that are bridged after half a second, and what each said."""
    spoken = [caller.babble(2500, "one"), caller.babble(2500, "other")]
    pair = [b.caller("rec-bridge", ("pause", 210), ("audio", codec.encode(decoded(said))), ("hangup",), codec=codec)
            for said, codec in zip(spoken, codecs)]
    with caller.calling(pair, 20):
        uuids = [b.uuid(one.name) for one in pair]
        time.sleep(0.5)
        b.switch.api("uuid_bridge " + " ".join(uuids))
    return pair, spoken


@test
def a_bridge_does_not_end_a_background_recording(b):
    pair, spoken = bridged(b, (PCMU, PCMU))
    for one, said, heard in zip(pair, spoken, reversed(spoken)):
        told = finished(b, one.name)
        audio = audio_of(read(path_of(b, one.name)))
        equal((told["Earwig-Cause"], told["Earwig-Bytes"]), ("HANGUP", str(len(audio))))
        left, right = audio[0::2], audio[1::2]
        at = begins(left, said)
        is_said(left, said, seams=2)
        assert len(left) - at >= 18000, len(left) - at
        # The second half was said in the bridge; both callers began at once.
        late = begins(right, heard[10000:]) - 10000 - at
        is_part(right, at + late + 10000, heard[10000:], "right is not what the other said")
        assert -400 <= late <= 1600, f"the other is {late / 8} ms late"


@test
def a_bridge_of_packets_of_other_lengths_loses_nothing_of_what_is_heard(b):
    pair, spoken = bridged(b, (PCMU._replace(ptime=30), PCMU._replace(ptime=10)))
    for one, heard in zip(pair, reversed(spoken)):
        equal(finished(b, one.name)["Earwig-Cause"], "HANGUP")
        right = audio_of(read(path_of(b, one.name)))[1::2]
        at = begins(right, heard[10000:])
        is_part(right, at, heard[10000:], "right is not what the other said")
