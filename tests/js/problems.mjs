// The shapes of refusals (RFC 9457, as the framework that clients know writes them).
import assert from 'node:assert/strict';
import { describe, expectStatus } from './sandbox.mjs';

const RFC = 'https://tools.ietf.org/html/rfc9110#section-';
export const STATUSES = {
	400: [`${RFC}15.5.1`, 'Bad Request'],
	401: [`${RFC}15.5.2`, 'Unauthorized'],
	403: [`${RFC}15.5.4`, 'Forbidden'],
	404: [`${RFC}15.5.5`, 'Not Found'],
	500: [`${RFC}15.6.1`, 'An error occurred while processing your request.'],
};
export const PROBLEMS = {
	'AM-00000': [403, 'Not authorized for consent'],
	'AM-00001': [404, 'Consent not found'],
	'AM-00002': [400, 'Consent have wrong status to be consented'],
	'AM-00003': [400, 'Unknown organization. Could not be found'],
	'AM-00004': [400, 'Unknown person. Could not be found'],
	'AM-00005': [400, 'Invalid consent resource'],
	'AM-00006': [400, 'Invalid consent metadata'],
	'AM-00007': [400, 'Missing metadata value'],
	'AM-00008': [400, 'Missing metadata'],
	'AM-00009': [400, 'Invalid resource combination'],
	'AM-00010': [400, 'Consent cant be revoked.Wrong status'],
	'AM-00011': [400, 'Consent is revoked'],
	'AM-00012': [400, 'The consented party does not match the party requested'],
	'AM-00013': [400, 'Consent is expired'],
	'AM-00014': [400, 'Consent is not accepted'],
	'AM-00015': [400, 'Consent cant be rejected. Wrong status'],
	'AM-00016': [400, 'Consent with id already exist'],
	'STD-00000': [400, 'One or more validation errors occurred.'],
};
export const VALIDATIONS = {
	'STD.VLD-00000': 'The field is required.',
	'AM.VLD-00022': 'The time need to be in the future',
	'AM.VLD-00023': 'The list cant be empty',
	'AM.VLD-00027': 'Redirect URL is not a valid URL',
	'AM.VLD-00051': "'createdAfter' must be earlier than 'createdBefore'.",
	'AM.VLD-00052': 'One or more event types are invalid. Valid values are: rejected, accepted, revoked, deleted, used.',
	'AM.VLD-00053': 'The continuation token is invalid.',
	'SAM.VLD-00001': 'The time is later than the resource allows: at most P10D from now',
	'SAM.VLD-00002': 'The time must lie between the acceptance and now',
	'SAM.VLD-00003': 'No more uses of this consent can be reported',
	'SAM.VLD-00004': 'The texts of the resources are too long for one request',
};

// One problem alone; members: its extension members.
export function expectProblem(res, code, members = {}) {
	const [status, detail] = PROBLEMS[code];
	expectStatus(res, status, code);
	assert.equal(res.headers['content-type'], 'application/problem+json', describe(res));
	const [type, title] = STATUSES[status];
	assert.deepEqual(res.json, { type, title, status, detail, code, ...members }, describe(res));
	const named = Object.keys(res.json);
	assert.deepEqual(named, ['type', 'title', 'status', 'detail', 'code', ...Object.keys(members)], `order of members: ${describe(res)}`);
}

// One STD-00000 with these [code, path] pairs, in this order.
export function expectValidation(res, ...pairs) {
	expectStatus(res, 400);
	assert.equal(res.headers['content-type'], 'application/problem+json', describe(res));
	const body = res.json;
	assert.deepEqual(Object.keys(body), ['type', 'title', 'status', 'detail', 'code', 'validationErrors'], describe(res));
	assert.equal(body.code, 'STD-00000', describe(res));
	assert.equal(body.title, 'Bad Request', describe(res));
	assert.equal(body.detail, 'One or more validation errors occurred.', describe(res));
	assert.deepEqual(body.validationErrors.map((v) => [v.code, ...v.paths]), pairs, describe(res));
	for (const v of body.validationErrors) {
		assert.deepEqual(Object.keys(v), ['code', 'detail', 'paths'], describe(res));
		if (VALIDATIONS[v.code])
			assert.equal(v.detail, VALIDATIONS[v.code], describe(res));
	}
}

// STD-00001 with these, in this order; each a code or [code, extension members].
export function expectSeveral(res, ...wanted) {
	expectStatus(res, 500);
	assert.equal(res.headers['content-type'], 'application/problem+json', describe(res));
	const [type, title] = STATUSES[500];
	const problems = wanted.map((w) => {
		const [code, members] = [].concat(w);
		return { status: PROBLEMS[code][0], detail: PROBLEMS[code][1], code, ...members };
	});
	assert.deepEqual(res.json, { type, title, status: 500, detail: 'Multiple problems occurred.', code: 'STD-00001', problems }, describe(res));
	assert.deepEqual(Object.keys(res.json), ['type', 'title', 'status', 'detail', 'code', 'problems'], describe(res));
}

// The framework's refusal of a body that cannot be read; each path must be among the keys of "errors".
export function expectBinding(res, paths = [], why = '') {
	expectStatus(res, 400, why);
	assert.equal(res.headers['content-type'], 'application/problem+json; charset=utf-8', `${why}: ${describe(res)}`);
	const body = res.json;
	assert.deepEqual(Object.keys(body), ['type', 'title', 'status', 'errors', 'traceId'], `${why}: ${describe(res)}`);
	assert.equal(body.type, STATUSES[400][0]);
	assert.equal(body.title, 'One or more validation errors occurred.');
	assert.equal(body.status, 400);
	assert.match(body.traceId, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
	assert.ok(Object.keys(body.errors).length > 0, `${why}: ${describe(res)}`);
	for (const list of Object.values(body.errors))
		assert.ok(Array.isArray(list) && list.length && list.every((t) => typeof t === 'string' && t), `${why}: ${describe(res)}`);
	for (const p of [].concat(paths))
		assert.ok(p in body.errors, `${why}: no error at ${p}: ${describe(res)}`);
}

// type, title, status, traceId: what the framework says by itself.
export function expectPlain(res, status) {
	expectStatus(res, status);
	const body = res.json;
	assert.deepEqual(Object.keys(body), ['type', 'title', 'status', 'traceId'], describe(res));
	assert.equal(body.status, status);
	assert.equal(body.title, STATUSES[status][1]);
}
