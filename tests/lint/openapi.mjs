// docs/openapi.yaml: well-formed by other people's reading, examples that keep to their schemas, and the same routes, scopes, parameters
// and limits as the tables and headers of the program. One line for each offence.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { METHODS, compiler, resolve } from '../js/openapi.mjs';

const FILE = 'docs/openapi.yaml', SANDBOX = 'Sandbox only';
const offences = [];
const offence = (...words) => offences.push(words.join(' '));

// Also refuses a key that stands twice, which the build's reader would not see.
const validator = new Validator();
const read = await validator.validate(FILE);
if (!read.valid)
	offence(FILE, JSON.stringify(read.errors, null, 1));
const doc = JSON.parse(readFileSync('build/src/api/openapi.json', 'utf8'));
const { check, fault: schemaFault } = compiler(doc);

const routes = execFileSync('build/tests/lint/list_routes', { encoding: 'utf8' }).trim().split('\n').map((line) => {
	const [table, method, pattern, gate, maxBody, ...scopes] = line.split(' ');
	return { sandbox: table === 'sandbox', key: `${method} ${pattern}`, pattern, gate, maxBody: Number(maxBody), scopes: scopes.filter((s) => s !== '-') };
});
const tables = new Map(routes.map((r) => [r.key.toLowerCase(), r]));
const operations = Object.entries(doc.paths).flatMap(([path, item]) =>
	METHODS.filter((m) => item[m]).map((m) => ({ key: `${m.toUpperCase()} ${path}`, path, op: item[m] })));
const described = new Map(operations.map((o) => [o.key.toLowerCase(), o]));

const params = (path) => [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
const same = (a, b) => JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());

// What `security` has to be for a route's check; alternatives are a list.
function securityOf(route, post) {
	const bearer = route.scopes.map((s) => ({ bearer: [s] }));
	switch (route.gate) {
	case '-': return [[]];
	case 'bearer': return [bearer];
	case 'key': {
		const both = bearer.map((s) => ({ apiKey: [], ...s }));
		return [[{ apiKey: [] }, ...both], [{ apiKey: [] }, ...bearer, ...both], [...bearer, ...both]]; /* an owner's token counts alone */
	}
	case 'person': return [[...bearer, post ? { session: [], csrf: [] } : { session: [] }]];
	case 'page': return [[{ session: [] }], [{}, { session: [] }]];
	default: throw new Error(`${route.key}: a check that list_routes.c does not know`);
	}
}

for (const route of routes) {
	const found = described.get(route.key.toLowerCase());
	if (!found) {
		offence(route.key, 'is not described');
		continue;
	}
	const { op, key } = found, body = op.requestBody;
	const wanted = securityOf(route, !key.startsWith('GET'));
	if (!wanted.some((w) => same(w.map((s) => JSON.stringify(s)), (op.security ?? []).map((s) => JSON.stringify(s)))))
		offence(key, 'security is', JSON.stringify(op.security), 'and not', wanted.map((w) => JSON.stringify(w)).join(' or '));
	const inPath = (op.parameters ?? []).map((p) => resolve(doc, p)).filter((p) => p.in === 'path').map((p) => p.name);
	if (!same(inPath.map((p) => p.toLowerCase()), params(route.pattern).map((p) => p.toLowerCase())) || !same(inPath, params(found.path)))
		offence(key, 'parameters of the path are', inPath.join());
	if (body && body['x-max-bytes'] !== route.maxBody)
		offence(key, 'x-max-bytes is', body['x-max-bytes'], 'and not', route.maxBody);
	if (route.sandbox !== op.tags.includes(SANDBOX))
		offence(key, 'only the sandbox\'s routes have the tag', SANDBOX);
	if (op.tags.some((t) => !doc.tags.some((d) => d.name === t)))
		offence(key, 'a tag without a description');
	for (const status of ['414', '431', '500', '503', ...(key.startsWith('GET') ? [] : ['413'])])
		if (!op.responses[status])
			offence(key, status, 'is missing: any route may give it');
}
for (const o of operations)
	if (!tables.has(o.key.toLowerCase()))
		offence(o.key, 'is described, and there is no such route');
const ids = operations.map((o) => o.op.operationId);
for (const id of ids.filter((x, i) => ids.indexOf(x) !== i))
	offence('operationId', id, 'stands twice');

// Every scope that opens a route has words; every schema is used or is of a document that is sent inside another.
const scopes = doc.components.securitySchemes.bearer.flows.clientCredentials.scopes;
const used = new Set(routes.flatMap((r) => r.scopes));
if (!same(used, Object.keys(scopes)))
	offence('scopes of bearer are', Object.keys(scopes).join(), 'and not', [...used].join());
const text = JSON.stringify(doc);
for (const [kind, list] of Object.entries(doc.components))
	for (const name of kind === 'securitySchemes' ? [] : Object.keys(list))
		if (name !== 'GrantClaims' && !text.includes(`"#/components/${kind}/${name}"`))
			offence(`components/${kind}/${name}`, 'is not used');
const version = /version: '([^']+)'/.exec(readFileSync('meson.build', 'utf8'))[1];
if (doc.info.version !== version)
	offence('info.version is', doc.info.version, 'and not', version);

// Maxima with a name are those of the constant; examples keep to the schema that they stand beside; every schema compiles.
const defines = new Map(execFileSync('git', ['grep', '-hE', '^#define [A-Z_0-9]+ [0-9]+', '--', 'src/*.[ch]'], { encoding: 'utf8' })
	.split('\n').filter(Boolean).map((l) => l.split(/\s+/)).map(([, name, value]) => [name, Number(value)]));
const MAXIMA = ['maxLength', 'maxItems', 'maxProperties', 'maximum'];
function faultOf(pointer) {
	const fault = schemaFault(pointer);
	if (fault)
		offence(pointer, fault);
	return fault;
}

function walk(node, at) {
	if (node === null || typeof node !== 'object')
		return;
	if (node['x-limit']) {
		const value = MAXIMA.map((m) => node[m]).find((v) => v !== undefined);
		if (value === undefined || defines.get(node['x-limit']) !== value)
			offence(at, node['x-limit'], 'is', defines.get(node['x-limit']), 'and not', value);
	}
	const fault = node.schema && faultOf(`${at}/schema`);
	for (const [name, e] of fault ? [] : Object.entries((node.schema && node.examples) ?? {})) {
		const wrong = check(`${at}/schema`, resolve(doc, e).value);
		if (wrong)
			offence(`${at}/examples/${name}`, wrong);
	}
	for (const [k, v] of Object.entries(node))
		walk(v, `${at}/${k.replaceAll('~', '~0').replaceAll('/', '~1')}`);
}
walk(doc, '#');
for (const name of Object.keys(doc.components.schemas))
	faultOf(`#/components/schemas/${name}`);

for (const o of offences)
	console.log(o);
process.exit(offences.length ? 1 : 0);
