/* Consent requests that are registered before a person is asked (spec altinn2.md section 3). */
#pragma once
#include "altinn2/answer.h"
#include "altinn2/ask.h"
#include "altinn2/caller.h"
#include "altinn2/internal.h"

/* Limits of a body beside those of consent.h; each has a test at limit + 1. */
#define ALTINN2_MAX_NAME 500 /* bytes of OfferedByName and RequiredDelegatorName */

/* The name that a person's or organisation's party must have. */
struct altinn2_named {
	struct urn party; /* by number */
	struct str name;
};
struct altinn2_body {
	struct altinn2_ask ask;
	struct altinn2_named named[2];
	size_t n_named;
};
/* Reads the body into `out`; faults go to `e`. */
void altinn2_body_read(struct arena *a, const struct js *v, struct altinn2_body *out, struct altinn2_errors *e);
/* Does the name that was sent fit the registered one? Of a person the last name counts, and of a compound one its last
 * part; letter case never does. A party without a registered name fits any. */
bool altinn2_name_fits(struct arena *a, const struct party *p, struct str name);

/* Writes the request as its requester reads it. hal: with _links. */
void altinn2_request_write(struct jsw *w, const struct registry *reg, struct str origin, const struct consent *c,
			   bool hal);
/* The state in the words of Altinn 2. A deleted request has none. */
const char *altinn2_request_status(enum request_state state);
