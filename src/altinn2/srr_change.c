#include "altinn2/answer.h"
#include "altinn2/caller.h"
#include "altinn2/internal.h"
#include "altinn2/srr.h"
#include "base/clock.h"
#include "publish/edit.h"

struct target {
	enum srr_change change;
	struct srr_rule *rules;
	size_t n;
};

/* The first rule that takes part for the organisation, or for any one (absent), among the first n. */
static const struct srr_rule *find(const struct target *t, size_t n, struct str service, struct str orgno)
{
	for (size_t i = 0; i < n; i++) {
		const struct srr_rule *r = &t->rules[i];
		if (r->result == SRR_OK && str_eq(r->service, service) && (!orgno.p || str_eq(r->entry.orgno, orgno)))
			return r;
	}
	return NULL;
}

static enum rc rules_check(struct edit *e, const struct target *t)
{
	for (size_t i = 0; i < t->n; i++) {
		struct srr_rule *rule = &t->rules[i];
		if (rule->result == SRR_NUMBER || rule->result == SRR_EXPIRED)
			continue;
		const struct altinn2_service *s =
			altinn2_service_owned(e->registry, rule->service, e->publisher->orgno);
		if (!s)
			return edit_denied(e, "no service of this owner");
		bool there = altinn2_srr_any(s, rule->entry.orgno) || find(t, i, rule->service, rule->entry.orgno);
		if (t->change == SRR_ADD)
			rule->result = there ? SRR_EXISTS : SRR_OK;
		else
			rule->result = there ? SRR_OK : SRR_NOT_FOUND;
	}
	return RC_OK;
}

static void entry_write(struct jsw *w, const struct srr_entry *e)
{
	char text[CLOCK_TEXT_MAX];
	jsw_obj(w);
	jsw_kstr(w, "orgno", e->orgno);
	jsw_kstrs(w, "allowedRedirectDomains", e->domains, e->n_domains);
	if (e->handled_by.p)
		jsw_kstr(w, "handledBy", e->handled_by);
	jsw_kbool(w, "keepSessionAlive", e->keep_session);
	if (e->valid_to)
		jsw_kstr(w, "validTo", clock_text(e->valid_to, text));
	jsw_end_obj(w);
}

/* The service with its new list. */
static void service_write(struct jsw *w, const struct target *t, const struct altinn2_service *s)
{
	jsw_obj(w);
	jsw_kstr(w, "serviceCode", s->code);
	jsw_ki64(w, "serviceEditionCode", s->edition);
	jsw_key(w, "srr");
	jsw_arr(w);
	for (size_t i = 0; i < s->n_srr; i++) {
		const struct srr_rule *rule = find(t, t->n, s->id, s->srr[i].orgno);
		if (!rule)
			entry_write(w, &s->srr[i]);
		else if (t->change != SRR_REMOVE)
			entry_write(w, &rule->entry);
	}
	for (size_t i = 0; t->change == SRR_ADD && i < t->n; i++)
		if (t->rules[i].result == SRR_OK && str_eq(t->rules[i].service, s->id))
			entry_write(w, &t->rules[i].entry);
	jsw_end_arr(w);
	jsw_end_obj(w);
}

/* An edit_fn. */
static enum rc lists_make(struct edit *e, struct jsw *w)
{
	const struct target *t = e->target;
	TRY(rules_check(e, t));
	e->budget = BUDGET_SELF;
	e->entry_path = e->body_path = STR("altinn2");
	jsw_key(w, "altinn2");
	jsw_obj(w);
	jsw_key(w, "services");
	jsw_arr(w);
	for (size_t i = 0; i < t->n; i++)
		if (t->rules[i].result == SRR_OK && !find(t, i, t->rules[i].service, STR_NONE))
			service_write(w, t, altinn2_service(e->registry, t->rules[i].service));
	jsw_end_arr(w);
	jsw_end_obj(w);
	return RC_OK;
}

static enum rc refusal(struct http_res *res, struct arena *a, const struct publication *p)
{
	struct altinn2_errors e = { .a = a };
	if (p->faults.n)
		altinn2_error(&e, A2_FIELD, "%.*s", STR_FMT(str_trim(p->faults)));
	else
		altinn2_error(&e, A2_REFUSED, "%s", p->why);
	return altinn2_errors_reply(res, &e);
}

enum rc srr_change(struct http_req *req, struct http_res *res, struct str owner, enum srr_change change,
		   struct srr_rule rules[], size_t n)
{
	const struct target t = { change, rules, n };
	const struct publisher publisher = { .registry = &req_site(req)->consents->registry,
					     .a = req->arena,
					     .orgno = owner,
					     .pace = req_altinn2(req)->services.pace,
					     .in_turn = req->in_turn };
	struct publication p;
	struct edit e = { .publisher = &publisher, .publication = &p, .target = &t, .merge = true };
	if (n == 0)
		return RC_OK;
	enum rc rc = edit_run(&e, lists_make);
	if (rc == RC_DENIED)
		return altinn2_not_owner(res);
	if (rc == RC_INVALID || rc == RC_CONFLICT)
		return refusal(res, req->arena, &p);
	if (rc == RC_BUSY && p.wait_s) {
		http_set_header(res, "Retry-After", arena_fmt(req->arena, "%lld", (long long)p.wait_s));
		return altinn2_refuse(res, 429, "Too many changes at once. Try again.",
				      "too many changes of the registry");
	}
	TRY(rc);
	for (size_t i = 0; i < n; i++)
		if (rules[i].result == SRR_OK)
			http_did(res, "selfservice.changed", KV("what", STR("srr")), KV("id", rules[i].service),
				 KV("by", owner));
	return RC_OK;
}
