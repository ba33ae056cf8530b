#!/bin/bash
# samtykke import altinn2: while a server runs, again, after a kill, and with rows that are refused.
. "$(dirname "$0")/tap.bash"
s=$SAMTYKKE_BIN
cd "$work" || exit 1
mkdir data && check 'a sandbox starts' start sandbox "$s" sandbox -p 0 -d "$work/data" || exit 1
on=(--sandbox --set "store=sqlite:$work/data/samtykke.db")

rows() { # COUNT: consents that were given, every third withdrawn later
	/usr/bin/python3 - "$1" <<'END'
import json, sys
for i in range(int(sys.argv[1])):
    event = lambda kind, day: {"ConsentEventType": kind, "DelegatedDateTime": f"2024-02-{day:02}T10:00:00", "EventLanguage": 1044}
    print(json.dumps({
        "AuthorizationRequestId": f"aaaaaaaa-0000-4000-8000-{i:012}", "From": "d5b861c8-8e3b-44cd-9952-5315e5990cf5", "To": "810419512",
        "HandledBy": None, "Created": "2024-01-31T09:00:00", "ValidTo": "2040-01-01T00:00:00", "RequestMessage": {},
        "RequestResources": [{"ServiceCode": "4628", "ServiceEditionCode": 210607, "Metadata": {"inntektsaar": "2023"}, "Read": True}],
        "ConsentEvents": [event("Accepted", 1)] + ([event("Revoked", 2)] if i % 3 == 0 else [])}))
END
}
rows 12000 >rows.jsonl
head -n 3 rows.jsonl >few.jsonl
{ echo '{"consents": ['; sed '$!s/$/,/' few.jsonl; echo ']}'; } >few.json
sed 's/"4628"/"1"/; 1d' few.jsonl >wrong.jsonl

import() { # STATUS SUMMARY ARGUMENT…
	local status=$1 summary=$2
	shift 2
	exits "$status" "$s" import altinn2 "${on[@]}" "$@" && contains "$out" "^$summary\$"
}
check 'a kind that is not there is wrong usage' exits 2 "$s" import altinn9 "${on[@]}" few.json
check 'so is no file' exits 2 "$s" import altinn2 "${on[@]}"
check 'a dry run counts' import 0 'dry run: 3 taken, 0 there before, 0 refused' --dry-run few.json
check 'one document is taken' import 0 '3 taken, 0 there before, 0 refused' few.json
seen() { # the giver's overview, log and details have it, and the bank can have a token
	local person id=aaaaaaaa-0000-4000-8000-000000000001 giver=d5b861c8-8e3b-44cd-9952-5315e5990cf5 path
	person=$(curl -sS --max-time 60 "$url/api/GetPersonalToken?env=test&scopes=altinn:portal/enduser&pid=01025161013&authLvl=4")
	for path in "bff/consents/$id" "bff/consentrequests/list/$giver" "consent/active/$giver" "consent/log/$giver" "consent/$id"; do
		curl -sS --max-time 60 -H "Authorization: Bearer $person" "$url/accessmanagement/api/v1/$path" >answer.json
		grep -q "\"id\":\"$id\"" answer.json || { echo "$path:"; cat answer.json; return 1; }
	done
	/usr/bin/python3 -c 'import json,sys; print(json.dumps(json.load(open(sys.argv[1]))["clients"][0]["privateJwk"]))' "$SAMTYKKE_ROOT/seeds/sandbox.json" >bank.jwk
	exits 0 env XDG_CACHE_HOME="$work/cache" SAMTYKKE_CLIENT_ID=5f1d8a52-7c0e-4b7a-9d57-2f6a3c1e8b01 "$s" token get --url "$url" --key bank.jwk \
		--scope skatteetaten:summertskattegrunnlag --consent $id --from 01025161013
}
check 'it shows where any consent shows, and gives a token' seen
check 'again, as lines, it changes nothing' import 0 '0 taken, 3 there before, 0 refused' few.jsonl
standard_input() {
	"$s" import altinn2 "${on[@]}" - <few.jsonl >piped && contains "$(cat piped)" '3 there before'
}
check 'from standard input' standard_input
refused() {
	import 1 '0 taken, 0 there before, 2 refused' --report report.jsonl wrong.jsonl && [ -z "$err" ] &&
		[ "$(stat -c %a report.jsonl)" = 600 ] &&
		grep -q '"row":2,"id":"aaaaaaaa-0000-4000-8000-000000000002","code":"unknown-service"' report.jsonl &&
		! grep -q 810419512 report.jsonl
}
check 'refused rows stand in the report' refused
cut_short() {
	head -c 3000 rows.jsonl >cut.jsonl
	exits 1 "$s" import altinn2 "${on[@]}" cut.jsonl && contains "$err" 'ends too early'
}
check 'a file that ends too early' cut_short
large() {
	{ printf '[{"x":"'; head -c 1100000 /dev/zero | tr '\0' x; printf '"},'; head -n 1 rows.jsonl; echo ']'; } >large.json
	import 1 '0 taken, 1 there before, 1 refused' large.json && contains "$err" '"code":"too-large"'
}
check 'a row past the limit, and the one behind it' large

stored() {
	sqlite3 "$work/data/samtykke.db" 'SELECT count(*) FROM consent' 2>/dev/null ||
		/usr/bin/python3 -c 'import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM consent").fetchone()[0])' data/samtykke.db
}
killed() { # in the middle: after some rows, before the last
	local pid
	"$s" import altinn2 "${on[@]}" rows.jsonl >killed.out 2>&1 &
	pid=$!
	until [ "$(stored)" -gt 1000 ] || ! kill -0 $pid 2>/dev/null; do
		http 200 "$url/openapi.json" || return 1
	done
	kill -9 $pid
	wait $pid 2>/dev/null
	[ "$(stored)" -gt 1000 ]
}
check 'the server answers while rows come; the import is killed' killed
check 'run again it takes the rest' exits 0 "$s" import altinn2 "${on[@]}" rows.jsonl
check 'all rows are there once' import 0 '0 taken, 12000 there before, 0 refused' rows.jsonl
check 'the store is sound' exits 0 "$s" store check "${on[@]}"
done_testing
