#include "web_kit.h"

#include "page/parts.h"

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

static struct str get(struct browser *b, const char *query)
{
	return browser_get(b, overview_get, PATH_OVERVIEW, str_of(query));
}

static void test_overview__empty_in_three_languages(void **state)
{
	struct world *w = *state;
	static const char *const rows[][3] = {
		{ "lng=no_nb", "<h1>Samtykker og fullmakter for Elena Fjær</h1>", "Du har ingen avtaler her ennå" },
		{ "lng=no_nn", "<h1>Samtykke og fullmakter for Elena Fjær</h1>", "Du har ingen avtalar her enno" },
		{ "lng=en", "<h1>Consent and power of attorney agreements for Elena Fjær</h1>",
		  "You have no agreements here yet" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct browser b = browser_of(w, w->elena, 3);
		(void)get(&b, rows[i][0]);
		check_page(&b, 200, rows[i][1]);
		check_page(&b, 200, rows[i][2]);
		assert_int_equal(occurrences(buf_str(&b.res.body), "<h2"), 0);
		assert_int_equal(occurrences(buf_str(&b.res.body), "role=\"menuitem\" href=\"" PATH_OVERVIEW "\""), 1);
	}
}

static void test_overview__pending_then_active_then_ended(void **state)
{
	struct world *w = *state;
	struct consent *pending = asked(w, "tax"), *given = asked(w, "once"), *revoked = asked(w, "tax"),
		       *rejected = asked(w, "tax");
	answer(w, given, ST_ACCEPTED);
	answer(w, revoked, ST_ACCEPTED);
	answer(w, revoked, ST_REVOKED);
	answer(w, rejected, ST_REJECTED);
	struct browser b = browser_of(w, w->elena, 3);
	struct str html = get(&b, "");
	check_page(&b, 200, "Smekkfull Bank AS");
	ptrdiff_t at[] = { str_find(html, STR("\">Ventende avtaler</h2>")),
			   str_find(html, arena_fmt(&w->a,
						    PATH_CONSENT "?id=%.*s&amp;skiplogout=true&amp;backtopage=%%2F"
								 "accessmanagement%%2Fui%%2Fconsent%%2Factive\"",
						    STR_FMT(uuid_str(&w->a, pending->id)))),
			   str_find(html, STR("\">Aktive avtaler</h2>")),
			   str_find(html,
				    arena_fmt(&w->a, PATH_DETAILS "?id=%.*s\"", STR_FMT(uuid_str(&w->a, given->id)))),
			   str_find(html, STR("\">Avsluttede avtaler</h2>")),
			   str_find(html, STR(">Avvist<")),
			   str_find(html, STR(">Trukket tilbake<")) };
	for (size_t i = 0; i < LEN(at); i++)
		if (at[i] < 0 || (i && at[i] < at[i - 1]))
			fail_msg("part %zu stands at %td:\n%.*s", i, at[i], STR_FMT(html));
	assert_int_equal(occurrences(html, "<li class=\"card\">"), 4);
	assert_int_equal(occurrences(html, "class=\"pages\""), 0);
	clock_set_offset(6 * CLOCK_DAY);
	html = get(&b, "");
	clock_set_offset(0);
	assert_int_equal(occurrences(html, ">Ikke besvart<"), 1);
	assert_int_equal(occurrences(html, ">Utløpt<"), 1);
	assert_int_equal(occurrences(html, "Ingen aktive avtaler"), 1);
	assert_int_equal(occurrences(html, "Ventende avtaler</h2>"), 0);
}

static void test_overview__names_three_titles_and_counts_the_rest(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	d.view_mode = VIEW_SHOW;
	static const char *const more[] = { "once", "short", "tax" };
	for (size_t i = 0; i < LEN(more); i++)
		(void)draft_right(&w->a, &d, more[i]);
	(void)world_consent(w, &d);
	struct browser b = browser_of(w, w->elena, 3);
	(void)get(&b, "lng=en");
	check_page(&b, 200, "<span>Title tax</span>, <span>Title once</span>, <span>Title short</span> and 1 more");
}

/* Agreements on the same resource differ by their metadata; values of a resource for a stronger login stay away. */
static void test_overview__cards_can_be_told_apart(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *key, *value, *key2, *value2, *nb, *en;
	} rows[] = {
		{ "inntektsaar", "2025", NULL, NULL, "(2025)", "(2025)" },
		{ "fraOgMed", "2026-01", "tilOgMed", "2026-03", "(jan.–mars 2026)", "(Jan.–March 2026)" },
		{ "fraogmed", "2025-01", "tilogmed", "2025-12", "(2025)", "(2025)" },
		{ "tilogmed", "2026-02-28", "fraogmed", "2025-12-01", "(1. des. 2025–28. feb. 2026)",
		  "(1 Dec. 2025–28 Feb. 2026)" },
		{ "fraogmed", "2026-03", "tilogmed", "2026-01", "(mars 2026, jan. 2026)", "(March 2026, Jan. 2026)" },
		{ "sak", "<b>EK 12345", "person", ELENA, "(&lt;b&gt;EK 12345)", "(&lt;b&gt;EK 12345)" },
		{ "sak", "0123456789012345678901234567890123456789", NULL, NULL,
		  "(0123456789012345678901234567890123456789)", "(0123456789012345678901234567890123456789)" },
		{ "sak", "ø123456789012345678901234567890123456789x", NULL, NULL,
		  "(ø123456789012345678901234567890123456789…)", "(ø123456789012345678901234567890123456789…)" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct meta second = { STR_NONE, STR_NONE, NULL },
			    first = { str_of(rows[i].key), str_of(rows[i].value), NULL };
		if (rows[i].key2) {
			second = (struct meta){ str_of(rows[i].key2), str_of(rows[i].value2), NULL };
			first.next = &second;
		}
		struct right r = { .metadata = &first };
		for (int k = 0; k < 2; k++) {
			struct browser b = browser_of(w, w->elena, 4);
			struct http_req req = browser_req(&b, HTTP_GET, PATH_OVERVIEW, STR_NONE);
			struct page p = page_of(&req, &b.res);
			struct buf html = BUF(&w->a);
			p.lang = k ? LANG_EN : LANG_NB;
			right_title_put(&p, &html, &(struct localized){ STR("T"), p.lang }, &r);
			struct str want = arena_fmt(&w->a, "<span>T</span> <span class=\"about\">%s</span>",
						    k ? rows[i].en : rows[i].nb);
			CHECK_STR(buf_str(&html), want);
		}
	}
}

static void test_overview__the_search_comes_with_the_eleventh(void **state)
{
	struct world *w = *state;
	struct browser b = browser_of(w, w->elena, 3);
	for (int i = 0; i < 9; i++)
		answer(w, asked(w, "tax"), ST_ACCEPTED);
	(void)asked(w, "tax");
	CHECK(str_find(get(&b, ""), STR("id=\"q\"")) < 0);
	CHECK(str_find(get(&b, "q=x"), STR("id=\"q\"")) > 0);
	answer(w, asked(w, "tax"), ST_ACCEPTED);
	struct str html = get(&b, "");
	ptrdiff_t at[] = { str_find(html, STR("\">Ventende avtaler</h2>")), str_find(html, STR("id=\"q\"")),
			   str_find(html, STR("\">Aktive avtaler</h2>")) };
	CHECK(at[0] > 0 && at[1] > at[0] && at[2] > at[1]);
	html = get(&b, "state=active");
	CHECK(str_find(html, STR("id=\"q\"")) < str_find(html, STR("\">Aktive avtaler</h2>")));
	assert_int_equal(occurrences(html, ">Vis</"), 0);
}

static void test_overview__a_weak_login_reads_no_metadata(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "income");
	draft_meta(&w->a, d.rights, STR("year"), STR("hemmelig"));
	(void)draft_right(&w->a, &d, "high");
	d.view_mode = VIEW_SHOW;
	(void)world_consent(w, &d);
	for (int64_t level = 3; level <= 4; level++) {
		struct browser b = browser_of(w, w->elena, level);
		assert_int_equal(occurrences(get(&b, ""), "(hemmelig)"), level == 4);
	}
}

static void test_overview__one_more_than_a_page(void **state)
{
	struct world *w = *state;
	for (int i = 0; i < CONSENT_LIST_PAGE; i++)
		(void)asked(w, "tax");
	struct browser b = browser_of(w, w->elena, 3);
	struct str html = get(&b, "");
	assert_int_equal(occurrences(html, "<li class=\"card\">"), CONSENT_LIST_PAGE);
	assert_int_equal(occurrences(html, "class=\"pages\""), 0);
	(void)asked(w, "tax");
	html = get(&b, "");
	assert_int_equal(occurrences(html, "<li class=\"card\">"), CONSENT_LIST_PAGE);
	ptrdiff_t at = str_find(html, STR(PATH_OVERVIEW "?before="));
	CHECK(at > 0);
	struct str query, tail;
	CHECK(str_cut(str_span(html.p + at + sizeof PATH_OVERVIEW, 40), '"', &query, &tail));
	html = get(&b, arena_cstr(&w->a, query));
	assert_int_equal(occurrences(html, "<li class=\"card\">"), 1);
	assert_int_equal(occurrences(html, "Nyeste avtaler"), 1);
	assert_int_equal(occurrences(html, "Eldre avtaler"), 0);
	(void)get(&b, "before=1");
	check_page(&b, 200, "Ingen avtaler å vise");
	static const char *const odd[] = { "before=", "before=-1", "before=x", "before=9223372036854775808",
					   "before=0" };
	for (size_t i = 0; i < LEN(odd); i++)
		assert_int_equal(occurrences(get(&b, odd[i]), "<li class=\"card\">"), CONSENT_LIST_PAGE);
}

static void test_overview__search_state_and_party_stay_in_the_address(void **state)
{
	struct world *w = *state;
	for (int i = 0; i <= CONSENT_LIST_PAGE; i++)
		(void)asked(w, "tax");
	struct browser b = browser_of(w, w->elena, 3);
	struct str html = get(&b, "q=tittel+%26+%22tax&state=pending");
	CHECK(str_find(html, STR("value=\"tittel &amp; &quot;tax\"")) > 0);
	CHECK(str_find(html, STR("<option value=\"pending\" selected>")) > 0);
	assert_int_equal(occurrences(html, "<li class=\"card\">"), 0);
	check_page(&b, 200, "Ingen samtykker eller fullmakter ble funnet for dette søket");
	html = get(&b, "q=tittel&state=pending");
	assert_int_equal(occurrences(html, "<li class=\"card\">"), CONSENT_LIST_PAGE);
	CHECK(str_find(html, STR(PATH_OVERVIEW "?q=tittel&amp;state=pending&amp;before=")) > 0);
	assert_int_equal(occurrences(get(&b, "state=ended"), "<li class=\"card\">"), 0);
	assert_int_equal(occurrences(get(&b, "state=nosuch"), "<li class=\"card\">"), CONSENT_LIST_PAGE);
}

static void test_overview__a_pending_one_on_a_later_page_is_pointed_at(void **state)
{
	struct world *w = *state;
	struct consent *old = asked(w, "tax");
	for (int i = 0; i < CONSENT_LIST_PAGE; i++)
		answer(w, asked(w, "tax"), ST_ACCEPTED);
	struct browser b = browser_of(w, w->elena, 3);
	struct str html = get(&b, "");
	CHECK(str_find(html, STR("href=\"" PATH_OVERVIEW "?state=pending\"")) > 0);
	html = get(&b, "state=pending");
	assert_int_equal(occurrences(html, "<li class=\"card\">"), 1);
	CHECK(str_find(html, uuid_str(&w->a, old->id)) > 0);
}

static void test_overview__other_parties_are_refused(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *query;
		int status;
	} rows[] = {
		{ "party=" BANK_UUID, 403 },  { "party=00000000-0000-4000-8000-000000000000", 403 },
		{ "party=1", 400 },           { "party=", 200 },
		{ "party=" ELENA_UUID, 200 },
	};
	(void)asked(w, "tax");
	struct browser b = browser_of(w, w->elena, 3);
	for (size_t i = 0; i < LEN(rows); i++) {
		struct str html = get(&b, rows[i].query);
		if (b.res.status != rows[i].status)
			fail_msg("%s: %d", rows[i].query, b.res.status);
		if (rows[i].status != 200)
			CHECK(str_find(html, STR("Smekkfull")) < 0 && str_find(html, STR("Se dine egne avtaler")) > 0);
	}
	struct browser weak = browser_of(w, w->elena, 2);
	(void)get(&weak, "");
	check_page(&weak, 403, "Du må logge inn på en sikrere måte");
}

static void test_overview__login_first(void **state)
{
	struct browser b = browser_of(*state, NULL, 0);
	(void)get(&b, "before=7");
	assert_int_equal(b.res.status, 302);
	CHECK_STR(browser_answer_header(&b, "Location"),
		  STR("/sandbox/login?goto=%2Faccessmanagement%2Fui%2Fconsent%2Factive%3Fbefore%3D7"));
}

T_MAIN(CASE(test_overview__cards_can_be_told_apart), CASE(test_overview__the_search_comes_with_the_eleventh),
       CASE(test_overview__a_weak_login_reads_no_metadata), CASE(test_overview__empty_in_three_languages),
       CASE(test_overview__pending_then_active_then_ended), CASE(test_overview__names_three_titles_and_counts_the_rest),
       CASE(test_overview__one_more_than_a_page), CASE(test_overview__search_state_and_party_stay_in_the_address),
       CASE(test_overview__a_pending_one_on_a_later_page_is_pointed_at), CASE(test_overview__other_parties_are_refused),
       CASE(test_overview__login_first))
