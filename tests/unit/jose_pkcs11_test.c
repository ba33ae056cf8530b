#include "jose/pkcs11.h"
#include "jose_t.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SOFTHSM "/usr/lib/softhsm/libsofthsm2.so"
#define PIN "1234"
#define URI(object) "pkcs11:token=test;object=" object

/* A token of SoftHSM in a folder of its own, behind the module that can make it go away. */
static struct {
	char dir[64], file[96];
	struct p11 *p;
	struct arena a;
} hsm;

static int hsm_open(void **state)
{
	(void)state;
	char text[1024];
	(void)snprintf(hsm.dir, sizeof hsm.dir, "/tmp/samtykke-p11-XXXXXX");
	if (access(SOFTHSM, R_OK) != 0 || !mkdtemp(hsm.dir))
		return -1;
	(void)snprintf(hsm.file, sizeof hsm.file, "%s/away", hsm.dir);
	(void)snprintf(text, sizeof text, "%s/conf", hsm.dir);
	FILE *f = fopen(text, "we");
	if (!f)
		return -1;
	(void)fprintf(f, "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", hsm.dir);
	(void)fclose(f);
	(void)setenv("SOFTHSM2_CONF", text, 1);
	(void)setenv("AWAY_MODULE", SOFTHSM, 1);
	(void)setenv("AWAY_FILE", hsm.file, 1);
	if (system("softhsm2-util --init-token --free --label test --pin " PIN " --so-pin 5678 >/dev/null") != 0)
		return -1;
	struct str err = STR("");
	if (p11_open(&hsm.a, AWAY_MODULE_PATH, STR(PIN), &hsm.p, &err) != RC_OK) {
		print_error("%.*s\n", STR_FMT(err));
		return -1;
	}
	return 0;
}

static int hsm_close(void **state)
{
	(void)state;
	char text[128];
	p11_close(hsm.p);
	p11_close(NULL);
	arena_finish(&hsm.a);
	(void)snprintf(text, sizeof text, "rm -rf '%s'", hsm.dir);
	return system(text);
}

static void gone(bool away)
{
	if (!away) {
		CHECK(unlink(hsm.file) == 0);
		return;
	}
	FILE *f = fopen(hsm.file, "we");
	CHECK(f);
	(void)fclose(f);
}

static struct jwk *made(const char *uri, enum jose_alg alg)
{
	struct jwk *k = NULL;
	const char *why = "";
	enum rc rc = p11_key(hsm.p, str_of(uri), alg, 2048, &k, &why);
	if (rc != RC_OK)
		print_error("%s: %s\n", rc_name(rc), why);
	CHECK_RC(rc, RC_OK);
	return k;
}

static enum rc signs(const struct jwk *k)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct str token;
	struct jws parsed;
	TRY(jws_sign(&a, k, jwk_alg(k), STR_NONE, STR("{\"a\":1}"), &token));
	TRY(jws_parse(&a, token, &parsed));
	return jws_verify(&parsed, k);
}

static void test_pkcs11__every_algorithm(void **state)
{
	(void)state;
	static const struct {
		const char *uri;
		enum jose_alg alg;
	} rows[] = {
		{ URI("rs"), JOSE_RS256 },
		{ URI("ps;id=%01%00%ff"), JOSE_PS256 },
		{ URI("es"), JOSE_ES256 },
		{ URI("ed"), JOSE_EDDSA },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct arena a CLEANUP(arena_finish) = { 0 };
		struct jwk *k = made(rows[i].uri, rows[i].alg), *again = made(rows[i].uri, rows[i].alg);
		CHECK_STR(jwk_kid(k), jwk_kid(again)); /* found, not made anew */
		CHECK_STR(jwk_kid(k), jwk_thumbprint(k, &a));
		CHECK_RC(signs(k), RC_OK);
		CHECK_RC(jwk_probe(k), RC_OK);
		CHECK_RC(jwk_self_sign(k, STR("CN=In a token"), 0, INT64_C(4000000000) * 1000000), RC_OK);
		struct buf b = BUF(&a);
		struct jsw w = JSW(&b);
		jwk_write_private(&w, k);
		CHECK(str_find(buf_str(&b), STR("\"d\"")) < 0 && str_find(buf_str(&b), STR("\"x5c\"")) > 0);
		struct str pem;
		CHECK_RC(jwk_csr(k, &a, STR("CN=x"), &pem), RC_OK);
		jwk_unref(again);
		jwk_unref(k);
	}
}

static void test_pkcs11__refusals(void **state)
{
	(void)state;
	static const struct {
		const char *uri;
		enum jose_alg alg;
		enum rc rc;
	} rows[] = {
		{ URI("es"), JOSE_RS256, RC_INVALID },                  /* of another kind */
		{ "pkcs11:token=test;id=%07", JOSE_ES256, RC_INVALID }, /* not there, and no name to make it under */
		{ "pkcs11:token=nobody;object=x", JOSE_ES256, RC_BUSY },
		{ "pkcs11:object=x", JOSE_ES256, RC_INVALID },
	};
	jwk_unref(made(URI("es"), JOSE_ES256));
	for (size_t i = 0; i < LEN(rows); i++) {
		struct jwk *k = NULL;
		const char *why = NULL;
		CHECK_RC(p11_key(hsm.p, str_of(rows[i].uri), rows[i].alg, 2048, &k, &why), rows[i].rc);
		CHECK(!k && (why != NULL) == (rows[i].rc == RC_INVALID));
	}
}

static void test_pkcs11__uris(void **state)
{
	(void)state;
	static const struct {
		const char *uri;
		bool ok;
	} rows[] = {
		{ "pkcs11:token=a;object=b", true },
		{ "pkcs11:serial=1;id=%00%01", true },
		{ "pkcs11:token=a%20b;object=%c3%a6;type=private", true },
		{ "pkcs11:token=a", false },
		{ "pkcs11:object=a", false },
		{ "pkcs11:", false },
		{ "", false },
		{ "http://token=a;object=b", false },
		{ "pkcs11:token=a;object=b?pin-value=1", false },
		{ "pkcs11:token=a;token=b;object=c", false },
		{ "pkcs11:token=a;object=%0", false },
		{ "pkcs11:token=a;object=%zz", false },
		{ "pkcs11:token=a;object=", false },
		{ "pkcs11:token=a;object=b;type=public", false },
		{ "pkcs11:token=a;object=b;colour=red", false },
		{ "pkcs11:token=a;object", false },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		assert_int_equal(p11_uri_ok(str_of(rows[i].uri)), rows[i].ok);
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct buf b = BUF(&a);
	buf_lit(&b, "pkcs11:token=a;object=");
	while (b.n < P11_URI_MAX)
		buf_c(&b, 'x');
	CHECK(p11_uri_ok(buf_str(&b)));
	buf_c(&b, 'x');
	CHECK(!p11_uri_ok(buf_str(&b)));
}

static void test_pkcs11__comes_back(void **state)
{
	(void)state;
	struct jwk *k = made(URI("es"), JOSE_ES256);
	CHECK_RC(signs(k), RC_OK);
	gone(true);
	CHECK_RC(signs(k), RC_BUSY);
	CHECK_RC(jwk_probe(k), RC_BUSY);
	gone(false);
	enum rc rc = RC_BUSY;
	for (int i = 0; i < 100 && rc != RC_OK; i++) { /* it is left alone for a second */
		usleep(50000);
		rc = signs(k);
	}
	CHECK_RC(rc, RC_OK);
	CHECK_RC(jwk_probe(k), RC_OK);
	jwk_unref(k);
}

static atomic_int good, bad;

static void *many(void *key)
{
	for (int i = 0; i < 50; i++)
		*(signs(key) == RC_OK ? &good : &bad) += 1;
	return NULL;
}

static void test_pkcs11__many_threads(void **state)
{
	(void)state;
	struct jwk *k = made(URI("es"), JOSE_ES256);
	pthread_t threads[16];
	for (size_t i = 0; i < LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, many, k), 0);
	for (size_t i = 0; i < LEN(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(good, 16 * 50);
	assert_int_equal(bad, 0);
	jwk_unref(k);
}

/* Last: SoftHSM counts, and so does the module. */
static void test_pkcs11__a_refused_pin_is_not_tried_again(void **state)
{
	(void)state;
	struct str err = STR("");
	struct p11 *p = NULL;
	struct jwk *k = NULL;
	const char *why;
	p11_close(hsm.p);
	hsm.p = NULL;
	CHECK_RC(p11_open(&hsm.a, AWAY_MODULE_PATH, STR("9999"), &p, &err), RC_OK);
	for (int i = 0; i < 5; i++)
		CHECK_RC(p11_key(p, STR(URI("es")), JOSE_ES256, 2048, &k, &why), RC_BUSY);
	p11_close(p);
	char pin[P11_PIN_MAX + 1];
	memset(pin, '1', sizeof pin);
	CHECK_RC(p11_open(&hsm.a, AWAY_MODULE_PATH, str_span(pin, sizeof pin), &p, &err), RC_INVALID);
	CHECK_RC(p11_open(&hsm.a, "/nonexistent.so", STR(PIN), &p, &err), RC_INVALID);
	CHECK_RC(p11_open(&hsm.a, "libm.so.6", STR(PIN), &p, &err), RC_INVALID);
	CHECK_RC(p11_open(&hsm.a, AWAY_MODULE_PATH, STR(PIN), &hsm.p, &err), RC_OK);
	jwk_unref(made(URI("es"), JOSE_ES256));
}

T_MAIN_WITH(hsm_open, hsm_close, cmocka_unit_test(test_pkcs11__every_algorithm),
	    cmocka_unit_test(test_pkcs11__refusals), cmocka_unit_test(test_pkcs11__uris),
	    cmocka_unit_test(test_pkcs11__comes_back), cmocka_unit_test(test_pkcs11__many_threads),
	    cmocka_unit_test(test_pkcs11__a_refused_pin_is_not_tried_again))
