#!/usr/bin/env python3
"""Verdicts of Asterisk's AMD() on the development corpus, from one call per file through an Asterisk 22 with its defaults.

    benches/amd.py [--calls N] [RESULTS.csv]        default: target/amd.csv

The called party plays the file, then sends silence and hangs up 8 s after the file's end; AMD() decides within its
total_analysis_time of 5 s. The time of a verdict counts from the called party's first packet, sent right after the answer. Needs
the Asterisk of hosts/asterisk/fetch.sh, the corpus (EARWIG_CORPUS, or ../shared/corpus beside the project), and flac, sox or
ffmpeg."""

import argparse
import array
import collections
import csv
import os
import shutil
import subprocess
import sys

for folder in ("testkit", "asterisk/test"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../hosts", folder))

import caller  # noqa: E402
from pbx import ROOT, TARGET, TOP, Asterisk  # noqa: E402
from process import end_on_signals  # noqa: E402

CORPUS = os.environ.get("EARWIG_CORPUS", "required")
if CORPUS == "required":
    CORPUS = os.path.join(TOP, "../shared/corpus")
GROUPS = "human", "machine", "composed", "silence_noise"
VERDICTS = "HUMAN", "MACHINE", "NOTSURE", "HANGUP"

# Commands that write the samples of FILE to standard output: 16 bits, little-endian.
READERS = {
    "flac": "-dcs --force-raw-format --endian=little --sign=signed FILE",
    "sox": "FILE -t s16 -L -",
    "ffmpeg": "-v error -i FILE -f s16le -",
}

DIALPLAN = """
[tests]
exten => amd,1,Answer()
 same => n,AMD()
 same => n,Hangup()
exten => h,1,UserEvent(Amd,Caller: ${CALLERID(num)},Status: ${AMDSTATUS},Cause: ${AMDCAUSE})
"""

ULAW = bytes(caller.ulaw(sample - 32768) for sample in range(65536))


def read(path):
    """The samples of a file as u-law. All files of the corpus are at 8 kHz."""
    tool = next(name for name in READERS if shutil.which(name))
    arguments = [path if part == "FILE" else part for part in READERS[tool].split()]
    samples = array.array("h", subprocess.run([tool, *arguments], stdout=subprocess.PIPE, check=True).stdout)
    if sys.byteorder == "big":
        samples.byteswap()
    return bytes(ULAW[sample + 32768] for sample in samples)


def missing():
    """A message that names what is missing, or None."""
    if not os.path.exists(os.path.join(ROOT, "usr/lib/x86_64-linux-gnu/asterisk/modules/app_amd.so")):
        return f"no Asterisk with app_amd in {ROOT}; hosts/asterisk/fetch.sh downloads one"
    if not os.path.exists(os.path.join(CORPUS, "labels.csv")):
        return f"no corpus in {CORPUS}; EARWIG_CORPUS sets another folder"
    if not any(shutil.which(name) for name in READERS):
        return "none of " + ", ".join(READERS) + " is installed"
    return None


def call_all(pbx, rows):
    """Makes a call for each row of labels, all at once. Yields a row of results for each."""
    calls = [caller.Caller(pbx.sip_port, "amd", f"f{number}",
                           [("audio", read(os.path.join(CORPUS, row["file"]))), ("pause", 8000), ("hangup",)])
             for number, row in enumerate(rows)]
    pbx.manager.events.clear()
    caller.run(calls, 120)
    for row, call in zip(rows, calls):
        event = pbx.manager.find(10, Event="UserEvent", UserEvent="Amd", Caller=call.name)
        if not event:
            raise RuntimeError(f"no verdict on {row['file']}\n{pbx.output()}")
        took = round((call.ended - call.began) * 1000) if call.ended else ""
        yield {"file": row["file"], "status": event["Status"], "cause": event["Cause"], "verdict_ms": took}


def answerer(label):
    """Who answers, by the label."""
    return next((kind for kind in ("human", "machine") if label.startswith(kind)), "neither")


def print_table(rows, results):
    """Prints the number of files by label and verdict, and the times of the verdicts."""
    counts = collections.Counter()
    for row, result in zip(rows, results):
        kind = answerer(row["label"])
        for name in (f"{row['group']}, {row['label']}", f"all: {kind}"):
            counts[kind, name, "files"] += 1
            counts[kind, name, result["status"]] += 1
    names = sorted({key[:2] for key in counts}, key=lambda key: (key[0], key[1].startswith("all"), key[1]))
    print(f"{'group, label':32}{'files':>7}" + "".join(f"{verdict:>9}" for verdict in VERDICTS))
    for kind, name in names:
        print(f"{name:32}" + f"{counts[kind, name, 'files']:7}" + "".join(f"{counts[kind, name, v]:9}" for v in VERDICTS))
    for kind, wrong in (("human", "MACHINE"), ("machine", "HUMAN")):
        count, files = counts[kind, f"all: {kind}", wrong], counts[kind, f"all: {kind}", "files"]
        print(f"{kind}s called {wrong}: {count} of {files} ({100 * count / max(files, 1):.1f} %)")
    times = sorted(result["verdict_ms"] for result in results if result["verdict_ms"] != "")
    if times:
        print(f"time of the verdict: median {times[len(times) // 2]} ms, 90 % within {times[len(times) * 9 // 10]} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--calls", type=int, default=16, help="number of simultaneous calls (16)")
    parser.add_argument("results", nargs="?", default=os.path.join(TARGET, "amd.csv"), help="CSV file to write (target/amd.csv)")
    arguments = parser.parse_args()
    error = missing()
    if error:
        sys.exit(f"amd.py: {error}")
    with open(os.path.join(CORPUS, "labels.csv"), newline="") as f:
        rows = [row for row in csv.DictReader(f) if row["group"] in GROUPS]
    end_on_signals()
    results = []
    pbx = Asterisk(DIALPLAN, modules=["app_amd"])
    try:
        for at in range(0, len(rows), arguments.calls):
            results += call_all(pbx, rows[at:at + arguments.calls])
            print(f"\r{len(results)} of {len(rows)}", end="", file=sys.stderr, flush=True)
    finally:
        pbx.close()
        print(file=sys.stderr)
    os.makedirs(os.path.dirname(os.path.abspath(arguments.results)), exist_ok=True)
    # Replaced in one step: a reader never sees half of the file.
    with open(arguments.results + ".part", "w", newline="") as f:
        table = csv.DictWriter(f, ["file", "status", "cause", "verdict_ms"], lineterminator="\n")
        table.writeheader()
        table.writerows(results)
    os.replace(arguments.results + ".part", arguments.results)
    print_table(rows, results)


if __name__ == "__main__":
    main()
