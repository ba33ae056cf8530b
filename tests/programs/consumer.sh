#!/bin/bash
# The consumer's side from a terminal, against a sandbox: ask, look, wait, fetch a token, look into it, verify it.
. "$(dirname "$0")/tap.bash"
s=$SAMTYKKE_BIN
pid=01025161013 orgno=810419512 resource=ttd_inntektsopplysninger
export XDG_CACHE_HOME=$work/cache SAMTYKKE_CLIENT_ID=5f1d8a52-7c0e-4b7a-9d57-2f6a3c1e8b01 SAMTYKKE_CLIENT_KEY=$work/bank.jwk
cd "$work" || exit 1
check 'the sandbox starts' start sandbox "$s" sandbox --port 0 --set events.page_size=2 || exit 1
export SAMTYKKE_URL=$url

# The first client of the built-in world is the bank.
awk '/"privateJwk": \{/ && !seen { seen = 1; on = 1; sub(/.*"privateJwk": /, "") }
	on { line = $0; if (line ~ /^ *\},?$/) { print "}"; exit } print line }' "$SAMTYKKE_ROOT/seeds/sandbox.json" >bank.jwk
check 'the key of the bank' grep -q '"kty"' bank.jwk

create() {
	exits 0 "$s" request create --from $pid --resource $resource --metadata inntektsaar=2025 --redirect http://127.0.0.1:9/done \
		--message 'nb=Hei' --message 'en=Hello' "$@"
}
value() { # NAME: the first text member of that name in $out
	grep -oE "\"$1\": ?\"[^\"]*\"" <<<"$out" | head -n 1 | sed 's/.*: *"//; s/"$//'
}
# What the person's browser would do, by the API that the page's forms stand for.
answer() { # ID accept|reject
	local person
	person=$(curl -sS --max-time 60 "$url/api/GetPersonalToken?env=test&scopes=altinn:portal/enduser&pid=$pid&authLvl=4")
	curl -sS --max-time 60 -o answer.out -w '%{http_code}\n' -X POST -H "Authorization: Bearer $person" -H 'Content-Type: application/json' \
		-d '{"language":"nb"}' "$url/accessmanagement/api/v1/bff/consentrequests/$1/$2"
}

# ---- request ----

created() {
	create && id=$(value id) && contains "$id" '^[0-9a-f-]{36}$' && [ "$(value status)" = Created ] &&
		contains "$(value viewUri)" "^$url/accessmanagement/ui/consent/request\?id=$id$" && contains "$out" "0?$orgno"
}
check 'request create' created
print_url() {
	create --print-url --id 0195a7c2-9d10-7c44-8a51-3f2b7d6e9a01 &&
		[ "$out" = "$url/accessmanagement/ui/consent/request?id=0195a7c2-9d10-7c44-8a51-3f2b7d6e9a01" ]
}
check 'request create --print-url --id' print_url
check 'the same request again' print_url
check 'request create without --from' fails '--from is missing' "$s" request create --resource $resource --redirect http://x/
check 'request create without --resource' fails '--resource is missing' "$s" request create --from $pid --redirect http://x/
check 'request create without --redirect' fails '--redirect is missing' "$s" request create --from $pid --resource $resource
refused() {
	fails 'the server answered 403 and gives no reason: is the resource known,' "$s" request create --from $pid --resource no_such_resource \
		--redirect http://x/
}
check 'a resource that does not exist' refused
check 'metadata without a value' fails 'KEY=VALUE' "$s" request create --from $pid --resource $resource --redirect http://x/ --metadata x
check 'an end that is no time' fails 'neither a time' "$s" request create --from $pid --resource $resource --redirect http://x/ --valid-to soon
shown() {
	exits 0 "$s" request show "$id" && [ "$(value status)" = Created ] && contains "$out" '"inntektsaar": ?"2025"'
}
check 'request show' shown
check 'request show: an id that is no UUID' fails 'not a UUID' "$s" request show nonsense
check 'request wait: an id that is no UUID' fails 'nonsense is not a UUID' "$s" request wait nonsense
check 'request create: an id that is no UUID' fails 'nonsense is not a UUID' "$s" request create --from $pid --resource $resource --redirect http://x/ \
	--id nonsense
check 'token get: an id that is no UUID' fails 'nonsense is not a UUID' "$s" token get --scope ttd:inntekt --consent nonsense
check 'request show: an unknown id' fails 'the server answered 404' "$s" request show 0195a7c2-9d10-7c44-8a51-3f2b7d6e9aff
check 'request wait gives up' fails 'was not answered in time' "$s" request wait --timeout 1 "$id"
check 'no token before the answer' fails 'the server answered 400' "$s" token get --scope ttd:inntekt --consent "$id"
waited() {
	local waiting
	"$s" request wait --timeout 30 "$id" >wait.out 2>&1 &
	waiting=$!
	[ "$(answer "$id" accept)" = 200 ] && wait $waiting && [ "$(cat wait.out)" = Accepted ]
}
check 'request wait ends with the answer' waited
rejected() {
	local no
	create && no=$(value id) && [ "$(answer "$no" reject)" = 200 ] && exits 1 "$s" request wait "$no" && [ "$out" = Rejected ] &&
		fails 'the server answered 400' "$s" token get --scope ttd:inntekt --consent "$no"
}
check 'request wait: status 1 when it is rejected, and no token' rejected

listed() { # newest first, each once, with its last status
	exits 0 "$s" request list && [ "$(cut -c 1-36 <<<"$out" | sort | uniq -d | wc -l)" -eq 0 ] && contains "$out" "^$id  Accepted  20[0-9T:.+-]+$" &&
		[ "$(head -n 1 <<<"$out" | awk '{ print $2 }')" = Rejected ] && [ "$(wc -l <<<"$out")" -ge 3 ] && cp out all.list &&
		exits 0 "$s" request list --status CREATED && [ "$out" = "$(grep '  Created  ' all.list)" ] && exits 0 "$s" request list --status created \
		--status rejected && [ "$out" = "$(grep -v Accepted all.list)" ] && exits 0 "$s" request list --status nonsense && [ -z "$out" ]
}
check 'request list' listed

# ---- token ----

got() {
	exits 0 "$s" token get --scope ttd:inntekt --consent "$id" && contains "$out" '^eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$' &&
		cp out token
}
check 'token get --consent' got
check 'token get --consent --from' exits 0 "$s" token get --scope ttd:inntekt --consent "$id" --from $pid
check 'token get --consent of somebody else' fails 'the server answered 400' "$s" token get --scope ttd:inntekt --consent "$id" --from 05857420189
check 'token get without scope' fails '--scope is missing' "$s" token get
check 'token get with a scope that the client lacks' fails 'the server answered 400' "$s" token get --scope skatteetaten:nonsense
plain() {
	exits 0 "$s" token get --scope altinn:consentrequests.read && cp out plain
}
check 'token get without consent' plain
inspected() {
	exits 0 "$s" token inspect token && contains "$out" "\"iss\": \"$url/\"" && contains "$out" "\"id\": \"$id\"" &&
		contains "$err" 'Not verified' && "$s" token inspect <token 2>err2 | cmp - out
}
check 'token inspect' inspected
check 'token inspect TOKEN' exits 0 "$s" token inspect "$(cat token)"
verify() {
	exits 0 "$s" token verify --scope ttd:inntekt --from $pid --resource $resource --metadata inntektsaar=2025 "$@" token &&
		contains "$out" "^consumer: $orgno$" && contains "$out" "^consent: $id$"
}
check 'token verify' verify
check 'token verify with the key set by address' verify --jwks "$url/jwk"
key_set_file() {
	curl -sS "$url/jwk" >jwks && verify --jwks jwks
}
check 'token verify with the key set in a file' key_set_file
quiet() {
	exits 0 "$s" token verify --quiet token && [ -z "$out$err" ]
}
check 'token verify --quiet' quiet
check 'wrong-scope' fails ': wrong-scope: ' "$s" token verify --scope ttd:formue token
check 'wrong-giver' fails ': wrong-giver: ' "$s" token verify --from 05857420189 token
check 'not-covered: another resource' fails ': not-covered: ' "$s" token verify --resource ttd_utdanning token
check 'not-covered: another year' fails ': not-covered: ' "$s" token verify --resource $resource --metadata inntektsaar=2024 token
check 'no-consent' fails ': no-consent: ' "$s" token verify --from $pid plain
check 'wrong-issuer' fails ': wrong-issuer: ' "$s" token verify --issuer https://maskinporten.no/ token
check 'wrong-audience' fails ': wrong-audience: ' "$s" token verify --audience https://x.example token
check 'unavailable' fails ': unavailable: the key set cannot be reached: http://127\.0\.0\.1:9/jwk: .*[Cc]onnect' "$s" token verify --jwks http://127.0.0.1:9/jwk token
sed 's/\.[^.]*$/.AAAA/' token >forged
check 'bad-signature' fails ': bad-signature: ' "$s" token verify forged
echo '{"keys":[]}' >empty.jwks
check 'a key set without keys' fails 'no usable key' "$s" token verify --jwks empty.jwks token
check 'a key set that cannot be read' fails 'cannot read the key set' "$s" token verify --jwks none.jwks token
check 'a server that is not there' fails 'cannot be reached: http://127\.0\.0\.1:9/[a-z]+: .*[Cc]onnect' "$s" request show --url http://127.0.0.1:9 "$id"

# ---- the data source reports ----

owner=5f1d8a52-7c0e-4b7a-9d57-2f6a3c1e8b04
curl -sS -o owner.jwk "$url/sandbox/clients/$owner"
use=("$s" consent use --client-id $owner --key owner.jwk)
used() {
	exits 0 "${use[@]}" --resource $resource --reference 17 "$id" && [ -z "$out$err" ] && exits 0 "${use[@]}" --resource $resource --reference 17 "$id" &&
		exits 0 "$s" request show "$id" && [ "$(grep -o '"eventType": *"Used"' <<<"$out" | wc -l)" = 1 ]
}
check 'consent use, told twice, counts once' used
still() {
	exits 0 "$s" request list && contains "$out" "^$id  Accepted  "
}
check 'request list: a use is no answer' still
check 'consent use without --resource' fails '--resource is missing' "${use[@]}" "$id"
check 'consent use: another resource' fails 'the server answered 4' "${use[@]}" --resource ttd_utdanning "$id"
check 'consent use: a time that is none' fails 'is not a time' "${use[@]}" --resource $resource --time soon "$id"
check 'consent use: an id that is no UUID' fails 'not a UUID' "${use[@]}" --resource $resource nonsense

# ---- the status list ----

stands() {
	exits 0 "$s" token verify --status token && grep -qx 'status: valid' <<<"$out"
}
check 'token verify --status: it stands' stands
check 'token verify --status: a token without a place' exits 0 "$s" token verify --status plain

# ---- kept tokens ----

get=("$s" token get --scope ttd:inntekt --cache kept/tokens)
kept() { # the file of what was asked for last
	ls -t kept/tokens/* | head -n 1
}
again() { # COMMAND…: prints what is in first.out
	exits 0 "$@" && [ "$out" = "$(cat first.out)" ]
}
anew() { # COMMAND…: prints something else
	exits 0 "$@" && [ "$out" != "$(cat first.out)" ] && contains "$out" '^eyJ'
}
is_kept() {
	exits 0 "${get[@]}" && cp out first.out && again "${get[@]}" && [ "$(ls kept/tokens | wc -l)" = 1 ] &&
		[ "$(stat -c %a kept/tokens "$(kept)" | tr '\n' ' ')" = '700 600 ' ] && contains "$(kept)" '/[0-9a-f]{64}$'
}
check 'token get: the same token again, from a file of its owner' is_kept
check '--no-cache: another one' anew "${get[@]}" --no-cache
check 'which is not kept' again "${get[@]}"
check 'by this machine'\''s clock too' again "${get[@]}" --system-time
check 'another scope is another token' anew "$s" token get --scope altinn:consentrequests.read --cache kept/tokens
check 'another consent is another token' anew "${get[@]}" --consent "$id"
check 'another client is another token' fails 'answered 400' "${get[@]}" --client-id $owner
check 'another organisation is another token' fails 'answered 40' "${get[@]}" --consumer-org 810418192
check 'another giver is another token' fails 'answered 400' "${get[@]}" --consent "$id" --from 05857420189
by_environment() {
	rm -rf cache && exits 0 "$s" token get --scope ttd:inntekt && cp out first.out && again "$s" token get --scope ttd:inntekt &&
		[ "$(ls cache/samtykke | wc -l)" = 1 ] && exits 0 env -u XDG_CACHE_HOME HOME="$work/home" "$s" token get --scope ttd:inntekt &&
		[ "$(ls home/.cache/samtykke | wc -l)" = 1 ]
}
check 'the cache of the user' by_environment
damaged() { # COMMAND…: does something to the file that the token is in; another token comes, and is kept
	rm -rf kept && exits 0 "${get[@]}" && cp out first.out && "$@" "$(kept)" && anew "${get[@]}" && cp out first.out && again "${get[@]}"
}
check 'a kept token that is cut' damaged truncate -s 100
check 'a kept token that is forged' damaged sed -i 's/\.[^.]*$/.AAAA/'
check 'an empty file' damaged truncate -s 0
check 'a file past the limit' damaged truncate -s 65537
check 'a file that others can read' damaged chmod 644
unwritable() {
	: >file && exits 0 "$s" token get --scope ttd:inntekt --cache file && [ -z "$err" ]
}
check 'a cache that cannot be written' unwritable
tidied() {
	local name
	name=kept/tokens/$(printf 'a%.0s' {1..64})
	touch -d '2 days ago' "$name" kept/tokens/mine && touch "${name/aa/bb}" && exits 0 "${get[@]}" --consent "$id" && [ ! -e "$name" ] &&
		[ -e kept/tokens/mine ] && [ -e "${name/aa/bb}" ]
}
check 'old files are removed, and no others' tidied
set_clock() { # ISO-DURATION
	curl -sS --max-time 60 -o clock -d "{\"offset\":\"$1\"}" "$url/sandbox/clock"
}
withdrawn() { # a status list may be ten seconds old
	local no person
	create && no=$(value id) && [ "$(answer "$no" accept)" = 200 ] && exits 0 "${get[@]}" --consent "$no" && cp out first.out &&
		again "${get[@]}" --consent "$no" || return 1
	person=$(curl -sS --max-time 60 "$url/api/GetPersonalToken?env=test&scopes=altinn:portal/enduser&pid=$pid&authLvl=4")
	[ "$(curl -sS --max-time 60 -o answer.out -w '%{http_code}' -X POST -H "Authorization: Bearer $person" \
		"$url/accessmanagement/api/v1/bff/consents/$no/revoke")" = 200 ] && set_clock PT20S || return 1
	for _ in {1..150}; do # the server makes the list anew meanwhile
		fails 'answered 400' "${get[@]}" --consent "$no" && return
		sleep 0.1
	done
	return 1
}
check 'not after the consent was withdrawn' withdrawn
near_end() { # tokens live for 120 s: with less than ten left by the server's clock it is not used
	set_clock PT0S && rm -rf kept && exits 0 "${get[@]}" && cp out first.out && set_clock PT60S && again "${get[@]}" && set_clock PT115S &&
		anew "${get[@]}" && cp out first.out && again "${get[@]}" && set_clock PT0S && anew "${get[@]}"
}
check 'not shortly before the end by the clock of the server, nor before the beginning' near_end

# ---- a moved clock ----

moved() {
	curl -sS --max-time 60 -o clock -d '{"offset":"P3D"}' "$url/sandbox/clock" && exits 0 "$s" token get --scope ttd:inntekt --consent "$id" &&
		cp out later && fails ': not-yet: ' "$s" token verify later && exits 0 "$s" token verify --server-time later &&
		fails ': expired: ' "$s" token verify --server-time token
}
check 'a sandbox whose clock was moved: the server knows the time' moved
by_system_time() {
	fails 'the server answered 400' "$s" token get --no-cache --system-time --scope ttd:inntekt
}
check 'with --system-time the grant is refused' by_system_time
over() {
	curl -sS --max-time 60 -o clock -d '{"offset":"P30D"}' "$url/sandbox/clock" &&
		fails 'the server answered 400' "$s" token get --scope ttd:inntekt --consent "$id"
}
check 'no token after the end of the consent' over

# ---- a platform behind an authority of its own ----

secure() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.pem -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 &&
		chmod 600 tls.key && start secure "$s" sandbox --port 0 --set tls.cert=tls.pem --set tls.key=tls.key && [[ $url == https:* ]]
}
check 'a sandbox with https starts' secure
unset SAMTYKKE_ISSUER
trusted() { # ARGUMENT…: fails without the authority, and passes with it, by option and by environment
	fails '(cannot be reached|unavailable).*(certificate|issuer|peer)' "$s" "$@" --url "$url" && exits 0 "$s" "$@" --url "$url" --cacert tls.pem &&
		exits 0 env SAMTYKKE_CACERT=tls.pem "$s" "$@" --url "$url"
}
secure_id=$(cat /proc/sys/kernel/random/uuid)
check 'request create --cacert' trusted request create --from $pid --resource $resource --metadata inntektsaar=2025 --redirect https://x.example/ --id "$secure_id"
check 'request show --cacert' trusted request show "$secure_id"
check 'token get --cacert' trusted token get --scope ttd:inntekt --cache secure
check 'a token that was kept is verified with it, too' exits 0 "$s" token get --scope ttd:inntekt --cache secure --url "$url" --cacert tls.pem
cp out secure.token
check 'token verify --cacert' trusted token verify secure.token
check 'token verify --cacert --server-time' exits 0 "$s" token verify --server-time --url "$url" --cacert tls.pem secure.token
check 'client list --cacert' trusted scope all
secure_receipt() {
	local person
	person=$(curl -sS --cacert tls.pem "$url/api/GetPersonalToken?scopes=altinn:portal/enduser&pid=$pid&authLvl=4") &&
		curl -sS --cacert tls.pem -o answer.out -H "Authorization: Bearer $person" -H 'Content-Type: application/json' -d '{"language":"nb"}' \
			"$url/accessmanagement/api/v1/bff/consentrequests/$secure_id/accept" && trusted receipt get --token "$person" "$secure_id" &&
		exits 0 "$s" receipt get --url "$url" --cacert tls.pem --token "$person" "$secure_id" && cp out secure.receipt && trusted receipt verify secure.receipt &&
		exits 0 "$s" token get --url "$url" --cacert tls.pem --scope ttd:inntekt --consent "$secure_id" && cp out secure.token &&
		exits 0 "$s" token verify --url "$url" --cacert tls.pem --status secure.token && contains "$out" 'status: valid'
}
check 'receipt get, receipt verify, the status list with --cacert' secure_receipt
check 'an authority that is not there' fails 'cannot be reached' "$s" request show --url "$url" --cacert none.pem "$secure_id"
done_testing
