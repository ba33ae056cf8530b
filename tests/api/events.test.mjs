// The feed: what happened to the requests of an organisation, in order, and waiting for more of it.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, test } from 'node:test';
import { expectBinding, expectPlain, expectProblem, expectValidation } from '../js/problems.mjs';
import { PG, describe, expectEmpty, expectStatus, run, startSandbox, until } from '../js/sandbox.mjs';
import {
	AGENCY, BAKERY, BANK, BFF, ELENA, LENDER, NOBODY, REQUESTS, S_LOOKUP, S_ORG, S_READ, S_WRITE, SUPPLIER, org, requestBody, right,
	testWorld,
} from '../js/world.mjs';

const { document } = await testWorld();
const EVENTS = `${REQUESTS}/events`;
const PAGE = 5;
const sb = await startSandbox({ apply: document, args: ['--set', `events.page_size=${PAGE}`] });
after(() => sb.stop());
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?\+00:00$/;
const MAX_WAITING = 2000, SHARE = MAX_WAITING / 4, MAX_TYPES = 16;

// Each organisation has a feed; a case that counts events takes one that nobody else writes to.
const all = `${S_READ} ${S_WRITE} ${S_ORG}`;
const tokenOf = (orgno, s = sb) => s.orgToken(orgno, all);
const feed = async (orgno, query = '', s = sb) => s.get(`${EVENTS}${query}`, await tokenOf(orgno, s));
const ask = async (orgno, changes = {}, s = sb, token) => {
	const body = requestBody(s, { to: org(orgno), consentRights: [right('api_plain')], ...changes });
	return expectStatus(await s.post(REQUESTS, token ?? (await tokenOf(orgno, s)), body), 201).json;
};
const decide = async (id, what, s = sb) =>
	expectStatus(await s.post(`${BFF}/${id}/${what}`, await s.personToken(ELENA), what === 'accept' ? { language: 'nb' } : undefined), 200).json;
// The token that a reader who has seen the event goes on with: the GUID's first three fields turned round.
function tokenAt(eventId) {
	const b = Buffer.from(eventId.replaceAll('-', ''), 'hex');
	return Buffer.from([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map((i) => b[i])).toString('base64');
}
const lastEvent = (details) => details.consentRequestEvents.at(-1).consentEventID;
const rows = (res) => expectStatus(res, 200).json.data.map((e) => [e.consentRequestId, e.eventType]);
const tell = (res) => res.headers['x-continuation-token'];
const q = (params) => `?${new URLSearchParams(params)}`;
const metric = async (s, name) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec((await s.get('/metrics')).text)[1]);
const waiting = (n, s = sb) => until(async () => (await metric(s, 'samtykke_requests_waiting')) === n, `${n} requests wait`);
// The cursor behind everything that is there now.
async function end(orgno, s = sb) {
	let at = null;
	for (let more = true; more;) {
		const res = expectStatus(await feed(orgno, at ? q({ continuationToken: at }) : '', s), 200);
		at = tell(res) ?? at;
		more = res.json.links.next !== null;
	}
	return at;
}
const from = (at, more = {}) => q({ ...(at && { continuationToken: at }), ...more });

test('the token of the documentation', () => {
	assert.equal(tokenAt('0196b0c0-1234-7abc-8def-0123456789ab'), 'wLCWATQSvHqN7wEjRWeJqw==');
});

test('who may read it', async () => {
	expectEmpty(await sb.get(EVENTS), 401);
	expectEmpty(await sb.get(EVENTS, await sb.orgToken(BANK, S_LOOKUP)), 403);
	for (const scope of [S_READ, S_WRITE, S_ORG])
		expectStatus(await sb.get(EVENTS, await sb.orgToken(BANK, scope)), 200, scope);
	expectPlain(await sb.get(EVENTS, await sb.orgToken(null, S_READ)), 401);
	expectStatus(await sb.get(`${EVENTS.toUpperCase()}/`, await tokenOf(BANK)), 200);
	expectProblem(await feed(NOBODY), 'AM-00003', { orgnr: org(NOBODY) });
});

test('an empty feed has no token to go on with', async () => {
	const res = expectStatus(await feed(BAKERY), 200);
	assert.equal(res.text, '{"links":{"next":null},"data":[]}');
	assert.equal(tell(res), undefined);
	assert.equal(res.headers['content-type'], 'application/json; charset=utf-8');
});

test('what happens to a request, in order and in its shape', async () => {
	const at = await end(BANK);
	const a = await ask(BANK), b = await ask(BANK);
	await decide(a.id, 'accept');
	await decide(b.id, 'reject');
	const res = await feed(BANK, from(at));
	assert.deepEqual(rows(res), [[a.id, 'Created'], [b.id, 'Created'], [a.id, 'Accepted'], [b.id, 'Rejected']]);
	for (const e of res.json.data) {
		assert.deepEqual(Object.keys(e), ['consentRequestId', 'eventType', 'changedDate']);
		assert.match(e.changedDate, ISO);
	}
	assert.equal(res.json.data[0].changedDate, a.consentRequestEvents[0].created);
	assert.deepEqual(Object.keys(res.json), ['links', 'data']);
	const read = expectStatus(await sb.get(`${REQUESTS}/${b.id}`, await tokenOf(BANK)), 200).json;
	assert.equal(tell(res), tokenAt(lastEvent(read)));
});

test('receiver and creator see it once each, also where they are one; others do not', async () => {
	const bank = await end(BANK), supplier = await end(SUPPLIER), agency = await end(AGENCY), lender = await end(LENDER);
	const owner = await ask(LENDER, {}, sb, await tokenOf(AGENCY));
	assert.equal(owner.handledBy, org(AGENCY));
	const delegated = await ask(BANK, {}, sb, await sb.orgToken(BANK, S_WRITE, { supplierOrgNo: SUPPLIER }));
	assert.equal(delegated.handledBy, org(SUPPLIER));
	const own = await ask(BANK, {}, sb, await sb.orgToken(BANK, S_WRITE, { supplierOrgNo: BANK }));
	assert.equal(own.handledBy, org(BANK));
	await decide(own.id, 'accept');
	assert.deepEqual(rows(await feed(AGENCY, from(agency))), [[owner.id, 'Created']]);
	assert.deepEqual(rows(await feed(LENDER, from(lender))), [[owner.id, 'Created']]);
	assert.deepEqual(rows(await feed(SUPPLIER, from(supplier))), [[delegated.id, 'Created']]);
	assert.deepEqual(rows(await feed(BANK, from(bank))), [[delegated.id, 'Created'], [own.id, 'Created'], [own.id, 'Accepted']]);
	const forBank = await sb.get(`${EVENTS}${from(bank)}`, await sb.orgToken(BANK, S_READ, { supplierOrgNo: SUPPLIER }));
	assert.equal(rows(forBank).length, 3, 'a supplier reads the feed of whom it acts for');
});

test('pages: next while they are full, an exact multiple ends with an empty one', async () => {
	const at = await end(BANK);
	const made = [];
	for (let i = 0; i < 2 * PAGE; i++)
		made.push(await ask(BANK));
	let res = await feed(BANK, from(at));
	const seen = rows(res);
	for (let page = 1; page <= 2; page++) {
		const last = tokenAt(lastEvent(made[page * PAGE - 1]));
		assert.equal(res.json.links.next, `${sb.url}${EVENTS}?continuationToken=${encodeURIComponent(last)}`);
		assert.equal(tell(res), last);
		const { pathname, search } = new URL(res.json.links.next);
		res = await sb.get(pathname + search, await tokenOf(BANK));
		seen.push(...rows(res));
	}
	assert.deepEqual(seen, made.map((d) => [d.id, 'Created']));
	assert.deepEqual(res.json, { links: { next: null }, data: [] });
	assert.equal(tell(res), tokenAt(lastEvent(made.at(-1))), 'the token stays where it was');
	for (const size of ['1', '1001', 'x'])
		assert.equal(rows(await feed(BANK, from(at, { pageSize: size }))).length, PAGE, 'pageSize is ignored');
});

test('filters: type in any case, time, consent; next repeats them', async () => {
	const at = await end(BANK);
	const made = [];
	for (let i = 0; i < PAGE + 1; i++) {
		made.push(await ask(BANK));
		await decide(made[i].id, i % 2 ? 'reject' : 'accept');
	}
	const accepted = made.filter((_, i) => i % 2 === 0).map((d) => [d.id, 'Accepted']);
	const answered = made.map((d, i) => [d.id, i % 2 ? 'Rejected' : 'Accepted']);
	for (const type of ['accepted', 'Accepted', 'ACCEPTED'])
		assert.deepEqual(rows(await feed(BANK, from(at, { eventType: type }))), accepted, type);
	for (const none of ['revoked', 'deleted', 'used'])
		assert.deepEqual(rows(await feed(BANK, from(at, { eventType: none }))), [], none);
	const full = await feed(BANK, `${from(at)}&eventType=accepted&eventType=Rejected`);
	assert.deepEqual(rows(full), answered.slice(0, PAGE));
	const token = encodeURIComponent(tell(full));
	assert.equal(full.json.links.next, `${sb.url}${EVENTS}?continuationToken=${token}&eventType=accepted&eventType=Rejected`);
	const { pathname, search } = new URL(full.json.links.next);
	assert.deepEqual(rows(await sb.get(pathname + search, await tokenOf(BANK))), answered.slice(PAGE));
	for (const d of made.slice(0, 2))
		assert.deepEqual(rows(await feed(BANK, q({ consentRequestId: d.id.toUpperCase() }))), [[d.id, 'Created'], answered.find((r) => r[0] === d.id)]);
	assert.deepEqual(rows(await feed(BANK, from(tokenAt(lastEvent(made[0])), { consentRequestId: made[0].id }))), answered.slice(0, 1));
	assert.deepEqual(rows(await feed(LENDER, q({ consentRequestId: made[0].id }))), [], 'of another organisation');
	assert.deepEqual(rows(await feed(BANK, q({ consentRequestId: '01234567-89ab-4cde-8f01-23456789abcd' }))), []);
});

test('created after, inclusive, and before, exclusive; next has them in UTC with seven decimals', async () => {
	await sb.clock({ now: '2031-05-01T10:00:00Z' });
	const made = [];
	for (let i = 0; i < PAGE; i++)
		made.push(await ask(BANK));
	await sb.clock({});
	const later = await ask(BANK);
	const times = made.map((d) => d.consentRequestEvents[0].created);
	const ids = (res) => rows(res).map(([id]) => id);
	const year = { createdAfter: '2031-01-01', createdBefore: '2032-01-01T01:00:00+01:00' };
	const res = await feed(BANK, q(year));
	assert.deepEqual(ids(res), made.map((d) => d.id), 'events of a moved clock are found by their own time');
	assert.equal(new URL(res.json.links.next).search,
		`?continuationToken=${encodeURIComponent(tell(res))}&createdAfter=2031-01-01T00%3A00%3A00.0000000%2B00%3A00&createdBefore=2032-01-01T00%3A00%3A00.0000000%2B00%3A00`);
	assert.deepEqual(ids(await feed(BANK, q({ createdAfter: times[3] }))), made.slice(3).map((d) => d.id));
	assert.deepEqual(ids(await feed(BANK, q({ createdAfter: times[1], createdBefore: times[3] }))), made.slice(1, 3).map((d) => d.id));
	const now = await feed(BANK, from(tokenAt(lastEvent(made[0])), { createdBefore: '2031-01-01T00:00:00Z' }));
	assert.deepEqual(ids(now), [later.id]);
	const fraction = await feed(BANK, q({ createdAfter: '2031-05-01T12:00:00.1234567+02:00', createdBefore: '2031-06-01T00:00:00' }));
	assert.deepEqual(ids(fraction), made.filter((_, i) => times[i] >= '2031-05-01T10:00:00.123456').map((d) => d.id));
	assert.deepEqual(ids(await feed(BANK, q({ createdBefore: '1970-01-01T00:00:00Z' }))), []);
});

test('validation errors: all of them, in order', async () => {
	const range = ['AM.VLD-00051', '$QUERY/createdAfter'], type = ['AM.VLD-00052', '$QUERY/eventType'];
	const token = ['AM.VLD-00053', '$QUERY/continuationToken'];
	const day = '2026-01-02T00:00:00Z', before = '2026-01-01T00:00:00Z';
	const cases = [
		[q({ createdAfter: day, createdBefore: before }), [range]],
		[q({ createdAfter: day, createdBefore: day }), [range]],
		['?eventType=created', [type]], ['?eventType=expired', [type]], ['?eventType=', [type]], ['?eventType=2', [type]],
		['?eventType=accepted&eventType=x', [type]],
		[q({ continuationToken: 'zz' }), [token]], [q({ continuationToken: 'a b' }), [token]],
		[q({ continuationToken: Buffer.alloc(15).toString('base64') }), [token]],
		[q({ continuationToken: Buffer.alloc(17).toString('base64') }), [token]],
		[q({ continuationToken: Buffer.alloc(16).toString('base64').replace(/=+$/, '') }), [token]],
		[q({ createdAfter: day, createdBefore: before, eventType: 'x', continuationToken: '!' }), [range, type, token]],
	];
	for (const [query, wanted] of cases)
		expectValidation(await feed(BANK, query), ...wanted);
	expectValidation(await feed(NOBODY, '?eventType=x'), type);
	expectStatus(await feed(BANK, q({ createdAfter: before, createdBefore: day })), 200);
	expectStatus(await feed(BANK, '?continuationToken=&createdAfter=&consentRequestId='), 200, 'no value is no parameter');
	expectStatus(await feed(BANK, q({ continuationToken: Buffer.alloc(16, 255).toString('base64') })), 200, 'any GUID is a cursor');
});

test('what cannot be read: the parameter is named', async () => {
	const cases = [
		['createdAfter=yesterday', 'createdAfter'], ['createdBefore=2026-13-01', 'createdBefore'], ['createdAfter=2026-01-01T25:00:00Z', 'createdAfter'],
		['consentRequestId=17', 'consentRequestId'], ['consentRequestId=0196b0c012347abc8def0123456789ab', 'consentRequestId'],
		['createdAfter=2026-01-01&createdAfter=2026-01-01', 'createdAfter'], ['continuationToken=a&continuationToken=b', 'continuationToken'],
		['consentRequestId=a&consentrequestid=b', 'consentRequestId'],
		['wait=0', 'wait'], ['wait=61', 'wait'], ['wait=-1', 'wait'], ['wait=x', 'wait'], ['wait=1&wait=2', 'wait'],
		[Array(MAX_TYPES + 1).fill('eventType=used').join('&'), 'eventType'],
		['eventType=%zz', '$QUERY'],
	];
	for (const [query, name] of cases)
		expectBinding(await feed(BANK, `?${query}`), [name], query);
	expectStatus(await feed(BANK, `?${Array(MAX_TYPES).fill('eventType=used').join('&')}`), 200);
	expectBinding(await sb.get(`${EVENTS}?wait=x`, await sb.orgToken(null, S_READ)), ['wait'], 'before the consumer is asked for');
});

test('settings: a page size that is out of range is refused at the start', async () => {
	for (const bad of ['events.page_size=0', 'events.page_size=1001', 'events.page_size=x', 'events.safety_lag_s=-1', 'events.safety_lag_s=86401']) {
		const r = await run(['sandbox', '--port', '0', '--set', bad]);
		assert.equal(r.status, 1, bad);
		assert.match(r.stderr, new RegExp(bad.split('=')[0]));
	}
});

test('the safety lag holds events back', async () => {
	const store = PG ? { store: false } : {};
	const held = await startSandbox({ ...store, apply: document, args: ['--set', 'events.safety_lag_s=86400'] });
	await ask(BANK, {}, held);
	assert.deepEqual(rows(await feed(BANK, '?wait=1', held)), []);
	await held.stop();
	const short = await startSandbox({ ...store, apply: document, args: ['--set', 'events.safety_lag_s=2'] });
	const reader = feed(BANK, '?wait=15', short), start = Date.now();
	const d = await ask(BANK, {}, short);
	assert.deepEqual(rows(await reader), [[d.id, 'Created']], 'who waits gets it when its time has come');
	assert.ok(Date.now() - start >= 1900, 'and not before');
	await short.stop();
});

// ---- waiting ----

test('wait: an answer when something happens, an empty one when nothing does', async () => {
	const at = await end(BANK), start = Date.now();
	const none = await feed(BANK, from(at, { wait: 1 }));
	assert.ok(Date.now() - start >= 990, 'it was held');
	assert.deepEqual(none.json, { links: { next: null }, data: [] });
	assert.equal(tell(none), at);
	const reader = feed(BANK, from(at, { wait: 15 }));
	await waiting(1);
	const d = await ask(BANK);
	const first = await reader;
	assert.deepEqual(rows(first), [[d.id, 'Created']]);
	const next = feed(BANK, from(tell(first), { wait: 15 }));
	await waiting(1);
	await decide(d.id, 'accept');
	assert.deepEqual(rows(await next), [[d.id, 'Accepted']], 'an answer wakes as well');
	assert.deepEqual(rows(await feed(BANK, from(at, { wait: 15 }))).length, 2, 'what is there comes at once');
});

test('wait: what the filter leaves out does not end it; the creator is woken too', async () => {
	const at = await end(BANK), agency = await end(AGENCY);
	const reader = feed(BANK, from(at, { wait: 15, eventType: 'rejected' })), owner = feed(AGENCY, from(agency, { wait: 15 }));
	await waiting(2);
	const a = await ask(BANK), b = await ask(BANK, {}, sb, await tokenOf(AGENCY));
	assert.deepEqual(rows(await owner), [[b.id, 'Created']]);
	await decide(a.id, 'accept');
	await decide(b.id, 'reject');
	const res = await reader;
	assert.deepEqual(rows(res), [[b.id, 'Rejected']]);
	assert.equal(new URLSearchParams(new URL((await feed(BANK, from(null, { wait: 7 }))).json.links.next).search).get('wait'), '7');
});

test('wait: an event of another organisation wakes nobody, and a client that leaves is forgotten', async () => {
	const at = await end(BANK);
	const { hostname, port } = new URL(sb.url);
	const socket = net.connect(Number(port), hostname);
	socket.write(`GET ${EVENTS}${from(at, { wait: 60 })} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${await tokenOf(BANK)}\r\n\r\n`);
	await waiting(1);
	await ask(BAKERY);
	await waiting(1);
	socket.destroy();
	await waiting(0);
});

// A reader that goes on from token to token; ends when it has seen n.
async function follow(s, at, n) {
	const seen = [];
	while (seen.length < n) {
		const res = await feed(BANK, from(at, { wait: 10 }), s);
		seen.push(...rows(res));
		at = tell(res) ?? at;
	}
	return seen;
}

async function writers(servers, n, each) {
	const made = [];
	await Promise.all(Array.from({ length: n }, async (_, i) => {
		for (let k = 0; k < each; k++) {
			const d = await ask(BANK, {}, servers[(i + k) % servers.length]);
			made.push(d);
		}
	}));
	const order = (d) => d.consentRequestEvents[0].consentEventID;
	return made.sort((a, b) => (order(a) < order(b) ? -1 : 1)).map((d) => [d.id, 'Created']);
}

test('a follower sees each event of concurrent writers once and in order', async () => {
	const at = await end(BANK);
	const followers = [follow(sb, at, 200), follow(sb, at, 200)];
	const made = await writers([sb], 10, 20);
	for (const f of followers)
		assert.deepEqual(await f, made);
	assert.deepEqual(rows(await feed(BANK, from(await end(BANK)))), []);
});

// SQLite has one process.
PG && test('two servers on one PostgreSQL: an event that one commits wakes the reader of the other', async () => {
	const other = await startSandbox({ args: ['--set', `events.page_size=${PAGE}`] });
	const at = await end(BANK);
	const reader = feed(BANK, from(at, { wait: 15 }), other);
	await waiting(1, other);
	const d = await ask(BANK);
	const res = await reader;
	assert.deepEqual(rows(res), [[d.id, 'Created']]);
	for (let i = 0; i < 5; i++) {
		const token = tell(await feed(BANK, from(tell(res)), other));
		const next = feed(BANK, from(token, { wait: 15 }), other);
		const e = await ask(BANK);
		assert.deepEqual(rows(await next), [[e.id, 'Created']], 'also when it is committed while the reader is on its way');
	}
	const start = await end(BANK);
	const followers = [follow(sb, start, 120), follow(other, start, 120)];
	const made = await writers([sb, other], 6, 20);
	for (const f of followers)
		assert.deepEqual(await f, made);
	await other.stop();
});

// Readers that hold a connection each; close() hangs them all up.
async function readersOf(server = sb) {
	const { hostname, port } = new URL(server.url), agent = new http.Agent({ maxSockets: Infinity }), at = {}, token = {};
	const get = (orgno) => new Promise((resolve, reject) => {
		const r = http.get({ agent, host: hostname, port, path: `${EVENTS}${from(at[orgno], { wait: 60 })}`, headers: { Authorization: `Bearer ${token[orgno]}` } }, (res) => {
			let text = '';
			res.on('data', (d) => (text += d));
			res.on('end', () => resolve({ method: 'GET', target: EVENTS, status: res.statusCode, headers: res.headers, text, get json() { return JSON.parse(text); } }));
		});
		r.on('error', reject);
	});
	return {
		async read(orgno, n) {
			at[orgno] ??= await end(orgno, server);
			token[orgno] ??= await tokenOf(orgno, server);
			return Array.from({ length: n }, () => get(orgno));
		},
		close: () => agent.destroy(),
	};
}
async function expectRefused([reader], status) {
	const refused = expectStatus(await reader, status);
	assert.equal(refused.headers['retry-after'], '1');
	assert.equal(refused.json.title, status === 429 ? 'Too Many Requests' : 'Service Unavailable');
}

test(`${SHARE} readers of an organisation wait while others are served; one more is refused; one commit answers them all`, async () => {
	const all = await readersOf();
	const readers = await all.read(BANK, SHARE);
	await waiting(SHARE);
	await expectRefused(await all.read(BANK, 1), 429);
	expectStatus(await feed(BANK, from(await end(BANK))), 200, 'who does not wait is answered');
	const other = await all.read(BAKERY, 1);
	await waiting(SHARE + 1);
	const baked = await ask(BAKERY);
	assert.deepEqual(rows(await other[0]), [[baked.id, 'Created']], 'another organisation finds a place');
	const d = await ask(BANK);
	for (const res of await Promise.all(readers))
		assert.deepEqual(rows(res), [[d.id, 'Created']], describe(res));
	await waiting(0);
	all.close();
});

test(`${MAX_WAITING} readers wait; one more is refused; status lists have places of their own`, async () => {
	const all = await readersOf(), gone = [];
	for (const orgno of [BANK, BAKERY, AGENCY, LENDER])
		gone.push(...(await all.read(orgno, SHARE)));
	const over = Promise.allSettled(gone);
	await waiting(MAX_WAITING);
	await expectRefused(await all.read(SUPPLIER, 1), 503);
	for (let i = 0; i < 3; i++)
		expectStatus(await sb.get('/statuslists/0'), 200);
	all.close();
	assert.ok((await over).every((r) => r.status === 'rejected'));
	await waiting(0);
});

test('the end of the server ends the waiting', async () => {
	const s = await startSandbox({ store: false });
	const readers = Array.from({ length: 20 }, () => feed(BANK, '?wait=60', s));
	await waiting(20, s);
	const start = Date.now();
	const stopped = s.stop();
	for (const res of await Promise.all(readers)) {
		assert.deepEqual(expectStatus(res, 200).json.data, []);
		assert.equal(res.headers.connection, 'close');
	}
	await stopped;
	assert.ok(Date.now() - start < 30000, 'long before their time');
});
