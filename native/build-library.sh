#!/bin/sh
# build-library.sh FOLDER SMALL: builds the C library into META-INF/native of the folder, with the programs that it has:
# for this machine and, where Debian's cross compilers are there, for aarch64 and for Windows. If SMALL is true, for this
# machine only and without the programs. Without CMake or a C compiler it says so and succeeds: the vector backend serves
# then.
set -eu
# As CMake names them: without symbolic links.
sources=$(cd "$(dirname "$0")" && pwd -P)/src/main/c
os=$(uname -s | tr '[:upper:]' '[:lower:]')
arch=$(uname -m)

for tool in cmake "${CC:-cc}"; do
  command -v "$tool" >/dev/null && continue
  echo "[WARNING] no $tool: building without the native backend; install CMake and a C compiler to have it" >&2
  exit 0
done

# What CMake remembers of an entry in a folder.
remembered() {
  sed -n "s/^$2:[A-Z]*=//p" "$1/CMakeCache.txt"
}

# library FOLDER FILE FLAG…: what CMake makes in a folder, to a file
library() {
  build=$1
  target=$(dirname "$2")
  file=$(basename "$2")
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
  cp "$build/$file" "$target/$file.new"
  mv "$target/$file.new" "$target/$file"
}

mkdir -p "$1"
folder=$(cd "$1" && pwd -P)
programs=-DELEGANS_PROGRAMS=$([ "$2" = true ] || printf %s "$folder/programs")
native=$folder/classes/META-INF/native
case $os-$arch in
  linux-x86_64 | linux-aarch64)
    library "$folder/cmake" "$native/$os-$arch/libelegans.so" "$programs"
    echo "[INFO] built the C library for $os-$arch"
    ;;
  *)
    echo "[WARNING] no C kernels for $os-$arch yet: building without the native backend" >&2
    ;;
esac
if [ "$2" = true ]; then
  exit 0
fi

# cross PLATFORM FILE COMPILER FLAG…: the library for another platform, if there is a compiler for it
cross() {
  platform=$1
  file=$2
  compiler=$3
  shift 3
  if command -v "$compiler" >/dev/null; then
    library "$folder/cmake-$platform" "$native/$platform/$file" "$programs" -DCMAKE_C_COMPILER="$compiler" "$@"
    echo "[INFO] built the C library for $platform with $compiler"
  else
    echo "[INFO] no $compiler: not built for $platform"
  fi
}
[ "$arch" = aarch64 ] || cross linux-aarch64 libelegans.so aarch64-linux-gnu-gcc \
  -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64
cross windows-x86_64 elegans.dll x86_64-w64-mingw32-gcc -DCMAKE_SYSTEM_NAME=Windows -DCMAKE_SYSTEM_PROCESSOR=x86_64
