#include "t.h"
#include "text/text.h"

static const struct fill fills[] = {
	{ "CoveredBy", STR_INIT("Smekkfull & Søn") },
	{ "x", STR_INIT("{CoveredBy} {x} $& $'") },
	{ "gone", { NULL, 0 } },
	{ "turned", STR_INIT("a\u202eb\u2066c\u061cd\u2019e") },
	{ NULL, { NULL, 0 } },
};

static void test_fill__table(void **state)
{
	(void)state;
	static const struct {
		const char *text, *html, *plain;
	} rows[] = {
		{ "", "", "" },
		{ "ingen", "ingen", "ingen" },
		{ "{CoveredBy}", "Smekkfull &amp; Søn", "Smekkfull & Søn" },
		{ "{coveredby}{COVEREDBY}", "Smekkfull &amp; SønSmekkfull &amp; Søn",
		  "Smekkfull & SønSmekkfull & Søn" },
		{ "a {x} b", "a {CoveredBy} {x} $&amp; $&#39; b", "a {CoveredBy} {x} $& $' b" },
		{ "a {ukjent} <b>", "a {ukjent} &lt;b&gt;", "a {ukjent} <b>" },
		{ "{{x}}", "{{CoveredBy} {x} $&amp; $&#39;}", "{{CoveredBy} {x} $& $'}" },
		{ "{", "{", "{" },
		{ "{x", "{x", "{x" },
		{ "}{", "}{", "}{" },
		{ "{}", "{}", "{}" },
		{ "a{gone}b", "ab", "ab" },
		{ "{turned}", "abcd\u2019e", "abcd\u2019e" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct buf b = BUF(&a);
		buf_filled(&b, str_of(rows[i].text), fills);
		CHECK_STR(buf_str(&b), str_of(rows[i].html));
		CHECK_STR(text_filled(&a, str_of(rows[i].text), fills), str_of(rows[i].plain));
		size_t bytes = text_filled_bytes(str_of(rows[i].text), fills), plain = strlen(rows[i].plain);
		CHECK(bytes == plain || (bytes > plain && str_find(str_of(rows[i].text), STR("{turned}")) >= 0));
	}
}

static void test_fill__no_fills(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	CHECK_STR(text_filled(&a, STR("a {b}"), NULL), STR("a {b}"));
	CHECK(text_filled(&a, STR_NONE, fills).n == 0);
	assert_int_equal(text_filled_bytes(STR_NONE, fills), 0);
}

static void test_fill__has(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool has;
	} rows[] = {
		{ "to {Date}.", true }, { "{date}", true }, { "{{date}", true },    { "{other} {date}", true },
		{ "date", false },      { "{date", false }, { "{dates} {", false }, { "", false },
		{ "{other}", false },   { "{}", false },    { "{ date }", false },  { "}{", false },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		if (text_has(str_of(rows[i].text), "Date") != rows[i].has)
			fail_msg("%s", rows[i].text);
	CHECK(!text_has(STR_NONE, "Date"));
}

static void test_fill__texts_pick(void **state)
{
	(void)state;
	enum lang got = LANG__MAX;
	struct texts t = { .t = { [LANG_NN] = STR_INIT("nn"), [LANG_EN] = STR_INIT("en") } };
	CHECK_STR(texts_pick(&t, LANG_EN, &got), STR("en"));
	CHECK(got == LANG_EN);
	CHECK_STR(texts_pick(&t, LANG_NB, &got), STR("nn"));
	CHECK(got == LANG_NN);
	t.t[LANG_EN] = STR("");
	CHECK_STR(texts_pick(&t, LANG_EN, &got), STR("nn"));
	CHECK(got == LANG_NN);
	CHECK(!texts_pick(&(struct texts){ 0 }, LANG_NB, &got).p);
}

T_MAIN(cmocka_unit_test(test_fill__table), cmocka_unit_test(test_fill__no_fills),
       cmocka_unit_test(test_fill__texts_pick), cmocka_unit_test(test_fill__has))
