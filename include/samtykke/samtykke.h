/* libsamtykke: verifies consent tokens, reads the consent in them, requests consent and fetches tokens.
 *
 * The library has two roles. A data source (a tax authority) creates one samtykke_verifier at start-up and verifies
 * every incoming token with it. Verification makes no network call, apart from an occasional refresh of the key set.
 * A data consumer (a bank) creates one samtykke_client, requests consent with it, and fetches consent tokens. A data
 * source may have a client too, to report uses.
 *
 * Rules of this header:
 * - Every object is opaque. Create functions write their result only on success. Destroy functions accept NULL.
 * - A returned pointer is borrowed from its object, unless the text says that it is yours.
 * - Text is UTF-8 and ends with '\0'. Times are microseconds since 1970-01-01T00:00:00Z.
 * - Many threads may use a verifier or a client at once. A token belongs to one thread at a time.
 * - The library writes nothing to stdout or stderr.
 * - Structs with a `size` member may grow: set it with the given initialiser.
 * - Names and numbers stay the same through one major version.
 * Manual page: samtykke(3). */
#ifndef SAMTYKKE_H
#define SAMTYKKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SAMTYKKE_API __attribute__((visibility("default")))
#define SAMTYKKE_CHECK __attribute__((warn_unused_result))
#else
#define SAMTYKKE_API
#define SAMTYKKE_CHECK
#endif

/* "0.1.0" */
SAMTYKKE_API const char *samtykke_version(void);

enum samtykke_rc {
	SAMTYKKE_OK = 0,
	SAMTYKKE_BAD_ARGUMENT,  /* an argument or an option is invalid */
	SAMTYKKE_MALFORMED,     /* not a compact JWS with a JSON object in it */
	SAMTYKKE_BAD_ALGORITHM, /* alg is none of RS256 RS384 RS512 PS256 ES256 EdDSA, or does not belong to the key */
	SAMTYKKE_UNKNOWN_KEY,   /* the issuer's key set has no key of that kid, even after a refresh */
	SAMTYKKE_BAD_SIGNATURE,
	SAMTYKKE_WRONG_ISSUER,
	SAMTYKKE_WRONG_AUDIENCE,
	SAMTYKKE_EXPIRED,         /* exp has passed, or is missing */
	SAMTYKKE_NOT_YET,         /* iat or nbf lies ahead */
	SAMTYKKE_WRONG_SCOPE,     /* the expected scope is not among the token's */
	SAMTYKKE_NO_CONSENT,      /* a consent was expected and the token carries none */
	SAMTYKKE_BAD_CONSENT,     /* authorization_details of type urn:altinn:consent that are not as specified */
	SAMTYKKE_CONSENT_EXPIRED, /* validTo has passed */
	SAMTYKKE_WRONG_RECIPIENT, /* the consent's `to` is not the token's consumer, and handlers are not allowed */
	SAMTYKKE_WRONG_GIVER,     /* the consent's `from` is not the person or organisation expected */
	SAMTYKKE_NOT_COVERED,     /* no right in the consent covers the resource, action and metadata expected */
	SAMTYKKE_UNAVAILABLE,     /* no key set or no answer could be fetched: try again later */
	SAMTYKKE_REFUSED,         /* the server refused: see samtykke_client_error */
	SAMTYKKE_NO_MEMORY,
	SAMTYKKE_BAD_RECEIPT, /* the issuer signed it, but it is no receipt, or its text and its hash differ */
	SAMTYKKE_WRONG_KIND,  /* the token is of a kind that samtykke_expect.kinds does not name */
	SAMTYKKE_AMBIGUOUS,   /* a parameter of an Altinn 2 token reads in two ways: a value looks like a parameter */
	SAMTYKKE_TOO_LONG,    /* the consent lasts longer than max_validity_s */
	SAMTYKKE_RC_MAX
};
/* "ok", "bad-signature" …; static text. */
SAMTYKKE_API const char *samtykke_rc_name(enum samtykke_rc rc);
/* One sentence in English; static text. */
SAMTYKKE_API const char *samtykke_rc_text(enum samtykke_rc rc);

/* ---- data source: verify ---- */

struct samtykke_verifier;
struct samtykke_verifier_options {
	size_t size;
	const char *issuer;        /* required: the exact `iss`, with its slash: "https://maskinporten.no/" */
	const char *jwks_json;     /* the issuer's key set; NULL: the verifier fetches it */
	const char *jwks_url;      /* the address of the key set; NULL: the issuer's discovery document names it */
	int jwks_max_age_s;        /* 0 = 3600: the next token after this time causes a refresh; when the refresh fails,
				      the old set stays in use */
	int jwks_min_wait_s;       /* 0 = 30: unknown kids cause at most one fetch in this time */
	int skew_s;                /* accepted clock difference for exp, iat, nbf; 0 = none */
	int64_t (*now)(void *ctx); /* µs; NULL = the system's clock */
	void *now_ctx;
	int status_max_age_s; /* 0 = 3600: the longest time to keep a status list, even when its ttl is longer */
	int status_timeout_s; /* 0 = 5: for the fetch of one status list */
	/* Is told of each malformed key in the issuer's set, which is skipped; may be NULL. The thread that reads the
	 * set calls it. kid: NULL when the key has no sound one. why: one sentence without its full stop. */
	void (*key_skipped)(void *ctx, const char *kid, const char *why);
	void *key_skipped_ctx;
	const char *ca_file; /* PEM file of authorities for https, in place of the system's; NULL: those */
	/* Altinn 2's key set (".../api/metadata/jwk"), whose numbers are in padded base64: the set, or its address.
	 * NULL both: the verifier takes no tokens of Altinn 2. */
	const char *altinn2_jwks_json;
	const char *altinn2_jwks_url;
};
#define SAMTYKKE_VERIFIER_OPTIONS                                                                                      \
	{                                                                                                              \
		sizeof(struct samtykke_verifier_options), NULL, NULL, NULL, 0, 0, 0, NULL, NULL, 0, 0, NULL, NULL,     \
			NULL, NULL, NULL                                                                               \
	}

/* Fetches nothing yet. BAD_ARGUMENT: no issuer, or jwks_json holds no usable key. */
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_verifier_create(const struct samtykke_verifier_options *options,
								      struct samtykke_verifier **out);
SAMTYKKE_API void samtykke_verifier_destroy(struct samtykke_verifier *v);

/* Kinds of tokens. The issuer decides: tokens of "altinn.no" are Altinn 2's when the verifier has Altinn 2's keys. */
#define SAMTYKKE_KIND_CONSENT 1U /* an access token, with or without a consent in it */
#define SAMTYKKE_KIND_ALTINN2 2U /* a token of Altinn 2, of any of its three generations */

/* The caller's demands on a token. A NULL member is not checked, unless its comment says otherwise. */
struct samtykke_expect {
	size_t size;
	const char *scope;    /* one of the token's scopes */
	const char *audience; /* one of `aud`; NULL: a token with any aud passes */
	bool consent;         /* the token must carry a consent; the members below imply this */
	const char *from;     /* giver: URN, or the bare 11- or 9-digit number */
	const char *resource; /* one right must have this resource, and the action and metadata below */
	const char *action;   /* NULL = "consent" or "read", the two actions in use */
	/* Pairs: key, value, key, value, …, NULL. Keys compare without letter case. */
	const char *const *metadata;
	bool allow_handler; /* accept a consent whose `to` is not the token's consumer, but a service owner's */
	/* The same as `resource` for a token of Altinn 2: CODE_EDITION ("4628_210607"), which it names in place of
	 * resources. Where one of the two is given, a token of the kind that the other is for is not covered. */
	const char *service;
	/* The organisation that asks, as the caller knows it from elsewhere: the token's consumer, or CoveredBy. Give
	 * it for tokens of Altinn 2: anybody who has such a token can send it. */
	const char *consumer;
	const char *supplier;   /* the token's supplier; of Altinn 2: HandledBy, where the token has it */
	int64_t max_validity_s; /* the longest time from the consent's beginning to its end; 0 = any */
	unsigned kinds;         /* accepted kinds, joined by |; 0 = SAMTYKKE_KIND_CONSENT */
};
#define SAMTYKKE_EXPECT                                                                                                \
	{                                                                                                              \
		sizeof(struct samtykke_expect), NULL, NULL, false, NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, 0, \
			0                                                                                              \
	}

struct samtykke_token;
/* Checks the signature, the issuer, the times, and the demands of `expect` (may be NULL). `token` is the bare compact
 * form of `len` bytes, without "Bearer ". The cost is one signature verification, and a network call only when the key
 * set must be fetched. *out (may be NULL) is yours: samtykke_token_destroy. */
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_verify(struct samtykke_verifier *v, const char *token, size_t len,
							     const struct samtykke_expect *expect,
							     struct samtykke_token **out);
/* Is the consent of a verified token still in force? The consent may have been withdrawn, used up or ended since the
 * token was issued. The issuer publishes this in a signed list (Token Status List). The verifier keeps a copy for as
 * long as the list allows, which is seconds. The caller decides what UNKNOWN means: a data source that refuses UNKNOWN
 * works only while it can reach the issuer. */
enum samtykke_status {
	SAMTYKKE_STATUS_NONE = 0, /* the token names no list: the consent is in force until the token expires */
	SAMTYKKE_STATUS_VALID,
	SAMTYKKE_STATUS_REVOKED,
	SAMTYKKE_STATUS_UNKNOWN /* the list cannot be fetched or trusted, or has no place for this token */
};
/* `t` must come from samtykke_verify with this verifier; the status of any other token is UNKNOWN. Fetches the list
 * when there is no usable copy: one fetch at a time, bounded in time and size. *why_out (may be NULL): with UNKNOWN one
 * sentence without its full stop, static text; else NULL. */
SAMTYKKE_API enum samtykke_status samtykke_token_status(struct samtykke_verifier *v, const struct samtykke_token *t,
							const char **why_out);
/* "none", "valid", "revoked", "unknown"; static text. */
SAMTYKKE_API const char *samtykke_status_name(enum samtykke_status status);
/* Decodes a token without any check. Use it to display tokens, never to decide on them. */
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_inspect(const char *token, size_t len,
							      struct samtykke_token **out);
SAMTYKKE_API void samtykke_token_destroy(struct samtykke_token *t);

SAMTYKKE_API const char *samtykke_token_issuer(const struct samtykke_token *t);
SAMTYKKE_API const char *samtykke_token_client(const struct samtykke_token *t);
SAMTYKKE_API const char *samtykke_token_scope(const struct samtykke_token *t); /* space-separated */
SAMTYKKE_API const char *
samtykke_token_consumer(const struct samtykke_token *t); /* organisation number; NULL when none */
SAMTYKKE_API const char *samtykke_token_supplier(const struct samtykke_token *t); /* NULL when none */
SAMTYKKE_API const char *samtykke_token_jti(const struct samtykke_token *t);
SAMTYKKE_API int64_t samtykke_token_expires(const struct samtykke_token *t);
SAMTYKKE_API const char *samtykke_token_header_json(const struct samtykke_token *t);
SAMTYKKE_API const char *samtykke_token_claims_json(const struct samtykke_token *t);

/* ---- the consent in a token ---- */

/* Of a token of Altinn 2 the generation of its payload, 1 to 3; of another token 0. The getters above and below read
 * both: consumer and `to` are CoveredBy (11 digits when that is a person), supplier is HandledBy, the id is the
 * AuthorizationCode, `given` the DelegatedDate, `from` is made of OfferedBy, and a right's resource is CODE_EDITION. It
 * names no actions: each right has "consent" and "read". It has no client, scope, jti or status. */
SAMTYKKE_API int samtykke_token_altinn2(const struct samtykke_token *t);
SAMTYKKE_API bool samtykke_token_has_consent(const struct samtykke_token *t);
/* NULL or 0 when the token carries no consent. */
SAMTYKKE_API const char *samtykke_consent_id(const struct samtykke_token *t);
SAMTYKKE_API const char *samtykke_consent_from(const struct samtykke_token *t);        /* URN */
SAMTYKKE_API const char *samtykke_consent_from_number(const struct samtykke_token *t); /* 11 or 9 digits */
SAMTYKKE_API const char *samtykke_consent_to(const struct samtykke_token *t);          /* organisation number */
SAMTYKKE_API int64_t samtykke_consent_given(const struct samtykke_token *t);
SAMTYKKE_API int64_t samtykke_consent_valid_to(const struct samtykke_token *t);
SAMTYKKE_API size_t samtykke_consent_rights(const struct samtykke_token *t); /* how many */
SAMTYKKE_API const char *samtykke_right_resource(const struct samtykke_token *t, size_t right);
SAMTYKKE_API bool samtykke_right_has_action(const struct samtykke_token *t, size_t right, const char *action);
SAMTYKKE_API const char *samtykke_right_metadata(const struct samtykke_token *t, size_t right,
						 const char *key); /* any letter case */
/* First right that covers resource, action and metadata as in samtykke_expect; false: none. */
SAMTYKKE_API bool samtykke_consent_covers(const struct samtykke_token *t, const char *resource, const char *action,
					  const char *const *metadata, size_t *right_out);

/* ---- a consent receipt ---- */

/* A receipt is a person's own copy of a consent: a JSON document after ISO/IEC TS 27560, signed as a compact JWS of
 * type consent-receipt+jwt. A receipt outlives the key that signed it. After UNKNOWN_KEY, verify it again with a
 * verifier whose jwks_url is the issuer + "jwk/past". */
struct samtykke_receipt;
/* Checks the signature, the issuer and the type, and that notice.text_sha256 is the hash of notice.html. Does not check
 * whether the consent is still in force: event.state is the state when the receipt was issued. *out is yours. */
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_receipt_verify(struct samtykke_verifier *v, const char *receipt,
								     size_t len, struct samtykke_receipt **out);
SAMTYKKE_API void samtykke_receipt_destroy(struct samtykke_receipt *r);
SAMTYKKE_API const char *samtykke_receipt_json(const struct samtykke_receipt *r);   /* the document */
SAMTYKKE_API const char *samtykke_receipt_key_id(const struct samtykke_receipt *r); /* NULL: the key has no kid */

/* ---- data consumer: ask, fetch ---- */

struct samtykke_client;
struct samtykke_client_options {
	size_t size;
	const char *base_url;     /* required: the platform's origin: "https://platform.altinn.no" */
	const char *issuer;       /* NULL = base_url and a slash; the token endpoint is issuer + "token" */
	const char *client_id;    /* required for tokens */
	const char *private_jwk;  /* required for tokens: RSA private key as JWK with kid, registered for the client */
	const char *consumer_org; /* the organisation that a supplier acts for; NULL = the client's own */
	int timeout_s;            /* 0 = 10 */
	bool server_time;         /* take the time from the server's Date header: for a sandbox whose clock was moved */
	/* Called after every exchange, to show or log it; may be NULL. Bodies may hold secrets. */
	void (*trace)(void *ctx, const char *method, const char *url, const char *request_headers,
		      const char *request_body, int status, const char *response_headers, const char *response_body);
	void *trace_ctx;
	const char *ca_file; /* as in samtykke_verifier_options */
};
#define SAMTYKKE_CLIENT_OPTIONS                                                                                        \
	{                                                                                                              \
		sizeof(struct samtykke_client_options), NULL, NULL, NULL, NULL, NULL, 0, false, NULL, NULL, NULL       \
	}

SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_client_create(const struct samtykke_client_options *options,
								    struct samtykke_client **out);
SAMTYKKE_API void samtykke_client_destroy(struct samtykke_client *c);
/* HTTP status and body of the last refusal that this thread met with this client. Where no answer came, the status is 0
 * and the text is the address and the cause. 0 and "" when there was neither. */
SAMTYKKE_API int samtykke_client_status(const struct samtykke_client *c);
SAMTYKKE_API const char *samtykke_client_error(const struct samtykke_client *c);
/* The time in µs: this machine's, or with server_time the server's, which costs a call. Use it for valid_to and for a
 * verifier's `now`. */
SAMTYKKE_API int64_t samtykke_client_now(struct samtykke_client *c);

/* Fetches an access token for the scopes (space-separated), or with consent_id and from (both or neither) a consent
 * token. *token_out is yours: samtykke_free. The client keeps tokens without consent and returns them again until
 * shortly before they expire. */
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_client_token(struct samtykke_client *c, const char *scope,
								   const char *consent_id, const char *from,
								   char **token_out);
/* Sends GET to `url`, an address of a data source, with the bearer token (NULL: none). REFUSED: a status other than
 * 2xx. *body_out is yours: samtykke_free. */
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_client_fetch(struct samtykke_client *c, const char *url,
								   const char *token, char **body_out);

/* One right that is requested. */
struct samtykke_right {
	const char *resource;
	const char *action;          /* NULL = "consent" */
	const char *const *metadata; /* key, value, …, NULL; may be NULL */
};
struct samtykke_request {
	size_t size;
	const char *id;   /* UUID; NULL: the library makes one */
	const char *from; /* 11 or 9 digits, or a URN */
	const char *to;   /* organisation number; NULL: consumer_org, or the client's own organisation */
	int64_t valid_to; /* µs */
	const struct samtykke_right *rights;
	size_t n_rights;
	const char *const *message; /* language, text, …, NULL; may be NULL */
	const char *redirect_url;
	bool show_in_portal;
};
#define SAMTYKKE_REQUEST                                                                                               \
	{                                                                                                              \
		sizeof(struct samtykke_request), NULL, NULL, NULL, 0, NULL, 0, NULL, NULL, false                       \
	}

struct samtykke_answer; /* an answer of the server: a consent request, or a page of events */
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc
samtykke_request_create(struct samtykke_client *c, const struct samtykke_request *r, struct samtykke_answer **out);
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_request_get(struct samtykke_client *c, const char *id,
								  struct samtykke_answer **out);
SAMTYKKE_API void samtykke_answer_destroy(struct samtykke_answer *a);
SAMTYKKE_API const char *samtykke_answer_id(const struct samtykke_answer *a);
SAMTYKKE_API const char *samtykke_answer_from(const struct samtykke_answer *a); /* URN */
SAMTYKKE_API const char *
samtykke_answer_status(const struct samtykke_answer *a); /* "Created", "Accepted", "Rejected", "Revoked" … */
SAMTYKKE_API const char *samtykke_answer_view_uri(const struct samtykke_answer *a); /* address for the browser */
SAMTYKKE_API const char *samtykke_answer_json(const struct samtykke_answer *a);     /* the whole answer */

/* ---- data consumer: events ---- */

struct samtykke_feed {
	size_t size;
	const char *after;        /* cursor of the previous page; NULL: from the beginning */
	const char *const *types; /* "accepted", "rejected", "revoked", "deleted", "used", …, NULL; NULL: all events */
	const char *consent_id;   /* NULL: of all requests */
	int wait_s;               /* 1 to 60: the server waits so long for an event; 0: it answers at once */
};
#define SAMTYKKE_FEED                                                                                                  \
	{                                                                                                              \
		sizeof(struct samtykke_feed), NULL, NULL, NULL, 0                                                      \
	}
/* Fetches one page, oldest event first. To follow the feed, handle the events of a page, then fetch the next page with
 * its cursor as `after`: no event is missed or repeated. */
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_events(struct samtykke_client *c, const struct samtykke_feed *f,
							     struct samtykke_answer **out);
SAMTYKKE_API size_t samtykke_events_count(const struct samtykke_answer *a);
SAMTYKKE_API const char *samtykke_event_consent(const struct samtykke_answer *a, size_t i); /* NULL past the last */
SAMTYKKE_API const char *samtykke_event_type(const struct samtykke_answer *a, size_t i);    /* "Accepted" … */
SAMTYKKE_API const char *samtykke_event_time(const struct samtykke_answer *a, size_t i);    /* ISO 8601 */
SAMTYKKE_API const char *samtykke_events_cursor(const struct samtykke_answer *a); /* NULL: there are no events yet */
SAMTYKKE_API bool samtykke_events_more(const struct samtykke_answer *a);          /* a next page exists already */

/* ---- data source: report ---- */

/* Reports that the data source handed out data on this consent. `resource` must belong to the client's organisation,
 * and the client needs the scope altinn:consents.use. `time` is µs, 0 = now. `reference` (may be NULL) is the caller's
 * own name of this use, 1 to 100 characters. After UNAVAILABLE, call again with the same reference: the use counts
 * once. The first use ends a one-time consent. REFUSED: the consent is used up or over. */
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_use_report(struct samtykke_client *c, const char *consent_id,
								 const char *resource, const char *reference,
								 int64_t time);

SAMTYKKE_API void samtykke_free(void *p);

#ifdef __cplusplus
}
#endif
#endif
