#include "base/b64.h"
#include "keys/keyring.h"
#include "publish_kit.h"

static const uint8_t master[32] = { 1, 2, 3 }, other_master[32] = { 9 };

static struct str past_of(struct kit *k, struct keyring *ring)
{
	struct buf b = BUF(&k->a);
	struct jsw w = JSW(&b);
	CHECK_RC(keyring_write_past(ring, k->store, &k->a, &w), RC_OK);
	return buf_str(&b);
}

static struct str jwks_of(struct kit *k, struct keyring *ring)
{
	struct buf b = BUF(&k->a);
	struct jsw w = JSW(&b);
	keyring_write_jwks(ring, &w);
	return buf_str(&b);
}

static struct key_order order(enum jose_alg alg)
{
	return (struct key_order){
		.alg = alg, .subject = STR("Test issuer"), .master = master, .lead = -1, .keep = -1
	};
}

static enum rc make(struct kit *k, enum jose_alg alg, int64_t lead, struct str *kid_out)
{
	struct key_order o = order(alg);
	o.lead = lead;
	o.despite_caches = true;
	return keyring_create(k->store, &k->a, &o, kid_out);
}

static enum rc rotate(struct kit *k, enum jose_alg alg, int64_t lead, int64_t keep, struct str *kid_out)
{
	struct key_order o = order(alg);
	o.subject = STR_NONE;
	o.lead = lead;
	o.keep = keep;
	return keyring_rotate(k->store, &k->a, &o, kid_out);
}

static struct str kid_of(struct keyring *ring)
{
	struct signer *s = NULL;
	CHECK_RC(keyring_signer(ring, JOSE_RS256, &s), RC_OK);
	return jwk_kid(signer_key(s));
}

static struct str token(struct kit *k, struct keyring *ring)
{
	struct signer *s = NULL;
	struct str out = STR_NONE;
	CHECK_RC(keyring_signer(ring, JOSE_RS256, &s), RC_OK);
	CHECK_RC(signer_sign(s, &k->a, STR_NONE, STR("{\"a\":1}"), &out), RC_OK);
	return out;
}

static enum rc verify(struct kit *k, struct keyring *ring, struct str compact)
{
	struct jws jws;
	CHECK_RC(jws_parse(&k->a, compact, &jws), RC_OK);
	return keyring_verify(ring, &jws);
}

static size_t published(struct kit *k, struct keyring *ring)
{
	const struct js *v;
	CHECK_RC(js_parse(&k->a, jwks_of(k, ring), NULL, &v, NULL), RC_OK);
	return js_get(v, "keys")->n;
}

static void test_keyring__sandbox_key(void **state)
{
	(void)state;
	struct kit k;
	struct keyring *ring = NULL, *again = NULL;
	kit_open(&k, STORE_SANDBOX);
	struct keyring_config c = { .fixed_jwks = keyring_sandbox_jwks() };
	CHECK_RC(keyring_open(k.store, &c, &ring), RC_OK);
	CHECK_RC(keyring_open(k.store, &c, &again), RC_OK);
	CHECK_STR(kid_of(ring), STR("samtykke-sandbox-1"));
	struct str jwks = jwks_of(&k, ring);
	CHECK_STR(jwks_of(&k, again), jwks); /* the certificate too */
	CHECK(str_find(jwks, STR("\"x5c\"")) > 0 && str_find(jwks, STR("\"x5t\"")) > 0);
	CHECK(str_find(jwks, STR("\"d\"")) < 0);
	struct str t = token(&k, ring);
	CHECK_RC(verify(&k, again, t), RC_OK);
	char *bad = (char *)arena_cstr(&k.a, t);
	bad[t.n - 10] = bad[t.n - 10] == 'A' ? 'B' : 'A';
	CHECK_RC(verify(&k, ring, str_span(bad, t.n)), RC_DENIED);
	keyring_close(ring);
	keyring_close(again);
	kit_close(&k);
}

static void test_keyring__none(void **state)
{
	(void)state;
	struct kit k;
	struct keyring *ring = NULL;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_NOT_FOUND);
	keyring_close(NULL);
	kit_close(&k);
}

static void test_keyring__sealed(void **state)
{
	(void)state;
	struct kit k;
	struct str kid;
	struct keyring *ring = NULL;
	struct signer *s = NULL;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_RS256, 0, &kid), RC_OK);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = other_master }, &ring), RC_DENIED);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ 0 }, &ring), RC_OK); /* published only */
	CHECK_RC(keyring_signer(ring, JOSE_RS256, &s), RC_NOT_FOUND);
	assert_int_equal(published(&k, ring), 1);
	struct keyring *signing = NULL;
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &signing), RC_OK);
	CHECK_STR(kid_of(signing), kid);
	CHECK_RC(verify(&k, ring, token(&k, signing)), RC_OK);
	CHECK(str_find(jwks_of(&k, signing), STR("\"x5c\"")) > 0);
	keyring_close(signing);
	keyring_close(ring);
	kit_close(&k);
}

/* A verifier may have fetched the set 24 hours before it meets a token. */
static void test_keyring__rotation(void **state)
{
	(void)state;
	struct kit k;
	struct str first, second;
	struct keyring *ring = NULL;
	const int64_t lead = 48 * CLOCK_HOUR, keep = 26 * CLOCK_HOUR;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(rotate(&k, JOSE_RS256, lead, keep, &second), RC_NOT_FOUND);
	CHECK_RC(make(&k, JOSE_RS256, 0, &first), RC_OK);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_OK);
	CHECK_RC(rotate(&k, JOSE_RS256, lead, keep, &second), RC_OK);
	CHECK_STR(kid_of(ring), first);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	CHECK_STR(kid_of(ring), first);
	assert_int_equal(published(&k, ring), 2); /* from now on, two days before its first use */
	struct signer *held = NULL;
	CHECK_RC(keyring_signer(ring, JOSE_RS256, &held), RC_OK);

	clock_set_offset(lead - CLOCK_MINUTE);
	CHECK_STR(kid_of(ring), first);
	struct str last_of_first = token(&k, ring);
	struct str cached = jwks_of(&k, ring);
	CHECK(str_find(cached, second) > 0);
	clock_set_offset(lead + CLOCK_MINUTE);
	CHECK_STR(kid_of(ring), second);
	CHECK_RC(verify(&k, ring, last_of_first), RC_OK);
	clock_set_offset(lead + 24 * CLOCK_HOUR);
	assert_int_equal(published(&k, ring), 2);
	clock_set_offset(lead + keep + CLOCK_MINUTE);
	assert_int_equal(published(&k, ring), 1);
	CHECK_RC(verify(&k, ring, last_of_first), RC_DENIED);
	CHECK_STR(kid_of(ring), second);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	CHECK_STR(jwk_kid(signer_key(held)), first); /* what was borrowed stays */
	clock_set_offset(0);
	keyring_close(ring);
	kit_close(&k);
}

static void test_keyring__sandbox_key_in_a_store(void **state)
{
	(void)state;
	struct kit k;
	struct keyring *ring = NULL;
	struct jwks fixed;
	struct str kid;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_RS256, 0, &kid), RC_OK);
	CHECK_RC(jwks_parse(&k.a, keyring_sandbox_jwks(), &fixed), RC_OK);
	struct buf b = BUF(&k.a);
	struct jsw w = JSW(&b);
	jwk_write_public(&w, fixed.keys[2]);
	struct key_row row = { .kid = STR("another-name"),
			       .alg = STR("ES256"),
			       .public_json = buf_str(&b),
			       .sealed = STR("x"),
			       .published = 1,
			       .active_from = 1 };
	CHECK_RC(keys_insert(k.store, &k.a, &row), RC_OK);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_DENIED);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ 0 }, &ring), RC_DENIED);
	jwks_finish(&fixed);
	kit_close(&k);
}

static void test_keyring__limit(void **state)
{
	(void)state;
	struct kit k;
	struct str kid;
	kit_open(&k, STORE_PRODUCTION);
	for (int i = 0; i < KEYRING_MAX; i++)
		CHECK_RC(make(&k, JOSE_ES256, 0, &kid), RC_OK);
	CHECK_RC(make(&k, JOSE_ES256, 0, &kid), RC_TOO_LARGE);
	CHECK_RC(rotate(&k, JOSE_ES256, 0, 0, &kid), RC_TOO_LARGE);
	kit_close(&k);
}

/* ---- one key an algorithm ---- */

static struct str signer_kid(struct keyring *ring, enum jose_alg alg)
{
	struct signer *s = NULL;
	return keyring_signer(ring, alg, &s) == RC_OK ? jwk_kid(signer_key(s)) : STR("none");
}

static void test_keyring__one_key_of_each_algorithm_signs(void **state)
{
	(void)state;
	struct kit k;
	struct str rs, es, es2, ed;
	struct keyring *ring = NULL;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_RS256, 0, &rs), RC_OK);
	CHECK_RC(make(&k, JOSE_ES256, 0, &es), RC_OK);
	CHECK_RC(make(&k, JOSE_EDDSA, CLOCK_HOUR, &ed), RC_OK);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_OK);
	CHECK_STR(signer_kid(ring, JOSE_RS256), rs);
	CHECK_STR(signer_kid(ring, JOSE_ES256), es);
	CHECK_STR(signer_kid(ring, JOSE_PS256), STR("none")); /* an RSA key of another algorithm is no substitute */
	CHECK_STR(signer_kid(ring, JOSE_EDDSA), STR("none"));
	CHECK_RC(keyring_ready(ring, JOSE_ES256), RC_OK);
	CHECK_RC(keyring_ready(ring, JOSE_EDDSA), RC_NOT_FOUND);
	assert_int_equal(published(&k, ring), 3);

	CHECK_RC(rotate(&k, JOSE_PS256, -1, -1, &es2), RC_NOT_FOUND);
	CHECK_RC(rotate(&k, JOSE_ES256, -1, -1, &es2), RC_OK);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	clock_set_offset(KEYRING_LEAD + CLOCK_MINUTE);
	CHECK_STR(signer_kid(ring, JOSE_RS256), rs);
	CHECK_STR(signer_kid(ring, JOSE_ES256), es2);
	CHECK_STR(signer_kid(ring, JOSE_EDDSA), ed);
	clock_set_offset(KEYRING_LEAD + KEYRING_KEEP + CLOCK_MINUTE);
	CHECK(str_find(jwks_of(&k, ring), es) < 0 && str_find(jwks_of(&k, ring), rs) > 0);
	clock_set_offset(0);
	keyring_close(ring);
	kit_close(&k);
}

static void test_keyring__algorithms_of_tokens(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum rc rc;
	} rows[] = { { "RS256", RC_OK },      { "PS256", RC_OK },      { "ES256", RC_OK },      { "EdDSA", RC_OK },
		     { "RS384", RC_INVALID }, { "RS512", RC_INVALID }, { "HS256", RC_INVALID }, { "none", RC_INVALID },
		     { "rs256", RC_INVALID }, { "", RC_INVALID } };
	for (size_t i = 0; i < LEN(rows); i++) {
		enum jose_alg alg;
		CHECK_RC(keyring_alg(str_of(rows[i].name), &alg), rows[i].rc);
	}
}

/* ---- times ---- */

/* A verifier's copy is a day old, and was an hour old when it came: /jwk is cached that long, and a process reads the
 * store every few seconds. */
static void test_keyring__the_least_lead_is_longer_than_two_caches(void **state)
{
	(void)state;
	CHECK(KEYRING_LEAD_MIN >= 24 * CLOCK_HOUR + CLOCK_HOUR + CLOCK_MINUTE);
	CHECK(KEYRING_LEAD > KEYRING_LEAD_MIN && KEYRING_KEEP >= KEYRING_KEEP_MIN);
}

static void test_keyring__times_respect_caches(void **state)
{
	(void)state;
	static const struct {
		int64_t lead, keep;
		bool despite;
		enum rc rc;
	} rows[] = {
		{ KEYRING_LEAD_MIN - 1, -1, false, RC_INVALID },
		{ 0, -1, false, RC_INVALID },
		{ -1, KEYRING_KEEP_MIN - 1, false, RC_INVALID },
		{ KEYRING_LEAD_MIN, KEYRING_KEEP_MIN, false, RC_OK },
		{ 0, 0, true, RC_OK },
	};
	struct kit k;
	struct str kid;
	kit_open(&k, STORE_PRODUCTION);
	struct key_order first = order(JOSE_ES256);
	CHECK_RC(keyring_create(k.store, &k.a, &first, &kid), RC_OK);
	for (size_t i = 0; i < LEN(rows); i++) {
		struct key_order o = order(JOSE_ES256);
		o.lead = rows[i].lead;
		o.keep = rows[i].keep;
		o.despite_caches = rows[i].despite;
		CHECK_RC(keyring_rotate(k.store, &k.a, &o, &kid), rows[i].rc);
		CHECK((o.why != NULL) == (rows[i].rc == RC_INVALID));
	}
	struct key_order second = order(JOSE_PS256); /* the first of its algorithm, but caches exist */
	second.lead = 0;
	CHECK_RC(keyring_create(k.store, &k.a, &second, &kid), RC_INVALID);
	second.lead = -1;
	CHECK_RC(keyring_create(k.store, &k.a, &second, &kid), RC_OK);
	struct key_info *list;
	size_t n;
	CHECK_RC(keyring_list(k.store, &k.a, clock_now(), &list, &n), RC_OK);
	assert_int_equal(n, 4);
	CHECK(list[0].row.active_from == list[0].row.published); /* the store's first key signs at once */
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].row.kid, kid))
			CHECK(list[i].row.active_from == list[i].row.published + KEYRING_LEAD &&
			      list[i].state == KEY_WAITING);
	kit_close(&k);
}

static enum key_state state_at(struct kit *k, struct str kid, int64_t at)
{
	struct key_info *list;
	size_t n;
	CHECK_RC(keyring_list(k->store, &k->a, at, &list, &n), RC_OK);
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].row.kid, kid))
			return list[i].state;
	return KEY_STATE__MAX;
}

static void test_keyring__states(void **state)
{
	(void)state;
	struct kit k;
	struct str old, new, other;
	kit_open(&k, STORE_PRODUCTION);
	int64_t now = clock_now();
	CHECK_RC(make(&k, JOSE_ES256, 0, &old), RC_OK);
	CHECK_RC(make(&k, JOSE_EDDSA, 0, &other), RC_OK);
	CHECK_RC(rotate(&k, JOSE_ES256, 26 * CLOCK_HOUR, 26 * CLOCK_HOUR, &new), RC_OK);
	const struct {
		int64_t hours;
		enum key_state old, new;
	} rows[] = {
		{ 1, KEY_ACTIVE, KEY_WAITING },  { 25, KEY_ACTIVE, KEY_WAITING }, { 27, KEY_RETIRED, KEY_ACTIVE },
		{ 51, KEY_RETIRED, KEY_ACTIVE }, { 53, KEY_REMOVED, KEY_ACTIVE },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		int64_t at = now + rows[i].hours * CLOCK_HOUR;
		assert_int_equal(state_at(&k, old, at), rows[i].old);
		assert_int_equal(state_at(&k, new, at), rows[i].new);
		assert_int_equal(state_at(&k, other, at), KEY_ACTIVE);
	}
	struct str third;
	CHECK_RC(make(&k, JOSE_EDDSA, 0, &third), RC_OK); /* nobody told the first one to end */
	assert_int_equal(state_at(&k, other, clock_now()), KEY_IDLE);
	assert_int_equal(state_at(&k, third, clock_now()), KEY_ACTIVE);
	for (int i = 0; i < KEY_STATE__MAX; i++)
		CHECK(key_state_name((enum key_state)i) != NULL);
	kit_close(&k);
}

static void test_keyring__retire(void **state)
{
	(void)state;
	struct kit k;
	struct str one, two, waiting;
	struct keyring *ring = NULL;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_ES256, 0, &one), RC_OK);
	struct key_end e = { .kid = STR("nobody"), .keep = -1 };
	CHECK_RC(keyring_retire(k.store, &k.a, &e), RC_NOT_FOUND);
	e.kid = one;
	CHECK_RC(keyring_retire(k.store, &k.a, &e), RC_INVALID); /* nothing else signs */
	CHECK(e.why);
	CHECK_RC(make(&k, JOSE_ES256, 0, &two), RC_OK);
	CHECK_RC(make(&k, JOSE_ES256, CLOCK_DAY, &waiting), RC_OK);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_OK);
	e.keep = KEYRING_KEEP_MIN - 1;
	CHECK_RC(keyring_retire(k.store, &k.a, &e), RC_INVALID);
	e.keep = -1;
	e.kid = two;
	CHECK_RC(keyring_retire(k.store, &k.a, &e), RC_OK);
	CHECK_RC(keyring_retire(k.store, &k.a, &e), RC_INVALID);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	CHECK_STR(signer_kid(ring, JOSE_ES256), one); /* the one before takes over */
	CHECK(str_find(jwks_of(&k, ring), two) > 0);
	e.compromised = true; /* found out later */
	CHECK_RC(keyring_retire(k.store, &k.a, &e), RC_OK);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	CHECK(str_find(jwks_of(&k, ring), two) < 0);
	struct key_end w = { .kid = waiting, .keep = -1 };
	CHECK_RC(keyring_retire(k.store, &k.a, &w), RC_OK); /* never used: gone at once */
	assert_int_equal(state_at(&k, waiting, clock_now()), KEY_REMOVED);
	struct key_end last = { .kid = one, .keep = -1, .last = true };
	CHECK_RC(keyring_retire(k.store, &k.a, &last), RC_OK);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	CHECK_STR(signer_kid(ring, JOSE_ES256), STR("none"));
	CHECK_RC(keyring_ready(ring, JOSE_ES256), RC_NOT_FOUND);
	/* What has signed receipts can be looked up for good, unless somebody else has it. */
	clock_set_offset(10 * CLOCK_DAY);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	CHECK(str_find(jwks_of(&k, ring), one) < 0);
	CHECK(str_find(past_of(&k, ring), one) > 0);
	CHECK(str_find(past_of(&k, ring), two) < 0);
	struct key_end late = { .kid = one, .keep = -1, .compromised = true };
	CHECK_RC(keyring_retire(k.store, &k.a, &late), RC_OK); /* stolen from an old backup, say */
	CHECK(str_find(past_of(&k, ring), one) < 0);
	CHECK_RC(keyring_retire(k.store, &k.a, &late), RC_INVALID);
	clock_set_offset(0);
	keyring_close(ring);
	kit_close(&k);
}

/* ---- rotations that are called off ---- */

static enum rc retire(struct kit *k, struct str kid, bool last, struct key_end *out)
{
	*out = (struct key_end){ .kid = kid, .keep = -1, .last = last };
	return keyring_retire(k->store, &k->a, out);
}

static const struct key_row *row_of(struct kit *k, struct str kid)
{
	struct key_info *list;
	size_t n;
	CHECK_RC(keyring_list(k->store, &k->a, clock_now(), &list, &n), RC_OK);
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].row.kid, kid))
			return &list[i].row;
	fail_msg("no key %.*s", STR_FMT(kid));
	return NULL;
}

static void test_keyring__a_rotation_is_called_off(void **state)
{
	(void)state;
	struct kit k;
	struct str old, new;
	struct keyring *ring = NULL;
	struct key_end e;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_RS256, 0, &old), RC_OK);
	CHECK_RC(rotate(&k, JOSE_RS256, -1, -1, &new), RC_OK);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_OK);
	CHECK_RC(retire(&k, new, false, &e), RC_OK);
	assert_int_equal(e.n_going_on, 1);
	CHECK_STR(e.going_on[0].kid, old);
	assert_int_equal(row_of(&k, old)->retire_at, 0);
	assert_int_equal(row_of(&k, old)->remove_at, 0);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	clock_set_offset(KEYRING_LEAD + KEYRING_KEEP + CLOCK_MINUTE);
	CHECK_STR(kid_of(ring), old); /* the planned second is past, and it signs */
	assert_int_equal(published(&k, ring), 1);
	/* Once the new one has taken over it is a key like any other. */
	CHECK_RC(rotate(&k, JOSE_RS256, -1, -1, &new), RC_OK);
	clock_set_offset(2 * KEYRING_LEAD + KEYRING_KEEP + 2 * CLOCK_MINUTE);
	CHECK_RC(retire(&k, new, false, &e), RC_INVALID);
	CHECK(e.why && e.n_going_on == 0);
	clock_set_offset(0);
	keyring_close(ring);
	kit_close(&k);
}

static void test_keyring__the_middle_of_two_rotations_is_called_off(void **state)
{
	(void)state;
	struct kit k;
	struct str a, b, c;
	struct key_end e;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_ES256, 0, &a), RC_OK);
	CHECK_RC(rotate(&k, JOSE_ES256, 48 * CLOCK_HOUR, -1, &b), RC_OK);
	CHECK_RC(rotate(&k, JOSE_ES256, 96 * CLOCK_HOUR, -1, &c), RC_OK);
	CHECK_RC(retire(&k, b, false, &e), RC_OK);
	assert_int_equal(e.n_going_on, 1);
	assert_int_equal(row_of(&k, a)->retire_at, row_of(&k, c)->active_from); /* it makes way for the next one */
	assert_int_equal(row_of(&k, a)->remove_at, row_of(&k, a)->retire_at + KEYRING_KEEP);
	/* A second successor that signs by then takes over as planned. */
	struct str beside;
	CHECK_RC(make(&k, JOSE_ES256, 72 * CLOCK_HOUR, &beside), RC_OK);
	CHECK_RC(retire(&k, c, false, &e), RC_OK);
	assert_int_equal(e.n_going_on, 0);
	CHECK(row_of(&k, a)->retire_at != 0);
	/* And is the last that does. */
	CHECK_RC(retire(&k, beside, false, &e), RC_INVALID);
	CHECK(str_find(str_of(e.why), STR("planned to end")) > 0);
	CHECK_RC(retire(&k, beside, true, &e), RC_OK);
	kit_close(&k);
}

/* A second rotation that takes over before the first one would have. */
static void test_keyring__an_overtaking_rotation_is_called_off(void **state)
{
	(void)state;
	struct kit k;
	struct str a, b, c;
	struct key_end e;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_ES256, 0, &a), RC_OK);
	CHECK_RC(rotate(&k, JOSE_ES256, 48 * CLOCK_HOUR, -1, &b), RC_OK);
	CHECK_RC(rotate(&k, JOSE_ES256, 26 * CLOCK_HOUR, -1, &c), RC_OK);
	CHECK_RC(retire(&k, c, false, &e), RC_OK);
	assert_int_equal(e.n_going_on, 1);
	assert_int_equal(row_of(&k, b)->retire_at, 0);
	assert_int_equal(row_of(&k, a)->retire_at, row_of(&k, b)->active_from);
	kit_close(&k);
}

/* Between two keys there is a gap: the one behind it is not the last one's to lose. */
static void test_keyring__no_silence_for_good(void **state)
{
	(void)state;
	struct kit k;
	struct str old, late;
	struct key_end e;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_RS256, 0, &old), RC_OK);
	struct key_row row = *row_of(&k, old);
	row.retire_at = clock_now() + CLOCK_HOUR;
	row.remove_at = row.retire_at + KEYRING_KEEP;
	CHECK_RC(keys_set_times(k.store, &k.a, &row, 1), RC_OK);
	CHECK_RC(make(&k, JOSE_RS256, 72 * CLOCK_HOUR, &late), RC_OK);
	CHECK_RC(retire(&k, late, false, &e), RC_INVALID);
	CHECK(str_find(str_of(e.why), STR("planned to end")) > 0);
	CHECK_RC(retire(&k, late, true, &e), RC_OK);
	kit_close(&k);
}

static void test_keyring__no_time_without_a_key(void **state)
{
	(void)state;
	struct kit k;
	struct str a, b, c;
	struct key_end e;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_ES256, 0, &a), RC_OK);
	CHECK_RC(rotate(&k, JOSE_ES256, -1, -1, &b), RC_OK);
	CHECK_RC(retire(&k, a, false, &e), RC_INVALID); /* until the new one takes over nobody would sign */
	CHECK_RC(make(&k, JOSE_ES256, 0, &c), RC_OK);
	CHECK_RC(retire(&k, a, false, &e), RC_OK);
	CHECK_RC(retire(&k, b, false, &e), RC_OK); /* c goes on without an end */
	assert_int_equal(e.n_going_on, 0);
	CHECK_RC(retire(&k, c, false, &e), RC_INVALID);
	struct str first; /* of an algorithm that nobody signs with: nothing is lost */
	CHECK_RC(make(&k, JOSE_EDDSA, CLOCK_DAY, &first), RC_OK);
	CHECK_RC(retire(&k, first, false, &e), RC_OK);
	kit_close(&k);
}

/* A store that was left with an end and no successor. */
static void test_keyring__rotate_mends_what_has_no_successor(void **state)
{
	(void)state;
	struct kit k;
	struct str old, new;
	struct keyring *ring = NULL;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_RS256, 0, &old), RC_OK);
	struct key_row row = *row_of(&k, old);
	row.retire_at = clock_now() + CLOCK_HOUR;
	row.remove_at = row.retire_at + KEYRING_KEEP;
	CHECK_RC(keys_set_times(k.store, &k.a, &row, 1), RC_OK);
	CHECK_RC(rotate(&k, JOSE_RS256, -1, -1, &new), RC_OK);
	assert_int_equal(row_of(&k, old)->retire_at, row_of(&k, new)->active_from);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_OK);
	clock_set_offset(2 * CLOCK_HOUR);
	CHECK_STR(kid_of(ring), old);
	clock_set_offset(KEYRING_LEAD + CLOCK_MINUTE);
	CHECK_STR(kid_of(ring), new);
	clock_set_offset(0);
	keyring_close(ring);
	kit_close(&k);
}

/* ---- keys and certificates from outside ---- */

static const char ec_pem[] = "-----BEGIN PRIVATE KEY-----\n"
			     "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgXR/4Pc8KA2VFQ1Xt\n"
			     "hW8xLHNrRL29dQFWPlhSAFU+pJGhRANCAARkWk2VXToYbw8+NkLrYSL1m20LTZ64\n"
			     "sTp5zvPzvmD4mus+WB4Dbjp+ZyY/xpkijYTCrCGWN/yFcHSz+h5R7Yot\n"
			     "-----END PRIVATE KEY-----\n";

static void test_keyring__import(void **state)
{
	(void)state;
	struct kit k;
	struct str kid, again, other;
	struct keyring *ring = NULL;
	kit_open(&k, STORE_PRODUCTION);
	struct key_order o = order(JOSE_RS256);
	o.import = str_of(ec_pem);
	CHECK_RC(keyring_create(k.store, &k.a, &o, &kid), RC_INVALID); /* not of that algorithm */
	o.import = STR("nonsense");
	CHECK_RC(keyring_create(k.store, &k.a, &o, &kid), RC_INVALID);
	o.alg = JOSE_ES256;
	o.import = str_of(ec_pem);
	CHECK_RC(keyring_create(k.store, &k.a, &o, &kid), RC_OK);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_OK);
	CHECK_STR(signer_kid(ring, JOSE_ES256), kid);
	/* A kid is never given again, not even after the key has been removed. */
	struct key_end e = { .kid = kid, .compromised = true, .last = true, .keep = -1 };
	CHECK_RC(make(&k, JOSE_ES256, 0, &other), RC_OK);
	CHECK_RC(keyring_retire(k.store, &k.a, &e), RC_OK);
	CHECK_RC(keyring_create(k.store, &k.a, &o, &again), RC_CONFLICT);
	keyring_close(ring);
	kit_close(&k);
}

static void test_keyring__orders_that_are_refused(void **state)
{
	(void)state;
	const struct {
		enum jose_alg alg;
		unsigned bits;
		struct str subject, chain;
	} rows[] = {
		{ JOSE_RS256, 2047, STR("x"), STR_NONE },
		{ JOSE_RS256, KEYRING_BITS_MAX + 1, STR("x"), STR_NONE },
		{ JOSE_ES256, 2048, STR("x"), STR_NONE },
		{ JOSE_ES256, 0, STR(""), STR_NONE },
		{ JOSE_ES256, 0, STR("NOSUCH=x"), STR_NONE },
		{ JOSE_ES256, 0, STR("CN=a+O=b"), STR_NONE },
		{ JOSE_ES256, 0, STR("CN=a,"), STR("no certificate") },
	};
	struct kit k;
	struct str kid;
	kit_open(&k, STORE_PRODUCTION);
	for (size_t i = 0; i < LEN(rows); i++) {
		struct key_order o = order(rows[i].alg);
		o.bits = rows[i].bits;
		o.subject = rows[i].subject;
		o.chain = rows[i].chain;
		CHECK_RC(keyring_create(k.store, &k.a, &o, &kid), RC_INVALID);
		CHECK(o.why);
	}
	struct key_info *list;
	size_t n;
	CHECK_RC(keyring_list(k.store, &k.a, clock_now(), &list, &n), RC_OK);
	assert_int_equal(n, 0);
	kit_close(&k);
}

static struct jwk_cert cert_of(struct kit *k, struct str kid)
{
	struct key_info *list;
	size_t n;
	const struct js *v;
	const char *why;
	struct jwk *key = NULL;
	struct jwk_cert cert = { .subject = STR_NONE };
	CHECK_RC(keyring_list(k->store, &k->a, clock_now(), &list, &n), RC_OK);
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(list[i].row.kid, kid))
			continue;
		CHECK_RC(js_parse(&k->a, list[i].row.public_json, NULL, &v, NULL), RC_OK);
		CHECK_RC(jwk_parse(v, &key, &why), RC_OK);
		CHECK_RC(jwk_cert_read(key, &k->a, &cert), RC_OK);
		jwk_unref(key);
	}
	return cert;
}

static void test_keyring__the_subject_goes_on(void **state)
{
	(void)state;
	struct kit k;
	struct str first, second, third;
	kit_open(&k, STORE_PRODUCTION);
	struct key_order o = order(JOSE_ES256);
	o.subject = STR("CN=Samtykke\\, nr. 1,O=Fiktivia Ætat,C=NO");
	CHECK_RC(keyring_create(k.store, &k.a, &o, &first), RC_OK);
	CHECK_STR(cert_of(&k, first).subject, o.subject);
	CHECK_RC(rotate(&k, JOSE_ES256, -1, -1, &second), RC_OK);
	CHECK_STR(cert_of(&k, second).subject, o.subject);
	CHECK(cert_of(&k, second).not_after > clock_now() + 9 * 365 * CLOCK_DAY);
	struct key_order named = order(JOSE_ES256);
	named.subject = STR("Another");
	CHECK_RC(keyring_rotate(k.store, &k.a, &named, &third), RC_OK);
	CHECK_STR(cert_of(&k, third).subject, STR("CN=Another"));
	kit_close(&k);
}

static struct str pem_of(struct kit *k, struct keyring *ring, enum jose_alg alg)
{
	struct signer *s;
	const struct str *der;
	size_t n;
	CHECK_RC(keyring_signer(ring, alg, &s), RC_OK);
	CHECK_RC(jwk_x5c(signer_key(s), &der, &n), RC_OK);
	return arena_fmt(&k->a, "-----BEGIN CERTIFICATE-----\n%.*s\n-----END CERTIFICATE-----\n",
			 STR_FMT(b64(&k->a, der[0])));
}

static void test_keyring__a_certificate_takes_anothers_place(void **state)
{
	(void)state;
	struct kit k, other;
	struct str kid, imported, pem;
	struct keyring *ring = NULL, *away = NULL;
	struct signer *held = NULL;
	const char *why = NULL;
	kit_open(&k, STORE_PRODUCTION);
	kit_open(&other, STORE_PRODUCTION);
	struct key_order o = order(JOSE_ES256);
	o.import = str_of(ec_pem);
	CHECK_RC(keyring_create(k.store, &k.a, &o, &kid), RC_OK);
	o.subject = STR("CN=From an authority");
	CHECK_RC(keyring_create(other.store, &other.a, &o, &imported), RC_OK);
	CHECK_RC(keyring_open(other.store, &(struct keyring_config){ .master = master }, &away), RC_OK);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_OK);
	CHECK_RC(keyring_signer(ring, JOSE_ES256, &held), RC_OK);
	pem = pem_of(&other, away, JOSE_ES256);
	CHECK_RC(keyring_certify(k.store, &k.a, STR("nobody"), pem, &why), RC_NOT_FOUND);
	CHECK_RC(keyring_certify(k.store, &k.a, kid, STR("x"), &why), RC_INVALID);
	CHECK_RC(keyring_certify(k.store, &k.a, kid, pem, &why), RC_OK);
	CHECK_STR(cert_of(&k, kid).subject, STR("CN=From an authority"));
	struct str before = jwks_of(&k, ring);
	CHECK_RC(keyring_refresh(ring), RC_OK);
	CHECK(!str_eq(jwks_of(&k, ring), before)); /* a running server publishes it */
	assert_int_equal(published(&k, ring), 1);
	CHECK_STR(signer_kid(ring, JOSE_ES256), kid);
	CHECK_STR(jwk_kid(signer_key(held)), kid); /* what was borrowed stays */

	struct key_order with = { .master = master };
	CHECK_RC(keyring_csr(k.store, &k.a, kid, &with, &pem), RC_OK);
	CHECK(str_starts(pem, STR("-----BEGIN CERTIFICATE REQUEST-----\n")));
	with.master = other_master;
	CHECK_RC(keyring_csr(k.store, &k.a, kid, &with, &pem), RC_DENIED);
	keyring_close(ring);
	keyring_close(away);
	kit_close(&other);
	kit_close(&k);
}

static void test_keyring__rekey(void **state)
{
	(void)state;
	struct kit k;
	struct str one, two;
	struct keyring *ring = NULL;
	size_t n = 0;
	kit_open(&k, STORE_PRODUCTION);
	CHECK_RC(make(&k, JOSE_RS256, 0, &one), RC_OK);
	CHECK_RC(make(&k, JOSE_EDDSA, 0, &two), RC_OK);
	CHECK_RC(keyring_rekey(k.store, &k.a, other_master, master, &n), RC_DENIED);
	CHECK_RC(keyring_rekey(k.store, &k.a, master, other_master, &n), RC_OK);
	assert_int_equal(n, 2);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = master }, &ring), RC_DENIED);
	CHECK_RC(keyring_open(k.store, &(struct keyring_config){ .master = other_master }, &ring), RC_OK);
	CHECK_STR(signer_kid(ring, JOSE_RS256), one);
	CHECK_STR(signer_kid(ring, JOSE_EDDSA), two);
	keyring_close(ring);
	kit_close(&k);
}

T_MAIN(cmocka_unit_test(test_keyring__sandbox_key), cmocka_unit_test(test_keyring__none),
       cmocka_unit_test(test_keyring__sealed), cmocka_unit_test(test_keyring__rotation),
       cmocka_unit_test(test_keyring__sandbox_key_in_a_store), cmocka_unit_test(test_keyring__limit),
       cmocka_unit_test(test_keyring__one_key_of_each_algorithm_signs),
       cmocka_unit_test(test_keyring__algorithms_of_tokens),
       cmocka_unit_test(test_keyring__the_least_lead_is_longer_than_two_caches),
       cmocka_unit_test(test_keyring__times_respect_caches), cmocka_unit_test(test_keyring__states),
       cmocka_unit_test(test_keyring__retire), cmocka_unit_test(test_keyring__a_rotation_is_called_off),
       cmocka_unit_test(test_keyring__the_middle_of_two_rotations_is_called_off),
       cmocka_unit_test(test_keyring__an_overtaking_rotation_is_called_off),
       cmocka_unit_test(test_keyring__no_silence_for_good), cmocka_unit_test(test_keyring__no_time_without_a_key),
       cmocka_unit_test(test_keyring__rotate_mends_what_has_no_successor), cmocka_unit_test(test_keyring__import),
       cmocka_unit_test(test_keyring__orders_that_are_refused), cmocka_unit_test(test_keyring__the_subject_goes_on),
       cmocka_unit_test(test_keyring__a_certificate_takes_anothers_place), cmocka_unit_test(test_keyring__rekey))
