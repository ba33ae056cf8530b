/* Organisation certificates (virksomhetssertifikat, eSeal): checks the chain in an "x5c" header.
 * RFC 5280; SEID 1 and SEID 2.0; ETSI EN 319 412 for eSeals. */
#pragma once
#include "jose/jose.h"

#define TRUST_MAX_CERTS 256 /* roots, and as many intermediates */
#define TRUST_MAX_CRLS 64
#define TRUST_MAX_DEPTH 6 /* certificates between leaf and root */
#define TRUST_ORGNO_DIGITS 9

struct trust; /* may be used by many threads at once */
struct trust_files {
	struct str roots;         /* PEM; the certificates that are trusted */
	struct str intermediates; /* PEM or absent; they complete the chain of a caller that sends the leaf alone */
	struct str crls;          /* PEM or absent; present: every certificate of a chain needs a current CRL */
};
/* RC_INVALID: a file is empty, too large, or not PEM throughout; *why_out: one line. RC_FAIL: no memory. */
MUST_USE enum rc trust_open(struct arena *a, const struct trust_files *f, struct trust **out, struct str *why_out);
/* Replaces the files. Checks that have begun end with the old ones. On failure nothing changes; results as trust_open.
 */
MUST_USE enum rc trust_replace(struct trust *t, struct arena *a, const struct trust_files *f, struct str *why_out);
void trust_close(struct trust *t); /* t may be NULL */

enum org_cert_kind {
	ORG_CERT_SEID1, /* organisation number in the subject's serialNumber */
	ORG_CERT_SEAL,  /* organizationIdentifier NTRNO-…, not qualified */
	ORG_CERT_QSEAL, /* the same with the statement of a qualified certificate */
	ORG_CERT__MAX
};
struct org_cert {
	struct str orgno; /* TRUST_ORGNO_DIGITS digits; the check digit is not checked */
	enum org_cert_kind kind;
	struct jwk *key; /* yours to unref; verifies RS256, RS384, RS512 */
};
/* Reads one certificate (DER) and checks it as trust_check does, except for its path. RC_DENIED as trust_check. */
MUST_USE enum rc org_cert_read(struct arena *a, struct str der, struct org_cert *out, const char **why_out);
/* Checks the chain of an x5c header: DER, leaf first. The leaf alone is enough when the intermediates complete it.
 *
 * RC_DENIED, when one of these holds:
 * - no path leads to a root at now_s (seconds since 1970);
 * - a certificate is revoked, or has no current CRL though CRLs were given;
 * - the leaf lacks key usage digitalSignature (certificates for encryption or non-repudiation alone);
 * - the leaf names no organisation, or its key is not RSA of at least 2048 bits;
 * - the chain has no certificate, or more than JOSE_X5C_MAX.
 * RC_INVALID: there is a path, but the leaf itself has expired or is not valid yet. RC_FAIL: no memory.
 *
 * *why_out is static text for the log. Good chains are cached for as long as the result cannot change. */
MUST_USE enum rc trust_check(struct trust *t, struct arena *a, const struct str *der, size_t n, int64_t now_s,
			     struct org_cert *out, const char **why_out);
