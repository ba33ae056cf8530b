#include "front_kit.h"

#define ID "0196b0c0-1234-7abc-8def-0123456789ab"

static void test_caller__organisation_of_the_token(void **state)
{
	(void)state;
	CLEANUP(kit_finish) struct kit k;
	const struct org_caller *org = NULL;
	struct caller caller = { .kind = CALLER_ORG };
	kit_start(&k);
	kit_expect(&k, front_org(&k.req, &k.res, &org), 401, "no caller");
	kit_restart(&k);
	k.req.caller = &caller;
	kit_expect(&k, front_org(&k.req, &k.res, &org), 401, "no organisation");
	CHECK(!org);
	kit_restart(&k);
	caller.org.consumer = STR("810419512");
	k.req.caller = &caller;
	kit_expect(&k, front_org(&k.req, &k.res, &org), 0, "an organisation");
	CHECK(org == &caller.org);
}

static void test_caller__id_in_the_path(void **state)
{
	(void)state;
	static const struct {
		const char *param;
		bool valid;
	} params[] = { { ID, true }, { "", false }, { "x", false }, { ID "0", false }, { "0196b0c0", false } };
	for (size_t i = 0; i < LEN(params); i++) {
		CLEANUP(kit_finish) struct kit k;
		struct uuid id;
		kit_start(&k);
		k.req.param[0] = str_of(params[i].param);
		kit_expect(&k, front_id(&k.req, &k.res, "requestId", &id), params[i].valid ? 0 : 400, params[i].param);
		if (params[i].valid)
			CHECK_STR(uuid_str(&k.a, id), STR(ID));
		else
			CHECK_STR(kit_errors(&k), STR("{\"requestId\":[\"The value is not valid.\"]}"));
	}
}

static void test_caller__unknown_id_without_a_body(void **state)
{
	(void)state;
	CLEANUP(kit_finish) struct kit k;
	struct uuid id;
	kit_start(&k);
	k.req.param[0] = STR(ID);
	kit_expect(&k, front_id_or_404(&k.req, &k.res, &id), 0, ID);
	k.req.param[0] = STR("x");
	kit_expect(&k, front_id_or_404(&k.req, &k.res, &id), 404, "x");
	assert_int_equal(k.res.body.n, 0);
}

T_MAIN(cmocka_unit_test(test_caller__organisation_of_the_token), cmocka_unit_test(test_caller__id_in_the_path),
       cmocka_unit_test(test_caller__unknown_id_without_a_body))
