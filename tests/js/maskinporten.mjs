// The data consumer's side of the issuer: keys, grants, token requests. All cryptography is npm jose's.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import * as jose from 'jose';
import { describe, expectStatus } from './sandbox.mjs';

export const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const CONSENT_TYPE = 'urn:altinn:consent';

// {kid, alg, key, publicJwk, privateJwk}
export async function makeKey(kid, alg = 'RS256') {
	const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
	const publicJwk = { ...(await jose.exportJWK(publicKey)), kid, use: 'sig', alg };
	const privateJwk = { ...(await jose.exportJWK(privateKey)), kid, use: 'sig', alg };
	return { kid, alg, key: privateKey, publicJwk, privateJwk };
}

export async function keyOf(privateJwk) {
	const { d, p, q, dp, dq, qi, ...publicJwk } = privateJwk;
	return { kid: privateJwk.kid, alg: privateJwk.alg ?? 'RS256', key: await jose.importJWK(privateJwk, 'RS256'), publicJwk, privateJwk };
}

// A grant of `client` ({clientId, key}). claims: members on top of the usual ones, undefined takes one away. header: likewise.
export async function makeGrant(sb, client, claims = {}, header = {}, { key, sign } = {}) {
	const iat = sb.nowS();
	const payload = strip({ iss: client.clientId, aud: `${sb.url}/`, iat, exp: iat + 100, jti: randomUUID(), ...claims });
	const head = strip({ alg: client.key.alg, kid: client.key.kid, ...header });
	if (sign)
		return sign(head, payload);
	return new jose.CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
		.setProtectedHeader(head)
		.sign(key ?? client.key.key);
}

function strip(o) {
	return Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined));
}

export const b64u = (v) => Buffer.from(typeof v === 'string' ? v : JSON.stringify(v)).toString('base64url');
// Three parts with whatever stands in them; nothing is signed.
export const unsigned = (head, payload, signature = '') => `${b64u(head)}.${b64u(payload)}.${signature}`;

export function formBody(pairs) {
	return pairs.map(([k, v]) => `${encodeURIComponent(k)}=${encodeURIComponent(v)}`).join('&');
}

export function postForm(sb, body, headers = {}) {
	return sb.request('POST', '/token', { body, headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers } });
}

export function postGrant(sb, assertion) {
	return postForm(sb, formBody([['grant_type', GRANT_TYPE], ['assertion', assertion]]));
}

export async function askToken(sb, client, claims, header, how) {
	return postGrant(sb, await makeGrant(sb, client, claims, header, how));
}

export function consentDetails(id, from) {
	return [{ type: CONSENT_TYPE, id, from }];
}

// The answer of the endpoint, checked; {token, claims, header, answer}.
export async function getToken(sb, client, claims, header, how) {
	return tokenOf(sb, await askToken(sb, client, claims, header, how));
}

export async function tokenOf(sb, res) {
	expectStatus(res, 200);
	assert.equal(res.reason, 'OK');
	assert.match(res.headers['content-type'], /^application\/json\b/);
	assert.equal(res.headers['cache-control'], 'no-store', describe(res));
	assert.equal(res.headers.pragma, 'no-cache', describe(res));
	const answer = res.json;
	assert.deepEqual(Object.keys(answer).sort(), ['access_token', 'expires_in', 'scope', 'token_type'], describe(res));
	assert.equal(answer.token_type, 'Bearer');
	assert.equal(typeof answer.expires_in, 'number');
	assert.equal(typeof answer.scope, 'string');
	const keys = jose.createLocalJWKSet(expectStatus(await sb.get('/jwk'), 200).json);
	const { payload, protectedHeader } = await jose.jwtVerify(answer.access_token, keys, {
		issuer: `${sb.url}/`, algorithms: ['RS256'], currentDate: new Date(sb.now()), clockTolerance: 2,
	});
	assert.deepEqual(Object.keys(protectedHeader).sort(), ['alg', 'kid'], 'the header has no other member');
	assert.equal(answer.expires_in, payload.exp - payload.iat);
	assert.equal(answer.scope, payload.scope);
	return { token: answer.access_token, claims: payload, header: protectedHeader, answer };
}

// An OAuth fault: status, error, MP code ('' for none) and the text before the trace id.
export function expectFault(sb, res, status, error, code, text) {
	expectStatus(res, status);
	assert.match(res.headers['content-type'] ?? '', /^application\/json\b/, describe(res));
	assert.equal(res.headers['cache-control'], 'no-store', describe(res));
	const body = res.json;
	assert.equal(body.error, error, describe(res));
	assert.deepEqual(Object.keys(body), code ? ['error', 'error_description', 'error_uri'] : ['error', 'error_description'], describe(res));
	assert.equal(body.error_uri, code ? `${sb.url}/errors/${code}` : undefined, describe(res));
	assert.match(body.error_description, /^.+\. \(trace_id: [0-9a-f]{32}\)$/, describe(res));
	assert.match(body.error_description, /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/, 'characters that RFC 6749 section 5.2 allows');
	if (text instanceof RegExp)
		assert.match(body.error_description, text, describe(res));
	else if (text)
		assert.equal(body.error_description.replace(/\. \(trace_id: [0-9a-f]{32}\)$/, ''), text, describe(res));
	return body;
}
