# What verify-aarch64.sh and verify-windows.sh have in common, which read this file: to record the calls that the contract's
# tests make on this machine, and to make them again elsewhere, bit for bit.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

script=$(basename "$0" .sh)
libraries=$PWD/target/classes/META-INF/native
x86=$libraries/linux-x86_64/libelegans.so
c=(-std=gnu11 -O2 -Wall -Wextra -Wno-unused-function -Isrc/main/c/include -Isrc/main/c/kernels)
step() { printf '== %s (%ds)\n' "$1" "$SECONDS"; }

# begin NAME SOME PACKAGES TOOL…: makes the folder $work; SOME is "some" or "all"; PACKAGES tell where the tools are
begin() {
  local name=$1 need=() tool
  extent=$2
  case $extent in
    some | all) ;;
    *)
      echo "usage: $script.sh [all]" >&2
      exit 1
      ;;
  esac
  for tool in mvn cmake cc "${@:4}"; do
    command -v "$tool" > /dev/null || need+=("$tool")
  done
  if [ ${#need[@]} -gt 0 ]; then
    echo "$script: missing ${need[*]}; Debian has $3" >&2
    exit 1
  fi
  if [ "$(uname -m)" != x86_64 ]; then
    echo "$script: for x86-64 only; \"mvn verify\" tests the library of the machine that it runs on" >&2
    exit 1
  fi
  work=$PWD/target/$name
  recorded=$PWD/target/recorded-$extent
  rm -rf "$work"
  mkdir -p "$work"
}

# Records calls in calls.bin, and writes programs, in $recorded; unless that was done with what is here.
record() {
  if [ "$extent" = some ] && [ ! -e "$x86" ]; then
    echo "$script: there is no $x86: run \"mvn verify\" first" >&2
    exit 1
  fi
  if [ -e "$recorded/done" ] && [ -z "$(find ../*/src -newer "$recorded/done" -print -quit)" ]; then
    step "the calls of the contract's tests are recorded"
    return
  fi
  step "record the calls of the contract's tests"
  # All kernels' contracts. Gradients and trainings of networks, equations and wrong calls have no kernels of their own.
  local tests=Native*ContractTest,NativeTapeTest options
  tests=$tests,!NativeGradientContractTest,!NativeTrainingContractTest,!NativeOdeContractTest,!NativeBorderContractTest
  if [ "$extent" = some ]; then
    tests=$tests,!NativeModelContractTest
    options=(-Dnative.skip -Delegans.test.small=true -Delegans.vectors.programs=20
      -Delegans.vectors.systems=lorenz,hodgkin-huxley)
  else
    options=(-Delegans.vectors.programs=1000)
  fi
  rm -rf "$recorded"
  mkdir -p "$recorded"
  touch "$recorded/begun"
  cc "${c[@]}" -fPIC -shared -fvisibility=hidden -pthread src/test/c/record.c -o "$recorded/librecord.so" -ldl
  (
    cd ..
    export ELEGANS_LIBRARY=$x86 ELEGANS_CALLS=$recorded/calls.bin
    # One JVM: the calls go to one file.
    mvn -q -B -ntp -pl native -am -Dtest.forks=1 -Dtest="$tests,ProgramVectors" -Dsurefire.failIfNoSpecifiedTests=false \
      -Delegans.test.seed=1 -Delegans.native.path="$recorded/librecord.so" -Delegans.vectors="$recorded" "${options[@]}" \
      verify
  )
  cc "${c[@]}" src/test/c/replay.c -o "$recorded/replay" -ldl
  mkdir "$recorded/v3"
  programs cc v3 .so "$recorded/v3"
  ls -l "$recorded"/*.bin
  step "where they were recorded, and with every result spoiled"
  replay v3 "$x86" "$recorded/v3/programs.so" "$recorded/replay"
  replay v3 "$x86" "$recorded/v3/programs.so" "$recorded/replay" --spoil
  # With the time when it began.
  mv "$recorded/begun" "$recorded/done"
}

# library PLATFORM/FILE FLAG…: sets $library, that in the jar or, of some calls, one without the catalogue
library() {
  library=$libraries/$1
  if [ "$extent" = some ]; then
    library=$work/cmake/$(basename "$1")
    { cmake -S src/main/c -B "$work/cmake" "${@:2}" && cmake --build "$work/cmake" --parallel 2; } > "$work/build.log" 2>&1 \
      || { cat "$work/build.log"; exit 1; }
  elif [ ! -e "$library" ]; then
    echo "$script: there is no $library" >&2
    exit 1
  fi
}

# programs COMPILER TIER SUFFIX FOLDER: the recorded programs as a library in a folder
programs() {
  local file
  for file in "$recorded"/*.c; do
    $1 "@$recorded/$2$3.flags" -c "$file" -o "$4/$(basename "$file" .c).o"
  done
  $1 "@$recorded/$2$3.flags" -shared "$4"/*.o -o "$4/programs$3"
}

# replay TIER LIBRARY PROGRAMS PROGRAM…: the program makes the calls and runs the programs
replay() {
  "${@:4}" "$2" "$1" "$recorded/calls.bin" "$recorded/programs.bin" "$3"
}
