#!/usr/bin/env bash
# Builds the library and mod_earwig into target/freeswitch/. pkg-config finds FreeSWITCH's headers: below the prefix that FREESWITCH
# names, else by PKG_CONFIG_PATH, else in the system. With --if-found a missing FreeSWITCH is not a failure.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
if [ -n "${FREESWITCH:-}" ]; then
    export PKG_CONFIG_PATH=$FREESWITCH/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
fi
if ! pkg-config --exists freeswitch; then
    echo "build.sh: pkg-config finds no FreeSWITCH: mod_earwig is not built. Set FREESWITCH to its prefix, or PKG_CONFIG_PATH to" \
        "the folder of its freeswitch.pc (Debian: libfreeswitch-dev)." >&2
    [ "${1:-}" = --if-found ] || exit 3
    exit 0
fi
cd "$top"
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
out=$target/freeswitch

cargo build --quiet --release -p earwig
mkdir -p "$out/mod" "$out/lib"
cp "$target/release/libearwig.so" "$out/lib/libearwig.so.0"
ln -sf libearwig.so.0 "$out/lib/libearwig.so"
# System headers: no warnings from them.
includes=$(pkg-config --cflags-only-I freeswitch | sed 's/-I/-isystem /g')
# The library goes beside the modules' folder: it is not a module.
cd "$here"
gcc -std=gnu11 -O2 -g -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -Werror -fPIC -fvisibility=hidden \
    -DSWITCH_API_VISIBILITY=1 -DHAVE_VISIBILITY=1 -D_GNU_SOURCE -shared -pthread \
    -I"$top/include" -I"$here/.." $includes $(pkg-config --cflags-only-other freeswitch) \
    -o "$out/mod/mod_earwig.so" mod_earwig.c mod_earwig/*.c mod_earwig/apps/*.c ../common/*.c \
    $(pkg-config --libs freeswitch) -L"$out/lib" -learwig -Wl,--exclude-libs,ALL -Wl,--as-needed \
    -Wl,-rpath,'$ORIGIN:$ORIGIN/../lib:$ORIGIN/../..'
echo "$out/mod/mod_earwig.so"
