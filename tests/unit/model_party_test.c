#include "model/model.h"
#include "t.h"

#define UUID_A "d5b861c8-8e3b-44cd-9952-5315e5990cf5"
#define UUID_A_UPPER "D5B861C8-8E3B-44CD-9952-5315E5990CF5"

static void test_party__orgno(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool valid;
	} rows[] = {
		// clang-format off
		{ "810419512", true }, { "810418192", true }, { "991825827", true }, { "910493353", true },
		{ "810419513", false }, { "810419511", false }, /* wrong check digit */
		{ "180419512", false },                         /* digits swapped */
		{ "810000040", false }, { "810000041", false }, /* remainder 10: no digit fits */
		{ "810000182", false }, { "810000211", false },
		{ "81041951", false }, { "8104195120", false }, { "", false },
		{ "81041951x", false }, { " 10419512", false }, { "+10419512", false }, { "810419512 ", false },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(rows); i++)
		if (model_orgno_valid(str_of(rows[i].text)) != rows[i].valid)
			fail_msg("%s", rows[i].text);
	assert_false(model_orgno_valid(STR_NONE));
	assert_false(model_orgno_valid(str_span("8104\0"
						"9512",
						9)));
}

static void test_party__orgno_remainder_10_has_no_digit(void **state)
{
	(void)state;
	for (char d = '0'; d <= '9'; d++) {
		char s[] = "81000004?";
		s[8] = d;
		assert_false(model_orgno_valid(str_of(s)));
	}
}

static void test_party__pid(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool valid;
	} rows[] = {
		// clang-format off
		/* the four first control digits of the rule from 2032 */
		{ "15019012317", true }, { "15019012325", true }, { "15019012333", true }, { "15019012341", true },
		{ "15019012309", false }, { "15019012368", false }, /* fifth and on, last digit right */
		{ "41025161007", true }, { "41025161015", true }, { "41025161023", true }, { "41025161031", true },
		{ "41025161058", false }, { "41025161066", false }, /* D-numbers */
		{ "01025161013", true }, { "01025161021", true }, { "01025161048", true },
		{ "01025161005", false }, { "01025161056", false },
		{ "31251234593", true }, { "31251234518", true }, { "31251234526", false }, { "31251234534", false },
		{ "01025161014", false }, { "01025161012", false }, { "10025161013", false },
		{ "0102516101", false }, { "010251610130", false }, { "", false },
		{ "0102516101x", false }, { " 1025161013", false }, { "-1025161013", false },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(rows); i++)
		if (model_pid_valid(str_of(rows[i].text)) != rows[i].valid)
			fail_msg("%s", rows[i].text);
	assert_false(model_pid_valid(STR_NONE));
}

/* 9 first digits of any kind have at most four numbers, and each of them passes. */
static void test_party__pid_at_most_four_endings(void **state)
{
	(void)state;
	int found = 0;
	for (int end = 0; end < 100; end++) {
		char s[24];
		snprintf(s, sizeof s, "150190123%02d", end);
		found += model_pid_valid(str_of(s));
	}
	assert_int_equal(found, 4);
}

static const struct {
	const char *in, *out; /* out NULL: refused */
	enum urn_kind kind;
} urns[] = {
	// clang-format off
	{ "urn:altinn:person:identifier-no:01025161013", "urn:altinn:person:identifier-no:01025161013", URN_PERSON },
	{ "urn:altinn:organization:identifier-no:810419512",
	  "urn:altinn:organization:identifier-no:810419512", URN_ORG },
	{ "urn:altinn:party:uuid:" UUID_A, "urn:altinn:party:uuid:" UUID_A, URN_PARTY_UUID },
	{ "urn:altinn:party:uuid:" UUID_A_UPPER, "urn:altinn:party:uuid:" UUID_A, URN_PARTY_UUID },
	{ "urn:altinn:person:uuid:" UUID_A, "urn:altinn:party:uuid:" UUID_A, URN_PARTY_UUID },
	{ "urn:altinn:organization:uuid:" UUID_A, "urn:altinn:party:uuid:" UUID_A, URN_PARTY_UUID },
	{ "urn:altinn:systemuser:uuid:" UUID_A, "urn:altinn:party:uuid:" UUID_A, URN_PARTY_UUID },
	{ "urn:altinn:party:id:513370001", "urn:altinn:party:id:513370001", URN_PARTY_ID },
	{ "urn:altinn:partyid:513370001", "urn:altinn:party:id:513370001", URN_PARTY_ID },
	{ "urn:altinn:party:id:0", "urn:altinn:party:id:0", URN_PARTY_ID },
	{ "urn:altinn:party:id:007", "urn:altinn:party:id:7", URN_PARTY_ID },
	{ "urn:altinn:party:id:4294967295", "urn:altinn:party:id:4294967295", URN_PARTY_ID },
	{ "urn:altinn:party:id:4294967296", NULL, 0 },
	{ "urn:altinn:party:id:00000000001", NULL, 0 },
	{ "urn:altinn:party:id:", NULL, 0 }, { "urn:altinn:party:id:-1", NULL, 0 },
	{ "urn:altinn:party:id:+1", NULL, 0 },
	{ "urn:altinn:party:id: 1", NULL, 0 }, { "urn:altinn:party:id:1 ", NULL, 0 },
	{ "urn:altinn:partyid:1x", NULL, 0 },
	{ "urn:altinn:person:identifier-no:01025161014", NULL, 0 }, { "urn:altinn:person:identifier-no:", NULL, 0 },
	{ "urn:altinn:person:identifier-no", NULL, 0 }, { "urn:altinn:organization:identifier-no:810419513", NULL, 0 },
	{ "urn:altinn:organization:identifier-no:01025161013", NULL, 0 },
	{ "URN:altinn:person:identifier-no:01025161013", NULL, 0 },
	{ "urn:altinn:Person:identifier-no:01025161013", NULL, 0 },
	{ "urn:altinn:person:identifier-no:01025161013 ", NULL, 0 }, { " urn:altinn:partyid:1", NULL, 0 },
	{ "urn:altinn:party:uuid:d5b861c88e3b44cd99525315e5990cf5", NULL, 0 },
	{ "urn:altinn:party:uuid:{" UUID_A "}", NULL, 0 }, { "urn:altinn:systemuser:id:1", NULL, 0 },
	{ "urn:altinn:resource:x", NULL, 0 }, { "01025161013", NULL, 0 }, { "", NULL, 0 },
	// clang-format on
};

static void test_party__urn_forms(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	for (size_t i = 0; i < LEN(urns); i++) {
		struct urn u = { .kind = URN__MAX };
		enum rc rc = urn_parse(&a, str_of(urns[i].in), &u);
		if (rc != (urns[i].out ? RC_OK : RC_INVALID))
			fail_msg("%s: %s", urns[i].in, rc_name(rc));
		if (!urns[i].out) {
			assert_int_equal(u.kind, URN__MAX);
			continue;
		}
		assert_int_equal(u.kind, urns[i].kind);
		CHECK_STR(urn_str(&a, u), str_of(urns[i].out));
		struct urn again;
		CHECK_RC(urn_parse(&a, urn_str(&a, u), &again), RC_OK);
		assert_true(urn_eq(u, again));
	}
}

static void test_party__urn_uuid_value(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct urn u;
	struct uuid want;
	CHECK_RC(uuid_parse(STR(UUID_A), &want), RC_OK);
	CHECK_RC(urn_parse(&a, STR("urn:altinn:systemuser:uuid:" UUID_A_UPPER), &u), RC_OK);
	assert_true(uuid_eq(u.uuid, want));
	CHECK_STR(u.value, STR(UUID_A));
}

static void test_party__urn_prefixes(void **state)
{
	(void)state;
	CHECK_STR(urn_prefix(URN_PERSON), STR("urn:altinn:person:identifier-no"));
	CHECK_STR(urn_prefix(URN_ORG), STR("urn:altinn:organization:identifier-no"));
	CHECK_STR(urn_prefix(URN_PARTY_UUID), STR("urn:altinn:party:uuid"));
	CHECK_STR(urn_prefix(URN_PARTY_ID), STR("urn:altinn:party:id"));
	CHECK_STR(urn_prefix(URN__MAX), STR_NONE);
}

static void test_party__urn_eq_needs_kind_and_value(void **state)
{
	(void)state;
	struct urn id = { .kind = URN_PARTY_ID, .value = STR("810419512") };
	struct urn org = { .kind = URN_ORG, .value = STR("810419512") };
	struct urn other = { .kind = URN_ORG, .value = STR("810418192") };
	assert_true(urn_eq(org, org));
	assert_false(urn_eq(org, id));
	assert_false(urn_eq(org, other));
}

static void test_party__urn_from_json(void **state)
{
	(void)state;
	static const struct {
		const char *json, *want; /* want NULL: refused */
	} rows[] = {
		// clang-format off
		{ "\"urn:altinn:partyid:5\"", "urn:altinn:party:id:5" },
		{ "{\"type\":\"urn:altinn:partyid\",\"value\":5}", "urn:altinn:party:id:5" },
		{ "{\"type\":\"urn:altinn:partyid\",\"value\":\"5\"}", "urn:altinn:party:id:5" },
		{ "{\"value\":\"810419512\",\"type\":\"urn:altinn:organization:identifier-no\"}",
		  "urn:altinn:organization:identifier-no:810419512" },
		{ "{\"value\":810419512,\"type\":\"urn:altinn:organization:identifier-no\"}",
		  "urn:altinn:organization:identifier-no:810419512" },
		{ "{\"type\":\"urn:altinn:partyid\",\"value\":5,\"more\":1}", NULL },
		{ "{\"Type\":\"urn:altinn:partyid\",\"value\":5}", NULL },
		{ "{\"type\":\"urn:altinn:partyid\",\"Value\":5}", NULL },
		{ "{\"type\":\"urn:altinn:partyid\"}", NULL }, { "{\"value\":5}", NULL }, { "{}", NULL },
		{ "{\"type\":\"urn:altinn:partyid\",\"value\":5.5}", NULL },
		{ "{\"type\":\"urn:altinn:partyid\",\"value\":5e1}", NULL },
		{ "{\"type\":\"urn:altinn:partyid\",\"value\":-5}", NULL },
		{ "{\"type\":\"urn:altinn:partyid\",\"value\":null}", NULL },
		{ "{\"type\":\"urn:altinn:partyid\",\"value\":true}", NULL },
		{ "{\"type\":1,\"value\":5}", NULL }, { "null", NULL }, { "5", NULL }, { "[]", NULL },
		{ "[\"urn:altinn:partyid:5\"]", NULL }, { "\"\"", NULL },
		// clang-format on
	};
	CLEANUP(arena_finish) struct arena a = { 0 };
	for (size_t i = 0; i < LEN(rows); i++) {
		const struct js *v;
		struct urn u;
		CHECK_RC(js_parse(&a, str_of(rows[i].json), NULL, &v, NULL), RC_OK);
		enum rc rc = urn_parse_js(&a, v, &u);
		if (rc != (rows[i].want ? RC_OK : RC_INVALID))
			fail_msg("%s: %s", rows[i].json, rc_name(rc));
		if (rows[i].want)
			CHECK_STR(urn_str(&a, u), str_of(rows[i].want));
	}
	struct urn u;
	CHECK_RC(urn_parse_js(&a, NULL, &u), RC_INVALID);
}

static void test_party__party_urns(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct party p = { .type = PARTY_PERSON, .ident = STR("01025161013") };
	CHECK_RC(uuid_parse(STR(UUID_A), &p.uuid), RC_OK);
	CHECK_STR(urn_str(&a, party_urn(&p)), STR("urn:altinn:person:identifier-no:01025161013"));
	CHECK_STR(urn_str(&a, party_uuid_urn(&a, &p)), STR("urn:altinn:party:uuid:" UUID_A));
	struct party org = { .type = PARTY_ORG, .ident = STR("810419512") };
	CHECK_STR(urn_str(&a, party_urn(&org)), STR("urn:altinn:organization:identifier-no:810419512"));
}

T_MAIN(cmocka_unit_test(test_party__orgno), cmocka_unit_test(test_party__orgno_remainder_10_has_no_digit),
       cmocka_unit_test(test_party__pid), cmocka_unit_test(test_party__pid_at_most_four_endings),
       cmocka_unit_test(test_party__urn_forms), cmocka_unit_test(test_party__urn_uuid_value),
       cmocka_unit_test(test_party__urn_prefixes), cmocka_unit_test(test_party__urn_eq_needs_kind_and_value),
       cmocka_unit_test(test_party__urn_from_json), cmocka_unit_test(test_party__party_urns))
