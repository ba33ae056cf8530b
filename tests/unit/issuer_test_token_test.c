#include "issuer_kit.h"

static const struct js *claims_of(struct kit *k, const struct test_token *t)
{
	struct str token;
	struct jws jws;
	CHECK_RC(issuer_test_token(&k->issuer, &k->w->a, t, &token), RC_OK);
	CHECK_RC(jws_parse(&k->w->a, token, &jws), RC_OK);
	CHECK_STR(jws.typ, STR("JWT"));
	return kit_claims(k, token);
}

#define METHOD "urn:altinn:authenticatemethod"

static void test_test_token__claims_by_kind(void **state)
{
	struct kit *k = *state;
	static const struct {
		struct test_token order;
		const char *has[6], *lacks[6];
	} rows[] = {
		{ { .org = STR_INIT("ttd"), .consumer = STR_INIT(BANK), .supplier = STR_INIT(SUPPLIER) },
		  { "urn:altinn:org", "urn:altinn:orgNumber", "consumer", "supplier", METHOD },
		  { "pid", "urn:altinn:userid", "urn:altinn:partyid", "urn:altinn:party:uuid" } },
		{ { .consumer = STR_INIT(BANK) }, { "consumer" }, { "supplier", "urn:altinn:org" } },
		{ { .org = STR_INIT("ttd") },
		  { "urn:altinn:org" },
		  { "consumer", "supplier", "urn:altinn:orgNumber", "urn:altinn:party:uuid" } },
		{ { .is_person = true, .pid = STR_INIT(ELENA), .user_id = 7, .party_id = 8 },
		  { "pid", "urn:altinn:userid", "urn:altinn:partyid", "urn:altinn:party:uuid", METHOD },
		  { "urn:altinn:org", "consumer", "supplier" } },
		{ { .is_person = true, .consumer = STR_INIT(BANK), .org = STR_INIT("ttd") },
		  { "urn:altinn:party:uuid" },
		  { "urn:altinn:org", "consumer", "pid", "urn:altinn:userid", "urn:altinn:partyid" } },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		const struct js *claims = claims_of(k, &rows[i].order);
		for (size_t j = 0; j < LEN(rows[i].has) && rows[i].has[j]; j++)
			if (!js_get(claims, rows[i].has[j]))
				fail_msg("row %zu: no %s", i, rows[i].has[j]);
		for (size_t j = 0; j < LEN(rows[i].lacks) && rows[i].lacks[j]; j++)
			if (js_get(claims, rows[i].lacks[j]))
				fail_msg("row %zu: %s", i, rows[i].lacks[j]);
	}
}

static void test_test_token__values(void **state)
{
	struct kit *k = *state;
	const struct test_token order = { .scope = STR("a b"),
					  .life_s = 1800,
					  .level = 3,
					  .is_person = true,
					  .person_uuid = k->w->elena->uuid,
					  .pid = STR(ELENA) };
	const struct js *claims = claims_of(k, &order), *again = claims_of(k, &order);
	CHECK_STR(kit_text(claims, "iss"), STR(ISSUER));
	CHECK_STR(kit_text(claims, "actual_iss"), STR("mock"));
	CHECK_STR(kit_text(claims, "scope"), STR("a b"));
	CHECK_STR(kit_text(claims, METHOD), STR("BankID"));
	CHECK_STR(kit_text(claims, "urn:altinn:party:uuid"), STR(ELENA_UUID));
	assert_int_equal(kit_number(claims, "urn:altinn:authlevel"), 3);
	assert_int_equal(kit_number(claims, "exp") - kit_number(claims, "iat"), 1800);
	CHECK(!str_eq(kit_text(claims, "jti"), kit_text(again, "jti")));
}

static void test_test_token__nobody_signs(void **state)
{
	struct kit *k = *state;
	const struct test_token order = { .scope = STR("a") };
	struct str token;
	k->issuer.alg = JOSE_RS384;
	CHECK_RC(issuer_test_token(&k->issuer, &k->w->a, &order, &token), RC_NOT_FOUND);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, kit_setup, kit_teardown)
KIT_MAIN(CASE(test_test_token__claims_by_kind), CASE(test_test_token__values), CASE(test_test_token__nobody_signs))
