/* The rules of the relying party for logins at an OpenID provider: its requests, and the checks of the answers.
 * OpenID Connect Core 1.0, RP-Initiated, Front- and Back-Channel Logout 1.0, RFC 7636, 9207, 7523. No I/O. */
#pragma once
#include "jose/jose.h"
#include "model/model.h"

#define OIDC_MAX_CODE 2048    /* bytes of an authorization code */
#define OIDC_MAX_SID 256      /* bytes of the provider's name for a session */
#define OIDC_MAX_JTI 256      /* bytes of a logout token's id */
#define OIDC_MAX_NAME 500     /* bytes of a person's name; a longer one is not read */
#define OIDC_MAX_URL 1024     /* bytes of an address in the metadata */
#define OIDC_SKEW_S 30        /* between the provider's clock and ours */
#define OIDC_TOKEN_AGE_S 600  /* oldest iat that is accepted, so a logout token is remembered only so long */
#define OIDC_CLIENT_LIFE_S 60 /* of a client assertion */

/* ---- levels ---- */
/* Reads an authentication context class (acr), by exact spelling. A higher rank is accepted where a lower one was
 * requested. *level_out is the level in policies: 4 high, 3 substantial, 2 and less below. RC_NOT_FOUND: unknown. */
MUST_USE enum rc oidc_acr(struct str acr, int *rank_out, int64_t *level_out);
/* The acr to request when `level` is needed: `lowest` when that is enough. */
struct str oidc_acr_for(struct str lowest, int64_t level);

/* ---- metadata ---- */
struct oidc_metadata {
	/* endpoints */
	struct str authorization;
	struct str token;
	struct str jwks;
	struct str end_session; /* absent: the provider has none */
	bool names_itself;      /* the provider puts iss into every authorization response (RFC 9207) */
};
/* Reads the issuer's metadata document (Discovery §4). It must name exactly that issuer. Addresses must be https, or
 * http when the issuer is http. RC_INVALID: *why_out is static text. */
MUST_USE enum rc oidc_metadata_read(struct arena *a, struct str json, struct str issuer, struct oidc_metadata *out,
				    const char **why_out);

/* ---- the authorization request ---- */
struct oidc_request {
	struct str client_id;
	struct str redirect_uri;
	struct str scope;
	struct str acr;
	struct str state;
	struct str nonce;
	struct str verifier;
	struct str locale;
	bool fresh; /* prompt=login */
};
struct str oidc_request_url(struct arena *a, struct str authorization, const struct oidc_request *r);
/* Is the iss of a response the issuer? It may be URL-encoded once more. */
bool oidc_iss_is(struct arena *a, struct str iss, struct str issuer);

/* ---- the code ---- */
/* A client assertion (RFC 7523 §2.2), signed with the client's key. now_s: real time. */
MUST_USE enum rc oidc_client_assertion(struct arena *a, const struct jwk *key, struct str client_id, struct str issuer,
				       int64_t now_s, struct str *out);
/* The value of the header Authorization: "Basic …", both parts form-encoded (RFC 6749 §2.3.1). */
struct str oidc_basic(struct arena *a, struct str client_id, struct str secret);

/* ---- tokens ---- */
/* Why a token is refused; the names are for the log. */
#define OIDC_FAULTS(X)                                                                                                 \
	X(NONE, "none")                                                                                                \
	X(SHAPE, "shape")         /* no JWS, or a claim of another type */                                             \
	X(ALG, "alg")             /* another algorithm than RS256 */                                                   \
	X(KEY, "key")             /* no such key, or the signature is wrong */                                         \
	X(TYPE, "typ")            /* another kind of token */                                                          \
	X(ISSUER, "iss")          /* exactly the issuer, no slash more or less */                                      \
	X(AUDIENCE, "aud")        /* the client alone, or azp is it */                                                 \
	X(EXPIRED, "exp")         /* has passed, or is missing */                                                      \
	X(ISSUED, "iat")          /* ahead, or long ago */                                                             \
	X(NONCE, "nonce")         /* of another login; or in a logout token */                                         \
	X(ACR, "acr")             /* unknown */                                                                        \
	X(ACR_LOW, "acr-low")     /* below the requested one */                                                        \
	X(NO_PID, "pid-missing")  /* the token names no person */                                                      \
	X(PID, "pid")             /* wrong check digits */                                                             \
	X(AUTH_TIME, "auth-time") /* prompt=login, and the login is an old one */                                      \
	X(SID, "sid")             /* logout token without it; or too long */                                           \
	X(JTI, "jti")             /* logout token without it; or too long */                                           \
	X(EVENT, "events")        /* not the event of a logout */
#define OIDC_FAULT_ENUM(name, text) OIDC_##name,
enum oidc_fault { OIDC_FAULTS(OIDC_FAULT_ENUM) OIDC__MAX };
#undef OIDC_FAULT_ENUM
const char *oidc_fault_name(enum oidc_fault f);

struct oidc_expect {
	struct str issuer;
	struct str client_id;
	int64_t now_s;        /* real time */
	struct str nonce;     /* id_token */
	struct str acr;       /* the lowest that is accepted; known to oidc_acr */
	int64_t fresh_from_s; /* the earliest auth_time; 0 = any */
};
struct oidc_identity {
	struct str pid;
	struct str name; /* `name`, else `given_name` and `family_name`, on one line; absent: no such claim is fit to
			    show */
	int64_t level;
	struct str acr;
	int64_t auth_time_s; /* 0: the token has none */
	struct str sid;      /* absent: the token has none */
	struct str locale;   /* absent: the token has none */
};
/* Decodes a compact token for the check of its signature: RS256 with the key of its kid. Keys in the header (x5c, jwk,
 * jku, x5u) are ignored. RC_DENIED: *fault_out. */
MUST_USE enum rc oidc_token_parse(struct arena *a, struct str compact, struct jws *out, enum oidc_fault *fault_out);
/* Checks and reads the claims of an ID token whose signature is verified. RC_DENIED: *fault_out. */
MUST_USE enum rc oidc_id_token(struct arena *a, const struct jws *s, const struct oidc_expect *e,
			       struct oidc_identity *out, enum oidc_fault *fault_out);
struct oidc_logout {
	struct str sid;
	struct str jti;
};
/* Checks and reads the claims of a logout token whose signature is verified. RC_DENIED: *fault_out. */
MUST_USE enum rc oidc_logout_token(struct arena *a, const struct jws *s, const struct oidc_expect *e,
				   struct oidc_logout *out, enum oidc_fault *fault_out);
