#!/usr/bin/env bash
# Builds the module and runs the tests with the FreeSWITCH below the prefix FREESWITCH (default: /usr).
# Needs gcc, cargo and python3.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export FREESWITCH=${FREESWITCH:-/usr}
for tool in gcc cargo python3 pkg-config; do
    command -v "$tool" >/dev/null || { echo "run.sh: $tool is missing" >&2; exit 1; }
done
if ! [ -x "$FREESWITCH/bin/freeswitch" ]; then
    echo "run.sh: there is no bin/freeswitch in $FREESWITCH: no test ran. Set FREESWITCH to its prefix." >&2
    exit 3
fi
"$here/../build.sh" >/dev/null
exec python3 "$here/run.py" "$@"
