// A full disk: what would be written is refused with 503, what was written stays, and space alone brings the service back.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import {
	CONNECTIONS, answer, checkAnswers, checkOrder, checkRows, checkStore, connection, create, database, expectUnavailable, fresh,
	freePort, makeWorld, serve, start,
} from '../js/faults.mjs';
import { GRANT_TYPE, formBody, makeGrant } from '../js/maskinporten.mjs';
import { tempDir } from '../js/sandbox.mjs';
import { BFF, REQUESTS, S_READ } from '../js/world.mjs';

const DISK = '12m', BEFORE = 100, MAX_UNTIL_FULL = 5000, WHEN_FULL = 10, REFUSALS = 5;

function mounted(dir) {
	mkdirSync(dir);
	const done = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', dir], { encoding: 'utf8' });
	if (done.status !== 0)
		return false;
	process.prependListener('exit', () => spawnSync('umount', ['-l', dir]));
	return true;
}

function fill(file) {
	const fd = openSync(file, 'w');
	for (let size = 1 << 20; size >= 1;) {
		try {
			writeSync(fd, Buffer.alloc(size));
		} catch (e) {
			assert.equal(e.code, 'ENOSPC');
			size >>= 1;
		}
	}
	closeSync(fd);
}

async function consents(world, conn, n) {
	for (let i = 0; i < n; i++) {
		const c = fresh(world);
		assert.ok(await create(world, conn, c));
		if (c.wanted)
			assert.ok(await answer(world, conn, c));
	}
}

const post = (world, conn, c) => conn.post(REQUESTS, world.org, c.body);

// A consent that nobody has answered.
function unanswered(world) {
	const c = fresh(world);
	c.wanted = null;
	return c;
}

async function grantOf(world) {
	return formBody([['grant_type', GRANT_TYPE], ['assertion', await makeGrant(world.now, world.client, { scope: S_READ })]]);
}

// Pages that the log has already got are there yet, and where a consent finds no room a token still may, which writes least:
// full is where tokens are refused in a row.
async function untilRefused(world, conn) {
	let refused = 0;
	for (let i = 0; i < MAX_UNTIL_FULL && refused < REFUSALS; i++) {
		const c = unanswered(world);
		const res = await post(world, conn, c);
		c.created = res.status === 201;
		if (c.created)
			continue;
		expectUnavailable(res);
		const token = await conn.form('/token', await grantOf(world));
		assert.ok([200, 503].includes(token.status), token.said);
		refused = token.status === 503 ? refused + 1 : 0;
	}
	assert.equal(refused, REFUSALS, 'the disk does not become full');
}

// Everything that writes is refused, from 32 connections at once too; what was refused is not there.
async function checkRefusals(world, conn, open) {
	const form = await grantOf(world);
	await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
		const own = connection(world.port);
		for (let i = 0; i < WHEN_FULL; i++)
			expectUnavailable(await post(world, own, unanswered(world)));
		own.close();
	}));
	for (const [verb, body] of [['accept', { language: 'nb' }], ['reject']])
		expectUnavailable(await conn.post(`${BFF}/${open.id}/${verb}`, world.people.get(open.pid), body));
	const token = await conn.form('/token', form);
	expectUnavailable(token, /^application\/json/);
	assert.equal(token.json.error, 'temporarily_unavailable', token.said);
	for (const c of [...world.consents.values()].filter((x) => !x.created).slice(0, 20))
		assert.equal((await conn.get(`${REQUESTS}/${c.id}`, world.org)).status, 404, 'what was refused is not there');
	return form;
}

// Space is there again: the next request already passes, and so does what was refused.
async function checkResumed(world, conn, open, form) {
	for (const c of [...world.consents.values()].filter((x) => !x.created).slice(0, 20)) {
		const res = await post(world, conn, c);
		assert.equal(res.status, 201, res.said);
		c.created = true;
	}
	open.wanted = 'accept';
	assert.ok(await answer(world, conn, open));
	const token = await conn.form('/token', form);
	assert.equal(token.status, 200, `the grant was refused, not spent: ${token.said}`);
	await consents(world, conn, 20);
}

async function fullAndBack({ data, full, free }) {
	const how = { port: await freePort(), data };
	const world = await makeWorld(how);
	await serve(world, await start(how));
	const conn = connection(world.port);
	await consents(world, conn, BEFORE);
	const open = [unanswered(world), unanswered(world)];
	for (const c of open)
		assert.ok(await create(world, conn, c));
	for (let round = 0; round < open.length; round++) {
		await full(world.now);
		await untilRefused(world, conn);
		const form = await checkRefusals(world, conn, open[round]);
		await checkAnswers(world);
		await free(world.now);
		await checkResumed(world, conn, open[round], form);
	}
	assert.ok(world.now.alive());
	await checkAnswers(world);
	conn.close();
	await world.now.stop();
	const store = `sqlite:${data}/samtykke.db`, db = database(store);
	checkRows(world, db);
	checkOrder(db);
	checkStore(store);
	await serve(world, await start(how));
	await checkAnswers(world);
	await world.now.stop();
}

test('a full file system: 503, nothing lost, and back by itself', async (t) => {
	const dir = path.join(tempDir('samtykke-disk-'), 'disk'), ballast = path.join(dir, 'ballast');
	if (!mounted(dir)) {
		t.skip('no file system can be mounted here');
		return;
	}
	await fullAndBack({ data: path.join(dir, 'data'), full: () => fill(ballast), free: () => rmSync(ballast) });
});

// The soft limit alone: it can be raised again.
function limitFiles(server, bytes) {
	execFileSync('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:`]);
}

test('a limit to the size of files: 503 and no signal, nothing lost, and back by itself', async () => {
	const data = path.join(tempDir('samtykke-limit-'), 'data');
	await fullAndBack({
		data,
		full: (server) => limitFiles(server, statSync(path.join(data, 'samtykke.db-wal')).size + 100000),
		free: (server) => limitFiles(server, 'unlimited'),
	});
});
