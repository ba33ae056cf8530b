// What people do, from the bank and back, with and without JavaScript, with a mouse and with a keyboard.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { CONSENT, DESKTOP, LANGS, PHONE, ask, axe, decideByApi, expectState, fillLogin, holdBack, logIn, logInAt, startBank, startChromium, visiting } from '../js/browser.mjs';
import { startSandbox } from '../js/sandbox.mjs';
import { ASMUND, BAKERY, ELENA, org, person, right } from '../js/world.mjs';
import { poaRights, webResource } from './scenes.mjs';
import { ALERT, BACK, BACK_TO_OVERVIEW, BUTTONS, CHANGE_USER, GO_TO_BANK, HEADING, LOG_IN_AGAIN, LOG_OUT, MENU, templateText } from './words.mjs';

const FAILED = 'Status=Failed&ErrorMessage=User+did+not+give+consent';
const sb = await startSandbox({ store: false, apply: { resources: [webResource('web_level4', {}, 4)] } });
const chrome = await startChromium();
const bank = await startBank();
after(async () => {
	await chrome.close();
	await bank.close();
	await sb.stop();
});

const KINDS = [
	['phone, JavaScript', { size: PHONE, js: true }], ['phone, no JavaScript', { size: PHONE, js: false }],
	['desktop, JavaScript', { size: DESKTOP, js: true }], ['desktop, no JavaScript', { size: DESKTOP, js: false }],
];
const SCRIPTS = [['JavaScript', { js: true }], ['no JavaScript', { js: false }]];

// One visitor to one test.
const withVisitor = (options, body) => visiting(chrome, sb, options, (v) => body(v, v.page)).finally(() => sb.offset && sb.clock({}));

const button = (page, kind, which, lang = 'nb') => page.getByRole('button', { name: BUTTONS[kind][which][lang], exact: true });
const redirectTo = (tail = `/tilbake/${randomUUID()}`) => ({ redirectUrl: `${bank.url}${tail}` });

async function atBank(page, tail) {
	const there = () => page.waitForURL((u) => u.href.startsWith(bank.url));
	/* A second press ends the way that the first one began, and with it the wait. */
	await there().catch((e) => /ERR_ABORTED/.test(e.message) ? there() : Promise.reject(e));
	assert.equal(page.url(), `${bank.url}${tail}`);
	assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'Velkommen tilbake');
	const visit = bank.seen.at(-1);
	assert.equal(visit.url, tail.replace(/#.*/, ''), 'what the bank was asked for');
	assert.equal(visit.cookie, undefined);
	assert.ok(!visit.referer?.includes('id='), `the bank is not told the address that was left: ${visit.referer}`);
}

async function expectLoggedOut(page, request) {
	await page.goto(request.url);
	assert.equal(new URL(page.url()).pathname, '/sandbox/login', 'the session is over');
}

// The path of every page of ours on the way, in order.
const pathsOf = (v) => v.urls.filter((u) => u.startsWith(sb.url)).map((u) => new URL(u).pathname);

async function expectHeading(page, text) {
	await page.getByRole('heading', { level: 1, name: text, exact: true }).waitFor();
}

// ---- approve and reject, from the bank and back ----

for (const [how, options] of KINDS) {
	for (const [which, status, answer] of [['approve', 'Accepted', 'Status=OK'], ['reject', 'Rejected', FAILED]]) {
		test(`${which}: login, request, answer, logout, back at the bank (${how})`, () => withVisitor(options, async (v, page) => {
			const tail = `/tilbake/${randomUUID()}`;
			const request = await ask(sb, redirectTo(tail));
			await logIn(page, request.url, ELENA);
			assert.equal(page.url(), request.url, 'the login comes back to the same address');
			v.urls.length = 0;
			const left = page.waitForURL('**/*login.test.idporten.no/logout/success*');
			await button(page, 'consent', which).click();
			await left;
			await atBank(page, `${tail}?${answer}`);
			const way = pathsOf(v).filter((p) => !p.startsWith('/accessmanagement/ui/static/') && p !== '/favicon.ico');
			assert.equal(way[0], CONSENT);
			assert.equal(way[1], `/accessmanagement/api/v1/consent/request/${request.id}/logout`);
			assert.ok(way[2].includes('login.test.idporten.no/logout/success'), way.join(' '));
			await expectState(sb, request, status);
			await expectLoggedOut(page, request);
		}));
	}
}

for (const lang of ['nn', 'en'])
	test(`approve a power of attorney, ${lang}`, () => withVisitor({ lang }, async (v, page) => {
		const tail = `/tilbake/${randomUUID()}`;
		const request = await ask(sb, { ...redirectTo(tail), consentRights: poaRights });
		await logIn(page, request.url, ELENA);
		await button(page, 'poa', 'approve', lang).click();
		await atBank(page, `${tail}?Status=OK`);
		await expectState(sb, request, 'Accepted');
	}));

for (const lang of LANGS)
	test(`a dagl answers for an organisation, ${lang}`, () => withVisitor({ lang }, async (v, page) => {
		const tail = `/tilbake/${randomUUID()}`;
		const request = await ask(sb, { ...redirectTo(tail), from: org(BAKERY) });
		await logIn(page, request.url, ASMUND);
		await expectHeading(page, HEADING.wrongPerson[lang]);
		assert.doesNotMatch(await page.content(), /Fjordgløtt|Smekkfull/);
		await page.getByRole('button', { name: CHANGE_USER[lang] }).click();
		await page.waitForURL('**/sandbox/login?*');
		await fillLogin(page, ELENA);
		assert.equal(page.url(), request.url);
		await expectHeading(page, templateText('default', 'title', lang, {}, 'org'));
		const facts = await page.locator('dl').innerText();
		for (const part of [/Fjordgløtt Bakeri AS/, /312.587.408/, /Elena Fjær/])
			assert.match(facts, part);
		await button(page, 'consent', 'approve', lang).click();
		await atBank(page, `${tail}?Status=OK`);
		await expectState(sb, request, 'Accepted');
	}));

test('the redirect address keeps its own query, fragment and hash route', () => withVisitor({ js: false }, async (v, page) => {
	const rows = [
		['/a?authcode=123', 'approve', '/a?authcode=123&Status=OK'],
		['/a?authcode=123', 'reject', `/a?authcode=123&${FAILED}`],
		['/a#fragment', 'reject', `/a?${FAILED}#fragment`],
		['/a/#/fragmentpath', 'approve', '/a/#/fragmentpath?Status=OK'],
		['/a/#/fragmentpath?authcode=123', 'approve', '/a/#/fragmentpath?authcode=123&Status=OK'],
		['', 'approve', '/?Status=OK'],
	];
	for (const [redirect, which, want] of rows) {
		const request = await ask(sb, redirectTo(redirect));
		await logIn(page, request.url, ELENA);
		await button(page, 'consent', which).click();
		await atBank(page, want);
	}
}));

test('the link of the moving-on page leads the same way when nothing moves by itself', () => withVisitor({}, async (v, page) => {
	const tail = `/tilbake/${randomUUID()}`;
	const request = await ask(sb, redirectTo(tail));
	await logIn(page, request.url, ELENA);
	await holdBack(page, /\/logout$/);
	const tried = page.waitForResponse(/\/logout$/);
	await button(page, 'consent', 'approve').click();
	await expectHeading(page, HEADING.approved.nb);
	await tried; /* the page's own move, which leads nowhere here */
	await page.unrouteAll();
	await page.getByRole('link', { name: GO_TO_BANK.nb }).click();
	await atBank(page, `${tail}?Status=OK`);
}));

// ---- the way back, more than once ----

const LEFT = '/accessmanagement/api/v1/logoutredirect';
const isLeft = (u) => u.pathname === LEFT;

test('the way back to the bank can be gone again, by the browser that answered alone', () => withVisitor({}, async (v, page) => {
	const tail = `/tilbake/${randomUUID()}`, request = await ask(sb, redirectTo(tail));
	await logIn(page, request.url, ELENA);
	await button(page, 'consent', 'approve').click();
	await atBank(page, `${tail}?Status=OK`);
	for (const again of [LEFT, `/accessmanagement/api/v1/consent/request/${request.id}/logout`, LEFT]) {
		await page.goto(`${bank.url}/annen`);
		await page.goto(sb.url + again);
		await atBank(page, `${tail}?Status=OK`);
	}
	await visiting(chrome, sb, { lang: 'en' }, async (other) => {
		await other.page.goto(sb.url + LEFT);
		await expectHeading(other.page, HEADING.loggedOut.en);
	});
	/* The next login in this browser ends it, even before that person does anything. */
	await logInAt(v, ASMUND);
	await page.goto(sb.url + LEFT);
	await page.waitForURL('**/consent/active');
}));

test('the log-out address of a request without a session asks for the login, and the page behind it has the way back', () => withVisitor({}, async (v, page) => {
	const tail = `/tilbake/${randomUUID()}`, request = await ask(sb, redirectTo(tail));
	await decideByApi(sb, request, ELENA, 'accept');
	await logIn(page, `${sb.url}/accessmanagement/api/v1/consent/request/${request.id}/logout`, ELENA);
	await page.getByRole('link', { name: GO_TO_BANK.nb }).click();
	await atBank(page, `${tail}?Status=OK`);
}));

for (const lang of LANGS)
	test(`an app of the bank: the last page is a button, after a reload too, ${lang}`, () => withVisitor({ lang }, async (v, page) => {
		const rows = [['no.smekkfull.app://tilbake?a=1&b=%222%22', 'approve', 'no.smekkfull.app://tilbake?a=1&b=%222%22&Status=OK'],
			['smekkfull:tilbake#x', 'reject', `smekkfull:tilbake?${FAILED}#x`]];
		for (const [redirectUrl, which, href] of rows) {
			const request = await ask(sb, { redirectUrl });
			await logIn(page, request.url, ELENA);
			await button(page, 'consent', which, lang).click();
			await page.waitForURL(isLeft);
			for (let i = 0; i < 2; i++) {
				await expectHeading(page, HEADING.loggedOut[lang]);
				const link = page.getByRole('link', { name: GO_TO_BANK[lang], exact: true });
				assert.equal(await link.getAttribute('href'), href);
				assert.ok((await link.boundingBox()).height >= 44, 'large enough to press');
				assert.deepEqual(await axe(page), []);
				const answer = await page.reload();
				assert.equal(answer.status(), 200);
				assert.equal(answer.headers()['cache-control'], 'no-store');
			}
			await expectLoggedOut(page, request);
			await page.goBack();
			await page.getByRole('link', { name: GO_TO_BANK[lang], exact: true }).waitFor();
		}
		await logInAt(v, ASMUND);
		await page.goto(sb.url + LEFT);
		await page.waitForURL('**/consent/active');
	}));

// ---- skiplogout, backtopage, log out ----

for (const [how, options] of SCRIPTS) {
	test(`skiplogout: a receipt in place, and still logged in (${how})`, () => withVisitor(options, async (v, page) => {
		for (const [which, heading] of [['approve', HEADING.approved], ['reject', HEADING.rejected]]) {
			const request = await ask(sb, redirectTo());
			await page.goto(`${request.url}&skiplogout=true&backtopage=${encodeURIComponent('/sandbox?a=1&b=2')}`);
			if (which === 'approve')
				await fillLogin(page, ELENA);
			assert.equal(await page.getByRole('link', { name: BACK.nb, exact: true }).getAttribute('href'), '/sandbox?a=1&b=2');
			await button(page, 'consent', which).click();
			await expectHeading(page, heading.nb);
			await page.waitForTimeout(300);
			await expectHeading(page, heading.nb);
			assert.equal(await page.getByRole('link', { name: BACK_TO_OVERVIEW.nb }).getAttribute('href'), '/sandbox?a=1&b=2');
			await page.goto(request.url);
			assert.equal(page.url(), request.url, 'the session lives');
		}
	}));

	test(`plain log out from the menu (${how})`, () => withVisitor(options, async (v, page) => {
		const request = await ask(sb, redirectTo());
		await logIn(page, request.url, ELENA);
		await page.getByRole('button', { name: MENU.nb, exact: true }).click();
		assert.match(await page.locator('#menu').innerText(), /Logget inn som Elena Fjær/);
		await page.getByRole('button', { name: LOG_OUT.nb, exact: true }).click();
		await page.waitForURL('**/logoutredirect');
		await expectHeading(page, HEADING.loggedOut.nb);
		assert.deepEqual((await v.context.cookies()).filter((c) => c.name.endsWith('samtykke')), [], 'the cookie is gone');
		await expectLoggedOut(page, request);
		await expectState(sb, request, 'Created');
	}));

	test(`language from the menu, at the same address (${how})`, () => withVisitor(options, async (v, page) => {
		const request = await ask(sb, redirectTo());
		const url = `${request.url}&skiplogout=true&backtopage=%2Fsandbox%3Fx%3D1`;
		await logIn(page, url, ELENA);
		for (const [name, lang] of [['English', 'en'], ['Norsk (nynorsk)', 'nn'], ['Norsk (bokmål)', 'nb']]) {
			await page.getByRole('button', { name: /^(Meny|Menu)$/ }).click();
			await page.getByLabel('Språk/language').click();
			await page.getByRole('menuitemradio', { name, exact: true }).click();
			await page.locator(`html[lang=${lang}]`).waitFor();
			assert.equal(page.url(), url);
			assert.equal(await button(page, 'consent', 'approve', lang).count(), 1);
		}
		await page.getByRole('button', { name: MENU.nb, exact: true }).click();
		await page.getByRole('button', { name: LOG_OUT.nb, exact: true }).click();
		await expectHeading(page, HEADING.loggedOut.nb);
	}));
}

test('the language of the answer is the one that was read', () => withVisitor({ lang: 'en' }, async (v, page) => {
	const request = await ask(sb, redirectTo());
	await logIn(page, `${request.url}&skiplogout=true&lng=no_nn`, ELENA);
	await button(page, 'consent', 'approve', 'nn').click();
	await expectHeading(page, HEADING.approved.nn);
	assert.equal(await page.locator('html').getAttribute('lang'), 'nn', 'the receipt is in the language of the page');
}));

// ---- the keyboard ----

// What shows where the focus is, against the same element without it.
function focusShows() {
	const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
	return {
		what: (e.getAttribute('aria-label') ?? e.textContent ?? e.id).trim() || e.id, tag: e.tagName,
		ring: parseFloat(s.outlineWidth) >= 2 && s.outlineStyle !== 'none',
		seen: box.width > 0 && box.height > 0 && box.top >= 0 && box.bottom <= innerHeight + 1,
	};
}

// Tab until the element says so; every stop on the way shows its focus.
async function tabTo(page, wanted) {
	const stops = [];
	for (let i = 0; i < 40; i++) {
		await page.keyboard.press('Tab');
		const f = await page.evaluate(focusShows);
		stops.push(f.what);
		assert.ok(f.tag === 'BODY' || (f.ring && f.seen), `the focus shows at "${f.what}": ${JSON.stringify(f)}`);
		if (wanted.test(f.what))
			return stops;
	}
	throw new Error(`no stop at ${wanted}: ${stops.join(' · ')}`);
}

for (const [how, options] of SCRIPTS) {
	test(`keyboard only: log in, read, answer (${how})`, () => withVisitor({ ...options, size: DESKTOP }, async (v, page) => {
		const tail = `/tilbake/${randomUUID()}`;
		const request = await ask(sb, redirectTo(tail));
		await page.goto(request.url);
		await tabTo(page, /^TestID Lag din egen$/);
		await page.keyboard.press('Enter');
		await expectHeading(page, HEADING.testLogin.nb);
		await tabTo(page, /^pid$/);
		await page.keyboard.type(ELENA);
		await tabTo(page, /^Autentiser$/);
		await page.keyboard.press('Enter');
		await button(page, 'consent', 'approve').waitFor();
		const stops = await tabTo(page, new RegExp(`^${BUTTONS.consent.reject.nb}$`));
		assert.deepEqual(stops.slice(-2), [BUTTONS.consent.approve.nb, BUTTONS.consent.reject.nb], 'both answers, in the order they stand');
		await page.keyboard.press('Shift+Tab');
		await page.keyboard.press('Enter');
		await atBank(page, `${tail}?Status=OK`);
	}));

	test(`keyboard only: menu and language (${how})`, () => withVisitor({ ...options, size: DESKTOP }, async (v, page) => {
		await page.goto(`${sb.url}/sandbox/login/testid`);
		await tabTo(page, /^Meny$/);
		await page.keyboard.press('Enter');
		await tabTo(page, /^Språk\/language$/);
		await page.keyboard.press('Enter');
		await page.getByRole('menuitemradio', { name: 'English' }).waitFor();
		await page.keyboard.press('Escape');
		assert.equal(await page.getByRole('menuitemradio').count(), 0, 'Escape closes');
		for (let i = 0; i < 2 && !await page.getByLabel('Språk/language').isVisible(); i++)
			await page.getByRole('button', { name: 'Meny' }).press('Enter');
		await page.getByLabel('Språk/language').press('Enter');
		await tabTo(page, /^English$/);
		await page.keyboard.press('Enter');
		await page.locator('html[lang=en]').waitFor();
	}));
}

// ---- twice, back, in two tabs, too late, without a session ----

for (const [how, options] of SCRIPTS) {
	test(`two clicks are one answer (${how})`, () => withVisitor(options, async (v, page) => {
		const tail = `/tilbake/${randomUUID()}`;
		const request = await ask(sb, redirectTo(tail));
		await logIn(page, request.url, ELENA);
		await button(page, 'consent', 'approve').dblclick({ noWaitAfter: true });
		await atBank(page, `${tail}?Status=OK`);
		await expectState(sb, request, 'Accepted');
	}));

	test(`back after the answer shows the answer, not the buttons (${how})`, () => withVisitor(options, async (v, page) => {
		const request = await ask(sb, redirectTo());
		await logIn(page, `${request.url}&skiplogout=true`, ELENA);
		await button(page, 'consent', 'reject').click();
		await expectHeading(page, HEADING.rejected.nb);
		await page.goBack();
		await page.getByRole('alert').waitFor();
		assert.match(await page.getByRole('alert').innerText(), new RegExp(`^${ALERT.rejected.nb}`));
		assert.equal(await button(page, 'consent', 'approve').count(), 0);
	}));

	test(`back from the bank asks to log in and shows nothing (${how})`, () => withVisitor(options, async (v, page) => {
		const request = await ask(sb, redirectTo());
		await logIn(page, request.url, ELENA);
		await button(page, 'consent', 'approve').click();
		await page.waitForURL((u) => u.href.startsWith(bank.url));
		const met = [];
		for (let i = 0; i < 4; i++) {
			await page.goBack().catch(() => {}); /* there is nothing further back */
			if (!page.url().startsWith(sb.url))
				continue;
			met.push(page.url());
			assert.doesNotMatch(await page.locator('body').innerText(), /Inntekt|Gjelder|Logget inn/, page.url());
		}
		assert.ok(met.length > 0, 'pages of ours on the way back');
		await expectState(sb, request, 'Accepted');
	}));
}

for (const [first, second, alert] of [['reject', 'approve', ALERT.approveError], ['approve', 'reject', null]]) {
	test(`two tabs: ${first} in one, then ${second} in the other`, () => withVisitor({}, async (v, page) => {
		const request = await ask(sb, redirectTo());
		await logIn(page, `${request.url}&skiplogout=true`, ELENA);
		const other = await v.context.newPage();
		await other.goto(`${request.url}&skiplogout=true`);
		await button(other, 'consent', first).click();
		await expectHeading(other, first === 'approve' ? HEADING.approved.nb : HEADING.rejected.nb);
		await button(page, 'consent', second).click();
		const text = await page.getByRole('alert').innerText();
		assert.ok(text.startsWith(alert ? alert.nb : 'Kunne ikke avvise samtykke'), text);
		assert.match(text, /annen fane/);
		assert.equal(await button(page, 'consent', second).count(), 0);
		await page.goto(request.url);
		assert.ok((await page.getByRole('alert').innerText()).startsWith(first === 'approve' ? ALERT.approved.nb : ALERT.rejected.nb));
		await expectState(sb, request, first === 'approve' ? 'Accepted' : 'Rejected');
	}));
}

test('two tabs with the same answer: both get the receipt, one event', () => withVisitor({}, async (v, page) => {
	const request = await ask(sb, redirectTo());
	await logIn(page, `${request.url}&skiplogout=true`, ELENA);
	await decideByApi(sb, request, ELENA, 'accept');
	await button(page, 'consent', 'approve').click();
	await expectHeading(page, HEADING.approved.nb);
	await expectState(sb, request, 'Accepted');
}));

for (const [how, options] of SCRIPTS) {
	test(`the session is lost between page and click: the request is not (${how})`, () => withVisitor(options, async (v, page) => {
		const tail = `/tilbake/${randomUUID()}`;
		const request = await ask(sb, redirectTo(tail));
		await logIn(page, request.url, ELENA);
		await v.context.clearCookies();
		await button(page, 'consent', 'approve').click();
		await expectHeading(page, HEADING.sessionLost.nb);
		await expectState(sb, request, 'Created');
		await page.getByRole('link', { name: LOG_IN_AGAIN.nb }).click();
		await fillLogin(page, ELENA);
		assert.equal(page.url(), request.url);
		await button(page, 'consent', 'approve').click();
		await atBank(page, `${tail}?Status=OK`);
	}));

	test(`the wrong person is told who is logged in, and can change (${how})`, () => withVisitor(options, async (v, page) => {
		const tail = `/tilbake/${randomUUID()}`;
		const request = await ask(sb, { ...redirectTo(tail), from: person(ASMUND) });
		await logIn(page, request.url, ELENA);
		await expectHeading(page, HEADING.wrongPerson.nb);
		assert.match(await page.locator('main').innerText(), /Elena Fjær/);
		await page.getByRole('button', { name: CHANGE_USER.nb }).click();
		await page.waitForURL('**/sandbox/login?*');
		await fillLogin(page, ASMUND);
		assert.equal(page.url(), request.url);
		assert.match(await page.locator('dl').innerText(), /Åsmund Ødegård/);
		await button(page, 'consent', 'approve').click();
		await atBank(page, `${tail}?Status=OK`);
		await expectState(sb, request, 'Accepted');
	}));
}

test('another session in the same browser: the answer of the first page is refused', () => withVisitor({}, async (v, page) => {
	const request = await ask(sb, redirectTo());
	await logIn(page, `${request.url}&skiplogout=true`, ELENA);
	const other = await v.context.newPage();
	await other.goto(`${sb.url}/sandbox/login/testid`);
	await other.getByRole('textbox', { name: 'Personidentifikator' }).fill(ASMUND);
	await other.getByRole('button', { name: 'Autentiser' }).click();
	await button(page, 'consent', 'approve').click();
	await expectHeading(page, HEADING.stale.nb);
	await expectState(sb, request, 'Created');
}));

for (const [how, options] of SCRIPTS)
	test(`a login at too low a level is asked for once more and comes back (${how})`, () => withVisitor(options, async (v, page) => {
		const tail = `/tilbake/${randomUUID()}`;
		const request = await ask(sb, { ...redirectTo(tail), consentRights: [right('web_level4')] });
		await logIn(page, request.url, ELENA, { level: 3 });
		await expectHeading(page, HEADING.lowLevel.nb);
		await page.getByRole('button', { name: LOG_IN_AGAIN.nb }).click();
		await page.waitForURL('**/sandbox/login?*');
		await fillLogin(page, ELENA, { level: 4 });
		assert.equal(page.url(), request.url);
		await button(page, 'consent', 'approve').click();
		await atBank(page, `${tail}?Status=OK`);
		await expectState(sb, request, 'Accepted');
	}));

test('a number that is not valid is told where it stands', () => withVisitor({ js: false }, async (v, page) => {
	await page.goto(`${sb.url}/sandbox/login/testid?goto=%2Fsandbox`);
	const field = page.getByRole('textbox', { name: 'Personidentifikator' });
	await field.fill('01025161014');
	await page.getByRole('button', { name: 'Autentiser' }).click();
	assert.equal(await field.inputValue(), '01025161014');
	assert.equal(await field.getAttribute('aria-invalid'), 'true');
	assert.match(await page.getByRole('alert').innerText(), /ikke gyldig/);
	await field.fill('01025161013');
	await page.getByRole('button', { name: 'Autentiser' }).click();
	assert.equal(page.url(), `${sb.url}/sandbox`);
}));

test('the sandbox page makes a request to try', () => withVisitor({ js: false, lang: 'en' }, async (v, page) => {
	await page.goto(`${sb.url}/sandbox`);
	await page.getByRole('button', { name: 'Make the request' }).click();
	await page.waitForURL('**/sandbox/login?*');
	assert.match(page.url(), /goto=/);
}));

test('an expired request says so, before and while the page is open', () => withVisitor({}, async (v, page) => {
	const soon = () => ({ ...redirectTo(), validTo: new Date(sb.now() + 3600000).toISOString() });
	const request = await ask(sb, soon());
	await logIn(page, request.url, ELENA);
	assert.equal(await button(page, 'consent', 'approve').count(), 1);
	await sb.clock({ offset: 'PT2H' });
	await button(page, 'consent', 'approve').click();
	assert.ok((await page.getByRole('alert').innerText()).startsWith(ALERT.expired.nb), 'expired while the page was open');
	assert.equal(await button(page, 'consent', 'approve').count(), 0);
	await expectState(sb, request, 'Created', 'Created', 'Expired');
	await page.goto(request.url);
	assert.ok((await page.getByRole('alert').innerText()).startsWith(ALERT.expired.nb), 'opened when it is too late');
	await page.getByRole('link', { name: GO_TO_BANK.nb }).click();
	await page.waitForURL((u) => u.href.startsWith(bank.url));
	assert.doesNotMatch(bank.seen.at(-1).url, /Status=(OK|Failed)/, 'nobody answered');
}));

test('an accepted request that runs out, and reject after that', () => withVisitor({}, async (v, page) => {
	const request = await ask(sb, { ...redirectTo(), validTo: new Date(sb.now() + 3600000).toISOString() });
	await decideByApi(sb, request, ELENA, 'accept');
	await sb.clock({ offset: 'PT2H' });
	await logIn(page, request.url, ELENA);
	assert.ok((await page.getByRole('alert').innerText()).startsWith(ALERT.expiredAccepted.nb));
}));

test('answered requests lead back to the bank with the answer that stands', () => withVisitor({}, async (v, page) => {
	const tail = `/tilbake/${randomUUID()}`;
	const request = await ask(sb, redirectTo(tail));
	await decideByApi(sb, request, ELENA, 'reject');
	await logInAt(v, ELENA);
	await page.goto(request.url);
	await page.getByRole('link', { name: GO_TO_BANK.nb }).click();
	await atBank(page, `${tail}?${FAILED}`);
}));
