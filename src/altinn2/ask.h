/* A question for consent in the words of Altinn 2, however it was asked: by a link or by a registered request. */
#pragma once
#include "altinn2/errors.h"
#include "altinn2/services.h"
#include "consent/consent.h"

#define ALTINN2_MAX_SERVICES CONSENT_MAX_RIGHTS /* of one request */

struct altinn2_asked {
	struct str id;                         /* "4628_210607", as it was sent */
	const struct altinn2_service *service; /* NULL: there is none */
	struct meta *metadata;                 /* names as they were sent */
};
struct altinn2_ask {
	struct str covered_by;
	struct str handled_by; /* absent = none */
	bool delegated;        /* the consumer has delegated the supplier at Maskinporten */
	struct urn from;       /* value absent: whoever logs in */
	struct urn required_delegator;
	int64_t valid_to;
	struct str redirect_url;
	struct str message_json; /* object by language; absent = none */
	enum view_mode view_mode;
	struct altinn2_asked services[ALTINN2_MAX_SERVICES];
	size_t n_services;
};
/* Finds the services, and adds an error for each rule that the question breaks: service, allow-list (SRR), supplier,
 * metadata, template, message, address. What consent_create checks is left to it. */
void altinn2_ask_check(struct arena *a, const struct registry *r, struct altinn2_ask *ask, struct altinn2_errors *e);
/* The same as a draft for consent_create. Requires that the check found nothing. */
struct draft altinn2_ask_draft(struct arena *a, const struct registry *r, const struct altinn2_ask *ask,
			       enum consent_origin origin, struct uuid id);
/* The right to a service, without metadata. */
struct draft_right *altinn2_right(struct arena *a, const struct altinn2_service *s);
/* The value of the metadata parameter for the resource's key; NULL: it was not sent. */
const struct meta *altinn2_param(struct arena *a, const struct altinn2_asked *asked, struct str key);
