#include "http/internal.h"
#include "t.h"

static void test_request__methods(void **state)
{
	(void)state;
	for (unsigned i = 0; i < HTTP_METHOD__MAX; i++)
		assert_int_equal(request_method(str_of(http_method_name((enum http_method)i))), i);
	assert_int_equal(request_method(STR("get")), HTTP_METHOD__MAX);
	assert_int_equal(request_method(STR("")), HTTP_METHOD__MAX);
	assert_string_equal(http_method_name(HTTP_METHOD__MAX), "");
}

static void test_request__target(void **state)
{
	(void)state;
	static const struct {
		const char *target;
		int status;
		const char *path, *query;
	} rows[] = {
		// clang-format off
		{ "/a", 0, "/a", NULL }, { "/a?", 0, "/a", "" }, { "/a?b=c?d", 0, "/a", "b=c?d" },
		{ "http://h:1/a/b?q", 0, "/a/b", "q" }, { "http://h", 0, "/", NULL },
		{ "/a?u=http://x/", 0, "/a", "u=http://x/" },
		{ "HTTPS://[::1]:8/a", 0, "/a", NULL }, { "http://h?q", 400, NULL, NULL },
		{ "x?a=http://h/a", 400, NULL, NULL }, { "%00://h/a", 400, NULL, NULL }, { "http:///a", 400, NULL, NULL },
		{ "ftp://h/a", 400, NULL, NULL }, { "http://u@h/a", 400, NULL, NULL }, { "http://h#x/a", 400, NULL, NULL },
		{ "", 400, NULL, NULL }, { "*", 400, NULL, NULL }, { "a", 400, NULL, NULL },
		{ "/a b", 400, NULL, NULL },
		{ "/a\x7f", 400, NULL, NULL }, { "/\xc3\xa6", 400, NULL, NULL }, { "/a?\x01", 400, NULL, NULL },
		{ "/a%00", 400, NULL, NULL }, { "/a%", 400, NULL, NULL }, { "/a%4", 400, NULL, NULL },
		{ "/a%g1", 400, NULL, NULL },
		{ "/a?%00", 400, NULL, NULL }, { "/a?%", 0, "/a", "%" }, { "/a#b", 400, NULL, NULL }, { "/a?b#c", 400, NULL, NULL },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct http_req r = { 0 };
		if (request_target(&r, str_of(rows[i].target)) != rows[i].status)
			fail_msg("%s", rows[i].target);
		if (rows[i].path)
			CHECK_STR(r.path, str_of(rows[i].path));
		if (rows[i].path)
			assert_int_equal(r.query.p != NULL, rows[i].query != NULL);
		if (rows[i].query)
			CHECK_STR(r.query, str_of(rows[i].query));
	}
}

static void test_request__target_limits(void **state)
{
	(void)state;
	char text[HTTP_MAX_PATH + HTTP_MAX_QUERY + 8];
	memset(text, 'a', sizeof text);
	text[0] = '/';
	struct http_req r = { 0 };
	assert_int_equal(request_target(&r, str_span(text, HTTP_MAX_PATH)), 0);
	assert_int_equal(request_target(&r, str_span(text, HTTP_MAX_PATH + 1)), 414);
	text[1] = '?';
	assert_int_equal(request_target(&r, str_span(text, HTTP_MAX_QUERY + 2)), 0);
	assert_int_equal(request_target(&r, str_span(text, HTTP_MAX_QUERY + 3)), 414);
}

#define H(n, v)                                                                                                        \
	{                                                                                                              \
		STR_INIT(n), STR_INIT(v)                                                                               \
	}
#define REQ(...)                                                                                                       \
	((struct http_req){ .headers = (struct http_header[]){ __VA_ARGS__ },                                          \
			    .n_headers = sizeof((struct http_header[]){ __VA_ARGS__ }) / sizeof(struct http_header) })

static void test_request__framing(void **state)
{
	(void)state;
	struct http_req r = REQ(H("host", "x"), H("content-length", "5"));
	assert_int_equal(request_headers_check(&r, false), 0);
	assert_int_equal(request_length(&r), 5);
	const struct http_req bad[] = {
		REQ(H("a", "b")),
		REQ(H("host", "x y")),
		REQ(H("host", "x/y")),
		REQ(H("host", "x@y")),
		REQ(H("host", "a%")),
		REQ(H("host", "a%00")),
		REQ(H("host", "a:b")),
		REQ(H("host", "a:80:80")),
		REQ(H("host", "[::1")),
		REQ(H("host", "[]")),
		REQ(H("host", "[::1]80")),
		REQ(H("host", "[x]")),
		REQ(H("host", "x"), H("Host", "x")),
		REQ(H("host", "x"), H("content-length", "5"), H("Content-Length", "5")),
		REQ(H("host", "x"), H("content-length", "5"), H("transfer-encoding", "chunked")),
		REQ(H("host", "x"), H("transfer-encoding", "chunked"), H("transfer-encoding", "chunked")),
		REQ(H("host", "x"), H("transfer-encoding", "gzip, chunked")),
		REQ(H("host", "x"), H("transfer-encoding", "identity")),
		REQ(H("host", "x"), H("content-length", "+5")),
		REQ(H("host", "x"), H("content-length", "5, 5")),
		REQ(H("host", "x"), H("content-length", "")),
		REQ(H("host", "x"), H("content-length", "99999999999999999999")),
	};
	for (size_t i = 0; i < LEN(bad); i++)
		if (request_headers_check(&bad[i], false) != 400)
			fail_msg("row %zu", i);
	r = REQ(H("a", "b\tc \xc3\xa6"));
	assert_int_equal(request_headers_check(&r, true), 0);
	r = REQ(H("transfer-encoding", "chunked"));
	assert_int_equal(request_headers_check(&r, true), 400);
	r = REQ(H("host", "x"), H("transfer-encoding", "Chunked"));
	assert_int_equal(request_headers_check(&r, false), 0);
}

static void test_request__header_limits(void **state)
{
	(void)state;
	static char text[HTTP_MAX_HEADER + 1];
	memset(text, 'v', sizeof text);
	struct http_header h[HTTP_MAX_HEADERS + 1];
	for (size_t i = 0; i < LEN(h); i++)
		h[i] = (struct http_header){ STR("x"), STR("y") };
	h[0].name = STR("Host");
	struct http_req r = { .headers = h, .n_headers = HTTP_MAX_HEADERS };
	assert_int_equal(request_headers_check(&r, false), 0);
	r.n_headers++;
	assert_int_equal(request_headers_check(&r, false), 431);
	r.n_headers = 2;
	h[1].value = str_span(text, HTTP_MAX_HEADER);
	assert_int_equal(request_headers_check(&r, false), 0);
	h[1].value.n++;
	assert_int_equal(request_headers_check(&r, false), 431);
}

static void test_request__headers(void **state)
{
	(void)state;
	struct http_req r = REQ(H("Host", "x"), H("ACCEPT", "1"), H("accept", "2"), H("Cookie", "a=1; b=2;c"),
				H("cookie", "ab=3; d=4=5"), H("Content-Type", "Application/JSON ; charset=utf-8"));
	CHECK_STR(http_header(&r, "Accept"), STR("1"));
	assert_int_equal(http_header_count(&r, "Accept"), 2);
	assert_null(http_header(&r, "Accep").p);
	CHECK_STR(http_cookie(&r, "a"), STR("1"));
	CHECK_STR(http_cookie(&r, "b"), STR("2"));
	CHECK_STR(http_cookie(&r, "d"), STR("4=5"));
	CHECK_STR(http_cookie(&r, "ab"), STR("3"));
	assert_null(http_cookie(&r, "c").p);
	assert_null(http_cookie(&r, "A").p);
	assert_true(http_content_type_is(&r, "application/json"));
	assert_false(http_content_type_is(&r, "application/jso"));
	struct http_req none = REQ(H("Host", "x"));
	assert_false(http_content_type_is(&none, "application/json"));
	assert_null(http_cookie(&none, "a").p);
}

static void test_request__origin(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	static const struct {
		const char *host, *origin;
	} rows[] = {
		// clang-format off
		{ "127.0.0.1:8080", "http://127.0.0.1:8080" }, { "192.168.1.20", "http://192.168.1.20" },
		{ "[fe80::1]:80", "http://[fe80::1]:80" }, { "laptop:8080", "http://laptop:8080" }, { "localhost", "http://localhost" },
		{ "a.local", "http://a.local" }, { "A.LOCAL:1", "http://A.LOCAL:1" },
		{ "", NULL }, { ".local", NULL }, { "a.local.", NULL }, { "alocal.example", NULL }, { "x.example", NULL },
		{ "1.2.3", NULL }, { "256.1.1.1", NULL }, { "0x7f.1", NULL }, { "a:65536", NULL }, { "a'b", NULL }, { "a%2eb", NULL },
		{ "1.2.3.4.example", NULL }, { "[::g]", NULL }, { "[1::2", NULL }, { "a@b", NULL }, { "a/b", NULL }, { "a?b", NULL },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct http_header host = { STR("Host"), str_of(rows[i].host) };
		struct http_req r = { .arena = &a, .headers = &host, .n_headers = 1 };
		struct str origin = request_origin(&r, false);
		if (!origin.p != !rows[i].origin || (origin.p && !str_is(origin, rows[i].origin)))
			fail_msg("%s: %.*s", rows[i].host, STR_FMT(origin));
	}
	struct http_req r = REQ(H("Host", "a:1"));
	r.arena = &a;
	CHECK_STR(request_origin(&r, true), STR("https://a:1"));
	struct http_req none = { .arena = &a };
	CHECK(!request_origin(&none, false).p);
}

static void test_request__weight(void **state)
{
	(void)state;
	static const struct {
		const char *params;
		int weight;
	} rows[] = {
		{ "", 1000 },          { "q=1", 1000 }, { "q=1.000", 1000 },      { "q=0.8", 800 },
		{ " Q=0.85 ", 850 },   { "q=0", 0 },    { "q=0.000", 0 },         { "q=0.0019", 1 },
		{ "charset=x", 1000 }, { "q=", 1000 },  { "level=1;q=0.5", 500 },
	};
	CHECK(http_weight(STR_NONE) == 1000);
	for (size_t i = 0; i < LEN(rows); i++)
		CHECK(http_weight(str_of(rows[i].params)) == rows[i].weight);
}

static void test_request__pairs(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	const struct pair *p;
	struct http_req r = { .arena = &a, .query = STR("a=1+2&b=%C3%A6"), .body = STR("x=%4") };
	CHECK_RC(http_query(&r, &p), RC_OK);
	CHECK_STR(p->value, STR("1 2"));
	CHECK_STR(p->next->value, STR("\xc3\xa6"));
	CHECK_RC(http_form(&r, &p), RC_INVALID);
	char many[2 * (HTTP_MAX_FORM_PAIRS + 1)];
	for (size_t i = 0; i < sizeof many; i++)
		many[i] = i % 2 ? '&' : 'a';
	r.body = str_span(many, 2 * HTTP_MAX_FORM_PAIRS - 1);
	CHECK_RC(http_form(&r, &p), RC_OK);
	r.body.n += 2;
	CHECK_RC(http_form(&r, &p), RC_INVALID);
}

T_MAIN(cmocka_unit_test(test_request__methods), cmocka_unit_test(test_request__target),
       cmocka_unit_test(test_request__target_limits), cmocka_unit_test(test_request__framing),
       cmocka_unit_test(test_request__header_limits), cmocka_unit_test(test_request__headers),
       cmocka_unit_test(test_request__origin), cmocka_unit_test(test_request__pairs),
       cmocka_unit_test(test_request__weight))
