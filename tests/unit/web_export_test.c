#include <sqlite3.h>

#include "web_kit.h"

#define MAX 2500 /* agreements of one file */

static struct str export(struct browser *b, const char *query)
{
	return browser_get(b, export_get, PATH_EXPORT, str_of(query));
}

static struct consent *given(struct world *w, const struct draft *d)
{
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c = world_consent(w, d);
	CHECK_RC(consent_decide(&w->d, &w->a, c->id, &who, ST_ACCEPTED, STR("nb"), &c, &p), RC_OK);
	return c;
}

static const struct js *parsed(struct world *w, struct str json)
{
	const struct js *doc;
	CHECK_RC(js_parse(&w->a, json, &(struct js_opts){ .max_nodes = 100 * MAX }, &doc, NULL), RC_OK);
	return doc;
}

static struct str member(const struct js *o, const char *key)
{
	struct str s = STR_NONE;
	CHECK_RC(js_member_str(o, key, &s), RC_OK);
	return s;
}

/* Elena's agreements as CSV, after one to a lender whose name is this JSON text. */
static struct str csv_with_lender(struct world *w, struct browser *b, const char *name_json)
{
	bool changed, existed;
	struct draft d = draft_of(&w->a, "tax");
	struct org_caller who = FROM_ORG(LENDER);
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	world_apply(w, arena_fmt(&w->a,
				 "{\"parties\":[{\"type\":\"organization\",\"organizationNumber\":\"" LENDER
				 "\",\"name\":%s}]}",
				 name_json));
	CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
	d.to = ORG(LENDER);
	d.redirect_url = STR("https://lender.example/");
	d.view_mode = VIEW_SHOW;
	CHECK_RC(consent_create(&w->d, &w->a, &d, &who, &c, &existed, &p), RC_OK);
	*b = browser_of(w, w->elena, 4);
	return export(b, "format=csv&lng=en");
}

/* A receiver and a text that a spreadsheet would take for a formula, with quotes and a line end in them. */
static void test_export__no_formula_and_whole_records(void **state)
{
	struct browser b;
	struct str csv = csv_with_lender(*state, &b, "\"=HYPERLINK(\\\"x\\\")\"");
	assert_int_equal(b.res.status, 200);
	CHECK(str_starts(csv, STR("\xef\xbb\xbf\"Number\";\"Type\";\"Status\";\"Recipient\";")));
	CHECK(str_ends(csv, STR("\r\n")));
	assert_int_equal(occurrences(csv, "\r\n"), 2);
	CHECK(str_find(csv, STR(";\"'=hyperlink(\"\"x\"\")\";\"" LENDER "\";\"Title tax\";")) > 0);
	CHECK_STR(browser_answer_header(&b, "Content-Disposition"), STR("attachment; filename=\"agreements.csv\""));
	CHECK_STR(browser_answer_header(&b, "Cache-Control"), STR("no-store"));
}

/* A reader whose separator is the semicolon begins a cell in the middle of the name. */
static void test_export__no_formula_behind_a_semicolon(void **state)
{
	struct browser b;
	struct str csv = csv_with_lender(*state, &b, "\"Lender;=1;\\\"=2\"");
	CHECK(str_find(csv, STR(";\"Lender;'=1;\"\"'=2\";\"" LENDER "\";")) > 0);
}

static void test_export__each_state(void **state)
{
	struct world *w = *state;
	struct draft d[4] = { draft_of(&w->a, "tax"), draft_of(&w->a, "tax"), draft_of(&w->a, "once"),
			      draft_of(&w->a, "tax") };
	static const char *const want[] = { "rejected", "used", "revoked", "active" }; /* newest first */
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	struct problems p = PROBLEMS(&w->a);
	struct org_caller agency = FROM_ORG(AGENCY);
	struct use_event used;
	bool existed;
	(void)given(w, &d[0]);
	struct consent *c = given(w, &d[1]);
	CHECK_RC(consent_decide(&w->d, &w->a, c->id, &who, ST_REVOKED, STR("nb"), &c, &p), RC_OK);
	c = given(w, &d[2]);
	const struct use_report report = { .id = c->id, .resource = STR("once"), .reference = STR("17") };
	CHECK_RC(consent_use(&w->d, &w->a, &report, &agency, &used, &existed, &p), RC_OK);
	c = world_consent(w, &d[3]);
	CHECK_RC(consent_decide(&w->d, &w->a, c->id, &who, ST_REJECTED, STR("nb"), &c, &p), RC_OK);
	struct browser b = browser_of(w, w->elena, 4);
	struct str json = export(&b, "format=json");
	const struct js *doc = parsed(w, json), *list = js_get(doc, "agreements");
	size_t i = 0;
	assert_int_equal(list->n, LEN(want));
	JS_EACH(item, list)
		CHECK_STR(member(item, "state"), str_of(want[i++]));
	CHECK(str_find(json, STR("\"event\":\"used\"")) > 0 && str_find(json, STR("\"reference\":\"17\"")) > 0);
	assert_int_equal(occurrences(json, ELENA), 0);
	clock_set_offset(6 * CLOCK_DAY);
	doc = parsed(w, export(&b, "format=json"));
	clock_set_offset(0);
	list = js_get(doc, "agreements");
	assert_int_equal(list->n, LEN(want));
	for (i = 0; i < LEN(want); i++) {
		const struct js *item = js_at(list, (uint32_t)i);
		bool expired = str_find(item->raw, STR("\"event\":\"expired\"")) > 0;
		CHECK(expired ==
		      (i == 1 || i == 3)); /* what was used or ran out; who said no or withdrew need not hear it */
		CHECK(str_find(item->raw, STR("\"historyComplete\":true")) > 0);
	}
	CHECK_STR(member(js_at(list, 3), "state"), STR("expired"));
}

/* What somebody with a weaker login may not see on the details page is not in the file either. */
static void test_export__below_the_level(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "high");
	d.message_json = STR("{\"nb\":\"Hemmelig\"}");
	struct consent *c = given(w, &d);
	struct browser low = browser_of(w, w->elena, 3), b = browser_of(w, w->elena, 4);
	struct str json = export(&low, "format=json");
	CHECK(str_find(json, uuid_str(&w->a, c->id)) > 0);
	CHECK(str_find(json, STR("\"levelNeeded\":4")) > 0);
	assert_int_equal(occurrences(json, "Hemmelig") + occurrences(json, "\"history\"") +
				 occurrences(json, "\"metadata\""),
			 0);
	CHECK(str_ends(export(&low, "format=csv"), STR(";\"\";\"\";\"\"\r\n")));
	json = export(&b, "format=json");
	CHECK(str_find(json, STR("Hemmelig")) > 0 && str_find(json, STR("\"history\"")) > 0);
	assert_int_equal(occurrences(json, "levelNeeded"), 0);
}

/* One token more than are told. */
static void test_export__says_when_tokens_are_left_out(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct consent *c = given(w, &d);
	struct browser b = browser_of(w, w->elena, 4);
	for (int i = 0; i < 100; i++) {
		struct str guard = arena_fmt(&w->a, "%032d", i);
		struct token_row t = { .id = uuid_v4(),
				       .client_id = STR("c"),
				       .guard = guard,
				       .consumer = STR(BANK),
				       .scope = STR("s"),
				       .issued = clock_now(),
				       .expires = clock_now() + CLOCK_HOUR,
				       .guard_until = clock_now() + CLOCK_HOUR };
		world_token(w, c, &t);
		if (i == 99)
			CHECK(str_find(export(&b, "format=json"), STR("\"historyComplete\":true")) > 0);
		CHECK_RC(tokens_insert(w->store, &w->a, &t), RC_OK);
	}
	CHECK(str_find(export(&b, "format=json"), STR("\"historyComplete\":false")) > 0);
	CHECK(str_ends(export(&b, "format=csv"), STR("\"100+\";\"0\"\r\n")));
}

/* Copies of one agreement, straight into the store. */
static void copies(struct world *w, const struct consent *c, int n)
{
	sqlite3 *db;
	struct buf columns = BUF(&w->a), sql = BUF(&w->a);
	sqlite3_stmt *st;
	assert_int_equal(sqlite3_open(w->uri + strlen("sqlite:"), &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db, "SELECT name FROM pragma_table_info('consent') WHERE name NOT IN ('key', 'id')",
				   -1, &st, NULL),
		SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		buf_fmt(&columns, ", %s", (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	buf_fmt(&sql,
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
		"INSERT INTO consent (id%.*s) SELECT randomblob(16)%.*s FROM consent, n WHERE key = %lld",
		n, STR_FMT(buf_str(&columns)), STR_FMT(buf_str(&columns)), (long long)c->key);
	assert_int_equal(sqlite3_exec(db, buf_cstr(&sql), NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void test_export__one_more_than_a_file_holds(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct consent *c = given(w, &d);
	struct browser b = browser_of(w, w->elena, 4);
	struct reader *r CLEANUP(reader_closep) = NULL;
	CHECK_RC(reader_open(w->store, false, &r), RC_OK);
	CHECK_RC(consents_get(r, &w->a, c->id, false, &c, NULL), RC_OK);
	reader_close(r);
	r = NULL;
	copies(w, c, MAX - 1);
	const struct js *doc = parsed(w, export(&b, "format=json"));
	assert_int_equal(js_get(doc, "agreements")->n, MAX);
	CHECK(js_is(js_get(doc, "next"), JS_NULL) && !browser_answer_header(&b, "Link").p);
	copies(w, c, 1);
	doc = parsed(w, export(&b, "format=json"));
	assert_int_equal(js_get(doc, "agreements")->n, MAX);
	struct str next = member(doc, "next"), path, query;
	CHECK_STR(browser_answer_header(&b, "Link"), arena_fmt(&w->a, "<%.*s>; rel=\"next\"", STR_FMT(next)));
	CHECK(str_cut(next, '?', &path, &query));
	CHECK_STR(path, STR(PATH_EXPORT));
	doc = parsed(w, export(&b, arena_cstr(&w->a, query)));
	assert_int_equal(js_get(doc, "agreements")->n, 1);
	CHECK(js_is(js_get(doc, "next"), JS_NULL));
	struct str csv = export(&b, "format=csv&lng=en");
	assert_int_equal(occurrences(csv, "\r\n"), MAX + 2);
	CHECK(str_find(csv, arena_fmt(&w->a,
				      "\"There are more agreements. The rest is here: http://127.0.0.1:8080" PATH_EXPORT
				      "?format=csv&before=")) > 0);
}

/* Long messages: a file ends with the agreement that takes it past its bytes. */
static void test_export__of_as_many_bytes_as_a_file_holds(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct buf text = BUF(&w->a);
	struct browser b = browser_of(w, w->elena, 4);
	struct reader *r CLEANUP(reader_closep) = NULL;
	buf_lit(&text, "{\"nb\":\"");
	for (int i = 0; i < 3900; i++)
		buf_lit(&text, "aaaaaaaaaa");
	buf_lit(&text, "\"}");
	d.message_json = buf_str(&text);
	struct consent *c = given(w, &d);
	CHECK_RC(reader_open(w->store, false, &r), RC_OK);
	CHECK_RC(consents_get(r, &w->a, c->id, false, &c, NULL), RC_OK);
	reader_close(r);
	r = NULL;
	copies(w, c, 199);
	struct str json = export(&b, "format=json"), query, path;
	const struct js *doc = parsed(w, json);
	size_t n = js_get(doc, "agreements")->n;
	CHECK(n < 200 && json.n > 4 << 20 && json.n < (4 << 20) + 100000);
	CHECK(str_cut(member(doc, "next"), '?', &path, &query));
	doc = parsed(w, export(&b, arena_cstr(&w->a, query)));
	assert_int_equal(js_get(doc, "agreements")->n, 200 - n);
	CHECK(js_is(js_get(doc, "next"), JS_NULL));
}

T_MAIN(CASE(test_export__no_formula_and_whole_records), CASE(test_export__no_formula_behind_a_semicolon),
       CASE(test_export__each_state), CASE(test_export__below_the_level),
       CASE(test_export__says_when_tokens_are_left_out), CASE(test_export__of_as_many_bytes_as_a_file_holds),
       CASE(test_export__one_more_than_a_file_holds))
