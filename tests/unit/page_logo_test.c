#include "page/logo.h"

#include "base/buf.h"
#include "t.h"

#define PNG "\x89PNG\r\n\x1a\n"
#define SVG(inside) "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\">" inside "</svg>"

static void test_logo__table(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	static const struct {
		struct str data;
		const char *type; /* NULL: refused */
		const char *why;
	} rows[] = {
		{ STR_INIT(PNG "IHDR"), "image/png", NULL },
		{ STR_INIT(SVG("<path d=\"M0 0\"/>")), "image/svg+xml", NULL },
		{ STR_INIT("\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- c -->" SVG("")), "image/svg+xml", NULL },
		{ STR_INIT(SVG("<use href=\"#a\" xlink:href='#b' fill=\"url(#c)\"/>")), "image/svg+xml", NULL },
		{ STR_INIT(SVG("<image href=\"data:image/png;base64,AA\"/>")), "image/svg+xml", NULL },
		{ STR_INIT(SVG("<text font-size=\"2\">on = one</text>")), "image/svg+xml", NULL },
		{ STR_INIT(SVG("<text>once, once more</text>")), "image/svg+xml", NULL },
		{ STR_INIT(""), NULL, "neither" },
		{ STR_INIT("GIF89a"), NULL, "neither" },
		{ STR_INIT("\xff\xd8\xff"), NULL, "neither" },
		{ STR_INIT("<html><svg></svg></html>"), NULL, "neither" },
		{ STR_INIT("<svg>\xff</svg>"), NULL, "neither" },
		{ STR_INIT("<svg>\0</svg>"), NULL, "neither" },
		{ STR_INIT(SVG("<script>1</script>")), NULL, "<script" },
		{ STR_INIT(SVG("<ScRiPt href=\"#a\"/>")), NULL, "<script" },
		{ STR_INIT(SVG("<foreignObject/>")), NULL, "<foreignobject" },
		{ STR_INIT("<!DOCTYPE svg>" SVG("")), NULL, "neither" },
		{ STR_INIT("<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY a \"b\">]>" SVG("")), NULL, "<!doctype" },
		{ STR_INIT("<?xml version=\"1.0\"?><?xml-stylesheet href=\"a\"?>" SVG("")), NULL, "<?xml-stylesheet" },
		{ STR_INIT(SVG("<g onload=\"x\"/>")), NULL, "onload" },
		{ STR_INIT(SVG("<g id=\"a\"onClick = 'x'/>")), NULL, "onclick" },
		{ STR_INIT(SVG("<g/onload=x>")), NULL, "onload" },
		{ STR_INIT(SVG("<a href=\"javascript:x\"/>")), NULL, "javascript:" },
		{ STR_INIT(SVG("<a href=\"https://a.example\"/>")), NULL, "href" },
		{ STR_INIT(SVG("<use xlink:href = '//a.example#b'/>")), NULL, "href" },
		{ STR_INIT(SVG("<g fill=\"url(https://a.example)\"/>")), NULL, "url(" },
		{ STR_INIT(SVG("<style>@import 'a'</style>")), NULL, "@import" },
		{ STR_INIT(SVG("<set attributeName=\"href\" to=\"x\"/>")), NULL, "attributename=" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct logo logo = { 0 };
		struct str why = STR_NONE;
		enum rc rc = logo_take(&a, rows[i].data, &logo, &why);
		if ((rc == RC_OK) != (rows[i].type != NULL) || (why.p != NULL) != (rc != RC_OK))
			fail_msg("row %zu: %s, %.*s", i, rc_name(rc), STR_FMT(why));
		if (rc != RC_OK) {
			CHECK(rc == RC_INVALID && str_find(why, str_of(rows[i].why)) >= 0 && !logo.data.p);
			continue;
		}
		CHECK_STR(str_of(logo.type), str_of(rows[i].type));
		CHECK_STR(logo.data, rows[i].data);
		CHECK(str_starts(logo.file, STR("logo-")) && logo.file.n == strlen("logo-0123456789ab.png"));
	}
}

static void test_logo__one_byte_too_many(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	char *bytes = arena_alloc(&a, LOGO_MAX + 1);
	struct logo logo;
	struct str why;
	memset(bytes, 'x', LOGO_MAX + 1);
	memcpy(bytes, PNG, strlen(PNG));
	CHECK_RC(logo_take(&a, str_span(bytes, LOGO_MAX), &logo, &why), RC_OK);
	CHECK_RC(logo_take(&a, str_span(bytes, LOGO_MAX + 1), &logo, &why), RC_TOO_LARGE);
	CHECK_STR(why, STR("is larger than 65536 bytes"));
}

T_MAIN(cmocka_unit_test(test_logo__table), cmocka_unit_test(test_logo__one_byte_too_many))
