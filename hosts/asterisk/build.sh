#!/usr/bin/env bash
# Builds the library and app_earwig.so, against the headers of the Asterisk that fetch.sh unpacked, or those in
# ASTERISK_INCLUDE. Always build against the headers of the Asterisk that will load the module.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
include=$(realpath -m "${ASTERISK_INCLUDE:-${EARWIG_ASTERISK:-$top/.asterisk}/root/usr/include}")
cd "$top"
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
out=$target/asterisk

cargo build --quiet --release -p earwig
mkdir -p "$out/modules" "$out/lib"
cp "$target/release/libearwig.so" "$out/lib/libearwig.so.0"
ln -sf libearwig.so.0 "$out/lib/libearwig.so"
# The library goes beside the modules' folder: it is not a module.
cd "$here"
gcc -std=gnu11 -O2 -g -Wall -Wextra -Wno-unused-parameter -Werror -fPIC -fvisibility=hidden -shared -pthread \
    -I"$top/include" -I"$here/.." -isystem "$include" -D_GNU_SOURCE \
    -DAST_MODULE=\"app_earwig\" -DAST_MODULE_SELF_SYM=__internal_app_earwig_self \
    -o "$out/modules/app_earwig.so" app_earwig.c app_earwig/*.c app_earwig/apps/*.c ../common/*.c \
    -L"$out/lib" -learwig -Wl,-rpath,'$ORIGIN:$ORIGIN/../lib'
echo "$out/modules/app_earwig.so"
