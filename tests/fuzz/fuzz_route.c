/* The first byte is the method, the rest the request target: splitting it, finding its route, decoding parameters. */
#include "fuzz.h"

#include "http/internal.h"

static enum rc nothing(struct http_req *req, struct http_res *res)
{
	(void)req;
	(void)res;
	return RC_OK;
}

static const struct http_route rows[] = {
	{ .method = HTTP_GET, .pattern = "/", .handler = nothing },
	{ .method = HTTP_GET, .pattern = "/a/events", .handler = nothing },
	{ .method = HTTP_DELETE, .pattern = "/a/{id}", .handler = nothing },
	{ .method = HTTP_GET, .pattern = "/a/{id}/b/{what}", .handler = nothing },
	{ .method = HTTP_PUT, .pattern = "/{a}/{b}/{c}/{d}", .handler = nothing },
};
static const struct http_table tables[] = { { .rows = rows, .n = LEN(rows) }, { 0 } };

/* A parameter is text, of one segment. */
static void check(struct str param)
{
	HOLDS(str_utf8(param));
	HOLDS(!param.n || (!memchr(param.p, '/', param.n) && !memchr(param.p, '\0', param.n)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct http_req req = { .arena = &a };
	const struct pair *pairs;
	struct router *r;
	if (size == 0 || router_create(tables, &r) != RC_OK)
		return 0;
	enum http_method method = (enum http_method)(data[0] % (HTTP_METHOD__MAX + 1));
	if (request_target(&req, str_span(data + 1, size - 1)) == 0) {
		struct router_match m = router_find(r, &a, method, req.path);
		HOLDS((m.status == 0) == (m.route != NULL));
		for (size_t i = 0; i < HTTP_MAX_PARAMS; i++)
			check(m.param[i]);
		(void)!http_query(&req, &pairs);
	}
	router_destroy(r);
	return 0;
}
