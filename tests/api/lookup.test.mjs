// What an issuer asks: the consent lookup.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { expectBinding, expectProblem, expectSeveral } from '../js/problems.mjs';
import { expectEmpty, expectStatus, startSandbox } from '../js/sandbox.mjs';
import {
	AGENCY, ASMUND, BAKERY, BANK, BFF, ELENA, INCOME, LOOKUP, NOBODY, REQUESTS, S_LOOKUP, S_ORG, S_READ, S_WRITE, STRANGER, SUPPLIER, org, partyUuid, person,
	requestBody, right, testWorld, uuidOf,
} from '../js/world.mjs';

const { document } = await testWorld();
const sb = await startSandbox({ apply: document });
const lookup = async (body) => sb.post(LOOKUP, await sb.orgToken(AGENCY, S_LOOKUP), body);
const ask = (id, from = person(ELENA), to = org(BANK)) => lookup({ id, from, to });
const created = async (changes, token) => expectStatus(await sb.post(REQUESTS, token ?? (await sb.orgToken(BANK, S_WRITE)), requestBody(sb, changes)), 201).json;
const decide = async (id, what) =>
	expectStatus(await sb.post(`${BFF}/${id}/${what}`, await sb.personToken(ELENA), what === 'accept' ? { language: 'nb' } : undefined), 200);
async function accepted(changes, token) {
	const { id } = await created(changes, token);
	await decide(id, 'accept');
	return expectStatus(await sb.get(`${REQUESTS}/${id}`, token ?? (await sb.orgToken(BANK, S_READ))), 200).json;
}

test('accepted: 200, members, their order and values', async () => {
	const c = await accepted({ consentRights: [right(INCOME, { INNTEKTSAAR: '2025' }), right('api_plain')] });
	const res = expectStatus(await ask(c.id), 200);
	assert.equal(res.headers['content-type'], 'application/json; charset=utf-8');
	assert.deepEqual(Object.keys(res.json), ['id', 'from', 'to', 'handledBy', 'consented', 'validTo', 'consentRights']);
	assert.ok(c.consented, 'the requester sees when');
	assert.deepEqual(res.json, {
		id: c.id, from: person(ELENA), to: org(BANK), handledBy: null, consented: c.consented, validTo: c.validTo,
		consentRights: c.consentRights,
	});
});

test('a slash at the end, an id in capitals', async () => {
	const c = await accepted();
	expectStatus(await sb.post(`${LOOKUP}/`, await sb.orgToken(AGENCY, S_LOOKUP), { id: c.id.toUpperCase(), from: person(ELENA), to: org(BANK) }), 200);
});

test('handledBy: the supplier that asked, and the receiver stays in `to`', async () => {
	const c = await accepted({}, await sb.orgToken(BANK, S_WRITE, { supplierOrgNo: SUPPLIER }));
	for (const to of [org(BANK), org(SUPPLIER)]) {
		const res = expectStatus(await ask(c.id, person(ELENA), to), 200, to);
		assert.equal(res.json.to, org(BANK));
		assert.equal(res.json.handledBy, org(SUPPLIER));
	}
});

test('handledBy: the service owner that asked', async () => {
	const c = await accepted({}, await sb.orgToken(AGENCY, S_ORG));
	const res = expectStatus(await ask(c.id, person(ELENA), org(AGENCY)), 200);
	assert.equal(res.json.to, org(BANK));
	assert.equal(res.json.handledBy, org(AGENCY));
});

test('a request that was made with party uuids is found by its numbers, and answered with them', async () => {
	const { id } = await created({ from: partyUuid(uuidOf(ELENA)) });
	await decide(id, 'accept');
	const res = expectStatus(await ask(id), 200);
	assert.equal(res.json.from, person(ELENA));
});

test('AM-00001: no such id, or another receiver; they look the same', async () => {
	const c = await accepted();
	const unknown = await ask(randomUUID());
	expectProblem(unknown, 'AM-00001');
	const other = await ask(c.id, person(ELENA), org(SUPPLIER));
	expectProblem(other, 'AM-00001');
	assert.equal(unknown.text, other.text);
});

test('an unknown id is said alone, whatever else is wrong', async () => {
	expectProblem(await ask(randomUUID(), person(ASMUND), org(SUPPLIER)), 'AM-00001');
	expectProblem(await lookup({ from: person(ELENA), to: org(BANK) }), 'AM-00001');
});

test('AM-00012: another giver', async () => {
	const c = await accepted();
	expectProblem(await ask(c.id, person(ASMUND)), 'AM-00012');
	expectProblem(await ask(c.id, org(BAKERY)), 'AM-00012');
});

test('AM-00014: not answered, and rejected', async () => {
	const { id } = await created();
	expectProblem(await ask(id), 'AM-00014');
	await decide(id, 'reject');
	expectProblem(await ask(id), 'AM-00014');
});

test('AM-00013: accepted and expired', async () => {
	const c = await accepted({ validTo: sb.inDays(1) });
	await sb.clock({ offset: 'P2D' });
	expectProblem(await ask(c.id), 'AM-00013');
	await sb.clock({});
	expectStatus(await ask(c.id), 200);
});

test('several: every combination, in the order of the rules', async () => {
	const open = await created({ validTo: sb.inDays(1) }), yes = await accepted({ validTo: sb.inDays(1) });
	expectSeveral(await ask(open.id, person(ASMUND)), 'AM-00012', 'AM-00014');
	expectSeveral(await ask(open.id, person(ELENA), org(SUPPLIER)), 'AM-00001', 'AM-00014');
	expectSeveral(await ask(open.id, person(ASMUND), org(SUPPLIER)), 'AM-00001', 'AM-00012', 'AM-00014');
	expectSeveral(await ask(yes.id, person(ASMUND), org(SUPPLIER)), 'AM-00001', 'AM-00012');
	await sb.clock({ offset: 'P2D' });
	expectSeveral(await ask(open.id), 'AM-00013', 'AM-00014');
	expectSeveral(await ask(yes.id, person(ASMUND)), 'AM-00012', 'AM-00013');
	expectSeveral(await ask(yes.id, person(ELENA), org(SUPPLIER)), 'AM-00001', 'AM-00013');
	expectSeveral(await ask(open.id, person(ASMUND), org(SUPPLIER)), 'AM-00001', 'AM-00012', 'AM-00013', 'AM-00014');
	await sb.clock({});
});

test('AM-00003 and AM-00004: a party that is not registered', async () => {
	const c = await accepted();
	expectProblem(await ask(c.id, person(STRANGER)), 'AM-00004', { fnumber: person(STRANGER) });
	expectProblem(await ask(c.id, org(NOBODY)), 'AM-00003', { orgnr: org(NOBODY) });
	expectProblem(await ask(c.id, person(ELENA), org(NOBODY)), 'AM-00003', { orgnr: org(NOBODY) });
});

test('a lookup changes nothing', async () => {
	const c = await accepted();
	for (let i = 0; i < 3; i++)
		expectStatus(await ask(c.id), 200);
	assert.deepEqual((await sb.get(`${REQUESTS}/${c.id}`, await sb.orgToken(BANK, S_READ))).json, c);
});

const id = randomUUID();
for (const [name, body, where] of [
	['from missing', { id, to: org(BANK) }, '$.from'],
	['to missing', { id, from: person(ELENA) }, '$.to'],
	['from null', { id, from: null, to: org(BANK) }, '$.from'],
	['to null', { id, from: person(ELENA), to: null }, '$.to'],
	['from a party uuid', { id, from: partyUuid(uuidOf(ELENA)), to: org(BANK) }, '$.from'],
	['to a party uuid', { id, from: person(ELENA), to: partyUuid(uuidOf(BANK)) }, '$.to'],
	['from a party id', { id, from: 'urn:altinn:party:id:513370001', to: org(BANK) }, '$.from'],
	['from wrong check digits', { id, from: person('01025161014'), to: org(BANK) }, '$.from'],
	['from a number', { id, from: 7, to: org(BANK) }, '$.from'],
	['to a list', { id, from: person(ELENA), to: [org(BANK)] }, '$.to'],
	['id no GUID', { id: 'x', from: person(ELENA), to: org(BANK) }, '$.id'],
	['id null', { id: null, from: person(ELENA), to: org(BANK) }, '$.id'],
	['id a number', { id: 7, from: person(ELENA), to: org(BANK) }, '$.id'],
	['empty object', {}, ['$.from', '$.to']],
	['a list', [], []],
	['null', null, []],
])
	test(`binding error: ${name}`, async () => {
		expectBinding(await lookup(body), where, name);
	});

test('a giver as an object of type and value', async () => {
	const c = await accepted();
	expectStatus(await lookup({ ID: c.id, From: { type: 'urn:altinn:person:identifier-no', value: ELENA }, TO: org(BANK) }), 200);
});

test('the scope of the issuer alone opens it', async () => {
	for (const scope of [S_READ, S_WRITE, S_ORG, 'altinn:maskinporten/consent', 'altinn:maskinporten/consent.readx'])
		expectEmpty(await sb.post(LOOKUP, await sb.orgToken(AGENCY, scope), { id, from: person(ELENA), to: org(BANK) }), 403, scope);
	expectStatus(await sb.request('POST', LOOKUP, { token: await sb.orgToken(AGENCY, S_LOOKUP), body: '{}', headers: { 'Content-Type': 'text/plain' } }), 415);
});

test('the sandbox ends with status 0', async () => {
	await sb.stop();
});
