/* The list of an organisation's requests, in the order of their last change. */
#include "altinn2/handlers.h"
#include "altinn2/requests.h"
#include "consent/org_lists.h"
#include "front/front.h"

#define PAGE 100 /* requests of a page, without $top */
#define SKIP_MAX 1000
#define FILTERS_MAX 8 /* comparisons of $filter */

struct filter {
	struct str name;
	struct str value;
};
struct list {
	struct http_req *req;
	const struct pair *query;
	struct altinn2_errors e;
	struct request_query q;
	size_t skip;
	struct str service_code;
	struct str edition;
	struct filter filters[FILTERS_MAX];
	size_t n_filters;
	struct consent **items;
	size_t n;
	struct str next; /* continuation of the next page; absent: this was the last */
};

/* ---- the query ---- */

static struct str param(const struct list *l, const char *name)
{
	return front_param(l->query, name);
}

static void number_read(struct list *l, const char *name, size_t max, size_t *out)
{
	struct str s = param(l, name);
	uint64_t n;
	if (!s.p)
		return;
	if (str_u64(s, &n) != RC_OK || n > max)
		altinn2_error(&l->e, A2_QUERY, "%s must be a whole number of at most %zu", name, max);
	else
		*out = (size_t)n;
}

static void status_add(struct list *l, struct str value)
{
	for (unsigned i = 0; i < REQUEST_STATES; i++)
		if (str_ieq(value, str_of(altinn2_request_status((enum request_state)i)))) {
			l->q.states |= 1u << i;
			return;
		}
	altinn2_error(&l->e, A2_QUERY, "status must be unopened, opened, accepted or rejected");
}

/* status, or status[0], status[1] … */
static void statuses_read(struct list *l)
{
	for (const struct pair *p = l->query; p; p = p->next) {
		struct str name, rest;
		bool indexed = str_cut(p->key, '[', &name, &rest);
		if (str_ieq(indexed ? name : p->key, STR("status")) && p->value.n)
			status_add(l, p->value);
	}
}

static void direction_read(struct list *l)
{
	struct str s = param(l, "direction");
	l->q.incoming = !s.p || str_ieq(s, STR("incoming"));
	l->q.outgoing = !s.p || str_ieq(s, STR("outgoing"));
	if (!l->q.incoming && !l->q.outgoing)
		altinn2_error(&l->e, A2_QUERY, "direction must be incoming or outgoing");
}

static void continuation_read(struct list *l)
{
	struct str s = param(l, "continuation");
	l->q.after = altinn2_mark_read(s, &l->e);
	if (s.p && param(l, "$skip").p)
		altinn2_error(&l->e, A2_QUERY, "$skip and continuation exclude each other");
}

static bool filterable(struct str name)
{
	static const char *const names[] = { "AuthorizationCode", "RequestStatus", "CoveredBy",
					     "HandledBy",         "ServiceCode",   "ServiceEditionCode" };
	for (size_t i = 0; i < LEN(names); i++)
		if (str_ieq(name, str_of(names[i])))
			return true;
	return false;
}

static bool word_take(struct str *s, struct str *out)
{
	*s = str_trim(*s);
	size_t n = 0;
	while (n < s->n && s->p[n] != ' ')
		n++;
	*out = str_span(s->p, n);
	*s = str_span(s->p + n, s->n - n);
	return n > 0;
}

/* NAME eq 'VALUE', or a number without quotes. */
static bool comparison_take(struct str *s, struct filter *out)
{
	struct str op;
	if (!word_take(s, &out->name) || !filterable(out->name) || !word_take(s, &op) || !str_ieq(op, STR("eq")))
		return false;
	*s = str_trim(*s);
	if (!str_starts(*s, STR("'")))
		return word_take(s, &out->value);
	struct str rest = str_span(s->p + 1, s->n - 1);
	return str_cut(rest, '\'', &out->value, s);
}

static void filter_read(struct list *l)
{
	struct str s = param(l, "$filter"), joint;
	bool ok = true;
	while (s.p && ok) {
		ok = l->n_filters < FILTERS_MAX && comparison_take(&s, &l->filters[l->n_filters]);
		l->n_filters += ok;
		s = str_trim(s);
		if (ok && !s.n)
			return;
		ok = ok && word_take(&s, &joint) && str_ieq(joint, STR("and"));
	}
	if (!ok)
		altinn2_error(
			&l->e, A2_QUERY,
			"$filter takes at most %d comparisons NAME eq 'VALUE', joined by and, of AuthorizationCode, "
			"RequestStatus, CoveredBy, HandledBy, ServiceCode and ServiceEditionCode",
			FILTERS_MAX);
}

/* A service whose code and edition are both given is looked for in the store. */
static void service_read(struct list *l)
{
	l->service_code = param(l, "serviceCode");
	l->edition = param(l, "serviceEditionCode");
	if (l->service_code.p && l->edition.p)
		l->q.service = arena_fmt(l->req->arena, "%.*s_%.*s", STR_FMT(l->service_code), STR_FMT(l->edition));
}

static enum rc query_read(struct list *l)
{
	l->q.limit = PAGE;
	number_read(l, "$top", REQUESTS_PAGE_MAX, &l->q.limit);
	number_read(l, "$skip", SKIP_MAX, &l->skip);
	direction_read(l);
	statuses_read(l);
	continuation_read(l);
	filter_read(l);
	service_read(l);
	if (!l->q.limit)
		altinn2_error(&l->e, A2_QUERY, "$top must be at least 1");
	return l->e.n ? RC_INVALID : RC_OK;
}

/* ---- the page ---- */

static bool service_fits(const struct consent *c, struct str code, struct str edition)
{
	for (const struct right *r = c->rights; r; r = r->next) {
		struct str c1, e1;
		if (r->service.p && str_cut(r->service, '_', &c1, &e1) && (!code.p || str_eq(c1, code)) &&
		    (!edition.p || str_eq(e1, edition)))
			return true;
	}
	return false;
}

static bool filter_fits(struct arena *a, const struct consent *c, const struct filter *f)
{
	if (str_ieq(f->name, STR("ServiceCode")))
		return service_fits(c, f->value, STR_NONE);
	if (str_ieq(f->name, STR("ServiceEditionCode")))
		return service_fits(c, STR_NONE, f->value);
	if (str_ieq(f->name, STR("AuthorizationCode")))
		return str_ieq(uuid_str(a, c->id), f->value);
	if (str_ieq(f->name, STR("CoveredBy")))
		return str_eq(c->to.value, f->value);
	if (str_ieq(f->name, STR("HandledBy")))
		return str_eq(c->handled_by.value, f->value);
	return str_ieq(str_of(altinn2_request_status(request_state(c))), f->value);
}

static bool fits(const struct list *l, const struct consent *c)
{
	if ((l->service_code.p || l->edition.p) && !service_fits(c, l->service_code, l->edition))
		return false;
	for (size_t i = 0; i < l->n_filters; i++)
		if (!filter_fits(l->req->arena, c, &l->filters[i]))
			return false;
	return true;
}

/* What a filter leaves out makes the page shorter, so that its cost stays that of a page. */
static enum rc page_load(struct list *l, struct str orgno)
{
	const struct org_caller who = { .consumer = orgno };
	struct request_page page;
	size_t top = l->q.limit;
	if (l->skip)
		l->q.limit = top + l->skip < REQUESTS_PAGE_MAX ? top + l->skip : REQUESTS_PAGE_MAX;
	TRY(consent_requests_of(req_site(l->req)->consents, l->req->arena, &who, &l->q, &page));
	l->items = page.items;
	for (size_t i = 0, skipped = 0; i < page.n; i++)
		if (fits(l, page.items[i]) && skipped++ >= l->skip)
			l->items[l->n++] = page.items[i];
	if (page.more)
		l->next = altinn2_mark_text(l->req->arena, page.end);
	return RC_OK;
}

/* ---- the answer ---- */

static struct str next_uri(const struct list *l, struct str origin)
{
	struct arena *a = l->req->arena;
	struct buf b = BUF(a);
	buf_add(&b, origin);
	buf_lit(&b, "/api/consentRequests?");
	for (const struct pair *p = l->query; p; p = p->next) {
		if (str_ieq(p->key, STR("continuation")) || str_ieq(p->key, STR("$skip")))
			continue;
		buf_url(&b, p->key);
		buf_c(&b, '=');
		buf_url(&b, p->value);
		buf_c(&b, '&');
	}
	buf_lit(&b, "continuation=");
	buf_url(&b, l->next);
	return buf_str(&b);
}

static void list_write(const struct list *l, struct jsw *w, struct str origin, bool hal)
{
	CLEANUP(registry_releasep)
	const struct registry *r = registry_hold(&req_site(l->req)->consents->registry);
	jsw_obj(w);
	if (hal) {
		jsw_key(w, "_links");
		jsw_obj(w);
		altinn2_link_write(w, "self", arena_fmt(w->b->a, "%.*s/api/consentRequests", STR_FMT(origin)));
		if (l->next.p)
			altinn2_link_write(w, "next", next_uri(l, origin));
		jsw_end_obj(w);
	}
	jsw_key(w, "_embedded");
	jsw_obj(w);
	jsw_key(w, "consentRequests");
	jsw_arr(w);
	for (size_t i = 0; i < l->n; i++)
		altinn2_request_write(w, r, origin, l->items[i], hal);
	jsw_end_arr(w);
	jsw_end_obj(w);
	if (l->next.p)
		jsw_kstr(w, "continuationtoken", l->next);
	jsw_end_obj(w);
}

enum rc altinn2_request_list(struct http_req *req, struct http_res *res)
{
	struct list l = { .req = req, .e = { .a = req->arena } };
	struct altinn2_caller who;
	TRY(altinn2_caller_read(req, res, true, &who));
	if (http_query(req, &l.query) != RC_OK)
		altinn2_error(&l.e, A2_QUERY, "The query cannot be read");
	else if (query_read(&l) == RC_OK)
		TRY(page_load(&l, who.own));
	if (l.e.n)
		return altinn2_errors_reply(res, &l.e);
	bool hal = altinn2_accepts(req, "application/hal+json");
	struct jsw w = JSW(&res->body);
	http_reply(res, 200, hal ? HAL_TYPE : PLAIN_TYPE);
	list_write(&l, &w, site_origin(req), hal);
	return RC_OK;
}
