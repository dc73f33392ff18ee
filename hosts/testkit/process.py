"""Helpers for the processes of servers and tests."""

import ctypes
import signal
import socket
import sys


def end_on_signals():
    """Lets a signal end the program like an exception, so that servers are stopped and folders removed."""
    numbers = signal.SIGTERM, signal.SIGHUP, signal.SIGINT

    def end(number, _):
        for other in numbers:
            signal.signal(other, signal.SIG_IGN)
        sys.exit(128 + number)

    for number in numbers:
        signal.signal(number, end)


def die_with_parent():
    """Runs in the child before it becomes the server, which must not outlive even a killed test."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
