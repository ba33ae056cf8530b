#include <assert.h>

#include "base/clock.h"
#include "consent/activity.h"
#include "consent/authority.h"
#include "web/handlers_internal.h"
#include "web/list_filter_internal.h"
#include "page/login_guard.h"
#include "page/parts.h"
#include "page/view.h"

/* Limits of one file; the next file has the rest. */
#define EXPORT_MAX 2500            /* agreements */
#define EXPORT_BYTES_MAX (4 << 20) /* the agreement that passes it is the last one */

enum export_state {
	EXPORT_PENDING,
	EXPORT_ACTIVE,
	EXPORT_REJECTED,
	EXPORT_REVOKED,
	EXPORT_DELETED,
	EXPORT_EXPIRED,
	EXPORT_UNANSWERED,
	EXPORT_USED,
	EXPORT__MAX
};
static const struct {
	const char *name; /* in JSON */
	enum msg text;    /* in a table for people */
} states[] = {
	// clang-format off
	[EXPORT_PENDING]    = { "pending",    MSG_EXPORT_PENDING },
	[EXPORT_ACTIVE]     = { "active",     MSG_EXPORT_ACTIVE },
	[EXPORT_REJECTED]   = { "rejected",   MSG_TAG_REJECTED },
	[EXPORT_REVOKED]    = { "revoked",    MSG_TAG_REVOKED },
	[EXPORT_DELETED]    = { "deleted",    MSG_TAG_DELETED },
	[EXPORT_EXPIRED]    = { "expired",    MSG_TAG_EXPIRED },
	[EXPORT_UNANSWERED] = { "unanswered", MSG_TAG_UNANSWERED },
	[EXPORT_USED]       = { "used",       MSG_TAG_USED },
	// clang-format on
};
_Static_assert(LEN(states) == EXPORT__MAX, "a name for each state");

/* One agreement as both formats write it. */
struct row {
	const struct consent_item *item;
	const struct consent *c; /* loaded with its events */
	enum export_state state;
	int64_t level_needed; /* the login is weaker, so metadata, message and history are left out; 0 = it is not */
	struct activity *history;
	size_t n_history;
	bool complete; /* the history has every token */
};

/* One file on its way. */
struct file {
	struct page p;
	struct party_choice choice;
	struct consent_query query;
	const struct format *format;
	struct jsw w;
	size_t n;
};

struct format {
	const char *name;
	const char *type;
	void (*begin)(struct file *f);
	void (*put)(struct file *f, struct arena *scratch, const struct row *r);
	void (*end)(struct file *f, struct str next);
};

static enum export_state export_state_of(const struct consent *c)
{
	static const enum export_state ended[ST__MAX] = {
		[ST_CREATED] = EXPORT_UNANSWERED, [ST_REJECTED] = EXPORT_REJECTED, [ST_ACCEPTED] = EXPORT_EXPIRED,
		[ST_REVOKED] = EXPORT_REVOKED,    [ST_DELETED] = EXPORT_DELETED,   [ST_EXPIRED] = EXPORT_EXPIRED,
	};
	if (consent_active(c))
		return EXPORT_ACTIVE;
	if (c->status == ST_ACCEPTED && c->used)
		return EXPORT_USED;
	return c->status == ST_CREATED && !consent_expired(c) ? EXPORT_PENDING : ended[c->status];
}

/* ---- JSON ---- */

static void json_time(struct jsw *w, const char *key, int64_t us)
{
	char text[CLOCK_TEXT_MAX];
	if (us)
		jsw_kstr(w, key, clock_text(us - us % CLOCK_SECOND, text));
	else
		jsw_knull(w, key);
}

static void json_name(struct jsw *w, const char *key, struct str name, struct str orgno)
{
	jsw_key(w, key);
	jsw_obj(w);
	jsw_kstr(w, "name", name.n ? name : STR_NONE);
	if (orgno.n)
		jsw_kstr(w, "organizationNumber", orgno);
	jsw_end_obj(w);
}

static void json_begin(struct file *f)
{
	const struct party *party = f->choice.party;
	f->w = JSW(&f->p.res->body);
	jsw_obj(&f->w);
	json_time(&f->w, "exported", clock_now());
	json_name(&f->w, "party", f->choice.name, party->type == PARTY_ORG ? party->ident : STR_NONE);
	jsw_key(&f->w, "agreements");
	jsw_arr(&f->w);
}

static void json_rights(struct jsw *w, const struct row *r)
{
	const struct localized *title = r->item->titles;
	jsw_key(w, "rights");
	jsw_arr(w);
	for (const struct right *right = r->c->rights; right; right = right->next) {
		jsw_obj(w);
		jsw_kstr(w, "resource", right->resource);
		jsw_kstr(w, "version", right->version);
		jsw_kstr(w, "title", title++->text);
		jsw_kstrs(w, "actions", right->actions, right->n_actions);
		if (!r->level_needed)
			right_metadata_write(w, right);
		jsw_end_obj(w);
	}
	jsw_end_arr(w);
}

static void json_history(struct jsw *w, const struct row *r)
{
	static const char *const names[ACTIVITY__MAX] = {
		[ACTIVITY_ACCEPTED] = "accepted", [ACTIVITY_REJECTED] = "rejected", [ACTIVITY_REVOKED] = "revoked",
		[ACTIVITY_DELETED] = "deleted",   [ACTIVITY_EXPIRED] = "expired",   [ACTIVITY_USED] = "used",
		[ACTIVITY_TOKEN] = "tokenIssued", [ACTIVITY_CREATED] = "requested",
	};
	jsw_key(w, "history");
	jsw_arr(w);
	for (size_t i = 0; i < r->n_history; i++) {
		const struct activity *e = &r->history[i];
		jsw_obj(w);
		jsw_kz(w, "event", names[e->kind]);
		json_time(w, "time", e->at);
		if (e->kind != ACTIVITY_EXPIRED)
			json_name(w, "by", e->by_name, e->by_orgno);
		if (e->reference.n)
			jsw_kstr(w, "reference", e->reference);
		jsw_end_obj(w);
	}
	jsw_end_arr(w);
	jsw_kbool(w, "historyComplete", r->complete);
}

static void json_put(struct file *f, struct arena *scratch, const struct row *r)
{
	struct jsw *w = &f->w;
	const struct consent *c = r->c;
	jsw_obj(w);
	jsw_kstr(w, "id", uuid_str(scratch, c->id));
	jsw_kz(w, "kind", r->item->is_poa ? "powerOfAttorney" : "consent");
	jsw_kz(w, "state", states[r->state].name);
	json_name(w, "to", r->item->to_name, r->item->to_orgno);
	if (c->handled_by.value.p && c->handled_by.kind == URN_ORG)
		json_name(w, "handledBy", r->n_history ? r->history[0].handler_name : STR_NONE, c->handled_by.value);
	json_rights(w, r);
	if (c->message_json.n && !r->level_needed)
		jsw_kraw(w, "message", c->message_json);
	json_time(w, "requested", c->created);
	json_time(w, "answered", c->answered);
	json_time(w, "validTo", c->valid_to);
	if (c->shown_sha256.n) {
		jsw_kstr(w, "language", c->shown_language);
		jsw_kstr(w, "textSha256", c->shown_sha256);
	}
	if (r->level_needed)
		jsw_ki64(w, "levelNeeded", r->level_needed);
	else
		json_history(w, r);
	jsw_end_obj(w);
}

static void json_end(struct file *f, struct str next)
{
	jsw_end_arr(&f->w);
	jsw_kstr(&f->w, "next", next);
	jsw_end_obj(&f->w);
	buf_c(&f->p.res->body, '\n');
}

/* ---- CSV ---- */

/* = RFC 4180, but for two things that spreadsheets in Norway ask for: a byte order mark, or they take the text for
 * another encoding, and semicolons, since the comma stands in decimal numbers. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define SEPARATOR ';'

static void csv_field(struct buf *b, bool first, struct str s)
{
	if (!first)
		buf_c(b, SEPARATOR);
	buf_csv(b, s);
}

static void csv_time(struct buf *b, int64_t us)
{
	char text[TEXT_DATE_MAX];
	csv_field(b, false, us ? text_datetime(us, text) : STR(""));
}

static const enum msg csv_headings[] = {
	MSG_EXPORT_ID,    MSG_EXPORT_KIND, MSG_EXPORT_STATE, MSG_EXPORT_TO,        MSG_EXPORT_TO_NO,  MSG_EXPORT_WHAT,
	MSG_EXPORT_ASKED, MSG_SEEN_WHEN,   MSG_VALID_UNTIL,  MSG_EXPORT_WITHDRAWN, MSG_EXPORT_TOKENS, MSG_EXPORT_USES,
};

static void csv_begin(struct file *f)
{
	struct buf *b = &f->p.res->body;
	buf_lit(b, BYTE_ORDER_MARK);
	for (size_t i = 0; i < LEN(csv_headings); i++)
		csv_field(b, i == 0, msg(csv_headings[i], f->p.lang));
	buf_lit(b, "\r\n");
}

static struct str titles_text(struct arena *a, const struct consent_item *item)
{
	struct buf b = BUF(a);
	for (size_t i = 0; i < item->n_titles; i++) {
		if (i)
			buf_lit(&b, "; ");
		buf_add(&b, item->titles[i].text);
	}
	return buf_str(&b);
}

static int64_t activity_last(const struct row *r, enum activity_kind kind, size_t *n_out)
{
	int64_t at = 0;
	*n_out = 0;
	for (size_t i = 0; i < r->n_history; i++)
		if (r->history[i].kind == kind) {
			at = r->history[i].at;
			++*n_out;
		}
	return at;
}

static void csv_put(struct file *f, struct arena *scratch, const struct row *r)
{
	struct buf *b = &f->p.res->body;
	size_t tokens, uses, n;
	int64_t withdrawn = activity_last(r, ACTIVITY_REVOKED, &n);
	(void)activity_last(r, ACTIVITY_TOKEN, &tokens);
	(void)activity_last(r, ACTIVITY_USED, &uses);
	csv_field(b, true, uuid_str(scratch, r->c->id));
	csv_field(b, false, msg(r->item->is_poa ? MSG_EXPORT_POA : MSG_EXPORT_CONSENT, f->p.lang));
	csv_field(b, false, msg(states[r->state].text, f->p.lang));
	csv_field(b, false, r->item->to_name);
	csv_field(b, false, r->item->to_orgno);
	csv_field(b, false, titles_text(scratch, r->item));
	csv_time(b, r->c->created);
	csv_time(b, r->c->answered);
	csv_time(b, r->c->valid_to);
	csv_time(b, withdrawn);
	csv_field(b, false, r->level_needed ? STR("") : arena_fmt(scratch, "%zu%s", tokens, r->complete ? "" : "+"));
	csv_field(b, false, r->level_needed ? STR("") : arena_fmt(scratch, "%zu", uses));
	buf_lit(b, "\r\n");
}

/* A last record says that there is more: a browser does not show the header of a download. */
static void csv_end(struct file *f, struct str next)
{
	struct buf *b = &f->p.res->body;
	if (!next.p)
		return;
	struct str address = arena_fmt(f->p.a, "%.*s%.*s", STR_FMT(site_origin(f->p.req)), STR_FMT(next));
	csv_field(b, true, message_filled(&f->p, MSG_EXPORT_MORE, FILLS({ "address", address })));
	for (size_t i = 1; i < LEN(csv_headings); i++)
		csv_field(b, false, STR(""));
	buf_lit(b, "\r\n");
}

static const struct format formats[] = {
	{ "json", "application/json", json_begin, json_put, json_end },
	{ "csv", "text/csv; charset=utf-8; header=present", csv_begin, csv_put, csv_end },
};

/* ---- the file ---- */

/* As on the details page, an agreement that ended otherwise has no entry for its expiry. */
static enum rc history_load(const struct file *f, struct arena *scratch, struct consent *c, struct row *r)
{
	size_t tokens = 0, n = 0;
	bool over = c->status != ST_ACCEPTED && c->status != ST_CREATED;
	TRY(activity_of_consent(req_site(f->p.req)->consents, scratch, c, f->p.lang, &r->history, &r->n_history));
	for (size_t i = 0; i < r->n_history; i++) {
		tokens += r->history[i].kind == ACTIVITY_TOKEN;
		if (!over || r->history[i].kind != ACTIVITY_EXPIRED)
			r->history[n++] = r->history[i];
	}
	r->n_history = n;
	r->complete = tokens < CONSENT_LOG_TOKENS;
	return RC_OK;
}

static enum rc put(struct file *f, struct arena *scratch, const struct consent_item *item)
{
	struct consent_service *consents = req_site(f->p.req)->consents;
	struct problems ignored = PROBLEMS(scratch);
	struct consent *c;
	struct row r = { .item = item };
	TRY(consent_outline(consents, scratch, item->consent->id, &req_caller(f->p.req)->person, &c, &r.level_needed,
			    &ignored));
	r.c = c;
	r.state = export_state_of(c);
	assert(r.state < EXPORT__MAX);
	TRY(history_load(f, scratch, c, &r));
	f->format->put(f, scratch, &r);
	f->n++;
	return RC_OK;
}

static bool is_full(const struct file *f)
{
	return f->n >= EXPORT_MAX || f->p.res->body.n >= EXPORT_BYTES_MAX;
}

/* Reads one page of the list at a time, so that an export needs little more memory than its own text. */
static enum rc put_all(struct file *f)
{
	struct consent_service *consents = req_site(f->p.req)->consents;
	const struct person_caller *person = &req_caller(f->p.req)->person;
	struct consent_list list;
	do {
		struct arena scratch CLEANUP(arena_finish) = { 0 };
		size_t i = 0;
		TRY(consent_list(consents, &scratch, person, &f->query, &list));
		for (; i < list.n && !is_full(f); i++)
			TRY(put(f, &scratch, &list.items[i]));
		f->query.before = i < list.n ? list.items[i - 1].consent->key : list.next;
	} while (f->query.before && !is_full(f));
	return RC_OK;
}

static struct str next_address(struct file *f)
{
	if (!f->query.before)
		return STR_NONE;
	struct address to = party_address(f->p.a, STR(PATH_EXPORT), &f->choice);
	address_put(&to, "format", str_of(f->format->name));
	address_put(&to, "before", arena_fmt(f->p.a, "%lld", (long long)f->query.before));
	return address_str(&to);
}

static void headers(struct file *f, struct str next)
{
	struct http_res *res = f->p.res;
	page_headers(res);
	http_set_header(res, "Content-Disposition",
			arena_fmt(f->p.a, "attachment; filename=\"%.*s.%s\"", STR_FMT(msg(MSG_EXPORT_FILE, f->p.lang)),
				  f->format->name));
	if (next.p)
		http_set_header(res, "Link", arena_fmt(f->p.a, "<%.*s>; rel=\"next\"", STR_FMT(next)));
}

/* RC_INVALID: there is no such format. */
static enum rc file_open(struct file *f)
{
	const struct pair *query;
	TRY(login_require(&f->p));
	TRY(http_query(f->p.req, &query));
	struct str name = filter_param(query, "format");
	for (size_t i = 0; i < LEN(formats) && !f->format; i++)
		if (str_is(name, formats[i].name))
			f->format = &formats[i];
	if (!f->format)
		return RC_INVALID;
	f->query.before = filter_before(query);
	return party_choice_read(&f->p, query, &f->choice);
}

enum rc export_get(struct http_req *req, struct http_res *res)
{
	struct file f = { .p = page_of(req, res) };
	TRY(file_open(&f));
	f.query.lang = f.p.lang;
	f.query.party = f.choice.party->uuid;
	http_reply(res, 200, f.format->type);
	f.format->begin(&f);
	TRY(put_all(&f));
	struct str next = next_address(&f);
	f.format->end(&f, next);
	headers(&f, next);
	return RC_ANSWERED;
}
