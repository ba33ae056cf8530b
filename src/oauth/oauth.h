/* The rules of the issuer: JWT grant, client authentication, scopes, token and metadata documents. No I/O, no HTTP
 * status. RFC 6749, 7521, 7523, 8414, 8707, 8725, 9396 as Maskinporten applies them. */
#pragma once
#include "jose/trust.h"
#include "model/model.h"

#define OAUTH_GRANT_JWT "urn:ietf:params:oauth:grant-type:jwt-bearer"
#define OAUTH_MAX_ASSERTION 32768 /* bytes */
#define OAUTH_MAX_SCOPES 32       /* in one request */
#define OAUTH_MAX_SCOPE 256       /* characters of one */
#define OAUTH_MAX_ISS 256         /* bytes of iss and sub */
#define OAUTH_MAX_JTI 256         /* characters */
#define OAUTH_MAX_RESOURCES 10
#define OAUTH_MAX_RESOURCE 1024 /* characters of one resource indicator */
#define OAUTH_GRANT_LIFE_S 120  /* exp − iat, inclusive */
#define OAUTH_SKEW_S 10         /* iat ahead, exp behind */
#define OAUTH_TOKEN_LIFE_S 120  /* of an access token, unless client or scope have another */
#define OAUTH_TOKEN_LIFE_MAX_S 7200

/* Why a grant is refused. api has the table of codes (MP-nnn), OAuth errors and texts. Checks run in this order. */
enum oauth_fault {
	OF_NONE,
	OF_REQUEST,        /* a required parameter is missing, repeated or of the wrong shape */
	OF_GRANT_TYPE,     /* unsupported_grant_type */
	OF_ASSERTION,      /* MP-011 Invalid parameter value */
	OF_REPLAY,         /* MP-012 */
	OF_CLIENT,         /* MP-100 Client not found */
	OF_AUDIENCE,       /* MP-110 */
	OF_CERTIFICATE,    /* MP-120 */
	OF_KEY_EXPIRED,    /* MP-121 */
	OF_CERT_ORG,       /* MP-122 */
	OF_X5C,            /* MP-123 */
	OF_SIGNATURE,      /* MP-124, also of a certificate that has expired */
	OF_EXPIRED,        /* MP-130 */
	OF_NOT_YET,        /* Issue time is after now */
	OF_LIFETIME,       /* exp − iat over 120 s: MP-011 */
	OF_KID_UNKNOWN,    /* Unknown key identifier (kid) for client. */
	OF_KID_REQUIRED,   /* The client requires pre-registered jwk … */
	OF_SCOPE,          /* MP-200, detail: the scope */
	OF_SCOPE_INACTIVE, /* MP-201 */
	OF_NO_ACCESS,      /* MP-250, detail: the scope */
	OF_NOT_DELEGATED,  /* MP-251, detail: consumer, scope, supplier */
	OF_OWN_ORG,        /* consumer_org equals the client's organisation */
	OF_SCOPE_ALG,      /* scopes of different algorithms, detail: one of the scopes */
	OF_TARGET,         /* invalid_target */
	OF_RAR_TYPE,       /* MP-301 */
	OF_RAR_FIELD,      /* MP-302, detail: the field */
	OF_RAR_VALUE,      /* MP-303, detail: the field */
	OF_RAR_SIZE,       /* MP-303: the token would be too large */
	OF_TOO_OFTEN,      /* the client's limit: 429 */
	OF_UNAVAILABLE,    /* the consent register cannot answer now: 503 */
	OF_OUTCOME,        /* the grant may be used up or not: 503 */
	OF__MAX
};
struct oauth_error {
	enum oauth_fault fault;
	struct str detail;   /* text of the caller: the writer of the answer filters it */
	struct str consumer; /* OF_NOT_DELEGATED */
	struct str supplier; /* OF_NOT_DELEGATED */
	int64_t wait_s;      /* OF_TOO_OFTEN: seconds until the next grant */
	const char *why;     /* for the log; NULL: nothing to add */
};

struct grant {
	struct jws jws;
	const struct js *claims;
	struct str iss;
	struct str jti; /* absent when none */
	struct str scopes[OAUTH_MAX_SCOPES];
	size_t n_scopes;
	struct str scope_text;   /* single spaces */
	struct str consumer_org; /* absent when none */
	struct str pid;          /* absent when none */
	struct str resources[OAUTH_MAX_RESOURCES];
	size_t n_resources;
	const struct js *details; /* authorization_details; NULL when none */
	int64_t iat;              /* seconds, as exp */
	int64_t exp;
	uint8_t guard[32]; /* replay key: SHA-256 of client and jti, or of the whole assertion */
};
/* All functions below that take *err: RC_DENIED, and *err says why; *out is untouched then. */
/* Steps 2 and 3: decodes the assertion and checks its shape, not its signature. *out lives in `a` and borrows it. */
MUST_USE enum rc oauth_grant_parse(struct arena *a, struct str assertion, struct grant *out, struct oauth_error *err);

#define OAUTH_KEY_LIFE_S (365 * 86400) /* a registered key, from its posting; posting it again renews it */
struct grant_check {
	struct str issuer;   /* accepted aud: this, and this + "token" */
	int64_t now;         /* s */
	struct trust *trust; /* checks organisation certificates; NULL: none is accepted */
};
/* Steps 4 to 7 for the client of that iss (NULL: OF_CLIENT): key, signature, aud, iat, exp, lifetime.
 * A client with registered keys must sign with the one of that kid. If that key was registered with a certificate, the
 * certificate must still be valid. A client without registered keys signs with the organisation certificate in x5c.
 * Every certificate must name the client's organisation.
 * *amr_out, the claim client_amr: "private_key_jwt", "virksomhetssertifikat", "QCForESeal", "CForESeal". */
MUST_USE enum rc oauth_grant_verify(struct arena *a, const struct grant *g, const struct client *client,
				    const struct grant_check *c, const char **amr_out, struct oauth_error *err);

/* The registry's answers for steps 9 and 10: registry_scope (NULL: there is no such scope) and registry_delegated (has
 * the consumer delegated the scope to the supplier?). This layer uses nothing else of the snapshot. */
struct registry;
struct oauth_scopes {
	const struct registry *registry;
	const struct scope *(*scope)(const struct registry *r, struct str name);
	bool (*delegated)(const struct registry *r, struct str consumer, struct str supplier, struct str scope);
};
struct oauth_access {
	struct str consumer;          /* organisation number of the effective consumer */
	struct str supplier;          /* absent unless delegated */
	struct str delegation_source; /* absent unless delegated */
	int64_t life_s;               /* of the token: the client's, at most the scopes' at_max_age */
	struct str alg;               /* of the token: the scopes', else the client's; absent: neither has one */
};
/* Steps 9 and 10: the client may have every scope of the grant, for itself or as a supplier. */
MUST_USE enum rc oauth_access_check(const struct grant *g, const struct client *client,
				    const struct oauth_scopes *scopes, struct oauth_access *out,
				    struct oauth_error *err);
/* Would the client get a token with this scope for itself? The scope must be registered for it, active, and open to its
 * organisation. */
bool oauth_scope_held(const struct client *client, const struct oauth_scopes *scopes, struct str name);
/* Step 11: resource indicators (RFC 8707) and pid syntax. */
MUST_USE enum rc oauth_target_check(const struct grant *g, struct oauth_error *err);

/* Step 12: authorization_details of type urn:altinn:consent: exactly type, id, from. */
struct oauth_consent {
	struct uuid id;
	struct urn from;
};
MUST_USE enum rc oauth_details_parse(struct arena *a, const struct grant *g, struct oauth_consent *out,
				     struct oauth_error *err);

/* Step 13: the claims of the access token, as Maskinporten writes them. */
struct oauth_token {
	struct str issuer;
	struct str jti;
	const struct client *client;
	const struct grant *grant;
	const struct oauth_access *access;
	const char *amr;
	struct str details;         /* JSON of the one authorization_details object, or absent */
	struct str status;          /* JSON of the claim, or absent */
	const char *no_audience;    /* aud of a token that names no resource; NULL: none */
	const struct str *prefixes; /* consumer_prefix: of the scopes that the consumer owns */
	size_t n_prefixes;          /* 0: no such claim */
	int64_t iat;                /* seconds, as exp */
	int64_t exp;
};
void oauth_token_claims(struct jsw *w, const struct oauth_token *t);
/* Writes {"access_token","token_type","expires_in","scope"}: exactly these members. expires_in: seconds. */
void oauth_token_answer(struct jsw *w, struct str token, int64_t expires_in, struct str scope);

/* Writes the metadata document (RFC 8414): exactly the seven members of the real issuer. `issuer` ends with a slash. */
void oauth_metadata(struct jsw *w, struct str issuer);
