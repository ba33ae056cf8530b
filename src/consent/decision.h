/* Decisions for who asks the platform instead of verifying a token (design: AuthZEN 1.0): may an organisation ask for a
 * resource, and does a consent stand? */
#pragma once
#include "consent/consent.h"

#define DECISION_ASK "requestconsent" /* the action of the first question; every other one is an action of a right */

/* Why it is so. The names are those of samtykke_rc_name, where that has one. */
enum decision_reason {
	DECISION_YES,
	DECISION_NO_CONSENT, /* no consent from this giver to this organisation stands, or the caller may not know it */
	DECISION_NOT_COVERED,
	DECISION_EXPIRED, /* or used up */
	DECISION_REVOKED,
	DECISION_WRONG_GIVER,     /* the consent has another giver; or no giver is named, or it is not registered */
	DECISION_WRONG_RECIPIENT, /* the consent was given to another organisation */
	DECISION_REFUSED,         /* the policy or the access list does not let the organisation ask */
	DECISION__MAX
};
const char *decision_name(enum decision_reason reason); /* "not-covered" */
const char *decision_text(enum decision_reason reason); /* one sentence in English */

struct decision_question {
	struct str orgno; /* of the organisation that it is about; absent: of none */
	struct str action;
	struct str resource;
	const struct meta *metadata; /* that one right must have, each with its value; keys in any letter case */
	struct urn from;             /* the giver; value absent: none is named */
	struct uuid consent;         /* nil: any that stands */
};
struct decision {
	enum decision_reason reason;
	/* for DECISION_ASK: */
	bool one_time;
	int64_t latest_end; /* that a request may have now; 0: no limit */
	/* otherwise, with DECISION_YES: */
	const struct consent *consent; /* without its events */
	const struct right *right;     /* that covers the question */
	int64_t end;                   /* of its tokens */
};
/* RC_DENIED: the caller is neither the organisation nor the resource's owner. A caller that owns nothing of a consent
 * learns nothing of it, and of a giver's consents to others nothing either. */
MUST_USE enum rc consent_decision(struct consent_service *consents, struct arena *a, const struct decision_question *q,
				  const struct org_caller *who, struct decision *out);
