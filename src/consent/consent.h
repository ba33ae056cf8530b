/* What is allowed: the consent's life, authority, templates, claims. No HTTP, no SQL.
 *
 * Every call takes the request's arena; everything returned lives there. RC_DENIED, RC_NOT_FOUND and RC_INVALID come
 * with problems filled in where the caller shows them to somebody. */
#pragma once
#include "consent/party_cache.h"
#include "consent/problem.h"
#include "registry/registry.h"
#include "model/model.h"
#include "store/store.h"

struct consent_config {
	const char *public_url; /* origin, no trailing slash */
	bool auto_register;     /* a create for an unregistered valid number registers it */
	int64_t events_page;    /* events of one page, 1 to EVENTS_MAX; 0 = 100 */
	int64_t events_lag_s;   /* younger ones are held back */
};
struct consent_service {
	struct store *store;
	struct consent_config cfg;
	struct registry_box registry;
	struct party_cache *parties;
};

/* ---- who is asking ---- */
struct org_caller {
	struct str consumer; /* organisation number that the token acts for */
	struct str supplier; /* absent = none */
	bool has_org_scope;  /* altinn:consentrequests.org */
};
struct person_caller {
	struct uuid party;
	int64_t level;       /* authentication level */
	struct str acr;      /* the authentication context class, in the words of… */
	struct str provider; /* …whoever says who it is: the issuer's address. Both absent: not known */
};

/* A text for people: plain text, and the language that it is in, which is another one than was asked for where that
 * has none. Absent: there is none. */
struct localized {
	struct str text;
	enum lang lang;
};

/* ---- create ---- */
/* Limits on a request; each has a test at limit + 1 (binding error with the field's path). */
#define CONSENT_MAX_RIGHTS 50
#define CONSENT_MAX_ACTIONS 10
#define CONSENT_MAX_RESOURCES 10  /* attributes in one right before AM-00005 is said */
#define CONSENT_MAX_METADATA 50   /* keys in one right */
#define CONSENT_MAX_KEY 100       /* characters: metadata key, action, resource type and id */
#define CONSENT_MAX_VALUE 1000    /* bytes of a metadata value */
#define CONSENT_MAX_MESSAGES 10   /* languages */
#define CONSENT_MAX_MESSAGE 4000  /* bytes of one message */
#define CONSENT_MAX_REDIRECT 2000 /* bytes */
/* Bytes of all rights as JSON in a token. With whatever else a grant may put there it fits: api/token.c counts. */
#define CONSENT_MAX_CLAIMS 16384

struct draft_right {
	struct right right;
	size_t n_resources; /* as sent; anything but 1 is AM-00005 */
	struct draft_right *next;
};
struct draft {
	struct uuid id;
	struct urn from;
	struct urn to;
	struct urn required_delegator; /* value absent = none */
	int64_t valid_to;
	struct draft_right *rights;
	size_t n_rights;
	struct str message_json; /* canonical object or absent */
	struct str redirect_url;
	enum view_mode view_mode;
};
/* Rules in the order of the Altinn 3 API (4.1.1). *existed_out: an equal request (same from and to) was there already;
 * its stored form is returned. RC_DENIED without problems: 403 with empty body. RC_INVALID: problems. */
MUST_USE enum rc consent_create(struct consent_service *d, struct arena *a, const struct draft *draft,
				const struct org_caller *who, struct consent **out, bool *existed_out,
				struct problems *p);
/* The requester's read: `to`, or the organisation that created it (handledBy). Events included, a derived Expired event
 * last. */
MUST_USE enum rc consent_show(struct consent_service *d, struct arena *a, struct uuid id, const struct org_caller *who,
			      struct consent **out, struct problems *p);

/* ---- the feed ---- */
struct event_page {
	struct feed_event *items; /* oldest first */
	size_t n;
	struct uuid receiver; /* whose feed it is: what a reader waits for */
	struct uuid cursor;   /* where the next page begins, and where whoever waits goes on; nil = at the start */
	bool more;            /* there is, or may be, a next page now */
};
/* What happened to the consents that the consumer receives or has created. `filter` says all but receiver, limit and
 * before. Unknown consumer: AM-00003. */
MUST_USE enum rc consent_events(struct consent_service *d, struct arena *a, const struct feed *filter,
				const struct org_caller *who, struct event_page *out, struct problems *p);

/* ---- issuer ---- */
/* What a token may say. All rules are collected: none, one or several problems. `who` is the consumer (or handler)
 * asking. */
MUST_USE enum rc consent_lookup(struct consent_service *d, struct arena *a, struct uuid id, struct urn from,
				struct urn to, struct consent **out, struct problems *p);
/* The authorization_details object of a token: type, id, from, to (ISO 6523 object), consented, validTo, consentRights.
 */
void consent_claims(struct jsw *w, const struct consent *c);

/* ---- the data source ---- */
#define CONSENT_USE_AHEAD_S 60        /* so far ahead may the reporter's clock be */
#define CONSENT_MAX_USE_REFERENCE 100 /* characters */
struct use_report {
	struct uuid id;
	struct str resource;
	struct str reference; /* the reporter's own name of this use; absent = none */
	int64_t time;         /* when the data was fetched */
	bool has_time;        /* false: now */
};
struct use_event {
	struct uuid consent;
	struct event event;
	/* reference absent = none */
	struct str resource;
	struct str reference;
	struct str time_text;
};
/* Data was handed out on this consent: told by the owner of the resource (anybody else: RC_DENIED AM-00000). A report
 * with the resource and reference of an earlier one is that one (*existed_out), whatever has become of the consent
 * since: so that a report whose answer was lost can be sent again. The first use of a one-time consent ends it; each of
 * its other resources may still be reported once, since the token that was out then reaches several sources.
 * RC_NOT_FOUND AM-00001; RC_INVALID: AM-00005 the consent does not cover the resource, AM-00011, AM-00013, AM-00014,
 * SAM.VLD-00002, SAM.VLD-00003. */
MUST_USE enum rc consent_use(struct consent_service *d, struct arena *a, const struct use_report *told,
			     const struct org_caller *who, struct use_event *out, bool *existed_out,
			     struct problems *p);

/* ---- the person ---- */
/* For whoever may answer it (authority.h). Events included. RC_NOT_FOUND AM-00001, RC_DENIED AM-00000; RC_DENIED
 * without problems: may not read on altinn_access_management. */
MUST_USE enum rc consent_open(struct consent_service *d, struct arena *a, struct uuid id,
			      const struct person_caller *who, struct consent **out, struct problems *p);
/* consent_open has refused: is it because a resource is gone, so that no policy lets anybody answer? Told to whoever
 * may read for the giver. */
bool consent_orphaned(struct consent_service *d, struct arena *a, struct uuid id, const struct person_caller *who,
		      struct consent **out);
/* ST_ACCEPTED or ST_REJECTED, by whoever may answer it at the level that its resources ask for (else RC_DENIED
 * AM-00000), and may write on altinn_access_management (else RC_DENIED without problems); ST_REVOKED asks for the
 * latter alone. RC_STALE: roles or policies have changed since the snapshot. Repeated: RC_OK with the same state and no
 * second event. Expired accept: AM.VLD-00022. Crossing: AM-00002 / AM-00015 / AM-00010. Texts that are gone:
 * RC_NOT_FOUND AM-00005. The texts shown in `language` are rendered again and frozen with an acceptance. */
MUST_USE enum rc consent_decide(struct consent_service *d, struct arena *a, struct uuid id,
				const struct person_caller *who, enum consent_status to, struct str language,
				struct consent **out, struct problems *p);

/* What a party was asked and answered, newest first, a page at a time. */
#define CONSENT_LIST_PAGE 50
#define CONSENT_LIST_SCAN 1000 /* requests that one page looks at when some are left out */
#define CONSENT_MAX_SEARCH 400 /* bytes of a text that is looked for */
enum consent_group {
	GROUP_PENDING, /* can be answered */
	GROUP_ACTIVE,  /* accepted, neither expired nor used up */
	GROUP_ENDED,   /* rejected, revoked, deleted, expired, used up */
	GROUP__MAX
};
struct consent_item {
	const struct consent *consent; /* as consents_of loads it */
	enum consent_group group;
	bool is_poa;
	/* absent = unknown */
	struct str to_name;
	struct str to_orgno;
	struct localized *titles; /* of the resources; the identifier of one that is gone */
	size_t n_titles;
};
struct consent_list {
	struct consent_item *items;
	size_t n;
	int64_t next; /* `before` of the next page; 0 = this was the last */
};
struct consent_query {
	struct uuid party; /* whose */
	int64_t before;    /* 0 = from the newest */
	enum lang lang;    /* of the titles */
	unsigned groups;   /* bits 1 << enum consent_group; 0 = all */
	struct str text;   /* in the requester's name or a title, letter case aside, or the number; absent = all */
};
/* RC_DENIED: the person may not read the party's consents. RC_INVALID: the text is too long. Left out: unanswered
 * requests that somebody else has to answer, or that are not to be shown outside the requester's own flow. A page may
 * hold fewer items than CONSENT_LIST_PAGE, or none, and have a next one. */
MUST_USE enum rc consent_list(struct consent_service *d, struct arena *a, const struct person_caller *who,
			      const struct consent_query *q, struct consent_list *out);

/* ---- everything that a party was asked, for whoever may read there ---- */
/* Each of these: RC_DENIED without problems when the person may not read the party's consents. */
/* How many requests of this status the party is shown and are not over; none is stored as expired. */
MUST_USE enum rc consent_count(struct consent_service *d, struct arena *a, const struct person_caller *who,
			       struct uuid party, enum consent_status status, int64_t *out);
#define CONSENT_HISTORY_MAX (CONSENTS_MAX - 1) /* of one answer; the rest comes with the next page */
struct history_page {
	struct uuid after; /* the last consent of the page before; nil = the first page */
	size_t limit;      /* 1 … CONSENT_HISTORY_MAX */
};
struct consent_history {
	struct consent **items; /* with their events, a derived Expired event last */
	size_t n;
	bool more;
};
/* Oldest first: what comes in meanwhile is at the end. RC_INVALID: `after` is none of the party's. */
MUST_USE enum rc consent_history(struct consent_service *d, struct arena *a, const struct person_caller *who,
				 struct uuid party, const struct history_page *page, struct consent_history *out);
/* Newest first, as consents_of loads them: what was given and holds, and what can be answered outside the requester's
 * own flow. Of the newest CONSENTS_MAX. */
MUST_USE enum rc consent_current(struct consent_service *d, struct arena *a, const struct person_caller *who,
				 struct uuid party, struct consent_history *out);
struct consent_row {
	const struct consent *consent;
	bool is_poa;
	/* NULL: not registered any more, or none */
	const struct party *from;
	const struct party *to;
	const struct party *handler;
};
/* Who and what they are about: rows_out[i] is of items[i]. */
MUST_USE enum rc consent_rows(struct consent_service *d, struct arena *a, struct consent *const items[], size_t n,
			      struct consent_row *rows_out[]);
/* One of them in any status, with its events. RC_NOT_FOUND AM-00001. */
MUST_USE enum rc consent_details(struct consent_service *d, struct arena *a, struct uuid id,
				 const struct person_caller *who, struct consent **out, struct problems *p);

bool consent_expired(const struct consent *c); /* by clock_now() */
bool consent_active(const struct consent *c);  /* accepted, neither expired nor used up */
/* When tokens end: validTo, or earlier where a resource allows less from the creation on by now. */
int64_t consent_end(struct consent_service *d, const struct consent *c);
struct str consent_view_uri(struct consent_service *d, struct arena *a, const struct consent *c);
/* redirectUrl with Status=OK or Status=Failed&ErrorMessage=User+did+not+give+consent; nothing is
 * added while unanswered. */
struct str consent_redirect(struct arena *a, const struct consent *c);

/* ---- the lifecycle: one table, one mover ---- */
/* RC_CONFLICT when the table does not list the move. */
MUST_USE enum rc lifecycle_check(enum consent_status from, enum consent_status to);

/* ---- parties ---- */
/* Registered person of that number; registers it (name unknown, or a synthetic name when `synthetic`) if it is not
 * there. */
MUST_USE enum rc party_ensure_person(struct consent_service *d, struct arena *a, struct str pid, bool synthetic,
				     struct party **out);

/* Is an organisation of that number registered? */
MUST_USE enum rc party_org_known(struct consent_service *d, struct arena *a, struct str orgno, bool *out);

MUST_USE enum rc consent_service_init(struct consent_service *d, struct store *s, const struct consent_config *cfg);
void consent_service_finish(struct consent_service *d);
