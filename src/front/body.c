#include "front/front.h"
#include "front/problem.h"
#include "gate/gate.h"

/* application/json, text/json and application/…+json, as the framework that clients know takes them. */
static bool json_media(const struct http_req *req)
{
	struct str type, rest, value = http_header(req, "Content-Type");
	str_cut(value, ';', &type, &rest);
	type = str_trim(type);
	if (str_ieq(type, STR("application/json")) || str_ieq(type, STR("text/json")))
		return true;
	struct str head = STR("application/"), tail = STR("+json");
	if (type.n <= head.n + tail.n || !str_ieq(str_span(type.p, head.n), head))
		return false;
	return str_ieq(str_span(type.p + type.n - tail.n, tail.n), tail);
}

enum rc api_body(struct http_req *req, struct http_res *res, const char *param, const struct js **out)
{
	struct binder *b = binder_new(req->arena);
	const struct js *body = NULL;
	*out = NULL;
	if (!json_media(req)) {
		problem_plain(req, res, 415);
		return RC_OK;
	}
	if (str_trim(req->body).n == 0)
		bind_fail(b, STR(""), "A non-empty request body is required.");
	else if (js_parse(req->arena, req->body, NULL, &body, NULL) != RC_OK)
		bind_fail(b, STR("$"), "The body is not valid JSON.");
	else if (!js_is(body, JS_OBJECT))
		bind_fail(b, STR("$"), "The value must be an object.");
	if (b->n == 0) {
		*out = body;
		return RC_OK;
	}
	bind_fail(b, str_of(param), arena_cstr(req->arena, arena_fmt(req->arena, "The %s field is required.", param)));
	problem_binding(req, res, b->first);
	return RC_OK;
}

const struct org_caller *api_org(struct http_req *req, struct http_res *res)
{
	struct caller *c = req_caller(req);
	if (c && c->org.consumer.p)
		return &c->org;
	problem_plain(req, res, 401);
	return NULL;
}
