#include "publish/seed_internal.h"
#include "publish_kit.h"

static const struct js *parse(struct arena *a, const char *text)
{
	const struct js *v = NULL;
	if (text)
		CHECK_RC(js_parse(a, json_q(a, text), NULL, &v, NULL), RC_OK);
	return v;
}

static void test_seed_json__any_value_in_canonical_form(void **state)
{
	(void)state;
	static const struct {
		const char *json, *want;
	} cases[] = {
		{ "{'b':1,'a':{'d':null,'c':[{'z':true,'y':'x'}]}}",
		  "{'a':{'c':[{'y':'x','z':true}],'d':null},'b':1}" },
		{ "{'ab':1,'a':2,'B':3}", "{'B':3,'a':2,'ab':1}" },
		{ "[2,1,-7,1.50,1e3]", "[2,1,-7,1.50,1e3]" },
		{ " { 'a' : [ ] , 'b' : { } } ", "{'a':[],'b':{}}" },
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct buf b = BUF(&a);
		struct jsw w = JSW(&b);
		seed_write_json(&w, parse(&a, cases[i].json));
		CHECK_STR(buf_str(&b), json_q(&a, cases[i].want));
	}
}

static void test_seed_json__members_of_a_table(void **state)
{
	(void)state;
	static const struct {
		const char *doc, *stored;
		unsigned skip;
		const char *want;
	} cases[] = {
		/* in the order of the table, whatever the order of the document */
		{ "{'owner':'991825827','scope':'a:b'}", NULL, 0, "{'scope':'a:b','owner':'991825827'}" },
		/* members of the document stand before stored ones, which stay when they are not named */
		{ "{'owner':'1'}", "{'scope':'a:b','owner':'2','description':'d'}", 0,
		  "{'scope':'a:b','owner':'1','description':'d'}" },
		/* null is absent: a stored member is removed by it */
		{ "{'description':null}", "{'scope':'a:b','description':'d'}", 0, "{'scope':'a:b'}" },
		/* state is never stored; members that the table does not know are left out */
		{ "{'scope':'a:b','state':'present','x':1}", NULL, 0, "{'scope':'a:b'}" },
		/* maps are sorted, lists are not */
		{ "{'grants':['2','1'],'granted':{'2':'b','1':'a'}}", NULL, 0,
		  "{'grants':['2','1'],'granted':{'1':'a','2':'b'}}" },
		{ NULL, NULL, 0, "{}" },
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct buf b = BUF(&a);
		struct jsw w = JSW(&b);
		jsw_obj(&w);
		seed_write_members(&w, seed_sections[SECTION_SCOPE].rows, parse(&a, cases[i].doc),
				   parse(&a, cases[i].stored), cases[i].skip);
		jsw_end_obj(&w);
		CHECK_STR(buf_str(&b), json_q(&a, cases[i].want));
	}
}

static void test_seed_json__flags_leave_members_out(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	const struct js *client = parse(&a, "{'clientId':'c','privateJwk':{'d':'x'}}");
	static const struct {
		unsigned skip;
		const char *want;
	} cases[] = {
		{ 0, "{'clientId':'c','privateJwk':{'d':'x'}}" },
		{ SEED_SECRET, "{'clientId':'c'}" },
		{ SEED_SECRET | SEED_KEY, "{}" },
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		struct buf b = BUF(&a);
		struct jsw w = JSW(&b);
		jsw_obj(&w);
		seed_write_members(&w, seed_sections[SECTION_CLIENT].rows, client, NULL, cases[i].skip);
		jsw_end_obj(&w);
		CHECK_STR(buf_str(&b), json_q(&a, cases[i].want));
	}
}

T_MAIN(cmocka_unit_test(test_seed_json__any_value_in_canonical_form),
       cmocka_unit_test(test_seed_json__members_of_a_table), cmocka_unit_test(test_seed_json__flags_leave_members_out))
