#!/usr/bin/env bash
# Attacks the library: attack.sh [--quick] [--write] [SCENARIO...]; attack.sh --list. All scenarios take about 6 minutes, with --quick about
# one. Parts that need root (a small tmpfs, fsfreeze, another user) or gcc are reported as skipped without. --write replaces the section
# "Attacks" of docs/reports/reliability.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=${CARGO_TARGET_DIR:-target}
write= profile=release arguments=()
for argument; do
    case $argument in
    --write) write=1 ;;
    # The tests have built the library for the profile `dev` already.
    --quick) profile=dev arguments+=(--quick) ;;
    *) arguments+=("$argument") ;;
    esac
done
[ -x "$build/release/earwig" ] || { echo "attack.sh: $build/release/earwig is missing; run make all" >&2; exit 2; }
cargo build --quiet --profile "$profile" --package earwig-attack
export EARWIG_COMMAND
EARWIG_COMMAND=$(realpath "$build/release/earwig")
status=0
"$build/${profile/dev/debug}/earwig-attack" "${arguments[@]}" ${write:+--markdown "$build/attack.md"} || status=$?
[ -z "$write" ] || scripts/report_section.py docs/reports/reliability.md Attacks <"$build/attack.md"
exit "$status"
