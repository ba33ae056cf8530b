#include "t.h"

#include "base/buf.h"

static void test_buf__collects(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct buf b = BUF(&a);
	CHECK(buf_str(&b).n == 0);
	buf_lit(&b, "a");
	buf_c(&b, 'b');
	buf_z(&b, "cd");
	buf_z(&b, NULL);
	buf_add(&b, STR_NONE);
	buf_add(&b, STR("e"));
	buf_raw(&b, "\0f", 2);
	buf_fmt(&b, "%d%s", 12, "x");
	CHECK_STR(buf_str(&b), STR("abcde\0f12x"));
	assert_int_equal(buf_cstr(&b)[b.n], '\0');
}

static void test_buf__grows_past_other_allocations(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct buf b = BUF(&a), c = BUF(&a);
	char *between = NULL;
	for (int i = 0; i < 50000; i++) {
		buf_c(&b, (char)('a' + i % 26));
		if (i % 3 == 0)
			buf_c(&c, (char)('A' + i % 26));
		if (i % 5000 == 0) {
			CHECK(!between || *between == 'z');
			between = arena_alloc(&a, 100);
			memset(between, 'z', 100);
		}
	}
	assert_int_equal(b.n, 50000);
	for (int i = 0; i < 50000; i++)
		assert_int_equal(b.p[i], 'a' + i % 26);
	for (int i = 0; i < (int)c.n; i++)
		assert_int_equal(c.p[i], 'A' + i * 3 % 26);
	assert_int_equal(*between, 'z');
}

static void test_buf__cstr_on_empty(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct buf b = BUF(&a);
	assert_string_equal(buf_cstr(&b), "");
	assert_int_equal(b.n, 0);
}

static void test_buf__fmt_at_every_fill(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t fill = 240; fill < 270; fill++) {
		struct buf b = BUF(&a);
		for (size_t i = 0; i < fill; i++)
			buf_c(&b, '.');
		buf_fmt(&b, "%s", "0123456789");
		CHECK_STR(str_span(b.p + fill, b.n - fill), STR("0123456789"));
	}
}

static void test_buf__i64(void **state)
{
	(void)state;
	static const struct {
		int64_t v;
		struct str want;
	} t[] = {
		{ 0, STR_INIT("0") },
		{ -1, STR_INIT("-1") },
		{ 1234567890, STR_INIT("1234567890") },
		{ INT64_MAX, STR_INIT("9223372036854775807") },
		{ INT64_MIN, STR_INIT("-9223372036854775808") },
	};
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t i = 0; i < LEN(t); i++) {
		struct buf b = BUF(&a);
		buf_i64(&b, t[i].v);
		CHECK_STR(buf_str(&b), t[i].want);
	}
}

struct escape_row {
	struct str in, want;
};

static void check_escapes(void (*escape)(struct buf *, struct str), const struct escape_row *t, size_t n)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t i = 0; i < n; i++) {
		struct buf b = BUF(&a);
		escape(&b, t[i].in);
		CHECK_STR(buf_str(&b), t[i].want);
	}
}

static void test_buf__html(void **state)
{
	(void)state;
	static const struct escape_row t[] = {
		{ STR_INIT("a<b>&\"c'"), STR_INIT("a&lt;b&gt;&amp;&quot;c&#39;") },
		{ STR_INIT("<script>"), STR_INIT("&lt;script&gt;") },
		{ STR_INIT("Bl\xc3\xa5"), STR_INIT("Bl\xc3\xa5") },
		{ STR_INIT("&amp;"), STR_INIT("&amp;amp;") },
		{ STR_INIT(""), STR_INIT("") },
		{ { NULL, 0 }, STR_INIT("") },
	};
	check_escapes(buf_html, t, LEN(t));
}

static void test_buf__csv(void **state)
{
	(void)state;
	static const struct escape_row t[] = {
		{ STR_INIT(""), STR_INIT("\"\"") },
		{ STR_INIT("a, b\r\nc"), STR_INIT("\"a, b\r\nc\"") },
		{ STR_INIT("say \"a\""), STR_INIT("\"say \"\"a\"\"\"") },
		{ STR_INIT("=1+1"), STR_INIT("\"'=1+1\"") },
		{ STR_INIT("+47"), STR_INIT("\"'+47\"") },
		{ STR_INIT("-1"), STR_INIT("\"'-1\"") },
		{ STR_INIT("@x"), STR_INIT("\"'@x\"") },
		{ STR_INIT("\tx"), STR_INIT("\"\tx\"") },
		{ STR_INIT("a=1"), STR_INIT("\"a=1\"") },
		{ STR_INIT("Skatt - 2024 (a@b.no, +47)"), STR_INIT("\"Skatt - 2024 (a@b.no, '+47)\"") },
		/* a reader with another separator */
		{ STR_INIT("a;=1"), STR_INIT("\"a;'=1\"") },
		{ STR_INIT("a; =1"), STR_INIT("\"a; '=1\"") },
		{ STR_INIT("a;\"=1"), STR_INIT("\"a;\"\"'=1\"") },
		{ STR_INIT("a\t=1"), STR_INIT("\"a\t'=1\"") },
		{ STR_INIT("a\r\n+1\n-1\r@1"), STR_INIT("\"a\r\n'+1\n'-1\r'@1\"") },
		{ STR_INIT("a|=1,=1"), STR_INIT("\"a|'=1,'=1\"") },
		{ STR_INIT("\v=1\f=1"), STR_INIT("\"\v'=1\f'=1\"") },
		{ STR_INIT("a\xc2\x85=1\xe2\x80\xa8=1"), STR_INIT("\"a\xc2\x85'=1\xe2\x80\xa8'=1\"") },
		/* blanks, marks without a glyph and ill-formed bytes in front */
		{ STR_INIT("  \t\"=1"), STR_INIT("\"  \t\"\"'=1\"") },
		{ STR_INIT("\xc2\xa0=1"), STR_INIT("\"\xc2\xa0'=1\"") },
		{ STR_INIT("\xe2\x80\x8b=1"), STR_INIT("\"\xe2\x80\x8b'=1\"") },
		{ STR_INIT("\xef\xbb\xbf=1"), STR_INIT("\"\xef\xbb\xbf'=1\"") },
		{ STR_INIT("\xe3\x80\x80=1"), STR_INIT("\"\xe3\x80\x80'=1\"") },
		{ STR_INIT("\xff=1"), STR_INIT("\"\xff'=1\"") },
		/* full width */
		{ STR_INIT("\xef\xbc\x9d\x31"), STR_INIT("\"'\xef\xbc\x9d\x31\"") },
		{ STR_INIT(";\xef\xbc\x8b;\xef\xbc\x8d;\xef\xbc\xa0"),
		  STR_INIT("\";'\xef\xbc\x8b;'\xef\xbc\x8d;'\xef\xbc\xa0\"") },
		{ STR_INIT("\xc3\xa5;\xc3\xa5=\xf0\x9f\x8d\x8e=\xc3"),
		  STR_INIT("\"\xc3\xa5;\xc3\xa5=\xf0\x9f\x8d\x8e=\xc3\"") },
		{ { NULL, 0 }, STR_INIT("\"\"") },
	};
	check_escapes(buf_csv, t, LEN(t));
}

static void test_buf__url(void **state)
{
	(void)state;
	static const struct escape_row t[] = {
		{ STR_INIT("AZaz09-._~"), STR_INIT("AZaz09-._~") },
		{ STR_INIT("a b+c/d?e&f=g%"), STR_INIT("a%20b%2Bc%2Fd%3Fe%26f%3Dg%25") },
		{ STR_INIT("\xc3\xa5\0"), STR_INIT("%C3%A5%00") },
	};
	check_escapes(buf_url, t, LEN(t));
}

static void test_buf__form(void **state)
{
	(void)state;
	static const struct escape_row t[] = {
		{ STR_INIT("a b+c~"), STR_INIT("a+b%2Bc~") },
	};
	check_escapes(buf_form, t, LEN(t));
}

static void test_buf__json(void **state)
{
	(void)state;
	static const struct escape_row t[] = {
		{ { NULL, 0 }, STR_INIT("null") },
		{ STR_INIT(""), STR_INIT("\"\"") },
		{ STR_INIT("plain and long enough for several words"),
		  STR_INIT("\"plain and long enough for several words\"") },
		{ STR_INIT("\"\\/"), STR_INIT("\"\\\"\\\\/\"") },
		{ STR_INIT("\b\t\n\f\r"), STR_INIT("\"\\b\\t\\n\\f\\r\"") },
		{ STR_INIT("\0\x01\x1f\x7f"), STR_INIT("\"\\u0000\\u0001\\u001F\x7f\"") },
		{ STR_INIT("12345678\n"), STR_INIT("\"12345678\\n\"") },
		{ STR_INIT("1234567\"12345678"), STR_INIT("\"1234567\\\"12345678\"") },
		{ STR_INIT("\xc3\xa5 \xe2\x82\xac \xf0\x9f\x98\x80"),
		  STR_INIT("\"\xc3\xa5 \xe2\x82\xac \xf0\x9f\x98\x80\"") },
		{ STR_INIT("a\xff"
			   "b"),
		  STR_INIT("\"a\xef\xbf\xbd"
			   "b\"") },
		{ STR_INIT("\xc3"), STR_INIT("\"\xef\xbf\xbd\"") },
		{ STR_INIT("\xed\xa0\x80"), STR_INIT("\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"") },
		{ STR_INIT("</script>"), STR_INIT("\"</script>\"") },
	};
	check_escapes(buf_json, t, LEN(t));
}

static void test_buf__jsw_places_commas(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct buf b = BUF(&a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	jsw_kstr(&w, "s", STR("x\"y"));
	jsw_kz(&w, "z", NULL);
	jsw_ki64(&w, "i", -7);
	jsw_kbool(&w, "t", true);
	jsw_kbool(&w, "f", false);
	jsw_knull(&w, "n");
	jsw_kraw(&w, "r", STR("[1]"));
	jsw_key_str(&w, STR("k\n"));
	jsw_arr(&w);
	jsw_i64(&w, 1);
	jsw_obj(&w);
	jsw_end_obj(&w);
	jsw_arr(&w);
	jsw_end_arr(&w);
	jsw_z(&w, "e");
	jsw_bool(&w, false);
	jsw_null(&w);
	jsw_raw(&w, STR("{}"));
	jsw_end_arr(&w);
	jsw_key(&w, "o");
	jsw_obj(&w);
	jsw_kz(&w, "in", "ner");
	jsw_end_obj(&w);
	jsw_end_obj(&w);
	CHECK_STR(buf_str(&b), STR("{\"s\":\"x\\\"y\",\"z\":null,\"i\":-7,\"t\":true,\"f\":false,\"n\":null,\"r\":[1],"
				   "\"k\\n\":[1,{},[],\"e\",false,null,{}],\"o\":{\"in\":\"ner\"}}"));
}

static void test_buf__hex(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct buf b = BUF(&a);
	buf_hex(&b, str_span("\x00\x0f\xa0\xff", 4));
	CHECK_STR(buf_str(&b), STR("000fa0ff"));
	buf_hex(&b, STR(""));
	assert_int_equal(b.n, 8);
}

T_MAIN(cmocka_unit_test(test_buf__hex), cmocka_unit_test(test_buf__collects),
       cmocka_unit_test(test_buf__grows_past_other_allocations), cmocka_unit_test(test_buf__cstr_on_empty),
       cmocka_unit_test(test_buf__fmt_at_every_fill), cmocka_unit_test(test_buf__i64), cmocka_unit_test(test_buf__html),
       cmocka_unit_test(test_buf__csv), cmocka_unit_test(test_buf__url), cmocka_unit_test(test_buf__form),
       cmocka_unit_test(test_buf__json), cmocka_unit_test(test_buf__jsw_places_commas))
