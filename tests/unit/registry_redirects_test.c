#include "t.h"

#include "registry/redirects.h"

static void test_redirects__entries(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *host; /* NULL: no entry */
		bool below;
	} rows[] = {
		// clang-format off
		{ "https://bank.example", "bank.example", false },  { "https://*.bank.example:8443", "bank.example", true },
		{ "http://localhost:8000/x?y#z", "localhost", false }, { "https://[::1]", "::1", false },
		{ "https://127.0.0.1", "127.0.0.1", false },        { "bankapp://", "", false },
		{ "bankapp:", "", false },                          { "bankapp://*.a", "a", true },
		{ "", NULL, false },                                { "bank.example", NULL, false },
		{ "*", NULL, false },                               { "https://", NULL, false },
		{ "https:bank.example", NULL, false },              { "https://*", NULL, false },
		{ "https://*.", NULL, false },                      { "https://a*.b", NULL, false },
		{ "https://a.*.b", NULL, false },                   { "https://*.*.b", NULL, false },
		{ "https://u@a", NULL, false },                     { "bankapp://u@a", NULL, false },
		{ "https://a%2f.b", NULL, false },                  { "https://bl%C3%A5.b", NULL, false },
		{ "https://bl\xc3\xa5.b", NULL, false },            { "bankapp://a%2f.b", NULL, false },
		{ "https://a..b", NULL, false },                    { "https://a.", NULL, false },
		{ "https://a:65536", NULL, false },                 { "https://*.127.0.0.1", NULL, false },
		{ "https://*.0.0.1", NULL, false },                 { "https://*.[::1]", NULL, false },
		{ "https://[*.a]", NULL, false },                   { "javascript:", NULL, false },
		{ "DATA://a", NULL, false },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct redirect_entry e;
		enum rc rc = redirect_entry_read(str_of(rows[i].text), &e);
		if (rc != (rows[i].host ? RC_OK : RC_INVALID))
			fail_msg("%s: %s", rows[i].text, rc_name(rc));
		if (rc != RC_OK)
			continue;
		CHECK(e.below == rows[i].below);
		CHECK_STR(e.url.host.p ? e.url.host : STR(""), str_of(rows[i].host));
	}
}

/* The addresses that match an entry are a table of consent_redirect_test.c. */
static void test_redirects__a_name_is_not_below_itself(void **state)
{
	(void)state;
	struct redirect_entry e;
	struct url u;
	CHECK_RC(redirect_entry_read(STR("https://*.bank.example"), &e), RC_OK);
	CHECK_RC(url_parse(STR("https://bank.example/"), &u), RC_OK);
	CHECK(redirect_target_ok(&u, true) && !redirect_entry_matches(&e, &u));
	CHECK_RC(url_parse(STR("https://a.bank.example/"), &u), RC_OK);
	CHECK(redirect_target_ok(&u, true) && redirect_entry_matches(&e, &u));
}

T_MAIN(cmocka_unit_test(test_redirects__entries), cmocka_unit_test(test_redirects__a_name_is_not_below_itself))
