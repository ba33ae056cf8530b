#include <assert.h>

#include "consent/activity.h"
#include "web/handlers_internal.h"
#include "web/list_filter_internal.h"
#include "page/login_guard.h"
#include "page/parts.h"
#include "page/view.h"

/* One call of the page. */
struct log_page {
	struct page p;
	struct party_choice choice;
	struct activity_query query;
	size_t state; /* index into filter_options */
	struct activity_page activities;
};

// clang-format off
static const struct filter_option filter_options[] = {
	{ "",         MSG_FILTER_ALL,   0 },
	{ "accepted", MSG_LOG_ACCEPTED_ONLY, 1 << ACTIVITY_ACCEPTED },
	{ "rejected", MSG_LOG_REJECTED_ONLY, 1 << ACTIVITY_REJECTED },
	{ "revoked",  MSG_LOG_REVOKED_ONLY,  1 << ACTIVITY_REVOKED },
	{ "expired",  MSG_LOG_EXPIRED_ONLY,  1 << ACTIVITY_EXPIRED },
	{ "used",     MSG_LOG_USED_ONLY,     1 << ACTIVITY_USED | 1 << ACTIVITY_TOKEN },
};
/* [kind][is_poa]; the log has no ACTIVITY_CREATED */
static const enum msg sentences[ACTIVITY__MAX][2] = {
	[ACTIVITY_ACCEPTED] = { MSG_LOG_ACCEPTED, MSG_LOG_ACCEPTED_POA },
	[ACTIVITY_REJECTED] = { MSG_LOG_REJECTED, MSG_LOG_REJECTED },
	[ACTIVITY_REVOKED]  = { MSG_LOG_REVOKED,  MSG_LOG_REVOKED_POA },
	[ACTIVITY_DELETED]  = { MSG_LOG_DELETED,  MSG_LOG_DELETED },
	[ACTIVITY_EXPIRED]  = { MSG_LOG_EXPIRED,  MSG_LOG_EXPIRED_POA },
	[ACTIVITY_USED]     = { MSG_LOG_USED,     MSG_LOG_USED },
	[ACTIVITY_TOKEN]    = { MSG_LOG_TOKEN,    MSG_LOG_TOKEN_POA },
};
// clang-format on

/* ---- one entry ---- */

static void note(const struct page *p, struct buf *b, enum msg text, const struct fill *fills)
{
	view(b, "note.html", p->lang, FILLS({ "text", message_filled(p, text, fills) }), NULL);
}

/* Facts that the sentence of the entry leaves out. */
static struct str notes(const struct log_page *l, const struct activity *e)
{
	const struct page *p = &l->p;
	struct buf b = BUF(p->a);
	char until[TEXT_DATE_MAX];
	const struct fill *fills =
		FILLS({ "by", actor_name(p, e->by_name, e->by_orgno) },
		      { "to", actor_name(p, e->to_name, e->to_orgno) }, { "handledBy", e->handler_name },
		      { "reference", e->reference }, { "expires", text_datetime(e->consent->valid_to, until) });
	bool by_other = !uuid_eq(e->event.performed_by_uuid, l->choice.party->uuid);
	if ((e->kind == ACTIVITY_ACCEPTED || e->kind == ACTIVITY_REVOKED) && by_other)
		note(p, &b, e->kind == ACTIVITY_REVOKED ? MSG_LOG_REVOKED_BY : MSG_LOG_ANSWERED_BY, fills);
	if (e->kind == ACTIVITY_ACCEPTED)
		note(p, &b, MSG_LOG_EXPIRES, fills);
	if (e->kind == ACTIVITY_TOKEN)
		note(p, &b, MSG_LOG_TOKEN_BY, fills);
	if (e->kind == ACTIVITY_USED && e->handler_name.n)
		note(p, &b, MSG_LOG_HANDLED_BY, fills);
	if (e->reference.n)
		note(p, &b, MSG_LOG_REFERENCE, fills);
	return buf_str(&b);
}

static void entry(const struct log_page *l, struct buf *b, const struct activity *e)
{
	const struct page *p = &l->p;
	assert(e->kind < ACTIVITY__MAX && e->kind != ACTIVITY_CREATED);
	bool by_reader = uuid_eq(e->event.performed_by_uuid, req_caller(p->req)->person.party);
	enum msg text = sentences[e->kind][e->is_poa];
	if (e->kind == ACTIVITY_REJECTED && by_reader)
		text = MSG_LOG_REJECTED_OWN;
	struct str sentence =
		message_filled(p, text,
			       FILLS({ "to", actor_name(p, e->to_name, e->to_orgno) }, { "from", l->choice.name },
				     { "by", actor_name(p, e->by_name, e->by_orgno) }));
	struct buf more = BUF(p->a);
	view(&more, "paragraph.html", p->lang, NULL, FILLS({ "text", localized_html(p, &e->resource_title) }));
	buf_add(&more, notes(l, e));
	view(b, "log_item.html", p->lang,
	     FILLS({ "i", arena_fmt(p->a, "%td", e - l->activities.items) }, { "sentence", sentence },
		   { "see", msg(e->is_poa ? MSG_LOG_VIEW_POA : MSG_LOG_VIEW, p->lang) },
		   { "href", details_address(p->a, e->consent->id) }),
	     FILLS({ "when", time_short_html(p, e->at) }, { "notes", buf_str(&more) }));
}

/* ---- the page ---- */

static bool is_first(const struct log_page *l)
{
	return l->query.before.at == 0;
}

static bool is_narrowed(const struct log_page *l)
{
	return l->query.kinds || l->query.text.n;
}

static struct str list(const struct log_page *l)
{
	const struct page *p = &l->p;
	struct buf b = BUF(p->a);
	for (size_t i = 0; i < l->activities.n; i++)
		entry(l, &b, &l->activities.items[i]);
	if (l->activities.n)
		return view_str(p->a, "log_list.html", p->lang, NULL, FILLS({ "items", buf_str(&b) }));
	enum msg none = l->activities.more               ? MSG_SEARCH_NONE_YET
			: is_narrowed(l) || !is_first(l) ? MSG_SEARCH_NONE
							 : MSG_LOG_EMPTY;
	return view_str(p->a, "result.html", p->lang, FILLS({ "text", msg(none, p->lang) }), NULL);
}

static struct str filter(const struct log_page *l)
{
	if (is_first(l) && !is_narrowed(l) && !l->activities.n && !l->activities.more)
		return STR_NONE;
	return list_filter_html(&l->p, &l->choice,
				&(struct list_filter){ .path = STR(PATH_LOG),
						       .search = MSG_LOG_SEARCH,
						       .state = MSG_LOG_KIND,
						       .text = l->query.text,
						       .options = filter_options,
						       .n = LEN(filter_options),
						       .chosen = l->state });
}

static struct str page_address(const struct log_page *l, const struct activity_at *before)
{
	struct arena *a = l->p.a;
	struct address to = party_address(a, STR(PATH_LOG), &l->choice);
	address_put(&to, "q", l->query.text);
	address_put(&to, "state", str_of(filter_options[l->state].value));
	if (before)
		address_put(&to, "before",
			    arena_fmt(a, "%lld.%.*s", (long long)before->at, STR_FMT(uuid_str(a, before->id))));
	return address_str(&to);
}

static struct str pages(const struct log_page *l)
{
	return page_links_html(
		&l->p,
		&(struct page_links){ .newest = is_first(l) ? STR_NONE : page_address(l, NULL),
				      .newest_text = MSG_LOG_NEWEST,
				      .older = l->activities.more ? page_address(l, &l->activities.next) : STR_NONE,
				      .older_text = MSG_LOG_OLDER });
}

/* A text that is no cursor of ours stands for the newest entry. */
static struct activity_at cursor_parse(struct str text)
{
	struct str at, id;
	uint64_t us;
	struct activity_at before = { 0 };
	if (!str_cut(text, '.', &at, &id) || str_u64(at, &us) != RC_OK || us > INT64_MAX ||
	    uuid_parse(id, &before.id) != RC_OK)
		return (struct activity_at){ 0 };
	before.at = (int64_t)us;
	return before;
}

static void query_read(struct log_page *l, const struct pair *query)
{
	l->state = filter_option_find(filter_options, LEN(filter_options), filter_param(query, "state"));
	l->query = (struct activity_query){ .party = l->choice.party->uuid,
					    .before = cursor_parse(filter_param(query, "before")),
					    .lang = l->p.lang,
					    .kinds = filter_options[l->state].bits,
					    .text = filter_param(query, "q") };
}

static struct str back(const struct log_page *l)
{
	struct address to = party_address(l->p.a, STR(PATH_OVERVIEW), &l->choice);
	return back_link(&l->p, address_str(&to));
}

enum rc log_get(struct http_req *req, struct http_res *res)
{
	struct log_page l = { .p = page_of(req, res) };
	struct page *p = &l.p;
	const struct pair *query;
	TRY(login_require(p));
	if (http_query(req, &query) != RC_OK)
		query = NULL;
	TRY(party_choice_read(p, query, &l.choice));
	query_read(&l, query);
	TRY(page_user(p));
	TRY(activity_log(req_site(req)->consents, p->a, &req_caller(req)->person, &l.query, &l.activities));
	struct str title = party_heading(p, &l.choice, MSG_LOG_HEADING, MSG_LOG_TITLE);
	struct str picker = party_picker(p, &l.choice, STR(PATH_LOG));
	return page_send(
		p, 200, title,
		view_str(p->a, "log.html", p->lang, FILLS({ "heading", title }),
			 FILLS({ "back", back(&l) }, { "org", party_org_line(p, &l.choice) }, { "picker", picker },
			       { "filter", filter(&l) }, { "list", list(&l) }, { "pages", pages(&l) })));
}
