/* What identifies a party: organisation numbers, national identity numbers, and the URNs that carry them. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/js.h"
#include "base/rand.h"

/* Organisation number: nine digits, weights 3 2 7 6 5 4 3 2, modulus 11. A number whose check digit would be 10 is
 * invalid. */
bool model_orgno_valid(struct str s);
/* National identity number: eleven digits by the rule from 2032, under which four values of the first check digit are
 * valid. The date is not checked, so that D-numbers and synthetic numbers pass. */
bool model_pid_valid(struct str s);

/* Party URNs. The reader compares prefixes byte for byte; the writer uses the first one of each kind. */
enum urn_kind {
	URN_PERSON,     /* urn:altinn:person:identifier-no:<11 digits> */
	URN_ORG,        /* urn:altinn:organization:identifier-no:<9 digits> */
	URN_PARTY_UUID, /* urn:altinn:party:uuid:<uuid>; also read: urn:altinn:{person,organization,systemuser}:uuid */
	URN_PARTY_ID,   /* urn:altinn:party:id:<unsigned>; also read: urn:altinn:partyid */
	URN__MAX
};
struct urn {
	enum urn_kind kind;
	struct str value; /* the number, or the UUID in lower case; absent = no URN */
	struct uuid uuid; /* of URN_PARTY_UUID only */
};
/* RC_INVALID: an unknown prefix, or a number or UUID that is not valid. The text of a UUID lives in `a`; any other
 * value is a span of `s`. */
MUST_USE enum rc urn_parse(struct arena *a, struct str s, struct urn *out);
/* The same from a string, or from an object with exactly the members "type" (the prefix) and "value" (a string or a
 * whole number). */
MUST_USE enum rc urn_parse_js(struct arena *a, const struct js *v, struct urn *out);
void buf_urn(struct buf *b, struct urn u);
struct str urn_str(struct arena *a, struct urn u);
struct str urn_prefix(enum urn_kind k);  /* "urn:altinn:person:identifier-no", without the last colon */
bool urn_eq(struct urn a, struct urn b); /* same kind, same value */
