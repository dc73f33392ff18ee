#!/usr/bin/env bash
# Runs a command in a clone of the last commit, in a bare Debian 12 with gcc, make, git and this machine's Rust: the system of a new
# user.
#
#   fresh_root.sh [COMMAND]      default: make test
#
# Needs root, on Debian or Ubuntu; installs debootstrap if it is missing. ../shared/corpus, or the folder that EARWIG_CORPUS
# names, is mounted read-only. EARWIG_FRESH_ROOT names a folder that keeps the unpacked packages (600 MB) for the next run; without
# it they are unpacked to a temporary folder. The preparation takes 1 minute and 700 MB.
#
# The mounts and processes live in namespaces of their own, which end with this script even if it is killed.
set -euo pipefail

suite=bookworm
packages=ca-certificates,gcc,make,git,libc6-dev

die() {
    echo "fresh_root.sh: $*" >&2
    exit 1
}

# ---- inside the namespace ----

# bind FOLDER PLACE [ro]: mounts FOLDER at PLACE below the root, read-only with ro.
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
    # Writable, so that cargo's downloads are there for the next run.
    mkdir -p "$cargo/registry"
    bind "$cargo/registry" /root/.cargo/registry
    [ -z "$corpus" ] || bind "$corpus" /home/shared/corpus ro

    local kept=(HOME=/root LANG=C.UTF-8 "PATH=/root/.cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin") name
    for name in CI http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY CARGO_HTTP_CAINFO RUST_BACKTRACE \
        RUSTUP_AUTO_INSTALL RUSTUP_TOOLCHAIN; do
        [ -z "${!name:-}" ] || kept+=("$name=${!name}")
    done
    # Only `required` is passed on: the path of a corpus outside is not valid inside.
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
[ "$(id -u)" = 0 ] || die "needs root for chroot and mount (try: sudo -E scripts/fresh_root.sh)"
rustup=${RUSTUP_HOME:-$HOME/.rustup} cargo=${CARGO_HOME:-$HOME/.cargo}
[ -d "$rustup/toolchains" ] && [ -x "$cargo/bin/cargo" ] ||
    die "no Rust by rustup in $rustup and $cargo (RUSTUP_HOME and CARGO_HOME set other folders)"
for tool in unshare setpriv chroot mount git tar; do
    command -v "$tool" >/dev/null || die "$tool is missing"
done
if ! command -v debootstrap >/dev/null; then
    command -v apt-get >/dev/null || die "debootstrap is missing, and there is no apt-get to install it with"
    echo "fresh_root.sh: installing debootstrap"
    "$top/scripts/deps.sh" debootstrap || die "debootstrap could not be installed"
fi
# Git sets these variables for a hook; they would point git at the hook's repository.
# shellcheck disable=SC2046 # names
unset $(git rev-parse --local-env-vars)

corpus=$top/../shared/corpus
case ${EARWIG_CORPUS:-} in '' | required) ;; *) corpus=$EARWIG_CORPUS ;; esac
if [ -d "$corpus" ]; then
    corpus=$(cd "$corpus" && pwd -P)
elif [ -n "${EARWIG_CORPUS:-}" ]; then
    die "EARWIG_CORPUS=$EARWIG_CORPUS: there is no corpus in $corpus"
else
    corpus=
fi

work=$(mktemp -d "${TMPDIR:-/var/tmp}/earwig-fresh.XXXXXX")
remove() {
    # All mounts are inside the namespace. A mount outside would make rm delete the mounted files, so check first.
    if awk -v work="$work/" 'index($2, work) == 1 { found = 1 } END { exit !found }' /proc/self/mounts; then
        echo "fresh_root.sh: $work has mounts and is not removed" >&2
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
# The network settings and certificates of this machine.
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
[ -z "$(git -C "$top" status --porcelain 2>/dev/null)" ] ||
    echo "fresh_root.sh: warning: uncommitted changes are not tested"
echo "fresh_root.sh: $command"
begun=$SECONDS status=0
# In the background, so that the shell handles signals at once; all processes inside end with the namespace.
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
