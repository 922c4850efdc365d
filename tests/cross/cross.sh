#!/usr/bin/env bash
# The library on another machine: built for it as phones would have it, and its tests run there, in qemu (i386: by this machine's kernel).
#   cross.sh MACHINE        arm64, armhf, i386 or s390x (whose octets are in the other order)
set -euo pipefail
cd "$(dirname "$0")/../.."
machine=$1 sysroot=$PWD/build/sysroot/$1 tests=build/$1-112
[ -e "$sysroot.done" ] || { tests/cross/sysroot.sh "$machine" "$sysroot" && touch "$sysroot.done"; }

cmake --preset "$machine" >/dev/null
cmake --build --preset "$machine" >/dev/null
DESTDIR=$sysroot cmake --install "build/$machine" --prefix /usr --strip >/dev/null
printf '%s: %d octets\n' "$machine" "$(stat -Lc %s "$sysroot/usr/lib/libcountersign.so")"

# The example of the README, by the package that was installed. (It searches for safe primes: not in qemu.)
cmake -S tests/example -B "build/$machine-example" -G Ninja --toolchain "$PWD/tests/cross/debian.cmake" \
    -DCSIG_MACHINE="$machine" -DCSIG_SYSROOT="$sysroot" >/dev/null
cmake --build "build/$machine-example" >/dev/null

# Golden files, which were written on x86-64, and the story that they are of, octet for octet; then everything by itself.
cmake --preset "$machine" -B "$tests" -DCSIG_LEVEL=112 -DCSIG_TESTS=ON >/dev/null
cmake --build "$tests" --target tests-vectors tests-unit >/dev/null
ctest --test-dir "$tests" --output-on-failure -j "$(nproc)" -L 'vectors|unit'
