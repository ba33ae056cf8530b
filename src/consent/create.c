#include <assert.h>

#include "base/clock.h"
#include "base/url.h"
#include "consent/draft.h"
#include "consent/internal.h"
#include "registry/policy.h"

enum { P_FROM, P_TO, P_DELEGATOR, P_HANDLER, P__MAX };

static const enum party_type party_roles[P__MAX] = {
	[P_FROM] = PARTY_PERSON,
	[P_TO] = PARTY_ORG,
	[P_DELEGATOR] = PARTY_PERSON,
	[P_HANDLER] = PARTY_ORG,
};

/* One consent request on its way through the rules. */
struct creation {
	struct consent_service *consents;
	struct arena *a;
	const struct draft *draft;
	const struct org_caller *who;
	const struct registry *reg;
	struct problems *p;
	int64_t now;
	bool by_owner;
	struct urn urns[P__MAX];
	struct party *parties[P__MAX];
	struct str template_id;
	bool one_time;
	int64_t max_validity; /* µs; 0 = none */
};

static enum rc deny(const struct creation *k, const char *why)
{
	k->p->why = why;
	return RC_DENIED;
}

static enum rc choose_handler(struct creation *k)
{
	const struct draft *draft = k->draft;
	k->urns[P_FROM] = draft->from;
	k->urns[P_TO] = draft->to;
	k->urns[P_DELEGATOR] = draft->required_delegator;
	bool own = draft->to.kind == URN_ORG && str_eq(draft->to.value, k->who->consumer);
	if (!own && !k->who->has_org_scope)
		return deny(k, "another organisation is the receiver, and the token lacks altinn:consentrequests.org");
	k->by_owner = !own;
	struct str handler = own ? k->who->supplier : k->who->consumer;
	if (handler.p)
		k->urns[P_HANDLER] = (struct urn){ .kind = URN_ORG, .value = handler };
	return RC_OK;
}

static enum rc check_may_request(const struct creation *k)
{
	for (const struct draft_right *r = k->draft->rights; r; r = r->next) {
		if (r->n_resources == 0)
			continue;
		const struct resource *res = registry_resource(k->reg, r->right.resource);
		if (!res)
			return deny(k, "unknown resource");
		if (!policy_allows_request(k->reg, res, k->who->consumer))
			return deny(k, "the resource's policy or access list does not let the organisation ask");
	}
	return RC_OK;
}

/* `to` and the handler must be organisations; the other parties may be people too. */
static bool party_fits(const struct creation *k, int role)
{
	struct urn u = k->urns[role];
	bool must_be_org = party_roles[role] == PARTY_ORG;
	if (k->parties[role])
		return !must_be_org || k->parties[role]->type == PARTY_ORG;
	return k->consents->cfg.auto_register && (u.kind == URN_ORG || (u.kind == URN_PERSON && !must_be_org));
}

static enum rc check_parties(struct creation *k)
{
	TRY(parties_resolve_at(k->consents, k->a, k->urns, P__MAX, k->parties, registry_epoch(k->reg)));
	for (int i = 0; i < P__MAX; i++) {
		if (!k->urns[i].value.p || party_fits(k, i))
			continue;
		struct urn u = k->urns[i];
		if (party_roles[i] == PARTY_ORG && u.kind == URN_PERSON) {
			(void)problems_add(k->p, PROB_UNKNOWN_ORG, urn_str(k->a, u));
			return RC_INVALID;
		}
		return party_unknown(k->p, k->a, u, party_roles[i]);
	}
	return RC_OK;
}

static struct str lower_key(struct arena *a, struct str key)
{
	struct buf b = BUF(a);
	for (size_t i = 0; i < key.n; i++)
		buf_c(&b, key.p[i] >= 'A' && key.p[i] <= 'Z' ? (char)(key.p[i] + ('a' - 'A')) : key.p[i]);
	return buf_str(&b);
}

static bool key_defined(const struct resource *res, struct str key)
{
	for (size_t i = 0; i < res->n_metadata; i++)
		if (str_ieq(res->metadata[i].key, key))
			return true;
	return false;
}

static const struct meta *meta_find(const struct meta *list, const struct meta *end, struct str key)
{
	for (; list != end; list = list->next)
		if (str_ieq(list->key, key))
			return list;
	return NULL;
}

static void check_metadata(struct creation *k, const struct resource *res, const struct right *r, size_t index)
{
	for (const struct meta *m = r->metadata; m; m = m->next) {
		if (!key_defined(res, m->key) || meta_find(r->metadata, m, m->key))
			(void)problems_add(k->p, PROB_METADATA, lower_key(k->a, m->key));
		if (m->value.n == 0)
			problems_add(k->p, PROB_METADATA_VALUE, lower_key(k->a, m->key))->index = index;
	}
	for (size_t i = 0; i < res->n_metadata; i++)
		if (!res->metadata[i].optional && !meta_find(r->metadata, NULL, res->metadata[i].key))
			(void)problems_add(k->p, PROB_METADATA_MISSING, lower_key(k->a, res->metadata[i].key));
}

bool resource_usable(const struct resource *res)
{
	return res && str_ieq(res->type, STR("Consent")) && !str_ieq(res->status, STR("Withdrawn"));
}

static void check_template(struct creation *k, const struct resource *res)
{
	if (!k->template_id.n)
		k->template_id = res->template_id;
	else if (!str_ieq(k->template_id, res->template_id))
		(void)problems_add(k->p, PROB_COMBINATION, STR_NONE);
}

static void check_limits(struct creation *k, const struct resource *res)
{
	k->one_time = k->one_time || res->one_time;
	if (res->max_validity && (!k->max_validity || res->max_validity < k->max_validity))
		k->max_validity = res->max_validity;
}

/* Every rule speaks, and none ends the collecting for its right. The policy has shown that the resource exists. */
static void check_right(struct creation *k, const struct draft_right *r, size_t index)
{
	const struct resource *res = registry_resource(k->reg, r->right.resource);
	if (r->n_resources != 1)
		(void)problems_add(k->p, PROB_RESOURCE, STR_NONE);
	if (!resource_usable(res)) {
		(void)problems_add(k->p, PROB_RESOURCE, STR_NONE);
	} else {
		check_metadata(k, res, &r->right, index);
		check_limits(k, res);
	}
	if (res)
		check_template(k, res);
	if (r->right.n_actions == 0)
		(void)problems_validation(k->p, NULL, VLD_REQUIRED, arena_fmt(k->a, "/consentRight/%zu/action", index));
}

/* The redirect address is on the list of the requester's clients or of its supplier's. */
static enum rc redirect_fits(const struct creation *k, bool *out)
{
	struct str *own = NULL, *supplier = NULL;
	size_t n_own = 0, n_supplier = 0;
	if (k->draft->redirect_checked) {
		*out = redirect_allowed(url_ascii(k->a, k->draft->redirect_url), NULL, 0);
		return RC_OK;
	}
	TRY(registry_redirect_allow(k->reg, k->a, k->who->consumer, &own, &n_own));
	if (k->who->supplier.p)
		TRY(registry_redirect_allow(k->reg, k->a, k->who->supplier, &supplier, &n_supplier));
	struct str *all = arena_array(k->a, struct str, n_own + n_supplier + 1);
	for (size_t i = 0; i < n_own + n_supplier; i++)
		all[i] = i < n_own ? own[i] : supplier[i - n_own];
	*out = redirect_allowed(url_ascii(k->a, k->draft->redirect_url), all, n_own + n_supplier);
	return RC_OK;
}

/* A short key in a long text may stand for a long value many times. */
static bool texts_fit(const struct creation *k)
{
	size_t bytes = 0;
	for (const struct draft_right *r = k->draft->rights; r; r = r->next) {
		const struct resource *res = registry_resource(k->reg, r->right.resource);
		bytes += resource_usable(res) ? agreement_bytes(k->a, &r->right, res) : 0;
	}
	return bytes <= CONSENT_MAX_TEXTS;
}

static struct problem *add_too_late(const struct creation *k, struct problem *v)
{
	bool days = k->max_validity % CLOCK_DAY == 0;
	long long n = k->max_validity / (days ? CLOCK_DAY : CLOCK_SECOND);
	v = problems_validation(k->p, v, VLD_MAX_VALIDITY, STR("ValidTo"));
	v->validations[v->n_validations - 1].limit =
		arena_fmt(k->a, days ? "at most P%lldD from now" : "at most PT%lldS from now", n);
	return v;
}

static enum rc check_request(struct creation *k)
{
	struct problem *v = NULL;
	bool redirect_ok;
	bool live = consent_live(k->draft->valid_to, k->now);
	if (!live)
		v = problems_validation(k->p, v, VLD_FUTURE, STR("ValidTo"));
	if (k->max_validity && live && k->draft->valid_to - k->now > k->max_validity)
		v = add_too_late(k, v);
	if (k->draft->n_rights == 0)
		v = problems_validation(k->p, v, VLD_EMPTY_LIST, STR("Resource"));
	TRY(redirect_fits(k, &redirect_ok));
	if (!redirect_ok)
		v = problems_validation(k->p, v, VLD_REDIRECT, STR("RedirectUrl"));
	if (!texts_fit(k))
		(void)problems_validation(k->p, v, VLD_MAX_TEXTS, STR("Resource"));
	return RC_OK;
}

static enum rc check_content(struct creation *k, const struct consent_template **template_out)
{
	size_t index = 0;
	for (const struct draft_right *r = k->draft->rights; r; r = r->next)
		check_right(k, r, index++);
	assert(index == k->draft->n_rights);
	TRY(check_request(k));
	if (k->p->n)
		return RC_INVALID;
	const struct consent_template *t = registry_template(k->reg, k->template_id);
	if (!t) { /* the page would have no text */
		(void)problems_add(k->p, PROB_RESOURCE, STR_NONE);
		return RC_INVALID;
	}
	*template_out = t;
	return RC_OK;
}

static struct right *stored_rights(const struct creation *k)
{
	struct right *first = NULL, **at = &first;
	for (const struct draft_right *r = k->draft->rights; r; r = r->next) {
		const struct resource *res = registry_resource(k->reg, r->right.resource);
		*at = arena_new(k->a, struct right);
		**at = r->right;
		(*at)->version = arena_fmt(k->a, "%lld", (long long)res->version);
		(*at)->next = NULL;
		at = &(*at)->next;
	}
	return first;
}

static struct uuid party_uuid(const struct creation *k, int role)
{
	return k->parties[role] ? k->parties[role]->uuid : (struct uuid){ { 0 } };
}

static struct consent *creation_row(const struct creation *k, const struct consent_template *t)
{
	const struct draft *draft = k->draft;
	struct consent *c = arena_new(k->a, struct consent);
	char text[CLOCK_TEXT_MAX];
	*c = (struct consent){
		.id = draft->id,
		.from = draft->from,
		.to = draft->to,
		.required_delegator = draft->required_delegator,
		.handled_by = k->urns[P_HANDLER],
		.from_uuid = party_uuid(k, P_FROM),
		.to_uuid = party_uuid(k, P_TO),
		.required_delegator_uuid = party_uuid(k, P_DELEGATOR),
		.handled_by_uuid = party_uuid(k, P_HANDLER),
		.by_owner = k->by_owner,
		.created = k->now,
		.valid_to = draft->valid_to,
		.valid_to_text = arena_str(k->a, clock_text(draft->valid_to, text)),
		.status = ST_CREATED,
		.rights = stored_rights(k),
		.message_json = draft->message_json,
		.redirect_url = draft->redirect_url,
		.view_mode = draft->view_mode,
		.template_id = arena_str(k->a, t->id),
		.template_version = t->version,
		.one_time = k->one_time,
		.origin = draft->origin,
		.keep_session = draft->keep_session,
	};
	struct buf b = BUF(k->a);
	struct jsw w = JSW(&b);
	rights_write(&w, c->rights, RIGHTS_VERSIONS | RIGHTS_SERVICES);
	c->rights_json = buf_str(&b);
	return c;
}

/* A row of this id stands, or may stand. An equal request is answered with it. The time of creation, to the
 * microsecond, tells whether this attempt wrote it. */
static enum rc creation_reread(struct creation *k, enum rc why, struct consent **out, bool *existed_out)
{
	struct problems ignored = PROBLEMS(k->a);
	struct consent *c;
	bool readable;
	enum rc rc = consent_load(k->consents, k->a, k->draft->id, &c, &ignored);
	if (rc == RC_NOT_FOUND)
		return why == RC_CONFLICT ? RC_BUSY : why;
	if (rc != RC_OK) /* the outcome is still unknown, so it is not called a failure */
		return why == RC_UNCERTAIN ? RC_UNCERTAIN : rc;
	TRY(consent_readable(k->consents, k->a, c, k->who->consumer, &readable));
	if (!readable || !uuid_eq(c->from_uuid, party_uuid(k, P_FROM)) || !uuid_eq(c->to_uuid, party_uuid(k, P_TO))) {
		(void)problems_add(k->p, PROB_ID_EXISTS, uuid_str(k->a, k->draft->id));
		return RC_INVALID;
	}
	*existed_out = why != RC_UNCERTAIN || c->created != k->now;
	*out = c;
	return RC_OK;
}

static enum rc creation_write(struct creation *k, struct consent *c, struct consent **out, bool *existed_out)
{
	const struct urn performer = { .kind = URN_ORG, .value = k->who->consumer };
	struct uuid performer_uuid = party_uuid(k, k->by_owner ? P_HANDLER : P_TO);
	struct event e = { .type = EV_CREATED };
	struct basis basis = registry_basis(k->reg);
	enum rc rc = consents_create(k->consents->store, k->a, c, performer, performer_uuid, &basis, &e);
	if (rc == RC_CONFLICT || rc == RC_UNCERTAIN)
		return creation_reread(k, rc, out, existed_out);
	TRY(rc);
	c->events = NULL;
	c->n_events = 0;
	consent_add_event(k->a, c, &e);
	*existed_out = false;
	*out = c;
	return RC_OK;
}

static struct creation creation_of(struct consent_service *consents, struct arena *a, const struct draft *draft,
				   const struct org_caller *who, struct problems *p)
{
	return (struct creation){
		.consents = consents,
		.a = a,
		.draft = draft,
		.who = who,
		.p = p,
		.now = clock_now(),
	};
}

static enum rc check_all(struct creation *k, const struct consent_template **template_out)
{
	TRY(choose_handler(k));
	TRY(check_may_request(k));
	TRY(check_parties(k));
	return check_content(k, template_out);
}

enum rc consent_create(struct consent_service *consents, struct arena *a, const struct draft *draft,
		       const struct org_caller *who, struct consent **out, bool *existed_out, struct problems *p)
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	struct creation k = creation_of(consents, a, draft, who, p);
	const struct consent_template *t = NULL;
	k.reg = reg;
	TRY(check_all(&k, &t));
	TRY(parties_register(consents, a, k.urns, P__MAX, k.parties));
	return creation_write(&k, creation_row(&k, t), out, existed_out);
}

enum rc consent_draft(struct consent_service *consents, struct arena *a, const struct draft *draft,
		      const struct org_caller *who, struct consent **out, struct problems *p)
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	struct creation k = creation_of(consents, a, draft, who, p);
	const struct consent_template *t = NULL;
	k.reg = reg;
	TRY(check_all(&k, &t));
	*out = creation_row(&k, t);
	(*out)->epoch = registry_epoch(reg);
	return RC_OK;
}
