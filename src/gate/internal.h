/* What the files of this folder share. */
#pragma once
#include "gate/gate.h"

/* The claims of a verified access token. Times in seconds. */
struct bearer {
	/* organisation numbers; absent = none, or malformed */
	struct str consumer;
	struct str supplier;
	struct str scope;
	struct str prefixes; /* of the scopes that the organisation owns, separated by spaces; absent = none */
	struct uuid party;   /* nil = none */
	int64_t level;       /* 0 = none */
	struct str issuer;   /* lives as long as the gate or its issuers */
	int64_t exp;
};

#define BEARER_CACHE_S 300    /* then a token is verified again, since keys also end by the clock */
#define BEARER_MAX_SCOPE 2048 /* bytes of scopes and prefixes; a token with more is verified at every request */

/* ---- token_cache.c ---- */
/* From any thread. `key` is a SHA-256. */
/* true: the cache has an entry that expires after now_s, within BEARER_CACHE_S: an entry made while the clock was ahead
 * would stay too long. Texts are copied into `a`. */
bool token_cache_get(struct token_cache *c, const uint8_t key[32], int64_t now_s, struct arena *a, struct bearer *out);
/* Copies the entry; drops the least recently used one of its set when that is full. */
void token_cache_put(struct token_cache *c, const uint8_t key[32], const struct bearer *b);

/* ---- bearer.c ---- */
/* The token of the header Authorization. RC_UNAUTHENTICATED: there is not exactly one, or it is not a valid token of
 * the platform or of a trusted issuer. RC_BUSY: that issuer's keys cannot be fetched now. */
MUST_USE enum rc bearer_read(struct http_req *req, struct bearer *out);
/* The same with one of the row's scopes. RC_ANSWERED: 401 without a valid token, 403 without the scope. RC_BUSY as
 * above. */
MUST_USE enum rc bearer_required(struct http_req *req, struct http_res *res, struct bearer *out);
/* Has the token one of the scopes, which are separated by spaces? NULL: true. */
bool bearer_has_scope(const struct bearer *b, const char *any_of);
/* Reads the claims of a token whose signature has been verified. `issuer` must outlive *out. RC_INVALID: another
 * issuer, expired, not yet valid, or malformed. */
MUST_USE enum rc bearer_claims(struct arena *a, const struct js *claims, struct str issuer, int64_t now_s,
			       int64_t skew_s, struct bearer *out);
/* Drops the claims that another issuer may not make. It may name consumer and supplier, and grant the scopes
 * altinn:consentrequests.*. With `enduser` it may also name a person, and grant altinn:portal/enduser. */
void bearer_narrow(struct arena *a, bool enduser, struct bearer *b);
/* Answers 401 or 403 with an empty body. why: static text, for the log. Always RC_ANSWERED. */
enum rc gate_refuse(struct http_res *res, int status, const char *why);

/* ---- session.c ---- */
/* The live session of the browser's cookie. RC_NOT_FOUND: there is none. */
MUST_USE enum rc session_find(struct http_req *req, struct session **out);
/* false: left, over by SESSION_IDLE_S or SESSION_MAX_S, or made or used while the machine's clock was ahead. now: real
 * time. */
bool session_live(const struct session *s, int64_t now);
/* Makes the session's person the caller. */
MUST_USE enum rc session_caller(struct http_req *req, struct session *s);
/* Sets a cookie of the browser session: HttpOnly, SameSite=Lax, and Secure by gate_secure. */
void cookie_set(struct http_req *req, struct http_res *res, const char *name, struct str value);
/* The value of that cookie. Where the browser sent none of our form, a random one is made and set. */
struct str cookie_code(struct http_req *req, struct http_res *res, const char *name);
/* Has `s` the form of our cookies' values: base64url of SESSION_CODE_BYTES bytes? */
bool code_shaped(struct str s);

/* ---- csrf.c ---- */
/* Does the form field csrf match the session's token, or with `header_counts` the header X-XSRF-TOKEN? */
bool csrf_ok(const struct http_req *req, const struct session *s, bool header_counts);
