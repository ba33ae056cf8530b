// Altinn 2 against a sandbox: API keys, requests, codes, tokens whose signatures another library checks.
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import * as jose from 'jose';
import { expectStatus } from './sandbox.mjs';
import { BANK, BFF, ELENA } from './world.mjs';

export const REQUESTS2 = '/api/consentRequests', TOKEN2 = '/api/authorization/token';
export const KEYS2 = { bank: '5A6B0D1E-0000-4000-8000-810419512000', supplier: '5A6B0D1E-0000-4000-8000-810418192000',
	tax: '5A6B0D1E-0000-4000-8000-974761076000', digdir: '5A6B0D1E-0000-4000-8000-991825827000' };
export const S2_READ = 'altinn:consentrequests.read', S2_WRITE = 'altinn:consentrequests.write';
export const S2_TOKENS = 'altinn:consenttokens.read', S2_TOKENS_WRITE = 'altinn:consenttokens.write';

export function call2(sb, method, target, { key = KEYS2.bank, token, body, accept = 'application/hal+json' } = {}) {
	const headers = key ? { ApiKey: key } : {};
	return sb.request(method, target, { token, json: body, headers, accept });
}

const pad = (n) => String(n).padStart(2, '0');
// A naive time of the form that Altinn 2 knows, so many days from the sandbox's now, in Norwegian time.
export function local2(sb, days) {
	const parts = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Oslo', dateStyle: 'short', timeStyle: 'medium' })
		.format(new Date((sb.nowS() + days * 86400) * 1000));
	return parts.replace(' ', 'T');
}

export function body2(sb, changes = {}) {
	return {
		CoveredBy: BANK, OfferedBy: ELENA, OfferedByName: 'Fjær', ValidTo: local2(sb, 5), RedirectUrl: 'https://bank.example/retur?sak=42',
		RequestResources: [
			{ ServiceCode: '4629', ServiceEditionCode: 2, Metadata: { inntektsaar: '2024' } },
			{ ServiceCode: '4630', ServiceEditionCode: 2, Metadata: { fraOgMed: '2025-01', tilOgMed: '2025-03' } },
		],
		...changes,
	};
}

export async function ask2(sb, changes, how = {}) {
	const token = how.token ?? await sb.orgToken(BANK, S2_WRITE);
	return expectStatus(await call2(sb, 'POST', REQUESTS2, { token, body: body2(sb, changes), ...how }), 201).json;
}

export async function answer2(sb, code, what, pid = ELENA) {
	const token = await sb.personToken(pid);
	return expectStatus(await sb.post(`${BFF}/${code}/${what}`, token, what === 'accept' ? { language: 'nb' } : undefined), 200);
}

// The token's header and claims, its signature checked with jose after the keys' padded numbers are mended.
export async function verified2(sb, token) {
	const { keys } = expectStatus(await sb.get('/api/metadata/jwk'), 200).json;
	const { x5t } = jose.decodeProtectedHeader(token);
	const key = keys.find((k) => k.kid === x5t);
	assert.ok(key, `no key ${x5t}`);
	assert.match(key.n, /==$/);
	const n = Buffer.from(key.n, 'base64').toString('base64url');
	const imported = await jose.importJWK({ kty: 'RSA', e: key.e, n, alg: 'RS256' });
	const { payload, protectedHeader } = await jose.jwtVerify(token, imported, { algorithms: ['RS256'], issuer: 'altinn.no', currentDate: new Date(sb.nowS() * 1000) });
	return { payload, header: protectedHeader };
}
