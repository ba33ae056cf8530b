/* JSON to model, and model to the JSON shapes of each endpoint. An enum is read by name in any letter case, as a number
 * or as a quoted number. For other values the rules of front/bind.h hold. */
#pragma once
#include "front/bind.h"
#include "base/url.h"
#include "consent/consent.h"
#include "consent/view.h"

/* Each: RC_INVALID when b has errors. `body` is the parsed object. */
MUST_USE enum rc codec_draft(struct binder *b, const struct js *body, struct draft *out);
struct lookup_request {
	struct uuid id;
	struct urn from;
	struct urn to;
};
MUST_USE enum rc codec_lookup(struct binder *b, const struct js *body, struct lookup_request *out);
MUST_USE enum rc codec_accept(struct binder *b, const struct js *body, struct str *language_out);
MUST_USE enum rc codec_use_report(struct binder *b, const struct js *body, struct use_report *out);

void codec_request_details(struct jsw *w, const struct consent *c, struct str view_uri);
void codec_consent_info(struct jsw *w, const struct consent *c);
/* Parties by uuid from here on. */
void codec_bff_details(struct jsw *w, const struct consent *c, struct str view_uri);
void codec_use(struct jsw *w, const struct use_event *u);
void codec_core_details(struct jsw *w, const struct consent *c);
void codec_core_consent(struct jsw *w, const struct consent *c);
void codec_events(struct jsw *w, const struct consent *c); /* the member consentRequestEvents */
/* What the portal's own front end reads. */
void codec_portal_request(struct jsw *w, const struct consent *c, const struct unfilled_view *u);
void codec_portal_consent(struct jsw *w, const struct consent *c, const struct unfilled_view *u);
void codec_portal_active(struct jsw *w, const struct consent_row *row);
void codec_portal_log(struct jsw *w, const struct consent_row *row);
