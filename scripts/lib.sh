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

# golden LABEL PLAYER...: each case of the golden transcript is a check.
golden() {
    local line ended=0
    while IFS= read -r line; do
        case $line in
            "ok "*) ok "golden: ${line#ok }" ;;
            "FAILED "*) not_ok "golden: ${line#FAILED }" ;;
            golden-*) ended=1 ;; # its counts
            *) echo "$line" ;;
        esac
    done < <(tests/golden/run "$@" 2>&1 || :)
    [ "$ended" = 1 ] || not_ok "golden: to the end"
}

tally() {
    printf '%s: %d passed, %d failed, %d skipped\n' "$1" "$passed" "$failed" "$skipped"
    exit "$((failed > 0))"
}

# own_apt DIRECTORY: from here on apt-get keeps its state in this directory. What it downloads is unpacked, not installed: that
# needs no root, starts no service and changes nothing elsewhere.
own_apt() {
    mkdir -p "$1"/{lists,cache/archives}/partial
    cat >"$1/apt.conf" <<END
Dir::State::lists "$1/lists";
Dir::Cache "$1/cache";
Debug::NoLocking "1";
APT::Sandbox::User "$(id -un)";
Acquire::Retries "3";
Acquire::Languages "none";
END
    export APT_CONFIG=$1/apt.conf
    apt-get -qq update
}

# ---- stages: commands that end in a tally of their own
failures=()
counts=': ([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$'

# stage NAME COMMAND...: counts what the command counted in its last line, `NAME: 3 passed, 0 failed, 1 skipped`. A command
# that counts nothing is one check itself; and a bad exit status, or nothing that passed, is a failure whatever was counted;
# but with may_skip=1 all may have been skipped. What it said is kept in reports/NAME.log, whole.
stage() {
    local name=$1 log=reports/$1.log start=$SECONDS bad=0 p=0 f=0 s=0
    shift
    mkdir -p reports
    heading "$name"
    "$@" </dev/null |& tee "$log" | { grep --line-buffered -vE '^test .* ok$|^running [0-9]+ tests?$|^$' || :; } || bad=1

    if [[ $(grep -E "$counts" "$log" | tail -1) =~ $counts ]]; then
        p=${BASH_REMATCH[1]} f=${BASH_REMATCH[2]} s=${BASH_REMATCH[3]}
    else
        p=$((1 - bad))
    fi
    local counted=$((p + s * ${may_skip:-0}))
    if [ "$f" = 0 ] && { [ "$bad" = 1 ] || [ "$counted" = 0 ]; }; then f=1; fi
    [ "$f" = 0 ] || failures+=("$name: $f failed, see $log")
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    echo "-- $name: $p passed, $f failed, $s skipped; $((SECONDS - start)) s"
}

tally_stages() {
    [ ${#failures[@]} = 0 ] || printf '%s\n' "${failures[@]}"
    tally "$1"
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
