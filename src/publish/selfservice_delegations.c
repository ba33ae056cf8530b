#include <assert.h>

#include "publish/edit.h"
#include "publish/selfservice.h"

// clang-format off
static const struct edit_member members[] = {
	{ "supplier_org", "supplier", EDIT_IGNORE, NULL },
	{ "scopes",       "scopes",   EDIT_IGNORE, NULL },
	{ "consumer_org", "consumer", EDIT_SAME,   NULL },
	{ NULL, NULL, EDIT_IGNORE, NULL },
};
// clang-format on

struct withdrawal {
	struct str supplier;
	struct str scope; /* absent: all of them */
};

struct count {
	struct str consumer;
	size_t n;
};

static void begin(struct edit *e, struct jsw *w, struct str supplier)
{
	edit_entry_begin(e, w, "delegations");
	jsw_kstr(w, "consumer", e->publisher->orgno);
	jsw_kstr(w, "supplier", supplier);
}

static const char *undelegable(const struct edit *e, const struct js *v)
{
	if (v->type != JS_STRING)
		return "must be a text";
	const struct scope *s = registry_scope(e->registry, v->s);
	if (!s)
		return "no such scope";
	return s->active && s->delegation_source.p ? NULL : "cannot be delegated";
}

/* The scopes that the body names, each once, in `out`, which has room for `limit`. Returns how many. */
static size_t scopes_read(struct edit *e, struct str *out, size_t limit)
{
	const struct js *list = js_get(e->body, "scopes");
	size_t n = 0, i = 0;
	if (!js_is(list, JS_ARRAY) || !list->n)
		edit_fault(e, STR("scopes"), "is required");
	if (js_is(list, JS_ARRAY) && list->n > limit)
		edit_fault(e, STR("scopes"), "has too many entries");
	JS_EACH(v, js_is(list, JS_ARRAY) && list->n <= limit ? list : NULL) {
		const char *why = undelegable(e, v);
		if (why)
			edit_fault(e, arena_fmt(e->a, "scopes[%zu]", i), why);
		else if (!str_in(v->s, out, n))
			out[n++] = v->s;
		i++;
	}
	assert(n <= limit);
	return n;
}

static void count_one(void *ctx, const struct delegation *d)
{
	struct count *x = ctx;
	x->n += str_eq(d->consumer, x->consumer);
}

static void supplier_check(struct edit *e, struct str supplier)
{
	const struct str same[] = { e->publisher->orgno };
	edit_members_check(e, members, same);
	if (!supplier.p)
		edit_fault(e, STR("supplier_org"), "is required");
	else if (!model_orgno_valid(supplier))
		edit_fault(e, STR("supplier_org"), "is no organisation number");
	else if (str_eq(supplier, e->publisher->orgno))
		edit_fault(e, STR("supplier_org"), "is the organisation itself");
}

static enum rc delegate_make(struct edit *e, struct jsw *w)
{
	struct str supplier = edit_text(e, "supplier_org"), scopes[SELF_MAX_NAMED];
	struct count count = { .consumer = e->publisher->orgno };
	supplier_check(e, supplier);
	size_t n = scopes_read(e, scopes, LEN(scopes)), old = 0;
	if (e->publication->faults.n)
		return RC_INVALID;
	const struct delegation *d = registry_delegation(e->registry, e->publisher->orgno, supplier);
	registry_delegations_each(e->registry, count_one, &count);
	if (!d && count.n >= SELF_MAX_SUPPLIERS)
		return edit_conflict(e, "the organisation has as many suppliers as it may");
	for (size_t i = 0; d && i < n; i++)
		old += str_in(scopes[i], d->scopes, d->n_scopes);
	if (d && old == n)
		return RC_OK;
	begin(e, w, supplier);
	jsw_key(w, "scopes");
	jsw_arr(w);
	for (size_t i = 0; d && i < d->n_scopes; i++)
		jsw_str(w, d->scopes[i]);
	for (size_t i = 0; i < n; i++)
		if (!d || !str_in(scopes[i], d->scopes, d->n_scopes))
			jsw_str(w, scopes[i]);
	jsw_end_arr(w);
	if (!d)
		jsw_kstr(w, "created", e->now);
	edit_entry_end(w);
	return RC_OK;
}

static enum rc withdraw_make(struct edit *e, struct jsw *w)
{
	const struct withdrawal *x = e->target;
	const struct delegation *d = registry_delegation(e->registry, e->publisher->orgno, x->supplier);
	if (!d || (x->scope.p && !str_in(x->scope, d->scopes, d->n_scopes)))
		return RC_OK;
	begin(e, w, x->supplier);
	if (!x->scope.p || d->n_scopes == 1) {
		jsw_kz(w, "state", "absent");
		edit_entry_end(w);
		return RC_OK;
	}
	jsw_key(w, "scopes");
	jsw_arr(w);
	for (size_t i = 0; i < d->n_scopes; i++)
		if (!str_eq(d->scopes[i], x->scope))
			jsw_str(w, d->scopes[i]);
	jsw_end_arr(w);
	edit_entry_end(w);
	return RC_OK;
}

enum rc selfservice_delegate(const struct publisher *publisher, const struct js *body, struct publication *p)
{
	struct edit e = { .publisher = publisher, .publication = p, .body = body, .merge = true };
	enum rc rc = edit_run(&e, delegate_make);
	edit_faults_rename(publisher->a, p, members);
	return rc;
}

enum rc selfservice_delegation_withdraw(const struct publisher *publisher, struct str supplier, struct str scope,
					struct publication *p)
{
	struct withdrawal x = { supplier, scope };
	struct edit e = { .publisher = publisher, .publication = p, .target = &x, .merge = true };
	return edit_run(&e, withdraw_make);
}
