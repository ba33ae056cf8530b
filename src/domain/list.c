#include "domain/consent.h"
#include "text/text.h"

/* false: it has no place in the list. */
static bool group_of(const struct consent *c, struct uuid party, enum consent_group *out)
{
	if (c->required_delegator.value.p && !uuid_eq(c->required_delegator_uuid, party))
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

static void name_rights(const struct registry *reg, struct arena *a, enum lang lang, struct listed *l)
{
	for (const struct right *r = l->consent->rights; r; r = r->next)
		l->n_titles++;
	struct listed_title *t = l->titles = arena_array(a, struct listed_title, l->n_titles);
	for (const struct right *r = l->consent->rights; r; r = r->next, t++) {
		const struct resource *res = registry_resource_at(reg, r->resource, r->version);
		*t = (struct listed_title){ .lang = lang };
		if (res)
			t->text = arena_str(a, texts_pick(&res->title, lang, &t->lang));
		if (!t->text.n)
			t->text = r->resource;
	}
	const struct consent_template *tpl =
		registry_template_at(reg, l->consent->template_id, l->consent->template_version);
	l->is_poa = tpl && tpl->is_poa;
}

/* The requesters that are not known yet, each once. */
static size_t nameless(const struct consent_list *l, const struct uuid *asked, size_t n_asked,
		       struct uuid out[PARTIES_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < l->n && n < PARTIES_MAX; i++) {
		struct uuid to = l->items[i].consent->to_uuid;
		bool known = false;
		for (size_t k = 0; k < n_asked; k++)
			known = known || uuid_eq(asked[k], to);
		for (size_t k = 0; k < n; k++)
			known = known || uuid_eq(out[k], to);
		if (!known)
			out[n++] = to;
	}
	return n;
}

static void name_requester(struct arena *a, struct consent_list *l, struct uuid uuid, const struct party *p)
{
	for (size_t i = 0; i < l->n; i++) {
		struct listed *item = &l->items[i];
		if (!uuid_eq(item->consent->to_uuid, uuid))
			continue;
		item->to_name = p ? text_display_name(a, p->name, p->type) : STR_NONE;
		if (p && p->type == PARTY_ORG)
			item->to_orgno = arena_str(a, p->ident);
		else if (!p && item->consent->to.kind == URN_ORG)
			item->to_orgno = item->consent->to.value;
	}
}

static enum rc name_requesters(struct reader *r, struct arena *a, struct consent_list *l)
{
	struct uuid asked[CONSENT_LIST_PAGE + PARTIES_MAX];
	size_t n_asked = 0, n;
	while ((n = nameless(l, asked, n_asked, asked + n_asked)) > 0) {
		struct party *found[PARTIES_MAX] = { NULL };
		TRY(parties_by_uuid(r, a, asked + n_asked, n, found));
		for (size_t i = 0; i < n; i++)
			name_requester(a, l, asked[n_asked + i], found[i]);
		n_asked += n;
	}
	return RC_OK;
}

enum rc consent_list(struct domain *d, struct arena *a, const struct person_caller *who, int64_t before, enum lang lang,
		     struct consent_list *out)
{
	struct consent **rows;
	size_t n;
	if (uuid_is_nil(who->party))
		return RC_DENIED;
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&d->registry);
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(d->store, true, &r));
	TRY(consents_of(r, a, who->party, before, CONSENT_LIST_PAGE + 1, &rows, &n));
	struct consent_list l = { .items = arena_array(a, struct listed, CONSENT_LIST_PAGE) };
	if (n > CONSENT_LIST_PAGE) {
		n = CONSENT_LIST_PAGE;
		l.next = rows[n - 1]->key;
	}
	for (size_t i = 0; i < n; i++) {
		struct listed *item = &l.items[l.n];
		if (!group_of(rows[i], who->party, &item->group))
			continue;
		item->consent = rows[i];
		name_rights(reg, a, lang, item);
		l.n++;
	}
	TRY(name_requesters(r, a, &l));
	*out = l;
	return RC_OK;
}
