#include "http/engine_internal.h"
#include "t.h"

#include <arpa/inet.h>

static struct sockaddr_storage at(const char *text)
{
	struct sockaddr_storage s = { 0 };
	struct sockaddr_in *v4 = (struct sockaddr_in *)&s;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&s;
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1)
		s.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1)
		s.ss_family = AF_INET6;
	return s;
}

static struct shares *start(unsigned each, const char *trusted)
{
	struct shares *s = NULL;
	struct str bad;
	CHECK_RC(shares_create(each, trusted, &s, &bad), RC_OK);
	return s;
}

static struct address address(const char *text)
{
	struct sockaddr_storage s = at(text);
	return address_of(&s);
}

static void test_share__places(void **state)
{
	(void)state;
	struct shares *s = start(2, NULL);
	struct address a = address("192.0.2.1"), b = address("192.0.2.2");
	struct address_share *one = address_enter(s, &a), *two = address_enter(s, &a);
	assert_non_null(one);
	assert_non_null(two);
	assert_null(address_enter(s, &a));
	struct address_share *other = address_enter(s, &b);
	assert_non_null(other);
	address_leave(s, one);
	one = address_enter(s, &a);
	assert_non_null(one);
	address_leave(s, one);
	address_leave(s, two);
	address_leave(s, other);
	address_leave(s, NULL);
	shares_destroy(s);
}

static void test_share__one_network_on_ipv6(void **state)
{
	(void)state;
	struct shares *s = start(1, NULL);
	struct address a = address("2001:db8:0:1::1"), same = address("2001:db8:0:1:ffff::2"),
		       b = address("2001:db8:0:2::1");
	struct address v4 = address("192.0.2.1"), mapped = address("::ffff:192.0.2.1");
	struct address_share *one = address_enter(s, &a), *two = address_enter(s, &b), *three = address_enter(s, &v4);
	assert_non_null(one);
	assert_null(address_enter(s, &same));
	assert_non_null(two);
	assert_non_null(three);
	assert_null(address_enter(s, &mapped));
	address_leave(s, one);
	address_leave(s, two);
	address_leave(s, three);
	shares_destroy(s);
}

static void test_share__loopback(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool loopback;
	} rows[] = { { "127.0.0.1", true },  { "127.9.9.9", true }, { "::1", true },       { "::ffff:127.0.0.1", true },
		     { "128.0.0.1", false }, { "::2", false },      { "192.0.2.1", false } };
	for (size_t i = 0; i < LEN(rows); i++) {
		struct address a = address(rows[i].text);
		assert_int_equal(address_is_loopback(&a), rows[i].loopback);
	}
}

static void test_share__trusted_networks(void **state)
{
	(void)state;
	static const struct {
		const char *networks, *text;
		bool trusted;
	} rows[] = {
		// clang-format off
		{ "10.0.0.0/8", "10.255.0.1", true }, { "10.0.0.0/8", "11.0.0.1", false }, { "10.1.2.3", "10.1.2.3", true },
		{ "10.1.2.3", "10.1.2.4", false }, { "192.0.2.0/25", "192.0.2.127", true }, { "192.0.2.0/25", "192.0.2.128", false },
		{ "2001:db8::/32,::1", "::1", true }, { "2001:db8::/32, ::1", "2001:db8:ffff::1", true },
		{ "2001:db8::/32", "2001:db9::1", false }, { "0.0.0.0/0", "203.0.113.9", true }, { "0.0.0.0/0", "2001:db8::1", false },
		{ "10.0.0.0/8", "::ffff:10.0.0.1", true }, { "", "10.0.0.1", false },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct shares *s = start(1, rows[i].networks);
		struct sockaddr_storage peer = at(rows[i].text);
		if (shares_trust(s, &peer) != rows[i].trusted)
			fail_msg("%s in %s", rows[i].text, rows[i].networks);
		shares_destroy(s);
	}
	static const char *const bad[] = { "10.0.0.0/33", "10.0.0/8",    "::/129",      "x",
					   "10.0.0.0/",   "10.0.0.1:80", "10.0.0.0/8 y" };
	for (size_t i = 0; i < LEN(bad); i++) {
		struct shares *s = NULL;
		struct str which;
		CHECK_RC(shares_create(1, bad[i], &s, &which), RC_INVALID);
		assert_true(which.n > 0);
	}
}

static void test_share__forwarded(void **state)
{
	(void)state;
	static const struct {
		const char *value, *address; /* NULL: none of others */
	} rows[] = {
		// clang-format off
		{ "192.0.2.1", "192.0.2.1" }, { "198.51.100.1, 192.0.2.1", "192.0.2.1" }, { "192.0.2.1, 10.0.0.7", "192.0.2.1" },
		{ "192.0.2.1:4711", "192.0.2.1" }, { "[2001:db8::1]:80", "2001:db8::1" }, { "2001:db8::1", "2001:db8::1" },
		{ "x, 192.0.2.1,10.0.0.1 ,10.0.0.2", "192.0.2.1" }, { "10.0.0.1", NULL }, { "unknown", "::" }, { "", "::" },
		// clang-format on
	};
	struct shares *s = start(1, "10.0.0.0/8");
	struct address got, want;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct http_header h[] = { { STR("X-Forwarded-For"), str_of(rows[i].value) } };
		struct http_req req = { .headers = h, .n_headers = 1 };
		if (shares_forwarded(s, &req, &got) != (rows[i].address != NULL))
			fail_msg("%s", rows[i].value);
		if (!rows[i].address)
			continue;
		want = address(rows[i].address);
		assert_memory_equal(&got, &want, sizeof got);
	}
	struct http_header two[] = { { STR("X-Forwarded-For"), STR("192.0.2.1") },
				     { STR("x-forwarded-for"), STR("10.0.0.1") } };
	struct http_req req = { .headers = two, .n_headers = 2 };
	assert_true(shares_forwarded(s, &req, &got));
	want = address("192.0.2.1");
	assert_memory_equal(&got, &want, sizeof got);
	req.n_headers = 0;
	assert_false(shares_forwarded(s, &req, &got));
	shares_destroy(s);
}

T_MAIN(cmocka_unit_test(test_share__places), cmocka_unit_test(test_share__one_network_on_ipv6),
       cmocka_unit_test(test_share__loopback), cmocka_unit_test(test_share__trusted_networks),
       cmocka_unit_test(test_share__forwarded))
