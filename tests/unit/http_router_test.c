#include "http/internal.h"
#include "t.h"

static enum rc nothing(struct http_req *req, struct http_res *res)
{
	(void)req;
	(void)res;
	return RC_OK;
}

static const struct http_route rows[] = {
	// clang-format off
	{ .method = HTTP_GET,    .pattern = "/",                .handler = nothing, .doc = "root" },
	{ .method = HTTP_GET,    .pattern = "/a/events",        .handler = nothing, .doc = "events" },
	{ .method = HTTP_GET,    .pattern = "/a/{id}",          .handler = nothing, .doc = "get" },
	{ .method = HTTP_DELETE, .pattern = "/a/{id}",          .handler = nothing, .doc = "delete" },
	{ .method = HTTP_POST,   .pattern = "/a/{id}/b/{what}", .handler = nothing, .doc = "two" },
	{ .method = HTTP_POST,   .pattern = "/.well-known/x",   .handler = nothing, .doc = "well-known" },
	{ .method = HTTP_PUT,    .pattern = "/{a}/{b}/{c}/{d}", .handler = nothing, .doc = "four" },
	// clang-format on
};
static const struct http_route later[] = {
	{ .method = HTTP_GET, .pattern = "/a/events", .handler = nothing, .doc = "shadowed" },
	{ .method = HTTP_GET, .pattern = "/later", .handler = nothing, .doc = "later" },
};
static const struct http_table tables[] = { { .rows = rows, .n = LEN(rows) },
					    { .rows = later, .n = LEN(later) },
					    { 0 } };

static void test_router__find(void **state)
{
	(void)state;
	static const struct {
		enum http_method method;
		const char *path;
		int status;
		const char *doc, *p0, *p1;
	} cases[] = {
		// clang-format off
		{ HTTP_GET, "/", 0, "root", NULL, NULL },
		{ HTTP_GET, "//", 404, NULL, NULL, NULL },
		{ HTTP_GET, "", 404, NULL, NULL, NULL },
		{ HTTP_GET, "a/x", 404, NULL, NULL, NULL },
		{ HTTP_GET, "/a/events", 0, "events", NULL, NULL },
		{ HTTP_GET, "/A/eVENTS/", 0, "events", NULL, NULL },
		{ HTTP_GET, "/a/events//", 404, NULL, NULL, NULL },
		{ HTTP_HEAD, "/a/events", 0, "events", NULL, NULL },
		{ HTTP_DELETE, "/a/events", 0, "delete", "events", NULL },
		{ HTTP_GET, "/a/KeepsCase", 0, "get", "KeepsCase", NULL },
		{ HTTP_GET, "/a/x%20y%C3%A6", 0, "get", "x y\xc3\xa6", NULL },
		{ HTTP_GET, "/a/+", 0, "get", "+", NULL },
		{ HTTP_GET, "/a/", 404, NULL, NULL, NULL },
		{ HTTP_GET, "/a", 404, NULL, NULL, NULL },
		{ HTTP_GET, "/a//b/c", 404, NULL, NULL, NULL },
		{ HTTP_GET, "/%61/x", 404, NULL, NULL, NULL },
		{ HTTP_GET, "/a/..", 0, "get", "..", NULL },
		{ HTTP_GET, "/a/%00", 400, NULL, NULL, NULL },
		{ HTTP_GET, "/a/x%0", 400, NULL, NULL, NULL },
		{ HTTP_GET, "/a/x%zz", 400, NULL, NULL, NULL },
		{ HTTP_GET, "/a/x%2Fy", 400, NULL, NULL, NULL },
		{ HTTP_GET, "/a/x%0Ay", 400, NULL, NULL, NULL },
		{ HTTP_GET, "/a/%C3", 400, NULL, NULL, NULL },
		{ HTTP_POST, "/a/1/B/x%2Fy", 400, NULL, NULL, NULL },
		{ HTTP_POST, "/a/1/B/2", 0, "two", "1", "2" },
		{ HTTP_PUT, "/a/1/b/2", 0, "four", "a", "1" },
		{ HTTP_PATCH, "/a/1", 405, NULL, NULL, NULL },
		{ HTTP_METHOD__MAX, "/a/1", 405, NULL, NULL, NULL },
		{ HTTP_METHOD__MAX, "/none", 404, NULL, NULL, NULL },
		{ HTTP_OPTIONS, "/a/1", 204, NULL, NULL, NULL },
		{ HTTP_OPTIONS, "/none", 404, NULL, NULL, NULL },
		{ HTTP_POST, "/.Well-Known/X/", 0, "well-known", NULL, NULL },
		{ HTTP_GET, "/later", 0, "later", NULL, NULL },
		{ HTTP_GET, "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24/25",
		  404, NULL, NULL, NULL },
		// clang-format on
	};
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct router *r;
	CHECK_RC(router_create(tables, &r), RC_OK);
	for (size_t i = 0; i < LEN(cases); i++) {
		struct router_match m = router_find(r, &a, cases[i].method, str_of(cases[i].path));
		if (m.status != cases[i].status)
			fail_msg("%s: %d", cases[i].path, m.status);
		if (!cases[i].doc) {
			assert_null(m.route);
			assert_null(m.param[0].p);
			continue;
		}
		assert_string_equal(m.route->doc, cases[i].doc);
		if (cases[i].p0)
			CHECK_STR(m.param[0], str_of(cases[i].p0));
		if (cases[i].p1)
			CHECK_STR(m.param[1], str_of(cases[i].p1));
	}
	router_destroy(r);
}

static void test_router__allow(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct router *r;
	CHECK_RC(router_create(tables, &r), RC_OK);
	struct router_match m = router_find(r, &a, HTTP_PATCH, STR("/a/events"));
	CHECK_STR(router_allow(&a, m.allow), STR("GET, HEAD, DELETE, OPTIONS"));
	m = router_find(r, &a, HTTP_GET, STR("/.well-known/x"));
	assert_int_equal(m.status, 405);
	CHECK_STR(router_allow(&a, m.allow), STR("POST, OPTIONS"));
	router_destroy(r);
}

/* Every row answers to its own pattern, in upper case and with a slash at its end too. */
static void test_router__every_row(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct router *r;
	CHECK_RC(router_create(tables, &r), RC_OK);
	for (size_t i = 0; i < LEN(rows); i++) {
		struct buf b = BUF(&a);
		for (const char *p = rows[i].pattern; *p; p++)
			if (!strchr("{}", *p))
				buf_c(&b, *p >= 'a' && *p <= 'z' ? (char)(*p & ~0x20) : *p);
		struct router_match m = router_find(r, &a, rows[i].method, buf_str(&b));
		assert_ptr_equal(m.route, &rows[i]);
		if (b.n > 1)
			buf_c(&b, '/');
		m = router_find(r, &a, rows[i].method, buf_str(&b));
		assert_ptr_equal(m.route, &rows[i]);
	}
	router_destroy(r);
}

static void test_router__bad_patterns(void **state)
{
	(void)state;
	static const char *const bad[] = { "",    "a",    "/A",   "/a//b", "/{}",
					   "/{a", "/a?b", "/a b", "/%61",  "/{a}/{b}/{c}/{d}/{e}" };
	for (size_t i = 0; i < LEN(bad); i++) {
		struct http_route row = { .method = HTTP_GET, .pattern = bad[i], .handler = nothing };
		struct http_table t[] = { { .rows = &row, .n = 1 }, { 0 } };
		struct router *r = NULL;
		if (router_create(t, &r) != RC_INVALID || r)
			fail_msg("%s", bad[i]);
	}
	struct http_route row = { .method = HTTP_GET, .pattern = "/a" };
	struct http_table t[] = { { .rows = &row, .n = 1 }, { 0 } };
	struct router *r;
	CHECK_RC(router_create(t, &r), RC_INVALID);
	router_destroy(NULL);
}

T_MAIN(cmocka_unit_test(test_router__find), cmocka_unit_test(test_router__allow),
       cmocka_unit_test(test_router__every_row), cmocka_unit_test(test_router__bad_patterns))
