#include "web/logout_provider_internal.h"

#include "base/clock.h"
#include "gate/gate.h"
#include "page/address.h"
#include "web/handlers_internal.h"
#include "web/provider.h"

/* ---- our logout, at the provider ---- */

/* Without an id_token_hint: it would carry an identity number through the browser's address bar. */
struct str logout_address(struct http_req *req)
{
	struct web *web = req_web(req);
	struct oidc_metadata m;
	if (!web->provider)
		return web->site.sandbox ? STR(PATH_TEST_LEFT) : STR(PATH_LEFT);
	if (provider_metadata(web->provider, req->arena, &m) != RC_OK || !m.end_session.p)
		return STR(PATH_LEFT);
	const struct provider_config *config = provider_config_of(web->provider);
	struct buf b = BUF(req->arena);
	buf_add(&b, m.end_session);
	buf_c(&b, str_find(m.end_session, STR("?")) < 0 ? '?' : '&');
	buf_lit(&b, "client_id=");
	buf_url(&b, str_of(config->client_id));
	buf_lit(&b, "&post_logout_redirect_uri=");
	buf_url(&b, config->post_logout ? str_of(config->post_logout)
					: arena_fmt(req->arena, "%.*s" PATH_LEFT, STR_FMT(web->site.public_url)));
	buf_lit(&b, "&state=");
	buf_add(&b, rand_code(req->arena, SESSION_CODE_BYTES));
	return buf_str(&b);
}

/* ---- the provider's logout, in a frame ---- */

static struct str without_slash(struct str s)
{
	if (str_ends(s, STR("/")))
		s.n--;
	return s;
}

static void origin_add(struct buf *b, struct str address)
{
	struct url u;
	if (!address.p || url_parse(address, &u) != RC_OK || !str_only(u.authority, ".-:[]"))
		return;
	buf_c(b, ' ');
	buf_add(b, u.scheme);
	buf_lit(b, "://");
	buf_add(b, u.authority);
}

/* A provider's pages may lie on other hosts than its issuer's name. */
static struct str framers(struct http_req *req)
{
	struct provider *p = req_web(req)->provider;
	struct oidc_metadata m = { 0 };
	struct buf b = BUF(req->arena);
	buf_lit(&b, "default-src 'none'; frame-ancestors");
	origin_add(&b, str_of(provider_config_of(p)->issuer));
	if (provider_metadata(p, req->arena, &m) == RC_OK) {
		origin_add(&b, m.authorization);
		origin_add(&b, m.end_session);
	}
	return buf_str(&b);
}

enum rc logout_front_get(struct http_req *req, struct http_res *res)
{
	const struct pair *query;
	struct web *web = req_web(req);
	if (!web->provider)
		return RC_NOT_FOUND;
	TRY(http_query(req, &query));
	const struct pair *iss = pair_get(query, "iss"), *sid = pair_get(query, "sid");
	if (!iss || !sid || !sid->value.n || sid->value.n > OIDC_MAX_SID)
		return RC_INVALID;
	struct str issuer = str_of(provider_config_of(web->provider)->issuer);
	if (!str_eq(without_slash(iss->value), without_slash(issuer)))
		return RC_INVALID;
	TRY(sessions_delete_sid(web->site.consents->store, req->arena, sid->value));
	http_did(res, "logout.done", KV("by", "provider"));
	http_set_header(res, "Content-Security-Policy", framers(req));
	http_set_header(res, "Cache-Control", STR("no-store"));
	http_reply(res, 200, "text/html; charset=utf-8");
	buf_lit(&res->body, "<!doctype html>\n<html lang=\"nb\">\n<title>Samtykke</title>\n</html>\n");
	return RC_ANSWERED;
}

/* ---- the provider's logout, from server to server ---- */

static enum rc refuse(struct http_res *res, enum oidc_fault fault)
{
	struct jsw w = JSW(&res->body);
	http_did(res, "logout.refused");
	http_why(res, oidc_fault_name(fault));
	http_set_header(res, "Cache-Control", STR("no-store"));
	http_reply(res, 400, "application/json; charset=utf-8");
	jsw_obj(&w);
	jsw_kz(&w, "error", "invalid_request");
	jsw_kz(&w, "error_description", oidc_fault_name(fault));
	jsw_end_obj(&w);
	return RC_ANSWERED;
}

static enum rc token_take(struct http_req *req, struct http_res *res, struct str compact)
{
	struct web *web = req_web(req);
	const struct provider_config *config = provider_config_of(web->provider);
	struct oidc_expect e = { .issuer = str_of(config->issuer), .client_id = str_of(config->client_id) };
	struct oidc_logout l;
	struct jws s;
	enum oidc_fault fault;
	e.now_s = clock_real() / CLOCK_SECOND;
	if (oidc_token_parse(req->arena, compact, &s, &fault) != RC_OK)
		return refuse(res, fault);
	enum rc rc = provider_verify(web->provider, &s);
	if (rc == RC_BUSY)
		return rc;
	if (rc != RC_OK)
		return refuse(res, OIDC_KEY);
	if (oidc_logout_token(req->arena, &s, &e, &l, &fault) != RC_OK)
		return refuse(res, fault);
	int64_t until_s = e.now_s + OIDC_TOKEN_AGE_S + 2 * OIDC_SKEW_S;
	rc = sessions_end_sid(web->site.consents->store, req->arena, l.sid, jose_sha256(req->arena, l.jti),
			      until_s * CLOCK_SECOND);
	if (rc == RC_UNCERTAIN)
		rc = sessions_repeated(sessions_end_sid(web->site.consents->store, req->arena, l.sid,
							jose_sha256(req->arena, l.jti), until_s * CLOCK_SECOND));
	if (rc == RC_CONFLICT)
		return refuse(res, OIDC_JTI);
	TRY(rc);
	http_did(res, "logout.done", KV("by", "provider"));
	http_set_header(res, "Cache-Control", STR("no-store"));
	http_reply(res, 200, NULL);
	return RC_ANSWERED;
}

enum rc logout_back_post(struct http_req *req, struct http_res *res)
{
	const struct pair *form;
	if (!req_web(req)->provider)
		return RC_NOT_FOUND;
	const struct pair *token = http_form(req, &form) == RC_OK ? pair_get(form, "logout_token") : NULL;
	return token ? token_take(req, res, token->value) : refuse(res, OIDC_SHAPE);
}
