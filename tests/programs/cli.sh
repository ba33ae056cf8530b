#!/bin/bash
# Every command from outside: help, manual pages, exit statuses, and the ones that work on a store.
. "$(dirname "$0")/tap.bash"
s=$SAMTYKKE_BIN
cd "$work" || exit 1

# ---- help, manual pages, wrong usage ----

mapfile -t commands < <("$s" --help | sed -n 's/^  \([a-z]*\( [a-z][a-z]*\)\{0,1\}\)  .*/\1/p')
check 'the list has commands' [ "${#commands[@]}" -ge 15 ]

help_of() {
	exits 0 "$s" $1 --help && [ -z "$err" ] && contains "$out" "^Usage: samtykke $1"
}
option_unknown() {
	exits 2 "$s" $1 --no-such-option && [ -z "$out" ] && contains "$err" "samtykke $1: there is no option --no-such-option"
}
too_many() {
	local words
	printf -v words 'x %.0s' {1..1001}
	exits 2 "$s" $1 $words && contains "$err" 'too many arguments'
}
page_of() {
	local page=samtykke-${1// /-}.1
	exits 0 "$s" man $1 && contains "$out" '^\.SH EXIT STATUS' && cmp "$work/out" "$build/man/$page" &&
		mandoc -T lint -W warning "$build/man/$page"
}
for c in "${commands[@]}"; do
	check "$c --help" help_of "$c"
	check "$c: an unknown option" option_unknown "$c"
	check "$c: too many arguments" too_many "$c"
	check "$c has a manual page" page_of "$c"
done
pages() {
	local c f="$build/man/$1"
	[ -s "$f" ] && "$s" man ${2:-} | cmp - "$f"
}
check 'samtykke(1)' pages samtykke.1
check 'samtykke.conf(5)' pages samtykke.conf.5 samtykke.conf
check 'samtykke(3)' [ -s "$build/man/samtykke.3" ]
no_page() {
	exits 2 "$s" man no-such-page && contains "$err" 'no such page'
}
check 'a page that does not exist' no_page
check '--version' contains "$("$s" --version)" '^samtykke [0-9]+\.[0-9]+\.[0-9]+$'
no_command() {
	exits 2 "$s" && contains "$err" '^Usage: samtykke' && exits 2 "$s" nonsense && contains "$err" 'there is no command nonsense' &&
		exits 2 "$s" key && contains "$err" '^  key rotate '
}
check 'no command, or an unknown one' no_command
group_help() { # GROUP…
	local group
	for group; do
		exits 0 "$s" "$group" --help && [ -z "$err" ] && contains "$out" "^Usage: samtykke $group COMMAND" || return 1
		[ "$(sed -n 's/^  \([a-z]* [a-z]*\)  .*/\1/p' <<<"$out")" = "$("$s" --help | sed -n "s/^  \($group [a-z]*\)  .*/\1/p")" ] || return 1
	done
	exits 0 "$s" store -h && exits 2 "$s" stor --help
}
check 'every group has help' group_help $(printf '%s\n' "${commands[@]}" | sed -n 's/ .*//p' | sort -u)
completes() { # WORD… WANTED: what bash offers for the last word
	local wanted=${!#}
	(
		source "$build/man/samtykke"
		COMP_WORDS=(samtykke "${@:1:$#-1}") COMP_CWORD=$(($# - 1))
		_samtykke
		printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort | paste -sd ' ' -
	) >completed
	cat completed
	[ "$(cat completed)" = "$wanted" ]
}
completion() {
	"$s" completion | cmp - "$build/man/samtykke" && completes sto store && completes store '' '--help check migrate' && completes store c check &&
		completes sandbox --p --port && completes store migrate --s '--sandbox --set' && completes request create --val --valid-to &&
		completes apply wor '' && completes nonsense '' --help
}
check 'completion of bash' completion
check 'a value that is missing' exits 2 "$s" serve --config
check 'a value where none belongs' exits 2 "$s" apply --dry-run=yes x
check 'a number that is none' exits 2 "$s" request wait --timeout soon 1
check 'an argument that is missing' exits 2 "$s" apply
check 'an unknown setting' fails 'no_such_key' "$s" store check --set no_such_key=1
check 'a setting with a wrong value' fails 'log\.level' "$s" store check --set log.level=loud
check 'a settings file that does not exist' fails 'none\.conf' "$s" serve -c none.conf
check 'no store named' fails 'setting store is missing' "$s" store check
check 'a consumer without client' fails 'no client is named' "$s" request show 0195a7c2-9d10-7c44-8a51-3f2b7d6e9a01
check 'a consumer without key' fails 'key' "$s" request show --client-id x 0195a7c2-9d10-7c44-8a51-3f2b7d6e9a01
check 'a token that is none' fails 'neither a token nor a file that can be read' "$s" token inspect nonsense

# ---- a store of production ----

db=sqlite:$work/a.db
on=(env "SAMTYKKE_STORE=$db" "$s") # the program on that store
cat >world.json <<'END'
{ "parties": [
    { "type": "person", "nationalId": "01025161013", "name": "ELENA FJÆR" },
    { "type": "organization", "organizationNumber": "810419512", "name": "SMEKKFULL BANK AS", "unitType": "AS" } ],
  "scopes": [ { "scope": "altinn:consentrequests.write", "owner": "810419512", "description": "Ask for consent" } ] }
END
cat >faulty.json <<'END'
{ "parties": [ { "type": "person", "nationalId": "01025161014", "name": "X", "extra": 1 },
    { "type": "person", "nationalId": "05857420189", "name": "Y" } ],
  "clients": [ { "clientId": "a", "orgno": "810419512", "name": "n", "privateJwk": { "kty": "RSA" } } ] }
END
head -c 32 /dev/urandom >master && chmod 600 master
head -c 32 /dev/urandom >master2 && chmod 600 master2
cp master loose && chmod 644 loose

check 'serve refuses a store that does not exist' fails 'serve: .*/a\.db does not exist: .*run samtykke store migrate' "$s" serve --set "store=$db" --set key.master_file=master
check 'and has not made one' [ ! -e a.db ]
sqlite3 a.db 'CREATE TABLE t(x)' 2>/dev/null || : >a.db
check 'serve refuses a store that is not migrated' fails 'migrat' "$s" serve --set "store=$db" --set key.master_file=master
rm -f a.db*
check 'store migrate' exits 0 "${on[@]}" store migrate
check 'store migrate again' exits 0 "${on[@]}" store migrate
check 'store check' exits 0 "${on[@]}" store check

dry_run() {
	exits 0 "${on[@]}" apply --dry-run world.json && contains "$out" '^\+ party 01025161013$' && contains "$out" '^\+ scope altinn' &&
		exits 0 "${on[@]}" export && ! grep -q 01025161013 <<<"$out"
}
check 'apply --dry-run prints the difference and writes nothing' dry_run
applied() {
	exits 0 "${on[@]}" apply world.json && contains "$out" '^\+ party 810419512$'
}
check 'apply' applied
again() {
	exits 0 "${on[@]}" apply world.json && [ "$out" = 'no change' ]
}
check 'apply again changes nothing' again
changed() {
	sed 's/ELENA FJÆR/ELENA FJELL/' world.json >changed.json
	exits 0 "${on[@]}" apply changed.json && [ "$out" = '~ party 01025161013' ] && exits 0 "${on[@]}" apply world.json
}
check 'apply changes' changed
faulty() {
	exits 1 "${on[@]}" apply faulty.json
	grep -qx 'faulty.json: parties\[0\].nationalId: .*' err && grep -qx 'faulty.json: parties\[0\].extra: .*' err &&
		grep -qx 'faulty.json: clients\[0\].privateJwk: .*' err && tail -n 1 err | grep -q '3 faults; nothing was applied' &&
		exits 0 "${on[@]}" export && ! grep -q 05857420189 <<<"$out"
}
check 'each fault is PATH: what is wrong, and nothing is applied' faulty
check 'a document that is no JSON' exits 1 "${on[@]}" apply master
check 'a document that does not exist' fails 'cannot be read' "${on[@]}" apply none.json
from_stdin() {
	"${on[@]}" apply - <world.json | grep -qx 'no change'
}
check 'apply from standard input' from_stdin
round_trip() {
	"${on[@]}" export >one.json && "$s" store migrate --set "store=sqlite:$work/b.db" &&
		"$s" apply --set "store=sqlite:$work/b.db" one.json && "$s" export --set "store=sqlite:$work/b.db" >two.json &&
		diff one.json two.json && "${on[@]}" apply one.json | grep -qx 'no change'
}
check 'what is exported can be applied, and is the same' round_trip

# ---- keys ----

serve_refuses() { # PATTERN MASTER-FILE
	fails "$1" "$s" serve --set "store=$db" --set port=0 ${2:+--set "key.master_file=$2"}
}
check 'serve refuses to run without the master key' serve_refuses 'key\.master_file is missing'
check 'serve refuses to run without a signing key' serve_refuses 'key new' master
check 'key new without master key' fails 'key\.master_file' "${on[@]}" key new
check 'a master key that others may read' fails 'can be read by others' "${on[@]}" key new --set key.master_file=loose
check 'an unknown algorithm' fails 'HS256' "${on[@]}" key new --set key.master_file=master --alg HS256
check 'a lead that is no duration' fails 'soon' "${on[@]}" key new --set key.master_file=master --lead soon
key_new() {
	exits 0 "${on[@]}" key new --set key.master_file=master --alg "${1:-RS256}" && kid=$out && contains "$kid" '^[A-Za-z0-9_-]{43}$'
}
check 'key new' key_new
key_listed() {
	exits 0 "${on[@]}" key list && contains "$out" "^$kid  RS256  active" && [ "$(wc -l <out)" -eq 1 ]
}
check 'key list' key_listed
check 'serve refuses another master key' serve_refuses 'key\.master_file is not the key' master2
check 'serve refuses a master key that others may read' serve_refuses 'can be read by others' loose

# ---- serve ----

check 'an issuer without its slash' fails '^samtykke.*: issuer: https://issuer\.example is not an http' "$s" serve --set "store=$db" --set port=0 --set key.master_file=master --set issuer=https://issuer.example
check 'a trusted proxy that is no network' fails '^samtykke.*: trusted_proxies: 10\.0\.0\.0/33 is no address' "$s" serve --set "store=$db" --set port=0 --set key.master_file=master --set trusted_proxies=10.0.0.0/33
openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.pem -subj /CN=localhost -days 2 2>/dev/null
cp tls.key tls-loose.key && chmod 600 tls.key && chmod 640 tls-loose.key
tls=(serve --set "store=$db" --set port=0 --set key.master_file=master --set tls.cert=tls.pem --set)
check 'a TLS key that others may read' fails 'tls\.key: tls-loose\.key can be read by others' "$s" "${tls[@]}" tls.key=tls-loose.key
check 'a TLS key that is not there' fails 'tls\.key: cannot read nowhere' "$s" "${tls[@]}" tls.key=nowhere
served_tls() {
	start tls "$s" "${tls[@]}" tls.key=tls.key && curl -skf "https://${url#*://}/health/live" >out && kill -TERM "${pids[-1]}" && wait "${pids[-1]}"
}
check 'serve with TLS' served_tls

check 'serve starts' start serve "$s" serve --set "store=$db" --set port=0 --set key.master_file=master
server=${pids[-1]}
check '/health/live' http 200 "$url/health/live"
check '/health/ready' http 200 "$url/health/ready"
jwk() {
	http 200 "$url/jwk" && contains "$body" "\"$kid\"" && contains "$body" '"n":' && ! grep -q '"d":' <<<"$body"
}
check '/jwk has the new key, and no private part' jwk
metadata() {
	http 200 "$url/.well-known/oauth-authorization-server" && contains "$body" "\"issuer\":\"$url/\""
}
check 'the metadata names the issuer' metadata
for path in /sandbox /sandbox/clock /sandbox/apply /sandbox/login /sandbox/clients/x '/api/GetEnterpriseToken?env=x&scopes=a&orgNo=810419512' \
	'/api/GetPersonalToken?env=x&scopes=a&pid=01025161013'; do
	check "serve has no ${path%%\?*}" http 404 "$url$path"
done
rotated() {
	exits 0 "${on[@]}" key rotate --set key.master_file=master --lead PT48H --keep PT48H && [ -z "$err" ] && kid2=$out &&
		exits 0 "${on[@]}" key list && contains "$out" "^$kid .*active.*until.*removed" && contains "$out" "^$kid2  RS256  waiting"
}
check 'key rotate while it serves' rotated
published() { # within the five seconds that a server may need
	for _ in {1..100}; do
		curl -s "$url/jwk" | grep -q -- "$1" && return
		sleep 0.1
	done
	return 1
}
check 'the server publishes the new key by itself' published "$kid2"

# ---- keys: times, kinds, certificates ----

m=(--set key.master_file=master)
key() { # what `key …` prints, on that store
	exits 0 "${on[@]}" key "$@"
}
called_off() { # and rotated again, as the rest expects it
	key retire "${m[@]}" -- "$kid2" && [ "$out" = "$kid goes on signing" ] && key list && contains "$out" "^$kid2 .*removed" &&
		! grep -q "^$kid .*until.*certified" out && key rotate "${m[@]}" && kid2=$out && key list && contains "$out" "^$kid  RS256  active .*until"
}
check 'key retire of the key that waits calls the rotation off' called_off
check 'key rotate refuses a lead that caches do not bear' fails 'for 26 before' "${on[@]}" key rotate "${m[@]}" --lead PT25H59M59S
check 'key rotate refuses a short keep' fails 'for 26' "${on[@]}" key rotate "${m[@]}" --keep PT25H
check 'key new --now is for the first key of a store' fails '24 hours' "${on[@]}" key new "${m[@]}" --alg ES256 --now
check '--now and --lead' fails 'exclude' "${on[@]}" key new "${m[@]}" --now --lead PT48H
check 'key rotate of an algorithm without a key' fails 'key new' "${on[@]}" key rotate "${m[@]}" --alg EdDSA
check 'a size that is none' fails '2048 to 4096' "${on[@]}" key new "${m[@]}" --bits 1024
check 'a size past the limit' fails '2048 to 4096' "${on[@]}" key new "${m[@]}" --bits 4097
check 'a subject that is none' fails 'subject' "${on[@]}" key new "${m[@]}" --subject 'X=Y'
second_alg() {
	key new "${m[@]}" --alg ES256 --now --despite-caches --subject 'CN=Consent,O=Agency,C=NO' && es=$out && key list &&
		contains "$out" "^$es  ES256  active .*subject CN=Consent,O=Agency,C=NO  certified until"
}
check 'key new of another algorithm, with a subject' second_alg
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out own.pem 2>/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj '/CN=Authority' -days 30 2>/dev/null
openssl req -new -key own.pem -subj '/CN=Imported' 2>/dev/null |
	openssl x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -out own.crt 2>/dev/null
cat own.crt ca.pem >chain.pem
imported() {
	key new "${m[@]}" --alg PS256 --import own.pem --certificate chain.pem && ps=$out && key list &&
		contains "$out" "^$ps  PS256  waiting .*subject CN=Imported" && published "$ps" &&
		curl -s "$url/jwk" | python3 -c "
import json, sys
k = next(k for k in json.load(sys.stdin)['keys'] if k['kid'] == '$ps')
assert len(k['x5c']) == 2 and k['alg'] == 'PS256' and 'd' not in k"
}
check 'key new --import --certificate' imported
check 'a key is imported once' fails 'used before' "${on[@]}" key new "${m[@]}" --alg PS256 --import own.pem
check 'a key of another kind' fails 'no private key of that algorithm' "${on[@]}" key new "${m[@]}" --alg ES256 --import own.pem
check 'a file that is no key' fails 'no private key' "${on[@]}" key new "${m[@]}" --import own.crt
check 'a chain in the wrong order' fails 'not of this key' "${on[@]}" key certificate "$es" ca.pem
unchained() {
	cat own.crt own.crt >bad.pem && fails 'not issued by the next' "${on[@]}" key certificate -- "$ps" bad.pem
}
check 'a chain with a hole' unchained
check 'a certificate of another key' fails 'not of this key' "${on[@]}" key certificate "$es" chain.pem
certified() {
	key csr "${m[@]}" "$es" && cp out es.csr && openssl req -in es.csr -noout -verify -subject 2>&1 | grep -q 'CN = Consent' &&
		openssl x509 -req -in es.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -out es.crt 2>/dev/null &&
		cat es.crt ca.pem >es.pem && key certificate "$es" es.pem && key csr "${m[@]}" --subject CN=Other "$kid" &&
		openssl req -in out -noout -verify 2>/dev/null
}
check 'key csr, signed by an authority, key certificate' certified
check 'key csr of a key that does not exist' fails 'no key nobody' "${on[@]}" key csr "${m[@]}" nobody
check 'key retire of the last of its kind' fails 'no other key' "${on[@]}" key retire "$es"
check 'key retire of a key that does not exist' fails 'no key nobody' "${on[@]}" key retire nobody
retired() {
	key retire -- "$ps" && key list && contains "$out" "^$ps  PS256  removed" && key retire --last "$es" && key list &&
		contains "$out" "^$es  ES256  retired" && fails 'retired already' "${on[@]}" key retire "$es" &&
		fails 'exclude' "${on[@]}" key retire --compromised --keep PT1H "$es" && key retire --compromised "$es" && key list &&
		contains "$out" "^$es  ES256  removed"
}
check 'key retire' retired
rekeyed() {
	cp a.db r.db && "$s" key rekey --set "store=sqlite:$work/r.db" "${m[@]}" master2 >n && grep -q '^[0-9]* keys$' n &&
		fails 'does not decrypt' "$s" key rekey --set "store=sqlite:$work/r.db" "${m[@]}" master2 &&
		fails 'read by others' "$s" key rekey --set "store=sqlite:$work/r.db" "${m[@]}" loose &&
		start rekeyed "$s" serve --set "store=sqlite:$work/r.db" --set port=0 --set key.master_file=master2 &&
		kill -TERM "${pids[-1]}" && wait "${pids[-1]}"
}
check 'key rekey' rekeyed
no_private() {
	"${on[@]}" export >all.json && ! grep -qE '"(d|p|q|dp|dq|qi|sealed)":' all.json && ! grep -q 'PRIVATE KEY' serve.log
}
check 'no private part in what is exported or logged' no_private

# ---- tokens of a chosen algorithm ----

alg_of_scope() {
	sed 's/"description": "Ask for consent"/&, "tokenAlg": "'"$1"'"/' world.json >alg.json
}
alg_refused() {
	alg_of_scope EdDSA
	exits 1 "${on[@]}" apply alg.json && grep -qx 'alg.json: scopes\[0\].tokenAlg: no key of that algorithm signs now; .*' err
}
check 'apply refuses an algorithm that no key signs with' alg_refused
alg_unknown() {
	alg_of_scope RS384
	exits 1 "${on[@]}" apply alg.json && grep -q 'must be one of RS256, PS256, ES256, EdDSA' err
}
check 'apply refuses an algorithm that does not exist' alg_unknown
alg_taken() {
	alg_of_scope RS256
	exits 0 "${on[@]}" apply alg.json && exits 0 "${on[@]}" export && contains "$out" '"tokenAlg":' && sed 's/"tokenAlg": "RS256"/"tokenAlg": null/' alg.json >null.json &&
		exits 0 "${on[@]}" apply null.json
}
check 'apply takes one that does' alg_taken
check 'serve refuses a default that no key signs with' fails 'token\.alg, EdDSA' "$s" serve --set "store=$db" --set port=0 "${m[@]}" --set token.alg=EdDSA
check 'a default that does not exist' fails 'token\.alg: RS384' "$s" serve --set "store=$db" --set port=0 "${m[@]}" --set token.alg=RS384
check 'a PKCS#11 module that is none' fails 'pkcs11\.module: ' "${on[@]}" key new "${m[@]}" --pkcs11 'pkcs11:token=a;object=b' --set pkcs11.module=/nonexistent.so
check 'a key in a token, but no module' fails 'pkcs11\.module' "${on[@]}" key new "${m[@]}" --pkcs11 'pkcs11:token=a;object=b'
ended() {
	kill -TERM "$server" && wait "$server"
}
check 'serve ends on SIGTERM with status 0' ended
taken() {
	start one "$s" serve --set "store=$db" --set port=0 --set key.master_file=master &&
		fails "serve: 127\.0\.0\.1, port ${url##*:}: address already in use; .*--set port=0" "$s" serve --set "store=$db" --set "port=${url##*:}" \
			--set key.master_file=master && fails 'sandbox: .*address already in use; .*--port 0' "$s" sandbox --port "${url##*:}"
}
check 'serve says when its port is taken' taken

# ---- sandbox and production never mix ----

check 'the sandbox refuses a store of production' fails 'sandbox: ' "$s" sandbox --port 0 --set "store=$db"
check 'the sandbox starts' start sandbox "$s" sandbox --port 0 --data "$work/box"
check 'the sandbox has its page' http 200 "$url/sandbox"
check 'serve refuses a store of the sandbox' fails 'serve: ' "$s" serve --set "store=sqlite:$work/box/samtykke.db" \
	--set key.master_file=master --set port=0
check 'apply refuses a store of the sandbox' fails 'apply: ' "$s" apply --set "store=sqlite:$work/box/samtykke.db" world.json
check 'apply --sandbox takes it' exits 0 "$s" apply --sandbox --dry-run --set "store=sqlite:$work/box/samtykke.db" world.json
check 'the sandbox listens on loopback only' fails 'expose' "$s" sandbox --port 0 --set listen=0.0.0.0
temporary() {
	local dir pid
	start temporary "$s" sandbox --port 0 || return 1
	dir=$(sed -n 's/.*"data":"\([^"]*\)".*/\1/p' temporary.ready) pid=${pids[-1]}
	[ -e "$dir/samtykke.db" ] && kill -TERM "$pid" && wait "$pid" && [ ! -e "$dir" ]
}
check 'the temporary folder is removed at the end' temporary
check 'a seed that does not exist' fails 'none\.json' "$s" sandbox --port 0 --seed none.json
check 'a seed with faults' exits 1 "$s" sandbox --port 0 --seed faulty.json
done_testing
