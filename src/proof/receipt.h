/* The receipt of a consent: the agreement as one JSON object, for the person to keep. Its members follow ISO/IEC TS
 * 27560:2023, in the groups header, processing, notice and event. The caller signs it. */
#pragma once
#include "consent/snapshot.h"
#include "keys/keyring.h"

#define RECEIPT_TYPE "consent-receipt+jwt" /* of its JOSE header */
struct receipt_order {
	struct str issuer;     /* the issuer whose keys sign it */
	struct str withdrawal; /* the address for withdrawals */
	bool number; /* names the giver by the identity number: only on the giver's own wish. Else by an opaque name */
};
/* The caller has passed consent_details; c and f belong to the same consent. A person is named by a hash that differs
 * from receiver to receiver and that nobody can trace back without the store's secret. An organisation is named by its
 * number.
 */
MUST_USE enum rc receipt_write(struct consent_service *consents, struct arena *a, const struct consent *c,
			       const struct consent_snapshot *f, const struct receipt_order *o, struct str *json_out);
/* What a receipt is of. */
struct receipt_visit {
	struct arena *a;
	const struct consent *c;
	const struct consent_snapshot *f;
};
/* The same as a signed document, by the key that signs with `alg`. RC_TOO_LARGE: it does not fit a JWS. */
MUST_USE enum rc receipt_sign(struct consent_service *consents, struct keyring *keys, enum jose_alg alg,
			      const struct receipt_visit *v, const struct receipt_order *o, struct str *jwt_out);
