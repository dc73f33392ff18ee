"""Calls that somebody answers, and who that was. In the tests the one who answers is the caller."""

import time

import caller
from harness import answered, equal, near, saw, test
from caller import PCMA, PCMU, l16, silence
from http_sink import are_of_a_voicemail, await_posts, listening
from switch import extension
from signals import cadence, tones, voice, words

# Name of the extension: options of earwig_detect_machine.
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
    "provisional": "strategy=adaptive,provisional=true",
    "busy": "initial_timeout=2.5",
    "bad-words": "machine_words_threshold=0",
    "bad-detector": "detectors=amd,dog",
    "bad-time": "initial_timeout=soon",
    "bad-key": "detecters=amd",
    "bad-url": "status_url=ftp://127.0.0.1/",
}

BEEP = tones(400, 1000)

# What is heard is told so much later, in ms.
LATE = 150


def dialplan(folder):
    detect = "earwig_detect_machine"
    return "".join(answered(f"who-{name}", f"{detect} {options}".strip()) for name, options in DETECT.items()) + "".join((
        extension("who-unanswered", detect, saw("saw"), "hangup"),
        answered("who-twice", detect, saw("first"), detect),
        answered("who-behind", f"{detect} wait=false", saw("runs"), f"{detect} wait=false", saw("busy"), "sleep 2500"),
        answered("who-stop", f"{detect} wait=false", "sleep 800", f"{detect}_stop", saw("stopped"), f"{detect}_stop"),
        answered("who-wait", f"{detect} wait=false", f"{detect}_wait 0.3", saw("runs"), f"{detect}_wait"),
        answered("who-nothing", f"{detect}_stop", saw("stopped"), "earwig_listen", f"{detect}_wait soon", saw("waited"),
                 f"{detect}_wait"),
        extension("who-idle", "answer", f"{detect} wait=false", "park"),
        answered("who-posts", "set earwig_project_id=the project", "set earwig_space_id=the space",
                 "set earwig_control_id=the control", "set earwig_status_secret=the secret",
                 f"{detect} detect_message_end=true,status_url=http://127.0.0.1:${{global_getvar(posts)}}/detect"),
        answered("who-dead", f"{detect} status_url=http://127.0.0.1:1/detect"),
        # On the leg that is called, before and after its answer.
        extension("who-early", "set earwig_early_media=true", "pre_answer", f"{detect} timeout=3", saw("saw"), "hangup"),
    ))


def call(b, extension, *said, at="saw", hangup=False, codec=PCMU):
    """The call, and what its dialplan saw."""
    one = b.caller(f"who-{extension}", ("pause", 200), *(("audio", codec.encode(samples)) for samples in said),
                   *[("hangup",)] * hangup, codec=codec)
    caller.run([one], 20)
    return one, b.over(one.name) if hangup else b.saw(one.name, at)


def finished(b, name):
    found = b.told(name, "machine", 5, Earwig_Machine_Event="finished")
    assert found, f"no finished of {name}"
    return found


def story(b, name):
    """What was told, in order: names of events, each with + if it had a beep."""
    finished(b, name)
    return [e["Earwig-Machine-Event"] + "+" * (e.get("Earwig-Beep") == "true") for e in b.all_told(name, "machine")]


@test
def a_short_word_and_silence_is_a_human(b):
    one, seen = call(b, "defaults", voice(450, "hello"))
    equal((seen.detect_result, seen.detect_machine_beep, seen.earwig_cause, seen.earwig_confidence, seen.earwig_error),
          ("human", "false", seen.detect_cause, "1.00", ""))
    kind, silent, asked = seen.detect_cause.split("-")
    equal((kind, asked), ("HUMAN", "1000"))
    near(silent, 1000, 60)
    near(seen.earwig_onset_ms, 220, 150)
    near(seen.detect_ms, int(seen.earwig_onset_ms) + 450 + 1000 + LATE, 120)
    equal(story(b, one.name), ["HUMAN", "finished"])
    told = finished(b, one.name)
    equal([told[k] for k in ("Earwig-Result", "Earwig-Cause", "Earwig-Detect-Ms", "Earwig-Onset-Ms", "Earwig-Confidence", "Unique-ID")],
          ["human", seen.detect_cause, seen.detect_ms, seen.earwig_onset_ms, "1.00", seen["Unique-ID"]])


@test
def ongoing_voice_is_a_machine(b):
    one, seen = call(b, "defaults", voice(4000, "greeting"))
    equal((seen.detect_result, seen.detect_machine_beep), ("machine", "false"))
    assert seen.detect_cause.startswith("LONGGREETING-1") and seen.detect_cause.endswith("-1250"), seen.detect_cause
    equal(story(b, one.name), ["MACHINE", "finished"])


@test
def six_words_are_a_machine(b):
    one, seen = call(b, "defaults", words(8, "words"))
    equal((seen.detect_result, seen.detect_cause), ("machine", "MAXWORDS-6-6"))
    equal(story(b, one.name), ["MACHINE", "finished"])


@test
def a_beep_is_a_machine(b):
    one, seen = call(b, "defaults", BEEP)
    equal((seen.detect_result, seen.detect_machine_beep), ("machine", "true"))
    kind, hz, ms = seen.detect_cause.split("-")
    equal(kind, "BEEP")
    near(hz, 1000, 10)
    near(ms, 400, 40)
    equal(story(b, one.name), ["MACHINE+", "READY+", "finished+"])


@test
def a_fax_that_answers_is_a_fax(b):
    one, seen = call(b, "defaults", tones(3000, 2100))
    equal((seen.detect_result, seen.detect_machine_beep), ("fax", "false"))
    assert seen.detect_cause.startswith("CED-"), seen.detect_cause
    equal(story(b, one.name), ["CED", "finished"])


@test
def a_fax_that_calls_is_a_fax_if_that_is_asked_for(b):
    one, seen = call(b, "cng", cadence(2, 500, 3000, 1100))
    equal(seen.detect_result, "fax")
    assert seen.detect_cause.startswith("CNG-"), seen.detect_cause
    equal(story(b, one.name), ["CNG", "finished"])


@test
def silence_is_unknown(b):
    one, seen = call(b, "silent")
    equal((seen.detect_result, seen.earwig_onset_ms), ("unknown", "-1"))
    kind, silent, asked = seen.detect_cause.split("-")
    equal((kind, asked), ("INITIALSILENCE", "1500"))
    near(seen.detect_ms, 1500 + LATE, 120)
    equal(story(b, one.name), ["UNKNOWN", "finished"])


@test
def the_timeout_is_unknown(b):
    one, seen = call(b, "long")
    equal(seen.detect_result, "unknown")
    assert seen.detect_cause.startswith("TOOLONG-10") and seen.detect_cause.endswith("-1000"), seen.detect_cause


@test
def the_beep_ends_a_greeting_if_its_end_is_asked_for(b):
    one, seen = call(b, "end", voice(2500, "greeting") + silence(400) + BEEP)
    equal((seen.detect_result, seen.detect_machine_beep), ("machine", "true"))
    assert seen.detect_cause.startswith("LONGGREETING"), seen.detect_cause
    equal(story(b, one.name), ["MACHINE", "MACHINE+", "READY+", "finished+"])
    assert int(seen.detect_ms) > 3100, seen.detect_ms


@test
def silence_ends_a_greeting_without_a_beep(b):
    one, seen = call(b, "end", voice(2500, "greeting"))
    equal((seen.detect_result, seen.detect_machine_beep), ("machine", "false"))
    equal(story(b, one.name), ["MACHINE", "READY", "finished"])


@test
def a_machine_that_talks_again_is_not_ready(b):
    one, seen = call(b, "interrupted", voice(2000, "one") + silence(1400) + voice(1000, "two") + silence(1400) + BEEP)
    equal(seen.detect_result, "machine")
    equal(story(b, one.name), ["MACHINE", "READY", "NOT_READY", "READY", "MACHINE+", "READY+", "finished+"])


@test
def a_busy_line_is_told_and_nobody_is_there(b):
    one, seen = call(b, "busy", cadence(5, 500, 500, 480, 620))
    equal(seen.detect_result, "unknown")
    assert seen.detect_cause.startswith("BUSY"), seen.detect_cause
    told = story(b, one.name)
    assert told[0] == "BUSY" and told[-2:] == ["UNKNOWN", "finished"], told


@test
def a_special_information_tone_is_told(b):
    one, seen = call(b, "defaults", tones(330, 950) + tones(330, 1400) + tones(330, 1800) + silence(500) + voice(2500, "sorry"))
    equal(seen.detect_result, "machine")
    equal(story(b, one.name), ["SIT", "MACHINE", "finished"])


@test
def options_may_be_the_seeds_json(b):
    one, seen = call(b, "json", words(6, "json", pause=250))
    equal((seen.detect_result, seen.detect_cause), ("machine", "MAXWORDS-3-3"))


@test
def the_fax_detector_alone_hears_no_voice(b):
    one, seen = call(b, "fax", voice(2000, "fax"))
    equal(seen.detect_result, "unknown")
    assert seen.detect_cause.startswith("TOOLONG"), seen.detect_cause


@test
def the_adaptive_strategy_has_a_confidence(b):
    one, seen = call(b, "adaptive", voice(5000, "adaptive"))
    equal(seen.detect_result, "machine")
    kind, of, per_cent = seen.detect_cause.split("-")
    equal((kind, of), ("ADAPTIVE", "MACHINE"))
    near(per_cent, round(100 * float(seen.earwig_confidence)), 1)


@test
def a_provisional_verdict_is_told_if_that_is_asked_for(b):
    one, seen = call(b, "provisional", voice(5000, "adaptive"))
    told = story(b, one.name)
    assert "PROVISIONAL" in told and told[-1] == "finished", told


@test
def a_channel_that_is_not_up_is_answered_for_a_detection(b):
    equal(call(b, "unanswered", voice(450, "hello"))[1].detect_result, "human")


@test
def early_media_is_listened_to_if_that_is_asked_for(b):
    one = b.caller("who-early", ("pause", 200))
    try:
        caller.run([one], 5)
    except RuntimeError:
        pass  # the call is refused in the end: it was never answered
    seen = b.saw(one.name)
    equal((seen.detect_result, seen.get("Answer-State")), ("unknown", "early"))
    assert seen.detect_cause.startswith(("INITIALSILENCE", "TOOLONG")), seen.detect_cause


@test
def each_codec_and_both_legs_hear_who_answered(b):
    file = b.play(silence(300) + voice(3000, "greeting") + silence(3000))
    for codec in ("PCMU@20i", "PCMU@30i", "PCMA@10i", "G722", "L16@16000h"):
        for way in (b.inbound, b.outbound):
            seen = b.saw(way("who-defaults", file, codec))
            equal((codec, way.__name__, seen.detect_result), (codec, way.__name__, "machine"))
    for codec in (PCMU._replace(ptime=30), PCMA._replace(ptime=10), l16(16000)):
        equal(call(b, "defaults", voice(450, "hello"), codec=codec)[1].detect_result, "human")


@test
def a_loopback_call_is_detected(b):
    file = b.play(silence(300) + voice(3000, "greeting") + silence(3000))
    equal(b.saw(b.outbound("who-defaults", file, "PCMU", "loopback/{}/tests")).detect_result, "machine")


@test
def a_call_can_be_asked_who_it_is_twice(b):
    said = silence(200) + voice(450, "hello") + silence(1400) + voice(3000, "greeting")
    one, seen = call(b, "twice", said)
    equal((b.saw(one.name, "first").detect_result, seen.detect_result), ("human", "machine"))


@test
def a_detection_in_the_background_sets_its_variables_by_itself(b):
    one, seen = call(b, "behind", voice(450, "hello"))
    runs, busy = b.saw(one.name, "runs"), b.saw(one.name, "busy")
    equal((runs.detect_result, runs.detect_machine_beep, runs.detect_cause, runs.earwig_cause, runs.earwig_error),
          ("detecting", "false", "NONE", "NONE", ""))
    equal((busy.detect_result, busy.earwig_cause), ("error", "ERROR"))
    assert busy.earwig_error, busy
    # The cause of the last application is not touched.
    equal((seen.detect_result, seen.detect_cause.split("-")[0], seen.earwig_cause), ("human", "HUMAN", "ERROR"))
    near(seen.detect_ms, int(seen.earwig_onset_ms) + 450 + 1000 + LATE, 120)


@test
def a_stop_ends_a_detection(b):
    one, again = call(b, "stop", voice(300, "hello"))
    seen = b.saw(one.name, "stopped")
    equal((seen.detect_result, seen.earwig_cause), ("unknown", seen.detect_cause))
    kind, ms = seen.detect_cause.split("-")
    equal(kind, "STOPPED")
    near(ms, 800, 150)
    equal((again.detect_result, again.detect_cause), (seen.detect_result, seen.detect_cause))
    equal(story(b, one.name), ["UNKNOWN", "finished"])


@test
def a_wait_ends_by_its_time_or_with_the_detection(b):
    one, seen = call(b, "wait", voice(450, "hello"))
    runs = b.saw(one.name, "runs")
    equal((runs.detect_result, runs.earwig_cause), ("detecting", "TIMEOUT"))
    equal((seen.detect_result, seen.earwig_cause), ("human", seen.detect_cause))


@test
def without_a_detection_there_is_nothing_to_wait_for(b):
    one, seen = call(b, "nothing")
    stopped, waited = b.saw(one.name, "stopped"), b.saw(one.name, "waited")
    equal((stopped.detect_result, stopped.earwig_cause, stopped.earwig_error), ("unknown", "NONE", ""))
    equal(waited.earwig_cause, "ERROR")
    assert "seconds" in waited.earwig_error, waited
    equal((seen.detect_result, seen.earwig_cause, seen.earwig_error), ("unknown", "NONE", ""))


@test
def a_hang_up_ends_a_detection(b):
    for extension in ("defaults", "idle"):
        one, over = call(b, extension, voice(300, "hello"), hangup=True)
        equal((extension, over.detect_result, over.detect_cause.split("-")[0]), (extension, "unknown", "HANGUP"))
        equal(story(b, one.name), ["UNKNOWN", "finished"])
        equal(finished(b, one.name)["Earwig-Cause"], over.detect_cause)


@test
def options_of_detections_that_are_wrong_are_refused(b):
    calls = {b.caller(f"who-{name}"): part for name, part in (
        ("bad-words", "machine_words_threshold"), ("bad-detector", "dog"), ("bad-time", "soon"), ("bad-key", "detecters"),
        ("bad-url", "status_url"))}
    caller.run(list(calls), 15)
    for one, part in calls.items():
        seen = b.saw(one.name)
        equal((seen.detect_result, seen.earwig_cause, seen.detect_machine_beep), ("error", "ERROR", "false"))
        told = finished(b, one.name)
        equal((told["Earwig-Result"], told["Earwig-Error"]), ("error", seen.earwig_error))
        assert part in seen.earwig_error, seen.earwig_error


@test
def a_transfer_stops_a_detection_that_is_waited_for(b):
    one = b.caller("who-defaults", ("pause", 200))
    with caller.calling([one], 20):
        uuid = b.uuid(one.name)
        time.sleep(1)
        b.switch.api(f"uuid_transfer {uuid} who-nothing XML tests")
        told = finished(b, one.name)
    equal((told["Earwig-Result"], told["Earwig-Cause"].split("-")[0]), ("unknown", "STOPPED"))


@test
def a_bridge_does_not_end_a_background_detection(b):
    pair = [b.caller("who-idle", ("pause", 1000), ("audio", PCMU.encode(voice(450, "hello"))), ("pause", 2000), ("hangup",)),
            b.caller("who-idle", ("pause", 1000), ("audio", PCMU.encode(voice(2500, "greeting"))), ("hangup",))]
    with caller.calling(pair, 20):
        uuids = [b.uuid(one.name) for one in pair]
        time.sleep(0.5)
        b.switch.api("uuid_bridge " + " ".join(uuids))
    ended = [b.switch.events.find(5, Event_Subclass="earwig::machine", Earwig_Machine_Event="finished", Unique_ID=uuid) for uuid in uuids]
    equal([e["Earwig-Result"] for e in ended], ["human", "machine"])


@test
def the_status_url_is_told(b):
    began = time.time()
    with listening() as (port, posts):
        b.switch.api(f"global_setvar posts={port}")
        one, seen = call(b, "posts", voice(2500, "greeting") + silence(400) + BEEP)
        await_posts(posts, 4)
    are_of_a_voicemail(posts, began, "freeswitch:" + seen["Channel-Name"], {"call_id": seen["Unique-ID"], "node_id": "tests"})


@test
def a_dead_status_url_does_not_hold_up_the_call(b):
    one, seen = call(b, "dead", voice(450, "hello"))
    equal(seen.detect_result, "human")
    near(seen.detect_ms, int(seen.earwig_onset_ms) + 450 + 1000 + LATE, 120)


@test
def twenty_calls_at_once_are_told_apart(b):
    kinds = (("human", voice(450, "hello")), ("machine", voice(3000, "greeting")), ("fax", tones(3000, 2100)),
             ("machine", BEEP), ("unknown", silence(100)))
    calls = {b.caller("who-silent", ("pause", 200), ("audio", PCMU.encode(kinds[i % 5][1]))): kinds[i % 5][0] for i in range(20)}
    caller.run(list(calls), 30)
    equal([b.saw(one.name).detect_result for one in calls], list(calls.values()))
