/* Plain data of the domain: identifiers, enums with their wire names, structs. No behaviour beyond parse and print. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/js.h"
#include "base/rand.h"

/* ---- identifiers ---- */
/* Organisation number: nine digits, weights 3 2 7 6 5 4 3 2, modulus 11; remainder-10 numbers are invalid. */
bool model_orgno_valid(struct str s);
/* National identity number: eleven digits, the rule from 2032 (four first control digits accepted), no date check:
 * D-numbers and synthetic numbers pass. */
bool model_pid_valid(struct str s);

/* Party URNs. Prefixes compare byte for byte; the canonical prefix is written. */
enum urn_kind {
	URN_PERSON,     /* urn:altinn:person:identifier-no:<11 digits> */
	URN_ORG,        /* urn:altinn:organization:identifier-no:<9 digits> */
	URN_PARTY_UUID, /* urn:altinn:party:uuid:<uuid>; also read: urn:altinn:{person,organization,systemuser}:uuid */
	URN_PARTY_ID,   /* urn:altinn:party:id:<unsigned>; also read: urn:altinn:partyid */
	URN__MAX
};
struct urn {
	enum urn_kind kind;
	struct str value; /* the number; for uuid the lower-case text */
	struct uuid uuid; /* URN_PARTY_UUID */
};
/* RC_INVALID: unknown prefix, wrong digits or check digits. uuid text is lower-cased into `a`. */
MUST_USE enum rc urn_parse(struct arena *a, struct str s, struct urn *out);
/* A string, or an object with exactly "type" and "value" (string or whole number). */
MUST_USE enum rc urn_parse_js(struct arena *a, const struct js *v, struct urn *out);
void buf_urn(struct buf *b, struct urn u);
struct str urn_str(struct arena *a, struct urn u);
struct str urn_prefix(enum urn_kind k); /* "urn:altinn:person:identifier-no" */
bool urn_eq(struct urn a, struct urn b);

/* ---- enums: name on the wire (PascalCase), number on the wire = value ---- */
enum consent_status { ST_CREATED, ST_REJECTED, ST_ACCEPTED, ST_REVOKED, ST_DELETED, ST_EXPIRED, ST__MAX };
enum event_type { EV_CREATED, EV_REJECTED, EV_ACCEPTED, EV_REVOKED, EV_DELETED, EV_EXPIRED, EV_USED, EV__MAX };
enum view_mode { VIEW_HIDE, VIEW_SHOW, VIEW__MAX };
enum party_type { PARTY_PERSON, PARTY_ORG, PARTY__MAX };
enum lang { LANG_NB, LANG_NN, LANG_EN, LANG_SE, LANG__MAX };
/* Pages are offered in the languages before this one; texts of others may be in the rest as well. Northern Sámi comes
 * with LANG__MAX here, which does not compile before text/messages_se.def has every message. */
#ifndef LANG_SHIPPED
#define LANG_SHIPPED LANG_SE
#endif

const char *status_name(enum consent_status s);
const char *event_name(enum event_type e);
const char *view_mode_name(enum view_mode m);
const char *party_type_name(enum party_type t); /* "person", "organization": seed spelling */
const char *lang_code(enum lang l);             /* "nb" "nn" "en" "se": BCP 47 */
/* By name in any case. RC_INVALID otherwise. */
MUST_USE enum rc status_parse(struct str s, enum consent_status *out);
MUST_USE enum rc event_parse(struct str s, enum event_type *out);
MUST_USE enum rc view_mode_parse(struct str s, enum view_mode *out);
MUST_USE enum rc party_type_parse(struct str s, enum party_type *out);
MUST_USE enum rc lang_parse(struct str s, enum lang *out);
/* The same among those that pages are offered in. */
MUST_USE enum rc lang_parse_shipped(struct str s, enum lang *out);

/* ---- parties ---- */
struct party {
	int64_t key; /* row key in the store */
	struct uuid uuid;
	int64_t party_id;
	int64_t user_id; /* persons; 0 = none */
	enum party_type type;
	struct str ident;     /* 11 or 9 digits */
	struct str name;      /* as registered, often upper case; absent when unknown */
	struct str unit_type; /* "AS", "BEDR" …; organisations */
	struct uuid parent;   /* nil = none */
};
struct urn party_urn(const struct party *p); /* person or organisation number */
struct urn party_uuid_urn(struct arena *a, const struct party *p);

/* ---- consents ---- */
/* Texts in several languages: absent where a language has none. */
struct texts {
	struct str t[LANG__MAX];
};
struct meta {
	/* key in the letter case that the client sent */
	struct str key;
	struct str value;
	struct meta *next;
};
struct right {
	struct str *actions;
	size_t n_actions;
	struct str resource_type; /* "urn:altinn:resource" by convention */
	struct str resource;
	struct str version;    /* the resource's versionId as text */
	struct meta *metadata; /* NULL = none was given */
	struct right *next;
};
struct event {
	struct uuid id;
	enum event_type type;
	int64_t created;         /* µs */
	struct urn performed_by; /* as shown to the requester: number of an organisation or of the giver, else party
				    uuid */
	struct uuid performed_by_uuid; /* nil = not registered */
	struct str detail;             /* EV_USED: {"resource", "reference", "time"}; else absent */
};
/* A stored member has a row in store/columns.h. */
struct consent {
	int64_t key;    /* row key; 0 before it is stored */
	struct uuid id; /* the client's */
	/* as given, canonical prefix */
	struct urn from;
	struct urn to;
	/* value absent = none */
	struct urn required_delegator;
	struct urn handled_by;
	/* parties; nil = none */
	struct uuid from_uuid;
	struct uuid to_uuid;
	struct uuid required_delegator_uuid;
	struct uuid handled_by_uuid;
	bool by_owner; /* created with altinn:consentrequests.org by a service owner */
	/* µs; answered 0 = never (accepted or rejected) */
	int64_t created;
	int64_t valid_to;
	int64_t answered;
	struct str valid_to_text;  /* as echoed and as put into tokens, byte for byte */
	struct str consented_text; /* absent until accepted */
	enum consent_status status;
	struct str rights_json;  /* the stored column: [{action,resource:[{type,value,version}],metadata}] */
	struct str message_json; /* requestMessage as an object, or absent */
	struct str redirect_url;
	enum view_mode view_mode;
	struct str template_id;
	int64_t template_version;
	/* what the person saw when answering; absent before */
	struct str shown_language;
	struct str shown_sha256;
	bool one_time; /* over from its first use on */
	int64_t used;  /* µs: when that was; 0 = it was not, or is not one_time */
	struct uuid last_event;
	struct right *rights; /* rights_json as a list */
	struct event *events; /* oldest first; loaded apart */
	size_t n_events;
};

/* A consent is live while its end lies after `now`, and over from that instant on. Both times in µs. IS_LIVE and
 * IS_OVER in store/statements.def say the same in SQL. */
static inline bool consent_live(int64_t valid_to, int64_t now)
{
	return valid_to > now;
}

/* rights_json ↔ list. */
MUST_USE enum rc rights_parse(struct arena *a, struct str json, struct right **out);
void right_metadata_write(struct jsw *w, const struct right *r); /* member "metadata", {} where there is none */
void rights_write(struct jsw *w, const struct right *r, bool with_version, bool metadata_null);

/* ---- registry: what the seed declares, compiled; owned by a registry snapshot ---- */
struct jwks; /* jose */

struct meta_key {
	struct str key; /* lower case */
	bool optional;
};
struct policy_rule {
	struct str *actions;
	size_t n_actions;
	struct str **subjects; /* alternatives; each a list that must all hold, ended by an absent str */
	size_t n_subjects;
};
struct policy {
	int64_t min_level; /* 0 = any */
	struct policy_rule *rules;
	size_t n_rules;
};
struct resource {
	/* "Consent" */
	struct str identifier;
	struct str type;
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
struct template_texts { /* [0] the giver is a person, [1] an organisation */
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
	struct str *restricted_to; /* owner codes */
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
	int64_t at_max_age;           /* s; 0 = the client's or the system's */
	struct str token_alg;         /* of tokens with this scope; absent: the client's or the system's */
	struct str *grants;           /* organisation numbers */
	struct str *granted;          /* of each grant: when; absent = not known */
	size_t n_grants;
	bool hidden;           /* not in the open list */
	struct str visibility; /* "PUBLIC" … */
	struct str *types;     /* integration types whose clients may have it; none: all */
	size_t n_types;
	bool foreign;    /* none of them is this issuer's */
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
	struct str supplier; /* who registered it for the organisation; absent: itself */
	struct str created;
	struct str updated;
	struct str body;      /* the entry as canonical JSON */
	struct str jwks_json; /* of it; absent: none */
	struct str *scopes;
	size_t n_scopes;
	const struct jwks *keys;
	int64_t keys_posted;    /* s since 1970; 0 = not known: the keys do not age */
	struct str private_jwk; /* sandbox only; absent otherwise */
	int64_t token_lifetime; /* s */
	struct str token_alg;   /* of tokens whose scopes name none; absent: the system's */
	bool status_list;       /* takes the claim "status" in consent tokens */
	struct str *redirect_allow;
	size_t n_redirect_allow;
	bool active;
	_Atomic int64_t *budget; /* how often it has asked lately; goes on from snapshot to snapshot */
};
struct delegation {
	struct str consumer;
	struct str supplier;
	/* what the register that it comes from says; absent = unknown */
	struct str created;
	struct str resource;
	struct str scheme;
	struct str *scopes;
	size_t n_scopes;
};
struct list_connection {
	struct str resource;
	struct str *filters; /* actions that the list narrows; none: all */
	size_t n_filters;
};
struct access_list {
	struct str owner;
	struct str identifier;
	struct str name;
	struct str description;
	struct str *members; /* organisation numbers, in order */
	size_t n_members;
	struct list_connection *connections;
	size_t n_connections;
};
