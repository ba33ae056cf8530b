// Grants that an organisation certificate signs (x5c), and the age of registered keys.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, randomUUID } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { askToken, expectFault, getToken, makeKey } from '../js/maskinporten.mjs';
import { ROOT, expectStatus, run, startSandbox, tempDir } from '../js/sandbox.mjs';
import { BANK, testWorld } from '../js/world.mjs';

const certs = tempDir('samtykke-certs-');
execFileSync('bash', [path.join(ROOT, 'tests/data/certs/make.sh'), certs]);
const file = (name) => path.join(certs, name);
const der = (name) => readFileSync(file(`${name}.pem`), 'utf8').replace(/-----[^-]+-----|\s/g, '');
const signer = (name) => ({ key: createPrivateKey(readFileSync(file(`${name}.key`))) });

const { document, clients } = await testWorld();
const PLAIN = { scope: 'api:plain' };
const CERTIFICATE = /^Invalid assertion\. Client authentication failed\. The JWT is signed with an invalid certificate\. /;
const keyless = { clientId: randomUUID(), orgno: BANK, key: clients.bank.key };
document.clients.push({ clientId: keyless.clientId, orgno: BANK, name: 'by certificate', scopes: ['api:plain'] });

const withCerts = (crls) => ['--set', `cert.roots=${file('root.pem')}`, '--set', `cert.intermediates=${file('between.pem')}`,
	...(crls ? ['--set', `cert.crls=${crls}`] : [])];
copyFileSync(file('crls.pem'), file('in-force.pem'));
const sb = await startSandbox({ apply: document, args: withCerts(file('in-force.pem')) });
const ask = (leaf, chain = [leaf], more = {}) =>
	askToken(sb, keyless, PLAIN, { kid: undefined, x5c: chain.map(der), ...more }, signer(leaf));

test('client_amr says what kind of certificate it was; leaf alone or with its chain', async () => {
	for (const [leaf, amr] of [['seid1', 'virksomhetssertifikat'], ['seal', 'CForESeal'], ['qseal', 'QCForESeal']])
		for (const chain of [[leaf], [leaf, 'between'], [leaf, 'between', 'root']]) {
			const { claims } = await getToken(sb, keyless, PLAIN, { kid: undefined, x5c: chain.map(der) }, signer(leaf));
			assert.equal(claims.client_amr, amr, chain.join(' '));
			assert.equal(claims.client_id, keyless.clientId);
			assert.equal(claims.consumer.ID, `0192:${BANK}`);
		}
});

test('MP-120: certificates that are not good for this', async () => {
	for (const leaf of ['expired', 'revoked', 'encipher', 'nobody', 'foreign', 'stranger'])
		expectFault(sb, await ask(leaf), 400, 'invalid_grant', 'MP-120', CERTIFICATE);
	const weak = await askToken(sb, keyless, PLAIN, { kid: undefined, x5c: [der('weak')] }, signer('seid1')); // npm jose signs with no such key
	expectFault(sb, weak, 400, 'invalid_grant', 'MP-120', CERTIFICATE);
	expectFault(sb, await ask('stranger', ['stranger', 'other-root']), 400, 'invalid_grant', 'MP-120', CERTIFICATE);
	expectFault(sb, await askToken(sb, keyless, PLAIN, { kid: undefined }), 400, 'invalid_grant', 'MP-120', CERTIFICATE);
	expectFault(sb, await askToken(sb, keyless, PLAIN, { kid: 'k', x5c: undefined }), 400, 'invalid_grant', 'MP-120', CERTIFICATE);
});

test('MP-122: a sound certificate of another organisation', async () => {
	expectFault(sb, await ask('other'), 400, 'invalid_grant', 'MP-122',
		'Invalid assertion. Invalid JWT. Invalid organization number for client. Does not match certificate orgno');
});

test('MP-123 and MP-124: what is no certificate, and what it did not sign', async () => {
	const odd = (x5c, key = 'seid1') => askToken(sb, keyless, PLAIN, { kid: undefined, x5c }, signer(key));
	expectFault(sb, await odd(der('seid1')), 400, 'invalid_grant', 'MP-123');
	expectFault(sb, await odd([der('seid1').replace(/=*$/, '').replaceAll('+', '-').replaceAll('/', '_') + '-_']), 400, 'invalid_grant', 'MP-123');
	expectFault(sb, await odd(['MIIB']), 400, 'invalid_grant', 'MP-120');
	expectFault(sb, await odd(Array(9).fill(der('seid1'))), 400, 'invalid_grant', 'MP-123');
	expectFault(sb, await odd([der('seid1')], 'seal'), 400, 'invalid_grant', 'MP-124');
});

test('a client with registered keys cannot use a certificate, and one without is not found by kid', async () => {
	const res = await askToken(sb, clients.bank, PLAIN, { kid: undefined, x5c: [der('seid1')] }, signer('seid1'));
	expectFault(sb, res, 400, 'invalid_grant', '', /requires pre-registered jwk and no key identifier \(kid\) provided/);
	const { claims } = await getToken(sb, keyless, PLAIN, { kid: 'ignored', x5c: [der('seid1')] }, signer('seid1'));
	assert.equal(claims.client_amr, 'virksomhetssertifikat');
});

test('the log says why a certificate was refused, and no number of anybody', async () => {
	await ask('revoked');
	assert.match(sb.stderr(), /token\.refused.*MP-120.*certificate revoked/);
	assert.equal(sb.stderr().includes(BANK), false);
});

test('without cert.roots no certificate is taken', async () => {
	const plain = await startSandbox({ apply: document });
	const res = await askToken(plain, keyless, PLAIN, { kid: undefined, x5c: [der('seid1')] }, signer('seid1'));
	expectFault(plain, res, 400, 'invalid_grant', 'MP-120');
	await plain.stop();
});

test('a revocation list that is out of date refuses everybody', async () => {
	const stale = await startSandbox({ apply: document, store: false, args: withCerts(file('crls-stale.pem')) });
	const res = await askToken(stale, keyless, PLAIN, { kid: undefined, x5c: [der('seid1')] }, signer('seid1'));
	expectFault(stale, res, 400, 'invalid_grant', 'MP-120');
	await stale.stop();
});

test('files that are not there or hold something else stop the start with one line', async () => {
	for (const [set, said] of [[`cert.roots=${file('absent.pem')}`, /cannot read the certificate file/], [`cert.roots=${file('root.key')}`, /roots: none found/]]) {
		const { status, stderr } = await run(['sandbox', '--port', '0', '--set', set]);
		assert.equal(status, 1, stderr);
		assert.match(stderr, said);
		assert.equal(stderr.trim().split('\n').filter((l) => l.startsWith('samtykke ')).length, 1, stderr);
	}
});

// MP-121. A key is good for a year from its posting.
test('registered keys age; posting them again renews them', async () => {
	const key = await makeKey('aged');
	const aged = { clientId: randomUUID(), orgno: BANK, key };
	const post = async (posted) => expectStatus(await sb.apply({ clients: [{ clientId: aged.clientId, orgno: BANK, name: 'aged', scopes: ['api:plain'],
		jwks: { keys: [key.publicJwk], ...(posted && { posted }) } }] }), 204);
	await post(sb.inDays(-364));
	await getToken(sb, aged, PLAIN);
	await post(sb.inDays(-366));
	expectFault(sb, await askToken(sb, aged, PLAIN), 400, 'invalid_grant', 'MP-121', 'Invalid assertion. Client authentication failed. Expired key');
	await post();
	await getToken(sb, aged, PLAIN);
	expectStatus(await sb.apply({ clients: [{ clientId: aged.clientId, orgno: BANK, name: 'aged', jwks: { keys: [], posted: 'yesterday' } }] }), 400);
});

test.after(() => sb.stop());
