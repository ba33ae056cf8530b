#include "seed_kit.h"

/* What is not named is gone; and what must be named, must. */
static void test_seed_plan__whole_entries(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, WORLD));
	const struct seed_options whole = { .whole = true };
	CHECK_RC(kit_try(&k, json_q(&k.a, "{'scopes':[{'scope':'ttd:inntekt'}]}"), whole), RC_INVALID);
	CHECK_STR(buf_str(&k.report.faults), STR("scopes[0].owner: is required\n"));
	CHECK(!k.report.other_content);
	struct str json = json_q(&k.a, "{'scopes':[{'scope':'ttd:inntekt','owner':'991825827'}]}");
	CHECK_RC(kit_try(&k, json, whole), RC_OK);
	CHECK(str_find(kit_export(&k), json_q(&k.a, "{'scope':'ttd:inntekt','owner':'991825827','created':'")) > 0);
	json = json_q(&k.a, "{'resources':[" RESOURCE("1", ",'homepage':'x'") "]}");
	CHECK_RC(kit_try(&k, json, whole), RC_INVALID);
	CHECK(k.report.other_content && k.report.n_faults == 1);
	kit_close(&k);
}

/* Times of noon, as if no time had gone by since. */
static void line_add(struct buf *b, struct str line)
{
	for (size_t i = 0; i < line.n; i++) {
		if (!str_starts(str_span(line.p + i, line.n - i), STR("T12:"))) {
			buf_c(b, line.p[i]);
			continue;
		}
		buf_lit(b, "T12:00:00Z");
		while (i + 1 < line.n && line.p[i + 1] != '"')
			i++;
	}
	buf_c(b, '\n');
}

static struct str export_lines(struct kit *k, const char *const *starts)
{
	struct buf b = BUF(&k->a);
	struct str line, rest = kit_export(k);
	while (rest.n && str_next(&rest, '\n', &line))
		for (size_t i = 0; starts[i]; i++)
			if (str_starts(line, json_q(&k->a, starts[i])))
				line_add(&b, line);
	return buf_str(&b);
}

/* Times are made once, and kept by the documents that follow; a change of the entry makes its lastUpdated anew. */
static void test_seed_plan__times(void **state)
{
	(void)state;
#define AT(day) "'2026-01-0" day "T12:00:00Z'"
	static const char *const starts[] = { "{'scope':'ttd:inntekt'", "{'clientId':'c1'", "{'consumer':'810419512'",
					      NULL };
	static const struct {
		const char *day, *json, *want;
	} steps[] = {
		// clang-format off
		{ "2026-01-01T12:00:00Z", WORLD,
		  "{'scope':'ttd:inntekt','owner':'991825827','grants':['810419512'],'granted':{'810419512':" AT("1") "},'created':" AT("1") ",'lastUpdated':" AT("1") "}\n"
		  "{'clientId':'c1','orgno':'810419512','scopes':['ttd:inntekt'],'created':" AT("1") ",'lastUpdated':" AT("1") "}\n"
		  "{'consumer':'810419512','supplier':'810418192','scopes':['ttd:inntekt'],'created':" AT("1") "}\n" },
		{ "2026-01-02T12:00:00Z", WORLD, NULL },
		{ "2026-01-02T12:00:00Z", "{'clients':[{'clientId':'c1','created':null,'lastUpdated':null}],'scopes':[{'scope':'ttd:inntekt','granted':null}]}", NULL },
		{ "2026-01-03T12:00:00Z", "{'scopes':[{'scope':'ttd:inntekt','grants':['974761076','810419512','810419512']}],'clients':[{'clientId':'c1','name':'N'}],"
		  "'delegations':[{'consumer':'810419512','supplier':'810418192','scopes':[]}]}",
		  "{'scope':'ttd:inntekt','owner':'991825827','grants':['974761076','810419512','810419512'],"
		  "'granted':{'810419512':" AT("1") ",'974761076':" AT("3") "},'created':" AT("1") ",'lastUpdated':" AT("3") "}\n"
		  "{'clientId':'c1','orgno':'810419512','name':'N','scopes':['ttd:inntekt'],'created':" AT("1") ",'lastUpdated':" AT("3") "}\n"
		  "{'consumer':'810419512','supplier':'810418192','scopes':[],'created':" AT("1") "}\n" },
		{ "2026-01-04T12:00:00Z", "{'scopes':[{'scope':'ttd:inntekt','grants':[]}],'clients':[{'clientId':'c1','created':" AT("2") ",'lastUpdated':" AT("2") "}]}",
		  "{'scope':'ttd:inntekt','owner':'991825827','grants':[],'created':" AT("1") ",'lastUpdated':" AT("4") "}\n"
		  "{'clientId':'c1','orgno':'810419512','name':'N','scopes':['ttd:inntekt'],'created':" AT("2") ",'lastUpdated':" AT("2") "}\n"
		  "{'consumer':'810419512','supplier':'810418192','scopes':[],'created':" AT("1") "}\n" },
		// clang-format on
	};
#undef AT
	struct kit k;
	struct str was = STR_NONE;
	kit_open(&k, STORE_SANDBOX);
	for (size_t i = 0; i < LEN(steps); i++) {
		int64_t at;
		CHECK_RC(clock_parse(str_of(steps[i].day), &at), RC_OK);
		clock_set_offset(at - clock_real());
		kit_apply(&k, json_q(&k.a, steps[i].json));
		assert_int_equal(k.report.n_changes > 0, steps[i].want != NULL);
		struct str got = export_lines(&k, starts);
		CHECK_STR(got, steps[i].want ? json_q(&k.a, steps[i].want) : was);
		was = got;
	}
	clock_set_offset(0);
	kit_close(&k);
}

static void test_seed_plan__lists_replace(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	kit_apply(&k, json_q(&k.a, WORLD));
	kit_apply(&k, json_q(&k.a, "{'scopes':[{'scope':'ttd:inntekt','grants':['974761076']}]}"));
	CHECK(str_find(kit_export(&k), json_q(&k.a, "'grants':['974761076']")) > 0);
	kit_apply(&k, json_q(&k.a, "{'scopes':[{'scope':'ttd:inntekt','description':null,'grants':[]}]}"));
	CHECK(str_find(kit_export(&k), json_q(&k.a, "'grants':[]")) > 0);
	kit_close(&k);
}

static void test_seed_plan__deactivated_and_back(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	struct str here = json_q(&k.a, "{'clients':[{'clientId':'c1','lastUpdated':'2026-12-01T00:00:00Z'}]}");
	kit_apply(&k, json_q(&k.a, WORLD));
	kit_apply(&k, here);
	struct str before = kit_export(&k);
	kit_apply(&k, json_q(&k.a, "{'clients':[{'clientId':'c1','state':'absent'}]}"));
	CHECK(str_find(kit_export(&k), json_q(&k.a, "'state':'absent'")) > 0);
	kit_apply(&k, here);
	CHECK_STR(buf_str(&k.report.changes), STR("+ client c1\n"));
	CHECK_STR(kit_export(&k), before);
	kit_close(&k);
}

static void test_seed_plan__private_jwk(void **state)
{
	(void)state;
	struct kit k;
	kit_open(&k, STORE_SANDBOX);
	CHECK_RC(kit_try(&k, seed_sandbox(), (struct seed_options){ .sandbox = false }), RC_INVALID);
	CHECK_STR(buf_str(&k.report.faults),
		  STR("clients[0].privateJwk: is for the sandbox only\nclients[1].privateJwk: is for the sandbox only\n"
		      "clients[2].privateJwk: is for the sandbox only\n"
		      "clients[3].privateJwk: is for the sandbox only\n"));
	struct str fixed = STR("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"rfc8037\","
			       "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
			       "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}");
	struct str json = arena_fmt(&k.a,
				    "{\"clients\":[{\"clientId\":\"c\",\"orgno\":\"810419512\",\"jwks\":{\"keys\":[]},"
				    "\"privateJwk\":%.*s}]}",
				    STR_FMT(fixed));
	CHECK_RC(kit_try(&k, json, (struct seed_options){ .sandbox = true }), RC_INVALID);
	CHECK_STR(buf_str(&k.report.faults), STR("clients[0].privateJwk: is of no key in jwks\n"));

	kit_apply(&k, seed_sandbox());
	kit_apply(
		&k,
		STR("{\"clients\":[{\"clientId\":\"5f1d8a52-7c0e-4b7a-9d57-2f6a3c1e8b01\",\"jwks\":{\"keys\":[]}}]}"));
	kit_apply(&k, kit_export(&k)); /* the private key went with its public half */
	assert_int_equal(k.report.n_changes, 0);
	kit_close(&k);
}

/* = RFC 7517 4: "Additional members can be present in the JWK; if not understood by implementations encountering them,
 * they MUST be ignored." */
static void test_seed_plan__unknown_members_of_keys(void **state)
{
	(void)state;
	struct kit k;
	const char *key = "'alg':'RS256','e':'AQAB','kid':'k','kty':'RSA','n':'" KEY_N "'";
	kit_open(&k, STORE_SANDBOX);
	struct str json = arena_fmt(&k.a, CLIENT("[{'z':'%0*d','exp':1,'oops':{'kty':['x']},%s}]"), 60000, 0, key);
	kit_apply(&k, json_q(&k.a, arena_cstr(&k.a, json)));
	struct str out = kit_export(&k), want = arena_fmt(&k.a, "'keys':[{%s}]", key);
	CHECK(str_find(out, json_q(&k.a, arena_cstr(&k.a, want))) > 0);
	CHECK(str_find(out, STR("oops")) < 0 && out.n < 2000);
	kit_apply(&k, out);
	assert_int_equal(k.report.n_changes, 0);
	kit_close(&k);
}

/* ---- bytes of an entry ---- */

/* A text of n quotation marks takes 2n bytes. */
static void quotes(struct buf *b, size_t n)
{
	char *p = arena_alloc(b->a, n + 1);
	memset(p, '"', n);
	buf_json(b, str_span(p, n));
}

static void redirects(struct buf *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_c(b, i ? ',' : '[');
		quotes(b, SEED_MAX_URL / 2);
	}
	buf_c(b, ']');
}

static void client_make(struct buf *b, size_t pad)
{
	buf_add(b, json_q(b->a, "{'clients':[{'clientId':'c','orgno':'810419512','jwks':"));
	key_set_write(b, 3, 43000);
	buf_add(b, json_q(b->a, arena_cstr(b->a, arena_fmt(b->a, ",'description':'%0*d'}]}", (int)pad, 0))));
}

static void resource_make(struct buf *b, size_t pad)
{
	struct buf more = BUF(b->a);
	buf_fmt(&more, ",'homepage':'%0*d'", (int)pad, 0);
	struct str r = arena_fmt(b->a, "{'resources':[" RESOURCE("1", "%s") "]}", buf_cstr(&more));
	r = json_q(b->a, arena_cstr(b->a, r));
	buf_raw(b, r.p, r.n - 3);
	buf_lit(b, ",\"policyXml\":");
	quotes(b, 261100);
	buf_lit(b, "}]}");
}

static void template_make(struct buf *b, size_t pad)
{
	static const char *const members[] = { "expiration",      "expirationOneTime",          "handledBy",
					       "historyUsedBody", "historyUsedByHandledByBody", "titleAccepted" };
	static const char *const given[] = { "title", "heading", "serviceIntro", "serviceIntroAccepted" };
	struct buf text = BUF(b->a);
	quotes(&text, SEED_MAX_TEXT - 200);
	const char *q = buf_cstr(&text);
	buf_lit(b, "{\"templates\":[{\"id\":\"t\",\"title\":\"x\",\"texts\":{");
	for (size_t i = 0; i < LEN(members); i++)
		buf_fmt(b, "\"%s\":{\"nb\":%s,\"nn\":%s,\"en\":%s,\"se\":%s},", members[i], q, q, q, q);
	for (size_t i = 0; i < LEN(given); i++)
		buf_fmt(b, "\"%s\":{\"person\":{\"nb\":\"x\"},\"org\":{\"nb\":\"x\"}},", given[i]);
	buf_fmt(b, "\"overriddenDelegationContext\":{\"nb\":%s,\"nn\":%s,\"en\":\"%0*d\"}}}]}", q, q, (int)pad, 0);
}

static void service_make(struct buf *b, size_t pad)
{
	buf_lit(b,
		"{\"extra\":{\"services\":[{\"serviceCode\":\"1\",\"serviceEditionCode\":1,\"resource\":\"r\",\"srr\":[");
	for (int i = 0; i < 42; i++) {
		buf_lit(b, "{\"orgno\":\"810419512\",\"allowedRedirectDomains\":");
		redirects(b, i < 41 ? SEED_MAX_REDIRECTS : 86);
		buf_lit(b, "},");
	}
	buf_fmt(b, "{\"orgno\":\"810419512\",\"allowedRedirectDomains\":[\"%0*d\"]}]}]}}", (int)pad, 0);
}

/* The bytes of the document's entry as it would be stored. */
static size_t stored_bytes(void (*make)(struct buf *b, size_t pad), size_t pad, struct str *fault_out, struct arena *a)
{
	struct buf b = BUF(a);
	struct seed_doc d;
	struct seed_report report;
	const struct seed_options o = { .sandbox = true };
	make(&b, pad);
	seed_doc_init(&d, a, &o, &report);
	d.now = STR("2026-12-01T00:00:00Z"); /* of one length */
	seed_check(&d, buf_str(&b));
	CHECK_STR(buf_str(&report.faults), STR(""));
	seed_plan(&d);
	*fault_out = buf_str(&report.faults);
	return d.first->body.n;
}

static void test_seed_plan__bytes_of_an_entry(void **state)
{
	(void)state;
	static const struct {
		void (*make)(struct buf *b, size_t pad);
		size_t max;
		const char *fault;
	} rows[] = {
		{ client_make, SEED_BYTES_CLIENT, "clients[0]: has more than 131072 bytes\n" },
		{ resource_make, SEED_BYTES_RESOURCE, "resources[0]: has more than 524288 bytes\n" },
		{ template_make, SEED_BYTES_TEMPLATE, "templates[0]: has more than 1048576 bytes\n" },
		{ service_make, SEED_BYTES_ENTRY, "extra.services[0]: has more than 8388608 bytes\n" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct str fault;
		size_t least = stored_bytes(rows[i].make, 1, &fault, &a);
		if (least > rows[i].max)
			fail_msg("%s: %zu too many", rows[i].fault, least - rows[i].max);
		size_t pad = 1 + rows[i].max - least;
		assert_int_equal(stored_bytes(rows[i].make, pad, &fault, &a), rows[i].max);
		CHECK_STR(fault, STR(""));
		stored_bytes(rows[i].make, pad + 1, &fault, &a);
		CHECK_STR(fault, str_of(rows[i].fault));
	}
}

T_MAIN(cmocka_unit_test(test_seed_plan__unknown_members_of_keys), cmocka_unit_test(test_seed_plan__bytes_of_an_entry),
       cmocka_unit_test(test_seed_plan__whole_entries), cmocka_unit_test(test_seed_plan__lists_replace),
       cmocka_unit_test(test_seed_plan__times), cmocka_unit_test(test_seed_plan__deactivated_and_back),
       cmocka_unit_test(test_seed_plan__private_jwk))
