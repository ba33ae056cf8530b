// More than the server can take, more connections than it needs, and the order to stop in the middle of it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
	checkAnswers, checkOrder, checkRows, checkStore, connection, create, database, expectUnavailable, fresh, freePort, load, makeWorld,
	more, serve, start,
} from '../js/faults.mjs';
import { answers } from '../js/raw.mjs';
import { tempDir } from '../js/sandbox.mjs';
import { REQUESTS } from '../js/world.mjs';

const FLOOD = 600, IDLE = 1000, STOPS = 5, ANSWER_MS = 120000;

async function running(sets = []) {
	const data = path.join(tempDir('samtykke-overload-'), 'data');
	const how = { port: await freePort(), data, sets };
	const world = await makeWorld(how);
	await serve(world, await start(how));
	return { world, how, store: `sqlite:${data}/samtykke.db` };
}

function open(port) {
	return new Promise((resolve, reject) => {
		const socket = net.connect({ host: '127.0.0.1', port, noDelay: true }, () => resolve(socket));
		socket.once('error', reject);
	});
}

// One request on an open connection: its answer with the ms that it took.
function exchange(socket, bytes) {
	return new Promise((resolve, reject) => {
		const from = performance.now();
		let text = '';
		const timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS} ms: ${text}`)), ANSWER_MS);
		const ended = (e) => {
			clearTimeout(timer);
			reject(e ?? new Error(`closed without an answer: ${text}`));
		};
		socket.setEncoding('utf8').on('data', (d) => {
			text += d;
			const head = text.indexOf('\r\n\r\n'), length = Number(/content-length: *([0-9]+)/i.exec(text)?.[1] ?? 0);
			if (head < 0 || Buffer.byteLength(text) < head + 4 + length)
				return;
			clearTimeout(timer);
			const [a] = answers(text);
			resolve({ ...a, text: a.body, said: text.slice(0, 600), ms: performance.now() - from });
		}).once('close', () => ended()).once('error', ended);
		socket.write(bytes);
	});
}

function requestBytes(world, method, target, body = '') {
	return `${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1:${world.port}\r\nAuthorization: Bearer ${world.org}\r\n` +
		`${body && 'Content-Type: application/json\r\n'}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

const openMany = (world, n) => Promise.all(Array.from({ length: n }, () => open(world.port)));

async function worksAsUsual(world) {
	const conn = connection(world.port);
	assert.ok(await create(world, conn, fresh(world)));
	conn.close();
}

test('a flood on one worker: some are refused at once, none hangs, and then it is over', async (t) => {
	const { world, store } = await running(['workers=1']);
	const sockets = await openMany(world, FLOOD);
	const count = { 201: 0, 503: 0 };
	let slowestRefusal = 0, slowest = 0;
	await Promise.all(sockets.map(async (socket) => {
		const c = fresh(world);
		const res = await exchange(socket, requestBytes(world, 'POST', REQUESTS, JSON.stringify(c.body)));
		if (res.status === 503) {
			expectUnavailable(res);
			slowestRefusal = Math.max(slowestRefusal, res.ms);
		} else {
			assert.equal(res.status, 201, res.said);
			c.created = true;
			slowest = Math.max(slowest, res.ms);
		}
		c.wanted = null;
		count[res.status]++;
	}));
	t.diagnostic(`${JSON.stringify(count)}, slowest answer ${slowest | 0} ms, slowest refusal ${slowestRefusal | 0} ms`);
	assert.ok(count[201] >= 64, `the queue is served: ${JSON.stringify(count)}`);
	assert.ok(count[503] > 0, 'a full queue refuses');
	for (const socket of sockets)
		socket.destroy();
	await worksAsUsual(world);
	await checkAnswers(world);
	await world.now.stop();
	checkRows(world, database(store));
});

test('a thousand idle connections are in nobody\'s way', async () => {
	const { world } = await running();
	const idle = await openMany(world, IDLE);
	await worksAsUsual(world);
	for (const socket of idle.filter((_, i) => i % 50 === 0)) {
		const res = await exchange(socket, requestBytes(world, 'GET', '/health'));
		assert.equal(res.status, 200, res.said);
	}
	await worksAsUsual(world);
	for (const socket of idle)
		socket.destroy();
	await world.now.stop();
});

test('a stop under load ends cleanly and keeps what was acknowledged', async (t) => {
	const { world, how, store } = await running();
	const work = load(world);
	let slowest = 0;
	for (let i = 0; i < STOPS && !world.failed; i++) {
		await more(world, 150);
		const server = await world.server, from = Date.now();
		world.may = [503];
		const stopped = server.stop();
		await sleep(5);
		world.down();
		await stopped;
		slowest = Math.max(slowest, Date.now() - from);
		world.may = [];
		await serve(world, await start(how));
	}
	await more(world, 50);
	await work.finish();
	await checkAnswers(world);
	await world.now.stop();
	t.diagnostic(`slowest stop ${slowest} ms, ${world.unavailable} times 503, ${JSON.stringify(checkRows(world, database(store)))}`);
	assert.equal(world.doneAfterAll, 0, 'what was refused was not done');
	checkOrder(database(store));
	checkStore(store);
});

test('a database that does not answer keeps the server from stopping nicely, but not from stopping', async (t) => {
	const { world, store } = await running();
	const db = store.slice('sqlite:'.length);
	const holder = spawn('sqlite3', [db], { stdio: ['pipe', 'pipe', 'inherit'] });
	holder.stdin.write("BEGIN IMMEDIATE;\nSELECT 'held';\n");
	await once(holder.stdout, 'data');
	const sockets = await openMany(world, 4), server = await world.server;
	const ask = (socket) => exchange(socket, requestBytes(world, 'POST', REQUESTS, JSON.stringify(fresh(world).body))).catch(() => null);
	const asked = [];
	let stopped;
	for (const [i, socket] of sockets.entries()) { /* each keeps the committer at the lock a while longer */
		asked.push(ask(socket));
		await sleep([500, 500, 4600, 3000][i]);
		stopped ??= i === 1 ? server.stop() : undefined;
	}
	const end = await stopped.catch((e) => e);
	holder.kill();
	await Promise.all(asked);
	const how = end?.actual ?? { status: 0, signal: null }; /* stop() asserts a nice end */
	t.diagnostic(JSON.stringify(how));
	assert.equal(how.signal, null, `no signal ends it: ${JSON.stringify(how)}`);
	assert.ok(how.status === 0 || how.status === 1, JSON.stringify(how));
	checkStore(store);
});
