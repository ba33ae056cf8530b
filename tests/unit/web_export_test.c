#include <sqlite3.h>

#include "web_kit.h"

#define MAX 10000 /* agreements of one file */

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

/* A receiver and a text that a spreadsheet would take for a formula, with quotes and a line end in them. */
static void test_export__no_formula_and_whole_records(void **state)
{
	struct world *w = *state;
	bool changed;
	world_apply(w, STR("{\"parties\":[{\"type\":\"organization\",\"organizationNumber\":\"" LENDER
			   "\",\"name\":\"=HYPERLINK(\\\"x\\\")\"}]}"));
	CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
	struct draft d = draft_of(&w->a, "tax");
	struct org_caller who = FROM_ORG(LENDER);
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	bool existed;
	d.to = ORG(LENDER);
	d.redirect_url = STR("https://lender.example/");
	d.view_mode = VIEW_SHOW;
	CHECK_RC(consent_create(&w->d, &w->a, &d, &who, &c, &existed, &p), RC_OK);
	struct browser b = browser_of(w, w->elena, 4);
	struct str csv = export(&b, "format=csv&lng=en");
	assert_int_equal(b.res.status, 200);
	CHECK(str_starts(csv, STR("\"Number\",\"Kind\",\"Status\",\"Receiver\",")));
	CHECK(str_ends(csv, STR("\r\n")));
	assert_int_equal(occurrences(csv, "\r\n"), 2);
	CHECK(str_find(csv, STR(",\"'=hyperlink(\"\"x\"\")\",\"" LENDER "\",\"Title tax\",")) > 0);
	CHECK_STR(browser_answer_header(&b, "Content-Disposition"), STR("attachment; filename=\"agreements.csv\""));
	CHECK_STR(browser_answer_header(&b, "Cache-Control"), STR("no-store"));
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
	JS_EACH(later, js_get(doc, "agreements"))
		if (!later->next)
			CHECK_STR(member(later, "state"), STR("expired"));
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
}

T_MAIN(CASE(test_export__no_formula_and_whole_records), CASE(test_export__each_state),
       CASE(test_export__one_more_than_a_file_holds))
