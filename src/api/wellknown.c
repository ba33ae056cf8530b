#include "api/internal.h"
#include "api/openapi_hash.h"
#include "base/embed.h"
#include "base/log.h"

#define CACHE_AN_HOUR "public, max-age=3600"

enum rc api_jwk(struct http_req *req, struct http_res *res)
{
	struct jsw w = JSW(&res->body);
	http_set_header(res, "Cache-Control", STR(CACHE_AN_HOUR));
	http_reply(res, 200, "application/json");
	keyring_write_jwks(req_api(req)->keys, &w);
	return RC_OK;
}

/* Receipts are verified years after their signature. */
enum rc api_jwk_past(struct http_req *req, struct http_res *res)
{
	struct api *api = req_api(req);
	struct jsw w = JSW(&res->body);
	http_set_header(res, "Cache-Control", STR(CACHE_AN_HOUR));
	http_reply(res, 200, "application/json");
	return keyring_write_past(api->keys, api->consents->store, req->arena, &w);
}

enum rc api_metadata(struct http_req *req, struct http_res *res)
{
	struct jsw w = JSW(&res->body);
	http_set_header(res, "Cache-Control", STR(CACHE_AN_HOUR));
	http_reply(res, 200, "application/json");
	oauth_metadata(&w, req_api(req)->issuer->url);
	return RC_OK;
}

static void status_reply(struct http_res *res, int status, const char *word)
{
	struct jsw w = JSW(&res->body);
	http_reply(res, status, "application/json");
	jsw_obj(&w);
	jsw_kz(&w, "status", word);
	jsw_end_obj(&w);
}

enum rc api_health(struct http_req *req, struct http_res *res)
{
	(void)req;
	status_reply(res, 200, "UP");
	return RC_OK;
}

enum rc api_ready(struct http_req *req, struct http_res *res)
{
	struct api *api = req_api(req);
	struct jsw w = JSW(&res->body);
	const char *why = "no key signs tokens, or its PKCS#11 token does not answer";
	bool keys = keyring_ready(api->keys, api->issuer->alg) == RC_OK;
	if (!keys)
		log_error("health.no_signing_key");
	if (store_ready(api->consents->store, &why) == RC_OK && keys) {
		status_reply(res, 200, "UP");
		return RC_OK;
	}
	http_reply(res, 503, "application/json");
	jsw_obj(&w);
	jsw_kz(&w, "status", "DOWN");
	jsw_kz(&w, "reason", why);
	jsw_end_obj(&w);
	return RC_OK;
}

static void counter(struct buf *b, const char *name, const char *help, const char *type, int64_t v)
{
	buf_fmt(b, "# HELP %s %s\n# TYPE %s %s\n%s ", name, help, name, type, name);
	buf_i64(b, v);
	buf_c(b, '\n');
}

enum rc api_metrics(struct http_req *req, struct http_res *res)
{
	struct api *api = req_api(req);
	struct store_stats s = store_stats(api->consents->store);
	struct buf *b = &res->body;
	http_reply(res, 200, "text/plain; version=0.0.4; charset=utf-8");
	counter(b, "samtykke_requests_total", "Requests answered.", "counter", api->requests);
	struct http_server *server = api->server;
	counter(b, "samtykke_requests_waiting", "Requests that wait for an event.", "gauge",
		server ? (int64_t)http_waiting(server, NULL, 0) : 0);
	counter(b, "samtykke_committer_batches_total", "Transactions of the committer.", "counter", s.batches);
	counter(b, "samtykke_committer_changes_total", "Changes in them.", "counter", s.changes);
	counter(b, "samtykke_committer_rerun_total", "Changes run again one by one.", "counter", s.rerun_singly);
	counter(b, "samtykke_committer_held_total", "Changes put aside since a row was locked.", "counter", s.held);
	counter(b, "samtykke_committer_waiting", "Changes that wait for their transaction.", "gauge", s.waiting);
	counter(b, "samtykke_committer_max_batch", "Most changes in one transaction.", "gauge", s.max_batch);
	counter(b, "samtykke_log_dropped_total", "Lines of the log that stderr did not take.", "counter",
		log_dropped());
	return RC_OK;
}

extern const struct embed api_embedded[]; /* openapi.json, openapi.json.gz */

/* "q=0" and "q=0.000" refuse (RFC 9110 §12.4.2). */
static bool is_refused(struct str weight)
{
	if (!str_starts(weight, STR("q=0")))
		return false;
	for (size_t i = 2; i < weight.n; i++)
		if (weight.p[i] != '0' && weight.p[i] != '.')
			return false;
	return true;
}

/* RFC 9110 §12.5.3, as far as this one coding needs it. */
static bool accepts_gzip(const struct http_req *req)
{
	struct str item, name, weight, rest = http_header(req, "Accept-Encoding");
	while (rest.p && str_next(&rest, ',', &item)) {
		bool weighed = str_cut(item, ';', &name, &weight);
		if (str_ieq(str_trim(weighed ? name : item), STR("gzip")))
			return !weighed || !is_refused(str_trim(weight));
	}
	return false;
}

/* RFC 9110 §13.1.2: a weak comparison. */
static bool has_copy(const struct http_req *req, struct str tag)
{
	struct str item, rest = http_header(req, "If-None-Match");
	while (rest.p && str_next(&rest, ',', &item)) {
		item = str_trim(item);
		if (str_starts(item, STR("W/")))
			item = str_span(item.p + 2, item.n - 2);
		if (str_is(item, "*") || str_eq(item, tag))
			return true;
	}
	return false;
}

enum rc api_openapi(struct http_req *req, struct http_res *res)
{
	bool gzip = accepts_gzip(req);
	struct str tag = gzip ? STR("\"" OPENAPI_HASH "-gzip\"") : STR("\"" OPENAPI_HASH "\"");
	http_set_header(res, "Cache-Control", STR(CACHE_AN_HOUR));
	http_set_header(res, "ETag", tag);
	http_set_header(res, "Vary", STR("Accept-Encoding"));
	if (has_copy(req, tag)) {
		http_reply(res, 304, NULL);
		return RC_OK;
	}
	if (gzip)
		http_set_header(res, "Content-Encoding", STR("gzip"));
	http_reply(res, 200, "application/json");
	buf_add(&res->body, api_embedded[gzip].data);
	return RC_OK;
}
