/* The OpenID provider of end users, as this process knows it: its metadata and keys, fetched when they are needed and
 * kept. Any number of threads may use one provider. A call to the provider parks the task and holds no worker.
 *
 * Each of these: RC_BUSY when the provider does not answer, or with an answer that cannot be used. The log says why. */
#pragma once
#include "net/pool.h"
#include "oauth/oidc.h"

#define PROVIDER_METADATA_S 86400 /* metadata is kept for this time, and longer while no newer can be had */
#define PROVIDER_KEYS_S 3600      /* the same of keys */
#define PROVIDER_RETRY_S 30       /* between two attempts to renew what is old */
#define PROVIDER_UNKNOWN_KEYS 5   /* fetches for unknown keys that may follow each other at once */
#define PROVIDER_UNKNOWN_S 10     /* then one fetch in this time */
#define PROVIDER_CALL_S 5         /* time-out of one call */

struct provider;
struct provider_config {
	const char *issuer;
	const char *client_id;
	const char *client_secret; /* client_secret_basic; NULL: `key` is used */
	struct jwk *key;           /* private_key_jwt; a reference is taken; NULL: `client_secret` is used */
	const char *scope;
	const char *acr;
	const char *post_logout;  /* post_logout_redirect_uri; NULL: the page where our own logout ends */
	struct net_pool *calls;   /* outlives the provider */
	const uint8_t *login_key; /* LOGIN_KEY_BYTES (login_state.h), copied; seals the states of logins */
	int max_waiting;          /* callers that may wait for keys which another call fetches; one more is RC_BUSY */
};
/* The texts are borrowed: they outlive the provider. One of client_secret and key is set. Nothing is fetched yet.
 * RC_FAIL: no memory. */
MUST_USE enum rc provider_create(const struct provider_config *c, struct provider **out);
void provider_destroy(struct provider *p); /* p may be NULL; no call may be under way */
const struct provider_config *provider_config_of(const struct provider *p); /* borrowed, with login_key */

/* OpenID Connect Discovery 1.0. The texts of *out live in `a`. */
MUST_USE enum rc provider_metadata(struct provider *p, struct arena *a, struct oidc_metadata *out);
/* Checks the signature. A key that is not among the kept ones is looked for anew. RC_DENIED: the provider publishes no
 * such key, or the signature is wrong. */
MUST_USE enum rc provider_verify(struct provider *p, const struct jws *s);
/* Exchanges the code for an ID token (RFC 6749 §4.1.3, RFC 7636 §4.5). RC_DENIED: the provider refuses the code. */
MUST_USE enum rc provider_redeem(struct provider *p, struct arena *a, const struct oidc_metadata *m, struct str code,
				 struct str verifier, struct str redirect_uri, struct str *id_token_out);
