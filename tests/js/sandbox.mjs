// Starts the program under test and talks HTTP with it.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = process.env.SAMTYKKE_ROOT ?? path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const BIN = process.env.SAMTYKKE_BIN ?? path.join(ROOT, 'build/samtykke');
export const PG = process.env.SAMTYKKE_TEST_PG || null;
// Of what hangs: a busy machine is slow, and so is a program with sanitizers.
const START_MS = 120000, STOP_MS = 120000, ANSWER_MS = 120000;

const living = new Set();
process.on('exit', () => {
	for (const child of living)
		child.kill('SIGKILL');
});

// What may not stand in a log: an identity number (eleven digits with their check digits) or a token. UUIDs and trace ids are hex.
export function secretsIn(log) {
	const text = log.replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{16,}\b/g, '');
	const sum = (d, weights) => weights.reduce((s, w, i) => s + w * d[i], 0) % 11;
	const isPid = (n, d = [...n].map(Number)) => sum(d, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) === 0 && sum(d, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) === 0;
	return [...(text.match(/(?<!\d)\d{11}(?!\d)/g) ?? []).filter((n) => isPid(n)), ...(text.match(/\beyJ[A-Za-z0-9_-]{10,}/g) ?? [])];
}

// Asks until it holds.
export async function until(holds, why) {
	for (const end = Date.now() + ANSWER_MS; !await holds(); await sleep(10))
		assert.ok(Date.now() < end, `not within ${ANSWER_MS} ms: ${typeof why === 'function' ? why() : why}`);
}

export function tempDir(prefix = 'samtykke-api-') {
	const dir = mkdtempSync(path.join(os.tmpdir(), prefix));
	process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
	return dir;
}

// Runs one command to its end: {status, stdout, stderr}.
export function run(args, { input, env } = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(BIN, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
		let stdout = '', stderr = '';
		living.add(child);
		child.stdout.on('data', (d) => (stdout += d));
		child.stderr.on('data', (d) => (stderr += d));
		child.on('error', reject);
		child.on('close', (status, signal) => {
			living.delete(child);
			resolve({ status, signal, stdout, stderr });
		});
		child.stdin.on('error', () => {}); // it may end without reading
		child.stdin.end(input ?? '');
	});
}

// Starts `samtykke ARGS` and waits for its ready line.
export async function startProgram(args, { env } = {}) {
	const child = spawn(BIN, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
	let stdout = '', stderr = '', ended = null, stopping = false;
	living.add(child);
	child.stderr.on('data', (d) => {
		stderr += d;
		if (stderr.length > 4e6)
			stderr = stderr.slice(-2e6);
	});
	const tail = () => `\n--- stderr of samtykke ${args.join(' ')}\n${stderr.slice(-6000)}\n---`;
	const end = new Promise((resolve) =>
		child.on('close', (status, signal) => {
			living.delete(child);
			ended = { status, signal };
			if (!stopping && ready)
				process.stderr.write(`the program died: status ${status}, signal ${signal}${tail()}`);
			resolve(ended);
		}));
	let ready = false;
	const line = await new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error(`no ready line within ${START_MS} ms${tail()}`)), START_MS);
		child.on('error', reject);
		child.stdout.on('data', (d) => {
			stdout += d;
			if (stdout.includes('\n')) {
				clearTimeout(timer);
				resolve(stdout.slice(0, stdout.indexOf('\n')));
			}
		});
		end.then((e) => {
			clearTimeout(timer);
			reject(new Error(`ended before it was ready: status ${e.status}, signal ${e.signal}${tail()}`));
		});
	}).catch((e) => {
		child.kill('SIGKILL');
		throw e;
	});
	ready = true;
	const told = JSON.parse(line);
	assert.equal(told.event, 'ready', `the first line is ${line}`);
	const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
	const program = {
		...told,
		child,
		offset: 0,
		stderr: () => stderr,
		stdout: () => stdout,
		alive: () => ended === null,
		// SIGTERM to this child alone; anything but status 0 is a failure.
		async stop(signal = 'SIGTERM') {
			stopping = true;
			if (ended === null)
				child.kill(signal);
			const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
			const e = await end;
			clearTimeout(timer);
			agent.destroy();
			assert.deepEqual(e, { status: 0, signal: null }, `the program ended with ${JSON.stringify(e)}${tail()}`);
			const report = /(ERROR: (Address|Leak)Sanitizer|runtime error:)[^]*/.exec(stderr);
			assert.equal(report?.[0].slice(0, 4000), undefined, 'a sanitizer has something to say');
			assert.deepEqual(secretsIn(stderr), [], 'the log has an identity number or a token');
			return e;
		},
		request: (method, target, options) => request(program, agent, method, target, options),
		get: (target, token, options) => request(program, agent, 'GET', target, { token, ...options }),
		post: (target, token, json, options) => request(program, agent, 'POST', target, { token, json, ...options }),
	};
	return program;
}

// Runs statements behind the server's back: [sql, parameters]; an UPDATE has to change one row. On PostgreSQL without parameters.
export function alterStore(sb, statements) {
	const script = 'import sqlite3,sys,json\nd=sqlite3.connect(sys.argv[1],timeout=10)\nfor q,p in json.loads(sys.argv[2]):\n'
		+ ' assert d.execute(q,p).rowcount==1 or not q.startswith("UPDATE")\nd.commit()';
	const done = sb.pg ? spawnSync('psql', ['-q', '-v', 'ON_ERROR_STOP=1', '-d', sb.pg, '-c', statements.map(([sql]) => sql).join(';')])
		: spawnSync('/usr/bin/python3', ['-c', script, path.join(sb.data, 'samtykke.db'), JSON.stringify(statements)]);
	assert.equal(done.status, 0, String(done.stderr));
}

// The first column of each row, as text.
export function readStore(sb, sql) {
	const script = 'import sqlite3,sys\nfor (v, *_) in sqlite3.connect(sys.argv[1],timeout=10).execute(sys.argv[2]): print(v)';
	const done = sb.pg ? spawnSync('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', sb.pg, '-c', sql])
		: spawnSync('/usr/bin/python3', ['-c', script, path.join(sb.data, 'samtykke.db'), sql]);
	assert.equal(done.status, 0, String(done.stderr));
	return String(done.stdout).split('\n').slice(0, -1);
}

async function request(program, agent, method, target, options = {}) {
	const { token, json, body, headers = {}, accept } = options;
	const sent = { ...headers };
	let payload = body;
	if (token)
		sent.Authorization = `Bearer ${token}`;
	if (accept)
		sent.Accept = accept;
	if (json !== undefined) {
		payload = JSON.stringify(json);
		sent['Content-Type'] ??= 'application/json';
	}
	if (payload !== undefined)
		sent['Content-Length'] ??= Buffer.byteLength(payload);
	else if (method === 'POST' || method === 'PUT')
		sent['Content-Length'] ??= 0;
	const { hostname, port } = new URL(program.url);
	return new Promise((resolve, reject) => {
		const r = http.request({ agent, host: hostname, port, method, path: target, headers: sent }, (res) => {
			const chunks = [];
			res.on('data', (c) => chunks.push(c));
			res.on('error', failed);
			res.on('end', () => {
				const text = Buffer.concat(chunks).toString('utf8');
				const answer = { method, target, status: res.statusCode, reason: res.statusMessage, headers: res.headers, text };
				Object.defineProperty(answer, 'json', {
					get() {
						try {
							return JSON.parse(text);
						} catch {
							throw new Error(`no JSON: ${describe(answer)}`);
						}
					},
				});
				resolve(answer);
			});
		});
		const failed = (e) =>
			reject(new Error(`${method} ${target}: ${e.message}; the program is ${program.alive() ? 'alive' : 'dead'}\n${
				program.alive() ? '' : program.stderr().slice(-4000)}`));
		r.on('error', failed);
		r.setTimeout(ANSWER_MS, () => r.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
		if (payload !== undefined)
			r.write(payload);
		r.end();
	});
}

export function describe(res) {
	return `${res.method} ${res.target.slice(0, 200)} -> ${res.status} ${res.headers['content-type'] ?? '-'} ${res.text.slice(0, 1500)}`;
}

export function expectStatus(res, status, why = '') {
	assert.equal(res.status, status, `${why ? why + ': ' : ''}want ${status}: ${describe(res)}`);
	return res;
}

export function expectEmpty(res, status, why = '') {
	expectStatus(res, status, why);
	assert.equal(res.text, '', `${why ? why + ': ' : ''}want an empty body: ${describe(res)}`);
	return res;
}

// A sandbox on a free port with the built-in world. seeds: files, or documents that are written to files. store: a URI, or false
// for SQLite even where the run is on PostgreSQL. apply: a document that is applied once it runs.
export async function startSandbox({ args = [], seeds = [], store = PG, apply, env } = {}) {
	const argv = ['sandbox', '--port', '0'];
	for (const [i, seed] of seeds.entries()) {
		let file = seed;
		if (typeof seed !== 'string') {
			file = path.join(tempDir(), `seed-${i}.json`);
			writeFileSync(file, JSON.stringify(seed));
		}
		argv.push('--seed', file);
	}
	if (store)
		argv.push('--set', `store=${store}`);
	const sb = await startProgram([...argv, ...args], { env });
	const tokens = new Map();
	const cached = async (target) => {
		if (!tokens.has(target))
			tokens.set(target, expectStatus(await sb.get(target), 200).text);
		return tokens.get(target);
	};
	sb.apply = (document) => sb.post('/sandbox/apply', null, document);
	sb.pg = store || null;
	// An organisation's token from the test token generator.
	sb.orgToken = (orgNo, scopes, more = {}) =>
		cached(`/api/GetEnterpriseToken?${new URLSearchParams({ env: 'tt02', scopes, ...(orgNo && { orgNo }), ttl: '90000', ...more })}`);
	sb.personToken = (pid, { scopes = 'altinn:portal/enduser', ...more } = {}) =>
		cached(`/api/GetPersonalToken?${new URLSearchParams({ env: 'tt02', scopes, pid, authLvl: '4', ttl: '90000', ...more })}`);
	// body as POST /sandbox/clock takes it; tokens that were made before are forgotten.
	sb.clock = async (body) => {
		const res = expectStatus(await sb.post('/sandbox/clock', null, body), 200);
		sb.offset = Date.parse(res.json.now) - Date.now();
		tokens.clear();
		return res.json.now;
	};
	// The server's time: ms, s, ISO.
	sb.now = () => Date.now() + sb.offset;
	sb.nowS = () => Math.floor(sb.now() / 1000);
	sb.inDays = (days) => new Date(sb.now() + days * 86400000).toISOString();
	if (apply)
		expectStatus(await sb.apply(apply), 204, 'the world of the tests');
	return sb;
}

// ---- a browser without a screen: cookies, redirects, forms; always: headers of every request ----
export function browser(sb, always = {}) {
	const jar = new Map();
	const b = {
		jar,
		async go(method, target, { body, headers = {} } = {}) {
			for (let hops = 0; hops < 10; hops++) {
				const cookie = [...jar].map(([k, v]) => `${k}=${v}`).join('; ');
				const res = await sb.request(method, target, { body, headers: { ...always, ...headers, ...(cookie && { Cookie: cookie }), Accept: 'text/html' } });
				for (const line of [].concat(res.headers['set-cookie'] ?? [])) {
					const [pair] = line.split(';');
					const at = pair.indexOf('=');
					if (/max-age=0|expires=thu, 01 jan 1970/i.test(line))
						jar.delete(pair.slice(0, at));
					else
						jar.set(pair.slice(0, at), pair.slice(at + 1));
				}
				if (![301, 302, 303, 307].includes(res.status))
					return { ...res, at: target };
				const to = new URL(res.headers.location, new URL(target, sb.url));
				target = to.pathname + to.search;
				method = 'GET';
				body = undefined;
				headers = {};
			}
			throw new Error('too many redirects');
		},
		get: (target) => b.go('GET', target),
		post: (target, form) =>
			b.go('POST', target, {
				body: new URLSearchParams(form).toString(),
				headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Sec-Fetch-Site': 'same-origin' },
			}),
		// Through the test login; ends where the login sends the browser.
		async login(pid, target, level = '4') {
			let page = await b.get(target);
			const link = /<a\b[^>]*href="([^"]*)"[^>]*>\s*TestID Lag din egen/.exec(page.text);
			assert.ok(link, `no link "TestID Lag din egen": ${page.status} ${page.text.slice(0, 800)}`);
			page = await b.get(link[1].replaceAll('&amp;', '&'));
			const form = [...page.text.matchAll(/<form\b([^>]*)>([^]*?)<\/form>/g)].find((f) => f[2].includes('Autentiser'));
			assert.ok(form, `no form with the button "Autentiser": ${page.text.slice(0, 800)}`);
			const fields = { pid, level };
			for (const [input] of form[2].matchAll(/<input\b[^>]*>/g))
				if (/type="hidden"/.test(input))
					fields[/name="([^"]*)"/.exec(input)[1]] = /value="([^"]*)"/.exec(input)[1].replaceAll('&amp;', '&');
			return b.post(/action="([^"]*)"/.exec(form[1])[1], fields);
		},
	};
	return b;
}
