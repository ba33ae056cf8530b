#include "web_kit.h"

#include "web/language_internal.h"

static void test_address__local(void **state)
{
	(void)state;
	static const struct {
		const char *s;
		bool local;
	} rows[] = {
		{ "/", true },
		{ "/a/b?c=https://x//y", true },
		{ "/a#//b", true },
		{ "", false },
		{ "a", false },
		{ "//evil.example", false },
		{ "/a//b", false },
		{ "/\\evil.example", false },
		{ "/a\\b", false },
		{ "/\t/evil.example", false },
		{ "/a\r\nSet-Cookie: x", false },
		{ "https://evil.example", false },
		{ "javascript:alert(1)", false },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		if (address_is_local(str_of(rows[i].s)) != rows[i].local)
			fail_msg("%s", rows[i].s);
	CHECK(!address_is_local(STR_NONE));
}

/* Whoever comes from a page of ours, a form perhaps, gets a page that moves on, where the login is another origin. */
static void test_address__login(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *site, *referer;
		bool provider;
		int status;
	} rows[] = {
		{ "same-origin", NULL, true, 200 },
		{ "same-origin", NULL, false, 302 },
		{ "none", "http://127.0.0.1:8080/x", true, 302 },
		{ "same-site", "http://127.0.0.1:8080/x", true, 302 },
		{ "cross-site", "http://127.0.0.1:8080/x", true, 302 },
		{ NULL, "http://127.0.0.1:8080/x", true, 200 },
		{ NULL, "http://127.0.0.1:8080/x", false, 302 },
		{ NULL, "http://127.0.0.1:80800/x", true, 302 },
		{ NULL, "http://127.0.0.1:8080.evil.example/", true, 302 },
		{ NULL, "http://127.0.0.1:8080", true, 302 },
		{ NULL, NULL, true, 302 },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct browser b = browser_of(w, NULL, 0);
		b.web.provider = rows[i].provider ? (struct provider *)(void *)&b : NULL; /* never looked into */
		b.web.login_path = STR("/login");
		if (rows[i].site)
			browser_header(&b, "Sec-Fetch-Site", rows[i].site);
		if (rows[i].referer)
			browser_header(&b, "Referer", rows[i].referer);
		(void)browser_get(&b, overview_get, PATH_OVERVIEW, STR("q=x"));
		assert_int_equal(b.res.status, rows[i].status);
		if (rows[i].status == 200)
			check_page(&b, 200, "0;url=/login?goto=%2Faccessmanagement%2Fui%2Fconsent%2Factive%3Fq%3Dx");
	}
}

static void test_address__limit(void **state)
{
	(void)state;
	char text[LOCAL_MAX + 1];
	memset(text, 'a', sizeof text);
	text[0] = '/';
	CHECK(address_is_local(str_span(text, LOCAL_MAX)));
	CHECK(!address_is_local(str_span(text, LOCAL_MAX + 1)));
}

static void test_address__language(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *query, *cookie, *session, *accept;
		enum lang want;
	} rows[] = {
		{ NULL, NULL, NULL, NULL, LANG_NB },
		{ NULL, NULL, NULL, "de, en;q=0.5, nn;q=0.7", LANG_NN },
		{ NULL, NULL, NULL, "no,en;q=0.9", LANG_NB },
		{ NULL, NULL, NULL, "en-GB,en;q=0.8", LANG_EN },
		{ NULL, NULL, NULL, "nn;q=0, en;q=0.001", LANG_EN },
		{ NULL, NULL, NULL, ",,;;q=,*", LANG_NB },
		{ NULL, NULL, "nn", "en", LANG_NN },
		{ NULL, "selectedLanguage=en", "nn", "nb", LANG_EN },
		{ NULL, "selectedLanguage=xx", "nn", "nb", LANG_NN },
		{ "lng=no_nn", "selectedLanguage=en", "nb", "nb", LANG_NN },
		{ "lng=xx", "selectedLanguage=en", "nb", "nb", LANG_EN },
		{ "lng=%zz", NULL, NULL, "en", LANG_EN },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct browser b = browser_of(w, rows[i].session ? w->elena : NULL, 4);
		b.session.language = str_of(rows[i].session);
		if (rows[i].cookie)
			browser_header(&b, "Cookie", rows[i].cookie);
		if (rows[i].accept)
			browser_header(&b, "Accept-Language", rows[i].accept);
		struct http_req req = browser_req(&b, HTTP_GET, "/", str_of(rows[i].query));
		if (language_of(&req) != rows[i].want)
			fail_msg("row %zu", i);
	}
}

static void test_address__language_choice(void **state)
{
	struct world *w = *state;
	struct browser b = browser_of(w, w->elena, 4), out = browser_of(w, NULL, 0);
	(void)browser_get(&b, language_get, "/accessmanagement/ui/language", STR("lang=no_nn&goto=%2Fx"));
	assert_int_equal(b.res.status, 303);
	CHECK_STR(browser_answer_header(&b, "Location"), STR("/x"));
	CHECK(str_starts(browser_answer_header(&b, "Set-Cookie"), STR("selectedLanguage=no_nn; Path=/;")));
	(void)browser_get(&b, language_get, "/accessmanagement/ui/language",
			  STR("lang=en&goto=https%3A%2F%2Fevil.example"));
	CHECK_STR(browser_answer_header(&b, "Location"), STR("/sandbox"));
	(void)browser_get(&out, language_get, "/accessmanagement/ui/language", STR("lang=en&goto=%2Fx"));
	check_page(&out, 200, "content=\"0;url=/x\"");
	struct http_req bad = browser_req(&b, HTTP_GET, "/accessmanagement/ui/language", STR("lang=de"));
	CHECK_RC(language_get(&bad, &b.res), RC_INVALID);
}

static void test_address__error_page(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *path, *accept;
		bool html;
	} rows[] = {
		{ "/accessmanagement/ui/x", NULL, true },
		{ "/x", "text/html,*/*", true },
		{ "/x", "application/json", false },
		{ "/accessmanagement/api/v1/enterprise/consentrequests", "text/html", false },
		{ "/accessmanagement/api/v1/consent/request/x/logout", "text/html", true },
		{ "/token", "text/html", false },
		{ "/sandbox/clock", "text/html", false },
	};
	static const int statuses[] = { 400, 401, 403, 404, 405, 409, 413, 414, 500, 501, 503 };
	for (size_t i = 0; i < LEN(rows); i++) {
		struct browser b = browser_of(w, NULL, 0);
		if (rows[i].accept)
			browser_header(&b, "Accept", rows[i].accept);
		for (size_t k = 0; k < LEN(statuses); k++) {
			struct http_req req = browser_req(&b, HTTP_GET, rows[i].path, STR_NONE);
			assert_int_equal(web_error_page(&req, &b.res, statuses[k]), rows[i].html);
			if (rows[i].html)
				check_page(&b, statuses[k], "class=\"lead\"");
		}
	}
}

static void test_address__refused_form_leads_back(void **state)
{
	struct world *w = *state;
	struct browser b = browser_of(w, NULL, 0);
	struct http_req req = browser_req(&b, HTTP_POST, PATH_CONSENT, STR_NONE);
	struct http_header type = { STR("Content-Type"), STR("application/x-www-form-urlencoded") };
	req.headers = &type;
	req.n_headers = 1;
	req.body = STR("id=d5b861c8-8e3b-44cd-9952-5315e5990cf5&decision=approve&csrf=x");
	CHECK(web_error_page(&req, &b.res, 400));
	check_page(&b, 400, "href=\"" PATH_CONSENT "?id=d5b861c8-8e3b-44cd-9952-5315e5990cf5\"");
}

T_MAIN(cmocka_unit_test(test_address__local), CASE(test_address__login), cmocka_unit_test(test_address__limit),
       CASE(test_address__language), CASE(test_address__language_choice), CASE(test_address__error_page),
       CASE(test_address__refused_form_leads_back))
