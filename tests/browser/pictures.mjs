// node tests/browser/pictures.mjs: the pictures in docs/images, of a sandbox in which little has happened.
import path from 'node:path';
import { PHONE, ask, decideByApi, logInAt, startChromium, visitor } from '../js/browser.mjs';
import { ROOT, startSandbox } from '../js/sandbox.mjs';
import { ELENA, right } from '../js/world.mjs';
import { poaRights } from './scenes.mjs';

const UI = '/accessmanagement/ui/consent', dir = path.join(ROOT, 'docs/images');
const why = { nb: 'Vi trenger dette for lånesøknaden din.', nn: 'Vi treng dette for lånesøknaden din.', en: 'We need this for your loan application.' };
const sb = await startSandbox({ store: false });
const chrome = await startChromium();

async function request(changes, how) {
	const made = await ask(sb, { portalViewMode: 'Show', redirectUrl: 'https://bank.example/', requestMessage: why, ...changes });
	if (how)
		await decideByApi(sb, made, ELENA, how);
	return made;
}

async function shoot(name, address, { size, lang = 'nb', dark = false, height }) {
	const v = await visitor(chrome, sb, { size, lang, dark });
	await logInAt(v, ELENA);
	await v.page.goto(address);
	const full = await v.page.evaluate(() => document.documentElement.scrollHeight);
	await v.page.screenshot({ path: path.join(dir, `${name}.png`), fullPage: true, clip: { x: 0, y: 0, width: size.width, height: Math.min(height ?? full, full) } });
	await v.context.close();
}

const pending = await request({});
await request({ consentRights: poaRights }, 'reject');
await request({ consentRights: [right('ttd_engangsutlevering')] }, 'accept');
const accepted = await request({}, 'accept');
const WIDE = { width: 900, height: 900 };
await shoot('consent-page', pending.url, { size: WIDE, lang: 'en' });
await shoot('consent-page-phone', pending.url, { size: PHONE });
await shoot('overview-phone', `${sb.url}${UI}/active`, { size: PHONE, lang: 'en', height: 1250 });
await shoot('details-phone', `${sb.url}${UI}/details?id=${accepted.id}`, { size: PHONE });
await shoot('receipt-dark', `${sb.url}${UI}/receipt?id=${accepted.id}`, { size: WIDE, dark: true });
await chrome.close();
await sb.stop();
