// node tests/browser/screenshots.mjs [SCENE…]: pictures of every page and state in three languages, on a phone and on a desktop, the
// request and agreements also in the dark, into build/screenshots/.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { LANGS, PHONE, SIZES, startChromium } from '../js/browser.mjs';
import { ROOT, startSandbox } from '../js/sandbox.mjs';
import { cast, makeWorld, play, scenes } from './scenes.mjs';

const dir = path.join(ROOT, 'build/screenshots');
const wanted = process.argv.slice(2);
mkdirSync(dir, { recursive: true });
const sb = await startSandbox({ store: false });
const chrome = await startChromium();
const world = await makeWorld(sb);
const visitorFor = cast(chrome, sb);

async function shoot(scene, lang, name) {
	const v = await visitorFor(scene.who ?? 'elena', lang, SIZES[name]);
	await play(scene, v, lang, world);
	const file = (more) => path.join(dir, `${scene.name}-${lang}-${name}${more}.png`);
	await v.page.screenshot({ path: file(''), fullPage: true });
	if (scene.consent || scene.dark) {
		await v.page.emulateMedia({ colorScheme: 'dark' });
		await v.page.screenshot({ path: file('-dark'), fullPage: true });
		await v.page.emulateMedia({ colorScheme: 'light' });
	}
	if (scene.who === 'fresh')
		await v.context.close();
}

async function shootMenu(lang) {
	const v = await visitorFor('elena', lang, PHONE);
	await v.page.goto(world.pending.url);
	await v.page.locator('.menu-button').click();
	await v.page.screenshot({ path: path.join(dir, `menu-${lang}-phone.png`) });
	await v.page.getByLabel('Språk/language').click();
	await v.page.screenshot({ path: path.join(dir, `languages-${lang}-phone.png`) });
}

let n = 0;
for (const scene of scenes.filter((s) => !wanted.length || wanted.includes(s.name)))
	for (const lang of scene.only ? [scene.only] : LANGS)
		for (const name of Object.keys(SIZES)) {
			await shoot(scene, lang, name);
			n++;
		}
if (!wanted.length)
	for (const lang of LANGS)
		await shootMenu(lang);
await chrome.close();
await sb.stop();
console.log(`${n} pages in ${dir}`);
