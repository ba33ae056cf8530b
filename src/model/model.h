/* Plain data of the field: identifiers, enums with their names on the wire, structs. Its functions parse, print and
 * compare, and do nothing else. Texts in structs are borrowed unless a function says otherwise. */
#pragma once

/* Bytes of one page of any list, in an answer or on the way to one: a page that would be longer ends earlier, and has
 * one entry at least. The list's own continuation leads to the rest. */
#define LIST_BYTES_MAX (2 << 20)

#include "base/arena.h"
#include "base/buf.h"
#include "base/js.h"
#include "base/rand.h"
#include "model/party.h"

/* ---- enums: the wire has the name in PascalCase or the value as a number ---- */
enum consent_status { ST_CREATED, ST_REJECTED, ST_ACCEPTED, ST_REVOKED, ST_DELETED, ST_EXPIRED, ST__MAX };
enum event_type { EV_CREATED, EV_REJECTED, EV_ACCEPTED, EV_REVOKED, EV_DELETED, EV_EXPIRED, EV_USED, EV__MAX };
/* How a consent was asked for. A redirect address and its outcome are spelled by it (consent_redirect). */
enum consent_origin { ORIGIN_ALTINN3, ORIGIN_ALTINN2, ORIGIN_ALTINN2_LINK, ORIGIN__MAX };
enum view_mode { VIEW_HIDE, VIEW_SHOW, VIEW__MAX };
enum party_type { PARTY_PERSON, PARTY_ORG, PARTY__MAX };
enum lang { LANG_NB, LANG_NN, LANG_EN, LANG_SE, LANG__MAX };
/* Pages are offered in the languages before this one. Resource owners may write texts in all of them. LANG__MAX here
 * offers Northern Sámi; it compiles only when text/messages_se.def has every message. */
#ifndef LANG_SHIPPED
#define LANG_SHIPPED LANG_SE
#endif

/* Static text; "" for a number that the enum does not have. */
const char *status_name(enum consent_status s);
const char *event_name(enum event_type e);
const char *view_mode_name(enum view_mode m);
const char *party_type_name(enum party_type t); /* "person", "organization": seed spelling */
const char *lang_code(enum lang l);             /* "nb" "nn" "en" "se": BCP 47 */
/* From such a name; ASCII case is ignored. RC_INVALID: no such name. */
MUST_USE enum rc status_parse(struct str s, enum consent_status *out);
MUST_USE enum rc event_parse(struct str s, enum event_type *out);
MUST_USE enum rc view_mode_parse(struct str s, enum view_mode *out);
MUST_USE enum rc party_type_parse(struct str s, enum party_type *out);
MUST_USE enum rc lang_parse(struct str s, enum lang *out);
/* By a language tag (RFC 5646) or a locale: nn-NO, no_nn, nb-NO, en-GB. "no" alone is bokmål. */
MUST_USE enum rc lang_parse_tag(struct str tag, enum lang *out);
/* The same, but RC_INVALID for a language that pages are not offered in. */
MUST_USE enum rc lang_parse_shipped(struct str tag, enum lang *out);

/* ---- parties ---- */
struct party {
	int64_t key; /* row key in the store */
	struct uuid uuid;
	int64_t party_id;
	int64_t user_id; /* of a person; 0 = none */
	enum party_type type;
	struct str ident;     /* 11 or 9 digits */
	struct str name;      /* as the register writes it, often in upper case; absent = unknown */
	struct str unit_type; /* "AS", "BEDR" …, of an organisation */
	struct uuid parent;   /* nil = none */
};
struct urn party_urn(const struct party *p); /* with the identity or organisation number */
struct urn party_uuid_urn(struct arena *a, const struct party *p);

/* ---- consents ---- */
/* One text in several languages. A language without the text has an absent one. */
struct texts {
	struct str t[LANG__MAX];
};
struct meta {
	struct str key; /* in the letter case of the client */
	struct str value;
	struct meta *next;
};
struct right {
	struct str *actions;
	size_t n_actions;
	struct str resource_type; /* "urn:altinn:resource" by convention */
	struct str resource;
	struct str version;    /* the resource's versionId as text */
	struct str service;    /* "4628_210607": the service of Altinn 2 that was asked for; absent: none */
	struct meta *metadata; /* NULL = none */
	struct right *next;
};
struct event {
	struct uuid id;
	enum event_type type;
	int64_t created; /* µs */
	/* as the requester sees it: the number of an organisation or of the giver, otherwise a party UUID */
	struct urn performed_by;
	struct uuid performed_by_uuid; /* nil = not registered */
	struct str detail;             /* EV_USED: {"resource", "reference", "time"}; else absent */
};
/* A stored member has a row in store/columns.h. */
struct consent {
	int64_t key;    /* row key; 0 before it is stored */
	struct uuid id; /* the client's */
	/* parties as the client named them, with the canonical prefix */
	struct urn from;
	struct urn to;
	/* an absent value = none */
	struct urn required_delegator;
	struct urn handled_by;
	/* the same parties in the register; nil = not registered or none */
	struct uuid from_uuid;
	struct uuid to_uuid;
	struct uuid required_delegator_uuid;
	struct uuid handled_by_uuid;
	bool by_owner; /* created with altinn:consentrequests.org by a service owner */
	/* µs; answered: when it was accepted or rejected, 0 = never */
	int64_t created;
	int64_t valid_to;
	int64_t answered;
	struct str valid_to_text;  /* as answers and tokens repeat it, byte for byte */
	struct str consented_text; /* absent until accepted */
	enum consent_status status;
	struct str rights_json;  /* the column: [{action,resource:[{type,value,version}],metadata}] */
	struct str message_json; /* requestMessage as an object, or absent */
	struct str redirect_url;
	enum view_mode view_mode;
	struct str template_id;
	int64_t template_version;
	/* the page that the person answered on; absent before the answer */
	struct str shown_language;
	struct str shown_sha256;
	bool one_time; /* ends with its first use */
	int64_t used;  /* µs: its first use; 0 = never, or not one_time */
	struct uuid last_event;
	enum consent_origin origin;
	bool keep_session;    /* the person's session goes on after the answer */
	int64_t opened;       /* µs: somebody who may answer saw it first; 0 = never, or ORIGIN_ALTINN3 */
	struct right *rights; /* rights_json as a list */
	struct event *events; /* oldest first; loaded separately */
	size_t n_events;
	int64_t epoch; /* of the registry, in the snapshot that the consent was read from; 0 = not read */
};

/* A consent is live while its end lies after `now`, and over from that instant on. Both times in µs. IS_LIVE and
 * IS_OVER in store/statements.def say the same in SQL. */
static inline bool consent_live(int64_t valid_to, int64_t now)
{
	return valid_to > now;
}

/* Reads the column rights_json; texts and nodes live in `a`, or are spans of `json`. RC_INVALID: no such JSON.
 * RC_TOO_LARGE: past the limits of base/js.h. */
MUST_USE enum rc rights_parse(struct arena *a, struct str json, struct right **out);
/* Writes the member "metadata": {} when there is none. */
void right_metadata_write(struct jsw *w, const struct right *r);
enum rights_form {
	RIGHTS_VERSIONS = 1, /* with the version of each resource, which tokens leave out */
	RIGHTS_NULLS = 2,    /* a right without metadata has the member null; otherwise it has no such member */
	RIGHTS_SERVICES = 4, /* as it is stored: with the service of Altinn 2 */
};
/* Writes the list; form: enum rights_form, added up. */
void rights_write(struct jsw *w, const struct right *r, unsigned form);

/* ---- the registry, compiled from its stored entries; a registry snapshot owns these ---- */
struct jwks; /* jose */

struct meta_key {
	struct str key; /* lower case */
	bool optional;
};
struct policy_rule {
	struct str *actions;
	size_t n_actions;
	struct str **subjects; /* alternatives: lists of subjects that must all hold, each ended by an absent text */
	size_t n_subjects;
};
struct policy {
	int64_t min_level; /* 0 = any */
	struct policy_rule *rules;
	size_t n_rules;
};
struct resource {
	struct str identifier;
	struct str type; /* "Consent" */
	int64_t version;
	struct str status; /* "Completed" … */
	/* Markdown with {key} */
	struct texts title;
	struct texts consent_text;
	struct str owner_orgno;
	struct str owner_code;
	struct texts owner_name;
	struct str template_id;
	struct meta_key *metadata;
	size_t n_metadata;
	bool one_time;
	bool delegable;
	bool access_list_enabled;
	int64_t max_validity; /* µs; 0 = none */
	struct policy policy;
	struct str body; /* the entry as canonical JSON */
};
struct template_texts { /* of two: [0] the giver is a person, [1] the giver is an organisation */
	struct texts title[2];
	struct texts heading[2];
	struct texts service_intro[2];
	struct texts service_intro_accepted[2];
	struct texts title_accepted;
	struct texts overridden_context;
	struct texts expiration;
	struct texts expiration_one_time;
	struct texts handled_by;
	struct texts history_used;
	struct texts history_used_handled_by;
};
struct consent_template {
	struct str id;
	int64_t version;
	bool is_poa;
	bool message_in_request;
	struct str *restricted_to; /* codes of the owners that may use it; none: all */
	size_t n_restricted;
	struct template_texts texts;
	struct str body; /* the entry as canonical JSON */
};
struct scope {
	struct str scope;
	struct str owner;
	struct str description;
	bool accessible_for_all;
	bool active;
	struct str delegation_source; /* absent: cannot be delegated */
	int64_t at_max_age;           /* s, of access tokens; 0 = the client's or the system's */
	struct str token_alg;         /* of access tokens with this scope; absent: the client's or the system's */
	struct str *grants;           /* organisation numbers */
	struct str *granted;          /* for each grant, the time of it; absent = not known */
	size_t n_grants;
	bool hidden;           /* not in the open list */
	struct str visibility; /* "PUBLIC" … */
	struct str *types;     /* integration types that may have it; none: all */
	size_t n_types;
	bool foreign;    /* this issuer's integration type is not among them */
	struct str body; /* the entry as canonical JSON */
	int64_t authorization_max_age;
	/* absent = not known */
	struct str created;
	struct str updated;
};
struct scope_prefix {
	struct str prefix;
	struct str owner;
};
struct client {
	struct str client_id;
	struct str orgno;
	struct str name;
	struct str description;
	struct str supplier; /* the organisation that registered it for orgno; absent: orgno itself */
	struct str created;
	struct str updated;
	struct str body;      /* the entry as canonical JSON */
	struct str jwks_json; /* the member of body; absent: none */
	struct str *scopes;
	size_t n_scopes;
	const struct jwks *keys;
	int64_t keys_posted;    /* s since 1970; 0 = not known, then the keys do not age */
	struct str private_jwk; /* sandbox only; absent otherwise */
	int64_t token_lifetime; /* s */
	struct str token_alg;   /* of access tokens whose scopes name none; absent: the system's */
	bool status_list;       /* consent tokens get the claim "status" */
	struct str *redirect_allow;
	size_t n_redirect_allow;
	bool active;
	_Atomic int64_t *budget; /* its use of the rate limit, which the next snapshot takes over */
};
struct delegation {
	struct str consumer;
	struct str supplier;
	/* as the source register has them; absent = not known */
	struct str created;
	struct str resource;
	struct str scheme;
	struct str *scopes;
	size_t n_scopes;
	size_t bytes; /* of its stored form */
};
struct list_connection {
	struct str resource;
	struct str *filters; /* the actions that the list restricts; none: all */
	size_t n_filters;
};
struct access_list {
	struct str owner;
	struct str identifier;
	struct str name;
	struct str description;
	struct str *members; /* organisation numbers, in order of str_cmp */
	size_t n_members;
	struct list_connection *connections;
	size_t n_connections;
	size_t bytes; /* of its stored form */
};
