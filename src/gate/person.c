#include "gate/internal.h"

static enum rc refuse_with(struct http_res *res, enum rc rc, const char *why)
{
	http_why(res, why);
	return rc;
}

static enum rc by_token(struct http_req *req, struct http_res *res)
{
	struct bearer b;
	TRY(bearer_required(req, res, &b));
	if (uuid_is_nil(b.party))
		return refuse_with(res, RC_UNAUTHENTICATED, "the token names no person");
	struct caller *c = arena_new(req->arena, struct caller);
	c->kind = CALLER_PERSON_TOKEN;
	c->scope = b.scope;
	c->person.party = b.party;
	c->person.level = b.level;
	c->person.acr = b.level ? arena_fmt(req->arena, "Level%lld", (long long)b.level) : STR_NONE;
	c->person.provider = b.issuer;
	req->caller = c;
	return RC_OK;
}

enum rc gate_person(struct http_req *req, struct http_res *res)
{
	struct session *s;
	if (http_header_count(req, "Authorization"))
		return by_token(req, res);
	enum rc rc = session_find(req, &s);
	if (rc == RC_NOT_FOUND)
		return gate_refuse(res, 401, "no session and no bearer token");
	TRY(rc);
	if (req->method != HTTP_GET && req->method != HTTP_HEAD && !csrf_ok(req, s, true))
		return refuse_with(res, RC_INVALID, "the CSRF token is missing or wrong");
	return session_caller(req, s);
}
