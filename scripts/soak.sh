#!/usr/bin/env bash
# Runs random calls for HOURS (8): the library alone, Asterisk (fetched if needed), and FreeSWITCH if FREESWITCH names its prefix, all at
# once. Samples of memory, handles, descriptors and threads go to target/soak/NAME.csv every minute; a table with verdicts ends it.
# soak.sh [--write]: --write replaces the section "Soak" of docs/reports/reliability.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

hours=${HOURS:-8}
seconds=$(awk -v hours="$hours" 'BEGIN { printf "%d", 3600 * hours }')
[ "$seconds" -ge 20 ] || { echo "soak.sh: HOURS=$hours: at least 0.006" >&2; exit 2; }
build=$(realpath -m "${CARGO_TARGET_DIR:-target}")
out=$build/soak
mkdir -p "$out"
rm -f "$out"/*.csv "$out"/*.row

cargo build --quiet --release --package earwig-attack
names=(library)
if hosts/asterisk/fetch.sh && hosts/asterisk/build.sh >/dev/null; then
    names+=(asterisk)
else
    echo "soak.sh: without Asterisk"
fi
if [ -x "${FREESWITCH:-/usr}/bin/freeswitch" ]; then
    export FREESWITCH=${FREESWITCH:-/usr}
    hosts/freeswitch/build.sh >/dev/null
    names+=(freeswitch)
else
    echo "soak.sh: without FreeSWITCH (FREESWITCH names its prefix)"
fi

run() {
    case $1 in
    library) attack/soak.py --seconds "$seconds" --folder "$out" "$build/release/earwig-attack" ;;
    *) "hosts/$1/test/soak.py" --seconds "$seconds" --folder "$out" ;;
    esac
}
failed=0 pids=()
for name in "${names[@]}"; do
    run "$name" >"$out/$name.log" 2>&1 &
    pids+=($!)
done
for pid in "${pids[@]}"; do
    wait "$pid" || failed=$((failed + 1))
done
table=$out/table.md
PYTHONPATH=hosts/testkit python3 -c 'import soak; print(soak.HEAD)' >"$table"
for name in "${names[@]}"; do
    if [ -e "$out/$name.row" ]; then
        cat "$out/$name.row" >>"$table"
    else
        echo "soak.sh: $name did not come to an end:"
        tail -n 30 "$out/$name.log"
    fi
done
cat "$table"
if [ "${1:-}" = --write ]; then
    { echo "\`make soak HOURS=$hours\`: all at once, a sample every minute (every twentieth of a short run)."; echo; cat "$table"; } |
        scripts/report_section.py docs/reports/reliability.md Soak
fi
echo "soak: $((${#names[@]} - failed)) passed, $failed failed"
[ "$failed" = 0 ]
