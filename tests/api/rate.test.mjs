// How often one client may ask for tokens.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { askToken, expectFault, getToken, makeKey } from '../js/maskinporten.mjs';
import { PG, describe, expectStatus, startSandbox, tempDir } from '../js/sandbox.mjs';
import { testWorld } from '../js/world.mjs';

const { document, clients } = await testWorld();
const PLAIN = { scope: 'api:plain' };
const sb = await startSandbox({ apply: document, args: ['--set', 'token.rate=1', '--set', 'token.burst=3'] });

test('429 with Retry-After past the burst; other clients of the same organisation are not touched', async () => {
	const answers = await Promise.all(Array.from({ length: 200 }, () => askToken(sb, clients.bank, PLAIN)));
	const res = answers.find((r) => r.status === 429);
	assert.ok(res, 'one of 200 at once is refused');
	assert.ok(answers.some((r) => r.status === 200));
	const body = expectFault(sb, res, 429, 'temporarily_unavailable', '', /^Too many token requests from this client/);
	assert.match(res.headers['retry-after'], /^[1-9][0-9]*$/, describe(res));
	assert.match(sb.stderr(), new RegExp(/trace_id: ([0-9a-f]{32})/.exec(body.error_description)[1]), 'the trace id is in the log');
	await getToken(sb, clients.longlived, PLAIN);
});

test('grants that the client did not sign do not use its share up', async () => {
	const { key } = await makeKey('somebody');
	for (let i = 0; i < 20; i++)
		expectFault(sb, await askToken(sb, clients.supplier, PLAIN, {}, { key }), 400, 'invalid_grant', 'MP-124');
	await getToken(sb, clients.supplier, { scope: 'api:open' });
});

test('a change of the registry is no new start', async (t) => {
	const slow = await startSandbox({ apply: document, store: false, args: ['--set', 'token.rate=1', '--set', 'token.burst=60'] });
	t.after(() => slow.stop());
	const many = async (n) => (await Promise.all(Array.from({ length: n }, () => askToken(slow, clients.bank, PLAIN)))).filter((r) => r.status === 200).length;
	assert.ok(await many(70) >= 60);
	for (let i = 0; i < 3; i++) {
		expectStatus(await slow.apply({ clients: [{ clientId: clients.bank.clientId, name: `changed ${i}` }] }), 204);
		const passed = await many(30);
		assert.ok(passed < 30, `${passed} of 30 after a change`);
	}
});

test('a request that is run again, since the registry has changed meanwhile, counts once', async (t) => {
	const store = PG ?? `sqlite:${path.join(tempDir(), 'rate.db')}`;
	const args = ['--set', 'token.rate=4', '--set', 'token.burst=1'];
	const one = await startSandbox({ apply: document, store, args }), two = await startSandbox({ store, args: [...args, '--set', `issuer=${one.url}/`] });
	t.after(() => Promise.all([one.stop(), two.stop()]));
	for (let i = 0; i < 5; i++) {
		expectStatus(await two.apply({ clients: [{ clientId: clients.bank.clientId, name: `changed there ${i}` }] }), 204);
		expectStatus(await askToken(one, clients.bank, PLAIN), 200); // decided on what was, refused by the store, and decided anew
		await new Promise((resolve) => setTimeout(resolve, 300));
	}
});

test('0 is no limit', async () => {
	const free = await startSandbox({ apply: document, store: false, args: ['--set', 'token.rate=0', '--set', 'token.burst=1'] });
	for (let i = 0; i < 20; i++)
		expectStatus(await askToken(free, clients.bank, PLAIN), 200);
	await free.stop();
});

test.after(() => sb.stop());
