// Files as service owners write them: codes in any letter case, two names of one role, an owner without a name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem } from '../js/problems.mjs';
import { expectEmpty, expectStatus, startSandbox } from '../js/sandbox.mjs';
import {
	BAKERY, BANK, BFF, ELENA, MINISTRY, REQUESTS, SIRI, SUPPLIER, S_WRITE, org, person, requestBody, resource, right, testWorld,
	uuidOf,
} from '../js/world.mjs';

const REGISTRY = '/resourceregistry/api/v1';
const { document } = await testWorld();
const sb = await startSandbox({ apply: document });
const consent = (value) => right(value, undefined, ['consent']);
const ask = async (changes, orgno = BANK) => sb.post(REQUESTS, await sb.orgToken(orgno, S_WRITE), requestBody(sb, { to: org(orgno), ...changes }));
const hold = (role, holder = SIRI, more = {}) => sb.apply({ roles: [{ party: org(BAKERY), holder: person(holder), role, ...more }] });
const authority = (orgcode, more = { name: { nb: 'Testdepartementet' } }) => ({ organization: MINISTRY, orgcode, ...more });

test('owner codes: any letter case is taken, one spelling is stored and found', async () => {
	const lists = await sb.orgToken(MINISTRY, 'altinn:resourceregistry/accesslist.read altinn:resourceregistry/accesslist.write');
	const file = {
		resources: [resource('own_case', { hasCompetentAuthority: authority('TTD') },
			{ actions: ['requestconsent'], subjects: [['urn:altinn:access-list:TTD:own_banks'], ['urn:altinn:org:TTD']] })],
		accessLists: [{ owner: 'TTD', identifier: 'own_banks', members: [org(BANK)] }],
	};
	for (const code of ['TTD', 'ttd', 'Ttd']) { // the content of a version stays, so this is one spelling
		file.resources[0].hasCompetentAuthority.orgcode = file.accessLists[0].owner = code;
		expectStatus(await sb.apply(file), 204, code);
	}
	const stored = expectStatus(await sb.get(`${REGISTRY}/resource/own_case`), 200).json;
	assert.equal(stored.hasCompetentAuthority.orgcode, 'ttd');
	for (const owner of ['ttd', 'TTD']) {
		const list = expectStatus(await sb.get(`${REGISTRY}/access-lists/${owner}/own_banks`, lists), 200).json;
		assert.equal(list.urn, 'urn:altinn:access-list:ttd:own_banks');
	}
	expectStatus(await ask({ consentRights: [right('own_case')] }), 201);
	expectEmpty(await ask({ consentRights: [right('own_case')] }, SUPPLIER), 403);
	expectStatus(await sb.apply({ accessLists: [{ owner: 'ttd', identifier: 'own_banks', members: [org(SUPPLIER)] }] }), 204);
	expectEmpty(await ask({ consentRights: [right('own_case')] }), 403);
	expectStatus(await ask({ consentRights: [right('own_case')] }, SUPPLIER), 201);
});

test('an owner without a name goes by its name in the register', async () => {
	expectStatus(await sb.apply({ resources: [resource('own_nameless', { hasCompetentAuthority: authority('ttd', {}) })] }), 204);
	const stored = expectStatus(await sb.get(`${REGISTRY}/resource/own_nameless`), 200).json;
	assert.equal(stored.hasCompetentAuthority.organization, MINISTRY);
	const { id } = expectStatus(await ask({ consentRights: [consent('own_nameless')] }), 201).json;
	expectStatus(await sb.post(`${BFF}/${id}/accept`, await sb.personToken(ELENA), { language: 'nb' }), 200);
});

test('two names of one role: in policies and in holdings', async () => {
	const subjects = [['urn:altinn:external-role:ccr:kontaktperson'], ['urn:altinn:rolecode:FFØR']];
	expectStatus(await sb.apply({ resources: [resource('own_roles', { policy: { minimumAuthenticationLevel: 3, rules: [
		{ actions: ['requestconsent'], subjects: [['urn:altinn:partytype:organization']] }, { actions: ['consent'], subjects }] } })] }), 204);
	const reject = async (pid) => {
		const { id } = expectStatus(await ask({ from: org(BAKERY), consentRights: [consent('own_roles')] }), 201).json;
		return sb.post(`${BFF}/${id}/reject`, await sb.personToken(pid));
	};
	expectProblem(await reject(SIRI), 'AM-00000');
	for (const role of ['urn:altinn:rolecode:kont', 'urn:altinn:external-role:ccr:kontaktperson']) {
		expectStatus(await hold(role), 204);
		expectEmpty(await reject(SIRI), 403); // may give, may not write
		expectStatus(await hold(role, SIRI, { state: 'absent' }), 204);
		expectProblem(await reject(SIRI), 'AM-00000');
	}
	for (const role of ['urn:altinn:external-role:ccr:forretningsforer', 'urn:altinn:rolecode:ffør']) {
		expectStatus(await hold(role), 204);
		expectStatus(await reject(SIRI), 200);
		expectStatus(await hold(role, SIRI, { state: 'absent' }), 204);
	}
});

test('main administrators and access managers: every role that makes one, and no other', async () => {
	const count = async () => (await sb.get(`${BFF}/count/${uuidOf(BAKERY)}`, await sb.personToken(SIRI))).status;
	const { id } = expectStatus(await ask({ from: org(BAKERY), consentRights: [consent('api_plain')] }), 201).json;
	for (const [role, reads] of [['lede', 200], ['innh', 200], ['admai', 200], ['dtpr', 200], ['dtso', 200], ['komp', 200], ['best', 200], ['bobe', 200],
		['repr', 200], ['knuf', 200], ['ffør', 200], ['komk', 200], ['kemn', 200], ['sreva', 200], ['sam', 200],
		['inneh', 403], ['kont', 403], ['medl', 403], ['regn', 403], ['sign', 403]]) {
		expectStatus(await hold(`urn:altinn:rolecode:${role}`), 204);
		assert.equal(await count(), reads, role);
		// Reading is one thing, answering everything another.
		expectProblem(await sb.post(`${BFF}/${id}/accept`, await sb.personToken(SIRI), { language: 'nb' }), 'AM-00000');
		expectStatus(await hold(`urn:altinn:rolecode:${role}`, SIRI, { state: 'absent' }), 204);
	}
	assert.equal(await count(), 403);
});

test('the sandbox ends with status 0', async () => {
	await sb.stop();
});
