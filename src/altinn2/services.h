/* The services of Altinn 2 and the API keys, compiled from the entries of the seed section altinn2 into each snapshot
 * of the registry. What the lookups return is borrowed from the snapshot. NULL: there is none. */
#pragma once
#include "registry/registry.h"

#define ALTINN2_PAYLOADS 3             /* generations of a token's payload; the last is the default */
#define ALTINN2_MAX_EDITION 1000000000 /* the greatest edition code */
#define ALTINN2_MAX_SRR 10000          /* entries of one service's allow-list */

/* One entry of a service's allow-list (SRR, spec altinn2.md section 9). */
struct srr_entry {
	struct str orgno;    /* the consumer */
	struct str *domains; /* AllowedRedirectDomain; none: addresses are not restricted */
	size_t n_domains;
	struct str handled_by; /* its supplier; absent = none */
	bool keep_session;     /* KeepSessionAlive */
	int64_t valid_to;      /* µs; 0 = no end */
};
/* A metadata name in Altinn 2 and the key of the resource that it stands for. */
struct service_name {
	struct str name;
	struct str key;
};
struct altinn2_service {
	struct str code;
	int64_t edition;
	struct str id;       /* "4628_210607" */
	struct str resource; /* identifier */
	int64_t payload;     /* generation of its tokens: 1 … ALTINN2_PAYLOADS */
	struct service_name *names;
	size_t n_names;
	struct srr_entry *srr; /* in the order of the seed; NULL: there is no allow-list, and everybody may ask */
	size_t n_srr;          /* 0 with a list: nobody may */
};
/* id: CODE_EDITION, with the digits as the seed writes them. */
const struct altinn2_service *altinn2_service(const struct registry *r, struct str id);
/* A service that the seed maps to the resource: the first by code and edition when there are several. */
const struct altinn2_service *altinn2_service_of(const struct registry *r, struct str resource);
/* The service, if the organisation owns its resource. */
const struct altinn2_service *altinn2_service_owned(const struct registry *r, struct str id, struct str orgno);
/* The consumer's entry, unless it has ended; NULL too where the service has no allow-list. */
const struct srr_entry *altinn2_srr(const struct altinn2_service *s, struct str orgno);
/* The same, even when it has ended. */
const struct srr_entry *altinn2_srr_any(const struct altinn2_service *s, struct str orgno);
/* Does a person stay logged in after an answer to the consumer? Without an entry, no. */
bool altinn2_keeps_session(const struct altinn2_service *s, struct str orgno);
/* May the consumer ask for the service? */
bool altinn2_may_ask(const struct altinn2_service *s, struct str orgno);
/* The organisation that the API key belongs to; absent: there is no such key. `a` is used on the way. */
struct str altinn2_api_key(struct arena *a, const struct registry *r, struct str key);
/* The resource's key for the service's metadata name, in any letter case: by the service's names, else the name itself
 * in lower case, which then lives in `a`. */
struct str altinn2_key_of(struct arena *a, const struct altinn2_service *s, struct str name);
/* The other way: the service's name for the key, else the key as it is. */
struct str altinn2_name_of(const struct altinn2_service *s, struct str key);
