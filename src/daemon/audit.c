#include "daemon/audit.h"

#include <assert.h>
#include <stdio.h>

#include "gate/gate.h"

#define WHO_MAX 64
#define PAIRS_MAX (HTTP_MAX_FACTS + 10)

/* A line under way: pairs, and memory for the name of the caller. */
struct line {
	struct kv pairs[PAIRS_MAX + 1];
	size_t n;
	char who[WHO_MAX];
};

static void add(struct line *l, struct kv pair)
{
	assert(l->n < PAIRS_MAX);
	l->pairs[l->n++] = pair;
}

static void add_given(struct line *l, const char *key, struct str value)
{
	if (value.p)
		add(l, kv_str(key, value));
}

static struct str caller_name(struct line *l, const struct caller *c)
{
	char uuid[UUID_TEXT];
	int n;
	if (!c || (c->kind == CALLER_ORG && !c->org.consumer.p))
		return STR_NONE;
	if (c->kind == CALLER_ORG) {
		n = snprintf(l->who, sizeof l->who, "org:%.*s", STR_FMT(c->org.consumer));
	} else {
		uuid_text(c->person.party, uuid);
		n = snprintf(l->who, sizeof l->who, "party:%s", uuid);
	}
	return str_span(l->who, n < (int)sizeof l->who ? (size_t)n : sizeof l->who - 1);
}

static void add_caller(struct line *l, const struct http_req *req, const struct http_res *res)
{
	const struct caller *c = req->route && req->route->check ? req_caller(req) : NULL;
	struct str session = res->note.session;
	add_given(l, "who", res->note.who.p ? res->note.who : caller_name(l, c));
	if (c && c->kind == CALLER_ORG)
		add_given(l, "supplier", c->org.supplier);
	if (!session.p && c && c->session)
		session = session_name(res->arena, c->session);
	add_given(l, "session", session);
}

static void add_route(struct line *l, const struct http_req *req)
{
	add(l, kv_z("method", http_method_name(req->method)));
	add(l, kv_z("route", req->route ? req->route->pattern : "-"));
}

static const char *event_of(const struct http_req *req, const struct http_res *res, enum log_level *level_out)
{
	*level_out = res->status >= 500                                      ? LOG_ERROR
		     : res->note.event || (res->status >= 400 && req->route) ? LOG_INFO
									     : LOG_DEBUG;
	if (res->note.event)
		return res->note.event;
	return res->status >= 500 ? "http.failed" : res->status >= 400 ? "request.refused" : "http.served";
}

void audit_log(const struct http_req *req, const struct http_res *res, int64_t us)
{
	enum log_level level;
	const char *event = event_of(req, res, &level);
	if (!log_wants(level))
		return;
	struct line l; /* the log is on the path of each token: only the pairs in use are written */
	l.n = 0;
	add_caller(&l, req, res);
	add(&l, kv_int("status", res->status));
	for (const struct kv *f = res->note.facts; f && f->key; f++)
		if (f->type != KV_STR || f->s.p)
			add(&l, *f);
	if (!res->note.event)
		add_route(&l, req);
	if (res->status >= 400)
		add_given(&l, "why", res->note.why);
	add(&l, kv_int("ms", us / 1000));
	add(&l, kv_z("trace", req->trace_id));
	l.pairs[l.n] = (struct kv){ 0 };
	if (res->status >= 400)
		log_event(level, event, l.pairs);
	else
		log_event_soon(level, event, l.pairs);
}
