// The resource registry: anybody reads, owners publish.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { expectBinding, expectPlain, expectProblem } from '../js/problems.mjs';
import { PG, browser, expectEmpty, expectStatus, run, startSandbox, tempDir } from '../js/sandbox.mjs';
import {
	AGENCY, BANK, BFF, ELENA, INCOME, LENDER, MINISTRY, NOBODY, REQUESTS, S_READ, S_WRITE, SUPPLIER, builtin, org, requestBody, right, testWorld, uuidOf,
} from '../js/world.mjs';

const REGISTRY = '/resourceregistry/api/v1', RESOURCE = `${REGISTRY}/resource`, LISTS = `${REGISTRY}/access-lists`;
const S_RESOURCE = 'altinn:resourceregistry/resource.write';
const S_LIST_READ = 'altinn:resourceregistry/accesslist.read', S_LIST_WRITE = 'altinn:resourceregistry/accesslist.write';
const PERMIT = [
	{ actions: ['requestconsent'], subjects: [['urn:altinn:partytype:organization']] },
	{ actions: ['consent', 'read'], subjects: [['urn:altinn:rolecode:priv'], ['urn:altinn:rolecode:dagl']] },
];

const { document } = await testWorld();
const store = PG ?? `sqlite:${path.join(tempDir(), 'registry.db')}`;
const sb = await startSandbox({ store, apply: document });
const other = await startSandbox({ store, args: ['--set', `issuer=${sb.url}/`] }); // another process on the same store
after(async () => {
	await other.stop();
	await sb.stop();
});

const ttd = await sb.orgToken(MINISTRY, S_RESOURCE), skd = await sb.orgToken(AGENCY, S_RESOURCE);
const lists = await sb.orgToken(MINISTRY, S_LIST_WRITE);
const put = (target, token, json, at = sb) => at.request('PUT', target, { token, json });
const del = (target, token, json) => sb.request('DELETE', target, { token, json });
const create = async (orgno, id, at = sb) =>
	at.post(REQUESTS, await sb.orgToken(orgno, S_WRITE), requestBody(sb, { to: org(orgno), consentRights: [right(id, undefined, ['consent'])] }));
const mayAsk = async (orgno, id, at) => expectStatus(await create(orgno, id, at), 201, `${orgno} asks for ${id}`).json;
const mayNotAsk = async (orgno, id, at) => expectStatus(await create(orgno, id, at), 403, `${orgno} asks for ${id}`);

let made = 0;
// A resource that nobody has published yet; undefined takes a member away.
function fresh(changes = {}) {
	const r = {
		identifier: `ttd_published_${++made}`, resourceType: 'Consent', status: 'Completed', title: { nb: 'Utgitt', en: 'Published' },
		hasCompetentAuthority: { organization: MINISTRY, orgcode: 'ttd', name: { nb: 'Testdepartementet' } }, consentTemplate: 'default',
		consentText: { nb: 'Tekst én' }, isOneTimeConsent: false, delegable: true, accessListMode: 'Disabled',
		policy: { minimumAuthenticationLevel: 3, rules: PERMIT }, ...changes,
	};
	return Object.fromEntries(Object.entries(r).filter(([, v]) => v !== undefined));
}
const publish = async (changes) => {
	const r = fresh(changes);
	expectStatus(await sb.post(RESOURCE, ttd, r), 201);
	return r;
};
const read = async (id, query = '', at = sb) => expectStatus(await at.get(`${RESOURCE}/${id}${query}`), 200).json;
const without = (o, ...names) => Object.fromEntries(Object.entries(o).filter(([k]) => !names.includes(k)));

// ---- reading ----

test('a resource, for anybody, as it was published', async () => {
	const want = builtin.resources.find((r) => r.identifier === INCOME);
	const res = expectStatus(await sb.get(`${RESOURCE}/${INCOME}`), 200);
	assert.equal(res.headers['content-type'], 'application/json; charset=utf-8');
	assert.deepEqual(res.json, without(want, 'policy'));
	assert.deepEqual(await read(INCOME, `?versionid=${want.versionId}`), res.json);
	assert.deepEqual(await read(INCOME, `?versionId=`), res.json);
	expectStatus(await sb.get(`${RESOURCE}/${INCOME}?versionId=${want.versionId + 1}`), 404);
	expectStatus(await sb.get(`${RESOURCE}/nothing_here`), 404);
	expectBinding(await sb.get(`${RESOURCE}/${INCOME}?versionId=x`), 'versionId');
	expectBinding(await sb.get(`${RESOURCE}/${INCOME}?versionId=99999999999999999999`), 'versionId');
	expectPlain(await sb.get(`${RESOURCE}/search?id=%ff%`), 400);
});

test('search: every filter, and withdrawn ones on demand', async () => {
	const ids = async (query, at = '/search') => expectStatus(await sb.get(`${RESOURCE}${at}${query}`), 200).json.map((r) => r.identifier);
	await publish({ identifier: 'ttd_search_a', title: { nb: 'Ærfuglens Årsoppgave' }, description: { nb: 'Om DUN' }, keywords: [{ word: 'reir', language: 'nb' }] });
	await publish({ identifier: 'ttd_search_b', title: { en: 'Nest' }, status: 'Withdrawn' });
	await publish({ identifier: 'ttd_search_c', resourceType: 'GenericAccessResource' });
	const all = await ids('', '/resourcelist');
	assert.deepEqual(all, [...all].sort(), 'in order');
	assert.ok(all.includes('ttd_search_a') && all.includes(INCOME) && !all.includes('ttd_search_b'));
	assert.deepEqual(await ids(''), all);
	assert.deepEqual(await ids('?Id=SEARCH_'), ['ttd_search_a', 'ttd_search_c']);
	assert.deepEqual(await ids('?id=search_&IncludeExpired=true'), ['ttd_search_a', 'ttd_search_b', 'ttd_search_c']);
	assert.deepEqual(await ids(`?Title=${encodeURIComponent('ærFUGLENS åRS')}`), ['ttd_search_a']);
	assert.deepEqual(await ids('?title=nest&includeExpired=true'), ['ttd_search_b']);
	await publish({ identifier: 'ttd_search_d', title: { nb: 'čđŋšŧž ŽŦŠŊĐČ' }, keywords: [{ word: 'SÁMEGIELLA ČÁHCI', language: 'se' }] });
	for (const letter of 'ČĐŊŠŦŽčđŋšŧž')
		assert.deepEqual(await ids(`?title=${encodeURIComponent(letter)}&id=search_`), ['ttd_search_d'], letter);
	assert.deepEqual(await ids(`?title=${encodeURIComponent('ČđŊšŦž žŧšŋđč')}`), ['ttd_search_d']);
	assert.deepEqual(await ids(`?keyword=${encodeURIComponent('čáhci')}`), ['ttd_search_d']);
	assert.deepEqual(await ids('?Description=om+dun'), ['ttd_search_a']);
	assert.deepEqual(await ids('?Description=no+such'), []);
	assert.deepEqual(await ids('?Keyword=REIR'), ['ttd_search_a']);
	assert.deepEqual(await ids('?ResourceType=genericaccessresource&id=search'), ['ttd_search_c']);
	assert.deepEqual(await ids('?HasCompetentAuthority=skd'), await ids(`?HasCompetentAuthority=${AGENCY}`));
	assert.ok((await ids('?HasCompetentAuthority=skd')).every((id) => id.startsWith('ske-')));
	assert.deepEqual(await ids('?HasCompetentAuthority=nobody'), []);
	assert.deepEqual(await ids('?unknown=x&id=search_c'), ['ttd_search_c']);
});

test('search: a thousand in one answer, and a link to the next ones', async () => {
	const resources = Array.from({ length: 1001 }, (_, i) => fresh({ identifier: `ttd_many_${String(i).padStart(4, '0')}`, versionId: 1, consentText: { nb: 'x' } }));
	expectStatus(await sb.apply({ resources }), 204);
	const first = expectStatus(await sb.get(`${RESOURCE}/search?id=ttd_many_&resourceType=Consent`), 200);
	assert.equal(first.json.length, 1000);
	const [, next] = /^<([^>]*)>; rel="next"$/.exec(first.headers.link);
	assert.ok(next.startsWith(sb.url), next);
	const second = expectStatus(await sb.get(next.slice(sb.url.length)), 200);
	assert.deepEqual(second.json.map((r) => r.identifier), ['ttd_many_1000']);
	assert.equal(second.headers.link, undefined);
	expectStatus(await sb.apply({ resources: resources.map((r) => ({ identifier: r.identifier, state: 'absent' })) }), 204);
});

test('templates: all of them, one, one version', async () => {
	const list = expectStatus(await sb.get(`${REGISTRY}/consent-templates`), 200).json;
	assert.deepEqual(list.map((t) => t.id), builtin.templates.map((t) => t.id).sort());
	const want = builtin.templates.find((t) => t.id === 'sblanesoknad');
	assert.deepEqual(list.find((t) => t.id === 'sblanesoknad'), Object.fromEntries(Object.entries(want).filter(([, v]) => v !== null)));
	const one = expectStatus(await sb.get(`${REGISTRY}/consent-templates/SBLanesoknad`), 200).json;
	assert.deepEqual(one, list.find((t) => t.id === 'sblanesoknad'));
	expectStatus(await sb.apply({ templates: [{ ...want, version: 2, title: 'Ny' }] }), 204);
	const at = async (query) => expectStatus(await sb.get(`${REGISTRY}/consent-templates/sblanesoknad${query}`), 200).json;
	assert.equal((await at('')).version, 2);
	assert.equal((await at('?version=1')).title, want.title);
	assert.equal((await at('?version=2')).title, 'Ny');
	expectStatus(await sb.get(`${REGISTRY}/consent-templates/sblanesoknad?version=3`), 404);
	expectStatus(await sb.get(`${REGISTRY}/consent-templates/none`), 404);
	expectBinding(await sb.get(`${REGISTRY}/consent-templates/none?version=-1`), 'version');
});

// ---- publishing ----

test('publish: 201 with the address, then it can be read and asked for', async () => {
	const r = fresh();
	await sb.get(`${RESOURCE}/${r.identifier}`).then((res) => expectStatus(res, 404));
	const res = expectStatus(await sb.post(RESOURCE, ttd, r), 201);
	assert.equal(res.headers.location, `${sb.url}${RESOURCE}/${r.identifier}`);
	assert.deepEqual(res.json, { ...without(r, 'policy'), versionId: 1 });
	assert.deepEqual(await read(r.identifier), res.json);
	await mayAsk(BANK, r.identifier);
	await mayAsk(BANK, r.identifier, other);
	expectStatus(await sb.post(RESOURCE, ttd, r), 409, 'there is one of this identifier');
	expectStatus(await sb.post(RESOURCE, skd, r), 409);
	expectBinding(await sb.post(RESOURCE, ttd, { ...r, identifier: r.identifier.toUpperCase() }), '$.identifier');
});

test('publish: what is said about a resource is kept and given back', async () => {
	const said = {
		version: '1', description: { nb: 'a' }, rightDescription: { en: 'b' }, homepage: 'https://example.com/', isPartOf: 'skatt', visible: true,
		contactPoints: [{ category: 'Support', email: 'a@example.com', telephone: '', contactPage: 'https://example.com/' }],
		keywords: [{ word: 'skatt', language: 'nb' }], selfIdentifiedUserEnabled: false, enterpriseUserEnabled: true, availableForType: ['PrivatePerson', 'Company'],
		resourceReferences: [{ referenceSource: 'Altinn2', reference: '4628', referenceType: 'ServiceCode' }], limitedByRRR: false,
		authorizationReference: [{ id: 'urn:altinn:resource', value: 'x' }], spatial: ['NO'], produces: ['p'], thematicAreas: ['t'], limits: { maxValidity: 'P10D' },
	};
	const r = await publish(said);
	const seen = await read(r.identifier);
	for (const [name, value] of Object.entries(said))
		assert.deepEqual(seen[name], value, name);
});

test('change: a new version each time, the old ones stay, the same is no version', async () => {
	const r = await publish({ homepage: 'https://example.com/' });
	const target = `${RESOURCE}/${r.identifier}`;
	const seen = await read(r.identifier);
	assert.deepEqual(expectStatus(await put(target, ttd, seen), 200).json, seen, 'read and sent back');
	assert.deepEqual(expectStatus(await put(target, ttd, { ...r, versionId: 77 }), 200).json, seen, 'the version in the body counts for nothing');
	const second = expectStatus(await put(target, ttd, without({ ...seen, title: { nb: 'To' } }, 'homepage', 'identifier')), 200).json;
	assert.equal(second.versionId, 2);
	assert.equal(second.title.nb, 'To');
	assert.equal('homepage' in second, false, 'what is not named is gone');
	assert.deepEqual(await read(r.identifier), second);
	assert.deepEqual(await read(r.identifier, '?versionId=2', other), second);
	assert.deepEqual(await read(r.identifier, '?versionId=1'), seen);
	await mayAsk(BANK, r.identifier); // the policy stays
	const third = expectStatus(await put(target, ttd, { ...second, title: seen.title, homepage: seen.homepage }), 200).json;
	assert.equal(third.versionId, 3, 'back to what it was is a version, too');
	expectBinding(await put(target, ttd, { ...seen, identifier: 'ttd_another' }), '$.identifier');
	expectStatus(await put(`${RESOURCE}/ttd_not_published`, ttd, fresh({ identifier: 'ttd_not_published' })), 404);
	const res = expectStatus(await del(target, ttd), 405);
	assert.equal(res.headers.allow, 'GET, HEAD, PUT, OPTIONS');
});

test('a consent keeps showing the version that it was asked for on', async () => {
	const r = await publish({ consentText: { nb: 'Den gamle teksten' }, title: { nb: 'Gammel' } });
	const old = await mayAsk(BANK, r.identifier);
	const page = async (id) => {
		const b = browser(sb);
		return (await b.login(ELENA, `/accessmanagement/ui/consent/request?id=${id}`)).text;
	};
	expectStatus(await put(`${RESOURCE}/${r.identifier}`, ttd, { ...r, consentText: { nb: 'Den nye teksten' } }), 200);
	const now = await mayAsk(BANK, r.identifier);
	assert.match(await page(old.id), /Den gamle teksten/);
	assert.match(await page(now.id), /Den nye teksten/);
	expectStatus(await sb.post(`${BFF}/${old.id}/accept`, await sb.personToken(ELENA), { language: 'nb' }), 200);
	const b = browser(sb);
	assert.match((await b.login(ELENA, `/accessmanagement/ui/consent/details?id=${old.id}`)).text, /Den gamle teksten/);
	const seen = expectStatus(await sb.get(`${REQUESTS}/${old.id}`, await sb.orgToken(BANK, S_READ)), 200).json;
	assert.equal(seen.status, 'Accepted');
});

test('a withdrawn resource cannot be asked for, in any process; what was asked can still be answered', async () => {
	const r = await publish();
	const { id } = await mayAsk(BANK, r.identifier, other);
	const target = `${RESOURCE}/${r.identifier}`;
	assert.equal(expectStatus(await put(target, ttd, { ...r, status: 'Withdrawn' }), 200).json.versionId, 2);
	for (const at of [sb, other])
		expectProblem(await create(BANK, r.identifier, at), 'AM-00005');
	assert.equal((await read(r.identifier)).status, 'Withdrawn');
	expectStatus(await sb.post(`${BFF}/${id}/accept`, await sb.personToken(ELENA), { language: 'nb' }), 200);
	expectStatus(await put(target, ttd, r), 200);
	await mayAsk(BANK, r.identifier);
});

test('a resource without a policy: nobody may ask', async () => {
	const r = await publish({ policy: undefined });
	await mayNotAsk(BANK, r.identifier);
	expectStatus(await sb.get(`${RESOURCE}/${r.identifier}/policy`), 404);
	expectStatus(await put(`${RESOURCE}/${r.identifier}`, ttd, { ...r, policy: { rules: PERMIT } }), 200);
	await mayAsk(BANK, r.identifier);
});

test('who may publish', async () => {
	const r = fresh();
	const target = `${RESOURCE}/${INCOME}`;
	for (const [method, where] of [['POST', RESOURCE], ['PUT', target]]) {
		expectEmpty(await sb.request(method, where, { json: r }), 401);
		expectEmpty(await sb.request(method, where, { json: r, token: lists }), 403, 'another scope');
		expectPlain(await sb.request(method, where, { json: r, token: await sb.orgToken(null, S_RESOURCE) }), 401);
	}
	const seen = await read(INCOME);
	expectStatus(await put(target, skd, seen), 403, 'somebody else\'s');
	expectStatus(await put(target, skd, { ...seen, hasCompetentAuthority: { organization: AGENCY, orgcode: 'skd', name: { nb: 'x' } } }), 403, 'taking it over');
	const authority = (organization, orgcode) => fresh({ hasCompetentAuthority: { organization, orgcode, name: { nb: 'x' } } });
	expectStatus(await sb.post(RESOURCE, skd, r), 403, 'in the name of another organisation');
	expectStatus(await sb.post(RESOURCE, skd, authority(AGENCY, 'ttd')), 403, 'under another\'s code');
	expectStatus(await sb.post(RESOURCE, skd, authority(AGENCY, 'new')), 403, 'under a code that nobody has');
	expectStatus(await sb.post(RESOURCE, skd, authority(AGENCY, 'skd')), 201);
	const mine = await publish();
	expectStatus(await put(`${RESOURCE}/${mine.identifier}`, ttd, authority(AGENCY, 'skd')), 403, 'giving it away');
	assert.deepEqual(await read(INCOME), seen);
});

test('publish: every fault at once, with its path; nothing is written', async () => {
	const res = await sb.post(RESOURCE, ttd, fresh({
		title: { nb: 'x', de: 'x' }, consentTemplate: 7, unknown: true, consentMetadata: { AAR: {} }, policy: { rules: [{ actions: [], subjects: [['x']] }] },
	}));
	expectBinding(res, ['$.title.de', '$.consentTemplate', '$.unknown', '$.consentMetadata.AAR', '$.policy.rules[0].actions']);
	expectStatus(await sb.get(`${RESOURCE}/ttd_published_${made}`), 404);
	expectBinding(await sb.post(RESOURCE, ttd, fresh({ consentTemplate: 'none' })), '$.consentTemplate');
	expectBinding(await sb.post(RESOURCE, ttd, fresh({ state: 'absent' })), '$.state');
	expectBinding(await sb.post(RESOURCE, ttd, fresh({ identifier: undefined })), '$.identifier');
	expectBinding(await sb.post(RESOURCE, ttd, fresh({ identifier: 'a/b' })), '$.identifier');
	expectBinding(await sb.post(RESOURCE, ttd, fresh({ hasCompetentAuthority: undefined })), '$.hasCompetentAuthority');
	expectBinding(await sb.post(RESOURCE, ttd, fresh({ hasCompetentAuthority: { orgcode: 'ttd', name: { nb: 'x' } } })), '$.hasCompetentAuthority.organization');
	expectBinding(await put(`${RESOURCE}/${INCOME}`, ttd, fresh({ identifier: INCOME, hasCompetentAuthority: { organization: MINISTRY, name: { nb: 'x' } } })),
		'$.hasCompetentAuthority.orgcode');
	expectBinding(await sb.post(RESOURCE, ttd, []), '$');
	expectBinding(await sb.request('POST', RESOURCE, { token: ttd, body: '{"a":1,"a":2}', headers: { 'Content-Type': 'application/json' } }), '$.a');
	expectStatus(await sb.request('POST', RESOURCE, { token: ttd, body: 'x', headers: { 'Content-Type': 'text/plain' } }), 415);
	const many = (n) => Array.from({ length: n }, () => ({ word: 'x', language: 'nb' }));
	expectStatus(await sb.post(RESOURCE, ttd, fresh({ keywords: many(20) })), 201);
	expectBinding(await sb.post(RESOURCE, ttd, fresh({ keywords: many(21) })), '$.keywords');
	expectBinding(await sb.post(RESOURCE, ttd, fresh({ consentText: { nb: 'x'.repeat(20001) } })), '$.consentText.nb');
	expectStatus(await sb.post(RESOURCE, ttd, fresh({ consentText: { nb: 'x'.repeat(262144) } })), 413);
});

test('writers at once, in two processes: none is lost', async () => {
	const r = await publish();
	const target = `${RESOURCE}/${r.identifier}`, n = 12;
	const answers = await Promise.all(Array.from({ length: n }, (_, i) => put(target, ttd, { ...r, title: { nb: `Nr ${i}` } }, i % 2 ? other : sb)));
	const versions = answers.map((a) => expectStatus(a, 200).json.versionId);
	const last = (await read(r.identifier)).versionId;
	assert.equal(last, n + 1);
	const titles = await Promise.all(Array.from({ length: n }, async (_, i) => (await read(r.identifier, `?versionId=${i + 2}`)).title.nb));
	assert.deepEqual(titles.sort(), Array.from({ length: n }, (_, i) => `Nr ${i}`).sort(), `each is a version: ${versions}`);
	const list = `${LISTS}/ttd/race`;
	expectStatus(await put(list, lists, { name: 'x' }), 200);
	const orgs = [BANK, SUPPLIER, AGENCY, MINISTRY, LENDER, NOBODY];
	await Promise.all(orgs.map(async (o, i) => expectStatus(await (i % 2 ? other : sb).post(`${list}/members`, lists, { data: [org(o)] }), 200)));
	assert.deepEqual(await members('race'), [...orgs].sort());
	expectEmpty(await del(list, lists), 204);
});

// ---- policies ----

const form = (xml, { name = 'policyFile', filename = '; filename="policy.xml"', boundary = '----x' } = {}) => ({
	headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
	body: `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${filename}\r\nContent-Type: text/xml\r\n\r\n${xml}\r\n--${boundary}--\r\n`,
});
const plain = (xml, type = 'application/xml') => ({ headers: { 'Content-Type': type }, body: xml });
const policyOf = async (id, at = sb) => expectStatus(await at.get(`${RESOURCE}/${id}/policy`), 200);

test('policy: what was published as JSON is read as XACML, and what was published as a file comes back as it was', async () => {
	const res = await policyOf(INCOME);
	assert.equal(res.headers['content-type'], 'application/xml; charset=utf-8');
	assert.equal(res.headers['content-disposition'], `attachment; filename="${INCOME}-policy.xml"`);
	const r = await publish({ policy: undefined }), target = `${RESOURCE}/${r.identifier}/policy`;
	const xml = res.text.replaceAll(INCOME, r.identifier);
	await mayNotAsk(BANK, r.identifier, other);
	const made = expectEmpty(await sb.request('POST', target, { token: ttd, ...form(xml) }), 201);
	assert.equal(made.headers.location, `${sb.url}${target}`);
	assert.equal((await policyOf(r.identifier, other)).text, xml);
	assert.equal((await read(r.identifier)).versionId, 2);
	await mayAsk(BANK, r.identifier, other);
	await mayAsk(BANK, r.identifier);
	expectEmpty(await sb.request('PUT', target, { token: ttd, ...form(xml) }), 200);
	assert.equal((await read(r.identifier)).versionId, 2, 'the same is no version');
	const strict = xml.replaceAll('>3</', '>4</');
	assert.notEqual(strict, xml);
	expectEmpty(await sb.request('PUT', target, { token: ttd, ...plain(`\ufeff${strict}`, 'text/xml; charset=utf-8') }), 200);
	assert.equal((await policyOf(r.identifier)).text, strict);
	assert.equal((await read(r.identifier)).versionId, 3);
	const { id } = await mayAsk(BANK, r.identifier);
	const accepts = async (authLvl) => sb.post(`${BFF}/${id}/accept`, await sb.personToken(ELENA, { authLvl }), { language: 'nb' });
	expectStatus(await accepts('3'), 403, 'the level of the new policy');
	expectStatus(await accepts('4'), 200);
	expectStatus(await put(`${RESOURCE}/${r.identifier}`, ttd, { ...r, title: { nb: 'x' } }), 200);
	assert.equal((await policyOf(r.identifier)).text, strict, 'a new text keeps the policy');
});

test('policy: refused', async () => {
	const r = await publish(), target = `${RESOURCE}/${r.identifier}/policy`, before = await policyOf(r.identifier);
	const upload = (what, token = ttd, where = target) => sb.request('PUT', where, { token, ...what });
	expectEmpty(await sb.request('PUT', target, form(before.text)), 401);
	expectEmpty(await upload(form(before.text), lists), 403, 'another scope');
	expectStatus(await upload(form(before.text), skd), 403, 'another owner');
	expectStatus(await upload(form(before.text), ttd, `${RESOURCE}/none/policy`), 404);
	expectBinding(await upload(form((await policyOf(INCOME)).text)), '$', 'the policy of another resource');
	for (const bad of ['<x/>', 'x', '', before.text.replace('Permit', 'Deny'), before.text.replace('<Target/>', '<Description>&x;</Description><Target/>'),
		`<!DOCTYPE x [<!ENTITY a "b">]>${before.text}`, before.text.replaceAll('urn:altinn:rolecode', 'urn:altinn:nonsense')])
		expectBinding(await upload(plain(bad)), '$', bad.slice(0, 60));
	expectBinding(await upload(plain(Buffer.from([0x3c, 0xff, 0xfe]))), '$', 'no UTF-8');
	expectBinding(await upload(form(before.text, { filename: '' })), '$', 'no file');
	expectBinding(await upload({ ...form(before.text), headers: { 'Content-Type': 'multipart/form-data' } }), '$', 'no boundary');
	expectStatus(await upload(plain(before.text, 'application/json')), 415);
	expectStatus(await upload(plain('x'.repeat(400001))), 413);
	expectBinding(await upload(plain(`<!--${'x'.repeat(300001)}-->${before.text}`)), '$', 'larger than any policy');
	expectStatus(await sb.get(`${RESOURCE}/none/policy`), 404);
	assert.equal((await policyOf(r.identifier)).text, before.text);
	assert.equal((await read(r.identifier)).versionId, 1);
});

test('policy: whom it names', async () => {
	const r = await publish({ policy: { rules: [...PERMIT, { actions: ['requestconsent'], subjects: [['urn:altinn:access-list:ttd:apilist']] }] } });
	const subject = (type, value) => ({ type, value, urn: `${type}:${value}` });
	assert.deepEqual(expectStatus(await sb.get(`${RESOURCE}/${r.identifier}/policy/subjects`), 200).json, { links: { next: null }, data: [
		subject('urn:altinn:partytype', 'organization'), subject('urn:altinn:rolecode', 'priv'), subject('urn:altinn:rolecode', 'dagl'),
		subject('urn:altinn:access-list', 'ttd:apilist'),
	] });
	expectStatus(await sb.get(`${RESOURCE}/none/policy/subjects`), 404);
	expectBinding(await del(`${LISTS}/ttd/apilist`, lists), '$', 'a list that a policy names stays');
});

// ---- access lists ----

const members = async (identifier, owner = 'ttd') =>
	expectStatus(await sb.get(`${LISTS}/${owner}/${identifier}/members`, lists), 200).json.data.map((m) => m.identifiers['urn:altinn:organization:identifier-no']);

test('an access list: made, filled, connected, and what that does', async () => {
	const list = `${LISTS}/ttd/banks`, reader = await sb.orgToken(MINISTRY, S_LIST_READ);
	const r = await publish({ accessListMode: 'Enabled' });
	await mayNotAsk(BANK, r.identifier);
	expectStatus(await sb.get(list, reader), 404);
	const want = { urn: 'urn:altinn:access-list:ttd:banks', identifier: 'banks', name: 'Banker', description: 'Utvalgte', resourceConnections: [] };
	assert.deepEqual(expectStatus(await put(list, lists, { name: 'Banker', description: 'Utvalgte' }), 200).json, want);
	assert.deepEqual(expectStatus(await sb.get(list, reader), 200).json, want);
	const connection = { resourceIdentifier: r.identifier, actionFilters: ['requestconsent'] };
	const connections = `${list}/resource-connections`;
	assert.deepEqual(expectStatus(await put(`${connections}/${r.identifier}`, lists, { actionFilters: ['requestconsent'] }), 200).json, connection);
	assert.deepEqual(expectStatus(await sb.get(connections, reader), 200).json, { links: { next: null }, data: [connection] });
	await mayNotAsk(BANK, r.identifier, other);
	const added = expectStatus(await sb.post(`${list}/members`, lists, { data: [org(NOBODY), org(BANK), org(BANK)] }), 200).json;
	assert.deepEqual(added, { links: { next: null }, data: [
		{ id: uuidOf(BANK), identifiers: { 'urn:altinn:organization:identifier-no': BANK, 'urn:altinn:party:uuid': uuidOf(BANK) } },
		{ id: null, identifiers: { 'urn:altinn:organization:identifier-no': NOBODY } },
	].sort((a, b) => (a.identifiers['urn:altinn:organization:identifier-no'] < b.identifiers['urn:altinn:organization:identifier-no'] ? -1 : 1)) });
	await mayAsk(BANK, r.identifier, other);
	await mayAsk(BANK, r.identifier);
	await mayNotAsk(SUPPLIER, r.identifier);
	expectStatus(await put(list, lists, { name: 'Banker 2' }), 200);
	assert.deepEqual(expectStatus(await sb.get(list, reader), 200).json, { ...want, name: 'Banker 2', description: null, resourceConnections: [connection] });
	assert.deepEqual(await members('banks'), [BANK, NOBODY].sort(), 'a new name leaves the members');
	expectStatus(await put(`${list}/members`, lists, { data: [org(SUPPLIER)] }), 200);
	await mayNotAsk(BANK, r.identifier, other);
	await mayAsk(SUPPLIER, r.identifier, other);
	expectStatus(await sb.post(`${list}/members`, lists, { data: [org(BANK)] }), 200);
	await mayAsk(BANK, r.identifier);
	expectStatus(await del(`${list}/members`, lists, { data: [org(SUPPLIER), org(NOBODY)] }), 200);
	assert.deepEqual(await members('banks'), [BANK]);
	await mayNotAsk(SUPPLIER, r.identifier);
	const all = expectStatus(await put(`${connections}/${r.identifier}`, lists, { actionFilters: null }), 200).json;
	assert.deepEqual(all, { resourceIdentifier: r.identifier, actionFilters: null });
	await mayAsk(BANK, r.identifier);
	expectStatus(await put(`${connections}/${r.identifier}`, lists, { actionFilters: ['write'] }), 200);
	await mayNotAsk(BANK, r.identifier);
	expectStatus(await put(`${connections}/${r.identifier}`, lists, {}), 200);
	await mayAsk(BANK, r.identifier);
	expectEmpty(await del(`${connections}/${r.identifier}`, lists), 204);
	expectEmpty(await del(`${connections}/${r.identifier}`, lists), 204, 'again');
	assert.deepEqual(expectStatus(await sb.get(connections, reader), 200).json.data, []);
	await mayNotAsk(BANK, r.identifier);
	expectEmpty(await del(list, lists), 204);
	expectEmpty(await del(list, lists), 204, 'again');
	expectStatus(await sb.get(list, reader), 404);
});

test('access lists of an owner, and those that an organisation is on', async () => {
	for (const name of ['one', 'two'])
		expectStatus(await put(`${LISTS}/ttd/of_${name}`, lists, { name }), 200);
	expectStatus(await put(`${LISTS}/ttd/of_two/members`, lists, { data: [org(SUPPLIER)] }), 200);
	const all = expectStatus(await sb.get(`${LISTS}/ttd`, lists), 200).json;
	assert.equal(all.links.next, null);
	const ids = all.data.map((l) => l.identifier);
	assert.ok(['apilist', 'godkjentebanker', 'of_one', 'of_two'].every((id) => ids.includes(id)), ids);
	const on = async (token, party) => expectStatus(await sb.get(`${LISTS}/get-by-member?party=${party}`, token), 200).json.data.map((l) => l.urn);
	assert.deepEqual(await on(lists, org(SUPPLIER)), ['urn:altinn:access-list:ttd:of_two']);
	assert.deepEqual(await on(await sb.orgToken(SUPPLIER, S_LIST_READ), org(SUPPLIER)), ['urn:altinn:access-list:ttd:of_two']);
	assert.deepEqual(await on(await sb.orgToken(AGENCY, S_LIST_READ), org(SUPPLIER)), [], 'not its lists');
	expectBinding(await sb.get(`${LISTS}/get-by-member?party=${uuidOf(BANK)}`, lists), 'party');
	expectBinding(await sb.get(`${LISTS}/get-by-member`, lists), 'party');
	for (let i = 0; i < 101; i++)
		expectStatus(await put(`${LISTS}/skd/page_${String(i).padStart(3, '0')}`, await sb.orgToken(AGENCY, S_LIST_WRITE), { name: `${i}` }), 200);
	const page = expectStatus(await sb.get(`${LISTS}/skd`, await sb.orgToken(AGENCY, S_LIST_READ)), 200).json;
	assert.equal(page.data.length, 100);
	const rest = expectStatus(await sb.get(page.links.next.slice(sb.url.length), await sb.orgToken(AGENCY, S_LIST_READ)), 200).json;
	assert.deepEqual([rest.data.map((l) => l.identifier), rest.links.next], [['page_100'], null]);
});

test('who may see and change an access list', async () => {
	const list = `${LISTS}/ttd/apilist`, theirs = await sb.orgToken(AGENCY, S_LIST_WRITE), reader = await sb.orgToken(MINISTRY, S_LIST_READ);
	const before = await members('apilist');
	const body = { data: [org(SUPPLIER)] };
	const writes = [['PUT', list, { name: 'x' }], ['DELETE', list], ['PUT', `${list}/members`, body], ['POST', `${list}/members`, body],
		['DELETE', `${list}/members`, body], ['PUT', `${list}/resource-connections/api_listed`, {}], ['DELETE', `${list}/resource-connections/api_listed`]];
	for (const [method, target, json] of writes) {
		expectEmpty(await sb.request(method, target, { json }), 401);
		expectEmpty(await sb.request(method, target, { json, token: reader }), 403, `${method} with the scope to read`);
		expectStatus(await sb.request(method, target, { json, token: theirs }), 403, `${method} of another's list`);
		expectPlain(await sb.request(method, target, { json, token: await sb.orgToken(null, S_LIST_WRITE) }), 401);
	}
	for (const target of [`${LISTS}/ttd`, list, `${list}/members`, `${list}/resource-connections`]) {
		expectEmpty(await sb.get(target), 401);
		expectEmpty(await sb.get(target, ttd), 403, 'another scope');
		expectStatus(await sb.get(target, theirs), 403, 'another owner');
	}
	expectStatus(await put(`${LISTS}/skd/mine`, theirs, { name: 'x' }), 200);
	expectStatus(await put(`${LISTS}/skd/mine/resource-connections/${INCOME}`, theirs, {}), 403, 'a list may not shut the door of another\'s resource');
	expectStatus(await put(`${LISTS}/skd/mine/resource-connections/nothing`, theirs, {}), 404);
	expectStatus(await put(`${LISTS}/nobody/mine`, theirs, { name: 'x' }), 403, 'a code that nobody has');
	assert.deepEqual(await members('apilist'), before);
});

test('access lists: faults', async () => {
	const list = `${LISTS}/ttd/faulty`;
	expectBinding(await put(list, lists, { name: 7, more: 1 }), '$.more');
	expectBinding(await put(list, lists, { name: 7 }), '$.name');
	expectBinding(await put(`${LISTS}/ttd/a%20b`, lists, { name: 'x' }), '$.identifier');
	expectStatus(await sb.post(`${list}/members`, lists, { data: [] }), 404, 'no such list');
	expectStatus(await put(list, lists, { name: 'x' }), 200);
	for (const data of [undefined, null, 'x', {}])
		expectBinding(await sb.post(`${list}/members`, lists, { data }), '$.data');
	const bad = await sb.post(`${list}/members`, lists, { data: [org(BANK), org('810419513'), `urn:altinn:person:identifier-no:${ELENA}`, 7] });
	expectBinding(bad, ['$.data[1]', '$.data[2]', '$.data[3]']);
	assert.deepEqual(await members('faulty'), []);
	expectBinding(await put(`${list}/resource-connections/${INCOME}`, lists, { actionFilters: ['a b'] }), '$.actionFilters[0]');
	expectBinding(await put(`${list}/resource-connections/${INCOME}`, lists, { actionFilters: 'read' }), '$.actionFilters');
	expectBinding(await put(`${list}/resource-connections/${INCOME}`, lists, { actionFilters: Array(21).fill('read') }), '$.actionFilters');
	expectBinding(await sb.post(`${list}/members`, lists, [org(BANK)]), '$');
});

// Organisation numbers with their check digit.
function orgnos(n) {
	const list = [], weights = [3, 2, 7, 6, 5, 4, 3, 2];
	for (let i = 20000000; list.length < n; i++) {
		const digits = String(i), control = (11 - ([...digits].reduce((sum, d, k) => sum + d * weights[k], 0) % 11)) % 11;
		if (control < 10)
			list.push(digits + control);
	}
	return list;
}

test('access lists: a thousand members in a call, a hundred thousand in a list, a hundred on a page', async () => {
	const list = `${LISTS}/ttd/large`, numbers = orgnos(100001);
	expectStatus(await put(list, lists, { name: 'x' }), 200);
	expectBinding(await put(`${list}/members`, lists, { data: numbers.slice(0, 1001).map(org) }), '$.data');
	const first = expectStatus(await put(`${list}/members`, lists, { data: numbers.slice(0, 1000).map(org) }), 200).json;
	assert.equal(first.data.length, 100);
	const seen = [];
	for (let next = `${list}/members`; next;) {
		const page = expectStatus(await sb.get(next, lists), 200).json;
		seen.push(...page.data.map((m) => m.identifiers['urn:altinn:organization:identifier-no']));
		next = page.links.next?.slice(sb.url.length);
	}
	assert.deepEqual(seen, numbers.slice(0, 1000));
	expectStatus(await sb.apply({ accessLists: [{ owner: 'ttd', identifier: 'large', members: numbers.slice(0, 100000).map(org) }] }), 204);
	expectStatus(await sb.post(`${list}/members`, lists, { data: [org(numbers[5])] }), 200, 'who is on it already');
	expectBinding(await sb.post(`${list}/members`, lists, { data: [org(numbers[100000])] }), '$.members');
	expectStatus(await del(`${list}/members`, lists, { data: [org(numbers[0])] }), 200);
	expectStatus(await sb.post(`${list}/members`, lists, { data: [org(numbers[100000])] }), 200);
	expectEmpty(await del(list, lists), 204);
});

// ---- what the operator does ----

test('what another process applies is read at the next request; what is published is exported', async () => {
	const r = await publish();
	const file = path.join(tempDir(), 'more.json');
	writeFileSync(file, JSON.stringify({ resources: [{ ...r, versionId: 2, title: { nb: 'Fra driften' } }] }));
	const applied = await run(['apply', '--sandbox', '--set', `store=${store}`, file]);
	assert.equal(applied.status, 0, applied.stderr);
	assert.equal((await read(r.identifier)).title.nb, 'Fra driften');
	assert.equal(expectStatus(await put(`${RESOURCE}/${r.identifier}`, ttd, { ...r, title: { nb: 'Fra eieren' } }), 200).json.versionId, 3);
	const exported = await run(['export', '--sandbox', '--set', `store=${store}`]);
	assert.equal(exported.status, 0, exported.stderr);
	const kept = JSON.parse(exported.stdout).resources.filter((x) => x.identifier === r.identifier);
	assert.deepEqual(kept.map((x) => [x.versionId, x.title.nb]), [[1, 'Utgitt'], [2, 'Fra driften'], [3, 'Fra eieren']]);
	assert.deepEqual(kept[2].policy, r.policy);
});
