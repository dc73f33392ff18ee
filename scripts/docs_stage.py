#!/usr/bin/env python3
"""Stages the sources of the documentation site: `docs_stage.py BOOK`; or checks the links of a rendered one: `docs_stage.py --check SITE`.

The pages keep their places below BOOK/src, so that links between them hold, and so do those to files that are no pages. Added are
a page made of include/earwig.h and one that links to rustdoc.
"""

import html.parser
import os
import re
import shutil
import sys
import urllib.parse

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")

C_API = "docs/reference/c-api.md"
RUST_API = "docs/reference/rust-api.md"
RUST_PAGE = """# Rust API

- [`earwig`](../../rust/earwig/index.html): the engine, for hosts in Rust
- [`earwig_core`](../../rust/earwig_core/index.html): the detectors and jobs, without threads or files
"""


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


# ---- the header ----

def items(header):
    """The header in order: comments, each with the declaration behind it or "", and declarations without a comment."""
    at, comment = 0, None
    lines = header.split("\n")
    while at < len(lines):
        line = lines[at]
        if line.startswith("/*"):
            end = next(n for n in range(at, len(lines)) if "*/" in lines[n])
            if comment is not None:
                yield comment, ""
            comment = "\n".join(lines[at:end + 1])
            at = end + 1
        elif line.startswith(("#define", "typedef", "struct", "enum", "EARWIG_API", "int", "void", "const")):
            depth, code = 0, []
            while True:
                line = lines[at]
                code.append(line)
                bare = re.sub(r"/\*.*?\*/|//.*", "", line)
                depth += bare.count("{") - bare.count("}")
                at += 1
                if depth == 0 and (code[0].startswith("#") and not line.endswith("\\") or bare.rstrip().endswith(";")):
                    break
            yield comment or "", "\n".join(code)
            comment = None
        else:
            # A blank line or a directive: a comment in front of it stands alone.
            if comment is not None and (line.strip() or (at + 1 < len(lines) and not lines[at + 1].startswith("typedef"))):
                yield comment, ""
                comment = None
            at += 1
    if comment is not None:
        yield comment, ""


def prose(comment):
    """A comment as Markdown: its headings in bold, its indented lines as code."""
    text = re.sub(r"^/\*+ ?|\s*\*/$", "", comment)
    text = "\n".join(re.sub(r"^ \* ?", "", line) for line in text.split("\n"))
    text = re.sub(r"^(Parameters|Returns|Threads|Example(?: \([^)]*\))?):[ \n]*", r"**\1**\n\n", text, flags=re.M)
    text = re.sub(r"^-{4} (.*?) -{4}$", r"## \1", text, flags=re.M)
    code = re.compile(r"((?:^    .*\n?|^[ ]*\n(?=    ))+)", re.M)
    return code.sub(lambda m: "```c\n" + re.sub(r"^    ", "", m.group(), flags=re.M).strip("\n") + "\n```\n", text).strip()


def name_of(code):
    """The name that a declaration declares; None for directives and the like."""
    code = re.sub(r"/\*.*?\*/", "", code, flags=re.S)
    for pattern in (r"^#define (EARWIG_\w+)(?= )", r"\(\*(\w+)\)\(", r"\b(earwig_\w+)\(", r"}\s*(earwig_\w+);", r"^(?:struct|enum) (earwig_\w+)",
                    r"\b(earwig_\w+);"):
        if match := re.search(pattern, code):
            return match.group(1)
    return None


def header_page(header):
    """The header as a page, and the names that it has: the overview, and each section with its declarations."""
    page, seen = ["# C API\n", "Generated from `include/earwig.h`.\n"], set()
    for comment, code in items(header):
        if banner := re.match(r"/\* =+\n \* (.*)\n \* =+\n((?:.|\n)*)", comment):
            page.append(f"## {banner.group(1)}\n\n{prose('/*' + banner.group(2).lstrip(' *'))}\n")
            comment = ""
        elif not code:
            # The overview comes first; other comments that stand alone are about the header's text.
            page += [prose(comment) + "\n"] if len(page) == 2 else []
        name = name_of(code)
        if code.startswith("enum {") and not comment:
            page[-1] = page[-1].removesuffix("```\n") + code.strip() + "\n```\n"
        elif name and name not in seen | {"EARWIG_H", "EARWIG_API"}:
            seen.add(name)
            page.append(f"### {name}\n\n{prose(comment)}\n\n```c\n{code.strip()}\n```\n")
    return "\n".join(page), seen


# ---- staging ----

def stage(book):
    source = os.path.join(book, "src")
    summary, pages = [], []
    for line in read("docs/SUMMARY.md").split("\n"):
        def place(match):
            path = os.path.normpath(os.path.join("docs", match.group(1)))
            pages.append(path)
            return f"]({staged(path)})"
        summary.append(LINK.sub(place, line))
        if line == "# Reference":
            summary += ["", f"- [C API]({C_API})", f"- [Rust API]({RUST_API})"]
    for page in pages:
        write(os.path.join(source, staged(page)), stage_page(source, page, set(pages)))
    page, names = header_page(read("include/earwig.h"))
    missing = set(re.findall(r"^EARWIG_API .*?(earwig_\w+)\(", read("include/earwig.h"), re.M)) - names
    if missing:
        sys.exit(f"docs_stage.py: the page of the header lacks {', '.join(sorted(missing))}")
    write(os.path.join(source, C_API), page)
    write(os.path.join(source, RUST_API), RUST_PAGE)
    write(os.path.join(source, "SUMMARY.md"), "\n".join(summary))
    shutil.copy(os.path.join(TOP, "docs/book.toml"), book)


def staged(page):
    """The place of a page in the book: mdBook renders README.md as index.html, but does not follow links to it."""
    return re.sub(r"(^|/)README\.md$", r"\1index.md", page)


def stage_page(source, page, pages):
    """The text of a page. The header is its page; other files that it links to and that are no pages are copied."""
    def target(match):
        path, anchor = match.group(1), match.group(2) or ""
        wanted = os.path.normpath(os.path.join(os.path.dirname(page), path))
        if re.match(r"[a-z]+:", path):
            return match.group()
        if wanted == "include/earwig.h":
            return f"]({os.path.relpath(C_API, os.path.dirname(page) or '.')})"
        if wanted in pages:
            return f"]({staged(path)}{anchor})"
        if os.path.isfile(os.path.join(TOP, wanted)):
            write(os.path.join(source, wanted), read(wanted))
        return match.group()
    return LINK.sub(target, read(page))


# ---- the check ----

class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.links, self.ids = [], set()
        with open(path, encoding="utf-8") as file:
            self.feed(file.read())

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids.update(values[key] for key in ("id", "name") if values.get(key))
        self.links += [values[key] for key in ("href", "src") if values.get(key)]


def check(site):
    """Every relative link of the book's pages leads to a file, and its anchor to an element."""
    pages = {}
    for folder, folders, files in os.walk(site):
        folders[:] = [name for name in folders if os.path.join(folder, name) != os.path.join(site, "rust")]
        # The page of a missing address has absolute links, and the printed book is all pages again.
        pages |= {os.path.join(folder, name): Page(os.path.join(folder, name)) for name in files
                  if name.endswith(".html") and name not in ("404.html", "print.html", "toc.html")}
    wrong = []
    for path, page in sorted(pages.items()):
        for link in page.links:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            wanted = os.path.normpath(os.path.join(os.path.dirname(path), urllib.parse.unquote(parts.path))) if parts.path else path
            if os.path.isdir(wanted):
                wanted = os.path.join(wanted, "index.html")
            if not os.path.exists(wanted):
                wrong.append(f"{os.path.relpath(path, site)}: {link} leads nowhere")
            elif parts.fragment and wanted in pages and urllib.parse.unquote(parts.fragment) not in pages[wanted].ids:
                wrong.append(f"{os.path.relpath(path, site)}: {link} has no such place")
    print("\n".join([*wrong, f"{len(pages)} pages, {len(wrong)} wrong links"]))
    return 1 if wrong or not pages else 0


if __name__ == "__main__":
    if sys.argv[1] == "--check":
        sys.exit(check(os.path.normpath(sys.argv[2])))
    stage(sys.argv[1])
