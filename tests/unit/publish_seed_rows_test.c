#include "seed_kit.h"

static size_t rows_without_limit(const struct seed_row *rows, bool list)
{
	size_t n = 0;
	for (const struct seed_row *r = rows; list ? r == rows : r->name != NULL; r++) {
		bool needs = r->shape == SHAPE_TEXT || r->shape == SHAPE_INT || r->shape == SHAPE_LIST ||
			     r->shape == SHAPE_MAP;
		n += needs && r->limit <= 0;
		if (r->of)
			n += rows_without_limit(r->of, r->shape != SHAPE_OBJECT);
	}
	return n;
}

static void test_seed_rows__every_row_has_a_limit(void **state)
{
	(void)state;
	for (int i = 0; i < SECTION__MAX; i++)
		assert_int_equal(rows_without_limit(seed_sections[i].rows, false), 0);
}

/* What a key is found to be is remembered within a document, and taken from an entry that has the key already: not from
 * one that has its text somewhere else. */
static void test_seed_rows__unsound_keys(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	char n[] = KEY_N;
	n[sizeof n - 2] = 'A'; /* even */
	struct str key = arena_fmt(&k.a, "{'e':'AQAB','kid':'k','kty':'RSA','n':'%s'}", n);
	struct str one = arena_fmt(&k.a, "'orgno':'810419512','jwks':{'keys':[%.*s]}}", STR_FMT(key));
	struct str doc =
		arena_fmt(&k.a, "{'clients':[{'clientId':'c',%.*s,{'clientId':'d',%.*s]}", STR_FMT(one), STR_FMT(one));
	kit_apply(&k, seed_sandbox());
	CHECK_RC(kit_try(&k, json_q(&k.a, arena_cstr(&k.a, doc)), (struct seed_options){ .sandbox = true }),
		 RC_INVALID);
	struct str both = arena_fmt(&k.a, "%s%s", "clients[0].jwks.keys[0]: the public key is not sound\n",
				    "clients[1].jwks.keys[0]: the public key is not sound\n");
	CHECK_STR(buf_str(&k.report.faults), both);

	struct buf named = BUF(&k.a);
	struct jsw w = JSW(&named);
	jsw_str(&w, json_q(&k.a, arena_cstr(&k.a, key)));
	kit_apply(&k, arena_fmt(&k.a, "{\"clients\":[{\"clientId\":\"c\",\"orgno\":\"810419512\",\"name\":%.*s}]}",
				STR_FMT(buf_str(&named))));
	CHECK_RC(kit_try(&k, json_q(&k.a, arena_cstr(&k.a, doc)), (struct seed_options){ .sandbox = true }),
		 RC_INVALID);
	CHECK_STR(buf_str(&k.report.faults), both);
	kit_close(&k);
}

#define RSA_MEMBERS "'kty':'RSA','alg':'RS256','use':'sig','e':'AQAB','n':'" KEY_N "'"
#define OFF_CURVE                                                                                                      \
	"{'crv':'P-256','kid':'k2','kty':'EC','x':'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',"                      \
	"'y':'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4'}"

/* A stored key is not parsed again. What an unknown member of a stored key holds is no stored key. */
static void test_seed_rows__a_key_within_a_stored_key(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, WORLD));
	kit_apply(&k, json_q(&k.a, CLIENT("[{'kid':'k1'," RSA_MEMBERS ",'more':" OFF_CURVE "}]")));
	CHECK_RC(kit_try(&k, json_q(&k.a, CLIENT("[" OFF_CURVE "]")), (struct seed_options){ .sandbox = true }),
		 RC_INVALID);
	CHECK(str_starts(buf_str(&k.report.faults), STR("clients[0].jwks.keys[0]: ")));
	kit_close(&k);
}

T_MAIN(cmocka_unit_test(test_seed_rows__a_key_within_a_stored_key),
       cmocka_unit_test(test_seed_rows__every_row_has_a_limit), cmocka_unit_test(test_seed_rows__unsound_keys))
