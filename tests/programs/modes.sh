#!/bin/bash
# Files with people's numbers or credentials: who can read the ones that the program makes, whatever the umask, and which ones it refuses.
. "$(dirname "$0")/tap.bash"
s=$SAMTYKKE_BIN
id=5f1d8a52-7c0e-4b7a-9d57-2f6a3c1e8b01
export XDG_CACHE_HOME=$work/cache
cd "$work" || exit 1

modes() { # MODE FILE…: all of them are there and have it
	local mode=$1 file
	shift
	for file; do
		[ "$(stat -c %a "$file")" = "$mode" ] || { echo "$file: $(stat -c %a "$file")" && return 1; }
	done
}
for mask in 000 022 077; do
	data=$work/data-$mask
	check "umask $mask: the sandbox starts" start "sandbox$mask" bash -c "umask $mask; exec '$s' sandbox --port 0 --data '$data'" || exit 1
	check "umask $mask: SQLite's files are their owner's" modes 600 "$data"/samtykke.db{,-wal,-shm}
	curl -sS -o bank.jwk "$url/sandbox/clients/$id"
	got() {
		exits 0 bash -c "umask $mask; exec '$s' token get --url $url --client-id $id --key bank.jwk --scope ttd:inntekt" &&
			modes 600 "$work"/cache/samtykke/* && modes 700 "$work"/cache/samtykke
	}
	check "umask $mask: so is a kept token" got
	exported() {
		(umask $mask; "$s" export --sandbox --set "store=sqlite:$data/samtykke.db" >"export-$mask.json") && modes 600 "export-$mask.json" &&
			grep -q 01025161013 "export-$mask.json"
	}
	check "umask $mask: so is an export" exported
	check "umask $mask: a store that is made" exits 0 bash -c "umask $mask; exec '$s' store migrate --set store=sqlite:made-$mask.db"
	check "umask $mask: is its owner's" modes 600 "made-$mask.db"
done
piped() {
	"$s" export --set store=sqlite:made-022.db | grep -q parties
}
check 'an export goes through a pipe' piped

earlier() {
	chmod 644 made-022.db && exits 0 "$s" store migrate --set store=sqlite:made-022.db && modes 640 made-022.db && contains "$err" store.file_closed
}
check 'the file of an earlier version is closed to others' earlier
shared() {
	chmod 660 made-022.db && exits 0 "$s" store migrate --set store=sqlite:made-022.db && modes 660 made-022.db
}
check 'a mode for owner and group stays' shared

# refusals: the command that mends stands in the message
get=("$s" token get --no-cache --url "$url" --client-id $id --scope ttd:inntekt --key)
for mode in 604 644 666; do
	cp bank.jwk open.jwk && chmod $mode open.jwk
	check "a client's key of mode $mode is refused" fails 'open\.jwk can be read by others .*\(chmod 600 open\.jwk\)' "${get[@]}" open.jwk
done
mended() {
	chmod 600 open.jwk && exits 0 "${get[@]}" open.jwk && chmod 640 open.jwk && exits 0 "${get[@]}" open.jwk
}
check 'one for owner and group is taken' mended
from_elsewhere() {
	chmod 644 open.jwk && exits 0 "${get[@]}" <(cat open.jwk) && "${get[@]}" - <open.jwk >/dev/null
}
check 'standard input and a pipe have no mode that others could use' from_elsewhere
credential() {
	mkdir -p credentials && cp open.jwk credentials/key && chmod 444 credentials/key &&
		exits 0 env CREDENTIALS_DIRECTORY="$work/credentials" "${get[@]}" "$work/credentials/key" && ! exits 0 "${get[@]}" "$work/credentials/key"
}
check "systemd's credential folder protects its files" credential
registered() {
	fails 'holds a private key .*chmod 600' "$s" client create --url "$url" --client-id $id --key bank.jwk --name x --jwks open.jwk &&
		/usr/bin/python3 -c 'import json; k = json.load(open("bank.jwk")); json.dump({m: k[m] for m in ("kty", "kid", "n", "e", "alg", "use") if m in k}, open("public.jwk", "w"))' &&
		chmod 644 public.jwk && exits 0 "$s" client create --url "$url" --client-id $id --key bank.jwk --name x --jwks public.jwk
}
check 'the key set of a registration is refused when it holds a private key' registered
openssl genrsa -out own.pem 2048 2>/dev/null
imported() {
	head -c 32 /dev/urandom >master && chmod 644 own.pem &&
		fails 'own\.pem can be read by others .*chmod 600' "$s" key new --set store=sqlite:made-000.db --set key.master_file=master --import own.pem &&
		chmod 600 own.pem && exits 0 "$s" key new --set store=sqlite:made-000.db --set key.master_file=master --import own.pem
}
check 'so is a signing key that is imported' imported

settings() { # STATUS MODE LINE
	printf 'store = sqlite:%s/made-000.db\n%s\n' "$work" "$3" >s.conf && chmod "$2" s.conf && exits "$1" "$s" store check -c s.conf
}
refused() {
	settings 1 644 "$1" && contains "$err" '(chmod 640 s.conf)' && settings 0 640 "$1" && settings 0 600 "$1"
}
check 'a settings file with a client secret is refused when others can read it' refused 'oidc.client_secret = hemmelig'
check 'so is one with a subscription key' refused 'consent.lookup_subscription_key = hemmelig'
password() {
	printf 'store = postgresql://u:hemmelig@127.0.0.1:9/x\n' >s.conf && chmod 644 s.conf && fails 'it holds store .*chmod 640 s\.conf' "$s" store check -c s.conf &&
		chmod 640 s.conf && exits 1 "$s" store check -c s.conf && ! contains "$err" chmod
}
check 'so is one with a password of the database' password
check 'one without a secret is not' settings 0 644 'port = 0'
apart() {
	printf 'store = sqlite:%s/made-000.db\n' "$work" >s.conf && chmod 644 s.conf &&
		exits 0 env SAMTYKKE_OIDC_CLIENT_SECRET=hemmelig "$s" store check -c s.conf
}
check 'a secret of the environment does not count for the file' apart
seeded() {
	cp "$SAMTYKKE_ROOT/seeds/sandbox.json" world.json && chmod 644 world.json && start seeded "$s" sandbox --port 0 --seed world.json
}
check "a sandbox's seed with published keys is taken" seeded
done_testing
