#include "model/model.h"
#include "t.h"

/* Every row of a table: the number on the wire, the name, and that the name is read in any letter case. */
#define NAMES_CASE(title, T, max, name_of, parse, ...)                                                                 \
	static void test_names__##title(void **state)                                                                  \
	{                                                                                                              \
		(void)state;                                                                                           \
		static const char *const want[] = { __VA_ARGS__ };                                                     \
		assert_int_equal(LEN(want), max);                                                                      \
		for (unsigned i = 0; i < LEN(want); i++) {                                                             \
			char upper[16] = { 0 }, lower[16] = { 0 };                                                     \
			for (size_t c = 0; want[i][c]; c++) {                                                          \
				upper[c] = (char)(want[i][c] & ~0x20);                                                 \
				lower[c] = (char)(want[i][c] | 0x20);                                                  \
			}                                                                                              \
			T v = (T)0;                                                                                    \
			assert_string_equal(name_of((T)i), want[i]);                                                   \
			CHECK_RC(parse(str_of(want[i]), &v), RC_OK);                                                   \
			assert_int_equal(v, i);                                                                        \
			CHECK_RC(parse(str_of(upper), &v), RC_OK);                                                     \
			assert_int_equal(v, i);                                                                        \
			CHECK_RC(parse(str_of(lower), &v), RC_OK);                                                     \
			assert_int_equal(v, i);                                                                        \
			CHECK_RC(parse(str_span(want[i], strlen(want[i]) - 1), &v), RC_INVALID);                       \
		}                                                                                                      \
		T untouched = (T)1;                                                                                    \
		CHECK_RC(parse(STR("nothing"), &untouched), RC_INVALID);                                               \
		CHECK_RC(parse(STR(""), &untouched), RC_INVALID);                                                      \
		CHECK_RC(parse(STR_NONE, &untouched), RC_INVALID);                                                     \
		CHECK_RC(parse(STR("0"), &untouched), RC_INVALID);                                                     \
		assert_int_equal(untouched, 1);                                                                        \
		assert_string_equal(name_of((T)max), "");                                                              \
	}

NAMES_CASE(status, enum consent_status, ST__MAX, status_name, status_parse, "Created", "Rejected", "Accepted",
	   "Revoked", "Deleted", "Expired")
NAMES_CASE(event, enum event_type, EV__MAX, event_name, event_parse, "Created", "Rejected", "Accepted", "Revoked",
	   "Deleted", "Expired", "Used")
NAMES_CASE(view_mode, enum view_mode, VIEW__MAX, view_mode_name, view_mode_parse, "Hide", "Show")
NAMES_CASE(party_type, enum party_type, PARTY__MAX, party_type_name, party_type_parse, "person", "organization")
NAMES_CASE(lang, enum lang, LANG__MAX, lang_code, lang_parse, "nb", "nn", "en", "se")

static void test_names__language_tags(void **state)
{
	(void)state;
	static const struct {
		const char *tag;
		enum lang want; /* LANG__MAX: none */
	} rows[] = {
		{ "nn-NO", LANG_NN },   { "nn_NO", LANG_NN },     { "no_nn", LANG_NN }, { "no-NN", LANG_NN },
		{ "nb-NO", LANG_NB },   { "no_nb", LANG_NB },     { "no", LANG_NB },    { "NO-no", LANG_NB },
		{ "en-GB", LANG_EN },   { "EN_us", LANG_EN },     { "se-NO", LANG_SE }, { "nn-Latn-NO", LANG_NN },
		{ "de-NO", LANG__MAX }, { "english", LANG__MAX }, { "-nn", LANG__MAX }, { "", LANG__MAX },
		{ "nob", LANG__MAX },   { "n", LANG__MAX },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		enum lang l = LANG__MAX;
		CHECK_RC(lang_parse_tag(str_of(rows[i].tag), &l), rows[i].want == LANG__MAX ? RC_INVALID : RC_OK);
		assert_int_equal(l, rows[i].want);
	}
}

static void test_names__languages_that_are_offered(void **state)
{
	(void)state;
	enum lang l = LANG_EN;
	for (enum lang i = 0; i < LANG__MAX; i++) {
		CHECK_RC(lang_parse_shipped(str_of(lang_code(i)), &l), i < LANG_SHIPPED ? RC_OK : RC_INVALID);
		assert_int_equal(l, i < LANG_SHIPPED ? i : LANG_SHIPPED - 1);
	}
	CHECK_RC(lang_parse_shipped(STR("xx"), &l), RC_INVALID);
}

T_MAIN(cmocka_unit_test(test_names__status), cmocka_unit_test(test_names__event),
       cmocka_unit_test(test_names__view_mode), cmocka_unit_test(test_names__party_type),
       cmocka_unit_test(test_names__lang), cmocka_unit_test(test_names__language_tags),
       cmocka_unit_test(test_names__languages_that_are_offered))
