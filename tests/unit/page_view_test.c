#include "t.h"

#include "page/view.h"

static void test_view__escapes_values(void **state)
{
	(void)state;
	struct arena a = { 0 };
	CHECK_STR(view_str(&a, "link.html", LANG_NB, FILLS({ "href", STR("/x?a=\"&") }, { "text", STR("<b>") }), NULL),
		  STR("<p class=\"on\"><a class=\"button\" href=\"/x?a=&quot;&amp;\">&lt;b&gt;</a></p>\n"));
	arena_finish(&a);
}

static void test_view__html_is_written_as_it_is(void **state)
{
	(void)state;
	struct arena a = { 0 };
	CHECK_STR(view_str(&a, "paragraph.html", LANG_NB, NULL, FILLS({ "text", STR("<b>&amp;</b>") })),
		  STR("<p><b>&amp;</b></p>\n"));
	CHECK_STR(view_str(&a, "paragraph.html", LANG_NB, FILLS({ "text", STR("a") }), FILLS({ "text", STR("<b>") })),
		  STR("<p>a</p>\n"));
	CHECK_STR(view_str(&a, "paragraph.html", LANG_NB, NULL, NULL), STR("<p></p>\n"));
	arena_finish(&a);
}

/* A value that looks like a hole, a placeholder or a message is a value. */
static void test_view__values_are_not_expanded(void **state)
{
	(void)state;
	struct arena a = { 0 };
	CHECK_STR(view_str(&a, "paragraph.html", LANG_NB,
			   FILLS({ "text", STR("@@text@@ {text} @@t:MENU@@") }, { "x", STR("no") }), NULL),
		  STR("<p>@@text@@ {text} @@t:MENU@@</p>\n"));
	arena_finish(&a);
}

static void test_view__messages(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct str nb = view_str(&a, "orgno.html", LANG_NB, FILLS({ "orgno", STR("<1>") }), NULL);
	struct str en = view_str(&a, "orgno.html", LANG_EN, FILLS({ "orgno", STR("<1>") }), NULL);
	CHECK(str_find(nb, STR("&lt;1&gt;")) > 0 && str_find(en, STR("org.no. &lt;1&gt;")) > 0);
	CHECK(!str_eq(nb, en));
	arena_finish(&a);
}

/* Every template can be taken apart, and names messages that there are. */
static void test_view__every_template(void **state)
{
	(void)state;
	struct arena a = { 0 };
	for (size_t i = 0; page_templates[i].name; i++)
		for (enum lang lang = 0; lang < LANG_SHIPPED; lang++) {
			struct str html = view_str(&a, page_templates[i].name, lang, NULL, NULL);
			if (str_find(html, STR("@@")) >= 0)
				fail_msg("%s", page_templates[i].name);
		}
	arena_finish(&a);
}

T_MAIN(cmocka_unit_test(test_view__escapes_values), cmocka_unit_test(test_view__html_is_written_as_it_is),
       cmocka_unit_test(test_view__values_are_not_expanded), cmocka_unit_test(test_view__messages),
       cmocka_unit_test(test_view__every_template))
