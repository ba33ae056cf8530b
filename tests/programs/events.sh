#!/bin/bash
# samtykke events follow: each event one line, once, in order, across a restart of the server.
. "$(dirname "$0")/tap.bash"
s=$SAMTYKKE_BIN
pid=01025161013 resource=ttd_inntektsopplysninger
export SAMTYKKE_CLIENT_ID=5f1d8a52-7c0e-4b7a-9d57-2f6a3c1e8b01 SAMTYKKE_CLIENT_KEY=$work/bank.jwk
cd "$work" || exit 1
check 'the sandbox starts' start sandbox "$s" sandbox --port 0 --data "$work/data" || exit 1
export SAMTYKKE_URL=$url
port=${url##*:} server=${pids[-1]}
curl -sS -o bank.jwk "$url/sandbox/clients/$SAMTYKKE_CLIENT_ID"

create() { # FILE: its id is added to it
	exits 0 "$s" request create --from $pid --resource $resource --metadata inntektsaar=2025 --redirect http://127.0.0.1:9/done &&
		sed -n 's/.*"id":"\([0-9a-f-]*\)".*/\1/p' <<<"$out" | head -n 1 >>"$1"
}
ids() { # FILE of lines
	sed -n 's/^{"consentRequestId":"\([^"]*\)","eventType":"Created",.*/\1/p' "$1"
}
lines() { # N FILE: until it has so many
	local i
	for ((i = 0; i < 1500; i++)); do
		[ "$(wc -l <"$2")" -ge "$1" ] && return 0
		sleep 0.02
	done
	echo "not $1 lines: $(cat "$2")"
	return 1
}

nothing() {
	exits 0 "$s" events follow --once && [ -z "$out$err" ]
}
check 'nothing has happened' nothing
for _ in 1 2 3; do
	check 'request create' create made
done
once() {
	exits 0 "$s" events follow --once && cp out all && ids all | cmp - made && [ "$(grep -c continuationToken all)" = 1 ] &&
		[ "$(tail -n 1 all | grep -c continuationToken)" = 1 ]
}
check '--once prints what is there' once
token=$(sed -n 's/.*"continuationToken":"\([^"]*\)".*/\1/p' all)
from() {
	exits 0 "$s" events follow --once --from "$token" && [ -z "$out" ]
}
check '--from goes on behind what was printed' from
filtered() {
	exits 0 "$s" events follow --once --id "$(head -n 1 made)" && [ "$(wc -l <out)" = 1 ] &&
		exits 0 "$s" events follow --once --type accepted --type used && [ -z "$out" ]
}
check '--id and --type' filtered
check 'a type that there is not' fails 'answered 400.*AM.VLD-00052' "$s" events follow --type created
check 'a token that is none' fails 'answered 400.*AM.VLD-00053' "$s" events follow --from x
check 'no server, --once' fails 'cannot be reached' "$s" events follow --once --url http://127.0.0.1:9

"$s" events follow --from "$token" >seen 2>seen.err </dev/null &
follower=$!
pids+=($follower)
: >later
live() {
	create later && lines 1 seen && create later && lines 2 seen && ids seen | cmp - later
}
check 'what happens is printed as it happens' live
restart() {
	kill "$server" && wait "$server"
	start again "$s" sandbox --port "$port" --data "$work/data" && create later && lines 3 seen && ids seen | cmp - later && [ ! -s seen.err ]
}
check 'it goes on when the server is back' restart
interrupted() {
	kill -INT $follower && wait $follower
}
check 'SIGINT ends it with status 0' interrupted
pipe() {
	(timeout 20 "$s" events follow --from "$token" 2>pipe.err; echo $? >pipe.status) | head -n 1 >first &
	lines 1 first && create later && lines 1 pipe.status && [ "$(cat pipe.status)" = 0 ] && [ ! -s pipe.err ]
}
touch first pipe.status
check 'the end of its reader ends it' pipe
closed() {
	"$s" events follow --once 2>closed.err | true
	[ "${PIPESTATUS[0]}" = 0 ] && [ ! -s closed.err ]
}
check 'a reader that has gone: status 0' closed
done_testing
