#!/usr/bin/env bash
# Fetches Asterisk unless it is there, builds the module, and runs the tests. Needs gcc, cargo, python3, openssl and sipp.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for tool in gcc cargo python3 openssl sipp; do
    command -v "$tool" >/dev/null || { echo "run.sh: $tool is missing" >&2; exit 1; }
done
"$here/../fetch.sh"
"$here/../build.sh" >/dev/null
exec python3 "$here/run.py" "$@"
