#!/usr/bin/env bash
# Fetches Asterisk 22 from Debian's testing suite and unpacks it into a folder. Needs no root and leaves the machine's
# own packages alone: apt runs with a state of its own, dpkg-deb only unpacks, no maintainer script runs.
#
#   fetch.sh [FOLDER]      default: $EARWIG_ASTERISK, or .asterisk at the project's top
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=${1:-${EARWIG_ASTERISK:-$top/.asterisk}}

if [ -e "$folder/ready" ]; then
    exit 0
fi
for tool in apt-get dpkg-deb flock; do
    command -v "$tool" >/dev/null || { echo "fetch.sh: $tool is missing: this works on Debian and Ubuntu" >&2; exit 1; }
done
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || { echo "fetch.sh: $keyring is missing (package debian-archive-keyring)" >&2; exit 1; }

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
root=$folder/root
# Two at once would unpack over each other.
exec 9>"$folder/lock"
flock 9
if [ -e "$folder/ready" ]; then
    exit 0
fi
echo "Fetching Asterisk 22 from Debian testing into $folder (about 80 MB)"
rm -rf "$folder/apt" "$root"
mkdir -p "$folder/apt/state/lists/partial" "$folder/apt/cache/archives/partial" "$root"
: >"$folder/apt/status"
# The machine's own mirror, if it names one; the suite is another.
mirror=${EARWIG_DEBIAN_MIRROR:-$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    grep -Eo 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ' || true)}
[ -n "$mirror" ] || { echo "fetch.sh: apt names no Debian mirror; set EARWIG_DEBIAN_MIRROR to one" >&2; exit 1; }
echo "deb [signed-by=$keyring] $mirror testing main" >"$folder/apt/sources.list"

apt=(-o Dir::State="$folder/apt/state" -o Dir::State::status="$folder/apt/status" -o Dir::Cache="$folder/apt/cache"
    -o Dir::Etc::sourcelist="$folder/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null
    -o Acquire::Check-Valid-Until=false -o Acquire::Check-Date=false -o Acquire::Retries=5
    -o Acquire::Languages=none -o Debug::NoLocking=1 -o APT::Sandbox::User=root)
# A package list can change while it is fetched: try again.
retry() {
    local try
    for try in 1 2 3; do
        "$@" >"$folder/apt/log" 2>&1 && return
        echo "fetch.sh: try $try failed" >&2
        sleep $((try * 3))
    done
    tail -n 20 "$folder/apt/log" >&2
    exit 1
}
retry apt-get "${apt[@]}" -q update
retry apt-get "${apt[@]}" -q -y --download-only --no-install-recommends install \
    asterisk asterisk-modules asterisk-config asterisk-core-sounds-en asterisk-core-sounds-en-gsm
(cd "$folder/apt/cache/archives" && retry apt-get "${apt[@]}" -q download asterisk-dev)

for link in bin lib lib64 sbin; do
    mkdir -p "$root/usr/$link"
    ln -sfn "usr/$link" "$root/$link"
done
for package in "$folder"/apt/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$root"
done
chmod -R a+rX "$root"
ln -sfn en_US_f_Allison "$root/usr/share/asterisk/sounds/en"
version=$(sed -n 's/^Version: //p' <(dpkg-deb -I "$folder"/apt/cache/archives/asterisk_*.deb | sed 's/^ //'))
rm -rf "$root"/usr/share/{doc,man,locale,perl*,info,lintian,bug} "$root"/usr/lib/*/{perl*,gconv} "$folder/apt"
touch "$folder/ready"
echo "Asterisk $version is in $root"
case $version in
*22.*) ;;
*) echo "fetch.sh: Debian testing has gone on to another Asterisk; app_earwig is written for 22" >&2 ;;
esac
