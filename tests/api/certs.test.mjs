// Grants that an organisation certificate signs (x5c), and the age of registered keys.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { askToken, expectFault, getToken, makeKey } from '../js/maskinporten.mjs';
import { expectBinding } from '../js/problems.mjs';
import { ROOT, expectStatus, run, startSandbox, tempDir, until } from '../js/sandbox.mjs';
import { BANK, testWorld } from '../js/world.mjs';

const certs = tempDir('samtykke-certs-');
execFileSync('bash', [path.join(ROOT, 'tests/data/certs/make.sh'), certs]);
const file = (name) => path.join(certs, name);
const der = (name) => readFileSync(file(`${name}.pem`), 'utf8').replace(/-----[^-]+-----|\s/g, '');
const signer = (name) => ({ key: createPrivateKey(readFileSync(file(`${name}.key`))) });

const { document, clients } = await testWorld();
const PLAIN = { scope: 'api:plain' };
const CERTIFICATE = /^Invalid assertion\. Client authentication failed\. The JWT is signed with an invalid certificate\. /;
const EXPIRED = /^Invalid assertion\. Client authentication failed\. Invalid JWT signature\. /;
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
	for (const leaf of ['revoked', 'encipher', 'nobody', 'foreign', 'stranger'])
		expectFault(sb, await ask(leaf), 400, 'invalid_grant', 'MP-120', CERTIFICATE);
	const weak = await askToken(sb, keyless, PLAIN, { kid: undefined, x5c: [der('weak')] }, signer('seid1')); // npm jose signs with no such key
	expectFault(sb, weak, 400, 'invalid_grant', 'MP-120', CERTIFICATE);
	expectFault(sb, await ask('stranger', ['stranger', 'other-root']), 400, 'invalid_grant', 'MP-120', CERTIFICATE);
	expectFault(sb, await askToken(sb, keyless, PLAIN, { kid: undefined }), 400, 'invalid_grant', 'MP-120', CERTIFICATE);
	expectFault(sb, await askToken(sb, keyless, PLAIN, { kid: 'k', x5c: undefined }), 400, 'invalid_grant', 'MP-120', CERTIFICATE);
});

// Issuer specification, section 13: "bad signature, expired cert".
test('MP-124: a certificate that has expired', async () => {
	expectFault(sb, await ask('expired'), 400, 'invalid_grant', 'MP-124', EXPIRED);
	assert.match(sb.stderr(), /token\.refused .*code=MP-124 why="?certificate has expired/);
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

// ---- registered keys that are tied to a certificate (x5c in the JWK) ----

const CLIENTS = '/api/v1/clients';
const tied = (name, chain = [name], more = {}) => ({
	...createPublicKey(readFileSync(file(`${name}.key`))).export({ format: 'jwk' }), kid: name, alg: 'RS256', use: 'sig', x5c: chain.map(der), ...more,
});
const grantBy = (name, clientId, at = sb) => askToken(at, { clientId, key: { kid: name, alg: 'RS256' } }, PLAIN, {}, signer(name));
const admin = await sb.orgToken(BANK, 'idporten:dcr.write');
const register = async (at = sb, by = admin) =>
	expectStatus(await at.post(CLIENTS, by, { client_name: 'tied', scopes: ['api:plain'] }), 201).json.client_id;
const post = async (id, keys, { at = sb, by = admin, method = 'POST' } = {}) => at.request(method, `${CLIENTS}/${id}/jwks`, { token: by, json: { keys } });
// By `apply`, which knows no roots.
const applied = async (keys, at = sb) => {
	const clientId = randomUUID();
	expectStatus(await at.apply({ clients: [{ clientId, orgno: BANK, name: 'tied', scopes: ['api:plain'], jwks: { keys } }] }), 204);
	return clientId;
};

// = RFC 7517 4.7: "The PKIX certificate containing the key value MUST be the first certificate."
test('a key is registered with its certificate, alone or with the chain, and signs grants as a registered key', async () => {
	const id = await register();
	for (const [method, status, chain] of [['POST', 201, ['seid1']], ['PUT', 200, ['seid1', 'between']], ['POST', 201, ['seid1', 'between', 'root']]]) {
		const res = expectStatus(await post(id, [tied('seid1', chain)], { method }), status);
		assert.deepEqual(res.json.keys, [tied('seid1', chain)]);
		assert.deepEqual(expectStatus(await sb.get(`${CLIENTS}/${id}/jwks`, admin), 200).json.keys, [tied('seid1', chain)]);
		const token = expectStatus(await grantBy('seid1', id), 200).json.access_token;
		assert.equal(JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).client_amr, 'private_key_jwt');
	}
	// Other keys of the client go on by themselves.
	const plain = await makeKey('plain');
	expectStatus(await post(id, [tied('seal'), plain.publicJwk]), 201);
	expectStatus(await grantBy('seal', id), 200);
	await getToken(sb, { clientId: id, key: plain }, PLAIN);
	expectFault(sb, await grantBy('seid1', id), 400, 'invalid_grant', '', /Unknown key identifier/);
});

test('self-service refuses a certificate that is not good now, and names the key', async () => {
	const id = await register(), plain = await makeKey('first');
	for (const [key, where] of [
		[tied('expired'), '$.keys[1].x5c'], [tied('revoked'), '$.keys[1].x5c'], [tied('encipher'), '$.keys[1].x5c'], [tied('nobody'), '$.keys[1].x5c'],
		[tied('foreign'), '$.keys[1].x5c'], [tied('stranger'), '$.keys[1].x5c'], [tied('stranger', ['stranger', 'other-root']), '$.keys[1].x5c'],
		[tied('other'), '$.keys[1].x5c'], [tied('seid1', []), '$.keys[1].x5c'], [tied('seid1', [], { x5c: der('seid1') }), '$.keys[1].x5c'],
		[tied('seid1', [], { x5c: [7] }), '$.keys[1].x5c'], [tied('seid1', [], { x5c: [''] }), '$.keys[1].x5c'], [tied('seid1', [], { x5c: ['MIIB'] }), '$.keys[1].x5c'],
		[tied('seid1', Array(9).fill('seid1')), '$.keys[1].x5c'], [tied('seid1', [], { x5c: ['A'.repeat(21848)] }), '$.keys[1].x5c'],
		[tied('seid1', ['seal']), '$.keys[1]'], [{ ...plain.publicJwk, kid: 'second', x5c: [der('seid1')] }, '$.keys[1]'],
		[tied('seid1', ['seid1'], { x5t: 'x'.repeat(65536) }), '$.keys[1]'],
	])
		expectBinding(await post(id, [plain.publicJwk, key]), where);
	assert.deepEqual(expectStatus(await sb.get(`${CLIENTS}/${id}/jwks`, admin), 200).json, { keys: [] });
});

test('apply looks at the key and the organisation; the grant at everything else, each time', async () => {
	const refused = async (key) => expectStatus(await sb.apply({ clients: [{ clientId: 'c', orgno: BANK, jwks: { keys: [key] } }] }), 400).text;
	assert.match(await refused(tied('other')), /clients\[0\]\.jwks\.keys\[0\]\.x5c: is the certificate of another organisation/);
	assert.match(await refused(tied('nobody')), /\.x5c: the certificate names no organisation/);
	assert.match(await refused(tied('seid1', ['seal'])), /clients\[0\]\.jwks\.keys\[0\]: x5c is not the certificate of this key/);
	for (const name of ['revoked', 'stranger'])
		expectFault(sb, await grantBy(name, await applied([tied(name)])), 400, 'invalid_grant', 'MP-120', CERTIFICATE);
	expectFault(sb, await grantBy('expired', await applied([tied('expired')])), 400, 'invalid_grant', 'MP-124', EXPIRED);
	const id = await applied([tied('seid1')]);
	expectStatus(await grantBy('seid1', id), 200);
	// MP-124: the key is the certificate's, and it has to have signed.
	expectFault(sb, await askToken(sb, { clientId: id, key: { kid: 'seid1', alg: 'RS256' } }, PLAIN, {}, signer('seal')), 400, 'invalid_grant', 'MP-124');
	// The organisation cannot be changed under a key.
	assert.match(expectStatus(await sb.apply({ clients: [{ clientId: id, orgno: '991825827' }] }), 400).text, /x5c: is the certificate of another organisation/);
	expectStatus(await sb.apply({ clients: [{ clientId: id, name: 'renamed' }] }), 204);
});

test('what was good when it was registered is refused when it has expired, or been revoked', async (t) => {
	const at = await startSandbox({ apply: document, store: false, args: withCerts() });
	t.after(() => at.stop());
	await at.clock({ now: '2024-03-09T12:00:00Z' });
	const by = await at.orgToken(BANK, 'idporten:dcr.write'), id = await register(at, by);
	expectStatus(await post(id, [tied('expired'), tied('revoked')], { at, by }), 201);
	expectStatus(await grantBy('expired', id, at), 200);
	await at.clock({ now: '2024-12-31T23:59:00Z' });
	expectStatus(await grantBy('expired', id, at), 200);
	expectStatus(await grantBy('revoked', id, at), 200);
	await at.clock({ now: '2025-01-01T00:01:00Z' });
	expectFault(at, await grantBy('expired', id, at), 400, 'invalid_grant', 'MP-124', EXPIRED);
	const store = `sqlite:${path.join(tempDir('samtykke-crls-'), 'tied.db')}`;
	const before = await startSandbox({ apply: document, store, args: withCerts(file('crls-none.pem')) });
	t.after(() => before.stop());
	const owner = await before.orgToken(BANK, 'idporten:dcr.write'), locked = await register(before, owner);
	expectStatus(await post(locked, [tied('revoked')], { at: before, by: owner }), 201);
	expectStatus(await grantBy('revoked', locked, before), 200);
	const strict = await startSandbox({ store, args: withCerts(file('crls.pem')) });
	t.after(() => strict.stop());
	expectFault(strict, await grantBy('revoked', locked, strict), 400, 'invalid_grant', 'MP-120', CERTIFICATE);
	assert.match(strict.stderr(), /token\.refused.*MP-120.*certificate revoked/);
});

test('a list that changes counts in the server that runs; one that cannot be read leaves what there was', async (t) => {
	const crls = path.join(tempDir('samtykke-crls-'), 'crls.pem');
	copyFileSync(file('crls-none.pem'), crls);
	const at = await startSandbox({ apply: document, store: false, args: withCerts(crls) });
	t.after(() => at.stop());
	const grant = (leaf) => askToken(at, keyless, PLAIN, { kid: undefined, x5c: [der(leaf)] }, signer(leaf));
	const told = (word) => at.stderr().split(word).length - 1;
	// What SIGHUP does at once happens within a minute by itself.
	const reread = async (word) => {
		const before = told(word);
		at.child.kill('SIGHUP');
		await until(() => told(word) > before, () => `${word}: ${at.stderr()}`);
	};
	expectStatus(await grant('revoked'), 200);
	copyFileSync(file('crls.pem'), crls);
	await reread('certs.read_again');
	expectFault(at, await grant('revoked'), 400, 'invalid_grant', 'MP-120', CERTIFICATE);
	expectStatus(await grant('seid1'), 200);
	for (const broken of ['', 'no list', readFileSync(file('crls-none.pem'), 'utf8').slice(0, -40)]) {
		writeFileSync(crls, broken);
		await reread('certs.kept');
		expectFault(at, await grant('revoked'), 400, 'invalid_grant', 'MP-120', CERTIFICATE);
		expectStatus(await grant('seid1'), 200);
	}
	rmSync(crls);
	await reread('certs.kept');
	expectFault(at, await grant('revoked'), 400, 'invalid_grant', 'MP-120', CERTIFICATE);
	copyFileSync(file('crls-none.pem'), crls);
	await reread('certs.read_again');
	expectStatus(await grant('revoked'), 200);
	await reread('server.reading_again'); // nothing has changed: nothing is read
	copyFileSync(file('crls.pem'), crls);
	await reread('certs.read_again');
	assert.equal(told('certs.read_again'), 3);
});

test('an empty list does not switch the lists off', async () => {
	const crls = path.join(tempDir('samtykke-crls-'), 'crls.pem');
	writeFileSync(crls, '');
	const { status, stderr } = await run(['sandbox', '--port', '0', ...withCerts(crls)]);
	assert.equal(status, 1);
	assert.match(stderr, /cert\.\*: no PEM revocation list after 0/);
});

test('without cert.roots keys are tied to nothing, and the fault names the setting', async (t) => {
	const bare = await startSandbox({ apply: document, store: false });
	t.after(() => bare.stop());
	const by = await bare.orgToken(BANK, 'idporten:dcr.write'), id = await register(bare, by);
	const res = await post(id, [tied('seid1')], { at: bare, by });
	expectBinding(res, '$.keys[0].x5c');
	assert.match(res.text, /cert\.roots/);
	expectFault(bare, await grantBy('seid1', await applied([tied('seid1')], bare), bare), 400, 'invalid_grant', 'MP-120', CERTIFICATE);
	assert.match(bare.stderr(), /token\.refused.*MP-120.*cert\.roots is missing/);
});

test.after(() => sb.stop());
