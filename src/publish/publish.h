/* What owners publish themselves: resources, their policies, access lists. Every change is made into a fragment of a
 * seed document and goes the way of `samtykke apply`, so that the two can never differ in what they let pass.
 *
 * An organisation publishes for the owner codes that belong to it (registry_owns). Two that change the same thing at
 * once both have their way, one after the other: the second is made again from what the first has left. */
#pragma once
#include "registry/registry.h"

#define PUBLISH_MAX_MEMBERS 1000 /* members in one call */

struct publication {
	const char *why;   /* RC_DENIED, RC_CONFLICT: static text */
	struct str faults; /* RC_INVALID: lines "PATH: what is wrong" with the paths of the body that was sent */
	bool changed;      /* false: everything was so already */
	bool overtaken;    /* RC_CONFLICT: it is not what if_match names any more */
};
/* Who publishes what. Results beside the store's: RC_DENIED not this organisation's, RC_NOT_FOUND no such resource or
 * list, RC_INVALID faults. *p is filled in always. */
struct publisher {
	struct registry_box *registry; /* and its store */
	struct arena *a;
	struct str orgno;
	struct str if_match; /* RFC 9110 section 13.1.1; absent: whatever it is like now. For selfservice.h alone */
};

/* The whole resource: what `body` does not name is gone, but for the policy, which stays when it names none. Other
 * content becomes a new version; the version in `body` counts for nothing. id absent: a new resource, RC_CONFLICT when
 * there is one of its identifier. */
MUST_USE enum rc publish_resource(const struct publisher *who, struct str id, const struct js *body,
				  struct publication *p);
/* A XACML document as the policy: a new version, unless it is the same. */
MUST_USE enum rc publish_policy(const struct publisher *who, struct str id, struct str xml, struct publication *p);

struct list_id {
	struct str owner;
	struct str identifier;
};
/* Name and description; the list is made when there is none. */
MUST_USE enum rc publish_list(const struct publisher *who, struct list_id id, const struct js *body,
			      struct publication *p);
MUST_USE enum rc publish_list_removal(const struct publisher *who, struct list_id id, struct publication *p);
enum member_change { MEMBERS_REPLACE, MEMBERS_ADD, MEMBERS_REMOVE };
/* data: the URNs of organisations, registered or not. */
MUST_USE enum rc publish_members(const struct publisher *who, struct list_id id, enum member_change how,
				 const struct js *data, struct publication *p);
/* filters: list of actions, or NULL: all. The resource has to be the publisher's, too. */
MUST_USE enum rc publish_connection(const struct publisher *who, struct list_id id, struct str resource,
				    const struct js *filters, struct publication *p);
MUST_USE enum rc publish_connection_removal(const struct publisher *who, struct list_id id, struct str resource,
					    struct publication *p);
