#include "consent_world.h"

static struct consent *asked(struct world *w, const char *resource, enum view_mode mode)
{
	struct draft d = draft_of(&w->a, resource);
	d.view_mode = mode;
	return world_consent(w, &d);
}

static void decide(struct world *w, const struct consent *c, enum consent_status to)
{
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	struct problems p = PROBLEMS(&w->a);
	struct consent *got;
	CHECK_RC(consent_decide(&w->d, &w->a, c->id, &who, to, STR("nb"), &got, &p), RC_OK);
}

static struct consent_history history(struct world *w, struct uuid after, size_t limit)
{
	struct person_caller who = { .party = w->elena->uuid, .level = 3 };
	struct history_page page = { .after = after, .limit = limit };
	struct consent_history h;
	CHECK_RC(consent_history(&w->d, &w->a, &who, w->elena->uuid, &page, &h), RC_OK);
	return h;
}

static void test_history__pages_oldest_first(void **state)
{
	struct world *w = *state;
	enum { N = 5 };
	struct uuid ids[N], after = { { 0 } };
	for (size_t i = 0; i < N; i++)
		ids[i] = asked(w, "tax", i % 2)->id;
	for (size_t i = 0; i < N;) {
		struct consent_history h = history(w, after, 2);
		assert_int_equal(h.n, i + 2 <= N ? 2 : 1);
		assert_int_equal(h.more, i + 2 < N);
		for (size_t k = 0; k < h.n; k++, i++)
			CHECK(uuid_eq(h.items[k]->id, ids[i]));
		after = h.items[h.n - 1]->id;
	}
	assert_int_equal(history(w, after, 2).n, 0);
	assert_int_equal(history(w, (struct uuid){ { 0 } }, N).more, false);
}

static void test_history__expired_is_derived_for_each(void **state)
{
	struct world *w = *state;
	(void)asked(w, "tax", VIEW_SHOW);
	decide(w, asked(w, "tax", VIEW_HIDE), ST_ACCEPTED);
	clock_set_offset(6 * CLOCK_DAY);
	struct consent_history h = history(w, (struct uuid){ { 0 } }, 10);
	assert_int_equal(h.n, 2);
	for (size_t i = 0; i < h.n; i++) {
		assert_int_equal(h.items[i]->n_events, 2 + i);
		assert_int_equal(h.items[i]->events[1 + i].type, EV_EXPIRED);
	}
}

static void test_history__limit_and_foreign_cursor(void **state)
{
	struct world *w = *state;
	struct person_caller who = { .party = w->elena->uuid, .level = 3 };
	struct consent_history h;
	struct draft d = draft_of(&w->a, "tax");
	d.from = PERSON(OTHER);
	struct history_page page = { .limit = CONSENT_HISTORY_MAX + 1 };
	CHECK_RC(consent_history(&w->d, &w->a, &who, who.party, &page, &h), RC_TOO_LARGE);
	page.limit = CONSENT_HISTORY_MAX;
	CHECK_RC(consent_history(&w->d, &w->a, &who, who.party, &page, &h), RC_OK);
	page.after = world_consent(w, &d)->id;
	CHECK_RC(consent_history(&w->d, &w->a, &who, who.party, &page, &h), RC_INVALID);
	page.after = uuid_v4();
	CHECK_RC(consent_history(&w->d, &w->a, &who, who.party, &page, &h), RC_INVALID);
}

static void test_history__nobody_elses(void **state)
{
	struct world *w = *state;
	struct person_caller who = { .party = w->other->uuid, .level = 4 };
	struct problems p = PROBLEMS(&w->a);
	struct history_page page = { .limit = 1 };
	struct consent_history h;
	struct consent *c = asked(w, "tax", VIEW_SHOW), *got;
	int64_t n;
	CHECK_RC(consent_history(&w->d, &w->a, &who, w->elena->uuid, &page, &h), RC_DENIED);
	CHECK_RC(consent_current(&w->d, &w->a, &who, w->elena->uuid, &page, &h), RC_DENIED);
	CHECK_RC(consent_count(&w->d, &w->a, &who, w->elena->uuid, ST_CREATED, &n), RC_DENIED);
	CHECK_RC(consent_details(&w->d, &w->a, c->id, &who, &got, &p), RC_DENIED);
	CHECK_PROBLEMS(&p);
	CHECK_RC(consent_details(&w->d, &w->a, uuid_v4(), &who, &got, &p), RC_NOT_FOUND);
	CHECK_PROBLEMS(&p, PROB_NOT_FOUND);
}

static void test_current__what_holds_and_what_can_be_answered(void **state)
{
	struct world *w = *state;
	struct person_caller who = { .party = w->elena->uuid, .level = 3 };
	struct history_page page = { .limit = 10 };
	struct consent_history h;
	int64_t n;
	struct consent *shown = asked(w, "tax", VIEW_SHOW), *given = asked(w, "tax", VIEW_HIDE),
		       *over = asked(w, "tax", VIEW_HIDE);
	(void)asked(w, "tax", VIEW_HIDE);
	decide(w, given, ST_ACCEPTED);
	decide(w, over, ST_ACCEPTED);
	decide(w, over, ST_REVOKED);
	decide(w, asked(w, "tax", VIEW_SHOW), ST_REJECTED);
	CHECK_RC(consent_current(&w->d, &w->a, &who, who.party, &page, &h), RC_OK);
	assert_int_equal(h.n, 2);
	CHECK(uuid_eq(h.items[0]->id, given->id) && uuid_eq(h.items[1]->id, shown->id));
	CHECK(!h.more);
	page.limit = 1;
	CHECK_RC(consent_current(&w->d, &w->a, &who, who.party, &page, &h), RC_OK);
	CHECK(h.n == 1 && h.more && uuid_eq(h.items[0]->id, given->id) && uuid_eq(h.last, given->id));
	page.after = h.last;
	CHECK_RC(consent_current(&w->d, &w->a, &who, who.party, &page, &h), RC_OK);
	CHECK(h.n == 1 && uuid_eq(h.items[0]->id, shown->id));
	page = (struct history_page){ .limit = 10 };
	CHECK_RC(consent_count(&w->d, &w->a, &who, who.party, ST_CREATED, &n), RC_OK);
	assert_int_equal(n, 1);
	clock_set_offset(6 * CLOCK_DAY);
	CHECK_RC(consent_current(&w->d, &w->a, &who, who.party, &page, &h), RC_OK);
	assert_int_equal(h.n, 0);
}

static void test_rows__each_party_by_its_own(void **state)
{
	struct world *w = *state;
	struct consent *items[PARTIES_MAX + 2];
	struct consent_row *rows;
	for (size_t i = 0; i < LEN(items); i++) {
		items[i] = arena_new(&w->a, struct consent);
		items[i]->from_uuid = w->elena->uuid;
		items[i]->to_uuid = i % 2 ? w->bank->uuid : uuid_v4();
	}
	CHECK_RC(consent_rows(&w->d, &w->a, items, LEN(items), &rows), RC_OK);
	for (size_t i = 0; i < LEN(items); i++) {
		CHECK(rows[i].consent == items[i] && !rows[i].handler && !rows[i].is_poa);
		CHECK(rows[i].from && uuid_eq(rows[i].from->uuid, w->elena->uuid));
		CHECK(i % 2 ? rows[i].to && uuid_eq(rows[i].to->uuid, w->bank->uuid) : !rows[i].to);
	}
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
T_MAIN(CASE(test_history__pages_oldest_first), CASE(test_history__expired_is_derived_for_each),
       CASE(test_history__limit_and_foreign_cursor), CASE(test_history__nobody_elses),
       CASE(test_current__what_holds_and_what_can_be_answered), CASE(test_rows__each_party_by_its_own))
