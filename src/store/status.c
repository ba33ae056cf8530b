#include <assert.h>

#include "store/internal.h"
#include "store/rows.h"
#include "store/status.h"

// clang-format off
const struct uuid status_feed = { { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 } };
// clang-format on

struct seed {
	bool found;
	uint8_t *out;
};

/* The seed is stored as the texts of two UUIDs, one after the other. */
static enum rc seed_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct seed *s = ctx;
	struct uuid half[2];
	struct str text = cols[0].s;
	(void)n;
	static_assert(sizeof half == STATUS_SEED_BYTES, "a seed is two UUIDs");
	if (text.n != 2 * (UUID_TEXT - 1) || uuid_parse(str_span(text.p, UUID_TEXT - 1), &half[0]) != RC_OK ||
	    uuid_parse(str_span(text.p + UUID_TEXT - 1, UUID_TEXT - 1), &half[1]) != RC_OK)
		return RC_FAIL;
	memcpy(s->out, half, sizeof half);
	s->found = true;
	return RC_OK;
}

static enum rc seed_read(struct store *s, struct seed *out)
{
	struct reader *r CLEANUP(reader_closep) = NULL;
	TRY(reader_open(s, false, &r));
	return reader_query(r, SQL_status_seed_get, NULL, 0, seed_row, out);
}

enum rc status_seed(struct store *s, struct arena *a, uint8_t out[STATUS_SEED_BYTES])
{
	struct seed seed = { .out = out };
	TRY(seed_read(s, &seed));
	if (seed.found)
		return RC_OK;
	struct uuid half[2];
	rand_bytes(half, sizeof half);
	struct str low = uuid_str(a, half[0]), high = uuid_str(a, half[1]);
	struct change *c = change_new(a);
	CHANGE_OP(c, SQL_status_seed_set, db_text(arena_fmt(a, "%.*s%.*s", STR_FMT(low), STR_FMT(high))));
	TRY(store_change(s, c));
	TRY(seed_read(s, &seed)); /* another process may have been first */
	return seed.found ? RC_OK : RC_FAIL;
}

static enum rc newest_row(void *ctx, const struct db_val *cols, size_t n)
{
	(void)n;
	if (cols[0].type != DB_NULL)
		*(int64_t *)ctx = cols[0].i / STATUS_LIST_SIZE + 1;
	return RC_OK;
}

enum rc status_lists_count(struct reader *r, int64_t *out)
{
	int64_t n = 0;
	TRY(reader_query(r, SQL_status_newest, NULL, 0, newest_row, &n));
	*out = n;
	return RC_OK;
}

struct page {
	status_fn *fn;
	void *ctx;
	size_t n;
	/* of the last row */
	int64_t key;
	int64_t valid_to;
	struct uuid event;
};

static enum rc ended_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct page *p = ctx;
	(void)n;
	p->n++;
	p->fn(p->ctx, cols[0].i);
	return val_uuid(&cols[1], &p->event);
}

enum rc status_ended(struct reader *r, int64_t list, struct uuid *cursor, status_fn *fn, void *ctx)
{
	struct page p = { .fn = fn, .ctx = ctx, .event = *cursor };
	static_assert(ST_REVOKED == 3 && STATUS_LIST_SIZE == 1048576, "SQL_status_ended has both numbers");
	do {
		p.n = 0;
		TRY(READER_QUERY(r, SQL_status_ended, ended_row, &p, db_int(list), db_blob(uuid_bytes(&p.event)),
				 db_int(STATUS_PAGE)));
	} while (p.n == STATUS_PAGE);
	*cursor = p.event;
	return RC_OK;
}

static enum rc expired_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct page *p = ctx;
	(void)n;
	p->n++;
	p->key = cols[0].i;
	p->valid_to = cols[1].i;
	p->fn(p->ctx, p->key);
	return RC_OK;
}

enum rc status_expired(struct reader *r, int64_t list, int64_t after, int64_t until, status_fn *fn, void *ctx)
{
	struct page p = { .fn = fn, .ctx = ctx, .valid_to = after, .key = INT64_MAX };
	do {
		p.n = 0;
		TRY(READER_QUERY(r, SQL_status_expired, expired_row, &p, db_int(list), db_int(p.valid_to),
				 db_int(p.key), db_int(until), db_int(STATUS_PAGE)));
	} while (p.n == STATUS_PAGE);
	return RC_OK;
}
