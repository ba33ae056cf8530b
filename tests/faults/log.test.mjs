// Nobody reads the server's log: the server goes on answering, and says how many lines were lost when somebody reads again.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, createReadStream, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { connection, freePort } from '../js/faults.mjs';
import { BIN, tempDir, until } from '../js/sandbox.mjs';

const FLOOD = 500;
const DROPPED = /^samtykke_log_dropped_total (\d+)$/m;

// A pipe with a name, so that the test decides when it is read. full: not a byte more goes in.
function makePipe({ full }) {
	const file = path.join(tempDir('samtykke-log-'), 'pipe');
	execFileSync('mkfifo', [file]);
	const fd = openSync(file, constants.O_RDWR);
	for (const filler = full && openSync(file, constants.O_WRONLY | constants.O_NONBLOCK); filler;) {
		try {
			writeSync(filler, `${'-'.repeat(4095)}\n`);
		} catch (e) {
			assert.equal(e.code, 'EAGAIN');
			closeSync(filler);
			break;
		}
	}
	return { file, fd };
}

// A sandbox whose stdout and stderr nobody reads.
async function startUnread(t, log, ready) {
	const port = await freePort();
	const child = spawn(BIN, ['sandbox', '--port', String(port), '--set', 'log.level=debug', '--set', 'log.format=json'],
		{ stdio: ['ignore', ready.fd, log.fd] });
	t.after(() => child.kill('SIGKILL'));
	const c = connection(port);
	await until(() => c.get('/health/live').then((res) => res.status === 200, () => false), 'it answers');
	return { child, c };
}

const dropped = async (c) => Number(DROPPED.exec((await c.get('/metrics')).text)[1]);

// Each answer leaves a line at this level.
async function flood(c) {
	const before = await dropped(c);
	await until(async () => {
		for (let i = 0; i < FLOOD; i++)
			assert.equal((await c.get('/health/live')).status, 200);
		return await dropped(c) > before;
	}, 'lines are dropped');
}

test('a full pipe stops no answer, and the log says what it lost', async (t) => {
	const log = makePipe({ full: true }), ready = makePipe({ full: true });
	const { child, c } = await startUnread(t, log, ready);
	await flood(c);
	let text = '';
	const reader = createReadStream(log.file, { encoding: 'utf8' }).on('data', (d) => (text += d));
	const told = () => [...text.matchAll(/^(\{.*"event":"log\.dropped".*\})$/mg)].map(([line]) => JSON.parse(line).lines);
	await until(async () => told().reduce((a, b) => a + b, 0) === await dropped(c), () => `all are told: ${told()}`);
	const end = once(child, 'exit');
	child.kill('SIGTERM');
	assert.deepEqual(await end, [0, null]);
	await until(() => text.includes('"server.stopping"'), 'the last lines are there');
	const lines = text.slice(0, text.lastIndexOf('\n')).split('\n').filter((l) => !/^-*$/.test(l));
	for (const line of lines)
		JSON.parse(line); // none is torn
	t.diagnostic(`${lines.length} lines, dropped ${told()}`);
	c.close();
	closeSync(log.fd); // no writer is left: the reader comes to the end
	await once(reader, 'close');
});

test('a server whose log nobody reads ends when told to', async (t) => {
	const { child, c } = await startUnread(t, makePipe({ full: true }), makePipe({ full: false }));
	await flood(c);
	const end = once(child, 'exit');
	child.kill('SIGTERM');
	assert.deepEqual(await end, [0, null]);
	c.close();
});
