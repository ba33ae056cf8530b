#include "consent_world.h"

static struct consent *given(struct world *w, struct draft *d)
{
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c = world_consent(w, d);
	CHECK_RC(consent_decide(&w->d, &w->a, c->id, &who, ST_ACCEPTED, STR("nb"), &c, &p), RC_OK);
	return c;
}

static struct consent *loaded(struct world *w, struct uuid id)
{
	struct reader *r CLEANUP(reader_closep) = NULL;
	struct consent *c;
	CHECK_RC(reader_open(w->store, true, &r), RC_OK);
	CHECK_RC(consents_get(r, &w->a, id, true, &c, NULL), RC_OK);
	return c;
}

struct told {
	enum rc rc;
	bool existed;
	struct use_event made;
	struct problems p;
};

static struct told tell(struct world *w, struct uuid id, const char *orgno, const char *resource, const char *reference)
{
	struct org_caller who = { .consumer = str_of(orgno) };
	struct use_report u = { .id = id, .resource = str_of(resource), .reference = str_of(reference) };
	struct told t = { .p = PROBLEMS(&w->a) };
	t.rc = consent_use(&w->d, &w->a, &u, &who, &t.made, &t.existed, &t.p);
	return t;
}

static const char *owner_of(struct world *w, const char *resource)
{
	const struct registry *reg CLEANUP(registry_releasep) = registry_hold(&w->d.registry);
	const struct resource *res = registry_resource(reg, str_of(resource));
	CHECK(res);
	return arena_cstr(&w->a, res->owner_orgno);
}

static void test_use__a_reference_names_one_use(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct consent *c = given(w, &d);
	const char *owner = owner_of(w, "tax");
	struct told first = tell(w, c->id, owner, "tax", "a\"b"), again = tell(w, c->id, owner, "tax", "a\"b");
	CHECK_RC(first.rc, RC_OK);
	CHECK_RC(again.rc, RC_OK);
	CHECK(!first.existed && again.existed && uuid_eq(first.made.event.id, again.made.event.id));
	CHECK_STR(again.made.reference, STR("a\"b"));
	CHECK_STR(again.made.resource, STR("tax"));
	CHECK_STR(again.made.time_text, first.made.time_text);
	for (size_t i = 0; i < 2; i++)
		CHECK(!tell(w, c->id, owner, "tax", NULL).existed);
	CHECK(!tell(w, c->id, owner, "tax", "a\"").existed);
	assert_int_equal(loaded(w, c->id)->n_events, 6);
	CHECK(loaded(w, c->id)->used == 0 && consent_active(loaded(w, c->id)));
}

static void test_use__who_and_what(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax"), open = draft_of(&w->a, "tax");
	struct consent *c = given(w, &d);
	const char *owner = owner_of(w, "tax");
	struct told t;
	(void)world_consent(w, &open);
	t = tell(w, uuid_v4(), owner, "tax", NULL);
	CHECK_RC(t.rc, RC_DENIED);
	CHECK_PROBLEMS(&t.p, PROB_NOT_AUTHORIZED);
	t = tell(w, c->id, BANK, "tax", NULL);
	CHECK_RC(t.rc, RC_DENIED);
	CHECK_PROBLEMS(&t.p, PROB_NOT_AUTHORIZED);
	t = tell(w, c->id, owner, "unknown", NULL);
	CHECK_RC(t.rc, RC_DENIED);
	CHECK_PROBLEMS(&t.p, PROB_NOT_AUTHORIZED);
	t = tell(w, c->id, owner, "fixed", NULL);
	CHECK_RC(t.rc, RC_INVALID);
	CHECK_PROBLEMS(&t.p, PROB_RESOURCE);
	t = tell(w, open.id, owner, "tax", NULL);
	CHECK_RC(t.rc, RC_INVALID);
	CHECK_PROBLEMS(&t.p, PROB_NOT_ACCEPTED);
	clock_set_offset(6 * CLOCK_DAY);
	t = tell(w, c->id, owner, "tax", NULL);
	CHECK_RC(t.rc, RC_INVALID);
	CHECK_PROBLEMS(&t.p, PROB_EXPIRED);
}

static void test_use__the_first_ends_a_one_time_consent(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "once");
	(void)draft_right(&w->a, &d, "tax");
	struct consent *c = given(w, &d), *looked;
	struct problems p = PROBLEMS(&w->a);
	const char *owner = owner_of(w, "once");
	CHECK(loaded(w, c->id)->one_time);
	CHECK_RC(tell(w, c->id, owner, "tax", "r").rc, RC_OK);
	CHECK(loaded(w, c->id)->used && !consent_active(loaded(w, c->id)));
	CHECK(loaded(w, c->id)->status == ST_ACCEPTED);
	CHECK_RC(consent_lookup(&w->d, &w->a, c->id, PERSON(ELENA), ORG(BANK), &looked, &p), RC_INVALID);
	CHECK_PROBLEMS(&p, PROB_EXPIRED);
	CHECK(tell(w, c->id, owner, "tax", "r").existed); /* the same report again */
	struct told other = tell(w, c->id, owner, "tax", "s");
	CHECK_RC(other.rc, RC_INVALID);
	CHECK_PROBLEMS(&other.p, PROB_EXPIRED);
	CHECK_RC(tell(w, c->id, owner, "once", NULL).rc, RC_OK); /* the other source of the same token */
	CHECK_RC(tell(w, c->id, owner, "once", NULL).rc, RC_INVALID);
	assert_int_equal(loaded(w, c->id)->n_events, 4);
}

static void test_use__tokens_end_with_the_longest_validity(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "short");
	struct consent *c = given(w, &d);
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&w->d.registry);
	CHECK(consent_end(reg, c) == c->valid_to);
	c->created -= 7 * CLOCK_DAY;
	CHECK(consent_end(reg, c) == c->created + 10 * CLOCK_DAY);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
T_MAIN(CASE(test_use__a_reference_names_one_use), CASE(test_use__who_and_what),
       CASE(test_use__the_first_ends_a_one_time_consent), CASE(test_use__tokens_end_with_the_longest_validity))
