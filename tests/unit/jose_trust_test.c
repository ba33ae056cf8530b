#include "jose/trust.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "t.h"

#define NOW INT64_C(1800000000)     /* 2027-01-15 */
#define IN_2024 INT64_C(1710000000) /* when the certificate that has expired since was good */
#define DER_MAX 8192

static struct arena a;
static char dir[] = "/tmp/samtykke-trust.XXXXXX";

static struct str file(const char *name)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s.pem", dir, name);
	FILE *f = fopen(path, "r");
	CHECK(f);
	char *text = arena_alloc(&a, 1 << 16);
	size_t n = fread(text, 1, 1 << 16, f);
	CHECK(n > 0 && fclose(f) == 0);
	return str_span(text, n);
}

/* The one certificate of a PEM file as DER. */
static struct str der(const char *name)
{
	char command[512];
	snprintf(command, sizeof command, "openssl x509 -in %s/%s.pem -outform DER", dir, name);
	FILE *f = popen(command, "r");
	CHECK(f);
	char *bytes = arena_alloc(&a, DER_MAX);
	size_t n = fread(bytes, 1, DER_MAX, f);
	CHECK(n > 0 && n < DER_MAX && pclose(f) == 0);
	return str_span(bytes, n);
}

static int setup(void **state)
{
	(void)state;
	char command[512];
	if (!mkdtemp(dir))
		return -1;
	snprintf(command, sizeof command, "bash tests/data/certs/make.sh %s", dir);
	return system(command);
}

static int teardown(void **state)
{
	(void)state;
	char command[512];
	snprintf(command, sizeof command, "rm -rf %s", dir);
	arena_finish(&a);
	return system(command);
}

static struct trust *trust_new(const char *roots, const char *between, const char *crls)
{
	struct trust_files f = { .roots = file(roots) };
	struct trust *t = NULL;
	struct str why;
	if (between)
		f.intermediates = file(between);
	if (crls)
		f.crls = file(crls);
	CHECK_RC(trust_open(&a, &f, &t, &why), RC_OK);
	return t;
}

static enum rc check(struct trust *t, const char *leaf, const char *next, int64_t now, struct org_cert *out)
{
	const char *why;
	struct str chain[2] = { der(leaf) };
	if (next)
		chain[1] = der(next);
	enum rc rc = trust_check(t, &a, chain, next ? 2 : 1, now, out, &why);
	if (rc == RC_OK)
		jwk_unref(out->key);
	return rc;
}

static void test_trust__leaf_alone_or_with_its_chain(void **state)
{
	(void)state;
	static const struct {
		const char *leaf, *next;
		int64_t now;
		enum rc want;
		const char *orgno;
		enum org_cert_kind kind;
	} rows[] = {
		// clang-format off
		{ "seid1",    NULL,      NOW,     RC_OK,     "810419512", ORG_CERT_SEID1 },
		{ "seid1",    "between", NOW,     RC_OK,     "810419512", ORG_CERT_SEID1 },
		{ "seid1",    "root",    NOW,     RC_OK,     "810419512", ORG_CERT_SEID1 },
		{ "seal",     NULL,      NOW,     RC_OK,     "810419512", ORG_CERT_SEAL },
		{ "qseal",    NULL,      NOW,     RC_OK,     "810419512", ORG_CERT_QSEAL },
		{ "other",    NULL,      NOW,     RC_OK,     "991825827", ORG_CERT_SEID1 },
		{ "expired",  NULL,      IN_2024, RC_OK,     "810419512", ORG_CERT_SEID1 },
		{ "revoked",  NULL,      NOW,     RC_OK,     "810419512", ORG_CERT_SEID1 },
		{ "expired",  NULL,      NOW,     RC_INVALID, NULL, 0 },
		{ "seid1",    NULL,      0,       RC_DENIED, NULL, 0 }, /* its authorities have not begun either */
		{ "encipher", NULL,      NOW,     RC_DENIED, NULL, 0 },
		{ "nobody",   NULL,      NOW,     RC_DENIED, NULL, 0 },
		{ "foreign",  NULL,      NOW,     RC_DENIED, NULL, 0 },
		{ "weak",     NULL,      NOW,     RC_DENIED, NULL, 0 },
		{ "ec",       NULL,      NOW,     RC_DENIED, NULL, 0 },
		{ "stranger", NULL,      NOW,     RC_DENIED, NULL, 0 },
		{ "stranger", "other-root", NOW,  RC_DENIED, NULL, 0 },
		{ "between",  NULL,      NOW,     RC_DENIED, NULL, 0 },
		{ "root",     NULL,      NOW,     RC_DENIED, NULL, 0 },
		// clang-format on
	};
	struct trust *t = trust_new("root", "between", NULL);
	for (size_t i = 0; i < LEN(rows); i++) {
		struct org_cert c;
		enum rc rc = check(t, rows[i].leaf, rows[i].next, rows[i].now, &c);
		if (rc != rows[i].want)
			print_error("%s %s\n", rows[i].leaf, rows[i].next ? rows[i].next : "alone");
		CHECK_RC(rc, rows[i].want);
		if (rc != RC_OK)
			continue;
		CHECK(str_is(c.orgno, rows[i].orgno));
		CHECK(c.kind == rows[i].kind);
	}
	trust_close(t);
}

/* What the certificate says by itself, out of date, revoked or unknown as it may be. */
static void test_trust__certificates_read_alone(void **state)
{
	(void)state;
	static const char *const good[] = { "seid1", "seal", "expired", "revoked", "stranger" };
	static const char *const bad[] = { "encipher", "nobody", "foreign", "weak", "ec", "between", "root" };
	struct org_cert c;
	const char *why;
	for (size_t i = 0; i < LEN(good); i++) {
		CHECK_RC(org_cert_read(&a, der(good[i]), &c, &why), RC_OK);
		CHECK_STR(c.orgno, STR("810419512"));
		jwk_unref(c.key);
	}
	for (size_t i = 0; i < LEN(bad); i++)
		CHECK_RC(org_cert_read(&a, der(bad[i]), &c, &why), RC_DENIED);
	CHECK_RC(org_cert_read(&a, STR("MIIB"), &c, &why), RC_DENIED);
}

static void test_trust__without_intermediates_the_chain_must_be_sent(void **state)
{
	(void)state;
	struct org_cert c;
	struct trust *t = trust_new("root", NULL, NULL);
	CHECK_RC(check(t, "seid1", NULL, NOW, &c), RC_DENIED);
	CHECK_RC(check(t, "seid1", "between", NOW, &c), RC_OK);
	trust_close(t);
}

static void test_trust__revocation_lists_fail_closed(void **state)
{
	(void)state;
	struct org_cert c;
	struct trust *t = trust_new("root", "between", "crls");
	CHECK_RC(check(t, "seid1", NULL, NOW, &c), RC_OK);
	CHECK_RC(check(t, "revoked", NULL, NOW, &c), RC_DENIED);
	trust_close(t);
	t = trust_new("root", "between", "crls-stale");
	CHECK_RC(check(t, "seid1", NULL, NOW, &c), RC_DENIED);
	CHECK_RC(check(t, "seid1", NULL, IN_2024, &c), RC_OK);
	trust_close(t);
}

/* A chain that was found good is kept, and no longer than what made it so. */
static void test_trust__what_is_kept_ends_with_its_certificates_and_lists(void **state)
{
	(void)state;
	static const struct {
		const char *crls, *leaf;
		int64_t now;
		enum rc want;
	} rows[] = {
		// clang-format off
		{ NULL,         "expired", IN_2024,               RC_OK },
		{ NULL,         "expired", INT64_C(1735689599),   RC_OK },     /* the second before 2025-01-01T00:00:00Z, its end */
		{ NULL,         "expired", INT64_C(1735689600),   RC_INVALID },
		{ NULL,         "expired", INT64_C(1704067200),   RC_OK },     /* 2024-01-01T00:00:00Z, its first */
		{ NULL,         "expired", INT64_C(1704067199),   RC_DENIED },
		{ "crls-stale", "seid1",   IN_2024,               RC_OK },
		{ "crls-stale", "seid1",   INT64_C(1717199999),   RC_OK },     /* the second before 2024-06-01T00:00:00Z, the list's end */
		{ "crls-stale", "seid1",   INT64_C(1717200000),   RC_DENIED },
		{ "crls-stale", "seid1",   IN_2024,               RC_OK },
		{ "crls-stale", "seid1",   INT64_C(1704067199),   RC_DENIED },
		// clang-format on
	};
	struct trust *plain = trust_new("root", "between", NULL), *stale = trust_new("root", "between", "crls-stale");
	for (size_t i = 0; i < 2 * LEN(rows); i++) {
		struct org_cert c;
		enum rc rc = check(rows[i / 2].crls ? stale : plain, rows[i / 2].leaf, NULL, rows[i / 2].now, &c);
		if (rc != rows[i / 2].want)
			print_error("row %zu\n", i / 2);
		CHECK_RC(rc, rows[i / 2].want);
		if (rc == RC_OK)
			CHECK_STR(c.orgno, STR("810419512"));
	}
	trust_close(plain);
	trust_close(stale);
}

static void test_trust__new_files_take_the_place_of_the_old(void **state)
{
	(void)state;
	struct org_cert c;
	struct str why;
	struct trust *t = trust_new("root", "between", NULL);
	struct trust_files f = { .roots = file("root"), .intermediates = file("between"), .crls = STR("nothing") };
	CHECK_RC(trust_replace(t, &a, &f, &why), RC_INVALID);
	CHECK(why.n > 0);
	CHECK_RC(check(t, "revoked", NULL, NOW, &c), RC_OK);
	f.crls = file("crls");
	CHECK_RC(trust_replace(t, &a, &f, &why), RC_OK);
	CHECK_RC(check(t, "revoked", NULL, NOW, &c), RC_DENIED);
	trust_close(t);
	trust_close(NULL);
}

static void test_trust__files_that_hold_something_else(void **state)
{
	(void)state;
	struct trust *t = NULL;
	struct str why;
	struct buf many = BUF(&a);
	const struct str broken = str_trim(file("root"));
	for (int i = 0; i <= TRUST_MAX_CERTS; i++)
		buf_add(&many, file("root"));
	const struct str rows[] = { STR(""), STR("no certificate"), str_span(broken.p, broken.n / 2), buf_str(&many) };
	for (size_t i = 0; i < LEN(rows); i++) {
		struct trust_files f = { .roots = rows[i] };
		CHECK_RC(trust_open(&a, &f, &t, &why), RC_INVALID);
	}
}

static void test_trust__so_many_lists_and_no_more(void **state)
{
	(void)state;
	struct trust *t = NULL;
	struct str why;
	struct buf lists = BUF(&a);
	struct trust_files f = { .roots = file("root"), .intermediates = file("between") };
	for (int i = 0; i < TRUST_MAX_CRLS; i += 2) /* there are two in the file */
		buf_add(&lists, file("crls"));
	f.crls = buf_str(&lists);
	CHECK_RC(trust_open(&a, &f, &t, &why), RC_OK);
	struct org_cert c;
	CHECK_RC(check(t, "seid1", NULL, NOW, &c), RC_OK);
	trust_close(t);
	struct str one = file("crls");
	ptrdiff_t second = str_find(str_span(one.p + 1, one.n - 1), STR("-----BEGIN"));
	CHECK(second > 0);
	buf_add(&lists, str_span(one.p, (size_t)second + 1));
	f.crls = buf_str(&lists);
	CHECK_RC(trust_open(&a, &f, &t, &why), RC_INVALID);
	CHECK(str_find(why, STR("64 are the most")) > 0);
}

static void test_trust__a_path_so_long_and_no_longer(void **state)
{
	(void)state;
	static const struct {
		const char *leaf;
		int between;
		enum rc want;
	} rows[] = { { "under-deep6", TRUST_MAX_DEPTH, RC_OK }, { "under-deep7", TRUST_MAX_DEPTH + 1, RC_DENIED } };
	struct buf between = BUF(&a);
	struct trust *t = NULL;
	struct str why;
	for (int i = 1; i <= TRUST_MAX_DEPTH + 1; i++)
		buf_add(&between, file(arena_cstr(&a, arena_fmt(&a, "deep%d", i))));
	struct trust_files f = { .roots = file("root"), .intermediates = buf_str(&between) };
	CHECK_RC(trust_open(&a, &f, &t, &why), RC_OK);
	for (size_t i = 0; i < LEN(rows); i++) {
		struct org_cert c;
		CHECK(rows[i].leaf[strlen(rows[i].leaf) - 1] == '0' + rows[i].between);
		CHECK_RC(check(t, rows[i].leaf, NULL, NOW, &c), rows[i].want);
	}
	trust_close(t);
}

static void test_trust__x5c_that_is_no_certificate(void **state)
{
	(void)state;
	struct org_cert c;
	const char *why;
	struct trust *t = trust_new("root", "between", NULL);
	struct str many[JOSE_X5C_MAX + 1], torn = der("seid1");
	torn.n--;
	for (size_t i = 0; i < LEN(many); i++)
		many[i] = der("seid1");
	CHECK_RC(trust_check(t, &a, &torn, 1, NOW, &c, &why), RC_DENIED);
	CHECK_RC(trust_check(t, &a, many, 0, NOW, &c, &why), RC_DENIED);
	CHECK_RC(trust_check(t, &a, many, LEN(many), NOW, &c, &why), RC_DENIED);
	trust_close(t);
}

T_MAIN_WITH(setup, teardown, cmocka_unit_test(test_trust__leaf_alone_or_with_its_chain),
	    cmocka_unit_test(test_trust__certificates_read_alone),
	    cmocka_unit_test(test_trust__without_intermediates_the_chain_must_be_sent),
	    cmocka_unit_test(test_trust__revocation_lists_fail_closed),
	    cmocka_unit_test(test_trust__what_is_kept_ends_with_its_certificates_and_lists),
	    cmocka_unit_test(test_trust__new_files_take_the_place_of_the_old),
	    cmocka_unit_test(test_trust__files_that_hold_something_else),
	    cmocka_unit_test(test_trust__so_many_lists_and_no_more),
	    cmocka_unit_test(test_trust__a_path_so_long_and_no_longer),
	    cmocka_unit_test(test_trust__x5c_that_is_no_certificate))
