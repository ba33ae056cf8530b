#include "t.h"

#include "consent/internal.h"

#define OK "Status=OK"
#define NO "Status=Failed&ErrorMessage=User+did+not+give+consent"

static void test_redirect__carries_the_outcome(void **state)
{
	(void)state;
	static const struct {
		const char *url;
		enum consent_status status;
		const char *want;
	} rows[] = {
		// clang-format off
		{ "https://smartbank.no/consent", ST_ACCEPTED, "https://smartbank.no/consent?" OK },
		{ "https://smartbank.no/consent", ST_REVOKED, "https://smartbank.no/consent?" OK },
		{ "https://smartbank.no/consent", ST_CREATED, "https://smartbank.no/consent" },
		{ "https://smartbank.no/consent?authcode=123", ST_REJECTED, "https://smartbank.no/consent?authcode=123&" NO },
		{ "https://smartbank.no/consent#fragment", ST_REJECTED, "https://smartbank.no/consent?" NO "#fragment" },
		{ "https://smartbank.no/consent/#/fragmentpath", ST_ACCEPTED, "https://smartbank.no/consent/#/fragmentpath?" OK },
		{ "https://smartbank.no/consent/#/fragmentpath?authcode=123", ST_ACCEPTED,
		  "https://smartbank.no/consent/#/fragmentpath?authcode=123&" OK },
		{ "https://x.example/?a=1#/p", ST_ACCEPTED, "https://x.example/?a=1#/p?" OK },
		{ "https://x.example/?a=1#/p?b", ST_ACCEPTED, "https://x.example/?a=1#/p?b&" OK },
		{ "https://x.example/?a=1#p?b", ST_ACCEPTED, "https://x.example/?a=1&" OK "#p?b" },
		{ "https://example.com", ST_ACCEPTED, "https://example.com/?" OK },
		{ "https://example.com:8443?q=1", ST_ACCEPTED, "https://example.com:8443/?q=1&" OK },
		{ "https://example.com#f", ST_ACCEPTED, "https://example.com/?" OK "#f" },
		{ "https://example.com/?", ST_ACCEPTED, "https://example.com/?" OK },
		{ "https://example.com/?a=1&", ST_ACCEPTED, "https://example.com/?a=1&" OK },
		{ "myapp://callback", ST_ACCEPTED, "myapp://callback?" OK },
		{ "myapp:done", ST_REJECTED, "myapp:done?" NO },
		{ "https://bl\xc3\xa5.example/\xc3\xa6?\xc3\xb8", ST_ACCEPTED,
		  "https://bl%C3%A5.example/%C3%A6?%C3%B8&" OK },
		// clang-format on
	};
	struct arena a = { 0 };
	for (size_t i = 0; i < LEN(rows); i++) {
		struct consent c = { .redirect_url = str_of(rows[i].url), .status = rows[i].status };
		CHECK_STR(consent_redirect(&a, &c), str_of(rows[i].want));
	}
	arena_finish(&a);
}

static void test_redirect__refuses_what_runs_in_the_browser(void **state)
{
	(void)state;
	static const struct {
		const char *url;
		bool want;
	} rows[] = {
		// clang-format off
		{ "https://a.example/x", true },   { "http://localhost:8000/", true }, { "myapp://back", true },
		{ "no.app.x:/back", true },        { "HTTPS://A.example", true },
		{ "", false },                     { "not a valid url", false },       { "/local/path", false },
		{ "https:", false },               { "https:///x", false },            { "//a.example/x", false },
		{ "javascript:alert(1)", false },  { "JavaScript:alert(1)", false },   { "data:text/html,x", false },
		{ "vbscript:x", false },           { "file:///etc/passwd", false },    { "blob:https://a.example/1", false },
		{ "about:blank", false },          { "view-source:https://a.example", false },
		{ "filesystem:https://a.example/x", false },                           { "https://a.example/\nx", false },
		{ " https://a.example", false },   { "java\tscript:alert(1)", false }, { "https://a.example\\@b.example", false },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(rows); i++)
		if (redirect_allowed(str_of(rows[i].url), NULL, 0) != rows[i].want)
			fail_msg("%s: want %d", rows[i].url, rows[i].want);
}

static void test_redirect__keeps_to_the_allow_list(void **state)
{
	(void)state;
	static const struct str allow[] = { STR_INIT("https://bank.example"), STR_INIT("https://*.bank.example"),
					    STR_INIT("http://localhost:8000"), STR_INIT("bankapp://") };
	static const struct {
		const char *url;
		bool want;
	} rows[] = {
		// clang-format off
		{ "https://bank.example/any?x#y", true },      { "https://BANK.example:443/", true },
		{ "https://a.b.bank.example/", true },         { "http://localhost:8000/x", true },
		{ "bankapp://done", true },
		{ "http://bank.example/", false },             { "https://bank.example:8443/", false },
		{ "https://evilbank.example/", false },        { "https://bank.example.evil.example/", false },
		{ "https://.bank.example/", false },           { "https://bank.example@evil.example/", false },
		{ "http://localhost/", false },                { "otherapp://done", false },
		{ "https://evil.example/https://bank.example", false }, { "https://evil.example#.bank.example", false },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(rows); i++)
		if (redirect_allowed(str_of(rows[i].url), allow, LEN(allow)) != rows[i].want)
			fail_msg("%s: want %d", rows[i].url, rows[i].want);
}

T_MAIN(cmocka_unit_test(test_redirect__carries_the_outcome),
       cmocka_unit_test(test_redirect__refuses_what_runs_in_the_browser),
       cmocka_unit_test(test_redirect__keeps_to_the_allow_list))
