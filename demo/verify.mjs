// A data source in Node, without packages: verify.mjs TOKEN prints the consent, or says why the token is refused (status 1).
//
// A server keeps the key set for all its requests. What this does not ask is whether the consent has ended since the token was issued:
// see the claim `status` (docs/HTTP.md), or libsamtykke.
import { constants, createPublicKey, verify } from 'node:crypto';

const ISSUER = 'http://127.0.0.1:8080/';
const SCOPE = 'ttd:inntekt', GIVER = 'urn:altinn:person:identifier-no:01025161013';
const RESOURCE = 'ttd_inntektsopplysninger', METADATA = { inntektsaar: '2025' };

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
const ALGORITHMS = { RS256: ['sha256', {}], PS256: ['sha256', PSS], ES256: ['sha256', { dsaEncoding: 'ieee-p1363' }], EdDSA: [null, {}] };

function need(holds, why) {
	if (!holds)
		throw new Error(why);
}

const read = (part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
const fetched = async (url) => (await fetch(url)).json();

// Signature, issuer and times. The algorithm is the key's, whatever the token says.
async function claimsOf(token) {
	const [header, payload, signature, ...more] = token.split('.');
	need(signature && more.length === 0, 'no token');
	const { keys } = await fetched((await fetched(`${ISSUER}.well-known/oauth-authorization-server`)).jwks_uri);
	const jwk = keys.find((key) => key.kid === read(header).kid);
	need(jwk && read(header).alg === jwk.alg, 'another key');
	const [hash, options] = ALGORITHMS[jwk.alg];
	const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), ...options };
	need(verify(hash, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')), 'another signature');
	const claims = read(payload);
	need(claims.iss === ISSUER, 'another issuer');
	need(claims.exp > Date.now() / 1000, 'the token is over');
	return claims;
}

// Is it a right to that resource, with that metadata? Keys match in any letter case.
function covers(right) {
	const given = new Map(Object.entries(right.metadata).map(([key, value]) => [key.toLowerCase(), value]));
	return right.resource.some((r) => r.type === 'urn:altinn:resource' && r.value === RESOURCE)
		&& Object.entries(METADATA).every(([key, value]) => given.get(key) === value);
}

// The one consent of the token, from that person, to the organisation that asks, and not over.
function consentOf(claims) {
	const [consent, ...more] = claims.authorization_details.filter((d) => d.type === 'urn:altinn:consent');
	need(consent && more.length === 0, 'no consent');
	need(claims.scope.split(' ').includes(SCOPE), 'another scope');
	need(consent.from.toLowerCase() === GIVER, 'another giver');
	need(consent.to.ID === claims.consumer.ID, 'another recipient');
	need(Date.parse(consent.validTo) > Date.now(), 'the consent is over');
	need(consent.consentRights.some(covers), 'other data');
	return consent;
}

try {
	console.log('ok: consent', consentOf(await claimsOf(process.argv[2] ?? '')).id);
} catch (refusal) {
	console.error('refused:', refusal.message);
	process.exitCode = 1;
}
