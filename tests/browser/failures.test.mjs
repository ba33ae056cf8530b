// Pages on which something went wrong: every way a login can fail, a server that cannot write, a database that is not right.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { LANGS, SIZES, ask, expectGood, expectState, logInAt, startChromium, visiting } from '../js/browser.mjs';
import { startProvider } from '../js/provider.mjs';
import { alterStore, run, startProgram, startSandbox, tempDir } from '../js/sandbox.mjs';
import { ELENA } from '../js/world.mjs';
import { BUTTONS, HEADING, LOG_IN_AGAIN } from './words.mjs';

const OVERVIEW = '/accessmanagement/ui/consent/active', three = (nb, nn, en) => ({ nb, nn, en });
const chrome = await startChromium();
after(() => chrome.close());

// In each language, on each device, each time as somebody new.
async function everywhere(sb, body) {
	for (const lang of LANGS)
		for (const size of Object.values(SIZES))
			await visiting(chrome, sb, { lang, size }, (v) => body(v, lang));
}

async function withSandbox(args, body) {
	const sb = await startSandbox({ store: false, args });
	try {
		await body(sb);
	} finally {
		await sb.stop();
	}
}

// ---- logins ----

const LOGINS = {
	OVER: three('Innloggingen er ikke gyldig lenger', 'Innlogginga er ikkje gyldig lenger', 'This login is no longer valid'),
	CANCELLED: three('Du er ikke logget inn', 'Du er ikkje logga inn', 'You are not logged in'),
	DOWN: three('Innloggingstjenesten svarer ikke', 'Innloggingstenesta svarer ikkje', 'The login service is not responding'),
	REFUSED: three('Vi kunne ikke godta innloggingen', 'Vi kunne ikkje godta innlogginga', 'We could not accept the login'),
	WEAK: three('Innloggingen er ikke sikker nok', 'Innlogginga er ikkje sikker nok', 'The login is not secure enough'),
	NOBODY: three('Vi vet ikke hvem du er', 'Vi veit ikkje kven du er', 'We do not know who you are'),
};
const provider = await startProvider();
const ends = await startSandbox({ store: false, args: provider.settings });
after(async () => {
	await ends.stop();
	await provider.close();
});

for (const [name, wrong, status] of [
	['OVER', { answer: { state: 'x'.repeat(43) } }, 400],
	['CANCELLED', { answer: { code: undefined, error: 'access_denied' } }, 403],
	['DOWN', { down: 'token' }, 503],
	['REFUSED', { claims: (c) => (c.nonce = 'x'.repeat(43)) }, 403],
	['WEAK', { claims: (c) => (c.acr = 'selfregistered-email') }, 403],
	['NOBODY', { claims: (c) => delete c.pid }, 403],
])
	test(`a login that ends as ${name.toLowerCase()}`, () => everywhere(ends, async ({ page }, lang) => {
		provider.reset();
		provider.wrong = wrong;
		const answer = await page.goto(ends.url + OVERVIEW);
		assert.equal(answer.status(), status);
		await expectGood(page, lang, LOGINS[name][lang]);
		provider.reset();
		provider.wrong = { claims: (c) => (c.locale = lang) };
		await page.getByRole('link', { name: LOG_IN_AGAIN[lang], exact: true }).click();
		if (name === 'OVER') /* whose login it was is not known any more, nor where it was to lead */
			await page.goto(ends.url + OVERVIEW);
		await page.getByRole('heading', { level: 1, name: HEADING.overview[lang], exact: true }).waitFor();
	}));

const NO_LOGIN = three('Innlogging er ikke satt opp', 'Innlogging er ikkje sett opp', 'Login is not set up');

test('a server that no login has been set up for says so', async () => {
	const dir = tempDir(), master = path.join(dir, 'master');
	writeFileSync(master, randomBytes(32).toString('hex'), { mode: 0o600 });
	const settings = ['--set', `store=sqlite:${path.join(dir, 'production.db')}`, '--set', `key.master_file=${master}`];
	for (const command of [['store', 'migrate'], ['key', 'new']]) {
		const { status, stderr } = await run([...command, ...settings]);
		assert.equal(status, 0, stderr);
	}
	const server = await startProgram(['serve', ...settings, '--set', 'port=0']);
	try {
		await everywhere(server, async ({ page }, lang) => {
			assert.equal((await page.goto(server.url + OVERVIEW)).status(), 503);
			await expectGood(page, lang, NO_LOGIN[lang]);
		});
	} finally {
		await server.stop();
	}
});

// ---- the store ----

const BUSY = three('Vi har det travelt akkurat nå', 'Vi har det travelt akkurat no', 'We are busy right now');
const FAULT = three('Ojda! Det har visst skjedd en feil', 'Oi! Det har visst skjedd ein feil', 'Oops! An error seems to have occurred');
const TRY_AGAIN = three('Prøv igjen', 'Prøv igjen', 'Try again');

test('a disk that is full: the answer is not taken, the page says so, and then it is', () => withSandbox([], (sb) => everywhere(sb, async (v, lang) => {
	const limit = (bytes) => execFileSync('prlimit', ['--pid', String(sb.child.pid), `--fsize=${bytes}:`]);
	await logInAt(v, ELENA);
	const request = await ask(sb, { redirectUrl: 'https://bank.example/' });
	await v.page.goto(`${request.url}&skiplogout=true`);
	limit(statSync(path.join(sb.data, 'samtykke.db-wal')).size);
	try {
		const [answer] = await Promise.all([v.page.waitForNavigation(), v.page.getByRole('button', { name: BUTTONS.consent.approve[lang], exact: true }).click()]);
		assert.equal(answer.status(), 503);
		await expectGood(v.page, lang, BUSY[lang]);
	} finally {
		limit('unlimited');
	}
	await expectState(sb, request, 'Created');
	await v.page.getByRole('link', { name: TRY_AGAIN[lang], exact: true }).click();
	await v.page.getByRole('button', { name: BUTTONS.consent.approve[lang], exact: true }).click();
	await v.page.getByRole('heading', { level: 1, name: HEADING.approved[lang], exact: true }).waitFor();
	await expectState(sb, request, 'Accepted');
})));

test('a database that somebody has spoilt: the page has a number to tell, and works once it is mended', () => withSandbox([], (sb) => everywhere(sb, async (v, lang) => {
	await logInAt(v, ELENA);
	alterStore(sb, [['ALTER TABLE consent RENAME TO spoilt', []]]);
	try {
		const answer = await v.page.goto(sb.url + OVERVIEW);
		assert.equal(answer.status(), 500);
		await expectGood(v.page, lang, FAULT[lang]);
		assert.match(await v.page.locator('main').innerText(), /\b[0-9a-f]{32}\b/);
	} finally {
		alterStore(sb, [['ALTER TABLE spoilt RENAME TO consent', []]]);
	}
	await v.page.getByRole('link', { name: TRY_AGAIN[lang], exact: true }).click();
	await v.page.getByRole('heading', { level: 1, name: HEADING.overview[lang], exact: true }).waitFor();
})));
