#include "t.h"

#include "base/url.h"

static void test_url__parts(void **state)
{
	(void)state;
	static const struct {
		const char *text, *scheme, *authority, *host, *port, *path, *query, *fragment;
	} t[] = {
		{ "https://example.test", "https", "example.test", "example.test", NULL, "", NULL, NULL },
		{ "https://example.test/", "https", "example.test", "example.test", NULL, "/", NULL, NULL },
		{ "https://u:p@example.test:8443/a/b%20c?x=1&y=/?#frag?", "https", "u:p@example.test:8443",
		  "example.test", "8443", "/a/b%20c", "x=1&y=/?", "frag?" },
		{ "HTTP://EXAMPLE.test?q", "HTTP", "EXAMPLE.test", "EXAMPLE.test", NULL, "", "q", NULL },
		{ "http://[::1]:80/", "http", "[::1]:80", "::1", "80", "/", NULL, NULL },
		{ "http://[::ffff:192.0.2.1]", "http", "[::ffff:192.0.2.1]", "::ffff:192.0.2.1", NULL, "", NULL, NULL },
		{ "http://[v1.a:b]/", "http", "[v1.a:b]", "v1.a:b", NULL, "/", NULL, NULL },
		{ "http://h:/", "http", "h:", "h", "", "/", NULL, NULL },
		{ "http://h?#", "http", "h", "h", NULL, "", "", "" },
		{ "http://h#a", "http", "h", "h", NULL, "", NULL, "a" },
		{ "http://h/@:", "http", "h", "h", NULL, "/@:", NULL, NULL },
		{ "file:///etc", "file", "", "", NULL, "/etc", NULL, NULL },
		{ "urn:altinn:resource:x", "urn", NULL, NULL, NULL, "altinn:resource:x", NULL, NULL },
		{ "app+x.y-1:", "app+x.y-1", NULL, NULL, NULL, "", NULL, NULL },
		{ "sqlite:/var/lib/x.db?mode=ro", "sqlite", NULL, NULL, NULL, "/var/lib/x.db", "mode=ro", NULL },
	};
	for (size_t i = 0; i < LEN(t); i++) {
		struct url u;
		CHECK_RC(url_parse(str_of(t[i].text), &u), RC_OK);
		const struct {
			struct str got;
			const char *want;
		} parts[] = {
			{ u.scheme, t[i].scheme },     { u.authority, t[i].authority }, { u.host, t[i].host },
			{ u.port, t[i].port },         { u.path, t[i].path },           { u.query, t[i].query },
			{ u.fragment, t[i].fragment },
		};
		for (size_t k = 0; k < LEN(parts); k++) {
			if (!parts[k].want != !parts[k].got.p)
				fail_msg("%s: part %zu absent or not", t[i].text, k);
			CHECK_STR(parts[k].got, str_of(parts[k].want));
		}
	}
}

static void test_url__refuses(void **state)
{
	(void)state;
	static const struct str t[] = {
		STR_INIT(""),
		STR_INIT("example.test"),
		STR_INIT("/path"),
		STR_INIT("//host/path"),
		STR_INIT(":x"),
		STR_INIT("1http://h"),
		STR_INIT("ht_tp://h"),
		STR_INIT("http://a b/"),
		STR_INIT(" http://h"),
		STR_INIT("http://h/\n"),
		STR_INIT("http://h/\x7f"),
		STR_INIT("http://h/\0"),
		STR_INIT("http://h/\xc3\xa5"),
		STR_INIT("http://h/%"),
		STR_INIT("http://h/%4"),
		STR_INIT("http://h/%g0"),
		STR_INIT("http://h/?%zz"),
		STR_INIT("http://%h/"),
		STR_INIT("http://h/a\"b"),
		STR_INIT("http://h/<b>"),
		STR_INIT("http://h/\\"),
		STR_INIT("http://h/^"),
		STR_INIT("http://h/`"),
		STR_INIT("http://h/{id}"),
		STR_INIT("http://h/a|b"),
		STR_INIT("http://h/[x]"),
		STR_INIT("http://h/?a[0]=1"),
		STR_INIT("http://h/#a#b"),
		STR_INIT("http://h:80a/"),
		STR_INIT("http://h:1:2/"),
		STR_INIT("http://a@b@c/"),
		STR_INIT("http://[::1/"),
		STR_INIT("http://[]/"),
		STR_INIT("http://[::1]x/"),
		STR_INIT("http://[::g]/"),
		STR_INIT("http://::1/"),
		STR_INIT("http://h\\@evil.test/"),
	};
	for (size_t i = 0; i < LEN(t); i++) {
		struct url u = { .scheme = STR("untouched") };
		if (url_parse(t[i], &u) != RC_INVALID)
			fail_msg("taken: %.*s", STR_FMT(t[i]));
		CHECK_STR(u.scheme, STR("untouched"));
	}
	struct url u;
	CHECK_RC(url_parse(STR_NONE, &u), RC_INVALID);
}

static void test_url__decode(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		bool plus;
		enum rc rc;
		struct str want;
	} t[] = {
		{ STR_INIT("a%20b"), false, RC_OK, STR_INIT("a b") },
		{ STR_INIT("a+b%2B"), false, RC_OK, STR_INIT("a+b+") },
		{ STR_INIT("a+b%2B"), true, RC_OK, STR_INIT("a b+") },
		{ STR_INIT("%c3%A5"), false, RC_OK, STR_INIT("\xc3\xa5") },
		{ STR_INIT("%2541"), false, RC_OK, STR_INIT("%41") },
		{ STR_INIT(""), false, RC_OK, STR_INIT("") },
		{ STR_INIT("%00"), false, RC_INVALID, STR_INIT("") },
		{ STR_INIT("a\0b"), false, RC_INVALID, STR_INIT("") },
		{ STR_INIT("%"), false, RC_INVALID, STR_INIT("") },
		{ STR_INIT("%4"), false, RC_INVALID, STR_INIT("") },
		{ STR_INIT("%4g"), false, RC_INVALID, STR_INIT("") },
		{ STR_INIT("% 41"), true, RC_INVALID, STR_INIT("") },
		{ STR_INIT("%-1"), true, RC_INVALID, STR_INIT("") },
	};
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t i = 0; i < LEN(t); i++) {
		struct str out = STR("untouched");
		CHECK_RC(url_decode(&a, t[i].text, t[i].plus, &out), t[i].rc);
		CHECK_STR(out, t[i].rc == RC_OK ? t[i].want : STR("untouched"));
	}
}

static void test_url__escape_and_back(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	char bytes[255];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i + 1);
	struct buf url = BUF(&a), form = BUF(&a);
	buf_url(&url, str_span(bytes, sizeof bytes));
	buf_form(&form, str_span(bytes, sizeof bytes));
	struct str back;
	CHECK_RC(url_decode(&a, buf_str(&url), false, &back), RC_OK);
	CHECK_STR(back, str_span(bytes, sizeof bytes));
	CHECK_RC(url_decode(&a, buf_str(&form), true, &back), RC_OK);
	CHECK_STR(back, str_span(bytes, sizeof bytes));
}

static void test_url__pairs_in_order(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct pair *list;
	CHECK_RC(url_pairs(&a, STR("a=1&b=x+y%26&&c&a=2&=e&D==&"), &list), RC_OK);
	static const struct {
		struct str key, value;
	} want[] = {
		{ STR_INIT("a"), STR_INIT("1") }, { STR_INIT("b"), STR_INIT("x y&") }, { STR_INIT("c"), STR_INIT("") },
		{ STR_INIT("a"), STR_INIT("2") }, { STR_INIT(""), STR_INIT("e") },     { STR_INIT("D"), STR_INIT("=") },
	};
	const struct pair *p = list;
	for (size_t i = 0; i < LEN(want); i++, p = p->next) {
		assert_non_null(p);
		CHECK_STR(p->key, want[i].key);
		CHECK_STR(p->value, want[i].value);
		assert_non_null(p->value.p);
	}
	assert_null(p);
	assert_null(pair_get(list, "a")); /* it stands twice */
	assert_null(pair_get_icase(list, "A"));
	assert_int_equal(pair_count(list, "a"), 2);
	assert_int_equal(pair_count(list, "x"), 0);
	assert_null(pair_get(list, "d"));
	CHECK_STR(pair_get_icase(list, "d")->value, STR("="));
	assert_null(pair_get(NULL, "a"));
}

static void test_url__pairs_empty_and_broken(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct pair one = { .key = STR("untouched") }, *list = &one;
	CHECK_RC(url_pairs(&a, STR("a=%"), &list), RC_INVALID);
	CHECK_RC(url_pairs(&a, STR("%00=a"), &list), RC_INVALID);
	CHECK(list == &one);
	CHECK_RC(url_pairs(&a, STR(""), &list), RC_OK);
	assert_null(list);
	CHECK_RC(url_pairs(&a, STR_NONE, &list), RC_OK);
	assert_null(list);
}

static void test_url__pairs_limit(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct buf b = BUF(&a);
	struct pair *list;
	for (int i = 0; i < URL_MAX_PAIRS; i++)
		buf_fmt(&b, "&k%d=%d", i, i);
	CHECK_RC(url_pairs(&a, buf_str(&b), &list), RC_OK);
	buf_lit(&b, "&one=more");
	CHECK_RC(url_pairs(&a, buf_str(&b), &list), RC_TOO_LARGE);
}

static void test_url__web_and_loopback(void **state)
{
	(void)state;
	static const struct {
		const char *url;
		bool web, idn, loopback;
	} rows[] = {
		// clang-format off
		{ "https://a.example", true, true, false },       { "HTTP://A_b.example:65535/x?y#z", true, true, false },
		{ "https://a.example:", true, true, false },      { "https://xn--bl-zia.example", true, true, false },
		{ "https://bl%C3%A5.example", false, true, false }, { "https://a%2f.example", false, false, false },
		{ "https://a%7f.example", false, false, false },  { "https://a.example:65536", false, false, false },
		{ "https://u@a.example", false, false, false },   { "https://@a.example", false, false, false },
		{ "https://a.example.", false, false, false },    { "https://a..b", false, false, false },
		{ "https://.a", false, false, false },            { "https://", false, false, false },
		{ "https:a.example", false, false, false },       { "ftp://a.example", false, false, false },
		{ "https://a!b", false, false, false },           { "https://*.a", false, false, false },
		{ "http://localhost:1", true, true, true },       { "http://LOCALHOST", true, true, true },
		{ "http://localhost.example", true, true, false }, { "http://127.0.0.1", true, true, true },
		{ "http://127.255.0.9:8080/", true, true, true }, { "http://127.evil.example", true, true, false },
		{ "http://127.1", false, false, false },          { "http://0x7f000001", false, false, false },
		{ "http://2130706433", false, false, false },     { "http://127.0.0.256", false, false, false },
		{ "http://127.0.0.01", false, false, false },     { "http://10.0.0.1", true, true, false },
		{ "http://[::1]", true, true, true },             { "http://[0:0:0:0:0:0:0:1]:8080", true, true, true },
		{ "http://[::2]", true, true, false },            { "http://[v1.a]", false, false, false },
		{ "http://[::ffff:127.0.0.1]", true, true, false }, { "http://[:::1]", false, false, false },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct url u;
		CHECK_RC(url_parse(str_of(rows[i].url), &u), RC_OK);
		if (url_is_web(&u, false) != rows[i].web || url_is_web(&u, true) != rows[i].idn ||
		    url_is_loopback(&u) != rows[i].loopback)
			fail_msg("%s: web %d, idn %d, loopback %d", rows[i].url, url_is_web(&u, false),
				 url_is_web(&u, true), url_is_loopback(&u));
	}
}

/* Limits of a label and of a name, and one more. */
static void test_url__lengths_of_a_name(void **state)
{
	(void)state;
	for (int more = 0; more < 2; more++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct url u;
		CHECK_RC(url_parse(arena_fmt(&a, "https://%0*d.a", 63 + more, 0), &u), RC_OK);
		CHECK(url_is_web(&u, false) == !more);
		CHECK_RC(url_parse(arena_fmt(&a, "https://%063d.%063d.%063d.a%0*d", 0, 0, 0, 60 + more, 0), &u), RC_OK);
		CHECK(u.host.n == (size_t)(253 + more) && url_is_web(&u, false) == !more);
	}
}

T_MAIN(cmocka_unit_test(test_url__web_and_loopback), cmocka_unit_test(test_url__lengths_of_a_name),
       cmocka_unit_test(test_url__parts), cmocka_unit_test(test_url__refuses), cmocka_unit_test(test_url__decode),
       cmocka_unit_test(test_url__escape_and_back), cmocka_unit_test(test_url__pairs_in_order),
       cmocka_unit_test(test_url__pairs_empty_and_broken), cmocka_unit_test(test_url__pairs_limit))
