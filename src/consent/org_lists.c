#include "consent/org_lists.h"

#include <assert.h>

#include "base/clock.h"
#include "consent/internal.h"

#define STEP 64 /* rows that one statement reads */
#define SOURCES (REQUEST_ROLE__MAX * REQUEST_STATES)

/* ---- requests ---- */
/* One state of one role: its rows come in order, a step at a time. */
struct source {
	struct requests_filter filter;
	struct consent **rows;
	size_t n;
	size_t at;
	bool last; /* no further rows behind these */
};

struct merge {
	struct reader *r;
	struct arena *a;
	const struct request_query *q;
	struct source sources[SOURCES];
	size_t n_sources;
	size_t scanned;
	size_t bytes;
};

static struct list_mark mark_of(const struct consent *c)
{
	return (struct list_mark){ .at = request_changed(c), .key = c->key };
}

static void sources_add(struct merge *m, struct uuid party, enum request_role role)
{
	for (unsigned state = 0; state < REQUEST_STATES; state++)
		if (!m->q->states || m->q->states >> state & 1)
			m->sources[m->n_sources++].filter =
				(struct requests_filter){ .party = party,
							  .role = role,
							  .state = (enum request_state)state,
							  .after = m->q->after,
							  .limit = STEP };
}

/* The source's next row; NULL: it has none. */
static enum rc source_peek(const struct merge *m, struct source *s, struct consent **out)
{
	if (s->at == s->n && !s->last) {
		TRY(requests_of(m->r, m->a, &s->filter, &s->rows, &s->n));
		s->at = 0;
		s->last = s->n < s->filter.limit;
		if (s->n)
			s->filter.after = mark_of(s->rows[s->n - 1]);
	}
	*out = s->at < s->n ? s->rows[s->at] : NULL;
	return RC_OK;
}

/* Takes the next row of all sources. One that several of them have comes once. NULL: there is none. */
static enum rc merge_next(struct merge *m, struct consent **out)
{
	struct consent *first = NULL, *c;
	for (size_t i = 0; i < m->n_sources; i++) {
		TRY(source_peek(m, &m->sources[i], &c));
		if (c && (!first || list_mark_cmp(mark_of(c), mark_of(first)) < 0))
			first = c;
	}
	for (size_t i = 0; first && i < m->n_sources; i++) {
		struct source *s = &m->sources[i];
		if (s->at < s->n && s->rows[s->at]->key == first->key)
			s->at++;
	}
	*out = first;
	return RC_OK;
}

static bool asks_for(const struct consent *c, struct str service)
{
	for (const struct right *r = c->rights; r; r = r->next)
		if (r->service.p && str_eq(r->service, service))
			return true;
	return false;
}

static bool page_full(const struct merge *m, const struct request_page *page)
{
	return page->n == m->q->limit || m->scanned >= REQUESTS_SCAN || m->bytes >= LIST_BYTES_MAX;
}

static enum rc page_fill(struct merge *m, struct request_page *page)
{
	page->items = arena_array(m->a, struct consent *, m->q->limit);
	while (!page_full(m, page)) {
		struct consent *c;
		TRY(merge_next(m, &c));
		if (!c)
			return RC_OK;
		m->scanned++;
		page->end = mark_of(c);
		if (m->q->service.p && !asks_for(c, m->q->service))
			continue;
		m->bytes += c->rights_json.n + c->message_json.n + c->redirect_url.n;
		page->items[page->n++] = c;
	}
	struct consent *next;
	TRY(merge_next(m, &next));
	page->more = next != NULL;
	return RC_OK;
}

enum rc consent_requests_of(struct consent_service *consents, struct arena *a, const struct org_caller *who,
			    const struct request_query *q, struct request_page *out)
{
	const struct urn u = { .kind = URN_ORG, .value = who->consumer };
	struct request_page page = { .end = q->after };
	struct merge m = { .a = a, .q = q };
	struct party *org;
	if (q->limit < 1 || q->limit > REQUESTS_PAGE_MAX)
		return RC_TOO_LARGE;
	TRY(parties_resolve(consents, a, &u, 1, &org));
	if (org && q->outgoing) {
		sources_add(&m, org->uuid, REQUEST_TO);
		sources_add(&m, org->uuid, REQUEST_HANDLER);
	}
	if (org && q->incoming)
		sources_add(&m, org->uuid, REQUEST_FROM);
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, true, &r));
	m.r = r;
	TRY(page_fill(&m, &page));
	*out = page;
	return RC_OK;
}

/* ---- consents to a resource ---- */
struct half {
	struct listed_row *rows;
	size_t n;
};

/* The first n of both; they are left with the rest. */
static struct half halves_merge(struct arena *a, struct half *x, struct half *y, size_t n)
{
	struct half both = { .rows = arena_array(a, struct listed_row, n) };
	while (both.n < n && (x->n || y->n)) {
		bool first = !y->n || (x->n && list_mark_cmp(x->rows->changed, y->rows->changed) < 0);
		struct half *from = first ? x : y;
		both.rows[both.n++] = *from->rows++;
		from->n--;
	}
	return both;
}

enum rc consent_owner_list(struct consent_service *consents, struct arena *a, const struct owner_query *q,
			   struct owner_page *out)
{
	struct half halves[2] = { { 0 } };
	struct listed_filter f = { .resource = q->resource, .now = clock_now(), .after = q->after, .limit = q->limit };
	if (q->limit < 1 || q->limit > OWNER_LIST_MAX)
		return RC_TOO_LARGE;
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, true, &r));
	for (int ended = 0; ended < 2; ended++) {
		f.ended = ended != 0;
		if (ended ? q->revoked : q->active)
			TRY(listed_of(r, a, &f, &halves[ended].rows, &halves[ended].n));
	}
	bool both = q->active && q->revoked, full = halves[0].n == q->limit || halves[1].n == q->limit;
	struct half page = both ? halves_merge(a, &halves[0], &halves[1], q->limit) : halves[q->revoked];
	bool rest = both && halves[0].n + halves[1].n > 0;
	*out = (struct owner_page){ .items = page.rows, .n = page.n, .more = full || rest };
	return RC_OK;
}
