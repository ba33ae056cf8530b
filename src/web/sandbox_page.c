#include "base/clock.h"
#include "page/address.h"
#include "web/handlers_internal.h"
#include "page/page.h"
#include "page/parts.h"
#include "page/view.h"

#define LIST_MAX 200 /* rows of a list on the page */

struct listing {
	struct page *p;
	struct str csrf;
	struct str problem; /* why the last request was refused; absent: it was not */
	struct buf people;
	struct buf orgs;
	struct buf resources;
	struct buf clients;
	struct buf from_options;
	struct buf to_options;
	struct buf resource_options;
	/* the first of each, for the examples */
	struct str pid;
	struct str orgno;
	struct str resource;
	struct buf metadata;
	int64_t life; /* µs; of a request for that resource */
	int n_parties;
	int n_resources;
	int n_clients;
};

static void option(struct buf *b, struct str value, struct str name)
{
	view(b, "option.html", LANG_EN, FILLS({ "value", value }, { "name", name.n ? name : value }), NULL);
}

static void row(struct buf *b, struct str name, struct str value, struct str more)
{
	view(b, "row.html", LANG_EN, FILLS({ "name", name }, { "value", value }), FILLS({ "more", more }));
}

static enum rc list_party(void *ctx, const struct party *party)
{
	struct listing *l = ctx;
	if (l->n_parties++ == LIST_MAX)
		return RC_TOO_LARGE;
	struct arena *a = l->p->a;
	struct str name = text_display_name(a, party->name, party->type), ident = arena_str(a, party->ident);
	if (party->type == PARTY_ORG) {
		row(&l->orgs, name, ident, STR_NONE);
		option(&l->to_options, ident, name);
		l->orgno = l->orgno.p ? l->orgno : ident;
		return RC_OK;
	}
	struct str log_in = view_str(a, "log_in_as.html", LANG_EN, FILLS({ "value", ident }, { "name", name }), NULL);
	row(&l->people, name, ident, log_in);
	option(&l->from_options, ident, name);
	l->pid = l->pid.p ? l->pid : ident;
	return RC_OK;
}

static void example_metadata(struct buf *b, const struct resource *res)
{
	for (size_t i = 0; i < res->n_metadata; i++) {
		buf_z(b, i ? ", " : " ");
		buf_json(b, res->metadata[i].key);
		buf_lit(b, ": \"2025\"");
	}
	if (res->n_metadata)
		buf_c(b, ' ');
}

/* Of a request to try, in µs: 30 days, or what the resource allows, less a minute for the way. */
static int64_t lifetime(const struct resource *res)
{
	int64_t most = 30 * CLOCK_DAY;
	return (res->max_validity && res->max_validity < most ? res->max_validity : most) - CLOCK_MINUTE;
}

static void list_resource(void *ctx, const struct resource *res)
{
	struct listing *l = ctx;
	enum lang found;
	if (!str_ieq(res->type, STR("Consent")) || l->n_resources++ >= LIST_MAX)
		return;
	struct str title = texts_pick(&res->title, LANG_EN, &found);
	row(&l->resources, title, res->identifier, STR_NONE);
	option(&l->resource_options, res->identifier, title);
	if (l->resource.p)
		return;
	l->resource = arena_str(l->p->a, res->identifier);
	l->life = lifetime(res);
	example_metadata(&l->metadata, res);
}

static void list_client(void *ctx, const struct client *c)
{
	struct listing *l = ctx;
	if (l->n_clients++ >= LIST_MAX)
		return;
	struct str key = STR_NONE;
	if (c->private_jwk.p)
		key = view_str(l->p->a, "private_key.html", LANG_EN,
			       FILLS({ "name", c->name }, { "key", c->private_jwk }), NULL);
	row(&l->clients, c->name, c->client_id, key);
}

static enum rc list_all(struct listing *l)
{
	struct consent_service *consents = req_site(l->p->req)->consents;
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&consents->registry);
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, false, &r));
	enum rc rc = parties_each(r, list_party, l);
	if (rc != RC_OK && rc != RC_TOO_LARGE)
		return rc;
	registry_resources_each(reg, list_resource, l);
	registry_clients_each(reg, list_client, l);
	return RC_OK;
}

static struct str alert(struct listing *l)
{
	if (!l->problem.p)
		return STR_NONE;
	return view_str(l->p->a, "alert.html", LANG_EN,
			FILLS({ "kind", STR("danger") }, { "heading", STR("The request was refused") }),
			FILLS({ "body", paragraph_html(l->p, l->problem) }));
}

static enum rc send_sandbox(struct page *p, int status, struct str problem)
{
	struct arena *a = p->a;
	struct listing l = { .p = p, .problem = problem, .csrf = csrf_anonymous(p->req, p->res) };
	struct buf *bufs[] = { &l.people,       &l.orgs,       &l.resources,        &l.clients,
			       &l.from_options, &l.to_options, &l.resource_options, &l.metadata };
	for (size_t i = 0; i < LEN(bufs); i++)
		*bufs[i] = BUF(a);
	char now[CLOCK_TEXT_MAX], valid_to[CLOCK_TEXT_MAX];
	int64_t second = clock_now() / CLOCK_SECOND * CLOCK_SECOND;
	TRY(list_all(&l));
	TRY(page_user(p));
	p->lang = LANG_EN;
	p->here = STR(PATH_SANDBOX);
	struct buf more = BUF(a);
	const struct web *web = req_web(p->req);
	for (size_t i = 0; i < web->n_sections; i++)
		web->sections[i](p->req, site_origin(p->req), &more);
	struct str main = view_str(
		a, "sandbox.html", LANG_EN,
		FILLS({ "now", clock_text(second, now) }, { "valid_to", clock_text(second + l.life, valid_to) },
		      { "csrf", l.csrf }, { "url", site_origin(p->req) }, { "orgno", l.orgno }, { "pid", l.pid },
		      { "resource", l.resource }, { "metadata", buf_str(&l.metadata) }),
		FILLS({ "alert", alert(&l) }, { "people", buf_str(&l.people) }, { "orgs", buf_str(&l.orgs) },
		      { "resources", buf_str(&l.resources) }, { "clients", buf_str(&l.clients) },
		      { "from_options", buf_str(&l.from_options) }, { "to_options", buf_str(&l.to_options) },
		      { "resource_options", buf_str(&l.resource_options) }, { "more", buf_str(&more) }));
	return page_send(p, status, STR("Sandbox"), main);
}

enum rc sandbox_get(struct http_req *req, struct http_res *res)
{
	struct page p = page_of(req, res);
	return send_sandbox(&p, 200, STR_NONE);
}

/* ---- a consent request to try ---- */

static struct str field(const struct pair *form, const char *key)
{
	const struct pair *f = pair_get(form, key);
	return f ? f->value : STR_NONE;
}

static struct meta *filled_metadata(struct arena *a, const struct resource *res)
{
	struct meta *list = NULL;
	for (size_t i = res->n_metadata; i > 0; i--) {
		struct meta *m = arena_new(a, struct meta);
		*m = (struct meta){ .key = arena_str(a, res->metadata[i - 1].key), .value = STR("2025"), .next = list };
		list = m;
	}
	return list;
}

static enum rc draft_make(struct page *p, const struct pair *form, struct draft *out)
{
	struct arena *a = p->a;
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&req_site(p->req)->consents->registry);
	const struct resource *res = registry_resource(reg, field(form, "resource"));
	if (!res || !model_pid_valid(field(form, "from")) || !model_orgno_valid(field(form, "to")))
		return RC_INVALID;
	struct draft_right *right = arena_new(a, struct draft_right);
	struct str *action = arena_new(a, struct str);
	*action = STR("consent");
	right->n_resources = 1;
	right->right = (struct right){ .actions = action,
				       .n_actions = 1,
				       .resource_type = STR("urn:altinn:resource"),
				       .resource = field(form, "resource"),
				       .metadata = filled_metadata(a, res) };
	*out = (struct draft){ .id = uuid_v4(),
			       .from = { .kind = URN_PERSON, .value = field(form, "from") },
			       .to = { .kind = URN_ORG, .value = field(form, "to") },
			       .valid_to = clock_now() + lifetime(res),
			       .rights = right,
			       .n_rights = 1,
			       .redirect_url = arena_fmt(a, "%.*s" PATH_SANDBOX, STR_FMT(site_origin(p->req))),
			       .view_mode = VIEW_SHOW };
	return RC_OK;
}

enum rc sandbox_request_post(struct http_req *req, struct http_res *res)
{
	const struct pair *form;
	struct draft draft;
	struct consent *c;
	bool existed;
	struct problems problems = PROBLEMS(req->arena);
	TRY(http_form(req, &form));
	struct page p = page_of(req, res);
	if (!csrf_anonymous_ok(req, form))
		return send_sandbox(&p, 400, STR("The form was too old. Try once more."));
	if (draft_make(&p, form, &draft) != RC_OK)
		return send_sandbox(&p, 400, STR("There is no such person, organisation or resource."));
	const struct org_caller org = { .consumer = draft.to.value };
	enum rc rc = consent_create(req_site(req)->consents, req->arena, &draft, &org, &c, &existed, &problems);
	if (rc == RC_DENIED)
		return send_sandbox(&p, 403, STR("The organisation may not ask for this resource."));
	if (rc == RC_INVALID)
		return send_sandbox(&p, 400, STR("The rules refuse this combination."));
	TRY(rc);
	return page_redirect(res, 303, consent_address(req->arena, &(struct consent_params){ .id = draft.id }));
}
