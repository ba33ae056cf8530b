#include "jose/internal.h"

#include <limits.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

/* For these callers an unsupported key is as bad as an unsound one. */
static enum rc adopt(EVP_PKEY *pkey, const struct jwk_spec *spec, struct jwk **out)
{
	const char *why;
	enum rc rc = jwk_adopt(pkey, spec, out, &why);
	if (rc != RC_OK)
		ERR_clear_error();
	return rc == RC_NOT_FOUND ? RC_INVALID : rc;
}

static EVP_PKEY *pair_new(enum jwk_family family, unsigned bits)
{
	switch (family) {
	case JWK_RSA:
		return EVP_RSA_gen(bits);
	case JWK_EC:
		return EVP_EC_gen("P-256");
	case JWK_OKP:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	case JWK__MAX:
		break;
	}
	return NULL;
}

enum rc jwk_generate(enum jose_alg alg, struct str kid, struct jwk **out)
{
	return jwk_generate_sized(alg, JOSE_RSA_MIN_BITS, kid, out);
}

enum rc jwk_generate_sized(enum jose_alg alg, unsigned bits, struct str kid, struct jwk **out)
{
	if (bits < JOSE_RSA_MIN_BITS || bits > JOSE_RSA_MAX_BITS)
		return RC_INVALID;
	EVP_PKEY *pkey = pair_new(jose_alg_row(alg)->family, bits);
	if (!pkey) {
		ERR_clear_error();
		return RC_FAIL;
	}
	const struct jwk_spec spec = {
		.is_private = true, .has_alg = true, .trusted = true, .kid_is_thumbprint = true, .alg = alg, .kid = kid
	};
	return adopt(pkey, &spec, out);
}

/* Without it libcrypto would ask for the pass phrase on the terminal. */
static int no_pass_phrase(char *buf, int size, int writing, void *ctx)
{
	(void)buf, (void)size, (void)writing, (void)ctx;
	return -1;
}

enum rc jwk_from_pem(struct str pem, enum jose_alg alg, struct str kid, struct jwk **out)
{
	if (pem.n == 0 || pem.n > INT_MAX)
		return RC_INVALID;
	BIO *in CLEANUP(BIO_free_all_at) = BIO_new_mem_buf(pem.p, (int)pem.n);
	if (!in)
		return RC_FAIL;
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(in, NULL, no_pass_phrase, NULL);
	bool is_private = pkey != NULL;
	if (!pkey && BIO_reset(in) == 1)
		pkey = PEM_read_bio_PUBKEY(in, NULL, no_pass_phrase, NULL);
	ERR_clear_error();
	if (!pkey)
		return RC_INVALID;
	const struct jwk_spec spec = {
		.is_private = is_private, .has_alg = true, .kid_is_thumbprint = true, .alg = alg, .kid = kid
	};
	return adopt(pkey, &spec, out);
}
