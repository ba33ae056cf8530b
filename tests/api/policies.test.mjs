// A policy as a XACML file does what the same policy does as JSON.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT, expectEmpty, expectStatus, startSandbox } from '../js/sandbox.mjs';
import {
	AGENCY, ASMUND, BAKERY, BANK, BFF, ELENA, LENDER, REQUESTS, SIRI, SUPPLIER, S_WRITE, org, person, requestBody, right, testWorld,
} from '../js/world.mjs';

const FILE = 'api_policy_file', TWIN = 'api_policy_json';
const xml = readFileSync(path.join(ROOT, 'tests/data/consent.policy.xml'), 'utf8');
const policy = {
	minimumAuthenticationLevel: 3,
	rules: [
		{ actions: ['requestconsent'], subjects: [['urn:altinn:partytype:organization', 'urn:altinn:access-list:ttd:apilist']] },
		{ actions: ['consent', 'read'], subjects: [['urn:altinn:rolecode:priv'], ['urn:altinn:rolecode:dagl'], ['urn:altinn:accesspackage:regnskapsforer-lonn']] },
	],
};
const { document } = await testWorld();
const { policy: _, ...plain } = document.resources.find((r) => r.identifier === 'api_plain');
const resources = [{ ...plain, identifier: FILE, policyXml: xml }, { ...plain, identifier: TWIN, policy }];
const sb = await startSandbox({ apply: { ...document, resources: [...document.resources, ...resources] } });
const ask = async (orgno, resource, changes) =>
	sb.post(REQUESTS, await sb.orgToken(orgno, S_WRITE), requestBody(sb, { to: org(orgno), consentRights: [right(resource)], ...changes }));
const members = (...list) => sb.apply({ accessLists: [{ owner: 'ttd', identifier: 'apilist', members: list.map(org) }] });

test('who may ask: the access list in the policy narrows, and follows the list', async () => {
	for (const [list, may] of [[[BANK], { [BANK]: 201 }], [[SUPPLIER], { [SUPPLIER]: 201 }], [[], {}], [[BANK], { [BANK]: 201 }]]) {
		expectStatus(await members(...list), 204);
		for (const resource of [FILE, TWIN])
			for (const orgno of [BANK, SUPPLIER, AGENCY, LENDER]) {
				const res = await ask(orgno, resource);
				expectStatus(res, may[orgno] ?? 403, `${resource}, ${orgno}, list ${list}`);
				if (res.status === 403)
					expectEmpty(res, 403);
			}
	}
});

test('who may give: the same answers at every level, for persons and for an organisation', async () => {
	const answers = { [FILE]: [], [TWIN]: [] };
	for (const [resource, list] of Object.entries(answers))
		for (const from of [person(ELENA), person(ASMUND), org(BAKERY)])
			for (const pid of [ELENA, ASMUND, SIRI])
				for (const authLvl of ['2', '3', '4']) {
					const { id } = expectStatus(await ask(BANK, resource, { from }), 201).json;
					const res = await sb.post(`${BFF}/${id}/accept`, await sb.personToken(pid, { authLvl }), { language: 'nb' });
					list.push([from, pid, authLvl, res.status]);
				}
	assert.deepEqual(answers[FILE], answers[TWIN]);
	const of = (from, pid, level) => answers[FILE].find((a) => a[0] === person(from) && a[1] === pid && a[2] === level)[3];
	assert.deepEqual([of(ELENA, ELENA, '2'), of(ELENA, ELENA, '3'), of(ELENA, ELENA, '4'), of(ELENA, ASMUND, '4')], [403, 200, 200, 403]);
});

test('a list that is connected to a resource says nothing while accessListMode is off', async () => {
	const connect = (list) => sb.apply({ accessLists: [{ owner: 'ttd', identifier: 'apilist', members: [org(BANK)], resourceConnections: list }] });
	const { resourceConnections } = document.accessLists[0];
	expectStatus(await connect([...resourceConnections, { resource: 'api_plain' }]), 204);
	expectStatus(await ask(SUPPLIER, 'api_plain'), 201);
	expectEmpty(await ask(SUPPLIER, 'api_listed'), 403);
	expectStatus(await ask(BANK, 'api_listed'), 201);
	expectStatus(await connect(resourceConnections), 204);
});

for (const [name, changes, fault] of [
	['a rule that denies', { policyXml: xml.replace('Effect="Permit"', 'Effect="Deny"') }, 'policyXml: line 4: Effect must be Permit'],
	['a condition', { policyXml: xml.replace('</xacml:Rule>', '<xacml:Condition/></xacml:Rule>') }, 'policyXml: line 36: <Condition> is not supported here'],
	['another resource', { identifier: 'api_policy_third' }, 'policyXml: line 2: no rule is for resource api_policy_third'],
	['an unknown list', { policyXml: xml.replace('ttd:apilist', 'ttd:nix') }, 'policyXml: no such accessList ttd/nix'],
	['an entity', { policyXml: xml.replace('<xacml:Policy', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>\n$&') },
		'policyXml: line 2: a document type is not supported'],
])
	test(`apply refuses ${name}`, async () => {
		const res = expectStatus(await sb.apply({ resources: [{ ...resources[0], versionId: 2, ...changes }] }), 400);
		assert.deepEqual(res.json.faults, [`resources[0].${fault}`]);
	});

test('apply refuses policy and policyXml together', async () => {
	const res = expectStatus(await sb.apply({ resources: [{ ...resources[0], versionId: 2, policy }] }), 400);
	assert.deepEqual(res.json.faults, ['resources[0]: has both policy and policyXml']);
});

test('the sandbox ends with status 0', async () => {
	await sb.stop();
});
