#include "base/clock.h"
#include "consent/import.h"
#include "consent/internal.h"

#define USE_ATTEMPTS 3 /* a guard can lose to an equal report once, and to a withdrawal or the clock once */

/* One report on its way through the rules. */
struct reporting {
	struct consent_service *consents;
	struct arena *a;
	const struct use_report *report;
	const struct org_caller *who;
	struct problems *p;
	int64_t now;
	struct str detail;
	struct str unless;
	bool uncertain; /* an earlier attempt may have been committed */
};

/* ---- the stored text: resource and reference stand first, so that its beginning identifies the use ---- */

static struct str detail_head(struct arena *a, struct str resource, struct str reference)
{
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	jsw_kstr(&w, "resource", resource);
	if (reference.p)
		jsw_kstr(&w, "reference", reference);
	buf_c(&b, ',');
	return buf_str(&b);
}

struct str consent_use_detail(struct arena *a, struct str resource, struct str reference, int64_t time)
{
	char text[CLOCK_TEXT_MAX];
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	jsw_kstr(&w, "resource", resource);
	jsw_kstr(&w, "reference", reference);
	jsw_kstr(&w, "time", clock_text(time, text));
	jsw_end_obj(&w);
	return buf_str(&b);
}

static enum rc use_of(struct arena *a, const struct consent *c, const struct event *e, struct use_event *out)
{
	const struct js *o;
	struct use_event u = { .event = *e, .consent = c->id };
	if (js_parse(a, e->detail, NULL, &o, NULL) != RC_OK || js_member_str(o, "resource", &u.resource) != RC_OK ||
	    js_member_str(o, "time", &u.time_text) != RC_OK)
		return RC_FAIL;
	if (js_member_str(o, "reference", &u.reference) != RC_OK)
		u.reference = STR_NONE;
	*out = u;
	return RC_OK;
}

static const struct event *use_find(const struct consent *c, struct str head)
{
	for (size_t i = 0; i < c->n_events; i++)
		if (c->events[i].type == EV_USED && str_starts(c->events[i].detail, head))
			return &c->events[i];
	return NULL;
}

static size_t uses(const struct consent *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->n_events; i++)
		n += c->events[i].type == EV_USED;
	return n;
}

/* ---- the rules ---- */

static const struct right *right_of(const struct consent *c, struct str resource)
{
	for (const struct right *r = c->rights; r; r = r->next)
		if (str_eq(r->resource, resource))
			return r;
	return NULL;
}

/* The current owner of the resource; of a resource that is gone, its last owner. */
static bool owns(const struct registry *reg, const struct reporting *k, const struct right *r)
{
	const struct resource *res = registry_resource(reg, r->resource);
	if (!res)
		res = registry_resource_at(reg, r->resource, r->version);
	return res && str_eq(res->owner_orgno, k->who->consumer);
}

/* Does the organisation own one of the consent's resources? No other organisation learns that the consent exists. */
static bool is_source(const struct registry *reg, const struct reporting *k, const struct consent *c)
{
	for (const struct right *r = c->rights; r; r = r->next)
		if (owns(reg, k, r))
			return true;
	return false;
}

/* The consent, and its right to the reported resource. RC_DENIED: one answer for a consent that does not exist, one of
 * others, and a resource of others. */
static enum rc consent_find(struct reporting *k, const struct registry *reg, struct consent **out,
			    const struct right **right_out)
{
	struct problems unknown = PROBLEMS(k->a);
	const struct resource *res = registry_resource(reg, k->report->resource);
	enum rc rc = consent_load(k->consents, k->a, k->report->id, out, &unknown);
	if (rc != RC_NOT_FOUND)
		TRY(rc);
	*right_out = rc == RC_OK ? right_of(*out, k->report->resource) : NULL;
	if (k->report->by_receiver && rc == RC_OK) {
		bool readable;
		TRY(consent_readable(k->consents, k->a, *out, k->who->consumer, &readable));
		if (readable)
			return RC_OK;
	}
	bool own = *right_out ? owns(reg, k, *right_out) : res && str_eq(res->owner_orgno, k->who->consumer);
	if (rc == RC_OK && own && is_source(reg, k, *out))
		return RC_OK;
	(void)problems_add(k->p, PROB_NOT_AUTHORIZED, STR_NONE);
	return RC_DENIED;
}

static enum rc check_state(struct reporting *k, const struct consent *c)
{
	bool used = c->one_time && use_find(c, detail_head(k->a, k->report->resource, STR_NONE));
	if (used || !consent_live(c->valid_to, k->now))
		(void)problems_add(k->p, PROB_EXPIRED, STR_NONE);
	if (c->status == ST_REVOKED)
		(void)problems_add(k->p, PROB_REVOKED, STR_NONE);
	else if (c->status != ST_ACCEPTED)
		(void)problems_add(k->p, PROB_NOT_ACCEPTED, STR_NONE);
	return k->p->n ? RC_INVALID : RC_OK;
}

static enum rc check_report(struct reporting *k, const struct consent *c)
{
	struct problem *v = NULL;
	int64_t time = k->report->time, fraction = c->answered % CLOCK_SECOND;
	int64_t first = c->answered - (time % CLOCK_SECOND == 0 ? fraction : 0);
	if (k->report->has_time && (time < first || time > k->now + CONSENT_USE_AHEAD_S * CLOCK_SECOND))
		v = problems_validation(k->p, v, VLD_USE_TIME, STR("Time"));
	if (uses(c) >= CONSENT_MAX_USES)
		v = problems_validation(k->p, v, VLD_MAX_USES, STR("Resource"));
	return v ? RC_INVALID : RC_OK;
}

static enum rc reporter_uuid(struct reporting *k, const struct registry *reg, struct urn owner, struct uuid *out)
{
	struct party *found;
	TRY(parties_resolve_at(k->consents, k->a, &owner, 1, &found, registry_epoch(reg)));
	*out = found ? found->uuid : (struct uuid){ { 0 } };
	return RC_OK;
}

static enum rc use_write(struct reporting *k, const struct registry *reg, const struct consent *c, struct event *out)
{
	struct use u = {
		.id = c->id,
		.now = k->now,
		.performed_by = { .kind = URN_ORG, .value = k->who->consumer },
		.detail = k->detail,
		.unless = k->unless,
		.ends = c->one_time,
		.basis = registry_basis(reg),
	};
	u.n_listed = consent_listed(k->a, reg, c, &u.listed);
	if (c->one_time)
		u.unless = detail_head(k->a, k->report->resource, STR_NONE);
	TRY(reporter_uuid(k, reg, u.performed_by, &u.performed_by_uuid));
	return consents_use(k->consents->store, k->a, &u, out);
}

/* The event of an own attempt whose outcome was unknown. */
static const struct event *use_ours(const struct reporting *k, const struct consent *c)
{
	const struct event *e = k->uncertain ? use_find(c, k->detail) : NULL;
	return e && e->created == k->now ? e : NULL;
}

/* RC_CONFLICT: another report or a withdrawal was first; read it and try again. */
static enum rc use_once(struct reporting *k, struct use_event *out, bool *existed_out)
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&k->consents->registry);
	struct consent *c;
	const struct right *r;
	TRY(consent_find(k, reg, &c, &r));
	if (!r) {
		(void)problems_add(k->p, PROB_RESOURCE, STR_NONE);
		return RC_INVALID;
	}
	const struct event *e = use_ours(k, c);
	*existed_out = !e;
	if (!e && k->unless.p)
		e = use_find(c, k->unless);
	if (e)
		return use_of(k->a, c, e, out);
	if (k->uncertain)
		return RC_UNCERTAIN; /* the earlier commit may still appear */
	TRY(check_state(k, c));
	TRY(check_report(k, c));
	struct event made;
	TRY(use_write(k, reg, c, &made));
	*existed_out = false;
	return use_of(k->a, c, &made, out);
}

enum rc consent_use(struct consent_service *consents, struct arena *a, const struct use_report *report,
		    const struct org_caller *who, struct use_event *out, bool *existed_out, struct problems *p)
{
	struct reporting k = { .consents = consents, .a = a, .report = report, .who = who, .p = p, .now = clock_now() };
	k.detail = consent_use_detail(a, report->resource, report->reference, report->has_time ? report->time : k.now);
	if (report->reference.p)
		k.unless = detail_head(a, report->resource, report->reference);
	for (int i = 0; i < USE_ATTEMPTS; i++) {
		enum rc rc = use_once(&k, out, existed_out);
		if (rc == RC_UNCERTAIN && !k.uncertain)
			k.uncertain = true;
		else if (rc != RC_CONFLICT)
			return consent_outcome(k.uncertain, rc);
	}
	return consent_outcome(k.uncertain, RC_BUSY);
}
