/* The receipt of a consent: one JSON object with what was agreed, for the person to keep. Members after ISO/IEC TS
 * 27560:2023, in the groups header, processing, notice and event. It is signed by whoever sends it out. */
#pragma once
#include "consent/snapshot.h"

#define RECEIPT_TYPE "consent-receipt+jwt" /* of its JOSE header */
struct receipt_order {
	struct str issuer;     /* whose keys it will be signed with */
	struct str withdrawal; /* address at which consents are withdrawn */
	bool number; /* the giver's identity number, in place of an opaque name: on the giver's own wish alone */
};
/* For whoever consent_details has let in; c and f are of the same consent. The giver is named by a hash that says
 * nothing to anybody else and differs from receiver to receiver; an organisation always by its number. */
MUST_USE enum rc receipt_write(struct consent_service *d, struct arena *a, const struct consent *c,
			       const struct consent_snapshot *f, const struct receipt_order *o, struct str *json_out);
