/* The consent snapshot: the exact HTML that a person accepted, the names around it and the person's login. It is kept
 * with the acceptance as one JSON object. */
#pragma once
#include "consent/consent.h"
#include "consent/view.h"

struct snapshot_party {
	/* absent = not known */
	struct str name;
	struct str orgno;
};
struct snapshot_right {
	struct str title;
	struct snapshot_party owner; /* the data source */
};
struct consent_snapshot {
	enum lang lang;
	struct str html;
	struct str sha256; /* of html, in hexadecimal */
	struct str title;  /* the page's heading; absent in what older versions kept, as all below */
	struct str template_id;
	int64_t template_version;
	bool is_poa;
	struct snapshot_party from; /* orgno absent: a person */
	struct snapshot_party to;
	struct snapshot_party handler; /* both absent: nobody handles it */
	struct snapshot_right *rights; /* in the order of the consent's */
	size_t n_rights;
	struct str acr;
	struct str provider;
	int64_t level; /* 0 = not known */
};
/* Fills in language, JSON and hash of the answer with the view `s` as `who` saw it. */
void consent_snapshot_make(struct arena *a, const struct consent_view *s, const struct consent *c,
			   const struct person_caller *who, struct answer *out);
/* RC_NOT_FOUND: the consent was never given, or has no snapshot. RC_INVALID: the stored text does not match its hash,
 * and the log has an error. */
MUST_USE enum rc consent_snapshot_load(struct consent_service *consents, struct arena *a, const struct consent *c,
				       struct consent_snapshot *out);
/* The data source of the ith right; NULL when an earlier right has it too. */
const struct snapshot_party *snapshot_source(const struct consent_snapshot *f, size_t i);
/* The event of the acceptance; NULL: the consent was never given. */
const struct event *snapshot_event(const struct consent *c);
