/* A certificate as an x5c header brings it, and the same bytes as the files of an operator: nothing that was not issued
 * by the authority is ever accepted. */
#include "fuzz.h"

#include "base/b64.h"
#include "base/clock.h"
#include "jose/trust.h"

#define NOW INT64_C(1800000000)

static struct str pem_of(struct arena *a, struct str der)
{
	return arena_fmt(a, "-----BEGIN CERTIFICATE-----\n%.*s\n-----END CERTIFICATE-----\n", STR_FMT(b64(a, der)));
}

/* An authority of this run: nobody has its key. */
static struct trust *authority(void)
{
	static struct trust *t;
	CLEANUP(arena_finish) struct arena a = { 0 };
	const struct str *der;
	struct jwk *k;
	struct str why;
	size_t n;
	if (t)
		return t;
	if (jwk_generate(JOSE_ES256, STR_NONE, &k) != RC_OK ||
	    jwk_self_sign(k, STR("root"), 0, 2 * NOW * CLOCK_SECOND) != RC_OK || jwk_x5c(k, &der, &n) != RC_OK)
		abort();
	const struct trust_files files = { .roots = pem_of(&a, der[0]) };
	if (trust_open(&a, &files, &t, &why) != RC_OK)
		abort();
	jwk_unref(k);
	return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	const struct str der[2] = { str_span(data, size), str_span(data, size / 2) };
	const struct trust_files files = { .roots = der[0], .crls = der[0] };
	struct trust *t = NULL;
	struct org_cert cert;
	const char *why_not;
	struct str why;
	for (size_t n = 0; n <= LEN(der); n++)
		if (trust_check(authority(), &a, der, n, NOW, &cert, &why_not) == RC_OK || !why_not)
			abort();
	if (trust_open(&a, &files, &t, &why) == RC_OK)
		trust_close(t);
	return 0;
}
