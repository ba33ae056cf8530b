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

static void name_rights(const struct registry *reg, struct arena *a, enum lang lang, struct consent_item *l)
{
	for (const struct right *r = l->consent->rights; r; r = r->next)
		l->n_titles++;
	struct localized *t = l->titles = arena_array(a, struct localized, l->n_titles);
	for (const struct right *r = l->consent->rights; r; r = r->next, t++) {
		const struct resource *res = registry_resource_at(reg, r->resource, r->version);
		*t = (struct localized){ .lang = lang };
		if (res)
			t->text = arena_str(a, texts_pick(&res->title, lang, &t->lang));
		if (!t->text.n)
			t->text = r->resource;
	}
	const struct consent_template *tpl =
		registry_template_at(reg, l->consent->template_id, l->consent->template_version);
	l->is_poa = tpl && tpl->is_poa;
}

static void name_requester(const struct party_reader *book, struct consent_item *l)
{
	const struct party *p = party_reader_find(book, l->consent->to_uuid);
	l->to_name = p ? text_display_name(book->a, p->name, p->type) : STR_NONE;
	if (p && p->type == PARTY_ORG)
		l->to_orgno = p->ident;
	else if (!p && l->consent->to.kind == URN_ORG)
		l->to_orgno = l->consent->to.value;
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

static bool is_wanted(struct arena *a, const struct needle *n, const struct consent_item *l)
{
	if (!n->text.n || needle_in(a, n, l->to_name) || needle_is_number(n, l->to_orgno))
		return true;
	for (size_t i = 0; i < l->n_titles; i++)
		if (needle_in(a, n, l->titles[i].text))
			return true;
	return false;
}

/* ---- the list ---- */

struct scan {
	struct arena *a;
	const struct registry *reg;
	struct party_reader book;
	const struct consent_query *q;
	struct uuid person;
	struct needle needle;
	struct consent_list l;
};

static enum rc scan_row(struct scan *s, struct consent *c)
{
	struct consent_item *item = &s->l.items[s->l.n];
	*item = (struct consent_item){ .consent = c };
	if (!group_of(c, s->person, &item->group))
		return RC_OK;
	if (s->q->groups && !(s->q->groups >> item->group & 1))
		return RC_OK;
	name_rights(s->reg, s->a, s->q->lang, item);
	if (s->needle.text.n) {
		TRY(party_reader_want(&s->book, c->to_uuid));
		TRY(party_reader_fill(&s->book));
		name_requester(&s->book, item);
	}
	s->l.n += is_wanted(s->a, &s->needle, item);
	return RC_OK;
}

static enum rc scan_names(struct scan *s)
{
	for (size_t i = 0; i < s->l.n; i++)
		TRY(party_reader_want(&s->book, s->l.items[i].consent->to_uuid));
	TRY(party_reader_fill(&s->book));
	for (size_t i = 0; i < s->l.n; i++)
		name_requester(&s->book, &s->l.items[i]);
	return RC_OK;
}

/* l.next stays set while more rows may follow. */
static enum rc scan_list(struct scan *s)
{
	size_t step = s->q->groups || s->needle.text.n ? SCAN_STEP : CONSENT_LIST_PAGE, seen = 0, n;
	struct consent **rows;
	int64_t at = s->q->before;
	do {
		TRY(consents_of(s->book.r, s->a, s->q->party, at, step + 1, &rows, &n));
		size_t last = n > step ? step : n, i = 0;
		for (; i < last && s->l.n < CONSENT_LIST_PAGE; i++)
			TRY(scan_row(s, rows[i]));
		s->l.next = 0;
		if (i == n)
			return RC_OK;
		at = s->l.next = rows[i - 1]->key;
		seen += i;
	} while (s->l.n < CONSENT_LIST_PAGE && seen < CONSENT_LIST_SCAN);
	return RC_OK;
}

enum rc consent_list(struct consent_service *consents, struct arena *a, const struct person_caller *who,
		     const struct consent_query *q, struct consent_list *out)
{
	if (q->text.n > CONSENT_MAX_SEARCH)
		return RC_INVALID;
	TRY(authority_access(consents, a, who, q->party, ACCESS_READ));
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, true, &r));
	struct scan s = { .a = a,
			  .reg = reg,
			  .book = { .a = a, .r = r },
			  .q = q,
			  .person = who->party,
			  .needle = needle_of(a, q->text) };
	s.l.items = arena_array(a, struct consent_item, CONSENT_LIST_PAGE);
	TRY(scan_list(&s));
	TRY(scan_names(&s));
	*out = s.l;
	return RC_OK;
}
