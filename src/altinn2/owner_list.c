/* The consents to a service, as its owner lists them (spec altinn2.md section 8). */
#include "altinn2/caller.h"
#include "altinn2/handlers.h"
#include "altinn2/requests.h"
#include "base/clock.h"
#include "consent/org_lists.h"
#include "front/front.h"

struct listing {
	struct http_req *req;
	const struct pair *query;
	struct altinn2_errors e;
	struct owner_query q;
	struct str code;
	struct str edition;
	struct owner_page page;
};

static struct str param(const struct listing *l, const char *name)
{
	return front_param(l->query, name);
}

static void status_read(struct listing *l)
{
	struct str s = param(l, "status");
	l->q.active = !s.p || str_ieq(s, STR("active"));
	l->q.revoked = !s.p || str_ieq(s, STR("revoked"));
	if (!l->q.active && !l->q.revoked)
		altinn2_error(&l->e, A2_QUERY, "status must be active or revoked");
}

static enum rc query_read(struct listing *l)
{
	l->code = param(l, "serviceCode");
	l->edition = param(l, "serviceEdition");
	if (!l->edition.p)
		l->edition = param(l, "serviceEditionCode");
	if (!l->code.p || !l->edition.p)
		altinn2_error(&l->e, A2_QUERY, "serviceCode and serviceEdition are required");
	l->q.limit = OWNER_LIST_MAX;
	status_read(l);
	l->q.after = altinn2_mark_read(param(l, "continuation"), &l->e);
	return l->e.n ? RC_INVALID : RC_OK;
}

static enum rc service_find(struct listing *l, struct http_res *res, struct str orgno)
{
	CLEANUP(registry_releasep)
	const struct registry *r = registry_hold(&req_site(l->req)->consents->registry);
	struct str id = arena_fmt(l->req->arena, "%.*s_%.*s", STR_FMT(l->code), STR_FMT(l->edition));
	const struct altinn2_service *s = altinn2_service_owned(r, id, orgno);
	if (!s)
		return altinn2_not_owner(res);
	l->q.resource = arena_str(l->req->arena, s->resource);
	return RC_OK;
}

/* ---- the answer ---- */

static struct str offset_time(struct arena *a, int64_t us)
{
	struct clock_fields f = clock_local(us);
	bool summer = strcmp(f.zone, "CEST") == 0;
	return arena_fmt(a, "%.*s%s", STR_FMT(altinn2_local(a, us)), summer ? "+02:00" : "+01:00");
}

static void party_write(struct jsw *w, const char *name, const struct party *p, struct urn urn)
{
	bool person = p->ident.p ? p->type == PARTY_PERSON : urn.kind == URN_PERSON;
	struct str ident = p->ident.p ? p->ident : urn.value;
	jsw_key(w, name);
	jsw_obj(w);
	if (p->name.p)
		jsw_kstr(w, "Name", p->name);
	else
		jsw_knull(w, "Name");
	jsw_kz(w, "Type", person ? "Person" : "Enterprise");
	jsw_kstr(w, person ? "SocialSecurityNumber" : "OrganizationNumber", ident);
	if (!person && p->unit_type.p)
		jsw_kstr(w, "OrganizationForm", p->unit_type);
	if (!person)
		jsw_kz(w, "Status", "Active");
	jsw_end_obj(w);
}

static void row_write(struct jsw *w, const struct listed_row *row)
{
	struct arena *a = w->b->a;
	char id[UUID_TEXT];
	jsw_obj(w);
	jsw_kstr(w, "AuthorizationCode", uuid_text(row->id, id));
	jsw_kz(w, "Status", row->ended ? "revoked" : "active");
	party_write(w, "OfferedBy", &row->from, row->from_urn);
	party_write(w, "CoveredBy", &row->to, row->to_urn);
	jsw_kstr(w, "Created", offset_time(a, row->created));
	jsw_kstr(w, "ValidTo", offset_time(a, row->valid_to));
	jsw_kstr(w, "LastChanged", offset_time(a, row->changed.at));
	jsw_end_obj(w);
}

static struct str address(const struct listing *l, struct str continuation)
{
	struct str origin = site_origin(l->req);
	struct buf b = BUF(l->req->arena);
	buf_add(&b, origin);
	buf_lit(&b, "/api/serviceowner/consents?serviceCode=");
	buf_url(&b, l->code);
	buf_lit(&b, "&serviceEdition=");
	buf_url(&b, l->edition);
	if (!l->q.active || !l->q.revoked)
		buf_z(&b, l->q.active ? "&status=active" : "&status=revoked");
	if (continuation.p) {
		buf_lit(&b, "&continuation=");
		buf_url(&b, continuation);
	}
	return buf_str(&b);
}

static void page_write(const struct listing *l, struct jsw *w)
{
	struct str next = STR_NONE;
	if (l->page.more && l->page.n)
		next = altinn2_mark_text(l->req->arena, l->page.items[l->page.n - 1].changed);
	jsw_obj(w);
	jsw_key(w, "_links");
	jsw_obj(w);
	altinn2_link_write(w, "self", address(l, STR_NONE));
	if (next.p)
		altinn2_link_write(w, "next", address(l, next));
	jsw_end_obj(w);
	jsw_key(w, "_embedded");
	jsw_obj(w);
	jsw_key(w, "consents");
	jsw_arr(w);
	for (size_t i = 0; i < l->page.n; i++)
		row_write(w, &l->page.items[i]);
	jsw_end_arr(w);
	jsw_end_obj(w);
	if (next.p)
		jsw_kstr(w, "continuationtoken", next);
	jsw_end_obj(w);
}

enum rc altinn2_owner_list(struct http_req *req, struct http_res *res)
{
	struct listing l = { .req = req, .e = { .a = req->arena } };
	struct str orgno;
	TRY(altinn2_owner_read(req, res, &orgno));
	if (http_query(req, &l.query) != RC_OK)
		altinn2_error(&l.e, A2_QUERY, "The query cannot be read");
	if (l.e.n || query_read(&l) != RC_OK)
		return altinn2_errors_reply(res, &l.e);
	TRY(service_find(&l, res, orgno));
	TRY(consent_owner_list(req_site(req)->consents, req->arena, &l.q, &l.page));
	bool hal = altinn2_accepts(req, "application/hal+json");
	struct jsw w = JSW(&res->body);
	http_reply(res, 200, hal ? HAL_TYPE : PLAIN_TYPE);
	page_write(&l, &w);
	return RC_OK;
}
