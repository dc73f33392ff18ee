"""The command, events for ESL clients, the module's loading and unloading, its configuration."""

import json
import os
import re
import time

import caller
from harness import Harness, answered, equal, idle, inband, test
from caller import babble
from files import audio_of, begins, read
from foreign_abi import library_of_another_abi
from recording_files import ended, path_of, pieces
from switch import TOP, Switch, extension
from signals import voice


def dialplan(folder):
    return "".join((
        extension("park", "answer", "park"),
        extension("ring", "ring_ready", "sleep 3000", "hangup"),
    ))


def ask(b, command):
    """The command's answer as JSON."""
    return json.loads(b.switch.api(f"earwig json {command}"))


def good(b, command):
    answer = ask(b, command)
    equal((command, answer["status"]), (command, "success"))
    return answer.get("response")


@test
def a_recording_is_driven_by_commands(b):
    spoken = babble(3000, "commands")
    one = b.caller("park", ("pause", 200), ("audio", spoken), ("hangup",))
    with caller.calling([one], 20):
        uuid = b.uuid(one.name)
        equal(b.switch.api(f"earwig {uuid} start record {path_of(b, one.name)},file_format=ulaw"), "+OK\n")
        running = good(b, f"{uuid} status")
        equal((running["recorder"]["running"], running["file"], running["uuid"]), (True, path_of(b, one.name), uuid))
        assert "recorder.running: true\n" in b.switch.api(f"earwig {uuid} status")
        busy = ask(b, f"{uuid} start record {path_of(b, one.name)}-2")
        assert busy["status"] == "error" and busy["message"], busy
        time.sleep(0.7)
        for step in ("pause", "resume", "mask", "unmask"):
            equal(b.switch.api(f"earwig {uuid} {step}"), "+OK\n")
            time.sleep(0.4)
        equal(b.switch.api(f"earwig {uuid} stop record"), "+OK\n")
        stopped = good(b, f"{uuid} status")["recorder"]
        equal((stopped["running"], stopped["cause"], stopped["state"]), (False, "ABORTED", "IDLE"))
        assert "no such channel" in b.switch.api("earwig nobody status")
        assert b.switch.api(f"earwig {uuid} pause").startswith("-ERR ")
    audio = audio_of(read(path_of(b, one.name)))
    first, second, third = pieces(audio, spoken)
    # A pause leaves what was said out; a mask keeps its time.
    assert 300 <= second[1] - first[1] - first[2] <= 500 and second[0] - first[0] - first[2] <= 20, (first, second)
    assert 300 <= third[1] - second[1] - second[2] <= 500 and 300 <= third[0] - second[0] - second[2] <= 500, (second, third)
    equal(ended(b, one.name)["Earwig-Cause"], "ABORTED")


@test
def digits_are_collected_by_a_command(b):
    one = b.caller("park", ("pause", 800), inband("42"), ("pause", 500), inband("7"), ("pause", 500), ("hangup",))
    with caller.calling([one], 20):
        uuid = b.uuid(one.name)
        equal(b.switch.api(f"earwig {uuid} start get_digits PIN 2 seconds_predigits_timeout=5"), "+OK\n")
        told = b.told(one.name, "dtmf")
        equal((told["Earwig-Digits"], told["Earwig-Cause"], told["Earwig-Variable"]), ("42", "COUNT", "PIN"))
        equal(b.switch.api(f"uuid_getvar {uuid} PIN"), "42")
        assert b.told(one.name, "digit", Earwig_Digit="7")
        equal(good(b, f"{uuid} status")["digits"], "7")
        equal(b.switch.api(f"earwig {uuid} clear"), "+OK\n")
        equal(good(b, f"{uuid} status")["digits"], "")


@test
def who_answered_is_told_by_a_command(b):
    one = b.caller("park", ("pause", 600), ("audio", one_word()), ("pause", 2000), ("hangup",))
    with caller.calling([one], 20):
        uuid = b.uuid(one.name)
        equal(b.switch.api(f"earwig {uuid} start detect_machine timeout=10"), "+OK\n")
        equal(good(b, f"{uuid} status")["machine"]["result"], "detecting")
        told = b.told(one.name, "machine", Earwig_Machine_Event="finished")
        equal(told["Earwig-Result"], "human")
        equal(b.switch.api(f"uuid_getvar {uuid} detect_result"), "human")
        equal(b.switch.api(f"earwig {uuid} start detect_machine"), "+OK\n")
        equal(b.switch.api(f"earwig {uuid} stop detect_machine"), "+OK\n")
        assert "-ERR" in b.switch.api(f"earwig {uuid} start detect_machine timeot=3")


def one_word():
    return caller.PCMU.encode(voice(450, "hello"))


@test
def a_call_that_is_not_answered_can_be_listened_to_but_not_asked(b):
    one = b.caller("ring")
    try:
        with caller.calling([one], 10):
            uuid = b.switch.events.find(10, Event_Name="CHANNEL_CREATE", Caller_Caller_ID_Number=one.name)["Unique-ID"]
            time.sleep(0.3)
            assert "not answered" in b.switch.api(f"earwig {uuid} start get_digits")
            equal(b.switch.api(f"earwig {uuid} start listen"), "+OK\n")
    except RuntimeError:
        pass  # it is refused in the end


@test
def one_bug_is_there_however_many_jobs(b):
    one = b.caller("park", ("pause", 2500), ("hangup",))
    with caller.calling([one], 20):
        uuid = b.uuid(one.name)
        for what in ("listen", f"record {path_of(b, one.name)},source=both", "detect_machine", "get_digits D 9 seconds_timeout=20",
                     "listen"):
            equal(b.switch.api(f"earwig {uuid} start {what}"), "+OK\n")
        equal(b.switch.api(f"uuid_buglist {uuid}").count("<function>earwig</function>"), 1)
    over = b.over(one.name)
    equal((over.earwig_recorder_state, over.detect_result), ("IDLE", "unknown"))


@test
def a_bug_that_is_taken_off_is_put_on_again(b):
    one = b.caller("park", ("pause", 2000), inband("42"), ("pause", 500), ("hangup",))
    with caller.calling([one], 20):
        uuid = b.uuid(one.name)
        equal(b.switch.api(f"earwig {uuid} start listen"), "+OK\n")
        b.switch.api(f"uuid_buglist {uuid}")
        equal(b.switch.api(f"earwig {uuid} start get_digits D 2 seconds_predigits_timeout=9"), "+OK\n")
        equal(b.told(one.name, "dtmf")["Earwig-Digits"], "42")


@test
def commands_are_completed(b):
    text = b.switch.api("console_complete c=7;earwig ")
    assert all(word in text for word in ("status", "reload", "json")), text
    one = b.caller("park", ("pause", 1000), ("hangup",))
    with caller.calling([one], 20):
        uuid = b.uuid(one.name)
        line = f"earwig {uuid} start "
        text = b.switch.api(f"console_complete c={len(line)};{line}")
        assert all(word in text for word in ("listen", "get_digits", "record", "detect_machine")), text


@test
def no_recording_is_left_unfinished(b):
    idle(b)
    for top in (b.folder, os.path.join(b.switch.run, "rec")):
        for folder, _, names in os.walk(top):
            assert not [name for name in names if ".part" in name], (folder, names)
    told = b.switch.events.all(Event_Subclass="earwig::record")
    starts = [e.get("Earwig-File") for e in told if e["Earwig-Action"] == "start"]
    ends = [e.get("Earwig-File") for e in told if e["Earwig-Action"] == "end"]
    assert starts and all(starts.count(file) <= ends.count(file) for file in starts), (starts, ends)


@test
def unloading_while_calls_run_is_refused_and_the_server_lives_on(b):
    one = b.caller("listen")
    try:
        caller.run([one], 1)
    except TimeoutError:
        pass
    assert "channels: 1\n" in b.switch.api("earwig status")
    for command in ("unload", "reload"):
        answer = b.switch.api(f"{command} mod_earwig")
        assert "-ERR" in answer, answer
    assert b.switch.alive() and "version" in b.switch.api("earwig status")
    b.switch.api("hupall")
    idle(b)
    seen = b.call("count", inband("12345"))
    equal((seen.D, seen.earwig_cause), ("12345", "COUNT"))


@test
def calls_go_on_when_unloading_is_forced_and_loading_brings_the_names_back(b):
    spoken = babble(4000, "forced")
    one = b.caller("rec-background", ("pause", 200), ("audio", spoken[:20000]), inband("42"), ("audio", spoken[20000:]), ("hangup",))
    with caller.calling([one], 20):
        uuid = b.uuid(one.name)
        time.sleep(0.5)
        assert b.switch.api("unload -f mod_earwig")
        assert b.switch.alive() and b.switch.api("earwig status").startswith("-ERR")
        time.sleep(0.5)
        assert "+OK" in b.switch.api("load mod_earwig")
        status = good(b, f"{uuid} status")
        equal((status["recorder"]["running"], "channels: 1\n" in b.switch.api("earwig status")), (True, True))
        equal(b.switch.api(f"earwig {uuid} start get_digits D 2 seconds_predigits_timeout=9"), "+OK\n")
        equal(b.told(one.name, "dtmf")["Earwig-Digits"], "42")
    equal(ended(b, one.name)["Earwig-Cause"], "HANGUP")
    audio = audio_of(read(path_of(b, one.name)))
    at = begins(audio, spoken)
    assert audio[at:at + 20000] == spoken[:20000], "the file is not what was said"
    idle(b)
    assert "+OK" in b.switch.api("reload mod_earwig")


@test
def without_calls_it_unloads_and_loads_again(b):
    idle(b)
    for _ in range(3):
        assert "+OK" in b.switch.api("unload mod_earwig")
        equal(b.switch.api("module_exists mod_earwig").strip(), "false")
        assert "+OK" in b.switch.api("load mod_earwig")
    assert "+OK" in b.switch.api("reload mod_earwig")
    seen = b.call("count", inband("67890"))
    equal((seen.D, seen.earwig_cause), ("67890", "COUNT"))
    idle(b)


@test
def settings_are_read_and_read_again(b):
    other = Switch(answered("who", "earwig_detect_machine") + answered("count", "earwig_get_digits D"),
                   {"detect-machine": "timeout=1", "get-digits": "count=2,seconds_predigits_timeout=5", "digit-events": "false",
                    "workers": 1})
    try:
        c = Harness(other, b.folder)
        assert "workers: 1\n" in other.api("earwig status")
        assert c.call("who").detect_cause.startswith("TOOLONG-10")
        seen = c.call("count", inband("42"))
        equal((seen.D, seen.earwig_cause), ("42", "COUNT"))
        equal(c.all_told(seen["Caller-Caller-ID-Number"], "digit"), [])
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
    library, said = library_of_another_abi(TOP, b.folder)
    other = Switch("", library=library)
    try:
        assert said in other.output(), other.output()
        equal(other.api("module_exists mod_earwig").strip(), "false")
        assert other.alive()
    finally:
        other.close()


@test
def nothing_was_logged_that_should_not_be(b):
    bad = [line for line in b.switch.output().splitlines()
           if re.search(r" (mod_earwig|api|app_session|call_context|call_ids|channel_state|config|control|dtmf|event_thread|events|fields|jobs|machine|"
                        r"media|record_args|recorder|squelch)\.c:", line) and ("[ERR]" in line or "[WARNING]" in line)
           and not any(part in line for part in ("earwig_get_digits:", "earwig_record", "earwig_detect_machine", "webhook:",
                                                 "No space left", "is in use"))]
    assert not bad, bad
