// Tokens that npm's jose makes in the shape of the national issuer's consent tokens, before `samtykke token verify`.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as jose from 'jose';

const ISSUER = 'https://issuer.test/';
const ORG = { authority: 'iso6523-actorid-upis', ID: '0192:991825827' };
const WANTED = ['--scope', 'ttd:inntekt', '--resource', 'ttd-inntekt', '--from', '01025161013', '--metadata', 'INNTEKTSAAR=2025'];
let dir;

before(async () => (dir = await mkdtemp(join(tmpdir(), 'samtykke-interop.'))));
after(() => rm(dir, { recursive: true }));

function claims() {
	const now = Math.floor(Date.now() / 1000);
	return {
		authorization_details: [{
			type: 'urn:altinn:consent',
			id: '0195a7c2-9d10-7c44-8a51-3f2b7d6e9a01',
			from: 'urn:altinn:person:identifier-no:01025161013',
			to: ORG,
			consented: '2026-04-01T11:00:40.123456+00:00',
			validTo: new Date((now + 86400) * 1000).toISOString(),
			consentRights: [{
				action: ['consent'],
				resource: [{ type: 'urn:altinn:resource', value: 'ttd-inntekt' }],
				metadata: { inntektsaar: '2025' },
			}],
		}],
		scope: 'ttd:inntekt',
		iss: ISSUER,
		client_amr: 'private_key_jwt',
		token_type: 'Bearer',
		exp: now + 120,
		iat: now - 1,
		client_id: '3c1d7a52-7a51-4f0e-9d10-0195a7c29d10',
		jti: 'q0mXkE2l',
		consumer: ORG,
	};
}

async function issuer(alg) {
	const { publicKey, privateKey } = await jose.generateKeyPair(alg);
	const other = await jose.exportJWK((await jose.generateKeyPair('ES256')).publicKey);
	const key = { ...(await jose.exportJWK(publicKey)), kid: `${alg}-1`, alg, use: 'sig' };
	const jwks = join(dir, `${alg}-${key.x ?? key.n.slice(0, 16)}.json`);
	await writeFile(jwks, JSON.stringify({ keys: [{ ...other, kid: 'other', use: 'sig' }, key] }));
	const sign = (payload, kid = key.kid) => new jose.SignJWT(payload).setProtectedHeader({ kid, alg }).sign(privateKey);
	return { jwks, sign };
}

// What it says on stdout; throws what it says on stderr.
function verify(jwks, token, args = WANTED) {
	return new Promise((resolve, reject) => {
		const words = ['token', 'verify', '--jwks', jwks, '--issuer', ISSUER, ...args];
		const child = execFile(process.env.SAMTYKKE_BIN, words, (error, stdout, stderr) =>
			error ? reject(new Error(`${error.code}: ${stderr}`)) : resolve(stdout));
		child.stdin.on('error', () => {}); // it may end before it has read
		child.stdin.end(token + '\n');
	});
}

for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
	test(`a consent token is accepted: ${alg}`, async () => {
		const { jwks, sign } = await issuer(alg);
		const token = await sign(claims());
		const said = await verify(jwks, token);
		assert.match(said, /^issuer: https:\/\/issuer\.test\/$/m);
		assert.match(said, /^consumer: 991825827$/m);
		assert.match(said, /^consent: 0195a7c2-9d10-7c44-8a51-3f2b7d6e9a01$/m);
		assert.match(said, /^given: 2026-04-01T11:00:40\.123456\+00:00$/m);
		assert.match(said, /^resource: ttd-inntekt$/m);
		assert.equal(await verify(jwks, `Bearer ${token}`, ['--quiet']), '');
	});

	test(`a changed one is refused: ${alg}`, async () => {
		const { jwks, sign } = await issuer(alg);
		const token = await sign(claims());
		const [head, body, sig] = token.split('.');
		const richer = Buffer.from(JSON.stringify({ ...claims(), scope: 'ttd:alt' })).toString('base64url');
		await assert.rejects(verify(jwks, `${head}.${richer}.${sig}`), /^Error: 1: .*bad-signature/);
		await assert.rejects(verify(jwks, `${head}.${body}.${'A'.repeat(sig.length)}`), /bad-signature/);
		await assert.rejects(verify(jwks, `${head}.${body}.`), /bad-signature/);
		await assert.rejects(verify(jwks, await sign(claims(), 'other')), alg === 'ES256' ? /bad-signature/ : /bad-algorithm/);
		await assert.rejects(verify(jwks, await sign(claims(), 'nobody')), /unknown-key/);
		await assert.rejects(verify((await issuer(alg)).jwks, token), /bad-signature/);
	});
}

const changes = [
	['another issuer', /wrong-issuer/, (c) => (c.iss = 'https://issuer.test')],
	['past its time', /: expired/, (c) => (c.exp = c.iat)],
	['before its time', /not-yet/, (c) => (c.iat += 60)],
	['another scope', /wrong-scope/, (c) => (c.scope = 'ttd:inntektsdata')],
	['no consent', /no-consent/, (c) => delete c.authorization_details],
	['another recipient', /wrong-recipient/, (c) => (c.consumer = { ...ORG, ID: '0192:974760673' })],
	['another giver', /wrong-giver/, (c) => (c.authorization_details[0].from = 'urn:altinn:person:identifier-no:05857420189')],
	['a consent past its end', /consent-expired/, (c) => (c.authorization_details[0].validTo = '2026-04-02T00:00:00+00:00')],
	['another resource', /not-covered/, (c) => (c.authorization_details[0].consentRights[0].resource[0].value = 'ttd-gjeld')],
	['other metadata', /not-covered/, (c) => (c.authorization_details[0].consentRights[0].metadata.inntektsaar = '2024')],
	['no rights', /bad-consent/, (c) => (c.authorization_details[0].consentRights = [])],
];
for (const [name, reason, change] of changes) {
	test(`signed, but ${name}`, async () => {
		const { jwks, sign } = await issuer('ES256');
		const c = claims();
		change(c);
		await assert.rejects(verify(jwks, await sign(c)), reason);
	});
}

test('what nobody signed is refused', async () => {
	const { jwks } = await issuer('RS256');
	await assert.rejects(verify(jwks, new jose.UnsecuredJWT(claims()).encode()), /bad-algorithm/);
	const secret = new TextEncoder().encode('a secret of at least thirty-two bytes');
	const hmac = await new jose.SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'RS256-1' }).sign(secret);
	await assert.rejects(verify(jwks, hmac), /bad-algorithm/);
});
