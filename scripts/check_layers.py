#!/usr/bin/env python3
"""Checks the layers of the Rust sources: `check_layers.py layers|cycles|core|unsafe [ROOT]`, or `check_layers.py --self-check`.

layers  a module of core/src or src imports only modules of its own layer and of those below it
cycles  no import cycle spans two folders
core    core/ names no thread, file, socket, process or clock, and depends on no crate that has them
unsafe  `unsafe` stands in src/capi alone; every other file forbids it

Prints each violation and exits with 1 if there is one. --self-check breaks each rule in a copy of a small tree and expects
the violation to be reported.
"""

import os
import re
import sys
import tempfile
import tomllib

# Top-level modules of core, and what each may import besides itself, `types` and `time`.
CORE_LAYERS = {
    "types": [],
    "time": [],
    "dsp": [],
    "codec": ["dsp"],
    "detect": ["dsp"],
    "job": ["detect", "codec", "dsp"],
    "event": ["job", "detect", "codec", "dsp"],
    "call": ["event", "job", "detect", "codec", "dsp"],
    "analysis": ["call", "event", "job", "detect", "codec", "dsp"],
}
# Top-level modules of the package earwig; both may import earwig_core.
ENGINE_LAYERS = {"engine": [], "capi": ["engine"]}

CORE_CRATES = {"tokio", "hyper", "hyper-util", "rustls", "libc", "rustix", "nix", "mio", "socket2", "log", "tempfile"}
CORE_STD = re.compile(r"^(std::(thread|fs|net|process|os)\b|std::time::(Instant|SystemTime)\b)")

UNSAFE = re.compile(r"\bunsafe\s*(\{|fn\b|impl\b|trait\b|extern\b)|#\[unsafe\(")
FORBID = "#![forbid(unsafe_code)]"


# ---- reading Rust ----

def without_comments_and_strings(text):
    """`text` with comments and the contents of strings blanked; line breaks stay."""
    token = re.compile(
        r"""//[^\n]*|/\*.*?\*/|b?c?r(?P<hash>\#*)".*?"(?P=hash)|[bc]?"(?:\\.|[^"\\])*"|b?'(?:\\.[^']*|[^'\\])'""", re.S)
    return token.sub(lambda m: "\n" * m.group().count("\n") if m.group()[0] == "/" else '""', text)


def without_tests(code):
    """`code` without items marked `#[cfg(test)]`."""
    while match := re.search(r"#\[cfg\((all\()?test\b[^\]]*\]", code):
        start = at = match.start()
        depth = 0
        at = match.end()
        while at < len(code):
            c = code[at]
            depth += (c in "{(") - (c in "})")
            at += 1
            if depth == 0 and c in ";}":
                break
        code = code[:start] + "\n" * code[start:at].count("\n") + code[at:]
    return code


def use_paths(tree):
    """The paths of a use tree, each with the name that it binds: `a::{b, c as d}` is a::b as b and a::c as d."""
    tree = tree.strip()
    if (brace := tree.find("{")) >= 0:
        prefix, depth, part = tree[:brace].strip(), 0, ""
        for c in tree[brace + 1:tree.rindex("}")] + ",":
            depth += (c == "{") - (c == "}")
            if c == "," and depth == 0:
                if part.strip():
                    for path, name in use_paths(part):
                        full = prefix.rstrip(":") if path == "self" else prefix + path
                        yield full, full.rsplit("::", 1)[-1] if name == "self" else name
                part = ""
            else:
                part += c
        return
    path, _, alias = tree.partition(" as ")
    yield path.strip(), (alias or path.rsplit("::", 1)[-1]).strip()


class Module:
    """One source file."""

    def __init__(self, root, path, name):
        self.path, self.name = path, name
        with open(os.path.join(root, path), encoding="utf-8") as file:
            self.text = file.read()
        code = without_tests(without_comments_and_strings(self.text))
        code = re.sub(r"\bpub\(in [\w:]+\)", "pub", code)
        self.items = set(re.findall(
            r"^(?:pub(?:\([^)]*\))?\s+)?(?:const\s+|unsafe\s+|async\s+)*(?:fn|struct|enum|trait|const|static|type|union)\s+(\w+)", code, re.M))
        self.imports, self.bound, self.globs = [], {}, []
        for tree in re.findall(r"\buse\s+([^;]+);", code):
            for path, name in use_paths(" ".join(tree.split())):
                self.imports.append(path)
                if name == "*":
                    self.globs.append(path.removesuffix("::*"))
                else:
                    self.bound[name] = path
        rest = re.sub(r"\buse\s+[^;]+;", "", code)
        self.imports += re.findall(r"(?<![\w:])(?:crate|super|self|std|core|alloc|earwig_core|earwig)(?:::\w+)+", rest)


class Crate:
    """The modules below one src folder, and the way from a path in the code to a file."""

    def __init__(self, root, source, name):
        self.name, self.source, self.modules = name, source, {}
        for folder, _, files in os.walk(os.path.join(root, source)):
            for file in sorted(files):
                path = os.path.relpath(os.path.join(folder, file), root)
                parts = os.path.relpath(path, source).removesuffix(".rs").split(os.sep)
                if not file.endswith(".rs") or "tests" in parts:
                    continue
                if parts[-1] in ("mod", "lib", "main"):
                    parts.pop()
                self.modules[tuple(parts)] = Module(root, path, tuple(parts))

    def absolute(self, module, path):
        """`path` as seen from `module`, from the crate's root; None if it leads out of the crate."""
        parts, here = path.split("::"), list(module.name)
        if parts[0] in ("crate", self.name):
            return parts[1:]
        if parts[0] == "self":
            return here + parts[1:]
        if parts[0] == "super":
            while parts and parts[0] == "super":
                here, parts = here[:-1], parts[1:]
            return here + parts
        if tuple(here + parts[:1]) in self.modules:
            return here + parts
        return None

    def resolve(self, parts, depth=0):
        """The module in which the item at `parts` is defined: re-exports are followed."""
        here = ()
        for at, part in enumerate(parts):
            module, rest = self.modules[here], parts[at + 1:]
            if here + (part,) in self.modules:
                here += (part,)
                continue
            if depth < 8 and part not in module.items:
                targets = [module.bound[part]] if part in module.bound else [f"{g}::{part}" for g in module.globs]
                for target in targets:
                    absolute = self.absolute(module, target)
                    if absolute is not None and absolute != list(here) + [part]:
                        found = self.resolve(absolute + rest, depth + 1)
                        if part in module.bound or part in found.items:
                            return found
            break
        return self.modules[here]

    def edges(self):
        """(importing module, path as written, module that defines it)."""
        for module in self.modules.values():
            for path in module.imports:
                absolute = self.absolute(module, path.removesuffix("::*"))
                if absolute is None:
                    continue
                target = self.resolve(absolute)
                if target is not module:
                    yield module, path, target


# ---- the rules ----

def crates(root):
    return [Crate(root, "core/src", "earwig_core"), Crate(root, "src", "earwig")]


def check_layers(root):
    for crate, layers in zip(crates(root), (CORE_LAYERS, ENGINE_LAYERS)):
        for module in crate.modules.values():
            if module.name and module.name[0] not in layers:
                yield f"{module.path}: {module.name[0]} has no place among the layers in scripts/check_layers.py"
        for module, path, target in crate.edges():
            if not module.name or not target.name:
                continue
            own, other = module.name[0], target.name[0]
            always = {"types", "time"} if crate.name == "earwig_core" else set()
            if own in always:
                always = always if own == "types" else set()
            if other != own and other not in layers.get(own, []) and other not in always:
                yield f"{module.path}: imports {path} ({target.path}): {own} may not import {other}"


def check_cycles(root):
    for crate in crates(root):
        graph = {}
        for module, _, target in crate.edges():
            if module.name and target.name:
                graph.setdefault(module.path, set()).add(target.path)
        for component in components(graph):
            folders = {os.path.dirname(path) for path in component}
            if len(folders) > 1:
                edges = [f"  {a} -> {b}" for a in sorted(component) for b in sorted(graph[a] & component)]
                yield "\n".join(["import cycle through " + ", ".join(sorted(folders)), *edges])


def components(graph):
    """Strongly connected components of more than one node (Tarjan's algorithm)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            component = set(stack[at:])
            del stack[at:]
            if len(component) > 1:
                found.append(component)

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def check_core(root):
    with open(os.path.join(root, "core/Cargo.toml"), "rb") as file:
        manifest = tomllib.load(file)
    for section in ("dependencies", "build-dependencies"):
        for name in sorted(set(manifest.get(section, {})) & CORE_CRATES):
            yield f"core/Cargo.toml: {section}: {name}"
    for module in crates(root)[0].modules.values():
        for path in module.imports:
            if CORE_STD.match(path):
                yield f"{module.path}: {path}"


def check_unsafe(root):
    for source in ("src", "core/src", "cli/src"):
        for folder, _, files in os.walk(os.path.join(root, source)):
            for file in sorted(files):
                path = os.path.relpath(os.path.join(folder, file), root)
                if not file.endswith(".rs") or path.startswith("src/capi/"):
                    continue
                with open(os.path.join(root, path), encoding="utf-8") as opened:
                    text = opened.read()
                for match in UNSAFE.finditer(without_comments_and_strings(text)):
                    yield f"{path}: {match.group().strip()}"
                # The root of src/capi's crate cannot forbid it; files of tests, and those of the command, inherit it.
                parts = os.path.relpath(path, source).removesuffix(".rs").split(os.sep)
                inherits = path == "src/lib.rs" or "tests" in parts or (source == "cli/src" and parts != ["main"])
                if not inherits and FORBID not in text:
                    yield f"{path}: no {FORBID}"


CHECKS = {"layers": check_layers, "cycles": check_cycles, "core": check_core, "unsafe": check_unsafe}


# ---- the control ----

GOOD = {
    "core/Cargo.toml": "[dependencies]\naes = '1'\n[dev-dependencies]\ntempfile = '1'\n",
    "core/src/lib.rs": f"{FORBID}\npub mod dsp; pub mod job; pub mod detect; pub mod types;",
    "core/src/types/mod.rs": f"{FORBID}\npub enum Status {{ Ok }}",
    "core/src/dsp/mod.rs": f"{FORBID}\nuse crate::types::Status;\n// use crate::job;\nconst A: &str = \"crate::job::x\";",
    "core/src/detect/mod.rs": f"{FORBID}\npub mod fact;\nmod tone;\npub use tone::Tone;",
    "core/src/detect/fact.rs": f"{FORBID}\nuse super::Tone;\npub struct Fact;",
    "core/src/detect/tone.rs": f"{FORBID}\npub struct Tone;",
    "core/src/job/mod.rs": f"{FORBID}\npub mod a; mod b;\npub use b::B;\nuse crate::detect::{{fact::{{Fact}}, Tone as T}};",
    "core/src/job/a/mod.rs": f"{FORBID}\nuse super::B;\npub struct A;\n#[cfg(test)]\nmod tests {{ use std::thread; }}",
    "core/src/job/b.rs": f"{FORBID}\npub struct B;",
    "src/lib.rs": "pub mod engine; pub mod capi;",
    "src/engine/mod.rs": f"{FORBID}\nuse earwig_core::types::Status;\npub struct Engine;",
    "src/capi/mod.rs": "use crate::engine::Engine;\nfn f() { unsafe { g() } }",
    "cli/src/main.rs": FORBID,
}

# Rule, file, text that is appended, and what the report must name.
BAD = [
    ("layers", "core/src/dsp/mod.rs", "\nuse crate::job::a::A;", "dsp may not import job"),
    ("layers", "core/src/dsp/mod.rs", "\nfn f() { crate::detect::fact::g() }", "dsp may not import detect"),
    ("layers", "core/src/detect/fact.rs", "\nuse super::super::job::{b, a::A as Other};", "detect may not import job"),
    ("layers", "core/src/types/mod.rs", "\nuse crate::dsp;", "types may not import dsp"),
    ("layers", "src/engine/mod.rs", "\nuse crate::capi;", "engine may not import capi"),
    ("layers", "core/src/other.rs", FORBID, "other has no place"),
    ("cycles", "core/src/job/b.rs", "\nuse super::a::A;", "core/src/job/b.rs -> core/src/job/a/mod.rs"),
    ("cycles", "core/src/job/b.rs", "\nfn f(a: crate::job::a::A) {}", "core/src/job/a/mod.rs -> core/src/job/b.rs"),
    ("core", "core/src/job/b.rs", "\nuse std::{fmt, thread};", "std::thread"),
    ("core", "core/src/job/b.rs", "\nfn f() { std::time::Instant::now(); }", "std::time::Instant"),
    ("core", "core/src/job/b.rs", "\nuse std::{fs::File, net};", "std::fs::File"),
    ("core", "core/Cargo.toml", "\n[build-dependencies]\nlibc = '0.2'\n", "libc"),
    ("unsafe", "src/engine/mod.rs", "\nfn f() { unsafe { g() } }", "src/engine/mod.rs: unsafe {"),
    ("unsafe", "core/src/job/b.rs", "\nunsafe impl Send for B {}", "core/src/job/b.rs: unsafe impl"),
    ("unsafe", "core/src/job/c.rs", "pub struct C;", "core/src/job/c.rs: no #!"),
]


def self_check():
    def report(rule, change=None):
        with tempfile.TemporaryDirectory() as root:
            for path, text in GOOD.items():
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            if change:
                with open(os.path.join(root, change[0]), "a", encoding="utf-8") as file:
                    file.write(change[1])
            return "\n".join(CHECKS[rule](root))

    wrong = [f"{rule}: reports a tree without a violation:\n{said}" for rule in CHECKS if (said := report(rule))]
    for rule, path, text, expected in BAD:
        if expected not in (said := report(rule, (path, text))):
            wrong.append(f"{rule}: {path} with {text.strip()!r} is not reported: {said!r}")
    return wrong


def main():
    if sys.argv[1:] == ["--self-check"]:
        violations = self_check()
    else:
        root = sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
        violations = list(CHECKS[sys.argv[1]](root))
    print("\n".join(violations))
    sys.exit(1 if violations else 0)


if __name__ == "__main__":
    main()
