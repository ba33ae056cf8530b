/* Lists for organisations: the requests of Altinn 2 that they have made or got, and the consents to a resource. */
#pragma once
#include "consent/consent.h"
#include "store/lists.h"

/* ---- requests of Altinn 2 ---- */
#define REQUESTS_PAGE_MAX 1000 /* of one page */
#define REQUESTS_SCAN 1000     /* rows that one page looks at when it leaves some out */
struct request_query {
	bool outgoing;          /* those that the organisation receives or handles */
	bool incoming;          /* those that it is asked to answer */
	unsigned states;        /* bits 1 << enum request_state; 0 = all */
	struct str service;     /* those for this service; absent = all */
	struct list_mark after; /* of the page before; zero = the first page */
	size_t limit;           /* 1 … REQUESTS_PAGE_MAX */
};
struct request_page {
	struct consent **items; /* without their events */
	size_t n;
	struct list_mark end; /* where the next page goes on */
	bool more;            /* there is, or may be, a next page */
};
/* In the order of the last change (request_changed), each once. A request that changes while somebody reads page by
 * page may come again, in its new state. A page may hold fewer items than `limit`, or none, and still have a next page:
 * it ends at LIST_BYTES_MAX, too. An organisation that is not registered has none. RC_TOO_LARGE: the limit is out of
 * range. */
MUST_USE enum rc consent_requests_of(struct consent_service *consents, struct arena *a, const struct org_caller *who,
				     const struct request_query *q, struct request_page *out);

/* ---- consents to a resource ---- */
#define OWNER_LIST_MAX CONSENTS_MAX /* of one page */
struct owner_query {
	struct str resource;
	bool active;            /* that hold */
	bool revoked;           /* that were withdrawn or used up */
	struct list_mark after; /* of the page before; zero = the first page */
	size_t limit;           /* 1 … OWNER_LIST_MAX */
};
struct owner_page {
	struct listed_row *items;
	size_t n;
	bool more; /* the next page goes on behind the last item */
};
/* The accepted consents to a resource that an extension lists (registry_mapped), in the order of the last change, but
 * none that has expired. Consents that were accepted before the resource was listed are not among them. The caller
 * checks that it may read the list. RC_TOO_LARGE: the limit is out of range. */
MUST_USE enum rc consent_owner_list(struct consent_service *consents, struct arena *a, const struct owner_query *q,
				    struct owner_page *out);
