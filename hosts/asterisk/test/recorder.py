"""Calls that are recorded, each with its ending and its file."""

import contextlib
import os
import subprocess
import time

import caller
from harness import equal, idle, inband, test
from caller import Caller, babble
from files import RECORD, audio_of, begins, disk, is_part, read
from pbx import Asterisk

KEY, IV = "00112233445566778899aabbccddeeff" * 2, "0102030405060708090a0b0c0d0e0f10"

SAW = ("Caller: ${CALLERID(num)},Cause: ${EARWIG_CAUSE},State: ${EARWIG_RECORDER_STATE},Audio: ${EARWIG_AUDIO_DETECTED},"
       "Ms: ${EARWIG_RECORD_MS},Bytes: ${EARWIG_RECORD_BYTES},File: ${EARWIG_RECORD_FILE},Error: ${EARWIG_ERROR}")

DIALPLAN = """
[tests]
exten => _rec-.,1,Goto(record,${EXTEN:4},1)

[record]
""" + "".join(f"""
exten => {name},1,Answer()
 same => n,EarwigRecord(FOLDER/${{CALLERID(num)}}.wav,{options})
 same => n,UserEvent(Saw,{SAW})
 same => n,EarwigGetDigits(D)
 same => n,UserEvent(Kept,Caller: ${{CALLERID(num)}},Digits: ${{D}})
 same => n,Hangup()
""" for name, options in RECORD.items()) + """
exten => unanswered,1,EarwigRecord(FOLDER/${CALLERID(num)}.wav,file_format=ulaw,max_bytes=4000)
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => no-file,1,Answer()
 same => n,EarwigRecord(,max_bytes=4000)
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => no-folder,1,Answer()
 same => n,EarwigRecord(FOLDER/none/such.wav)
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => relative,1,Answer()
 same => n,EarwigRecord(of/calls/${CALLERID(num)}.wav,max_bytes=4000)
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => stop,1,Answer()
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}.wav,file_format=ulaw)
 same => n,UserEvent(Runs,SAW)
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}-2.wav)
 same => n,UserEvent(Busy,SAW)
 same => n,Wait(1)
 same => n,EarwigRecordStop()
 same => n,UserEvent(Saw,SAW)
 same => n,EarwigRecordStop()
 same => n,UserEvent(Again,SAW)
 same => n,Hangup()
exten => wait,1,Answer()
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}.wav,file_format=ulaw,milliseconds_max_silence=500)
 same => n,EarwigRecordWait(0.3)
 same => n,UserEvent(Runs,SAW)
 same => n,EarwigRecordWait()
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => nothing,1,Answer()
 same => n,EarwigRecordPause()
 same => n,UserEvent(Paused,SAW)
 same => n,EarwigListen()
 same => n,EarwigRecordMask()
 same => n,UserEvent(Masked,SAW)
 same => n,EarwigRecordWait(soon)
 same => n,UserEvent(Waited,SAW)
 same => n,EarwigRecordWait()
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => both,1,Answer()
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}.wav,file_format=ulaw,source=both)
 same => n,Wait(0.4)
 same => n,Playback(PLAYED)
 same => n,Wait(0.3)
 same => n,Playback(PLAYED)
 same => n,EarwigRecordStop()
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => pause,1,Answer()
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}.wav,file_format=ulaw)
 same => n,Wait(0.6)
 same => n,EarwigRecordPause()
 same => n,Wait(0.6)
 same => n,EarwigRecordResume()
 same => n,Wait(0.6)
 same => n,EarwigRecordStop()
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => mask,1,Answer()
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}.wav,file_format=ulaw)
 same => n,Wait(0.6)
 same => n,EarwigRecordMask()
 same => n,Wait(0.6)
 same => n,EarwigRecordUnmask()
 same => n,Wait(0.6)
 same => n,EarwigRecordStop()
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => cipher,1,Answer()
 same => n,Set(EARWIG_RECORD_CIPHER=KEY:IV)
 same => n,EarwigRecord(FOLDER/${CALLERID(num)}.wav,file_format=ulaw,max_bytes=8000)
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => bad-cipher,1,Answer()
 same => n,Set(EARWIG_RECORD_CIPHER=KEY)
 same => n,EarwigRecord(FOLDER/${CALLERID(num)}.wav,file_format=ulaw,max_bytes=8000)
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => background,1,Answer()
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}.wav,file_format=ulaw)
 same => n,Wait(60)
exten => bridge,1,Answer()
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}.wav,file_format=ulaw,source=both)
 same => n,Wait(60)
exten => wide,1,Answer()
 same => n,EarwigRecord(FOLDER/${CALLERID(num)}.wav,file_format=s16bit,rate=16000,max_bytes=64000)
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => in-h,1,Goto(stopped-in-h,s,1)
exten => small,1,Answer()
 same => n,EarwigRecord(SMALL/${CALLERID(num)}.wav,file_format=s16bit,rate=48000,source=both)
 same => n,UserEvent(Saw,SAW)
 same => n,Hangup()
exten => h,1,UserEvent(Over,SAW)

[stopped-in-h]
exten => s,1,Answer()
 same => n,EarwigRecordStart(FOLDER/${CALLERID(num)}.wav,file_format=ulaw)
 same => n,Wait(60)
exten => h,1,EarwigRecordStop()
 same => n,UserEvent(Over,SAW)
""".replace("SAW", SAW).replace("KEY", KEY).replace("IV", IV)


def dialplan(folder):
    with open(os.path.join(folder, "played.ulaw"), "wb") as f:
        f.write(babble(600, "played"))
    return (DIALPLAN.replace("FOLDER", folder).replace("PLAYED", os.path.join(folder, "played"))
            .replace("SMALL", small_disk(folder)))


def small_disk(folder):
    return os.path.join(folder, "small")


def path_of(b, one):
    return os.path.join(b.folder, f"{one.name}.wav")


def call(b, extension, *plan, event="Saw"):
    """The call, and what its dialplan saw."""
    one = b.caller(f"rec-{extension}", ("pause", 200), *plan)
    caller.run([one], 15)
    return one, b.saw(one, event)


def ended(b, one, **wanted):
    """The manager's event, whose file and figures must be those of the file."""
    found = b.told(one, "EarwigRecordEnd", **wanted)
    assert found["Channel"].startswith("PJSIP/"), found
    return found


@test
def size_ends_a_recording_at_the_byte(b):
    spoken = babble(1500, "size")
    one, event = call(b, "size", ("audio", spoken))
    equal([event[k] for k in ("Cause", "State", "Audio", "Ms", "Bytes", "File", "Error")],
          ["SIZE", "IDLE", "yes", "1000", "8000", path_of(b, one), ""])
    audio = audio_of(read(path_of(b, one)))
    equal(len(audio), 8000)
    at = begins(audio, spoken)
    assert audio[at:] == spoken[:8000 - at], "the file is not what was said"


@test
def silence_ends_a_recording(b):
    spoken = babble(600, "silence")
    one, event = call(b, "silence", ("audio", spoken))
    equal((event["Cause"], event["Audio"]), ("SILENCE", "yes"))
    audio = audio_of(read(path_of(b, one)))
    at = begins(audio, spoken)
    assert audio[at:at + 4800] == spoken, "the file is not what was said"
    rest = len(audio) - at - 4800
    assert 3800 <= rest <= 4800, f"{rest / 8} ms of silence"


@test
def the_timeout_ends_a_recording_of_silence(b):
    one, event = call(b, "quiet")
    equal((event["Cause"], event["State"], event["Audio"], event["Bytes"]), ("TIMEOUT", "IDLE", "no", "8000"))
    equal(len(audio_of(read(path_of(b, one)))), 8000)


@test
def a_hang_up_ends_it_and_nothing_is_lost(b):
    spoken = babble(600, "hangup")
    one, event = call(b, "hangup", ("audio", spoken), ("hangup",), event="Over")
    equal((event["Cause"], event["State"], event["Audio"], event["File"]), ("HANGUP", "IDLE", "yes", path_of(b, one)))
    audio = audio_of(read(path_of(b, one)))
    at = begins(audio, spoken)
    # The last packets may come after the hang-up.
    assert audio[at:] == spoken[:len(audio) - at] and len(audio) - at >= 4000, len(audio) - at
    equal(event["Bytes"], str(len(audio)))
    equal(ended(b, one)["Cause"], "HANGUP")


@test
def a_stop_ends_it_with_aborted_and_none_is_the_cause_while_it_runs(b):
    spoken = babble(2000, "stop")
    one, event = call(b, "stop", ("audio", spoken))
    equal((event["Cause"], event["State"], event["Audio"], event["File"]), ("ABORTED", "IDLE", "yes", path_of(b, one)))
    runs = b.saw(one, "Runs")
    equal((runs["Cause"], runs["State"], runs["Audio"], runs["File"]), ("NONE", "RECORDING", "", path_of(b, one)))
    busy = b.saw(one, "Busy")
    equal((busy["Cause"], busy["State"]), ("ERROR", "RECORDING"))
    assert busy["Error"] and not os.path.exists(path_of(b, one).replace(".wav", "-2.wav"))
    again = b.saw(one, "Again")
    equal((again["Cause"], again["Bytes"], again["Error"]), ("ABORTED", event["Bytes"], ""))
    audio = audio_of(read(path_of(b, one)))
    at = begins(audio, spoken)
    assert audio[at:] == spoken[:len(audio) - at], "the file is not what was said"
    assert 900 <= int(event["Ms"]) <= 1200, event


@test
def an_in_band_digit_barges_in_and_stays_in_the_buffer(b):
    spoken = babble(600, "barge")
    one, event = call(b, "barge", ("audio", spoken), inband("5", on=100), ("pause", 200))
    equal((event["Cause"], b.saw(one, "Kept")["Digits"]), ("BARGEIN", "5"))
    audio = audio_of(read(path_of(b, one)))
    at = begins(audio, spoken)
    assert abs(len(audio) - at - 4800) <= 40, f"{(len(audio) - at - 4800) / 8} ms of tone"


@test
def an_rfc_4733_digit_barges_in_and_stays_in_the_buffer(b):
    spoken = babble(600, "event")
    one, event = call(b, "barge", ("audio", spoken), ("event", "7", 100), ("pause", 200))
    equal((event["Cause"], b.saw(one, "Kept")["Digits"]), ("BARGEIN", "7"))
    audio = audio_of(read(path_of(b, one)))
    at = begins(audio, spoken)
    length = len(audio) - at
    assert audio[at:] == spoken[:length] and length >= 4720, f"{length / 8} ms"


@test
def a_disk_that_fills_ends_it_with_error_and_a_valid_file(b):
    with disk(small_disk(b.folder), 128) as folder:
        if not folder:
            print("skip  a disk that fills: no right to mount one")
            return
        one, event = call(b, "small")
        equal((event["Cause"], event["State"]), ("ERROR", "ERROR"))
        assert event["Error"], event
        path = os.path.join(folder, f"{one.name}.wav")
        equal(os.listdir(folder), [os.path.basename(path)])
        audio = audio_of(read(path))
        assert len(audio) > 64 * 1024, len(audio)
        equal(event["Bytes"], str(len(audio)))
        told = ended(b, one)
        equal((told["Cause"], told["Error"], told["Bytes"]), ("ERROR", event["Error"], event["Bytes"]))


@test
def a_file_that_exists_is_left_alone_unless_it_may_be_overwritten(b):
    one = b.caller("rec-size")
    with open(path_of(b, one), "wb") as f:
        f.write(b"mine")
    caller.run([one], 15)
    event = b.saw(one)
    equal(event["Cause"], "ERROR")
    assert event["Error"] and read(path_of(b, one)) == b"mine", event
    told = ended(b, one)
    equal((told["Cause"], told["Error"], told["File"]), ("ERROR", event["Error"], path_of(b, one)))
    one = b.caller("rec-over", ("audio", babble(1200, "over")))
    with open(path_of(b, one), "wb") as f:
        f.write(b"mine")
    caller.run([one], 15)
    equal(b.saw(one)["Cause"], "SIZE")
    equal(len(audio_of(read(path_of(b, one)))), 8000)


@test
def what_is_wrong_sets_error_and_the_call_goes_on(b):
    calls = {b.caller(f"rec-{name}"): part for name, part in (
        ("no-folder", "such"), ("no-file", "file"), ("bad-format", "mp3"), ("bad-key", "file_fromat"), ("bad-rate", "9000"))}
    caller.run(list(calls), 15)
    for one, part in calls.items():
        event = b.saw(one)
        equal((event["Cause"], event["State"], event["Audio"]), ("ERROR", "IDLE", ""))
        assert part in event["Error"], event
        assert part in ended(b, one, Cause="ERROR")["Error"]
        assert not os.path.exists(path_of(b, one))


@test
def options_may_be_json_for_recordings_too(b):
    one, event = call(b, "json", ("audio", babble(800, "json")))
    equal((event["Cause"], event["Bytes"], event["Ms"]), ("SIZE", "8000", "500"))


@test
def a_channel_that_is_not_up_is_answered_and_recorded(b):
    equal(call(b, "unanswered")[1]["Cause"], "SIZE")


@test
def a_relative_name_is_under_the_monitor_directory(b):
    one, event = call(b, "relative")
    equal(event["Cause"], "SIZE")
    path = os.path.join(b.pbx.run, "var/spool/monitor/of/calls", f"{one.name}.wav")
    equal(event["File"], path)
    equal(len(audio_of(read(path))), 4000)


@test
def a_wait_ends_by_its_time_or_with_the_recording(b):
    spoken = babble(800, "wait")
    one, event = call(b, "wait", ("audio", spoken))
    runs = b.saw(one, "Runs")
    equal((runs["Cause"], runs["State"]), ("TIMEOUT", "RECORDING"))
    equal((event["Cause"], event["State"]), ("SILENCE", "IDLE"))


@test
def without_a_recording_there_is_nothing_to_pause(b):
    one, event = call(b, "nothing")
    for name in ("Paused", "Masked"):
        change = b.saw(one, name)
        assert (change["Cause"], change["State"]) == ("ERROR", "IDLE") and change["Error"], change
    equal((b.saw(one, "Waited")["Cause"], event["Cause"], event["State"], event["Error"]), ("ERROR", "NONE", "IDLE", ""))


@test
def two_channels_have_what_it_says_left_and_what_it_hears_right(b):
    spoken, played = babble(2500, "both"), babble(600, "played")
    one, event = call(b, "both", ("audio", spoken))
    equal(event["Cause"], "ABORTED")
    audio = audio_of(read(path_of(b, one)))
    left, right = audio[0::2], audio[1::2]
    equal(len(left), len(right))
    at = begins(left, spoken)
    is_part(left, at, spoken, "left is not what was said")
    first = begins(right, played)
    second = first + 4800 + begins(right[first + 4800:], played)
    assert right[first:first + 4800] == played and right[second:second + 4800] == played, "right is not what was played"
    assert 2800 <= first <= 4000, f"played at {first / 8} ms"
    assert 2000 <= second - first - 4800 <= 3200, f"{(second - first - 4800) / 8} ms between what was played"


@test
def a_wide_band_call_is_recorded_at_its_rate(b):
    b.pbx.manager.send(Action="Originate", Channel="Local/1000@player/n", Context="record", Exten="wide", Priority=1,
                       CallerID="<wide>", Codecs="slin16", Async="true")
    event = b.pbx.manager.find(10, Event="UserEvent", UserEvent="Saw", Caller="wide")
    equal([event[k] for k in ("Cause", "Audio", "Ms", "Bytes")], ["SIZE", "yes", "2000", "64000"])
    equal(len(audio_of(read(event["File"]))), 64000)


@test
def what_is_said_in_a_pause_is_not_in_the_file(b):
    spoken = babble(3000, "pause")
    one, event = call(b, "pause", ("audio", spoken))
    audio = audio_of(read(path_of(b, one)))
    assert 1150 <= int(event["Ms"]) <= 1350, event
    at = begins(audio, spoken)
    seam = next(n for n in range(at, len(audio)) if audio[n] != spoken[n - at])
    assert 4300 <= seam <= 5600, f"paused at {seam / 8} ms"
    missing = spoken.find(audio[seam:]) - (seam - at)
    assert 4300 <= missing <= 5600, f"{missing / 8} ms were left out"


@test
def what_is_masked_is_silence_in_the_file(b):
    spoken = babble(3000, "mask")
    one, event = call(b, "mask", ("audio", spoken))
    audio = audio_of(read(path_of(b, one)))
    assert 1750 <= int(event["Ms"]) <= 2000, event
    at = begins(audio, spoken)
    wrong = [n for n in range(at, len(audio)) if audio[n] != spoken[n - at]]
    assert 4300 <= len(wrong) <= 5600, f"{len(wrong) / 8} ms are masked"
    assert set(audio[wrong[0]:wrong[-1] + 1]) == {0xFF}, "what is masked is not silence"


@test
def an_encrypted_recording_is_read_by_openssl(b):
    spoken = babble(1500, "cipher")
    one, event = call(b, "cipher", ("audio", spoken))
    equal((event["Cause"], event["Bytes"]), ("SIZE", "8000"))
    plain = subprocess.run(["openssl", "enc", "-d", "-aes-256-cbc", "-K", KEY, "-iv", IV, "-in", path_of(b, one)],
                           capture_output=True, check=True).stdout
    audio = audio_of(plain)
    at = begins(audio, spoken)
    assert audio[at:] == spoken[:8000 - at], "the file is not what was said"
    one, event = call(b, "bad-cipher")
    equal(event["Cause"], "ERROR")
    assert "EARWIG_RECORD_CIPHER" in event["Error"] and KEY not in event["Error"], event
    assert KEY not in b.pbx.output(), "the key is in the log"


@test
def a_background_recording_that_the_hang_up_ends_is_told(b):
    spoken = babble(600, "background")
    one = b.caller("rec-background", ("pause", 200), ("audio", spoken), ("hangup",))
    caller.run([one], 15)
    event = ended(b, one)
    audio = audio_of(read(path_of(b, one)))
    equal([event[k] for k in ("Cause", "AudioDetected", "File", "Bytes")], ["HANGUP", "yes", path_of(b, one), str(len(audio))])
    equal(int(event["DurationMs"]), len(audio) // 8)
    at = begins(audio, spoken)
    assert audio[at:] == spoken[:len(audio) - at] and len(audio) - at >= 4000, len(audio) - at
    began = b.pbx.manager.find(0, Event="EarwigRecordStart", CallerIDNum=one.name)
    equal((began["File"], began["Uniqueid"]), (event["File"], event["Uniqueid"]))
    assert b.pbx.manager.events.index(began) < b.pbx.manager.events.index(event)


@test
def a_stop_in_the_h_extension_finds_the_hang_up(b):
    one, event = call(b, "in-h", ("audio", babble(400, "in-h")), ("hangup",), event="Over")
    equal((event["Cause"], event["State"], event["Audio"]), ("HANGUP", "IDLE", "yes"))
    equal(event["Bytes"], str(len(audio_of(read(path_of(b, one))))))


@test
def lost_packets_keep_their_place_in_the_file(b):
    first, second = babble(400, "first"), babble(800, "second")
    one, event = call(b, "size", ("audio", first), ("lose", 100), ("audio", second))
    audio = audio_of(read(path_of(b, one)))
    equal(begins(audio, second) - begins(audio, first), 3200 + 800)


@test
def a_call_that_is_redirected_aborts_its_recording(b):
    one = b.caller("rec-hangup", ("pause", 200), ("audio", babble(3000, "redirect")))
    with caller.calling([one], 20):
        name = b.channel(one)
        time.sleep(1)
        b.pbx.cli(f"channel redirect {name} record,nothing,1")
        event = ended(b, one)
    equal(event["Cause"], "ABORTED")
    equal(event["Bytes"], str(len(audio_of(read(path_of(b, one))))))


@test
def a_bridge_does_not_end_a_background_recording(b):
    """A masquerade gives the call to another channel: the recording and its events move along."""
    spoken = babble(2500, "one"), babble(2500, "other")
    pair = [b.caller("rec-bridge", ("pause", 200), ("audio", said), ("hangup",)) for said in spoken]
    with caller.calling(pair, 20):
        names = [b.channel(one) for one in pair]
        time.sleep(0.5)
        b.pbx.manager.send(Action="Bridge", Channel1=names[0], Channel2=names[1])
        assert b.pbx.manager.find(5, Event="BridgeEnter", Channel=names[0]), "no bridge"
    for one, said, heard in zip(pair, spoken, reversed(spoken)):
        event = ended(b, one)
        audio = audio_of(read(path_of(b, one)))
        equal((event["Cause"], event["Bytes"]), ("HANGUP", str(len(audio))))
        left, right = audio[0::2], audio[1::2]
        at = begins(left, said)
        is_part(left, at, said, "left is not what was said")
        assert len(left) - at >= 18000, len(left) - at
        # The second half was said in the bridge; both callers began at once.
        late = begins(right, heard[10000:]) - 10000 - at
        is_part(right, at + late + 10000, heard[10000:], "right is not what the other said")
        assert 0 <= late <= 800, f"the other is {late / 8} ms late"


@test
def twenty_recordings_at_once_are_all_right(b):
    calls = {b.caller("rec-size", ("pause", 200), ("audio", spoken)): spoken
             for spoken in (babble(1500, f"twenty {i}") for i in range(20))}
    caller.run(list(calls), 30)
    for one, spoken in calls.items():
        equal(b.saw(one)["Cause"], "SIZE")
        audio = audio_of(read(path_of(b, one)))
        at = begins(audio, spoken)
        assert len(audio) == 8000 and audio[at:] == spoken[:8000 - at], f"{one.name} is not what was said"


@test
def a_recording_is_whole_when_asterisk_exits_meanwhile(b):
    spoken = babble(600, "exit")
    other = Asterisk(dialplan(b.folder))
    try:
        one = Caller(other.sip_port, "rec-background", "exit", [("pause", 200), ("audio", spoken)])
        with contextlib.suppress(TimeoutError):
            caller.run([one], 1)
    finally:
        other.close()
    audio = audio_of(read(path_of(b, one)))
    at = begins(audio, spoken)
    assert audio[at:at + 4800] == spoken, "the file is not what was said"


@test
def no_recording_is_left_unfinished(b):
    idle(b)
    for top in (b.folder, os.path.join(b.pbx.run, "var/spool")):
        for folder, _, names in os.walk(top):
            assert not [name for name in names if ".part" in name], (folder, names)
    starts = [e["File"] for e in b.pbx.manager.events if e.get("Event") == "EarwigRecordStart"]
    ends = [e["File"] for e in b.pbx.manager.events if e.get("Event") == "EarwigRecordEnd"]
    assert starts and all(starts.count(file) <= ends.count(file) for file in starts), (starts, ends)
