#include "consent_world.h"

static struct event_page feed(struct world *w, const char *orgno, const struct feed *filter)
{
	struct org_caller who = { .consumer = str_of(orgno) };
	struct problems p = PROBLEMS(&w->a);
	struct event_page page;
	CHECK_RC(consent_events(&w->d, &w->a, filter, &who, &page, &p), RC_OK);
	assert_int_equal(p.n, 0);
	return page;
}

static struct consent *requested(struct world *w, const struct org_caller *who)
{
	struct draft d = draft_of(&w->a, "tax");
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	bool existed;
	CHECK_RC(consent_create(&w->d, &w->a, &d, who, &c, &existed, &p), RC_OK);
	return c;
}

static void test_events__of_receiver_and_handler(void **state)
{
	struct world *w = *state;
	struct org_caller bank = FROM_ORG(BANK);
	struct org_caller agency = { .consumer = STR(AGENCY), .has_org_scope = true };
	struct consent *own = requested(w, &bank), *handled = requested(w, &agency);
	static const struct {
		const char *orgno;
		size_t n;
	} rows[] = { { BANK, 2 }, { AGENCY, 1 }, { LENDER, 0 } };
	for (size_t i = 0; i < LEN(rows); i++)
		assert_int_equal(feed(w, rows[i].orgno, &(struct feed){ 0 }).n, rows[i].n);
	struct event_page page = feed(w, BANK, &(struct feed){ 0 });
	CHECK(uuid_eq(page.items[0].consent, own->id) && uuid_eq(page.items[1].consent, handled->id));
	CHECK(uuid_eq(page.receiver, w->bank->uuid));
	CHECK(uuid_eq(page.cursor, page.items[1].event.id) && !page.more);
	CHECK(uuid_is_nil(feed(w, LENDER, &(struct feed){ 0 }).cursor));
}

static void test_events__pages_go_on_behind_the_cursor(void **state)
{
	struct world *w = *state;
	struct org_caller bank = FROM_ORG(BANK);
	struct consent *made[3];
	for (size_t i = 0; i < LEN(made); i++)
		made[i] = requested(w, &bank);
	w->d.cfg.events_page = 2;
	struct feed next = { .limit = EVENTS_MAX }; /* the setting counts, not the caller */
	struct event_page first = feed(w, BANK, &next);
	assert_int_equal(first.n, 2);
	CHECK(first.more);
	next.after = first.cursor;
	struct event_page second = feed(w, BANK, &next);
	assert_int_equal(second.n, 1);
	CHECK(!second.more && uuid_eq(second.items[0].consent, made[2]->id));
	next.after = second.cursor;
	struct event_page third = feed(w, BANK, &next);
	CHECK(third.n == 0 && uuid_eq(third.cursor, second.cursor));
}

static void test_events__a_page_without_a_setting_has_100(void **state)
{
	struct world *w = *state;
	struct org_caller bank = FROM_ORG(BANK);
	for (size_t i = 0; i < 101; i++)
		(void)requested(w, &bank);
	struct event_page page = feed(w, BANK, &(struct feed){ 0 });
	CHECK(page.n == 100 && page.more);
}

static void test_events__young_ones_are_held_back(void **state)
{
	struct world *w = *state;
	struct org_caller bank = FROM_ORG(BANK);
	(void)requested(w, &bank);
	w->d.cfg.events_lag_s = 3600;
	struct event_page page = feed(w, BANK, &(struct feed){ 0 });
	CHECK(page.n == 0 && !page.more && uuid_is_nil(page.cursor));
	clock_set_offset(2 * w->d.cfg.events_lag_s * CLOCK_SECOND);
	assert_int_equal(feed(w, BANK, &(struct feed){ 0 }).n, 1); /* a sandbox's clock that was moved ahead */
	clock_set_offset(-2 * w->d.cfg.events_lag_s * CLOCK_SECOND);
	assert_int_equal(feed(w, BANK, &(struct feed){ 0 }).n, 0);
	clock_set_offset(0);
	w->d.cfg.events_lag_s = 0;
	assert_int_equal(feed(w, BANK, &(struct feed){ 0 }).n, 1);
}

static void test_events__nobody_has_a_feed(void **state)
{
	struct world *w = *state;
	static const char *const callers[] = { NOBODY, ELENA };
	for (size_t i = 0; i < LEN(callers); i++) {
		struct org_caller who = { .consumer = str_of(callers[i]) };
		struct problems p = PROBLEMS(&w->a);
		struct event_page page = { .n = 77 };
		CHECK_RC(consent_events(&w->d, &w->a, &(struct feed){ 0 }, &who, &page, &p), RC_INVALID);
		CHECK_PROBLEMS(&p, PROB_UNKNOWN_ORG);
		assert_int_equal(page.n, 77); /* an output is written on RC_OK only */
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
T_MAIN(CASE(test_events__of_receiver_and_handler), CASE(test_events__pages_go_on_behind_the_cursor),
       CASE(test_events__a_page_without_a_setting_has_100), CASE(test_events__young_ones_are_held_back),
       CASE(test_events__nobody_has_a_feed))
