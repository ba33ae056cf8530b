#include "api/registry.h"

enum rc registry_now(struct http_req *req, const struct registry **out)
{
	struct registry_box *box = &req_api(req)->consents->registry;
	bool moved;
	TRY(registry_refresh(box, &moved));
	*out = registry_hold(box);
	return RC_OK;
}

bool registry_publisher(struct http_req *req, struct http_res *res, struct publisher *out)
{
	const struct org_caller *who = api_org(req, res);
	if (who)
		*out = (struct publisher){ &req_api(req)->consents->registry, req->arena, who->consumer,
					   http_header(req, "If-Match") };
	return who;
}

/* "PATH: what is wrong" as the framework's map of errors has it. */
static void fault_bind(struct binder *b, struct str line)
{
	ptrdiff_t at = str_find(line, STR(": "));
	if (at < 0)
		return;
	struct str path = str_span(line.p, (size_t)at), what = str_span(line.p + at + 2, line.n - (size_t)at - 2);
	const char *dot = path.n && path.p[0] != '[' ? "." : "";
	bind_fail(b, arena_fmt(b->a, "$%s%.*s", dot, STR_FMT(path)), arena_cstr(b->a, what));
}

enum rc registry_refused(struct http_req *req, struct http_res *res, enum rc rc, const struct publication *p)
{
	struct binder *b = binder_new(req->arena);
	struct str line, lines = p->faults;
	int status = rc == RC_DENIED ? 403 : rc == RC_CONFLICT ? 409 : rc == RC_NOT_FOUND ? 404 : 0;
	if (status == 409 && p->overtaken)
		status = 412;
	if (status) {
		http_problem(res, req, status, str_of(p->why));
		return RC_OK;
	}
	if (rc != RC_INVALID)
		return rc;
	while (str_next(&lines, '\n', &line))
		fault_bind(b, line);
	problem_binding(req, res, b->first);
	return RC_OK;
}

enum rc registry_query(struct http_req *req, struct http_res *res, const struct pair **out)
{
	enum rc rc = http_query(req, out);
	if (rc != RC_OK)
		problem_plain(req, res, 400);
	return rc;
}

struct str registry_param(const struct pair *query, const char *name)
{
	const struct pair *p = pair_get_icase(query, name);
	return p && p->value.n ? p->value : STR_NONE;
}

enum rc registry_number(struct http_req *req, struct http_res *res, const char *name, int64_t missing, int64_t *out)
{
	const struct pair *query;
	uint64_t n;
	TRY(registry_query(req, res, &query));
	struct str s = registry_param(query, name);
	*out = missing;
	if (!s.p)
		return RC_OK;
	if (str_u64(s, &n) != RC_OK || n > INT64_MAX) {
		struct binder *b = binder_new(req->arena);
		bind_fail(b, str_of(name), "is no whole number");
		problem_binding(req, res, b->first);
		return RC_INVALID;
	}
	*out = (int64_t)n;
	return RC_OK;
}

void registry_links(const struct http_req *req, struct jsw *w, struct str last)
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
