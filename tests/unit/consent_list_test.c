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

static struct consent_list list_of(struct world *w, const struct party *who, int64_t before, enum lang lang)
{
	struct consent_list l;
	struct person_caller caller = { .party = who->uuid, .level = 3 };
	struct consent_query q = { .party = who->uuid, .before = before, .lang = lang };
	CHECK_RC(consent_list(&w->d, &w->a, &caller, &q, &l), RC_OK);
	return l;
}

static size_t found(struct world *w, unsigned groups, const char *text)
{
	struct consent_list l;
	struct person_caller caller = { .party = w->elena->uuid, .level = 3 };
	struct consent_query q = { .party = w->elena->uuid, .groups = groups, .text = str_of(text) };
	CHECK_RC(consent_list(&w->d, &w->a, &caller, &q, &l), RC_OK);
	return l.n;
}

static void test_list__groups(void **state)
{
	struct world *w = *state;
	static const struct {
		enum consent_status first, then;
		enum consent_group now, later;
	} rows[] = {
		{ ST__MAX, ST__MAX, GROUP_PENDING, GROUP_ENDED },
		{ ST_ACCEPTED, ST__MAX, GROUP_ACTIVE, GROUP_ENDED },
		{ ST_REJECTED, ST__MAX, GROUP_ENDED, GROUP_ENDED },
		{ ST_ACCEPTED, ST_REVOKED, GROUP_ENDED, GROUP_ENDED },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct consent *c = asked(w, "tax", VIEW_SHOW);
		if (rows[i].first != ST__MAX)
			decide(w, c, rows[i].first);
		if (rows[i].then != ST__MAX)
			decide(w, c, rows[i].then);
		struct consent_list l = list_of(w, w->elena, 0, LANG_NB);
		assert_int_equal(l.n, i + 1);
		CHECK(uuid_eq(l.items[0].consent->id, c->id));
		assert_int_equal(l.items[0].group, rows[i].now);
		clock_set_offset(6 * CLOCK_DAY);
		assert_int_equal(list_of(w, w->elena, 0, LANG_NB).items[0].group, rows[i].later);
		clock_set_offset(0);
	}
}

static void test_list__only_what_is_the_persons_own(void **state)
{
	struct world *w = *state;
	struct consent_list l;
	struct person_caller nobody = { .level = 4 };
	struct draft d = draft_of(&w->a, "tax");
	d.view_mode = VIEW_SHOW;
	d.required_delegator = PERSON(OTHER);
	(void)world_consent(w, &d);
	struct consent *hidden = asked(w, "tax", VIEW_HIDE), *shown = asked(w, "tax", VIEW_SHOW);
	l = list_of(w, w->elena, 0, LANG_NB);
	assert_int_equal(l.n, 1);
	CHECK(uuid_eq(l.items[0].consent->id, shown->id));
	decide(w, hidden, ST_ACCEPTED);
	assert_int_equal(list_of(w, w->elena, 0, LANG_NB).n, 2);
	assert_int_equal(list_of(w, w->other, 0, LANG_NB).n, 0);
	struct consent_query q = { 0 };
	CHECK_RC(consent_list(&w->d, &w->a, &nobody, &q, &l), RC_DENIED);
	q.party = w->elena->uuid;
	struct person_caller other = { .party = w->other->uuid, .level = 4 };
	CHECK_RC(consent_list(&w->d, &w->a, &other, &q, &l), RC_DENIED);
	struct person_caller weak = { .party = w->elena->uuid, .level = 2 };
	CHECK_RC(consent_list(&w->d, &w->a, &weak, &q, &l), RC_DENIED);
}

static void test_list__says_who_and_what(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	(void)draft_right(&w->a, &d, "once");
	d.view_mode = VIEW_SHOW;
	(void)world_consent(w, &d);
	struct consent_item l = list_of(w, w->elena, 0, LANG_EN).items[0];
	CHECK_STR(l.to_name, STR("Smekkfull Bank AS"));
	CHECK_STR(l.to_orgno, STR(BANK));
	assert_int_equal(l.n_titles, 2);
	CHECK_STR(l.titles[0].text, STR("Title tax"));
	CHECK_STR(l.titles[1].text, STR("Title once"));
	assert_int_equal(l.titles[0].lang, LANG_EN);
	CHECK(!l.is_poa);
}

static void test_list__pages(void **state)
{
	struct world *w = *state;
	struct consent *oldest = asked(w, "tax", VIEW_SHOW);
	for (int i = 1; i < CONSENT_LIST_PAGE; i++)
		(void)asked(w, "tax", VIEW_SHOW);
	struct consent_list l = list_of(w, w->elena, 0, LANG_NB);
	assert_int_equal(l.n, CONSENT_LIST_PAGE);
	assert_int_equal(l.next, 0);
	(void)asked(w, "tax", VIEW_SHOW);
	l = list_of(w, w->elena, 0, LANG_NB);
	assert_int_equal(l.n, CONSENT_LIST_PAGE);
	CHECK(l.next > 0);
	l = list_of(w, w->elena, l.next, LANG_NB);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.next, 0);
	CHECK(uuid_eq(l.items[0].consent->id, oldest->id));
}

static void test_list__looks_for_text_and_state(void **state)
{
	struct world *w = *state;
	struct consent *given = asked(w, "once", VIEW_SHOW);
	(void)asked(w, "tax", VIEW_SHOW);
	decide(w, given, ST_ACCEPTED);
	static const struct {
		unsigned groups;
		const char *text;
		size_t n;
	} rows[] = {
		{ 0, "", 2 },
		{ 0, "  ", 2 },
		{ 0, "tittel", 2 },
		{ 0, "TITTEL ONCE", 1 },
		{ 0, "smekkfull bANK", 2 },
		{ 0, BANK, 2 },
		{ 0, "810 419 512", 2 },
		{ 0, "810419", 0 },
		{ 0, "%", 0 },
		{ 1 << GROUP_PENDING, NULL, 1 },
		{ 1 << GROUP_ACTIVE, NULL, 1 },
		{ 1 << GROUP_ENDED, NULL, 0 },
		{ 1 << GROUP_PENDING | 1 << GROUP_ACTIVE, "tittel", 2 },
		{ 1 << GROUP_PENDING, "once", 0 },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		if (found(w, rows[i].groups, rows[i].text) != rows[i].n)
			fail_msg("%u %s: %zu", rows[i].groups, rows[i].text, found(w, rows[i].groups, rows[i].text));
}

static void test_list__a_search_is_bounded_and_goes_on(void **state)
{
	struct world *w = *state;
	struct consent *oldest = asked(w, "once", VIEW_SHOW);
	for (int i = 0; i < CONSENT_LIST_SCAN; i++)
		(void)asked(w, "tax", VIEW_SHOW);
	struct consent_list l;
	struct person_caller caller = { .party = w->elena->uuid, .level = 3 };
	struct consent_query q = { .party = w->elena->uuid, .text = STR("once") };
	CHECK_RC(consent_list(&w->d, &w->a, &caller, &q, &l), RC_OK);
	assert_int_equal(l.n, 0);
	q.text = arena_str(&w->a, str_span(arena_alloc(&w->a, CONSENT_MAX_SEARCH + 1), CONSENT_MAX_SEARCH + 1));
	CHECK_RC(consent_list(&w->d, &w->a, &caller, &q, &l), RC_INVALID);
	q.text.n = CONSENT_MAX_SEARCH;
	CHECK_RC(consent_list(&w->d, &w->a, &caller, &q, &l), RC_OK);
	q.text = STR("once");
	q.before = l.next;
	CHECK(q.before > 0);
	CHECK_RC(consent_list(&w->d, &w->a, &caller, &q, &l), RC_OK);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.next, 0);
	CHECK(uuid_eq(l.items[0].consent->id, oldest->id));
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
T_MAIN(CASE(test_list__groups), CASE(test_list__only_what_is_the_persons_own), CASE(test_list__says_who_and_what),
       CASE(test_list__pages), CASE(test_list__looks_for_text_and_state),
       CASE(test_list__a_search_is_bounded_and_goes_on))
