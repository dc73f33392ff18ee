"""Calls that are recorded: ends and files."""

import contextlib
import os
import subprocess
import time

import caller
from harness import equal, inband, test, wait_until_idle
from caller import Caller, babble
from cases import RECORD
from files import assert_is_part, assert_recordings_are_finished, audio_of, position_of, read, small_file_system
from pbx import Asterisk

KEY, IV = "00112233445566778899aabbccddeeff" * 2, "0102030405060708090a0b0c0d0e0f10"

VARIABLES = ("Caller: ${CALLERID(num)},Cause: ${EARWIG_CAUSE},State: ${EARWIG_RECORDER_STATE},Audio: ${EARWIG_AUDIO_DETECTED},"
       "Ms: ${EARWIG_RECORD_MS},Bytes: ${EARWIG_RECORD_BYTES},File: ${EARWIG_RECORD_FILE},Error: ${EARWIG_ERROR}")

DIALPLAN = """
[tests]
exten => _rec-.,1,Goto(record,${EXTEN:4},1)

[record]
""" + "".join(f"""
exten => {name},1,Answer()
 same => n,EarwigRecord(FOLDER/${{CALLERID(num)}}.wav,{options})
 same => n,UserEvent(End,{VARIABLES})
 same => n,EarwigGetDigits(D)
 same => n,UserEvent(Kept,Caller: ${{CALLERID(num)}},Digits: ${{D}})
 same => n,Hangup()
""" for name, options in RECORD.items()) + """
exten => unanswered,1,EarwigRecord(FOLDER/${CALLERID(num)}.wav,file_format=ulaw,max_bytes=4000)
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => no-file,1,Answer()
 same => n,EarwigRecord(,max_bytes=4000)
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => no-folder,1,Answer()
 same => n,EarwigRecord(FOLDER/none/such.wav)
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => relative,1,Answer()
 same => n,EarwigRecord(of/calls/${CALLERID(num)}.wav,max_bytes=4000)
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => stop,1,Answer()
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}.wav,file_format=ulaw)
 same => n,UserEvent(Runs,VARIABLES)
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}-2.wav)
 same => n,UserEvent(Busy,VARIABLES)
 same => n,Wait(1)
 same => n,EarwigRecordStop()
 same => n,UserEvent(End,VARIABLES)
 same => n,EarwigRecordStop()
 same => n,UserEvent(Again,VARIABLES)
 same => n,Hangup()
exten => wait,1,Answer()
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}.wav,file_format=ulaw,milliseconds_max_silence=500)
 same => n,EarwigRecordWait(0.3)
 same => n,UserEvent(Runs,VARIABLES)
 same => n,EarwigRecordWait()
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => nothing,1,Answer()
 same => n,EarwigRecordPause()
 same => n,UserEvent(Paused,VARIABLES)
 same => n,EarwigListen()
 same => n,EarwigRecordMask()
 same => n,UserEvent(Masked,VARIABLES)
 same => n,EarwigRecordWait(soon)
 same => n,UserEvent(Waited,VARIABLES)
 same => n,EarwigRecordWait()
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => both,1,Answer()
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}.wav,file_format=ulaw,source=both)
 same => n,Wait(0.4)
 same => n,Playback(PLAYED)
 same => n,Wait(0.3)
 same => n,Playback(PLAYED)
 same => n,EarwigRecordStop()
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => pause,1,Answer()
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}.wav,file_format=ulaw)
 same => n,Wait(0.6)
 same => n,EarwigRecordPause()
 same => n,Wait(0.6)
 same => n,EarwigRecordResume()
 same => n,Wait(0.6)
 same => n,EarwigRecordStop()
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => mask,1,Answer()
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}.wav,file_format=ulaw)
 same => n,Wait(0.6)
 same => n,EarwigRecordMask()
 same => n,Wait(0.6)
 same => n,EarwigRecordUnmask()
 same => n,Wait(0.6)
 same => n,EarwigRecordStop()
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => cipher,1,Answer()
 same => n,Set(EARWIG_RECORD_CIPHER=KEY:IV)
 same => n,EarwigRecord(FOLDER/${CALLERID(num)}.wav,file_format=ulaw,max_bytes=8000,cipher_mac=true)
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => bad-cipher,1,Answer()
 same => n,Set(EARWIG_RECORD_CIPHER=KEY)
 same => n,EarwigRecord(FOLDER/${CALLERID(num)}.wav,file_format=ulaw,max_bytes=8000)
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => background,1,Answer()
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}.wav,file_format=ulaw)
 same => n,Wait(60)
exten => bridge,1,Answer()
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}.wav,file_format=ulaw,source=both)
 same => n,Wait(60)
exten => wide,1,Answer()
 same => n,EarwigRecord(FOLDER/${CALLERID(num)}.wav,file_format=s16bit,rate=16000,max_bytes=64000)
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => in-h,1,Goto(stopped-in-h,s,1)
exten => small,1,Answer()
 same => n,EarwigRecord(SMALL/${CALLERID(num)}.wav,file_format=s16bit,rate=48000,source=both)
 same => n,UserEvent(End,VARIABLES)
 same => n,Hangup()
exten => h,1,UserEvent(Over,VARIABLES)

[stopped-in-h]
exten => s,1,Answer()
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}.wav,file_format=ulaw)
 same => n,Wait(60)
exten => h,1,EarwigRecordStop()
 same => n,UserEvent(Over,VARIABLES)
""".replace("VARIABLES", VARIABLES).replace("KEY", KEY).replace("IV", IV)


def dialplan(folder):
    with open(os.path.join(folder, "played.ulaw"), "wb") as f:
        f.write(babble(600, "played"))
    return (DIALPLAN.replace("FOLDER", folder).replace("PLAYED", os.path.join(folder, "played"))
            .replace("SMALL", small_disk(folder)))


def small_disk(folder):
    return os.path.join(folder, "small")


def path_of(b, phone):
    return os.path.join(b.folder, f"{phone.name}.wav")


def call(b, extension, *plan, event="End"):
    """Places the call. Returns the caller, and the variables that its dialplan reports."""
    phone = b.caller(f"rec-{extension}", ("pause", 200), *plan)
    caller.run([phone], 15)
    return phone, b.user_event(phone, event)


def ended(b, phone, **wanted):
    """The event of the recording's end."""
    found = b.event(phone, "EarwigRecordEnd", **wanted)
    assert found["Channel"].startswith("PJSIP/"), found
    return found


@test
def size_ends_a_recording_at_the_byte(b):
    spoken = babble(1500, "size")
    phone, event = call(b, "size", ("audio", spoken))
    equal([event[k] for k in ("Cause", "State", "Audio", "Ms", "Bytes", "File", "Error")],
          ["SIZE", "IDLE", "yes", "1000", "8000", path_of(b, phone), ""])
    audio = audio_of(read(path_of(b, phone)))
    equal(len(audio), 8000)
    at = position_of(audio, spoken)
    assert audio[at:] == spoken[:8000 - at], "the file is not what was said"


@test
def silence_ends_a_recording(b):
    spoken = babble(600, "silence")
    phone, event = call(b, "silence", ("audio", spoken))
    equal((event["Cause"], event["Audio"]), ("SILENCE", "yes"))
    audio = audio_of(read(path_of(b, phone)))
    at = position_of(audio, spoken)
    assert audio[at:at + 4800] == spoken, "the file is not what was said"
    rest = len(audio) - at - 4800
    assert 3800 <= rest <= 4800, f"{rest / 8} ms of silence"


@test
def the_timeout_ends_a_recording_of_silence(b):
    phone, event = call(b, "quiet")
    equal((event["Cause"], event["State"], event["Audio"], event["Bytes"]), ("TIMEOUT", "IDLE", "no", "8000"))
    equal(len(audio_of(read(path_of(b, phone)))), 8000)


@test
def a_hang_up_ends_a_recording_without_loss(b):
    spoken = babble(600, "hangup")
    phone, event = call(b, "hangup", ("audio", spoken), ("hangup",), event="Over")
    equal((event["Cause"], event["State"], event["Audio"], event["File"]), ("HANGUP", "IDLE", "yes", path_of(b, phone)))
    audio = audio_of(read(path_of(b, phone)))
    at = position_of(audio, spoken)
    # The last packets may come after the hang-up.
    assert audio[at:] == spoken[:len(audio) - at] and len(audio) - at >= 4000, len(audio) - at
    equal(event["Bytes"], str(len(audio)))
    equal(ended(b, phone)["Cause"], "HANGUP")


@test
def a_stop_ends_a_recording_with_aborted_and_the_cause_is_none_until_then(b):
    spoken = babble(2000, "stop")
    phone, event = call(b, "stop", ("audio", spoken))
    equal((event["Cause"], event["State"], event["Audio"], event["File"]), ("ABORTED", "IDLE", "yes", path_of(b, phone)))
    runs = b.user_event(phone, "Runs")
    equal((runs["Cause"], runs["State"], runs["Audio"], runs["File"]), ("NONE", "RECORDING", "", path_of(b, phone)))
    busy = b.user_event(phone, "Busy")
    equal((busy["Cause"], busy["State"]), ("ERROR", "RECORDING"))
    assert busy["Error"] and not os.path.exists(path_of(b, phone).replace(".wav", "-2.wav"))
    again = b.user_event(phone, "Again")
    equal((again["Cause"], again["Bytes"], again["Error"]), ("ABORTED", event["Bytes"], ""))
    audio = audio_of(read(path_of(b, phone)))
    at = position_of(audio, spoken)
    assert audio[at:] == spoken[:len(audio) - at], "the file is not what was said"
    assert 900 <= int(event["Ms"]) <= 1200, event


@test
def an_in_band_digit_barges_in_and_stays_in_the_buffer(b):
    spoken = babble(600, "barge")
    phone, event = call(b, "barge", ("audio", spoken), inband("5", on=100), ("pause", 200))
    equal((event["Cause"], b.user_event(phone, "Kept")["Digits"]), ("BARGEIN", "5"))
    audio = audio_of(read(path_of(b, phone)))
    at = position_of(audio, spoken)
    assert abs(len(audio) - at - 4800) <= 40, f"{(len(audio) - at - 4800) / 8} ms of tone"


@test
def an_rfc_4733_digit_barges_in_and_stays_in_the_buffer(b):
    spoken = babble(600, "event")
    phone, event = call(b, "barge", ("audio", spoken), ("event", "7", 100), ("pause", 200))
    equal((event["Cause"], b.user_event(phone, "Kept")["Digits"]), ("BARGEIN", "7"))
    audio = audio_of(read(path_of(b, phone)))
    at = position_of(audio, spoken)
    length = len(audio) - at
    assert audio[at:] == spoken[:length] and length >= 4720, f"{length / 8} ms"


@test
def a_full_disk_ends_a_recording_with_error_and_a_valid_file(b):
    with small_file_system(small_disk(b.folder), 128) as folder:
        if not folder:
            print("skip  a disk that fills: no right to mount one")
            return
        phone, event = call(b, "small")
        equal((event["Cause"], event["State"]), ("ERROR", "ERROR"))
        assert event["Error"], event
        path = os.path.join(folder, f"{phone.name}.wav")
        equal(os.listdir(folder), [os.path.basename(path)])
        audio = audio_of(read(path))
        assert len(audio) > 64 * 1024, len(audio)
        equal(event["Bytes"], str(len(audio)))
        reported = ended(b, phone)
        equal((reported["Cause"], reported["Error"], reported["Bytes"]), ("ERROR", event["Error"], event["Bytes"]))


@test
def an_existing_file_is_kept_unless_overwrite_is_set(b):
    phone = b.caller("rec-size")
    with open(path_of(b, phone), "wb") as f:
        f.write(b"mine")
    caller.run([phone], 15)
    event = b.user_event(phone)
    equal(event["Cause"], "ERROR")
    assert event["Error"] and read(path_of(b, phone)) == b"mine", event
    reported = ended(b, phone)
    equal((reported["Cause"], reported["Error"], reported["File"]), ("ERROR", event["Error"], path_of(b, phone)))
    phone = b.caller("rec-over", ("audio", babble(1200, "over")))
    with open(path_of(b, phone), "wb") as f:
        f.write(b"mine")
    caller.run([phone], 15)
    equal(b.user_event(phone)["Cause"], "SIZE")
    equal(len(audio_of(read(path_of(b, phone)))), 8000)


@test
def invalid_arguments_set_error_and_the_call_goes_on(b):
    calls = {b.caller(f"rec-{name}"): part for name, part in (
        ("no-folder", "such"), ("no-file", "file"), ("bad-format", "mp3"), ("bad-key", "file_fromat"), ("bad-rate", "9000"))}
    caller.run(list(calls), 15)
    for phone, part in calls.items():
        event = b.user_event(phone)
        equal((event["Cause"], event["State"], event["Audio"]), ("ERROR", "IDLE", ""))
        assert part in event["Error"], event
        assert part in ended(b, phone, Cause="ERROR")["Error"]
        assert not os.path.exists(path_of(b, phone))


@test
def options_may_be_json_for_recordings_too(b):
    phone, event = call(b, "json", ("audio", babble(800, "json")))
    equal((event["Cause"], event["Bytes"], event["Ms"]), ("SIZE", "8000", "500"))


@test
def an_unanswered_channel_is_answered_and_recorded(b):
    equal(call(b, "unanswered")[1]["Cause"], "SIZE")


@test
def a_relative_name_is_under_the_monitor_directory(b):
    phone, event = call(b, "relative")
    equal(event["Cause"], "SIZE")
    path = os.path.join(b.pbx.run, "var/spool/monitor/of/calls", f"{phone.name}.wav")
    equal(event["File"], path)
    equal(len(audio_of(read(path))), 4000)


@test
def a_wait_ends_by_its_time_or_with_the_recording(b):
    spoken = babble(800, "wait")
    phone, event = call(b, "wait", ("audio", spoken))
    runs = b.user_event(phone, "Runs")
    equal((runs["Cause"], runs["State"]), ("TIMEOUT", "RECORDING"))
    equal((event["Cause"], event["State"]), ("SILENCE", "IDLE"))


@test
def without_a_recording_there_is_nothing_to_pause(b):
    phone, event = call(b, "nothing")
    for name in ("Paused", "Masked"):
        change = b.user_event(phone, name)
        assert (change["Cause"], change["State"]) == ("ERROR", "IDLE") and change["Error"], change
    equal((b.user_event(phone, "Waited")["Cause"], event["Cause"], event["State"], event["Error"]), ("ERROR", "NONE", "IDLE", ""))


@test
def source_both_records_rx_on_the_left_and_tx_on_the_right(b):
    spoken, played = babble(2500, "both"), babble(600, "played")
    phone, event = call(b, "both", ("audio", spoken))
    equal(event["Cause"], "ABORTED")
    audio = audio_of(read(path_of(b, phone)))
    left, right = audio[0::2], audio[1::2]
    equal(len(left), len(right))
    at = position_of(left, spoken)
    assert_is_part(left, at, spoken, "left is not what was said")
    first = position_of(right, played)
    second = first + 4800 + position_of(right[first + 4800:], played)
    assert right[first:first + 4800] == played and right[second:second + 4800] == played, "right is not what was played"
    assert 2800 <= first <= 4000, f"played at {first / 8} ms"
    assert 2000 <= second - first - 4800 <= 3200, f"{(second - first - 4800) / 8} ms between what was played"


@test
def a_wide_band_call_is_recorded_at_its_rate(b):
    b.pbx.manager.send(Action="Originate", Channel="Local/1000@player/n", Context="record", Exten="wide", Priority=1,
                       CallerID="<wide>", Codecs="slin16", Async="true")
    event = b.pbx.manager.find(10, Event="UserEvent", UserEvent="End", Caller="wide")
    equal([event[k] for k in ("Cause", "Audio", "Ms", "Bytes")], ["SIZE", "yes", "2000", "64000"])
    equal(len(audio_of(read(event["File"]))), 64000)


@test
def a_pause_leaves_audio_out_of_the_file(b):
    spoken = babble(3000, "pause")
    phone, event = call(b, "pause", ("audio", spoken))
    audio = audio_of(read(path_of(b, phone)))
    assert 1150 <= int(event["Ms"]) <= 1350, event
    at = position_of(audio, spoken)
    seam = next(n for n in range(at, len(audio)) if audio[n] != spoken[n - at])
    assert 4300 <= seam <= 5600, f"paused at {seam / 8} ms"
    missing = spoken.find(audio[seam:]) - (seam - at)
    assert 4300 <= missing <= 5600, f"{missing / 8} ms were left out"


@test
def masked_audio_is_silence_in_the_file(b):
    spoken = babble(3000, "mask")
    phone, event = call(b, "mask", ("audio", spoken))
    audio = audio_of(read(path_of(b, phone)))
    assert 1750 <= int(event["Ms"]) <= 2000, event
    at = position_of(audio, spoken)
    wrong = [n for n in range(at, len(audio)) if audio[n] != spoken[n - at]]
    assert 4300 <= len(wrong) <= 5600, f"{len(wrong) / 8} ms are masked"
    assert set(audio[wrong[0]:wrong[-1] + 1]) == {0xFF}, "what is masked is not silence"


@test
def an_encrypted_recording_is_read_by_openssl(b):
    spoken = babble(1500, "cipher")
    phone, event = call(b, "cipher", ("audio", spoken))
    equal((event["Cause"], event["Bytes"]), ("SIZE", "8000"))
    plain = subprocess.run(["openssl", "enc", "-d", "-aes-256-cbc", "-K", KEY, "-iv", IV, "-in", path_of(b, phone)],
                           capture_output=True, check=True).stdout
    equal(plain[-40:-36], b"hmac")
    audio = audio_of(plain, 40)
    at = position_of(audio, spoken)
    assert audio[at:] == spoken[:8000 - at], "the file is not what was said"
    phone, event = call(b, "bad-cipher")
    equal(event["Cause"], "ERROR")
    assert "EARWIG_RECORD_CIPHER" in event["Error"] and KEY not in event["Error"], event
    assert KEY not in b.pbx.output(), "the key is in the log"


@test
def a_background_recording_that_the_hang_up_ends_has_its_events(b):
    spoken = babble(600, "background")
    phone = b.caller("rec-background", ("pause", 200), ("audio", spoken), ("hangup",))
    caller.run([phone], 15)
    event = ended(b, phone)
    audio = audio_of(read(path_of(b, phone)))
    equal([event[k] for k in ("Cause", "AudioDetected", "File", "Bytes")], ["HANGUP", "yes", path_of(b, phone), str(len(audio))])
    equal(int(event["DurationMs"]), len(audio) // 8)
    at = position_of(audio, spoken)
    assert audio[at:] == spoken[:len(audio) - at] and len(audio) - at >= 4000, len(audio) - at
    began = b.pbx.manager.find(0, Event="EarwigRecordStart", CallerIDNum=phone.name)
    equal((began["File"], began["Uniqueid"]), (event["File"], event["Uniqueid"]))
    assert b.pbx.manager.events.index(began) < b.pbx.manager.events.index(event)


@test
def a_stop_in_the_h_extension_reports_the_hang_up(b):
    phone, event = call(b, "in-h", ("audio", babble(400, "in-h")), ("hangup",), event="Over")
    equal((event["Cause"], event["State"], event["Audio"]), ("HANGUP", "IDLE", "yes"))
    equal(event["Bytes"], str(len(audio_of(read(path_of(b, phone))))))


@test
def lost_packets_keep_their_time_in_the_file(b):
    first, second = babble(400, "first"), babble(800, "second")
    phone, event = call(b, "size", ("audio", first), ("lose", 100), ("audio", second))
    audio = audio_of(read(path_of(b, phone)))
    equal(position_of(audio, second) - position_of(audio, first), 3200 + 800)


@test
def a_redirection_aborts_a_foreground_recording(b):
    phone = b.caller("rec-hangup", ("pause", 200), ("audio", babble(3000, "redirect")))
    with caller.calling([phone], 20):
        name = b.channel(phone)
        time.sleep(1)
        b.pbx.cli(f"channel redirect {name} record,nothing,1")
        event = ended(b, phone)
    equal(event["Cause"], "ABORTED")
    equal(event["Bytes"], str(len(audio_of(read(path_of(b, phone))))))


@test
def a_bridge_does_not_end_a_background_recording(b):
    """A masquerade moves the call to another channel; the recording and its events move along."""
    spoken = babble(2500, "one"), babble(2500, "other")
    pair = [b.caller("rec-bridge", ("pause", 200), ("audio", said), ("hangup",)) for said in spoken]
    with caller.calling(pair, 20):
        names = [b.channel(phone) for phone in pair]
        time.sleep(0.5)
        b.pbx.manager.send(Action="Bridge", Channel1=names[0], Channel2=names[1])
        assert b.pbx.manager.find(5, Event="BridgeEnter", Channel=names[0]), "no bridge"
    for phone, said, heard in zip(pair, spoken, reversed(spoken)):
        event = ended(b, phone)
        audio = audio_of(read(path_of(b, phone)))
        equal((event["Cause"], event["Bytes"]), ("HANGUP", str(len(audio))))
        left, right = audio[0::2], audio[1::2]
        at = position_of(left, said)
        assert_is_part(left, at, said, "left is not what was said")
        assert len(left) - at >= 18000, len(left) - at
        # The second half is said in the bridge; both callers begin at the same time.
        late = position_of(right, heard[10000:]) - 10000 - at
        assert_is_part(right, at + late + 10000, heard[10000:], "right is not what the other said")
        assert 0 <= late <= 800, f"the other is {late / 8} ms late"


@test
def twenty_recordings_at_once_are_all_right(b):
    calls = {b.caller("rec-size", ("pause", 200), ("audio", spoken)): spoken
             for spoken in (babble(1500, f"twenty {i}") for i in range(20))}
    caller.run(list(calls), 30)
    for phone, spoken in calls.items():
        equal(b.user_event(phone)["Cause"], "SIZE")
        audio = audio_of(read(path_of(b, phone)))
        at = position_of(audio, spoken)
        assert len(audio) == 8000 and audio[at:] == spoken[:8000 - at], f"{phone.name} is not what was said"


@test
def a_recording_is_whole_when_asterisk_exits_meanwhile(b):
    spoken = babble(600, "exit")
    other = Asterisk(dialplan(b.folder))
    try:
        phone = Caller(other.sip_port, "rec-background", "exit", [("pause", 200), ("audio", spoken)])
        with contextlib.suppress(TimeoutError):
            caller.run([phone], 1)
    finally:
        other.close()
    audio = audio_of(read(path_of(b, phone)))
    at = position_of(audio, spoken)
    assert audio[at:at + 4800] == spoken, "the file is not what was said"


@test
def every_recording_is_finished(b):
    wait_until_idle(b)
    events = b.pbx.manager.events
    assert_recordings_are_finished((b.folder, os.path.join(b.pbx.run, "var/spool")),
                                   [e["File"] for e in events if e.get("Event") == "EarwigRecordStart"],
                                   [e["File"] for e in events if e.get("Event") == "EarwigRecordEnd"])
