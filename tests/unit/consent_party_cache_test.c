#include "consent/party_cache.h"

#include <pthread.h>
#include <stdatomic.h>

#include "t.h"

#define SLOTS 4096     /* as in party_cache.c */
#define TEXT_LIMIT 160 /* bytes of all texts of one party */

static struct party person(struct str ident, struct str name)
{
	return (struct party){
		.key = 7, .party_id = 51, .user_id = 20, .type = PARTY_PERSON, .ident = ident, .name = name
	};
}

static struct party_cache *cache_new(void)
{
	struct party_cache *c;

	CHECK_RC(party_cache_create(&c), RC_OK);
	return c;
}

static void test_party_cache__gives_back_a_copy(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct party_cache *c = cache_new();
	char ident[] = "991825827", name[] = "SMART BANK", unit[] = "AS";
	struct party p = person(str_of(ident), str_of(name));
	p.type = PARTY_ORG;
	p.unit_type = str_of(unit);
	p.uuid = uuid_v4();
	p.parent = uuid_v4();
	CHECK(!party_cache_get(c, &a, p.ident, 1));
	party_cache_put(c, &p, 1);
	memset(name, 'x', sizeof name - 1);
	memset(unit, 'x', sizeof unit - 1);
	struct party *got = party_cache_get(c, &a, STR("991825827"), 1);
	CHECK(got && got->key == 7 && got->party_id == 51 && got->user_id == 20 && got->type == PARTY_ORG);
	CHECK(memcmp(&got->uuid, &p.uuid, sizeof p.uuid) == 0 && memcmp(&got->parent, &p.parent, sizeof p.parent) == 0);
	p = person(STR("991825827"), STR("OTHER"));
	party_cache_put(c, &p, 1);
	CHECK_STR(got->ident, STR("991825827")); /* what was given out stays */
	CHECK_STR(got->name, STR("SMART BANK"));
	CHECK_STR(got->unit_type, STR("AS"));
	party_cache_destroy(c);
	party_cache_destroy(NULL);
	arena_finish(&a);
}

static void test_party_cache__counts_only_for_its_version(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct party_cache *c = cache_new();
	struct party p = person(STR("01025161013"), STR("A"));
	party_cache_put(c, &p, 5);
	CHECK(party_cache_get(c, &a, p.ident, 5));
	CHECK(!party_cache_get(c, &a, p.ident, 4) && !party_cache_get(c, &a, p.ident, 6));
	p.name = STR("B");
	party_cache_put(c, &p, 6);
	CHECK(!party_cache_get(c, &a, p.ident, 5));
	CHECK_STR(party_cache_get(c, &a, p.ident, 6)->name, STR("B"));
	CHECK(!party_cache_get(c, &a, STR("01025161014"), 6));
	CHECK(!party_cache_get(c, &a, STR_NONE, 0)); /* an empty slot is nobody */
	party_cache_destroy(c);
	arena_finish(&a);
}

/* One more party than there are slots: some took another's place, and nobody gets another's entry. */
static void test_party_cache__a_party_takes_anothers_place(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct party_cache *c = cache_new();
	size_t kept = 0;
	for (int i = 0; i <= SLOTS; i++) {
		struct str ident = arena_fmt(&a, "%09d", i);
		struct party p = person(ident, ident);
		party_cache_put(c, &p, 1);
		CHECK(party_cache_get(c, &a, ident, 1)); /* the newest is always there */
	}
	for (int i = 0; i <= SLOTS; i++) {
		struct str ident = arena_fmt(&a, "%09d", i);
		struct party *p = party_cache_get(c, &a, ident, 1);
		if (!p)
			continue;
		CHECK_STR(p->ident, ident);
		CHECK_STR(p->name, ident);
		kept++;
	}
	CHECK(kept > SLOTS / 3 && kept <= SLOTS);
	party_cache_destroy(c);
	arena_finish(&a);
}

static void test_party_cache__long_texts_are_not_kept(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct party_cache *c = cache_new();
	char text[TEXT_LIMIT];
	memset(text, 'n', sizeof text);
	struct party p = person(STR("01025161013"), str_span(text, TEXT_LIMIT - 11 - 2));
	p.unit_type = STR("AS");
	party_cache_put(c, &p, 1);
	struct party *got = party_cache_get(c, &a, p.ident, 1);
	CHECK(got);
	CHECK_STR(got->name, p.name);
	CHECK_STR(got->unit_type, STR("AS"));
	p.ident = STR("05857420189");
	p.name.n++;
	party_cache_put(c, &p, 1);
	CHECK(!party_cache_get(c, &a, p.ident, 1));
	party_cache_destroy(c);
	arena_finish(&a);
}

static void test_party_cache__an_absent_name_stays_absent(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct party_cache *c = cache_new();
	struct party p = person(STR("01025161013"), STR_NONE);
	party_cache_put(c, &p, 1);
	struct party *got = party_cache_get(c, &a, p.ident, 1);
	CHECK(got && !got->name.p && !got->unit_type.p);
	p.name = STR("");
	party_cache_put(c, &p, 1);
	got = party_cache_get(c, &a, p.ident, 1);
	CHECK(got->name.p && got->name.n == 0);
	party_cache_destroy(c);
	arena_finish(&a);
}

static void test_party_cache__finds_named_parties_by_uuid(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct party_cache *c = cache_new();
	struct party p = person(STR("01025161013"), STR("A"));
	p.uuid = uuid_v4();
	party_cache_put(c, &p, 5);
	CHECK_STR(party_cache_find(c, &a, p.uuid, 5)->ident, p.ident);
	CHECK(!party_cache_find(c, &a, p.uuid, 6) && !party_cache_find(c, &a, uuid_v4(), 5));
	CHECK(!party_cache_find(c, &a, (struct uuid){ { 0 } }, 5) &&
	      !party_cache_find(c, &a, (struct uuid){ { 0 } }, 0));
	struct party nameless = person(STR("05857420189"), STR_NONE);
	nameless.uuid = uuid_v4();
	party_cache_put(c, &nameless, 5);
	CHECK(party_cache_get(c, &a, nameless.ident, 5) && !party_cache_find(c, &a, nameless.uuid, 5));
	party_cache_destroy(c);
	arena_finish(&a);
}

struct load {
	struct party_cache *cache;
	atomic_int wrong, hits;
};

/* Two parties of the same slot or not: a name always belongs to the number and version that it came with. */
static void *put_and_get(void *arg)
{
	struct load *l = arg;

	for (int i = 0; i < 20000; i++) {
		struct arena a = { 0 };
		int64_t version = i % 7 + 1;
		struct str ident = arena_fmt(&a, "%011d", i % 50);
		struct party p = person(ident, arena_fmt(&a, "%.*s of %lld", STR_FMT(ident), (long long)version));
		struct party *got = party_cache_get(l->cache, &a, ident, version);
		if (got) {
			atomic_fetch_add(&l->hits, 1);
			if (!str_eq(got->name, p.name) || !str_eq(got->ident, ident))
				atomic_fetch_add(&l->wrong, 1);
		}
		party_cache_put(l->cache, &p, version);
		arena_finish(&a);
	}
	return NULL;
}

static void test_party_cache__serves_threads(void **state)
{
	(void)state;
	struct load l = { .cache = cache_new() };
	pthread_t threads[4];
	for (size_t i = 0; i < LEN(threads); i++)
		CHECK(pthread_create(&threads[i], NULL, put_and_get, &l) == 0);
	for (size_t i = 0; i < LEN(threads); i++)
		pthread_join(threads[i], NULL);
	CHECK(l.wrong == 0);
	party_cache_destroy(l.cache);
}

T_MAIN(cmocka_unit_test(test_party_cache__gives_back_a_copy),
       cmocka_unit_test(test_party_cache__counts_only_for_its_version),
       cmocka_unit_test(test_party_cache__a_party_takes_anothers_place),
       cmocka_unit_test(test_party_cache__long_texts_are_not_kept),
       cmocka_unit_test(test_party_cache__an_absent_name_stays_absent),
       cmocka_unit_test(test_party_cache__finds_named_parties_by_uuid),
       cmocka_unit_test(test_party_cache__serves_threads))
