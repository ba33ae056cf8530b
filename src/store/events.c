#include <assert.h>

#include "base/clock.h"
#include "store/internal.h"
#include "store/rows.h"

#define SCAN_STEP 250 /* events of one statement, when filters may leave some out */
/* An event gets its time before its id. The machine's clock may be set back by this much in between. */
#define CLOCK_SLACK CLOCK_HOUR

#define EVERY(x, column, member, parameter) COL(struct event, member),
static const struct col event_cols[] = { EVENT_COLUMNS(EVERY, EVERY, ) };
#undef EVERY
#define PARAMETER_FITS(x, column, member, parameter) COL_PARAMETER_CHECK(struct event, member, parameter)
EVENT_COLUMNS(PARAMETER_FITS, PARAMETER_FITS, )
#undef PARAMETER_FITS

enum rc event_read(struct arena *a, const struct db_val *cols, size_t n, struct event *out)
{
	assert(n <= LEN(event_cols));
	return cols_read(a, event_cols, n, cols, out);
}

void event_args(struct arena *a, const struct event *e, struct db_val args[EVENT_COLUMN_COUNT])
{
	assert(e->performed_by.value.p && (unsigned)e->type < EV__MAX);
	cols_args(a, event_cols, LEN(event_cols), e, args);
}

struct uuid events_floor(int64_t us)
{
	struct uuid u = { { 0 } };
	uint64_t ms = us > 0 ? (uint64_t)us / 1000 : 0;
	for (size_t i = 0; i < 6; i++)
		u.b[i] = (uint8_t)(ms >> (40 - 8 * i));
	return u;
}

struct scan {
	struct arena *a;
	const struct feed *f;
	feed_fn *fn;
	void *ctx;
	struct uuid at; /* the last event that was read */
	int64_t read;   /* events, of all statements */
	int64_t given;  /* events that passed the filters */
	int64_t rows;   /* of the statement that runs */
};

static bool filters_pass(const struct feed *f, const struct event *e)
{
	return (f->types == 0 || f->types >> e->type & 1) && (f->created_from == 0 || e->created >= f->created_from) &&
	       (f->created_until == 0 || e->created < f->created_until);
}

static enum rc scan_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct scan *s = ctx;
	struct feed_event e = { 0 };
	s->rows++;
	if (s->given == s->f->limit)
		return RC_OK;
	TRY(event_read(s->a, cols, n - 1, &e.event));
	s->at = e.event.id;
	s->read++;
	if (!filters_pass(s->f, &e.event))
		return RC_OK;
	s->given++;
	TRY(val_uuid(&cols[n - 1], &e.consent));
	return s->fn(s->ctx, &e);
}

static enum rc scan_step_run(struct reader *r, struct scan *s, struct uuid before, int64_t step)
{
	const struct feed *f = s->f;
	struct db_val receiver = db_blob(uuid_bytes(&f->receiver)), limit = db_int(step);
	struct uuid at = s->at;
	struct db_val after = db_blob(uuid_bytes(&at)), until = db_blob(uuid_bytes(&before));
	s->rows = 0;
	if (!uuid_is_nil(f->consent))
		return READER_QUERY(r, SQL_events_of_after, scan_row, s, db_blob(uuid_bytes(&f->consent)), receiver,
				    receiver, after, until, limit);
	return READER_QUERY(r, SQL_events_after, scan_row, s, receiver, after, until, limit, receiver, after, until,
			    limit, limit);
}

/* Ids tell the time of events only where no one can set the clock that stamps them. */
static struct uuid scan_start(const struct reader *r, const struct feed *f)
{
	struct uuid floor = events_floor(f->created_from - CLOCK_SLACK);
	bool skip = f->created_from > CLOCK_SLACK && !reader_clock_moves(r);
	return skip && uuid_cmp(floor, f->after) > 0 ? floor : f->after;
}

enum rc events_after(struct reader *r, struct arena *a, const struct feed *f, feed_fn *fn, void *ctx,
		     struct feed_end *end_out)
{
	if (f->limit < 1 || f->limit > EVENTS_MAX)
		return RC_TOO_LARGE;
	assert(f->types >> EV__MAX == 0);
	bool filtered = f->types || f->created_from || f->created_until;
	int64_t step = filtered && f->limit < SCAN_STEP ? SCAN_STEP : f->limit;
	struct uuid before = f->before;
	struct scan s = { .a = a, .f = f, .fn = fn, .ctx = ctx, .at = scan_start(r, f) };
	if (uuid_is_nil(before))
		memset(before.b, 0xff, sizeof before.b);
	do
		TRY(scan_step_run(r, &s, before, step));
	while (s.rows == step && s.given < f->limit && s.read < EVENTS_SCAN_MAX);
	end_out->more = s.given == f->limit || s.rows == step;
	end_out->cursor = s.read ? s.at : f->after;
	return RC_OK;
}

/* ---- the feeds' last ids ---- */
struct last_ids {
	feed_last_fn *fn;
	void *ctx;
};

static enum rc last_row(void *ctx, const struct db_val *cols, size_t n)
{
	(void)n;
	const struct last_ids *l = ctx;
	struct uuid receiver, last;
	TRY(val_uuid(&cols[0], &receiver));
	TRY(val_uuid(&cols[1], &last));
	l->fn(l->ctx, receiver, last);
	return RC_OK;
}

enum rc feeds_last(struct reader *r, const struct uuid *receivers, size_t n, feed_last_fn *fn, void *ctx)
{
	struct last_ids l = { fn, ctx };
	if (n > FEEDS_MAX)
		return RC_TOO_LARGE;
	if (n == 0)
		return RC_OK;
	struct db_val all = db_blob(str_span(receivers, n * sizeof *receivers));
	return READER_QUERY(r, SQL_feeds_last, last_row, &l, all, all);
}
