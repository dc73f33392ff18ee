"""What was recorded, and a place for it."""

import contextlib
import ctypes
import os

# Recordings to try: the name of an extension, and its options.
RECORD = {
    "size": "file_format=ulaw,max_bytes=8000",
    "silence": "file_format=ulaw,milliseconds_max_silence=500",
    "quiet": "seconds_timeout=1",
    "barge": "file_format=ulaw,barge_in=true",
    "hangup": "file_format=ulaw",
    "full": "file_format=s16bit,rate=48000,source=both",
    "json": '{"file_format":"s16bit","max_bytes":8000}',
    "bad-format": "file_format=mp3",
    "bad-key": "file_fromat=alaw",
    "bad-rate": "rate=9000",
    "over": "file_format=ulaw,overwrite=true,max_bytes=8000",
}


def read(path):
    with open(path, "rb") as f:
        return f.read()


def audio_of(wav):
    """What is in the WAV file's data; its sizes must be right."""
    assert wav[:4] == b"RIFF" and wav[8:12] == b"WAVE", wav[:16]
    assert int.from_bytes(wav[4:8], "little") == len(wav) - 8, (wav[4:8], len(wav))
    at = 12
    while at < len(wav):
        size = int.from_bytes(wav[at + 4:at + 8], "little")
        if wav[at:at + 4] == b"data":
            assert at + 8 + size + size % 2 == len(wav), (at, size, len(wav))
            return wav[at + 8:at + 8 + size]
        at += 8 + size + size % 2
    raise AssertionError("no data")


def begins(audio, spoken):
    """Where in the audio the spoken begins."""
    at = audio.find(spoken[:400])
    assert at >= 0, "what was said is not in the file"
    return at


def is_part(audio, at, spoken, what):
    """From there on the audio is the spoken. At the end of two streams one may be a frame ahead, and the other silent."""
    heard = audio.rstrip(b"\xff")
    assert heard[at:] == spoken[:len(heard) - at] and len(audio) - len(heard) <= 400, what


@contextlib.contextmanager
def disk(folder, kilobytes):
    """A small file system of one's own; None if there is no right to mount one."""
    libc = ctypes.CDLL(None, use_errno=True)
    os.mkdir(folder)
    mounted = libc.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, f"size={kilobytes}k".encode()) == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            libc.umount2(folder.encode(), 2)
        os.rmdir(folder)
