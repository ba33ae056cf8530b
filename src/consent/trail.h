/* The agreement log: what happened to the consents of a party. */
#pragma once
#include "consent/consent.h"
#include "store/trail.h"

enum log_kind {
	LOGGED_ACCEPTED,
	LOGGED_REJECTED,
	LOGGED_REVOKED,
	LOGGED_DELETED,
	LOGGED_EXPIRED, /* only what was accepted */
	LOGGED_USED,    /* data was handed out */
	LOGGED_TOKEN,   /* a token was fetched */
	LOGGED_CREATED, /* only in consent_story */
	LOGGED__MAX
};
struct log_entry {
	enum log_kind kind;
	int64_t at;
	struct uuid id;
	const struct consent *consent; /* as consents_of loads it */
	bool is_poa;
	/* absent = unknown */
	struct str to_name;
	struct str to_orgno;
	struct str handler_name; /* absent = none, or unknown */
	struct event event;      /* none with LOGGED_EXPIRED and LOGGED_TOKEN */
	/* who did it; by_orgno absent: a person */
	struct str by_name;
	struct str by_orgno;
	struct worded about;  /* title of the resource that was used, or of the first one */
	struct str reference; /* of a use: the reporter's own name of it; absent = none */
};
struct log_query {
	struct uuid party;
	struct trail_at before; /* at 0 = from now */
	enum lang lang;
	unsigned kinds;  /* bits 1 << enum log_kind; 0 = all */
	struct str text; /* in the names or numbers of the receiver and of who did it, or in `about`; absent = all */
};
struct consent_log {
	struct log_entry *items;
	size_t n;             /* at most CONSENT_LIST_PAGE */
	bool more;            /* there may be older ones: */
	struct trail_at next; /* where they begin */
};
/* RC_DENIED: the person may not read the party's consents. RC_INVALID: the text is too long. One page looks at
 * CONSENT_LIST_SCAN entries when some are left out, and may hold none and go on. */
MUST_USE enum rc consent_log(struct consent_service *d, struct arena *a, const struct person_caller *who,
			     const struct log_query *q, struct consent_log *out);

#define CONSENT_SHOWN_TOKENS 100 /* of one consent: the newest */
/* The events of one consent, a derived one too, and its token fetches, oldest first. For whoever consent_details has
 * let in; `c` is what it gave. */
MUST_USE enum rc consent_story(struct consent_service *d, struct arena *a, struct consent *c, enum lang lang,
			       struct log_entry *out[], size_t *n_out);
