#include "web_kit.h"

#include "page/language.h"

static void test_language__by_the_first_that_names_one(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *query, *cookie, *session, *accept;
		enum lang want;
	} rows[] = {
		{ NULL, NULL, NULL, NULL, LANG_NB },
		{ NULL, NULL, NULL, "de, en;q=0.5, nn;q=0.7", LANG_NN },
		{ NULL, NULL, NULL, "no,en;q=0.9", LANG_NB },
		{ NULL, NULL, NULL, "en-GB,en;q=0.8", LANG_EN },
		{ NULL, NULL, NULL, "nn-NO,nn;q=0.9,en;q=0.8", LANG_NN },
		{ NULL, NULL, NULL, "no-nn, en;q=0.8", LANG_NN },
		{ NULL, NULL, NULL, "nn_NO", LANG_NN },
		{ NULL, NULL, NULL, "nb-NO;q=0.8, en-US;q=0.9", LANG_EN },
		{ NULL, NULL, NULL, "nn;q=0, en;q=0.001", LANG_EN },
		{ NULL, NULL, NULL, ",,;;q=,*", LANG_NB },
		{ NULL, NULL, "nn", "en", LANG_NN },
		{ NULL, "selectedLanguage=en", "nn", "nb", LANG_EN },
		{ NULL, "selectedLanguage=xx", "nn", "nb", LANG_NN },
		{ "lng=no_nn", "selectedLanguage=en", "nb", "nb", LANG_NN },
		{ "lng=xx", "selectedLanguage=en", "nb", "nb", LANG_EN },
		{ "lng=%zz", NULL, NULL, "en", LANG_EN },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct browser b = browser_of(w, rows[i].session ? w->elena : NULL, 4);
		b.session.language = str_of(rows[i].session);
		if (rows[i].cookie)
			browser_header(&b, "Cookie", rows[i].cookie);
		if (rows[i].accept)
			browser_header(&b, "Accept-Language", rows[i].accept);
		struct http_req req = browser_req(&b, HTTP_GET, "/", str_of(rows[i].query));
		if (language_of(&req) != rows[i].want)
			fail_msg("row %zu", i);
	}
}

/* Twenty languages of Accept-Language are read. */
static void test_language__accept_at_its_limit(void **state)
{
	struct world *w = *state;
	for (int n = 19; n <= 20; n++) {
		struct browser b = browser_of(w, NULL, 0);
		struct buf header = BUF(&w->a);
		for (int i = 0; i < n; i++)
			buf_lit(&header, "de,");
		buf_lit(&header, "en");
		browser_header(&b, "Accept-Language", arena_cstr(&w->a, buf_str(&header)));
		struct http_req req = browser_req(&b, HTTP_GET, "/", STR_NONE);
		assert_int_equal(language_of(&req), n == 19 ? LANG_EN : LANG_NB);
	}
}

static void test_language__codes(void **state)
{
	(void)state;
	static const struct {
		const char *code;
		enum lang want; /* LANG__MAX: none */
	} rows[] = {
		{ "no_nb", LANG_NB }, { "no_nn", LANG_NN }, { "en", LANG_EN }, { "se", LANG__MAX }, /* not shipped */
		{ "nb", LANG__MAX },  { "EN", LANG__MAX },  { "", LANG__MAX },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		enum lang lang = LANG__MAX;
		CHECK(language_code_parse(str_of(rows[i].code), &lang) == (rows[i].want != LANG__MAX));
		assert_int_equal(lang, rows[i].want);
	}
}

static void test_language__mark(void **state)
{
	struct world *w = *state;
	CHECK(!language_mark(&w->a, LANG_NB, LANG_NB).p);
	CHECK_STR(language_mark(&w->a, LANG_EN, LANG_NN), STR(" lang=\"nn\""));
	CHECK_STR(language_name(LANG_NN), STR("Norsk (nynorsk)"));
}

static void test_language__choices(void **state)
{
	struct world *w = *state;
	struct str html = language_choices(&w->a, LANG_NN);
	assert_int_equal(occurrences(html, "role=\"menuitemradio\""), LANG_SHIPPED);
	assert_int_equal(occurrences(html, "aria-checked=\"true\""), 1);
	assert_int_equal(occurrences(html, "aria-checked=\"true\" name=\"lang\" value=\"no_nn\""), 1);
}

T_MAIN(CASE(test_language__by_the_first_that_names_one), CASE(test_language__accept_at_its_limit),
       cmocka_unit_test(test_language__codes), CASE(test_language__mark), CASE(test_language__choices))
