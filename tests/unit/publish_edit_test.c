#include "publish/edit.h"
#include "publish_kit.h"

static const struct edit_member rows[] = {
	{ "client_name", "name", EDIT_COPY, "null" },
	{ "redirects", "redirectAllow", EDIT_KEEP, "null" },
	{ "client_id", NULL, EDIT_SAME, NULL },
	{ "supplier", NULL, EDIT_SAME, NULL },
	{ "kind", NULL, EDIT_FIXED, "\"web\"" },
	{ "flag", NULL, EDIT_FIXED, "false" },
	{ "grant_types", NULL, EDIT_FIXED, "[\"a\",\"b\"]" },
	{ "created", NULL, EDIT_IGNORE, NULL },
	{ NULL, NULL, EDIT_IGNORE, NULL },
};

struct desk {
	struct arena a;
	struct publisher publisher;
	struct publication publication;
	struct edit e;
};

static void desk_open(struct desk *d, const char *body)
{
	*d = (struct desk){ 0 };
	d->publisher.a = &d->a;
	d->e = (struct edit){ .publisher = &d->publisher, .publication = &d->publication, .a = &d->a };
	if (body)
		CHECK_RC(js_parse(&d->a, json_q(&d->a, body), NULL, &d->e.body, NULL), RC_OK);
}

static void test_edit__faults_of_members(void **state)
{
	(void)state;
	static const struct {
		const char *body, *faults;
	} cases[] = {
		{ "{}", "" },
		{ "{'client_name':5,'redirects':{},'created':[]}", "" }, /* the seed checks what is copied */
		{ "{'x':1}", "x: unknown member\n" },
		{ "{'x':null}", "x: unknown member\n" },
		{ "{'client_id':'c'}", "" },
		{ "{'client_id':'d'}", "client_id: cannot be changed\n" },
		{ "{'client_id':1}", "client_id: cannot be changed\n" },
		{ "{'client_id':null}", "" },
		{ "{'supplier':'1'}", "supplier: is not the caller's to say\n" },
		{ "{'kind':'web','flag':false,'grant_types':['a','b']}", "" },
		{ "{'kind':'Web'}", "kind: must be \"web\"\n" },
		{ "{'flag':true}", "flag: must be false\n" },
		{ "{'flag':'false'}", "flag: must be false\n" },
		{ "{'grant_types':['b','a']}", "grant_types: must be [\"a\",\"b\"]\n" },
		{ "{'grant_types':['a']}", "grant_types: must be [\"a\",\"b\"]\n" },
		{ "{'grant_types':['a',1]}", "grant_types: must be [\"a\",\"b\"]\n" },
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		const struct str same[] = { STR("c"), STR_NONE };
		struct desk d;
		desk_open(&d, cases[i].body);
		edit_members_check(&d.e, rows, same);
		CHECK_STR(d.publication.faults, str_of(cases[i].faults));
		arena_finish(&d.a);
	}
}

static void test_edit__faults_end(void **state)
{
	(void)state;
	const struct str line = STR("member: unknown member\n");
	struct desk d;
	desk_open(&d, NULL);
	for (size_t i = 0; i < EDIT_MAX_FAULTS; i++)
		edit_fault(&d.e, STR("member"), "unknown member");
	CHECK(d.publication.faults.n >= EDIT_MAX_FAULTS);
	CHECK(d.publication.faults.n < EDIT_MAX_FAULTS + line.n);
	CHECK(str_starts(d.publication.faults, line) && str_ends(d.publication.faults, line));
	arena_finish(&d.a);
}

static void test_edit__members_that_are_written(void **state)
{
	(void)state;
	static const struct {
		const char *body, *want;
	} cases[] = {
		{ "{}", "{'name':null}" }, /* copied: back to the default; kept: stays */
		{ "{'client_name':'n','redirects':['r']}", "{'name':'n','redirectAllow':['r']}" },
		{ "{'client_name':null,'redirects':null}", "{'name':null,'redirectAllow':null}" },
		{ "{'client_id':'c','kind':'web','created':'t','x':1}", "{'name':null}" },
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		struct desk d;
		desk_open(&d, cases[i].body);
		struct buf b = BUF(&d.a);
		struct jsw w = JSW(&b);
		jsw_obj(&w);
		edit_members_write(&d.e, &w, rows);
		jsw_end_obj(&w);
		CHECK_STR(buf_str(&b), json_q(&d.a, cases[i].want));
		arena_finish(&d.a);
	}
}

static void test_edit__faults_get_the_names_of_the_body(void **state)
{
	(void)state;
	struct desk d;
	desk_open(&d, NULL);
	d.publication.faults =
		STR("name: is empty\nredirectAllow[3]: is empty\nnames: x\nname.nb: y\njwks.keys[0]: z\n");
	edit_faults_rename(&d.a, &d.publication, rows);
	CHECK_STR(d.publication.faults,
		  STR("client_name: is empty\nredirects[3]: is empty\nnames: x\nclient_name.nb: y\njwks.keys[0]: z\n"));
	arena_finish(&d.a);
}

/* = RFC 9110 13.1.1: "If the field value is "*", the condition is true if the origin server has a current
 * representation" */
static void test_edit__if_match(void **state)
{
	(void)state;
	static const struct {
		const char *if_match;
		enum rc rc;
	} cases[] = {
		{ NULL, RC_OK },           { "*", RC_OK },
		{ " * ", RC_OK },          { "\"a\"", RC_OK },
		{ "\"b\", \"a\"", RC_OK }, { "\"b\",\"a\" ,\"c\"", RC_OK },
		{ "\"b\"", RC_CONFLICT },  { "W/\"a\"", RC_CONFLICT }, /* the strong comparison */
		{ "a", RC_CONFLICT },      { "", RC_CONFLICT },
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		struct desk d;
		desk_open(&d, NULL);
		d.publisher.if_match = str_of(cases[i].if_match);
		if (edit_match(&d.e, STR("\"a\"")) != cases[i].rc)
			fail_msg("If-Match: %s", cases[i].if_match);
		assert_int_equal(d.publication.overtaken, cases[i].rc != RC_OK);
		arena_finish(&d.a);
	}
}

static void test_edit__tags_are_strong_and_differ(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct str one = edit_tag(&a, STR("{}")), other = edit_tag(&a, STR("{} "));
	assert_int_equal(one.n, 34);
	CHECK(one.p[0] == '"' && one.p[33] == '"' && str_find(one, STR(",")) < 0);
	CHECK(!str_eq(one, other));
	CHECK_STR(edit_tag(&a, STR("{}")), one);
}

/* ---- applying ---- */

static enum rc make_nothing(struct edit *e, struct jsw *w)
{
	(void)e, (void)w;
	return RC_OK;
}

static enum rc make_scope(struct edit *e, struct jsw *w)
{
	int *runs = (int *)(uintptr_t)e->target;
	(*runs)++;
	edit_entry_begin(e, w, "scopes");
	jsw_kz(w, "scope", "a:b");
	jsw_kz(w, "owner", "810419512");
	edit_entry_end(w);
	return RC_OK;
}

/* Another writer is faster at the first try. */
static enum rc make_overtaken(struct edit *e, struct jsw *w)
{
	const int *runs = e->target;
	if (*runs == 0) {
		struct seed_report report;
		const struct seed_options o = { .sandbox = true };
		struct str json = STR("{\"parties\":[{\"type\":\"person\",\"nationalId\":\"01025161013\"}]}");
		CHECK_RC(seed_apply(e->publisher->registry->store, e->publisher->a, json, &o, &report), RC_OK);
	}
	return make_scope(e, w);
}

static enum rc make_wrong(struct edit *e, struct jsw *w)
{
	edit_entry_begin(e, w, "scopes");
	jsw_kz(w, "scope", "a:b");
	jsw_ki64(w, "owner", 1);
	jsw_kz(w, "x", "y");
	edit_entry_end(w);
	return RC_OK;
}

static void test_edit__runs_until_the_fragment_is_of_the_latest_version(void **state)
{
	(void)state;
	static const struct {
		edit_fn *make;
		enum rc rc;
		int runs;
		bool changed;
		const char *faults;
	} steps[] = {
		{ make_nothing, RC_OK, 0, false, "" },
		{ make_wrong, RC_INVALID, 0, false, "owner: is of type number, must be string\nx: unknown member\n" },
		{ make_overtaken, RC_OK, 2, true, "" },
		{ make_scope, RC_OK, 1, false, "" }, /* it is so already */
	};
	struct kit k;
	struct registry_box box = { 0 };
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, "{'parties':[{'type':'organization','organizationNumber':'810419512'}]}"));
	CHECK_RC(registry_init(&box, k.store), RC_OK);
	for (size_t i = 0; i < LEN(steps); i++) {
		int runs = 0;
		struct publisher publisher = { .registry = &box, .a = &k.a, .orgno = STR("810419512") };
		struct publication p;
		struct edit e = { .publisher = &publisher, .publication = &p, .target = &runs };
		CHECK_RC(edit_run(&e, steps[i].make), steps[i].rc);
		assert_int_equal(runs, steps[i].runs);
		assert_int_equal(p.changed, steps[i].changed);
		CHECK_STR(p.faults, str_of(steps[i].faults));
	}
	registry_finish(&box);
	kit_close(&k);
}

T_MAIN(cmocka_unit_test(test_edit__faults_of_members), cmocka_unit_test(test_edit__faults_end),
       cmocka_unit_test(test_edit__members_that_are_written),
       cmocka_unit_test(test_edit__faults_get_the_names_of_the_body), cmocka_unit_test(test_edit__if_match),
       cmocka_unit_test(test_edit__tags_are_strong_and_differ),
       cmocka_unit_test(test_edit__runs_until_the_fragment_is_of_the_latest_version))
