#!/usr/bin/env bash
# Boots a real Asterisk on loopback, loads the module, places calls, and prints their variables.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v python3 >/dev/null || "$here/../../scripts/deps.sh" python3
for tool in gcc cargo python3; do
    command -v "$tool" >/dev/null || { echo "demo.sh: $tool is missing" >&2; exit 1; }
done
"$here/fetch.sh"
"$here/build.sh" >/dev/null
exec python3 "$here/test/demo.py"
