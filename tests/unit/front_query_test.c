#include "front_kit.h"

static const struct pair *pairs(struct kit *k, const char *query)
{
	const struct pair *out;
	k->req.query = str_of(query);
	CHECK_RC(http_query(&k->req, &out), RC_OK);
	return out;
}

static void test_query__malformed(void **state)
{
	(void)state;
	CLEANUP(kit_finish) struct kit k;
	const struct pair *query;
	kit_start(&k);
	k.req.query = STR("a=%zz");
	kit_expect(&k, front_query(&k.req, &k.res, &query), 400, "a=%zz");
	kit_restart(&k);
	k.req.query = STR("a=%41");
	kit_expect(&k, front_query(&k.req, &k.res, &query), 0, "a=%41");
	CHECK_STR(front_param(query, "A"), STR("A"));
}

static void test_query__a_parameter_twice(void **state)
{
	(void)state;
	CLEANUP(kit_finish) struct kit k;
	const struct pair *query = NULL;
	kit_start(&k);
	k.req.query = STR("b=1&scope=x&SCOPE=y");
	kit_expect(&k, front_query(&k.req, &k.res, &query), 400, "SCOPE");
	CHECK_STR(kit_errors(&k), STR("{\"scope\":[\"The parameter may be there only once.\"]}"));
	assert_null(query);
}

static void test_query__parameter(void **state)
{
	(void)state;
	CLEANUP(kit_finish) struct kit k;
	struct str value;
	kit_start(&k);
	CHECK(!front_param(pairs(&k, "scope=&b=1"), "scope").p);
	CHECK(!front_param(pairs(&k, "b=1"), "scope").p);
	CHECK_STR(front_param(pairs(&k, "SCOPE=a%3Ab"), "scope"), STR("a:b"));
	kit_expect(&k, front_param_required(&k.req, &k.res, "scope", &value), 0, "SCOPE=a%3Ab");
	CHECK_STR(value, STR("a:b"));
	k.req.query = STR("scope=");
	kit_expect(&k, front_param_required(&k.req, &k.res, "scope", &value), 400, "scope=");
	CHECK_STR(kit_errors(&k), STR("{\"scope\":[\"is required\"]}"));
}

static void test_query__number(void **state)
{
	(void)state;
	static const struct {
		const char *query;
		int64_t want; /* -2: 400 */
	} queries[] = {
		{ "", -1 },
		{ "version=", -1 },
		{ "version=0", 0 },
		{ "VERSION=9223372036854775807", INT64_MAX },
		{ "version=9223372036854775808", -2 },
		{ "version=-1", -2 },
		{ "version=1.0", -2 },
		{ "version=x", -2 },
		{ "version=%", -2 },
	};
	for (size_t i = 0; i < LEN(queries); i++) {
		CLEANUP(kit_finish) struct kit k;
		int64_t n = -2;
		kit_start(&k);
		k.req.query = str_of(queries[i].query);
		enum rc rc = front_number(&k.req, &k.res, "version", -1, &n);
		kit_expect(&k, rc, queries[i].want == -2 ? 400 : 0, queries[i].query);
		if (rc == RC_OK)
			assert_int_equal(n, queries[i].want);
	}
}

static void test_query__status(void **state)
{
	(void)state;
	static const struct {
		const char *query;
		enum consent_status want; /* ST__MAX: refused */
	} queries[] = {
		{ "", ST_CREATED },
		{ "status=accepted", ST_ACCEPTED },
		{ "STATUS=Revoked", ST_REVOKED },
		{ "status=0", ST_CREATED },
		{ "status=5", ST_EXPIRED },
		{ "status=6", ST__MAX },
		{ "status=-1", ST__MAX },
		{ "status=", ST__MAX },
		{ "status=none", ST__MAX },
	};
	for (size_t i = 0; i < LEN(queries); i++) {
		CLEANUP(kit_finish) struct kit k;
		enum consent_status status = ST_CREATED;
		kit_start(&k);
		struct binder *b = binder_new(&k.a);
		enum rc rc = query_status(b, pairs(&k, queries[i].query), &status);
		if (rc != (queries[i].want == ST__MAX ? RC_INVALID : RC_OK) || (b->n > 0) != (rc == RC_INVALID))
			fail_msg("%s: %s", queries[i].query, rc_name(rc));
		if (rc == RC_OK)
			assert_int_equal(status, queries[i].want);
		else
			CHECK_STR(b->first->path, STR("status"));
	}
}

static void test_query__page(void **state)
{
	(void)state;
	static const struct {
		const char *query;
		size_t limit; /* 0: refused */
	} queries[] = {
		{ "", CONSENT_HISTORY_MAX },
		{ "pageSize=1", 1 },
		{ "PAGESIZE=1000", CONSENT_PAGE_MAX },
		{ "pageSize=1001", 0 },
		{ "pageSize=0", 0 },
		{ "pageSize=", 0 },
		{ "pageSize=-1", 0 },
		{ "continuationToken=", 0 },
		{ "continuationToken=x", 0 },
		{ "continuationToken=AAAAAAAAAAAAAAAAAAAAAA", 0 }, /* nil */
		{ "continuationToken=AAAAAAAAAAAAAAAAAAAAAQ", CONSENT_HISTORY_MAX },
		{ "continuationToken=AAAAAAAAAAAAAAAAAAAAAQA", 0 },
	};
	for (size_t i = 0; i < LEN(queries); i++) {
		CLEANUP(kit_finish) struct kit k;
		struct history_page page = { .limit = 0 };
		kit_start(&k);
		struct binder *b = binder_new(&k.a);
		enum rc rc = query_page(b, pairs(&k, queries[i].query), &page);
		if (rc != (queries[i].limit ? RC_OK : RC_INVALID) || (b->n > 0) != (rc == RC_INVALID))
			fail_msg("%s: %s", queries[i].query, rc_name(rc));
		assert_int_equal(page.limit, queries[i].limit);
	}
}

static void test_query__page_token_and_back(void **state)
{
	(void)state;
	CLEANUP(kit_finish) struct kit k;
	struct history_page page;
	struct uuid last = uuid_v4();
	kit_start(&k);
	struct str token = query_page_token(&k.a, last);
	const char *query = arena_cstr(&k.a, arena_fmt(&k.a, "continuationToken=%.*s", STR_FMT(token)));
	CHECK_RC(query_page(binder_new(&k.a), pairs(&k, query), &page), RC_OK);
	CHECK(uuid_eq(page.after, last));
}

T_MAIN(cmocka_unit_test(test_query__a_parameter_twice), cmocka_unit_test(test_query__malformed),
       cmocka_unit_test(test_query__parameter), cmocka_unit_test(test_query__number),
       cmocka_unit_test(test_query__status), cmocka_unit_test(test_query__page),
       cmocka_unit_test(test_query__page_token_and_back))
