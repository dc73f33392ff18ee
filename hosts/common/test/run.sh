#!/usr/bin/env bash
# Builds hosts/common with sanitizers and runs its tests, which need the library but no PBX. Needs gcc and cargo.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../../.." && pwd)
cd "$top"
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")

cargo build --quiet --release -p earwig
gcc -std=gnu11 -O1 -g -Wall -Wextra -Wpedantic -Werror -fsanitize=address,undefined -fno-sanitize-recover=undefined -D_GNU_SOURCE \
    -Iinclude -Ihosts -o "$target/hosts-common" hosts/common/test/*.c hosts/common/*.c \
    "$target/release/libearwig.a" -lpthread -ldl -lm
"$target/hosts-common"
