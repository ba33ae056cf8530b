/* Who may act for whom. Deny by default: what no holding and no policy grants is RC_DENIED. Every question is asked of
 * the store's holdings and of the current registry snapshot, never of what a caller says. Only people act: whoever asks
 * must be registered as a person, and the party it is about must be registered too.
 *
 * A person holds for a party what was given to the person and to organisations in which the person has a key role
 * (dagl, lede, inneh, …), for the party and for its main unit; of both detours one step is taken (store.h). For
 * themselves, a person holds urn:altinn:rolecode:priv. */
#pragma once
#include "consent/consent.h"

/* Nobody reads or writes on altinn_access_management with a weaker login; what a consent asks for beyond that is in the
 * policies of its resources. */
#define AUTHORITY_LEVEL 3

/* Read and write on altinn_access_management: what the lists, the details and a withdrawal need. */
enum party_access { ACCESS_READ, ACCESS_WRITE };

/* RC_OK: the person may read (write) consents that `party` gives or is asked for. By being it; for an organisation by
 * dagl, lede, inneh, hadm or admai; by a single right on altinn_access_management. RC_DENIED otherwise, and below
 * AUTHORITY_LEVEL. */
MUST_USE enum rc authority_access(struct consent_service *d, struct arena *a, const struct person_caller *who,
				  struct uuid party, enum party_access access);
/* RC_OK: the person may see and answer this very request: the required delegator, if one is named, and every action of
 * every right is one that the person holds for the giver: by a rule of the policy that stands now, by a single right,
 * or as the organisation's dagl or hadm. Of a rule's subjects roles and access packages count. A resource with access
 * lists on lets only organisations give that are on a list for the action. Levels are not looked at. RC_DENIED
 * otherwise. */
MUST_USE enum rc authority_consent(struct consent_service *d, struct arena *a, const struct person_caller *who,
				   const struct consent *c);
/* The highest level that a policy of its resources asks for. */
int64_t authority_level(const struct registry *reg, const struct consent *c);

#define AUTHORITY_MAX_PARTIES 1000 /* that one person is shown; the rest is reached by address only */
/* Parties whose consents the person may read, oneself first, then by name; at most AUTHORITY_MAX_PARTIES. RC_DENIED:
 * not a registered person. */
MUST_USE enum rc authority_parties(struct consent_service *d, struct arena *a, const struct person_caller *who,
				   struct party **out[], size_t *n_out);

/* ---- the same in steps, for a decision that is written: one statement reads what all questions need ---- */
struct authority {
	struct standing standing;
	bool self;
	struct uuid person;
	int64_t level;
};
/* authority.standing.version is what a write must be decided on. */
MUST_USE enum rc authority_load(struct consent_service *d, struct arena *a, const struct person_caller *who,
				struct uuid party, struct authority *out);
bool authority_may(const struct authority *au, enum party_access access);
bool authority_may_answer(const struct authority *au, const struct registry *reg, const struct consent *c);
