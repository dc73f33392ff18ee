"""Calls with a detection of who has answered. In these tests the caller plays the answering party."""

import time

import caller
from harness import answered, checkpoint, equal, near, test
from caller import PCMA, PCMU, l16, silence
from cases import DETECT
from http_sink import assert_voicemail_posts, collecting_posts, wait_for_posts
from switch import extension
from signals import cadence, tones, voice, words

BEEP = tones(400, 1000)

# Events lag the audio by this much.
LATENCY_MS = 150


def dialplan(folder):
    detect = "earwig_detect_machine"
    return "".join(answered(f"who-{name}", f"{detect} {options}".strip()) for name, options in DETECT.items()) + "".join((
        extension("who-unanswered", detect, checkpoint("end"), "hangup"),
        answered("who-twice", detect, checkpoint("first"), detect),
        answered("who-background", f"{detect} wait=false", checkpoint("runs"), f"{detect} wait=false", checkpoint("busy"), "sleep 2500"),
        answered("who-stop", f"{detect} wait=false", "sleep 800", f"{detect}_stop", checkpoint("stopped"), f"{detect}_stop"),
        answered("who-wait", f"{detect} wait=false", f"{detect}_wait 0.3", checkpoint("runs"), f"{detect}_wait"),
        answered("who-nothing", f"{detect}_stop", checkpoint("stopped"), "earwig_listen", f"{detect}_wait soon", checkpoint("waited"),
                 f"{detect}_wait"),
        extension("who-idle", "answer", f"{detect} wait=false", "park"),
        answered("who-posts", "set earwig_project_id=the project", "set earwig_space_id=the space",
                 "set earwig_control_id=the control", "set earwig_status_secret=the secret",
                 f"{detect} detect_message_end=true,status_url=http://127.0.0.1:${{global_getvar(posts)}}/detect"),
        answered("who-dead", f"{detect} status_url=http://127.0.0.1:1/detect"),
        # On early media, before the answer.
        extension("who-early", "set earwig_early_media=true", "pre_answer", f"{detect} timeout=3", checkpoint("end"), "hangup"),
    ))


def call(b, extension, *said, at="end", hangup=False, codec=PCMU):
    """Places the call. Returns the caller, and the variables that its dialplan reports."""
    phone = b.caller(f"who-{extension}", ("pause", 200), *(("audio", codec.encode(samples)) for samples in said),
                   *[("hangup",)] * hangup, codec=codec)
    caller.run([phone], 20)
    return phone, b.hangup_complete(phone.name) if hangup else b.checkpoint(phone.name, at)


def finished(b, name):
    found = b.event(name, "machine", 5, Earwig_Machine_Event="finished")
    assert found, f"no finished of {name}"
    return found


def machine_events(b, name):
    """The names of the machine events in order, with + after those with a beep."""
    finished(b, name)
    return [e["Earwig-Machine-Event"] + "+" * (e.get("Earwig-Beep") == "true") for e in b.all_events(name, "machine")]


@test
def a_short_word_and_silence_is_a_human(b):
    phone, channel = call(b, "defaults", voice(450, "hello"))
    equal((channel.detect_result, channel.detect_machine_beep, channel.earwig_cause, channel.earwig_confidence, channel.earwig_error),
          ("human", "false", channel.detect_cause, "1.00", ""))
    kind, silent, asked = channel.detect_cause.split("-")
    equal((kind, asked), ("HUMAN", "1000"))
    near(silent, 1000, 60)
    near(channel.earwig_onset_ms, 220, 150)
    near(channel.detect_ms, int(channel.earwig_onset_ms) + 450 + 1000 + LATENCY_MS, 120)
    equal(machine_events(b, phone.name), ["HUMAN", "finished"])
    reported = finished(b, phone.name)
    equal([reported[k] for k in ("Earwig-Result", "Earwig-Cause", "Earwig-Detect-Ms", "Earwig-Onset-Ms", "Earwig-Confidence", "Unique-ID")],
          ["human", channel.detect_cause, channel.detect_ms, channel.earwig_onset_ms, "1.00", channel["Unique-ID"]])


@test
def ongoing_voice_is_a_machine(b):
    phone, channel = call(b, "defaults", voice(4000, "greeting"))
    equal((channel.detect_result, channel.detect_machine_beep), ("machine", "false"))
    assert channel.detect_cause.startswith("LONGGREETING-1") and channel.detect_cause.endswith("-1250"), channel.detect_cause
    equal(machine_events(b, phone.name), ["MACHINE", "finished"])


@test
def six_words_are_a_machine(b):
    phone, channel = call(b, "defaults", words(8, "words"))
    equal((channel.detect_result, channel.detect_cause), ("machine", "MAXWORDS-6-6"))
    equal(machine_events(b, phone.name), ["MACHINE", "finished"])


@test
def a_beep_is_a_machine(b):
    phone, channel = call(b, "defaults", BEEP)
    equal((channel.detect_result, channel.detect_machine_beep), ("machine", "true"))
    kind, hz, ms = channel.detect_cause.split("-")
    equal(kind, "BEEP")
    near(hz, 1000, 10)
    near(ms, 400, 40)
    equal(machine_events(b, phone.name), ["MACHINE+", "READY+", "finished+"])


@test
def an_answering_fax_is_a_fax(b):
    phone, channel = call(b, "defaults", tones(3000, 2100))
    equal((channel.detect_result, channel.detect_machine_beep), ("fax", "false"))
    assert channel.detect_cause.startswith("CED-"), channel.detect_cause
    equal(machine_events(b, phone.name), ["CED", "finished"])


@test
def a_calling_fax_is_a_fax_if_the_option_asks_for_it(b):
    phone, channel = call(b, "cng", cadence(2, 500, 3000, 1100))
    equal(channel.detect_result, "fax")
    assert channel.detect_cause.startswith("CNG-"), channel.detect_cause
    equal(machine_events(b, phone.name), ["CNG", "finished"])


@test
def a_fax_that_answers_late_is_a_fax_if_the_option_waits_for_it(b):
    said = silence(2200) + tones(3000, 2100)
    equal(call(b, "silent", said)[1].detect_result, "unknown")
    phone, channel = call(b, "late-fax", said)
    equal((channel.detect_result, channel.detect_cause.split("-")[0]), ("fax", "CED"))
    equal(machine_events(b, phone.name), ["CED", "finished"])


@test
def silence_is_unknown(b):
    phone, channel = call(b, "silent")
    equal((channel.detect_result, channel.earwig_onset_ms), ("unknown", "-1"))
    kind, silent, asked = channel.detect_cause.split("-")
    equal((kind, asked), ("INITIALSILENCE", "1500"))
    equal((channel.detect_ms, silent), ("1500", "1500"))
    equal(machine_events(b, phone.name), ["UNKNOWN", "finished"])


@test
def a_timeout_is_unknown(b):
    phone, channel = call(b, "long")
    equal(channel.detect_result, "unknown")
    equal((channel.detect_cause, channel.detect_ms), ("TOOLONG-1000-1000", "1000"))


@test
def the_beep_ends_a_greeting_if_the_option_asks_for_its_end(b):
    phone, channel = call(b, "end", voice(2500, "greeting") + silence(400) + BEEP)
    equal((channel.detect_result, channel.detect_machine_beep), ("machine", "true"))
    assert channel.detect_cause.startswith("LONGGREETING"), channel.detect_cause
    equal(machine_events(b, phone.name), ["MACHINE", "NOT_READY", "MACHINE+", "READY+", "finished+"])
    assert int(channel.detect_ms) > 3100, channel.detect_ms


@test
def silence_ends_a_greeting_without_a_beep(b):
    phone, channel = call(b, "end", voice(2500, "greeting"))
    equal((channel.detect_result, channel.detect_machine_beep), ("machine", "false"))
    equal(machine_events(b, phone.name), ["MACHINE", "NOT_READY", "READY", "finished"])


@test
def a_machine_that_talks_again_is_not_ready(b):
    phone, channel = call(b, "interrupted", voice(2000, "one") + silence(1400) + voice(1000, "two") + silence(1400) + BEEP)
    equal(channel.detect_result, "machine")
    equal(machine_events(b, phone.name), ["MACHINE", "NOT_READY", "READY", "NOT_READY", "READY", "MACHINE+", "READY+", "finished+"])


@test
def a_busy_tone_is_reported_and_the_result_is_unknown(b):
    phone, channel = call(b, "busy", cadence(5, 500, 500, 480, 620))
    equal(channel.detect_result, "unknown")
    assert channel.detect_cause.startswith("BUSY"), channel.detect_cause
    reported = machine_events(b, phone.name)
    assert reported[0] == "BUSY" and reported[-2:] == ["UNKNOWN", "finished"], reported


@test
def a_special_information_tone_is_reported(b):
    phone, channel = call(b, "defaults", tones(330, 950) + tones(330, 1400) + tones(330, 1800) + silence(500) + voice(2500, "sorry"))
    equal(channel.detect_result, "machine")
    equal(machine_events(b, phone.name), ["SIT", "MACHINE", "finished"])


@test
def options_may_be_nested_json(b):
    phone, channel = call(b, "json", words(6, "json", pause=250))
    equal((channel.detect_result, channel.detect_cause), ("machine", "MAXWORDS-3-3"))


@test
def the_fax_detector_alone_hears_no_voice(b):
    phone, channel = call(b, "fax", voice(2000, "fax"))
    equal(channel.detect_result, "unknown")
    assert channel.detect_cause.startswith("TOOLONG"), channel.detect_cause


@test
def the_adaptive_strategy_has_a_confidence(b):
    phone, channel = call(b, "adaptive", voice(5000, "adaptive"))
    equal(channel.detect_result, "machine")
    kind, channel_header, per_cent = channel.detect_cause.split("-")
    equal((kind, channel_header), ("ADAPTIVE", "MACHINE"))
    near(per_cent, round(100 * float(channel.earwig_confidence)), 1)


@test
def a_provisional_result_is_sent_if_the_option_asks_for_it(b):
    phone, channel = call(b, "provisional", voice(5000, "adaptive"))
    reported = machine_events(b, phone.name)
    assert "PROVISIONAL" in reported and reported[-1] == "finished", reported


@test
def what_answered_has_a_kind_of_its_own(b):
    phone, channel = call(b, "defaults", voice(450, "hello"))
    equal((channel.earwig_machine_kind, channel.earwig_machine_kind_confidence), ("person", "1.00"))
    phone, channel = call(b, "end", voice(2500, "greeting") + silence(400) + BEEP)
    equal((channel.earwig_machine_kind, channel.earwig_machine_kind_confidence), ("voicemail", "0.95"))
    reported = finished(b, phone.name)
    equal((reported["Earwig-Kind"], reported["Earwig-Kind-Confidence"]), ("voicemail", "0.95"))


@test
def after_machine_goes_on_until_its_timeout(b):
    phone, channel = call(b, "after-machine", voice(5000, "adaptive"))
    equal((channel.detect_result, channel.detect_ms), ("machine", "6000"))


@test
def an_unanswered_channel_is_answered_for_a_detection(b):
    equal(call(b, "unanswered", voice(450, "hello"))[1].detect_result, "human")


@test
def early_media_is_detected_if_it_is_allowed(b):
    phone = b.caller("who-early", ("pause", 200))
    try:
        caller.run([phone], 5)
    except RuntimeError:
        pass  # the call is rejected in the end: it is never answered
    channel = b.checkpoint(phone.name)
    equal((channel.detect_result, channel.get("Answer-State")), ("unknown", "early"))
    assert channel.detect_cause.startswith(("INITIALSILENCE", "TOOLONG")), channel.detect_cause


@test
def each_codec_and_both_legs_hear_who_answered(b):
    file = b.play(silence(300) + voice(3000, "greeting") + silence(3000))
    for codec in ("PCMU@20i", "PCMU@30i", "PCMA@10i", "G722", "L16@16000h"):
        for way in (b.inbound, b.outbound):
            channel = b.checkpoint(way("who-defaults", file, codec))
            equal((codec, way.__name__, channel.detect_result), (codec, way.__name__, "machine"))
    for codec in (PCMU._replace(ptime=30), PCMA._replace(ptime=10), l16(16000)):
        equal(call(b, "defaults", voice(450, "hello"), codec=codec)[1].detect_result, "human")


@test
def a_loopback_call_is_detected(b):
    file = b.play(silence(300) + voice(3000, "greeting") + silence(3000))
    equal(b.checkpoint(b.outbound("who-defaults", file, "PCMU", "loopback/{}/tests")).detect_result, "machine")


@test
def a_call_can_run_two_detections_in_turn(b):
    said = silence(200) + voice(450, "hello") + silence(1400) + voice(3000, "greeting")
    phone, channel = call(b, "twice", said)
    equal((b.checkpoint(phone.name, "first").detect_result, channel.detect_result), ("human", "machine"))


@test
def a_detection_in_the_background_sets_its_variables_by_itself(b):
    phone, channel = call(b, "background", voice(450, "hello"))
    runs, busy = b.checkpoint(phone.name, "runs"), b.checkpoint(phone.name, "busy")
    equal((runs.detect_result, runs.detect_machine_beep, runs.detect_cause, runs.earwig_cause, runs.earwig_error),
          ("detecting", "false", "NONE", "NONE", ""))
    equal((busy.detect_result, busy.earwig_cause), ("error", "ERROR"))
    assert busy.earwig_error, busy
    # EARWIG_CAUSE stays that of the last application.
    equal((channel.detect_result, channel.detect_cause.split("-")[0], channel.earwig_cause), ("human", "HUMAN", "ERROR"))
    near(channel.detect_ms, int(channel.earwig_onset_ms) + 450 + 1000 + LATENCY_MS, 120)


@test
def a_stop_ends_a_detection(b):
    phone, again = call(b, "stop", voice(300, "hello"))
    channel = b.checkpoint(phone.name, "stopped")
    equal((channel.detect_result, channel.earwig_cause), ("unknown", channel.detect_cause))
    kind, ms = channel.detect_cause.split("-")
    equal(kind, "STOPPED")
    near(ms, 800, 150)
    equal((again.detect_result, again.detect_cause), (channel.detect_result, channel.detect_cause))
    equal(machine_events(b, phone.name), ["UNKNOWN", "finished"])


@test
def a_wait_ends_by_its_time_or_with_the_detection(b):
    phone, channel = call(b, "wait", voice(450, "hello"))
    runs = b.checkpoint(phone.name, "runs")
    equal((runs.detect_result, runs.earwig_cause), ("detecting", "TIMEOUT"))
    equal((channel.detect_result, channel.earwig_cause), ("human", channel.detect_cause))


@test
def without_a_detection_there_is_nothing_to_wait_for(b):
    phone, channel = call(b, "nothing")
    stopped, waited = b.checkpoint(phone.name, "stopped"), b.checkpoint(phone.name, "waited")
    equal((stopped.detect_result, stopped.earwig_cause, stopped.earwig_error), ("unknown", "NONE", ""))
    equal(waited.earwig_cause, "ERROR")
    assert "seconds" in waited.earwig_error, waited
    equal((channel.detect_result, channel.earwig_cause, channel.earwig_error), ("error", "ERROR", "no detection has been started"))


@test
def a_hang_up_ends_a_detection(b):
    for extension in ("defaults", "idle"):
        phone, last = call(b, extension, voice(300, "hello"), hangup=True)
        equal((extension, last.detect_result, last.detect_cause.split("-")[0]), (extension, "unknown", "HANGUP"))
        equal(machine_events(b, phone.name), ["UNKNOWN", "finished"])
        equal(finished(b, phone.name)["Earwig-Cause"], last.detect_cause)


@test
def invalid_options_of_detections_are_refused(b):
    calls = {b.caller(f"who-{name}"): part for name, part in (
        ("bad-words", "machine_words_threshold"), ("bad-detector", "dog"), ("bad-time", "soon"), ("bad-key", "detecters"),
        ("bad-url", "status_url"), ("bad-sensitivity", "sensitivity is 101: it must be 0 to 100"))}
    caller.run(list(calls), 15)
    for phone, part in calls.items():
        channel = b.checkpoint(phone.name)
        equal((channel.detect_result, channel.earwig_cause, channel.detect_machine_beep), ("error", "ERROR", "false"))
        reported = finished(b, phone.name)
        equal((reported["Earwig-Result"], reported["Earwig-Error"]), ("error", channel.earwig_error))
        assert part in channel.earwig_error, channel.earwig_error


@test
def a_transfer_stops_a_foreground_detection(b):
    phone = b.caller("who-defaults", ("pause", 200))
    with caller.calling([phone], 20):
        uuid = b.uuid(phone.name)
        time.sleep(1)
        b.switch.api(f"uuid_transfer {uuid} who-nothing XML tests")
        reported = finished(b, phone.name)
    equal((reported["Earwig-Result"], reported["Earwig-Cause"].split("-")[0]), ("unknown", "STOPPED"))


@test
def a_bridge_does_not_end_a_background_detection(b):
    pair = [b.caller("who-idle", ("pause", 1000), ("audio", PCMU.encode(voice(450, "hello"))), ("pause", 2000), ("hangup",)),
            b.caller("who-idle", ("pause", 1000), ("audio", PCMU.encode(voice(2500, "greeting"))), ("hangup",))]
    with caller.calling(pair, 20):
        uuids = [b.uuid(phone.name) for phone in pair]
        time.sleep(0.5)
        b.switch.api("uuid_bridge " + " ".join(uuids))
    ended = [b.switch.events.find(5, Event_Subclass="earwig::machine", Earwig_Machine_Event="finished", Unique_ID=uuid) for uuid in uuids]
    equal([e["Earwig-Result"] for e in ended], ["human", "machine"])


@test
def events_are_posted_to_the_status_url(b):
    began = time.time()
    with collecting_posts() as (port, posts):
        b.switch.api(f"global_setvar posts={port}")
        phone, channel = call(b, "posts", voice(2500, "greeting") + silence(400) + BEEP)
        wait_for_posts(posts, 5)
    assert_voicemail_posts(posts, began, "freeswitch:" + channel["Channel-Name"], {"call_id": channel["Unique-ID"], "node_id": "tests"})


@test
def a_dead_status_url_does_not_hold_up_the_call(b):
    phone, channel = call(b, "dead", voice(450, "hello"))
    equal(channel.detect_result, "human")
    near(channel.detect_ms, int(channel.earwig_onset_ms) + 450 + 1000 + LATENCY_MS, 120)


@test
def twenty_calls_at_once_get_their_own_results(b):
    kinds = (("human", voice(450, "hello")), ("machine", voice(3000, "greeting")), ("fax", tones(3000, 2100)),
             ("machine", BEEP), ("unknown", silence(100)))
    calls = {b.caller("who-silent", ("pause", 200), ("audio", PCMU.encode(kinds[i % 5][1]))): kinds[i % 5][0] for i in range(20)}
    caller.run(list(calls), 30)
    equal([b.checkpoint(phone.name).detect_result for phone in calls], list(calls.values()))
