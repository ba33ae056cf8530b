#include "publish/seed_internal.h"
#include "publish_kit.h"
#include "seed_extra.h"

static void doc_init(struct seed_doc *d, struct arena *a, struct seed_report *report)
{
	static const struct seed_options o = { .sandbox = true };
	seed_doc_init(d, a, &o, report);
}

static const struct js *parse(struct arena *a, const char *text)
{
	const struct js *v;
	CHECK_RC(js_parse(a, json_q(a, text), NULL, &v, NULL), RC_OK);
	return v;
}

static void test_seed_doc__keys_of_entries(void **state)
{
	(void)state;
	static const struct {
		enum section_id section;
		const char *json, *key;
		int64_t version;
		enum rc rc;
	} cases[] = {
		// clang-format off
		{ SECTION_RESOURCE, "{'identifier':'r','versionId':3}", "r", 3, RC_OK },
		{ SECTION_RESOURCE, "{'identifier':'r'}", "r", 0, RC_OK },
		{ SECTION_RESOURCE, "{'identifier':'r','versionId':'3'}", NULL, 0, RC_INVALID },
		{ SECTION_RESOURCE, "{'identifier':''}", NULL, 0, RC_INVALID },
		{ SECTION_RESOURCE, "{'versionId':3}", NULL, 0, RC_INVALID },
		{ SECTION_TEMPLATE, "{'id':'t'}", "t", 1, RC_OK },
		{ SECTION_TEMPLATE, "{'id':'t','state':'absent'}", "t", 0, RC_OK },
		{ SECTION_ACCESS_LIST, "{'owner':'ttd','identifier':'banks'}", "ttd/banks", 0, RC_OK },
		{ SECTION_ACCESS_LIST, "{'owner':'ttd'}", NULL, 0, RC_INVALID },
		{ SECTION_EXTRA + 1, "{'serviceCode':'4628','serviceEditionCode':7}", "service/4628/7", 0, RC_OK },
		{ SECTION_EXTRA, "{'sha256':'ab'}", "apiKey/ab", 0, RC_OK },
		{ SECTION_EXTRA, "{'key':'abc'}", /* = FIPS 180-4, appendix B.1 */
		  "apiKey/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 0, RC_OK },
		{ SECTION_EXTRA, "{'orgno':'1'}", NULL, 0, RC_INVALID },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct seed_report report;
		struct seed_doc d;
		struct str key = STR_NONE;
		int64_t version = 0;
		doc_init(&d, &a, &report);
		enum rc rc = seed_key(&d, &seed_sections[cases[i].section], parse(&a, cases[i].json), &key, &version);
		if (rc != cases[i].rc || version != cases[i].version || !str_is(key, cases[i].key ? cases[i].key : ""))
			fail_msg("%s: %s %.*s %d", cases[i].json, rc_name(rc), STR_FMT(key), (int)version);
	}
}

static void test_seed_doc__nodes_of_one_key_are_its_versions(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct seed_report report;
	struct seed_doc d;
	doc_init(&d, &a, &report);
	struct seed_node *one = seed_node_add(&d, SECTION_RESOURCE, STR("r"), 1);
	struct seed_node *two = seed_node_add(&d, SECTION_RESOURCE, STR("r"), 2);
	struct seed_node *list = seed_node_add(&d, SECTION_SCOPE, STR("r"), 0);
	assert_ptr_equal(seed_node_find(&d, SECTION_RESOURCE, STR("r")), two);
	assert_ptr_equal(two->sibling, one);
	assert_ptr_equal(seed_node_at(&d, SECTION_RESOURCE, STR("r"), 1), one);
	assert_null(seed_node_at(&d, SECTION_RESOURCE, STR("r"), 3));
	assert_ptr_equal(seed_node_find(&d, SECTION_SCOPE, STR("r")), list);
	assert_null(seed_node_find(&d, SECTION_CLIENT, STR("r")));
	assert_ptr_equal(d.first, one);
	assert_ptr_equal(one->next, two);
}

static void test_seed_doc__sections_of_stored_rows(void **state)
{
	(void)state;
	static const struct {
		const char *kind, *key;
		enum section_id want;
	} cases[] = {
		{ "scope", "a:b", SECTION_SCOPE },
		{ "extra", "apiKey/ab", SECTION_EXTRA },
		{ "extra", "service/1/2", SECTION_EXTRA + 1 },
		{ "extra", "other/1", SECTION__MAX },
		{ "party", "1", SECTION__MAX },
	};
	for (size_t i = 0; i < LEN(cases); i++)
		assert_int_equal(seed_section_of(str_of(cases[i].kind), str_of(cases[i].key)), cases[i].want);
}

static void test_seed_doc__required_members(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	const struct seed_section *s = &seed_sections[SECTION_SCOPE];
	CHECK(seed_full(s, parse(&a, "{'scope':'a:b','owner':'1'}")));
	CHECK(!seed_full(s, parse(&a, "{'scope':'a:b'}")));
	CHECK(!seed_full(s, parse(&a, "{'owner':'1'}")));
	CHECK(seed_absent(parse(&a, "{'state':'absent'}")));
	CHECK(!seed_absent(parse(&a, "{'state':'present'}")));
	CHECK(!seed_absent(parse(&a, "{'state':1}")));
}

static void test_seed_doc__paths_of_faults(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct seed_report report;
	struct seed_doc d;
	char name[201];
	memset(name, 'n', sizeof name - 1);
	name[0] = '\n';
	name[sizeof name - 1] = '\0';
	struct seed_path top = { .name = STR("scopes") }, item = { .up = &top, .index = 7 };
	struct seed_path member = { .up = &item, .name = str_of(name) };
	doc_init(&d, &a, &report);
	seed_fault(&d, &item, "is of type %s", "number");
	seed_fault(&d, &member, "unknown");
	name[0] = '?';
	name[100] = '\0'; /* a name from outside is cut */
	CHECK_STR(buf_str(&report.faults),
		  arena_fmt(&a, "scopes[7]: is of type number\nscopes[7].%s: unknown\n", name));
	assert_int_equal(report.n_faults, 2);
}

T_MAIN(cmocka_unit_test(test_seed_doc__keys_of_entries),
       cmocka_unit_test(test_seed_doc__nodes_of_one_key_are_its_versions),
       cmocka_unit_test(test_seed_doc__sections_of_stored_rows), cmocka_unit_test(test_seed_doc__required_members),
       cmocka_unit_test(test_seed_doc__paths_of_faults))
