#!/usr/bin/env python3
"""Checks that the paths which the documents name exist: doc_paths.py [FILE.md...], by default all Markdown but the changelog.

A path is what stands in backticks and ends like a source file, or begins with the name of a folder of the tree. It may leave out
the folders in front (`engine/tap.rs`) and `.rs` (`engine/tap`). In blocks of code, it is what begins with a folder of the top. Links are relative to their document. What is made by a build or belongs to the machine is left out."""

import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCE = re.compile(r"\.(c|h|md|py|rs|sh|toml)$")
PATH = re.compile(r"[\w.][\w./-]*")
ELSEWHERE = ("../", "target/", ".asterisk/")


def walked():
    """All files where there is no git."""
    for folder, folders, files in os.walk(TOP):
        folders[:] = [name for name in folders if name != "target" and (not name.startswith(".") or name == ".ci")]
        yield from (os.path.relpath(os.path.join(folder, name), TOP) for name in files)


def tree():
    """All files of the tree, those that are new included, and all their folders."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(command, cwd=TOP, check=True, capture_output=True).stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        listing = walked()
    files = {name for name in listing if name and os.path.exists(os.path.join(TOP, name))}
    folders = set()
    for name in files:
        while name := os.path.dirname(name):
            folders.add(name)
    return files | folders, folders


def endings(paths):
    """Each path, and what is left of it without the folders in front."""
    found = set()
    for path in paths:
        parts = path.split("/")
        found.update("/".join(parts[start:]) for start in range(len(parts)))
    return found


def named(text, folders):
    """The line and the text of each path in a document; of links, whether it is one."""
    names = {folder.rsplit("/", 1)[-1] for folder in folders}
    tops = {folder for folder in folders if "/" not in folder}
    in_code = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            in_code = not in_code
        elif in_code or line.startswith("    "):
            for path in PATH.findall(line):
                if "/" in path and path.split("/")[0] in tops:
                    yield number, path.rstrip("/."), False
        else:
            for path in re.findall(r"`([^`]+)`", line):
                if not PATH.fullmatch(path) or path.startswith(ELSEWHERE):
                    continue
                if SOURCE.search(path) or ("/" in path and path.split("/")[0] in names):
                    yield number, path.rstrip("/"), False
            for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line):
                if not re.match(r"[a-z]+:", link):
                    yield number, link, True


def main(documents):
    paths, folders = tree()
    known = endings(paths)
    if not documents:
        documents = sorted(os.path.join(TOP, path) for path in paths if path.endswith(".md") and path != "CHANGELOG.md")
    count = wrong = 0
    for document in documents:
        with open(document, encoding="utf-8") as file:
            text = file.read()
        for number, path, is_link in named(text, folders):
            count += 1
            if is_link:
                there = os.path.exists(os.path.join(os.path.dirname(document), path))
            else:
                there = path in known or path + ".rs" in known
            if not there:
                wrong += 1
                print(f"{os.path.relpath(document, TOP)}:{number}: there is no {path}")
    print(f"{count} paths, {wrong} wrong")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
