#include "jose_t.h"

static const uint8_t key[32] = "a key of thirty-two bytes, no mo";

static void test_seal__opens_what_it_sealed(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const char *const texts[] = { "", "x", "a secret of some length, longer than a block" };
	for (size_t i = 0; i < LEN(texts); i++) {
		struct str sealed, again, plain;
		CHECK_RC(seal_encrypt(&a, key, str_of(texts[i]), STR("row 7"), &sealed), RC_OK);
		assert_int_equal(sealed.n, strlen(texts[i]) + 28);
		CHECK_RC(seal_decrypt(&a, key, sealed, STR("row 7"), &plain), RC_OK);
		CHECK_STR(plain, str_of(texts[i]));
		CHECK_RC(seal_encrypt(&a, key, str_of(texts[i]), STR("row 7"), &again), RC_OK);
		CHECK(!str_eq(sealed, again));
	}
	arena_finish(&a);
}

/* AES-256-GCM with a zero key and nonce (the cipher's authors' test cases 13 and 14). */
static void test_seal__vectors(void **state)
{
	(void)state;
	struct arena a = { 0 };
	static const uint8_t zero_key[32];
	static const char empty[] =
		"\0\0\0\0\0\0\0\0\0\0\0\0\x53\x0f\x8a\xfb\xc7\x45\x36\xb9\xa9\x63\xb4\xf1\xc4\xcb\x73\x8b";
	static const char block[] =
		"\0\0\0\0\0\0\0\0\0\0\0\0\xce\xa7\x40\x3d\x4d\x60\x6b\x6e\x07\x4e\xc5\xd3\xba\xf3\x9d\x18"
		"\xd0\xd1\xc8\xa7\x99\x99\x6b\xf0\x26\x5b\x98\xb5\xd4\x8a\xb9\x19";
	static const char zeros[16];
	struct str plain;
	CHECK_RC(seal_decrypt(&a, zero_key, str_span(empty, sizeof empty - 1), STR_NONE, &plain), RC_OK);
	assert_int_equal(plain.n, 0);
	CHECK_RC(seal_decrypt(&a, zero_key, str_span(block, sizeof block - 1), STR_NONE, &plain), RC_OK);
	CHECK_STR(plain, str_span(zeros, sizeof zeros));
	arena_finish(&a);
}

static void test_seal__every_byte_counts(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct str sealed, plain = STR("untouched");
	CHECK_RC(seal_encrypt(&a, key, STR("secret"), STR("aad"), &sealed), RC_OK);
	for (size_t i = 0; i < sealed.n; i++) {
		struct str copy = arena_str(&a, sealed);
		((char *)copy.p)[i] ^= 1;
		CHECK_RC(seal_decrypt(&a, key, copy, STR("aad"), &plain), RC_DENIED);
	}
	for (size_t n = 0; n < sealed.n; n++)
		CHECK_RC(seal_decrypt(&a, key, str_span(sealed.p, n), STR("aad"), &plain),
			 n < 28 ? RC_INVALID : RC_DENIED);
	uint8_t other[32] = { 1 };
	CHECK_RC(seal_decrypt(&a, other, sealed, STR("aad"), &plain), RC_DENIED);
	CHECK_RC(seal_decrypt(&a, key, sealed, STR("aae"), &plain), RC_DENIED);
	CHECK_RC(seal_decrypt(&a, key, sealed, STR_NONE, &plain), RC_DENIED);
	CHECK_STR(plain, STR("untouched"));
	arena_finish(&a);
}

static void test_seal__limit(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct str big = str_span(arena_alloc(&a, SEAL_MAX + 29), SEAL_MAX), sealed, plain;
	CHECK_RC(seal_encrypt(&a, key, big, STR_NONE, &sealed), RC_OK);
	CHECK_RC(seal_decrypt(&a, key, sealed, STR_NONE, &plain), RC_OK);
	CHECK_STR(plain, big);
	struct str over = str_span(big.p, SEAL_MAX + 1);
	CHECK_RC(seal_encrypt(&a, key, over, STR_NONE, &sealed), RC_TOO_LARGE);
	CHECK_RC(seal_encrypt(&a, key, STR("x"), over, &sealed), RC_TOO_LARGE);
	CHECK_RC(seal_decrypt(&a, key, str_span(big.p, SEAL_MAX + 29), STR_NONE, &plain), RC_TOO_LARGE);
	arena_finish(&a);
}

T_MAIN(cmocka_unit_test(test_seal__opens_what_it_sealed), cmocka_unit_test(test_seal__vectors),
       cmocka_unit_test(test_seal__every_byte_counts), cmocka_unit_test(test_seal__limit))
