// What one client can take of the server's connections, descriptors and memory, and what others still get meanwhile.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { makeCertificate } from '../js/certificate.mjs';
import { CHUNKED, GET, LAST, LIVE } from '../js/framing.mjs';
import { answers } from '../js/raw.mjs';
import { expectStatus, startSandbox, tempDir, until } from '../js/sandbox.mjs';
import { BANK, REQUESTS, S_WRITE, requestBody, testWorld } from '../js/world.mjs';

const { document } = await testWorld();
const KB = 1024, MB = 1024 * KB;
const IDLE = 10000, IDLE_BYTES_MAX = 64 * MB;        // of the server, for all of them
const LATE_S = 100;        // the server's own end, HTTP_HEAD_S or HTTP_RATE_S, is 10
const POLICY = '/resourceregistry/api/v1/resource/x/policy', LARGE = 390 * KB, LARGE_MANY = 400;
const ATTACK_BYTES_MAX = 96 * MB;

const running = [];
after(() => Promise.all(running.map((sb) => sb.stop())));
async function server(...sets) {
	const sb = await startSandbox({ store: false, apply: document, args: sets.flatMap((set) => ['--set', set]) });
	running.push(sb);
	return sb;
}

// ---- what the server holds ----
function descriptors(sb) {
	return readdirSync(`/proc/${sb.child.pid}/fd`).length;
}
function sockets(sb) {
	return readdirSync(`/proc/${sb.child.pid}/fd`).filter((fd) => {
		try {
			return readlinkSync(`/proc/${sb.child.pid}/fd/${fd}`).startsWith('socket:');
		} catch {
			return false; /* closed just now */
		}
	}).length;
}
const rss = (sb) => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${sb.child.pid}/status`, 'utf8'))[1]) * KB;

// ---- clients that say what they are told ----
// gone: resolves when the connection has ended. refused: it never came about.
function peer(sb, bytes = '', { host, local } = {}) {
	const { hostname, port } = new URL(sb.url);
	const p = { text: '', closed: false, refused: false, bytes: 0 };
	p.socket = net.connect({ host: host ?? hostname, port: Number(port), localAddress: local, noDelay: true });
	p.ready = new Promise((resolve) => p.socket.once('connect', () => resolve(true)).once('close', () => resolve(false)));
	p.gone = new Promise((resolve) => p.socket.on('close', () => {
		p.closed = true;
		resolve(p);
	}));
	p.socket.on('error', () => {}).setEncoding('latin1').on('data', (d) => {
		p.bytes += d.length;
		p.text = (p.text + d).slice(0, 20000);
	});
	p.say = (more) => !p.closed && p.socket.write(Buffer.from(more, 'latin1'));
	p.statuses = () => answers(p.text).map((a) => a.status);
	p.end = () => p.socket.destroy();
	if (bytes)
		p.say(bytes);
	return p;
}
async function peers(sb, n, bytes, options) {
	const all = Array.from({ length: n }, () => peer(sb, bytes, options));
	await Promise.all(all.map((p) => p.ready));
	return all;
}
const endAll = (all) => all.forEach((p) => p.end());

// A whole exchange on a new connection: its status, 0 when the server closed it without an answer.
async function status(sb, bytes = LAST, options) {
	const p = peer(sb, bytes, options);
	await until(() => p.closed, () => `${bytes.slice(0, 200)}: ${p.text.slice(0, 1000)}`);
	return p.statuses().at(-1) ?? 0;
}
const served = async (sb) => assert.equal(await status(sb), 200, 'a new connection is served');
async function othersWork(sb) {
	await served(sb);
	expectStatus(await sb.post(REQUESTS, await sb.orgToken(BANK, S_WRITE), requestBody(sb)), 201, 'others write');
}
const again = (sb, why = 'it is served again') => until(async () => await status(sb) === 200, why);

const UPLOAD = (headers) => `POST ${POLICY} HTTP/1.1\r\nHost: x\r\nContent-Type: application/xml\r\n${headers}\r\n`;
// A request that has come in part, with a body for which the server waits.
const FORM = `POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 12\r\n`;
const HALF_BODY = `${FORM}\r\ngrant_`;
// Peers whose request is under way: the server has asked for the body.
const ASKED = 'HTTP/1.1 100 Continue\r\n\r\n', BODY = 'grant_type=x', DONE = [100, 400];
async function busyPeers(sb, n, headers = '') {
	const all = [];
	while (all.length < n) {
		const p = peer(sb, `${FORM}${headers}Expect: 100-continue\r\nConnection: close\r\n\r\n`);
		await until(() => p.text === ASKED || p.closed, 'a request is under way');
		assert.equal(p.closed, false, `${all.length} of ${n} are under way: ${p.text}`);
		all.push(p);
	}
	return all;
}
async function finish(all) {
	for (const p of all)
		p.say(BODY);
	await Promise.all(all.map((p) => p.gone));
	assert.deepEqual(all.map((p) => p.statuses()), all.map(() => DONE));
}

// ---- TLS ----
const dir = tempDir('samtykke-tls-');
makeCertificate(dir, 'first');
makeCertificate(dir, 'second');
const secure = async () => {
	const home = tempDir('samtykke-tls-'), files = { cert: path.join(home, 'cert.pem'), key: path.join(home, 'key.pem') };
	const use = (cert, key = cert) => {
		copyFileSync(path.join(dir, `${cert}.pem`), files.cert);
		copyFileSync(path.join(dir, `${key}.key`), files.key);
	};
	use('first');
	const sb = await startSandbox({ store: false, args: ['--set', `tls.cert=${files.cert}`, '--set', `tls.key=${files.key}`] });
	running.push(sb);
	return { sb, use, files, port: Number(new URL(sb.url).port) };
};
// Resolves to the socket, or to the error.
const shake = (port, options) => new Promise((resolve) => {
	const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options }, () => resolve(socket));
	socket.once('error', (e) => resolve(e));
});
const talk = (socket, bytes) => new Promise((resolve, reject) => {
	let text = '';
	const take = (d) => {
		text += d;
		const { length } = answers(text);
		if (length && text.endsWith(answers(text).at(-1).body))
			socket.off('data', take), resolve(answers(text).at(-1).status);
	};
	socket.setEncoding('latin1').on('data', take).once('error', reject).once('close', () => reject(new Error(`closed: ${text}`)));
	socket.write(bytes);
});
const name = (socket) => socket.getPeerCertificate().subject.CN;

// These wait for the server's own times, and run at once.
describe('the slow', { concurrency: true }, () => {
	const usual = server();

	test('a head that comes a byte at a time is cut off, and others are served', async (t) => {
		const sb = await usual;
		const from = Date.now(), slow = await peers(sb, 50, 'G'), text = `ET /health/live HTTP/1.1\r\nHost: x\r\nX-A: ${'b'.repeat(1000)}`;
		let at = 0, over = false;
		const gone = Promise.all(slow.map((p) => p.gone)).then(() => (over = true));
		while (!over) {
			assert.ok(Date.now() - from < LATE_S * 1000, `${slow.filter((p) => !p.closed).length} are still there`);
			for (const p of slow)
				p.say(text[at]);
			at++;
			await othersWork(sb);
			await Promise.race([gone, sleep(200)]);
		}
		t.diagnostic(`cut off after ${Date.now() - from} ms, ${at} bytes`);
		assert.ok(at > 5, 'they had some time');
		for (const p of slow)
			assert.ok(p.text === '' || (p.statuses().length === 1 && p.statuses()[0] === 408), p.text);
	});

	test('a body that comes a byte at a time is cut off, and others are served', async (t) => {
		const sb = await usual;
		const from = Date.now(), slow = await peers(sb, 50, `POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n`);
		let over = false, n = 0;
		const gone = Promise.all(slow.map((p) => p.gone)).then(() => (over = true));
		while (!over) {
			assert.ok(Date.now() - from < LATE_S * 1000, `${slow.filter((p) => !p.closed).length} are still there`);
			slow.forEach((p) => p.say('x'));
			n++;
			await othersWork(sb);
			await Promise.race([gone, sleep(200)]);
		}
		t.diagnostic(`cut off after ${Date.now() - from} ms, ${n} bytes`);
		for (const p of slow)
			assert.ok(p.text === '' || (p.statuses().length === 1 && p.statuses()[0] === 408), p.text);
	});

	test('readers that do not read: memory is bounded, they are cut off, and others are served', async (t) => {
		const sb = await server();
		const document = expectStatus(await sb.get('/openapi.json'), 200).text.length;
		await othersWork(sb);
		const first = rss(sb), from = Date.now();
		const readers = await peers(sb, 100);
		let most = 0;
		for (const p of readers) {
			p.socket.pause();
			p.say(GET('', '/openapi.json').repeat(500));
		}
		const asked = document * 500 * readers.length;
		let over = false;
		// A paused socket does not tell of its end: what the server holds does.
		while (!over) {
			assert.ok(Date.now() - from < LATE_S * 1000, `${sockets(sb)} sockets are still there`);
			most = Math.max(most, rss(sb) - first);
			await othersWork(sb);
			over = sockets(sb) < 20;
			await sleep(100);
		}
		t.diagnostic(`${(asked / MB) | 0} MB asked for, ${(most / MB).toFixed(1)} MB held at most, cut off after ${Date.now() - from} ms`);
		assert.ok(most < ATTACK_BYTES_MAX, `${most} bytes`);
		endAll(readers);
	});

	test('TLS: handshakes that never end are cut off', async (t) => {
		const { sb, port } = await secure();
		const from = Date.now(), slow = await peers(sb, 50, '\x16\x03\x01\x02\x00\x01\x00\x01');
		const timer = setTimeout(() => endAll(slow), LATE_S * 1000);
		await Promise.all(slow.map((p) => p.gone));
		clearTimeout(timer);
		t.diagnostic(`cut off after ${Date.now() - from} ms`);
		assert.ok(Date.now() - from < LATE_S * 1000);
		const socket = await shake(port);
		assert.equal(await talk(socket, GET()), 200);
		socket.destroy();
	});
});

describe('places', () => {
	test('all places are idle: new connections are let in, and all close at once', async () => {
		const sb = await server('http.max_connections=64');
		const before = descriptors(sb);
		for (let round = 0; round < 5; round++) {
			const idle = await peers(sb, 64);
			await until(() => sockets(sb) >= 64, 'the server has taken them');
			for (let i = 0; i < 5; i++)
				await othersWork(sb);
			endAll(idle);
			await again(sb);
			await until(() => descriptors(sb) <= before + 3, () => `${descriptors(sb)} descriptors, ${before} before`);
		}
	});

	test('all places wait after an answer: a burst of new connections is served', async () => {
		const sb = await server('http.max_connections=64');
		const waiting = await peers(sb, 64, `${FORM}\r\n${BODY}`);
		await until(() => waiting.filter((p) => p.text || p.closed).length === 64, 'all have their answers');
		for (let i = 0; i < 5; i++)
			assert.deepEqual(await Promise.all(Array.from({ length: 20 }, () => status(sb))), Array(20).fill(200));
		endAll(waiting);
	});

	test('half the places wait after an answer: none of a burst of new connections goes for another of them', async () => {
		const sb = await server('http.max_connections=64');
		const waiting = await peers(sb, 32, `${FORM}\r\n${BODY}`);
		await until(() => waiting.filter((p) => p.text || p.closed).length === 32, 'all have their answers');
		const burst = await Promise.all(Array.from({ length: 60 }, () => status(sb, `${FORM}Connection: close\r\n\r\n${BODY}`)));
		assert.deepEqual(burst, Array(60).fill(400));
		endAll(waiting);
	});

	test('clients that send thousands of requests at once, at the limit: others are let in, and the stop is in order', async () => {
		const sb = await startSandbox({ store: false, args: ['--set', 'http.max_connections=4'] });
		running.push(sb);
		for (let round = 0; round < 100; round++) {
			const many = await peers(sb, 4, GET().repeat(1500));
			const more = await peers(sb, 2, GET());
			await until(() => more.every((p) => p.text || p.closed) || !sb.alive(), 'the others have an answer, or a place is not theirs');
			assert.ok(sb.alive(), 'the server lives');
			endAll([...many, ...more]);
		}
		await again(sb);
		await peers(sb, 4, GET().repeat(20000));
		await sb.stop();
	});

	test('as many as the system lets the server have, idle: bounded in memory, and all close at once', async (t) => {
		const sb = await server();
		const hard = Number(execFileSync('prlimit', ['--nofile', '--noheadings', '--output', 'HARD', '--pid', String(process.pid)], { encoding: 'utf8' }));
		const n = Math.min(IDLE, (Number.isFinite(hard) ? hard : IDLE * 2) - 1000), first = rss(sb);
		const idle = [];
		while (idle.length < n)
			idle.push(...await peers(sb, Math.min(500, n - idle.length)));
		await until(() => sockets(sb) >= n, () => `${sockets(sb)} of ${n} connections`);
		const grown = rss(sb) - first;
		t.diagnostic(`${n} idle connections: ${(grown / MB).toFixed(1)} MB`);
		assert.ok(grown <= IDLE_BYTES_MAX * (n / IDLE), `${grown} bytes for ${n}`);
		await othersWork(sb);
		assert.ok(idle.every((p) => !p.closed), 'nobody had to leave');
		endAll(idle);
		await again(sb);
		await until(() => sockets(sb) < 100, () => `${sockets(sb)} sockets are left`);
	});

	test('all places have half a head: new connections are let in', async () => {
		const sb = await server('http.max_connections=64');
		const half = await peers(sb, 200, 'GET /health/live HTTP/1.1\r\nHos');
		await until(() => half.filter((p) => p.closed).length >= 200 - 64, 'the oldest have left');
		for (let i = 0; i < 5; i++)
			await othersWork(sb);
		endAll(half);
	});

	test('all places have a request under way: none is taken from them, and each is free after its answer', async () => {
		const sb = await server('http.max_connections=32');
		const busy = await busyPeers(sb, 32);
		for (let i = 0; i < 5; i++)
			assert.equal(await status(sb), 0, 'a new connection is closed');
		await finish(busy);
		await othersWork(sb);
	});
});

describe('those who have left', () => {
	const usual = server();

	for (const [name, bytes] of [['nothing', ''], ['half a head', 'GET /health/live HTTP/1.1\r\nHos'], ['half a body', HALF_BODY], ['half a chunk', `POST /token HTTP/1.1\r\nHost: x\r\n${CHUNKED}\r\n5\r\nab`],
		['half a large body', UPLOAD(`Content-Length: ${LARGE}\r\n`)]])
		test(`${name} and the end in one segment, 500 times: their descriptors come back at once`, async () => {
			const sb = await usual;
			await served(sb);
			const before = descriptors(sb);
			const script = `import socket,sys\nl=[]\nfor i in range(500):\n s=socket.create_connection(('127.0.0.1',int(sys.argv[1])))\n s.setsockopt(socket.IPPROTO_TCP,socket.TCP_CORK,1)\n`
				+ ' s.sendall(sys.argv[2].encode("latin1"))\n s.shutdown(socket.SHUT_WR)\n l.append(s)\nprint("sent",flush=True)\nsys.stdin.read()\n';
			const client = spawn('/usr/bin/python3', ['-c', script, new URL(sb.url).port, bytes], { stdio: ['pipe', 'pipe', 'inherit'] });
			await once(client.stdout, 'data');
			await until(() => descriptors(sb) <= before + 3, () => `${descriptors(sb)} descriptors, ${before} before`);
			await othersWork(sb);
			client.stdin.end();
			await once(client, 'close');
		});

	test('connections that are reset in any state leave nothing', async () => {
		const sb = await usual;
		await served(sb);
		const before = descriptors(sb);
		for (const bytes of ['', 'G', GET(), GET().repeat(50), HALF_BODY, UPLOAD(`Content-Length: ${LARGE}\r\n`), 'X A\r\n\r\n']) {
			const all = await peers(sb, 50, bytes);
			for (const p of all)
				p.socket.resetAndDestroy();
		}
		await until(() => descriptors(sb) <= before + 3, () => `${descriptors(sb)} descriptors, ${before} before`);
		await othersWork(sb);
	});
});

describe('bodies', () => {
	const usual = server();

	test('a reader that reads slowly but surely gets all', async () => {
		const sb = await usual;
		const document = expectStatus(await sb.get('/openapi.json'), 200).text;
		const p = peer(sb, GET('', '/openapi.json').repeat(49) + GET('Connection: close\r\n', '/openapi.json'));
		await p.ready;
		while (!p.closed) {
			p.socket.pause();
			await sleep(10);
			p.socket.resume();
			await Promise.race([p.gone, once(p.socket, 'data')]);
		}
		assert.ok(p.bytes > Buffer.byteLength(document) * 50, `${p.bytes} bytes of 50 times ${document.length}`);
	});

	for (const [name, headers, data] of [
		['with a length', `Content-Length: ${LARGE}\r\n`, 'x'.repeat(64 * KB)],
		['in chunks', CHUNKED, `8000\r\n${'x'.repeat(32 * KB)}\r\n`.repeat(2)],
	])
		test(`${LARGE_MANY} large bodies ${name}, no good token: 401 from the head, bounded in memory, others write`, async (t) => {
			const sb = await usual;
			await othersWork(sb);
			const first = rss(sb);
			const all = await peers(sb, LARGE_MANY, UPLOAD(`Authorization: Bearer none\r\n${headers}`) + data);
			await othersWork(sb);
			await until(() => all.every((p) => p.text || p.closed), () => `${all.filter((p) => p.text).length} answers`);
			const most = rss(sb) - first;
			t.diagnostic(`${(most / MB).toFixed(1)} MB held`);
			assert.deepEqual(all.map((p) => p.statuses()[0]), all.map(() => 401));
			assert.ok(most < ATTACK_BYTES_MAX, `${most} bytes`);
			await othersWork(sb);
			await Promise.all(all.map((p) => p.gone)); /* though none sends its rest */
		});

	test('a large body with a good token is taken whole', async () => {
		const sb = await usual;
		const token = await sb.orgToken(BANK, 'altinn:resourceregistry/resource.write');
		for (const [headers, body] of [[`Content-Length: ${LARGE}\r\n`, 'x'.repeat(LARGE)], [CHUNKED, `${`2000\r\n${'x'.repeat(8 * KB)}\r\n`.repeat(LARGE / 8 / KB | 0)}0\r\n\r\n`]]) {
			const got = await status(sb, UPLOAD(`Authorization: Bearer ${token}\r\nConnection: close\r\n${headers}`) + body);
			assert.ok(got >= 400 && got < 500 && got !== 401 && got !== 408 && got !== 413, String(got));
		}
	});
});

describe('descriptors', () => {
	test('no descriptor is left: idle connections give theirs, and the server listens again', async () => {
		const sb = await server();
		await othersWork(sb);
		const limit = (n) => execFileSync('prlimit', ['--pid', String(sb.child.pid), `--nofile=${n}`]);
		const [soft, hard] = execFileSync('prlimit', ['--nofile', '--noheadings', '--raw', '--output', 'SOFT,HARD', '--pid', String(sb.child.pid)], { encoding: 'utf8' }).trim().split(/\s+/);
		const tight = Math.max(...readdirSync(`/proc/${sb.child.pid}/fd`).map(Number)) + 21;
		limit(`${tight}:${hard}`);
		const idle = await peers(sb, 100);
		for (let i = 0; i < 5; i++)
			await served(sb);
		endAll(idle);
		// All have a request under way: who comes now waits, until one of them leaves.
		const busy = Array.from({ length: 60 }, () => peer(sb, HALF_BODY));
		await Promise.all(busy.map((p) => p.ready));
		const late = peer(sb, LAST);
		await late.ready;
		assert.ok(descriptors(sb) <= tight, 'the limit holds');
		endAll(busy);
		await late.gone;
		assert.ok(late.statuses()[0] === 200 || late.text === '', late.text);
		await again(sb);
		limit(`${soft}:${hard}`);
		const more = await peers(sb, 100);
		await until(() => sockets(sb) >= 100, 'it takes as many as before');
		await othersWork(sb);
		endAll(more);
	});
});

describe('shares', () => {
	test('behind a proxy, one address has its share of the requests, and another is served', async () => {
		const sb = await server('http.per_address=4', 'trusted_proxies=127.0.0.1,10.0.0.0/8,2001:db8::/32');
		const from = (a) => `X-Forwarded-For: ${a}\r\n`;
		const one = await busyPeers(sb, 4, from('203.0.113.1'));
		const full = async (headers) => {
			const p = peer(sb, GET(`${headers}Connection: close\r\n`));
			await p.gone;
			return p.statuses().at(-1) ?? 0;
		};
		assert.equal(await full(from('203.0.113.1')), 503, 'its share is used up');
		// The last address that is no proxy's counts: what a client writes in front of it does not.
		for (const a of ['198.51.100.7, 203.0.113.1', '203.0.113.1, 10.1.2.3', '203.0.113.1,127.0.0.1,2001:db8::5', ' 203.0.113.1 ', '::ffff:203.0.113.1'])
			assert.equal(await full(from(a)), 503, a);
		assert.equal(await full(from('198.51.100.7') + from('203.0.113.1')), 503, 'two fields are one list');
		for (const a of ['203.0.113.2', '203.0.113.1, 203.0.113.2', '2001:db9::1', '10.1.2.3', ''])
			assert.equal(await full(from(a)), 200, a);
		assert.equal(await full(''), 200, 'the proxy itself');
		await finish(one.slice(0, 1));
		await until(async () => await full(from('203.0.113.1')) === 200, 'a place is free again');
		endAll(one);
		await until(async () => (await Promise.all(Array.from({ length: 3 }, () => full(from('203.0.113.1'))))).every((s) => s === 200), 'all are');
	});

	test('X-Forwarded-For of others than proxies is not believed', async () => {
		const sb = await server('http.per_address=2', 'trusted_proxies=10.0.0.0/8');
		const busy = await busyPeers(sb, 8, 'X-Forwarded-For: 203.0.113.1\r\n');
		for (let i = 0; i < 3; i++)
			assert.equal(await status(sb, GET('X-Forwarded-For: 203.0.113.1\r\nConnection: close\r\n')), 200);
		await finish(busy);
	});

	test('one address has its share of the connections, and loopback is exempt', async (t) => {
		const own = Object.values(os.networkInterfaces()).flat().find((a) => a.family === 'IPv4' && !a.internal)?.address;
		const sb = await startSandbox({ store: false, apply: document, args: ['--expose', '--set', 'http.per_address=4', '--set', 'listen=0.0.0.0'] });
		running.push(sb);
		sb.url = `http://127.0.0.1:${new URL(sb.url).port}`;
		const local = await peers(sb, 20);
		await othersWork(sb);
		assert.ok(local.every((p) => !p.closed));
		if (!own) { /* a machine without a network */
			t.diagnostic('no address beside loopback');
			return;
		}
		const one = await peers(sb, 4, '', { host: own });
		await until(async () => await status(sb, LAST, { host: own }) === 0, 'its share is used up');
		await othersWork(sb);
		assert.ok(one.every((p) => !p.closed), 'those within the share stay');
		one[0].end();
		await until(async () => await status(sb, LAST, { host: own }) === 200, 'a place is free again');
		endAll(one);
	});
});

describe('TLS', () => {
	test('TLS: 1.2 and 1.3, nothing older', async () => {
		const { sb, port } = await secure();
		for (const version of ['TLSv1.2', 'TLSv1.3']) {
			const socket = await shake(port, { minVersion: version, maxVersion: version });
			assert.equal(socket.getProtocol?.(), version, String(socket));
			assert.equal(await talk(socket, GET()), 200);
			socket.destroy();
		}
		for (const version of ['TLSv1', 'TLSv1.1']) {
			const e = await shake(port, { minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' });
			assert.match(`${e.code} ${e.message}`, /alert|ECONNRESET/i, version);
		}
		assert.equal(await status(sb), 0, 'plain HTTP is closed');
		for (const bytes of ['\x16\x03\x01', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', '\0'.repeat(100)]) {
			const p = peer(sb, bytes);
			await p.ready;
			p.socket.end();
			await p.gone;
		}
		const socket = await shake(port);
		assert.equal(await talk(socket, GET()), 200);
		socket.destroy();
	});

	test('TLS: large bodies, large answers, many requests, single bytes', async () => {
		const { sb, port } = await secure();
		const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
		const ask = (method, target, body) => new Promise((resolve, reject) => {
			const req = https.request({ agent, host: '127.0.0.1', port, method, path: target, headers: body && { 'Content-Type': 'application/json', 'Content-Length': body.length } }, (res) => {
				let text = '';
				res.setEncoding('utf8').on('data', (d) => (text += d)).on('end', () => resolve({ status: res.statusCode, text }));
			});
			req.on('error', reject).end(body);
		});
		for (let i = 0; i < 5; i++) {
			assert.equal((await ask('POST', '/sandbox/clock', `{${' '.repeat(250000)}}`)).status, 200);
			assert.ok(JSON.parse((await ask('GET', '/openapi.json')).text).openapi);
		}
		const many = await Promise.all(Array.from({ length: 200 }, () => ask('GET', LIVE)));
		assert.ok(many.every((r) => r.status === 200));
		agent.destroy();
		const socket = await shake(port);
		let text = '';
		socket.setEncoding('latin1').on('data', (d) => (text += d));
		for (const byte of GET() + LAST)
			socket.write(byte);
		await once(socket, 'close');
		assert.deepEqual(answers(text).map((a) => a.status), [200, 200]);
		assert.ok(sb.alive());
	});


	test('TLS: SIGHUP reads the certificate anew; open connections go on; a broken one is told, and the old one stays', async () => {
		const { sb, use, files, port } = await secure();
		const open = await shake(port);
		assert.equal(name(open), 'first');
		assert.equal(await talk(open, GET()), 200);
		const next = async () => {
			const socket = await shake(port);
			const cn = name(socket);
			assert.equal(await talk(socket, GET()), 200);
			socket.destroy();
			return cn;
		};
		use('second');
		sb.child.kill('SIGHUP');
		await until(async () => await next() === 'second', 'the second certificate');
		assert.equal(await talk(open, GET()), 200, 'the open connection goes on');
		assert.equal(name(open), 'first');
		const kept = () => (sb.stderr().match(/tls\.kept/g) ?? []).length;
		const breaks = [() => writeFileSync(files.cert, 'no certificate'), () => use('first', 'second'), () => writeFileSync(files.key, ''), () => writeFileSync(files.cert, '')];
		for (const [i, spoil] of breaks.entries()) {
			use('second');
			const before = kept();
			spoil();
			sb.child.kill('SIGHUP');
			await until(() => kept() > before, () => `told in the log (${i}): ${sb.stderr().slice(-1000)}`);
			assert.equal(await next(), 'second');
		}
		assert.doesNotMatch(sb.stderr(), /PRIVATE KEY/);
		use('first');
		sb.child.kill('SIGHUP');
		await until(async () => await next() === 'first', 'the first certificate again');
		assert.equal(await talk(open, GET()), 200, 'the open connection has seen it all');
		open.destroy();
	});
});
