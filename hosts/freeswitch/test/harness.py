"""What the tests of calls have in common."""

import os
import struct
import time

import caller
from caller import PCMU, Caller, dial
from switch import extension

TESTS = []

# The end of an extension: what its channel knows is told.
SAW = "event Event-Name=CUSTOM,Event-Subclass=tests::saw,At=saw"


def test(function):
    TESTS.append(function)
    return function


def of(name):
    """The header by which events of a channel are known. FreeSWITCH swaps the numbers of an outbound leg that has answered."""
    return {"variable_tests_name": name} if name.startswith("o") else {"Caller_Caller_ID_Number": name}


def saw(at):
    return SAW.replace("At=saw", f"At={at}")


def answered(name, *actions, at="saw"):
    """An extension that answers, does that, tells what it saw, and hangs up."""
    return extension(name, "answer", *actions, saw(at), "hangup")


class Seen(dict):
    """An event; `seen.x` is the channel's variable x, or empty text."""

    def __getattr__(self, name):
        return self.get(f"variable_{name}", "")


class Harness:
    def __init__(self, switch, folder):
        self.switch, self.folder, self.calls = switch, folder, 0

    def name(self, kind="c"):
        self.calls += 1
        return f"{kind}{self.calls}"

    def caller(self, extension, *plan, codec=PCMU):
        return Caller(self.switch.sip_port, extension, self.name(), plan, codec)

    def call(self, extension, *plan, codec=PCMU, seconds=15, at="saw"):
        """A call, and what its dialplan saw."""
        one = self.caller(extension, ("pause", 200), *plan, codec=codec)
        caller.run([one], seconds)
        return self.saw(one.name, at)

    def saw(self, name, at="saw"):
        found = self.switch.events.find(10, Event_Subclass="tests::saw", At=at, **of(name))
        assert found, f"nothing was seen of {name} at {at}"
        return Seen(found)

    def uuid(self, name):
        return self.switch.events.find(10, Event_Name="CHANNEL_ANSWER", **of(name))["Unique-ID"]

    def over(self, name):
        """The channel's last event: what reports of calls are made of."""
        found = self.switch.events.find(15, Event_Name="CHANNEL_HANGUP_COMPLETE", **of(name))
        assert found, f"no hang-up of {name}"
        return Seen(found)

    def told(self, name, kind, seconds=10, **wanted):
        """An event of ours on a channel."""
        return self.switch.events.find(seconds, Event_Subclass=f"earwig::{kind}", **of(name), **wanted)

    def all_told(self, name, kind):
        return self.switch.events.all(Event_Subclass=f"earwig::{kind}", **of(name))

    def play(self, samples, rate=8000, name=None):
        """A WAV file with these samples."""
        path = os.path.join(self.folder, f"{name or f'play{self.name()}'}.wav")
        data = struct.pack(f"<{len(samples)}h", *samples)
        with open(path, "wb") as f:
            f.write(struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16,
                                b"data", len(data)) + data)
        return path

    def inbound(self, extension, file, codec, where="sofia/tests/{}@127.0.0.1:{}"):
        """FreeSWITCH calls itself and plays the file; the inbound leg runs the extension. Its name."""
        name = self.name()
        self.originate(name, codec, where.format(extension, self.switch.sip_port), f"&playback({file})")
        return name

    def outbound(self, extension, file, codec, where="sofia/tests/{}@127.0.0.1:{}"):
        """The same, and the outbound leg runs the extension."""
        name = self.name("o")
        to = where.format("play-" + os.path.basename(file), self.switch.sip_port)
        self.originate(name, codec, to, f"{extension} XML tests")
        return name

    def originate(self, name, codec, to, what):
        answer = self.switch.api(f"bgapi originate {{origination_caller_id_number={name},tests_name={name},absolute_codec_string='{codec}'}}{to} {what}")
        assert answer.startswith("+OK"), answer


def inband(digits, codec=PCMU, **how):
    return ("audio", codec.encode(dial(digits, **how)))


def equal(found, wanted):
    assert found == wanted, f"{found} is not {wanted}"


def near(found, wanted, within):
    assert abs(int(found) - wanted) <= within, f"{found} is not {wanted} +-{within}"


def idle(b):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        text = b.switch.api("earwig status")
        # The engine itself is one.
        if "live_handles: 1\n" in text and "channels: 0\n" in text and "\n0 session(s) - peak" in b.switch.api("status"):
            return
        time.sleep(0.1)
    raise AssertionError(text)
