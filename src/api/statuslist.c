#include "api/api.h"
#include "api/internal.h"
#include "base/clock.h"

#define AGE_MAX (CLOCK_SECOND / 2)  /* the lists may be so much older than the request */
#define WAIT_MAX (5 * CLOCK_SECOND) /* for a store that is slow or away */

const struct uuid api_status_key = { "status lists key" };

/* A thread of the daemon reads the store. The request waits for it without holding a worker. */
static enum rc wait_for_update(struct http_req *req, struct http_res *res)
{
	int64_t until = req->arrived_us + WAIT_MAX;
	if (req->wait_over || clock_mono() >= until)
		return RC_BUSY;
	http_wait(res, api_status_key, (struct uuid){ { 0 } }, until);
	return RC_OK;
}

enum rc api_status_list(struct http_req *req, struct http_res *res)
{
	struct status_lists *lists = req_api(req)->status;
	struct str jwt;
	uint64_t list;
	http_set_header(res, "Access-Control-Allow-Origin", STR("*"));
	if (str_u64(req->param[0], &list) != RC_OK || list > INT64_MAX / STATUS_LIST_SIZE) {
		http_problem(res, req, 404, STR_NONE);
		return RC_OK;
	}
	enum rc rc = status_get(lists, req->arena, (int64_t)list, req->arrived_us - AGE_MAX, &jwt);
	if (rc == RC_BUSY)
		return wait_for_update(req, res);
	if (rc != RC_OK)
		return rc;
	http_set_header(res, "Cache-Control", arena_fmt(req->arena, "public, max-age=%d", (int)status_ttl(lists)));
	http_reply(res, 200, "application/statuslist+jwt");
	buf_add(&res->body, jwt);
	return RC_OK;
}
