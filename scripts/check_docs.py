#!/usr/bin/env python3
"""Checks what the documents name: `check_docs.py [ROOT]`, or `check_docs.py --self-check`.

- A path in a code span exists. It begins with the name of a folder of the tree, or ends like a source file; it may leave out the
  folders in front (`engine/tap.rs`) and `.rs` (`engine/tap`). In blocks of code, paths begin with a folder of the top.
- A relative link leads to a file, and its anchor to a heading.
- Each page in docs/ is in docs/SUMMARY.md, from which the site is made.
- In docs/internals a code span that names a function or a field, such as `Call::rx` or `on_event`, names words of the sources.

Paths that a build makes or that belong to the machine are left out, and so is the changelog. Prints each violation and the count,
and exits with 1 if there is a violation.
"""

import os
import re
import subprocess
import sys
import tempfile

SOURCE = re.compile(r"\.(c|h|md|py|rs|sh|toml)$")
PATH = re.compile(r"[\w.][\w./-]*")
ELSEWHERE = ("../", "target/", ".asterisk/")
LINK = re.compile(r"\]\(([^)\s]+)[^)]*\)")
SPAN = re.compile(r"`([^`]+)`")
NAME = re.compile(r"\w+(?:::\w+)+|[a-z]\w*_\w*")
CODE = (".rs", ".c", ".h")
# Names functions of other crates.
FOREIGN = ("docs/internals/dependencies.md",)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def tracked(root):
    """All files, those that are new included; without git, all that are no build's."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(command, cwd=root, check=True, capture_output=True).stdout.decode().split("\0")
        return {name for name in listing if name and os.path.exists(os.path.join(root, name))}
    except (OSError, subprocess.CalledProcessError):
        found = set()
        for folder, folders, files in os.walk(root):
            folders[:] = [name for name in folders if name != "target" and (not name.startswith(".") or name == ".ci")]
            found |= {os.path.relpath(os.path.join(folder, name), root) for name in files}
        return found


def parents(path):
    while path := os.path.dirname(path):
        yield path


def endings(path):
    """A path, and what is left of it without the folders in front."""
    parts = path.split("/")
    return ("/".join(parts[start:]) for start in range(len(parts)))


def anchors(text):
    """The anchors that GitHub and mdBook give to headings."""
    headings = re.findall(r"^#+ +(.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    plain = (re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", heading).lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in plain}


class Tree:
    def __init__(self, root):
        self.root = root
        self.files = tracked(root)
        self.folders = {folder for path in self.files for folder in parents(path)}
        self.paths = self.files | self.folders
        self.known = {ending for path in self.paths for ending in endings(path)}
        self.folder_names = {os.path.basename(folder) for folder in self.folders}
        self.tops = {folder for folder in self.folders if "/" not in folder}
        self.sources = [read(os.path.join(root, path)) for path in self.files if path.endswith(CODE)]
        self.words = {word for source in self.sources for word in re.findall(r"\w+", source)}

    def code_line(self, line):
        for path in PATH.findall(line):
            if "/" in path and path.split("/")[0] in self.tops:
                yield self.path(path.rstrip("/."))

    def path(self, path):
        return None if path in self.known or path + ".rs" in self.known else f"there is no {path}"

    def span(self, page, span):
        if PATH.fullmatch(span) and not span.startswith(ELSEWHERE):
            if SOURCE.search(span) or ("/" in span and span.split("/")[0] in self.folder_names):
                yield self.path(span.rstrip("/"))
        if page.startswith("docs/internals/") and page not in FOREIGN and NAME.fullmatch(span):
            missing = [part for part in span.split("::") if part not in self.words]
            if not missing and span.count("::") == 1 and not self.has_member(*span.split("::")):
                missing = [span]
            yield f"{span}: the sources have no {missing[0]}" if missing else None

    def has_member(self, owner, name):
        """Whether a file that defines or implements `owner` (a type or a module) also has `name` as a function, field or variant."""
        defines = re.compile(rf"\b(?:struct|enum|trait|mod|impl)\b[^\n{{;]*\b{owner}\b")
        has = re.compile(rf"\bfn {name}\b|\b{name}\s*[:,({{=]")
        return any(defines.search(source) and has.search(source) for source in self.sources)

    def link(self, page, target):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", path):
            return
        wanted = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
        if wanted not in self.paths:
            yield f"the link {target} leads nowhere"
        elif anchor and wanted.endswith(".md") and anchor not in anchors(read(os.path.join(self.root, wanted))):
            yield f"{wanted} has no heading #{anchor}"
        else:
            yield None

    def page(self, page):
        """The line and the verdict, None if it is right, of each name in a document."""
        in_code = False
        for number, line in enumerate(read(os.path.join(self.root, page)).splitlines(), 1):
            verdicts = []
            if line.lstrip().startswith("```"):
                in_code = not in_code
            elif in_code or line.startswith("    "):
                verdicts += self.code_line(line)
            else:
                for span in SPAN.findall(line):
                    verdicts += self.span(page, span)
                for target in LINK.findall(SPAN.sub("``", line)):
                    verdicts += self.link(page, target)
            yield from ((number, verdict) for verdict in verdicts)


def check(root):
    """The number of names, and the violations."""
    tree, count, wrong = Tree(root), 0, []
    for page in sorted(path for path in tree.files if path.endswith(".md") and path != "CHANGELOG.md"):
        for number, verdict in tree.page(page):
            count += 1
            if verdict:
                wrong.append(f"{page}:{number}: {verdict}")
    summary = read(os.path.join(root, "docs/SUMMARY.md"))
    for page in sorted(path for path in tree.files if re.fullmatch(r"docs/.+\.md", path) and path != "docs/SUMMARY.md"):
        count += 1
        if f"]({page.removeprefix('docs/')})" not in summary:
            wrong.append(f"docs/SUMMARY.md: {page} is not in it")
    return count, wrong


GOOD = {
    "README.md": "# A\n[b](docs/b.md#two-words) [web](https://example.com) `docs/b.md` `src/` `target/x.rs` `eng/a` `a=b`\n"
                 "```\n[no](link) src/eng/a.rs\n```\n",
    "docs/b.md": "## Two `words`\n[up](../README.md) [here](#two-words) `eng/a.rs` `no_such_name`\n",
    "docs/SUMMARY.md": "[b](b.md) [c](internals/c.md)\n",
    "docs/internals/c.md": "`Call::rx` `on_event` `a.rs`\n",
    "hosts/x/README.md": "`test/run.py`\n",
    "hosts/x/test/run.py": "",
    "src/eng/a.rs": "impl Call { fn rx() { on_event() } }",
    "src/eng/b.rs": "impl Other { fn on_event2() {} }",
}
BAD = [
    ("docs/new.md", "# New", "docs/SUMMARY.md: docs/new.md is not in it"),
    ("README.md", "[gone](docs/gone.md)", "README.md:6: the link docs/gone.md leads nowhere"),
    ("README.md", "```\ncc src/gone.c", "README.md:7: there is no src/gone.c"),
    ("docs/b.md", "[gone](#three)", "docs/b.md:3: docs/b.md has no heading #three"),
    ("docs/b.md", "`src/gone.rs`", "docs/b.md:3: there is no src/gone.rs"),
    ("docs/b.md", "`eng/gone`", "docs/b.md:3: there is no eng/gone"),
    ("hosts/x/README.md", "`test/gone.py`", "hosts/x/README.md:2: there is no test/gone.py"),
    ("docs/internals/c.md", "`Call::tx`", "docs/internals/c.md:2: Call::tx: the sources have no tx"),
    ("docs/internals/c.md", "`Call::on_event2`", "docs/internals/c.md:2: Call::on_event2: the sources have no Call::on_event2"),
    ("docs/internals/c.md", "`on_gone`", "docs/internals/c.md:2: on_gone: the sources have no on_gone"),
    ("docs/internals/c.md", "`gone.c`", "docs/internals/c.md:2: there is no gone.c"),
]


def self_check():
    """A tree without a violation, and one with each kind of violation."""
    def report(path=None, text=""):
        with tempfile.TemporaryDirectory() as root:
            for name, content in ({path: ""} | GOOD if path else GOOD).items():
                os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
                with open(os.path.join(root, name), "w", encoding="utf-8") as file:
                    file.write(content + (text + "\n" if name == path else ""))
            return check(root)[1]

    wrong = [f"reported without a violation: {said}" for said in report()]
    for path, text, expected in BAD:
        if (said := report(path, text)) != [expected]:
            wrong.append(f"{path} with {text!r}: {said}, not {expected!r}")
    return len(BAD) + 1, wrong


def main():
    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    count, wrong = self_check() if sys.argv[1:] == ["--self-check"] else check(sys.argv[1] if len(sys.argv) > 1 else top)
    print("\n".join([*wrong, f"{count} names, {len(wrong)} wrong"]))
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
