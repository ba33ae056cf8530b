// The server is killed under load and started again: what it acknowledged is there, once.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
	checkAnswers, checkOrder, checkRows, checkStore, connection, database, follow, freePort, grant, load, makeWorld, more, serve, start,
} from '../js/faults.mjs';
import { PG, tempDir } from '../js/sandbox.mjs';

const KILLS = 20, REPLAYS = 20;

// Kills after a random amount of work and a little more.
async function killOnce(world, how) {
	await more(world, randomInt(20, 250));
	await sleep(randomInt(0, 8));
	const server = await world.server;
	world.down();
	const end = await server.kill();
	assert.deepEqual(end, { status: null, signal: 'SIGKILL' }, `it had ended before: ${server.stderr().slice(-3000)}`);
	const spent = world.grants.slice(-REPLAYS);
	await serve(world, await start(how));
	await replay(world, spent);
}

// Grants whose tokens were given out before are spent.
async function replay(world, grants) {
	const conn = connection(world.port);
	for (const g of grants)
		assert.ok(await grant(world, conn, g));
	conn.close();
}

async function killAndLook(t, how, store) {
	const world = await makeWorld({ port: how.port });
	await serve(world, await start(how));
	const db = database(store);
	const feed = store.startsWith('sqlite:') ? null : follow(store);
	const work = load(world);
	for (let i = 0; i < KILLS && !world.failed; i++)
		await killOnce(world, how);
	if (!world.failed)
		await more(world, 50);
	await work.finish();
	await checkAnswers(world);
	await world.now.stop();
	const counted = checkRows(world, db);
	await (feed ? feed.finish(db) : checkOrder(db));
	checkStore(store);
	t.diagnostic(`${KILLS} kills, ${world.consents.size} consents sent, ${world.acks} acknowledgements; ${JSON.stringify(counted)}`);
	assert.ok(counted.accepted > 0 && counted.tokens > 0);
}

test('killed twenty times on SQLite, nothing acknowledged is lost or done twice', async (t) => {
	const data = path.join(tempDir('samtykke-kill-'), 'data');
	await killAndLook(t, { port: await freePort(), data }, `sqlite:${data}/samtykke.db`);
});

test('killed twenty times on PostgreSQL, nothing acknowledged is lost or done twice', { skip: PG ? false : 'SAMTYKKE_TEST_PG names no database' }, async (t) => {
	await killAndLook(t, { port: await freePort(), data: path.join(tempDir('samtykke-kill-'), 'data'), store: PG }, PG);
});
