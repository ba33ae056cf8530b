#!/bin/bash
# The README's blocks for a bank, a data source, a person and a service owner, as a reader pastes them: at other ports.
. "$(dirname "$0")/tap.bash"
cd "$work" || exit 1
check 'the sandbox starts' start sandbox "$SAMTYKKE_BIN" sandbox --port 0 || exit 1
sandbox=$url
check 'the tax authority starts' start tax "$build/demo/tax" --port 0 --issuer "$sandbox/" || exit 1
tax=$url
ln -s "$SAMTYKKE_ROOT/include" include && ln -s "$build" build
mkdir demo && for file in verify.py verify.mjs; do # at the other port
	sed "s|http://127\.0\.0\.1:8080|$sandbox|" "$SAMTYKKE_ROOT/demo/$file" >"demo/$file"
done
export SAMTYKKE_URL=$sandbox SAMTYKKE_CLIENT_ID=5f1d8a52-7c0e-4b7a-9d57-2f6a3c1e8b01 SAMTYKKE_CLIENT_KEY=bank.jwk XDG_CACHE_HOME=$work/cache PATH=$build:$PATH

# The blocks of a section, each behind a line that tells that it begins. The programs run already, and a feed has no end.
blocks() { # HEADING
	sed -n "/^## $1/,/^## /p" "$SAMTYKKE_ROOT/README.md" | awk '/^```sh$/ { on = 1; print "echo \"== block " ++n "\""; next } /^```$/ { on = 0 } on' |
		grep -vE '^make build$|^samtykke sandbox &$|^build/demo/tax &$|^export PATH=|^samtykke events follow' |
		sed "s|http://127\.0\.0\.1:8080|$sandbox|g; s|http://127\.0\.0\.1:8081|$tax|g"
}
for section in 'A bank' 'A data source' 'A person' 'A service owner'; do
	blocks "$section"
done >all.sh
pasted() {
	timeout 120 bash -eu all.sh >all.out 2>all.err </dev/null
	local status=$?
	tail -n 20 all.out all.err
	[ "$status" -eq 0 ]
}
check 'every command of the blocks succeeds' pasted
said() { # PATTERN TIMES
	grep -E -- "$1" all.out
	[ "$(grep -cE -- "$1" all.out)" -eq "$2" ]
}
check 'there are many' [ "$(grep -c '^== block' all.out)" -ge 10 ]
check 'the tax authority hands the data out, to both kinds of client' said '"sum":[0-9]+' 2
check 'it has reported each use' [ "$(grep -c '"event":"delivered","reported":"ok"' tax.ready)" -eq 2 ]
check 'the command verifies the token' said '^consent: [0-9a-f-]{36}$' 1
check 'the programs in C, Python and JavaScript verify it' said '^ok: consent [0-9a-f-]{36}$' 3
examples_refuse() { # another person's, another year's, another resource's, another scope's, a forged and no token
	local forged
	token=$(samtykke token get --no-cache --scope ttd:inntekt --consent "$(sed -n 's/^ok: consent //p' all.out | head -n 1)") || return
	forged=${token%.*}.$(printf 'A%.0s' {1..342})
	for change in "s/01025161013/05857420189/" "s/'2025'/'2024'/; s/\"2025\"/\"2024\"/" 's/ttd_inntektsopplysninger/ttd_utdanning/' 's/ttd:inntekt/ttd:formue/' \
		"s|$sandbox/|$sandbox/x/|"; do
		for file in verify.py verify.mjs; do
			sed "$change" "demo/$file" >"demo/other.${file##*.}"
		done
		exits 1 /usr/bin/python3 demo/other.py "$token" && exits 1 node demo/other.mjs "$token" || return
	done
	for bad in "$forged" nonsense ''; do
		exits 1 /usr/bin/python3 demo/verify.py "$bad" && exits 1 node demo/verify.mjs "$bad" || return
	done
	exits 0 /usr/bin/python3 demo/verify.py "$token" && exits 0 node demo/verify.mjs "$token"
}
check 'the examples refuse what they should' examples_refuse
check 'the receipt'\''s page has an address' said "^$sandbox/accessmanagement/ui/consent/receipt\?id=[0-9a-f-]{36}$" 1
check 'the receipt is good' said '^Signaturen er ekte' 1
check 'nothing is refused' bash -c '! grep -E "\"status\": ?[45][0-9][0-9]|\"error\"" all.out'

# ---- the sandbox page's own example ----

example() { # what the page has in its N-th example
	curl -sS "$sandbox/sandbox" | awk '/<pre/ { n++; on = 1 } on && n == '"$1"'; /<\/pre>/ { on = 0 }' | sed 's/<[^>]*>//g; s/&quot;/"/g; s/&#39;/'"'"'/g; s/&amp;/\&/g'
}
asks() {
	example 1 >page.sh && bash -eu page.sh >page.out && cat page.out && grep -q '"status": \?"Created"' page.out && grep -q '"metadata"' page.sh
}
check 'the page'\''s example asks for consent' asks
lives() { # a day later
	local id token
	id=$(grep -oE '"id": ?"[0-9a-f-]{36}"' page.out | head -n 1 | cut -d '"' -f 4)
	bash -eu <(example 2) >clock.out && token=$(curl -sS "$sandbox/api/GetEnterpriseToken?orgNo=$(grep -oE 'orgNo=[0-9]+' page.sh | cut -d = -f 2)&scopes=altinn:consentrequests.read") &&
		curl -sS "$sandbox/accessmanagement/api/v1/enterprise/consentrequests/$id" -H "Authorization: Bearer $token" >later.out && cat clock.out later.out &&
		grep -q '"status": \?"Created"' later.out && ! grep -q Expired later.out
}
check 'and it lives on when the page'\''s next example has moved the clock' lives
done_testing
