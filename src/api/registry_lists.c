#include "api/registry_internal.h"

#include <assert.h>

static struct list_id list_id(const struct http_req *req)
{
	return (struct list_id){ req->param[0], req->param[1] };
}

/* ---- shapes ---- */

static void connection_write(struct jsw *w, const struct list_connection *c)
{
	jsw_obj(w);
	jsw_kstr(w, "resourceIdentifier", c->resource);
	jsw_key(w, "actionFilters");
	if (!c->n_filters) {
		jsw_null(w);
	} else {
		jsw_arr(w);
		for (size_t i = 0; i < c->n_filters; i++)
			jsw_str(w, c->filters[i]);
		jsw_end_arr(w);
	}
	jsw_end_obj(w);
}

static void connections_write(struct jsw *w, const struct access_list *l)
{
	jsw_arr(w);
	for (size_t i = 0; i < l->n_connections; i++)
		connection_write(w, &l->connections[i]);
	jsw_end_arr(w);
}

static void list_write(struct jsw *w, const struct access_list *l)
{
	struct arena *a = w->b->a;
	jsw_obj(w);
	jsw_kstr(w, "urn", arena_fmt(a, "urn:altinn:access-list:%.*s:%.*s", STR_FMT(l->owner), STR_FMT(l->identifier)));
	jsw_kstr(w, "identifier", l->identifier);
	jsw_kstr(w, "name", l->name);
	jsw_kstr(w, "description", l->description);
	jsw_key(w, "resourceConnections");
	connections_write(w, l);
	jsw_end_obj(w);
}

static void list_reply(struct http_res *res, const struct access_list *l)
{
	struct jsw w = JSW(&res->body);
	http_reply(res, 200, JSON_TYPE);
	list_write(&w, l);
}

/* Registered members have an id. The register is read in groups of PARTIES_MAX. */
static enum rc members_write(struct reader *r, struct jsw *w, const struct str *orgnos, size_t n)
{
	char text[UUID_TEXT];
	struct party *found[PARTIES_MAX];
	for (size_t at = 0; at < n; at += PARTIES_MAX) {
		size_t some = n - at < PARTIES_MAX ? n - at : PARTIES_MAX;
		TRY(parties_by_ident(r, w->b->a, orgnos + at, some, found, NULL));
		for (size_t i = 0; i < some; i++) {
			struct str id = found[i] ? uuid_text(found[i]->uuid, text) : STR_NONE;
			jsw_obj(w);
			jsw_kstr(w, "id", id);
			jsw_key(w, "identifiers");
			jsw_obj(w);
			jsw_kstr(w, "urn:altinn:organization:identifier-no", orgnos[at + i]);
			if (found[i])
				jsw_kstr(w, "urn:altinn:party:uuid", id);
			jsw_end_obj(w);
			jsw_end_obj(w);
		}
	}
	return RC_OK;
}

static size_t page_begin(const struct access_list *l, struct str token)
{
	size_t low = 0, high = token.p ? l->n_members : 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (str_cmp(l->members[middle], token) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static enum rc members_reply(struct http_req *req, struct http_res *res, const struct access_list *l,
			     const struct pair *query)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	struct jsw w = JSW(&res->body);
	size_t at = page_begin(l, front_param(query, "token")), n = l->n_members - at;
	assert(at <= l->n_members);
	bool more = n > REGISTRY_PAGE;
	if (more)
		n = REGISTRY_PAGE;
	TRY(reader_open(req_api(req)->consents->store, false, &r));
	http_reply(res, 200, JSON_TYPE);
	jsw_obj(&w);
	api_links_write(req, &w, query, more ? l->members[at + n - 1] : STR_NONE);
	jsw_key(&w, "data");
	jsw_arr(&w);
	TRY(members_write(r, &w, l->members + at, n));
	jsw_end_arr(&w);
	jsw_end_obj(&w);
	return RC_OK;
}

/* ---- reading ---- */

/* Only the owner sees its access lists. The owner code is the first path parameter. RC_ANSWERED: it is not one of the
 * caller's, or the token names no organisation. */
static enum rc owner_registry(struct http_req *req, struct http_res *res, const struct registry **reg_out)
{
	const struct org_caller *org;
	TRY(front_org(req, res, &org));
	TRY(api_registry_newest(req, reg_out));
	if (registry_owns(*reg_out, req->param[0], org->consumer))
		return RC_OK;
	http_problem(res, req, 403, STR("the owner code is not one of the organisation's"));
	return RC_ANSWERED;
}

/* The caller releases *reg_out, also after RC_NOT_FOUND. */
static enum rc list_find(struct http_req *req, struct http_res *res, const struct registry **reg_out,
			 const struct access_list **out)
{
	TRY(owner_registry(req, res, reg_out));
	*out = registry_access_list(*reg_out, req->param[0], req->param[1]);
	return *out ? RC_OK : RC_NOT_FOUND;
}

enum rc api_list_show(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	const struct access_list *l;
	TRY(list_find(req, res, &reg, &l));
	list_reply(res, l);
	return RC_OK;
}

enum rc api_members_show(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	const struct access_list *l;
	const struct pair *query;
	TRY(list_find(req, res, &reg, &l));
	TRY(front_query(req, res, &query));
	return members_reply(req, res, l, query);
}

static struct str connection_name(const void *list, size_t i)
{
	return ((const struct access_list *)list)->connections[i].resource;
}

enum rc api_connections_show(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	const struct access_list *l;
	const struct pair *query;
	struct buf data = BUF(req->arena);
	TRY(list_find(req, res, &reg, &l));
	TRY(front_query(req, res, &query));
	struct api_page page = api_page_of(&data, NULL, "token", 0);
	size_t i = api_place_after(front_param(query, "token"), l, l->n_connections, connection_name);
	for (; i < l->n_connections; i++) {
		struct str name = api_place_name(req->arena, i, l->connections[i].resource);
		if (!api_page_begin(&page, name))
			break;
		connection_write(&page.w, &l->connections[i]);
		api_page_end(&page, name);
	}
	api_page_reply_data(req, res, query, &page);
	return RC_OK;
}

struct listing {
	struct api_page page;
	const struct registry *reg;
	struct arena *a;
	struct str owner; /* list_one: of the lists */
	/* member_one: the lists with this member that `caller` may know of */
	struct str member;
	struct str caller;
};

static void list_one(void *ctx, const struct access_list *l)
{
	struct listing *x = ctx;
	if (!str_ieq(l->owner, x->owner) || !api_page_begin(&x->page, l->identifier))
		return;
	list_write(&x->page.w, l);
	api_page_end(&x->page, l->identifier);
}

enum rc api_list_all(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	struct buf data = BUF(req->arena);
	struct listing x = { .owner = req->param[0] };
	const struct pair *query;
	TRY(owner_registry(req, res, &reg));
	TRY(front_query(req, res, &query));
	x.page = api_page_of(&data, query, "token", REGISTRY_PAGE);
	registry_access_lists_each(reg, list_one, &x);
	api_page_reply_data(req, res, query, &x.page);
	return RC_OK;
}

/* The key of the list in the store, in whose order the lists come. */
static struct str list_name(struct arena *a, const struct access_list *l)
{
	return arena_fmt(a, "%.*s/%.*s", STR_FMT(l->owner), STR_FMT(l->identifier));
}

static void member_one(void *ctx, const struct access_list *l)
{
	struct listing *x = ctx;
	if (x->page.more || !registry_on_access_list(x->reg, l->owner, l->identifier, x->member))
		return;
	bool own = str_eq(x->member, x->caller) || registry_owns(x->reg, l->owner, x->caller);
	struct str name = list_name(x->a, l);
	if (!own || !api_page_begin(&x->page, name))
		return;
	list_write(&x->page.w, l);
	api_page_end(&x->page, name);
}

/* An organisation may see the lists that it is on. An owner may see which of its lists any organisation is on. */
enum rc api_list_by_member(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	struct buf data = BUF(req->arena);
	struct listing x = { .a = req->arena };
	const struct org_caller *org;
	const struct pair *query;
	struct urn u;
	TRY(front_org(req, res, &org));
	TRY(front_query(req, res, &query));
	if (urn_parse(req->arena, front_param(query, "party"), &u) != RC_OK || u.kind != URN_ORG)
		return front_invalid(req, res, STR("party"), "is no URN of an organisation number");
	TRY(api_registry_newest(req, &reg));
	x.reg = reg;
	x.member = u.value;
	x.caller = org->consumer;
	x.page = api_page_of(&data, query, "token", REGISTRY_PAGE);
	registry_access_lists_each(reg, member_one, &x);
	api_page_reply_data(req, res, query, &x.page);
	return RC_OK;
}

/* ---- writing ---- */

/* The list after the change. NULL: another request has removed it meanwhile. */
static const struct access_list *list_now(struct http_req *req, const struct registry **reg)
{
	*reg = api_registry_held(req);
	return registry_access_list(*reg, req->param[0], req->param[1]);
}

enum rc api_list_put(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	const struct access_list *l;
	struct publication p;
	struct publisher publisher;
	const struct js *body;
	TRY(front_body(req, res, "accessList", &body));
	TRY(api_publisher(req, res, &publisher));
	enum rc rc = publish_list(&publisher, list_id(req), body, &p);
	TRY(api_publish_refused(req, res, rc, &p));
	if ((l = list_now(req, &reg)))
		list_reply(res, l);
	else
		http_reply(res, 204, NULL);
	return RC_OK;
}

/* Removing is idempotent: a list or connection that is missing counts as removed. */
static enum rc removal_reply(struct http_req *req, struct http_res *res, enum rc rc, const struct publication *p)
{
	if (rc != RC_NOT_FOUND)
		TRY(api_publish_refused(req, res, rc, p));
	http_reply(res, 204, NULL);
	return RC_OK;
}

enum rc api_list_delete(struct http_req *req, struct http_res *res)
{
	struct publication p;
	struct publisher publisher;
	TRY(api_publisher(req, res, &publisher));
	enum rc rc = publish_list_removal(&publisher, list_id(req), &p);
	return removal_reply(req, res, rc, &p);
}

static enum rc members_change(struct http_req *req, struct http_res *res, enum member_change how)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	const struct access_list *l;
	struct publication p;
	struct publisher publisher;
	const struct js *body;
	TRY(front_body(req, res, "members", &body));
	TRY(api_publisher(req, res, &publisher));
	enum rc rc = publish_members(&publisher, list_id(req), how, js_get_icase(body, "data"), &p);
	TRY(api_publish_refused(req, res, rc, &p));
	if ((l = list_now(req, &reg)))
		return members_reply(req, res, l, NULL);
	http_reply(res, 204, NULL);
	return RC_OK;
}

enum rc api_members_replace(struct http_req *req, struct http_res *res)
{
	return members_change(req, res, MEMBERS_REPLACE);
}

enum rc api_members_add(struct http_req *req, struct http_res *res)
{
	return members_change(req, res, MEMBERS_ADD);
}

enum rc api_members_remove(struct http_req *req, struct http_res *res)
{
	return members_change(req, res, MEMBERS_REMOVE);
}

static void connection_reply(struct http_res *res, const struct access_list *l, struct str resource)
{
	struct jsw w = JSW(&res->body);
	for (size_t i = 0; l && i < l->n_connections; i++) {
		if (!str_eq(l->connections[i].resource, resource))
			continue;
		http_reply(res, 200, JSON_TYPE);
		connection_write(&w, &l->connections[i]);
		return;
	}
	http_reply(res, 204, NULL);
}

enum rc api_connection_put(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	struct publication p;
	struct publisher publisher;
	const struct js *body;
	TRY(front_body(req, res, "connection", &body));
	TRY(api_publisher(req, res, &publisher));
	enum rc rc =
		publish_connection(&publisher, list_id(req), req->param[2], js_get_icase(body, "actionFilters"), &p);
	TRY(api_publish_refused(req, res, rc, &p));
	connection_reply(res, list_now(req, &reg), req->param[2]);
	return RC_OK;
}

enum rc api_connection_delete(struct http_req *req, struct http_res *res)
{
	struct publication p;
	struct publisher publisher;
	TRY(api_publisher(req, res, &publisher));
	enum rc rc = publish_connection_removal(&publisher, list_id(req), req->param[2], &p);
	return removal_reply(req, res, rc, &p);
}
