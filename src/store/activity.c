#include "store/activity.h"

#include <assert.h>

#include "store/internal.h"
#include "store/rows.h"

struct activity_list {
	struct arena *a;
	struct activity_row *rows;
	size_t n;
	size_t max;
};

/* at, id, kind, consumer, supplier; the event's columns; handled_by_uuid; the consent's. */
static enum rc trail_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct activity_list *l = ctx;
	static_assert(ACTIVITY_ROW_EVENT == 0 && ACTIVITY_ROW_TOKEN == 1 && ACTIVITY_ROW_END == 2,
		      "statements have the numbers");
	assert(l->n < l->max);
	struct activity_row *row = &l->rows[l->n++];
	const struct db_val *event = cols + 5, *consent = event + EVENT_COLUMN_COUNT;
	*row = (struct activity_row){ .at = cols[0].i, .kind = (enum activity_row_kind)cols[2].i };
	TRY(val_uuid(&cols[1], &row->id));
	if (cols[3].type != DB_NULL)
		row->consumer = arena_str(l->a, cols[3].s);
	if (cols[4].type != DB_NULL)
		row->supplier = arena_str(l->a, cols[4].s);
	if (event[0].type != DB_NULL)
		TRY(event_read(l->a, event, EVENT_COLUMN_COUNT, &row->event));
	TRY(consent_list_read(l->a, consent + 1, n - 6 - EVENT_COLUMN_COUNT, &row->consent));
	return val_uuid(consent, &row->consent->handled_by_uuid);
}

enum rc activities_of(struct reader *r, struct arena *a, struct uuid from_uuid, const struct activity_at *before,
		      size_t limit, struct activity_row *out[], size_t *n_out)
{
	if (limit > ACTIVITY_ROWS_MAX)
		return RC_TOO_LARGE;
	struct activity_list l = { .a = a,
				   .rows = arena_array(a, struct activity_row, limit ? limit : 1),
				   .max = limit };
	TRY(READER_QUERY(r, SQL_activities_of, trail_row, &l, db_blob(uuid_bytes(&from_uuid)), db_int(before->at),
			 db_blob(uuid_bytes(&before->id)), db_int((int64_t)limit)));
	*out = l.rows;
	*n_out = l.n;
	return RC_OK;
}

/* at, id, consumer, supplier */
static enum rc token_row(void *ctx, const struct db_val *cols, size_t n)
{
	(void)n;
	struct activity_list *l = ctx;
	assert(l->n < l->max);
	struct activity_row *row = &l->rows[l->n++];
	*row = (struct activity_row){ .at = cols[0].i, .kind = ACTIVITY_ROW_TOKEN };
	if (cols[2].type != DB_NULL)
		row->consumer = arena_str(l->a, cols[2].s);
	if (cols[3].type != DB_NULL)
		row->supplier = arena_str(l->a, cols[3].s);
	return val_uuid(&cols[1], &row->id);
}

enum rc activities_tokens(struct reader *r, struct arena *a, struct uuid consent, size_t limit,
			  struct activity_row *out[], size_t *n_out)
{
	if (limit > ACTIVITY_ROWS_MAX)
		return RC_TOO_LARGE;
	struct activity_list l = { .a = a,
				   .rows = arena_array(a, struct activity_row, limit ? limit : 1),
				   .max = limit };
	TRY(READER_QUERY(r, SQL_activities_tokens, token_row, &l, db_blob(uuid_bytes(&consent)),
			 db_int((int64_t)limit)));
	*out = l.rows;
	*n_out = l.n;
	return RC_OK;
}
