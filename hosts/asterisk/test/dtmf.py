"""Calls that collect digits."""

import os
import subprocess
import time

import caller
from harness import equal, inband, test, wait_until_idle
from caller import dial, encoded, silence

# Name of the extension: arguments of EarwigGetDigits. The expected result is with each test.
COLLECT = {
    "count": "D,5,seconds_predigits_timeout=30,seconds_interdigit_timeout=1",
    "end": "D,,seconds_predigits_timeout=10,end=*#",
    "tie": "D,3,seconds_predigits_timeout=10,end=#",
    "predigits": "D,4,seconds_predigits_timeout=1",
    "interdigit": "D,4,seconds_predigits_timeout=10,seconds_interdigit_timeout=1",
    "overall": "D,9,seconds_predigits_timeout=None,seconds_timeout=2",
    "ten": "D,10,seconds_predigits_timeout=10,seconds_interdigit_timeout=2",
    "hangup": "D,9,seconds_predigits_timeout=None",
    "none": "D",
    "json": 'D,,{"count":2,"seconds_predigits_timeout":10}',
    "bad-count": "D,33",
    "bad-end": "D,,end=12Z",
    "bad-key": "D,,cuont=3",
}

DIALPLAN = """
[tests]
""" + "".join(f"""
exten => {name},1,Answer()
 same => n,EarwigGetDigits({arguments})
 same => n,UserEvent(Digits,Caller: ${{CALLERID(num)}},Digits: ${{D}},Cause: ${{EARWIG_CAUSE}},Error: ${{EARWIG_ERROR}})
 same => n,Hangup()
""" for name, arguments in COLLECT.items()) + """
exten => ahead,1,Answer()
 same => n,EarwigListen()
 same => n,Playback(silence/2)
 same => n,EarwigGetDigits(D)
 same => n,UserEvent(Digits,Caller: ${CALLERID(num)},Digits: ${D},Cause: ${EARWIG_CAUSE})
 same => n,Hangup()
exten => cleared,1,Answer()
 same => n,EarwigListen()
 same => n,Wait(2)
 same => n,EarwigGetDigits(D,2,clear=true,seconds_predigits_timeout=5)
 same => n,UserEvent(Digits,Caller: ${CALLERID(num)},Digits: ${D},Cause: ${EARWIG_CAUSE})
 same => n,Hangup()
exten => before-answer,1,EarwigListen()
 same => n,Answer()
 same => n,Playback(silence/2)
 same => n,EarwigGetDigits(D)
 same => n,UserEvent(Digits,Caller: ${CALLERID(num)},Digits: ${D},Cause: ${EARWIG_CAUSE})
 same => n,Hangup()
exten => unanswered,1,EarwigGetDigits(D,2,seconds_predigits_timeout=5)
 same => n,UserEvent(Digits,Caller: ${CALLERID(num)},Digits: ${D},Cause: ${EARWIG_CAUSE})
 same => n,Hangup()
exten => twice,1,Answer()
 same => n,EarwigGetDigits(A,2,seconds_predigits_timeout=5)
 same => n,EarwigGetDigits(B,3,seconds_predigits_timeout=5)
 same => n,UserEvent(Digits,Caller: ${CALLERID(num)},Digits: ${A}-${B},Cause: ${EARWIG_CAUSE})
 same => n,Hangup()
exten => waiting,1,Answer()
 same => n,EarwigListen()
 same => n,Wait(2)
 same => n,EarwigGetDigits(D)
 same => n,UserEvent(Digits,Caller: ${CALLERID(num)},Digits: ${D},Cause: ${EARWIG_CAUSE})
 same => n,Hangup()
exten => no-variable,1,Answer()
 same => n,EarwigGetDigits(,2,seconds_predigits_timeout=5)
 same => n,UserEvent(Digits,Caller: ${CALLERID(num)},Digits: ${D},Cause: ${EARWIG_CAUSE},Error: ${EARWIG_ERROR})
 same => n,Hangup()
exten => lines,1,Answer()
 same => n,EarwigGetDigits(D,,a${URIDECODE(%0D%0A)}Evil: 1=3)
 same => n,Hangup()
exten => leave,1,Answer()
 same => n,Set(TIMEOUT(absolute)=1)
 same => n,EarwigGetDigits(D,9,seconds_predigits_timeout=None)
exten => T,1,UserEvent(Left,Caller: ${CALLERID(num)},Digits: ${D},Cause: ${EARWIG_CAUSE})
 same => n,EarwigGetDigits(D,2,seconds_predigits_timeout=5)
 same => n,UserEvent(Digits,Caller: ${CALLERID(num)},Digits: ${D},Cause: ${EARWIG_CAUSE})
 same => n,Hangup()
exten => dial,1,Answer()
 same => n,Dial(Local/1000@player/n,20,b(called^s^1)U(answered))
exten => late,1,Goto(late,s,1)
exten => hold,1,Answer()
 same => n,EarwigListen()
 same => n,Wait(60)
exten => h,1,UserEvent(Over,Caller: ${CALLERID(num)},Digits: ${D},Cause: ${EARWIG_CAUSE})

[late]
exten => s,1,Answer()
 same => n,EarwigGetDigits(D,9,seconds_predigits_timeout=None)
exten => h,1,EarwigGetDigits(E,2,seconds_predigits_timeout=5)
 same => n,UserEvent(Digits,Caller: ${CALLERID(num)},Digits: ${D}-${E},Cause: ${EARWIG_CAUSE})

[called]
exten => s,1,EarwigListen()
 same => n,EarwigGetDigits(D)
 same => n,UserEvent(Early,Digits: ${D},Cause: ${EARWIG_CAUSE})
 same => n,Return()

[answered]
exten => s,1,EarwigGetDigits(D,5,seconds_predigits_timeout=10)
 same => n,UserEvent(Called,Digits: ${D},Cause: ${EARWIG_CAUSE})
 same => n,Set(GOSUB_RESULT=ABORT)
 same => n,Return()

[player]
exten => digits,1,Answer()
 same => n,Wait(0.5)
 same => n,SendDTMF(97531)
 same => n,Wait(20)
exten => _X.,1,Answer()
 same => n,Wait(0.5)
 same => n,Playback(TONES)
 same => n,Wait(20)
"""

@test
def count_ends_a_collection_of_in_band_digits(b):
    equal(b.call("count", inband("12345")), ("12345", "COUNT"))


@test
def all_sixteen_digits_come_through(b):
    for part in ("01234", "56789", "ABCD*", "#*DCB"):
        equal(b.call("count", inband(part)), (part, "COUNT"))


@test
def an_end_digit_is_the_last_of_the_digits(b):
    equal(b.call("end", inband("2580#")), ("2580#", "END"))


@test
def end_wins_a_tie_with_count(b):
    equal(b.call("tie", inband("12#")), ("12#", "END"))


@test
def the_predigits_timeout_returns_no_digits(b):
    equal(b.call("predigits"), ("", "TIMEOUT"))


@test
def the_interdigit_timeout_returns_the_digits_so_far(b):
    equal(b.call("interdigit", inband("12")), ("12", "TIMEOUT"))


@test
def the_overall_timeout_returns_the_digits_so_far(b):
    equal(b.call("overall", inband("3")), ("3", "TIMEOUT"))


@test
def a_timeout_expires_without_packets_too(b):
    phone = b.caller("predigits")
    phone._frames = lambda: iter(())
    caller.run([phone], 20)
    equal(b.digits_and_cause(phone), ("", "TIMEOUT"))


@test
def a_hang_up_returns_the_digits_so_far_to_the_h_extension(b):
    phone = b.caller("hangup", ("pause", 200), inband("77"), ("hangup",))
    caller.run([phone], 20)
    equal(b.digits_and_cause(phone, "Over"), ("77", "HANGUP"))


@test
def by_default_get_digits_returns_at_once_with_none(b):
    equal(b.call("none"), ("", "NONE"))


@test
def options_may_be_json(b):
    equal(b.call("json", inband("42")), ("42", "COUNT"))


@test
def rfc_4733_digits_are_collected(b):
    plan = [step for d in "90210" for step in (("event", d, 100), ("pause", 100))]
    equal(b.call("count", *plan), ("90210", "COUNT"))


@test
def a_key_seen_in_band_and_by_rfc_4733_counts_once(b):
    plan = [step for d in "11223" for step in (("both", d, 100), ("pause", 100))]
    equal(b.call("count", *plan), ("11223", "COUNT"))


@test
def a_key_held_for_long_counts_once_both_ways(b):
    plan = [step for d in "12#" for step in (("both", d, 1600), ("pause", 200))]
    equal(b.call("end", *plan), ("12#", "END"))


@test
def keys_as_fast_as_q_24_allows_count_once_both_ways(b):
    plan = [step for d in "1122334455" for step in (("both", d, 60), ("pause", 60))]
    equal(b.call("ten", *plan), ("1122334455", "COUNT"))


@test
def fast_rfc_4733_digits_are_collected(b):
    plan = [step for d in "1122334455" for step in (("event", d, 40), ("pause", 40))]
    equal(b.call("ten", *plan), ("1122334455", "COUNT"))


@test
def sip_info_digits_are_collected(b):
    plan = [step for d in "90210" for step in (("info", d, 100), ("pause", 250))]
    equal(b.call("count", *plan), ("90210", "COUNT"))


@test
def digits_typed_ahead_during_wait_come_both_ways(b):
    equal(b.call("waiting", inband("12"), ("event", "3", 100), ("pause", 200), ("event", "3", 100), ("pause", 100)),
          ("1233", "NONE"))


@test
def digits_typed_ahead_wait_in_the_buffer(b):
    equal(b.call("ahead", inband("123"), ("event", "4", 100), ("pause", 100)), ("1234", "NONE"))


@test
def clear_drops_digits_typed_ahead(b):
    equal(b.call("cleared", inband("123"), ("pause", 2000), inband("89")), ("89", "COUNT"))


@test
def listening_may_begin_before_the_answer(b):
    equal(b.call("before-answer", inband("56")), ("56", "NONE"))


@test
def an_unanswered_channel_is_answered(b):
    equal(b.call("unanswered", inband("56")), ("56", "COUNT"))


@test
def digits_beyond_the_first_collection_stay_for_the_second(b):
    equal(b.call("twice", inband("12345")), ("12-345", "COUNT"))


@test
def invalid_options_set_error_and_the_call_goes_on(b):
    for extension, part in (("bad-count", "33"), ("bad-end", "Z"), ("bad-key", "cuont")):
        phone = b.caller(extension)
        caller.run([phone], 20)
        event = b.pbx.manager.find(10, Event="UserEvent", UserEvent="Digits", Caller=phone.name)
        equal((event["Digits"], event["Cause"]), ("", "ERROR"))
        assert part in event["Error"], event["Error"]
        reported = b.pbx.manager.find(10, Event="EarwigDtmfEnd", CallerIDNum=phone.name)
        equal((reported["Digits"], reported["Cause"]), ("", "ERROR"))
        assert part in reported["Error"], reported["Error"]
        assert any(part in line for line in b.pbx.output().splitlines() if "ERROR" in line), "it is not in the log"


@test
def digits_in_the_audio_of_a_local_channel_are_collected(b):
    b.pbx.manager.events.clear()
    b.pbx.cli("channel originate Local/1000@player/n extension count@tests")
    event = b.pbx.manager.find(20, Event="UserEvent", UserEvent="Digits", Digits="86420")
    assert event and event["Cause"] == "COUNT", event


@test
def digit_frames_of_a_local_channel_are_collected(b):
    b.pbx.manager.events.clear()
    b.pbx.cli("channel originate Local/digits@player/n extension count@tests")
    event = b.pbx.manager.find(20, Event="UserEvent", UserEvent="Digits", Digits="97531")
    assert event and event["Cause"] == "COUNT", event


@test
def digits_are_collected_at_any_sample_rate(b):
    codecs = "slin12", "slin16", "slin24", "slin32", "slin48"
    for codec in codecs:
        b.pbx.manager.send(Action="Originate", Channel="Local/1000@player/n", Context="tests", Exten="count", Priority=1,
                           CallerID=f"<{codec}>", Codecs=codec, Async="true")
    for codec in codecs:
        event = b.pbx.manager.find(20, Event="UserEvent", UserEvent="Digits", Caller=codec)
        equal((codec, event and event["Digits"], event and event["Cause"]), (codec, "86420", "COUNT"))


@test
def a_redirected_call_can_collect_again(b):
    phone = b.caller("hangup", ("pause", 200), inband("7"), ("pause", 1500), inband("42"))
    with caller.calling([phone], 20):
        name = b.channel(phone)
        time.sleep(1)
        b.pbx.cli(f"channel redirect {name} tests,json,1")
        equal(b.digits_and_cause(phone), ("42", "COUNT"))
    ended = b.pbx.manager.find(5, Event="EarwigDtmfEnd", CallerIDNum=phone.name)
    equal((ended["Digits"], ended["Cause"]), ("7", "NONE"))


@test
def a_call_after_its_absolute_timeout_can_collect_again(b):
    phone = b.caller("leave", ("pause", 200), inband("7"), ("pause", 1500), inband("42"))
    caller.run([phone], 20)
    equal(b.digits_and_cause(phone, "Left"), ("7", "NONE"))
    equal(b.digits_and_cause(phone), ("42", "COUNT"))


@test
def after_the_hang_up_the_cause_is_hangup(b):
    phone = b.caller("late", ("pause", 200), inband("77"), ("hangup",))
    caller.run([phone], 20)
    equal(b.digits_and_cause(phone), ("77-", "HANGUP"))


@test
def calls_that_are_bridged_while_they_collect_lose_nothing(b):
    """A masquerade takes them out of their applications; the channel's state moves with the call."""
    plan = ("pause", 200), inband("7"), ("pause", 1500), inband("42"), ("event", "5", 100), ("pause", 1500)
    pair = [b.caller("hangup", *plan), b.caller("hangup", *plan, ("pause", 1500), ("hangup",))]
    with caller.calling(pair, 20):
        names = [b.channel(phone) for phone in pair]
        time.sleep(1)
        b.pbx.manager.send(Action="Bridge", Channel1=names[0], Channel2=names[1])
        assert b.pbx.manager.find(5, Event="BridgeEnter", Channel=names[0]), "no bridge"
        time.sleep(2)
        b.pbx.cli(f"channel redirect {names[0]} tests,none,1")
        equal(b.digits_and_cause(pair[0]), ("425", "NONE"))
    for phone in pair:
        ended = b.pbx.manager.find(5, Event="EarwigDtmfEnd", CallerIDNum=phone.name)
        equal((ended["Digits"], ended["Cause"]), ("7", "NONE"))
    wait_until_idle(b)


@test
def a_called_party_can_be_listened_to_before_it_answers(b):
    caller.run([b.caller("dial")], 20)
    for event, wanted in (("Early", ("", "ERROR")), ("Called", ("86420", "COUNT"))):
        found = b.pbx.manager.find(5, Event="UserEvent", UserEvent=event)
        equal((found["Digits"], found["Cause"]), wanted)


@test
def a_missing_variable_is_an_error(b):
    phone = b.caller("no-variable")
    caller.run([phone], 20)
    equal(b.digits_and_cause(phone), ("", "ERROR"))


@test
def a_line_end_in_an_option_injects_no_header(b):
    phone = b.caller("lines")
    caller.run([phone], 20)
    event = b.pbx.manager.find(10, Event="EarwigDtmfEnd", CallerIDNum=phone.name)
    assert event["Error"].startswith("a??Evil: 1") and "Evil" not in event, event


@test
def sipp_calls_with_rtp_audio(b):
    """SIPp, the usual load generator, with headerless u-law."""
    audio = os.path.join(b.folder, "sipp.ul")
    with open(audio, "wb") as f:
        f.write(encoded(silence(300) + dial("13579") + silence(1000)))
    scenario = os.path.join(b.folder, "uac.xml")
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "uac.xml")) as f:
        text = f.read().replace("AUDIO", audio)
    with open(scenario, "w") as f:
        f.write(text)
    completed = subprocess.run(
        ["sipp", f"127.0.0.1:{b.pbx.sip_port}", "-s", "count", "-sf", scenario, "-i", "127.0.0.1", "-mi", "127.0.0.1", "-m", "3",
         "-r", "3", "-nostdin", "-timeout", "30"],
        capture_output=True, text=True, timeout=60, cwd=b.folder, env={**os.environ, "TERM": "dumb"})
    assert completed.returncode == 0, completed.stdout[-2000:] + completed.stderr[-2000:]
    for number in (1, 2, 3):
        event = b.pbx.manager.find(10, Event="UserEvent", UserEvent="Digits", Caller=f"sipp{number}")
        equal((event and event["Digits"], event and event["Cause"]), ("13579", "COUNT"))


@test
def fifty_calls_at_once_all_give_right_answers(b):
    calls = {b.caller("count", ("pause", 200), *plan): digits for digits, plan in caller.fifty_callers_keys(inband)}
    caller.run(list(calls), 60)
    results = [(b.digits_and_cause(phone), digits) for phone, digits in calls.items()]
    wrong = [(result, digits) for result, digits in results if result != (digits, "COUNT")]
    assert not wrong, wrong


@test
def each_collection_ends_with_a_manager_event(b):
    b.pbx.manager.events.clear()
    phone = b.caller("end", ("pause", 200), inband("9#"))
    caller.run([phone], 20)
    event = b.pbx.manager.find(10, Event="EarwigDtmfEnd", Cause="END", Digits="9#")
    assert event and event["Channel"].startswith("PJSIP/") and event["Variable"] == "D", event
