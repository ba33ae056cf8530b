// What a party was asked: count, list, one consent, withdrawal.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { expectBinding, expectProblem } from '../js/problems.mjs';
import { expectEmpty, expectStatus, startSandbox } from '../js/sandbox.mjs';
import { API, ASMUND, BANK, BFF, ELENA, REQUESTS, S_WRITE, SIRI, SUPPLIER, partyUuid, person, requestBody, right, testWorld, uuidOf } from '../js/world.mjs';

const { document } = await testWorld();
const sb = await startSandbox({ apply: document });
const CONSENTS = `${API}/bff/consents`, LIST = `${BFF}/list`, COUNT = `${BFF}/count`;
const JSON_TYPE = 'application/json; charset=utf-8';
const DETAILS = ['id', 'from', 'requiredDelegator', 'to', 'handledBy', 'validTo', 'consentRights', 'requestMessage', 'consentRequestStatus', 'consented',
	'consentRequestEvents', 'redirectUrl', 'viewUri', 'templateId', 'templateVersion', 'portalViewMode'];
const CONSENT = ['id', 'from', 'to', 'handledBy', 'consented', 'validTo', 'consentRights', 'requestMessage', 'templateId', 'context', 'consentRequestEvents'];
const NEVER = '0001-01-01T00:00:00+00:00', NIL = '00000000-0000-0000-0000-000000000000';

const elena = (more) => sb.personToken(ELENA, more);
const created = async (changes, more) => expectStatus(await sb.post(REQUESTS, await sb.orgToken(BANK, S_WRITE, more), requestBody(sb, changes)), 201).json;
const act = async (id, what, pid = ELENA) => expectStatus(await sb.post(`${BFF}/${id}/${what}`, await sb.personToken(pid), what === 'accept' ? { language: 'nn' } : undefined), 200).json;
const revoke = async (id, token) => sb.post(`${CONSENTS}/${id}/revoke`, token ?? (await elena()));
const types = (c) => c.consentRequestEvents.map((e) => e.eventType);
const withVersion = (rights, version) => rights.map((r) => ({ ...r, resource: r.resource.map((x) => ({ ...x, version })) }));
const count = async (status, pid = ELENA) => expectStatus(await sb.get(`${COUNT}/${uuidOf(pid)}${status === undefined ? '' : `?status=${status}`}`, await sb.personToken(pid)), 200);
const list = async (query = '', pid = ELENA) => expectStatus(await sb.get(`${LIST}/${uuidOf(pid)}${query}`, await sb.personToken(pid)), 200);
const next = (res) => {
	const link = res.headers.link;
	if (!link)
		return null;
	const m = /^<([^>]*)>; rel="next"$/.exec(link);
	assert.ok(m, link);
	assert.ok(m[1].startsWith(sb.url), link);
	return m[1].slice(sb.url.length);
};
const me = partyUuid(uuidOf(ELENA)), bank = partyUuid(uuidOf(BANK)), supplier = partyUuid(uuidOf(SUPPLIER));

test('list: every status, hidden and shown, in the order they were made, with events and party uuids', async () => {
	const pid = ASMUND, from = person(pid), asked = { from, consentRights: [right('api_plain')] };
	const him = partyUuid(uuidOf(pid));
	const all = [await created({ ...asked, requiredDelegator: person(ELENA), portalViewMode: 'Show' }, { supplierOrgNo: SUPPLIER })];
	for (const what of [['accept'], ['reject'], ['accept', 'revoke'], []]) {
		const c = await created({ ...asked, validTo: sb.inDays(what.length ? 5 : 1) });
		for (const w of what)
			if (w === 'revoke')
				expectStatus(await revoke(c.id, await sb.personToken(pid)), 200);
			else
				await act(c.id, w, pid);
		all.push(c);
	}
	await sb.clock({ offset: 'P2D' });
	const res = await list('', pid);
	await sb.clock({});
	assert.equal(res.headers['content-type'], JSON_TYPE);
	assert.equal(res.headers.link, undefined);
	assert.deepEqual(res.json.map((c) => c.id), all.map((c) => c.id));
	for (const c of res.json)
		assert.deepEqual(Object.keys(c), DETAILS);
	assert.deepEqual(res.json.map((c) => c.consentRequestStatus), ['Created', 'Accepted', 'Rejected', 'Revoked', 'Created']);
	assert.deepEqual(res.json.map(types), [['Created'], ['Created', 'Accepted'], ['Created', 'Rejected'], ['Created', 'Accepted', 'Revoked'], ['Created', 'Expired']]);
	assert.deepEqual(res.json.map((c) => c.portalViewMode), ['Show', 'Hide', 'Hide', 'Hide', 'Hide']);
	const [first] = res.json, made = all[0];
	assert.deepEqual(first, {
		id: made.id, from: him, requiredDelegator: me, to: bank, handledBy: supplier, validTo: made.validTo,
		consentRights: withVersion(made.consentRights, '1'), requestMessage: made.requestMessage, consentRequestStatus: 'Created', consented: null,
		consentRequestEvents: [{ ...made.consentRequestEvents[0], performedBy: bank }], redirectUrl: made.redirectUrl, viewUri: '',
		templateId: 'default', templateVersion: 1, portalViewMode: 'Show',
	});
	assert.equal(first.consentRights[0].metadata, null);
	const expired = res.json[4].consentRequestEvents[1];
	assert.deepEqual(expired, { consentEventID: NIL, created: res.json[4].validTo, performedBy: bank, eventType: 'Expired', consentRequestID: NIL });
	assert.equal(res.json[1].consentRequestEvents[1].performedBy, him);
	assert.equal(res.text.includes(pid), false, 'no number of a person');
});

test('count: shown, of one status, and not over', async () => {
	const before = (await count()).json;
	const show = { portalViewMode: 'Show', consentRights: [right('api_plain')] };
	const [yes] = [await created(show), await created({ ...show, validTo: sb.inDays(1) }), await created({ ...show, portalViewMode: 'Hide' })];
	const res = await count();
	assert.equal(res.headers['content-type'], JSON_TYPE);
	assert.equal(res.text, String(before + 2), 'a bare number');
	for (const status of ['Created', 'created', 'CREATED', '0'])
		assert.equal((await count(status)).json, before + 2, status);
	const accepted = (await count('Accepted')).json;
	await act(yes.id, 'accept');
	assert.equal((await count()).json, before + 1);
	for (const status of ['Accepted', '2'])
		assert.equal((await count(status)).json, accepted + 1, status);
	for (const status of ['Expired', '5', 'Deleted', 'deleted'])
		assert.equal((await count(status)).json, 0, status);
	await sb.clock({ offset: 'P2D' });
	assert.equal((await count()).json, before);
	await sb.clock({});
	await revoke(yes.id);
	assert.equal((await count('Accepted')).json, accepted);
	assert.ok((await count('Revoked')).json >= 1);
	await act((await created(show)).id, 'reject');
	assert.equal((await count('Rejected')).json, 1);
});

test('count: a status that is none', async () => {
	for (const status of ['', 'x', '6', '-1', '1.0', 'Created,Accepted', '99999999999999999999'])
		expectBinding(await sb.get(`${COUNT}/${uuidOf(ELENA)}?status=${status}`, await elena()), ['status'], status);
});

test('count and list: no GUID; somebody else; nobody', async () => {
	for (const at of [COUNT, LIST]) {
		expectBinding(await sb.get(`${at}/none`, await elena()), ['party']);
		for (const party of [uuidOf(ASMUND), uuidOf(BANK), randomUUID(), NIL])
			expectEmpty(await sb.get(`${at}/${party}`, await elena()), 403);
		expectEmpty(await sb.get(`${at}/${uuidOf(ELENA)}`), 401);
		expectEmpty(await sb.get(`${at}/${uuidOf(ELENA)}`, await elena({ scopes: 'some:other' })), 403);
		expectStatus(await sb.get(`${at.toUpperCase()}/${uuidOf(ELENA).toUpperCase()}/`, await elena()), 200);
	}
});

test('a consent: members, their order, before and after the answer', async () => {
	const c = await created({ requestMessage: undefined }, { supplierOrgNo: SUPPLIER });
	const show = async () => expectStatus(await sb.get(`${CONSENTS}/${c.id}`, await elena()), 200);
	const before = await show();
	assert.equal(before.headers['content-type'], JSON_TYPE);
	assert.deepEqual(Object.keys(before.json), CONSENT);
	assert.deepEqual(before.json, {
		id: c.id, from: me, to: bank, handledBy: supplier, consented: NEVER, validTo: c.validTo, consentRights: withVersion(c.consentRights, '4'),
		requestMessage: null, templateId: 'default', context: null, consentRequestEvents: [{ ...c.consentRequestEvents[0], performedBy: bank }],
	});
	const accepted = await act(c.id, 'accept');
	const after = (await show()).json;
	assert.deepEqual(Object.keys(after.context), ['language', 'contextId']);
	assert.equal(after.context.language, 'nn');
	assert.match(after.context.contextId, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
	assert.equal(after.consented, accepted.consented);
	assert.deepEqual(types(after), ['Created', 'Accepted']);
	await sb.clock({ offset: 'P6D' });
	assert.deepEqual(types((await show()).json), ['Created', 'Accepted', 'Expired']);
	await sb.clock({});
});

test('a consent: the request\'s own message is there', async () => {
	const { id, requestMessage } = await created();
	assert.deepEqual(expectStatus(await sb.get(`${CONSENTS}/${id}`, await elena()), 200).json.requestMessage, requestMessage);
});

test('a consent: no GUID, unknown, somebody else\'s', async () => {
	const { id } = await created();
	for (const [method, tail] of [['GET', ''], ['POST', '/revoke']]) {
		expectBinding(await sb.request(method, `${CONSENTS}/none${tail}`, { token: await elena() }), ['consentId']);
		expectProblem(await sb.request(method, `${CONSENTS}/${randomUUID()}${tail}`, { token: await elena() }), 'AM-00001');
		expectStatus(await sb.request(method, `${CONSENTS}/${id}${tail}`, { token: await sb.personToken(ASMUND) }), 403);
		expectEmpty(await sb.request(method, `${CONSENTS}/${id}${tail}`), 401);
	}
});

test('a consent is seen without the right to answer it', async () => {
	const { id } = await created({ requiredDelegator: person(ASMUND) });
	expectProblem(await sb.get(`${BFF}/${id}`, await elena()), 'AM-00000');
	expectStatus(await sb.get(`${CONSENTS}/${id}`, await elena()), 200);
});

test('revoke: 200 with three events, and the same again', async () => {
	const c = await created();
	await act(c.id, 'accept');
	const first = expectStatus(await revoke(c.id), 200);
	assert.equal(first.headers['content-type'], JSON_TYPE);
	assert.deepEqual(Object.keys(first.json), DETAILS);
	assert.deepEqual(types(first.json), ['Created', 'Accepted', 'Revoked']);
	assert.equal(first.json.consentRequestStatus, 'Revoked');
	assert.equal(first.json.from, me);
	assert.equal(first.json.viewUri, '');
	assert.equal(first.json.consentRequestEvents[2].performedBy, me);
	assert.ok(first.json.consented);
	assert.deepEqual(expectStatus(await revoke(c.id), 200).json, first.json);
	const seen = expectStatus(await sb.get(`${CONSENTS}/${c.id}`, await elena()), 200).json;
	assert.deepEqual(types(seen), ['Created', 'Accepted', 'Revoked']);
	assert.equal(seen.consented, first.json.consented);
});

test('revoke: only what is accepted, also when its time is over', async () => {
	const open = await created(), no = await created(), yes = await created({ validTo: sb.inDays(1) });
	await act(no.id, 'reject');
	await act(yes.id, 'accept');
	expectProblem(await revoke(open.id), 'AM-00010');
	expectProblem(await revoke(no.id), 'AM-00010');
	await sb.clock({ offset: 'P2D' });
	assert.equal(expectStatus(await revoke(yes.id), 200).json.consentRequestStatus, 'Revoked');
	await sb.clock({});
});

test('revoke: twenty at once, one event', async () => {
	const c = await created();
	await act(c.id, 'accept');
	const token = await elena();
	for (const res of await Promise.all(Array.from({ length: 20 }, () => revoke(c.id, token))))
		assert.deepEqual(types(expectStatus(res, 200).json), ['Created', 'Accepted', 'Revoked']);
});

test('list: pages by size, none of it twice and none left out, while others come in', async () => {
	const pid = SIRI, wanted = [];
	const ask = async () => (await created({ from: person(pid), consentRights: [right('api_plain')] })).id;
	const askMany = async (n) => {
		const ids = [];
		for (let i = 0; i < n; i += 50)
			ids.push(...(await Promise.all(Array.from({ length: Math.min(50, n - i) }, ask))));
		return ids;
	};
	wanted.push(...(await askMany(1200)));
	const seen = [];
	const late = [];
	let at = `${LIST}/${uuidOf(pid)}?pageSize=97`, pages = 0;
	const token = await sb.personToken(pid);
	while (at) {
		const more = ask();
		const res = expectStatus(await sb.get(at, token), 200);
		late.push(await more);
		at = next(res);
		assert.equal(res.json.length === 97 || at === null, true);
		seen.push(...res.json.map((c) => c.id));
		pages++;
	}
	assert.ok(pages >= Math.ceil(1200 / 97));
	assert.equal(new Set(seen).size, seen.length, 'nothing twice');
	assert.deepEqual(wanted.filter((id) => !seen.includes(id)), [], 'nothing left out');
	assert.deepEqual(seen.filter((id) => !wanted.includes(id) && !late.includes(id)), []);
	const all = await list('', pid);
	assert.equal(all.headers.link, undefined);
	assert.equal(all.json.length, wanted.length + late.length);
	assert.deepEqual(all.json.slice(0, seen.length).map((c) => c.id), seen, 'the same order');
	assert.equal((await list('?pageSize=1000', pid)).json.length, 1000);
	assert.deepEqual(new Set(all.json.slice(0, wanted.length).map((c) => c.id)), new Set(wanted));
});

test('list: page size and token that are none', async () => {
	const { id } = await created();
	const foreign = await created({ from: person(ASMUND), consentRights: [right('api_plain')] });
	const token = (uuid) => Buffer.from(uuid.replaceAll('-', ''), 'hex').toString('base64url');
	for (const size of ['', '0', '1001', '-1', 'x', '1.5', '99999999999999999999'])
		expectBinding(await sb.get(`${LIST}/${uuidOf(ELENA)}?pageSize=${size}`, await elena()), ['pageSize'], size);
	for (const t of ['', 'x', token(randomUUID()), token(NIL), token(foreign.id), `${token(id)}A`, token(id).slice(1)])
		expectBinding(await sb.get(`${LIST}/${uuidOf(ELENA)}?continuationToken=${t}`, await elena()), ['continuationToken'], t);
	const last = await list(`?continuationToken=${token(id)}`);
	assert.deepEqual(last.json, [], 'it was the last');
	assert.equal(last.headers.link, undefined);
	const one = await list(`?PAGESIZE=1`);
	assert.equal(one.json.length, 1);
	assert.ok(next(one).includes('pageSize=1&continuationToken='), one.headers.link);
});

test('list: of a party without any', async () => {
	const token = await sb.personToken('22877497392');
	const party = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'))['urn:altinn:party:uuid'];
	assert.deepEqual(expectStatus(await sb.get(`${LIST}/${party}`, token), 200).json, []);
	assert.equal(expectStatus(await sb.get(`${COUNT}/${party}`, token), 200).text, '0');
});

test('list: a page ends at LIST_BYTES_MAX, and the next one goes on', async () => {
	const LIST_BYTES_MAX = 2 << 20, many = 60, pid = SIRI, made = [];
	const languages = ['nb', 'nn', 'en', 'se', 'da', 'sv', 'fi', 'de', 'fr', 'pl'];
	const requestMessage = Object.fromEntries(languages.map((l) => [l, 'x'.repeat(4000)]));
	for (let i = 0; i < many; i++)
		made.push((await created({ from: person(pid), consentRights: [right('api_plain')], requestMessage, portalViewMode: 'Show' })).id);
	for (const at of [`${LIST}/${uuidOf(pid)}`, `${API}/consent/log/${uuidOf(pid)}`, `${API}/consent/active/${uuidOf(pid)}`]) {
		const seen = [];
		let pages = 0;
		for (let path = at; path; pages++) {
			const res = expectStatus(await sb.get(path, await sb.personToken(pid)), 200);
			assert.ok(res.text.length <= LIST_BYTES_MAX, `${at}: ${res.text.length} bytes`);
			assert.ok(res.json.length > 0, at);
			seen.push(...res.json.map((c) => c.id));
			path = next(res);
		}
		assert.deepEqual(seen.filter((id) => made.includes(id)).sort(), [...made].sort(), at);
		assert.equal(new Set(seen).size, seen.length, at);
		if (at.startsWith(LIST))
			assert.ok(pages > 1, 'two pages at least');
	}
	const short = expectStatus(await sb.get(`${API}/consent/active/${uuidOf(pid)}?pageSize=25`, await sb.personToken(pid)), 200);
	assert.equal(short.json.length, 25);
	assert.ok(next(short));
});

test('the sandbox ends with status 0', async () => {
	await sb.stop();
});
