#include "base/clock.h"
#include "jose_t.h"

#define FROM (INT64_C(1767225600) * CLOCK_SECOND) /* 2026-01-01 */
#define TO (FROM + 365 * CLOCK_DAY)

static void test_cert_make__subjects_of_rfc_4514(void **state)
{
	(void)state;
	static const struct {
		const char *subject;
		const char *read; /* NULL: refused */
	} rows[] = {
		{ "Issuer", "CN=Issuer" },
		{ "CN=Issuer,O=Agency,C=NO", "CN=Issuer,O=Agency,C=NO" },
		{ " CN =Issuer", "CN=Issuer" },
		{ "CN=a\\,b", "CN=a\\,b" },
		{ "CN=\\41B", "CN=AB" },
		{ "O=Åse", "O=Åse" },
		{ "", NULL },
		{ "CN=", NULL },
		{ "CN=a,", "CN=a" },
		{ "CN=a,b", NULL },
		{ "CN=a+O=b", NULL },
		{ "CN=a\"b\"", NULL },
		{ "CN=a;O=b", NULL },
		{ "CN=a\\", NULL },
		{ "CN=a\\4", NULL },
		{ "CN=a\\00b", NULL },
		{ "NONE=a", NULL },
		{ "C=NOR", NULL },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct jwk *k = key_new(JOSE_EDDSA);
		struct jwk_cert cert;
		enum rc rc = jwk_self_sign(k, str_of(rows[i].subject), FROM, TO);
		if (rc != (rows[i].read ? RC_OK : RC_INVALID))
			fail_msg("\"%s\": %s", rows[i].subject, rc_name(rc));
		CHECK_RC(jwk_cert_read(k, &a, &cert), rows[i].read ? RC_OK : RC_NOT_FOUND);
		if (rows[i].read) {
			CHECK_STR(cert.subject, str_of(rows[i].read));
			CHECK(cert.not_before == FROM && cert.not_after == TO);
		}
		jwk_unref(k);
	}
}

static void test_cert_make__subjects_have_limits(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct jwk *k = key_new(JOSE_EDDSA);
	struct buf b = BUF(&a);
	for (int i = 0; i < 16; i++)
		buf_lit(&b, "OU=x,");
	b.n--;
	CHECK_RC(jwk_self_sign(k, buf_str(&b), FROM, TO), RC_OK);
	buf_lit(&b, ",OU=x");
	CHECK_RC(jwk_self_sign(k, buf_str(&b), FROM, TO), RC_INVALID);
	jwk_unref(k);
}

static void test_cert_make__requests(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct jwk *public = key_of(&a, STR(VECTOR_RSA_JWK_PUBLIC));
	struct str pem = STR_NONE;
	for (int i = 0; i < JOSE_ALG__MAX; i++) {
		struct jwk *k = key_new((enum jose_alg)i);
		CHECK_RC(jwk_csr(k, &a, STR("CN=Issuer,C=NO"), &pem), RC_OK);
		CHECK(str_starts(pem, STR("-----BEGIN CERTIFICATE REQUEST-----\n")));
		CHECK_RC(jwk_csr(k, &a, STR("NONE=a"), &pem), RC_INVALID);
		jwk_unref(k);
	}
	CHECK_RC(jwk_csr(public, &a, STR("Issuer"), &pem), RC_INVALID);
	jwk_unref(public);
}

static struct str pem_of(struct arena *a, const struct jwk *k)
{
	const struct str *der;
	size_t n;
	CHECK_RC(jwk_x5c(k, &der, &n), RC_OK);
	return arena_fmt(a, "-----BEGIN CERTIFICATE-----\n%.*s\n-----END CERTIFICATE-----\n", STR_FMT(b64(a, der[0])));
}

static void test_cert_make__chains(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct jwk *k = key_new(JOSE_RS256), *other = key_new(JOSE_RS256);
	CHECK_RC(jwk_self_sign(k, STR("one"), FROM, TO), RC_OK);
	CHECK_RC(jwk_self_sign(other, STR("two"), FROM, TO), RC_OK);
	struct str mine = pem_of(&a, k), theirs = pem_of(&a, other);
	const struct {
		struct str pem;
		int64_t now;
		const char *why; /* NULL: taken */
	} rows[] = {
		{ mine, FROM, NULL },
		{ mine, TO - 1, NULL },
		{ mine, FROM - 1, "the certificate does not hold now" },
		{ mine, TO, "the certificate does not hold now" },
		{ theirs, FROM, "the first certificate is not of this key" },
		{ arena_fmt(&a, "%.*s%.*s", STR_FMT(mine), STR_FMT(theirs)), FROM,
		  "a certificate is not issued by the next one" },
		{ STR("no PEM"), FROM, "there is no certificate in PEM" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		const char *why = NULL;
		CHECK_RC(jwk_set_chain(k, rows[i].pem, rows[i].now, &why), rows[i].why ? RC_INVALID : RC_OK);
		CHECK_STR(str_of(why), str_of(rows[i].why));
	}
	jwk_unref(k);
	jwk_unref(other);
}

T_MAIN(cmocka_unit_test(test_cert_make__subjects_of_rfc_4514), cmocka_unit_test(test_cert_make__subjects_have_limits),
       cmocka_unit_test(test_cert_make__requests), cmocka_unit_test(test_cert_make__chains))
