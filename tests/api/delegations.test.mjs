// Who acts for whom: what an issuer asks before it gives a supplier a token.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as jose from 'jose';
import { keyOf } from '../js/maskinporten.mjs';
import { expectBinding, expectPlain } from '../js/problems.mjs';
import { expectEmpty, expectStatus, startSandbox } from '../js/sandbox.mjs';
import { AGENCY, API, BAKERY, BANK, ELENA, LENDER, MINISTRY, NOBODY, SUPPLIER, builtin, org, signingJwk, testWorld } from '../js/world.mjs';

const { document } = await testWorld();
document.delegations.push(
	{ consumer: LENDER, supplier: SUPPLIER, scopes: ['api:plain', 'api:open'] },
	{ consumer: AGENCY, supplier: LENDER, scopes: ['api:open'] });
const sb = await startSandbox({ apply: document });
const PATH = `${API}/maskinporten/delegations`, ADMIN = 'altinn:maskinporten/delegations.admin', OWN = 'altinn:maskinporten/delegations';
const MEMBERS = ['consumer_org', 'supplier_org', 'delegation_scheme_Id', 'scopes', 'created', 'resourceid'];
const key = (await keyOf(signingJwk)).key;
const sign = (claims) => new jose.SignJWT({ iss: `${sb.url}/`, exp: sb.nowS() + 60, ...claims }).setProtectedHeader({ alg: 'RS256', kid: signingJwk.kid }).sign(key);
const query = (q) => `${PATH}?${new URLSearchParams(q)}`;
const ask = async (q, token) => sb.get(query(q), token ?? (await sb.orgToken(MINISTRY, ADMIN)));
const pairs = (res) => res.json.map((d) => `${d.consumer_org}/${d.supplier_org}`);

test('one delegation: members, their order, the scope that was asked for', async () => {
	const [declared] = builtin.delegations;
	const res = expectStatus(await ask({ supplierOrg: SUPPLIER, consumerOrg: BANK, scope: 'ttd:inntekt' }), 200);
	assert.equal(res.headers['content-type'], 'application/json; charset=utf-8');
	assert.deepEqual(res.json, [], 'a list in an entry replaces the one that was there');
	const plain = expectStatus(await ask({ supplierOrg: SUPPLIER, consumerOrg: BANK, scope: 'api:plain' }), 200).json;
	assert.deepEqual(plain, [{
		consumer_org: BANK, supplier_org: SUPPLIER, delegation_scheme_Id: declared.delegationSchemeId, scopes: ['api:plain'],
		created: declared.created, resourceid: declared.resource,
	}]);
	assert.deepEqual(Object.keys(plain[0]), MEMBERS);
});

test('what the register does not say is null', async () => {
	const [item, ...none] = expectStatus(await ask({ supplierOrg: LENDER, consumerOrg: AGENCY, scope: 'api:open' }), 200).json;
	assert.deepEqual({ ...item, created: 0 }, {
		consumer_org: AGENCY, supplier_org: LENDER, delegation_scheme_Id: null, scopes: ['api:open'], created: 0, resourceid: null,
	});
	assert.deepEqual(none, []);
	assert.ok(Math.abs(Date.parse(item.created) - sb.now()) < 600000, 'the time is made when the document comes');
});

test('each parameter narrows, none is needed', async () => {
	for (const [q, want] of [
		[{}, [`${BANK}/${SUPPLIER}`, `${LENDER}/${SUPPLIER}`, `${AGENCY}/${LENDER}`]],
		[{ supplierOrg: SUPPLIER }, [`${BANK}/${SUPPLIER}`, `${LENDER}/${SUPPLIER}`]],
		[{ consumerOrg: LENDER }, [`${LENDER}/${SUPPLIER}`]],
		[{ scope: 'api:plain' }, [`${BANK}/${SUPPLIER}`, `${LENDER}/${SUPPLIER}`]],
		[{ SUPPLIERORG: LENDER, CONSUMERORG: '', Scope: '' }, [`${AGENCY}/${LENDER}`]],
		[{ supplierOrg: BANK }, []],
		[{ supplierOrg: SUPPLIER, consumerOrg: BAKERY, scope: 'api:plain' }, []],
		[{ scope: 'api:nothing' }, []],
	]) {
		const res = expectStatus(await ask(q), 200, JSON.stringify(q));
		assert.deepEqual(pairs(res).sort(), want.sort(), JSON.stringify(q));
	}
	const [all] = expectStatus(await ask({ consumerOrg: LENDER }), 200).json;
	assert.deepEqual(all.scopes, ['api:plain', 'api:open'], 'all of them when none is asked for');
});

test('organisation numbers that are none, or not registered', async () => {
	for (const number of ['1', '810419511', '8104195120', 'x', `0192:${BANK}`, org(BANK), NOBODY, ELENA]) {
		expectBinding(await ask({ supplierOrg: number }), ['supplierOrg'], number);
		expectBinding(await ask({ consumerOrg: number }), ['consumerOrg'], number);
		expectBinding(await ask({ supplierOrg: number, consumerOrg: number, scope: 'api:plain' }), ['supplierOrg', 'consumerOrg'], number);
	}
});

test('the owner of a prefix asks for its scopes only', async () => {
	for (const consumer_prefix of ['api', ['ttd', 'api'], 'ttd api']) {
		const token = await sign({ scope: OWN, consumer_prefix });
		for (let i = 0; i < 2; i++) // the second time from memory
			assert.equal(expectStatus(await ask({ scope: 'api:plain' }, token), 200).json.length, 2);
		for (const q of [{ scope: 'skatteetaten:inntekt' }, { scope: 'apix:plain' }, { scope: 'ap:plain' }, { scope: ':plain' }, { scope: 'api' }, {}, { supplierOrg: SUPPLIER }])
			expectPlain(await ask(q, token), 403);
	}
	for (const claims of [{}, { consumer_prefix: [] }, { consumer_prefix: '' }, { consumer_prefix: [7, 'api'] }, { consumer_prefix: { api: 1 } }, { consumer_prefix: 'API' }])
		expectPlain(await ask({ scope: 'api:plain' }, await sign({ scope: OWN, ...claims })), 403);
	expectPlain(await ask({ scope: 'api ttd:plain' }, await sign({ scope: OWN, consumer_prefix: 'api ttd' })), 403);
});

test('the registered owner of a scope needs no claim', async () => {
	assert.equal(expectStatus(await ask({ scope: 'api:plain' }, await sb.orgToken(MINISTRY, OWN)), 200).json.length, 2);
	expectPlain(await ask({ scope: 'api:plain' }, await sb.orgToken(AGENCY, OWN)), 403);
	expectPlain(await ask({ scope: 'api:unregistered' }, await sb.orgToken(MINISTRY, OWN)), 403);
});

test('the longest prefixes that are remembered, and longer ones', async () => {
	for (const n of [2048 - OWN.length - 4, 2048 - OWN.length - 3, 4000]) {
		const token = await sign({ scope: OWN, consumer_prefix: `${'x'.repeat(n)} api` });
		for (let i = 0; i < 2; i++)
			expectStatus(await ask({ scope: 'api:plain' }, token), 200, String(n));
	}
});

test('no token, no scope', async () => {
	expectEmpty(await sb.get(query({ scope: 'api:plain' })), 401);
	expectEmpty(await ask({ scope: 'api:plain' }, await sb.orgToken(MINISTRY, 'altinn:maskinporten/delegations.administrator')), 403);
	expectStatus(await sb.get(`${PATH.toUpperCase()}/?scope=api:plain`, await sb.orgToken(MINISTRY, ADMIN)), 200);
});

test('a delegation that ends is gone at the next request', async () => {
	expectStatus(await sb.apply({ delegations: [{ consumer: AGENCY, supplier: LENDER, state: 'absent' }] }), 204);
	assert.deepEqual(expectStatus(await ask({ supplierOrg: LENDER }), 200).json, []);
});

test('the sandbox ends with status 0', async () => {
	await sb.stop();
});
