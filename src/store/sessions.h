/* Sessions of people who are logged in, and logins at an OpenID provider that have led to one. Results that calls share
 * are in store.h. Times are real times, not those of a sandbox's clock. */
#pragma once
#include "store/store.h"

/* The result of a change of sessions that was repeated after RC_UNCERTAIN. RC_CONFLICT then tells that it had been
 * made. */
static inline enum rc sessions_repeated(enum rc rc)
{
	return rc == RC_OK || rc == RC_CONFLICT ? RC_OK : RC_UNCERTAIN;
}

/* ---- sessions ---- */
struct session {
	struct str id_hash; /* 32 bytes: SHA-256 of the cookie's value */
	struct uuid party;
	int64_t level;   /* of the login: 3 or 4 … */
	struct str csrf; /* 32 bytes: secret of the forms */
	int64_t created;
	int64_t last_seen;   /* of a session that is being left: when that began */
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
 * sessions_delete or sessions_prune. RC_CONFLICT: no live session. */
MUST_USE enum rc sessions_leave(struct store *s, struct arena *a, struct str id_hash, struct uuid consent, int64_t now);
MUST_USE enum rc sessions_delete(struct store *s, struct arena *a, struct str id_hash);
/* Sessions that are over. */
struct sessions_over {
	int64_t created_before; /* live ones */
	int64_t seen_before;    /* live ones */
	int64_t left_before;    /* ones that are being left */
	int64_t ahead;          /* any with a time after this one */
};
MUST_USE enum rc sessions_prune(struct store *s, struct arena *a, const struct sessions_over *over);
/* Removes the live sessions of the sid. A session that is being left stays: its browser still needs the redirect. */
MUST_USE enum rc sessions_delete_sid(struct store *s, struct arena *a, struct str sid);
/* The same for a logout token, once. jti_hash: 32 bytes, SHA-256 of the token's id, kept until `until`. RC_CONFLICT: a
 * token with that id came before. */
MUST_USE enum rc sessions_end_sid(struct store *s, struct arena *a, struct str sid, struct str jti_hash, int64_t until);

/* ---- logins at an OpenID provider ---- */
/* Marks the login as used: exactly one caller gets RC_OK. The mark stays until `until`. state_hash: 32 bytes.
 * RC_CONFLICT: it was used before. RC_INVALID: the hash is not 32 bytes. */
MUST_USE enum rc logins_take(struct store *s, struct arena *a, struct str state_hash, int64_t until);
/* Was the login used? */
MUST_USE enum rc logins_taken(struct reader *r, struct str state_hash, bool *out);
/* Removes marks of logins and ids of logout tokens whose `until` is before `now`. */
MUST_USE enum rc logins_prune(struct store *s, struct arena *a, int64_t now);
