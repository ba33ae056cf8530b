/* The OpenID provider of end users as this process knows it: its metadata and keys, fetched when they are needed and
 * kept. No call holds a worker while the provider thinks. Results: RC_BUSY the provider does not answer, or not in a
 * way that can be used (the log says why). */
#pragma once
#include "net/pool.h"
#include "oauth/oidc.h"

#define PROVIDER_METADATA_S 86400 /* kept so long; longer while no newer can be had */
#define PROVIDER_KEYS_S 3600      /* the same of keys */
#define PROVIDER_RETRY_S 30       /* between attempts to renew what is old */
#define PROVIDER_UNKNOWN_KEYS 5   /* fetches at once because of a key that is not known … */
#define PROVIDER_UNKNOWN_S 10     /* … and then one in so many seconds */
#define PROVIDER_CALL_S 5         /* for one call */

struct provider;
struct provider_config {
	const char *issuer;
	const char *client_id;
	const char *client_secret; /* client_secret_basic; NULL: the key */
	struct jwk *key;           /* private_key_jwt; a reference is taken; NULL: the secret */
	const char *scope;
	const char *acr;
	const char *post_logout; /* post_logout_redirect_uri; NULL: where our own logout ends */
	struct net_pool *calls;  /* outlives the provider */
	int max_waiting;         /* callers that wait for keys which another call fetches; one more is RC_BUSY */
};
/* The texts are borrowed. RC_FAIL: no memory. */
MUST_USE enum rc provider_create(const struct provider_config *c, struct provider **out);
void provider_destroy(struct provider *p); /* p may be NULL */
const struct provider_config *provider_config_of(const struct provider *p);

MUST_USE enum rc provider_metadata(struct provider *p, struct arena *a, struct oidc_metadata *out);
/* RC_DENIED: not signed by a key that the provider publishes. A key that is not known is looked for anew. */
MUST_USE enum rc provider_verify(struct provider *p, const struct jws *s);
/* Exchanges the code. RC_DENIED: the provider refuses it. */
MUST_USE enum rc provider_redeem(struct provider *p, struct arena *a, const struct oidc_metadata *m, struct str code,
				 struct str verifier, struct str redirect_uri, struct str *id_token_out);
