/* The error array of Altinn 2: [{"ErrorCode":"40332","ErrorMessage":"…"}]. 40332 is Altinn's own, and the other numbers
 * are ours, since no list is published (docs/HTTP.md). */
#pragma once
#include "consent/problem.h"
#include "http/http.h"

#define ALTINN2_MAX_ERRORS 32 /* of one answer; later ones are dropped */

enum altinn2_error {
	A2_BODY,     /* 40301: the body cannot be read */
	A2_FIELD,    /* 40302: a member is missing, of another type or too long */
	A2_SELF,     /* 40303: CoveredBy and OfferedBy are one */
	A2_CALLER,   /* 40304: the caller is neither CoveredBy nor HandledBy */
	A2_SUPPLIER, /* 40305: HandledBy may not act for CoveredBy */
	A2_SERVICE,  /* 40306: there is no such service */
	A2_METADATA, /* 40307: a metadata parameter is missing or empty */
	A2_TEMPLATE, /* 40308: the services have different templates */
	A2_SRR,      /* 40309: the consumer is not registered for a service */
	A2_MESSAGE,  /* 40310: the template does not take a message */
	A2_VALID_TO, /* 40311: the end is no time, has passed or is too late */
	A2_REDIRECT, /* 40312: the address is not allowed */
	A2_REFUSED,  /* 40313: another rule of the resources refuses it */
	A2_STATUS,   /* 40314: the request has been answered */
	A2_QUERY,    /* 40315: a parameter of the query cannot be read */
	A2_NAME,     /* 40332 */
	A2__MAX
};
struct altinn2_errors {
	struct arena *a;
	struct {
		enum altinn2_error code;
		struct str message;
	} items[ALTINN2_MAX_ERRORS];
	size_t n;
};
void altinn2_error(struct altinn2_errors *e, enum altinn2_error code, const char *fmt, ...) PRINTF(3, 4);
/* Adds what the rules of consents say of a request. */
void altinn2_errors_of(struct altinn2_errors *e, const struct problems *p);
/* Answers 400 with the array, which must not be empty. Always RC_ANSWERED. */
enum rc altinn2_errors_reply(struct http_res *res, const struct altinn2_errors *e);
