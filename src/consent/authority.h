/* Authority: may a person act for a party? Without a holding or a policy that grants it, the answer is RC_DENIED. The
 * answers come from the store's holdings and from the current registry snapshot, never from a caller's claims. Only
 * people act: the caller must be registered as a person, and the party must be registered too.
 *
 * A person holds what was given to the person, and what was given to an organisation in which the person has a key role
 * (model/roles.h). A holding counts for a party and for its subunits. At most one step through a key role and one to
 * the main unit are taken (store.h). For themselves, people hold urn:altinn:rolecode:priv. */
#pragma once
#include "consent/consent.h"

/* The login level that read and write on altinn_access_management need. The policies of a consent's resources may ask
 * for a higher one. */
#define AUTHORITY_LEVEL 3

/* Read and write on altinn_access_management: lists and details need the first, decisions the second. */
enum party_access { ACCESS_READ, ACCESS_WRITE };

/* RC_OK: the person may read (write) the consents of `party`. The person is the party, or has a manager role for the
 * organisation (model/roles.h), or a single right on altinn_access_management. RC_DENIED otherwise, and below
 * AUTHORITY_LEVEL. */
MUST_USE enum rc authority_access(struct consent_service *consents, struct arena *a, const struct person_caller *who,
				  struct uuid party, enum party_access access);
/* RC_OK: the person may see and answer this request. The person is the required delegator, where one is named. For
 * every action of every right the person holds, for the giver, a subject of the current policy, a single right, or a
 * role that answers everything (model/roles.h). Of a rule's subjects roles and access packages count. A resource with
 * access lists on admits only organisations that a list names for the action. Levels do not count here. RC_DENIED
 * otherwise. */
MUST_USE enum rc authority_consent(struct consent_service *consents, struct arena *a, const struct person_caller *who,
				   const struct consent *c);
/* The highest login level that the policies of its resources ask for. */
int64_t authority_level(const struct registry *reg, const struct consent *c);
/* That level where the caller's login is lower; else 0. One rule for pages and APIs: a login below the level neither
 * decides nor reads metadata, message, texts and uses. */
int64_t authority_level_missing(const struct registry *reg, const struct person_caller *who, const struct consent *c);

#define AUTHORITY_MAX_PARTIES 1000 /* parties in one person's list; others are reached by their address only */
/* The parties whose consents the person may read: the person first, then by name, at most AUTHORITY_MAX_PARTIES.
 * RC_DENIED: the caller is no registered person, or has a login below AUTHORITY_LEVEL. */
MUST_USE enum rc authority_parties(struct consent_service *consents, struct arena *a, const struct person_caller *who,
				   struct party **out[], size_t *n_out);

/* ---- the same in steps, for a decision that is written: one statement reads all holdings ---- */
struct authority {
	struct standing standing;
	bool is_own_party; /* the person is the party */
	struct uuid person;
	int64_t level;
};
/* A write must be decided on the registry version authority.standing.version. */
MUST_USE enum rc authority_load(struct consent_service *consents, struct arena *a, const struct person_caller *who,
				struct uuid party, struct authority *out);
/* The same for a page or an answer that reads: a standing of the epoch of `c` that was read lately counts. */
MUST_USE enum rc authority_load_for(struct consent_service *consents, struct arena *a, const struct person_caller *who,
				    const struct consent *c, struct authority *out);
bool authority_may(const struct authority *au, enum party_access access);
bool authority_may_answer(const struct authority *au, const struct registry *reg, const struct consent *c);
