/* Organisation certificates (virksomhetssertifikat, eSeal): whose signature an "x5c" header may vouch for.
 * RFC 5280; SEID 1 and SEID 2.0; ETSI EN 319 412 for eSeals. */
#pragma once
#include "jose/jose.h"

#define TRUST_MAX_CERTS 256 /* roots, and as many intermediates */
#define TRUST_MAX_CRLS 64
#define TRUST_MAX_DEPTH 6 /* certificates between leaf and root */
#define TRUST_ORGNO_DIGITS 9

struct trust; /* may be used by many threads at once */
struct trust_files {
	struct str roots;         /* PEM; what is trusted */
	struct str intermediates; /* PEM or absent: chains are built with them when a caller sends the leaf alone */
	struct str crls;          /* PEM or absent: with it every certificate of a chain needs a CRL that is current */
};
/* RC_INVALID: a file holds something else, nothing, or too much; why_out: one line. */
MUST_USE enum rc trust_open(struct arena *a, const struct trust_files *f, struct trust **out, struct str *why_out);
/* Takes new files for the old ones; checks that run go on with what they began with. On failure nothing changes. */
MUST_USE enum rc trust_replace(struct trust *t, struct arena *a, const struct trust_files *f, struct str *why_out);
void trust_close(struct trust *t); /* may be NULL */

enum org_cert_kind {
	ORG_CERT_SEID1, /* organisation number in the subject's serialNumber */
	ORG_CERT_SEAL,  /* organizationIdentifier NTRNO-…, not qualified */
	ORG_CERT_QSEAL, /* the same with the statement of a qualified certificate */
	ORG_CERT__MAX
};
struct org_cert {
	struct str orgno; /* digits, not checked further */
	enum org_cert_kind kind;
	struct jwk *key; /* yours to unref; verifies RS256, RS384, RS512 */
};
/* What a certificate (DER) says by itself, whoever has issued it: RC_DENIED as below, but for the path. */
MUST_USE enum rc org_cert_read(struct arena *a, struct str der, struct org_cert *out, const char **why_out);
/* The chain of an x5c header (DER, leaf first; the leaf alone is enough when the rest is among the intermediates).
 * RC_DENIED: no path to a root at now_s (s), revoked or no current CRL, not for signatures (key usage digitalSignature;
 * the certificates for encryption and for non-repudiation alone are others), names no organisation, or a key of another
 * kind than RSA from 2048 bits up. RC_INVALID: a path is there, but the leaf itself has ended, or has not begun.
 * *why_out is static text for the log. What was found good is kept (trust_kept.h) for
 * as long as it cannot be otherwise. */
MUST_USE enum rc trust_check(struct trust *t, struct arena *a, const struct str *der, size_t n, int64_t now_s,
			     struct org_cert *out, const char **why_out);
