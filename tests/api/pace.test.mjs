// What one organisation changes stops nobody else: writes depend on what they used, and changes by API have a rate and a share.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import { getToken } from '../js/maskinporten.mjs';
import { PG, describe, expectStatus, startSandbox, tempDir, until } from '../js/sandbox.mjs';
import { BAKERY, BANK, BFF, ELENA, MINISTRY, REQUESTS, SUPPLIER, S_WRITE, requestBody, resource, right, testWorld } from '../js/world.mjs';

const CLIENTS = '/api/v1/clients', DELEGATIONS = '/api/v1/delegations', RESOURCE = '/resourceregistry/api/v1/resource';
const WRITE = 'idporten:dcr.write', HAND = 'samtykke:delegations.write';
const PEOPLE = 40, FLOODERS = 4;

const world = await testWorld();
world.document.resources.push(resource('pace_used'), resource('pace_other'));
const store = PG ?? `sqlite:${path.join(tempDir(), 'pace.db')}`;
const sb = await startSandbox({ store, apply: world.document, args: ['--set', 'publish.rate=0'] });
after(() => sb.stop());
const bank = await sb.orgToken(BANK, S_WRITE), elena = await sb.personToken(ELENA);
const owner = await sb.orgToken(MINISTRY, 'altinn:resourceregistry/resource.write');
const hand = await sb.orgToken(BANK, HAND), bakery = await sb.orgToken(BAKERY, WRITE);

const ask = async (id = 'pace_used') =>
	expectStatus(await sb.post(REQUESTS, bank, requestBody(sb, { consentRights: [right(id)] })), 201).json.id;
const accept = (id) => sb.post(`${BFF}/${id}/accept`, elena, { language: 'nb' });
// change(i) as fast as it goes, by some at once, until stop(), which tells how many there were.
function flood(change) {
	let over = false, n = 0;
	const one = async () => {
		while (!over)
			await change(n++);
	};
	const all = Promise.all(Array.from({ length: FLOODERS }, one));
	return { get n() { return n; }, async stop() { over = true; await all; return n; } };
}
const put = (target, token, json) => sb.request('PUT', target, { token, json });
const grantOf = { scope: 'api:plain' };

test('changes of an organisation while people accept: all are accepted', async () => {
	const ids = [];
	for (let i = 0; i < PEOPLE; i++)
		ids.push(await ask());
	const c = expectStatus(await sb.post(CLIENTS, bakery, { client_name: 'x' }), 201).json;
	const f = flood(async (i) => expectStatus(await put(`${CLIENTS}/${c.client_id}`, bakery, { client_name: `nr ${i}` }), 200));
	await until(() => f.n > 2 * FLOODERS, 'changes are made');
	const answers = await Promise.all(ids.map(accept));
	const created = await Promise.all(Array.from({ length: 10 }, () => ask()));
	const tokens = await Promise.all(Array.from({ length: 10 }, () => getToken(sb, world.clients.bank, grantOf)));
	await f.stop();
	for (const res of answers)
		expectStatus(res, 200, describe(res));
	assert.equal(new Set(created).size, 10);
	assert.equal(tokens.length, 10);
});

test('changes of the very resource while people accept: each has its turn', async () => {
	const ids = [], target = `${RESOURCE}/pace_used`, body = resource('pace_used');
	for (let i = 0; i < PEOPLE; i++)
		ids.push(await ask());
	const f = flood(async (i) => expectStatus(await put(target, owner, { ...body, title: { nb: `Nr ${i}` } }), 200));
	await until(() => f.n > 2 * FLOODERS, 'changes are made');
	const answers = await Promise.all(ids.map(accept));
	await f.stop();
	for (const res of answers)
		expectStatus(res, 200, describe(res));
});

test('a change of what an answer rests on counts at once, in every process', async () => {
	const other = await startSandbox({ store, args: ['--set', 'publish.rate=0', '--set', `issuer=${sb.url}/`] });
	const id = await ask('pace_other'), next = await ask('pace_other');
	// The other process learns of it by the write alone.
	const strict = { ...resource('pace_other'), policy: undefined };
	strict.policy = { minimumAuthenticationLevel: 3, rules: [{ actions: ['requestconsent'], subjects: [['urn:altinn:partytype:organization']] }] };
	expectStatus(await other.post(`${BFF}/${id}/accept`, await other.personToken(ELENA), { language: 'nb' }), 200);
	expectStatus(await put(`${RESOURCE}/pace_other`, owner, strict), 200);
	expectStatus(await other.post(`${BFF}/${next}/accept`, await other.personToken(ELENA), { language: 'nb' }), 403);
	await other.stop();
});

test('an organisation has a rate of changes, by self-service and in the registry; others keep theirs', async () => {
	const slow = await startSandbox({ store: false, apply: world.document, args: ['--set', 'publish.rate=1', '--set', 'publish.burst=3'] });
	const by = async (orgno) => slow.orgToken(orgno, HAND);
	const one = await by(BANK), two = await by(SUPPLIER);
	const hand = (token, to) => slow.post(DELEGATIONS, token, { supplier_org: to, scopes: ['api:open'] });
	const answers = [];
	for (let i = 0; i < 20 && answers.at(-1)?.status !== 429; i++)
		answers.push(await hand(one, BAKERY));
	const refused = expectStatus(answers.at(-1), 429);
	assert.ok(answers.length > 3, `burst: ${answers.length}`);
	assert.match(refused.headers['retry-after'], /^[1-9]\d*$/);
	assert.equal(refused.json.title, 'Too Many Requests');
	assert.notEqual((await hand(two, BAKERY)).status, 429);
	const writer = await slow.orgToken(MINISTRY, 'altinn:resourceregistry/resource.write');
	let last;
	for (let i = 0; i < 20 && last?.status !== 429; i++)
		last = await slow.request('PUT', `${RESOURCE}/pace_used`, { token: writer, json: { ...resource('pace_used'), title: { nb: `Nr ${i}` } } });
	expectStatus(last, 429);
	await until(async () => (await hand(one, BAKERY)).status !== 429, 'it may go on after a while');
	await slow.stop();
});
