// Token Status Lists: what the token says, and what the list says about it, read by node's zlib and npm jose.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inflateSync } from 'node:zlib';
import * as jose from 'jose';
import { consentDetails, getToken, makeGrant, makeKey, postGrant } from '../js/maskinporten.mjs';
import { PG, expectStatus, startSandbox, tempDir } from '../js/sandbox.mjs';
import { API, BANK, BFF, ELENA, MINISTRY, REQUESTS, S_USE, S_WRITE, USES, person, requestBody, resource, right, testWorld } from '../js/world.mjs';

const LIST_BYTES = 131072, WITHIN_MS = 1000, TTL = 10;

const { document, clients } = await testWorld();
document.resources.push(resource('status_once', { isOneTimeConsent: true }));
const old = { clientId: 'cannot-take-another-claim', orgno: BANK, key: await makeKey('old-1') };
document.clients.push({ clientId: old.clientId, orgno: BANK, name: 'old', scopes: ['api:plain'], jwks: { keys: [old.key.publicJwk] }, statusList: false });
const store = PG ?? `sqlite:${path.join(tempDir(), 'status.db')}`;
const sb = await startSandbox({ store, apply: document });
after(() => sb.alive() && sb.stop());

const grant = (id) => ({ scope: 'api:plain', authorization_details: consentDetails(id, person(ELENA)) });
async function given(server, changes) {
	const { id } = expectStatus(await server.post(REQUESTS, await server.orgToken(BANK, S_WRITE), requestBody(server, { consentRights: [right()], ...changes })), 201).json;
	expectStatus(await server.post(`${BFF}/${id}/accept`, await server.personToken(ELENA), { language: 'nb' }), 200);
	return id;
}
async function accepted(changes) {
	const id = await given(sb, changes);
	return { id, ...(await getToken(sb, clients.bank, grant(id))).claims.status.status_list };
}
const revoke = async (id, server = sb) => expectStatus(await server.post(`${API}/bff/consents/${id}/revoke`, await server.personToken(ELENA)), 200);

// The list as a verifier takes it: fetched, its signature checked by npm jose, unpacked by node's zlib.
async function listOf(uri, server = sb) {
	const target = new URL(uri).pathname;
	const res = expectStatus(await server.get(target), 200);
	assert.equal(res.headers['content-type'], 'application/statuslist+jwt');
	assert.equal(res.headers['cache-control'], `public, max-age=${TTL}`);
	assert.equal(res.headers['access-control-allow-origin'], '*');
	const keys = jose.createLocalJWKSet(expectStatus(await server.get('/jwk'), 200).json);
	const { payload, protectedHeader } = await jose.jwtVerify(res.text, keys, { typ: 'statuslist+jwt', algorithms: ['RS256'], currentDate: new Date(Date.parse(res.headers.date)) });
	assert.deepEqual(Object.keys(protectedHeader).sort(), ['alg', 'kid', 'typ']);
	assert.deepEqual(Object.keys(payload), ['sub', 'iat', 'exp', 'ttl', 'status_list']);
	assert.equal(payload.sub, server.url + target);
	assert.equal(payload.ttl, TTL);
	assert.equal(payload.exp - payload.iat, 3 * TTL);
	assert.equal(payload.status_list.bits, 1);
	const bytes = inflateSync(Buffer.from(payload.status_list.lst, 'base64url'));
	assert.equal(bytes.length, LIST_BYTES);
	return { bytes, iat: payload.iat, text: res.text };
}
const bit = ({ bytes }, idx) => (bytes[idx >> 3] >> (idx & 7)) & 1;
const bitOf = async (c, server) => bit(await listOf(c.uri, server), c.idx);

// Asks until holds() is true. The time allowed is from the answer of the change to the last request that may say otherwise.
async function soon(holds, what) {
	for (const from = Date.now(); ; await sleep(20)) {
		const late = Date.now() >= from + WITHIN_MS;
		if (await holds().catch((e) => late ? Promise.reject(e) : false))
			return;
		assert.ok(!late, `not within ${WITHIN_MS} ms: ${what}`);
	}
}
const turned = (c, server) => soon(async () => await bitOf(c, server) === 1, `${c.uri} ${c.idx}`);

test('a consent token names its place; the same in each of its tokens; a plain token none', async () => {
	const c = await accepted();
	assert.equal(c.uri, `${sb.url}/statuslists/0`);
	assert.ok(Number.isInteger(c.idx) && c.idx >= 0 && c.idx < 8 * LIST_BYTES);
	const { claims } = await getToken(sb, clients.bank, grant(c.id));
	assert.deepEqual(claims.status, { status_list: { idx: c.idx, uri: c.uri } });
	assert.equal((await getToken(sb, clients.bank, { scope: 'api:plain' })).claims.status, undefined);
	assert.equal(await bitOf(c), 0);
});

test('a client that cannot take the claim does not get it; nor does anybody where the setting is off', async () => {
	const c = await accepted();
	assert.equal((await getToken(sb, old, grant(c.id))).claims.status, undefined);
	const off = await startSandbox({ store: false, apply: document, args: ['--set', 'token.status=off'] });
	assert.equal((await getToken(off, clients.bank, grant(await given(off)))).claims.status, undefined);
	expectStatus(await off.get('/statuslists/0'), 200);
	await off.stop();
});

test('withdrawn: its bit turns within a second, and no other', async () => {
	const c = await accepted(), other = await accepted();
	const before = await listOf(c.uri);
	assert.equal(bit(before, c.idx), 0);
	await revoke(c.id);
	await turned(c);
	const now = await listOf(c.uri);
	assert.equal(bit(now, other.idx), 0);
	const flipped = now.bytes.reduce((n, b, i) => n + (b !== before.bytes[i]), 0);
	assert.equal(flipped, 1, 'bytes that differ');
});

test('given back by its receiver: its bit turns alike', async () => {
	const c = await accepted();
	assert.equal(await bitOf(c), 0);
	expectStatus(await sb.request('DELETE', `${REQUESTS}/${c.id}`, { token: await sb.orgToken(BANK, S_WRITE) }), 204);
	await turned(c);
});

test('used up: a one-time consent turns with its first use; another one does not', async () => {
	const owner = await sb.orgToken(MINISTRY, S_USE);
	const once = await accepted({ consentRights: [right('status_once')] }), more = await accepted();
	expectStatus(await sb.post(`${USES}/${once.id}/use`, owner, { resource: 'status_once' }), 201);
	expectStatus(await sb.post(`${USES}/${more.id}/use`, owner, { resource: 'api_plain' }), 201);
	await turned(once);
	assert.equal(await bitOf(more), 0);
});

test('indexes lie as if drawn at random, and none comes twice', async () => {
	const seen = [];
	for (let i = 0; i < 24; i++)
		seen.push((await accepted()).idx);
	assert.equal(new Set(seen).size, seen.length);
	const near = seen.filter((x, i) => i > 0 && Math.abs(x - seen[i - 1]) < 1000);
	assert.ok(near.length < 4, `neighbours in time are neighbours in the list: ${seen}`);
});

test('it is signed again when its time is over, not for each request', async () => {
	const c = await accepted();
	const first = await listOf(c.uri);
	assert.equal((await listOf(c.uri)).text, first.text);
	await sb.clock({ offset: 'PT11S' });
	await soon(async () => (await listOf(c.uri)).iat >= first.iat + 11, 'signed again');
	await sb.clock({});
});

test('expired by the clock alone; and back, where the clock of a sandbox goes back', async () => {
	const c = await accepted({ validTo: sb.inDays(1) }), longer = await accepted({ validTo: sb.inDays(9) });
	const gone = await accepted();
	await revoke(gone.id);
	assert.equal(await bitOf(c), 0);
	await sb.clock({ offset: 'P2D' });
	await turned(c);
	assert.equal(await bitOf(longer), 0);
	await sb.clock({});
	await soon(async () => await bitOf(c) === 0, 'valid again');
	assert.equal(await bitOf(gone), 1);
});

test('another process reads the same, and sees what this one withdraws', async () => {
	const two = await startSandbox({ store, args: ['--set', `issuer=${sb.url}/`] });
	const c = await accepted(), d = await accepted();
	const res = expectStatus(await postGrant(two, await makeGrant(sb, clients.bank, grant(c.id))), 200);
	assert.deepEqual(jose.decodeJwt(res.json.access_token).status.status_list, { idx: c.idx, uri: `${two.url}/statuslists/0` });
	assert.equal(await bitOf({ ...c, uri: `${two.url}/statuslists/0` }, two), 0);
	await revoke(c.id);
	await turned({ ...c, uri: `${two.url}/statuslists/0` }, two);
	await revoke(d.id, two);
	await turned(d);
	await two.stop();
});

test('many ask at once for a list that nobody has looked at: one answer for all', async () => {
	const three = await startSandbox({ store });
	const all = await Promise.all(Array.from({ length: 60 }, () => three.get('/statuslists/0')));
	for (const res of all)
		expectStatus(res, 200);
	assert.equal(new Set(all.map((r) => r.text)).size, 1);
	await three.stop();
});

test('no such list', async () => {
	for (const list of ['1', '999999', '8796093022207', '8796093022208', '99999999999999999999', '-1', '0x0', 'a', '%00'])
		assert.ok([404, 400].includes((await sb.get(`/statuslists/${list}`)).status), list);
	const empty = await startSandbox({ store: false });
	expectStatus(await empty.get('/statuslists/0'), 404, 'nobody was asked for consent yet');
	await empty.stop();
});
