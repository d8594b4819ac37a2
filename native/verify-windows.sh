#!/usr/bin/env bash
# Checks the kernels for Windows where there is none: the calls that the contract's tests make on this machine, and programs
# compiled for it, again in Wine, which runs programs for Windows on this processor, bit for bit.
#
# verify-windows.sh      a part of the calls and of the programs; the library for this machine must have been built
# verify-windows.sh all  all shapes, more programs, and the library as it is in the jar, with the catalogue's
. "$(dirname "$0")/replay.sh"

gcc=x86_64-w64-mingw32-gcc
begin windows "${1:-some}" "gcc-mingw-w64-x86-64 and wine64" $gcc x86_64-w64-mingw32-objdump wine
record

step "compile"
# The libraries' own printf knows %lld.
$gcc "${c[@]}" -D__USE_MINGW_ANSI_STDIO=1 src/test/c/replay.c -o "$work/replay.exe"
library windows-x86_64/elegans.dll -DCMAKE_SYSTEM_NAME=Windows -DCMAKE_SYSTEM_PROCESSOR=x86_64 -DCMAKE_C_COMPILER=$gcc
mkdir "$work/v3" "$work/v4"
programs $gcc v3 .dll "$work/v3" &
v3=$!
programs $gcc v4 .dll "$work/v4"
wait $v3

step "the libraries need nothing but what is part of Windows, export nothing but elegans_*, and take no stack to be aligned"
for dll in "$library" "$work"/v[34]/programs.dll; do
  x86_64-w64-mingw32-objdump -p "$dll" > "$work/headers.txt"
  if sed -n 's/.*DLL Name: //p' "$work/headers.txt" | grep -ivE '^(kernel32|msvcrt)\.dll$'; then
    exit 1
  fi
  awk '/Ordinal\/Name Pointer/ { on = 1; next } /^$/ { on = 0 } on { print $NF }' "$work/headers.txt" > "$work/exports.txt"
  if ! grep -q '^elegans_' "$work/exports.txt" || grep -v '^elegans_' "$work/exports.txt"; then
    cat "$work/exports.txt"
    exit 1
  fi
  if x86_64-w64-mingw32-objdump -d --no-show-raw-insn "$dll" | grep -E 'vmov(ap[sd]|dqa(32|64)?)\s.*\(.*%[yz]mm|vmov(ap[sd]|dqa(32|64)?)\s.*%[yz]mm.*\('; then
    exit 1
  fi
done

# Of its own, without windows and without what it says about a display.
export WINEPREFIX=$work/wine WINEDEBUG=-all
in_wine() { # TIER FLAG…
  replay "$1" "$library" "$work/$1/programs.dll" wine "$work/replay.exe" "${@:2}"
}

tiers=(v3)
if grep -q avx512dq /proc/cpuinfo; then
  tiers+=(v4)
else
  echo "v4 is not run: this processor lacks it"
fi

step "in Wine"
for tier in "${tiers[@]}"; do in_wine "$tier"; done

step "with every result spoiled"
for tier in "${tiers[@]}"; do in_wine "$tier" --spoil; done
wineserver -w

step "done"
