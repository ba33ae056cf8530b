#include "consent_world.h"

static struct str html_of(struct world *w, const struct consent_view *s, const struct consent *c)
{
	struct buf b = BUF(&w->a);
	consent_view_html(&b, s, c);
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
		struct consent_view s;
		CHECK_RC(consent_view_load(&w->d, &w->a, c, rows[i].lang, &s), RC_OK);
		struct str html = html_of(w, &s, c);
		CHECK_STR(s.heading.text, str_of(rows[i].heading));
		CHECK_STR(s.expiration.text, str_of(rows[i].until));
		CHECK_STR(s.rights[0].owner_name.text, STR("Etaten"));
		assert_int_equal(s.rights[0].owner_name.lang, LANG_NB);
		CHECK_STR(s.rights[0].owner_orgno, STR(AGENCY));
		CHECK(!s.message.text.p && !s.handled_by.text.p && !s.one_time && !s.is_poa && !s.from_orgno.p);
		CHECK_STR(s.to_orgno, STR(BANK));
		check_has(html, rows[i].heading);
		check_has(html, rows[i].intro);
		check_has(html, rows[i].text);
		check_has(html, rows[i].title);
		check_has(html, rows[i].until);
		check_not(html, "sk-zone");
		check_not(html, "blockquote");
		check_not(html, "lang=");
	}
}

/* Without a name of its own the owner goes by its name in the register, else by its number. */
static void test_shown__an_owner_without_a_name(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *orgno, *name;
	} rows[] = { { BANK, "Smekkfull Bank AS" }, { NOBODY, NOBODY } };
	for (size_t i = 0; i < LEN(rows); i++) {
		struct consent_view s;
		bool changed;
		world_apply(
			w,
			arena_fmt(&w->a,
				  "{\"resources\":[{\"identifier\":\"nameless\",\"resourceType\":\"Consent\","
				  "\"versionId\":%zu,\"title\":{\"nb\":\"T\"},\"consentTemplate\":\"default\","
				  "\"consentText\":{\"nb\":\"x\"},\"hasCompetentAuthority\":{\"organization\":\"%s\","
				  "\"orgcode\":\"TTD\"},\"policy\":{\"rules\":[{\"actions\":[\"requestconsent\"],"
				  "\"subjects\":[[\"urn:altinn:partytype:organization\"]]}]}}]}",
				  i + 1, rows[i].orgno));
		CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
		struct draft d = draft_of(&w->a, "nameless");
		struct consent *c = world_consent(w, &d);
		CHECK_RC(consent_view_load(&w->d, &w->a, c, LANG_EN, &s), RC_OK);
		CHECK_STR(s.rights[0].owner_name.text, str_of(rows[i].name));
		CHECK_STR(s.rights[0].owner_orgno, str_of(rows[i].orgno));
	}
}

static void test_shown__says_who_handles_and_how_often(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "once");
	struct org_caller who = { .consumer = STR(BANK), .supplier = STR(LENDER) };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	struct consent_view s;
	bool existed;
	(void)draft_right(&w->a, &d, "tax");
	d.from = ORG(AGENCY);
	d.redirect_url = STR("https://lender.example/");
	CHECK_RC(consent_create(&w->d, &w->a, &d, &who, &c, &existed, &p), RC_OK);
	CHECK_RC(consent_view_load(&w->d, &w->a, c, LANG_NB, &s), RC_OK);
	CHECK(s.one_time);
	CHECK(str_starts(s.expiration.text, STR("En gang, til ")));
	CHECK_STR(s.handled_by.text, STR("Lån SA behandler"));
	CHECK_STR(s.handler_orgno, STR(LENDER));
	CHECK_STR(s.from_orgno, STR(AGENCY));
	CHECK(str_starts(s.heading.text, STR("O ")));
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
		const char *mark; /* NULL: none */
	} rows[] = {
		{ "tax", "{\"nb\":\"Hei {OfferedBy}\",\"en\":\"Hi\"}", LANG_NB, "Hei Elena Fjær", LANG_NB, NULL },
		{ "tax", "{\"nb\":\"Hei\",\"en\":\"Hi\"}", LANG_EN, "Hi", LANG_EN, NULL },
		{ "tax", "{\"en\":\"Hi\"}", LANG_NB, "Hi", LANG_EN, "en" },
		{ "tax", "{\"se\":\"Bures\"}", LANG_NN, "Bures", LANG_SE, "se" },
		{ "tax", "{\"pt-BR\":\"Oi\"}", LANG_NN, "Oi", LANG_NN, "pt-BR" },
		{ "tax", "{\"\\\"><b>\":\"Oi\"}", LANG_NN, "Oi", LANG_NN, NULL },
		{ "tax", "{\"x\":\"Oi\"}", LANG_NN, "Oi", LANG_NN, NULL },
		{ "tax", NULL, LANG_NB, NULL, LANG_NB, NULL },
		{ "fixed", NULL, LANG_EN, "Fixed Smekkfull Bank AS", LANG_EN, NULL },
		{ "fixed", "{}", LANG_EN, "Fixed Smekkfull Bank AS", LANG_EN, NULL },
		{ "fixed", "{\"nb\":\"Egen\"}", LANG_EN, "Egen", LANG_NB, "nb" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct draft d = draft_of(&w->a, rows[i].resource);
		struct consent_view s;
		d.message_json = str_of(rows[i].json);
		struct consent *c = world_consent(w, &d);
		CHECK_RC(consent_view_load(&w->d, &w->a, c, rows[i].lang, &s), RC_OK);
		CHECK_STR(s.message.text, str_of(rows[i].want));
		assert_int_equal(s.message.lang, rows[i].want_lang);
		const char *mark = rows[i].mark ? rows[i].mark : "";
		struct str tag = arena_fmt(&w->a, "<blockquote class=\"sk-message\"%s%s%s>", *mark ? " lang=\"" : "",
					   mark, *mark ? "\"" : "");
		struct str html = html_of(w, &s, c);
		if (rows[i].want)
			check_has(html, arena_cstr(&w->a, tag));
		bool own = rows[i].json && rows[i].want && !str_is(str_of(rows[i].want), "Fixed Smekkfull Bank AS");
		CHECK((str_find(html, STR("class=\"sk-says\">Smekkfull Bank AS ")) >= 0) == own);
	}
}

static void test_shown__marks_another_language(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "norsk");
	struct consent *c = world_consent(w, &d);
	struct consent_view s;
	CHECK_RC(consent_view_load(&w->d, &w->a, c, LANG_EN, &s), RC_OK);
	assert_int_equal(s.rights[0].title.lang, LANG_EN);
	assert_int_equal(s.rights[0].html.lang, LANG_NB);
	check_has(html_of(w, &s, c), "<strong class=\"sk-title\">Title norsk</strong><div lang=\"nb\">");
}

/* A template that has only bokmål: each of its texts says so on an English page. */
static void test_shown__marks_each_text_of_a_template(void **state)
{
	struct world *w = *state;
	bool changed;
	world_apply(w, STR("{\"templates\":[" TEMPLATE_NB("bare", "false") "]}"));
	world_apply(w, STR("{\"resources\":[" RESOURCE("onlynb", "bare", "{}", "false") "]}"));
	CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
	struct draft d = draft_of(&w->a, "onlynb");
	struct consent *c = world_consent(w, &d);
	struct consent_view s;
	CHECK_RC(consent_view_load(&w->d, &w->a, c, LANG_EN, &s), RC_OK);
	assert_int_equal(s.title.lang, LANG_NB);
	assert_int_equal(s.title_accepted.lang, LANG_NB);
	struct str html = html_of(w, &s, c);
	/* Its sentence does not say until when, so the page does. */
	check_has(html, "<p class=\"sk-expiration\" lang=\"nb\">E</p>\n<p class=\"sk-expiration\">Valid until ");
	check_has(html, "<p class=\"sk-heading\" lang=\"nb\">H</p>");
	check_has(html, "<p class=\"sk-intro\" lang=\"nb\">S</p>");
	check_has(html, "<p class=\"sk-expiration\" lang=\"nb\">E</p>");
	check_has(html, "<strong class=\"sk-title\">Title onlynb</strong>");
	CHECK_RC(consent_view_load(&w->d, &w->a, c, LANG_NB, &s), RC_OK);
	check_not(html_of(w, &s, c), "lang=");
}

static void test_shown__expands_nothing_twice(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "income");
	struct org_caller who = { .consumer = STR(BANK), .supplier = STR(SUPPLIER) };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	struct consent_view s;
	bool existed;
	d.from = PERSON(OTHER);
	draft_meta(&w->a, d.rights, STR("year"), STR("<script>alert(1)</script>{CoveredBy}{note}**x**$&"));
	draft_meta(&w->a, d.rights, STR("note"), STR("[a](javascript:1)<b style=x>"));
	d.message_json = STR("{\"nb\":\"<script>m()</script> {HandledBy} $' {Nothing} \\\"'&\"}");
	CHECK_RC(consent_create(&w->d, &w->a, &d, &who, &c, &existed, &p), RC_OK);
	CHECK_RC(consent_view_load(&w->d, &w->a, c, LANG_NB, &s), RC_OK);
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
	check_not(s.heading.text, "Smekkfull Bank AS Smekkfull");
	CHECK(str_find(s.handled_by.text, STR("Annen")) < 0);
	CHECK(str_find(s.heading.text, STR("{")) >= 0);
}

static void test_shown__says_when_texts_are_gone(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct consent *c = world_consent(w, &d);
	struct consent_view s;
	c->template_version = 9;
	CHECK_RC(consent_view_load(&w->d, &w->a, c, LANG_NB, &s), RC_NOT_FOUND);
	c->template_version = 1;
	c->rights->version = STR("9");
	CHECK_RC(consent_view_load(&w->d, &w->a, c, LANG_NB, &s), RC_NOT_FOUND);
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
	struct consent_view s;
	bool changed;
	world_apply(w, STR("{\"parties\":[{\"type\":\"person\",\"nationalId\":\"" STRANGER "\"},"
			   "{\"type\":\"organization\",\"organizationNumber\":\"" NOBODY "\"}]}"));
	CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
	struct draft d = draft_of(&w->a, "tax");
	d.from = PERSON(STRANGER);
	struct consent *c = world_consent(w, &d);
	for (size_t i = 0; i < LEN(rows); i++) {
		CHECK_RC(consent_view_load(&w->d, &w->a, c, rows[i].lang, &s), RC_OK);
		CHECK_STR(s.heading.text, str_of(rows[i].heading));
		check_not(html_of(w, &s, c), STRANGER);
		CHECK_STR(s.from_masked, STR("228774 *****"));
	}
	c->from_uuid = uuid_v4(); /* not registered any more */
	CHECK_RC(consent_view_load(&w->d, &w->a, c, LANG_NB, &s), RC_OK);
	CHECK_STR(s.heading.text, STR("Smekkfull Bank AS spør personen"));
	c->to_uuid = world_party(w, NOBODY)->uuid;
	CHECK_RC(consent_view_load(&w->d, &w->a, c, LANG_NB, &s), RC_OK);
	CHECK_STR(s.heading.text, STR(NOBODY " spør personen"));
}

static void test_shown__accepted_has_words_of_its_own(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct consent *c = world_consent(w, &d);
	struct consent_view s;
	CHECK_RC(consent_view_load(&w->d, &w->a, c, LANG_EN, &s), RC_OK);
	CHECK_STR(s.title_accepted.text, STR("Title"));
	CHECK_STR(s.intro_accepted.text, STR("You gave"));
	check_not(html_of(w, &s, c), "You gave");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
T_MAIN(CASE(test_shown__three_languages), CASE(test_shown__an_owner_without_a_name),
       CASE(test_shown__says_who_handles_and_how_often), CASE(test_shown__chooses_the_message),
       CASE(test_shown__marks_another_language), CASE(test_shown__marks_each_text_of_a_template),
       CASE(test_shown__expands_nothing_twice), CASE(test_shown__says_when_texts_are_gone),
       CASE(test_shown__never_a_persons_number), CASE(test_shown__accepted_has_words_of_its_own))
