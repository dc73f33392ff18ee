#!/usr/bin/env bash
# Runs the C tests under ThreadSanitizer, with an instrumented library: tsan.sh [PART OF A TEST'S NAME...]. Needs clang, and the
# earwig command in the release folder (`make all`). docs/internals/testing.md describes what it can and cannot detect.
#
# Rust's standard library is not instrumented, and not every installation has its sources to rebuild it: c-tests/tsan/std_sync.c
# tells the sanitizer what its locks do. RUSTC_BOOTSTRAP enables the sanitizers of a stable compiler.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

die() {
    echo "tsan.sh: $*" >&2
    exit 1
}

target=$(uname -m)-unknown-linux-gnu
release=$(realpath -m "${CARGO_TARGET_DIR:-target}/release")
out=$(realpath -m "${CARGO_TARGET_DIR:-target}/tsan")
library=$out/$target/debug/libearwig.a
[ -x "$release/earwig" ] || die "$release/earwig is missing; run make all"
runtime=$(echo "$(rustc --print sysroot)/lib/rustlib/$target"/lib/librustc-*_rt.tsan.a)
[ -e "$runtime" ] || die "this Rust has no ThreadSanitizer for $target"

RUSTC_BOOTSTRAP=1 RUSTFLAGS='-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer' CARGO_TARGET_DIR=$out \
    cargo build --quiet --target "$target" --package earwig
mkdir -p "$out/c"

# The slow paths of the standard library's locks: the macro in std_sync.c, and the function's path in Rust.
slow_paths='
MUTEX_LOCK           std::sys::sync::mutex::futex::Mutex::lock_contended
CONDVAR_WAIT         std::sys::sync::condvar::futex::Condvar::wait
CONDVAR_WAIT_TIMEOUT std::sys::sync::condvar::futex::Condvar::wait_timeout
RWLOCK_READ          std::sys::sync::rwlock::futex::RwLock::read_contended
RWLOCK_WRITE         std::sys::sync::rwlock::futex::RwLock::write_contended
ONCE_CALL            std::sys::sync::once::futex::Once::call
'
# Lines "symbol path" for all undefined symbols of the library. The paths have no angle brackets and hashes.
nm -u "$library" 2>/dev/null | awk '{ print $2 }' | sort -u >"$out/symbols"
paste -d ' ' "$out/symbols" <(c++filt <"$out/symbols" | sed 's/[<>]//g; s/\[[0-9a-f]*\]//g; s/::h[0-9a-f]*$//') \
    >"$out/names"
names=() wraps=(-Wl,--wrap=__tsan_atomic64_fetch_sub -Wl,--wrap=__tsan_atomic_thread_fence)
while read -r name path; do
    [ -n "$name" ] || continue
    symbol=$(awk -v path="$path" '$2 == path && NF == 2 { print $1 }' "$out/names")
    # Without these wrappers the sanitizer reports thousands of false races.
    [ "$(wc -w <<<"$symbol")" = 1 ] || die "expected one symbol for $path, found: ${symbol:-none}. The locks of this Rust version may be different"
    names+=("-D$name=\"$symbol\"")
    wraps+=("-Wl,--wrap=$symbol")
done <<<"$slow_paths"

compile=(clang -std=c99 -D_POSIX_C_SOURCE=200809L -g -O1 -pthread -Wall -Wextra -Werror -Iinclude)
"${compile[@]}" "${names[@]}" -c c-tests/tsan/std_sync.c -o "$out/std_sync.o"

# link PROGRAM SOURCE...: links with the sanitizer runtime of Rust; that of clang may be too old for rustc's code.
link() {
    local program=$1 source objects=()
    shift
    for source; do
        objects+=("$out/c/$(basename "$source" .c).o")
        "${compile[@]}" -fsanitize=thread -c "$source" -o "${objects[-1]}"
    done
    clang "${objects[@]}" "$out/std_sync.o" "$library" "${wraps[@]}" -Wl,--whole-archive "$runtime" -Wl,--no-whole-archive \
        -rdynamic -lm -ldl -lpthread -lrt -lgcc_s -o "$program"
}

# setarch -R turns off address randomization: the sanitizer fails with some layouts.
run() {
    EARWIG_COMMAND=$release/earwig TSAN_OPTIONS=halt_on_error=0:exitcode=66:suppressions=$PWD/c-tests/tsan/suppressions.txt timeout 600 setarch -R "$@"
}

link "$out/race" c-tests/tsan/race.c
status=0
run "$out/race" >"$out/race.log" 2>&1 || status=$?
[ "$status" = 66 ] && grep -q '^SUMMARY: ThreadSanitizer: data race' "$out/race.log" && grep -q '#.*earwig_event_init' "$out/race.log" || {
    cat "$out/race.log" >&2
    die "the known race of c-tests/tsan/race.c was not reported: the library is not instrumented"
}
mapfile -t sources < <(cargo run --quiet --package earwig-c-tests -- --list-sources)
[ ${#sources[@]} -gt 1 ] || die "earwig-c-tests --list-sources printed no sources"
link "$out/c-tests" "${sources[@]}"
run "$out/c-tests" "$@"
