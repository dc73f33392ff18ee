"""The API command, loading and unloading, and the settings."""

import json
import re
import time

import caller
from harness import Harness, answered, equal, inband, test, wait_until_idle
from caller import babble
from files import audio_of, position_of, read
from foreign_abi import build_foreign_library
from recording_files import assert_all_are_finished, ended, matching_pieces, path_of
from switch import TOP, Switch, extension
from signals import voice


def dialplan(folder):
    return "".join((
        extension("park", "answer", "park"),
        extension("ring", "ring_ready", "sleep 3000", "hangup"),
    ))


def json_command(b, command):
    """The JSON answer of a command."""
    return json.loads(b.switch.api(f"earwig json {command}"))


def json_response(b, command):
    answer = json_command(b, command)
    equal((command, answer["status"]), (command, "success"))
    return answer.get("response")


@test
def commands_start_pause_mask_and_stop_a_recording(b):
    spoken = babble(3000, "commands")
    phone = b.caller("park", ("pause", 200), ("audio", spoken), ("hangup",))
    with caller.calling([phone], 20):
        uuid = b.uuid(phone.name)
        equal(b.switch.api(f"earwig {uuid} start record {path_of(b, phone.name)},file_format=ulaw"), "+OK\n")
        running = json_response(b, f"{uuid} status")
        equal((running["recorder"]["running"], running["file"], running["uuid"]), (True, path_of(b, phone.name), uuid))
        assert "recorder.running: true\n" in b.switch.api(f"earwig {uuid} status")
        busy = json_command(b, f"{uuid} start record {path_of(b, phone.name)}-2")
        assert busy["status"] == "error" and busy["message"], busy
        time.sleep(0.7)
        for step in ("pause", "resume", "mask", "unmask"):
            equal(b.switch.api(f"earwig {uuid} {step}"), "+OK\n")
            time.sleep(0.4)
        equal(b.switch.api(f"earwig {uuid} stop record"), "+OK\n")
        stopped = json_response(b, f"{uuid} status")["recorder"]
        equal((stopped["running"], stopped["cause"], stopped["state"]), (False, "ABORTED", "IDLE"))
        assert "no such channel" in b.switch.api("earwig nobody status")
        assert b.switch.api(f"earwig {uuid} pause").startswith("-ERR ")
    audio = audio_of(read(path_of(b, phone.name)))
    first, second, third = matching_pieces(audio, spoken)
    # A pause shortens the file; a mask keeps its length.
    assert 300 <= second[1] - first[1] - first[2] <= 500 and second[0] - first[0] - first[2] <= 20, (first, second)
    assert 300 <= third[1] - second[1] - second[2] <= 500 and 300 <= third[0] - second[0] - second[2] <= 500, (second, third)
    equal(ended(b, phone.name)["Earwig-Cause"], "ABORTED")


def wait_for_digits(b, uuid, wanted):
    """A worker clears the buffer, after the audio that came before."""
    deadline = time.monotonic() + 5
    while (found := json_response(b, f"{uuid} status")["digits"]) != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    equal(found, wanted)


@test
def a_command_collects_digits(b):
    phone = b.caller("park", ("pause", 800), inband("42"), ("pause", 500), inband("7"), ("pause", 500), ("hangup",))
    with caller.calling([phone], 20):
        uuid = b.uuid(phone.name)
        equal(b.switch.api(f"earwig {uuid} start get_digits PIN 2 seconds_predigits_timeout=5"), "+OK\n")
        reported = b.event(phone.name, "dtmf")
        equal((reported["Earwig-Digits"], reported["Earwig-Cause"], reported["Earwig-Variable"]), ("42", "COUNT", "PIN"))
        equal(b.switch.api(f"uuid_getvar {uuid} PIN"), "42")
        assert b.event(phone.name, "digit", Earwig_Digit="7")
        wait_for_digits(b, uuid, "7")
        equal(b.switch.api(f"earwig {uuid} clear"), "+OK\n")
        wait_for_digits(b, uuid, "")


@test
def a_command_detects_who_has_answered(b):
    phone = b.caller("park", ("pause", 600), ("audio", one_word()), ("pause", 2000), ("hangup",))
    with caller.calling([phone], 20):
        uuid = b.uuid(phone.name)
        equal(b.switch.api(f"earwig {uuid} start detect_machine timeout=10"), "+OK\n")
        equal(json_response(b, f"{uuid} status")["machine"]["result"], "detecting")
        reported = b.event(phone.name, "machine", Earwig_Machine_Event="finished")
        equal(reported["Earwig-Result"], "human")
        equal(b.switch.api(f"uuid_getvar {uuid} detect_result"), "human")
        equal(b.switch.api(f"earwig {uuid} start detect_machine"), "+OK\n")
        equal(b.switch.api(f"earwig {uuid} stop detect_machine"), "+OK\n")
        assert "-ERR" in b.switch.api(f"earwig {uuid} start detect_machine timeot=3")


def one_word():
    return caller.PCMU.encode(voice(450, "hello"))


@test
def an_unanswered_call_can_be_listened_to_but_runs_no_job(b):
    phone = b.caller("ring")
    try:
        with caller.calling([phone], 10):
            uuid = b.switch.events.find(10, Event_Name="CHANNEL_CREATE", Caller_Caller_ID_Number=phone.name)["Unique-ID"]
            time.sleep(0.3)
            assert "not answered" in b.switch.api(f"earwig {uuid} start get_digits")
            equal(b.switch.api(f"earwig {uuid} start listen"), "+OK\n")
    except RuntimeError:
        pass  # the call is rejected in the end: it is never answered


@test
def all_jobs_share_one_media_bug(b):
    phone = b.caller("park", ("pause", 2500), ("hangup",))
    with caller.calling([phone], 20):
        uuid = b.uuid(phone.name)
        for what in ("listen", f"record {path_of(b, phone.name)},source=both", "detect_machine", "get_digits D 9 seconds_timeout=20",
                     "listen"):
            equal(b.switch.api(f"earwig {uuid} start {what}"), "+OK\n")
        equal(b.switch.api(f"uuid_buglist {uuid}").count("<function>earwig</function>"), 1)
    last = b.hangup_complete(phone.name)
    equal((last.earwig_recorder_state, last.detect_result), ("IDLE", "unknown"))


@test
def a_removed_media_bug_is_added_again(b):
    phone = b.caller("park", ("pause", 2000), inband("42"), ("pause", 500), ("hangup",))
    with caller.calling([phone], 20):
        uuid = b.uuid(phone.name)
        equal(b.switch.api(f"earwig {uuid} start listen"), "+OK\n")
        b.switch.api(f"uuid_buglist {uuid}")
        equal(b.switch.api(f"earwig {uuid} start get_digits D 2 seconds_predigits_timeout=9"), "+OK\n")
        equal(b.event(phone.name, "dtmf")["Earwig-Digits"], "42")


@test
def commands_are_completed(b):
    text = b.switch.api("console_complete c=7;earwig ")
    assert all(word in text for word in ("status", "reload", "json")), text
    phone = b.caller("park", ("pause", 1000), ("hangup",))
    with caller.calling([phone], 20):
        uuid = b.uuid(phone.name)
        line = f"earwig {uuid} start "
        text = b.switch.api(f"console_complete c={len(line)};{line}")
        assert all(word in text for word in ("listen", "get_digits", "record", "detect_machine")), text


@test
def every_recording_is_finished(b):
    wait_until_idle(b)
    assert_all_are_finished(b)


@test
def unloading_while_calls_run_is_refused_and_the_server_lives_on(b):
    phone = b.caller("listen")
    try:
        caller.run([phone], 1)
    except TimeoutError:
        pass
    assert "channels: 1\n" in b.switch.api("earwig status")
    for command in ("unload", "reload"):
        answer = b.switch.api(f"{command} mod_earwig")
        assert "-ERR" in answer, answer
    assert b.switch.alive() and "version" in b.switch.api("earwig status")
    b.switch.api("hupall")
    wait_until_idle(b)
    channel = b.call("count", inband("12345"))
    equal((channel.D, channel.earwig_cause), ("12345", "COUNT"))


@test
def calls_survive_a_forced_unload_and_load_restores_the_commands(b):
    spoken = babble(4000, "forced")
    phone = b.caller("rec-background", ("pause", 200), ("audio", spoken[:20000]), inband("42"), ("audio", spoken[20000:]), ("hangup",))
    with caller.calling([phone], 20):
        uuid = b.uuid(phone.name)
        time.sleep(0.5)
        assert b.switch.api("unload -f mod_earwig")
        assert b.switch.alive() and b.switch.api("earwig status").startswith("-ERR")
        time.sleep(0.5)
        assert "+OK" in b.switch.api("load mod_earwig")
        status = json_response(b, f"{uuid} status")
        equal((status["recorder"]["running"], "channels: 1\n" in b.switch.api("earwig status")), (True, True))
        equal(b.switch.api(f"earwig {uuid} start get_digits D 2 seconds_predigits_timeout=9"), "+OK\n")
        equal(b.event(phone.name, "dtmf")["Earwig-Digits"], "42")
    equal(ended(b, phone.name)["Earwig-Cause"], "HANGUP")
    audio = audio_of(read(path_of(b, phone.name)))
    at = position_of(audio, spoken)
    assert audio[at:at + 20000] == spoken[:20000], "the file is not what was said"
    wait_until_idle(b)
    assert "+OK" in b.switch.api("reload mod_earwig")


@test
def without_calls_the_module_unloads_and_loads_again(b):
    wait_until_idle(b)
    for _ in range(3):
        assert "+OK" in b.switch.api("unload mod_earwig")
        equal(b.switch.api("module_exists mod_earwig").strip(), "false")
        assert "+OK" in b.switch.api("load mod_earwig")
    assert "+OK" in b.switch.api("reload mod_earwig")
    channel = b.call("count", inband("67890"))
    equal((channel.D, channel.earwig_cause), ("67890", "COUNT"))
    wait_until_idle(b)


@test
def settings_are_read_and_read_again(b):
    other = Switch(answered("who", "earwig_detect_machine") + answered("count", "earwig_get_digits D"),
                   {"detect-machine": "timeout=1", "get-digits": "count=2,seconds_predigits_timeout=5", "digit-events": "false",
                    "workers": 1})
    try:
        c = Harness(other, b.folder)
        assert "workers: 1\n" in other.api("earwig status")
        assert c.call("who").detect_cause.startswith("TOOLONG-10")
        channel = c.call("count", inband("42"))
        equal((channel.D, channel.earwig_cause), ("42", "COUNT"))
        equal(c.all_events(channel["Caller-Caller-ID-Number"], "digit"), [])
        other.configure(answered("who", "earwig_detect_machine"), {"detect-machine": "timeout=2"})
        equal(other.api("earwig reload"), "+OK\n")
        assert c.call("who").detect_cause.startswith("TOOLONG-20")
        for wrong in ({"detect-machine": "timeot=2"}, {"dtmf-min-tone": "long"}, {"no-such": "thing"}):
            other.configure(answered("who", "earwig_detect_machine"), wrong)
            assert other.api("earwig reload").startswith("-ERR"), wrong
            time.sleep(0.2)
            assert list(wrong)[0] in other.output(), wrong
        assert c.call("who").detect_cause.startswith("TOOLONG-20")
    finally:
        other.close()


@test
def a_library_of_another_abi_is_refused(b):
    library, said = build_foreign_library(TOP, b.folder)
    other = Switch("", library=library)
    try:
        assert said in other.output(), other.output()
        equal(other.api("module_exists mod_earwig").strip(), "false")
        assert other.alive()
    finally:
        other.close()


@test
def no_unexpected_error_is_logged(b):
    bad = [line for line in b.switch.output().splitlines()
           if re.search(r" (mod_earwig|api|app_session|call_context|call_ids|channel_state|config|control|dtmf|event_thread|events|"
                        r"fields|jobs|listen|machine|media|record_args|recorder|squelch)\.c:", line) and ("[ERR]" in line or "[WARNING]" in line)
           and not any(part in line for part in ("earwig_get_digits:", "earwig_listen:", "earwig_record", "earwig_detect_machine", "webhook:",
                                                 "No space left", "is in use", " is late: "))]
    assert not bad, bad
