#include "api/internal.h"
#include "base/clock.h"
#include "publish/seed.h"

/* The same lines twice: "detail" for people, "faults" for programs. */
static void faults_reply(struct http_res *res, struct str lines)
{
	struct jsw w = JSW(&res->body);
	http_reply(res, 400, PROBLEM_TYPE);
	jsw_obj(&w);
	jsw_kz(&w, "type", http_status_type(400));
	jsw_kz(&w, "title", http_status_title(400));
	jsw_ki64(&w, "status", 400);
	jsw_kstr(&w, "detail", lines);
	jsw_key(&w, "faults");
	jsw_arr(&w);
	for (struct str line; str_next(&lines, '\n', &line);)
		if (line.n)
			jsw_str(&w, line);
	jsw_end_arr(&w);
	jsw_end_obj(&w);
}

enum rc api_apply(struct http_req *req, struct http_res *res)
{
	struct api *api = req_api(req);
	struct seed_options options = { .sandbox = true };
	struct seed_report report = { .a = req->arena, .faults = BUF(req->arena), .changes = BUF(req->arena) };
	bool changed;
	enum rc rc = seed_apply(api->consents->store, req->arena, req->body, &options, &report);
	if (rc == RC_INVALID) {
		faults_reply(res, str_trim(buf_str(&report.faults)));
		return RC_OK;
	}
	TRY(rc);
	TRY(registry_refresh(&api->consents->registry, &changed));
	http_did(res, "sandbox.applied");
	http_reply(res, 204, NULL);
	return RC_OK;
}

/* The sandbox's test keys are public: a newcomer fetches one with curl. */
enum rc api_sandbox_client(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = api_registry_held(req);
	const struct client *c = registry_client(reg, req->param[0]);
	if (!c || !c->private_jwk.p)
		return RC_NOT_FOUND;
	http_reply(res, 200, "application/json");
	buf_add(&res->body, c->private_jwk);
	return RC_OK;
}

enum rc api_clock_show(struct http_req *req, struct http_res *res)
{
	char text[CLOCK_TEXT_MAX];
	struct jsw w = JSW(&res->body);
	(void)req;
	http_reply(res, 200, "application/json");
	jsw_obj(&w);
	jsw_kstr(&w, "now", clock_text(clock_now(), text));
	jsw_end_obj(&w);
	return RC_OK;
}

/* The body is {"now": date-time}, {"offset": duration} or {}. */
static enum rc offset_read(struct http_req *req, int64_t *out)
{
	const struct js *o;
	struct str s;
	TRY(js_parse(req->arena, js_unmarked(req->body), NULL, &o, NULL));
	if (!js_is(o, JS_OBJECT) || o->n > 1)
		return RC_INVALID;
	*out = 0;
	if (o->n == 0)
		return RC_OK;
	if (js_member_str(o, "offset", &s) == RC_OK)
		return clock_duration(s, out);
	if (js_member_str(o, "now", &s) != RC_OK || clock_parse(s, out) != RC_OK)
		return RC_INVALID;
	*out -= clock_real();
	return RC_OK;
}

enum rc api_clock_set(struct http_req *req, struct http_res *res)
{
	int64_t offset;
	if (offset_read(req, &offset) != RC_OK) {
		http_problem(res, req, 400, STR("the body must be {\"now\": date-time}, {\"offset\": duration} or {}"));
		return RC_OK;
	}
	clock_set_offset(offset);
	return api_clock_show(req, res);
}
