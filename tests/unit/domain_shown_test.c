#include "domain_world.h"

static struct str html_of(struct world *w, const struct shown *s, const struct consent *c)
{
	struct buf b = BUF(&w->a);
	shown_html(&b, s, c);
	return buf_str(&b);
}

static void check_has(struct str html, const char *want)
{
	if (str_find(html, str_of(want)) < 0)
		fail_msg("\"%s\" is not in:\n%.*s", want, STR_FMT(html));
}

static void check_not(struct str html, const char *bad)
{
	if (str_find(html, str_of(bad)) >= 0)
		fail_msg("\"%s\" is in:\n%.*s", bad, STR_FMT(html));
}

static void test_shown__three_languages(void **state)
{
	struct world *w = *state;
	static const struct {
		enum lang lang;
		const char *heading, *intro, *text, *title, *until;
	} rows[] = {
		{ LANG_NB, "Smekkfull Bank AS spør Elena Fjær", "Du gir innsyn:",
		  "Inntekt <strong>2025</strong> {note}", "Tittel income", "Gjelder til 01.01.2100, 01:00" },
		{ LANG_NN, "Smekkfull Bank AS spør deg, Elena Fjær", "Du gjev innsyn:",
		  "Inntekt nn <strong>2025</strong>", "Tittel nn income", "Gjeld til 01.01.2100, 01:00" },
		{ LANG_EN, "Smekkfull Bank AS asks Elena Fjær", "You give access:", "Income <strong>2025</strong>",
		  "Title income", "Until 01.01.2100, 01:00" },
	};
	struct draft d = draft_of(&w->a, "income");
	draft_meta(&w->a, d.rights, STR("YEAR"), STR("2025"));
	d.valid_to = INT64_C(4102444800) * CLOCK_SECOND;
	struct consent *c = world_consent(w, &d);
	for (size_t i = 0; i < LEN(rows); i++) {
		struct shown s;
		CHECK_RC(consent_shown(&w->d, &w->a, c, rows[i].lang, &s), RC_OK);
		struct str html = html_of(w, &s, c);
		CHECK_STR(s.heading, str_of(rows[i].heading));
		CHECK_STR(s.expiration, str_of(rows[i].until));
		CHECK_STR(s.rights[0].owner_name, STR("Etaten"));
		CHECK(!s.message.p && !s.handled_by.p && !s.one_time && !s.is_poa && !s.from_orgno.p);
		CHECK_STR(s.to_orgno, STR(BANK));
		check_has(html, rows[i].heading);
		check_has(html, rows[i].intro);
		check_has(html, rows[i].text);
		check_has(html, rows[i].title);
		check_has(html, rows[i].until);
		check_has(html, "<span class=\"sk-zone\">");
		check_not(html, "blockquote");
		check_not(html, "lang=");
	}
}

static void test_shown__says_who_handles_and_how_often(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "once");
	struct org_caller who = { .consumer = STR(BANK), .supplier = STR(LENDER) };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	struct shown s;
	bool existed;
	(void)draft_right(&w->a, &d, "tax");
	d.from = ORG(AGENCY);
	d.redirect_url = STR("https://lender.example/");
	CHECK_RC(consent_create(&w->d, &w->a, &d, &who, &c, &existed, &p), RC_OK);
	CHECK_RC(consent_shown(&w->d, &w->a, c, LANG_NB, &s), RC_OK);
	CHECK(s.one_time);
	CHECK(str_starts(s.expiration, STR("En gang, til ")));
	CHECK_STR(s.handled_by, STR("Lån SA behandler"));
	CHECK_STR(s.handler_orgno, STR(LENDER));
	CHECK_STR(s.from_orgno, STR(AGENCY));
	CHECK(str_starts(s.heading, STR("O ")));
	assert_int_equal(s.n_rights, 2);
	check_has(html_of(w, &s, c), "<p class=\"sk-handled\">Lån SA behandler</p>");
}

static void test_shown__chooses_the_message(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *resource, *json;
		enum lang lang;
		const char *want;
		enum lang want_lang;
	} rows[] = {
		{ "tax", "{\"nb\":\"Hei {OfferedBy}\",\"en\":\"Hi\"}", LANG_NB, "Hei Elena Fjær", LANG_NB },
		{ "tax", "{\"nb\":\"Hei\",\"en\":\"Hi\"}", LANG_EN, "Hi", LANG_EN },
		{ "tax", "{\"en\":\"Hi\"}", LANG_NB, "Hi", LANG_EN },
		{ "tax", "{\"se\":\"Bures\"}", LANG_NN, "Bures", LANG_NN },
		{ "tax", NULL, LANG_NB, NULL, LANG_NB },
		{ "fixed", NULL, LANG_EN, "Fixed Smekkfull Bank AS", LANG_EN },
		{ "fixed", "{}", LANG_EN, "Fixed Smekkfull Bank AS", LANG_EN },
		{ "fixed", "{\"nb\":\"Egen\"}", LANG_EN, "Egen", LANG_NB },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct draft d = draft_of(&w->a, rows[i].resource);
		struct shown s;
		d.message_json = str_of(rows[i].json);
		struct consent *c = world_consent(w, &d);
		CHECK_RC(consent_shown(&w->d, &w->a, c, rows[i].lang, &s), RC_OK);
		CHECK_STR(s.message, str_of(rows[i].want));
		assert_int_equal(s.message_lang, rows[i].want_lang);
		if (rows[i].want && rows[i].want_lang != rows[i].lang)
			check_has(html_of(w, &s, c), "<blockquote class=\"sk-message\" lang=\"");
	}
}

static void test_shown__marks_another_language(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "norsk");
	struct consent *c = world_consent(w, &d);
	struct shown s;
	CHECK_RC(consent_shown(&w->d, &w->a, c, LANG_EN, &s), RC_OK);
	assert_int_equal(s.rights[0].title_lang, LANG_EN);
	assert_int_equal(s.rights[0].html_lang, LANG_NB);
	check_has(html_of(w, &s, c), "<strong class=\"sk-title\">Title norsk</strong><div lang=\"nb\">");
}

static void test_shown__expands_nothing_twice(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "income");
	struct org_caller who = { .consumer = STR(BANK), .supplier = STR(SUPPLIER) };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	struct shown s;
	bool existed;
	d.from = PERSON(OTHER);
	draft_meta(&w->a, d.rights, STR("year"), STR("<script>alert(1)</script>{CoveredBy}{note}**x**$&"));
	draft_meta(&w->a, d.rights, STR("note"), STR("[a](javascript:1)<b style=x>"));
	d.message_json = STR("{\"nb\":\"<script>m()</script> {HandledBy} $' {Nothing} \\\"'&\"}");
	CHECK_RC(consent_create(&w->d, &w->a, &d, &who, &c, &existed, &p), RC_OK);
	CHECK_RC(consent_shown(&w->d, &w->a, c, LANG_NB, &s), RC_OK);
	struct str html = html_of(w, &s, c);
	check_not(html, "<script");
	check_not(html, "<b>");
	check_not(html, "<b style");
	check_not(html, "<i>");
	check_not(html, "<a");
	check_not(html, "<strong>x");
	check_has(html, "&lt;script&gt;alert(1)&lt;/script&gt;{CoveredBy}{note}**x**$&amp;");
	check_has(html, "&lt;script&gt;m()&lt;/script&gt;");
	check_has(html, "$&#39; {Nothing}");
	/* names are text, also when they look like placeholders */
	check_not(s.heading, "Smekkfull Bank AS Smekkfull");
	CHECK(str_find(s.handled_by, STR("Annen")) < 0);
	CHECK(str_find(s.heading, STR("{")) >= 0);
}

static void test_shown__says_when_texts_are_gone(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct consent *c = world_consent(w, &d);
	struct shown s;
	c->template_version = 9;
	CHECK_RC(consent_shown(&w->d, &w->a, c, LANG_NB, &s), RC_NOT_FOUND);
	c->template_version = 1;
	c->rights->version = STR("9");
	CHECK_RC(consent_shown(&w->d, &w->a, c, LANG_NB, &s), RC_NOT_FOUND);
}

static void test_shown__never_a_persons_number(void **state)
{
	struct world *w = *state;
	static const struct {
		enum lang lang;
		const char *heading;
	} rows[] = {
		{ LANG_NB, "Smekkfull Bank AS spør personen" },
		{ LANG_NN, "Smekkfull Bank AS spør deg, personen" },
		{ LANG_EN, "Smekkfull Bank AS asks the person" },
	};
	struct shown s;
	bool changed;
	world_apply(w, STR("{\"parties\":[{\"type\":\"person\",\"nationalId\":\"" STRANGER "\"},"
			   "{\"type\":\"organization\",\"organizationNumber\":\"" NOBODY "\"}]}"));
	CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
	struct draft d = draft_of(&w->a, "tax");
	d.from = PERSON(STRANGER);
	struct consent *c = world_consent(w, &d);
	for (size_t i = 0; i < LEN(rows); i++) {
		CHECK_RC(consent_shown(&w->d, &w->a, c, rows[i].lang, &s), RC_OK);
		CHECK_STR(s.heading, str_of(rows[i].heading));
		check_not(html_of(w, &s, c), STRANGER);
	}
	c->from_uuid = uuid_v4(); /* not registered any more */
	CHECK_RC(consent_shown(&w->d, &w->a, c, LANG_NB, &s), RC_OK);
	CHECK_STR(s.heading, STR("Smekkfull Bank AS spør personen"));
	c->to_uuid = world_party(w, NOBODY)->uuid;
	CHECK_RC(consent_shown(&w->d, &w->a, c, LANG_NB, &s), RC_OK);
	CHECK_STR(s.heading, STR(NOBODY " spør personen"));
}

static void test_shown__accepted_has_words_of_its_own(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct consent *c = world_consent(w, &d);
	struct shown s;
	struct buf b = BUF(&w->a);
	CHECK_RC(consent_shown(&w->d, &w->a, c, LANG_EN, &s), RC_OK);
	CHECK_STR(s.title_accepted, STR("Title"));
	shown_accepted_html(&b, &s, c);
	check_has(buf_str(&b), "You gave");
	check_has(buf_str(&b), "Text tax");
	check_not(buf_str(&b), "You give access");
	check_not(buf_str(&b), "sk-heading");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
T_MAIN(CASE(test_shown__three_languages), CASE(test_shown__says_who_handles_and_how_often),
       CASE(test_shown__chooses_the_message), CASE(test_shown__marks_another_language),
       CASE(test_shown__expands_nothing_twice), CASE(test_shown__says_when_texts_are_gone),
       CASE(test_shown__never_a_persons_number), CASE(test_shown__accepted_has_words_of_its_own))
