#include "consent/standing_cache.h"

#include "t.h"

#define HELD_LIMIT 16   /* holdings of one standing */
#define TEXT_LIMIT 1024 /* bytes of all its texts */
#define SLOTS 1024      /* as in standing_cache.c */

static struct standing_cache *cache_new(void)
{
	struct standing_cache *c;

	CHECK_RC(standing_cache_create(&c), RC_OK);
	return c;
}

static struct standing standing(int64_t epoch, struct held *held)
{
	return (struct standing){ .epoch = epoch,
				  .party_known = true,
				  .is_person = true,
				  .type = PARTY_ORG,
				  .ident = STR("991825827"),
				  .held = held };
}

static void test_standing_cache__gives_back_a_copy(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct standing_cache *c = cache_new();
	struct uuid person = uuid_v4(), party = uuid_v4();
	char value[] = "urn:altinn:rolecode:dagl";
	struct held second = { .kind = STR("right"), .value = STR("tax/read") };
	struct held first = { .kind = STR("role"), .value = str_of(value), .next = &second };
	struct standing s = standing(7, &first), got;
	CHECK(!standing_cache_get(c, &a, person, party, 7, &got));
	standing_cache_put(c, person, party, &s);
	memset(value, 'x', sizeof value - 1);
	CHECK(standing_cache_get(c, &a, person, party, 7, &got));
	s.ident = STR("1");
	s.held = NULL;
	standing_cache_put(c, person, party, &s);
	CHECK(got.epoch == 7 && got.party_known && got.is_person && got.type == PARTY_ORG);
	CHECK_STR(got.ident, STR("991825827"));
	CHECK_STR(got.held->kind, STR("role"));
	CHECK_STR(got.held->value, STR("urn:altinn:rolecode:dagl"));
	CHECK_STR(got.held->next->value, STR("tax/read"));
	CHECK(!got.held->next->next);
	standing_cache_destroy(c);
	standing_cache_destroy(NULL);
	arena_finish(&a);
}

static void test_standing_cache__counts_for_its_epoch_person_and_party(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct standing_cache *c = cache_new();
	struct uuid person = uuid_v4(), party = uuid_v4(), nobody = { { 0 } };
	struct standing s = standing(7, NULL), got;
	standing_cache_put(c, person, party, &s);
	CHECK(standing_cache_get(c, &a, person, party, 7, &got));
	CHECK(!standing_cache_get(c, &a, person, party, 6, &got) && !standing_cache_get(c, &a, person, party, 8, &got));
	CHECK(!standing_cache_get(c, &a, party, person, 7, &got) &&
	      !standing_cache_get(c, &a, person, person, 7, &got));
	CHECK(!standing_cache_get(c, &a, nobody, nobody, 0, &got)); /* an empty slot is nobody's */
	standing_cache_destroy(c);
	arena_finish(&a);
}

/* A first registration raises no epoch. */
static void test_standing_cache__unregistered_ones_are_not_kept(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct standing_cache *c = cache_new();
	struct uuid person = uuid_v4(), party = uuid_v4();
	struct standing s = standing(7, NULL), got;
	s.party_known = false;
	standing_cache_put(c, person, party, &s);
	s = standing(7, NULL);
	s.is_person = false;
	standing_cache_put(c, person, party, &s);
	s = standing(0, NULL);
	standing_cache_put(c, person, party, &s);
	CHECK(!standing_cache_get(c, &a, person, party, 7, &got) && !standing_cache_get(c, &a, person, party, 0, &got));
	standing_cache_destroy(c);
	arena_finish(&a);
}

static void test_standing_cache__large_ones_are_not_kept(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct standing_cache *c = cache_new();
	struct uuid person = uuid_v4(), party = uuid_v4();
	struct held held[HELD_LIMIT + 1];
	memset(held, 0, sizeof held);
	char text[TEXT_LIMIT] = "";
	struct standing s = standing(7, held), got;
	for (size_t i = 0; i < HELD_LIMIT; i++)
		held[i] = (struct held){ .kind = STR("role"), .value = STR("r"), .next = &held[i + 1] };
	standing_cache_put(c, person, party, &s);
	CHECK(!standing_cache_get(c, &a, person, party, 7, &got));
	held[HELD_LIMIT - 1].next = NULL;
	standing_cache_put(c, person, party, &s);
	CHECK(standing_cache_get(c, &a, person, party, 7, &got));
	held[0] = (struct held){ .kind = STR("role"), .value = str_span(text, sizeof text - s.ident.n - 4) };
	s = standing(8, held);
	standing_cache_put(c, person, party, &s);
	CHECK(standing_cache_get(c, &a, person, party, 8, &got));
	held[0].value.n++;
	s = standing(9, held);
	standing_cache_put(c, person, party, &s);
	CHECK(!standing_cache_get(c, &a, person, party, 9, &got));
	standing_cache_destroy(c);
	arena_finish(&a);
}

static void test_standing_cache__one_takes_anothers_place(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct standing_cache *c = cache_new();
	struct uuid party = uuid_v4(), people[SLOTS + 1];
	size_t kept = 0;
	for (size_t i = 0; i < LEN(people); i++) {
		struct standing s = standing((int64_t)i + 1, NULL), got;
		people[i] = uuid_v4();
		standing_cache_put(c, people[i], party, &s);
		CHECK(standing_cache_get(c, &a, people[i], party, (int64_t)i + 1, &got));
	}
	for (size_t i = 0; i < LEN(people); i++) {
		struct standing got;
		kept += standing_cache_get(c, &a, people[i], party, (int64_t)i + 1, &got);
	}
	CHECK(kept > SLOTS / 3 && kept <= SLOTS);
	standing_cache_destroy(c);
	arena_finish(&a);
}

T_MAIN(cmocka_unit_test(test_standing_cache__gives_back_a_copy),
       cmocka_unit_test(test_standing_cache__counts_for_its_epoch_person_and_party),
       cmocka_unit_test(test_standing_cache__unregistered_ones_are_not_kept),
       cmocka_unit_test(test_standing_cache__large_ones_are_not_kept),
       cmocka_unit_test(test_standing_cache__one_takes_anothers_place))
