/* Who may act for whom. Deny by default: what no holding and no policy grants is RC_DENIED. Every question is asked of
 * the store's holdings and of the current registry snapshot, never of what a caller says. */
#pragma once
#include "domain/domain.h"

/* Read and write on altinn_access_management: what the lists, the details and a withdrawal need. */
enum party_access { ACCESS_READ, ACCESS_WRITE };

/* RC_OK: the person may read (write) consents that `party` gives or is asked for. RC_DENIED otherwise. */
MUST_USE enum rc authority_access(struct domain *d, struct arena *a, const struct person_caller *who, struct uuid party,
				  enum party_access access);
/* RC_OK: the person may see and answer this very request: the required delegator, if one is named, and every action of
 * every right is one that the person holds for the giver. RC_DENIED otherwise. */
MUST_USE enum rc authority_consent(struct domain *d, struct arena *a, const struct person_caller *who,
				   const struct consent *c);

#define AUTHORITY_MAX_PARTIES 1000 /* that one person is shown; the rest is reached by address only */
/* Parties whose consents the person may read, oneself first, then by name; at most AUTHORITY_MAX_PARTIES. */
MUST_USE enum rc authority_parties(struct domain *d, struct arena *a, const struct person_caller *who,
				   struct party **out[], size_t *n_out);
