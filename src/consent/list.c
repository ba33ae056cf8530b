#include <assert.h>

#include "consent/authority.h"
#include "consent/party_reader_internal.h"
#include "consent/internal.h"
#include "text/text.h"

#define SCAN_STEP 200 /* rows of one read when the page leaves some out */

/* false: the list leaves it out. */
static bool group_of(const struct consent *c, struct uuid person, enum consent_group *out)
{
	if (c->status == ST_CREATED && c->required_delegator.value.p && !uuid_eq(c->required_delegator_uuid, person))
		return false;
	if (c->status == ST_CREATED && c->view_mode == VIEW_HIDE)
		return false;
	*out = GROUP_ENDED;
	if (!consent_expired(c) && c->status == ST_CREATED)
		*out = GROUP_PENDING;
	if (consent_active(c))
		*out = GROUP_ACTIVE;
	return true;
}

static void name_rights(const struct registry *reg, struct arena *a, enum lang lang, struct consent_item *item)
{
	for (const struct right *r = item->consent->rights; r; r = r->next)
		item->n_titles++;
	struct localized *t = item->titles = arena_array(a, struct localized, item->n_titles);
	for (const struct right *r = item->consent->rights; r; r = r->next, t++) {
		const struct resource *res = registry_resource_at(reg, r->resource, r->version);
		*t = (struct localized){ .lang = lang };
		if (res)
			t->text = arena_str(a, texts_pick(&res->title, lang, &t->lang));
		if (!t->text.n)
			t->text = r->resource;
	}
	const struct consent_template *tpl =
		registry_template_at(reg, item->consent->template_id, item->consent->template_version);
	item->is_poa = tpl && tpl->is_poa;
}

static void name_requester(const struct party_reader *parties, struct consent_item *item)
{
	const struct party *p = party_reader_find(parties, item->consent->to_uuid);
	item->to_name = p ? text_display_name(parties->a, p->name, p->type) : STR_NONE;
	if (p && p->type == PARTY_ORG)
		item->to_orgno = p->ident;
	else if (!p && item->consent->to.kind == URN_ORG)
		item->to_orgno = item->consent->to.value;
}

/* ---- the search text ---- */

struct needle needle_of(struct arena *a, struct str text)
{
	struct needle n = { 0 };
	struct buf number = BUF(a);
	text = str_trim(text);
	if (!text.n)
		return n;
	n.text = text_lower(a, text);
	for (size_t i = 0; i < n.text.n; i++)
		if (n.text.p[i] >= '0' && n.text.p[i] <= '9')
			buf_c(&number, n.text.p[i]);
	n.number = buf_str(&number);
	return n;
}

bool needle_in(struct arena *a, const struct needle *n, struct str text)
{
	return text.n && str_find(text_lower(a, text), n->text) >= 0;
}

bool needle_is_number(const struct needle *n, struct str orgno)
{
	return n->number.n && str_eq(n->number, orgno);
}

static bool is_wanted(struct arena *a, const struct needle *n, const struct consent_item *item)
{
	if (!n->text.n || needle_in(a, n, item->to_name) || needle_is_number(n, item->to_orgno))
		return true;
	for (size_t i = 0; i < item->n_titles; i++)
		if (needle_in(a, n, item->titles[i].text))
			return true;
	return false;
}

/* ---- the list ---- */

struct scan {
	struct arena *a;
	const struct registry *reg;
	struct party_reader parties;
	const struct consent_query *q;
	const struct person_caller *who;
	struct needle needle;
	struct consent_list list;
	size_t bytes; /* of what has been read and is shown; LIST_BYTES_MAX ends the page */
};

/* The bytes of a title in HTML. */
#define TITLE_BYTES(n) (6 * (n))

static enum rc scan_row(struct scan *s, struct consent *c)
{
	assert(s->list.n < CONSENT_LIST_PAGE);
	struct consent_item *item = &s->list.items[s->list.n];
	*item = (struct consent_item){ .consent = c };
	s->bytes += c->rights_json.n;
	if (!group_of(c, s->who->party, &item->group))
		return RC_OK;
	(void)consent_level_hide(s->reg, s->who, c);
	if (s->q->groups && !(s->q->groups >> item->group & 1))
		return RC_OK;
	name_rights(s->reg, s->a, s->q->lang, item);
	if (s->needle.text.n) {
		TRY(party_reader_want(&s->parties, c->to_uuid));
		TRY(party_reader_fill(&s->parties));
		name_requester(&s->parties, item);
	}
	for (size_t i = 0; i < item->n_titles; i++)
		s->bytes += TITLE_BYTES(item->titles[i].text.n);
	s->list.n += is_wanted(s->a, &s->needle, item);
	return RC_OK;
}

static enum rc scan_names(struct scan *s)
{
	for (size_t i = 0; i < s->list.n; i++)
		TRY(party_reader_want(&s->parties, s->list.items[i].consent->to_uuid));
	TRY(party_reader_fill(&s->parties));
	for (size_t i = 0; i < s->list.n; i++)
		name_requester(&s->parties, &s->list.items[i]);
	return RC_OK;
}

/* list.next stays set while more rows may follow. */
static enum rc scan_list(struct scan *s)
{
	size_t step = s->q->groups || s->needle.text.n ? SCAN_STEP : CONSENT_LIST_PAGE, seen = 0, n;
	struct consent **rows;
	int64_t at = s->q->before;
	do {
		TRY(consents_of(s->parties.r, s->a, s->q->party, at, step + 1, &rows, &n));
		size_t last = n > step ? step : n, i = 0;
		for (; i < last && s->list.n < CONSENT_LIST_PAGE && s->bytes < LIST_BYTES_MAX; i++)
			TRY(scan_row(s, rows[i]));
		s->list.next = 0;
		if (i == n)
			return RC_OK;
		at = s->list.next = rows[i - 1]->key;
		seen += i;
	} while (s->list.n < CONSENT_LIST_PAGE && seen < CONSENT_LIST_SCAN && s->bytes < LIST_BYTES_MAX);
	return RC_OK;
}

enum rc consent_list(struct consent_service *consents, struct arena *a, const struct person_caller *who,
		     const struct consent_query *q, struct consent_list *out)
{
	assert(q->lang < LANG__MAX && !(q->groups >> GROUP__MAX));
	if (q->text.n > CONSENT_MAX_SEARCH)
		return RC_INVALID;
	TRY(authority_access(consents, a, who, q->party, ACCESS_READ));
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, true, &r));
	struct scan s = {
		.a = a, .reg = reg, .parties = { .a = a, .r = r }, .q = q, .who = who, .needle = needle_of(a, q->text)
	};
	s.list.items = arena_array(a, struct consent_item, CONSENT_LIST_PAGE);
	TRY(scan_list(&s));
	TRY(scan_names(&s));
	*out = s.list;
	return RC_OK;
}
