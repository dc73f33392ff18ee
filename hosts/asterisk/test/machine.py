"""Calls that somebody answers, and who that was. In the tests the one who answers is the caller."""

import os
import time

import caller
from harness import equal, test
from caller import encoded, silence
from http_sink import are_of_a_voicemail, await_posts, listening
from signals import cadence, tones, voice, words

# Name of the extension: options of EarwigDetectMachine.
DETECT = {
    "defaults": "",
    "silent": "initial_timeout=1.5",
    "long": "timeout=1,initial_timeout=3",
    "cng": "tone=CED,CNG",
    "end": "detect_message_end=true",
    "interrupted": "detect_message_end=true,detect_interruptions=true",
    "json": '{"detect_machine":{"detectors":"amd","machine_words_threshold":3,"end_silence_timeout":0.5}}',
    "fax": "detectors=fax,timeout=2.5",
    "adaptive": "strategy=adaptive",
    "busy": "initial_timeout=2.5",
    "bad-words": "machine_words_threshold=0",
    "bad-detector": "detectors=amd,dog",
    "bad-time": "initial_timeout=soon",
    "bad-key": "detecters=amd",
    "bad-url": "status_url=ftp://127.0.0.1/",
}

SAW = ("Caller: ${CALLERID(num)},Result: ${DETECT_RESULT},Small: ${detect_result}/${detect_machine_beep}/${detect_ms},"
       "Beep: ${DETECT_MACHINE_BEEP},Ms: ${DETECT_MS},Cause: ${DETECT_CAUSE},Ended: ${EARWIG_CAUSE},"
       "Confidence: ${EARWIG_CONFIDENCE},Onset: ${EARWIG_ONSET_MS},Error: ${EARWIG_ERROR},Unique: ${UNIQUEID},"
       "Linked: ${CHANNEL(linkedid)},Name: ${CHANNEL(name)}")

DIALPLAN = """
[tests]
exten => _who-.,1,Goto(who,${EXTEN:4},1)

[who]
""" + "".join(f"""
exten => {name},1,Answer()
 same => n,EarwigDetectMachine({options})
 same => n,UserEvent(Saw,{SAW})
 same => n,Hangup()
""" for name, options in DETECT.items()) + """
exten => unanswered,1,EarwigDetectMachine()
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => twice,1,Answer()
 same => n,EarwigDetectMachine()
 same => n,UserEvent(First,SAW)
 same => n,EarwigDetectMachine()
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => behind,1,Answer()
 same => n,EarwigDetectMachine(wait=false)
 same => n,UserEvent(Runs,SAW)
 same => n,EarwigDetectMachine(wait=false)
 same => n,UserEvent(Busy,SAW)
 same => n,Wait(2.5)
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => stop,1,Answer()
 same => n,EarwigDetectMachine(wait=false)
 same => n,Wait(0.8)
 same => n,EarwigDetectMachineStop()
 same => n,UserEvent(Saw,SAW)
 same => n,EarwigDetectMachineStop()
 same => n,UserEvent(Again,SAW)
 same => n,Hangup()
exten => wait,1,Answer()
 same => n,EarwigDetectMachine(wait=false)
 same => n,EarwigDetectMachineWait(0.3)
 same => n,UserEvent(Runs,SAW)
 same => n,EarwigDetectMachineWait()
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => nothing,1,Answer()
 same => n,EarwigDetectMachineStop()
 same => n,UserEvent(Stopped,SAW)
 same => n,EarwigListen()
 same => n,EarwigDetectMachineWait(soon)
 same => n,UserEvent(Waited,SAW)
 same => n,EarwigDetectMachineWait()
 same => n,UserEvent(Saw,SAW)
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
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => dead,1,Answer()
 same => n,EarwigDetectMachine(status_url=http://127.0.0.1:1/detect)
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => dial,1,Answer()
 same => n,Dial(Local/greeting@who-plays/n,20,U(who-answered))
exten => in-h,1,Goto(who-in-h,s,1)
exten => h,1,UserEvent(Over,SAW)

[who-in-h]
exten => s,1,Answer()
 same => n,EarwigDetectMachine(wait=false)
 same => n,Wait(60)
exten => h,1,EarwigDetectMachineStop()
 same => n,UserEvent(Over,SAW)

[who-answered]
exten => s,1,EarwigDetectMachine()
 same => n,UserEvent(Called,SAW)
 same => n,Set(GOSUB_RESULT=ABORT)
 same => n,Return()

[who-plays]
exten => greeting,1,Answer()
 same => n,Playback(GREETING)
 same => n,Wait(20)
""".replace("SAW", SAW)

BEEP = tones(400, 1000)

# What is heard is told so much later, in ms.
LATE = 150


def dialplan(folder):
    with open(os.path.join(folder, "greeting.ulaw"), "wb") as f:
        f.write(encoded(silence(300) + voice(3000, "greeting")))
    return DIALPLAN.replace("GREETING", os.path.join(folder, "greeting"))


def call(b, extension, *said, event="Saw", hangup=False):
    """The call, and what its dialplan saw."""
    one = b.caller(f"who-{extension}", ("pause", 200), *(("audio", encoded(samples)) for samples in said),
                   *[("hangup",)] * hangup)
    caller.run([one], 20)
    return one, b.saw(one, event)


def story(b, one):
    """What the manager was told, in order: names of events, each with + if it had a beep."""
    finished(b, one)
    told = [e for e in b.pbx.manager.events if (e.get("Event"), e.get("CallerIDNum")) == ("EarwigMachine", one.name)]
    return [e["MachineEvent"] + "+" * (e["Beep"] == "true") for e in told]


def finished(b, one):
    return b.told(one, "EarwigMachine", MachineEvent="finished")


def near(found, wanted, within):
    assert abs(int(found) - wanted) <= within, f"{found} is not {wanted} +-{within}"


@test
def a_short_word_and_silence_is_a_human(b):
    one, event = call(b, "defaults", voice(450, "hello"))
    equal([event[k] for k in ("Result", "Beep", "Ended", "Cause", "Confidence", "Error")],
          ["human", "false", event["Cause"], event["Cause"], "1.00", ""])
    equal(event["Small"], f"human/false/{event['Ms']}")
    kind, silent, asked = event["Cause"].split("-")
    equal((kind, asked), ("HUMAN", "1000"))
    near(silent, 1000, 60)
    near(event["Onset"], 220, 150)
    near(event["Ms"], int(event["Onset"]) + 450 + 1000 + LATE, 120)
    equal(story(b, one), ["HUMAN", "finished"])
    told = finished(b, one)
    equal([told[k] for k in ("Result", "Cause", "DetectMs", "OnsetMs", "Confidence", "Uniqueid")],
          ["human", event["Cause"], event["Ms"], event["Onset"], "1.00", event["Unique"]])


@test
def ongoing_voice_is_a_machine(b):
    one, event = call(b, "defaults", voice(4000, "greeting"))
    equal((event["Result"], event["Beep"]), ("machine", "false"))
    assert event["Cause"].startswith("LONGGREETING-1") and event["Cause"].endswith("-1250"), event
    equal(story(b, one), ["MACHINE", "finished"])


@test
def six_words_are_a_machine(b):
    one, event = call(b, "defaults", words(8, "words"))
    equal((event["Result"], event["Cause"]), ("machine", "MAXWORDS-6-6"))
    equal(story(b, one), ["MACHINE", "finished"])


@test
def a_beep_is_a_machine(b):
    one, event = call(b, "defaults", BEEP)
    equal((event["Result"], event["Beep"]), ("machine", "true"))
    kind, hz, ms = event["Cause"].split("-")
    equal(kind, "BEEP")
    near(hz, 1000, 10)
    near(ms, 400, 40)
    equal(story(b, one), ["MACHINE+", "READY+", "finished+"])


@test
def a_fax_that_answers_is_a_fax(b):
    one, event = call(b, "defaults", tones(3000, 2100))
    equal((event["Result"], event["Beep"]), ("fax", "false"))
    assert event["Cause"].startswith("CED-"), event
    equal(story(b, one), ["CED", "finished"])


@test
def a_fax_that_calls_is_a_fax_if_that_is_asked_for(b):
    one, event = call(b, "cng", cadence(2, 500, 3000, 1100))
    equal(event["Result"], "fax")
    assert event["Cause"].startswith("CNG-"), event
    equal(story(b, one), ["CNG", "finished"])


@test
def silence_is_unknown(b):
    one, event = call(b, "silent")
    equal((event["Result"], event["Onset"]), ("unknown", "-1"))
    kind, silent, asked = event["Cause"].split("-")
    equal((kind, asked), ("INITIALSILENCE", "1500"))
    near(event["Ms"], 1500 + LATE, 120)
    equal(story(b, one), ["UNKNOWN", "finished"])


@test
def the_timeout_is_unknown(b):
    one, event = call(b, "long")
    equal(event["Result"], "unknown")
    assert event["Cause"].startswith("TOOLONG-10") and event["Cause"].endswith("-1000"), event


@test
def the_beep_ends_a_greeting_if_its_end_is_asked_for(b):
    one, event = call(b, "end", voice(2500, "greeting") + silence(400) + BEEP)
    equal((event["Result"], event["Beep"]), ("machine", "true"))
    assert event["Cause"].startswith("LONGGREETING"), event
    equal(story(b, one), ["MACHINE", "MACHINE+", "READY+", "finished+"])
    assert int(event["Ms"]) > 3100, event


@test
def silence_ends_a_greeting_without_a_beep(b):
    one, event = call(b, "end", voice(2500, "greeting"))
    equal((event["Result"], event["Beep"]), ("machine", "false"))
    equal(story(b, one), ["MACHINE", "READY", "finished"])


@test
def a_machine_that_talks_again_is_not_ready(b):
    one, event = call(b, "interrupted", voice(2000, "one") + silence(1400) + voice(1000, "two") + silence(1400) + BEEP)
    equal(event["Result"], "machine")
    equal(story(b, one), ["MACHINE", "READY", "NOT_READY", "READY", "MACHINE+", "READY+", "finished+"])


@test
def a_busy_line_is_told_and_nobody_is_there(b):
    one, event = call(b, "busy", cadence(5, 500, 500, 480, 620))
    equal(event["Result"], "unknown")
    assert event["Cause"].startswith("BUSY"), event
    told = story(b, one)
    assert told[0] == "BUSY" and told[-2:] == ["UNKNOWN", "finished"], told


@test
def a_special_information_tone_is_told(b):
    one, event = call(b, "defaults", tones(330, 950) + tones(330, 1400) + tones(330, 1800) + silence(500) + voice(2500, "sorry"))
    equal(event["Result"], "machine")
    equal(story(b, one), ["SIT", "MACHINE", "finished"])


@test
def options_may_be_the_seeds_json(b):
    one, event = call(b, "json", words(6, "json", pause=250))
    equal((event["Result"], event["Cause"]), ("machine", "MAXWORDS-3-3"))


@test
def the_fax_detector_alone_hears_no_voice(b):
    one, event = call(b, "fax", voice(2000, "fax"))
    equal(event["Result"], "unknown")
    assert event["Cause"].startswith("TOOLONG"), event


@test
def the_adaptive_strategy_has_a_confidence(b):
    one, event = call(b, "adaptive", voice(5000, "adaptive"))
    equal(event["Result"], "machine")
    kind, of, per_cent = event["Cause"].split("-")
    equal((kind, of), ("ADAPTIVE", "MACHINE"))
    near(per_cent, round(100 * float(event["Confidence"])), 1)


@test
def a_channel_that_is_not_up_is_answered_for_a_detection(b):
    equal(call(b, "unanswered", voice(450, "hello"))[1]["Result"], "human")


@test
def a_call_of_any_rate_is_detected(b):
    codecs = "slin", "slin16", "slin48"
    for codec in codecs:
        b.pbx.manager.send(Action="Originate", Channel="Local/greeting@who-plays/n", Context="who", Exten="defaults", Priority=1,
                           CallerID=f"<who{codec}>", Codecs=codec, Async="true")
    for codec in codecs:
        event = b.pbx.manager.find(10, Event="UserEvent", UserEvent="Saw", Caller=f"who{codec}")
        equal((codec, event and event["Result"]), (codec, "machine"))


@test
def a_called_party_is_detected_as_it_answers(b):
    caller.run([b.caller("who-dial")], 20)
    event = b.pbx.manager.find(5, Event="UserEvent", UserEvent="Called")
    equal((event["Result"], event["Cause"].split("-")[0]), ("machine", "LONGGREETING"))


@test
def a_call_can_be_asked_twice(b):
    said = silence(200) + voice(450, "hello") + silence(1400) + voice(3000, "greeting")
    one, event = call(b, "twice", said)
    equal((b.saw(one, "First")["Result"], event["Result"]), ("human", "machine"))


@test
def a_detection_in_the_background_sets_its_variables_by_itself(b):
    one, event = call(b, "behind", voice(450, "hello"))
    runs = b.saw(one, "Runs")
    equal([runs[k] for k in ("Result", "Beep", "Cause", "Ended", "Error")], ["detecting", "false", "NONE", "NONE", ""])
    busy = b.saw(one, "Busy")
    equal((busy["Result"], busy["Ended"]), ("error", "ERROR"))
    assert busy["Error"], busy
    equal((event["Result"], event["Small"]), ("human", f"human/false/{event['Ms']}"))
    # The cause of the last application is not touched.
    equal((event["Cause"].split("-")[0], event["Ended"]), ("HUMAN", "ERROR"))
    near(event["Ms"], int(event["Onset"]) + 450 + 1000 + LATE, 120)


@test
def a_stop_ends_a_detection(b):
    one, event = call(b, "stop", voice(300, "hello"))
    equal((event["Result"], event["Ended"]), ("unknown", event["Cause"]))
    kind, ms = event["Cause"].split("-")
    equal(kind, "STOPPED")
    near(ms, 800, 150)
    again = b.saw(one, "Again")
    equal((again["Result"], again["Cause"]), (event["Result"], event["Cause"]))
    equal(story(b, one), ["UNKNOWN", "finished"])


@test
def a_wait_ends_by_its_time_or_with_the_detection(b):
    one, event = call(b, "wait", voice(450, "hello"))
    runs = b.saw(one, "Runs")
    equal((runs["Result"], runs["Ended"]), ("detecting", "TIMEOUT"))
    equal((event["Result"], event["Ended"]), ("human", event["Cause"]))


@test
def without_a_detection_there_is_nothing_to_wait_for(b):
    one, event = call(b, "nothing")
    stopped, waited = b.saw(one, "Stopped"), b.saw(one, "Waited")
    equal([stopped[k] for k in ("Result", "Ended", "Error")], ["unknown", "NONE", ""])
    equal(waited["Ended"], "ERROR")
    assert "seconds" in waited["Error"], waited
    equal([event[k] for k in ("Result", "Ended", "Error")], ["unknown", "NONE", ""])


@test
def a_hang_up_ends_a_detection(b):
    one, event = call(b, "defaults", voice(300, "hello"), event="Over", hangup=True)
    equal(event["Result"], "unknown")
    assert event["Cause"].startswith("HANGUP-") and event["Ended"] == event["Cause"], event
    equal(story(b, one), ["UNKNOWN", "finished"])
    equal(finished(b, one)["Cause"], event["Cause"])


@test
def a_hang_up_ends_a_detection_in_the_background(b):
    one, event = call(b, "idle", voice(300, "hello"), event="Over", hangup=True)
    equal(event["Result"], "detecting")
    equal((finished(b, one)["Result"], finished(b, one)["Cause"].split("-")[0]), ("unknown", "HANGUP"))
    one, event = call(b, "in-h", voice(300, "hello"), event="Over", hangup=True)
    equal((event["Result"], event["Cause"].split("-")[0]), ("unknown", "HANGUP"))


@test
def options_that_are_wrong_are_refused_and_the_call_goes_on(b):
    calls = {b.caller(f"who-{name}"): part for name, part in (
        ("bad-words", "machine_words_threshold"), ("bad-detector", "dog"), ("bad-time", "soon"), ("bad-key", "detecters"),
        ("bad-url", "status_url"))}
    caller.run(list(calls), 15)
    for one, part in calls.items():
        event = b.saw(one)
        equal((event["Result"], event["Ended"], event["Beep"]), ("error", "ERROR", "false"))
        told = finished(b, one)
        equal(told["Result"], "error")
        # In a UserEvent a comma ends a field.
        assert part in told["Error"] and told["Error"].startswith(event["Error"]) and event["Error"], (told, event)


@test
def a_call_that_is_redirected_stops_its_detection(b):
    one = b.caller("who-defaults", ("pause", 200))
    with caller.calling([one], 20):
        name = b.channel(one)
        time.sleep(1)
        b.pbx.cli(f"channel redirect {name} who,nothing,1")
        told = finished(b, one)
    equal((told["Result"], told["Cause"].split("-")[0]), ("unknown", "STOPPED"))


@test
def a_bridge_does_not_end_a_background_detection(b):
    pair = [b.caller("who-idle", ("pause", 1000), ("audio", encoded(voice(450, "hello"))), ("pause", 2000), ("hangup",)),
            b.caller("who-idle", ("pause", 1000), ("audio", encoded(voice(2500, "greeting"))), ("hangup",))]
    with caller.calling(pair, 20):
        names = [b.channel(one) for one in pair]
        time.sleep(0.5)
        b.pbx.manager.send(Action="Bridge", Channel1=names[0], Channel2=names[1])
        assert b.pbx.manager.find(5, Event="BridgeEnter", Channel=names[0]), "no bridge"
    equal([finished(b, one)["Result"] for one in pair], ["human", "machine"])


@test
def the_status_url_is_told(b):
    began = time.time()
    with listening() as (port, posts):
        b.pbx.cli(f"dialplan set global POSTS {port}")
        one, event = call(b, "posts", voice(2500, "greeting") + silence(400) + BEEP)
        await_posts(posts, 4)
    are_of_a_voicemail(posts, began, "asterisk:" + event["Name"], {"call_id": event["Unique"], "segment_id": event["Linked"]})
    assert "the secret" not in b.pbx.output()


@test
def a_dead_status_url_does_not_hold_up_the_call(b):
    one, event = call(b, "dead", voice(450, "hello"))
    equal(event["Result"], "human")
    near(event["Ms"], int(event["Onset"]) + 450 + 1000 + LATE, 120)


@test
def twenty_calls_at_once_are_told_apart(b):
    kinds = (("human", voice(450, "hello")), ("machine", voice(3000, "greeting")), ("fax", tones(3000, 2100)),
             ("machine", BEEP), ("unknown", silence(100)))
    calls = {b.caller("who-silent", ("pause", 200), ("audio", encoded(kinds[i % 5][1]))): kinds[i % 5][0] for i in range(20)}
    caller.run(list(calls), 30)
    equal([b.saw(one)["Result"] for one in calls], list(calls.values()))
