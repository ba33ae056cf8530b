#include "altinn2/link_internal.h"
#include "base/clock.h"
#include "t.h"

#define GOOD                                                                                                           \
	"Resources=4628_210607.4804_210607&CoveredBy=810419512&RedirectURL=https%3A%2F%2Fbank.example%2Fback"          \
	"&ValidToDate=2026-12-05%2010:30:00&4804_210607_fraOgMed=2026-01"
#define BASE "&CoveredBy=810419512&RedirectUrl=https://b.example&ValidToDate=2026-12-05T10:30:00Z"

static void test_altinn2_link_query__good(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct link link;
	struct link_error error;
	int64_t end;
	CHECK_RC(link_read(&a, STR(GOOD "&LANGUAGECODE=NN-no&responseType=code&HandledBy=810418192"), &link, &error),
		 RC_OK);
	assert_int_equal(link.n, 2);
	CHECK_STR(link.services[1], STR("4804_210607"));
	CHECK_STR(link.redirect, STR("https://bank.example/back"));
	CHECK(link.has_lang && link.lang == LANG_NN);
	CHECK_STR(link_service_value(&link, STR("4804_210607"), STR("fraogmed")), STR("2026-01"));
	CHECK(!link_service_value(&link, STR("4628_210607"), STR("fraogmed")).p);
	CHECK_RC(clock_parse(STR("2026-12-05T09:30:00Z"), &end), RC_OK);
	assert_int_equal(link.valid_to, end);
}

static void test_altinn2_link_query__times(void **state)
{
	(void)state;
	static const struct {
		const char *sent;
		const char *utc;
	} rows[] = {
		{ "2026-12-31%2023:59:59", "2026-12-31T22:59:59Z" },
		{ "2027-01-01+00:30:00", "2026-12-31T23:30:00Z" },
		{ "2027-03-28+01:59:59", "2027-03-28T00:59:59Z" },
		{ "2027-03-28+03:00:00", "2027-03-28T01:00:00Z" },
		{ "2027-10-31+01:59:59", "2027-10-30T23:59:59Z" },
		{ "2027-10-31+03:00:00", "2027-10-31T02:00:00Z" },
		{ "2027-04-30T10:30:00Z", "2027-04-30T10:30:00Z" },
		{ "2027-04-30T10:30:00%2B02:00", "2027-04-30T08:30:00Z" },
		{ "2027-04-30T10:30:00+02:00", "2027-04-30T08:30:00Z" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct link link;
		struct link_error error;
		int64_t end;
		struct str query =
			arena_fmt(&a, "Resources=1_1&CoveredBy=810419512&RedirectUrl=https://b.example&ValidToDate=%s",
				  rows[i].sent);
		CHECK_RC(link_read(&a, query, &link, &error), RC_OK);
		CHECK_RC(clock_parse(str_of(rows[i].utc), &end), RC_OK);
		assert_int_equal(link.valid_to, end);
	}
}

static void test_altinn2_link_query__faults(void **state)
{
	(void)state;
	// clang-format off
	static const struct {
		const char *query;
		enum link_fault fault;
		const char *name;
	} rows[] = {
		{ "", LINK_MISSING, "Resources" },
		{ "Resources=" BASE, LINK_MISSING, "Resources" },
		{ "Resources=x" BASE, LINK_VALUE, "Resources" },
		{ "Resources=1_1.1_1" BASE, LINK_VALUE, "Resources" },
		{ "Resources=1_1&resources=1_1" BASE, LINK_TWICE, "Resources" },
		{ "Resources=1_1&CoveredBy=123&RedirectUrl=https://b.example&ValidToDate=2027-01-01T00:00:00Z", LINK_VALUE, "CoveredBy" },
		{ "Resources=1_1&RedirectUrl=https://b.example&ValidToDate=2027-01-01T00:00:00Z", LINK_MISSING, "CoveredBy" },
		{ "Resources=1_1&CoveredBy=810419512&RedirectUrl=https://b.example", LINK_MISSING, "ValidToDate" },
		{ "Resources=1_1&CoveredBy=810419512&RedirectUrl=https://b.example&ValidToDate=5.12.2026", LINK_VALUE, "ValidToDate" },
		{ "Resources=1_1&CoveredBy=810419512&ValidToDate=2027-01-01T00:00:00Z", LINK_MISSING, "RedirectUrl" },
		{ "Resources=1_1" BASE "&OfferedBy=1", LINK_VALUE, "OfferedBy" },
		{ "Resources=1_1" BASE "&OfferedBy=810419512", LINK_VALUE, "OfferedBy" },
		{ "Resources=1_1" BASE "&HandledBy=1", LINK_VALUE, "HandledBy" },
		{ "Resources=1_1" BASE "&UserToken=ab", LINK_VALUE, "UserToken" },
		{ "Resources=1_1" BASE "&LanguageCode=xx", LINK_VALUE, "LanguageCode" },
		{ "Resources=1_1" BASE "&ResponseType=token", LINK_VALUE, "ResponseType" },
		{ "Resources=1_1" BASE "&DelegationContext=a&RequestMessage=b", LINK_TWICE, "RequestMessage" },
		{ "Resources=1_1" BASE "&DelegationContext=%F3%A0%81%A1", LINK_VALUE, "DelegationContext" },
		{ "Resources=1_1" BASE "&DelegationContext=%E2%80%AEx", LINK_VALUE, "DelegationContext" },
		{ "Resources=1_1" BASE "&DelegationContext=%C3", LINK_VALUE, "DelegationContext" },
		{ "Resources=1_1" BASE "&DelegationContext=%00", LINK_UNREADABLE, "" },
		{ "Resources=1_1" BASE "&DelegationContext=%zz", LINK_UNREADABLE, "" },
	};
	// clang-format on
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct link link;
		struct link_error error;
		CHECK_RC(link_read(&a, str_of(rows[i].query), &link, &error), RC_INVALID);
		if (error.fault != rows[i].fault || !str_ieq(error.name, str_of(rows[i].name)))
			fail_msg("%s: %d %.*s", rows[i].query, (int)error.fault, STR_FMT(error.name));
	}
}

static void test_altinn2_link_query__services_limit(void **state)
{
	(void)state;
	for (size_t n = LINK_MAX_SERVICES; n <= LINK_MAX_SERVICES + 1; n++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct buf b = BUF(&a);
		struct link link;
		struct link_error error;
		buf_lit(&b, "Resources=");
		for (size_t i = 0; i < n; i++)
			buf_fmt(&b, "%s%zu_1", i ? "." : "", i + 1);
		buf_lit(&b, BASE);
		enum rc rc = link_read(&a, buf_str(&b), &link, &error);
		assert_int_equal(rc, n > LINK_MAX_SERVICES ? RC_INVALID : RC_OK);
	}
}

/* Values are decoded once. */
static void test_altinn2_link_query__once(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct link link;
	struct link_error error;
	CHECK_RC(link_read(&a, STR("Resources=1_1" BASE "&RequestMessage=100%2525+%3Cscript%3E"), &link, &error),
		 RC_OK);
	CHECK_STR(link.message, STR("100%25 <script>"));
}

static void test_altinn2_link_query__token(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct str hash =
		STR("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"); /* of "abc", FIPS 180 */
	CHECK(link_token_fits(&a, hash, STR("abc")));
	CHECK(!link_token_fits(&a, hash, STR("abd")));
}

static int prepare(void **state)
{
	(void)state;
	CHECK_RC(clock_zone("Europe/Oslo"), RC_OK);
	return 0;
}

T_MAIN_WITH(prepare, NULL, cmocka_unit_test(test_altinn2_link_query__good),
	    cmocka_unit_test(test_altinn2_link_query__times), cmocka_unit_test(test_altinn2_link_query__faults),
	    cmocka_unit_test(test_altinn2_link_query__services_limit), cmocka_unit_test(test_altinn2_link_query__once),
	    cmocka_unit_test(test_altinn2_link_query__token))
