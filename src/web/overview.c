#include "base/clock.h"
#include "base/map.h"
#include "web/consent_state_internal.h"
#include "web/party_choice_internal.h"

#define TITLES_MAX 3                /* resources that an item names */
#define NEW_FOR (10 * CLOCK_MINUTE) /* so long an agreement is marked as new */

/* One call of the page. */
struct overview {
	struct page p;
	struct about about;
	struct consent_query q;
	size_t state; /* of the filter; 0 = all */
	struct consent_list l;
	struct str here; /* the page without search and cursor */
};

static bool is_narrowed(const struct overview *o)
{
	return o->q.groups || o->q.text.n;
}

/* ---- one item ---- */

/* What an ended one is called, and the sentence with its dates. */
struct item_words {
	/* tag: MSG__MAX = none, the heading above says it */
	enum msg tag;
	enum msg when;
};

static struct item_words words_of(const struct consent_item *l)
{
	static const struct item_words groups[GROUP__MAX] = {
		[GROUP_PENDING] = { MSG__MAX, MSG_WHEN_PENDING },
		[GROUP_ACTIVE] = { MSG__MAX, MSG_WHEN_ACTIVE },
	};
	static const struct item_words ended[ST__MAX] = {
		[ST_CREATED] = { MSG_TAG_UNANSWERED, MSG_WHEN_UNANSWERED },
		[ST_REJECTED] = { MSG_TAG_REJECTED, MSG_WHEN_REJECTED },
		[ST_ACCEPTED] = { MSG_TAG_EXPIRED, MSG_WHEN_EXPIRED },
		[ST_REVOKED] = { MSG_TAG_REVOKED, MSG_WHEN_REVOKED },
		[ST_DELETED] = { MSG_TAG_DELETED, MSG_WHEN_DELETED },
		[ST_EXPIRED] = { MSG_TAG_UNANSWERED, MSG_WHEN_UNANSWERED },
	};
	if (l->group == GROUP_ACTIVE && l->consent->answered > clock_now() - NEW_FOR)
		return (struct item_words){ MSG_TAG_NEW, MSG_WHEN_ACTIVE };
	if (l->group != GROUP_ENDED)
		return groups[l->group];
	if (l->consent->status == ST_ACCEPTED && l->consent->used)
		return (struct item_words){ MSG_TAG_USED, MSG_WHEN_USED };
	return ended[l->consent->status < ST__MAX ? l->consent->status : ST_DELETED];
}

static struct str see_text(const struct page *p, const struct consent_item *l)
{
	static const enum msg texts[GROUP__MAX][2] = {
		[GROUP_PENDING] = { MSG_SEE_PENDING, MSG_SEE_PENDING_POA },
		[GROUP_ACTIVE] = { MSG_SEE, MSG_SEE_POA },
		[GROUP_ENDED] = { MSG_SEE_ENDED, MSG_SEE_ENDED },
	};
	return msg(texts[l->group][l->is_poa], p->lang);
}

static struct str titles(const struct page *p, const struct consent_item *l)
{
	struct buf b = BUF(p->a);
	for (size_t i = 0; i < l->n_titles && i < TITLES_MAX; i++) {
		if (i)
			buf_lit(&b, ", ");
		put_localized(p, &b, &l->titles[i]);
	}
	if (l->n_titles > TITLES_MAX) {
		buf_c(&b, ' ');
		buf_msg(&b, MSG_AND_MORE, p->lang, FILLS({ "n", arena_fmt(p->a, "%zu", l->n_titles - TITLES_MAX) }));
	}
	return buf_str(&b);
}

static struct str dates(const struct page *p, const struct consent *c, enum msg sentence)
{
	char created[TEXT_DATE_MAX], answered[TEXT_DATE_MAX], until[TEXT_DATE_MAX], used[TEXT_DATE_MAX];
	return text_filled(p->a, msg(sentence, p->lang),
			   FILLS({ "created", text_datetime(c->created, created) },
				 { "answered", text_datetime(c->answered, answered) },
				 { "until", text_datetime(c->valid_to, until) },
				 { "used", text_datetime(c->used, used) }));
}

static struct str item_address(const struct overview *o, const struct consent_item *l)
{
	struct arena *a = o->p.a;
	if (l->group != GROUP_PENDING)
		return details_address(a, l->consent->id);
	return visit_address(a, &(struct visit){ .id = l->consent->id, .stay = true, .back = o->here });
}

/* Straight to the question whether to withdraw: two presses from here end what holds. */
static struct str item_withdraw(const struct overview *o, struct str receiver, const struct consent_item *l)
{
	const struct page *p = &o->p;
	if (l->group != GROUP_ACTIVE)
		return STR_NONE;
	return view_str(p->a, "item_withdraw.html", p->lang,
			FILLS({ "i", arena_fmt(p->a, "%td", l - o->l.items) }, { "group", receiver },
			      { "href", withdraw_address(p->a, l->consent->id) },
			      { "text", msg(l->is_poa ? MSG_WITHDRAW_POA : MSG_WITHDRAW, p->lang) }),
			NULL);
}

static void item(const struct overview *o, struct buf *b, struct str receiver, const struct consent_item *l)
{
	const struct page *p = &o->p;
	struct item_words w = words_of(l);
	struct str tag = STR_NONE;
	if (w.tag != MSG__MAX)
		tag = view_str(p->a, "tag.html", p->lang, FILLS({ "text", msg(w.tag, p->lang) }), NULL);
	view(b, "agreement_item.html", p->lang,
	     FILLS({ "i", arena_fmt(p->a, "%td", l - o->l.items) }, { "group", receiver },
		   { "when", dates(p, l->consent, w.when) }, { "see", see_text(p, l) }, { "href", item_address(o, l) }),
	     FILLS({ "what", titles(p, l) }, { "tag", tag }, { "withdraw", item_withdraw(o, receiver, l) }));
}

/* ---- the items of one receiver ---- */

struct receiver {
	struct buf items;
	const struct consent_item *first;
	struct str id;
	size_t n;
	struct receiver *next;
};

static void receiver_show(const struct overview *o, struct buf *b, const struct receiver *r)
{
	const struct page *p = &o->p;
	struct str number = STR_NONE, count = STR_NONE;
	if (r->first->to_orgno.p)
		number = view_str(p->a, "orgno.html", p->lang, FILLS({ "orgno", text_orgno(p->a, r->first->to_orgno) }),
				  NULL);
	if (r->n > 1) {
		const struct fill *n = FILLS({ "n", arena_fmt(p->a, "%zu", r->n) });
		count = view_str(p->a, "note.html", p->lang,
				 FILLS({ "text", text_filled(p->a, msg(MSG_COUNT, p->lang), n) }), NULL);
	}
	view(b, "receiver.html", p->lang, FILLS({ "id", r->id }, { "name", party_name(p, r->first->to_name) }),
	     FILLS({ "number", number }, { "count", count }, { "items", buf_str(&r->items) }));
}

static struct str receivers(const struct overview *o, enum consent_group g)
{
	struct arena *a = o->p.a;
	struct map seen = { 0 };
	struct receiver *list = NULL, **end = &list, *r;
	for (size_t i = 0; i < o->l.n; i++) {
		const struct consent_item *l = &o->l.items[i];
		if (l->group != g)
			continue;
		struct str to = uuid_bytes(&l->consent->to_uuid);
		if (!(r = map_get(&seen, to))) {
			*end = r = arena_new(a, struct receiver);
			end = &r->next;
			*r = (struct receiver){ .items = BUF(a), .first = l, .id = arena_fmt(a, "r%zu", i) };
			map_put(&seen, a, to, r);
		}
		item(o, &r->items, r->id, l);
		r->n++;
	}
	struct buf b = BUF(a);
	for (r = list; r; r = r->next)
		receiver_show(o, &b, r);
	return buf_str(&b);
}

/* ---- the page ---- */

static const struct {
	const char *id;
	enum msg heading;
} groups[GROUP__MAX] = {
	[GROUP_PENDING] = { "pending", MSG_LIST_PENDING },
	[GROUP_ACTIVE] = { "active", MSG_LIST_ACTIVE },
	[GROUP_ENDED] = { "ended", MSG_LIST_ENDED },
};

static bool is_first(const struct overview *o)
{
	return o->q.before == 0;
}

static void group(const struct overview *o, struct buf *b, enum consent_group g)
{
	const struct page *p = &o->p;
	struct str list = receivers(o, g);
	if (!list.n && is_first(o) && !is_narrowed(o) && g == GROUP_ACTIVE)
		list = view_str(p->a, "paragraph.html", p->lang, FILLS({ "text", msg(MSG_LIST_NO_ACTIVE, p->lang) }),
				NULL);
	if (list.n)
		view(b, "agreements.html", p->lang,
		     FILLS({ "id", str_of(groups[g].id) }, { "heading", msg(groups[g].heading, p->lang) }),
		     FILLS({ "list", list }));
}

static struct str lists(const struct overview *o)
{
	const struct page *p = &o->p;
	struct buf b = BUF(p->a);
	for (enum consent_group g = 0; o->l.n && g < GROUP__MAX; g++)
		group(o, &b, g);
	if (o->l.n)
		return buf_str(&b);
	enum msg none = !is_narrowed(o) ? MSG_LIST_NOTHING : o->l.next ? MSG_SEARCH_NONE_YET : MSG_SEARCH_NONE;
	if (is_first(o) && !o->l.next && !is_narrowed(o))
		return view_str(
			p->a, "empty.html", p->lang,
			FILLS({ "heading", msg(o->about.self ? MSG_LIST_EMPTY : MSG_LIST_EMPTY_PARTY, p->lang) },
			      { "body",
				msg(o->about.self ? MSG_LIST_EMPTY_BODY : MSG_LIST_EMPTY_PARTY_BODY, p->lang) }),
			NULL);
	return view_str(p->a, "result.html", p->lang, FILLS({ "text", msg(none, p->lang) }), NULL);
}

/* ---- search and filter ---- */

static const struct choice filter_states[] = {
	{ "", MSG_FILTER_ALL, 0 },
	{ "pending", MSG_LIST_PENDING, 1 << GROUP_PENDING },
	{ "active", MSG_LIST_ACTIVE, 1 << GROUP_ACTIVE },
	{ "ended", MSG_LIST_ENDED, 1 << GROUP_ENDED },
};

static struct str filter(const struct overview *o)
{
	if (is_first(o) && !is_narrowed(o) && !o->l.n && !o->l.next)
		return STR_NONE;
	return about_filter(&o->p, &o->about,
			    &(struct filter){ .path = STR(PATH_OVERVIEW),
					      .search = MSG_SEARCH_LIST,
					      .text = o->q.text,
					      .choices = filter_states,
					      .n = LEN(filter_states),
					      .chosen = o->state });
}

/* ---- pages ---- */

static struct str page_address(const struct overview *o, int64_t before)
{
	struct address to = address_start(o->p.a, STR(PATH_OVERVIEW), &o->about);
	address_put(&to, "q", o->q.text);
	address_put(&to, "state", str_of(filter_states[o->state].value));
	if (before)
		address_put(&to, "before", arena_fmt(o->p.a, "%lld", (long long)before));
	return buf_str(&to.b);
}

static struct str pages(const struct overview *o)
{
	const struct page *p = &o->p;
	struct str newest = is_first(o) ? STR_NONE : page_address(o, 0);
	struct str older = o->l.next ? page_address(o, o->l.next) : STR_NONE;
	return about_pages(p, newest, MSG_LIST_NEWEST, older, MSG_LIST_OLDER);
}

static struct str log_link(const struct overview *o)
{
	struct address to = address_start(o->p.a, STR(PATH_LOG), &o->about);
	return view_str(o->p.a, "to_log.html", o->p.lang, FILLS({ "href", buf_str(&to.b) }), NULL);
}

static struct str export_address(const struct overview *o, const char *format)
{
	struct address to = address_start(o->p.a, STR(PATH_EXPORT), &o->about);
	address_put(&to, "format", str_of(format));
	return buf_str(&to.b);
}

static struct str export_links(const struct overview *o)
{
	if (is_first(o) && !is_narrowed(o) && !o->l.n && !o->l.next)
		return STR_NONE;
	return view_str(o->p.a, "export.html", o->p.lang,
			FILLS({ "json", export_address(o, "json") }, { "csv", export_address(o, "csv") }), NULL);
}

/* On the first page: requests may wait that are older than what stands there. */
static enum rc waiting(struct overview *o, struct str *out)
{
	struct page *p = &o->p;
	size_t shown = 0;
	int64_t n;
	*out = STR_NONE;
	if (!is_first(o) || is_narrowed(o) || !o->l.next)
		return RC_OK;
	for (size_t i = 0; i < o->l.n; i++)
		shown += o->l.items[i].group == GROUP_PENDING;
	TRY(consent_count(req_web(p->req)->consents, p->a, &req_caller(p->req)->person, o->about.party->uuid,
			  ST_CREATED, &n));
	if (n <= (int64_t)shown)
		return RC_OK;
	struct address to = address_start(p->a, STR(PATH_OVERVIEW), &o->about);
	address_put(&to, "state", STR("pending"));
	*out = view_str(p->a, "link.html", p->lang,
			FILLS({ "href", buf_str(&to.b) }, { "text", msg(MSG_SEE_ALL_PENDING, p->lang) }), NULL);
	return RC_OK;
}

/* ---- the call ---- */

/* What is no cursor and no state of ours is the first page of all. */
static void query_read(struct overview *o, const struct pair *query)
{
	uint64_t key;
	if (str_u64(value_of(query, "before"), &key) == RC_OK && key <= INT64_MAX)
		o->q.before = (int64_t)key;
	o->state = choice_read(filter_states, LEN(filter_states), value_of(query, "state"));
	o->q.groups = filter_states[o->state].bits;
	o->q.text = value_of(query, "q");
	o->q.lang = o->p.lang;
	o->q.party = o->about.party->uuid;
}

enum rc overview_get(struct http_req *req, struct http_res *res)
{
	struct overview o = { .p = page_of(req, res) };
	struct page *p = &o.p;
	const struct pair *query;
	struct str more;
	bool ok;
	if (!req_caller(req))
		return address_login(p);
	if (http_query(req, &query) != RC_OK)
		query = NULL;
	TRY(about_read(p, query, &o.about, &ok));
	if (!ok)
		return RC_OK;
	query_read(&o, query);
	struct address here = address_start(p->a, STR(PATH_OVERVIEW), &o.about);
	o.here = buf_str(&here.b);
	TRY(page_user(p));
	TRY(consent_list(req_web(req)->consents, p->a, &req_caller(req)->person, &o.q, &o.l));
	TRY(waiting(&o, &more));
	struct str title = about_heading(p, &o.about, MSG_LIST_HEADING, MSG_AGREEMENTS);
	page_send(p, 200, title,
		  view_str(p->a, "overview.html", p->lang, FILLS({ "heading", title }),
			   FILLS({ "org", about_org(p, &o.about) },
				 { "picker", about_picker(p, &o.about, STR(PATH_OVERVIEW)) }, { "filter", filter(&o) },
				 { "note", more }, { "lists", lists(&o) }, { "pages", pages(&o) },
				 { "log", log_link(&o) }, { "export", export_links(&o) })));
	return RC_OK;
}
