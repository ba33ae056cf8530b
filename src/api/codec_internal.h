/* JSON bodies to the model, and the model to the JSON shapes of each endpoint. An enum is read by its name in any
 * letter case, as a number, or as a quoted number. For other values the rules of front/bind.h hold. */
#pragma once
#include "base/url.h"
#include "consent/consent.h"
#include "consent/view.h"
#include "front/bind.h"

/* ---- bodies ---- */
/* `body` is a JSON object; texts point into it. RC_INVALID: the binder has an error, and *out is untouched. */
MUST_USE enum rc codec_draft(struct binder *b, const struct js *body, struct draft *out);
struct lookup_request {
	struct uuid id;
	struct urn from;
	struct urn to;
};
MUST_USE enum rc codec_lookup(struct binder *b, const struct js *body, struct lookup_request *out);
MUST_USE enum rc codec_accept(struct binder *b, const struct js *body, struct str *language_out);
/* out->id is nil: it stands in the path. */
MUST_USE enum rc codec_use_report(struct binder *b, const struct js *body, struct use_report *out);

/* ---- shapes ---- */
/* For consumers: parties by their numbers. */
void codec_request_details(struct jsw *w, const struct consent *c, struct str view_uri);
void codec_consent_info(struct jsw *w, const struct consent *c);
void codec_use(struct jsw *w, const struct use_event *u);
/* For people: parties by uuid where they are registered. view_uri "": there is no page to visit. */
void codec_bff_details(struct jsw *w, const struct consent *c, struct str view_uri);
void codec_core_details(struct jsw *w, const struct consent *c);
void codec_core_consent(struct jsw *w, const struct consent *c);
/* The member consentRequestEvents of an object that the caller has opened. Parties by uuid. */
void codec_events(struct jsw *w, const struct consent *c);
/* For the portal's own front end: names of parties, and texts in every language of the pages. */
void codec_portal_request(struct jsw *w, const struct consent *c, const struct unfilled_view *u);
void codec_portal_consent(struct jsw *w, const struct consent *c, const struct unfilled_view *u);
void codec_portal_active(struct jsw *w, const struct consent_row *row);
void codec_portal_log(struct jsw *w, const struct consent_row *row);
