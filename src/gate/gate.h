/* Who is calling: bearer tokens, sessions, CSRF. Used by all three fronts. */
#pragma once
#include "consent/consent.h"
#include "keys/keyring.h"
#include "proof/status.h"
#include "gate/limit.h"
#include "http/http.h"
#include "oauth/oauth.h"
#include "store/sessions.h"

/* What every handler finds in req->app. */
struct token_cache;
struct net_pool;
struct remote;
struct issuers;
struct provider;
struct app {
	struct consent_service consents;
	struct keyring *keys;
	enum jose_alg token_alg; /* of tokens whose scopes and client name none */
	struct token_cache *tokens;
	struct limit token_limit; /* of one client, at /token */
	bool aud_unspecified;     /* a token that names no resource has aud "unspecified" */
	bool consumer_prefix;     /* tokens name the scope prefixes that the consumer owns */
	struct status_lists *status;
	bool status_claim;         /* consent tokens name their place in a status list */
	struct trust *trust;       /* whose organisation certificates are taken in grants; NULL = none */
	struct net_pool *outgoing; /* NULL: nobody is ever called */
	struct remote *remote;     /* where consents of grants are looked up; NULL: in the store */
	struct issuers *issuers;   /* others whose access tokens are taken; NULL: none */
	struct str public_url;     /* origin, no trailing slash */
	struct str issuer;         /* with its slash */
	struct arena arena;        /* what lives as long as the program */
	bool sandbox;
	bool secure_cookies;                /* public_url is https, or loopback: __Host- names and Secure */
	struct http_server *_Atomic server; /* NULL until it listens */
	_Atomic int64_t requests;           /* answered so far, for /metrics: http_config.served counts them */
	int64_t login_fresh_s;              /* a decision needs a login this young; 0: any */
	struct provider *provider;          /* of OpenID logins (web's type); NULL: none */
	struct str operator_name, operator_contact,
		accessibility_statement; /* of the accessibility page; absent = none */
	struct str login_issuer;         /* who says who has logged in: the provider's or the test login's address */
	struct str
		login_path; /* where a person without a session is sent: path + "?goto="; absent: login is not set up */
};

/* http_config.version and .refresh: the registry's snapshot, and before it the signing keys, so that no request finds
 * new rules with old keys. */
int64_t app_version(void *app);
bool app_refresh(void *app, int64_t noted);

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
static inline struct app *req_app(const struct http_req *req)
{
	return req->app;
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
const char *session_cookie_name(const struct app *app);
