#!/usr/bin/env python3
"""host.c in Python, with ctypes and the standard library alone.

    host.py FILE.wav [OPTIONS]      FILE: mono, 16-bit PCM, 8 or 16 kHz

Set EARWIG_LIBRARY to the path of the library if the loader does not find it.
"""

import ctypes
import os
import sys
import wave

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
    with wave.open(path) as call:
        if call.getnchannels() != 1 or call.getsampwidth() != 2:
            raise ValueError("mono and 16-bit PCM is what this example reads")
        how.rx_rate_hz, how.stall_ms = call.getframerate(), 0  # media time alone
        check(earwig.earwig_engine_create(None, ctypes.byref(engine)))
        try:
            check(earwig.earwig_channel_create(engine, ctypes.byref(how), ctypes.byref(channel)))
            check(earwig.earwig_channel_answer(channel))
            check(earwig.earwig_dtmf_start(channel, ctypes.byref(options)))
            while frames := call.readframes(how.rx_rate_hz // 5):
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
