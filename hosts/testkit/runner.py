"""Runs tests one after another, and prints a line for each."""

import time
import traceback


def select(tests, parts):
    """The tests whose names contain one of the parts; all without parts."""
    return [test for test in tests if not parts or any(part in test.__name__ for part in parts)]


def run(tests, harness, server, name):
    """Returns how many failed. `server` is the tested server, `name` its name."""
    failed = 0
    for number, test in enumerate(tests):
        title = test.__name__.replace("_", " ")
        began = time.monotonic()
        try:
            test(harness)
            assert server.alive(), f"{name} has died"
            print(f"ok    {title} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception:
            failed += 1
            print(f"FAIL  {title}\n{traceback.format_exc()}", flush=True)
        if not server.alive():
            print(f"{name} has died: the tests that are left could not run", flush=True)
            failed += len(tests) - number - 1
            break
    if failed:
        print(server.output()[-4000:])
    return failed
