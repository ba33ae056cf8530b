#include "altinn2/internal.h"
#include "consent_world.h"

#define ID "aaaaaaaa-0000-4000-8000-000000000001"
#define MAPPING                                                                                                        \
	"{\"altinn2\":{\"services\":[{\"serviceCode\":\"4628\",\"serviceEditionCode\":210607,\"resource\":\"tax\","    \
	"\"metadataNames\":{\"Aar\":\"inntektsaar\"}}]}}"
#define EVENT(type, time)                                                                                              \
	"{\"ConsentEventType\":\"" type "\",\"DelegatedDateTime\":\"" time "\",\"EventLanguage\":1044}"
#define GIVEN EVENT("Accepted", "2024-02-01T10:00:00")

/* Members of a good row, each of which a case can replace. */
static const char *const good[][2] = {
	{ "AuthorizationRequestId", "\"" ID "\"" },
	{ "From", "\"" ELENA_UUID "\"" },
	{ "To", "\"" BANK_UUID "\"" },
	{ "HandledBy", "\"" SUPPLIER "\"" },
	{ "Created", "\"2024-01-31T09:00:00\"" },
	{ "ValidTo", "\"2040-01-31T09:00:00.000\"" },
	{ "RequestMessage", "{\"no-nb\":\"Hei\",\"en\":\"Hi\"}" },
	{ "RequestResources",
	  "[{\"ServiceCode\":\"4628\",\"ServiceEditionCode\":210607,\"Metadata\":{\"AAR\":\"2023\"},\"Read\":true}]" },
	{ "ConsentEvents", "[" GIVEN "]" },
};

/* member NULL: the good row; value NULL: without the member */
static struct str row(struct arena *a, const char *member, const char *value)
{
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	for (size_t i = 0; i < LEN(good); i++) {
		bool this = member && strcmp(member, good[i][0]) == 0;
		if (!this || value)
			jsw_kraw(&w, good[i][0], str_of(this ? value : good[i][1]));
	}
	jsw_end_obj(&w);
	return buf_str(&b);
}

static struct import_verdict take(struct world *w, struct str json, bool dry_run)
{
	struct import_verdict v = { 0 };
	CHECK_RC(altinn2_importer.take(&w->d, &w->a, &json, 1, dry_run, &v), RC_OK);
	return v;
}

static int open_world(void **state)
{
	if (world_setup(state) != 0)
		return -1;
	struct world *w = *state;
	bool changed;
	world_apply(w, STR(MAPPING));
	CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
	return 0;
}

static void test_altinn2_import__keeps_what_stands_in_the_row(void **state)
{
	struct world *w = *state;
	struct org_caller who = FROM_ORG(BANK);
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	CHECK(take(w, row(&w->a, NULL, NULL), true).state == IMPORT_TAKEN);
	CHECK(take(w, row(&w->a, NULL, NULL), false).state == IMPORT_TAKEN);
	CHECK(take(w, row(&w->a, NULL, NULL), true).state == IMPORT_STOOD);
	CHECK(take(w, row(&w->a, NULL, NULL), false).state == IMPORT_STOOD);
	struct uuid id;
	CHECK_RC(uuid_parse(STR(ID), &id), RC_OK);
	CHECK_RC(consent_show(&w->d, &w->a, id, &who, &c, &p), RC_OK);
	CHECK(c->status == ST_ACCEPTED && c->origin == ORIGIN_ALTINN2 && c->n_events == 2);
	CHECK_STR(c->from.value, STR(ELENA));
	CHECK_STR(c->handled_by.value, STR(SUPPLIER));
	CHECK_STR(c->rights->service, STR("4628_210607"));
	CHECK_STR(c->rights->metadata->key, STR("inntektsaar"));
	CHECK_STR(c->rights->metadata->value, STR("2023"));
	CHECK_STR(c->message_json, STR("{\"nb\":\"Hei\",\"en\":\"Hi\"}"));
	CHECK_STR(c->shown_language, STR("nb"));
	CHECK(c->answered == c->events[1].created);
}

static void test_altinn2_import__refuses_with_a_reason(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *member;
		const char *value;
		const char *code;
	} cases[] = {
		{ "AuthorizationRequestId", NULL, "id" },
		{ "AuthorizationRequestId", "7", "id" },
		{ "From", NULL, "party" },
		{ "From", "1", "party" },
		{ "From", "\"\"", "party" },
		{ "From", "\"" STRANGER "\"", "unknown-party" },
		{ "To", "\"aaaaaaaa-0000-4000-8000-00000000ffff\"", "unknown-party" },
		{ "To", "\"" ELENA "\"", "party" },
		{ "HandledBy", "\"" ELENA "\"", "party" },
		{ "Created", NULL, "time" },
		{ "Created", "\"2024-02-30T09:00:00\"", "time" },
		{ "ValidTo", "12", "time" },
		{ "RequestMessage", "{\"nb\":1}", "message" },
		{ "RequestMessage", "{\"nb\":\"a\",\"no-nb\":\"b\"}", "message" },
		{ "RequestResources", NULL, "resources" },
		{ "RequestResources", "[]", "resources" },
		{ "RequestResources", "[{}]", "service" },
		{ "RequestResources", "[{\"ServiceCode\":\"1\",\"ServiceEditionCode\":1}]", "unknown-service" },
		{ "RequestResources", "[{\"ServiceCode\":\"4628\",\"ServiceEditionCode\":210607,\"Metadata\":[]}]",
		  "metadata" },
		{ "ConsentEvents", "{}", "events" },
		{ "ConsentEvents", "[{}]", "event" },
		{ "ConsentEvents", "[" EVENT("Accepted", "2023-02-01T10:00:00") "]", "event-order" },
		{ "ConsentEvents", "[" EVENT("Revoked", "2024-02-01T10:00:00") "]", "event-order" },
		{ "ConsentEvents", "[" GIVEN "," EVENT("Rejected", "2024-02-02T10:00:00") "]", "event-order" },
		{ "ConsentEvents", "[1", "json" },
		{ "HandledBy", "null,\"handledby\":null", "json" },
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		struct import_verdict v = take(w, row(&w->a, cases[i].member, cases[i].value), false);
		CHECK(v.state == IMPORT_REFUSED);
		assert_string_equal(v.code, cases[i].code);
		CHECK(str_find(v.why, STR(STRANGER)) < 0);
	}
}

static void test_altinn2_import__limits(void **state)
{
	struct world *w = *state;
	for (size_t n = 999; n <= 1000; n++) {
		struct buf b = BUF(&w->a);
		buf_lit(&b, "[" GIVEN);
		for (size_t i = 1; i < n; i++)
			buf_lit(&b, "," EVENT("used", "2024-03-01T10:00:00Z"));
		buf_c(&b, ']');
		struct import_verdict v = take(w, row(&w->a, "ConsentEvents", buf_cstr(&b)), true);
		CHECK((v.state == IMPORT_REFUSED) == (n > 999));
	}
	for (size_t n = 100; n <= 101; n++) {
		struct buf b = BUF(&w->a);
		for (size_t i = 0; i < n; i++)
			buf_fmt(&b, "%c{\"ServiceCode\":4628,\"ServiceEditionCode\":\"210607\"}", i ? ',' : '[');
		buf_c(&b, ']');
		struct import_verdict v = take(w, row(&w->a, "RequestResources", buf_cstr(&b)), true);
		CHECK((v.state == IMPORT_REFUSED) == (n > 100));
	}
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_world, world_teardown)

__attribute__((constructor)) static void extension_add(void)
{
	seed_extend(altinn2_sections, ALTINN2_SECTIONS);
	registry_extend(&altinn2_part);
}

T_MAIN(CASE(test_altinn2_import__keeps_what_stands_in_the_row), CASE(test_altinn2_import__refuses_with_a_reason),
       CASE(test_altinn2_import__limits))
