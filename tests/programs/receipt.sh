#!/bin/bash
# A receipt from a terminal: checked against the platform, against a file, after its key has gone, and when somebody has changed it.
. "$(dirname "$0")/tap.bash"
s=$SAMTYKKE_BIN
pid=01025161013
cd "$work" || exit 1
check 'the sandbox starts' start sandbox "$s" sandbox --port 0 || exit 1
export SAMTYKKE_URL=$url SAMTYKKE_CLIENT_ID=5f1d8a52-7c0e-4b7a-9d57-2f6a3c1e8b01 SAMTYKKE_CLIENT_KEY=$work/bank.jwk

get() { # PATH: as the browser that is logged in
	curl -sS --max-time 60 -b jar -c jar "$url$1"
}
field() { # NAME: of the last form that has it
	grep -o "name=\"$1\" value=\"[^\"]*\"" | tail -n 1 | sed 's/.*value="//; s/"$//'
}
# Asks as the bank, logs in and says yes as the person, downloads the receipt.
receive() {
	id=$(cat /proc/sys/kernel/random/uuid)
	curl -sS "$url/sandbox/clients/$SAMTYKKE_CLIENT_ID" >bank.jwk
	"$s" request create --id "$id" --from $pid --resource ttd_inntektsopplysninger --metadata inntektsaar=2025 \
		--redirect https://bank.example/ --message "$(printf 'nb=Lån \033[31mnå')" >/dev/null || return
	curl -sS -o /dev/null -b jar -c jar --data-urlencode "csrf=$(get '/sandbox/login/testid?goto=/sandbox' | field csrf)" \
		-d "goto=/sandbox&pid=$pid" "$url/sandbox/login/testid"
	curl -sS -b jar --data-urlencode "csrf=$(get "/accessmanagement/ui/consent/request?id=$id&skiplogout=true" | field csrf)" \
		-d "id=$id&language=nn&skiplogout=true&decision=approve" "$url/accessmanagement/ui/consent/request" >page.html || return
	get "/accessmanagement/ui/consent/receipt/signed?id=$id" >receipt.jwt
	grep -qE '^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$' receipt.jwt
}
check 'a person says yes and keeps the receipt' receive

printed() {
	exits 0 "$s" receipt verify receipt.jwt && contains "$out" "^Kvittering for samtykke: $id$" && contains "$out" '^Gitt til: Smekkfull Bank AS' &&
		contains "$out" '^Signaturen er ekte, og teksten er ikkje endra' && contains "$out" '^- Inntektsopplysningar$' && ! grep -q "$pid" <<<"$out"
}
check 'it is good, and printed in the language that was read' printed
harmless() {
	exits 0 "$s" receipt verify --json receipt.jwt && contains "$out" 'u001[Bb]' || return
	exits 0 "$s" receipt verify receipt.jwt && contains "$out" '^Lån \[31mnå$'
}
check 'what strangers wrote does not steer the terminal' harmless
english() {
	exits 0 bash -c "'$s' receipt verify --lang en --time-zone UTC <receipt.jwt" &&
		contains "$out" "^Consent receipt: $id$" && contains "$out" '\(UTC\)$'
}
check 'in another language and time zone, from standard input' english
check 'as JSON' bash -c '"$0" receipt verify --json receipt.jwt | python3 -c "import json, sys; assert json.load(sys.stdin)[\"header\"][\"consent_id\"] == sys.argv[1]" "$1"' "$s" "$id"
quiet() { exits 0 "$s" receipt verify --quiet receipt.jwt && [ -z "$out$err" ]; }
check '--quiet says nothing' quiet

curl -sS "$url/jwk" >keys.json
echo '{"keys":[]}' >none.json
check 'with the keys in a file' exits 0 "$s" receipt verify --jwks keys.json receipt.jwt
check 'with the keys at an address' exits 0 "$s" receipt verify --jwks "$url/jwk/past" receipt.jwt
check 'without a usable key' fails 'no usable key' "$s" receipt verify --jwks none.json receipt.jwt
check 'of another issuer' fails '^samtykke receipt verify: wrong-issuer: ' "$s" receipt verify --issuer https://other.example/ --jwks keys.json receipt.jwt
sed 's/^\([^.]*\.[^.]\{100\}\)./\1A/' receipt.jwt >changed.jwt
cmp -s receipt.jwt changed.jwt && sed 's/^\([^.]*\.[^.]\{100\}\)./\1B/' receipt.jwt >changed.jwt
check 'that somebody has changed' fails 'bad-signature|malformed' "$s" receipt verify changed.jwt
check 'that is none' fails 'malformed' "$s" receipt verify bank.jwk
fetched() { # with the person's token, given, in a file, from the environment
	curl -sS "$url/api/GetPersonalToken?pid=$pid&scopes=altinn:portal/enduser" >person.jwt
	exits 0 "$s" receipt get --token "$(cat person.jwt)" "$id" && cp out got.jwt && exits 0 "$s" receipt verify got.jwt && contains "$out" "$id" &&
		exits 0 "$s" receipt get --token person.jwt "$id" && exits 0 env "SAMTYKKE_TOKEN=$(cat person.jwt)" "$s" receipt get "$id"
}
check 'receipt get' fetched
stranger() {
	curl -sS "$url/api/GetPersonalToken?pid=05857420189&scopes=altinn:portal/enduser" >other.jwt
	fails 'the server answered 403' "$s" receipt get --token other.jwt "$id"
}
check 'receipt get: not for others' stranger
check 'receipt get without a token' fails 'no token of the person' "$s" receipt get "$id"
check 'receipt get: a bad id' fails 'nonsense is not a UUID' "$s" receipt get --token person.jwt nonsense
check 'receipt get: an unknown id' fails 'answered 404' "$s" receipt get --token person.jwt 0195a7c2-9d10-7c44-8a51-3f2b7d6e9aff
check 'receipt get: no server' fails 'cannot be reached: http://127' "$s" receipt get --token person.jwt --url http://127.0.0.1:9 "$id"
check 'that is not there' fails 'cannot be read' "$s" receipt verify nothing.jwt
head -c 3145731 /dev/zero >large.jwt
check 'that is too large' fails 'larger than a receipt' "$s" receipt verify large.jwt
check 'an unknown language' fails 'none of nb, nn, en' "$s" receipt verify --lang de receipt.jwt
check 'an unknown time zone' fails 'no time zone' "$s" receipt verify --time-zone Nowhere receipt.jwt
check 'wrong usage' exits 2 "$s" receipt verify --nonsense
check '--help' exits 0 "$s" receipt verify --help

# In production, long after: the key is published no longer.
conf() {
	(umask 077; head -c 32 /dev/urandom >master)
	printf 'store = sqlite:%s/p.db\nkey.master_file = %s/master\nlisten = 127.0.0.1\nport = 0\n' "$work" "$work" >p.conf
	"$s" store migrate -c p.conf && kid=$("$s" key new -c p.conf) && "$s" key rotate -c p.conf --lead PT0S --keep PT0S --despite-caches
}
check 'a key that is published no longer' conf
past() {
	start serve "$s" serve -c p.conf && http 200 "$url/jwk" && ! grep -q "$kid" <<<"$body" && http 200 "$url/jwk/past" && contains "$body" "$kid"
}
check 'is still there for receipts' past
done_testing
