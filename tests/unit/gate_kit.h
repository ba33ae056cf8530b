/* Requests without a server, one signing key, and sessions in memory instead of a store. */
#pragma once
#include "base/b64.h"
#include "base/clock.h"
#include "gate/internal.h"
#include "t.h"

#define ISSUER "https://issuer.example/"
#define ORG "810419512"

struct kit {
	struct arena a;
	struct jwk *key, *stranger;
	struct gate gate;
	struct http_route route;
	struct session rows[8];
	size_t n_rows;
	int touches;
	int uncertain; /* so many changes of sessions are made or lost, and nobody is told which */
	bool lost;
	int64_t version; /* of the registry, and so of the keys */
	bool retired;    /* k1 is not published any more */
};
static struct kit kit;

/* ---- what the layers below would do ---- */
enum rc keyring_verify(struct keyring *k, const struct jws *s)
{
	(void)k;
	return str_is(s->kid, "k1") && !kit.retired ? jws_verify(s, kit.key) : RC_DENIED;
}
int64_t registry_snapshot_epoch(struct registry_box *box)
{
	(void)box;
	return kit.version;
}
enum rc reader_open(struct store *s, bool snapshot, struct reader **out)
{
	(void)s, (void)snapshot;
	*out = NULL;
	return RC_OK;
}
void reader_close(struct reader *r)
{
	(void)r;
}
static inline struct session *row_find(struct str id_hash)
{
	for (size_t i = 0; i < kit.n_rows; i++)
		if (kit.rows[i].id_hash.p && str_eq(kit.rows[i].id_hash, id_hash))
			return &kit.rows[i];
	return NULL;
}
/* True: the change is lost. */
static inline bool row_lost(void)
{
	return kit.uncertain > 0 && kit.lost;
}
static inline enum rc row_said(enum rc rc)
{
	bool uncertain = kit.uncertain > 0;
	kit.uncertain -= uncertain;
	return uncertain ? RC_UNCERTAIN : rc;
}
enum rc sessions_insert(struct store *s, struct arena *a, const struct session *n)
{
	(void)s, (void)a;
	if (row_lost())
		return row_said(RC_OK);
	if (row_find(n->id_hash))
		return row_said(RC_CONFLICT);
	struct session *row = &kit.rows[kit.n_rows++];
	*row = *n;
	row->id_hash = arena_str(&kit.a, n->id_hash);
	row->csrf = arena_str(&kit.a, n->csrf);
	return row_said(RC_OK);
}
enum rc sessions_get(struct reader *r, struct arena *a, struct str id_hash, struct session **out)
{
	(void)r;
	struct session *row = row_find(id_hash);
	if (!row)
		return RC_NOT_FOUND;
	*out = arena_new(a, struct session);
	**out = *row;
	return RC_OK;
}
enum rc sessions_touch(struct store *s, struct arena *a, struct str id_hash, int64_t now)
{
	(void)s, (void)a;
	row_find(id_hash)->last_seen = now;
	kit.touches++;
	return RC_OK;
}
enum rc sessions_leave(struct store *s, struct arena *a, struct str id_hash, struct uuid consent, int64_t now)
{
	(void)s, (void)a;
	struct session *row = row_lost() ? NULL : row_find(id_hash);
	if (row) {
		row->leaving = consent;
		row->last_seen = now;
	}
	return row_said(row ? RC_OK : RC_CONFLICT);
}
enum rc sessions_delete(struct store *s, struct arena *a, struct str id_hash)
{
	(void)s, (void)a;
	struct session *row = row_lost() ? NULL : row_find(id_hash);
	if (row)
		row->id_hash = STR_NONE;
	return row_said(row ? RC_OK : RC_CONFLICT);
}

/* ---- requests ---- */
static inline int kit_setup(void **state)
{
	(void)state;
	kit.gate.issuer = STR(ISSUER);
	kit.gate.login_issuer = STR("https://login.example");
	if (jwk_generate(JOSE_RS256, STR("k1"), &kit.key) != RC_OK || token_cache_create(&kit.gate.tokens) != RC_OK)
		return -1;
	return jwk_generate(JOSE_RS256, STR("k1"), &kit.stranger) == RC_OK ? 0 : -1;
}

static inline int kit_teardown(void **state)
{
	(void)state;
	token_cache_destroy(kit.gate.tokens);
	jwk_unref(kit.key);
	jwk_unref(kit.stranger);
	arena_finish(&kit.a);
	return 0;
}

static inline struct http_req *kit_req(enum http_method method, const char *name, struct str value)
{
	struct http_req *req = arena_new(&kit.a, struct http_req);
	req->arena = &kit.a;
	req->method = method;
	req->headers = arena_array(&kit.a, struct http_header, 4);
	req->checks = &kit.gate;
	req->route = &kit.route;
	if (name)
		req->headers[req->n_headers++] = (struct http_header){ str_of(name), value };
	return req;
}

static inline void kit_header(struct http_req *req, const char *name, struct str value)
{
	req->headers[req->n_headers++] = (struct http_header){ str_of(name), value };
}

static inline struct http_res *kit_res(void)
{
	struct http_res *res = arena_new(&kit.a, struct http_res);
	res->arena = &kit.a;
	res->body = BUF(&kit.a);
	return res;
}

static inline struct str kit_res_header(const struct http_res *res, const char *name)
{
	for (size_t i = 0; i < res->n_headers; i++)
		if (str_ieq(res->headers[i].name, str_of(name)))
			return res->headers[i].value;
	return STR_NONE;
}

#define KIT_MAIN(...) T_MAIN_WITH(kit_setup, kit_teardown, __VA_ARGS__)
