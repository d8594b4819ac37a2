#!/usr/bin/env bash
# Checks the library for aarch64 where there is none: every call that the contract's tests make on this machine, and programs
# compiled for it, again in an emulator, bit for bit. "verify-aarch64.sh all" takes all shapes and more programs.
set -euo pipefail
cd "$(dirname "$0")"

need=()
for tool in mvn cmake cc aarch64-linux-gnu-gcc qemu-aarch64; do
  command -v "$tool" > /dev/null || need+=("$tool")
done
if [ ${#need[@]} -gt 0 ]; then
  echo "verify-aarch64: missing ${need[*]}; Debian has gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user" >&2
  exit 1
fi
if [ "$(uname -m)" != x86_64 ]; then
  echo "verify-aarch64: for x86-64 only; \"mvn verify\" tests the library of the machine that it runs on" >&2
  exit 1
fi
case ${1:-some} in
  some) shapes=(-Delegans.test.small=true -Delegans.vectors.programs=40) ;;
  all) shapes=(-Delegans.vectors.programs=1000) ;;
  *) echo "usage: verify-aarch64.sh [all]" >&2; exit 1 ;;
esac
step() { printf '== %s (%ds)\n' "$1" "$SECONDS"; }

work=$PWD/target/aarch64
libraries=$PWD/target/classes/META-INF/native
rm -rf "$work"
mkdir -p "$work"
c=(-std=gnu11 -O2 -Wall -Wextra -Wno-unused-function -Isrc/main/c/include -Isrc/main/c/kernels)

step "record the calls of the contract's tests"
cc "${c[@]}" -fPIC -shared -fvisibility=hidden -pthread src/test/c/record.c -o "$work/librecord.so" -ldl
tests=NativeMathContractTest,NativeDenseContractTest,NativeCfcContractTest,NativeRecurrentContractTest
tests=$tests,NativeModelContractTest,NativeTapeTest,ProgramVectors
(
  cd ..
  export ELEGANS_LIBRARY=$libraries/linux-x86_64/libelegans.so ELEGANS_CALLS=$work/calls.bin
  mvn -q -B -ntp -pl native -am -Dtest=$tests -Dsurefire.failIfNoSpecifiedTests=false -Delegans.test.seed=1 \
    -Delegans.native.path="$work/librecord.so" -Delegans.vectors="$work" "${shapes[@]}" verify
)
ls -l "$work"/*.bin

step "compile"
cc "${c[@]}" src/test/c/replay.c -o "$work/replay-x86_64" -ldl
aarch64-linux-gnu-gcc "${c[@]}" src/test/c/replay.c -o "$work/replay-aarch64" -ldl
compile() { # COMPILER TIER
  mkdir "$work/$2"
  for file in "$work"/*.c; do
    $1 "@$work/$2.flags" -c "$file" -o "$work/$2/$(basename "$file" .c).o"
  done
  $1 -shared "$work/$2"/*.o -o "$work/$2/libprograms.so"
}
compile cc v3
compile aarch64-linux-gnu-gcc neon &
compile aarch64-linux-gnu-gcc sve256
wait $!

# replay TIER LIBRARY PROGRAM…: the program runs it all
replay() {
  local tier=$1 library=$libraries/$2/libelegans.so
  shift 2
  "$@" "$library" "$tier" "$work/calls.bin" "$work/programs.bin" "$work/$tier/libprograms.so"
}
emulated=(qemu-aarch64 -L /usr/aarch64-linux-gnu -cpu)

step "where they were recorded, and with every result spoiled"
replay v3 linux-x86_64 "$work/replay-x86_64"
replay v3 linux-x86_64 "$work/replay-x86_64" --spoil

step "emulated"
replay neon linux-aarch64 "${emulated[@]}" cortex-a72 "$work/replay-aarch64" &
neon=$!
replay sve256 linux-aarch64 "${emulated[@]}" max,sve-default-vector-length=32 "$work/replay-aarch64"
wait $neon

step "a CPU without vectors of 256 bits is not asked to compute with them"
for cpu in cortex-a72 max,sve-default-vector-length=16 max,sve-default-vector-length=64; do
  if replay sve256 linux-aarch64 "${emulated[@]}" "$cpu" "$work/replay-aarch64" > "$work/refusal.txt" 2>&1 \
      || ! grep -q 'does not run the tier sve256' "$work/refusal.txt"; then
    cat "$work/refusal.txt"
    exit 1
  fi
done

step "done"
