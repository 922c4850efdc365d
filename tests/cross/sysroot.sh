#!/usr/bin/env bash
# Unpacks Debian's libraries for another machine into a folder: what the library and its tests need, and the C library. Installs nothing.
#   sysroot.sh MACHINE FOLDER        MACHINE: Debian's name of it, as arm64
set -euo pipefail
machine=$1 to=$2
apt=$to.apt
rm -rf "$to" "$apt"
mkdir -p "$to" "$apt/lists/partial" "$apt/archives/partial"
: >"$apt/status" # nothing is installed there: apt finds all that is needed
options=(-qq -o APT::Architecture="$machine" -o APT::Architectures="$machine" -o APT::Sandbox::User="$(id -un)"
    -o Dir::State="$apt" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt" -o Acquire::Languages=none)
apt-get "${options[@]}" update
apt-get "${options[@]}" install -y --no-install-recommends --download-only \
    libc6-dev libgmp-dev libsodium-dev libsecp256k1-dev libjansson-dev libcmocka-dev libssl-dev >/dev/null
for package in "$apt"/archives/*.deb; do
    dpkg -x "$package" "$to"
done
# Links are to be relative: from here / is another folder.
find "$to" -type l -lname '/*' -exec sh -c 'ln -sfr "$0$(readlink "$1")" "$1"' "$to" {} \;
rm -rf "$apt"
