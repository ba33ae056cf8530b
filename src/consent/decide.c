#include "base/clock.h"
#include "consent/authority.h"
#include "consent/draft.h"
#include "consent/internal.h"
#include "consent/snapshot.h"

#define DECIDE_ATTEMPTS 3 /* a guard can lose to another answer once, and to the clock once */

static const struct decision {
	enum consent_status to;
	enum problem_code crossing; /* the answer when the table lists no such move */
	bool until_expiry;
	bool by_giver; /* needs a person who may give the consent, at the level of its resources */
} decisions[] = {
	// clang-format off
	{ ST_ACCEPTED, PROB_WRONG_STATUS,  true,  true },
	{ ST_REJECTED, PROB_REJECT_STATUS, false, true },
	{ ST_REVOKED,  PROB_REVOKE_STATUS, false, false },
	// clang-format on
};

static const struct decision *decision_of(enum consent_status to)
{
	for (size_t i = 0; i < LEN(decisions); i++)
		if (decisions[i].to == to)
			return &decisions[i];
	return NULL;
}

static enum rc refuse(struct problems *p)
{
	(void)problems_add(p, PROB_NOT_AUTHORIZED, STR_NONE);
	return RC_DENIED;
}

static enum rc open_request(struct consent_service *consents, struct arena *a, struct uuid id,
			    const struct person_caller *who, bool with_events, struct consent **out, struct problems *p)
{
	struct consent *c;
	TRY(consent_load_at(consents, a, id, with_events, &c, p));
	TRY(consent_may_answer(consents, a, c, who, p));
	*out = c;
	return RC_OK;
}

enum rc consent_may_answer(struct consent_service *consents, struct arena *a, const struct consent *c,
			   const struct person_caller *who, struct problems *p)
{
	struct authority au;
	TRY(authority_load_for(consents, a, who, c, &au));
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	if (!authority_may_answer(&au, reg, c))
		return refuse(p);
	if (!authority_may(&au, ACCESS_READ))
		return RC_DENIED;
	return consent_level_check(reg, who, c, p);
}

enum rc consent_open(struct consent_service *consents, struct arena *a, struct uuid id, const struct person_caller *who,
		     struct consent **out, struct problems *p)
{
	TRY(open_request(consents, a, id, who, true, out, p));
	consent_derive_expired(a, *out);
	return RC_OK;
}

enum rc consent_open_page(struct consent_service *consents, struct arena *a, struct uuid id,
			  const struct person_caller *who, struct consent **out, struct problems *p)
{
	return open_request(consents, a, id, who, false, out, p);
}

void consent_opened(struct consent_service *consents, struct arena *a, struct consent *c)
{
	int64_t now = clock_now();
	if (c->origin == ORIGIN_ALTINN3 || c->opened || c->status != ST_CREATED)
		return;
	if (consents_opened(consents->store, a, c->id, now) == RC_OK)
		c->opened = now;
}

bool consent_orphaned(struct consent_service *consents, struct arena *a, struct uuid id,
		      const struct person_caller *who, struct consent **out)
{
	struct problems ignored = PROBLEMS(a);
	struct consent *c;
	if (consent_details(consents, a, id, who, &c, &ignored) != RC_OK)
		return false;
	*out = c;
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	for (const struct right *r = c->rights; r; r = r->next)
		if (!registry_resource(reg, r->resource))
			return true;
	return false;
}

/* RC_OK: the move is allowed, or was made already (*done_out). */
static enum rc check_move(const struct decision *m, const struct consent *c, int64_t now, bool *done_out,
			  struct problems *p)
{
	if (m->until_expiry && !consent_live(c->valid_to, now)) {
		(void)problems_validation(p, NULL, VLD_FUTURE, STR("ValidTo"));
		return RC_INVALID;
	}
	*done_out = c->status == m->to;
	if (*done_out || lifecycle_check(c->status, m->to) == RC_OK)
		return RC_OK;
	(void)problems_add(p, m->crossing, STR_NONE);
	return RC_INVALID;
}

struct attempt {
	struct consent_service *consents;
	struct arena *a;
	const struct decision *move;
	const struct person_caller *who;
	struct str language;
	struct problems *p;
	bool uncertain; /* an earlier attempt may have been committed */
};

/* Renders the texts that the person saw again, and freezes them. */
static enum rc freeze(const struct attempt *t, const struct registry *reg, const struct consent *c, struct answer *w)
{
	enum lang lang;
	struct consent_view s;
	if (lang_parse_shipped(t->language, &lang) != RC_OK)
		lang = LANG_NB;
	enum rc rc = consent_view_fill(t->consents, t->a, reg, c, lang, &s);
	if (rc == RC_NOT_FOUND)
		(void)problems_add(t->p, PROB_RESOURCE, STR_NONE);
	TRY(rc);
	consent_snapshot_make(t->a, &s, c, t->who, w);
	return RC_OK;
}

size_t consent_listed(struct arena *a, const struct registry *reg, const struct consent *c, const struct str **out)
{
	struct str *list = NULL;
	size_t n = 0, cap = 0;
	for (const struct right *r = c->rights; r; r = r->next) {
		if (!r->service.p && !registry_mapped(reg, r->resource))
			continue;
		arena_room(a, list, n, &cap, 4);
		list[n++] = r->resource;
	}
	*out = list;
	return n;
}

/* The requester sees a person's number only where its own request named that number. */
static struct urn performer(struct arena *a, const struct consent *c, struct uuid party)
{
	if (c->from.kind == URN_PERSON && uuid_eq(c->from_uuid, party))
		return c->from;
	return (struct urn){ .kind = URN_PARTY_UUID, .value = uuid_str(a, party), .uuid = party };
}

static void answer_apply(struct arena *a, struct consent *c, const struct answer *w, const struct event *e)
{
	char text[CLOCK_TEXT_MAX];
	c->status = w->to;
	c->last_event = e->id;
	consent_add_event(a, c, e);
	if (w->to == ST_REVOKED)
		return;
	c->answered = w->now;
	if (w->to != ST_ACCEPTED)
		return;
	c->consented_text = arena_str(a, clock_text(w->now, text));
	c->shown_language = w->language;
	c->shown_sha256 = w->shown_sha256;
}

/* The holdings were read after the registry snapshot. Holdings of a later epoch make the whole decision run again. */
static enum rc check_authority(const struct attempt *t, const struct registry *reg, const struct consent *c)
{
	struct authority au;
	TRY(authority_load(t->consents, t->a, t->who, c->from_uuid, &au));
	if (au.standing.epoch && au.standing.epoch != registry_epoch(reg))
		return RC_STALE;
	if (t->move->by_giver && !authority_may_answer(&au, reg, c))
		return refuse(t->p);
	if (!authority_may(&au, ACCESS_WRITE))
		return RC_DENIED;
	return t->move->by_giver ? consent_level_check(reg, t->who, c, t->p) : RC_OK;
}

/* RC_CONFLICT: another answer was first; read it and try again. */
static enum rc decide_once(struct attempt *t, struct uuid id, struct consent **out)
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&t->consents->registry);
	struct consent *c;
	bool done;
	TRY(consent_load(t->consents, t->a, id, &c, t->p));
	TRY(check_authority(t, reg, c));
	struct answer w = {
		.id = id,
		.to = t->move->to,
		.now = clock_now(),
		.performed_by = performer(t->a, c, t->who->party),
		.performed_by_uuid = t->who->party,
		.to_uuid = c->to_uuid,
		.handled_by_uuid = c->handled_by_uuid,
	};
	if (t->uncertain && lifecycle_check(c->status, w.to) == RC_OK)
		return RC_UNCERTAIN; /* the earlier commit may still appear */
	if (t->uncertain && c->status == w.to) {
		(void)consent_level_hide(reg, t->who, c);
		*out = c;
		return RC_OK;
	}
	TRY(check_move(t->move, c, w.now, &done, t->p));
	if (done) {
		(void)consent_level_hide(reg, t->who, c);
		*out = c;
		return RC_OK;
	}
	if (w.to == ST_ACCEPTED)
		TRY(freeze(t, reg, c, &w));
	w.n_listed = consent_listed(t->a, reg, c, &w.listed);
	struct event e = { 0 };
	w.basis = registry_basis(reg);
	TRY(consents_answer(t->consents->store, t->a, &w, &e));
	answer_apply(t->a, c, &w, &e);
	(void)consent_level_hide(reg, t->who, c);
	*out = c;
	return RC_OK;
}

enum rc consent_decide(struct consent_service *consents, struct arena *a, struct uuid id,
		       const struct person_caller *who, enum consent_status to, struct str language,
		       struct consent **out, struct problems *p)
{
	struct attempt t = {
		.consents = consents, .a = a, .move = decision_of(to), .who = who, .language = language, .p = p
	};
	if (!t.move)
		return RC_INVALID;
	for (int i = 0; i < DECIDE_ATTEMPTS; i++) {
		enum rc rc = decide_once(&t, id, out);
		if (rc == RC_UNCERTAIN && !t.uncertain)
			t.uncertain = true;
		else if (rc != RC_CONFLICT)
			return consent_outcome(t.uncertain, rc);
	}
	return consent_outcome(t.uncertain, RC_BUSY);
}
