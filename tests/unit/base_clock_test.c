#include "t.h"

#include <time.h>

#include "base/clock.h"

#define S CLOCK_SECOND

static void test_clock__offset_moves_domain_time_only(void **state)
{
	(void)state;
	clock_set_offset(CLOCK_DAY);
	CHECK(clock_offset() == CLOCK_DAY);
	int64_t ahead = clock_now() - clock_real();
	CHECK(ahead > CLOCK_DAY - CLOCK_MINUTE && ahead <= CLOCK_DAY);
	clock_set_offset(0);
	int64_t before = clock_mono();
	CHECK(clock_mono() >= before);
}

static void test_clock__parses(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t want;
	} t[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-06-01T12:00:00Z", 1780315200 * S },
		{ "2026-06-01t12:00:00z", 1780315200 * S },
		{ "2026-06-01T12:00:00", 1780315200 * S },
		{ "2026-06-01T12:00", 1780315200 * S },
		{ "2026-06-01T12:00Z", 1780315200 * S },
		{ "2026-06-01T14:00:00+02:00", 1780315200 * S },
		{ "2026-06-01T06:30:00-05:30", 1780315200 * S },
		{ "2026-06-01T12:00:00-00:00", 1780315200 * S },
		{ "2026-06-01T12:00:00.5Z", 1780315200 * S + 500000 },
		{ "2026-06-01T12:00:00.000001Z", 1780315200 * S + 1 },
		{ "2026-06-01T12:00:00.123456789+00:00", 1780315200 * S + 123456 },
		{ "2026-06-01T12:00:00.1234567890123456789Z", 1780315200 * S + 123456 },
		{ "1969-12-31T23:59:59.999999Z", -1 },
		{ "2024-02-29T00:00:00Z", 1709164800 * S },
		{ "2000-02-29T00:00:00Z", 951782400 * S },
		{ "0001-01-01T00:00:00Z", -62135596800 * S },
		{ "9999-12-31T23:59:59Z", 253402300799 * S },
	};
	for (size_t i = 0; i < LEN(t); i++) {
		int64_t got;
		CHECK_RC(clock_parse(str_of(t[i].text), &got), RC_OK);
		if (got != t[i].want)
			fail_msg("%s: %lld", t[i].text, (long long)got);
	}
}

static void test_clock__a_date_alone(void **state)
{
	(void)state;
	int64_t got = 0;
	CHECK_RC(clock_parse_date(STR("2026-06-01"), &got), RC_OK);
	CHECK(got == 1780272000 * S);
	CHECK_RC(clock_parse_date(STR("2026-06-01T12:00:00Z"), &got), RC_OK);
	CHECK(got == 1780315200 * S);
	CHECK_RC(clock_parse_date(STR("2026-06-31"), &got), RC_INVALID);
	CHECK_RC(clock_parse_date(STR("2026-06"), &got), RC_INVALID);
	CHECK_RC(clock_parse_date(STR("2026-06-01Z"), &got), RC_INVALID);
	CHECK_RC(clock_parse_date(STR("2026-06-01T"), &got), RC_INVALID);
	CHECK_RC(clock_parse_date(STR_NONE, &got), RC_INVALID);
}

static void test_clock__refuses(void **state)
{
	(void)state;
	static const struct str t[] = {
		STR_INIT(""),
		STR_INIT("2026-06-01"),
		STR_INIT("2026-06-01T"),
		STR_INIT("2026-06-01T12"),
		STR_INIT("2026-06-01T12Z"),
		STR_INIT("2026-06-01 12:00:00Z"),
		STR_INIT("2026-6-1T12:00:00Z"),
		STR_INIT("26-06-01T12:00:00Z"),
		STR_INIT("20260601T120000Z"),
		STR_INIT("2026-00-01T12:00:00Z"),
		STR_INIT("2026-13-01T12:00:00Z"),
		STR_INIT("2026-06-00T12:00:00Z"),
		STR_INIT("2026-06-31T12:00:00Z"),
		STR_INIT("2025-02-29T12:00:00Z"),
		STR_INIT("1900-02-29T12:00:00Z"),
		STR_INIT("0000-01-01T00:00:00Z"),
		STR_INIT("2026-06-01T24:00:00Z"),
		STR_INIT("2026-06-01T12:60:00Z"),
		STR_INIT("2026-06-01T23:59:60Z"),
		STR_INIT("2026-06-01T12:00:00.Z"),
		STR_INIT("2026-06-01T12:00:00,5Z"),
		STR_INIT("2026-06-01T12:00.5Z"),
		STR_INIT("2026-06-01T12:00:00ZZ"),
		STR_INIT("2026-06-01T12:00:00Z "),
		STR_INIT(" 2026-06-01T12:00:00Z"),
		STR_INIT("2026-06-01T12:00:00z+00:00"),
		STR_INIT("2026-06-01T12:00:00+0200"),
		STR_INIT("2026-06-01T12:00:00+02"),
		STR_INIT("2026-06-01T12:00:00+24:00"),
		STR_INIT("2026-06-01T12:00:00+00:60"),
		STR_INIT("2026-06-01T12:00:00+02:00 "),
		STR_INIT("2026-06-01T12:00:00\0"),
		STR_INIT("-026-06-01T12:00:00Z"),
		STR_INIT("+02026-06-01T12:00:00Z"),
		STR_INIT("0001-01-01T00:00:00+00:01"),
		STR_INIT("9999-12-31T23:59:59-00:01"),
	};
	for (size_t i = 0; i < LEN(t); i++) {
		int64_t got = 42;
		if (clock_parse(t[i], &got) != RC_INVALID)
			fail_msg("taken: %.*s", STR_FMT(t[i]));
		CHECK(got == 42);
	}
	int64_t got;
	CHECK_RC(clock_parse(STR_NONE, &got), RC_INVALID);
}

static void test_clock__text(void **state)
{
	(void)state;
	static const struct {
		int64_t us;
		const char *want;
	} t[] = {
		{ 0, "1970-01-01T00:00:00+00:00" },
		{ 1780315200 * S, "2026-06-01T12:00:00+00:00" },
		{ 1780315200 * S + 500000, "2026-06-01T12:00:00.5+00:00" },
		{ 1780315200 * S + 1, "2026-06-01T12:00:00.000001+00:00" },
		{ 1780315200 * S + 123450, "2026-06-01T12:00:00.12345+00:00" },
		{ -1, "1969-12-31T23:59:59.999999+00:00" },
		{ -62135596800 * S, "0001-01-01T00:00:00+00:00" },
	};
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t i = 0; i < LEN(t); i++) {
		char text[CLOCK_TEXT_MAX];
		CHECK_STR(clock_text(t[i].us, text), str_of(t[i].want));
		struct buf b = BUF(&a);
		buf_time(&b, t[i].us);
		CHECK_STR(buf_str(&b), str_of(t[i].want));
	}
	char text[CLOCK_TEXT_MAX];
	CHECK(clock_text(INT64_MAX, text).n < CLOCK_TEXT_MAX);
	CHECK(clock_text(INT64_MIN, text).n < CLOCK_TEXT_MAX);
}

static void test_clock__agrees_with_the_c_library(void **state)
{
	(void)state;
	for (int64_t s = -62135596800; s < 253402300800; s += 86400 * 13 + 54321) {
		char text[CLOCK_TEXT_MAX], want[80];
		struct tm tm;
		time_t t = (time_t)s;
		gmtime_r(&t, &tm);
		snprintf(want, sizeof want, "%04d-%02d-%02dT%02d:%02d:%02d+00:00", tm.tm_year + 1900, tm.tm_mon + 1,
			 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
		struct str got = clock_text(s * S, text);
		CHECK_STR(got, str_of(want));
		int64_t back;
		CHECK_RC(clock_parse(got, &back), RC_OK);
		CHECK(back == s * S);
	}
}

static void test_clock__durations(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum rc rc;
		int64_t want;
	} t[] = {
		{ "P10D", RC_OK, 10 * CLOCK_DAY },
		{ "PT2H", RC_OK, 2 * CLOCK_HOUR },
		{ "P1DT12H", RC_OK, 36 * CLOCK_HOUR },
		{ "-PT5M", RC_OK, -5 * CLOCK_MINUTE },
		{ "P2W", RC_OK, 14 * CLOCK_DAY },
		{ "P1W2DT3H4M5S", RC_OK, 9 * CLOCK_DAY + 3 * CLOCK_HOUR + 4 * CLOCK_MINUTE + 5 * S },
		{ "PT0S", RC_OK, 0 },
		{ "PT90M", RC_OK, 90 * CLOCK_MINUTE },
		{ "P36525D", RC_OK, 36525 * CLOCK_DAY },
		{ "P36526D", RC_INVALID, 0 },
		{ "P36525DT1S", RC_INVALID, 0 },
		{ "PT3155760000S", RC_OK, 36525 * CLOCK_DAY },
		{ "PT3155760001S", RC_INVALID, 0 },
		{ "P99999999999999999999999D", RC_INVALID, 0 },
		{ "P9223372036854775807W", RC_INVALID, 0 },
		{ "", RC_INVALID, 0 },
		{ "P", RC_INVALID, 0 },
		{ "PT", RC_INVALID, 0 },
		{ "P1", RC_INVALID, 0 },
		{ "PD", RC_INVALID, 0 },
		{ "P1DT", RC_INVALID, 0 },
		{ "P1H", RC_INVALID, 0 },
		{ "PT1D", RC_INVALID, 0 },
		{ "P1M", RC_INVALID, 0 },
		{ "P1Y", RC_INVALID, 0 },
		{ "P1D1D", RC_INVALID, 0 },
		{ "PT1M1H", RC_INVALID, 0 },
		{ "PT1HT1M", RC_INVALID, 0 },
		{ "PTT1M", RC_INVALID, 0 },
		{ "PT1.5S", RC_INVALID, 0 },
		{ "p1d", RC_INVALID, 0 },
		{ "+P1D", RC_INVALID, 0 },
		{ "P-1D", RC_INVALID, 0 },
		{ "P1D ", RC_INVALID, 0 },
		{ "10", RC_INVALID, 0 },
	};
	for (size_t i = 0; i < LEN(t); i++) {
		int64_t got = 0;
		enum rc rc = clock_duration(str_of(t[i].text), &got);
		if (rc != t[i].rc || got != t[i].want)
			fail_msg("%s: %s %lld", t[i].text, rc_name(rc), (long long)got);
	}
}

static void test_clock__zone(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"Mars/Olympus",
		"../../../etc/passwd",
		"/usr/share/zoneinfo/UTC",
		"Europe/..",
		"Europe",
		"zone.tab",
		"tzdata.zi",
		"Europe/Oslo ",
		"CET-1CEST,M3.5.0,M10.5.0/3",
		"Europe/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	for (size_t i = 0; i < LEN(bad); i++)
		if (clock_zone(bad[i]) != RC_INVALID)
			fail_msg("taken: %s", bad[i]);
	CHECK_RC(clock_zone(NULL), RC_INVALID);
	CHECK_RC(clock_zone("Europe/Oslo"), RC_OK);
	struct clock_fields summer = clock_local(1780315200 * S + 999999);
	assert_int_equal(summer.year, 2026);
	assert_int_equal(summer.month, 6);
	assert_int_equal(summer.day, 1);
	assert_int_equal(summer.hour, 14);
	assert_int_equal(summer.minute, 0);
	assert_int_equal(summer.second, 0);
	assert_string_equal(summer.zone, "CEST");
	char text[CLOCK_TEXT_MAX];
	CHECK_STR(clock_local_text(1780315200 * S + 999999, text), STR("2026-06-01T14:00:00.999"));
	CHECK_STR(clock_local_text(-1, text), STR("1970-01-01T00:59:59.999"));
	CHECK_STR(clock_local_text(0, text), STR("1970-01-01T01:00:00.000"));
	struct clock_fields winter = clock_local(-1);
	assert_int_equal(winter.year, 1970);
	assert_int_equal(winter.hour, 0);
	assert_int_equal(winter.minute, 59);
	assert_string_equal(winter.zone, "CET");
	CHECK_RC(clock_zone("UTC"), RC_OK);
	assert_int_equal(clock_local(0).hour, 0);
}

static void test_clock__http_date(void **state)
{
	(void)state;
	char text[CLOCK_TEXT_MAX];
	int64_t us;
	CHECK_STR(clock_http(784111777 * S + 5, text), STR("Sun, 06 Nov 1994 08:49:37 GMT"));
	CHECK_RC(clock_http_parse(STR("Sun, 06 Nov 1994 08:49:37 GMT"), &us), RC_OK);
	CHECK(us == 784111777 * S);
	CHECK_STR(clock_http(0, text), STR("Thu, 01 Jan 1970 00:00:00 GMT"));
	CHECK_STR(clock_http(-1, text), STR("Wed, 31 Dec 1969 23:59:59 GMT"));
	static const struct str bad[] = {
		STR_INIT(""),
		STR_INIT("Mon, 06 Nov 1994 08:49:37 GMT"),
		STR_INIT("Sun, 06 nov 1994 08:49:37 GMT"),
		STR_INIT("Sun, 06 anF 1994 08:49:37 GMT"),
		STR_INIT("Sun, 31 Nov 1994 08:49:37 GMT"),
		STR_INIT("Sun, 06 Nov 1994 08:49:60 GMT"),
		STR_INIT("Sun, 06 Nov 1994 08:49:37 UTC"),
		STR_INIT("Sun, 06 Nov 1994 08:49:37GMT "),
		STR_INIT("Sun  06 Nov 1994 08:49:37 GMT"),
		STR_INIT("Sunday, 06-Nov-94 08:49:37 GMT"),
		STR_INIT("Sun Nov  6 08:49:37 1994"),
	};
	for (size_t i = 0; i < LEN(bad); i++)
		CHECK_RC(clock_http_parse(bad[i], &us), RC_INVALID);
}

static void test_clock__times_on_the_wall(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "2017-09-30 10:30:00", "2017-09-30T08:30:00+00:00" },
		{ "2017-09-30T10:30:00", "2017-09-30T08:30:00+00:00" },
		{ "2025-06-03T00:00:00.5", "2025-06-02T22:00:00.5+00:00" },
		{ "2025-01-01 00:00:00", "2024-12-31T23:00:00+00:00" },
		{ "2024-12-31 23:59:59", "2024-12-31T22:59:59+00:00" },
		/* summer time begins: the wall goes from 02:00 to 03:00 */
		{ "2025-03-30 01:59:59", "2025-03-30T00:59:59+00:00" },
		{ "2025-03-30 02:30:00", "2025-03-30T01:30:00+00:00" },
		{ "2025-03-30 03:00:00", "2025-03-30T01:00:00+00:00" },
		/* it ends: the wall shows 02:00 to 03:00 twice */
		{ "2025-10-26 01:59:59", "2025-10-25T23:59:59+00:00" },
		{ "2025-10-26 02:30:00", "2025-10-26T00:30:00+00:00" },
		{ "2025-10-26 03:00:00", "2025-10-26T02:00:00+00:00" },
		/* with an offset it is that offset's */
		{ "2017-04-30T10:30:00Z", "2017-04-30T10:30:00+00:00" },
		{ "2017-04-30 10:30+05:30", "2017-04-30T05:00:00+00:00" },
	};
	static const char *const bad[] = { "",
					   "2017-09-30",
					   "2017-09-30_10:30",
					   "2017-09-31 10:30",
					   "2017-09-30 24:00",
					   "2017-09-30 10:30:00 ",
					   "0001-01-01 00:00:00" };
	int64_t us;
	CHECK_RC(clock_zone("Europe/Oslo"), RC_OK);
	for (size_t i = 0; i < LEN(rows); i++) {
		char text[CLOCK_TEXT_MAX];
		CHECK_RC(clock_parse_local(str_of(rows[i].text), &us), RC_OK);
		CHECK_STR(clock_text(us, text), str_of(rows[i].want));
	}
	for (size_t i = 0; i < LEN(bad); i++)
		CHECK_RC(clock_parse_local(str_of(bad[i]), &us), RC_INVALID);
	CHECK_RC(clock_zone("UTC"), RC_OK);
}

T_MAIN(cmocka_unit_test(test_clock__times_on_the_wall), cmocka_unit_test(test_clock__offset_moves_domain_time_only),
       cmocka_unit_test(test_clock__parses), cmocka_unit_test(test_clock__refuses),
       cmocka_unit_test(test_clock__a_date_alone), cmocka_unit_test(test_clock__text),
       cmocka_unit_test(test_clock__agrees_with_the_c_library), cmocka_unit_test(test_clock__durations),
       cmocka_unit_test(test_clock__zone), cmocka_unit_test(test_clock__http_date))
