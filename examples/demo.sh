#!/bin/sh
# Builds the library and the C host, runs it over the sample calls, and checks what it answers. Needs Rust and a C compiler.
set -eu
cd "$(dirname "$0")/.."
calls=examples/calls
target=${CARGO_TARGET_DIR:-target}
demo=$target/demo

cargo build --release --package earwig
mkdir -p "$demo"
# The library names itself by its ABI's version, as it is installed; cargo builds it without.
cp "$target/release/libearwig.so" "$demo/libearwig.so.0"
# shellcheck disable=SC2086 # CFLAGS are several words
${CC:-gcc} -std=c99 -Wall -Wextra -Wpedantic ${CFLAGS:-} examples/host.c -Iinclude "$demo/libearwig.so.0" \
    -Wl,-rpath,'$ORIGIN' -o "$demo/host"

wrong=0
printf '%-17s %-64s %-9s %s\n' call options digits cause
while IFS='|' read -r call options digits cause; do
    case $call in '#'*) continue ;; esac
    call=${call%% *}
    # Words without the blanks around them.
    options=$(echo $options) digits=$(echo $digits) cause=$(echo $cause)
    heard=$("$demo/host" "$calls/$call" "$options" | tail -n 1) || heard='cause none, digits none'
    got_cause=${heard#cause } got_cause=${got_cause%%,*}
    got_digits=${heard##*digits }
    printf '%-17s %-64s %-9s %s' "$call" "$options" "$got_digits" "$got_cause"
    if [ "$got_digits $got_cause" = "$digits $cause" ]; then
        echo
    else
        echo "   WRONG: $digits $cause was expected"
        wrong=1
    fi
done <"$calls/expected.txt"
exit "$wrong"
