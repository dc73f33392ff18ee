#!/usr/bin/env bash
# Runs all tests and gates, one step after another. A failed step does not stop the others. Prints the number of passed and failed
# tests at the end.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

logs=${CARGO_TARGET_DIR:-target}/test-logs
mkdir -p "$logs"
passed=0 failed=0 begun=$SECONDS
failures=()

# step NAME COMMAND...: runs the command, shows and logs its output, and adds up the tests that it counts.
step() {
    local name=$1 log ok=1 ran counts
    shift
    log=$logs/${name// /-}.log
    ran=$SECONDS
    echo "== $name"
    "$@" 2>&1 | tee "$log" || ok=0
    # cargo prints a line of counts per test program, all other steps one line at the end.
    counts=$(grep -E '^test result: ' "$log" || grep -E '(^|: )[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
    local p=0 f=0 line
    while read -r line; do
        [[ $line =~ ([0-9]+)\ passed[\;,]\ ([0-9]+)\ failed ]] || continue
        p=$((p + BASH_REMATCH[1])) f=$((f + BASH_REMATCH[2]))
    done <<<"$counts"
    # A step without counts is one test. A step that fails has at least one failure.
    if [ $((p + f)) = 0 ] && [ "$ok" = 1 ]; then p=1; fi
    if [ "$ok" = 0 ] && [ "$f" = 0 ]; then f=1; fi
    passed=$((passed + p)) failed=$((failed + f))
    [ "$ok" = 1 ] || failures+=("$name")
    echo "== $name: $p passed, $f failed, $((SECONDS - ran)) s"
}

scripts/deps.sh || exit 1

# Installed packages must not decide what is tested: the benchmarks are built with all compared libraries, and linted once with none.
export EARWIG_PEERS=all

step 'format' cargo fmt --all --check
step 'format of the fuzz targets' cargo fmt --manifest-path fuzz/Cargo.toml --check
step 'clippy' cargo clippy --quiet --workspace --all-targets --features earwig-benches/webrtc-vad -- -D warnings
step 'clippy without peers' env EARWIG_PEERS=none cargo clippy --quiet --package earwig-benches --all-targets -- -D warnings
step 'documentation' env RUSTDOCFLAGS='-D warnings' cargo doc --quiet --workspace --no-deps
step 'release build' make --no-print-directory all
step 'rust tests' cargo test --quiet --workspace
step 'gates' scripts/gates.sh
step 'c tests' cargo run --quiet --package earwig-c-tests -- "${CARGO_TARGET_DIR:-target}/release"
step 'thread sanitizer' scripts/tsan.sh
step 'fuzz' env FUZZ_SECONDS=10 FUZZ_SEED=1 scripts/fuzz.sh
step 'attack' scripts/attack.sh --quick
step 'demo' examples/demo.sh
step 'host code' hosts/common/test/run.sh
step 'asterisk' hosts/asterisk/test/run.sh
if [ -x "${FREESWITCH:-/usr}/bin/freeswitch" ]; then
    step 'freeswitch' hosts/freeswitch/test/run.sh
else
    step 'freeswitch module' hosts/freeswitch/build.sh --if-found
    echo "freeswitch: not found in ${FREESWITCH:-/usr} (FREESWITCH sets its prefix): no calls are made"
fi

[ ${#failures[@]} = 0 ] || echo "failed: $(IFS=,; echo "${failures[*]}")"
echo "$passed passed, $failed failed, in $((SECONDS - begun)) s"
[ "$failed" = 0 ]
