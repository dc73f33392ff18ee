"""What is in the file of a recording: channels, rates, pauses, masks, losses."""

import os
import subprocess

import caller
from harness import answered, equal, test
from caller import babble, dial, l16, silence
from files import audio_of, begins, read
from recording_files import FILE, call, filed, is_said, path_of, pieces, wav

KEY, IV = "00112233445566778899aabbccddeeff" * 2, "0102030405060708090a0b0c0d0e0f10"


def dialplan(folder):
    wav(os.path.join(folder, "played.wav"), babble(600, "played"))
    start = f"earwig_record_start {FILE},file_format=ulaw"
    return filed(folder, "".join((
        answered("rec-wide", f"earwig_record {FILE},file_format=s16bit,rate=16000,max_bytes=64000"),
        answered("rec-both", f"{start},source=both", "sleep 400", "playback FOLDER/played.wav", "sleep 300",
                 "playback FOLDER/played.wav", "earwig_record_stop"),
        answered("rec-pause", start, "sleep 600", "earwig_record_pause", "sleep 600", "earwig_record_resume", "sleep 600",
                 "earwig_record_stop"),
        answered("rec-mask", start, "sleep 600", "earwig_record_mask", "sleep 600", "earwig_record_unmask", "sleep 600",
                 "earwig_record_stop"),
        answered("rec-cipher", f"set earwig_record_cipher={KEY}:{IV}", f"earwig_record {FILE},file_format=ulaw,max_bytes=8000"),
        answered("rec-bad-cipher", f"set earwig_record_cipher={KEY}", f"earwig_record {FILE},file_format=ulaw,max_bytes=8000"),
    )))


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
def lost_packets_keep_their_place_in_the_file(b):
    first, second = babble(400, "first"), babble(800, "second")
    one, seen = call(b, "size", ("audio", first), ("lose", 100), ("audio", second))
    audio = audio_of(read(path_of(b, one.name)))
    equal(begins(audio, second) - begins(audio, first), 3200 + 800)


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
