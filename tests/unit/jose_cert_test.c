#include "base/clock.h"
#include "jose_t.h"

#define FROM (INT64_C(1767225600) * CLOCK_SECOND) /* 2026-01-01 */
#define TO (FROM + 365 * CLOCK_DAY)

static struct str leaf(const struct jwk *k)
{
	const struct str *der;
	size_t n;
	CHECK_RC(jwk_x5c(k, &der, &n), RC_OK);
	assert_int_equal(n, 1);
	return der[0];
}

static void test_cert__self_signed_is_deterministic_for_rsa(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *one = key_of(&a, STR(VECTOR_RSA_JWK)), *two = key_of(&a, STR(VECTOR_RSA_JWK));
	CHECK_RC(jwk_self_sign(one, STR("Fiktivia AS"), FROM, TO), RC_OK);
	CHECK_RC(jwk_self_sign(two, STR("Fiktivia AS"), FROM, TO), RC_OK);
	CHECK_STR(leaf(one), leaf(two));
	CHECK_STR(jwk_x5t(one, &a), jwk_x5t(two, &a));
	assert_int_equal(jwk_x5t(one, &a).n, 27);
	CHECK(str_find(leaf(one), STR("Fiktivia AS")) > 0);
	CHECK(str_find(leaf(one), STR("260101000000Z")) > 0 && str_find(leaf(one), STR("270101000000Z")) > 0);
	CHECK(str_find(leaf(one), str_span("\x03\x02\x07\x80", 4)) > 0); /* digitalSignature */
	CHECK_RC(jwk_self_sign(two, STR("Fiktivia AS"), FROM, TO + CLOCK_SECOND), RC_OK);
	CHECK(!str_eq(leaf(one), leaf(two)));
	jwk_unref(one);
	jwk_unref(two);
	arena_finish(&a);
}

static void test_cert__every_algorithm_signs_itself_and_reads_back(void **state)
{
	(void)state;
	struct arena a = { 0 };
	for (int i = 0; i < JOSE_ALG__MAX; i++) {
		struct jwk *k = key_new((enum jose_alg)i);
		CHECK(!jwk_x5t(k, &a).p);
		CHECK_RC(jwk_self_sign(k, STR("æøå"), FROM, TO), RC_OK);
		struct jwk *again = key_of(&a, key_text(&a, k, false));
		CHECK_STR(leaf(again), leaf(k));
		CHECK_STR(jwk_x5t(again, &a), jwk_x5t(k, &a));
		CHECK_STR(key_text(&a, again, false), key_text(&a, k, false));
		CHECK(str_find(key_text(&a, k, false), STR("\"x5c\":[\"MII")) > 0 || i >= JOSE_ES256);
		jwk_unref(again);
		jwk_unref(k);
	}
	arena_finish(&a);
}

static void test_cert__self_sign_refuses(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *k = key_of(&a, STR(VECTOR_ED_JWK)), *public = key_of(&a, STR(VECTOR_RSA_JWK_PUBLIC));
	CHECK_RC(jwk_self_sign(public, STR("x"), FROM, TO), RC_INVALID);
	CHECK_RC(jwk_self_sign(k, STR(""), FROM, TO), RC_INVALID);
	CHECK_RC(jwk_self_sign(k, STR("x"), TO, FROM), RC_INVALID);
	CHECK_RC(jwk_self_sign(k, STR("x"), FROM, INT64_MAX), RC_INVALID);
	CHECK_RC(jwk_self_sign(k, STR("\xff"), FROM, TO), RC_INVALID);
	char name[65];
	memset(name, 'n', sizeof name);
	CHECK_RC(jwk_self_sign(k, str_span(name, 65), FROM, TO), RC_INVALID);
	CHECK_RC(jwk_self_sign(k, str_span(name, 64), FROM, TO), RC_OK);
	CHECK_RC(jwk_self_sign(k, STR("x"), -CLOCK_SECOND / 2, TO), RC_OK);
	CHECK(str_find(leaf(k), STR("691231235959Z")) > 0);
	jwk_unref(k);
	jwk_unref(public);
	arena_finish(&a);
}

static void test_cert__the_leaf_must_be_of_the_key(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *k = key_new(JOSE_RS256), *other = key_new(JOSE_RS256);
	CHECK_RC(jwk_self_sign(k, STR("one"), FROM, TO), RC_OK);
	CHECK_RC(jwk_self_sign(other, STR("two"), FROM, TO), RC_OK);
	struct str mine = leaf(k), theirs = leaf(other);
	CHECK_RC(jwk_set_x5c(k, &theirs, 1), RC_INVALID);
	CHECK_STR(leaf(k), mine);
	struct str text = key_text(&a, k, false);
	ptrdiff_t at = str_find(text, STR("\"x5c\":[\""));
	struct str swapped = arena_fmt(&a, "%.*s\"x5c\":[\"%.*s\"]}", (int)at, text.p, STR_FMT(b64(&a, theirs)));
	struct jwk *read;
	const char *why;
	CHECK_RC(key_read(&a, swapped, &read, &why), RC_INVALID);
	assert_string_equal(why, "x5c is not the certificate of this key");
	jwk_unref(k);
	jwk_unref(other);
	arena_finish(&a);
}

static void test_cert__chains(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *k = key_new(JOSE_ES256), *issuer = key_new(JOSE_ES256);
	CHECK_RC(jwk_self_sign(k, STR("leaf"), FROM, TO), RC_OK);
	CHECK_RC(jwk_self_sign(issuer, STR("issuer"), FROM, TO), RC_OK);
	struct str chain[JOSE_X5C_MAX + 1] = { leaf(k) };
	for (size_t i = 1; i < LEN(chain); i++)
		chain[i] = leaf(issuer);
	CHECK_RC(jwk_set_x5c(k, chain, 0), RC_INVALID);
	CHECK_RC(jwk_set_x5c(k, chain, JOSE_X5C_MAX + 1), RC_INVALID);
	CHECK_RC(jwk_set_x5c(k, chain, JOSE_X5C_MAX), RC_OK);
	const struct str *der;
	size_t n;
	CHECK_RC(jwk_x5c(k, &der, &n), RC_OK);
	assert_int_equal(n, JOSE_X5C_MAX);
	CHECK_STR(der[JOSE_X5C_MAX - 1], leaf(issuer));
	struct jwk *again = key_of(&a, key_text(&a, k, false));
	CHECK_STR(key_text(&a, again, false), key_text(&a, k, false));
	chain[1] = STR("no certificate");
	CHECK_RC(jwk_set_x5c(k, chain, 2), RC_INVALID);
	jwk_unref(again);
	jwk_unref(k);
	jwk_unref(issuer);
	arena_finish(&a);
}

static void test_cert__truncated_and_lengthened_der_is_refused(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct jwk *k = key_new(JOSE_EDDSA);
	CHECK_RC(jwk_self_sign(k, STR("x"), FROM, TO), RC_OK);
	struct str whole = arena_str(&a, leaf(k));
	for (size_t n = 0; n < whole.n; n++) {
		struct str cut = str_span(whole.p, n);
		CHECK_RC(jwk_set_x5c(k, &cut, 1), RC_INVALID);
	}
	struct str longer = str_span(whole.p, whole.n + 1); /* the '\0' after the copy */
	CHECK_RC(jwk_set_x5c(k, &longer, 1), RC_INVALID);
	CHECK_RC(jwk_set_x5c(k, &whole, 1), RC_OK);
	jwk_unref(k);
	arena_finish(&a);
}

static void test_cert__x5c_limits(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	char *bytes = memset(arena_alloc(&a, JOSE_CERT_MAX + 1), 0, JOSE_CERT_MAX + 1);
	const struct {
		size_t n, size;
		enum rc want;
	} rows[] = {
		{ 1, JOSE_CERT_MAX, RC_OK }, { 1, JOSE_CERT_MAX + 1, RC_INVALID },
		{ JOSE_X5C_MAX, 1, RC_OK },  { JOSE_X5C_MAX + 1, 1, RC_INVALID },
		{ 0, 1, RC_INVALID },        { 1, 0, RC_INVALID },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct str der[JOSE_X5C_MAX];
		size_t n = 0;
		const struct js *v;
		struct buf b = BUF(&a);
		struct jsw w = JSW(&b);
		jsw_arr(&w);
		for (size_t j = 0; j < rows[i].n; j++)
			jsw_str(&w, b64(&a, str_span(bytes, rows[i].size)));
		jsw_end_arr(&w);
		CHECK_RC(js_parse(&a, buf_str(&b), NULL, &v, NULL), RC_OK);
		CHECK_RC(jose_x5c_read(&a, v, der, &n), rows[i].want);
		assert_int_equal(n, rows[i].want == RC_OK ? rows[i].n : 0);
	}
}

T_MAIN(cmocka_unit_test(test_cert__x5c_limits), cmocka_unit_test(test_cert__self_signed_is_deterministic_for_rsa),
       cmocka_unit_test(test_cert__every_algorithm_signs_itself_and_reads_back),
       cmocka_unit_test(test_cert__self_sign_refuses), cmocka_unit_test(test_cert__the_leaf_must_be_of_the_key),
       cmocka_unit_test(test_cert__chains), cmocka_unit_test(test_cert__truncated_and_lengthened_der_is_refused))
