/* libsamtykke: verify a consent token, read its consent, fetch tokens.
 *
 * Two roles. A data source (a tax authority) makes one samtykke_verifier at start-up and asks it about every token that
 * comes in: no call leaves the process but a key set refresh now and then. A data consumer (a bank) makes one
 * samtykke_client and uses it to ask for consent and to fetch consent tokens; a data source may have one to report
 * uses.
 *
 * Rules of this header: every object is opaque; create functions write their result only on success; destroy functions
 * take NULL; a returned pointer is borrowed from its object; text is UTF-8 and ends with '\0'; times are microseconds
 * since 1970-01-01T00:00:00Z. Verifiers and clients may be used by many threads at once; a token belongs to one thread
 * at a time. The library writes nothing to stdout or stderr. Structs with a `size` member may grow: set it with the
 * initialiser given. Names and numbers here stay through one major version. Manual page: samtykke(3). */
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
	SAMTYKKE_BAD_ARGUMENT,  /* the caller's options make no sense */
	SAMTYKKE_MALFORMED,     /* not a compact JWS with a JSON object in it */
	SAMTYKKE_BAD_ALGORITHM, /* alg is not one of RS256 RS384 RS512 PS256 ES256 EdDSA, or not the key's */
	SAMTYKKE_UNKNOWN_KEY,   /* kid is in no key set of the issuer, even after a refresh */
	SAMTYKKE_BAD_SIGNATURE,
	SAMTYKKE_WRONG_ISSUER,
	SAMTYKKE_WRONG_AUDIENCE,
	SAMTYKKE_EXPIRED,         /* exp has passed, or is missing */
	SAMTYKKE_NOT_YET,         /* iat or nbf lies ahead */
	SAMTYKKE_WRONG_SCOPE,     /* the expected scope is not among the token's */
	SAMTYKKE_NO_CONSENT,      /* a consent was expected and the token carries none */
	SAMTYKKE_BAD_CONSENT,     /* authorization_details of type urn:altinn:consent that are not as specified */
	SAMTYKKE_CONSENT_EXPIRED, /* validTo has passed */
	SAMTYKKE_WRONG_RECIPIENT, /* the consent's `to` is not the token's consumer (and handlers are not allowed) */
	SAMTYKKE_WRONG_GIVER,     /* the consent's `from` is not the person or organisation expected */
	SAMTYKKE_NOT_COVERED,     /* no right in the consent covers the resource, action and metadata expected */
	SAMTYKKE_UNAVAILABLE,     /* network: no key set, no answer; try again later */
	SAMTYKKE_REFUSED,         /* the server said no: samtykke_client_error tells what */
	SAMTYKKE_NO_MEMORY,
	SAMTYKKE_BAD_RECEIPT, /* signed by the issuer, but no receipt: another type, or its text is not the one it
				 hashes */
	SAMTYKKE_RC_MAX
};
/* "ok", "bad-signature" …; static. */
SAMTYKKE_API const char *samtykke_rc_name(enum samtykke_rc rc);
/* One sentence in English; static. */
SAMTYKKE_API const char *samtykke_rc_text(enum samtykke_rc rc);

/* ---- data source: verify ---- */

struct samtykke_verifier;
struct samtykke_verifier_options {
	size_t size;
	const char *issuer;    /* required: exact `iss`, with its slash: "https://maskinporten.no/" */
	const char *jwks_json; /* the issuer's key set; or NULL and… */
	const char *jwks_url;  /* …where it is fetched and refreshed; NULL too: found through the issuer's discovery
				  document */
	int jwks_max_age_s;  /* 0 = 3600: after this the set is fetched again at the next token; a failing refresh keeps
				the old set */
	int jwks_min_wait_s; /* 0 = 30: unknown kids cause no more than one fetch in this time */
	int skew_s;          /* accepted clock difference for exp, iat, nbf; 0 = none */
	int64_t (*now)(void *ctx); /* µs; NULL = the system's clock */
	void *now_ctx;
	int status_max_age_s; /* 0 = 3600: a status list is kept no longer, whatever its ttl says */
	int status_timeout_s; /* 0 = 5: for fetching one */
};
#define SAMTYKKE_VERIFIER_OPTIONS                                                                                      \
	{                                                                                                              \
		sizeof(struct samtykke_verifier_options), NULL, NULL, NULL, 0, 0, 0, NULL, NULL, 0, 0                  \
	}

/* BAD_ARGUMENT: no issuer, or jwks_json that holds no usable key. Nothing is fetched yet. */
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_verifier_create(const struct samtykke_verifier_options *options,
								      struct samtykke_verifier **out);
SAMTYKKE_API void samtykke_verifier_destroy(struct samtykke_verifier *v);

/* What the caller demands of a token. NULL members are not checked, except as said. */
struct samtykke_expect {
	size_t size;
	const char *scope;    /* must be among the token's scopes */
	const char *audience; /* must be in `aud`; NULL: a token that has an aud passes all the same */
	bool consent;         /* a consent must be there; implied by the members below */
	const char *from;     /* giver: URN, or the bare 11- or 9-digit number */
	const char *resource; /* a right must name this resource… */
	const char *action;   /* …with this action; NULL = "consent" or "read", the two in use */
	const char *const *
		metadata; /* …and hold these pairs: key, value, key, value, …, NULL. Keys compare without letter case */
	bool allow_handler; /* accept a consent whose `to` is not the token's consumer (a service owner that handles it)
			     */
};
#define SAMTYKKE_EXPECT                                                                                                \
	{                                                                                                              \
		sizeof(struct samtykke_expect), NULL, NULL, false, NULL, NULL, NULL, NULL, false                       \
	}

struct samtykke_token;
/* Checks signature, issuer, times, and what `expect` (may be NULL) demands. `token` is the bare compact form of `len`
 * bytes, without "Bearer ". Costs one signature verification and no network call, unless the key set must be fetched.
 * *out (may be NULL) is yours. */
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_verify(struct samtykke_verifier *v, const char *token, size_t len,
							     const struct samtykke_expect *expect,
							     struct samtykke_token **out);
/* Does the consent of a good token still stand? It may have been withdrawn, used up or ended since the token was
 * issued; the issuer says so in a signed list (Token Status List), of which a copy is kept for as long as the list
 * allows: seconds. What to do about UNKNOWN is for the caller to say: whoever refuses then depends on the issuer's
 * being there. */
enum samtykke_status {
	SAMTYKKE_STATUS_NONE = 0, /* the token names no list: it stands until it expires */
	SAMTYKKE_STATUS_VALID,
	SAMTYKKE_STATUS_REVOKED,
	SAMTYKKE_STATUS_UNKNOWN /* the list cannot be had, is not to be trusted, or does not reach that far */
};
/* `t` is a token that samtykke_verify of this verifier made, in its caller's hands; another one is UNKNOWN. Fetches the
 * list when there is no copy of it that may be used; one fetch at a time, bounded in time and size. *why_out (may be
 * NULL): with UNKNOWN one sentence without its full stop, static; else NULL. */
SAMTYKKE_API enum samtykke_status samtykke_token_status(struct samtykke_verifier *v, const struct samtykke_token *t,
							const char **why_out);
/* "none", "valid", "revoked", "unknown"; static. */
SAMTYKKE_API const char *samtykke_status_name(enum samtykke_status status);
/* Decodes without checking anything: for looking at tokens, never for deciding. */
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

/* What a person keeps of a consent: a JSON document after ISO/IEC TS 27560, signed as a compact JWS of type
 * consent-receipt+jwt. It outlives the key that signed it: with UNKNOWN_KEY ask again with a verifier whose jwks_url is
 * the issuer + "jwk/past". */
struct samtykke_receipt;
/* Checks signature, issuer, type, and that notice.text_sha256 is the hash of notice.html. Says nothing about whether
 * the consent still stands: event.state is of the time at which the receipt was issued. *out is yours. */
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_receipt_verify(struct samtykke_verifier *v, const char *receipt,
								     size_t len, struct samtykke_receipt **out);
SAMTYKKE_API void samtykke_receipt_destroy(struct samtykke_receipt *r);
SAMTYKKE_API const char *samtykke_receipt_json(const struct samtykke_receipt *r);   /* the document */
SAMTYKKE_API const char *samtykke_receipt_key_id(const struct samtykke_receipt *r); /* NULL: the key has no name */

/* ---- data consumer: ask, fetch ---- */

struct samtykke_client;
struct samtykke_client_options {
	size_t size;
	const char *base_url;     /* required: the platform's origin: "https://platform.altinn.no" */
	const char *issuer;       /* NULL = base_url and a slash; the token endpoint is issuer + "token" */
	const char *client_id;    /* required for tokens */
	const char *private_jwk;  /* required for tokens: RSA private key as JWK with kid, registered for the client */
	const char *consumer_org; /* supplier acting for this organisation; NULL = for itself */
	int timeout_s;            /* 0 = 10 */
	bool server_time;         /* take the time from the server's Date header: for sandboxes whose clock was moved */
	/* Called with every exchange, for showing or logging it; may be NULL. Bodies may hold secrets. */
	void (*trace)(void *ctx, const char *method, const char *url, const char *request_headers,
		      const char *request_body, int status, const char *response_headers, const char *response_body);
	void *trace_ctx;
};
#define SAMTYKKE_CLIENT_OPTIONS                                                                                        \
	{                                                                                                              \
		sizeof(struct samtykke_client_options), NULL, NULL, NULL, NULL, NULL, 0, false, NULL, NULL             \
	}

SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_client_create(const struct samtykke_client_options *options,
								    struct samtykke_client **out);
SAMTYKKE_API void samtykke_client_destroy(struct samtykke_client *c);
/* What the server said when the last call of this thread on this client was REFUSED: HTTP status, and its body. */
SAMTYKKE_API int samtykke_client_status(const struct samtykke_client *c);
SAMTYKKE_API const char *samtykke_client_error(const struct samtykke_client *c);
/* Time in µs: this machine's; with server_time the server's, which is asked. For valid_to, and for a verifier's `now`.
 */
SAMTYKKE_API int64_t samtykke_client_now(struct samtykke_client *c);

/* Access token for the scopes (space-separated); with consent_id and from (both or neither) a consent token. *token_out
 * is yours: samtykke_free. Tokens without consent are kept and handed out again until shortly before they expire. */
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_client_token(struct samtykke_client *c, const char *scope,
								   const char *consent_id, const char *from,
								   char **token_out);
/* GETs `url`, a data source's, with the token as bearer (NULL: none). REFUSED: any status but 2xx. *body_out is yours:
 * samtykke_free. */
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_client_fetch(struct samtykke_client *c, const char *url,
								   const char *token, char **body_out);

/* One thing that is asked for. */
struct samtykke_right {
	const char *resource;
	const char *action;          /* NULL = "consent" */
	const char *const *metadata; /* key, value, …, NULL; may be NULL */
};
struct samtykke_request {
	size_t size;
	const char *id;   /* UUID; NULL: one is made */
	const char *from; /* 11 or 9 digits, or a URN */
	const char *to;   /* organisation number; NULL: the client's token says (consumer_org or the client's own) */
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

struct samtykke_answer; /* a consent request as the server tells it */
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc
samtykke_request_create(struct samtykke_client *c, const struct samtykke_request *r, struct samtykke_answer **out);
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_request_get(struct samtykke_client *c, const char *id,
								  struct samtykke_answer **out);
SAMTYKKE_API void samtykke_answer_destroy(struct samtykke_answer *a);
SAMTYKKE_API const char *samtykke_answer_id(const struct samtykke_answer *a);
SAMTYKKE_API const char *samtykke_answer_from(const struct samtykke_answer *a); /* URN */
SAMTYKKE_API const char *
samtykke_answer_status(const struct samtykke_answer *a); /* "Created", "Accepted", "Rejected", "Revoked" … */
SAMTYKKE_API const char *samtykke_answer_view_uri(const struct samtykke_answer *a); /* where the browser is sent */
SAMTYKKE_API const char *samtykke_answer_json(const struct samtykke_answer *a);     /* the whole answer */

/* ---- data consumer: what happened ---- */

struct samtykke_feed {
	size_t size;
	const char *after;        /* cursor of the page before; NULL: from the beginning */
	const char *const *types; /* "accepted", "rejected", "revoked", "deleted", "used", …, NULL; NULL: all events */
	const char *consent_id;   /* NULL: of all requests */
	int wait_s;               /* 1 to 60: the server holds its answer until there is something; 0: it does not */
};
#define SAMTYKKE_FEED                                                                                                  \
	{                                                                                                              \
		sizeof(struct samtykke_feed), NULL, NULL, NULL, 0                                                      \
	}
/* One page, oldest first. To follow: handle its events, then ask with its cursor as `after`; nothing is left out or
 * told twice. */
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_events(struct samtykke_client *c, const struct samtykke_feed *f,
							     struct samtykke_answer **out);
SAMTYKKE_API size_t samtykke_events_count(const struct samtykke_answer *a);
SAMTYKKE_API const char *samtykke_event_consent(const struct samtykke_answer *a, size_t i); /* NULL past the last */
SAMTYKKE_API const char *samtykke_event_type(const struct samtykke_answer *a, size_t i);    /* "Accepted" … */
SAMTYKKE_API const char *samtykke_event_time(const struct samtykke_answer *a, size_t i);    /* ISO 8601 */
SAMTYKKE_API const char *samtykke_events_cursor(const struct samtykke_answer *a); /* NULL: nothing has happened yet */
SAMTYKKE_API bool samtykke_events_more(const struct samtykke_answer *a);          /* the next page is there already */

/* ---- data source: report ---- */

/* Tells the platform that data was handed out on this consent: `resource` must belong to the client's organisation,
 * whose client needs the scope altinn:consents.use. `time` is µs, 0 = now. `reference` (may be NULL) is the caller's
 * own name of this use, 1 to 100 characters: after UNAVAILABLE call again with the same one, and the use is counted
 * once. The first use ends a one-time consent; REFUSED when somebody was there first, or when the consent is over. */
SAMTYKKE_API SAMTYKKE_CHECK enum samtykke_rc samtykke_use_report(struct samtykke_client *c, const char *consent_id,
								 const char *resource, const char *reference,
								 int64_t time);

SAMTYKKE_API void samtykke_free(void *p);

#ifdef __cplusplus
}
#endif
#endif
