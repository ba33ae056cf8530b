// A consent's life as the specification tells it, small enough to be read at one sitting: what each operation must answer, by the rules
// alone. Knows nothing of HTTP; tests/api/model.test.mjs compares it with a server.
//
// An answer: {ok: status, ...state} or {refused: status, codes: [...]}; codes of validations follow STD-00000 after a colon.

const DAY = 86400;
export const refuse = (status, ...codes) => ({ refused: status, codes });
// One problem answers with its own status, several with 500.
const collected = (problems, status = () => 400) =>
	problems.length === 1 ? refuse(status(problems[0]), problems[0]) : refuse(500, 'STD-00001', ...problems.map((p) => p.split(':')[0]));

// seconds of a resource's longest consent, metadata keys that it wants, whether one use ends it, the login level that it wants
export const RESOURCES = {
	api_plain: {},
	api_meta: { keys: ['aar'], optional: ['merknad'] },
	api_short: { maxValidity: 10 * DAY },
	api_high: { level: 4 },
	model_once: { once: true },
};

export class Model {
	constructor({ registered }) {
		this.now = 0; // s, of the domain's clock
		this.registered = registered; // numbers that the register knows
		this.consents = new Map();
		this.feed = []; // {id, type, to, handledBy} in the order of commits
		this.grants = new Map();
	}

	expired(c) {
		return c.validTo < this.now;
	}

	// For issuers and sources: also what one use has ended.
	over(c) {
		return this.expired(c) || (RESOURCES[c.resource].once && c.uses.length > 0);
	}

	// The level of the login that may answer, and that sees the uses.
	wants(c) {
		return RESOURCES[c.resource].level ?? 3;
	}

	happen(c, type) {
		c.events.push(type);
		this.feed.push({ id: c.id, type, to: c.to, handledBy: c.handledBy });
	}

	stored(c) {
		const { id, from, to, handledBy, delegator, validTo, status, consented, shown } = c;
		return { id, from, to, handledBy, delegator, validTo, status, consented, shown, events: [...c.events] };
	}

	// As requester and person read it: expiry is an event that is derived, at the end. Answers to a change do not have it.
	seen(c) {
		return { ...this.stored(c), events: [...c.events, ...(this.expired(c) ? ['Expired'] : [])] };
	}

	readable(c, org) {
		return c.to === org || c.handledBy === org;
	}

	// by: {org, supplier, may: 'write' or 'org'}
	create({ id, by, from, to, delegator, validTo, resource, metadata, redirectUrl, shown }) {
		let handledBy = by.supplier ?? null;
		if (to !== by.org) {
			if (by.may !== 'org')
				return refuse(403);
			handledBy = by.org;
		}
		for (const [number, code] of [[from, 'AM-00004'], [to, 'AM-00003'], [delegator, 'AM-00004']])
			if (number && !this.registered.has(number))
				return refuse(400, code);
		const { keys = [], optional = [], maxValidity } = RESOURCES[resource], problems = [], faults = [];
		for (const [key, value] of Object.entries(metadata)) {
			if (![...keys, ...optional].includes(key.toLowerCase()))
				problems.push('AM-00006');
			if (!value)
				problems.push('AM-00007');
		}
		for (const key of keys)
			if (!Object.keys(metadata).some((k) => k.toLowerCase() === key))
				problems.push('AM-00008');
		if (validTo < this.now)
			faults.push('AM.VLD-00022');
		else if (maxValidity && validTo > this.now + maxValidity)
			faults.push('SAM.VLD-00001');
		if (!/^[a-z][a-z0-9+.-]*:/i.test(redirectUrl) || /^(javascript|data|file):/.test(redirectUrl))
			faults.push('AM.VLD-00027');
		if (faults.length)
			problems.push(`STD-00000:${faults.join(',')}`);
		if (problems.length)
			return collected(problems);
		const there = this.consents.get(id);
		if (there) // to somebody who may not read it, it is another request
			return there.from === from && there.to === to && this.readable(there, by.org) ? { ok: 200, ...this.stored(there) } : refuse(400, 'AM-00016');
		const c = { id, from, to, handledBy, byOwner: handledBy !== null && to !== by.org, delegator, validTo, resource, shown, status: 'Created', consented: null, events: [], uses: [] };
		this.consents.set(id, c);
		this.happen(c, 'Created');
		return { ok: 201, ...this.seen(c) };
	}

	show({ id, org }) {
		const c = this.consents.get(id);
		if (!c)
			return refuse(404, 'AM-00001');
		return this.readable(c, org) ? { ok: 200, ...this.seen(c) } : refuse(403, 'AM-00000');
	}

	// Whom the request lets in: the person asked, and where a delegator is required nobody but that one.
	asked(c, pid) {
		return c.from === pid && (!c.delegator || c.delegator === pid);
	}

	open({ id, pid }) {
		const c = this.consents.get(id);
		if (!c)
			return refuse(404, 'AM-00001');
		return this.asked(c, pid) ? { ok: 200, ...this.seen(c) } : refuse(403, 'AM-00000');
	}

	answered(c, to, crossing) {
		if (c.status === to)
			return { ok: 200, ...this.stored(c) };
		if (c.status !== 'Created')
			return refuse(400, crossing);
		c.status = to;
		if (to === 'Accepted')
			c.consented = this.now;
		this.happen(c, to);
		return { ok: 200, ...this.stored(c) };
	}

	accept({ id, pid, level }) {
		const c = this.consents.get(id);
		if (!c)
			return refuse(404, 'AM-00001');
		if (!this.asked(c, pid) || level < this.wants(c))
			return refuse(403, 'AM-00000');
		return this.expired(c) ? refuse(400, 'STD-00000:AM.VLD-00022') : this.answered(c, 'Accepted', 'AM-00002');
	}

	reject({ id, pid, level }) {
		const c = this.consents.get(id);
		if (!c)
			return refuse(404, 'AM-00001');
		if (!this.asked(c, pid) || level < this.wants(c))
			return refuse(403, 'AM-00000');
		return this.answered(c, 'Rejected', 'AM-00015');
	}

	// The giver's own, whoever was required to give it, at the level of any login; also after expiry.
	revoke({ id, pid, level }) {
		const c = this.consents.get(id);
		if (!c)
			return refuse(404, 'AM-00001');
		if (c.from !== pid || level < 3)
			return refuse(403);
		if (c.status !== 'Accepted' && c.status !== 'Revoked')
			return refuse(400, 'AM-00010');
		if (c.status === 'Accepted') {
			c.status = 'Revoked';
			this.happen(c, 'Revoked');
		}
		return { ok: 200, ...this.stored(c), events: c.events.filter((type) => type !== 'Used' || level >= this.wants(c)) };
	}

	// Why nobody may have data on it.
	state(c) {
		return [...(this.over(c) ? ['AM-00013'] : []), ...(c.status === 'Revoked' ? ['AM-00011'] : c.status !== 'Accepted' ? ['AM-00014'] : [])];
	}

	// owner: who owns the resources. A report with the reference of an earlier one is that one.
	use({ id, by, owner, resource, reference }) {
		const c = this.consents.get(id);
		if (!c || by !== owner)
			return refuse(403, 'AM-00000');
		if (resource !== c.resource)
			return refuse(400, 'AM-00005');
		if (c.uses.includes(reference))
			return { ok: 200, id, reference };
		if (this.state(c).length)
			return collected(this.state(c));
		c.uses.push(reference);
		this.happen(c, 'Used');
		return { ok: 201, id, reference };
	}

	lookup({ id, from, to }) {
		const c = this.consents.get(id), problems = [];
		if (!c)
			return refuse(404, 'AM-00001');
		const others = [[from, c.from === from, 'AM-00004'], [to, this.readable(c, to), 'AM-00003']];
		for (const [number, , code] of others.some(([, same]) => !same) ? others : [])
			if (!this.registered.has(number))
				return refuse(400, code);
		if (!this.readable(c, to))
			problems.push('AM-00001');
		if (c.from !== from)
			problems.push('AM-00012');
		problems.push(...this.state(c));
		if (problems.length)
			return collected(problems, (code) => (code === 'AM-00001' ? 404 : 400));
		return { ok: 200, id: c.id, from: c.from, to: c.to, handledBy: c.handledBy, validTo: c.validTo, consented: c.consented };
	}

	// by: {org, supplier}: a supplier acts for org with consumer_org; who handles a request gets its token only as the owner that asked.
	token({ grant, id, by, from }) {
		if (this.grants.has(grant) && this.grants.get(grant).spent)
			return this.lookup({ id, from, to: by.org }).ok && this.handlerOk(id, by) ? refuse(400, 'MP-012') : refuse(400, 'MP-303');
		const found = this.lookup({ id, from, to: by.org });
		this.grants.set(grant, { spent: false });
		if (!found.ok || !this.handlerOk(id, by))
			return refuse(400, 'MP-303');
		this.grants.set(grant, { spent: true });
		return { ok: 200, id, from: found.from, to: found.to, validTo: found.validTo, consented: found.consented };
	}

	handlerOk(id, by) {
		const c = this.consents.get(id);
		return c.to === by.org || (c.byOwner && !by.supplier);
	}

	list({ pid }) {
		return { ok: 200, list: [...this.consents.values()].filter((c) => c.from === pid).map((c) => this.seen(c)) };
	}

	count({ pid, status }) {
		return { ok: 200, count: [...this.consents.values()].filter((c) => c.from === pid && c.status === status && c.shown && !this.expired(c)).length };
	}

	events({ org }) {
		return { ok: 200, feed: this.feed.filter((e) => e.to === org || e.handledBy === org).map(({ id, type }) => ({ id, type })) };
	}
}
