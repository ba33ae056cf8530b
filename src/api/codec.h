/* JSON to model with binding errors (the framework's "errors" map), and model to the JSON shapes of each endpoint.
 * Member names are read in any letter case, enums by name in any case, as a number or as a quoted number; unknown
 * members are ignored; nothing else is coerced. */
#pragma once
#include "api/problems.h"
#include "domain/domain.h"

#define BIND_MAX_ERRORS 32 /* later ones are left out */

struct binder {
	struct arena *a;
	struct bind_error *first, **at;
	size_t n;
};
struct binder *binder_new(struct arena *a);
void bind_fail(struct binder *b, struct str path, const char *message);

/* Each: RC_INVALID when b has errors. `body` is the parsed object. */
MUST_USE enum rc codec_draft(struct binder *b, const struct js *body, struct draft *out);
struct lookup_request {
	struct uuid id;
	struct urn from, to;
};
MUST_USE enum rc codec_lookup(struct binder *b, const struct js *body, struct lookup_request *out);
MUST_USE enum rc codec_accept(struct binder *b, const struct js *body, struct str *language_out);

MUST_USE enum rc codec_use_report(struct binder *b, const struct js *body, struct use_report *out);

void codec_request_details(struct jsw *w, const struct consent *c, struct str view_uri);
void codec_consent_info(struct jsw *w, const struct consent *c);
void codec_bff_details(struct jsw *w, const struct consent *c, struct str view_uri);
void codec_use(struct jsw *w, const struct use_event *u);
