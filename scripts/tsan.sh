#!/usr/bin/env bash
# The C tests with library, standard library and tests built for ThreadSanitizer. Not part of `make test`: it needs a nightly
# Rust with its sources (rustup toolchain install nightly -c rust-src) and clang. Builds for about three minutes the first
# time, runs for ten seconds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

toolchain=${EARWIG_NIGHTLY:-nightly}
target=$(uname -m)-unknown-linux-gnu
out=${CARGO_TARGET_DIR:-target}/tsan
sysroot=$(rustup run "$toolchain" rustc --print sysroot)
[ -d "$sysroot/lib/rustlib/src" ] || {
    echo "tsan.sh: the sources of Rust's standard library are missing: rustup component add rust-src --toolchain $toolchain" >&2
    exit 1
}

RUSTFLAGS=-Zsanitizer=thread CARGO_TARGET_DIR=$out rustup run "$toolchain" \
    cargo build --quiet -Zbuild-std --target "$target" --package earwig
mkdir -p "$out/c"
objects=()
for section in main call version engine channel event dtmf threads \
    secret recorder_tools recorder recorder_limits recorder_endings recorder_events recorder_audio recorder_threads recorder_files recorder_cipher recorder_bad \
    machine_tools machine machine_endings machine_options machine_tones machine_status; do
    clang -std=c99 -D_POSIX_C_SOURCE=200809L -g -O1 -pthread -fsanitize=thread -Iinclude -c "c-tests/c/$section.c" \
        -o "$out/c/$section.o"
    objects+=("$out/c/$section.o")
done
# Rust's own runtime of the sanitizer: clang's may be too old for what rustc makes.
clang "${objects[@]}" "$out/$target/debug/libearwig.a" \
    -Wl,--whole-archive "$sysroot/lib/rustlib/$target"/lib/librustc-*_rt.tsan.a -Wl,--no-whole-archive \
    -rdynamic -lm -ldl -lpthread -lrt -lgcc_s -o "$out/c-tests"
# The sanitizer does not work with all layouts of an address space.
TSAN_OPTIONS=halt_on_error=0:exitcode=66 setarch -R "$out/c-tests" "$@"
