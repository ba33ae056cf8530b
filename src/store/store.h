/* The store: every read and every write of the rules. No other folder knows which database it is, or names one of the
 * database's types.
 *
 * A read goes through a reader: one connection from a bounded pool. A write is a change: a short list of statements
 * that the committer runs. The committer puts the changes of many workers into one transaction with one disk sync, and
 * gives each change its own result. Each call that writes blocks until its change is durable or refused.
 *
 * Rows that a call returns live in the arena `a` of the call. Without an arena, a row lives until the function that
 * gets it returns. An rc from that function other than RC_OK ends the read and is returned. Times are µs since 1970.
 *
 * Results that calls share:
 *   RC_CONFLICT   a guarded statement found no row; nothing of the change was done
 *   RC_STALE      the change was decided on another registry version than the store has; nothing was done
 *   RC_BUSY       the database cannot do it now (disk full, locked, unreachable, queue full); nothing was done
 *   RC_UNCERTAIN  the end of the commit is not known: read again. A change that is not there may still appear
 *   RC_INVALID    a value that must be there is absent; nothing was done
 *   RC_FAIL       a statement failed; nothing was done */
#pragma once
#include "model/model.h"

/* A store is stamped with its mode when it is made, and does not open in the other one. */
enum store_mode { STORE_SANDBOX, STORE_PRODUCTION };

struct store_config {
	const char *uri; /* sqlite:PATH or postgresql://… */
	enum store_mode mode;
	bool migrate; /* true: apply missing schema steps; false: a missing step is RC_CONFLICT */
	int readers;  /* connections of the pool; 0 = 4 on SQLite, 8 on PostgreSQL */
	int map_mb;   /* MiB of an SQLite file that readers map, from its start; 0 = none; counts as resident memory */
	bool offline; /* true: no committer, for export and check; each write is RC_FAIL */
};
/* The committer calls it when events are durable, with the receivers of the events, each once. */
typedef void committed_fn(void *ctx, const struct uuid *receivers, size_t n);
struct store;
/* err_out: the reason in one line. RC_INVALID: unknown kind of URI. RC_DENIED: stamped with the other mode.
 * RC_CONFLICT: a schema step is missing. RC_BUSY: the database cannot be opened. */
MUST_USE enum rc store_open(const struct store_config *c, struct store **out, struct arena *a, struct str *err_out);
/* Sets the function that the committer calls after a commit, on its own thread; NULL = none. When the call returns, no
 * call of the earlier function is running. No effect on an offline store. */
void store_on_commit(struct store *s, committed_fn *fn, void *ctx);
/* Waits for changes in the queue. All readers must be closed. s may be NULL. */
void store_close(struct store *s);
/* Does the database answer now? RC_BUSY within a second; *why_out: the reason in words, static text. */
MUST_USE enum rc store_ready(struct store *s, const char **why_out);
/* Checks integrity. RC_FAIL: *report_out says what is wrong, when it is set. */
MUST_USE enum rc store_check(struct store *s, struct arena *a, struct str *report_out);

/* The committer's counts since the start, for /metrics and the bench. */
struct store_stats {
	int64_t batches;
	int64_t changes;
	int64_t max_batch;    /* changes of the largest batch */
	int64_t rerun_singly; /* changes that ran alone since their batch failed */
	int64_t held;         /* changes that were put aside since a row was locked */
	int64_t waiting;      /* changes in the queue now */
};
struct store_stats store_stats(const struct store *s);

/* ---- readers ---- */
struct reader;
/* Takes a connection from the pool; reader_close gives it back. snapshot: all reads until then see one state; a single
 * statement needs none. RC_BUSY: no connection within 2 s. One thread at a time uses a reader. */
MUST_USE enum rc reader_open(struct store *s, bool snapshot, struct reader **out);
void reader_close(struct reader *r); /* r may be NULL */
static inline void reader_closep(struct reader **r)
{
	reader_close(*r);
}

/* ---- registry: entries that administration writes and each process compiles ---- */
/* The number grows with each change of entries, parties, holdings or keys. In a change, 0 stands for any version. */
MUST_USE enum rc store_registry_version(struct reader *r, int64_t *out);
/* The version of the last change that every decision rests on: of parties, holdings, keys, and of a whole document. */
MUST_USE enum rc store_registry_epoch(struct reader *r, int64_t *out);

/* A part of the registry that changes by itself, such as one client. registry/subject.h has the kinds. */
struct subject {
	const char *kind; /* static text */
	struct str name;
};
/* What a change was decided on. The change is RC_STALE when that has changed since. */
struct basis {
	int64_t version; /* of the registry; 0 = any */
	/* narrow: the decision used these subjects and no other part of the registry, so that it holds until one of
	 * them changes, or the epoch. Otherwise it holds at this very version only. The subjects live until the change
	 * has run. */
	bool narrow;
	const struct subject *used;
	size_t n_used;
};

/* One entry of a seed document as canonical JSON. */
struct entry {
	struct str kind; /* "resource", "template", "accessList", "scope", "client", "delegation", "altinn2" */
	struct str key;  /* unique within the kind: identifier, clientId, "consumer/supplier" … */
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
	struct str kind;  /* "role", "package" or "right" */
	struct str value; /* a role's or package's URN; of a right: resource/action */
};
typedef enum rc holding_fn(void *ctx, const struct holding *h);
struct holding_pair {
	struct uuid holder;
	struct uuid party;
};
#define HOLDING_PAIRS_MAX 8 /* pairs of one call; RC_TOO_LARGE past it */
/* What each holder holds for its party, in any order. */
MUST_USE enum rc holdings_of(struct reader *r, const struct holding_pair *pairs, size_t n, holding_fn *fn, void *ctx);
/* By holder, party, kind and value. */
MUST_USE enum rc holdings_each(struct reader *r, holding_fn *fn, void *ctx);

#define AUTHORITY_MAX_HOLDINGS 1000 /* that are read for one person and party; further ones grant nothing */
/* One holding that counts for the person. */
struct held {
	/* as in struct holding */
	struct str kind;
	struct str value;
	struct held *next;
};
struct standing {
	int64_t epoch;        /* of the registry, in the same snapshot */
	bool party_known;     /* the party is registered */
	bool is_person;       /* the person is registered, as a person */
	enum party_type type; /* of the party */
	struct str ident;     /* number of the party */
	struct held *held;
};
/* Holdings of a person for a party, and the registration of both, in one statement. Holdings count that the person has,
 * or an organisation in which the person has a key role (model/roles.h). They count for the party, and for its main
 * unit: at most one step of each kind. A single right counts only for its own holder and party. */
MUST_USE enum rc authority_of(struct reader *r, struct arena *a, struct uuid person, struct uuid party,
			      struct standing *out);

/* ---- parties ---- */
#define PARTIES_MAX 8 /* parties of one call; RC_TOO_LARGE past it */
/* found[i] belongs to idents[i] (uuids[i]), and is NULL when no party has that number (UUID). epoch_out: of the
 * registry, in the same snapshot; may be NULL. */
MUST_USE enum rc parties_by_ident(struct reader *r, struct arena *a, const struct str *idents, size_t n,
				  struct party *found[], int64_t *epoch_out);
MUST_USE enum rc parties_by_uuid(struct reader *r, struct arena *a, const struct uuid *uuids, size_t n,
				 struct party *found[], int64_t *epoch_out);
/* The same by user ids (users) or by party ids, none of which is 0. */
MUST_USE enum rc parties_by_numbers(struct reader *r, struct arena *a, bool users, const int64_t *numbers, size_t n,
				    struct party *found[]);
/* By user id, or by party id when user_id is 0. RC_NOT_FOUND: no such party. */
MUST_USE enum rc parties_by_number(struct reader *r, struct arena *a, int64_t user_id, int64_t party_id,
				   struct party **out);
/* Parties whose consents the person may read: organisations by a manager role, also through a key role or the main
 * unit, and parties that gave the person read on altinn_access_management. At most `limit`, in the database's order of
 * names. */
MUST_USE enum rc parties_represented(struct reader *r, struct arena *a, struct uuid person, size_t limit,
				     struct party *out[], size_t *n_out);
MUST_USE enum rc parties_any_person(struct reader *r, bool *out); /* is any person registered? */
typedef enum rc party_fn(void *ctx, const struct party *p);
MUST_USE enum rc parties_each(struct reader *r, party_fn *fn, void *ctx); /* by key */

/* ---- consents ---- */
/* RC_NOT_FOUND: no such consent. with_events: loads its events too. version_out: registry version of the same snapshot,
 * also when the consent is not found; may be NULL. */
MUST_USE enum rc consents_get(struct reader *r, struct arena *a, struct uuid id, bool with_events, struct consent **out,
			      int64_t *version_out);
#define CONSENTS_MAX 10000 /* rows of one list */
/* Consents and consent requests of one giver, newest first, older than the row `before_key` (0 = from the newest), at
 * most `limit`. Only the members that columns.h lists are set, and no events. RC_TOO_LARGE past CONSENTS_MAX. */
MUST_USE enum rc consents_of(struct reader *r, struct arena *a, struct uuid from_uuid, int64_t before_key, size_t limit,
			     struct consent **out[], size_t *n_out);
/* The accepted consents of one giver to one receiver that live at `now`, in the same way. RC_TOO_LARGE past
 * CONSENTS_MAX. */
struct pair_filter {
	struct uuid from, to;
	int64_t now;
	int64_t before; /* row of the consent that ended the page before; 0 = from the newest */
	size_t limit;
};
MUST_USE enum rc consents_between(struct reader *r, struct arena *a, const struct pair_filter *f,
				  struct consent **out[], size_t *n_out);
/* All consents of one giver as by consents_of, but oldest first, newer than the row `after_key` (0 = from the oldest),
 * with all members and all events. The reader must be a snapshot. RC_TOO_LARGE past CONSENTS_MAX. */
MUST_USE enum rc consents_all(struct reader *r, struct arena *a, struct uuid from_uuid, int64_t after_key, size_t limit,
			      struct consent **out[], size_t *n_out);
/* Number of the giver's consents that have the status, are live at `now` and have view mode "show". */
MUST_USE enum rc consents_count(struct reader *r, struct uuid from_uuid, enum consent_status status, int64_t now,
				int64_t *out);
/* Writes the row and its event Created. Sets c->last_event and *event_out. RC_CONFLICT: the id exists. */
MUST_USE enum rc consents_create(struct store *s, struct arena *a, struct consent *c, struct urn performed_by,
				 struct uuid performed_by_uuid, const struct basis *basis, struct event *event_out);
struct answer {
	struct uuid id;
	enum consent_status to;  /* ST_ACCEPTED, ST_REJECTED, ST_REVOKED or ST_DELETED */
	int64_t now;             /* an acceptance needs the consent to be live now */
	struct urn performed_by; /* as the requester sees it */
	struct uuid performed_by_uuid;
	/* of the consent; with a nil to_uuid the store looks both up */
	struct uuid to_uuid;
	struct uuid handled_by_uuid;
	/* of an acceptance: the texts as the person saw them */
	struct str language;
	struct str snapshot_json; /* one JSON object */
	struct str shown_sha256;  /* hex */
	/* of an acceptance and a withdrawal: resources whose owners have the consent in a list (lists.h) */
	const struct str *listed;
	size_t n_listed;
	struct basis basis;
};
/* Moves the consent and writes one event: created → accepted while it is live, created → rejected, created → deleted,
 * accepted → revoked. Any other move is RC_CONFLICT; another `to` is RC_INVALID. */
MUST_USE enum rc consents_answer(struct store *s, struct arena *a, const struct answer *w, struct event *event_out);

#define CONSENT_MAX_USES 1000 /* uses that the store keeps of one consent */
struct use {
	struct uuid id;
	int64_t now; /* the consent must be live now */
	struct urn performed_by;
	struct uuid performed_by_uuid;
	struct str detail; /* one JSON object, kept with the event */
	struct str unless; /* RC_CONFLICT if the detail of an earlier event begins with it; absent = no such test */
	bool ends;         /* the use ends a one-time consent: the status lists hear of it, and the lists of `listed` */
	const struct str *listed;
	size_t n_listed;
	struct basis basis;
};
/* Writes one event. The consent must be accepted, live, and have fewer than CONSENT_MAX_USES uses; RC_CONFLICT
 * otherwise. The first use of a one-time consent sets `used`, and tokens_insert refuses the consent from then on. */
MUST_USE enum rc consents_use(struct store *s, struct arena *a, const struct use *u, struct event *event_out);

/* The texts as the person saw them at the acceptance, one JSON object; absent before. RC_NOT_FOUND: no such consent. */
MUST_USE enum rc consents_snapshot(struct reader *r, struct arena *a, struct uuid id, struct str *json_out);

/* Notes that somebody who may answer has seen the request. RC_CONFLICT: that was noted before, or it is ORIGIN_ALTINN3.
 */
MUST_USE enum rc consents_opened(struct store *s, struct arena *a, struct uuid id, int64_t now);

/* ---- events ---- */
#define EVENTS_MAX 1000 /* rows of one page */
struct feed_event {
	struct event event; /* id, type, created */
	struct uuid consent;
};
struct feed {
	struct uuid receiver; /* `to` or `handled_by` of the consents */
	struct uuid after;    /* cursor: events after this id; nil = from the start */
	struct uuid before;   /* events before this id; nil = all */
	int64_t limit;        /* 1 … EVENTS_MAX */
	/* Filters. An event that they leave out is read too, and counts against EVENTS_SCAN_MAX. */
	struct uuid consent; /* of this consent alone, whose events have an index of their own; nil = all */
	unsigned types;      /* bits 1 << enum event_type; 0 = all */
	/* µs, the first inclusive, the second exclusive; 0 = any */
	int64_t created_from;
	int64_t created_until;
};
#define EVENTS_SCAN_MAX 2000 /* events that one page reads, unless the page itself is larger */
struct feed_end {
	struct uuid cursor; /* the last event that was read; `after` when there was none */
	bool more;          /* the page is full or EVENTS_SCAN_MAX is reached: the next page begins at the cursor */
};
typedef enum rc feed_fn(void *ctx, const struct feed_event *e);
/* Events in order of id, which is the order of the commits: no event ever appears before a cursor. Each event comes
 * once, also where the receiver is both `to` and `handled_by`. RC_TOO_LARGE: the limit is out of range. */
MUST_USE enum rc events_after(struct reader *r, struct arena *a, const struct feed *f, feed_fn *fn, void *ctx,
			      struct feed_end *end_out);
/* The lowest event id that can have been made at this real time or later. */
struct uuid events_floor(int64_t us);

/* True: other processes may write to the same store. Their commits show in feeds_last alone. */
bool store_shared(const struct store *s);
#define FEEDS_MAX 4096 /* receivers of one call; RC_TOO_LARGE past it */
typedef void feed_last_fn(void *ctx, struct uuid receiver, struct uuid last);
/* For each of the receivers that has events: an id that grows with each commit of another event for it. */
MUST_USE enum rc feeds_last(struct reader *r, const struct uuid *receivers, size_t n, feed_last_fn *fn, void *ctx);
