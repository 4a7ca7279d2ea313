# Sourced by the scripts beside it: where things are, how checks are counted, how a server is run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${HAWSER_BUILD_DIR:-$PWD/build}
export LC_ALL=C.UTF-8 # we read what tools print, and sort
unset MAKEFLAGS MFLAGS MAKELEVEL # what runs below is not part of the make that started us, nor of its job server

heading() { printf '\n== %s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# ---- checks: each prints one line and is counted; `tally` ends the script that made them
passed=0 failed=0 skipped=0
ok() { passed=$((passed + 1)); printf 'ok %s\n' "$1"; }
not_ok() { failed=$((failed + 1)); printf 'FAILED %s\n' "$1"; [ -z "${2:-}" ] || sed 's/^/    /' <<<"$2"; }

# check NAME COMMAND...: what the command says is shown only when it fails.
check() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "$output"; fi
}

# same NAME EXPECTED FOUND
same() {
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "$(diff <(echo "$2") <(echo "$3") || :)"; fi
}

# ran NAME STATUS TEXT COMMAND...: the command ends with STATUS and prints a line that begins with TEXT.
ran() {
    local name=$1 status=$2 text=$3 output found=0
    shift 3
    output=$(timeout -k 10 120 "$@" 2>&1) || found=$?
    if [ "$found" = "$status" ] && grep -q "^$text" <<<"$output"; then
        ok "$name"
    else
        not_ok "$name" "exit status $found, expected $status and a line that begins with '$text':"$'\n'"$output"
    fi
}

tally() {
    printf '%s: %d passed, %d failed, %d skipped\n' "$1" "$passed" "$failed" "$skipped"
    exit "$((failed > 0))"
}

# ---- neither a server nor the directory $scratch, if the script makes one, outlives the script
server='' scratch=''
clean_up() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || :
    [ -z "$scratch" ] || rm -rf "$scratch"
}
trap clean_up EXIT

# ---- a server that prints `listening on ADDRESS`
# serve COMMAND...: sets $server (the process) and $url. It ends with this script, or after an hour if nothing else helps.
serve() {
    local line=
    # --foreground: else timeout hands every signal on twice, and a second SIGTERM means "now".
    exec {server_output}< <(exec timeout --foreground -k 20 3600 "$@")
    server=$!
    IFS= read -r -t 60 -u "$server_output" line || :
    [[ $line == "listening on "* ]] || die "$1 does not say where it listens, but: ${line:-nothing}"
    url=ws://${line#listening on }/
}

# Asks the server to end and sets $server_status, its exit status.
stop_server() {
    server_status=0
    kill -TERM "$server" 2>/dev/null || : # if it has ended already, its status tells
    wait "$server" || server_status=$?
    server=
    exec {server_output}<&-
}
