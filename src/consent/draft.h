/* A request before it is stored, for a page that shows it without a write. */
#pragma once
#include "consent/consent.h"

/* The request that consent_create would store, by the same rules, without a write. `from` may be absent: who gives is
 * not known yet. RC_DENIED, RC_INVALID as consent_create. */
MUST_USE enum rc consent_draft(struct consent_service *consents, struct arena *a, const struct draft *draft,
			       const struct org_caller *who, struct consent **out, struct problems *p);
/* What consent_open asks of the person. RC_DENIED as consent_open. */
MUST_USE enum rc consent_may_answer(struct consent_service *consents, struct arena *a, const struct consent *c,
				    const struct person_caller *who, struct problems *p);
