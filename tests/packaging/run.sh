#!/usr/bin/env bash
# Installs libehlo, static and shared, and uses it in each way that the README names: find_package,
# pkg-config, add_subdirectory, and the bare sources. Then looks at the symbols of both libraries.
# CC chooses the compiler.
# SPDX-License-Identifier: MIT
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/tests/packaging
CC=${CC:-cc}
CMAKE=${CMAKE:-cmake}
command -v "$CC" >/dev/null || { echo "skipped: no $CC"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

part() { echo "$1: $2"; }
fail() { echo "FAILED: $*" >&2; exit 1; }

# Shows the output of a command only if it fails.
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "$1 $2 ..."; }; }

define() { sed -n "s/^#define $1  *//p" "$root/include/ehlo/version.h"; }
version=$(define EHLO_VERSION_MAJOR).$(define EHLO_VERSION_MINOR).$(define EHLO_VERSION_PATCH)
[ "\"$version\"" = "$(define EHLO_VERSION)" ] || fail "version.h contradicts itself"
soversion=${version%.*}
[ "${version%%.*}" = 0 ] || soversion=${version%%.*}

configure() { quietly "$CMAKE" -DCMAKE_C_COMPILER="$CC" "$@"; }

# A consumer must run and tell the version.
try() {
    local told
    told=$(LD_LIBRARY_PATH=${LD_LIBRARY_PATH:-}:$prefix/lib "$1" 2>"$work/log") ||
        { cat "$work/log" >&2; fail "$1 does not run"; }
    [ "$told" = "$version" ] || fail "$1 tells version $told"
}

# Installs to a prefix that was not configured, then moves it: nothing may depend on its place.
install_library() {
    configure -S "$root" -B "$work/$kind" -DBUILD_SHARED_LIBS="$shared" -DEHLO_BUILD_TESTS=OFF \
        -DEHLO_BUILD_EXAMPLES=OFF -DCMAKE_INSTALL_LIBDIR=lib
    quietly "$CMAKE" --build "$work/$kind" -j 4
    quietly "$CMAKE" --install "$work/$kind" --prefix "$work/first-$kind"
    mv "$work/first-$kind" "$prefix"
}

check_files() {
    local library=libehlo.a
    [ "$kind" = static ] || library="libehlo.so libehlo.so.$soversion libehlo.so.$version"
    diff <(cd "$prefix" && find . -not -type d | sort) - <<LIST || fail "installed files ($kind)"
$({
    (cd "$root" && printf './%s\n' include/ehlo/*.h)
    printf './lib/%s\n' $library cmake/ehlo/ehloConfig.cmake cmake/ehlo/ehloConfigVersion.cmake \
        cmake/ehlo/ehloConfig-relwithdebinfo.cmake pkgconfig/ehlo.pc
    printf './share/doc/ehlo/%s\n' LICENSE README.md transcripts.md
} | sort)
LIST
}

use_find_package() {
    configure -S "$here/consumer" -B "$work/find-$kind" -DCMAKE_PREFIX_PATH="$prefix" \
        -DEHLO_VERSION="$version"
    quietly "$CMAKE" --build "$work/find-$kind"
    try "$work/find-$kind/consumer"
    ! "$CMAKE" -S "$here/consumer" -B "$work/newer" -DCMAKE_PREFIX_PATH="$prefix" \
        -DEHLO_VERSION=999.0 >/dev/null 2>&1 || fail "find_package takes any version"
}

use_pkg_config() {
    local flags
    command -v pkg-config >/dev/null || { part "$kind" "no pkg-config, left out"; return; }
    export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
    [ "$(pkg-config --modversion ehlo)" = "$version" ] || fail "version of ehlo.pc"
    flags=$(pkg-config --cflags --libs ehlo)
    # shellcheck disable=SC2086
    quietly "$CC" -std=c11 "$here/consumer/consumer.c" -o "$work/pc-$kind" $flags
    try "$work/pc-$kind"
}

use_subdirectory() {
    local build=$work/sub-$kind
    configure -S "$here/consumer" -B "$build" -DEHLO_SOURCE="$root" -DBUILD_SHARED_LIBS="$shared"
    quietly "$CMAKE" --build "$build" -j 4
    try "$build/consumer"
    [ ! -e "$build/ehlo/tests" ] && [ ! -e "$build/ehlo/examples" ] ||
        fail "a subdirectory brings its tests or examples along"
}

use_sources() {
    quietly "$CC" -std=c11 -O1 -I"$root/include" -I"$root/lib" "$root"/lib/*/*.c \
        "$here/consumer/consumer.c" -o "$work/sources"
    try "$work/sources"
}

for kind in static shared; do
    shared=OFF
    [ $kind = static ] || shared=ON
    prefix=$work/prefix-$kind
    part $kind install
    install_library
    check_files
    part $kind find_package
    use_find_package
    part $kind pkg-config
    use_pkg_config
    part $kind add_subdirectory
    use_subdirectory
done
part sources "all in one command"
use_sources

part shared SONAME
objdump -p "$work/prefix-shared/lib/libehlo.so" | grep -qx " *SONAME *libehlo.so.$soversion" ||
    fail "SONAME is not libehlo.so.$soversion"
"$here/symbols.sh" "$work/prefix-static/lib/libehlo.a" "$work/prefix-shared/lib/libehlo.so"
