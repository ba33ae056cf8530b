/* The seed document of `samtykke apply`, `samtykke export` and POST /sandbox/apply: docs/SEED.md. A document with one
 * fault changes nothing; applying a document twice changes nothing the second time. A document that changes more than
 * SEED_CHUNK parties, roles and rights is written in several changes; applying it again finishes what was interrupted.
 */
#pragma once
#include "model/model.h"
#include "publish/limits.h"
#include "store/store.h"

struct seed_options {
	bool sandbox; /* privateJwk is allowed */
	bool dry_run; /* report only */
	bool whole;   /* a member that an entry does not name is removed; otherwise it stays as it is stored */
	/* The registry version that the document was made from: RC_STALE when the store has another one. 0: it was made
	 * from none, and is planned again when another writer was faster. */
	int64_t registry_version;
	/* Bytes by which the change may grow what is stored: what an organisation may still store. Heeded with
	 * `limited`. */
	bool limited;
	size_t room;
	/* The store has other processes: after each of several changes they get it for as long as that one took. */
	bool rests;
	/* Called after each change with its lines; after a dry run with all lines. May be NULL. */
	void (*written)(void *ctx, struct str lines);
	void *written_ctx;
};
struct seed_report {
	struct arena *a;
	struct buf faults; /* lines "PATH: FAULT" */
	size_t n_faults;
	struct buf changes; /* lines "+ party 810419512", "~ resource x", "- scope y": what was written, in any case */
	size_t n_changes;
	size_t told;        /* bytes of changes that seed_options.written has got */
	bool other_content; /* one of the faults is that a version exists with other content */
	bool over_room;     /* RC_CONFLICT */
};
/* Applies a document; the report lives in `a`. RC_INVALID: faults. RC_STALE: another writer was faster. RC_CONFLICT:
 * the change exceeds o->room. RC_BUSY, RC_FAIL, RC_UNCERTAIN: the store's. */
MUST_USE enum rc seed_apply(struct store *s, struct arena *a, struct str json, const struct seed_options *o,
			    struct seed_report *report);
/* Writes the whole state as one seed document, without private keys. Applied to an empty store it gives the same
 * state. */
MUST_USE enum rc seed_export(struct store *s, struct buf *out);

/* A line for each stored entry whose key differs from another one's by letter case alone, and for each resource whose
 * owner code differs so from that of another organisation. A document can add neither. *out lives in `a`. */
MUST_USE enum rc seed_twins_stored(struct store *s, struct arena *a, struct str *out);

/* The seed document of the sandbox, which is compiled in. */
struct str seed_sandbox(void);
