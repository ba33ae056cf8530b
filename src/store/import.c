#include "store/import.h"

#include <assert.h>

#include "store/internal.h"
#include "store/lists.h"

struct importing {
	struct change *ch;
	struct uuid *ids; /* of all events, in their order */
	size_t n_ids;
	struct uuid *receivers;
	size_t n_receivers;
	size_t *inserts; /* the statement of each row */
};

static void receiver_add(struct importing *k, struct uuid receiver)
{
	for (size_t i = 0; i < k->n_receivers; i++)
		if (uuid_eq(k->receivers[i], receiver))
			return;
	if (!uuid_is_nil(receiver))
		k->receivers[k->n_receivers++] = receiver;
}

/* The rows of the event stand only where this change has written the consent: its newest event tells. */
static void event_ops(struct importing *k, const struct consent *c, const struct event *e, const struct uuid *id,
		      const struct uuid *last)
{
	struct db_val args[EVENT_COLUMN_COUNT + 2], consent = db_blob(uuid_bytes(&c->id)),
						    newest = db_blob(uuid_bytes(last));
	event_args(k->ch->a, e, args);
	args[0] = db_blob(uuid_bytes(id));
	args[EVENT_COLUMN_COUNT] = consent;
	args[EVENT_COLUMN_COUNT + 1] = newest;
	change_op(k->ch, SQL_event_insert, args, LEN(args));
	if (e->type != EV_CREATED)
		CHANGE_OP(k->ch, SQL_trail_import, db_int(e->created), args[0], consent, newest);
	if (e->type == EV_ACCEPTED)
		CHANGE_OP(k->ch, SQL_trail_end, consent, newest);
}

static void row_ops(struct importing *k, const struct import_row *row, size_t at)
{
	const struct consent *c = row->consent;
	assert(c->n_events && c->events[0].type == EV_CREATED && !uuid_is_nil(c->to_uuid));
	const struct uuid *ids = k->ids + k->n_ids, *last = ids + c->n_events - 1;
	k->inserts[at] = k->ch->n_ops;
	consent_insert_op(k->ch, c, last);
	for (size_t i = 0; i < c->n_events; i++)
		event_ops(k, c, &c->events[i], &ids[i], last);
	bool ended = c->status == ST_REVOKED || c->used;
	for (size_t i = 0; i < row->n_listed; i++)
		CHANGE_OP(k->ch, SQL_listed_insert, db_text(row->listed[i]), db_int(ended), db_int(row->listed_at),
			  db_blob(uuid_bytes(&c->id)), db_blob(uuid_bytes(last)));
	k->n_ids += c->n_events;
	receiver_add(k, c->to_uuid);
	receiver_add(k, c->handled_by_uuid);
	if (ended)
		receiver_add(k, status_feed);
}

static void change_fill(struct importing *k)
{
	struct change *ch = k->ch;
	ch->has_event = true;
	ch->returns = true;
	ch->more_ids = k->ids;
	ch->n_more_ids = k->n_ids;
	ch->receivers[0] = k->receivers[0];
	ch->more_receivers = k->receivers + 1;
	ch->n_more_receivers = k->n_receivers - 1;
}

enum rc consents_import(struct store *s, struct arena *a, struct import_row *rows, size_t n)
{
	size_t events = 0;
	for (size_t i = 0; i < n && n <= IMPORT_ROWS_MAX; i++)
		events += rows[i].consent->n_events;
	if (n > IMPORT_ROWS_MAX || events > IMPORT_EVENTS_MAX)
		return RC_TOO_LARGE;
	if (n == 0)
		return RC_OK;
	struct importing k = { .ch = change_new(a) };
	k.ids = arena_array(a, struct uuid, events);
	k.receivers = arena_array(a, struct uuid, 2 * n + 1);
	k.inserts = arena_array(a, size_t, n);
	for (size_t i = 0; i < n; i++)
		row_ops(&k, &rows[i], i);
	change_fill(&k);
	TRY(store_change(s, k.ch));
	k.n_ids = 0;
	for (size_t i = 0; i < n; i++) {
		struct consent *c = rows[i].consent;
		rows[i].existed = k.ch->ops[k.inserts[i]].rows == 0;
		for (size_t e = 0; e < c->n_events && !rows[i].existed; e++)
			c->events[e].id = c->last_event = k.ids[k.n_ids + e];
		k.n_ids += c->n_events;
	}
	return RC_OK;
}
