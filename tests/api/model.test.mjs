// Random sequences of operations against a model of the rules (tests/js/model.mjs): every answer must be the model's. A sequence that
// fails is made smaller and printed. SAMTYKKE_SEED=N repeats a run, SAMTYKKE_SEQUENCES=N makes it longer or shorter.
import assert from 'node:assert/strict';
import { createHash, randomInt } from 'node:crypto';
import { after, test } from 'node:test';
import { consentDetails, makeGrant, postGrant } from '../js/maskinporten.mjs';
import { Model, RESOURCES } from '../js/model.mjs';
import { describe, expectStatus, startSandbox } from '../js/sandbox.mjs';
import {
	AGENCY, API, BANK, BFF, LENDER, LOOKUP, MINISTRY, NOBODY, REQUESTS, STRANGER, SUPPLIER, S_LOOKUP, S_ORG, S_READ, S_USE, S_WRITE, USES, org, person, resource,
	right, testWorld,
} from '../js/world.mjs';

const SEED = Number(process.env.SAMTYKKE_SEED ?? randomInt(2 ** 31));
const SEQUENCES = Number(process.env.SAMTYKKE_SEQUENCES ?? 30), LENGTH = 100;
const HOUR = 3600, SHRINKS = 150;

const world = await testWorld();
world.document.resources.push(resource('model_once', { isOneTimeConsent: true }));
const sb = await startSandbox({ apply: world.document, args: ['--set', 'token.rate=0'] });
after(() => sb.alive() && sb.stop());

// mulberry32
function random(seed) {
	let a = seed >>> 0;
	const next = () => {
		a = (a + 0x6d2b79f5) >>> 0;
		let t = Math.imul(a ^ (a >>> 15), a | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
	const r = {
		int: (n) => Math.floor(next() * n),
		pick: (list) => list[r.int(list.length)],
		chance: (p) => next() < p,
	};
	return r;
}

// A valid number of a synthetic person that nobody else has.
function newPid(r) {
	for (;;) {
		const d = [...String(r.int(28) + 1).padStart(2, '0'), ...String(r.int(12) + 81), ...String(r.int(100)).padStart(2, '0'), ...String(r.int(500)).padStart(3, '0')].map(Number);
		const sum = (weights) => weights.reduce((s, w, i) => s + w * d[i], 0);
		const k1 = (11 - (sum([3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11)) % 11;
		d.push(k1);
		const k2 = (11 - (sum([5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
		d.push(k2);
		if (k1 < 10 && k2 < 10)
			return d.join('');
	}
}

// ---- operations: indexes and offsets only, so that any part of a sequence is a sequence ----

const WHO = {
	bank: { org: BANK, may: 'write', scopes: S_WRITE }, supplier: { org: BANK, supplier: SUPPLIER, may: 'write', scopes: S_WRITE },
	agency: { org: AGENCY, may: 'org', scopes: S_ORG }, lender: { org: LENDER, may: 'write', scopes: S_WRITE },
};
const CLIENTS = {
	bank: [world.clients.bank, { org: BANK }], supplier: [world.clients.supplier, { org: BANK, supplier: SUPPLIER }], alone: [world.clients.supplier, { org: SUPPLIER }],
	agency: [world.clients.agency, { org: AGENCY }], lender: [world.clients.lender, { org: LENDER }],
};
const IDS = 6, PEOPLE = 3;
const GIVER = 'giver', RECEIVER = 'receiver'; // who that is, the consent says when it is there
const some = (r) => r.int(PEOPLE);
const whom = (r) => (r.chance(0.75) ? GIVER : some(r));
const REDIRECTS = { web: 'https://www.dnb.no', lender: 'https://laan.example/x', app: 'bankapp://done', script: 'javascript:x', none: 'no url' };
const METADATA = { right: { aar: '2025' }, none: {}, unknown: { aar: '2025', x: 'y' }, empty: { aar: '' }, case: { AAR: '2025', merknad: 'x' } };

// [weight, name, make]
const OPS = [
	[12, 'create', (r) => ({
		id: r.int(IDS), who: r.pick(Object.keys(WHO)), from: r.chance(0.03) ? -1 : some(r), to: r.chance(0.75) ? 'self' : r.pick([BANK, AGENCY, LENDER, NOBODY]),
		delegator: r.chance(0.15) ? some(r) : null, hours: r.chance(0.05) ? -30 : r.pick([2, 20, 24 * 5, 24 * 9, 24 * 15]), resource: r.pick(Object.keys(RESOURCES)),
		metadata: r.chance(0.8) ? 'right' : r.pick(Object.keys(METADATA)), redirectUrl: r.chance(0.9) ? r.pick(['lender', 'lender', 'web', 'app']) : r.pick(['script', 'none']), shown: r.chance(0.6),
	})],
	[5, 'again', (r) => ({ nth: r.int(IDS) })],
	[7, 'show', (r) => ({ id: r.int(IDS), org: r.chance(0.6) ? RECEIVER : r.pick([BANK, SUPPLIER, AGENCY, LENDER]) })],
	[6, 'open', (r) => ({ id: r.int(IDS), pid: whom(r) })],
	[14, 'accept', (r) => ({ id: r.int(IDS), pid: whom(r), level: r.pick([3, 4, 4]) })],
	[5, 'reject', (r) => ({ id: r.int(IDS), pid: whom(r), level: r.pick([3, 4, 4]) })],
	[6, 'revoke', (r) => ({ id: r.int(IDS), pid: whom(r), level: r.pick([3, 4, 4]) })],
	[10, 'lookup', (r) => ({ id: r.int(IDS), from: r.chance(0.05) ? -1 : whom(r), to: r.chance(0.7) ? RECEIVER : r.pick([BANK, AGENCY, SUPPLIER, LENDER, NOBODY]) })],
	[10, 'token', (r) => ({ id: r.int(IDS), from: whom(r), who: r.chance(0.6) ? RECEIVER : r.pick(Object.keys(CLIENTS)) })],
	[4, 'replay', () => ({})],
	[6, 'use', (r) => ({ id: r.int(IDS), by: r.chance(0.9) ? MINISTRY : BANK, other: r.chance(0.05), reference: `r${r.int(3)}` })],
	[4, 'list', (r) => ({ pid: some(r) })],
	[4, 'count', (r) => ({ pid: some(r), status: r.pick(['Created', 'Accepted', 'Rejected', 'Revoked']) })],
	[3, 'events', (r) => ({ org: r.pick([BANK, AGENCY, LENDER]) })],
	[4, 'clock', (r) => ({ hours: r.pick([1, 5, 25, 24 * 6, -3, -24]) })],
];
const ROUTES = { list: `${BFF}/list/{partyUuid}`, count: `${BFF}/count/{partyUuid}`, revoke: `${API}/bff/consents/{id}/revoke`, events: `${REQUESTS}/events` };

function sequence(r) {
	const total = OPS.reduce((n, [w]) => n + w, 0);
	return Array.from({ length: LENGTH }, (_, i) => {
		let at = i < IDS ? 0 : r.int(total); // the first make what the others are about
		const [, name, make] = OPS.find(([w]) => (at -= w) < 0);
		return { op: name, ...make(r), ...(i < IDS && { id: i }) };
	});
}

// ---- the two sides ----

const metadataOf = (op) => (op.resource === 'api_meta' ? METADATA[op.metadata] : op.metadata === 'unknown' ? { x: 'y' } : {});
const seconds = (iso) => Math.round(Date.parse(iso) / 1000);
const number = (urn) => (urn === null ? null : urn.split(':').at(-1));

// One sequence against a fresh model, with ids, persons and clock of its own.
class Run {
	constructor(salt) {
		this.salt = salt;
	}

	async start() {
		const r = random(parseInt(createHash('sha256').update(this.salt).digest('hex').slice(0, 8), 16));
		this.people = Array.from({ length: PEOPLE }, () => newPid(r));
		this.hours = 0;
		this.epoch = 0;
		await sb.clock({});
		this.base = Math.floor(sb.now() / 1000);
		this.uuids = [];
		for (const pid of this.people)
			this.uuids.push(JSON.parse(Buffer.from((await sb.personToken(pid)).split('.')[1], 'base64url'))['urn:altinn:party:uuid']);
		this.model = new Model({ registered: new Set([...this.people, BANK, SUPPLIER, AGENCY, LENDER]) });
		this.model.now = this.base;
		this.created = [];
		this.eventIds = new Map();
		this.cursors = new Map();
		for (const o of [BANK, AGENCY, LENDER])
			this.cursors.set(o, (await this.feed(o, null)).cursor);
		return this;
	}

	id(n) {
		const h = createHash('sha256').update(`${this.salt}/${n}`).digest('hex');
		return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`;
	}

	pid(n, id) {
		if (n === GIVER)
			return this.model.consents.get(this.id(id))?.from ?? this.people[0];
		return n < 0 ? STRANGER : this.people[n];
	}

	org(orgno, id) {
		return orgno === RECEIVER ? this.model.consents.get(this.id(id))?.to ?? BANK : orgno;
	}

	async bearer(pid, level) {
		return sb.personToken(pid, { authLvl: String(level ?? 4) });
	}

	// [what the model says, the answer of the server as the model would say it]
	async step(op) {
		return this[op.op]({ ...op });
	}

	async create(op) {
		const by = WHO[op.who];
		const asked = { id: this.id(op.id), by, from: this.pid(op.from), to: op.to === 'self' ? by.org : op.to, delegator: op.delegator === null ? null : this.pid(op.delegator), validTo: this.base + (this.hours + op.hours) * HOUR + HOUR / 2,
			resource: op.resource, metadata: metadataOf(op), redirectUrl: REDIRECTS[op.redirectUrl], shown: op.shown };
		this.created.push(asked);
		return this.send(asked);
	}

	// The same body once more, whatever has happened since.
	async again({ nth }) {
		return this.created.length ? this.send(this.created[nth % this.created.length]) : null;
	}

	async send(a) {
		const token = await sb.orgToken(a.by.org, a.by.scopes, a.by.supplier && { supplierOrgNo: a.by.supplier });
		const res = await sb.post(REQUESTS, token, {
			id: a.id, from: person(a.from), to: org(a.to), requiredDelegator: a.delegator && person(a.delegator), validTo: new Date(a.validTo * 1000).toISOString(),
			consentRights: [right(a.resource, a.metadata)], redirectUrl: a.redirectUrl, portalViewMode: a.shown ? 'Show' : 'Hide',
		});
		// An allow-list of redirect addresses is the lender's.
		const own = a.by.org === LENDER && !a.redirectUrl.startsWith('https://laan.example') ? 'javascript:' : a.redirectUrl;
		return [this.model.create({ ...a, redirectUrl: own }), this.seen(res), res];
	}

	async show({ id, org: who }) {
		const orgno = this.org(who, id), res = await sb.get(`${REQUESTS}/${this.id(id)}`, await sb.orgToken(orgno, S_READ));
		return [this.model.show({ id: this.id(id), org: orgno }), this.seen(res), res];
	}

	async open({ id, pid: n }) {
		const pid = this.pid(n, id), res = await sb.get(`${BFF}/${this.id(id)}`, await this.bearer(pid));
		return [this.model.open({ id: this.id(id), pid }), this.seen(res), res];
	}

	async answer(how, target, { id, pid: n, level }, body) {
		const pid = this.pid(n, id), res = await sb.post(target.replace('{id}', this.id(id)), await this.bearer(pid, level), body);
		return [this.model[how]({ id: this.id(id), pid, level }), this.seen(res), res];
	}

	accept(op) {
		return this.answer('accept', `${BFF}/{id}/accept`, op, { language: 'nb' });
	}

	reject(op) {
		return this.answer('reject', `${BFF}/{id}/reject`, op);
	}

	revoke(op) {
		return this.answer('revoke', ROUTES.revoke, op);
	}

	async lookup({ id: nth, from: n, to: who }) {
		const id = this.id(nth), from = this.pid(n, nth), to = this.org(who, nth);
		const res = await sb.post(LOOKUP, await sb.orgToken(null, S_LOOKUP), { id, from: person(from), to: org(to) });
		return [this.model.lookup({ id, from, to }), this.seen(res), res];
	}

	async use({ id: nth, by, other, reference }) {
		const id = this.id(nth), named = other ? 'api_listed' : this.model.consents.get(id)?.resource ?? 'api_plain';
		const res = await sb.post(`${USES}/${id}/use`, await sb.orgToken(by, S_USE), { resource: named, reference });
		const seen = res.status < 400 ? { ok: res.status, id: res.json.consentRequestID, reference: res.json.reference } : this.seen(res);
		if (seen.ok)
			this.keep(id, res.json, reference);
		return [this.model.use({ id, by, owner: MINISTRY, resource: named, reference }), seen, res];
	}

	async token({ id, from: n, who }) {
		const own = Object.keys(CLIENTS).find((k) => CLIENTS[k][1].org === this.org(RECEIVER, id));
		const [client, by] = CLIENTS[who === RECEIVER ? own : who], pid = this.pid(n, id);
		const grant = await makeGrant(sb, client, { scope: 'api:open', authorization_details: consentDetails(this.id(id), person(pid)), ...(by.supplier && { consumer_org: by.org }) });
		this.last = { grant, id: this.id(id), by, from: pid, epoch: this.epoch };
		return this.spend(this.last);
	}

	// The last grant once more; not when the clock has been moved, since then it may be too old or too young.
	async replay() {
		return this.last?.epoch === this.epoch ? this.spend(this.last) : null;
	}

	async spend({ grant, id, by, from: pid }) {
		const res = await postGrant(sb, grant);
		let seen;
		if (res.status === 200) {
			const claims = JSON.parse(Buffer.from(res.json.access_token.split('.')[1], 'base64url'));
			const [d] = claims.authorization_details;
			assert.equal(claims.consumer.ID, `0192:${by.org}`, describe(res));
			assert.ok(claims.exp <= seconds(d.validTo) && claims.exp > claims.iat, describe(res));
			seen = { ok: 200, id: d.id, from: number(d.from), to: d.to.ID.split(':')[1], validTo: seconds(d.validTo), consented: seconds(d.consented) };
		} else {
			seen = { refused: res.status, codes: [res.json.error_uri.split('/').at(-1)] };
		}
		return [this.model.token({ grant, id, by, from: pid }), seen, res];
	}

	async list({ pid }) {
		const res = await sb.get(ROUTES.list.replace('{partyUuid}', this.uuids[pid]), await this.bearer(this.pid(pid)));
		const wanted = this.model.list({ pid: this.pid(pid) });
		if (res.status !== 200)
			return [wanted, this.seen(res), res];
		const byId = (a, b) => (a.id < b.id ? -1 : 1), brief = ({ id, status, events }) => ({ id, status, events });
		return [{ ok: 200, list: wanted.list.map(brief).sort(byId) },
			{ ok: 200, list: res.json.map((c) => ({ id: c.id, status: c.consentRequestStatus, events: c.consentRequestEvents.map((e) => e.eventType) })).sort(byId) }, res];
	}

	async count({ pid, status }) {
		const res = await sb.get(`${ROUTES.count.replace('{partyUuid}', this.uuids[pid])}?status=${status}`, await this.bearer(this.pid(pid)));
		return [this.model.count({ pid: this.pid(pid), status }), res.status === 200 ? { ok: 200, count: res.json } : this.seen(res), res];
	}

	// From a cursor to the end.
	async feed(orgno, cursor) {
		const items = [];
		let res, next = `${REQUESTS}/events${cursor ? `?continuationToken=${encodeURIComponent(cursor)}` : ''}`;
		while (next) {
			res = expectStatus(await sb.get(next, await sb.orgToken(orgno, S_READ)), 200);
			items.push(...res.json.data);
			next = res.json.links.next && new URL(res.json.links.next).pathname + new URL(res.json.links.next).search;
			cursor = next ? new URL(next, sb.url).searchParams.get('continuationToken') : cursor;
		}
		return { items, cursor, res };
	}

	// A page that is not full has no cursor: some events of earlier sequences come along.
	async events({ org: orgno }) {
		const { items, res } = await this.feed(orgno, this.cursors.get(orgno));
		const mine = items.filter((e) => this.model.consents.has(e.consentRequestId)).map((e) => ({ id: e.consentRequestId, type: e.eventType }));
		return [this.model.events({ org: orgno }), { ok: 200, feed: mine }, res];
	}

	async clock({ hours }) {
		this.hours += hours;
		this.epoch++;
		await sb.clock({ offset: `PT${this.hours}H`.replace('PT-', '-PT') });
		this.model.now = this.base + this.hours * HOUR;
		return null;
	}

	// A server's answer in the model's words.
	seen(res) {
		if (res.status >= 400)
			return { refused: res.status, codes: res.text === '' ? [] : this.codes(res.json) };
		const c = res.json, out = { ok: res.status, id: c.id, from: number(c.from), to: number(c.to), handledBy: number(c.handledBy), validTo: seconds(c.validTo), consented: c.consented && seconds(c.consented) };
		if (!c.consentRequestEvents)
			return out;
		for (const [i, e] of c.consentRequestEvents.entries())
			if (e.eventType !== 'Expired')
				this.keep(c.id, e, i);
		out.events = c.consentRequestEvents.map((e) => e.eventType);
		out.delegator = number(c.requiredDelegator);
		out.status = c.status ?? c.consentRequestStatus;
		out.shown = c.portalViewMode === 'Show';
		return out;
	}

	codes(p) {
		if (p.code === 'STD-00001')
			return [p.code, ...p.problems.map((x) => x.code)];
		return [p.validationErrors ? `${p.code}:${p.validationErrors.map((v) => v.code).join(',')}` : p.code];
	}

	// An event keeps its id and time wherever it is shown. which: its place, or a use's reference.
	keep(id, e, which) {
		const key = `${id}/${e.eventType}/${which}`, what = `${e.consentEventID} ${e.created}`;
		assert.equal(this.eventIds.get(key) ?? what, what, `the event ${key} has changed`);
		this.eventIds.set(key, what);
	}

	// Parties by UUID are those of the model by number; times of answers are near the model's. What an answer does not have is not compared.
	same(wanted, seen) {
		const uuid = new Map(this.people.map((pid, i) => [this.uuids[i], pid]));
		const w = {}, s = {};
		for (const k of Object.keys(seen)) {
			if (seen[k] === undefined)
				continue;
			s[k] = typeof seen[k] === 'string' && uuid.get(seen[k]) ? uuid.get(seen[k]) : seen[k];
			w[k] = wanted[k];
			if (/^[0-9a-f]{8}-/.test(s[k]) && ['to', 'handledBy'].includes(k))
				delete s[k], delete w[k];
			if (k === 'consented' && s[k] && w[k] && Math.abs(s[k] - w[k]) < 600)
				w[k] = s[k];
		}
		assert.deepEqual(s, w);
	}
}

// null, or {at, error}: what went wrong and where.
async function play(ops, salt, tally = {}) {
	const run = await new Run(salt).start();
	for (const [at, op] of ops.entries()) {
		let res;
		try {
			const step = await run.step(op);
			if (!step)
				continue;
			res = step[2];
			run.same(step[0], step[1]);
			const { ok, refused, codes } = step[0], what = `${op.op} ${ok ?? [refused, ...codes].join(' ')}`;
			tally[what] = (tally[what] ?? 0) + 1;
		} catch (e) {
			return { at, error: `${e.message}\n${res ? describe(res) : e.stack}` };
		}
	}
	return null;
}

// Smaller and smaller parts that still fail.
async function shrink(ops, failure, seed) {
	let best = ops.slice(0, failure.at + 1), last = failure, tries = 0;
	for (let size = best.length >> 1; size >= 1; size >>= 1)
		for (let i = 0; i < best.length - 1 && tries < SHRINKS; ) {
			const part = [...best.slice(0, i), ...best.slice(i + size)];
			const found = part.length && await play(part, `${seed}/shrink/${tries++}`);
			if (found) {
				best = part.slice(0, found.at + 1);
				last = found;
			} else {
				i += size;
			}
		}
	return { best, last };
}

test(`random operations answer as the model says (seed ${SEED})`, async (t) => {
	const tally = {};
	t.diagnostic(`SAMTYKKE_SEED=${SEED}, ${SEQUENCES} sequences of ${LENGTH}: ${OPS.map(([, n]) => n).join(' ')}`);
	for (let i = 0; i < SEQUENCES; i++) {
		const ops = sequence(random(SEED + i));
		const failure = await play(ops, `${SEED}/${i}/${process.pid}`, tally);
		if (failure) {
			const { best, last } = await shrink(ops, failure, `${SEED}/${i}/${process.pid}`);
			assert.fail(`SAMTYKKE_SEED=${SEED}, sequence ${i}; what fails, made smaller:\n${best.map((o) => JSON.stringify(o)).join('\n')}\n\n${last.error}`);
		}
	}
	for (const [what, n] of Object.entries(tally).sort())
		t.diagnostic(`${n} × ${what}`);
});
