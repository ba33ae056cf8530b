/* The token of a code, what gives it back, and the report that data was fetched with it (spec altinn2.md section 6). */
#include <assert.h>

#include "altinn2/answer.h"
#include "altinn2/caller.h"
#include "altinn2/fields.h"
#include "altinn2/handlers.h"
#include "altinn2/internal.h"
#include "front/front.h"
#include "issuer/code_token.h"

/* The words of Altinn 2, for everything that is wrong. */
#define REFUSAL                                                                                                        \
	"The API key is not authorized for this operation, or the supplied authorization code is either expired or "   \
	"invalid."

static enum rc refused(struct http_res *res, const char *why)
{
	return altinn2_refuse(res, 403, REFUSAL, why);
}

/* ---- rights to services ---- */

static const struct altinn2_service *service_of(const struct registry *r, const struct right *right)
{
	const struct altinn2_service *s = right->service.p ? altinn2_service(r, right->service) : NULL;
	return s ? s : altinn2_service_of(r, right->resource);
}

static void params_fill(struct arena *a, const struct altinn2_service *s, const struct right *right,
			struct code_service *out)
{
	size_t n = 0;
	for (const struct meta *m = right->metadata; m; m = m->next)
		n++;
	out->params = arena_array(a, struct code_param, n + 1);
	for (const struct meta *m = right->metadata; m; m = m->next)
		out->params[out->n_params++] =
			(struct code_param){ arena_str(a, altinn2_name_of(s, m->key)), m->value };
}

/* ---- who may use the code ---- */

static enum rc code_read(struct http_req *req, struct http_res *res, struct uuid *out)
{
	const struct pair *query;
	struct str text = req->param[0];
	if (!text.p && http_query(req, &query) == RC_OK)
		text = front_param(query, "authcode");
	return text.p && uuid_parse(text, out) == RC_OK ? RC_OK : refused(res, "the code is no UUID");
}

static bool srr_supplier(const struct registry *r, const struct consent *c, struct str supplier)
{
	for (const struct right *right = c->rights; right; right = right->next) {
		const struct altinn2_service *s = service_of(r, right);
		const struct srr_entry *e = s ? altinn2_srr(s, c->to.value) : NULL;
		if (!e || !str_eq(e->handled_by, supplier))
			return false;
	}
	return c->rights != NULL;
}

/* The receiver; or the handler of the request, by delegation or by the services' allow-lists. NULL: it may use the
 * code; else static text for the log. */
static const char *asker_fault(const struct registry *r, const struct altinn2_caller *who, const struct consent *c)
{
	if (str_eq(c->to.value, who->own))
		return NULL;
	if (!c->handled_by.value.p || !str_eq(c->handled_by.value, who->own))
		return "the code is of another organisation";
	if ((who->supplier.p && str_eq(who->consumer, c->to.value)) || srr_supplier(r, c, who->own))
		return NULL;
	return "the supplier is neither delegated nor on the services' lists";
}

static enum rc consent_of(struct http_req *req, struct http_res *res, const struct altinn2_caller *who,
			  struct consent **out)
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&req_site(req)->consents->registry);
	CLEANUP(reader_closep) struct reader *r = NULL;
	struct uuid code;
	TRY(code_read(req, res, &code));
	TRY(reader_open(req_site(req)->consents->store, false, &r));
	enum rc rc = consents_get(r, req->arena, code, false, out, NULL);
	if (rc == RC_NOT_FOUND)
		return refused(res, "the code is not known");
	TRY(rc);
	const char *why = asker_fault(reg, who, *out);
	return why ? refused(res, why) : RC_OK;
}

/* ---- fetch ---- */

/* A code_map_fn of the caller. Services of several generations in one token get the oldest, which all of their readers
 * know. */
static enum rc map(void *ctx, struct arena *a, const struct registry *r, const struct consent *c,
		   struct code_claims *out, const char **why_out)
{
	size_t n = 0;
	*why_out = asker_fault(r, ctx, c);
	if (*why_out)
		return RC_DENIED;
	for (const struct right *right = c->rights; right; right = right->next)
		n++;
	out->services = arena_array(a, struct code_service, n + 1);
	out->generation = ALTINN2_PAYLOADS;
	for (const struct right *right = c->rights; right; right = right->next) {
		const struct altinn2_service *s = service_of(r, right);
		if (!s) {
			*why_out = "a right of the consent is of no service";
			return RC_DENIED;
		}
		struct code_service *entry = &out->services[out->n_services++];
		*entry = (struct code_service){ .code = arena_str(a, s->code), .edition = s->edition };
		params_fill(a, s, right, entry);
		if (s->payload < out->generation)
			out->generation = (int)s->payload;
	}
	return RC_OK;
}

static void token_write(struct http_req *req, struct http_res *res, struct str token)
{
	static const char *const types[] = { "application/json", "application/xml", "text/xml" };
	bool xml = altinn2_prefers(req, types, LEN(types)) > 0;
	http_reply(res, 200, xml ? "application/xml; charset=utf-8" : PLAIN_TYPE);
	if (xml) {
		buf_lit(&res->body, "<string>");
		buf_html(&res->body, token);
		buf_lit(&res->body, "</string>");
		return;
	}
	struct jsw w = JSW(&res->body);
	jsw_str(&w, token);
}

enum rc altinn2_token_get(struct http_req *req, struct http_res *res)
{
	struct altinn2_caller who;
	struct code_order order = { .map = map, .map_ctx = &who };
	struct str token;
	TRY(altinn2_caller_read(req, res, false, &who));
	TRY(code_read(req, res, &order.code));
	order.asker = who.own;
	enum rc rc = issuer_code_token(req_altinn2(req)->services.issuer, req->arena, &order, &token);
	if (rc == RC_DENIED)
		return refused(res, order.why);
	if (rc == RC_NOT_FOUND) {
		http_why(res, "no key signs tokens of Altinn 2");
		return RC_BUSY;
	}
	TRY(rc);
	http_did(res, "token.issued", KV("consent", uuid_str(req->arena, order.code)),
		 KV("scope", STR(CODE_TOKEN_SCOPE)));
	token_write(req, res, token);
	return RC_OK;
}

/* ---- give back ---- */

enum rc altinn2_token_delete(struct http_req *req, struct http_res *res)
{
	struct problems p = PROBLEMS(req->arena);
	struct altinn2_caller who;
	struct consent *c;
	TRY(altinn2_caller_read(req, res, false, &who));
	TRY(consent_of(req, res, &who, &c));
	if (c->status != ST_ACCEPTED && c->status != ST_REVOKED)
		return refused(res, "the consent is not accepted");
	const struct org_caller org = { .consumer = who.own };
	enum rc rc = consent_delete(req_site(req)->consents, req->arena, c->id, &org, &c, &p);
	if (rc == RC_INVALID || rc == RC_DENIED || rc == RC_NOT_FOUND)
		return refused(res, "the consent cannot be given back");
	TRY(rc);
	http_did(res, "consent.given_back", KV("consent", uuid_str(req->arena, c->id)));
	http_reply(res, 204, NULL);
	return RC_OK;
}

/* ---- use ---- */

struct use_body {
	struct str service; /* "4628_210607" */
	int64_t time;
	bool has_time;
};

static enum rc use_read(struct http_req *req, struct use_body *out, struct altinn2_errors *e)
{
	const struct js *v = altinn2_json(req, false, e);
	*out = (struct use_body){ 0 };
	if (!v)
		return RC_INVALID;
	out->service = altinn2_service_id(req->arena, v, e);
	out->has_time = altinn2_time(v, "UsageDateTime", false, A2_FIELD, &out->time, e);
	return e->n ? RC_INVALID : RC_OK;
}

/* The resource of the consent that the service stands for; absent: it has none. */
static struct str resource_of(struct http_req *req, const struct consent *c, struct str service)
{
	CLEANUP(registry_releasep) const struct registry *r = registry_hold(&req_site(req)->consents->registry);
	for (const struct right *right = c->rights; right; right = right->next) {
		const struct altinn2_service *s = service_of(r, right);
		if (s && str_eq(s->id, service))
			return right->resource;
	}
	return STR_NONE;
}

enum rc altinn2_token_used(struct http_req *req, struct http_res *res)
{
	struct altinn2_errors e = { .a = req->arena };
	struct problems p = PROBLEMS(req->arena);
	struct altinn2_caller who;
	struct consent *c;
	struct use_body body;
	struct use_event used;
	bool existed;
	TRY(altinn2_caller_read(req, res, false, &who));
	TRY(consent_of(req, res, &who, &c));
	if (use_read(req, &body, &e) != RC_OK)
		return altinn2_errors_reply(res, &e);
	struct use_report report = { .id = c->id,
				     .resource = resource_of(req, c, body.service),
				     .reference = body.has_time ? arena_fmt(req->arena, "%lld", (long long)body.time)
								: STR_NONE,
				     .time = body.time,
				     .has_time = body.has_time,
				     .by_receiver = true };
	if (!report.resource.p) {
		altinn2_error(&e, A2_SERVICE, "The consent is of no service %.*s", STR_FMT(body.service));
		return altinn2_errors_reply(res, &e);
	}
	const struct org_caller org = { .consumer = who.own };
	enum rc rc = consent_use(req_site(req)->consents, req->arena, &report, &org, &used, &existed, &p);
	if (rc == RC_DENIED || (rc == RC_INVALID && !problems_has(&p, PROB_VALIDATION)))
		return refused(res, "the consent does not stand");
	if (rc == RC_INVALID) {
		altinn2_error(&e, A2_FIELD, "UsageDateTime must lie between the consent and now");
		return altinn2_errors_reply(res, &e);
	}
	TRY(rc);
	http_did(res, "consent.used", KV("consent", uuid_str(req->arena, c->id)), KV("resource", report.resource));
	http_reply(res, 204, NULL);
	return RC_OK;
}
