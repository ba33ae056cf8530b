#include "web_kit.h"

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

static void test_address__limit(void **state)
{
	(void)state;
	char text[LOCAL_MAX + 1];
	memset(text, 'a', sizeof text);
	text[0] = '/';
	CHECK(address_is_local(str_span(text, LOCAL_MAX)));
	CHECK(!address_is_local(str_span(text, LOCAL_MAX + 1)));
}

static void test_address__goto(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *query, *want;
	} rows[] = {
		{ "goto=%2Fx%3Fa%3D1", "/x?a=1" },
		{ "goto=https%3A%2F%2Fevil.example", NULL },
		{ "goto=%2F%2Fevil.example", NULL },
		{ "goto=", NULL },
		{ "other=%2Fx", NULL },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct pair *query;
		CHECK_RC(url_pairs(&w->a, str_of(rows[i].query), &query), RC_OK);
		CHECK_STR(address_goto(query), str_of(rows[i].want));
	}
}

static void test_address__parameters(void **state)
{
	struct world *w = *state;
	struct address to = address_start(&w->a, STR(PATH_LOG));
	CHECK_STR(address_str(&to), STR(PATH_LOG));
	address_put(&to, "q", STR_NONE);
	address_put(&to, "state", STR(""));
	CHECK_STR(address_str(&to), STR(PATH_LOG));
	address_put(&to, "q", STR("a b&c=\"d"));
	address_put(&to, "before", STR("7"));
	CHECK_STR(address_str(&to), STR(PATH_LOG "?q=a+b%26c%3D%22d&before=7"));
}

static void test_address__of_the_login(void **state)
{
	struct world *w = *state;
	struct browser b = browser_of(w, NULL, 0);
	struct http_req req = browser_req(&b, HTTP_GET, "/", STR_NONE);
	CHECK_STR(login_address(&req, STR("/x?a=1"), 0, false), STR("/sandbox/login?goto=%2Fx%3Fa%3D1"));
	CHECK_STR(login_address(&req, STR("/x"), 4, true), STR("/sandbox/login?goto=%2Fx&level=4&fresh=1"));
	CHECK_STR(login_again_address(&req, STR("/x")), STR("/x"));
	b.web.site.login_elsewhere = true;
	CHECK_STR(login_again_address(&req, STR("/x")), STR("/sandbox/login?goto=%2Fx"));
	b.web.site.login_path = STR_NONE;
	CHECK(!login_address(&req, STR("/x"), 4, true).p);
}

static void test_address__level(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *query;
		int64_t want;
	} rows[] = {
		{ "level=3", 3 }, { "level=4", 4 }, { "level=5", 0 }, { "level=", 0 }, { "", 0 }, { "level=44", 0 }
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct pair *query;
		CHECK_RC(url_pairs(&w->a, str_of(rows[i].query), &query), RC_OK);
		CHECK(login_level(query) == rows[i].want);
	}
}

#define ID "d5b861c8-8e3b-44cd-9952-5315e5990cf5"
static void test_address__consent(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *query, *address, *back;
	} rows[] = {
		{ "id=" ID, "?id=" ID, PATH_OVERVIEW },
		{ "id=" ID "&skiplogout=x", "?id=" ID "&skiplogout=true", PATH_OVERVIEW },
		{ "id=" ID "&skiplogout=&x=1", "?id=" ID, PATH_OVERVIEW },
		{ "id=" ID "&backtopage=%2Fa%3Fb", "?id=" ID "&backtopage=%2Fa%3Fb", "/a?b" },
		{ "id=" ID "&backtopage=https%3A%2F%2Fevil.example", "?id=" ID, PATH_OVERVIEW },
		{ "id=x", NULL, NULL },
		{ "", NULL, NULL },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct pair *query;
		struct consent_params params = { .stay = true };
		CHECK_RC(url_pairs(&w->a, str_of(rows[i].query), &query), RC_OK);
		enum rc rc = consent_params_read(query, &params);
		CHECK_RC(rc, rows[i].address ? RC_OK : RC_INVALID);
		if (rc != RC_OK)
			continue;
		CHECK_STR(consent_address(&w->a, &params), arena_fmt(&w->a, PATH_CONSENT "%s", rows[i].address));
		CHECK_STR(consent_back_address(&params), str_of(rows[i].back));
	}
}

T_MAIN(cmocka_unit_test(test_address__local), cmocka_unit_test(test_address__limit), CASE(test_address__goto),
       CASE(test_address__parameters), CASE(test_address__of_the_login), CASE(test_address__level),
       CASE(test_address__consent))
