# Sourced by the tests beside it: TAP, a work folder, programs that end with the test.
set -u
umask 077 # a file with a private key must be its owner's alone
: "${SAMTYKKE_BIN:?}" "${SAMTYKKE_ROOT:?}"
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
build=$(cd "$(dirname "$SAMTYKKE_BIN")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/samtykke-programs.XXXXXX") || exit 1
cases=0 bad=0 pids=() url=

finish() {
	local pid
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

# check NAME COMMAND…: passes when the command succeeds; what it prints is shown when it does not.
check() {
	local name=$1
	shift
	cases=$((cases + 1))
	if "$@" >"$work/check.out" 2>&1; then
		echo "ok $cases - $name"
		return 0
	fi
	bad=1
	echo "not ok $cases - $name"
	printf '%s\n' "$*" | cut -c 1-300 | sed 's/^/# /'
	tail -n 15 "$work/check.out" | sed 's/^/# /'
	return 1
}

# run COMMAND…: its exit status in $status, its output in $out and $err, as text; 120 seconds, of what hangs.
run() {
	timeout 120 "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	out=$(cat "$work/out") err=$(cat "$work/err")
}

# exits STATUS COMMAND…
exits() {
	local want=$1
	shift
	run "$@"
	echo "status $status, not $want; stdout: $out; stderr: $err"
	[ "$status" -eq "$want" ]
}

# fails PATTERN COMMAND…: status 1 and one line on standard error that matches.
fails() {
	local pattern=$1
	shift
	exits 1 "$@" && [ "$(wc -l <"$work/err")" -eq 1 ] && grep -qE -- "$pattern" "$work/err"
}

contains() { # TEXT PATTERN
	echo "no '$2' in: $1"
	grep -qE -- "$2" <<<"$1"
}

# start NAME COMMAND…: in the background until the test ends; its address in $url. 1: it ended before it was ready.
start() {
	local name=$1
	shift
	: >"$work/$name.ready"
	"$@" >"$work/$name.ready" 2>"$work/$name.log" </dev/null &
	pids+=($!)
	until grep -q '"event":"ready"' "$work/$name.ready"; do
		if ! kill -0 $! 2>/dev/null; then
			cat "$work/$name.log"
			return 1
		fi
		sleep 0.02
	done
	url=$(sed -n 's/.*"url":"\([^"]*\)".*/\1/p' "$work/$name.ready")
}

# http STATUS URL: what GET answers, and $body.
http() {
	local code
	code=$(curl -sS --max-time 60 -o "$work/body" -w '%{http_code}' "$2")
	body=$(cat "$work/body")
	echo "$2: $code, not $1: $body"
	[ "$code" = "$1" ]
}

done_testing() {
	echo "1..$cases"
	exit $bad
}
