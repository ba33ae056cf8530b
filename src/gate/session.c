#include "gate/internal.h"

#include <assert.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/url.h"

#define TOUCH_US CLOCK_MINUTE /* shortest time between two writes of a session's last-seen time */
#define CODE_CHARS B64URL_LEN(SESSION_CODE_BYTES)

bool origin_is_secure(struct str origin)
{
	struct url u;
	return url_parse(origin, &u) == RC_OK && (str_ieq(u.scheme, STR("https")) || url_is_loopback(&u));
}

bool gate_secure(const struct http_req *req)
{
	return req->origin.p ? origin_is_secure(req->origin) : req_gate(req)->secure_cookies;
}

const char *session_cookie_name(const struct http_req *req)
{
	return gate_secure(req) ? "__Host-samtykke" : "samtykke";
}

bool code_shaped(struct str s)
{
	return s.n == CODE_CHARS && str_only(s, "-_");
}

static void cookie_write(struct http_req *req, struct http_res *res, const char *name, struct str value,
			 const char *more)
{
	assert(value.n == 0 || code_shaped(value));
	const char *secure = gate_secure(req) ? "; Secure" : "";
	struct str line = arena_fmt(req->arena, "%s=%.*s; Path=/; HttpOnly; SameSite=Lax%s%s", name, STR_FMT(value),
				    secure, more);
	http_set_header(res, "Set-Cookie", line);
}

void cookie_set(struct http_req *req, struct http_res *res, const char *name, struct str value)
{
	cookie_write(req, res, name, value, "");
}

struct str cookie_code(struct http_req *req, struct http_res *res, const char *name)
{
	struct str code = http_cookie(req, name);
	if (code_shaped(code))
		return code;
	code = rand_code(req->arena, SESSION_CODE_BYTES);
	cookie_set(req, res, name, code);
	return code;
}

static struct str id_hash_of(struct http_req *req)
{
	struct str code = http_cookie(req, session_cookie_name(req));
	return code_shaped(code) ? jose_sha256(req->arena, code) : STR_NONE;
}

bool session_live(const struct session *s, int64_t now)
{
	return uuid_is_nil(s->leaving) && !clock_is_ahead(s->created, now) && !clock_is_ahead(s->last_seen, now) &&
	       now - s->created < SESSION_MAX_S * CLOCK_SECOND && now - s->last_seen < SESSION_IDLE_S * CLOCK_SECOND;
}

static enum rc session_load(struct http_req *req, struct str id_hash, struct session **out)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(req_gate(req)->store, false, &r));
	return sessions_get(r, req->arena, id_hash, out);
}

enum rc session_find(struct http_req *req, struct session **out)
{
	struct session *s;
	struct str id_hash = id_hash_of(req);
	if (!id_hash.p)
		return RC_NOT_FOUND;
	TRY(session_load(req, id_hash, &s));
	int64_t now = clock_real();
	if (!session_live(s, now))
		return RC_NOT_FOUND;
	/* A lost touch shortens the idle time by at most a minute. */
	if (now - s->last_seen >= TOUCH_US &&
	    sessions_touch(req_gate(req)->store, req->arena, s->id_hash, now) == RC_OK)
		s->last_seen = now;
	*out = s;
	return RC_OK;
}

enum rc session_caller(struct http_req *req, struct session *s)
{
	struct caller *c = arena_new(req->arena, struct caller);
	c->kind = CALLER_PERSON_SESSION;
	c->session = s;
	c->person.party = s->party;
	c->person.level = s->level;
	c->person.acr = s->acr;
	c->person.provider = req_gate(req)->login_issuer;
	req->caller = c;
	return RC_OK;
}

/* RC_OK also when the session has ended already. */
static enum rc session_end(struct http_req *req, struct str id_hash)
{
	struct store *store = req_gate(req)->store;
	enum rc rc = sessions_delete(store, req->arena, id_hash);
	if (rc == RC_UNCERTAIN)
		return sessions_repeated(sessions_delete(store, req->arena, id_hash));
	return rc == RC_CONFLICT || rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc session_start(struct http_req *req, struct http_res *res, const struct login_result *login)
{
	struct store *store = req_gate(req)->store;
	struct str old = id_hash_of(req), code = rand_code(req->arena, SESSION_CODE_BYTES);
	uint8_t csrf[SESSION_CODE_BYTES];
	assert(!uuid_is_nil(login->party));
	rand_bytes(csrf, sizeof csrf);
	int64_t now = clock_real();
	struct session s = {
		.id_hash = jose_sha256(req->arena, code),
		.party = login->party,
		.level = login->level,
		.csrf = str_span(csrf, sizeof csrf),
		.created = now,
		.last_seen = now,
		.language = str_of(lang_code(login->lang)),
		.sid = login->sid,
		.auth_time = login->auth_time,
		.acr = login->acr,
	};
	if (old.p)
		TRY(session_end(req, old));
	enum rc rc = sessions_insert(store, req->arena, &s);
	TRY(rc == RC_UNCERTAIN ? sessions_repeated(sessions_insert(store, req->arena, &s)) : rc);
	cookie_set(req, res, session_cookie_name(req), code);
	http_did(res, "login.done", KV("loa", s.level));
	res->note.who = party_who(req->arena, s.party);
	res->note.session = session_name(req->arena, &s);
	return RC_OK;
}

enum rc session_leave(struct http_req *req, struct uuid consent)
{
	struct caller *c = req_caller(req);
	struct store *store = req_gate(req)->store;
	if (!c || !c->session)
		return RC_OK;
	if (uuid_is_nil(consent))
		return session_end(req, c->session->id_hash);
	int64_t now = clock_real();
	enum rc rc = sessions_leave(store, req->arena, c->session->id_hash, consent, now);
	if (rc == RC_UNCERTAIN)
		return sessions_repeated(sessions_leave(store, req->arena, c->session->id_hash, consent, now));
	return rc == RC_CONFLICT || rc == RC_NOT_FOUND ? RC_OK : rc; /* the session has ended already */
}

static bool session_left(const struct session *s, int64_t now)
{
	return !uuid_is_nil(s->leaving) && !clock_is_ahead(s->last_seen, now) &&
	       now - s->last_seen < SESSION_LEFT_S * CLOCK_SECOND;
}

static void left_take(struct http_req *req, struct http_res *res, const struct session *s, struct uuid *consent_out)
{
	*consent_out = s->leaving;
	res->note.who = party_who(req->arena, s->party);
	res->note.session = session_name(req->arena, s);
}

enum rc session_after(struct http_req *req, struct http_res *res, struct uuid *consent_out)
{
	struct str id_hash = id_hash_of(req);
	struct session *s;
	*consent_out = (struct uuid){ { 0 } };
	if (!id_hash.p)
		return RC_OK;
	int64_t now = clock_real();
	enum rc rc = session_load(req, id_hash, &s);
	if (rc == RC_OK && session_left(s, now))
		left_take(req, res, s, consent_out);
	if (rc == RC_OK && (session_left(s, now) || session_live(s, now)))
		return RC_OK;
	if (rc == RC_OK)
		rc = session_end(req, id_hash);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	cookie_write(req, res, session_cookie_name(req), STR(""), "; Max-Age=0");
	return RC_OK;
}

bool session_fresh(const struct http_req *req)
{
	const struct caller *c = req_caller(req);
	int64_t most_s = req_gate(req)->login_fresh_s;
	if (!c || !c->session || most_s == 0)
		return true;
	return clock_real() - c->session->auth_time <= most_s * CLOCK_SECOND;
}

static const char *login_cookie_name(const struct http_req *req)
{
	return gate_secure(req) ? "__Host-samtykke-login" : "samtykke-login";
}

struct str login_browser(struct http_req *req, struct http_res *res)
{
	return cookie_code(req, res, login_cookie_name(req));
}

struct str login_browser_hash(struct http_req *req)
{
	struct str code = http_cookie(req, login_cookie_name(req));
	return code_shaped(code) ? jose_sha256(req->arena, code) : STR_NONE;
}
