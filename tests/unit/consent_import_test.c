#include "consent_world.h"

#include "consent/import.h"
#include "consent/org_lists.h"

#define START (clock_now() - 400 * CLOCK_DAY)

static struct consent *migrated(struct world *w, enum consent_status status, size_t n_events)
{
	static const enum event_type last[] = { [ST_ACCEPTED] = EV_ACCEPTED,
						[ST_REJECTED] = EV_REJECTED,
						[ST_REVOKED] = EV_ACCEPTED,
						[ST_DELETED] = EV_DELETED };
	struct arena *a = &w->a;
	struct consent *c = arena_new(a, struct consent);
	struct draft d = draft_of(a, "tax");
	d.rights->right.service = STR("4628_210607");
	*c = (struct consent){ .id = uuid_v4(),
			       .from = PERSON(ELENA),
			       .to = ORG(BANK),
			       .from_uuid = w->elena->uuid,
			       .to_uuid = w->bank->uuid,
			       .created = START,
			       .valid_to = clock_now() + CLOCK_DAY,
			       .status = status,
			       .redirect_url = STR("https://bank.example/back"),
			       .origin = ORIGIN_ALTINN2,
			       .rights = &d.rights->right,
			       .n_events = n_events };
	c->events = arena_array(a, struct event, 3);
	for (size_t i = 0; i < 3; i++)
		c->events[i] = (struct event){ .type = EV_CREATED,
					       .created = START + (int64_t)i * CLOCK_DAY,
					       .performed_by = i ? c->from : c->to,
					       .performed_by_uuid = i ? c->from_uuid : c->to_uuid };
	if (n_events > 1)
		c->events[1].type = last[status];
	c->events[2].type = EV_REVOKED;
	c->answered = status == ST_DELETED || n_events == 1 ? 0 : c->events[1].created;
	return c;
}

static struct consent *read_back(struct world *w, const struct consent *c)
{
	struct org_caller who = FROM_ORG(BANK);
	struct problems p = PROBLEMS(&w->a);
	struct consent *got;
	CHECK_RC(consent_show(&w->d, &w->a, c->id, &who, &got, &p), RC_OK);
	return got;
}

static void test_import__keeps_states_times_and_events(void **state)
{
	struct world *w = *state;
	struct consent *c[] = { migrated(w, ST_CREATED, 1), migrated(w, ST_ACCEPTED, 2), migrated(w, ST_REJECTED, 2),
				migrated(w, ST_REVOKED, 3), migrated(w, ST_DELETED, 2) };
	bool existed[LEN(c)];
	CHECK_RC(consent_import(&w->d, &w->a, c, LEN(c), existed), RC_OK);
	for (size_t i = 0; i < LEN(c); i++) {
		CHECK(!existed[i]);
		struct consent *got = read_back(w, c[i]);
		CHECK(got->status == c[i]->status && got->n_events == c[i]->n_events &&
		      got->answered == c[i]->answered);
		CHECK(got->created == c[i]->created && got->origin == ORIGIN_ALTINN2);
		CHECK(uuid_eq(got->last_event, got->events[got->n_events - 1].id));
		for (size_t e = 0; e < got->n_events; e++) {
			CHECK(got->events[e].type == c[i]->events[e].type);
			CHECK(got->events[e].created == c[i]->events[e].created);
			CHECK(uuid_eq(got->events[e].id, c[i]->events[e].id));
		}
		CHECK_STR(got->rights->service, STR("4628_210607"));
		CHECK((got->consented_text.p != NULL) == (c[i]->status == ST_ACCEPTED || c[i]->status == ST_REVOKED));
	}
}

static void test_import__what_is_there_stays(void **state)
{
	struct world *w = *state;
	struct consent *c[] = { migrated(w, ST_ACCEPTED, 2), migrated(w, ST_ACCEPTED, 2) };
	bool existed[LEN(c)];
	CHECK_RC(consent_import(&w->d, &w->a, c, 1, existed), RC_OK);
	struct uuid last = read_back(w, c[0])->last_event;
	c[0]->status = ST_REVOKED;
	c[0]->n_events = 3;
	CHECK_RC(consent_import(&w->d, &w->a, c, 2, existed), RC_OK);
	CHECK(existed[0] && !existed[1]);
	struct consent *got = read_back(w, c[0]);
	CHECK(got->status == ST_ACCEPTED && got->n_events == 2 && uuid_eq(got->last_event, last));
	assert_int_equal(read_back(w, c[1])->n_events, 2);
}

static void test_import__goes_on_as_any_consent(void **state)
{
	struct world *w = *state;
	struct consent *c = migrated(w, ST_ACCEPTED, 2), *pending = migrated(w, ST_CREATED, 1), *got;
	struct consent *both[] = { c, pending };
	bool existed[2];
	CHECK_RC(consent_import(&w->d, &w->a, both, 2, existed), RC_OK);
	struct problems p = PROBLEMS(&w->a);
	CHECK_RC(consent_lookup(&w->d, &w->a, c->id, PERSON(ELENA), ORG(BANK), &got, &p), RC_OK);
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	CHECK_RC(consent_decide(&w->d, &w->a, pending->id, &who, ST_ACCEPTED, STR("nb"), &got, &p), RC_OK);
	struct owner_query q = { .resource = STR("tax"), .active = true, .limit = 10 };
	struct owner_page page;
	CHECK_RC(consent_owner_list(&w->d, &w->a, &q, &page), RC_OK);
	assert_int_equal(page.n, 2);
	CHECK(page.items[0].changed.at == c->answered);
	CHECK_RC(consent_decide(&w->d, &w->a, c->id, &who, ST_REVOKED, STR("nb"), &got, &p), RC_OK);
	CHECK_RC(consent_owner_list(&w->d, &w->a, &q, &page), RC_OK);
	assert_int_equal(page.n, 1);
}

static void test_import__lists_those_that_live(void **state)
{
	struct world *w = *state;
	struct consent *gone = migrated(w, ST_ACCEPTED, 2), *back = migrated(w, ST_REVOKED, 3);
	struct consent *all[] = { gone, back, migrated(w, ST_REJECTED, 2) };
	bool existed[LEN(all)];
	gone->valid_to = clock_now() - CLOCK_DAY;
	CHECK_RC(consent_import(&w->d, &w->a, all, LEN(all), existed), RC_OK);
	struct owner_query q = { .resource = STR("tax"), .active = true, .revoked = true, .limit = 10 };
	struct owner_page page;
	CHECK_RC(consent_owner_list(&w->d, &w->a, &q, &page), RC_OK);
	assert_int_equal(page.n, 1);
	CHECK(page.items[0].ended && page.items[0].changed.at == back->events[2].created);
}

static void test_import__limits(void **state)
{
	struct world *w = *state;
	struct consent *c = migrated(w, ST_ACCEPTED, 2),
		       **many = arena_array(&w->a, struct consent *, IMPORT_ROWS_MAX + 1);
	bool existed[IMPORT_ROWS_MAX + 1];
	for (size_t i = 0; i <= IMPORT_ROWS_MAX; i++)
		many[i] = c;
	CHECK_RC(consent_import(&w->d, &w->a, many, IMPORT_ROWS_MAX + 1, existed), RC_TOO_LARGE);
	CHECK_RC(consent_import(&w->d, &w->a, many, 0, existed), RC_OK);
	struct event *events = arena_array(&w->a, struct event, IMPORT_EVENTS_MAX + 1);
	for (size_t i = 0; i <= IMPORT_EVENTS_MAX; i++)
		events[i] = c->events[i ? 1 : 0];
	c->events = events;
	c->n_events = IMPORT_EVENTS_MAX + 1;
	CHECK_RC(consent_import(&w->d, &w->a, many, 1, existed), RC_TOO_LARGE);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
T_MAIN(CASE(test_import__keeps_states_times_and_events), CASE(test_import__what_is_there_stays),
       CASE(test_import__goes_on_as_any_consent), CASE(test_import__lists_those_that_live), CASE(test_import__limits))
