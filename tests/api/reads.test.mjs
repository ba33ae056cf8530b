// What a page reads from the store, counted: a person who looks again costs the session and the consent, and no more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, expectStatus, startSandbox, until } from '../js/sandbox.mjs';
import { BANK, ELENA, REQUESTS, S_WRITE, requestBody } from '../js/world.mjs';

const sb = await startSandbox({ args: ['--set', 'log.level=debug', '--set', 'log.format=json'] });
const OF_PAGES = /^(session|consent|event|part|authority|holding|epoch)/;

// The statements since the mark, up to the first one of the request that comes after `requests` of them.
async function statements(mark, requests) {
	const seen = () => {
		const lines = sb.stderr().slice(mark).split('\n').filter((line) => line.includes('"db.query"') && line.endsWith('}'));
		return lines.map((line) => JSON.parse(line).what).filter((what) => OF_PAGES.test(what));
	};
	const starts = () => seen().flatMap((what, i) => (what === 'session_get' ? [i] : []));
	await until(() => starts().length > requests, 'the log has the next request');
	return seen().slice(0, starts()[requests]);
}

test('a page that is opened again reads the session and the consent', async () => {
	const { id } = expectStatus(await sb.post(REQUESTS, await sb.orgToken(BANK, S_WRITE), requestBody(sb, {})), 201).json;
	const page = `/accessmanagement/ui/consent/request?id=${id}`;
	const b = browser(sb);
	await b.login(ELENA, page);
	expectStatus(await b.get(page), 200);
	const mark = sb.stderr().length;
	for (let i = 0; i < 3; i++)
		expectStatus(await b.get(page), 200);
	const wanted = ['session_get', 'consent_get', 'epoch'];
	assert.deepEqual(await statements(mark, 2), [...wanted, ...wanted]);
});

test('the sandbox ends with status 0', async () => {
	await sb.stop();
});
