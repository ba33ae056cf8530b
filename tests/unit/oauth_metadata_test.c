#include "oauth_kit.h"

/* RFC 8414 section 2. */
static void test_metadata__eight_members_below_the_issuer(void **state)
{
	(void)state;
	struct buf b = BUF(&kit.a);
	struct jsw w = JSW(&b);
	const struct js *o;
	struct str v;
	oauth_metadata(&w, STR(ISSUER));
	CHECK_RC(js_parse(&kit.a, buf_str(&b), NULL, &o, NULL), RC_OK);
	assert_int_equal(o->n, 8);
	CHECK(str_find(buf_str(&b), STR("\"response_types_supported\":[\"none\"]")) > 0);
	CHECK_RC(js_member_str(o, "token_endpoint", &v), RC_OK);
	CHECK_STR(v, STR(ISSUER "token"));
	CHECK_RC(js_member_str(o, "jwks_uri", &v), RC_OK);
	CHECK_STR(v, STR(ISSUER "jwk"));
}

KIT_MAIN(cmocka_unit_test(test_metadata__eight_members_below_the_issuer))
