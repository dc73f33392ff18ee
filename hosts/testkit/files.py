"""Files of recordings: what is in them, and where they go."""

import contextlib
import ctypes
import os


def read(path):
    with open(path, "rb") as f:
        return f.read()


def audio_of(wav, after=0):
    """The data of a WAV file, whose sizes must be right; other chunks of `after` bytes follow the data."""
    assert wav[:4] == b"RIFF" and wav[8:12] == b"WAVE", wav[:16]
    assert int.from_bytes(wav[4:8], "little") == len(wav) - 8, (wav[4:8], len(wav))
    at = 12
    while at < len(wav):
        size = int.from_bytes(wav[at + 4:at + 8], "little")
        if wav[at:at + 4] == b"data":
            assert at + 8 + size + size % 2 == len(wav) - after, (at, size, len(wav))
            return wav[at + 8:at + 8 + size]
        at += 8 + size + size % 2
    raise AssertionError("no data")


def position_of(audio, spoken):
    """Where `spoken` begins in the audio."""
    at = audio.find(spoken[:400])
    assert at >= 0, "what was said is not in the file"
    return at


def assert_is_part(audio, at, spoken, what):
    """From `at` on the audio equals `spoken`. At the end of two streams one may be a frame ahead while the other is silent."""
    heard = audio.rstrip(b"\xff")
    assert heard[at:] == spoken[:len(heard) - at] and len(audio) - len(heard) <= 400, what


@contextlib.contextmanager
def small_file_system(folder, kilobytes):
    """A file system of that size, or None without the right to mount one."""
    libc = ctypes.CDLL(None, use_errno=True)
    os.mkdir(folder)
    mounted = libc.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, f"size={kilobytes}k".encode()) == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            libc.umount2(folder.encode(), 2)
        os.rmdir(folder)


def assert_recordings_are_finished(tops, started, ended):
    """No folder below `tops` has an unfinished file, and each started recording has ended. `started` and `ended` are files."""
    for top in tops:
        for folder, _, names in os.walk(top):
            assert not [name for name in names if ".part" in name], (folder, names)
    assert started and all(started.count(file) <= ended.count(file) for file in started), (started, ended)
