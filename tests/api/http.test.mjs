// The server itself: what it does with good, odd and hostile bytes; discovery, keys, health, clock, seeds.
import assert from 'node:assert/strict';
import { X509Certificate, createHash, createPublicKey, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import { raw } from '../js/raw.mjs';
import { expectEmpty, expectStatus, startProgram, startSandbox, until } from '../js/sandbox.mjs';
import { BANK, REQUESTS, S_READ, S_WRITE, requestBody, signingJwk, testWorld } from '../js/world.mjs';

const { document } = await testWorld();
const sb = await startSandbox({ apply: document });
const send = (bytes, options) => raw(sb.url, bytes, options);
const HOST = 'Host: x\r\n';
const GET = (target, headers = '') => `GET ${target} HTTP/1.1\r\n${HOST}${headers}\r\n`;
const fine = async () => expectStatus(await sb.get('/health/live'), 200, 'the server lives on');
const n = (r) => r.answers.map((a) => a.status);

async function refused(bytes, status, { closes = true, ...options } = {}) {
	const r = await send(bytes, options);
	const [first] = r.answers;
	assert.ok(first, `no answer: ${JSON.stringify(r.text.slice(0, 300))}`);
	assert.ok([].concat(status).includes(first.status), `want ${status}, got ${r.text.slice(0, 400)}`);
	assert.equal(r.answers.length, 1, `one answer and no more: ${r.text.slice(0, 1200)}`);
	if (closes)
		assert.equal(r.closed, true, `the connection must be closed: ${r.text.slice(0, 400)}`);
	await fine();
}

test('pipelined requests are answered in order', async () => {
	const r = await send(GET('/health/live') + GET('/nothing') + GET('/.well-known/oauth-authorization-server') + GET('/jwk', 'Connection: close\r\n'));
	assert.deepEqual(n(r), [200, 404, 200, 200], r.text.slice(0, 2000));
	assert.equal(JSON.parse(r.answers[2].body).issuer, `${sb.url}/`);
	assert.ok(JSON.parse(r.answers[3].body).keys);
	assert.equal(r.closed, true);
});

test('a hundred pipelined requests', async () => {
	const r = await send(GET('/health/live').repeat(99) + GET('/health/live', 'Connection: close\r\n'), { quietMs: 3000 });
	assert.deepEqual(n(r), Array(100).fill(200));
});

test('a request in single bytes', async () => {
	const r = await send([...GET('/health/live', 'Connection: close\r\n')], { pauseMs: 1 });
	assert.deepEqual(n(r), [200], r.text);
});

test('a body that comes late', async () => {
	const body = 'grant_type=x';
	const head = `POST /token HTTP/1.1\r\n${HOST}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
	const r = await send([head, body.slice(0, 4), body.slice(4)], { pauseMs: 300 });
	assert.deepEqual(n(r), [400], r.text);
	assert.equal(JSON.parse(r.answers[0].body).error, 'unsupported_grant_type');
});

test('a chunked body is read', async () => {
	const head = `POST /token HTTP/1.1\r\n${HOST}Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
	const r = await send([head, '5\r\ngrant\r\n', '7;x=y\r\n_type=x\r\n', '0\r\n\r\n']);
	assert.equal(JSON.parse(r.answers[0].body).error, 'unsupported_grant_type', r.text);
});

test('Expect: 100-continue', async () => {
	const head = `POST /token HTTP/1.1\r\n${HOST}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 12\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;
	const r = await send([head, 'grant_type=x'], { pauseMs: 400 });
	assert.match(r.text, /^HTTP\/1\.1 (100 Continue\r\n\r\nHTTP\/1\.1 )?400 /);
});

test('a truncated request gets no answer and hurts nobody', async () => {
	for (const part of ['', 'G', 'GET /', 'GET /health/live HTTP/1.1\r\nHost: x\r\n', `POST /token HTTP/1.1\r\n${HOST}Content-Length: 100\r\n\r\nabc`]) {
		const socket = net.connect({ host: '127.0.0.1', port: Number(new URL(sb.url).port) });
		await new Promise((r) => socket.write(part || ' ', r));
		socket.resetAndDestroy?.() ?? socket.destroy();
	}
	await fine();
});

for (const [name, headers, body = ''] of [
	['Content-Length and Transfer-Encoding', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'],
	['Transfer-Encoding and Content-Length', 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'],
	['two Content-Length that differ', 'Content-Length: 0\r\nContent-Length: 5\r\n', 'abcde'],
	['two Content-Length that agree', 'Content-Length: 5\r\nContent-Length: 5\r\n', 'abcde'],
	['Content-Length 5, 5', 'Content-Length: 5, 5\r\n', 'abcde'],
	['Content-Length -1', 'Content-Length: -1\r\n'],
	['Content-Length +5', 'Content-Length: +5\r\n', 'abcde'],
	['Content-Length 0x5', 'Content-Length: 0x5\r\n', 'abcde'],
	['Content-Length empty', 'Content-Length: \r\n'],
	['Content-Length a word', 'Content-Length: five\r\n'],
	['two Transfer-Encoding', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'],
	['Transfer-Encoding: identity', 'Transfer-Encoding: identity\r\nContent-Length: 0\r\n'],
	['Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'],
	['Transfer-Encoding: xchunked', 'Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'],
])
	test(`framing: ${name}: 400 and close`, async () => {
		// What follows must never be read as a request of its own.
		await refused(`POST /token HTTP/1.1\r\n${HOST}${headers}\r\n${body}${GET('/health/live')}`, [400, 501]);
	});

test('framing: a Content-Length beyond all numbers', async () => {
	await refused(`POST /token HTTP/1.1\r\n${HOST}Content-Length: 99999999999999999999999\r\n\r\n`, [400, 413]);
	await refused(`POST /token HTTP/1.1\r\n${HOST}Content-Length: 9999999999\r\n\r\n`, 413);
});

test('framing: broken chunks', async () => {
	for (const body of ['zz\r\nabc\r\n', '-1\r\n', '5\r\nabcdefg\r\n0\r\n\r\n', 'ffffffffffffffffff\r\n']) {
		const r = await send(`POST /token HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n${body}${GET('/health/live')}`);
		assert.ok(r.answers.every((a) => a.status !== 200), r.text.slice(0, 600));
		await fine();
	}
});

for (const [name, line, status] of [
	['%00 in the path', '/jwk%00', 400], ['%00 in the query', '/jwk?a=%00', 400], ['%0 at the end', '/jwk%0', 400], ['%zz', '/%zz', 400], ['no path', 'jwk', 400],
	['an asterisk', '*', [400, 404]], ['a bell', '/jwk\u0007', 400], ['a byte above ASCII', '/j\u00e6k', 400], ['a fragment', '/jwk#x', 400],
])
	test(`target: ${name}: refused`, async () => {
		await refused(GET(line, 'Connection: close\r\n'), status);
	});

test('target: the escaped form of a path is not the path', async () => {
	for (const p of ['/%6awk', '/health%2flive', '/./jwk', '/x/../jwk', '//jwk', '/jwk//', '/jwk;x=1'])
		expectStatus(await sb.get(p), 404, p);
});

test('target: absolute form', async () => {
	const r = await send(`GET http://anybody.example/health/live HTTP/1.1\r\nHost: anybody.example\r\nConnection: close\r\n\r\n`);
	assert.deepEqual(n(r), [200], r.text);
});

test('target: a path of 1024 bytes is looked for, of 1025 is 414', async () => {
	expectStatus(await sb.get(`/${'x'.repeat(1023)}`), 404);
	await refused(GET(`/${'x'.repeat(1024)}`, 'Connection: close\r\n'), 414);
	await refused(GET(`/${'x'.repeat(60000)}`), [400, 414, 431]);
});

test('target: a query of 4096 bytes passes, of 4097 is 414', async () => {
	expectStatus(await sb.get(`/jwk?${'x'.repeat(4096)}`), 200);
	await refused(GET(`/jwk?${'x'.repeat(4097)}`, 'Connection: close\r\n'), 414);
});

test('target: many slashes', async () => {
	expectStatus(await sb.get('/'.repeat(1000)), 404);
	expectStatus(await sb.get('/a'.repeat(500)), 404);
});

test('headers: 64 pass, 65 are 431; a value of 8192 passes, of 8193 is 431', async () => {
	const some = (k) => Array.from({ length: k }, (_, i) => `X-${i}: y\r\n`).join('');
	assert.deepEqual(n(await send(GET('/jwk', `${some(62)}Connection: close\r\n`))), [200]);
	await refused(GET('/jwk', `${some(63)}Connection: close\r\n`), 431);
	assert.deepEqual(n(await send(GET('/jwk', `X-Long: ${'y'.repeat(8192)}\r\nConnection: close\r\n`))), [200]);
	await refused(GET('/jwk', `X-Long: ${'y'.repeat(8193)}\r\nConnection: close\r\n`), 431);
	await refused(GET('/jwk', `X-Long: ${'y'.repeat(200000)}\r\n`), [400, 413, 431]);
});

for (const [name, bytes] of [
	['no Host', 'GET /jwk HTTP/1.1\r\n\r\n'], ['two Hosts', `GET /jwk HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n`], ['a blank before the colon', GET('/jwk', 'X-A : b\r\n')],
	['a name with a blank', GET('/jwk', 'X A: b\r\n')], ['a line without colon', GET('/jwk', 'nonsense\r\n')], ['a NUL in a value', GET('/jwk', 'X-A: a\u0000b\r\n')], ['an empty name', GET('/jwk', ': b\r\n')],
	['a blank before the first header', `GET /jwk HTTP/1.1\r\n Host: x\r\n\r\n`],
])
	test(`headers: ${name}: 400`, async () => {
		await refused(bytes, 400, { closes: false });
	});

test('a request line that is none', async () => {
	for (const line of ['\u0000\u0001\u0002', 'GET', 'GET /jwk', '/jwk HTTP/1.1', 'GET /jwk HTTP/9.9', 'GET  /jwk  HTTP/1.1', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003']) {
		const r = await send(`${line}\r\n${HOST}\r\n`, { quietMs: 400 });
		assert.ok(r.answers.every((a) => a.status >= 400), `${JSON.stringify(line)}: ${r.text.slice(0, 300)}`);
		await fine();
	}
});

test('an unknown method: 405 where there is a route, 404 elsewhere', async () => {
	for (const method of ['BREW', 'TRACE', 'CONNECT', 'PROPFIND', 'get', 'X'.repeat(100)]) {
		const r = await send(`${method} /jwk HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
		assert.ok([400, 405, 501].includes(r.answers[0]?.status), `${method}: ${r.text.slice(0, 300)}`);
	}
	await fine();
});

test('404: problem+json with no way to tell what there is', async () => {
	for (const p of ['/nothing', '/accessmanagement/api/v1', '/accessmanagement/api/v2/enterprise/consentrequests', '/sandbox/nothing', '/wp-login.php']) {
		const res = expectStatus(await sb.get(p), 404);
		if (/json/.test(res.headers['content-type']))
			assert.equal(res.json.status, 404);
		assert.equal(res.headers.allow, undefined);
	}
});

test('405 names the methods', async () => {
	for (const [method, target, allow] of [['DELETE', '/jwk', ['GET', 'HEAD', 'OPTIONS']], ['POST', '/jwk', ['GET', 'HEAD', 'OPTIONS']], ['GET', '/token', ['OPTIONS', 'POST']],
		['PUT', REQUESTS, ['OPTIONS', 'POST']], ['POST', `${REQUESTS}/${randomUUID()}`, ['DELETE', 'GET', 'HEAD', 'OPTIONS']], ['PATCH', '/sandbox/clock', ['GET', 'HEAD', 'OPTIONS', 'POST']]]) {
		const res = expectStatus(await sb.request(method, target, {}), 405, `${method} ${target}`);
		assert.deepEqual(res.headers.allow.split(', ').sort(), allow, target);
		if (target === '/token')
			assert.equal(res.json.error, 'invalid_request');
		else
			assert.equal(res.json.status, 405);
	}
});

test('OPTIONS: 204 with Allow, and no CORS', async () => {
	const res = expectEmpty(await sb.request('OPTIONS', '/token', { headers: { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' } }), 204);
	assert.match(res.headers.allow, /POST/);
	assert.equal(res.headers['access-control-allow-origin'], undefined);
	expectStatus(await sb.request('OPTIONS', '/nothing', {}), 404);
});

test('HEAD: the headers of GET, no body', async () => {
	for (const target of ['/jwk', '/health/live', '/.well-known/oauth-authorization-server']) {
		const get = await sb.get(target);
		const r = await send(`HEAD ${target} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
		assert.match(r.text, /^HTTP\/1\.1 200 OK\r\n/);
		assert.ok(r.text.endsWith('\r\n\r\n'), r.text);
		assert.equal(r.answers[0].headers['content-type'], get.headers['content-type']);
		assert.equal(r.answers[0].headers['content-length'], get.headers['content-length']);
	}
});

test('keep-alive: two requests on a connection; close when asked', async () => {
	const socket = net.connect({ host: '127.0.0.1', port: Number(new URL(sb.url).port) });
	let text = '', closed = false;
	socket.setEncoding('latin1').on('data', (d) => (text += d)).on('close', () => (closed = true));
	const good = () => (text.match(/HTTP\/1\.1 200/g) ?? []).length;
	const answered = async (count) => {
		await until(() => good() >= count, () => text);
		assert.equal(good(), count, text);
	};
	socket.write(GET('/health/live'));
	await answered(1);
	await new Promise((r) => setTimeout(r, 1500));
	assert.equal(closed, false, 'an idle connection stays open');
	socket.write(GET('/health/live', 'Connection: close\r\n'));
	await answered(2);
	await until(() => closed, 'closed when asked');
});

test('HTTP/1.0', async () => {
	const r = await send('GET /health/live HTTP/1.0\r\n\r\n');
	assert.deepEqual(n(r), [200], r.text);
	assert.equal(r.closed, true);
	await refused('POST /token HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400);
});

test('slow senders do not keep others waiting', async () => {
	const port = Number(new URL(sb.url).port);
	const sockets = Array.from({ length: 200 }, () => {
		const s = net.connect({ host: '127.0.0.1', port });
		s.on('error', () => {});
		s.write(`POST ${REQUESTS} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n`);
		return s;
	});
	await Promise.all(sockets.map((s) => once(s, 'connect')));
	const t0 = Date.now();
	for (let i = 0; i < 20; i++)
		await fine();
	expectStatus(await sb.post(REQUESTS, await sb.orgToken(BANK, S_WRITE), requestBody(sb)), 201);
	assert.ok(Date.now() - t0 < 5000, `${Date.now() - t0} ms`);
	for (const s of sockets)
		s.destroy();
	await fine();
});

test('three hundred connections at once', async () => {
	const all = await Promise.all(Array.from({ length: 300 }, () => send(GET('/jwk', 'Connection: close\r\n'), { quietMs: 5000 })));
	assert.deepEqual(all.map((r) => r.answers[0]?.status), Array(300).fill(200));
});

test('a body for a route that reads none', async () => {
	expectStatus(await sb.request('GET', '/jwk', { body: 'x'.repeat(1000), headers: { 'Content-Length': 1000 } }), 200);
	await fine();
});

test('bodies: the limit of a route is its own', async () => {
	const r = await send(`POST /token HTTP/1.1\r\n${HOST}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 65537\r\n\r\n${'x'.repeat(65537)}`);
	assert.equal(r.answers[0]?.status, 413, r.text.slice(0, 300));
	const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
	const c = await send(`POST /token HTTP/1.1\r\n${HOST}Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(3)}0\r\n\r\n`);
	assert.equal(c.answers[0]?.status, 413, c.text.slice(0, 300));
	await fine();
});

test('any well-formed Host is answered, and none finds its way into an answer', async () => {
	for (const host of ['evil.example', '127.0.0.1', 'a.b:443', '[::1]:80', '']) {
		const r = await send(`GET /.well-known/oauth-authorization-server HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n`);
		assert.equal(r.answers[0].status, 200, r.text);
		assert.equal(JSON.parse(r.answers[0].body).issuer, `${sb.url}/`);
		assert.equal(r.text.includes('evil'), false);
	}
});

test('every answer has the headers that protect', async () => {
	const token = await sb.orgToken(BANK, S_READ);
	for (const res of [await sb.get('/jwk'), await sb.get('/nothing'), await sb.get('/token'), await sb.get(`${REQUESTS}/${randomUUID()}`, token), await sb.get(`${REQUESTS}/${randomUUID()}`),
		await sb.post('/token', null, {}), await sb.get('/sandbox'), await sb.request('OPTIONS', '/jwk', {})]) {
		assert.equal(res.headers['x-content-type-options'], 'nosniff', res.target);
		assert.ok(res.headers['referrer-policy'], res.target);
		assert.ok(res.headers['cache-control'], res.target);
		assert.match(res.headers['x-trace-id'] ?? '', /^[0-9a-f]{32}$/, res.target);
		assert.ok(Math.abs(Date.parse(res.headers.date) - sb.now()) < 5000, res.headers.date);
		assert.equal(res.headers.server, undefined);
	}
	const consent = await sb.get(`${REQUESTS}/${randomUUID()}`, token);
	assert.equal(consent.headers['cache-control'], 'no-store');
});

test('discovery: exactly eight members', async () => {
	for (const target of ['/.well-known/oauth-authorization-server', '/.well-known/oauth-authorization-server/']) {
		const res = expectStatus(await sb.get(target), 200);
		assert.match(res.headers['content-type'], /^application\/json\b/);
		assert.deepEqual(res.json, {
			issuer: `${sb.url}/`,
			token_endpoint: `${sb.url}/token`,
			jwks_uri: `${sb.url}/jwk`,
			response_types_supported: ['none'],
			grant_types_supported: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
			token_endpoint_auth_methods_supported: ['private_key_jwt'],
			token_endpoint_auth_signing_alg_values_supported: ['RS256', 'RS384', 'RS512'],
			authorization_details_types_supported: res.json.authorization_details_types_supported,
		});
		assert.ok(res.json.authorization_details_types_supported.includes('urn:altinn:consent'));
		assert.match(res.headers['cache-control'], /max-age=\d+/);
	}
});

test('the description: an ETag, 304 for a copy, and gzip for those who take it', async () => {
	const ask = (headers) => sb.get('/openapi.json', null, { headers });
	const plain = expectStatus(await ask({}), 200), tag = plain.headers.etag;
	assert.match(tag, /^"[0-9a-f]{12}"$/);
	assert.deepEqual([plain.headers['content-encoding'], plain.headers.vary], [undefined, 'Accept-Encoding']);
	for (const known of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
		const res = expectStatus(await ask({ 'If-None-Match': known }), 304, known);
		assert.deepEqual([res.text, res.headers.etag], ['', tag]);
	}
	expectStatus(await ask({ 'If-None-Match': `"x", ${tag.slice(0, -1)}` }), 200);
	for (const accepted of ['gzip', 'br, GZIP;q=0.5', 'deflate,gzip ; q=0.01']) {
		const res = expectStatus(await ask({ 'Accept-Encoding': accepted }), 200, accepted);
		assert.deepEqual([res.headers['content-encoding'], res.headers.etag], ['gzip', `${tag.slice(0, -1)}-gzip"`]);
		assert.ok(res.headers['content-length'] * 5 < plain.headers['content-length'], `${res.headers['content-length']} bytes`);
		expectStatus(await ask({ 'Accept-Encoding': accepted, 'If-None-Match': res.headers.etag }), 304);
	}
	for (const refused of ['br', 'gzip;q=0', 'gzip; q=0.000', 'xgzip', ''])
		assert.equal((await ask({ 'Accept-Encoding': refused })).headers['content-encoding'], undefined, refused);
	const zipped = await fetch(`${sb.url}/openapi.json`, { headers: { 'Accept-Encoding': 'gzip' } });
	assert.equal(await zipped.text(), plain.text, 'unpacked it is the same');
});

test('robots stay away, the icon is one, and security.txt names the operator\'s contact', async () => {
	const robots = expectStatus(await sb.get('/robots.txt'), 200);
	assert.deepEqual([robots.headers['content-type'], robots.text], ['text/plain; charset=utf-8', 'User-agent: *\nDisallow: /\n']);
	const icon = await fetch(`${sb.url}/favicon.ico`), bytes = Buffer.from(await icon.arrayBuffer());
	assert.deepEqual([icon.status, icon.headers.get('content-type'), bytes.readUInt16LE(2), bytes.readUInt16LE(4)], [200, 'image/x-icon', 1, 2]);
	const where = '/.well-known/security.txt';
	expectStatus(await sb.get(where), 404, 'nobody is named');
	const named = await startSandbox({ store: false, args: ['--set', 'operator.contact=mailto:hjelp@example.com'] });
	try {
		const { text, headers } = expectStatus(await named.get(where), 200);
		assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
		const [, expires] = /^Contact: mailto:hjelp@example\.com\nExpires: (\S+)\nPreferred-Languages: nb, nn, en\n$/.exec(text);
		const days = (Date.parse(expires) - Date.now()) / 86400000;
		assert.ok(days > 29 && days < 31, expires);
	} finally {
		await named.stop();
	}
});

test('keys: members, the certificate is the key\'s own, nothing private', async () => {
	const res = expectStatus(await sb.get('/jwk'), 200);
	assert.match(res.headers['cache-control'], /max-age=\d+/);
	assert.deepEqual(Object.keys(res.json), ['keys']);
	assert.deepEqual(res.json.keys.map((k) => k.alg).sort(), ['ES256', 'EdDSA', 'PS256', 'RS256'], 'one key of each algorithm');
	for (const key of res.json.keys)
		for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'])
			assert.equal(key[secret], undefined, `${key.kid}.${secret}`);
	for (const key of res.json.keys.filter((k) => k.alg === 'RS256')) {
		const allowed = ['kty', 'n', 'e', 'use', 'alg', 'kid', 'x5c', 'x5t', 'x5t#S256'];
		assert.deepEqual(Object.keys(key).filter((k) => !allowed.includes(k)), [], 'no other member');
		assert.equal(key.kty, 'RSA');
		assert.equal(key.use, 'sig');
		assert.equal(key.alg, 'RS256');
		assert.equal(key.kid, signingJwk.kid);
		assert.equal(key.n, signingJwk.n);
		assert.equal(key.e, 'AQAB');
		assert.ok(Array.isArray(key.x5c) && key.x5c.length >= 1, 'x5c');
		const der = Buffer.from(key.x5c[0], 'base64');
		assert.equal(der.toString('base64'), key.x5c[0], 'standard base64');
		const cert = new X509Certificate(der);
		const { n: modulus, e } = cert.publicKey.export({ format: 'jwk' });
		assert.equal(modulus, key.n);
		assert.equal(e, key.e);
		assert.ok(cert.verify(createPublicKey({ key: { kty: key.kty, n: key.n, e: key.e }, format: 'jwk' })), 'self-signed');
		if (key.x5t)
			assert.equal(key.x5t, createHash('sha1').update(der).digest('base64url'));
		if (key['x5t#S256'])
			assert.equal(key['x5t#S256'], createHash('sha256').update(der).digest('base64url'));
		assert.ok(key.x5t || key['x5t#S256'], 'a thumbprint');
	}
	assert.equal((await sb.get('/jwk')).text, res.text, 'the same bytes each time');
});

test('health and metrics', async () => {
	for (const p of ['/health', '/health/live', '/health/ready'])
		assert.equal(expectStatus(await sb.get(p), 200).json.status, 'UP');
	const m = expectStatus(await sb.get('/metrics'), 200);
	assert.match(m.headers['content-type'], /^text\/plain/);
	assert.match(m.text, /^samtykke_\w+ \d+$/m);
	for (const line of m.text.trim().split('\n'))
		assert.match(line, /^(# (HELP|TYPE) .+|[a-z_]+(\{[^}]*\})? [0-9.e+-]+)$/, line);
});

test('the clock: shown, set, moved, reset', async () => {
	const at = async () => Date.parse(expectStatus(await sb.get('/sandbox/clock'), 200).json.now);
	assert.ok(Math.abs((await at()) - Date.now()) < 3000);
	const set = expectStatus(await sb.post('/sandbox/clock', null, { now: '2026-06-01T12:00:00Z' }), 200).json;
	assert.deepEqual(Object.keys(set), ['now']);
	assert.match(set.now, /^2026-06-01T12:00:00/);
	let later = 0;
	await until(async () => (later = (await at()) - Date.parse('2026-06-01T12:00:00Z')) >= 1000, () => `it runs on: ${later} ms`);
	assert.ok(later < 60000, `it runs on: ${later} ms`);
	const date = Date.parse((await sb.get('/jwk')).headers.date) - Date.parse('2026-06-01T12:00:00Z');
	assert.ok(date >= 0 && date < 60000, 'the Date header has the clock\'s time');
	for (const [offset, ms] of [['PT2H', 7200000], ['P1DT1S', 86401000], ['-PT2H', -7200000], ['PT0S', 0]]) {
		expectStatus(await sb.post('/sandbox/clock', null, { offset }), 200, offset);
		assert.ok(Math.abs((await at()) - Date.now() - ms) < 3000, offset);
	}
	expectStatus(await sb.post('/sandbox/clock', null, {}), 200);
	assert.ok(Math.abs((await at()) - Date.now()) < 3000);
});

test('the clock: what is no time is refused and changes nothing', async () => {
	for (const body of [{ now: 'x' }, { now: 7 }, { now: null }, { offset: 'x' }, { offset: 7 }, { now: '2026-06-01T12:00:00Z', offset: 'PT1S' }, { other: 1 }, [], 'x', null, { now: '2026-02-30T00:00:00Z' }, { offset: 'PT99999999999999H' }])
		expectStatus(await sb.post('/sandbox/clock', null, body), 400, JSON.stringify(body));
	expectStatus(await sb.request('POST', '/sandbox/clock', { body: '{' }), 400);
	assert.ok(Math.abs(Date.parse((await sb.get('/sandbox/clock')).json.now) - Date.now()) < 3000);
});

test('apply: 204, and again', async () => {
	const party = { parties: [{ type: 'organization', organizationNumber: '313000109', name: 'NY AS' }] };
	expectEmpty(await sb.apply(party), 204);
	expectEmpty(await sb.apply(party), 204);
	expectEmpty(await sb.apply({}), 204);
});

test('apply: faults are listed by path, and nothing of the document is applied', async () => {
	const res = expectStatus(await sb.apply({
		parties: [{ type: 'organization', organizationNumber: '314000102', name: 'OK AS' }, { type: 'person', nationalId: '01025161014', name: 'X' }, { type: 'robot', name: 7 }],
		nonsense: [], scopes: [{ scope: 'x', owner: '123456789', grants: ['1'] }], clients: [{ clientId: 'c', orgno: BANK, name: 'c', scopes: ['no:such'], jwks: { keys: [{ kty: 'RSA' }] } }],
	}), 400);
	assert.match(res.headers['content-type'], /^application\/problem\+json/);
	const { faults } = res.json;
	for (const where of ['parties[1].nationalId', 'parties[2].type', 'parties[2].name', 'nonsense', 'scopes[0].scope', 'scopes[0].owner', 'scopes[0].grants[0]', 'clients[0].jwks.keys[0]'])
		assert.ok(faults.some((f) => f.startsWith(`${where}: `)), `${where} in ${JSON.stringify(faults, null, 1)}`);
	const made = await sb.post(REQUESTS, await sb.orgToken(BANK, S_WRITE), requestBody(sb, { from: 'urn:altinn:organization:identifier-no:314000102' }));
	expectStatus(made, 400);
	assert.equal(made.json.code, 'AM-00003', 'the sound party was not applied either');
});

test('apply: bodies that are no document', async () => {
	for (const body of ['', '{', '[]', 'null', '7', '"x"', '{"parties":{}}', '{"parties":[7]}', '{"parties":[],"parties":[]}', '{"x":1}'])
		expectStatus(await sb.request('POST', '/sandbox/apply', { body }), 400, body);
	await fine();
});

test('apply: a version of a resource never changes', async () => {
	const [first] = document.resources;
	expectStatus(await sb.apply({ resources: [first] }), 204);
	expectStatus(await sb.apply({ resources: [{ ...first, title: { nb: 'Noe annet' } }] }), 400);
	expectStatus(await sb.apply({ resources: [{ ...first, title: { nb: 'Noe annet' }, versionId: 2 }] }), 204);
});

test('responses say OK and Created', async () => {
	assert.equal((await sb.get('/jwk')).reason, 'OK');
	assert.equal((await sb.post(REQUESTS, await sb.orgToken(BANK, S_WRITE), requestBody(sb))).reason, 'Created');
});

test('a burst that is larger than the workers is answered or told to come back', async () => {
	const token = await sb.orgToken(BANK, S_WRITE);
	const all = await Promise.all(Array.from({ length: 400 }, () => sb.post(REQUESTS, token, requestBody(sb))));
	for (const res of all) {
		assert.ok([201, 503].includes(res.status), `${res.status} ${res.text}`);
		if (res.status === 503)
			assert.ok(res.headers['retry-after']);
	}
	await fine();
});

test('a client\'s test key can be fetched in the sandbox, and no other', async () => {
	const client = JSON.parse(readFileSync(new URL('../../seeds/sandbox.json', import.meta.url))).clients[0];
	const res = expectStatus(await sb.get(`/sandbox/clients/${client.clientId}`), 200);
	assert.equal(res.json.kid, client.privateJwk.kid);
	assert.equal(res.json.n, client.privateJwk.n);
	assert.ok(res.json.d, 'the private part is there');
	expectStatus(await sb.get('/sandbox/clients/unknown'), 404);
});

test('a redirect address may hold letters beyond ASCII', async () => {
	const token = await sb.orgToken(BANK, S_WRITE);
	const body = requestBody(sb, { redirectUrl: 'https://blåbær.example/æ?ø=å' });
	const res = expectStatus(await sb.post(REQUESTS, token, body), 201);
	assert.equal(res.json.redirectUrl, 'https://blåbær.example/æ?ø=å');
});

test('behind a proxy that speaks https, browsers are told to stay with it', async () => {
	const port = await new Promise((resolve) => {
		const s = net.createServer().listen(0, '127.0.0.1', () => {
			const free = s.address().port;
			s.close(() => resolve(free));
		});
	});
	const other = await startProgram(['sandbox', '--port', String(port), '--set', 'public_url=https://samtykke.example']);
	other.url = `http://127.0.0.1:${port}`; /* past the proxy */
	try {
		assert.equal((await other.get('/health/live')).headers['strict-transport-security'], 'max-age=31536000');
	} finally {
		await other.stop();
	}
	assert.equal((await sb.get('/health/live')).headers['strict-transport-security'], undefined);
});

test('the sandbox ends with status 0 while slow senders wait', async () => {
	const port = Number(new URL(sb.url).port);
	const sockets = Array.from({ length: 5 }, () => {
		const s = net.connect({ host: '127.0.0.1', port });
		s.on('error', () => {});
		s.write('POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc');
		return s;
	});
	await Promise.all(sockets.map((s) => once(s, 'connect')));
	await fine();
	await sb.stop();
	for (const s of sockets)
		s.destroy();
});
