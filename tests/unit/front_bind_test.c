#include "front/bind.h"
#include "t.h"

static struct arena arena;

static const struct js *value(const char *json)
{
	const struct js *v;
	CHECK_RC(js_parse(&arena, str_of(json), NULL, &v, NULL), RC_OK);
	return v;
}

static int teardown(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

static void expect(const struct binder *b, const char *message, const char *label)
{
	if (message ? b->n != 1 || !str_is(b->first->message, message) : b->n != 0)
		fail_msg("%s: %zu errors, want %s", label, b->n, message ? message : "none");
	CHECK_RC(bind_result(b), message ? RC_INVALID : RC_OK);
}

static void test_bind__paths(void **state)
{
	(void)state;
	struct binder *b = binder_new(&arena);
	CHECK_STR(bind_path(b, STR("$"), "a"), STR("$.a"));
	CHECK_STR(bind_path_key(b, STR("$.a"), STR("b c")), STR("$.a.b c"));
	CHECK_STR(bind_path_index(b, STR("$.a"), 7), STR("$.a[7]"));
}

static void test_bind__errors_are_bounded_and_in_order(void **state)
{
	(void)state;
	struct binder *b = binder_new(&arena);
	for (size_t i = 0; i <= BIND_MAX_ERRORS; i++)
		bind_fail(b, bind_path_index(b, STR("$"), i), "bad");
	assert_int_equal(b->n, BIND_MAX_ERRORS);
	size_t n = 0;
	for (const struct bind_error *e = b->first; e; e = e->next, n++)
		CHECK_STR(e->path, bind_path_index(b, STR("$"), n));
	assert_int_equal(n, BIND_MAX_ERRORS);
}

static void test_bind__required_may_be_null(void **state)
{
	(void)state;
	struct binder *b = binder_new(&arena);
	const struct js *o = value("{\"Name\":null}");
	CHECK(bind_null(bind_required(b, o, STR("$"), "name")));
	expect(b, NULL, "null");
	CHECK(!bind_required(b, o, STR("$"), "other"));
	expect(b, "The field is required.", "missing");
	CHECK_STR(b->first->path, STR("$.other"));
}

static void test_bind__text(void **state)
{
	(void)state;
	static const struct {
		const char *json, *message;
	} rows[] = {
		{ "\"abc\"", NULL },
		{ "\"\xc3\xa6\xc3\xb8\xc3\xa5\"", NULL }, /* characters count, not bytes */
		{ "\"abcd\"", "The value is too long." },
		{ "\"\"", "The value must not be empty." },
		{ "7", "The value must be a string." },
		{ "null", "The value must be a string." },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct binder *b = binder_new(&arena);
		struct str text = bind_text(b, value(rows[i].json), 3, STR("$"));
		expect(b, rows[i].message, rows[i].json);
		CHECK((text.n > 0) == !rows[i].message);
	}
	struct binder *b = binder_new(&arena);
	CHECK(!bind_text(b, NULL, 3, STR("$")).p);
	expect(b, NULL, "missing");
}

static void test_bind__uuid(void **state)
{
	(void)state;
	static const struct {
		const char *json;
		bool valid;
	} rows[] = { { "\"0196b0c0-1234-7abc-8def-0123456789ab\"", true },
		     { "\"x\"", false },
		     { "1", false },
		     { "null", false } };
	for (size_t i = 0; i < LEN(rows); i++) {
		struct binder *b = binder_new(&arena);
		struct uuid id = bind_uuid(b, value(rows[i].json), STR("$"));
		expect(b, rows[i].valid ? NULL : "The value is not a valid GUID.", rows[i].json);
		CHECK(uuid_is_nil(id) == !rows[i].valid);
	}
}

static void test_bind__urn_of_an_allowed_kind(void **state)
{
	(void)state;
	static const struct {
		const char *json;
		bool valid;
	} rows[] = {
		{ "\"urn:altinn:organization:identifier-no:810419512\"", true },
		{ "\"urn:altinn:organization:identifier-no:810419513\"", false }, /* check digit */
		{ "\"urn:altinn:person:identifier-no:01025161013\"", false },     /* another kind */
		{ "\"810419512\"", false },
		{ "7", false },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct binder *b = binder_new(&arena);
		struct urn u = bind_urn(b, value(rows[i].json), 1u << URN_ORG, STR("$"));
		expect(b, rows[i].valid ? NULL : "The value is not a valid party URN.", rows[i].json);
		CHECK((u.value.p != NULL) == rows[i].valid);
	}
}

static void test_bind__time(void **state)
{
	(void)state;
	struct binder *b = binder_new(&arena);
	assert_int_equal(bind_time(b, value("\"1970-01-01T00:00:01Z\""), STR("$")), 1000000);
	expect(b, NULL, "a time");
	assert_int_equal(bind_time(b, value("\"1970-01-02\""), STR("$")), 86400 * INT64_C(1000000));
	expect(b, NULL, "a date");
	assert_int_equal(bind_time(b, value("\"1970-01-32\""), STR("$")), 0);
	expect(b, "The value is not a valid date-time.", "no date");
}

static void test_bind__list(void **state)
{
	(void)state;
	static const struct {
		const char *json, *message;
	} rows[] = {
		{ "[]", NULL },
		{ "[1,2]", NULL },
		{ "[1,2,3]", "The list is too long." },
		{ "{}", "The value must be a list." },
		{ "null", "The value must be a list." },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct binder *b = binder_new(&arena);
		const struct js *list = bind_list(b, value(rows[i].json), 2, STR("$"));
		expect(b, rows[i].message, rows[i].json);
		CHECK((list != NULL) == !rows[i].message);
	}
}

T_MAIN_WITH(NULL, teardown, cmocka_unit_test(test_bind__paths),
	    cmocka_unit_test(test_bind__errors_are_bounded_and_in_order),
	    cmocka_unit_test(test_bind__required_may_be_null), cmocka_unit_test(test_bind__text),
	    cmocka_unit_test(test_bind__uuid), cmocka_unit_test(test_bind__urn_of_an_allowed_kind),
	    cmocka_unit_test(test_bind__time), cmocka_unit_test(test_bind__list))
