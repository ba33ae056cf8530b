#include "seed_kit.h"

#define BANK_URN "urn:altinn:organization:identifier-no:810419512"
#define ELENA_URN "urn:altinn:person:identifier-no:01025161013"
#define BANK "{'type':'organization','organizationNumber':'810419512'"
#define ELENA "{'type':'person','nationalId':'01025161013'"
#define UUID_1 "00000000-0000-4000-8000-000000000001"
#define UUID_2 "00000000-0000-4000-8000-000000000002"

static const struct {
	const char *json, *faults;
} cases[] = {
	// clang-format off
	{ "{'parties':[" BANK "}," BANK "}]}", "parties[1]: is named twice\n" },
	{ "{'parties':[" BANK ",'uuid':'" UUID_1 "'}," ELENA ",'uuid':'" UUID_1 "'}]}",
	  "parties[1].uuid: belongs to another party\n" },
	{ "{'parties':[" BANK ",'partyId':5}," ELENA ",'partyId':5}]}", "parties[1].partyId: belongs to another party\n" },
	{ "{'parties':[" BANK ",'partyId':5}," ELENA ",'userId':5}]}", "" }, /* two kinds of numbers */
	{ "{'parties':[" BANK ",'parent':'" BANK_URN "'}]}", "parties[0].parent: must be another organisation\n" },
	{ "{'parties':[" ELENA "}," BANK ",'parent':'" ELENA_URN "'}]}",
	  "parties[1].parent: must be another organisation\n" },
	{ "{'parties':[" BANK ",'parent':'urn:altinn:organization:identifier-no:991825827'}]}",
	  "parties[0].parent: no such party\n" },
	{ "{'parties':[" BANK ",'parent':'urn:altinn:organization:identifier-no:991825827'},"
	  "{'type':'organization','organizationNumber':'991825827'}]}", "" }, /* the parent may come later */
	{ "{'parties':[" BANK "}],'roles':[{'party':'" BANK_URN "','holder':'" ELENA_URN "','role':'urn:altinn:rolecode:dagl'}]}",
	  "roles[0].holder: no such party\n" },
	{ "{'parties':[" BANK "}," ELENA "}],'roles':[{'party':'" BANK_URN "','holder':'" ELENA_URN "','role':'urn:altinn:rolecode:a'},"
	  "{'party':'" BANK_URN "','holder':'" ELENA_URN "','role':'urn:altinn:rolecode:b'},"
	  "{'party':'" BANK_URN "','holder':'" ELENA_URN "','role':'urn:altinn:rolecode:a'}]}", "roles[2]: is named twice\n" },
	{ "{'parties':[" BANK "}," ELENA "}],'rights':[{'party':'" BANK_URN "','holder':'" ELENA_URN "','resource':'r','actions':['a']},"
	  "{'party':'" BANK_URN "','holder':'" ELENA_URN "','resource':'r','actions':['b']}]}", "rights[1]: is named twice\n" },
	// clang-format on
};

static bool is_party_fault(struct str line)
{
	return !str_ends(line, STR("no such resource"));
}

static void test_seed_party__faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct seed_report report;
		const struct seed_options o = { .sandbox = true };
		(void)!seed_validate(&a, json_q(&a, cases[i].json), &o, &report);
		struct buf got = BUF(&a);
		struct str line, rest = buf_str(&report.faults);
		while (rest.n && str_next(&rest, '\n', &line))
			if (line.n && is_party_fault(line))
				buf_fmt(&got, "%.*s\n", STR_FMT(line));
		CHECK_STR(buf_str(&got), str_of(cases[i].faults));
	}
}

/* Each step applies a document to the result of the step before. */
static void test_seed_party__changes(void **state)
{
	(void)state;
	static const struct {
		const char *json, *changes;
		const char *faults;
	} steps[] = {
		// clang-format off
		{ "{'parties':[" BANK ",'name':'B'}," ELENA "}]}", "+ party 810419512\n+ party 01025161013\n", "" },
		{ "{'parties':[" BANK "}]}", "", "" }, /* a name that is not named stays */
		{ "{'parties':[" BANK ",'name':'C'}]}", "~ party 810419512\n", "" },
		{ "{'roles':[{'party':'" BANK_URN "','holder':'" ELENA_URN "','role':'urn:altinn:rolecode:dagl'}]}",
		  "+ role 810419512 01025161013 urn:altinn:rolecode:dagl\n", "" },
		{ "{'roles':[{'party':'" BANK_URN "','holder':'" ELENA_URN "','role':'urn:altinn:rolecode:dagl'}]}", "", "" },
		/* two names of one role, in any letter case */
		{ "{'roles':[{'party':'" BANK_URN "','holder':'" ELENA_URN "','role':'urn:altinn:external-role:ccr:daglig-leder'}]}", "", "" },
		{ "{'roles':[{'party':'" BANK_URN "','holder':'" ELENA_URN "','role':'urn:altinn:rolecode:DAGL'}]}", "", "" },
		{ "{'roles':[{'party':'" BANK_URN "','holder':'" ELENA_URN "','role':'urn:altinn:external-role:ccr:Forretningsforer'}]}",
		  "+ role 810419512 01025161013 urn:altinn:rolecode:ffør\n", "" },
		{ "{'roles':[{'party':'" BANK_URN "','holder':'" ELENA_URN "','role':'urn:altinn:rolecode:FFØR','state':'absent'}]}",
		  "- role 810419512 01025161013 urn:altinn:rolecode:ffør\n", "" },
		{ "{'roles':[{'party':'" BANK_URN "','holder':'" ELENA_URN "','role':'urn:altinn:rolecode:lede'},"
		  "{'party':'" BANK_URN "','holder':'" ELENA_URN "','role':'urn:altinn:external-role:ccr:styreleder'}]}", "",
		  "roles[1]: is named twice\n" },
		{ "{'parties':[{'nationalId':'01025161013','state':'absent'}]}", "", "parties[0]: holds roles or rights\n" },
		{ "{'parties':[{'organizationNumber':'810419512','state':'absent'}]}", "",
		  "parties[0]: roles or rights for it are held\n" },
		{ "{'parties':[{'nationalId':'01025161013','state':'absent'}],"
		  "'roles':[{'party':'" BANK_URN "','holder':'" ELENA_URN "','role':'urn:altinn:rolecode:dagl','state':'absent'}]}",
		  "- role 810419512 01025161013 urn:altinn:rolecode:dagl\n- party 01025161013\n", "" },
		{ "{'parties':[{'nationalId':'01025161013','state':'absent'}]}", "", "" }, /* it is not there */
		{ "{'parties':[{'type':'organization','organizationNumber':'991825827','parent':'" BANK_URN "'}]}",
		  "+ party 991825827\n", "" },
		{ "{'parties':[{'organizationNumber':'810419512','state':'absent'}]}", "",
		  "parties[0]: is the parent of another party\n" },
		// clang-format on
	};
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	for (size_t i = 0; i < LEN(steps); i++) {
		enum rc rc = kit_try(&k, json_q(&k.a, steps[i].json), (struct seed_options){ .sandbox = true });
		CHECK_STR(buf_str(&k.report.faults), str_of(steps[i].faults));
		CHECK_RC(rc, steps[i].faults[0] ? RC_INVALID : RC_OK);
		CHECK_STR(buf_str(&k.report.changes), str_of(steps[i].changes));
	}
	kit_close(&k);
}

static void test_seed_party__actions_of_a_right_are_replaced(void **state)
{
	(void)state;
	static const struct {
		const char *actions, *changes;
	} steps[] = {
		// clang-format off
		{ "'actions':['consent','read']", "+ right 810419512 01025161013 ttd_r/consent\n+ right 810419512 01025161013 ttd_r/read\n" },
		{ "'actions':['read','write']", "- right 810419512 01025161013 ttd_r/consent\n+ right 810419512 01025161013 ttd_r/write\n" },
		{ "'state':'absent'", "- right 810419512 01025161013 ttd_r/read\n- right 810419512 01025161013 ttd_r/write\n" },
		// clang-format on
	};
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, "{'parties':[" BANK "}," ELENA "}],'resources':[" RESOURCE("1", "") "]}"));
	for (size_t i = 0; i < LEN(steps); i++) {
		struct str json = arena_fmt(
			&k.a, "{'rights':[{'party':'" BANK_URN "','holder':'" ELENA_URN "','resource':'ttd_r',%s}]}",
			steps[i].actions);
		kit_apply(&k, json_q(&k.a, arena_cstr(&k.a, json)));
		size_t want = str_of(steps[i].changes).n;
		struct str got = buf_str(&k.report.changes), line, rest = str_of(steps[i].changes);
		assert_int_equal(got.n, want); /* the store orders the rows that a change removes */
		while (rest.n && str_next(&rest, '\n', &line))
			CHECK(!line.n || str_find(got, line) >= 0);
	}
	kit_close(&k);
}

static void test_seed_party__found_by_every_urn(void **state)
{
	(void)state;
	static const struct {
		const char *urn, *ident;
	} rows[] = {
		{ BANK_URN, "810419512" },
		{ ELENA_URN, "01025161013" },
		{ "urn:altinn:party:uuid:" UUID_1, "810419512" },
		{ "urn:altinn:party:id:50", "810419512" },
		{ "urn:altinn:party:id:51", NULL },
		{ "urn:altinn:party:uuid:" UUID_2, NULL },
	};
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, "{'parties':[" BANK ",'uuid':'" UUID_1 "','partyId':50}," ELENA "}]}"));
	CLEANUP(reader_closep) struct reader *r = NULL;
	struct seed_report report;
	struct seed_doc d;
	seed_doc_init(&d, &k.a, &(struct seed_options){ 0 }, &report);
	CHECK_RC(reader_open(k.store, true, &r), RC_OK);
	d.reader = r;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct seed_party *p = NULL;
		struct urn u;
		CHECK_RC(urn_parse(&k.a, str_of(rows[i].urn), &u), RC_OK);
		CHECK_RC(seed_party_find(&d, u, &p), RC_OK);
		CHECK_STR(p ? p->stored.ident : STR_NONE, str_of(rows[i].ident));
	}
	reader_close(r);
	r = NULL;
	kit_close(&k);
}

T_MAIN(cmocka_unit_test(test_seed_party__faults), cmocka_unit_test(test_seed_party__changes),
       cmocka_unit_test(test_seed_party__actions_of_a_right_are_replaced),
       cmocka_unit_test(test_seed_party__found_by_every_urn))
