/* The rules of a consent's life: requests, decisions, uses, lists. No HTTP, no SQL.
 *
 * Every call takes the request's arena, and everything that it returns lives there. Outputs are written on RC_OK only.
 * A call that takes `struct problems` fills it in for RC_INVALID, RC_DENIED and RC_NOT_FOUND; RC_DENIED without
 * problems means a 403 with an empty body. RC_BUSY, RC_UNCERTAIN and RC_FAIL are the store's. */
#pragma once
#include "consent/party_cache.h"
#include "consent/problem.h"
#include "consent/standing_cache.h"
#include "registry/registry.h"
#include "model/model.h"
#include "store/store.h"

struct consent_config {
	bool auto_register;   /* a create registers a valid number that is not registered */
	int64_t events_page;  /* events of one page, 1 to EVENTS_MAX; 0 = 100 */
	int64_t events_lag_s; /* the feed holds back events that are younger */
};
/* The services that the rules work with. One serves the whole process, and every thread. */
struct consent_service {
	struct store *store;
	struct consent_config cfg;
	struct registry_box registry;
	struct party_cache *parties;
	struct standing_cache *standings;
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
	struct str acr;      /* authentication context class, in the provider's words; absent = unknown */
	struct str provider; /* issuer's address of the login provider; absent = unknown */
};

/* A plain text for people with its language. The language differs from the one that was asked for where that one has no
 * text. Text absent: no language has one. */
struct localized {
	struct str text;
	enum lang lang;
};

/* ---- create ---- */
/* Limits on a request; each has a test at limit + 1 (binding error with the field's path). */
#define CONSENT_MAX_RIGHTS 50
#define CONSENT_MAX_ACTIONS 10
#define CONSENT_MAX_RESOURCES 10  /* attributes in one right; past it AM-00005 is no longer the answer */
#define CONSENT_MAX_METADATA 50   /* keys in one right */
#define CONSENT_MAX_KEY 100       /* characters: metadata key, action, resource type and id */
#define CONSENT_MAX_VALUE 1000    /* bytes of a metadata value */
#define CONSENT_MAX_MESSAGES 10   /* languages */
#define CONSENT_MAX_MESSAGE 4000  /* bytes of one message */
#define CONSENT_MAX_REDIRECT 2000 /* bytes */
/* Bytes of all rights as JSON in a token. issuer/mint.c asserts that they fit a token beside all else in it. */
#define CONSENT_MAX_CLAIMS 16384
/* Bytes of the titles and filled-in texts of all rights: what a page shows of resource owners. As HTML they may take up
 * to ten times as many. */
#define CONSENT_MAX_TEXTS 131072

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
	enum consent_origin origin;
	bool keep_session;     /* the person's session goes on after the answer */
	bool redirect_checked; /* the front has held redirect_url against a list of its own, in place of the clients' */
};
/* Applies the rules in the order of the Altinn 3 API (spec 4.1.1) and stores the request. *existed_out: a request of
 * this id with the same from and to stood already, and its stored form is returned. RC_DENIED: this organisation may
 * not ask for it. RC_INVALID: problems. RC_STALE: the registry has changed meanwhile. */
MUST_USE enum rc consent_create(struct consent_service *consents, struct arena *a, const struct draft *draft,
				const struct org_caller *who, struct consent **out, bool *existed_out,
				struct problems *p);
/* The requester's view: the caller is `to`, or the organisation that created it (handledBy). Its events come with it,
 * and a derived Expired event stands last. RC_NOT_FOUND AM-00001, RC_DENIED AM-00000. */
MUST_USE enum rc consent_show(struct consent_service *consents, struct arena *a, struct uuid id,
			      const struct org_caller *who, struct consent **out, struct problems *p);

/* Ends a consent as its receiver or its handler: a pending request becomes ST_DELETED, an accepted consent, expired or
 * not, becomes ST_REVOKED. Ended by the requester or withdrawn by the person before: RC_OK, and no second event.
 * RC_INVALID AM-00015: it was answered with no. RC_NOT_FOUND AM-00001, RC_DENIED AM-00000. */
MUST_USE enum rc consent_delete(struct consent_service *consents, struct arena *a, struct uuid id,
				const struct org_caller *who, struct consent **out, struct problems *p);

/* ---- the feed ---- */
struct event_page {
	struct feed_event *items; /* oldest first */
	size_t n;
	struct uuid receiver; /* owner of the feed: the key of a wait */
	struct uuid cursor;   /* the next page, and a reader that waits, go on behind this event; nil = at the start */
	bool more;            /* there is, or may be, a next page now */
};
/* The events of the consents that the consumer receives or has created. The caller fills in all of `filter` but
 * receiver, limit and before. RC_INVALID AM-00003: the consumer is not registered. */
MUST_USE enum rc consent_events(struct consent_service *consents, struct arena *a, const struct feed *filter,
				const struct org_caller *who, struct event_page *out, struct problems *p);

/* ---- issuer ---- */
/* The consent that a token may carry. Every rule is checked, so that *p has all the problems. `from` is the giver, or
 * absent: anybody. `to` is the consumer, or the handler, that asks. */
MUST_USE enum rc consent_lookup(struct consent_service *consents, struct arena *a, struct uuid id, struct urn from,
				struct urn to, struct consent **out, struct problems *p);
/* The authorization_details object of a token: type, id, from, to (ISO 6523 object), consented, validTo, consentRights.
 */
void consent_claims(struct jsw *w, const struct consent *c);

/* ---- the data source ---- */
#define CONSENT_USE_AHEAD_S 60        /* seconds that the reporter's clock may be ahead */
#define CONSENT_MAX_USE_REFERENCE 100 /* characters */
struct use_report {
	struct uuid id;
	struct str resource;
	struct str reference; /* the reporter's own name of the use; absent = none */
	int64_t time;         /* when the data was fetched */
	bool has_time;        /* false: now */
	bool by_receiver; /* the consent's receiver or handler reports, in place of the resource's owner (Altinn 2) */
};
struct use_event {
	struct uuid consent;
	struct event event;
	struct str resource;
	struct str reference; /* absent = none */
	struct str time_text;
};
/* Records that the resource's owner has handed out data on the consent. A report with the resource and reference of an
 * earlier one is the earlier one (*existed_out), whatever has become of the consent: a lost answer can be asked for
 * again. The first use of a one-time consent ends it. Each of its other resources may still be reported once, since a
 * token that is out reaches several sources. A reported time without a fraction stands for its whole second,
 * which may be that of the acceptance. RC_DENIED AM-00000: no such consent, or another organisation. RC_INVALID:
 * AM-00005 the consent does not cover the resource, AM-00011, AM-00013, AM-00014, SAM.VLD-00002, SAM.VLD-00003. */
MUST_USE enum rc consent_use(struct consent_service *consents, struct arena *a, const struct use_report *report,
			     const struct org_caller *who, struct use_event *out, bool *existed_out,
			     struct problems *p);

/* ---- the person ---- */
/* Opens a request for a person who may answer it (authority.h), with its events. RC_NOT_FOUND AM-00001. RC_DENIED
 * AM-00000: the person may not answer it, or (p->level) the login is below the level of its resources. RC_DENIED
 * without problems: no read on altinn_access_management. */
MUST_USE enum rc consent_open(struct consent_service *consents, struct arena *a, struct uuid id,
			      const struct person_caller *who, struct consent **out, struct problems *p);
/* The same without its events, for a page that shows none. */
MUST_USE enum rc consent_open_page(struct consent_service *consents, struct arena *a, struct uuid id,
				   const struct person_caller *who, struct consent **out, struct problems *p);
/* Notes that a person who may answer the request has seen it, once, where its origin is Altinn 2. The page that shows
 * it calls this. What the store cannot note now is noted the next time. */
void consent_opened(struct consent_service *consents, struct arena *a, struct consent *c);
/* After a refusal of consent_open: is a resource gone, so that no policy lets anybody answer? Only a person who may
 * read for the giver learns it. */
bool consent_orphaned(struct consent_service *consents, struct arena *a, struct uuid id,
		      const struct person_caller *who, struct consent **out);
/* Moves the consent to ST_ACCEPTED, ST_REJECTED or ST_REVOKED. The first two need a person who may answer it, at the
 * level of its resources (else RC_DENIED AM-00000). All three need write on altinn_access_management (else RC_DENIED
 * without problems). An acceptance freezes the texts, rendered again in `language`. A repeated move is RC_OK with the
 * same state and no second event. RC_INVALID: AM.VLD-00022 an acceptance after the end, AM-00002 / AM-00015 / AM-00010
 * another move was first. RC_NOT_FOUND AM-00005: a text is gone. RC_STALE: roles or policies have changed since the
 * snapshot. */
MUST_USE enum rc consent_decide(struct consent_service *consents, struct arena *a, struct uuid id,
				const struct person_caller *who, enum consent_status to, struct str language,
				struct consent **out, struct problems *p);

/* ---- the consent list: a party's consents, newest first, a page at a time ---- */
#define CONSENT_LIST_PAGE 50
#define CONSENT_LIST_SCAN 1000 /* rows that one page looks at when it leaves some out */
#define CONSENT_MAX_SEARCH 400 /* bytes of a search text */
enum consent_group {
	GROUP_PENDING, /* can be answered */
	GROUP_ACTIVE,  /* accepted, neither expired nor used up */
	GROUP_ENDED,   /* rejected, revoked, deleted, expired, used up */
	GROUP__MAX
};
struct consent_item {
	/* as consents_of loads it, without what a login below the level of its resources does not read */
	const struct consent *consent;
	enum consent_group group;
	bool is_poa;
	/* absent = unknown */
	struct str to_name;
	struct str to_orgno;
	struct localized *titles; /* of the resources; an identifier where the resource is gone */
	size_t n_titles;
};
struct consent_list {
	struct consent_item *items;
	size_t n;
	int64_t next; /* `before` of the next page; 0 = this was the last */
};
struct consent_query {
	struct uuid party; /* the giver */
	int64_t before;    /* 0 = from the newest */
	enum lang lang;    /* of the titles */
	unsigned groups;   /* bits 1 << enum consent_group; 0 = all */
	struct str
		text; /* part of the requester's name or of a title in any letter case, or the number; absent = all */
};
/* Leaves out unanswered requests that another named person has to answer, and those that are hidden outside the
 * requester's own flow. A page may hold fewer items than CONSENT_LIST_PAGE, or none, and still have a next page: it
 * ends at LIST_BYTES_MAX, too. RC_DENIED: the person may not read the party's consents. RC_INVALID: the search text is
 * too long. */
MUST_USE enum rc consent_list(struct consent_service *consents, struct arena *a, const struct person_caller *who,
			      const struct consent_query *q, struct consent_list *out);

/* ---- the consent history: all consents of a party ---- */
/* Each of these calls gives RC_DENIED without problems when the person may not read the party's consents. */
/* Counts the live consents of this status in the party's list. Expired is no stored status. */
MUST_USE enum rc consent_count(struct consent_service *consents, struct arena *a, const struct person_caller *who,
			       struct uuid party, enum consent_status status, int64_t *out);
#define CONSENT_HISTORY_MAX (CONSENTS_MAX - 1) /* of one answer; the rest comes with the next page */
struct history_page {
	struct uuid after; /* last consent of the page before, or consent_history.last; nil = the first page */
	size_t limit;      /* 1 … CONSENT_HISTORY_MAX */
};
struct consent_history {
	struct consent **items; /* with their events, a derived Expired event last */
	size_t n;
	bool more;
	struct uuid last; /* of consent_current: the last consent that was looked at; nil = none */
};
/* Oldest first, so that later consents come at the end. A page ends at LIST_BYTES_MAX, too. What a login below the
 * level of a consent's resources does not read is left out, as by consent_outline. RC_INVALID: `after` is no consent of
 * the party. RC_TOO_LARGE: the limit is over CONSENT_HISTORY_MAX. */
MUST_USE enum rc consent_history(struct consent_service *consents, struct arena *a, const struct person_caller *who,
				 struct uuid party, const struct history_page *page, struct consent_history *out);
/* The consents that hold, and the requests that can be answered outside the requester's own flow. Newest first, with
 * the members that a list shows. One page looks at CONSENTS_MAX consents, and has page->limit at most. RC_INVALID:
 * `after` is no consent of the party. */
MUST_USE enum rc consent_current(struct consent_service *consents, struct arena *a, const struct person_caller *who,
				 struct uuid party, const struct history_page *page, struct consent_history *out);
struct consent_row {
	const struct consent *consent;
	bool is_poa;
	/* NULL: not registered any more, or none */
	const struct party *from;
	const struct party *to;
	const struct party *handler;
};
/* The parties of each consent, and whether it is a power of attorney: rows_out[i] is of items[i]. */
MUST_USE enum rc consent_rows(struct consent_service *consents, struct arena *a, struct consent *const items[],
			      size_t n, struct consent_row *rows_out[]);
/* One consent in any status, with its events. RC_NOT_FOUND AM-00001. RC_DENIED AM-00000 with p->level: the login is
 * below the level of its resources. */
MUST_USE enum rc consent_details(struct consent_service *consents, struct arena *a, struct uuid id,
				 const struct person_caller *who, struct consent **out, struct problems *p);
/* The same for a list, at a lower level too: then metadata, message and uses are left out. *level_out: the level that
 * shows them; 0: nothing is left out. */
MUST_USE enum rc consent_outline(struct consent_service *consents, struct arena *a, struct uuid id,
				 const struct person_caller *who, struct consent **out, int64_t *level_out,
				 struct problems *p);

bool consent_expired(const struct consent *c); /* by clock_now() */
bool consent_active(const struct consent *c);  /* accepted, neither expired nor used up */
/* The end of its tokens: validTo, or an earlier time where a resource now allows a shorter validity. */
int64_t consent_end(const struct registry *reg, const struct consent *c);
struct str consent_view_uri(struct arena *a, struct str origin, const struct consent *c);
/* redirectUrl with the outcome: Status=OK, or Status=Failed&ErrorMessage=User+did+not+give+consent. Of origins of
 * Altinn 2 the outcome is that of spec altinn2.md section 5. An unanswered request adds nothing. */
struct str consent_redirect(struct arena *a, const struct consent *c);
/* Any address with parameters: they go behind its query, and before its fragment unless that is a path of its own. */
struct str redirect_with(struct arena *a, struct str address, struct str params);

/* ---- the lifecycle ---- */
/* RC_CONFLICT: the table of moves does not list this one. */
MUST_USE enum rc lifecycle_check(enum consent_status from, enum consent_status to);

/* ---- parties ---- */
/* The registered person of the number. Registers the number where it is not registered yet: with an unknown name, or
 * with a synthetic one where `synthetic` is set. RC_INVALID: the number's check digits are wrong. */
MUST_USE enum rc party_ensure_person(struct consent_service *consents, struct arena *a, struct str pid, bool synthetic,
				     struct party **out);
/* Gives a registered party a name when it has none; a registered name stays. The party at `p` keeps what it has. */
MUST_USE enum rc party_name_keep(struct consent_service *consents, struct arena *a, const struct party *p,
				 struct str name);

/* The registered parties of these numbers; NULL where one is not registered. What was read lately counts. */
MUST_USE enum rc party_numbers(struct consent_service *consents, struct arena *a, const struct urn *urns, size_t n,
			       struct party *found[]);

/* Is an organisation of this number registered? */
MUST_USE enum rc party_org_known(struct consent_service *consents, struct arena *a, struct str orgno, bool *out);

/* consent_service_finish takes it down. The store outlives it. */
MUST_USE enum rc consent_service_init(struct consent_service *consents, struct store *s,
				      const struct consent_config *cfg);
void consent_service_finish(struct consent_service *consents);
