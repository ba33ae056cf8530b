#include "cli/receipt_internal.h"
#include "t.h"

static void test_receipt__text_of_others_cannot_control_the_terminal(void **state)
{
	(void)state;
	static const struct {
		const char *text, *line, *lines;
	} t[] = {
		{ "Lån på 9 %", "Lån på 9 %", "Lån på 9 %" },
		{ "a\033[31mb", "a[31mb", "a[31mb" },
		{ "a\nb\r\n", "ab", "a\nb\n" },
		{ "a\tb\x7f", "ab", "ab" },
		{ "a\xc2\x9b"
		  "31mb",
		  "a31mb", "a31mb" }, /* CSI as one C1 character */
		{ "a\xc2\xa0"
		  "b",
		  "a\xc2\xa0"
		  "b",
		  "a\xc2\xa0"
		  "b" }, /* a hard space is no control character */
		{ "a\xe2\x80\xae"
		  "b",
		  "ab", "ab" }, /* right-to-left override */
		{ "\xe2\x82\xac", "\xe2\x82\xac", "\xe2\x82\xac" },
		{ "", "", "" },
	};
	struct arena a = { 0 };
	for (size_t i = 0; i < LEN(t); i++) {
		CHECK_STR(receipt_text(&a, str_of(t[i].text), false), str_of(t[i].line));
		CHECK_STR(receipt_text(&a, str_of(t[i].text), true), str_of(t[i].lines));
	}
	arena_finish(&a);
}

T_MAIN(cmocka_unit_test(test_receipt__text_of_others_cannot_control_the_terminal))
