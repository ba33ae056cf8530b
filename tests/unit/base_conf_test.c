#include "t.h"

#include <sys/stat.h>

#include "base/conf.h"

struct settings {
	const char *name;
	const char *secret;
	int64_t port, delta;
	bool verbose;
	int64_t page_size;
};

// clang-format off
static const struct conf_row conf_rows[] = {
	CONF_ROW(struct settings, name,      "name",             CONF_TEXT,   "preset", 0, 0, "a name"),
	CONF_ROW(struct settings, secret,    "key.secret",       CONF_SECRET, NULL,     0, 0, "a secret"),
	CONF_ROW(struct settings, port,      "port",             CONF_INT,    "8080",   1, 65535, "a port"),
	CONF_ROW(struct settings, delta,     "delta",            CONF_INT,    "-1",     -10, INT64_MAX, "a difference"),
	CONF_ROW(struct settings, verbose,   "log.verbose",      CONF_BOOL,   "off",    0, 0, "a switch"),
	CONF_ROW(struct settings, page_size, "events.page_size", CONF_INT,    "100",    1, 1000, "how many"),
};
// clang-format on

static enum rc set(struct settings *s, struct arena *a, const char *text, struct str *err)
{
	return conf_set(conf_rows, LEN(conf_rows), s, a, str_of(text), err);
}

static void file_write(char path[], const char *text)
{
	int fd = mkstemp(path);
	CHECK(fd >= 0);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static enum rc load(const char *text, struct settings *s, struct arena *a, struct str *err)
{
	char path[] = "/tmp/conf-test-XXXXXX";
	file_write(path, text);
	enum rc rc = conf_file(conf_rows, LEN(conf_rows), s, a, path, err);
	unlink(path);
	if (rc != RC_OK) {
		CHECK(str_starts(*err, str_of(path)));
		*err = str_span(err->p + sizeof path - 1, err->n - sizeof path + 1);
	}
	return rc;
}

static void test_conf__defaults(void **state)
{
	(void)state;
	struct settings s = { 0 };
	CHECK_RC(conf_defaults(conf_rows, LEN(conf_rows), &s), RC_OK);
	assert_string_equal(s.name, "preset");
	assert_null(s.secret);
	assert_int_equal(s.port, 8080);
	assert_int_equal(s.delta, -1);
	CHECK(!s.verbose);
	static const struct conf_row wrong[] = { CONF_ROW(struct settings, port, "port", CONF_INT, "0", 1, 2, "") };
	CHECK_RC(conf_defaults(wrong, 1, &s), RC_INVALID);
}

static void test_conf__set(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct settings s = { 0 };
	struct str err;
	CHECK_RC(set(&s, &a, "name=a=b", &err), RC_OK);
	assert_string_equal(s.name, "a=b");
	CHECK_RC(set(&s, &a, "name=", &err), RC_OK);
	assert_string_equal(s.name, "");
	CHECK_RC(set(&s, &a, "port = 65535", &err), RC_OK);
	assert_int_equal(s.port, 65535);
	CHECK_RC(set(&s, &a, "delta=-10", &err), RC_OK);
	assert_int_equal(s.delta, -10);
	CHECK_RC(set(&s, &a, "delta=9223372036854775807", &err), RC_OK);
	static const char *const on[] = { "on", "true", "yes", "1", "ON" }, *const off[] = { "off", "false", "no", "0",
											     "No" };
	for (size_t i = 0; i < LEN(on); i++) {
		CHECK_RC(set(&s, &a, arena_fmt(&a, "log.verbose=%s", on[i]).p, &err), RC_OK);
		CHECK(s.verbose);
		CHECK_RC(set(&s, &a, arena_fmt(&a, "log.verbose=%s", off[i]).p, &err), RC_OK);
		CHECK(!s.verbose);
	}
}

static void test_conf__set_refuses(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want;
	} t[] = {
		{ "prot=1", "--set: no such setting: prot" },
		{ "Port=1", "--set: no such setting: Port" },
		{ "=1", "--set: no such setting: " },
		{ "port", "--set: not KEY=VALUE" },
		{ "", "--set: not KEY=VALUE" },
		{ "port=", "--set: port must be a whole number between 1 and 65535, not \"\"" },
		{ "port=0", "--set: port must be a whole number between 1 and 65535, not \"0\"" },
		{ "port=65536", "--set: port must be a whole number between 1 and 65535, not \"65536\"" },
		{ "port=80x", "--set: port must be a whole number between 1 and 65535, not \"80x\"" },
		{ "port=+80", "--set: port must be a whole number between 1 and 65535, not \"+80\"" },
		{ "port=-", "--set: port must be a whole number between 1 and 65535, not \"-\"" },
		{ "port=8 0", "--set: port must be a whole number between 1 and 65535, not \"8 0\"" },
		{ "page_size=1", "--set: no such setting: page_size" },
		{ "delta=-11", "--set: delta must be a whole number between -10 and 9223372036854775807, not \"-11\"" },
		{ "delta=9223372036854775808", "--set: delta must be a whole number between -10 and "
					       "9223372036854775807, not \"9223372036854775808\"" },
		{ "log.verbose=2", "--set: log.verbose must be on or off, not \"2\"" },
		{ "log.verbose=", "--set: log.verbose must be on or off, not \"\"" },
	};
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t i = 0; i < LEN(t); i++) {
		struct settings s = { .port = 42, .delta = 42 };
		struct str err = STR_NONE;
		CHECK_RC(set(&s, &a, t[i].text, &err), RC_INVALID);
		CHECK_STR(err, str_of(t[i].want));
		CHECK(s.port == 42 && s.delta == 42);
	}
}

static void test_conf__environment(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct settings s = { 0 };
	struct str err;
	setenv("SAMTYKKE_EVENTS_PAGE_SIZE", "7", 1);
	setenv("SAMTYKKE_NAME", "from outside", 1);
	setenv("SAMTYKKE_NO_SETTING_OF_OURS", "x", 1);
	CHECK_RC(conf_env(conf_rows, LEN(conf_rows), &s, &a, &err), RC_OK);
	assert_int_equal(s.page_size, 7);
	assert_string_equal(s.name, "from outside");
	CHECK(s.name != getenv("SAMTYKKE_NAME"));
	setenv("SAMTYKKE_EVENTS_PAGE_SIZE", "1001", 1);
	CHECK_RC(conf_env(conf_rows, LEN(conf_rows), &s, &a, &err), RC_INVALID);
	CHECK_STR(err,
		  STR("environment: SAMTYKKE_EVENTS_PAGE_SIZE: events.page_size must be a whole number between 1 and "
		      "1000, not \"1001\""));
	assert_int_equal(s.page_size, 7);
	unsetenv("SAMTYKKE_EVENTS_PAGE_SIZE");
	unsetenv("SAMTYKKE_NAME");
}

static void test_conf__file(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct settings s = { 0 };
	struct str err;
	CHECK_RC(load("# a comment\n; another\nname = a b\n  port=81\n\n[events]\npage_size = 5\n[log]\n\tverbose = "
		      "yes\n"
		      "[key]\r\nsecret = s#e=c:ret\r\n",
		      &s, &a, &err),
		 RC_OK);
	assert_string_equal(s.name, "a b");
	assert_int_equal(s.port, 81);
	assert_int_equal(s.page_size, 5);
	CHECK(s.verbose);
	assert_string_equal(s.secret, "s#e=c:ret");
	CHECK_RC(load("", &s, &a, &err), RC_OK);
	CHECK_RC(load("name=last line without end", &s, &a, &err), RC_OK);
	assert_string_equal(s.name, "last line without end");
}

static void test_conf__file_names_the_line(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want;
	} t[] = {
		{ "port = 81\n\nprot = 81\n", ":3: no such setting: prot" },
		{ "[events]\nport = 81\n", ":2: no such setting: events.port" },
		{ "port = x\n", ":1: port must be a whole number between 1 and 65535, not \"x\"" },
		{ "# c\nport\n", ":2: neither [section] nor key = value" },
		{ "[events\npage_size = 1\n", ":1: neither [section] nor key = value" },
		{ "name = a\n  prot = b\n", ":2: no such setting: prot" },
		{ "x = 1\ny = 2\n", ":1: no such setting: x" },
	};
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t i = 0; i < LEN(t); i++) {
		struct settings s = { 0 };
		struct str err;
		CHECK_RC(load(t[i].text, &s, &a, &err), RC_INVALID);
		CHECK_STR(err, str_of(t[i].want));
	}
}

static void test_conf__file_line_limit(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct settings s = { 0 };
	struct str err;
	CHECK_RC(load(arena_fmt(&a, "name = %08000d\nport = 9\n", 7).p, &s, &a, &err), RC_OK);
	assert_int_equal(strlen(s.name), 8000);
	assert_int_equal(s.port, 9);
	CHECK_RC(load(arena_fmt(&a, "port = 9\nname = %08200d\n", 7).p, &s, &a, &err), RC_INVALID);
	CHECK_STR(err, STR(":2: line too long"));
}

static void test_conf__file_absent(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct settings s = { 0 };
	struct str err;
	CHECK_RC(conf_file(conf_rows, LEN(conf_rows), &s, &a, "/no/such.conf", &err), RC_NOT_FOUND);
	CHECK_STR(err, STR("/no/such.conf: No such file or directory"));
	CHECK_RC(conf_file(conf_rows, LEN(conf_rows), &s, &a, "/", &err), RC_FAIL);
}

static void test_conf__later_is_stronger(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct settings s = { 0 };
	struct str err;
	CHECK_RC(conf_defaults(conf_rows, LEN(conf_rows), &s), RC_OK);
	CHECK_RC(load("port = 1\n[events]\npage_size = 1\n", &s, &a, &err), RC_OK);
	setenv("SAMTYKKE_PORT", "2", 1);
	CHECK_RC(conf_env(conf_rows, LEN(conf_rows), &s, &a, &err), RC_OK);
	unsetenv("SAMTYKKE_PORT");
	assert_int_equal(s.port, 2);
	CHECK_RC(set(&s, &a, "port=3", &err), RC_OK);
	assert_int_equal(s.port, 3);
	assert_int_equal(s.page_size, 1);
	assert_string_equal(s.name, "preset");
}

/* A file that holds a secret itself is refused when others than owner and group can read it. */
static void test_conf__a_file_with_a_secret_is_private(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *key; /* NULL: the file holds no secret */
	} rows[] = {
		{ "port = 1\n", NULL },
		{ "key.secret =\n", NULL },
		{ "[key]\nsecret = x\n", "key.secret" },
		{ "name = postgresql://user:word@host/db\n", "name" },
		{ "name = postgresql://user:@host/db\n", NULL },
		{ "name = postgresql://user@host:5432/db\n", NULL },
		{ "name = postgresql://host/db?user=u&password=word\n", "name" },
		{ "name = https://host/?a=b:c\n", NULL },
		{ "name = a:b@c\n", NULL },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct arena a CLEANUP(arena_finish) = { 0 };
		struct settings s = { 0 };
		struct str err = STR_NONE;
		char path[] = "/tmp/conf-test-XXXXXX";
		file_write(path, rows[i].text);
		for (int mode = 0600; mode <= 0646; mode += 2) {
			bool open = rows[i].key && (mode & 07);
			CHECK(chmod(path, (mode_t)mode) == 0);
			CHECK_RC(conf_file(conf_rows, LEN(conf_rows), &s, &a, path, &err), open ? RC_DENIED : RC_OK);
			if (open)
				CHECK_STR(err, arena_fmt(&a,
							 "%s: it holds %s and can be read by others than its owner "
							 "and group (chmod 640 %s)",
							 path, rows[i].key, path));
		}
		unlink(path);
	}
}

T_MAIN(cmocka_unit_test(test_conf__defaults), cmocka_unit_test(test_conf__set),
       cmocka_unit_test(test_conf__set_refuses), cmocka_unit_test(test_conf__environment),
       cmocka_unit_test(test_conf__file), cmocka_unit_test(test_conf__file_names_the_line),
       cmocka_unit_test(test_conf__file_line_limit), cmocka_unit_test(test_conf__file_absent),
       cmocka_unit_test(test_conf__later_is_stronger), cmocka_unit_test(test_conf__a_file_with_a_secret_is_private))
