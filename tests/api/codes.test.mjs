// Every code with which a rule refuses: how it is provoked, and its whole body, byte for byte: texts, members, their order.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT, describe, expectStatus, startSandbox } from '../js/sandbox.mjs';
import {
	AGENCY, API, ASMUND, BANK, BFF, ELENA, INCOME, LOOKUP, MINISTRY, NOBODY, REQUESTS, STRANGER, S_LOOKUP, S_READ, S_USE, S_WRITE, USES, org, person, requestBody,
	resource, right, testWorld,
} from '../js/world.mjs';

const { document } = await testWorld();
document.resources.push(resource('codes_once', { isOneTimeConsent: true }), resource('codes_two', { consentMetadata: { fraogmed: { optional: false }, til: { optional: false } } }));
// CONSENT_MAX_TEXTS is 131072: 131 values of a thousand bytes, the title and the rest of the text.
for (const [id, letters] of [['codes_long', 71], ['codes_longer', 72]])
	document.resources.push(resource(id, { title: { nb: 'T' }, consentText: { nb: '{a}'.repeat(131) + 'y'.repeat(letters) }, consentMetadata: { a: { optional: false } } }));
const sb = await startSandbox({ apply: document });

// ---- how far a request has come ----
const write = await sb.orgToken(BANK, S_WRITE);
const send = (changes, token = write) => sb.post(REQUESTS, token, requestBody(sb, changes));
const made = async (changes) => expectStatus(await send({ consentRights: [right()], ...changes }), 201).json;
const answer = async (id, what) => sb.post(`${BFF}/${id}/${what}`, await sb.personToken(ELENA), what === 'accept' ? { language: 'nb' } : undefined);
const answered = async (what, changes) => {
	const { id } = await made(changes);
	expectStatus(await answer(id, what), 200);
	return id;
};
const lookup = async (id, from = person(ELENA), to = org(BANK)) => sb.post(LOOKUP, await sb.orgToken(AGENCY, S_LOOKUP), { id, from, to });
const use = async (id, body, orgno = MINISTRY) => sb.post(`${USES}/${id}/use`, await sb.orgToken(orgno, S_USE), body);
async function withdrawn() {
	const id = await answered('accept');
	expectStatus(await sb.post(`${API}/bff/consents/${id}/revoke`, await sb.personToken(ELENA)), 200);
	return id;
}
// What is told while the clock stands two days ahead.
async function later(tell) {
	await sb.clock({ offset: 'P2D' });
	try {
		return await tell();
	} finally {
		await sb.clock({});
	}
}
const two = { ...right(), resource: [right().resource[0], right(INCOME).resource[0]] };
const PAST = '2020-01-01T00:00:00Z';

// ---- bodies ----
const RFC = 'https://tools.ietf.org/html/rfc9110#section-15.';
const HEADS = {
	400: `{"type":"${RFC}5.1","title":"Bad Request","status":400`,
	403: `{"type":"${RFC}5.4","title":"Forbidden","status":403`,
	404: `{"type":"${RFC}5.5","title":"Not Found","status":404`,
	500: `{"type":"${RFC}6.1","title":"An error occurred while processing your request.","status":500`,
};
const q = JSON.stringify;
const rule = (status, detail, code, more = '') => [status, `${HEADS[status]},"detail":${q(detail)},"code":"${code}"${more}}`];
const validation = (code, detail, ...paths) =>
	rule(400, 'One or more validation errors occurred.', 'STD-00000', `,"validationErrors":[${paths.map((p) => `{"code":"${code}","detail":${q(detail)},"paths":["${p}"]}`).join()}]`);
const inner = (status, detail, code, more = '') => `{"status":${status},"detail":${q(detail)},"code":"${code}"${more}}`;

const taken = await made(), crossId = randomUUID();
// code, what happens, [status, body]
const rows = [
	['AM-00000', 'read by another organisation', async () => sb.get(`${REQUESTS}/${taken.id}`, await sb.orgToken(AGENCY, S_READ)), rule(403, 'Not authorized for consent', 'AM-00000')],
	['AM-00000', 'answered by another person', async () => sb.post(`${BFF}/${taken.id}/reject`, await sb.personToken(ASMUND)), rule(403, 'Not authorized for consent', 'AM-00000')],
	['AM-00000', 'a use told by another organisation', () => use(taken.id, { resource: 'api_plain' }, AGENCY), rule(403, 'Not authorized for consent', 'AM-00000')],
	['AM-00001', 'read', () => sb.get(`${REQUESTS}/${randomUUID()}`, write), rule(404, 'Consent not found', 'AM-00001')],
	['AM-00001', 'looked up by a stranger', () => lookup(taken.id, person(ELENA), org(AGENCY)), [500, `${HEADS[500]},"detail":"Multiple problems occurred.","code":"STD-00001","problems":[${
		inner(404, 'Consent not found', 'AM-00001')},${inner(400, 'Consent is not accepted', 'AM-00014')}]}`]],
	['AM-00002', 'accepted after a refusal', async () => answer(await answered('reject'), 'accept'), rule(400, 'Consent have wrong status to be consented', 'AM-00002')],
	['AM-00003', 'asked of a number that is not registered', () => send({ from: org(NOBODY) }), rule(400, 'Unknown organization. Could not be found', 'AM-00003', `,"orgnr":"${org(NOBODY)}"`)],
	['AM-00003', 'looked up', async () => lookup(await answered('accept'), person(ELENA), org(NOBODY)), rule(400, 'Unknown organization. Could not be found', 'AM-00003', `,"orgnr":"${org(NOBODY)}"`)],
	['AM-00004', 'asked of a number that is not registered', () => send({ from: person(STRANGER) }), rule(400, 'Unknown person. Could not be found', 'AM-00004', `,"fnumber":"${person(STRANGER)}"`)],
	['AM-00005', 'two resources in a right', () => send({ consentRights: [two] }), rule(400, 'Invalid consent resource', 'AM-00005')],
	['AM-00005', 'no consent resource', () => send({ consentRights: [right('api_generic')] }), rule(400, 'Invalid consent resource', 'AM-00005')],
	['AM-00005', 'a use of what the consent does not name', () => use(taken.id, { resource: 'api_meta' }), rule(400, 'Invalid consent resource', 'AM-00005')],
	['AM-00006', 'an unknown key', () => send({ consentRights: [right('api_plain', { Ukjent: 'x' })] }), rule(400, 'Invalid consent metadata', 'AM-00006', ',"key":"ukjent"')],
	['AM-00007', 'an empty value, in the second right', () => send({ consentRights: [right(), right('api_meta', { AAR: '' })] }),
		rule(400, 'Missing metadata value', 'AM-00007', ',"ConsentRight index: 1, key":"aar"')],
	['AM-00008', 'a key that is missing', () => send({ consentRights: [right('api_meta')] }), rule(400, 'Missing metadata', 'AM-00008', ',"key":"aar"')],
	['AM-00009', 'two templates', () => send({ consentRights: [right(), right('api_other_template')] }), rule(400, 'Invalid resource combination', 'AM-00009')],
	['AM-00010', 'withdrawn before an answer', async () => sb.post(`${API}/bff/consents/${taken.id}/revoke`, await sb.personToken(ELENA)),
		rule(400, 'Consent cant be revoked.Wrong status', 'AM-00010')],
	['AM-00011', 'looked up', async () => lookup(await withdrawn()), rule(400, 'Consent is revoked', 'AM-00011')],
	['AM-00012', 'looked up with another giver', async () => lookup(await answered('accept'), person(ASMUND)), rule(400, 'The consented party does not match the party requested', 'AM-00012')],
	['AM-00013', 'looked up', async () => {
		const id = await answered('accept', { validTo: sb.inDays(1) });
		return later(() => lookup(id));
	}, rule(400, 'Consent is expired', 'AM-00013')],
	['AM-00013', 'used up', async () => {
		const id = await answered('accept', { consentRights: [right('codes_once')] });
		expectStatus(await use(id, { resource: 'codes_once' }), 201);
		return lookup(id);
	}, rule(400, 'Consent is expired', 'AM-00013')],
	['AM-00014', 'looked up before an answer', () => lookup(taken.id), rule(400, 'Consent is not accepted', 'AM-00014')],
	['AM-00014', 'looked up after a refusal', async () => lookup(await answered('reject')), rule(400, 'Consent is not accepted', 'AM-00014')],
	['AM-00015', 'refused after an acceptance', async () => answer(await answered('accept'), 'reject'), rule(400, 'Consent cant be rejected. Wrong status', 'AM-00015')],
	['AM-00016', 'the id is taken', () => send({ id: taken.id, from: person(ASMUND) }), rule(400, 'Consent with id already exist', 'AM-00016', `,"requestId":"${taken.id}"`)],
	['STD.VLD-00000', 'no action, in the second right', () => send({ consentRights: [right(), right('api_plain', undefined, [])] }),
		validation('STD.VLD-00000', 'The field is required.', '/consentRight/1/action')],
	['STD.VLD-00000', 'action null', () => send({ consentRights: [{ ...right(), action: null }] }), validation('STD.VLD-00000', 'The field is required.', '/consentRight/0/action')],
	['AM.VLD-00022', 'asked', () => send({ validTo: PAST }), validation('AM.VLD-00022', 'The time need to be in the future', 'ValidTo')],
	['AM.VLD-00022', 'accepted', async () => {
		const { id } = await made({ validTo: sb.inDays(1) });
		return later(() => answer(id, 'accept'));
	}, validation('AM.VLD-00022', 'The time need to be in the future', 'ValidTo')],
	['AM.VLD-00023', 'no rights', () => send({ consentRights: [] }), validation('AM.VLD-00023', 'The list cant be empty', 'Resource')],
	['AM.VLD-00027', 'no address', () => send({ redirectUrl: 'not a valid url' }), validation('AM.VLD-00027', 'Redirect URL is not a valid URL', 'RedirectUrl')],
	['SAM.VLD-00001', 'too long', () => send({ consentRights: [right('api_short')], validTo: sb.inDays(11) }),
		validation('SAM.VLD-00001', 'The time is later than the resource allows: at most P10D from now', 'ValidTo')],
	['SAM.VLD-00002', 'a use before the acceptance', async () => use(await answered('accept'), { resource: 'api_plain', time: PAST }),
		validation('SAM.VLD-00002', 'The time must lie between the acceptance and now', 'Time')],
	['SAM.VLD-00003', 'a thousand uses and one', async () => {
		const id = await answered('accept');
		for (let i = 0; i < 1000; i += 50)
			for (const res of await Promise.all(Array.from({ length: 50 }, () => use(id, { resource: 'api_plain' }))))
				expectStatus(res, 201);
		return use(id, { resource: 'api_plain' });
	}, validation('SAM.VLD-00003', 'No more uses of this consent can be reported', 'Resource')],
	['SAM.VLD-00004', 'a short key that stands for a long value many times', async () => {
		const value = 'v'.repeat(1000), ask = () => send({ consentRights: [right('codes_long', { a: value })] });
		expectStatus(await ask(), 201);
		return send({ consentRights: [right('codes_longer', { a: value })] });
	}, validation('SAM.VLD-00004', 'The texts of the resources are too long for one request', 'Resource')],
	['STD-00000', 'three at once, in this order', () => send({ validTo: PAST, consentRights: [], redirectUrl: null }),
		rule(400, 'One or more validation errors occurred.', 'STD-00000', `,"validationErrors":[${[['AM.VLD-00022', 'The time need to be in the future', 'ValidTo'],
			['AM.VLD-00023', 'The list cant be empty', 'Resource'], ['AM.VLD-00027', 'Redirect URL is not a valid URL', 'RedirectUrl']]
			.map(([code, detail, at]) => `{"code":"${code}","detail":${q(detail)},"paths":["${at}"]}`).join()}]`)],
	['STD-00001', 'a resource that is no consent beside one of another template', () => send({ consentRights: [right('api_other_template'), right('api_generic')] }),
		[500, `${HEADS[500]},"detail":"Multiple problems occurred.","code":"STD-00001","problems":[${[
			inner(400, 'Invalid consent resource', 'AM-00005'), inner(400, 'Invalid resource combination', 'AM-00009')].join()}]}`]],
	['STD-00001', 'no action beside a key that is missing', () => send({ consentRights: [right('api_meta', undefined, [])] }),
		[500, `${HEADS[500]},"detail":"Multiple problems occurred.","code":"STD-00001","problems":[${[
			inner(400, 'Missing metadata', 'AM-00008', ',"key":"aar"'), inner(400, 'One or more validation errors occurred.', 'STD-00000')].join()}]}`]],
	['STD-00000', 'texts that are too long hide no wrong address', () => send({ consentRights: [right('codes_longer', { a: 'v'.repeat(1000) })], redirectUrl: '' }),
		rule(400, 'One or more validation errors occurred.', 'STD-00000', `,"validationErrors":[${[['AM.VLD-00027', 'Redirect URL is not a valid URL', 'RedirectUrl'],
			['SAM.VLD-00004', 'The texts of the resources are too long for one request', 'Resource']]
			.map(([code, detail, at]) => `{"code":"${code}","detail":${q(detail)},"paths":["${at}"]}`).join()}]`)],
	['STD-00001', 'a misspelt key, and no validation list in an inner problem', () => send({ id: crossId, consentRights: [right('api_meta', { år: '1' }), right('codes_two', { Fraogmed: '' })], validTo: PAST }),
		[500, `${HEADS[500]},"detail":"Multiple problems occurred.","code":"STD-00001","problems":[${[
			inner(400, 'Invalid consent metadata', 'AM-00006', ',"key":"år"'), inner(400, 'Missing metadata', 'AM-00008', ',"key":"aar"'),
			inner(400, 'Missing metadata value', 'AM-00007', ',"ConsentRight index: 1, key":"fraogmed"'), inner(400, 'Missing metadata', 'AM-00008', ',"key":"til"'),
			inner(400, 'One or more validation errors occurred.', 'STD-00000')].join()}]}`]],
];

for (const [code, name, provoke, [status, body]] of rows)
	test(`${code}: ${name}`, async () => {
		const res = expectStatus(await provoke(), status);
		assert.equal(res.headers['content-type'], 'application/problem+json', describe(res));
		assert.equal(res.text, body);
	});

// A code that is documented and that no test provokes is one that nobody knows to work.
test('every code of docs/HTTP.md is provoked here or in another file', () => {
	const documented = [...readFileSync(path.join(ROOT, 'docs/HTTP.md'), 'utf8').matchAll(/^\| ((?:AM|SAM|STD)(?:\.VLD)?-\d{5}) \|/gm)].map((m) => m[1]);
	assert.ok(documented.length > 20, String(documented.length));
	const folder = path.join(ROOT, 'tests/api');
	const others = readdirSync(folder).filter((f) => f.endsWith('.test.mjs') && f !== 'codes.test.mjs').map((f) => readFileSync(path.join(folder, f), 'utf8')).join('\n');
	const here = new Set(rows.map(([code]) => code));
	assert.deepEqual(documented.filter((c) => !here.has(c) && !others.includes(c)), []);
});

test('the sandbox ends with status 0', async () => {
	await sb.stop();
});
