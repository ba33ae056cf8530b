// A register of people is applied: the work grows with their number, nobody waits for all of it, and what was interrupted is finished.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { instance, pg, postmaster } from '../js/faults.mjs';
import { getToken } from '../js/maskinporten.mjs';
import { BIN, expectStatus, run, startSandbox, tempDir, until } from '../js/sandbox.mjs';
import { BANK, S_READ, builtinClient } from '../js/world.mjs';

const HALF = 20000, RATIO = 2.2, TRIES = 5; // a busy machine may spoil one measurement; a square spoils all
const WAITED_FOR = 15000, INTERRUPTED = 4000;
const exec = promisify(execFile);
const dir = tempDir('samtykke-population-');

// ---- people ----

function checkDigit(digits, weights) {
	const sum = weights.reduce((n, w, i) => n + w * Number(digits[i]), 0);
	return (11 - sum % 11) % 11;
}

// Synthetic numbers (month + 80), each once.
function* numbers() {
	for (let day = 0; ; day++) {
		const birth = [1 + day % 28, 81 + Math.floor(day / 28) % 12, 40 + Math.floor(day / 336)].map((n) => String(n).padStart(2, '0')).join('');
		for (let i = 0; i < 500; i++) {
			const head = birth + String(i).padStart(3, '0');
			const first = checkDigit(head, [3, 7, 6, 1, 8, 9, 4, 5, 2]);
			const second = checkDigit(head + first, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
			if (first < 10 && second < 10)
				yield head + first + second;
		}
	}
}

const people = numbers();
const take = (n) => Array.from({ length: n }, () => people.next().value);

function document(pids) {
	const file = path.join(dir, `${pids[0]}-${pids.length}.json`);
	writeFileSync(file, JSON.stringify({ parties: pids.map((nationalId) => ({ type: 'person', nationalId, name: 'KARI NORDMANN' })) }));
	return file;
}

// ---- stores ----

// Without what works beside the statements by its own clock.
const own = await instance('-c fsync=off -c autovacuum=off');
let made = 0;
const stores = {
	SQLite: { fresh: () => `sqlite:${path.join(dir, `${++made}.db`)}`, cpu: () => 0 },
	PostgreSQL: { fresh: () => pg(['createdb', own.dir, `population${++made}`]), cpu: serverCpu },
};

// Seconds of all processes of the server, those that have ended too.
function serverCpu() {
	const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
	const server = postmaster(own.dir);
	let sum = 0;
	for (const pid of readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) {
		let fields;
		try {
			fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ').map(Number);
		} catch {
			continue; // it has ended
		}
		if (Number(pid) === server)
			sum += fields[13] + fields[14];
		else if (fields[1] === server)
			sum += fields[11] + fields[12];
	}
	return sum / ticks;
}

const migrate = async (store) => assert.equal((await run(['store', 'migrate', '--set', `store=${store}`])).status, 0);

// Seconds that the command and the database's server work.
async function applyCpu(db, n) {
	const store = await db.fresh();
	const file = document(take(n));
	await migrate(store);
	const before = db.cpu();
	const { stderr } = await exec('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@" >"$0"', path.join(dir, 'out'), BIN, 'apply', '--set', `store=${store}`, file]);
	assert.equal(readFileSync(path.join(dir, 'out'), 'utf8').split('\n').length - 1, n);
	const [user, system] = stderr.trim().split(' ').map(Number);
	return { store, cpu: user + system + db.cpu() - before };
}

for (const [name, db] of Object.entries(stores)) {
	test(`${name}: twice as many people cost twice as much`, async (t) => {
		const ratios = [];
		do {
			const [half, whole] = [await applyCpu(db, HALF), await applyCpu(db, 2 * HALF)];
			ratios.push(whole.cpu / half.cpu);
			t.diagnostic(`${half.cpu.toFixed(2)} s, ${whole.cpu.toFixed(2)} s`);
			if (name === 'PostgreSQL') {
				// The counters of a session reach the statistics when it has ended.
				const updates = () => execFileSync('psql', ['-qAtX', '-d', whole.store, '-c',
					"SELECT p.n_tup_ins || ' ' || m.n_tup_upd FROM pg_stat_user_tables p, pg_stat_user_tables m WHERE p.relname = 'party' AND m.relname = 'meta'"],
				{ encoding: 'utf8' }).trim().split(' ').map(Number);
				await until(() => updates()[0] === 2 * HALF, () => `${updates()} rows`);
				assert.ok(updates()[1] < 20, `${updates()[1]} updates of the numbers' rows`);
			}
		} while (ratios.at(-1) > RATIO && ratios.length < TRIES);
		assert.ok(ratios.at(-1) <= RATIO, `CPU time of ${2 * HALF} people is ${ratios.map((r) => r.toFixed(2))} times that of ${HALF}`);
	});

	test(`${name}: strangers log in and tokens are issued meanwhile`, async (t) => {
		const data = path.join(dir, `data${++made}`);
		const store = name === 'PostgreSQL' ? await db.fresh() : null;
		const sb = await startSandbox({ store: store ?? false, args: ['--data', data] });
		try {
			const client = await builtinClient(BANK);
			const file = document(take(WAITED_FOR));
			const child = spawn(BIN, ['apply', '--sandbox', '--set', `store=${store ?? `sqlite:${data}/samtykke.db`}`, file], { stdio: ['ignore', 'pipe', 'inherit'] });
			let lines = 0, ended = false;
			child.stdout.on('data', (d) => (lines += d.toString().split('\n').length - 1));
			const end = once(child, 'close').then(([status]) => {
				ended = true;
				return status;
			});
			await Promise.race([once(child.stdout, 'data'), end]);
			let answered = 0, longest = 0;
			while (!ended) {
				const start = Date.now();
				const query = new URLSearchParams({ env: 'tt02', scopes: 'altinn:portal/enduser', pid: take(1)[0], authLvl: '4' });
				expectStatus(await sb.get(`/api/GetPersonalToken?${query}`), 200);
				await getToken(sb, client, { scope: S_READ });
				longest = Math.max(longest, Date.now() - start);
				answered++;
			}
			assert.equal(await end, 0);
			assert.equal(lines, WAITED_FOR);
			assert.ok(answered >= 5, `${answered} strangers have logged in meanwhile`);
			t.diagnostic(`${answered} first logins with a token each meanwhile, ${longest} ms at most`);
		} finally {
			await sb.stop();
		}
	});

	test(`${name}: what was interrupted is finished by the next run`, async () => {
		const store = await db.fresh();
		const args = ['apply', '--set', `store=${store}`, document(take(INTERRUPTED))];
		await migrate(store);
		const child = spawn(BIN, args, { stdio: ['ignore', 'pipe', 'inherit'] });
		const end = once(child, 'close');
		await Promise.race([once(child.stdout, 'data'), end]);
		child.kill('SIGKILL');
		await end;
		const left = (await run([...args, '--dry-run'])).stdout;
		const plus = left.split('\n').filter((line) => line.startsWith('+ party ')).length;
		assert.ok(plus < INTERRUPTED, left);
		const rest = await run(args);
		assert.equal(rest.status, 0, rest.stderr);
		assert.equal(rest.stdout, left);
		assert.equal((await run(args)).stdout, 'no change\n');
		assert.equal(JSON.parse((await run(['export', '--set', `store=${store}`])).stdout).parties.length, INTERRUPTED);
	});
}
