#include "web_kit.h"

#include "base/embed.h"
#include "page/consent_notices.h"
#include "page/view.h"

#define PAGE_MAX_BYTES 20000 /* page and stylesheet together */

static struct str query_of(struct world *w, struct uuid id, const char *more)
{
	return arena_fmt(&w->a, "id=%.*s%s", STR_FMT(uuid_str(&w->a, id)), more);
}

static struct consent *consent_new(struct world *w, const char *resource)
{
	struct draft d = draft_of(&w->a, resource);
	return world_consent(w, &d);
}

static void answer(struct world *w, struct uuid id, enum consent_status to)
{
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	CHECK_RC(consent_decide(&w->d, &w->a, id, &who, to, STR("nb"), &c, &p), RC_OK);
}

static void get(struct browser *b, struct str query)
{
	(void)browser_get(b, consent_page_get, PATH_CONSENT, query);
}

static void post(struct browser *b, struct str form)
{
	(void)browser_post(b, consent_page_post, PATH_CONSENT, form);
}

static void test_consent_page__pending_in_three_languages(void **state)
{
	struct world *w = *state;
	struct consent *c = consent_new(w, "tax");
	static const struct {
		const char *lng, *html, *approve, *reject, *heading;
	} rows[] = {
		{ "&lng=no_nb", "<html lang=\"nb\">", ">Ja, jeg gir samtykke<", ">Nei, jeg gir ikke samtykke<",
		  "spør Elena" },
		{ "&lng=no_nn", "<html lang=\"nn\">", ">Ja, eg gir samtykke<", ">Nei, eg gir ikkje samtykke<",
		  "spør deg" },
		{ "&lng=en", "<html lang=\"en\">", ">Yes, I give consent<", ">No, I do not give consent<",
		  "asks Elena" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct browser b = browser_of(w, w->elena, 4);
		get(&b, query_of(w, c->id, rows[i].lng));
		struct str html = buf_str(&b.res.body);
		check_page(&b, 200, rows[i].html);
		assert_int_equal(occurrences(html, rows[i].approve), 1);
		assert_int_equal(occurrences(html, rows[i].reject), 1);
		assert_int_equal(occurrences(html, rows[i].heading), 1);
		assert_int_equal(occurrences(html, "name=\"decision\""), 2);
		assert_int_equal(occurrences(html, "role=\"alert\""), 0);
		CHECK(str_find(html, STR("810\u00a0419\u00a0512")) > 0);
		CHECK(html.n + page_css[0].data.n <= PAGE_MAX_BYTES);
	}
}

static void test_consent_page__answered_has_one_alert_and_no_buttons(void **state)
{
	struct world *w = *state;
	static const struct {
		enum consent_status first, then;
		int64_t later;
		const char *has;
	} rows[] = {
		{ ST_ACCEPTED, ST__MAX, 0, "Dette samtykket er allerede gitt" },
		{ ST_REJECTED, ST__MAX, 0, "Dette samtykket er allerede avvist" },
		{ ST_ACCEPTED, ST_REVOKED, 0, "Dette samtykket er trukket tilbake" },
		{ ST__MAX, ST__MAX, 6 * CLOCK_DAY, "Fristen for å svare er ute" },
		{ ST_ACCEPTED, ST__MAX, 6 * CLOCK_DAY, "Samtykket er utløpt" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct consent *c = consent_new(w, "tax");
		if (rows[i].first != ST__MAX)
			answer(w, c->id, rows[i].first);
		if (rows[i].then != ST__MAX)
			answer(w, c->id, rows[i].then);
		struct browser b = browser_of(w, w->elena, 4);
		clock_set_offset(rows[i].later);
		get(&b, query_of(w, c->id, ""));
		clock_set_offset(0);
		check_page(&b, 200, rows[i].has);
		assert_int_equal(occurrences(buf_str(&b.res.body), "role=\"alert\""), 1);
		assert_int_equal(occurrences(buf_str(&b.res.body), "name=\"decision\""), 0);
		/* What was asked, and nothing of what a yes would give or until when. */
		check_page(&b, 200, "<h2>Dette ble du spurt om</h2>");
		check_page(&b, 200, "ba om å få hente dette:");
		assert_int_equal(occurrences(buf_str(&b.res.body), "sk-heading"), 0);
		assert_int_equal(occurrences(buf_str(&b.res.body), "sk-expiration"), 0);
		assert_int_equal(occurrences(buf_str(&b.res.body), " skriver:"), 0);
		assert_int_equal(occurrences(buf_str(&b.res.body), PATH_DETAILS), rows[i].first == ST_ACCEPTED);
	}
}

/* The end is a fact of its own, in the long form and with its zone; what is over has none. */
static void test_consent_page__tells_the_end_while_it_lies_ahead(void **state)
{
	struct world *w = *state;
	struct consent *pending = consent_new(w, "tax"), *given = consent_new(w, "tax"), *no = consent_new(w, "tax");
	answer(w, given->id, ST_ACCEPTED);
	answer(w, no->id, ST_REJECTED);
	CHECK_RC(clock_zone("Europe/Oslo"), RC_OK);
	static const struct {
		const char *lng, *label, *zone;
		enum lang lang;
	} rows[] = {
		{ "&lng=no_nb", "Varer til", "(norsk tid)", LANG_NB },
		{ "&lng=no_nn", "Varer til", "(norsk tid)", LANG_NN },
		{ "&lng=en", "Valid until", "(Norwegian time)", LANG_EN },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct browser b = browser_of(w, w->elena, 4);
		char iso[CLOCK_TEXT_MAX];
		const char *fact = arena_cstr(
			&w->a,
			arena_fmt(&w->a,
				  "<dt>%s</dt><dd><time datetime=\"%.*s\">%.*s</time> <span class=\"zone\">%s</span>",
				  rows[i].label,
				  STR_FMT(clock_text(pending->valid_to - pending->valid_to % CLOCK_SECOND, iso)),
				  STR_FMT(text_datetime_long(&w->a, pending->valid_to, rows[i].lang)), rows[i].zone));
		get(&b, query_of(w, pending->id, rows[i].lng));
		check_page(&b, 200, fact);
		get(&b, query_of(w, given->id, rows[i].lng));
		check_page(&b, 200, "<time ");
		get(&b, query_of(w, no->id, rows[i].lng));
		assert_int_equal(occurrences(buf_str(&b.res.body), "<time "), 0);
		clock_set_offset(6 * CLOCK_DAY);
		get(&b, query_of(w, pending->id, rows[i].lng));
		assert_int_equal(occurrences(buf_str(&b.res.body), "<time "), 0);
		get(&b, query_of(w, given->id, rows[i].lng));
		assert_int_equal(occurrences(buf_str(&b.res.body), "<time "), 0);
		clock_set_offset(0);
	}
}

static void test_consent_page__who_may_not_see_it(void **state)
{
	struct world *w = *state;
	struct consent *c = consent_new(w, "tax"), *high = consent_new(w, "high");
	struct browser other = browser_of(w, w->other, 4), low = browser_of(w, w->elena, 3);
	get(&other, query_of(w, c->id, ""));
	check_page(&other, 403, "Du kan ikke svare på denne forespørselen");
	CHECK(str_find(buf_str(&other.res.body), STR("Annen &lt;b&gt;{coveredby}")) > 0);
	CHECK(str_find(buf_str(&other.res.body), STR("/changeuser")) > 0);
	get(&low, query_of(w, high->id, ""));
	check_page(&low, 403, "Du må logge inn på en sikrere måte");
	struct browser weak = browser_of(w, w->elena, 2);
	get(&weak, query_of(w, c->id, ""));
	check_page(&weak, 403, "Her må du logge inn på sikkerhetsnivå 3");
	get(&low, query_of(w, uuid_v4(), ""));
	check_page(&low, 404, "Vi finner ikke denne forespørselen");
}

/* Once it may have been taken, nobody is told that nothing was saved. */
static void test_consent_page__not_known_whether_it_was_taken(void **state)
{
	struct world *w = *state;
	static const struct {
		enum consent_status wanted;
		const char *heading, *way;
	} rows[] = {
		{ ST_ACCEPTED, ">Vi vet ikke om svaret ble lagret</h1>", ">Åpne forespørselen på nytt<" },
		{ ST_REJECTED, ">Vi vet ikke om svaret ble lagret</h1>", ">Åpne forespørselen på nytt<" },
		{ ST_REVOKED, ">Vi vet ikke om avtalen ble trukket</h1>", ">Se avtalen<" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct browser b = browser_of(w, w->elena, 4);
		struct http_req req = browser_req(&b, HTTP_POST, PATH_CONSENT, STR_NONE);
		struct page p = page_of(&req, &b.res);
		CHECK_RC(notice_uncertain(&p, rows[i].wanted), RC_ANSWERED);
		check_page(&b, 503, rows[i].heading);
		check_page(&b, 503, rows[i].way);
		assert_int_equal(occurrences(buf_str(&b.res.body), "ngenting er lagret"), 0);
		CHECK(req.uncertain); /* so the request is not run again */
	}
}

/* On one's own behalf is who the request is about, however it was named. */
static void test_consent_page__on_whose_behalf(void **state)
{
	struct world *w = *state;
	bool changed;
	world_apply(w, STR("{\"templates\":[" TEMPLATE_NB("poa", "true") "]}"));
	world_apply(w, STR("{\"resources\":[" RESOURCE("poa", "poa", "{}", "false") "]}"));
	world_apply(w, STR("{\"rights\":[{\"party\":\"urn:altinn:person:identifier-no:" ELENA "\",\"holder\":"
			   "\"urn:altinn:person:identifier-no:" OTHER "\",\"resource\":\"poa\","
			   "\"actions\":[\"consent\",\"read\"]},"
			   "{\"party\":\"urn:altinn:person:identifier-no:" ELENA "\",\"holder\":"
			   "\"urn:altinn:person:identifier-no:" OTHER "\",\"resource\":\"altinn_access_management\","
			   "\"actions\":[\"read\",\"write\"]}]}"));
	CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
	struct draft d = draft_of(&w->a, "poa");
	d.from = (struct urn){ .kind = URN_PARTY_UUID,
			       .value = uuid_str(&w->a, w->elena->uuid),
			       .uuid = w->elena->uuid };
	struct consent *c = world_consent(w, &d);
	struct browser own = browser_of(w, w->elena, 4), other = browser_of(w, w->other, 4);
	get(&own, query_of(w, c->id, ""));
	check_page(&own, 200, "handle på dine vegne");
	get(&other, query_of(w, c->id, ""));
	check_page(&other, 200, "handle på vegne av Elena");
	assert_int_equal(occurrences(buf_str(&other.res.body), "dine vegne"), 0);
}

static void test_consent_page__used_up(void **state)
{
	struct world *w = *state;
	struct consent *c = consent_new(w, "once");
	struct problems p = PROBLEMS(&w->a);
	struct use_report told = { .id = c->id, .resource = STR("once") };
	struct org_caller agency = { .consumer = STR(AGENCY) };
	struct use_event used;
	bool existed;
	answer(w, c->id, ST_ACCEPTED);
	CHECK_RC(consent_use(&w->d, &w->a, &told, &agency, &used, &existed, &p), RC_OK);
	struct browser b = browser_of(w, w->elena, 4);
	get(&b, query_of(w, c->id, ""));
	check_page(&b, 200, "Samtykket er brukt");
	check_page(&b, 200, "Den ble brukt ");
	assert_int_equal(occurrences(buf_str(&b.res.body), "{used}"), 0);
}

/* Nobody may answer then: whoever would have is not told that somebody else is to. */
static void test_consent_page__of_a_resource_that_is_gone(void **state)
{
	struct world *w = *state;
	struct consent *c = consent_new(w, "tax");
	bool changed;
	world_apply(w, STR("{\"resources\":[{\"identifier\":\"tax\",\"state\":\"absent\"}]}"));
	CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
	struct browser b = browser_of(w, w->elena, 4), other = browser_of(w, w->other, 4);
	get(&b, query_of(w, c->id, ""));
	check_page(&b, 500, "Vi kan ikke vise teksten");
	check_page(&b, 500, "Du har ikke svart");
	get(&other, query_of(w, c->id, ""));
	check_page(&other, 403, "Du kan ikke svare på denne forespørselen");
}

/* What was given is shown as it was, and nobody is told that they have not answered. */
static void test_consent_page__answered_of_a_resource_that_is_gone(void **state)
{
	struct world *w = *state;
	static const enum consent_status answers[] = { ST_ACCEPTED, ST_REJECTED };
	for (size_t i = 0; i < LEN(answers); i++) {
		bool changed;
		world_apply(w, STR("{\"resources\":[" RESOURCE("brief", "default", "{}", "false") "]}"));
		CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
		struct consent *c = consent_new(w, "brief");
		answer(w, c->id, answers[i]);
		world_apply(w, STR("{\"resources\":[{\"identifier\":\"brief\",\"state\":\"absent\"}]}"));
		CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
		struct browser b = browser_of(w, w->elena, 4);
		get(&b, query_of(w, c->id, ""));
		assert_int_equal(b.res.status, 303);
		CHECK(str_starts(browser_answer_header(&b, "Location"), STR(PATH_DETAILS "?id=")));
		(void)browser_get(&b, details_get, PATH_DETAILS, query_of(w, c->id, ""));
		if (answers[i] == ST_ACCEPTED)
			check_page(&b, 200, "Samtykket er aktivt");
		else
			check_page(&b, 500, "Ingenting er endret");
	}
}

static void test_consent_page__bad_links(void **state)
{
	struct world *w = *state;
	static const char *const queries[] = { "", "id=", "id=abc", "id=%zz", "x=1" };
	struct browser b = browser_of(w, w->elena, 4);
	for (size_t i = 0; i < LEN(queries); i++) {
		get(&b, str_of(queries[i]));
		check_page(&b, 400, "Lenken er ikke fullstendig");
	}
	get(&b, STR_NONE);
	check_page(&b, 400, "Lenken er ikke fullstendig");
}

static void test_consent_page__way_back_is_local(void **state)
{
	struct world *w = *state;
	struct consent *c = consent_new(w, "tax");
	struct browser b = browser_of(w, w->elena, 4);
	get(&b, query_of(w, c->id, "&backtopage=https%3A%2F%2Fevil.example"));
	assert_int_equal(occurrences(buf_str(&b.res.body), "evil.example"), 0);
	get(&b, query_of(w, c->id, "&backtopage=%2F%2Fevil.example"));
	assert_int_equal(occurrences(buf_str(&b.res.body), "evil.example"), 0);
	get(&b, query_of(w, c->id, "&backtopage=%2Frequests%3Fa%3D%22x"));
	check_page(&b, 200, "<a href=\"/requests?a=&quot;x\">Tilbake</a>");
}

static void test_consent_page__login(void **state)
{
	struct world *w = *state;
	struct consent *c = consent_new(w, "tax");
	struct browser b = browser_of(w, NULL, 0);
	struct str id = uuid_str(&w->a, c->id);
	get(&b, query_of(w, c->id, "&skiplogout=true&DONTCHOOSEREPORTEE=true"));
	assert_int_equal(b.res.status, 302);
	CHECK_STR(browser_answer_header(&b, "Location"),
		  arena_fmt(&w->a,
			    "/sandbox/login?goto=%%2Faccessmanagement%%2Fui%%2Fconsent%%2Frequest%%3Fid%%3D%.*s"
			    "%%26skiplogout%%3Dtrue%%26DONTCHOOSEREPORTEE%%3Dtrue",
			    STR_FMT(id)));
	b.web.site.login_path = STR_NONE;
	get(&b, query_of(w, c->id, ""));
	check_page(&b, 503, "Innlogging er ikke satt opp");
}

static void test_consent_page__answer_moves_on(void **state)
{
	struct world *w = *state;
	struct consent *yes = consent_new(w, "tax"), *no = consent_new(w, "tax");
	struct browser b = browser_of(w, w->elena, 4);
	post(&b, query_of(w, yes->id, "&decision=approve&language=en"));
	check_page(&b, 200, "The consent has been registered!");
	struct str to = arena_fmt(&w->a, "content=\"0;url=/accessmanagement/api/v1/consent/request/%.*s/logout\"",
				  STR_FMT(uuid_str(&w->a, yes->id)));
	CHECK(str_find(buf_str(&b.res.body), to) > 0);
	post(&b, query_of(w, no->id, "&decision=reject&language=nn"));
	check_page(&b, 200, "Du sa nei til ");
	CHECK(str_find(buf_str(&b.res.body), STR("http-equiv=\"refresh\"")) > 0);
	post(&b, query_of(w, yes->id, "&decision=approve&language=nb"));
	check_page(&b, 200, "Samtykket er registrert!");
}

static void test_consent_page__receipt_stays(void **state)
{
	struct world *w = *state;
	struct consent *c = consent_new(w, "tax");
	struct browser b = browser_of(w, w->elena, 4);
	post(&b, query_of(w, c->id, "&decision=approve&language=nb&skiplogout=true&backtopage=%2Frequests"));
	check_page(&b, 200, "Samtykket er registrert!");
	assert_int_equal(occurrences(buf_str(&b.res.body), "http-equiv"), 0);
	assert_int_equal(occurrences(buf_str(&b.res.body), "href=\"/requests\""), 1);
}

static void test_consent_page__refused_answers(void **state)
{
	struct world *w = *state;
	struct consent *c = consent_new(w, "tax"), *late = consent_new(w, "tax"), *high = consent_new(w, "high");
	struct browser b = browser_of(w, w->elena, 4), low = browser_of(w, w->elena, 3), out = browser_of(w, NULL, 0);
	post(&out, query_of(w, c->id, "&decision=approve"));
	check_page(&out, 403, "Du er ikke lenger logget inn");
	post(&b, query_of(w, c->id, "&decision=maybe"));
	check_page(&b, 400, "Vi kunne ikke ta imot skjemaet");
	post(&b, query_of(w, c->id, "&decision=approve&decision=reject"));
	check_page(&b, 400, "Vi kunne ikke ta imot skjemaet");
	post(&b, query_of(w, c->id, "&decision=approve&language=de"));
	check_page(&b, 400, "Vi kunne ikke ta imot skjemaet");
	answer(w, c->id, ST_REJECTED);
	post(&b, query_of(w, c->id, "&decision=approve&language=nb"));
	check_page(&b, 409, "Kunne ikke gi samtykke");
	assert_int_equal(occurrences(buf_str(&b.res.body), "role=\"alert\""), 1);
	clock_set_offset(6 * CLOCK_DAY);
	post(&b, query_of(w, late->id, "&decision=approve&language=nb"));
	clock_set_offset(0);
	check_page(&b, 200, "Fristen for å svare er ute");
	post(&low, query_of(w, high->id, "&decision=approve&language=nb"));
	check_page(&low, 403, "Du må logge inn på en sikrere måte");
}

T_MAIN(CASE(test_consent_page__tells_the_end_while_it_lies_ahead), CASE(test_consent_page__pending_in_three_languages),
       CASE(test_consent_page__answered_has_one_alert_and_no_buttons), CASE(test_consent_page__who_may_not_see_it),
       CASE(test_consent_page__of_a_resource_that_is_gone), CASE(test_consent_page__used_up),
       CASE(test_consent_page__not_known_whether_it_was_taken), CASE(test_consent_page__on_whose_behalf),
       CASE(test_consent_page__answered_of_a_resource_that_is_gone), CASE(test_consent_page__bad_links),
       CASE(test_consent_page__way_back_is_local), CASE(test_consent_page__login),
       CASE(test_consent_page__answer_moves_on), CASE(test_consent_page__receipt_stays),
       CASE(test_consent_page__refused_answers))
