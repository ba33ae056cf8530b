// What strangers write is text; what other sites send is refused; nothing leaves but what has to.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, test } from 'node:test';
import { CONSENT, DESKTOP, PHONE, ask, axe, complaints, expectState, formOf, holdBack, logIn, logInAt, startBank, startChromium, visitor } from '../js/browser.mjs';
import { expectStatus, startSandbox } from '../js/sandbox.mjs';
import { ELENA, LENDER, STRANGER, org, person, right } from '../js/world.mjs';
import { cast, makeWorld, play, scenes, webResource } from './scenes.mjs';
import { BUTTONS, HEADING } from './words.mjs';

const CSP = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const OVERVIEW = '/accessmanagement/ui/consent/active';
const NASTY = [
	'<script>alert(1)</script>', '<img src=x onerror=alert(2)>', '"><svg onload=alert(3)>', '[klikk](javascript:alert(4))',
	'{CoveredBy} {OfferedBy} {verdi}', '@@csrf@@ @@t:MENU@@', '<b style="position:fixed;inset:0">over alt</b>', '**fet** _skrå_ `kode`',
	'</dl></main><h1>Falsk</h1>', '&lt;i&gt; &amp;amp; &#x3c;', '$& $\' $$ %00 %3Cscript%3E', '\u202eeksempel.moc\u202c', '&quot;\' onmouseover=alert(5) x="',
];
const NAME = 'BANK <b>& SØNN</b> {Expiration} AS', RTL = 'OLA \u202eNORDMANN <i>';
const HOSTILE_TEXT = ['Om **{verdi}**:', '<script>alert(6)</script>', '<a href="https://agency.example/" style="position:fixed" onclick="alert(7)">les</a>',
	'[farlig](javascript:alert(8)) [data](data:text/html,x) [fyll](https://x.example/{verdi})', '<p class="alert" id="main-content">stil</p>',
	'<iframe src="https://evil.example/"></iframe><form action="https://evil.example/"><input name=a></form>', '![bilde](https://evil.example/x.png)'].join('\n\n');

const sb = await startSandbox({ store: false });
const chrome = await startChromium();
const bank = await startBank();
const world = await makeWorld(sb);
expectStatus(await sb.apply({
	parties: [{ type: 'organization', organizationNumber: LENDER, name: NAME, unitType: 'AS' }, { type: 'person', nationalId: STRANGER, name: RTL }],
	resources: [webResource('web_hostile', { title: { nb: '<u>Tittel</u> {verdi}' }, consentText: { nb: HOSTILE_TEXT, nn: HOSTILE_TEXT, en: HOSTILE_TEXT },
		consentMetadata: { verdi: { optional: false } } })],
}), 204);
const visitorFor = cast(chrome, sb);
after(async () => {
	await chrome.close();
	await bank.close();
	await sb.stop();
});

const cookieHeader = async (v) => (await v.context.cookies()).map((c) => `${c.name}=${c.value}`).join('; ');

async function withVisitor(options, body) {
	const v = await visitor(chrome, sb, options);
	try {
		await body(v, v.page);
	} finally {
		await v.context.close();
	}
}

// ---- text of strangers ----

// The elements that the page may hold, with the attributes that lead anywhere.
function inventory() {
	const all = [...document.querySelectorAll('main *')];
	return {
		tags: [...new Set(all.map((e) => e.localName))].sort(),
		styled: all.filter((e) => e.hasAttribute('style') || [...e.attributes].some((a) => a.name.startsWith('on'))).length,
		links: [...document.querySelectorAll('main .agreement a')].map((a) => a.getAttribute('href')),
		ids: [...document.querySelectorAll('[id]')].map((e) => e.id),
		h1: document.querySelectorAll('h1').length,
	};
}

const ALLOWED = ['a', 'b', 'blockquote', 'br', 'button', 'dd', 'div', 'dl', 'dt', 'em', 'form', 'h1', 'h2', 'i', 'input', 'li', 'ol', 'p', 'section',
	'span', 'strong', 'time', 'ul'];

for (const nasty of NASTY) {
	test(`metadata and message as text: ${JSON.stringify(nasty)}`, () => withVisitor({}, async (v, page) => {
		const request = await ask(sb, { consentRights: [right('web_hostile', { verdi: nasty })], requestMessage: { nb: nasty, en: nasty },
			from: person(STRANGER), to: org(LENDER), redirectUrl: `${bank.url}/` }, { orgno: LENDER });
		await logIn(page, request.url, STRANGER);
		await page.mouse.move(200, 400);
		const found = await page.evaluate(inventory);
		assert.deepEqual(found.tags.filter((t) => !ALLOWED.includes(t)), []);
		assert.equal(found.styled, 0);
		assert.equal(found.h1, 1);
		assert.equal(new Set(found.ids).size, found.ids.length, `ids once each: ${found.ids}`);
		for (const href of found.links.filter(Boolean))
			assert.match(href, /^https:\/\/(agency|x)\.example\//, 'links of the resource owner alone');
		assert.ok(!found.links.some((h) => h?.includes('alert') || h?.includes('script')), `nothing filled into a link: ${found.links}`);
		const text = (s) => s.replace(/\s+/g, ' ').trim();
		const message = text(await page.locator('blockquote').textContent());
		if (!nasty.includes('{'))
			assert.equal(message, text(nasty), 'the message stands as it was written');
		const unturned = nasty.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
		assert.ok(text(await page.locator('.sk-rights').textContent()).includes(text(unturned)), 'metadata stands as it was written, not expanded');
		assert.deepEqual(complaints(v), [], 'nothing ran, nothing was blocked');
		assert.deepEqual(v.urls.filter((u) => !u.startsWith(sb.url)), [], 'nothing was fetched from elsewhere');
		assert.deepEqual(await axe(page), []);
	}));
}

test('names of strangers are text, in the page and in the messages that hold them', () => withVisitor({}, async (v, page) => {
	const request = await ask(sb, { from: person(STRANGER), to: org(LENDER), consentRights: [right('web_hostile', { verdi: 'x' })],
		redirectUrl: `${bank.url}/` }, { orgno: LENDER });
	await logIn(page, request.url, STRANGER);
	const facts = await page.locator('dl').textContent();
	assert.match(facts, /<b>& sønn<\/b> \{expiration\}/i, facts);
	assert.equal(await page.locator('dl b, dl i').count(), 0);
	assert.match(await page.locator('.sk-heading').textContent(), /<\/b> \{expiration\}/i, 'a name is not expanded again');
	await holdBack(page, /\/logout$/);
	await page.getByRole('button', { name: BUTTONS.consent.approve.nb }).click();
	await page.getByRole('heading', { name: HEADING.approved.nb }).waitFor();
	assert.match(await page.locator('main a').textContent(), /<b>& sønn<\/b> \{expiration\}/i);
	assert.deepEqual(complaints(v), []);
}));

test('a name that turns the direction of writing does not turn the page around it', () => withVisitor({}, async (v, page) => {
	const request = await ask(sb, { from: person(STRANGER), redirectUrl: `${bank.url}/` });
	await logIn(page, request.url, STRANGER);
	const html = await page.content();
	const loose = [...html.matchAll(/[^<>]*\u202e[^<>]*/g)].map((m) => m[0]).filter((t) => !/\u202c|\u2069/.test(t));
	assert.deepEqual(loose, [], 'overrides are taken out or closed');
}));

test('the address is text too', () => withVisitor({}, async (v, page) => {
	await logInAt(v, ELENA);
	for (const tail of ['?id=<script>alert(1)</script>', `?id=${world.pending.id}&lng="><script>alert(1)</script>`,
		`?id=${world.pending.id}&backtopage=/x"><img src=x onerror=alert(1)>`, `?id=${world.pending.id}&skiplogout="><h1>x</h1>`]) {
		await page.goto(sb.url + CONSENT + tail);
		assert.equal(await page.locator('h1').count(), 1, tail);
		assert.equal(await page.locator('script, img').count(), 0, tail);
	}
	assert.deepEqual(complaints(v), []);
}));

// ---- where a person may be sent ----

const ELSEWHERE = ['https://evil.example/', '//evil.example/', '/\\evil.example', '\\\\evil.example', 'javascript:alert(1)', 'data:text/html,x', '/a//evil',
	'/\t/evil.example', 'http:evil.example', '%2F%2Fevil.example', ' /x', 'evil'];

test('backtopage leads to pages of our own only', () => withVisitor({}, async (v, page) => {
	await logInAt(v, ELENA);
	for (const to of ELSEWHERE) {
		await page.goto(`${world.pending.url}&skiplogout=true&backtopage=${encodeURIComponent(to)}`);
		const hrefs = await page.locator('main a').evaluateAll((l) => l.map((a) => a.href));
		assert.ok(hrefs.every((h) => h.startsWith(`${sb.url}/`)), `${to}: ${hrefs}`);
		assert.equal(await page.locator('input[name=backtopage]').inputValue(), '', to);
	}
}));

test('login, language and change of user come back to pages of our own only', () => withVisitor({ js: false }, async (v, page) => {
	await page.route((u) => u.host.includes('evil'), (route) => route.fulfill({ status: 200, body: 'evil' }));
	for (const to of ELSEWHERE) {
		await page.goto(`${sb.url}/sandbox/login?goto=${encodeURIComponent(to)}`);
		await page.getByRole('link', { name: 'TestID Lag din egen' }).click();
		await page.getByRole('textbox', { name: 'Personidentifikator' }).fill(ELENA);
		await page.$eval('form.fields input[name=goto]', (i, value) => (i.value = value), to);
		await page.getByRole('button', { name: 'Autentiser' }).click();
		assert.ok(page.url().startsWith(`${sb.url}/`), `login, ${to}: ${page.url()}`);
		await page.goto(`${sb.url}/accessmanagement/ui/language?lang=en&goto=${encodeURIComponent(to)}`);
		assert.ok(page.url().startsWith(`${sb.url}/`), `language, ${to}: ${page.url()}`);
		await page.goto(world.wrong.url);
		await page.$eval('main form input[name=goto]', (i, value) => (i.value = value), to);
		await page.locator('main form button').click();
		await page.waitForURL(`${sb.url}/sandbox`);
		assert.ok(page.url().startsWith(`${sb.url}/`), `change of user, ${to}: ${page.url()}`);
	}
	assert.ok(v.urls.every((u) => u.startsWith(`${sb.url}/`)), 'nothing was asked for elsewhere');
}));

// ---- forms of strangers ----

test('an answer needs the form of this session, from a page of ours', () => withVisitor({}, async (v, page) => {
	const request = await ask(sb, { redirectUrl: `${bank.url}/` });
	await logIn(page, request.url, ELENA);
	const { fields } = await formOf(page, 'form.answer');
	const cookie = await cookieHeader(v);
	const good = { ...fields, decision: 'approve' };
	const send = (form, headers = {}, body = new URLSearchParams(form).toString()) => sb.request('POST', CONSENT, { body,
		headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'text/html', Cookie: cookie, ...headers } });
	const { csrf, ...without } = good;
	const rows = [
		['without the token', without, {}], ['an empty one', { ...good, csrf: '' }, {}], ['a forged one', { ...good, csrf: 'A'.repeat(43) }, {}],
		['one that is cut', { ...good, csrf: csrf.slice(0, -1) }, {}], ['the cookie in its place', { ...good, csrf: cookie.split('=').at(-1) }, {}],
		['from another site', good, { 'Sec-Fetch-Site': 'cross-site' }], ['from a neighbour', good, { 'Sec-Fetch-Site': 'same-site' }],
		['from nowhere', good, { 'Sec-Fetch-Site': 'none' }], ['as text', good, { 'Content-Type': 'text/plain' }],
		['no decision', { ...fields }, {}], ['another decision', { ...fields, decision: 'revoke' }, {}],
		['another language', { ...good, language: 'xx' }, {}], ['no request', { ...good, id: '' }, {}],
	];
	for (const [what, form, headers] of rows) {
		const res = expectStatus(await send(form, headers), 400, what);
		assert.match(res.text, /<h1>/, `${what}: a page`);
		assert.equal(res.headers['content-security-policy'], CSP, what);
	}
	const twice = `${new URLSearchParams(good)}&decision=reject`;
	expectStatus(await send(null, {}, twice), 400, 'two decisions');
	expectStatus(await send(good, { Cookie: '' }), 403, 'no session');
	expectStatus(await sb.request('GET', `${CONSENT}?${new URLSearchParams(good)}`, { headers: { Cookie: cookie, Accept: 'text/html' } }), 200);
	await expectState(sb, request, 'Created');
	for (const path of ['/accessmanagement/ui/logout', '/accessmanagement/ui/changeuser'])
		expectStatus(await sb.request('POST', path, { body: 'csrf=x&goto=%2F', headers: { Cookie: cookie, 'Content-Type': 'application/x-www-form-urlencoded' } }), 400, path);
	expectStatus(await send(good, { 'Sec-Fetch-Site': 'same-origin' }), 200, 'and the real one passes');
	await expectState(sb, request, 'Accepted');
}));

test('a form on another site cannot answer, and another site shows nothing in a frame', () => withVisitor({}, async (v, page) => {
	const request = await ask(sb, { redirectUrl: `${bank.url}/` });
	await logIn(page, request.url, ELENA);
	const { fields } = await formOf(page, 'form.answer');
	const inputs = Object.entries({ ...fields, decision: 'approve' }).map(([k, x]) => `<input type=hidden name="${k}" value="${x}">`).join('');
	const evil = http.createServer((req, res) => {
		res.setHeader('Content-Type', 'text/html');
		res.end(`<!doctype html><form method=post action="${sb.url}${CONSENT}">${inputs}<button>Vinn</button></form><iframe src="${request.url}"></iframe>`);
	});
	await new Promise((done) => evil.listen(0, '127.0.0.1', done));
	try {
		await page.goto(`http://localhost:${evil.address().port}/`);
		await page.waitForTimeout(300);
		const framed = page.frames()[1];
		assert.ok(!(await framed.content().catch(() => '')).includes('decision'), 'the frame is empty');
		const answer = page.waitForResponse((r) => r.request().method() === 'POST');
		await page.getByRole('button', { name: 'Vinn' }).click();
		assert.ok([400, 403].includes((await answer).status()));
		await expectState(sb, request, 'Created');
		await page.goto(request.url);
		assert.equal(await page.getByRole('button', { name: BUTTONS.consent.approve.nb }).count(), 1, 'still logged in');
	} finally {
		evil.closeAllConnections();
		evil.close();
	}
}));

test('the log-out address of a request that is not theirs leads nobody to its redirect address', () => withVisitor({}, async (v, page) => {
	await logInAt(v, ELENA);
	const seen = bank.seen.length;
	await page.goto(`${sb.url}/accessmanagement/api/v1/consent/request/${world.wrong.id}/logout`);
	await page.waitForURL('**/logoutredirect');
	assert.equal(await page.locator('h1').textContent(), HEADING.loggedOut.nb);
	assert.equal(bank.seen.length, seen);
}));

test('whoever follows a link to the end of the log-out is told the truth about the session', () => withVisitor({}, async (v, page) => {
	await logInAt(v, ELENA);
	await page.goto(`${sb.url}/accessmanagement/api/v1/logoutredirect`);
	const says = await page.locator('h1').textContent();
	await page.goto(world.pending.url);
	const loggedIn = new URL(page.url()).pathname === CONSENT;
	assert.ok(!(loggedIn && says === HEADING.loggedOut.nb), 'the page says "logged out" and the session lives');
}));

// ---- every page ----

test('every page: headers, no script, nothing from elsewhere, nothing said by the browser', async () => {
	for (const scene of scenes) {
		const lang = scene.only ?? 'nb';
		const v = await visitorFor(scene.who ?? 'elena', lang, PHONE);
		const pages = [];
		const listen = (r) => r.request().isNavigationRequest() && /html/.test(r.headers()['content-type'] ?? '') && pages.push(r);
		v.page.on('response', listen);
		v.urls.length = 0;
		await play(scene, v, lang, world);
		v.page.off('response', listen);
		assert.ok(pages.length, scene.name);
		for (const r of pages) {
			const h = r.headers();
			assert.equal(h['content-security-policy'], CSP, scene.name);
			assert.equal(h['cache-control'], 'no-store', scene.name);
			assert.equal(h['x-content-type-options'], 'nosniff', scene.name);
			assert.equal(h['x-frame-options'], 'DENY', scene.name);
			assert.match(h['referrer-policy'] ?? '', /^(no-referrer|same-origin|strict-origin|strict-origin-when-cross-origin)$/, scene.name);
		}
		assert.doesNotMatch(await v.page.content(), /<script|javascript:|\son[a-z]+=|style=/i, scene.name);
		assert.deepEqual(v.urls.filter((u) => !u.startsWith(`${sb.url}/`)), [], scene.name);
		assert.deepEqual(complaints(v), [], scene.name);
		if (scene.who === 'fresh')
			await v.context.close();
	}
});

test('a request page weighs at most 20,000 bytes with its stylesheet, in two requests', () => withVisitor({ size: DESKTOP }, async (v, page) => {
	await logInAt(v, ELENA);
	for (const request of ['pending', 'loan', 'approved', 'expiredAcceptedPoa']) {
		let bytes = 0;
		const html = await sb.request('GET', world[request].url.slice(sb.url.length), { headers: { Cookie: await cookieHeader(v), Accept: 'text/html' } });
		bytes += Buffer.byteLength(html.text);
		const sheets = [...html.text.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)];
		assert.equal(sheets.length, 1);
		const css = expectStatus(await sb.get(sheets[0][1]), 200);
		assert.match(css.headers['cache-control'], /immutable/);
		bytes += Buffer.byteLength(css.text);
		assert.ok(bytes <= 20000, `${request}: ${bytes} bytes`);
	}
	v.urls.length = 0;
	await page.goto(world.pending.url);
	assert.ok(v.urls.filter((u) => !u.endsWith('/favicon.ico')).length <= 2, v.urls.join(' '));
}));

test('cookies: HttpOnly, Lax, Secure, for this host alone, gone with the browser; a new one at each login', () => withVisitor({}, async (v, page) => {
	await logIn(page, sb.url + OVERVIEW, ELENA);
	const cookies = await v.context.cookies();
	const session = cookies.find((c) => c.name === '__Host-samtykke');
	assert.ok(session, cookies.map((c) => c.name).join(' '));
	for (const c of cookies) {
		assert.deepEqual({ httpOnly: c.httpOnly, secure: c.secure, sameSite: c.sameSite, path: c.path, expires: c.expires, domain: c.domain },
			{ httpOnly: true, secure: true, sameSite: 'Lax', path: '/', expires: -1, domain: '127.0.0.1' }, c.name);
	}
	assert.match(session.value, /^[\w-]{43}$/);
	const old = await cookieHeader(v);
	await page.goto(`${sb.url}/sandbox/login/testid?goto=%2Fsandbox`);
	await page.getByRole('textbox', { name: 'Personidentifikator' }).fill(ELENA);
	await page.getByRole('button', { name: 'Autentiser' }).click();
	const fresh = (await v.context.cookies()).find((c) => c.name === '__Host-samtykke');
	assert.notEqual(fresh.value, session.value);
	const res = await sb.request('GET', world.pending.url.slice(sb.url.length), { headers: { Cookie: old, Accept: 'text/html' } });
	assert.equal(res.status, 302, 'the one before opens nothing');
}));

test('the session cookie of a planted login is not taken over', () => withVisitor({}, async (v, page) => {
	const planted = 'B'.repeat(43);
	await v.context.addCookies([{ name: '__Host-samtykke', value: planted, url: sb.url.replace('http:', 'https:'), secure: true, httpOnly: true }]);
	await logIn(page, sb.url + OVERVIEW, ELENA);
	assert.notEqual((await v.context.cookies()).find((c) => c.name === '__Host-samtykke').value, planted);
	assert.match(await page.locator('h1').textContent(), /Samtykke/);
}));
