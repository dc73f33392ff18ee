#!/usr/bin/env bash
# Fuzzes the library with libFuzzer: fuzz.sh [--write] [TARGET...]. Each target of fuzz/fuzz_targets runs for FUZZ_SECONDS (60), two at a
# time. Needs g++.
#
# FUZZ_SEED makes the inputs the same at each run, as far as the time reaches; without it each run looks elsewhere.
#
# A target starts from examples that it makes itself, and keeps what it found in target/fuzz/corpus. An input that makes it crash, or take
# longer than 10 s or 2 GiB, stays in target/fuzz/artifacts, and the exit status is 1; run it again with the command that is printed.
# --write replaces the section "Fuzzing" of docs/reports/reliability.md.
#
# The flags are those of `cargo fuzz --sanitizer none`; a stable compiler knows them. The library has no unsafe code that a sanitizer
# could watch here: assertions, overflow checks and the targets' own assertions find the faults.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${FUZZ_SECONDS:-60}
write=
if [ "${1:-}" = --write ]; then
    write=1
    shift
fi
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cd fuzz/fuzz_targets && printf '%s\n' *.rs | sed 's/\.rs$//')
for target in "${targets[@]}"; do
    [ -e "fuzz/fuzz_targets/$target.rs" ] || { echo "fuzz.sh: there is no fuzz/fuzz_targets/$target.rs" >&2; exit 2; }
done

build=$(realpath -m "${CARGO_TARGET_DIR:-target}")
out=$build/fuzz
host=$(rustc -vV | sed -n 's/^host: //p')
coverage='-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters'
coverage+=' -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares'
# With --target, build scripts and macros are built without these flags, and shared with `make all`.
RUSTFLAGS="$coverage --cfg fuzzing -Cdebug-assertions -Coverflow-checks" \
    cargo build --quiet --release --locked ${TIMINGS:-} --manifest-path fuzz/Cargo.toml --target "$host" --target-dir "$build" \
    "${targets[@]/#/--bin=}"

mkdir -p "$out/artifacts" "$out/logs"

# The longest useful input of a target, bytes.
max_len() {
    case $1 in
    call) echo 200 ;;
    codec) echo 600 ;;
    options | url) echo 1100 ;;
    *) echo 8192 ;;
    esac
}

# fuzz TARGET
fuzz() {
    local target=$1 log=$out/logs/$1.log
    mkdir -p "$out/corpus/$target"
    EARWIG_FUZZ_CORPUS=$out/corpus/$target EARWIG_FUZZ_FOLDER=$files/$target "$build/$host/release/$target" "$out/corpus/$target" \
        "-max_total_time=$seconds" "-max_len=$(max_len "$target")" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        "-artifact_prefix=$out/artifacts/$target-" ${FUZZ_SEED:+"-seed=$FUZZ_SEED"} >"$log" 2>&1 || echo "status $?" >>"$log"
}

# last PATTERN TARGET: the last word in its log that follows the pattern.
last() {
    grep -oE "$1 *[0-9]+" "$out/logs/$2.log" | tail -n 1 | grep -oE '[0-9]+$' || echo 0
}

# The files of the targets, in memory where the system has such a folder.
files=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")" earwig-fuzz.XXXXXX)
trap 'rm -rf "$files"' EXIT
export -f fuzz max_len
export out build host seconds files
printf '%s\n' "${targets[@]}" | xargs -P 2 -I '{}' bash -c 'fuzz "$1"' bash '{}'

table=$out/table.md
{
    echo '| target | inputs run | each second | coverage, edges | corpus, inputs | crashes and hangs |'
    echo '|---|---|---|---|---|---|'
} >"$table"
failed=0
for target in "${targets[@]}"; do
    log=$out/logs/$target.log crashes=0
    if grep -q '^status ' "$log" || [ "$(last 'stat::number_of_executed_units:' "$target")" = 0 ]; then
        crashes=1 failed=$((failed + 1))
        grep -vE '^(INFO|#[0-9])' "$log" | tail -n 40
        input=$(grep -o "$out/artifacts/[^ ]*" "$log" | tail -n 1 || true)
        echo "fuzz.sh: $target failed; its log is $log"
        [ -z "$input" ] || echo "fuzz.sh: run it again: $build/$host/release/$target $input"
    fi
    echo "| $target | $(last 'stat::number_of_executed_units:' "$target") | $(last 'stat::average_exec_per_sec:' "$target") |" \
        "$(last 'cov:' "$target") | $(last 'corp:' "$target") | $crashes |" >>"$table"
done
cat "$table"
if [ -n "$write" ]; then
    { echo "\`make fuzz FUZZ_SECONDS=$seconds\`: each target ran for $seconds s, two at a time."; echo; cat "$table"; } |
        scripts/report_section.py docs/reports/reliability.md Fuzzing
fi
echo "fuzz: $((${#targets[@]} - failed)) passed, $failed failed"
[ "$failed" = 0 ]
