"""Calls that are bridged while they are recorded."""

import time

import caller
from harness import equal, test
from caller import PCMU
from files import assert_is_part, audio_of, position_of, read
from recording_files import FILE, assert_is_spoken, decoded, finished, path_of, with_files
from switch import extension


def dialplan(folder):
    return with_files(folder, extension("rec-bridge", "answer", f"earwig_record_start {FILE},file_format=ulaw,source=both", "park"))


def bridged(b, codecs):
    """Two calls that are bridged after half a second, and what each says."""
    spoken = [caller.babble(2500, "one"), caller.babble(2500, "other")]
    pair = [b.caller("rec-bridge", ("pause", 210), ("audio", codec.encode(decoded(said))), ("hangup",), codec=codec)
            for said, codec in zip(spoken, codecs)]
    with caller.calling(pair, 20):
        uuids = [b.uuid(phone.name) for phone in pair]
        time.sleep(0.5)
        b.switch.api("uuid_bridge " + " ".join(uuids))
    return pair, spoken


@test
def a_bridge_does_not_end_a_background_recording(b):
    pair, spoken = bridged(b, (PCMU, PCMU))
    for phone, said, heard in zip(pair, spoken, reversed(spoken)):
        reported = finished(b, phone.name)
        audio = audio_of(read(path_of(b, phone.name)))
        equal((reported["Earwig-Cause"], reported["Earwig-Bytes"]), ("HANGUP", str(len(audio))))
        left, right = audio[0::2], audio[1::2]
        at = position_of(left, said)
        assert_is_spoken(left, said, seams=2)
        assert len(left) - at >= 18000, len(left) - at
        # The second half is said in the bridge; both callers begin at the same time.
        late = position_of(right, heard[10000:]) - 10000 - at
        assert_is_part(right, at + late + 10000, heard[10000:], "right is not what the other said")
        assert -400 <= late <= 1600, f"the other is {late / 8} ms late"


@test
def a_bridge_between_packet_lengths_records_all_of_tx(b):
    pair, spoken = bridged(b, (PCMU._replace(ptime=30), PCMU._replace(ptime=10)))
    for phone, heard in zip(pair, reversed(spoken)):
        equal(finished(b, phone.name)["Earwig-Cause"], "HANGUP")
        right = audio_of(read(path_of(b, phone.name)))[1::2]
        at = position_of(right, heard[10000:])
        assert_is_part(right, at, heard[10000:], "right is not what the other said")
