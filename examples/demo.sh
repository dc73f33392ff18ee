#!/bin/sh
# Builds the library and the C host, plays the sample calls to it, and checks its results. Needs Rust and a C compiler.
set -eu
cd "$(dirname "$0")/.."
calls=examples/calls
target=${CARGO_TARGET_DIR:-target}
demo=$target/demo

cargo build --release --package earwig
mkdir -p "$demo"
# The soname has the version of the ABI; the file that cargo builds has not.
cp "$target/release/libearwig.so" "$demo/libearwig.so.0"
# shellcheck disable=SC2086 # CFLAGS are several words
${CC:-gcc} -std=c99 -Wall -Wextra -Wpedantic ${CFLAGS:-} examples/host.c -Iinclude "$demo/libearwig.so.0" \
    -Wl,-rpath,'$ORIGIN' -o "$demo/host"

wrong=0
printf '%-17s %-64s %-9s %s\n' call options digits cause
while IFS='|' read -r call options digits cause; do
    case $call in '#'*) continue ;; esac
    call=${call%% *}
    # Removes the blanks around the words.
    options=$(echo $options) digits=$(echo $digits) cause=$(echo $cause)
    answer=$("$demo/host" "$calls/$call" "$options" | tail -n 1) || answer='cause none, digits none'
    got_cause=${answer#cause } got_cause=${got_cause%%,*}
    got_digits=${answer##*digits }
    printf '%-17s %-64s %-9s %s' "$call" "$options" "$got_digits" "$got_cause"
    if [ "$got_digits $got_cause" = "$digits $cause" ]; then
        echo
    else
        echo "   WRONG: $digits $cause was expected"
        wrong=1
    fi
done <"$calls/expected.txt"

printf '\n%-17s %-48s %-8s %6s %7s %s\n' 'call, recorded' options cause ms bytes audio
while IFS='|' read -r call options expected; do
    case $call in '#'*) continue ;; esac
    call=${call%% *}
    options=$(echo $options) expected=$(echo $expected)
    file=$demo/recorded-$call
    # "recorded: SIZE, 1000 ms, 16000 bytes, audio yes"
    got=$("$demo/host" "$calls/$call" '' "$file" "overwrite=yes,$options" | sed -n 's/^recorded: //p' | tr -d ,)
    # shellcheck disable=SC2086 # its words
    set -- ${got:-nothing 0 ms 0 bytes audio no}
    printf '%-17s %-48s %-8s %6s %7s %s' "$call" "$options" "$1" "$2" "$4" "$7"
    if [ "$1 $2 $4 $7" = "$expected" ]; then
        echo
    else
        echo "   WRONG: $expected was expected"
        wrong=1
    fi
done <"$calls/recordings.txt"

printf '\n%-17s %-30s %-8s %-15s %s\n' 'call, who answers' options result cause 'beep Hz'
while IFS='|' read -r call options expected; do
    case $call in '#'*) continue ;; esac
    call=${call%% *}
    options=$(echo $options) expected=$(echo $expected)
    # "machine (LONGGREETING-1250-1250) after 1735 ms, beep of 1000 Hz at 7300 ms"
    got=$("$demo/host" --machine "$calls/$call" "$options" | tail -n 1)
    result=${got%% *} cause=${got#*(} beep=none
    cause=${cause%%-*}
    case $got in *'beep of '*) beep=${got##*beep of } beep=${beep%% *} ;; esac
    printf '%-17s %-30s %-8s %-15s %s' "$call" "$options" "$result" "$cause" "$beep"
    if [ "$result $cause $beep" = "$expected" ]; then
        echo
    else
        echo "   WRONG: $expected was expected"
        wrong=1
    fi
done <"$calls/machines.txt"
exit "$wrong"
