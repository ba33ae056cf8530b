#include "http/engine_internal.h"
#include "t.h"

/* Reads the text in pieces of `step` bytes. The body that was found goes to *body; *rest_out is what follows it. */
static enum chunk_found read_in(struct str text, size_t step, struct buf *body, struct str *rest_out)
{
	struct chunked c = { 0 };
	for (size_t at = 0; at < text.n; at += step) {
		struct str in = str_span(text.p + at, step < text.n - at ? step : text.n - at), data;
		enum chunk_found found;
		while ((found = chunked_read(&c, &in, &data)) == CHUNK_DATA)
			buf_add(body, data);
		*rest_out = str_span(in.p, (size_t)(text.p + text.n - in.p));
		if (found != CHUNK_MORE)
			return found;
	}
	return CHUNK_MORE;
}

static void check(struct str text, enum chunk_found want, const char *body, const char *rest)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	for (size_t step = 1; step <= text.n; step++) {
		struct buf b = BUF(&a);
		struct str after = STR_NONE;
		if (read_in(text, step, &b, &after) != want)
			fail_msg("%.*s in steps of %zu", STR_FMT(text), step);
		if (want != CHUNK_END)
			continue;
		CHECK_STR(buf_str(&b), str_of(body));
		CHECK_STR(after, str_of(rest));
	}
}

static void test_chunk__well_formed(void **state)
{
	(void)state;
	check(STR("2\r\nab\r\n1\r\nc\r\n0\r\n\r\nGET"), CHUNK_END, "abc", "GET");
	check(STR("0\r\n\r\n"), CHUNK_END, "", "");
	check(STR("0000000A\r\n\r\n\r\n\r\n\r\n\r\n\r\n000\r\n\r\n"), CHUNK_END, "\r\n\r\n\r\n\r\n\r\n", "");
	check(STR("1;a\r\nx\r\n1;a;b=c;d=9f\r\ny\r\n0;end\r\n\r\n"), CHUNK_END, "xy", "");
	check(STR("1\r\nx\r\n0\r\nTrailer: a b:c;\xc3\xa6\r\nB:\r\n\r\n"), CHUNK_END, "x", "");
	check(STR("5\r\nab"), CHUNK_MORE, NULL, NULL);
	check(STR("0\r\nA: b\r\n"), CHUNK_MORE, NULL, NULL);
}

static void test_chunk__malformed(void **state)
{
	(void)state;
	static const struct str bad[] = {
		// clang-format off
		STR_INIT("\r\n"), STR_INIT("x\r\n"), STR_INIT("+1\r\nx\r\n"), STR_INIT("-1\r\nx\r\n"), STR_INIT(" 1\r\nx\r\n"),
		STR_INIT("1 \r\nx\r\n"), STR_INIT("0x1\r\nx\r\n"), STR_INIT("1_0\r\nx\r\n"), STR_INIT("1\nx\r\n"), STR_INIT("1\rx"),
		STR_INIT("1\r\r\nx"), STR_INIT("1\r\nxx\r\n"), STR_INIT("1\r\nx\n0\r\n\r\n"), STR_INIT("1\r\nx\rx"),
		STR_INIT("1\r\nx0\r\n\r\n"), STR_INIT("000000001\r\nx\r\n"), STR_INIT("123456789\r\n"),
		STR_INIT("1;\r\nx\r\n"), STR_INIT("1;a=\r\nx\r\n"), STR_INIT("1;=a\r\nx\r\n"), STR_INIT("1;a=\"b\"\r\nx\r\n"),
		STR_INIT("1; a\r\nx\r\n"), STR_INIT("1 ;a\r\nx\r\n"), STR_INIT("1;a =b\r\nx\r\n"), STR_INIT("1;a\nx\r\n"),
		STR_INIT("1;a\x01\r\nx\r\n"), STR_INIT("1;a\rb\r\nx\r\n"), STR_INIT("1,a\r\nx\r\n"),
		STR_INIT("0\r\nA\r\n\r\n"), STR_INIT("0\r\nA : b\r\n\r\n"), STR_INIT("0\r\n A: b\r\n\r\n"), STR_INIT("0\r\n: b\r\n\r\n"),
		STR_INIT("0\r\nA: b\n\r\n"), STR_INIT("0\r\nA: b\r\n c\r\n\r\n"), STR_INIT("0\r\nA: b\0c\r\n\r\n"), STR_INIT("0\r\n\n"),
		STR_INIT("0\n\n"), STR_INIT("0\r\n\rX"),
		// clang-format on
	};
	for (size_t i = 0; i < LEN(bad); i++)
		check(bad[i], CHUNK_BAD, NULL, NULL);
}

static enum chunk_found with(struct arena *a, const char *before, const char *part, size_t n, const char *after)
{
	struct buf text = BUF(a), body = BUF(a);
	struct str rest;
	buf_z(&text, before);
	for (size_t i = 0; i < n; i++)
		buf_z(&text, part);
	buf_z(&text, after);
	return read_in(buf_str(&text), text.n, &body, &rest);
}

static void test_chunk__limits(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	assert_int_equal(with(&a, "0\r\n", "A: b\r\n", HTTP_MAX_HEADERS, "\r\n"), CHUNK_END);
	assert_int_equal(with(&a, "0\r\n", "A: b\r\n", HTTP_MAX_HEADERS + 1, "\r\n"), CHUNK_BAD);
	/* extensions and trailers together, the last CRLF of a body among them */
	assert_int_equal(with(&a, "0;", "a", HTTP_MAX_CHUNK_OVERHEAD - 3, "\r\n\r\n"), CHUNK_END);
	assert_int_equal(with(&a, "0;", "a", HTTP_MAX_CHUNK_OVERHEAD - 2, "\r\n\r\n"), CHUNK_BAD);
	assert_int_equal(with(&a, "", "1;a\r\nx\r\n", HTTP_MAX_CHUNK_OVERHEAD / 2 - 1, "0\r\n\r\n"), CHUNK_END);
	assert_int_equal(with(&a, "", "1;a\r\nx\r\n", HTTP_MAX_CHUNK_OVERHEAD / 2, "0\r\n\r\n"), CHUNK_BAD);
}

T_MAIN(cmocka_unit_test(test_chunk__well_formed), cmocka_unit_test(test_chunk__malformed),
       cmocka_unit_test(test_chunk__limits))
