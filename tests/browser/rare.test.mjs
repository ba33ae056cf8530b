// What is rarely seen: pages of servers that are set up otherwise, slow networks, wide spacing of text, all that a login can end in.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CONSENT, DESKTOP, LANGS, PHONE, SIZES, ask, axe, complaints, expectState, holdBack, logInAt, startChromium, visitor } from '../js/browser.mjs';
import { startSandbox } from '../js/sandbox.mjs';
import { BAKERY, ELENA, org, resource, right } from '../js/world.mjs';
import { BUTTONS, HEADING, templateText } from './words.mjs';

const UI = '/accessmanagement/ui', three = (nb, nn, en) => ({ nb, nn, en });
const sb = await startSandbox({ store: false });
const chrome = await startChromium();
after(async () => {
	await chrome.close();
	await sb.stop();
});

async function withVisitor(options, body, { at = sb, pid = ELENA } = {}) {
	const v = await visitor(chrome, at, options);
	try {
		if (pid)
			await logInAt(v, pid);
		await body(v.page, v);
		assert.deepEqual(complaints(v), []);
	} finally {
		await v.context.close();
	}
}

// The rules of every page: one heading, the language, axe in light and dark, nothing wider than 320 pixels.
async function expectGood(page, lang, h1) {
	assert.deepEqual(await page.getByRole('heading', { level: 1 }).allTextContents(), [h1]);
	assert.equal(await page.locator('html').getAttribute('lang'), lang);
	assert.ok(await page.locator('main a[href^="/"], main form button').count() >= 1, 'a way on');
	assert.deepEqual(await axe(page), [], 'axe');
	await page.emulateMedia({ colorScheme: 'dark' });
	assert.deepEqual(await axe(page, { runOnly: { type: 'rule', values: ['color-contrast'] } }), [], 'axe, dark');
	await page.emulateMedia({ colorScheme: 'light' });
	await page.setViewportSize({ width: 320, height: 568 });
	assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, 'nothing runs out at the side');
}

async function withServer(args, body) {
	const other = await startSandbox({ store: false, args });
	try {
		await body(other);
	} finally {
		await other.stop();
	}
}

// ---- servers that are set up otherwise ----

const LOGIN_OLD = three('Logg inn på nytt før du svarer', 'Logg inn på nytt før du svarer', 'Log in again before you answer');

test('a login that is too old for an answer, in three languages', () => withServer(['--set', 'login.fresh_s=1'], async (other) => {
	for (const lang of LANGS)
		for (const size of Object.values(SIZES))
			await withVisitor({ lang, size, js: false }, async (page) => {
				const request = await ask(other, { redirectUrl: 'https://bank.example/' });
				await page.goto(request.url);
				await page.waitForTimeout(1100); /* sessions live in real time */
				await holdBack(page, /\/login\b/);
				await page.getByRole('button', { name: BUTTONS.consent.approve[lang], exact: true }).click();
				assert.deepEqual(await page.getByRole('heading', { level: 1 }).allTextContents(), [LOGIN_OLD[lang]]);
				await expectState(other, request, 'Created');
			}, { at: other });
}));

const CONTACT = 'https://operator.example/melding', DECLARED = 'https://uustatus.no/nb/erklaringer/publisert/1';

test('the accessibility page names who runs the service, where settings say so', () => withServer(
	['--set', 'operator.name=Etaten <b>', '--set', `operator.contact=${CONTACT}`, '--set', `accessibility.statement=${DECLARED}`],
	async (other) => {
		for (const lang of LANGS)
			await withVisitor({ lang }, async (page) => {
				await page.goto(`${other.url}${UI}/accessibility`);
				await expectGood(page, lang, HEADING.accessibility[lang]);
				assert.equal(await page.getByRole('link', { name: 'Etaten <b>', exact: true }).getAttribute('href'), CONTACT);
				assert.equal(await page.locator(`a[href="${DECLARED}"]`).count(), 1);
			}, { at: other, pid: null });
	}));

// ---- an organisation, in each language and on each device ----

for (const lang of LANGS)
	for (const [name, size] of Object.entries(SIZES))
		test(`a request to an organisation, ${lang}, ${name}`, async () => {
			await sb.apply({ resources: [resource('rare_org', {})] });
			const request = await ask(sb, { from: org(BAKERY), consentRights: [right('rare_org')], redirectUrl: 'https://bank.example/' });
			await withVisitor({ lang, size }, async (page) => {
				await page.goto(request.url);
				assert.equal(await page.getByRole('button', { name: BUTTONS.consent.approve[lang], exact: true }).count(), 1);
				const facts = await page.locator('dl').innerText();
				assert.match(facts, /Fjordgløtt Bakeri AS/, 'on whose behalf');
				assert.match(facts, /Elena Fjær/, 'and who is logged in');
				await expectGood(page, lang, templateText('default', 'title', lang, {}, 'org'));
			});
		});

// ---- a template that has only bokmål ----

test('a heading that exists in bokmål alone is marked on an English page', async () => {
	const nb = (text) => ({ nb: text }), both = (text) => ({ person: nb(text), org: nb(text) });
	await sb.apply({
		templates: [{
			id: 'barenb', version: 1, title: 'Bare bokmål', isPoa: false, isMessageSetInRequest: true, restrictedToServiceOwners: null,
			texts: {
				title: both('Tittel på bokmål'), heading: both('Overskrift'), serviceIntro: both('Innledning'), serviceIntroAccepted: both('Gitt innledning'),
				titleAccepted: nb('Gitt tittel'), expiration: nb('Til {Expiration}'), expirationOneTime: nb('Én gang'), handledBy: nb('Gjennom {HandledBy}'),
			},
		}],
		resources: [resource('rare_nb', { consentTemplate: 'barenb', title: { nb: 'Ressurs', en: 'Resource' } })],
	});
	const request = await ask(sb, { consentRights: [right('rare_nb')], redirectUrl: 'https://bank.example/' });
	await withVisitor({ lang: 'en' }, async (page) => {
		await page.goto(`${request.url}&skiplogout=true`);
		for (const marked of ['h1', '.sk-heading', '.sk-intro', '.sk-expiration'])
			assert.equal(await page.locator(marked).getAttribute('lang'), 'nb', marked);
		assert.equal(await page.locator('.sk-title').getAttribute('lang'), null, 'what exists in English is not marked');
		await page.getByRole('button', { name: BUTTONS.consent.approve.en, exact: true }).click();
		await page.goto(`${sb.url}${UI}/consent/details?id=${request.id}`);
		assert.equal(await page.locator('h1').getAttribute('lang'), 'nb');
		await expectGood(page, 'en', 'Gitt tittel');
	});
});

// ---- a slow network ----

async function throttle(page, latency, bytesPerSecond) {
	const cdp = await page.context().newCDPSession(page);
	await cdp.send('Network.enable');
	await cdp.send('Network.emulateNetworkConditions', { offline: false, latency, downloadThroughput: bytesPerSecond, uploadThroughput: bytesPerSecond });
}

for (const js of [true, false])
	test(`a slow network: read and answer over it (${js ? '' : 'no '}JavaScript)`, () => withVisitor({ js }, async (page) => {
		const request = await ask(sb, { redirectUrl: 'https://bank.example/' });
		await throttle(page, 600, 20000);
		await page.goto(`${request.url}&skiplogout=true`);
		await page.getByRole('button', { name: BUTTONS.consent.approve.nb, exact: true }).click();
		await page.getByRole('heading', { level: 1, name: HEADING.approved.nb, exact: true }).waitFor();
		await expectState(sb, request, 'Accepted');
	}));

test('the stylesheet never comes: the page can be read and answered all the same', () => withVisitor({ js: false, lang: 'en' }, async (page, v) => {
	const request = await ask(sb, { redirectUrl: 'https://bank.example/' });
	await page.route(/\.css$/, (route) => route.abort());
	await page.goto(`${request.url}&skiplogout=true`);
	assert.equal(await page.getByRole('button', { name: BUTTONS.consent.reject.en, exact: true }).isVisible(), true);
	await page.getByRole('button', { name: BUTTONS.consent.reject.en, exact: true }).click();
	assert.deepEqual(await page.getByRole('heading', { level: 1 }).allTextContents(), [HEADING.rejected.en]);
	await expectState(sb, request, 'Rejected');
	v.faults.length = 0; /* Chromium says that the stylesheet is missing */
}));

test('a second press while the first is under way is one answer', () => withVisitor({ js: false }, async (page) => {
	const request = await ask(sb, { redirectUrl: 'https://bank.example/' });
	await page.goto(`${request.url}&skiplogout=true`);
	await throttle(page, 400, 50000);
	await page.getByRole('button', { name: BUTTONS.consent.approve.nb, exact: true }).dblclick();
	await page.getByText(HEADING.approved.nb).waitFor();
	await expectState(sb, request, 'Accepted');
}));

// ---- = WCAG 2.1 1.4.12: line height 1.5, paragraphs 2, letters 0.12, words 0.16 ----

const SPACING = '* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }';

test('with wide spacing of text nothing is cut off or runs out', async () => {
	const request = await ask(sb, { redirectUrl: 'https://bank.example/', portalViewMode: 'Show' });
	const context = await chrome.newContext({ viewport: { width: 320, height: 568 }, locale: 'nb-NO', bypassCSP: true });
	const page = await context.newPage();
	await logInAt({ page, sb, context }, ELENA);
	for (const path of [`${CONSENT}?id=${request.id}`, `${UI}/consent/active`, `${UI}/consent/log`, `${UI}/accessibility`, '/sandbox/login/testid']) {
		await page.goto(sb.url + path);
		await page.addStyleTag({ content: SPACING });
		const bad = await page.evaluate(() => [...document.querySelectorAll('body *')].filter((e) => {
			const box = e.getBoundingClientRect(), hidden = getComputedStyle(e).overflow !== 'visible';
			return box.width && (box.right > innerWidth + 1 || (hidden && e.scrollHeight > e.clientHeight + 1)) && !e.closest('pre, select, .skip');
		}).map((e) => `${e.tagName}.${e.className}`));
		assert.deepEqual(bad, [], path);
	}
	await context.close();
});
