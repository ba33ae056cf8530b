// The built-in world, and what the tests add to it.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { keyOf, makeKey } from './maskinporten.mjs';
import { ROOT } from './sandbox.mjs';

export const builtin = JSON.parse(readFileSync(path.join(ROOT, 'seeds/sandbox.json'), 'utf8'));
export const signingJwk = JSON.parse(readFileSync(path.join(ROOT, 'seeds/sandbox-signing-keys.json'), 'utf8')).keys[0];

export const person = (pid) => `urn:altinn:person:identifier-no:${pid}`;
export const org = (orgno) => `urn:altinn:organization:identifier-no:${orgno}`;
export const partyUuid = (uuid) => `urn:altinn:party:uuid:${uuid}`;
export const uuidOf = (number) =>
	builtin.parties.find((p) => p.nationalId === number || p.organizationNumber === number).uuid;

export const ELENA = '01025161013', ASMUND = '05857420189', SIRI = '15950190873';
export const STRANGER = '22877497392'; // valid, not registered
export const BANK = '810419512', SUPPLIER = '810418192', AGENCY = '974761076', MINISTRY = '991825827', BAKERY = '312587408';
export const NOBODY = '974760673'; // valid, not registered
export const LENDER = '910194143'; // of the tests' own world
export const INCOME = 'ttd_inntektsopplysninger';

export const S_READ = 'altinn:consentrequests.read', S_WRITE = 'altinn:consentrequests.write', S_ORG = 'altinn:consentrequests.org';
export const S_LOOKUP = 'altinn:maskinporten/consent.read', S_PORTAL = 'altinn:portal/enduser', S_USE = 'altinn:consents.use';

export const API = '/accessmanagement/api/v1';
export const REQUESTS = `${API}/enterprise/consentrequests`;
export const BFF = `${API}/bff/consentrequests`;
export const USES = `${API}/resourceowner/consents`;
export const LOOKUP = `${API}/maskinporten/consent/lookup`;

// A client of the built-in world with its published private key.
export async function builtinClient(orgno) {
	const c = builtin.clients.find((x) => x.orgno === orgno);
	return { clientId: c.clientId, orgno, key: await keyOf(c.privateJwk), scopes: c.scopes };
}

const authority = { organization: MINISTRY, orgcode: 'ttd', name: { nb: 'Testdepartementet' } };
const anyOrg = { actions: ['requestconsent'], subjects: [['urn:altinn:partytype:organization']] };
const mayGive = { actions: ['consent', 'read'], subjects: [['urn:altinn:rolecode:priv'], ['urn:altinn:rolecode:dagl']] };

export function resource(identifier, more = {}, request = anyOrg, level = 3) {
	return {
		identifier, resourceType: 'Consent', versionId: 1, status: 'Completed', title: { nb: identifier },
		hasCompetentAuthority: authority, consentTemplate: 'default', consentText: { nb: `Tekst for ${identifier}` },
		consentMetadata: {}, isOneTimeConsent: false, delegable: true, accessListMode: 'Disabled',
		policy: { minimumAuthenticationLevel: level, rules: [request, mayGive] }, ...more,
	};
}

// Resources and scopes that each rule needs, and clients with keys of this run. {document, clients}
export async function testWorld() {
	const scopes = [
		{ scope: 'api:plain', owner: MINISTRY, delegationSource: 'https://tt02.altinn.no/', grants: [BANK, SUPPLIER] },
		{ scope: 'api:open', owner: MINISTRY, accessibleForAll: true, delegationSource: 'https://tt02.altinn.no/' },
		{ scope: 'api:ungranted', owner: MINISTRY, delegationSource: 'https://tt02.altinn.no/', grants: [NOBODY] },
		{ scope: 'api:undelegable', owner: MINISTRY, grants: [BANK] },
		{ scope: 'api:short', owner: MINISTRY, atMaxAge: 30, grants: [BANK] },
		{ scope: 'api:inactive', owner: MINISTRY, grants: [BANK] },
	].map((s) => ({ description: s.scope, accessibleForAll: false, grants: [], ...s }));
	const names = scopes.map((s) => s.scope);
	const clients = {};
	const client = async (name, orgno, list, more = {}) => {
		clients[name] = { clientId: randomUUID(), orgno, key: await makeKey(`${name}-1`) };
		return { clientId: clients[name].clientId, orgno, name, scopes: list, jwks: { keys: [clients[name].key.publicJwk] }, redirectAllow: [], ...more };
	};
	const document = {
		parties: [{ type: 'organization', organizationNumber: LENDER, name: 'LÅN SA', unitType: 'SA' }],
		resources: [
			resource('api_plain'),
			resource('api_meta', { consentMetadata: { aar: { optional: false }, merknad: { optional: true } } }),
			resource('api_other_template', { consentTemplate: 'poa' }),
			resource('api_short', { limits: { maxValidity: 'P10D' } }),
			resource('api_high', {}, anyOrg, 4),
			resource('api_listed', { accessListMode: 'Enabled' }),
			resource('api_by_list', {}, { actions: ['requestconsent'], subjects: [['urn:altinn:access-list:ttd:apilist']] }),
			resource('api_agency_only', {}, { actions: ['requestconsent'], subjects: [[org(AGENCY)]] }),
			resource('api_generic', { resourceType: 'GenericAccessResource' }),
		],
		accessLists: [{ owner: 'ttd', identifier: 'apilist', name: 'Tests', members: [org(BANK)],
			resourceConnections: [{ resource: 'api_listed', actionFilters: ['requestconsent'] }] }],
		scopes,
		clients: [
			await client('bank', BANK, [...names, S_READ, S_WRITE]),
			await client('supplier', SUPPLIER, [...names, S_READ, S_WRITE]),
			await client('agency', AGENCY, ['api:open', S_READ, S_WRITE, S_ORG]),
			await client('lender', LENDER, ['api:open'], { redirectAllow: ['https://laan.example', 'https://*.laan.example'] }),
			await client('longlived', BANK, ['api:plain', 'api:short'], { accessTokenLifetime: 600 }),
		],
		delegations: [{ consumer: BANK, supplier: SUPPLIER, scopes: ['api:plain', 'api:open', S_READ, S_WRITE] }],
	};
	return { document, clients };
}

export const inactiveScope = { scopes: [{ scope: 'api:inactive', state: 'absent' }] };

export function right(value = 'api_plain', metadata, action = ['read']) {
	return { action, resource: [{ type: 'urn:altinn:resource', value }], ...(metadata && { metadata }) };
}

// A request body; changes replace members, undefined takes one away.
export function requestBody(sb, changes = {}) {
	const body = {
		id: randomUUID(),
		from: person(ELENA),
		to: org(BANK),
		validTo: sb.inDays(5),
		consentRights: [right(INCOME, { INNTEKTSAAR: '2025' })],
		requestMessage: { en: 'Please approve this consent request' },
		redirectUrl: 'https://www.dnb.no',
		...changes,
	};
	return Object.fromEntries(Object.entries(body).filter(([, v]) => v !== undefined));
}
