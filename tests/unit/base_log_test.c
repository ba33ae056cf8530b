#include "t.h"

#include <fcntl.h>
#include <signal.h>

#include "base/clock.h"
#include "base/js.h"
#include "base/log.h"

/* What stderr gets between capture_start and capture_end. */
struct capture {
	int saved, file;
	char text[16384];
};

static void capture_start(struct capture *c)
{
	char path[] = "/tmp/log-test-XXXXXX";
	c->file = mkstemp(path);
	CHECK(c->file >= 0);
	unlink(path);
	c->saved = dup(STDERR_FILENO);
	dup2(c->file, STDERR_FILENO);
}

static struct str capture_end(struct capture *c)
{
	dup2(c->saved, STDERR_FILENO);
	close(c->saved);
	ssize_t n = pread(c->file, c->text, sizeof c->text, 0);
	close(c->file);
	CHECK(n >= 0);
	return str_span(c->text, (size_t)n);
}

/* Everything behind the time. */
static struct str without_time(struct str line, size_t before)
{
	const size_t time_chars = sizeof "2026-06-01T12:00:00.000Z" - 1;
	CHECK(line.n > before + time_chars);
	assert_int_equal(line.p[before + 10], 'T');
	assert_int_equal(line.p[before + 19], '.');
	assert_int_equal(line.p[before + time_chars - 1], 'Z');
	return str_span(line.p + before + time_chars, line.n - before - time_chars);
}

static void test_log__text(void **state)
{
	(void)state;
	struct capture c;
	log_setup(LOG_INFO, LOG_TEXT);
	capture_start(&c);
	log_info("consent.created", KV("id", STR("abc")), KV("ms", 3), KV("z", (const char *)"x"),
		 KV("big", INT64_MIN));
	CHECK_STR(without_time(capture_end(&c), 0),
		  STR(" info consent.created id=abc ms=3 z=x big=-9223372036854775808\n"));
}

static void test_log__text_quotes_what_would_mislead(void **state)
{
	(void)state;
	struct capture c;
	log_setup(LOG_INFO, LOG_TEXT);
	capture_start(&c);
	log_warn("e", KV("a", STR("two words")), KV("b", STR("x\ny")), KV("c", STR("")), KV("d", STR_NONE),
		 KV("f", STR("q\"=")), KV("g", STR("\xff")), KV("h", STR("\xc3\xa5")));
	CHECK_STR(without_time(capture_end(&c), 0),
		  STR(" warn e a=\"two words\" b=\"x\\ny\" c=\"\" d=- f=\"q\\\"=\" g=\"\xef\xbf\xbd\" h=\xc3\xa5\n"));
}

static void test_log__json(void **state)
{
	(void)state;
	struct capture c;
	log_setup(LOG_DEBUG, LOG_JSON);
	capture_start(&c);
	log_debug("consent.created", KV("id", STR("a\"\n")), KV("ms", 3), KV("none", STR_NONE));
	struct str line = capture_end(&c);
	CHECK(str_starts(line, STR("{\"time\":\"")));
	CHECK_STR(without_time(line, 9), STR("\",\"level\":\"debug\",\"event\":\"consent.created\",\"id\":\"a\\\"\\n\","
					     "\"ms\":3,\"none\":null}\n"));
}

static void test_log__eleven_digits_are_masked(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		const char *text;
	} rows[] = {
		{ "01025161013", "***********" },
		{ "urn:altinn:person:identifier-no:01025161013", "urn:altinn:person:identifier-no:***********" },
		{ "a%3A01025161013%20", "a%3A***********%20" },
		{ "a\n01025161013", "\"a\\n***********\"" },
		{ "01025161013,810419512,01025161013", "***********,810419512,***********" },
		{ "0102516101", "0102516101" },
		{ "010251610133", "010251610133" },
		{ "a01025161013", "a01025161013" }, /* part of a UUID or a trace id */
		{ "b1bb1c6e-0000-4000-8000-012345678901", "b1bb1c6e-0000-4000-8000-012345678901" },
		{ "%", "%" },
		{ "1234567890%1", "1234567890%1" },
	};
	log_setup(LOG_INFO, LOG_TEXT);
	for (size_t i = 0; i < LEN(rows); i++) {
		struct arena a CLEANUP(arena_finish) = { 0 };
		struct capture c;
		capture_start(&c);
		log_info("e", KV("a", rows[i].value));
		CHECK_STR(without_time(capture_end(&c), 0), arena_fmt(&a, " info e a=%s\n", rows[i].text));
	}
}

/* Two lines a few milliseconds apart have times that tell it. */
static void test_log__time_in_milliseconds(void **state)
{
	(void)state;
	struct capture c;
	log_setup(LOG_INFO, LOG_TEXT);
	capture_start(&c);
	int64_t before = clock_real();
	log_info("a");
	int64_t after = clock_real(), told;
	struct str text = capture_end(&c);
	CHECK_RC(clock_parse(str_span(text.p, sizeof "2026-06-01T12:00:00.000Z" - 1), &told), RC_OK);
	CHECK(told >= before - before % 1000 && told <= after);
}

/* An urgent line does not overtake one that waits. */
static void test_log__order_is_kept(void **state)
{
	(void)state;
	struct capture c;
	log_setup(LOG_INFO, LOG_TEXT);
	capture_start(&c);
	CHECK_RC(log_start(), RC_OK);
	static const struct kv none[] = { { 0 } };
	log_event_soon(LOG_INFO, "first", none);
	log_event_soon(LOG_INFO, "second", none); /* waits for others */
	log_info("third");
	log_event_soon(LOG_INFO, "fourth", none);
	log_stop();
	struct str text = capture_end(&c);
	ptrdiff_t last = 0;
	static const char *const names[] = { " first\n", " second\n", " third\n", " fourth\n" };
	for (size_t i = 0; i < LEN(names); i++) {
		ptrdiff_t at = str_find(text, str_of(names[i]));
		CHECK(at > last);
		last = at;
	}
}

static void test_log__without_pairs(void **state)
{
	(void)state;
	struct capture c;
	log_setup(LOG_INFO, LOG_TEXT);
	capture_start(&c);
	log_error("stop");
	CHECK_STR(without_time(capture_end(&c), 0), STR(" error stop\n"));
}

static void test_log__below_the_level_is_silent(void **state)
{
	(void)state;
	struct capture c;
	log_setup(LOG_WARN, LOG_TEXT);
	capture_start(&c);
	log_debug("a");
	log_info("b");
	log_warn("c");
	log_error("d");
	struct str text = capture_end(&c);
	CHECK(str_find(text, STR(" b")) < 0);
	CHECK(str_find(text, STR(" warn c\n")) > 0);
	CHECK(str_find(text, STR(" error d\n")) > 0);
}

static int counted;

static int64_t count(void)
{
	return ++counted;
}

static void test_log__debug_computes_values_only_when_it_writes(void **state)
{
	(void)state;
	struct capture c;
	log_setup(LOG_INFO, LOG_TEXT);
	capture_start(&c);
	log_debug("a", KV("n", count()));
	log_setup(LOG_DEBUG, LOG_TEXT);
	log_debug("b", KV("n", count()));
	CHECK_STR(without_time(capture_end(&c), 0), STR(" debug b n=1\n"));
	CHECK(counted == 1);
}

static void test_log__long_lines_stay_well_formed(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	char value[5001] = "x"; /* an odd start, so that the cut falls inside a character */
	for (size_t i = 1; i < sizeof value; i += 2)
		memcpy(value + i, "\xc3\xa5", i + 1 < sizeof value ? 2 : 1);
	struct str v = str_span(value, sizeof value);
	for (int format = LOG_TEXT; format <= LOG_JSON; format++) {
		struct capture c;
		log_setup(LOG_INFO, (enum log_format)format);
		capture_start(&c);
		log_info("e", KV("a", v), KV("b", v), KV("c", v), KV("d", v), KV("e", v), KV("last", 1));
		struct str line = capture_end(&c);
		CHECK(line.n > 2000 && line.n <= 4096);
		assert_int_equal(line.p[line.n - 1], '\n');
		CHECK(str_utf8(line));
		CHECK(str_find(line, STR("\xef\xbf\xbd")) < 0);
		CHECK(str_find(line, STR("last")) > 0);
		const struct js *doc;
		if (format == LOG_JSON)
			CHECK_RC(js_parse(&a, line, NULL, &doc, NULL), RC_OK);
	}
}

/* stderr is a pipe that nobody reads, and full. */
static void pipe_fill(int fds[2], int *saved)
{
	char page[4096];
	CHECK(pipe(fds) == 0);
	memset(page, '\n', sizeof page);
	CHECK(fcntl(fds[1], F_SETFL, O_NONBLOCK) == 0);
	while (write(fds[1], page, sizeof page) > 0)
		;
	CHECK(fcntl(fds[1], F_SETFL, 0) == 0);
	*saved = dup(STDERR_FILENO);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
}

static void stderr_back(int saved)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
}

/* The number behind "lines=", or 0 when the line is another one. */
static uint64_t lines_told(struct str line)
{
	struct str head, count;
	uint64_t n = 0;
	if (str_find(line, STR(" warn log.dropped lines=")) < 0)
		return 0;
	CHECK(str_cut(str_trim(line), '=', &head, &count));
	CHECK_RC(str_u64(count, &n), RC_OK);
	CHECK(n > 0);
	return n;
}

enum { FLOOD = 20000 };

static void test_log__a_full_pipe_stops_nobody(void **state)
{
	(void)state;
	int fds[2], saved;
	uint64_t written = 0, told = 0;
	int64_t dropped = log_dropped();
	char text[4096];
	log_setup(LOG_INFO, LOG_TEXT);
	pipe_fill(fds, &saved);
	CHECK_RC(log_start(), RC_OK);
	for (int i = 0; i < FLOOD; i++)
		log_info("e", KV("n", i), KV("end", 1));
	dropped = log_dropped() - dropped;
	FILE *f = fdopen(fds[0], "r");
	CHECK(f);
	while (written + told < FLOOD) {
		CHECK(fgets(text, sizeof text, f));
		struct str line = str_of(text);
		uint64_t lost = lines_told(line);
		bool ours = str_find(line, STR(" info e n=")) == sizeof "2026-06-01T12:00:00.000Z" - 1;
		CHECK(lost || str_is(line, "\n") || (ours && str_ends(line, STR(" end=1\n"))));
		written += ours;
		told += lost;
	}
	log_stop();
	stderr_back(saved);
	fclose(f);
	CHECK(dropped > 0);
	assert_int_equal(told, dropped);
}

static void test_log__stop_writes_what_waits(void **state)
{
	(void)state;
	struct capture c;
	log_setup(LOG_INFO, LOG_TEXT);
	capture_start(&c);
	CHECK_RC(log_start(), RC_OK);
	for (int i = 0; i < 100; i++)
		log_info("e", KV("n", i));
	log_stop();
	log_info("after");
	struct str text = capture_end(&c);
	CHECK(str_find(text, STR(" info e n=99\n")) > 0);
	CHECK(str_ends(text, STR(" info after\n")));
}

static void test_log__lines_that_stderr_refuses_are_counted(void **state)
{
	(void)state;
	int fds[2], saved = dup(STDERR_FILENO);
	int64_t before = log_dropped();
	CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	log_setup(LOG_INFO, LOG_TEXT);
	CHECK(pipe(fds) == 0);
	close(fds[0]);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	CHECK_RC(log_start(), RC_OK);
	for (int i = 0; i < 100; i++)
		log_info("e", KV("n", i));
	log_stop();
	stderr_back(saved);
	assert_int_equal(log_dropped() - before, 100);
}

/* The last case: afterwards no line of this process is written any more. */
static void test_log__stop_does_not_wait_for_a_reader(void **state)
{
	(void)state;
	int fds[2], saved;
	int64_t before = log_dropped();
	log_setup(LOG_INFO, LOG_TEXT);
	pipe_fill(fds, &saved);
	CHECK_RC(log_start(), RC_OK);
	log_info("e");
	log_stop();
	log_info("e");
	stderr_back(saved);
	CHECK(log_dropped() > before);
	close(fds[0]);
}

T_MAIN(cmocka_unit_test(test_log__debug_computes_values_only_when_it_writes), cmocka_unit_test(test_log__text),
       cmocka_unit_test(test_log__text_quotes_what_would_mislead), cmocka_unit_test(test_log__json),
       cmocka_unit_test(test_log__eleven_digits_are_masked), cmocka_unit_test(test_log__time_in_milliseconds),
       cmocka_unit_test(test_log__order_is_kept), cmocka_unit_test(test_log__without_pairs),
       cmocka_unit_test(test_log__below_the_level_is_silent), cmocka_unit_test(test_log__long_lines_stay_well_formed),
       cmocka_unit_test(test_log__a_full_pipe_stops_nobody), cmocka_unit_test(test_log__stop_writes_what_waits),
       cmocka_unit_test(test_log__lines_that_stderr_refuses_are_counted),
       cmocka_unit_test(test_log__stop_does_not_wait_for_a_reader))
