#include "web_kit.h"

#include "page/login_guard.h"

/* A person who comes from one of our pages, perhaps from a form, gets a page that moves on when the login is another
 * origin. */
static void test_login_guard__from_pages_of_ours(void **state)
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
		b.web.site.login_elsewhere = rows[i].provider;
		b.web.site.login_path = STR("/login");
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

/* An address that is too long for the login's own is replaced by that of the page. */
static void test_login_guard__address_at_its_limit(void **state)
{
	struct world *w = *state;
	static const struct {
		size_t n;
		bool fits;
	} rows[] = { { 3500, true }, { 3501, false } };
	const size_t path = sizeof PATH_OVERVIEW - 1 + 2 * 4; /* its four slashes are three bytes each */
	for (size_t i = 0; i < LEN(rows); i++) {
		struct browser b = browser_of(w, NULL, 0);
		size_t n = rows[i].n - path - 3; /* "?" is three bytes, too */
		char *query = arena_alloc(&w->a, n);
		memset(query, 'a', n);
		(void)browser_get(&b, overview_get, PATH_OVERVIEW, str_span(query, n));
		assert_int_equal(b.res.status, 302);
		size_t sent = browser_answer_header(&b, "Location").n - strlen("/sandbox/login?goto=");
		assert_int_equal(sent, rows[i].fits ? rows[i].n : path);
	}
}

static void test_login_guard__with_a_session(void **state)
{
	struct world *w = *state;
	struct browser b = browser_of(w, w->elena, 4);
	struct http_req req = browser_req(&b, HTTP_GET, PATH_OVERVIEW, STR_NONE);
	struct page p = page_of(&req, &b.res);
	CHECK_RC(login_require(&p), RC_OK);
	assert_int_equal(b.res.status, 0);
}

T_MAIN(CASE(test_login_guard__from_pages_of_ours), CASE(test_login_guard__address_at_its_limit),
       CASE(test_login_guard__with_a_session))
