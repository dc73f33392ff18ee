"""A server under random calls for hours: samples of its process, and a verdict.

A host's `soak.py` gives the server's process, a function that reads the number of live handles, and one that makes a batch of calls.
"""

import argparse
import csv
import os
import threading
import time

FIELDS = ("seconds", "resident_kib", "handles", "descriptors", "threads", "calls")
# The first part of the time, in which pools and caches grow.
WARM_UP = 0.25
# Growth of memory after the warm-up that is taken for noise, KiB, and as a part of the memory.
GROWTH_KIB = 16 << 10
GROWTH = 0.05


def process(pid):
    """Resident memory in KiB, descriptors and threads of a process."""
    with open(f"/proc/{pid}/statm") as file:
        resident = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
    return resident, len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task"))


def slope(points):
    """The slope of a line through the points by least squares; 0 for fewer than two."""
    if len(points) < 2:
        return 0.0
    x = sum(a for a, _ in points) / len(points)
    y = sum(b for _, b in points) / len(points)
    below = sum((a - x) ** 2 for a, _ in points)
    return sum((a - x) * (b - y) for a, b in points) / below if below else 0.0


class Soak:
    """Calls `batch()`, which returns the number of its calls, until the time is over; a thread takes the samples."""

    def __init__(self, name, pid, handles, seconds, folder):
        self.name, self.pid, self.handles, self.seconds = name, pid, handles, seconds
        # A minute, and less in short runs: 20 samples at least.
        self.interval = max(1, min(60, seconds / 20))
        self.path = os.path.join(folder, f"{name}.csv")
        self.samples, self.calls, self.errors = [], 0, []
        self.began = time.monotonic()
        self.over = threading.Event()

    def run(self, batch):
        sampler = threading.Thread(target=self._sample_until_over)
        sampler.start()
        try:
            while time.monotonic() - self.began < self.seconds:
                try:
                    self.calls += batch()
                except Exception as error:  # a batch that fails is counted; the others go on
                    self.errors.append(repr(error))
                    print(f"{self.name}: {error!r}", flush=True)
                    time.sleep(1)
                    if not os.path.exists(f"/proc/{self.pid}"):
                        break
        finally:
            self.over.set()
            sampler.join()

    def _sample_until_over(self):
        with open(self.path, "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(FIELDS)
            while True:
                try:
                    rows.writerow(self.sample())
                except OSError as error:
                    self.errors.append(f"no sample: {error}")
                file.flush()
                if self.over.wait(self.interval):
                    return

    def sample(self):
        resident, descriptors, threads = process(self.pid)
        row = (round(time.monotonic() - self.began), resident, self.handles(), descriptors, threads, self.calls)
        self.samples.append(row)
        return row

    def row(self, left):
        """A row of the table, and whether all is well. `left`: live handles at the end that should not be there."""
        warm = [s for s in self.samples if s[0] >= WARM_UP * self.seconds] or self.samples
        first, last = warm[0], self.samples[-1]
        hours = max(last[0] - first[0], 1) / 3600
        rise = slope([(s[0], s[1]) for s in warm]) * 3600
        growth = rise * hours
        wrong = []
        if growth > max(GROWTH_KIB, GROWTH * first[1]):
            wrong.append("memory grows")
        if left:
            wrong.append(f"{left} handles left")
        # Between the batches all calls are over; a sample may fall into one.
        for at, what in ((3, "descriptors"), (4, "threads")):
            half = len(warm) // 2
            if half and min(s[at] for s in warm[half:]) > 1.5 * max(s[at] for s in warm[:half]) + 10:
                wrong.append(f"{what} grow")
        if self.errors:
            wrong.append(f"{len(self.errors)} batches failed, first {self.errors[0]}")
        cells = [self.name, f"{last[0] / 3600:.2f}", self.calls, f"{first[1] / 1024:.1f} → {last[1] / 1024:.1f}",
                 f"{rise / 1024:+.2f}", f"{max(s[2] for s in self.samples)}, {left}",
                 f"{first[3]} → {last[3]}", f"{first[4]} → {last[4]}", "; ".join(wrong) or "pass"]
        return "| " + " | ".join(str(cell) for cell in cells) + " |", not wrong


HEAD = """| what | hours | calls | memory after the warm-up → at the end, MiB | slope, MiB/h | live handles, at most and at the end | descriptors | threads | verdict |
|---|---|---|---|---|---|---|---|---|"""


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--folder", required=True, help="for NAME.csv and NAME.row")
    return parser.parse_args()


def finish(soak, left):
    """Writes the row for the table. Returns the exit status."""
    row, well = soak.row(left)
    with open(os.path.join(os.path.dirname(soak.path), f"{soak.name}.row"), "w") as file:
        file.write(row + "\n")
    print(row, flush=True)
    return 0 if well else 1
