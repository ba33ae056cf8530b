/* The rows of tokens. A row guards against replay and is the audit trail: without a row no token is issued. Results
 * that calls share are in store.h. */
#pragma once
#include "store/store.h"

struct token_row {
	struct uuid id;
	struct str client_id;
	struct str guard; /* 32 bytes: SHA-256 over client and jti, or of the assertion */
	struct str consumer;
	struct str supplier; /* absent = none */
	struct str scope;
	struct uuid consent; /* nil = none */
	bool elsewhere;      /* the consent is stored at another platform: its state is not checked here */
	int64_t consent_key; /* row key of a consent that is stored here, and the party that gave it */
	struct uuid giver;
	/* the time in the token */
	int64_t issued;
	int64_t expires;
	int64_t guard_until; /* from then on another token may have the guard */
	struct basis basis;
};
/* RC_CONFLICT: another token has the guard at `issued` (a replay: tokens_guard_id finds it), or the consent is not
 * accepted, live and unused at `issued`. A guard whose time is over passes to the new token; the old row stays. Of
 * several tokens at once one gets the guard. */
MUST_USE enum rc tokens_insert(struct store *s, struct arena *a, const struct token_row *t);
/* The token that has the guard at `now`. RC_NOT_FOUND: none. */
MUST_USE enum rc tokens_guard_id(struct reader *r, struct str guard, int64_t now, struct uuid *id_out);
