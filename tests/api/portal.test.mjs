// The API that the portal's own front end calls: texts, answers, lists, its codes.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { STATUSES, expectBinding } from '../js/problems.mjs';
import { browser, describe, expectEmpty, expectStatus, startSandbox } from '../js/sandbox.mjs';
import { API, ASMUND, BANK, ELENA, INCOME, MINISTRY, REQUESTS, S_READ, S_WRITE, SIRI, SUPPLIER, builtin, org, partyUuid, person, requestBody, right, testWorld, uuidOf } from '../js/world.mjs';

const { document } = await testWorld();
const NB_ONLY = 'api_nb', MALICE = 'api_malice', SUB_UNIT = '314419553';
const anyOrg = { actions: ['requestconsent'], subjects: [['urn:altinn:partytype:organization']] };
const mayGive = { actions: ['consent', 'read'], subjects: [['urn:altinn:rolecode:priv']] };
const resource = (identifier, more) => ({
	identifier, resourceType: 'Consent', versionId: 1, status: 'Completed', hasCompetentAuthority: { organization: MINISTRY, orgcode: 'ttd', name: { nb: 'T' } },
	title: { nb: identifier }, consentTemplate: 'default', consentText: { nb: 'x' }, consentMetadata: {}, isOneTimeConsent: false, delegable: true,
	accessListMode: 'Disabled', policy: { minimumAuthenticationLevel: 3, rules: [anyOrg, mayGive] }, ...more,
});
document.resources.push(
	resource(NB_ONLY, { title: { nb: 'Bare <b>bokmål</b>' }, consentText: { nb: 'Bare *bokmål*' }, isOneTimeConsent: true }),
	resource(MALICE, { consentText: { nb: 'Se {hva} <script>alert(1)</script> <b style="x" onclick="y">fet</b> [lenke](javascript:alert(1))', en: 'See {hva}' }, consentMetadata: { hva: { optional: false } } }),
	resource('api_fixed_message', { consentTemplate: 'sblanesoknad' }),
	resource('api_poa', { consentTemplate: 'poa' }));
const sb = await startSandbox({ apply: document });
const PORTAL = `${API}/consent`;
const JSON_TYPE = 'application/json; charset=utf-8';
const TAIL = ['consentMessage', 'handledBy', 'expiration', 'fromParty', 'toParty', 'handledByParty', 'validTo', 'consentRequestEvents'];
const REQUEST = ['id', 'rights', 'isPoa', 'title', 'heading', 'serviceIntro', ...TAIL];
const CONSENT = ['id', 'rights', 'isPoa', 'titleAccepted', 'serviceIntroAccepted', ...TAIL];
const CODES = {
	'CTUI-00000': 403, 'CTUI-00001': 404, 'CTUI-00002': 400, 'CTUI-00010': 400, 'CTUI-00015': 400, 'CTUI-00095': 404, 'CTUI-00096': 404, 'CTUI-00097': 404, 'CTUI-00099': 500, 'CTUI-00999': 403,
};
const template = (id) => builtin.templates.find((t) => t.id === id);
const party = (number, type) => ({ id: partyUuid(uuidOf(number)), name: builtin.parties.find((p) => p.nationalId === number || p.organizationNumber === number).name, type });

const elena = (more) => sb.personToken(ELENA, more);
const created = async (changes, more) => expectStatus(await sb.post(REQUESTS, await sb.orgToken(BANK, S_WRITE, more), requestBody(sb, changes)), 201).json;
const show = async (id, token) => sb.get(`${PORTAL}/request/${id}`, token ?? (await elena()));
const details = async (id, token) => sb.get(`${PORTAL}/${id}`, token ?? (await elena()));
const approve = async (id, token, body = { language: 'nb' }) => sb.post(`${PORTAL}/request/${id}/approve`, token ?? (await elena()), body);
const reject = async (id, token) => sb.post(`${PORTAL}/request/${id}/reject`, token ?? (await elena()));
const revoke = async (id, token) => sb.post(`${PORTAL}/${id}/revoke`, token ?? (await elena()));
const status = async (id) => expectStatus(await sb.get(`${REQUESTS}/${id}`, await sb.orgToken(BANK, S_READ)), 200).json.status;
const types = (c) => c.consentRequestEvents.map((e) => e.eventType);

function expectCode(res, code) {
	expectStatus(res, CODES[code], code);
	assert.equal(res.headers['content-type'], 'application/problem+json', describe(res));
	assert.deepEqual(Object.keys(res.json), ['type', 'title', 'status', 'detail', 'code'], describe(res));
	const [type, title] = STATUSES[CODES[code]];
	assert.ok(res.json.detail);
	assert.deepEqual({ ...res.json, detail: '' }, { type, title, status: CODES[code], detail: '', code });
}

function expectTrue(res) {
	expectStatus(res, 200);
	assert.equal(res.headers['content-type'], JSON_TYPE);
	assert.equal(res.text, 'true');
}

test('a request: members, their order, texts of all languages with their placeholders', async () => {
	const c = await created({ portalViewMode: 'Show' }, { supplierOrgNo: SUPPLIER });
	const res = expectStatus(await show(c.id), 200);
	assert.equal(res.headers['content-type'], JSON_TYPE);
	assert.deepEqual(Object.keys(res.json), REQUEST);
	const t = template('default').texts, income = builtin.resources.find((r) => r.identifier === INCOME);
	const { rights, ...rest } = res.json;
	assert.deepEqual(rest, {
		id: c.id, isPoa: false, title: t.title.person, heading: t.heading.person, serviceIntro: t.serviceIntro.person, consentMessage: c.requestMessage,
		handledBy: t.handledBy, expiration: t.expiration, fromParty: party(ELENA, 1), toParty: party(BANK, 2), handledByParty: party(SUPPLIER, 2),
		validTo: c.validTo, consentRequestEvents: [{ ...c.consentRequestEvents[0], performedBy: partyUuid(uuidOf(BANK)) }],
	});
	assert.match(JSON.stringify(rest.heading), /\{CoveredBy\}/);
	assert.equal(rights.length, 1);
	assert.deepEqual(Object.keys(rights[0]), ['identifier', 'title', 'consentTextHtml']);
	assert.equal(rights[0].identifier, INCOME);
	assert.deepEqual(rights[0].title, income.title);
	for (const lang of ['nb', 'nn', 'en'])
		assert.match(rights[0].consentTextHtml[lang], /<strong>2025<\/strong>/, 'metadata is filled in, in whatever letter case it came');
	assert.equal(res.text.includes(ELENA), false, 'no number of a person');
});

test('a request: nobody handles it, no message, one-time, a language that is missing', async () => {
	const c = await created({ consentRights: [right(NB_ONLY)], requestMessage: undefined });
	const r = expectStatus(await show(c.id), 200).json;
	assert.equal(r.handledBy, null);
	assert.equal(r.handledByParty, null);
	assert.equal(r.consentMessage, null);
	assert.deepEqual(r.expiration, template('default').texts.expirationOneTime);
	assert.deepEqual(r.rights, [{
		identifier: NB_ONLY, title: { nb: 'Bare <b>bokmål</b>', nn: 'Bare <b>bokmål</b>', en: 'Bare <b>bokmål</b>' },
		consentTextHtml: { nb: '<p>Bare <em>bokmål</em></p>', nn: '<p>Bare <em>bokmål</em></p>', en: '<p>Bare <em>bokmål</em></p>' },
	}]);
});

test('a request: a one-time text for all when one resource is one-time; the order of the rights', async () => {
	const c = await created({ consentRights: [right('api_plain'), right(NB_ONLY), right('api_plain')] });
	const r = expectStatus(await show(c.id), 200).json;
	assert.deepEqual(r.rights.map((x) => x.identifier), ['api_plain', NB_ONLY, 'api_plain']);
	assert.deepEqual(r.expiration, template('default').texts.expirationOneTime);
});

test('a request: the template\'s message where the request has none', async () => {
	const fixed = template('sblanesoknad').texts.overriddenDelegationContext;
	const make = (requestMessage) => created({ consentRights: [right('api_fixed_message')], requestMessage });
	assert.deepEqual(expectStatus(await show((await make(undefined)).id), 200).json.consentMessage, fixed);
	assert.deepEqual(expectStatus(await show((await make({ en: 'Own {CoveredBy}' })).id), 200).json.consentMessage, { en: 'Own {CoveredBy}' });
});

test('a request: a power of attorney', async () => {
	const c = await created({ consentRights: [right('api_poa')] });
	const r = expectStatus(await show(c.id), 200).json;
	assert.equal(r.isPoa, true);
	assert.deepEqual(r.title, template('poa').texts.title.person);
});

test('the owner\'s text leaves as safe HTML, and metadata as text in it', async () => {
	const hva = '**ikke** <img src=x onerror=alert(1)> [x](https://evil.example) {CoveredBy}';
	const c = await created({ consentRights: [right(MALICE, { hva })] });
	const html = expectStatus(await show(c.id), 200).json.rights[0].consentTextHtml;
	for (const text of Object.values(html)) {
		assert.match(text, /\*\*ikke\*\* &lt;img src=x onerror=alert\(1\)&gt; \[x\]\(https:\/\/evil.example\) \{CoveredBy\}/);
		assert.doesNotMatch(text, /<(?!\/?(p|b|a)>)|onclick|style=|javascript:[^<]*"/);
	}
	assert.match(html.nb, /<b>fet<\/b>/);
	assert.equal(html.nn, html.nb);
});

test('types of parties: BEDR and AAFY are sub-units', async () => {
	for (const [unitType, type] of [['BEDR', 4], ['AAFY', 4], ['bedr', 4], ['AS', 2], [null, 2]]) {
		expectStatus(await sb.apply({ parties: [{ type: 'organization', organizationNumber: SUB_UNIT, name: 'ENHET', unitType: unitType ?? 'ORGL' }] }), 204);
		const token = await sb.orgToken(SUB_UNIT, S_WRITE);
		const c = expectStatus(await sb.post(REQUESTS, token, requestBody(sb, { to: org(SUB_UNIT), consentRights: [right('api_plain')] })), 201).json;
		assert.equal(expectStatus(await show(c.id), 200).json.toParty.type, type, unitType);
	}
});

test('approve, details, revoke: true each time, and the same again', async () => {
	const c = await created({}, { supplierOrgNo: SUPPLIER });
	for (let i = 0; i < 2; i++)
		expectTrue(await approve(c.id));
	assert.equal(await status(c.id), 'Accepted');
	const shown = expectStatus(await details(c.id), 200);
	assert.equal(shown.headers['content-type'], JSON_TYPE);
	assert.deepEqual(Object.keys(shown.json), CONSENT);
	const t = template('default').texts;
	assert.deepEqual(shown.json.titleAccepted, t.titleAccepted ?? t.title.person);
	assert.deepEqual(shown.json.serviceIntroAccepted, t.serviceIntroAccepted.person);
	assert.deepEqual(shown.json.consentMessage, c.requestMessage, 'the requester\'s message stays');
	assert.deepEqual(shown.json.handledBy, t.handledBy);
	assert.deepEqual(types(shown.json), ['Created', 'Accepted']);
	for (let i = 0; i < 2; i++)
		expectTrue(await revoke(c.id));
	assert.deepEqual(types(expectStatus(await details(c.id), 200).json), ['Created', 'Accepted', 'Revoked']);
	assert.equal(await status(c.id), 'Revoked');
});

test('reject: true, and the same again', async () => {
	const c = await created();
	for (let i = 0; i < 2; i++)
		expectTrue(await reject(c.id));
	assert.deepEqual(types(expectStatus(await show(c.id), 200).json), ['Created', 'Rejected']);
});

test('an Expired event once the time is over', async () => {
	const c = await created({ validTo: sb.inDays(1) });
	await sb.clock({ offset: 'P2D' });
	for (const get of [show, details])
		assert.deepEqual(types(expectStatus(await get(c.id), 200).json), ['Created', 'Expired']);
	await sb.clock({});
});

test('codes: each refusal has its own', async () => {
	const open = await created(), yes = await created(), no = await created(), over = await created({ validTo: sb.inDays(1) });
	const other = await created({ requiredDelegator: person(ASMUND) });
	expectTrue(await approve(yes.id));
	expectTrue(await reject(no.id));
	for (const act of [show, approve, reject]) {
		expectCode(await act(randomUUID()), 'CTUI-00001');
		expectCode(await act(other.id), 'CTUI-00000');
		expectCode(await act(open.id, await sb.personToken(ASMUND)), 'CTUI-00000');
	}
	expectCode(await details(randomUUID()), 'CTUI-00001');
	expectCode(await revoke(randomUUID()), 'CTUI-00001');
	expectCode(await details(open.id, await sb.personToken(ASMUND)), 'CTUI-00999');
	expectStatus(await revoke(open.id, await sb.personToken(ASMUND)), 403);
	expectCode(await approve(no.id), 'CTUI-00002');
	expectCode(await revoke(open.id), 'CTUI-00010');
	expectCode(await reject(yes.id), 'CTUI-00015');
	await sb.clock({ offset: 'P2D' });
	expectCode(await approve(over.id), 'CTUI-00099');
	await sb.clock({});
	assert.equal(await status(open.id), 'Created');
	assert.equal(await status(over.id), 'Created');
});

test('no GUID, no body, no language', async () => {
	const { id } = await created();
	for (const act of [show, details, approve, reject, revoke])
		expectBinding(await act('none'), ['consentRequestId']);
	for (const [body, where] of [[{}, '$.language'], [{ language: null }, '$.language'], [{ language: '' }, '$.language'], [{ language: 'x'.repeat(101) }, '$.language'], [null, []]])
		expectBinding(await approve(id, undefined, body), where);
	expectBinding(await sb.request('POST', `${PORTAL}/request/${id}/approve`, { token: await elena(), body: '', headers: { 'Content-Type': 'application/json' } }));
	expectStatus(await sb.request('POST', `${PORTAL}/request/${id}/approve`, { token: await elena(), body: 'language=nb', headers: { 'Content-Type': 'text/plain' } }), 415);
	expectTrue(await approve(id, undefined, { language: 'x'.repeat(100) }));
});

test('active: what holds and what can be answered, newest first', async () => {
	const from = person(ASMUND), token = await sb.personToken(ASMUND), plain = { from, consentRights: [right('api_plain')] };
	const at = `${PORTAL}/active/${uuidOf(ASMUND)}`;
	const hidden = await created(plain), pending = await created({ ...plain, portalViewMode: 'Show' }), poa = await created({ from, consentRights: [right('api_poa')] });
	const rejected = await created({ ...plain, portalViewMode: 'Show' }), revoked = await created(plain), over = await created({ ...plain, validTo: sb.inDays(1), portalViewMode: 'Show' });
	expectTrue(await approve(poa.id, token));
	expectTrue(await reject(rejected.id, token));
	expectTrue(await approve(revoked.id, token));
	expectTrue(await revoke(revoked.id, token));
	await sb.clock({ offset: 'P2D' });
	const res = expectStatus(await sb.get(at, await sb.personToken(ASMUND)), 200);
	await sb.clock({});
	assert.equal(res.headers['content-type'], JSON_TYPE);
	assert.deepEqual(res.json.map((c) => c.id), [poa.id, pending.id]);
	const [given, asked] = res.json;
	assert.deepEqual(Object.keys(given), ['id', 'isPendingConsent', 'isPoa', 'toParty', 'fromParty', 'createdDate', 'consentedDate']);
	assert.deepEqual(asked, {
		id: pending.id, isPendingConsent: true, isPoa: false, toParty: party(BANK, 2), fromParty: party(ASMUND, 1),
		createdDate: pending.consentRequestEvents[0].created, consentedDate: null,
	});
	assert.equal(given.isPoa, true);
	assert.equal(given.isPendingConsent, false);
	assert.ok(given.consentedDate);
	const now = expectStatus(await sb.get(at, await sb.personToken(ASMUND)), 200).json.map((c) => c.id);
	assert.deepEqual(now, [over.id, poa.id, pending.id]);
	assert.equal(now.includes(hidden.id), false);
});

test('log: everything with its events, in the order it was made', async () => {
	const at = `${PORTAL}/log/${uuidOf(ASMUND)}`, token = await sb.personToken(ASMUND);
	const handled = await created({ from: person(ASMUND), consentRights: [right('api_plain')] }, { supplierOrgNo: SUPPLIER });
	const res = expectStatus(await sb.get(at, token), 200);
	assert.equal(res.headers['content-type'], JSON_TYPE);
	assert.equal(res.json.length, 7);
	for (const c of res.json)
		assert.deepEqual(Object.keys(c), ['id', 'isPoa', 'toParty', 'fromParty', 'handledByParty', 'validTo', 'consentRequestEvents']);
	assert.deepEqual(res.json.map(types).map((t) => t.at(-1)), ['Created', 'Created', 'Accepted', 'Rejected', 'Revoked', 'Created', 'Created']);
	assert.deepEqual(res.json.map((c) => c.isPoa), [false, false, true, false, false, false, false]);
	assert.deepEqual(res.json[6], {
		id: handled.id, isPoa: false, toParty: party(BANK, 2), fromParty: party(ASMUND, 1), handledByParty: party(SUPPLIER, 2), validTo: handled.validTo,
		consentRequestEvents: [{ ...handled.consentRequestEvents[0], performedBy: partyUuid(uuidOf(BANK)) }],
	});
	assert.equal(res.json[0].handledByParty, null);
	const page = expectStatus(await sb.get(`${at}?pageSize=3`, token), 200);
	assert.deepEqual(page.json, res.json.slice(0, 3));
	const [, next] = /^<([^>]*)>; rel="next"$/.exec(page.headers.link);
	assert.deepEqual(expectStatus(await sb.get(next.slice(sb.url.length), token), 200).json, res.json.slice(3, 6));
	expectBinding(await sb.get(`${at}?pageSize=1001`, token), ['pageSize']);
});

// Valid organisation numbers that nobody else here uses.
function orgNumbers(n) {
	const weights = [3, 2, 7, 6, 5, 4, 3, 2], found = [];
	for (let i = 81700000; found.length < n; i++) {
		const control = (11 - ([...String(i)].reduce((sum, d, k) => sum + d * weights[k], 0) % 11)) % 11;
		if (control < 10)
			found.push(`${i}${control}`);
	}
	return found;
}

test('log and active: more requesters than one statement names', async () => {
	const numbers = orgNumbers(21);
	expectStatus(await sb.apply({ parties: numbers.map((n) => ({ type: 'organization', organizationNumber: n, name: `NR ${n}`, unitType: 'AS' })) }), 204);
	for (const n of numbers)
		expectStatus(await sb.post(REQUESTS, await sb.orgToken(n, S_WRITE), requestBody(sb, { to: org(n), from: person(SIRI), portalViewMode: 'Show', consentRights: [right('api_plain')] })), 201);
	const token = await sb.personToken(SIRI), names = numbers.map((n) => `NR ${n}`);
	for (const [what, want] of [['log', names], ['active', [...names].reverse()]]) {
		const rows = expectStatus(await sb.get(`${PORTAL}/${what}/${uuidOf(SIRI)}`, token), 200).json;
		assert.deepEqual(rows.map((r) => r.toParty.name), want, what);
		assert.ok(rows.every((r) => r.fromParty.id === partyUuid(uuidOf(SIRI))));
	}
});

test('codes: a party, a resource or a template that is gone', async () => {
	const [number] = orgNumbers(22).slice(-1);
	expectStatus(await sb.apply({
		parties: [{ type: 'organization', organizationNumber: number, name: 'BORTE', unitType: 'AS' }],
		templates: [{ ...template('default'), id: 'api_gone' }],
		resources: [resource('api_gone_text'), resource('api_gone_template', { consentTemplate: 'api_gone' })],
	}), 204);
	const noParty = expectStatus(await sb.post(REQUESTS, await sb.orgToken(number, S_WRITE), requestBody(sb, { to: org(number), consentRights: [right('api_plain')] })), 201).json;
	const noResource = await created({ consentRights: [right('api_gone_text')] }), noTemplate = await created({ consentRights: [right('api_gone_template')] });
	for (const c of [noParty, noResource, noTemplate])
		expectTrue(await approve(c.id));
	const wasParty = expectStatus(await details(noParty.id), 200).json.toParty.id.slice(partyUuid('').length);
	expectStatus(await sb.apply({
		parties: [{ type: 'organization', organizationNumber: number, state: 'absent' }],
		resources: [{ identifier: 'api_gone_text', versionId: 1, state: 'absent' }, { identifier: 'api_gone_template', versionId: 1, state: 'absent' }],
		templates: [{ id: 'api_gone', version: 1, state: 'absent' }],
	}), 204);
	for (const [c, code] of [[noParty, 'CTUI-00095'], [noResource, 'CTUI-00096'], [noTemplate, 'CTUI-00097']])
		expectCode(await details(c.id), code);
	const rows = expectStatus(await sb.get(`${PORTAL}/log/${uuidOf(ELENA)}`, await elena()), 200).json;
	assert.deepEqual(rows.find((r) => r.id === noParty.id).toParty, { id: partyUuid(wasParty), name: '', type: 2 });
	for (const c of [noParty, noResource, noTemplate])
		expectTrue(await revoke(c.id));
});

test('count: a bare number; a status that is none', async () => {
	const token = await sb.personToken(ASMUND), at = `${PORTAL}/count/${uuidOf(ASMUND)}`;
	assert.equal(expectStatus(await sb.get(at, token), 200).text, '2');
	assert.equal(expectStatus(await sb.get(`${at}?status=Created`, token), 200).text, '2');
	for (const s of ['Accepted', 'Rejected', 'Revoked', 'Deleted', 'Expired'])
		assert.match(expectStatus(await sb.get(`${at}?status=${s}`, token), 200).text, /^[0-9]+$/);
	expectBinding(await sb.get(`${at}?status=x`, token), ['status']);
});

test('count, active and log of somebody else', async () => {
	for (const what of ['count', 'active', 'log']) {
		for (const id of [uuidOf(ASMUND), uuidOf(BANK), randomUUID()])
			expectCode(await sb.get(`${PORTAL}/${what}/${id}`, await elena()), 'CTUI-00999');
		expectBinding(await sb.get(`${PORTAL}/${what}/none`, await elena()), ['party']);
		expectEmpty(await sb.get(`${PORTAL}/${what}/${uuidOf(ELENA)}`), 401);
		expectEmpty(await sb.get(`${PORTAL}/${what}/${uuidOf(ELENA)}`, await elena({ scopes: 'some:other' })), 403);
	}
});

test('a bearer token needs no CSRF token, a session does', async () => {
	const c = await created({ consentRights: [right(INCOME, { inntektsaar: '2025' })] }), no = await created();
	const b = browser(sb);
	const page = await b.login(ELENA, new URL(c.viewUri).pathname + new URL(c.viewUri).search);
	expectStatus(page, 200);
	const Cookie = [...b.jar].map(([k, v]) => `${k}=${v}`).join('; ');
	const post = (path, headers, json) => sb.post(`${PORTAL}/${path}`, null, json, { headers: { Cookie, ...headers } });
	for (const path of [`request/${c.id}`, c.id, `count/${uuidOf(ELENA)}`, `active/${uuidOf(ELENA)}`, `log/${uuidOf(ELENA)}`])
		expectStatus(await sb.get(`${PORTAL}/${path}`, null, { headers: { Cookie } }), 200);
	for (const headers of [{}, { 'X-XSRF-TOKEN': 'x' }, { 'X-XSRF-TOKEN': '' }])
		for (const res of [await post(`request/${c.id}/approve`, headers, { language: 'nb' }), await post(`request/${c.id}/reject`, headers), await post(`${c.id}/revoke`, headers)]) {
			expectStatus(res, 400);
			assert.match(res.headers['content-type'], /^application\/problem\+json/);
		}
	assert.equal(await status(c.id), 'Created');
	const csrf = { 'X-XSRF-TOKEN': /name="csrf" value="([^"]+)"/.exec(page.text)[1] };
	expectTrue(await post(`request/${c.id}/approve`, csrf, { language: 'nb' }));
	expectTrue(await post(`${c.id}/revoke`, csrf));
	expectTrue(await post(`request/${no.id}/reject`, csrf));
	assert.equal(await status(c.id), 'Revoked');
});

test('paths: a slash at the end and any letter case', async () => {
	const { id } = await created();
	expectStatus(await sb.get(`${PORTAL.toUpperCase()}/REQUEST/${id.toUpperCase()}/`, await elena()), 200);
	expectTrue(await sb.post(`${PORTAL}/request/${id}/Approve/`, await elena(), { language: 'nb' }));
	expectTrue(await sb.post(`${PORTAL}/${id}/REVOKE/`, await elena()));
});

test('the sandbox ends with status 0', async () => {
	await sb.stop();
});
