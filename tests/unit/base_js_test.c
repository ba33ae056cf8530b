#include "t.h"

#include <jansson.h>

#include "base/js.h"

static enum rc parse(struct arena *a, struct str text, const struct js **out)
{
	return js_parse(a, text, NULL, out, NULL);
}

// clang-format off
#define Y(text) { STR_INIT(text), true, true }
#define N(text) { STR_INIT(text), false, false }

/* Documents with the answer that is ours, and jansson's. They differ only where the row says so: jansson turns
 * numbers into int64 and double and refuses what does not fit, we leave them text; and it loses a zero byte that
 * ends a word or a number. */
static const struct {
	struct str text;
	bool ours, theirs;
} documents[] = {
	/* RFC 8259 3: any value may stand alone */
	Y("null"),
	Y("true"),
	Y("false"),
	Y("0"),
	Y("\"\""),
	Y("[]"),
	Y("{}"),
	N(""),
	N(" "),
	N("\n"),
	N("nul"),
	N("nulll"),
	N("Null"),
	N("NULL"),
	N("True"),
	N("tru"),
	N("truefalse"),
	N("true false"),
	N("fals"),
	N("undefined"),
	N("NaN"),
	N("Infinity"),
	N("-Infinity"),
	N("-NaN"),
	N("nan"),
	N("'a'"),
	N("a"),
	N("\0"),
	{ STR_INIT("null\0"), false, true },
	N("\0null"),
	/* 2: white space */
	Y(" null"),
	Y("null "),
	Y("\t\n\r null \r\n\t"),
	Y(" [ ] "),
	Y(" { } "),
	Y("[ 1 , 2 ]"),
	Y("{ \"a\" : 1 , \"b\" : 2 }"),
	Y("{\n\t\"a\"\r\n:\n1\t}"),
	N("\fnull"),
	N("\vnull"),
	N("null\f"),
	N("[1\f]"),
	N("\xc2\xa0null"),
	N("null\xe2\x80\xa8"),
	N("\xef\xbb\xbfnull"),
	N("\xef\xbb\xbf{}"),
	/* comments are no JSON */
	N("/**/null"),
	N("null//"),
	N("[1/*x*/]"),
	N("#\nnull"),
	N("{}#"),
	/* 4: objects */
	Y("{\"a\":1}"),
	Y("{\"a\":1,\"b\":2}"),
	Y("{\"\":1}"),
	Y("{\"a\":{\"a\":{\"a\":1}}}"),
	Y("{\"a\":1,\"A\":2}"),
	Y("[{\"a\":1},{\"a\":1}]"),
	Y("{\"a\":\"b\",\"b\":\"a\"}"),
	N("{\"a\":1,\"a\":2}"),
	N("{\"a\":1,\"a\":1}"),
	N("{\"a\":1,\"\\u0061\":1}"),
	N("{\"\":1,\"\":1}"),
	N("{\"x\":{\"a\":1,\"b\":2,\"a\":3}}"),
	N("{"),
	N("}"),
	N("{,}"),
	N("{\"a\"}"),
	N("{\"a\":}"),
	N("{\"a\":1"),
	N("{\"a\":1,"),
	N("{\"a\":1,}"),
	N("{\"a\":1,,\"b\":2}"),
	N("{,\"a\":1}"),
	N("{\"a\" 1}"),
	N("{\"a\"::1}"),
	N("{\"a\":1 \"b\":2}"),
	N("{\"a\":1;\"b\":2}"),
	N("{a:1}"),
	N("{'a':1}"),
	N("{1:1}"),
	N("{null:1}"),
	N("{\"a\":1]"),
	N("{[]:1}"),
	N("{\"a\":1}}"),
	N("{\"a\":1}{\"a\":1}"),
	N("{\"a\":1},"),
	N("{\"a"),
	N("{\"a\":"),
	N("{\"a\":nul}"),
	N("{\"\\ud800\":1}"),
	N("{\"\\u0000\":1}"),
	N("{\"\xff\":1}"),
	/* 5: arrays */
	Y("[1]"),
	Y("[1,2,3]"),
	Y("[[],[[]]]"),
	Y("[null,true,false,0,\"\",[],{}]"),
	N("["),
	N("]"),
	N("[,]"),
	N("[1,]"),
	N("[,1]"),
	N("[1,,2]"),
	N("[1 2]"),
	N("[1"),
	N("[1,"),
	N("[1}"),
	N("[1]]"),
	N("[1],"),
	N("[1][2]"),
	N("[1:2]"),
	N("[\"a\":1]"),
	N("[[]"),
	/* 6: numbers */
	Y("-0"),
	Y("1"),
	Y("-1"),
	Y("10"),
	Y("1234567890"),
	Y("9223372036854775807"),
	Y("-9223372036854775808"),
	Y("0.0"),
	Y("-0.0"),
	Y("1.5"),
	Y("0.001"),
	Y("1e1"),
	Y("1E1"),
	Y("1e+1"),
	Y("1e-1"),
	Y("1.5e3"),
	Y("0e0"),
	Y("0E+0"),
	Y("1e00"),
	Y("1.0000000000000000000000000000000000001"),
	{ STR_INIT("9223372036854775808"), true, false },
	{ STR_INIT("-9223372036854775809"), true, false },
	{ STR_INIT("1e999"), true, false },
	N("00"),
	N("01"),
	N("-01"),
	N("-00"),
	N("-"),
	N("--1"),
	N("+1"),
	N("+0"),
	N("- 1"),
	N("1."),
	N("1.e1"),
	N(".5"),
	N("-.5"),
	N("0.e1"),
	N("1e"),
	N("1E"),
	N("1e+"),
	N("1e-"),
	N("1e1.5"),
	N("1.2.3"),
	N("1e1e1"),
	N("0x10"),
	N("1a"),
	N("1_000"),
	N("1,000"),
	N("1 000"),
	N("0b1"),
	N("1d"),
	N("\xef\xbc\x91"),
	N("[-]"),
	N("[1.]"),
	N("[01]"),
	N("[1e]"),
	/* 7: strings */
	Y("\"abc\""),
	Y("\"a longer text that takes several words of the scanner\""),
	Y("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
	Y("\"\\u0041\\u00e5\\u20AC\""),
	Y("\"\\ud83d\\ude00\""),
	Y("\"\\uD83D\\uDE00\""),
	Y("\"\\udbff\\udfff\""),
	Y("\"\\uffff\""),
	Y("\"\\u0001\""),
	Y("\"\\u007f\x7f\""),
	Y("\"/\""),
	Y("\"'\""),
	Y("\"\\u2028\""),
	Y("\"\xe2\x80\xa8\""),
	N("\""),
	N("\"abc"),
	N("\"abc\\\""),
	N("\"\\"),
	N("\"\\u"),
	N("\"\\u00"),
	N("\"\\u004\""),
	N("\"\\u004g\""),
	N("\"\\u-041\""),
	N("\"\\u+041\""),
	N("\"\\u 041\""),
	N("\"\\U0041\""),
	N("\"\\x41\""),
	N("\"\\a\""),
	N("\"\\v\""),
	N("\"\\0\""),
	N("\"\\'\""),
	N("\"\\ \""),
	N("\"\\\n\""),
	N("\"\\\xc3\xa5\""),
	N("\"\\u0000\""),
	N("\"\\ud800\""),
	N("\"\\udc00\""),
	N("\"\\ud800x\""),
	N("\"\\ud800\\n\""),
	N("\"\\ud800\\u0041\""),
	N("\"\\ud800\\ud800\""),
	N("\"\\udc00\\ud800\""),
	N("\"\\ud83d\\ude0\""),
	N("\"\\ud83d\\\""),
	N("\"\n\""),
	N("\"\t\""),
	N("\"\r\""),
	N("\"\x01\""),
	N("\"\x1f\""),
	N("\"a\0b\""),
	N("\"12345678\n12345678\""),
	N("\"1234567\x1f\""),
	N("\"a\"b\""),
	N("\"a\" \"b\""),
	/* 8.1: UTF-8 */
	Y("\"\xc3\xa5\xe2\x82\xac\xf0\x9f\x98\x80\""),
	Y("\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""),
	Y("\"\xed\x9f\xbf\xee\x80\x80\""),
	Y("\"12345678\xc3\xa5" "12345678\""),
	Y("{\"\xc3\xa5\":\"\xc3\x85\"}"),
	N("\"\x80\""),
	N("\"\xbf\""),
	N("\"\xc0\x80\""),
	N("\"\xc1\xbf\""),
	N("\"\xc3\""),
	N("\"\xc3" "a\""),
	N("\"\xe0\x80\x80\""),
	N("\"\xe0\x9f\xbf\""),
	N("\"\xe2\x82\""),
	N("\"\xe2\x28\xa1\""),
	N("\"\xed\xa0\x80\""),
	N("\"\xed\xbf\xbf\""),
	N("\"\xed\xa0\xbd\xed\xb8\x80\""),
	N("\"\xf0\x80\x80\x80\""),
	N("\"\xf0\x8f\xbf\xbf\""),
	N("\"\xf4\x90\x80\x80\""),
	N("\"\xf5\x80\x80\x80\""),
	N("\"\xf8\x88\x80\x80\x80\""),
	N("\"\xfe\""),
	N("\"\xff\""),
	N("\"\xf0\x9f\x98"),
	N("\"\xc3"),
	N("\xc3\xa5"),
	/* UTF-16 */
	N("\xff\xfe\x31\x00"),
	{ STR_INIT("1\0"), false, true },
	N("[\0]\0"),
};
// clang-format on

static bool theirs_accepts(struct str text)
{
	json_error_t err;
	json_t *v = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &err);
	json_decref(v);
	return v != NULL;
}

/* The document from a heap block of exactly its size, so that a sanitizer sees any step beyond. */
static bool ours_accepts(struct arena *a, struct str text)
{
	char *exact = malloc(text.n ? text.n : 1);
	memcpy(exact, text.p, text.n);
	const struct js *v = NULL;
	struct js_error err = { .at = SIZE_MAX };
	enum rc rc = js_parse(a, str_span(exact, text.n), NULL, &v, &err);
	free(exact);
	if (rc == RC_OK) {
		assert_non_null(v);
		return true;
	}
	CHECK_RC(rc, RC_INVALID);
	assert_null(v);
	assert_non_null(err.what);
	CHECK(err.at <= text.n);
	return false;
}

static void test_js__accepts_and_refuses_as_rfc_8259(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	CHECK(LEN(documents) > 200);
	for (size_t i = 0; i < LEN(documents); i++) {
		struct str text = documents[i].text;
		if (ours_accepts(&a, text) != documents[i].ours)
			fail_msg("row %zu: %.*s", i, STR_FMT(text));
		if (theirs_accepts(text) != documents[i].theirs)
			fail_msg("row %zu, jansson: %.*s", i, STR_FMT(text));
		arena_reset(&a);
	}
}

/* Inside an array, behind a member name and in front of more text, the same rules hold. */
static void test_js__same_answer_inside_a_container(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t i = 0; i < LEN(documents); i++) {
		struct str text = documents[i].text;
		struct buf in_array = BUF(&a), in_object = BUF(&a);
		buf_lit(&in_array, "[0,");
		buf_add(&in_array, text);
		buf_lit(&in_array, ",0]");
		buf_lit(&in_object, "{\"x\":");
		buf_add(&in_object, text);
		buf_lit(&in_object, "}");
		bool differs = documents[i].ours != documents[i].theirs;
		if (!differs && ours_accepts(&a, buf_str(&in_array)) != theirs_accepts(buf_str(&in_array)))
			fail_msg("row %zu in an array: %.*s", i, STR_FMT(text));
		if (!differs && ours_accepts(&a, buf_str(&in_object)) != theirs_accepts(buf_str(&in_object)))
			fail_msg("row %zu in an object: %.*s", i, STR_FMT(text));
		arena_reset(&a);
	}
}

/* Each byte of a document replaced by each of many others. */
static void test_js__same_answer_for_mutations(void **state)
{
	(void)state;
	static const char seed[] =
		"{\"a\":[1.5e3,-0,\"\\u00e5\\n\xc3\xa5\"],\"bc\":{\"d\":null,\"e\":true},\"f\":false}";
	static const char others[] = "\"\\{}[]:,0159-+.eEufntrla\n\t \x01\x7f\x80\xbf\xc3\xe2\xf0\xff/";
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t i = 0; i < sizeof seed - 1; i++)
		for (size_t k = 0; k < sizeof others; k++) {
			char text[sizeof seed];
			memcpy(text, seed, sizeof seed);
			text[i] = others[k];
			struct str s = str_span(text, sizeof seed - 1);
			if (ours_accepts(&a, s) != theirs_accepts(s))
				fail_msg("%.*s", STR_FMT(s));
			s.n = i;
			CHECK(ours_accepts(&a, s) == theirs_accepts(s));
			arena_reset(&a);
		}
}

static void test_js__tree(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	const struct js *v;
	struct str text = STR(" {\"s\": \"x\\ty\", \"n\": -1.5e2 ,\"t\":true,\"f\":false,\"z\":null,\"a\":[1, "
			      "[2],\"\"],\"o\":{\"\":0}} ");
	CHECK_RC(parse(&a, text, &v), RC_OK);
	assert_int_equal(v->type, JS_OBJECT);
	assert_int_equal(v->n, 7);
	CHECK_STR(v->raw, str_trim(text));
	CHECK(v->key.p == NULL);
	const struct js *s = js_get(v, "s");
	CHECK_STR(s->s, STR("x\ty"));
	CHECK_STR(s->raw, STR("\"x\\ty\""));
	CHECK_STR(s->key, STR("s"));
	CHECK_STR(js_get(v, "n")->s, STR("-1.5e2"));
	CHECK(js_is(js_get(v, "t"), JS_BOOL) && js_get(v, "t")->b);
	CHECK(js_is(js_get(v, "f"), JS_BOOL) && !js_get(v, "f")->b);
	CHECK(js_is(js_get(v, "z"), JS_NULL));
	const struct js *list = js_get(v, "a");
	assert_int_equal(list->n, 3);
	CHECK_STR(list->raw, STR("[1, [2],\"\"]"));
	CHECK_STR(js_at(js_at(list, 1), 0)->s, STR("2"));
	assert_non_null(js_at(list, 2)->s.p);
	assert_int_equal(js_at(list, 2)->s.n, 0);
	assert_null(js_at(list, 3));
	assert_null(js_at(v, 0));
	assert_null(js_at(NULL, 0));
	CHECK_STR(js_get(js_get(v, "o"), "")->s, STR("0"));
	assert_null(js_get(v, "missing"));
	assert_null(js_get(NULL, "s"));
	assert_null(js_get(list, "s"));
	int count = 0;
	JS_EACH(c, v)
		count++;
	JS_EACH(c, (const struct js *)NULL)
		count++;
	assert_int_equal(count, 7);
	CHECK_RC(parse(&a, STR_NONE, &v), RC_INVALID);
}

static void test_js__unescapes(void **state)
{
	(void)state;
	static const struct {
		struct str text, want;
	} t[] = {
		{ STR_INIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), STR_INIT("\"\\/\b\f\n\r\t") },
		{ STR_INIT("\"a\\u0041b\""), STR_INIT("aAb") },
		{ STR_INIT("\"\\u007f\\u0080\\u07ff\\u0800\\uFFFF\""),
		  STR_INIT("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf") },
		{ STR_INIT("\"\\ud800\\udc00\\uDBFF\\uDFFF\""), STR_INIT("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf") },
		{ STR_INIT("\"bl\xc3\xa5\\u00e5\xc3\xa5\""), STR_INIT("bl\xc3\xa5\xc3\xa5\xc3\xa5") },
		{ STR_INIT("\"\\\\u0041\""), STR_INIT("\\u0041") },
		{ STR_INIT("\"\\\\\\\"\""), STR_INIT("\\\"") },
	};
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t i = 0; i < LEN(t); i++) {
		const struct js *v;
		CHECK_RC(parse(&a, t[i].text, &v), RC_OK);
		CHECK_STR(v->s, t[i].want);
		CHECK_STR(v->raw, t[i].text);
	}
}

static void test_js__errors_say_where(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		size_t at;
		const char *what;
	} t[] = {
		{ STR_INIT(""), 0, "value expected" },
		{ STR_INIT("{} x"), 3, "something follows the value" },
		{ STR_INIT("[1,]"), 3, "value expected" },
		{ STR_INIT("[1 2]"), 3, "',' or ']' expected" },
		{ STR_INIT("{\"a\":1,}"), 7, "member name expected" },
		{ STR_INIT("{\"a\" 1}"), 5, "':' expected" },
		{ STR_INIT("{\"a\":1;"), 6, "',' or '}' expected" },
		{ STR_INIT("{\"a\":1,\"a\":2}"), 11, "member name stands twice" },
		{ STR_INIT("[\"a\\x\"]"), 3, "no such escape" },
		{ STR_INIT("\"\\ud800\""), 1, "\\u escape is no character" },
		{ STR_INIT("\"a\n\""), 2, "control character in a string" },
		{ STR_INIT("\"a\xff\""), 2, "ill-formed UTF-8" },
		{ STR_INIT("\"abc"), 4, "string has no end" },
		{ STR_INIT("\"abc\\"), 4, "string has no end" },
		{ STR_INIT("012"), 0, "leading zero" },
		{ STR_INIT("1.x"), 2, "digit expected" },
		{ STR_INIT("1ex"), 2, "digit expected" },
	};
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t i = 0; i < LEN(t); i++) {
		const struct js *v;
		struct js_error err;
		CHECK_RC(js_parse(&a, t[i].text, NULL, &v, &err), RC_INVALID);
		if (err.at != t[i].at || strcmp(err.what, t[i].what) != 0)
			fail_msg("%.*s: %zu %s", STR_FMT(t[i].text), err.at, err.what);
	}
}

static struct str nested(struct arena *a, size_t depth, const char *open, const char *close)
{
	struct buf b = BUF(a);
	for (size_t i = 0; i < depth; i++)
		buf_z(&b, open);
	buf_lit(&b, "1");
	for (size_t i = 0; i < depth; i++)
		buf_z(&b, close);
	return buf_str(&b);
}

static void test_js__depth_limit(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	const struct js *v;
	struct js_error err;
	CHECK_RC(parse(&a, nested(&a, JS_MAX_DEPTH, "[", "]"), &v), RC_OK);
	CHECK_RC(parse(&a, nested(&a, JS_MAX_DEPTH, "{\"a\":", "}"), &v), RC_OK);
	CHECK_RC(js_parse(&a, nested(&a, JS_MAX_DEPTH + 1, "[", "]"), NULL, &v, &err), RC_TOO_LARGE);
	assert_int_equal(err.at, JS_MAX_DEPTH);
	CHECK_RC(parse(&a, nested(&a, JS_MAX_DEPTH + 1, "{\"a\":", "}"), &v), RC_TOO_LARGE);
	CHECK_RC(parse(&a, nested(&a, 1000000, "[", ""), &v), RC_TOO_LARGE);
	struct js_opts less = { .max_depth = 2 }, more = { .max_depth = 1000 };
	CHECK_RC(js_parse(&a, STR("[[1]]"), &less, &v, NULL), RC_OK);
	CHECK_RC(js_parse(&a, STR("[[[1]]]"), &less, &v, NULL), RC_TOO_LARGE);
	CHECK_RC(js_parse(&a, nested(&a, JS_MAX_DEPTH + 1, "[", "]"), &more, &v, NULL), RC_TOO_LARGE);
}

static void test_js__node_limit(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	const struct js *v;
	struct buf b = BUF(&a);
	buf_lit(&b, "[0");
	for (int i = 2; i < JS_MAX_NODES; i++)
		buf_lit(&b, ",0");
	struct buf over = BUF(&a);
	buf_add(&over, buf_str(&b));
	buf_lit(&b, "]");
	buf_lit(&over, ",0]");
	CHECK_RC(parse(&a, buf_str(&b), &v), RC_OK);
	assert_int_equal(v->n, JS_MAX_NODES - 1);
	CHECK_RC(parse(&a, buf_str(&over), &v), RC_TOO_LARGE);
	struct js_opts more = { .max_nodes = JS_MAX_NODES + 1 }, few = { .max_nodes = 2 };
	CHECK_RC(js_parse(&a, buf_str(&over), &more, &v, NULL), RC_OK);
	CHECK_RC(js_parse(&a, STR("[1]"), &few, &v, NULL), RC_OK);
	CHECK_RC(js_parse(&a, STR("[1,2]"), &few, &v, NULL), RC_TOO_LARGE);
}

/* An object of n members; `twice` is the one whose name comes again at the end, or -1. */
static struct str wide(struct arena *a, int n, int twice)
{
	struct buf b = BUF(a);
	buf_c(&b, '{');
	for (int i = 0; i < n; i++)
		buf_fmt(&b, "%s\"k%d\":%d", i ? "," : "", i, i);
	if (twice >= 0)
		buf_fmt(&b, ",\"\\u006b%d\":-1", twice);
	buf_c(&b, '}');
	return buf_str(&b);
}

static void test_js__duplicates_at_every_width(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	const struct js *v;
	struct js_error err;
	for (int n = 1; n < 60; n++) {
		CHECK_RC(parse(&a, wide(&a, n, -1), &v), RC_OK);
		for (int twice = 0; twice < n; twice++) {
			struct str text = wide(&a, n, twice);
			CHECK_RC(js_parse(&a, text, NULL, &v, &err), RC_INVALID);
			assert_int_equal(err.at, text.n - 3);
		}
		arena_reset(&a);
	}
}

static void test_js__wide_objects_are_not_quadratic(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	const struct js *v;
	CHECK_RC(parse(&a, wide(&a, JS_MAX_NODES - 1, -1), &v), RC_OK);
	CHECK_RC(parse(&a, wide(&a, JS_MAX_NODES - 2, 0), &v), RC_INVALID);
}

static void test_js__allowed_duplicates_last_wins(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	const struct js *v;
	struct js_opts opts = { .allow_duplicates = true };
	CHECK_RC(js_parse(&a, STR("{\"a\":1,\"A\":2,\"a\":3}"), &opts, &v, NULL), RC_OK);
	assert_int_equal(v->n, 3);
	CHECK_STR(js_get(v, "a")->s, STR("3"));
	CHECK_STR(js_get(v, "A")->s, STR("2"));
	CHECK_STR(js_get_icase(v, "A")->s, STR("3"));
	CHECK_STR(js_get_str(v, STR("a"))->s, STR("3"));
	assert_null(js_get_icase(v, "b"));
	assert_null(js_get_icase(NULL, "b"));
}

static void test_js__duplicates_in_any_case(void **state)
{
	(void)state;
	static const struct {
		const char *json;
		bool twin;
	} t[] = {
		{ "{\"consentId\":1,\"ConsentId\":2}", true },
		{ "{\"a\":1,\"b\":2,\"A\":3}", true },
		{ "{\"a\":1,\"\\u0041\":2}", true },
		{ "{\"a\":1,\"a\":2}", true },
		{ "{\"\":1,\"\":2}", true },
		{ "{\"a\":1,\"b\":{\"a\":1},\"ab\":[{\"A\":1}]}", false },
		{ "{\"\xc3\xa5\":1,\"\xc3\x85\":2}", false }, /* ASCII letters alone */
		{ "{\"@\":1,\"`\":2,\"[\":3,\"{\":4}", false },
	};
	for (size_t i = 0; i < LEN(t); i++) {
		struct arena a CLEANUP(arena_finish) = { 0 };
		struct js_opts opts = { .any_case = true }, loose = { .allow_duplicates = true };
		struct js_error err = { 0 };
		const struct js *v;
		CHECK_RC(js_parse(&a, str_of(t[i].json), &opts, &v, &err), t[i].twin ? RC_INVALID : RC_OK);
		CHECK(err.twice == t[i].twin);
		CHECK_RC(js_parse(&a, str_of(t[i].json), &loose, &v, NULL), RC_OK);
		CHECK((js_twin(&a, v) != NULL) == t[i].twin);
		struct str outer = arena_fmt(&a, "{\"x\":[%s]}", t[i].json);
		CHECK_RC(js_parse(&a, outer, &opts, &v, NULL), t[i].twin ? RC_INVALID : RC_OK);
	}
}

/* Wide objects are sorted. */
static void test_js__duplicates_in_any_case_among_many(void **state)
{
	(void)state;
	static const char *const last[] = { "KEY7", "key", "Key39", "\xc3\x85" };
	for (size_t i = 0; i < LEN(last); i++) {
		struct arena a CLEANUP(arena_finish) = { 0 };
		struct buf b = BUF(&a);
		const struct js *v;
		buf_c(&b, '{');
		for (int k = 0; k < 40; k++)
			buf_fmt(&b, "\"key%d\":%d,", k, k);
		buf_fmt(&b, "\"%s\":0}", last[i]);
		CHECK_RC(js_parse(&a, buf_str(&b), NULL, &v, NULL), RC_OK);
		CHECK_RC(js_parse(&a, buf_str(&b), &(struct js_opts){ .any_case = true }, &v, NULL),
			 i % 2 ? RC_OK : RC_INVALID);
	}
}

static void test_js__members_by_type(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	const struct js *v;
	CHECK_RC(parse(&a, STR("{\"s\":\"x\",\"i\":7,\"b\":true,\"z\":null,\"si\":\"7\",\"sb\":\"true\"}"), &v), RC_OK);
	struct str s = STR("untouched");
	int64_t i = 42;
	bool b = false;
	CHECK_RC(js_member_str(v, "i", &s), RC_INVALID);
	CHECK_RC(js_member_str(v, "z", &s), RC_INVALID);
	CHECK_RC(js_member_str(v, "x", &s), RC_NOT_FOUND);
	CHECK_RC(js_member_str(NULL, "x", &s), RC_NOT_FOUND);
	CHECK_STR(s, STR("untouched"));
	CHECK_RC(js_member_str(v, "s", &s), RC_OK);
	CHECK_STR(s, STR("x"));
	CHECK_RC(js_member_i64(v, "si", &i), RC_INVALID);
	CHECK_RC(js_member_i64(v, "z", &i), RC_INVALID);
	CHECK_RC(js_member_i64(v, "x", &i), RC_NOT_FOUND);
	assert_int_equal(i, 42);
	CHECK_RC(js_member_i64(v, "i", &i), RC_OK);
	assert_int_equal(i, 7);
	CHECK_RC(js_member_bool(v, "i", &b), RC_INVALID);
	CHECK_RC(js_member_bool(v, "sb", &b), RC_INVALID);
	CHECK_RC(js_member_bool(v, "x", &b), RC_NOT_FOUND);
	CHECK_RC(js_member_bool(v, "b", &b), RC_OK);
	CHECK(b);
}

static void test_js__whole_numbers_and_seconds(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		enum rc whole, seconds;
		int64_t want; /* of seconds; of whole too where that is taken */
	} t[] = {
		{ STR_INIT("0"), RC_OK, RC_OK, 0 },
		{ STR_INIT("-0"), RC_OK, RC_OK, 0 },
		{ STR_INIT("1780315200"), RC_OK, RC_OK, 1780315200 },
		{ STR_INIT("-5"), RC_OK, RC_OK, -5 },
		{ STR_INIT("9223372036854775807"), RC_OK, RC_OK, INT64_MAX },
		{ STR_INIT("9223372036854775808"), RC_INVALID, RC_INVALID, 0 },
		{ STR_INIT("-9223372036854775809"), RC_INVALID, RC_INVALID, 0 },
		{ STR_INIT("99999999999999999999999"), RC_INVALID, RC_INVALID, 0 },
		{ STR_INIT("1780315200.999"), RC_INVALID, RC_OK, 1780315200 },
		{ STR_INIT("1.0"), RC_INVALID, RC_OK, 1 },
		{ STR_INIT("-1.0"), RC_INVALID, RC_OK, -1 },
		{ STR_INIT("-1.5"), RC_INVALID, RC_OK, -2 },
		{ STR_INIT("-0.1"), RC_INVALID, RC_OK, -1 },
		{ STR_INIT("0.9"), RC_INVALID, RC_OK, 0 },
		{ STR_INIT("1e3"), RC_INVALID, RC_OK, 1000 },
		{ STR_INIT("1.7803152005e9"), RC_INVALID, RC_OK, 1780315200 },
		{ STR_INIT("1.7803152E+9"), RC_INVALID, RC_OK, 1780315200 },
		{ STR_INIT("15e-1"), RC_INVALID, RC_OK, 1 },
		{ STR_INIT("-15e-1"), RC_INVALID, RC_OK, -2 },
		{ STR_INIT("15e-5"), RC_INVALID, RC_OK, 0 },
		{ STR_INIT("0e99999999999"), RC_INVALID, RC_OK, 0 },
		{ STR_INIT("1e-99999999999"), RC_INVALID, RC_OK, 0 },
		{ STR_INIT("1e19"), RC_INVALID, RC_INVALID, 0 },
		{ STR_INIT("1e99999999999"), RC_INVALID, RC_INVALID, 0 },
		{ STR_INIT("\"1\""), RC_INVALID, RC_INVALID, 0 },
		{ STR_INIT("null"), RC_INVALID, RC_INVALID, 0 },
		{ STR_INIT("true"), RC_INVALID, RC_INVALID, 0 },
	};
	struct arena a CLEANUP(arena_finish) = { 0 };
	const struct js *v;
	for (size_t i = 0; i < LEN(t); i++) {
		int64_t whole = 42, seconds = 42;
		CHECK_RC(parse(&a, t[i].text, &v), RC_OK);
		enum rc rc_whole = js_i64(v, &whole), rc_seconds = js_seconds(v, &seconds);
		if (rc_whole != t[i].whole || whole != (rc_whole == RC_OK ? t[i].want : 42))
			fail_msg("%.*s: %s %lld", STR_FMT(t[i].text), rc_name(rc_whole), (long long)whole);
		if (rc_seconds != t[i].seconds || seconds != (rc_seconds == RC_OK ? t[i].want : 42))
			fail_msg("%.*s: %s %lld s", STR_FMT(t[i].text), rc_name(rc_seconds), (long long)seconds);
	}
	int64_t out;
	CHECK_RC(parse(&a, STR("-9223372036854775808"), &v), RC_OK);
	CHECK_RC(js_i64(v, &out), RC_OK);
	CHECK(out == INT64_MIN);
	CHECK_RC(js_i64(NULL, &out), RC_INVALID);
	CHECK_RC(js_seconds(NULL, &out), RC_INVALID);
}

static void test_js__writes_what_it_read(void **state)
{
	(void)state;
	static const struct {
		struct str text, want;
	} t[] = {
		{ STR_INIT(" { \"b\" : [ 1 , 2.50e+3 , -0 ] , \"a\" : { } , \"c\" : [ ] } "),
		  STR_INIT("{\"b\":[1,2.50e+3,-0],\"a\":{},\"c\":[]}") },
		{ STR_INIT("[null, true, false, \"\"]"), STR_INIT("[null,true,false,\"\"]") },
		{ STR_INIT("\"\\u0041\\/\\n \\u001f\\ud83d\\ude00\""), STR_INIT("\"A/\\n \\u001F\xf0\x9f\x98\x80\"") },
		{ STR_INIT("{\"\\\"\":\"\\\\\"}"), STR_INIT("{\"\\\"\":\"\\\\\"}") },
	};
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t i = 0; i < LEN(t); i++) {
		const struct js *v;
		struct buf b = BUF(&a);
		CHECK_RC(parse(&a, t[i].text, &v), RC_OK);
		js_write(&b, v);
		CHECK_STR(buf_str(&b), t[i].want);
	}
}

static void test_js__type_names(void **state)
{
	(void)state;
	assert_string_equal(js_type_name(JS_STRING), "string");
	for (int t = 0; t < JS__MAX; t++)
		assert_non_null(js_type_name((enum js_type)t));
}

static void test_js__strings_of_a_list(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	const struct js *v;
	size_t n = 7;
	CHECK_RC(parse(&a, STR("[\"a\",1,\"\",null,[\"b\"]]"), &v), RC_OK);
	struct str *list = js_strings(&a, v, &n);
	assert_int_equal(n, 2);
	CHECK_STR(list[0], STR("a"));
	assert_int_equal(list[1].n, 0);
	assert_non_null(list[1].p);
	assert_null(list[2].p);
	assert_null(js_strings(&a, NULL, &n));
	assert_int_equal(n, 0);
}

T_MAIN(cmocka_unit_test(test_js__duplicates_in_any_case), cmocka_unit_test(test_js__duplicates_in_any_case_among_many),
       cmocka_unit_test(test_js__accepts_and_refuses_as_rfc_8259),
       cmocka_unit_test(test_js__same_answer_inside_a_container), cmocka_unit_test(test_js__same_answer_for_mutations),
       cmocka_unit_test(test_js__tree), cmocka_unit_test(test_js__unescapes),
       cmocka_unit_test(test_js__errors_say_where), cmocka_unit_test(test_js__depth_limit),
       cmocka_unit_test(test_js__node_limit), cmocka_unit_test(test_js__duplicates_at_every_width),
       cmocka_unit_test(test_js__wide_objects_are_not_quadratic),
       cmocka_unit_test(test_js__allowed_duplicates_last_wins), cmocka_unit_test(test_js__members_by_type),
       cmocka_unit_test(test_js__whole_numbers_and_seconds), cmocka_unit_test(test_js__writes_what_it_read),
       cmocka_unit_test(test_js__type_names), cmocka_unit_test(test_js__strings_of_a_list))
