#!/usr/bin/env python3
"""Tests with calls through a real Asterisk. Prints a line for each, and `N passed, N failed` at the end."""

import json
import os
import re
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../testkit"))  # shared by the hosts

import after_hangup
import arguments
import caller
import dtmf
import machine
import control
import late_beeps
import listening
import recorder
import settings
from harness import TESTS, Harness, equal, inband, test, wait_until_idle
from caller import dial, encoded, silence
from foreign_abi import build_foreign_library
from pbx import TOP, Asterisk
from process import end_on_signals
from runner import run, select


@test
def the_applications_are_documented(b):
    for name, part in (("EarwigGetDigits", "seconds_interdigit_timeout"), ("EarwigListen", "RFC 4733"),
                       ("EarwigClearDigits", "digit buffer"), ("EarwigRecord", "milliseconds_max_silence"),
                       ("EarwigRecord", "EARWIG_AUDIO_DETECTED"), ("EarwigRecordStart", "milliseconds_max_silence"),
                       ("EarwigRecordStop", "ABORTED"), ("EarwigRecordWait", "120"), ("EarwigRecordPause", "shorter"),
                       ("EarwigRecordResume", "EarwigRecordPause"), ("EarwigRecordMask", "duration"),
                       ("EarwigRecordUnmask", "EarwigRecordMask"), ("EarwigDetectMachine", "machine_words_threshold"),
                       ("EarwigDetectMachine", "DETECT_RESULT"), ("EarwigDetectMachineStop", "STOPPED"),
                       ("EarwigDetectMachineWait", "TIMEOUT")):
        text = b.pbx.cli(f"core show application {name}")
        assert part in text, text


@test
def the_manager_events_are_documented(b):
    for name, parts in (("EarwigDtmfEnd", ("Raised when EarwigGetDigits has ended", "StartedMs", "HANGUP")),
                        ("EarwigRecordStart", ("File",)), ("EarwigRecordEnd", ("AudioDetected", "DurationMs", "BARGEIN")),
                        ("EarwigMachine", ("MachineEvent", "NOT_READY", "DetectMs", "finished")),
                        ("EarwigMachineBeep", ("READY", "EndMs")),
                        ("EarwigDigit", ("digit_events", "AtMs", "RFC 4733"))):
        text = b.pbx.cli(f"manager show event {name}")
        assert all(part in text for part in parts), text


@test
def the_manager_actions_are_documented(b):
    for name, part in (("EarwigStart", "detect_machine"), ("EarwigStop", "whole"), ("EarwigStatus", "JSON"),
                       ("EarwigClearDigits", "buffer"), ("EarwigRecordPause", "not in the file"), ("EarwigRecordResume", "pause"),
                       ("EarwigRecordMask", "silence"), ("EarwigRecordUnmask", "mask")):
        text = b.pbx.cli(f"manager show command {name}")
        assert part in text and "Channel" in text, text
        # The right to handle a call does not include writing files.
        assert ("call" in re.search(r"Privilege.*\s+(\S+)", text).group(1)) == (name != "EarwigStart"), text
    assert "squelch_dtmf" in b.pbx.cli("core show application EarwigListen")


@test
def the_command_line_shows_the_jobs_of_a_channel(b):
    try:
        caller.run([b.caller("hold")], 1)
    except TimeoutError:
        pass
    name = b.pbx.cli("core show channels concise").split("!")[0]
    status = json.loads(b.pbx.cli(f"earwig show channel {name}"))
    equal([status[k] for k in ("name", "call_state", "digits", "dtmf")], [name, "ANSWERED", "", None])
    assert status["media_ms"] > 0 and "no such channel" in b.pbx.cli("earwig show channel nobody")
    b.pbx.cli("channel request hangup all")
    wait_until_idle(b)


@test
def unloading_while_calls_run_is_refused_and_the_server_lives_on(b):
    one = b.caller("hold")
    end = time.monotonic() + 1
    try:
        caller.run([one], 1)
    except TimeoutError:
        pass
    assert time.monotonic() >= end and "Channels:      1" in b.pbx.cli("earwig show status")
    b.pbx.cli("module unload -f app_earwig.so")
    text = b.pbx.cli("module unload app_earwig.so")
    assert "in use" in text.lower() or "unable to unload" in text.lower(), text
    assert b.pbx.alive()
    b.pbx.cli("channel request hangup all")
    wait_until_idle(b)
    equal(b.call("count", inband("12345")), ("12345", "COUNT"))


@test
def no_handle_is_left_after_the_last_hang_up(b):
    wait_until_idle(b)
    lines = [line for line in b.pbx.cli("module show like app_earwig").splitlines() if "app_earwig" in line]
    assert lines and " 0 " in lines[0], lines


@test
def without_calls_the_module_unloads_and_loads_again(b):
    wait_until_idle(b)
    for _ in range(3):
        text = b.pbx.cli("module unload app_earwig.so")
        assert "Unloaded" in text, text
        text = b.pbx.cli("module load app_earwig.so")
        assert "Loaded" in text, text
    equal(b.call("count", inband("67890")), ("67890", "COUNT"))
    wait_until_idle(b)


@test
def a_library_of_another_abi_is_refused(b):
    library, said = build_foreign_library(TOP, b.folder)
    other = Asterisk("[tests]\n", library)
    try:
        assert said in other.output(), other.output()
        assert "No such command" in other.cli("earwig show status") and other.alive()
    finally:
        other.close()


@test
def no_unexpected_error_is_logged(b):
    bad = [line for line in b.pbx.output().splitlines()
           if re.search(r"app_earwig(/\w+)*\.c", line) and ("ERROR" in line or "WARNING" in line)
           and not any(part in line for part in ("EarwigGetDigits:", "EarwigRecord", "EarwigDetectMachine", "EarwigListen",
                                                 "webhook:", "No space left", "earwig.conf", "the engine was not created", " is late: "))]
    assert not bad, bad


def main():
    end_on_signals()
    tests = select(TESTS, sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="ew-tones-", dir="/tmp") as folder:
        with open(os.path.join(folder, "tones.ulaw"), "wb") as f:
            f.write(encoded(silence(200) + dial("86420") + silence(500)))
        pbx = Asterisk(dtmf.DIALPLAN.replace("TONES", os.path.join(folder, "tones")) + recorder.dialplan(folder)
                       + machine.dialplan(folder) + control.dialplan(folder) + after_hangup.dialplan(folder)
                       + late_beeps.DIALPLAN + listening.DIALPLAN + arguments.dialplan(folder) + settings.dialplan(folder))
        try:
            failed = run(tests, Harness(pbx, folder), pbx, "Asterisk")
        finally:
            pbx.close()
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
