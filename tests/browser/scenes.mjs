// Every page and state: how to get there as a visitor in a given language, and what is to stand there.
// A scene: {name, who, open(v, lang, world), heading, status, consent, buttons, alert, ids, lists, waits}
//   who      elena (logged in), low (logged in at level 3), fresh (logged in for this scene only), nobody
//   consent  the page shows the request; buttons: 'consent' or 'poa' when it can be answered; alert: the title of the one alert
//   ids      identity numbers may stand there; lists: names come back; waits: it moves on after a second
import { randomUUID } from 'node:crypto';
import { CODES, CONSENT, ask, decideByApi, holdBack, logInAt, visitor } from '../js/browser.mjs';
import { alterStore, expectStatus } from '../js/sandbox.mjs';
import { ASMUND, ELENA, MINISTRY, person, right } from '../js/world.mjs';
import { ALERT, BUTTONS, CHANGE_USER, HEADING, LOG_OUT, MENU, templateText } from './words.mjs';

const POA = 'ttd_fullmakt_skademelding', SECURE = 'web_secure';
export const poaRights = [right(POA, { registreringsnummer: 'EK 12345' })];

const mayAll = [
	{ actions: ['requestconsent'], subjects: [['urn:altinn:partytype:organization']] },
	{ actions: ['consent', 'read'], subjects: [['urn:altinn:rolecode:priv']] },
];

export function webResource(identifier, more = {}, level = 3) {
	return {
		identifier, resourceType: 'Consent', versionId: 1, status: 'Completed', title: { nb: 'Prøveressurs', nn: 'Prøveressurs', en: 'Test resource' },
		hasCompetentAuthority: { organization: MINISTRY, orgcode: 'ttd', name: { nb: 'Testdepartementet', en: 'Test Ministry' } },
		consentTemplate: 'default', consentText: { nb: 'Alt', nn: 'Alt', en: 'Everything' }, consentMetadata: {}, isOneTimeConsent: false,
		delegable: true, accessListMode: 'Disabled', policy: { minimumAuthenticationLevel: level, rules: mayAll }, ...more,
	};
}

// Puts rows into states that nothing on the way of this test makes: [id, column, value].
const force = (sb, rows) => alterStore(sb, rows.map(([id, column, value]) => [`UPDATE consent SET ${column}=? WHERE hex(id)=?`, [value, id.replaceAll('-', '').toUpperCase()]]));

async function answered(sb, changes, how) {
	const request = await ask(sb, { redirectUrl: 'https://bank.example/tilbake', ...changes });
	if (how)
		await decideByApi(sb, request, ELENA, how);
	return request;
}

// Requests in every state; the clock of the sandbox has moved on by two days when this is done.
export async function makeWorld(sb) {
	const r = {};
	const expiring = (changes) => ({ validTo: new Date(sb.now() + 86400000).toISOString(), ...changes });
	expectStatus(await sb.apply({ resources: [webResource(SECURE, {}, 4)] }), 204);
	r.expired = await answered(sb, expiring());
	r.expiredAccepted = await answered(sb, expiring(), 'accept');
	r.expiredAcceptedPoa = await answered(sb, expiring({ consentRights: poaRights }), 'accept');
	await sb.clock({ offset: 'P2D' });
	const plain = {}, poa = { consentRights: poaRights };
	for (const [suffix, changes] of [['', plain], ['Poa', poa]]) {
		r[`approved${suffix}`] = await answered(sb, changes, 'accept');
		r[`rejected${suffix}`] = await answered(sb, changes, 'reject');
		r[`revoked${suffix}`] = await answered(sb, changes, 'accept');
	}
	r.used = await answered(sb, { consentRights: [right('ttd_engangsutlevering')] }, 'accept');
	r.deleted = await answered(sb, plain);
	force(sb, [[r.used.id, 'used', sb.now() * 1000], [r.revoked.id, 'status', 3], [r.revokedPoa.id, 'status', 3], [r.deleted.id, 'status', 4]]);
	r.textless = await answered(sb, plain);
	force(sb, [[r.textless.id, 'template_id', 'gone']]);
	r.pending = await answered(sb, { validTo: `${sb.inDays(5).slice(0, 10)}T22:30:00Z` });
	r.pendingPoa = await answered(sb, poa);
	r.oneTime = await answered(sb, { consentRights: [right('ttd_engangsutlevering')], requestMessage: null });
	r.loan = await answered(sb, { consentRights: [right('ske-samtykke-sbl-summert-skattegrunnlag', { inntektsaar: '2025' }),
		right('ske-samtykke-sbl-inntekt', { fraogmed: '2025-01', tilogmed: '2025-12' })], requestMessage: null });
	r.wrong = await answered(sb, { from: person(ASMUND) });
	r.secure = await answered(sb, { consentRights: [right(SECURE)] });
	return { sb, ...r };
}

const at = (request, more = '') => async (v, lang, w) => v.page.goto(w[request].url + more);
const path_ = (target) => async (v) => v.page.goto(v.sb.url + target);

// Opens a new request, does something with it, presses a button.
function press(kind, button, { skiplogout = true, before } = {}) {
	return async (v, lang, w) => {
		const request = await answered(w.sb, kind === 'poa' ? { consentRights: poaRights } : {});
		await v.page.goto(request.url + (skiplogout ? '&skiplogout=true' : ''));
		await before?.(v, w, request);
		if (!skiplogout)
			await holdBack(v.page, /\/logout$/);
		await v.page.getByRole('button', { name: BUTTONS[kind][button][lang], exact: true }).click();
	};
}

const elsewhere = (how) => (v, w, request) => decideByApi(w.sb, request, ELENA, how);
const forgetSession = (v) => v.context.clearCookies();
const spoilToken = (v) => v.page.$eval('form.answer input[name=csrf]', (i) => (i.value = 'x'.repeat(43)));

async function pressMenu(v, lang, name) {
	await v.page.getByRole('button', { name: MENU[lang], exact: true }).click();
	await v.page.getByRole('button', { name, exact: true }).click();
}

const title = (id) => Object.fromEntries(['nb', 'nn', 'en'].map((l) => [l, templateText(id, 'title', l, {})]));
const D = title('default'), P = title('poa'), L = title('sblanesoknad');

const answerable = [
	{ name: 'pending', open: at('pending'), heading: D, consent: true, buttons: 'consent' },
	{ name: 'pending-poa', open: at('pendingPoa'), heading: P, consent: true, buttons: 'poa' },
	{ name: 'pending-one-time', open: at('oneTime', '&skiplogout=1&backtopage=%2Faccessmanagement%2Fui%2Fconsent%2Factive'), heading: D, consent: true, buttons: 'consent' },
	{ name: 'pending-loan', open: at('loan'), heading: L, consent: true, buttons: 'consent' },
];

const unanswerable = [
	['approved', D], ['approvedPoa', P], ['rejected', D], ['rejectedPoa', P], ['revoked', D], ['revokedPoa', P], ['deleted', D],
	['expired', D], ['expiredAccepted', D], ['expiredAcceptedPoa', P], ['used', D],
].map(([name, heading]) => ({ name, open: at(name), heading, consent: true, alert: ALERT[name] }));

const outcomes = [
	{ name: 'receipt-approved', open: press('consent', 'approve'), heading: HEADING.approved },
	{ name: 'receipt-approved-poa', open: press('poa', 'approve'), heading: HEADING.approvedPoa },
	{ name: 'receipt-rejected', open: press('consent', 'reject'), heading: HEADING.rejected },
	{ name: 'receipt-rejected-poa', open: press('poa', 'reject'), heading: HEADING.rejected },
	{ name: 'moving-approved', open: press('consent', 'approve', { skiplogout: false }), heading: HEADING.approved },
	{ name: 'moving-rejected-poa', open: press('poa', 'reject', { skiplogout: false }), heading: HEADING.rejected },
	{ name: 'crossed-approve', open: press('consent', 'approve', { before: elsewhere('reject') }), heading: D, consent: true, status: 409,
		alert: ALERT.approveError },
	{ name: 'crossed-reject-poa', open: press('poa', 'reject', { before: elsewhere('accept') }), heading: P, consent: true, status: 409,
		alert: ALERT.rejectErrorPoa },
	{ name: 'stale-form', open: press('consent', 'approve', { before: spoilToken }), heading: HEADING.stale, status: 400 },
	{ name: 'session-lost', who: 'fresh', open: press('consent', 'approve', { before: forgetSession }), heading: HEADING.sessionLost, status: 403 },
];

const faults = [
	{ name: 'not-found', open: path_(`${CONSENT}?id=${randomUUID()}`), heading: HEADING.notFound, status: 404 },
	{ name: 'no-id', open: path_(CONSENT), heading: HEADING.badId, status: 400 },
	{ name: 'bad-id', open: path_(`${CONSENT}?id=nr.1`), heading: HEADING.badId, status: 400 },
	{ name: 'wrong-person', open: at('wrong'), heading: HEADING.wrongPerson, status: 403 },
	{ name: 'load-error', open: at('textless'), heading: HEADING.loadError, status: 500 },
	{ name: 'low-level', who: 'low', open: at('secure'), heading: HEADING.lowLevel, status: 403 },
	{ name: 'unknown-page', open: path_('/accessmanagement/ui/nosuch'), heading: HEADING.unknownPage, status: 404 },
];

const accepted = (id) => Object.fromEntries(['nb', 'nn', 'en'].map((l) => [l, templateText(id, 'titleAccepted', l, {})]));
const ui = (what, request, more = '') => async (v, lang, w) => v.page.goto(`${v.sb.url}/accessmanagement/ui/consent/${what}?id=${w[request].id}${more}`);

const agreements = [
	{ name: 'details-approved', open: ui('details', 'approved'), heading: accepted('default') },
	{ name: 'details-approvedPoa', open: ui('details', 'approvedPoa'), heading: accepted('poa') },
	{ name: 'details-withdrawn', open: ui('details', 'revoked', '&done=1'), heading: D },
	...['rejected', 'deleted', 'expired', 'revoked', 'expiredAccepted', 'used'].map((name) => ({ name: `details-${name}`, open: ui('details', name), heading: D })),
	{ name: 'details-not-yours', open: ui('details', 'wrong'), heading: HEADING.notYours, status: 403 },
	{ name: 'withdraw', open: ui('withdraw', 'approved'), heading: HEADING.withdraw },
	{ name: 'withdraw-poa', open: ui('withdraw', 'approvedPoa'), heading: HEADING.withdrawPoa },
	{ name: 'receipt', open: ui('receipt', 'approved'), heading: HEADING.receipt },
	{ name: 'receipt-poa', open: ui('receipt', 'approvedPoa'), heading: HEADING.receiptPoa },
	{ name: 'receipt-revoked', open: ui('receipt', 'revoked'), heading: HEADING.receipt },
	{ name: 'log', open: path_('/accessmanagement/ui/consent/log'), heading: HEADING.log, lists: true },
	{ name: 'log-nothing-found', open: path_('/accessmanagement/ui/consent/log?q=zzz'), heading: HEADING.log },
	{ name: 'overview-nothing-found', open: path_('/accessmanagement/ui/consent/active?q=zzz'), heading: HEADING.overview },
	{ name: 'overview-denied', open: path_(`/accessmanagement/ui/consent/active?party=${randomUUID()}`), heading: HEADING.partyDenied, status: 403 },
	{ name: 'accessibility', open: path_('/accessmanagement/ui/accessibility'), heading: HEADING.accessibility },
].map((scene) => ({ ...scene, dark: true }));

const around = [
	{ name: 'overview', open: path_('/accessmanagement/ui/consent/active'), heading: HEADING.overview, lists: true },
	{ name: 'login', who: 'nobody', open: at('pending'), heading: HEADING.chooseLogin },
	{ name: 'test-login', who: 'nobody', open: path_('/sandbox/login/testid?goto=%2Fsandbox'), heading: HEADING.testLogin, ids: true },
	{ name: 'test-login-refused', who: 'nobody', heading: HEADING.testLogin, status: 422, ids: true, open: async (v) => {
		await v.page.goto(`${v.sb.url}/sandbox/login/testid?goto=%2Fsandbox`);
		await v.page.getByRole('textbox', { name: 'Personidentifikator' }).fill('01025161014');
		await v.page.getByRole('button', { name: 'Autentiser' }).click();
	}, alert: {
		nb: 'Nummeret er ikke gyldig.', nn: 'Nummeret er ikkje gyldig.', en: 'The number is not valid.',
	} },
	{ name: 'logging-out', who: 'fresh', heading: HEADING.loggingOut, open: async (v, lang, w) => {
		await v.page.goto(w.pending.url);
		await holdBack(v.page, /\/authentication\//);
		await pressMenu(v, lang, LOG_OUT[lang]);
	} },
	{ name: 'test-logged-out', who: 'nobody', heading: HEADING.testLoggedOut, waits: true, open: async (v) => {
		await holdBack(v.page, /logoutredirect$/);
		await v.page.goto(`${v.sb.url}/sandbox/login.test.idporten.no/logout/success`);
	} },
	{ name: 'logged-out', who: 'nobody', heading: HEADING.loggedOut, open: path_('/accessmanagement/api/v1/logoutredirect') },
	{ name: 'back-to-app', who: 'fresh', heading: HEADING.loggedOut, open: async (v, lang, w) => {
		await v.page.goto((await answered(w.sb, { redirectUrl: 'no.smekkfull.app://tilbake' })).url);
		await v.page.getByRole('button', { name: BUTTONS.consent.approve[lang], exact: true }).click();
		await v.page.waitForURL('**/logoutredirect');
	} },
	{ name: 'changing-user', who: 'fresh', heading: HEADING.changingUser, open: async (v, lang, w) => {
		await v.page.goto(w.wrong.url);
		await holdBack(v.page, /\/consent\/request\?/);
		await v.page.getByRole('button', { name: CHANGE_USER[lang], exact: true }).click();
	} },
	{ name: 'language-set', who: 'nobody', heading: HEADING.languageSet, open: async (v, lang) => {
		await holdBack(v.page, /\/consent\/active$/);
		await v.page.goto(`${v.sb.url}/accessmanagement/ui/language?lang=${CODES[lang]}&goto=%2Faccessmanagement%2Fui%2Fconsent%2Factive`);
	} },
	{ name: 'sandbox', who: 'nobody', only: 'en', open: path_('/sandbox'), heading: { en: 'Sandbox' }, ids: true, lists: true },
];

export const scenes = [...answerable, ...unanswerable, ...outcomes, ...faults, ...agreements, ...around];

// Visitors by language and size, logged in once; a fresh one is closed after its scene.
export function cast(chrome, sb) {
	const kept = new Map();
	return async (who, lang, size, options = {}) => {
		const key = `${who} ${lang} ${size.width} ${options.dark ?? ''}`;
		const old = kept.get(key);
		if (old && who !== 'fresh')
			return old;
		const v = await visitor(chrome, sb, { lang, size, ...options });
		if (who !== 'nobody')
			await logInAt(v, ELENA, { level: who === 'low' ? 3 : 4 });
		kept.set(key, v);
		return v;
	};
}

export async function play(scene, v, lang, world) {
	// A page that moves on by itself must not do so once nothing holds it back: it would log out.
	await v.page.goto('about:blank');
	await v.page.unrouteAll();
	v.faults.length = 0;
	const answers = [];
	const listen = (r) => r.frame() === v.page.mainFrame() && r.request().isNavigationRequest() && r.status() !== 204 && answers.push(r.status());
	v.page.on('response', listen);
	await scene.open(v, lang, world);
	await v.page.waitForLoadState();
	v.page.off('response', listen);
	return answers.at(-1);
}
