#!/usr/bin/env python3
"""Finds retired words in the tracked files: `check_words.py`, or `check_words.py --self-check`.

A seed is allowed where it is one of random numbers: as a variable in code, or in a sentence that says so.
"""

import os
import re
import subprocess
import sys

RETIRED = re.compile(r"\b(seeds?|desks?|tellers?|errands?)\b", re.I)
SEED = re.compile(r"seeds?", re.I)
RANDOM = re.compile(r"\brng\b|with_seed|fastrand|--seed|srand|random", re.I)
# A variable or a field: it stands beside punctuation of code, or behind a keyword.
VARIABLE = re.compile(r"[.({\[|&]seeds?\b|\bseeds?(\.|\[|:(?! )|[)},|]|: (u64|u32|int)\b| *[*+=%](?!\*))|\b(for|let|let mut|in|uint32_t) seeds?\b"
                      r"|^\s*seeds?,$|\bseeds? as \w|\bseed: |, seeds?[,)=]|\{seeds?\b|\bSEEDS\b")
COMMENT = re.compile(r"^\s*(//|/?\*|#(?!\[|include|define)|\"\"\")")


def violations(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        words = {word.lower() for word in RETIRED.findall(line)}
        if all(SEED.fullmatch(word) for word in words):
            is_code = os.path.splitext(path)[1] not in (".md", ".xml", ".txt") and not COMMENT.match(line)
            if RANDOM.search(line) or (is_code and VARIABLE.search(line)):
                continue
        if words:
            yield f"{path}:{number}: {', '.join(sorted(words))}: {line.strip()[:120]}"


def tree(root):
    files = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True, text=True).stdout
    for path in filter(None, files.split("\0")):
        if path == "scripts/check_words.py" or not os.path.isfile(os.path.join(root, path)):
            continue
        with open(os.path.join(root, path), "rb") as file:
            content = file.read()
        if b"\0" not in content:
            yield from violations(path, content.decode("utf-8", "replace"))


ALLOWED = [
    ("a.rs", "let mut rng = fastrand::Rng::with_seed(seed);"), ("a.rs", "fn play(seed: u64) -> String {"),
    ("a.rs", "    for seed in SEEDS {"), ("a.rs", "        seed,"), ("a.rs", "Case { seed: n as u64 }"),
    ("a.c", "void noise(int16_t *samples, size_t count, uint32_t seed);"), ("a.py", "def noise(seconds, dbm0, seed):"),
    ("a.py", '    return voice(ms, f"{seed} {i}")'), ("a.md", "`--seed 1` makes the same calls again"),
    ("a.rs", "/// One row of digits for each seed of the random numbers."), ("a.c", "    seed = seed * 1664525u + 1013904223u;"),
]
REFUSED = [
    ("a.rs", "/// The seed's `get_digits`."), ("a.md", "the defaults of the seed"), ("a.c", " * seed's: `clear`, `count`"),
    ("a.rs", "struct Desk;"), ("a.py", "teller = Teller()"), ("a.md", "| errand | order |"), ("a.rs", "// seed, count"),
    ("a.xml", "<para>as the seeds have it</para>"),
]


def main():
    if sys.argv[1:] == ["--self-check"]:
        found = [f"refused: {path}: {line}" for path, line in ALLOWED if list(violations(path, line))]
        found += [f"allowed: {path}: {line}" for path, line in REFUSED if not list(violations(path, line))]
    else:
        found = list(tree(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")))
    print("\n".join(found))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
