#include "consent_world.h"

static void test_domain__registers_a_person_once(void **state)
{
	struct world *w = *state;
	struct party *first, *again, *known;
	CHECK_RC(party_ensure_person(&w->d, &w->a, STR("01025161014"), false, &first), RC_INVALID);
	CHECK_RC(party_ensure_person(&w->d, &w->a, STR(STRANGER), true, &first), RC_OK);
	CHECK_RC(party_ensure_person(&w->d, &w->a, STR(STRANGER), false, &again), RC_OK);
	CHECK(uuid_eq(first->uuid, again->uuid) && !uuid_is_nil(first->uuid));
	CHECK(first->name.n > 0 && first->party_id > 0 && first->user_id > 0);
	CHECK_STR(again->name, first->name);
	CHECK_RC(party_ensure_person(&w->d, &w->a, STR(ELENA), true, &known), RC_OK);
	CHECK_STR(known->name, STR("ELENA FJÆR"));
}

T_MAIN(cmocka_unit_test_setup_teardown(test_domain__registers_a_person_once, world_setup, world_teardown))
