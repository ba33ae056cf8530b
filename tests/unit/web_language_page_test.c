#include "web_kit.h"

static void test_language_page__choice(void **state)
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

T_MAIN(CASE(test_language_page__choice))
