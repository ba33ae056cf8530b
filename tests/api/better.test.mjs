// Where the platform whose wire format this follows is visibly wrong, and what is done here: one case for each.
// In other files: eventType in any letter case and the feed of the handler (feed), refusals on list and count, unknown ids of withdrawals (end user),
// who answered for an organisation (end user), full pages for every state (tests/browser/states.test.mjs).
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { askToken, consentDetails, expectFault, getToken } from '../js/maskinporten.mjs';
import { expectBinding, expectPlain, expectProblem, expectValidation } from '../js/problems.mjs';
import { browser, expectEmpty, expectStatus, startSandbox } from '../js/sandbox.mjs';
import {
	AGENCY, ASMUND, BANK, BFF, ELENA, LENDER, LOOKUP, MINISTRY, NOBODY, REQUESTS, STRANGER, SUPPLIER, S_LOOKUP, S_ORG, S_READ, S_USE, S_WRITE, USES, org,
	person, requestBody, resource, right, signingJwk, testWorld,
} from '../js/world.mjs';
import * as jose from 'jose';

const { document, clients } = await testWorld();
document.templates = [{ id: 'better_restricted', version: 1, title: 'x', isPoa: false, isMessageSetInRequest: true, restrictedToServiceOwners: ['skd'], texts: texts() }];
document.resources.push(
	resource('better_once', { isOneTimeConsent: true }),
	resource('better_text', { consentMetadata: { verdi: { optional: false } }, consentText: { nb: 'Her er **{Verdi}** og [lenke](https://example.com/{verdi}) <p style="x" class="y" id="z">tekst</p>' } }),
	resource('better_restricted', { consentTemplate: 'better_restricted' }));
const sb = await startSandbox({ apply: document });
const agencyClient = clients.agency;

function texts() {
	const one = { nb: 'tekst', nn: 'tekst', en: 'text' }, each = { person: one, org: one };
	return { title: each, heading: each, serviceIntro: each, serviceIntroAccepted: each, overriddenDelegationContext: null, expiration: one, expirationOneTime: one, handledBy: one,
		historyUsedBody: one, historyUsedByHandledByBody: one };
}
const write = await sb.orgToken(BANK, S_WRITE), read = await sb.orgToken(BANK, S_READ), elena = await sb.personToken(ELENA);
const send = (changes, token = write) => sb.post(REQUESTS, token, requestBody(sb, { consentRights: [right()], ...changes }));
const made = async (changes, token) => expectStatus(await send(changes, token), 201).json;
const answer = (id, what, token = elena) => sb.post(`${BFF}/${id}/${what}`, token, what === 'accept' ? { language: 'nb' } : undefined);
const accepted = async (changes, token) => {
	const c = await made(changes, token);
	expectStatus(await answer(c.id, 'accept'), 200);
	return c;
};
const lookup = async (body) => sb.post(LOOKUP, await sb.orgToken(AGENCY, S_LOOKUP), body);
const events = async (id) => expectStatus(await sb.get(`${REQUESTS}/${id}`, read), 200).json.consentRequestEvents.map((e) => e.eventType);
const grant = (id, more) => ({ scope: 'api:open', authorization_details: consentDetails(id, person(ELENA)), ...more });
// A token of the platform's own key with these claims.
const signed = async (claims) => new jose.SignJWT({ scope: S_WRITE, exp: sb.nowS() + 600, iss: `${sb.url}/`, ...claims })
	.setProtectedHeader({ alg: 'RS256', kid: signingJwk.kid }).sign(await jose.importJWK(signingJwk, 'RS256'));

const cases = {
	'accept and reject again: 200, the same state, no second event': async () => {
		for (const [what, event] of [['accept', 'Accepted'], ['reject', 'Rejected']]) {
			const { id } = await made();
			const first = expectStatus(await answer(id, what), 200);
			assert.equal(expectStatus(await answer(id, what), 200).text, first.text);
			assert.deepEqual(await events(id), ['Created', event]);
		}
	},
	'a race between yes and no: one winner, the others are told, nobody gets a 500': async () => {
		for (let round = 0; round < 3; round++) {
			const { id } = await made();
			const all = await Promise.all(Array.from({ length: 20 }, (_, i) => answer(id, i % 2 ? 'accept' : 'reject')));
			const [, winner] = await events(id);
			all.forEach((res, i) => {
				if ((winner === 'Accepted') === (i % 2 === 1))
					expectStatus(res, 200);
				else
					expectProblem(res, i % 2 ? 'AM-00002' : 'AM-00015');
			});
			assert.equal((await events(id)).length, 2);
		}
	},
	'a consent that nobody has: 404': async () => {
		const id = randomUUID();
		for (const res of [await sb.get(`${REQUESTS}/${id}`, read), await sb.get(`${BFF}/${id}`, elena), await answer(id, 'accept'), await answer(id, 'reject'),
			await lookup({ id, from: person(ELENA), to: org(BANK) })])
			expectProblem(res, 'AM-00001');
	},
	'a lookup with a party that is not registered: 400': async () => {
		const { id } = await accepted();
		expectProblem(await lookup({ id, from: person(STRANGER), to: org(BANK) }), 'AM-00004', { fnumber: person(STRANGER) });
		expectProblem(await lookup({ id, from: person(ELENA), to: org(NOBODY) }), 'AM-00003', { orgnr: org(NOBODY) });
	},
	'the same request again: 200 with what the first answer was': async () => {
		const body = requestBody(sb);
		const first = expectStatus(await sb.post(REQUESTS, write, body), 201), second = expectStatus(await sb.post(REQUESTS, write, body), 200);
		assert.equal(second.text, first.text);
	},
	'addresses that run code, or are none, are refused and poison nothing': async () => {
		for (const redirectUrl of [null, 'javascript:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', 'blob:https://a/b', 'about:blank', 'view-source:https://a',
			'filesystem:https://a/b', '/path'])
			expectValidation(await send({ redirectUrl }), ['AM.VLD-00027', 'RedirectUrl']);
		await made({ redirectUrl: 'myapp://done' });
		const lender = await sb.orgToken(LENDER, S_WRITE);
		await made({ to: org(LENDER), redirectUrl: 'https://app.laan.example/x' }, lender);
		expectValidation(await send({ to: org(LENDER), redirectUrl: 'https://www.dnb.no' }, lender), ['AM.VLD-00027', 'RedirectUrl']);
	},
	'what cannot be read is 400 with the field\'s path, never 500': async () => {
		for (const [changes, where] of [[{ from: null }, '$.from'], [{ to: null }, '$.to'], [{ consentRights: null }, '$.consentRights'], [{ portalViewMode: 7 }, '$.portalViewMode'],
			[{ consentRights: [{ ...right(), resource: [] }] }, '$.consentRights[0].resource'], [{ consentRights: [{ ...right(), resource: null }] }, '$.consentRights[0].resource'],
			[{ from: 'urn:altinn:party:id:513370001' }, '$.from'], [{ requestMessage: { ['x'.repeat(101)]: 'y' } }, '$.requestMessage'],
			[{ consentRights: [right('api_meta', { aar: '1', AAR: '2' })] }, '$.consentRights[0].metadata.AAR']])
			expectBinding(await send(changes), where, JSON.stringify(changes).slice(0, 80));
		expectBinding(await sb.post(`${BFF}/${(await made()).id}/accept`, elena, { language: null }), '$.language');
		for (const changes of [{ from: null }, { from: `urn:altinn:party:uuid:${randomUUID()}` }, { to: 'urn:altinn:party:id:501235' }])
			expectStatus(await lookup({ id: randomUUID(), from: person(ELENA), to: org(BANK), ...changes }), 400);
	},
	'member names in any letter case, enums as name, number and quoted number': async () => {
		const upper = Object.fromEntries(Object.entries(requestBody(sb)).map(([k, v]) => [k.toUpperCase(), v]));
		expectStatus(await sb.post(REQUESTS, write, upper), 201);
		for (const portalViewMode of ['show', 'SHOW', 1, '1'])
			assert.equal((await made({ portalViewMode })).portalViewMode, 'Show');
	},
	'a scope is a whole word': async () => {
		for (const scope of [`${S_WRITE}x`, `x${S_WRITE}`, 'altinn:consentrequests', `${S_ORG}anisation`])
			expectEmpty(await send({}, await sb.orgToken(BANK, scope)), 403, scope);
		expectEmpty(await send({ to: org(AGENCY) }, await sb.orgToken(BANK, `${S_WRITE} ${S_ORG}anisation`)), 403);
	},
	'an organisation number of another scheme than 0192 is none': async () => {
		const consumer = (ID) => signed({ consumer: { authority: 'iso6523-actorid-upis', ID } });
		expectStatus(await send({}, await consumer(`0192:${BANK}`)), 201);
		for (const ID of [`0193:${BANK}`, `9908:${BANK}`, `:${BANK}`, BANK, `0192:${BANK}:x`, '0192:810419513', '0192:', 7])
			expectPlain(await send({}, await consumer(ID)), 401);
	},
	'who created a request may read it': async () => {
		const agency = await sb.orgToken(AGENCY, S_ORG);
		const res = expectStatus(await send({}, agency), 201);
		expectStatus(await sb.get(new URL(res.headers.location).pathname, agency), 200, 'its own Location');
		expectProblem(await sb.get(`${REQUESTS}/${res.json.id}`, await sb.orgToken(SUPPLIER, S_READ)), 'AM-00000');
	},
	'the service owner that asked gets the token, and `to` stays the receiver; a supplier has to say for whom': async () => {
		const c = await accepted({}, await sb.orgToken(AGENCY, S_ORG));
		const { claims } = await getToken(sb, agencyClient, grant(c.id));
		assert.equal(claims.consumer.ID, `0192:${AGENCY}`);
		assert.equal(claims.authorization_details[0].to.ID, `0192:${BANK}`);
		const s = await accepted({}, await sb.orgToken(BANK, S_WRITE, { supplierOrgNo: SUPPLIER }));
		expectFault(sb, await askToken(sb, clients.supplier, grant(s.id)), 400, 'invalid_authorization_details', 'MP-303');
		await getToken(sb, clients.supplier, grant(s.id, { consumer_org: BANK }));
	},
	'optional metadata may be left out, and what is not optional may not': async () => {
		await made({ consentRights: [right('api_meta', { AAR: '2025' })] });
		await made({ consentRights: [right('api_meta', { aar: '2025', Merknad: 'x' })] });
		expectProblem(await send({ consentRights: [right('api_meta', { merknad: 'x' })] }), 'AM-00008', { key: 'aar' });
		expectProblem(await send({ consentRights: [right('api_meta', { aar: '1', merknad: '' })] }), 'AM-00007', { 'ConsentRight index: 0, key': 'merknad' });
	},
	'nothing is accepted at or after validTo': async () => {
		const { id, validTo } = await made({ validTo: sb.inDays(1) });
		await sb.clock({ now: validTo });
		expectValidation(await answer(id, 'accept', await sb.personToken(ELENA)), ['AM.VLD-00022', 'ValidTo']);
		await sb.clock({});
		assert.deepEqual(await events(id), ['Created']);
	},
	'access lists narrow who may ask, by policy and by accessListMode': async () => {
		const agency = await sb.orgToken(AGENCY, S_WRITE);
		for (const value of ['api_listed', 'api_by_list']) {
			await made({ consentRights: [right(value)] });
			expectEmpty(await send({ to: org(AGENCY), consentRights: [right(value)] }, agency), 403, value);
		}
	},
	'a one-time consent ends with its use; the longest validity holds': async () => {
		const { id } = await accepted({ consentRights: [right('better_once')] });
		expectStatus(await sb.post(`${USES}/${id}/use`, await sb.orgToken(MINISTRY, S_USE), { resource: 'better_once' }), 201);
		const now = expectStatus(await sb.get(`${REQUESTS}/${id}`, read), 200).json;
		assert.equal(now.status, 'Accepted');
		assert.equal(now.consentRequestEvents.at(-1).eventType, 'Used');
		expectProblem(await lookup({ id, from: person(ELENA), to: org(BANK) }), 'AM-00013');
		expectFault(sb, await askToken(sb, clients.bank, grant(id)), 400, 'invalid_authorization_details', 'MP-303');
		expectValidation(await send({ consentRights: [right('api_short')], validTo: sb.inDays(10.01) }), ['SAM.VLD-00001', 'ValidTo']);
		await made({ consentRights: [right('api_short')], validTo: sb.inDays(9.99) });
	},
	'metadata is text wherever it lands, and the owner\'s text keeps a short list of tags without attributes': async () => {
		const { id } = await made({ consentRights: [right('better_text', { VERDI: '<b id="q">[x](javascript:a)**' })] });
		const html = (await browser(sb).login(ELENA, `/accessmanagement/ui/consent/request?id=${id}&lng=no_nb`)).text;
		assert.match(html, /<strong>&lt;b id=&quot;q&quot;&gt;\[x\]\(javascript:a\)\*\*<\/strong>/);
		assert.doesNotMatch(html, /id="q"|style="x"|class="y"|id="z"/);
		assert.doesNotMatch(html, /href="[^"]*(javascript|&lt;b|%3Cb)/i, 'never inside the target of a link');
	},
	'the text that was asked with is the text that is shown, whatever the owner changes': async () => {
		const asked = (versionId, nb) => resource('better_frozen', { versionId, consentText: { nb } });
		expectStatus(await sb.apply({ resources: [asked(1, 'Den første teksten')] }), 204);
		const { id } = await made({ consentRights: [right('better_frozen')] });
		expectStatus(await sb.apply({ resources: [asked(2, 'Den andre teksten')] }), 204);
		const b = browser(sb);
		assert.match((await b.login(ELENA, `/accessmanagement/ui/consent/request?id=${id}&lng=no_nb`)).text, /Den første teksten/);
		expectStatus(await answer(id, 'accept'), 200);
		const details = (await b.get(`/accessmanagement/ui/consent/details?id=${id}&lng=no_nb`)).text;
		assert.match(details, /Den første teksten/);
		assert.doesNotMatch(details, /Den andre teksten/);
	},
	'a template\'s own rules for its users are the owner\'s to keep: neither is enforced': async () => {
		const c = await made({ consentRights: [right('better_restricted')], requestMessage: undefined });
		assert.equal(c.requestMessage, null);
		await made({ consentRights: [right('better_restricted')] });
	},
	'another person, and a required delegator, decide who may answer': async () => {
		const { id } = await made({ requiredDelegator: person(ASMUND) });
		expectProblem(await answer(id, 'accept'), 'AM-00000');
		const mine = await made({ requiredDelegator: person(ELENA) });
		assert.equal(mine.requiredDelegator, person(ELENA));
		expectStatus(await answer(mine.id, 'accept'), 200);
		expectProblem(await answer(mine.id, 'reject', await sb.personToken(ASMUND)), 'AM-00000');
	},
};
for (const [name, run] of Object.entries(cases))
	test(name, run);

test('the sandbox ends with status 0', async () => {
	await sb.stop();
});
