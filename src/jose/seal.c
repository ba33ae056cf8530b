#include "jose/internal.h"

#include "base/rand.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#define NONCE 12
#define TAG 16

static EVP_CIPHER_CTX *gcm_new(const uint8_t key[32], const uint8_t nonce[NONCE], struct str aad, int encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;
	if (ctx && EVP_CipherInit_ex2(ctx, EVP_aes_256_gcm(), key, nonce, encrypt, NULL) == 1 &&
	    (aad.n == 0 || EVP_CipherUpdate(ctx, NULL, &n, (const uint8_t *)aad.p, (int)aad.n) == 1))
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

enum rc seal_encrypt(struct arena *a, const uint8_t key[32], struct str plain, struct str aad, struct str *out)
{
	if (plain.n > SEAL_MAX || aad.n > SEAL_MAX)
		return RC_TOO_LARGE;
	uint8_t *p = arena_alloc(a, NONCE + plain.n + TAG);
	rand_bytes(p, NONCE);
	EVP_CIPHER_CTX *ctx CLEANUP(EVP_CIPHER_CTX_free_at) = gcm_new(key, p, aad, 1);
	uint8_t *body = p + NONCE;
	int n = 0, rest = 0;
	if (!ctx || (plain.n && EVP_CipherUpdate(ctx, body, &n, (const uint8_t *)plain.p, (int)plain.n) != 1) ||
	    EVP_CipherFinal_ex(ctx, body + n, &rest) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, body + plain.n) != 1) {
		ERR_clear_error();
		return RC_FAIL;
	}
	assert((size_t)n + (size_t)rest == plain.n); /* GCM neither pads nor cuts */
	*out = str_span(p, NONCE + plain.n + TAG);
	return RC_OK;
}

enum rc seal_decrypt(struct arena *a, const uint8_t key[32], struct str sealed, struct str aad, struct str *out)
{
	if (sealed.n < NONCE + TAG)
		return RC_INVALID;
	size_t plain_n = sealed.n - NONCE - TAG;
	if (plain_n > SEAL_MAX || aad.n > SEAL_MAX)
		return RC_TOO_LARGE;
	const uint8_t *p = (const uint8_t *)sealed.p;
	uint8_t tag[TAG];
	memcpy(tag, p + NONCE + plain_n, TAG);
	uint8_t *plain = arena_alloc(a, plain_n + 1);
	EVP_CIPHER_CTX *ctx CLEANUP(EVP_CIPHER_CTX_free_at) = gcm_new(key, p, aad, 0);
	if (!ctx)
		return RC_FAIL;
	int n = 0, rest = 0;
	if ((plain_n && EVP_CipherUpdate(ctx, plain, &n, p + NONCE, (int)plain_n) != 1) ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, tag) != 1 ||
	    EVP_CipherFinal_ex(ctx, plain + n, &rest) != 1) {
		OPENSSL_cleanse(plain, plain_n);
		ERR_clear_error();
		return RC_DENIED;
	}
	*out = str_span(plain, plain_n);
	return RC_OK;
}
