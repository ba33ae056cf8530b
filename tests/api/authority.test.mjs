// Who may answer and withdraw, for themselves and for others: deny by default.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem } from '../js/problems.mjs';
import { alterStore, browser, expectEmpty, expectStatus, run, startSandbox } from '../js/sandbox.mjs';
import {
	ASMUND, BAKERY, BANK, BFF, ELENA, INCOME, MINISTRY, REQUESTS, S_READ, S_WRITE, SIRI, org, partyUuid, person, requestBody, right, uuidOf,
} from '../js/world.mjs';

// Of the built-in world: Elena is the bakery's dagl, Åsmund its lede; Ingebjørg and Torbjørn are dagl and hadm of its accountant.
const ACCOUNTANT = '314419553', UNIT = '316902146', INGEBJORG = '17819020221', TORBJORN = '11917930572', MARIT = '07880170958';
const KARE = '23926510312', ODD = '21898511003', JOHANNE = '13987031225';

const role = (party, holder, code) => ({ party, holder, role: `urn:altinn:rolecode:${code}` });
const single = (party, holder, resource, ...actions) => ({ party, holder, resource, actions });
const access = (party, holder, ...actions) => single(party, holder, 'altinn_access_management', ...actions);

function resource(identifier, subjects, more = {}) {
	return {
		identifier, resourceType: 'Consent', versionId: 1, status: 'Completed', title: { nb: identifier },
		hasCompetentAuthority: { organization: MINISTRY, orgcode: 'ttd', name: { nb: 'Testdepartementet' } },
		consentTemplate: 'default', consentText: { nb: identifier }, consentMetadata: {}, delegable: false, accessListMode: 'Disabled',
		policy: { minimumAuthenticationLevel: 3, rules: [
			{ actions: ['requestconsent'], subjects: [['urn:altinn:partytype:organization']] },
			{ actions: ['consent'], subjects },
		] }, ...more,
	};
}

const sb = await startSandbox({ apply: {
	resources: [
		resource('auth_nobody', [['urn:altinn:rolecode:uttrykk']]),
		resource('auth_board', [['urn:altinn:external-role:ccr:styreleder']]),
		resource('auth_payroll', [['urn:altinn:accesspackage:regnskapsforer-lonn']]),
		resource('auth_both', [['urn:altinn:rolecode:lede', 'urn:altinn:accesspackage:regnskapsforer-lonn']]),
		resource('auth_askers', [['urn:altinn:partytype:person']]),
		resource('auth_priv', [['urn:altinn:rolecode:priv']]),
		resource('auth_listed', [['urn:altinn:rolecode:lede']], { accessListMode: 'Enabled' }),
	],
	accessLists: [
		{ owner: 'ttd', identifier: 'authaskers', members: [org(BANK)], resourceConnections: [{ resource: 'auth_listed', actionFilters: ['requestconsent'] }] },
		{ owner: 'ttd', identifier: 'authgivers', members: [org(BAKERY)], resourceConnections: [{ resource: 'auth_listed', actionFilters: ['consent'] }] },
	],
	roles: [role(org(UNIT), person(JOHANNE), 'dagl'), role(org(BAKERY), person(KARE), 'admai'), role(org(ACCOUNTANT), person(ASMUND), 'lede')],
	rights: [
		access(org(BAKERY), person(TORBJORN), 'read', 'write'),
		access(org(BAKERY), person(ODD), 'read'), single(org(BAKERY), person(ODD), 'auth_nobody', 'consent'),
		access(person(ELENA), person(SIRI), 'read', 'write'), single(person(ELENA), person(SIRI), 'auth_priv', 'consent'),
	],
} });

const consentTo = (name, ...actions) => right(name, undefined, actions.length ? actions : ['consent']);
const created = async (changes) => expectStatus(await sb.post(REQUESTS, await sb.orgToken(BANK, S_WRITE), requestBody(sb, changes)), 201).json.id;
const asked = (from, ...rights) => created({ from, consentRights: rights.map((r) => (typeof r === 'string' ? consentTo(r) : r)) });
const read = async (id) => expectStatus(await sb.get(`${REQUESTS}/${id}`, await sb.orgToken(BANK, S_READ)), 200).json;
const show = async (id, pid, more) => sb.get(`${BFF}/${id}`, await sb.personToken(pid, more));
const answer = async (id, pid, how, more) =>
	sb.post(`${BFF}/${id}/${how}`, await sb.personToken(pid, more), how === 'accept' ? { language: 'nb' } : undefined);

async function mayAnswer(id, pid) {
	expectStatus(await show(id, pid), 200);
	expectStatus(await answer(id, pid, 'accept'), 200);
	assert.equal((await read(id)).status, 'Accepted');
}

async function mayNotGive(id, ...pids) {
	for (const pid of pids) {
		expectProblem(await show(id, pid), 'AM-00000');
		expectProblem(await answer(id, pid, 'accept'), 'AM-00000');
		expectProblem(await answer(id, pid, 'reject'), 'AM-00000');
	}
	assert.deepEqual((await read(id)).consentRequestEvents.map((e) => e.eventType), ['Created']);
}

test('a person: what the policy gives to priv, and nothing else', async () => {
	await mayAnswer(await asked(person(ELENA), 'auth_priv'), ELENA);
	await mayNotGive(await asked(person(ELENA), 'auth_nobody'), ELENA);
	await mayNotGive(await asked(person(ELENA), 'auth_askers'), ELENA);
	await mayNotGive(await asked(person(ELENA), consentTo('auth_priv', 'consent', 'read')), ELENA);
	await mayNotGive(await asked(person(ELENA), consentTo('auth_priv', 'requestconsent')), ELENA);
	await mayNotGive(await asked(person(ELENA), 'auth_priv', 'auth_nobody'), ELENA);
	await mayNotGive(await asked(person(ELENA), 'auth_priv'), ASMUND, MARIT);
	await mayAnswer(await asked(person(ELENA), consentTo('auth_priv', 'urn:oasis:names:tc:xacml:1.0:action:action-id:CONSENT')), ELENA);
});

test('an organisation: dagl answers everything, and is not shown by number', async () => {
	const id = await asked(org(BAKERY), 'auth_nobody');
	const res = expectStatus(await show(id, ELENA), 200).json;
	assert.equal(res.from, partyUuid(uuidOf(BAKERY)));
	await mayAnswer(id, ELENA);
	const stored = await read(id);
	assert.equal(stored.from, org(BAKERY));
	assert.deepEqual(stored.consentRequestEvents.map((e) => [e.eventType, e.performedBy]),
		[['Created', org(BANK)], ['Accepted', partyUuid(uuidOf(ELENA))]]);
	assert.ok(!JSON.stringify(stored).includes(ELENA));
	const refused = await asked(org(BAKERY), 'auth_nobody');
	expectStatus(await answer(refused, ELENA, 'reject'), 200);
	assert.equal((await read(refused)).consentRequestEvents[1].performedBy, partyUuid(uuidOf(ELENA)));
});

test('an organisation: others by the rules that name their role', async () => {
	await mayAnswer(await asked(org(BAKERY), 'auth_board'), ASMUND);
	await mayNotGive(await asked(org(BAKERY), 'auth_nobody'), ASMUND, KARE, SIRI);
	await mayNotGive(await asked(org(BAKERY), 'auth_board'), KARE);
	await mayNotGive(await asked(org(BANK), 'auth_nobody'), ELENA);
});

test('an accountant: the package through a key role, not through another role', async () => {
	await mayAnswer(await asked(org(BAKERY), 'auth_payroll'), INGEBJORG);
	await mayNotGive(await asked(org(BAKERY), 'auth_payroll'), TORBJORN);
	await mayNotGive(await asked(org(BAKERY), 'auth_nobody'), INGEBJORG);
});

test('a combined subject holds when all of it holds', async () => {
	const id = await asked(org(BAKERY), 'auth_both');
	await mayNotGive(id, INGEBJORG);
	await mayAnswer(id, ASMUND); /* lede of the bakery, and of its accountant */
});

test('a sub unit is answered for by its own and by those of its main unit', async () => {
	for (const pid of [ELENA, JOHANNE])
		await mayAnswer(await asked(org(UNIT), 'auth_nobody'), pid);
	await mayAnswer(await asked(org(UNIT), 'auth_board'), ASMUND);
	await mayNotGive(await asked(org(BAKERY), 'auth_nobody'), JOHANNE);
	await mayNotGive(await asked(org(UNIT), { ...right(INCOME, { inntektsaar: '2025' }, ['consent']) }), MARIT);
});

test('a single right: for whom and for what it was handed', async () => {
	const income = () => asked(org(BAKERY), right(INCOME, { inntektsaar: '2025' }, ['consent']));
	await mayAnswer(await income(), MARIT);
	await mayNotGive(await asked(org(BAKERY), right(INCOME, { inntektsaar: '2025' }, ['consent', 'read'])), MARIT);
	await mayNotGive(await asked(org(BAKERY), 'auth_board'), MARIT);
	await mayAnswer(await asked(person(ELENA), 'auth_priv'), SIRI);
});

test('read and write are asked for after the right to give', async () => {
	const id = await asked(org(BAKERY), 'auth_nobody');
	expectStatus(await show(id, ODD), 200);
	expectEmpty(await answer(id, ODD, 'accept'), 403);
	expectEmpty(await answer(id, ODD, 'reject'), 403);
	expectEmpty(await show(id, ELENA, { authLvl: '2' }), 403);
	expectEmpty(await answer(id, ELENA, 'accept', { authLvl: '2' }), 403);
	assert.equal((await read(id)).status, 'Created');
	expectStatus(await show(id, ELENA, { authLvl: '3' }), 200);
});

test('a required delegator is the only one, and needs the right all the same', async () => {
	const request = (pid) => created({ from: org(BAKERY), consentRights: [consentTo('auth_board')], requiredDelegator: person(pid) });
	const id = await request(ASMUND);
	await mayNotGive(id, ELENA);
	await mayAnswer(id, ASMUND);
	await mayNotGive(await request(KARE), KARE, ELENA);
});

test('access lists narrow which organisations may give', async () => {
	await mayAnswer(await asked(org(BAKERY), 'auth_listed'), ASMUND);
	await mayNotGive(await asked(org(UNIT), 'auth_listed'), ASMUND, ELENA);
});

test('roles that come and go take effect at once', async () => {
	const id = await asked(org(BAKERY), 'auth_nobody');
	const change = { party: org(BAKERY), holder: person(SIRI), role: 'urn:altinn:rolecode:hadm' };
	expectProblem(await show(id, SIRI), 'AM-00000');
	expectStatus(await sb.apply({ roles: [change] }), 204);
	expectStatus(await show(id, SIRI), 200);
	expectStatus(await sb.apply({ roles: [{ ...change, state: 'absent' }] }), 204);
	expectProblem(await answer(id, SIRI, 'accept'), 'AM-00000');
	expectProblem(await show(id, SIRI), 'AM-00000');
	expectStatus(await sb.apply({ roles: [change] }), 204);
	expectStatus(await answer(id, SIRI, 'accept'), 200);
	expectStatus(await sb.apply({ roles: [{ ...change, state: 'absent' }] }), 204);
});

test('policies that change take effect at once', async () => {
	const id = await asked(org(BAKERY), 'auth_board');
	expectStatus(await sb.apply({ resources: [resource('auth_board', [['urn:altinn:rolecode:admai']], { versionId: 2 })] }), 204);
	expectProblem(await answer(id, ASMUND, 'accept'), 'AM-00000');
	await mayAnswer(id, KARE);
});

test('the pages for an organisation: its texts, an answer, and withdrawal by whoever may write', async () => {
	const id = await asked(org(BAKERY), 'auth_nobody');
	const page = `/accessmanagement/ui/consent/request?id=${id}&skiplogout=true`;
	const b = browser(sb), asmund = browser(sb);
	const wrong = expectStatus(await asmund.login(ASMUND, page), 403);
	assert.match(wrong.text, /Du kan ikke svare på denne forespørselen/);
	assert.match(wrong.text, /Bytt bruker/);
	assert.doesNotMatch(wrong.text, /Fjordgløtt/);
	const shown = expectStatus(await b.login(ELENA, page), 200);
	assert.match(shown.text, /Fjordgløtt Bakeri AS/);
	assert.match(shown.text, /312\s587\s408/);
	const form = Object.fromEntries([...shown.text.matchAll(/<input[^>]*type="hidden"[^>]*name="([^"]*)"[^>]*value="([^"]*)"/g)].map((m) => [m[1], m[2]]));
	const receipt = expectStatus(await b.post('/accessmanagement/ui/consent/request', { ...form, decision: 'approve' }), 200);
	assert.match(receipt.text, /Samtykket er registrert!/);
	assert.match(receipt.text, /Elena Fjær/);
	assert.equal((await read(id)).status, 'Accepted');
	const details = await asmund.get(`/accessmanagement/ui/consent/withdraw?id=${id}`); /* lede writes, though another gave it */
	const fields = Object.fromEntries([...expectStatus(details, 200).text.matchAll(/<input[^>]*type="hidden"[^>]*name="([^"]*)"[^>]*value="([^"]*)"/g)].map((m) => [m[1], m[2]]));
	expectStatus(await asmund.post('/accessmanagement/ui/consent/withdraw', fields), 200);
	const after = await read(id);
	assert.equal(after.status, 'Revoked');
	assert.equal(after.consentRequestEvents.at(-1).performedBy, partyUuid(uuidOf(ASMUND)));
});

test('a right answers for its own resource, not for one that differs by letter case', async () => {
	expectStatus(await sb.apply({ resources: [{ ...resource('AUTH_NOBODY', []), versionId: 2 }] }), 400, 'no new one');
	/* Such a resource of an earlier version stays, and is told. */
	alterStore(sb, [["INSERT INTO entry (kind, name, version, body) SELECT kind, 'AUTH_NOBODY', version, body FROM entry WHERE kind = 'resource' AND name = 'auth_nobody'", []],
		["UPDATE meta SET num = num + 1 WHERE name = 'version'", []]]);
	expectStatus(await sb.apply({ rights: [access(org(BAKERY), person(MARIT), 'read', 'write'), single(org(BAKERY), person(MARIT), 'auth_nobody', 'consent')] }), 204);
	await mayAnswer(await asked(org(BAKERY), 'auth_nobody'), MARIT);
	await mayNotGive(await asked(org(BAKERY), 'AUTH_NOBODY'), MARIT);
	const check = await run(['store', 'check', '--sandbox', '--set', `store=${sb.pg ?? `sqlite:${sb.data}/samtykke.db`}`]);
	assert.equal(check.status, 0, check.stderr);
	assert.match(check.stdout, /^resource auth_nobody differs by letter case alone from AUTH_NOBODY$/m);
});

test('the sandbox ends with status 0', async () => {
	await sb.stop();
});
