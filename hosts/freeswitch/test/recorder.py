"""Calls that are recorded, each with its ending."""

import os

import caller
from harness import answered, equal, inband, saw, test
from caller import babble
from files import RECORD, audio_of, begins, disk, read
from recording_files import FILE, call, ended, filed, is_said, path_of
from switch import extension


def dialplan(folder):
    plan = "".join(answered(f"rec-{name}", f"earwig_record {FILE},{options}", saw("saw"), "earwig_get_digits D", at="kept")
                   for name, options in RECORD.items())
    return filed(folder, plan + "".join((
        extension("rec-unanswered", f"earwig_record {FILE},file_format=ulaw,max_bytes=4000", saw("saw"), "hangup"),
        answered("rec-no-file", "earwig_record"),
        answered("rec-no-folder", "earwig_record FOLDER/none/such.wav"),
        answered("rec-relative", "earwig_record of/calls/${caller_id_number}.wav max_bytes=4000"),
        answered("rec-quoted", "earwig_record 'FOLDER/${caller_id_number} a, b.wav',max_bytes=4000"),
        answered("rec-stop", f"earwig_record_start {FILE},file_format=ulaw", saw("runs"),
                 f"earwig_record_start {FILE}-2", saw("busy"), "sleep 1000", "earwig_record_stop", saw("stopped"),
                 "earwig_record_stop"),
        answered("rec-wait", f"earwig_record_start {FILE},file_format=ulaw,milliseconds_max_silence=500", "earwig_record_wait 0.3",
                 saw("runs"), "earwig_record_wait"),
        answered("rec-nothing", "earwig_record_pause", saw("paused"), "earwig_listen", "earwig_record_mask", saw("masked"),
                 "earwig_record_wait soon", saw("waited"), "earwig_record_wait"),
        answered("rec-small", "earwig_record FOLDER/small/${caller_id_number}.wav,file_format=s16bit,rate=48000,source=both"),
        extension("rec-background", "answer", f"earwig_record_start {FILE},file_format=ulaw", "park"),
    )))


@test
def size_ends_a_recording_at_the_byte(b):
    spoken = babble(1500, "size")
    one, seen = call(b, "size", ("audio", spoken))
    equal((seen.earwig_cause, seen.earwig_recorder_state, seen.earwig_audio_detected, seen.earwig_record_ms,
           seen.earwig_record_bytes, seen.earwig_record_file, seen.earwig_error),
          ("SIZE", "IDLE", "yes", "1000", "8000", path_of(b, one.name), ""))
    audio = audio_of(read(path_of(b, one.name)))
    equal(len(audio), 8000)
    at = begins(audio, spoken)
    assert audio[at:] == spoken[:8000 - at], "the file is not what was said"


@test
def silence_ends_a_recording(b):
    spoken = babble(600, "silence")
    one, seen = call(b, "silence", ("audio", spoken))
    equal((seen.earwig_cause, seen.earwig_audio_detected), ("SILENCE", "yes"))
    audio = audio_of(read(path_of(b, one.name)))
    at = begins(audio, spoken)
    assert audio[at:at + 4800] == spoken, "the file is not what was said"
    rest = len(audio) - at - 4800
    assert 3800 <= rest <= 4800, f"{rest / 8} ms of silence"


@test
def the_timeout_ends_a_recording_of_silence(b):
    one, seen = call(b, "quiet")
    equal((seen.earwig_cause, seen.earwig_recorder_state, seen.earwig_audio_detected, seen.earwig_record_bytes),
          ("TIMEOUT", "IDLE", "no", "8000"))
    equal(len(audio_of(read(path_of(b, one.name)))), 8000)


@test
def a_hang_up_ends_it_and_nothing_is_lost(b):
    spoken = babble(600, "hangup")
    one = b.caller("rec-hangup", ("pause", 200), ("audio", spoken), ("hangup",))
    caller.run([one], 15)
    over = b.over(one.name)
    equal((over.earwig_cause, over.earwig_recorder_state, over.earwig_audio_detected, over.earwig_record_file),
          ("HANGUP", "IDLE", "yes", path_of(b, one.name)))
    audio = audio_of(read(path_of(b, one.name)))
    is_said(audio, spoken)
    equal(over.earwig_record_bytes, str(len(audio)))
    equal(ended(b, one.name)["Earwig-Cause"], "HANGUP")


@test
def a_stop_ends_it_with_aborted_and_none_is_the_cause_while_it_runs(b):
    spoken = babble(2000, "stop")
    one, again = call(b, "stop", ("audio", spoken))
    seen, runs, busy = (b.saw(one.name, at) for at in ("stopped", "runs", "busy"))
    equal((seen.earwig_cause, seen.earwig_recorder_state, seen.earwig_audio_detected, seen.earwig_record_file),
          ("ABORTED", "IDLE", "yes", path_of(b, one.name)))
    equal((runs.earwig_cause, runs.earwig_recorder_state, runs.earwig_audio_detected, runs.earwig_record_file),
          ("NONE", "RECORDING", "", path_of(b, one.name)))
    equal((busy.earwig_cause, busy.earwig_recorder_state), ("ERROR", "RECORDING"))
    assert busy.earwig_error and not os.path.exists(path_of(b, one.name) + "-2")
    equal((again.earwig_cause, again.earwig_record_bytes, again.earwig_error), ("ABORTED", seen.earwig_record_bytes, ""))
    audio = audio_of(read(path_of(b, one.name)))
    is_said(audio, spoken, seams=1)
    assert 900 <= int(seen.earwig_record_ms) <= 1200, seen.earwig_record_ms


@test
def an_in_band_digit_barges_in_and_stays_in_the_buffer(b):
    spoken = babble(600, "barge")
    one, seen = call(b, "barge", ("audio", spoken), inband("5", on=100), ("pause", 200))
    equal((seen.earwig_cause, b.saw(one.name, "kept").D), ("BARGEIN", "5"))
    audio = audio_of(read(path_of(b, one.name)))
    at = begins(audio, spoken)
    assert abs(len(audio) - at - 4800) <= 40, f"{(len(audio) - at - 4800) / 8} ms of tone"


@test
def an_rfc_2833_digit_barges_in_and_stays_in_the_buffer(b):
    spoken = babble(600, "event")
    one, seen = call(b, "barge", ("audio", spoken), ("event", "7", 100), ("pause", 200))
    equal((seen.earwig_cause, b.saw(one.name, "kept").D), ("BARGEIN", "7"))
    audio = audio_of(read(path_of(b, one.name)))
    at = begins(audio, spoken)
    heard = audio[at:].rstrip(b"\xff")
    assert heard == spoken[:len(heard)] and len(heard) >= 4640, f"{len(heard) / 8} ms"


@test
def a_disk_that_fills_ends_it_with_error_and_a_valid_file(b):
    with disk(os.path.join(b.folder, "small"), 128) as folder:
        if not folder:
            print("skip  a disk that fills: no right to mount one")
            return
        one, seen = call(b, "small")
        equal((seen.earwig_cause, seen.earwig_recorder_state), ("ERROR", "ERROR"))
        assert seen.earwig_error, seen
        path = os.path.join(folder, f"{one.name}.wav")
        equal(os.listdir(folder), [os.path.basename(path)])
        audio = audio_of(read(path))
        assert len(audio) > 64 * 1024, len(audio)
        equal(seen.earwig_record_bytes, str(len(audio)))
        told = ended(b, one.name)
        equal((told["Earwig-Cause"], told["Earwig-Error"], told["Earwig-Bytes"]),
              ("ERROR", seen.earwig_error, seen.earwig_record_bytes))


@test
def a_file_that_exists_is_left_alone_unless_it_may_be_overwritten(b):
    one = b.caller("rec-size")
    with open(path_of(b, one.name), "wb") as f:
        f.write(b"mine")
    caller.run([one], 15)
    seen = b.saw(one.name)
    equal(seen.earwig_cause, "ERROR")
    assert seen.earwig_error and read(path_of(b, one.name)) == b"mine", seen
    told = ended(b, one.name)
    equal((told["Earwig-Cause"], told["Earwig-Error"], told["Earwig-File"]),
          ("ERROR", seen.earwig_error, path_of(b, one.name)))
    one = b.caller("rec-over", ("audio", babble(1200, "over")))
    with open(path_of(b, one.name), "wb") as f:
        f.write(b"mine")
    caller.run([one], 15)
    equal(b.saw(one.name).earwig_cause, "SIZE")
    equal(len(audio_of(read(path_of(b, one.name)))), 8000)


@test
def what_is_wrong_sets_error_and_the_call_goes_on(b):
    for name, part in (("no-folder", "such"), ("no-file", "file"), ("bad-format", "mp3"), ("bad-key", "file_fromat"),
                       ("bad-rate", "9000")):
        one, seen = call(b, name)
        equal((seen.earwig_cause, seen.earwig_recorder_state, seen.earwig_audio_detected), ("ERROR", "IDLE", ""))
        assert part in seen.earwig_error, seen.earwig_error
        assert part in ended(b, one.name, Earwig_Cause="ERROR")["Earwig-Error"]
        assert not os.path.exists(path_of(b, one.name))


@test
def options_may_be_json_for_recordings_too(b):
    one, seen = call(b, "json", ("audio", babble(800, "json")))
    equal((seen.earwig_record_bytes, seen.earwig_record_ms), ("8000", "500"))
    equal(b.saw(one.name).earwig_cause, "SIZE")


@test
def a_channel_that_is_not_up_is_answered_and_recorded(b):
    equal(call(b, "unanswered")[1].earwig_cause, "SIZE")


@test
def a_relative_name_is_under_the_recordings_folder(b):
    one, seen = call(b, "relative")
    path = os.path.join(b.switch.run, "rec/of/calls", f"{one.name}.wav")
    equal((seen.earwig_cause, seen.earwig_record_file), ("SIZE", path))
    equal(len(audio_of(read(path))), 4000)


@test
def a_name_may_stand_in_quotes(b):
    one, seen = call(b, "quoted")
    equal((seen.earwig_cause, seen.earwig_record_file), ("SIZE", os.path.join(b.folder, f"{one.name} a, b.wav")))


@test
def a_wait_ends_by_its_time_or_with_the_recording(b):
    one, seen = call(b, "wait", ("audio", babble(800, "wait")))
    runs = b.saw(one.name, "runs")
    equal((runs.earwig_cause, runs.earwig_recorder_state), ("TIMEOUT", "RECORDING"))
    equal((seen.earwig_cause, seen.earwig_recorder_state), ("SILENCE", "IDLE"))


@test
def without_a_recording_there_is_nothing_to_pause(b):
    one, seen = call(b, "nothing")
    for at in ("paused", "masked"):
        change = b.saw(one.name, at)
        assert (change.earwig_cause, change.earwig_recorder_state) == ("ERROR", "IDLE") and change.earwig_error, change
    equal((b.saw(one.name, "waited").earwig_cause, seen.earwig_cause, seen.earwig_recorder_state, seen.earwig_error),
          ("ERROR", "NONE", "IDLE", ""))


@test
def a_background_recording_that_the_hang_up_ends_is_told(b):
    spoken = babble(600, "background")
    one = b.caller("rec-background", ("pause", 200), ("audio", spoken), ("hangup",))
    caller.run([one], 15)
    told = ended(b, one.name)
    audio = audio_of(read(path_of(b, one.name)))
    equal([told[f"Earwig-{k}"] for k in ("Cause", "Audio-Detected", "File", "Bytes")],
          ["HANGUP", "yes", path_of(b, one.name), str(len(audio))])
    equal(int(told["Earwig-Duration-Ms"]), len(audio) // 8)
    is_said(audio, spoken)
    both = b.all_told(one.name, "record")
    equal([(e["Earwig-Action"], e["Unique-ID"]) for e in both], [(what, told["Unique-ID"]) for what in ("start", "end")])
    # The report of the call has it too.
    equal((b.over(one.name).earwig_record_bytes, b.over(one.name).earwig_recorder_state), (str(len(audio)), "IDLE"))
