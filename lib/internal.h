/* Shared by the files of the library; never installed. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/clock.h"
#include "jose/jose.h"
#include "jose/keyset.h"
#include "model/model.h"
#include "net/net.h"
#include "samtykke/samtykke.h"

/* ---- the issuer's key set (keys.c) ---- */
struct issuer_keys {
	const char *issuer;
	const char *url; /* NULL: the issuer's discovery document names it */
	void (*skipped)(void *ctx, const char *kid, const char *why); /* NULL: nobody is told */
	void *skipped_ctx;
	const char *ca_file; /* as in net_req */
	bool altinn2;        /* the set is written as altinn2_keys reads it; then url stands */
	struct keyset *set;
};
/* Sets k->set; *k must stay where it is, and its texts live as long. jwks_json NULL: the set is fetched, see
 * keyset_rule for max_age and wait (µs). RC_INVALID: jwks_json holds no usable key. */
MUST_USE enum rc issuer_keys_open(struct issuer_keys *k, const char *jwks_json, int64_t max_age, int64_t wait);
void issuer_keys_close(struct issuer_keys *k);
static inline void jwk_unrefp(struct jwk **k)
{
	jwk_unref(*k);
}

/* ---- status lists (status.c) ---- */
#define STATUS_LIST_MAX (1 << 20) /* bytes of a list, unpacked */
#define STATUS_COPIES 8           /* status lists that a verifier keeps */
struct status_list {
	struct str bytes;
	unsigned width; /* bits of one status: 1, 2, 4 or 8 */
	int64_t ttl_s;  /* how long a copy may be used */
	int64_t left_s; /* seconds until exp, when every copy ends */
};
/* Reads the payload of a list whose signature is verified. Returns NULL, or why it is not the list at `uri` (static
 * text). *out lives in `a`. */
const char *status_list_read(struct arena *a, struct str payload, struct str uri, int64_t now_s,
			     struct status_list *out);
/* The status at idx. false: idx is beyond the end of the list. */
bool status_list_at(const struct status_list *l, int64_t idx, unsigned *out);

struct status_copy;
struct status_slot {
	struct status_copy *copy;
	uint64_t used; /* `uses` when the copy was used last */
};
struct statuses {
	struct keyset *keys; /* of the verifier */
	int timeout_s;
	int max_age_s;
	const char *ca_file;      /* as in net_req */
	pthread_mutex_t lock;     /* slots, uses */
	pthread_mutex_t fetching; /* one fetch at a time */
	struct status_slot slots[STATUS_COPIES];
	uint64_t uses;
};
void statuses_init(struct statuses *s);
void statuses_finish(struct statuses *s);
/* claim: the token's "status". now: µs of the verifier's clock. *why_out: static text with UNKNOWN, else NULL. */
enum samtykke_status statuses_ask(struct statuses *s, const struct js *claim, int64_t now, const char **why_out);

/* ---- tokens ---- */
#define TOKEN_TIME_MAX_S INT64_C(253402300799) /* the end of the year 9999: it fits in microseconds */
struct consent_claims {
	struct str id;
	struct str from;
	struct str from_number;
	struct str to;
	struct str consented_text;
	struct str valid_to_text;
	int64_t consented;
	int64_t valid_to;
	const struct js *rights; /* array */
};
struct samtykke_token {
	struct arena arena;
	struct arena *scratch; /* == &arena: the getters of a const token make their C strings there */
	struct jws jws;
	const struct js *claims;
	struct jwt_times times;
	/* absent when none */
	struct str consumer;
	struct str supplier;
	bool has_consent;
	int altinn2; /* generation of the payload: 1 to 3; 0: it is no token of Altinn 2 */
	struct consent_claims consent;
	const struct samtykke_verifier *verifier; /* the one that verified the token; NULL: none */
};
/* Decodes into `t`, which the caller has zeroed and whose arena the caller finishes. MALFORMED, BAD_ALGORITHM. */
MUST_USE enum samtykke_rc token_decode(struct samtykke_token *t, struct str compact);
/* Reads the one authorization_details object of type urn:altinn:consent. NO_CONSENT, BAD_CONSENT. */
MUST_USE enum samtykke_rc consent_decode(struct samtykke_token *t);
/* ---- tokens of Altinn 2 (altinn2.c, altinn2_keys.c) ---- */
/* Do the claims name Altinn 2 as their issuer? */
bool altinn2_issued(const struct js *claims);
/* Reads the claims of spec altinn2.md section 6.4, of any generation. Each service becomes a right whose resource is
 * CODE_EDITION. BAD_CONSENT, AMBIGUOUS. */
MUST_USE enum samtykke_rc altinn2_decode(struct samtykke_token *t);
/* The key that the header names as x5t, kid or both. RC_NOT_FOUND: neither. RC_INVALID: they differ. */
MUST_USE enum rc altinn2_key_name(const struct jws *jws, struct str *out);
/* The date of generation 1 ("dd.MM.yyyy HH:mm:ss") or 2 ("yyyy-MM-dd HH:mm:ss"), in Norwegian time, as µs. RC_INVALID:
 * any other form, or a day that does not exist. */
MUST_USE enum rc altinn2_date(struct arena *a, int generation, struct str s, int64_t *out);
/* Writes Altinn 2's key set as RFC 7517 wants it: its n is in padded base64 (spec altinn2.md section 7). Each key is
 * for RS256 alone. Other keys are skipped and told to `skip`. RC_INVALID: no key set. */
MUST_USE enum rc altinn2_keys(struct arena *a, struct str json, const struct jwks_skip *skip, struct str *out);

/* As samtykke_consent_covers. */
bool consent_covers(const struct samtykke_token *t, const char *resource, const char *action,
		    const char *const *metadata, size_t *right_out);

/* Checks in verifier.c that the claims name the issuer, and that a key of the issuer signed them. UNAVAILABLE: the keys
 * cannot be fetched. */
MUST_USE enum samtykke_rc verifier_signature(struct samtykke_verifier *v, const struct jws *jws,
					     const struct js *claims);

struct samtykke_receipt {
	struct arena arena;
	const char *json;
	const char *kid;
};

struct samtykke_answer {
	struct arena arena;
	const struct js *json;
	struct str text;
	const struct js *events; /* array; NULL: the answer is no page of events */
	const char *cursor;      /* NULL: none */
};
/* Copies the text. MALFORMED: it is no JSON object. */
MUST_USE enum samtykke_rc answer_make(struct str text, struct samtykke_answer **out);
/* A page of the feed. cursor: the start of the next page, absent while there are no events. MALFORMED. */
MUST_USE enum samtykke_rc events_make(struct str text, struct str cursor, struct samtykke_answer **out);
