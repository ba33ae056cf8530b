#include "internal.h"

#include <assert.h>
#include <limits.h>

static enum rc get_json(const struct issuer_keys *k, struct arena *a, const char *url, struct str *body_out)
{
	struct net_res res;
	TRY(net_fetch(a, &(struct net_req){ .method = "GET", .url = url, .ca_file = k->ca_file }, &res, NULL));
	if (res.status != 200)
		return RC_BUSY;
	*body_out = res.body;
	return RC_OK;
}

/* RFC 8414 §3.1: the well-known part stands between host and path; the issuers here have the path "/". The document
 * must name this issuer (§3.3). */
static enum rc discover(const struct issuer_keys *k, struct arena *a, const char **url_out)
{
	struct str issuer = str_of(k->issuer), found, uri, body;
	const struct js *doc;
	while (str_ends(issuer, STR("/")))
		issuer.n--;
	TRY(get_json(k, a, arena_cstr(a, arena_fmt(a, "%.*s/.well-known/oauth-authorization-server", STR_FMT(issuer))),
		     &body));
	TRY(js_parse(a, body, NULL, &doc, NULL));
	TRY(js_member_str(doc, "issuer", &found));
	TRY(js_member_str(doc, "jwks_uri", &uri));
	if (!str_is(found, k->issuer))
		return RC_DENIED;
	*url_out = arena_cstr(a, uri);
	return RC_OK;
}

static void key_skipped(void *ctx, struct str kid, const char *why)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	const struct issuer_keys *k = ctx;
	if (k->skipped)
		k->skipped(k->skipped_ctx, kid.p ? arena_cstr(&a, kid) : NULL, why);
}

static enum rc fetch(void *ctx, struct jwks *out)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	const struct issuer_keys *k = ctx;
	const char *url = k->url;
	struct str body;

	if (!url)
		TRY(discover(k, &a, &url));
	const struct jwks_skip skip = { key_skipped, ctx };
	TRY(get_json(k, &a, url, &body));
	if (k->altinn2)
		TRY(altinn2_keys(&a, body, &skip, &body));
	return keyset_read(&a, body, &skip, out);
}

enum rc issuer_keys_open(struct issuer_keys *k, const char *jwks_json, int64_t max_age, int64_t wait)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	const struct jwks_skip skip = { key_skipped, k };
	struct str json = str_of(jwks_json);
	assert((k->altinn2 ? json.p || k->url : k->issuer != NULL) && !k->set && max_age > 0 && wait >= 0);
	if (json.p && k->altinn2)
		TRY(altinn2_keys(&a, json, &skip, &json));
	if (json.p)
		return keyset_create_fixed(json, &skip, &k->set);
	const struct keyset_rule rule = {
		.fetch = fetch,
		.ctx = k,
		.max_age = max_age,
		.wait = wait,
		.max_waiting = INT_MAX,
	};
	return keyset_create(&rule, &k->set);
}

void issuer_keys_close(struct issuer_keys *k)
{
	keyset_destroy(k->set);
}
