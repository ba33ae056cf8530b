// Links of Altinn 2 that ask for consent: from the bank, through the login, and back.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { CONSENT, DESKTOP, LANGS, PHONE, ask, axe, fillLogin, logInAt, startBank, startChromium, visiting } from '../js/browser.mjs';
import { startSandbox } from '../js/sandbox.mjs';
import { ASMUND, BAKERY, BANK, ELENA, SUPPLIER } from '../js/world.mjs';
import { webResource } from './scenes.mjs';
import { BUTTONS } from './words.mjs';

const META = { fraogmed: { optional: false }, tilogmed: { optional: true } };
const resource = (id, more) => webResource(id, { consentText: { nb: 'Fra {fraogmed}', nn: 'Frå {fraogmed}', en: 'From {fraogmed}' }, consentMetadata: META, ...more });
const orgRules = { policy: { minimumAuthenticationLevel: 3, rules: [
	{ actions: ['requestconsent'], subjects: [['urn:altinn:partytype:organization']] },
	{ actions: ['consent', 'read'], subjects: [['urn:altinn:rolecode:dagl'], ['urn:altinn:rolecode:priv']] }] } };
const service = (code, id, srr) => ({ serviceCode: code, serviceEditionCode: 210607, resource: id, srr });
const bank = await startBank();
const sb = await startSandbox({ store: false, apply: {
	resources: [resource('web_link', orgRules), resource('web_link_closed'), resource('web_link_template', { consentTemplate: 'poa' })],
	altinn2: { services: [service('9001', 'web_link'), service('9002', 'web_link_closed', [{ orgno: SUPPLIER }]),
		service('9003', 'web_link', [{ orgno: BANK, allowedRedirectDomains: [bank.url], keepSessionAlive: true }]), service('9004', 'web_link_template')] } } });
const chrome = await startChromium();
after(async () => {
	await chrome.close();
	await bank.close();
	await sb.stop();
});

const CODES = { nb: 'nb-NO', nn: 'nn-NO', en: 'en' };
const BAD = { nb: 'Lenken kan ikke brukes', nn: 'Lenkja kan ikkje brukast', en: 'The link cannot be used' };
const good = (changes = {}) => ({ Resources: '9001_210607', CoveredBy: BANK, RedirectURL: `${bank.url}/tilbake?sak=1`, ValidToDate: sb.inDays(5).slice(0, 19).replace('T', ' '),
	ResponseType: 'code', '9001_210607_fraOgMed': '2026-01', ...changes });
const link = (changes, path = '/ui/AccessConsent/') => {
	const query = Object.entries(good(changes)).filter(([, v]) => v !== undefined).map(([k, v]) => `${k}=${encodeURIComponent(v)}`).join('&');
	return `${sb.url}${path}?${query}`;
};
const press = (page, which, lang = 'nb') => page.getByRole('button', { name: BUTTONS.consent[which][lang], exact: true }).click();
const heading = (page, text) => page.getByRole('heading', { level: 1, name: text, exact: true }).waitFor();

async function atBank(page) {
	await page.waitForURL((u) => u.href.startsWith(bank.url));
	return page.url().slice(bank.url.length);
}

for (const [how, size, js] of [['phone, no script', PHONE, false], ['desktop, script', DESKTOP, true]])
	for (const lang of LANGS)
		test(`a link is answered with yes and leads back: ${how}, ${lang}`, () => visiting(chrome, sb, { size, js }, async ({ page }) => {
			await page.goto(link({ LanguageCode: CODES[lang], DelegationContext: `Melding <b>${lang}</b> 100%25` }));
			await fillLogin(page, ELENA);
			await page.getByText(`Melding <b>${lang}</b> 100%25`).waitFor();
			assert.equal(await page.locator('html').getAttribute('lang'), lang);
			if (js)
				assert.deepEqual(await axe(page), []);
			await press(page, 'approve', lang);
			assert.match(await atBank(page), /^\/tilbake\?sak=1&AuthorizationCode=[0-9a-f-]{36}&Status=OK$/);
		}));

test('the services of the sandbox can be asked for as a tax authority documents it', () => visiting(chrome, sb, {}, async ({ page }) => {
	const services = '4628_210607.4804_210607', period = { '4804_210607_fraOgMed': '2026-01', '4804_210607_tilOgMed': '2026-03', '4628_210607_inntektsaar': '2025' };
	await page.goto(link({ Resources: services, '9001_210607_fraOgMed': undefined, ...period, HandledBy: SUPPLIER, RequestMessage: 'N/A' }));
	await fillLogin(page, ELENA);
	assert.equal(await page.getByText('N/A').count(), 0, 'the template has its own message');
	await press(page, 'approve');
	assert.match(await atBank(page), /AuthorizationCode=/);
}));

test('a refusal leads back with the message encoded twice, also beside a fragment', () => visiting(chrome, sb, {}, async ({ page }) => {
	await page.goto(link({ RedirectURL: `${bank.url}/tilbake#del` }, '/ui/accessconsent'));
	await fillLogin(page, ELENA);
	await press(page, 'reject');
	assert.equal(await atBank(page), '/tilbake?Status=Failed&ErrorMessage=User%2520did%2520not%2520give%2520consent#del');
}));

test('whoever may answer for an organisation answers its link, nobody else', async () => {
	await visiting(chrome, sb, {}, async ({ page }) => {
		await page.goto(link({ OfferedBy: BAKERY }));
		await fillLogin(page, ELENA);
		await press(page, 'approve');
		assert.match(await atBank(page), /AuthorizationCode=/);
	});
	await visiting(chrome, sb, {}, async ({ page }) => {
		await page.goto(link({ OfferedBy: ASMUND }));
		await fillLogin(page, ELENA);
		await heading(page, 'Du kan ikke svare på denne forespørselen');
	});
});

test('the session goes on where the allow-list says so, and a repeated form gets the same outcome', () => visiting(chrome, sb, {}, async (v) => {
	await logInAt({ ...v, sb }, ELENA);
	await v.page.goto(link({ Resources: '9003_210607', '9003_210607_fraOgMed': '2026-01' }));
	const form = Object.fromEntries(await v.page.locator('form.answer input').evaluateAll((all) => all.map((i) => [i.name, i.value])));
	const cookie = (await v.context.cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
	const post = (decision) => v.context.request.post(`${sb.url}/ui/AccessConsent`, { form: { ...form, decision }, headers: { 'Sec-Fetch-Site': 'same-origin', cookie } });
	const [first, second] = [await post('approve'), await post('approve')];
	assert.equal(first.status(), 200);
	assert.equal(second.status(), 200);
	for (const answer of [first, second])
		assert.match(await answer.text(), new RegExp(`AuthorizationCode=${form.id}&amp;Status=OK`));
	assert.equal((await post('reject')).status(), 409);
	await v.page.goto(`${sb.url}${CONSENT}?id=${form.id}`);
	assert.equal(new URL(v.page.url()).pathname, CONSENT, 'the person is still logged in');
}));

test('UserToken of somebody else leads to one new login, then to a refusal', () => visiting(chrome, sb, {}, async (v) => {
	const token = createHash('sha256').update(ELENA).digest('hex').toUpperCase();
	await logInAt({ ...v, sb }, ASMUND);
	await v.page.goto(link({ UserToken: token }));
	assert.match(v.page.url(), /\/sandbox\/login/);
	await fillLogin(v.page, ASMUND);
	await heading(v.page, 'Du kan ikke svare på denne forespørselen');
	await logInAt({ ...v, sb }, ELENA);
	await v.page.goto(link({ UserToken: token }));
	await v.page.getByRole('button', { name: BUTTONS.consent.approve.nb, exact: true }).waitFor();
}));

const FAULTS = [
	['no service', { Resources: undefined }, 400], ['an unknown service', { Resources: '1_1' }, 400],
	['an end that is over', { ValidToDate: '2020-01-01 00:00:00' }, 400], ['metadata left out', { '9001_210607_fraOgMed': undefined }, 400],
	['a consumer outside the allow-list', { Resources: '9002_210607', '9002_210607_fraOgMed': 'x' }, 403],
	['another template', { Resources: '9004_210607', '9004_210607_fraOgMed': 'x' }, 400],
	['an address that is not allowed', { Resources: '9003_210607', '9003_210607_fraOgMed': 'x', RedirectURL: 'https://evil.example/' }, 400],
	['an address that runs script', { RedirectURL: 'javascript:alert(1)' }, 400], ['a long link', { DelegationContext: 'x'.repeat(1901) }, 400],
	['tag characters', { DelegationContext: '\u{E0041}' }, 400], ['an unknown consumer', { CoveredBy: '974760673' }, 400],
];
for (const [what, changes, status] of FAULTS)
	test(`a link with ${what} is refused before the login, in each language`, () => visiting(chrome, sb, { js: false }, async ({ context }) => {
		for (const lang of LANGS) {
			const answer = await context.request.get(link({ ...changes, LanguageCode: CODES[lang] }), { maxRedirects: 0 });
			const html = await answer.text();
			assert.equal(answer.status(), status);
			assert.ok(what === 'a long link' || html.includes(BAD[lang]), html);
			assert.ok(!/href="(javascript|https:\/\/evil)/.test(html));
			if (what === 'an end that is over')
				assert.match(html, /tilbake\?sak=1&amp;Status=Failed&amp;ErrorMessage=[\w%.-]*%2520/);
		}
	}));

test('the address of a stored request leads to its page in a language', () => visiting(chrome, sb, {}, async ({ page }) => {
	const request = await ask(sb);
	await page.goto(`${sb.url}/ui/AccessConsent/request?id=${request.id}&languageCode=nn-NO`);
	await fillLogin(page, ELENA);
	await page.getByRole('button', { name: BUTTONS.consent.approve.nn, exact: true }).waitFor();
	await page.goto(`${sb.url}/ui/AccessConsent/request?id=x`);
	await heading(page, 'Lenken er ikke fullstendig');
}));

test('the sandbox page has a link to try, and it works by a click', () => visiting(chrome, sb, { size: DESKTOP }, async ({ page }) => {
	await page.goto(`${sb.url}/sandbox`);
	assert.deepEqual(await axe(page), []);
	await page.getByRole('link', { name: 'Ask for consent by a link' }).click();
	await fillLogin(page, ELENA);
	await press(page, 'approve');
	await page.waitForURL((u) => u.pathname === '/sandbox' && /^\?AuthorizationCode=[0-9a-f-]{36}&Status=OK$/.test(u.search));
}));
