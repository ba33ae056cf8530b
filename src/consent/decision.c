#include "consent/decision.h"

#include "base/clock.h"
#include "consent/internal.h"
#include "registry/policy.h"

#define STEP 50 /* consents of one read */

static const struct {
	const char *name, *text;
} reasons[DECISION__MAX] = {
	[DECISION_YES] = { "ok", "It is so." },
	[DECISION_NO_CONSENT] = { "no-consent", "No consent of this giver to this organisation stands." },
	[DECISION_NOT_COVERED] = { "not-covered", "No right covers this resource, action and metadata." },
	[DECISION_EXPIRED] = { "consent-expired", "The consent has ended or is used up." },
	[DECISION_REVOKED] = { "revoked", "The giver has withdrawn the consent." },
	[DECISION_WRONG_GIVER] = { "wrong-giver", "The giver is not named, not known, or not the consent's." },
	[DECISION_WRONG_RECIPIENT] = { "wrong-recipient", "The consent was given to another organisation." },
	[DECISION_REFUSED] = { "refused", "The resource's owner does not let this organisation ask." },
};

const char *decision_name(enum decision_reason reason)
{
	return reasons[reason].name;
}

const char *decision_text(enum decision_reason reason)
{
	return reasons[reason].text;
}

/* One question on its way. */
struct asking {
	struct consent_service *consents;
	struct arena *a;
	const struct decision_question *q;
	const struct registry *reg;
	bool own; /* the caller asks about itself */
	struct party *org;
	struct party *giver;
	struct decision *out;
};

static enum rc decide(struct asking *k, enum decision_reason reason)
{
	k->out->reason = reason;
	return RC_OK;
}

static enum rc parties_find(struct asking *k)
{
	const struct urn urns[] = { { .kind = URN_ORG, .value = k->q->orgno }, k->q->from };
	struct party *found[LEN(urns)];
	TRY(parties_resolve_at(k->consents, k->a, urns, LEN(urns), found, registry_epoch(k->reg)));
	k->org = found[0];
	k->giver = found[1];
	return RC_OK;
}

/* ---- may the organisation ask? ---- */

static bool giver_fits(const struct asking *k)
{
	enum urn_kind kind = k->q->from.kind;
	return !k->q->from.value.p || k->giver ||
	       (k->consents->cfg.auto_register && (kind == URN_ORG || kind == URN_PERSON));
}

static enum rc may_ask(struct asking *k, const struct resource *res)
{
	if (!resource_usable(res))
		return decide(k, DECISION_NOT_COVERED);
	if (!policy_allows_request(k->reg, res, k->q->orgno))
		return decide(k, DECISION_REFUSED);
	if (!giver_fits(k))
		return decide(k, DECISION_WRONG_GIVER);
	k->out->one_time = res->one_time;
	k->out->latest_end = res->max_validity ? clock_now() + res->max_validity : 0;
	return decide(k, DECISION_YES);
}

/* ---- does a consent stand? ---- */

static bool metadata_fits(const struct right *r, const struct meta *wanted)
{
	for (const struct meta *w = wanted; w; w = w->next) {
		const struct meta *m = r->metadata;
		while (m && !(str_ieq(m->key, w->key) && str_eq(m->value, w->value)))
			m = m->next;
		if (!m)
			return false;
	}
	return true;
}

static bool right_covers(const struct right *r, const struct decision_question *q)
{
	for (size_t i = 0; i < r->n_actions; i++)
		if (str_ieq(r->actions[i], q->action))
			return str_eq(r->resource, q->resource) && metadata_fits(r, q->metadata);
	return false;
}

static bool names_resource(const struct consent *c, struct str resource)
{
	for (const struct right *r = c->rights; r; r = r->next)
		if (str_eq(r->resource, resource))
			return true;
	return false;
}

static enum decision_reason state_of(const struct asking *k, const struct consent *c)
{
	if (c->status == ST_REVOKED)
		return DECISION_REVOKED;
	if (c->status != ST_ACCEPTED)
		return DECISION_NO_CONSENT;
	if (c->used || !consent_live(consent_end(k->reg, c), clock_now()))
		return DECISION_EXPIRED;
	return DECISION_YES;
}

static enum decision_reason stands(struct asking *k, const struct consent *c)
{
	enum decision_reason reason = state_of(k, c);
	if (reason != DECISION_YES)
		return reason;
	for (const struct right *r = c->rights; r; r = r->next)
		if (right_covers(r, k->q)) {
			k->out->consent = c;
			k->out->right = r;
			k->out->end = consent_end(k->reg, c);
			return DECISION_YES;
		}
	return DECISION_NOT_COVERED;
}

static enum rc one_stands(struct asking *k, struct reader *r)
{
	struct consent *c;
	enum rc rc = consents_get(r, k->a, k->q->consent, false, &c, NULL);
	if (rc == RC_NOT_FOUND)
		return decide(k, DECISION_NO_CONSENT);
	TRY(rc);
	bool to = k->org && uuid_eq(c->to_uuid, k->org->uuid);
	if (k->own ? !to : !names_resource(c, k->q->resource))
		return decide(k, DECISION_NO_CONSENT);
	if (!to)
		return decide(k, DECISION_WRONG_RECIPIENT);
	if (k->q->from.value.p && !(k->giver && uuid_eq(c->from_uuid, k->giver->uuid)))
		return decide(k, DECISION_WRONG_GIVER);
	return decide(k, stands(k, c));
}

/* The newest that covers the question. */
static enum rc any_stands(struct asking *k, struct reader *r)
{
	if (!k->giver)
		return decide(k, DECISION_WRONG_GIVER);
	if (!k->org)
		return decide(k, DECISION_NO_CONSENT);
	struct pair_filter f = { .from = k->giver->uuid, .to = k->org->uuid, .now = clock_now(), .limit = STEP };
	enum decision_reason reason = DECISION_NO_CONSENT;
	struct consent **items;
	size_t n;
	do {
		TRY(consents_between(r, k->a, &f, &items, &n));
		for (size_t i = 0; i < n && reason != DECISION_YES; i++) {
			enum decision_reason found = stands(k, items[i]);
			if (found != DECISION_EXPIRED) /* as if it were not there: the store knows one end alone */
				reason = found;
			f.before = items[i]->key;
		}
	} while (n == STEP && reason != DECISION_YES);
	return decide(k, reason);
}

enum rc consent_decision(struct consent_service *consents, struct arena *a, const struct decision_question *q,
			 const struct org_caller *who, struct decision *out)
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	CLEANUP(reader_closep) struct reader *r = NULL;
	struct asking k = { .consents = consents, .a = a, .q = q, .reg = reg, .out = out };
	const struct resource *res = registry_resource(reg, q->resource);
	*out = (struct decision){ 0 };
	k.own = q->orgno.p && str_eq(q->orgno, who->consumer);
	if (!k.own && !(res && str_eq(res->owner_orgno, who->consumer)))
		return RC_DENIED;
	TRY(parties_find(&k));
	if (str_ieq(q->action, STR(DECISION_ASK)))
		return may_ask(&k, res);
	TRY(reader_open(consents->store, false, &r));
	return uuid_is_nil(q->consent) ? any_stands(&k, r) : one_stands(&k, r);
}
