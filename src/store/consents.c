#include <assert.h>

#include "base/clock.h"
#include "store/internal.h"
#include "store/rows.h"

#define EVERY(x, column, member, ...) COL(struct consent, member),
#define LISTED_YES(...) __VA_ARGS__
#define LISTED_NO(...)
#define LISTED(x, column, member, parameter, listed) LISTED_##listed(COL(struct consent, member), )
/* The last one of CONSENT_OWN_COLUMNS is the id of the newest event. */
static const struct col consent_cols[] = { CONSENT_COLUMNS(EVERY, EVERY, ) };
static const struct col list_cols[] = { COL(struct consent, key), CONSENT_COLUMNS(LISTED, LISTED, ) };
#undef EVERY
#undef LISTED
#define OWN_COUNT (0 CONSENT_OWN_COLUMNS(COLUMN_COUNTED, COLUMN_COUNTED, ))

/* The members once more, from the rows: a member without a row, or in another place, does not compile. */
#define MEMBER(x, column, member, ...) __typeof__(((struct consent *)0)->member) member;
struct members {
	int64_t key;
	CONSENT_COLUMNS(MEMBER, MEMBER, )
	struct right *rights;
	struct event *events;
	size_t n_events;
	int64_t epoch;
};
#undef MEMBER
#define SAME_PLACE(x, column, member, parameter, ...)                                                                  \
	static_assert(offsetof(struct consent, member) == offsetof(struct members, member), #member);                  \
	COL_PARAMETER_CHECK(struct consent, member, parameter)
CONSENT_COLUMNS(SAME_PLACE, SAME_PLACE, )
#undef SAME_PLACE
static_assert(sizeof(struct consent) == sizeof(struct members), "a member of struct consent has no row");

/* ---- reads ---- */
enum rc consent_read(struct arena *a, const struct db_val *cols, size_t n, struct consent **out)
{
	assert(n == LEN(consent_cols) + 1);
	struct consent *c = arena_new(a, struct consent);
	c->key = cols[0].i;
	TRY(cols_read(a, consent_cols, n - 1, cols + 1, c));
	TRY(rights_parse(a, c->rights_json, &c->rights));
	*out = c;
	return RC_OK;
}

struct get {
	struct arena *a;
	struct consent *found;
	int64_t version;
};

static enum rc get_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct get *g = ctx;
	g->version = cols[0].i;
	if (cols[1].type == DB_NULL)
		return RC_OK;
	return consent_read(g->a, cols + 1, n - 1, &g->found);
}

struct event_list {
	struct arena *a;
	struct event *events;
	size_t n;
	size_t cap;
};

static enum rc event_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct event_list *l = ctx;
	arena_room(l->a, l->events, l->n, &l->cap, 4);
	return event_read(l->a, cols, n, &l->events[l->n++]);
}

enum rc consents_get(struct reader *r, struct arena *a, struct uuid id, bool with_events, struct consent **out,
		     int64_t *version_out)
{
	struct get g = { .a = a };
	TRY(READER_QUERY(r, SQL_consent_get, get_row, &g, db_blob(uuid_bytes(&id))));
	if (version_out)
		*version_out = g.version;
	if (!g.found)
		return RC_NOT_FOUND;
	if (with_events) {
		struct event_list l = { .a = a };
		TRY(READER_QUERY(r, SQL_events_of, event_row, &l, db_int(g.found->key)));
		g.found->events = l.events;
		g.found->n_events = l.n;
	}
	*out = g.found;
	return RC_OK;
}

struct listing {
	struct arena *a;
	struct consent **items;
	size_t n;
	size_t cap;
};

static void list_add(struct listing *l, struct consent *c)
{
	arena_room(l->a, l->items, l->n, &l->cap, 32);
	l->items[l->n++] = c;
}

enum rc consent_list_read(struct arena *a, const struct db_val *cols, size_t n, struct consent **out)
{
	assert(n == LEN(list_cols));
	struct consent *c = arena_new(a, struct consent);
	TRY(cols_read(a, list_cols, n, cols, c));
	TRY(rights_parse(a, c->rights_json, &c->rights));
	*out = c;
	return RC_OK;
}

static enum rc list_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct listing *l = ctx;
	struct consent *c;
	TRY(consent_list_read(l->a, cols, n, &c));
	list_add(l, c);
	return RC_OK;
}

enum rc consents_of(struct reader *r, struct arena *a, struct uuid from_uuid, int64_t before_key, size_t limit,
		    struct consent **out[], size_t *n_out)
{
	if (limit > CONSENTS_MAX)
		return RC_TOO_LARGE;
	struct listing l = { .a = a };
	TRY(READER_QUERY(r, SQL_consents_of, list_row, &l, db_blob(uuid_bytes(&from_uuid)),
			 db_int(before_key ? before_key : INT64_MAX), db_int((int64_t)limit)));
	*out = l.items;
	*n_out = l.n;
	return RC_OK;
}

enum rc consents_between(struct reader *r, struct arena *a, const struct pair_filter *f, struct consent **out[],
			 size_t *n_out)
{
	if (f->limit > CONSENTS_MAX)
		return RC_TOO_LARGE;
	struct listing l = { .a = a };
	TRY(READER_QUERY(r, SQL_consents_between, list_row, &l, db_blob(uuid_bytes(&f->from)),
			 db_blob(uuid_bytes(&f->to)), db_int(ST_ACCEPTED), db_int(f->now),
			 db_int(f->before ? f->before : INT64_MAX), db_int((int64_t)f->limit)));
	*out = l.items;
	*n_out = l.n;
	return RC_OK;
}

static enum rc all_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct listing *l = ctx;
	struct consent *c;
	TRY(consent_read(l->a, cols, n, &c));
	list_add(l, c);
	return RC_OK;
}

/* Sorts events to their consents. Both come in the order of the consents: an event belongs to the consent at `at` or to
 * a later one. */
struct event_fold {
	struct listing *list;
	size_t at;
	struct event_list events;
};

static void fold_flush(struct event_fold *f)
{
	struct consent *c = f->list->items[f->at];
	c->events = f->events.events;
	c->n_events = f->events.n;
	f->events = (struct event_list){ .a = f->list->a };
}

static enum rc fold_row(void *ctx, const struct db_val *cols, size_t n)
{
	struct event_fold *f = ctx;
	while (f->list->items[f->at]->key != cols[0].i) {
		fold_flush(f);
		if (++f->at == f->list->n)
			return RC_FAIL;
	}
	return event_row(&f->events, cols + 1, n - 1);
}

enum rc consents_all(struct reader *r, struct arena *a, struct uuid from_uuid, int64_t after_key, size_t limit,
		     struct consent **out[], size_t *n_out)
{
	if (limit > CONSENTS_MAX)
		return RC_TOO_LARGE;
	assert(reader_is_snapshot(r)); /* two statements */
	struct listing l = { .a = a };
	struct db_val from = db_blob(uuid_bytes(&from_uuid)), after = db_int(after_key);
	TRY(READER_QUERY(r, SQL_consents_all, all_row, &l, from, after, db_int((int64_t)limit)));
	if (l.n) {
		struct event_fold f = { .list = &l, .events = { .a = a } };
		TRY(READER_QUERY(r, SQL_events_of_all, fold_row, &f, from, after, db_int(l.items[l.n - 1]->key)));
		fold_flush(&f);
	}
	*out = l.items;
	*n_out = l.n;
	return RC_OK;
}

static enum rc count_row(void *ctx, const struct db_val *cols, size_t n)
{
	(void)n;
	*(int64_t *)ctx = cols[0].i;
	return RC_OK;
}

enum rc consents_count(struct reader *r, struct uuid from_uuid, enum consent_status status, int64_t now, int64_t *out)
{
	static_assert(VIEW_SHOW == 1, "SQL_consents_count names the view mode by its number");
	return READER_QUERY(r, SQL_consents_count, count_row, out, db_blob(uuid_bytes(&from_uuid)), db_int(status),
			    db_int(now));
}

struct consent_view {
	struct arena *a;
	bool found;
	struct str json;
};

static enum rc snapshot_row(void *ctx, const struct db_val *cols, size_t n)
{
	(void)n;
	struct consent_view *s = ctx;
	s->found = true;
	s->json = cols[0].type == DB_NULL ? STR_NONE : arena_str(s->a, cols[0].s);
	return RC_OK;
}

enum rc consents_snapshot(struct reader *r, struct arena *a, struct uuid id, struct str *json_out)
{
	struct consent_view s = { .a = a };
	TRY(READER_QUERY(r, SQL_consent_snapshot, snapshot_row, &s, db_blob(uuid_bytes(&id))));
	if (!s.found)
		return RC_NOT_FOUND;
	*json_out = s.json;
	return RC_OK;
}

/* ---- changes: a guarded statement sets last_event, and the event is written only where it did ---- */
static void event_op(struct change *c, const struct event *e, const struct uuid *consent)
{
	struct db_val id = db_blob(uuid_bytes(&c->event_id)), args[EVENT_COLUMN_COUNT + 2];
	event_args(c->a, e, args);
	args[0] = id;
	args[EVENT_COLUMN_COUNT] = db_blob(uuid_bytes(consent));
	args[EVENT_COLUMN_COUNT + 1] = id;
	change_op(c, SQL_event_insert, args, LEN(args));
	if (e->type != EV_CREATED)
		CHANGE_OP(c, SQL_trail_event, db_int(e->created), db_blob(uuid_bytes(consent)), id);
	if (e->type == EV_ACCEPTED)
		CHANGE_OP(c, SQL_trail_end, db_blob(uuid_bytes(consent)), id);
}

static struct change *event_change(struct arena *a, const struct basis *basis)
{
	struct change *c = change_new(a);
	c->guarded = true;
	c->has_event = true;
	c->basis = *basis;
	return c;
}

/* A consent of Altinn 3 leaves the last columns at their defaults. */
void consent_insert_op(struct change *ch, const struct consent *c, const struct uuid *last_event)
{
	struct db_val args[LEN(consent_cols)];
	size_t n = c->origin == ORIGIN_ALTINN3 ? OWN_COUNT : LEN(consent_cols);
	assert(c->origin != ORIGIN_ALTINN3 || (!c->keep_session && !c->opened));
	cols_args(ch->a, consent_cols, n, c, args);
	args[OWN_COUNT - 1] = db_blob(uuid_bytes(last_event));
	change_op(ch, c->origin == ORIGIN_ALTINN3 ? SQL_consent_insert : SQL_consent_insert_altinn2, args, n);
}

enum rc consents_create(struct store *s, struct arena *a, struct consent *c, struct urn performed_by,
			struct uuid performed_by_uuid, const struct basis *basis, struct event *event_out)
{
	struct event e = {
		.type = EV_CREATED,
		.created = c->created,
		.performed_by = performed_by,
		.performed_by_uuid = performed_by_uuid,
	};
	struct change *ch = event_change(a, basis);
	consent_insert_op(ch, c, &ch->event_id);
	event_op(ch, &e, &c->id);
	ch->receivers[0] = c->to_uuid;
	ch->receivers[1] = c->handled_by_uuid;
	TRY(store_change(s, ch));
	e.id = c->last_event = ch->event_id;
	*event_out = e;
	return RC_OK;
}

static void accept_op(struct change *ch, const struct answer *answer)
{
	char text[CLOCK_TEXT_MAX];
	struct str when = arena_str(ch->a, clock_text(answer->now, text));
	CHANGE_OP(ch, SQL_consent_accept, db_int(ST_ACCEPTED), db_int(answer->now), db_text(when),
		  db_text(answer->language), db_text(answer->snapshot_json), db_text(answer->shown_sha256),
		  db_blob(uuid_bytes(&ch->event_id)), db_blob(uuid_bytes(&answer->id)), db_int(ST_CREATED),
		  db_int(answer->now));
}

static enum rc answer_op(struct change *ch, const struct answer *answer, enum event_type *type_out)
{
	struct db_val event = db_blob(uuid_bytes(&ch->event_id)), id = db_blob(uuid_bytes(&answer->id));
	switch (answer->to) {
	case ST_ACCEPTED:
		accept_op(ch, answer);
		*type_out = EV_ACCEPTED;
		return RC_OK;
	case ST_REJECTED:
		CHANGE_OP(ch, SQL_consent_reject, db_int(ST_REJECTED), db_int(answer->now), event, id,
			  db_int(ST_CREATED));
		*type_out = EV_REJECTED;
		return RC_OK;
	case ST_REVOKED:
		CHANGE_OP(ch, SQL_consent_end, db_int(ST_REVOKED), event, id, db_int(ST_ACCEPTED));
		*type_out = EV_REVOKED;
		return RC_OK;
	case ST_DELETED:
		CHANGE_OP(ch, SQL_consent_end, db_int(ST_DELETED), event, id, db_int(ST_CREATED));
		*type_out = EV_DELETED;
		return RC_OK;
	case ST_CREATED:
	case ST_EXPIRED:
	case ST__MAX:
		break;
	}
	return RC_INVALID;
}

static void listed_op(struct change *ch, const struct uuid *id, enum event_type type, int64_t now,
		      const struct str *resources, size_t n)
{
	struct db_val event = db_blob(uuid_bytes(&ch->event_id)), consent = db_blob(uuid_bytes(id));
	for (size_t i = 0; i < n; i++) {
		if (type == EV_ACCEPTED)
			CHANGE_OP(ch, SQL_listed_insert, db_text(resources[i]), db_int(0), db_int(now), consent, event);
		if (type == EV_REVOKED || type == EV_USED)
			CHANGE_OP(ch, SQL_listed_end, db_int(now), db_text(resources[i]), consent, event, consent);
	}
}

enum rc consents_answer(struct store *s, struct arena *a, const struct answer *answer, struct event *event_out)
{
	struct event e = {
		.created = answer->now,
		.performed_by = answer->performed_by,
		.performed_by_uuid = answer->performed_by_uuid,
	};
	struct change *ch = event_change(a, &answer->basis);
	TRY(answer_op(ch, answer, &e.type));
	event_op(ch, &e, &answer->id);
	listed_op(ch, &answer->id, e.type, answer->now, answer->listed, answer->n_listed);
	ch->consent = answer->id;
	ch->receivers[0] = answer->to_uuid;
	ch->receivers[1] = answer->handled_by_uuid;
	if (answer->to == ST_REVOKED)
		ch->receivers[2] = status_feed;
	TRY(store_change(s, ch));
	e.id = ch->event_id;
	*event_out = e;
	return RC_OK;
}

enum rc consents_use(struct store *s, struct arena *a, const struct use *u, struct event *event_out)
{
	struct event e = {
		.type = EV_USED,
		.created = u->now,
		.performed_by = u->performed_by,
		.performed_by_uuid = u->performed_by_uuid,
		.detail = u->detail,
	};
	struct change *ch = event_change(a, &u->basis);
	CHANGE_OP(ch, SQL_consent_use, db_int(u->now), db_blob(uuid_bytes(&ch->event_id)), db_blob(uuid_bytes(&u->id)),
		  db_int(ST_ACCEPTED), db_int(u->now), db_int(EV_USED), db_int(CONSENT_MAX_USES), db_text(u->unless),
		  db_text(u->unless));
	event_op(ch, &e, &u->id);
	ch->consent = u->id;
	if (u->ends) {
		listed_op(ch, &u->id, EV_USED, u->now, u->listed, u->n_listed);
		ch->receivers[2] = status_feed;
	}
	TRY(store_change(s, ch));
	e.id = ch->event_id;
	*event_out = e;
	return RC_OK;
}

enum rc consents_opened(struct store *s, struct arena *a, struct uuid id, int64_t now)
{
	struct change *ch = change_new(a);
	ch->guarded = true;
	CHANGE_OP(ch, SQL_consent_open, db_int(now), db_blob(uuid_bytes(&id)));
	return store_change(s, ch);
}
