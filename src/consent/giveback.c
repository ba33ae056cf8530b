/* What the requester ends: a request that nobody has answered, or a consent that it gives back. */
#include "base/clock.h"
#include "consent/internal.h"

#define GIVE_BACK_ATTEMPTS 3 /* a guard can lose to an answer once, and to a withdrawal once */

struct giving_back {
	struct consent_service *consents;
	struct arena *a;
	const struct org_caller *who;
	struct problems *p;
	bool uncertain; /* an earlier attempt may have been committed */
};

/* The party that ends it, as the row names it. */
static struct uuid ender(const struct giving_back *k, const struct consent *c)
{
	bool handler = c->handled_by.kind == URN_ORG && str_eq(c->handled_by.value, k->who->consumer);
	return handler && c->handled_by.value.p ? c->handled_by_uuid : c->to_uuid;
}

static void apply(struct arena *a, struct consent *c, const struct answer *w, const struct event *e)
{
	c->status = w->to;
	c->last_event = e->id;
	consent_add_event(a, c, e);
}

/* RC_CONFLICT: somebody else was first; read it and try again. */
static enum rc give_back_once(struct giving_back *k, struct uuid id, struct consent **out)
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&k->consents->registry);
	struct consent *c;
	bool readable;
	TRY(consent_load(k->consents, k->a, id, &c, k->p));
	TRY(consent_readable(k->consents, k->a, c, k->who->consumer, &readable));
	if (!readable) {
		(void)problems_add(k->p, PROB_NOT_AUTHORIZED, STR_NONE);
		return RC_DENIED;
	}
	*out = c;
	if (c->status == ST_DELETED || c->status == ST_REVOKED)
		return RC_OK;
	if (c->status == ST_REJECTED) {
		(void)problems_add(k->p, PROB_REJECT_STATUS, STR_NONE);
		return RC_INVALID;
	}
	if (k->uncertain)
		return RC_UNCERTAIN; /* the earlier commit may still appear */
	struct answer w = {
		.id = id,
		.to = c->status == ST_CREATED ? ST_DELETED : ST_REVOKED,
		.now = clock_now(),
		.performed_by = { .kind = URN_ORG, .value = k->who->consumer },
		.performed_by_uuid = ender(k, c),
		.to_uuid = c->to_uuid,
		.handled_by_uuid = c->handled_by_uuid,
	};
	w.n_listed = consent_listed(k->a, reg, c, &w.listed);
	struct event e = { 0 };
	TRY(consents_answer(k->consents->store, k->a, &w, &e));
	apply(k->a, c, &w, &e);
	return RC_OK;
}

enum rc consent_delete(struct consent_service *consents, struct arena *a, struct uuid id, const struct org_caller *who,
		       struct consent **out, struct problems *p)
{
	struct giving_back k = { .consents = consents, .a = a, .who = who, .p = p };
	for (int i = 0; i < GIVE_BACK_ATTEMPTS; i++) {
		enum rc rc = give_back_once(&k, id, out);
		if (rc == RC_UNCERTAIN && !k.uncertain)
			k.uncertain = true;
		else if (rc != RC_CONFLICT)
			return consent_outcome(k.uncertain, rc);
	}
	return consent_outcome(k.uncertain, RC_BUSY);
}
