"""Many calls at once, and calls that end at random moments."""

import contextlib
import os
import random

import campaign
import caller
from harness import inband, test, wait_until_idle
from caller import PCMU
from files import read
from recording_files import assert_all_are_finished
from signals import voice

# Extensions with a job that still runs when the call ends.
JOBS = ("count", "nine", "overall", "ahead", "listen", "rec-hangup", "rec-barge", "rec-background", "rec-bridge", "rec-both", "rec-pause",
        "rec-stop", "rec-wait", "who-defaults", "who-end", "who-idle", "who-background", "who-stop", "who-wait", "on-digit")

# Packets that are later than this are lost to FreeSWITCH's jitter and timers.
LATE_MS = 100


def dialplan(folder):
    return campaign.dialplan(folder)


def our_threads(switch):
    """Threads of the library and of the module, known by their names."""
    folder = f"/proc/{switch.process.pid}/task"
    names = []
    for task in os.listdir(folder):
        with contextlib.suppress(OSError):  # the thread has ended meanwhile
            names.append(read(os.path.join(folder, task, "comm")).decode().strip())
    return sorted(name for name in names if name.startswith("earwig"))


def wrong_results(b, calls, seed):
    """Of so many calls at once: a line for each wrong result, and by how much the far parties were late."""
    placed = campaign.Campaign(calls, seed)
    try:
        before = our_threads(b.switch)
        placed.call(b.switch, "ours")
        during = our_threads(b.switch)
        wrong, _ = placed.wrong(b.switch, b.folder)
    finally:
        placed.close()
    # These start with the first calls: the disk's thread, and up to 8 for callbacks.
    assert before and set(during) - set(before) <= {"earwig-disk", "earwig-events"} and len(during) <= len(before) + 9, (before, during)
    wait_until_idle(b)
    return wrong, placed.answerers.late_ms


@test
def two_hundred_calls_with_all_jobs_get_right_results(b):
    """Fewer where the far parties, which take little time, are late: such a machine keeps FreeSWITCH waiting too, and that loses audio."""
    for seed, calls in enumerate((200, 100, 50), 1):
        wrong, late_ms = wrong_results(b, calls, seed)
        if not wrong or late_ms < LATE_MS:
            break
        print(f"      {calls} calls: {len(wrong)} results are wrong, with packets up to {late_ms} ms late", flush=True)
    assert not wrong, "\n".join(wrong)


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
    wait_until_idle(b)
    assert_all_are_finished(b)
