#include "issuer_kit.h"

static enum rc own_token(struct kit *k, struct str *token_out)
{
	return issuer_own_token(&k->issuer, &k->w->a, STR("api:read"), 90, token_out);
}

static enum rc guard_of(struct kit *k, struct str jti, int64_t now, struct uuid *id_out)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	CHECK_RC(reader_open(k->w->store, false, &r), RC_OK);
	return tokens_guard_id(r, jose_sha256(&k->w->a, jti), now, id_out);
}

static void test_own_token__it_names_the_platform_and_has_its_row(void **state)
{
	struct kit *k = *state;
	struct str token, other;
	struct uuid id, second;
	CHECK_RC(own_token(k, &token), RC_OK);
	CHECK_RC(own_token(k, &other), RC_OK);
	const struct js *claims = kit_claims(k, token);
	CHECK_STR(kit_text(claims, "iss"), STR(ISSUER));
	CHECK_STR(kit_text(claims, "client_id"), STR(ISSUER));
	CHECK_STR(kit_text(claims, "scope"), STR("api:read"));
	CHECK_STR(kit_text(claims, "token_type"), STR("Bearer"));
	int64_t exp = kit_number(claims, "exp");
	assert_int_equal(exp - kit_number(claims, "iat"), 90);
	struct str jti = kit_text(claims, "jti");
	CHECK(jti.n > 0 && !js_get(claims, "consumer"));
	CHECK_RC(guard_of(k, jti, clock_now(), &id), RC_OK);
	CHECK_RC(guard_of(k, jti, exp * CLOCK_SECOND - 1, &id), RC_OK);
	CHECK_RC(guard_of(k, jti, exp * CLOCK_SECOND, &id), RC_NOT_FOUND);
	CHECK_RC(guard_of(k, kit_text(kit_claims(k, other), "jti"), clock_now(), &second), RC_OK);
	CHECK(!uuid_eq(id, second));
}

static void test_own_token__a_newer_registry_is_stale(void **state)
{
	struct kit *k = *state;
	struct str token;
	bool changed;
	kit_change_registry(k);
	CHECK_RC(own_token(k, &token), RC_STALE);
	CHECK_RC(registry_refresh(&k->w->d.registry, &changed), RC_OK);
	CHECK_RC(own_token(k, &token), RC_OK);
}

static void test_own_token__nobody_signs(void **state)
{
	struct kit *k = *state;
	struct str token;
	k->issuer.alg = JOSE_RS384;
	CHECK_RC(own_token(k, &token), RC_NOT_FOUND);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, kit_setup, kit_teardown)
KIT_MAIN(CASE(test_own_token__it_names_the_platform_and_has_its_row), CASE(test_own_token__a_newer_registry_is_stale),
	 CASE(test_own_token__nobody_signs))
