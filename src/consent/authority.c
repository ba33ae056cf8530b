#include "consent/authority.h"

#include <assert.h>
#include <stdlib.h>

#include "model/roles.h"

#define ACTION_ID "urn:oasis:names:tc:xacml:1.0:action:action-id:"

/* Subjects that can be held for another party. No other subject of a rule makes a person a giver. */
static const struct str countable[] = {
	STR_INIT(ROLE_URN),
	STR_INIT("urn:altinn:external-role:ccr"),
	STR_INIT("urn:altinn:external-role:cra"),
	STR_INIT("urn:altinn:accesspackage"),
};

/* ---- comparing ---- */

static bool cut_prefix(struct str s, struct str prefix, struct str *rest_out)
{
	if (s.n < prefix.n || !str_ieq(str_span(s.p, prefix.n), prefix))
		return false;
	*rest_out = str_span(s.p + prefix.n, s.n - prefix.n);
	return true;
}

static struct str action_name(struct str action)
{
	struct str name;
	return cut_prefix(action, STR(ACTION_ID), &name) ? name : action;
}

static bool action_eq(struct str a, struct str b)
{
	return str_ieq(action_name(a), action_name(b));
}

/* ---- holdings ---- */

enum power { MANAGES, ANSWERS_ALL };

static bool holds_role_that(const struct authority *au, enum power power)
{
	for (const struct held *h = au->standing.held; h; h = h->next) {
		const struct role *role = str_is(h->kind, "role") ? role_find(h->value) : NULL;
		if (role && (power == MANAGES ? role->manager : role->answers_all))
			return true;
	}
	return false;
}

static bool holds_right(const struct authority *au, struct str resource, struct str action)
{
	for (const struct held *h = au->standing.held; h; h = h->next) {
		struct str id, rest;
		if (str_is(h->kind, "right") && str_cut(h->value, '/', &id, &rest) && str_eq(id, resource) &&
		    action_eq(rest, action))
			return true;
	}
	return false;
}

static bool holds_subject(const struct authority *au, struct str subject)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct str rest;
	bool counts = false;
	for (size_t i = 0; i < LEN(countable); i++)
		counts = counts || cut_prefix(subject, countable[i], &rest);
	if (!counts)
		return false;
	if (au->is_own_party && str_ieq(subject, STR(ROLE_URN "priv")))
		return true;
	struct str held = role_canonical(&a, subject); /* as the store has it */
	for (const struct held *h = au->standing.held; h; h = h->next)
		if (!str_is(h->kind, "right") && str_ieq(h->value, held))
			return true;
	return false;
}

static bool holds_all(const struct authority *au, const struct str *subjects)
{
	if (!subjects->p)
		return false; /* an empty alternative would admit everybody */
	for (; subjects->p; subjects++)
		if (!holds_subject(au, *subjects))
			return false;
	return true;
}

/* ---- asking ---- */

static bool rule_grants(const struct authority *au, const struct policy_rule *rule, struct str action)
{
	bool named = false;
	for (size_t i = 0; i < rule->n_actions; i++)
		named = named || action_eq(rule->actions[i], action);
	for (size_t i = 0; named && i < rule->n_subjects; i++)
		if (holds_all(au, rule->subjects[i]))
			return true;
	return false;
}

static bool list_lets(const struct authority *au, const struct registry *reg, const struct resource *res,
		      struct str action)
{
	if (!res->access_list_enabled || au->standing.type != PARTY_ORG)
		return true;
	return registry_listed_for(reg, res, action_name(action), au->standing.ident);
}

static bool action_held(const struct authority *au, const struct resource *res, struct str action)
{
	if (au->standing.type == PARTY_ORG && holds_role_that(au, ANSWERS_ALL))
		return true;
	if (holds_right(au, res->identifier, action))
		return true;
	for (size_t i = 0; i < res->policy.n_rules; i++)
		if (rule_grants(au, &res->policy.rules[i], action))
			return true;
	return false;
}

/* The current policy decides, not the one of the version that the consent names. */
static const struct resource *resource_of(const struct registry *reg, const struct right *r)
{
	const struct resource *res = registry_resource(reg, r->resource);
	return res ? res : registry_resource_at(reg, r->resource, r->version);
}

static bool right_held(const struct authority *au, const struct registry *reg, const struct right *r)
{
	const struct resource *res = resource_of(reg, r);
	if (!res || str_ieq(res->type, STR("MaskinportenSchema")))
		return false;
	for (size_t i = 0; i < r->n_actions; i++)
		if (!list_lets(au, reg, res, r->actions[i]) || !action_held(au, res, r->actions[i]))
			return false;
	return r->n_actions > 0;
}

bool authority_may_answer(const struct authority *au, const struct registry *reg, const struct consent *c)
{
	if (c->required_delegator.value.p && !uuid_eq(c->required_delegator_uuid, au->person))
		return false;
	if (!au->standing.party_known || !au->standing.is_person)
		return false;
	for (const struct right *r = c->rights; r; r = r->next)
		if (!right_held(au, reg, r))
			return false;
	return c->rights != NULL;
}

bool authority_may(const struct authority *au, enum party_access access)
{
	static const struct str actions[] = { [ACCESS_READ] = STR_INIT("read"), [ACCESS_WRITE] = STR_INIT("write") };
	assert((unsigned)access < LEN(actions));
	if (!au->standing.party_known || !au->standing.is_person || au->level < AUTHORITY_LEVEL)
		return false;
	if (au->is_own_party || (au->standing.type == PARTY_ORG && holds_role_that(au, MANAGES)))
		return true;
	return holds_right(au, STR("altinn_access_management"), actions[access]);
}

int64_t authority_level(const struct registry *reg, const struct consent *c)
{
	int64_t level = 0;
	for (const struct right *r = c->rights; r; r = r->next) {
		const struct resource *res = resource_of(reg, r);
		if (res && res->policy.min_level > level)
			level = res->policy.min_level;
	}
	return level;
}

int64_t authority_level_missing(const struct registry *reg, const struct person_caller *who, const struct consent *c)
{
	int64_t need = authority_level(reg, c);
	return who->level < need ? need : 0;
}

/* epoch: recently read standings of it count; 0 = none do. */
static enum rc standing_read(struct consent_service *consents, struct arena *a, struct uuid person, struct uuid party,
			     int64_t epoch, struct standing *out)
{
	if (standing_cache_get(consents->standings, a, person, party, epoch, out))
		return RC_OK;
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, false, &r));
	TRY(authority_of(r, a, person, party, out));
	standing_cache_put(consents->standings, person, party, out);
	return RC_OK;
}

static enum rc load_at(struct consent_service *consents, struct arena *a, const struct person_caller *who,
		       struct uuid party, int64_t epoch, struct authority *out)
{
	*out = (struct authority){ .person = who->party, .level = who->level };
	if (uuid_is_nil(who->party) || uuid_is_nil(party))
		return RC_OK;
	TRY(standing_read(consents, a, who->party, party, epoch, &out->standing));
	out->is_own_party = out->standing.is_person && uuid_eq(who->party, party);
	return RC_OK;
}

enum rc authority_load(struct consent_service *consents, struct arena *a, const struct person_caller *who,
		       struct uuid party, struct authority *out)
{
	return load_at(consents, a, who, party, 0, out);
}

enum rc authority_load_for(struct consent_service *consents, struct arena *a, const struct person_caller *who,
			   const struct consent *c, struct authority *out)
{
	return load_at(consents, a, who, c->from_uuid, c->epoch, out);
}

enum rc authority_access(struct consent_service *consents, struct arena *a, const struct person_caller *who,
			 struct uuid party, enum party_access access)
{
	struct authority au;
	TRY(authority_load(consents, a, who, party, &au));
	return authority_may(&au, access) ? RC_OK : RC_DENIED;
}

enum rc authority_consent(struct consent_service *consents, struct arena *a, const struct person_caller *who,
			  const struct consent *c)
{
	struct authority au;
	TRY(authority_load(consents, a, who, c->from_uuid, &au));
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	return authority_may_answer(&au, reg, c) ? RC_OK : RC_DENIED;
}

/* ---- the parties a person acts for ---- */

static int by_name(const void *a, const void *b)
{
	const struct party *x = *(struct party *const *)a, *y = *(struct party *const *)b;
	int order = str_cmp(x->name, y->name);
	return order ? order : (x->key > y->key) - (x->key < y->key);
}

enum rc authority_parties(struct consent_service *consents, struct arena *a, const struct person_caller *who,
			  struct party **out[], size_t *n_out)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	size_t n = 0, n_list = 1;
	TRY(reader_open(consents->store, true, &r));
	struct party **list = arena_array(a, struct party *, AUTHORITY_MAX_PARTIES + 1);
	TRY(parties_by_uuid(r, a, &who->party, 1, list, NULL));
	if (!list[0] || list[0]->type != PARTY_PERSON || who->level < AUTHORITY_LEVEL)
		return RC_DENIED;
	TRY(parties_represented(r, a, who->party, AUTHORITY_MAX_PARTIES, list + 1, &n));
	for (size_t i = 1; i <= n; i++)
		if (!uuid_eq(list[i]->uuid, who->party))
			list[n_list++] = list[i];
	qsort(list + 1, n_list - 1, sizeof *list, by_name);
	*out = list;
	*n_out = n_list < AUTHORITY_MAX_PARTIES ? n_list : AUTHORITY_MAX_PARTIES;
	return RC_OK;
}
