// An OpenID provider that does what it is told: right by default, wrong where a test asks for it. And a browser without a screen that
// goes from origin to origin.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import http from 'node:http';
import * as jose from 'jose';
import { ELENA } from './world.mjs';

export const CLIENT_ID = 'samtykke-tests', SECRET = 'sikret: +/=% æ';
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const now = () => Math.floor(Date.now() / 1000);

async function makeKey(kid) {
	const { publicKey, privateKey } = await jose.generateKeyPair('RS256', { extractable: true });
	return { kid, privateKey, publicJwk: { ...await jose.exportJWK(publicKey), kid, alg: 'RS256', use: 'sig' } };
}

const sign = (key, claims, header = {}) =>
	new jose.SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: key.kid, typ: 'JWT', ...header }).sign(key.privateKey);

// wrong: what is to go wrong, as functions and values by name; the tests set them and reset() takes them away.
export async function startProvider({ clientJwk } = {}) {
	const codes = new Map();
	const p = { wrong: {}, calls: {}, asked: [], keys: [await makeKey('key-1')], person: ELENA, acr: 'idporten-loa-substantial', sid: randomUUID() };
	const metadata = () => ({
		issuer: p.issuer, authorization_endpoint: `${p.issuer}/here/authorize`, token_endpoint: `${p.issuer}/there/token`, jwks_uri: `${p.issuer}/keys.json`,
		end_session_endpoint: `${p.issuer}/ut`, authorization_response_iss_parameter_supported: true, ...p.wrong.metadata,
	});
	const claimsFor = (a) => ({
		iss: p.issuer, aud: CLIENT_ID, sub: 'pairwise', pid: p.person, acr: p.acr, amr: ['TestID'], auth_time: now(), iat: now(), exp: now() + 120,
		nonce: a.nonce, sid: p.sid, locale: 'nb', jti: randomUUID(),
	});

	function authorize(url, res) {
		const a = Object.fromEntries(url.searchParams);
		p.asked.push(a);
		const back = new URL(a.redirect_uri);
		const code = randomUUID();
		codes.set(code, a);
		const answer = { code, state: a.state, iss: p.issuer, ...p.wrong.answer };
		for (const [k, v] of Object.entries(answer))
			if (v !== undefined)
				back.searchParams.set(k, v);
		res.writeHead(302, { Location: back.href }).end();
	}

	async function authenticated(req, form) {
		if (!clientJwk) {
			const [id, secret] = Buffer.from(/^Basic (.*)$/.exec(req.headers.authorization ?? '')?.[1] ?? '', 'base64').toString().split(':')
				.map((s) => decodeURIComponent(s.replaceAll('+', ' ')));
			return id === CLIENT_ID && secret === SECRET;
		}
		assert.equal(form.get('client_assertion_type'), 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
		const { payload, protectedHeader } = await jose.jwtVerify(form.get('client_assertion'), await jose.importJWK(clientJwk), { issuer: CLIENT_ID, subject: CLIENT_ID, audience: p.issuer });
		assert.equal(protectedHeader.kid, clientJwk.kid);
		assert.ok(payload.jti && payload.exp - payload.iat <= 120);
		return true;
	}

	async function token(req, res) {
		const chunks = [];
		for await (const c of req)
			chunks.push(c);
		const form = new URLSearchParams(Buffer.concat(chunks).toString()), a = codes.get(form.get('code'));
		const refuse = (error) => res.writeHead(error === 'invalid_client' ? 401 : 400, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error }));
		if (!await authenticated(req, form))
			return refuse('invalid_client');
		codes.delete(form.get('code'));
		const challenge = createHash('sha256').update(form.get('code_verifier')).digest('base64url');
		if (!a || form.get('grant_type') !== 'authorization_code' || form.get('redirect_uri') !== a.redirect_uri || form.get('client_id') !== CLIENT_ID ||
			a.code_challenge_method !== 'S256' || challenge !== a.code_challenge)
			return refuse('invalid_grant');
		const claims = claimsFor(a);
		p.wrong.claims?.(claims);
		const id_token = p.wrong.idToken ? await p.wrong.idToken(claims) : await sign(p.keys.at(-1), claims, p.wrong.header);
		res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ access_token: 'opaque', token_type: 'Bearer', expires_in: 600, id_token, ...p.wrong.tokenAnswer }));
	}

	const server = http.createServer(async (req, res) => {
		const url = new URL(req.url, p.issuer), name = { '/.well-known/openid-configuration': 'metadata', '/here/authorize': 'authorize', '/there/token': 'token', '/keys.json': 'keys', '/ut': 'logout' }[url.pathname];
		p.calls[name] = (p.calls[name] ?? 0) + 1;
		if (p.wrong.down === name)
			return res.writeHead(500).end('down');
		if (p.wrong.silent === name)
			return undefined;
		const json = (v) => res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(v));
		switch (name) {
		case 'metadata': return json(metadata());
		case 'keys': return json({ keys: p.keys.map((k) => k.publicJwk) });
		case 'authorize': return authorize(url, res);
		case 'token': return token(req, res).catch((e) => res.writeHead(500).end(String(e)));
		case 'logout': {
			p.loggedOut = Object.fromEntries(url.searchParams);
			const back = new URL(p.loggedOut.post_logout_redirect_uri);
			back.searchParams.set('state', p.loggedOut.state);
			return res.writeHead(302, { Location: back.href }).end();
		}
		default: return res.writeHead(404).end();
		}
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	p.issuer = `http://127.0.0.1:${server.address().port}`;
	p.settings = ['--set', `oidc.issuer=${p.issuer}`, '--set', `oidc.client_id=${CLIENT_ID}`, ...(clientJwk ? [] : ['--set', `oidc.client_secret=${SECRET}`])];
	p.reset = () => Object.assign(p, { wrong: {}, person: ELENA, acr: 'idporten-loa-substantial', sid: randomUUID() });
	p.rotate = async () => (p.keys = [await makeKey(`key-${randomUUID()}`)]);
	p.sign = (claims, header, key = p.keys.at(-1)) => sign(key, claims, header);
	p.strangerKey = makeKey;
	p.logoutToken = (changes = {}, header = {}, key) =>
		p.sign({ iss: p.issuer, aud: CLIENT_ID, iat: now(), exp: now() + 120, jti: randomUUID(), events: { [EVENT]: {} }, sid: p.sid, ...changes }, { typ: 'logout+jwt', ...header }, key);
	p.close = () => new Promise((resolve) => {
		server.closeAllConnections();
		server.close(resolve);
	});
	return p;
}

// Cookies an origin, redirects across origins. until: an address that it does not go to any more ({next}).
export function surfer() {
	const jars = new Map();
	const s = {
		jars,
		async go(address, { form, until } = {}) {
			let url = new URL(address), method = form ? 'POST' : 'GET', body = form && new URLSearchParams(form);
			const hops = [];
			for (let i = 0; i < 12; i++) {
				if (until?.(url))
					return { next: url.href, hops };
				const jar = jars.get(url.origin) ?? new Map();
				jars.set(url.origin, jar);
				const res = await fetch(url, { method, body, redirect: 'manual', headers: { Accept: 'text/html', Cookie: [...jar].map(([k, v]) => `${k}=${v}`).join('; '), ...(form && { 'Sec-Fetch-Site': 'same-origin' }) } });
				hops.push(url.href);
				for (const line of res.headers.getSetCookie()) {
					const [, name, value] = /^([^=]*)=([^;]*)/.exec(line);
					if (/max-age=0/i.test(line))
						jar.delete(name);
					else
						jar.set(name, value);
				}
				const text = await res.text(), to = res.headers.get('location');
				if (!to)
					return { status: res.status, text, url: url.href, headers: res.headers, hops };
				url = new URL(to, url);
				method = 'GET';
				body = form = undefined;
			}
			throw new Error(`too many redirects: ${hops.join(' ')}`);
		},
	};
	return s;
}
