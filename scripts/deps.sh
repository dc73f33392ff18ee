#!/usr/bin/env bash
# Installs what the tests need and the machine does not have, as root or through sudo, and says what it installs. Rust, a C
# compiler and make are taken for granted: without them nothing can be built at all.
#
#   deps.sh [PACKAGE...]      default: all that `make test` needs
#
# While another program holds apt's lock it waits, up to EARWIG_APT_WAIT_S seconds (default 600).
set -euo pipefail

# package            what it is needed for
packages='
clang                the C tests are built by two compilers
ffmpeg               recordings are read back
g++                  the header is compiled as C++
libclang-dev         the header is read back (bindgen)
libsox-dev           the benchmarks are built with all peers
libsoxr-dev          the benchmarks are built with all peers
libspandsp-dev       the benchmarks are built with all peers
libspeexdsp-dev      the benchmarks are built with all peers
openssl              encrypted recordings are read by it
pkg-config           the installed earwig.pc is used
python3              hosts in Python, and the calls through Asterisk
sip-tester           calls through Asterisk
sox                  recordings are read back
valgrind             leaks and wrong memory in the C tests
'

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

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# apt ARGUMENTS...: apt-get, quiet if all is well. Its own option for a lock's timeout leaves out the lock of the package lists.
apt() {
    local until=$((SECONDS + ${EARWIG_APT_WAIT_S:-600})) waiting=
    until as_root env LC_ALL=C DEBIAN_FRONTEND=noninteractive ${APT_CONFIG:+"APT_CONFIG=$APT_CONFIG"} \
        apt-get -y -q "$@" >"$work/apt.log" 2>&1 </dev/null; do
        if ! grep -qE 'Could not get lock|Unable to (acquire|lock)' "$work/apt.log" || [ "$SECONDS" -ge "$until" ]; then
            echo "deps.sh: apt-get $* failed:" >&2
            tail -n 40 "$work/apt.log" >&2
            return 1
        fi
        [ -n "$waiting" ] || echo "deps.sh: waiting for another program that holds apt's lock"
        waiting=yes
        sleep 1
    done
}

# install PACKAGE...
install() {
    apt update || echo "deps.sh: the package lists could not be fetched; trying with those here" >&2
    apt install --no-install-recommends "$@" || {
        echo "deps.sh: could not install: $*" >&2
        exit 1
    }
}

# install_missing TABLE: installs those packages of it that are not there.
install_missing() {
    local package why missing=()
    while read -r package why; do
        [ -z "$package" ] && continue
        if ! installed "$package"; then
            echo "deps.sh: installing $package${why:+ ($why)}"
            missing+=("$package")
        fi
    done <<<"$1"
    [ ${#missing[@]} = 0 ] || install "${missing[@]}"
}

have_apt() {
    command -v apt-get >/dev/null && command -v dpkg-query >/dev/null
}

if [ $# -gt 0 ]; then
    have_apt || {
        echo "deps.sh: this system has no apt-get; install the equivalents of: $*" >&2
        exit 1
    }
    install_missing "$(printf '%s\n' "$@")"
    exit
fi

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

if ! have_apt; then
    echo "deps.sh: this system has no apt-get. The tests need the equivalents of:$(
        echo "$packages" | awk 'NF { printf " %s", $1 }')" >&2
    echo "deps.sh: going on; a test that misses one of them fails" >&2
    exit 0
fi
install_missing "$packages"

# clang's sanitizers are a package of its version's own.
echo 'int main(void) { return 0; }' >"$work/probe.c"
if ! clang -fsanitize=address,undefined "$work/probe.c" -o "$work/probe" 2>/dev/null; then
    runtime=libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev
    echo "deps.sh: installing $runtime (clang's sanitizers)"
    install "$runtime"
fi
gcc -fsanitize=address,undefined "$work/probe.c" -o "$work/probe" || {
    echo "deps.sh: gcc has no sanitizers here" >&2
    exit 1
}
