#!/usr/bin/env python3
"""Replaces a section of a report with standard input: `report_section.py FILE SECTION`. A line below the heading says where and when the
figures were measured. The other sections stay."""

import datetime
import os
import platform
import re
import sys

# Instruction sets for which the library has code of its own, the widest first.
SETS = ("avx512vnni", "avx512f", "avx2", "sse4_2", "asimd")


def machine():
    """The processor, its number and widest instruction set, and the kernel."""
    with open("/proc/cpuinfo") as file:
        text = file.read()
    name = re.search(r"^model name\s*: (.*)$", text, re.M)
    flags = re.search(r"^(?:flags|Features)\s*: (.*)$", text, re.M)
    flags = flags.group(1).split() if flags else []
    widest = next((one for one in SETS if one.replace("512", "512_") in flags or one in flags), "")
    parts = [name.group(1) if name else platform.machine(), f"{os.cpu_count()} processors", platform.machine(), widest,
             f"Linux {platform.release()}"]
    return ", ".join(part for part in parts if part)


def main():
    path, section = sys.argv[1:]
    body = sys.stdin.read().strip()
    with open(path, encoding="utf-8") as file:
        text = file.read()
    measured = f"Measured {datetime.date.today()} on {machine()}."
    new = f"## {section}\n\n{measured}\n\n{body}\n"
    pattern = re.compile(rf"^## {re.escape(section)}\n.*?(?=^## |\Z)", re.M | re.S)
    if not pattern.search(text):
        sys.exit(f"report_section.py: {path} has no section {section}")
    text = pattern.sub(lambda _: new + "\n", text).rstrip() + "\n"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
