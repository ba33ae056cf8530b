#include "daemon/settings.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "t.h"

#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"

struct fixture {
	struct arena a;
	struct settings s;
	struct str err;
	char path[64];
};

static void start(struct fixture *f)
{
	*f = (struct fixture){ .path = "/tmp/samtykke-settings.XXXXXX" };
	int fd = mkstemp(f->path);
	CHECK(fd >= 0);
	close(fd);
}

static void stop(struct fixture *f)
{
	unlink(f->path);
	arena_finish(&f->a);
}

static void file_set(const struct fixture *f, struct str text)
{
	FILE *file = fopen(f->path, "w");

	CHECK(file && fwrite(text.p, 1, text.n, file) == text.n && fclose(file) == 0);
}

static enum rc load(struct fixture *f, bool file, const char *set)
{
	return settings_load(&f->s, &f->a, file ? f->path : NULL, &set, set != NULL, &f->err);
}

static void test_settings__have_sound_defaults(void **state)
{
	(void)state;
	struct fixture f;
	start(&f);
	CHECK_RC(load(&f, false, NULL), RC_OK);
	CHECK_STR(str_of(f.s.listen), STR("127.0.0.1"));
	CHECK_STR(str_of(f.s.time_zone), STR("Europe/Oslo"));
	CHECK_STR(str_of(f.s.log_level), STR("info"));
	CHECK(f.s.port == 8080 && f.s.workers == 32 && f.s.store_readers == 0 && f.s.store_map_mb == 16 &&
	      !f.s.auto_register);
	CHECK(!f.s.public_url && !f.s.issuer && !f.s.store && !f.s.master_file && !f.s.tls_cert && !f.s.log_format);
	CHECK_RC(settings_use(&f.s, &f.a, false, &f.err), RC_OK);
	size_t n;
	const struct conf_row *rows = settings_table(&n);
	for (size_t i = 0; i < n; i++)
		CHECK(rows[i].help[strlen(rows[i].help) - 1] == '.');
	stop(&f);
}

static void test_settings__the_later_source_wins(void **state)
{
	(void)state;
	struct fixture f;
	start(&f);
	file_set(&f, STR("port = 1\nworkers = 2\n[store]\nreaders = 3\n[parties]\nauto_register = on\n"));
	CHECK_RC(load(&f, true, NULL), RC_OK);
	CHECK(f.s.port == 1 && f.s.workers == 2 && f.s.store_readers == 3 && f.s.auto_register);
	setenv("SAMTYKKE_WORKERS", "4", 1);
	setenv("SAMTYKKE_STORE_READERS", "5", 1);
	CHECK_RC(load(&f, true, "store.readers=6"), RC_OK);
	CHECK(f.s.port == 1 && f.s.workers == 4 && f.s.store_readers == 6);
	CHECK_RC(load(&f, false, NULL), RC_OK);
	CHECK(f.s.port == 8080 && f.s.workers == 4 && f.s.store_readers == 5 && !f.s.auto_register);
	setenv("SAMTYKKE_WORKERS", "many", 1);
	CHECK_RC(load(&f, true, NULL), RC_INVALID);
	CHECK(str_find(f.err, STR("SAMTYKKE_WORKERS")) >= 0);
	unsetenv("SAMTYKKE_WORKERS");
	unsetenv("SAMTYKKE_STORE_READERS");
	stop(&f);
}

static void test_settings__refuses_with_one_line(void **state)
{
	(void)state;
	static const char *const sets[] = { "port",
					    "port=65536",
					    "port=-1",
					    "workers=0",
					    "workers=513",
					    "nonsense=1",
					    "store.readers=65",
					    "store.map_mb=1048577",
					    "parties.auto_register=maybe" };
	struct fixture f;
	start(&f);
	for (size_t i = 0; i < LEN(sets); i++) {
		f.err = STR_NONE;
		CHECK_RC(load(&f, false, sets[i]), RC_INVALID);
		CHECK(f.err.n && !memchr(f.err.p, '\n', f.err.n));
	}
	CHECK_RC(load(&f, false, "port=65535"), RC_OK);
	CHECK_RC(load(&f, false, "workers=512"), RC_OK);
	file_set(&f, STR("prot = 1\n"));
	CHECK_RC(load(&f, true, NULL), RC_INVALID);
	CHECK(str_ends(f.err, STR(":1: no such setting: prot")));
	unlink(f.path);
	CHECK_RC(load(&f, true, NULL), RC_NOT_FOUND);
	CHECK(f.err.n);
	stop(&f);
}

static void test_settings__log_and_time_zone_are_checked(void **state)
{
	(void)state;
	static const struct {
		const char *set;
		enum rc want;
	} t[] = {
		{ "log.level=debug", RC_OK },
		{ "log.level=error", RC_OK },
		{ "log.level=Info", RC_INVALID },
		{ "log.level=", RC_INVALID },
		{ "log.format=json", RC_OK },
		{ "log.format=text", RC_OK },
		{ "log.format=xml", RC_INVALID },
		{ "time_zone=UTC", RC_OK },
		{ "time_zone=America/Lima", RC_OK },
		{ "time_zone=Mars/Base", RC_INVALID },
		{ "time_zone=../../etc/passwd", RC_INVALID },
	};
	struct fixture f;
	start(&f);
	for (size_t i = 0; i < LEN(t); i++) {
		f.err = STR_NONE;
		CHECK_RC(load(&f, false, t[i].set), RC_OK);
		CHECK_RC(settings_use(&f.s, &f.a, i % 2, &f.err), t[i].want);
		CHECK((f.err.n > 0) == (t[i].want != RC_OK));
	}
	CHECK_RC(load(&f, false, "time_zone=Europe/Oslo"), RC_OK);
	CHECK_RC(settings_use(&f.s, &f.a, true, &f.err), RC_OK);
	CHECK(clock_local(1780315200 * CLOCK_SECOND).hour == 14);
	log_setup(LOG_INFO, LOG_TEXT);
	stop(&f);
}

/* `head`, and so many bytes in all after its "=". */
static const char *padded(struct arena *a, const char *head, size_t n)
{
	struct buf b = BUF(a);
	buf_z(&b, head);
	size_t value = strlen(strchr(head, '=') + 1);
	for (; value < n; value++)
		buf_c(&b, 'x');
	return arena_cstr(a, buf_str(&b));
}

static void test_settings__what_pages_show_of_the_operator(void **state)
{
	(void)state;
	struct fixture f;
	start(&f);
	const struct {
		const char *set;
		enum rc want;
	} t[] = {
		{ padded(&f.a, "operator.name=", SETTINGS_MAX_NAME), RC_OK },
		{ padded(&f.a, "operator.name=", SETTINGS_MAX_NAME + 1), RC_INVALID },
		{ padded(&f.a, "operator.privacy=https://a.example/", SETTINGS_MAX_ADDRESS), RC_OK },
		{ padded(&f.a, "operator.privacy=https://a.example/", SETTINGS_MAX_ADDRESS + 1), RC_INVALID },
		{ padded(&f.a, "operator.help=https://a.example/", SETTINGS_MAX_ADDRESS + 1), RC_INVALID },
		{ padded(&f.a, "operator.contact=https://a.example/", SETTINGS_MAX_ADDRESS + 1), RC_INVALID },
		{ "operator.privacy=mailto:a@a.example", RC_INVALID },
		{ "operator.privacy=javascript:x", RC_INVALID },
		{ "operator.help=mailto:a@a.example", RC_OK },
		{ "operator.help=tel:+4712345678", RC_OK },
		{ "operator.help=data:text/html,x", RC_INVALID },
		{ "operator.logo=/tmp/logo.svg", RC_INVALID }, /* without a name */
	};
	for (size_t i = 0; i < LEN(t); i++) {
		f.err = STR_NONE;
		CHECK_RC(load(&f, false, t[i].set), RC_OK);
		CHECK_RC(settings_use(&f.s, &f.a, true, &f.err), t[i].want);
		CHECK(t[i].want == RC_OK || str_starts(f.err, STR("operator.")));
	}
	log_setup(LOG_INFO, LOG_TEXT);
	stop(&f);
}

static void test_settings__an_issuer_is_an_address_with_a_slash(void **state)
{
	(void)state;
	static const struct {
		const char *set;
		enum rc want;
	} t[] = {
		{ "issuer=https://issuer.example/", RC_OK },
		{ "issuer=http://127.0.0.1:8080/", RC_OK },
		{ "issuer=https://[::1]:8080/a/b/", RC_OK },
		{ "issuer=https://issuer.example", RC_INVALID },
		{ "issuer=https://issuer.example/a", RC_INVALID },
		{ "issuer=https://issuer.example/?a=/", RC_INVALID },
		{ "issuer=https://issuer.example/#/", RC_INVALID },
		{ "issuer=issuer.example/", RC_INVALID },
		{ "issuer=/", RC_INVALID },
		{ "issuer=", RC_INVALID },
		{ "issuer=https:///", RC_INVALID },
		{ "issuer=https://:80/", RC_INVALID },
		{ "issuer=ftp://issuer.example/", RC_INVALID },
		{ "issuer=urn:issuer/", RC_INVALID },
		{ "issuer=https://issuer example/", RC_INVALID },
		{ "issuer= https://issuer.example/", RC_OK }, /* blanks are the settings' */
	};
	struct fixture f;
	start(&f);
	for (size_t i = 0; i < LEN(t); i++) {
		f.err = STR_NONE;
		CHECK_RC(load(&f, false, t[i].set), RC_OK);
		CHECK_RC(settings_use(&f.s, &f.a, i % 2, &f.err), t[i].want);
		CHECK(t[i].want == RC_OK || str_starts(f.err, STR("issuer: ")));
	}
	log_setup(LOG_INFO, LOG_TEXT);
	stop(&f);
}

static enum rc master(struct fixture *f, struct str text, mode_t mode, uint8_t key_out[32])
{
	file_set(f, text);
	CHECK(chmod(f->path, mode) == 0);
	f->s = (struct settings){ .master_file = f->path };
	f->err = STR_NONE;
	return settings_master(&f->s, &f->a, key_out, &f->err);
}

static void test_settings__master_key_in_hex_or_raw(void **state)
{
	(void)state;
	struct fixture f;
	uint8_t key[32], want[32];
	start(&f);
	for (uint8_t i = 0; i < 32; i++)
		want[i] = i;
	static const char *const hex[] = { HEX, HEX "\n", "  " HEX "\r\n", HEX "                " };
	for (size_t i = 0; i < LEN(hex); i++) {
		memset(key, 0xff, sizeof key);
		CHECK_RC(master(&f, str_of(hex[i]), 0600, key), RC_OK);
		CHECK(memcmp(key, want, sizeof key) == 0);
	}
	memset(key, 0xff, sizeof key);
	CHECK_RC(master(&f, str_span(want, 32), 0400, key), RC_OK);
	CHECK(memcmp(key, want, sizeof key) == 0);
	f.s.master_file = NULL;
	CHECK_RC(settings_master(&f.s, &f.a, key, &f.err), RC_NOT_FOUND);
	stop(&f);
}

static void test_settings__master_key_of_another_shape_is_refused(void **state)
{
	(void)state;
	struct fixture f;
	uint8_t key[32], before[32];
	start(&f);
	memset(key, 0xa5, sizeof key);
	memcpy(before, key, sizeof key);
	static const char *const t[] = { "",
					 "0123456789abcdef0123456789abcde",    /* 31 bytes */
					 "0123456789abcdef0123456789abcdef\n", /* 33 */
					 HEX "0",
					 "g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
					 HEX "                 ",
					 HEX "                and more" };
	for (size_t i = 0; i < LEN(t); i++) {
		CHECK_RC(master(&f, str_of(t[i]), 0600, key), RC_INVALID);
		CHECK(str_find(f.err, STR("neither 64 hex digits nor 32 bytes")) >= 0);
	}
	static const mode_t modes[] = { 0640, 0604, 0620, 0601 };
	for (size_t i = 0; i < LEN(modes); i++) {
		CHECK_RC(master(&f, STR(HEX), modes[i], key), RC_DENIED);
		CHECK(str_find(f.err, STR("chmod 600")) >= 0);
		CHECK(chmod(f.path, 0600) == 0);
	}
	unlink(f.path);
	CHECK_RC(settings_master(&f.s, &f.a, key, &f.err), RC_INVALID);
	CHECK(memcmp(key, before, sizeof key) == 0);
	stop(&f);
}

T_MAIN(cmocka_unit_test(test_settings__have_sound_defaults), cmocka_unit_test(test_settings__the_later_source_wins),
       cmocka_unit_test(test_settings__refuses_with_one_line),
       cmocka_unit_test(test_settings__log_and_time_zone_are_checked),
       cmocka_unit_test(test_settings__what_pages_show_of_the_operator),
       cmocka_unit_test(test_settings__an_issuer_is_an_address_with_a_slash),
       cmocka_unit_test(test_settings__master_key_in_hex_or_raw),
       cmocka_unit_test(test_settings__master_key_of_another_shape_is_refused))
