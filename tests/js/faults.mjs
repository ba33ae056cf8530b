// Servers that are killed, databases that stop, disks that are full: starts them, loads them, and looks at what is left.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { GRANT_TYPE, formBody, makeGrant } from './maskinporten.mjs';
import { BIN, ROOT } from './sandbox.mjs';
import {
	ASMUND, BANK, BFF, ELENA, REQUESTS, SIRI, S_PORTAL, S_READ, S_WRITE, builtinClient, person, requestBody,
} from './world.mjs';

export const CONNECTIONS = 32;
const PEOPLE = [ELENA, ASMUND, SIRI];
const READY_MS = 120000, STOP_MS = 120000, ANSWER_MS = 120000, MORE_MS = 120000; // of what hangs
const SETTLE_MS = 20;
const AGAIN = 0.8;    // how often something whose outcome is unknown is tried again
const ANSWERED = 0.7; // of the consents; of these one in five is a no
const REPEATED = 0.1, TOKENS = 0.1;

// The outcome of a request is unknown: the connection ended before its answer.
export class Lost extends Error {}

const children = new Set();
const killAll = () => {
	for (const child of children)
		child.kill('SIGKILL');
};
after(killAll); // a test that failed leaves its server behind
process.on('exit', killAll);
for (const signal of ['SIGTERM', 'SIGINT'])
	process.once(signal, () => process.exit(1));

// ---- the server ----

// A port outside the range of outgoing connections: while nobody listens there, no client can meet itself on it.
export async function freePort() {
	for (;;) {
		const port = randomInt(20000, 30000);
		const taken = await new Promise((resolve) => {
			const probe = net.createServer().once('error', () => resolve(true));
			probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(false)));
		});
		if (!taken)
			return port;
	}
}

// `samtykke sandbox` on `port`, once its ready line has come. data: directory to keep; store: URI instead of SQLite in it.
export async function start({ port, data, store, sets = [] }) {
	const args = ['sandbox', '--port', String(port)];
	if (data)
		args.push('--data', data);
	for (const set of store ? [`store=${store}`, ...sets] : sets)
		args.push('--set', set);
	const child = spawn(BIN, args, { stdio: ['ignore', 'pipe', 'pipe'] });
	children.add(child);
	let stdout = '', stderr = '';
	child.stderr.on('data', (d) => (stderr = (stderr + d).slice(-100000)));
	const end = new Promise((resolve) => child.on('close', (status, signal) => {
		children.delete(child);
		resolve({ status, signal });
	}));
	await new Promise((resolve, reject) => {
		const fail = (why) => reject(new Error(`${why}\n${stderr.slice(-4000)}`));
		const timer = setTimeout(() => fail(`no ready line within ${READY_MS} ms`), READY_MS);
		end.then((e) => fail(`ended before it was ready: ${JSON.stringify(e)}`)).finally(() => clearTimeout(timer));
		child.stdout.on('data', (d) => {
			stdout += d;
			if (!stdout.includes('\n'))
				return;
			clearTimeout(timer);
			resolve();
		});
	});
	const stop = async (signal) => {
		child.kill(signal);
		const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
		const e = await end;
		clearTimeout(timer);
		return e;
	};
	return {
		...JSON.parse(stdout.slice(0, stdout.indexOf('\n'))),
		pid: child.pid,
		stderr: () => stderr,
		alive: () => child.exitCode === null && child.signalCode === null,
		nowS: () => Math.floor(Date.now() / 1000),
		inDays: (days) => new Date(Date.now() + days * 86400000).toISOString(),
		kill: () => stop('SIGKILL'),
		async stop() {
			assert.deepEqual(await stop('SIGTERM'), { status: 0, signal: null }, stderr.slice(-4000));
			assert.doesNotMatch(stderr, /Sanitizer|runtime error:/);
		},
	};
}

// ---- a server of PostgreSQL ----

const exec = promisify(execFile);

export const pg = async (args, env) =>
	(await exec(path.join(ROOT, 'tests/pg.sh'), args, { env: { ...process.env, ...env } })).stdout.trim();

// A server of PostgreSQL of the test's own: its folder belongs to the user it runs as. options: of the server.
export async function instance(options) {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'samtykke-pg-'));
	process.on('exit', () => {
		try {
			execFileSync(path.join(ROOT, 'tests/pg.sh'), ['stop', dir], { stdio: 'ignore' });
		} catch {
			// it was not running
		}
		rmSync(dir, { recursive: true, force: true });
	});
	await pg(['start', dir], { PG_OPTIONS: options ?? '' });
	return { dir, uri: await pg(['createdb', dir, 'faults']) };
}

export const postmaster = (dir) => Number(readFileSync(path.join(dir, 'data/postmaster.pid'), 'utf8').split('\n')[0]);

// ---- one keep-alive connection ----

export function connection(port) {
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	const send = (method, target, { token, json, form } = {}) => new Promise((resolve, reject) => {
		const body = form ?? (json && JSON.stringify(json));
		const headers = { ...(token && { Authorization: `Bearer ${token}` }) };
		if (body !== undefined)
			headers['Content-Type'] = form ? 'application/x-www-form-urlencoded' : 'application/json';
		if (method === 'POST')
			headers['Content-Length'] = Buffer.byteLength(body ?? '');
		const lost = (e) => reject(new Lost(`${method} ${target}: ${e.message}`, { cause: e }));
		const req = http.request({ agent, host: '127.0.0.1', port, method, path: target, headers }, (res) => {
			let text = '';
			res.setEncoding('utf8');
			res.on('data', (d) => (text += d)).on('error', lost).on('aborted', () => lost(new Error('cut off')));
			res.on('end', () => res.complete && resolve({
				status: res.statusCode, headers: res.headers, text, said: `${method} ${target} -> ${res.statusCode} ${text.slice(0, 600)}`,
				get json() {
					return JSON.parse(text);
				},
			}));
		});
		req.on('error', lost);
		req.setTimeout(ANSWER_MS, () => {
			reject(new Error(`${method} ${target}: no answer within ${ANSWER_MS} ms`));
			req.destroy();
		});
		req.end(body);
	});
	return {
		get: (target, token) => send('GET', target, { token }),
		post: (target, token, json) => send('POST', target, { token, json }),
		form: (target, form) => send('POST', target, { form }),
		close: () => agent.destroy(),
	};
}

// The service is unavailable, said as the API says it.
export function expectUnavailable(res, type = /^application\/problem\+json/) {
	assert.equal(res.status, 503, res.said);
	assert.match(res.headers['retry-after'] ?? '', /^[1-9][0-9]*$/, res.said);
	assert.match(res.headers['content-type'] ?? '', type, res.said);
}

// ---- the load: a world of consents, what was sent and what was acknowledged ----

export async function makeWorld({ port, may = [] }) {
	const world = {
		port,
		may,                 // statuses that a request may have instead of its answer: 503, 500
		consents: new Map(), // by id; see fresh()
		grants: [],
		acks: 0,
		unavailable: 0,      // answers 503
		uncertain: 0,        // answers 500
		doneAfterAll: 0,     // 503 was said, and it had been done
		over: false,
		client: await builtinClient(BANK),
		failed: null,
	};
	world.down = () => (world.server = new Promise((resolve) => (world.up = resolve)));
	world.down();
	return world;
}

// The server of the world runs (again). Test tokens are made once: they stay good.
export async function serve(world, server) {
	if (!world.org) {
		const c = connection(world.port);
		const text = async (target) => {
			const res = await c.get(target);
			assert.equal(res.status, 200, res.said);
			return res.text;
		};
		world.org = await text(`/api/GetEnterpriseToken?env=tt02&orgNo=${BANK}&ttl=9000&scopes=${S_READ},${S_WRITE}`);
		world.people = new Map();
		for (const pid of PEOPLE)
			world.people.set(pid, await text(`/api/GetPersonalToken?env=tt02&pid=${pid}&authLvl=4&ttl=9000&scopes=${S_PORTAL}`));
		c.close();
	}
	world.now = server;
	world.up(server);
}

export function fresh(world) {
	const pid = PEOPLE[randomInt(PEOPLE.length)];
	const body = requestBody(world.now, {
		from: person(pid), redirectUrl: `https://www.dnb.no/${randomInt(1e9)}`, requestMessage: { nb: `Melding ${randomInt(1e9)}` },
	});
	const wanted = Math.random() < ANSWERED ? (Math.random() < 0.8 ? 'accept' : 'reject') : null;
	const c = { id: body.id, pid, body, wanted, created: false, answered: false, creates: 0, answers: 0, refused: 0 };
	world.consents.set(c.id, c);
	return c;
}

// true: an acknowledgement. false: it may be tried again. Anything else is a failure of the test.
function acknowledged(world, res, good, c) {
	if (good.includes(res.status)) {
		world.acks++;
		return true;
	}
	assert.ok(world.may.includes(res.status), `not an answer for now: ${res.said}\n${world.now.stderr().slice(-3000)}`);
	if (res.status === 503) {
		expectUnavailable(res, /^application\/(problem\+)?json/);
		world.unavailable++;
		c.refused++;
	} else {
		world.uncertain++;
	}
	return false;
}

export async function create(world, conn, c) {
	c.creates++;
	const res = await conn.post(REQUESTS, world.org, c.body);
	if (!acknowledged(world, res, c.creates > 1 ? [200, 201] : [201], c))
		return false;
	assert.equal(res.json.id, c.id, res.said);
	if (res.status === 200 && c.refused === c.creates - 1)
		world.doneAfterAll++;
	c.created = true;
	return true;
}

export async function answer(world, conn, c) {
	c.answers++;
	const body = c.wanted === 'accept' ? { language: 'nb' } : undefined;
	const res = await conn.post(`${BFF}/${c.id}/${c.wanted}`, world.people.get(c.pid), body);
	if (!acknowledged(world, res, [200], c))
		return false;
	c.answered = true;
	return true;
}

// A grant that is used: from the acknowledgement on it is spent, and before that it may be.
export async function grant(world, conn, g) {
	g.sent++;
	const res = await conn.form('/token', formBody([['grant_type', GRANT_TYPE], ['assertion', g.assertion]]));
	const replay = res.status === 400 && res.json.error_uri?.endsWith('/MP-012');
	if (replay && g.sent > 1)
		return true;
	assert.ok(!(g.spent && res.status === 200), `a grant is accepted twice: ${res.said}`);
	if (!acknowledged(world, res, [200], g))
		return false;
	g.spent = true;
	world.grants.push(g);
	return true;
}

async function newGrant(world) {
	return { assertion: await makeGrant(world.now, world.client, { scope: S_READ }), sent: 0, refused: 0, spent: false };
}

async function advance(world, conn, job) {
	if (job.assertion)
		return grant(world, conn, job);
	if (!job.created && !(await create(world, conn, job)))
		return false;
	if (job.wanted && !job.answered && !(await answer(world, conn, job)))
		return false;
	if (job.answered && Math.random() < REPEATED)
		return answer(world, conn, job);
	return true;
}

async function worker(world) {
	const conn = connection(world.port), open = [];
	while (!world.over) {
		await world.server;
		const job = open.shift() ?? (Math.random() < TOKENS ? await newGrant(world) : fresh(world));
		try {
			if (await advance(world, conn, job))
				continue;
		} catch (e) {
			if (!(e instanceof Lost))
				throw e;
		}
		if (Math.random() < AGAIN)
			open.push(job);
		await sleep(SETTLE_MS);
	}
	conn.close();
}

// 32 connections at work; finish() ends them and tells of the first failure.
export function load(world) {
	const fail = (e) => {
		world.failed ??= e;
		world.over = true;
	};
	const all = Array.from({ length: CONNECTIONS }, () => worker(world).catch(fail));
	return {
		async finish() {
			world.over = true;
			await Promise.all(all);
			if (world.failed)
				throw world.failed;
		},
	};
}

// Waits for `n` more acknowledgements.
export async function more(world, n, withinMs = MORE_MS) {
	const from = world.acks, until = Date.now() + withinMs;
	while (world.acks < from + n) {
		if (world.failed)
			throw world.failed;
		assert.ok(Date.now() < until, `only ${world.acks - from} of ${n} acknowledgements within ${withinMs} ms\n${world.now.stderr().slice(-3000)}`);
		await sleep(1);
	}
}

// ---- what is left ----

// Everything acknowledged is there as it was acknowledged, through the API.
export async function checkAnswers(world) {
	const list = [...world.consents.values()].filter((c) => c.created);
	await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
		const conn = connection(world.port);
		for (let c = list.pop(); c; c = list.pop()) {
			const res = await conn.get(`${REQUESTS}/${c.id}`, world.org);
			assert.equal(res.status, 200, `an acknowledged consent is gone: ${res.said}`);
			checkFields(c, res);
		}
		conn.close();
	}));
}

const STATUS = { accept: 'Accepted', reject: 'Rejected' };

function checkFields(c, res) {
	const got = res.json;
	for (const name of ['id', 'from', 'to', 'redirectUrl', 'requestMessage'])
		assert.deepEqual(got[name], c.body[name], `${name}: ${res.said}`);
	assert.equal(Date.parse(got.validTo), Date.parse(c.body.validTo), res.said);
	assert.deepEqual(got.consentRights[0].metadata, c.body.consentRights[0].metadata, res.said);
	assert.equal(got.consentRights[0].resource[0].value, c.body.consentRights[0].resource[0].value, res.said);
	if (c.answered)
		assert.equal(got.status, STATUS[c.wanted], `an acknowledged answer is gone: ${res.said}`);
	else
		assert.ok(got.status === 'Created' || (c.answers > 0 && got.status === STATUS[c.wanted]), res.said);
	const types = got.consentRequestEvents.map((e) => e.eventType);
	assert.deepEqual(types, got.status === 'Created' ? ['Created'] : ['Created', got.status], res.said);
}

// Rows of a database, read beside the server. store: sqlite:PATH or a URI of PostgreSQL.
export function database(store) {
	const path = store.startsWith('sqlite:') && store.slice('sqlite:'.length);
	const [command, args] = path ? ['sqlite3', ['-readonly', path]] : ['psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', store, '-c']];
	return {
		store,
		hex: (column) => (path ? `lower(hex(${column}))` : `encode(${column}, 'hex')`),
		rows: (sql) => execFileSync(command, [...args, sql], { encoding: 'utf8', maxBuffer: 1 << 29 })
			.split('\n').filter(Boolean).map((line) => line.split('|')),
	};
}

const CREATED = '0', REJECTED = '1', ACCEPTED = '2'; // as status and as event
const hexOf = (uuid) => uuid.replaceAll('-', '');

// Nothing is there that was not sent; each consent has the events of its status, once each. Returns what was counted.
export function checkRows(world, db) {
	const sent = new Map([...world.consents.values()].map((c) => [hexOf(c.id), c]));
	const rows = new Map();
	for (const [id, status, last] of db.rows(`SELECT ${db.hex('id')}, status, ${db.hex('last_event')} FROM consent`)) {
		assert.ok(sent.has(id), `nobody asked for ${id}`);
		rows.set(id, { status, last, events: [] });
	}
	for (const [id, type, event] of db.rows(
		`SELECT ${db.hex('c.id')}, e.type, ${db.hex('e.id')} FROM event e JOIN consent c ON c.key = e.consent ORDER BY e.id`))
		rows.get(id).events.push({ type, event });
	let accepted = 0;
	for (const [id, { status, last, events }] of rows) {
		const types = events.map((e) => e.type);
		assert.deepEqual(types, status === CREATED ? [CREATED] : [CREATED, status], `events of ${id}, status ${status}`);
		assert.equal(last, events.at(-1).event, `last event of ${id}`);
		accepted += status === ACCEPTED;
	}
	for (const [id, c] of sent) {
		assert.ok(!c.created || rows.has(id), `the acknowledged ${c.id} is gone`);
		if (c.answered)
			assert.equal(rows.get(id).status, c.wanted === 'accept' ? ACCEPTED : REJECTED, `the acknowledged answer of ${c.id}`);
	}
	const [[events]] = db.rows('SELECT count(*) FROM event');
	assert.equal(Number(events), [...rows.values()].reduce((n, r) => n + r.events.length, 0), 'every event has its consent');
	const [[tokens]] = db.rows('SELECT count(*) FROM token');
	assert.ok(Number(tokens) >= world.grants.length, `${tokens} rows for ${world.grants.length} tokens`);
	return { consents: rows.size, accepted, events: Number(events), tokens: Number(tokens) };
}

export function checkStore(store) {
	execFileSync(BIN, ['store', 'check', '--sandbox', '--set', `store=${store}`], { encoding: 'utf8' });
}

// SQLite's consents have ascending keys in the order in which they were written, and each one's first event was written with it.
export function checkOrder(db) {
	const ids = db.rows(`SELECT ${db.hex('id')} FROM event WHERE type = ${CREATED} ORDER BY consent`).map(([id]) => id);
	for (let i = 1; i < ids.length; i++)
		assert.ok(ids[i - 1] < ids[i], `event ${ids[i]} was written after ${ids[i - 1]}`);
}

// Reads a feed of PostgreSQL while it grows, always from the last id on. finish(): was everything seen that way?
export function follow(store) {
	const psql = spawn('psql', ['-qAtX', store], { stdio: ['pipe', 'pipe', 'inherit'] });
	children.add(psql);
	const seen = [];
	let over = false, text = '', last = '';
	const ask = () => psql.stdin.write(`SELECT encode(id, 'hex') FROM event WHERE id > '\\x${last}' ORDER BY id;\n\\echo END\n`);
	const done = new Promise((resolve) => psql.stdout.setEncoding('utf8').on('data', (d) => {
		text += d;
		if (!text.endsWith('END\n'))
			return;
		seen.push(...text.split('\n').slice(0, -2));
		text = '';
		last = seen.at(-1) ?? '';
		if (over)
			resolve();
		else
			setTimeout(ask, 5);
	}));
	ask();
	return {
		async finish(db) {
			over = true;
			await done;
			psql.stdin.end();
			children.delete(psql);
			const all = db.rows(`SELECT ${db.hex('id')} FROM event ORDER BY id`).map(([id]) => id);
			const known = new Set(seen);
			assert.deepEqual(all.filter((id) => id <= last && !known.has(id)), [], 'events that appeared behind the cursor');
			assert.ok(seen.length > 0);
		},
	};
}
