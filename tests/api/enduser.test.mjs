// The person who is asked: see, accept, reject.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { expectBinding, expectProblem, expectValidation } from '../js/problems.mjs';
import { browser, describe, expectEmpty, expectStatus, startSandbox } from '../js/sandbox.mjs';
import {
	API, ASMUND, BANK, BFF, ELENA, INCOME, MINISTRY, REQUESTS, S_READ, S_USE, S_WRITE, SUPPLIER, USES, org, partyUuid, person, requestBody, resource, right, testWorld, uuidOf,
} from '../js/world.mjs';

const { document } = await testWorld();
document.resources.push(resource('api_secret', { consentMetadata: { hva: { optional: false } } }, undefined, 4));
const sb = await startSandbox({ apply: document });
const elena = (more) => sb.personToken(ELENA, more);
const created = async (changes, more) => expectStatus(await sb.post(REQUESTS, await sb.orgToken(BANK, S_WRITE, more), requestBody(sb, changes)), 201).json;
const read = async (id) => expectStatus(await sb.get(`${REQUESTS}/${id}`, await sb.orgToken(BANK, S_READ)), 200).json;
const show = async (id, token) => sb.get(`${BFF}/${id}`, token ?? (await elena()));
const accept = async (id, token, body = { language: 'nb' }) => sb.post(`${BFF}/${id}/accept`, token ?? (await elena()), body);
const reject = async (id, token) => sb.post(`${BFF}/${id}/reject`, token ?? (await elena()));
const types = (c) => c.consentRequestEvents.map((e) => e.eventType);
const me = partyUuid(uuidOf(ELENA)), bank = partyUuid(uuidOf(BANK)), supplier = partyUuid(uuidOf(SUPPLIER));
const MEMBERS = ['id', 'from', 'to', 'requiredDelegator', 'handledBy', 'validTo', 'consentRights', 'requestmessage', 'consented', 'redirectUrl',
	'consentRequestEvents', 'viewUri', 'templateId', 'templateVersion', 'portalViewMode'];

test('show: members, their order, party uuids', async () => {
	const c = await created({ requiredDelegator: person(ELENA), portalViewMode: 'Show' }, { supplierOrgNo: SUPPLIER });
	const res = expectStatus(await show(c.id), 200);
	assert.equal(res.headers['content-type'], 'application/json; charset=utf-8');
	assert.deepEqual(Object.keys(res.json), MEMBERS);
	assert.deepEqual(res.json, {
		id: c.id, from: me, to: bank, requiredDelegator: me, handledBy: supplier, validTo: c.validTo, consentRights: c.consentRights,
		requestmessage: c.requestMessage, consented: null, redirectUrl: c.redirectUrl,
		consentRequestEvents: [{ ...c.consentRequestEvents[0], performedBy: bank }], viewUri: c.viewUri, templateId: 'default', templateVersion: 1,
		portalViewMode: 'Show',
	});
});

test('show: nobody but the person asked', async () => {
	const { id } = await created();
	expectProblem(await show(id, await sb.personToken(ASMUND)), 'AM-00000');
	expectProblem(await show(randomUUID()), 'AM-00001');
	expectBinding(await show('no-guid'));
});

test('show: only the required delegator', async () => {
	const { id } = await created({ requiredDelegator: person(ASMUND) });
	expectProblem(await show(id), 'AM-00000');
	expectProblem(await accept(id), 'AM-00000');
	expectProblem(await reject(id), 'AM-00000');
	assert.deepEqual(types(await read(id)), ['Created']);
});

test('show: an Expired event when the time is over', async () => {
	const c = await created({ validTo: sb.inDays(1) });
	await sb.clock({ offset: 'P2D' });
	const body = expectStatus(await show(c.id), 200).json;
	assert.deepEqual(types(body), ['Created', 'Expired']);
	assert.equal(body.consentRequestEvents[1].performedBy, bank);
	assert.equal(body.consentRequestEvents[1].created, c.validTo);
	await sb.clock({});
});

test('accept: 200, what is answered and what the requester then sees', async () => {
	const c = await created();
	const before = sb.now();
	const res = expectStatus(await accept(c.id), 200);
	const body = res.json;
	assert.deepEqual(Object.keys(body), MEMBERS);
	assert.equal(body.viewUri, '');
	assert.deepEqual(types(body), ['Created', 'Accepted']);
	assert.equal(body.consentRequestEvents[1].performedBy, me);
	assert.ok(Date.parse(body.consented) >= before - 1000 && Date.parse(body.consented) <= sb.now() + 1000, body.consented);
	const seen = await read(c.id);
	assert.equal(seen.status, 'Accepted');
	assert.equal(seen.consented, body.consented);
	assert.deepEqual(types(seen), ['Created', 'Accepted']);
	assert.equal(seen.consentRequestEvents[1].performedBy, person(ELENA), 'the number that the requester gave');
	assert.equal(seen.consentRequestEvents[1].consentRequestID, c.id);
	assert.ok(seen.consentRequestEvents[1].consentEventID > seen.consentRequestEvents[0].consentEventID, 'ids are in order');
});

test('reject: 200, consented stays null', async () => {
	const c = await created();
	const body = expectStatus(await reject(c.id), 200).json;
	assert.deepEqual(Object.keys(body), MEMBERS);
	assert.equal(body.viewUri, '');
	assert.equal(body.consented, null);
	assert.deepEqual(types(body), ['Created', 'Rejected']);
	const seen = await read(c.id);
	assert.equal(seen.status, 'Rejected');
	assert.equal(seen.consented, null);
	assert.equal(seen.consentRequestEvents[1].performedBy, person(ELENA));
});

test('the requester never gets a number that it did not give', async () => {
	const { id } = await created({ from: me });
	expectStatus(await accept(id), 200);
	const seen = await read(id);
	assert.equal(JSON.stringify(seen).includes(ELENA), false, JSON.stringify(seen));
	assert.equal(seen.consentRequestEvents[1].performedBy, me);
});

test('accept again and reject again: 200, the same state, no second event', async () => {
	for (const act of [accept, reject]) {
		const { id } = await created();
		const first = expectStatus(await act(id), 200), seen = await read(id);
		const second = expectStatus(await act(id), 200);
		assert.deepEqual(second.json, first.json);
		assert.deepEqual(await read(id), seen);
	}
});

test('crossing: AM-00015 for an accepted, AM-00002 for a rejected one', async () => {
	const yes = await created(), no = await created();
	expectStatus(await accept(yes.id), 200);
	expectProblem(await reject(yes.id), 'AM-00015');
	expectStatus(await reject(no.id), 200);
	expectProblem(await accept(no.id), 'AM-00002');
	assert.equal((await read(yes.id)).status, 'Accepted');
	assert.equal((await read(no.id)).status, 'Rejected');
});

test('expired: no accept in any state, a reject still', async () => {
	const open = await created({ validTo: sb.inDays(1) }), yes = await created({ validTo: sb.inDays(1) }), no = await created({ validTo: sb.inDays(1) });
	expectStatus(await accept(yes.id), 200);
	expectStatus(await reject(no.id), 200);
	await sb.clock({ offset: 'P2D' });
	for (const c of [open, yes, no])
		expectValidation(await accept(c.id), ['AM.VLD-00022', 'ValidTo']);
	expectProblem(await reject(yes.id), 'AM-00015');
	expectStatus(await reject(open.id), 200);
	await sb.clock({});
	assert.equal((await read(open.id)).status, 'Rejected');
});

test('a wrong person changes nothing', async () => {
	const { id } = await created();
	for (const token of [await sb.personToken(ASMUND), await sb.personToken('22877497392')]) {
		expectProblem(await accept(id, token), 'AM-00000');
		expectProblem(await reject(id, token), 'AM-00000');
	}
	expectProblem(await accept(randomUUID()), 'AM-00001');
	expectProblem(await reject(randomUUID()), 'AM-00001');
	assert.deepEqual(types(await read(id)), ['Created']);
});

test('an organisation is not answered for by somebody without a role', async () => {
	const { id } = await created({ from: org('314419553') });
	expectProblem(await show(id), 'AM-00000');
	expectProblem(await accept(id), 'AM-00000');
});

test('the policy\'s level: too low is refused, high enough passes', async () => {
	const { id } = await created({ consentRights: [right('api_high')] });
	expectStatus(await accept(id, await elena({ authLvl: '3' })), 403);
	expectStatus(await reject(id, await elena({ authLvl: '3' })), 403);
	assert.deepEqual(types(await read(id)), ['Created']);
	expectStatus(await accept(id, await elena({ authLvl: '4' })), 200);
	const other = await created();
	expectStatus(await accept(other.id, await elena({ authLvl: '2' })), 403);
	expectStatus(await accept(other.id, await elena({ authLvl: '3' })), 200);
});

test('the policy\'s level: what the page hides from a lower login, no API tells', async () => {
	const { id } = await created({ consentRights: [right('api_secret', { hva: 'SKJULT' })], requestMessage: { nb: 'SKJULT' } });
	const low = await elena({ authLvl: '3' }), high = await elena();
	const same = async (path, read) => {
		const res = await sb.get(path, low);
		assert.equal(res.text.includes('SKJULT'), false, path);
		assert.ok((await sb.get(path, high)).text.includes('SKJULT') || !read, path);
		return res;
	};
	expectProblem(await same(`${BFF}/${id}`, true), 'AM-00000');
	expectStatus(await same(`${API}/consent/request/${id}`, true), 403);
	expectStatus(await accept(id), 200);
	const owner = await sb.orgToken(MINISTRY, S_USE);
	expectStatus(await sb.post(`${USES}/${id}/use`, owner, { resource: 'api_secret', reference: 'SKJULT' }), 201);
	expectProblem(await same(`${BFF.replace('consentrequests', 'consents')}/${id}`, true), 'AM-00000');
	expectStatus(await same(`${API}/consent/${id}`, true), 403);
	for (const [path, key] of [[`${BFF}/list/${uuidOf(ELENA)}`, 'consentRequestEvents'], [`${API}/consent/log/${uuidOf(ELENA)}`, 'consentRequestEvents']]) {
		const item = expectStatus(await same(path, path.startsWith(BFF)), 200).json.find((c) => c.id === id);
		assert.deepEqual(item[key].map((e) => e.eventType), ['Created', 'Accepted'], path);
		assert.deepEqual(types(expectStatus(await sb.get(path, high), 200).json.find((c) => c.id === id)), ['Created', 'Accepted', 'Used']);
	}
	/* A person may withdraw at any level. */
	const ended = expectStatus(await sb.post(`${BFF.replace('consentrequests', 'consents')}/${id}/revoke`, low), 200);
	assert.equal(ended.text.includes('SKJULT'), false);
	assert.equal(ended.json.consentRequestStatus, 'Revoked');
});

for (const [name, body, where] of [
	['no language', {}, '$.language'], ['null', { language: null }, '$.language'], ['a number', { language: 7 }, '$.language'], ['empty', { language: '' }, '$.language'],
	['a list', { language: ['nb'] }, '$.language'], ['101 characters', { language: 'x'.repeat(101) }, '$.language'], ['no object', [], []], ['null alone', null, []],
])
	test(`accept, binding error: ${name}`, async () => {
		const { id } = await created();
		expectBinding(await accept(id, undefined, body), where, name);
		assert.deepEqual(types(await read(id)), ['Created']);
	});

test('accept: any language passes, in any letter case of the member', async () => {
	for (const body of [{ language: 'nb' }, { language: 'nn' }, { Language: 'en' }, { language: 'EN' }, { language: 'se' }, { language: 'x'.repeat(100), extra: 1 }]) {
		const { id } = await created();
		expectStatus(await accept(id, undefined, body), 200, JSON.stringify(body));
	}
});

test('accept: a tag or locale counts as the language that it is', async () => {
	for (const [sent, kept] of [['nn-NO', 'nn'], ['no_nn', 'nn'], ['no-NN', 'nn'], ['nb-NO', 'nb'], ['no', 'nb'], ['en-GB', 'en'], ['EN_us', 'en'], ['de-NO', 'nb']]) {
		const { id } = await created();
		expectStatus(await accept(id, undefined, { language: sent }), 200, sent);
		assert.equal(expectStatus(await sb.get(`${API}/bff/consents/${id}`, await elena()), 200).json.context.language, kept, sent);
	}
});

test('accept: media type and empty body', async () => {
	const { id } = await created();
	const token = await elena();
	expectStatus(await sb.request('POST', `${BFF}/${id}/accept`, { token, body: 'language=nb', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }), 415);
	expectBinding(await sb.request('POST', `${BFF}/${id}/accept`, { token, body: '', headers: { 'Content-Type': 'application/json' } }));
	assert.deepEqual(types(await read(id)), ['Created']);
});

test('reject: a body is not looked at', async () => {
	const { id } = await created();
	expectStatus(await sb.post(`${BFF}/${id}/reject`, await elena(), { language: 7 }), 200);
});

test('twenty accepts and twenty rejects at once: one winner, one event', async () => {
	const token = await elena();
	for (let round = 0; round < 5; round++) {
		const { id } = await created();
		const all = await Promise.all(Array.from({ length: 40 }, (_, i) => ((i + round) % 2 ? accept(id, token) : reject(id, token))));
		const seen = await read(id);
		const winner = seen.status === 'Accepted' ? 'accept' : 'reject';
		assert.deepEqual(types(seen), ['Created', seen.status], JSON.stringify(seen));
		for (const res of all)
			if (res.target.endsWith(winner))
				expectStatus(res, 200, `round ${round}, ${winner} won`);
			else
				expectProblem(res, winner === 'accept' ? 'AM-00015' : 'AM-00002');
	}
});

test('many people at once: each request has its own answer', async () => {
	const token = await elena();
	const list = await Promise.all(Array.from({ length: 30 }, () => created({ consentRights: [right('api_plain')] })));
	const answers = await Promise.all(list.map((c, i) => (i % 2 ? accept(c.id, token) : reject(c.id, token))));
	for (const [i, res] of answers.entries()) {
		expectStatus(res, 200);
		assert.equal(res.json.id, list[i].id);
		assert.deepEqual(types(res.json), ['Created', i % 2 ? 'Accepted' : 'Rejected']);
	}
});

test('paths: a slash at the end and any letter case', async () => {
	const { id } = await created();
	expectStatus(await sb.get(`${BFF.toUpperCase()}/${id.toUpperCase()}/`, await elena()), 200);
	expectStatus(await sb.post(`${BFF}/${id}/ACCEPT/`, await elena(), { language: 'nb' }), 200);
});

test('a session cookie shows without more, but does not answer without the CSRF token', async () => {
	const c = await created({ consentRights: [right(INCOME, { inntektsaar: '2025' })] });
	const b = browser(sb);
	const page = await b.login(ELENA, new URL(c.viewUri).pathname + new URL(c.viewUri).search);
	expectStatus(page, 200);
	assert.ok(b.jar.size > 0, 'a cookie is set');
	const cookie = [...b.jar].map(([k, v]) => `${k}=${v}`).join('; ');
	expectStatus(await sb.get(`${BFF}/${c.id}`, null, { headers: { Cookie: cookie } }), 200);
	for (const headers of [{}, { 'X-XSRF-TOKEN': 'x' }, { 'X-XSRF-TOKEN': '' }]) {
		expectStatus(await sb.post(`${BFF}/${c.id}/accept`, null, { language: 'nb' }, { headers: { Cookie: cookie, ...headers } }), 400);
		expectStatus(await sb.post(`${BFF}/${c.id}/reject`, null, undefined, { headers: { Cookie: cookie, ...headers } }), 400);
	}
	assert.deepEqual(types(await read(c.id)), ['Created']);
	const token = /name="csrf" value="([^"]+)"/.exec(page.text);
	assert.ok(token, `the page has a form with the token: ${describe(page)}`);
	expectStatus(await sb.post(`${BFF}/${c.id}/accept`, null, { language: 'nb' }, { headers: { Cookie: cookie, 'X-XSRF-TOKEN': token[1] } }), 200);
	assert.deepEqual(types(await read(c.id)), ['Created', 'Accepted']);
});

test('a cookie that is none: 401', async () => {
	const { id } = await created();
	for (const name of ['__Host-samtykke', 'samtykke', '__Host-samtykke-session'])
		expectEmpty(await sb.get(`${BFF}/${id}`, null, { headers: { Cookie: `${name}=${'A'.repeat(43)}` } }), 401);
});

test('the sandbox ends with status 0', async () => {
	await sb.stop();
});
