"""Calls that are recorded: ends and causes."""

import os

import caller
from harness import answered, checkpoint, equal, inband, test
from caller import babble
from cases import RECORD
from files import audio_of, position_of, read, small_file_system
from recording_files import FILE, assert_is_spoken, call, ended, path_of, with_files
from switch import extension


def dialplan(folder):
    plan = "".join(answered(f"rec-{name}", f"earwig_record {FILE},{options}", checkpoint("end"), "earwig_get_digits D", at="kept")
                   for name, options in RECORD.items())
    return with_files(folder, plan + "".join((
        extension("rec-unanswered", f"earwig_record {FILE},file_format=ulaw,max_bytes=4000", checkpoint("end"), "hangup"),
        answered("rec-no-file", "earwig_record"),
        answered("rec-no-folder", "earwig_record FOLDER/none/such.wav"),
        answered("rec-relative", "earwig_record of/calls/${caller_id_number}.wav max_bytes=4000"),
        answered("rec-quoted", "earwig_record 'FOLDER/${caller_id_number} a, b.wav',max_bytes=4000"),
        answered("rec-named", "earwig_record_start file_format=ulaw,filename=FOLDER/${caller_id_number}.wav,max_bytes=4000",
                 "earwig_record_wait seconds_timeout=5"),
        answered("rec-twice", f"earwig_record {FILE},filename=FOLDER/other.wav"),
        answered("rec-unknown", f"earwig_record file={FILE}"),
        answered("rec-stop", f"earwig_record_start {FILE},file_format=ulaw", checkpoint("runs"),
                 f"earwig_record_start {FILE}-2", checkpoint("busy"), "sleep 1000", "earwig_record_stop", checkpoint("stopped"),
                 "earwig_record_stop"),
        answered("rec-wait", f"earwig_record_start {FILE},file_format=ulaw,milliseconds_max_silence=500", "earwig_record_wait 0.3",
                 checkpoint("runs"), "earwig_record_wait"),
        answered("rec-nothing", "earwig_record_pause", checkpoint("paused"), "earwig_listen", "earwig_record_mask", checkpoint("masked"),
                 "earwig_record_wait soon", checkpoint("waited"), "earwig_record_wait"),
        answered("rec-small", "earwig_record FOLDER/small/${caller_id_number}.wav,file_format=s16bit,rate=48000,source=both"),
        extension("rec-background", "answer", f"earwig_record_start {FILE},file_format=ulaw", "park"),
    )))


@test
def size_ends_a_recording_at_the_byte(b):
    spoken = babble(1500, "size")
    phone, channel = call(b, "size", ("audio", spoken))
    equal((channel.earwig_cause, channel.earwig_recorder_state, channel.earwig_audio_detected, channel.earwig_record_ms,
           channel.earwig_record_bytes, channel.earwig_record_file, channel.earwig_error),
          ("SIZE", "IDLE", "yes", "1000", "8000", path_of(b, phone.name), ""))
    audio = audio_of(read(path_of(b, phone.name)))
    equal(len(audio), 8000)
    at = position_of(audio, spoken)
    assert audio[at:] == spoken[:8000 - at], "the file is not what was said"


@test
def silence_ends_a_recording(b):
    spoken = babble(600, "silence")
    phone, channel = call(b, "silence", ("audio", spoken))
    equal((channel.earwig_cause, channel.earwig_audio_detected), ("SILENCE", "yes"))
    audio = audio_of(read(path_of(b, phone.name)))
    at = position_of(audio, spoken)
    assert audio[at:at + 4800] == spoken, "the file is not what was said"
    rest = len(audio) - at - 4800
    assert 3800 <= rest <= 4800, f"{rest / 8} ms of silence"


@test
def the_timeout_ends_a_recording_of_silence(b):
    phone, channel = call(b, "quiet")
    equal((channel.earwig_cause, channel.earwig_recorder_state, channel.earwig_audio_detected, channel.earwig_record_bytes),
          ("TIMEOUT", "IDLE", "no", "8000"))
    equal(len(audio_of(read(path_of(b, phone.name)))), 8000)


@test
def a_hang_up_ends_a_recording_without_loss(b):
    spoken = babble(600, "hangup")
    phone = b.caller("rec-hangup", ("pause", 200), ("audio", spoken), ("hangup",))
    caller.run([phone], 15)
    last = b.hangup_complete(phone.name)
    equal((last.earwig_cause, last.earwig_recorder_state, last.earwig_audio_detected, last.earwig_record_file),
          ("HANGUP", "IDLE", "yes", path_of(b, phone.name)))
    audio = audio_of(read(path_of(b, phone.name)))
    assert_is_spoken(audio, spoken)
    equal(last.earwig_record_bytes, str(len(audio)))
    equal(ended(b, phone.name)["Earwig-Cause"], "HANGUP")


@test
def a_stop_ends_a_recording_with_aborted_and_the_cause_is_none_until_then(b):
    spoken = babble(2000, "stop")
    phone, again = call(b, "stop", ("audio", spoken))
    channel, runs, busy = (b.checkpoint(phone.name, at) for at in ("stopped", "runs", "busy"))
    equal((channel.earwig_cause, channel.earwig_recorder_state, channel.earwig_audio_detected, channel.earwig_record_file),
          ("ABORTED", "IDLE", "yes", path_of(b, phone.name)))
    equal((runs.earwig_cause, runs.earwig_recorder_state, runs.earwig_audio_detected, runs.earwig_record_file),
          ("NONE", "RECORDING", "", path_of(b, phone.name)))
    equal((busy.earwig_cause, busy.earwig_recorder_state), ("ERROR", "RECORDING"))
    assert busy.earwig_error and not os.path.exists(path_of(b, phone.name) + "-2")
    equal((again.earwig_cause, again.earwig_record_bytes, again.earwig_error), ("ABORTED", channel.earwig_record_bytes, ""))
    audio = audio_of(read(path_of(b, phone.name)))
    assert_is_spoken(audio, spoken, seams=1)
    assert 900 <= int(channel.earwig_record_ms) <= 1200, channel.earwig_record_ms


@test
def an_in_band_digit_barges_in_and_stays_in_the_buffer(b):
    spoken = babble(600, "barge")
    phone, channel = call(b, "barge", ("audio", spoken), inband("5", on=100), ("pause", 200))
    equal((channel.earwig_cause, b.checkpoint(phone.name, "kept").D), ("BARGEIN", "5"))
    audio = audio_of(read(path_of(b, phone.name)))
    at = position_of(audio, spoken)
    assert abs(len(audio) - at - 4800) <= 40, f"{(len(audio) - at - 4800) / 8} ms of tone"


@test
def an_rfc_2833_digit_barges_in_and_stays_in_the_buffer(b):
    spoken = babble(600, "event")
    phone, channel = call(b, "barge", ("audio", spoken), ("event", "7", 100), ("pause", 200))
    equal((channel.earwig_cause, b.checkpoint(phone.name, "kept").D), ("BARGEIN", "7"))
    audio = audio_of(read(path_of(b, phone.name)))
    at = position_of(audio, spoken)
    heard = audio[at:].rstrip(b"\xff")
    assert heard == spoken[:len(heard)] and len(heard) >= 4640, f"{len(heard) / 8} ms"


@test
def a_full_disk_ends_a_recording_with_error_and_a_valid_file(b):
    with small_file_system(os.path.join(b.folder, "small"), 128) as folder:
        if not folder:
            print("skip  a disk that fills: no right to mount one")
            return
        phone, channel = call(b, "small")
        equal((channel.earwig_cause, channel.earwig_recorder_state), ("ERROR", "ERROR"))
        assert channel.earwig_error, channel
        path = os.path.join(folder, f"{phone.name}.wav")
        equal(os.listdir(folder), [os.path.basename(path)])
        audio = audio_of(read(path))
        assert len(audio) > 64 * 1024, len(audio)
        equal(channel.earwig_record_bytes, str(len(audio)))
        reported = ended(b, phone.name)
        equal((reported["Earwig-Cause"], reported["Earwig-Error"], reported["Earwig-Bytes"]),
              ("ERROR", channel.earwig_error, channel.earwig_record_bytes))


@test
def an_existing_file_is_kept_unless_overwrite_is_set(b):
    phone = b.caller("rec-size")
    with open(path_of(b, phone.name), "wb") as f:
        f.write(b"mine")
    caller.run([phone], 15)
    channel = b.checkpoint(phone.name)
    equal(channel.earwig_cause, "ERROR")
    assert channel.earwig_error and read(path_of(b, phone.name)) == b"mine", channel
    reported = ended(b, phone.name)
    equal((reported["Earwig-Cause"], reported["Earwig-Error"], reported["Earwig-File"]),
          ("ERROR", channel.earwig_error, path_of(b, phone.name)))
    phone = b.caller("rec-over", ("audio", babble(1200, "over")))
    with open(path_of(b, phone.name), "wb") as f:
        f.write(b"mine")
    caller.run([phone], 15)
    equal(b.checkpoint(phone.name).earwig_cause, "SIZE")
    equal(len(audio_of(read(path_of(b, phone.name)))), 8000)


@test
def invalid_arguments_set_error_and_the_call_goes_on(b):
    for name, part in (("no-folder", "such"), ("no-file", "file"), ("twice", "given twice"), ("unknown", "file: no such option"), ("bad-format", "mp3"), ("bad-key", "file_fromat"),
                       ("bad-rate", "9000")):
        phone, channel = call(b, name)
        equal((channel.earwig_cause, channel.earwig_recorder_state, channel.earwig_audio_detected), ("ERROR", "IDLE", ""))
        assert part in channel.earwig_error, channel.earwig_error
        assert part in ended(b, phone.name, Earwig_Cause="ERROR")["Earwig-Error"]
        assert not os.path.exists(path_of(b, phone.name))


@test
def the_file_may_be_named_anywhere(b):
    phone, channel = call(b, "named", ("audio", babble(1500, "named")))
    equal((channel.earwig_cause, channel.earwig_record_file), ("SIZE", path_of(b, phone.name)))
    equal(len(audio_of(read(path_of(b, phone.name)))), 4000)


@test
def options_may_be_json_for_recordings_too(b):
    phone, channel = call(b, "json", ("audio", babble(800, "json")))
    equal((channel.earwig_record_bytes, channel.earwig_record_ms), ("8000", "500"))
    equal(b.checkpoint(phone.name).earwig_cause, "SIZE")


@test
def an_unanswered_channel_is_answered_and_recorded(b):
    equal(call(b, "unanswered")[1].earwig_cause, "SIZE")


@test
def a_relative_name_is_under_the_recordings_folder(b):
    phone, channel = call(b, "relative")
    path = os.path.join(b.switch.run, "rec/of/calls", f"{phone.name}.wav")
    equal((channel.earwig_cause, channel.earwig_record_file), ("SIZE", path))
    equal(len(audio_of(read(path))), 4000)


@test
def a_name_may_stand_in_quotes(b):
    phone, channel = call(b, "quoted")
    equal((channel.earwig_cause, channel.earwig_record_file), ("SIZE", os.path.join(b.folder, f"{phone.name} a, b.wav")))


@test
def a_wait_ends_by_its_time_or_with_the_recording(b):
    phone, channel = call(b, "wait", ("audio", babble(800, "wait")))
    runs = b.checkpoint(phone.name, "runs")
    equal((runs.earwig_cause, runs.earwig_recorder_state), ("TIMEOUT", "RECORDING"))
    equal((channel.earwig_cause, channel.earwig_recorder_state), ("SILENCE", "IDLE"))


@test
def without_a_recording_there_is_nothing_to_pause(b):
    phone, channel = call(b, "nothing")
    for at in ("paused", "masked"):
        change = b.checkpoint(phone.name, at)
        assert (change.earwig_cause, change.earwig_recorder_state) == ("ERROR", "IDLE") and change.earwig_error, change
    equal((b.checkpoint(phone.name, "waited").earwig_cause, channel.earwig_cause, channel.earwig_recorder_state, channel.earwig_error),
          ("ERROR", "NONE", "IDLE", ""))


@test
def a_background_recording_that_the_hang_up_ends_has_its_events(b):
    spoken = babble(600, "background")
    phone = b.caller("rec-background", ("pause", 200), ("audio", spoken), ("hangup",))
    caller.run([phone], 15)
    reported = ended(b, phone.name)
    audio = audio_of(read(path_of(b, phone.name)))
    equal([reported[f"Earwig-{k}"] for k in ("Cause", "Audio-Detected", "File", "Bytes")],
          ["HANGUP", "yes", path_of(b, phone.name), str(len(audio))])
    equal(int(reported["Earwig-Duration-Ms"]), len(audio) // 8)
    assert_is_spoken(audio, spoken)
    both = b.all_events(phone.name, "record")
    equal([(e["Earwig-Action"], e["Unique-ID"]) for e in both], [(what, reported["Unique-ID"]) for what in ("start", "end")])
    # CHANNEL_HANGUP_COMPLETE has it too.
    last = b.hangup_complete(phone.name)
    equal((last.earwig_record_bytes, last.earwig_recorder_state), (str(len(audio)), "IDLE"))
