/* Lists for organisations: requests of Altinn 2, and consents to a resource. Both are in the order of the last change,
 * and go on behind a mark. Results are those of store.h. */
#pragma once
#include "store/store.h"

/* A place in such a list: the time of the last change in µs, and the row's key. Zero = the start. */
struct list_mark {
	int64_t at;
	int64_t key;
};
static inline int list_mark_cmp(struct list_mark x, struct list_mark y)
{
	return x.at != y.at ? (x.at > y.at) - (x.at < y.at) : (x.key > y.key) - (x.key < y.key);
}

/* ---- requests of Altinn 2 (origin is not ORIGIN_ALTINN3) ---- */
/* Accepted stays so after a withdrawal and a use. Deleted requests are in no list. */
enum request_state { REQUEST_UNOPENED, REQUEST_OPENED, REQUEST_ACCEPTED, REQUEST_REJECTED, REQUEST_DELETED };
#define REQUEST_STATES REQUEST_DELETED /* that a list has */
enum request_role { REQUEST_TO, REQUEST_HANDLER, REQUEST_FROM, REQUEST_ROLE__MAX };
enum request_state request_state(const struct consent *c);
int64_t request_changed(const struct consent *c); /* when it came to that state */
/* The requests in that state in which the party has that role, behind the mark, with all members and no events.
 * RC_TOO_LARGE past CONSENTS_MAX. */
struct requests_filter {
	struct uuid party;
	enum request_role role;
	enum request_state state;
	struct list_mark after;
	size_t limit;
};
MUST_USE enum rc requests_of(struct reader *r, struct arena *a, const struct requests_filter *f, struct consent **out[],
			     size_t *n_out);

/* ---- consents to a resource, as its owner gets them in a list ---- */
struct listed_row {
	struct list_mark changed; /* by acceptance, withdrawal, or the use that ended it */
	bool ended;               /* withdrawn or used up */
	struct uuid id;
	int64_t created;
	int64_t valid_to;
	/* as the requester named them */
	struct urn from_urn;
	struct urn to_urn;
	/* the same in the register, of whose members type, ident, name and unit_type are set; ident absent: not there
	 */
	struct party from;
	struct party to;
};
/* Those that have ended, or those that have not, live at `now`, behind the mark. RC_TOO_LARGE past CONSENTS_MAX. */
struct listed_filter {
	struct str resource;
	bool ended;
	int64_t now;
	struct list_mark after;
	size_t limit;
};
MUST_USE enum rc listed_of(struct reader *r, struct arena *a, const struct listed_filter *f, struct listed_row *out[],
			   size_t *n_out);
#define LISTED_PRUNE_MAX 5000 /* of one call */
/* Takes consents that had ended at `until` out of these lists, which show none of them. */
MUST_USE enum rc listed_prune(struct store *s, struct arena *a, int64_t until);
