"""Digits from a channel's start, by the setting `listen`: no dialplan names this module before earwig_get_digits."""

import random
import time

import caller
from harness import Harness, answered, equal, inband, test, wait_until_idle
from caller import dial, silence
from switch import Switch, extension

PLAN = "".join((
    answered("unheard", "sleep 2000", "earwig_get_digits D"),
    extension("never-up", "ring_ready", "sleep 300", "hangup"),
    extension("park", "answer", "park"),
))


def configure(switch, listen):
    switch.configure(PLAN, {"listen": listen})
    return switch.api("earwig reload")


def digits(c):
    channel = c.call("unheard", inband("12"), ("event", "3", 100), ("pause", 200))
    return channel.D, channel.earwig_cause


@test
def digits_count_from_the_channels_start_if_a_setting_says_so(b):
    other = Switch(PLAN, {"listen": "all"})
    try:
        c = Harness(other, b.folder)
        equal(digits(c), ("123", "NONE"))
        for listen, wanted in (("none", ""), ("sofia/tests/*", "123"), ("loopback/*, sofia/t*", "123"), ("sofia/external/*", "")):
            equal(configure(other, listen), "+OK\n")
            equal((listen, digits(c)), (listen, (wanted, "NONE")))
        equal(configure(other, "all"), "+OK\n")
        for wrong in ("all,sofia/*", "sofia/*,,"):
            assert configure(other, wrong).startswith("-ERR"), wrong
            assert f"listen: '{wrong}'" in other.output(), wrong
        equal(digits(c), ("123", "NONE"))
        wait_until_idle(c)
    finally:
        other.close()


def of_either_leg(c):
    """Calls that FreeSWITCH places to itself, by SIP and by loopback."""
    file = c.play(silence(500) + dial("97531", off=40) + silence(2500))
    for name in (c.inbound("unheard", file, "PCMU@20i"), c.inbound("unheard", file, "PCMU@20i", "loopback/{}/tests")):
        channel = c.checkpoint(name)
        equal((channel["Channel-Name"].split("/")[0], channel.D, channel.earwig_cause),
              (channel["Channel-Name"].split("/")[0], "97531", "NONE"))


@test
def all_kinds_of_calls_are_listened_to_and_leave_nothing(b):
    other = Switch(PLAN, {"listen": "all"})
    try:
        c = Harness(other, b.folder)
        of_either_leg(c)
        dice = random.Random(3)
        ones = [c.caller("park", ("pause", dice.randrange(0, 600)), ("hangup",)) for _ in range(40)]
        caller.run(ones, 30)
        for _ in range(10):
            c.originate(c.name(), "PCMU", "loopback/never-up/tests", "&park()")
        wait_until_idle(c)
        phone = c.caller("park", ("pause", 1500), ("hangup",))
        with caller.calling([phone], 20):
            c.uuid(phone.name)
            time.sleep(0.5)
            assert "channels: 1\n" in other.api("earwig status")
            assert "-ERR" in other.api("unload mod_earwig")
        wait_until_idle(c)
        assert "+OK" in other.api("unload mod_earwig")
        assert "+OK" in other.api("load mod_earwig")
        equal(digits(c), ("123", "NONE"))
        wait_until_idle(c)
    finally:
        other.close()
