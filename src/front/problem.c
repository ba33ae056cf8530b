#include "front/problem.h"

void problem_head(struct jsw *w, int status)
{
	jsw_obj(w);
	jsw_kz(w, "type", http_status_type(status));
	jsw_kz(w, "title", http_status_title(status));
	jsw_ki64(w, "status", status);
}

/* W3C Trace Context, as the framework prints it. */
static void trace_write(struct jsw *w, const struct http_req *req)
{
	jsw_kstr(w, "traceId",
		 arena_fmt(req->arena, "00-%s-%s-%s", req->trace_id, req->span_id, req->sampled ? "01" : "00"));
}

static bool path_before(const struct bind_error *list, const struct bind_error *e)
{
	for (; list != e; list = list->next)
		if (str_eq(list->path, e->path))
			return true;
	return false;
}

void problem_binding(const struct http_req *req, struct http_res *res, const struct bind_error *errors)
{
	struct jsw w = JSW(&res->body);
	http_reply(res, 400, PROBLEM_UTF8);
	if (errors && !res->note.why.p)
		res->note.why = arena_fmt(req->arena, "binding %.*s", STR_FMT(errors->path));
	jsw_obj(&w);
	jsw_kz(&w, "type", http_status_type(400));
	jsw_kz(&w, "title", "One or more validation errors occurred.");
	jsw_ki64(&w, "status", 400);
	jsw_key(&w, "errors");
	jsw_obj(&w);
	for (const struct bind_error *e = errors; e; e = e->next) {
		if (path_before(errors, e))
			continue;
		jsw_key_str(&w, e->path);
		jsw_arr(&w);
		jsw_str(&w, e->message);
		jsw_end_arr(&w);
	}
	jsw_end_obj(&w);
	trace_write(&w, req);
	jsw_end_obj(&w);
}

void problem_plain(const struct http_req *req, struct http_res *res, int status)
{
	struct jsw w = JSW(&res->body);
	http_reply(res, status, PROBLEM_UTF8);
	problem_head(&w, status);
	trace_write(&w, req);
	jsw_end_obj(&w);
}
