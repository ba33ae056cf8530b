/* The store: what the rules may ask for. Nothing above this folder knows which database it is, or names one of its
 * types.
 *
 * Reads go through a reader (one connection of a bounded pool, one snapshot). Writes are changes: a short list of
 * guarded statements handed to the committer, which runs the changes of many workers in one transaction with one disk
 * sync and gives each its own result. Every call that writes blocks until its change is durable or refused.
 *
 * Common results: RC_CONFLICT a guard matched zero rows, nothing of the change was done · RC_STALE the change was
 * decided on another registry version than the store's; nothing done · RC_BUSY the database cannot take it now (disk
 * full, locked, unreachable, queue full); nothing done · RC_UNCERTAIN connection lost during COMMIT: re-read · RC_FAIL
 * a statement failed; nothing done. */
#pragma once
#include "model/model.h"

enum store_mode { STORE_SANDBOX, STORE_PRODUCTION }; /* stamped at creation; the other mode is refused */

struct store_config {
	const char *uri; /* sqlite:PATH or postgresql://… */
	enum store_mode mode;
	bool migrate; /* apply missing schema steps; false: RC_CONFLICT when any is missing */
	int readers;  /* 0 = 4 on SQLite, 8 on PostgreSQL */
	int map_mb;   /* so much of an SQLite file's start do readers map, 0 = nothing; it counts as resident memory */
	bool offline; /* no committer thread: for export and check; writes return RC_FAIL */
};
/* Called by the committer when events are durable, with the receivers that got some: distinct ones. */
typedef void committed_fn(void *ctx, const struct uuid *receivers, size_t n);
struct store;
/* err_out: one line, why. RC_DENIED: stamped for the other mode. RC_CONFLICT: not migrated. */
MUST_USE enum rc store_open(const struct store_config *c, struct store **out, struct arena *a, struct str *err_out);
/* Whom the committer tells, on its own thread; fn may be NULL. When this returns no earlier one is under way any more.
 */
void store_on_commit(struct store *s, committed_fn *fn, void *ctx);
void store_close(struct store *s); /* waits for pending changes; s may be NULL */
MUST_USE enum rc store_check(struct store *s, struct arena *a,
			     struct str *report_out); /* integrity; RC_FAIL with report */

/* What the committer has done since the start; for /metrics and the bench. */
struct store_stats {
	int64_t batches;
	int64_t changes;
	int64_t max_batch;
	int64_t rerun_singly;
	int64_t waiting; /* changes in the queue now */
};
struct store_stats store_stats(const struct store *s);

/* ---- readers ---- */
struct reader;
/* snapshot: all reads until reader_close see one state (one statement needs none). RC_BUSY: no connection within 2 s.
 */
MUST_USE enum rc reader_open(struct store *s, bool snapshot, struct reader **out);
void reader_close(struct reader *r); /* r may be NULL */
static inline void reader_closep(struct reader **r)
{
	reader_close(*r);
}

/* ---- registry: what apply writes and every process compiles ---- */
/* Number that grows with every change to entries, holdings, scopes, clients or keys. 0 = any (in changes). */
MUST_USE enum rc store_registry_version(struct reader *r, int64_t *out);

/* One seed entry as canonical JSON. kind: "resource", "template", "accessList", "scope", "client", "delegation",
 * "altinn2". */
struct entry {
	/* key: unique within kind, e.g. identifier, clientId, "consumer/supplier" */
	struct str kind;
	struct str key;
	int64_t version; /* resources: versionId, templates: version; else 0 */
	struct str body;
};
typedef enum rc entry_fn(void *ctx, const struct entry *e);
/* In order of kind, key, version. */
MUST_USE enum rc entries_each(struct reader *r, entry_fn *fn, void *ctx);

/* Roles, packages and single rights that one party holds for another. */
struct holding {
	struct uuid party;
	struct uuid holder;
	struct str kind; /* "role" (value: urn:altinn:rolecode:dagl), "package" (value: urn), "right" (value:
			    resource/action) */
	struct str value;
};
typedef enum rc holding_fn(void *ctx, const struct holding *h);
MUST_USE enum rc holdings_of(struct reader *r, struct uuid holder, struct uuid party, holding_fn *fn, void *ctx);
MUST_USE enum rc holdings_each(struct reader *r, holding_fn *fn, void *ctx);

/* What a person holds for a party, and who both are, as one statement sees it. Counted are holdings of the person and
 * of organisations in which the person has a key role, for the party and for its main unit: one step of each kind and
 * no more. A single right counts only for whom and by whom it was handed. */
#define AUTHORITY_MAX_HOLDINGS 1000 /* what lies beyond grants nothing */
struct held {
	/* as in struct holding */
	struct str kind;
	struct str value;
	struct held *next;
};
struct standing {
	int64_t version; /* registry version of the same snapshot */
	/* is_person: who asks is registered, as a person */
	bool party_known;
	bool is_person;
	enum party_type type; /* of the party */
	struct str ident;     /* its number */
	struct held *held;
};
MUST_USE enum rc authority_of(struct reader *r, struct arena *a, struct uuid person, struct uuid party,
			      struct standing *out);

/* ---- parties ---- */
#define PARTIES_MAX 8
/* found[i] is NULL for an ident that is not registered. version_out: registry version of the same snapshot; may be
 * NULL. */
MUST_USE enum rc parties_by_ident(struct reader *r, struct arena *a, const struct str *idents, size_t n,
				  struct party *found[], int64_t *version_out);
MUST_USE enum rc parties_by_uuid(struct reader *r, struct arena *a, const struct uuid *uuids, size_t n,
				 struct party *found[]);
/* By user id or party id; RC_NOT_FOUND. */
MUST_USE enum rc parties_by_number(struct reader *r, struct arena *a, int64_t user_id, int64_t party_id,
				   struct party **out);
/* Organisations whose consents the person may read by role, key role or main unit, and whoever has handed the person
 * read on altinn_access_management; at most `limit`, in the database's order of names. */
MUST_USE enum rc parties_represented(struct reader *r, struct arena *a, struct uuid person, size_t limit,
				     struct party *out[], size_t *n_out);
typedef enum rc party_fn(void *ctx, const struct party *p);
MUST_USE enum rc parties_each(struct reader *r, party_fn *fn, void *ctx); /* by key */

/* ---- changes of administration: many rows in one transaction ---- */
struct change;
struct change *change_new(struct arena *a);
/* By ident: insert, or update what is given. Minted by the store where they are 0: party_id, user_id. */
void change_party(struct change *c, const struct party *p);
void change_party_delete(struct change *c, struct str ident);
void change_entry(struct change *c, const struct entry *e); /* insert or replace */
void change_entry_delete(struct change *c, struct str kind, struct str key, int64_t version);
void change_holding(struct change *c, const struct holding *h); /* insert if absent */
void change_holding_delete(struct change *c, const struct holding *h);
/* Decided on this registry version: store_apply does nothing and is RC_STALE when the store has another one. */
void change_at(struct change *c, int64_t registry_version);
/* Runs all of it in one transaction, raises the registry version by one when `bump`. */
MUST_USE enum rc store_apply(struct store *s, struct change *c, bool bump);

/* ---- consents ---- */
/* RC_NOT_FOUND. Events are loaded when asked for. version_out: registry version of the same snapshot; may be NULL. */
MUST_USE enum rc consents_get(struct reader *r, struct arena *a, struct uuid id, bool with_events, struct consent **out,
			      int64_t *version_out);
#define CONSENTS_MAX 10000 /* rows of one list */
/* What `from` was asked, newest first, older than the row `before_key` (0 = from the newest), at most `limit`. Without
 * events and without handled_by, the message, the redirect address and what was shown. RC_TOO_LARGE past CONSENTS_MAX.
 */
MUST_USE enum rc consents_of(struct reader *r, struct arena *a, struct uuid from_uuid, int64_t before_key, size_t limit,
			     struct consent **out[], size_t *n_out);
/* All of what `from` was asked, oldest first, newer than the row `after_key` (0 = from the oldest), at most `limit`,
 * with everything but the texts that were shown. The reader must be a snapshot. RC_TOO_LARGE past CONSENTS_MAX. */
MUST_USE enum rc consents_all(struct reader *r, struct arena *a, struct uuid from_uuid, int64_t after_key, size_t limit,
			      struct consent **out[], size_t *n_out);
/* How many of one status `from` is shown that end after `now`. */
MUST_USE enum rc consents_count(struct reader *r, struct uuid from_uuid, enum consent_status status, int64_t now,
				int64_t *out);
/* One row and its Created event, performed by `performed_by`. RC_CONFLICT: the id exists. c->last_event and *event_out
 * are set. */
MUST_USE enum rc consents_create(struct store *s, struct arena *a, struct consent *c, struct urn performed_by,
				 struct uuid performed_by_uuid, int64_t registry_version, struct event *event_out);
struct answer {
	struct uuid id;
	enum consent_status to;  /* ST_ACCEPTED, ST_REJECTED or ST_REVOKED */
	int64_t now;             /* accept is guarded: the consent is live now */
	struct urn performed_by; /* as the requester will see it */
	struct uuid performed_by_uuid;
	/* of the consent; nil `to`: the store looks them up */
	struct uuid to_uuid;
	struct uuid handled_by_uuid;
	struct str language;      /* accepted: what was shown */
	struct str snapshot_json; /* frozen texts, one JSON object; accepted */
	struct str shown_sha256;  /* hex */
	int64_t registry_version;
};
/* Guarded: created → accepted (not expired), created → rejected, accepted → revoked; RC_CONFLICT otherwise. One event.
 */
MUST_USE enum rc consents_answer(struct store *s, struct arena *a, const struct answer *w, struct event *event_out);

#define CONSENT_MAX_USES 1000 /* that are kept of one consent */
struct use {
	struct uuid id;
	int64_t now; /* guarded: the consent is live now */
	struct urn performed_by;
	struct uuid performed_by_uuid;
	struct str detail; /* one JSON object, kept with the event */
	struct str unless; /* an event whose detail begins with this is RC_CONFLICT; absent = none is */
	bool ends;         /* of a one-time consent */
	int64_t registry_version;
};
/* Guarded: accepted, not expired, fewer than CONSENT_MAX_USES uses, `unless`; RC_CONFLICT otherwise. One event. The
 * first use of a one-time consent sets `used`: tokens_insert refuses it from then on. */
MUST_USE enum rc consents_use(struct store *s, struct arena *a, const struct use *u, struct event *event_out);

/* What the person saw, as frozen at the acceptance; absent before. RC_NOT_FOUND. */
MUST_USE enum rc consents_snapshot(struct reader *r, struct arena *a, struct uuid id, struct str *json_out);

/* ---- events ---- */
#define EVENTS_MAX 1000 /* rows of one page */
struct feed_event {
	struct event event; /* id, type, created */
	struct uuid consent;
};
struct feed {
	struct uuid receiver; /* sees the consents it is `to` or `handled_by` of */
	struct uuid after;    /* cursor: the last event seen; nil = from the start */
	struct uuid before;   /* ids below this one; nil = all */
	int64_t limit;
	/* Filters; what they leave out is looked at, and counts against EVENTS_SCAN_MAX. */
	struct uuid consent; /* nil = all; found by itself, whatever the feed's length */
	unsigned types;      /* bits 1 << enum event_type; 0 = all */
	/* µs, the first inclusive, the second exclusive; 0 = any */
	int64_t created_from;
	int64_t created_until;
};
#define EVENTS_SCAN_MAX 2000 /* events that one page looks at, unless the page itself is larger */
struct feed_end {
	struct uuid cursor; /* the last event that was looked at; `after` when there was none */
	bool more;          /* the page is full, or enough was looked at: the next one begins at the cursor */
};
typedef enum rc feed_fn(void *ctx, const struct feed_event *e);
/* In order of id, which is the order of the commits: nothing ever appears behind a cursor. Each event comes once, also
 * where receiver and handler are one. RC_TOO_LARGE past EVENTS_MAX. */
MUST_USE enum rc events_after(struct reader *r, struct arena *a, const struct feed *f, feed_fn *fn, void *ctx,
			      struct feed_end *end_out);
/* The least event id that can have been made at that time (real time, µs) or later. */
struct uuid events_floor(int64_t us);

/* Other processes may write to the same store: their commits show in feeds_last alone. */
bool store_shared(const struct store *s);
#define FEEDS_MAX 4096 /* receivers of one question */
typedef void feed_last_fn(void *ctx, struct uuid receiver, struct uuid last);
/* For each of the receivers that ever got an event: an id that moves with every commit that gives it another. */
MUST_USE enum rc feeds_last(struct reader *r, const struct uuid *receivers, size_t n, feed_last_fn *fn, void *ctx);

/* ---- tokens: the row is the replay guard and the audit trail; no row, no token ---- */
struct token_row {
	struct uuid id;
	struct str client_id;
	struct str guard; /* 32 bytes: SHA-256 over client and jti, or of the assertion */
	/* supplier absent = none */
	struct str consumer;
	struct str supplier;
	struct str scope;
	struct uuid consent; /* nil = none */
	bool elsewhere;      /* the consent is another platform's: it is not looked at */
	/* µs, token time */
	int64_t issued;
	int64_t expires;
	int64_t guard_until; /* µs: from then on another token may have the guard */
	int64_t registry_version;
};
/* RC_CONFLICT: the guard is taken at `issued` (replay: tokens_guard_id finds it), or the consent is not accepted, valid
 * and unused at `issued` any more. A guard whose time is over is taken from its row, which stays; of several at once
 * one gets it. */
MUST_USE enum rc tokens_insert(struct store *s, struct arena *a, const struct token_row *t);
/* Whose guard it is at `now`. RC_NOT_FOUND. */
MUST_USE enum rc tokens_guard_id(struct reader *r, struct str guard, int64_t now, struct uuid *id_out);
