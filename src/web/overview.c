#include "web/consent_state.h"

#include "base/clock.h"

#define TITLES_MAX 3 /* resources that an item names */

/* ---- one item ---- */

/* What an ended one is called, and the sentence with its dates. */
struct item_words {
	enum msg tag, when; /* tag: MSG__MAX = none, the heading above says it */
};

static struct item_words words_of(const struct listed *l)
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
	if (l->group != GROUP_ENDED)
		return groups[l->group];
	if (l->consent->status == ST_ACCEPTED && l->consent->used)
		return (struct item_words){ MSG_TAG_USED, MSG_WHEN_USED };
	return ended[l->consent->status < ST__MAX ? l->consent->status : ST_DELETED];
}

static struct str see_text(const struct page *p, const struct listed *l)
{
	static const enum msg texts[GROUP__MAX][2] = {
		[GROUP_PENDING] = { MSG_SEE_PENDING, MSG_SEE_PENDING_POA },
		[GROUP_ACTIVE] = { MSG_SEE, MSG_SEE_POA },
		[GROUP_ENDED] = { MSG_SEE_ENDED, MSG_SEE_ENDED },
	};
	return msg(texts[l->group][l->is_poa], p->lang);
}

static struct str titles(const struct page *p, const struct listed *l)
{
	struct buf b = BUF(p->a);
	for (size_t i = 0; i < l->n_titles && i < TITLES_MAX; i++) {
		const struct listed_title *t = &l->titles[i];
		struct str lang = STR_NONE;
		if (t->lang != p->lang)
			lang = arena_fmt(p->a, " lang=\"%s\"", lang_code(t->lang));
		if (i)
			buf_lit(&b, ", ");
		view(&b, "title.html", p->lang, FILLS({ "title", t->text }), FILLS({ "lang", lang }));
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

static struct str item_address(struct arena *a, const struct listed *l)
{
	if (l->group != GROUP_PENDING)
		return details_address(a, l->consent->id);
	return visit_address(a, &(struct visit){ .id = l->consent->id, .stay = true, .back = STR(PATH_OVERVIEW) });
}

static void item(const struct page *p, struct buf *b, const struct listed *l, size_t i)
{
	struct item_words w = words_of(l);
	struct str number = STR_NONE, tag = STR_NONE;
	if (l->to_orgno.p)
		number = view_str(p->a, "orgno.html", p->lang, FILLS({ "orgno", text_orgno(p->a, l->to_orgno) }), NULL);
	if (w.tag != MSG__MAX)
		tag = view_str(p->a, "tag.html", p->lang, FILLS({ "text", msg(w.tag, p->lang) }), NULL);
	view(b, "agreement_item.html", p->lang,
	     FILLS({ "i", arena_fmt(p->a, "%zu", i) }, { "name", party_name(p, l->to_name) },
		   { "when", dates(p, l->consent, w.when) }, { "see", see_text(p, l) },
		   { "href", item_address(p->a, l) }),
	     FILLS({ "number", number }, { "what", titles(p, l) }, { "tag", tag }));
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

static void group(const struct page *p, struct buf *b, const struct consent_list *l, enum consent_group g, bool first)
{
	struct buf items = BUF(p->a);
	for (size_t i = 0; i < l->n; i++)
		if (l->items[i].group == g)
			item(p, &items, &l->items[i], i);
	struct str list = STR_NONE;
	if (items.n)
		list = view_str(p->a, "agreement_list.html", p->lang, NULL, FILLS({ "items", buf_str(&items) }));
	else if (first && g == GROUP_ACTIVE)
		list = view_str(p->a, "paragraph.html", p->lang, FILLS({ "text", msg(MSG_LIST_NO_ACTIVE, p->lang) }),
				NULL);
	if (list.p)
		view(b, "agreements.html", p->lang,
		     FILLS({ "id", str_of(groups[g].id) }, { "heading", msg(groups[g].heading, p->lang) }),
		     FILLS({ "list", list }));
}

static struct str lists(const struct page *p, const struct consent_list *l, bool first)
{
	struct buf b = BUF(p->a);
	for (enum consent_group g = 0; l->n && g < GROUP__MAX; g++)
		group(p, &b, l, g, first);
	if (!l->n && first && !l->next)
		view(&b, "empty.html", p->lang,
		     FILLS({ "heading", msg(MSG_LIST_EMPTY, p->lang) }, { "body", msg(MSG_LIST_EMPTY_BODY, p->lang) }),
		     NULL);
	else if (!l->n)
		view(&b, "paragraph.html", p->lang, FILLS({ "text", msg(MSG_LIST_NOTHING, p->lang) }), NULL);
	return buf_str(&b);
}

static struct str page_link(const struct page *p, struct str href, enum msg text)
{
	return view_str(p->a, "page_link.html", p->lang, FILLS({ "href", href }, { "text", msg(text, p->lang) }), NULL);
}

static struct str pages(const struct page *p, const struct consent_list *l, bool first)
{
	struct str newest = STR_NONE, older = STR_NONE;
	if (first && !l->next)
		return STR_NONE;
	if (!first)
		newest = page_link(p, STR(PATH_OVERVIEW), MSG_LIST_NEWEST);
	if (l->next)
		older = page_link(p, arena_fmt(p->a, PATH_OVERVIEW "?before=%lld", (long long)l->next), MSG_LIST_OLDER);
	return view_str(p->a, "pages.html", p->lang, NULL, FILLS({ "newest", newest }, { "older", older }));
}

static struct str heading(struct page *p)
{
	if (str_eq(p->user, msg(MSG_NAME_UNKNOWN, p->lang)))
		return msg(MSG_AGREEMENTS, p->lang);
	return text_filled(p->a, msg(MSG_LIST_HEADING, p->lang), FILLS({ "name", p->user }));
}

/* What is no cursor of ours is the first page. */
static int64_t before_of(const struct http_req *req)
{
	const struct pair *query, *before;
	uint64_t key;
	if (http_query(req, &query) != RC_OK || !(before = pair_get(query, "before")))
		return 0;
	return str_u64(before->value, &key) == RC_OK && key <= INT64_MAX ? (int64_t)key : 0;
}

enum rc overview_get(struct http_req *req, struct http_res *res)
{
	struct page p = page_of(req, res);
	struct consent_list l;
	if (!req_caller(req))
		return address_login(&p);
	int64_t before = before_of(req);
	TRY(page_user(&p));
	TRY(consent_list(&req_app(req)->domain, p.a, &req_caller(req)->person, before, p.lang, &l));
	struct str title = heading(&p);
	page_send(&p, 200, title,
		  view_str(p.a, "overview.html", p.lang, FILLS({ "heading", title }),
			   FILLS({ "lists", lists(&p, &l, before == 0) }, { "pages", pages(&p, &l, before == 0) })));
	return RC_OK;
}
