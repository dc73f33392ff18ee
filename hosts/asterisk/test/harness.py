"""What the tests of calls have in common."""

import time

import caller
from caller import Caller, dial, encoded

TESTS = []


def test(function):
    TESTS.append(function)
    return function


class Harness:
    def __init__(self, pbx, folder):
        self.pbx, self.folder, self.calls = pbx, folder, 0

    def caller(self, extension, *plan):
        self.calls += 1
        return Caller(self.pbx.sip_port, extension, f"c{self.calls}", plan)

    def channel(self, caller):
        return self.pbx.manager.find(10, Event="Newchannel", CallerIDNum=caller.name)["Channel"]

    def saw(self, caller, event="Saw"):
        """What the dialplan saw, as it tells by a UserEvent."""
        found = self.pbx.manager.find(10, Event="UserEvent", UserEvent=event, Caller=caller.name)
        assert found, f"no {event} of {caller.name}"
        return found

    def told(self, caller, event, **wanted):
        """The manager's event of that name."""
        found = self.pbx.manager.find(5, Event=event, CallerIDNum=caller.name, **wanted)
        assert found, f"no {event} of {caller.name}"
        return found

    def got(self, caller, event="Got"):
        found = self.saw(caller, event)
        return found["Digits"], found["Cause"]

    def call(self, extension, *plan, seconds=15):
        one = self.caller(extension, ("pause", 200), *plan)
        caller.run([one], seconds)
        return self.got(one)


def inband(digits, **how):
    return ("audio", encoded(dial(digits, **how)))


def equal(found, wanted):
    assert found == wanted, f"{found} is not {wanted}"


def idle(b):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        text = b.pbx.cli("earwig show status")
        # The engine itself is one.
        if "Live handles:  1\n" in text and "Channels:      0\n" in text:
            return
        time.sleep(0.1)
    raise AssertionError(text)
