#include "web/agreement_internal.h"

static const struct consent_state active = { "success", MSG_STATUS_ACTIVE, MSG_STATUS_ACTIVE_POA, MSG_APPROVED_SINCE };

struct str details_address(struct arena *a, struct uuid id)
{
	return arena_fmt(a, PATH_DETAILS "?id=%.*s", STR_FMT(uuid_str(a, id)));
}

struct str withdraw_address(struct arena *a, struct uuid id)
{
	return arena_fmt(a, PATH_WITHDRAW "?id=%.*s", STR_FMT(uuid_str(a, id)));
}

struct str receipt_link(const struct page *p, struct uuid id)
{
	struct str href = arena_fmt(p->a, PATH_RECEIPT "?id=%.*s", STR_FMT(uuid_str(p->a, id)));
	return view_str(p->a, "receipt_link.html", p->lang, FILLS({ "href", href }), NULL);
}

/* ---- who may see it ---- */

enum rc look_read(struct look *k, struct http_req *req, struct http_res *res, const struct pair *pairs)
{
	*k = (struct look){ .p = page_of(req, res) };
	TRY(uuid_parse(pair_get(pairs, "id") ? pair_get(pairs, "id")->value : STR_NONE, &k->v.id));
	k->v.stay = true;
	k->v.back = STR(PATH_OVERVIEW);
	k->done = pair_get(pairs, "done") != NULL;
	return RC_OK;
}

enum rc look_get(struct look *k, struct http_req *req, struct http_res *res, bool *ok_out)
{
	const struct pair *query;
	*k = (struct look){ .p = page_of(req, res) };
	*ok_out = false;
	if (http_query(req, &query) != RC_OK || look_read(k, req, res, query) != RC_OK)
		return state_bad_id(&k->p);
	if (!req_caller(req))
		return address_login(&k->p);
	return look_open(k, ok_out);
}

static bool is_answerable(const struct consent *c)
{
	return c->status == ST_CREATED && !consent_expired(c);
}

/* Texts that are gone, or damaged, must not keep anybody from withdrawing. */
static enum rc texts_missing(struct look *k)
{
	struct page *p = &k->p;
	if (!k->f.html.n && !k->damaged)
		return RC_NOT_FOUND;
	k->s = (struct consent_view){ .lang = p->lang, .to_name = k->f.to.name, .to_orgno = k->f.to.orgno };
	k->s.is_poa = k->f.is_poa;
	k->s.from_name = k->f.from.name;
	k->s.from_orgno = k->f.from.orgno;
	k->s.title = (struct localized){ k->f.title, k->f.lang };
	if (!k->f.title.n)
		k->s.title = (struct localized){ msg(MSG_AGREEMENTS, p->lang), p->lang };
	k->s.title_accepted = k->s.title;
	if (!k->s.to_orgno.n && k->c->to.kind == URN_ORG)
		k->s.to_orgno = k->c->to.value;
	return RC_OK;
}

static enum rc texts_load(struct look *k)
{
	struct page *p = &k->p;
	struct consent_service *d = req_web(p->req)->consents;
	enum rc rc = consent_snapshot_load(d, p->a, k->c, &k->f);
	k->damaged = rc == RC_INVALID;
	if (k->damaged || rc == RC_NOT_FOUND)
		k->f = (struct consent_snapshot){ .lang = p->lang };
	else
		TRY(rc);
	rc = consent_view_load(d, p->a, k->c, p->lang, &k->s);
	return rc == RC_NOT_FOUND || rc == RC_TOO_LARGE ? texts_missing(k) : rc;
}

enum rc look_allow(struct look *k, bool *ok_out)
{
	struct page *p = &k->p;
	struct consent_service *d = req_web(p->req)->consents;
	const struct person_caller *who = &req_caller(p->req)->person;
	struct problems problems = PROBLEMS(p->a);
	struct consent *c;
	*ok_out = false;
	enum rc rc = consent_details(d, p->a, k->v.id, who, &c, &problems);
	if (rc == RC_NOT_FOUND)
		return state_not_found(p, &k->v);
	if (rc == RC_DENIED)
		return state_not_yours(p, &problems);
	TRY(rc);
	k->c = c;
	return state_level(p, c, ok_out);
}

enum rc look_open(struct look *k, bool *ok_out)
{
	struct page *p = &k->p;
	bool allowed;
	*ok_out = false;
	TRY(look_allow(k, &allowed));
	if (!allowed)
		return RC_OK;
	if (is_answerable(k->c))
		return see_other(p, visit_address(p->a, &k->v));
	TRY(page_user(p));
	enum rc rc = texts_load(k);
	if (rc == RC_NOT_FOUND)
		return state_load_error(p, &k->v, k->c->status != ST_CREATED);
	TRY(rc);
	*ok_out = true;
	return RC_OK;
}

bool look_own(const struct look *k)
{
	return k->c->from.kind == URN_PERSON && uuid_eq(k->c->from_uuid, req_caller(k->p.req)->person.party);
}

const struct consent_state *look_state(const struct look *k)
{
	return consent_active(k->c) ? &active : state_of(k->c);
}

struct str look_status(const struct look *k, const struct consent_state *st)
{
	const struct page *p = &k->p;
	const struct fill *names = consent_fills(p, k->c, &k->s);
	struct str body = view_str(p->a, "paragraph.html", p->lang,
				   FILLS({ "text", text_filled(p->a, msg(st->body, p->lang), names) }), NULL);
	return view_str(p->a, "status.html", p->lang,
			FILLS({ "kind", str_of(st->kind) },
			      { "heading", msg(k->s.is_poa ? st->heading_poa : st->heading, p->lang) }),
			FILLS({ "body", body }));
}

struct str look_overview(const struct look *k)
{
	if (uuid_eq(k->c->from_uuid, req_caller(k->p.req)->person.party))
		return STR(PATH_OVERVIEW);
	return arena_fmt(k->p.a, PATH_OVERVIEW "?party=%.*s", STR_FMT(uuid_str(k->p.a, k->c->from_uuid)));
}

/* Each resource with the version that was asked for. */
static struct str resources(const struct look *k)
{
	struct buf b = BUF(k->p.a);
	for (const struct right *r = k->c->rights; r; r = r->next)
		buf_fmt(&b, "%s%.*s, %.*s", b.n ? "; " : "", STR_FMT(r->resource), STR_FMT(r->version));
	return buf_str(&b);
}

static struct str origin_facts(const struct look *k)
{
	const struct page *p = &k->p;
	const struct consent_snapshot *f = &k->f;
	struct buf b = BUF(p->a), text = BUF(p->a);
	buf_fmt(&text, "%.*s, %lld", STR_FMT(f->template_id), (long long)f->template_version);
	consent_fact_html(p, &b, MSG_SEEN_WHEN, time_html(p, k->c->answered), STR_NONE);
	consent_fact(p, &b, MSG_SEEN_LANGUAGE, language_name(f->lang), STR_NONE);
	consent_fact(p, &b, MSG_SEEN_TEMPLATE, buf_str(&text), STR_NONE);
	consent_fact(p, &b, MSG_SEEN_RESOURCES, resources(k), STR_NONE);
	consent_fact(p, &b, MSG_SEEN_HASH, f->sha256, STR_NONE);
	consent_fact(p, &b, MSG_SEEN_ID, uuid_str(p->a, k->c->id), STR_NONE);
	return buf_str(&b);
}

struct str look_agreed(const struct look *k, bool open)
{
	const struct page *p = &k->p;
	struct buf b = BUF(p->a);
	view(&b, "agreement.html", p->lang, NULL,
	     FILLS({ "html", k->f.html }, { "lang", language_mark(p, k->f.lang) }));
	view(&b, "seen.html", p->lang, NULL,
	     FILLS({ "facts", origin_facts(k) }, { "open", open ? STR(" open") : STR_NONE }));
	return buf_str(&b);
}
