#!/usr/bin/env bash
# Shows libehlo at work: builds the examples, starts smtpd on 127.0.0.1 with its dialogues on the
# terminal, and sends it a message.
#
#   examples/run.sh          leaves the server running until Ctrl-C
#   examples/run.sh --demo   ends when the message has arrived
#
# EHLO_PORT is the port (2525; 0 picks a free one), BUILD_DIR where to build (build-examples). As
# root on Debian it installs a compiler and cmake if they are missing.
# SPDX-License-Identifier: MIT
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD_DIR:-$root/build-examples}
port=${EHLO_PORT:-2525}
mail=$build/mail
demo=no
case ${1:-} in
'') ;;
--demo) demo=yes ;;
*) echo "usage: $0 [--demo]" >&2; exit 2 ;;
esac

say() { printf '\n%s\n' "$*"; }
die() { echo "$*" >&2; exit 1; }

# ---- building ----

have_tools() { command -v cc && command -v make && command -v cmake; } >/dev/null

get_tools() {
    have_tools && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Installing a compiler and cmake"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc \
            libc6-dev make cmake >/dev/null
    fi
    have_tools || die "A C compiler, make and cmake are needed; please install them."
}

build_examples() {
    say "Building the examples in $build"
    mkdir -p "$build"
    {
        cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DEHLO_BUILD_TESTS=OFF \
            -DEHLO_BUILD_EXAMPLES=ON && cmake --build "$build" -j
    } >"$build/build.log" 2>&1 || { cat "$build/build.log" >&2; die "This does not build."; }
}

# ---- the server ----

server=
stop_server() {
    [ -n "$server" ] || return 0
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
}
trap stop_server EXIT
trap 'exit 0' INT TERM

start_server() {
    local listening=$build/listening
    say "Starting smtpd; it shows what is said: C: the client, S: the server"
    : >"$listening"
    "$build/examples/smtpd" --listen "127.0.0.1:$port" --hostname mx.example.com \
        --domain example.com --maildir "$mail" --trace >"$listening" &
    server=$!
    until grep -q '^listening on' "$listening"; do
        kill -0 "$server" 2>/dev/null ||
            die "smtpd cannot start. EHLO_PORT=2626 $0 uses another port."
        sleep 0.05
    done
    port=$(sed -n 's/^listening on .*://p' "$listening")
}

# ---- a client ----

# expect <code>: reads a reply, all its lines.
expect() {
    local line
    while IFS= read -r -t 20 line <&3; do
        [[ $line != ???-* ]] || continue
        [[ $line == "$1"* ]] || die "The server says: $line"
        return 0
    done
    die "The server does not answer."
}

# tell <code> <line>: sends a line; the reply must have this code.
tell() {
    printf '%s\r\n' "$2" >&3
    expect "$1"
}

send_message() {
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    expect 220
    tell 250 "EHLO client.example.net"
    tell 250 "MAIL FROM:<alice@example.net>"
    tell 250 "RCPT TO:<bob@example.com>"
    tell 354 "DATA"
    printf '%s\r\n' "From: Alice <alice@example.net>" "To: Bob <bob@example.com>" \
        "Date: $(LC_ALL=C date '+%a, %d %b %Y %H:%M:%S %z')" "Message-ID: <$$.$RANDOM@example.net>" \
        "Subject: Hello" "" "Hello Bob," "this is the first message." >&3
    tell 250 "."
    tell 221 "QUIT"
    exec 3>&-
}

show_message() {
    local files file
    files=("$mail"/*/new/*)
    [ -e "${files[0]}" ] || die "There is no message in $mail."
    # shellcheck disable=SC2012
    file=$(ls -t "${files[@]}" | head -n 1)
    say "The message has arrived: $file"
    sed 's/^/    /' "$file"
}

get_tools
build_examples
start_server
send_message
show_message
[ $demo = no ] || exit 0
say "smtpd goes on listening on 127.0.0.1 port $port, for any address @example.com. Try

    curl smtp://127.0.0.1:$port --mail-from you@example.net --mail-rcpt bob@example.com -T FILE

Messages go to $mail. Ctrl-C ends it."
wait "$server"
