// The issuer's acceptance list, item by item: the names begin with its numbers. More of each stands in token, certs, rate and remote;
// killed servers under load in tests/faults/kill; clients as they are in tests/interop/clients. And every error of the issuer, its whole body.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import * as jose from 'jose';
import {
	CONSENT_TYPE, GRANT_TYPE, askToken, consentDetails, expectFault, formBody, getToken, makeGrant, makeKey, postForm, postGrant, tokenOf, unsigned,
} from '../js/maskinporten.mjs';
import { PG, ROOT, describe, expectStatus, startSandbox, tempDir } from '../js/sandbox.mjs';
import { raw } from '../js/raw.mjs';
import {
	BANK, BFF, ELENA, LENDER, MINISTRY, NOBODY, REQUESTS, SUPPLIER, S_LOOKUP, S_WRITE, inactiveScope, org, partyUuid, person, requestBody, right, testWorld, uuidOf,
} from '../js/world.mjs';

const DUPLICATES = 64;
const certs = tempDir('samtykke-acceptance-');
execFileSync('bash', [path.join(ROOT, 'tests/data/certs/make.sh'), certs]);
const file = (name) => path.join(certs, name);
const der = (name) => readFileSync(file(`${name}.pem`), 'utf8').replace(/-----[^-]+-----|\s/g, '');
const signer = (name) => ({ key: createPrivateKey(readFileSync(file(`${name}.key`))) });

const { document, clients } = await testWorld();
const { bank, supplier, lender } = clients;
const keyless = { clientId: randomUUID(), orgno: BANK, key: bank.key };
const aged = { clientId: randomUUID(), orgno: BANK, key: await makeKey('aged') };
document.clients.push({ clientId: keyless.clientId, orgno: BANK, name: 'by certificate', scopes: ['api:plain'] },
	{ clientId: aged.clientId, orgno: BANK, name: 'aged', scopes: ['api:plain'], jwks: { keys: [aged.key.publicJwk], posted: '2020-01-01T00:00:00Z' } });
const store = PG ?? `sqlite:${path.join(tempDir(), 'acceptance.db')}`;
const free = ['--set', 'token.rate=0'];
const sb = await startSandbox({ store, apply: document,
	args: [...free, '--set', `cert.roots=${file('root.pem')}`, '--set', `cert.intermediates=${file('between.pem')}`, '--set', 'token.consumer_prefix=on'] });
expectStatus(await sb.apply(inactiveScope), 204);
const started = [sb];
after(() => Promise.all(started.filter((s) => s.alive()).map((s) => s.stop())));

const PLAIN = { scope: 'api:plain' };
const party = (orgno) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${orgno}` });
const details = (more = {}) => ({ type: CONSENT_TYPE, id: randomUUID(), from: person(ELENA), ...more });
const consent = (id, more = {}) => ({ ...PLAIN, authorization_details: consentDetails(id, person(ELENA)), ...more });
const life = (iat, exp) => ({ ...PLAIN, iat: sb.nowS() + iat, exp: sb.nowS() + exp });
const ask = (...how) => askToken(sb, bank, ...how);
const byCert = (leaf, header) => askToken(sb, keyless, PLAIN, { kid: undefined, x5c: [der(leaf)], ...header }, signer(leaf));
async function accepted(changes) {
	const token = await sb.orgToken(BANK, S_WRITE);
	const { id } = expectStatus(await sb.post(REQUESTS, token, requestBody(sb, changes)), 201).json;
	expectStatus(await sb.post(`${BFF}/${id}/accept`, await sb.personToken(ELENA), { language: 'nb' }), 200);
	return expectStatus(await sb.get(`${REQUESTS}/${id}`, token), 200).json;
}

// ---- every error: [code, status, error, text, how it comes about] ----
const AUTH = 'Invalid assertion. Client authentication failed.';
const errors = [
	['', 400, 'invalid_request', 'Invalid request. A parameter is missing, repeated or malformed', () => postForm(sb, '')],
	['', 400, 'unsupported_grant_type', 'Unsupported grant type', () => postForm(sb, 'grant_type=password')],
	['MP-011', 400, 'invalid_request', 'Invalid assertion. Invalid parameter value', () => postGrant(sb, 'a.b')],
	['MP-012', 400, 'invalid_grant', 'Invalid assertion. Grant is used before', async () => {
		const grant = await makeGrant(sb, bank, PLAIN);
		await tokenOf(sb, await postGrant(sb, grant));
		return postGrant(sb, grant);
	}],
	['MP-100', 400, 'invalid_grant', `${AUTH} (Client not found)`, () => ask({ ...PLAIN, iss: 'nobody' })],
	['MP-110', 400, 'invalid_grant', `${AUTH} Invalid JWT claim aud`, () => ask({ ...PLAIN, aud: 'https://maskinporten.no/' })],
	['MP-120', 400, 'invalid_grant', `${AUTH} The JWT is signed with an invalid certificate`, () => byCert('stranger')],
	['MP-121', 400, 'invalid_grant', `${AUTH} Expired key`, () => askToken(sb, aged, PLAIN)],
	['MP-122', 400, 'invalid_grant', 'Invalid assertion. Invalid JWT. Invalid organization number for client. Does not match certificate orgno', () => byCert('other')],
	['MP-123', 400, 'invalid_grant', 'Invalid assertion. Invalid JWT header x5c', () => byCert('seid1', { x5c: der('seid1') })],
	['MP-124', 400, 'invalid_grant', `${AUTH} Invalid JWT signature`, async () => ask(PLAIN, {}, { key: (await makeKey('x')).key })],
	['MP-130', 400, 'invalid_grant', 'Invalid assertion. JWT is expired', () => ask(life(-100, -20))],
	['', 400, 'invalid_grant', 'Invalid assertion. Issue time is after now', () => ask(life(30, 60))],
	['', 400, 'invalid_grant', `${AUTH} Unknown key identifier (kid) for client`, () => ask(PLAIN, { kid: 'nobody' })],
	['', 400, 'invalid_grant', `${AUTH} Invalid JWT. The client requires pre-registered jwk and no key identifier (kid) provided`, () => ask(PLAIN, { kid: undefined })],
	['MP-200', 400, 'invalid_scope', 'Token request contains invalid scopes for client, api:other', () => ask({ scope: 'api:plain api:other' })],
	['MP-201', 400, 'invalid_scope', 'Token request contains scopes not allowed for maskinporten', () => ask({ scope: 'api:inactive' })],
	['MP-250', 403, 'forbidden', 'Consumer has not been granted access to the scope api:ungranted', () => ask({ scope: 'api:ungranted' })],
	['MP-251', 403, 'forbidden', `Consumer ${LENDER} has not delegated access to the scope api:open to supplier ${SUPPLIER}`, () => askToken(sb, supplier, { scope: 'api:open', consumer_org: LENDER })],
	['', 400, 'invalid_request', 'Validation of JWT claim failed: The combination consumer_org in claim and delegation scope on client is invalid', () => ask({ ...PLAIN, consumer_org: BANK })],
	['', 400, 'invalid_target', 'Invalid assertion. Invalid resource indicator', () => ask({ ...PLAIN, resource: 'https://a.example/#x' })],
	['MP-301', 400, 'invalid_authorization_details', 'Unknown authorization details type, urn:altinn:systemuser', () => ask({ ...PLAIN, authorization_details: [details({ type: 'urn:altinn:systemuser' })] })],
	['MP-302', 400, 'invalid_authorization_details', 'Unknown fields in the authorization details, to', () => ask({ ...PLAIN, authorization_details: [details({ to: 'x' })] })],
	['MP-303', 400, 'invalid_authorization_details', 'Invalid authorization details values, from', () => ask({ ...PLAIN, authorization_details: [details({ from: ELENA })] })],
	['MP-303', 400, 'invalid_authorization_details', 'Invalid authorization details values, consent', () => ask(consent(randomUUID()))],
];
for (const [code, status, error, text, provoke] of errors)
	test(`error ${code || error}: ${text}`, async () => {
		const res = expectStatus(await provoke(), status);
		assert.equal(res.headers['content-type'], 'application/json');
		assert.equal(res.headers['cache-control'], 'no-store');
		assert.deepEqual(res.json, {
			error,
			error_description: `${text}. (trace_id: ${res.headers['x-trace-id']})`,
			...(code && { error_uri: `${sb.url}/errors/${code}` }),
		});
		if (!code)
			return;
		// = RFC 6749 5.2: "a human-readable web page with information about the error".
		const page = expectStatus(await sb.get(new URL(res.json.error_uri).pathname), 200);
		assert.equal(page.headers['content-type'], 'text/plain; charset=utf-8');
		const [first, said, , help] = page.text.split('\n');
		assert.equal(first, `${code}: ${error}`);
		assert.ok(text.startsWith(said.split(',')[0].trim()) && help.endsWith('.'), page.text);
	});

test('errors come in order: each grant has the faults of all that follow, and is told of the first', async () => {
	const faults = [
		['MP-011', { x: 1 }], ['MP-100', { iss: 'nobody' }], ['MP-110', { aud: 'x' }], ['', { iat: 60 }], ['MP-011', { exp: 200 }], ['MP-130', { exp: -30, iat: -60 }],
		['MP-200', { scope: 'api:other' }], ['MP-201', { scope: 'api:inactive' }], ['MP-250', { scope: 'api:ungranted' }], ['', { consumer_org: BANK }], ['', { resource: '#' }], ['MP-301', { authorization_details: [details({ type: 'x' })] }],
	];
	for (let i = 0; i < faults.length; i++) {
		const claims = Object.assign({ ...PLAIN, iat: 0, exp: 60 }, ...faults.slice(i).reverse().map((f) => f[1]));
		const res = await ask({ ...claims, iat: sb.nowS() + claims.iat, exp: sb.nowS() + claims.exp });
		assert.equal(/MP-\d+$/.exec(res.json.error_uri ?? '')?.[0] ?? '', faults[i][0], `${JSON.stringify(claims)} ${describe(res)}`);
	}
});

test('whoever refuses at /token says error and error_description in JSON', async () => {
	const head = 'Host: x\r\nConnection: close\r\n';
	for (const [status, bytes] of [[405, `GET /token HTTP/1.1\r\n${head}\r\n`], [413, `POST /token/ HTTP/1.1\r\n${head}Content-Length: 9999999\r\n\r\n`], [414, `POST /token?${'x'.repeat(4097)} HTTP/1.1\r\n${head}Content-Length: 0\r\n\r\n`],
		[431, `POST /Token HTTP/1.1\r\n${head}X-A: ${'x'.repeat(8193)}\r\nContent-Length: 0\r\n\r\n`], [400, `POST /token HTTP/1.1\r\n${head}Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`]]) {
		const [answer] = (await raw(sb.url, bytes)).answers;
		assert.equal(answer.status, status, answer.body);
		assert.equal(answer.headers['content-type'], 'application/json');
		const { error, error_description, ...rest } = JSON.parse(answer.body);
		assert.equal(error, 'invalid_request');
		assert.match(error_description, /^[\w ]+\. \(trace_id: [0-9a-f]{32}\)$/);
		assert.deepEqual(rest, {});
	}
});

// ---- the list ----

test('27.1 120 s pass, 121 do not; iat 9 s ahead passes, 11 do not; exp in 10 s passes', async () => {
	for (const [iat, exp] of [[0, 120], [9, 100], [0, 10]])
		await getToken(sb, bank, life(iat, exp));
	expectFault(sb, await ask(life(0, 121)), 400, 'invalid_request', 'MP-011');
	expectFault(sb, await ask(life(12, 60)), 400, 'invalid_grant', '', /Issue time is after now/); // the clock may tick meanwhile
});

test('27.2 no jti: the same bytes are good once; one client\'s jti is not another\'s', async () => {
	const grant = await makeGrant(sb, bank, { ...PLAIN, jti: undefined });
	await tokenOf(sb, await postGrant(sb, grant));
	expectFault(sb, await postGrant(sb, grant), 400, 'invalid_grant', 'MP-012');
	const jti = randomUUID();
	await getToken(sb, bank, { ...PLAIN, jti });
	await getToken(sb, supplier, { ...PLAIN, jti });
});

test(`27.2 of ${DUPLICATES} at once at two servers one succeeds; after both were killed none does`, async () => {
	const two = await startSandbox({ store, args: [...free, '--set', `issuer=${sb.url}/`] });
	started.push(two);
	const alone = { jti: undefined, exp: sb.nowS() + 77 }; // no other grant of this file has its bytes in the same second
	const grants = await Promise.all([{}, alone, { scope: 'api:open' }].map((c) => makeGrant(sb, bank, { ...PLAIN, ...c })));
	const victims = await Promise.all(grants.map(async (grant) => {
		const all = await Promise.all(Array.from({ length: DUPLICATES }, (_, i) => postGrant([sb, two][i % 2], grant)));
		assert.equal(all.filter((r) => r.status === 200).length, 1, all.map((r) => r.status).join(' '));
		for (const res of all.filter((r) => r.status !== 200))
			expectFault(sb, res, 400, 'invalid_grant', 'MP-012');
		return grant;
	}));
	const third = await startSandbox({ store, args: [...free, '--set', `issuer=${sb.url}/`] });
	started.push(third);
	const last = await makeGrant(sb, bank, PLAIN);
	await tokenOf(sb, await postGrant(third, last));
	third.child.kill('SIGKILL');
	await third.stop().catch(() => {});
	const fourth = await startSandbox({ store, args: [...free, '--set', `issuer=${sb.url}/`] });
	started.push(fourth);
	expectStatus(await sb.apply({ delegations: document.delegations }), 204); // each start applied the built-in world
	for (const grant of [...victims, last])
		expectFault(sb, await postGrant(fourth, grant), 400, 'invalid_grant', 'MP-012');
});

test('27.2 refused grants are not burnt', async () => {
	const grant = await makeGrant(sb, lender, { scope: 'api:open', consumer_org: BANK });
	for (let i = 0; i < 2; i++)
		expectFault(sb, await postGrant(sb, grant), 403, 'forbidden', 'MP-251');
	const name = randomUUID();
	const early = await makeGrant(sb, bank, { scope: `api:${name}` });
	expectFault(sb, await postGrant(sb, early), 400, 'invalid_scope', 'MP-200');
	const scopes = document.clients.find((c) => c.clientId === bank.clientId).scopes;
	expectStatus(await sb.apply({ scopes: [{ scope: `api:${name}`, owner: MINISTRY, description: 'x', accessibleForAll: true, grants: [] }], clients: [{ clientId: bank.clientId, orgno: BANK, scopes: [...scopes, `api:${name}`] }] }), 204);
	await tokenOf(sb, await postGrant(sb, early));
	expectFault(sb, await postGrant(sb, early), 400, 'invalid_grant', 'MP-012');
});

test('27.3 typ absent or JWT; other types and algorithms do not pass', async () => {
	for (const typ of [undefined, 'JWT'])
		await getToken(sb, bank, PLAIN, { typ });
	for (const typ of ['at+jwt', 'dpop+jwt'])
		expectFault(sb, await ask(PLAIN, { typ }), 400, 'invalid_request', 'MP-011');
	expectFault(sb, await ask(PLAIN, { alg: 'PS256' }, { key: await jose.importJWK(bank.key.privateJwk, 'PS256') }), 400, 'invalid_grant', 'MP-124');
	const secret = new TextEncoder().encode(createPublicKey({ key: bank.key.publicJwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }));
	expectFault(sb, await ask(PLAIN, { alg: 'HS256' }, { key: secret }), 400, 'invalid_request', 'MP-011');
	const payload = { iss: bank.clientId, aud: `${sb.url}/`, iat: sb.nowS(), exp: sb.nowS() + 60, ...PLAIN };
	expectStatus(await postGrant(sb, unsigned({ alg: 'none', kid: bank.key.kid }, payload)), 400);
});

test('27.4 kid of another client, x5c of a client with keys, x5c as text, leaf alone', async () => {
	expectFault(sb, await ask(PLAIN, { kid: supplier.key.kid }), 400, 'invalid_grant', '', /Unknown key identifier \(kid\) for client/);
	expectFault(sb, await ask(PLAIN, { kid: undefined, x5c: [der('seid1')] }, signer('seid1')), 400, 'invalid_grant', '', /requires pre-registered jwk and no key identifier \(kid\) provided/);
	expectFault(sb, await byCert('seid1', { x5c: der('seid1') }), 400, 'invalid_grant', 'MP-123');
	await tokenOf(sb, await byCert('seid1'));
});

test('27.5 unescaped grant_type, a field more, a charset; assertion twice does not pass', async () => {
	const send = async (form, type = 'application/x-www-form-urlencoded') => postForm(sb, form(await makeGrant(sb, bank, PLAIN)), { 'Content-Type': type });
	await tokenOf(sb, await send((g) => `grant_type=${GRANT_TYPE}&assertion=${g}`));
	await tokenOf(sb, await send((g) => `${formBody([['grant_type', GRANT_TYPE], ['assertion', g]])}&alg=RS256`));
	await tokenOf(sb, await send((g) => formBody([['assertion', g], ['grant_type', GRANT_TYPE]]), 'application/x-www-form-urlencoded;charset=ISO-8859-1'));
	expectFault(sb, await send((g) => formBody([['grant_type', GRANT_TYPE], ['assertion', g], ['assertion', g]])), 400, 'invalid_request', '');
});

test('27.6 resource as text, list and URN is aud; a fragment is not, %23 is', async () => {
	for (const [resource, aud] of [['https://a.example/x', 'https://a.example/x'], [['https://a.example/x'], 'https://a.example/x'], ['urn:a:b', 'urn:a:b'], ['https://a.example/%23', 'https://a.example/%23']])
		assert.equal((await getToken(sb, bank, { ...PLAIN, resource })).claims.aud, aud);
	expectFault(sb, await ask({ ...PLAIN, resource: 'https://a.example/#frag' }), 400, 'invalid_target', '');
});

test('27.7 consumer_org', async () => {
	const { claims } = await getToken(sb, supplier, { ...PLAIN, consumer_org: BANK });
	assert.deepEqual([claims.consumer, claims.supplier, claims.delegation_source], [party(BANK), party(SUPPLIER), 'https://tt02.altinn.no/']);
	expectFault(sb, await askToken(sb, supplier, { ...PLAIN, consumer_org: MINISTRY }), 403, 'forbidden', 'MP-250');
	expectFault(sb, await askToken(sb, supplier, { scope: 'api:open', consumer_org: NOBODY }), 403, 'forbidden', 'MP-251');
	expectFault(sb, await ask({ ...PLAIN, consumer_org: BANK }), 400, 'invalid_request', '', /consumer_org in claim and delegation scope/);
});

test('27.8 consent: times byte for byte, no metadata no member; wrong details and refused lookups give no token', async () => {
	const c = await accepted({ consentRights: [right('api_plain')] });
	const [d] = (await getToken(sb, bank, consent(c.id))).claims.authorization_details;
	assert.deepEqual([d.consented, d.validTo], [c.consented, c.validTo]);
	assert.equal('metadata' in d.consentRights[0], false);
	const known = { type: CONSENT_TYPE, id: c.id, from: person(ELENA) };
	for (const [list, code] of [[[known, known], 'MP-303'], [[{ ...known, to: org(BANK) }], 'MP-302'], [[{ ...known, externalRef: 'x' }], 'MP-302'], [[{ ...known, type: 'x' }], 'MP-301'], [[{ ...known, id: 'x' }], 'MP-303'],
		[[{ ...known, from: person('01025161014') }], 'MP-303'], [[{ ...known, from: partyUuid(uuidOf(ELENA)) }], 'MP-303'], [[{ ...known, id: randomUUID() }], 'MP-303']])
		expectFault(sb, await ask({ ...PLAIN, authorization_details: list }), 400, 'invalid_authorization_details', code);
	// "before any upstream call", and upstream's 404, 400, 500 and time-out: tests/api/remote
});

test('27.9 four members, a number, no-store', async () => {
	const res = expectStatus(await ask(PLAIN), 200);
	assert.deepEqual(Object.keys(res.json), ['access_token', 'token_type', 'expires_in', 'scope']);
	assert.equal(typeof res.json.expires_in, 'number');
	assert.equal(res.headers['cache-control'], 'no-store');
});

test('27.10 what is said back is in the charset', async () => {
	const hostile = ['a:"b"', 'a:\\', 'a:æøå', 'a:\u2028', 'a:\u0000', 'a:\u007f', "a:';--", 'a:😀'];
	const answers = await Promise.all(hostile.flatMap((h) => [ask({ scope: h }), ask(PLAIN, { kid: h }), ask({ ...PLAIN, authorization_details: [details({ type: h })] }), ask({ ...PLAIN, authorization_details: [details({ [h]: 1 })] })]));
	for (const res of answers)
		assert.match(expectStatus(res, 400).json.error_description, /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
});

// ---- claims that settings add ----

test('consumer_prefix: of the scopes that the consumer owns, with token.consumer_prefix', async () => {
	assert.equal('consumer_prefix' in (await getToken(sb, bank, PLAIN)).claims, false, 'it owns none');
	const reader = { clientId: randomUUID(), key: await makeKey('owner') };
	expectStatus(await sb.apply({ scopes: [{ scope: 'own:lookup', owner: MINISTRY, description: 'x', accessibleForAll: true, grants: [] }],
		clients: [{ clientId: reader.clientId, orgno: MINISTRY, name: 'owner', scopes: ['own:lookup', S_LOOKUP], jwks: { keys: [reader.key.publicJwk] } }] }), 204);
	const { claims } = await getToken(sb, reader, { scope: 'own:lookup' });
	assert.ok(claims.consumer_prefix.includes('own') && claims.consumer_prefix.includes('api'), JSON.stringify(claims.consumer_prefix));
	assert.deepEqual(claims.consumer_prefix, [...new Set(claims.consumer_prefix)].sort());
});

test('aud "unspecified": with token.aud_unspecified, where no resource is asked for', async () => {
	const old = await startSandbox({ store: false, apply: document, args: ['--set', 'token.aud_unspecified=on'] });
	started.push(old);
	assert.equal((await getToken(old, bank, PLAIN)).claims.aud, 'unspecified');
	assert.equal((await getToken(old, bank, { ...PLAIN, resource: 'urn:a:b' })).claims.aud, 'urn:a:b');
	assert.equal('aud' in (await getToken(sb, bank, PLAIN)).claims, false);
});
