#include "store/internal.h"

enum { ROW_VERSION, ROW_PARTY, ROW_PERSON, ROW_HELD }; /* first column of authority_of */
enum { COL_WHAT, COL_NUMBER, COL_PARENT, COL_FIRST, COL_SECOND };

struct reading {
	struct arena *a;
	struct standing s;
	struct held **last;
};

static enum rc authority_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct reading *k = ctx;
	(void)n;
	switch (cols[COL_WHAT].i) {
	case ROW_VERSION:
		k->s.version = cols[COL_NUMBER].i;
		return RC_OK;
	case ROW_PARTY:
		k->s.party_known = true;
		k->s.type = cols[COL_NUMBER].i == PARTY_ORG ? PARTY_ORG : PARTY_PERSON;
		k->s.ident = arena_str(k->a, cols[COL_SECOND].s);
		return RC_OK;
	case ROW_PERSON:
		k->s.is_person = cols[COL_NUMBER].i == PARTY_PERSON;
		return RC_OK;
	case ROW_HELD:
		*k->last = arena_new(k->a, struct held);
		(*k->last)->kind = arena_str(k->a, cols[COL_FIRST].s);
		(*k->last)->value = arena_str(k->a, cols[COL_SECOND].s);
		k->last = &(*k->last)->next;
		return RC_OK;
	default:
		return RC_FAIL;
	}
}

enum rc authority_of(struct reader *r, struct arena *a, struct uuid person, struct uuid party, struct standing *out)
{
	struct reading k = { .a = a };
	struct db_val who = db_blob(uuid_bytes(&person)), whom = db_blob(uuid_bytes(&party));
	k.last = &k.s.held;
	TRY(READER_QUERY(r, SQL_authority_of, authority_row, &k, whom, who, who, whom, who, whom, whom, who, who, whom,
			 db_int(ROW_HELD + AUTHORITY_MAX_HOLDINGS)));
	*out = k.s;
	return RC_OK;
}
