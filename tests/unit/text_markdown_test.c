#include <sys/mman.h>

#include "t.h"
#include "text/text.h"

static const struct fill fills[] = {
	{ "inntektsaar", STR_INIT("2024") },
	{ "evil", STR_INIT("<script>alert(1)</script>[x](javascript:x) **b** {inntektsaar}") },
	{ "a_b", STR_INIT("under") },
	{ "url", STR_INIT("https://bank.example:8443/vilkår?a=1&ids[]=\"2") },
	{ "user", STR_INIT("https://bank.example@evil.example/") },
	{ "http", STR_INIT("http://bank.example/") },
	{ "script", STR_INIT("javascript:alert(1)") },
	{ "part", STR_INIT("bank.example/") },
	{ "lookalike", STR_INIT("https://b\xc3\xa5nk.example/") },
	{ "two", STR_INIT("https://bank.example/ https://evil.example/") },
	{ NULL, { NULL, 0 } },
};

// clang-format off
static const struct {
	const char *markdown, *html;
} rows[] = {
	/* plain Markdown */
	{ "", "" },
	{ "Hei **du** og *jeg*", "<p>Hei <strong>du</strong> og <em>jeg</em></p>" },
	{ "a  \nb\nc", "<p>a<br>b\nc</p>" },
	{ "- en\n- to", "<ul><li>en</li><li>to</li></ul>" },
	{ "1. en\n\n2. to", "<ol><li><p>en</p></li><li><p>to</p></li></ol>" },
	{ "- a\n  - b", "<ul><li>a<ul><li>b</li></ul></li></ul>" },
	/* other blocks keep their text */
	{ "# Tittel\n\ntekst", "<p><strong>Tittel</strong></p><p>tekst</p>" },
	{ "> sitat", "<p>sitat</p>" },
	{ "```\nkode <b>\n```", "<p>kode &lt;b&gt;\n</p>" },
	{ "a `b` c", "<p>a b c</p>" },
	{ "***\n", "" },
	{ "![bilde](https://x.no/a.png)", "<p>bilde</p>" },
	{ "| a | b |\n|---|---|", "<p>| a | b |\n|---|---|</p>" },
	/* links */
	{ "[x](https://a.no/?b=1&amp;c=2)", "<p><a href=\"https://a.no/?b=1&amp;c=2\">x</a></p>" },
	{ "[x](http://a.no \"tittel\")", "<p><a href=\"http://a.no\">x</a></p>" },
	{ "[x](mailto:a@b.no) [y](tel:+4712345678)", "<p><a href=\"mailto:a@b.no\">x</a> <a href=\"tel:+4712345678\">y</a></p>" },
	{ "[x](javascript:alert(1))", "<p><a>x</a></p>" },
	{ "[x](JaVaScRiPt:alert(1))", "<p><a>x</a></p>" },
	{ "[x](&#106;avascript:alert(1))", "<p><a>x</a></p>" },
	{ "[x](https://a.no/&colon;)", "<p><a>x</a></p>" },
	{ "[x](data:text/html,x)", "<p><a>x</a></p>" },
	{ "[x](/relativ) [y](//evil.example) [z](https:evil)", "<p><a>x</a> <a>y</a> <a>z</a></p>" },
	{ "[x](ftp://a.no)", "<p><a>x</a></p>" },
	{ "[x](https://a.no/\"onmouseover=x)", "<p><a href=\"https://a.no/&quot;onmouseover=x\">x</a></p>" },
	{ "<https://a.no>", "<p><a href=\"https://a.no\">https://a.no</a></p>" },
	{ "https://a.no", "<p>https://a.no</p>" },
	{ "[x](https://a.no/{inntektsaar})", "<p><a href=\"https://a.no/{inntektsaar}\">x</a></p>" },
	{ "[x]({url})", "<p><a href=\"https://bank.example:8443/vilk%C3%A5r?a=1&amp;ids%5B%5D=%222\">x</a> (bank.example)</p>" },
	{ "[**x** y]({URL}), z", "<p><a href=\"https://bank.example:8443/vilk%C3%A5r?a=1&amp;ids%5B%5D=%222\"><strong>x</strong> y</a>"
				 " (bank.example), z</p>" },
	{ "x <a href='{url}'>y", "<p>x <a href=\"https://bank.example:8443/vilk%C3%A5r?a=1&amp;ids%5B%5D=%222\">y</a> (bank.example)</p>" },
	{ "[a]({user}) [b]({http}) [c]({script}) [d]({part}) [e]({lookalike}) [f]({two})",
	  "<p><a>a</a> <a>b</a> <a>c</a> <a>d</a> <a>e</a> <a>f</a></p>" },
	{ "[x]({url}/a) [y](https://{part}) [z]({ukjent})", "<p><a>x</a> <a href=\"https://{part}\">y</a> <a>z</a></p>" },
	/* HTML in the text */
	{ "x <b>y</b> <I>z</I>", "<p>x <b>y</b> <i>z</i></p>" },
	{ "x <b style=\"position:fixed\" class=a id=b onclick='x'>y</b>", "<p>x <b>y</b></p>" },
	{ "x <a href='https://a.no' target=_blank>y</a>", "<p>x <a href=\"https://a.no\">y</a></p>" },
	{ "x <a target=_blank href=https://a.no>y</a>", "<p>x <a href=\"https://a.no\">y</a></p>" },
	{ "x <a HREF='https://a.no/?a=1&b=2'>y</a>", "<p>x <a href=\"https://a.no/?a=1&amp;b=2\">y</a></p>" },
	{ "x <a href='javascript:x'>y</a>", "<p>x <a>y</a></p>" },
	{ "x <a href='https://a.no/&#x22;'>y</a>", "<p>x <a>y</a></p>" },
	{ "a<br>b<br/>c</br>", "<p>a<br>b<br>c</p>" },
	{ "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;\n" },
	{ "x <script>alert(1)</script>", "<p>x &lt;script&gt;alert(1)&lt;/script&gt;</p>" },
	{ "x <img src=x onerror=alert(1)> y", "<p>x &lt;img src=x onerror=alert(1)&gt; y</p>" },
	{ "x <u>y</u> <span>z</span>", "<p>x &lt;u&gt;y&lt;/u&gt; &lt;span&gt;z&lt;/span&gt;</p>" },
	{ "x <!-- hemmelig --> y", "<p>x &lt;!-- hemmelig --&gt; y</p>" },
	{ "<p>År {inntektsaar} &amp; mer &copy</p>", "<p>År 2024 &amp; mer &amp;copy</p>\n" },
	{ "<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>\n" },
	{ "<p>x<h1>y</h1></p>", "<p>x&lt;h1&gt;y&lt;/h1&gt;</p>\n" },
	{ "x <brx> <b-c> <pre>", "<p>x &lt;brx&gt; &lt;b-c&gt; &lt;pre&gt;</p>" },
	/* what does not close, or closes what it did not open */
	{ "x <b>y", "<p>x <b>y</b></p>" },
	{ "x</b></p></li></ul></strong> y", "<p>x y</p>" },
	{ "<b>**x</b>**", "<p><b><strong>x</strong></b></p>" },
	{ "**x <b>y** z</b>", "<p><strong>x <b>y</b></strong> z</p>" },
	{ "x <a href='https://a.no'>y [z](https://b.no)</a>", "<p>x <a href=\"https://a.no\">y z</a></p>" },
	{ "x <li>y", "<p>x y</p>" },
	{ "</ul></li>", "\n" },
	/* placeholders */
	{ "År {inntektsaar}", "<p>År 2024</p>" },
	{ "{INNTEKTSAAR} {InntektsAar} {a_b} {ukjent} { inntektsaar }", "<p>2024 2024 under {ukjent} { inntektsaar }</p>" },
	{ "{evil}", "<p>&lt;script&gt;alert(1)&lt;/script&gt;[x](javascript:x) **b** {inntektsaar}</p>" },
	{ "**{inntektsaar}**", "<p><strong>2024</strong></p>" },
	{ "[{inntektsaar}](https://a.no)", "<p><a href=\"https://a.no\">2024</a></p>" },
	/* a tag ends before the next one: a `<` that no `>` closes is text */
	{ "<p>\n<b <i>x</i>", "<p>\n&lt;b <i>x</i>\n</p>" },
	{ "<p>\n<b title=\"<\">x</b>", "<p>\n<b>x</b>\n</p>" },
	/* character references stay as they are */
	{ "a &lt;b&gt; &aring; &#229;", "<p>a &lt;b&gt; &aring; &#229;</p>" },
	{ "a < b > c & d \" '", "<p>a &lt; b &gt; c &amp; d &quot; &#39;</p>" },
};
// clang-format on

static void test_markdown__table(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct buf b = BUF(&a);
		CHECK_RC(buf_markdown(&b, str_of(rows[i].markdown), fills), RC_OK);
		CHECK_STR(buf_str(&b), str_of(rows[i].html));
	}
}

static void test_markdown__limit(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	char *text = arena_alloc(&a, MARKDOWN_MAX + 1);
	memset(text, 'x', MARKDOWN_MAX + 1);
	struct buf b = BUF(&a);
	CHECK_RC(buf_markdown(&b, str_span(text, MARKDOWN_MAX), NULL), RC_OK);
	CHECK_RC(buf_markdown(&b, str_span(text, MARKDOWN_MAX + 1), NULL), RC_TOO_LARGE);
}

/* Every list item and every bold opened is closed again, however deep. */
static void test_markdown__deep(void **state)
{
	(void)state;
	static const char *const units[] = { "- ",     "> ",    "<b>",     "<ul><li>",  "*a ",         "[",
					     "<p <p ", "<b \"", "<",       "<b ",       "<b \"\"",     "<b x='\"",
					     "<!--",   "<?",    "<b '\"'", "<a b=\"c'", "<b '<b \"<b " };
	for (size_t i = 0; i < LEN(units); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct buf in = BUF(&a), out = BUF(&a);
		buf_lit(&in, "<p>\n");
		while (in.n + strlen(units[i]) <= MARKDOWN_MAX)
			buf_z(&in, units[i]);
		CHECK_RC(buf_markdown(&out, buf_str(&in), NULL), RC_OK);
		in.n = 0;
		while (in.n + strlen(units[i]) <= MARKDOWN_MAX)
			buf_z(&in, units[i]);
		CHECK_RC(buf_markdown(&out, buf_str(&in), NULL), RC_OK);
	}
}

static void test_markdown__no_text(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct buf b = BUF(&a);
	CHECK_RC(buf_markdown(&b, STR_NONE, NULL), RC_OK);
	CHECK(b.n == 0);
}

/* The text ends where readable memory ends, so that the parser cannot look behind it, in any build. */
static void test_markdown__reads_no_byte_behind_the_text(void **state)
{
	(void)state;
	static const struct str texts[] = { STR_INIT("1"),   STR_INIT("a\n12"), STR_INIT("- 1"),
					    STR_INIT("&#1"), STR_INIT("a\n"),   STR_INIT("[x](https://a.no"),
					    STR_INIT("<b") };
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(pages != MAP_FAILED && mprotect(pages + page, page, PROT_NONE) == 0);
	for (size_t i = 0; i < LEN(texts); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct buf b = BUF(&a), same = BUF(&a);
		char *text = memcpy(pages + page - texts[i].n, texts[i].p, texts[i].n);
		CHECK_RC(buf_markdown(&b, str_span(text, texts[i].n), NULL), RC_OK);
		CHECK_RC(buf_markdown(&same, texts[i], NULL), RC_OK);
		CHECK_STR(buf_str(&b), buf_str(&same));
	}
	CHECK(munmap(pages, 2 * page) == 0);
}

T_MAIN(cmocka_unit_test(test_markdown__reads_no_byte_behind_the_text), cmocka_unit_test(test_markdown__table),
       cmocka_unit_test(test_markdown__limit), cmocka_unit_test(test_markdown__deep),
       cmocka_unit_test(test_markdown__no_text))
