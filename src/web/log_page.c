#include "base/clock.h"
#include "consent/activity.h"
#include "web/consent_state_internal.h"
#include "web/party_choice_internal.h"

/* One call of the page. */
struct log_view {
	struct page p;
	struct about about;
	struct activity_query q;
	size_t state; /* of the filter; 0 = all */
	struct activity_page l;
};

// clang-format off
static const struct choice filter_states[] = {
	{ "",         MSG_FILTER_ALL,   0 },
	{ "accepted", MSG_LOG_ACCEPTED_ONLY, 1 << ACTIVITY_ACCEPTED },
	{ "rejected", MSG_LOG_REJECTED_ONLY, 1 << ACTIVITY_REJECTED },
	{ "revoked",  MSG_LOG_REVOKED_ONLY,  1 << ACTIVITY_REVOKED },
	{ "expired",  MSG_LOG_EXPIRED_ONLY,  1 << ACTIVITY_EXPIRED },
	{ "used",     MSG_LOG_USED_ONLY,     1 << ACTIVITY_USED | 1 << ACTIVITY_TOKEN },
};
static const enum msg sentences[ACTIVITY__MAX][2] = {
	[ACTIVITY_ACCEPTED] = { MSG_LOG_ACCEPTED, MSG_LOG_ACCEPTED_POA },
	[ACTIVITY_REJECTED] = { MSG_LOG_REJECTED, MSG_LOG_REJECTED_POA },
	[ACTIVITY_REVOKED]  = { MSG_LOG_REVOKED,  MSG_LOG_REVOKED_POA },
	[ACTIVITY_DELETED]  = { MSG_LOG_DELETED,  MSG_LOG_DELETED },
	[ACTIVITY_EXPIRED]  = { MSG_LOG_EXPIRED,  MSG_LOG_EXPIRED_POA },
	[ACTIVITY_USED]     = { MSG_LOG_USED,     MSG_LOG_USED },
	[ACTIVITY_TOKEN]    = { MSG_LOG_TOKEN,    MSG_LOG_TOKEN_POA },
};
// clang-format on

struct str time_html(const struct page *p, int64_t us)
{
	char iso[CLOCK_TEXT_MAX];
	return view_str(p->a, "time.html", p->lang,
			FILLS({ "iso", clock_text(us - us % CLOCK_SECOND, iso) },
			      { "text", text_datetime_long(p->a, us, p->lang) }, { "zone", text_zone(us, p->lang) }),
			NULL);
}

struct str doer_name(const struct page *p, struct str name, struct str orgno)
{
	return name.n || !orgno.n ? party_name(p, name) : text_orgno(p->a, orgno);
}

/* ---- one entry ---- */

static void note(const struct page *p, struct buf *b, enum msg text, const struct fill *fills)
{
	view(b, "note.html", p->lang, FILLS({ "text", text_filled(p->a, msg(text, p->lang), fills) }), NULL);
}

/* What the sentence leaves out. */
static struct str notes(const struct log_view *v, const struct activity *e)
{
	const struct page *p = &v->p;
	struct buf b = BUF(p->a);
	char until[TEXT_DATE_MAX];
	const struct fill *f =
		FILLS({ "by", doer_name(p, e->by_name, e->by_orgno) }, { "to", doer_name(p, e->to_name, e->to_orgno) },
		      { "handledBy", e->handler_name }, { "reference", e->reference },
		      { "expires", text_datetime(e->consent->valid_to, until) });
	bool other = !uuid_eq(e->event.performed_by_uuid, v->about.party->uuid);
	if ((e->kind == ACTIVITY_ACCEPTED || e->kind == ACTIVITY_REJECTED || e->kind == ACTIVITY_REVOKED) && other)
		note(p, &b, e->kind == ACTIVITY_REVOKED ? MSG_LOG_REVOKED_BY : MSG_LOG_ANSWERED_BY, f);
	if (e->kind == ACTIVITY_ACCEPTED)
		note(p, &b, MSG_LOG_EXPIRES, f);
	if (e->kind == ACTIVITY_TOKEN)
		note(p, &b, MSG_LOG_TOKEN_BY, f);
	if (e->kind == ACTIVITY_USED && e->handler_name.n)
		note(p, &b, MSG_LOG_HANDLED_BY, f);
	if (e->reference.n)
		note(p, &b, MSG_LOG_REFERENCE, f);
	return buf_str(&b);
}

static void entry(const struct log_view *v, struct buf *b, const struct activity *e)
{
	const struct page *p = &v->p;
	struct str sentence =
		text_filled(p->a, msg(sentences[e->kind][e->is_poa], p->lang),
			    FILLS({ "to", doer_name(p, e->to_name, e->to_orgno) }, { "from", v->about.name },
				  { "by", doer_name(p, e->by_name, e->by_orgno) }));
	struct buf more = BUF(p->a);
	view(&more, "paragraph.html", p->lang, NULL, FILLS({ "text", localized_html(p, &e->about) }));
	buf_add(&more, notes(v, e));
	view(b, "log_item.html", p->lang,
	     FILLS({ "i", arena_fmt(p->a, "%td", e - v->l.items) }, { "sentence", sentence },
		   { "see", msg(e->is_poa ? MSG_LOG_VIEW_POA : MSG_LOG_VIEW, p->lang) },
		   { "href", details_address(p->a, e->consent->id) }),
	     FILLS({ "when", time_html(p, e->at) }, { "notes", buf_str(&more) }));
}

/* ---- the page ---- */

static bool is_first(const struct log_view *v)
{
	return v->q.before.at == 0;
}

static bool is_narrowed(const struct log_view *v)
{
	return v->q.kinds || v->q.text.n;
}

static struct str list(const struct log_view *v)
{
	const struct page *p = &v->p;
	struct buf b = BUF(p->a);
	for (size_t i = 0; i < v->l.n; i++)
		entry(v, &b, &v->l.items[i]);
	if (v->l.n)
		return view_str(p->a, "log_list.html", p->lang, NULL, FILLS({ "items", buf_str(&b) }));
	enum msg none = v->l.more                        ? MSG_SEARCH_NONE_YET
			: is_narrowed(v) || !is_first(v) ? MSG_SEARCH_NONE
							 : MSG_LOG_EMPTY;
	return view_str(p->a, "result.html", p->lang, FILLS({ "text", msg(none, p->lang) }), NULL);
}

static struct str filter(const struct log_view *v)
{
	if (is_first(v) && !is_narrowed(v) && !v->l.n && !v->l.more)
		return STR_NONE;
	return about_filter(&v->p, &v->about,
			    &(struct filter){ .path = STR(PATH_LOG),
					      .search = MSG_LOG_SEARCH,
					      .text = v->q.text,
					      .choices = filter_states,
					      .n = LEN(filter_states),
					      .chosen = v->state });
}

static struct str page_address(const struct log_view *v, const struct activity_at *before)
{
	struct address to = address_start(v->p.a, STR(PATH_LOG), &v->about);
	address_put(&to, "q", v->q.text);
	address_put(&to, "state", str_of(filter_states[v->state].value));
	if (before)
		address_put(
			&to, "before",
			arena_fmt(v->p.a, "%lld.%.*s", (long long)before->at, STR_FMT(uuid_str(v->p.a, before->id))));
	return buf_str(&to.b);
}

static struct str pages(const struct log_view *v)
{
	return about_pages(&v->p, is_first(v) ? STR_NONE : page_address(v, NULL), MSG_LOG_NEWEST,
			   v->l.more ? page_address(v, &v->l.next) : STR_NONE, MSG_LOG_OLDER);
}

/* What is no cursor of ours begins now. */
static struct activity_at before_of(struct str text)
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

static void query_read(struct log_view *v, const struct pair *query)
{
	v->state = choice_read(filter_states, LEN(filter_states), value_of(query, "state"));
	v->q = (struct activity_query){ .party = v->about.party->uuid,
					.before = before_of(value_of(query, "before")),
					.lang = v->p.lang,
					.kinds = filter_states[v->state].bits,
					.text = value_of(query, "q") };
}

static struct str back(const struct log_view *v)
{
	struct address to = address_start(v->p.a, STR(PATH_OVERVIEW), &v->about);
	return back_to(&v->p, buf_str(&to.b));
}

enum rc log_get(struct http_req *req, struct http_res *res)
{
	struct log_view v = { .p = page_of(req, res) };
	struct page *p = &v.p;
	const struct pair *query;
	bool ok;
	if (!req_caller(req))
		return address_login(p);
	if (http_query(req, &query) != RC_OK)
		query = NULL;
	TRY(about_read(p, query, &v.about, &ok));
	if (!ok)
		return RC_OK;
	query_read(&v, query);
	TRY(page_user(p));
	TRY(activity_log(req_web(req)->consents, p->a, &req_caller(req)->person, &v.q, &v.l));
	struct str title = about_heading(p, &v.about, MSG_LOG_HEADING, MSG_LOG_TITLE);
	page_send(p, 200, title,
		  view_str(p->a, "log.html", p->lang, FILLS({ "heading", title }),
			   FILLS({ "back", back(&v) }, { "org", about_org(p, &v.about) },
				 { "picker", about_picker(p, &v.about, STR(PATH_LOG)) }, { "filter", filter(&v) },
				 { "list", list(&v) }, { "pages", pages(&v) })));
	return RC_OK;
}
