// Keys rotate while two servers give tokens, and no verifier that caches the key set meets a token that it cannot check.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as jose from 'jose';
import { askToken, makeKey } from '../js/maskinporten.mjs';
import { PG, expectStatus, run, startProgram, tempDir } from '../js/sandbox.mjs';

const ORG = '810419512', ALGS = ['RS256', 'ES256'];
// The new key is published this long before its first use; a set in a cache is at most CACHE_MS old, and a server publishes within five seconds.
const LEAD = 'PT20S', LEAD_MS = 20000, CACHE_MS = 2000, KEEP = 'PT60S', WORKERS = 6, SAMPLE = 25;

const dir = tempDir('samtykke-rotation-');
const master = path.join(dir, 'master'), seed = path.join(dir, 'seed.json');
writeFileSync(master, randomBytes(32).toString('hex'), { mode: 0o600 });
const client = { clientId: randomUUID(), key: await makeKey('k1') };
writeFileSync(seed, JSON.stringify({
	parties: [{ type: 'organization', organizationNumber: ORG, name: 'A', unitType: 'AS' }],
	scopes: ALGS.map((alg) => ({ scope: `rotation:${alg}`, owner: ORG, description: alg, accessibleForAll: true, tokenAlg: alg })),
	clients: [{ clientId: client.clientId, orgno: ORG, name: 'a', scopes: ALGS.map((alg) => `rotation:${alg}`), jwks: { keys: [client.key.publicJwk] } }],
}));
const ok = (r) => {
	assert.equal(r.status, 0, `${r.stdout}\n${r.stderr}`);
	return r.stdout.trim();
};

// An API as it should not be written, and many are: it fetches the set on a timer, from either server, and never for a kid that it does not know.
function strictCache(servers) {
	const cache = { fetches: 0 };
	const fetchSet = async () => {
		const res = expectStatus(await servers[cache.fetches++ % servers.length].get('/jwk'), 200);
		cache.text = res.text;
		cache.keys = jose.createLocalJWKSet(res.json);
	};
	cache.loop = async (going) => {
		for (await fetchSet(); going(); await fetchSet())
			await sleep(CACHE_MS);
	};
	cache.first = fetchSet;
	return cache;
}

async function rotate(store) {
	const kept = tempDir('samtykke-rotation-');
	const common = ['--set', `store=${store}`, '--set', `key.master_file=${master}`];
	ok(await run(['store', 'migrate', ...common]));
	const kids = new Set();
	for (const [i, alg] of ALGS.entries())
		kids.add(ok(await run(['key', 'new', ...common, '--alg', alg, ...(i ? ['--now', '--despite-caches'] : [])])));
	ok(await run(['apply', ...common, seed]));
	const serve = (...more) => startProgram(['serve', ...common, '--set', 'port=0', '--set', 'token.rate=0', ...more]);
	const first = await serve();
	const servers = [first, await serve('--set', `issuer=${first.url}/`)];
	const grants = { url: first.url, nowS: () => Math.floor(Date.now() / 1000) };
	const cache = strictCache(servers);
	// npm jose's own cache, its times made shorter as ours are
	const remote = jose.createRemoteJWKSet(new URL(`${servers[1].url}/jwk`), { cooldownDuration: 5000, cacheMaxAge: 8000 });
	const seen = ALGS.map(() => servers.map(() => new Map()));
	let count = 0, going = true;
	const failures = [];

	const one = async () => {
		const a = count % ALGS.length, s = (count >> 1) % servers.length, n = count++;
		const claims = { scope: `rotation:${ALGS[a]}`, aud: `${first.url}/` };
		const res = expectStatus(await askToken({ ...grants, request: servers[s].request }, client, claims), 200);
		const token = res.json.access_token, { kid } = jose.decodeProtectedHeader(token);
		for (const keys of [cache.keys, remote])
			await jose.jwtVerify(token, keys, { issuer: `${first.url}/`, algorithms: [ALGS[a]], clockTolerance: 2 });
		seen[a][s].set(kid, (seen[a][s].get(kid) ?? 0) + 1);
		if (n % SAMPLE)
			return;
		// libsamtykke, with the cached set
		const file = path.join(kept, `jwks-${n}.json`);
		writeFileSync(file, cache.text);
		const r = await run(['token', 'verify', '--jwks', file, '--issuer', `${first.url}/`, '--skew', '2'], { input: token });
		assert.equal(r.status, 0, r.stderr);
	};
	const worker = async () => {
		while (going)
			await one().catch((e) => failures.push(e));
	};
	try {
		await cache.first();
		const loops = [cache.loop(() => going), ...Array.from({ length: WORKERS }, worker)];
		for (const alg of ALGS)
			kids.add(ok(await run(['key', 'rotate', ...common, '--alg', alg, '--lead', LEAD, '--keep', KEEP, '--despite-caches'])));
		const both = () => seen.every((of) => of.every((m) => m.size === 2));
		for (const end = Date.now() + LEAD_MS + 300000; !both() && Date.now() < end && failures.length === 0;)
			await sleep(200);
		await sleep(2000); // and a while with the new ones
		going = false;
		await Promise.all(loops);
		if (failures.length)
			throw failures[0];
		assert.ok(both(), `each server has signed with the old and the new key of each algorithm: ${JSON.stringify(seen.map((of) => of.map((m) => [...m])))}`);
		assert.deepEqual(new Set(seen.flatMap((of) => of.flatMap((m) => [...m.keys()]))), kids);
		const list = ok(await run(['key', 'list', ...common]));
		assert.equal([...list.matchAll(/ (active|retired) /g)].length, 4, list);
	} finally {
		going = false;
		for (const s of servers)
			await s.stop();
	}
	return count;
}

// Both at once: most of it is the wait for the new keys' time.
const onSqlite = rotate(`sqlite:${path.join(dir, 'rotation.db')}`), onPostgres = PG && rotate(PG);
for (const run of [onSqlite, onPostgres])
	run?.catch(() => {}); // told by its test

test('SQLite: not one failed verification', async (t) => {
	t.diagnostic(`${await onSqlite} tokens`);
});

test('PostgreSQL: not one failed verification', { skip: !PG && 'SAMTYKKE_TEST_PG is not set' }, async (t) => {
	t.diagnostic(`${await onPostgres} tokens`);
});
