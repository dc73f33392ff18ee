#!/usr/bin/env bash
# Installs what the tests need and the machine does not have, as root or through sudo, and says what it installs. Rust, a C
# compiler and make are taken for granted: without them nothing can be built at all.
set -euo pipefail

# package            what it is needed for
packages='
clang                the C tests are built by two compilers
ffmpeg               recordings are read back
g++                  the header is compiled as C++
libclang-dev         the header is read back (bindgen)
openssl              encrypted recordings are read by it
pkg-config           the installed earwig.pc is used
python3              hosts in Python, and the calls through Asterisk
sip-tester           calls through Asterisk
sox                  recordings are read back
valgrind             leaks and wrong memory in the C tests
'

for tool in cargo rustc gcc make; do
    command -v "$tool" >/dev/null || {
        echo "deps.sh: $tool is missing; install it first (Rust from https://rustup.rs, the rest by the system's packages)" >&2
        exit 1
    }
done
for part in fmt clippy; do
    cargo "$part" --version >/dev/null 2>&1 || {
        echo "deps.sh: cargo $part is missing; 'rustup component add rustfmt clippy' installs it" >&2
        exit 1
    }
done

if ! command -v apt-get >/dev/null; then
    echo "deps.sh: this system has no apt-get. The tests need the equivalents of:$(
        echo "$packages" | awk 'NF { printf " %s", $1 }')" >&2
    echo "deps.sh: going on; a test that misses one of them fails" >&2
    exit 0
fi

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "deps.sh: neither root nor sudo: run as root: $*" >&2
        return 1
    fi
}

missing=()
while read -r package why; do
    [ -z "$package" ] && continue
    if ! installed "$package"; then
        echo "deps.sh: installing $package ($why)"
        missing+=("$package")
    fi
done <<<"$packages"

install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null
}

if [ ${#missing[@]} -gt 0 ]; then
    as_root apt-get update -q >/dev/null || echo "deps.sh: the package lists could not be fetched; trying with those here" >&2
    install "${missing[@]}" || {
        echo "deps.sh: could not install: ${missing[*]}" >&2
        exit 1
    }
fi

# clang's sanitizers are a package of its version's own.
probe=$(mktemp -d)
trap 'rm -rf "$probe"' EXIT
echo 'int main(void) { return 0; }' >"$probe/probe.c"
if ! clang -fsanitize=address,undefined "$probe/probe.c" -o "$probe/probe" 2>/dev/null; then
    runtime=libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev
    echo "deps.sh: installing $runtime (clang's sanitizers)"
    as_root apt-get update -q >/dev/null || true
    install "$runtime" || {
        echo "deps.sh: could not install: $runtime" >&2
        exit 1
    }
fi
gcc -fsanitize=address,undefined "$probe/probe.c" -o "$probe/probe" || {
    echo "deps.sh: gcc has no sanitizers here" >&2
    exit 1
}
