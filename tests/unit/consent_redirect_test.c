#include "t.h"

#include "base/url.h"
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
		{ "https://x.example/?ids[]=1&ids[]=2", ST_ACCEPTED, "https://x.example/?ids%5B%5D=1&ids%5B%5D=2&" OK },
		{ "https://x.example/{id}/a|b#/{c}", ST_ACCEPTED, "https://x.example/%7Bid%7D/a%7Cb#/%7Bc%7D?" OK },
		{ "https://[::1]:8000?a[b]=^`\"<>", ST_REJECTED, "https://[::1]:8000/?a%5Bb%5D=%5E%60%22%3C%3E&" NO },
		{ "myapp:done?{}", ST_ACCEPTED, "myapp:done?%7B%7D&" OK },
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

#define CODE "0a0b0c0d-0000-4000-8000-000000000001"
#define NO2 "Status=Failed&ErrorMessage=User%2520did%2520not%2520give%2520consent"

/* = spec altinn2.md section 5 */
static void test_redirect__of_altinn_2(void **state)
{
	(void)state;
	static const struct {
		const char *url;
		enum consent_origin origin;
		enum consent_status status;
		const char *want;
	} rows[] = {
		// clang-format off
		{ "https://b.example/x", ORIGIN_ALTINN2, ST_ACCEPTED, "https://b.example/x?AuthorizationCode=" CODE "&Status=OK" },
		{ "https://b.example/x", ORIGIN_ALTINN2_LINK, ST_ACCEPTED, "https://b.example/x?AuthorizationCode=" CODE "&Status=OK" },
		{ "https://b.example/x", ORIGIN_ALTINN2, ST_REVOKED, "https://b.example/x?AuthorizationCode=" CODE "&Status=OK" },
		{ "https://b.example/x", ORIGIN_ALTINN2, ST_REJECTED, "https://b.example/x?" NO2 "&FailedAuthorizationCode=" CODE },
		{ "https://b.example/x", ORIGIN_ALTINN2_LINK, ST_REJECTED, "https://b.example/x?" NO2 },
		{ "https://b.example/x", ORIGIN_ALTINN2, ST_CREATED, "https://b.example/x" },
		{ "https://b.example/x", ORIGIN_ALTINN2, ST_DELETED, "https://b.example/x" },
		{ "https://b.example/?sak=42#f", ORIGIN_ALTINN2, ST_ACCEPTED,
		  "https://b.example/?sak=42&AuthorizationCode=" CODE "&Status=OK#f" },
		{ "https://b.example/#/p?a=1", ORIGIN_ALTINN2_LINK, ST_REJECTED, "https://b.example/#/p?a=1&" NO2 },
		{ "myapp://consent", ORIGIN_ALTINN2_LINK, ST_ACCEPTED, "myapp://consent?AuthorizationCode=" CODE "&Status=OK" },
		// clang-format on
	};
	struct arena a = { 0 };
	for (size_t i = 0; i < LEN(rows); i++) {
		struct consent c = { .redirect_url = str_of(rows[i].url),
				     .origin = rows[i].origin,
				     .status = rows[i].status };
		CHECK_RC(uuid_parse(STR(CODE), &c.id), RC_OK);
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
		{ "https://bl%C3%A5.example/", true }, { "https://[::1]:8000/", true },  { "https://127.0.0.1/", true },
		{ "myapp:done", true },            { "https://a.example:/", true },    { "https://a_b.example:65535/", true },
		/* a host that browsers read in another way, or not at all */
		{ "https://evil%2f.example/", false }, { "https://evil%2e.example/", false }, { "https://a%00.example/", false },
		{ "https://bank.example@evil.example/", false }, { "https://@a.example/", false },
		{ "https://a.example:65536/", false }, { "https://a..example/", false }, { "https://a.example./", false },
		{ "https://.a.example/", false },  { "https://a;b.example/", false },  { "https://0x7f.1/", false },
		{ "https://1.2.3/", false },       { "https://a.08/", false },         { "https://[v1.a]/", false },
		{ "https://[1::2::3]/", false },   { "https:/a.example/", false },     { "https:a.example", false },
		{ "https:\\\\a.example/", false }, { "https://a.example\t/", false }, { "\x01https://a.example/", false },
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

/* Addresses against one entry. */
static void test_redirect__reads_hosts_as_browsers_do(void **state)
{
	(void)state;
	static const struct {
		const char *entry, *url;
		bool want;
	} rows[] = {
		// clang-format off
		{ "https://*.x", "https://a.x/", true },            { "https://*.x", "https://A.X:443/", true },
		{ "https://*.x", "https://evil%2f.x/", false },     { "https://*.x", "https://evil%2F.x/", false },
		{ "https://*.x", "https://evil%5c.x/", false },     { "https://*.x", "https://evil%23.x/", false },
		{ "https://*.x", "https://evil%3f.x/", false },     { "https://*.x", "https://evil%40.x/", false },
		{ "https://*.x", "https://evil%EF%BC%8F.x/", false }, /* full-width solidus */
		{ "https://*.x", "https://evil.example%E3%80%82.x/", false }, /* ideographic full stop */
		{ "https://*.x", "https://evil\xef\xbc\x8f.x/", false },
		{ "https://*.x", "https://evil\\.x/", false },      { "https://*.x", "https://evil/.x/", false },
		{ "https://*.x", "https://evil?.x/", false },       { "https://*.x", "https://evil#.x/", false },
		{ "https://*.x", "https://evil:443.x/", false },    { "https://*.x", "https://a@b.x/", false },
		{ "https://*.x", "https://a.x@evil/", false },      { "https://*.x", "https://x/", false },
		{ "https://*.x", "https://.x/", false },            { "https://*.x", "https://a..x/", false },
		{ "https://*.x", "https://a.x./", false },          { "https://*.x", "https://*.x/", false },
		{ "https://*.x", "https://evilx/", false },         { "https://*.x", "https://a.x:444/", false },
		{ "https://*.x", "http://a.x/", false },            { "https://*.x", "https://a.x:0443/", false },
		{ "https://*.x", "https://[a.x]/", false },         { "https://*.x", "https://[v1.x]/", false },
		{ "https://*.x", "https://a.x\t/", false },         { "https://*.x", "https://a\n.x/", false },
		{ "https://*.x:444", "https://a.x:444/", true },    { "https://*.x:444", "https://a.x/", false },
		{ "https://x", "https://X:/p?q#f", true },          { "https://x/path", "https://x/other", true },
		{ "https://x", "https://%78/", false },             { "https://x", "https://x./", false },
		{ "https://[::1]", "https://[::1]/", true },        { "https://[::1]", "https://[::2]/", false },
		{ "https://[::1]", "https://[0:0:0:0:0:0:0:1]/", false },
		{ "https://127.0.0.1", "https://127.0.0.1/", true }, { "https://127.0.0.1", "https://127.1/", false },
		{ "https://127.0.0.1", "https://0x7f000001/", false }, { "https://v1.a", "https://[v1.a]/", false },
		{ "bankapp://", "bankapp:done", true },             { "bankapp:", "BANKAPP://x/y", true },
		{ "bankapp://a", "bankapp://a/x", true },           { "bankapp://a", "bankapp://b@a", true },
		{ "bankapp://a", "bankapp://a@b", false },          { "bankapp://a", "bankapp:a", false },
		{ "bankapp://*.a", "bankapp://b.a", true },         { "bankapp://*.a", "bankapp://b%2f.a", false },
		/* entries that are none match nothing */
		{ "https://*.", "https://evil./", false },          { "https://*", "https://evil/", false },
		{ "https://b*.x", "https://bank.x/", false },       { "https://a.*.x", "https://a.b.x/", false },
		{ "https://*.*.x", "https://a.b.x/", false },       { "https://a@x", "https://x/", false },
		{ "https://*.0.0.0.1", "https://10.0.0.0.1/", false }, { "https://*.0.0.1", "https://10.0.0.1/", false },
		{ "https://", "https://x/", false },                { "javascript:", "javascript:x", false },
		{ "*", "https://x/", false },                       { "", "https://x/", false },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct str entry = str_of(rows[i].entry);
		if (redirect_allowed(url_ascii(&a, str_of(rows[i].url)), &entry, 1) != rows[i].want)
			fail_msg("%s on %s: want %d", rows[i].url, rows[i].entry, rows[i].want);
	}
}

T_MAIN(cmocka_unit_test(test_redirect__reads_hosts_as_browsers_do),
       cmocka_unit_test(test_redirect__carries_the_outcome), cmocka_unit_test(test_redirect__of_altinn_2),
       cmocka_unit_test(test_redirect__refuses_what_runs_in_the_browser),
       cmocka_unit_test(test_redirect__keeps_to_the_allow_list))
