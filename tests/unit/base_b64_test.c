#include "t.h"

#include "base/b64.h"

struct codec_row {
	struct str bytes, text;
};

/* RFC 4648 10, without padding */
static const struct codec_row url_rows[] = {
	{ STR_INIT(""), STR_INIT("") },
	{ STR_INIT("f"), STR_INIT("Zg") },
	{ STR_INIT("fo"), STR_INIT("Zm8") },
	{ STR_INIT("foo"), STR_INIT("Zm9v") },
	{ STR_INIT("foob"), STR_INIT("Zm9vYg") },
	{ STR_INIT("fooba"), STR_INIT("Zm9vYmE") },
	{ STR_INIT("foobar"), STR_INIT("Zm9vYmFy") },
	{ STR_INIT("\xfb\xff\xbf"), STR_INIT("-_-_") },
	{ STR_INIT("\0\0\0"), STR_INIT("AAAA") },
	/* RFC 7515 A.1.1 */
	{ STR_INIT("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}"), STR_INIT("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9") },
};

static const struct codec_row std_rows[] = {
	{ STR_INIT(""), STR_INIT("") },
	{ STR_INIT("f"), STR_INIT("Zg==") },
	{ STR_INIT("fo"), STR_INIT("Zm8=") },
	{ STR_INIT("foo"), STR_INIT("Zm9v") },
	{ STR_INIT("foob"), STR_INIT("Zm9vYg==") },
	{ STR_INIT("fooba"), STR_INIT("Zm9vYmE=") },
	{ STR_INIT("\xfb\xff\xbf"), STR_INIT("+/+/") },
};

static void test_b64__url_both_ways(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t i = 0; i < LEN(url_rows); i++) {
		CHECK_STR(b64url(&a, url_rows[i].bytes), url_rows[i].text);
		assert_int_equal(B64URL_LEN(url_rows[i].bytes.n), url_rows[i].text.n);
		struct str back;
		CHECK_RC(b64url_decode(&a, url_rows[i].text, &back), RC_OK);
		CHECK_STR(back, url_rows[i].bytes);
		struct buf b = BUF(&a);
		buf_b64url(&b, url_rows[i].bytes);
		CHECK_STR(buf_str(&b), url_rows[i].text);
	}
}

static void test_b64__std_both_ways(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t i = 0; i < LEN(std_rows); i++) {
		CHECK_STR(b64(&a, std_rows[i].bytes), std_rows[i].text);
		struct str back;
		CHECK_RC(b64_decode(&a, std_rows[i].text, &back), RC_OK);
		CHECK_STR(back, std_rows[i].bytes);
	}
}

static void test_b64__url_refuses(void **state)
{
	(void)state;
	static const struct str t[] = {
		STR_INIT("A"),      STR_INIT("AAAAA"),    STR_INIT("Zg=="),   STR_INIT("Zm8="),   STR_INIT("Zm9v="),
		STR_INIT("+/+/"),   STR_INIT("Zm 9v"),    STR_INIT("Zm9v\n"), STR_INIT(" Zm9v"),  STR_INIT("Zm9\xc3"),
		STR_INIT("Zm9v\0"), STR_INIT("Zh"),       STR_INIT("Zm9"),    STR_INIT("Zm9vY!"), STR_INIT("AB"),
		STR_INIT("AAB"),    STR_INIT("\0\0\0\0"),
	};
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t i = 0; i < LEN(t); i++) {
		struct str out = STR("untouched");
		CHECK_RC(b64url_decode(&a, t[i], &out), RC_INVALID);
		CHECK_STR(out, STR("untouched"));
	}
}

static void test_b64__std_refuses(void **state)
{
	(void)state;
	static const struct str t[] = {
		STR_INIT("Zg"),       STR_INIT("Zg="),  STR_INIT("Zg==="),    STR_INIT("Z==="),
		STR_INIT("===="),     STR_INIT("="),    STR_INIT("-_-_"),     STR_INIT("Zh=="),
		STR_INIT("Zm9v===="), STR_INIT("Zm9="), STR_INIT("Zg==Zg=="), STR_INIT("Zm9v\r\n\r\n"),
		STR_INIT("Z=g="),
	};
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t i = 0; i < LEN(t); i++) {
		struct str out;
		CHECK_RC(b64_decode(&a, t[i], &out), RC_INVALID);
	}
}

static void test_b64__every_character_is_decided(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	int good = 0;
	for (int c = 0; c < 256; c++) {
		struct str out;
		char text[4] = { (char)c, (char)c, (char)c, (char)c };
		if (b64url_decode(&a, str_span(text, 4), &out) == RC_OK) {
			CHECK_STR(b64url(&a, out), str_span(text, 4));
			good++;
		}
	}
	assert_int_equal(good, 64);
}

static void test_b64__long_text(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	char bytes[1000];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7 + i / 256);
	for (size_t n = 0; n < sizeof bytes; n++) {
		struct str text = b64url(&a, str_span(bytes, n)), back;
		struct buf b = BUF(&a);
		buf_b64url(&b, str_span(bytes, n));
		CHECK_STR(buf_str(&b), text);
		CHECK_RC(b64url_decode(&a, text, &back), RC_OK);
		CHECK_STR(back, str_span(bytes, n));
	}
}

T_MAIN(cmocka_unit_test(test_b64__url_both_ways), cmocka_unit_test(test_b64__std_both_ways),
       cmocka_unit_test(test_b64__url_refuses), cmocka_unit_test(test_b64__std_refuses),
       cmocka_unit_test(test_b64__every_character_is_decided), cmocka_unit_test(test_b64__long_text))
