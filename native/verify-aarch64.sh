#!/usr/bin/env bash
# Checks the kernels for aarch64 where there is none: the calls that the contract's tests make on this machine, and programs
# compiled for it, again in an emulator, bit for bit.
#
# verify-aarch64.sh      a part of the calls and of the programs; the library for this machine must have been built
# verify-aarch64.sh all  all shapes, more programs, and the library as it is in the jar, with the catalogue's
. "$(dirname "$0")/replay.sh"

begin aarch64 "${1:-some}" "gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user" aarch64-linux-gnu-gcc qemu-aarch64
record

step "compile"
aarch64-linux-gnu-gcc "${c[@]}" src/test/c/replay.c -o "$work/replay" -ldl
library linux-aarch64/libelegans.so -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
  -DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc
mkdir "$work/neon" "$work/sve256"
programs aarch64-linux-gnu-gcc neon .so "$work/neon" &
neon=$!
programs aarch64-linux-gnu-gcc sve256 .so "$work/sve256"
wait $neon

step "the library needs nothing but the C library, and exports nothing but elegans_*"
if readelf -d "$library" | grep NEEDED | grep -vqE 'libc\.so|ld-linux'; then
  readelf -d "$library" | grep NEEDED
  exit 1
fi
if readelf --dyn-syms -W "$library" | awk '$7 != "UND" && $5 != "LOCAL" && NR > 3 { print $8 }' | grep -v '^elegans_'; then
  exit 1
fi

emulated() { # TIER CPU
  replay "$1" "$library" "$work/$1/programs.so" qemu-aarch64 -L /usr/aarch64-linux-gnu -cpu "$2" "$work/replay"
}

step "emulated"
emulated neon cortex-a72 &
neon=$!
emulated sve256 max,sve-default-vector-length=32
wait $neon

step "a CPU without vectors of 256 bits is not asked to compute with them"
for cpu in cortex-a72 max,sve-default-vector-length=16 max,sve-default-vector-length=64; do
  if emulated sve256 "$cpu" > "$work/refusal.txt" 2>&1 || ! grep -q 'does not run the tier sve256' "$work/refusal.txt"; then
    cat "$work/refusal.txt"
    exit 1
  fi
done

step "done"
