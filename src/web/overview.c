#include <assert.h>

#include "base/clock.h"
#include "base/map.h"
#include "web/handlers_internal.h"
#include "web/list_filter_internal.h"
#include "page/login_guard.h"
#include "page/parts.h"
#include "page/view.h"

#define SEARCH_ABOVE 10             /* agreements that need no search */
#define TITLES_MAX 3                /* resources that an item names */
#define NEW_FOR (10 * CLOCK_MINUTE) /* an agreement is marked as new for this time */

/* One call of the page. */
struct overview {
	struct page p;
	struct party_choice choice;
	struct consent_query query;
	size_t state; /* index into filter_options */
	struct consent_list list;
	struct str here; /* the page without search and cursor */
};

static bool is_narrowed(const struct overview *o)
{
	return o->query.groups || o->query.text.n;
}

/* ---- one item ---- */

struct item_words {
	enum msg tag;   /* MSG__MAX = none: the heading above the list says it */
	enum msg dates; /* a sentence */
};

static struct item_words item_words_of(const struct consent_item *item)
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
	if (item->group == GROUP_ACTIVE && item->consent->answered > clock_now() - NEW_FOR)
		return (struct item_words){ MSG_TAG_NEW, MSG_WHEN_ACTIVE };
	if (item->group != GROUP_ENDED)
		return groups[item->group];
	if (item->consent->status == ST_ACCEPTED && item->consent->used)
		return (struct item_words){ MSG_TAG_USED, MSG_WHEN_USED };
	return ended[item->consent->status < ST__MAX ? item->consent->status : ST_DELETED];
}

static struct str see_text(const struct page *p, const struct consent_item *item)
{
	static const enum msg texts[GROUP__MAX][2] = {
		[GROUP_PENDING] = { MSG_SEE_PENDING, MSG_SEE_PENDING_POA },
		[GROUP_ACTIVE] = { MSG_SEE, MSG_SEE_POA },
		[GROUP_ENDED] = { MSG_SEE_ENDED, MSG_SEE_ENDED },
	};
	return msg(texts[item->group][item->is_poa], p->lang);
}

static struct str titles(const struct page *p, const struct consent_item *item)
{
	struct buf b = BUF(p->a);
	const struct right *r = item->consent->rights;
	for (size_t i = 0; r && i < item->n_titles && i < TITLES_MAX; i++, r = r->next) {
		if (i)
			buf_lit(&b, ", ");
		right_title_put(p, &b, &item->titles[i], r);
	}
	if (item->n_titles > TITLES_MAX) {
		buf_c(&b, ' ');
		buf_msg(&b, MSG_AND_MORE, p->lang, FILLS({ "n", arena_fmt(p->a, "%zu", item->n_titles - TITLES_MAX) }));
	}
	return buf_str(&b);
}

static struct str dates_text(const struct page *p, const struct consent *c, enum msg sentence)
{
	char created[TEXT_DATE_MAX], answered[TEXT_DATE_MAX], until[TEXT_DATE_MAX], used[TEXT_DATE_MAX];
	return message_filled(p, sentence,
			      FILLS({ "created", text_datetime(c->created, created) },
				    { "answered", text_datetime(c->answered, answered) },
				    { "until", text_datetime(c->valid_to, until) },
				    { "used", text_datetime(c->used, used) }));
}

static struct str item_address(const struct overview *o, const struct consent_item *item)
{
	struct arena *a = o->p.a;
	if (item->group != GROUP_PENDING)
		return details_address(a, item->consent->id);
	return consent_address(a, &(struct consent_params){ .id = item->consent->id, .stay = true, .back = o->here });
}

/* Leads to the question whether to withdraw, so that two presses end an active agreement. */
static struct str item_withdraw(const struct overview *o, struct str receiver, const struct consent_item *item)
{
	const struct page *p = &o->p;
	if (item->group != GROUP_ACTIVE)
		return STR_NONE;
	return view_str(p->a, "item_withdraw.html", p->lang,
			FILLS({ "i", arena_fmt(p->a, "%td", item - o->list.items) }, { "group", receiver },
			      { "href", withdraw_address(p->a, item->consent->id) },
			      { "text", msg(item->is_poa ? MSG_WITHDRAW_POA : MSG_WITHDRAW, p->lang) }),
			NULL);
}

static void item_put(const struct overview *o, struct buf *b, struct str receiver, const struct consent_item *item)
{
	assert(item->group < GROUP__MAX);
	const struct page *p = &o->p;
	struct item_words words = item_words_of(item);
	struct str tag = STR_NONE;
	if (words.tag != MSG__MAX)
		tag = view_str(p->a, "tag.html", p->lang, FILLS({ "text", msg(words.tag, p->lang) }), NULL);
	view(b, "agreement_item.html", p->lang,
	     FILLS({ "i", arena_fmt(p->a, "%td", item - o->list.items) }, { "group", receiver },
		   { "when", dates_text(p, item->consent, words.dates) }, { "see", see_text(p, item) },
		   { "href", item_address(o, item) }),
	     FILLS({ "what", titles(p, item) }, { "tag", tag }, { "withdraw", item_withdraw(o, receiver, item) }));
}

/* ---- the items of one receiver ---- */

struct receiver {
	struct buf items;
	const struct consent_item *first;
	struct str id;
	size_t n;
	struct receiver *next;
};

static void receiver_put(const struct overview *o, struct buf *b, const struct receiver *r)
{
	const struct page *p = &o->p;
	struct str count = STR_NONE;
	if (r->n > 1) {
		const struct fill *n = FILLS({ "n", arena_fmt(p->a, "%zu", r->n) });
		count = view_str(p->a, "note.html", p->lang, FILLS({ "text", message_filled(p, MSG_COUNT, n) }), NULL);
	}
	view(b, "receiver.html", p->lang, FILLS({ "id", r->id }, { "name", party_name(p, r->first->to_name) }),
	     FILLS({ "number", orgno_html(p, r->first->to_orgno) }, { "count", count },
		   { "items", buf_str(&r->items) }));
}

static struct str receivers(const struct overview *o, enum consent_group g)
{
	struct arena *a = o->p.a;
	struct map seen = { 0 };
	struct receiver *list = NULL, **end = &list, *r;
	for (size_t i = 0; i < o->list.n; i++) {
		const struct consent_item *item = &o->list.items[i];
		if (item->group != g)
			continue;
		struct str to = uuid_bytes(&item->consent->to_uuid);
		if (!(r = map_get(&seen, to))) {
			*end = r = arena_new(a, struct receiver);
			end = &r->next;
			*r = (struct receiver){ .items = BUF(a), .first = item, .id = arena_fmt(a, "r%zu", i) };
			map_put(&seen, a, to, r);
		}
		item_put(o, &r->items, r->id, item);
		r->n++;
	}
	struct buf b = BUF(a);
	for (r = list; r; r = r->next)
		receiver_put(o, &b, r);
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
	return o->query.before == 0;
}

static void group(const struct overview *o, struct buf *b, enum consent_group g)
{
	const struct page *p = &o->p;
	struct str list = receivers(o, g);
	if (!list.n && is_first(o) && !is_narrowed(o) && g == GROUP_ACTIVE)
		list = paragraph_html(p, msg(MSG_LIST_NO_ACTIVE, p->lang));
	if (list.n)
		view(b, "agreements.html", p->lang,
		     FILLS({ "id", str_of(groups[g].id) }, { "heading", msg(groups[g].heading, p->lang) }),
		     FILLS({ "list", list }));
}

/* ---- search and filter ---- */

static const struct filter_option filter_options[] = {
	{ "", MSG_FILTER_ALL, 0 },
	{ "pending", MSG_LIST_PENDING, 1 << GROUP_PENDING },
	{ "active", MSG_LIST_ACTIVE, 1 << GROUP_ACTIVE },
	{ "ended", MSG_LIST_ENDED, 1 << GROUP_ENDED },
};

static struct str filter(const struct overview *o)
{
	if (is_first(o) && !is_narrowed(o) && !o->list.next && o->list.n <= SEARCH_ABOVE)
		return STR_NONE;
	return list_filter_html(&o->p, &o->choice,
				&(struct list_filter){ .path = STR(PATH_OVERVIEW),
						       .search = MSG_SEARCH_LIST,
						       .state = MSG_FILTER_STATE,
						       .text = o->query.text,
						       .options = filter_options,
						       .n = LEN(filter_options),
						       .chosen = o->state });
}

/* What a page without entries says. */
static struct str nothing(const struct overview *o)
{
	const struct page *p = &o->p;
	enum msg none = !is_narrowed(o) ? MSG_LIST_NOTHING : o->list.next ? MSG_SEARCH_NONE_YET : MSG_SEARCH_NONE;
	if (is_first(o) && !o->list.next && !is_narrowed(o))
		return view_str(
			p->a, "empty.html", p->lang,
			FILLS({ "heading", msg(o->choice.is_self ? MSG_LIST_EMPTY : MSG_LIST_EMPTY_PARTY, p->lang) },
			      { "body",
				msg(o->choice.is_self ? MSG_LIST_EMPTY_BODY : MSG_LIST_EMPTY_PARTY_BODY, p->lang) }),
			NULL);
	return view_str(p->a, "result.html", p->lang, FILLS({ "text", msg(none, p->lang) }), NULL);
}

/* On the first page the search stands behind what waits. Later it stands above what it has found. */
static struct str lists(const struct overview *o)
{
	const struct page *p = &o->p;
	struct buf b = BUF(p->a);
	enum consent_group before = is_first(o) && !is_narrowed(o) ? GROUP_ACTIVE : GROUP_PENDING;
	for (enum consent_group g = 0; o->list.n && g < GROUP__MAX; g++) {
		if (g == before)
			buf_add(&b, filter(o));
		group(o, &b, g);
	}
	if (o->list.n)
		return buf_str(&b);
	buf_add(&b, filter(o));
	buf_add(&b, nothing(o));
	return buf_str(&b);
}
/* ---- pages ---- */

static struct str page_address(const struct overview *o, int64_t before)
{
	struct address to = party_address(o->p.a, STR(PATH_OVERVIEW), &o->choice);
	address_put(&to, "q", o->query.text);
	address_put(&to, "state", str_of(filter_options[o->state].value));
	if (before)
		address_put(&to, "before", arena_fmt(o->p.a, "%lld", (long long)before));
	return address_str(&to);
}

static struct str pages(const struct overview *o)
{
	return page_links_html(&o->p, &(struct page_links){
					      .newest = is_first(o) ? STR_NONE : page_address(o, 0),
					      .newest_text = MSG_LIST_NEWEST,
					      .older = o->list.next ? page_address(o, o->list.next) : STR_NONE,
					      .older_text = MSG_LIST_OLDER,
				      });
}

static struct str log_link(const struct overview *o)
{
	struct address to = party_address(o->p.a, STR(PATH_LOG), &o->choice);
	return view_str(o->p.a, "to_log.html", o->p.lang, FILLS({ "href", address_str(&to) }), NULL);
}

static struct str export_address(const struct overview *o, const char *format)
{
	struct address to = party_address(o->p.a, STR(PATH_EXPORT), &o->choice);
	address_put(&to, "format", str_of(format));
	return address_str(&to);
}

static struct str export_links(const struct overview *o)
{
	if (is_first(o) && !is_narrowed(o) && !o->list.n && !o->list.next)
		return STR_NONE;
	return view_str(o->p.a, "export.html", o->p.lang,
			FILLS({ "json", export_address(o, "json") }, { "csv", export_address(o, "csv") }), NULL);
}

/* On the first page: a link to all pending requests, when some are older than the entries of this page. */
static enum rc waiting(struct overview *o, struct str *out)
{
	struct page *p = &o->p;
	size_t listed = 0;
	int64_t n;
	*out = STR_NONE;
	if (!is_first(o) || is_narrowed(o) || !o->list.next)
		return RC_OK;
	for (size_t i = 0; i < o->list.n; i++)
		listed += o->list.items[i].group == GROUP_PENDING;
	TRY(consent_count(req_site(p->req)->consents, p->a, &req_caller(p->req)->person, o->choice.party->uuid,
			  ST_CREATED, &n));
	if (n <= (int64_t)listed)
		return RC_OK;
	struct address to = party_address(p->a, STR(PATH_OVERVIEW), &o->choice);
	address_put(&to, "state", STR("pending"));
	*out = link_html(p, address_str(&to), msg(MSG_SEE_ALL_PENDING, p->lang));
	return RC_OK;
}

/* ---- the call ---- */

static void query_read(struct overview *o, const struct pair *query)
{
	o->query.before = filter_before(query);
	o->state = filter_option_find(filter_options, LEN(filter_options), filter_param(query, "state"));
	o->query.groups = filter_options[o->state].bits;
	o->query.text = filter_param(query, "q");
	o->query.lang = o->p.lang;
	o->query.party = o->choice.party->uuid;
}

enum rc overview_get(struct http_req *req, struct http_res *res)
{
	struct overview o = { .p = page_of(req, res) };
	struct page *p = &o.p;
	const struct pair *query;
	struct str more;
	TRY(login_require(p));
	if (http_query(req, &query) != RC_OK)
		query = NULL;
	TRY(party_choice_read(p, query, &o.choice));
	query_read(&o, query);
	struct address here = party_address(p->a, STR(PATH_OVERVIEW), &o.choice);
	o.here = address_str(&here);
	TRY(page_user(p));
	TRY(consent_list(req_site(req)->consents, p->a, &req_caller(req)->person, &o.query, &o.list));
	TRY(waiting(&o, &more));
	struct str title = party_heading(p, &o.choice, MSG_LIST_HEADING, MSG_AGREEMENTS);
	struct str picker = party_picker(p, &o.choice, STR(PATH_OVERVIEW));
	return page_send(p, 200, title,
			 view_str(p->a, "overview.html", p->lang, FILLS({ "heading", title }),
				  FILLS({ "org", party_org_line(p, &o.choice) }, { "picker", picker }, { "note", more },
					{ "lists", lists(&o) }, { "pages", pages(&o) }, { "log", log_link(&o) },
					{ "export", export_links(&o) })));
}
