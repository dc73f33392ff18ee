#!/usr/bin/env python3
"""What Asterisk's own AMD() says of the development corpus: a real Asterisk 22 with its defaults, a call for each file.

    benches/amd.py [--calls N] [RESULTS.csv]        default: target/amd.csv

The far party says the file and then nothing. A call hangs up on AMD() 8 s after the file's end; AMD() by itself decides within
its total_analysis_time of 5 s. The time of a verdict is counted from the far party's first packet, which it sends as soon as the
call is answered. Needs hosts/asterisk/fetch.sh to have run, the corpus (EARWIG_CORPUS, or ../shared/corpus beside the project), and
flac, sox or ffmpeg."""

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

# Each writes the samples of a file, 16 bits, little-endian, to its standard output.
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
    """The file's samples as u-law. The corpus is at 8 kHz already."""
    tool = next(name for name in READERS if shutil.which(name))
    arguments = [path if part == "FILE" else part for part in READERS[tool].split()]
    samples = array.array("h", subprocess.run([tool, *arguments], stdout=subprocess.PIPE, check=True).stdout)
    if sys.byteorder == "big":
        samples.byteswap()
    return bytes(ULAW[sample + 32768] for sample in samples)


def missing():
    """What is missing, in words; None if it is all there."""
    if not os.path.exists(os.path.join(ROOT, "usr/lib/x86_64-linux-gnu/asterisk/modules/app_amd.so")):
        return f"no Asterisk with app_amd in {ROOT}: hosts/asterisk/fetch.sh fetches one"
    if not os.path.exists(os.path.join(CORPUS, "labels.csv")):
        return f"no corpus in {CORPUS}: EARWIG_CORPUS names another place"
    if not any(shutil.which(name) for name in READERS):
        return "none of " + ", ".join(READERS) + " is installed"
    return None


def judge(pbx, rows):
    """Calls with these files, all at once: a row of results for each."""
    calls = [caller.Caller(pbx.sip_port, "amd", f"f{number}",
                           [("audio", read(os.path.join(CORPUS, row["file"]))), ("pause", 8000), ("hangup",)])
             for number, row in enumerate(rows)]
    pbx.manager.events.clear()
    caller.run(calls, 120)
    for row, one in zip(rows, calls):
        event = pbx.manager.find(10, Event="UserEvent", UserEvent="Amd", Caller=one.name)
        if not event:
            raise RuntimeError(f"no verdict of {row['file']}\n{pbx.output()}")
        took = round((one.ended - one.began) * 1000) if one.ended else ""
        yield {"file": row["file"], "status": event["Status"], "cause": event["Cause"], "verdict_ms": took}


def truth(label):
    return next((kind for kind in ("human", "machine") if label.startswith(kind)), "neither")


def print_table(rows, results):
    """Counts of each kind of file and each verdict."""
    counts = collections.Counter()
    for row, result in zip(rows, results):
        kind = truth(row["label"])
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
    parser.add_argument("--calls", type=int, default=16, help="calls at once (16)")
    parser.add_argument("results", nargs="?", default=os.path.join(TARGET, "amd.csv"), help="the CSV to write (target/amd.csv)")
    arguments = parser.parse_args()
    lack = missing()
    if lack:
        sys.exit(f"amd.py: {lack}")
    with open(os.path.join(CORPUS, "labels.csv"), newline="") as f:
        rows = [row for row in csv.DictReader(f) if row["group"] in GROUPS]
    end_on_signals()
    results = []
    pbx = Asterisk(DIALPLAN, modules=["app_amd"])
    try:
        for at in range(0, len(rows), arguments.calls):
            results += judge(pbx, rows[at:at + arguments.calls])
            print(f"\r{len(results)} of {len(rows)}", end="", file=sys.stderr, flush=True)
    finally:
        pbx.close()
        print(file=sys.stderr)
    os.makedirs(os.path.dirname(os.path.abspath(arguments.results)), exist_ok=True)
    # Whole or not at all: another program may read it.
    with open(arguments.results + ".part", "w", newline="") as f:
        table = csv.DictWriter(f, ["file", "status", "cause", "verdict_ms"], lineterminator="\n")
        table.writeheader()
        table.writerows(results)
    os.replace(arguments.results + ".part", arguments.results)
    print_table(rows, results)


if __name__ == "__main__":
    main()
