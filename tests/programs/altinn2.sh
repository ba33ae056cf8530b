#!/bin/bash
# Tokens of Altinn 2 from a terminal, against a sandbox: each generation is fetched with its code, looked into and verified. The demo's
# tax authority takes them in the header AltinnSamtykke.
. "$(dirname "$0")/tap.bash"
s=$SAMTYKKE_BIN
pid=01025161013 bank=810419512 supplier=810418192
bank_key=5A6B0D1E-0000-4000-8000-810419512000
cd "$work" || exit 1
check 'the sandbox starts' start sandbox "$s" sandbox --port 0 || exit 1
export SAMTYKKE_URL=$url

org_token() { # SCOPES
	curl -sS --max-time 60 "$SAMTYKKE_URL/api/GetEnterpriseToken?env=test&scopes=$1&orgNo=$bank"
}
# given CODE EDITION METADATA: a consent that stands; its code in $code
given() {
	local person
	curl -sS --max-time 60 -H "ApiKey: $bank_key" -H "Authorization: Bearer $(org_token altinn:consentrequests.write)" \
		-H 'Content-Type: application/json' -d "{\"CoveredBy\":\"$bank\",\"OfferedBy\":\"$pid\",\"OfferedByName\":\"Fjær\",
			\"ValidTo\":\"$(TZ=Europe/Oslo date -d '+5 days' +%Y-%m-%dT%H:%M:%S)\",\"RedirectUrl\":\"https://bank.example/retur\",
			\"RequestResources\":[{\"ServiceCode\":\"$1\",\"ServiceEditionCode\":$2,\"Metadata\":$3}]}" \
		"$SAMTYKKE_URL/api/consentRequests" >asked
	code=$(grep -oE '"AuthorizationCode": ?"[^"]*"' asked | sed 's/.*: *"//; s/"$//')
	[ -n "$code" ] || { cat asked; return 1; }
	person=$(curl -sS --max-time 60 "$SAMTYKKE_URL/api/GetPersonalToken?env=test&scopes=altinn:portal/enduser&pid=$pid&authLvl=4")
	curl -sS --max-time 60 -o answered -w '%{http_code}' -X POST -H "Authorization: Bearer $person" -H 'Content-Type: application/json' \
		-d '{"language":"nb"}' "$SAMTYKKE_URL/accessmanagement/api/v1/bff/consentrequests/$code/accept" | grep -qx 200
}
fetch() { # FILE: a token of the consent, in its quotation marks
	curl -sS --max-time 60 -H "ApiKey: $bank_key" -H 'Accept: application/json' "$SAMTYKKE_URL/api/authorization/token/$code" >"$1" && grep -q '^"eyJ' "$1"
}
# A token lives for 30 seconds, which this machine may need: the skew stands for a clock that is behind.
verify=("$s" token verify --altinn2 --skew 3600)
generation() { # GENERATION CODE EDITION METADATA
	given "$2" "$3" "$4" && fetch "token$1" && exits 0 "$s" token inspect "token$1" && contains "$out" "\"AuthorizationCode\": \"$code\"" &&
		contains "$err" "^A token of Altinn 2, generation $1\.$" &&
		exits 0 "${verify[@]}" --service "$2_$3" --consumer $bank --supplier $supplier --from $pid --max-validity P6D "token$1" &&
		contains "$out" "^kind: Altinn 2, generation $1$" && contains "$out" "^consent: $code$" && contains "$out" "^service: $2_$3$" &&
		contains "$out" "^consumer: $bank$" && contains "$out" "^from: urn:altinn:person:identifier-no:$pid$"
}
check 'generation 1' generation 1 4628 1 '{"inntektsaar":"2024"}'
check 'generation 2' generation 2 4629 2 '{"inntektsaar":"2024"}'
check 'generation 3' generation 3 4628 210607 '{"inntektsaar":"2024"}'
check 'an argument, as it was answered' exits 0 "${verify[@]}" "$(cat token3)"
check 'the parameters: generation 2' exits 0 "${verify[@]}" --service 4629_2 --metadata inntektsaar=2024 token2
check 'the parameters: generation 3' exits 0 "${verify[@]}" --service 4628_210607 --metadata INNTEKTSAAR=2024 token3
check 'the parameters: generation 1 names none' fails ': not-covered: ' "${verify[@]}" --service 4628_1 --metadata inntektsaar=2024 token1
key_set_file() {
	curl -sS --max-time 60 "$SAMTYKKE_URL/api/metadata/jwk" >keys && exits 0 "${verify[@]}" --jwks keys token1
}
check 'the key set in a file' key_set_file
check 'another kind' fails ': wrong-issuer: ' "$s" token verify token3
check 'another service' fails ': not-covered: ' "${verify[@]}" --service 4629_2 token3
check 'another year' fails ': not-covered: ' "${verify[@]}" --service 4628_210607 --metadata inntektsaar=2023 token3
check 'another consumer' fails ': wrong-recipient: ' "${verify[@]}" --consumer $supplier token3
check 'another giver' fails ': wrong-giver: ' "${verify[@]}" --from 05857420189 token3
check 'a consent that lasts too long' fails ': validity-too-long: ' "${verify[@]}" --max-validity P4D token3
check 'a length that is none' fails 'not a duration' "${verify[@]}" --max-validity long token3
check '--service without --altinn2' fails 'add --altinn2' "$s" token verify --service 4629_2 token2
check '--resource with --altinn2' fails '--resource: a token of Altinn 2 has none' "${verify[@]}" --resource x token2
sed 's/\.[^.]*"$/.AAAA"/' token3 >forged
check 'a forged token' fails ': bad-signature: ' "${verify[@]}" forged
check 'a key set that cannot be reached' fails 'unavailable: .*127\.0\.0\.1:9' "${verify[@]}" --jwks http://127.0.0.1:9/api/metadata/jwk token3
no_consent() {
	org_token ttd:inntekt >access && fails ': wrong-kind: ' "${verify[@]}" access
}
check 'a token of another kind' no_consent

# ---- the demo's tax authority ----

check 'the tax authority starts' start tax "$build/demo/tax" --port 0 --issuer "$SAMTYKKE_URL/"
tax=$url
check 'one for a service of the third generation' start third "$build/demo/tax" --port 0 --issuer "$SAMTYKKE_URL/" --service 4628_210607
third=$url
check 'one for a service of the first generation' start first "$build/demo/tax" --port 0 --issuer "$SAMTYKKE_URL/" --service 4628_1
first=$url
# asks STATUS REASON SITE YEAR CONSENT-TOKEN [ACCESS-TOKEN [PERSON]]: REASON is of the answer, where it is none of 200.
asks() {
	local got
	got=$(curl -sS --max-time 60 -o answer -w '%{http_code}' -H "Authorization: Bearer ${6:-$access}" -H "AltinnSamtykke: $5" "$3/income/${7:-$pid}/$4")
	echo "$got: $(cat answer)"
	[ "$got" = "$1" ] && { [ "$1" = 200 ] && grep -q '"sum":' answer || grep -q "\"error\":\"$2\"" answer; }
}
delivered() { # CODE EDITION SITE: with a token that is new each time
	given "$1" "$2" '{"inntektsaar":"2024"}' && fetch token && access=$(org_token ttd:inntekt) && asks 200 '' "$3" 2024 "$(tr -d '"' <token)"
}
check 'generation 2 gives data' delivered 4629 2 "$tax"
check 'generation 3 gives data' delivered 4628 210607 "$third"
logged() {
	grep '"event":"delivered"' third.ready | grep -q "\"reported\":\"no\",\"consent\":\"$code\",\"consumer\":\"$bank\""
}
check 'the delivery is logged' logged
refuses() { # REASON SITE YEAR [ACCESS-TOKEN [PERSON]]: a new token of the consent that stands
	fetch token && asks 403 "$1" "$2" "$3" "$(tr -d '"' <token)" "${@:4}"
}
check 'another year' refuses not-covered "$third" 2023
check 'another service' refuses not-covered "$tax" 2024
check 'another person' refuses wrong-giver "$third" 2024 "$access" 05857420189
stranger() {
	refuses wrong-recipient "$third" 2024 "$(curl -sS --max-time 60 "$SAMTYKKE_URL/api/GetEnterpriseToken?env=test&scopes=ttd:inntekt&orgNo=974761076")"
}
check 'another organisation' stranger
no_scope() {
	refuses wrong-scope "$third" 2024 "$(org_token altinn:consentrequests.read)"
}
check 'an access token without the scope' no_scope
check 'no access token' asks 401 malformed "$third" 2024 "$(tr -d '"' <token)" none
check 'a text that is no token' asks 403 malformed "$third" 2024 none
check 'an access token in its place' asks 403 wrong-kind "$third" 2024 "$access"
lasting() { # the sandbox's generator makes consents of a year
	curl -sS --max-time 60 "$SAMTYKKE_URL/api/GetConsentToken?serviceCodes=4628_210607&offeredBy=$pid&coveredBy=$bank&4628_210607_inntektsaar=2024" >token &&
		asks 403 validity-too-long "$third" 2024 "$(cat token)"
}
check 'a consent that lasts too long is refused' lasting
without_year() {
	given 4628 1 '{"inntektsaar":"2024"}' && refuses not-covered "$first" 2024
}
check 'generation 1 does not name the year' without_year
check 'the page says it' http 200 "$third/"
done_testing
