// Chromium against a sandbox: contexts, the test login, requests, the bank that a person is sent back to, axe.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { browser, expectStatus } from './sandbox.mjs';
import { BANK, REQUESTS, S_READ, S_WRITE, requestBody } from './world.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export const PHONE = { width: 390, height: 844 }, DESKTOP = { width: 1280, height: 900 };
export const SIZES = { phone: PHONE, desktop: DESKTOP };
export const LANGS = ['nb', 'nn', 'en'];
const LOCALES = { nb: 'nb-NO', nn: 'nn-NO', en: 'en-GB' };
export const CODES = { nb: 'no_nb', nn: 'no_nn', en: 'en' };
export const CONSENT = '/accessmanagement/ui/consent/request';

export function startChromium() {
	return chromium.launch({
		executablePath: process.env.SAMTYKKE_CHROMIUM ?? '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
			'--disable-component-update', '--disable-sync'],
	});
}

// A browser of its own: {page, context, faults, urls}. faults: what Chromium complained about; urls: every address it asked for.
export async function visitor(chrome, sb, { js = true, size = PHONE, lang = 'nb', dark = false } = {}) {
	const context = await chrome.newContext({
		javaScriptEnabled: js, viewport: size, locale: LOCALES[lang],
		colorScheme: dark ? 'dark' : 'light', timezoneId: 'America/New_York', reducedMotion: 'reduce',
	});
	context.setDefaultTimeout(60000); /* of what hangs: a busy machine is slow */
	const faults = [], urls = [];
	context.on('request', (r) => urls.push(r.url()));
	context.on('page', (page) => {
		page.on('console', (m) => faults.push(`console ${m.type()}: ${m.text()}`));
		page.on('pageerror', (e) => faults.push(`error: ${e.message}`));
		page.on('dialog', (d) => {
			faults.push(`dialog: ${d.message()}`);
			d.dismiss();
		});
	});
	const page = await context.newPage();
	return { context, page, faults, urls, sb, js, lang };
}

// Visitors whose visit is over, by how they look: a new context costs more than most visits.
const idle = new Map();

async function forget(v, { size = PHONE, dark = false }) {
	const [page, ...others] = v.context.pages();
	await Promise.all(others.map((p) => p.close()));
	await page.unrouteAll();
	await page.goto('about:blank');
	await page.emulateMedia({ media: null, colorScheme: dark ? 'dark' : 'light', forcedColors: 'none' });
	await page.setViewportSize(size);
	await v.context.clearCookies();
	v.faults.length = v.urls.length = 0;
}

// A visitor without a history for as long as body(v) runs; Chromium has nothing to complain about. own: in a context of its own.
export async function visiting(chrome, sb, { own = false, ...options }, body) {
	const look = JSON.stringify(options);
	if (!idle.has(look))
		idle.set(look, []);
	const v = (!own && idle.get(look).pop()) || await visitor(chrome, sb, options);
	v.sb = sb;
	let good = false;
	try {
		await body(v);
		assert.deepEqual(complaints(v), []);
		good = !own && v.context.pages()[0] === v.page;
	} finally {
		if (!good)
			await v.context.close();
	}
	if (!good)
		return;
	/* A navigation that a test held back may hold the next one back too; such a visitor is let go of. */
	if (heldBack.has(v.page) || !await forget(v, options).then(() => true, () => false))
		await v.context.close();
	else
		idle.get(look).push(v);
}

// What Chromium complained about, but for pages whose status says that something is wrong.
export function complaints(v) {
	return v.faults.filter((x) => !/^console error: Failed to load resource: .* status of [45]\d\d/.test(x));
}

// Through the test login as other people's browser tests do it, from whatever page leads there.
export async function fillLogin(page, pid, { level } = {}) {
	await page.getByRole('link', { name: 'TestID Lag din egen' }).click();
	await page.getByRole('textbox', { name: 'Personidentifikator' }).fill(pid);
	if (level)
		await page.locator('#level').selectOption(String(level));
	const moved = page.waitForNavigation(); /* a click does not wait for the page that it leads to */
	await page.getByRole('button', { name: 'Autentiser' }).click();
	await moved;
}

export async function logIn(page, url, pid, how) {
	await page.goto(url);
	assert.match(new URL(page.url()).pathname, /^\/sandbox\/login$/, 'without a session the login comes first');
	await fillLogin(page, pid, how);
}

const OVERVIEW = '/accessmanagement/ui/consent/active';

// With a session that was begun outside Chromium, for tests of something else than the login.
export async function logInAt({ context, page, sb, lang = 'nb' }, pid, { level = 4 } = {}) {
	const b = browser(sb, { 'Accept-Language': LOCALES[lang] });
	assert.equal((await b.login(pid, OVERVIEW, String(level))).status, 200);
	const url = sb.url.replace('http:', 'https:'); /* a secure cookie, which Chromium sends to 127.0.0.1 all the same */
	await context.addCookies([...b.jar].map(([name, value]) => ({ name, value, url, secure: true, httpOnly: true, sameSite: 'Lax' })));
	await page.goto(sb.url + OVERVIEW);
	assert.equal(page.url(), sb.url + OVERVIEW);
}

// A request of the bank: {id, url, body, answer}. changes as requestBody takes them.
export async function ask(sb, changes = {}, { orgno = BANK } = {}) {
	const body = requestBody(sb, changes);
	const token = await sb.orgToken(orgno, `${S_WRITE} ${S_READ}`);
	const res = expectStatus(await sb.post(REQUESTS, token, body), 201);
	assert.ok(res.json.viewUri.startsWith(`${sb.url}${CONSENT}?id=`), res.json.viewUri);
	return { id: body.id, url: res.json.viewUri, body, orgno };
}

export async function stateOf(sb, request) {
	const token = await sb.orgToken(request.orgno, `${S_WRITE} ${S_READ}`);
	const { json } = expectStatus(await sb.get(`${REQUESTS}/${request.id}`, token), 200);
	return { status: json.status, events: json.consentRequestEvents.map((e) => e.eventType) };
}

export async function expectState(sb, request, status, ...events) {
	assert.deepEqual(await stateOf(sb, request), { status, events: events.length ? events : status === 'Created' ? ['Created'] : ['Created', status] });
}

export async function decideByApi(sb, request, pid, how) {
	const token = await sb.personToken(pid);
	expectStatus(await sb.post(`/accessmanagement/api/v1/bff/consentrequests/${request.id}/${how}`, token, how === 'accept' ? { language: 'nb' } : undefined), 200);
}

// The bank that a person comes back to. seen: the addresses asked for, as the browser sent them.
export async function startBank() {
	const seen = [];
	const server = http.createServer((req, res) => {
		if (req.url !== '/favicon.ico')
			seen.push({ url: req.url, cookie: req.headers.cookie, referer: req.headers.referer });
		res.setHeader('Content-Type', 'text/html; charset=utf-8');
		res.end('<!doctype html><html lang="nb"><title>Banken</title><link rel="icon" href="data:,"><h1>Velkommen tilbake</h1>');
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address();
	return {
		seen,
		// Another site than the sandbox, which is at 127.0.0.1.
		url: `http://localhost:${port}`,
		close: () => new Promise((resolve) => {
			server.closeAllConnections();
			server.close(resolve);
		}),
	};
}

// Violations of the document, one line each.
export async function axe(page, options = { runOnly: AXE_TAGS }) {
	if (!await page.evaluate(() => typeof window.axe === 'object'))
		await page.evaluate(axeSource);
	return page.evaluate(async (o) => {
		const { violations } = await window.axe.run(document, { ...o, resultTypes: ['violations'] });
		return violations.map((v) => `${v.id} (${v.help}): ${v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`);
	}, options);
}

// The rules of every page: one heading, the language, axe in light and dark, nothing wider than 320 pixels.
export async function expectGood(page, lang, h1) {
	assert.deepEqual(await page.getByRole('heading', { level: 1 }).allTextContents(), [h1]);
	assert.equal(await page.locator('html').getAttribute('lang'), lang);
	assert.ok(await page.locator('main a[href^="/"], main form button').count() >= 1, 'a way on');
	assert.deepEqual(await axe(page), [], 'axe');
	await page.emulateMedia({ colorScheme: 'dark' });
	assert.deepEqual(await axe(page, { runOnly: { type: 'rule', values: ['color-contrast'] } }), [], 'axe, dark');
	await page.emulateMedia({ colorScheme: 'light' });
	const size = page.viewportSize();
	await page.setViewportSize({ width: 320, height: 568 });
	assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, 'nothing runs out at the side');
	await page.setViewportSize(size);
}

// A form of the page, as a browser would send it with that button, so that a test can change a field first.
export function formOf(page, selector) {
	return page.$eval(selector, (form) => ({
		action: form.action,
		fields: Object.fromEntries([...form.querySelectorAll('input[type=hidden]')].map((i) => [i.name, i.value])),
	}));
}

const heldBack = new WeakSet();

// Keeps a page that moves on by itself: the next address is answered with nothing.
export async function holdBack(page, pattern) {
	heldBack.add(page);
	await page.route(pattern, (route) => route.fulfill({ status: 204 }));
}
