#!/bin/bash
# The issuer's self-service from a terminal, against a sandbox: clients and keys, scopes and accesses, delegations; each shows on the next token.
. "$(dirname "$0")/tap.bash"
s=$SAMTYKKE_BIN
bank_org=810419512 supplier_org=810418192
cd "$work" || exit 1
check 'the sandbox starts' start sandbox "$s" sandbox --port 0 || exit 1
export SAMTYKKE_URL=$url

as() { # NAME LAST-DIGIT-OF-THE-CLIENT: `NAME COMMAND…` runs the program as that client
	local id=5f1d8a52-7c0e-4b7a-9d57-2f6a3c1e8b0$2
	curl -sS --max-time 60 -o "$1.jwk" "$url/sandbox/clients/$id"
	eval "$1=(env SAMTYKKE_CLIENT_ID=$id SAMTYKKE_CLIENT_KEY=$work/$1.jwk '$s')"
}
as bank 1
as supplier 2
as agency 4
check 'the keys of three clients' grep -l '"d"' bank.jwk supplier.jwk agency.jwk
json() { # EXPRESSION: what python says of `d`, the document in $out
	OUT=$out python3 -c "import json, os
d = json.loads(os.environ['OUT'])
assert $1, d"
}
value() { # NAME: the first text member of that name in $out
	grep -oE "\"$1\": ?\"[^\"]*\"" <<<"$out" | head -n 1 | sed 's/.*: *"//; s/"$//'
}
token_of() { # STATUS CLIENT KEY SCOPE: what fetching a token ends with
	exits "$1" "$s" token get --no-cache --client-id "$2" --key "$3" --scope "$4"
}
usage() { # PATTERN COMMAND…: wrong usage
	local pattern=$1
	shift
	exits 2 "$@" && [ -z "$out" ] && contains "$err" "$pattern"
}

# ---- clients ----

created() {
	exits 0 "${bank[@]}" client create --name 'Fangst & fisk' --scope ttd:inntekt --redirect https://a.example --lifetime 60 --jwks bank.jwk &&
		json "d['client_name'] == 'Fangst & fisk' and d['scopes'] == ['ttd:inntekt'] and d['access_token_lifetime'] == 60" &&
		json "d['redirect_allow'] == ['https://a.example'] and d['client_orgno'] == '$bank_org'" && client=$(value client_id) &&
		token_of 0 "$client" bank.jwk ttd:inntekt
}
check 'client create, with keys: it has tokens' created
listed() {
	exits 0 "${bank[@]}" client list && json "'$client' in [c['client_id'] for c in d]" && exits 0 "${bank[@]}" client show "$client" &&
		json "d['client_id'] == '$client'"
}
check 'client list, client show' listed
changed() {
	exits 0 "${bank[@]}" client change --description 'nå' --scope ttd:inntekt --scope skatteetaten:inntekt "$client" &&
		json "d['description'] == 'nå' and len(d['scopes']) == 2 and d['client_name'] == 'Fangst & fisk' and d['access_token_lifetime'] == 60" &&
		exits 0 "${bank[@]}" client change --scope '' "$client" && json "d['scopes'] == [] and d['description'] == 'nå'" &&
		token_of 1 "$client" bank.jwk ttd:inntekt && exits 0 "${bank[@]}" client change --scope ttd:inntekt "$client"
}
check 'client change: what is not named stays' changed
keys() {
	python3 -c "import json; print(json.dumps({'keys': [json.load(open('agency.jwk'))]}))" >set.jwks &&
		exits 0 "${bank[@]}" client keys --jwks set.jwks "$client" && json "len(d['keys']) == 1 and 'd' not in d['keys'][0]" &&
		token_of 1 "$client" bank.jwk ttd:inntekt && token_of 0 "$client" agency.jwk ttd:inntekt
}
check 'client keys: a set, and no private member' keys
keys_listed() { # a year from when they were posted
	exits 0 "${bank[@]}" client keys "$client" && json "len(d['keys']) == 1 and d['keys'][0]['kty'] == 'RSA' and 'd' not in d['keys'][0]" &&
		json "int(d['expires'][:4]) == int(d['posted'][:4]) + 1" && token_of 0 "$client" agency.jwk ttd:inntekt &&
		fails 'answered 404' "${bank[@]}" client keys nobody
}
check 'client keys without a file: what there is, until when' keys_listed
keyless() {
	exits 0 "${bank[@]}" client create --name 'Uten' && second=$(value client_id) && token_of 1 "$second" bank.jwk ttd:inntekt &&
		exits 0 "${bank[@]}" client keys --jwks bank.jwk "$second" && exits 0 "${bank[@]}" client change --scope ttd:inntekt "$second" &&
		token_of 0 "$second" bank.jwk ttd:inntekt
}
check 'client create without keys, which come later' keyless
refused_keys() { # the client is there all the same
	echo '{"kty":"EC","kid":"x"}' >ec.jwk
	exits 1 "${bank[@]}" client create --name Halv --jwks ec.jwk && contains "$err" 'answered 400' && id=$(value client_id) &&
		exits 0 "${bank[@]}" client show "$id"
}
check 'client create whose keys are refused' refused_keys
deactivated() {
	exits 0 "${bank[@]}" client deactivate "$second" && [ -z "$out$err" ] && token_of 1 "$second" bank.jwk ttd:inntekt &&
		exits 0 "${bank[@]}" client list && json "'$second' not in [c['client_id'] for c in d]" &&
		exits 0 "${bank[@]}" client list --inactive && json "'$second' in [c['client_id'] for c in d]"
}
check 'client deactivate, client list --inactive' deactivated
for_others() {
	exits 0 "${supplier[@]}" client create --name Kundens --for $bank_org --scope ttd:inntekt --jwks supplier.jwk &&
		json "d['client_orgno'] == '$bank_org' and d['supplier_orgno'] == '$supplier_org'" && third=$(value client_id) &&
		exits 0 "${supplier[@]}" client list --for-others && json "[c['client_id'] for c in d] == ['$third']" &&
		fails 'answered 404' "${supplier[@]}" client show "$third" && exits 0 "${supplier[@]}" client show --for-others "$third" &&
		exits 0 "${supplier[@]}" client change --for-others --name Ny "$third" && json "d['client_name'] == 'Ny'" &&
		exits 0 "${supplier[@]}" client deactivate --for-others "$third"
}
check 'a supplier registers for its customer' for_others
check 'a client that does not exist' fails 'answered 404' "${bank[@]}" client show 'no?such client'
check 'a scope that does not exist' fails 'answered 400: .*scopes\[0\]' "${bank[@]}" client create --name x --scope no:such
check 'client create without --name' usage '--name is missing' "${bank[@]}" client create
check 'a number that is none' usage '--lifetime takes a whole number' "${bank[@]}" client create --name x --lifetime 1,2
check 'client show without id' usage 'ID is missing' "${bank[@]}" client show
check 'a key file that is not there' fails 'cannot read the key set' "${bank[@]}" client keys --jwks none.jwks "$client"
echo '[]' >list.json && echo '{}' >empty.json
check 'a key file that is no object' fails 'not a JSON object' "${bank[@]}" client keys --jwks list.json "$client"
check 'a key file without keys' fails 'neither a key nor a key set' "${bank[@]}" client keys --jwks empty.json "$client"
limit() { # 262144 bytes are read, one more is not
	{ cat set.jwks && head -c 262144 /dev/zero | tr '\0' ' '; } | head -c 262144 >full.jwks && exits 0 "${bank[@]}" client keys --jwks full.jwks "$client" &&
		echo >>full.jwks && fails 'cannot read the key set' "${bank[@]}" client keys --jwks full.jwks "$client"
}
check 'a key file at its limit' limit
check 'a client without the scope' fails 'answered 400: .*invalid_scope' "${bank[@]}" scope list
many() { # a list of more than LIST_BYTES_MAX comes in pages, which the command joins
	python3 -c "import json
print(json.dumps({'clients': [{'clientId': f'many-{i:03}', 'orgno': '$bank_org',
	'redirectAllow': ['https://' + '.'.join(['a' * 60, 'b' * 60, 'c' * 60, f'd{j:03}.example']) for j in range(100)]} for i in range(120)]}))" >many.json
	exits 0 curl -sS --max-time 60 -f -H 'Content-Type: application/json' -d @many.json "$url/sandbox/apply" &&
		exits 0 "${bank[@]}" client list >/dev/null && [ "${#out}" -gt 2200000 ] && "${bank[@]}" client list >many.out &&
		python3 -c "import json
ids = [c['client_id'] for c in json.load(open('many.out'))]
assert len(ids) == len(set(ids)) and len([i for i in ids if i.startswith('many-')]) == 120, ids"
}
check 'a list of several pages' many
check 'no server' fails 'cannot be reached' "${bank[@]}" client list --url http://127.0.0.1:9

# ---- scopes ----

scope=ttd:egen/fangst
scope_made() {
	exits 0 "${agency[@]}" scope create --prefix ttd --subscope egen/fangst --description Fangst --delegation-source https://www.altinn.no/ --at-max-age 30 &&
		json "d['name'] == '$scope' and d['at_max_age'] == 30 and d['delegation_source'] and not d['accessible_for_all']"
}
check 'scope create' scope_made
check 'scope create of one that is there' fails 'answered 409' "${agency[@]}" scope create --prefix ttd --subscope egen/fangst --description Fangst
check "scope create under another's prefix" fails 'answered 403' "${agency[@]}" scope create --prefix skatteetaten --subscope x --description x
check 'scope create without --description' usage '--description is missing' "${agency[@]}" scope create --prefix ttd --subscope x
scope_listed() {
	exits 0 "${agency[@]}" scope list && json "'$scope' in [x['name'] for x in d]"
}
check 'scope list' scope_listed
scope_shown() {
	exits 0 "${agency[@]}" scope show $scope && json "d['name'] == '$scope' and d['at_max_age'] == 30" && fails 'answered 404' "${agency[@]}" scope show ttd:none &&
		exits 0 "$s" scope all && json "'$scope' in [x['name'] for x in d]" && exits 0 "$s" delegation sources && json "{'issuer': 'https://www.altinn.no/'} in d"
}
check 'scope show; scope all and delegation sources, without a token' scope_shown
granted() {
	exits 0 "${bank[@]}" client change --scope $scope "$client" && token_of 1 "$client" agency.jwk $scope &&
		exits 0 "${agency[@]}" scope grant $scope $bank_org && json "d['consumer_orgno'] == '$bank_org'" && token_of 0 "$client" agency.jwk $scope
}
check 'scope grant: the next token has it' granted
access() {
	exits 0 "${agency[@]}" scope access $scope && json "[(x['consumer_orgno'], x['state']) for x in d] == [('$bank_org', 'APPROVED')]" &&
		fails 'answered 404' "${agency[@]}" scope access ttd:none && usage 'SCOPE is missing' "${agency[@]}" scope access
}
check 'scope access: who has it' access
scope_changed() {
	exits 0 "${agency[@]}" scope change --at-max-age 0 --description 'Annet' $scope &&
		json "d['at_max_age'] == 0 and d['description'] == 'Annet' and d['delegation_source']" &&
		exits 0 "${agency[@]}" scope change --accessible-for-all $scope && json "d['accessible_for_all'] and d['description'] == 'Annet'" &&
		exits 0 "${agency[@]}" scope change --not-for-all --visibility PRIVATE $scope &&
		json "not d['accessible_for_all'] and d['visibility'] == 'PRIVATE'" && token_of 0 "$client" agency.jwk $scope &&
		exits 0 "${agency[@]}" scope change --visibility INTERNAL --authorization-max-age 600 --integration-type krr $scope &&
		json "d['visibility'] == 'INTERNAL' and d['authorization_max_age'] == 600 and d['allowed_integration_types'] == ['krr']" &&
		token_of 1 "$client" agency.jwk $scope && exits 0 "${agency[@]}" scope change --integration-type krr --integration-type maskinporten $scope &&
		json "d['allowed_integration_types'] == ['krr', 'maskinporten'] and d['authorization_max_age'] == 600" && token_of 0 "$client" agency.jwk $scope
}
check 'scope change: what is not named stays' scope_changed
check 'two options that exclude each other' usage 'exclude each other' "${agency[@]}" scope change --not-for-all --accessible-for-all $scope
check 'scope change of one that does not exist' fails 'answered 404' "${agency[@]}" scope change --description x 'ttd:none&such'

# ---- delegations ----

handed() {
	exits 0 "${bank[@]}" delegation create --supplier $supplier_org --scope $scope && json "'$scope' in d['scopes']" &&
		exits 0 "${bank[@]}" delegation list && json "'$scope' in [x for e in d for x in e['scopes'] if e['supplier_org'] == '$supplier_org']" &&
		exits 0 "${supplier[@]}" delegation list && json "'$scope' in [x for e in d for x in e['scopes']]"
}
check 'delegation create, delegation list' handed
taken_back() {
	exits 0 "${bank[@]}" delegation withdraw --supplier $supplier_org --scope $scope && [ -z "$out$err" ] && exits 0 "${bank[@]}" delegation list &&
		json "'$scope' not in [x for e in d for x in e['scopes']] and d != []" && exits 0 "${bank[@]}" delegation withdraw --supplier $supplier_org &&
		exits 0 "${bank[@]}" delegation list && json "'$supplier_org' not in [e['supplier_org'] for e in d]"
}
check 'delegation withdraw: one scope, then all' taken_back
check 'delegation create without --scope' usage '--scope is missing' "${bank[@]}" delegation create --supplier $supplier_org
check 'delegation withdraw without --supplier' usage '--supplier is missing' "${bank[@]}" delegation withdraw

# ---- the end of a scope ----

withdrawn() {
	exits 0 "${agency[@]}" scope withdraw $scope $bank_org && [ -z "$out$err" ] && token_of 1 "$client" agency.jwk $scope
}
check 'scope withdraw: no token any more' withdrawn
prefixes() { # anybody: neither client nor key is named
	exits 0 "$s" scope prefixes && json "{'prefix': 'ttd', 'owner_orgno': '991825827'} in d and [p['prefix'] for p in d] == sorted(p['prefix'] for p in d)" &&
		exits 2 "$s" scope prefixes --key bank.jwk && exits 1 "$s" scope prefixes --url http://127.0.0.1:9
}
check 'scope prefixes, without a token' prefixes
ended() {
	exits 0 "${agency[@]}" scope deactivate $scope && exits 0 "${agency[@]}" scope list && json "'$scope' not in [x['name'] for x in d]" &&
		exits 0 "${agency[@]}" scope list --inactive && json "'$scope' in [x['name'] for x in d]" &&
		fails 'answered 409' "${agency[@]}" scope grant $scope $bank_org
}
check 'scope deactivate' ended
done_testing
