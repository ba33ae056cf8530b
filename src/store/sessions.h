/* Sessions of people who are logged in, and logins under way at an OpenID provider. Results that calls share are in
 * store.h. Times are real times, not those of a sandbox's clock. */
#pragma once
#include "store/store.h"

/* ---- sessions ---- */
struct session {
	struct str id_hash; /* 32 bytes: SHA-256 of the cookie's value */
	struct uuid party;
	int64_t level;   /* of the login: 3 or 4 … */
	struct str csrf; /* 32 bytes: secret of the forms */
	int64_t created;
	int64_t last_seen;
	struct uuid leaving; /* the consent whose redirect follows the logout; nil = the session is live */
	struct str language; /* that the login chose; absent = none */
	struct str sid;      /* the OpenID provider's id of the session; absent = none */
	int64_t auth_time;   /* time of the authentication; 0 = not known */
	struct str acr;      /* method of the authentication, as the provider names it; absent = not known */
};
/* RC_CONFLICT: the id exists. RC_INVALID: a hash is not 32 bytes. */
MUST_USE enum rc sessions_insert(struct store *s, struct arena *a, const struct session *n);
/* Also finds a session that is being left. RC_NOT_FOUND. */
MUST_USE enum rc sessions_get(struct reader *r, struct arena *a, struct str id_hash, struct session **out);
/* Sets last_seen. RC_CONFLICT: no live session. */
MUST_USE enum rc sessions_touch(struct store *s, struct arena *a, struct str id_hash, int64_t now);
/* Ends the session. The row keeps the consent, whose redirect the browser follows after the logout pages, until
 * sessions_delete. RC_CONFLICT: no live session. */
MUST_USE enum rc sessions_leave(struct store *s, struct arena *a, struct str id_hash, struct uuid consent);
MUST_USE enum rc sessions_delete(struct store *s, struct arena *a, struct str id_hash);
/* Removes sessions that are older than the first time, or were last seen before the second. */
MUST_USE enum rc sessions_prune(struct store *s, struct arena *a, int64_t created_before, int64_t seen_before);
/* Removes the live sessions of the sid. A session that is being left stays: its browser still needs the redirect. */
MUST_USE enum rc sessions_delete_sid(struct store *s, struct arena *a, struct str sid);
/* The same for a logout token, once. jti_hash: 32 bytes, SHA-256 of the token's id, kept until `until`. RC_CONFLICT: a
 * token with that id came before. */
MUST_USE enum rc sessions_end_sid(struct store *s, struct arena *a, struct str sid, struct str jti_hash, int64_t until);

/* ---- logins under way at an OpenID provider ---- */
struct login {
	struct str state_hash; /* 32 bytes: SHA-256 of the state */
	struct str browser;    /* 32 bytes: SHA-256 of the cookie of the browser that began the login */
	struct str nonce;
	struct str verifier; /* of PKCE */
	struct str back;     /* local address of the page after the login */
	int64_t level;       /* lowest level that will do; 0 = the level of the settings */
	bool fresh;          /* the person must authenticate again, whatever session the provider has */
	int64_t created;
};
/* RC_CONFLICT: the state exists. RC_INVALID: a hash is not 32 bytes. */
MUST_USE enum rc logins_insert(struct store *s, struct arena *a, const struct login *n);
/* RC_NOT_FOUND. */
MUST_USE enum rc logins_get(struct reader *r, struct arena *a, struct str state_hash, struct login **out);
/* Removes the login: exactly one caller gets RC_OK. RC_CONFLICT: no such login in that browser. */
MUST_USE enum rc logins_take(struct store *s, struct arena *a, struct str state_hash, struct str browser);
/* Removes logins that are older than the first time, and ids of logout tokens whose `until` is before `now`. */
MUST_USE enum rc logins_prune(struct store *s, struct arena *a, int64_t created_before, int64_t now);
