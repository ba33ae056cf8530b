// People at an OpenID provider that others have written (npm oidc-provider), on another site: login, answer, logout, back at the bank.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import * as jose from 'jose';
import { ask, axe, expectState, startBank, startChromium, visiting } from '../js/browser.mjs';
import { startOpenid } from '../js/openid.mjs';
import { startSandbox, tempDir } from '../js/sandbox.mjs';
import { ASMUND, ELENA, STRANGER, person } from '../js/world.mjs';
import { webResource } from './scenes.mjs';
import { BUTTONS, LOG_IN_AGAIN } from './words.mjs';

// The client's key signs its assertions; the secret is what tests/api tries.
const { publicKey, privateKey } = await jose.generateKeyPair('ES256', { extractable: true });
const names = { kid: 'samtykke-1', alg: 'ES256', use: 'sig' }, keyFile = path.join(tempDir(), 'client.jwk');
writeFileSync(keyFile, JSON.stringify({ ...await jose.exportJWK(privateKey), ...names }), { mode: 0o600 });
const openid = await startOpenid({ clientJwk: { ...await jose.exportJWK(publicKey), ...names } });
const sb = await startSandbox({ store: false, args: [...openid.settings, '--set', `oidc.client_key=${keyFile}`, '--set', 'login.fresh_s=3600', '--set', 'oidc.scope=openid profile', '--set', 'parties.auto_register=on'], apply: { resources: [webResource('web_level4', {}, 4)] } });
await openid.start(sb.url);
const chrome = await startChromium();
const bank = await startBank();
after(async () => {
	await chrome.close();
	await bank.close();
	await sb.stop();
	await openid.close();
});
const OVERVIEW = `${sb.url}/accessmanagement/ui/consent/active`;

const withVisitor = (options, body) => visiting(chrome, sb, options, (v) => body(v.page, v));
async function logIn(page, pid) {
	await page.getByRole('heading', { name: 'Logg inn' }).waitFor();
	assert.ok(page.url().startsWith(openid.issuer), page.url());
	await page.getByLabel('Fødselsnummer').fill(pid);
	await page.getByRole('button', { name: 'Fortsett' }).click();
}
const button = (page, which) => page.getByRole('button', { name: BUTTONS.consent[which].nb, exact: true });

for (const js of [true, false])
	test(`login, answer, logout at the provider too, back at the bank (${js ? 'JavaScript' : 'no JavaScript'})`, () => withVisitor({ js }, async (page) => {
		const tail = `/tilbake/${randomUUID()}`, request = await ask(sb, { redirectUrl: `${bank.url}${tail}` });
		openid.interactions.length = 0;
		await page.goto(request.url);
		await logIn(page, ELENA);
		await page.waitForURL(request.url);
		const asked = openid.interactions[0];
		assert.deepEqual([asked.acr_values, asked.ui_locales, asked.code_challenge_method], ['idporten-loa-substantial', 'nb', 'S256']);
		await button(page, 'approve').click();
		await page.getByRole('button', { name: 'Ja, logg ut' }).click();
		await page.waitForURL(`${bank.url}${tail}?Status=OK`);
		await expectState(sb, request, 'Accepted');
		assert.equal(openid.backchannelError, undefined, 'the provider could tell us of the logout');
		assert.ok(openid.backchannels > 0);
		await page.goto(OVERVIEW);
		await page.getByRole('heading', { name: 'Logg inn' }).waitFor();
		assert.ok(page.url().startsWith(openid.issuer), 'logged out on both sides');
	}));

// Valid numbers that nobody has registered.
const NEW = { name: '15878697550', parts: '24846099138', nameless: STRANGER };
const fact = (page, name) => page.locator('dl.facts').first().locator('div', { has: page.locator('dt', { hasText: name }) }).locator('dd').innerText();

for (const [how, pid, claims, says] of [
	['a name', NEW.name, { name: 'Kari <b>Nordmann</b>', given_name: 'Ola' }, 'Kari <b>nordmann</b>'],
	['first and last name', NEW.parts, { given_name: 'Ola', family_name: 'von Li' }, 'Ola von Li'],
	['no name', NEW.nameless, {}, '228774 *****'],
])
	test(`a person whom the register does not name: the provider has ${how}`, () => withVisitor({}, async (page) => {
		const request = await ask(sb, { redirectUrl: `${bank.url}/x`, from: person(pid) });
		openid.names[pid] = claims;
		await page.goto(`${request.url}&skiplogout=true`);
		await logIn(page, pid);
		await page.waitForURL(`${request.url}&skiplogout=true`);
		assert.deepEqual([await fact(page, /^Gjelder$/), await fact(page, /^Innlogget$/)], [says, says]);
		assert.ok(!(await page.content()).includes(pid), 'the number stays away');
		assert.ok(!(await page.content()).includes('ikke registrert'));
		assert.deepEqual(await axe(page), []);
		await button(page, 'approve').click();
		await page.getByRole('link', { name: 'Se kvittering', exact: true }).click();
		assert.deepEqual([await fact(page, /^Gitt av$/), await fact(page, /^Svart av$/)], [says, says]);
		openid.names[pid] = { name: 'En Annen' }; /* a name that is registered stays */
		await page.context().clearCookies();
		await page.goto(OVERVIEW);
		await logIn(page, pid);
		await page.waitForURL(OVERVIEW);
		await page.getByRole('button', { name: 'Meny' }).click();
		const kept = pid === NEW.nameless ? 'En Annen' : says;
		assert.equal((await page.locator('#menu .menu-title').first().innerText()).trim(), `Logget inn som ${kept}`);
	}));

test('a person whom the register names keeps that name', () => withVisitor({}, async (page) => {
	openid.names[ELENA] = { name: 'En Annen' };
	await page.goto(OVERVIEW);
	await logIn(page, ELENA);
	await page.getByRole('heading', { name: 'Samtykker og fullmakter for Elena Fjær', exact: true }).waitFor();
	delete openid.names[ELENA];
}));

test('a person who cancels gets a page with a way on, and can log in from there', () => withVisitor({ js: false }, async (page) => {
	await page.goto(OVERVIEW);
	await page.getByRole('button', { name: 'Avbryt' }).click();
	await page.getByRole('heading', { name: 'Du er ikke logget inn' }).waitFor();
	await page.getByRole('link', { name: LOG_IN_AGAIN.nb }).click();
	await logIn(page, ELENA);
	await page.waitForURL(OVERVIEW);
}));

/* Chromium holds what follows a form to form-action, and the provider is another site. */
test('a search and a receipt after the session has ended lead through the login, and on', () => withVisitor({ js: false }, async (page) => {
	const request = await ask(sb, { redirectUrl: `${bank.url}/x` });
	await page.goto(`${request.url}&skiplogout=true`);
	await logIn(page, ELENA);
	await button(page, 'approve').click();
	await page.goto(`${OVERVIEW}?state=active`); /* the search stands there however few agreements there are */
	const lost = () => page.context().clearCookies({ domain: '127.0.0.1' });
	await lost();
	await page.getByRole('searchbox').fill('Smekkfull');
	await page.getByRole('button', { name: 'Søk' }).click();
	/* The page that leads to the login stands at the same address: only the field tells the list from it. The provider knows her still. */
	await page.getByRole('searchbox').waitFor();
	assert.equal(page.url(), `${OVERVIEW}?q=Smekkfull&state=active`);
	await page.goto(`${sb.url}/accessmanagement/ui/consent/receipt?id=${request.id}`);
	await lost();
	const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Last ned signert kvittering' }).click()]);
	assert.match(readFileSync(await file.path(), 'utf8'), /^[\w-]+\.[\w-]+\.[\w-]+$/);
}));

/* The provider's own page between two people needs JavaScript. */
test('single sign-on, another person, a higher level', () => withVisitor({}, async (page) => {
	const request = await ask(sb, { redirectUrl: `${bank.url}/x`, consentRights: [{ action: ['consent'], resource: [{ type: 'urn:altinn:resource', value: 'web_level4' }], metaData: {} }] });
	await page.goto(OVERVIEW);
	await logIn(page, ASMUND);
	await page.waitForURL(OVERVIEW);
	await page.context().clearCookies({ domain: '127.0.0.1' });
	await page.goto(OVERVIEW);
	await page.waitForURL(OVERVIEW); /* the provider knows him still */
	await page.goto(request.url);
	await page.locator('form[action$=changeuser] button').click();
	await logIn(page, ELENA);
	await page.waitForURL(request.url);
	openid.interactions.length = 0;
	await page.locator('form[action$=changeuser] button').click();
	/* This provider takes the level for a wish, and answers from the login that it has: the page asks for a new one. */
	await page.getByRole('heading', { name: 'Innloggingen er ikke sikker nok' }).waitFor();
	await page.getByRole('link', { name: LOG_IN_AGAIN.nb }).click();
	await logIn(page, ELENA);
	await page.waitForURL(request.url);
	assert.deepEqual([openid.interactions[0].acr_values, openid.interactions[0].prompt], ['idporten-loa-high', 'login']);
	await button(page, 'approve').waitFor();
}));

test('an acceptance and its receipt say how the person had logged in, and who says so', () => withVisitor({}, async (page) => {
	const request = await ask(sb, { redirectUrl: `${bank.url}/x` });
	await page.goto(`${request.url}&skiplogout=true`);
	await logIn(page, ELENA);
	await button(page, 'approve').click();
	await page.getByRole('link', { name: 'Se kvittering', exact: true }).click();
	assert.match(await fact(page, /^Innlogging$/), /^localhost, nivå [34]$/);
	const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Last ned signert kvittering' }).click()]);
	const { authentication } = jose.decodeJwt(readFileSync(await file.path(), 'utf8')).event;
	assert.equal(authentication.provider, openid.issuer);
	assert.match(authentication.acr, /^idporten-loa-(substantial|high)$/);
}));

test('a logout somewhere else ends the session here', () => withVisitor({}, async (page, v) => {
	await page.goto(OVERVIEW);
	await logIn(page, ELENA);
	await page.waitForURL(OVERVIEW);
	const before = openid.backchannels ?? 0, elsewhere = await v.context.newPage();
	await elsewhere.goto(`${openid.issuer}/session/end`);
	await elsewhere.getByRole('button', { name: 'Ja, logg ut' }).click();
	await elsewhere.waitForURL('**/session/end/success*');
	assert.ok(openid.backchannels > before, String(openid.backchannelError));
	await page.goto(OVERVIEW);
	await page.getByRole('heading', { name: 'Logg inn' }).waitFor();
}));
