#include "http/engine_internal.h"
#include "t.h"

/* The end of the head, whole and a byte at a time: both must find the same. */
static int scan(struct str text)
{
	struct head_scan whole = { 0 }, slow = { 0 };
	int at_once = head_scan(&whole, text.p, text.n), bit_by_bit = 0;
	for (size_t n = 1; n <= text.n && bit_by_bit == 0; n++)
		bit_by_bit = head_scan(&slow, text.p, n);
	assert_int_equal(at_once, bit_by_bit);
	if (at_once > 0)
		assert_int_equal(whole.begin, slow.begin);
	return at_once;
}

static void test_head__scan(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		int end;
	} rows[] = {
		// clang-format off
		{ STR_INIT("GET / HTTP/1.1\r\nHost: h\r\n\r\nnext"), 27 }, { STR_INIT("GET / HTTP/1.1\r\n\r\n"), 18 },
		{ STR_INIT("\r\nGET / HTTP/1.1\r\n\r\n"), 20 }, { STR_INIT(""), 0 }, { STR_INIT("GET"), 0 },
		{ STR_INIT("GET / HTTP/1.1\r\nHost: h\r\n"), 0 }, { STR_INIT("\r\n\r\nGET / HTTP/1.1\r\n\r\n"), -400 },
		{ STR_INIT("GET / HTTP/1.1\nHost: h\n\n"), -400 }, { STR_INIT("\nGET / HTTP/1.1\r\n\r\n"), -400 },
		{ STR_INIT("GET / HTTP/1.1\r\nA: b\n\r\n"), -400 }, { STR_INIT("\x16\x03\x01"), -400 },
		{ STR_INIT(" GET / HTTP/1.1\r\n\r\n"), -400 },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(rows); i++)
		if (scan(rows[i].text) != rows[i].end)
			fail_msg("row %zu: %d", i, scan(rows[i].text));
}

static struct str repeated(struct arena *a, const char *before, char c, size_t n, const char *after)
{
	struct buf b = BUF(a);
	buf_z(&b, before);
	for (size_t i = 0; i < n; i++)
		buf_c(&b, c);
	buf_z(&b, after);
	return buf_str(&b);
}

static void test_head__limits(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct buf fields = BUF(&a);
	struct head_scan s = { 0 };
	buf_lit(&fields, "GET / HTTP/1.1\r\n");
	for (int i = 0; i < HTTP_MAX_HEADERS; i++)
		buf_lit(&fields, "A: b\r\n");
	struct str most = arena_fmt(&a, "%.*s\r\n", STR_FMT(buf_str(&fields)));
	assert_int_equal(head_scan(&s, most.p, most.n), most.n);
	buf_lit(&fields, "A: b\r\nC: d\r\n");
	s = (struct head_scan){ 0 };
	assert_int_equal(head_scan(&s, fields.p, fields.n), -431);
	/* no end in sight */
	struct str target = repeated(&a, "GET /", 'a', HTTP_MAX_PATH + HTTP_MAX_QUERY + 1024, "");
	s = (struct head_scan){ 0 };
	assert_int_equal(head_scan(&s, target.p, target.n), -414);
	struct str value = repeated(&a, "GET / HTTP/1.1\r\nA: ", 'a', HTTP_MAX_HEADER + 1024, "");
	s = (struct head_scan){ 0 };
	assert_int_equal(head_scan(&s, value.p, value.n), -431);
	/* all fields together */
	struct buf all = BUF(&a);
	buf_lit(&all, "GET / HTTP/1.1\r\n");
	while (all.n <= HTTP_MAX_HEAD)
		buf_add(&all, repeated(&a, "A: ", 'a', 4000, "\r\n"));
	s = (struct head_scan){ 0 };
	assert_int_equal(head_scan(&s, all.p, all.n), -431);
}

static int parse(struct arena *a, struct http_req *req, struct head *head, struct str text)
{
	*req = (struct http_req){ .arena = a };
	*head = (struct head){ 0 };
	return head_parse(text, req, head);
}

static void test_head__start_line(void **state)
{
	(void)state;
	static const struct {
		struct str line;
		int status;
	} rows[] = {
		// clang-format off
		{ STR_INIT("GET /a HTTP/1.1"), 0 }, { STR_INIT("BREW /a HTTP/1.0"), 0 }, { STR_INIT("GET /a HTTP/2.0"), 505 },
		{ STR_INIT("GET /a HTTP/1.2"), 505 }, { STR_INIT("GET /a http/1.1"), 400 }, { STR_INIT("GET /a HTTP/1.10"), 400 },
		{ STR_INIT("GET /a HTTP/x.1"), 400 }, { STR_INIT("GET /a"), 400 }, { STR_INIT("GET  /a HTTP/1.1"), 400 },
		{ STR_INIT("GET /a  HTTP/1.1"), 400 }, { STR_INIT("GET /a HTTP/1.1 "), 400 }, { STR_INIT("GET\t/a HTTP/1.1"), 400 },
		{ STR_INIT("G(T /a HTTP/1.1"), 400 }, { STR_INIT("GET /a\tb HTTP/1.1"), 400 }, { STR_INIT("GET /\xc3\xa6 HTTP/1.1"), 400 },
		{ STR_INIT("GET /a\rb HTTP/1.1"), 400 }, { STR_INIT("GET /\0 HTTP/1.1"), 400 }, { STR_INIT("GET"), 400 },
		// clang-format on
	};
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct http_req req;
	struct head head;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct buf text = BUF(&a);
		buf_add(&text, rows[i].line);
		buf_lit(&text, "\r\n\r\n");
		if (parse(&a, &req, &head, buf_str(&text)) != rows[i].status)
			fail_msg("row %zu", i);
	}
	assert_int_equal(parse(&a, &req, &head, STR("POST /b?c HTTP/1.0\r\n\r\n")), 0);
	assert_int_equal(req.method, HTTP_POST);
	CHECK_STR(head.target, STR("/b?c"));
	assert_true(head.http_1_0);
}

static void test_head__fields(void **state)
{
	(void)state;
	static const struct str bad[] = {
		STR_INIT("A : b"),   STR_INIT(" A: b"),       STR_INIT("A"),       STR_INIT(": b"),
		STR_INIT("A\0: b"),  STR_INIT("A: b\rc"),     STR_INIT("A: b\0c"), STR_INIT("A: \x7f"),
		STR_INIT("A: \x01"), STR_INIT("\xc3\xa6: b"),
	};
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct http_req req;
	struct head head;
	for (size_t i = 0; i < LEN(bad); i++) {
		struct buf text = BUF(&a);
		buf_lit(&text, "GET / HTTP/1.1\r\n");
		buf_add(&text, bad[i]);
		buf_lit(&text, "\r\n\r\n");
		if (parse(&a, &req, &head, buf_str(&text)) != 400)
			fail_msg("row %zu", i);
	}
	assert_int_equal(parse(&a, &req, &head, STR("GET / HTTP/1.1\r\nA:\t b\tc \xc3\xa6 \t\r\nB:\r\nC: \r\n\r\n")),
			 0);
	assert_int_equal(req.n_headers, 3);
	CHECK_STR(http_header(&req, "a"), STR("b\tc \xc3\xa6"));
	CHECK_STR(http_header(&req, "B"), STR(""));
	assert_non_null(http_header(&req, "C").p);
}

static void test_head__words(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct http_req req;
	struct head head;
	struct str text = STR("GET / HTTP/1.1\r\nConnection: x , Keep-Alive\r\nconnection: y,CLOSE ,z\r\n\r\n");
	assert_int_equal(parse(&a, &req, &head, text), 0);
	assert_true(head_has_word(&req, "Connection", "close"));
	assert_true(head_has_word(&req, "Connection", "keep-alive"));
	assert_false(head_has_word(&req, "Connection", "clos"));
	assert_false(head_has_word(&req, "Expect", "close"));
}

T_MAIN(cmocka_unit_test(test_head__scan), cmocka_unit_test(test_head__limits), cmocka_unit_test(test_head__start_line),
       cmocka_unit_test(test_head__fields), cmocka_unit_test(test_head__words))
