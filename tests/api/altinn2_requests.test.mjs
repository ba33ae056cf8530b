// Consent requests of Altinn 2: registered, read, listed, deleted; who may, and what is refused.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { KEYS2, REQUESTS2, S2_READ, S2_WRITE, TOKEN2, answer2, ask2, body2, call2, local2 } from '../js/altinn2.mjs';
import { expectEmpty, expectStatus, startSandbox } from '../js/sandbox.mjs';
import { ASMUND, BAKERY, BANK, ELENA, NOBODY, SUPPLIER } from '../js/world.mjs';

const sb = await startSandbox();
after(() => sb.stop());
const both = `${S2_READ} ${S2_WRITE}`;
const bank = await sb.orgToken(BANK, both), supplier = await sb.orgToken(SUPPLIER, both);
const make = (changes, how) => call2(sb, 'POST', REQUESTS2, { token: bank, body: body2(sb, changes), ...how });
const codes = (res) => expectStatus(res, 400).json.map((e) => {
	assert.deepEqual(Object.keys(e), ['ErrorCode', 'ErrorMessage']);
	return e.ErrorCode;
});
const service = (ServiceCode, ServiceEditionCode, Metadata) => ({ ServiceCode, ServiceEditionCode, Metadata });
const year = { inntektsaar: '2024' };

test('a request is answered with its model, its number masked, its links by Accept', async () => {
	const res = expectStatus(await make({ RequestMessage: { 'no-nb': 'Lån', en: 'Loan' }, PortalViewMode: 'Show' }), 201);
	const r = res.json;
	assert.equal(r.RequestStatus, 'Unopened');
	assert.equal(r.OfferedBy, '010251*****');
	assert.equal(r.CoveredBy, BANK);
	assert.equal(r.PortalViewMode, 'Show');
	assert.deepEqual(r.RequestMessage, { 'no-nb': 'Lån', en: 'Loan' });
	assert.deepEqual(r.RequestResources, body2(sb).RequestResources);
	assert.equal(r.ValidTo, `${body2(sb).ValidTo.slice(0, 16)}${r.ValidTo.slice(16)}`);
	assert.doesNotMatch(res.text, new RegExp(ELENA));
	assert.equal(r._links.gui.href, `${sb.url}/ui/AccessConsent/request?id=${r.AuthorizationCode}`);
	assert.equal(res.headers.location, r._links.self.href);
	const plain = expectStatus(await call2(sb, 'GET', `${REQUESTS2}/${r.AuthorizationCode}`, { token: bank, accept: 'application/json' }), 200);
	assert.equal(plain.json._links, undefined);
	assert.equal(plain.headers['content-type'], 'application/json; charset=utf-8');
	const old = expectStatus(await call2(sb, 'GET', `/api/consentRequest/${r.AuthorizationCode}?ForceEIAuthentication`, { token: bank }), 200);
	assert.equal(old.json.AuthorizationCode, r.AuthorizationCode);
});

test('names match in any letter case of members and values', async () => {
	const { CoveredBy, OfferedBy, ValidTo, RedirectUrl } = body2(sb);
	const body = { coveredBy: CoveredBy, offeredBy: OfferedBy, offeredbyname: 'fjær', validTo: ValidTo, redirecturl: RedirectUrl,
		requestResources: [{ serviceCode: '4629', serviceEditionCode: '2', metadata: { INNTEKTSAAR: '2024', other: 'x' } }] };
	expectStatus(await call2(sb, 'POST', REQUESTS2, { token: bank, body }), 201);
	for (const OfferedByName of ['FJÆR', 'Elena Fjær', 'von der Fjær'])
		expectStatus(await make({ OfferedByName }), 201);
	expectStatus(await make({ OfferedBy: BAKERY, OfferedByName: 'Fjordgløtt bakeri AS' }), 201);
	for (const OfferedByName of ['Hansen', 'Elena', 'Fjærå'])
		assert.deepEqual(codes(await make({ OfferedByName })), ['40332']);
	assert.deepEqual(codes(await make({ OfferedBy: BAKERY, OfferedByName: 'Fjordgløtt' })), ['40332']);
	assert.deepEqual(codes(await make({ RequiredDelegator: ASMUND, RequiredDelegatorName: 'Fjær' })), ['40332']);
	expectStatus(await make({ RequiredDelegator: ELENA, RequiredDelegatorName: 'Fjær' }), 201);
});

const REFUSED = [
	['CoveredBy is OfferedBy', { OfferedBy: BANK, OfferedByName: 'Smekkfull Bank AS' }, '40303'],
	['another consumer', { CoveredBy: BAKERY }, '40304'],
	['a service that is not there', { RequestResources: [service('1', 1, {})] }, '40306'],
	['metadata missing', { RequestResources: [service('4629', 2, {})] }, '40307'],
	['metadata empty', { RequestResources: [service('4629', 2, { inntektsaar: ' ' })] }, '40307'],
	['two templates', { RequestResources: [service('4629', 2, year), service('4628', 210607, year)] }, '40308'],
	['a message that the template has itself', { RequestResources: [service('4628', 210607, year)], RequestMessage: { en: 'x' } }, '40310'],
	['a time that is over', { ValidTo: '2020-01-01T00:00:00' }, '40311'],
	['no time', { ValidTo: 'tomorrow' }, '40311'],
	['an address that runs in the browser', { RedirectUrl: 'javascript:alert(1)' }, '40312'],
	['no address', { RedirectUrl: undefined }, '40302'],
	['a redirect that is too long', { RedirectUrl: `https://b.example/${'x'.repeat(2000)}` }, '40302'],
	['a name that is too long', { OfferedByName: 'x'.repeat(501) }, '40302'],
	['no number', { OfferedBy: '12345678901' }, '40332'],
	['a number of another type', { CoveredBy: 810419512 }, '40302'],
	['no services', { RequestResources: [] }, '40302'],
	['51 services', { RequestResources: Array(51).fill(service('4629', 2, year)) }, '40302'],
	['a service that is no object', { RequestResources: ['4629_2'] }, '40302'],
	['metadata that is no object', { RequestResources: [service('4629', 2, [])] }, '40302'],
	['a value of 1001 bytes', { RequestResources: [service('4629', 2, { inntektsaar: 'x'.repeat(1001) })] }, '40302'],
	['a language twice', { RequestMessage: { nb: 'x', 'no-nb': 'y' } }, '40302'],
	['a language that is none', { RequestMessage: { fr: 'x' } }, '40302'],
	['a message of 4001 bytes', { RequestMessage: { en: 'x'.repeat(4001) } }, '40302'],
	['a view mode that is none', { PortalViewMode: 'Maybe' }, '40302'],
	['a delegator that is an organisation', { RequiredDelegator: BAKERY, RequiredDelegatorName: 'x' }, '40302'],
];
test('what is refused is told with its code, and nothing is stored', async () => {
	for (const [why, changes, code] of REFUSED)
		assert.ok(codes(await make(changes)).includes(code), why);
	for (const body of ['', '[]', '{"CoveredBy":"1","coveredby":"2"}', '{', 'null'])
		assert.deepEqual(codes(await sb.request('POST', REQUESTS2, { token: bank, body, headers: { ApiKey: KEYS2.bank, 'Content-Type': 'application/json' } })), ['40301'], body);
	assert.deepEqual(codes(await sb.request('POST', REQUESTS2, { token: bank, body: '{}', headers: { ApiKey: KEYS2.bank, 'Content-Type': 'text/plain' } })), ['40301']);
	for (const text of ['<script>alert(1)</script>', '\u{e0041}\u{202e}x', '%2525'])
		expectStatus(await make({ RequestMessage: { en: text } }), 201);
});

test('who may: the key and the token of one organisation', async () => {
	expectStatus(await make({}, { key: null }), 401);
	expectStatus(await make({}, { key: 'x' }), 401);
	expectStatus(await make({}, { key: 'x'.repeat(201) }), 401);
	expectStatus(await make({}, { token: undefined }), 401);
	expectStatus(await make({}, { key: KEYS2.supplier }), 403);
	expectStatus(await make({}, { token: await sb.orgToken(BANK, 'altinn:consenttokens.read') }), 403);
	expectStatus(await make({}, { token: await sb.orgToken(BANK, 'altinn:enduser/consentrequest.write') }), 201);
});

test('a supplier: by the services\' allow-list, or by delegation at Maskinporten', async () => {
	const ask = { HandledBy: SUPPLIER };
	assert.deepEqual(codes(await make(ask)), ['40304', ...[]]);
	const listed = expectStatus(await make({ ...ask, RequestResources: [service('4628', 210607, year)] }, { token: supplier, key: KEYS2.supplier }), 201).json;
	assert.equal(listed.HandledBy, SUPPLIER);
	assert.ok(codes(await make({ ...ask, RequestResources: [service('4628', 1, year)] }, { token: supplier, key: KEYS2.supplier })).includes('40305'));
	const delegated = await sb.get(`/api/GetEnterpriseToken?env=x&scopes=${encodeURIComponent(both)}&orgNo=${BANK}&supplierOrgNo=${SUPPLIER}`);
	const how = { token: delegated.text, key: KEYS2.supplier };
	expectStatus(await make({ ...ask, RequestResources: [service('4628', 1, year)] }, how), 201);
	assert.ok(codes(await make({}, how)).includes('40304'), 'HandledBy stands in the body');
	expectStatus(await call2(sb, 'GET', `${REQUESTS2}/${listed.AuthorizationCode}`, { token: supplier, key: KEYS2.supplier }), 200);
});

test('a consumer outside the allow-list is refused', async () => {
	await sb.request('POST', '/sandbox/apply', { json: { altinn2: { apiKeys: [{ key: 'bakery', orgno: BAKERY }] } } });
	const how = { key: 'bakery', token: await sb.orgToken(BAKERY, both) };
	assert.deepEqual(codes(await make({ CoveredBy: BAKERY, RequestResources: [service('4628', 210607, year)] }, how)), ['40309']);
	expectStatus(await make({ CoveredBy: BAKERY, RequestResources: [service('4628', 1, year)] }, how), 201);
});

test('domains of the allow-list decide where a person may be sent back to', async () => {
	const srr = [{ orgno: BANK, allowedRedirectDomains: ['*.bank.example', 'myapp://consent'] }];
	expectEmpty(await sb.request('POST', '/sandbox/apply', { json: { altinn2: { services: [{ serviceCode: '4701', serviceEditionCode: 9, resource: 'ttd_engangsutlevering', srr }] } } }), 204);
	const to = (RedirectUrl) => make({ RedirectUrl, RequestResources: [service('4701', 9, {})] });
	for (const url of ['https://a.bank.example/x', 'http://a.b.bank.example/', 'myapp://consent/x'])
		expectStatus(await to(url), 201);
	for (const url of ['https://bank.example/', 'https://evil.example/', 'https://a.bank.example.evil.example/', 'other://consent'])
		assert.deepEqual(codes(await to(url)), ['40312'], url);
});

test('statuses: seen, answered, withdrawn; deleted is gone', async () => {
	const shown = async (code) => expectStatus(await call2(sb, 'GET', `${REQUESTS2}/${code}`, { token: bank }), 200).json.RequestStatus;
	const { AuthorizationCode: code } = await ask2(sb);
	await answer2(sb, code, 'accept');
	assert.equal(await shown(code), 'Accepted');
	assert.deepEqual(codes(await call2(sb, 'DELETE', `${REQUESTS2}/${code}`, { token: bank })), ['40314']);
	expectEmpty(await call2(sb, 'DELETE', `${TOKEN2}/${code}`, {}), 204);
	assert.equal(await shown(code), 'Accepted');
	const { AuthorizationCode: no } = await ask2(sb);
	await answer2(sb, no, 'reject');
	assert.equal(await shown(no), 'Rejected');
	const { AuthorizationCode: gone } = await ask2(sb);
	expectEmpty(await call2(sb, 'DELETE', `${REQUESTS2}/${gone}`, { token: bank }), 204);
	for (const id of [gone, randomUUID(), 'x'])
		for (const method of ['GET', 'DELETE'])
			expectStatus(await call2(sb, method, `${REQUESTS2}/${id}`, { token: bank }), 403);
	const own = await ask2(sb);
	expectStatus(await call2(sb, 'GET', `${REQUESTS2}/${own.AuthorizationCode}`, { token: supplier, key: KEYS2.supplier }), 403);
});

test('a race of deletion and answer has one winner', async () => {
	for (let round = 0; round < 3; round++) {
		const { AuthorizationCode: code } = await ask2(sb);
		const person = await sb.personToken(ELENA);
		const all = await Promise.all(Array.from({ length: 8 }, (_, i) => i % 2 ? call2(sb, 'DELETE', `${REQUESTS2}/${code}`, { token: bank })
			: sb.post(`/accessmanagement/api/v1/bff/consentrequests/${code}/accept`, person, { language: 'nb' })));
		const deleted = all.some((r, i) => i % 2 && r.status === 204), accepted = all.some((r, i) => !(i % 2) && r.status === 200);
		assert.ok(all.every((r) => r.status < 500), all.map((r) => r.status).join());
		assert.ok(deleted || accepted);
	}
});

test('the list: filters, pages, HAL; bad queries say so', async () => {
	await sb.request('POST', '/sandbox/apply', { json: { altinn2: { apiKeys: [{ key: 'list', orgno: BAKERY }] } } });
	const how = { key: 'list', token: await sb.orgToken(BAKERY, both) };
	const ids = [];
	for (let i = 0; i < 5; i++)
		ids.push((await ask2(sb, { CoveredBy: BAKERY, RequestResources: [service('4628', 1, year)] }, how)).AuthorizationCode);
	await answer2(sb, ids[4], 'reject');
	const list = (query, more) => call2(sb, 'GET', `${REQUESTS2}${query}`, { ...how, ...more });
	const found = async (query) => expectStatus(await list(query), 200).json._embedded.consentRequests.map((r) => r.AuthorizationCode);
	assert.deepEqual((await found('?direction=outgoing&$filter=ServiceEditionCode eq 1'.replaceAll(' ', '%20'))).slice(-5), ids);
	assert.deepEqual(await found('?status[0]=rejected&status[1]=accepted'), [ids[4]]);
	assert.deepEqual(await found(`?$filter=${encodeURIComponent(`RequestStatus eq 'Rejected' and ServiceCode eq '4628'`)}`), [ids[4]]);
	assert.deepEqual((await found('?direction=incoming')).filter((id) => ids.includes(id)), []);
	assert.deepEqual((await found('?serviceCode=4628&serviceEditionCode=1&$top=2&$skip=1&status=unopened')).length, 2);
	const seen = [];
	for (let next = `${REQUESTS2}?$top=2&status=unopened&status=rejected&serviceCode=4628&serviceEditionCode=1`; next;) {
		const page = expectStatus(await call2(sb, 'GET', next, how), 200).json;
		seen.push(...page._embedded.consentRequests.map((r) => r.AuthorizationCode));
		next = page._links.next?.href.replace(sb.url, '');
	}
	assert.deepEqual(ids.filter((id) => !seen.includes(id)), []);
	assert.equal(new Set(seen).size, seen.length);
	for (const query of ['?direction=x', '?status=x', '?$top=0', '?$top=1001', '?$skip=1001', '?$top=x', '?continuation=x', '?$filter=x', '?$filter=OfferedBy%20eq%20%271%27',
		'?$skip=1&continuation=2026-01-01T00:00:00Z_1', `?$filter=${encodeURIComponent(Array(9).fill(`ServiceCode eq '1'`).join(' and '))}`, '?x=%'])
		assert.deepEqual(codes(await list(query)), ['40315'], query);
});
