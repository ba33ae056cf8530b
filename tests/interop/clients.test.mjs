// What the public Maskinporten clients send, sent by Node: npm jose signs, and each answer is read as that client reads it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import * as jose from 'jose';
import { GRANT_TYPE, postForm } from '../js/maskinporten.mjs';
import { ROOT, describe, startSandbox, tempDir } from '../js/sandbox.mjs';
import { BANK, ELENA, MINISTRY, SUPPLIER, person, testWorld } from '../js/world.mjs';

const certs = tempDir('samtykke-clients-');
execFileSync('bash', [path.join(ROOT, 'tests/data/certs/make.sh'), certs]);
const leaf = readFileSync(path.join(certs, 'seid1.pem'), 'utf8').replace(/-----[^-]+-----|\s/g, '');
const certKey = createPrivateKey(readFileSync(path.join(certs, 'seid1.key')));
const { document, clients } = await testWorld();
const keyless = { clientId: randomUUID(), key: clients.bank.key };
document.clients.push({ clientId: keyless.clientId, orgno: BANK, name: 'by certificate', scopes: ['api:plain'] });
const certSets = ['--set', `cert.roots=${path.join(certs, 'root.pem')}`, '--set', `cert.intermediates=${path.join(certs, 'between.pem')}`];
const sb = await startSandbox({ store: false, apply: document, args: certSets });
after(() => sb.stop());

// ---- how forms are made ----
const FORM = 'application/x-www-form-urlencoded';
const forms = {
	encoded: (g) => [new URLSearchParams({ grant_type: GRANT_TYPE, assertion: g }).toString(), { 'Content-Type': FORM }],
	dotnet: (g) => [new URLSearchParams({ grant_type: GRANT_TYPE, assertion: g }).toString(), { 'Content-Type': FORM, Accept: 'application/json' }],
	raw: (g) => [`grant_type=${GRANT_TYPE}&assertion=${g}`, { 'Content-Type': FORM }],
	ks: (g) => [`grant_type=${GRANT_TYPE}&assertion=${g}`, { 'Content-Type': `${FORM};charset=UTF-8`, Charset: 'utf-8' }],
};

// ---- how answers are read ----
const exact = (o, names) => assert.deepEqual(Object.keys(o).filter((k) => !names.includes(k)), [], 'unknown members break it');
const read = {
	dotnet(res) { // success is 2xx; System.Text.Json wants an int
		if (res.status < 200 || res.status > 299) {
			assert.equal(typeof res.json.error, 'string');
			assert.equal(typeof res.json.error_description, 'string');
			return null;
		}
		assert.ok(Number.isInteger(res.json.expires_in), 'an int');
		return res.json.access_token;
	},
	nav(res) { // 200 exactly; Jackson fails on unknown members; the token is parsed for exp
		if (res.status !== 200)
			return null;
		exact(res.json, ['access_token', 'token_type', 'expires_in', 'scope']);
		assert.ok(jose.decodeJwt(res.json.access_token).exp);
		return res.json.access_token;
	},
	webmaxru(res) {
		const o = JSON.parse(res.text);
		if (res.status < 200 || res.status > 299) {
			assert.ok(o.error && o.error_description);
			return null;
		}
		assert.equal(typeof o.access_token, 'string');
		assert.equal(typeof o.expires_in, 'number');
		return o.access_token;
	},
	ks(res) { // 200 exactly; everything else is status and text
		assert.ok(![301, 302, 307].includes(res.status));
		if (res.status !== 200)
			return null;
		assert.ok(Number(res.json.expires_in) > 0 && jose.decodeJwt(res.json.access_token).exp);
		return res.json.access_token;
	},
};

// [name, header, exp − iat, claims, form, reader, what comes of it: '' or the error, its code and its text]
const jti = () => randomUUID();
const consent = () => [{ from: person(ELENA), id: randomUUID(), type: 'urn:altinn:consent' }];
const rows = [
	['Altinn .NET, key', 'key+typ', 10, { jti }, 'dotnet', 'dotnet', ''],
	['Altinn .NET, certificate without typ', 'cert', 10, { jti }, 'dotnet', 'dotnet', ''],
	['Altinn .NET, resource as text', 'key+typ', 10, { jti, resource: 'https://api.example/' }, 'dotnet', 'dotnet', '', { aud: 'https://api.example/' }],
	['Altinn .NET, consumer_org', 'key+typ', 10, { jti, consumer_org: BANK }, 'dotnet', 'dotnet', '', { supplier: { authority: 'iso6523-actorid-upis', ID: `0192:${SUPPLIER}` } }, 'supplier'],
	['Altinn .NET, a system user', 'key+typ', 10, { jti, authorization_details: [{ type: 'urn:altinn:systemuser', systemuser_org: { authority: 'iso6523-actorid-upis', ID: `0192:${BANK}` } }] }, 'dotnet', 'dotnet',
		'invalid_authorization_details MP-301 Unknown authorization details type'],
	['NAV, no jti', 'key', 119, {}, 'raw', 'nav', ''],
	['NAV, no jti, resource as text', 'key', 118, { resource: 'https://api.example/nav' }, 'raw', 'nav', '', { aud: 'https://api.example/nav' }],
	['NAV, one jti for ever: the first', 'key', 120, { jti: 'constant' }, 'raw', 'nav', ''],
	['NAV, one jti for ever: the second', 'key', 120, { jti: 'constant' }, 'raw', 'nav', 'invalid_grant MP-012 Invalid assertion. Grant is used before'],
	['webmaxru, default life', 'key', 100, { jti }, 'encoded', 'webmaxru', ''],
	['webmaxru, longest life', 'key', 120, { jti }, 'encoded', 'webmaxru', ''],
	['webmaxru, a key for PS256', 'pss', 100, { jti }, 'encoded', 'webmaxru', 'invalid_grant MP-124 Invalid assertion. Client authentication failed. Invalid JWT signature'],
	['KS, key', 'key', 120, { jti }, 'ks', 'ks', ''],
	['KS, certificate, leaf alone', 'cert', 120, { jti }, 'ks', 'ks', ''],
	['KS, resource, pid', 'key', 120, { jti, resource: 'urn:ks:x', pid: ELENA }, 'ks', 'ks', '', { aud: 'urn:ks:x', pid: ELENA }],
	['KS, consumer_org', 'key', 120, { jti, consumer_org: BANK }, 'ks', 'ks', '', { delegation_source: 'https://tt02.altinn.no/' }, 'supplier'],
	['KS, consumer_org that has not delegated', 'key', 120, { jti, consumer_org: MINISTRY, scope: 'api:open' }, 'ks', 'ks', 'forbidden MP-251 Consumer 991825827 has not delegated', {}, 'supplier'],
	['smartbank and Altinn\'s own tests, consent', 'key+typ', 60, { jti, authorization_details: consent }, 'encoded', 'webmaxru', 'invalid_authorization_details MP-303 Invalid authorization details values'],
];

async function grantOf(kind, life, more, name) {
	const client = kind === 'cert' ? keyless : clients[name];
	const { key } = client, alg = kind === 'pss' ? 'PS256' : 'RS256';
	const iat = sb.nowS();
	const made = Object.fromEntries(Object.entries(more).map(([k, v]) => [k, typeof v === 'function' ? v() : v]));
	const payload = { aud: `${sb.url}/`, scope: 'api:plain', iss: client.clientId, exp: iat + life, iat, ...made };
	const header = kind === 'cert' ? { alg: 'RS256', x5c: [leaf] } : { alg, kid: key.kid, ...(kind === 'key+typ' && { typ: 'JWT' }) };
	return new jose.CompactSign(new TextEncoder().encode(JSON.stringify(payload))).setProtectedHeader(header).sign(kind === 'cert' ? certKey : kind === 'pss' ? await jose.importJWK(key.privateJwk, alg) : key.key);
}

for (const [name, kind, life, more, form, reader, want, claims = {}, client = 'bank'] of rows)
	test(`${name}: ${want || 'a token'}`, async () => {
		const [body, headers] = forms[form](await grantOf(kind, life, more, client));
		const res = await postForm(sb, body, headers);
		const token = read[reader](res);
		if (want) {
			const [, error, code, text] = /^(\S+) (\S+) (.*)$/.exec(want);
			assert.equal(token, null, describe(res));
			assert.equal(res.json.error, error, describe(res));
			assert.ok(res.json.error_uri.endsWith(`/errors/${code}`), describe(res));
			assert.ok(res.json.error_description.startsWith(text), describe(res));
			return;
		}
		assert.ok(token, describe(res));
		assert.match(res.headers['content-type'], /^application\/json/);
		exact(res.json, ['access_token', 'token_type', 'expires_in', 'scope']);
		const payload = jose.decodeJwt(token);
		for (const [k, v] of Object.entries(claims))
			assert.deepEqual(payload[k], v, k);
		assert.equal(payload.client_amr, kind === 'cert' ? 'virksomhetssertifikat' : 'private_key_jwt');
		assert.deepEqual(Object.keys(jose.decodeProtectedHeader(token)).sort(), ['alg', 'kid'], 'Nimbus takes no typ but JWT');
	});

test('every error path has a body that all of them can read', async () => {
	const bad = [['', { 'Content-Type': FORM }], ['x'.repeat(70000), { 'Content-Type': FORM }], ['{}', { 'Content-Type': 'application/json' }], ['grant_type=password', { 'Content-Type': FORM }]];
	for (const [body, headers] of bad) {
		const res = await postForm(sb, body, headers);
		assert.ok([400, 413].includes(res.status), describe(res));
		for (const reader of Object.values(read))
			assert.equal(reader(res), null);
	}
	const get = await sb.get('/token');
	assert.equal(get.status, 405);
	read.webmaxru(get);
	read.dotnet(await sb.get(`/token?${'x'.repeat(5000)}`));
	read.dotnet(await sb.request('POST', '/token', { body: '', headers: { 'X-A': 'x'.repeat(9000) } }));
});
