"""Runs tests one after another, each with its line."""

import time
import traceback


def chosen(tests, parts):
    """Those whose names have one of the parts; all if there are none."""
    return [one for one in tests if not parts or any(part in one.__name__ for part in parts)]


def run(tests, bench, server, name):
    """How many failed; `server` is what they call, by its name."""
    failed = 0
    for number, one in enumerate(tests):
        title = one.__name__.replace("_", " ")
        began = time.monotonic()
        try:
            one(bench)
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
