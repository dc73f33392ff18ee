"""Calls that collect digits."""

import time

import caller
from harness import CHECKPOINT, answered, checkpoint, equal, inband, test, wait_until_idle
from caller import PCMA, PCMU, dial, l16, silence
from files import audio_of, read
from switch import extension

# Name of the extension: data of earwig_get_digits. The expected result is with each test.
COLLECT = {
    "count": "D,5,seconds_predigits_timeout=30,seconds_interdigit_timeout=1",
    "end": "D,seconds_predigits_timeout=10,end=*#",
    "tie": "D,3,seconds_predigits_timeout=10,end=#",
    "predigits": "D,4,seconds_predigits_timeout=1",
    "interdigit": "D,4,seconds_predigits_timeout=10,seconds_interdigit_timeout=1",
    "overall": "D,9,seconds_predigits_timeout=None,seconds_timeout=2",
    "ten": "D,10,seconds_predigits_timeout=10,seconds_interdigit_timeout=2",
    "nine": "D,9,seconds_predigits_timeout=None",
    "none": "D",
    "blanks": "D 2 seconds_predigits_timeout=10",
    "unnamed": "count=2,seconds_predigits_timeout=10",
    "named": "seconds_predigits_timeout=10,variable=D,count=2",
    "json": 'D,{"count":2,"seconds_predigits_timeout":10}',
    "bad-count": "D,33",
    "bad-end": "D,end=12Z",
    "bad-key": "D,cuont=3",
}

AGAIN = "earwig_get_digits D,2,seconds_predigits_timeout=5"


def dialplan(folder):
    return "".join(answered(name, f"earwig_get_digits {data}") for name, data in COLLECT.items()) + "".join((
        answered("ahead", "earwig_listen", "sleep 2000", "earwig_get_digits D"),
        answered("cleared", "earwig_listen", "sleep 2000", "earwig_get_digits D,2,clear=true,seconds_predigits_timeout=5"),
        answered("forgot", "earwig_listen", "sleep 1500", "earwig_clear_digits", AGAIN),
        extension("unanswered", AGAIN, CHECKPOINT, "hangup"),
        extension("early", "set earwig_early_media=true", "pre_answer", AGAIN, CHECKPOINT, "hangup"),
        answered("twice", "earwig_get_digits A,2,seconds_predigits_timeout=5", "earwig_get_digits D,3,seconds_predigits_timeout=5"),
        # Collected digits are not left for other applications.
        answered("taken", AGAIN, "read 1 1 silence_stream://500 R 500"),
        extension("elsewhere", "answer", "event Event-Name=CUSTOM,Event-Subclass=tests::checkpoint,At=there", AGAIN, CHECKPOINT, "hangup"),
        extension("listen", "answer", "earwig_listen", "park"),
        extension("on-digit", "answer", "set execute_on_earwig_digit=" + checkpoint("digit"),
                  "set api_on_earwig_digit=uuid_setvar ${uuid} api yes",
                  "earwig_get_digits D,3,seconds_predigits_timeout=5", "sleep 300", CHECKPOINT, "hangup"),
        extension("player", "answer", "playback ${file}", pattern="play-(.*)").replace("${file}", f"{folder}/$1"),
    ))


def digits_and_cause(channel):
    return channel.D, channel.earwig_cause


@test
def count_ends_a_collection_of_in_band_digits(b):
    equal(digits_and_cause(b.call("count", inband("12345"))), ("12345", "COUNT"))


@test
def all_sixteen_digits_come_through(b):
    for part in ("01234", "56789", "ABCD*", "#*DCB"):
        equal(digits_and_cause(b.call("count", inband(part))), (part, "COUNT"))


@test
def an_end_digit_is_the_last_of_the_digits(b):
    equal(digits_and_cause(b.call("end", inband("2580#"))), ("2580#", "END"))


@test
def end_wins_a_tie_with_count(b):
    equal(digits_and_cause(b.call("tie", inband("12#"))), ("12#", "END"))


@test
def the_predigits_timeout_returns_no_digits(b):
    equal(digits_and_cause(b.call("predigits")), ("", "TIMEOUT"))


@test
def the_interdigit_timeout_returns_the_digits_so_far(b):
    equal(digits_and_cause(b.call("interdigit", inband("12"))), ("12", "TIMEOUT"))


@test
def the_overall_timeout_returns_the_digits_so_far(b):
    equal(digits_and_cause(b.call("overall", inband("3"))), ("3", "TIMEOUT"))


@test
def a_timeout_expires_without_packets_too(b):
    phone = b.caller("predigits")
    phone._frames = lambda: iter(())
    caller.run([phone], 20)
    equal(digits_and_cause(b.checkpoint(phone.name)), ("", "TIMEOUT"))


@test
def a_hang_up_returns_the_digits_so_far(b):
    phone = b.caller("nine", ("pause", 200), inband("77"), ("pause", 200), ("hangup",))
    caller.run([phone], 20)
    equal(digits_and_cause(b.hangup_complete(phone.name)), ("77", "HANGUP"))
    equal(b.event(phone.name, "dtmf")["Earwig-Cause"], "HANGUP")


@test
def by_default_get_digits_returns_at_once_with_none(b):
    equal(digits_and_cause(b.call("none")), ("", "NONE"))


@test
def arguments_may_be_separated_by_blanks_or_be_json_or_omit_the_variable(b):
    equal(digits_and_cause(b.call("blanks", inband("42"))), ("42", "COUNT"))
    equal(digits_and_cause(b.call("json", inband("42"))), ("42", "COUNT"))
    equal(digits_and_cause(b.call("named", inband("42"))), ("42", "COUNT"))
    channel = b.call("unnamed", inband("42"))
    equal((channel.earwig_digits, channel.earwig_cause), ("42", "COUNT"))


@test
def rfc_2833_digits_are_collected(b):
    plan = [step for d in "90210" for step in (("event", d, 100), ("pause", 100))]
    equal(digits_and_cause(b.call("count", *plan)), ("90210", "COUNT"))


@test
def a_key_seen_in_band_and_by_rfc_2833_counts_once(b):
    plan = [step for d in "11223" for step in (("both", d, 100), ("pause", 100))]
    equal(digits_and_cause(b.call("count", *plan)), ("11223", "COUNT"))


@test
def a_key_held_for_long_counts_once_both_ways(b):
    plan = [step for d in "12#" for step in (("both", d, 1600), ("pause", 200))]
    equal(digits_and_cause(b.call("end", *plan)), ("12#", "END"))


@test
def keys_as_fast_as_q_24_allows_count_once_both_ways(b):
    plan = [step for d in "1122334455" for step in (("both", d, 60), ("pause", 60))]
    equal(digits_and_cause(b.call("ten", *plan)), ("1122334455", "COUNT"))


@test
def fast_rfc_2833_digits_are_collected(b):
    plan = [step for d in "1122334455" for step in (("event", d, 60), ("pause", 60))]
    equal(digits_and_cause(b.call("ten", *plan)), ("1122334455", "COUNT"))


@test
def sip_info_digits_are_collected(b):
    plan = [step for d in "90210" for step in (("info", d, 100), ("pause", 250))]
    equal(digits_and_cause(b.call("count", *plan)), ("90210", "COUNT"))


@test
def digits_typed_ahead_are_there(b):
    equal(digits_and_cause(b.call("ahead", inband("123"))), ("123", "NONE"))


@test
def digits_typed_ahead_can_be_cleared(b):
    equal(digits_and_cause(b.call("cleared", inband("123"), ("pause", 2000), inband("45"))), ("45", "COUNT"))
    equal(digits_and_cause(b.call("forgot", inband("12"), ("pause", 2000), inband("67"))), ("67", "COUNT"))


@test
def an_unanswered_call_is_answered(b):
    equal(digits_and_cause(b.call("unanswered", inband("42"))), ("42", "COUNT"))


@test
def a_call_can_run_two_jobs_in_turn(b):
    channel = b.call("twice", inband("12"), ("pause", 300), inband("345"))
    equal((channel.A, *digits_and_cause(channel)), ("12", "345", "COUNT"))


@test
def collected_digits_are_not_left_for_other_applications(b):
    channel = b.call("taken", ("event", "4", 100), ("pause", 100), ("event", "2", 100), ("pause", 100))
    equal((*digits_and_cause(channel), channel.R), ("42", "COUNT", ""))


@test
def each_codec_and_packet_length_is_heard(b):
    for codec in (PCMU, PCMU._replace(ptime=30), PCMA._replace(ptime=10), PCMA, l16(16000)):
        channel = b.call("count", inband("86420", codec), codec=codec)
        equal((codec.name, codec.ptime, *digits_and_cause(channel)), (codec.name, codec.ptime, "86420", "COUNT"))


@test
def inbound_and_outbound_legs_hear_the_remote_party(b):
    file = b.play(silence(500) + dial("97531") + silence(2000))
    for codec in ("PCMU@20i", "PCMU@30i", "PCMA@10i", "G722", "L16@16000h"):
        for way in (b.inbound, b.outbound):
            name = way("count", file, codec)
            equal((codec, way.__name__, *digits_and_cause(b.checkpoint(name))), (codec, way.__name__, "97531", "COUNT"))


@test
def a_loopback_call_is_heard(b):
    file = b.play(silence(500) + dial("97531") + silence(2000))
    equal(digits_and_cause(b.checkpoint(b.outbound("count", file, "PCMU", "loopback/{}/tests"))), ("97531", "COUNT"))


@test
def a_transferred_call_can_collect_again(b):
    phone = b.caller("nine", ("pause", 200), inband("7"), ("pause", 1500), inband("42"))
    with caller.calling([phone], 20):
        uuid = b.uuid(phone.name)
        time.sleep(1)
        b.switch.api(f"uuid_transfer {uuid} elsewhere XML tests")
        equal(digits_and_cause(b.checkpoint(phone.name, "there")), ("7", "NONE"))
        equal(digits_and_cause(b.checkpoint(phone.name)), ("42", "COUNT"))
    equal([e["Earwig-Digits"] + e["Earwig-Cause"] for e in b.all_events(phone.name, "dtmf")], ["7NONE", "42COUNT"])


@test
def invalid_options_are_refused_and_the_call_goes_on(b):
    for name, part in (("bad-count", "33"), ("bad-end", "Z"), ("bad-key", "cuont")):
        channel = b.call(name)
        equal((channel.D, channel.earwig_cause), ("", "ERROR"))
        assert part in channel.earwig_error, channel.earwig_error
        reported = b.event(channel["Caller-Caller-ID-Number"], "dtmf")
        assert part in reported["Earwig-Error"], reported


@test
def each_digit_has_one_event_with_the_channels_data(b):
    channel = b.call("tie", inband("12#"))
    name = channel["Caller-Caller-ID-Number"]
    reported = b.all_events(name, "digit")
    equal([e["Earwig-Digit"] for e in reported], ["1", "2", "#"])
    assert all(e["Unique-ID"] == channel["Unique-ID"] and e["Earwig-Source"] == "INBAND" for e in reported)
    ended = b.all_events(name, "dtmf")
    equal([(e["Earwig-Cause"], e["Earwig-Digits"], e["Earwig-Variable"]) for e in ended], [("END", "12#", "D")])


@test
def a_digit_runs_execute_on_and_api_on(b):
    channel = b.call("on-digit", inband("123"))
    equal((channel.D, channel.api), ("123", "yes"))
    name = channel["Caller-Caller-ID-Number"]
    equal(len(b.switch.events.all(Event_Subclass="tests::checkpoint", At="digit", Caller_Caller_ID_Number=name)), 3)


@test
def fifty_calls_at_once_all_give_right_answers(b):
    calls = {b.caller("count", ("pause", 200), *plan): digits for digits, plan in caller.fifty_callers_keys(inband)}
    caller.run(list(calls), 60)
    results = [(digits_and_cause(b.checkpoint(phone.name)), digits) for phone, digits in calls.items()]
    wrong = [(result, digits) for result, digits in results if result != (digits, "COUNT")]
    assert not wrong, wrong
    wait_until_idle(b)


@test
def squelched_digits_are_silence_for_the_other_leg(b):
    """Records what the other party hears: the tones are gone, and the digits are still collected."""
    for squelch, count in (("true", 0), ("false", 4)):
        phone = b.caller("park", ("pause", 1500), inband("24"), ("pause", 300), ("both", "6", 100), ("pause", 300), ("event", "8", 100),
                       ("pause", 700), ("hangup",))
        other = b.caller("park", ("pause", 5000), ("hangup",))
        with caller.calling([phone, other], 20):
            uuids = [b.uuid(x.name) for x in (phone, other)]
            equal(b.switch.api(f"earwig {uuids[0]} start listen squelch_dtmf={squelch}"), "+OK\n")
            # TX of the other leg is what FreeSWITCH plays to it.
            file = f"{b.folder}/{other.name}-heard.wav"
            equal(b.switch.api(f"earwig {uuids[1]} start record {file},source=tx,file_format=ulaw"), "+OK\n")
            b.switch.api("uuid_bridge " + " ".join(uuids))
        reported = b.switch.events.all(Event_Subclass="earwig::digit", Unique_ID=uuids[0])
        equal([e["Earwig-Digit"] for e in reported], ["2", "4", "6", "8"])
        heard = [e for e in b.switch.events.all(Event_Name="DTMF") if e["Unique-ID"] in uuids]
        equal((squelch, len(heard)), (squelch, 2 * (count > 0)))
        b.switch.events.find(5, Event_Subclass="earwig::record", Earwig_Action="end", Earwig_File=file)
        loud = [byte for byte in audio_of(read(file)) if 0x20 <= byte & 0x7F < 0x70]
        equal((squelch, len(loud) > 400), (squelch, count > 0))
