// Signing keys in a PKCS#11 token (SoftHSM behind tests/token/away.c) that goes away and comes back.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import * as jose from 'jose';
import { askToken, makeKey } from '../js/maskinporten.mjs';
import { BIN, expectStatus, run, startProgram, tempDir, until } from '../js/sandbox.mjs';

const ORG = '810419512', PIN = '73915520';
const dir = tempDir('samtykke-token-');
const at = (name) => path.join(dir, name);
const write = (name, text, mode = 0o600) => writeFileSync(at(name), text, { mode });
const env = {
	SOFTHSM2_CONF: at('softhsm.conf'), AWAY_MODULE: '/usr/lib/softhsm/libsofthsm2.so', AWAY_FILE: at('away'),
};
write('softhsm.conf', `directories.tokendir = ${dir}\nobjectstore.backend = file\nlog.level = ERROR\n`);
execFileSync('softhsm2-util', ['--init-token', '--free', '--label', 'consent', '--pin', PIN, '--so-pin', '5678'], { env: { ...process.env, ...env } });
write('master', randomBytes(32).toString('hex'));
write('pin', `${PIN}\n`);
write('open-pin', PIN, 0o644);
write('wrong-pin', '0000');
const db = at('token.db');
const module = path.join(path.dirname(BIN), 'tests/token/away.so');
const common = ['--set', `store=sqlite:${db}`, '--set', `key.master_file=${at('master')}`];
const withToken = [...common, '--set', `pkcs11.module=${module}`, '--set', `pkcs11.pin_file=${at('pin')}`];
const URI = (object) => `pkcs11:token=consent;object=${object}`;
const samtykke = (...args) => run(args, { env });
const ok = (r) => {
	assert.equal(r.status, 0, `${r.stdout}\n${r.stderr}`);
	return r.stdout.trim();
};
const failed = (r, text) => {
	assert.equal(r.status, 1, `${r.stdout}\n${r.stderr}`);
	assert.match(r.stderr, text);
};
const client = { clientId: randomUUID(), key: await makeKey('k1') };
const kids = {};
let server;

async function ask(alg) {
	const grants = { url: server.url, nowS: () => Math.floor(Date.now() / 1000), request: server.request };
	return askToken(grants, client, { scope: `token:${alg}` });
}
async function good(alg) {
	const res = expectStatus(await ask(alg), 200);
	const keys = jose.createLocalJWKSet(expectStatus(await server.get('/jwk'), 200).json);
	const { protectedHeader } = await jose.jwtVerify(res.json.access_token, keys, { issuer: `${server.url}/`, algorithms: [alg], clockTolerance: 2 });
	assert.equal(protectedHeader.kid, kids[alg]);
}

test('key new makes the pair in the token; the store has the URI and nothing secret', async () => {
	ok(await samtykke('store', 'migrate', ...common));
	kids.RS256 = ok(await samtykke('key', 'new', ...withToken, '--pkcs11', URI('rs'), '--subject', 'CN=In a token'));
	kids.ES256 = ok(await samtykke('key', 'new', ...withToken, '--pkcs11', URI('es'), '--alg', 'ES256', '--now', '--despite-caches'));
	kids.EdDSA = ok(await samtykke('key', 'new', ...common, '--alg', 'EdDSA', '--now', '--despite-caches'));
	const list = ok(await samtykke('key', 'list', ...common));
	assert.match(list, new RegExp(`^${kids.RS256}  RS256  active .*subject CN=In a token .*in ${URI('rs')}$`, 'm'));
	const rows = execFileSync('sqlite3', [db, 'SELECT alg, length(sealed) = 0, token_uri FROM signing_key ORDER BY alg DESC'], { encoding: 'utf8' });
	assert.equal(rows, `RS256|1|${URI('rs')}\nEdDSA|0|\nES256|1|${URI('es')}\n`);
	assert.match(ok(await samtykke('key', 'csr', ...withToken, kids.ES256)), /^-----BEGIN CERTIFICATE REQUEST-----/);
});

test('what key new refuses', async () => {
	failed(await samtykke('key', 'new', ...withToken, '--pkcs11', URI('rs')), /was used before|24 hours/);
	failed(await samtykke('key', 'new', ...withToken, '--pkcs11', URI('rs'), '--alg', 'ES256'), /not of that algorithm/);
	failed(await samtykke('key', 'new', ...withToken, '--pkcs11', 'pkcs11:token=consent'), /RFC 7512/);
	failed(await samtykke('key', 'new', ...withToken, '--pkcs11', 'pkcs11:token=other;object=x'), /does not answer/);
	const pin = (file) => [...common, '--set', `pkcs11.module=${module}`, '--set', `pkcs11.pin_file=${at(file)}`, '--pkcs11', URI('new')];
	failed(await samtykke('key', 'new', ...pin('open-pin')), /read by others/);
	failed(await samtykke('key', 'new', ...pin('no-pin')), /cannot read/);
	failed(await samtykke('key', 'new', ...pin('wrong-pin')), /does not answer; check pkcs11\.module, pkcs11\.pin_file/);
});

test('serve signs with it, from many threads', async () => {
	write('seed.json', JSON.stringify({
		parties: [{ type: 'organization', organizationNumber: ORG, name: 'A', unitType: 'AS' }],
		scopes: Object.keys(kids).map((alg) => ({ scope: `token:${alg}`, owner: ORG, description: alg, accessibleForAll: true, tokenAlg: alg })),
		clients: [{ clientId: client.clientId, orgno: ORG, name: 'a', scopes: Object.keys(kids).map((alg) => `token:${alg}`), jwks: { keys: [client.key.publicJwk] } }],
	}));
	ok(await samtykke('apply', ...common, at('seed.json')));
	failed(await samtykke('serve', ...common, '--set', 'port=0'), /pkcs11\.module/);
	server = await startProgram(['serve', ...withToken, '--set', 'port=0'], { env });
	await Promise.all(Array.from({ length: 60 }, (_, i) => good(Object.keys(kids)[i % 3])));
	expectStatus(await server.get('/health/ready'), 200);
});

test('while the token is away: 503, not ready, and the rest goes on', async () => {
	write('away', '');
	for (const alg of ['RS256', 'ES256']) {
		const res = expectStatus(await ask(alg), 503);
		assert.equal(res.json.error, 'temporarily_unavailable');
		assert.ok(res.headers['retry-after']);
	}
	await good('EdDSA');
	expectStatus(await server.get('/health/ready'), 503);
	expectStatus(await server.get('/health/live'), 200);
	expectStatus(await server.get('/jwk'), 200);
	assert.match(server.stderr(), /token\.not_signed/);
});

test('when it is back, so are the tokens', async () => {
	rmSync(at('away'));
	for (const alg of ['RS256', 'ES256'])
		await until(async () => (await ask(alg)).status === 200, 'a token');
	await Promise.all(Object.keys(kids).map(good));
	expectStatus(await server.get('/health/ready'), 200);
});

test('nothing of it is in the logs or in what is exported', async () => {
	const all = server.stderr() + server.stdout() + ok(await samtykke('export', ...common)) + (await server.get('/metrics')).text;
	assert.equal(all.includes(PIN), false);
	assert.equal(all.includes('pkcs11:'), false);
	assert.doesNotMatch(all, /"(d|p|q|dp|dq|qi)":"/);
	await server.stop();
});

test('serve starts without its token, and signs once it is there', async () => {
	write('away', '');
	server = await startProgram(['serve', ...withToken, '--set', 'port=0'], { env });
	expectStatus(await server.get('/health/ready'), 503);
	expectStatus(await ask('RS256'), 503);
	rmSync(at('away'));
	await until(async () => (await ask('RS256')).status === 200, 'a token');
	assert.equal(existsSync(at('away')), false);
	await server.stop();
});
