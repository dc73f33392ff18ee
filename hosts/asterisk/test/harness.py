"""What the tests share: callers, events, assertions."""

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

    def user_event(self, caller, event="End"):
        """The dialplan's UserEvent of that name."""
        found = self.pbx.manager.find(10, Event="UserEvent", UserEvent=event, Caller=caller.name)
        assert found, f"no {event} of {caller.name}"
        return found

    def event(self, caller, event, **wanted):
        """The module's manager event of that name."""
        found = self.pbx.manager.find(5, Event=event, CallerIDNum=caller.name, **wanted)
        assert found, f"no {event} of {caller.name}"
        return found

    def digits_and_cause(self, caller, event="Digits"):
        found = self.user_event(caller, event)
        return found["Digits"], found["Cause"]

    def call(self, extension, *plan, seconds=15):
        phone = self.caller(extension, ("pause", 200), *plan)
        caller.run([phone], seconds)
        return self.digits_and_cause(phone)


def inband(digits, **how):
    return ("audio", encoded(dial(digits, **how)))


def equal(found, wanted):
    assert found == wanted, f"{found} is not {wanted}"


def wait_until_idle(b):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        text = b.pbx.cli("earwig show status")
        # The engine itself is one handle.
        if "Live handles:  1\n" in text and "Channels:      0\n" in text:
            return
        time.sleep(0.1)
    raise AssertionError(text)
