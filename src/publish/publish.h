/* Changes that owners make by API: resources, their policies, access lists. Every change becomes a fragment of a seed
 * document and is applied as `samtykke apply` applies a document, so that both accept and refuse the same entries.
 *
 * An organisation publishes for the owner codes that belong to it (registry_owns). When two organisations change the
 * same entry at once, both changes take effect, one after the other: the second is made again from the result of the
 * first. */
#pragma once
#include "publish/pace.h"
#include "registry/registry.h"

#define PUBLISH_MAX_MEMBERS 1000 /* members in one call */

struct publication {
	const char *why;   /* RC_DENIED, RC_CONFLICT: static text */
	struct str faults; /* RC_INVALID: lines "PATH: FAULT" with the paths of the body that was sent; publisher's
			      arena */
	bool changed;      /* false: the entry was so already */
	int64_t wait_s;    /* RC_BUSY: above 0, the organisation makes too many changes; try again after so long */
	bool overtaken;    /* RC_CONFLICT: the entry is not in the state that if_match names */
};
/* The organisation that publishes. */
struct publisher {
	struct registry_box *registry; /* and its store */
	struct arena *a;
	struct str orgno;
	struct str if_match; /* RFC 9110 section 13.1.1; absent: any state. Only selfservice.h heeds it */
	struct pace *pace;   /* NULL: changes are not counted and take no turns */
	bool in_turn;        /* the caller has the turn already */
};

/* All of them fill in *p, whatever the result. Results beside the store's: RC_DENIED the entry belongs to another
 * organisation, RC_NOT_FOUND no such resource or list, RC_INVALID faults, RC_BUSY other writers were faster too
 * often, or the organisation makes too many changes. */

/* Publishes the whole resource: members that `body` does not name are removed, except for the policy, which stays when
 * `body` names none. Other content becomes a new version; the version in `body` is ignored. id absent: a new resource;
 * RC_CONFLICT when its identifier is taken. */
MUST_USE enum rc publish_resource(const struct publisher *publisher, struct str id, const struct js *body,
				  struct publication *p);
/* Publishes a XACML document as the policy: a new version of the resource, unless the document is the same. */
MUST_USE enum rc publish_policy(const struct publisher *publisher, struct str id, struct str xml,
				struct publication *p);

struct list_id {
	struct str owner;
	struct str identifier;
};
/* Sets name and description; makes the list when there is none. */
MUST_USE enum rc publish_list(const struct publisher *publisher, struct list_id id, const struct js *body,
			      struct publication *p);
MUST_USE enum rc publish_list_removal(const struct publisher *publisher, struct list_id id, struct publication *p);
enum member_change { MEMBERS_REPLACE, MEMBERS_ADD, MEMBERS_REMOVE };
/* data: an array of organisations' URNs, registered or not. */
MUST_USE enum rc publish_members(const struct publisher *publisher, struct list_id id, enum member_change change,
				 const struct js *data, struct publication *p);
/* Connects the list to the resource, which must belong to the publisher, too. filters: array of actions; NULL: all
 * actions. */
MUST_USE enum rc publish_connection(const struct publisher *publisher, struct list_id id, struct str resource,
				    const struct js *filters, struct publication *p);
MUST_USE enum rc publish_connection_removal(const struct publisher *publisher, struct list_id id, struct str resource,
					    struct publication *p);
