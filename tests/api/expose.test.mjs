// A sandbox that other machines may use: addresses and cookies fit the host that they ask for.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import net from 'node:net';
import { after, test } from 'node:test';
import { expectStatus, startSandbox } from '../js/sandbox.mjs';
import { BANK, ELENA, INCOME, REQUESTS, S_WRITE, org, person, right } from '../js/world.mjs';

const PHONE = 'http://192.168.1.20:8080', METADATA = '/.well-known/oauth-authorization-server';
const exposed = await startSandbox({ args: ['--expose'] });
after(() => exposed.stop());
const host = (origin) => ({ headers: { Host: new URL(origin).host } });
const create = async (sb, origin) => {
	const body = { id: randomUUID(), from: person(ELENA), to: org(BANK), validTo: new Date(sb.now() + 86400000).toISOString(),
		consentRights: [right(INCOME, { inntektsaar: '2025' })], redirectUrl: 'https://www.dnb.no' };
	const res = expectStatus(await sb.post(REQUESTS, await sb.orgToken(BANK, S_WRITE), body, host(origin)), 201);
	return { id: body.id, origin: new URL(res.json.viewUri).origin, location: new URL(res.headers.location).origin };
};

test('a phone in the same network gets its addresses, logs in and reads the request', async () => {
	const { id, origin, location } = await create(exposed, PHONE);
	assert.deepEqual([origin, location], [PHONE, PHONE]);
	const cookies = new Map();
	const go = async (method, target, form) => {
		const res = await exposed.request(method, target, { accept: 'text/html', body: form && new URLSearchParams(form).toString(),
			headers: { ...host(PHONE).headers, Cookie: [...cookies].map((c) => c.join('=')).join('; '),
				...(form && { 'Content-Type': 'application/x-www-form-urlencoded' }) } });
		for (const line of res.headers['set-cookie'] ?? []) {
			assert.doesNotMatch(line, /Secure|__Host-/, 'a browser does not take such a cookie from there');
			cookies.set(...line.split(';')[0].split('='));
		}
		return res;
	};
	const page = `/accessmanagement/ui/consent/request?id=${id}`, login = '/sandbox/login/testid';
	expectStatus(await go('GET', page), 302);
	const csrf = /name="csrf" value="([^"]+)"/.exec(expectStatus(await go('GET', `${login}?goto=${encodeURIComponent(page)}`), 200).text)[1];
	const back = expectStatus(await go('POST', login, { csrf, pid: ELENA, level: '4', goto: page }), 303);
	assert.ok(back.headers.location.startsWith('/') || back.headers.location.startsWith(PHONE), back.headers.location);
	assert.match(expectStatus(await go('GET', page), 200).text, /name="decision"/);
	assert.match(expectStatus(await go('GET', '/sandbox'), 200).text, new RegExp(`BASE=${PHONE}`));
});

test('the issuer stays the same for everybody', async () => {
	const issuer = async (origin) => expectStatus(await exposed.get(METADATA, null, host(origin)), 200).json.issuer;
	assert.deepEqual([await issuer(PHONE), await issuer('http://sandkasse.local')], [`${exposed.url}/`, `${exposed.url}/`]);
});

test('names of the local network count, names of the Internet and malformed ones do not', async () => {
	for (const own of ['http://sandkasse.local:8080', 'http://laptop:8080', 'http://[fe80::1]:8080', exposed.url])
		assert.equal((await create(exposed, own)).origin, own);
	for (const foreign of ['http://bank.example', 'http://evil.example:8080', 'http://local', 'http://192.168.1.20.evil.example'])
		assert.equal((await create(exposed, foreign)).origin, foreign === 'http://local' ? foreign : exposed.url, foreign);
});

test('this machine keeps Secure cookies', async () => {
	const res = await exposed.get('/sandbox/login/testid', null, { accept: 'text/html' });
	assert.match(res.headers['set-cookie'].join('\n'), /^__Host-samtykke-form=[^;]+;.*; Secure/m);
});

test('without --expose, and with public_url, the host makes no difference', async () => {
	const free = await new Promise((resolve) => {
		const s = net.createServer().listen(0, '127.0.0.1', () => {
			const { port } = s.address();
			s.close(() => resolve(port));
		});
	});
	const public_ = `http://127.0.0.2:${free}`;
	for (const args of [[], ['--port', `${free}`, '--expose', '--set', `public_url=${public_}`]]) {
		const sb = await startSandbox({ store: false, args });
		try {
			assert.equal((await create(sb, PHONE)).origin, args.length ? public_ : sb.url);
		} finally {
			await sb.stop();
		}
	}
});
