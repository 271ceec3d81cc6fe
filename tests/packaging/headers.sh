#!/usr/bin/env bash
# Each public header compiles alone and twice, as C11 and as C++, without a warning; each internal
# header compiles alone.
# SPDX-License-Identifier: MIT
set -euo pipefail

cd "$(dirname "$0")/../.."
status=0

# compile <header> <compiler> <flags...>
compile() {
    local header=$1 compiler=$2
    shift 2
    command -v "$compiler" >/dev/null || return 0
    printf '#include "%s"\n#include "%s"\ntypedef int one_declaration;\n' "$header" "$header" |
        "$compiler" "$@" -Iinclude -Wall -Wextra -Wundef -pedantic -Werror -fsyntax-only - ||
        { echo "FAILED: $header with $compiler $*"; status=1; }
}

for path in include/ehlo/*.h; do
    header=${path#include/}
    compile "$header" gcc -x c -std=c11 -Wstrict-prototypes
    compile "$header" clang -x c -std=c11 -Wstrict-prototypes
    compile "$header" g++ -x c++ -std=c++11
    compile "$header" clang++ -x c++ -std=c++11
done
for path in lib/*/*.h; do
    compile "${path#lib/}" gcc -x c -std=c11 -Ilib
    compile "${path#lib/}" clang -x c -std=c11 -Ilib
done
exit $status
