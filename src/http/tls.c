#include "http/engine_internal.h"

#include <assert.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

/* A key with a passphrase is refused: nobody is there to be asked for it. */
static int no_passphrase(char *out, int size, int writing, void *ctx)
{
	(void)out, (void)size, (void)writing, (void)ctx;
	return -1;
}

static bool chain_use(SSL_CTX *c, BIO *pem)
{
	X509 *cert = PEM_read_bio_X509(pem, NULL, no_passphrase, NULL);
	bool ok = cert && SSL_CTX_use_certificate(c, cert) == 1;
	X509_free(cert);
	while (ok && (cert = PEM_read_bio_X509(pem, NULL, no_passphrase, NULL)) != NULL) {
		ok = SSL_CTX_add0_chain_cert(c, cert) == 1;
		if (!ok)
			X509_free(cert);
	}
	return ok;
}

static bool key_use(SSL_CTX *c, BIO *pem)
{
	EVP_PKEY *key = PEM_read_bio_PrivateKey(pem, NULL, no_passphrase, NULL);
	bool ok = key && SSL_CTX_use_PrivateKey(c, key) == 1 && SSL_CTX_check_private_key(c) == 1;
	EVP_PKEY_free(key);
	return ok;
}

static bool pem_use(SSL_CTX *c, const char *text, bool (*use)(SSL_CTX *c, BIO *pem))
{
	BIO *pem = BIO_new_mem_buf(text, -1);
	bool ok = pem && use(c, pem);
	BIO_free(pem);
	return ok;
}

static int alpn_choose(SSL *s, const unsigned char **out, unsigned char *out_n, const unsigned char *offered,
		       unsigned offered_n, void *ctx)
{
	static const unsigned char ours[] = "\x08http/1.1";
	(void)s, (void)ctx;
	unsigned char *chosen;
	int found = SSL_select_next_proto(&chosen, out_n, ours, sizeof ours - 1, offered, offered_n);
	*out = chosen;
	return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

enum rc tls_context(const char *cert, const char *key, SSL_CTX **out, const char **why_out)
{
	SSL_CTX *c = SSL_CTX_new(TLS_server_method());
	*why_out = "out of memory";
	if (!c)
		return RC_FAIL;
	(void)SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
	(void)SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
	(void)SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					  SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_alpn_select_cb(c, alpn_choose, NULL);
	bool cert_ok = pem_use(c, cert, chain_use), key_ok = cert_ok && key && pem_use(c, key, key_use);
	ERR_clear_error();
	*why_out = cert_ok ? "the private key is unusable, or is another certificate's" : "the certificate is unusable";
	if (!key_ok) {
		SSL_CTX_free(c);
		return RC_INVALID;
	}
	*out = c;
	return RC_OK;
}

void tls_context_free(SSL_CTX *c)
{
	SSL_CTX_free(c);
}

SSL *tls_accept(SSL_CTX *c, int fd)
{
	SSL *s = SSL_new(c);
	if (s && SSL_set_fd(s, fd) == 1) {
		SSL_set_accept_state(s);
		return s;
	}
	SSL_free(s);
	return NULL;
}

void tls_goodbye(SSL *s)
{
	if (s && SSL_is_init_finished(s) && !(SSL_get_shutdown(s) & SSL_SENT_SHUTDOWN))
		(void)SSL_shutdown(s);
	ERR_clear_error();
}

void tls_close(SSL *s, bool in_order)
{
	if (in_order)
		tls_goodbye(s);
	SSL_free(s);
}

/* The error queue is the thread's, so it is emptied before and after. */
static ptrdiff_t moved(SSL *s, int result)
{
	int why = result > 0 ? SSL_ERROR_NONE : SSL_get_error(s, result);
	ERR_clear_error();
	if (why == SSL_ERROR_NONE)
		return result;
	return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

ptrdiff_t tls_read(SSL *s, char *p, size_t n)
{
	assert(n > 0 && n <= INT_MAX);
	ERR_clear_error();
	return moved(s, SSL_read(s, p, (int)n));
}

ptrdiff_t tls_write(SSL *s, const char *p, size_t n)
{
	ERR_clear_error();
	return moved(s, SSL_write(s, p, (int)(n < INT_MAX ? n : INT_MAX)));
}
