// The issuer: JWT grant in, access token out.
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import * as jose from 'jose';
import {
	GRANT_TYPE, askToken, b64u, consentDetails, expectFault, formBody, getToken, makeGrant, makeKey, postForm, postGrant, tokenOf, unsigned,
} from '../js/maskinporten.mjs';
import { raw } from '../js/raw.mjs';
import { describe, expectStatus, startSandbox, until } from '../js/sandbox.mjs';
import {
	AGENCY, ASMUND, BANK, BFF, ELENA, INCOME, LENDER, MINISTRY, NOBODY, REQUESTS, S_ORG, S_READ, S_WRITE, SUPPLIER, builtin, builtinClient, inactiveScope, org,
	partyUuid, person, requestBody, resource, right, testWorld, uuidOf,
} from '../js/world.mjs';

const { document, clients } = await testWorld();
const sb = await startSandbox({ apply: document });
const { bank, supplier, agency, lender, longlived } = clients;
const PLAIN = { scope: 'api:plain' };
const party = (orgno) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${orgno}` });
const AUTH = 'Invalid assertion. Client authentication failed.';

async function accepted(changes, token) {
	const asker = token ?? (await sb.orgToken(BANK, S_WRITE));
	const { id } = expectStatus(await sb.post(REQUESTS, asker, requestBody(sb, changes)), 201).json;
	expectStatus(await sb.post(`${BFF}/${id}/accept`, await sb.personToken(ELENA), { language: 'nb' }), 200);
	return expectStatus(await sb.get(`${REQUESTS}/${id}`, asker), 200).json;
}
const consent = (id, more = {}) => ({ scope: 'api:plain', authorization_details: consentDetails(id, person(ELENA)), ...more });

test('a plain token: verified with the published keys, claims exact', async () => {
	const { claims, answer } = await getToken(sb, bank, PLAIN);
	const { iat, exp, jti, ...rest } = claims;
	assert.deepEqual(rest, { iss: `${sb.url}/`, client_id: bank.clientId, client_amr: 'private_key_jwt', token_type: 'Bearer', scope: 'api:plain', consumer: party(BANK) });
	assert.equal(exp - iat, 120);
	assert.ok(Math.abs(iat - sb.nowS()) <= 2, String(iat));
	assert.match(jti, /^[A-Za-z0-9_-]{43}$/);
	assert.equal(answer.expires_in, 120);
	assert.equal(answer.scope, 'api:plain');
	const keys = jose.createRemoteJWKSet(new URL(`${sb.url}/jwk`));
	await jose.jwtVerify(answer.access_token, keys, { issuer: `${sb.url}/`, algorithms: ['RS256'] });
});

test('every client of the built-in world gets a token for each scope that it may have', async () => {
	for (const c of builtin.clients) {
		const client = await builtinClient(c.orgno);
		for (const scope of c.scopes.filter((s) => builtin.scopes.find((x) => x.scope === s).grants.includes(c.orgno))) {
			const { claims } = await getToken(sb, client, { scope });
			assert.deepEqual(claims.consumer, party(c.orgno));
			assert.equal(claims.scope, scope);
		}
	}
});

test('a consent token: claims exact, timestamps byte for byte as in GET', async () => {
	const c = await accepted({ consentRights: [right(INCOME, { INNTEKTSAAR: '2025' })] });
	const { claims } = await getToken(sb, bank, consent(c.id));
	assert.deepEqual(Object.keys(claims).sort(), ['authorization_details', 'client_amr', 'client_id', 'consumer', 'exp', 'iat', 'iss', 'jti', 'scope', 'status', 'token_type']);
	assert.deepEqual(claims.authorization_details, [{
		type: 'urn:altinn:consent', id: c.id, from: person(ELENA), to: party(BANK), consented: c.consented, validTo: c.validTo,
		consentRights: [{ action: ['read'], resource: [{ type: 'urn:altinn:resource', value: INCOME }], metadata: { INNTEKTSAAR: '2025' } }],
	}]);
	assert.deepEqual(claims.consumer, party(BANK));
});

test('a consent token: no metadata, no member; several rights in order', async () => {
	const c = await accepted({ consentRights: [right('api_plain', undefined, ['read', 'consent']), right('api_meta', { aar: '1' })] });
	const { claims } = await getToken(sb, bank, consent(c.id));
	assert.deepEqual(claims.authorization_details[0].consentRights, [
		{ action: ['read', 'consent'], resource: [{ type: 'urn:altinn:resource', value: 'api_plain' }] },
		{ action: ['read'], resource: [{ type: 'urn:altinn:resource', value: 'api_meta' }], metadata: { aar: '1' } },
	]);
});

test('a consent token: a request made with party uuids names numbers', async () => {
	const c = await accepted({ from: partyUuid(uuidOf(ELENA)) });
	const { claims } = await getToken(sb, bank, consent(c.id));
	assert.equal(claims.authorization_details[0].from, person(ELENA));
	assert.deepEqual(claims.authorization_details[0].to, party(BANK));
});

test('members of authorization_details in any order', async () => {
	const c = await accepted();
	await getToken(sb, bank, consent(c.id, { authorization_details: [{ from: person(ELENA), id: c.id.toUpperCase(), type: 'urn:altinn:consent' }] }));
});

// ---- §27.1: times ----
const shift = (iat, exp) => ({ ...PLAIN, iat: sb.nowS() + iat, exp: sb.nowS() + exp });
for (const [name, iat, exp] of [['120 s', 0, 120], ['iat 9 s ahead', 9, 60], ['exp in 10 s', 0, 10], ['exp just passed', -60, -5], ['iat 119 s ago', -119, 1]])
	test(`times: ${name} passes`, async () => {
		await getToken(sb, bank, shift(iat, exp));
	});

test('times: a life of 121 s', async () => {
	expectFault(sb, await askToken(sb, bank, shift(0, 121)), 400, 'invalid_request', 'MP-011', /Invalid assertion/);
	expectFault(sb, await askToken(sb, bank, shift(0, 100000)), 400, 'invalid_request', 'MP-011');
	expectStatus(await askToken(sb, bank, shift(0, -1)), 400);
});

test('times: iat more than 10 s ahead', async () => {
	expectFault(sb, await askToken(sb, bank, shift(13, 60)), 400, 'invalid_grant', '', /Issue time is after now/);
});

test('MP-130: expired, also by the clock of the sandbox', async () => {
	expectFault(sb, await askToken(sb, bank, shift(-120, -13)), 400, 'invalid_grant', 'MP-130', /JWT is expired/);
	const grant = await makeGrant(sb, bank, PLAIN);
	await sb.clock({ offset: 'PT5M' });
	expectFault(sb, await postGrant(sb, grant), 400, 'invalid_grant', 'MP-130', /JWT is expired/);
	const { claims } = await getToken(sb, bank, PLAIN);
	assert.ok(Math.abs(claims.iat - sb.nowS()) <= 2, 'tokens have the clock\'s time');
	await sb.clock({});
});

test('times: a fraction is legal, other types are not', async () => {
	const now = sb.nowS();
	await getToken(sb, bank, { ...PLAIN, iat: now - 0.5, exp: now + 60.25 });
	for (const claims of [{ iat: String(now) }, { exp: String(now + 60) }, { iat: null }, { exp: undefined }, { iat: undefined }, { exp: [now + 60] }, { exp: 1e300 }, { iat: -5 }])
		expectFault(sb, await askToken(sb, bank, { ...PLAIN, ...claims }), 400, 'invalid_request', 'MP-011', 'Invalid assertion. Invalid parameter value');
});

// ---- size ----
// Rights that are `size` bytes as JSON, in values that are each within their limit.
function rightsOf(size) {
	const list = [right('api_large', {})], { metadata } = list[0];
	const left = () => size - JSON.stringify(list).length;
	for (let i = 0; left() > 0; i++) {
		metadata[`k${i}`] = '';
		metadata[`k${i}`] = 'x'.repeat(left() > 1000 ? 900 : left());
	}
	assert.equal(left(), 0);
	return list;
}

test('a consent that is taken fits a token, whatever else the grant asks for', async () => {
	const keys = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`k${i}`, { optional: true }]));
	expectStatus(await sb.apply({ resources: [resource('api_large', { consentMetadata: keys })] }), 204);
	const c = await accepted({ consentRights: rightsOf(16384) });
	const uris = Array.from({ length: 10 }, (_, i) => `https://api.example/${i}`.padEnd(1024, 'x'));
	const { token, claims } = await getToken(sb, bank, consent(c.id, { resource: uris, pid: ELENA }));
	assert.ok(token.length <= 65536);
	assert.deepEqual(claims.authorization_details[0].consentRights, rightsOf(16384));
	const over = expectStatus(await sb.post(REQUESTS, await sb.orgToken(BANK, S_WRITE), requestBody(sb, { consentRights: rightsOf(16385) })), 400).json;
	assert.deepEqual(Object.keys(over.errors), ['$.consentRights'], JSON.stringify(over));
});

// ---- §27.2: replay ----
test('replay: the same jti and the same bytes: MP-012', async () => {
	const grant = await makeGrant(sb, bank, PLAIN);
	await tokenOf(sb, await postGrant(sb, grant));
	expectFault(sb, await postGrant(sb, grant), 400, 'invalid_grant', 'MP-012', /Grant is used before/);
	const jti = randomUUID();
	await getToken(sb, bank, { ...PLAIN, jti });
	expectFault(sb, await askToken(sb, bank, { ...PLAIN, jti, iat: sb.nowS() - 1 }), 400, 'invalid_grant', 'MP-012');
});

test('replay: without jti the bytes count', async () => {
	const claims = { ...PLAIN, jti: undefined, iat: sb.nowS() - 3 };
	const grant = await makeGrant(sb, bank, claims);
	await tokenOf(sb, await postGrant(sb, grant));
	expectFault(sb, await postGrant(sb, grant), 400, 'invalid_grant', 'MP-012');
	await tokenOf(sb, await postGrant(sb, await makeGrant(sb, bank, { ...claims, iat: sb.nowS() - 7 })));
});

test('replay: one client\'s jti is not another\'s', async () => {
	const jti = randomUUID();
	await getToken(sb, bank, { ...PLAIN, jti });
	await getToken(sb, supplier, { ...PLAIN, jti });
});

test('replay: of twenty at the same time one succeeds', async () => {
	for (const more of [{}, { jti: undefined, iat: sb.nowS() - 5 }]) {
		const grant = await makeGrant(sb, bank, { ...PLAIN, ...more });
		const all = await Promise.all(Array.from({ length: 20 }, () => postGrant(sb, grant)));
		assert.equal(all.filter((r) => r.status === 200).length, 1, all.map((r) => r.status).join(' '));
		for (const res of all.filter((r) => r.status !== 200))
			expectFault(sb, res, 400, 'invalid_grant', 'MP-012');
	}
});

// A record is kept until exp + leeway; a client with one jti for ever is served again after that (spec sections 6 C and 17).
test('replay: when the grant could not be sent again, its jti is good for another one', async () => {
	const c = await accepted();
	const jti = 'constant';
	const life = () => ({ jti, exp: sb.nowS() + 60 });
	await getToken(sb, bank, consent(c.id, life()));
	await sb.clock({ offset: 'PT50S' }); // it could be sent for another 20 s
	expectFault(sb, await askToken(sb, bank, { ...PLAIN, ...life() }), 400, 'invalid_grant', 'MP-012', /Grant is used before/);
	for (const offset of ['PT72S', 'PT144S', 'PT216S']) {
		await sb.clock({ offset });
		const grants = await Promise.all(Array.from({ length: 20 }, (_, i) => makeGrant(sb, bank, { ...(offset === 'PT72S' ? consent(c.id) : PLAIN), ...life(), iat: sb.nowS() - (i % 3) })));
		const all = await Promise.all(grants.map((g) => postGrant(sb, g)));
		assert.equal(all.filter((r) => r.status === 200).length, 1, all.map((r) => r.status).join(' '));
		for (const res of all.filter((r) => r.status !== 200))
			expectFault(sb, res, 400, 'invalid_grant', 'MP-012');
	}
	// A consent that is over is told as such, whatever becomes of the guard.
	await sb.clock({ offset: 'PT288S' });
	expectStatus(await sb.post(`/accessmanagement/api/v1/bff/consents/${c.id}/revoke`, await sb.personToken(ELENA)), 200);
	expectFault(sb, await askToken(sb, bank, consent(c.id, life())), 400, 'invalid_authorization_details', 'MP-303');
	await getToken(sb, bank, { ...PLAIN, ...life() });
	await sb.clock({});
});

test('replay: a grant that is refused for another reason is not burnt', async () => {
	const { id } = expectStatus(await sb.post(REQUESTS, await sb.orgToken(BANK, S_WRITE), requestBody(sb)), 201).json;
	const grant = await makeGrant(sb, bank, consent(id));
	expectFault(sb, await postGrant(sb, grant), 400, 'invalid_authorization_details', 'MP-303');
	expectStatus(await sb.post(`${BFF}/${id}/accept`, await sb.personToken(ELENA), { language: 'nb' }), 200);
	await tokenOf(sb, await postGrant(sb, grant));
	expectFault(sb, await postGrant(sb, grant), 400, 'invalid_grant', 'MP-012');
});

// ---- §27.3: JOSE header ----
test('typ absent, JWT and jwt pass; others do not', async () => {
	for (const typ of [undefined, 'JWT', 'jwt'])
		await getToken(sb, bank, PLAIN, { typ });
	for (const typ of ['at+jwt', 'dpop+jwt', 'JOSE', ''])
		expectFault(sb, await askToken(sb, bank, PLAIN, { typ }), 400, 'invalid_request', 'MP-011');
});

for (const alg of ['RS384', 'RS512'])
	test(`a grant signed with ${alg} passes when the client's key is for it`, async () => {
		const key = await makeKey(`k-${alg}`, alg);
		expectStatus(await sb.apply({ clients: [{ clientId: longlived.clientId, orgno: BANK, jwks: { keys: [longlived.key.publicJwk, key.publicJwk] } }] }), 204);
		await getToken(sb, { ...longlived, key }, PLAIN);
	});

test('MP-124: algorithms outside the list and bad signatures', async () => {
	const sig = (res) => expectFault(sb, res, 400, 'invalid_grant', 'MP-124', `${AUTH} Invalid JWT signature`);
	const other = await makeKey(bank.key.kid);
	sig(await askToken(sb, bank, PLAIN, {}, { key: other.key }));
	sig(await askToken(sb, bank, PLAIN, { alg: 'PS256' }, { key: await jose.importJWK(bank.key.privateJwk, 'PS256') }));
	const pem = createPublicKey({ key: bank.key.publicJwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
	const payload = () => ({ iss: bank.clientId, aud: `${sb.url}/`, scope: 'api:plain', iat: sb.nowS(), exp: sb.nowS() + 60, jti: randomUUID() });
	const hs256 = await postGrant(sb, await new jose.CompactSign(new TextEncoder().encode(JSON.stringify(payload())))
		.setProtectedHeader({ alg: 'HS256', kid: bank.key.kid }).sign(new TextEncoder().encode(pem)));
	expectFault(sb, hs256, 400, 'invalid_request', 'MP-011', 'Invalid assertion. Invalid parameter value');
	for (const alg of ['none', 'None', 'ES256', 'EdDSA', 'RS256 ', 'rs256'])
		expectStatus(await postGrant(sb, unsigned({ alg, kid: bank.key.kid }, payload(), 'AAAA')), 400, alg);
	const [h, , s] = (await makeGrant(sb, bank, PLAIN)).split('.');
	sig(await postGrant(sb, `${h}.${b64u(payload())}.${s}`));
	sig(await askToken(sb, bank, PLAIN, { alg: 'RS384' }, { key: await jose.importJWK(bank.key.privateJwk, 'RS384') }));
});

test('keys that the header brings are not used', async () => {
	const own = await makeKey(bank.key.kid);
	for (const header of [{ jwk: own.publicJwk }, { jku: 'http://127.0.0.1:1/' }, { x5u: 'http://127.0.0.1:1/' }, { x5t: 'abc' }])
		expectStatus(await askToken(sb, bank, PLAIN, header, { key: own.key }), 400, JSON.stringify(header));
	const crit = await new jose.CompactSign(new TextEncoder().encode(JSON.stringify({ ...PLAIN, iss: bank.clientId, aud: `${sb.url}/`, iat: sb.nowS(), exp: sb.nowS() + 9 })))
		.setProtectedHeader({ alg: 'RS256', kid: bank.key.kid, crit: ['x'], x: 1 }).sign(bank.key.key, { crit: { x: true } });
	expectStatus(await postGrant(sb, crit), 400);
});

// ---- §27.4: kid and x5c ----
test('kid of another client, or of nobody', async () => {
	const text = `${AUTH} Unknown key identifier (kid) for client`;
	for (const kid of [supplier.key.kid, 'nobody', 'x'.repeat(128)])
		expectFault(sb, await askToken(sb, bank, PLAIN, { kid }), 400, 'invalid_grant', '', text);
});

test('no kid: a client with registered keys has to say which', async () => {
	const text = `${AUTH} Invalid JWT. The client requires pre-registered jwk and no key identifier (kid) provided`;
	expectFault(sb, await askToken(sb, bank, PLAIN, { kid: undefined }), 400, 'invalid_grant', '', text);
	expectFault(sb, await askToken(sb, bank, PLAIN, { kid: undefined, x5c: ['MIIB'] }), 400, 'invalid_grant', '', text);
});

test('MP-123: x5c that is no list of texts', async () => {
	for (const x5c of ['MIIB', [], [7], {}, null])
		expectFault(sb, await askToken(sb, bank, PLAIN, { x5c }), 400, 'invalid_grant', 'MP-123', /Invalid JWT header x5c/);
});

test('kid of a hostile shape is never said back', async () => {
	for (const kid of ['"\\<script>', 'æøå', '\r\nX: y', '../../etc/passwd', "' OR 1=1 --", 'x'.repeat(5000), '\u0000']) {
		const res = await askToken(sb, bank, PLAIN, { kid });
		expectStatus(res, 400);
		expectFault(sb, res, 400, res.json.error, /errors\/(MP-\d+)/.exec(res.json.error_uri ?? '')?.[1] ?? '');
		assert.equal(res.text.includes(kid), false, describe(res));
	}
	for (const kid of [7, null, [], {}, ''])
		expectStatus(await askToken(sb, bank, PLAIN, { kid }), 400);
});

// ---- §27.5: the form ----
test('form: unescaped grant_type, extra fields, other order, media type with parameters', async () => {
	const g = async () => makeGrant(sb, bank, PLAIN);
	await tokenOf(sb, await postForm(sb, `grant_type=${GRANT_TYPE}&assertion=${await g()}`));
	await tokenOf(sb, await postForm(sb, `assertion=${await g()}&alg=RS256&x=&grant_type=${GRANT_TYPE}&&`));
	for (const type of ['application/x-www-form-urlencoded;charset=UTF-8', 'application/x-www-form-urlencoded; charset=ISO-8859-1', 'APPLICATION/X-WWW-FORM-URLENCODED'])
		await tokenOf(sb, await postForm(sb, formBody([['grant_type', GRANT_TYPE], ['assertion', await g()]]), { 'Content-Type': type, Charset: 'utf-8', Accept: '*/*' }));
	await tokenOf(sb, await sb.request('POST', '/TOKEN/', { body: formBody([['assertion', await g()], ['grant_type', GRANT_TYPE]]), headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }));
});

test('form: repeated, empty and missing parameters', async () => {
	const g = await makeGrant(sb, bank, PLAIN);
	const no = (res, error = 'invalid_request') => {
		expectStatus(res, 400);
		assert.equal(res.json.error, error, describe(res));
		expectFault(sb, res, 400, error, '');
	};
	no(await postForm(sb, formBody([['grant_type', GRANT_TYPE], ['assertion', g], ['assertion', g]])));
	no(await postForm(sb, formBody([['grant_type', GRANT_TYPE], ['grant_type', GRANT_TYPE], ['assertion', g]])));
	no(await postForm(sb, formBody([['grant_type', GRANT_TYPE]])));
	no(await postForm(sb, formBody([['grant_type', GRANT_TYPE], ['assertion', '']])));
	no(await postForm(sb, formBody([['assertion', g]])));
	no(await postForm(sb, formBody([['grant_type', ''], ['assertion', g]])));
	no(await postForm(sb, ''));
	no(await postForm(sb, 'grant_type=%zz&assertion=%'));
	no(await postForm(sb, Array.from({ length: 100 }, (_, i) => `a${i}=1`).join('&')));
	no(await postForm(sb, formBody([['grant_type', 'authorization_code'], ['assertion', g]])), 'unsupported_grant_type');
	no(await postForm(sb, formBody([['grant_type', 'jwt_bearer_token'], ['assertion', g]])), 'unsupported_grant_type');
	no(await postForm(sb, formBody([['grant_type', 'client_credentials']])), 'unsupported_grant_type');
	await tokenOf(sb, await postGrant(sb, g));
});

test('form: another media type', async () => {
	for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', ''])
		expectFault(sb, await postForm(sb, JSON.stringify({ grant_type: GRANT_TYPE }), { 'Content-Type': type }), 400, 'invalid_request', '');
});

test('each refusal is a line in the log that has the trace id, whoever refuses', async () => {
	const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
	const broken = async (head) => {
		const { answers } = await raw(sb.url, `POST /token HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${head}\r\n`);
		return { ...answers[0], json: JSON.parse(answers[0].body) };
	};
	const refusals = [
		[405, await sb.request('GET', '/token', {})],
		[413, await sb.request('POST', '/token', { body: 'x'.repeat(65537), headers: form })],
		[414, await sb.request('POST', `/token?${'x'.repeat(4097)}`, { body: '', headers: form })],
		[431, await sb.request('POST', '/token', { body: '', headers: { ...form, 'X-Long': 'y'.repeat(8193) } })],
		[400, await broken('Content-Length: 1\r\nTransfer-Encoding: chunked\r\n')],
		[400, await postForm(sb, '')],
		[400, await askToken(sb, bank, { scope: 'api:unknown' })],
		[403, await askToken(sb, bank, { scope: 'api:ungranted' })],
	];
	for (const [status, res] of refusals) {
		assert.equal(res.status, status, JSON.stringify(res));
		const trace = /trace_id: ([0-9a-f]{32})/.exec(res.json.error_description)[1];
		let line;
		await until(() => (line = sb.stderr().split('\n').slice(0, -1).find((l) => l.includes(trace))), `${status}: nothing in the log`);
		assert.match(line, /token\.refused/);
		assert.ok(line.includes(`status=${status} error=${res.json.error} `), line);
		assert.ok(res.json.error_uri ? /code=MP-\d+/.test(line) : /why=\S/.test(line), line);
	}
});

test('GET, PUT and DELETE: 405 with Allow', async () => {
	for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
		const res = expectStatus(await sb.request(method, '/token', {}), 405, method);
		assert.match(res.headers.allow ?? '', /\bPOST\b/);
		assert.ok(res.json, 'JSON on every path');
	}
});

test('MP-011: assertions that are none', async () => {
	const good = await makeGrant(sb, bank, PLAIN);
	const [h, p, s] = good.split('.');
	for (const bad of ['x', 'a.b', 'a.b.c.d', 'a.b.c.d.e', '..', `${good}\n`, ` ${good}`, `${good}=`, `${h}.${p}`, `${h}..${s}`, `.${p}.${s}`, `${b64u('[]')}.${p}.${s}`,
		`${b64u('{"alg":"RS256","alg":"RS256"}')}.${p}.${s}`, `${b64u('{')}.${p}.${s}`, `${h}.${b64u('x')}.${s}`, `${h}.${b64u('[]')}.${s}`, `${h}!.${p}.${s}`, 'x'.repeat(33000), `${h}.${'A'.repeat(40000)}.${s}`, '{}', 'æ.ø.å'])
		expectFault(sb, await postGrant(sb, bad), 400, 'invalid_request', 'MP-011', 'Invalid assertion. Invalid parameter value');
	await tokenOf(sb, await postGrant(sb, good));
});

test('MP-011: claims that are not in the list, or of another type', async () => {
	const text = 'Invalid assertion. Invalid parameter value';
	for (const claims of [{ consumer_orgno: BANK }, { iss_onbehalfof: 'x' }, { azp: 'x' }, { sub: 'somebody' }, { iss: 7 }, { iss: undefined }, { jti: 7 }, { jti: '' }, { jti: 'x'.repeat(257) }, { scope: ['api:plain'] }, { scope: undefined },
		{ scope: 7 }, { pid: 7 }, { pid: '123' }, { pid: '0102516101x' }, { consumer_org: 810419512 }, { consumer_org: '' }, { consumer_org: null }, { consumer_org: '810419513' }, { consumer_org: `0192:${BANK}` }, { aud: 7 }, { aud: [7] },
		{ resource: 7 }, { resource: [] }, { resource: [7] }, { resource: null }, { scope: Array.from({ length: 33 }, (_, i) => `a:${i}`).join(' ') }, { scope: `a:${'x'.repeat(255)}` },
		{ resource: Array.from({ length: 11 }, (_, i) => `urn:x:${i}`) }, { resource: `urn:x:${'y'.repeat(1020)}` }])
		expectFault(sb, await askToken(sb, bank, { ...PLAIN, ...claims }), 400, 'invalid_request', 'MP-011', text);
	expectFault(sb, await askToken(sb, bank, PLAIN, { x: 1 }), 400, 'invalid_request', 'MP-011', text);
});

test('sub equal to iss and a past nbf are tolerated', async () => {
	await getToken(sb, bank, { ...PLAIN, sub: bank.clientId, nbf: sb.nowS() - 5 });
	expectStatus(await askToken(sb, bank, { ...PLAIN, nbf: sb.nowS() + 60 }), 400);
});

test('a claim that stands twice', async () => {
	const now = sb.nowS();
	const text = `{"iss":"${bank.clientId}","aud":"${sb.url}/","scope":"api:plain","scope":"api:open","iat":${now},"exp":${now + 60}}`;
	const g = await new jose.CompactSign(new TextEncoder().encode(text)).setProtectedHeader({ alg: 'RS256', kid: bank.key.kid }).sign(bank.key.key);
	expectFault(sb, await postGrant(sb, g), 400, 'invalid_request', 'MP-011');
});

test('MP-100: a client that there is not', async () => {
	for (const iss of [randomUUID(), 'x', "' OR 1=1 --", bank.clientId.toUpperCase(), `${bank.clientId} `])
		expectFault(sb, await askToken(sb, bank, { ...PLAIN, iss }), 400, 'invalid_grant', 'MP-100', `${AUTH} (Client not found)`);
});

test('MP-110: audience', async () => {
	for (const aud of [`${sb.url}/`, `${sb.url}/token`, [`${sb.url}/`], [`${sb.url}/token`]])
		await getToken(sb, bank, { ...PLAIN, aud });
	for (const aud of [sb.url, `${sb.url}/token/`, `${sb.url}/tokens`, 'https://maskinporten.no/', '', [], [`${sb.url}/`, `${sb.url}/token`], `${sb.url}/`.toUpperCase(), undefined])
		expectFault(sb, await askToken(sb, bank, { ...PLAIN, aud }), 400, 'invalid_grant', 'MP-110', `${AUTH} Invalid JWT claim aud`);
});

// ---- scopes ----
test('MP-200: a scope that the client does not have', async () => {
	for (const scope of ['api:unknown', 'altinn:portal/enduser', 'api:plainx', 'API:PLAIN', 'api'])
		expectFault(sb, await askToken(sb, bank, { scope }), 400, 'invalid_scope', 'MP-200', `Token request contains invalid scopes for client, ${scope}`);
	expectFault(sb, await askToken(sb, bank, { scope: 'api:plain api:unknown' }), 400, 'invalid_scope', 'MP-200', /api:unknown/);
	for (const scope of ['', '   '])
		expectFault(sb, await askToken(sb, bank, { scope }), 400, 'invalid_scope', 'MP-200', /^Token request contains invalid scopes for client/);
});

test('MP-200: hostile scopes are never said back as they are', async () => {
	for (const scope of ['a:"b\\c"', 'a:<script>æøå', 'a:b\u007f', 'a:\u2028', `a:${'y'.repeat(200)}`, 'a:"); drop table token; --']) {
		const res = await askToken(sb, bank, { scope });
		expectFault(sb, res, 400, 'invalid_scope', 'MP-200', /^Token request contains invalid scopes for client, a:/);
	}
});

test('MP-201: a scope that is no longer active', async () => {
	expectStatus(await sb.apply(inactiveScope), 204);
	expectFault(sb, await askToken(sb, bank, { scope: 'api:inactive' }), 400, 'invalid_scope', 'MP-201', 'Token request contains scopes not allowed for maskinporten');
});

test('MP-250: the consumer has not been given the scope', async () => {
	expectFault(sb, await askToken(sb, bank, { scope: 'api:ungranted' }), 403, 'forbidden', 'MP-250', 'Consumer has not been granted access to the scope api:ungranted');
	await getToken(sb, lender, { scope: 'api:open' });
});

test('several scopes: one text, in the order asked, blanks made one, doubles dropped', async () => {
	const { claims } = await getToken(sb, bank, { scope: ' api:open   api:plain\tapi:open ' });
	assert.equal(claims.scope, 'api:open api:plain');
});

test('lifetime: the client\'s, capped by the scope\'s', async () => {
	assert.equal((await getToken(sb, longlived, PLAIN)).answer.expires_in, 600);
	assert.equal((await getToken(sb, longlived, { scope: 'api:plain api:short' })).answer.expires_in, 30);
	assert.equal((await getToken(sb, bank, { scope: 'api:short' })).answer.expires_in, 30);
});

// ---- §27.6: resource, pid ----
test('resource: text, list, URN become aud; a fragment does not', async () => {
	for (const [resource, aud] of [['https://api.example/x', 'https://api.example/x'], [['https://api.example/x'], 'https://api.example/x'], ['urn:a:b', 'urn:a:b'],
		[['https://a.example', 'urn:b:c'], ['https://a.example', 'urn:b:c']], ['https://a.example/%23x', 'https://a.example/%23x']])
		assert.deepEqual((await getToken(sb, bank, { ...PLAIN, resource })).claims.aud, aud);
	for (const resource of ['https://a.example/#x', '/relative', 'x', '', ['https://a.example', 'https://b.example#'], 'https://a.example/ x'])
		expectFault(sb, await askToken(sb, bank, { ...PLAIN, resource }), 400, 'invalid_target', '');
	assert.equal('aud' in (await getToken(sb, bank, PLAIN)).claims, false);
});

test('pid is copied', async () => {
	assert.equal((await getToken(sb, bank, { ...PLAIN, pid: ELENA })).claims.pid, ELENA);
});

// ---- §27.7: delegation ----
test('consumer_org: consumer, supplier and delegation_source', async () => {
	const { claims } = await getToken(sb, supplier, { ...PLAIN, consumer_org: BANK });
	assert.deepEqual(claims.consumer, party(BANK));
	assert.deepEqual(claims.supplier, party(SUPPLIER));
	assert.equal(claims.delegation_source, 'https://tt02.altinn.no/');
	assert.equal(claims.client_id, supplier.clientId);
	assert.deepEqual(Object.keys(claims).sort(), ['client_amr', 'client_id', 'consumer', 'delegation_source', 'exp', 'iat', 'iss', 'jti', 'scope', 'supplier', 'token_type']);
});

test('consumer_org: MP-250, MP-251, own organisation', async () => {
	expectFault(sb, await askToken(sb, supplier, { ...PLAIN, consumer_org: MINISTRY }), 403, 'forbidden', 'MP-250', 'Consumer has not been granted access to the scope api:plain');
	expectFault(sb, await askToken(sb, supplier, { scope: 'api:open', consumer_org: LENDER }), 403, 'forbidden', 'MP-251',
		`Consumer ${LENDER} has not delegated access to the scope api:open to supplier ${SUPPLIER}`);
	expectFault(sb, await askToken(sb, supplier, { scope: 'api:undelegable', consumer_org: BANK }), 403, 'forbidden', 'MP-251');
	expectFault(sb, await askToken(sb, supplier, { scope: 'api:ungranted', consumer_org: NOBODY }), 403, 'forbidden', 'MP-251');
	expectFault(sb, await askToken(sb, supplier, { scope: 'api:plain api:undelegable', consumer_org: BANK }), 403, 'forbidden', 'MP-251');
	expectFault(sb, await askToken(sb, bank, { ...PLAIN, consumer_org: BANK }), 400, 'invalid_request', '',
		'Validation of JWT claim failed: The combination consumer_org in claim and delegation scope on client is invalid');
});

test('a consent token for a supplier with consumer_org, and not without', async () => {
	const c = await accepted({}, await sb.orgToken(BANK, S_WRITE, { supplierOrgNo: SUPPLIER }));
	const { claims } = await getToken(sb, supplier, consent(c.id, { consumer_org: BANK }));
	assert.deepEqual(claims.consumer, party(BANK));
	assert.deepEqual(claims.supplier, party(SUPPLIER));
	assert.deepEqual(claims.authorization_details[0].to, party(BANK));
	expectFault(sb, await askToken(sb, supplier, consent(c.id)), 400, 'invalid_authorization_details', 'MP-303');
	await getToken(sb, bank, consent(c.id));
});

test('a consent token for the service owner that asked, with the receiver in `to`', async () => {
	const c = await accepted({}, await sb.orgToken(AGENCY, S_ORG));
	const { claims } = await getToken(sb, agency, consent(c.id, { scope: 'api:open' }));
	assert.deepEqual(claims.consumer, party(AGENCY));
	assert.deepEqual(claims.authorization_details[0].to, party(BANK));
	expectFault(sb, await askToken(sb, lender, consent(c.id, { scope: 'api:open' })), 400, 'invalid_authorization_details', 'MP-303');
});

test('delegation taken away: the next token is refused', async () => {
	expectStatus(await sb.apply({ delegations: [{ consumer: BANK, supplier: SUPPLIER, scopes: ['api:open'] }] }), 204);
	expectFault(sb, await askToken(sb, supplier, { ...PLAIN, consumer_org: BANK }), 403, 'forbidden', 'MP-251');
	expectStatus(await sb.apply({ delegations: document.delegations }), 204);
	await getToken(sb, supplier, { ...PLAIN, consumer_org: BANK });
});

// ---- §27.8: consent details ----
test('MP-301: another type', async () => {
	for (const type of ['urn:altinn:systemuser', 'urn:altinn:samtykke', 'consent', ''])
		expectFault(sb, await askToken(sb, bank, { ...PLAIN, authorization_details: [{ type, id: randomUUID(), from: person(ELENA) }] }), 400, 'invalid_authorization_details', 'MP-301',
			/^Unknown authorization details type/);
});

test('MP-302: a member too many', async () => {
	for (const name of ['to', 'externalRef', 'consent_id', 'Type', '"\\', 'æ'])
		expectFault(sb, await askToken(sb, bank, { ...PLAIN, authorization_details: [{ type: 'urn:altinn:consent', id: randomUUID(), from: person(ELENA), [name]: 'x' }] }), 400,
			'invalid_authorization_details', 'MP-302', /^Unknown fields in the authorization details/);
});

test('MP-303: values that are none, before anything is looked up', async () => {
	const good = { type: 'urn:altinn:consent', id: randomUUID(), from: person(ELENA) };
	for (const details of [[], {}, 'x', 7, null, [7], [null], [good, good], [{ ...good, id: 'x' }], [{ ...good, id: 7 }], [{ ...good, id: undefined }], [{ ...good, from: undefined }], [{ ...good, from: 7 }], [{ ...good, from: ELENA }],
		[{ ...good, from: person('01025161014') }], [{ ...good, from: org('810419513') }], [{ ...good, from: partyUuid(uuidOf(ELENA)) }], [{ ...good, from: 'urn:altinn:party:id:513370001' }], [{ ...good, type: undefined }],
		[{ ...good, from: { type: 'urn:altinn:person:identifier-no', value: ELENA } }]])
		expectFault(sb, await askToken(sb, bank, { ...PLAIN, authorization_details: details }), 400, 'invalid_authorization_details', 'MP-303',
			/^Invalid authorization details values/);
});

test('MP-303: no token for a consent that is not there, not given, not this one\'s, rejected, or expired', async () => {
	const no = (res) => expectFault(sb, res, 400, 'invalid_authorization_details', 'MP-303', /^Invalid authorization details values/);
	no(await askToken(sb, bank, consent(randomUUID())));
	const { id } = expectStatus(await sb.post(REQUESTS, await sb.orgToken(BANK, S_WRITE), requestBody(sb)), 201).json;
	no(await askToken(sb, bank, consent(id)));
	expectStatus(await sb.post(`${BFF}/${id}/reject`, await sb.personToken(ELENA)), 200);
	no(await askToken(sb, bank, consent(id)));
	const c = await accepted({ validTo: sb.inDays(1) });
	no(await askToken(sb, supplier, consent(c.id)));
	no(await askToken(sb, bank, consent(c.id, { authorization_details: consentDetails(c.id, person(ASMUND)) })));
	await sb.clock({ offset: 'P2D' });
	no(await askToken(sb, bank, consent(c.id)));
	await sb.clock({});
	await getToken(sb, bank, consent(c.id));
});

test('exp is never after validTo', async () => {
	const c = await accepted({ validTo: new Date(sb.now() + 45000).toISOString() });
	const { claims, answer } = await getToken(sb, bank, consent(c.id));
	assert.equal(claims.exp, Math.floor(Date.parse(c.validTo) / 1000));
	assert.ok(answer.expires_in <= 45 && answer.expires_in > 30, String(answer.expires_in));
});

test('a consent token opens what its scope says, and no more', async () => {
	const c = await accepted();
	const { token } = await getToken(sb, bank, consent(c.id, { scope: S_READ }));
	expectStatus(await sb.get(`${REQUESTS}/${c.id}`, token), 200);
	expectStatus(await sb.post(REQUESTS, token, requestBody(sb)), 403);
});

test('client with PKCS#1 keys below 2048 bits cannot be registered', async () => {
	const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
	const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'small', use: 'sig', alg: 'RS256' };
	const res = await sb.apply({ clients: [{ clientId: randomUUID(), orgno: BANK, name: 'x', scopes: [], jwks: { keys: [jwk] } }] });
	expectStatus(res, 400);
});

test('a client that is taken away: MP-100 at the next request', async () => {
	const key = await makeKey('gone-1');
	const client = { clientId: randomUUID(), key };
	const entry = { clientId: client.clientId, orgno: BANK, name: 'gone', scopes: ['api:plain'], jwks: { keys: [key.publicJwk] } };
	expectStatus(await sb.apply({ clients: [entry] }), 204);
	await getToken(sb, client, PLAIN);
	expectStatus(await sb.apply({ clients: [{ clientId: client.clientId, state: 'absent' }] }), 204);
	expectFault(sb, await askToken(sb, client, PLAIN), 400, 'invalid_grant', 'MP-100', `${AUTH} (Client not found)`);
});

test('trace ids differ', async () => {
	const ids = new Set();
	for (let i = 0; i < 5; i++)
		ids.add(/trace_id: ([0-9a-f]{32})/.exec((await postForm(sb, 'grant_type=x')).text)[1]);
	assert.equal(ids.size, 5);
});

test('tokens at the same time: each its own jti', async () => {
	const all = await Promise.all(Array.from({ length: 40 }, () => getToken(sb, bank, PLAIN)));
	assert.equal(new Set(all.map((t) => t.claims.jti)).size, 40);
});

test('the sandbox ends with status 0', async () => {
	await sb.stop();
});
