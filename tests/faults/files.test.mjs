// The database's files are cut, removed or replaced under a running server: it says 503 and why, and never that all is well.
import assert from 'node:assert/strict';
import { copyFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connection, create, expectUnavailable, fresh, freePort, makeWorld, serve, start } from '../js/faults.mjs';
import { tempDir } from '../js/sandbox.mjs';
import { REQUESTS } from '../js/world.mjs';

const SEEN_MS = 60000, CONSENTS = 50;

// A server with consents that are in the database file itself, not only in its log.
async function server() {
	const data = path.join(tempDir('samtykke-files-'), 'data'), how = { port: await freePort(), data };
	const world = await makeWorld(how), made = [];
	await serve(world, await start(how));
	let conn = connection(world.port);
	for (let i = 0; i < CONSENTS; i++) {
		const c = fresh(world);
		assert.ok(await create(world, conn, c));
		made.push(c);
	}
	conn.close();
	await world.now.stop();
	await serve(world, await start(how));
	conn = connection(world.port);
	const read = async () => {
		const answers = await Promise.all(made.map((c) => conn.get(`${REQUESTS}/${c.id}`, world.org)));
		return new Set(answers.map((res) => res.status));
	};
	assert.deepEqual(await read(), new Set([200]));
	return { world, conn, read, file: path.join(data, 'samtykke.db') };
}

async function until(status, probe) {
	const end = Date.now() + SEEN_MS;
	for (;;) {
		const res = await probe();
		if (res.status === status)
			return res;
		assert.ok(Date.now() < end, `still ${res.said}`);
		await sleep(20);
	}
}

// Reads, writes and ready all say so; what lives without the store lives on.
async function down({ world, conn, read }, why) {
	const ready = await until(503, () => conn.get('/health/ready'));
	assert.deepEqual(Object.keys(ready.json), ['status', 'reason']);
	assert.match(ready.json.reason, why);
	assert.deepEqual(await read(), new Set([503]));
	for (let i = 0; i < 3; i++)
		expectUnavailable(await conn.post(REQUESTS, world.org, fresh(world).body));
	assert.equal((await conn.get('/health/live')).status, 200);
	assert.equal((await conn.get('/jwk')).status, 200);
	assert.ok(world.now.alive(), world.now.stderr());
	await said(world, 'store.lost', why);
}

// The log says so once, with the reason.
async function said(world, event, why) {
	const lines = () => world.now.stderr().split('\n').filter((l) => l.includes(event) && why.test(l));
	for (const end = Date.now() + SEEN_MS; lines().length === 0; await sleep(20))
		assert.ok(Date.now() < end, world.now.stderr().slice(-2000));
}

// What was refused is not there, and all works.
async function up({ world, conn, read }) {
	await until(200, () => conn.get('/health/ready'));
	await said(world, 'store.back', /file/);
	assert.deepEqual(await read(), new Set([200]));
	const c = fresh(world);
	await until(201, () => conn.post(REQUESTS, world.org, c.body));
	await world.now.stop();
	conn.close();
}

async function end({ world, conn }) {
	conn.close();
	await world.now.kill();
}

for (const left of [0, 4096, 100000]) {
	test(`the database file is cut to ${left} octets: 503, no signal`, async () => {
		const s = await server();
		truncateSync(s.file, left);
		// The first answers after the cut may come from pages that SQLite holds in memory.
		for (const status of await s.read())
			assert.ok([200, 503].includes(status), String(status));
		await down(s, /cut short/);
		await end(s);
	});
}

test('the database file is moved away and comes back: 503 meanwhile', async () => {
	const s = await server();
	renameSync(s.file, `${s.file}.aside`);
	await down(s, /not at its path/);
	renameSync(`${s.file}.aside`, s.file);
	await up(s);
});

test('another file takes the place of the database: 503 until the file is back', async () => {
	const s = await server();
	copyFileSync(s.file, `${s.file}.copy`);
	renameSync(s.file, `${s.file}.aside`);
	renameSync(`${s.file}.copy`, s.file);
	await down(s, /another file/);
	renameSync(`${s.file}.aside`, s.file);
	await up(s);
});

test('the database file is removed: 503, and none is made in its place', async () => {
	const s = await server();
	rmSync(s.file);
	await down(s, /not at its path/);
	assert.throws(() => renameSync(s.file, `${s.file}.aside`), { code: 'ENOENT' });
	await end(s);
});

test('the log of the database is removed or replaced: 503', async () => {
	const s = await server();
	assert.ok(await create(s.world, s.conn, fresh(s.world)));
	renameSync(`${s.file}-wal`, `${s.file}-aside`);
	await down(s, /log/);
	writeFileSync(`${s.file}-wal`, '');
	await down(s, /log/);
	renameSync(`${s.file}-aside`, `${s.file}-wal`);
	await up(s);
});
