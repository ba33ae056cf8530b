#include "consent/import.h"

#include <assert.h>

#include "base/clock.h"
#include "consent/internal.h"

static struct str time_text(struct arena *a, int64_t us)
{
	char text[CLOCK_TEXT_MAX];
	return arena_str(a, clock_text(us, text));
}

/* The versions that its texts are shown from, where the other system has none: those of now. */
static void versions_set(struct arena *a, const struct registry *reg, struct consent *c)
{
	for (struct right *r = c->rights; r; r = r->next) {
		const struct resource *res = registry_resource(reg, r->resource);
		if (res && !r->version.p)
			r->version = arena_fmt(a, "%lld", (long long)res->version);
		if (res && !c->template_id.p)
			c->template_id = res->template_id;
	}
	const struct consent_template *t = c->template_id.p ? registry_template(reg, c->template_id) : NULL;
	if (t && !c->template_version)
		c->template_version = t->version;
	c->template_id = c->template_id.p ? arena_str(a, c->template_id) : STR_NONE;
}

static void texts_set(struct arena *a, struct consent *c)
{
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	bool accepted = c->status == ST_ACCEPTED || c->status == ST_REVOKED;
	assert(!accepted || c->answered);
	rights_write(&w, c->rights, RIGHTS_VERSIONS | RIGHTS_SERVICES);
	c->rights_json = buf_str(&b);
	c->valid_to_text = time_text(a, c->valid_to);
	c->consented_text = accepted ? time_text(a, c->answered) : STR_NONE;
}

/* When an accepted consent came to the state that it has now. */
static int64_t changed(const struct consent *c)
{
	int64_t at = c->used ? c->used : c->answered;
	for (size_t i = 0; i < c->n_events; i++)
		if (c->events[i].type == EV_REVOKED)
			at = c->events[i].created;
	return at;
}

static struct import_row row_of(struct arena *a, const struct registry *reg, struct consent *c)
{
	struct import_row row = { .consent = c };
	versions_set(a, reg, c);
	texts_set(a, c);
	if (c->consented_text.p && !consent_expired(c)) {
		row.n_listed = consent_listed(a, reg, c, &row.listed);
		row.listed_at = changed(c);
	}
	return row;
}

enum rc consent_import(struct consent_service *consents, struct arena *a, struct consent *const items[], size_t n,
		       bool existed_out[])
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	if (n > IMPORT_ROWS_MAX)
		return RC_TOO_LARGE;
	struct import_row *rows = arena_array(a, struct import_row, n + 1);
	for (size_t i = 0; i < n; i++)
		rows[i] = row_of(a, reg, items[i]);
	TRY(consents_import(consents->store, a, rows, n));
	for (size_t i = 0; i < n; i++)
		existed_out[i] = rows[i].existed;
	return RC_OK;
}
