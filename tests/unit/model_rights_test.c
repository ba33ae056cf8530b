#include "model/model.h"
#include "t.h"

#define FULL                                                                                                           \
	"[{\"action\":[\"consent\",\"read\"],\"resource\":[{\"type\":\"urn:altinn:resource\",\"value\":\"a\","         \
	"\"version\":\"12\"}],\"metadata\":{\"INNTEKTSAAR\":\"2025\",\"x\\\"y\":\"\"}},"                               \
	"{\"action\":[],\"resource\":[{\"type\":\"t\",\"value\":\"b\",\"version\":null}],\"metadata\":null}]"

static struct str written(struct arena *a, const struct right *r, unsigned form)
{
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	rights_write(&w, r, form);
	return buf_str(&b);
}

static void test_rights__read(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct right *r;
	CHECK_RC(rights_parse(&a, STR(FULL), &r), RC_OK);
	assert_int_equal(r->n_actions, 2);
	CHECK_STR(r->actions[1], STR("read"));
	CHECK_STR(r->resource_type, STR("urn:altinn:resource"));
	CHECK_STR(r->resource, STR("a"));
	CHECK_STR(r->version, STR("12"));
	CHECK_STR(r->metadata->key, STR("INNTEKTSAAR"));
	CHECK_STR(r->metadata->value, STR("2025"));
	CHECK_STR(r->metadata->next->key, STR("x\"y"));
	assert_null(r->metadata->next->next);
	assert_non_null(r->next);
	assert_null(r->next->metadata);
	assert_null(r->next->version.p);
	assert_null(r->next->next);
}

static void test_rights__write_is_the_inverse(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct right *r;
	CHECK_RC(rights_parse(&a, STR(FULL), &r), RC_OK);
	CHECK_STR(written(&a, r, RIGHTS_VERSIONS | RIGHTS_NULLS), STR(FULL));
	CHECK_STR(written(&a, NULL, RIGHTS_VERSIONS | RIGHTS_NULLS), STR("[]"));
}

static void test_rights__write_without_version_or_null(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct right *r;
	CHECK_RC(rights_parse(&a, STR(FULL), &r), RC_OK);
	CHECK_STR(written(&a, r->next, 0), STR("[{\"action\":[],\"resource\":[{\"type\":\"t\",\"value\":\"b\"}]}]"));
	CHECK_STR(written(&a, r->next, RIGHTS_NULLS),
		  STR("[{\"action\":[],\"resource\":[{\"type\":\"t\",\"value\":\"b\"}],\"metadata\":null}]"));
}

static void test_rights__refused(void **state)
{
	(void)state;
#define RES "\"resource\":[{\"type\":\"t\",\"value\":\"v\"}]"
	static const char *const rows[] = {
		// clang-format off
		"", "{}", "null", "[1]", "[null]", "[{}]", "[", "[{\"action\":[]}]",
		"[{" RES "}]", "[{\"action\":\"read\"," RES "}]", "[{\"action\":[1]," RES "}]",
		"[{\"action\":[],\"resource\":[]}]", "[{\"action\":[],\"resource\":{}}]",
		"[{\"action\":[],\"resource\":[{\"type\":\"t\",\"value\":\"v\"},{\"type\":\"t\",\"value\":\"w\"}]}]",
		"[{\"action\":[],\"resource\":[{\"type\":\"t\"}]}]", "[{\"action\":[],\"resource\":[\"v\"]}]",
		"[{\"action\":[],\"resource\":[{\"type\":\"t\",\"value\":null}]}]",
		"[{\"action\":[],\"resource\":[{\"type\":\"t\",\"value\":\"v\",\"version\":1}]}]",
		"[{\"action\":[]," RES ",\"metadata\":[]}]", "[{\"action\":[]," RES ",\"metadata\":{\"a\":1}}]",
		"[{\"action\":[]," RES ",\"metadata\":{\"a\":null}}]",
		// clang-format on
	};
	CLEANUP(arena_finish) struct arena a = { 0 };
	for (size_t i = 0; i < LEN(rows); i++) {
		struct right *r = NULL;
		if (rights_parse(&a, str_of(rows[i]), &r) != RC_INVALID || r)
			fail_msg("%s", rows[i]);
	}
}

static void test_rights__empty_metadata_is_none(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct right *r;
	CHECK_RC(rights_parse(&a, STR("[{\"action\":[]," RES ",\"metadata\":{}}]"), &r), RC_OK);
	assert_null(r->metadata);
	CHECK_RC(rights_parse(&a, STR("[]"), &r), RC_OK);
	assert_null(r);
}

T_MAIN(cmocka_unit_test(test_rights__read), cmocka_unit_test(test_rights__write_is_the_inverse),
       cmocka_unit_test(test_rights__write_without_version_or_null), cmocka_unit_test(test_rights__refused),
       cmocka_unit_test(test_rights__empty_metadata_is_none))
