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

static void test_domain__keeps_a_name_where_there_is_none(void **state)
{
	struct world *w = *state;
	struct party *person;
	CHECK_RC(party_ensure_person(&w->d, &w->a, STR(STRANGER), false, &person), RC_OK);
	CHECK(!person->name.n);
	CHECK_RC(party_name_keep(&w->d, &w->a, person, STR_NONE), RC_OK);
	CHECK_RC(party_name_keep(&w->d, &w->a, person, STR("Kari Nordmann")), RC_OK);
	/* One who still thinks that there is none changes nothing. */
	CHECK_RC(party_name_keep(&w->d, &w->a, person, STR("Ola Nordmann")), RC_OK);
	CHECK_RC(party_ensure_person(&w->d, &w->a, STR(STRANGER), false, &person), RC_OK);
	CHECK_STR(person->name, STR("Kari Nordmann"));
	CHECK_RC(party_name_keep(&w->d, &w->a, person, STR("Ola Nordmann")), RC_OK);
	CHECK_RC(party_ensure_person(&w->d, &w->a, STR(ELENA), false, &person), RC_OK);
	CHECK_RC(party_name_keep(&w->d, &w->a, person, STR("Ola Nordmann")), RC_OK);
	CHECK_RC(party_ensure_person(&w->d, &w->a, STR(ELENA), false, &person), RC_OK);
	CHECK_STR(person->name, STR("ELENA FJÆR"));
}

T_MAIN(cmocka_unit_test_setup_teardown(test_domain__keeps_a_name_where_there_is_none, world_setup, world_teardown),
       cmocka_unit_test_setup_teardown(test_domain__registers_a_person_once, world_setup, world_teardown))
