#!/usr/bin/env python3
"""host.c in Python, with ctypes and the standard library alone.

    host.py FILE.wav [OPTIONS]      FILE: mono, 16-bit PCM or G.711 u-law, 8 or 16 kHz

Set EARWIG_LIBRARY to the path of the library if the loader does not find it.
"""

import array
import ctypes
import os
import struct
import sys

ABI_VERSION = 1
RX = 0


class ChannelOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t), ("name", ctypes.c_char_p), ("rx_rate_hz", ctypes.c_int32),
        ("tx_rate_hz", ctypes.c_int32), ("ring_ms", ctypes.c_int32), ("stall_ms", ctypes.c_int32),
        ("event_capacity", ctypes.c_int32), ("early_media", ctypes.c_int32),
    ]


class DtmfOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t), ("clear", ctypes.c_int32), ("count", ctypes.c_int32),
        ("predigits_timeout_ms", ctypes.c_int64), ("interdigit_timeout_ms", ctypes.c_int64),
        ("timeout_ms", ctypes.c_int64), ("end", ctypes.c_char * 32),
    ]


class DtmfResult(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t), ("cause", ctypes.c_int32), ("count", ctypes.c_int32),
        ("digits", ctypes.c_char * 33), ("started_ms", ctypes.c_int64), ("ended_ms", ctypes.c_int64),
    ]


earwig = ctypes.CDLL(os.environ.get("EARWIG_LIBRARY", "libearwig.so.0"))
earwig.earwig_status_str.restype = earwig.earwig_dtmf_cause_str.restype = ctypes.c_char_p
earwig.earwig_channel_unref.restype = earwig.earwig_engine_unref.restype = None


def check(status):
    """Raises an exception for a negative status."""
    if status != 0:
        raise RuntimeError(earwig.earwig_status_str(status).decode())


def read_wav(path):
    """The sample rate and the samples of a mono WAV file of 16-bit PCM or G.711 u-law."""
    with open(path, "rb") as file:
        data = file.read()
    chunks, at = {}, 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        chunks.setdefault(name, data[at + 8 : at + 8 + size])
        at += 8 + size + size % 2
    if data[:4] != b"RIFF" or len(chunks.get(b"fmt ", b"")) < 16 or b"data" not in chunks:
        raise ValueError(f"{path} is not a WAV file")
    codec, channels, rate_hz, _, _, bits = struct.unpack("<HHIIHH", chunks[b"fmt "][:16])
    if channels == 1 and (codec, bits) == (1, 16):
        return rate_hz, array.array("h", chunks[b"data"][: len(chunks[b"data"]) // 2 * 2])
    if channels == 1 and (codec, bits) == (7, 8):
        table = [((-1) ** (~u >> 7 & 1)) * (((~u & 15) * 2 + 33 << (~u >> 4 & 7)) - 33) * 4 for u in range(256)]
        return rate_hz, array.array("h", (table[u] for u in chunks[b"data"]))
    raise ValueError(f"{path}: this example reads mono files of 16-bit PCM or G.711 u-law")


def collect(path, options_text):
    """The digits and the cause of one collection, from the answer to the end of the file."""
    options, how, result = DtmfOptions(), ChannelOptions(), DtmfResult()
    engine, channel, error = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.create_string_buffer(256)
    check(earwig.earwig_channel_options_init(ctypes.byref(how)))
    check(earwig.earwig_dtmf_options_init(ctypes.byref(options)))
    check(earwig.earwig_dtmf_result_init(ctypes.byref(result)))
    if earwig.earwig_dtmf_options_parse(options_text.encode(), ctypes.byref(options), error, ctypes.c_size_t(256)):
        raise ValueError(error.value.decode())
    forever = ctypes.c_int64(-1)
    how.rx_rate_hz, samples = read_wav(path)
    how.stall_ms = 0  # media time alone
    check(earwig.earwig_engine_create(None, ctypes.byref(engine)))
    try:
        check(earwig.earwig_channel_create(engine, ctypes.byref(how), ctypes.byref(channel)))
        check(earwig.earwig_channel_answer(channel))
        check(earwig.earwig_dtmf_start(channel, ctypes.byref(options)))
        block = how.rx_rate_hz // 5
        for start in range(0, len(samples), block):
            frames = samples[start : start + block].tobytes()
            check(earwig.earwig_channel_write(channel, RX, frames, ctypes.c_size_t(len(frames) // 2)))
            check(earwig.earwig_channel_flush(channel, forever))
        check(earwig.earwig_channel_hangup(channel))
        check(earwig.earwig_dtmf_wait(channel, forever, ctypes.byref(result)))
    finally:
        earwig.earwig_channel_unref(channel)
        earwig.earwig_engine_shutdown(engine, forever)
        earwig.earwig_engine_unref(engine)
    return result.digits.decode(), earwig.earwig_dtmf_cause_str(result.cause).decode()


if __name__ == "__main__":
    if earwig.earwig_abi_version() != ABI_VERSION:
        sys.exit("the library has another version of the C API")
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    digits, cause = collect(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
    print(f"cause {cause}, digits {digits or 'none'}")
