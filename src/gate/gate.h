/* Who is calling: bearer tokens, sessions, CSRF. Used by all three fronts. */
#pragma once
#include "consent/consent.h"
#include "keys/keyring.h"
#include "http/http.h"
#include "oauth/oauth.h"
#include "store/sessions.h"

struct issuers;
struct token_cache;
/* The context of the checks that route rows name: http_table.checks. The services outlive the server. */
struct gate {
	struct store *store;
	struct registry_box *registry;
	struct keyring *keys;       /* of the platform's own access tokens */
	struct issuers *issuers;    /* other issuers whose access tokens are taken; NULL: none */
	struct token_cache *tokens; /* verified access tokens */
	struct str issuer;          /* of the platform's own access tokens, with its slash */
	struct str login_issuer;    /* who vouches for a session: the address of the provider or of the test login */
	int64_t login_fresh_s;      /* a decision needs a login this young; 0: any */
	bool secure_cookies;        /* public_url is https, or loopback: __Host- names and Secure */
};

enum caller_kind { CALLER_ORG, CALLER_PERSON_TOKEN, CALLER_PERSON_SESSION };
struct caller {
	enum caller_kind kind;
	struct org_caller
		org; /* CALLER_ORG: consumer absent when the token names none (then 401 where one is needed) */
	struct person_caller person; /* PERSON_*: party nil when the token names none */
	struct str scope;
	struct str prefixes;     /* CALLER_ORG: of scopes that it owns (claim consumer_prefix), separated by spaces */
	struct session *session; /* CALLER_PERSON_SESSION */
};
static inline struct caller *req_caller(const struct http_req *req)
{
	return req->caller;
}
static inline struct gate *req_gate(const struct http_req *req)
{
	return req->checks;
}

/* ---- checks for route rows ---- */
/* Bearer token of the platform's own issuer or token generator, or of one of trusted_issuers, any one of the row's
 * scopes: 401 with empty body when there is no valid token, 403 with empty body when the scope is missing. Verified
 * tokens are remembered by their SHA-256 until they expire. */
http_handler gate_bearer;
/* End users: bearer token with the row's scope and urn:altinn:party:uuid; else the session cookie, which on anything
 * but GET and HEAD needs the CSRF token (header X-XSRF-TOKEN or form field csrf): 400 without it. 401 when neither is
 * there. */
http_handler gate_person;
/* Pages: the session when there is one (req_caller may be NULL); POST needs the CSRF form field when there is a
 * session, and Sec-Fetch-Site, where the browser sends it, must be same-origin: 400 page otherwise. */
http_handler gate_page;

/* ---- tokens ---- */
MUST_USE enum rc token_cache_create(struct token_cache **out);
void token_cache_destroy(struct token_cache *c);

/* ---- sessions ---- */
#define SESSION_IDLE_S 1800
#define SESSION_MAX_S 7200
#define SESSION_CODE_BYTES 32
/* What a login has found out. */
struct logged_in {
	struct uuid party;
	int64_t level;
	enum lang lang;
	struct str sid;    /* the OpenID provider's name for the session; absent = none */
	int64_t auth_time; /* when the person proved who they are (real time); 0 = not known */
	struct str acr;    /* how; absent = not known */
};
/* Makes a session and sets its cookie; an old one of this browser is deleted (rotation at login). */
MUST_USE enum rc session_start(struct http_req *req, struct http_res *res, const struct logged_in *who);
/* false: the caller is a session whose login is older than login_fresh_s, and has to log in again before deciding. */
bool session_fresh(const struct http_req *req);
/* What ties a login that is under way to its browser: the value of a cookie, made if it is not there. Logins in several
 * tabs share it. */
struct str login_browser(struct http_req *req, struct http_res *res);
struct str login_browser_hash(struct http_req *req); /* 32 bytes; absent without a cookie */
/* The caller's session ends; where the browser goes afterwards is remembered (nil: nowhere). The cookie stays until
 * session_left. */
MUST_USE enum rc session_leave(struct http_req *req, struct uuid consent);
/* After the logout pages: which consent was left (nil = none); deletes the session and its cookie. */
MUST_USE enum rc session_left(struct http_req *req, struct http_res *res, struct uuid *consent_out);
/* Hidden form field value for the caller's session; absent without one. */
struct str csrf_token(const struct http_req *req);
/* Anonymous forms (the test login): double-submit cookie, set on GET, compared on POST. */
struct str csrf_anonymous(struct http_req *req, struct http_res *res);
bool csrf_anonymous_ok(const struct http_req *req, const struct pair *form);
const char *session_cookie_name(const struct gate *gate);
