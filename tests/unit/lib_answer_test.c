#include "../../lib/internal.h"
#include "lib_kit.h"

#define REQUEST                                                                                                        \
	"{'id':'r1','from':'urn:altinn:person:identifier-no:" GIVER "','status':'Created','viewUri':'https://x/'}"
#define EVENT_1 "{'consentRequestId':'r1','eventType':'Accepted','changedDate':'2026-05-28T20:26:40Z'}"
#define EVENT_2 "{'consentRequestId':7}"

static void test_answer__only_an_object_is_one(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "[]", "7", "null", "{", "{}x", "\"{}\"" };
	struct samtykke_answer *a = NULL;

	for (size_t i = 0; i < LEN(bad); i++)
		CHECK_SRC(answer_make(str_of(bad[i]), &a), SAMTYKKE_MALFORMED);
	CHECK(!a);
	CHECK_SRC(answer_make(STR("{}"), &a), SAMTYKKE_OK);
	CHECK(!samtykke_answer_id(a) && !samtykke_answer_from(a) && !samtykke_answer_status(a) &&
	      !samtykke_answer_view_uri(a));
	samtykke_answer_destroy(a);
	samtykke_answer_destroy(NULL);
}

static void test_answer__outlives_the_text_it_was_made_of(void **state)
{
	(void)state;
	struct arena arena = { 0 };
	struct samtykke_answer *a;
	struct str text = quoted(&arena, STR(REQUEST));

	CHECK_SRC(answer_make(text, &a), SAMTYKKE_OK);
	memset((char *)(uintptr_t)text.p, 'x', text.n);
	arena_finish(&arena);
	CHECK_Z(samtykke_answer_id(a), "r1");
	CHECK_Z(samtykke_answer_from(a), "urn:altinn:person:identifier-no:" GIVER);
	CHECK_Z(samtykke_answer_status(a), "Created");
	CHECK_Z(samtykke_answer_view_uri(a), "https://x/");
	CHECK_STR(str_of(samtykke_answer_json(a)), quoted(&a->arena, STR(REQUEST)));
	CHECK(samtykke_events_count(a) == 0 && !samtykke_events_cursor(a) && !samtykke_event_type(a, 0));
	samtykke_answer_destroy(a);
}

static void test_events__a_page_has_data_and_links(void **state)
{
	(void)state;
	static const char *const bad[] = { "[]",
					   "{}",
					   "{'data':[]}",
					   "{'links':{}}",
					   "{'data':{},'links':{}}",
					   "{'data':[],'links':[]}",
					   "{'data':null,'links':{}}" };
	struct arena arena CLEANUP(arena_finish) = { 0 };
	struct samtykke_answer *a = NULL;

	for (size_t i = 0; i < LEN(bad); i++)
		CHECK_SRC(events_make(quoted(&arena, str_of(bad[i])), STR("c"), &a), SAMTYKKE_MALFORMED);
	CHECK(!a);
}

static void test_events__members_of_each_event(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_finish) = { 0 };
	struct str page = quoted(&arena, STR("{'data':[" EVENT_1 "," EVENT_2 "],'links':{'next':'https://x/'}}"));
	struct samtykke_answer *a;

	CHECK_SRC(events_make(page, STR("c2"), &a), SAMTYKKE_OK);
	CHECK(samtykke_events_count(a) == 2 && samtykke_events_more(a));
	CHECK_Z(samtykke_events_cursor(a), "c2");
	CHECK_Z(samtykke_event_consent(a, 0), "r1");
	CHECK_Z(samtykke_event_type(a, 0), "Accepted");
	CHECK_Z(samtykke_event_time(a, 0), "2026-05-28T20:26:40Z");
	CHECK(!samtykke_event_consent(a, 1) && !samtykke_event_type(a, 1)); /* no text, and missing */
	CHECK(!samtykke_event_consent(a, 2) && !samtykke_event_time(a, SIZE_MAX));
	samtykke_answer_destroy(a);
}

static void test_events__an_empty_page_is_the_last(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_finish) = { 0 };
	struct samtykke_answer *a;

	CHECK_SRC(events_make(quoted(&arena, STR("{'data':[],'links':{'next':null}}")), STR_NONE, &a), SAMTYKKE_OK);
	CHECK(samtykke_events_count(a) == 0 && !samtykke_events_more(a) && !samtykke_events_cursor(a));
	samtykke_answer_destroy(a);
}

T_MAIN(cmocka_unit_test(test_answer__only_an_object_is_one),
       cmocka_unit_test(test_answer__outlives_the_text_it_was_made_of),
       cmocka_unit_test(test_events__a_page_has_data_and_links), cmocka_unit_test(test_events__members_of_each_event),
       cmocka_unit_test(test_events__an_empty_page_is_the_last))
