// Every page and state in three languages, on a phone and on a desktop.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CODES, CONSENT, DESKTOP, LANGS, PHONE, SIZES, axe, complaints, startChromium, visitor } from '../js/browser.mjs';
import { startSandbox } from '../js/sandbox.mjs';
import { ASMUND, ELENA } from '../js/world.mjs';
import { cast, makeWorld, play, scenes } from './scenes.mjs';
import { BACK_TO_OVERVIEW, BUTTONS, CHANGE_USER, GO_TO_BANK, LANGUAGES, MENU, ORG_NO, SEE_AGREEMENT, SKIP, TITLE, WHAT_WAS_ASKED, norwegianTime, templateText } from './words.mjs';

const sb = await startSandbox({ store: false });
const chrome = await startChromium();
const world = await makeWorld(sb);
const visitorFor = cast(chrome, sb);
after(async () => {
	await chrome.close();
	await sb.stop();
});

// ---- what holds for every page ----

// Read in the page: its headings, width, and sentences that stand twice.
function facts() {
	const twice = [], seen = new Set(), taken = new Set(), wide = [];
	for (const e of document.body.querySelectorAll('*')) {
		if ([...taken].some((t) => t.contains(e)) || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
			continue;
		taken.add(e);
		for (const s of e.textContent.trim().replace(/\s+/g, ' ').replace(/\d+\.? \S+ \d{4} (kl\.|at) \d\d[.:]\d\d/g, '').split(/(?<=[.!?:])\s+/)) {
			if (s.split(' ').length >= 3 && seen.has(s))
				twice.push(s);
			seen.add(s);
		}
	}
	for (const e of document.querySelectorAll('body *')) {
		const box = e.getBoundingClientRect();
		if (box.width && box.right > innerWidth + 1 && !e.closest('pre'))
			wide.push(`${e.tagName}.${e.className}`);
	}
	const root = document.documentElement;
	return {
		lang: root.lang, title: document.title, h1: [...document.querySelectorAll('h1')].map((h) => h.textContent.trim()),
		sideways: root.scrollWidth > root.clientWidth, wide, twice, scripts: document.scripts.length,
		main: document.querySelectorAll('main#main-content').length,
		styles: document.querySelectorAll('style, [style], [onclick], [onload]').length,
	};
}

async function expectFits(page, what) {
	const f = await page.evaluate(facts);
	assert.deepEqual({ sideways: f.sideways, wide: f.wide }, { sideways: false, wide: [] }, `${what}: nothing runs out at the side`);
}

async function expectFrame(page, lang) {
	const nav = page.getByRole('navigation', { name: 'hovednavigasjon', exact: true });
	assert.equal(await nav.count(), 1);
	assert.equal(await page.locator('nav[aria-label="hovednavigasjon"]').count(), 1);
	assert.deepEqual(await nav.getByRole('button').allTextContents(), [MENU[lang]], 'one button shows while the menu is closed');
	assert.equal(await page.getByLabel('Språk/language').count(), 1);
	const choices = page.getByRole('menuitemradio', { includeHidden: true });
	assert.deepEqual(await choices.allTextContents(), LANGUAGES);
	assert.deepEqual(await choices.evaluateAll((l) => l.map((e) => e.getAttribute('aria-checked') === 'true')),
		LANGS.map((l) => l === lang), 'the language of the page is the one that is ticked');
}

async function expectButtons(page, scene, lang) {
	for (const kind of ['consent', 'poa'])
		for (const which of ['approve', 'reject'])
			assert.equal(await page.getByRole('button', { name: BUTTONS[kind][which][lang], exact: true }).count(), scene.buttons === kind ? 1 : 0,
				`${kind} ${which}`);
	assert.equal(await page.locator('main button[name=decision]').count(), scene.buttons ? 2 : 0);
	const alerts = await page.getByRole('alert').allTextContents();
	assert.equal(alerts.length, scene.alert ? 1 : 0, `alerts: ${alerts}`);
	if (scene.alert)
		assert.ok(alerts[0].startsWith(scene.alert[lang]), `${alerts[0]} starts with ${scene.alert[lang]}`);
}

async function expectLooks(page, scene, size) {
	// The test login's last page waits one second, as the one that it stands for does.
	const all = (await axe(page)).filter((v) => !(scene.waits && v.startsWith('meta-refresh ')));
	assert.deepEqual(all, [], 'axe');
	if (size !== PHONE)
		return;
	await page.emulateMedia({ colorScheme: 'dark' });
	assert.deepEqual(await axe(page, { runOnly: { type: 'rule', values: ['color-contrast'] } }), [], 'axe, dark');
	await page.setViewportSize({ width: 320, height: 568 });
	await expectFits(page, '400 % zoom');
	await page.emulateMedia({ forcedColors: 'active' });
	await expectFits(page, 'forced colours');
	await page.setViewportSize(size);
	await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
}

async function expectPage(v, scene, lang, size) {
	const { page } = v;
	const f = await page.evaluate(facts);
	assert.deepEqual(f.h1, [scene.heading[lang]]);
	assert.equal(f.lang, lang);
	assert.equal(f.title, scene.consent ? TITLE[lang] : `${scene.heading[lang]} - Samtykke`);
	assert.deepEqual({ sideways: f.sideways, wide: f.wide }, { sideways: false, wide: [] });
	assert.deepEqual(scene.lists ? [] : f.twice, [], 'no sentence stands twice');
	assert.deepEqual({ scripts: f.scripts, main: f.main, styles: f.styles }, { scripts: 0, main: 1, styles: 0 });
	const html = await page.content();
	if (!scene.ids)
		assert.doesNotMatch(html, /(?<![\w-])\d{11}(?![\w-])/, 'no identity number');
	assert.doesNotMatch(html, /@@|\{[A-Za-z]+\}/, 'no placeholder is left');
	await expectFrame(page, lang);
	await expectButtons(page, scene, lang);
	await expectLooks(page, scene, size);
	assert.deepEqual(complaints(v), [], 'the browser has nothing to say');
}

async function expectScene(scene, lang, name) {
	const size = SIZES[name];
	const v = await visitorFor(scene.who ?? 'elena', lang, size);
	try {
		assert.equal(await play(scene, v, lang, world), scene.status ?? 200);
		await expectPage(v, scene, lang, size);
	} catch (e) {
		e.message = `${name}: ${e.message}`;
		throw e;
	} finally {
		if (scene.who === 'fresh')
			await v.context.close();
	}
}

for (const scene of scenes)
	for (const lang of scene.only ? [scene.only] : LANGS)
		test(`${scene.name} ${lang}`, () => Promise.all(Object.keys(SIZES).map((size) => expectScene(scene, lang, size))));

// ---- what stands on them ----

const names = (lang, validTo) => ({ CoveredBy: 'Smekkfull Bank AS', OfferedBy: 'Elena Fjær', Expiration: norwegianTime(validTo) });

async function expectOnce(page, text) {
	assert.equal(await page.getByText(text).count(), 1, `"${text}" stands in one element`);
}

for (const lang of LANGS) {
	test(`a request says who asks, for what, how long and why, ${lang}`, async () => {
		const { page } = await visitorFor('elena', lang, PHONE);
		await page.goto(world.pending.url);
		const fills = names(lang, world.pending.body.validTo);
		for (const field of ['title', 'heading', 'serviceIntro', 'expiration'])
			await expectOnce(page, templateText('default', field, lang, fills));
		await expectOnce(page, 'Please approve this consent request');
		const facts = (await page.locator('dl').innerText()).replaceAll('\u00a0', ' ');
		for (const part of ['Smekkfull Bank AS', ORG_NO[lang], 'Elena Fjær', lang === 'en' ? 'Test Ministry' : 'Testdepartementet'])
			assert.ok(facts.includes(part), `${part} is in: ${facts}`);
		const rights = page.locator('.sk-rights > li');
		assert.equal(await rights.count(), 1);
		const text = (await rights.innerText()).replace(/\s+/g, ' ');
		assert.match(text, { nb: /^Inntektsopplysninger Inntekten din for 2025: /, nn: /^Inntektsopplysningar Inntekta di for 2025: /,
			en: /^Income information Your income for 2025: / }[lang]);
		assert.deepEqual(await rights.locator('li').allTextContents(), { nb: ['lønn og ytelser fra arbeidsgivere', 'pensjon og trygd'],
			nn: ['løn og ytingar frå arbeidsgjevarar', 'pensjon og trygd'], en: ['pay and benefits from employers', 'pensions and social security'] }[lang]);
		assert.match(await page.locator('.sk-expiration').innerText(), /\b\d\d\.\d\d\.\d{4}, \d\d:\d\d\b/);
		assert.equal(await page.locator('blockquote').getAttribute('lang'), lang === 'en' ? null : 'en', 'a message in another language says which');
	});

	test(`texts that belong to the template: one retrieval, its own message, two rights, power of attorney, ${lang}`, async () => {
		const { page } = await visitorFor('elena', lang, DESKTOP);
		await page.goto(world.oneTime.url);
		await expectOnce(page, templateText('default', 'expirationOneTime', lang, names(lang, world.oneTime.body.validTo)));
		assert.equal(await page.locator('blockquote').count(), 0, 'no message, no place for one');
		await page.goto(world.loan.url);
		await expectOnce(page, templateText('sblanesoknad', 'overriddenDelegationContext', lang, names(lang, world.loan.body.validTo)));
		assert.equal(await page.locator('.sk-rights > li').count(), 2);
		await page.goto(world.pendingPoa.url);
		for (const field of ['title', 'heading', 'serviceIntro', 'expiration'])
			await expectOnce(page, templateText('poa', field, lang, names(lang, world.pendingPoa.body.validTo)));
		await expectOnce(page, 'EK 12345');
	});

	test(`an answered request says when, and the way on leads somewhere, ${lang}`, async () => {
		const { page } = await visitorFor('elena', lang, PHONE);
		await page.goto(world.approved.url);
		const alert = await page.getByRole('alert').innerText();
		const long = /\d+\.? \p{L}+ \d{4} (?:kl\.|at) \d\d[.:]\d\d/u, facts = await page.locator('dl.facts').first().innerText();
		assert.match(alert, long, 'when it was answered');
		assert.equal(facts.match(new RegExp(long, 'gu'))?.length, 1, `until when: ${facts}`);
		assert.match(await page.getByRole('link', { name: GO_TO_BANK[lang] }).getAttribute('href'), new RegExp(`/${world.approved.id}/logout$`));
		await page.goto(`${world.rejected.url}&skiplogout=true&backtopage=%2Fsandbox`);
		assert.equal(await page.getByRole('link', { name: BACK_TO_OVERVIEW[lang] }).getAttribute('href'), '/sandbox');
		await page.goto(world.wrong.url);
		const text = await page.locator('main').innerText();
		assert.ok(text.includes('Elena Fjær'), `who is logged in: ${text}`);
		assert.doesNotMatch(text, /Åsmund|Smekkfull/, 'nothing of the request of somebody else');
		assert.equal(await page.getByRole('button', { name: CHANGE_USER[lang] }).count(), 1);
	});

	test(`what is over says what was asked, and a given one leads to its agreement, ${lang}`, async () => {
		const { page } = await visitorFor('elena', lang, PHONE);
		for (const [state, given] of [['rejected', false], ['revoked', true], ['expired', false], ['used', true], ['expiredAccepted', true], ['approved', true]]) {
			await page.goto(world[state].url);
			const text = await page.locator('main').innerText(), fills = names(lang, world[state].body.validTo);
			for (const field of ['heading', 'serviceIntro', 'expiration', 'expirationOneTime'])
				assert.ok(!text.includes(templateText('default', field, lang, fills)), `${state}: ${field} is not said any more`);
			await page.getByRole('heading', { level: 2, name: WHAT_WAS_ASKED[lang], exact: true }).waitFor();
			assert.ok(text.includes('Please approve this consent request'), state);
			assert.equal(await page.locator('.sk-rights > li').count(), 1, state);
			const link = page.getByRole('link', { name: SEE_AGREEMENT[lang], exact: true });
			assert.equal(await link.count(), given ? 1 : 0, state);
			if (given)
				assert.match(await link.getAttribute('href'), new RegExp(`/consent/details\\?id=${world[state].id}$`));
		}
	});

	test(`every page has a way on, ${lang}`, async () => {
		const v = await visitorFor('elena', lang, PHONE);
		for (const scene of scenes.filter((s) => !s.who && !s.buttons && s.name !== 'overview')) {
			await play(scene, v, lang, world);
			assert.ok(await v.page.locator('main a[href^="/"], main form button').count() >= 1, scene.name);
		}
	});

	test(`menu and language choice without violations, skip link, ${lang}`, async () => {
		const v = await visitor(chrome, sb, { lang });
		const { page } = v;
		await page.goto(`${sb.url}/sandbox/login`);
		await page.keyboard.press('Tab');
		assert.equal(await page.evaluate(() => document.activeElement.textContent), SKIP[lang]);
		assert.ok((await page.locator('.skip').boundingBox()).x >= 0, 'it shows when it has focus');
		await page.keyboard.press('Enter');
		assert.equal(await page.evaluate(() => document.activeElement.id), 'main-content');
		await page.getByRole('button', { name: MENU[lang], exact: true }).click();
		assert.deepEqual(await axe(page), [], 'menu open');
		await page.getByLabel('Språk/language').click();
		assert.equal(await page.getByRole('menuitemradio').count(), 3);
		assert.deepEqual(await axe(page), [], 'language choice open');
		await page.setViewportSize({ width: 320, height: 568 });
		await expectFits(page, 'language choice');
		await v.context.close();
	});
}

test('the language follows ?lng=, the choice, the browser, in this order, and stays after login', async () => {
	const v = await visitor(chrome, sb, { lang: 'en' });
	const { page } = v;
	const shows = async (lang) => assert.equal(await page.locator('html').getAttribute('lang'), lang);
	await page.goto(`${sb.url}/sandbox/login`);
	await shows('en');
	await page.goto(`${sb.url}/sandbox/login?lng=no_nn`);
	await shows('nn');
	await page.goto(`${sb.url}/sandbox/login`);
	await shows('en');
	await v.context.addCookies([{ name: 'selectedLanguage', value: CODES.nb, url: sb.url }]);
	await page.goto(`${sb.url}/sandbox/login?lng=xx`);
	await shows('nb');
	await page.goto(`${sb.url}${CONSENT}?id=${world.pending.id}&lng=en`);
	assert.match(page.url(), /lng%3Den|lng=en/, 'the whole address survives the login');
	await v.context.close();
});

test('identity numbers stay out of addresses, titles and the HTML of the person', async () => {
	const v = await visitorFor('elena', 'nb', PHONE);
	for (const request of ['pending', 'approved', 'wrong', 'secure']) {
		await v.page.goto(world[request].url);
		for (const pid of [ELENA, ASMUND])
			assert.ok(!(await v.page.content()).includes(pid));
	}
	assert.ok(v.urls.every((u) => !/(?<![\w-])\d{11}(?![\w-])/.test(decodeURIComponent(u))), 'no number in an address');
});
