#include "web_kit.h"

#include "web/list_filter_internal.h"

static const struct filter_option options[] = {
	{ "", MSG_FILTER_ALL, 0 },
	{ "pending", MSG_LIST_PENDING, 1 },
	{ "ended", MSG_LIST_ENDED, 4 },
};

static struct pair *pairs(struct world *w, const char *query)
{
	struct pair *list;
	CHECK_RC(url_pairs(&w->a, str_of(query), &list), RC_OK);
	return list;
}

static void test_list_filter__options(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		size_t want;
	} rows[] = { { "", 0 }, { NULL, 0 }, { "pending", 1 }, { "ended", 2 }, { "Ended", 0 }, { "x", 0 } };
	for (size_t i = 0; i < LEN(rows); i++)
		assert_int_equal(filter_option_find(options, LEN(options), str_of(rows[i].value)), rows[i].want);
}

static void test_list_filter__parameters(void **state)
{
	struct world *w = *state;
	CHECK_STR(filter_param(pairs(w, "q=%20%09bank+as%20"), "q"), STR("bank as"));
	CHECK(!filter_param(pairs(w, "x=1"), "q").p);
	CHECK(!filter_param(NULL, "q").p);
}

/* Anything but a cursor of ours stands for the first page. */
static void test_list_filter__cursor(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *query;
		int64_t want;
	} rows[] = {
		{ "before=7", 7 },
		{ "before=9223372036854775807", INT64_MAX },
		{ "before=9223372036854775808", 0 },
		{ "before=18446744073709551616", 0 },
		{ "before=-1", 0 },
		{ "before=x", 0 },
		{ "before=", 0 },
		{ "", 0 },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		CHECK(filter_before(pairs(w, rows[i].query)) == rows[i].want);
}

static void test_list_filter__keeps_text_choice_and_party(void **state)
{
	struct world *w = *state;
	struct browser b = browser_of(w, w->elena, 4);
	struct http_req req = browser_req(&b, HTTP_GET, PATH_LOG, STR_NONE);
	struct page p = page_of(&req, &b.res);
	struct party_choice choice = { .party = w->bank };
	const struct list_filter filter = { .path = STR(PATH_LOG),
					    .search = MSG_LOG_SEARCH,
					    .text = STR("a\"b"),
					    .options = options,
					    .n = LEN(options),
					    .chosen = 2 };
	struct str html = list_filter_html(&p, &choice, &filter);
	assert_int_equal(occurrences(html, "value=\"a&quot;b\""), 1);
	assert_int_equal(occurrences(html, "<option "), 3);
	assert_int_equal(occurrences(html, "value=\"ended\" selected"), 1);
	assert_int_equal(occurrences(html, "value=\"" BANK_UUID "\""), 1);
	choice.is_self = true;
	assert_int_equal(occurrences(list_filter_html(&p, &choice, &filter), BANK_UUID), 0);
}

T_MAIN(cmocka_unit_test(test_list_filter__options), CASE(test_list_filter__parameters), CASE(test_list_filter__cursor),
       CASE(test_list_filter__keeps_text_choice_and_party))
