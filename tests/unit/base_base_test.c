#include "t.h"

static void test_base__rc_names(void **state)
{
	(void)state;
	assert_string_equal(rc_name(RC_OK), "ok");
	assert_string_equal(rc_name(RC_NOT_FOUND), "not-found");
	for (int rc = 0; rc < RC__MAX; rc++)
		assert_non_null(rc_name((enum rc)rc));
	assert_string_equal(rc_name(RC__MAX), "unknown");
}

static void test_base__ieq_folds_ascii_only(void **state)
{
	(void)state;
	CHECK(str_ieq(STR("Content-TYPE"), STR("content-type")));
	CHECK(!str_ieq(STR("content-type"), STR("content-typ")));
	CHECK(!str_ieq(STR("[\\]"), STR("{|}")));
	CHECK(!str_ieq(STR("\xc3\x98"), STR("\xc3\xb8"))); /* Ø and ø */
	CHECK(str_ieq(STR_NONE, STR("")));
}

static void test_base__starts_ends_find(void **state)
{
	(void)state;
	CHECK(str_starts(STR("urn:altinn"), STR("urn:")));
	CHECK(!str_starts(STR("ur"), STR("urn:")));
	CHECK(str_starts(STR_NONE, STR("")));
	CHECK(str_ends(STR("a.json"), STR(".json")));
	CHECK(!str_ends(STR("json"), STR(".json")));
	CHECK(str_ends(STR_NONE, STR("")));
	assert_int_equal(str_find(STR("abcabc"), STR("ca")), 2);
	assert_int_equal(str_find(STR("abc"), STR("x")), -1);
	assert_int_equal(str_find(STR("abc"), STR("")), 0);
	assert_int_equal(str_find(STR_NONE, STR("a")), -1);
	assert_int_equal(str_find(STR("a\0b"), STR("\0b")), 1);
}

static void test_base__cut_at_first(void **state)
{
	(void)state;
	struct str head, tail;
	CHECK(str_cut(STR("a=b=c"), '=', &head, &tail));
	CHECK_STR(head, STR("a"));
	CHECK_STR(tail, STR("b=c"));
	CHECK(str_cut(STR("="), '=', &head, &tail));
	CHECK(head.p && head.n == 0 && tail.p && tail.n == 0);
	CHECK(!str_cut(STR("abc"), '=', &head, &tail));
	CHECK_STR(head, STR("abc"));
	CHECK(tail.p == NULL);
	CHECK(!str_cut(STR_NONE, '=', &head, &tail));
}

static void test_base__next_gives_every_part(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t n;
		const char *parts[4];
	} rows[] = {
		{ NULL, 0, { 0 } },       { "", 1, { "" } },      { "a", 1, { "a" } },
		{ "a,", 2, { "a", "" } }, { ",", 2, { "", "" } }, { "a,,b c", 3, { "a", "", "b c" } },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct str rest = str_of(rows[i].text), part;
		size_t n = 0;
		for (; str_next(&rest, ',', &part); n++) {
			assert_in_range(n, 0, rows[i].n - 1);
			CHECK_STR(part, str_of(rows[i].parts[n]));
		}
		assert_int_equal(n, rows[i].n);
	}
}

static void test_base__cmp_orders_bytes(void **state)
{
	(void)state;
	static const struct str rows[] = { STR_INIT(""),  STR_INIT("A"), STR_INIT("AB"),
					   STR_INIT("B"), STR_INIT("a"), STR_INIT("\xc3\xa6") };
	for (size_t i = 0; i < LEN(rows); i++)
		for (size_t j = 0; j < LEN(rows); j++) {
			int order = str_cmp(rows[i], rows[j]);
			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
	assert_int_equal(str_cmp(STR_NONE, STR("")), 0);
	CHECK(str_cmp(STR_NONE, STR("a")) < 0);
	struct str list[] = { STR("b"), STR("ab"), STR("a") };
	qsort(list, LEN(list), sizeof *list, str_cmp_qsort);
	CHECK_STR(list[0], STR("a"));
	CHECK_STR(list[1], STR("ab"));
	CHECK_STR(list[2], STR("b"));
}

static void test_base__hash(void **state)
{
	(void)state;
	char copy[] = "read";
	CHECK(str_hash(str_of(copy)) == str_hash(STR("read")));
	CHECK(str_hash(STR("read")) != str_hash(STR("write")));
	CHECK(str_hash(STR("")) == str_hash(STR_NONE));
}

static void test_base__in_list(void **state)
{
	(void)state;
	static const struct str list[] = { STR_INIT("read"), STR_INIT("write") };
	CHECK(str_in(STR("write"), list, LEN(list)));
	CHECK(!str_in(STR("write"), list, 1));
	CHECK(!str_in(STR("Read"), list, LEN(list)));
	CHECK(!str_in(STR("rea"), list, LEN(list)));
	CHECK(!str_in(STR_NONE, list, LEN(list)));
	CHECK(!str_in(STR("read"), NULL, 0));
}

static void test_base__trim(void **state)
{
	(void)state;
	CHECK_STR(str_trim(STR(" \t\r\n\v\fa b \n")), STR("a b"));
	CHECK_STR(str_trim(STR("   ")), STR(""));
	CHECK_STR(str_trim(STR_NONE), STR(""));
	CHECK_STR(str_trim(STR("\xc2\xa0x")), STR("\xc2\xa0x"));
}

static void test_base__u64(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		enum rc want;
		uint64_t value;
	} t[] = {
		{ STR_INIT("0"), RC_OK, 0 },
		{ STR_INIT("007"), RC_OK, 7 },
		{ STR_INIT("18446744073709551615"), RC_OK, UINT64_MAX },
		{ STR_INIT("18446744073709551616"), RC_INVALID, 0 },
		{ STR_INIT("99999999999999999999"), RC_INVALID, 0 },
		{ STR_INIT(""), RC_INVALID, 0 },
		{ STR_INIT("-1"), RC_INVALID, 0 },
		{ STR_INIT("+1"), RC_INVALID, 0 },
		{ STR_INIT(" 1"), RC_INVALID, 0 },
		{ STR_INIT("1 "), RC_INVALID, 0 },
		{ STR_INIT("1\0"), RC_INVALID, 0 },
		{ STR_INIT("0x1"), RC_INVALID, 0 },
		{ STR_INIT("1.0"), RC_INVALID, 0 },
	};
	for (size_t i = 0; i < LEN(t); i++) {
		uint64_t got = 42;
		CHECK_RC(str_u64(t[i].text, &got), t[i].want);
		CHECK(got == (t[i].want == RC_OK ? t[i].value : 42));
	}
}

static void test_base__has_word(void **state)
{
	(void)state;
	struct str list = STR("openid  profile altinn:consent");
	CHECK(str_has_word(list, STR("openid")));
	CHECK(str_has_word(list, STR("profile")));
	CHECK(str_has_word(list, STR("altinn:consent")));
	CHECK(!str_has_word(list, STR("altinn")));
	CHECK(!str_has_word(list, STR("OPENID")));
	CHECK(!str_has_word(list, STR("")));
	CHECK(!str_has_word(list, STR("openid ")));
	CHECK(!str_has_word(STR_NONE, STR("a")));
}

static void test_base__utf8(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		bool want;
	} t[] = {
		{ STR_INIT(""), true },
		{ STR_INIT("plain ASCII that is longer than a word\0"), true },
		{ STR_INIT("\x7f"), true },
		{ STR_INIT("\xc2\x80"), true },
		{ STR_INIT("bl\xc3\xa5 b\xc3\xa6r p\xc3\xa5 \xc3\xb8ya"), true },
		{ STR_INIT("\xe2\x82\xac"), true },
		{ STR_INIT("\xed\x9f\xbf\xee\x80\x80"), true },
		{ STR_INIT("\xf0\x90\x80\x80"), true },
		{ STR_INIT("\xf4\x8f\xbf\xbf"), true },
		{ STR_INIT("\x80"), false },
		{ STR_INIT("\xc0\x80"), false }, /* overlong */
		{ STR_INIT("\xc1\xbf"), false },
		{ STR_INIT("\xe0\x9f\xbf"), false },
		{ STR_INIT("\xf0\x8f\xbf\xbf"), false },
		{ STR_INIT("\xed\xa0\x80"), false }, /* surrogates */
		{ STR_INIT("\xed\xbf\xbf"), false },
		{ STR_INIT("\xf4\x90\x80\x80"), false }, /* above U+10FFFF */
		{ STR_INIT("\xf5\x80\x80\x80"), false },
		{ STR_INIT("\xff"), false },
		{ STR_INIT("\xc3"), false },
		{ STR_INIT("\xe2\x82"), false },
		{ STR_INIT("\xf0\x90\x80"), false },
		{ STR_INIT("\xe2\x28\xa1"), false },
		{ STR_INIT("\xe2\x82\x28"), false },
		{ STR_INIT("\xf0\x90\x28\x80"), false },
		{ STR_INIT("12345678\xc3"), false },
		{ STR_INIT("1234567\xc3\xa5"
			   "12345678\xff"),
		  false },
	};
	for (size_t i = 0; i < LEN(t); i++)
		if (str_utf8(t[i].text) != t[i].want)
			fail_msg("row %zu", i);
	CHECK(str_utf8(STR_NONE));
}

static void test_base__eq_secret(void **state)
{
	(void)state;
	CHECK(str_eq_secret(STR("secret"), STR("secret")));
	CHECK(!str_eq_secret(STR("secret"), STR("secreT")));
	CHECK(!str_eq_secret(STR("secret"), STR("secre")));
	CHECK(!str_eq_secret(STR("\x80"), STR("\0")));
	CHECK(str_eq_secret(STR_NONE, STR("")));
}

static enum rc give(enum rc rc)
{
	TRY(rc);
	return RC_OK;
}

static void test_base__try_passes_failures_on(void **state)
{
	(void)state;
	CHECK_RC(give(RC_OK), RC_OK);
	CHECK_RC(give(RC_BUSY), RC_BUSY);
}

T_MAIN(cmocka_unit_test(test_base__rc_names), cmocka_unit_test(test_base__ieq_folds_ascii_only),
       cmocka_unit_test(test_base__starts_ends_find), cmocka_unit_test(test_base__cut_at_first),
       cmocka_unit_test(test_base__next_gives_every_part), cmocka_unit_test(test_base__cmp_orders_bytes),
       cmocka_unit_test(test_base__hash), cmocka_unit_test(test_base__in_list), cmocka_unit_test(test_base__trim),
       cmocka_unit_test(test_base__u64), cmocka_unit_test(test_base__has_word), cmocka_unit_test(test_base__utf8),
       cmocka_unit_test(test_base__eq_secret), cmocka_unit_test(test_base__try_passes_failures_on))
