#include "t.h"
#include "text/text.h"

static void test_plain__table(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	static const struct {
		const char *html, *want;
	} rows[] = {
		{ "", "" },
		{ "<p>a</p>", "a" },
		{ "<p>a\nb  c</p>\n<p>d</p>\n", "a b c\n\nd" },
		{ "<p class=\"sk-heading\">H &amp; &lt;b&gt; &quot;x&quot; &#39;y&#39;</p>", "H & <b> \"x\" 'y'" },
		{ "&amp;lt; &eacute; & &", "&lt; &eacute; & &" },
		{ "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<p>c</p>", "- a\n- b\n\nc" },
		{ "<ul class=\"sk-rights\">\n<li><strong class=\"sk-title\" "
		  "lang=\"nb\">T</strong><div><p>x</p></div></li>\n</ul>",
		  "- T\n\nx" },
		{ "<ol><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ol><ul><li>e</li></ul>",
		  "1. a\n2. b\n- c\n\n3. d\n\n- e" },
		{ "a <strong>b</strong> c <em>d</em><br>e", "a b c d\ne" },
		{ "<a href=\"https://x.example/?a=1&amp;b=2\">x</a>", "x" },
		{ "<p>a</p><span class=\"sk-zone\">norsk tid</span>", "a\n\n(norsk tid)" },
		{ "1 < 2", "1 < 2" },
		{ "<", "<" },
		{ "æøå – Đ", "æøå – Đ" },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		CHECK_STR(text_plain(&a, str_of(rows[i].html)), str_of(rows[i].want));
}

/* What we make of somebody's Markdown is read back as they wrote it. */
static void test_plain__of_our_markdown(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct buf b = BUF(&a);
	CHECK_RC(buf_markdown(&b,
			      STR("Inntekt for **{year}**:\n\n- lønn <b>x</b>\n- *pensjon* & "
				  "<script>\n\n[les](https://a.no)"),
			      (const struct fill[]){ { "year", STR("<2025>") }, { 0 } }),
		 RC_OK);
	CHECK_STR(text_plain(&a, buf_str(&b)), STR("Inntekt for <2025>:\n\n- lønn x\n- pensjon & <script>\n\nles"));
}

T_MAIN(cmocka_unit_test(test_plain__table), cmocka_unit_test(test_plain__of_our_markdown))
