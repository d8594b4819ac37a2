#!/bin/sh
# build-library.sh FOLDER SMALL: builds the C library into META-INF/native of the folder, with the programs that it has:
# for this machine and, where Debian's cross compiler is there, for aarch64. If SMALL is true, for this machine only and
# without the programs. Without CMake or a C compiler it says so and succeeds: the vector backend serves then.
set -eu
# As CMake names them: without symbolic links.
sources=$(cd "$(dirname "$0")" && pwd -P)/src/main/c
os=$(uname -s | tr '[:upper:]' '[:lower:]')
arch=$(uname -m)
cross=aarch64-linux-gnu-gcc

for tool in cmake "${CC:-cc}"; do
  command -v "$tool" >/dev/null && continue
  echo "[WARNING] no $tool: building without the native backend; install CMake and a C compiler to have it" >&2
  exit 0
done

# What CMake remembers of an entry in a folder.
remembered() {
  sed -n "s/^$2:[A-Z]*=//p" "$1/CMakeCache.txt"
}

# library FOLDER PLATFORM FLAG…: what CMake makes in a folder, for a platform
library() {
  build=$1
  target=$2
  shift 2
  # CMake refuses what it made where the sources or the folder had another name: in a clone that was moved or copied.
  if [ -f "$build/CMakeCache.txt" ] && { [ "$(remembered "$build" CMAKE_HOME_DIRECTORY)" != "$sources" ] \
    || [ "$(remembered "$build" CMAKE_CACHEFILE_DIR)" != "$build" ]; }; then
    echo "[INFO] the build folder was made elsewhere: starting afresh in $build"
    rm -rf "$build"
  fi
  mkdir -p "$build" "$target"
  configure() { cmake -S "$sources" -B "$build" "$@"; }
  # What it remembers may be wrong in other ways: a compiler that was upgraded or is gone.
  { configure "$@" || { rm -rf "$build"/CMakeCache.txt "$build"/CMakeFiles && configure "$@"; }; } > "$build/build.log" 2>&1 \
    && cmake --build "$build" --parallel 2 >> "$build/build.log" 2>&1 || {
    cat "$build/build.log" >&2
    exit 1
  }
  # In one step, so that nobody ever loads half a library.
  cp "$build"/libelegans.so "$target"/libelegans.so.new
  mv "$target"/libelegans.so.new "$target"/libelegans.so
}

mkdir -p "$1"
folder=$(cd "$1" && pwd -P)
programs=-DELEGANS_PROGRAMS=$([ "$2" = true ] || printf %s "$folder/programs")
native=$folder/classes/META-INF/native
case $arch in
  x86_64 | aarch64)
    library "$folder/cmake" "$native/$os-$arch" "$programs"
    echo "[INFO] built the C library for $os-$arch"
    ;;
  *)
    echo "[WARNING] no C kernels for $arch yet: building without the native backend" >&2
    ;;
esac
if [ "$2" = true ] || [ "$arch" = aarch64 ]; then
  exit 0
fi
if command -v $cross >/dev/null; then
  library "$folder/cmake-aarch64" "$native/linux-aarch64" "$programs" \
    -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_C_COMPILER=$cross
  echo "[INFO] built the C library for linux-aarch64 with $cross"
else
  echo "[INFO] no $cross: not built for linux-aarch64"
fi
