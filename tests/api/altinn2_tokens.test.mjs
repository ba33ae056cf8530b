// Codes and tokens of Altinn 2: who gets them, what they say, in three generations; uses, giving back, the owner's list, one log.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { KEYS2, REQUESTS2, S2_READ, S2_WRITE, TOKEN2, answer2, ask2, body2, call2, verified2 } from '../js/altinn2.mjs';
import { askToken, consentDetails } from '../js/maskinporten.mjs';
import { browser, expectEmpty, expectStatus, startSandbox } from '../js/sandbox.mjs';
import { BANK, ELENA, REQUESTS, SUPPLIER, S_READ, S_WRITE, builtinClient, org, person, requestBody } from '../js/world.mjs';

const sb = await startSandbox();
after(() => sb.stop());
const WORDS = 'The API key is not authorized for this operation, or the supplied authorization code is either expired or invalid.';
const service = (ServiceCode, ServiceEditionCode, Metadata = {}) => ({ ServiceCode, ServiceEditionCode, Metadata });
const fetch2 = (code, how = {}) => call2(sb, 'GET', `${TOKEN2}/${code}`, { accept: 'application/json', ...how });
const refused = async (code, how) => assert.equal(expectStatus(await fetch2(code, how), 403).text, WORDS);
const given = async (changes, how) => {
	const { AuthorizationCode } = await ask2(sb, changes, how);
	await answer2(sb, AuthorizationCode, 'accept');
	return AuthorizationCode;
};
const claims = async (code, how) => verified2(sb, expectStatus(await fetch2(code, how), 200).json);

test('a code gives tokens as often as they are wanted, from the answer on', async () => {
	const { AuthorizationCode: code } = await ask2(sb);
	await refused(code);
	await answer2(sb, code, 'accept');
	for (const res of [await fetch2(code), await call2(sb, 'GET', `${TOKEN2}?authcode=${code}`, {})]) {
		assert.match(expectStatus(res, 200).text, /^"[\w-]+\.[\w-]+\.[\w-]+"$/);
		await verified2(sb, res.json);
	}
	const xml = expectStatus(await fetch2(code, { accept: 'application/xml' }), 200);
	assert.match(xml.text, /^<string>[\w-]+\.[\w-]+\.[\w-]+<\/string>$/);
	expectEmpty(await call2(sb, 'DELETE', `${TOKEN2}/${code}`), 204);
	await refused(code);
});

test('a token is JSON or XML as Accept prefers', async () => {
	const code = await given();
	for (const [accept, xml] of [
		['*/*', false], ['application/*', false], ['text/html', false], ['text/*', true], ['text/xml', true], ['APPLICATION/XML', true],
		['application/json, application/xml', false], ['application/xml, application/json', true],
		['application/xml;q=0.5, application/json', false], ['application/json;q=0.8, application/xml;q=0.9', true],
		['application/xml;charset=utf-8;q=0.1, application/json;q=0.2', false], ['*/*, application/xml', true],
		['text/html, application/xml;q=0.9, */*;q=0.8', true], ['application/xml;q=0, text/xml;q=0', false], ['application/json;q=0, */*;q=0.1', true],
	]) {
		const { text } = expectStatus(await fetch2(code, { accept }), 200);
		assert.equal(text.startsWith('<string>'), xml, accept);
	}
});

test('three generations of payload, by the service', async () => {
	const rows = [
		[service('4628', 1, { inntektsaar: '2024' }), { ServiceCodes: '4628,1' }],
		[service('4629', 2, { inntektsaar: '2024' }), { Services: ['4629,2', '4629,2,inntektsaar=2024'] }],
		[service('4701', 1), { Services: '4701_1' }],
		[service('4804', 210607, { fraOgMed: '2025-01', tilOgMed: '2025-03' }),
			{ Services: ['4804_210607', '4804_210607_fraOgMed=2025-01', '4804_210607_tilOgMed=2025-03'] }],
	];
	for (const [resource, services] of rows) {
		const code = await given({ RequestResources: [resource] });
		const { payload, header } = await claims(code);
		assert.deepEqual({ ...payload, ...services }, payload);
		assert.equal(payload.exp - payload.nbf, 30);
		assert.equal(payload.iss, 'altinn.no');
		assert.equal(payload.AuthorizationCode, code);
		assert.equal(payload.OfferedBy, ELENA);
		assert.equal(payload.CoveredBy, BANK);
		const newest = !services.ServiceCodes && resource.ServiceCode !== '4629';
		assert.deepEqual(Object.keys(header), newest ? ['alg', 'kid', 'x5t', 'typ'] : ['typ', 'alg', 'x5t']);
		assert.equal(payload.iat, newest ? payload.nbf : undefined);
		if (newest)
			assert.equal(typeof payload.ValidToDate, 'number');
		else
			assert.match(payload.ValidToDate, services.ServiceCodes ? /^\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d$/ : /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
	}
});

test('everything that is wrong is one 403', async () => {
	const code = await given();
	const { AuthorizationCode: no } = await ask2(sb);
	await answer2(sb, no, 'reject');
	for (const id of [randomUUID(), no, 'x', 'x'.repeat(300)])
		await refused(id);
	await refused(code, { key: KEYS2.tax });
	await refused(code, { key: KEYS2.supplier });
	assert.equal(expectStatus(await call2(sb, 'GET', TOKEN2), 403).text, WORDS);
	expectStatus(await fetch2(code, { key: null }), 401);
	expectStatus(await fetch2(code, { key: 'x' }), 401);
	expectStatus(await fetch2(code, { token: await sb.orgToken(BANK, S2_READ) }), 403);
	expectStatus(await fetch2(code, { token: await sb.orgToken(BANK, 'altinn:consenttokens') }), 200);
	expectStatus(await sb.post('/sandbox/clock', undefined, { offset: 'P6D' }), 200);
	await refused(code);
	expectStatus(await sb.post('/sandbox/clock', undefined, {}), 200);
});

test('a supplier gets the token by the allow-list or by delegation, and is named in it', async () => {
	const both = `${S2_READ} ${S2_WRITE}`;
	const token = await sb.orgToken(SUPPLIER, both);
	const listed = await given({ HandledBy: SUPPLIER, RequestResources: [service('4628', 210607, { inntektsaar: '2024' })] }, { token, key: KEYS2.supplier });
	assert.equal((await claims(listed, { key: KEYS2.supplier })).payload.HandledBy, SUPPLIER);
	assert.equal((await claims(listed)).payload.HandledBy, undefined);
	const scopes = encodeURIComponent(`${both} altinn:consenttokens.read`);
	const delegated = (await sb.get(`/api/GetEnterpriseToken?env=x&scopes=${scopes}&orgNo=${BANK}&supplierOrgNo=${SUPPLIER}`)).text;
	const code = await given({ HandledBy: SUPPLIER, RequestResources: [service('4628', 1, { inntektsaar: '2024' })] }, { token: delegated, key: KEYS2.supplier });
	await refused(code, { key: KEYS2.supplier });
	assert.equal((await claims(code, { key: KEYS2.supplier, token: delegated })).payload.HandledBy, SUPPLIER);
});

test('a reported use ends a one-time consent', async () => {
	const code = await given({ RequestResources: [service('4701', 1)] });
	await claims(code);
	const use = (body, how) => call2(sb, 'POST', `${TOKEN2}/${code}/loguse`, { body, ...how });
	const bad = [{}, { ServiceCode: 'x', ServiceEditionCode: 1 }, { ServiceCode: '4701', ServiceEditionCode: -1 }, { ServiceCode: '4701', ServiceEditionCode: 2 },
		{ ServiceCode: '4701', ServiceEditionCode: 1, UsageDateTime: '01.04.2025' }, { ServiceCode: '4701', ServiceEditionCode: 1, UsageDateTime: '' }, { ServiceCode: '4701', ServiceEditionCode: 1, UsageDateTime: '2020-01-01T00:00:00' }];
	for (const body of bad)
		expectStatus(await use(body), 400, JSON.stringify(body));
	expectStatus(await use({ ServiceCode: '4701', ServiceEditionCode: 1 }, { key: KEYS2.tax }), 403);
	expectEmpty(await use({ serviceCode: '4701', serviceEditionCode: '1' }), 204);
	await refused(code);
	const many = await given();
	expectEmpty(await call2(sb, 'POST', `${TOKEN2}/${many}/loguse`, { body: { ServiceCode: '4629', ServiceEditionCode: 2 } }), 204);
	await claims(many);
});

test('a use may lie in the second of the acceptance, and not before it', async () => {
	const code = await given();
	const { json } = expectStatus(await sb.get(`${REQUESTS}/${code}`, await sb.orgToken(BANK, S_READ)), 200);
	const accepted = Date.parse(json.consentRequestEvents.find((e) => e.eventType === 'Accepted').created);
	const second = (s) => new Date((Math.floor(accepted / 1000) + s) * 1000).toISOString().replace('.000', '');
	const use = (UsageDateTime) => call2(sb, 'POST', `${TOKEN2}/${code}/loguse`, { body: { ServiceCode: '4629', ServiceEditionCode: 2, UsageDateTime } });
	expectStatus(await use(second(-1)), 400);
	expectEmpty(await use(second(0)), 204);
});

test('the owner lists the consents to its service, page by page', async () => {
	const code = await given();
	const list = (query, how) => call2(sb, 'GET', `/api/serviceowner/consents?${query}`, { key: KEYS2.digdir, ...how });
	const found = async (status) => {
		const { json } = expectStatus(await list(`serviceCode=4629&serviceEdition=2${status}`), 200);
		return json._embedded.consents.filter((c) => c.AuthorizationCode === code);
	};
	const [active] = await found('&status=active');
	assert.equal(active.Status, 'active');
	assert.deepEqual(active.OfferedBy, { Name: 'ELENA FJÆR', Type: 'Person', SocialSecurityNumber: ELENA });
	assert.deepEqual(active.CoveredBy, { Name: 'SMEKKFULL BANK AS', Type: 'Enterprise', OrganizationNumber: BANK, OrganizationForm: 'AS', Status: 'Active' });
	assert.match(active.LastChanged, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0[12]:00$/);
	assert.deepEqual(await found('&status=revoked'), []);
	expectEmpty(await call2(sb, 'DELETE', `${TOKEN2}/${code}`), 204);
	assert.deepEqual(await found('&status=active'), []);
	assert.equal((await found(''))[0].Status, 'revoked');
	const token = await sb.orgToken('991825827', 'altinn:serviceowner/consents');
	expectStatus(await list('serviceCode=4629&serviceEditionCode=2', { key: null, token }), 200);
	expectStatus(await list('serviceCode=4629&serviceEdition=2', { key: KEYS2.bank }), 403);
	expectStatus(await list('serviceCode=1&serviceEdition=2'), 403);
	for (const query of ['', 'serviceCode=4629', 'serviceCode=4629&serviceEdition=2&status=x', 'serviceCode=4629&serviceEdition=2&continuation=x'])
		expectStatus(await list(query), 400, query);
});

test('one log: the same consent in both generations, and in all that people and clients see', async () => {
	const code = await given({ RequestResources: [service('4628', 210607, { inntektsaar: '2024' })] });
	await claims(code);
	const read = await sb.orgToken(BANK, S_READ);
	assert.equal(expectStatus(await sb.get(`${REQUESTS}/${code}`, read), 200).json.status, 'Accepted');
	const feed = expectStatus(await sb.get(`${REQUESTS}/events`, read), 200);
	assert.ok(feed.text.includes(code));
	const b = browser(sb);
	await b.login(ELENA, '/accessmanagement/ui/consent/active');
	for (const page of ['active', 'log', `details?id=${code}`, `receipt?id=${code}`]) {
		const res = await b.get(`/accessmanagement/ui/consent/${page}`);
		assert.equal(res.status, 200, page);
		assert.match(res.text, /Smekkfull Bank AS/, page);
	}
	const client = await builtinClient(BANK);
	const token = await askToken(sb, client, { scope: 'skatteetaten:summertskattegrunnlag', authorization_details: consentDetails(code, person(ELENA)) });
	assert.equal(expectStatus(token, 200).json.token_type, 'Bearer');
});

test('a consent of Altinn 3 for a mapped resource is a token of Altinn 2 too', async () => {
	const write = await sb.orgToken(BANK, S_WRITE);
	const made = async (right) => {
		const { id } = expectStatus(await sb.post(REQUESTS, write, requestBody(sb, { to: org(BANK), consentRights: [right] })), 201).json;
		await answer2(sb, id, 'accept');
		return id;
	};
	const right = (value, metadata) => ({ action: ['read'], resource: [{ type: 'urn:altinn:resource', value }], metaData: metadata });
	const code = await made(right('ske-samtykke-sbl-inntekt', { fraogmed: '2025-01', tilogmed: '2025-03' }));
	assert.deepEqual((await claims(code)).payload.Services, ['4804_210607', '4804_210607_fraOgMed=2025-01', '4804_210607_tilOgMed=2025-03']);
	await refused(await made(right('ttd_utdanning', { fagomraade: 'x', fraaar: '2020' })));
	expectStatus(await call2(sb, 'GET', `${REQUESTS2}/${code}`, { token: await sb.orgToken(BANK, S2_READ) }), 403);
});

test('a race of tokens and a withdrawal: no token after it', async () => {
	const code = await given();
	const all = await Promise.all([...Array(6)].map((_, i) => i === 3 ? call2(sb, 'DELETE', `${TOKEN2}/${code}`) : fetch2(code)));
	assert.ok(all.every((r) => [200, 204, 403].includes(r.status)), all.map((r) => r.status).join());
	await refused(code);
});

test('the metadata, and the generator of test tokens', async () => {
	const jwk = expectStatus(await sb.get('/api/metadata/jwk'), 200);
	assert.match(jwk.headers['cache-control'], /max-age=\d+/);
	assert.equal(jwk.json.keys.length, 2);
	for (const k of jwk.json.keys) {
		assert.deepEqual(Object.keys(k), ['kty', 'use', 'kid', 'x5t', 'e', 'n', 'x5c']);
		assert.equal(k.kid, k.x5t);
		assert.equal(k.x5c.length, 1);
	}
	const meta = expectStatus(await sb.get('/api/metadata/well-known'), 200).json;
	assert.deepEqual(meta, { issuer: `${sb.url}/`, jwks_uri: `${sb.url}/api/metadata/jwk`, response_types_supported: ['code'] });
	const query = `env=tt02&serviceCodes=5120_1.5678_2&offeredBy=${ELENA}&coveredBy=${BANK}&handledBy=${SUPPLIER}&5120_1_param=a%20b`;
	const { payload } = await verified2(sb, expectStatus(await sb.get(`/api/GetConsentToken?${query}`), 200).text);
	assert.deepEqual(payload.Services, ['5120_1', '5120_1_param=a b', '5678_2']);
	assert.equal(payload.HandledBy, SUPPLIER);
	for (const bad of ['', 'serviceCodes=x', `serviceCodes=1_1&offeredBy=1&coveredBy=${BANK}`, `serviceCodes=1_1&offeredBy=${ELENA}&coveredBy=${BANK}&authorizationCode=x`])
		expectStatus(await sb.get(`/api/GetConsentToken?${bad}`), 400, bad);
});
