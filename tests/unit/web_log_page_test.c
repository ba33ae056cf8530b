#include "web_kit.h"

#include "consent/activity.h"

static struct consent *asked(struct world *w, const char *resource)
{
	struct draft d = draft_of(&w->a, resource);
	d.view_mode = VIEW_SHOW;
	return world_consent(w, &d);
}

static void answer(struct world *w, const struct consent *c, enum consent_status to)
{
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	struct problems p = PROBLEMS(&w->a);
	struct consent *got;
	CHECK_RC(consent_decide(&w->d, &w->a, c->id, &who, to, STR("nb"), &got, &p), RC_OK);
}

static void fetch(struct world *w, const struct consent *c, const char *consumer)
{
	struct token_row t = { .id = uuid_v4(),
			       .client_id = STR("x"),
			       .guard = rand_code(&w->a, 24),
			       .consumer = str_of(consumer),
			       .issued = clock_now() };
	world_token(w, c, &t);
	t.guard.n = 32;
	CHECK_RC(tokens_insert(w->store, &w->a, &t), RC_OK);
}

static void report(struct world *w, const struct consent *c, const char *resource)
{
	struct use_report told = { .id = c->id, .resource = str_of(resource), .reference = STR("sak 7 <b>") };
	struct org_caller who = { .consumer = STR(AGENCY) };
	struct problems p = PROBLEMS(&w->a);
	struct use_event e;
	bool existed;
	CHECK_RC(consent_use(&w->d, &w->a, &told, &who, &e, &existed, &p), RC_OK);
}

static struct str get(struct browser *b, const char *query)
{
	return browser_get(b, log_get, PATH_LOG, str_of(query));
}

#define ENTRY "<li class=\"card\">"

static void test_log__each_kind_once_newest_first(void **state)
{
	struct world *w = *state;
	struct consent *given = asked(w, "tax"), *no = asked(w, "tax"), *gone = asked(w, "tax");
	(void)asked(w, "tax");
	answer(w, no, ST_REJECTED);
	answer(w, gone, ST_ACCEPTED);
	answer(w, gone, ST_REVOKED);
	answer(w, given, ST_ACCEPTED);
	fetch(w, given, BANK);
	report(w, given, "tax");
	struct browser b = browser_of(w, w->elena, 3);
	struct str html = get(&b, "lng=no_nb");
	static const char *const order[] = {
		"Smekkfull Bank AS: Har hentet opplysninger fra ",
		"Smekkfull Bank AS: Har hentet samtykke fra Elena Fjær.",
		"Smekkfull Bank AS: Fikk samtykke av Elena Fjær.",
		"Smekkfull Bank AS: Samtykke trukket.",
		"Smekkfull Bank AS: Fikk samtykke av Elena Fjær.",
		"Du sa nei til Smekkfull Bank AS.",
	};
	struct str rest = html;
	for (size_t i = 0; i < LEN(order); i++) {
		ptrdiff_t at = str_find(rest, str_of(order[i]));
		if (at < 0)
			fail_msg("%zu %s:\n%.*s", i, order[i], STR_FMT(html));
		rest = str_span(rest.p + at + 1, rest.n - (size_t)at - 1);
	}
	assert_int_equal(occurrences(html, ENTRY), LEN(order));
	assert_int_equal(occurrences(html, "Referanse: sak 7 &lt;b&gt;"), 1);
	assert_int_equal(occurrences(html, "<time datetime=\""), LEN(order));
	assert_int_equal(occurrences(html, "</time></p>"), LEN(order));
	clock_set_offset(6 * CLOCK_DAY);
	html = get(&b, "lng=en");
	clock_set_offset(0);
	assert_int_equal(occurrences(html, "Consent expired."),
			 1); /* neither the rejected, the withdrawn nor the unanswered */
	assert_int_equal(occurrences(html, ENTRY), LEN(order) + 1);
	assert_int_equal(occurrences(html, ELENA), 0);
}

static void test_log__pages_and_filters(void **state)
{
	struct world *w = *state;
	struct consent *c = asked(w, "tax");
	answer(w, asked(w, "once"), ST_REJECTED);
	answer(w, c, ST_ACCEPTED);
	for (int i = 0; i < CONSENT_LIST_PAGE; i++)
		fetch(w, c, BANK);
	struct browser b = browser_of(w, w->elena, 3);
	struct str html = get(&b, ""), query, tail;
	assert_int_equal(occurrences(html, ENTRY), CONSENT_LIST_PAGE);
	ptrdiff_t at = str_find(html, STR(PATH_LOG "?before="));
	CHECK(at > 0);
	CHECK(str_cut(str_span(html.p + at + sizeof PATH_LOG, 80), '"', &query, &tail));
	html = get(&b, arena_cstr(&w->a, query));
	assert_int_equal(occurrences(html, ENTRY), 2);
	assert_int_equal(occurrences(html, "Eldre innslag"), 0);
	assert_int_equal(occurrences(get(&b, "state=accepted"), ENTRY), 1);
	assert_int_equal(occurrences(get(&b, "state=rejected"), ENTRY), 1);
	assert_int_equal(occurrences(get(&b, "state=expired"), ENTRY), 0);
	assert_int_equal(occurrences(get(&b, "q=ONCE"), ENTRY), 1);
	assert_int_equal(occurrences(get(&b, "state=used&q=" BANK), ENTRY), CONSENT_LIST_PAGE);
	assert_int_equal(occurrences(get(&b, "q=x+y"), ENTRY), 0);
	check_page(&b, 200, "Ingen samtykker eller fullmakter ble funnet for dette søket");
	static const char *const odd[] = { "before=", "before=1", "before=x.y", "before=-1." ELENA_UUID };
	for (size_t i = 0; i < LEN(odd); i++)
		assert_int_equal(occurrences(get(&b, odd[i]), ENTRY), CONSENT_LIST_PAGE);
}

static void test_log__a_search_is_bounded_and_goes_on(void **state)
{
	struct world *w = *state;
	struct consent *c = asked(w, "tax");
	struct activity_page l;
	struct person_caller who = { .party = w->elena->uuid, .level = 3 };
	struct activity_query q = { .party = w->elena->uuid, .kinds = 1 << ACTIVITY_ACCEPTED };
	answer(w, c, ST_ACCEPTED);
	for (int i = 0; i < CONSENT_LIST_SCAN; i++)
		fetch(w, c, BANK);
	CHECK_RC(activity_log(&w->d, &w->a, &who, &q, &l), RC_OK);
	CHECK(l.n == 0 && l.more);
	q.before = l.next;
	CHECK_RC(activity_log(&w->d, &w->a, &who, &q, &l), RC_OK);
	CHECK(l.n == 1 && !l.more);
	who.party = w->other->uuid;
	CHECK_RC(activity_log(&w->d, &w->a, &who, &q, &l), RC_DENIED);
	q.text = str_span(arena_alloc(&w->a, CONSENT_MAX_SEARCH + 1), CONSENT_MAX_SEARCH + 1);
	CHECK_RC(activity_log(&w->d, &w->a, &who, &q, &l), RC_INVALID);
}

static void test_details__tell_uses_and_tokens_in_order(void **state)
{
	struct world *w = *state;
	struct consent *c = asked(w, "tax");
	answer(w, c, ST_ACCEPTED);
	fetch(w, c, BANK);
	report(w, c, "tax");
	fetch(w, c, SUPPLIER);
	struct browser b = browser_of(w, w->elena, 4);
	struct str query = arena_fmt(&w->a, "id=%.*s", STR_FMT(uuid_str(&w->a, c->id)));
	struct str rest = browser_get(&b, details_get, PATH_DETAILS, query);
	static const char *const order[] = { "Forespørselen kom",
					     "Du sa ja",
					     "Smekkfull Bank AS hentet et bevis på avtalen.",
					     "Avtalen ble brukt: Smekkfull Bank AS hentet Tittel tax fra ",
					     "Referanse: sak 7 &lt;b&gt;",
					     "192 hentet et bevis på avtalen." };
	for (size_t i = 0; i < LEN(order); i++) {
		ptrdiff_t at = str_find(rest, str_of(order[i]));
		if (at < 0)
			fail_msg("%zu %s:\n%.*s", i, order[i], STR_FMT(rest));
		rest = str_span(rest.p + at + 1, rest.n - (size_t)at - 1);
	}
}

static void test_log__empty_and_not_ones_own(void **state)
{
	struct world *w = *state;
	struct browser b = browser_of(w, w->elena, 3);
	assert_int_equal(occurrences(get(&b, ""), ENTRY), 0);
	check_page(&b, 200, "Det finnes ingen innslag i avtaleloggen enda");
	(void)get(&b, "party=" BANK_UUID);
	assert_int_equal(b.res.status, 403);
	struct browser nobody = browser_of(w, NULL, 0);
	(void)get(&nobody, "");
	assert_int_equal(nobody.res.status, 302);
}

T_MAIN(CASE(test_log__each_kind_once_newest_first), CASE(test_log__pages_and_filters),
       CASE(test_log__a_search_is_bounded_and_goes_on), CASE(test_log__empty_and_not_ones_own),
       CASE(test_details__tell_uses_and_tokens_in_order))
