#!/bin/bash
# The demo from outside: it runs through, and prints who said what to whom.
. "$(dirname "$0")/tap.bash"
export SAMTYKKE_BUILD=$build TMPDIR=$work
demo() {
	timeout 300 "$SAMTYKKE_ROOT/demo/run.sh" "$@" >"$work/demo.out" 2>"$work/demo.err" </dev/null
}
passes() {
	demo --once
	local status=$?
	tail -n 10 "$work/demo.out" "$work/demo.err"
	[ "$status" -eq 0 ] && [ ! -s "$work/demo.err" ]
}
check 'demo/run.sh --once' passes
printed() {
	grep -nE -- "$1" "$work/demo.out"
}
check 'the person applies' printed '^ +[0-9]+\. person → bank: POST http://127\.0\.0\.1:[0-9]+/apply$'
check 'the bank asks for consent' printed '^ +[0-9]+\. bank → samtykke: POST .*/enterprise/consentrequests$'
check 'the person reads the page' printed '^ +[0-9]+\. person → samtykke: GET .*/accessmanagement/ui/consent/request\?id='
check 'what stands on it' printed '^      \| .*Smekkfull Bank'
check 'the person answers' printed '^    decision=approve$'
check 'the bank fetches a token' printed '^ +[0-9]+\. bank → samtykke: POST .*/token$'
check 'the token is shown decoded' printed '"type": "urn:altinn:consent"'
check 'the bank asks the tax authority' printed '^ +[0-9]+\. bank → tax authority: GET .*/income/01025161013/20[0-9]{2}$'
check 'the data came' printed '"sum": [0-9]+$'
check 'the person withdraws' printed '^ +[0-9]+\. person → samtykke: POST .*/accessmanagement/ui/consent/withdraw$'
refused() { # with the token that had just been taken
	grep -A 3 -E '^ +[0-9]+\. bank → tax authority: GET ' "$work/demo.out" | tail -n 4 >"$work/last" && cat "$work/last" && grep -q '← bank: 403' "$work/last" &&
		grep -q '"error":"consent-ended","message":"The consent has ended since the token was issued' "$work/last" &&
		[ "$(grep -c '"event":"delivered"' "$work/demo.out")" -eq 1 ]
}
check 'the same token is refused then' refused
no_token() {
	! grep -nE 'eyJ[A-Za-z0-9_-]{40}' "$work/demo.out"
}
check 'no token is printed in full' no_token
numbered() {
	grep -oE '^ *[0-9]+\. ' "$work/demo.out" | tr -d ' .' | awk '$1 != NR { print "after " NR - 1 " comes " $1; bad = 1 } END { exit bad || NR < 12 }'
}
check 'the exchanges are numbered' numbered
nothing_left() {
	! compgen -G "$work/samtykke-demo.*"
}
check 'nothing is left behind' nothing_left

check 'a wrong option' exits 2 "$SAMTYKKE_ROOT/demo/run.sh" --nonsense
check 'a wrong port' exits 2 "$SAMTYKKE_ROOT/demo/run.sh" --port 99999
taken() {
	start sandbox "$SAMTYKKE_BIN" sandbox --port 0 && exits 1 "$SAMTYKKE_ROOT/demo/run.sh" --port "${url##*:}" &&
		contains "$err" "^demo: port ${url##*:} is taken"
}
check 'a port that is taken' taken

# ---- the two programs by themselves ----

check 'bank --help' exits 0 "$build/demo/bank" --help
check 'tax --help' exits 0 "$build/demo/tax" --help
check 'bank: a wrong option' exits 2 "$build/demo/bank" --nonsense
check 'tax: a value that is missing' exits 2 "$build/demo/tax" --port
check 'bank without its platform' fails 'no private key' "$build/demo/bank" --port 0 --sandbox http://127.0.0.1:9
check 'the tax authority starts' start tax "$build/demo/tax" --port 0 --issuer "$url/"
check 'its page' http 200 "$url/"
check 'no token, no data' http 401 "$url/income/01025161013/2025"
check 'a path that is none' http 404 "$url/income/0102516101/2025"
check 'a longer path' http 404 "$url/income/01025161013/2025/x"
done_testing
