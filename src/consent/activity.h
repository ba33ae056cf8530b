/* The activity log: answers, withdrawals, ends, uses and tokens of a giver's consents. */
#pragma once
#include "consent/consent.h"
#include "store/activity.h"

enum activity_kind {
	ACTIVITY_ACCEPTED,
	ACTIVITY_REJECTED,
	ACTIVITY_REVOKED,
	ACTIVITY_DELETED,
	ACTIVITY_EXPIRED, /* of an accepted consent */
	ACTIVITY_USED,    /* data was handed out */
	ACTIVITY_TOKEN,   /* a token was fetched */
	ACTIVITY_CREATED, /* only in activity_of_consent */
	ACTIVITY__MAX
};
struct activity {
	enum activity_kind kind;
	int64_t at;
	struct uuid id;
	const struct consent *consent; /* as consents_of loads it */
	bool is_poa;
	/* absent = unknown */
	struct str to_name;
	struct str to_orgno;
	struct str handler_name; /* absent = none, or unknown */
	struct event event;      /* none with ACTIVITY_EXPIRED and ACTIVITY_TOKEN */
	/* the party that acted; by_orgno absent: a person */
	struct str by_name;
	struct str by_orgno;
	struct localized resource_title; /* of the resource that was used, or of the first one */
	struct str reference;            /* of a use: the reporter's own name of it; absent = none */
};
struct activity_query {
	struct uuid party;
	struct activity_at before; /* at 0 = from now */
	enum lang lang;
	unsigned kinds;  /* bits 1 << enum activity_kind; 0 = all */
	struct str text; /* in the names or numbers of the receiver and of who did it, or in the title; absent = all */
};
struct activity_page {
	struct activity *items;
	size_t n;                /* at most CONSENT_LIST_PAGE */
	bool more;               /* there may be older ones: */
	struct activity_at next; /* where they begin */
};
/* The references of uses are left out where the login is below the level of the consent's resources.
 * RC_DENIED: the person may not read the party's consents. RC_INVALID: the text is too long. One page looks at
 * CONSENT_LIST_SCAN entries when some are left out, and may hold none and go on. */
MUST_USE enum rc activity_log(struct consent_service *consents, struct arena *a, const struct person_caller *who,
			      const struct activity_query *q, struct activity_page *out);

#define CONSENT_LOG_TOKENS 100 /* of one consent: the newest */
/* The events of one consent, a derived one too, and its tokens, oldest first. The caller has `c` from consent_details.
 */
MUST_USE enum rc activity_of_consent(struct consent_service *consents, struct arena *a, struct consent *c,
				     enum lang lang, struct activity *out[], size_t *n_out);
