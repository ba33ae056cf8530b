// PostgreSQL is stopped, crashes and loses its connections under load: what was acknowledged stays, and the service comes back.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
	answer, checkAnswers, checkRows, checkStore, connection, create, database, expectUnavailable, follow, fresh, freePort, instance, load,
	makeWorld, more, pg, postmaster, serve, start,
} from '../js/faults.mjs';
import { tempDir, until } from '../js/sandbox.mjs';
import { BFF, REQUESTS } from '../js/world.mjs';

const ROUNDS = 4, TERMINATIONS = 25, BACK_MS = 15000, AWAY_MS = 700;

// As after a crash of the machine: no goodbye, and the log is read back at the next start.
async function crash(dir) {
	const pid = postmaster(dir);
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

async function underLoad(t, breakIt, reach = (dir, uri) => uri) {
	const { dir, uri } = await instance();
	const how = { port: await freePort(), data: path.join(tempDir('samtykke-pgfault-'), 'data'), store: await reach(dir, uri) };
	const world = await makeWorld({ port: how.port, may: [500, 503] });
	await serve(world, await start(how));
	const work = load(world);
	try {
		await more(world, 200);
		await breakIt(world, dir, uri, how);
		await more(world, 200);
	} finally {
		await work.finish();
	}
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
			await (i % 2 ? crash(dir) : pg(['stop', dir]));
			const refused = w.unavailable;
			await sleep(AWAY_MS);
			assert.ok(w.unavailable > refused, 'nothing is answered while the database is away');
			await pg(['start', dir]);
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

// Somebody works in the database and holds a row: the change that needs it waits alone.
test('a locked row holds up nobody else, and its change gets a clear answer', async (t) => {
	await underLoad(t, async (w, dir, uri) => {
		const c = connection(w.port), mine = Object.assign(fresh(w), { wanted: 'accept' });
		assert.ok(await create(w, c, mine));
		const psql = spawn('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', uri], { stdio: ['pipe', 'pipe', 'inherit'] });
		psql.stdin.write(`BEGIN; SELECT 'held' FROM consent WHERE id = decode('${mine.id.replaceAll('-', '')}', 'hex') FOR UPDATE;\n`);
		await once(psql.stdout, 'data');
		w.may = []; // of the others each one gets its answer
		mine.answers++;
		const from = w.acks;
		const res = await c.post(`${BFF}/${mine.id}/accept`, w.people.get(mine.pid), { language: 'nb' });
		expectUnavailable(res);
		t.diagnostic(`${w.acks - from} acknowledgements for others meanwhile`);
		assert.ok(w.acks - from > 20);
		psql.stdin.end('ROLLBACK;\n');
		await once(psql, 'close');
		assert.ok(await answer(w, c, mine));
		const held = /^samtykke_committer_held_total (\d+)$/m.exec((await c.get('/metrics')).text)[1];
		assert.ok(Number(held) > 0);
		c.close();
	});
});

// ---- a database that answers nothing and refuses nothing ----

const STOP_MS = 40000; // the grace is 10 s
const SOON_MS = 10000; // of what takes a second at most, on a busy machine; without deadlines it takes for ever

// The answer, and that it came soon.
async function soon(c, target, ...more) {
	const from = performance.now();
	const res = await c.get(target, ...more);
	const ms = performance.now() - from;
	assert.ok(ms < SOON_MS, `${Math.round(ms)} ms: ${res.said}`);
	return { res, ms };
}

const NO_DATABASE = ['/health/live', '/jwk', '/.well-known/oauth-authorization-server', '/openapi.json', '/metrics', '/errors/MP-012',
	'/accessmanagement/ui/static/samtykke-0.css'];

async function checkSilence(t, w) {
	const c = connection(w.port);
	let ready;
	await until(async () => (ready = await soon(c, '/health/ready')).res.status === 503, 'it is not ready');
	assert.deepEqual(ready.res.json, { status: 'DOWN', reason: 'the database does not answer' });
	t.diagnostic(`not ready after ${Math.round(ready.ms)} ms`);
	for (const target of NO_DATABASE)
		assert.equal((await soon(c, target)).res.status, 200, target);
	await until(() => w.now.stderr().split('\n').some((l) => l.includes('store.lost') && l.includes('the database does not answer')), 'the silence is known');
	const known = [...w.consents.values()].find((k) => k.created);
	for (let i = 0; i < 5; i++)
		expectUnavailable((await soon(c, `${REQUESTS}/${known.id}`, w.org)).res);
	c.close();
}

// A second server on the same database, told to stop while the database is silent.
async function stopsInSilence(t, how, silence) {
	const other = await start({ ...how, port: await freePort(), data: path.join(tempDir('samtykke-pgfault-'), 'data') });
	await silence.begin();
	const from = performance.now();
	const end = await Promise.race([other.stop(), sleep(STOP_MS, 'no end', { ref: false })]);
	assert.notEqual(end, 'no end');
	t.diagnostic(`stopped after ${Math.round(performance.now() - from)} ms`);
}

// Every process of the server stands still.
const paused = (dir) => {
	const all = () => [postmaster(dir), ...execFileSync('ps', ['-o', 'pid=', '--ppid', String(postmaster(dir))], { encoding: 'utf8' })
		.split('\n').filter(Boolean).map(Number)];
	let stopped = [];
	return {
		begin() {
			process.kill(postmaster(dir), 'SIGSTOP'); // it starts no more
			stopped = all();
			for (const pid of stopped)
				process.kill(pid, 'SIGSTOP');
		},
		end() {
			for (const pid of stopped)
				process.kill(pid, 'SIGCONT');
		},
	};
};

test('a paused PostgreSQL makes nobody wait, and the server recovers by itself', async (t) => {
	await underLoad(t, async (w, dir, uri, how) => {
		const silence = paused(dir);
		try {
			await stopsInSilence(t, how, silence);
			await checkSilence(t, w);
		} finally {
			silence.end();
		}
		await more(w, 200);
	});
});

// A network that swallows: open connections stay so, and nothing comes through again, on new ones too while it lasts.
async function swallower(dir) {
	const port = await freePort(), sockets = new Set();
	let swallows = false;
	const server = net.createServer((client) => {
		const upstream = net.connect(path.join(dir, '.s.PGSQL.5432'));
		for (const [from, to] of [[client, upstream], [upstream, client]]) {
			sockets.add(from);
			from.swallowed = swallows;
			from.on('data', (d) => from.swallowed || to.write(d)).on('error', () => {}).on('close', () => from.swallowed || to.destroy());
		}
	});
	server.listen(port, '127.0.0.1');
	await once(server, 'listening');
	server.unref();
	return {
		port,
		begin() {
			swallows = true;
			for (const s of sockets)
				s.swallowed = true;
		},
		end: () => (swallows = false),
		close() {
			server.close();
			for (const s of sockets)
				s.destroy();
		},
	};
}

test('a network that swallows makes nobody wait, and the server recovers by itself', async (t) => {
	let silence;
	await underLoad(t, async (w, dir, uri, how) => {
		await stopsInSilence(t, how, silence);
		await checkSilence(t, w);
		silence.end();
		await more(w, 200);
	}, async (dir) => {
		silence = await swallower(dir);
		return `postgresql://samtykke@127.0.0.1:${silence.port}/faults`;
	});
	silence.close();
});
