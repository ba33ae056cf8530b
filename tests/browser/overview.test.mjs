// A person's agreements: the list, one of them, and withdrawing it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { CONSENT, DESKTOP, LANGS, PHONE, SIZES, ask, axe, decideByApi, expectGood, expectState, fillLogin, logInAt, startChromium, visiting } from '../js/browser.mjs';
import { startSandbox } from '../js/sandbox.mjs';
import { ASMUND, BAKERY, BANK, ELENA, SIRI, org, person, resource, right, uuidOf } from '../js/world.mjs';
import { poaRights } from './scenes.mjs';
import { ALERT, BACK_TO_OVERVIEW, BUTTONS, HEADING, MENU, templateText } from './words.mjs';

const ACTIVE = '/accessmanagement/ui/consent/active', DETAILS = '/accessmanagement/ui/consent/details', WITHDRAW = '/accessmanagement/ui/consent/withdraw';
const PAGE = 50; // agreements on one page
const three = (nb, nn, en) => ({ nb, nn, en });
const GROUPS = three(['Ventende avtaler', 'Aktive avtaler', 'Avsluttede avtaler'], ['Ventende avtalar', 'Aktive avtalar', 'Avslutta avtalar'],
	['Pending agreements', 'Active agreements', 'Ended agreements']);
const EMPTY = three('Du har ingen avtaler her ennå', 'Du har ingen avtalar her enno', 'You have no agreements here yet');
const SEE = three('Se/trekk samtykke', 'Sjå/trekk samtykke', 'View/revoke consent');
const SEE_POA = three('Se/trekk fullmakt', 'Sjå/trekk fullmakt', 'View/revoke power of attorney');
const GIVE = three('Se/gi samtykke', 'Sjå/gi samtykke', 'View/give consent');
const IS_ACTIVE = three('Samtykket er aktivt', 'Samtykket er aktivt', 'Consent is active');
const TRY = three('Trekk samtykke', 'Trekk samtykke', 'Revoke consent');
const SURE = three('Er du sikker på at du vil trekke dette samtykket?', 'Er du sikker på at du vil trekke dette samtykket?',
	'Are you certain you want to revoke this consent?');
const YES = three('Ja, trekk samtykke', 'Ja, trekk samtykke', 'Yes, revoke consent');
const AGREEMENTS = three('Samtykke- og fullmaktsavtaler', 'Samtykke- og fullmaktsavtalar', 'Consent and power of attorney agreements');
const STATES = three(['Avvist', 'Trukket tilbake', 'Utløpt', 'Ikke besvart'], ['Avvist', 'Trekt tilbake', 'Utgått', 'Ikkje svart på'],
	['Rejected', 'Revoked', 'Expired', 'Not answered']);

const sb = await startSandbox({ store: false });
const chrome = await startChromium();
after(async () => {
	await chrome.close();
	await sb.stop();
});

const show = (changes) => ask(sb, { portalViewMode: 'Show', redirectUrl: 'https://bank.example/', ...changes });

async function given(pid = ELENA, changes = {}) {
	const request = await show({ from: person(pid), ...changes });
	await decideByApi(sb, request, pid, 'accept');
	return request;
}

const withVisitor = (pid, options, body) => visiting(chrome, sb, options, async (v) => {
	if (pid)
		await logInAt(v, pid);
	await body(v, v.page);
	assert.ok(v.urls.every((u) => !/(?<![\w-])\d{11}(?![\w-])/.test(decodeURIComponent(u))), 'no identity number in an address');
});

async function expectGoodList(page, lang, h1) {
	await expectGood(page, lang, h1);
	const nav = page.getByRole('navigation', { name: 'hovednavigasjon', exact: true });
	assert.deepEqual(await nav.getByRole('button').allTextContents(), [MENU[lang]], 'one button shows while the menu is closed');
	assert.doesNotMatch(await page.content(), /(?<![\w-])\d{11}(?![\w-])|@@|\{[A-Za-z]+\}/, 'no identity number, no placeholder');
}

const heading = (lang, name) => HEADING.overview[lang].replace('Elena Fjær', name);

// ---- the list ----

for (const lang of LANGS)
	for (const [name, size] of Object.entries(SIZES))
		test(`nobody has asked yet, ${lang}, ${name}`, () => withVisitor(ASMUND, { lang, size }, async (v, page) => {
			await expectGoodList(page, lang, heading(lang, 'Åsmund Ødegård'));
			assert.equal(await page.getByText(EMPTY[lang]).count(), 1);
			assert.equal(await page.getByRole('heading').count(), 1);
		}));

test('pending, active and ended ones, each in its state, in three languages', async () => {
	const late = await given(ELENA, { validTo: sb.inDays(1) });
	await show({ validTo: sb.inDays(1) });
	await sb.clock({ offset: 'P2D' });
	const pending = await show({}), consent = await given(), poa = await given(ELENA, { consentRights: poaRights });
	const no = await show({}), gone = await given();
	await show({ portalViewMode: 'Hide' });
	await decideByApi(sb, no, ELENA, 'reject');
	await withVisitor(ELENA, {}, async (v, page) => {
		await page.goto(`${sb.url}${WITHDRAW}?id=${gone.id}`);
		await page.getByRole('button', { name: YES.nb }).click();
		await page.waitForURL(/done=1/);
	});
	for (const lang of LANGS)
		for (const size of [PHONE, DESKTOP])
			await withVisitor(ELENA, { lang, size }, async (v, page) => {
				await expectGoodList(page, lang, HEADING.overview[lang]);
				assert.deepEqual(await page.getByRole('heading', { level: 2 }).allTextContents(), [...GROUPS[lang], HEADING.download[lang]]);
				assert.equal(await page.getByRole('listitem').count(), 7, 'and not the one that is not to be shown');
				const ended = page.getByRole('region', { name: GROUPS[lang][2] });
				assert.deepEqual((await ended.locator('.tag').allTextContents()).sort(), [...STATES[lang]].sort());
				assert.equal(await page.getByRole('heading', { level: 3, name: 'Smekkfull Bank AS' }).count(), 3, 'one receiver in each group');
				const href = (text) => page.getByRole('link', { name: new RegExp(`^${text} Smekkfull Bank AS .`) }).getAttribute('href');
				assert.equal(await href(GIVE[lang]), `${CONSENT}?id=${pending.id}&skiplogout=true&backtopage=${encodeURIComponent(ACTIVE)}`);
				assert.equal(await href(SEE[lang]), `${DETAILS}?id=${consent.id}`);
				assert.equal(await href(SEE_POA[lang]), `${DETAILS}?id=${poa.id}`);
				assert.equal(await href(TRY[lang]), `${WITHDRAW}?id=${consent.id}`);
				await page.goto(`${sb.url}${DETAILS}?id=${late.id}`);
				assert.ok((await page.getByRole('status').innerText()).startsWith(ALERT.expiredAccepted[lang]));
				assert.equal(await page.getByRole('link', { name: TRY[lang] }).count(), 0);
			});
	await sb.clock({});
});

for (const js of [true, false])
	test(`answering a pending one comes back to the list, ${js ? '' : 'no '}JavaScript`, () => withVisitor(SIRI, { js }, async (v, page) => {
		const request = await show({ from: person(SIRI) });
		await page.reload();
		await page.getByRole('link', { name: GIVE.nb }).click();
		await page.getByRole('button', { name: BUTTONS.consent.approve.nb }).click();
		await page.getByRole('link', { name: BACK_TO_OVERVIEW.nb }).click();
		assert.equal(new URL(page.url()).pathname, ACTIVE);
		await page.getByRole('link', { name: SEE.nb }).first().click();
		assert.equal(page.url(), `${sb.url}${DETAILS}?id=${request.id}`);
	}));

test('the menu leads to it from every page', () => withVisitor(ASMUND, {}, async (v, page) => {
	await page.goto(`${sb.url}/accessmanagement/ui/nosuch`);
	await page.goto(`${sb.url}${DETAILS}?id=${randomUUID()}`);
	await page.getByRole('button', { name: MENU.nb, exact: true }).click();
	assert.deepEqual(await axe(page), [], 'menu open');
	await page.getByRole('menuitem', { name: AGREEMENTS.nb, exact: true }).click();
	assert.equal(page.url(), sb.url + ACTIVE);
}));

// ---- for whom, search, state ----

const CHOOSE = three('Vis avtalene til', 'Vis avtalane til', 'Show agreements for');
const SHOW = three('Vis', 'Vis', 'Show');
const SEARCH = three('Søk på mottaker eller innhold', 'Søk på mottakar eller innhald', 'Search by recipient or content');
const GO = three('Søk', 'Søk', 'Search');
const ORG_LINE = three('org.nr. 312\u00a0587\u00a0408 (hovedenhet)', 'org.nr. 312\u00a0587\u00a0408 (hovudeining)', 'org.no. 312\u00a0587\u00a0408 (main unit)');
const NO_HITS = three('Ingen samtykker eller fullmakter ble funnet for dette søket', 'Ingen samtykke eller fullmakter blei funne for dette søket',
	'No consent or power of attorney was found for this search');
const DENIED = three('Du har ikke tilgang til disse avtalene', 'Du har ikkje tilgang til desse avtalane', 'You do not have access to these agreements');

for (const lang of LANGS)
	for (const js of [true, false])
		test(`an organisation that one represents, ${lang}, ${js ? '' : 'no '}JavaScript`, async () => {
			const request = await show({ from: org(BAKERY) });
			await withVisitor(ELENA, { lang, js, size: js ? PHONE : DESKTOP }, async (v, page) => {
				const look = js ? expectGood : async () => {};
				await page.getByLabel(CHOOSE[lang]).selectOption(uuidOf(BAKERY));
				await page.getByRole('button', { name: SHOW[lang], exact: true }).click();
				assert.equal(page.url(), `${sb.url}${ACTIVE}?party=${uuidOf(BAKERY)}`);
				await look(page, lang, heading(lang, 'Fjordgløtt Bakeri AS'));
				assert.equal(await page.getByText(ORG_LINE[lang], { exact: true }).count(), 1);
				const link = page.locator(`a[href*="${request.id}"]`);
				assert.equal(await link.getAttribute('href'), `${CONSENT}?id=${request.id}&skiplogout=true&backtopage=${encodeURIComponent(`${ACTIVE}?party=${uuidOf(BAKERY)}`)}`);
				assert.equal(await page.getByLabel(SEARCH[lang]).count(), 0, 'few agreements need no search');
				await page.goto(`${sb.url}${ACTIVE}?party=${uuidOf(BAKERY)}&q=finnes+ikke`);
				await look(page, lang, heading(lang, 'Fjordgløtt Bakeri AS'));
				assert.equal(await page.getByText(SHOW[lang], { exact: true }).count(), 1, 'one control has this name');
				assert.equal(await page.getByRole('status').innerText(), NO_HITS[lang]);
				await page.getByLabel(SEARCH[lang]).fill('SMEKKFULL');
				await page.locator('#state').selectOption('pending');
				await page.getByRole('button', { name: GO[lang], exact: true }).click();
				assert.equal(await link.count(), 1, 'the party is the same still');
				await page.goto(`${sb.url}${ACTIVE}?party=${uuidOf(BANK)}`);
				await look(page, lang, DENIED[lang]);
				assert.doesNotMatch(await page.locator('main').innerText(), /Smekkfull/);
			});
		});

// ---- the agreement log ----

const LOG = '/accessmanagement/ui/consent/log';
const SEE_LOG = three('Se avtalelogg', 'Sjå avtalelogg', 'View agreement log');
const LOG_HEADING = three('Avtalelogg for Fjordgløtt Bakeri AS', 'Avtalelogg for Fjordgløtt Bakeri AS', 'Agreement log for Fjordgløtt Bakeri AS');
const LOG_SEARCH = three('Søk i avtaleloggen', 'Søk i avtaleloggen', 'Search agreement log');
const ACCEPTED = three('Smekkfull Bank AS: Fikk samtykke av Fjordgløtt Bakeri AS.', 'Smekkfull Bank AS: Fekk samtykke av Fjordgløtt Bakeri AS.',
	'Smekkfull Bank AS: Was granted consent from Fjordgløtt Bakeri AS.');
const REVOKED = three('Smekkfull Bank AS: Samtykke trukket.', 'Smekkfull Bank AS: Samtykke trekt.', 'Smekkfull Bank AS: Consent revoked.');
const BY = three('Svart av Elena Fjær.', 'Svart av Elena Fjær.', 'Answered by Elena Fjær.');

test('the log of an organisation: who, what and when, in three languages', async () => {
	await sb.apply({ resources: [resource('log_org', {})] });
	const request = await show({ from: org(BAKERY), consentRights: [right('log_org')] });
	await decideByApi(sb, request, ELENA, 'accept');
	await withVisitor(ELENA, {}, async (v, page) => {
		await page.goto(`${sb.url}${WITHDRAW}?id=${request.id}`);
		await page.getByRole('button', { name: YES.nb }).click();
		await page.waitForURL(/done=1/);
	});
	for (const lang of LANGS)
		for (const js of [true, false])
			await withVisitor(ELENA, { lang, js, size: js ? PHONE : DESKTOP }, async (v, page) => {
				await page.goto(`${sb.url}${ACTIVE}?party=${uuidOf(BAKERY)}`);
				await page.getByRole('link', { name: SEE_LOG[lang], exact: true }).click();
				assert.equal(page.url(), `${sb.url}${LOG}?party=${uuidOf(BAKERY)}`);
				if (js)
					await expectGoodList(page, lang, LOG_HEADING[lang]);
				assert.deepEqual(await page.getByRole('heading', { level: 2 }).allTextContents(), [REVOKED[lang], ACCEPTED[lang]]);
				assert.equal(await page.getByText(BY[lang], { exact: true }).count(), 1);
				assert.match(await page.locator('time').first().getAttribute('datetime'), /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
				assert.match(await page.locator('time').first().innerText(), /^\d\d\.\d\d\.\d{4}, \d\d:\d\d$/);
				await page.locator('#state').selectOption('accepted');
				await page.getByLabel(LOG_SEARCH[lang]).fill('LOG_ORG');
				await page.getByRole('button', { name: GO[lang], exact: true }).click();
				assert.deepEqual(await page.getByRole('heading', { level: 2 }).allTextContents(), [ACCEPTED[lang]]);
				await page.locator('.see').click();
				assert.equal(page.url(), `${sb.url}${DETAILS}?id=${request.id}`);
			});
});

// ---- one agreement, and withdrawing it ----

for (const lang of LANGS)
	for (const js of [true, false])
		test(`withdraw, ${lang}, ${js ? '' : 'no '}JavaScript`, async () => {
			const request = await given();
			await withVisitor(ELENA, { lang, js, size: js ? PHONE : DESKTOP }, async (v, page) => {
				const look = js ? expectGood : async () => {};
				await page.goto(`${sb.url}${DETAILS}?id=${request.id}`);
				await look(page, lang, templateText('default', 'titleAccepted', lang, {}));
				assert.ok((await page.getByRole('status').innerText()).startsWith(IS_ACTIVE[lang]));
				await page.getByRole('link', { name: TRY[lang], exact: true }).click();
				await look(page, lang, SURE[lang]);
				assert.equal(await page.locator('.next li').count(), 3, 'before, after, and that it is final');
				await expectState(sb, request, 'Accepted');
				await page.getByRole('button', { name: YES[lang], exact: true }).click();
				await page.waitForURL(`${sb.url}${DETAILS}?id=${request.id}&done=1`);
				await look(page, lang, templateText('default', 'title', lang, {}));
				assert.ok((await page.getByRole('status').innerText()).startsWith(ALERT.revoked[lang]));
				assert.equal(await page.locator('.events li').count(), 3);
				assert.equal(await page.getByRole('link', { name: TRY[lang], exact: true }).count(), 0);
			});
			await expectState(sb, request, 'Revoked', 'Created', 'Accepted', 'Revoked');
		});

for (const js of [true, false])
	test(`withdrawn in two clicks from the list, ${js ? '' : 'no '}JavaScript`, () => withVisitor(SIRI, { js }, async (v, page) => {
		const request = await given(SIRI);
		await page.goto(`${sb.url}${ACTIVE}`);
		await page.locator(`a[href="${WITHDRAW}?id=${request.id}"]`).click();
		await page.getByRole('button', { name: YES.nb, exact: true }).click();
		await page.waitForURL(/done=1/);
		await expectState(sb, request, 'Revoked', 'Created', 'Accepted', 'Revoked');
	}));

test('withdrawing twice is one event: two tabs, and back', async () => {
	const request = await given();
	await withVisitor(ELENA, {}, async (v, page) => {
		const other = await v.context.newPage();
		for (const tab of [page, other])
			await tab.goto(`${sb.url}${WITHDRAW}?id=${request.id}`);
		for (const tab of [page, other]) {
			await tab.getByRole('button', { name: YES.nb }).click();
			await tab.waitForURL(/done=1/);
			assert.ok((await tab.getByRole('status').innerText()).startsWith(ALERT.revoked.nb));
		}
		await page.goBack();
		await page.goto(`${sb.url}${WITHDRAW}?id=${request.id}`);
		assert.equal(page.url(), `${sb.url}${DETAILS}?id=${request.id}`, 'nothing is left to withdraw');
	});
	await expectState(sb, request, 'Revoked', 'Created', 'Accepted', 'Revoked');
});

test('no keeps it', async () => {
	const request = await given();
	await withVisitor(ELENA, {}, async (v, page) => {
		await page.goto(`${sb.url}${WITHDRAW}?id=${request.id}`);
		await page.getByRole('link', { name: 'Nei, behold avtalen' }).click();
		assert.equal(page.url(), `${sb.url}${DETAILS}?id=${request.id}`);
	});
	await expectState(sb, request, 'Accepted');
});

for (const js of [true, false])
	test(`the session is over between page and click: nothing is withdrawn, ${js ? '' : 'no '}JavaScript`, async () => {
		const request = await given();
		await withVisitor(ELENA, { js }, async (v, page) => {
			await page.goto(`${sb.url}${WITHDRAW}?id=${request.id}`);
			await v.context.clearCookies();
			await page.getByRole('button', { name: YES.nb }).click();
			await page.getByRole('heading', { level: 1, name: HEADING.sessionLost.nb }).waitFor();
			assert.match(await page.locator('main').innerText(), /Avtalen er ikke trukket/);
			await page.getByRole('link', { name: 'Logg inn på nytt' }).click();
			await fillLogin(page, ELENA);
			assert.equal(page.url(), `${sb.url}${DETAILS}?id=${request.id}`, 'back at the agreement');
		});
		await expectState(sb, request, 'Accepted');
	});

test('a form with a wrong token or of somebody else withdraws nothing', async () => {
	const request = await given(), own = await given(ASMUND);
	await withVisitor(ELENA, {}, async (v, page) => {
		await page.goto(`${sb.url}${WITHDRAW}?id=${request.id}`);
		await page.$eval('form.answer input[name=csrf]', (i) => (i.value = 'x'.repeat(43)));
		await page.getByRole('button', { name: YES.nb }).click();
		await page.getByRole('heading', { level: 1, name: HEADING.stale.nb }).waitFor();
		assert.match(await page.locator('main').innerText(), /Avtalen er ikke trukket/);
		await page.getByRole('link', { name: 'Se avtalen' }).click();
		assert.equal(page.url(), `${sb.url}${DETAILS}?id=${request.id}`);
	});
	await withVisitor(ASMUND, {}, async (v, page) => {
		await page.goto(`${sb.url}${DETAILS}?id=${request.id}`);
		await expectGoodList(page, 'nb', HEADING.notYours.nb);
		await page.goto(`${sb.url}${WITHDRAW}?id=${own.id}`);
		await page.$eval('form.answer input[name=id]', (i, id) => (i.value = id), request.id);
		await page.getByRole('button', { name: YES.nb }).click();
		await page.getByRole('heading', { level: 1, name: HEADING.notYours.nb }).waitFor();
		assert.doesNotMatch(await page.content(), /Smekkfull|Elena/);
		for (const [query, title] of [[`?id=${randomUUID()}`, HEADING.notFound], ['?id=1', HEADING.badId], ['', HEADING.badId]]) {
			await page.goto(sb.url + WITHDRAW + query);
			assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), title.nb);
		}
	});
	await expectState(sb, request, 'Accepted');
});

// ---- pages, names ----

test('one more than a page, with long names', async () => {
	const pid = '22877497392';
	await sb.apply({ parties: [{ type: 'person', nationalId: pid, name: 'ANNE-MARGRETHE BARTHOLOMEUSDATTER VON DER FJÆRSTADKROSSEN-HAMMERFESTHEIMEN' },
		{ type: 'organization', organizationNumber: '810419512', name: 'FORENINGEN FOR MENNESKERETTIGHETSORGANISASJONSSAMARBEIDSKOMITEENE AS' }] });
	const first = await given(pid, { consentRights: [right('ttd_engangsutlevering')] });
	for (let i = 1; i < PAGE; i++)
		await show({ from: person(pid) });
	await withVisitor(pid, {}, async (v, page) => {
		assert.equal(await page.getByRole('listitem').count(), PAGE);
		assert.equal(await page.getByRole('link', { name: 'Eldre avtaler' }).count(), 0);
		await show({ from: person(pid) });
		await page.reload();
		assert.equal(await page.getByRole('listitem').count(), PAGE);
		assert.deepEqual(await axe(page), []);
		await page.getByRole('link', { name: 'Eldre avtaler' }).click();
		assert.equal(await page.getByRole('listitem').count(), 1);
		assert.equal(await page.getByRole('link', { name: SEE.nb }).getAttribute('href'), `${DETAILS}?id=${first.id}`);
		await expectGoodList(page, 'nb', await page.getByRole('heading', { level: 1 }).textContent());
		await page.getByRole('link', { name: 'Nyeste avtaler' }).click();
		assert.equal(page.url(), sb.url + ACTIVE);
	});
});
