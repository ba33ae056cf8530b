#include "api/registry_internal.h"

#include <assert.h>

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
	*out = (struct publisher){
		.registry = &req_api(req)->consents->registry,
		.a = req->arena,
		.orgno = org->consumer,
		.if_match = http_header(req, "If-Match"),
		.pace = req_api(req)->pace,
		.in_turn = req->in_turn,
	};
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
	if (rc == RC_BUSY && p->wait_s)
		return 429;
	return rc == RC_DENIED ? 403 : rc == RC_NOT_FOUND ? 404 : 0;
}

enum rc api_publish_refused(struct http_req *req, struct http_res *res, enum rc rc, const struct publication *p)
{
	int status = refused_status(rc, p);
	if (rc == RC_OK)
		http_did(res, "registry.changed", KV("what", req->route->pattern),
			 KV("method", http_method_name(req->method)), KV("id", req->param[0]));
	if (status == 429)
		http_set_header(res, "Retry-After", arena_fmt(req->arena, "%lld", (long long)p->wait_s));
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

/* ---- pages ---- */

struct api_page api_page_of(struct buf *out, const struct pair *query, const char *after, size_t max)
{
	struct api_page page = { .w = JSW(out), .after = front_param(query, after), .max = max };
	jsw_arr(&page.w);
	return page;
}

bool api_page_begin(struct api_page *page, struct str name)
{
	if (page->more || (page->after.p && str_cmp(name, page->after) <= 0))
		return false;
	page->more = page->max && page->n == page->max;
	page->start = page->w.b->n;
	return !page->more;
}

void api_page_end(struct api_page *page, struct str name)
{
	page->more = page->n && page->w.b->n > LIST_BYTES_MAX;
	if (page->more) {
		page->w.b->n = page->start;
		return;
	}
	page->last = name;
	page->n++;
}

struct str api_place_name(struct arena *a, size_t i, struct str name)
{
	return arena_fmt(a, "%zu/%.*s", i, STR_FMT(name));
}

size_t api_place_after(struct str after, const void *list, size_t n, api_place_fn *name)
{
	struct str number, last;
	uint64_t at;
	if (!after.p || !str_cut(after, '/', &number, &last) || str_u64(number, &at) != RC_OK)
		return 0;
	if (at < n && str_eq(name(list, (size_t)at), last))
		return (size_t)at + 1;
	for (size_t i = 0; i < n; i++)
		if (str_eq(name(list, i), last))
			return i + 1;
	return 0;
}

/* The parameter `after`, then the others of the query. */
static void next_query(struct buf *b, const struct pair *query, const char *after, struct str last)
{
	buf_fmt(b, "?%s=", after);
	buf_url(b, last);
	for (const struct pair *p = query; p; p = p->next) {
		if (str_ieq(p->key, str_of(after)))
			continue;
		buf_c(b, '&');
		buf_url(b, p->key);
		buf_c(b, '=');
		buf_url(b, p->value);
	}
}

/* RFC 8288: the same query, behind the last entry of this page. */
void api_page_reply(struct http_req *req, struct http_res *res, const struct pair *query, struct api_page *page)
{
	struct buf b = BUF(req->arena);
	assert(page->w.b == &res->body);
	jsw_end_arr(&page->w);
	http_reply(res, 200, JSON_TYPE);
	if (!page->more)
		return;
	buf_fmt(&b, "<%.*s%.*s", STR_FMT(api_origin(req)), STR_FMT(req->path));
	next_query(&b, query, "after", page->last);
	buf_lit(&b, ">; rel=\"next\"");
	http_set_header(res, "Link", buf_str(&b));
}

void api_page_reply_data(struct http_req *req, struct http_res *res, const struct pair *query, struct api_page *page)
{
	struct jsw w = JSW(&res->body);
	assert(page->w.b != &res->body);
	jsw_end_arr(&page->w);
	http_reply(res, 200, JSON_TYPE);
	jsw_obj(&w);
	api_links_write(req, &w, query, page->more ? page->last : STR_NONE);
	jsw_kraw(&w, "data", buf_str(page->w.b));
	jsw_end_obj(&w);
}

void api_links_write(const struct http_req *req, struct jsw *w, const struct pair *query, struct str last)
{
	struct buf b = BUF(req->arena);
	jsw_key(w, "links");
	jsw_obj(w);
	if (last.p) {
		buf_add(&b, api_origin(req));
		buf_add(&b, req->path);
		next_query(&b, query, "token", last);
	}
	jsw_kstr(w, "next", buf_str(&b));
	jsw_end_obj(w);
}
