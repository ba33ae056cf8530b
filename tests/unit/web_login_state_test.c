#include "base/b64.h"
#include "base/clock.h"
#include "jose/jose.h"
#include "t.h"
#include "web/login_state.h"

#define NOW INT64_C(1790000000000000)

static struct arena arena;

static struct str filled(char c, size_t n)
{
	char *p = arena_alloc(&arena, n);
	memset(p, c, n);
	return str_span(p, n);
}

static const uint8_t *key_of(uint8_t first)
{
	uint8_t secret[32] = { first }, *key = arena_alloc(&arena, LOGIN_KEY_BYTES);
	login_state_key(secret, key);
	return key;
}

static struct login login_new(struct str back)
{
	return (struct login){
		.nonce = { 1, 2 }, .verifier = { 3, 4 }, .back = back, .level = 4, .fresh = true, .created = NOW
	};
}

static struct str sealed(const struct login *l)
{
	struct str state;
	CHECK_RC(login_state_seal(&arena, key_of(1), filled('b', 32), l, &state), RC_OK);
	return state;
}

static void test_login_state__comes_back_as_it_went(void **state)
{
	(void)state;
	struct login l = login_new(STR("/here?x=1")), got;
	struct str text = sealed(&l);
	CHECK(str_only(text, "-_"));
	CHECK(str_find(text, STR("here")) < 0);
	CHECK(!str_eq(text, sealed(&l))); /* no two states are alike */
	CHECK_RC(login_state_open(&arena, key_of(1), filled('b', 32), text, &got), RC_OK);
	CHECK_STR(got.back, l.back);
	CHECK(got.level == 4 && got.fresh && got.created == NOW);
	assert_memory_equal(got.nonce, l.nonce, sizeof l.nonce);
	assert_memory_equal(got.verifier, l.verifier, sizeof l.verifier);
	struct str bytes, hash;
	CHECK_RC(b64url_decode(&arena, text, &bytes), RC_OK);
	hash = jose_sha256(&arena, bytes);
	assert_memory_equal(got.hash, hash.p, hash.n);
	l.level = 0;
	l.fresh = false;
	CHECK_RC(login_state_open(&arena, key_of(1), filled('b', 32), sealed(&l), &got), RC_OK);
	CHECK(got.level == 0 && !got.fresh);
}

static void test_login_state__of_another_store_or_browser(void **state)
{
	(void)state;
	struct login l = login_new(STR("/")), got;
	struct str text = sealed(&l);
	CHECK_RC(login_state_open(&arena, key_of(2), filled('b', 32), text, &got), RC_NOT_FOUND);
	CHECK_RC(login_state_open(&arena, key_of(1), filled('c', 32), text, &got), RC_NOT_FOUND);
}

static void test_login_state__changed(void **state)
{
	(void)state;
	struct login l = login_new(STR("/")), got;
	struct str text = sealed(&l), bytes, short_text;
	CHECK_RC(b64url_decode(&arena, text, &bytes), RC_OK);
	for (size_t i = 0; i < bytes.n; i++) {
		char *copy = arena_alloc(&arena, bytes.n);
		memcpy(copy, bytes.p, bytes.n);
		copy[i] ^= 1;
		CHECK_RC(login_state_open(&arena, key_of(1), filled('b', 32), b64url(&arena, str_span(copy, bytes.n)),
					  &got),
			 RC_NOT_FOUND);
	}
	for (size_t n = 0; n < text.n; n++)
		CHECK_RC(login_state_open(&arena, key_of(1), filled('b', 32), str_span(text.p, n), &got), RC_NOT_FOUND);
	CHECK_RC(login_state_open(&arena, key_of(1), filled('b', 32), STR("****"), &got), RC_NOT_FOUND);
	/* Sealed with the same key, but no login: too short for one. */
	CHECK_RC(seal_encrypt(&arena, key_of(1), STR("/"), filled('b', 32), &bytes), RC_OK);
	short_text = b64url(&arena, bytes);
	CHECK_RC(login_state_open(&arena, key_of(1), filled('b', 32), short_text, &got), RC_NOT_FOUND);
}

static void test_login_state__longest(void **state)
{
	(void)state;
	struct login l = login_new(filled('/', LOGIN_BACK_MAX)), got;
	struct str text = sealed(&l);
	assert_int_equal(text.n, LOGIN_STATE_MAX);
	CHECK_RC(login_state_open(&arena, key_of(1), filled('b', 32), text, &got), RC_OK);
	CHECK_STR(got.back, l.back);
}

static void test_login_state__lives_for_its_time(void **state)
{
	(void)state;
	static const struct {
		int64_t age_s;
		bool live;
	} t[] = {
		{ 0, true },
		{ LOGIN_LIFE_S, true },
		{ LOGIN_LIFE_S + 1, false },
		{ -CLOCK_SKEW_S, true },
		{ -CLOCK_SKEW_S - 1, false }, /* begun while the machine's clock was ahead */
	};
	struct login l = login_new(STR("/"));
	for (size_t i = 0; i < LEN(t); i++)
		CHECK(login_state_live(&l, NOW + t[i].age_s * CLOCK_SECOND) == t[i].live);
}

static int finish(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

T_MAIN_WITH(NULL, finish, cmocka_unit_test(test_login_state__comes_back_as_it_went),
	    cmocka_unit_test(test_login_state__of_another_store_or_browser),
	    cmocka_unit_test(test_login_state__changed), cmocka_unit_test(test_login_state__longest),
	    cmocka_unit_test(test_login_state__lives_for_its_time))
