// A requester ends its own request, or gives a consent back (DELETE of a consent request).
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { expectProblem } from '../js/problems.mjs';
import { browser, expectEmpty, expectStatus, startSandbox } from '../js/sandbox.mjs';
import { BANK, BFF, ELENA, LENDER, LOOKUP, AGENCY, REQUESTS, SUPPLIER, S_LOOKUP, S_READ, S_WRITE, org, person, requestBody, right, testWorld } from '../js/world.mjs';

const { document } = await testWorld();
const sb = await startSandbox({ apply: document });
after(() => sb.stop());
const write = await sb.orgToken(BANK, S_WRITE), read = await sb.orgToken(BANK, S_READ), elena = await sb.personToken(ELENA);
const made = async (changes) =>
	expectStatus(await sb.post(REQUESTS, write, requestBody(sb, { consentRights: [right()], ...changes })), 201).json;
const answer = (id, what) => sb.post(`${BFF}/${id}/${what}`, elena, what === 'accept' ? { language: 'nb' } : undefined);
const end = (id, token = write) => sb.request('DELETE', `${REQUESTS}/${id}`, { token });
const shown = async (id) => {
	const { json } = expectStatus(await sb.get(`${REQUESTS}/${id}`, read), 200);
	return [json.status, ...json.consentRequestEvents.map((e) => e.eventType)];
};

test('a pending request is deleted, once, and nobody can answer it', async () => {
	const { id } = await made();
	for (let i = 0; i < 3; i++)
		expectEmpty(await end(id), 204);
	assert.deepEqual(await shown(id), ['Deleted', 'Created', 'Deleted']);
	expectProblem(await answer(id, 'accept'), 'AM-00002');
	expectProblem(await answer(id, 'reject'), 'AM-00015');
	const body = { id, from: person(ELENA), to: org(BANK) };
	expectProblem(await sb.post(LOOKUP, await sb.orgToken(AGENCY, S_LOOKUP), body), 'AM-00014');
});

test('an accepted consent is given back, by the organisation', async () => {
	const { id } = await made();
	expectStatus(await answer(id, 'accept'), 200);
	for (let i = 0; i < 2; i++)
		expectEmpty(await end(id), 204);
	assert.deepEqual(await shown(id), ['Revoked', 'Created', 'Accepted', 'Revoked']);
	const { json } = expectStatus(await sb.get(`${REQUESTS}/${id}`, read), 200);
	assert.equal(json.consentRequestEvents[2].performedBy, org(BANK));
});

test('what the person has withdrawn stays withdrawn by the person', async () => {
	const { id } = await made();
	expectStatus(await answer(id, 'accept'), 200);
	expectStatus(await sb.post(`${BFF.replace('consentrequests', 'consents')}/${id}/revoke`, elena), 200);
	expectEmpty(await end(id), 204);
	assert.deepEqual(await shown(id), ['Revoked', 'Created', 'Accepted', 'Revoked']);
});

test('a request that was answered with no stays so', async () => {
	const { id } = await made();
	expectStatus(await answer(id, 'reject'), 200);
	expectProblem(await end(id), 'AM-00015');
	assert.deepEqual(await shown(id), ['Rejected', 'Created', 'Rejected']);
});

test('of others and of nobody', async () => {
	const { id } = await made();
	expectProblem(await end(id, await sb.orgToken(LENDER, S_WRITE)), 'AM-00000');
	expectProblem(await end(randomUUID()), 'AM-00001');
	expectEmpty(await end(id, read), 403);
	expectEmpty(await end('x'), 404);
	assert.deepEqual(await shown(id), ['Created', 'Created']);
});

test('the pages tell who ended it', async () => {
	const gone = (await made()).id, back = (await made()).id, b = browser(sb), ui = '/accessmanagement/ui/consent';
	expectStatus(await answer(back, 'accept'), 200);
	for (const id of [gone, back])
		expectEmpty(await end(id), 204);
	const deleted = expectStatus(await b.login(ELENA, `${ui}/request?id=${gone}`), 200).text;
	assert.match(deleted, /Forespørselen er slettet/);
	assert.doesNotMatch(deleted, /value="approve"/);
	assert.match(expectStatus(await b.get(`${ui}/details?id=${gone}`), 200).text, /Forespørselen ble slettet/);
	assert.match(expectStatus(await b.get(`${ui}/details?id=${back}`), 200).text, /(?!Elena|Du )[A-ZÆØÅ][^<]{0,60} trakk avtalen tilbake/);
	assert.match(expectStatus(await b.get(`${ui}/log`), 200).text, /Trukket av (?!Elena)/);
	expectStatus(await b.get(`${ui}/active`), 200);
});

test('a race of answers and deletions has one winner', async () => {
	for (let round = 0; round < 3; round++) {
		const { id } = await made();
		await Promise.all(Array.from({ length: 12 }, (_, i) => i % 2 ? end(id) : answer(id, i % 4 ? 'accept' : 'reject')));
		const [status, ...events] = await shown(id);
		assert.ok(['Deleted', 'Rejected', 'Revoked'].includes(status), status);
		assert.deepEqual(events, status === 'Revoked' ? ['Created', 'Accepted', 'Revoked'] : ['Created', status]);
	}
});
