// What a person can keep: the texts as they were seen, the receipt to print and signed, all agreements in a file.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { compactVerify, createLocalJWKSet, decodeProtectedHeader } from 'jose';
import { DESKTOP, LANGS, PHONE, ask, decideByApi, logInAt, startChromium, visiting, visitor } from '../js/browser.mjs';
import { BIN, startSandbox } from '../js/sandbox.mjs';
import { BAKERY, BANK, ELENA, SIRI, org, person, resource, right, uuidOf } from '../js/world.mjs';
import { poaRights } from './scenes.mjs';
import { BUTTONS, HEADING } from './words.mjs';

const UI = '/accessmanagement/ui/consent', three = (nb, nn, en) => ({ nb, nn, en });
const SEE_RECEIPT = three('Se kvittering', 'Sjå kvittering', 'View receipt');
const LOGIN = three('Testinnlogging, nivå 4', 'Testinnlogging, nivå 4', 'Test login, level 4');
const DOWNLOAD = three('Last ned signert kvittering', 'Last ned signert kvittering', 'Download signed receipt');
const NUMBER = three('Ta med fødselsnummeret mitt', 'Ta med fødselsnummeret mitt', 'Include my national identity number');

const sb = await startSandbox({ store: false });
const chrome = await startChromium();
after(async () => {
	await chrome.close();
	await sb.stop();
});

const withVisitor = (pid, options, body) => visiting(chrome, sb, options, async (v) => {
	await logInAt(v, pid);
	await body(v.page, v);
	assert.ok(v.urls.every((u) => !/(?<![\w-])\d{11}(?![\w-])/.test(decodeURIComponent(u))), 'no identity number in an address');
});

async function accepted(changes = {}, pid = ELENA) {
	const request = await ask(sb, { redirectUrl: 'https://bank.example/', ...changes });
	await decideByApi(sb, request, pid, 'accept');
	return request;
}

async function saved(page, press) {
	const [file] = await Promise.all([page.waitForEvent('download'), press()]);
	return { name: file.suggestedFilename(), path: await file.path(), text: readFileSync(await file.path(), 'utf8') };
}

async function verified(text) {
	const { payload } = await compactVerify(text, createLocalJWKSet(await (await fetch(`${sb.url}/jwk`)).json()));
	return JSON.parse(new TextDecoder().decode(payload));
}

const cli = (...args) => spawnSync(BIN, ['receipt', 'verify', '--url', sb.url, ...args], { encoding: 'utf8' });

for (const lang of LANGS)
	for (const js of [true, false])
		test(`yes, then the receipt, then the signed one, ${lang}, ${js ? '' : 'no '}JavaScript`, () => withVisitor(ELENA, { lang, js, size: js ? PHONE : DESKTOP }, async (page) => {
			const request = await ask(sb, { redirectUrl: 'https://bank.example/' });
			await page.goto(`${request.url}&skiplogout=true`);
			const seen = (await page.locator('.agreement').innerHTML()).trim();
			await page.getByRole('button', { name: BUTTONS.consent.approve[lang], exact: true }).click();
			await page.getByRole('link', { name: SEE_RECEIPT[lang], exact: true }).click();
			assert.deepEqual(await page.getByRole('heading', { level: 1 }).allTextContents(), [HEADING.receipt[lang]]);
			assert.equal((await page.locator('.agreement').innerHTML()).trim(), seen, 'what was seen is what is kept');
			const file = await saved(page, () => page.getByRole('button', { name: DOWNLOAD[lang], exact: true }).click());
			assert.equal(file.name, `samtykkekvittering-${request.id}.jwt`);
			assert.equal(decodeProtectedHeader(file.text).typ, 'consent-receipt+jwt');
			const doc = await verified(file.text);
			assert.equal(doc.notice.language, lang);
			assert.equal(createHash('sha256').update(doc.notice.html).digest('hex'), doc.notice.text_sha256);
			assert.ok((await page.locator('.seen').innerText()).includes(doc.notice.text_sha256), 'the page says the same hash');
			assert.ok((await page.locator('dl').first().innerText()).includes(LOGIN[lang]), 'the login by name and level');
			assert.equal(await page.getByRole('link', { name: `${sb.url}${UI}/active`, exact: true }).getAttribute('href'), `${sb.url}${UI}/active`);
			assert.doesNotMatch(file.text + JSON.stringify(doc), new RegExp(ELENA));
			await page.getByLabel(NUMBER[lang]).check();
			const numbered = await saved(page, () => page.getByRole('button', { name: DOWNLOAD[lang], exact: true }).click());
			assert.equal((await verified(numbered.text)).header.pii_principal_id, `urn:altinn:person:identifier-no:${ELENA}`);
			const good = cli(file.path);
			assert.equal(good.status, 0, good.stderr);
			assert.ok(good.stdout.includes('Smekkfull Bank AS') && good.stdout.includes(HEADING.receipt[lang]), good.stdout);
		}));

test('the text of the day it was answered stays when the resource gets another one, and when it goes', () => withVisitor(ELENA, { lang: 'en' }, async (page) => {
	await sb.apply({ resources: [resource('receipt_text', { consentText: { nb: 'Gammel tekst', nn: 'Gammal tekst', en: 'Old text' } })] });
	const request = await accepted({ consentRights: [right('receipt_text')] });
	await sb.apply({ resources: [resource('receipt_text', { versionId: 2, consentText: { nb: 'Ny tekst', nn: 'Ny tekst', en: 'New text' } })] });
	const look = async () => {
		for (const path of ['details', 'receipt']) {
			await page.goto(`${sb.url}${UI}/${path}?id=${request.id}`);
			const shown = page.locator('.agreement');
			assert.equal(await shown.getAttribute('lang'), 'nb', 'it was read in bokmål, and says so on an English page');
			assert.match(await shown.innerText(), /Gammel tekst/);
		}
	};
	await look();
	await sb.apply({ resources: [{ identifier: 'receipt_text', state: 'absent' }] });
	await look();
}));

test('nobody else gets it, and what was never given has none', async () => {
	const request = await accepted(), no = await ask(sb, { redirectUrl: 'https://bank.example/' });
	await decideByApi(sb, no, ELENA, 'reject');
	await withVisitor(SIRI, {}, async (page) => {
		for (const path of ['receipt', 'receipt/signed']) {
			const res = await page.goto(`${sb.url}${UI}/${path}?id=${request.id}`);
			assert.equal(res.status(), 403);
			assert.doesNotMatch(await page.content(), /Smekkfull/);
		}
	});
	await withVisitor(ELENA, {}, async (page) => {
		for (const path of ['receipt', 'receipt/signed']) {
			await page.goto(`${sb.url}${UI}/${path}?id=${no.id}`);
			assert.equal(page.url(), `${sb.url}${UI}/details?id=${no.id}`);
			assert.equal((await page.goto(`${sb.url}${UI}/${path}?id=nr.1`)).status(), 400);
		}
		assert.equal(await page.getByRole('link', { name: SEE_RECEIPT.nb }).count(), 0);
	});
	const v = await visitor(chrome, sb);
	await v.page.goto(`${sb.url}${UI}/receipt?id=${request.id}`);
	assert.match(v.page.url(), /\/sandbox\/login\?goto=/, 'a session comes first');
	await v.context.close();
});

test('somebody who answered for an organisation is named on paper and by an opaque name in the file', () => withVisitor(ELENA, { lang: 'en' }, async (page) => {
	await sb.apply({ resources: [resource('receipt_org', {})] });
	const request = await accepted({ from: org(BAKERY), consentRights: [right('receipt_org')] });
	await page.goto(`${sb.url}${UI}/receipt?id=${request.id}`);
	const facts = await page.locator('dl').first().innerText();
	assert.match(facts, /Fjordgløtt Bakeri AS/);
	assert.match(facts, /Elena Fjær/);
	assert.equal(await page.getByLabel(NUMBER.en).count(), 0, 'an organisation goes by its number');
	const doc = await verified((await saved(page, () => page.getByRole('button', { name: DOWNLOAD.en }).click())).text);
	assert.equal(doc.header.pii_principal_id, `urn:altinn:organization:identifier-no:${BAKERY}`);
	assert.match(doc.event.performed_by, /^[\w-]{43}$/);
}));

test('on paper there is the receipt and nothing to press', () => withVisitor(ELENA, {}, async (page) => {
	const request = await accepted();
	await page.goto(`${sb.url}${UI}/receipt?id=${request.id}`);
	await page.emulateMedia({ media: 'print' });
	for (const hidden of ['header', 'footer', 'form', 'summary', '.back'])
		for (const e of await page.locator(hidden).all())
			assert.equal(await e.isVisible(), false, hidden);
	for (const shown of ['h1', '.agreement', '.seen dl', 'main dl >> nth=0', '#withdrawal'])
		assert.equal(await page.locator(shown).isVisible(), true, shown);
	const paper = await page.locator('main dl').first().innerText();
	for (const fact of [`Samtykke, ${sb.url}`, 'Utstedt av', 'Kvitteringen er laget', String(new Date(sb.now()).getFullYear())])
		assert.ok(paper.includes(fact), `${fact} is on paper: ${paper}`);
}));

// Every record has as many fields, quotes are doubled; the byte order mark and the semicolons are for spreadsheets in Norway.
function csvRows(text) {
	assert.ok(text.startsWith('\ufeff"'), 'a byte order mark');
	return text.slice(1).split('\r\n').slice(0, -1).map((line) => [...line.matchAll(/"((?:[^"]|"")*)"(?:;|$)/g)].map((m) => m[1].replaceAll('""', '"')));
}

const EXPORT = three(['Regneark (CSV)', 'For programmer (JSON)', 'avtaler'], ['Rekneark (CSV)', 'For program (JSON)', 'avtalar'],
	['Spreadsheet (CSV)', 'For programs (JSON)', 'agreements']);

for (const lang of LANGS)
	test(`all agreements in a file, ${lang}`, async () => {
		const consent = await accepted({ from: person(SIRI), portalViewMode: 'Show' }, SIRI);
		const poa = await accepted({ from: person(SIRI), consentRights: poaRights }, SIRI);
		const hidden = await ask(sb, { from: person(SIRI), portalViewMode: 'Hide', redirectUrl: 'https://bank.example/' });
		await withVisitor(SIRI, { lang, js: lang !== 'nn' }, async (page) => {
			const [csvName, jsonName, name] = EXPORT[lang];
			await page.goto(`${sb.url}${UI}/active`);
			const json = await saved(page, () => page.getByRole('link', { name: jsonName, exact: true }).click());
			assert.equal(json.name, `${name}.json`);
			const doc = JSON.parse(json.text), mine = doc.agreements.find((x) => x.id === consent.id);
			assert.equal(doc.next, null);
			assert.deepEqual([mine.kind, mine.state, mine.to.organizationNumber, ...Object.values(mine.rights[0].metadata)], ['consent', 'active', BANK, '2025']);
			assert.deepEqual(mine.history.map((x) => x.event), ['requested', 'accepted']);
			assert.equal(doc.agreements.find((x) => x.id === poa.id).kind, 'powerOfAttorney');
			assert.ok(!doc.agreements.some((x) => x.id === hidden.id), 'what is not to be shown is not in it either');
			assert.doesNotMatch(json.text, /(?<![\w-])\d{11}(?![\w-])/, 'no identity number');
			const csv = await saved(page, () => page.getByRole('link', { name: csvName, exact: true }).click());
			assert.equal(csv.name, `${name}.csv`);
			const rows = csvRows(csv.text);
			assert.ok(rows.every((r) => r.length === rows[0].length) && rows.length === doc.agreements.length + 1);
			assert.ok(rows.some((r) => r[0] === consent.id && r[3] === 'Smekkfull Bank AS' && r[4] === BANK));
		});
	});

test('a file of an organisation, of one that is not one\'s own, and of no such format', () => withVisitor(ELENA, {}, async (page, v) => {
	const cookie = (await v.context.cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
	const get = async (query) => {
		const res = await fetch(`${sb.url}${UI}/export?${query}`, { headers: { cookie } });
		return [res.status, await res.text()];
	};
	const [status, text] = await get(`format=json&party=${uuidOf(BAKERY)}`);
	assert.equal(status, 200);
	assert.equal(JSON.parse(text).party.organizationNumber, BAKERY);
	assert.equal((await get(`format=json&party=${uuidOf(SIRI)}`))[0], 403);
	assert.equal((await get('format=xml'))[0], 400);
	assert.equal((await get(''))[0], 400);
}));
