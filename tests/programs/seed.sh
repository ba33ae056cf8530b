#!/bin/bash
# The document that docs/SEED.md begins with makes a server on which its bank can ask, as the README's production section has it.
. "$(dirname "$0")/tap.bash"
s=$SAMTYKKE_BIN
cd "$work" || exit 1
(umask 077; head -c 32 /dev/urandom >master)
# The README's settings, in this folder and at a free port of this machine.
sed -n '/^cat >\/srv\/samtykke\/samtykke.conf/,/^END$/p' "$SAMTYKKE_ROOT/README.md" | sed "1d; \$d; /^public_url/d; s:/srv/samtykke:$work:" >p.conf
check 'the README has settings' grep -q '^parties.auto_register = on$' p.conf
echo 'port = 0' >>p.conf

# With the key of a client that the tests have the private part of.
document() {
	sed -n '/^```json$/,/^```$/p' "$SAMTYKKE_ROOT/docs/SEED.md" | sed '1d;$d' >plain.json &&
		/usr/bin/python3 - "$SAMTYKKE_ROOT/seeds/sandbox.json" <<'END'
import json, sys
key = json.load(open(sys.argv[1]))["clients"][0]["privateJwk"]
document = json.load(open("plain.json"))
document["clients"][0]["jwks"]["keys"][0].update(n=key["n"], e=key["e"])
json.dump(document, open("registry.json", "w"))
json.dump({**key, "kid": document["clients"][0]["jwks"]["keys"][0]["kid"]}, open("bank.jwk", "w"))
print(document["clients"][0]["clientId"], file=open("client.id", "w"))
END
}
check 'the document is JSON' document || exit 1
check 'the store is made' exits 0 "$s" store migrate -c p.conf
check 'a key is made' exits 0 "$s" key new -c p.conf
check 'it is sound as it stands' exits 0 "$s" apply --dry-run -c p.conf plain.json
check 'it is applied' exits 0 "$s" apply -c p.conf registry.json
again() {
	exits 0 "$s" apply -c p.conf registry.json && ! grep -qE '^[+~-] ' <<<"$out"
}
check 'applied again it changes nothing' again
back() {
	"$s" export -c p.conf >exported.json && exits 0 "$s" apply -c p.conf exported.json && ! grep -qE '^[+~-] ' <<<"$out"
}
check 'what is exported is the same' back
check 'the server starts' start serve "$s" serve -c p.conf || exit 1
export SAMTYKKE_URL=$url SAMTYKKE_CLIENT_ID=$(cat client.id) SAMTYKKE_CLIENT_KEY=$work/bank.jwk
asks() {
	exits 0 "$s" request create --from 01025161013 --resource ttd_inntekt --metadata aar=2025 --redirect https://smekkfull-bank.example/ --print-url &&
		contains "$out" '/accessmanagement/ui/consent/request\?id='
}
check 'its bank asks' asks
stranger() { # a valid number that no document names
	exits 0 "$s" request create --from 21038049965 --resource ttd_inntekt --metadata aar=2025 --redirect https://smekkfull-bank.example/
}
check 'also somebody whom nobody has registered' stranger
check 'and is sent back to its own address only' fails 'Redirect' "$s" request create --from 01025161013 --resource ttd_inntekt --metadata aar=2025 \
	--redirect https://elsewhere.example/
done_testing
