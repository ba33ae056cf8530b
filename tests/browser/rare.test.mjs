// What is rarely seen: pages of servers that are set up otherwise, slow networks, wide spacing of text, all that a login can end in.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { CONSENT, DESKTOP, LANGS, PHONE, SIZES, ask, expectGood, expectState, fillLogin, holdBack, logInAt, startChromium, visiting } from '../js/browser.mjs';
import { alterStore, run, startSandbox, tempDir } from '../js/sandbox.mjs';
import { BAKERY, ELENA, org, resource, right } from '../js/world.mjs';
import { BUTTONS, HEADING, templateText } from './words.mjs';

const UI = '/accessmanagement/ui', three = (nb, nn, en) => ({ nb, nn, en });
const sb = await startSandbox({ store: false });
const chrome = await startChromium();
after(async () => {
	await chrome.close();
	await sb.stop();
});

const withVisitor = (options, body, { at = sb, pid = ELENA } = {}) => visiting(chrome, at, options, async (v) => {
	if (pid)
		await logInAt(v, pid);
	await body(v.page, v);
});

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

// ---- the frame ----

const LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><rect width="90" height="30" fill="#123"/></svg>';
const FOOTER = three(
	['Etaten <b> driver denne tjenesten.', 'Personvern', 'Hjelp og kontakt', 'Tilgjengelighet'],
	['Etaten <b> driv denne tenesta.', 'Personvern', 'Hjelp og kontakt', 'Tilgjengelegheit'],
	['Etaten <b> runs this service.', 'Privacy policy', 'Help and contact', 'Accessibility']);
const IN_LANGUAGE = three('På bokmål', 'På nynorsk', 'In English');
const NOT_ASKED = three('Har du ikke bedt om dette? Svar nei.', 'Har du ikkje bede om dette? Svar nei.', 'If you did not ask for this, answer no.');

function logoFile(text) {
	const dir = tempDir();
	const file = path.join(dir, 'logo');
	writeFileSync(file, text);
	return file;
}

test('the frame names who runs the service, with logo, links and languages', () => withServer(
	['--set', 'operator.name=Etaten <b>', '--set', 'operator.privacy=https://etaten.example/personvern', '--set', 'operator.help=tel:+4712345678',
		'--set', `operator.logo=${logoFile(LOGO)}`],
	async (other) => {
		const request = await ask(other, { redirectUrl: 'https://bank.example/' });
		for (const lang of LANGS)
			for (const js of [true, false])
				await withVisitor({ lang, js, size: js ? PHONE : DESKTOP }, async (page) => {
					await page.goto(request.url);
					if (js)
						await expectGood(page, lang, templateText('default', 'title', lang, {}));
					assert.equal(await page.getByText(NOT_ASKED[lang], { exact: true }).count(), 1);
					const brand = page.getByRole('link', { name: 'Etaten <b> Samtykke', exact: true });
					assert.equal(await brand.getAttribute('href'), '/');
					assert.equal(await brand.locator('img').evaluate((i) => i.complete && i.naturalWidth), 90, 'the logo shows');
					const [says, ...links] = FOOTER[lang];
					assert.equal(await page.locator('footer').getByText(says, { exact: true }).count(), 1);
					assert.deepEqual(await page.locator('footer').getByRole('link').allTextContents(), links);
					const to = await page.locator('footer').getByRole('link').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
					assert.deepEqual(to, ['https://etaten.example/personvern', 'tel:+4712345678', `${UI}/accessibility`]);
					for (const [into, name] of Object.entries(IN_LANGUAGE)) {
						await page.getByRole('button', { name, exact: true }).click();
						await page.locator(`html[lang=${into}]`).waitFor({ state: 'attached' });
						assert.equal(page.url(), request.url, 'on the same page');
						assert.equal(await page.locator('footer [aria-current]').innerText(), name);
					}
				}, { at: other });
		const src = await (async () => (await other.get(`${UI}/accessibility`)).text.match(/<img src="([^"]+)"/)[1])();
		const logo = await other.get(src);
		assert.equal(logo.status, 200);
		assert.equal(logo.text, LOGO);
		assert.equal(logo.headers['content-type'], 'image/svg+xml');
		assert.equal(logo.headers['x-content-type-options'], 'nosniff');
		assert.match(logo.headers['content-security-policy'], /^default-src 'none';.* sandbox$/);
		assert.match(logo.headers['cache-control'], /immutable/);
		assert.match((await other.get(`${UI}/accessibility`)).headers['content-security-policy'], /img-src 'self';/);
		assert.equal((await sb.get(src)).status, 404, 'a server without a logo has none');
	}));

test('without settings the frame has accessibility and languages alone', () => withVisitor({ size: DESKTOP }, async (page) => {
	await page.goto(`${sb.url}${UI}/accessibility`);
	assert.deepEqual(await page.locator('footer').getByRole('link').allTextContents(), [FOOTER.nb[3]]);
	assert.deepEqual(await page.locator('footer').getByRole('button').allTextContents(), Object.values(IN_LANGUAGE));
	assert.equal(await page.locator('img').count(), 0);
	await page.getByRole('link', { name: 'Samtykke', exact: true }).click();
	assert.equal(page.url(), `${sb.url}/sandbox`);
}));

for (const [what, text, why] of [
	['a script', '<svg><script>1</script></svg>', /^samtykke sandbox: operator\.logo: \S+ holds <script, which is refused in a logo$/m],
	['no picture', 'x', /is neither PNG nor SVG/],
	['one byte too many', `<svg>${' '.repeat(65536 - 10)}</svg>`, /is larger than 65536 bytes/],
])
	test(`a logo is refused at the start: ${what}`, async () => {
		const file = logoFile(text);
		const res = await run(['sandbox', '--port', '0', '--set', 'operator.name=Etaten', '--set', `operator.logo=${file}`]);
		assert.equal(res.status, 1);
		assert.match(res.stderr, why);
	});

// ---- a session that is about to end ----

const TIME = /\b\d\d[.:]\d\d\b/;
const ENDING_IDLE = three('Du blir logget ut kl. {time} hvis du ikke gjør noe. Forbli innlogget', 'Du blir logga ut kl. {time} om du ikkje gjer noko. Bli verande innlogga',
	'You will be logged out at {time} if you do nothing. Stay logged in');
const ENDING = three('Du blir logget ut kl. {time}. Logg inn på nytt', 'Du blir logga ut kl. {time}. Logg inn på nytt', 'You will be logged out at {time}. Log in again');
const beganBefore = (minutes) => ['UPDATE session SET created=? WHERE (SELECT count(*) FROM session)=1', [Math.round((Date.now() - minutes * 60000) * 1000)]];

// In so many minutes the stylesheet shows the warning; whole ones, and what the test itself has taken is gone from them.
async function expectDue(page, minutes) {
	const due = await page.locator('.ending > div').evaluate((e) => e.getAnimations()[0].effect.getTiming().delay / 60000);
	assert.ok(due <= minutes && due >= minutes - 3, `in ${due} minutes`);
}

for (const lang of LANGS)
	for (const [name, size] of Object.entries(SIZES))
		test(`who is about to be logged out is told, and goes on with one press, ${lang}, ${name}`, () => withServer([], async (other) => {
			await withVisitor({ lang, size }, async (page) => {
				const request = await ask(other, { redirectUrl: 'https://bank.example/' });
				await page.goto(request.url);
				const warning = page.locator('.ending[aria-live=assertive] > div');
				assert.equal(await warning.isVisible(), false, 'nothing yet');
				await expectDue(page, 28); /* two before the half hour is over */
				await page.locator('.ending > div').evaluate((e) => e.getAnimations()[0].finish());
				await warning.waitFor();
				const said = (await warning.innerText()).replace(TIME, '{time}').replace(/\s+/g, ' ');
				assert.equal(said, ENDING_IDLE[lang]);
				await expectGood(page, lang, templateText('default', 'title', lang, {}));
				await warning.getByRole('link').click();
				assert.equal(page.url(), request.url, 'the same page');
				assert.equal(await warning.isVisible(), false);

				alterStore(other, [beganBefore(95)]);
				await page.reload();
				await expectDue(page, 23); /* two before two hours are over */
				alterStore(other, [beganBefore(117.5)]);
				await page.reload();
				await warning.waitFor(); /* by time alone */
				assert.equal((await warning.innerText()).replace(TIME, '{time}').replace(/\s+/g, ' '), ENDING[lang]);
				await expectGood(page, lang, templateText('default', 'title', lang, {}));
				await warning.getByRole('link').click();
				await fillLogin(page, ELENA);
				assert.equal(page.url(), request.url, 'the same page after a new login');
				assert.equal(await warning.isVisible(), false);
				await expectDue(page, 28);
				await page.getByRole('button', { name: BUTTONS.consent.approve[lang], exact: true }).waitFor();
			}, { at: other });
		}));

test('without a script the warning comes by itself', () => withServer([], async (other) => {
	await withVisitor({ js: false }, async (page, v) => {
		await page.goto(`${other.url}${UI}/consent/active`);
		const cdp = await v.context.newCDPSession(page);
		await cdp.send('Animation.enable');
		await cdp.send('Animation.setPlaybackRate', { playbackRate: 100000 });
		await page.locator('.ending p').waitFor();
	}, { at: other });
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

const FOR_BAKERY = three('på vegne av Fjordgløtt Bakeri AS', 'på vegner av Fjordgløtt Bakeri AS', 'act on behalf of Fjordgløtt Bakeri AS');

test('a power of attorney of an organisation is to act for the organisation, not for whoever answers', async () => {
	await sb.apply({ resources: [resource('rare_poa', { consentTemplate: 'poa' })] });
	for (const lang of LANGS) {
		const request = await ask(sb, { from: org(BAKERY), consentRights: [right('rare_poa')], redirectUrl: 'https://bank.example/' });
		await withVisitor({ lang }, async (page) => {
			const main = () => page.locator('main').innerText();
			await page.goto(`${request.url}&skiplogout=true`);
			assert.ok((await main()).includes(FOR_BAKERY[lang]), await main());
			assert.doesNotMatch(await main(), /dine vegn|on your behalf/);
			await page.getByRole('button', { name: BUTTONS.poa.approve[lang], exact: true }).click();
			await page.goto(`${sb.url}${UI}/consent/withdraw?id=${request.id}`);
			assert.ok((await main()).includes(FOR_BAKERY[lang]), await main());
			assert.doesNotMatch(await main(), /dine vegn|on your behalf/);
		});
	}
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
	test(`a slow network: read and answer over it (${js ? '' : 'no '}JavaScript)`, () => withVisitor({ js, own: true }, async (page) => {
		const request = await ask(sb, { redirectUrl: 'https://bank.example/' });
		await throttle(page, 600, 20000);
		await page.goto(`${request.url}&skiplogout=true`);
		await page.getByRole('button', { name: BUTTONS.consent.approve.nb, exact: true }).click();
		await page.getByRole('heading', { level: 1, name: HEADING.approved.nb, exact: true }).waitFor();
		await expectState(sb, request, 'Accepted');
	}));

test('the stylesheet never comes: the page can be read and answered all the same', () => withVisitor({ js: false, lang: 'en', own: true }, async (page, v) => {
	const request = await ask(sb, { redirectUrl: 'https://bank.example/' });
	await page.route(/\.css$/, (route) => route.abort());
	await page.goto(`${request.url}&skiplogout=true`);
	assert.equal(await page.getByRole('button', { name: BUTTONS.consent.reject.en, exact: true }).isVisible(), true);
	await page.getByRole('button', { name: BUTTONS.consent.reject.en, exact: true }).click();
	assert.deepEqual(await page.getByRole('heading', { level: 1 }).allTextContents(), [HEADING.rejected.en]);
	await expectState(sb, request, 'Rejected');
	v.faults.length = 0; /* Chromium says that the stylesheet is missing */
}));

test('a second press while the first is under way is one answer', () => withVisitor({ js: false, own: true }, async (page) => {
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
		await page.evaluate(() => document.getAnimations().forEach((a) => a.finish())); /* what is shown later too */
		const bad = await page.evaluate(() => [...document.querySelectorAll('body *')].filter((e) => {
			const box = e.getBoundingClientRect(), hidden = getComputedStyle(e).overflow !== 'visible';
			return box.width && (box.right > innerWidth + 1 || (hidden && e.scrollHeight > e.clientHeight + 1)) && !e.closest('pre, select, .skip');
		}).map((e) => `${e.tagName}.${e.className}`));
		assert.deepEqual(bad, [], path);
	}
	await context.close();
});
