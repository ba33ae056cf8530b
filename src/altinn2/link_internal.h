/* A link that asks for consent (spec altinn2.md section 2): what its query says. */
#pragma once
#include "altinn2/services.h"
#include "consent/consent.h"
#include "http/http.h"
#include "text/text.h"

#define PATH_LINK "/ui/accessconsent"

/* Bytes of its path and query, as sent and as they go through the login: percent-encoded in another query. */
#define LINK_MAX 1900
#define LINK_MAX_ENCODED 3500
#define LINK_MAX_SERVICES CONSENT_MAX_RIGHTS
/* Parameters of our own: a person chose the language; a login was asked for since the person was another one. */
#define LINK_CHOSEN "languageChosen"
#define LINK_RETRIED "loginRetried"

enum link_fault {
	LINK_OK,
	LINK_UNREADABLE, /* too long, or no query at all */
	LINK_TWICE,
	LINK_MISSING,
	LINK_VALUE,
	LINK_SERVICE,  /* there is no such service */
	LINK_CONSUMER, /* the consumer may not ask for the service */
	LINK_TEMPLATE, /* the service has a template that no link can use */
	LINK_REDIRECT, /* the address is not allowed */
	LINK_TIME,     /* the end is over, or too far away */
};
struct link_error {
	enum link_fault fault;
	struct str name; /* of the parameter, or the service */
};
struct link {
	const struct pair *pairs;
	struct str services[LINK_MAX_SERVICES]; /* CODE_EDITION */
	size_t n;
	/* absent = not said */
	struct str covered_by;
	struct str offered_by;
	struct str handled_by;
	struct str redirect;
	struct str message;
	struct str user_token;
	int64_t valid_to;
	enum lang lang;
	bool has_lang;
};
/* Reads the query: names in any letter case and order, each at most once; values decoded once. RC_INVALID: *error.
 * What could be read is in *out all the same. */
MUST_USE enum rc link_read(struct arena *a, struct str query, struct link *out, struct link_error *error);
/* The value of CODE_EDITION_NAME, the name in any letter case. */
struct str link_service_value(const struct link *link, struct str service, struct str name);
/* Does the token fit the number: its SHA-256 in hexadecimal, in any letter case? `a` is used on the way. */
bool link_token_fits(struct arena *a, struct str token, struct str number);

/* ---- link_draft.c: the request that the link asks for ---- */
struct link_order {
	struct consent_service *consents;
	const struct link *link;
	struct uuid id;
	enum lang lang;            /* of the message, where the link does not say */
	const struct party *giver; /* who gives where the link does not say; NULL: not known yet */
};
/* The draft in *draft, and what consent_draft makes of it. RC_INVALID: *error. RC_DENIED: OfferedBy is nobody who is
 * registered, which *error does not say. Before the giver is known, OfferedBy is not looked up. */
MUST_USE enum rc link_draft(struct arena *a, const struct link_order *order, struct draft *draft, struct consent **out,
			    struct link_error *error);
struct org_caller link_caller(const struct link *link);
/* May a page link to the redirect address? It is allowed for the link's consumer, who may ask for its services. */
bool link_may_return(struct arena *a, struct consent_service *consents, const struct link *link);

/* ---- link.c ---- */
http_handler link_get, link_post, link_request_get;
