/* What the files of this folder share; nobody else includes it. */
#pragma once
#include "gate/gate.h"

/* What a verified access token says. Times in seconds. */
struct bearer {
	/* organisation numbers; absent = none, or not to be understood */
	struct str consumer;
	struct str supplier;
	struct str scope;
	struct str prefixes; /* of scopes that the organisation owns, separated by spaces; absent = none */
	struct uuid party;   /* nil = none */
	int64_t level;       /* 0 = none */
	struct str issuer;   /* one that is known: borrowed from the program */
	int64_t exp;
};

#define BEARER_KEPT_S 300     /* a verified token is verified again after this: keys end by the clock, too */
#define BEARER_MAX_SCOPE 2048 /* bytes of scopes and of prefixes that are remembered; past it: verified every time */

/* true: known and not expired at now_s; texts are copied into `a`. */
bool token_cache_get(struct token_cache *c, const uint8_t key[32], int64_t now_s, struct arena *a, struct bearer *out);
void token_cache_put(struct token_cache *c, const uint8_t key[32], const struct bearer *b);

/* RC_UNAUTHENTICATED: no Authorization header, or not one valid token of ours in it, or of an issuer that we trust.
 * RC_BUSY: the keys of that one cannot be had now. */
MUST_USE enum rc bearer_read(struct http_req *req, struct bearer *out);
/* Any one of the row's scopes (all of them separated by spaces); NULL asks for none. */
bool bearer_has_scope(const struct bearer *b, const char *any_of);
/* The claims of a token whose signature has been verified. RC_INVALID: not ours, expired, or not well-formed. */
MUST_USE enum rc bearer_claims(struct arena *a, const struct js *claims, struct str issuer, int64_t now_s,
			       struct bearer *out);
/* What a token of another issuer may say: consumer, supplier and the scopes altinn:consentrequests.*; for people only
 * where the issuer may. */
void bearer_narrow(struct arena *a, bool enduser, struct bearer *b);
/* Answers 401 or 403 with an empty body. Always RC_ANSWERED. */
enum rc gate_refuse(struct http_res *res, int status);

/* The live session that the browser's cookie names; RC_NOT_FOUND when there is none. */
MUST_USE enum rc session_find(struct http_req *req, struct session **out);
/* Is the session live at `now` (real time)? */
bool session_live(const struct session *s, int64_t now);
MUST_USE enum rc session_caller(struct http_req *req, struct session *s);
/* Header X-XSRF-TOKEN or form field csrf against the session's. */
bool csrf_ok(const struct http_req *req, const struct session *s, bool header_counts);
void cookie_set(struct http_req *req, struct http_res *res, const char *name, struct str value);
/* Base64url text of so many random bytes, as our cookies hold it. */
bool code_shaped(struct str s);
