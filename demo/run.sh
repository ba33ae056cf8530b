#!/bin/bash
# One loan application, from the request for consent to the data and the end of the consent. Starts the sandbox, the bank and the tax
# authority, plays the browser of the person with curl, and prints each HTTP exchange with its two sides.
# run.sh [--once] [--port N]
#   --once    end after the run, with status 0 if all checks passed; use free ports
#   --port N  the sandbox on N, the tax authority on N + 1, the bank on N + 2 (default 8080)
set -u
cd "$(dirname "$0")/.." || exit 1
build=${SAMTYKKE_BUILD:-build}
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
list_s=1 # seconds for which the tax authority may keep its copy of the list of ended consents
once=no port=8080 number=0 trace_shown=0 pids=()

usage() {
	echo "usage: run.sh [--once] [--port N]" >&2
	exit 2
}
while [ $# -gt 0 ]; do
	case $1 in
	--once) once=yes ;;
	--port) port=${2:-} && shift ;;
	*) usage ;;
	esac
	shift
done
[[ $port =~ ^[0-9]{1,5}$ ]] && [ "$port" -ge 1 ] && [ "$port" -le 65533 ] || usage

work=$(mktemp -d "${TMPDIR:-/tmp}/samtykke-demo.XXXXXX") || exit 1
finish() {
	local pid
	trap - EXIT
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	rm -rf "$work"
	exit "$1"
}
trap 'finish $?' EXIT
trap 'finish 0' INT TERM

fail() {
	echo "demo: $*" >&2
	exit 1
}

# ---- the three programs ----

# start NAME COMMAND…: its standard output goes to NAME.out; its address, from the line that says that it is ready, to $url.
start() {
	local name=$1
	shift
	: >"$work/$name.out"
	"$@" >"$work/$name.out" 2>"$work/$name.err" &
	pids+=($!)
	until grep -q '"event":"ready"' "$work/$name.out"; do
		kill -0 $! 2>/dev/null || fail "$name did not start: $(tail -n 3 "$work/$name.err")"
		sleep 0.02
	done
	url=$(sed -n 's/.*"event":"ready".*"url":"\([^"]*\)".*/\1/p' "$work/$name.out")
}

# The first client of the sandbox's world is the bank; a sandbox publishes even its private keys.
bank_key() {
	awk '/"privateJwk": \{/ && !on { on = 1; sub(/.*"privateJwk": /, "") }
		on { if ($0 ~ /^ *\},?$/) { print "}"; exit } print }' seeds/sandbox.json
}

start_all() {
	local ports=("$port" $((port + 1)) $((port + 2))) p
	if [ "$once" = yes ]; then
		ports=(0 0 0)
	fi
	for p in "${ports[@]}"; do
		if [ "$p" != 0 ] && (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; then
			fail "port $p is taken; end what listens there, or take others: make demo ARGS='--port 9080'"
		fi
	done
	start samtykke "$build/samtykke" sandbox --port "${ports[0]}" --set log.level=warn --set status.ttl_s=$list_s
	samtykke=$url
	start tax "$build/demo/tax" --port "${ports[1]}" --issuer "$samtykke/" --platform "$samtykke"
	tax=$url
	(umask 077 && bank_key >"$work/bank.jwk")
	start bank "$build/demo/bank" --port "${ports[2]}" --sandbox "$samtykke" --tax "$tax" --key "$work/bank.jwk" --trace
	bank=$url
}

# ---- showing ----

who() {
	case $1 in
	"$samtykke"*) echo samtykke ;;
	"$bank"*) echo bank ;;
	"$tax"*) echo "tax authority" ;;
	*) echo somebody ;;
	esac
}

# The bank's own trace, numbered along with the rest.
label() {
	local line words
	while IFS= read -r line; do
		case $line in
		"> "*)
			read -ra words <<<"$line"
			printf '%3d. bank → %s: %s\n' $((++number)) "$(who "${words[2]}")" "${line#> }"
			;;
		"< "*) echo "     ← ${line#< }" ;;
		"{\"event\""*) ;;
		*) echo "$line" ;;
		esac
	done
}

trace_show() {
	label < <(tail -n +$((trace_shown + 1)) "$work/bank.out")
	trace_shown=$(wc -l <"$work/bank.out")
}

# ---- the person's browser ----

html_text() {
	sed 's/<[^>]*>//g; s/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#39;/'"'"'/g; s/&amp;/\&/g'
}

# element NAME: the text of the first one on the page.
element() {
	tr '\n' ' ' <"$work/page" | grep -o "<$1[ >].*" | sed "s:</$1>.*::" | html_text
}

# fields ACTION: name=value of the inputs in the form with that action, one a line.
fields() {
	tr '\n' ' ' <"$work/page" | sed 's/<form/\n<form/g' | grep -F "action=\"$1\"" | head -n 1 | sed 's:</form>.*::; s/<input/\n<input/g' |
		sed -n 's/^\(<input[^>]*\)>.*/\1/; s/.* name="\([^"]*\)".* value="\([^"]*\)".*/\1=\2/p' | html_text
}

# browse METHOD URL [NAME=VALUE…]: one exchange. $status, $next (address of a redirect or of a page that moves on) and the page remain.
browse() {
	local method=$1 to=$2 form=() value
	shift 2
	for value; do
		form+=(--data-urlencode "$value")
	done
	printf '%3d. person → %s: %s %s\n' $((++number)) "$(who "$to")" "$method" "$to"
	for value; do
		printf '    %s\n' "$value"
	done
	read -r status next < <(curl -sS --max-time 20 -X "$method" "${form[@]}" -H 'Accept: text/html' -H 'Accept-Language: en' \
		-b "$work/cookies" -c "$work/cookies" -o "$work/page" -D "$work/head" -w '%{http_code} %{redirect_url}\n' "$to")
	[ "$(who "$to")" != bank ] || trace_show
	echo "     ← person: ${status:-no answer}"
	tr -d '\r' <"$work/head" | sed -n '/^\(location\|content-type\):/Ip; s/^\(set-cookie: [^=]*=.\{0,8\}\)[^;]*/\1.../Ip' | sed 's/^/    /'
	if [ -z "$next" ] && grep -q 'http-equiv="refresh"' "$work/page"; then
		next=$(sed -n 's/.*http-equiv="refresh" content="[0-9]*; *url=\([^"]*\)".*/\1/Ip' "$work/page" | html_text)
		[[ $next != /* ]] || next=$(grep -oE '^https?://[^/]+' <<<"$to")$next
		echo "    moves on to $next"
	fi
	if grep -q '<h1' "$work/page"; then
		printf '    title: %s\n    h1:    %s\n' "$(element title)" "$(element h1)"
	fi
	echo
	[ -n "${status:-}" ] || fail "$to does not answer"
}

expect() {
	[ "$status" = "$1" ] || fail "the $2 answered $status, not $1"
}

# As browsers do: on to wherever redirects, and pages that move on, lead.
follow() {
	local hops=0
	while [ -n "$next" ]; do
		[ $((++hops)) -le 10 ] || fail "more than 10 redirects"
		browse GET "$next"
	done
}

# text_show FROM TO: what the person reads between the lines that match the two.
text_show() {
	sed -n "/$1/,/$2/p" "$work/page" |
		sed 's:</dt>:\: :g; s:<span[ >]:, &:g; s:</\(div\|p\|li\|h[1-6]\)>:\n:g; s:<\(div\|p\|ul\|ol\|li\)[ >]:\n&:g' | html_text |
		sed 's/[[:space:]]\+/ /g; s/^ //; s/ $//; /^$/d; s/^/      | /'
	echo
}

# ---- the run ----

apply_for_loan() {
	local form
	browse GET "$bank/"
	expect 200 "bank's page"
	mapfile -t form < <(fields /apply)
	[ ${#form[@]} -eq 3 ] || fail "the bank's form has ${#form[@]} fields, not 3"
	pid=$(printf '%s\n' "${form[@]}" | sed -n 's/^pid=//p')
	browse POST "$bank/apply" "${form[@]}"
	expect 303 "bank to the application"
	[[ $next == "$samtykke"/* ]] || fail "the bank sends the person to $next"
	consent=${next##*id=}
}

# log_in PAGE: where it ends.
log_in() {
	local link form
	follow
	expect 200 "login page"
	link=$(grep -o 'href="/sandbox/login/testid[^"]*"' "$work/page" | head -n 1 | sed 's/^href="//; s/"$//' | html_text)
	[ -n "$link" ] || fail "there is no link to the test login"
	browse GET "$samtykke$link"
	expect 200 "login form"
	mapfile -t form < <(fields /sandbox/login/testid | grep -v '^pid=')
	browse POST "$samtykke/sandbox/login/testid" "${form[@]}" "pid=$pid" level=4
	expect 303 "login"
	follow
	expect 200 "$1"
}

give_consent() {
	local form
	echo "    The person reads:"
	text_show '<dl class="facts"' '<form [^>]*action="\/accessmanagement\/ui\/consent\/request"'
	mapfile -t form < <(fields /accessmanagement/ui/consent/request)
	printf '%s\n' "${form[@]}" | grep -q '^csrf=.' || fail "the consent page has no csrf field"
	browse POST "$samtykke/accessmanagement/ui/consent/request" "${form[@]}" decision=approve
	expect 200 "consent page to the answer"
	[ -n "$next" ] || fail "the page after the answer does not move on"
	follow
	expect 200 "bank's last page"
}

# The last token that the bank fetched, and what became of it.
check() {
	local token income shown
	token=$(awk '/The access token, decoded:/ { text = ""; on = 1 } /^</ { on = 0 } on { text = text $0 "\n" } END { printf "%s", text }' "$work/bank.out")
	grep -q "\"from\": \"urn:altinn:person:identifier-no:$pid\"" <<<"$token" || fail "the token is not from $pid"
	grep -q '"ttd_inntektsopplysninger"' <<<"$token" || fail "the token is not for ttd_inntektsopplysninger"
	income=$(sed -n 's/^ *"sum": \([0-9]*\)$/\1/p' "$work/bank.out" | tail -n 1)
	shown=$(sed -n 's:.*<strong id="income">\([0-9]*\)</strong>.*:\1:p' "$work/page")
	[ -n "$income" ] && [ "$income" = "$shown" ] || fail "the tax authority said '$income', the bank shows '$shown'"
	grep -q '"event":"delivered"' "$work/tax.out" || fail "the tax authority has not logged the delivery"
	grep -q '"reported":"ok"' "$work/tax.out" || fail "the tax authority has not reported the use"
	echo "The tax authority's log: $(grep '"event":"delivered"' "$work/tax.out")"
	echo
	echo "The bank's answer:"
	text_show '<h1>' '<\/main>'
}

# bank_asks STATUS WORDS: the bank shows the token that it has to the tax authority, once more.
bank_asks() {
	local to=$tax/income/$pid/$year
	printf '%3d. bank → tax authority: GET %s\n    Authorization: Bearer %.13s...\n' $((++number)) "$to" "$token"
	status=$(curl -sS --max-time 20 -H "Authorization: Bearer $token" -o "$work/answer" -w '%{http_code}' "$to")
	echo "     ← bank: ${status:-no answer}"
	sed 's/^/    /' "$work/answer"
	echo
	expect "$1" "tax authority"
	grep -q -- "$2" "$work/answer" || fail "the tax authority's answer has no $2"
}

# A token says what was true when it was issued; the tax authority asks whether it still is.
withdraw() {
	local form
	year=$(sed -n 's/^ *"inntektsaar": "\([0-9]*\)",\{0,1\}$/\1/p' "$work/bank.out" | tail -n 1)
	printf '%3d. bank → samtykke: POST %s/token\n' $((++number)) "$samtykke"
	token=$("$build/samtykke" token get --url "$samtykke" --client-id 5f1d8a52-7c0e-4b7a-9d57-2f6a3c1e8b01 --key "$work/bank.jwk" --no-cache \
		--scope ttd:inntekt --consent "$consent" --from "$pid") || fail "the bank got no token"
	printf '     ← a token that is good for two minutes\n\n'
	bank_asks 200 '"sum"'
	next=$samtykke/accessmanagement/ui/consent/withdraw?id=$consent
	log_in "withdrawal page"
	mapfile -t form < <(fields /accessmanagement/ui/consent/withdraw)
	browse POST "$samtykke/accessmanagement/ui/consent/withdraw" "${form[@]}"
	expect 303 "withdrawal"
	follow
	expect 200 "page after the withdrawal"
	echo "    The tax authority's copy of the list is at most $list_s second old."
	echo
	sleep $((list_s + 1))
	bank_asks 403 consent-ended
}

stay() {
	cat <<-END
		Your turn. Everything stays up until Ctrl-C:
		  the bank           $bank/
		  the tax authority  $tax/
		  the sandbox        $samtykke/sandbox
		What the bank says to the others appears below.

	END
	tail -n +$((trace_shown + 1)) -f "$work/bank.out" > >(label) &
	pids+=($!)
	wait -n "${pids[@]}"
	fail "one of the programs has ended"
}

start_all
apply_for_loan
log_in "consent page"
give_consent
check
withdraw
echo "$number HTTP exchanges; the data came through, and no more of it once the consent was withdrawn."
echo
[ "$once" = yes ] || stay
