#!/usr/bin/env bash
# Installs the missing packages of a list with apt-get, as root or through sudo, and prints their names. Rust, gcc and make must be
# installed already.
#
#   deps.sh [PACKAGE...]      default: the packages that `make test` needs
#
# Waits up to EARWIG_APT_WAIT_S seconds (default 600) while another program holds apt's lock.
set -euo pipefail

# package            used for
packages='
clang                second compiler of the C tests
e2fsprogs            a file system that is frozen (make attack)
ffmpeg               reading recordings back
g++                  compiling the header as C++, and libFuzzer
libclang-dev         reading the header back (bindgen)
libsox-dev           building the benchmarks with all compared libraries
libsoxr-dev          building the benchmarks with all compared libraries
libspandsp-dev       building the benchmarks with all compared libraries
libspeexdsp-dev      building the benchmarks with all compared libraries
openssl              decrypting encrypted recordings
pkg-config           building with the installed earwig.pc
python3              hosts in Python, and calls through Asterisk
sip-tester           calls through Asterisk
sox                  reading recordings back
valgrind             finding leaks and memory errors in the C tests
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
        echo "deps.sh: not root, and there is no sudo; run as root: $*" >&2
        return 1
    fi
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# apt ARGUMENTS...: runs apt-get, and prints its output only if it fails. It waits for locks here because apt's own
# DPkg::Lock::Timeout does not apply to the lock of the package lists.
apt() {
    local until=$((SECONDS + ${EARWIG_APT_WAIT_S:-600})) waiting=
    until as_root env LC_ALL=C DEBIAN_FRONTEND=noninteractive ${APT_CONFIG:+"APT_CONFIG=$APT_CONFIG"} \
        apt-get -y -q "$@" >"$work/apt.log" 2>&1 </dev/null; do
        if ! grep -qE 'Could not get lock|Unable to (acquire|lock)' "$work/apt.log" || [ "$SECONDS" -ge "$until" ]; then
            echo "deps.sh: apt-get $* failed:" >&2
            tail -n 40 "$work/apt.log" >&2
            return 1
        fi
        [ -n "$waiting" ] || echo "deps.sh: another program holds apt's lock; waiting"
        waiting=yes
        sleep 1
    done
}

# install PACKAGE...
install() {
    apt update || echo "deps.sh: could not update the package lists; using the old ones" >&2
    apt install --no-install-recommends "$@" || {
        echo "deps.sh: could not install: $*" >&2
        exit 1
    }
}

# install_missing TABLE: installs the packages of TABLE that are not installed.
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
        echo "deps.sh: $tool is missing; install it first (Rust from https://rustup.rs, gcc and make from the system's packages)" >&2
        exit 1
    }
done
for part in fmt clippy; do
    cargo "$part" --version >/dev/null 2>&1 || {
        echo "deps.sh: cargo $part is missing; install it with 'rustup component add rustfmt clippy'" >&2
        exit 1
    }
done

if ! have_apt; then
    echo "deps.sh: this system has no apt-get. The tests need the equivalents of:$(
        echo "$packages" | awk 'NF { printf " %s", $1 }')" >&2
    echo "deps.sh: continuing; a test fails if its package is missing" >&2
    exit 0
fi
install_missing "$packages"

# The package of clang's sanitizers is named after clang's version.
echo 'int main(void) { return 0; }' >"$work/probe.c"
if ! clang -fsanitize=address,undefined "$work/probe.c" -o "$work/probe" 2>/dev/null; then
    runtime=libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev
    echo "deps.sh: installing $runtime (clang's sanitizers)"
    install "$runtime"
fi
gcc -fsanitize=address,undefined "$work/probe.c" -o "$work/probe" || {
    echo "deps.sh: this gcc has no sanitizers" >&2
    exit 1
}
