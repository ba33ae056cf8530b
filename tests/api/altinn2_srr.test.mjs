// The allow-list of a service, as its owner keeps it over HTTP.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { KEYS2, REQUESTS2, S2_WRITE, body2, call2 } from '../js/altinn2.mjs';
import { expectStatus, startSandbox } from '../js/sandbox.mjs';
import { BAKERY, BANK, SUPPLIER } from '../js/world.mjs';

const sb = await startSandbox();
after(() => sb.stop());
const SRR = '/api/serviceowner/srr', OWN = { ServiceCode: '4630', ServiceEditionCode: 2 };
const writer = await sb.orgToken('991825827', 'altinn:serviceowner/srr.write');
const call = (method, path, body, how) => call2(sb, method, `${SRR}${path}`, { key: KEYS2.digdir, body, ...(method !== 'GET' && { token: writer }), ...how });
const rule = (Reportee, more) => ({ Reportee, Right: 'Read', ValidTo: null, Condition: { HandledBy: null, KeepSessionAlive: false, AllowedRedirectDomain: [] }, ...more });
const results = (res) => expectStatus(res, 200).json.map((r) => r.OperationResult);
const list = async (query = '') => expectStatus(await call('GET', `?serviceCode=4630&serviceEditionCode=2${query}`), 200).json;
const asked = async () => (await call2(sb, 'POST', REQUESTS2, { token: await sb.orgToken(BANK, S2_WRITE), body: body2(sb) })).status;

test('rules are added, shown, replaced and removed, and count at once', async () => {
	assert.deepEqual((await list()).map((r) => r.Reportee), [BANK]);
	assert.deepEqual(results(await call('POST', '', { ...OWN, Rights: [rule(BAKERY), rule(BANK), rule('1'), rule(SUPPLIER, { ValidTo: '2020-01-01T00:00:00' })] })),
		['Ok', 'RuleAlreadyExists', 'EmptyOrNotAValidSsnOrOrganisation', 'RightAlreadyExpired']);
	assert.deepEqual((await list()).map((r) => r.Reportee), [BANK, BAKERY]);
	assert.deepEqual((await list(`&reportee=${BAKERY}`)).map((r) => r.Id), [`4630_2_${BAKERY}`]);
	assert.deepEqual(results(await call('POST', '', [{ ...OWN, ...rule(SUPPLIER) }])), ['Ok']);

	const id = `/4630_2_${BANK}`;
	const one = expectStatus(await call('GET', id), 200).json;
	assert.deepEqual(one, { Id: `4630_2_${BANK}`, ServiceCode: '4630', ServiceEditionCode: 2, Reportee: BANK, Right: 'Read', ValidTo: null,
		Condition: { HandledBy: SUPPLIER, KeepSessionAlive: false, AllowedRedirectDomain: [] } });
	assert.equal(await asked(), 201);
	const changed = rule(BANK, { ValidTo: '2040-01-01T00:00:00', Condition: { HandledBy: SUPPLIER, KeepSessionAlive: true, AllowedRedirectDomain: ['*.other.example'] } });
	assert.equal(expectStatus(await call('PUT', id, changed), 200).json.OperationResult, 'Ok');
	assert.equal(await asked(), 400, 'the domain is another one');
	const now = expectStatus(await call('GET', id), 200).json;
	assert.deepEqual([now.ValidTo, now.Condition], ['2040-01-01T00:00:00.000', changed.Condition]);
	assert.equal(expectStatus(await call('DELETE', id), 200).json.OperationResult, 'Ok');
	assert.equal(await asked(), 400, 'no longer on the list');
	for (const method of ['GET', 'DELETE'])
		expectStatus(await call(method, id), 404);
	expectStatus(await call('PUT', id, rule(BANK)), 404);
	assert.deepEqual(results(await call('POST', '', [{ ...OWN, ...rule(BANK) }])), ['Ok']);
	assert.equal(await asked(), 201);
});

test('a rule ends with its time', async () => {
	const soon = rule(BANK, { ValidTo: '2039-12-31T00:00:00' });
	expectStatus(await call('PUT', `/4630_2_${BANK}`, soon), 200);
	assert.equal(await asked(), 201);
	expectStatus(await sb.post('/sandbox/clock', undefined, { now: '2040-01-01T00:00:00Z' }), 200);
	const body = { ...body2(sb), ValidTo: '2040-01-05T00:00:00' };
	const res = await call2(sb, 'POST', REQUESTS2, { token: await sb.orgToken(BANK, `${S2_WRITE} later`), body });
	assert.ok(expectStatus(res, 400).json.some((e) => e.ErrorCode === '40309'));
	expectStatus(await sb.post('/sandbox/clock', undefined, {}), 200);
	expectStatus(await call('PUT', `/4630_2_${BANK}`, rule(BANK)), 200);
});

// Each would let in more than the owner meant, if the member were passed over.
const LOOSE = [{ ValidTo: 5 }, { ValidTo: '' }, { Condition: 'x' }, { Condition: [] }, { Condition: { HandledBy: 5 } }, { Condition: { KeepSessionAlive: 'true' } },
	...[[1], [null], ['*bank.example'], ['bank.*'], [''], ['x'.repeat(2001)], ['javascript://'], { 0: 'a.example' }].map((AllowedRedirectDomain) => ({ Condition: { AllowedRedirectDomain } }))];

test('only the owner, and what it sends is checked', async () => {
	const before = (await list()).map((r) => r.Reportee);
	for (const key of [KEYS2.bank, KEYS2.tax])
		expectStatus(await call('GET', '?serviceCode=4630&serviceEditionCode=2', undefined, { key }), 403);
	expectStatus(await call('GET', '?serviceCode=4630&serviceEditionCode=2', undefined, { key: null }), 401);
	expectStatus(await call('GET', '?serviceCode=1&serviceEditionCode=2'), 403);
	const asBank = await sb.orgToken(BANK, 'altinn:serviceowner/srr.write');
	expectStatus(await call('POST', '', [{ ...OWN, ...rule(BAKERY) }], { key: KEYS2.bank, token: asBank }), 403);
	expectStatus(await call('POST', '', [{ ...OWN, ...rule(BAKERY) }], { key: KEYS2.bank }), 403);
	for (const [method, path, body] of [['POST', '', [{ ...OWN, ...rule(BAKERY) }]], ['PUT', `/4630_2_${BANK}`, rule(BANK)], ['DELETE', `/4630_2_${BANK}`]]) {
		assert.match(expectStatus(await call(method, path, body, { token: undefined }), 401).text, /token or a client certificate is missing/, 'a key alone changes nothing');
		expectStatus(await call(method, path, body, { key: null, token: undefined }), 401);
	}
	const token = await sb.orgToken('991825827', 'altinn:serviceowner/srr.read');
	expectStatus(await call('GET', '?serviceCode=4630&serviceEditionCode=2', undefined, { key: null, token }), 200);
	expectStatus(await call('DELETE', `/4630_2_${BANK}`, undefined, { key: null, token }), 403);
	assert.deepEqual(results(await call('POST', '', [{ ...OWN, ...rule(BANK) }], { key: null })), ['RuleAlreadyExists'], 'a token alone is enough');
	const bad = ['x', {}, [], { ...OWN, Rights: [] }, [{ ...rule(BAKERY) }], [{ ...OWN, ...rule(BAKERY, { Right: 'x' }) }], [{ ...OWN, ...rule(BAKERY, { ValidTo: 'x' }) }],
		[{ ...OWN, ...rule(BAKERY, { Condition: { AllowedRedirectDomain: 'x' } }) }], [{ ...OWN, ...rule(BAKERY, { Condition: { AllowedRedirectDomain: Array(101).fill('a.example') } }) }],
		Array(101).fill({ ...OWN, ...rule(BAKERY) }), ...LOOSE.map((more) => [{ ...OWN, ...rule(BAKERY, more) }])];
	for (const body of bad)
		expectStatus(await call('POST', '', body), 400, JSON.stringify(body).slice(0, 200));
	for (const id of ['x', '4630_2', '4630_x_1'])
		expectStatus(await call('GET', `/${id}`), 404);
	for (const body of [[], ...LOOSE.map((more) => rule(BANK, more))])
		expectStatus(await call('PUT', `/4630_2_${BANK}`, body), 400, JSON.stringify(body).slice(0, 200));
	assert.deepEqual((await list()).map((r) => r.Reportee), before, 'a refusal changes nothing');
});

test('rules of one call are written together or not at all', async () => {
	const before = await list();
	expectStatus(await call('POST', '', [{ ...OWN, ...rule(BAKERY) }, { ServiceCode: '4628', ServiceEditionCode: 210607, ...rule(BAKERY) }]), 403);
	assert.deepEqual(await list(), before);
	expectStatus(await call('DELETE', `/4630_2_${BAKERY}`), before.some((r) => r.Reportee === BAKERY) ? 200 : 404);
	assert.deepEqual(results(await call('POST', '', [{ ...OWN, ...rule(BAKERY) }, { ...OWN, ...rule(BAKERY) }])), ['Ok', 'RuleAlreadyExists']);
	assert.equal((await list()).filter((r) => r.Reportee === BAKERY).length, 1);
});

test('without its last rule a service is closed to everybody', async () => {
	for (const { Id } of await list())
		expectStatus(await call('DELETE', `/${Id}`), 200);
	assert.deepEqual(await list(), []);
	const token = await sb.orgToken(BANK, S2_WRITE);
	const res = await call2(sb, 'POST', REQUESTS2, { token, body: body2(sb) });
	assert.ok(expectStatus(res, 400).json.some((e) => e.ErrorCode === '40309'));
	assert.deepEqual(results(await call('POST', '', [{ ...OWN, ...rule(BANK) }])), ['Ok']);
	assert.equal(await asked(), 201);
});
