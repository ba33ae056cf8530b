// PostgreSQL is stopped, crashes and loses its connections under load: what was acknowledged stays, and the service comes back.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
	checkAnswers, checkRows, checkStore, database, follow, freePort, load, makeWorld, more, serve, start,
} from '../js/faults.mjs';
import { ROOT, tempDir } from '../js/sandbox.mjs';

const ROUNDS = 4, TERMINATIONS = 25, BACK_MS = 15000, AWAY_MS = 700;
const exec = promisify(execFile);

const pg = async (...args) => (await exec(path.join(ROOT, 'tests/pg.sh'), args)).stdout.trim();

// A server of PostgreSQL of the test's own: its folder belongs to the user it runs as.
async function instance() {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'samtykke-pg-'));
	process.on('exit', () => {
		try {
			execFileSync(path.join(ROOT, 'tests/pg.sh'), ['stop', dir], { stdio: 'ignore' });
		} catch {
			// it was not running
		}
		rmSync(dir, { recursive: true, force: true });
	});
	await pg('start', dir);
	return { dir, uri: await pg('createdb', dir, 'faults') };
}

// As after a crash of the machine: no goodbye, and the log is read back at the next start.
async function crash(dir) {
	const pid = Number(readFileSync(path.join(dir, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
	process.kill(pid, 'SIGQUIT');
	const alive = () => {
		try {
			return process.kill(pid, 0);
		} catch {
			return false;
		}
	};
	for (const until = Date.now() + 20000; alive(); await sleep(20))
		assert.ok(Date.now() < until, 'PostgreSQL does not end');
}

async function underLoad(t, breakIt) {
	const { dir, uri } = await instance();
	const how = { port: await freePort(), data: path.join(tempDir('samtykke-pgfault-'), 'data'), store: uri };
	const world = await makeWorld({ port: how.port, may: [500, 503] });
	await serve(world, await start(how));
	const work = load(world);
	await more(world, 200);
	await breakIt(world, dir, uri);
	await more(world, 200);
	await work.finish();
	assert.ok(world.now.alive());
	world.may = [];
	await checkAnswers(world);
	await world.now.stop();
	const counted = checkRows(world, database(uri));
	checkStore(uri);
	t.diagnostic(`${world.acks} acknowledgements, ${world.unavailable} times 503, ${world.uncertain} times 500, ` +
		`${world.doneAfterAll} done though 503 was said; ${JSON.stringify(counted)}`);
	return world;
}

test('PostgreSQL stops and starts under load', async (t) => {
	const world = await underLoad(t, async (w, dir) => {
		for (let i = 0; i < ROUNDS; i++) {
			await (i % 2 ? crash(dir) : pg('stop', dir));
			const refused = w.unavailable;
			await sleep(AWAY_MS);
			assert.ok(w.unavailable > refused, 'nothing is answered while the database is away');
			await pg('start', dir);
			const back = Date.now();
			await more(w, 100, BACK_MS);
			t.diagnostic(`back after ${Date.now() - back} ms`);
		}
	});
	assert.ok(world.unavailable > 0);
});

test('connections to PostgreSQL are terminated under load', async (t) => {
	await underLoad(t, async (w, dir, uri) => {
		const db = database(uri);
		const feed = follow(uri);
		let ended = 0;
		for (let i = 0; i < TERMINATIONS; i++) {
			ended += db.rows(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'samtykke'`).length;
			await more(w, 20, BACK_MS);
		}
		await feed.finish(db);
		assert.ok(ended >= TERMINATIONS, `${ended} connections were ended`);
	});
});
