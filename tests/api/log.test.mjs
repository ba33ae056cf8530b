// The log: one line for each thing that somebody did or was refused, which tells who and why; what never stands in it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { askToken, consentDetails } from '../js/maskinporten.mjs';
import { ROOT, browser, describe, expectStatus, secretsIn, startSandbox, until } from '../js/sandbox.mjs';
import { BANK, BFF, ELENA, MINISTRY, REQUESTS, SUPPLIER, S_READ, S_USE, S_WRITE, USES, person, requestBody, right, testWorld, uuidOf } from '../js/world.mjs';

const { document, clients } = await testWorld();
const sb = await startSandbox({ apply: document, args: ['--set', 'log.format=json', '--set', 'log.level=debug'] });
after(() => sb.stop());
const bank = await sb.orgToken(BANK, `${S_WRITE} ${S_READ}`);
const CONSENT = '/accessmanagement/ui/consent/request';

// Lines as objects; every one is JSON.
const lines = () => sb.stderr().split('\n').slice(0, -1).map((l) => JSON.parse(l));
// The line of a request, by the trace id of its answer.
async function lineOf(res) {
	const trace = res.headers['x-trace-id'];
	let found;
	await until(() => (found = lines().find((l) => l.trace === trace)), () => `no line of ${trace}: ${sb.stderr().slice(-2000)}`);
	return found;
}
async function expectLine(res, want) {
	const line = await lineOf(res);
	assert.deepEqual(Object.fromEntries(Object.keys(want).map((k) => [k, line[k]])), want, JSON.stringify(line));
	assert.equal(line.status, res.status);
	assert.ok(line.ms >= 0);
	assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
	return line;
}
const create = async (changes) => expectStatus(await sb.post(REQUESTS, bank, requestBody(sb, changes)), 201).json.id;

test('a person from the login to the way back: one session, one line for each step', async () => {
	const id = await create(), b = browser(sb), before = lines().length;
	const page = await b.login(ELENA, `${CONSENT}?id=${id}`);
	const field = (name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)[1];
	let next = await b.post(CONSENT, { csrf: field('csrf'), id, language: 'nb', decision: 'approve' });
	for (let hops = 0; hops < 3; hops++) {
		const on = /http-equiv="refresh" content="\d+; *url=([^"]*)"/i.exec(next.text)?.[1].replaceAll('&amp;', '&');
		if (!on)
			break;
		next = await b.get(on).catch(() => ({ text: '' })); // the last one is the bank's, which is not there
	}
	const who = `party:${uuidOf(ELENA)}`;
	let done;
	await until(() => (done = lines().slice(before).filter((l) => l.who === who && l.level === 'info')).length >= 4, sb.stderr);
	assert.deepEqual(done.slice(0, 4).map((l) => l.event), ['login.done', 'consent.accepted', 'logout.done', 'consent.redirected']);
	assert.match(done[0].session, /^[0-9a-f]{16}$/);
	assert.deepEqual(new Set(done.map((l) => l.session)), new Set([done[0].session]));
	assert.deepEqual(done.slice(1, 4).map((l) => l.consent), [id, id, id]);
	assert.equal(done[0].level, 'info');
	assert.equal(done[1].from, uuidOf(ELENA));
	for (const cookie of b.jar.values())
		assert.ok(!sb.stderr().includes(cookie), 'the log has a cookie');
	const other = browser(sb);
	await other.login(ELENA, '/accessmanagement/ui/consent/active');
	await until(() => lines().filter((l) => l.event === 'login.done').length >= 2, sb.stderr);
	assert.notEqual(lines().filter((l) => l.event === 'login.done').at(-1).session, done[0].session);
});

test('decisions by API, uses and withdrawals', async () => {
	const token = await sb.personToken(ELENA), who = `party:${uuidOf(ELENA)}`, from = uuidOf(ELENA);
	const yes = await create({ consentRights: [right()] }), no = await create();
	await expectLine(expectStatus(await sb.post(`${BFF}/${yes}/accept`, token, { language: 'nb' }), 200), { event: 'consent.accepted', level: 'info', who, from, consent: yes });
	await expectLine(expectStatus(await sb.post(`${BFF}/${no}/reject`, token), 200), { event: 'consent.rejected', who, from, consent: no });
	await expectLine(expectStatus(await askToken(sb, clients.bank, { scope: 'api:plain', authorization_details: consentDetails(yes, person(ELENA)) }), 200),
		{ event: 'token.issued', who: `client:${clients.bank.clientId}`, scope: 'api:plain', consent: yes });
	await expectLine(expectStatus(await sb.post(`${USES}/${yes}/use`, await sb.orgToken(MINISTRY, S_USE), { resource: 'api_plain' }), 201),
		{ event: 'consent.used', who: `org:${MINISTRY}`, consent: yes, resource: 'api_plain' });
	await expectLine(expectStatus(await sb.post(`/accessmanagement/api/v1/bff/consents/${yes}/revoke`, token), 200), { event: 'consent.revoked', who, consent: yes });
});

test('tokens: issued and refused, by client', async () => {
	const res = expectStatus(await askToken(sb, clients.bank, { scope: S_READ }), 200);
	await expectLine(res, { event: 'token.issued', level: 'info', who: `client:${clients.bank.clientId}`, scope: S_READ });
	const no = expectStatus(await askToken(sb, clients.bank, { scope: 'no:such' }), 400);
	await expectLine(no, { event: 'token.refused', who: `client:${clients.bank.clientId}`, error: 'invalid_scope', code: 'MP-200' });
	const stranger = expectStatus(await askToken(sb, { ...clients.bank, clientId: randomUUID() }, { scope: S_READ }), 400);
	await expectLine(stranger, { event: 'token.refused', who: undefined, code: 'MP-100' });
	const form = expectStatus(await sb.post('/token', null, {}), 400);
	assert.match((await expectLine(form, { event: 'token.refused' })).why, /parameter is missing/);
});

test('refusals say why', async () => {
	const denied = expectStatus(await sb.post(REQUESTS, bank, requestBody(sb, { consentRights: [right('no_such_resource')] })), 403);
	assert.equal(denied.text, '');
	const route = '/accessmanagement/api/v1/enterprise/consentrequests', who = `org:${BANK}`;
	await expectLine(denied, { event: 'request.refused', level: 'info', who, method: 'POST', route, why: 'unknown resource' });
	await expectLine(await sb.post(REQUESTS, bank, {}), { event: 'request.refused', who, why: 'binding $.id' });
	await expectLine(expectStatus(await sb.get(`${REQUESTS}/${randomUUID()}`, bank), 404), { event: 'request.refused', why: 'AM-00001' });
	await expectLine(expectStatus(await sb.get(`${REQUESTS}/${randomUUID()}`), 401), { event: 'request.refused', who: undefined, why: 'no bearer token' });
	await expectLine(expectStatus(await sb.get(`${REQUESTS}/${randomUUID()}`, 'x.y.z'), 401), { event: 'request.refused', why: 'the token is not valid' });
	await expectLine(expectStatus(await sb.post(REQUESTS, await sb.orgToken(BANK, S_READ), requestBody(sb)), 403), { event: 'request.refused', why: 'the token lacks the scope' });
	await expectLine(expectStatus(await sb.post(`${BFF}/${randomUUID()}/accept`, null, {}), 401), { why: 'no session and no bearer token' });
	await expectLine(expectStatus(await sb.post(REQUESTS, bank, requestBody(sb, { to: `urn:altinn:organization:identifier-no:${SUPPLIER}` })), 403),
		{ why: 'another organisation is the receiver, and the token lacks altinn:consentrequests.org' });
	await expectLine(expectStatus(await sb.get('/no/such/address'), 404), { event: 'request.refused', level: 'debug', route: '-' });
	await expectLine(expectStatus(await sb.get('/health/live'), 200), { event: 'http.served', level: 'debug', route: '/health/live' });
});

test('administration by API', async () => {
	const token = await sb.orgToken(MINISTRY, 'altinn:resourceregistry/accesslist.write'), id = `log-${randomUUID().slice(0, 8)}`;
	const res = await sb.request('PUT', `/resourceregistry/api/v1/access-lists/ttd/${id}`, { token, json: { name: 'x' } });
	assert.ok(res.status < 300, describe(res));
	await expectLine(res, { event: 'registry.changed', level: 'info', who: `org:${MINISTRY}`, method: 'PUT', what: '/resourceregistry/api/v1/access-lists/{owner}/{identifier}' });
	const admin = await sb.orgToken(BANK, 'idporten:dcr.write');
	await expectLine(expectStatus(await sb.post('/api/v1/clients', admin, { client_name: 'x', scopes: [] }), 201), { event: 'selfservice.changed', what: 'client.create', by: BANK });
});

test('traceparent: taken, logged, answered; a bad one is replaced', async () => {
	const trace = '0af7651916cd43dd8448eb211c80319c', span = 'b7ad6b7169203331';
	const get = (traceparent) => sb.get(`${REQUESTS}/${randomUUID()}`, bank, { headers: { traceparent } });
	const res = expectStatus(await get(`00-${trace}-${span}-01`), 404);
	assert.equal(res.headers['x-trace-id'], trace);
	assert.match(res.headers.traceparent, new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
	assert.notEqual(res.headers.traceparent.slice(36, 52), span, 'the span is ours');
	await expectLine(res, { event: 'request.refused', trace });
	const longest = `01-${trace}-${span}-00-`;
	for (const [value, good] of [[longest.padEnd(256, 'x'), true], [longest.padEnd(257, 'x'), false], [`00-${'0'.repeat(32)}-${span}-01`, false], ['x', false], [`ff-${trace}-${span}-01`, false]]) {
		const { headers } = await get(value);
		assert.equal(headers['x-trace-id'] === trace, good, value);
		assert.match(headers.traceparent, new RegExp(`^00-${headers['x-trace-id']}-[0-9a-f]{16}-00$`));
	}
	assert.equal((await sb.get('/health/live')).headers.traceparent, undefined, 'who sends none gets none');
});

test('a number that a stranger sends is masked', async () => {
	const header = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
	expectStatus(await sb.post(REQUESTS, bank, { [ELENA]: ELENA, consentRights: [{ [ELENA]: 1 }] }), 400);
	expectStatus(await sb.get(`/${ELENA}/x`), 404);
	expectStatus(await sb.get(`/accessmanagement/api/v1/enterprise/consentrequests/${ELENA}?a=${ELENA}`, bank), 404);
	const res = await sb.get(`${REQUESTS}/${ELENA}`, `${header}.${header}.`);
	await lineOf(res);
	assert.deepEqual(secretsIn(sb.stderr()), []);
});

// Every event with the pairs that its row in docs/LOG.md has, or those of every audit line.
const documented = new Map();
for (const [, names, level, pairs] of readFileSync(path.join(ROOT, 'docs/LOG.md'), 'utf8').matchAll(/^\| (`[a-z_.]+`(?:, `[a-z_.]+`)*) \| ([a-z, ]+) \|([^|]*)\|/gm))
	for (const name of names.match(/[a-z_.]+/g))
		documented.set(name, { levels: level.match(/[a-z]+/g), pairs: new Set(pairs.match(/[a-z_]+/g) ?? []) });
const AUDIT = ['who', 'supplier', 'session', 'status', 'ms', 'trace', 'why'];

test('every line of the whole run is documented, and none has an identity number or a secret', async () => {
	const all = lines();
	assert.ok(all.length > 100 && documented.size > 40, `${all.length} lines, ${documented.size} events`);
	for (const line of all) {
		const { time, level, event, ...pairs } = line, row = documented.get(event);
		assert.ok(row, `${event} is not in docs/LOG.md`);
		assert.ok(row.levels.includes(level) || (level === 'error' && pairs.status >= 500), JSON.stringify(line));
		for (const key of Object.keys(pairs))
			assert.ok(row.pairs.has(key) || ('trace' in pairs && AUDIT.includes(key)), `${key} of ${event} is not in docs/LOG.md`);
	}
	const text = sb.stderr();
	for (const p of document.parties ?? [])
		assert.ok(!p.nationalId || !text.includes(p.nationalId), 'a national identity number');
	for (const secret of [bank, await sb.personToken(ELENA), clients.bank.key.privateJwk?.d].filter(Boolean))
		assert.ok(!text.includes(secret) && !text.includes(secret.split('.').at(-1)), 'a token or a key');
	assert.deepEqual(secretsIn(text), []);
});
