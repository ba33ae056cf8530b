// What happens when several do something at the same moment, at two servers on one database: exactly one wins, everybody is told the same,
// and the events say so afterwards.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import path from 'node:path';
import { after, test } from 'node:test';
import { CONSENT_TYPE, expectFault, makeGrant, postGrant } from '../js/maskinporten.mjs';
import { expectProblem } from '../js/problems.mjs';
import { PG, browser, describe, expectStatus, run, startSandbox, tempDir } from '../js/sandbox.mjs';
import {
	API, ASMUND, BANK, BFF, ELENA, MINISTRY, REQUESTS, SIRI, S_READ, S_USE, S_WRITE, USES, person, requestBody, resource, right, testWorld,
} from '../js/world.mjs';

const BATCHES = 8;  // one after the other
const TOGETHER = 12; // consents that are fought over at the same time
const AGENTS = 8;    // requests for each of them, at both servers

const store = PG ?? `sqlite:${path.join(tempDir(), 'races.db')}`;
const world = await testWorld();
world.document.resources.push(resource('race_once', { isOneTimeConsent: true }));
const free = ['--set', 'token.rate=0']; // grants without end
const one = await startSandbox({ store, apply: world.document, args: free });
const two = await startSandbox({ store, args: [...free, '--set', `issuer=${one.url}/`] });
const servers = [one, two];
after(() => Promise.all(servers.filter((s) => s.alive()).map((s) => s.stop())));
const write = await one.orgToken(BANK, `${S_WRITE} ${S_READ}`);
const people = new Map();
for (const pid of [ELENA, ASMUND, SIRI])
	people.set(pid, await one.personToken(pid));
const mine = people.get(ELENA);
const met = new Map(); // every consent of this file

// ---- several at once ----

function shuffled(list) {
	const a = [...list];
	for (let i = a.length - 1; i > 0; i--) {
		const j = randomInt(i + 1);
		[a[i], a[j]] = [a[j], a[i]];
	}
	return a;
}

// Fires all acts of all consents before any answer is awaited: [[{name, res}]] in the order of `fights`.
async function together(fights) {
	const out = fights.map(() => []);
	const shots = shuffled(fights.flatMap((acts, i) => acts.map(([name, act], k) => ({ i, name, act, server: servers[(i + k) % 2] }))));
	await Promise.all(shots.map(async ({ i, name, act, server }) => out[i].push({ name, server, res: await act(server) })));
	return out;
}

// `prepare` makes what is fought over, `acts` gives [name, act(server)] for it, `judge` looks at the answers and at what is left.
async function fight({ prepare, acts, judge }) {
	const tally = {};
	for (let b = 0; b < BATCHES; b++) {
		const list = await Promise.all(Array.from({ length: TOGETHER }, prepare));
		const results = await together(list.map(acts));
		await Promise.all(list.map(async (c, i) => {
			const verdict = await judge(c, results[i]);
			tally[verdict] = (tally[verdict] ?? 0) + 1;
		}));
	}
	return tally;
}

const repeat = (n, act) => Array.from({ length: n }, () => act);
const statuses = (answers) => answers.map((a) => a.res.status);
const won = (answers, status) => answers.filter((a) => a.res.status === status);
const types = (c) => c.consentRequestEvents.map((e) => e.eventType);
const ends = (c) => c.consentRequestEvents.filter((e) => e.eventType !== 'Created');

const accept = ['accept', (s, c) => s.post(`${BFF}/${c.id}/accept`, mine, { language: 'nb' })];
const reject = ['reject', (s, c) => s.post(`${BFF}/${c.id}/reject`, mine)];
const on = (c, [name, act]) => [name, (s) => act(s, c)];

async function created(changes = {}) {
	const body = requestBody(one, { consentRights: [right()], ...changes });
	met.set(body.id, body);
	expectStatus(await one.post(REQUESTS, write, body), 201);
	return body;
}

async function accepted(changes) {
	const c = await created(changes);
	expectStatus(await two.post(`${BFF}/${c.id}/accept`, mine, { language: 'nb' }), 200);
	return c;
}

// The same at both servers; status and events agree.
async function left(c) {
	const [a, b] = await Promise.all(servers.map(async (s) => expectStatus(await s.get(`${REQUESTS}/${c.id}`, write), 200).json));
	const { viewUri: x, ...here } = a, { viewUri: y, ...there } = b;
	assert.deepEqual(here, there, 'both servers say the same');
	const wanted = { Created: ['Created'], Accepted: ['Created', 'Accepted'], Rejected: ['Created', 'Rejected'], Revoked: ['Created', 'Accepted', 'Revoked'] };
	assert.deepEqual(types(a).filter((t) => t !== 'Used'), wanted[a.status], 'events of the status, once each');
	assert.equal(a.consented === null, !['Accepted', 'Revoked'].includes(a.status));
	return a;
}

// ---- the races ----

test('create against the same create: one is 201, all tell of one row', async () => {
	await fight({
		prepare: async () => requestBody(one, { consentRights: [right()] }),
		acts: (body) => repeat(AGENTS, ['create', (s) => s.post(REQUESTS, write, body)]),
		async judge(body, answers) {
			met.set(body.id, body);
			assert.equal(won(answers, 201).length, 1, `${statuses(answers)}`);
			assert.equal(won(answers, 200).length, AGENTS - 1, `${statuses(answers)}`);
			assert.equal(new Set(answers.map((a) => a.res.json.consentRequestEvents[0].consentEventID)).size, 1, 'one event');
			assert.deepEqual((await left(body)).status, 'Created');
		},
	});
});

test('create against another create with the id: the winner\'s stands, its like is 200, the others AM-00016', async (t) => {
	const whom = [ELENA, ASMUND, SIRI].map(person);
	const tally = await fight({
		prepare: async () => requestBody(one, { consentRights: [right()] }),
		acts: (body) => whom.flatMap((from) => repeat(3, [from, (s) => s.post(REQUESTS, write, { ...body, from })])),
		async judge(body, answers) {
			met.set(body.id, body);
			const first = won(answers, 201);
			assert.equal(first.length, 1, `${statuses(answers)}`);
			for (const { name, res } of answers.filter((a) => a !== first[0]))
				if (name === first[0].name)
					assert.deepEqual(expectStatus(res, 200).json.consentRequestEvents, first[0].res.json.consentRequestEvents);
				else
					expectProblem(res, 'AM-00016', { requestId: body.id });
			assert.equal((await left(body)).from, first[0].name);
			return whom.indexOf(first[0].name);
		},
	});
	t.diagnostic(`who was first: ${JSON.stringify(tally)}`);
});

test('accept against accept: all are 200 with one event', async () => {
	await fight({
		prepare: () => created(),
		acts: (c) => repeat(AGENTS, on(c, accept)),
		async judge(c, answers) {
			const seen = answers.map((a) => expectStatus(a.res, 200).json);
			assert.equal(new Set(seen.map((s) => JSON.stringify([s.consented, s.consentRequestEvents]))).size, 1, 'all tell the same');
			assert.deepEqual(types(seen[0]), ['Created', 'Accepted']);
			const now = await left(c);
			assert.equal(now.consented, seen[0].consented);
			assert.equal(ends(now)[0].consentEventID, ends(seen[0])[0].consentEventID);
		},
	});
});

test('accept against reject: one side wins, the other is told AM-00002 or AM-00015', async (t) => {
	const tally = await fight({
		prepare: () => created(),
		acts: (c) => [...repeat(AGENTS / 2, on(c, accept)), ...repeat(AGENTS / 2, on(c, reject))],
		async judge(c, answers) {
			const now = await left(c), winner = { Accepted: 'accept', Rejected: 'reject' }[now.status];
			assert.ok(winner, now.status);
			for (const { name, res } of answers)
				if (name === winner)
					assert.equal(ends(expectStatus(res, 200).json)[0].consentEventID, ends(now)[0].consentEventID, describe(res));
				else
					expectProblem(res, name === 'accept' ? 'AM-00002' : 'AM-00015');
			return now.status;
		},
	});
	t.diagnostic(`who won: ${JSON.stringify(tally)}`);
});

// The withdrawal page of a person who has logged in, at each server.
const sessions = new Map();
for (const s of servers) {
	const b = browser(s);
	const page = await b.login(ELENA, '/accessmanagement/ui/consent/active');
	sessions.set(s, { csrf: /name="csrf" value="([^"]*)"/.exec(page.text)[1], Cookie: [...b.jar].map(([k, v]) => `${k}=${v}`).join('; ') });
}
const CONSENTS = `${API}/bff/consents`, FEED = `${REQUESTS}/events`;
const revokeOnPage = ['revoke', (s, c) => {
	const { csrf, Cookie } = sessions.get(s);
	return s.request('POST', '/accessmanagement/ui/consent/withdraw', {
		headers: { Cookie, 'Content-Type': 'application/x-www-form-urlencoded', 'Sec-Fetch-Site': 'same-origin' }, body: new URLSearchParams({ id: c.id, csrf }).toString(),
	});
}];
// By the person's other program.
const revoke = ['revoke', (s, c) => s.post(`${CONSENTS}/${c.id}/revoke`, mine)];
const revoked = (res) => assert.ok([200, 303].includes(res.status), describe(res));
const details = (c) => ({ scope: 'api:plain', authorization_details: [{ type: CONSENT_TYPE, id: c.id, from: c.from }] });
const grants = (n, claims) => Promise.all(Array.from({ length: n }, () => makeGrant(one, world.clients.bank, claims)));
const refused = (res) => expectFault(one, res, 400, 'invalid_authorization_details', 'MP-303', 'Invalid authorization details values, consent');

test('revoke against revoke: one event', async () => {
	await fight({
		prepare: () => accepted(),
		acts: (c) => [...repeat(AGENTS / 2, on(c, revoke)), ...repeat(AGENTS / 2, on(c, revokeOnPage))],
		async judge(c, answers) {
			for (const { res } of answers)
				revoked(res);
			assert.equal((await left(c)).status, 'Revoked');
		},
	});
});

test('revoke against token: a grant is answered with a token or with MP-303, and with MP-303 once it is revoked', async (t) => {
	const tally = await fight({
		async prepare() {
			const c = await accepted();
			return { c, before: await grants(AGENTS, details(c)), later: await grants(2, details(c)) };
		},
		acts: ({ c, before }) => [on(c, revoke), ...before.map((g) => ['token', (s) => postGrant(s, g)])],
		async judge({ c, before, later }, answers) {
			const tokens = answers.filter((a) => a.name === 'token');
			revoked(answers.find((a) => a.name === 'revoke').res);
			for (const { res } of tokens.filter((a) => a.res.status !== 200))
				refused(res);
			assert.equal((await left(c)).status, 'Revoked');
			for (const [i, g] of later.entries())
				refused(await postGrant(servers[i], g));
			refused(await postGrant(two, before[0])); // spent or not, the consent is looked at first
			return `${won(tokens, 200).length} tokens`;
		},
	});
	t.diagnostic(`tokens before the withdrawal: ${JSON.stringify(tally)}`);
});

test('accept against token against revoke: a token only while it is accepted', async () => {
	await fight({
		async prepare() {
			const c = await created();
			return { c, list: await grants(4, details(c)) };
		},
		acts: ({ c, list }) => [on(c, accept), on(c, accept), on(c, revoke), ...list.map((g) => ['token', (s) => postGrant(s, g)])],
		async judge({ c }, answers) {
			for (const { res } of answers.filter((a) => a.name === 'token' && a.res.status !== 200))
				refused(res);
			for (const { res } of answers.filter((a) => a.name === 'accept' && a.res.status !== 200))
				expectProblem(res, 'AM-00002'); // withdrawn in between
			for (const { res } of answers.filter((a) => a.name === 'revoke' && ![200, 303, 409].includes(a.res.status)))
				expectProblem(res, 'AM-00010'); // not yet accepted; 409 as a page
			const now = await left(c);
			assert.ok(['Accepted', 'Revoked'].includes(now.status), now.status);
			assert.ok(won(answers.filter((a) => a.name === 'accept'), 200).length >= 1);
		},
	});
});

// ---- uses ----

const source = await one.orgToken(MINISTRY, S_USE);
const use = (c, reference) => ['use', (s) => s.post(`${USES}/${c.id}/use`, source, { resource: c.consentRights[0].resource[0].value, reference })];
const once = () => accepted({ consentRights: [right('race_once')] });
const used = (c) => c.consentRequestEvents.filter((e) => e.eventType === 'Used');

test('use against use of a one-time consent: one is 201, the others AM-00013', async () => {
	await fight({
		prepare: once,
		acts: (c) => repeat(AGENTS, null).map((_, i) => use(c, `r${i}`)),
		async judge(c, answers) {
			assert.equal(won(answers, 201).length, 1, `${statuses(answers)}`);
			for (const { res } of answers.filter((a) => a.res.status !== 201))
				expectProblem(res, 'AM-00013');
			const events = used(await left(c));
			assert.deepEqual(events.map((e) => e.consentEventID), [won(answers, 201)[0].res.json.consentEventID]);
		},
	});
});

test('use against the same use: one is 201, the others are 200 and tell of it', async () => {
	await fight({
		prepare: () => accepted(),
		acts: (c) => [...repeat(AGENTS / 2, use(c, 'a')), ...repeat(AGENTS / 2, use(c, 'b'))],
		async judge(c, answers) {
			assert.deepEqual(statuses(answers).sort(), [...Array(AGENTS - 2).fill(200), 201, 201]);
			const events = new Set(used(await left(c)).map((e) => e.consentEventID));
			assert.equal(events.size, 2);
			assert.deepEqual(new Set(answers.map((a) => a.res.json.consentEventID)), events);
		},
	});
});

test('use against token of a one-time consent: a token or MP-303, and MP-303 once it is used', async (t) => {
	const tally = await fight({
		async prepare() {
			const c = await once();
			return { c, before: await grants(4, details(c)), later: await grants(2, details(c)) };
		},
		acts: ({ c, before }) => [use(c, 'a'), use(c, 'b'), ...before.map((g) => ['token', (s) => postGrant(s, g)])],
		async judge({ c, later }, answers) {
			const tokens = answers.filter((a) => a.name === 'token'), uses = answers.filter((a) => a.name === 'use');
			assert.deepEqual(statuses(uses).sort(), [201, 400]);
			for (const { res } of tokens.filter((a) => a.res.status !== 200))
				refused(res);
			assert.equal(used(await left(c)).length, 1);
			for (const [i, g] of later.entries())
				refused(await postGrant(servers[i], g));
			return `${won(tokens, 200).length} tokens`;
		},
	});
	t.diagnostic(`tokens before the use: ${JSON.stringify(tally)}`);
});

test('use against revoke: no use after the withdrawal', async (t) => {
	const tally = await fight({
		prepare: () => accepted(),
		acts: (c) => [on(c, revoke), ...repeat(AGENTS, null).map((_, i) => use(c, `r${i}`))],
		async judge(c, answers) {
			const uses = answers.filter((a) => a.name === 'use'), now = await left(c);
			for (const { res } of uses.filter((a) => a.res.status !== 201))
				expectProblem(res, 'AM-00011');
			assert.equal(now.status, 'Revoked');
			assert.equal(types(now).at(-1), 'Revoked', `the withdrawal is the last: ${types(now)}`);
			assert.deepEqual(new Set(used(now).map((e) => e.consentEventID)), new Set(won(uses, 201).map((a) => a.res.json.consentEventID)));
			return `${won(uses, 201).length} uses`;
		},
	});
	t.diagnostic(`uses before the withdrawal: ${JSON.stringify(tally)}`);
});

test('one grant against itself: one token, the others MP-012', async () => {
	await fight({
		prepare: async () => (await grants(1, { scope: 'api:plain' }))[0],
		acts: (g) => repeat(AGENTS, ['token', (s) => postGrant(s, g)]),
		async judge(g, answers) {
			assert.equal(won(answers, 200).length, 1, `${statuses(answers)}`);
			for (const { res } of answers.filter((a) => a.res.status !== 200))
				expectFault(one, res, 400, 'invalid_grant', 'MP-012');
		},
	});
});

test('a party that is new to everybody is registered once', async () => {
	const pid = '22877497392';
	const tokens = await Promise.all(repeat(AGENTS, null).map((_, i) => servers[i % 2].get(`/api/GetPersonalToken?scopes=x&pid=${pid}`)));
	const uuids = tokens.map((r) => JSON.parse(Buffer.from(expectStatus(r, 200).text.split('.')[1], 'base64url'))['urn:altinn:party:uuid']);
	assert.equal(new Set(uuids).size, 1, uuids.join());
});

// ---- afterwards ----

// All of a feed, page by page.
async function feedOf(server) {
	const items = [];
	for (let next = FEED; next; ) {
		const { links, data } = expectStatus(await server.get(next, write), 200).json;
		items.push(...data);
		next = links.next && new URL(links.next).pathname + new URL(links.next).search;
	}
	return items;
}

test('what is left of all of them agrees with itself, and the feed with it', async () => {
	const seen = new Map();
	for (const id of met.keys())
		for (const e of (await left({ id })).consentRequestEvents) {
			assert.ok(!seen.has(e.consentEventID), `event ${e.consentEventID} stands twice`);
			seen.set(e.consentEventID, `${id} ${e.eventType} ${e.created}`);
		}
	assert.ok(seen.size >= met.size);
	// By id is by commit: the feed is every event once, in the order of ids.
	const wanted = [...seen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, what]) => what);
	for (const s of servers)
		assert.deepEqual((await feedOf(s)).map((e) => `${e.consentRequestId} ${e.eventType} ${e.changedDate}`), wanted);
});

test('the store finds nothing wrong with itself', async () => {
	await Promise.all(servers.map((s) => s.stop()));
	const r = await run(['store', 'check', '--sandbox', '--set', `store=${store}`]);
	assert.equal(r.status, 0, r.stdout + r.stderr);
});
