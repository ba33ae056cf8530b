// The issuer's self-service: clients and keys, scopes and accesses, delegations; each change shows on the next token, in every process.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, test } from 'node:test';
import { askToken, expectFault, getToken, makeKey } from '../js/maskinporten.mjs';
import { expectBinding } from '../js/problems.mjs';
import { PG, expectEmpty, expectStatus, run, startSandbox, tempDir } from '../js/sandbox.mjs';
import { AGENCY, BANK, MINISTRY, NOBODY, SUPPLIER, testWorld } from '../js/world.mjs';

const CLIENTS = '/api/v1/clients', SCOPES = '/api/v1/scopes', DELEGATIONS = '/api/v1/delegations';
const READ = 'idporten:dcr.read', MODIFY = 'idporten:dcr.modify', WRITE = 'idporten:dcr.write', FOR_OTHERS = 'idporten:dcr.supplier';
const MANAGE = 'idporten:scopes.write', HAND = 'samtykke:delegations.write', HANDED = 'samtykke:delegations.read';
const SOURCE = 'https://www.altinn.no/';

const world = await testWorld();
const store = PG ?? `sqlite:${path.join(tempDir(), 'selfservice.db')}`;
const free = ['--set', 'publish.rate=0']; // changes without end
const sb = await startSandbox({ store, apply: world.document, args: free });
const other = await startSandbox({ store, args: [...free, '--set', `issuer=${sb.url}/`] }); // another process on the same store
after(async () => {
	await other.stop();
	await sb.stop();
});
other.nowS = sb.nowS;
const bank = await sb.orgToken(BANK, WRITE), helper = await sb.orgToken(SUPPLIER, `${WRITE} ${FOR_OTHERS}`);
const agency = await sb.orgToken(MINISTRY, MANAGE), hand = await sb.orgToken(BANK, HAND);
const send = (method, target, token, json, at = sb) => at.request(method, target, { token, json });
const key = await makeKey('self-1');
const grantOf = (client, scope, claims) => ({ client: { clientId: client.client_id, key }, claims: { scope, ...claims } });
// The same answer from both processes.
const token = async (client, scope, claims) => {
	for (const at of [sb, other]) {
		const g = grantOf(client, scope, { aud: `${sb.url}/`, ...claims });
		expectStatus(await askToken(at, g.client, g.claims), 200, `${scope} at ${at.url}`);
	}
};
const noToken = async (client, scope, status, error, code, claims) => {
	for (const at of [sb, other]) {
		const g = grantOf(client, scope, { aud: `${sb.url}/`, ...claims });
		const res = expectStatus(await askToken(at, g.client, g.claims), status);
		assert.equal(res.json.error, error, res.text);
		if (code)
			assert.ok(res.json.error_uri.endsWith(code), res.text);
	}
};
let made = 0;
const register = async (changes = {}, by = bank, keys = [key.publicJwk]) => {
	const c = expectStatus(await sb.post(CLIENTS, by, { client_name: `klient ${++made}`, scopes: ['ttd:inntekt'], ...changes }), 201).json;
	if (keys)
		expectStatus(await sb.post(`${CLIENTS}/${c.client_id}/jwks`, by, { keys }), 201);
	return c;
};
const define = async (changes = {}) =>
	expectStatus(await sb.post(SCOPES, agency, { prefix: 'ttd', subscope: `egen/${++made}`, description: 'x', ...changes }), 201).json;
const at = (scope) => `?scope=${encodeURIComponent(scope)}`;
const shape = (o) => Object.keys(o);

test('a client is registered, gets keys, and has tokens', async () => {
	const res = expectStatus(await sb.post(CLIENTS, bank, {
		client_name: 'Lån', description: 'x', scopes: ['ttd:inntekt'], integration_type: 'maskinporten', application_type: 'web',
		token_endpoint_auth_method: 'private_key_jwt', grant_types: ['urn:ietf:params:oauth:grant-type:jwt-bearer'], client_orgno: BANK,
		access_token_lifetime: 60, redirect_allow: ['https://a.example'],
	}), 201);
	const c = res.json;
	assert.match(c.client_id, /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
	assert.equal(res.headers.location, `${sb.url}${CLIENTS}/${c.client_id}`);
	assert.deepEqual({ ...c, client_id: 0, created: 0, last_updated: 0 }, {
		client_id: 0, client_name: 'Lån', description: 'x', client_orgno: BANK, supplier_orgno: null, integration_type: 'maskinporten',
		application_type: 'web', token_endpoint_auth_method: 'private_key_jwt', grant_types: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
		scopes: ['ttd:inntekt'], access_token_lifetime: 60, redirect_allow: ['https://a.example'], active: true, created: 0, last_updated: 0,
	});
	assert.ok(Math.abs(Date.parse(c.created) - sb.now()) < 60000);
	assert.equal(c.created, c.last_updated);
	assert.deepEqual(expectStatus(await sb.get(`${CLIENTS}/${c.client_id}/jwks`, bank), 200).json, { keys: [] });
	const keys = expectStatus(await sb.post(`${CLIENTS}/${c.client_id}/jwks`, bank, { keys: [key.publicJwk] }), 201).json;
	assert.deepEqual(shape(keys), ['keys', 'posted', 'expires']);
	assert.equal(Date.parse(keys.expires) - Date.parse(keys.posted) - 365 * 86400000 + Date.parse(keys.posted) % 1000, 0);
	assert.deepEqual(keys.keys[0], key.publicJwk);
	assert.deepEqual(expectStatus(await sb.get(`${CLIENTS}/${c.client_id}/jwks`, bank), 200).json, keys);
	await token(c, 'ttd:inntekt');
	const { claims } = await getToken(sb, { clientId: c.client_id, key }, { scope: 'ttd:inntekt' });
	assert.equal(claims.exp - claims.iat, 60);
	// What was answered can be sent back, on every process; what is left out is as it was at first.
	for (const [process_, body] of [[other, c], [sb, { client_name: 'Ny', scopes: [] }]]) {
		const now = expectStatus(await send('PUT', `${CLIENTS}/${c.client_id}`, bank, body, process_), 200).json;
		assert.equal(now.created, c.created);
		assert.deepEqual(now.redirect_allow, c.redirect_allow);
		assert.deepEqual([now.client_name, now.scopes, now.access_token_lifetime], body === c ? ['Lån', c.scopes, 60] : ['Ny', [], 120]);
	}
	await noToken(c, 'ttd:inntekt', 400, 'invalid_scope', 'MP-200');
});

test('bodies that are refused, with the names that the caller knows', async () => {
	const c = await register();
	const rows = [
		[{ client_name: 1 }, '$.client_name'], [{ client_name: 'x'.repeat(501) }, '$.client_name'], [{ unknown: 1 }, '$.unknown'],
		[{ scopes: ['none:such'] }, '$.scopes[0]'], [{ scopes: 'x' }, '$.scopes'], [{ scopes: Array(201).fill('ttd:inntekt') }, '$.scopes'],
		[{ access_token_lifetime: 86401 }, '$.access_token_lifetime'], [{ integration_type: 'idporten' }, '$.integration_type'],
		[{ token_endpoint_auth_method: 'none' }, '$.token_endpoint_auth_method'], [{ grant_types: ['refresh_token'] }, '$.grant_types'],
		[{ grant_types: [] }, '$.grant_types'], [{ application_type: 'native' }, '$.application_type'], [{ supplier_orgno: SUPPLIER }, '$.supplier_orgno'],
		[{ client_id: randomUUID() }, '$.client_id'], [{ redirect_allow: Array(101).fill('https://a.example') }, '$.redirect_allow'],
	];
	for (const [body, where] of rows) {
		expectBinding(await sb.post(CLIENTS, bank, body), where);
		expectBinding(await send('PUT', `${CLIENTS}/${c.client_id}`, bank, body), where);
	}
	expectBinding(await send('PUT', `${CLIENTS}/${c.client_id}`, bank, { client_orgno: SUPPLIER }), '$.client_orgno');
	expectBinding(await sb.post(CLIENTS, helper, { client_orgno: '123456789' }), '$.client_orgno');
	expectStatus(await sb.post(CLIENTS, bank, { client_id: c.client_id }), 409);
	expectStatus(await sb.request('POST', CLIENTS, { token: bank, body: 'x', headers: { 'Content-Type': 'text/plain' } }), 415);
});

test('keys: five, never six, each with all of its members, and posted anew', async () => {
	const c = await register();
	const five = await Promise.all([1, 2, 3, 4, 5, 6].map((i) => makeKey(`five-${i}`)));
	const set = five.map((k) => k.publicJwk), target = `${CLIENTS}/${c.client_id}/jwks`;
	assert.equal(expectStatus(await send('PUT', target, bank, { keys: set.slice(0, 5) }), 200).json.keys.length, 5);
	expectBinding(await send('PUT', target, bank, { keys: set }), '$.keys');
	const { alg, ...bare } = set[0];
	for (const [k, where] of [[bare, '$.keys[0].alg'], [{ ...set[0], kid: 'a b' }, '$.keys[0]'], [{ ...set[0], alg: 'PS256' }, '$.keys[0]'],
		[five[0].privateJwk, '$.keys[0]'], [{ ...set[0], x5c: ['MAA='] }, '$.keys[0].x5c'], [{ ...set[0], use: 'enc' }, '$.keys[0]']])
		expectBinding(await send('PUT', target, bank, { keys: [k] }), where);
	expectBinding(await send('PUT', target, bank, { keys: [set[0], { ...set[1], kid: set[0].kid }] }), '$.keys');
	expectBinding(await send('PUT', target, bank, set[0]), '$.keys');
	await noToken(c, 'ttd:inntekt', 400, 'invalid_grant'); // the first key is gone from both
	expectStatus(await send('PUT', target, bank, { keys: [key.publicJwk] }), 200);
	await token(c, 'ttd:inntekt');
	assert.equal(alg, 'RS256');
});

test('whose clients they are, and with which scope', async () => {
	const c = await register(), target = `${CLIENTS}/${c.client_id}`;
	const reader = await sb.orgToken(BANK, READ), changer = await sb.orgToken(BANK, MODIFY);
	expectStatus(await sb.get(target, reader), 200);
	expectEmpty(await sb.post(CLIENTS, changer, {}), 403);
	expectEmpty(await send('PUT', target, reader, {}), 403);
	expectEmpty(await send('DELETE', target, reader), 403);
	expectEmpty(await send('POST', `${target}/jwks`, reader, { keys: [] }), 403);
	expectStatus(await send('PUT', target, changer, { scopes: c.scopes }), 200);
	expectEmpty(await sb.get(target), 401);
	expectStatus(await sb.get(target, await sb.orgToken(null, READ)), 401);
	for (const method of ['GET', 'PUT', 'DELETE'])
		expectStatus(await send(method, target, helper, method === 'PUT' ? {} : undefined), 404, method);
	expectStatus(await send('PUT', `${target}/jwks`, helper, { keys: [] }), 404);
	expectStatus(await sb.get(`${target}/jwks`, helper), 404);
	expectStatus(await sb.post(CLIENTS, bank, { client_orgno: SUPPLIER }), 403);
	expectStatus(await sb.post(CLIENTS, await sb.orgToken(SUPPLIER, FOR_OTHERS), {}), 403);
});

test('a supplier registers a client for its customer, which sees it, and may end it', async () => {
	const c = await register({ client_orgno: BANK }, helper);
	assert.deepEqual([c.client_orgno, c.supplier_orgno], [BANK, SUPPLIER]);
	const { claims } = await getToken(sb, { clientId: c.client_id, key }, { scope: 'ttd:inntekt' });
	assert.equal(claims.consumer.ID, `0192:${BANK}`);
	const far = await register({ client_orgno: AGENCY }, helper);
	await noToken(far, 'ttd:inntekt', 400, 'invalid_request', '', { consumer_org: BANK });
	expectBinding(await send('PUT', `${CLIENTS}/${c.client_id}`, helper, { scopes: [WRITE] }), '$.scopes[0]');
	expectBinding(await sb.post(CLIENTS, helper, { client_orgno: BANK, scopes: ['ttd:inntekt', HAND] }), '$.scopes[1]');
	const own = await sb.orgToken(SUPPLIER, WRITE);
	expectStatus(await sb.get(`${CLIENTS}/${c.client_id}`, own), 404);
	const ids = async (by) => expectStatus(await sb.get(CLIENTS, by), 200).json.map((x) => x.client_id);
	assert.ok((await ids(helper)).includes(c.client_id) && (await ids(bank)).includes(c.client_id) && !(await ids(own)).includes(c.client_id));
	expectEmpty(await send('DELETE', `${CLIENTS}/${c.client_id}`, bank), 204);
	await noToken(c, 'ttd:inntekt', 400, 'invalid_grant', 'MP-100');
});

test('a deactivated client stays, and stays deactivated', async () => {
	const c = await register(), target = `${CLIENTS}/${c.client_id}`;
	await token(c, 'ttd:inntekt');
	expectEmpty(await send('DELETE', target, bank), 204);
	expectEmpty(await send('DELETE', target, bank), 204, 'again');
	await noToken(c, 'ttd:inntekt', 400, 'invalid_grant', 'MP-100');
	assert.equal(expectStatus(await sb.get(target, bank), 200).json.active, false);
	const ids = async (query) => expectStatus(await sb.get(CLIENTS + query, bank), 200).json.map((x) => x.client_id);
	assert.ok(!(await ids('')).includes(c.client_id) && (await ids('?inactive=TRUE')).includes(c.client_id));
	expectStatus(await send('PUT', target, bank, { scopes: c.scopes }), 409);
	expectStatus(await send('PUT', `${target}/jwks`, bank, { keys: [key.publicJwk] }), 409);
	expectStatus(await sb.post(CLIENTS, bank, c), 409);
});

// ---- several who change the same thing ----

const matching = (method, target, by, json, tag, at = sb) => at.request(method, target, { token: by, json, headers: { 'If-Match': tag } });
const tagOf = async (target, by, at = sb) => {
	const { etag } = expectStatus(await at.get(target, by), 200).headers;
	assert.match(etag, /^"[0-9a-f]{32}"$/);
	return etag;
};

// = RFC 9110 13.1.1: "If-Match … to prevent accidental overwrites"; 8.8.3: a strong tag, another for each state.
test('a client, its keys and a scope have tags, and are changed only in the state that is meant', async () => {
	const c = await register(), target = `${CLIENTS}/${c.client_id}`, s = await define(), scope = SCOPES + at(s.name);
	for (const [where, by, method, body, keep] of [
		[target, bank, 'PUT', (i) => ({ client_name: `tag ${i}`, scopes: c.scopes }), { client_name: 'kept', scopes: c.scopes }],
		[`${target}/jwks`, bank, 'PUT', (i) => ({ keys: i ? [key.publicJwk] : [] }), { keys: [] }],
		[`${target}/jwks`, bank, 'POST', (i) => ({ keys: i ? [key.publicJwk] : [] }), { keys: [] }],
		[scope, agency, 'PUT', (i) => ({ description: `tag ${i}` }), { description: 'kept' }],
	]) {
		const first = await tagOf(where, by), ok = method === 'POST' ? 201 : 200;
		assert.equal(await tagOf(where, by, other), first, 'the same in both processes');
		const second = expectStatus(await matching(method, where, by, body(0), first, other), ok).headers.etag;
		assert.notEqual(second, first);
		assert.equal(await tagOf(where, by), second);
		const shown = expectStatus(await sb.get(where, by), 200).json;
		for (const tag of [first, `W/${second}`, second.slice(1, -1), '""', '', 'x', `${first}, "x"`]) {
			const res = expectStatus(await matching(method, where, by, keep, tag), 412, `${method} ${where} ${tag}`);
			assert.match(res.headers['content-type'], /^application\/problem\+json/);
			assert.deepEqual([res.json.status, res.json.title], [412, 'Precondition Failed']);
		}
		expectStatus(await matching(method, where, by, { unknown: 1 }, first), 412, 'before the body is looked at');
		assert.deepEqual(expectStatus(await sb.get(where, by), 200).json, shown, 'nothing was changed');
		expectStatus(await matching(method, where, by, body(1), `"x",${first} , ${second}`), ok);
		expectStatus(await matching(method, where, by, body(2), '*'), ok);
		expectStatus(await send(method, where, by, body(3)), ok);
	}
	for (const [where, by] of [[target, bank], [scope, agency]]) {
		const last = await tagOf(where, by);
		expectStatus(await matching('DELETE', where, by, undefined, '"x"'), 412);
		expectEmpty(await matching('DELETE', where, by, undefined, last), 204);
		expectEmpty(await matching('DELETE', where, by, undefined, last), 204, 'again: there is nothing to overwrite');
	}
	expectStatus(await matching('PUT', `${CLIENTS}/none`, bank, {}, '*'), 404);
});

test('of two who mean the same state one has its way, whichever process they ask', async () => {
	const c = await register(), target = `${CLIENTS}/${c.client_id}`, key2 = await makeKey('self-2');
	for (let i = 0; i < 10; i++) {
		const tag = await tagOf(target, bank);
		const answers = await Promise.all([sb, other, sb, other].map((process_, n) =>
			matching('PUT', target, bank, { client_name: `${i} ${n}`, scopes: c.scopes }, tag, process_)));
		assert.deepEqual(answers.map((a) => a.status).sort(), [200, 412, 412, 412], answers.map((a) => a.text).join('\n'));
		const [won] = answers.filter((a) => a.status === 200);
		assert.equal(expectStatus(await sb.get(target, bank), 200).json.client_name, won.json.client_name);
		const keys = await tagOf(`${target}/jwks`, bank);
		const posts = await Promise.all([sb, other].map((process_, n) =>
			matching('PUT', `${target}/jwks`, bank, { keys: [[key, key2][(i + n) % 2].publicJwk] }, keys, process_)));
		assert.deepEqual(posts.map((a) => a.status).sort(), [200, 412]);
	}
});

// The bank of the built-in world, with a key file for the commands.
const bankClient = '5f1d8a52-7c0e-4b7a-9d57-2f6a3c1e8b01', keyFile = path.join(tempDir(), 'bank.jwk');
writeFileSync(keyFile, expectStatus(await sb.get(`/sandbox/clients/${bankClient}`), 200).text, { mode: 0o600 });
const command = (url, ...args) => run([...args, '--url', url, '--issuer', `${sb.url}/`, '--client-id', bankClient, '--key', keyFile]);

test('commands that change a client at the same time, at two processes, all have their way', async () => {
	const c = await register({ scopes: [] });
	for (let round = 0; round < 3; round++) {
		const want = { name: `navn ${round}`, description: `tekst ${round}`, lifetime: 30 + round, redirect: `https://${round}.example`, scope: ['ttd:inntekt', 'altinn:consentrequests.read'][round % 2] };
		const ended = await Promise.all(Object.entries(want).map(([option, value], i) =>
			command([sb, other][i % 2].url, 'client', 'change', `--${option}`, String(value), c.client_id)));
		for (const { status, stderr } of ended)
			assert.equal(status, 0, stderr);
		const now = expectStatus(await sb.get(`${CLIENTS}/${c.client_id}`, bank), 200).json;
		assert.deepEqual([now.client_name, now.description, now.access_token_lifetime, now.redirect_allow, now.scopes],
			[want.name, want.description, want.lifetime, [want.redirect], [want.scope]]);
	}
});

// Stands between a command and the server, and lets `meanwhile` happen before each PUT goes on.
async function between(meanwhile) {
	const puts = [];
	const server = http.createServer((req, res) => {
		const chunks = [];
		req.on('data', (x) => chunks.push(x)).on('end', async () => {
			if (req.method === 'PUT')
				await meanwhile(puts.push(req.headers['if-match']));
			const on = http.request(new URL(req.url, sb.url), { method: req.method, headers: req.headers }, (from) => {
				res.writeHead(from.statusCode, from.headers);
				from.pipe(res);
			});
			on.end(Buffer.concat(chunks));
		});
	});
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	return { url: `http://127.0.0.1:${server.address().port}`, puts, close: () => new Promise((done) => server.close(done).closeAllConnections()) };
}

test('a command that is overtaken reads again, and gives up in the end', async () => {
	const c = await register(), target = `${CLIENTS}/${c.client_id}`;
	const touch = async (i) => expectStatus(await send('PUT', target, bank, { ...expectStatus(await sb.get(target, bank), 200).json, client_name: `andre ${i}` }), 200);
	const twice = await between((i) => i <= 2 && touch(i));
	const done = await command(twice.url, 'client', 'change', '--description', 'min', c.client_id);
	assert.equal(done.status, 0, done.stderr);
	assert.equal(new Set(twice.puts).size, 3, 'three writes, each meant for another state');
	const now = expectStatus(await sb.get(target, bank), 200).json;
	assert.deepEqual([now.client_name, now.description], ['andre 2', 'min']);
	await twice.close();
	const always = await between(touch);
	const given = await command(always.url, 'client', 'change', '--description', 'aldri', c.client_id);
	assert.deepEqual([given.status, given.stdout, always.puts.length], [1, '', 10], given.stderr);
	assert.match(given.stderr, /^samtykke client change: nothing was changed: in 10 tries somebody else made a change first\n$/);
	assert.equal(expectStatus(await sb.get(target, bank), 200).json.description, 'min');
	await always.close();
});

test('SELF_MAX_CLIENTS: 2000 of one organisation, and no more', async () => {
	const mine = expectStatus(await sb.get(`${CLIENTS}?inactive=true`, await sb.orgToken(AGENCY, WRITE)), 200).json.filter((c) => !c.supplier_orgno).length;
	const clients = Array.from({ length: 2000 - mine - 1 }, () => ({ clientId: randomUUID(), orgno: AGENCY, scopes: [] }));
	expectStatus(await sb.apply({ clients }), 204);
	await register({ scopes: [] }, await sb.orgToken(AGENCY, WRITE), null);
	expectStatus(await sb.post(CLIENTS, await sb.orgToken(AGENCY, WRITE), {}), 409);
});

test('a scope is made, granted, changed and withdrawn', async () => {
	const s = await define({ visibility: 'PRIVATE', at_max_age: 30, allowed_integration_types: ['maskinporten'] });
	assert.deepEqual({ ...s, created: 0, last_updated: 0 }, {
		name: `ttd:egen/${made}`, prefix: 'ttd', subscope: `egen/${made}`, description: 'x', owner_orgno: MINISTRY, visibility: 'PRIVATE',
		allowed_integration_types: ['maskinporten'], accessible_for_all: false, delegation_source: null, at_max_age: 30, authorization_max_age: 0,
		token_type: 'SELF_CONTAINED', active: true, created: 0, last_updated: 0,
	});
	const c = await register({ scopes: [s.name] });
	await noToken(c, s.name, 403, 'forbidden', 'MP-250');
	const access = `${SCOPES}/access/${BANK}${at(s.name)}`;
	const given = expectStatus(await send('PUT', access, agency), 200).json;
	assert.deepEqual({ ...given, created: 0, last_updated: 0 },
		{ scope: s.name, state: 'APPROVED', consumer_orgno: BANK, owner_orgno: MINISTRY, created: 0, last_updated: 0, prefix: 'ttd' });
	await token(c, s.name);
	assert.deepEqual(expectStatus(await send('PUT', access, agency, undefined, other), 200).json, given, 'again');
	assert.deepEqual(expectStatus(await sb.get(`${SCOPES}/access${at(s.name)}`, agency), 200).json, [given]);
	const { claims } = await getToken(sb, { clientId: c.client_id, key }, { scope: s.name });
	assert.equal(claims.exp - claims.iat, 30);
	const open = async () => expectStatus(await sb.get(`${SCOPES}/all`), 200).json.map((x) => x.name);
	assert.ok(!(await open()).includes(s.name));
	const changed = expectStatus(await send('PUT', SCOPES + at(s.name), agency, { ...s, visibility: 'PUBLIC', at_max_age: null }), 200).json;
	assert.deepEqual([changed.visibility, changed.at_max_age, changed.created], ['PUBLIC', 0, s.created]);
	assert.deepEqual(expectStatus(await sb.get(SCOPES + at(s.name), agency), 200).json, changed);
	assert.ok((await open()).includes(s.name));
	await token(c, s.name);
	expectStatus(await send('PUT', SCOPES + at(s.name), agency, { allowed_integration_types: ['idporten'] }), 200);
	await noToken(c, s.name, 400, 'invalid_scope', 'MP-201');
	expectStatus(await send('PUT', SCOPES + at(s.name), agency, { accessible_for_all: true }), 200);
	expectEmpty(await send('DELETE', access, agency), 204);
	expectEmpty(await send('DELETE', access, agency), 204, 'again');
	await token(c, s.name);
	expectStatus(await send('PUT', SCOPES + at(s.name), agency, {}), 200);
	await noToken(c, s.name, 403, 'forbidden', 'MP-250');
});

// The operator's choice for an owner's scope, or for a client, is neither theirs to change nor in their way.
test('a client and a scope whose tokens are signed otherwise are changed and granted like others', async () => {
	const s = await define(), c = await register({ scopes: [s.name] });
	expectStatus(await sb.apply({ clients: [{ clientId: c.client_id, tokenAlg: 'ES256' }], scopes: [{ scope: s.name, tokenAlg: 'EdDSA' }] }), 204);
	expectStatus(await send('PUT', `${CLIENTS}/${c.client_id}`, bank, { client_name: 'ny', scopes: c.scopes }), 200);
	expectStatus(await send('PUT', `${CLIENTS}/${c.client_id}/jwks`, bank, { keys: [key.publicJwk] }), 200);
	expectStatus(await send('PUT', SCOPES + at(s.name), agency, { description: 'y' }), 200);
	expectStatus(await send('PUT', `${SCOPES}/access/${BANK}${at(s.name)}`, agency), 200);
	const res = expectStatus(await askToken(sb, { clientId: c.client_id, key }, { scope: s.name }), 200);
	assert.equal(JSON.parse(Buffer.from(res.json.access_token.split('.')[0], 'base64url')).alg, 'EdDSA');
	expectBinding(await send('PUT', SCOPES + at(s.name), agency, { tokenAlg: 'RS256' }), '$.tokenAlg');
	expectStatus(await send('DELETE', SCOPES + at(s.name), agency), 204);
});

test('a deactivated scope has no tokens, and keeps its accesses and clients', async () => {
	const s = await define(), c = await register({ scopes: [s.name] });
	expectStatus(await send('PUT', `${SCOPES}/access/${BANK}${at(s.name)}`, agency), 200);
	expectEmpty(await send('DELETE', SCOPES + at(s.name), agency), 204);
	expectEmpty(await send('DELETE', SCOPES + at(s.name), agency), 204, 'again');
	await noToken(c, s.name, 400, 'invalid_scope', 'MP-201');
	assert.equal(expectStatus(await sb.get(`${SCOPES}/access${at(s.name)}`, agency), 200).json.length, 1);
	assert.deepEqual(expectStatus(await sb.get(`${CLIENTS}/${c.client_id}`, bank), 200).json.scopes, [s.name]);
	const names = async (query) => expectStatus(await sb.get(SCOPES + query, agency), 200).json.map((x) => x.name);
	assert.ok(!(await names('')).includes(s.name) && (await names('?inactive=true')).includes(s.name));
	expectStatus(await sb.post(SCOPES, agency, { prefix: s.prefix, subscope: s.subscope, description: 'x' }), 409);
	expectStatus(await send('PUT', SCOPES + at(s.name), agency, {}), 409);
	expectStatus(await send('PUT', `${SCOPES}/access/${SUPPLIER}${at(s.name)}`, agency), 409);
	expectStatus(await send('DELETE', `${SCOPES}/access/${BANK}${at(s.name)}`, agency), 409);
});

test('scopes that are refused', async () => {
	const s = await define(), stranger = await sb.orgToken(BANK, MANAGE);
	for (const [body, where] of [
		[{ prefix: 'ttd' }, '$.subscope'], [{ subscope: 'x' }, '$.prefix'], [{ subscope: 'a b' }, '$.subscope'], [{ subscope: 'x'.repeat(197) }, '$.subscope'],
		[{ visibility: 'x' }, '$.visibility'], [{ at_max_age: 86401 }, '$.at_max_age'], [{ delegation_source: 'x' }, '$.delegation_source'],
		[{ token_type: 'OPAQUE' }, '$.token_type'], [{ requires_user_consent: true }, '$.requires_user_consent'], [{ unknown: 1 }, '$.unknown'],
		[{ allowed_integration_types: ['x'] }, '$.allowed_integration_types[0]'], [{ owner_orgno: BANK }, '$.owner_orgno'],
		[{ allowed_integration_types: Array(11).fill('maskinporten') }, '$.allowed_integration_types'], [{ description: 'x'.repeat(4001) }, '$.description'],
	])
		expectBinding(await sb.post(SCOPES, agency, body.prefix || where === '$.prefix' ? body : { prefix: 'ttd', subscope: `nei/${++made}`, ...body }), where);
	expectBinding(await send('PUT', SCOPES + at(s.name), agency, { subscope: 'another' }), '$.subscope');
	expectStatus(await sb.post(SCOPES, agency, { prefix: 'ttd', subscope: s.subscope }), 409);
	expectStatus(await sb.post(SCOPES, agency, { prefix: 'skatteetaten', subscope: 'x' }), 403);
	expectStatus(await sb.post(SCOPES, agency, { prefix: 'none', subscope: 'x' }), 403);
	expectEmpty(await sb.post(SCOPES, bank, {}), 403);
	for (const [method, target] of [['GET', SCOPES], ['PUT', SCOPES], ['DELETE', SCOPES], ['GET', `${SCOPES}/access`], ['PUT', `${SCOPES}/access/${BANK}`],
		['DELETE', `${SCOPES}/access/${BANK}`]]) {
		const body = method === 'PUT' ? {} : undefined;
		expectStatus(await send(method, target + at(s.name), stranger, body), 404, `${method} ${target}`);
		if (target !== SCOPES || method !== 'GET')
			expectBinding(await send(method, target, agency, body), 'scope');
	}
	expectBinding(await send('PUT', `${SCOPES}/access/123456789${at(s.name)}`, agency), '$.orgno');
	const prefixes = expectStatus(await sb.get('/api/v1/prefix/all'), 200).json;
	assert.ok(prefixes.some((p) => p.prefix === 'skatteetaten' && p.owner_orgno === AGENCY));
	assert.ok(expectStatus(await sb.get('/api/v1/delegationsources'), 200).json.some((x) => x.issuer === SOURCE));
});

test('scopes are handed to a supplier, also before they are granted, and taken back', async () => {
	const s = await define({ delegation_source: SOURCE }), fixed = await define();
	const c = await register({ scopes: [s.name] }, helper), as = { consumer_org: BANK };
	await noToken(c, s.name, 403, 'forbidden', 'MP-250', as);
	const before = expectStatus(await sb.get(DELEGATIONS, hand), 200).json.find((d) => d.supplier_org === SUPPLIER);
	const d = expectStatus(await sb.post(DELEGATIONS, hand, { supplier_org: SUPPLIER, scopes: [s.name] }), 201).json;
	assert.deepEqual(d, { ...before, scopes: [...before.scopes, s.name] });
	assert.deepEqual(expectStatus(await sb.post(DELEGATIONS, hand, { supplier_org: SUPPLIER, scopes: [s.name] }), 200).json, d);
	await noToken(c, s.name, 403, 'forbidden', 'MP-250', as);
	expectStatus(await send('PUT', `${SCOPES}/access/${BANK}${at(s.name)}`, agency), 200);
	await token(c, s.name, as);
	const lookup = await sb.orgToken(MINISTRY, 'altinn:maskinporten/delegations.admin');
	const asked = `/accessmanagement/api/v1/maskinporten/delegations?supplierOrg=${SUPPLIER}&consumerOrg=${BANK}&scope=${encodeURIComponent(s.name)}`;
	assert.deepEqual(expectStatus(await sb.get(asked, lookup), 200).json[0].scopes, [s.name]);
	const supplier = await sb.orgToken(SUPPLIER, HANDED), outsider = await sb.orgToken(AGENCY, HANDED);
	assert.ok(expectStatus(await sb.get(DELEGATIONS, supplier), 200).json.some((x) => x.scopes.includes(s.name)));
	assert.deepEqual(expectStatus(await sb.get(DELEGATIONS, outsider), 200).json, []);
	expectEmpty(await sb.post(DELEGATIONS, supplier, {}), 403);
	for (const [body, where] of [
		[{ scopes: [s.name] }, '$.supplier_org'], [{ supplier_org: BANK, scopes: [s.name] }, '$.supplier_org'], [{ supplier_org: '1', scopes: [s.name] }, '$.supplier_org'],
		[{ supplier_org: SUPPLIER }, '$.scopes'], [{ supplier_org: SUPPLIER, scopes: [] }, '$.scopes'], [{ supplier_org: SUPPLIER, scopes: ['none:such'] }, '$.scopes[0]'],
		[{ supplier_org: SUPPLIER, scopes: [s.name, fixed.name] }, '$.scopes[1]'], [{ supplier_org: SUPPLIER, scopes: Array(201).fill(s.name) }, '$.scopes'],
		[{ supplier_org: SUPPLIER, scopes: [s.name], consumer_org: AGENCY }, '$.consumer_org'], [{ supplier_org: SUPPLIER, scopes: [s.name], x: 1 }, '$.x'],
	])
		expectBinding(await sb.post(DELEGATIONS, hand, body), where);
	expectBinding(await send('DELETE', DELEGATIONS, hand), 'supplier_org');
	expectEmpty(await send('DELETE', `${DELEGATIONS}?supplier_org=${SUPPLIER}&scope=${encodeURIComponent(s.name)}`, hand), 204);
	await noToken(c, s.name, 403, 'forbidden', 'MP-251', as);
	assert.deepEqual(expectStatus(await sb.get(DELEGATIONS, hand), 200).json.find((x) => x.supplier_org === SUPPLIER), before);
	const one = expectStatus(await sb.post(DELEGATIONS, hand, { supplier_org: NOBODY, scopes: [s.name] }), 201).json;
	assert.ok(Math.abs(Date.parse(one.created) - sb.now()) < 60000);
	expectEmpty(await send('DELETE', `${DELEGATIONS}?supplier_org=${NOBODY}`, hand), 204);
	expectEmpty(await send('DELETE', `${DELEGATIONS}?supplier_org=${NOBODY}`, hand), 204, 'again');
});

test('what was registered is in the export, the log says who changed what, and neither has secrets', async () => {
	const s = await define(), c = await register({ scopes: [s.name] });
	expectStatus(await send('PUT', `${SCOPES}/access/${BANK}${at(s.name)}`, agency), 200);
	const { status, stdout, stderr } = await run(['export', '--sandbox', '--set', `store=${store}`]);
	assert.equal(status, 0, stderr);
	const doc = JSON.parse(stdout), mine = doc.clients.find((x) => x.clientId === c.client_id), scope = doc.scopes.find((x) => x.scope === s.name);
	assert.ok(mine.created && mine.jwks.posted && scope.created && scope.granted[BANK], JSON.stringify([mine, scope]));
	expectStatus(await sb.apply({ clients: [mine], scopes: [scope], prefixes: doc.prefixes }), 204);
	assert.deepEqual(expectStatus(await sb.get(`${CLIENTS}/${c.client_id}`, bank), 200).json.created, c.created);
	const lines = sb.stderr().split('\n').filter((l) => l.includes('selfservice.changed'));
	for (const [what, id, by] of [['client.create', c.client_id, BANK], ['client.keys', c.client_id, BANK], ['scope.create', s.name, MINISTRY], ['scope.grant', s.name, MINISTRY]])
		assert.ok(lines.some((l) => l.includes(`what=${what}`) && l.includes(id) && l.includes(by)), `${what} ${id}\n${lines.slice(-5).join('\n')}`);
	assert.ok(!lines.some((l) => l.includes(key.publicJwk.n)));
});
