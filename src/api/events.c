#include "api/internal.h"

#include <assert.h>

#include "base/b64.h"
#include "base/clock.h"

#define EVENTS_PATH API_PREFIX "/enterprise/consentrequests/events"
#define EVENT_TYPES_MAX 16 /* values of eventType in one query */
#define EVENTS_WAIT_MAX_S 60
#define LAG_POLL (1 * CLOCK_SECOND) /* a waiting request reads again so often while events are held back */
#define TOKEN_HEADER "X-Continuation-Token"
#define DATE_ONLY 10 /* yyyy-MM-dd */

struct event_query {
	struct http_req *req;
	struct binder *b;
	const struct pair *query;
	struct feed feed;
	struct str token;
	bool after_given;
	bool before_given;
	int64_t created_after;
	int64_t created_before;
	struct str types[EVENT_TYPES_MAX];
	size_t n_types;
	int64_t wait_s;
};

/* ---- reading ---- */

/* The only value of a parameter. Absent: the parameter is missing, empty or repeated. */
static struct str param_single(struct event_query *q, const char *name)
{
	struct str found = STR_NONE;
	size_t n = 0;
	for (const struct pair *p = q->query; p; p = p->next) {
		if (!str_ieq(p->key, str_of(name)))
			continue;
		found = p->value;
		n++;
	}
	if (n > 1)
		bind_fail(q->b, str_of(name), "The parameter may be there only once.");
	return n == 1 && found.n ? found : STR_NONE;
}

static bool time_bind(struct event_query *q, const char *name, int64_t *out)
{
	struct str text = param_single(q, name);
	if (!text.p)
		return false;
	if (text.n == DATE_ONLY)
		text = arena_fmt(q->req->arena, "%.*sT00:00:00Z", STR_FMT(text));
	if (clock_parse_date(text, out) == RC_OK)
		return true;
	bind_fail(q->b, str_of(name), "The value is not a valid date-time.");
	return false;
}

static void consent_bind(struct event_query *q)
{
	struct str text = param_single(q, "consentRequestId");
	if (text.p && uuid_parse(text, &q->feed.consent) != RC_OK)
		bind_fail(q->b, STR("consentRequestId"), "The value is not a valid GUID.");
}

static void wait_bind(struct event_query *q)
{
	struct str text = param_single(q, "wait");
	uint64_t s = 0;
	if (!text.p)
		return;
	if (str_u64(text, &s) == RC_OK && s >= 1 && s <= EVENTS_WAIT_MAX_S)
		q->wait_s = (int64_t)s;
	else
		bind_fail(q->b, STR("wait"), "The value must be a number of seconds from 1 to 60.");
}

static void types_bind(struct event_query *q)
{
	for (const struct pair *p = q->query; p; p = p->next) {
		if (!str_ieq(p->key, STR("eventType")))
			continue;
		if (q->n_types == EVENT_TYPES_MAX) {
			bind_fail(q->b, STR("eventType"), "There are too many values.");
			return;
		}
		q->types[q->n_types++] = p->value;
	}
}

static enum rc query_bind(struct http_req *req, struct event_query *out)
{
	struct event_query q = { .req = req, .b = binder_new(req->arena) };
	if (http_query(req, &q.query) != RC_OK) {
		bind_fail(q.b, STR("$QUERY"), "The query is not well formed, or has too many parameters.");
	} else {
		q.token = param_single(&q, "continuationToken");
		q.after_given = time_bind(&q, "createdAfter", &q.created_after);
		q.before_given = time_bind(&q, "createdBefore", &q.created_before);
		types_bind(&q);
		consent_bind(&q);
		wait_bind(&q);
	}
	*out = q;
	return q.b->n ? RC_INVALID : RC_OK;
}

/* ---- checking ---- */

/* The bytes of a GUID in .NET's order: its first three fields are little-endian. Its own inverse. */
static struct uuid swapped(struct uuid u)
{
	static const uint8_t order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	struct uuid v;
	for (size_t i = 0; i < sizeof order; i++)
		v.b[i] = u.b[order[i]];
	return v;
}

static struct str token_text(struct arena *a, struct uuid cursor)
{
	struct uuid v = swapped(cursor);
	return b64(a, uuid_bytes(&v));
}

static bool token_read(struct event_query *q)
{
	struct uuid v;
	struct str bytes;
	if (!q->token.p)
		return true;
	if (b64_decode(q->req->arena, q->token, &bytes) != RC_OK || bytes.n != sizeof v.b)
		return false;
	memcpy(v.b, bytes.p, sizeof v.b);
	q->feed.after = swapped(v);
	return true;
}

static bool types_read(struct event_query *q)
{
	static const enum event_type legal[] = { EV_REJECTED, EV_ACCEPTED, EV_REVOKED, EV_DELETED, EV_USED };
	assert(q->n_types <= EVENT_TYPES_MAX);
	for (size_t i = 0; i < q->n_types; i++) {
		size_t at = 0;
		while (at < LEN(legal) && !str_ieq(q->types[i], str_of(event_name(legal[at]))))
			at++;
		if (at == LEN(legal))
			return false;
		q->feed.types |= 1u << legal[at];
	}
	return true;
}

static enum rc query_check(struct event_query *q, struct problems *p)
{
	struct problem *v = NULL;
	if (q->after_given && q->before_given && q->created_after >= q->created_before)
		v = problems_validation(p, v, VLD_DATE_RANGE, STR("$QUERY/createdAfter"));
	if (!types_read(q))
		v = problems_validation(p, v, VLD_EVENT_TYPE, STR("$QUERY/eventType"));
	if (!token_read(q))
		v = problems_validation(p, v, VLD_CONTINUATION, STR("$QUERY/continuationToken"));
	q->feed.created_from = q->created_after;
	/* For the store 0 means "no bound". -1 bounds the same events: none is that old. */
	q->feed.created_until = q->before_given && q->created_before == 0 ? -1 : q->created_before;
	return v ? RC_INVALID : RC_OK;
}

/* ---- the answer ---- */

static void link_part(struct buf *b, const char *name, struct str value)
{
	buf_c(b, '&');
	buf_z(b, name);
	buf_c(b, '=');
	buf_url(b, value);
}

/* UTC with seven decimals, as the framework of Altinn's APIs prints it. */
static void link_time(struct buf *b, const char *name, bool given, int64_t us)
{
	char text[CLOCK_TEXT_MAX];
	if (!given)
		return;
	int64_t part = (us % CLOCK_SECOND + CLOCK_SECOND) % CLOCK_SECOND;
	struct str whole = clock_text(us - part, text);
	link_part(b, name, arena_fmt(b->a, "%.19s.%06d0+00:00", whole.p, (int)part));
}

static struct str next_link(const struct event_query *q, struct uuid cursor)
{
	struct arena *a = q->req->arena;
	struct buf b = BUF(a);
	buf_add(&b, api_origin(q->req));
	buf_lit(&b, EVENTS_PATH "?continuationToken=");
	buf_url(&b, token_text(a, cursor));
	link_time(&b, "createdAfter", q->after_given, q->created_after);
	link_time(&b, "createdBefore", q->before_given, q->created_before);
	for (size_t i = 0; i < q->n_types; i++)
		link_part(&b, "eventType", q->types[i]);
	if (!uuid_is_nil(q->feed.consent))
		link_part(&b, "consentRequestId", uuid_str(a, q->feed.consent));
	if (q->wait_s)
		link_part(&b, "wait", arena_fmt(a, "%d", (int)q->wait_s));
	return buf_str(&b);
}

static void event_write(struct jsw *w, const struct feed_event *e)
{
	char id[UUID_TEXT], when[CLOCK_TEXT_MAX];
	jsw_obj(w);
	jsw_kstr(w, "consentRequestId", uuid_text(e->consent, id));
	jsw_kz(w, "eventType", event_name(e->event.type));
	jsw_kstr(w, "changedDate", clock_text(e->event.created, when));
	jsw_end_obj(w);
}

static void page_reply(const struct event_query *q, struct http_res *res, const struct event_page *page)
{
	struct jsw w = JSW(&res->body);
	http_reply(res, 200, JSON_TYPE);
	if (!uuid_is_nil(page->cursor))
		http_set_header(res, TOKEN_HEADER, token_text(q->req->arena, page->cursor));
	jsw_obj(&w);
	jsw_key(&w, "links");
	jsw_obj(&w);
	jsw_kstr(&w, "next", page->more ? next_link(q, page->cursor) : STR_NONE);
	jsw_end_obj(&w);
	jsw_key(&w, "data");
	jsw_arr(&w);
	for (size_t i = 0; i < page->n; i++)
		event_write(&w, &page->items[i]);
	jsw_end_arr(&w);
	jsw_end_obj(&w);
}

/* Sets the request aside when the page is empty and the query allows waiting. false: answer now. */
static bool wait_for_more(const struct event_query *q, struct http_res *res, const struct event_page *page)
{
	assert(q->wait_s >= 0 && q->wait_s <= EVENTS_WAIT_MAX_S);
	int64_t now = clock_mono(), until = q->req->arrived_us + q->wait_s * CLOCK_SECOND;
	if (page->n || page->more || q->req->wait_over || now >= until)
		return false;
	if (req_api(q->req)->consents->cfg.events_lag_s && now + LAG_POLL < until)
		until = now + LAG_POLL;
	http_wait(res, page->receiver, page->receiver, until);
	return true;
}

enum rc api_events(struct http_req *req, struct http_res *res)
{
	struct problems p = PROBLEMS(req->arena);
	const struct org_caller *org;
	struct event_page page;
	struct event_query q;
	enum rc rc = query_bind(req, &q);
	TRY(front_bound(req, res, q.b, rc));
	TRY(front_org(req, res, &org));
	rc = query_check(&q, &p);
	if (rc == RC_OK)
		rc = consent_events(req_api(req)->consents, req->arena, &q.feed, org, &page, &p);
	TRY(api_refused(res, rc, &p));
	if (!wait_for_more(&q, res, &page))
		page_reply(&q, res, &page);
	return RC_OK;
}
