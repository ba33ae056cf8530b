#include "base/clock.h"
#include "t.h"
#include "text/text.h"

static int64_t at(const char *text)
{
	int64_t us = 0;
	CHECK_RC(clock_parse(str_of(text), &us), RC_OK);
	return us;
}

static void test_dates__table(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	static const struct {
		const char *zone, *time, *want, *zone_nb, *zone_en;
	} rows[] = {
		{ "Europe/Oslo", "2026-11-24T22:30:00Z", "24.11.2026, 23:30", "norsk tid", "Norwegian time" },
		{ "Europe/Oslo", "2026-06-30T22:05:59Z", "01.07.2026, 00:05", "norsk tid", "Norwegian time" },
		{ "Europe/Oslo", "2026-03-29T01:00:00Z", "29.03.2026, 03:00", "norsk tid", "Norwegian time" },
		{ "UTC", "2026-11-24T22:30:00Z", "24.11.2026, 22:30", "UTC", "UTC" },
		{ "Europe/Helsinki", "2026-11-24T22:30:00Z", "25.11.2026, 00:30", "lokal tid", "local time" },
		{ "UTC", "9999-12-31T23:59:59Z", "31.12.9999, 23:59", "UTC", "UTC" },
		{ "UTC", "0001-01-01T00:00:00Z", "01.01.0001, 00:00", "UTC", "UTC" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		char out[TEXT_DATE_MAX];
		CHECK_RC(clock_zone(rows[i].zone), RC_OK);
		CHECK_STR(text_datetime(at(rows[i].time), out), str_of(rows[i].want));
		struct str clock = text_clock(&a, at(rows[i].time), LANG_EN);
		CHECK_STR(clock, str_of(rows[i].want + strlen("24.11.2026, ")));
		CHECK_STR(text_zone(at(rows[i].time), LANG_NB), str_of(rows[i].zone_nb));
		CHECK_STR(text_zone(at(rows[i].time), LANG_EN), str_of(rows[i].zone_en));
	}
}

static void test_dates__long_in_each_language(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	static const char *const want[][2] = {
		[LANG_NB] = { "24. november 2026 kl. 23.30", "1. januar 2026 kl. 01.05" },
		[LANG_NN] = { "24. november 2026 kl. 23.30", "1. januar 2026 kl. 01.05" },
		[LANG_EN] = { "24 November 2026 at 23:30", "1 January 2026 at 01:05" },
		[LANG_SE] = { "24. skábmamánnu 2026 dii. 23.30", "1. ođđajagemánnu 2026 dii. 01.05" },
	};
	assert_int_equal(LEN(want), LANG__MAX);
	CHECK_RC(clock_zone("Europe/Oslo"), RC_OK);
	for (enum lang l = 0; l < LANG__MAX; l++) {
		CHECK_STR(text_datetime_long(&a, at("2026-11-24T22:30:00Z"), l), str_of(want[l][0]));
		CHECK_STR(text_datetime_long(&a, at("2026-01-01T00:05:00Z"), l), str_of(want[l][1]));
	}
	CHECK_STR(text_clock(&a, at("2026-01-01T00:05:00Z"), LANG_NN), STR("01.05"));
	CHECK_STR(text_zone(at("2026-11-24T22:30:00Z"), LANG_SE), STR("norgga áigi"));
}

static void test_dates__periods(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	static const struct {
		const char *from, *until, *nb, *en; /* until NULL: one alone; nb NULL: none */
	} rows[] = {
		{ "2025", NULL, "2025", "2025" },
		{ "2026-03", NULL, "mars 2026", "March 2026" },
		{ "2026-09-01", NULL, "1. sep. 2026", "1 Sept. 2026" },
		{ "2023", "2025", "2023–2025", "2023–2025" },
		{ "2025", "2025", "2025", "2025" },
		{ "2026-01", "2026-03", "jan.–mars 2026", "Jan.–March 2026" },
		{ "2026-01", "2026-12", "2026", "2026" },
		{ "2025-11", "2026-02", "nov. 2025–feb. 2026", "Nov. 2025–Feb. 2026" },
		{ "2026-01-01", "2026-12-31", "2026", "2026" },
		{ "2026-01-01", "2026-03-31", "1. jan.–31. mars 2026", "1 Jan.–31 March 2026" },
		{ "2026-03", "2026-01", NULL, NULL },
		{ "2026-03", "2027", NULL, NULL },
		{ "2026-13", NULL, NULL, NULL },
		{ "2026-00", NULL, NULL, NULL },
		{ "2026-01-32", NULL, NULL, NULL },
		{ "2026/01", NULL, NULL, NULL },
		{ "20x5", NULL, NULL, NULL },
		{ "0000", NULL, NULL, NULL },
		{ "+125", NULL, NULL, NULL },
		{ "", NULL, NULL, NULL },
		{ "2026-1", NULL, NULL, NULL },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct str from = str_of(rows[i].from), until = str_of(rows[i].until);
		struct str nb = text_period(&a, from, until, LANG_NB), en = text_period(&a, from, until, LANG_EN);
		if ((nb.p != NULL) != (rows[i].nb != NULL))
			fail_msg("row %zu: %.*s", i, STR_FMT(nb));
		if (!nb.p)
			continue;
		CHECK_STR(nb, str_of(rows[i].nb));
		CHECK_STR(en, str_of(rows[i].en));
	}
	CHECK_STR(text_period(&a, STR("2026-01"), STR("2026-02"), LANG_SE), STR("ođđajagemánnu–guovvamánnu 2026"));
}

static void test_dates__orgno(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	CHECK_STR(text_orgno(&a, STR("810419512")), STR("810\u00a0419\u00a0512"));
	CHECK_STR(text_orgno(&a, STR("81041951")), STR("81041951"));
	CHECK(text_orgno(&a, STR_NONE).n == 0);
}

T_MAIN(cmocka_unit_test(test_dates__table), cmocka_unit_test(test_dates__long_in_each_language),
       cmocka_unit_test(test_dates__periods), cmocka_unit_test(test_dates__orgno))
