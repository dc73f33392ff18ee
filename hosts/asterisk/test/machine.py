"""Calls with a detection of who has answered. In these tests the caller plays the answering party."""

import os
import time

import caller
from harness import equal, test
from caller import encoded, silence
from cases import DETECT
from http_sink import assert_voicemail_posts, collecting_posts, wait_for_posts
from signals import cadence, tones, voice, words

VARIABLES = ("Caller: ${CALLERID(num)},Result: ${DETECT_RESULT},Small: ${detect_result}/${detect_machine_beep}/${detect_ms},"
       "Beep: ${DETECT_MACHINE_BEEP},Ms: ${DETECT_MS},Cause: ${DETECT_CAUSE},Ended: ${EARWIG_CAUSE},"
       "Confidence: ${EARWIG_CONFIDENCE},Kind: ${EARWIG_MACHINE_KIND}/${EARWIG_MACHINE_KIND_CONFIDENCE},Onset: ${EARWIG_ONSET_MS},Error: ${EARWIG_ERROR},Unique: ${UNIQUEID},"
       "Linked: ${CHANNEL(linkedid)},Name: ${CHANNEL(name)}")

DIALPLAN = """
[tests]
exten => _who-.,1,Goto(who,${EXTEN:4},1)

[who]
""" + "".join(f"""
exten => {name},1,Answer()
 same => n,EarwigDetectMachine({options})
 same => n,UserEvent(End,{VARIABLES})
 same => n,Hangup()
""" for name, options in DETECT.items()) + """
exten => unanswered,1,EarwigDetectMachine()
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => twice,1,Answer()
 same => n,EarwigDetectMachine()
 same => n,UserEvent(First,VARIABLES)
 same => n,EarwigDetectMachine()
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => background,1,Answer()
 same => n,EarwigDetectMachine(wait=false)
 same => n,UserEvent(Runs,VARIABLES)
 same => n,EarwigDetectMachine(wait=false)
 same => n,UserEvent(Busy,VARIABLES)
 same => n,Wait(2.5)
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => stop,1,Answer()
 same => n,EarwigDetectMachine(wait=false)
 same => n,Wait(0.8)
 same => n,EarwigDetectMachineStop()
 same => n,UserEvent(End,VARIABLES)
 same => n,EarwigDetectMachineStop()
 same => n,UserEvent(Again,VARIABLES)
 same => n,Hangup()
exten => wait,1,Answer()
 same => n,EarwigDetectMachine(wait=false)
 same => n,EarwigDetectMachineWait(0.3)
 same => n,UserEvent(Runs,VARIABLES)
 same => n,EarwigDetectMachineWait()
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => nothing,1,Answer()
 same => n,EarwigDetectMachineStop()
 same => n,UserEvent(Stopped,VARIABLES)
 same => n,EarwigListen()
 same => n,EarwigDetectMachineWait(soon)
 same => n,UserEvent(Waited,VARIABLES)
 same => n,EarwigDetectMachineWait()
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => idle,1,Answer()
 same => n,EarwigDetectMachine(wait=false)
 same => n,Wait(60)
exten => posts,1,Answer()
 same => n,Set(EARWIG_PROJECT_ID=the project)
 same => n,Set(EARWIG_SPACE_ID=the space)
 same => n,Set(EARWIG_CONTROL_ID=the control)
 same => n,Set(EARWIG_STATUS_SECRET=the secret)
 same => n,EarwigDetectMachine(detect_message_end=true,status_url=http://127.0.0.1:${POSTS}/detect)
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => dead,1,Answer()
 same => n,EarwigDetectMachine(status_url=http://127.0.0.1:1/detect)
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => dial,1,Answer()
 same => n,Dial(Local/greeting@who-plays/n,20,U(who-answered))
exten => in-h,1,Goto(who-in-h,s,1)
exten => h,1,UserEvent(Over,VARIABLES)

[who-in-h]
exten => s,1,Answer()
 same => n,EarwigDetectMachine(wait=false)
 same => n,Wait(60)
exten => h,1,EarwigDetectMachineStop()
 same => n,UserEvent(Over,VARIABLES)

[who-answered]
exten => s,1,EarwigDetectMachine()
 same => n,UserEvent(Called,VARIABLES)
 same => n,Set(GOSUB_RESULT=ABORT)
 same => n,Return()

[who-plays]
exten => greeting,1,Answer()
 same => n,Playback(GREETING)
 same => n,Wait(20)
""".replace("VARIABLES", VARIABLES)

BEEP = tones(400, 1000)

# Events lag the audio by this much.
LATENCY_MS = 150


def dialplan(folder):
    with open(os.path.join(folder, "greeting.ulaw"), "wb") as f:
        f.write(encoded(silence(300) + voice(3000, "greeting")))
    return DIALPLAN.replace("GREETING", os.path.join(folder, "greeting"))


def call(b, extension, *said, event="End", hangup=False):
    """Places the call. Returns the caller, and the variables that its dialplan reports."""
    phone = b.caller(f"who-{extension}", ("pause", 200), *(("audio", encoded(samples)) for samples in said),
                   *[("hangup",)] * hangup)
    caller.run([phone], 20)
    return phone, b.user_event(phone, event)


def machine_events(b, phone):
    """The names of the machine events in order, with + after those with a beep."""
    finished(b, phone)
    reported = [e for e in b.pbx.manager.events if (e.get("Event"), e.get("CallerIDNum")) == ("EarwigMachine", phone.name)]
    return [e["MachineEvent"] + "+" * (e["Beep"] == "true") for e in reported]


def finished(b, phone):
    return b.event(phone, "EarwigMachine", MachineEvent="finished")


def near(found, wanted, within):
    assert abs(int(found) - wanted) <= within, f"{found} is not {wanted} +-{within}"


@test
def a_short_word_and_silence_is_a_human(b):
    phone, event = call(b, "defaults", voice(450, "hello"))
    equal([event[k] for k in ("Result", "Beep", "Ended", "Cause", "Confidence", "Error")],
          ["human", "false", event["Cause"], event["Cause"], "1.00", ""])
    equal(event["Small"], f"human/false/{event['Ms']}")
    kind, silent, asked = event["Cause"].split("-")
    equal((kind, asked), ("HUMAN", "1000"))
    near(silent, 1000, 60)
    near(event["Onset"], 220, 150)
    near(event["Ms"], int(event["Onset"]) + 450 + 1000 + LATENCY_MS, 120)
    equal(machine_events(b, phone), ["HUMAN", "finished"])
    reported = finished(b, phone)
    equal([reported[k] for k in ("Result", "Cause", "DetectMs", "OnsetMs", "Confidence", "Uniqueid")],
          ["human", event["Cause"], event["Ms"], event["Onset"], "1.00", event["Unique"]])


@test
def ongoing_voice_is_a_machine(b):
    phone, event = call(b, "defaults", voice(4000, "greeting"))
    equal((event["Result"], event["Beep"]), ("machine", "false"))
    assert event["Cause"].startswith("LONGGREETING-1") and event["Cause"].endswith("-1250"), event
    equal(machine_events(b, phone), ["MACHINE", "finished"])


@test
def six_words_are_a_machine(b):
    phone, event = call(b, "defaults", words(8, "words"))
    equal((event["Result"], event["Cause"]), ("machine", "MAXWORDS-6-6"))
    equal(machine_events(b, phone), ["MACHINE", "finished"])


@test
def a_beep_is_a_machine(b):
    phone, event = call(b, "defaults", BEEP)
    equal((event["Result"], event["Beep"]), ("machine", "true"))
    kind, hz, ms = event["Cause"].split("-")
    equal(kind, "BEEP")
    near(hz, 1000, 10)
    near(ms, 400, 40)
    equal(machine_events(b, phone), ["MACHINE+", "READY+", "finished+"])


@test
def an_answering_fax_is_a_fax(b):
    phone, event = call(b, "defaults", tones(3000, 2100))
    equal((event["Result"], event["Beep"]), ("fax", "false"))
    assert event["Cause"].startswith("CED-"), event
    equal(machine_events(b, phone), ["CED", "finished"])


@test
def a_calling_fax_is_a_fax_if_the_option_asks_for_it(b):
    phone, event = call(b, "cng", cadence(2, 500, 3000, 1100))
    equal(event["Result"], "fax")
    assert event["Cause"].startswith("CNG-"), event
    equal(machine_events(b, phone), ["CNG", "finished"])


@test
def a_fax_that_answers_late_is_a_fax_if_the_option_waits_for_it(b):
    said = silence(2200) + tones(3000, 2100)
    equal(call(b, "silent", said)[1]["Result"], "unknown")
    phone, event = call(b, "late-fax", said)
    equal((event["Result"], event["Cause"].split("-")[0]), ("fax", "CED"))
    equal(machine_events(b, phone), ["CED", "finished"])


@test
def silence_is_unknown(b):
    phone, event = call(b, "silent")
    equal((event["Result"], event["Onset"]), ("unknown", "-1"))
    kind, silent, asked = event["Cause"].split("-")
    equal((kind, asked), ("INITIALSILENCE", "1500"))
    equal((event["Ms"], silent), ("1500", "1500"))
    equal(machine_events(b, phone), ["UNKNOWN", "finished"])


@test
def a_timeout_is_unknown(b):
    phone, event = call(b, "long")
    equal(event["Result"], "unknown")
    equal((event["Cause"], event["Ms"]), ("TOOLONG-1000-1000", "1000"))


@test
def the_beep_ends_a_greeting_if_the_option_asks_for_its_end(b):
    phone, event = call(b, "end", voice(2500, "greeting") + silence(400) + BEEP)
    equal((event["Result"], event["Beep"]), ("machine", "true"))
    assert event["Cause"].startswith("LONGGREETING"), event
    equal(machine_events(b, phone), ["MACHINE", "NOT_READY", "MACHINE+", "READY+", "finished+"])
    assert int(event["Ms"]) > 3100, event


@test
def silence_ends_a_greeting_without_a_beep(b):
    phone, event = call(b, "end", voice(2500, "greeting"))
    equal((event["Result"], event["Beep"]), ("machine", "false"))
    equal(machine_events(b, phone), ["MACHINE", "NOT_READY", "READY", "finished"])


@test
def a_machine_that_talks_again_is_not_ready(b):
    phone, event = call(b, "interrupted", voice(2000, "one") + silence(1400) + voice(1000, "two") + silence(1400) + BEEP)
    equal(event["Result"], "machine")
    equal(machine_events(b, phone), ["MACHINE", "NOT_READY", "READY", "NOT_READY", "READY", "MACHINE+", "READY+", "finished+"])


@test
def a_busy_tone_is_reported_and_the_result_is_unknown(b):
    phone, event = call(b, "busy", cadence(5, 500, 500, 480, 620))
    equal(event["Result"], "unknown")
    assert event["Cause"].startswith("BUSY"), event
    reported = machine_events(b, phone)
    assert reported[0] == "BUSY" and reported[-2:] == ["UNKNOWN", "finished"], reported


@test
def a_special_information_tone_is_reported(b):
    phone, event = call(b, "defaults", tones(330, 950) + tones(330, 1400) + tones(330, 1800) + silence(500) + voice(2500, "sorry"))
    equal(event["Result"], "machine")
    equal(machine_events(b, phone), ["SIT", "MACHINE", "finished"])


@test
def options_may_be_nested_json(b):
    phone, event = call(b, "json", words(6, "json", pause=250))
    equal((event["Result"], event["Cause"]), ("machine", "MAXWORDS-3-3"))


@test
def the_fax_detector_alone_hears_no_voice(b):
    phone, event = call(b, "fax", voice(2000, "fax"))
    equal(event["Result"], "unknown")
    assert event["Cause"].startswith("TOOLONG"), event


@test
def the_adaptive_strategy_has_a_confidence(b):
    phone, event = call(b, "adaptive", voice(5000, "adaptive"))
    equal(event["Result"], "machine")
    kind, of, per_cent = event["Cause"].split("-")
    equal((kind, of), ("ADAPTIVE", "MACHINE"))
    near(per_cent, round(100 * float(event["Confidence"])), 1)


@test
def what_answered_has_a_kind_of_its_own(b):
    phone, event = call(b, "defaults", voice(450, "hello"))
    equal(event["Kind"], "person/1.00")
    phone, event = call(b, "end", voice(2500, "greeting") + silence(400) + BEEP)
    equal(event["Kind"], "voicemail/0.95")
    equal([finished(b, phone)[key] for key in ("Kind", "KindConfidence")], ["voicemail", "0.95"])


@test
def max_ms_limits_the_time_to_the_verdict(b):
    phone, event = call(b, "max-ms", voice(5000, "adaptive"))
    reported = [e for e in b.pbx.manager.events
                if (e.get("Event"), e.get("CallerIDNum")) == ("EarwigMachine", phone.name) and e["MachineEvent"] in ("HUMAN", "MACHINE")]
    assert int(reported[0]["AtMs"]) <= int(event["Onset"]) + 600, reported[0]


@test
def after_machine_goes_on_until_its_timeout(b):
    phone, event = call(b, "after-machine", voice(5000, "adaptive"))
    equal((event["Result"], event["Ms"]), ("machine", "6000"))


@test
def an_unanswered_channel_is_answered_for_a_detection(b):
    equal(call(b, "unanswered", voice(450, "hello"))[1]["Result"], "human")


@test
def a_call_of_any_rate_is_detected(b):
    codecs = "slin", "slin16", "slin48"
    for codec in codecs:
        b.pbx.manager.send(Action="Originate", Channel="Local/greeting@who-plays/n", Context="who", Exten="defaults", Priority=1,
                           CallerID=f"<who{codec}>", Codecs=codec, Async="true")
    for codec in codecs:
        event = b.pbx.manager.find(10, Event="UserEvent", UserEvent="End", Caller=f"who{codec}")
        equal((codec, event and event["Result"]), (codec, "machine"))


@test
def a_called_party_is_detected_as_it_answers(b):
    caller.run([b.caller("who-dial")], 20)
    event = b.pbx.manager.find(5, Event="UserEvent", UserEvent="Called")
    equal((event["Result"], event["Cause"].split("-")[0]), ("machine", "LONGGREETING"))


@test
def a_call_can_run_two_jobs_in_turn(b):
    said = silence(200) + voice(450, "hello") + silence(1400) + voice(3000, "greeting")
    phone, event = call(b, "twice", said)
    equal((b.user_event(phone, "First")["Result"], event["Result"]), ("human", "machine"))


@test
def a_detection_in_the_background_sets_its_variables_by_itself(b):
    phone, event = call(b, "background", voice(450, "hello"))
    runs = b.user_event(phone, "Runs")
    equal([runs[k] for k in ("Result", "Beep", "Cause", "Ended", "Error")], ["detecting", "false", "NONE", "NONE", ""])
    busy = b.user_event(phone, "Busy")
    equal((busy["Result"], busy["Ended"]), ("error", "ERROR"))
    assert busy["Error"], busy
    equal((event["Result"], event["Small"]), ("human", f"human/false/{event['Ms']}"))
    # EARWIG_CAUSE stays that of the last application.
    equal((event["Cause"].split("-")[0], event["Ended"]), ("HUMAN", "ERROR"))
    near(event["Ms"], int(event["Onset"]) + 450 + 1000 + LATENCY_MS, 120)


@test
def a_stop_ends_a_detection(b):
    phone, event = call(b, "stop", voice(300, "hello"))
    equal((event["Result"], event["Ended"]), ("unknown", event["Cause"]))
    kind, ms = event["Cause"].split("-")
    equal(kind, "STOPPED")
    near(ms, 800, 150)
    again = b.user_event(phone, "Again")
    equal((again["Result"], again["Cause"]), (event["Result"], event["Cause"]))
    equal(machine_events(b, phone), ["UNKNOWN", "finished"])


@test
def a_wait_ends_by_its_time_or_with_the_detection(b):
    phone, event = call(b, "wait", voice(450, "hello"))
    runs = b.user_event(phone, "Runs")
    equal((runs["Result"], runs["Ended"]), ("detecting", "TIMEOUT"))
    equal((event["Result"], event["Ended"]), ("human", event["Cause"]))


@test
def without_a_detection_there_is_nothing_to_wait_for(b):
    phone, event = call(b, "nothing")
    stopped, waited = b.user_event(phone, "Stopped"), b.user_event(phone, "Waited")
    equal([stopped[k] for k in ("Result", "Ended", "Error")], ["unknown", "NONE", ""])
    equal(waited["Ended"], "ERROR")
    assert "seconds" in waited["Error"], waited
    equal([event[k] for k in ("Result", "Ended", "Error")], ["error", "ERROR", "no detection has been started"])


@test
def a_hang_up_ends_a_detection(b):
    phone, event = call(b, "defaults", voice(300, "hello"), event="Over", hangup=True)
    equal(event["Result"], "unknown")
    assert event["Cause"].startswith("HANGUP-") and event["Ended"] == event["Cause"], event
    equal(machine_events(b, phone), ["UNKNOWN", "finished"])
    equal(finished(b, phone)["Cause"], event["Cause"])


@test
def a_hang_up_ends_a_detection_in_the_background(b):
    phone, event = call(b, "idle", voice(300, "hello"), event="Over", hangup=True)
    equal(event["Result"], "detecting")
    equal((finished(b, phone)["Result"], finished(b, phone)["Cause"].split("-")[0]), ("unknown", "HANGUP"))
    phone, event = call(b, "in-h", voice(300, "hello"), event="Over", hangup=True)
    equal((event["Result"], event["Cause"].split("-")[0]), ("unknown", "HANGUP"))


@test
def invalid_options_are_refused_and_the_call_goes_on(b):
    calls = {b.caller(f"who-{name}"): part for name, part in (
        ("bad-words", "machine_words_threshold"), ("bad-detector", "dog"), ("bad-time", "soon"), ("bad-key", "detecters"),
        ("bad-url", "status_url"), ("bad-sensitivity", "sensitivity is 101: it must be 0 to 100"))}
    caller.run(list(calls), 15)
    for phone, part in calls.items():
        event = b.user_event(phone)
        equal((event["Result"], event["Ended"], event["Beep"]), ("error", "ERROR", "false"))
        reported = finished(b, phone)
        equal(reported["Result"], "error")
        # In a UserEvent a comma ends a field.
        assert part in reported["Error"] and reported["Error"].startswith(event["Error"]) and event["Error"], (reported, event)


@test
def a_redirection_stops_a_foreground_detection(b):
    phone = b.caller("who-defaults", ("pause", 200))
    with caller.calling([phone], 20):
        name = b.channel(phone)
        time.sleep(1)
        b.pbx.cli(f"channel redirect {name} who,nothing,1")
        reported = finished(b, phone)
    equal((reported["Result"], reported["Cause"].split("-")[0]), ("unknown", "STOPPED"))


@test
def a_bridge_does_not_end_a_background_detection(b):
    pair = [b.caller("who-idle", ("pause", 1000), ("audio", encoded(voice(450, "hello"))), ("pause", 2000), ("hangup",)),
            b.caller("who-idle", ("pause", 1000), ("audio", encoded(voice(2500, "greeting"))), ("hangup",))]
    with caller.calling(pair, 20):
        names = [b.channel(phone) for phone in pair]
        time.sleep(0.5)
        b.pbx.manager.send(Action="Bridge", Channel1=names[0], Channel2=names[1])
        assert b.pbx.manager.find(5, Event="BridgeEnter", Channel=names[0]), "no bridge"
    equal([finished(b, phone)["Result"] for phone in pair], ["human", "machine"])


@test
def events_are_posted_to_the_status_url(b):
    began = time.time()
    with collecting_posts() as (port, posts):
        b.pbx.cli(f"dialplan set global POSTS {port}")
        phone, event = call(b, "posts", voice(2500, "greeting") + silence(400) + BEEP)
        wait_for_posts(posts, 5)
    assert_voicemail_posts(posts, began, "asterisk:" + event["Name"], {"call_id": event["Unique"], "segment_id": event["Linked"]})
    assert "the secret" not in b.pbx.output()


@test
def a_dead_status_url_does_not_hold_up_the_call(b):
    phone, event = call(b, "dead", voice(450, "hello"))
    equal(event["Result"], "human")
    near(event["Ms"], int(event["Onset"]) + 450 + 1000 + LATENCY_MS, 120)


@test
def twenty_calls_at_once_get_their_own_results(b):
    kinds = (("human", voice(450, "hello")), ("machine", voice(3000, "greeting")), ("fax", tones(3000, 2100)),
             ("machine", BEEP), ("unknown", silence(100)))
    calls = {b.caller("who-silent", ("pause", 200), ("audio", encoded(kinds[i % 5][1]))): kinds[i % 5][0] for i in range(20)}
    caller.run(list(calls), 30)
    equal([b.user_event(phone)["Result"] for phone in calls], list(calls.values()))
