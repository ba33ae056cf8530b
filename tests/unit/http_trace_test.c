#include "http/internal.h"
#include "t.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"
#define SOUND "00-" TRACE "-" SPAN "-01"

static struct http_req taken(struct http_header *headers, size_t n)
{
	struct http_req req = { .headers = headers, .n_headers = n };
	trace_new(&req);
	trace_take(&req);
	return req;
}

static struct http_req of(struct str value)
{
	struct http_header h = { STR("TraceParent"), value };
	return taken(&h, 1);
}

static bool is_hex_text(const char *text, size_t n)
{
	return strlen(text) == n && strspn(text, "0123456789abcdef") == n;
}

static void test_trace__without_a_header_it_is_new(void **state)
{
	(void)state;
	struct http_req one = taken(NULL, 0), other = taken(NULL, 0);
	CHECK(is_hex_text(one.trace_id, 32) && is_hex_text(one.span_id, 16) && !one.traced && !one.sampled);
	CHECK(strcmp(one.trace_id, other.trace_id) != 0);
}

static void test_trace__a_sound_one_is_taken(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		bool sampled;
	} rows[] = { { SOUND, true },
		     { "00-" TRACE "-" SPAN "-00", false },
		     { "00-" TRACE "-" SPAN "-ff", true },
		     { "00-" TRACE "-" SPAN "-02", false },
		     { "01-" TRACE "-" SPAN "-01", true },
		     { "cc-" TRACE "-" SPAN "-01-what-the-future-brings", true } };
	for (size_t i = 0; i < LEN(rows); i++) {
		struct http_req req = of(str_of(rows[i].value));
		assert_string_equal(req.trace_id, TRACE);
		CHECK(req.traced && req.sampled == rows[i].sampled);
		CHECK(is_hex_text(req.span_id, 16) && strcmp(req.span_id, SPAN) != 0); /* ours, not the parent's */
	}
}

static void test_trace__a_bad_one_is_replaced(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"00",
		"00-" TRACE "-" SPAN,
		"00-" TRACE "-" SPAN "-0",
		"00-" TRACE "-" SPAN "-01-",
		"00-" TRACE "-" SPAN "-01-more",
		"01-" TRACE "-" SPAN "-01.more",
		"ff-" TRACE "-" SPAN "-01",
		"0g-" TRACE "-" SPAN "-01",
		"00-00000000000000000000000000000000-" SPAN "-01",
		"00-" TRACE "-0000000000000000-01",
		"00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01",
		"00-" TRACE "-B7AD6B7169203331-01",
		"00_" TRACE "-" SPAN "-01",
		"00-" TRACE "_" SPAN "-01",
		"00-" TRACE "-" SPAN "_01",
		"00-" TRACE "-" SPAN "-0x",
	};
	for (size_t i = 0; i < LEN(bad); i++) {
		struct http_req req = of(str_of(bad[i]));
		if (strcmp(req.trace_id, TRACE) == 0 || !is_hex_text(req.trace_id, 32) || !req.traced || req.sampled)
			fail_msg("%s: %s", bad[i], req.trace_id);
	}
	struct http_header twice[] = { { STR("traceparent"), STR(SOUND) }, { STR("traceparent"), STR(SOUND) } };
	struct http_req req = taken(twice, LEN(twice));
	CHECK(req.traced && strcmp(req.trace_id, TRACE) != 0);
}

static void test_trace__limit(void **state)
{
	(void)state;
	char value[HTTP_MAX_TRACEPARENT + 1];
	memset(value, 'x', sizeof value);
	memcpy(value, "01-" TRACE "-" SPAN "-01-", 56);
	assert_string_equal(of(str_span(value, HTTP_MAX_TRACEPARENT)).trace_id, TRACE);
	CHECK(strcmp(of(str_span(value, HTTP_MAX_TRACEPARENT + 1)).trace_id, TRACE) != 0);
}

T_MAIN(cmocka_unit_test(test_trace__without_a_header_it_is_new), cmocka_unit_test(test_trace__a_sound_one_is_taken),
       cmocka_unit_test(test_trace__a_bad_one_is_replaced), cmocka_unit_test(test_trace__limit))
