// The jose layer against npm's jose, both ways. JOSE_HELPER is the path of jose_interop.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import * as jose from 'jose';

const ALGS = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'EdDSA'];
const CLAIMS = { iss: 'https://issuer.test/', sub: 'bjørn', aud: ['a', 'b'], n: [1, 2.5, null, true], scope: 'x y' };
let helper, lines;

before(() => {
	helper = spawn(process.env.JOSE_HELPER, { stdio: ['pipe', 'pipe', 'inherit'] });
	lines = createInterface({ input: helper.stdout })[Symbol.asyncIterator]();
});
after(async () => {
	const ended = new Promise((resolve) => helper.on('exit', resolve));
	helper.stdin.end();
	assert.equal(await ended, 0);
});

async function ask(...words) {
	helper.stdin.write(words.join(' ') + '\n');
	return (await lines.next()).value;
}

async function ok(...words) {
	const answer = await ask(...words);
	assert.ok(answer.startsWith('ok '), `${words[0]}: ${answer}`);
	return answer.slice(3);
}

async function pair(alg) {
	const secret = await ok('generate', alg);
	return { secret, open: await ok('public', secret) };
}

for (const alg of ALGS) {
	test(`ours is read by them: ${alg}`, async () => {
		const { secret, open } = await pair(alg);
		const token = await ok('sign', alg, secret, JSON.stringify(CLAIMS));
		const jwk = JSON.parse(open);
		const { payload, protectedHeader } = await jose.jwtVerify(token, await jose.importJWK(jwk, alg));
		assert.deepEqual(payload, CLAIMS);
		assert.deepEqual(protectedHeader, { alg, kid: jwk.kid, typ: 'JWT' });
		const forged = token.replace(/[^.]+$/, (sig) => 'A'.repeat(sig.length));
		await assert.rejects(jose.jwtVerify(forged, await jose.importJWK(jwk, alg)));
	});

	test(`our set is read by them: ${alg}`, async () => {
		const { secret, open } = await pair(alg);
		const token = await ok('sign', alg, secret, JSON.stringify(CLAIMS));
		const set = jose.createLocalJWKSet({ keys: [JSON.parse((await pair('ES256')).open), JSON.parse(open)] });
		assert.deepEqual((await jose.jwtVerify(token, set)).payload, CLAIMS);
	});

	test(`our thumbprint is theirs: ${alg}`, async () => {
		const jwk = JSON.parse((await pair(alg)).open);
		assert.equal(await jose.calculateJwkThumbprint(jwk), jwk.kid);
	});

	test(`theirs is read by us, with their key: ${alg}`, async () => {
		const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
		const open = JSON.stringify({ ...(await jose.exportJWK(publicKey)), alg });
		const token = await new jose.SignJWT(CLAIMS).setProtectedHeader({ alg, kid: 'k' }).sign(privateKey);
		assert.deepEqual(JSON.parse(await ok('verify', open, token)), CLAIMS);
		const [head, body, sig] = token.split('.');
		assert.equal(await ask('verify', open, `${head}.${body}.${'A'.repeat(sig.length)}`), 'denied');
		assert.equal(await ask('verify', (await pair(alg)).open, token), 'denied');

		const secret = JSON.stringify({ ...(await jose.exportJWK(privateKey)), alg });
		const ours = await ok('sign', alg, secret, JSON.stringify(CLAIMS));
		assert.deepEqual((await jose.jwtVerify(ours, publicKey)).payload, CLAIMS);
	});
}

test('what they can make and we do not take', async () => {
	const { open } = await pair('RS256');
	const secret = new TextEncoder().encode('a secret of at least thirty-two bytes');
	const hmac = await new jose.SignJWT(CLAIMS).setProtectedHeader({ alg: 'HS256' }).sign(secret);
	assert.equal(await ask('verify', open, hmac), 'denied');
	assert.equal(await ask('verify', open, new jose.UnsecuredJWT(CLAIMS).encode()), 'denied');
	const jwe = await new jose.EncryptJWT(CLAIMS).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(
		new Uint8Array(32));
	assert.equal(await ask('verify', open, jwe), 'invalid');
	const { privateKey } = await jose.generateKeyPair('ES384');
	const es384 = await new jose.SignJWT(CLAIMS).setProtectedHeader({ alg: 'ES384' }).sign(privateKey);
	assert.equal(await ask('verify', open, es384), 'denied');
});
