/* Where a consumer may send a browser to (spec altinn2.md section 4). */
#pragma once
#include "altinn2/services.h"

/* May the address be used for the services? Each service whose allow-list names domains for the consumer decides by
 * them. Where none does, the address is to be on redirectAllow of the consumer's clients; without any, each safe
 * address will do. An entry without a scheme stands for http and https. */
bool altinn2_redirect_allowed(struct arena *a, const struct registry *r, const struct altinn2_service *const services[],
			      size_t n, struct str consumer, struct str address);
/* Is the text an entry of an allow-list's domains: a host, "*." in front of one, or an address with a scheme? */
bool altinn2_domain_ok(struct arena *a, struct str domain);
