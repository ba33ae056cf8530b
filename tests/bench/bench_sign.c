/* bench_sign RUNS: CPU of one bare signature on a reused context, for each algorithm that tokens are signed with,
 * and of one bare RSA-2048 verification; medians. One JSON object. It signs on every processor at once, as the loaded
 * server does: two processors may share the units of one core, and then a signature costs each of them more CPU time
 * than it would alone. wall_ratio: time that passed on all processors together, in CPU time; what is above 1, others
 * used. */
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROUND 200 /* operations between two looks at the clock */
#define MAX_RUNS 1000
#define MAX_THREADS 64
#define MESSAGE 900 /* bytes of a token without its signature, which EdDSA hashes itself */

static const struct alg {
	const char *name, *type, *curve;
	size_t bits;
	bool whole;    /* signs the message, not its digest */
	bool verifies; /* measures the verification */
} algs[] = {
	{ "rs256", "RSA", NULL, 2048, false, false },
	{ "es256", "EC", "P-256", 0, false, false },
	{ "eddsa", "ED25519", NULL, 0, true, false },
	{ "rs256_verify", "RSA", NULL, 2048, false, true },
};
#define ALGS (sizeof algs / sizeof *algs)

struct share {
	const struct alg *alg;
	double us;
	double wall_us;
};

static void must(int ok, const char *what)
{
	if (ok > 0)
		return;
	fprintf(stderr, "bench_sign: %s failed\n", what);
	exit(1);
}

static EVP_PKEY *key_make(const struct alg *a)
{
	EVP_PKEY *key = a->bits    ? EVP_PKEY_Q_keygen(NULL, NULL, a->type, a->bits)
			: a->curve ? EVP_PKEY_Q_keygen(NULL, NULL, a->type, a->curve)
				   : EVP_PKEY_Q_keygen(NULL, NULL, a->type);
	must(key != NULL, "EVP_PKEY_Q_keygen");
	return key;
}

static EVP_PKEY_CTX *digest_context(const struct alg *a, EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *ctx))
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

	must(init(ctx), "init");
	if (a->bits)
		must(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING), "padding");
	must(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()), "md");
	return ctx;
}

static double clock_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* One thread's signatures, or verifications of one signature: CPU of each. */
static void *share_main(void *arg)
{
	struct share *s = arg;
	unsigned char message[MESSAGE], sig[512];
	size_t n = 0;
	EVP_PKEY *key = key_make(s->alg);
	EVP_PKEY_CTX *ctx = s->alg->whole ? NULL : digest_context(s->alg, key, EVP_PKEY_sign_init);
	EVP_PKEY_CTX *verify = s->alg->verifies ? digest_context(s->alg, key, EVP_PKEY_verify_init) : NULL;
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	double from = 0, wall_from = 0;

	memset(message, 7, sizeof message);
	if (s->alg->whole)
		must(EVP_DigestSignInit_ex(md, NULL, NULL, NULL, NULL, key, NULL), "digest_sign_init");
	for (int i = -1; i < ROUND; i++) { /* the first one sets things up */
		if (i == 0) {
			from = clock_us(CLOCK_THREAD_CPUTIME_ID);
			wall_from = clock_us(CLOCK_MONOTONIC);
		}
		if (verify && i >= 0) {
			must(EVP_PKEY_verify(verify, sig, n, message, 32), "verify");
			continue;
		}
		n = sizeof sig;
		must(s->alg->whole ? EVP_DigestSign(md, sig, &n, message, sizeof message)
				   : EVP_PKEY_sign(ctx, sig, &n, message, 32),
		     "sign");
	}
	s->us = (clock_us(CLOCK_THREAD_CPUTIME_ID) - from) / ROUND;
	s->wall_us = (clock_us(CLOCK_MONOTONIC) - wall_from) / ROUND;
	EVP_MD_CTX_free(md);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_CTX_free(verify);
	EVP_PKEY_free(key);
	return NULL;
}

static struct share measure(const struct alg *a)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[MAX_THREADS];
	struct share shares[MAX_THREADS];
	struct share sum = { .alg = a };

	if (n > MAX_THREADS)
		n = MAX_THREADS;
	for (long i = 0; i < n; i++) {
		shares[i].alg = a;
		must(pthread_create(&threads[i], NULL, share_main, &shares[i]) == 0, "pthread_create");
	}
	for (long i = 0; i < n; i++) {
		pthread_join(threads[i], NULL);
		sum.us += shares[i].us / (double)n;
		sum.wall_us += shares[i].wall_us / (double)n;
	}
	return sum;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static double us[ALGS][MAX_RUNS];
	double cpu = 0, wall = 0;
	size_t runs = argc == 2 ? (size_t)strtoul(argv[1], NULL, 10) : 0;

	if (runs == 0 || runs > MAX_RUNS)
		return 2;
	for (size_t i = 0; i < runs; i++)
		for (size_t k = 0; k < ALGS; k++) {
			struct share s = measure(&algs[k]);
			us[k][i] = s.us;
			cpu += s.us;
			wall += s.wall_us;
		}
	for (size_t k = 0; k < ALGS; k++) {
		qsort(us[k], runs, sizeof us[k][0], by_value);
		printf("%s\"%s_us\":%.3f", k ? "," : "{", algs[k].name, us[k][runs / 2]);
	}
	printf(",\"wall_ratio\":%.3f}\n", wall / cpu);
	return 0;
}
