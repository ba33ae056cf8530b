// Consents that another platform keeps: an issuer that looks them up in another sandbox, and at neighbours that misbehave.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, test } from 'node:test';
import * as jose from 'jose';
import { askToken, consentDetails, expectFault, getToken, makeGrant, makeKey, postGrant, tokenOf } from '../js/maskinporten.mjs';
import { expectStatus, run, startSandbox, tempDir, until } from '../js/sandbox.mjs';
import {
	AGENCY, ASMUND, BANK, BFF, ELENA, LOOKUP, MINISTRY, REQUESTS, SUPPLIER, S_LOOKUP, S_ORG, S_READ, S_WRITE, builtin, person, requestBody, right, testWorld,
} from '../js/world.mjs';

const { document, clients } = await testWorld();
const { bank, supplier, agency } = clients;
const dir = tempDir();
const key = await makeKey('reader-1');
const keyFile = path.join(dir, 'reader.jwk');
writeFileSync(keyFile, JSON.stringify(key.privateJwk), { mode: 0o600 });
const reader = { clientId: randomUUID(), orgno: MINISTRY, name: 'an issuer', scopes: [S_LOOKUP], jwks: { keys: [key.publicJwk] } };
const forReader = { scopes: [{ scope: S_LOOKUP, owner: MINISTRY, description: 'lookup', accessibleForAll: false, grants: [MINISTRY] }], clients: [reader] };
const UNAVAILABLE = 'The register does not answer now. Try again';

// A server that answers as `neighbour.answer(request, body)` says; it remembers who asked.
async function startNeighbour() {
	const n = { hits: [], held: [] };
	n.server = http.createServer((req, res) => {
		let body = '';
		req.on('data', (d) => (body += d)).on('end', async () => {
			n.hits.push({ path: req.url, headers: req.headers, body });
			const a = await n.answer(req, body);
			if (a === null)
				return n.held.push(res);
			const [status, text, headers = {}] = a;
			res.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(typeof text === 'string' ? text : JSON.stringify(text));
		});
	});
	await new Promise((resolve) => n.server.listen(0, '127.0.0.1', resolve));
	n.url = `http://127.0.0.1:${n.server.address().port}`;
	n.stop = () => {
		n.server.closeAllConnections();
		n.server.close();
	};
	return n;
}

const home = await startSandbox({ store: false, apply: document });
expectStatus(await home.apply(forReader), 204);
const neighbour = await startNeighbour();
const sets = (...all) => all.flatMap((s) => ['--set', s]);
const asClient = (issuer) => [`consent.lookup_issuer=${issuer}/`, `consent.lookup_client_id=${reader.clientId}`, `consent.lookup_client_key=${keyFile}`];
// `sb` looks up in the other sandbox, `odd` at the neighbour with a token of the other sandbox, `own` there with tokens of its own.
const sb = await startSandbox({ apply: document, args: sets(`consent.lookup_url=${home.url}${LOOKUP}/`, ...asClient(home.url)) });
const odd = await startSandbox({ store: false, apply: document,
	args: sets(`consent.lookup_url=${neighbour.url}/lookup/`, ...asClient(neighbour.url), 'consent.lookup_subscription_key=abc123', 'consent.lookup_timeout_s=1', 'workers=4') });
const own = await startSandbox({ store: false, apply: document, args: sets(`consent.lookup_url=${neighbour.url}/lookup/`) });
after(async () => {
	neighbour.stop();
	await Promise.all([sb, odd, own, home].filter((s) => s.alive()).map((s) => s.stop()));
});

const consent = (id, more = {}) => ({ scope: 'api:plain', authorization_details: consentDetails(id, person(ELENA)), ...more });
async function asked(changes, token) {
	return expectStatus(await home.post(REQUESTS, token ?? (await home.orgToken(BANK, S_WRITE)), requestBody(home, { consentRights: [right('api_meta', { aar: '2025' })], ...changes })), 201).json;
}
const answer = async (id, what = 'accept') => expectStatus(await home.post(`${BFF}/${id}/${what}`, await home.personToken(ELENA), { language: 'nb' }), 200);
async function accepted(changes, token) {
	const { id } = await asked(changes, token);
	await answer(id);
	return expectStatus(await home.get(`${REQUESTS}/${id}`, token ?? (await home.orgToken(BANK, S_WRITE))), 200).json;
}
const party = (orgno) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${orgno}` });
const refused = (res, server = sb) => expectFault(server, res, 400, 'invalid_authorization_details', 'MP-303', 'Invalid authorization details values, consent');

test('a consent of the other platform: what it says, byte for byte', async () => {
	const c = await accepted();
	const { claims } = await getToken(sb, bank, consent(c.id));
	assert.deepEqual(claims.authorization_details, [{
		type: 'urn:altinn:consent', id: c.id, from: person(ELENA), to: party(BANK), consented: c.consented, validTo: c.validTo,
		consentRights: [{ action: ['read'], resource: [{ type: 'urn:altinn:resource', value: 'api_meta' }], metadata: { aar: '2025' } }],
	}]);
	assert.deepEqual(claims.consumer, party(BANK));
	const plain = await accepted({ consentRights: [right('api_plain')] });
	assert.equal('metadata' in (await getToken(sb, bank, consent(plain.id))).claims.authorization_details[0].consentRights[0], false);
});

test('exp is never after its validTo', async () => {
	const c = await accepted({ validTo: new Date(home.now() + 45000).toISOString() });
	assert.equal((await getToken(sb, bank, consent(c.id))).claims.exp, Math.floor(Date.parse(c.validTo) / 1000));
});

test('refused there is MP-303 here, and the grant is not burnt', async () => {
	refused(await askToken(sb, bank, consent(randomUUID())));
	const { id } = await asked();
	const grant = await makeGrant(sb, bank, consent(id));
	refused(await postGrant(sb, grant));
	await answer(id);
	refused(await askToken(sb, bank, consent(id, { authorization_details: consentDetails(id, person(ASMUND)) })));
	await tokenOf(sb, await postGrant(sb, grant));
	expectFault(sb, await postGrant(sb, grant), 400, 'invalid_grant', 'MP-012', 'Invalid assertion. Grant is used before');
	expectStatus(await home.post(`/accessmanagement/api/v1/bff/consents/${id}/revoke`, await home.personToken(ELENA)), 200);
	refused(await askToken(sb, bank, consent(id)));
	const no = await asked();
	await answer(no.id, 'reject');
	refused(await askToken(sb, bank, consent(no.id)));
	// two reasons at once are a 500 there
	const both = await asked();
	refused(await askToken(sb, bank, consent(both.id, { authorization_details: consentDetails(both.id, person(ASMUND)) })));
});

test('supplier and handler: as with consents of one\'s own', async () => {
	const c = await accepted({}, await home.orgToken(BANK, S_WRITE, { supplierOrgNo: SUPPLIER }));
	refused(await askToken(sb, supplier, consent(c.id)));
	const { claims } = await getToken(sb, supplier, consent(c.id, { consumer_org: BANK }));
	assert.deepEqual([claims.consumer, claims.supplier, claims.authorization_details[0].to], [party(BANK), party(SUPPLIER), party(BANK)]);
	const forOther = await accepted({}, await home.orgToken(AGENCY, S_ORG));
	const taken = (await getToken(sb, agency, consent(forOther.id, { scope: 'api:open' }))).claims;
	assert.deepEqual([taken.consumer, taken.authorization_details[0].to], [party(AGENCY), party(BANK)]);
});

test('a handler that has registered the scope of service owners by itself has not been granted it', async () => {
	const c = await accepted({}, await home.orgToken(BANK, S_WRITE, { supplierOrgNo: SUPPLIER }));
	const own = { key: await makeKey('sly-1'), clientId: randomUUID() };
	expectStatus(await sb.apply({ clients: [{ clientId: own.clientId, orgno: SUPPLIER, name: 'sly', scopes: ['api:plain', 'api:open', S_ORG], jwks: { keys: [own.key.publicJwk] } }] }), 204);
	refused(await askToken(sb, own, consent(c.id)));
	// delegated to it, it gets the token as before
	await getToken(sb, own, consent(c.id, { consumer_org: BANK }));
	// granted, but the scope itself is not active any more
	const forOther = await accepted({}, await home.orgToken(AGENCY, S_ORG));
	const scope = builtin.scopes.find((s) => s.scope === S_ORG);
	expectStatus(await sb.apply({ scopes: [{ scope: S_ORG, state: 'absent' }] }), 204);
	refused(await askToken(sb, agency, consent(forOther.id, { scope: 'api:open' })));
	expectStatus(await sb.apply({ scopes: [scope] }), 204);
	await getToken(sb, agency, consent(forOther.id, { scope: 'api:open' }));
});

test('the one token for lookups is used until it ends', async () => {
	neighbour.answer = async (req) => (req.url === '/token' ? [200, { access_token: 'a.b.c', token_type: 'Bearer', expires_in: 119 }] : [404, {}]);
	neighbour.hits.length = 0;
	for (let i = 0; i < 5; i++)
		refused(await askToken(odd, bank, consent(randomUUID())), odd);
	const [first, ...rest] = neighbour.hits;
	assert.deepEqual(neighbour.hits.map((h) => h.path), ['/token', ...Array(5).fill('/lookup/')]);
	const form = new URLSearchParams(first.body);
	assert.equal(form.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer');
	const { payload, protectedHeader } = await jose.jwtVerify(form.get('assertion'), await jose.importJWK(key.publicJwk, 'RS256'), { audience: `${neighbour.url}/`, issuer: reader.clientId });
	assert.equal(protectedHeader.kid, key.kid);
	assert.equal(payload.scope, S_LOOKUP);
	assert.ok(payload.exp - payload.iat <= 120);
	for (const h of rest) {
		assert.equal(h.headers.authorization, 'Bearer a.b.c');
		assert.equal(h.headers['ocp-apim-subscription-key'], 'abc123');
		assert.deepEqual(Object.keys(JSON.parse(h.body)), ['id', 'from', 'to']);
	}
	assert.deepEqual(odd.stderr().includes('abc123'), false);
	// one that is refused is fetched anew the next time
	neighbour.hits.length = 0;
	neighbour.answer = async (req) => (req.url === '/token' ? [200, { access_token: 'd.e.f', expires_in: 119 }] : req.headers.authorization === 'Bearer d.e.f' ? [404, {}] : [401, '']);
	expectFault(odd, await askToken(odd, bank, consent(randomUUID())), 503, 'temporarily_unavailable', '', UNAVAILABLE);
	refused(await askToken(odd, bank, consent(randomUUID())), odd);
	assert.deepEqual(neighbour.hits.map((h) => h.path), ['/lookup/', '/token', '/lookup/']);
});

// ---- answers of a neighbour, one by one ----
const good = (q, more = {}) => ({ id: q.id, from: q.from, to: q.to, handledBy: null, consented: '2026-05-04T10:34:39.676924+00:00', validTo: '2099-08-01T10:34:34.836+00:00',
	consentRights: [{ action: ['consent'], resource: [{ type: 'urn:altinn:resource', value: 'x' }] }], ...more });
const NO = 'no', LATER = 'later', YES = 'yes';
const rows = [
	['a good answer', YES, (q) => [200, good(q)]],
	['members that nobody knows', YES, (q) => [200, good(q, { new: { deep: [1] } })]],
	['404', NO, () => [404, { code: 'AM-00001' }]],
	['400', NO, () => [400, { code: 'AM-00013' }]],
	['400 without a body', NO, () => [400, '']],
	['500 with several problems', NO, () => [500, { code: 'STD-00001', problems: [] }]],
	['500', LATER, () => [500, { code: 'STD-00000' }]],
	['500 that is no JSON', LATER, () => [500, '<html>']],
	['502', LATER, () => [502, '']],
	['503', LATER, () => [503, {}, { 'Retry-After': '60' }]],
	['401', LATER, () => [401, '']],
	['403', LATER, () => [403, '']],
	['429', LATER, () => [429, '']],
	['a redirect', LATER, () => [302, '', { Location: '/elsewhere' }]],
	['204', LATER, () => [204, '']],
	['201', LATER, (q) => [201, good(q)]],
	['200 that is no JSON', LATER, () => [200, '<html>hello</html>']],
	['200 that is empty', LATER, () => [200, '']],
	['200 with a list', LATER, (q) => [200, [good(q)]]],
	['metadata that stands twice in another letter case', LATER, (q) => [200, good(q, {
		consentRights: [{ action: ['consent'], resource: [{ type: 'urn:altinn:resource', value: 'x' }], metadata: { aar: '2024', AAR: '2025' } }] })]],
	['a member that stands twice', LATER, (q) => [200, JSON.stringify(good(q)).replace('{', '{"id":"x",')]],
	['another id', LATER, (q) => [200, good(q, { id: randomUUID() })]],
	['another giver', LATER, (q) => [200, good(q, { from: person(ASMUND) })]],
	['a person who receives', LATER, (q) => [200, good(q, { to: person(ELENA) })]],
	['another receiver, and no service owner asks', NO, (q) => [200, good(q, { to: 'urn:altinn:organization:identifier-no:991825827' })]],
	['a receiver with a wrong check digit', LATER, (q) => [200, good(q, { to: 'urn:altinn:organization:identifier-no:991825828' })]],
	['no consented', LATER, (q) => [200, good(q, { consented: null })]],
	['consented that is no time', LATER, (q) => [200, good(q, { consented: '","exp":9' })]],
	['no validTo', LATER, (q) => [200, good(q, { validTo: undefined })]],
	['validTo has passed', NO, (q) => [200, good(q, { validTo: '2020-01-01T00:00:00Z' })]],
	['no rights', LATER, (q) => [200, good(q, { consentRights: [] })]],
	['rights of another type', LATER, (q) => [200, good(q, { consentRights: ['x'] })]],
	['a right without an action', LATER, (q) => [200, good(q, { consentRights: [{ action: [], resource: [{ type: 'a', value: 'b' }] }] })]],
	['a right of two resources', LATER, (q) => [200, good(q, { consentRights: [{ action: ['a'], resource: Array(2).fill({ type: 'a', value: 'b' }) }] })]],
	['metadata that is no text', LATER, (q) => [200, good(q, { consentRights: [{ action: ['a'], resource: [{ type: 'a', value: 'b' }], metadata: { x: 1 } }] })]],
	['51 rights', LATER, (q) => [200, good(q, { consentRights: Array(51).fill(good(q).consentRights[0]) })]],
	['an answer of 32769 bytes', LATER, (q) => [200, JSON.stringify(good(q)).padEnd(32769)]],
	['an answer of 32768 bytes', YES, (q) => [200, JSON.stringify(good(q)).padEnd(32768)]],
	['a flood', LATER, () => [200, 'x'.repeat(5 << 20)]],
];
test('a consent that fits no token is told as such: nobody shall try again', async () => {
	const names = Array.from({ length: 32 }, (_, i) => `api:${i}`.padEnd(200, 'x'));
	const wide = { clientId: randomUUID(), key: await makeKey('wide-1') };
	expectStatus(await odd.apply({
		scopes: names.map((scope) => ({ scope, owner: MINISTRY, description: 'x', accessibleForAll: true, grants: [] })),
		clients: [{ clientId: wide.clientId, orgno: BANK, name: 'wide', scopes: names, jwks: { keys: [wide.key.publicJwk] } }],
	}), 204);
	const rights = Array.from({ length: 40 }, () => ({ action: ['consent'], resource: [{ type: 'urn:altinn:resource', value: 'x' }], metadata: { k: 'v'.repeat(705) } }));
	neighbour.answer = async (req, body) => (req.url === '/token' ? [200, { access_token: 'a', expires_in: 100 }] : [200, good(JSON.parse(body), { consentRights: rights })]);
	const resources = Array.from({ length: 10 }, (_, i) => `https://api.example/${i}`.padEnd(1024, 'x'));
	expectFault(odd, await askToken(odd, wide, consent(randomUUID(), { scope: names.join(' '), resource: resources })), 400, 'invalid_authorization_details', 'MP-303',
		'Invalid authorization details values, consent. It is too large for a token');
	await getToken(odd, wide, consent(randomUUID(), { scope: names[0] }));
});
for (const [name, want, reply] of rows)
	test(`the neighbour answers: ${name}: ${want}`, async () => {
		neighbour.answer = async (req, body) => (req.url === '/token' ? [200, { access_token: 'a', expires_in: 100 }] : reply(JSON.parse(body)));
		const grant = await makeGrant(odd, bank, consent(randomUUID()));
		const res = await postGrant(odd, grant);
		if (want === YES)
			assert.equal((await tokenOf(odd, res)).claims.authorization_details[0].consented, '2026-05-04T10:34:39.676924+00:00');
		else if (want === NO)
			refused(res, odd);
		else
			expectFault(odd, res, 503, 'temporarily_unavailable', '', UNAVAILABLE);
		if (want === YES)
			return;
		if (want === LATER) {
			assert.match(res.headers['retry-after'], /^[1-9]\d*$/);
			const said = (what) => odd.stderr().split('\n').some((l) => l.includes(res.headers['x-trace-id']) && what.test(l));
			await until(() => said(/consent\.lookup_failed/) && said(/token\.refused.*why=.*the consent cannot be looked up/), () => odd.stderr().slice(-2000));
		}
		neighbour.answer = async (req, body) => (req.url === '/token' ? [200, { access_token: 'a', expires_in: 100 }] : [200, good(JSON.parse(body))]);
		await tokenOf(odd, await postGrant(odd, grant)); // it was not burnt
	});

test('the neighbour\'s token endpoint misbehaves: nobody gets a token, nothing of it is passed on', async () => {
	neighbour.answer = async () => [401, '']; // drops the token that is kept
	await askToken(odd, bank, consent(randomUUID()));
	for (const reply of [[500, ''], [400, { error: 'invalid_grant' }], [200, ''], [200, {}], [200, { access_token: '' }], [200, { access_token: 'a b' }], [200, { access_token: 'a\r\nX: y' }],
		[200, { access_token: 7 }], [200, { access_token: 'x'.repeat(16385) }], [302, '', { Location: '/' }]]) {
		neighbour.hits.length = 0;
		neighbour.answer = async () => reply;
		expectFault(odd, await askToken(odd, bank, consent(randomUUID())), 503, 'temporarily_unavailable', '', UNAVAILABLE);
		assert.deepEqual(neighbour.hits.map((h) => h.path), ['/token'], JSON.stringify(reply).slice(0, 80));
	}
});

test('details that are wrong by themselves cost no call', async () => {
	neighbour.hits.length = 0;
	const details = consentDetails(randomUUID(), person(ELENA))[0];
	for (const [d, code] of [[{ ...details, to: 'x' }, 'MP-302'], [{ ...details, type: 'x' }, 'MP-301'], [{ ...details, id: 'x' }, 'MP-303'], [{ ...details, from: person('01025161014') }, 'MP-303']])
		expectFault(odd, await askToken(odd, bank, { scope: 'api:plain', authorization_details: [d] }), 400, 'invalid_authorization_details', code);
	assert.equal(neighbour.hits.length, 0);
});

test('a neighbour that never answers holds nobody else up', async () => {
	neighbour.answer = async (req) => (req.url === '/token' ? [200, { access_token: 'a', expires_in: 100 }] : null);
	const grants = await Promise.all(Array.from({ length: 12 }, () => makeGrant(odd, bank, consent(randomUUID()))));
	const held = grants.map((g) => postGrant(odd, g));
	// All of them are given up or refused at once; meanwhile others are served.
	for (let i = 0; i < 10; i++) {
		expectStatus(await odd.get('/jwk'), 200);
		await getToken(odd, bank, { scope: 'api:plain' });
	}
	for (const res of await Promise.all(held))
		expectFault(odd, res, 503, 'temporarily_unavailable', '', UNAVAILABLE);
	assert.match(odd.stderr(), /consent\.lookup_failed.*too many outgoing calls at once/);
	assert.match(odd.stderr(), /consent\.lookup_failed.*(imeout|imed out|waited too long)/);
	assert.equal(odd.stderr().includes(ELENA), false, 'no identity number in the log');
});

test('without a client the platform\'s own key signs the token for lookups', async () => {
	neighbour.hits.length = 0;
	neighbour.answer = async (req, body) => [200, good(JSON.parse(body))];
	for (let i = 0; i < 3; i++)
		await getToken(own, bank, consent(randomUUID()));
	assert.deepEqual(neighbour.hits.map((h) => h.path), Array(3).fill('/lookup/'));
	const keys = jose.createLocalJWKSet((await own.get('/jwk')).json);
	const tokens = new Set(neighbour.hits.map((h) => h.headers.authorization));
	assert.equal(tokens.size, 1);
	const { payload } = await jose.jwtVerify([...tokens][0].replace('Bearer ', ''), keys, { issuer: `${own.url}/` });
	assert.equal(payload.scope, S_LOOKUP);
	// and a platform with that issuer takes it
	expectStatus(await own.post(LOOKUP, [...tokens][0].replace('Bearer ', ''), { id: randomUUID(), from: person(ELENA), to: 'urn:altinn:organization:identifier-no:810419512' }), 404);
	expectStatus(await own.get(`${REQUESTS}/${randomUUID()}`, [...tokens][0].replace('Bearer ', '')), 403);
});

test('a neighbour that is not there', async () => {
	const away = await startSandbox({ store: false, apply: document, args: sets('consent.lookup_url=http://127.0.0.1:1/lookup/') });
	expectFault(away, await askToken(away, bank, consent(randomUUID())), 503, 'temporarily_unavailable', '', UNAVAILABLE);
	await getToken(away, bank, { scope: 'api:plain' });
	await away.stop();
});

test('settings that cannot work stop the start with one line', async () => {
	const url = 'consent.lookup_url=https://a.example/';
	const empty = path.join(dir, 'empty'), open = path.join(dir, 'open.jwk'), loose = path.join(dir, 'loose.jwk');
	writeFileSync(empty, '', { mode: 0o600 });
	writeFileSync(open, JSON.stringify(key.publicJwk), { mode: 0o600 });
	writeFileSync(loose, JSON.stringify(key.privateJwk), { mode: 0o644 });
	for (const [list, said] of [[['consent.lookup_url=ftp://a.example/'], /consent\.lookup_url/], [[url, 'consent.lookup_client_id=x'], /consent\.lookup_issuer/],
		[[url, 'consent.lookup_client_id=x', 'consent.lookup_issuer=https://a.example'], /consent\.lookup_issuer/],
		[[url, 'consent.lookup_client_id=x', 'consent.lookup_issuer=https://a.example/'], /consent\.lookup_client_key/],
		[[url, 'consent.lookup_client_id=x', 'consent.lookup_issuer=https://a.example/', `consent.lookup_client_key=${empty}`], /consent\.lookup_client_key/],
		[[url, 'consent.lookup_client_id=x', 'consent.lookup_issuer=https://a.example/', `consent.lookup_client_key=${open}`], /consent\.lookup_client_key: the file does not hold a private key/],
		[[url, 'consent.lookup_client_id=x', 'consent.lookup_issuer=https://a.example/', `consent.lookup_client_key=${loose}`], /consent\.lookup_client_key: \S+ can be read by others than its owner and group \(chmod 600 \S+\)/],
		[[url, 'consent.lookup_timeout_s=11'], /consent\.lookup_timeout_s/]]) {
		const { status, stderr } = await run(['sandbox', '--port', '0', ...sets(...list)]);
		assert.equal(status, 1, stderr);
		assert.match(stderr, said);
	}
});
