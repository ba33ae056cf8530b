#include <assert.h>

#include "base/clock.h"
#include "consent/authority.h"
#include "consent/party_reader_internal.h"
#include "consent/internal.h"

enum rc consent_count(struct consent_service *consents, struct arena *a, const struct person_caller *who,
		      struct uuid party, enum consent_status status, int64_t *out)
{
	assert((unsigned)status < ST__MAX);
	TRY(authority_access(consents, a, who, party, ACCESS_READ));
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, false, &r));
	return consents_count(r, party, status, clock_now(), out);
}

static enum rc after_key(struct reader *r, struct arena *a, struct uuid party, struct uuid after, int64_t *out)
{
	struct consent *c;
	*out = 0;
	if (uuid_is_nil(after))
		return RC_OK;
	enum rc rc = consents_get(r, a, after, false, &c, NULL);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && !uuid_eq(c->from_uuid, party)))
		return RC_INVALID;
	TRY(rc);
	*out = c->key;
	return RC_OK;
}

#define HISTORY_STEP 50  /* consents of one read, with their events */
#define CURRENT_STEP 200 /* consents of one read, without */
#define EVENT_BYTES 300  /* of an event in an answer, roughly */

/* The bytes of a consent that its parties decide on, and of its events. */
static size_t consent_bytes(const struct consent *c)
{
	return c->rights_json.n + c->message_json.n + c->redirect_url.n + c->n_events * EVENT_BYTES;
}

static void items_add(struct consent_history *h, struct arena *a, struct consent *const *rows, size_t n, size_t *cap)
{
	for (size_t i = 0; i < n; i++) {
		arena_room(a, h->items, h->n, cap, HISTORY_STEP);
		h->items[h->n++] = rows[i];
	}
}

/* Reads until `limit` consents, or LIST_BYTES_MAX, are passed by one. */
static enum rc items_read(struct reader *r, struct arena *a, struct uuid party, int64_t after, size_t limit,
			  struct consent_history *h)
{
	size_t bytes = 0, cap = 0, step, n;
	struct consent **rows;
	do {
		step = bytes > LIST_BYTES_MAX ? 1 : HISTORY_STEP;
		step = step < limit + 1 - h->n ? step : limit + 1 - h->n;
		TRY(consents_all(r, a, party, after, step, &rows, &n));
		bool last = bytes > LIST_BYTES_MAX;
		items_add(h, a, rows, n, &cap);
		for (size_t i = 0; i < n; i++) {
			bytes += consent_bytes(rows[i]);
			after = rows[i]->key;
		}
		if (last || n < step)
			break;
	} while (h->n <= limit);
	size_t kept = 0;
	for (bytes = 0; kept < h->n && kept < limit; kept++) {
		bytes += consent_bytes(h->items[kept]);
		if (kept && bytes > LIST_BYTES_MAX)
			break;
	}
	h->more = kept < h->n;
	h->n = kept;
	return RC_OK;
}

enum rc consent_history(struct consent_service *consents, struct arena *a, const struct person_caller *who,
			struct uuid party, const struct history_page *page, struct consent_history *out)
{
	int64_t after;
	struct consent_history h = { 0 };
	assert(page->limit >= 1);
	TRY(authority_access(consents, a, who, party, ACCESS_READ));
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, true, &r));
	TRY(after_key(r, a, party, page->after, &after));
	if (page->limit > CONSENT_HISTORY_MAX)
		return RC_TOO_LARGE;
	TRY(items_read(r, a, party, after, page->limit, &h));
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	for (size_t i = 0; i < h.n; i++) {
		consent_derive_expired(a, h.items[i]);
		(void)consent_level_hide(reg, who, h.items[i]);
	}
	*out = h;
	return RC_OK;
}

static bool is_current(const struct consent *c)
{
	return consent_active(c) || (c->status == ST_CREATED && c->view_mode == VIEW_SHOW && !consent_expired(c));
}

/* A copy of what a list of current consents shows. */
static struct consent *current_copy(struct arena *a, const struct consent *c)
{
	struct consent *copy = arena_new(a, struct consent);
	*copy = (struct consent){
		.key = c->key,
		.id = c->id,
		.from = { c->from.kind, arena_str(a, c->from.value), c->from.uuid },
		.to = { c->to.kind, arena_str(a, c->to.value), c->to.uuid },
		.from_uuid = c->from_uuid,
		.to_uuid = c->to_uuid,
		.created = c->created,
		.valid_to = c->valid_to,
		.answered = c->answered,
		.consented_text = arena_str(a, c->consented_text),
		.status = c->status,
		.view_mode = c->view_mode,
		.template_id = arena_str(a, c->template_id),
		.template_version = c->template_version,
	};
	return copy;
}

/* The consents that are looked at stay in memory for one step only. */
static enum rc current_read(struct reader *r, struct arena *a, struct uuid party, int64_t before, size_t limit,
			    struct consent_history *h)
{
	struct consent **rows;
	size_t seen = 0, cap = 0, n;
	do {
		CLEANUP(arena_finish) struct arena scratch = { 0 };
		size_t i = 0;
		TRY(consents_of(r, &scratch, party, before, CURRENT_STEP + 1, &rows, &n));
		for (; i < n && i < CURRENT_STEP && h->n < limit; i++) {
			before = rows[i]->key;
			h->last = rows[i]->id;
			if (!is_current(rows[i]))
				continue;
			arena_room(a, h->items, h->n, &cap, HISTORY_STEP);
			h->items[h->n++] = current_copy(a, rows[i]);
		}
		h->more = i < n;
		seen += i;
	} while (h->more && h->n < limit && seen < CONSENTS_MAX);
	return RC_OK;
}

enum rc consent_current(struct consent_service *consents, struct arena *a, const struct person_caller *who,
			struct uuid party, const struct history_page *page, struct consent_history *out)
{
	struct consent_history h = { 0 };
	int64_t before;
	assert(page->limit >= 1);
	TRY(authority_access(consents, a, who, party, ACCESS_READ));
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, false, &r));
	TRY(after_key(r, a, party, page->after, &before));
	TRY(current_read(r, a, party, before, page->limit, &h));
	*out = h;
	return RC_OK;
}

static enum rc load_readable(struct consent_service *consents, struct arena *a, struct uuid id,
			     const struct person_caller *who, struct consent **out, struct problems *p)
{
	struct consent *c;
	struct authority au;
	TRY(consent_load_at(consents, a, id, true, &c, p));
	TRY(authority_load_for(consents, a, who, c, &au));
	if (!authority_may(&au, ACCESS_READ))
		return RC_DENIED;
	consent_derive_expired(a, c);
	*out = c;
	return RC_OK;
}

enum rc consent_outline(struct consent_service *consents, struct arena *a, struct uuid id,
			const struct person_caller *who, struct consent **out, int64_t *level_out, struct problems *p)
{
	TRY(load_readable(consents, a, id, who, out, p));
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	*level_out = consent_level_hide(reg, who, *out);
	return RC_OK;
}

enum rc consent_details(struct consent_service *consents, struct arena *a, struct uuid id,
			const struct person_caller *who, struct consent **out, struct problems *p)
{
	struct consent *c;
	TRY(load_readable(consents, a, id, who, &c, p));
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	TRY(consent_level_check(reg, who, c, p));
	*out = c;
	return RC_OK;
}

/* ---- the parties of each consent ---- */

static bool is_poa(const struct registry *reg, const struct consent *c)
{
	const struct consent_template *t = registry_template_at(reg, c->template_id, c->template_version);
	return t && t->is_poa;
}

enum rc consent_rows(struct consent_service *consents, struct arena *a, struct consent *const items[], size_t n,
		     struct consent_row *rows_out[])
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, false, &r));
	struct party_reader parties = { .a = a, .r = r };
	for (size_t i = 0; i < n; i++) {
		TRY(party_reader_want(&parties, items[i]->from_uuid));
		TRY(party_reader_want(&parties, items[i]->to_uuid));
		TRY(party_reader_want(&parties, items[i]->handled_by_uuid));
	}
	TRY(party_reader_fill(&parties));
	struct consent_row *rows = arena_array(a, struct consent_row, n);
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct consent_row){
			.consent = items[i],
			.is_poa = is_poa(reg, items[i]),
			.from = party_reader_find(&parties, items[i]->from_uuid),
			.to = party_reader_find(&parties, items[i]->to_uuid),
			.handler = party_reader_find(&parties, items[i]->handled_by_uuid),
		};
	*rows_out = rows;
	return RC_OK;
}
