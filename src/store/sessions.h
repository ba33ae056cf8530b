/* Sessions of people who are logged in, and logins under way. */
#pragma once
#include "store/store.h"

/* ---- sessions ---- */
struct session {
	struct str id_hash; /* 32 bytes: SHA-256 of the cookie's value */
	struct uuid party;
	int64_t level;   /* 3 or 4 … */
	struct str csrf; /* 32 bytes */
	/* real time */
	int64_t created;
	int64_t last_seen;
	struct uuid leaving; /* consent whose redirect follows the logout; nil = live session */
	struct str language; /* chosen by the login; absent = none */
	struct str sid;      /* the OpenID provider's name for it; absent = none */
	int64_t auth_time;   /* when the person proved who they are; real time, 0 = not known */
	struct str acr;      /* how, in the provider's words; absent = not known */
};
MUST_USE enum rc sessions_insert(struct store *s, struct arena *a, const struct session *n);
MUST_USE enum rc sessions_get(struct reader *r, struct arena *a, struct str id_hash, struct session **out);
MUST_USE enum rc sessions_touch(struct store *s, struct arena *a, struct str id_hash, int64_t now);
/* The session is over; where the browser goes after the logout pages stays until sessions_delete. */
MUST_USE enum rc sessions_leave(struct store *s, struct arena *a, struct str id_hash, struct uuid consent);
MUST_USE enum rc sessions_delete(struct store *s, struct arena *a, struct str id_hash);
MUST_USE enum rc sessions_prune(struct store *s, struct arena *a, int64_t created_before, int64_t seen_before);
/* Ends the sessions of that sid; those that are being left stay, since their browser has somewhere to go. */
MUST_USE enum rc sessions_delete_sid(struct store *s, struct arena *a, struct str sid);
/* The same on a logout token's word, once: RC_CONFLICT when a token of that id (32 bytes, a hash) was taken before. It
 * is remembered until `until`. */
MUST_USE enum rc sessions_end_sid(struct store *s, struct arena *a, struct str sid, struct str jti_hash, int64_t until);

/* ---- logins under way at an OpenID provider ---- */
struct login {
	struct str state_hash; /* 32 bytes: SHA-256 of the state */
	struct str browser;    /* 32 bytes: SHA-256 of the cookie of the browser that it was begun in */
	/* verifier: of PKCE */
	struct str nonce;
	struct str verifier;
	struct str back; /* local address */
	int64_t level;   /* at least; 0 = what the settings say */
	bool fresh;      /* the person has to prove again who they are */
	int64_t created; /* real time */
};
MUST_USE enum rc logins_insert(struct store *s, struct arena *a, const struct login *n);
MUST_USE enum rc logins_get(struct reader *r, struct arena *a, struct str state_hash, struct login **out);
/* Exactly one caller gets RC_OK; RC_CONFLICT: it is gone, or another browser's. */
MUST_USE enum rc logins_take(struct store *s, struct arena *a, struct str state_hash, struct str browser);
/* Removes logins that were begun before, and logout tokens that need not be remembered at `now`. */
MUST_USE enum rc logins_prune(struct store *s, struct arena *a, int64_t created_before, int64_t now);
