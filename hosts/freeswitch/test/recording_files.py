"""Helpers for recordings: paths, audio, ends."""

import os
import struct

import caller
from caller import PCMU
from files import assert_recordings_are_finished, position_of

# Extensions record to FOLDER/CALLER.wav.
FILE = "FOLDER/${caller_id_number}.wav"

# With a timer FreeSWITCH drops and fills in packets on a busy machine, so that no file equals the audio byte for byte. Without one
# 1.11 sees a hang-up five seconds late, unless it accepts the packet by which it wakes itself.
UNTIMED = '<action application="multiset" data="rtp_timer_name=none rtp_manual_rtp_bugs=ACCEPT_ANY_PACKETS"/>'


def with_files(folder, plan):
    """Puts the folder into the dialplan, and switches the RTP timer off before each answer."""
    return plan.replace("FOLDER", folder).replace('<action application="answer"', UNTIMED + '<action application="answer"')


def path_of(b, name):
    return os.path.join(b.folder, f"{name}.wav")


def wav(path, ulaw):
    """Writes a WAV file of G.711 u-law."""
    with open(path, "wb") as f:
        f.write(struct.pack("<4sI4s4sIHHIIHHH4sI", b"RIFF", 38 + len(ulaw), b"WAVE", b"fmt ", 18, 7, 1, 8000, 8000, 1, 8, 0, b"data",
                            len(ulaw)) + ulaw)


def matching_pieces(audio, spoken):
    """The pieces of `spoken` in the audio: position in the file, position in `spoken`, length, in ms."""
    found, at, said = [], position_of(audio, spoken), 0
    while at < len(audio) and said < len(spoken):
        length = 0
        while at + length < len(audio) and said + length < len(spoken) and audio[at + length] == spoken[said + length]:
            length += 1
        found.append((at // 8, said // 8, length // 8))
        at, said = at + length, said + length
        for skipped in range(said, len(spoken) - 80, 80):
            if (place := audio.find(spoken[skipped:skipped + 80], at)) >= 0:
                at, said = place, skipped
                break
        else:
            break
    return found


def assert_is_spoken(audio, spoken, seams=0):
    """The audio equals the start of `spoken`, except for up to 60 ms at each seam: FreeSWITCH loses and fills in audio when an
    application starts."""
    found = matching_pieces(audio, spoken)
    assert len(found) <= seams + 1, found
    for (at, said, length), (next_at, next_said, _) in zip(found, found[1:]):
        assert next_at - at - length <= 60 and next_said - said - length <= 60, found
    at, said, length = found[-1]
    rest = audio[(at + length) * 8:]
    assert said + length >= len(spoken) // 8 - 20 or len(rest) <= 400, found
    assert len(rest.rstrip(b"\xff")) <= 8, found


def decoded(ulaw):
    """Decodes G.711 u-law to samples."""
    table = {caller.ulaw(s): s for s in range(-32635, 32636)}
    return [table[byte] for byte in ulaw]


def call(b, extension, *plan, at="end", codec=PCMU):
    """Places the call. Returns the caller, and the variables that its dialplan reports."""
    phone = b.caller(f"rec-{extension}", ("pause", 200), *plan, codec=codec)
    caller.run([phone], 15)
    return phone, b.checkpoint(phone.name, at)


def ended(b, name, **wanted):
    found = b.event(name, "record", 15, Earwig_Action="end", **wanted)
    assert found, f"no end of {name}"
    return found


def finished(b, name):
    """The end of the recording to a caller's file, for FreeSWITCH may swap the callers' numbers in a bridge."""
    found = b.switch.events.find(15, Event_Subclass="earwig::record", Earwig_Action="end", Earwig_File=path_of(b, name))
    assert found, f"no end of {name}"
    return found


def assert_all_are_finished(b):
    """Every recording so far has ended, and no folder has an unfinished file."""
    events = b.switch.events.all(Event_Subclass="earwig::record")
    assert_recordings_are_finished((b.folder, os.path.join(b.switch.run, "rec")),
                                   [e.get("Earwig-File") for e in events if e["Earwig-Action"] == "start"],
                                   [e.get("Earwig-File") for e in events if e["Earwig-Action"] == "end"])
