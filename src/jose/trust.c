#include "jose/trust.h"

#include <assert.h>

#include "base/clock.h"
#include "jose/internal.h"
#include "jose/trust_cache_internal.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>

#define NTR "NTRNO-" /* ETSI EN 319 412-1 section 5.1.4: national trade register, Norway */

JOSE_CLEANUP_OF(X509_STORE, X509_STORE_free)
JOSE_CLEANUP_OF(X509_STORE_CTX, X509_STORE_CTX_free)
JOSE_CLEANUP_OF(X509_CRL, X509_CRL_free)

static void stack_free(STACK_OF(X509) * s)
{
	sk_X509_pop_free(s, X509_free);
}

static void stack_free_at(STACK_OF(X509) * *s)
{
	stack_free(*s);
}

/* What a check needs; immutable. A new set of files makes a new one. */
struct anchors {
	X509_STORE *store;
	STACK_OF(X509) * intermediates;
	struct trust_span lists; /* when all revocation lists are current */
	uint64_t files;          /* the number of this set of files */
};

struct trust {
	pthread_mutex_t lock; /* of `current`: a check takes its own references under it */
	struct anchors current;
	struct trust_cache *cache;
};

static void anchors_free(struct anchors *s)
{
	X509_STORE_free(s->store);
	stack_free(s->intermediates);
	*s = (struct anchors){ 0 };
}

static void narrow(struct trust_span *s, const ASN1_TIME *from, const ASN1_TIME *until)
{
	/* For libcrypto a certificate has ended in the second of its end. */
	int64_t from_s = asn1_us(from) / CLOCK_SECOND, until_s = until ? asn1_us(until) / CLOCK_SECOND - 1 : INT64_MAX;
	s->from_s = from_s > s->from_s ? from_s : s->from_s;
	s->until_s = until_s < s->until_s ? until_s : s->until_s;
}

/* ---- files ---- */

enum pem_item { PEM_END, PEM_TAKEN, PEM_REFUSED };

struct pem_result {
	size_t n;     /* items that were taken */
	bool refused; /* item n + 1 was not: it is one too many, or libcrypto does not take it */
	bool whole;   /* the text ended after item n */
};

static struct pem_result pem_read(struct str pem, size_t max, enum pem_item (*next)(BIO *bio, void *into), void *into)
{
	BIO *bio CLEANUP(BIO_free_all_at) = pem.n > INT32_MAX ? NULL : BIO_new_mem_buf(pem.p, (int)pem.n);
	struct pem_result r = { .n = 0 };
	if (!bio)
		return r;
	ERR_clear_error();
	for (enum pem_item item; (item = next(bio, into)) != PEM_END; r.n++)
		if (item == PEM_REFUSED || r.n == max) {
			r.refused = true;
			return r;
		}
	r.whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	return r;
}

static enum pem_item root_next(BIO *bio, void *into)
{
	X509 *x CLEANUP(X509_free_at) = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	if (!x)
		return PEM_END;
	return X509_STORE_add_cert(into, x) == 1 ? PEM_TAKEN : PEM_REFUSED;
}

static enum pem_item intermediate_next(BIO *bio, void *into)
{
	X509 *x CLEANUP(X509_free_at) = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	if (!x)
		return PEM_END;
	return X509_add_cert(into, x, X509_ADD_FLAG_UP_REF) == 1 ? PEM_TAKEN : PEM_REFUSED;
}

static enum rc certs_check(struct arena *a, const char *name, const struct pem_result *r, struct str *why_out)
{
	if (r->refused)
		*why_out = arena_fmt(a, "%s: certificate %zu cannot be taken; %d are the most", name, r->n + 1,
				     TRUST_MAX_CERTS);
	else if (!r->n || !r->whole)
		*why_out = arena_fmt(a, "%s: %s after %zu certificates", name,
				     r->n ? "no PEM certificate" : "none found", r->n);
	else
		return RC_OK;
	return RC_INVALID;
}

struct crls {
	X509_STORE *store;
	struct trust_span span;
};

static enum pem_item crl_next(BIO *bio, void *into)
{
	struct crls *crls = into;
	X509_CRL *crl CLEANUP(X509_CRL_free_at) = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
	if (!crl)
		return PEM_END;
	if (X509_STORE_add_crl(crls->store, crl) != 1)
		return PEM_REFUSED;
	narrow(&crls->span, X509_CRL_get0_lastUpdate(crl), X509_CRL_get0_nextUpdate(crl));
	return PEM_TAKEN;
}

static enum rc crls_read(struct arena *a, struct str pem, struct crls *crls, struct str *why_out)
{
	struct pem_result r = pem_read(pem, TRUST_MAX_CRLS, crl_next, crls);
	if (r.n && r.whole)
		return X509_STORE_set_flags(crls->store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL) == 1
			       ? RC_OK
			       : RC_FAIL;
	*why_out = r.refused ? arena_fmt(a, "revocation list %zu cannot be taken; %d are the most", r.n + 1,
					 TRUST_MAX_CRLS)
			     : arena_fmt(a, "no PEM revocation list after %zu", r.n);
	return RC_INVALID;
}

static enum rc anchors_read(struct arena *a, const struct trust_files *f, struct anchors *out, struct str *why_out)
{
	X509_STORE *store CLEANUP(X509_STORE_free_at) = X509_STORE_new();
	STACK_OF(X509) * between CLEANUP(stack_free_at) = sk_X509_new_null();
	struct crls crls = { store, { INT64_MIN, INT64_MAX } };
	*why_out = STR("out of resources");
	if (!store || !between)
		return RC_FAIL;
	struct pem_result r = pem_read(f->roots, TRUST_MAX_CERTS, root_next, store);
	TRY(certs_check(a, "roots", &r, why_out));
	if (f->intermediates.p) {
		r = pem_read(f->intermediates, TRUST_MAX_CERTS, intermediate_next, between);
		TRY(certs_check(a, "intermediates", &r, why_out));
	}
	if (f->crls.p)
		TRY(crls_read(a, f->crls, &crls, why_out));
	*out = (struct anchors){ store, between, crls.span, 0 };
	store = NULL;
	between = NULL;
	return RC_OK;
}

enum rc trust_replace(struct trust *t, struct arena *a, const struct trust_files *f, struct str *why_out)
{
	struct anchors fresh;
	enum rc rc = anchors_read(a, f, &fresh, why_out);
	ERR_clear_error();
	TRY(rc);
	pthread_mutex_lock(&t->lock);
	struct anchors old = t->current;
	fresh.files = old.files + 1;
	t->current = fresh;
	pthread_mutex_unlock(&t->lock);
	anchors_free(&old);
	return RC_OK;
}

enum rc trust_open(struct arena *a, const struct trust_files *f, struct trust **out, struct str *why_out)
{
	struct trust *t = calloc(1, sizeof *t);
	*why_out = STR("out of memory");
	if (!t)
		return RC_FAIL;
	pthread_mutex_init(&t->lock, NULL);
	t->cache = trust_cache_create();
	enum rc rc = t->cache ? trust_replace(t, a, f, why_out) : RC_FAIL;
	if (rc == RC_OK)
		*out = t;
	else
		trust_close(t);
	return rc;
}

void trust_close(struct trust *t)
{
	if (!t)
		return;
	anchors_free(&t->current);
	trust_cache_destroy(t->cache);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static bool anchors_hold(struct trust *t, struct anchors *out)
{
	pthread_mutex_lock(&t->lock);
	*out = t->current;
	out->intermediates = X509_chain_up_ref(t->current.intermediates);
	bool held = X509_STORE_up_ref(t->current.store) == 1 && out->intermediates;
	pthread_mutex_unlock(&t->lock);
	if (!held)
		stack_free(out->intermediates);
	return held;
}

/* ---- one chain ---- */
static bool chain_parse(const struct str *der, size_t n, STACK_OF(X509) * out)
{
	for (size_t i = 0; i < n; i++) {
		X509 *x = certificate_parse(der[i]);
		if (!x || sk_X509_push(out, x) <= 0) {
			X509_free(x);
			return false;
		}
	}
	return n > 0;
}

static enum rc path_found(const struct anchors *s, X509 *leaf, STACK_OF(X509) * others, int64_t now_s,
			  struct trust_span *span, const char **why_out)
{
	X509_STORE_CTX *ctx CLEANUP(X509_STORE_CTX_free_at) = X509_STORE_CTX_new();
	for (int i = 0; i < sk_X509_num(s->intermediates); i++)
		if (X509_add_cert(others, sk_X509_value(s->intermediates, i), X509_ADD_FLAG_UP_REF) != 1)
			return RC_DENIED;
	if (!ctx || X509_STORE_CTX_init(ctx, s->store, leaf, others) != 1)
		return RC_DENIED;
	X509_VERIFY_PARAM *p = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(p, (time_t)now_s);
	X509_VERIFY_PARAM_set_depth(p, TRUST_MAX_DEPTH);
	X509_VERIFY_PARAM_set_auth_level(p, 2); /* 112 bits: RSA 2048, no SHA-1 */
	if (X509_verify_cert(ctx) == 1) {
		const STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(ctx);
		for (int i = 0; i < sk_X509_num(path); i++)
			narrow(span, X509_get0_notBefore(sk_X509_value(path, i)),
			       X509_get0_notAfter(sk_X509_value(path, i)));
		return RC_OK;
	}
	/* libcrypto checks the times last, and those of the leaf after all others. */
	int error = X509_STORE_CTX_get_error(ctx);
	bool time = error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID;
	*why_out = X509_verify_cert_error_string(error);
	return time && X509_STORE_CTX_get_error_depth(ctx) == 0 ? RC_INVALID : RC_DENIED;
}

static struct str subject_text(struct arena *a, X509 *leaf, int nid)
{
	const X509_NAME *name = X509_get_subject_name(leaf);
	int at = X509_NAME_get_index_by_NID(name, nid, -1);
	if (at < 0 || X509_NAME_get_index_by_NID(name, nid, at) >= 0)
		return STR_NONE;
	uint8_t *utf8 = NULL;
	int n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	struct str s = n > 0 ? arena_str(a, str_span(utf8, (size_t)n)) : STR_NONE;
	OPENSSL_free(utf8);
	return s;
}

static bool is_orgno(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n == TRUST_ORGNO_DIGITS;
}

/* One statement is SEQUENCE { OID, … }; id-etsi-qcs-QcCompliance says that the certificate is qualified. */
static bool is_qualified(X509 *leaf)
{
	static const char compliance[] = "0.4.0.1862.1.1";
	int at = X509_get_ext_by_NID(leaf, NID_qcStatements, -1);
	const ASN1_OCTET_STRING *bytes = at < 0 ? NULL : X509_EXTENSION_get_data(X509_get_ext(leaf, at));
	if (!bytes)
		return false;
	const uint8_t *p = ASN1_STRING_get0_data(bytes);
	ASN1_SEQUENCE_ANY *all = d2i_ASN1_SEQUENCE_ANY(NULL, &p, ASN1_STRING_length(bytes));
	bool found = false;
	for (int i = 0; i < sk_ASN1_TYPE_num(all); i++) {
		const ASN1_TYPE *one = sk_ASN1_TYPE_value(all, i);
		if (one->type != V_ASN1_SEQUENCE)
			continue;
		const uint8_t *q = ASN1_STRING_get0_data(one->value.sequence);
		ASN1_SEQUENCE_ANY *parts = d2i_ASN1_SEQUENCE_ANY(NULL, &q, ASN1_STRING_length(one->value.sequence));
		const ASN1_TYPE *id = sk_ASN1_TYPE_value(parts, 0);
		char oid[64];
		found = found ||
			(id && id->type == V_ASN1_OBJECT && OBJ_obj2txt(oid, sizeof oid, id->value.object, 1) > 0 &&
			 strcmp(oid, compliance) == 0);
		sk_ASN1_TYPE_pop_free(parts, ASN1_TYPE_free);
	}
	sk_ASN1_TYPE_pop_free(all, ASN1_TYPE_free);
	return found;
}

static bool organisation_read(struct arena *a, X509 *leaf, struct org_cert *out)
{
	struct str id = subject_text(a, leaf, NID_organizationIdentifier);
	if (id.p) {
		if (!str_starts(id, STR(NTR)))
			return false;
		out->orgno = str_span(id.p + sizeof NTR - 1, id.n - (sizeof NTR - 1));
		out->kind = is_qualified(leaf) ? ORG_CERT_QSEAL : ORG_CERT_SEAL;
	} else {
		out->orgno = subject_text(a, leaf, NID_serialNumber);
		out->kind = ORG_CERT_SEID1;
	}
	return is_orgno(out->orgno);
}

static enum rc leaf_read(struct arena *a, X509 *leaf, struct org_cert *out, const char **why_out)
{
	const struct jwk_spec spec = { .trusted = true };
	struct org_cert c = { 0 };
	*why_out = "the certificate is not for signatures";
	if (X509_check_ca(leaf) != 0 || !(X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE) ||
	    !(X509_get_extension_flags(leaf) & EXFLAG_KUSAGE))
		return RC_DENIED;
	*why_out = "the certificate names no organisation";
	if (!organisation_read(a, leaf, &c))
		return RC_DENIED;
	*why_out = "the certificate's key is not RSA from 2048 bits up";
	EVP_PKEY *key = X509_get_pubkey(leaf);
	if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
		EVP_PKEY_free(key);
		return RC_DENIED;
	}
	if (jwk_adopt(key, &spec, &c.key, why_out) != RC_OK)
		return RC_DENIED;
	*out = c;
	return RC_OK;
}

static enum rc chain_check(const struct anchors *s, struct arena *a, const struct str *der, size_t n, int64_t now_s,
			   struct trust_span *span, struct org_cert *out, const char **why_out)
{
	STACK_OF(X509) * chain CLEANUP(stack_free_at) = sk_X509_new_null();
	*why_out = "x5c holds what is no certificate";
	if (!chain || !chain_parse(der, n, chain))
		return RC_DENIED;
	X509 *leaf CLEANUP(X509_free_at) = sk_X509_shift(chain);
	*why_out = "no path could be built";
	TRY(path_found(s, leaf, chain, now_s, span, why_out));
	return leaf_read(a, leaf, out, why_out);
}

enum rc org_cert_read(struct arena *a, struct str der, struct org_cert *out, const char **why_out)
{
	X509 *leaf CLEANUP(X509_free_at) = certificate_parse(der);
	*why_out = "x5c holds what is no certificate";
	enum rc rc = leaf ? leaf_read(a, leaf, out, why_out) : RC_DENIED;
	ERR_clear_error();
	return rc;
}

enum rc trust_check(struct trust *t, struct arena *a, const struct str *der, size_t n, int64_t now_s,
		    struct org_cert *out, const char **why_out)
{
	struct anchors anchors;
	assert(der || !n);
	*why_out = "x5c holds too many certificates";
	if (n > JOSE_X5C_MAX)
		return RC_DENIED;
	*why_out = "out of memory";
	if (!anchors_hold(t, &anchors))
		return RC_FAIL;
	struct trust_span span = anchors.lists;
	struct chain_id id = trust_cache_id(der, n, anchors.files);
	bool known = trust_cache_find(t->cache, &id, now_s, a, out);
	enum rc rc = known ? RC_OK : chain_check(&anchors, a, der, n, now_s, &span, out, why_out);
	if (rc == RC_OK && !known)
		trust_cache_put(t->cache, &id, span, out);
	anchors_free(&anchors);
	ERR_clear_error();
	return rc;
}
