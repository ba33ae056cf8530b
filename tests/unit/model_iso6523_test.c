#include "model/iso6523.h"
#include "t.h"

#define AUTHORITY "\"authority\":\"iso6523-actorid-upis\""

static void test_iso6523__read(void **state)
{
	(void)state;
	static const struct {
		const char *json;
		const char *orgno; /* NULL: refused */
	} rows[] = {
		{ "{" AUTHORITY ",\"ID\":\"0192:810419512\"}", "810419512" },
		{ "{\"ID\":\"0192:810419512\"," AUTHORITY ",\"more\":1}", "810419512" },
		{ "{" AUTHORITY ",\"ID\":\"0192:810419513\"}", NULL },
		{ "{" AUTHORITY ",\"ID\":\"0192:\"}", NULL },
		{ "{" AUTHORITY ",\"ID\":\"0192810419512\"}", NULL },
		{ "{" AUTHORITY ",\"ID\":\"192:810419512\"}", NULL },
		{ "{" AUTHORITY ",\"ID\":\"0192:0192:810419512\"}", NULL },
		{ "{" AUTHORITY ",\"ID\":\"9908:810419512\"}", NULL },
		{ "{" AUTHORITY ",\"ID\":810419512}", NULL },
		{ "{" AUTHORITY ",\"id\":\"0192:810419512\"}", NULL },
		{ "{" AUTHORITY "}", NULL },
		{ "{\"authority\":\"ISO6523-ACTORID-UPIS\",\"ID\":\"0192:810419512\"}", NULL },
		{ "{\"authority\":null,\"ID\":\"0192:810419512\"}", NULL },
		{ "{\"ID\":\"0192:810419512\"}", NULL },
		{ "\"0192:810419512\"", NULL },
		{ "[]", NULL },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		const struct js *v;
		struct str orgno = STR("as before");
		CHECK_RC(js_parse(&a, str_of(rows[i].json), NULL, &v, NULL), RC_OK);
		CHECK_RC(iso6523_read(v, &orgno), rows[i].orgno ? RC_OK : RC_INVALID);
		CHECK_STR(orgno, rows[i].orgno ? str_of(rows[i].orgno) : STR("as before"));
	}
	struct str orgno;
	CHECK_RC(iso6523_read(NULL, &orgno), RC_INVALID);
}

static void test_iso6523__write(void **state)
{
	(void)state;
	static const struct {
		const char *orgno;
		const char *json;
	} rows[] = {
		{ "810419512", "{\"x\":1,\"consumer\":{" AUTHORITY ",\"ID\":\"0192:810419512\"},\"y\":2}" },
		{ "not \"checked\"",
		  "{\"x\":1,\"consumer\":{" AUTHORITY ",\"ID\":\"0192:not \\\"checked\\\"\"},\"y\":2}" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct buf b = BUF(&a);
		struct jsw w = JSW(&b);
		jsw_obj(&w);
		jsw_ki64(&w, "x", 1);
		iso6523_write(&w, "consumer", str_of(rows[i].orgno));
		jsw_ki64(&w, "y", 2);
		jsw_end_obj(&w);
		CHECK_STR(buf_str(&b), str_of(rows[i].json));
	}
}

T_MAIN(cmocka_unit_test(test_iso6523__read), cmocka_unit_test(test_iso6523__write))
