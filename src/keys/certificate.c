#include "keys/keyring.h"

#include "keys/rows_internal.h"
#include "keys/seal_internal.h"

static enum rc csr_write(struct arena *a, const struct jwk *k, const struct jwk *public, struct str subject,
			 struct str *pem_out)
{
	struct jwk_cert cert;
	if (!subject.p && jwk_cert_read(public, a, &cert) == RC_OK)
		subject = cert.subject;
	return jwk_csr(k, a, subject, pem_out);
}

enum rc keyring_csr(struct store *s, struct arena *a, struct str kid, const struct key_order *with, struct str *pem_out)
{
	struct key_rows rows;
	struct key_row *row = NULL;
	struct jwk *k = NULL, *public = NULL;
	TRY(key_row_find(s, a, kid, &rows, &row));
	enum rc rc = keyring_unseal(row, with->master, with->token, &k);
	if (rc == RC_OK)
		rc = keyring_jwk(a, row->public_json, &public);
	if (rc == RC_OK)
		rc = csr_write(a, k, public, with->subject, pem_out);
	jwk_unref(public);
	jwk_unref(k);
	return rc == RC_NOT_FOUND ? RC_FAIL : rc;
}

enum rc keyring_certify(struct store *s, struct arena *a, struct str kid, struct str chain, const char **why_out)
{
	struct key_rows rows;
	struct key_row *row = NULL;
	struct jwk *k = NULL;
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	TRY(key_row_find(s, a, kid, &rows, &row));
	if (str_is(row->use, KEY_USE_ALTINN2)) {
		*why_out =
			"the kid of a key for Altinn 2 is the thumbprint of its certificate; import the key with the new "
			"certificate instead (samtykke key rotate --use altinn2 --import FILE --certificate FILE)";
		return RC_INVALID;
	}
	TRY(keyring_jwk(a, row->public_json, &k));
	enum rc rc = jwk_set_chain(k, chain, clock_now(), why_out);
	if (rc == RC_OK) {
		jwk_write_public(&w, k);
		row->public_json = buf_str(&b);
		rc = keys_set_public(s, a, row);
	}
	jwk_unref(k);
	return rc;
}
