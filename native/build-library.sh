#!/bin/sh
# Builds the C library into META-INF/native of the folder given, with the programs that it has. Without CMake or a C compiler it says so and succeeds:
# the vector backend serves then.
set -eu
sources=$(cd "$(dirname "$0")" && pwd)/src/main/c
build=$1/cmake
os=$(uname -s | tr '[:upper:]' '[:lower:]')
arch=$(uname -m)
target=$1/classes/META-INF/native/$os-$arch

for tool in cmake "${CC:-cc}"; do
  command -v "$tool" >/dev/null && continue
  echo "[WARNING] no $tool: building without the native backend; install CMake and a C compiler to have it" >&2
  exit 0
done
case $arch in
  x86_64) ;;
  *)
    echo "[WARNING] no C kernels for $arch yet: building without the native backend" >&2
    exit 0
    ;;
esac
mkdir -p "$build" "$target"
{ cmake -S "$sources" -B "$build" -DELEGANS_PROGRAMS="$1/programs" && cmake --build "$build" --parallel 2; } > "$build/build.log" 2>&1 || {
  cat "$build/build.log" >&2
  exit 1
}
# In one step, so that nobody ever loads half a library.
cp "$build"/libelegans.so "$target"/libelegans.so.new
mv "$target"/libelegans.so.new "$target"/libelegans.so
