#include <assert.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/log.h"
#include "page/address.h"
#include "web/handlers_internal.h"
#include "web/login_state.h"
#include "page/notice.h"
#include "web/provider.h"

#define PATH_CALLBACK "/login/callback"

/* ---- logins that fail ---- */

enum login_end { END_STALE, END_CANCELLED, END_DOWN, END_REFUSED, END_LEVEL, END_NO_PID };

/* l: NULL when no login is known. */
static enum rc end(struct page *p, enum login_end e, const struct login *l)
{
	// clang-format off
	static const struct { int status; enum msg heading, body; const char *why; } rows[] = {
		[END_STALE]     = { 400, MSG_LOGIN_OVER,      MSG_LOGIN_OVER_BODY,      "stale" },
		[END_CANCELLED] = { 403, MSG_LOGIN_CANCELLED, MSG_LOGIN_CANCELLED_BODY, "cancelled" },
		[END_DOWN]      = { 503, MSG_LOGIN_DOWN,      MSG_LOGIN_DOWN_BODY,      "provider-down" },
		[END_REFUSED]   = { 403, MSG_LOGIN_REFUSED,   MSG_LOGIN_REFUSED_BODY,   "refused" },
		[END_LEVEL]     = { 403, MSG_LOGIN_WEAK,      MSG_LOGIN_WEAK_BODY,      "level" },
		[END_NO_PID]    = { 403, MSG_LOGIN_NOBODY,    MSG_LOGIN_NOBODY_BODY,    "no-pid" },
	};
	// clang-format on
	assert(e < LEN(rows));
	http_did(p->res, "login.refused");
	http_why(p->res, rows[e].why);
	bool again = e == END_REFUSED || e == END_LEVEL || e == END_NO_PID;
	struct str back = l ? l->back : home_address(p->req);
	p->here = back;
	return notice_send(p, &(struct notice){ .status = rows[e].status,
						.heading = rows[e].heading,
						.body = rows[e].body,
						.href = login_address(p->req, back, l ? l->level : 0, again),
						.link = MSG_LOG_IN_AGAIN });
}

static enum rc refused(struct page *p, enum oidc_fault fault, const struct login *l)
{
	http_why(p->res, oidc_fault_name(fault));
	if (fault == OIDC_ACR || fault == OIDC_ACR_LOW)
		return end(p, END_LEVEL, l);
	return end(p, fault == OIDC_NO_PID ? END_NO_PID : END_REFUSED, l);
}

/* ---- to the provider ---- */

static struct str redirect_uri(const struct page *p)
{
	return arena_fmt(p->a, "%.*s" PATH_CALLBACK, STR_FMT(req_site(p->req)->public_url));
}

static struct str code_of(struct arena *a, const uint8_t random[LOGIN_RANDOM_BYTES])
{
	return b64url(a, str_span(random, LOGIN_RANDOM_BYTES));
}

static enum rc begin(struct page *p, const struct oidc_metadata *m, struct login *l)
{
	const struct provider_config *config = provider_config_of(req_web(p->req)->provider);
	struct oidc_request r = { .client_id = str_of(config->client_id),
				  .scope = str_of(config->scope),
				  .fresh = l->fresh };
	struct str browser = jose_sha256(p->a, login_browser(p->req, p->res));
	l->created = clock_real();
	rand_bytes(l->nonce, sizeof l->nonce);
	rand_bytes(l->verifier, sizeof l->verifier);
	r.redirect_uri = redirect_uri(p);
	r.acr = oidc_acr_for(str_of(config->acr), l->level);
	r.nonce = code_of(p->a, l->nonce);
	r.verifier = code_of(p->a, l->verifier);
	r.locale = str_of(lang_code(p->lang));
	TRY(login_state_seal(p->a, config->login_key, browser, l, &r.state));
	return page_redirect(p->res, 302, oidc_request_url(p->a, m->authorization, &r));
}

enum rc login_begin_get(struct http_req *req, struct http_res *res)
{
	const struct pair *query;
	struct oidc_metadata m;
	struct provider *provider = req_web(req)->provider;
	if (!provider)
		return RC_NOT_FOUND;
	TRY(http_query(req, &query));
	struct page p = page_of(req, res);
	struct str back = address_goto(query);
	struct login l = { .back = back.p ? back : home_address(req), .level = login_level(query) };
	l.fresh = pair_count(query, "fresh") > 0;
	if (provider_metadata(provider, req->arena, &m) != RC_OK)
		return end(&p, END_DOWN, &l);
	return begin(&p, &m, &l);
}

/* ---- back from the provider ---- */

/* The value of a parameter. RC_NOT_FOUND: it is missing. RC_INVALID: it is there twice, empty or too long. */
static enum rc single_param(const struct pair *query, const char *name, size_t max, struct str *out)
{
	const struct pair *found = pair_get(query, name);
	if (pair_count(query, name) == 0)
		return RC_NOT_FOUND;
	if (!found || !found->value.n || found->value.n > max)
		return RC_INVALID;
	*out = found->value;
	return RC_OK;
}

/* The login that this browser began with this state. RC_NOT_FOUND: none. RC_CONFLICT: it is too old, or has led to a
 * session; *out is set. */
static enum rc login_find(struct http_req *req, struct str state, struct login *out)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	const struct web *web = req_web(req);
	struct str browser = login_browser_hash(req);
	bool taken;
	if (!browser.p)
		return RC_NOT_FOUND;
	TRY(login_state_open(req->arena, provider_config_of(web->provider)->login_key, browser, state, out));
	if (!login_state_live(out, clock_real()))
		return RC_CONFLICT;
	TRY(reader_open(req_site(req)->consents->store, false, &r));
	TRY(logins_taken(r, str_span(out->hash, sizeof out->hash), &taken));
	return taken ? RC_CONFLICT : RC_OK;
}

/* A login leads to one session. RC_CONFLICT: it has led to one meanwhile. The mark stays longer than the state counts.
 */
static enum rc login_use(struct http_req *req, const struct login *l)
{
	return logins_take(req_site(req)->consents->store, req->arena, str_span(l->hash, sizeof l->hash),
			   l->created + (LOGIN_LIFE_S + CLOCK_SKEW_S) * CLOCK_SECOND);
}

/* The provider answers with an error instead of a code (RFC 6749 §4.1.2.1). */
static enum rc provider_error(struct page *p, const struct login *l, struct str error)
{
	if (str_is(error, "access_denied") || str_is(error, "login_required") || str_is(error, "interaction_required"))
		return end(p, END_CANCELLED, l);
	log_warn("login.provider_error", KV("error", error.n <= 40 && str_only(error, "_") ? error : STR("-")));
	if (str_is(error, "unmet_authentication_requirements"))
		return end(p, END_LEVEL, l);
	bool down = str_is(error, "temporarily_unavailable") || str_is(error, "server_error");
	return end(p, down ? END_DOWN : END_REFUSED, l);
}

static enum rc session_begin(struct page *p, const struct login *l, const struct oidc_identity *id)
{
	struct party *party;
	struct login_result person = { .level = id->level, .acr = id->acr, .lang = p->lang, .sid = id->sid };
	TRY(party_ensure_person(req_site(p->req)->consents, p->a, id->pid, false, &party));
	if (party_name_keep(req_site(p->req)->consents, p->a, party, id->name) != RC_OK)
		log_warn("login.name_not_kept", KV("trace", p->req->trace_id)); /* it comes again with the next login */
	person.party = party->uuid;
	person.auth_time = id->auth_time_s * CLOCK_SECOND;
	if (lang_parse_shipped(id->locale, &person.lang) != RC_OK)
		person.lang = p->lang;
	enum rc rc = login_use(p->req, l);
	if (rc == RC_CONFLICT)
		return end(p, END_STALE, l);
	TRY(rc);
	TRY(session_start(p->req, p->res, &person));
	return page_redirect(p->res, 303, l->back);
}

static enum rc id_token_take(struct page *p, const struct login *l, struct str compact)
{
	struct provider *provider = req_web(p->req)->provider;
	const struct provider_config *config = provider_config_of(provider);
	struct oidc_expect e = { .issuer = str_of(config->issuer),
				 .client_id = str_of(config->client_id),
				 .nonce = code_of(p->a, l->nonce) };
	struct oidc_identity id;
	struct jws s;
	enum oidc_fault fault;
	e.now_s = clock_real() / CLOCK_SECOND;
	e.acr = oidc_acr_for(str_of(config->acr), l->level);
	e.fresh_from_s = l->fresh ? l->created / CLOCK_SECOND : 0;
	if (oidc_token_parse(p->a, compact, &s, &fault) != RC_OK)
		return refused(p, fault, l);
	enum rc rc = provider_verify(provider, &s);
	if (rc == RC_BUSY)
		return end(p, END_DOWN, l);
	if (rc != RC_OK)
		return refused(p, OIDC_KEY, l);
	if (oidc_id_token(p->a, &s, &e, &id, &fault) != RC_OK)
		return refused(p, fault, l);
	return session_begin(p, l, &id);
}

static enum rc code_take(struct page *p, const struct oidc_metadata *m, const struct login *l, struct str code)
{
	struct str id_token;
	enum rc rc = provider_redeem(req_web(p->req)->provider, p->a, m, code, code_of(p->a, l->verifier),
				     redirect_uri(p), &id_token);
	if (rc == RC_BUSY)
		return end(p, END_DOWN, l);
	if (rc == RC_DENIED)
		return end(p, END_REFUSED, l);
	TRY(rc);
	return id_token_take(p, l, id_token);
}

/* RFC 9207: an answer that another provider sent is refused. */
static bool is_from_provider(struct page *p, const struct oidc_metadata *m, const struct pair *query)
{
	struct str iss;
	enum rc rc = single_param(query, "iss", 3 * OIDC_MAX_URL, &iss);
	if (rc == RC_NOT_FOUND)
		return !m->names_itself;
	return rc == RC_OK && oidc_iss_is(p->a, iss, str_of(provider_config_of(req_web(p->req)->provider)->issuer));
}

enum rc login_back_get(struct http_req *req, struct http_res *res)
{
	const struct pair *query;
	struct oidc_metadata m;
	struct login l;
	struct str state, code, error = STR_NONE;
	if (!req_web(req)->provider)
		return RC_NOT_FOUND;
	TRY(http_query(req, &query));
	struct page p = page_of(req, res);
	if (single_param(query, "state", LOGIN_STATE_MAX, &state) != RC_OK)
		return end(&p, END_STALE, NULL);
	enum rc rc = login_find(req, state, &l);
	if (rc == RC_NOT_FOUND || rc == RC_CONFLICT)
		return end(&p, END_STALE, rc == RC_CONFLICT ? &l : NULL);
	TRY(rc);
	if (provider_metadata(req_web(req)->provider, req->arena, &m) != RC_OK)
		return end(&p, END_DOWN, &l);
	if (!is_from_provider(&p, &m, query))
		return refused(&p, OIDC_ISSUER, &l);
	if (single_param(query, "error", OIDC_MAX_CODE, &error) != RC_NOT_FOUND)
		return provider_error(&p, &l, error);
	if (single_param(query, "code", OIDC_MAX_CODE, &code) != RC_OK)
		return refused(&p, OIDC_SHAPE, &l);
	return code_take(&p, &m, &l, code);
}
