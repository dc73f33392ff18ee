"""Commands from outside the dialplan: manager actions, the command line, and earwig.conf."""

import contextlib
import json
import math
import os
import random
import re
import struct
import time

import caller
from harness import equal, inband, test, wait_until_idle
from caller import KEYS, ROWS, babble, dial, encoded, silence
from pbx import TOP
from recorder import audio_of, path_of, read

DIALPLAN = """
[tests](+)
exten => plain,1,Goto(plain,s,1)
exten => asks,1,Answer()
 same => n,EarwigGetDigits(D,1)
 same => n,UserEvent(Digits,Caller: ${CALLERID(num)},Digits: ${D},Cause: ${EARWIG_CAUSE},Error: ${EARWIG_ERROR})
 same => n,Hangup()
exten => early,1,Progress()
 same => n,Set(EARWIG_EARLY_MEDIA=yes)
 same => n,EarwigGetDigits(D,2,seconds_predigits_timeout=1)
 same => n,UserEvent(Early,Caller: ${CALLERID(num)},Digits: ${CHANNEL(state)},Cause: ${EARWIG_CAUSE})
 same => n,Answer()
 same => n,Hangup()
exten => ringing,1,Ringing()
 same => n,Wait(2)
 same => n,Answer()
 same => n,Wait(60)
exten => squelched,1,Answer()
 same => n,EarwigListen(squelch_dtmf=true)
 same => n,Dial(Local/${CALLERID(num)}@listens/n,20)
exten => heard,1,Answer()
 same => n,EarwigListen()
 same => n,Dial(Local/${CALLERID(num)}@listens/n,20)
exten => squelched-keys,1,Answer()
 same => n,EarwigListen(squelch_dtmf=true)
 same => n,Dial(Local/k${CALLERID(num)}@listens/n,20)
exten => heard-keys,1,Answer()
 same => n,EarwigListen()
 same => n,Dial(Local/k${CALLERID(num)}@listens/n,20)
exten => bad-listen,1,Answer()
 same => n,EarwigListen(squelch=true)
 same => n,UserEvent(Digits,Caller: ${CALLERID(num)},Digits: ${EARWIG_ERROR},Cause: ${EARWIG_CAUSE})
 same => n,Hangup()

[plain]
exten => s,1,Answer()
 same => n,Wait(60)
exten => h,1,UserEvent(Over,Caller: ${CALLERID(num)},Digits: ${D},Result: ${DETECT_RESULT},Cause: ${EARWIG_CAUSE})

[listens]
exten => _kc.,1,Answer()
 same => n,EarwigGetDigits(D,9,seconds_predigits_timeout=3,seconds_interdigit_timeout=1)
 same => n,UserEvent(Heard,Caller: ${EXTEN:1},Digits: ${D},Cause: ${EARWIG_CAUSE})
 same => n,Hangup()
exten => _c.,1,Answer()
 same => n,EarwigRecord(FOLDER/${EXTEN}.wav,file_format=s16bit,seconds_timeout=3,milliseconds_max_silence=0)
 same => n,Hangup()
"""


def dialplan(folder):
    return DIALPLAN.replace("FOLDER", folder)


def answered(b, name):
    deadline = time.monotonic() + 5
    while "State: Up" not in b.pbx.cli(f"core show channel {name}"):
        assert time.monotonic() < deadline, "it is not answered"
        time.sleep(0.05)


@contextlib.contextmanager
def call_in_progress(b, extension, *plan, seconds=15):
    """Yields a running call and its channel's name, and hangs it up after the block."""
    phone = b.caller(extension, *plan)
    with caller.calling([phone], seconds):
        name = b.channel(phone)
        try:
            if extension != "ringing":
                answered(b, name)
            yield phone, name
            answered(b, name)
        finally:
            b.pbx.cli(f"channel request hangup {name}")
            time.sleep(0.3)


def send_action(b, action, **headers):
    """Sends a manager action and returns its answer."""
    b.actions = getattr(b, "actions", 0) + 1
    number = f"action-{b.actions}"
    b.pbx.manager.send(Action=action, ActionID=number, **headers)
    found = b.pbx.manager.find(10, ActionID=number)
    assert found, f"no answer to {action}"
    return found


def succeed(b, action, **headers):
    answer = send_action(b, action, **headers)
    equal(answer["Response"], "Success")
    return answer


def error_of(b, action, **headers):
    answer = send_action(b, action, **headers)
    equal(answer["Response"], "Error")
    return answer["Message"]


def variable(b, channel, name):
    return succeed(b, "Getvar", Channel=channel, Variable=name)["Value"]


@test
def the_manager_collects_digits_into_a_variable(b):
    with call_in_progress(b, "plain", ("pause", 1000), inband("4711#"), seconds=20) as (phone, name):
        succeed(b, "EarwigStart", Channel=name, Job="get_digits", Variable="D", Options="seconds_predigits_timeout=10,end=#")
        found = b.event(phone, "EarwigDtmfEnd", Variable="D")
        equal([found[k] for k in ("Digits", "Cause", "Channel")], ["4711#", "END", name])
        equal(variable(b, name, "EARWIG_DIGITS"), "4711#")
    equal(b.user_event(phone, "Over")["Digits"], "4711#")


@test
def each_digit_is_one_event(b):
    plan = ("pause", 1000), inband("12"), ("event", "3", 100), ("both", "4", 100), ("pause", 500)
    with call_in_progress(b, "plain", *plan) as (phone, name):
        succeed(b, "EarwigStart", Channel=name, Job="listen")
        b.event(phone, "EarwigDigit", Digit="4")
        time.sleep(0.5)
        b.pbx.manager.read(0.1)
        found = [e["Digit"] for e in b.pbx.manager.events if e.get("Event") == "EarwigDigit" and e["CallerIDNum"] == phone.name]
    equal(found, ["1", "2", "3", "4"])
    first = b.event(phone, "EarwigDigit", Digit="1")
    equal([first["Privilege"], first["Source"].lower()], ["dtmf,all", "inband"])


def digits(b, name):
    return json.loads(succeed(b, "EarwigStatus", Channel=name)["Status"])["digits"]


@test
def the_manager_clears_the_digit_buffer(b):
    with call_in_progress(b, "hold", ("pause", 300), inband("12"), ("pause", 500)) as (phone, name):
        b.event(phone, "EarwigDigit", Digit="2")
        equal(digits(b, name), "12")
        succeed(b, "EarwigClearDigits", Channel=name)
        # A worker clears them, after the audio that came before.
        deadline = time.monotonic() + 5
        while digits(b, name) and time.monotonic() < deadline:
            time.sleep(0.05)
        equal(digits(b, name), "")


@test
def a_recording_is_started_masked_paused_and_stopped_by_the_manager(b):
    with call_in_progress(b, "plain", ("audio", babble(6000, "manager"))) as (phone, name):
        path = path_of(b, phone)
        succeed(b, "EarwigStart", Channel=name, Job="record", File=path, Options="file_format=ulaw")
        b.event(phone, "EarwigRecordStart", File=path)
        status = succeed(b, "EarwigStatus", Channel=name)
        equal([status["File"], json.loads(status["Status"])["recorder"]["running"]], [path, True])
        assert "recording" in error_of(b, "EarwigStart", Channel=name, Job="record", File=path + "2")
        for action in ("Mask", "Unmask", "Pause", "Resume"):
            succeed(b, f"EarwigRecord{action}", Channel=name)
            time.sleep(0.3)
        succeed(b, "EarwigStop", Channel=name, Job="record")
        audio = audio_of(read(path))
        equal(b.event(phone, "EarwigRecordEnd", File=path)["Cause"], "ABORTED")
        wanted = {"RECORDER_STATE": "IDLE", "RECORD_FILE": path, "RECORD_BYTES": str(len(audio)), "AUDIO_DETECTED": "yes", "CAUSE": ""}
        equal({v: variable(b, name, "EARWIG_" + v) for v in wanted}, wanted)
    assert b"\xff" * 1600 in audio and len(audio) > 4000, len(audio)


@test
def the_manager_starts_and_stops_detections(b):
    with call_in_progress(b, "plain") as (phone, name):
        succeed(b, "EarwigStart", Channel=name, Job="detect_machine", Options="initial_timeout=0.5")
        found = b.event(phone, "EarwigMachine", MachineEvent="finished")
        equal([found["Result"], found["Cause"].split("-")[0]], ["unknown", "INITIALSILENCE"])
        succeed(b, "EarwigStart", Channel=name, Job="detect_machine")
        succeed(b, "EarwigStop", Channel=name, Job="detect_machine")
    over = b.user_event(phone, "Over")
    equal([over["Result"], over["Cause"]], ["unknown", ""])


@test
def the_manager_gets_error_messages(b):
    equal(error_of(b, "EarwigStart", Channel="PJSIP/nobody-1", Job="listen"), "there is no such channel")
    equal(error_of(b, "EarwigStart", Job="listen"), "a channel is required")
    assert "'dance' cannot be started" in error_of(b, "EarwigStart", Channel="x", Job="dance")
    assert "'listen' cannot be stopped" in error_of(b, "EarwigStop", Channel="x", Job="listen")
    with call_in_progress(b, "plain") as (_, name):
        for action in ("EarwigStatus", "EarwigRecordPause", "EarwigClearDigits"):
            assert "does not listen" in error_of(b, action, Channel=name)
        equal(error_of(b, "EarwigStart", Channel=name, Job="record"), "a file is required")
        for job, options in (("record", "colour=red"), ("get_digits", "count=33"), ("detect_machine", "detectors=dog")):
            text = error_of(b, "EarwigStart", Channel=name, Job=job, File="/tmp/none.wav", Options=options)
            assert len(text) > 8 and not os.path.exists("/tmp/none.wav"), text
        text = error_of(b, "EarwigStart", Channel=name, Job="get_digits", Variable="SHELL(ls)")
        assert "'SHELL(ls)' is not the name of a variable" in text, text
        assert error_of(b, "EarwigRecordPause", Channel=name)
    with call_in_progress(b, "ringing") as (_, name):
        equal(error_of(b, "EarwigStart", Channel=name, Job="get_digits"), "the call is not answered")
        succeed(b, "EarwigStart", Channel=name, Job="listen")


@test
def the_manager_has_the_counters(b):
    found = succeed(b, "EarwigStatus")
    assert found["Version"] and int(found["Workers"]) > 0 and int(found["PostsDropped"]) >= 0, found


@test
def the_command_line_does_the_same(b):
    with call_in_progress(b, "plain", ("audio", babble(8000, "operator"))) as (phone, name):
        path = path_of(b, phone)
        equal(b.pbx.cli(f"earwig start record {name} {path} file_format=ulaw").strip(), "")
        for verb in ("pause", "resume", "mask", "unmask", "clear"):
            equal(b.pbx.cli(f"earwig {verb} {name}").strip(), "")
        assert json.loads(b.pbx.cli(f"earwig show channel {name}"))["recorder"]["running"]
        equal(b.pbx.cli(f"earwig stop record {name}").strip(), "")
        assert audio_of(read(path))
        equal(b.pbx.cli(f"earwig start get_digits {name} D seconds_predigits_timeout=1").strip(), "")
        assert "collection" in b.pbx.cli(f"earwig start get_digits {name}")
        equal(b.event(phone, "EarwigDtmfEnd", Variable="D")["Cause"], "TIMEOUT")
        equal(b.pbx.cli(f"earwig start detect_machine {name} timeout=5").strip(), "")
        equal(b.pbx.cli(f"earwig stop detect_machine {name}").strip(), "")
        assert "Usage" in b.pbx.cli(f"earwig stop record {name} now")
        # The completion of Tab.
        assert name in b.pbx.cli(f"_command matchesarray \"earwig pause {name[:6]}\" \"{name[:6]}\"")
    assert "no such channel" in b.pbx.cli("earwig stop record nobody")


@test
def digits_are_collected_on_early_media_if_that_is_allowed(b):
    phone = b.caller("early", ("pause", 200))
    caller.run([phone], 15)
    found = b.user_event(phone, "Early")
    assert found["Digits"] in ("Ring", "Ringing") and found["Cause"] == "TIMEOUT", found


@contextlib.contextmanager
def configured(b, text):
    """Runs the block with this earwig.conf, then removes the file."""
    path = os.path.join(b.pbx.run, "etc/earwig.conf")
    try:
        with open(path, "w") as f:
            f.write(text)
        b.pbx.cli("module reload app_earwig.so")
        yield
    finally:
        os.unlink(path)
        b.pbx.cli("module reload app_earwig.so")


@test
def options_of_the_settings_precede_those_of_a_call(b):
    with configured(b, "[general]\nget_digits = seconds_predigits_timeout=10\ndigit_events = no\n"):
        phone = b.caller("asks", ("pause", 200), inband("7"))
        caller.run([phone], 15)
        equal(b.digits_and_cause(phone), ("7", "COUNT"))
        assert not b.pbx.manager.find(0.5, Event="EarwigDigit", CallerIDNum=phone.name)
    equal(b.call("asks", inband("7")), ("", "NONE"))


@test
def detector_settings_apply_to_later_calls(b):
    with configured(b, "[general]\nget_digits = seconds_predigits_timeout=2\ndtmf_min_level = -10\n"):
        equal(b.call("asks", ("audio", encoded([s // 8 for s in dial("7")]))), ("", "TIMEOUT"))
    with configured(b, "[general]\nget_digits = seconds_predigits_timeout=2\n"):
        equal(b.call("asks", ("audio", encoded([s // 8 for s in dial("7")]))), ("7", "COUNT"))


@test
def an_invalid_file_changes_nothing(b):
    with configured(b, "[general]\nget_digits = seconds_predigits_timeout=10\n"):
        path = os.path.join(b.pbx.run, "etc/earwig.conf")
        for wrong, says in (("[general]\nwrokers = 2", "wrokers"), ("[general]\nearly_media = perhaps", "perhaps"),
                            ("[general]\nrecord = colour=red", "colour"), ("[general]\nworkers = 1000", "workers"),
                            ("[general]\ndtmf_min_tone = 4", "earwig.conf"), ("[general]\ndtmf_min_tone = ten", "ten"),
                            ("[general]\nlisten = all,PJSIP/*", "stand alone"), ("[general]\nlisten = PJSIP/*,,", "pattern"),
                            ("[record]\nrate = 8000", "[record]")):
            before = len(b.pbx.output())
            with open(path, "w") as f:
                f.write(wrong + "\n")
            b.pbx.cli("module reload app_earwig.so")
            said = b.pbx.output()[before:]
            assert "ERROR" in said and says in said, (wrong, said)
            equal(b.call("asks", inband("7")), ("7", "COUNT"))


@test
def the_sample_file_is_valid_with_every_setting_enabled(b):
    with open(os.path.join(TOP, "hosts/asterisk/conf/earwig.conf")) as f:
        text = f.read()
    before = len(b.pbx.output())
    with configured(b, re.sub("^;(?=[a-z_]+ =)", "", text, flags=re.M)):
        equal(b.call("asks", inband("7")), ("7", "COUNT"))
        assert "earwig.conf" not in b.pbx.output()[before:], b.pbx.output()[before:]


def goertzel_peak(samples, hz):
    """The amplitude of that frequency in the strongest 40 ms (Goertzel)."""
    best = 0
    for at in range(0, len(samples) - 320, 160):
        a = c = 0.0
        k = 2 * math.cos(2 * math.pi * hz / 8000)
        for s in samples[at:at + 320]:
            a, c = s + k * a - c, a
        best = max(best, a * a + c * c - k * a * c)
    return math.sqrt(best) / 160


def tone_levels(b, extension):
    """Amplitudes on the other leg: of the row's tone of a 5, and of a tone of 1000 Hz that follows it."""
    spoken = [round(6000 * math.sin(2 * math.pi * 1000 * n / 8000)) for n in range(8 * 400)]
    phone = b.caller(extension, ("pause", 600), ("audio", encoded(dial("5555", 100, 100) + silence(100) + spoken)))
    caller.run([phone], 20)
    samples = audio_of(read(path_of(b, phone)))
    samples = struct.unpack(f"<{len(samples) // 2}h", samples)
    return goertzel_peak(samples, ROWS[KEYS.index("5") // 4]), goertzel_peak(samples, 1000)


@test
def the_other_leg_does_not_hear_squelched_digits(b):
    digit, voice = tone_levels(b, "heard")
    assert digit > 3000 and voice > 3000, (digit, voice)
    digit, voice = tone_levels(b, "squelched")
    assert digit < 300 and voice > 3000, (digit, voice)


@test
def the_other_leg_gets_no_squelched_signalled_digits(b):
    for extension, digits in (("heard-keys", "57"), ("squelched-keys", "")):
        phone = b.caller(extension, ("pause", 600), ("event", "5", 100), ("pause", 200), ("info", "7", 120), ("pause", 200))
        caller.run([phone], 20)
        equal(b.digits_and_cause(phone, "Heard")[0], digits)
        for digit in "57":
            found = b.event(phone, "EarwigDigit", Digit=digit)
            assert found["Channel"].startswith("PJSIP"), found


@test
def the_settings_can_squelch_digits_in_bridges(b):
    with configured(b, "[general]\nsquelch_dtmf = yes\n"):
        digit, voice = tone_levels(b, "heard")
    assert digit < 300 and voice > 3000, (digit, voice)


@test
def an_invalid_option_of_listen_is_reported(b):
    equal(b.call("bad-listen")[0], "the only option is squelch_dtmf=true or false")
    wait_until_idle(b)


@test
def commands_and_hang_ups_at_random_moments_leave_nothing(b):
    dice = random.Random(7)
    ones = [b.caller("plain", ("pause", dice.randrange(20, 1500)), ("hangup",)) for _ in range(40)]
    jobs = [{"Job": "listen", "Options": "squelch_dtmf=true"}, {"Job": "get_digits", "Options": "seconds_predigits_timeout=9"},
            {"Job": "record"}, {"Job": "detect_machine"}]
    with caller.calling(ones, 20):
        names = [b.channel(phone) for phone in ones]
        for _ in range(200):
            name, job = dice.choice(names), dice.choice(jobs)
            send_action(b, "EarwigStart", Channel=name, File=os.path.join(b.folder, f"random-{dice.getrandbits(48)}.wav"), **job)
            send_action(b, "EarwigStop", Channel=name, Job=dice.choice(("record", "get_digits", "detect_machine")))
    wait_until_idle(b)
    assert not [name for name in os.listdir(b.folder) if name.endswith(".part")]
