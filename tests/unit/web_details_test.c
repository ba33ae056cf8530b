#include "web_kit.h"

static struct consent *given(struct world *w, const char *resource)
{
	struct draft d = draft_of(&w->a, resource);
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c = world_consent(w, &d);
	CHECK_RC(consent_decide(&w->d, &w->a, c->id, &who, ST_ACCEPTED, STR("nb"), &c, &p), RC_OK);
	return c;
}

static struct str id_of(struct world *w, const struct consent *c, const char *more)
{
	return arena_fmt(&w->a, "id=%.*s%s", STR_FMT(uuid_str(&w->a, c->id)), more);
}

static struct str details(struct browser *b, struct str query)
{
	return browser_get(b, details_get, PATH_DETAILS, query);
}

static void withdraw(struct browser *b, struct str form)
{
	(void)browser_post(b, withdraw_post, PATH_WITHDRAW, form);
}

static struct consent *stored(struct world *w, const struct consent *c)
{
	struct reader *r CLEANUP(reader_closep) = NULL;
	struct consent *got;
	CHECK_RC(reader_open(w->store, true, &r), RC_OK);
	CHECK_RC(consents_get(r, &w->a, c->id, true, &got, NULL), RC_OK);
	return got;
}

static void test_details__active_in_three_languages(void **state)
{
	struct world *w = *state;
	struct consent *c = given(w, "tax");
	static const char *const rows[][4] = {
		{ "&lng=no_nb", "Samtykket er aktivt", ">Trekk samtykke<", "Du ga" },
		{ "&lng=no_nn", "Samtykket er aktivt", ">Trekk samtykke<", "Du gav" },
		{ "&lng=en", "Consent is active", ">Revoke consent<", "You gave" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct browser b = browser_of(w, w->elena, 4);
		struct str html = details(&b, id_of(w, c, rows[i][0]));
		for (size_t k = 1; k < LEN(rows[i]); k++) {
			check_page(&b, 200, rows[i][k]);
			assert_int_equal(occurrences(html, rows[i][k]), 1);
		}
		/* As it was seen: in bokmål, whatever the page is in. */
		const char *frozen = i == 0 ? "<div class=\"agreement\">" : "<div class=\"agreement\" lang=\"nb\">";
		assert_int_equal(occurrences(html, frozen), 1);
		assert_int_equal(occurrences(html, "Smekkfull Bank AS spør Elena Fjær"), 1);
		check_page(&b, 200, arena_cstr(&w->a, stored(w, c)->shown_sha256));
		assert_int_equal(occurrences(html, "role=\"status\""), 1);
	}
}

static void test_details__withdrawn_once(void **state)
{
	struct world *w = *state;
	struct consent *c = given(w, "tax");
	struct browser b = browser_of(w, w->elena, 4);
	(void)browser_get(&b, withdraw_get, PATH_WITHDRAW, id_of(w, c, ""));
	check_page(&b, 200, "Er du sikker på at du vil trekke dette samtykket?");
	check_page(&b, 200, "Ja, trekk samtykke");
	assert_int_equal(occurrences(buf_str(&b.res.body), "name=\"csrf\" value=\"\""), 0);
	for (int i = 0; i < 2; i++) {
		withdraw(&b, id_of(w, c, ""));
		assert_int_equal(b.res.status, 303);
		CHECK_STR(browser_answer_header(&b, "Location"),
			  arena_fmt(&w->a, PATH_DETAILS "?%.*s", STR_FMT(id_of(w, c, "&done=1"))));
		assert_int_equal(stored(w, c)->status, ST_REVOKED);
		assert_int_equal(stored(w, c)->n_events, 3);
	}
	struct str html = details(&b, id_of(w, c, "&done=1"));
	check_page(&b, 200, "Smekkfull Bank AS kan ikke gjøre noe nytt med avtalen");
	assert_int_equal(occurrences(html, ">Trekk samtykke<"), 0);
	assert_int_equal(occurrences(html, "Du trakk avtalen tilbake"), 1);
	(void)browser_get(&b, withdraw_get, PATH_WITHDRAW, id_of(w, c, ""));
	assert_int_equal(b.res.status, 303);
}

static void test_details__who_may_not(void **state)
{
	struct world *w = *state;
	struct consent *c = given(w, "tax"), *high = given(w, "high"), unknown = { .id = uuid_v4() };
	struct browser other = browser_of(w, w->other, 4), low = browser_of(w, w->elena, 3),
		       out = browser_of(w, NULL, 0), b = browser_of(w, w->elena, 4);
	(void)details(&other, id_of(w, c, ""));
	check_page(&other, 403, "Annen &lt;b&gt;{coveredby} og har ikke tilgang til denne avtalen");
	assert_int_equal(occurrences(buf_str(&other.res.body), "Smekkfull"), 0);
	withdraw(&other, id_of(w, c, ""));
	check_page(&other, 403, "Annen &lt;b&gt;{coveredby} og har ikke tilgang til denne avtalen");
	(void)details(&low, id_of(w, high, ""));
	check_page(&low, 403, "Du må logge inn på en sikrere måte");
	withdraw(&low, id_of(w, high, ""));
	check_page(&low, 403, "Du må logge inn på en sikrere måte");
	(void)details(&b, id_of(w, &unknown, ""));
	check_page(&b, 404, "Vi finner ikke denne forespørselen");
	withdraw(&b, id_of(w, &unknown, ""));
	check_page(&b, 404, "Vi finner ikke denne forespørselen");
	(void)details(&b, STR("id=7"));
	check_page(&b, 400, "Lenken er ikke fullstendig");
	withdraw(&b, STR("x=1"));
	check_page(&b, 400, "Lenken er ikke fullstendig");
	(void)details(&out, id_of(w, c, ""));
	assert_int_equal(out.res.status, 302);
	withdraw(&out, id_of(w, c, ""));
	check_page(&out, 403, "Avtalen er ikke trukket.");
	assert_int_equal(stored(w, c)->n_events, 2);
	assert_int_equal(stored(w, high)->n_events, 2);
}

static void test_details__what_is_not_active(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct consent *c = world_consent(w, &d), *late = given(w, "tax");
	struct browser b = browser_of(w, w->elena, 4);
	struct problems p = PROBLEMS(&w->a);
	(void)details(&b, id_of(w, c, ""));
	assert_int_equal(b.res.status, 303);
	CHECK(str_starts(browser_answer_header(&b, "Location"), STR(PATH_CONSENT "?id=")));
	withdraw(&b, id_of(w, c, ""));
	assert_int_equal(b.res.status, 303);
	CHECK_RC(consent_decide(&w->d, &w->a, c->id, &b.caller.person, ST_REJECTED, STR("nb"), &c, &p), RC_OK);
	(void)details(&b, id_of(w, c, "&done=1"));
	check_page(&b, 200, "Dette samtykket er allerede avvist");
	check_page(&b, 200, "ba om å få hente dette:");
	assert_int_equal(occurrences(buf_str(&b.res.body), "sk-heading"), 0);
	assert_int_equal(occurrences(buf_str(&b.res.body), "sk-expiration"), 0);
	withdraw(&b, id_of(w, c, ""));
	check_page(&b, 409, "Kunne ikke trekke samtykke");
	clock_set_offset(6 * CLOCK_DAY);
	struct str html = details(&b, id_of(w, late, ""));
	clock_set_offset(0);
	check_page(&b, 200, "Samtykket er utløpt");
	assert_int_equal(occurrences(html, ">Trekk samtykke<"), 0);
	assert_int_equal(occurrences(html, "Tiden gikk ut"), 1);
}

static void test_details__frozen_text_stands_in_for_one_that_is_gone(void **state)
{
	struct world *w = *state;
	struct consent *c = given(w, "tax");
	bool changed;
	world_apply(w, STR("{\"resources\":[{\"identifier\":\"tax\",\"state\":\"absent\"}]}"));
	CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
	struct browser b = browser_of(w, w->elena, 4);
	(void)details(&b, id_of(w, c, "&lng=en"));
	check_page(&b, 200, "<div class=\"agreement\" lang=\"nb\">");
	check_page(&b, 200, "Tekst tax");
	check_page(&b, 200, ">Revoke consent<");
	(void)browser_get(&b, withdraw_get, PATH_WITHDRAW, id_of(w, c, ""));
	check_page(&b, 200, "810\u00a0419\u00a0512");
	withdraw(&b, id_of(w, c, ""));
	assert_int_equal(b.res.status, 303);
	assert_int_equal(stored(w, c)->status, ST_REVOKED);
}

static void test_details__a_stale_form_says_that_nothing_happened(void **state)
{
	struct world *w = *state;
	struct consent *c = given(w, "tax");
	struct browser b = browser_of(w, w->elena, 4);
	browser_header(&b, "Content-Type", "application/x-www-form-urlencoded");
	struct http_req req = browser_req(&b, HTTP_POST, PATH_WITHDRAW, STR_NONE);
	req.body = id_of(w, c, "");
	CHECK(web_error_page(&req, &b.res, 400));
	check_page(&b, 400, "Avtalen er ikke trukket.");
	CHECK(str_find(buf_str(&b.res.body), STR("href=\"" PATH_DETAILS "?id=")) > 0);
}

T_MAIN(CASE(test_details__active_in_three_languages), CASE(test_details__withdrawn_once),
       CASE(test_details__who_may_not), CASE(test_details__what_is_not_active),
       CASE(test_details__frozen_text_stands_in_for_one_that_is_gone),
       CASE(test_details__a_stale_form_says_that_nothing_happened))
