/* The state of a consent as a page says it: an alert above the agreement. */
#pragma once
#include "page/parts.h"

struct consent_state {
	const char *kind; /* class name: "success", "info" (a person's own answer), "warning", "danger" */
	enum msg heading;
	enum msg heading_poa;
	enum msg body;
};
/* NULL: it can be answered. */
const struct consent_state *consent_state_of(const struct consent *c);
/* The same, and a state of its own for an active consent. Of a consent that cannot be answered. */
const struct consent_state *agreement_state_of(const struct consent *c);
/* The state that explains why an answer was refused: the request had been answered elsewhere. NULL: the problems say
 * something else, and the consent's own state explains it. wanted: ST_ACCEPTED or ST_REJECTED. */
const struct consent_state *consent_state_crossed(const struct problems *problems, enum consent_status wanted);
/* HTML. name: "alert.html" or "status.html". fills: of the body. */
struct str consent_state_html(const struct page *p, const char *name, const struct consent_state *state, bool is_poa,
			      const struct fill *fills);
