#include "consent/activity.h"

#include <assert.h>

#include "base/clock.h"
#include "consent/authority.h"
#include "consent/party_reader_internal.h"
#include "consent/internal.h"
#include "text/text.h"

#define SCAN_STEP 200 /* rows of one question */

static bool kind_of_event(enum event_type type, enum activity_kind *out)
{
	static const struct {
		enum event_type type;
		enum activity_kind kind;
	} rows[] = { { EV_ACCEPTED, ACTIVITY_ACCEPTED },
		     { EV_REJECTED, ACTIVITY_REJECTED },
		     { EV_REVOKED, ACTIVITY_REVOKED },
		     { EV_DELETED, ACTIVITY_DELETED },
		     { EV_USED, ACTIVITY_USED } };
	for (size_t i = 0; i < LEN(rows); i++)
		if (rows[i].type == type) {
			*out = rows[i].kind;
			return true;
		}
	return false;
}

/* false: the row makes no activity. A consent that was withdrawn or used up before its end does not expire. */
static bool kind_of(const struct activity_row *row, enum activity_kind *out)
{
	*out = ACTIVITY_TOKEN;
	switch (row->kind) {
	case ACTIVITY_ROW_TOKEN:
		return true;
	case ACTIVITY_ROW_END:
		*out = ACTIVITY_EXPIRED;
		return row->consent->status == ST_ACCEPTED && !row->consent->used && consent_expired(row->consent);
	case ACTIVITY_ROW_EVENT:
		return kind_of_event(row->event.type, out);
	}
	return false;
}

static struct str name_of(struct arena *a, const struct party *p)
{
	return p ? text_display_name(a, p->name, p->type) : STR_NONE;
}

static struct str orgno_of(const struct party *p)
{
	return p && p->type == PARTY_ORG ? p->ident : STR_NONE;
}

/* The name of the organisation, where the consent names it as a party. */
static const struct party *org_among(const struct party_reader *b, const struct consent *c, struct str orgno)
{
	const struct party *to = party_reader_find(b, c->to_uuid), *handler = party_reader_find(b, c->handled_by_uuid);
	if (str_eq(orgno_of(to), orgno))
		return to;
	return str_eq(orgno_of(handler), orgno) ? handler : NULL;
}

static void name_doer(const struct party_reader *b, const struct activity_row *row, struct activity *e)
{
	if (row->kind == ACTIVITY_ROW_TOKEN) {
		e->by_orgno = row->supplier.n ? row->supplier : row->consumer;
		e->by_name = name_of(b->a, org_among(b, row->consent, e->by_orgno));
		return;
	}
	const struct party *by = party_reader_find(b, row->event.performed_by_uuid);
	e->by_name = name_of(b->a, by);
	e->by_orgno = orgno_of(by);
	if (!by && row->event.performed_by.kind == URN_ORG)
		e->by_orgno = row->event.performed_by.value;
}

static enum rc name_want(struct party_reader *b, const struct activity_row *row)
{
	TRY(party_reader_want(b, row->consent->to_uuid));
	TRY(party_reader_want(b, row->consent->handled_by_uuid));
	if (row->kind == ACTIVITY_ROW_EVENT)
		TRY(party_reader_want(b, row->event.performed_by_uuid));
	return RC_OK;
}

static void entry_name(const struct party_reader *b, const struct activity_row *row, struct activity *e)
{
	const struct consent *c = row->consent;
	const struct party *to = party_reader_find(b, c->to_uuid);
	e->to_name = name_of(b->a, to);
	e->to_orgno = to ? orgno_of(to) : c->to.kind == URN_ORG ? c->to.value : STR_NONE;
	e->handler_name = name_of(b->a, party_reader_find(b, c->handled_by_uuid));
	name_doer(b, row, e);
}

struct localized activity_resource_title(const struct registry *reg, struct arena *a, const struct consent *c,
					 struct str resource, enum lang lang)
{
	for (const struct right *r = c->rights; r; r = r->next) {
		const struct resource *res =
			str_eq(r->resource, resource) ? registry_resource_at(reg, r->resource, r->version) : NULL;
		if (!res)
			continue;
		enum lang found;
		struct str title = arena_str(a, texts_pick(&res->title, lang, &found));
		return title.n ? (struct localized){ title, found } : (struct localized){ resource, lang };
	}
	return (struct localized){ resource, lang };
}

/* The resource of a use. A consent with one right has no other. */
static void entry_resource(const struct registry *reg, struct arena *a, enum lang lang, const struct activity_row *row,
			   struct activity *e)
{
	const struct js *o;
	struct str resource = STR_NONE;
	if (e->kind == ACTIVITY_USED && js_parse(a, row->event.detail, NULL, &o, NULL) == RC_OK) {
		if (js_member_str(o, "resource", &resource) != RC_OK)
			resource = STR_NONE;
		if (js_member_str(o, "reference", &e->reference) != RC_OK)
			e->reference = STR_NONE;
	}
	if (!resource.p && e->consent->rights)
		resource = e->consent->rights->resource;
	e->resource_title = activity_resource_title(reg, a, e->consent, resource, lang);
	const struct consent_template *t =
		registry_template_at(reg, e->consent->template_id, e->consent->template_version);
	e->is_poa = t && t->is_poa;
}

/* ---- the scan ---- */

struct scan {
	struct arena *a;
	const struct registry *reg;
	struct party_reader parties;
	const struct activity_query *q;
	const struct person_caller *who;
	struct needle needle;
	struct activity_page page;
	size_t bytes; /* of what has been read and is shown; LIST_BYTES_MAX ends the page */
};

static bool is_wanted(const struct scan *s, const struct activity *e)
{
	const struct needle *n = &s->needle;
	return !n->text.n || needle_in(s->a, n, e->to_name) || needle_is_number(n, e->to_orgno) ||
	       needle_in(s->a, n, e->by_name) || needle_is_number(n, e->by_orgno) ||
	       needle_in(s->a, n, e->resource_title.text);
}

static void scan_row(struct scan *s, const struct activity_row *row)
{
	assert(s->page.n < CONSENT_LIST_PAGE);
	s->bytes += row->consent->rights_json.n + row->event.detail.n;
	struct activity *e = &s->page.items[s->page.n];
	*e = (struct activity){ .at = row->at, .id = row->id, .consent = row->consent, .event = row->event };
	if (!kind_of(row, &e->kind) || (s->q->kinds && !(s->q->kinds >> e->kind & 1)))
		return;
	entry_name(&s->parties, row, e);
	entry_resource(s->reg, s->a, s->q->lang, row, e);
	if (authority_level_missing(s->reg, s->who, e->consent))
		e->reference = STR_NONE;
	s->bytes += 6 * e->resource_title.text.n; /* in HTML */
	s->page.n += is_wanted(s, e);
}

static enum rc scan_log(struct scan *s, struct activity_at at)
{
	size_t step = s->q->kinds || s->needle.text.n ? SCAN_STEP : CONSENT_LIST_PAGE, seen = 0, n;
	struct activity_row *rows;
	do {
		TRY(activities_of(s->parties.r, s->a, s->q->party, &at, step + 1, &rows, &n));
		size_t last = n > step ? step : n, i = 0;
		for (i = 0; i < last; i++)
			TRY(name_want(&s->parties, &rows[i]));
		TRY(party_reader_fill(&s->parties));
		for (i = 0; i < last && s->page.n < CONSENT_LIST_PAGE && s->bytes < LIST_BYTES_MAX; i++)
			scan_row(s, &rows[i]);
		s->page.more = i < n;
		if (!s->page.more)
			return RC_OK;
		at = s->page.next = (struct activity_at){ rows[i - 1].at, rows[i - 1].id };
		seen += i;
	} while (s->page.n < CONSENT_LIST_PAGE && seen < CONSENT_LIST_SCAN && s->bytes < LIST_BYTES_MAX);
	return RC_OK;
}

enum rc activity_log(struct consent_service *consents, struct arena *a, const struct person_caller *who,
		     const struct activity_query *q, struct activity_page *out)
{
	struct activity_at at = q->before;
	assert(q->lang < LANG__MAX && !(q->kinds >> ACTIVITY__MAX));
	if (q->text.n > CONSENT_MAX_SEARCH)
		return RC_INVALID;
	TRY(authority_access(consents, a, who, q->party, ACCESS_READ));
	if (at.at == 0) {
		at.at = clock_now();
		memset(at.id.b, 0xff, sizeof at.id.b);
	}
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, true, &r));
	struct scan s = {
		.a = a, .reg = reg, .parties = { .a = a, .r = r }, .q = q, .who = who, .needle = needle_of(a, q->text)
	};
	s.page.items = arena_array(a, struct activity, CONSENT_LIST_PAGE);
	TRY(scan_log(&s, at));
	*out = s.page;
	return RC_OK;
}

/* ---- one consent ---- */

/* Events in their order, tokens (newest first) among them by time. */
static struct activity_row *rows_merge(struct arena *a, struct consent *c, const struct activity_row *tokens,
				       size_t n_tokens)
{
	struct activity_row *rows = arena_array(a, struct activity_row, c->n_events + n_tokens);
	size_t n = 0, i = 0;
	while (i < c->n_events || n_tokens > 0) {
		bool event = i < c->n_events && (n_tokens == 0 || c->events[i].created <= tokens[n_tokens - 1].at);
		if (event) {
			const struct event *e = &c->events[i++];
			rows[n] = (struct activity_row){ .at = e->created, .kind = ACTIVITY_ROW_EVENT, .event = *e };
		} else {
			rows[n] = tokens[--n_tokens];
		}
		rows[n++].consent = c;
	}
	return rows;
}

static enum activity_kind kind_in_consent(const struct activity_row *row)
{
	enum activity_kind kind = ACTIVITY_TOKEN;
	if (row->kind == ACTIVITY_ROW_TOKEN || kind_of_event(row->event.type, &kind))
		return kind;
	return row->event.type == EV_EXPIRED ? ACTIVITY_EXPIRED : ACTIVITY_CREATED;
}

enum rc activity_of_consent(struct consent_service *consents, struct arena *a, struct consent *c, enum lang lang,
			    struct activity *out[], size_t *n_out)
{
	struct activity_row *tokens, *rows;
	size_t n;
	assert(lang < LANG__MAX);
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, false, &r));
	TRY(activities_tokens(r, a, c->id, CONSENT_LOG_TOKENS, &tokens, &n));
	rows = rows_merge(a, c, tokens, n);
	n += c->n_events;
	struct party_reader parties = { .a = a, .r = r };
	for (size_t i = 0; i < n; i++)
		TRY(name_want(&parties, &rows[i]));
	TRY(party_reader_fill(&parties));
	struct activity *entries = arena_array(a, struct activity, n);
	for (size_t i = 0; i < n; i++) {
		entries[i] = (struct activity){ .kind = kind_in_consent(&rows[i]), .at = rows[i].at, .id = rows[i].id };
		entries[i].consent = c;
		entries[i].event = rows[i].event;
		entry_name(&parties, &rows[i], &entries[i]);
		entry_resource(reg, a, lang, &rows[i], &entries[i]);
	}
	*out = entries;
	*n_out = n;
	return RC_OK;
}
