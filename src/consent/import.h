/* Consents that another system has kept until now. */
#pragma once
#include "consent/consent.h"
#include "store/import.h"

/* struct event.detail of an EV_USED: what was fetched and when. reference: absent = none. */
struct str consent_use_detail(struct arena *a, struct str resource, struct str reference, int64_t time);

/* Writes the consents with their events: all of them, or none. One whose id is stored already stays as it is
 * (existed_out[i]). The caller sets the members as they were there, with `rights` as a list, and the events, oldest
 * first, with their times: EV_CREATED, then those that led to the status. No texts were kept with the answer. This call
 * sets valid_to_text, consented_text and rights_json, and versions of resources and template, and the template, where
 * they are absent. It checks no rule: an import tells what has been decided.
 * RC_TOO_LARGE: past IMPORT_ROWS_MAX or IMPORT_EVENTS_MAX. */
MUST_USE enum rc consent_import(struct consent_service *consents, struct arena *a, struct consent *const items[],
				size_t n, bool existed_out[]);
