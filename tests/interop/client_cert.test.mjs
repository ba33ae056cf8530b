// Client certificates of organisations behind nginx, as Altinn 2 knows them: beside an API key, in a header that only a trusted proxy may send.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { after, test } from 'node:test';
import { KEYS2, REQUESTS2, TOKEN2, answer2, body2 } from '../js/altinn2.mjs';
import { makeCertificate } from '../js/certificate.mjs';
import { startNginx } from '../js/nginx.mjs';
import { ROOT, expectStatus, startSandbox, tempDir } from '../js/sandbox.mjs';
import { BANK, MINISTRY, SUPPLIER } from '../js/world.mjs';

const HEADER = 'X-Client-Cert';
const dir = tempDir('samtykke-client-cert-');
execFileSync('bash', [path.join(ROOT, 'tests/data/certs/make.sh'), dir]);
const own = makeCertificate(dir, 'proxy');
const pem = (name) => readFileSync(path.join(dir, `${name}.pem`), 'utf8');
const settings = (trusted) => ['--set', `altinn2.client_cert_header=${HEADER}`, ...(trusted ? ['--set', 'trusted_proxies=127.0.0.1'] : [])];
const service = (srr) => ({ altinn2: { services: [{ serviceCode: '9101', serviceEditionCode: 1, resource: 'ske-samtykke-sbl-summert-skattegrunnlag', srr }] } });
const sb = await startSandbox({ args: settings(true), apply: service([{ orgno: BANK, handledBy: MINISTRY }]) });
const untrusting = await startSandbox({ args: settings(false) });
const off = await startSandbox({ args: ['--set', 'trusted_proxies=127.0.0.1'] });
const { port, child } = await startNginx(`
	ssl_certificate ${own.cert}; ssl_certificate_key ${own.key};
	ssl_client_certificate ${path.join(dir, 'root.pem')}; ssl_verify_client optional; ssl_verify_depth 4;
	location / { proxy_pass ${sb.url}; proxy_set_header Host $http_host; proxy_set_header ${HEADER} $ssl_client_escaped_cert; }`, { listen: 'ssl' });
after(async () => {
	child.kill();
	await Promise.all([sb.stop(), untrusting.stop(), off.stop()]);
});

// Through nginx with the certificate and its chain: {status, text, json}
function call(cert, method, target, { key = KEYS2.bank, body, headers } = {}) {
	const tls = cert && { cert: pem(cert) + pem('between'), key: readFileSync(path.join(dir, `${cert}.key`)) };
	return new Promise((resolve, reject) => {
		const json = { 'Content-Type': 'application/json', Accept: 'application/json' };
		const req = https.request({ host: '127.0.0.1', port, path: target, method, ca: readFileSync(own.cert), servername: 'proxy', checkServerIdentity: () => undefined,
			headers: { ...json, ...(key && { ApiKey: key }), ...headers }, agent: false, ...tls }, (res) => {
			let text = '';
			res.setEncoding('utf8').on('data', (d) => (text += d));
			res.on('end', () => resolve({ method, target, status: res.statusCode, headers: res.headers, text, json: /json/.test(res.headers['content-type'] ?? '') ? JSON.parse(text) : undefined }));
		}).on('error', reject);
		req.end(body && JSON.stringify(body));
	});
}
const create = (cert, changes, how) => call(cert, 'POST', `${REQUESTS2}?ForceEIAuthentication`, { body: body2(sb, changes), ...how });
const direct = (to, value, key = KEYS2.bank) => to.request('POST', REQUESTS2, { json: body2(to), headers: { ApiKey: key, ...(value && { [HEADER]: value }) } });
const nothing = async (res) => assert.match(expectStatus(await res, 401).text, /Maskinporten token or a client certificate is missing/);

test('a request is registered, answered and fetched with a certificate in place of a token', async () => {
	for (const cert of ['seid1', 'seal', 'qseal']) {
		const r = expectStatus(await create(cert), 201).json;
		assert.equal(r.CoveredBy, BANK);
		expectStatus(await call(cert, 'GET', `${REQUESTS2}/${r.AuthorizationCode}`), 200);
		await answer2(sb, r.AuthorizationCode, 'accept');
		assert.match(expectStatus(await call(cert, 'GET', `${TOKEN2}/${r.AuthorizationCode}`), 200).text, /^"ey/);
	}
});

test('a supplier with a certificate must stand in the allow-list of every service', async () => {
	const resources = (...codes) => ({ RequestResources: codes.map(([ServiceCode, ServiceEditionCode]) => ({ ServiceCode, ServiceEditionCode, Metadata: { inntektsaar: '2024' } })) });
	const supplied = (...codes) => create('other', { HandledBy: MINISTRY, ...resources(...codes) }, { key: KEYS2.digdir });
	const r = expectStatus(await supplied(['9101', 1]), 201).json;
	await answer2(sb, r.AuthorizationCode, 'accept');
	expectStatus(await call('other', 'GET', `${TOKEN2}/${r.AuthorizationCode}`, { key: KEYS2.digdir }), 200);
	for (const codes of [[['4629', 2]], [['9101', 1], ['4629', 2]]])
		expectStatus(await supplied(...codes), 400);
	expectStatus(await create('other', { HandledBy: SUPPLIER, ...resources(['9101', 1]) }, { key: KEYS2.digdir }), 400);
});

test('OrgNrMustMatch: key and certificate are of one organisation, and the key stays needed', async () => {
	assert.match(expectStatus(await create('other'), 403).text, /OrgNrMustMatch/);
	expectStatus(await create('seid1', {}, { key: null }), 401);
	expectStatus(await create('seid1', {}, { key: 'x' }), 401);
	/* a token counts before the certificate */
	const token = await sb.orgToken(SUPPLIER, 'altinn:consentrequests.write');
	assert.match(expectStatus(await create('seid1', {}, { headers: { Authorization: `Bearer ${token}` } }), 403).text, /OrgNrMustMatch/);
});

test('without a certificate nobody is authenticated, whatever header the client sends', async () => {
	await nothing(create(null));
	await nothing(create(null, {}, { headers: { [HEADER]: encodeURIComponent(pem('seid1')) } }));
	await nothing(direct(untrusting, encodeURIComponent(pem('seid1'))));
	await nothing(direct(off, encodeURIComponent(pem('seid1'))));
	expectStatus(await direct(sb, encodeURIComponent(pem('seid1'))), 201);
});

test('DER in base64 counts too; what is no certificate of an organisation is refused with a reason', async () => {
	const der = pem('seid1').replace(/-----[^-]+-----|\s/g, '');
	expectStatus(await direct(sb, der), 201);
	expectStatus(await direct(sb, pem('seid1').replaceAll('\n', '%0A')), 201);
	for (const bad of ['x', '%', '%00', '%2', der.slice(4), der.slice(0, 400), `${der}AAAA`, encodeURIComponent(pem('seid1').slice(0, 300)), encodeURIComponent('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----'),
		encodeURIComponent(readFileSync(own.cert, 'utf8')), encodeURIComponent(pem('encipher')), `${der}, ${der}`])
		assert.match(expectStatus(await direct(sb, bad), 401).text, /^The client certificate cannot be read/, bad.slice(0, 40));
	const twice = await fetch(sb.url + REQUESTS2, { method: 'POST', body: JSON.stringify(body2(sb)),
		headers: [['ApiKey', KEYS2.bank], ['Content-Type', 'application/json'], [HEADER, der], [HEADER, der]] });
	assert.equal(twice.status, 401);
	expectStatus(await direct(sb, 'A'.repeat(8192)), 401);
	expectStatus(await direct(sb, 'A'.repeat(8193)), 431);
});
