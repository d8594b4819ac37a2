#!/usr/bin/env bash
# Checks the kernels for aarch64 where there is none: the calls that the contract's tests make on this machine, and programs
# compiled for it, again in an emulator, bit for bit.
#
# verify-aarch64.sh      a part of the calls and of the programs; the library for this machine must have been built
# verify-aarch64.sh all  all shapes, more programs, and the library as it is in the jar, with the catalogue's
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
work=$PWD/target/aarch64
libraries=$PWD/target/classes/META-INF/native
x86=$libraries/linux-x86_64/libelegans.so
# All kernels' contracts. Gradients and trainings of networks, equations and wrong calls have no kernels of their own.
tests=Native*ContractTest,NativeTapeTest
tests=$tests,!NativeGradientContractTest,!NativeTrainingContractTest,!NativeOdeContractTest,!NativeBorderContractTest
case ${1:-some} in
  some)
    [ -e "$x86" ] || { echo "verify-aarch64: there is no $x86: run \"mvn verify\" first" >&2; exit 1; }
    aarch64=$work/cmake/libelegans.so
    tests=$tests,!NativeModelContractTest
    options=(-Dnative.skip -Delegans.test.small=true -Delegans.vectors.programs=20
      -Delegans.vectors.systems=lorenz,hodgkin-huxley)
    ;;
  all)
    aarch64=$libraries/linux-aarch64/libelegans.so
    options=(-Delegans.vectors.programs=1000)
    ;;
  *)
    echo "usage: verify-aarch64.sh [all]" >&2
    exit 1
    ;;
esac
step() { printf '== %s (%ds)\n' "$1" "$SECONDS"; }

rm -rf "$work"
mkdir -p "$work"
c=(-std=gnu11 -O2 -Wall -Wextra -Wno-unused-function -Isrc/main/c/include -Isrc/main/c/kernels)

step "record the calls of the contract's tests"
cc "${c[@]}" -fPIC -shared -fvisibility=hidden -pthread src/test/c/record.c -o "$work/librecord.so" -ldl
(
  cd ..
  export ELEGANS_LIBRARY=$x86 ELEGANS_CALLS=$work/calls.bin
  # One JVM: the calls go to one file.
  mvn -q -B -ntp -pl native -am -Dtest.forks=1 -Dtest="$tests,ProgramVectors" -Dsurefire.failIfNoSpecifiedTests=false \
    -Delegans.test.seed=1 -Delegans.native.path="$work/librecord.so" -Delegans.vectors="$work" "${options[@]}" verify
)
ls -l "$work"/*.bin

step "compile"
cc "${c[@]}" src/test/c/replay.c -o "$work/replay-x86_64" -ldl
aarch64-linux-gnu-gcc "${c[@]}" src/test/c/replay.c -o "$work/replay-aarch64" -ldl
if [ ! -e "$aarch64" ]; then
  { cmake -S src/main/c -B "$work/cmake" -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
    -DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc && cmake --build "$work/cmake" --parallel 2; } > "$work/build.log" 2>&1 \
    || { cat "$work/build.log"; exit 1; }
fi
programs() { # COMPILER TIER
  mkdir "$work/$2"
  for file in "$work"/*.c; do
    $1 "@$work/$2.flags" -c "$file" -o "$work/$2/$(basename "$file" .c).o"
  done
  $1 -shared "$work/$2"/*.o -o "$work/$2/libprograms.so"
}
programs aarch64-linux-gnu-gcc neon &
neon=$!
programs cc v3
programs aarch64-linux-gnu-gcc sve256
wait $neon

step "the library needs nothing but the C library, and exports nothing but elegans_*"
if readelf -d "$aarch64" | grep NEEDED | grep -vqE 'libc\.so|ld-linux'; then
  readelf -d "$aarch64" | grep NEEDED
  exit 1
fi
if readelf --dyn-syms -W "$aarch64" | awk '$7 != "UND" && $5 != "LOCAL" && NR > 3 { print $8 }' | grep -v '^elegans_'; then
  exit 1
fi

# replay TIER LIBRARY PROGRAM…: the program makes the calls and runs the programs
replay() {
  local tier=$1 library=$2
  shift 2
  "$@" "$library" "$tier" "$work/calls.bin" "$work/programs.bin" "$work/$tier/libprograms.so"
}
emulated=(qemu-aarch64 -L /usr/aarch64-linux-gnu -cpu)

step "where they were recorded, and with every result spoiled"
replay v3 "$x86" "$work/replay-x86_64"
replay v3 "$x86" "$work/replay-x86_64" --spoil

step "emulated"
replay neon "$aarch64" "${emulated[@]}" cortex-a72 "$work/replay-aarch64" &
neon=$!
replay sve256 "$aarch64" "${emulated[@]}" max,sve-default-vector-length=32 "$work/replay-aarch64"
wait $neon

step "a CPU without vectors of 256 bits is not asked to compute with them"
for cpu in cortex-a72 max,sve-default-vector-length=16 max,sve-default-vector-length=64; do
  if replay sve256 "$aarch64" "${emulated[@]}" "$cpu" "$work/replay-aarch64" > "$work/refusal.txt" 2>&1 \
      || ! grep -q 'does not run the tier sve256' "$work/refusal.txt"; then
    cat "$work/refusal.txt"
    exit 1
  fi
done

step "done"
