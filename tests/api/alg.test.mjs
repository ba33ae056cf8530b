// Access tokens signed with the algorithm that scope, client or platform choose; read by npm jose, python3-jwt and libsamtykke.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import * as jose from 'jose';
import { askToken, consentDetails, expectFault, getToken } from '../js/maskinporten.mjs';
import { expectStatus, run, startSandbox } from '../js/sandbox.mjs';
import { AGENCY, BANK, BFF, ELENA, REQUESTS, S_WRITE, person, requestBody, testWorld } from '../js/world.mjs';

const ALGS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const { document, clients } = await testWorld();
const sb = await startSandbox({ apply: document });
const { bank } = clients;
const scopeOf = (alg) => `alg:${alg.toLowerCase()}`;
const entry = document.clients.find((c) => c.clientId === bank.clientId);
const client = (more) => ({ clients: [{ ...entry, scopes: [...entry.scopes, ...ALGS.map(scopeOf)], ...more }] });
expectStatus(await sb.apply({
	scopes: ALGS.map((alg) => ({ scope: scopeOf(alg), owner: AGENCY, description: alg, accessibleForAll: true, tokenAlg: alg })),
	...client(),
}), 204);

// The token, checked with the published keys by jose alone.
async function token(claims, alg) {
	const { access_token: text } = expectStatus(await askToken(sb, bank, claims), 200).json;
	const keys = jose.createRemoteJWKSet(new URL(`${sb.url}/jwk`));
	const { protectedHeader } = await jose.jwtVerify(text, keys, { issuer: `${sb.url}/`, algorithms: [alg] });
	assert.deepEqual(Object.keys(protectedHeader).sort(), ['alg', 'kid']);
	return text;
}

const PYTHON = `
import json, sys, urllib.request, jwt
from jwt.algorithms import get_default_algorithms
token, url, alg = sys.argv[1:]
head = jwt.get_unverified_header(token)
assert head["alg"] == alg, head
key = next(k for k in json.load(urllib.request.urlopen(url))["keys"] if k["kid"] == head["kid"])
key = get_default_algorithms()[alg].from_jwk(json.dumps(key))
print(jwt.decode(token, key, algorithms=[alg], options={"verify_aud": False})["scope"])`;

test('the key set has one key of each algorithm, RS256 first, with certificates and no private part', async () => {
	const { keys } = expectStatus(await sb.get('/jwk'), 200).json;
	assert.deepEqual(keys.map((k) => k.alg), ALGS);
	assert.equal(new Set(keys.map((k) => k.kid)).size, ALGS.length);
	for (const k of keys) {
		assert.equal(k.use, 'sig');
		assert.equal(k.x5c.length, 1);
		assert.equal(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].some((m) => m in k), false, k.alg);
		await jose.importJWK(k);
		await jose.importX509(`-----BEGIN CERTIFICATE-----\n${k.x5c[0]}\n-----END CERTIFICATE-----`, k.alg);
	}
});

for (const alg of ALGS)
	test(`a scope's algorithm: ${alg}`, async () => {
		const text = await token({ scope: scopeOf(alg) }, alg);
		const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-c', PYTHON, text, `${sb.url}/jwk`, alg]);
		assert.equal(stdout.trim(), scopeOf(alg));
	});

for (const alg of ALGS)
	test(`a consent token is read by libsamtykke: ${alg}`, async () => {
		const asker = await sb.orgToken(BANK, S_WRITE);
		const { id } = expectStatus(await sb.post(REQUESTS, asker, requestBody(sb)), 201).json;
		expectStatus(await sb.post(`${BFF}/${id}/accept`, await sb.personToken(ELENA), { language: 'nb' }), 200);
		const text = await token({ scope: scopeOf(alg), authorization_details: consentDetails(id, person(ELENA)) }, alg);
		const good = await run(['token', 'verify', '--url', sb.url, '--scope', scopeOf(alg), '--from', ELENA], { input: text });
		assert.equal(good.status, 0, good.stderr);
		assert.match(good.stdout, new RegExp(`^consent: ${id}$`, 'm'));
		const [head, body, sig] = text.split('.');
		const bad = await run(['token', 'verify', '--url', sb.url], { input: `${head}.${body}.${sig.startsWith('A') ? 'B' : 'A'}${sig.slice(1)}` });
		assert.equal(bad.status, 1);
		assert.match(bad.stderr, /bad-signature/);
	});

test('without a choice it is the platform\'s', async () => {
	const { header } = await getToken(sb, bank, { scope: 'api:plain' });
	assert.equal(header.alg, 'RS256');
});

test('a scope that chooses goes before one that does not', async () => {
	await token({ scope: 'api:plain alg:es256' }, 'ES256');
	await token({ scope: 'alg:es256 api:plain' }, 'ES256');
});

test('scopes that disagree need a token each', async () => {
	const res = await askToken(sb, bank, { scope: 'alg:es256 api:plain alg:ps256' });
	expectFault(sb, res, 400, 'invalid_scope', '', 'Scopes whose tokens are signed with different algorithms need a token each, alg:ps256');
});

test('a client\'s algorithm holds where no scope has one', async () => {
	expectStatus(await sb.apply(client({ tokenAlg: 'PS256' })), 204);
	await token({ scope: 'api:plain' }, 'PS256');
	await token({ scope: 'alg:eddsa' }, 'EdDSA');
	expectStatus(await sb.apply(client({ tokenAlg: null })), 204);
	await token({ scope: 'api:plain' }, 'RS256');
});

test('the API takes tokens of every algorithm that it gives', async () => {
	expectStatus(await sb.apply(client({ tokenAlg: 'EdDSA' })), 204);
	const text = await token({ scope: S_WRITE }, 'EdDSA');
	expectStatus(await sb.post(REQUESTS, text, requestBody(sb)), 201);
	expectStatus(await sb.apply(client({ tokenAlg: null })), 204);
});

for (const alg of ['RS384', 'RS512', 'HS256', 'none', 'es256', '', 7])
	test(`apply refuses tokenAlg ${JSON.stringify(alg)}`, async () => {
		const res = await sb.apply({ scopes: [{ scope: 'alg:es256', tokenAlg: alg }] });
		expectStatus(res, 400);
		assert.match(res.text, /scopes\[0\]\.tokenAlg: /);
	});

test('token.alg is the sandbox\'s to choose too', async () => {
	const other = await startSandbox({ apply: document, store: false, args: ['--set', 'token.alg=ES256'] });
	try {
		const { access_token: text } = expectStatus(await askToken(other, bank, { scope: 'api:plain' }), 200).json;
		assert.equal(jose.decodeProtectedHeader(text).alg, 'ES256');
		expectStatus(await other.post(REQUESTS, await other.orgToken(BANK, S_WRITE), requestBody(other)), 201);
	} finally {
		await other.stop();
	}
});

test.after(() => sb.stop());
