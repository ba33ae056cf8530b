#include <pthread.h>

#include "base/b64.h"
#include "base/zip.h"
#include "proof/status.h"
#include "publish_kit.h"

#define URL "https://consent.example"
#define LIST_MAX 150000 /* bytes, of a million live consents with a tenth of them ended */

struct lists {
	struct kit k;
	struct keyring *keys;
	struct status_lists *s;
};

static void lists_open(struct lists *l)
{
	kit_open(&l->k, STORE_SANDBOX);
	struct keyring_config c = { .fixed_jwks = keyring_sandbox_jwks() };
	CHECK_RC(keyring_open(l->k.store, &c, &l->keys), RC_OK);
	struct status_config sc = { .store = l->k.store, .keys = l->keys, .public_url = STR(URL), .ttl_s = 10 };
	CHECK_RC(status_open(&sc, &l->s), RC_OK);
}

static void lists_close(struct lists *l)
{
	status_close(l->s);
	keyring_close(l->keys);
	kit_close(&l->k);
	clock_set_offset(0);
}

static void test_status__no_index_is_given_twice(void **state)
{
	(void)state;
	struct lists l;
	uint8_t *seen = calloc(1, STATUS_BYTES);
	lists_open(&l);
	for (int64_t key = STATUS_LIST_SIZE; key < 2 * STATUS_LIST_SIZE; key += 13) {
		uint32_t i = status_index(l.s, key);
		if (i >= STATUS_LIST_SIZE || seen[i / 8] & 1 << i % 8)
			fail_msg("key %lld: index %u", (long long)key, i);
		seen[i / 8] |= (uint8_t)(1 << i % 8);
	}
	free(seen);
	lists_close(&l);
}

static void test_status__indexes_differ_by_list_and_store(void **state)
{
	(void)state;
	struct lists l, other;
	lists_open(&l);
	lists_open(&other);
	int same_list = 0, same_store = 0;
	for (int64_t key = 0; key < 1000; key++) {
		same_list += status_index(l.s, key) == status_index(l.s, key + STATUS_LIST_SIZE);
		same_store += status_index(l.s, key) == status_index(other.s, key);
	}
	CHECK(same_list < 10 && same_store < 10);
	struct status_config sc = { .store = l.k.store, .keys = l.keys, .public_url = STR(URL), .ttl_s = 10 };
	struct status_lists *again;
	CHECK_RC(status_open(&sc, &again), RC_OK);
	CHECK(status_index(again, 12345) == status_index(l.s, 12345));
	CHECK_STR(status_claim(again, &l.k.a, 3 * STATUS_LIST_SIZE + 7),
		  status_claim(l.s, &l.k.a, 3 * STATUS_LIST_SIZE + 7));
	CHECK(str_find(status_claim(l.s, &l.k.a, 3 * STATUS_LIST_SIZE), STR("\"uri\":\"" URL "/statuslists/3\"")) > 0);
	status_close(again);
	lists_close(&other);
	lists_close(&l);
}

static void test_status__a_million_with_a_tenth_ended_fit(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	uint8_t *bits = arena_alloc(&a, STATUS_BYTES);
	struct str lst, packed, back, jwt;
	struct jwk *key = NULL;
	uint32_t dice;
	for (size_t i = 0; i < STATUS_LIST_SIZE; i++) {
		rand_bytes(&dice, sizeof dice);
		if (dice % 10 == 0)
			bits[i / 8] |= (uint8_t)(1 << i % 8);
	}
	CHECK_RC(status_pack(&a, bits, &lst), RC_OK);
	CHECK_RC(b64url_decode(&a, lst, &packed), RC_OK);
	CHECK_RC(zip_inflate(&a, packed, STATUS_BYTES, &back), RC_OK);
	CHECK_STR(back, str_span(bits, STATUS_BYTES));
	CHECK_RC(jwk_generate(JOSE_RS256, STR("k"), &key), RC_OK);
	CHECK_RC(jws_sign_long(&a, key, JOSE_RS256, STR_NONE, arena_fmt(&a, "{\"lst\":\"%.*s\"}", STR_FMT(lst)), &jwt),
		 RC_OK);
	if (jwt.n > LIST_MAX)
		fail_msg("%zu bytes", jwt.n);
	jwk_unref(key);
}

/* ---- a list of a store ---- */
static struct consent *given(struct lists *l, int64_t valid_to)
{
	struct event e;
	struct consent *c = arena_new(&l->k.a, struct consent);
	*c = (struct consent){
		.id = uuid_v4(),
		.from = { .kind = URN_PERSON, .value = STR("01025161013") },
		.to = { .kind = URN_ORG, .value = STR("810419512") },
		.from_uuid = uuid_v4(),
		.to_uuid = uuid_v4(),
		.created = clock_now(),
		.valid_to = valid_to,
		.valid_to_text = STR("2030-06-01T12:00:00+00:00"),
		.rights_json = STR("[]"),
		.redirect_url = STR("https://bank.example/"),
	};
	CHECK_RC(consents_create(l->k.store, &l->k.a, c, c->to, c->to_uuid, &(struct basis){ 0 }, &e), RC_OK);
	CLEANUP(reader_closep) struct reader *r = NULL;
	CHECK_RC(reader_open(l->k.store, false, &r), RC_OK);
	CHECK_RC(consents_get(r, &l->k.a, c->id, false, &c, NULL), RC_OK);
	return c;
}

static void answer(struct lists *l, const struct consent *c, enum consent_status to)
{
	struct event e;
	struct answer w = { .id = c->id,
			    .to = to,
			    .now = clock_now(),
			    .performed_by = c->from,
			    .performed_by_uuid = c->from_uuid,
			    .to_uuid = c->to_uuid,
			    .language = STR("nb"),
			    .snapshot_json = STR("{}"),
			    .shown_sha256 = STR("00") };
	CHECK_RC(consents_answer(l->k.store, &l->k.a, &w, &e), RC_OK);
}

/* What a caller gets who wants to know how it stands from now on. */
static struct str fetched(struct lists *l)
{
	struct str jwt;
	int64_t since = clock_mono();
	CHECK_RC(status_get(l->s, &l->k.a, 0, since, &jwt), RC_BUSY);
	CHECK_RC(status_work(l->s), RC_OK);
	CHECK_RC(status_get(l->s, &l->k.a, 0, since, &jwt), RC_OK);
	return jwt;
}

static bool ended(struct lists *l, const struct consent *c)
{
	struct jws jws;
	const struct js *v;
	struct str lst, packed, bits;
	uint32_t i = status_index(l->s, c->key);
	CHECK_RC(jws_parse_long(&l->k.a, fetched(l), &jws), RC_OK);
	CHECK_RC(keyring_verify(l->keys, &jws), RC_OK);
	CHECK_RC(js_parse(&l->k.a, jws.payload, NULL, &v, NULL), RC_OK);
	CHECK_RC(js_member_str(js_get(v, "status_list"), "lst", &lst), RC_OK);
	CHECK_RC(b64url_decode(&l->k.a, lst, &packed), RC_OK);
	CHECK_RC(zip_inflate(&l->k.a, packed, STATUS_BYTES, &bits), RC_OK);
	CHECK(bits.n == STATUS_BYTES);
	return bits.p[i / 8] >> i % 8 & 1;
}

static void test_status__turns_with_withdrawal_and_clock(void **state)
{
	(void)state;
	struct lists l;
	struct str jwt;
	lists_open(&l);
	CHECK_RC(status_get(l.s, &l.k.a, 0, clock_mono(), &jwt), RC_BUSY);
	CHECK_RC(status_work(l.s), RC_OK);
	CHECK_RC(status_get(l.s, &l.k.a, 0, 0, &jwt), RC_NOT_FOUND); /* no consent, no list */
	int64_t now = clock_now();
	struct consent *withdrawn = given(&l, now + CLOCK_DAY), *expiring = given(&l, now + CLOCK_HOUR);
	struct consent *stays = given(&l, now + 9 * CLOCK_DAY);
	answer(&l, withdrawn, ST_ACCEPTED);
	answer(&l, expiring, ST_ACCEPTED);
	answer(&l, stays, ST_ACCEPTED);
	CHECK(!ended(&l, withdrawn) && !ended(&l, expiring) && !ended(&l, stays));
	answer(&l, withdrawn, ST_REVOKED);
	CHECK(ended(&l, withdrawn) && !ended(&l, expiring) && !ended(&l, stays));
	clock_set_offset(2 * CLOCK_HOUR);
	CHECK(ended(&l, withdrawn) && ended(&l, expiring) && !ended(&l, stays));
	clock_set_offset(0);
	CHECK(ended(&l, withdrawn) && !ended(&l, expiring) && !ended(&l, stays));
	CHECK_RC(status_get(l.s, &l.k.a, 1, 0, &jwt), RC_NOT_FOUND);
	CHECK_RC(status_get(l.s, &l.k.a, -1, 0, &jwt), RC_NOT_FOUND);
	lists_close(&l);
}

/* Behind the store's back. */
static void rows_set(struct lists *l, const char *set, const struct consent *c)
{
	char command[512];
	struct str id = uuid_str(&l->k.a, c->id);
	int n = snprintf(command, sizeof command,
			 "sqlite3 %s/test.db \"UPDATE consent SET %s WHERE lower(hex(id)) = replace('%.*s', '-', '')\"",
			 l->k.dir, set, STR_FMT(id));
	CHECK(n > 0 && n < (int)sizeof command);
	assert_int_equal(system(command), 0);
}

/* What was read is not read again, and what lies before it is not looked at: only what has ended since. */
static void test_status__reads_what_ended_since_the_last_look(void **state)
{
	(void)state;
	struct lists l;
	lists_open(&l);
	int64_t now = clock_now();
	struct consent *first = given(&l, now + CLOCK_DAY), *hidden = given(&l, now + CLOCK_DAY);
	struct consent *late = given(&l, now + CLOCK_DAY), *expired = given(&l, now + CLOCK_HOUR);
	struct consent *earlier = given(&l, now + CLOCK_DAY);
	answer(&l, first, ST_ACCEPTED);
	answer(&l, hidden, ST_ACCEPTED);
	answer(&l, late, ST_ACCEPTED);
	answer(&l, first, ST_REVOKED);
	clock_set_offset(2 * CLOCK_HOUR);
	CHECK(ended(&l, first) && ended(&l, expired) && !ended(&l, hidden) && !ended(&l, late) && !ended(&l, earlier));
	rows_set(&l, "status = 2", first);                          /* as if it had never ended */
	rows_set(&l, "valid_to = valid_to * 2", expired);           /* likewise */
	rows_set(&l, "status = 3", hidden);                         /* with the event of its answer, which is older */
	rows_set(&l, "valid_to = valid_to - 86400000000", earlier); /* before the last look */
	CHECK(ended(&l, first) && ended(&l, expired) && !ended(&l, hidden) && !ended(&l, earlier));
	answer(&l, late, ST_REVOKED);
	CHECK(ended(&l, late));
	CHECK(ended(&l, first) && ended(&l, expired) && !ended(&l, hidden) && !ended(&l, earlier));
	/* A server that has not looked yet finds the rows as they are. */
	status_close(l.s);
	struct status_config sc = { .store = l.k.store, .keys = l.keys, .public_url = STR(URL), .ttl_s = 10 };
	CHECK_RC(status_open(&sc, &l.s), RC_OK);
	CHECK(!ended(&l, first) && !ended(&l, expired) && ended(&l, hidden) && ended(&l, late) && ended(&l, earlier));
	lists_close(&l);
}

static void test_status__is_signed_when_it_changes_or_is_old(void **state)
{
	(void)state;
	struct lists l;
	lists_open(&l);
	struct consent *c = given(&l, clock_now() + CLOCK_DAY);
	answer(&l, c, ST_ACCEPTED);
	struct str first = fetched(&l);
	clock_set_offset(9 * CLOCK_SECOND - 100000);
	CHECK_STR(fetched(&l), first);
	clock_set_offset(11 * CLOCK_SECOND);
	struct str second = fetched(&l);
	CHECK(!str_eq(second, first));
	CHECK_STR(fetched(&l), second);
	answer(&l, c, ST_REVOKED);
	CHECK(!str_eq(fetched(&l), second));
	lists_close(&l);
}

static enum rc got(struct lists *l, int64_t list, int64_t since)
{
	struct str jwt;
	return status_get(l->s, &l->k.a, list, since, &jwt);
}

static void test_status__the_list_not_asked_for_the_longest_makes_room(void **state)
{
	(void)state;
	struct lists l;
	lists_open(&l);
	struct consent *c = given(&l, clock_now() + CLOCK_DAY);
	char set[64];
	(void)snprintf(set, sizeof set, "key = %d",
		       STATUS_LISTS_KEPT * STATUS_LIST_SIZE); /* in the list past the last */
	rows_set(&l, set, c);
	int64_t since = clock_mono();
	for (int64_t list = 0; list < STATUS_LISTS_KEPT; list++) {
		CHECK_RC(got(&l, list, since), RC_BUSY);
		CHECK_RC(status_work(l.s), RC_OK);
		CHECK_RC(got(&l, list, since), RC_OK);
	}
	CHECK_RC(got(&l, 0, since), RC_OK); /* all of them are there; now 1 is the one that was asked for first */
	CHECK_RC(got(&l, STATUS_LISTS_KEPT, since), RC_BUSY);
	CHECK_RC(status_work(l.s), RC_OK);
	CHECK_RC(got(&l, STATUS_LISTS_KEPT, since), RC_OK);
	CHECK_RC(got(&l, 0, since), RC_OK);
	CHECK_RC(got(&l, 2, since), RC_OK);
	CHECK_RC(got(&l, 1, since), RC_BUSY);
	CHECK_RC(status_work(l.s), RC_OK); /* and it comes back */
	CHECK_RC(got(&l, 1, since), RC_OK);
	lists_close(&l);
}

static void test_status__so_many_lists_wait_for_a_look(void **state)
{
	(void)state;
	for (int more = 0; more < 2; more++) {
		struct lists l;
		lists_open(&l);
		(void)given(&l, clock_now() + CLOCK_DAY);
		int64_t since = clock_mono();
		for (int i = 1; i < STATUS_WANTED_MAX + more; i++)
			CHECK_RC(got(&l, i, since), RC_BUSY);
		CHECK_RC(got(&l, 0, since), RC_BUSY);
		CHECK_RC(status_work(l.s), RC_OK);
		CHECK_RC(got(&l, 0, since), more ? RC_BUSY : RC_OK);
		if (more) { /* it waits for the next one */
			CHECK_RC(status_work(l.s), RC_OK);
			CHECK_RC(got(&l, 0, since), RC_OK);
		}
		lists_close(&l);
	}
}

static void *worker(void *arg)
{
	while (status_work(arg) != RC_NOT_FOUND)
		;
	return NULL;
}

static void test_status__stops_while_it_waits(void **state)
{
	(void)state;
	struct lists l;
	pthread_t t;
	lists_open(&l);
	assert_int_equal(pthread_create(&t, NULL, worker, l.s), 0);
	status_stop(l.s);
	pthread_join(t, NULL);
	lists_close(&l);
}

T_MAIN(cmocka_unit_test(test_status__no_index_is_given_twice),
       cmocka_unit_test(test_status__indexes_differ_by_list_and_store),
       cmocka_unit_test(test_status__a_million_with_a_tenth_ended_fit),
       cmocka_unit_test(test_status__turns_with_withdrawal_and_clock),
       cmocka_unit_test(test_status__reads_what_ended_since_the_last_look),
       cmocka_unit_test(test_status__is_signed_when_it_changes_or_is_old),
       cmocka_unit_test(test_status__the_list_not_asked_for_the_longest_makes_room),
       cmocka_unit_test(test_status__so_many_lists_wait_for_a_look),
       cmocka_unit_test(test_status__stops_while_it_waits))
