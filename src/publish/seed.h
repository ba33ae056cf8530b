/* The declarative document of `samtykke apply`, `samtykke export` and POST /sandbox/apply. Nothing is applied when
 * there is one fault; applying twice changes nothing. */
#pragma once
#include "model/model.h"
#include "publish/limits.h"
#include "store/store.h"

struct seed_options {
	bool sandbox; /* privateJwk is legal */
	bool dry_run; /* report only */
	bool whole;   /* entries are not merged over what is stored: a member that is not named is gone */
	/* The document was made from this registry version: RC_STALE when the store has another one. 0: made from none,
	 * and planned anew when somebody else writes meanwhile. */
	int64_t registry_version;
};
struct seed_report {
	struct arena *a;
	struct buf faults; /* lines "PATH: what is wrong" */
	size_t n_faults;
	struct buf changes; /* lines "+ party 810419512", "~ resource x", "- scope y" */
	size_t n_changes;
	bool other_content; /* one of the faults: a version exists with other content */
};
/* RC_INVALID: faults. RC_STALE: somebody else wrote meanwhile. RC_BUSY, RC_FAIL, RC_UNCERTAIN: the store's. */
MUST_USE enum rc seed_apply(struct store *s, struct arena *a, struct str json, const struct seed_options *o,
			    struct seed_report *report);
/* The whole state as one seed document; private keys never. Applying it elsewhere gives the same state. */
MUST_USE enum rc seed_export(struct store *s, struct buf *out);

/* The built-in world of the sandbox: a seed document that is compiled in. */
struct str seed_sandbox(void);
