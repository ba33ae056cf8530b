/* The caller of a request: bearer tokens, sessions, CSRF. All fronts use it. */
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
	struct issuers *issuers;    /* the setting trusted_issuers; NULL: only the platform's own tokens are accepted */
	struct token_cache *tokens; /* verified access tokens */
	struct str issuer;          /* of the platform's own access tokens, with its slash */
	struct str login_issuer;    /* the OpenID provider of sessions, or the address of the test login */
	int64_t login_fresh_s;      /* a decision needs a login of at most this age; 0: any age */
	bool secure_cookies;        /* origin_is_secure(public_url), for requests without an origin of their own */
};
/* https, or this machine: browsers take Secure cookies from it. */
bool origin_is_secure(struct str origin);
/* Cookies of the answer are Secure, with __Host- names: by the origin that the caller used, else secure_cookies. */
bool gate_secure(const struct http_req *req);

enum caller_kind { CALLER_ORG, CALLER_PERSON_TOKEN, CALLER_PERSON_SESSION };
struct caller {
	enum caller_kind kind;
	struct org_caller org;       /* CALLER_ORG. Consumer absent: the token names no organisation */
	struct person_caller person; /* CALLER_PERSON_*. Never a nil party */
	struct str scope;            /* of the token; words separated by spaces */
	struct str prefixes;         /* CALLER_ORG: prefixes of the scopes that the organisation owns, alike */
	struct session *session;     /* CALLER_PERSON_SESSION */
};
/* Set by the row's check. NULL: a page without a session, or a row without a check. */
static inline struct caller *req_caller(const struct http_req *req)
{
	return req->caller;
}
static inline struct gate *req_gate(const struct http_req *req)
{
	return req->checks;
}

/* ---- checks for route rows ---- */
/* RC_OK lets the request through, with req_caller set. RC_ANSWERED: 401 or 403 with an empty body. */

/* An organisation's bearer token with any one of the row's scopes. The platform issued it, or one of trusted_issuers.
 * RC_ANSWERED: 401 without a valid token, 403 without a scope. RC_BUSY: the issuer's keys cannot be fetched now.
 * Verified tokens are remembered by their SHA-256 until they expire, at most BEARER_CACHE_S. */
http_handler gate_bearer;
/* The same where the request has the header Authorization. Without it the request passes, and req_caller is NULL. */
http_handler gate_bearer_if;
/* A person: a bearer token with the row's scope and the claim urn:altinn:party:uuid, or without one the session cookie.
 * RC_ANSWERED: 401 without either, 403 without the scope. RC_UNAUTHENTICATED: the token names no party.
 * RC_INVALID: a session needs its CSRF token except for GET and HEAD (header X-XSRF-TOKEN or form field csrf).
 * RC_BUSY: as gate_bearer. */
http_handler gate_person;
/* A page. Without a session req_caller is NULL. RC_INVALID, except for GET and HEAD: a session without its CSRF token
 * (form field csrf), or a Sec-Fetch-Site other than same-origin. */
http_handler gate_page;

/* ---- tokens ---- */
MUST_USE enum rc token_cache_create(struct token_cache **out);
void token_cache_destroy(struct token_cache *c); /* c may be NULL */

/* ---- sessions ---- */
#define SESSION_IDLE_S 1800 /* a session ends after so long without a request, in real time */
#define SESSION_MAX_S 7200  /* and after so long in any case */
#define SESSION_LEFT_S 7200 /* a session that was left knows the way back to the requester for so long */
#define SESSION_CODE_BYTES 32
/* The result of a login. */
struct login_result {
	struct uuid party;
	int64_t level;
	enum lang lang;
	struct str sid;    /* the OpenID provider's name of the session; absent = none */
	int64_t auth_time; /* µs, real time of the authentication; 0 = not known */
	struct str acr;    /* method of the authentication; absent = not known */
};
/* Makes a session and sets its cookie. Deletes an older session of the same browser. */
MUST_USE enum rc session_start(struct http_req *req, struct http_res *res, const struct login_result *login);
/* false: the caller has a session whose login is older than login_fresh_s, and must log in again before a decision.
 * Other callers are always fresh. */
bool session_fresh(const struct http_req *req);
/* Ends the caller's session, if there is one. `consent`: the consent to return to after the logout; nil = none, and
 * then the session is deleted at once. The cookie stays until session_after. */
MUST_USE enum rc session_leave(struct http_req *req, struct uuid consent);
/* After the logout pages: the consent that the browser's left session returns to, each time that it is asked for during
 * SESSION_LEFT_S. Nil: none, and a session that is over is deleted, with its cookie. A live session stays, since any
 * site can link to the page that calls this. */
MUST_USE enum rc session_after(struct http_req *req, struct http_res *res, struct uuid *consent_out);
/* The cookie that ties a login under way to its browser: its value, and its SHA-256 (32 bytes; absent without a
 * cookie). login_browser sets the cookie when it is missing. Logins in several tabs share it. */
struct str login_browser(struct http_req *req, struct http_res *res);
struct str login_browser_hash(struct http_req *req);
const char *session_cookie_name(const struct http_req *req);

/* ---- the log ---- */
#define SESSION_NAME_CHARS 16
/* The session's name in the log: the same for all its requests. It says nothing of the cookie. */
struct str session_name(struct arena *a, const struct session *s);
/* "party:UUID" */
struct str party_who(struct arena *a, struct uuid party);
/* Notes a decision that has been made: consent.accepted, .rejected or .revoked. */
void gate_note_decision(struct http_res *res, const struct consent *c, enum consent_status to);

/* ---- CSRF ---- */
/* Value of the hidden form field csrf for the caller's session. Absent without a session. */
struct str csrf_token(const struct http_req *req);
/* Forms without a session (the test login): the field repeats a cookie, which csrf_anonymous sets when it is missing.
 */
struct str csrf_anonymous(struct http_req *req, struct http_res *res);
bool csrf_anonymous_ok(const struct http_req *req, const struct pair *form);
