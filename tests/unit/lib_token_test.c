#include "lib_kit.h"

static enum samtykke_rc inspected(struct kit *k, struct str claims, struct samtykke_token **out)
{
	struct str compact = signed_by(&k->a, k->key, claims);

	return samtykke_inspect(compact.p, compact.n, out);
}

static void test_token__times_fit_into_microseconds(void **state)
{
	(void)state;
	static const struct {
		const char *exp;
		enum samtykke_rc want;
		int64_t expires;
	} t[] = {
		{ "253402300799", SAMTYKKE_OK, INT64_C(253402300799) * CLOCK_SECOND },
		{ "-253402300799", SAMTYKKE_OK, INT64_C(-253402300799) * CLOCK_SECOND },
		{ "253402300800", SAMTYKKE_MALFORMED, 0 },
		{ "-253402300800", SAMTYKKE_MALFORMED, 0 },
		{ "'1780000120'", SAMTYKKE_MALFORMED, 0 },
		{ "null", SAMTYKKE_MALFORMED, 0 },
	};
	struct kit k;
	kit_start(&k, 0);
	for (size_t i = 0; i < LEN(t); i++) {
		struct samtykke_token *token = NULL;
		struct str claims = arena_fmt(&k.a, "{'exp':%s}", t[i].exp);
		CHECK_SRC(inspected(&k, quoted(&k.a, claims), &token), t[i].want);
		CHECK((token != NULL) == (t[i].want == SAMTYKKE_OK));
		CHECK(!token || samtykke_token_expires(token) == t[i].expires);
		samtykke_token_destroy(token);
	}
	kit_stop(&k);
}

static void test_token__absent_members_are_null(void **state)
{
	(void)state;
	struct kit k;
	struct samtykke_token *t;
	kit_start(&k, 0);
	CHECK_SRC(inspected(&k, STR("{}"), &t), SAMTYKKE_OK);
	CHECK(!samtykke_token_issuer(t) && !samtykke_token_client(t) && !samtykke_token_scope(t));
	CHECK(!samtykke_token_jti(t) && !samtykke_token_consumer(t) && !samtykke_token_supplier(t));
	CHECK(samtykke_token_expires(t) == 0 && !samtykke_token_has_consent(t));
	CHECK(!samtykke_consent_id(t) && !samtykke_consent_from(t) && !samtykke_consent_to(t));
	CHECK(samtykke_consent_rights(t) == 0 && !samtykke_right_resource(t, 0));
	CHECK(!samtykke_right_has_action(t, 0, "consent") && !samtykke_right_metadata(t, 0, "x"));
	CHECK_Z(samtykke_token_claims_json(t), "{}");
	samtykke_token_destroy(t);
	kit_stop(&k);
}

static void test_token__rights_end_with_the_last(void **state)
{
	(void)state;
	struct kit k;
	struct samtykke_token *t;
	kit_start(&k, 0);
	CHECK_SRC(inspected(&k, quoted(&k.a, STR(CLAIMS)), &t), SAMTYKKE_OK);
	CHECK(samtykke_consent_rights(t) == 2);
	CHECK_Z(samtykke_right_resource(t, 1), "gjeld");
	CHECK(!samtykke_right_resource(t, 2) && !samtykke_right_resource(t, (size_t)UINT32_MAX + 1));
	CHECK(samtykke_right_has_action(t, 1, "READ2") && !samtykke_right_has_action(t, 2, "read2"));
	CHECK_Z(samtykke_right_metadata(t, 0, "FRAOGMED"), "2025-01");
	CHECK(!samtykke_right_metadata(t, 1, "fraOgMed"));
	samtykke_token_destroy(t);
	kit_stop(&k);
}

static void test_token__inspecting_a_bad_consent_shows_none(void **state)
{
	(void)state;
	struct kit k;
	struct samtykke_token *t;
	kit_start(&k, 0);
	CHECK_SRC(inspected(&k, changed(&k.a, "'id':'" CONSENT_ID "'", "'id':'x'"), &t), SAMTYKKE_OK);
	CHECK(!samtykke_token_has_consent(t) && !samtykke_consent_from(t) && samtykke_consent_rights(t) == 0);
	CHECK_Z(samtykke_token_client(t), "c1");
	samtykke_token_destroy(t);
	kit_stop(&k);
}

static void test_token__inspecting_refuses_what_is_no_token(void **state)
{
	(void)state;
	static const char big[JOSE_COMPACT_MAX + 1];
	struct samtykke_token *t = NULL;
	CHECK_SRC(samtykke_inspect(NULL, 0, &t), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_inspect("a.b.c", 5, NULL), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_inspect("a.b.c", 5, &t), SAMTYKKE_MALFORMED);
	CHECK_SRC(samtykke_inspect(big, sizeof big, &t), SAMTYKKE_MALFORMED);
	CHECK(!t);
	samtykke_token_destroy(NULL);
}

T_MAIN(cmocka_unit_test(test_token__times_fit_into_microseconds), cmocka_unit_test(test_token__absent_members_are_null),
       cmocka_unit_test(test_token__rights_end_with_the_last),
       cmocka_unit_test(test_token__inspecting_a_bad_consent_shows_none),
       cmocka_unit_test(test_token__inspecting_refuses_what_is_no_token))
