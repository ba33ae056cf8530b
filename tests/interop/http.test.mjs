// The same bytes to our server, to Node's parser and to nginx in front of a server: all read the same requests, or refuse.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';
import { CHUNKED, CLOCK, GET, POST, cases } from '../js/framing.mjs';
import { startNginx } from '../js/nginx.mjs';
import { split } from '../js/raw.mjs';
import { ROOT, tempDir, until } from '../js/sandbox.mjs';

const HELPER = process.env.HTTP_HELPER ?? path.join(ROOT, 'build/tests/interop/http_interop');
// A campaign: other seeds, more mutants.
const SEED = Number(process.env.HTTP_SEED ?? 20261201), MUTANTS = Number(process.env.HTTP_MUTANTS ?? 6000);
const AT_ONCE = 16, BYTES_MAX = 16384, ANSWER_MS = 60000;

// ---- the three ----

const children = new Set();
after(() => children.forEach((child) => child.kill('SIGTERM')));

async function ours() {
	const child = spawn(HELPER, { stdio: ['pipe', 'pipe', 'inherit'] });
	children.add(child);
	const [line] = await once(child.stdout, 'data');
	return Number(line);
}

// What it reads is noted by the connection's port: an answer to one request must not hang on another's.
const noted = new Map();
async function node() {
	const server = http.createServer({ insecureHTTPParser: false, requireHostHeader: true, keepAliveTimeout: 0, maxHeaderSize: 65536 }, (req, res) => {
		const note = { method: req.method, target: req.url, body: '', req };
		noted.get(req.socket.remotePort).requests.push(note);
		req.setEncoding('latin1').on('data', (d) => (note.body += d));
		req.on('end', () => {
			note.whole = true;
			res.end(`${note.method} ${note.target}\n${note.body}`, 'latin1');
		}).on('error', () => {});
	});
	server.on('checkContinue', (req, res) => server.emit('request', req, res));
	server.on('checkExpectation', (req, res) => server.emit('request', req, res));
	server.on('connect', (req, socket) => {
		noted.get(socket.remotePort).error = 'CONNECT';
		socket.end('HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n');
	});
	server.on('connection', (socket) => {
		const note = { requests: [], error: null };
		noted.set(socket.remotePort, note);
		socket.on('error', () => {});
	});
	server.on('clientError', (e, socket) => {
		noted.get(socket.remotePort).error ??= e.code;
		setImmediate(() => setImmediate(() => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	after(() => server.close());
	return server.address().port;
}

async function nginx(upstream) {
	const { port, child } = await startNginx(`location / { proxy_pass http://127.0.0.1:${upstream}; proxy_set_header Host $host; }`);
	children.add(child);
	return port;
}

// ---- one conversation: the bytes, then the end of the client's side ----
function converse(port, bytes) {
	return new Promise((resolve, reject) => {
		const socket = net.connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
		let text = '', local = 0;
		const timer = setTimeout(() => {
			socket.destroy();
			reject(new Error(`no end within ${ANSWER_MS} ms of ${JSON.stringify(bytes.slice(0, 400))}`));
		}, ANSWER_MS);
		socket.setEncoding('latin1').on('data', (d) => (text += d)).on('error', () => {});
		socket.on('connect', () => {
			local = socket.localPort;
			socket.end(Buffer.from(bytes, 'latin1'));
		});
		socket.on('end', () => socket.destroy()).on('close', () => {
			clearTimeout(timer);
			resolve({ text, local });
		});
	});
}

// What became of each request: { read: "METHOD TARGET\nBODY" }, { seen: true } of one that has no route, { refused: true }.
// A list ends with a refusal, with { closed: true } where the connection was to end, or where more bytes were awaited.
const REFUSED = { refused: true }, CLOSED = { closed: true };
function outcomes(text) {
	const out = [], { answers, rest } = split(text);
	for (const a of answers) {
		if (a.status >= 100 && a.status < 200)
			continue;
		if (a.status === 200)
			out.push({ read: a.body });
		else if ((a.status === 404 || a.status === 405) && a.headers.connection !== 'close')
			out.push({ seen: true });
		else
			return [...out, REFUSED];
		if (/\bclose\b/i.test(a.headers.connection ?? ''))
			return [...out, CLOSED];
	}
	return rest ? [...out, REFUSED] : out;
}

// Absolute form: nginx tells the path that it passes on.
const origin = (target) => target.replace(/^https?:\/\/[^/?]*/i, '').replace(/^(?!\/)/, '/');

async function byNode(port, bytes) {
	const { local, text } = await converse(port, bytes);
	const { requests, error } = noted.get(local) ?? { requests: [] };
	noted.delete(local);
	const out = requests.filter((r) => r.whole).map((r) => ({ read: `${r.method} ${origin(r.target)}\n${r.body}` }));
	// An end in the middle of a request is an error as well, but that parser had not refused.
	if (error && error !== 'HPE_INVALID_EOF_STATE')
		return [...out, REFUSED];
	return /connection: close/i.test(text) ? [...out, text.includes(' 400 ') ? REFUSED : CLOSED] : out;
}

const show = (list) => list.map((o) => (o.read !== undefined ? JSON.stringify(o.read) : Object.keys(o)[0])).join(' | ') || 'nothing';

const WAITS = 'one waits for more bytes', OTHER = 'two requests';

// Where two readings part: the first place where both went on, and not alike. Whoever has refused or closed reads nothing more.
function difference(a, b) {
	for (let i = 0; ; i++) {
		const [x, y] = [a[i], b[i]];
		if ([x, y].some((o) => o?.refused || o?.closed) || (!x && !y))
			return null;
		if (!x || !y)
			return WAITS;
		if (x.read !== undefined && y.read !== undefined && x.read !== y.read)
			return OTHER;
	}
}

// ---- known, and why it does no harm ----
const KNOWN = [
	// Node drops what comes in the same segment behind a request with Upgrade: it reads fewer requests, and no other ones.
	{ of: 'node', why: WAITS, when: /\r\nupgrade:/i },
];
const known = (other, why, bytes) => KNOWN.some((k) => k.of === other && k.why === why && k.when.test(bytes));

const ports = { ours: await ours(), node: await node() };
ports.nginx = await nginx(ports.node);

async function compare(bytes) {
	const [a, b, c] = await Promise.all([converse(ports.ours, bytes).then((r) => outcomes(r.text)), byNode(ports.node, bytes), converse(ports.nginx, bytes).then((r) => outcomes(r.text))]);
	const faults = [];
	for (const [other, list] of [['node', b], ['nginx', c]]) {
		const why = difference(a, list);
		if (why && !known(other, why, bytes))
			faults.push(`${why}: ${JSON.stringify(bytes.slice(0, 1500))}\n  ours:  ${show(a)}\n  ${other}: ${show(list)}`);
	}
	const read = (list) => list.filter((o) => o.read !== undefined).length;
	return { faults, ours: read(a), node: read(b), nginx: read(c), refused: +a.some((o) => o.refused) };
}

async function compareAll(inputs, t) {
	const faults = [], count = { inputs: inputs.length, ours: 0, node: 0, nginx: 0, refused: 0 };
	let next = 0;
	await Promise.all(Array.from({ length: AT_ONCE }, async () => {
		while (next < inputs.length) {
			const { faults: found, ...more } = await compare(inputs[next++]);
			faults.push(...found);
			for (const [what, n] of Object.entries(more))
				count[what] += n;
		}
	}));
	t.diagnostic(JSON.stringify(count));
	assert.equal(faults.length, 0, `${faults.length} readings differ:\n${faults.slice(0, 20).join('\n')}`);
	return count;
}

test('the table of framing cases is read alike, or refused', async (t) => {
	const count = await compareAll(cases.map((c) => c.bytes).filter((b) => b.length <= BYTES_MAX), t);
	assert.ok(count.ours > 100 && count.node > 100 && count.nginx > 100 && count.refused > 100, JSON.stringify(count));
});

// ---- mutations ----

// mulberry32
function random(seed) {
	return (n) => {
		seed = (seed + 0x6d2b79f5) | 0;
		let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) % n;
	};
}

const NASTY = ['\r', '\n', '\r\n', '\r\r\n', '\n\r', '\r\n ', '\r\n\t', ' ', '\t', '\0', '\x0b', '\x7f', '\x85', '\xa0', '\xff', ':', ';', ',', '"', '=', '+', '-', '_', '0', '0x', '1', '5', 'f', 'x', '/', '?', '#', '%', '%00', '*', '@',
	'Transfer-Encoding: chunked\r\n', 'Content-Length: 5\r\n', 'Content-Length: 0\r\n', 'Connection: close\r\n', 'Host: y\r\n', 'X-A: b\r\n', '0\r\n\r\n', '5\r\nabcde\r\n', '\r\n\r\n'];
const json = '{ }';
const BASES = [GET(), GET('', '/a?b=c'), POST('Content-Length: 3\r\n', json), POST(CHUNKED, '3\r\n{ }\r\n0\r\n\r\n'), POST(CHUNKED, '1\r\n{\r\n2;a=b\r\n }\r\n0\r\nX: y\r\n\r\n'),
	POST('Content-Length: 3\r\n', json) + GET('Content-Length: 0\r\n'), GET() + POST(CHUNKED, '3;x\r\n{ }\r\n0\r\n\r\n') + GET(), `POST ${CLOCK} HTTP/1.0\r\nContent-Length: 3\r\n\r\n${json}`];

function mutate(rand, bases) {
	let s = bases[rand(bases.length)];
	for (let n = 1 + (rand(3) === 0) + (rand(6) === 0); n; n--) {
		const at = rand(s.length + 1), nasty = NASTY[rand(NASTY.length)];
		switch (rand(7)) {
		case 0: s = s.slice(0, at) + nasty + s.slice(at); break;
		case 1: s = s.slice(0, at) + nasty + s.slice(at + 1); break;
		case 2: s = s.slice(0, at) + s.slice(at + 1 + rand(3)); break;
		case 3: { const ends = [...s.matchAll(/\r\n/g)].map((m) => m.index); if (ends.length) { const e = ends[rand(ends.length)]; s = s.slice(0, e) + nasty + s.slice(e + 2); } break; }
		case 4: { const lines = s.split('\r\n'), i = rand(lines.length), j = rand(lines.length); lines.splice(j, 0, lines[i]); s = lines.join('\r\n'); break; }
		case 5: { const other = bases[rand(bases.length)]; s = s.slice(0, at) + other.slice(rand(other.length)); break; }
		default: s = s.slice(0, at) + s.slice(at, at + 1 + rand(8)).replace(/[a-z]/gi, (c) => (c < 'a' ? c.toLowerCase() : c.toUpperCase())) + s.slice(at + 1 + rand(8));
		}
	}
	return rand(2) ? s + GET() : s;
}

test('some thousand mutations are read alike, or refused', async (t) => {
	const rand = random(SEED);
	const short = cases.filter((c) => c.bytes.length < 600), bases = [...BASES, ...BASES, ...BASES, ...BASES, ...short.filter((c) => c.ok).map((c) => c.bytes), ...short.map((c) => c.bytes)];
	const inputs = Array.from({ length: MUTANTS }, () => mutate(rand, bases));
	const count = await compareAll(inputs, t);
	assert.ok(count.ours > MUTANTS / 10 && count.node > MUTANTS / 10 && count.nginx > MUTANTS / 10, JSON.stringify(count));
});
