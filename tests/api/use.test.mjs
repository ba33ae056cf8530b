// What a data source reports: uses, and the end of one-time consents.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { askToken, consentDetails, expectFault, getToken } from '../js/maskinporten.mjs';
import { expectBinding, expectPlain, expectProblem, expectSeveral, expectValidation } from '../js/problems.mjs';
import { browser, expectEmpty, expectStatus, startSandbox } from '../js/sandbox.mjs';
import {
	AGENCY, BANK, BFF, ELENA, LOOKUP, MINISTRY, NOBODY, REQUESTS, SUPPLIER, S_LOOKUP, S_READ, S_USE, S_WRITE, USES, org, partyUuid, person, requestBody,
	resource, right, testWorld, uuidOf,
} from '../js/world.mjs';

const { document, clients } = await testWorld();
const taxes = { hasCompetentAuthority: { organization: AGENCY, orgcode: 'skd', name: { nb: 'Etaten' } } };
const once = { isOneTimeConsent: true };
document.resources.push(resource('use_once', once), resource('use_once_taxes', { ...once, ...taxes }), resource('use_taxes', taxes), resource('use_nobody', {
	hasCompetentAuthority: { organization: NOBODY, orgcode: 'ing', name: { nb: 'Ingen' } } }));
const sb = await startSandbox({ apply: document });

const owner = (more) => sb.orgToken(MINISTRY, S_USE, more);
const report = async (id, body, token) => sb.post(`${USES}/${id}/use`, token ?? (await owner()), body);
const created = async (changes) => expectStatus(await sb.post(REQUESTS, await sb.orgToken(BANK, S_WRITE), requestBody(sb, { consentRights: [right()], ...changes })), 201).json;
const answer = async (id, what) =>
	expectStatus(await sb.post(`${BFF}/${id}/${what}`, await sb.personToken(ELENA), what === 'accept' ? { language: 'nb' } : undefined), 200);
const accepted = async (changes) => {
	const { id } = await created(changes);
	await answer(id, 'accept');
	return read(id);
};
const read = async (id) => expectStatus(await sb.get(`${REQUESTS}/${id}`, await sb.orgToken(BANK, S_READ)), 200).json;
const lookup = async (id) => sb.post(LOOKUP, await sb.orgToken(AGENCY, S_LOOKUP), { id, from: person(ELENA), to: org(BANK) });
const grant = (id) => ({ scope: 'api:plain', authorization_details: consentDetails(id, person(ELENA)) });
const names = (c) => c.consentRequestEvents.map((e) => e.eventType);
async function withdraw(id) {
	const b = browser(sb);
	const page = await b.login(ELENA, `/accessmanagement/ui/consent/withdraw?id=${id}`);
	const csrf = /name="csrf" value="([^"]+)"/.exec(page.text);
	assert.ok(csrf, page.text.slice(0, 500));
	expectStatus(await b.post('/accessmanagement/ui/consent/withdraw', { id, csrf: csrf[1] }), 200);
	assert.equal((await read(id)).status, 'Revoked');
}

test('a use: 201, members and their order; an event for requester and giver; the status stays', async () => {
	const c = await accepted();
	const time = c.consented;
	const res = expectStatus(await report(c.id, { resource: 'api_plain', reference: 'case 17', time }), 201);
	assert.equal(res.headers['content-type'], 'application/json; charset=utf-8');
	const { consentEventID, created: when, ...rest } = res.json;
	assert.deepEqual(Object.keys(res.json), ['consentEventID', 'created', 'performedBy', 'eventType', 'consentRequestID', 'resource', 'reference', 'time']);
	assert.deepEqual(rest, { performedBy: org(MINISTRY), eventType: 'Used', consentRequestID: c.id, resource: 'api_plain', reference: 'case 17', time });
	const now = await read(c.id);
	assert.equal(now.status, 'Accepted');
	assert.deepEqual(now.consentRequestEvents.at(-1), { consentEventID, created: when, performedBy: org(MINISTRY), eventType: 'Used', consentRequestID: c.id });
	const mine = expectStatus(await sb.get(`${BFF}/${c.id}`, await sb.personToken(ELENA)), 200).json;
	assert.equal(mine.consentRequestEvents.at(-1).eventType, 'Used');
	assert.equal(mine.consentRequestEvents.at(-1).performedBy, partyUuid(uuidOf(MINISTRY)));
	expectStatus(await lookup(c.id), 200);
	await getToken(sb, clients.bank, grant(c.id));
});

test('without time and reference: now, and every report is a use of its own', async () => {
	const c = await accepted();
	const first = expectStatus(await report(c.id, { resource: 'api_plain' }), 201).json;
	assert.equal(first.reference, null);
	assert.ok(Math.abs(Date.parse(first.time) - sb.now()) < 60000, first.time);
	expectStatus(await report(c.id, { resource: 'api_plain', reference: null, time: null }), 201);
	assert.deepEqual(names(await read(c.id)), ['Created', 'Accepted', 'Used', 'Used']);
});

test('sent again with its reference: 200 and the same use, whatever has become of the consent', async () => {
	const c = await accepted(), body = { resource: 'api_plain', reference: 'r"1' };
	const first = expectStatus(await report(c.id, body), 201).json;
	assert.deepEqual(expectStatus(await report(c.id, { ...body, time: c.consented }), 200).json, first);
	expectStatus(await report(c.id, { ...body, reference: 'r"' }), 201, 'the beginning of a reference is another one');
	await withdraw(c.id);
	assert.deepEqual(expectStatus(await report(c.id, body), 200).json, first);
	expectProblem(await report(c.id, { ...body, reference: 'r2' }), 'AM-00011');
	assert.deepEqual(names(await read(c.id)), ['Created', 'Accepted', 'Used', 'Used', 'Revoked']);
});

test('twenty at the same time with one reference are one use', async () => {
	const c = await accepted();
	const all = await Promise.all(Array.from({ length: 20 }, () => report(c.id, { resource: 'api_plain', reference: 'x' })));
	assert.deepEqual(all.map((r) => r.status).sort(), [...Array(19).fill(200), 201]);
	assert.equal(new Set(all.map((r) => r.json.consentEventID)).size, 1);
	assert.deepEqual(names(await read(c.id)), ['Created', 'Accepted', 'Used']);
});

test('a one-time consent: the first use ends it', async () => {
	const c = await accepted({ consentRights: [right('use_once')] });
	const { token } = await getToken(sb, clients.bank, grant(c.id));
	assert.ok(token);
	expectStatus(await lookup(c.id), 200);
	const first = expectStatus(await report(c.id, { resource: 'use_once', reference: 'a' }), 201).json;
	const now = await read(c.id);
	assert.equal(now.status, 'Accepted');
	assert.deepEqual(names(now), ['Created', 'Accepted', 'Used']);
	expectProblem(await lookup(c.id), 'AM-00013');
	expectFault(sb, await askToken(sb, clients.bank, grant(c.id)), 400, 'invalid_authorization_details', 'MP-303');
	expectProblem(await report(c.id, { resource: 'use_once', reference: 'b' }), 'AM-00013');
	expectProblem(await report(c.id, { resource: 'use_once' }), 'AM-00013');
	assert.deepEqual(expectStatus(await report(c.id, { resource: 'use_once', reference: 'a' }), 200).json, first);
	assert.deepEqual(names(await read(c.id)), ['Created', 'Accepted', 'Used']);
	const again = await sb.post(`${BFF}/${c.id}/accept`, await sb.personToken(ELENA), { language: 'nb' });
	assert.deepEqual(expectStatus(again, 200).json.consentRequestEvents.map((e) => e.eventType), ['Created', 'Accepted', 'Used']);
});

test('a one-time consent: of twenty uses at the same time one wins', async () => {
	const c = await accepted({ consentRights: [right('use_once')] });
	const all = await Promise.all(Array.from({ length: 20 }, (_, i) => report(c.id, { resource: 'use_once', reference: `r${i}` })));
	assert.equal(all.filter((r) => r.status === 201).length, 1);
	for (const lost of all.filter((r) => r.status !== 201))
		expectProblem(lost, 'AM-00013');
	assert.deepEqual(names(await read(c.id)), ['Created', 'Accepted', 'Used']);
});

test('a one-time consent of two owners: the first use ends it, the other source may still report its own', async () => {
	const c = await accepted({ consentRights: [right('use_once'), right('use_taxes')] });
	const agency = await sb.orgToken(AGENCY, S_USE);
	expectStatus(await report(c.id, { resource: 'use_taxes' }, agency), 201);
	expectProblem(await lookup(c.id), 'AM-00013');
	expectFault(sb, await askToken(sb, clients.bank, grant(c.id)), 400, 'invalid_authorization_details', 'MP-303');
	expectStatus(await report(c.id, { resource: 'use_once' }), 201);
	expectProblem(await report(c.id, { resource: 'use_taxes' }, agency), 'AM-00013');
	expectProblem(await report(c.id, { resource: 'use_once' }), 'AM-00013');
});

test('one-time is what the resource said when it was asked for', async () => {
	const before = await accepted({ consentRights: [right('use_once_taxes')] });
	expectStatus(await sb.apply({ resources: [resource('use_once_taxes', { ...taxes, versionId: 2 })] }), 204);
	const after = await accepted({ consentRights: [right('use_once_taxes')] });
	const agency = await sb.orgToken(AGENCY, S_USE);
	for (const c of [before, after])
		expectStatus(await report(c.id, { resource: 'use_once_taxes' }, agency), 201);
	expectProblem(await lookup(before.id), 'AM-00013');
	expectStatus(await lookup(after.id), 200);
});

test('used up, expired and withdrawn: all that is wrong, an expiry once', async () => {
	const c = await accepted({ consentRights: [right('use_once')], validTo: sb.inDays(1) });
	expectStatus(await report(c.id, { resource: 'use_once' }), 201);
	expectProblem(await lookup(c.id), 'AM-00013');
	await withdraw(c.id);
	expectSeveral(await lookup(c.id), 'AM-00013', 'AM-00011');
	expectSeveral(await report(c.id, { resource: 'use_once' }), 'AM-00013', 'AM-00011');
	await sb.clock({ offset: 'P2D' });
	expectSeveral(await lookup(c.id), 'AM-00013', 'AM-00011');
	assert.deepEqual(names(await read(c.id)), ['Created', 'Accepted', 'Used', 'Revoked', 'Expired']);
	await sb.clock({});
});

test('the pages: a used one has ended and says so', async () => {
	const c = await accepted({ consentRights: [right('use_once')] });
	expectStatus(await report(c.id, { resource: 'use_once' }), 201);
	const b = browser(sb);
	const page = await b.login(ELENA, `/accessmanagement/ui/consent/details?id=${c.id}&lng=no_nb`);
	expectStatus(page, 200);
	assert.match(page.text, /Samtykket er brukt/);
	assert.match(page.text, /Avtalen ble brukt/);
	assert.doesNotMatch(page.text, />Trekk samtykke</);
	const list = expectStatus(await b.get('/accessmanagement/ui/consent/active?lng=no_nb'), 200).text;
	const ended = list.slice(list.indexOf('id="ended"'));
	assert.ok(list.includes('id="ended"') && ended.includes(c.id), 'it stands among those that have ended');
	assert.match(ended, /Gitt [^<]*\. Brukt /);
});

test('AM-00000: unknown, or not one\'s own resource; no answer tells that a consent of others exists', async () => {
	const c = await accepted(), others = await accepted({ consentRights: [right('use_nobody')] });
	const same = async (id, resource) => expectProblem(await report(id, { resource }), 'AM-00000');
	for (const id of [randomUUID(), others.id])
		for (const resource of ['api_plain', 'use_nobody', 'no_such_resource'])
			await same(id, resource);
	expectEmpty(await report('17', { resource: 'api_plain' }), 404);
	for (const orgno of [BANK, AGENCY, SUPPLIER])
		expectProblem(await report(c.id, { resource: 'api_plain' }, await sb.orgToken(orgno, S_USE)), 'AM-00000');
	expectProblem(await report(c.id, { resource: 'no_such_resource' }), 'AM-00000');
	assert.deepEqual(names(await read(c.id)), ['Created', 'Accepted']);
	expectStatus(await report(c.id, { resource: 'api_plain' }, await owner({ supplierOrgNo: SUPPLIER })), 201, 'a supplier of the owner');
});

test('an owner that is no party reports too', async () => {
	const c = await accepted({ consentRights: [right('use_nobody')] });
	assert.equal(expectStatus(await report(c.id, { resource: 'use_nobody' }, await sb.orgToken(NOBODY, S_USE)), 201).json.performedBy, org(NOBODY));
	assert.equal(names(expectStatus(await sb.get(`${BFF}/${c.id}`, await sb.personToken(ELENA)), 200).json).at(-1), 'Used');
});

test('AM-00005: a resource of one\'s own that the consent does not name', async () => {
	const c = await accepted();
	expectProblem(await report(c.id, { resource: 'api_meta' }), 'AM-00005');
});

test('AM-00013, AM-00014: expired, unanswered, rejected', async () => {
	const open = await created({ validTo: sb.inDays(1) }), no = await created(), c = await accepted({ validTo: sb.inDays(1) });
	await answer(no.id, 'reject');
	expectProblem(await report(open.id, { resource: 'api_plain' }), 'AM-00014');
	expectProblem(await report(no.id, { resource: 'api_plain' }), 'AM-00014');
	await sb.clock({ offset: 'P2D' });
	expectProblem(await report(c.id, { resource: 'api_plain' }), 'AM-00013');
	expectSeveral(await report(open.id, { resource: 'api_plain' }), 'AM-00013', 'AM-00014');
	await sb.clock({});
});

test('SAM.VLD-00002: not before the acceptance, not ahead by more than a minute', async () => {
	const c = await accepted();
	const at = (ms) => new Date(ms).toISOString();
	const send = (time) => report(c.id, { resource: 'api_plain', time });
	const second = Math.floor(Date.parse(c.consented) / 1000) * 1000, before = Date.parse(c.consented) - 1;
	expectValidation(await send(at(before % 1000 ? before : before - 1)), ['SAM.VLD-00002', 'Time']);
	expectValidation(await send(at(second - 1000)), ['SAM.VLD-00002', 'Time']);
	expectStatus(await send(c.consented), 201);
	expectStatus(await send(at(second)), 201); // a time without a fraction is its whole second
	expectStatus(await send(at(sb.now() + 50000)), 201);
	expectValidation(await send(at(sb.now() + 70000)), ['SAM.VLD-00002', 'Time']);
});

const id = randomUUID();
for (const [name, body, where] of [
	['resource missing', {}, '$.resource'],
	['resource null', { resource: null }, '$.resource'],
	['resource empty', { resource: '' }, '$.resource'],
	['resource a number', { resource: 7 }, '$.resource'],
	['a resource of 101', { resource: 'x'.repeat(101) }, '$.resource'],
	['reference empty', { resource: 'api_plain', reference: '' }, '$.reference'],
	['reference a number', { resource: 'api_plain', reference: 7 }, '$.reference'],
	['a reference of 101', { resource: 'api_plain', reference: 'å'.repeat(101) }, '$.reference'],
	['time a number', { resource: 'api_plain', time: 1790000000 }, '$.time'],
	['time a word', { resource: 'api_plain', time: 'now' }, '$.time'],
	['a list', [], []],
])
	test(`binding error: ${name}`, async () => {
		expectBinding(await report(id, body), where, name);
	});

test('a reference of 100 characters; member names in any letter case; a slash at the end', async () => {
	const c = await accepted(), reference = 'å'.repeat(100);
	const res = await sb.post(`${USES.toUpperCase()}/${c.id.toUpperCase()}/USE/`, await owner(), { Resource: 'api_plain', REFERENCE: reference, extra: 1 });
	assert.equal(expectStatus(res, 201).json.reference, reference);
});

test('who may call: scope, organisation, media type', async () => {
	const send = (token, headers) => sb.request('POST', `${USES}/${id}/use`, { token, body: '{"resource":"x"}', headers: { 'Content-Type': 'application/json', ...headers } });
	expectEmpty(await send(), 401);
	for (const scope of [S_READ, S_WRITE, S_LOOKUP, 'altinn:consents', 'altinn:consents.usex'])
		expectEmpty(await send(await sb.orgToken(MINISTRY, scope)), 403, scope);
	expectPlain(await send(await sb.orgToken('', S_USE)), 401);
	expectStatus(await send(await owner(), { 'Content-Type': 'text/plain' }), 415);
	expectStatus(await sb.get(`${USES}/${id}/use`, await owner()), 405);
});

// ---- maximum validity ----
test('maximum validity caps the life of tokens, also when it is lowered afterwards', async () => {
	const limited = (limits, versionId) => sb.apply({ resources: [resource('use_limited', { versionId, ...(limits && { limits }) })] });
	expectStatus(await limited(null, 1), 204);
	const c = await accepted({ consentRights: [right('use_limited')], validTo: sb.inDays(20) });
	const made = Date.parse(c.consentRequestEvents[0].created) / 1000;
	await getToken(sb, clients.bank, grant(c.id));
	expectStatus(await limited({ maxValidity: 'PT100S' }, 2), 204);
	const { claims } = await getToken(sb, clients.bank, grant(c.id));
	assert.equal(claims.exp, Math.floor(made + 100));
	assert.equal(claims.authorization_details[0].validTo, c.validTo);
	await sb.clock({ offset: 'PT2M' });
	expectFault(sb, await askToken(sb, clients.bank, grant(c.id)), 400, 'invalid_authorization_details', 'MP-303');
	expectProblem(await lookup(c.id), 'AM-00013');
	await sb.clock({});
});

test('validTo caps the life of a token', async () => {
	const end = Math.floor(sb.now() / 1000) + 60;
	const c = await accepted({ validTo: new Date(end * 1000).toISOString() });
	const { claims, answer: token } = await getToken(sb, clients.bank, grant(c.id));
	assert.equal(claims.exp, end);
	assert.equal(token.expires_in, claims.exp - claims.iat);
});

test('the sandbox ends with status 0', async () => {
	await sb.stop();
});
