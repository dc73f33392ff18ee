"""What the tests of recordings have in common: where the files are, what is in them, how they have ended."""

import os
import struct

import caller
from caller import PCMU
from files import begins

# Extensions record to FOLDER/CALLER.wav.
FILE = "FOLDER/${caller_id_number}.wav"

# With a timer FreeSWITCH itself drops and fills packets on a busy machine: then no file is byte for byte what was said. And 1.11
# tosses the packet by which it wakes itself, as if it were a stranger's: without a timer it then sees a hang-up five seconds late.
UNTIMED = '<action application="multiset" data="rtp_timer_name=none rtp_manual_rtp_bugs=ACCEPT_ANY_PACKETS"/>'


def filed(folder, plan):
    """The dialplan, with the folder of its files; each call that it answers has no timer."""
    return plan.replace("FOLDER", folder).replace('<action application="answer"', UNTIMED + '<action application="answer"')


def path_of(b, name):
    return os.path.join(b.folder, f"{name}.wav")


def wav(path, ulaw):
    """A WAV file of G.711 u-law."""
    with open(path, "wb") as f:
        f.write(struct.pack("<4sI4s4sIHHIIHHH4sI", b"RIFF", 38 + len(ulaw), b"WAVE", b"fmt ", 18, 7, 1, 8000, 8000, 1, 8, 0, b"data",
                            len(ulaw)) + ulaw)


def pieces(audio, spoken):
    """Where the spoken is in the audio: (place in the file, place in what was said, length) of each piece, in ms."""
    found, at, said = [], begins(audio, spoken), 0
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


def is_said(audio, spoken, seams=0):
    """The audio is the spoken, as far as it goes, but for what FreeSWITCH itself loses and fills: up to 60 ms at a seam, as when
    an application begins."""
    found = pieces(audio, spoken)
    assert len(found) <= seams + 1, found
    for (at, said, length), (next_at, next_said, _) in zip(found, found[1:]):
        assert next_at - at - length <= 60 and next_said - said - length <= 60, found
    at, said, length = found[-1]
    rest = audio[(at + length) * 8:]
    assert said + length >= len(spoken) // 8 - 20 or len(rest) <= 400, found
    assert len(rest.rstrip(b"\xff")) <= 8, found


def decoded(ulaw):
    """G.711 u-law as samples."""
    table = {caller.ulaw(s): s for s in range(-32635, 32636)}
    return [table[byte] for byte in ulaw]


def call(b, extension, *plan, at="saw", codec=PCMU):
    """The call, and what its dialplan saw."""
    one = b.caller(f"rec-{extension}", ("pause", 200), *plan, codec=codec)
    caller.run([one], 15)
    return one, b.saw(one.name, at)


def ended(b, name, **wanted):
    found = b.told(name, "record", 15, Earwig_Action="end", **wanted)
    assert found, f"no end of {name}"
    return found


def finished(b, name):
    """The end of the recording to a caller's file. In a bridge FreeSWITCH may swap the callers' numbers."""
    found = b.switch.events.find(15, Event_Subclass="earwig::record", Earwig_Action="end", Earwig_File=path_of(b, name))
    assert found, f"no end of {name}"
    return found
