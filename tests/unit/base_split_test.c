#include "t.h"

#include "base/split.h"

static const char *const names[] = { "Id", "Parts", NULL };

/* The values of the text, each behind '|' ("!" for one that is too long), then what ended it; fed in pieces. */
static struct str values(struct arena *a, const char *text, size_t piece)
{
	struct buf out = BUF(a);
	struct split s = { .max = 30, .members = names, .item = BUF(a) };
	struct str rest = str_of(text);
	while (rest.n) {
		enum split_got got;
		size_t n = split_feed(&s, str_span(rest.p, rest.n < piece ? rest.n : piece), &got);
		rest = str_span(rest.p + n, rest.n - n);
		if (got == SPLIT_FAULT) {
			buf_lit(&out, " fault");
			return buf_str(&out);
		}
		if (got != SPLIT_MORE)
			buf_c(&out, got == SPLIT_LARGE ? '!' : '|');
		if (got == SPLIT_ITEM)
			buf_add(&out, buf_str(&s.item));
	}
	buf_z(&out, split_end(&s) == RC_OK ? " end" : " cut");
	return buf_str(&out);
}

static void test_split__forms(void **state)
{
	static const struct {
		const char *text;
		const char *want;
	} cases[] = {
		{ "", " end" },
		{ " \n", " end" },
		{ "[]", " end" },
		{ "[ ] x", " fault" },
		{ "[{}]", "|{} end" },
		{ "[{\"a\":[1,{\"b\":\"]}\\\"{\"}]} , {}]\n", "|{\"a\":[1,{\"b\":\"]}\\\"{\"}]}|{} end" },
		{ "[{}", "|{} cut" },
		{ "[{}{}]", "|{} fault" },
		{ "[1]", " fault" },
		{ "null", " fault" },
		{ "]", " fault" },
		{ "{\"id\":1,\"x\":[2]}", "|{\"id\":1,\"x\":[2]} end" },
		{ "{\"PARTS\":[{}]}\n{\"y\":[{}]}\n", "|{\"PARTS\":[{}]}|{\"y\":[{}]} end" },
		{ "{\"n\":1,\"list\":[{},{}],\"more\":[{}]}", "|{}|{} end" },
		{ "{\"list\":[{}", "|{} cut" },
		{ "{\"id\":\"", " cut" },
	};
	struct arena a CLEANUP(arena_finish) = { 0 };
	(void)state;
	for (size_t i = 0; i < LEN(cases); i++)
		for (size_t piece = 1; piece < 40; piece += 4)
			CHECK_STR(values(&a, cases[i].text, piece), str_of(cases[i].want));
}

static void test_split__a_long_value_is_passed_over(void **state)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	(void)state;
	CHECK_STR(values(&a, "[{\"id\":\"456789012345678901234\"},{}]", 7),
		  STR("|{\"id\":\"456789012345678901234\"}|{} end"));
	CHECK_STR(values(&a, "[{\"id\":\"4567890123456789012345\"},{}]", 7), STR("!|{} end"));
	CHECK_STR(values(&a, "{\"id\":\"4567890123456789012345\"}\n{}", 7), STR("!|{} end"));
}

T_MAIN(cmocka_unit_test(test_split__forms), cmocka_unit_test(test_split__a_long_value_is_passed_over))
