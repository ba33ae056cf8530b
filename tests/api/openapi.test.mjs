// GET /openapi.json against the server that serves it: every operation is walked, and every answer has a status, headers, a media type
// and a body that the description knows. An operation without a row in `walks` fails.
//
// A row: operation → list of [status, request]. A request is what `call` takes: {params, query, token, json, form, headers}, or a
// function that makes one. Each operation needs a request that succeeds and one that is refused.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { KEYS2, answer2, ask2, body2 } from '../js/altinn2.mjs';
import { GRANT_TYPE, makeGrant } from '../js/maskinporten.mjs';
import { METHODS, compiler, resolve } from '../js/openapi.mjs';
import { CLIENT_ID, startProvider, surfer } from '../js/provider.mjs';
import { ROOT, browser, describe, expectStatus, startSandbox } from '../js/sandbox.mjs';
import {
	AGENCY, ASMUND, BANK, BFF, ELENA, INCOME, LOOKUP, NOBODY, REQUESTS, SIRI, S_LOOKUP, S_ORG, S_PORTAL, S_READ, S_USE, S_WRITE, SUPPLIER, MINISTRY, builtin, org,
	person, requestBody, resource, right, testWorld, USES, BAKERY, uuidOf,
} from '../js/world.mjs';

const world = await testWorld();
world.document.resources.push(resource('use_once', { isOneTimeConsent: true }));
const provider = await startProvider();
const sb = await startSandbox({ apply: world.document, args: [...provider.settings, '--set', 'operator.contact=mailto:hjelp@example.com'] });
const doc = expectStatus(await sb.get('/openapi.json'), 200).json;
const { check } = compiler(doc);
const write = await sb.orgToken(BANK, S_WRITE), read = await sb.orgToken(BANK, S_READ), lookup = await sb.orgToken(null, S_LOOKUP);
const use = await sb.orgToken(MINISTRY, S_USE);
const elena = await sb.personToken(ELENA), siri = await sb.personToken(SIRI);
const nobody = await sb.orgToken(null, `${S_READ} ${S_WRITE} ${S_ORG}`), nameless = await sb.orgToken(null, S_PORTAL);
const admin = await sb.orgToken(MINISTRY, 'altinn:maskinporten/delegations.admin');

// ---- what the rows are made of ----

const LONG = { query: { x: 'y'.repeat(4100) } };   // 414 on any route
const MANY = { query: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`x${i}`, 'y'])) }; // 400 where the query is read
const HUGE = (n) => ({ form: { x: 'y'.repeat(n) } }); // 413
const id = () => ({ params: { id: randomUUID() } });
// A request to Elena, and how far it has come: 'accept', 'reject'.
async function asked(changes = {}, answer) {
	const body = requestBody(sb, changes);
	expectStatus(await sb.post(REQUESTS, write, body), 201);
	if (answer)
		expectStatus(await sb.post(`${BFF}/${body.id}/${answer}`, elena, answer === 'accept' ? { language: 'nb' } : undefined), 200);
	return body;
}
const about = (more, changes, answer) => async () => ({ params: { id: (await asked(changes, answer)).id }, ...more });
const grant = (claims) => async () => ({ form: { grant_type: GRANT_TYPE, assertion: await makeGrant(sb, world.clients.bank, claims) } });
const consented = (from) => async () => {
	const c = await asked({}, 'accept');
	return grant({ scope: 'api:plain', authorization_details: [{ type: 'urn:altinn:consent', id: c.id, from: from ?? c.from }] })();
};
const lookedUp = (answer, changes = {}) => async () => {
	const c = await asked({}, answer);
	return { token: lookup, json: { id: c.id, from: c.from, to: c.to, ...changes } };
};

const reported = (json, answer = 'accept') => async () => {
	const rights = json.resource === 'use_once' ? { consentRights: [right('use_once')] } : {};
	return { params: { id: (await asked(rights, answer)).id }, token: use, json };
};

// Pages: a browser that has logged in, or one that has not.
const visitors = new Map();
async function visitor(pid, level) {
	const key = `${pid}/${level}`;
	if (!visitors.has(key)) {
		const b = browser(sb);
		const page = await b.login(pid, '/sandbox/login?goto=/accessmanagement/ui/consent/active', level);
		visitors.set(key, { b, csrf: /name="csrf" value="([^"]*)"/.exec(page.text)[1] });
	}
	return visitors.get(key);
}
const cookies = (b) => ({ Cookie: [...b.jar].map(([k, v]) => `${k}=${v}`).join('; '), Accept: 'text/html' });
// As a person with a session. more: what call takes, or a function of the session's CSRF token that makes it.
const as = (pid, more = {}, level = '4') => async () => {
	const { b, csrf } = await visitor(pid, level);
	const made = typeof more === 'function' ? await more(csrf) : more;
	return { ...made, headers: { ...cookies(b), ...made.headers } };
};
// As a person whose session ends with this.
const leaving = (pid, more) => async () => {
	const request = await as(pid, more)();
	visitors.clear();
	return request;
};
// On the way back from the provider: the query that it sends, and the browser that it comes in.
const returning = (changes = {}) => async () => {
	const s = surfer(), { next } = await s.go(`${sb.url}/login`, { until: (u) => u.pathname === '/login/callback' });
	const query = { ...Object.fromEntries(new URL(next).searchParams), ...changes };
	return { query, headers: { Accept: 'text/html', Cookie: [...s.jars.get(sb.url)].map(([k, v]) => `${k}=${v}`).join('; ') } };
};
const endless = { iss: provider.issuer, sid: 'x' };
const page = (more = {}) => ({ ...more, headers: { Accept: 'text/html' } });
const onRequest = (pid, changes, answer) => as(pid, async () => ({ query: { id: (await asked(changes, answer)).id } }));
const decide = (decision, answer, pid = ELENA) => as(pid, async (csrf) => ({ form: { id: (await asked({}, answer)).id, csrf, decision, language: 'nb' } }));
const withdraw = (answer, pid = ELENA) => as(pid, async (csrf) => ({ form: { id: (await asked({}, answer)).id, csrf } }));
// A form of a page for everybody: its cookie and its field.
const anonymous = (target, fields) => async () => {
	const b = browser(sb);
	const got = await b.get(target);
	return { form: { csrf: /name="csrf" value="([^"]*)"/.exec(got.text)[1], ...fields }, headers: cookies(b) };
};

// A question of the bank about itself.
const decider = await sb.orgToken(BANK, 'altinn:consents.decide');
const evaluation = (changes = {}) => ({ token: decider, json: {
	subject: { type: 'organization', id: BANK }, action: { name: 'requestconsent' }, resource: { type: 'consent-resource', id: INCOME }, ...changes } });

// Altinn 2: with the bank's API key, and a token where one asks for consent.
const altinn2 = (more = {}) => ({ ...more, headers: { ApiKey: KEYS2.bank, ...more.headers } });
const S_ALTINN2 = `${S_READ} ${S_WRITE}`, bank2 = await sb.orgToken(BANK, S_ALTINN2);
const S_LISTED = 'altinn:serviceowner/srr.write', listed = await sb.orgToken(MINISTRY, S_LISTED), unlisted = await sb.orgToken(BANK, S_LISTED);
const code2 = (answer, more = {}) => async () => {
	const { AuthorizationCode } = await ask2(sb, {}, { token: bank2 });
	if (answer)
		await answer2(sb, AuthorizationCode, answer);
	return altinn2({ params: { id: AuthorizationCode, code: AuthorizationCode }, query: more.byQuery ? { authcode: AuthorizationCode } : {}, ...more });
};
const link2 = { Resources: '4701_1', CoveredBy: BANK, RedirectUrl: 'https://bank.example/', ValidToDate: sb.inDays(5).slice(0, 19).replace('T', ' '), ResponseType: 'code' };
const linked = (decision) => as(ELENA, (csrf) => ({ form: { id: randomUUID(), csrf, decision, language: 'nb', link: new URLSearchParams(link2).toString() } }));
const requests2 = (path) => ({
	[`POST ${path}`]: [
		[201, altinn2({ token: bank2, json: body2(sb) })], [400, altinn2({ token: bank2, json: {} })], [401, { json: {} }],
		[403, altinn2({ token: read, json: {} })], [413, HUGE(262144)],
	],
	[`GET ${path}`]: [[200, altinn2({ token: bank2 })], [400, altinn2({ token: bank2, query: { direction: 'x' } })], [401, {}], [403, altinn2({ token: lookup })]],
	[`GET ${path}/{id}`]: [[200, code2(null, { token: bank2 })], [401, id], [403, () => altinn2({ token: bank2, ...id() })]],
	[`DELETE ${path}/{id}`]: [[204, code2(null, { token: bank2 })], [400, code2('accept', { token: bank2 })], [401, id], [403, () => altinn2({ token: bank2, ...id() })], [413, async () => ({ ...id(), ...HUGE(262144) })]],
});

const client = builtin.clients.find((c) => c.privateJwk);
const elenaUuid = builtin.parties.find((p) => p.nationalId === ELENA).uuid;
// Publishing: a resource of the test department, its scopes, and those of another organisation.
const S_RESOURCE = 'altinn:resourceregistry/resource.write', S_LIST = 'altinn:resourceregistry/accesslist.write';
const owner = await sb.orgToken(MINISTRY, `${S_RESOURCE} ${S_LIST}`), stranger = await sb.orgToken(AGENCY, `${S_RESOURCE} ${S_LIST}`);
const unnamed = await sb.orgToken(null, `${S_RESOURCE} ${S_LIST}`);
const published = (changes = {}) => ({
	identifier: `ttd_${randomUUID()}`, resourceType: 'Consent', title: { nb: 'x' }, consentTemplate: 'default', consentText: { nb: 'x' },
	hasCompetentAuthority: { organization: MINISTRY, orgcode: 'ttd', name: { nb: 'x' } }, ...changes,
});
const APILIST = { owner: 'ttd', identifier: 'apilist' }, CONNECTED = { ...APILIST, resource: 'api_listed' }, ELSEWHERE = { owner: 'ttd', identifier: 'none' };
const TEXT = { headers: { 'Content-Type': 'text/plain' }, body: 'x' };
const policyOf = async (id) => expectStatus(await sb.get(`/resourceregistry/api/v1/resource/${id}/policy`), 200).text;
// What every route for owners refuses.
const owned = (params, more = {}, rows = []) => [
	[401, { params, ...more }], [401, { params, token: unnamed, ...more }], [403, { params, token: read, ...more }], [403, { params, token: stranger, ...more }], ...rows,
];
// Self-service: the ministry's own client and scopes, one of each that is deactivated.
const S_SELF = 'idporten:dcr.write idporten:scopes.write samtykke:delegations.write';
const dcr = await sb.orgToken(MINISTRY, S_SELF), unnamedSelf = await sb.orgToken(null, S_SELF);
const guarded = (request) => [[401, request], [401, { ...request, token: unnamedSelf }], [403, { ...request, token: read }]];
const DCR = randomUUID(), GONE = randomUUID(), NEW_SCOPE = { scope: 'ttd:walk/new' }, OLD_SCOPE = { scope: 'ttd:walk/old' };
const HAND_OVER = { supplier_org: SUPPLIER, scopes: ['ttd:inntekt'] };
const gone = { state: 'absent' };
expectStatus(await sb.apply({
	clients: [{ clientId: DCR, orgno: MINISTRY }, { clientId: GONE, orgno: MINISTRY, ...gone }],
	scopes: [{ scope: NEW_SCOPE.scope, owner: MINISTRY, grants: [BANK] }, { scope: OLD_SCOPE.scope, owner: MINISTRY, ...gone }],
}), 204);
const STALE = { headers: { 'If-Match': '"0"' } }; // 412
const postsKeys = (status) => [
	[status, { params: { id: DCR }, token: dcr, json: { keys: [world.clients.bank.key.publicJwk] } }], ...guarded({ params: { id: DCR }, json: { keys: [] } }),
	[400, { params: { id: DCR }, token: dcr, json: {} }], [404, { params: { id: 'none' }, token: dcr, json: { keys: [] } }],
	[409, { params: { id: GONE }, token: dcr, json: { keys: [] } }], [412, { params: { id: DCR }, token: dcr, json: { keys: [] }, ...STALE }],
	[415, { params: { id: DCR }, token: dcr, ...TEXT }],
];
const accessRows = (status) => [
	[status, { params: { orgno: BANK }, token: dcr, query: NEW_SCOPE }], ...guarded({ params: { orgno: BANK }, query: NEW_SCOPE }), [400, { params: { orgno: BANK }, token: dcr }],
	[404, { params: { orgno: BANK }, token: dcr, query: { scope: 'x:y' } }], [409, { params: { orgno: BANK }, token: dcr, query: OLD_SCOPE }],
];
const members = { data: [org(BANK)] };
const changesMembers = [
	...owned(APILIST, { json: members }), [200, { params: APILIST, token: owner, json: members }], [400, { params: APILIST, token: owner, json: { data: ['x'] } }],
	[404, { params: ELSEWHERE, token: owner, json: members }], [413, { params: APILIST, token: owner, json: { x: 'y'.repeat(262144) } }],
	[415, { params: APILIST, token: owner, ...TEXT }],
];
const ANYBODY = [[200, {}], [414, LONG]];

// Rows that every route about a party has, and more.
const ofParty = (more) => [
	[200, { params: { party: elenaUuid }, token: elena }],
	[200, as(ELENA, { params: { party: elenaUuid } })],
	[400, { params: { party: 'x' }, token: elena }],
	[401, { params: { party: elenaUuid } }],
	[403, { params: { party: elenaUuid }, token: siri }],
	[403, { params: { party: elenaUuid }, token: read }],
	...more,
];
const pages = [
	[200, { params: { party: elenaUuid }, token: elena, query: { pageSize: 1 } }],
	[200, async () => ({ params: { party: elenaUuid }, token: elena, query: { pageSize: 1000, continuationToken: Buffer.from((await asked()).id.replaceAll('-', ''), 'hex').toString('base64url') } })],
	[400, { ...MANY, params: { party: elenaUuid }, token: elena }],
	[400, { params: { party: elenaUuid }, token: elena, query: { pageSize: 1001 } }],
	[400, { params: { party: elenaUuid }, token: elena, query: { continuationToken: 'x' } }],
];

const walks = {
	'DELETE /accessmanagement/api/v1/enterprise/consentrequests/{id}': [
		[204, about({ token: write })], [204, about({ token: write }, {}, 'accept')], [400, about({ token: write }, {}, 'reject')], [401, id], [403, about({ token: lookup })],
		[404, () => ({ token: write, ...id() })], [413, async () => ({ ...id(), ...HUGE(262144) })],
	],
	'POST /accessmanagement/api/v1/enterprise/consentrequests': [
		[201, () => ({ token: write, json: requestBody(sb) })],
		[201, () => ({ token: write, json: requestBody(sb, { requestMessage: undefined, portalViewMode: 'Show', requiredDelegator: person(ELENA), from: { type: 'urn:altinn:person:identifier-no', value: ELENA } }) })],
		[201, async () => ({ token: await sb.orgToken(AGENCY, S_ORG), json: requestBody(sb) })],
		[200, async () => ({ token: write, json: await asked() })],
		[400, () => ({ token: write, json: requestBody(sb, { from: 'x', to: undefined }) })],
		[400, { token: write, headers: { 'Content-Type': 'application/json' }, body: '{' }],
		[400, () => ({ token: write, json: requestBody(sb, { from: org(NOBODY) }) })],
		[400, () => ({ token: write, json: requestBody(sb, { from: person('22877497392') }) })],
		[400, () => ({ token: write, json: requestBody(sb, { consentRights: [right('api_generic')] }) })],
		[400, () => ({ token: write, json: requestBody(sb, { consentRights: [right('api_plain', { x: 'y' })] }) })],
		[400, () => ({ token: write, json: requestBody(sb, { consentRights: [right('api_meta', { aar: '' })] }) })],
		[400, () => ({ token: write, json: requestBody(sb, { consentRights: [right('api_meta')] }) })],
		[400, () => ({ token: write, json: requestBody(sb, { consentRights: [right(), right('api_other_template')] }) })],
		[400, () => ({ token: write, json: requestBody(sb, { validTo: sb.inDays(-1) }) })],
		[400, async () => ({ token: write, json: { ...(await asked()), from: person(SIRI) } })],
		[401, () => ({ json: requestBody(sb) })],
		[401, () => ({ token: nobody, json: requestBody(sb) })],
		[403, () => ({ token: read, json: requestBody(sb) })],
		[403, () => ({ token: write, json: requestBody(sb, { to: org(AGENCY) }) })],
		[413, () => ({ token: write, json: requestBody(sb, { x: 'y'.repeat(262144) }) })],
		[415, { token: write, headers: { 'Content-Type': 'text/plain' }, body: '{}' }],
		[500, () => ({ token: write, json: requestBody(sb, { validTo: sb.inDays(-1), consentRights: [right('api_meta', { x: '', y: 'z' })] }) })],
		[414, LONG],
	],
	'GET /accessmanagement/api/v1/enterprise/consentrequests/events': [
		[200, { token: read }],
		[200, async () => ({ token: read, query: { consentRequestId: (await asked({}, 'accept')).id, eventType: 'accepted', createdAfter: '2020-01-01T00:00:00Z' } })],
		[200, { token: read, query: { eventType: 'deleted', wait: 1 } }],
		[400, { token: read, query: { wait: 61, createdAfter: 'x' } }],
		[400, { token: read, query: { eventType: 'x', continuationToken: 'x', createdAfter: '2026-01-01', createdBefore: '2026-01-01' } }],
		[400, async () => ({ token: await sb.orgToken(NOBODY, S_READ) })],
		[400, { token: read, ...MANY }],
		[401, {}],
		[401, { token: nobody }],
		[403, { token: elena }],
		[414, LONG],
	],
	'GET /accessmanagement/api/v1/enterprise/consentrequests/{id}': [
		[200, about({ token: read })],
		[200, about({ token: read }, { consentRights: [right()] }, 'accept')],
		[200, about({ token: read }, {}, 'reject')],
		[401, id],
		[401, () => ({ ...id(), token: nobody })],
		[403, about({ token: elena })],
		[403, async () => about({ token: await sb.orgToken(AGENCY, S_READ) })()],
		[404, () => ({ ...id(), token: read })],
		[404, { params: { id: 'x' }, token: read }],
		[400, { params: { id: '%zz' }, token: read, verbatim: true }],
	],
	'POST /accessmanagement/api/v1/resourceowner/consents/{id}/use': [
		[201, reported({ resource: INCOME })],
		[201, reported({ resource: INCOME, reference: 'r', time: null })],
		[200, async () => { // told before
			const request = await reported({ resource: INCOME, reference: 'r' })();
			expectStatus(await sb.post(`${USES}/${request.params.id}/use`, use, request.json), 201);
			return request;
		}],
		[400, reported({ resource: 7 })],
		[400, reported({ resource: 'api_plain' })],
		[400, reported({ resource: INCOME }, null)],
		[400, reported({ resource: INCOME, time: '2020-01-01T00:00:00Z' })],
		[401, { ...id(), json: {} }],
		[401, async () => ({ ...id(), token: await sb.orgToken(null, S_USE), json: { resource: 'x' } })],
		[403, { ...id(), token: read, json: {} }],
		[403, reported({ resource: 'nobodys' })],
		[403, { ...id(), token: use, json: { resource: INCOME } }],
		[404, { params: { id: 'x' }, token: use, json: { resource: INCOME } }],
		[413, { ...id(), token: use, json: { x: 'y'.repeat(16384) } }],
		[415, { ...id(), token: use, headers: { 'Content-Type': 'text/plain' }, body: '{}' }],
		[500, async () => { // used up and withdrawn
			const request = await reported({ resource: 'use_once' })();
			expectStatus(await sb.post(`${USES}/${request.params.id}/use`, use, request.json), 201);
			const { b, csrf } = await visitor(ELENA, '4');
			await b.post('/accessmanagement/ui/consent/withdraw', { id: request.params.id, csrf });
			return request;
		}],
	],
	'POST /access/v1/evaluation': [
		[200, evaluation()], [200, evaluation({ action: { name: 'read' }, context: { from: person(ELENA) } })],
		[200, async () => evaluation({ action: { name: 'read' }, context: { from: person(ELENA), consent_id: (await asked({}, 'accept')).id } })],
		[400, { token: decider, json: {} }], [401, { json: {} }], [403, evaluation({ subject: { type: 'organization', id: SUPPLIER } })], [403, { ...evaluation(), token: read }],
		[413, HUGE(16385)],
	],
	'POST /access/v1/evaluations': [
		[200, evaluation()], [200, evaluation({ evaluations: [{}, { action: { name: 'read' } }], options: { evaluations_semantic: 'execute_all' } })],
		[400, { token: decider, json: {} }], [401, { json: {} }], [403, evaluation({ subject: { type: 'organization', id: SUPPLIER } })], [413, HUGE(262144)],
	],
	'GET /.well-known/authzen-configuration': ANYBODY,
	'POST /accessmanagement/api/v1/maskinporten/consent/lookup': [
		[200, lookedUp('accept')],
		[200, lookedUp('accept', { from: { type: 'urn:altinn:person:identifier-no', value: ELENA } })],
		[400, lookedUp('accept', { from: person(SIRI) })],
		[400, lookedUp()],
		[400, lookedUp('accept', { to: 'x' })],
		[400, lookedUp('accept', { to: org(NOBODY) })],
		[401, { json: {} }],
		[403, { token: read, json: {} }],
		[404, lookedUp('accept', { id: randomUUID() })],
		[404, lookedUp('accept', { to: org(AGENCY) })],
		[413, { token: lookup, json: { x: 'y'.repeat(16384) } }],
		[415, { token: lookup, headers: { 'Content-Type': 'text/plain' }, body: '{}' }],
		[500, lookedUp(undefined, { from: person(SIRI) })],
	],
	'GET /accessmanagement/api/v1/bff/consentrequests/{id}': [
		[200, about({ token: elena })],
		[200, about({ token: elena }, {}, 'accept')],
		[200, as(ELENA, about({}))],
		[400, { params: { id: 'x' }, token: elena }],
		[401, id],
		[401, () => ({ ...id(), token: nameless })],
		[403, about({ token: siri })],
		[403, () => ({ ...id(), token: read })],
		[404, () => ({ ...id(), token: elena })],
	],
	'POST /accessmanagement/api/v1/bff/consentrequests/{id}/accept': [
		[200, about({ token: elena, json: { language: 'en' } })],
		[200, about({ token: elena, json: { language: 'nb' } }, {}, 'accept')],
		[200, as(ELENA, async (csrf) => ({ ...(await about({ json: { language: 'nb' } })()), headers: { 'X-XSRF-TOKEN': csrf } }))],
		[400, as(ELENA, about({ json: { language: 'nb' } }))],
		[400, about({ token: elena, json: {} })],
		[400, about({ token: elena, json: { language: 'nb' } }, {}, 'reject')],
		[400, { params: { id: 'x' }, token: elena, json: { language: 'nb' } }],
		[401, () => ({ ...id(), json: { language: 'nb' } })],
		[403, about({ token: siri, json: { language: 'nb' } })],
		[404, () => ({ ...id(), token: elena, json: { language: 'nb' } })],
		[413, () => ({ ...id(), token: elena, json: { language: 'x'.repeat(16384) } })],
		[415, () => ({ ...id(), token: elena })],
	],
	'POST /accessmanagement/api/v1/bff/consentrequests/{id}/reject': [
		[200, about({ token: elena })],
		[200, about({ token: elena }, {}, 'reject')],
		[400, about({ token: elena }, {}, 'accept')],
		[400, { params: { id: 'x' }, token: elena }],
		[401, id],
		[403, about({ token: siri })],
		[404, () => ({ ...id(), token: elena })],
		[413, () => ({ ...id(), token: elena, ...HUGE(16384) })],
	],
	'GET /accessmanagement/api/v1/bff/consentrequests/count/{party}': ofParty([
		[200, { params: { party: elenaUuid }, token: elena, query: { status: 'Accepted' } }],
		[200, { params: { party: elenaUuid }, token: elena, query: { status: '5' } }],
		[400, { params: { party: elenaUuid }, token: elena, query: { status: 'x' } }],
	]),
	'GET /accessmanagement/api/v1/bff/consentrequests/list/{party}': ofParty(pages),
	'GET /accessmanagement/api/v1/bff/consents/{id}': [
		[200, about({ token: elena })],
		[200, about({ token: elena }, {}, 'accept')],
		[200, as(ELENA, about({}))],
		[400, { params: { id: 'x' }, token: elena }],
		[401, id],
		[403, about({ token: siri })],
		[404, () => ({ ...id(), token: elena })],
	],
	'GET /accessmanagement/api/v1/bff/consents/{id}/receipt': [
		[200, about({ token: elena }, {}, 'accept')],
		[400, about({ token: elena })],
		[400, { params: { id: 'x' }, token: elena }],
		[401, id],
		[403, about({ token: siri }, {}, 'accept')],
		[404, () => ({ ...id(), token: elena })],
	],
	'POST /accessmanagement/api/v1/bff/consents/{id}/revoke': [
		[200, about({ token: elena }, {}, 'accept')],
		[400, about({ token: elena })],
		[400, { params: { id: 'x' }, token: elena }],
		[400, as(ELENA, about({}, {}, 'accept'))],
		[401, id],
		[403, about({ token: siri }, {}, 'accept')],
		[404, () => ({ ...id(), token: elena })],
		[413, () => ({ ...id(), token: elena, ...HUGE(16384) })],
	],
	'GET /accessmanagement/api/v1/consent/request/{id}': [
		[200, about({ token: elena })],
		[200, about({ token: elena }, { requestMessage: undefined, consentRights: [right('api_plain')] }, 'accept')],
		[200, as(ELENA, about({}))],
		[400, { params: { id: 'x' }, token: elena }],
		[401, id],
		[403, about({ token: siri })],
		[404, () => ({ ...id(), token: elena })],
	],
	'POST /accessmanagement/api/v1/consent/request/{id}/approve': [
		[200, about({ token: elena, json: { language: 'nb' } })],
		[400, about({ token: elena, json: {} })],
		[400, about({ token: elena, json: { language: 'nb' } }, {}, 'reject')],
		[400, as(ELENA, about({ json: { language: 'nb' } }))],
		[401, () => ({ ...id(), json: { language: 'nb' } })],
		[403, about({ token: siri, json: { language: 'nb' } })],
		[404, () => ({ ...id(), token: elena, json: { language: 'nb' } })],
		[413, () => ({ ...id(), token: elena, json: { language: 'x'.repeat(16384) } })],
		[415, () => ({ ...id(), token: elena })],
	],
	'POST /accessmanagement/api/v1/consent/request/{id}/reject': [
		[200, about({ token: elena })],
		[400, about({ token: elena }, {}, 'accept')],
		[400, { params: { id: 'x' }, token: elena }],
		[401, id],
		[403, about({ token: siri })],
		[404, () => ({ ...id(), token: elena })],
		[413, () => ({ ...id(), token: elena, ...HUGE(16384) })],
	],
	'GET /accessmanagement/api/v1/consent/count/{party}': ofParty([[400, { params: { party: elenaUuid }, token: elena, query: { status: 'x' } }]]),
	'GET /accessmanagement/api/v1/consent/active/{party}': ofParty([]),
	'GET /accessmanagement/api/v1/consent/log/{party}': ofParty(pages),
	'GET /accessmanagement/api/v1/consent/{id}': [
		[200, about({ token: elena })],
		[200, about({ token: elena }, {}, 'accept')],
		[400, { params: { id: 'x' }, token: elena }],
		[401, id],
		[403, about({ token: siri })],
		[404, () => ({ ...id(), token: elena })],
	],
	'POST /accessmanagement/api/v1/consent/{id}/revoke': [
		[200, about({ token: elena }, {}, 'accept')],
		[400, about({ token: elena })],
		[400, { params: { id: 'x' }, token: elena }],
		[401, id],
		[403, about({ token: siri }, {}, 'accept')],
		[404, () => ({ ...id(), token: elena })],
		[413, () => ({ ...id(), token: elena, ...HUGE(16384) })],
	],
	'GET /accessmanagement/api/v1/maskinporten/delegations': [
		[200, { token: admin }],
		[200, { token: admin, query: { supplierOrg: SUPPLIER, consumerOrg: BANK, scope: 'api:plain' } }],
		[400, { token: admin, query: { supplierOrg: '1' } }],
		[401, {}],
		[403, { token: read }],
		[403, async () => ({ token: await sb.orgToken(AGENCY, 'altinn:maskinporten/delegations'), query: { scope: 'api:plain' } })],
	],
	'POST /token': [
		[200, grant({ scope: 'api:plain' })],
		[200, grant({ scope: 'api:plain', resource: ['https://api.example'], pid: ELENA })],
		[200, consented()],
		[400, { form: {} }],
		[400, { form: { grant_type: 'x' } }],
		[400, { form: { grant_type: GRANT_TYPE, assertion: 'x.y.z' } }],
		[400, grant({ scope: 'api:nothing' })],
		[400, grant({ scope: 'api:plain', resource: 'x' })],
		[400, consented(person(SIRI))],
		[403, grant({ scope: 'api:ungranted' })],
		[413, HUGE(65536)],
	],
	'GET /jwk': ANYBODY,
	'GET /jwk/past': ANYBODY,
	'GET /statuslists/{list}': [
		[200, async () => (await asked(), { params: { list: 0 } })],
		[404, { params: { list: 1 } }],
	],
	'GET /.well-known/oauth-authorization-server': ANYBODY,
	'POST /resourceregistry/api/v1/resource': [
		[201, () => ({ token: owner, json: published() })],
		...owned({}, { json: published() }),
		[400, () => ({ token: owner, json: published({ title: 1, unknown: 2 }) })],
		[409, { token: owner, json: published({ identifier: INCOME }) }],
		[413, { token: owner, json: { x: 'y'.repeat(262144) } }],
		[415, { token: owner, ...TEXT }],
	],
	'GET /resourceregistry/api/v1/resource/search': [[200, { query: { id: 'TTD_', title: 'inn', includeExpired: 'true' } }], [400, MANY]],
	'GET /resourceregistry/api/v1/resource/resourcelist': [[200, { query: { after: INCOME } }], [400, MANY]],
	'GET /resourceregistry/api/v1/resource/{id}': [
		[200, { params: { id: INCOME } }],
		[200, { params: { id: INCOME }, query: { versionId: 4 } }],
		[400, { params: { id: INCOME }, query: { versionId: 'x' } }],
		[400, { params: { id: '%zz' }, verbatim: true }],
		[404, { params: { id: 'none' } }],
	],
	'PUT /resourceregistry/api/v1/resource/{id}': [
		[200, { params: { id: 'api_plain' }, token: owner, json: published({ identifier: 'api_plain' }) }],
		...owned({ id: 'api_plain' }, { json: published({ identifier: 'api_plain' }) }),
		[400, { params: { id: 'api_plain' }, token: owner, json: published({ state: 'absent', identifier: 'x' }) }],
		[404, { params: { id: 'none' }, token: owner, json: published({ identifier: 'none' }) }],
		[413, { params: { id: 'none' }, token: owner, json: { x: 'y'.repeat(262144) } }],
		[415, { params: { id: 'none' }, token: owner, ...TEXT }],
	],
	'GET /resourceregistry/api/v1/resource/{id}/policy': [
		[200, { params: { id: INCOME } }], [404, { params: { id: 'none' } }], [400, { params: { id: '%zz' }, verbatim: true }],
	],
	...Object.fromEntries([['POST', 201], ['PUT', 200]].map(([how, status]) => [`${how} /resourceregistry/api/v1/resource/{id}/policy`, [
		[status, async () => ({ params: { id: INCOME }, token: owner, headers: { 'Content-Type': 'application/xml' }, body: await policyOf(INCOME) })],
		...owned({ id: INCOME }, { headers: { 'Content-Type': 'text/xml' }, body: '<x/>' }),
		[400, { params: { id: INCOME }, token: owner, headers: { 'Content-Type': 'text/xml' }, body: '<x/>' }],
		[400, { params: { id: INCOME }, token: owner, headers: { 'Content-Type': 'multipart/form-data; boundary=x' }, body: 'x' }],
		[404, { params: { id: 'none' }, token: owner, headers: { 'Content-Type': 'text/xml' }, body: '<x/>' }],
		[413, { params: { id: INCOME }, token: owner, body: 'x'.repeat(400001) }],
		[415, { params: { id: INCOME }, token: owner, ...TEXT }],
	]])),
	'GET /resourceregistry/api/v1/resource/{id}/policy/subjects': [
		[200, { params: { id: INCOME } }], [404, { params: { id: 'none' } }], [400, { params: { id: '%zz' }, verbatim: true }],
	],
	'GET /resourceregistry/api/v1/consent-templates': ANYBODY,
	'GET /resourceregistry/api/v1/consent-templates/{id}': [
		[200, { params: { id: 'default' }, query: { version: 1 } }], [400, { params: { id: 'default' }, query: { version: 'x' } }], [404, { params: { id: 'none' } }],
	],
	'GET /resourceregistry/api/v1/access-lists/get-by-member': [
		[200, { query: { party: org(BANK) }, token: owner }], [400, { token: owner }],
		[401, { query: { party: org(BANK) } }], [401, { query: { party: org(BANK) }, token: unnamed }], [403, { query: { party: org(BANK) }, token: read }],
	],
	'GET /resourceregistry/api/v1/access-lists/{owner}': [
		[200, { params: { owner: 'ttd' }, token: owner }], ...owned({ owner: 'ttd' }), [400, { params: { owner: 'ttd' }, token: owner, ...MANY }],
	],
	'GET /resourceregistry/api/v1/access-lists/{owner}/{identifier}': [
		[200, { params: APILIST, token: owner }], ...owned(APILIST), [404, { params: ELSEWHERE, token: owner }],
		[400, { params: { ...APILIST, owner: '%zz' }, token: owner, verbatim: true }],
	],
	'PUT /resourceregistry/api/v1/access-lists/{owner}/{identifier}': [
		[200, { params: { owner: 'ttd', identifier: 'new' }, token: owner, json: { name: 'x' } }], ...owned(APILIST, { json: { name: 'x' } }),
		[400, { params: APILIST, token: owner, json: { x: 1 } }], [413, { params: APILIST, token: owner, json: { x: 'y'.repeat(16384) } }],
		[415, { params: APILIST, token: owner, ...TEXT }],
	],
	'DELETE /resourceregistry/api/v1/access-lists/{owner}/{identifier}': [
		[204, { params: ELSEWHERE, token: owner }], ...owned(APILIST), [400, { params: { ...APILIST, owner: '%zz' }, token: owner, verbatim: true }],
		[413, { params: ELSEWHERE, token: owner, body: 'y'.repeat(16385) }],
	],
	'GET /resourceregistry/api/v1/access-lists/{owner}/{identifier}/members': [
		[200, { params: APILIST, token: owner, query: { token: BANK } }], ...owned(APILIST), [400, { params: APILIST, token: owner, ...MANY }],
		[404, { params: ELSEWHERE, token: owner }],
	],
	'PUT /resourceregistry/api/v1/access-lists/{owner}/{identifier}/members': changesMembers,
	'POST /resourceregistry/api/v1/access-lists/{owner}/{identifier}/members': changesMembers,
	'DELETE /resourceregistry/api/v1/access-lists/{owner}/{identifier}/members': changesMembers,
	'GET /resourceregistry/api/v1/access-lists/{owner}/{identifier}/resource-connections': [
		[200, { params: APILIST, token: owner }], ...owned(APILIST), [404, { params: ELSEWHERE, token: owner }],
		[400, { params: { ...APILIST, owner: '%zz' }, token: owner, verbatim: true }],
	],
	'PUT /resourceregistry/api/v1/access-lists/{owner}/{identifier}/resource-connections/{resource}': [
		[200, { params: CONNECTED, token: owner, json: { actionFilters: ['requestconsent'] } }], [200, { params: CONNECTED, token: owner, json: {} }],
		...owned(CONNECTED, { json: {} }), [400, { params: CONNECTED, token: owner, json: { actionFilters: 'x' } }],
		[404, { params: { ...APILIST, resource: 'none' }, token: owner, json: {} }], [413, { params: CONNECTED, token: owner, json: { x: 'y'.repeat(16384) } }],
		[415, { params: CONNECTED, token: owner, ...TEXT }],
	],
	'DELETE /resourceregistry/api/v1/access-lists/{owner}/{identifier}/resource-connections/{resource}': [
		[204, { params: CONNECTED, token: owner }], ...owned(CONNECTED), [400, { params: { ...CONNECTED, owner: '%zz' }, token: owner, verbatim: true }],
		[413, { params: CONNECTED, token: owner, body: 'y'.repeat(16385) }],
	],
	'GET /api/v1/clients': [[200, { token: dcr, query: { inactive: 'true' } }], ...guarded({}), [400, { token: dcr, ...MANY }]],
	'POST /api/v1/clients': [
		[201, { token: dcr, json: { client_name: 'x' } }], ...guarded({ json: {} }), [400, { token: dcr, json: { x: 1 } }], [403, { token: dcr, json: { client_orgno: BANK } }],
		[409, { token: dcr, json: { client_id: DCR } }], [413, { token: dcr, json: { x: 'y'.repeat(262144) } }], [415, { token: dcr, ...TEXT }],
	],
	'GET /api/v1/clients/{id}': [[200, { params: { id: DCR }, token: dcr }], ...guarded({ params: { id: DCR } }), [404, { params: { id: 'none' }, token: dcr }]],
	'PUT /api/v1/clients/{id}': [
		[200, { params: { id: DCR }, token: dcr, json: {} }], ...guarded({ params: { id: DCR }, json: {} }), [400, { params: { id: DCR }, token: dcr, json: { x: 1 } }],
		[404, { params: { id: 'none' }, token: dcr, json: {} }], [409, { params: { id: GONE }, token: dcr, json: {} }], [412, { params: { id: DCR }, token: dcr, json: {}, ...STALE }],
		[415, { params: { id: DCR }, token: dcr, ...TEXT }],
	],
	'DELETE /api/v1/clients/{id}': [[204, { params: { id: GONE }, token: dcr }], [412, { params: { id: DCR }, token: dcr, ...STALE }], ...guarded({ params: { id: GONE } }), [404, { params: { id: 'none' }, token: dcr }]],
	'GET /api/v1/clients/{id}/jwks': [[200, { params: { id: DCR }, token: dcr }], ...guarded({ params: { id: DCR } }), [404, { params: { id: 'none' }, token: dcr }]],
	'POST /api/v1/clients/{id}/jwks': postsKeys(201),
	'PUT /api/v1/clients/{id}/jwks': postsKeys(200),
	'GET /api/v1/scopes': [[200, { token: dcr }], [200, { token: dcr, query: { scope: 'ttd:inntekt' } }], ...guarded({}), [400, { token: dcr, ...MANY }], [404, { token: dcr, query: { scope: 'x:y' } }]],
	'POST /api/v1/scopes': [
		[201, () => ({ token: dcr, json: { prefix: 'ttd', subscope: randomUUID() } })], ...guarded({ json: {} }), [400, { token: dcr, json: {} }],
		[403, { token: dcr, json: { prefix: 'x', subscope: 'y' } }], [409, { token: dcr, json: { prefix: 'ttd', subscope: 'inntekt' } }], [415, { token: dcr, ...TEXT }],
	],
	'PUT /api/v1/scopes': [
		[200, { token: dcr, query: NEW_SCOPE, json: {} }], ...guarded({ query: NEW_SCOPE, json: {} }), [400, { token: dcr, json: {} }], [404, { token: dcr, query: { scope: 'x:y' }, json: {} }],
		[409, { token: dcr, query: OLD_SCOPE, json: {} }], [412, { token: dcr, query: NEW_SCOPE, json: {}, ...STALE }], [415, { token: dcr, query: NEW_SCOPE, ...TEXT }],
	],
	'DELETE /api/v1/scopes': [[204, { token: dcr, query: OLD_SCOPE }], [412, { token: dcr, query: NEW_SCOPE, ...STALE }], ...guarded({ query: OLD_SCOPE }), [400, { token: dcr }], [404, { token: dcr, query: { scope: 'x:y' } }]],
	'GET /api/v1/scopes/all': ANYBODY,
	'GET /api/v1/scopes/access': [[200, { token: dcr, query: NEW_SCOPE }], ...guarded({ query: NEW_SCOPE }), [400, { token: dcr }], [404, { token: dcr, query: { scope: 'x:y' } }]],
	'PUT /api/v1/scopes/access/{orgno}': accessRows(200),
	'DELETE /api/v1/scopes/access/{orgno}': accessRows(204),
	'GET /api/v1/prefix/all': ANYBODY,
	'GET /api/v1/delegationsources': ANYBODY,
	'GET /api/v1/delegations': [[200, { token: dcr }], ...guarded({})],
	'POST /api/v1/delegations': [
		[201, { token: dcr, json: HAND_OVER }], [200, { token: dcr, json: HAND_OVER }], ...guarded({ json: HAND_OVER }), [400, { token: dcr, json: {} }], [415, { token: dcr, ...TEXT }],
		[413, { token: dcr, json: { x: 'y'.repeat(262144) } }],
	],
	'DELETE /api/v1/delegations': [[204, { token: dcr, query: { supplier_org: SUPPLIER } }], ...guarded({ query: { supplier_org: SUPPLIER } }), [400, { token: dcr }]],
	'GET /errors/{code}': [[200, { params: { code: 'MP-121' } }], [404, { params: { code: 'MP-999' } }], [404, { params: { code: 'x' } }], [400, { params: { code: '%zz' }, verbatim: true }]],
	'GET /health': ANYBODY,
	'GET /health/live': ANYBODY,
	'GET /health/ready': ANYBODY,
	'GET /metrics': ANYBODY,
	'GET /openapi.json': [...ANYBODY, [304, { headers: { 'If-None-Match': '*' } }]],
	'GET /accessmanagement/ui/consent/request': [
		[200, onRequest(ELENA)],
		[200, onRequest(ELENA, {}, 'accept')],
		[302, async () => page({ query: { id: (await asked()).id } })],
		[400, page()],
		[403, onRequest(SIRI)],
		[404, as(ELENA, () => ({ query: { id: randomUUID() } }))],
	],
	'POST /accessmanagement/ui/consent/request': [
		[200, decide('approve')],
		[200, decide('reject')],
		[400, decide('perhaps')],
		[400, as(ELENA, async () => ({ form: { id: (await asked()).id, csrf: 'x', decision: 'approve' } }))],
		[403, async () => page({ form: { id: (await asked()).id, decision: 'approve' } })],
		[403, decide('approve', undefined, SIRI)],
		[404, as(ELENA, (csrf) => ({ form: { id: randomUUID(), csrf, decision: 'approve' } }))],
		[409, decide('approve', 'reject')],
		[413, page(HUGE(16384))],
	],
	'GET /accessmanagement/ui/consent/active': [
		[200, as(ELENA)],
		[200, as(ELENA, MANY)],
		[200, as(ELENA, { query: { party: uuidOf(BAKERY), q: 'bank', state: 'active', before: '9' } })],
		[302, page()],
		[400, as(ELENA, { query: { party: 'x' } })],
		[400, as(ELENA, { query: { q: 'x'.repeat(401) } })],
		[403, as(ELENA, { query: { party: uuidOf(BANK) } })],
		[414, LONG],
	],
	'GET /accessmanagement/ui/consent/log': [
		[200, as(ELENA)],
		[200, as(ELENA, MANY)],
		[200, as(ELENA, { query: { party: uuidOf(BAKERY), q: 'bank', state: 'used', before: `9.${uuidOf(BANK)}` } })],
		[302, page()],
		[400, as(ELENA, { query: { party: 'x' } })],
		[400, as(ELENA, { query: { q: 'x'.repeat(401) } })],
		[403, as(ELENA, { query: { party: uuidOf(BANK) } })],
		[414, LONG],
	],
	'GET /accessmanagement/ui/consent/details': [
		[200, onRequest(ELENA, {}, 'accept')],
		[302, () => page({ query: { id: randomUUID() } })],
		[303, onRequest(ELENA)],
		[400, page()],
		[403, onRequest(SIRI, {}, 'accept')],
		[404, as(ELENA, () => ({ query: { id: randomUUID() } }))],
	],
	'GET /accessmanagement/ui/consent/withdraw': [
		[200, onRequest(ELENA, {}, 'accept')],
		[302, () => page({ query: { id: randomUUID() } })],
		[303, onRequest(ELENA, {}, 'reject')],
		[400, page()],
		[403, onRequest(SIRI, {}, 'accept')],
		[404, as(ELENA, () => ({ query: { id: randomUUID() } }))],
	],
	'POST /accessmanagement/ui/consent/withdraw': [
		[303, withdraw('accept')],
		[400, as(ELENA, () => ({ form: { id: randomUUID(), csrf: 'x' } }))],
		[403, async () => page({ form: { id: (await asked({}, 'accept')).id } })],
		[403, withdraw('accept', SIRI)],
		[404, as(ELENA, (csrf) => ({ form: { id: randomUUID(), csrf } }))],
		[409, withdraw('reject')],
		[413, page(HUGE(16384))],
	],
	...Object.fromEntries(['receipt', 'receipt/signed'].map((what) => [`GET /accessmanagement/ui/consent/${what}`, [
		[200, onRequest(ELENA, {}, 'accept')],
		[302, () => page({ query: { id: randomUUID() } })],
		[303, onRequest(ELENA, {}, 'reject')],
		[400, page()],
		[403, onRequest(SIRI, {}, 'accept')],
		[404, as(ELENA, () => ({ query: { id: randomUUID() } }))],
	]])),
	'GET /accessmanagement/ui/consent/export': [
		[200, as(ELENA, { query: { format: 'json' } })],
		[200, as(ELENA, { query: { format: 'csv', party: uuidOf(BAKERY), before: '9' } })],
		[302, page()],
		[400, as(ELENA, { query: { format: 'xml' } })],
		[400, as(ELENA, { query: { format: 'csv', party: 'x' } })],
		[403, as(ELENA, { query: { format: 'json', party: uuidOf(BANK) } })],
	],
	'GET /accessmanagement/ui/accessibility': [[200, page()], [200, as(ELENA)], [414, LONG]],
	'GET /accessmanagement/ui/language': [
		[200, page({ query: { lang: 'en' } })],
		[303, as(ELENA, { query: { lang: 'no_nb', goto: '/accessmanagement/ui/consent/active' } })],
		[400, page({ query: { lang: 'x' } })],
	],
	'GET /accessmanagement/ui/static/{file}': [[200, { params: { file: 'samtykke-0.css' } }], [404, { params: { file: 'x' } }]],
	'POST /accessmanagement/ui/logout': [
		[400, as(ELENA, { form: { csrf: 'x' } })],
		[200, leaving(ELENA, (csrf) => ({ form: { csrf } }))],
		[413, page(HUGE(16384))],
	],
	'POST /accessmanagement/ui/changeuser': [
		[400, as(ELENA, { form: { csrf: 'x' } })],
		[200, leaving(ELENA, (csrf) => ({ form: { csrf, goto: '/accessmanagement/ui/consent/active' } }))],
		[413, page(HUGE(16384))],
	],
	'GET /accessmanagement/api/v1/consent/request/{id}/logout': [
		[302, leaving(ELENA, about({}, {}, 'accept'))],
		[404, page({ params: { id: 'x' } })],
	],
	'GET /authentication/api/v1/logout': [[302, leaving(ELENA)], [414, LONG]],
	'GET /accessmanagement/api/v1/logoutredirect': [[200, page()], [302, as(ELENA)], [414, LONG]],
	'GET /': [[302, page()], [414, LONG]],
	'GET /favicon.ico': ANYBODY,
	'GET /robots.txt': ANYBODY,
	'GET /.well-known/security.txt': ANYBODY,
	'GET /login': [[302, page({ query: { goto: '/sandbox', level: '4', fresh: '1' } })], [400, page(MANY)], [414, LONG]],
	'GET /login/callback': [[303, returning()], [400, page()], [403, returning({ iss: 'https://evil.example' })], [403, returning({ code: 'x' })], [414, LONG]],
	'GET /logout/frontchannel': [[200, { query: endless }], [400, { query: { ...endless, iss: 'x' } }], [400, page()], [414, LONG]],
	'POST /logout/backchannel': [
		[200, async () => ({ form: { logout_token: await provider.logoutToken({ aud: CLIENT_ID }) } })],
		[400, { form: { logout_token: 'x' } }],
		[413, HUGE(16384)],
	],
	'GET /sandbox': [[200, page()], [414, LONG]],
	'POST /sandbox/request': [
		[303, anonymous('/sandbox', { from: ELENA, to: BANK, resource: INCOME })],
		[400, anonymous('/sandbox', { from: ELENA, to: BANK, resource: 'nothing' })],
		[400, page({ form: { from: ELENA, to: BANK, resource: INCOME } })],
		[403, anonymous('/sandbox', { from: ELENA, to: BANK, resource: 'api_agency_only' })],
		[413, page(HUGE(16384))],
	],
	...requests2('/api/consentRequests'),
	...requests2('/api/consentRequest'),
	'GET /api/authorization/token': [[200, code2('accept', { byQuery: true })], [401, { query: { authcode: randomUUID() } }], [403, altinn2({ query: { authcode: randomUUID() } })]],
	'GET /api/authorization/token/{code}': [[200, code2('accept')], [401, { params: { code: 'x' } }], [403, altinn2({ params: { code: randomUUID() } })]],
	'DELETE /api/authorization/token/{code}': [
		[204, code2('accept')], [401, { params: { code: 'x' } }], [403, altinn2({ params: { code: randomUUID() } })], [413, { params: { code: 'x' }, ...HUGE(262144) }],
	],
	'POST /api/authorization/token/{code}/loguse': [
		[204, code2('accept', { json: { ServiceCode: '4629', ServiceEditionCode: 2 } })], [400, code2('accept', { json: {} })], [401, { params: { code: 'x' }, json: {} }],
		[403, altinn2({ params: { code: randomUUID() }, json: {} })], [413, { params: { code: 'x' }, ...HUGE(16384) }],
	],
	'GET /api/metadata/jwk': ANYBODY,
	'GET /api/metadata/well-known': ANYBODY,
	'GET /api/serviceowner/consents': [
		[200, { headers: { ApiKey: KEYS2.digdir }, query: { serviceCode: '4629', serviceEdition: '2' } }], [400, altinn2()], [401, {}],
		[403, altinn2({ query: { serviceCode: '4629', serviceEdition: '2' } })],
	],
	'GET /api/serviceowner/srr': [[200, { headers: { ApiKey: KEYS2.digdir }, query: { serviceCode: '4630', serviceEditionCode: '2' } }], [401, {}], [403, altinn2()]],
	'POST /api/serviceowner/srr': [
		[200, { token: listed, json: [{ ServiceCode: '4630', ServiceEditionCode: 2, Reportee: '1' }] }], [400, { token: listed, json: {} }], [401, { json: [] }],
		[403, { token: unlisted, json: [{ ServiceCode: '4630', ServiceEditionCode: 2, Reportee: BANK }] }], [413, HUGE(262144)],
	],
	'GET /api/serviceowner/srr/{id}': [[200, { headers: { ApiKey: KEYS2.digdir }, params: { id: `4630_2_${BANK}` } }], [401, id], [404, () => altinn2(id())], [403, () => ({ ...id(), token: read, headers: { ApiKey: KEYS2.bank } })]],
	'PUT /api/serviceowner/srr/{id}': [
		[200, { token: listed, params: { id: `4630_2_${BANK}` }, json: {} }], [400, { token: listed, params: { id: `4630_2_${BANK}` }, json: [] }], [401, id],
		[404, () => ({ ...id(), token: listed, json: {} })], [413, async () => ({ ...id(), ...HUGE(16384) })],
	],
	'DELETE /api/serviceowner/srr/{id}': [[200, { token: listed, params: { id: `4630_2_${BANK}` } }], [401, id], [404, () => ({ ...id(), token: listed })], [413, async () => ({ ...id(), ...HUGE(262144) })]],
	'GET /api/GetConsentToken': [[200, { query: { serviceCodes: '1_1', offeredBy: ELENA, coveredBy: BANK } }], [400, {}]],
	'GET /ui/AccessConsent': [[200, as(ELENA, { query: link2 })], [302, page({ query: link2 })], [400, page()], [414, LONG]],
	'POST /ui/AccessConsent': [[200, linked('approve')], [400, page({ form: { id: 'x' } })], [413, page(HUGE(16384))]],
	'GET /ui/AccessConsent/request': [[302, { query: { id: randomUUID() } }], [400, page(MANY)], [414, LONG]],
	'GET /sandbox/clients/{id}': [[200, { params: { id: client.clientId } }], [400, { params: { id: '%zz' }, verbatim: true }], [404, id], [404, { ...page(), params: { id: 'x' } }]],
	'POST /sandbox/apply': [
		[204, { json: {} }],
		[204, { json: { parties: [{ type: 'person', nationalId: ASMUND, name: builtin.parties.find((p) => p.nationalId === ASMUND).name }] } }],
		[400, { json: { parties: [{ type: 'person', nationalId: '1' }] } }],
		[400, { body: 'x' }],
	],
	'GET /sandbox/clock': ANYBODY,
	'POST /sandbox/clock': [[200, { json: {} }], [200, { json: { offset: 'PT0S' } }], [400, { json: { x: 1 } }], [400, { body: 'x' }], [413, HUGE(262144)]],
	'GET /api/GetEnterpriseToken': [
		[200, { query: { env: 'tt02', scopes: S_READ, orgNo: BANK, supplierOrgNo: AGENCY, org: 'ttd', ttl: 60 } }],
		[400, { query: { ttl: 0 } }],
		[400, { query: { ttl: 31622401 } }],
	],
	'GET /api/GetPersonalToken': [
		[200, { query: { scopes: S_PORTAL, pid: ELENA, authLvl: 4, ttl: 31622400 } }],
		[200, { query: { partyuuid: elenaUuid } }],
		[400, { query: { pid: '1' } }],
		[400, { query: { pid: ELENA, authLvl: 5 } }],
		[404, { query: { userId: 1 } }],
	],
	'GET /sandbox/login': [[200, page({ query: { goto: '/accessmanagement/ui/consent/active' } })], [400, page(MANY)]],
	'GET /sandbox/login/testid': [[200, page()], [400, page(MANY)]],
	'POST /sandbox/login/testid': [
		[303, anonymous('/sandbox/login/testid', { pid: SIRI, level: '3', goto: '/sandbox' })],
		[422, anonymous('/sandbox/login/testid', { pid: '1' })],
		[422, page({ form: { pid: SIRI } })],
		[400, page({ body: 'a&'.repeat(65), headers: {} })],
		[413, page(HUGE(16384))],
	],
	'GET /sandbox/login.test.idporten.no/logout/success': [[200, page()], [414, LONG]],
};

// ---- the walk ----

const FORM = 'application/x-www-form-urlencoded';
const media = (type) => type.split(';')[0].trim().toLowerCase();
const encode = (s) => s.replaceAll('~', '~0').replaceAll('/', '~1');

function call(method, template, { params = {}, query, token, json, form, body, headers = {}, verbatim }) {
	const target = template.replaceAll(/\{(\w+)\}/g, (_, name) => {
		assert.ok(name in params, `no ${name} for ${template}`);
		return verbatim ? params[name] : encodeURIComponent(params[name]);
	}) + (query ? `?${new URLSearchParams(query)}` : '');
	if (form !== undefined)
		return sb.request(method, target, { token, body: new URLSearchParams(form).toString(), headers: { 'Content-Type': FORM, ...headers } });
	return sb.request(method, target, { token, json, body, headers });
}

// The pointer of a response and what it says, references followed.
function described(method, template, status) {
	let at = `#/paths/${encode(template)}/${method}/responses/${status}`;
	let node = doc.paths[template][method].responses[status];
	assert.ok(node, `${status} is not described`);
	if (node.$ref) {
		at = node.$ref;
		node = resolve(doc, node);
	}
	return { at, node };
}

function checkAnswer(method, template, res) {
	const { at, node } = described(method, template, res.status), said = describe(res);
	for (const [name, header] of Object.entries(node.headers ?? {})) {
		const value = res.headers[name.toLowerCase()];
		assert.ok(value !== undefined || !header.required, `no ${name}: ${said}`);
		if (value !== undefined)
			assert.equal(check(`${at}/headers/${name}/schema`, header.schema.type === 'integer' ? Number(value) : value), null, `${name}: ${said}`);
	}
	if (res.text === '') {
		assert.ok(!node.content || node['x-empty'], `no body: ${said}`);
		assert.equal(res.headers['content-type'], undefined, said);
		return;
	}
	const type = media(res.headers['content-type'] ?? '');
	assert.ok(node.content?.[type], `the media type is not described: ${said}`);
	const value = /json$/.test(type) ? res.json : res.text;
	assert.equal(check(`${at}/content/${encode(type)}/schema`, value), null, said);
	if (type === 'application/problem+json')
		assert.equal(value.status, res.status, said);
}

// A request that succeeds is one that the description allows.
function checkRequest(op, at, { query = {}, params = {}, json, form }) {
	for (const [i, p] of (op.parameters ?? []).entries()) {
		const { name, in: place, required, schema } = resolve(doc, p);
		const sent = (place === 'path' ? params : query)[name];
		const value = sent !== undefined && schema.type === 'array' ? [].concat(sent) : sent;
		assert.ok(value !== undefined || !required, `${name} is required`);
		if (value !== undefined)
			assert.equal(check(p.$ref ? `${p.$ref}/schema` : `${at}/parameters/${i}/schema`, schema.type === 'integer' ? Number(value) : value), null, name);
	}
	const content = op.requestBody?.content ?? {};
	if (json !== undefined)
		assert.equal(check(`${at}/requestBody/content/application~1json/schema`, json), null, 'the body that was sent');
	if (form !== undefined && content[FORM])
		assert.equal(check(`${at}/requestBody/content/${encode(FORM)}/schema`, form), null, 'the form that was sent');
}

const operations = Object.entries(doc.paths).flatMap(([template, item]) => METHODS.filter((m) => item[m]).map((method) => ({ template, method })));

for (const { template, method } of operations) {
	const key = `${method.toUpperCase()} ${template}`;
	test(key, async (t) => {
		const rows = walks[key], op = doc.paths[template][method];
		assert.ok(rows, 'an operation without a row in `walks`');
		assert.ok(rows.some(([s]) => s < 400), 'no request that succeeds');
		assert.ok(rows.some(([s]) => s >= 400), 'no request that is refused');
		for (const [status, make] of rows) {
			const request = typeof make === 'function' ? await make() : make;
			const res = expectStatus(await call(method.toUpperCase(), template, request), status);
			checkAnswer(method, template, res);
			if (status < 300)
				checkRequest(op, `#/paths/${encode(template)}/${method}`, request);
		}
		const never = Object.keys(op.responses).filter((s) => !['414', '431', '500', '503'].includes(s) && !rows.some(([r]) => String(r) === s));
		if (never.length)
			t.diagnostic(`described and not walked: ${never.join(' ')}`);
	});
}

test('every row is of an operation', () => {
	const known = new Set(operations.map(({ template, method }) => `${method.toUpperCase()} ${template}`));
	assert.deepEqual(Object.keys(walks).filter((k) => !known.has(k)), []);
});

test('expired: the derived event and the refusals keep to the description', async () => {
	const c = await asked({ validTo: new Date(sb.now() + 3600000).toISOString() });
	const d = await asked({ validTo: new Date(sb.now() + 3600000).toISOString() }, 'accept');
	await sb.clock({ offset: 'PT2H' });
	try {
		const how = `${REQUESTS}/{id}`, token = await sb.orgToken(BANK, S_READ), me = await sb.personToken(ELENA);
		const shown = await call('GET', how, { params: { id: c.id }, token });
		assert.equal(shown.json.consentRequestEvents.at(-1).eventType, 'Expired');
		checkAnswer('get', how, shown);
		checkAnswer('get', `${BFF}/{id}`, expectStatus(await call('GET', `${BFF}/{id}`, { params: { id: d.id }, token: me }), 200));
		checkAnswer('post', `${BFF}/{id}/accept`, expectStatus(await call('POST', `${BFF}/{id}/accept`, { params: { id: c.id }, token: me, json: { language: 'nb' } }), 400));
		const ask = { token: await sb.orgToken(null, S_LOOKUP), json: { id: c.id, from: c.from, to: c.to } };
		checkAnswer('post', LOOKUP, expectStatus(await call('POST', LOOKUP, ask), 500));
	} finally {
		await sb.clock({});
	}
});

test('429: the limit of a client keeps to the description', async () => {
	const narrow = await startSandbox({ store: false, apply: world.document, args: ['--set', 'token.rate=1', '--set', 'token.burst=1'] });
	try {
		const answers = [];
		for (let i = 0; i < 20 && answers.at(-1)?.status !== 429; i++) {
			const assertion = await makeGrant(narrow, world.clients.bank, { scope: 'api:plain' });
			answers.push(await narrow.request('POST', '/token', { body: new URLSearchParams({ grant_type: GRANT_TYPE, assertion }).toString(), headers: { 'Content-Type': FORM } }));
		}
		checkAnswer('post', '/token', expectStatus(answers.at(-1), 429));
	} finally {
		await narrow.stop();
	}
});

test('HEAD where there is GET; an unknown path and method are problems of the plain shape', async () => {
	for (const { template, method } of operations.filter((o) => o.method === 'get' && !o.template.includes('{')))
		if (walks[`GET ${template}`] === ANYBODY)
			assert.equal(expectStatus(await sb.request('HEAD', template), 200, `${method} ${template}`).text, '');
	for (const [how, target, status] of [['GET', '/nothing', 404], ['DELETE', '/jwk', 405]]) {
		const res = expectStatus(await sb.request(how, target), status);
		assert.equal(check('#/components/schemas/Problem', res.json), null, describe(res));
	}
});

test('the description is that of this source', () => {
	assert.deepEqual(doc, JSON.parse(readFileSync(path.join(ROOT, 'build/src/api/openapi.json'), 'utf8')));
});

test('without a provider the login\'s routes keep to the description', async () => {
	const plain = await startSandbox({ store: false });
	try {
		for (const [method, template] of [['get', '/login'], ['get', '/login/callback'], ['get', '/logout/frontchannel']])
			checkAnswer(method, template, expectStatus(await plain.get(template), 404));
		checkAnswer('post', '/logout/backchannel', expectStatus(await plain.request('POST', '/logout/backchannel'), 404));
	} finally {
		await plain.stop();
	}
});

test('the end', async () => {
	await provider.close();
	await sb.stop();
});
