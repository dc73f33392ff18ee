"""Digits from a channel's start, by the setting `listen`: no dialplan names this module before EarwigGetDigits."""

import json
import time

import caller
import dtmf
from control import configured, succeed
from harness import equal, inband, test, wait_until_idle

DIALPLAN = """
[tests](+)
exten => unheard,1,Answer()
 same => n,Wait(${IF($["${CALLERID(num):0:5}" = "start"]?4:2)})
 same => n,EarwigGetDigits(D)
 same => n,UserEvent(Digits,Caller: ${CALLERID(num)},Digits: ${D},Cause: ${EARWIG_CAUSE})
 same => n,Hangup()
exten => rung,1,Ringing()
 same => n,Wait(20)
exten => rings-another,1,Answer()
 same => n,Dial(Local/rung@tests/n,20)
exten => picks-up,1,PickupChan(Local/rung@tests,p)
 same => n,Hangup()
exten => never-up,1,Ringing()
 same => n,Wait(0.3)
 same => n,Hangup()
"""

LISTEN_TO_ALL = "[general]\nlisten = all\n"


@test
def digits_count_from_the_channels_start_if_a_setting_says_so(b):
    dialled = inband("12"), ("event", "3", 100), ("pause", 200)
    for listen, digits in (("all", "123"), ("none", ""), ("PJSIP/anonymous-*", "123"), ("SIP/a*, PJSIP/*", "123"), ("Local/*", "")):
        with configured(b, f"[general]\nlisten = {listen}\n"):
            equal((listen, b.call("unheard", *dialled)), (listen, (digits, "NONE")))
    equal(b.call("unheard", *dialled), ("", "NONE"))
    wait_until_idle(b)


@test
def local_and_originated_calls_are_listened_to_from_their_start(b):
    with configured(b, LISTEN_TO_ALL):
        for player, digits in (("1000", "86420"), ("digits", "97531")):
            b.pbx.manager.events.clear()
            b.pbx.manager.send(Action="Originate", Channel=f"Local/{player}@player/n", Context="tests", Exten="unheard", Priority=1,
                               CallerID=f"<start{player}>", Async="true")
            found = b.pbx.manager.find(15, Event="UserEvent", UserEvent="Digits", Caller=f"start{player}")
            equal((found and found["Digits"], found and found["Cause"]), (digits, "NONE"))
        wait_until_idle(b)


@test
def calls_that_never_answer_leave_nothing_that_listens(b):
    with configured(b, LISTEN_TO_ALL):
        for number in range(20):
            b.pbx.manager.send(Action="Originate", Channel="Local/never-up@tests/n", Application="Wait", Data="5",
                               CallerID=f"<never{number}>", Async="true")
        ones = [b.caller("unheard", ("pause", 20 * number), ("hangup",)) for number in range(20)]
        caller.run(ones, 20)
        wait_until_idle(b)


@test
def calls_that_are_bridged_or_redirected_keep_their_state(b):
    with configured(b, LISTEN_TO_ALL):
        dtmf.calls_that_are_bridged_while_they_collect_lose_nothing(b)
        dtmf.a_redirected_call_can_collect_again(b)
        wait_until_idle(b)


@test
def of_two_states_that_a_pickup_joins_that_of_the_living_party_stays(b):
    """A masquerade: the phone that picks up moves into the channel that was called, and both are listened to."""
    with configured(b, LISTEN_TO_ALL):
        first = b.caller("rings-another", ("pause", 6000), ("hangup",))
        with caller.calling([first], 20):
            assert b.pbx.manager.find(10, Event="Newchannel", Exten="rung"), "nothing rings"
            time.sleep(0.3)
            b.pbx.manager.events.clear()
            second = b.caller("picks-up", ("pause", 2000), inband("42"), ("pause", 1500))
            with caller.calling([second], 20):
                assert b.pbx.manager.find(10, Event="Pickup"), "no pickup"
                for digit in "42":
                    assert b.pbx.manager.find(10, Event="EarwigDigit", Digit=digit), digit
                name = b.pbx.manager.find(1, Event="EarwigDigit", Digit="2")["Channel"]
                status = json.loads(succeed(b, "EarwigStatus", Channel=name)["Status"])
                equal((status["call_state"], status["digits"]), ("ANSWERED", "42"))
        equal([e["Digit"] for e in b.pbx.manager.events if e.get("Event") == "EarwigDigit" and e["Channel"] == name], ["4", "2"])
        wait_until_idle(b)


@test
def the_module_reloads_and_unloads_while_new_channels_are_watched(b):
    with configured(b, LISTEN_TO_ALL):
        phone = b.caller("hold", ("pause", 1500), ("hangup",))
        with caller.calling([phone], 10):
            b.channel(phone)
            assert "Unloaded" not in b.pbx.cli("module unload app_earwig.so")
            b.pbx.cli("module reload app_earwig.so")
        wait_until_idle(b)
        equal(b.call("unheard", inband("7")), ("7", "NONE"))
        wait_until_idle(b)
        assert "Unloaded" in b.pbx.cli("module unload app_earwig.so")
        assert "Loaded" in b.pbx.cli("module load app_earwig.so")
        equal(b.call("unheard", inband("8")), ("8", "NONE"))
        wait_until_idle(b)
