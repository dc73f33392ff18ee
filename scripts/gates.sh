#!/usr/bin/env bash
# What must be true of the libraries, the header and the sources, beside what tests can show. Needs `make all` done.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

release=${CARGO_TARGET_DIR:-target}/release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# gate NAME COMMAND...: counts it, and shows what a failing one said.
gate() {
    local name=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $name"
        cat "$work/said"
    fi
}

# ---- the shared library ----

exports() {
    nm -D --defined-only "$release/libearwig.so" | awk '{ print $NF }' | LC_ALL=C sort
}

exports_are_the_list() {
    diff <(LC_ALL=C sort c-tests/exports.txt) <(exports)
}

exports_have_the_prefix() {
    [ "$(exports | grep -c .)" -gt 0 ] && ! exports | grep -v '^earwig_'
}

exports_are_declared() {
    # Names followed by a parenthesis that are not in comments.
    diff c-tests/exports.txt <(grep -v '^ *[/*]' include/earwig.h | grep -o 'earwig_[a-z0-9_]*(' | tr -d '(' | LC_ALL=C sort -u)
}

has_soname() {
    readelf -d "$release/libearwig.so" | grep -F 'Library soname: [libearwig.so.0]'
}

stays_loaded() {
    readelf -d "$release/libearwig.so" | grep -E 'FLAGS_1.*NODELETE'
}

needs_only_the_c_library() {
    # No library but those of every system: a PBX's module must load wherever the PBX runs.
    ! readelf -d "$release/libearwig.so" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' |
        grep -vE '^(libc|libm|libgcc_s|ld-linux-.*|libpthread|libdl)\.so\.[0-9]+$'
}

gate 'the exported symbols are those of c-tests/exports.txt' exports_are_the_list
gate 'every exported symbol begins with earwig_' exports_have_the_prefix
gate 'what is exported is declared, and what is declared is exported' exports_are_declared
gate 'the soname is libearwig.so.0' has_soname
gate 'the library is linked nodelete' stays_loaded
gate 'the library needs only the C library' needs_only_the_c_library

# ---- the header ----

# Twice in one unit, as happens when two headers of a host include it.
compiles_alone() {
    printf '#include <earwig.h>\n#include <earwig.h>\n' >"$work/alone.$3"
    "$1" -x "$4" "-std=$2" -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only "$work/alone.$3"
}

for compiler in gcc clang; do
    for standard in c99 c11 c17; do
        gate "the header compiles alone: $compiler, $standard" compiles_alone "$compiler" "$standard" c c
    done
    for standard in c++11 c++17 c++20; do
        gate "the header compiles alone: $compiler, $standard" compiles_alone "$compiler" "$standard" cc c++
    done
    gate "no value has changed: $compiler" "$compiler" -std=c11 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only \
        c-tests/c/values.c
done

# The build script's output folder, as cargo itself tells it.
fresh_header() {
    cargo build --release --package earwig --package earwig-cli --message-format=json 2>"$work/build" |
        grep '"build-script-executed"' | grep -E '"package_id":"[^"]*(#earwig@|/earwig#|earwig 0)' |
        sed 's/.*"out_dir":"\([^"]*\)".*/\1/' | tail -n 1
}

header_is_fresh() {
    local out
    out=$(fresh_header)
    [ -n "$out" ] || { cat "$work/build"; echo 'cargo named no folder of the build script'; return 1; }
    diff include/earwig.h "$out/earwig.h" || { echo 'run `make header`'; return 1; }
}

gate 'include/earwig.h is what the sources make' header_is_fresh

# ---- the sources ----

invariants_are_documented() {
    local used name wrong=0
    used=$(grep -rohE '\bS[0-9]+\b' src/capi | sort -u)
    [ -n "$used" ] || { echo 'src/capi names no invariant'; return 1; }
    for name in $used; do
        grep -q "^## $name\b" docs/internals/safety.md || { echo "$name is not in docs/internals/safety.md"; wrong=1; }
    done
    return "$wrong"
}

gate 'each module imports only from its own layer and below' scripts/check_layers.py layers
gate 'no import cycle spans two folders' scripts/check_layers.py cycles
gate 'core names no thread, file, socket, process or clock' scripts/check_layers.py core
gate 'unsafe stands in src/capi alone, and is forbidden elsewhere' scripts/check_layers.py unsafe
gate 'the check of layers reports each kind of violation' scripts/check_layers.py --self-check
gate 'no retired word is left' scripts/check_words.py
gate 'the check of words reports a retired word, and allows seeds of random numbers' scripts/check_words.py --self-check
gate 'the invariants that src/capi names are in docs/internals/safety.md' invariants_are_documented

gate 'docs/internals/dependencies.md lists every dependency' scripts/check-dependencies.sh

# ---- the installation ----

installed_library_can_be_used() {
    local root=$work/root
    make --no-print-directory install DESTDIR="$root" PREFIX=/usr || return 1
    [ "$(readlink "$root/usr/lib/libearwig.so")" = libearwig.so.0 ] || return 1
    export PKG_CONFIG_PATH=$root/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 \
        PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
    # shellcheck disable=SC2046 # flags are several words
    gcc -std=c99 examples/host.c $(pkg-config --cflags --libs earwig) -o "$work/host" || return 1
    LD_LIBRARY_PATH=$root/usr/lib "$work/host" examples/calls/pin-count.wav count=4,seconds_predigits_timeout=10 |
        grep 'digits 4071' || return 1
    EARWIG_LIBRARY=$root/usr/lib/libearwig.so.0 python3 examples/host.py examples/calls/pin-count.wav \
        count=4,seconds_predigits_timeout=10 | grep 'digits 4071' || return 1
    "$root/usr/bin/earwig" --version | grep -F "$(pkg-config --modversion earwig)" || return 1
    # shellcheck disable=SC2046
    gcc -std=c99 examples/host.c $(pkg-config --cflags earwig) "$root/usr/lib/libearwig.a" \
        $(pkg-config --static --libs-only-l earwig | sed 's/-learwig//') -o "$work/host" || return 1
    "$work/host" examples/calls/pin-count.wav count=4,seconds_predigits_timeout=10 | grep 'digits 4071' || return 1
    make --no-print-directory uninstall DESTDIR="$root" PREFIX=/usr || return 1
    [ -z "$(find "$root" ! -type d)" ] || { find "$root" ! -type d; return 1; }
}

gate 'what is installed can be used through pkg-config, and taken out' installed_library_can_be_used

# ---- the documents ----

gate 'paths, links and names in the documents exist' scripts/check_docs.py
gate 'the check of documents reports each kind of violation' scripts/check_docs.py --self-check
gate 'the pages of the site can be made, with all functions of the header' scripts/docs_stage.py "$work/book"

# ---- the corpus ----

# No test on real audio passes without it.
real_audio_is_ignored_without_the_corpus() {
    EARWIG_CORPUS=none cargo test --quiet --package earwig-core --test dtmf_standards --test tone_standards real_audio \
        >"$work/ignored" 2>&1 || { cat "$work/ignored"; return 1; }
    cat "$work/ignored"
    ! grep -E '^test result: .* [1-9][0-9]* passed' "$work/ignored" &&
        [ "$(grep -cE '^test result: .* 0 passed; 0 failed; [1-9][0-9]* ignored' "$work/ignored")" = 2 ]
}

a_corpus_that_is_asked_for_must_be_there() {
    ! EARWIG_CORPUS=/nowhere cargo check --quiet --package earwig-signals >"$work/asked" 2>&1 &&
        grep -F 'EARWIG_CORPUS=/nowhere, but there is no /nowhere/labels.csv' "$work/asked"
}

no_test_skips_in_silence() {
    ! grep -rnE '"[^"]*\bskipp(ed|ing)\b' tests src core c-tests benches cli --include='*.rs'
}

gate 'tests on real audio are ignored where there is no corpus' real_audio_is_ignored_without_the_corpus
gate 'a corpus that EARWIG_CORPUS names must be there' a_corpus_that_is_asked_for_must_be_there
gate 'no Rust test passes by skipping itself' no_test_skips_in_silence

# ---- the scripts ----

# apt with folders of its own and no sources: another program holds the lock of its package lists for two seconds.
deps_wait_for_the_lock() {
    local apt=$work/apt begun=$SECONDS status=0 holder
    mkdir -p "$apt"/{bin,etc,state/lists/partial,cache/archives/partial}
    : >"$apt/state/status"
    printf 'Dir::%s;\n' "State \"$apt/state\"" "State::status \"$apt/state/status\"" "Cache \"$apt/cache\"" \
        "Etc \"$apt/etc\"" >"$apt/apt.conf"
    # In case we are not root: these folders are ours.
    printf '#!/bin/sh\nexec "$@"\n' >"$apt/bin/sudo"
    chmod +x "$apt/bin/sudo"
    python3 -c 'import fcntl, sys, time
lock = open(sys.argv[1], "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(2)' "$apt/state/lists/lock" >"$apt/held" &
    holder=$!
    until [ -s "$apt/held" ]; do sleep 0.1; done
    APT_CONFIG=$apt/apt.conf PATH=$apt/bin:$PATH scripts/deps.sh earwig-no-such-package >"$apt/said" 2>&1 || status=$?
    wait "$holder"
    cat "$apt/said"
    [ "$status" = 1 ] && [ $((SECONDS - begun)) -ge 2 ] && grep -q 'holds apt.s lock' "$apt/said" &&
        ! grep -q 'lists could not be fetched' "$apt/said" &&
        grep -q 'Unable to locate package earwig-no-such-package' "$apt/said"
}

if command -v apt-get >/dev/null; then
    gate "deps.sh waits for apt's lock, and shows why an installation failed" deps_wait_for_the_lock
fi

echo "gates: $passed passed, $failed failed"
[ "$failed" = 0 ]
