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
	TRY(consents_all(r, a, party, after, page->limit + 1, &h.items, &h.n));
	h.more = h.n > page->limit;
	if (h.more)
		h.n = page->limit;
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

enum rc consent_current(struct consent_service *consents, struct arena *a, const struct person_caller *who,
			struct uuid party, struct consent_history *out)
{
	struct consent_history h = { 0 };
	size_t n;
	TRY(authority_access(consents, a, who, party, ACCESS_READ));
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, false, &r));
	TRY(consents_of(r, a, party, 0, CONSENTS_MAX, &h.items, &n));
	for (size_t i = 0; i < n; i++)
		if (is_current(h.items[i]))
			h.items[h.n++] = h.items[i];
	*out = h;
	return RC_OK;
}

static enum rc load_readable(struct consent_service *consents, struct arena *a, struct uuid id,
			     const struct person_caller *who, struct consent **out, struct problems *p)
{
	struct consent *c;
	TRY(consent_load(consents, a, id, &c, p));
	TRY(authority_access(consents, a, who, c->from_uuid, ACCESS_READ));
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
