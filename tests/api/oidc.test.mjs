// Logins and logouts at an OpenID provider: what is asked for, and what of the answers is believed.
import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv, createHash, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, test } from 'node:test';
import { CLIENT_ID, SECRET, startProvider, surfer } from '../js/provider.mjs';
import { alterStore, expectStatus, readStore, run, startSandbox, tempDir, until } from '../js/sandbox.mjs';
import { ASMUND, BANK, ELENA, REQUESTS, STRANGER, S_READ, S_WRITE, person, requestBody, resource, right } from '../js/world.mjs';
import * as jose from 'jose';

const OVERVIEW = '/accessmanagement/ui/consent/active', CONSENT = '/accessmanagement/ui/consent/request';
const provider = await startProvider();
const sb = await startSandbox({ args: provider.settings, apply: { resources: [resource('level4', {}, undefined, 4)] } });
after(async () => {
	await sb.stop();
	await provider.close();
});
afterEach(() => provider.reset());

const at = (target) => sb.url + target;
const heading = (res) => /<h1>([^<]*)<\/h1>/.exec(res.text)?.[1];
const session = (s, server = sb) => s.jars.get(server.url)?.get('__Host-samtykke');
const toCallback = (url) => url.pathname === '/login/callback';
async function loggedIn(s = surfer(), target = OVERVIEW, server = sb) {
	const res = await s.go(server.url + target);
	assert.equal(res.status, 200, `${res.url} ${res.status} ${heading(res)}`);
	assert.ok(session(s, server), 'a session');
	return s;
}
async function refused(status, text, { s = surfer(), server = sb } = {}) {
	const before = session(s, server), res = await s.go(server.url + OVERVIEW);
	assert.equal(res.status, status, `${res.url} ${heading(res)}`);
	assert.equal(heading(res), text);
	assert.equal(session(s, server), before, 'no session');
	assert.match(res.text, /<a [^>]*href="\/login\?goto=/, 'a way on');
	return res;
}
const OVER = 'Innloggingen er ikke gyldig lenger', DOWN = 'Innloggingstjenesten svarer ikke', REFUSED = 'Vi kunne ikke godta innloggingen', WEAK = 'Innloggingen er ikke sikker nok', NOBODY = 'Vi vet ikke hvem du er';

async function ask(changes = {}) {
	const body = requestBody(sb, changes);
	expectStatus(await sb.post(REQUESTS, await sb.orgToken(BANK, `${S_WRITE} ${S_READ}`), body), 201);
	return { id: body.id, target: `${CONSENT}?id=${body.id}` };
}
const statusOf = async (id) => (await sb.get(`${REQUESTS}/${id}`, await sb.orgToken(BANK, S_READ))).json.status;
const formOf = (page) => Object.fromEntries([...page.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, k, v]) => [k, v.replaceAll('&amp;', '&')]));

test('what the provider is asked for', async () => {
	const s = surfer(), res = await s.go(at(`${OVERVIEW}?lng=en`), { until: (u) => u.origin === provider.issuer });
	const url = new URL(res.next), q = Object.fromEntries(url.searchParams);
	assert.equal(url.pathname, '/here/authorize', 'the endpoint is the metadata\'s');
	assert.deepEqual({ ...q, state: '', nonce: '', code_challenge: '' }, {
		response_type: 'code', code_challenge_method: 'S256', client_id: CLIENT_ID, redirect_uri: at('/login/callback'), scope: 'openid', state: '', nonce: '',
		code_challenge: '', acr_values: 'idporten-loa-substantial', ui_locales: 'nb',
	});
	for (const name of ['nonce', 'code_challenge'])
		assert.match(q[name], /^[A-Za-z0-9_-]{43}$/, name);
	assert.match(q.state, /^[A-Za-z0-9_-]+$/);
	assert.equal(Buffer.from(q.state, 'base64url').includes('/ui/'), false, 'the state is sealed');
	assert.equal(new Set([q.state, q.nonce, q.code_challenge]).size, 3);
	for (const lang of ['nb', 'nn', 'en']) {
		const t = surfer();
		await t.go(at(`/accessmanagement/ui/language?lang=${{ nb: 'no_nb', nn: 'no_nn', en: 'en' }[lang]}`));
		provider.asked.length = 0;
		await loggedIn(t);
		assert.equal(provider.asked[0].ui_locales, lang);
	}
});

test('a login comes back to where it began, and names the person', async () => {
	const c = await ask(), s = surfer(), res = await s.go(at(c.target));
	assert.equal(res.url, at(c.target));
	assert.equal(res.status, 200);
	assert.match(res.text, /Ja, jeg gir samtykke/);
	assert.equal(res.text.includes(ELENA), false);
});

test('a person whom nobody knew is registered', async () => {
	provider.person = STRANGER;
	const askStranger = async () => sb.post(REQUESTS, await sb.orgToken(BANK, S_WRITE), requestBody(sb, { from: person(STRANGER) }));
	assert.equal(expectStatus(await askStranger(), 400).json.code, 'AM-00004');
	await loggedIn();
	expectStatus(await askStranger(), 201);
});

test('every login has a new session, and the old one is gone', async () => {
	const s = await loggedIn(), first = session(s);
	await s.go(at(`/login?goto=${OVERVIEW}`));
	const second = session(s);
	assert.notEqual(first, second);
	s.jars.get(sb.url).set('__Host-samtykke', first);
	assert.ok((await s.go(at(OVERVIEW), { until: (u) => u.pathname === '/login' })).next);
});

test('logins in several tabs at once end where each began', async () => {
	const s = surfer(), tabs = [];
	for (const x of ['1', '2', '3'])
		tabs.push((await s.go(at(`/login?goto=${encodeURIComponent(`${OVERVIEW}?tab=${x}`)}`), { until: toCallback })).next);
	for (const [i, next] of [...tabs.entries()].reverse())
		assert.equal((await s.go(next)).url, at(`${OVERVIEW}?tab=${i + 1}`));
});

test('goto leads nowhere but here', async () => {
	for (const bad of ['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/x//y', '', `/${'x'.repeat(2000)}`]) {
		const res = await surfer().go(at(`/login?goto=${encodeURIComponent(bad)}`));
		assert.equal(res.url, at('/sandbox'), bad.slice(0, 40));
	}
});

const claims = (change) => ({ claims: change });
const WRONG = [
	['nonce of another login', claims((c) => (c.nonce = 'x'.repeat(43))), REFUSED, 'nonce'],
	['no nonce', claims((c) => delete c.nonce), REFUSED, 'nonce'],
	['acr too low', claims((c) => (c.acr = 'idporten-loa-substantial-limited')), WEAK, 'acr-low'],
	['acr of an e-mail login', claims((c) => (c.acr = 'selfregistered-email')), WEAK, 'acr-low'],
	['acr that nobody knows', claims((c) => (c.acr = 'Idporten-Loa-High')), WEAK, 'acr'],
	['no acr', claims((c) => delete c.acr), WEAK, 'acr'],
	['no pid', claims((c) => delete c.pid), NOBODY, 'pid-missing'],
	['pid with wrong check digits', claims((c) => (c.pid = '01025161014')), REFUSED, 'pid'],
	['pid that is no text', claims((c) => (c.pid = 1025161013)), REFUSED, 'pid'],
	['expired', claims((c) => Object.assign(c, { iat: c.iat - 300, exp: c.iat - 31 })), REFUSED, 'exp'],
	['no exp', claims((c) => delete c.exp), REFUSED, 'exp'],
	['made in the future', claims((c) => (c.iat += 120)), REFUSED, 'iat'],
	['made long ago', claims((c) => (c.iat -= 700)), REFUSED, 'iat'],
	['no iat', claims((c) => delete c.iat), REFUSED, 'iat'],
	['another issuer', claims((c) => (c.iss = 'https://evil.example')), REFUSED, 'iss'],
	['an issuer with a slash more', claims((c) => (c.iss += '/')), REFUSED, 'iss'],
	['another audience', claims((c) => (c.aud = 'somebody-else')), REFUSED, 'aud'],
	['several audiences without azp', claims((c) => (c.aud = [CLIENT_ID, 'somebody-else'])), REFUSED, 'aud'],
	['azp of somebody else', claims((c) => (c.azp = 'somebody-else')), REFUSED, 'aud'],
	['a sid too long', claims((c) => (c.sid = 'x'.repeat(257))), REFUSED, 'sid'],
	['an auth_time to come', claims((c) => (c.auth_time += 120)), REFUSED, 'auth-time'],
	['another type', { header: { typ: 'logout+jwt' } }, REFUSED, 'typ'],
	['an unknown key', { header: { kid: 'nobody' } }, REFUSED, 'key'],
	['no kid', { header: { kid: undefined } }, REFUSED, 'key'],
	['no token at all', { idToken: () => 'x' }, REFUSED, 'shape'],
	['an unsigned token', { idToken: (c) => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(c)).toString('base64url')}.` }, REFUSED, 'alg'],
	['the client\'s secret as the key', { idToken: (c) => new jose.SignJWT(c).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(new TextEncoder().encode(SECRET)) }, REFUSED, 'alg'],
];
for (const [name, wrong, text, why] of WRONG)
	test(`refused: ${name}`, async () => {
		provider.wrong = wrong;
		const refusals = () => sb.stderr().split('\n').slice(0, -1).filter((l) => l.includes('login.refused')), before = refusals().length;
		await refused(403, text);
		await until(() => refusals().length > before, 'the log says why');
		assert.match(refusals().at(-1), new RegExp(`why="?${why}"?( |$)`));
	});

test('taken: several audiences with azp, a higher level, no auth_time, unknown members', async () => {
	provider.wrong = claims((c) => Object.assign(c, { aud: [CLIENT_ID, 'other'], azp: CLIENT_ID, acr: 'eidas-loa-high', auth_time: undefined, sid: undefined, amr: 'x', xyz: { a: 1 } }));
	await loggedIn();
});

test('keys that a token brings along are not looked at', async () => {
	const stranger = await provider.strangerKey('key-1');
	provider.wrong = { idToken: (c) => provider.sign(c, { jwk: stranger.publicJwk, x5c: ['MIIB'], jku: 'https://evil.example/' }, stranger) };
	await refused(403, REFUSED);
	provider.wrong = { header: { jwk: stranger.publicJwk, x5c: ['MIIB'] } };
	await loggedIn();
});

test('keys that have been replaced are fetched; unknown ones not without end', async () => {
	await provider.rotate();
	await loggedIn();
	provider.wrong = { header: { kid: 'nobody' } };
	const before = provider.calls.keys;
	for (let i = 0; i < 12; i++)
		await refused(403, REFUSED);
	assert.ok(provider.calls.keys - before <= 6, `${provider.calls.keys - before} fetches`);
});

test('iss of the answer: it must be there, and be the issuer, perhaps encoded once more', async () => {
	for (const iss of [undefined, 'https://evil.example', `${provider.issuer}/`, encodeURIComponent(encodeURIComponent(provider.issuer))]) {
		provider.wrong = { answer: { iss } };
		await refused(403, REFUSED);
	}
	provider.wrong = { answer: { iss: encodeURIComponent(provider.issuer) } };
	await loggedIn();
});

test('what the provider says instead of a code', async () => {
	for (const [error, status, text] of [['access_denied', 403, 'Du er ikke logget inn'], ['temporarily_unavailable', 503, DOWN], ['server_error', 503, DOWN],
		['invalid_scope', 403, REFUSED], ['unmet_authentication_requirements', 403, WEAK], ['<script>', 403, REFUSED], ['', 403, REFUSED]]) {
		provider.wrong = { answer: { error, code: undefined, error_description: '<script>alert(1)</script>' } };
		const res = await refused(status, text);
		assert.equal(res.text.includes('script'), false);
	}
});

test('an answer counts once, in its own browser, with its own state', async () => {
	const s = surfer(), { next } = await s.go(at(OVERVIEW), { until: toCallback });
	const other = await surfer().go(next);
	assert.deepEqual([other.status, heading(other)], [400, OVER], 'another browser');
	const third = await loggedIn(), before = session(third), taken = await third.go(next);
	assert.deepEqual([taken.status, heading(taken), session(third)], [400, OVER, before], 'another browser with logins of its own');
	const mixed = new URL(next);
	mixed.searchParams.set('state', 'x'.repeat(43));
	assert.equal((await s.go(mixed.href)).status, 400, 'a state that nobody made');
	assert.equal((await s.go(next)).url, at(OVERVIEW), 'the right one still counts');
	const again = await s.go(next);
	assert.deepEqual([again.status, heading(again)], [400, OVER], 'once');
	for (const bad of ['', '?state=', '?code=x', `?state=${'x'.repeat(2812)}&code=x`, '?state=a&state=a&code=x'])
		assert.equal((await s.go(at(`/login/callback${bad}`))).status, 400, bad);
});

// The state with another time of its beginning. It is sealed as the server seals it: AES-256-GCM under SHA-256(the store's secret, "login").
function stateAt(s, state, change) {
	const secret = Buffer.from(readStore(sb, "SELECT txt FROM meta WHERE name = 'status_seed'")[0].replaceAll('-', ''), 'hex');
	const key = createHash('sha256').update(secret).update('login').digest(), aad = createHash('sha256').update(s.jars.get(sb.url).get('__Host-samtykke-login')).digest();
	const sealed = Buffer.from(state, 'base64url'), nonce = sealed.subarray(0, 12);
	const opening = createDecipheriv('aes-256-gcm', key, nonce).setAAD(aad).setAuthTag(sealed.subarray(-16));
	const plain = Buffer.concat([opening.update(sealed.subarray(12, -16)), opening.final()]);
	plain.writeBigInt64BE(plain.readBigInt64BE(64) + BigInt(change) * 1000000n, 64);
	const closing = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad);
	return Buffer.concat([nonce, closing.update(plain), closing.final(), closing.getAuthTag()]).toString('base64url');
}

for (const [name, seconds] of [['that took too long', -901], ['begun while the clock was ahead', 60]])
	test(`a login ${name} has to begin again, and still leads to where it was going`, async () => {
		const c = await ask(), s = surfer(), next = new URL((await s.go(at(c.target), { until: toCallback })).next);
		next.searchParams.set('state', stateAt(s, next.searchParams.get('state'), seconds));
		const late = await s.go(next.href);
		assert.deepEqual([late.status, heading(late), session(s)], [400, OVER, undefined]);
		const again = /<a [^>]*href="(\/login\?goto=[^"]*)"/.exec(late.text)[1].replaceAll('&amp;', '&');
		assert.equal((await s.go(at(again))).url, at(c.target));
	});

test('the longest address still comes back', async () => {
	const long = `${OVERVIEW}?x=`.padEnd(2000, 'x');
	assert.equal((await surfer().go(at(`/login?goto=${encodeURIComponent(long)}`))).url, at(long));
});

test('a login comes back to another process on the same store, and counts once there too', async () => {
	const other = await startSandbox({ args: [...provider.settings, '--set', `public_url=${sb.url}`, ...(sb.pg ? [] : ['--data', sb.data])] });
	try {
		const s = surfer(), { next } = await s.go(at(OVERVIEW), { until: toCallback }), there = next.replace(sb.url, other.url);
		s.jars.set(other.url, s.jars.get(sb.url));
		assert.equal((await s.go(there)).url, other.url + OVERVIEW);
		for (const again of [next, there]) {
			const res = await s.go(again);
			assert.deepEqual([res.status, heading(res)], [400, OVER]);
		}
	} finally {
		await other.stop();
	}
});

const rows = () => Object.fromEntries(['login_taken', 'session', 'logout_token', 'party', 'event', 'token'].map((t) => [t, Number(readStore(sb, `SELECT COUNT(*) FROM ${t}`)[0])]));

test('logins that strangers begin cost no rows and keep nobody out', async () => {
	const s = surfer(), { next } = await s.go(at(OVERVIEW), { until: toCallback }), before = rows();
	const begin = async () => assert.equal((await fetch(at(`/login?goto=${OVERVIEW}`), { redirect: 'manual' })).status, 302);
	for (let i = 0; i < 3000; i += 20)
		await Promise.all(Array.from({ length: 20 }, begin));
	/* A stranger comes back without a code, with an error, and with a code that the provider does not know. */
	for (const answer of ['', '&error=access_denied', '&code=unknown']) {
		const t = surfer(), { next: theirs } = await t.go(at(OVERVIEW), { until: toCallback });
		const state = new URL(theirs).searchParams.get('state');
		assert.equal((await t.go(at(`/login/callback?state=${state}&iss=${encodeURIComponent(provider.issuer)}${answer}`))).status, 403);
	}
	assert.deepEqual(rows(), before);
	assert.equal((await s.go(next)).url, at(OVERVIEW));
	await loggedIn();
	assert.deepEqual(rows(), { ...before, login_taken: before.login_taken + 2, session: before.session + 2 });
});

test('a code of another login is nothing: PKCE binds it', async () => {
	const thief = surfer(), victim = surfer();
	const stolen = new URL((await victim.go(at(OVERVIEW), { until: toCallback })).next), own = new URL((await thief.go(at(OVERVIEW), { until: toCallback })).next);
	own.searchParams.set('code', stolen.searchParams.get('code'));
	const res = await thief.go(own.href);
	assert.deepEqual([res.status, heading(res), session(thief)], [403, REFUSED, undefined]);
	for (const code of ['', 'x'.repeat(2049)]) {
		const next = new URL((await thief.go(at(OVERVIEW), { until: toCallback })).next);
		next.searchParams.set('code', code);
		assert.equal((await thief.go(next.href)).status, 403);
	}
});

test('a provider that is down: a page says so, and the next login works', async () => {
	const other = await startProvider(), fresh = await startSandbox({ store: false, args: other.settings });
	const known = async () => {
		for (const fault of [{ down: 'token' }, { silent: 'token' }, { tokenAnswer: { id_token: undefined } }]) {
			provider.wrong = fault;
			await refused(503, DOWN);
		}
		provider.reset();
	};
	const unknown = async () => {
		for (const fault of [{ down: 'metadata' }, { metadata: { issuer: `${other.issuer}/` } }, { metadata: { token_endpoint: 'ftp://x/' } }, { metadata: { jwks_uri: undefined } }, { silent: 'metadata' }]) {
			other.wrong = fault;
			await refused(503, DOWN, { server: fresh });
		}
		other.reset();
		const s = surfer(), { next } = await s.go(fresh.url + OVERVIEW, { until: toCallback });
		other.wrong = { down: 'keys' };
		assert.equal((await s.go(next)).status, 503);
		other.wrong = { down: 'metadata' };
		assert.ok((await s.go(fresh.url + OVERVIEW, { until: toCallback })).next, 'metadata is kept');
		other.reset();
		await loggedIn(s, OVERVIEW, fresh);
	};
	try {
		await Promise.all([known(), unknown()]); /* each waits for one that is silent */
	} finally {
		await fresh.stop();
		await other.close();
	}
});

test('while a provider is silent, others are served', async () => {
	provider.wrong = { silent: 'token' };
	const s = surfer(), { next } = await s.go(at(OVERVIEW), { until: toCallback });
	const waiting = Promise.all([s.go(next), ...Array.from({ length: 20 }, async () => {
		const t = surfer();
		return t.go((await t.go(at(OVERVIEW), { until: toCallback })).next);
	})]);
	let answered = 0, over = false;
	waiting.then(() => (over = true));
	while (!over && answered < 200) {
		expectStatus(await sb.get('/health/ready'), 200);
		answered++;
	}
	assert.equal(over, false, `only ${answered} answers before the provider's time was over`);
	for (const res of await waiting)
		assert.equal(res.status, 503);
});

test('private_key_jwt: a signed assertion in place of the secret', async () => {
	const { publicKey, privateKey } = await jose.generateKeyPair('RS256', { extractable: true });
	const file = path.join(tempDir(), 'client.jwk'), jwk = { ...await jose.exportJWK(privateKey), kid: 'client-1', alg: 'RS256' };
	const strict = await startProvider({ clientJwk: { ...await jose.exportJWK(publicKey), kid: 'client-1', alg: 'RS256' } });
	writeFileSync(file, JSON.stringify(jwk), { mode: 0o600 });
	const server = await startSandbox({ store: false, args: [...strict.settings, '--set', `oidc.client_key=${file}`] });
	try {
		await loggedIn(surfer(), OVERVIEW, server);
	} finally {
		await server.stop();
		await strict.close();
	}
});

test('settings that cannot be are refused at the start, and no secret is printed', async () => {
	const dir = tempDir(), file = (name, text, mode) => (writeFileSync(path.join(dir, name), text, { mode }), path.join(dir, name));
	const good = { 'oidc.issuer': 'https://idp.example', 'oidc.client_id': 'x', 'oidc.client_secret': 'hemmelig' };
	for (const [change, text] of [
		[{ 'oidc.issuer': 'http://idp.example' }, /oidc\.issuer/], [{ 'oidc.issuer': 'idp' }, /oidc\.issuer/], [{ 'oidc.client_id': '' }, /oidc\.client_id/],
		[{ 'oidc.client_secret': undefined }, /oidc\.client_key/], [{ 'oidc.client_key': '/nowhere' }, /oidc\.client_key/], [{ 'oidc.acr': 'Level4' }, /oidc\.acr/],
		[{ 'oidc.scope': 'profile' }, /oidc\.scope/], [{ 'oidc.client_secret': undefined, 'oidc.client_key': '/nowhere' }, /cannot read \/nowhere/],
		[{ 'oidc.client_secret': undefined, 'oidc.client_key': file('open', '{}', 0o644) }, /chmod 600/],
		[{ 'oidc.client_secret': undefined, 'oidc.client_key': file('bad', '{"hemmelig":1}', 0o600) }, /oidc\.client_key/], [{ 'login.fresh_s': '7201' }, /login\.fresh_s/],
	]) {
		const args = Object.entries({ ...good, ...change }).flatMap(([k, v]) => (v === undefined ? [] : ['--set', `${k}=${v}`]));
		const r = await run(['sandbox', '--port', '0', ...args]);
		assert.equal(r.status, 1, JSON.stringify(change));
		assert.match(r.stderr, text);
		assert.equal(r.stderr.includes('hemmelig'), false);
	}
});

// ---- levels, other people, fresh logins ----

test('a consent of level 4 asks for a login of level 4', async () => {
	const c = await ask({ consentRights: [right('level4')] }), s = surfer(), low = await s.go(at(c.target));
	assert.equal(low.status, 403);
	const moved = await s.go(at('/accessmanagement/ui/changeuser'), { form: formOf(low) });
	assert.equal(heading(moved), 'Vi sender deg til innloggingen');
	const to = /http-equiv="refresh" content="0;url=([^"]*)"/.exec(moved.text)[1].replaceAll('&amp;', '&');
	provider.asked.length = 0;
	const still = await s.go(at(to));
	assert.equal(provider.asked[0].acr_values, 'idporten-loa-high');
	assert.deepEqual([still.status, heading(still)], [403, WEAK], 'a login of level 3 is not enough any more');
	provider.acr = 'idporten-loa-high';
	assert.equal((await s.go(at(to))).url, at(c.target));
});

test('level 3 is asked for where less is usual', async () => {
	const other = await startSandbox({ store: false, args: [...provider.settings, '--set', 'oidc.acr=idporten-loa-low'] }), s = surfer();
	try {
		provider.acr = 'idporten-loa-low';
		const low = await s.go(other.url + OVERVIEW);
		assert.deepEqual([low.status, heading(low)], [403, 'Du må logge inn på en sikrere måte']);
		const moved = await s.go(`${other.url}/accessmanagement/ui/changeuser`, { form: formOf(low) });
		provider.asked.length = 0;
		provider.acr = 'idporten-loa-substantial';
		const to = /http-equiv="refresh" content="0;url=([^"]*)"/.exec(moved.text)[1].replaceAll('&amp;', '&');
		assert.equal((await s.go(other.url + to)).url, other.url + OVERVIEW);
		assert.equal(provider.asked[0].acr_values, 'idporten-loa-substantial');
	} finally {
		await other.stop();
	}
});

test('somebody else: the provider has to ask again', async () => {
	const c = await ask(), s = surfer();
	provider.person = ASMUND;
	const wrong = await s.go(at(c.target));
	assert.equal(wrong.status, 403);
	const moved = await s.go(at('/accessmanagement/ui/changeuser'), { form: formOf(wrong) });
	const to = /http-equiv="refresh" content="0;url=([^"]*)"/.exec(moved.text)[1].replaceAll('&amp;', '&');
	provider.asked.length = 0;
	provider.person = ELENA;
	provider.wrong = claims((x) => (x.auth_time -= 600));
	assert.equal(heading(await s.go(at(to))), REFUSED, 'an old login is not the new one that was asked for');
	provider.wrong = claims((x) => delete x.auth_time);
	assert.equal(heading(await s.go(at(to))), REFUSED, 'nor one whose time nobody tells');
	provider.wrong = {};
	assert.equal((await s.go(at(to))).url, at(c.target));
	assert.deepEqual(provider.asked.map((a) => a.prompt), ['login', 'login', 'login']);
});

test('login.fresh_s: an old login has to be renewed before a decision, which is asked for again', async () => {
	const server = await startSandbox({ store: false, args: [...provider.settings, '--set', 'login.fresh_s=60'] });
	try {
		const body = requestBody(server, {}), target = `${CONSENT}?id=${body.id}`, token = await server.orgToken(BANK, `${S_WRITE} ${S_READ}`);
		expectStatus(await server.post(REQUESTS, token, body), 201);
		const status = async () => (await server.get(`${REQUESTS}/${body.id}`, token)).json.status;
		const s = surfer();
		provider.wrong = claims((c) => (c.auth_time -= 61));
		const decide = async (decision) => {
			const page = await s.go(server.url + target);
			return s.go(server.url + CONSENT, { form: { ...formOf(page), decision } });
		};
		const old = await decide('approve');
		assert.equal(heading(old), 'Logg inn på nytt før du svarer');
		assert.equal(await status(), 'Created');
		const csrf = formOf(await s.go(server.url + target)).csrf;
		const byApi = await fetch(`${server.url}/accessmanagement/api/v1/bff/consentrequests/${body.id}/accept`, { method: 'POST', body: '{"language":"nb"}',
			headers: { 'Content-Type': 'application/json', 'X-XSRF-TOKEN': csrf, Cookie: `__Host-samtykke=${session(s, server)}` } });
		assert.equal(byApi.status, 403, 'nor by the API of the same session');
		for (const how of ['approve', 'reject']) {
			const byPortal = await fetch(`${server.url}/accessmanagement/api/v1/consent/request/${body.id}/${how}`, { method: 'POST', body: '{"language":"nb"}',
				headers: { 'Content-Type': 'application/json', 'X-XSRF-TOKEN': csrf, Cookie: `__Host-samtykke=${session(s, server)}` } });
			assert.equal(byPortal.status, 403);
		}
		assert.equal(await status(), 'Created');
		const to = /http-equiv="refresh" content="0;url=([^"]*)"/.exec(old.text)[1].replaceAll('&amp;', '&');
		provider.wrong = {};
		provider.asked.length = 0;
		assert.equal((await s.go(server.url + to)).url, server.url + target);
		assert.equal(provider.asked[0].prompt, 'login');
		assert.equal((await decide('approve')).status, 200);
		assert.equal(await status(), 'Accepted');
		provider.wrong = claims((c) => (c.auth_time -= 61));
		const late = surfer(), withdraw = `/accessmanagement/ui/consent/withdraw?id=${body.id}`, sure = await late.go(server.url + withdraw);
		assert.equal(heading(await late.go(server.url + '/accessmanagement/ui/consent/withdraw', { form: formOf(sure) })), 'Logg inn på nytt før du svarer');
		assert.equal(await status(), 'Accepted');
	} finally {
		await server.stop();
	}
});

// ---- logout ----

test('our logout is the provider\'s too, and then the browser goes on to the requester', async () => {
	const c = await ask({ redirectUrl: 'https://bank.example/tilbake?x=1' }), s = surfer(), page = await s.go(at(c.target)), old = session(s);
	await s.go(at(CONSENT), { form: { ...formOf(page), decision: 'approve' } });
	assert.equal(await statusOf(c.id), 'Accepted');
	/* The provider ends its sessions everywhere, before the browser comes back. */
	const gone = await s.go(at(`/accessmanagement/api/v1/consent/request/${c.id}/logout`), { until: (u) => u.pathname === '/accessmanagement/api/v1/logoutredirect' });
	expectStatus(await backchannel(await provider.logoutToken()), 200);
	expectStatus(await sb.get(`/logout/frontchannel?${new URLSearchParams({ iss: provider.issuer, sid: provider.sid })}`), 200);
	const end = await s.go(gone.next, { until: (u) => u.host === 'bank.example' });
	assert.equal(end.next, 'https://bank.example/tilbake?x=1&Status=OK');
	const { state, ...rest } = provider.loggedOut;
	assert.deepEqual(rest, { client_id: CLIENT_ID, post_logout_redirect_uri: at('/accessmanagement/api/v1/logoutredirect') });
	assert.match(state, /^[\x20-\x7E]+$/);
	s.jars.get(sb.url).set('__Host-samtykke', old);
	assert.ok((await s.go(at(OVERVIEW), { until: (u) => u.pathname === '/login' })).next, 'the session is over');
});

test('a provider without a logout of its own, or one that is down: ours goes through', async () => {
	const server = await startSandbox({ store: false, args: provider.settings });
	try {
		provider.wrong = { metadata: { end_session_endpoint: undefined } };
		const s = await loggedIn(surfer(), OVERVIEW, server);
		const res = await s.go(`${server.url}/authentication/api/v1/logout`);
		assert.equal(heading(res), 'Du er logget ut');
		assert.equal(session(s, server), undefined);
	} finally {
		await server.stop();
	}
});

const backchannel = (token, more = {}) => sb.request('POST', '/logout/backchannel', { body: new URLSearchParams({ logout_token: token, ...more }).toString(), headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
const alive = async (s) => (await s.go(at(OVERVIEW), { until: (u) => u.pathname === '/login' })).status === 200;

test('back-channel logout ends every session of that sid, and a token counts once', async () => {
	const a = await loggedIn(), b = await loggedIn(), sid = provider.sid;
	provider.sid = randomUUID();
	const other = await loggedIn();
	provider.sid = sid;
	const token = await provider.logoutToken({ sub: 'pairwise' });
	const res = expectStatus(await backchannel(token), 200);
	assert.equal(res.text, '');
	assert.equal(res.headers['cache-control'], 'no-store');
	assert.deepEqual([await alive(a), await alive(b), await alive(other)], [false, false, true]);
	const again = await loggedIn();
	assert.deepEqual(expectStatus(await backchannel(token), 400).json, { error: 'invalid_request', error_description: 'jti' });
	assert.equal(await alive(again), true, 'the same token again ends nothing');
	expectStatus(await backchannel(await provider.logoutToken({ sid: 'nobody' })), 200, 'a session that is not there');
});

test('logout tokens that are not believed', async () => {
	const s = await loggedIn(), stranger = await provider.strangerKey('x');
	const events = (v) => ({ events: v });
	for (const [why, changes, header, key] of [
		['iss', { iss: `${provider.issuer}/` }], ['aud', { aud: 'somebody-else' }], ['exp', { exp: 1 }], ['exp', { exp: undefined }], ['iat', { iat: undefined }], ['iat', { iat: Math.floor(Date.now() / 1000) - 700 }],
		['nonce', { nonce: 'x' }], ['nonce', { nonce: null }], ['events', events({})], ['events', events(undefined)], ['events', events(['http://schemas.openid.net/event/backchannel-logout'])],
		['events', events({ 'http://schemas.openid.net/event/backchannel-logout': true })], ['jti', { jti: undefined }], ['jti', { jti: 'x'.repeat(257) }], ['sid', { sid: undefined }], ['sid', { sid: 'x'.repeat(257) }],
		['typ', {}, { typ: 'JWT' }], ['typ', {}, { typ: undefined }], ['key', {}, { kid: undefined }], ['key', {}, { kid: provider.keys[0].kid, jwk: stranger.publicJwk }, stranger],
	]) {
		const res = expectStatus(await backchannel(await provider.logoutToken(changes, header, key)), 400, `${why} ${JSON.stringify(changes)}`);
		assert.equal(res.json.error_description, why);
		assert.equal(res.headers['cache-control'], 'no-store');
	}
	assert.equal(expectStatus(await backchannel('x.y.z'), 400).json.error_description, 'shape');
	assert.equal(expectStatus(await sb.request('POST', '/logout/backchannel', { body: 'x' }), 400).json.error_description, 'shape');
	expectStatus(await backchannel('x'.repeat(16400)), 413);
	assert.equal(await alive(s), true);
});

test('an id_token is no logout token, and the other way round', async () => {
	const s = await loggedIn();
	let idToken;
	provider.wrong = { idToken: async (c) => (idToken = await provider.sign(c)) };
	await loggedIn();
	assert.equal(expectStatus(await backchannel(idToken), 400).json.error_description, 'typ');
	provider.wrong = { idToken: () => provider.logoutToken() };
	await refused(403, REFUSED);
	assert.equal(await alive(s), true);
});

test('front-channel logout: by sid, in a frame of the provider\'s', async () => {
	const s = await loggedIn(), front = (query) => sb.get(`/logout/frontchannel?${new URLSearchParams(query)}`);
	for (const bad of [{}, { sid: provider.sid }, { iss: provider.issuer }, { iss: 'https://evil.example', sid: provider.sid }, { iss: provider.issuer, sid: '' }, { iss: provider.issuer, sid: 'x'.repeat(257) }])
		expectStatus(await front(bad), 400);
	assert.equal(await alive(s), true);
	const res = expectStatus(await front({ iss: `${provider.issuer}/`, sid: provider.sid }), 200, 'here a slash more does not matter');
	assert.equal(await alive(s), false);
	assert.match(res.headers['content-security-policy'], new RegExp(`frame-ancestors ${provider.issuer}( |$)`));
	assert.equal(res.headers['x-frame-options'], undefined);
	assert.equal((await sb.get(`/login/callback?state=x`, null, { accept: 'text/html' })).headers['x-frame-options'], 'DENY', 'nothing else is framed');
	expectStatus(await front({ iss: provider.issuer, sid: provider.sid }), 200, 'again');
});

test('without a provider there are no such routes to use', async () => {
	const plain = await startSandbox({ store: false });
	try {
		for (const [method, target] of [['GET', '/login'], ['GET', '/login/callback?state=x'], ['GET', '/logout/frontchannel?iss=x&sid=x'], ['POST', '/logout/backchannel']])
			expectStatus(await plain.request(method, target, { body: method === 'POST' ? 'logout_token=x' : undefined }), 404, target);
	} finally {
		await plain.stop();
	}
});

test('neither identity numbers nor secrets nor tokens are in the log', () => {
	const log = sb.stderr();
	assert.match(log, /login\.refused/);
	for (const secret of [ELENA, ASMUND, STRANGER, SECRET, encodeURIComponent(SECRET), 'eyJ'])
		assert.equal(log.includes(secret), false, secret);
});
