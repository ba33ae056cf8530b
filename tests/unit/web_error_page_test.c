#include "web_kit.h"

static void test_error_page__paths_of_people(void **state)
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

static void test_error_page__refused_form_leads_back(void **state)
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

/* The form of a withdrawal leads back to the agreement; one that names none has the plain page. */
static void test_error_page__refused_withdrawal(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *form;
		int status;
		const char *has;
	} rows[] = {
		{ "id=d5b861c8-8e3b-44cd-9952-5315e5990cf5", 400,
		  "href=\"" PATH_DETAILS "?id=d5b861c8-8e3b-44cd-9952-5315e5990cf5\"" },
		{ "id=x", 403, "class=\"lead\"" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct browser b = browser_of(w, NULL, 0);
		struct http_req req = browser_req(&b, HTTP_POST, PATH_WITHDRAW, STR_NONE);
		struct http_header type = { STR("Content-Type"), STR("application/x-www-form-urlencoded") };
		req.headers = &type;
		req.n_headers = 1;
		req.body = str_of(rows[i].form);
		CHECK(web_error_page(&req, &b.res, 403));
		check_page(&b, rows[i].status, rows[i].has);
	}
}

static void test_error_page__says_that_the_outcome_is_not_known(void **state)
{
	struct browser b = browser_of(*state, NULL, 0);
	struct http_req req = browser_req(&b, HTTP_POST, "/logout", STR_NONE);
	struct http_header accept = { STR("Accept"), STR("text/html") };
	req.headers = &accept;
	req.n_headers = 1;
	req.uncertain = true;
	CHECK(web_error_page(&req, &b.res, 500));
	check_page(&b, 500, "Vi vet ikke om endringen ble lagret");
}

/* "/" and the button of a page that is not there lead to the same place, and the button names it. */
static void test_error_page__the_way_home_has_a_name(void **state)
{
	static const struct {
		bool sandbox;
		const char *to, *link;
	} rows[] = {
		{ true, PATH_SANDBOX, "href=\"" PATH_SANDBOX "\">Gå til sandkassen<" },
		{ false, PATH_OVERVIEW, "href=\"" PATH_OVERVIEW "\">Gå til avtalene dine<" },
	};
	static const int lost[] = { 400, 403, 404, 405 };
	for (size_t i = 0; i < LEN(rows); i++) {
		struct browser b = browser_of(*state, NULL, 0);
		b.web.site.sandbox = rows[i].sandbox;
		browser_header(&b, "Accept", "text/html");
		(void)browser_get(&b, home_get, PATH_HOME, STR_NONE);
		assert_int_equal(b.res.status, 302);
		CHECK_STR(browser_answer_header(&b, "Location"), str_of(rows[i].to));
		for (size_t k = 0; k < LEN(lost); k++) {
			struct http_req req = browser_req(&b, HTTP_GET, "/nosuch", STR_NONE);
			CHECK(web_error_page(&req, &b.res, lost[k]));
			check_page(&b, lost[k], rows[i].link);
		}
	}
}

T_MAIN(CASE(test_error_page__the_way_home_has_a_name), CASE(test_error_page__says_that_the_outcome_is_not_known),
       CASE(test_error_page__paths_of_people), CASE(test_error_page__refused_form_leads_back),
       CASE(test_error_page__refused_withdrawal))
