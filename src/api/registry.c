#include "api/registry_internal.h"

const struct registry *api_registry_held(struct http_req *req)
{
	return registry_hold(&req_api(req)->consents->registry);
}

enum rc api_registry_newest(struct http_req *req, const struct registry **out)
{
	bool changed;
	TRY(registry_refresh(&req_api(req)->consents->registry, &changed));
	*out = api_registry_held(req);
	return RC_OK;
}

enum rc api_publisher(struct http_req *req, struct http_res *res, struct publisher *out)
{
	const struct org_caller *org;
	TRY(front_org(req, res, &org));
	*out = (struct publisher){ &req_api(req)->consents->registry, req->arena, org->consumer,
				   http_header(req, "If-Match") };
	return RC_OK;
}

/* A fault is a line "PATH: MESSAGE"; lines of another form are dropped. */
static void fault_bind(struct binder *b, struct str line)
{
	ptrdiff_t at = str_find(line, STR(": "));
	if (at < 0)
		return;
	struct str path = str_span(line.p, (size_t)at), message = str_span(line.p + at + 2, line.n - (size_t)at - 2);
	const char *dot = path.n && path.p[0] != '[' ? "." : "";
	bind_fail(b, arena_fmt(b->a, "$%s%.*s", dot, STR_FMT(path)), arena_cstr(b->a, message));
}

static int refused_status(enum rc rc, const struct publication *p)
{
	if (rc == RC_CONFLICT)
		return p->overtaken ? 412 : 409;
	return rc == RC_DENIED ? 403 : rc == RC_NOT_FOUND ? 404 : 0;
}

enum rc api_publish_refused(struct http_req *req, struct http_res *res, enum rc rc, const struct publication *p)
{
	int status = refused_status(rc, p);
	if (status) {
		http_problem(res, req, status, str_of(p->why));
		return RC_ANSWERED;
	}
	if (rc != RC_INVALID)
		return rc;
	struct binder *b = binder_new(req->arena);
	struct str line, lines = p->faults;
	while (str_next(&lines, '\n', &line))
		fault_bind(b, line);
	problem_binding(req, res, b->first);
	return RC_ANSWERED;
}

void api_links_write(const struct http_req *req, struct jsw *w, struct str last)
{
	struct buf b = BUF(req->arena);
	jsw_key(w, "links");
	jsw_obj(w);
	if (last.p) {
		buf_add(&b, req_api(req)->public_url);
		buf_add(&b, req->path);
		buf_lit(&b, "?token=");
		buf_url(&b, last);
	}
	jsw_kstr(w, "next", buf_str(&b));
	jsw_end_obj(w);
}
