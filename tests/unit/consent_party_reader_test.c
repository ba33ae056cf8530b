#include "consent_world.h"

#include "consent/party_reader_internal.h"

static void test_party_reader__known_unknown_and_nil(void **state)
{
	struct world *w = *state;
	CLEANUP(reader_closep) struct reader *r = NULL;
	CHECK_RC(reader_open(w->store, false, &r), RC_OK);
	struct party_reader reader = { .a = &w->a, .r = r };
	struct uuid unknown = uuid_v4(), nil = { { 0 } };
	CHECK_RC(party_reader_fill(&reader), RC_OK); /* nothing is marked */
	CHECK_RC(party_reader_want(&reader, w->elena->uuid), RC_OK);
	CHECK_RC(party_reader_want(&reader, unknown), RC_OK);
	CHECK_RC(party_reader_want(&reader, nil), RC_OK);
	CHECK_RC(party_reader_want(&reader, w->elena->uuid), RC_OK);
	assert_int_equal(reader.n, 2);
	CHECK(!party_reader_find(&reader, w->elena->uuid)); /* not read yet */
	CHECK_RC(party_reader_fill(&reader), RC_OK);
	CHECK_STR(party_reader_find(&reader, w->elena->uuid)->ident, STR(ELENA));
	CHECK(!party_reader_find(&reader, unknown) && !party_reader_find(&reader, nil));
	CHECK(!party_reader_find(&reader, w->bank->uuid)); /* never marked */
}

static void test_party_reader__each_party_once(void **state)
{
	struct world *w = *state;
	CLEANUP(reader_closep) struct reader *r = NULL;
	CHECK_RC(reader_open(w->store, false, &r), RC_OK);
	struct party_reader reader = { .a = &w->a, .r = r };
	CHECK_RC(party_reader_want(&reader, w->bank->uuid), RC_OK);
	CHECK_RC(party_reader_fill(&reader), RC_OK);
	const struct party *bank = party_reader_find(&reader, w->bank->uuid);
	CHECK_RC(party_reader_want(&reader, w->bank->uuid), RC_OK);
	assert_int_equal(reader.n, 0);
	CHECK_RC(party_reader_fill(&reader), RC_OK);
	CHECK(party_reader_find(&reader, w->bank->uuid) == bank);
}

/* More than one call of the store takes. */
static void test_party_reader__more_than_fit_one_read(void **state)
{
	struct world *w = *state;
	CLEANUP(reader_closep) struct reader *r = NULL;
	CHECK_RC(reader_open(w->store, false, &r), RC_OK);
	struct party_reader reader = { .a = &w->a, .r = r };
	for (size_t i = 0; i < 2 * PARTIES_MAX + 1; i++) {
		CHECK_RC(party_reader_want(&reader, i == 3 ? w->elena->uuid : uuid_v4()), RC_OK);
		CHECK(reader.n < PARTIES_MAX);
	}
	CHECK_RC(party_reader_want(&reader, w->bank->uuid), RC_OK);
	CHECK_RC(party_reader_fill(&reader), RC_OK);
	CHECK_STR(party_reader_find(&reader, w->elena->uuid)->ident, STR(ELENA));
	CHECK_STR(party_reader_find(&reader, w->bank->uuid)->ident, STR(BANK));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
T_MAIN(CASE(test_party_reader__known_unknown_and_nil), CASE(test_party_reader__each_party_once),
       CASE(test_party_reader__more_than_fit_one_read))
