#include "api/selfservice_internal.h"
#include "base/clock.h"

#define S_OWN_CHANGE "idporten:dcr.modify idporten:dcr.write"
#define S_OWN_READ "idporten:dcr.read " S_OWN_CHANGE
#define S_SUPPLIER "idporten:dcr.supplier"
#define GRANT_TYPE STR_INIT("urn:ietf:params:oauth:grant-type:jwt-bearer")

/* Which clients the caller manages: its own when the token has one of `own_scopes`, and those that it supplies for
 * others when the token has S_SUPPLIER. */
static enum rc manager_read(struct http_req *req, struct http_res *res, const char *own_scopes,
			    struct client_manager *out)
{
	struct str rest = str_of(own_scopes), word, held;
	*out = (struct client_manager){ .trust = req_api(req)->trust };
	TRY(api_publisher(req, res, &out->publisher));
	held = req_caller(req)->scope;
	out->supplied = str_has_word(held, STR(S_SUPPLIER));
	while (str_next(&rest, ' ', &word))
		out->own = out->own || str_has_word(held, word);
	return RC_OK;
}

static void client_write(struct jsw *w, const struct client *c)
{
	static const struct str grant_types[] = { GRANT_TYPE };
	jsw_obj(w);
	jsw_kstr(w, "client_id", c->client_id);
	jsw_kstr(w, "client_name", c->name);
	jsw_kstr(w, "description", c->description);
	jsw_kstr(w, "client_orgno", c->orgno);
	jsw_kstr(w, "supplier_orgno", c->supplier);
	jsw_kz(w, "integration_type", "maskinporten");
	jsw_kz(w, "application_type", "web");
	jsw_kz(w, "token_endpoint_auth_method", "private_key_jwt");
	jsw_kstrs(w, "grant_types", grant_types, LEN(grant_types));
	jsw_kstrs(w, "scopes", c->scopes, c->n_scopes);
	jsw_ki64(w, "access_token_lifetime", c->token_lifetime);
	jsw_kstrs(w, "redirect_allow", c->redirect_allow, c->n_redirect_allow);
	jsw_key(w, "active");
	jsw_bool(w, c->active);
	jsw_kstr(w, "created", c->created);
	jsw_kstr(w, "last_updated", c->updated);
	jsw_end_obj(w);
}

static const struct client *client_visible(const struct registry *reg, const struct client_manager *manager,
					   struct str id)
{
	const struct client *c = registry_client(reg, id);
	return c && client_managed(manager, c) ? c : NULL;
}

/* Answers with the client after the change, or 204 when this process has not read it yet. */
static enum rc client_reply(struct http_req *req, struct http_res *res, int status, struct str id)
{
	CLEANUP(registry_releasep) const struct registry *reg = api_registry_held(req);
	const struct client *c = registry_client(reg, id);
	struct jsw w = JSW(&res->body);
	http_reply(res, c ? status : 204, c ? JSON_TYPE : NULL);
	if (!c)
		return RC_OK;
	http_set_header(res, "ETag", selfservice_client_tag(req->arena, c));
	client_write(&w, c);
	return RC_OK;
}

static void keys_write(struct http_req *req, struct jsw *w, const struct client *c)
{
	const struct js *jwks = NULL;
	if (c->jwks_json.n && js_parse(req->arena, c->jwks_json, NULL, &jwks, NULL) != RC_OK)
		jwks = NULL;
	const struct js *keys = js_get(jwks, "keys"), *posted = js_get(jwks, "posted");
	jsw_obj(w);
	jsw_kraw(w, "keys", keys ? keys->raw : STR("[]"));
	if (js_is(posted, JS_STRING) && c->keys_posted) {
		char text[CLOCK_TEXT_MAX];
		jsw_kstr(w, "posted", posted->s);
		jsw_kstr(w, "expires", clock_text((c->keys_posted + OAUTH_KEY_LIFE_S) * CLOCK_SECOND, text));
	}
	jsw_end_obj(w);
}

struct client_listing {
	struct api_page page;
	const struct client_manager *manager;
	bool inactive;
};

static void client_one(void *ctx, const struct client *c)
{
	struct client_listing *x = ctx;
	if (!client_managed(x->manager, c) || !(c->active || x->inactive) || !api_page_begin(&x->page, c->client_id))
		return;
	client_write(&x->page.w, c);
	api_page_end(&x->page, c->client_id);
}

enum rc api_client_list(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	struct client_manager manager;
	const struct pair *query;
	TRY(manager_read(req, res, S_OWN_READ, &manager));
	TRY(front_query(req, res, &query));
	TRY(api_registry_newest(req, &reg));
	struct client_listing x = { api_page_of(&res->body, query, "after", 0), &manager,
				    str_ieq(front_param(query, "inactive"), STR("true")) };
	registry_clients_each(reg, client_one, &x);
	api_page_reply(req, res, query, &x.page);
	return RC_OK;
}

static enum rc show(struct http_req *req, struct http_res *res, bool keys)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	struct client_manager manager;
	struct jsw w = JSW(&res->body);
	TRY(manager_read(req, res, S_OWN_READ, &manager));
	TRY(api_registry_newest(req, &reg));
	const struct client *c = client_visible(reg, &manager, req->param[0]);
	if (!c)
		return RC_NOT_FOUND;
	http_reply(res, 200, JSON_TYPE);
	http_set_header(res, "ETag",
			keys ? selfservice_keys_tag(req->arena, c) : selfservice_client_tag(req->arena, c));
	if (keys)
		keys_write(req, &w, c);
	else
		client_write(&w, c);
	return RC_OK;
}

enum rc api_client_show(struct http_req *req, struct http_res *res)
{
	return show(req, res, false);
}

enum rc api_client_keys_show(struct http_req *req, struct http_res *res)
{
	return show(req, res, true);
}

enum rc api_client_create(struct http_req *req, struct http_res *res)
{
	struct client_manager manager;
	struct publication p;
	const struct js *body;
	char text[UUID_TEXT];
	TRY(front_body(req, res, "client", &body));
	TRY(manager_read(req, res, "idporten:dcr.write", &manager));
	struct str id = uuid_text(uuid_v4(), text);
	enum rc rc = selfservice_client_create(&manager, id, body, &p);
	TRY(api_publish_refused(req, res, rc, &p));
	api_change_note(res, &manager.publisher, "client.create", id);
	http_set_header(
		res, "Location",
		arena_fmt(req->arena, "%.*s" SELF_PREFIX "/clients/%.*s", STR_FMT(api_origin(req)), STR_FMT(id)));
	return client_reply(req, res, 201, id);
}

enum rc api_client_change(struct http_req *req, struct http_res *res)
{
	struct client_manager manager;
	struct publication p;
	const struct js *body;
	TRY(front_body(req, res, "client", &body));
	TRY(manager_read(req, res, S_OWN_CHANGE, &manager));
	enum rc rc = selfservice_client_change(&manager, req->param[0], body, &p);
	TRY(api_publish_refused(req, res, rc, &p));
	api_change_note(res, &manager.publisher, "client.change", req->param[0]);
	return client_reply(req, res, 200, req->param[0]);
}

enum rc api_client_delete(struct http_req *req, struct http_res *res)
{
	struct client_manager manager;
	struct publication p;
	TRY(manager_read(req, res, S_OWN_CHANGE, &manager));
	enum rc rc = selfservice_client_deactivate(&manager, req->param[0], &p);
	if (rc == RC_OK && p.changed)
		api_change_note(res, &manager.publisher, "client.deactivate", req->param[0]);
	return api_change_done(req, res, rc, &p);
}

enum rc api_client_keys(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	struct client_manager manager;
	struct publication p;
	const struct js *body;
	struct jsw w = JSW(&res->body);
	TRY(front_body(req, res, "jwks", &body));
	TRY(manager_read(req, res, S_OWN_CHANGE, &manager));
	enum rc rc = selfservice_client_keys(&manager, req->param[0], body, &p);
	TRY(api_publish_refused(req, res, rc, &p));
	api_change_note(res, &manager.publisher, "client.keys", req->param[0]);
	reg = api_registry_held(req);
	const struct client *c = registry_client(reg, req->param[0]);
	http_reply(res, !c ? 204 : req->method == HTTP_POST ? 201 : 200, c ? JSON_TYPE : NULL);
	if (!c)
		return RC_OK;
	http_set_header(res, "ETag", selfservice_keys_tag(req->arena, c));
	keys_write(req, &w, c);
	return RC_OK;
}
