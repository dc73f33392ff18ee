"""Calls that are recorded, each with its ending and its file."""

import os
import struct
import subprocess
import time

import caller
from bench import answered, equal, idle, inband, saw, test
from caller import PCMA, PCMU, babble, dial, l16, silence
from files import audio_of, begins, disk, is_part, read
from switch import Switch, extension

KEY, IV = "00112233445566778899aabbccddeeff" * 2, "0102030405060708090a0b0c0d0e0f10"

# Name of the extension, which records to FOLDER/CALLER.wav: options of earwig_record.
RECORD = {
    "size": "file_format=ulaw,max_bytes=8000",
    "silence": "file_format=ulaw,milliseconds_max_silence=500",
    "quiet": "seconds_timeout=1",
    "barge": "file_format=ulaw,barge_in=true",
    "hangup": "file_format=ulaw",
    "full": "file_format=s16bit,rate=48000,source=both",
    "json": '{"file_format":"s16bit","max_bytes":8000}',
    "wide": "file_format=s16bit,rate=16000,max_bytes=64000",
    "bad-format": "file_format=mp3",
    "bad-key": "file_fromat=alaw",
    "bad-rate": "rate=9000",
    "over": "file_format=ulaw,overwrite=true,max_bytes=8000",
}

FILE = "FOLDER/${caller_id_number}.wav"


def dialplan(folder):
    wav(os.path.join(folder, "played.wav"), babble(600, "played"))
    plan = "".join(answered(f"rec-{name}", f"earwig_record {FILE},{options}", saw("saw"), "earwig_get_digits D", at="kept")
                   for name, options in RECORD.items())
    plan += "".join((
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
        answered("rec-both", f"earwig_record_start {FILE},file_format=ulaw,source=both", "sleep 400", "playback FOLDER/played.wav",
                 "sleep 300", "playback FOLDER/played.wav", "earwig_record_stop"),
        answered("rec-pause", f"earwig_record_start {FILE},file_format=ulaw", "sleep 600", "earwig_record_pause", "sleep 600",
                 "earwig_record_resume", "sleep 600", "earwig_record_stop"),
        answered("rec-mask", f"earwig_record_start {FILE},file_format=ulaw", "sleep 600", "earwig_record_mask", "sleep 600",
                 "earwig_record_unmask", "sleep 600", "earwig_record_stop"),
        answered("rec-cipher", f"set earwig_record_cipher={KEY}:{IV}", f"earwig_record {FILE},file_format=ulaw,max_bytes=8000"),
        answered("rec-bad-cipher", f"set earwig_record_cipher={KEY}", f"earwig_record {FILE},file_format=ulaw,max_bytes=8000"),
        extension("rec-background", "answer", f"earwig_record_start {FILE},file_format=ulaw", "park"),
        extension("rec-bridge", "answer", f"earwig_record_start {FILE},file_format=ulaw,source=both", "park"),
        answered("rec-small", "earwig_record FOLDER/small/${caller_id_number}.wav,file_format=s16bit,rate=48000,source=both"),
    ))
    # With a timer FreeSWITCH itself drops and fills packets on a busy machine: then no file is byte for byte what was said.
    # And 1.11 tosses the packet by which it wakes itself, as if it were a stranger's: a hang-up is then seen five seconds late.
    untimed = ('<action application="multiset" data="rtp_timer_name=none rtp_manual_rtp_bugs=ACCEPT_ANY_PACKETS"/>')
    return plan.replace("FOLDER", folder).replace('<action application="answer"', untimed + '<action application="answer"')


def wav(path, ulaw):
    """A WAV file of G.711 u-law."""
    with open(path, "wb") as f:
        f.write(struct.pack("<4sI4s4sIHHIIHHH4sI", b"RIFF", 38 + len(ulaw), b"WAVE", b"fmt ", 18, 7, 1, 8000, 8000, 1, 8, 0, b"data",
                            len(ulaw)) + ulaw)


def path_of(b, name):
    return os.path.join(b.folder, f"{name}.wav")


def pieces(audio, spoken):
    """Where the spoken is in the audio: (place in the file, place in what was said, length) of each piece, in ms."""
    found, at, said = [], begins(audio, spoken), 0
    while at < len(audio) and said < len(spoken):
        length = 0
        while at + length < len(audio) and said + length < len(spoken) and audio[at + length] == spoken[said + length]:
            length += 1
        found.append((at // 8, said // 8, length // 8))
        at, said = at + length, said + length
        for skipped in range(said, len(spoken) - 80, 80):
            if (place := audio.find(spoken[skipped:skipped + 80], at)) >= 0:
                at, said = place, skipped
                break
        else:
            break
    return found


def is_said(audio, spoken, seams=0):
    """The audio is the spoken, as far as it goes, but for what FreeSWITCH itself loses and fills: up to 60 ms at a seam, as when
    an application begins."""
    found = pieces(audio, spoken)
    assert len(found) <= seams + 1, found
    for (at, said, length), (next_at, next_said, _) in zip(found, found[1:]):
        assert next_at - at - length <= 60 and next_said - said - length <= 60, found
    at, said, length = found[-1]
    rest = audio[(at + length) * 8:]
    assert said + length >= len(spoken) // 8 - 20 or len(rest) <= 400, found
    assert len(rest.rstrip(b"\xff")) <= 8, found


def call(b, extension, *plan, at="saw", codec=PCMU):
    """The call, and what its dialplan saw."""
    one = b.caller(f"rec-{extension}", ("pause", 200), *plan, codec=codec)
    caller.run([one], 15)
    return one, b.saw(one.name, at)


def ended(b, name, **wanted):
    found = b.told(name, "record", 15, Earwig_Action="end", **wanted)
    assert found, f"no end of {name}"
    return found


def finished(b, name):
    """The end of the recording to a caller's file. In a bridge FreeSWITCH may swap the callers' numbers."""
    found = b.switch.events.find(15, Event_Subclass="earwig::record", Earwig_Action="end", Earwig_File=path_of(b, name))
    assert found, f"no end of {name}"
    return found


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
def two_channels_have_what_it_says_left_and_what_it_hears_right(b):
    spoken, played = babble(2500, "both"), babble(600, "played")
    one, seen = call(b, "both", ("audio", spoken))
    equal(seen.earwig_cause, "ABORTED")
    audio = audio_of(read(path_of(b, one.name)))
    left, right = audio[0::2], audio[1::2]
    equal(len(left), len(right))
    is_said(left, spoken, seams=5)
    first = begins(right, played)
    second = first + 4800 + begins(right[first + 4800:], played)
    assert right[first:first + 4800] == played and right[second:second + 4800] == played, "right is not what was played"
    assert 2800 <= first <= 4000, f"played at {first / 8} ms"
    assert 2000 <= second - first - 4800 <= 3200, f"{(second - first - 4800) / 8} ms between what was played"


@test
def a_wide_band_call_is_recorded_at_its_rate(b):
    one, seen = call(b, "wide", ("audio", l16(16000).encode(dial("0" * 40))), codec=l16(16000))
    equal((seen.earwig_record_ms, seen.earwig_record_bytes), ("2000", "64000"))
    equal(b.saw(one.name).earwig_cause, "SIZE")
    equal(len(audio_of(read(seen.earwig_record_file))), 64000)


@test
def each_codec_is_recorded_both_ways_on_both_legs(b):
    file = b.play(silence(300) + dial("0" * 12))
    for codec in ("PCMU@20i", "PCMU@30i", "PCMA@10i", "G722", "L16@16000h"):
        for way in (b.inbound, b.outbound):
            name = way("rec-over", file, codec)
            seen = b.saw(name)
            equal((codec, seen.earwig_cause, seen.earwig_audio_detected), (codec, "SIZE", "yes"))


@test
def what_is_said_in_a_pause_is_not_in_the_file(b):
    spoken = babble(3000, "pause")
    one, seen = call(b, "pause", ("audio", spoken))
    audio = audio_of(read(path_of(b, one.name)))
    assert 1150 <= int(seen.earwig_record_ms) <= 1350, seen.earwig_record_ms
    found = pieces(audio, spoken)
    (at, said, length), (next_at, next_said, _) = found
    assert 350 <= length <= 700 and next_at - at - length <= 60 and 540 <= next_said - said - length <= 760, found


@test
def what_is_masked_is_silence_in_the_file(b):
    spoken = babble(3000, "mask")
    one, seen = call(b, "mask", ("audio", spoken))
    audio = audio_of(read(path_of(b, one.name)))
    assert 1750 <= int(seen.earwig_record_ms) <= 2000, seen.earwig_record_ms
    found = pieces(audio, spoken)
    (at, said, length), (next_at, next_said, _) = found
    assert 540 <= next_at - at - length <= 760 and 540 <= next_said - said - length <= 760, found
    equal(set(audio[(at + length + 1) * 8:(next_at - 1) * 8]), {0xFF})


@test
def an_encrypted_recording_is_read_by_openssl(b):
    spoken = babble(1500, "cipher")
    one, seen = call(b, "cipher", ("audio", spoken))
    equal((seen.earwig_cause, seen.earwig_record_bytes), ("SIZE", "8000"))
    plain = subprocess.run(["openssl", "enc", "-d", "-aes-256-cbc", "-K", KEY, "-iv", IV, "-in", path_of(b, one.name)],
                           capture_output=True, check=True).stdout
    audio = audio_of(plain)
    at = begins(audio, spoken)
    assert audio[at:] == spoken[:8000 - at], "the file is not what was said"
    one, seen = call(b, "bad-cipher")
    equal(seen.earwig_cause, "ERROR")
    assert "earwig_record_cipher" in seen.earwig_error and KEY not in seen.earwig_error, seen


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


@test
def lost_packets_keep_their_place_in_the_file(b):
    first, second = babble(400, "first"), babble(800, "second")
    one, seen = call(b, "size", ("audio", first), ("lose", 100), ("audio", second))
    audio = audio_of(read(path_of(b, one.name)))
    equal(begins(audio, second) - begins(audio, first), 3200 + 800)


@test
def a_call_that_is_transferred_aborts_its_recording(b):
    one = b.caller("rec-hangup", ("pause", 200), ("audio", babble(3000, "redirect")))
    with caller.calling([one], 20):
        uuid = b.uuid(one.name)
        time.sleep(1)
        b.switch.api(f"uuid_transfer {uuid} rec-nothing XML tests")
        told = ended(b, one.name)
    equal(told["Earwig-Cause"], "ABORTED")
    equal(told["Earwig-Bytes"], str(len(audio_of(read(path_of(b, one.name))))))


@test
def a_transfer_does_not_end_a_background_recording(b):
    spoken = babble(2500, "transfer")
    one = b.caller("rec-background", ("pause", 200), ("audio", spoken), ("hangup",))
    with caller.calling([one], 20):
        uuid = b.uuid(one.name)
        time.sleep(1)
        b.switch.api(f"uuid_transfer {uuid} listen XML tests")
    equal(ended(b, one.name)["Earwig-Cause"], "HANGUP")
    audio = audio_of(read(path_of(b, one.name)))
    is_said(audio, spoken, seams=1)


def bridged(b, codecs):
    """Two calls that are bridged after half a second, and what each said."""
    spoken = [caller.babble(2500, "one"), caller.babble(2500, "other")]
    pair = [b.caller("rec-bridge", ("pause", 210), ("audio", codec.encode(decoded(said))), ("hangup",), codec=codec)
            for said, codec in zip(spoken, codecs)]
    with caller.calling(pair, 20):
        uuids = [b.uuid(one.name) for one in pair]
        time.sleep(0.5)
        b.switch.api("uuid_bridge " + " ".join(uuids))
    return pair, spoken


def decoded(ulaw):
    """G.711 u-law as samples."""
    table = {caller.ulaw(s): s for s in range(-32635, 32636)}
    return [table[byte] for byte in ulaw]


@test
def a_bridge_does_not_end_a_background_recording(b):
    pair, spoken = bridged(b, (PCMU, PCMU))
    for one, said, heard in zip(pair, spoken, reversed(spoken)):
        told = finished(b, one.name)
        audio = audio_of(read(path_of(b, one.name)))
        equal((told["Earwig-Cause"], told["Earwig-Bytes"]), ("HANGUP", str(len(audio))))
        left, right = audio[0::2], audio[1::2]
        at = begins(left, said)
        is_said(left, said, seams=2)
        assert len(left) - at >= 18000, len(left) - at
        # The second half was said in the bridge; both callers began at once.
        late = begins(right, heard[10000:]) - 10000 - at
        is_part(right, at + late + 10000, heard[10000:], "right is not what the other said")
        assert -400 <= late <= 1600, f"the other is {late / 8} ms late"


@test
def a_bridge_of_packets_of_other_lengths_loses_nothing_of_what_is_heard(b):
    pair, spoken = bridged(b, (PCMU._replace(ptime=30), PCMU._replace(ptime=10)))
    for one, heard in zip(pair, reversed(spoken)):
        equal(finished(b, one.name)["Earwig-Cause"], "HANGUP")
        right = audio_of(read(path_of(b, one.name)))[1::2]
        at = begins(right, heard[10000:])
        is_part(right, at, heard[10000:], "right is not what the other said")


@test
def twenty_recordings_at_once_are_all_right(b):
    calls = {b.caller("rec-size", ("pause", 200), ("audio", spoken)): spoken
             for spoken in (babble(1500, f"twenty {i}") for i in range(20))}
    caller.run(list(calls), 30)
    for one, spoken in calls.items():
        equal(b.saw(one.name).earwig_cause, "SIZE")
        audio = audio_of(read(path_of(b, one.name)))
        at = begins(audio, spoken)
        assert len(audio) == 8000 and audio[at:] == spoken[:8000 - at], f"{one.name} is not what was said"


@test
def a_recording_is_whole_when_freeswitch_exits_meanwhile(b):
    spoken = babble(600, "exit")
    other = Switch(dialplan(b.folder))
    try:
        one = caller.Caller(other.sip_port, "rec-background", "exit", [("pause", 200), ("audio", spoken)])
        try:
            caller.run([one], 1)
        except TimeoutError:
            pass
    finally:
        other.close()
    audio = audio_of(read(path_of(b, one.name)))
    at = begins(audio, spoken)
    assert audio[at:at + 4800] == spoken, "the file is not what was said"


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
