#include "store/internal.h"

enum { ROW_EPOCH, ROW_PARTY, ROW_PERSON, ROW_HELD }; /* kind of a row: its first column */
enum { COL_KIND, COL_NUMBER, COL_PARENT, COL_FIRST, COL_SECOND };

struct authority_rows {
	struct arena *a;
	struct standing s;
	struct held **last;
};

static enum rc authority_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct authority_rows *rows = ctx;
	(void)n;
	switch (cols[COL_KIND].i) {
	case ROW_EPOCH:
		rows->s.epoch = cols[COL_NUMBER].i;
		return RC_OK;
	case ROW_PARTY:
		rows->s.party_known = true;
		rows->s.type = cols[COL_NUMBER].i == PARTY_ORG ? PARTY_ORG : PARTY_PERSON;
		rows->s.ident = arena_str(rows->a, cols[COL_SECOND].s);
		return RC_OK;
	case ROW_PERSON:
		rows->s.is_person = cols[COL_NUMBER].i == PARTY_PERSON;
		return RC_OK;
	case ROW_HELD:
		*rows->last = arena_new(rows->a, struct held);
		(*rows->last)->kind = arena_str(rows->a, cols[COL_FIRST].s);
		(*rows->last)->value = arena_str(rows->a, cols[COL_SECOND].s);
		rows->last = &(*rows->last)->next;
		return RC_OK;
	default:
		return RC_FAIL;
	}
}

enum rc authority_of(struct reader *r, struct arena *a, struct uuid person, struct uuid party, struct standing *out)
{
	struct authority_rows rows = { .a = a };
	struct db_val person_id = db_blob(uuid_bytes(&person)), party_id = db_blob(uuid_bytes(&party));
	rows.last = &rows.s.held;
	TRY(READER_QUERY(r, SQL_authority_of, authority_row, &rows, party_id, person_id, person_id, party_id, person_id,
			 party_id, party_id, person_id, person_id, party_id,
			 db_int(ROW_HELD + AUTHORITY_MAX_HOLDINGS)));
	*out = rows.s;
	return RC_OK;
}
