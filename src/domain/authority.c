#include "domain/authority.h"

enum rc authority_access(struct domain *d, struct arena *a, const struct person_caller *who, struct uuid party,
			 enum party_access access)
{
	(void)d;
	(void)a;
	(void)access;
	return !uuid_is_nil(who->party) && uuid_eq(who->party, party) ? RC_OK : RC_DENIED;
}

enum rc authority_consent(struct domain *d, struct arena *a, const struct person_caller *who, const struct consent *c)
{
	(void)d;
	(void)a;
	if (c->from.kind == URN_ORG || uuid_is_nil(who->party) || !uuid_eq(c->from_uuid, who->party))
		return RC_DENIED;
	bool other = c->required_delegator.value.p && !uuid_eq(c->required_delegator_uuid, who->party);
	return other ? RC_DENIED : RC_OK;
}

enum rc authority_parties(struct domain *d, struct arena *a, const struct person_caller *who, struct party **out[],
			  size_t *n_out)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(d->store, false, &r));
	struct party **found = arena_array(a, struct party *, 1);
	TRY(parties_by_uuid(r, a, &who->party, 1, found));
	*out = found;
	*n_out = found[0] ? 1 : 0;
	return RC_OK;
}
