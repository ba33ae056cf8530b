// Who is calling: bearer tokens, scopes, the sandbox's token generator.
import assert from 'node:assert/strict';
import { createPublicKey, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import * as jose from 'jose';
import { b64u, keyOf, makeKey, unsigned } from '../js/maskinporten.mjs';
import { expectPlain, expectProblem } from '../js/problems.mjs';
import { describe, expectEmpty, expectStatus, startSandbox } from '../js/sandbox.mjs';
import {
	AGENCY, BANK, BFF, ELENA, LOOKUP, REQUESTS, S_LOOKUP, S_ORG, S_PORTAL, S_READ, S_WRITE, SUPPLIER, builtin, org, requestBody, signingJwk,
	testWorld, uuidOf,
} from '../js/world.mjs';

const { document, clients } = await testWorld();
const sb = await startSandbox({ apply: document });
const platform = await keyOf(signingJwk); // the sandbox's key is published: tests make tokens of any content with it
const publicPem = createPublicKey({ key: signingJwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });

const party = (orgno, scheme = '0192') => ({ authority: 'iso6523-actorid-upis', ID: `${scheme}:${orgno}` });
const claims = (more = {}) => {
	const now = sb.nowS();
	const all = { iss: `${sb.url}/`, scope: S_WRITE, consumer: party(BANK), iat: now, exp: now + 120, jti: randomUUID(), ...more };
	return Object.fromEntries(Object.entries(all).filter(([, v]) => v !== undefined));
};
const sign = (payload, header = {}, key = platform.key) => {
	const head = Object.fromEntries(Object.entries({ alg: 'RS256', kid: signingJwk.kid, ...header }).filter(([, v]) => v !== undefined));
	return new jose.CompactSign(new TextEncoder().encode(typeof payload === 'string' ? payload : JSON.stringify(payload))).setProtectedHeader(head).sign(key);
};
const send = (token) => sb.post(REQUESTS, token, requestBody(sb));
const sendAs = (value) => sb.post(REQUESTS, null, requestBody(sb), { headers: { Authorization: value } });

const all = [
	['POST', REQUESTS, S_WRITE], ['GET', `${REQUESTS}/${randomUUID()}`, S_READ], ['POST', LOOKUP, S_LOOKUP],
	['GET', `${BFF}/${randomUUID()}`, S_PORTAL], ['POST', `${BFF}/${randomUUID()}/accept`, S_PORTAL], ['POST', `${BFF}/${randomUUID()}/reject`, S_PORTAL],
];
for (const [method, path] of all)
	test(`${method} ${path.replace(/[0-9a-f-]{36}/, '{id}')}: no token is 401, a wrong scope 403, both empty`, async () => {
		const res = expectEmpty(await sb.request(method, path, {}), 401);
		assert.match(res.headers['www-authenticate'] ?? '', /^Bearer\b/, describe(res));
		expectEmpty(await sb.request(method, path, { token: await sign(claims({ scope: 'some:other' })) }), 403);
		expectEmpty(await sb.request(method, path, { token: await sign(claims({ scope: undefined })) }), 403);
		expectEmpty(await sb.request(method, path, { token: 'garbage' }), 401);
	});

test('a token of the platform\'s own key passes', async () => {
	expectStatus(await send(await sign(claims())), 201);
	expectStatus(await sendAs(`bearer ${await sign(claims())}`), 201, 'the scheme is read in any letter case');
	expectStatus(await send(await sign(claims({ aud: 'https://anybody.example' }))), 201, 'the audience is not looked at');
	expectStatus(await send(await sign(claims({ iat: undefined }))), 201, 'iat is not needed');
	expectStatus(await send(await sign(claims(), { typ: 'JWT' })), 201);
});

test('a real token of the issuer passes', async () => {
	const { getToken } = await import('../js/maskinporten.mjs');
	const { token } = await getToken(sb, clients.bank, { scope: S_WRITE });
	expectStatus(await send(token), 201);
});

for (const value of ['', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearer a', 'Bearer a.b', 'Bearer a.b.c', 'Bearer a.b.c.d.e', 'Bearer ..', 'Bearer {}', 'Token x', `Bearer ${'A'.repeat(8000)}`])
	test(`Authorization: ${value.slice(0, 20)}: 401`, async () => {
		expectEmpty(await sendAs(value), 401);
	});

test('two Authorization headers: 401', async () => {
	const token = await sign(claims());
	const res = await sb.post(REQUESTS, null, requestBody(sb), { headers: { Authorization: [`Bearer ${token}`, `Bearer ${token}`] } });
	assert.ok([400, 401].includes(res.status), describe(res));
});

test('expired: the clock moves and the token with it', async () => {
	const token = await sign(claims({ exp: sb.nowS() + 60 }));
	expectStatus(await send(token), 201);
	await sb.clock({ offset: 'PT61S' });
	expectEmpty(await send(token), 401, 'remembered tokens expire too');
	expectStatus(await send(await sign(claims())), 201);
	await sb.clock({});
	expectEmpty(await send(await sign(claims({ exp: sb.nowS() - 1 }))), 401);
});

const refused = [
	['without exp', () => sign(claims({ exp: undefined }))],
	['with exp as text', () => sign(claims({ exp: String(sb.nowS() + 100) }))],
	['with exp null', () => sign(claims({ exp: null }))],
	['with nbf ahead', () => sign(claims({ nbf: sb.nowS() + 60 }))],
	['of another issuer', () => sign(claims({ iss: 'https://maskinporten.no/' }))],
	['of the issuer without its slash', () => sign(claims({ iss: sb.url }))],
	['without issuer', () => sign(claims({ iss: undefined }))],
	['signed with another key', async () => sign(claims(), {}, (await makeKey('x')).key)],
	['signed with a client\'s key under its kid', () => sign(claims(), { kid: clients.bank.key.kid }, clients.bank.key.key)],
	['with an unknown kid', () => sign(claims(), { kid: 'nobody' })],
	['that brings its own key', async () => {
		const own = await makeKey(signingJwk.kid);
		return sign(claims(), { jwk: own.publicJwk }, own.key);
	}],
	['with jku', async () => sign(claims(), { jku: 'http://127.0.0.1:1/jwk' }, (await makeKey('x')).key)],
	['RS384 for an RS256 key', () => sign(claims(), { alg: 'RS384' }, undefined)],
	['PS256 for an RS256 key', async () => sign(claims(), { alg: 'PS256' }, await jose.importJWK(signingJwk, 'PS256'))],
	['alg none', () => unsigned({ alg: 'none', kid: signingJwk.kid }, claims())],
	['alg None', () => unsigned({ alg: 'None', kid: signingJwk.kid }, claims())],
	['alg empty', () => unsigned({ alg: '', kid: signingJwk.kid }, claims())],
	['HS256 with the public key', () => new jose.CompactSign(new TextEncoder().encode(JSON.stringify(claims())))
		.setProtectedHeader({ alg: 'HS256', kid: signingJwk.kid }).sign(new TextEncoder().encode(publicPem))],
	['typ at+jwt', () => sign(claims(), { typ: 'at+jwt' })],
	['an unknown crit', () => new jose.CompactSign(new TextEncoder().encode(JSON.stringify(claims())))
		.setProtectedHeader({ alg: 'RS256', kid: signingJwk.kid, crit: ['x'], x: 1 }).sign(platform.key, { crit: { x: true } })],
	['with the payload changed', async () => {
		const [h, , s] = (await sign(claims())).split('.');
		return `${h}.${b64u(claims({ consumer: party(AGENCY) }))}.${s}`;
	}],
	['with the signature cut', async () => (await sign(claims())).slice(0, -4)],
	['with padding', async () => `${await sign(claims())}==`],
	['with a line break', async () => (await sign(claims())).replace('.', '.\t')],
	['whose payload is a list', () => sign('[]')],
	['whose payload is no JSON', () => sign('x')],
	['with exp twice', () => sign(`{"iss":"${sb.url}/","scope":"${S_WRITE}","exp":1,"exp":${sb.nowS() + 100}}`)],
];
for (const [name, make] of refused)
	test(`a token ${name}: 401`, async () => {
		let token;
		try {
			token = await make();
		} catch (e) { // jose itself will not sign RS384 with a key for RS256
			if (!/RS384/.test(name))
				throw e;
			token = await sign(claims(), { alg: 'RS384' }, await jose.importJWK({ ...signingJwk, alg: undefined }, 'RS384'));
		}
		expectEmpty(await send(token), 401, name);
	});

for (const scope of [`${S_WRITE}x`, `x${S_WRITE}`, S_WRITE.toUpperCase(), `${S_READ},${S_WRITE}`, 'altinn:consentrequests', '', `${S_WRITE}.org`, [S_WRITE], 7, { a: S_WRITE }, null])
	test(`scope ${JSON.stringify(scope)} is not ${S_WRITE}: 403`, async () => {
		expectEmpty(await send(await sign(claims({ scope }))), 403);
	});

test('one scope among several is enough', async () => {
	expectStatus(await send(await sign(claims({ scope: `a:b ${S_WRITE} c:d` }))), 201);
	expectEmpty(await send(await sign(claims({ scope: S_READ }))), 403, 'read does not write');
});

for (const [name, consumer] of [
	['missing', undefined], ['null', null], ['empty', ''], ['a bare number', BANK], ['a list', [party(BANK)]], ['of scheme 9908', party(BANK, '9908')],
	['of scheme 192', party(BANK, '192')], ['of no scheme', { ...party(BANK), ID: BANK }], ['with three parts', { ...party(BANK), ID: `0192:${BANK}:1` }],
	['with a blank', { ...party(BANK), ID: `0192: ${BANK}` }], ['with wrong check digits', party('810419513')], ['of another authority', { ...party(BANK), authority: 'iso6523' }],
	['with id for ID', { authority: 'iso6523-actorid-upis', id: `0192:${BANK}` }], ['with Authority', { Authority: 'iso6523-actorid-upis', ID: `0192:${BANK}` }],
	['with a number as ID', { ...party(BANK), ID: 810419512 }], ['without authority', { ID: `0192:${BANK}` }], ['a broken text', '{"authority":'],
])
	test(`consumer ${name}: 401`, async () => {
		expectPlain(await send(await sign(claims({ consumer }))), 401);
		expectPlain(await sb.get(`${REQUESTS}/${randomUUID()}`, await sign(claims({ consumer }))), 401);
	});

test('consumer as a text that holds the object', async () => {
	expectStatus(await send(await sign(claims({ consumer: JSON.stringify(party(BANK)) }))), 201);
});

test('a supplier that cannot be understood is none', async () => {
	for (const supplier of [null, 'x', party(SUPPLIER, '9908'), party('123456789'), { ID: SUPPLIER }]) {
		const res = expectStatus(await send(await sign(claims({ supplier }))), 201, JSON.stringify(supplier));
		assert.equal(res.json.handledBy, null);
	}
	assert.equal((await send(await sign(claims({ supplier: party(SUPPLIER) })))).json.handledBy, org(SUPPLIER));
});

test('a person\'s token at an organisation\'s endpoint', async () => {
	expectEmpty(await send(await sb.personToken(ELENA)), 403, 'it lacks the scope');
	expectPlain(await send(await sb.personToken(ELENA, { scopes: S_WRITE })), 401);
});

test('an organisation\'s token at a person\'s endpoint', async () => {
	expectEmpty(await sb.get(`${BFF}/${randomUUID()}`, await sb.orgToken(BANK, S_READ)), 403);
	expectPlain2(await sb.get(`${BFF}/${randomUUID()}`, await sb.orgToken(BANK, S_PORTAL)));
});
function expectPlain2(res) {
	expectStatus(res, 401);
	assert.match(res.headers['content-type'] ?? '', /^application\/problem\+json/, describe(res));
	assert.equal(res.json.title, 'Unauthorized', describe(res));
}

test('a person\'s party uuid that is none: 401', async () => {
	for (const uuid of ['x', '', null, 7, uuidOf(ELENA).replaceAll('-', '')])
		expectPlain2(await sb.get(`${BFF}/${randomUUID()}`, await sign(claims({ scope: S_PORTAL, 'urn:altinn:party:uuid': uuid }))));
});

test('lookup does not look at the consumer', async () => {
	const res = await sb.post(LOOKUP, await sign(claims({ scope: S_LOOKUP, consumer: undefined })), { id: randomUUID(), from: `urn:altinn:person:identifier-no:${ELENA}`, to: org(BANK) });
	expectProblem(res, 'AM-00001');
});

// ---- the token generator ----
const generated = async (target, headers) => {
	const res = expectStatus(await sb.request('GET', target, { headers }), 200);
	assert.match(res.headers['content-type'], /^text\/plain/);
	const keys = jose.createLocalJWKSet((await sb.get('/jwk')).json);
	const { payload } = await jose.jwtVerify(res.text, keys, { currentDate: new Date(sb.now()), clockTolerance: 2 });
	return payload;
};

test('token generator: an organisation', async () => {
	const t = await generated(`/api/GetEnterpriseToken?env=tt02&scopes=a:b%20c:d&orgNo=${BANK}&ttl=3600`, { Authorization: `Basic ${Buffer.from('any:body').toString('base64')}` });
	assert.equal(t.scope, 'a:b c:d');
	assert.deepEqual(t.consumer, party(BANK));
	assert.equal(t['urn:altinn:orgNumber'], BANK);
	assert.equal(t.supplier, undefined);
	assert.equal(t.iss, `${sb.url}/`);
	assert.ok(Math.abs(t.exp - sb.nowS() - 3600) < 5, `exp ${t.exp}`);
	assert.ok(Math.abs(t.iat - sb.nowS()) < 5);
});

test('token generator: supplier, scopes by comma or plus, names in any letter case, no orgNo', async () => {
	const t = await generated(`/api/getenterprisetoken?ENV=at22&SCOPES=a:b,c:d+e:f&ORGNO=${BANK}&SupplierOrgNo=${SUPPLIER}`);
	assert.equal(t.scope, 'a:b c:d e:f');
	assert.deepEqual(t.supplier, party(SUPPLIER));
	const none = await generated('/api/GetEnterpriseToken?env=x&scopes=a:b');
	assert.equal('consumer' in none, false);
	assert.equal((await generated('/api/GetEnterpriseToken/')).scope, '');
});

test('token generator: a person, by each of the ids', async () => {
	const elena = builtin.parties.find((p) => p.nationalId === ELENA);
	for (const [name, value] of [['pid', ELENA], ['userId', elena.userId], ['partyId', elena.partyId], ['partyuuid', elena.uuid], ['partyUuid', elena.uuid]]) {
		const t = await generated(`/api/GetPersonalToken?env=tt02&scopes=${S_PORTAL}&${name}=${value}`);
		assert.equal(t['urn:altinn:party:uuid'], elena.uuid, name);
		assert.equal(t.pid, ELENA, name);
		assert.equal(t['urn:altinn:userid'], elena.userId, name);
		assert.equal(t['urn:altinn:partyid'], elena.partyId, name);
		assert.equal(Number(t['urn:altinn:authlevel']), 3, 'authLvl is 3 unless asked for');
		assert.equal(t.scope, S_PORTAL);
	}
	assert.equal(Number((await generated(`/api/GetPersonalToken?pid=${ELENA}&authLvl=4`))['urn:altinn:authlevel']), 4);
});

test('token generator: several ids at once, partyuuid wins', async () => {
	const t = await generated(`/api/GetPersonalToken?env=tt02&scopes=x:y&userId=99999999&partyuuid=${uuidOf(ELENA)}`);
	assert.equal(t['urn:altinn:party:uuid'], uuidOf(ELENA));
});

test('token generator: an unknown valid number makes a person, a wrong one none', async () => {
	const t = await generated('/api/GetPersonalToken?env=tt02&scopes=x:y&pid=22877497392');
	assert.match(t['urn:altinn:party:uuid'], /^[0-9a-f-]{36}$/);
	expectStatus(await sb.get('/api/GetPersonalToken?pid=22877497393'), 400);
	expectStatus(await sb.get('/api/GetPersonalToken?env=tt02'), 400);
	expectStatus(await sb.get(`/api/GetPersonalToken?pid=${ELENA}&ttl=x`), 400);
	expectStatus(await sb.get('/api/GetPersonalToken?userId=99999999'), 404);
});

test('the org scope is an exact word here too', async () => {
	expectEmpty(await sb.post(REQUESTS, await sign(claims({ scope: `${S_WRITE} ${S_ORG}x` })), requestBody(sb, { to: org(AGENCY) })), 403);
	expectStatus(await sb.post(REQUESTS, await sign(claims({ scope: `${S_WRITE} ${S_ORG}` })), requestBody(sb, { to: org(AGENCY) })), 201);
});

test('the sandbox ends with status 0', async () => {
	await sb.stop();
});
