// Every limit of the self-service: what is at it passes, one more does not. Their values are read from the headers that name them.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { makeKey } from '../js/maskinporten.mjs';
import { expectBinding } from '../js/problems.mjs';
import { PG, ROOT, expectStatus, startSandbox } from '../js/sandbox.mjs';
import { AGENCY, BANK, LENDER, MINISTRY, SUPPLIER, testWorld } from '../js/world.mjs';

const CLIENTS = '/api/v1/clients', SCOPES = '/api/v1/scopes', DELEGATIONS = '/api/v1/delegations', SOURCE = 'https://www.altinn.no/';
const defines = new Map();
for (const folder of ['publish', 'jose', 'http', 'api'])
	for (const file of readdirSync(path.join(ROOT, 'src', folder)).filter((f) => /\.[ch]$/.test(f)))
		for (const [, name, value] of readFileSync(path.join(ROOT, 'src', folder, file), 'utf8').matchAll(/^#define (\w+) (\d+)\b/gm))
			defines.set(name, Number(value));
const limit = (name) => {
	assert.ok(defines.get(name) > 0, `${name} has a value`);
	return defines.get(name);
};

const { document } = await testWorld();
const sb = await startSandbox({ store: PG, apply: document });
after(() => sb.stop());
const bank = await sb.orgToken(BANK, 'idporten:dcr.write'), owner = await sb.orgToken(MINISTRY, 'idporten:scopes.write');
const hand = await sb.orgToken(BANK, 'samtykke:delegations.write');
const send = (method, target, token, json) => sb.request(method, target, { token, json });
const at = (scope) => `?scope=${encodeURIComponent(scope)}`;
const text = (n, head = '') => head + 'x'.repeat(n - head.length);
const url = (n) => text(n, 'https://a.example/');
const apply = async (doc) => expectStatus(await sb.apply(doc), 204);
// Organisation numbers with their check digit (modulus 11), as many as one likes.
function* numbers(from = 80000000) {
	for (let n = from; ; n++) {
		const digits = [...String(n)].map(Number);
		const check = (11 - digits.reduce((sum, d, i) => sum + d * [3, 2, 7, 6, 5, 4, 3, 2][i], 0) % 11) % 11;
		if (check < 10)
			yield `${n}${check}`;
	}
}
const some = (n, from) => {
	const list = [], all = numbers(from);
	while (list.length < n)
		list.push(all.next().value);
	return list;
};

const client = expectStatus(await sb.post(CLIENTS, bank, { client_name: 'x' }), 201).json.client_id;
const scope = expectStatus(await sb.post(SCOPES, owner, { prefix: 'ttd', subscope: 'grense' }), 201).json.name;
const longest = text(limit('SEED_MAX_ID'), 'ttd:lang/');
const key = await makeKey('k');
const keys = await Promise.all(Array.from({ length: limit('SEED_MAX_JWKS') + 1 }, (_, i) => makeKey(`k${i}`)));
const sized = (n) => {
	const bare = { ...key.publicJwk, more: '' };
	return { ...bare, more: 'x'.repeat(n - JSON.stringify(bare).length) };
};
const rsa = (bits) => ({ ...generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig', alg: 'RS256' });

// [limit, what is sent with n of it, path of the fault]; client, keys, scope: to PUT them.
const ROWS = {
	client: [
		['SEED_MAX_NAME', (n) => ({ client_name: text(n) }), '$.client_name'],
		['SEED_MAX_DESCRIPTION', (n) => ({ description: text(n) }), '$.description'],
		['SEED_MAX_SCOPES', (n) => ({ scopes: Array(n).fill('ttd:inntekt') }), '$.scopes'],
		['SEED_MAX_ID', (n) => ({ scopes: [n > longest.length ? `${longest}x` : longest] }), '$.scopes[0]'],
		['SEED_MAX_REDIRECTS', (n) => ({ redirect_allow: Array(n).fill('https://a.example') }), '$.redirect_allow'],
		['SEED_MAX_URL', (n) => ({ redirect_allow: [url(n)] }), '$.redirect_allow[0]'],
		['SEED_MAX_LIFETIME', (n) => ({ access_token_lifetime: n }), '$.access_token_lifetime'],
	],
	keys: [
		['SEED_MAX_JWKS', (n) => ({ keys: keys.slice(0, n).map((k) => k.publicJwk) }), '$.keys'],
		['SEED_KID_MAX', (n) => ({ keys: [{ ...key.publicJwk, kid: text(n) }] }), '$.keys[0]'],
		['SEED_MAX_JWK', (n) => ({ keys: [sized(n)] }), '$.keys[0]'],
	],
	scope: [
		['SEED_MAX_DESCRIPTION', (n) => ({ description: text(n) }), '$.description'],
		['SEED_MAX_TYPES', (n) => ({ allowed_integration_types: Array(n).fill('maskinporten') }), '$.allowed_integration_types'],
		['SEED_MAX_LIFETIME', (n) => ({ at_max_age: n }), '$.at_max_age'],
		['SEED_MAX_LIFETIME', (n) => ({ authorization_max_age: n }), '$.authorization_max_age'],
		['SEED_MAX_URL', (n) => ({ delegation_source: url(n) }), '$.delegation_source'],
	],
};
const WHERE = { client: [`${CLIENTS}/${client}`, bank], keys: [`${CLIENTS}/${client}/jwks`, bank], scope: [SCOPES + at(scope), owner] };

test('a scope\'s name', async () => {
	const [prefix, sub] = longest.split(':');
	expectBinding(await sb.post(SCOPES, owner, { prefix, subscope: `${sub}x` }), '$.subscope');
	expectStatus(await sb.post(SCOPES, owner, { prefix, subscope: sub }), 201);
	expectStatus(await sb.get(SCOPES + at(longest), owner), 200);
});

for (const [what, rows] of Object.entries(ROWS))
	for (const [name, body, where] of rows)
		test(`${what}: ${name} ${where}`, async () => {
			const n = limit(name), [target, by] = WHERE[what];
			expectStatus(await send('PUT', target, by, body(n)), 200, 'at the limit');
			expectBinding(await send('PUT', target, by, body(n + 1)), where);
			const res = expectStatus(await sb.get(target, by), 200);
			assert.ok(!JSON.stringify(res.json).includes(JSON.stringify(body(n + 1)).slice(1, -1)), 'nothing was changed');
		});

// Modulus sizes go by the byte here; the unit tests look at each bit.
test('keys: JOSE_RSA_MIN_BITS and JOSE_RSA_MAX_BITS', async () => {
	const [target, by] = WHERE.keys, put = (k) => send('PUT', target, by, { keys: [k] });
	expectStatus(await put(rsa(limit('JOSE_RSA_MIN_BITS'))), 200);
	expectBinding(await put(rsa(limit('JOSE_RSA_MIN_BITS') - 8)), '$.keys[0]');
	const odd = Buffer.alloc(limit('JOSE_RSA_MAX_BITS') / 8 + 1, 255); // of 8200 bits
	expectBinding(await put({ ...key.publicJwk, n: odd.toString('base64url') }), '$.keys[0]');
});

test('bodies', async () => {
	const [oneClient] = WHERE.client, [oneSet] = WHERE.keys, [oneScope] = WHERE.scope;
	const small = limit('SMALL_BODY'), most = limit('HTTP_MAX_BODY');
	const padded = (json, n) => JSON.stringify(json).padEnd(n);
	const raw = (method, target, token, body) => sb.request(method, target, { token, body, headers: { 'Content-Type': 'application/json' } });
	for (const [method, target, by, json, status] of [
		['POST', CLIENTS, bank, { client_name: 'b' }, 201], ['PUT', oneClient, bank, { client_name: 'b' }, 200], ['POST', oneSet, bank, { keys: [] }, 201],
		['PUT', oneSet, bank, { keys: [] }, 200], ['POST', SCOPES, owner, { prefix: 'ttd', subscope: 'kropp' }, 201], ['PUT', oneScope, owner, {}, 200],
		['POST', DELEGATIONS, hand, { supplier_org: LENDER, scopes: ['api:plain'] }, 201],
	]) {
		expectStatus(await raw(method, target, by, padded(json, most + 1)), 413, `${method} ${target}`);
		expectStatus(await raw(method, target, by, padded(json, most)), status, `${method} ${target}`);
	}
	for (const [method, target, by, status] of [
		['PUT', `${SCOPES}/access/${BANK}${at(scope)}`, owner, 200], ['DELETE', `${SCOPES}/access/${BANK}${at(scope)}`, owner, 204],
		['DELETE', `${DELEGATIONS}?supplier_org=${LENDER}`, hand, 204], ['DELETE', SCOPES + at('ttd:kropp'), owner, 204], ['DELETE', oneClient, bank, 204],
	]) {
		expectStatus(await raw(method, target, by, text(small + 1)), 413, `${method} ${target}`);
		expectStatus(await raw(method, target, by, text(small)), status, `${method} ${target}`);
	}
});

test('SELF_MAX_SCOPES: of one organisation, deactivated ones among them', async () => {
	const n = limit('SELF_MAX_SCOPES'), by = await sb.orgToken(AGENCY, 'idporten:scopes.write');
	const mine = expectStatus(await sb.get(`${SCOPES}?inactive=true`, by), 200).json, prefix = mine[0].prefix;
	await apply({ scopes: Array.from({ length: n - mine.length - 1 }, (_, i) => ({ scope: `${prefix}:mange/${i}`, owner: AGENCY, ...(i % 2 && { state: 'absent' }) })) });
	expectStatus(await sb.post(SCOPES, by, { prefix, subscope: 'siste' }), 201);
	expectStatus(await sb.post(SCOPES, by, { prefix, subscope: 'for-mange' }), 409);
});

test('SELF_MAX_GRANTS: of one scope', async () => {
	const n = limit('SELF_MAX_GRANTS'), name = 'ttd:mange', [last, late, ...grants] = some(n + 1);
	await apply({ scopes: [{ scope: name, owner: MINISTRY, grants }] });
	expectStatus(await send('PUT', `${SCOPES}/access/${last}${at(name)}`, owner), 200);
	expectStatus(await send('PUT', `${SCOPES}/access/${late}${at(name)}`, owner), 409);
	expectStatus(await send('PUT', `${SCOPES}/access/${last}${at(name)}`, owner), 200, 'it has it already');
	expectStatus(await send('DELETE', `${SCOPES}/access/${grants[7]}${at(name)}`, owner), 204);
	expectStatus(await send('PUT', `${SCOPES}/access/${late}${at(name)}`, owner), 200);
});

test('SELF_MAX_NAMED in one call, and SEED_MAX_SCOPES that one supplier has', async () => {
	const n = limit('SELF_MAX_NAMED'), most = limit('SEED_MAX_SCOPES');
	const names = Array.from({ length: most + 1 }, (_, i) => text(limit('SEED_MAX_ID'), `api:mange/${i}/`));
	await apply({ scopes: names.map((name) => ({ scope: name, owner: MINISTRY, delegationSource: SOURCE })) });
	const to = (supplier_org, scopes) => sb.post(DELEGATIONS, hand, { supplier_org, scopes });
	expectBinding(await to(LENDER, [...names.slice(0, n), names[0]]), '$.scopes');
	expectStatus(await to(LENDER, names.slice(0, Math.min(n, most))), 201);
	expectBinding(await to(LENDER, [names[most]]), '$.scopes');
	expectStatus(await to(LENDER, [names[0]]), 200, 'it has it already');
});

test('SELF_MAX_SUPPLIERS: of one organisation', async () => {
	const n = limit('SELF_MAX_SUPPLIERS'), reader = await sb.orgToken(BANK, 'samtykke:delegations.read');
	const mine = expectStatus(await sb.get(DELEGATIONS, reader), 200).json.filter((d) => d.consumer_org === BANK).length;
	const [last, late, ...suppliers] = some(n - mine + 1, 90000000);
	await apply({ delegations: suppliers.map((supplier) => ({ consumer: BANK, supplier, scopes: ['api:plain'] })) });
	expectStatus(await sb.post(DELEGATIONS, hand, { supplier_org: last, scopes: ['api:plain'] }), 201);
	expectStatus(await sb.post(DELEGATIONS, hand, { supplier_org: late, scopes: ['api:plain'] }), 409);
	expectStatus(await sb.post(DELEGATIONS, hand, { supplier_org: SUPPLIER, scopes: ['api:open'] }), 200, 'one of them');
});

test('SELF_MAX_SOURCES: that are listed', async () => {
	const n = limit('SELF_MAX_SOURCES'), list = async () => expectStatus(await sb.get('/api/v1/delegationsources', null), 200).json.map((s) => s.issuer);
	const there = (await list()).length, sources = Array.from({ length: n - there + 1 }, (_, i) => `https://register.example/${i}/`);
	const made = (from, to) => apply({ scopes: sources.slice(from, to).map((delegationSource, i) => ({ scope: `api:source/${from + i}`, owner: MINISTRY, delegationSource })) });
	await made(0, n - there);
	const full = await list();
	assert.deepEqual([full.length, sources.slice(0, n - there).every((s) => full.includes(s))], [n, true]);
	await made(n - there, n - there + 1);
	assert.equal((await list()).length, n);
});

// SELF_MAX_CLIENTS: see selfservice.test.mjs; JOSE_X5C_MAX and JOSE_CERT_MAX: certs.test.mjs.
test('each limit of the self-service is among the tests', () => {
	const tests = ['selfservice', 'selflimits'].map((f) => readFileSync(path.join(ROOT, `tests/api/${f}.test.mjs`), 'utf8')).join('');
	for (const name of [...defines.keys()].filter((d) => d.startsWith('SELF_MAX_')))
		assert.match(tests, new RegExp(`^test\\('${name}\\b`, 'm'));
});

test('LIST_BYTES_MAX: every list ends a page there and leads on to the rest', async () => {
	const max = 2 << 20, pages = new Map();
	const follow = async (path, token) => {
		const all = [];
		let n = 0;
		for (let next = path; next; n++) {
			const res = expectStatus(await sb.get(next, token), 200), link = /^<([^>]*)>; rel="next"$/.exec(res.headers.link ?? '');
			assert.ok(res.text.length <= max + 1000, `${path}: ${res.text.length} bytes`);
			const list = res.json.data ?? res.json;
			assert.ok(list.length > 0, path);
			all.push(...list);
			next = (link?.[1] ?? res.json.links?.next ?? '').replace(sb.url, '');
		}
		pages.set(path, n);
		assert.ok(n > 1, `${path}: one page`);
		return all;
	};
	const scope = (i) => `ttd:${text(180, `lang-${i}-`)}`, orgs = some(20000), many = Array.from({ length: 600 }, (_, i) => i);
	const owned = { organization: MINISTRY, orgcode: 'ttd', name: { nb: 'T' } }, filters = Array.from({ length: 20 }, (_, i) => text(99, `f${i}`));
	await apply({
		scopes: [...many.map((i) => ({ scope: scope(i), owner: MINISTRY, description: text(4000), delegationSource: SOURCE })), { scope: 'ttd:grants', owner: MINISTRY, grants: orgs }],
		delegations: orgs.slice(0, 80).map((supplier) => ({ consumer: BANK, supplier, scopes: many.slice(0, 200).map(scope) })),
		resources: many.map((i) => ({ identifier: `page-${i}`, resourceType: 'Consent', versionId: 1, title: { nb: 'x' }, description: { nb: text(4000) }, hasCompetentAuthority: owned })),
		accessLists: [1, 2, 3].map((i) => ({ owner: 'ttd', identifier: `page-${i}`, members: [`urn:altinn:organization:identifier-no:${BANK}`],
			resourceConnections: many.slice(0, 450).map((r) => ({ resource: `page-${r}`, actionFilters: filters })) })),
	});
	const registry = '/resourceregistry/api/v1', reads = await sb.orgToken(MINISTRY, 'altinn:resourceregistry/accesslist.read');
	const admin = await sb.orgToken(MINISTRY, 'altinn:maskinporten/delegations.admin');
	const same = (got, want, what) => assert.deepEqual([...got].sort(), [...want].sort(), what);
	const ours = (list) => list.filter((x) => x.startsWith('ttd:lang-'));
	same(ours((await follow(SCOPES, owner)).map((x) => x.name)), many.map(scope), 'scopes');
	same(ours((await follow(`${SCOPES}/all`)).map((x) => x.name)), many.map(scope), 'all scopes');
	same((await follow(`${SCOPES}/access${at('ttd:grants')}`, owner)).map((x) => x.consumer_orgno), orgs, 'grants');
	const suppliers = orgs.slice(0, 80), delegated = (list) => list.map((x) => x.supplier_org).filter((x) => suppliers.includes(x));
	same(delegated(await follow(DELEGATIONS, hand)), suppliers, 'own delegations');
	same(delegated(await follow(`/accessmanagement/api/v1/maskinporten/delegations?consumerOrg=${BANK}`, admin)), suppliers, 'delegations');
	same((await follow(`${registry}/resource/search?id=page-`)).map((x) => x.identifier), many.map((i) => `page-${i}`), 'resources');
	const lists = ['page-1', 'page-2', 'page-3'], named = (list) => list.map((x) => x.identifier).filter((x) => x.startsWith('page-'));
	same(named(await follow(`${registry}/access-lists/ttd`, reads)), lists, 'access lists');
	same(named(await follow(`${registry}/access-lists/get-by-member?party=urn:altinn:organization:identifier-no:${BANK}`, reads)), lists, 'lists of a member');
});
