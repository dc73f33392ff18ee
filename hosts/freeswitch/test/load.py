"""Many calls at once, and calls that end when they like."""

import contextlib
import os
import random

import campaign
import caller
from harness import idle, inband, test
from caller import PCMU
from files import read
from signals import voice

# In each of them something runs when the call ends.
JOBS = ("count", "nine", "overall", "ahead", "listen", "rec-hangup", "rec-barge", "rec-background", "rec-bridge", "rec-both", "rec-pause",
        "rec-stop", "rec-wait", "who-defaults", "who-end", "who-idle", "who-behind", "who-stop", "who-wait", "on-digit")


def dialplan(folder):
    return campaign.dialplan(folder)


def our_threads(switch):
    """Those of the library and of the module have names of their own."""
    folder = f"/proc/{switch.process.pid}/task"
    names = []
    for task in os.listdir(folder):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            names.append(read(os.path.join(folder, task, "comm")).decode().strip())
    return sorted(name for name in names if name.startswith("earwig"))


@test
def two_hundred_calls_at_once_with_everything_on_are_all_answered_right(b):
    calls = campaign.Campaign(200)
    try:
        before = our_threads(b.switch)
        calls.call(b.switch, "ours")
        during = our_threads(b.switch)
        wrong, kept = calls.wrong(b.switch, b.folder)
    finally:
        calls.close()
    assert not wrong, "\n".join(wrong)
    # Two begin with the first call, the disk's and that which tells of events.
    assert before and set(during) - set(before) <= {"earwig-disk", "earwig-events"} and len(during) <= len(before) + 2, (before, during)
    idle(b)


@test
def a_thousand_calls_that_hang_up_at_random_moments_leave_nothing_behind(b):
    numbers = random.Random(1)
    said = [PCMU.encode(voice(1500, f"chaos {i}")) for i in range(5)]
    left = 1000
    while left:
        calls = []
        for _ in range(min(left, 50)):
            audio = numbers.choice(said)[:8 * numbers.randrange(0, 1500)]
            plan = [("audio", audio), inband(numbers.choice("0123456789"))][:numbers.randrange(0, 3)]
            calls.append(b.caller(numbers.choice(JOBS), ("pause", numbers.randrange(0, 400)), *plan, ("hangup",)))
        caller.run(calls, 60)
        left -= len(calls)
    idle(b)
    for top in (b.folder, os.path.join(b.switch.run, "rec")):
        for folder, _, names in os.walk(top):
            assert not [name for name in names if ".part" in name], (folder, names)
    told = b.switch.events.all(Event_Subclass="earwig::record")
    starts = [e.get("Earwig-File") for e in told if e["Earwig-Action"] == "start"]
    ends = [e.get("Earwig-File") for e in told if e["Earwig-Action"] == "end"]
    assert starts and all(starts.count(file) <= ends.count(file) for file in starts), "a recording has no end"
