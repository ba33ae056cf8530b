// Access tokens of other issuers: what they open, and what they do not; how their keys are come by.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as jose from 'jose';
import { getToken, makeKey, unsigned } from '../js/maskinporten.mjs';
import { describe, expectStatus, run, startSandbox, until } from '../js/sandbox.mjs';
import { API, BANK, BFF, ELENA, LOOKUP, REQUESTS, SUPPLIER, S_LOOKUP, S_ORG, S_PORTAL, S_READ, S_WRITE, org, person, requestBody, testWorld, uuidOf } from '../js/world.mjs';

const WAIT_S = 5; // ISSUER_KEYS_WAIT_S
const { document, clients } = await testWorld();

// An issuer that publishes `keys`; status 0 keeps everybody waiting.
async function startIssuer(path) {
	const i = { fetched: 0, status: 200, key: await makeKey('k1'), path, held: [] };
	i.keys = [i.key.publicJwk];
	i.server = http.createServer((req, res) => {
		i.fetched++;
		i.fetchedAt = Date.now();
		if (i.status === 0)
			return i.held.push(res);
		res.writeHead(i.status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ keys: i.keys }));
	});
	await new Promise((resolve) => i.server.listen(0, '127.0.0.1', resolve));
	i.base = `http://127.0.0.1:${i.server.address().port}`;
	i.iss = `${i.base}/`;
	i.setting = `${i.iss} ${i.base}/jwk`;
	i.token = (claims = {}, { key = i.key, header = {} } = {}) => {
		const now = Math.floor(Date.now() / 1000);
		const all = { iss: i.iss, scope: `${S_WRITE} ${S_READ}`, consumer: party(BANK), iat: now, exp: now + 100, jti: randomUUID(), token_type: 'Bearer', ...claims };
		const payload = JSON.stringify(Object.fromEntries(Object.entries(all).filter(([, v]) => v !== undefined)));
		return new jose.CompactSign(new TextEncoder().encode(payload)).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.key);
	};
	return i;
}
const party = (orgno) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${orgno}` });

const org1 = await startIssuer(), people = await startIssuer(), down = await startIssuer(), slow = await startIssuer();
down.server.close();
slow.status = 0;
const other = await startSandbox({ store: false, apply: document });
const trusted = [org1.setting, ` ${people.setting}   enduser `, down.setting, slow.setting, `${other.url}/ ${other.url}/jwk`].join(',');
const sb = await startSandbox({ apply: document, args: ['--set', `trusted_issuers=${trusted}`, '--set', 'workers=8'] });
after(async () => {
	for (const i of [org1, people, slow]) {
		i.server.closeAllConnections();
		i.server.close();
	}
	await sb.stop();
	await other.stop();
});
const listed = (token) => sb.get(`${REQUESTS}/${randomUUID()}`, token); // 404: let in

test('an organisation asks for consents with a token of another issuer', async () => {
	const token = await org1.token();
	const { id } = expectStatus(await sb.post(REQUESTS, token, requestBody(sb)), 201).json;
	const c = expectStatus(await sb.get(`${REQUESTS}/${id}`, token), 200).json;
	assert.equal(c.to, org(BANK));
	assert.equal(org1.fetched, 1, 'keys are fetched once');
});

test('its supplier is the handler', async () => {
	const token = await org1.token({ supplier: party(SUPPLIER) });
	const { id } = expectStatus(await sb.post(REQUESTS, token, requestBody(sb)), 201).json;
	assert.equal(expectStatus(await sb.get(`${REQUESTS}/${id}`, token), 200).json.handledBy, org(SUPPLIER));
});

test('a token of another sandbox\'s /token', async () => {
	const { token } = await getToken(other, clients.bank, { scope: S_READ });
	expectStatus(await listed(token), 404);
	expectStatus(await listed(await sb.orgToken(BANK, S_READ)), 404, 'the platform\'s own still count');
});

test('scopes beside altinn:consentrequests.* do not count', async () => {
	for (const scope of [S_LOOKUP, S_PORTAL, 'altinn:resourceregistry/resource.write', 'altinn:maskinporten/delegations.admin', 'altinn:consents.use', 'xaltinn:consentrequests.read', 'altinn:consentrequest.read', ''])
		expectStatus(await listed(await org1.token({ scope })), 403, scope);
	const all = await org1.token({ scope: [S_READ, S_LOOKUP, S_PORTAL, 'altinn:maskinporten/delegations.admin', 'altinn:consents.use'].join(' '), consumer_prefix: ['api'] });
	expectStatus(await listed(all), 404);
	expectStatus(await sb.post(LOOKUP, all, { id: randomUUID(), from: person(ELENA), to: org(BANK) }), 403);
	expectStatus(await sb.get(`${API}/maskinporten/delegations?scope=api:plain`, all), 403);
	expectStatus(await sb.get(`${API}/maskinporten/delegations?scope=api:plain`, await org1.token({ scope: S_ORG, consumer_prefix: ['api'] })), 403);
});

test('people only where the issuer may speak for them', async () => {
	const claims = { scope: `${S_PORTAL} ${S_READ}`, 'urn:altinn:party:uuid': uuidOf(ELENA), 'urn:altinn:authlevel': '4' };
	const { id } = expectStatus(await sb.post(REQUESTS, await sb.orgToken(BANK, S_WRITE), requestBody(sb)), 201).json;
	expectStatus(await sb.get(`${BFF}/${id}`, await org1.token(claims)), 403);
	const token = await people.token(claims);
	expectStatus(await sb.get(`${BFF}/${id}`, token), 200);
	expectStatus(await sb.post(`${BFF}/${id}/accept`, token, { language: 'nb' }), 200);
	expectStatus(await listed(token), 404, 'it speaks for organisations as well');
	expectStatus(await sb.post(LOOKUP, await people.token({ scope: S_LOOKUP }), {}), 403);
});

test('the clocks of two issuers may differ: nbf and iat 10 s ahead', async () => {
	const now = Math.floor(Date.now() / 1000);
	expectStatus(await sb.post(REQUESTS, await org1.token({ iat: now + 9, nbf: now + 9 }), requestBody(sb)), 201);
});

test('what is not good is 401', async () => {
	const stranger = await makeKey('k1'), unknown = await startIssuer();
	unknown.server.close();
	const now = Math.floor(Date.now() / 1000);
	const bad = {
		'another key under its kid': await org1.token({}, { key: stranger }),
		'the key of another issuer': await people.token({ iss: org1.iss }),
		'expired': await org1.token({ exp: now - 1 }),
		'no exp': await org1.token({ exp: undefined }),
		'not yet': await org1.token({ nbf: now + 60 }),
		'not yet by more than the clocks may differ': await org1.token({ nbf: now + 30 }),
		'an issuer that nobody named': await unknown.token(),
		'the issuer without its slash': await org1.token({ iss: org1.base }),
		'our own issuer, their key': await org1.token({ iss: `${sb.url}/` }),
		'no issuer': await org1.token({ iss: undefined }),
		'an issuer that is no text': await org1.token({ iss: [org1.iss] }),
		'another type': await org1.token({}, { header: { typ: 'at+jwt' } }),
		'not signed': unsigned({ alg: 'none' }, { iss: org1.iss, exp: now + 60, scope: S_READ }),
	};
	for (const [name, token] of Object.entries(bad))
		expectStatus(await listed(token), 401, name);
	const noOrg = await org1.token({ consumer: { authority: 'iso6523-actorid-upis', ID: `9908:${BANK}` } });
	expectStatus(await sb.get(`${REQUESTS}/${randomUUID()}`, noOrg), 401, 'another register\'s number');
});

test('a key that is new: fetched again, but not for every token', async () => {
	const next = await makeKey('k2');
	await sleep(org1.fetchedAt + WAIT_S * 1000 - Date.now()); // the least time between two
	const before = org1.fetched;
	const answers = await Promise.all(Array.from({ length: 30 }, async (_, i) => listed(await org1.token({}, { key: { ...next, kid: `nobody-${i}` } }))));
	for (const res of answers)
		assert.ok([401, 503].includes(res.status), describe(res)); // 503: too many waited for the one fetch
	assert.ok(org1.fetched - before <= 2, `${org1.fetched - before} fetches for 30 tokens`);
	org1.keys = [next.publicJwk];
	let res;
	await until(async () => (res = await listed(await org1.token({}, { key: next }))).status !== 401, 'the new key is known in the end');
	expectStatus(res, 404);
	expectStatus(await listed(await org1.token({ jti: 'x' })), 401, 'and the old one is not any more');
});

test('an issuer whose keys cannot be had: 503, and what is there goes on', async () => {
	const res = expectStatus(await listed(await down.token()), 503);
	assert.match(res.headers['retry-after'], /^[1-9]\d*$/);
	people.status = 500;
	expectStatus(await listed(await people.token()), 404, 'its keys are known');
	expectStatus(await sb.get(`${BFF}/${randomUUID()}`, await down.token({ scope: S_PORTAL })), 503);
});

test('an issuer that keeps everybody waiting', async () => {
	const held = Promise.all(Array.from({ length: 12 }, async () => listed(await slow.token())));
	for (let i = 0; i < 20; i++)
		expectStatus(await listed(await people.token()), 404);
	for (const res of await held)
		expectStatus(res, 503);
	assert.equal(slow.fetched, 1);
});

test('a malformed key among the good ones: skipped, logged by kid; of two with one kid the fitting one counts', async () => {
	const good = await makeKey('k1'), twin = await makeKey('k1', 'ES256'), mixed = await startIssuer();
	mixed.keys = [{ kty: 'EC', crv: 'P-256', x: twin.publicJwk.x, kid: 'without-y' }, { ...good.publicJwk, kid: 'padded', n: `${good.publicJwk.n}==` },
		twin.publicJwk, good.publicJwk];
	const own = await startSandbox({ store: false, apply: document, args: ['--set', `trusted_issuers=${mixed.setting}`] });
	for (const key of [good, twin])
		expectStatus(await own.get(`${REQUESTS}/${randomUUID()}`, await mixed.token({}, { key })), 404, key.alg);
	assert.equal(mixed.fetched, 1);
	for (const [kid, why] of [['without-y', 'a member of the key is missing or no string'], ['padded', 'a member of the key is no base64url']])
		await until(() => own.stderr().includes(` warn issuer.key_skipped issuer=${mixed.iss} kid=${kid} why="${why}"\n`), own.stderr);
	mixed.server.closeAllConnections();
	mixed.server.close();
	await own.stop();
});

test('settings that cannot be read stop the start', async () => {
	for (const text of ['https://a.example/', 'x y', 'https://a.example/ ftp://a.example/jwk', 'https://a.example/ https://a.example/jwk admin', 'https://a.example/ https://a.example/jwk enduser x', ',',
		`https://a.example/${'x'.repeat(500)} https://a.example/jwk`, Array.from({ length: 9 }, (_, i) => `https://a${i}.example/ https://a.example/jwk`).join(',')]) {
		const { status, stderr } = await run(['sandbox', '--port', '0', '--set', `trusted_issuers=${text}`]);
		assert.equal(status, 1, text);
		assert.match(stderr, /^samtykke sandbox: trusted_issuers: /m);
	}
});
