// Production mode, and the commands that make and change its store.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { askToken, expectFault, getToken, makeKey } from '../js/maskinporten.mjs';
import { startProvider, surfer } from '../js/provider.mjs';
import { expectProblem } from '../js/problems.mjs';
import { PG, ROOT, describe, expectStatus, run, startProgram, startSandbox, tempDir, until } from '../js/sandbox.mjs';
import { AGENCY, BANK, ELENA, INCOME, REQUESTS, S_READ, S_WRITE, builtin, org, person, right } from '../js/world.mjs';

const dir = tempDir();
const store = PG ?? `sqlite:${path.join(dir, 'production.db')}`;
const master = path.join(dir, 'master'), seedFile = path.join(dir, 'seed.json');
writeFileSync(master, randomBytes(32).toString('hex'), { mode: 0o600 });
const common = ['--set', `store=${store}`];
const withKey = [...common, '--set', `key.master_file=${master}`];
const client = { clientId: randomUUID(), key: await makeKey('prod-1') };
const { roles, rights, templates, resources, accessLists } = builtin;
const seed = {
	parties: builtin.parties, roles, rights, templates, resources, accessLists,
	scopes: builtin.scopes,
	clients: [{ clientId: client.clientId, orgno: BANK, name: 'prod', scopes: [S_READ, S_WRITE], jwks: { keys: [client.key.publicJwk] }, redirectAllow: [] }],
};
writeFileSync(seedFile, JSON.stringify(seed));
const write = (name, document) => {
	const file = path.join(dir, name);
	writeFileSync(file, JSON.stringify(document));
	return file;
};
const ok = (r) => {
	assert.equal(r.status, 0, `status ${r.status}\n${r.stdout}\n${r.stderr}`);
	return r;
};
const failed = (r, text) => {
	assert.equal(r.status, 1, `status ${r.status}\n${r.stdout}\n${r.stderr}`);
	assert.match(r.stderr, text);
	return r;
};
let server;
const serve = async (...args) => {
	const s = await startProgram(['serve', ...withKey, '--set', 'port=0', ...args]);
	s.offset = 0;
	s.now = () => Date.now();
	s.nowS = () => Math.floor(Date.now() / 1000);
	return s;
};

test('serve refuses a store that is not migrated', async () => {
	failed(await run(['serve', ...withKey, '--set', 'port=0']), /samtykke serve: /);
});

test('store migrate makes the store, twice', async () => {
	ok(await run(['store', 'migrate', ...common]));
	ok(await run(['store', 'migrate', ...common]));
});

test('serve refuses a store without a key, and without the master key', async () => {
	failed(await run(['serve', ...withKey, '--set', 'port=0']), /key new/);
	failed(await run(['serve', ...common, '--set', 'port=0']), /key\.master_file/);
});

test('serve without a store, with a wrong setting, with an unknown option', async () => {
	failed(await run(['serve', '--set', 'port=0']), /store/);
	failed(await run(['serve', ...common, '--set', 'nothing=1']), /nothing/);
	assert.equal((await run(['serve', '--no-such-option'])).status, 2);
	assert.equal((await run(['serve', '--seed', seedFile])).status, 2, 'seeds are the sandbox\'s');
});

test('key new prints the kid; key list shows it and no private part', async () => {
	const kid = ok(await run(['key', 'new', ...withKey])).stdout.trim();
	assert.match(kid, /^[A-Za-z0-9._-]+$/);
	const list = ok(await run(['key', 'list', ...common])).stdout;
	assert.match(list, new RegExp(`^${kid} +RS256 +active`, 'm'));
});

// What the log warns of at the start, in the order of the lines.
const missingOf = (s) => [...s.stderr().matchAll(/"event":"missing\.(\w+)","why":"[^"]{30,}"/g)].map((m) => m[1]);
const missing = async (...args) => {
	const s = await serve(...args);
	try {
		await until(() => s.stderr().includes('"event":"server.ready"'), () => s.stderr());
		return missingOf(s);
	} finally {
		await s.stop();
	}
};

test('serve warns of what is missing for pages and requests, once each, in words', async () => {
	assert.deepEqual(await missing(), ['login', 'contact', 'template', 'parties']);
	ok(await run(['apply', ...common, write('one.json', { parties: [{ type: 'organization', organizationNumber: '974760673', name: 'X', unitType: 'AS' }] })]));
	assert.deepEqual(await missing('--set', 'operator.contact=mailto:hjelp@example.com'), ['login', 'template', 'parties'], 'nobody can be asked');
	assert.deepEqual(await missing('--set', 'parties.auto_register=on'), ['login', 'contact', 'template']);
});

test('a master key that others may read is refused', async () => {
	const open = path.join(dir, 'open');
	writeFileSync(open, randomBytes(32).toString('hex'), { mode: 0o644 });
	failed(await run(['key', 'new', ...common, '--set', `key.master_file=${open}`]), /samtykke key new/);
});

test('apply: a dry run writes nothing, then the difference, then none', async () => {
	const dry = ok(await run(['apply', '--dry-run', ...common, seedFile]));
	assert.match(dry.stdout, /^\+ /m);
	const first = ok(await run(['apply', ...common, seedFile]));
	assert.equal(first.stdout, dry.stdout);
	const again = ok(await run(['apply', ...common, seedFile]));
	assert.equal(/^[+~-] /m.test(again.stdout), false, again.stdout);
});

test('apply: faults, each on a line; nothing is applied', async () => {
	const file = write('bad.json', { parties: [{ type: 'person', nationalId: '01025161014', name: 'X' }], nonsense: [], scopes: [{ scope: 'x:new', owner: BANK, description: 'x' }] });
	const r = failed(await run(['apply', ...common, file]), /parties\[0\]\.nationalId: /);
	assert.match(r.stderr, /nonsense: /);
	assert.match(r.stderr, /nothing was applied/);
	const dry = ok(await run(['apply', '--dry-run', ...common, write('one.json', { scopes: [{ scope: 'x:new', owner: BANK, description: 'x' }] })]));
	assert.match(dry.stdout, /^\+ scope x:new/m);
});

test('apply: a client\'s private key is refused in production', async () => {
	const file = write('private.json', { clients: [{ ...seed.clients[0], privateJwk: client.key.privateJwk }] });
	failed(await run(['apply', ...common, file]), /privateJwk/);
});

test('serve starts and prints its ready line', async () => {
	server = await serve();
	assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/);
	assert.equal(server.data, undefined);
	expectStatus(await server.get('/health/ready'), 200);
});

test('the address that is typed leads to the overview', async () => {
	const res = await server.get('/');
	expectStatus(res, 302);
	assert.equal(res.headers.location, '/accessmanagement/ui/consent/active');
});

test('no sandbox routes, no token generator, no test login', async () => {
	for (const [method, target] of [['GET', '/sandbox'], ['POST', '/sandbox/apply'], ['GET', '/sandbox/clock'], ['POST', '/sandbox/clock'], ['GET', '/sandbox/login'], ['GET', '/sandbox/login/testid'],
		['POST', '/sandbox/request'], ['GET', `/api/GetEnterpriseToken?scopes=${S_WRITE}&orgNo=${BANK}`], ['GET', `/api/GetPersonalToken?pid=${ELENA}`], ['GET', '/login.test.idporten.no/logout/success']])
		expectStatus(await server.request(method, target, { body: method === 'POST' ? '{}' : undefined }), 404, target);
});

test('without oidc.* pages say that no login is set up; with it people log in, and are registered', async () => {
	const overview = '/accessmanagement/ui/consent/active', provider = await startProvider();
	assert.match(expectStatus(await server.get(overview, null, { accept: 'text/html' }), 503).text, /Innlogging er ikke satt opp/);
	const second = await serve(...provider.settings), s = surfer();
	try {
		const res = await s.go(second.url + overview);
		assert.deepEqual([res.status, res.url], [200, second.url + overview]);
		assert.match(s.jars.get(second.url).get('__Host-samtykke'), /^[A-Za-z0-9_-]{43}$/);
		await until(() => second.stderr().includes('"event":"server.ready"'), () => second.stderr());
		assert.deepEqual(missingOf(second), ['contact'], 'templates and people are there');
	} finally {
		await second.stop();
		await provider.close();
	}
});

test('the published key set is the store\'s, not the sandbox\'s', async () => {
	const { keys } = expectStatus(await server.get('/jwk'), 200).json;
	const kid = ok(await run(['key', 'list', ...common])).stdout.split(' ')[0];
	assert.deepEqual(keys.map((k) => k.kid), [kid]);
	assert.equal(keys.some((k) => 'd' in k || 'p' in k), false);
});

test('tokens work with a client from a seed, and open the API', async () => {
	const { token } = await getToken(server, client, { scope: S_WRITE });
	const id = randomUUID();
	const res = expectStatus(await server.post(REQUESTS, token, {
		id, from: person(ELENA), to: org(BANK), validTo: new Date(Date.now() + 86400000).toISOString(), consentRights: [right(INCOME, { inntektsaar: '2025' })],
		redirectUrl: 'https://www.dnb.no',
	}), 201);
	assert.equal(res.headers.location, `${server.url}${REQUESTS}/${id}`);
	expectStatus(await server.get(`${REQUESTS}/${id}`, token), 200);
	expectProblem(await server.get(`${REQUESTS}/${randomUUID()}`, token), 'AM-00001');
});

test('a token of a sandbox is nothing here', async () => {
	const sandbox = await startSandbox({ store: false, args: ['--set', `issuer=${server.url}/`] });
	try {
		expectStatus(await server.get(`${REQUESTS}/${randomUUID()}`, await sandbox.orgToken(BANK, S_READ)), 401);
	} finally {
		await sandbox.stop();
	}
});

test('what another process applies holds at the next request', async () => {
	const scope = { scope: 'x:late', owner: AGENCY, description: 'late', accessibleForAll: false, grants: [BANK] };
	const clients = [{ clientId: client.clientId, orgno: BANK, scopes: [S_READ, S_WRITE, 'x:late'] }];
	expectFault(server, await askToken(server, client, { scope: 'x:late' }), 400, 'invalid_scope', 'MP-200');
	ok(await run(['apply', ...common, write('late.json', { scopes: [scope], clients })]));
	await getToken(server, client, { scope: 'x:late' });
	ok(await run(['apply', ...common, write('later.json', { scopes: [{ ...scope, grants: [] }] })]));
	expectFault(server, await askToken(server, client, { scope: 'x:late' }), 403, 'forbidden', 'MP-250');
	ok(await run(['apply', ...common, write('gone.json', { clients: [{ clientId: client.clientId, state: 'absent' }] })]));
	expectFault(server, await askToken(server, client, { scope: S_READ }), 400, 'invalid_grant', 'MP-100');
	ok(await run(['apply', ...common, seedFile]));
	await getToken(server, client, { scope: S_READ });
});

test('export holds the state and no secret; applying it changes nothing', async () => {
	const r = ok(await run(['export', ...common]));
	const document = JSON.parse(r.stdout);
	assert.ok(document.parties.some((p) => p.nationalId === ELENA));
	assert.equal(/"(privateJwk|d|p|q|dp|dq|qi)":/.test(r.stdout), false);
	const again = ok(await run(['apply', ...common, write('export.json', document)]));
	assert.equal(/^[+~-] /m.test(again.stdout), false, again.stdout);
});

test('store check finds nothing wrong', async () => {
	ok(await run(['store', 'check', ...common]));
});

test('a sandbox refuses the production store, serve a sandbox\'s', async () => {
	failed(await run(['sandbox', '--port', '0', ...common]), /samtykke sandbox: /);
	const other = `sqlite:${path.join(dir, 'sandbox.db')}`;
	ok(await run(['store', 'migrate', '--sandbox', '--set', `store=${other}`]));
	failed(await run(['serve', '--set', `store=${other}`, '--set', `key.master_file=${master}`, '--set', 'port=0']), /samtykke serve: /);
});

test('another master key opens nothing', async () => {
	const other = path.join(dir, 'other-master');
	writeFileSync(other, randomBytes(32).toString('hex'), { mode: 0o600 });
	failed(await run(['serve', ...common, '--set', `key.master_file=${other}`, '--set', 'port=0']), /master/);
});

test('a port that is taken: status 1 and a line that says so', async () => {
	const r = failed(await run(['serve', ...withKey, '--set', `port=${new URL(server.url).port}`]), /samtykke serve: /);
	assert.equal(r.stderr.trim().split('\n').filter((l) => l.startsWith('samtykke serve: ')).length, 1);
});

test('a second server on the same store serves the same; a request made here is read there', async () => {
	const second = await serve('--set', `issuer=${server.url}/`);
	try {
		const { token } = await getToken(server, client, { scope: S_WRITE });
		const body = { id: randomUUID(), from: person(ELENA), to: org(BANK), validTo: new Date(Date.now() + 86400000).toISOString(),
			consentRights: [right(INCOME, { inntektsaar: '2025' })], redirectUrl: 'https://www.dnb.no' };
		expectStatus(await server.post(REQUESTS, token, body), 201);
		expectStatus(await second.get(`${REQUESTS}/${body.id}`, token), 200);
		expectStatus(await second.post(REQUESTS, token, body), 200, 'a repeat at the other one');
	} finally {
		await second.stop();
	}
});

test('SIGTERM while requests run: status 0, what was answered is there', async () => {
	const { token } = await getToken(server, client, { scope: S_WRITE });
	const acknowledged = [];
	let going = true, broken = 0;
	const worker = async () => {
		while (going) {
			const id = randomUUID();
			try {
				const res = await server.post(REQUESTS, token, { id, from: person(ELENA), to: org(BANK), validTo: new Date(Date.now() + 86400000).toISOString(),
					consentRights: [right(INCOME, { inntektsaar: '2025' })], redirectUrl: 'https://www.dnb.no' });
				if (res.status === 201)
					acknowledged.push(id);
				else
					assert.equal(res.status, 503, describe(res));
			} catch (e) {
				if (e.code === 'ERR_ASSERTION')
					throw e;
				broken++;
				going = false;
			}
		}
	};
	const workers = Array.from({ length: 16 }, worker);
	await until(() => acknowledged.length >= 50 || broken, 'answers under load');
	const stopped = server.stop();
	await Promise.all(workers);
	await stopped;
	assert.ok(acknowledged.length > 0, 'some requests were answered');
	assert.ok(broken > 0, 'and some met a closed door');
	const next = await serve('--set', `issuer=${server.url}/`);
	try {
		for (const id of acknowledged)
			expectStatus(await next.get(`${REQUESTS}/${id}`, token), 200, 'what was acknowledged is there');
	} finally {
		await next.stop();
	}
});

test('SIGINT ends it too', async () => {
	const s = await serve();
	await s.stop('SIGINT');
});

test('the built-in seed lies where the tests read it', () => {
	assert.ok(ROOT.length > 0);
	assert.ok(builtin.parties.length > 0);
});
