#include "altinn2/handlers.h"
#include "altinn2/requests.h"

#include <assert.h>

#include "base/clock.h"

#define NOT_YOURS "There is no such request, or it is not yours."

static void reply(struct http_req *req, struct http_res *res, int status, const struct consent *c)
{
	CLEANUP(registry_releasep) const struct registry *r = registry_hold(&req_site(req)->consents->registry);
	bool hal = altinn2_accepts(req, "application/hal+json");
	struct jsw w = JSW(&res->body);
	http_reply(res, status, hal ? HAL_TYPE : PLAIN_TYPE);
	altinn2_request_write(&w, r, site_origin(req), c, hal);
}

/* ---- create ---- */

static enum rc body_of(struct http_req *req, struct altinn2_body *out, struct altinn2_errors *e)
{
	const struct js *v = NULL;
	bool json = http_content_type_is(req, "application/json") || http_content_type_is(req, "application/hal+json");
	if (!json)
		altinn2_error(e, A2_BODY, "Content-Type must be application/json or application/hal+json");
	else
		v = altinn2_json(req, false, e);
	if (!v)
		return RC_INVALID;
	altinn2_body_read(req->arena, v, out, e);
	return e->n ? RC_INVALID : RC_OK;
}

/* The caller is the consumer, or its supplier. */
static void caller_check(const struct altinn2_caller *who, struct altinn2_ask *ask, struct altinn2_errors *e)
{
	if (!ask->handled_by.p && (who->supplier.p || !str_eq(ask->covered_by, who->consumer)))
		altinn2_error(e, A2_CALLER, "CoveredBy must be the authenticated organisation, or HandledBy must be");
	if (!ask->handled_by.p)
		return;
	if (!str_eq(ask->handled_by, who->own))
		altinn2_error(e, A2_CALLER, "HandledBy must be the authenticated organisation");
	ask->delegated = who->supplier.p && str_eq(ask->covered_by, who->consumer);
}

static enum rc names_check(struct http_req *req, const struct altinn2_body *body, struct altinn2_errors *e)
{
	struct urn urns[LEN(body->named)];
	struct party *found[LEN(body->named)] = { NULL };
	for (size_t i = 0; i < body->n_named; i++)
		urns[i] = body->named[i].party;
	TRY(party_numbers(req_site(req)->consents, req->arena, urns, body->n_named, found));
	for (size_t i = 0; i < body->n_named; i++) {
		bool unknown = !found[i] && !req_site(req)->consents->cfg.auto_register;
		if (unknown || (found[i] && !altinn2_name_fits(req->arena, found[i], body->named[i].name)))
			altinn2_error(
				e, A2_NAME,
				"%.*s is either not a valid organization number or social security number, or the "
				"provided name; %.*s does not match the person or organizations registered name.",
				STR_FMT(body->named[i].party.value), STR_FMT(body->named[i].name));
	}
	return RC_OK;
}

static enum rc checked_draft(struct http_req *req, const struct altinn2_caller *who, struct altinn2_body *body,
			     struct altinn2_errors *e, struct draft *out)
{
	CLEANUP(registry_releasep) const struct registry *r = registry_hold(&req_site(req)->consents->registry);
	caller_check(who, &body->ask, e);
	TRY(names_check(req, body, e));
	altinn2_ask_check(req->arena, r, &body->ask, e);
	if (e->n)
		return RC_INVALID;
	*out = altinn2_ask_draft(req->arena, r, &body->ask, ORIGIN_ALTINN2, uuid_v4());
	/* The snapshot may go before the draft does. */
	for (struct draft_right *d = out->rights; d; d = d->next) {
		d->right.resource = arena_str(req->arena, d->right.resource);
		d->right.service = arena_str(req->arena, d->right.service);
		for (struct meta *m = d->right.metadata; m; m = m->next)
			m->key = arena_str(req->arena, m->key);
	}
	return RC_OK;
}

static enum rc created(struct http_req *req, struct http_res *res, const struct draft *draft, struct str handler,
		       struct altinn2_errors *e)
{
	const struct org_caller org = { .consumer = draft->to.value, .supplier = handler };
	struct problems p = PROBLEMS(req->arena);
	struct consent *c;
	bool existed;
	enum rc rc = consent_create(req_site(req)->consents, req->arena, draft, &org, &c, &existed, &p);
	if (rc == RC_DENIED || rc == RC_INVALID || rc == RC_NOT_FOUND) {
		altinn2_errors_of(e, &p);
		if (!e->n)
			altinn2_error(e, A2_REFUSED, "The consumer may not ask for one of the services");
		return altinn2_errors_reply(res, e);
	}
	TRY(rc);
	http_set_header(res, "Location",
			arena_fmt(req->arena, "%.*s/api/consentRequests/%.*s", STR_FMT(site_origin(req)),
				  STR_FMT(uuid_str(req->arena, c->id))));
	reply(req, res, 201, c);
	return RC_OK;
}

enum rc altinn2_request_create(struct http_req *req, struct http_res *res)
{
	struct altinn2_errors e = { .a = req->arena };
	struct altinn2_body *body = arena_new(req->arena, struct altinn2_body);
	struct altinn2_caller who;
	struct draft draft;
	TRY(altinn2_caller_read(req, res, true, &who));
	enum rc rc = body_of(req, body, &e);
	if (rc == RC_OK)
		rc = checked_draft(req, &who, body, &e, &draft);
	if (rc == RC_INVALID)
		return altinn2_errors_reply(res, &e);
	TRY(rc);
	return created(req, res, &draft, body->ask.handled_by, &e);
}

/* ---- one ---- */

static enum rc not_yours(struct http_res *res, const char *why)
{
	return altinn2_refuse(res, 403, NOT_YOURS, why);
}

/* The requester, its supplier, or the organisation that was asked. */
static bool may_read(const struct altinn2_caller *who, const struct consent *c)
{
	return str_eq(c->to.value, who->consumer) || str_eq(c->from.value, who->own) ||
	       (c->handled_by.value.p && str_eq(c->handled_by.value, who->own));
}

static enum rc request_load(struct http_req *req, struct http_res *res, const struct altinn2_caller *who,
			    struct consent **out)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	struct uuid id;
	if (uuid_parse(req->param[0], &id) != RC_OK)
		return not_yours(res, "the id is no UUID");
	TRY(reader_open(req_site(req)->consents->store, false, &r));
	enum rc rc = consents_get(r, req->arena, id, false, out, NULL);
	if (rc == RC_NOT_FOUND)
		return not_yours(res, "there is no such consent");
	TRY(rc);
	if ((*out)->origin == ORIGIN_ALTINN3 || (*out)->status == ST_DELETED)
		return not_yours(res, "it is no request of Altinn 2, or it was deleted");
	return may_read(who, *out) ? RC_OK : not_yours(res, "the request is of another organisation");
}

enum rc altinn2_request_show(struct http_req *req, struct http_res *res)
{
	struct altinn2_caller who;
	struct consent *c;
	TRY(altinn2_caller_read(req, res, true, &who));
	TRY(request_load(req, res, &who, &c));
	reply(req, res, 200, c);
	return RC_OK;
}

enum rc altinn2_request_delete(struct http_req *req, struct http_res *res)
{
	struct altinn2_errors e = { .a = req->arena };
	struct problems p = PROBLEMS(req->arena);
	struct altinn2_caller who;
	struct consent *c;
	TRY(altinn2_caller_read(req, res, true, &who));
	TRY(request_load(req, res, &who, &c));
	if (!str_eq(c->to.value, who.consumer) && !str_eq(c->handled_by.value, who.own))
		return not_yours(res, "the giver does not delete a request");
	altinn2_error(&e, A2_STATUS, "The request has been answered and cannot be deleted");
	if (c->status != ST_CREATED)
		return altinn2_errors_reply(res, &e);
	const struct org_caller org = { .consumer = c->to.value, .supplier = STR_NONE };
	enum rc rc = consent_delete(req_site(req)->consents, req->arena, c->id, &org, &c, &p);
	if (rc == RC_INVALID || rc == RC_DENIED)
		return altinn2_errors_reply(res, &e);
	TRY(rc);
	http_did(res, "consent.deleted", KV("consent", uuid_str(req->arena, c->id)));
	http_reply(res, 204, NULL);
	return RC_OK;
}
