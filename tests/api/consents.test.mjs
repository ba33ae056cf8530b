// The data consumer's endpoints: ask for a consent, read it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { expectBinding, expectPlain, expectProblem, expectSeveral, expectValidation } from '../js/problems.mjs';
import { alterStore, browser, describe, expectEmpty, expectStatus, readStore, startSandbox } from '../js/sandbox.mjs';
import {
	AGENCY, ASMUND, BAKERY, BANK, BFF, ELENA, INCOME, LENDER, NOBODY, REQUESTS, S_ORG, S_READ, S_WRITE, STRANGER, SUPPLIER, org, partyUuid,
	person, requestBody, resource, right, testWorld, uuidOf,
} from '../js/world.mjs';

const { document } = await testWorld();
document.resources.push(resource('consents_other_generic', { resourceType: 'GenericAccessResource', consentTemplate: 'poa' }));
const sb = await startSandbox({ apply: document });
const bank = () => sb.orgToken(BANK, S_WRITE);
const bankOrg = () => sb.orgToken(BANK, S_ORG);
const agency = () => sb.orgToken(AGENCY, `${S_WRITE} ${S_ORG}`);
const supplier = () => sb.orgToken(BANK, S_WRITE, { supplierOrgNo: SUPPLIER });
const create = async (changes, token) => sb.post(REQUESTS, token ?? (await bank()), requestBody(sb, changes));
const read = async (id, token) => sb.get(`${REQUESTS}/${id}`, token ?? (await bank()));
const created = async (changes, token) => expectStatus(await create(changes, token), 201).json;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?\+00:00$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NIL = '00000000-0000-0000-0000-000000000000';
const MEMBERS = ['id', 'from', 'to', 'requiredDelegator', 'handledBy', 'validTo', 'consentRights', 'requestMessage', 'status', 'consented',
	'redirectUrl', 'consentRequestEvents', 'viewUri', 'portalViewMode'];

async function refused(changes, token) {
	const id = changes.id ?? randomUUID();
	const res = await create({ ...changes, id }, token);
	assert.ok(res.status >= 400, describe(res));
	const after = await read(id, token ? await agency() : undefined);
	expectStatus(after, 404, 'nothing may be there after a refusal');
	return res;
}

test('the request of the documentation works as it stands there', async () => {
	await sb.clock({ now: '2025-06-06T06:23:57Z' });
	const text = `{
  "id": "019743e8-cb17-7f9f-b690-fb1338003c23",
  "from": "urn:altinn:person:identifier-no:01025161013",
  "to": "urn:altinn:organization:identifier-no:810419512",
  "validTo": "2025-06-07T06:23:39.2925023+00:00",
  "consentRights": [
    {
      "action": ["read"],
      "resource": [{"type": "urn:altinn:resource", "value": "ttd_inntektsopplysninger"}],
      "metadata": {"INNTEKTSAAR": "2024"}
    }
  ],
  "requestMessage": {"en": "Please approve this consent request"},
  "redirectUrl": "https://www.dnb.no"
}
`;
	const res = await sb.request('POST', `${REQUESTS}/`, { token: await bank(), body: text, headers: { 'Content-Type': 'application/json' } });
	expectStatus(res, 201);
	const body = res.json;
	assert.equal(body.id, '019743e8-cb17-7f9f-b690-fb1338003c23');
	assert.equal(body.validTo, '2025-06-07T06:23:39.292502+00:00');
	assert.deepEqual(body.consentRights, [{ action: ['read'], resource: [{ type: 'urn:altinn:resource', value: INCOME }], metadata: { INNTEKTSAAR: '2024' } }]);
	const [event] = body.consentRequestEvents;
	assert.equal(event.performedBy, org(BANK));
	assert.equal(event.eventType, 'Created');
	assert.equal(event.consentRequestID, body.id);
	assert.match(event.created, /^2025-06-06T06:2[34]:/);
	assert.equal(body.viewUri, `${sb.url}/accessmanagement/ui/consent/request?id=${body.id}`);
	await sb.clock({});
});

test('create: 201, members and their order, Location, media type, reason phrase', async () => {
	const sent = requestBody(sb, { validTo: '2099-03-04T05:06:07Z', consentRights: [right('api_meta', { AAR: '2025' })] });
	const res = expectStatus(await sb.post(REQUESTS, await bank(), sent), 201);
	assert.equal(res.reason, 'Created');
	assert.equal(res.headers['content-type'], 'application/json; charset=utf-8');
	assert.equal(res.headers.location, `${sb.url}${REQUESTS}/${sent.id}`);
	const body = res.json;
	assert.deepEqual(Object.keys(body), MEMBERS);
	const [event] = body.consentRequestEvents;
	assert.deepEqual(Object.keys(event), ['consentEventID', 'created', 'performedBy', 'eventType', 'consentRequestID']);
	assert.match(event.consentEventID, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, 'an event id is a UUIDv7');
	assert.match(event.created, ISO);
	assert.ok(Math.abs(Date.parse(event.created) - sb.now()) < 60000, event.created);
	assert.deepEqual(Object.keys(body.consentRights[0]), ['action', 'resource', 'metadata']);
	assert.deepEqual(Object.keys(body.consentRights[0].resource[0]), ['type', 'value']);
	assert.deepEqual(body, {
		id: sent.id, from: sent.from, to: sent.to, requiredDelegator: null, handledBy: null, validTo: '2099-03-04T05:06:07+00:00',
		consentRights: sent.consentRights, requestMessage: sent.requestMessage, status: 'Created', consented: null,
		redirectUrl: sent.redirectUrl,
		consentRequestEvents: [{ consentEventID: event.consentEventID, created: event.created, performedBy: org(BANK), eventType: 'Created',
			consentRequestID: sent.id }],
		viewUri: `${sb.url}/accessmanagement/ui/consent/request?id=${sent.id}`, portalViewMode: 'Hide',
	});
});

test('create: what a read gives back is what the create answered', async () => {
	const res = await create({ requestMessage: { nb: 'Hei «du» \\ "æøå" 😀\n', en: 'x' } });
	expectStatus(res, 201);
	const again = expectStatus(await read(res.json.id), 200);
	assert.equal(again.reason, 'OK');
	assert.equal(again.headers['content-type'], 'application/json; charset=utf-8');
	assert.equal(again.text, res.text);
});

for (const [sent, echoed] of [
	['2099-06-07T06:23:39.2925023+00:00', '2099-06-07T06:23:39.292502+00:00'],
	['2099-06-07T06:23:39.2925029Z', '2099-06-07T06:23:39.292502+00:00'],
	['2099-06-07T06:23:39.8360000Z', '2099-06-07T06:23:39.836+00:00'],
	['2099-06-07T06:23:39.1Z', '2099-06-07T06:23:39.1+00:00'],
	['2099-06-07T06:23:39Z', '2099-06-07T06:23:39+00:00'],
	['2099-06-07T06:23:39', '2099-06-07T06:23:39+00:00'],
	['2099-06-07T06:23:39+02:00', '2099-06-07T04:23:39+00:00'],
	['2099-06-07T01:23:39.000001-05:30', '2099-06-07T06:53:39.000001+00:00'],
])
	test(`create: validTo ${sent} comes back as ${echoed}`, async () => {
		const body = await created({ validTo: sent, consentRights: [right()] });
		assert.equal(body.validTo, echoed);
		assert.equal((await read(body.id)).json.validTo, echoed);
	});

test('create: a byte order mark in front of the body is ignored', async () => {
	const sent = requestBody(sb);
	const body = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(JSON.stringify(sent))]);
	expectStatus(await sb.request('POST', REQUESTS, { token: await bank(), body, headers: { 'Content-Type': 'application/json' } }), 201);
});

test('create: validTo as a date alone, and with any digits of a fraction', async () => {
	const day = sb.inDays(3).slice(0, 10);
	for (const [validTo, kept] of [[day, `${day}T00:00:00+00:00`], [`${day}T12:30:00.1234567Z`, `${day}T12:30:00.123456+00:00`],
		[`${day}T12:30:00.123456789Z`, `${day}T12:30:00.123456+00:00`], [`${day}T12:30:00.1234567899999Z`, `${day}T12:30:00.123456+00:00`]])
		assert.equal((await created({ validTo })).validTo, kept);
	for (const validTo of [`${day}Z`, day.slice(0, 7), '2026-02-30'])
		expectBinding(await create({ validTo }), '$.validTo');
});

test('create: the client\'s letter case of metadata keys stays', async () => {
	const body = await created({ consentRights: [right('api_meta', { AaR: '2024', MERKNAD: 'ja' })] });
	assert.deepEqual(body.consentRights[0].metadata, { AaR: '2024', MERKNAD: 'ja' });
	assert.deepEqual((await read(body.id)).json.consentRights[0].metadata, { AaR: '2024', MERKNAD: 'ja' });
});

test('create: metadata that is absent or null is written as null', async () => {
	for (const rights of [[right()], [{ ...right(), metadata: null }]]) {
		const body = await created({ consentRights: rights });
		assert.equal(body.consentRights[0].metadata, null);
	}
});

test('create: the spelling metaData is read too', async () => {
	const body = await created({ consentRights: [{ action: ['read'], resource: [{ type: 'urn:altinn:resource', value: INCOME }], metaData: { INNTEKTSAAR: '2024' } }] });
	assert.deepEqual(body.consentRights[0].metadata, { INNTEKTSAAR: '2024' });
});

test('create: optional metadata may be left out', async () => {
	assert.deepEqual((await created({ consentRights: [right('api_meta', { aar: '2024' })] })).consentRights[0].metadata, { aar: '2024' });
});

test('create: member names in any letter case; unknown members are ignored', async () => {
	const b = requestBody(sb);
	const res = await sb.post(REQUESTS, await bank(), {
		ID: b.id, From: b.from, TO: b.to, VALIDTO: b.validTo, consentrights: [{ ACTION: ['read'], Resource: [{ TYPE: 'urn:altinn:resource', VALUE: INCOME }],
			METADATA: { inntektsaar: '2025' } }], REDIRECTURL: b.redirectUrl, portalviewmode: 'Show', handledBy: org(SUPPLIER), status: 'Accepted', extra: { a: [1] },
	});
	expectStatus(res, 201);
	assert.equal(res.json.handledBy, null, 'handledBy is the token\'s to say');
	assert.equal(res.json.status, 'Created');
	assert.equal(res.json.portalViewMode, 'Show');
});

test('create: null is legal for requestMessage, requiredDelegator and portalViewMode', async () => {
	const body = await created({ requestMessage: null, requiredDelegator: null, portalViewMode: null });
	assert.equal(body.requestMessage, null);
	assert.equal(body.requiredDelegator, null);
	assert.equal(body.portalViewMode, 'Hide');
});

for (const [sent, echoed] of [['Show', 'Show'], ['show', 'Show'], ['HIDE', 'Hide'], [1, 'Show'], [0, 'Hide'], ['1', 'Show'], ['0', 'Hide']])
	test(`create: portalViewMode ${JSON.stringify(sent)}`, async () => {
		assert.equal((await created({ portalViewMode: sent })).portalViewMode, echoed);
	});

test('create: parties as objects of type and value', async () => {
	const body = await created({
		from: { type: 'urn:altinn:person:identifier-no', value: ELENA }, to: { type: 'urn:altinn:organization:identifier-no', value: BANK },
		requiredDelegator: { type: 'urn:altinn:person:identifier-no', value: ELENA },
	});
	assert.equal(body.from, person(ELENA));
	assert.equal(body.to, org(BANK));
	assert.equal(body.requiredDelegator, person(ELENA));
});

test('create: an organisation may be asked', async () => {
	const body = await created({ from: org(BAKERY), requiredDelegator: person(ELENA) });
	assert.equal(body.from, org(BAKERY));
	assert.equal(body.requiredDelegator, person(ELENA));
});

for (const prefix of ['urn:altinn:party:uuid', 'urn:altinn:person:uuid'])
	test(`create: a registered person as ${prefix}`, async () => {
		const body = await created({ from: `${prefix}:${uuidOf(ELENA)}` });
		assert.equal(body.from, partyUuid(uuidOf(ELENA)), 'canonical prefix, as it was given');
		assert.equal((await read(body.id)).json.from, partyUuid(uuidOf(ELENA)));
	});

test('create: an unknown party uuid is an unknown party', async () => {
	const from = partyUuid(randomUUID());
	const res = await refused({ from });
	expectStatus(res, 400);
	assert.ok(['AM-00003', 'AM-00004'].includes(res.json.code), describe(res));
	assert.equal(res.json.orgnr ?? res.json.fnumber, from);
});

test('create: the receiver as party uuid counts as somebody else than the consumer', async () => {
	const to = partyUuid(uuidOf(BANK));
	expectEmpty(await refused({ to }), 403);
	const body = await created({ to }, await bankOrg());
	assert.equal(body.to, to);
});

test('create: several rights keep their order', async () => {
	const rights = [right('api_plain', undefined, ['b', 'a']), right(INCOME, { inntektsaar: '1' }, ['consent']), right('api_plain')];
	const body = await created({ consentRights: rights });
	assert.deepEqual(body.consentRights.map((r) => [r.action, r.resource[0].value]), [[['b', 'a'], 'api_plain'], [['consent'], INCOME], [['read'], 'api_plain']]);
	assert.deepEqual((await read(body.id)).json.consentRights, body.consentRights);
});

test('the path matches with and without a slash at the end, in any letter case', async () => {
	for (const p of [REQUESTS, `${REQUESTS}/`, REQUESTS.toUpperCase(), '/AccessManagement/api/V1/Enterprise/ConsentRequests/'])
		expectStatus(await sb.post(p, await bank(), requestBody(sb)), 201, p);
	const { id } = await created();
	for (const p of [`${REQUESTS}/${id}/`, `${REQUESTS.toUpperCase()}/${id}`, `${REQUESTS}/${id.toUpperCase()}`])
		assert.equal(expectStatus(await sb.get(p, await bank()), 200, p).json.id, id);
});

test('create again: 200 in the same shape, the stored request, no second event, no Location', async () => {
	const sent = requestBody(sb);
	const first = expectStatus(await sb.post(REQUESTS, await bank(), sent), 201);
	const second = expectStatus(await sb.post(REQUESTS, await bank(), { ...sent, redirectUrl: 'https://other.example', validTo: sb.inDays(2) }), 200);
	assert.equal(second.reason, 'OK');
	assert.equal(second.text, first.text);
	assert.equal(second.headers.location, undefined);
});

test('create again: twenty at the same time make one request', async () => {
	const sent = requestBody(sb);
	const token = await bank();
	const all = await Promise.all(Array.from({ length: 20 }, () => sb.post(REQUESTS, token, sent)));
	assert.deepEqual(all.map((r) => r.status).sort(), [...Array(19).fill(200), 201], all.map(describe).join('\n').slice(0, 3000));
	assert.equal(new Set(all.map((r) => r.text)).size, 1, 'all say the same');
});

test('create again: the rules are checked first', async () => {
	const sent = requestBody(sb);
	expectStatus(await sb.post(REQUESTS, await bank(), sent), 201);
	expectValidation(await sb.post(REQUESTS, await bank(), { ...sent, validTo: '2020-01-01T00:00:00Z' }), ['AM.VLD-00022', 'ValidTo']);
});

test('create with an id that is taken: AM-00016', async () => {
	const sent = requestBody(sb);
	expectStatus(await sb.post(REQUESTS, await bank(), sent), 201);
	expectProblem(await sb.post(REQUESTS, await bank(), { ...sent, from: person(ASMUND) }), 'AM-00016', { requestId: sent.id });
	expectProblem(await sb.post(REQUESTS, await agency(), { ...sent, to: org(AGENCY) }), 'AM-00016', { requestId: sent.id });
	assert.equal((await read(sent.id)).json.from, person(ELENA), 'unchanged');
});

test('read: unknown 404, other organisations 403, no GUID 404 empty', async () => {
	expectProblem(await read(randomUUID()), 'AM-00001');
	const { id } = await created();
	expectProblem(await read(id, await sb.orgToken(SUPPLIER, S_READ)), 'AM-00000');
	expectProblem(await read(id, await agency()), 'AM-00000');
	expectEmpty(await sb.get(`${REQUESTS}/no-guid`, await bank()), 404);
	expectEmpty(await sb.get(`${REQUESTS}/{${id}}`.replace('{', '%7B').replace('}', '%7D'), await bank()), 404);
});

test('read: any of the three scopes', async () => {
	const { id } = await created();
	for (const scope of [S_READ, S_WRITE, S_ORG])
		expectStatus(await read(id, await sb.orgToken(BANK, scope)), 200, scope);
	expectStatus(await read(id, await sb.orgToken(BANK, `x:y ${S_READ} z:z`)), 200);
});

test('read: an expired request has an Expired event at the end', async () => {
	const { id, validTo } = await created({ validTo: sb.inDays(1) });
	await sb.clock({ offset: 'P2D' });
	const body = expectStatus(await read(id), 200).json;
	assert.equal(body.status, 'Created');
	assert.equal(body.consentRequestEvents.length, 2);
	assert.deepEqual(body.consentRequestEvents[1], { consentEventID: NIL, created: validTo, performedBy: org(BANK), eventType: 'Expired', consentRequestID: NIL });
	await sb.clock({});
	assert.equal((await read(id)).json.consentRequestEvents.length, 1, 'it is never stored');
});

test('a supplier: handledBy, performer is the consumer, both may read it', async () => {
	const body = await created({}, await supplier());
	assert.equal(body.handledBy, org(SUPPLIER));
	assert.equal(body.consentRequestEvents[0].performedBy, org(BANK));
	assert.equal((await read(body.id, await supplier())).text, (await read(body.id)).text);
	expectStatus(await read(body.id, await sb.orgToken(SUPPLIER, S_READ)), 200, 'who created it may read it');
});

test('to another than the consumer: 403 empty without the org scope', async () => {
	expectEmpty(await refused({ to: org(AGENCY) }), 403);
	expectEmpty(await refused({ to: person(ELENA) }), 403);
	expectEmpty(await sb.post(REQUESTS, await sb.orgToken(BANK, `${S_WRITE} altinn:consentrequests.organisation`), requestBody(sb, { to: org(AGENCY) })), 403);
});

test('to another than the consumer: with the org scope handledBy is the consumer', async () => {
	const body = await created({}, await agency());
	assert.equal(body.to, org(BANK));
	assert.equal(body.handledBy, org(AGENCY));
	assert.equal(body.consentRequestEvents[0].performedBy, org(AGENCY));
	expectStatus(await read(body.id, await agency()), 200, 'its own Location can be read');
	expectStatus(await read(body.id), 200, 'the receiver too');
	const over = await created({}, await sb.orgToken(AGENCY, S_ORG, { supplierOrgNo: SUPPLIER }));
	assert.equal(over.handledBy, org(AGENCY), 'the supplier gives way');
});

test('to a person is refused with the org scope too', async () => {
	const res = await refused({ to: person(ASMUND) }, await agency());
	expectStatus(res, 400);
});

test('AM-00003 and AM-00004: whoever is not registered', async () => {
	expectProblem(await refused({ from: person(STRANGER) }), 'AM-00004', { fnumber: person(STRANGER) });
	expectProblem(await refused({ from: org(NOBODY) }), 'AM-00003', { orgnr: org(NOBODY) });
	expectProblem(await refused({ to: org(NOBODY) }, await agency()), 'AM-00003', { orgnr: org(NOBODY) });
	expectProblem(await refused({ requiredDelegator: person(STRANGER) }), 'AM-00004', { fnumber: person(STRANGER) });
	expectProblem(await refused({}, await sb.orgToken(BANK, S_WRITE, { supplierOrgNo: NOBODY })), 'AM-00003', { orgnr: org(NOBODY) });
});

test('AM-00003: the first unknown party alone, before anything else is said', async () => {
	expectProblem(await refused({ from: person(STRANGER), requiredDelegator: person(STRANGER), redirectUrl: '', validTo: '2020-01-01T00:00:00Z' }),
		'AM-00004', { fnumber: person(STRANGER) });
});

test('AM-00005: two resources in a right, a resource that is no consent', async () => {
	const two = right('api_plain');
	two.resource.push({ type: 'urn:altinn:resource', value: INCOME });
	expectProblem(await refused({ consentRights: [two] }), 'AM-00005');
	expectProblem(await refused({ consentRights: [right('api_generic')] }), 'AM-00005');
	expectProblem(await refused({ consentRights: [right('ttd_formue_utgaatt', { inntektsaar: '2024' })] }), 'AM-00005');
});

test('AM-00006: a key that the resource does not have, in lower case', async () => {
	expectProblem(await refused({ consentRights: [right('api_plain', { Ukjent: 'x' })] }), 'AM-00006', { key: 'ukjent' });
	expectProblem(await refused({ consentRights: [right(INCOME, { inntektsaar: '1', FEIL: 'x' })] }), 'AM-00006', { key: 'feil' });
});

test('AM-00007: an empty value, named by the right\'s index', async () => {
	expectProblem(await refused({ consentRights: [right(INCOME, { INNTEKTSAAR: '' })] }), 'AM-00007', { 'ConsentRight index: 0, key': 'inntektsaar' });
	expectProblem(await refused({ consentRights: [right('api_plain'), right(INCOME, { INNTEKTSAAR: null })] }), 'AM-00007',
		{ 'ConsentRight index: 1, key': 'inntektsaar' });
});

test('AM-00008: a key that is missing', async () => {
	expectProblem(await refused({ consentRights: [right(INCOME)] }), 'AM-00008', { key: 'inntektsaar' });
	expectProblem(await refused({ consentRights: [right(INCOME, {})] }), 'AM-00008', { key: 'inntektsaar' });
	expectProblem(await refused({ consentRights: [right(INCOME, null)] }), 'AM-00008', { key: 'inntektsaar' });
});

test('AM-00009: resources of different templates', async () => {
	expectProblem(await refused({ consentRights: [right('api_plain'), right('api_other_template')] }), 'AM-00009');
});

test('STD-00001: a misspelt key is one that is wrong and one that is missing', async () => {
	expectSeveral(await refused({ consentRights: [right(INCOME, { INTEKTSAAR: '2025' })] }), ['AM-00006', { key: 'intektsaar' }], ['AM-00008', { key: 'inntektsaar' }]);
});

test('STD-00001: problems of the rights in order, then of the request; a validation problem loses its list', async () => {
	const two = right('api_plain');
	two.resource.push({ type: 'urn:altinn:resource', value: INCOME });
	expectSeveral(await refused({ consentRights: [two, right(INCOME), right('api_other_template', undefined, [])], redirectUrl: 'not a valid url' }),
		'AM-00005', ['AM-00008', { key: 'inntektsaar' }], 'AM-00009', 'STD-00000', 'STD-00000');
});

test('STD-00001: no rule of a right ends the collecting for it', async () => {
	const other = right('consents_other_generic');
	const two = { ...right('api_generic', undefined, []), resource: [right('api_generic').resource[0], right(INCOME).resource[0]] };
	expectSeveral(await refused({ consentRights: [right('api_plain'), other] }), 'AM-00005', 'AM-00009');
	expectSeveral(await refused({ consentRights: [other, right('api_plain')] }), 'AM-00005', 'AM-00009');
	expectSeveral(await refused({ consentRights: [right(INCOME, undefined, [])] }), ['AM-00008', { key: 'inntektsaar' }], 'STD-00000');
	expectSeveral(await refused({ consentRights: [right('api_other_template'), two], redirectUrl: '' }), 'AM-00005', 'AM-00005', 'AM-00009', 'STD-00000', 'STD-00000');
});

test('STD.VLD-00000: no action', async () => {
	expectValidation(await refused({ consentRights: [right('api_plain', undefined, [])] }), ['STD.VLD-00000', '/consentRight/0/action']);
	expectValidation(await refused({ consentRights: [right(), { ...right(), action: null }] }), ['STD.VLD-00000', '/consentRight/1/action']);
});

test('AM.VLD-00022: validTo has passed', async () => {
	for (const validTo of ['2020-01-01T00:00:00Z', sb.inDays(-0.001), '0001-01-01T00:00:00Z'])
		expectValidation(await refused({ validTo }), ['AM.VLD-00022', 'ValidTo']);
});

test('AM.VLD-00023: no rights', async () => {
	expectValidation(await refused({ consentRights: [] }), ['AM.VLD-00023', 'Resource']);
});

test('AM.VLD-00022, 00023 and 00027 together, in this order', async () => {
	expectValidation(await refused({ consentRights: [], validTo: '2020-01-01T00:00:00Z', redirectUrl: '' }),
		['AM.VLD-00022', 'ValidTo'], ['AM.VLD-00023', 'Resource'], ['AM.VLD-00027', 'RedirectUrl']);
});

test('SAM.VLD-00001: later than the resource allows', async () => {
	expectValidation(await refused({ consentRights: [right('api_short')], validTo: sb.inDays(10.01) }), ['SAM.VLD-00001', 'ValidTo']);
	await created({ consentRights: [right('api_short')], validTo: sb.inDays(9.99) });
	expectValidation(await refused({ consentRights: [right('api_plain'), right('api_short')], validTo: sb.inDays(11) }), ['SAM.VLD-00001', 'ValidTo']);
});

for (const url of ['', 'not a valid url', null, '/path', '//host/path', 'www.dnb.no', 'javascript:alert(1)', 'JavaScript:alert(1)', 'data:text/html,x',
	'vbscript:x', 'file:///etc/passwd', 'blob:https://a/b', 'about:blank', 'view-source:https://a', 'filesystem:https://a/b', 'http://', 'https:///x',
	'https://a b', '\u0001javascript:alert(1)', ' javascript:alert(1)', 'java\nscript:alert(1)', 'http:', '://x', '1x://y'])
	test(`AM.VLD-00027: redirectUrl ${JSON.stringify(url)}`, async () => {
		expectValidation(await refused({ redirectUrl: url }), ['AM.VLD-00027', 'RedirectUrl']);
	});

for (const url of ['http://localhost:3000', 'https://www.dnb.no/a/b?c=d&e=%C3%A6#/f', 'myapp://done', 'no.bank.app:/return', 'HTTPS://WWW.DNB.NO',
	'https://www.dnb.no/tilbake?ids[]=1&ids[]=2', 'https://www.dnb.no/{sak}?x={y}', 'https://www.dnb.no/a|b?c|d#e|f', 'https://[::1]/?a[b]=c'])
	test(`redirectUrl ${url} passes and stays as it is`, async () => {
		assert.equal((await created({ redirectUrl: url })).redirectUrl, url);
	});

test('redirectUrl: an organisation whose clients list addresses gets nothing else', async () => {
	const token = await sb.orgToken(LENDER, S_WRITE);
	for (const redirectUrl of ['https://laan.example', 'https://laan.example/tilbake?x=1', 'https://app.laan.example/', 'https://LAAN.example:443/'])
		await created({ to: org(LENDER), redirectUrl }, token);
	for (const redirectUrl of ['https://evil.example', 'http://laan.example', 'https://laan.example.evil.example', 'https://laan.example:8443/', 'https://evillaan.example',
		'https://laan.example@evil.example/', 'myapp://done', 'https://evil.example/?https://laan.example'])
		expectValidation(await sb.post(REQUESTS, token, requestBody(sb, { to: org(LENDER), redirectUrl })), ['AM.VLD-00027', 'RedirectUrl']);
});

test('requestconsent: an organisation that may not ask gets 403 and nothing more', async () => {
	for (const rights of [[right('finnes_ikke')], [right('api_agency_only')], [right('api_plain'), right('finnes_ikke')]])
		expectEmpty(await refused({ consentRights: rights }), 403, JSON.stringify(rights));
	expectEmpty(await refused({ consentRights: [right('finnes_ikke')], validTo: '2020-01-01T00:00:00Z', from: person(STRANGER) }), 403, 'before all rules');
	await created({ to: org(AGENCY), consentRights: [right('api_agency_only')] }, await agency());
});

test('requestconsent: access lists, by policy and by accessListMode', async () => {
	for (const value of ['api_listed', 'api_by_list']) {
		await created({ consentRights: [right(value)] });
		expectEmpty(await sb.post(REQUESTS, await agency(), requestBody(sb, { to: org(AGENCY), consentRights: [right(value)] })), 403, value);
	}
});

test('requestconsent: with the org scope the consumer is asked about, not the receiver', async () => {
	expectEmpty(await sb.post(REQUESTS, await agency(), requestBody(sb, { consentRights: [right('api_listed')] })), 403);
});

test('parties.auto_register: an unknown number with valid check digits is registered', async () => {
	const other = await startSandbox({ store: false, args: ['--set', 'parties.auto_register=on'] });
	try {
		const token = await other.orgToken(BANK, S_WRITE);
		const res = await other.post(REQUESTS, token, requestBody(other, { from: person(STRANGER) }));
		expectStatus(res, 201);
		assert.equal(res.json.from, person(STRANGER));
		expectBinding(await other.post(REQUESTS, token, requestBody(other, { from: person('22877497393') })), '$.from');
		const uuid = partyUuid(randomUUID());
		expectStatus(await other.post(REQUESTS, token, requestBody(other, { from: uuid })), 400, 'a uuid is not registered');
	} finally {
		await other.stop();
	}
});

// ---- bodies that cannot be read ----
const long = (n) => 'x'.repeat(n);
const many = (n, f) => Array.from({ length: n }, (_, i) => f(i));
const members = (n, f) => Object.fromEntries(many(n, (i) => [`k${i}`, f(i)]));
const R0 = '$.consentRights[0]';
const bad = [
	['id missing', { id: undefined }, '$.id'],
	['id null', { id: null }, '$.id'],
	['id empty', { id: '' }, '$.id'],
	['id a number', { id: 7 }, '$.id'],
	['id a list', { id: [] }, '$.id'],
	['id without hyphens', { id: '019743e8cb177f9fb690fb1338003c23' }, '$.id'],
	['id in braces', { id: '{019743e8-cb17-7f9f-b690-fb1338003c24}' }, '$.id'],
	['id with a letter that is no digit', { id: '019743e8-cb17-7f9f-b690-fb1338003c2g' }, '$.id'],
	['id too long', { id: '019743e8-cb17-7f9f-b690-fb1338003c233' }, '$.id'],
	['from missing', { from: undefined }, '$.from'],
	['from null', { from: null }, '$.from'],
	['from a number', { from: 1025161013 }, '$.from'],
	['from true', { from: true }, '$.from'],
	['from a list', { from: [person(ELENA)] }, '$.from'],
	['from empty', { from: '' }, '$.from'],
	['from a bare number', { from: ELENA }, '$.from'],
	['from with a wrong check digit', { from: person('01025161014') }, '$.from'],
	['from of ten digits', { from: person('0102516101') }, '$.from'],
	['from of twelve digits', { from: person('010251610130') }, '$.from'],
	['from with a letter', { from: person('0102516101x') }, '$.from'],
	['from an organisation with a wrong check digit', { from: org('810419513') }, '$.from'],
	['from an organisation whose remainder is ten', { from: org('123456780') }, '$.from'],
	['from a prefix in capitals', { from: person(ELENA).toUpperCase() }, '$.from'],
	['from an unknown prefix', { from: 'urn:altinn:user:17' }, '$.from'],
	['from a party id', { from: 'urn:altinn:party:id:513370001' }, '$.from'],
	['from the other party id', { from: 'urn:altinn:partyid:513370001' }, '$.from'],
	['from a party uuid that is none', { from: 'urn:altinn:party:uuid:17' }, '$.from'],
	['from with a blank', { from: `${person(ELENA)} ` }, '$.from'],
	['from an object with a third member', { from: { type: 'urn:altinn:person:identifier-no', value: ELENA, x: 1 } }, '$.from'],
	['from an object without value', { from: { type: 'urn:altinn:person:identifier-no' } }, '$.from'],
	['from an object with Type', { from: { Type: 'urn:altinn:person:identifier-no', value: ELENA } }, '$.from'],
	['from an object with a number', { from: { type: 'urn:altinn:person:identifier-no', value: 7 } }, '$.from'],
	['to missing', { to: undefined }, '$.to'],
	['to null', { to: null }, '$.to'],
	['to a number', { to: 810419512 }, '$.to'],
	['to with a wrong check digit', { to: org('810419510') }, '$.to'],
	['to a party id', { to: 'urn:altinn:party:id:501235' }, '$.to'],
	['requiredDelegator no URN', { requiredDelegator: 'elena' }, '$.requiredDelegator'],
	['requiredDelegator a number', { requiredDelegator: 7 }, '$.requiredDelegator'],
	['requiredDelegator a party id', { requiredDelegator: 'urn:altinn:party:id:513370001' }, '$.requiredDelegator'],
	['validTo missing', { validTo: undefined }, '$.validTo'],
	['validTo null', { validTo: null }, '$.validTo'],
	['validTo a number', { validTo: 4102444800 }, '$.validTo'],
	['validTo empty', { validTo: '' }, '$.validTo'],
	['validTo a word', { validTo: 'tomorrow' }, '$.validTo'],
	['validTo a thirteenth month', { validTo: '2099-13-01T00:00:00Z' }, '$.validTo'],
	['validTo the 30th of February', { validTo: '2099-02-30T00:00:00Z' }, '$.validTo'],
	['validTo an hour 25', { validTo: '2099-01-01T25:00:00Z' }, '$.validTo'],
	['validTo the Norwegian way', { validTo: '01.02.2099 10:00' }, '$.validTo'],
	['consentRights missing', { consentRights: undefined }, '$.consentRights'],
	['consentRights null', { consentRights: null }, '$.consentRights'],
	['consentRights an object', { consentRights: {} }, '$.consentRights'],
	['consentRights a string', { consentRights: 'all' }, '$.consentRights'],
	['a right null', { consentRights: [null] }, R0],
	['a right a string', { consentRights: ['read'] }, R0],
	['action missing', { consentRights: [{ ...right(), action: undefined }] }, `${R0}.action`],
	['action a string', { consentRights: [{ ...right(), action: 'read' }] }, `${R0}.action`],
	['action of numbers', { consentRights: [{ ...right(), action: [1] }] }, `${R0}.action[0]`],
	['action with null', { consentRights: [{ ...right(), action: ['read', null] }] }, `${R0}.action[1]`],
	['action with an empty string', { consentRights: [{ ...right(), action: [''] }] }, `${R0}.action[0]`],
	['resource missing', { consentRights: [{ ...right(), resource: undefined }] }, `${R0}.resource`],
	['resource null', { consentRights: [{ ...right(), resource: null }] }, `${R0}.resource`],
	['resource empty', { consentRights: [{ ...right(), resource: [] }] }, `${R0}.resource`],
	['resource an object', { consentRights: [{ ...right(), resource: right().resource[0] }] }, `${R0}.resource`],
	['resource of strings', { consentRights: [{ ...right(), resource: ['api_plain'] }] }, `${R0}.resource[0]`],
	['resource without type', { consentRights: [{ ...right(), resource: [{ value: 'api_plain' }] }] }, `${R0}.resource[0].type`],
	['resource without value', { consentRights: [{ ...right(), resource: [{ type: 'urn:altinn:resource' }] }] }, `${R0}.resource[0].value`],
	['resource value null', { consentRights: [{ ...right(), resource: [{ type: 'urn:altinn:resource', value: null }] }] }, `${R0}.resource[0].value`],
	['resource value a number', { consentRights: [{ ...right(), resource: [{ type: 'urn:altinn:resource', value: 7 }] }] }, `${R0}.resource[0].value`],
	['metadata a list', { consentRights: [right('api_plain', ['x'])] }, `${R0}.metadata`],
	['metadata a string', { consentRights: [right('api_plain', 'x')] }, `${R0}.metadata`],
	['metadata with a number', { consentRights: [right('api_meta', { aar: 2024 })] }, `${R0}.metadata.aar`],
	['metadata with an object', { consentRights: [right('api_meta', { aar: {} })] }, `${R0}.metadata.aar`],
	['metadata with a key in two letter cases', { consentRights: [right('api_meta', { aar: '1', AAR: '2' })] }, `${R0}.metadata.AAR`],
	['metadata with an empty key', { consentRights: [right('api_meta', { aar: '1', '': '2' })] }, []],
	['requestMessage a string', { requestMessage: 'hei' }, '$.requestMessage'],
	['requestMessage a list', { requestMessage: ['hei'] }, '$.requestMessage'],
	['requestMessage of numbers', { requestMessage: { nb: 7 } }, '$.requestMessage.nb'],
	['requestMessage with null', { requestMessage: { nb: null } }, '$.requestMessage.nb'],
	['redirectUrl missing', { redirectUrl: undefined }, '$.redirectUrl'],
	['redirectUrl a number', { redirectUrl: 7 }, '$.redirectUrl'],
	['redirectUrl an object', { redirectUrl: {} }, '$.redirectUrl'],
	['portalViewMode a word', { portalViewMode: 'sometimes' }, '$.portalViewMode'],
	['portalViewMode 2', { portalViewMode: 2 }, '$.portalViewMode'],
	['portalViewMode -1', { portalViewMode: -1 }, '$.portalViewMode'],
	['portalViewMode 0.5', { portalViewMode: 0.5 }, '$.portalViewMode'],
	['portalViewMode true', { portalViewMode: true }, '$.portalViewMode'],
	['portalViewMode "2"', { portalViewMode: '2' }, '$.portalViewMode'],
	['portalViewMode empty', { portalViewMode: '' }, '$.portalViewMode'],
	// limits + 1
	['51 rights', { consentRights: many(51, () => right()) }, '$.consentRights'],
	['11 actions', { consentRights: [right('api_plain', undefined, many(11, (i) => `a${i}`))] }, `${R0}.action`],
	['11 resources', { consentRights: [{ ...right(), resource: many(11, () => right().resource[0]) }] }, `${R0}.resource`],
	['51 metadata keys', { consentRights: [right('api_meta', members(51, () => 'x'))] }, `${R0}.metadata`],
	['a metadata key of 101', { consentRights: [right('api_meta', { [long(101)]: 'x' })] }, []],
	['a metadata value of 1001', { consentRights: [right('api_meta', { aar: long(1001) })] }, `${R0}.metadata.aar`],
	['an action of 101', { consentRights: [right('api_plain', undefined, [long(101)])] }, `${R0}.action[0]`],
	['a resource type of 101', { consentRights: [{ ...right(), resource: [{ type: long(101), value: 'api_plain' }] }] }, `${R0}.resource[0].type`],
	['a resource id of 101', { consentRights: [right(long(101))] }, `${R0}.resource[0].value`],
	['11 languages', { requestMessage: members(11, () => 'x') }, '$.requestMessage'],
	['a message of 4001 bytes', { requestMessage: { nb: long(4001) } }, '$.requestMessage.nb'],
	['a redirectUrl of 2001 bytes', { redirectUrl: `https://a.example/${long(1983)}` }, '$.redirectUrl'],
];
for (const [name, changes, where] of bad)
	test(`binding error: ${name}`, async () => {
		const id = 'id' in changes ? changes.id : randomUUID();
		expectBinding(await create({ ...changes, id }), where, name);
		if (typeof id === 'string' && UUID.test(id))
			expectStatus(await read(id), 404, 'nothing may be there after a refusal');
	});

for (const [name, changes] of [
	['50 rights', { consentRights: many(50, () => right()) }],
	['10 actions', { consentRights: [right('api_plain', undefined, many(10, (i) => `a${i}`))] }],
	['a metadata value of 1000', { consentRights: [right('api_meta', { aar: long(1000) })] }],
	['an action of 100 characters', { consentRights: [right('api_plain', undefined, ['å'.repeat(100)])] }],
	['a resource type of 100', { consentRights: [{ ...right(), resource: [{ type: long(100), value: 'api_plain' }] }] }],
	['10 languages', { requestMessage: members(10, () => 'x') }],
	['a message of 4000 bytes', { requestMessage: { nb: long(4000) } }],
	['a redirectUrl of 2000 bytes', { redirectUrl: `https://a.example/${long(1982)}` }],
])
	test(`at the limit: ${name}`, async () => {
		const body = await created(changes);
		const stored = (await read(body.id)).json;
		for (const [k, v] of Object.entries(changes))
			if (k !== 'consentRights')
				assert.deepEqual(stored[k], v);
		if (changes.consentRights)
			assert.deepEqual(stored.consentRights.map((r) => r.action), changes.consentRights.map((r) => r.action));
	});

test('binding errors: all that is wrong is said at once', async () => {
	const res = await create({ from: 7, to: null, validTo: 'x', consentRights: {}, redirectUrl: undefined });
	expectBinding(res, ['$.from', '$.to', '$.validTo', '$.consentRights', '$.redirectUrl']);
});

test('a body that is no JSON object', async () => {
	const token = await bank();
	const send = (body) => sb.request('POST', REQUESTS, { token, body, headers: { 'Content-Type': 'application/json' } });
	for (const body of ['', '{', '{"id":', 'null', '[]', '"x"', '7', '{"a":1,}', "{'a':1}", '{"a":01}', '{"a":"\u0001"}', '{} {}', '\ufeff{}', '{"id":"\\ud800"}', 'NaN',
		Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), '['.repeat(100000), '{"a":'.repeat(5000)])
		expectBinding(await send(body), [], String(body).slice(0, 30));
	expectBinding(await send(''), 'consentRequest');
});

test('a member that stands twice is no request', async () => {
	const sent = requestBody(sb);
	for (const name of ['from', 'From']) {
		const text = JSON.stringify(sent).replace('{', `{"${name}":${JSON.stringify(person(ASMUND))},`);
		const res = await sb.request('POST', REQUESTS, { token: await bank(), body: text, headers: { 'Content-Type': 'application/json' } });
		expectBinding(res, '$.from');
		expectStatus(await read(sent.id), 404);
	}
});

test('a session that is kept leads straight to the redirect address, and `opened` is the first visit of who may answer', async () => {
	const { id } = await created({ from: person(ELENA), redirectUrl: 'https://www.dnb.no/back?sak=42' });
	const hex = id.replaceAll('-', ''), key = sb.pg ? `'\\x${hex}'` : `x'${hex}'`;
	const opened = () => readStore(sb, `SELECT opened FROM consent WHERE id = ${key}`)[0];
	alterStore(sb, [[`UPDATE consent SET origin = 1, keep_session = 1 WHERE id = ${key}`, []]]);
	const page = `/accessmanagement/ui/consent/request?id=${id}`, b = browser(sb);
	expectStatus(await browser(sb).login(ASMUND, page), 403);
	assert.equal(opened(), '0');
	const shown = expectStatus(await b.login(ELENA, page), 200);
	const first = opened();
	assert.notEqual(first, '0');
	expectStatus(await b.get(page), 200);
	assert.equal(opened(), first);
	assert.match(shown.text, /du er fortsatt logget inn/);
	const form = Object.fromEntries([...shown.text.matchAll(/<input[^>]*type="hidden"[^>]*name="([^"]*)"[^>]*value="([^"]*)"/g)].map((m) => [m[1], m[2]]));
	const receipt = expectStatus(await b.post('/accessmanagement/ui/consent/request', { ...form, decision: 'approve' }), 200);
	const back = `https://www.dnb.no/back?sak=42&amp;AuthorizationCode=${id}&amp;Status=OK`;
	assert.ok(receipt.text.includes(`href="${back}"`), receipt.text);
	assert.match(receipt.text, /http-equiv="refresh"/);
	expectStatus(await b.get('/accessmanagement/ui/consent/active'), 200);
});

// As of a consent that another system has kept until now: it comes without the texts that the person saw.
test('the pages of a given consent whose texts were not kept say so, and it can be revoked', async () => {
	for (const [name, templateGone, text] of [['its texts are there', false, /teksten du så da, er ikke bevart\. Slik er teksten hos oss:/],
		['its template is gone', true, /teksten du så da, er ikke bevart\.</]]) {
		const { id } = await created({ from: person(ELENA) });
		expectStatus(await decide(id), 200);
		const hex = id.replaceAll('-', ''), key = sb.pg ? `'\\x${hex}'` : `x'${hex}'`;
		alterStore(sb, [[`UPDATE consent SET shown = NULL, shown_sha256 = NULL, shown_language = NULL${templateGone ? ", template_id = 'gone'" : ''} WHERE id = ${key}`, []]]);
		const b = browser(sb), ui = '/accessmanagement/ui/consent';
		const details = expectStatus(await b.login(ELENA, `${ui}/details?id=${id}`), 200).text;
		assert.match(details, text, name);
		assert.match(details, /withdraw\?id=/, name);
		assert.doesNotMatch(details, /receipt\?id=/, name);
		assert.equal((await b.get(`${ui}/receipt?id=${id}`)).at, `${ui}/details?id=${id}`, name);
		for (const page of ['active', 'log', 'export?format=json', 'export?format=csv', `withdraw?id=${id}`])
			expectStatus(await b.get(`${ui}/${page}`), 200, `${name}: ${page}`);
		const elena = await sb.personToken(ELENA);
		expectProblem(await sb.get(`/accessmanagement/api/v1/bff/consents/${id}/receipt`, elena), 'AM-00014');
		expectStatus(await sb.get(`/accessmanagement/api/v1/bff/consents/${id}`, elena), 200, name);
		const form = Object.fromEntries([...(await b.get(`${ui}/withdraw?id=${id}`)).text.matchAll(/<input[^>]*type="hidden"[^>]*name="([^"]*)"[^>]*value="([^"]*)"/g)].map((m) => [m[1], m[2]]));
		expectStatus(await b.post(`${ui}/withdraw`, form), 200, name);
		assert.equal((await read(id)).json.status, 'Revoked', name);
	}
});

const decide = async (id) => sb.post(`${BFF}/${id}/accept`, await sb.personToken(ELENA), { language: 'nb' });

test('media types: 415 for what is no JSON', async () => {
	const token = await bank();
	const send = (type) => {
		const b = requestBody(sb);
		return sb.request('POST', REQUESTS, { token, body: JSON.stringify(b), headers: type === undefined ? {} : { 'Content-Type': type } });
	};
	for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'multipart/form-data; boundary=x', 'application/jsonp', 'text/json', '', undefined])
		expectStatus(await send(type), 415, String(type));
	for (const type of ['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON;charset=UTF-8', 'application/vnd.x+json'])
		expectStatus(await send(type), 201, type);
});

test('a body that is too large: 413', async () => {
	const token = await bank();
	const b = requestBody(sb, { extra: long(262144) });
	const res = await sb.post(REQUESTS, token, b).catch((e) => ({ error: e }));
	if (!res.error) // the server may close while the body is still on its way
		expectStatus(res, 413);
	expectStatus(await read(b.id), 404);
});

test('order of checks: token, scope, body, consumer', async () => {
	const nothing = { 'Content-Type': 'application/json' };
	expectEmpty(await sb.request('POST', REQUESTS, { body: '{', headers: nothing }), 401);
	expectEmpty(await sb.request('POST', REQUESTS, { token: await sb.orgToken(BANK, 'x:y'), body: '{', headers: nothing }), 403);
	expectBinding(await sb.request('POST', REQUESTS, { token: await sb.orgToken('', S_WRITE), body: '{', headers: nothing }));
	expectPlain(await sb.post(REQUESTS, await sb.orgToken('', S_WRITE), requestBody(sb)), 401);
});

test('the sandbox ends with status 0', async () => {
	await sb.stop();
});
