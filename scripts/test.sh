#!/usr/bin/env bash
# Everything that can be tested here, one step after another; all steps run, even if one fails. Ends with the counts.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

logs=${CARGO_TARGET_DIR:-target}/test-logs
mkdir -p "$logs"
passed=0 failed=0 begun=$SECONDS
failures=()

# step NAME COMMAND...: shows what it says; counts the tests that it names, or itself as one.
step() {
    local name=$1 log ok=1 ran counts
    shift
    log=$logs/${name// /-}.log
    ran=$SECONDS
    echo "== $name"
    "$@" 2>&1 | tee "$log" || ok=0
    # cargo has a line for each test program; all others close with one.
    counts=$(grep -E '^test result: ' "$log" || grep -E '(^|: )[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
    local p=0 f=0 line
    while read -r line; do
        [[ $line =~ ([0-9]+)\ passed[\;,]\ ([0-9]+)\ failed ]] || continue
        p=$((p + BASH_REMATCH[1])) f=$((f + BASH_REMATCH[2]))
    done <<<"$counts"
    # A step without tests is one; a step that failed has a failure, whatever it counted.
    if [ $((p + f)) = 0 ] && [ "$ok" = 1 ]; then p=1; fi
    if [ "$ok" = 0 ] && [ "$f" = 0 ]; then f=1; fi
    passed=$((passed + p)) failed=$((failed + f))
    [ "$ok" = 1 ] || failures+=("$name")
    echo "== $name: $p passed, $f failed, $((SECONDS - ran)) s"
}

scripts/deps.sh || exit 1

# What happens to be installed does not decide what is tested: the benchmarks are built with all their peers, and once with none.
export EARWIG_PEERS=all

step 'format' cargo fmt --all --check
step 'clippy' cargo clippy --quiet --workspace --all-targets --features earwig-benches/webrtc-vad -- -D warnings
step 'clippy without peers' env EARWIG_PEERS=none cargo clippy --quiet --package earwig-benches --all-targets -- -D warnings
step 'documentation' env RUSTDOCFLAGS='-D warnings' cargo doc --quiet --workspace --no-deps
step 'release build' make --no-print-directory all
step 'rust tests' cargo test --quiet --workspace
step 'gates' scripts/gates.sh
step 'c tests' cargo run --quiet --package earwig-c-tests -- "${CARGO_TARGET_DIR:-target}/release"
step 'thread sanitizer' scripts/tsan.sh
step 'demo' examples/demo.sh
step 'hosts/common' hosts/common/test/run.sh
step 'asterisk' hosts/asterisk/test/run.sh
if [ -x "${FREESWITCH:-/usr}/bin/freeswitch" ]; then
    step 'freeswitch' hosts/freeswitch/test/run.sh
else
    step 'freeswitch module' hosts/freeswitch/build.sh --if-found
    echo "freeswitch: there is none in ${FREESWITCH:-/usr} (FREESWITCH names its prefix): no call is made"
fi

[ ${#failures[@]} = 0 ] || echo "failed: $(IFS=,; echo "${failures[*]}")"
echo "$passed passed, $failed failed, in $((SECONDS - begun)) s"
[ "$failed" = 0 ]
