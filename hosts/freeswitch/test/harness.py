"""What the tests share: callers, events, assertions."""

import os
import struct
import time

import caller
from caller import PCMU, Caller, dial
from switch import extension

TESTS = []

# An event with all variables of the channel, at the end of an extension.
CHECKPOINT = "event Event-Name=CUSTOM,Event-Subclass=tests::checkpoint,At=end"


def test(function):
    TESTS.append(function)
    return function


def channel_header(name):
    """The header that identifies a channel's events. FreeSWITCH swaps the numbers of an answered outbound leg."""
    return {"variable_tests_name": name} if name.startswith("o") else {"Caller_Caller_ID_Number": name}


def checkpoint(at):
    return CHECKPOINT.replace("At=end", f"At={at}")


def answered(name, *actions, at="end"):
    """An extension that answers, runs the actions, reports its variables and hangs up."""
    return extension(name, "answer", *actions, checkpoint(at), "hangup")


class ChannelData(dict):
    """An event; `event.x` is the channel's variable x, or empty text."""

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

    def call(self, extension, *plan, codec=PCMU, seconds=15, at="end"):
        """Places a call. Returns the variables that its dialplan reports."""
        phone = self.caller(extension, ("pause", 200), *plan, codec=codec)
        caller.run([phone], seconds)
        return self.checkpoint(phone.name, at)

    def checkpoint(self, name, at="end"):
        found = self.switch.events.find(10, Event_Subclass="tests::checkpoint", At=at, **channel_header(name))
        assert found, f"nothing was seen of {name} at {at}"
        return ChannelData(found)

    def uuid(self, name):
        return self.switch.events.find(10, Event_Name="CHANNEL_ANSWER", **channel_header(name))["Unique-ID"]

    def hangup_complete(self, name):
        """The channel's last event, from which CDRs are made."""
        found = self.switch.events.find(15, Event_Name="CHANNEL_HANGUP_COMPLETE", **channel_header(name))
        assert found, f"no hang-up of {name}"
        return ChannelData(found)

    def event(self, name, kind, seconds=10, **wanted):
        """The module's event of that kind on a channel."""
        return self.switch.events.find(seconds, Event_Subclass=f"earwig::{kind}", **channel_header(name), **wanted)

    def all_events(self, name, kind):
        return self.switch.events.all(Event_Subclass=f"earwig::{kind}", **channel_header(name))

    def play(self, samples, rate=8000, name=None):
        """Writes a WAV file with these samples."""
        path = os.path.join(self.folder, f"{name or f'play{self.name()}'}.wav")
        data = struct.pack(f"<{len(samples)}h", *samples)
        with open(path, "wb") as f:
            f.write(struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16,
                                b"data", len(data)) + data)
        return path

    def inbound(self, extension, file, codec, where="sofia/tests/{}@127.0.0.1:{}"):
        """Has FreeSWITCH call itself and play the file; the inbound leg runs the extension. Returns its name."""
        name = self.name()
        self.originate(name, codec, where.format(extension, self.switch.sip_port), f"&playback({file})")
        return name

    def outbound(self, extension, file, codec, where="sofia/tests/{}@127.0.0.1:{}"):
        """The same, but the outbound leg runs the extension."""
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


def wait_until_idle(b):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        text = b.switch.api("earwig status")
        # The engine itself is one handle.
        if "live_handles: 1\n" in text and "channels: 0\n" in text and "\n0 session(s) - peak" in b.switch.api("status"):
            return
        time.sleep(0.1)
    raise AssertionError(text)
