#!/usr/bin/env bash
# Compares docs/internals/dependencies.md with the dependencies in the Cargo.toml files, and its licences with those of the crates.
# Prints each difference; fails if there is one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

document=docs/internals/dependencies.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# All features, or optional dependencies have no licence here; one platform, or cargo downloads the crates of all others.
host=$(rustc -vV | sed -n 's/^host: //p')
for manifest in Cargo.toml fuzz/Cargo.toml; do
    cargo metadata --format-version 1 --all-features --locked --filter-platform "$host" --manifest-path "$manifest" \
        >"$work/metadata-${manifest////-}"
done

python3 - "$document" "$work"/metadata-* <<'EOF'
import json
import re
import sys

document, *files = sys.argv[1:]
actual = {}
for path in files:
    with open(path) as file:
        metadata = json.load(file)
    packages = {package["id"]: package for package in metadata["packages"]}
    edges = {node["id"]: [edge["pkg"] for edge in node["deps"]] for node in metadata["resolve"]["nodes"]}
    for member in metadata["workspace_members"]:
        licences = {packages[id]["name"]: packages[id]["license"] for id in edges[member]}
        for dependency in packages[member]["dependencies"]:
            kind = "optional" if dependency["optional"] else dependency["kind"] or "normal"
            row = packages[member]["name"], dependency["name"], kind
            actual[row] = licences.get(dependency["name"])

listed = {}
problems = []
package = None
for number, line in enumerate(open(document), 1):
    if heading := re.match(r"## (?:`(.*)`)?", line):
        package = heading[1]
    elif package and (cells := re.match(r"\| `(.+?)` \| (.*?) \| (.*?) \| (.*?) *\|$", line)):
        name, kind, licence, reason = cells.groups()
        if (package, name, kind) in listed:
            problems.append(f"{document}:{number}: {name} is listed twice for {package}")
        if not reason:
            problems.append(f"{document}:{number}: {name} has no reason")
        listed[package, name, kind] = licence

for row in sorted(actual.keys() - listed.keys()):
    problems.append("{}: no row for its dependency {} ({})".format(*row))
for row in sorted(listed.keys() - actual.keys()):
    problems.append("{}: {} ({}) is listed, but no Cargo.toml has it".format(*row))
for row in sorted(actual.keys() & listed.keys()):
    if actual[row] != listed[row]:
        problems.append("{}: the licence of {} is {}, not {}".format(*row[:2], actual[row], listed[row]))

if not actual:
    problems.append("cargo metadata has no dependency")
print("\n".join(problems) or f"{len(listed)} dependencies are listed")
sys.exit(bool(problems))
EOF
