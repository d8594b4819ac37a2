#!/bin/sh
# Builds the C library into META-INF/native of the folder given, with the programs that it has: for this machine and, where
# Debian's cross compiler is there, for aarch64. Without CMake or a C compiler it says so and succeeds: the vector backend
# serves then.
set -eu
sources=$(cd "$(dirname "$0")" && pwd)/src/main/c
os=$(uname -s | tr '[:upper:]' '[:lower:]')
arch=$(uname -m)
cross=aarch64-linux-gnu-gcc

for tool in cmake "${CC:-cc}"; do
  command -v "$tool" >/dev/null && continue
  echo "[WARNING] no $tool: building without the native backend; install CMake and a C compiler to have it" >&2
  exit 0
done

# library FOLDER PLATFORM FLAG…: what CMake makes in a folder, for a platform
library() {
  build=$1
  target=$2
  shift 2
  mkdir -p "$build" "$target"
  { cmake -S "$sources" -B "$build" "$@" && cmake --build "$build" --parallel 2; } > "$build/build.log" 2>&1 || {
    cat "$build/build.log" >&2
    exit 1
  }
  # In one step, so that nobody ever loads half a library.
  cp "$build"/libelegans.so "$target"/libelegans.so.new
  mv "$target"/libelegans.so.new "$target"/libelegans.so
}

programs=-DELEGANS_PROGRAMS="$1/programs"
native=$1/classes/META-INF/native
case $arch in
  x86_64 | aarch64)
    library "$1/cmake" "$native/$os-$arch" "$programs"
    echo "[INFO] built the C library for $os-$arch"
    ;;
  *)
    echo "[WARNING] no C kernels for $arch yet: building without the native backend" >&2
    ;;
esac
if [ "$arch" != aarch64 ] && command -v $cross >/dev/null; then
  library "$1/cmake-aarch64" "$native/linux-aarch64" "$programs" \
    -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_C_COMPILER=$cross
  echo "[INFO] built the C library for linux-aarch64 with $cross"
elif [ "$arch" != aarch64 ]; then
  echo "[INFO] no $cross: not built for linux-aarch64"
fi
