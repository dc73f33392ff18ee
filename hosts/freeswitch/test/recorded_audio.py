"""Recorded audio: channels, rates, pauses, masks, losses."""

import os
import subprocess

import caller
from harness import answered, equal, test
from caller import babble, dial, l16, silence
from files import audio_of, position_of, read
from recording_files import FILE, assert_is_spoken, call, matching_pieces, path_of, wav, with_files

KEY, IV = "00112233445566778899aabbccddeeff" * 2, "0102030405060708090a0b0c0d0e0f10"


def dialplan(folder):
    wav(os.path.join(folder, "played.wav"), babble(600, "played"))
    start = f"earwig_record_start {FILE},file_format=ulaw"
    return with_files(folder, "".join((
        answered("rec-wide", f"earwig_record {FILE},file_format=s16bit,rate=16000,max_bytes=64000"),
        answered("rec-both", f"{start},source=both", "sleep 400", "playback FOLDER/played.wav", "sleep 300",
                 "playback FOLDER/played.wav", "earwig_record_stop"),
        answered("rec-pause", start, "sleep 600", "earwig_record_pause", "sleep 600", "earwig_record_resume", "sleep 600",
                 "earwig_record_stop"),
        answered("rec-mask", start, "sleep 600", "earwig_record_mask", "sleep 600", "earwig_record_unmask", "sleep 600",
                 "earwig_record_stop"),
        answered("rec-cipher", f"set earwig_record_cipher={KEY}:{IV}",
                 f"earwig_record {FILE},file_format=ulaw,max_bytes=8000,cipher_mac=true"),
        answered("rec-bad-cipher", f"set earwig_record_cipher={KEY}", f"earwig_record {FILE},file_format=ulaw,max_bytes=8000"),
    )))


@test
def source_both_records_rx_on_the_left_and_tx_on_the_right(b):
    spoken, played = babble(2500, "both"), babble(600, "played")
    phone, channel = call(b, "both", ("audio", spoken))
    equal(channel.earwig_cause, "ABORTED")
    audio = audio_of(read(path_of(b, phone.name)))
    left, right = audio[0::2], audio[1::2]
    equal(len(left), len(right))
    assert_is_spoken(left, spoken, seams=5)
    first = position_of(right, played)
    second = first + 4800 + position_of(right[first + 4800:], played)
    assert right[first:first + 4800] == played and right[second:second + 4800] == played, "right is not what was played"
    assert 2800 <= first <= 4000, f"played at {first / 8} ms"
    assert 2000 <= second - first - 4800 <= 3200, f"{(second - first - 4800) / 8} ms between what was played"


@test
def a_wide_band_call_is_recorded_at_its_rate(b):
    phone, channel = call(b, "wide", ("audio", l16(16000).encode(dial("0" * 40))), codec=l16(16000))
    equal((channel.earwig_record_ms, channel.earwig_record_bytes), ("2000", "64000"))
    equal(b.checkpoint(phone.name).earwig_cause, "SIZE")
    equal(len(audio_of(read(channel.earwig_record_file))), 64000)


@test
def each_codec_is_recorded_both_ways_on_both_legs(b):
    file = b.play(silence(300) + dial("0" * 12))
    for codec in ("PCMU@20i", "PCMU@30i", "PCMA@10i", "G722", "L16@16000h"):
        for way in (b.inbound, b.outbound):
            name = way("rec-over", file, codec)
            channel = b.checkpoint(name)
            equal((codec, channel.earwig_cause, channel.earwig_audio_detected), (codec, "SIZE", "yes"))


@test
def a_pause_leaves_audio_out_of_the_file(b):
    spoken = babble(3000, "pause")
    phone, channel = call(b, "pause", ("audio", spoken))
    audio = audio_of(read(path_of(b, phone.name)))
    assert 1150 <= int(channel.earwig_record_ms) <= 1350, channel.earwig_record_ms
    found = matching_pieces(audio, spoken)
    (at, said, length), (next_at, next_said, _) = found
    assert 350 <= length <= 700 and next_at - at - length <= 60 and 540 <= next_said - said - length <= 760, found


@test
def masked_audio_is_silence_in_the_file(b):
    spoken = babble(3000, "mask")
    phone, channel = call(b, "mask", ("audio", spoken))
    audio = audio_of(read(path_of(b, phone.name)))
    assert 1750 <= int(channel.earwig_record_ms) <= 2000, channel.earwig_record_ms
    found = matching_pieces(audio, spoken)
    (at, said, length), (next_at, next_said, _) = found
    assert 540 <= next_at - at - length <= 760 and 540 <= next_said - said - length <= 760, found
    equal(set(audio[(at + length + 1) * 8:(next_at - 1) * 8]), {0xFF})


@test
def an_encrypted_recording_is_read_by_openssl(b):
    spoken = babble(1500, "cipher")
    phone, channel = call(b, "cipher", ("audio", spoken))
    equal((channel.earwig_cause, channel.earwig_record_bytes), ("SIZE", "8000"))
    plain = subprocess.run(["openssl", "enc", "-d", "-aes-256-cbc", "-K", KEY, "-iv", IV, "-in", path_of(b, phone.name)],
                           capture_output=True, check=True).stdout
    equal(plain[-40:-36], b"hmac")
    audio = audio_of(plain, 40)
    at = position_of(audio, spoken)
    assert audio[at:] == spoken[:8000 - at], "the file is not what was said"
    phone, channel = call(b, "bad-cipher")
    equal(channel.earwig_cause, "ERROR")
    assert "earwig_record_cipher" in channel.earwig_error and KEY not in channel.earwig_error, channel


@test
def lost_packets_keep_their_time_in_the_file(b):
    first, second = babble(400, "first"), babble(800, "second")
    phone, channel = call(b, "size", ("audio", first), ("lose", 100), ("audio", second))
    audio = audio_of(read(path_of(b, phone.name)))
    equal(position_of(audio, second) - position_of(audio, first), 3200 + 800)


@test
def twenty_recordings_at_once_are_all_right(b):
    calls = {b.caller("rec-size", ("pause", 200), ("audio", spoken)): spoken
             for spoken in (babble(1500, f"twenty {i}") for i in range(20))}
    caller.run(list(calls), 30)
    for phone, spoken in calls.items():
        equal(b.checkpoint(phone.name).earwig_cause, "SIZE")
        audio = audio_of(read(path_of(b, phone.name)))
        at = position_of(audio, spoken)
        assert len(audio) == 8000 and audio[at:] == spoken[:8000 - at], f"{phone.name} is not what was said"
