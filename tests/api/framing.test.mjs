// Where a request ends: bytes that two programs could read differently are refused by one answer, and the connection is closed.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { makeCertificate } from '../js/certificate.mjs';
import { CHUNKED, CLOCK, GET, LAST, LIVE, POST, cases } from '../js/framing.mjs';
import { raw, split } from '../js/raw.mjs';
import { expectStatus, startSandbox, tempDir } from '../js/sandbox.mjs';

const sb = await startSandbox();
after(() => sb.stop());

// The answers, which are all that came; the connection is closed.
async function said(bytes, options) {
	const r = await raw(sb.url, bytes, { quietMs: 4000, ...options });
	const { answers, rest } = split(r.text);
	assert.equal(rest, '', `no byte beside the answers: ${r.text.slice(0, 1500)}`);
	assert.equal(r.closed, true, `the connection is closed: ${r.text.slice(0, 1500)}`);
	return answers;
}
const statuses = (list) => list.map((a) => a.status);

for (const { name, bytes, ok, refused, before } of cases)
	test(`${name}: ${ok ? ok.join(', ') : refused.join(' or ')}`, async () => {
		const got = await said(bytes);
		if (ok) {
			assert.deepEqual(statuses(got), ok);
			return;
		}
		assert.deepEqual(statuses(got.slice(0, -1)), before, 'the requests before it, and one answer to it');
		const last = got.at(-1);
		assert.ok(last && refused.includes(last.status), `want ${refused}: ${JSON.stringify(last)}`);
		assert.equal(last.headers.connection, 'close');
		assert.match(last.headers['content-type'] ?? '', /^application\/problem\+json/);
		assert.equal(JSON.parse(last.body).status, last.status);
	});

// ---- every byte in every place ----
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]$/;
const bytes = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i));
const show = (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;

async function sweep(make, allowed) {
	const wrong = [];
	for (const c of bytes) {
		const got = statuses(await said(make(c) + LAST));
		const want = allowed(c);
		if (want === null)
			continue;
		const good = want ? got.length === 2 && got[0] === want && got[1] === 200 : got.length === 1 && got[0] === 400;
		if (!good)
			wrong.push(`${show(c)}: ${got}, want ${want || 'one 400'}`);
	}
	assert.deepEqual(wrong, []);
}

test('every byte in a method', () => sweep((c) => `G${c}T ${LIVE} HTTP/1.1\r\nHost: x\r\n\r\n`, (c) => c === 'E' ? 200 : TOKEN.test(c) && 405));
test('every byte in a path', () => sweep((c) => GET('', `/health/${c}`), (c) => c > ' ' && c < '\x7f' && c !== '#' && c !== '%' && (c === '?' || c === '/' ? null : 404)));
test('every byte in a query', () => sweep((c) => GET('', `${LIVE}?a${c}b`), (c) => c > ' ' && c < '\x7f' && c !== '#' && 200));
test('every byte in a name', () => sweep((c) => GET(`X${c}Y: b\r\n`), (c) => (TOKEN.test(c) || c === ':') && 200));
test('every byte in a value', () => sweep((c) => GET(`X: a${c}b\r\n`), (c) => (c === '\t' || c >= ' ') && c !== '\x7f' && 200));
test('every byte at the ends of a value', () => sweep((c) => GET(`X:${c}b${c}\r\n`), (c) => (c === '\t' || c >= ' ') && c !== '\x7f' && 200));
test('every byte in a Content-Length', () => sweep((c) => POST(`Content-Length: 2${c}\r\n`, '{}'), (c) => c === ' ' || c === '\t' ? 200 : c >= '0' && c <= '9' ? null : false));
test('every byte behind a chunk size', () => sweep((c) => POST(CHUNKED, `2${c}\r\n{}\r\n0\r\n\r\n`), (c) => /[0-9A-Fa-f]/.test(c) ? null : false));
test('every byte in a chunk extension', () => sweep((c) => POST(CHUNKED, `2;a${c}b\r\n{}\r\n0\r\n\r\n`), (c) => (TOKEN.test(c) || c === ';' || c === '=') && 200));
test('every byte for the line end of a chunk', () => sweep((c) => POST(CHUNKED, `2\r\n{}\r${c}0\r\n\r\n`), (c) => c === '\n' && 200));
test('every byte in a trailer', () => sweep((c) => POST(CHUNKED, `2\r\n{}\r\n0\r\nX: a${c}b\r\n\r\n`), (c) => (c === '\t' || c >= ' ') && c !== '\x7f' && 200));

// ---- Expect ----
const waits = (headers = 'Content-Length: 2\r\n') => `POST ${CLOCK} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}Connection: close\r\n`;

for (const word of ['100-continue', '100-Continue'])
	test(`Expect: ${word}: the server asks for the body`, async () => {
		let asked = false;
		const got = await said([`${waits()}Expect: ${word}\r\n\r\n`, '{}'], { pauseUntil: (text) => (asked ||= text === 'HTTP/1.1 100 Continue\r\n\r\n') });
		assert.deepEqual(statuses(got), [100, 200]);
	});

test('Expect: 100-continue in HTTP/1.0 is ignored', async () => {
	const got = await said(`POST ${CLOCK} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}`);
	assert.deepEqual(statuses(got), [200]);
});

for (const [name, bytes, status] of [
	['of a body that is too large', `POST ${CLOCK} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n`, 413],
	['of an unknown path', `POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`, 404],
	['of a method that the path has not', `POST ${LIVE} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`, 405],
])
	test(`Expect: 100-continue ${name}: ${status} and no more`, async () => {
		assert.deepEqual(statuses(await said(bytes)), [status]);
	});

// ---- the end ----
test('a body at the limit of its route passes, one byte more is 413', async () => {
	const form = 'Host: x\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n';
	const body = (n) => `grant_type=${'x'.repeat(n - 11)}`;
	for (const [n, status] of [[65536, 400], [65537, 413]]) {
		const plain = await said(`POST /token HTTP/1.1\r\n${form}Content-Length: ${n}\r\n\r\n${body(n)}`);
		const inChunks = await said(`POST /token HTTP/1.1\r\n${form}${CHUNKED}\r\n${(n - 1).toString(16)}\r\n${body(n).slice(0, -1)}\r\n1\r\nx\r\n0\r\n\r\n`);
		assert.deepEqual([...statuses(plain), ...statuses(inChunks)], [status, status], String(n));
	}
});

test('half a request and an end: closed, without an answer that says it was done', async () => {
	for (const part of ['GET', `GET ${LIVE} HTTP/1.1\r\nHost: x\r\n`, POST('Content-Length: 3\r\n', '{}'), POST(CHUNKED, '2\r\n{'), POST(CHUNKED, '2\r\n{}\r\n0\r\n'), POST(CHUNKED, '2\r\n{}\r\n0\r\nX: b\r\n')]) {
		const got = await said(part, { end: true });
		assert.ok(statuses(got).every((s) => s >= 400), `${JSON.stringify(part)}: ${statuses(got)}`);
	}
});

test('an end behind whole requests: each is answered', async () => {
	assert.deepEqual(statuses(await said(GET() + POST(CHUNKED, '2\r\n{}\r\n0\r\n\r\n') + GET(), { end: true })), [200, 200, 200]);
});

test('HEAD: one head, and the next answer follows at once', async () => {
	const r = await raw(sb.url, `HEAD ${LIVE} HTTP/1.1\r\nHost: x\r\n\r\nHEAD /nothing HTTP/1.1\r\nHost: x\r\n\r\n${LAST}`, { quietMs: 4000 });
	assert.match(r.text, /^HTTP\/1\.1 200 [^]*?\r\n\r\nHTTP\/1\.1 404 [^]*?\r\n\r\nHTTP\/1\.1 200 [^]*?\r\n\r\n[^]/);
	assert.equal(r.text.match(/HTTP\/1\.1 /g).length, 3);
});

test('over TLS all is the same', async () => {
	const { cert, key } = makeCertificate(tempDir(), 'x');
	const secure = await startSandbox({ store: false, args: ['--set', `tls.cert=${cert}`, '--set', `tls.key=${key}`] });
	const wrong = [];
	for (const { name, bytes, ok, refused, before } of cases) {
		const r = await raw(secure.url, bytes, { quietMs: 4000 });
		const { answers, rest } = split(r.text), got = statuses(answers);
		const good = ok ? String(got) === String(ok) : String(got.slice(0, -1)) === String(before) && refused.includes(got.at(-1));
		if (!good || rest || !r.closed)
			wrong.push(`${name}: ${got}${rest && ' and more'}`);
	}
	await secure.stop();
	assert.deepEqual(wrong, []);
});

test('after all that the server serves', async () => {
	expectStatus(await sb.get(LIVE), 200);
});
