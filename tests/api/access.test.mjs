// Decisions by AuthZEN Authorization API 1.0: may an organisation ask for a resource, does a consent stand?
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { browser, expectStatus, startSandbox } from '../js/sandbox.mjs';
import { AGENCY, ASMUND, BANK, BFF, ELENA, MINISTRY, NOBODY, REQUESTS, STRANGER, SUPPLIER, S_READ, S_USE, S_WRITE, USES, org, person, requestBody, resource, right, testWorld } from '../js/world.mjs';

const S_DECIDE = 'altinn:consents.decide', ONE = '/access/v1/evaluation', MANY = '/access/v1/evaluations';
const { document } = await testWorld();
const meta = { consentMetadata: { aar: { optional: false } }, consentText: { nb: 'For {aar}' } };
document.resources.push(resource('decide_year', { ...meta }), resource('decide_once', { isOneTimeConsent: true }), resource('decide_closed', { accessListMode: 'Enabled' }),
	resource('decide_short', { limits: { maxValidity: 'P10D' } }));
const sb = await startSandbox({ apply: document });
after(() => sb.stop());

const tokens = new Map();
async function tokenOf(orgno) {
	if (!tokens.has(orgno))
		tokens.set(orgno, await sb.orgToken(orgno, S_DECIDE));
	return tokens.get(orgno);
}
const question = (changes = {}) => {
	const { orgno = BANK, action = 'read', resource: id = 'api_plain', metadata, ...context } = changes;
	return { subject: { type: 'organization', id: orgno }, action: { name: action }, resource: { type: 'consent-resource', id, properties: { metadata } }, context: { from: person(ELENA), ...context } };
};
const ask = async (changes, { as = BANK } = {}) => expectStatus(await sb.post(ONE, await tokenOf(as), question(changes)), 200).json;
const reason = async (changes, how) => {
	const { decision, context } = await ask(changes, how);
	assert.equal(decision, context.reason === undefined);
	assert.equal(typeof (context.description ?? ''), 'string');
	return context.reason ?? 'yes';
};
const bank = async () => sb.orgToken(BANK, `${S_WRITE} ${S_READ}`);
const created = async (changes) => expectStatus(await sb.post(REQUESTS, await bank(), requestBody(sb, changes)), 201).json;
async function given(changes, pid = ELENA) {
	const c = await created({ from: person(pid), ...changes });
	expectStatus(await sb.post(`${BFF}/${c.id}/accept`, await sb.personToken(pid), { language: 'nb' }), 200);
	return c;
}
const consented = (id, metadata) => ({ consentRights: [right(id, metadata)] });

test('may the organisation ask: the policy, the access list, the giver', async () => {
	const may = (more, how) => reason({ action: 'requestconsent', ...more }, how);
	assert.equal(await may({}), 'yes');
	assert.equal(await may({ resource: 'decide_closed' }), 'refused');
	assert.equal(await may({ resource: 'no_such' }), 'not-covered');
	assert.equal(await may({ from: undefined }), 'yes');
	assert.equal(await may({ orgno: SUPPLIER }, { as: MINISTRY }), 'yes');
	assert.deepEqual((await ask({ action: 'requestconsent', resource: 'decide_once' })).context, { one_time: true });
	const { context } = await ask({ action: 'requestconsent', resource: 'decide_short' });
	const days = (Date.parse(context.latest_valid_to) - Date.parse(expectStatus(await sb.get('/sandbox/clock'), 200).json.now)) / 864e5;
	assert.ok(Math.abs(days - 10) < 1, context.latest_valid_to);
});

test('a consent stands from the yes to the withdrawal, for its giver, receiver, resource and action alone', async () => {
	assert.equal(await reason(), 'no-consent');
	const c = await created({ from: person(ELENA), ...consented('api_plain') });
	assert.equal(await reason(), 'no-consent', 'nobody has answered');
	expectStatus(await sb.post(`${BFF}/${c.id}/accept`, await sb.personToken(ELENA), { language: 'nb' }), 200);
	const { decision, context } = await ask();
	assert.equal(decision, true);
	assert.deepEqual(Object.keys(context), ['consent_id', 'valid_to', 'actions']);
	assert.equal(context.consent_id, c.id);
	assert.equal(Date.parse(context.valid_to), Date.parse(c.validTo));
	for (const [changes, wanted] of [[{ action: 'write' }, 'not-covered'], [{ resource: 'decide_year' }, 'not-covered'], [{ from: person(ASMUND) }, 'no-consent'],
		[{ from: person(STRANGER) }, 'wrong-giver'], [{ from: undefined }, 'wrong-giver'], [{ consent_id: c.id }, 'yes'], [{ consent_id: c.id, from: undefined }, 'yes'],
		[{ consent_id: c.id, from: person(ASMUND) }, 'wrong-giver'], [{ consent_id: randomUUID() }, 'no-consent'], [{ orgno: org(BANK) }, 'yes'], [{ orgno: `0192:${BANK}` }, 'yes'],
		[{ from: ELENA }, 'yes'], [{ metadata: { aar: '2025' } }, 'not-covered']])
		assert.equal(await reason(changes), wanted, JSON.stringify(changes));
	/* the owner asks about others; another consumer learns nothing */
	assert.equal(await reason({}, { as: MINISTRY }), 'yes');
	assert.equal(await reason({ orgno: SUPPLIER }, { as: MINISTRY }), 'no-consent');
	assert.equal(await reason({ orgno: SUPPLIER, consent_id: c.id }, { as: MINISTRY }), 'wrong-recipient');
	assert.equal(await reason({ resource: 'decide_year', consent_id: c.id }, { as: MINISTRY }), 'no-consent');
	assert.equal(await reason({ orgno: SUPPLIER, consent_id: c.id }, { as: SUPPLIER }), 'no-consent');
	const b = browser(sb);
	const page = await b.login(ELENA, `/accessmanagement/ui/consent/withdraw?id=${c.id}`);
	expectStatus(await b.post('/accessmanagement/ui/consent/withdraw', { id: c.id, csrf: /name="csrf" value="([^"]+)"/.exec(page.text)[1] }), 200);
	assert.equal(await reason(), 'no-consent');
	assert.equal(await reason({ consent_id: c.id }), 'revoked');
});

test('metadata: one right must have all of it; of many consents the one that covers the question counts', async () => {
	const years = Array.from({ length: 60 }, (_, i) => String(1960 + i));
	const ids = [];
	for (const aar of years)
		ids.push((await given(consented('decide_year', { aar }), ASMUND)).id);
	const from = person(ASMUND);
	for (const at of [0, 8, 9, 10, 11, 59])
		assert.equal((await ask({ from, resource: 'decide_year', metadata: { AAR: years[at] } })).context.consent_id, ids[at], 'behind the first page of the store too');
	assert.equal(await reason({ from, resource: 'decide_year', metadata: { aar: '2025' } }), 'not-covered');
	assert.equal(await reason({ from, resource: 'decide_year', metadata: { aar: '1960', annet: 'x' } }), 'not-covered');
});

test('a consent that is used up or over does not stand', async () => {
	const once = await given(consented('decide_once'));
	assert.equal(await reason({ resource: 'decide_once' }), 'yes');
	expectStatus(await sb.post(`${USES}/${once.id}/use`, await sb.orgToken(MINISTRY, S_USE), { resource: 'decide_once' }), 201);
	assert.equal(await reason({ resource: 'decide_once' }), 'no-consent');
	assert.equal(await reason({ resource: 'decide_once', consent_id: once.id }), 'consent-expired');
});

test('several: defaults, order, faulty items, the two ways to stop, and none at all', async () => {
	const send = async (body, status = 200) => expectStatus(await sb.post(MANY, await tokenOf(BANK), body), status);
	const may = (id) => ({ resource: { type: 'consent-resource', id } });
	const top = { ...question({ action: 'requestconsent' }), resource: undefined };
	const decisions = async (body) => (await send({ ...top, ...body })).json.evaluations.map((e) => e.decision);
	const evaluations = [may('api_plain'), may('decide_closed'), may('decide_year'), { subject: 7 }, 'x', { subject: { type: 'organization', id: SUPPLIER }, ...may('no_such') }];
	assert.deepEqual(await decisions({ evaluations }), [true, false, true, false, false, false]);
	const all = (await send({ ...top, evaluations })).json.evaluations;
	assert.deepEqual(all.slice(3).map((e) => e.context.reason), ['malformed', 'malformed', 'refused']);
	const options = (evaluations_semantic) => ({ evaluations, options: { evaluations_semantic } });
	assert.deepEqual(await decisions(options('execute_all')), [true, false, true, false, false, false]);
	assert.deepEqual(await decisions(options('deny_on_first_deny')), [true, false]);
	assert.deepEqual(await decisions(options('permit_on_first_permit')), [true]);
	for (const none of [{}, { evaluations: [] }])
		assert.deepEqual((await send({ ...question({ action: 'requestconsent' }), ...none })).json, { decision: true, context: { one_time: false } });
	assert.equal((await send({ ...top, evaluations: Array(100).fill(may('api_plain')) })).json.evaluations.length, 100);
	for (const wrong of [{ evaluations: Array(101).fill(may('api_plain')) }, { evaluations: {} }, { evaluations, options: 'x' }, options('some'), options(7)])
		await send({ ...top, ...wrong }, 400);
});

test('bad input: 400 with a text; who may not ask: 401 and 403', async () => {
	const token = await tokenOf(BANK);
	const q = question();
	const long = (n) => 'x'.repeat(n);
	for (const body of [{}, { ...q, subject: undefined }, { ...q, action: undefined }, { ...q, resource: undefined }, { ...q, subject: BANK }, { ...q, subject: { id: BANK } },
		{ ...q, subject: { type: 'organization' } }, { ...q, subject: { type: 1, id: BANK } }, { ...q, action: {} }, { ...q, action: { name: 1 } }, { ...q, action: { name: long(401) } },
		{ ...q, resource: { type: 'consent-resource' } }, { ...q, resource: { type: 'consent-resource', id: long(401) } }, { ...q, resource: { ...q.resource, properties: [] } },
		{ ...q, resource: { ...q.resource, properties: { metadata: [] } } }, { ...q, resource: { ...q.resource, properties: { metadata: { a: 1 } } } },
		{ ...q, resource: { ...q.resource, properties: { metadata: { a: long(1001) } } } },
		{ ...q, resource: { ...q.resource, properties: { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, 'v'])) } } },
		{ ...q, context: [] }, { ...q, context: { from: 'urn:altinn:person:identifier-no:1' } }, { ...q, context: { from: 7 } }, { ...q, context: { consent_id: 'x' } }]) {
		const res = expectStatus(await sb.post(ONE, token, body), 400);
		assert.match(res.headers['content-type'], /^text\/plain/);
		assert.ok(res.text.length > 20, res.text);
	}
	const within = { ...q, action: { name: long(400) }, resource: { ...q.resource, properties: { metadata: { a: long(1000) } } }, unknown: { member: 1 } };
	assert.equal(expectStatus(await sb.post(ONE, token, within), 200).json.decision, false);
	const raw = (body, headers) => fetch(sb.url + ONE, { method: 'POST', body, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers } });
	for (const [body, headers] of [['', {}], ['{', {}], ['[]', {}], ['{"subject":1,"subject":2}', {}], [JSON.stringify(q), { 'content-type': 'text/plain' }]])
		assert.equal((await raw(body, headers)).status, 400, body);
	assert.equal((await raw(JSON.stringify(q), { 'x-request-id': 'abc-1' })).headers.get('x-request-id'), 'abc-1');
	assert.equal((await raw(JSON.stringify(q), { 'x-request-id': long(129) })).headers.get('x-request-id'), null);
	assert.equal((await raw('x'.repeat(16385))).status, 413);
	const refused = await fetch(sb.url + ONE, { method: 'POST', body: JSON.stringify(q), headers: { 'content-type': 'application/json' } });
	assert.equal(refused.status, 401);
	assert.match(refused.headers.get('www-authenticate'), /^Bearer/);
	expectStatus(await sb.post(ONE, await sb.orgToken(BANK, S_READ), q), 403);
	for (const [as, changes] of [[SUPPLIER, {}], [AGENCY, { orgno: BANK }], [NOBODY, {}], [SUPPLIER, { resource: 'no_such' }]])
		expectStatus(await sb.post(ONE, await tokenOf(as), question(changes)), 403);
	expectStatus(await sb.post(ONE, token, { ...q, subject: { type: 'user', id: BANK } }), 403);
});

test('the metadata names the addresses', async () => {
	const res = expectStatus(await sb.get('/.well-known/authzen-configuration'), 200);
	assert.deepEqual(res.json, { policy_decision_point: sb.url, access_evaluation_endpoint: sb.url + ONE, access_evaluations_endpoint: sb.url + MANY });
});
