#include "keys_kit.h"

/* A verifier may have fetched the set 24 hours before it meets a token. */
static void test_keys_make__rotation(void **state)
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

static void test_keys_make__limit(void **state)
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

/* A verifier's copy is a day old, and was an hour old when it came: /jwk is cached that long, and a process reads the
 * store every few seconds. */
static void test_keys_make__the_least_lead_is_longer_than_two_caches(void **state)
{
	(void)state;
	CHECK(KEYRING_LEAD_MIN >= 24 * CLOCK_HOUR + CLOCK_HOUR + CLOCK_MINUTE);
	CHECK(KEYRING_LEAD > KEYRING_LEAD_MIN && KEYRING_KEEP >= KEYRING_KEEP_MIN);
}

static void test_keys_make__times_respect_caches(void **state)
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

/* A store that was left with an end and no successor. */
static void test_keys_make__rotate_mends_what_has_no_successor(void **state)
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

static void test_keys_make__import(void **state)
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

static void test_keys_make__orders_that_are_refused(void **state)
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

static void test_keys_make__the_subject_goes_on(void **state)
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

T_MAIN(cmocka_unit_test(test_keys_make__rotation), cmocka_unit_test(test_keys_make__limit),
       cmocka_unit_test(test_keys_make__the_least_lead_is_longer_than_two_caches),
       cmocka_unit_test(test_keys_make__times_respect_caches),
       cmocka_unit_test(test_keys_make__rotate_mends_what_has_no_successor), cmocka_unit_test(test_keys_make__import),
       cmocka_unit_test(test_keys_make__orders_that_are_refused), cmocka_unit_test(test_keys_make__the_subject_goes_on))
