/* bench_verify JWKS_FILE ISSUER TOKEN_FILE RUNS: CPU of samtykke_verify (claims parsed and checked) beside one bare
 * EVP_PKEY_verify on a reused context; both sides in turn, medians. One JSON object. */
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "samtykke/samtykke.h"

#define ROUND 200 /* operations between two looks at the clock */
#define MAX_RUNS 1000

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static char *slurp(const char *path)
{
	static const size_t max = 1 << 20;
	char *text = calloc(1, max);
	FILE *f = fopen(path, "re");

	if (!text || !f || fread(text, 1, max - 1, f) == 0) {
		fprintf(stderr, "bench_verify: cannot read %s\n", path);
		exit(1);
	}
	fclose(f);
	text[strcspn(text, "\n")] = 0;
	return text;
}

static void must(int ok, const char *what)
{
	if (ok > 0)
		return;
	fprintf(stderr, "bench_verify: %s failed\n", what);
	exit(1);
}

struct bare {
	EVP_PKEY_CTX *verify;
	unsigned char hash[32], sig[256];
	size_t n_sig;
};

static void bare_init(struct bare *b)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);

	must(key != NULL, "EVP_RSA_gen");
	memset(b->hash, 7, sizeof b->hash);
	EVP_PKEY_CTX *sign = EVP_PKEY_CTX_new(key, NULL);
	must(EVP_PKEY_sign_init(sign), "sign_init");
	must(EVP_PKEY_CTX_set_rsa_padding(sign, RSA_PKCS1_PADDING), "padding");
	must(EVP_PKEY_CTX_set_signature_md(sign, EVP_sha256()), "md");
	b->n_sig = sizeof b->sig;
	must(EVP_PKEY_sign(sign, b->sig, &b->n_sig, b->hash, sizeof b->hash), "sign");
	EVP_PKEY_CTX_free(sign);
	b->verify = EVP_PKEY_CTX_new(key, NULL);
	must(EVP_PKEY_verify_init(b->verify), "verify_init");
	must(EVP_PKEY_CTX_set_rsa_padding(b->verify, RSA_PKCS1_PADDING), "padding");
	must(EVP_PKEY_CTX_set_signature_md(b->verify, EVP_sha256()), "md");
}

static double bare_verify(struct bare *b)
{
	double t = cpu_us();

	for (int i = 0; i < ROUND; i++)
		must(EVP_PKEY_verify(b->verify, b->sig, b->n_sig, b->hash, sizeof b->hash), "verify");
	return (cpu_us() - t) / ROUND;
}

static double ours(struct samtykke_verifier *v, const char *token, size_t n)
{
	struct samtykke_expect e = SAMTYKKE_EXPECT;
	double t = cpu_us();

	e.consent = true;
	for (int i = 0; i < ROUND; i++) {
		struct samtykke_token *out = NULL;
		enum samtykke_rc rc = samtykke_verify(v, token, n, &e, &out);
		if (rc != SAMTYKKE_OK) {
			fprintf(stderr, "bench_verify: %s\n", samtykke_rc_text(rc));
			exit(1);
		}
		samtykke_token_destroy(out);
	}
	return (cpu_us() - t) / ROUND;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, by_value);
	return v[n / 2];
}

static int64_t frozen(void *ctx)
{
	return *(int64_t *)ctx;
}

int main(int argc, char **argv)
{
	static double verify[MAX_RUNS], bare[MAX_RUNS];
	struct samtykke_verifier_options o = SAMTYKKE_VERIFIER_OPTIONS;
	struct samtykke_verifier *v;
	struct samtykke_token *t;
	struct bare b = { 0 };

	if (argc != 5)
		return 2;
	size_t runs = (size_t)strtoul(argv[4], NULL, 10);
	char *jwks = slurp(argv[1]), *token = slurp(argv[3]);
	if (runs == 0 || runs > MAX_RUNS || samtykke_inspect(token, strlen(token), &t) != SAMTYKKE_OK)
		return 2;
	int64_t now = samtykke_token_expires(t) - 60 * 1000000; /* the token stays fresh however long this runs */
	o.issuer = argv[2];
	o.jwks_json = jwks;
	o.now = frozen;
	o.now_ctx = &now;
	if (samtykke_verifier_create(&o, &v) != SAMTYKKE_OK)
		return 1;
	bare_init(&b);
	for (size_t i = 0; i < runs; i++) {
		verify[i] = ours(v, token, strlen(token));
		bare[i] = bare_verify(&b);
	}
	printf("{\"verify_us\":%.3f,\"bare_verify_us\":%.3f,\"token_bytes\":%zu}\n", median(verify, runs),
	       median(bare, runs), strlen(token));
	samtykke_token_destroy(t);
	samtykke_verifier_destroy(v);
	return 0;
}
