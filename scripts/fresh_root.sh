#!/usr/bin/env bash
# Runs a command in a bare Debian 12 that has gcc, make, git and this machine's Rust, and nothing else: what a new user has. It
# runs in a clone of the tree's last commit.
#
#   fresh_root.sh [COMMAND]      default: make test
#
# Needs root, on Debian or Ubuntu; installs debootstrap if it is missing. ../shared/corpus, or the folder that EARWIG_CORPUS
# names, is visible inside, read-only. EARWIG_FRESH_ROOT names a folder that keeps the unpacked packages for the next time
# (600 MB); otherwise all of it is in a temporary folder. It takes 1 minute and 700 MB before the command begins.
#
# The mounts live in a namespace of their own: they are gone, and all processes inside with them, however this ends.
set -euo pipefail

suite=bookworm
packages=ca-certificates,gcc,make,git,libc6-dev

die() {
    echo "fresh_root.sh: $*" >&2
    exit 1
}

# ---- inside the namespace ----

# bind FOLDER PLACE [ro]: shows FOLDER at PLACE of the root.
bind() {
    mkdir -p "$root$2"
    mount --bind "$1" "$root$2"
    [ -z "${3:-}" ] || mount -o remount,bind,"$3" "$root$2"
}

run_inside() {
    root=$1 rustup=$2 cargo=$3 corpus=$4 command=$5
    local device
    mount -t proc proc "$root/proc"
    bind /sys /sys ro
    mount -t tmpfs -o mode=755 dev "$root/dev"
    for device in null zero full random urandom tty; do
        : >"$root/dev/$device"
        mount --bind "/dev/$device" "$root/dev/$device"
    done
    mkdir -m 1777 "$root/dev/shm"
    mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
    mkdir "$root/dev/pts"
    mount -t devpts -o newinstance,ptmxmode=0666 pts "$root/dev/pts"
    ln -s pts/ptmx "$root/dev/ptmx"
    ln -s /proc/self/fd "$root/dev/fd"
    ln -s /proc/self/fd/0 "$root/dev/stdin"
    ln -s /proc/self/fd/1 "$root/dev/stdout"
    ln -s /proc/self/fd/2 "$root/dev/stderr"
    bind "$rustup" /root/.rustup ro
    bind "$cargo/bin" /root/.cargo/bin ro
    # What cargo downloads serves the next time too.
    mkdir -p "$cargo/registry"
    bind "$cargo/registry" /root/.cargo/registry
    [ -z "$corpus" ] || bind "$corpus" /home/shared/corpus ro

    local kept=(HOME=/root LANG=C.UTF-8 "PATH=/root/.cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin") name
    for name in CI http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY CARGO_HTTP_CAINFO RUST_BACKTRACE \
        RUSTUP_AUTO_INSTALL RUSTUP_TOOLCHAIN; do
        [ -z "${!name:-}" ] || kept+=("$name=${!name}")
    done
    # A missing corpus is a failure inside if it is one outside; a folder's name means nothing there.
    [ "${EARWIG_CORPUS:-}" != required ] || kept+=(EARWIG_CORPUS=required)
    # shellcheck disable=SC2016 # expanded inside
    chroot "$root" /usr/bin/env -i "${kept[@]}" bash -c 'cd /home/earwig && eval "$1"' bash "$command" </dev/null
}

if [ "${1:-}" = --inside ]; then
    shift
    run_inside "$@"
    exit
fi

# ---- outside ----

command=${1:-make test}
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ "$(id -u)" = 0 ] || die "needs root, to make a root folder and change into it (try: sudo -E scripts/fresh_root.sh)"
rustup=${RUSTUP_HOME:-$HOME/.rustup} cargo=${CARGO_HOME:-$HOME/.cargo}
[ -d "$rustup/toolchains" ] && [ -x "$cargo/bin/cargo" ] ||
    die "no Rust in $rustup and $cargo: it takes one that rustup installed (RUSTUP_HOME and CARGO_HOME name other folders)"
for tool in unshare setpriv chroot mount git tar; do
    command -v "$tool" >/dev/null || die "$tool is missing"
done
if ! command -v debootstrap >/dev/null; then
    command -v apt-get >/dev/null || die "debootstrap is missing, and there is no apt-get to install it by"
    echo "fresh_root.sh: installing debootstrap"
    "$top/scripts/deps.sh" debootstrap || die "debootstrap could not be installed"
fi
# A hook of git's sets these for the repository that it was called for.
# shellcheck disable=SC2046 # names
unset $(git rev-parse --local-env-vars)

corpus=$top/../shared/corpus
case ${EARWIG_CORPUS:-} in '' | required) ;; *) corpus=$EARWIG_CORPUS ;; esac
if [ -d "$corpus" ]; then
    corpus=$(cd "$corpus" && pwd -P)
elif [ -n "${EARWIG_CORPUS:-}" ]; then
    die "EARWIG_CORPUS=$EARWIG_CORPUS, but there is no corpus in $corpus"
else
    corpus=
fi

work=$(mktemp -d "${TMPDIR:-/var/tmp}/earwig-fresh.XXXXXX")
remove() {
    # Nothing is mounted here but inside the namespace; make sure of it before anything is removed.
    if awk -v work="$work/" 'index($2, work) == 1 { found = 1 } END { exit !found }' /proc/self/mounts; then
        echo "fresh_root.sh: something is mounted in $work: it is left there" >&2
    else
        rm -rf --one-file-system "$work"
    fi
}
trap remove EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

root=$work/root base=$work/base.tar
if [ -n "${EARWIG_FRESH_ROOT:-}" ]; then
    mkdir -p "$EARWIG_FRESH_ROOT"
    base=$(cd "$EARWIG_FRESH_ROOT" && pwd)/$suite.tar
fi
mkdir "$root"
if [ -n "${EARWIG_FRESH_ROOT:-}" ] && [ -s "$base" ]; then
    tar -C "$root" -xpf "$base"
else
    echo "fresh_root.sh: unpacking a bare Debian ($suite) in $root"
    debootstrap --variant=minbase --include="$packages" "$suite" "$root" >"$work/log" 2>&1 || {
        tail -n 30 "$work/log" >&2
        die "debootstrap failed"
    }
    if [ -n "${EARWIG_FRESH_ROOT:-}" ]; then
        tar -C "$root" -cpf "$base.part" . && mv "$base.part" "$base"
    fi
fi
# The network, as this machine sees it.
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
if ls /usr/local/share/ca-certificates/*.crt >/dev/null 2>&1; then
    cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/"
    chroot "$root" update-ca-certificates >/dev/null 2>&1
fi

mkdir -p "$root/home"
# The tree may belong to somebody else than root.
printf '[safe]\n\tdirectory = *\n' >"$work/gitconfig"
export GIT_CONFIG_GLOBAL=$work/gitconfig
git clone -q --no-local "$top" "$root/home/earwig"
[ -z "$(git -C "$top" status --porcelain)" ] ||
    echo "fresh_root.sh: changes that are not committed are left out"
echo "fresh_root.sh: $command"
begun=$SECONDS status=0
# The shell waits, so that a signal is answered at once; what is inside ends with the namespace.
setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child \
    "$top/scripts/fresh_root.sh" --inside "$root" "$rustup" "$cargo" "$corpus" "$command" &
child=$!
trap 'kill "$child" 2>/dev/null || true; wait "$child" 2>/dev/null || true; remove' EXIT
wait "$child" || status=$?
trap remove EXIT
# What was downloaded as root into another user's folder is that user's.
[ -z "${SUDO_UID:-}" ] || chown -R --from=0 "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$cargo/registry"
echo "fresh_root.sh: status $status after $((SECONDS - begun)) s"
exit "$status"
