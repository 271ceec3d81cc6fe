#!/usr/bin/env bash
# Runs all tests of libehlo: builds it with gcc and with clang, plain and with AddressSanitizer and
# UBSan, and runs CTest in each of the four trees. Tests that one tree is enough for (label `once`)
# run in the first. The last line tells how many test programs passed and failed, over all trees.
#
#   tests/run.sh            everything
#   tests/run.sh --quick    the plain gcc tree only, rebuilt where needed, without the slow tests
#
# As root on Debian it installs what is missing; elsewhere it names it, and goes on without it where
# it can. BUILD_DIR says where to build (build-tests).
# SPDX-License-Identifier: MIT
set -uo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD_DIR:-$root/build-tests}
jobs=$(nproc 2>/dev/null || echo 4)
quick=no
case ${1:-} in
'') ;;
--quick) quick=yes build=$build-quick ;;
*) echo "usage: $0 [--quick]" >&2; exit 2 ;;
esac
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

# ---- what the tests need ----

network=unknown
can_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    if [ $network = unknown ]; then
        network=no
        apt-get update -qq && network=yes
    fi
    [ $network = yes ]
}

# need <package> <command...>: the command tells whether what the package brings is there.
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 && return
    can_install && echo "installing $package" &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" \
            >/dev/null && "$@" >/dev/null 2>&1 && return
    echo "missing: $package"
    return 1
}

need_program() { need "$1" command -v "$1"; }
has_header() { printf '#include <%s>\n' stdarg.h stddef.h stdint.h setjmp.h "$2" | "$1" -E -; }
has_cffi() { python3 -c 'import cffi' || /usr/bin/python3 -c 'import cffi'; }
can_sanitize() {
    echo 'int main(void) { return 0; }' | "$1" -fsanitize=address,undefined -x c -o "$build/probe" -
}

get_tools() {
    local compiler package ready=yes
    compilers=()
    need_program gcc && compilers+=(gcc)
    [ $quick = no ] && need_program clang && compilers+=(clang)
    compiler=${compilers[0]:-cc}
    need libc6-dev has_header "$compiler" string.h || ready=no
    need_program make || ready=no
    need_program cmake || ready=no
    need libcmocka-dev has_header "$compiler" cmocka.h || ready=no
    if [ ${#compilers[@]} = 0 ] || [ $ready = no ]; then
        echo "Install a C compiler, make, cmake and cmocka first."
        exit 1
    fi
    [ $quick = no ] || return
    for package in g++ pkg-config clang-format clang-tidy cppcheck valgrind curl swaks msmtp \
        openssl python3; do
        need_program $package
    done
    need python3-cffi has_cffi
    need libnet-ssleay-perl perl -MNet::SSLeay -e 1
    need libmail-srs-perl perl -MMail::SRS -e 1
    need python3-milter /usr/bin/python3 -c 'import Milter'
    need libssl-dev has_header "$compiler" openssl/ssl.h
    need chromium-headless-shell sh -c 'command -v chromium-headless-shell || command -v chromium'
    need libgsasl-dev has_header "$compiler" gsasl.h
    need libc-ares-dev has_header "$compiler" ares.h
    get_servers
}

get_servers() {
    if can_install && bash "$root/tests/interop/unpack.sh" "$build/unpacked"; then
        EHLO_UNPACKED=$(realpath "$build/unpacked")
        export EHLO_UNPACKED
        return
    fi
    echo "missing: Postfix, Exim, HAProxy, nginx, nsd, clamd, spamd, rspamd and opendkim, unpacked"
}

# ---- trees ----

# make_tree <name> <compiler> <sanitize>
make_tree() {
    cmake -S "$root" -B "$build/$1" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_COMPILER="$2" \
        -DEHLO_SANITIZE="$3" -DEHLO_WERROR=ON && cmake --build "$build/$1" -j "$jobs" &&
        touch "$build/$1.built"
}

make_trees() {
    local compiler runtime
    trees=()
    for compiler in "${compilers[@]}"; do
        trees+=("$compiler")
        make_tree "$compiler" "$compiler" OFF >"$build/$compiler.log" 2>&1 &
        [ $quick = no ] || continue
        runtime=libgcc-$("$compiler" -dumpversion | cut -d. -f1)-dev
        [ "$compiler" = gcc ] || runtime=libclang-rt-${runtime#libgcc-}
        need "$runtime" can_sanitize "$compiler" || continue
        trees+=("$compiler-sanitize")
        make_tree "$compiler-sanitize" "$compiler" ON >"$build/$compiler-sanitize.log" 2>&1 &
    done
    echo "building: ${trees[*]}"
    wait
}

# test_tree <name> <arguments of ctest...>
test_tree() {
    local name=$1
    shift
    [ -e "$build/$name.built" ] || return
    (cd "$build/$name" && ctest --output-on-failure --no-tests=error -j "$jobs" "$@") \
        >"$build/$name.log" 2>&1
}

test_trees() {
    local tree
    echo "testing: ${trees[*]:1} ${trees[0]}"
    for tree in "${trees[@]:1}"; do
        test_tree "$tree" -LE once &
    done
    wait
    # The first comes alone, so that nothing disturbs what it measures.
    if [ $quick = yes ]; then
        test_tree "${trees[0]}" -LE once
    else
        test_tree "${trees[0]}"
    fi
}

# ---- the result ----

# Adds the result of one tree to passed, failed and skipped, and shows its log.
report_tree() {
    local log=$build/$1.log summary total bad left_out
    printf '\n=== %s\n' "$1"
    cat "$log"
    # "97% tests passed, 1 tests failed out of 40"; what was skipped counts as passed there
    summary=$(grep -E '^[0-9]+% tests passed' "$log" || true)
    if [ -z "$summary" ]; then
        summaries+=("$(printf '%-16s does not build' "$1:")")
        failed=$((failed + 1))
        return
    fi
    read -r _ _ _ bad _ _ _ _ total <<<"$summary"
    left_out=$(grep -cE '^[[:space:]]+[0-9]+ - .* \(Skipped\)' "$log")
    passed=$((passed + total - bad - left_out))
    failed=$((failed + bad))
    skipped=$((skipped + left_out))
    summaries+=("$(printf '%-16s %s' "$1:" "$summary")")
}

# The table of the 50 replies; its fault is the run's, also where CTest did not look at it.
report_replies() {
    command -v python3 >/dev/null || return
    printf '\n=== replies\n'
    python3 "$root/tests/tables/check_replies.py" || [ $failed != 0 ] || failed=1
}

[ $quick = yes ] || rm -rf "$build"
mkdir -p "$build"
rm -f "$build"/*.built
get_tools
make_trees
test_trees

passed=0 failed=0 skipped=0 summaries=()
for tree in "${trees[@]}"; do
    report_tree "$tree"
done
report_replies
printf '\n'
printf '%s\n' "${summaries[@]}"
[ $skipped = 0 ] || echo "$skipped skipped: a tool they need is missing"
printf '%d s\n\n%d passed, %d failed\n' $SECONDS $passed $failed
[ $failed = 0 ]
