/* The issuer: how a token is made, whichever front asks. A grant leads to a client, its scopes, perhaps a consent, a
 * signature and a row. Every token row is written here, and a token leaves only once its row is on disk. */
#pragma once
#include "base/limit.h"
#include "consent/consent.h"
#include "keys/keyring.h"
#include "oauth/oauth.h"
#include "proof/status.h"

struct net_pool;

/* ---- consents that another platform keeps ---- */
struct remote;
struct remote_config {
	const char *url;              /* of the lookup, as it is called: a gateway may want the slash at its end */
	const char *subscription_key; /* of an API gateway in front of it; NULL: none */
	/* The bearer token comes from an issuer that knows this client, by JWT grant. */
	const char *issuer;    /* with its slash */
	const char *client_id; /* NULL: this platform signs the token, for one that trusts its keys */
	struct jwk *key;       /* the client's; the reference is the remote's from then on */
	int timeout_s;         /* of a lookup, its token included */
};
MUST_USE enum rc remote_create(const struct remote_config *c, struct remote **out);
void remote_destroy(struct remote *r); /* may be NULL */

/* The services that a token is made with, and the settings of tokens. The services outlive the issuer. */
struct issuer {
	struct consent_service *consents;
	struct keyring *keys;
	struct status_lists *status;
	struct trust *trust;       /* roots of organisation certificates that grants may carry; NULL: none are taken */
	struct net_pool *outgoing; /* NULL: no other server is ever called */
	struct remote *remote;     /* the platform that keeps the consents of grants; NULL: the store keeps them */
	struct str url;            /* iss, with its slash */
	enum jose_alg alg;         /* of tokens whose scopes and client name none */
	struct limit limit;        /* tokens of one client */
	bool aud_unspecified;      /* a token that names no resource has aud "unspecified" */
	bool consumer_prefix;      /* tokens name the scope prefixes that the consumer owns */
	bool status_claim;         /* consent tokens name their place in a status list */
};

/* ---- tokens for grants ---- */
struct token_order {
	struct str assertion; /* the JWT grant (RFC 7523), as sent */
	const char *trace_id; /* of the request, for the log */
	bool counted;         /* in its client's share; in and out, so that a request that is run again counts once */
	struct str client_id; /* out: of the registered client that iss names; absent: none */
};
struct issued_token {
	struct str token; /* compact JWS */
	int64_t life_s;
	struct str scope;    /* as the grant wrote it */
	struct uuid consent; /* nil = none */
};
/* RC_DENIED: *err_out says why. RC_STALE: the registry has changed meanwhile; ask again. What is returned lives in `a`.
 */
MUST_USE enum rc issuer_token(struct issuer *issuer, struct arena *a, struct token_order *order,
			      struct issued_token *out, struct oauth_error *err_out);

/* ---- tokens of the sandbox's generator: signed, without a grant and without a row ---- */
struct test_token {
	struct str scope;
	int64_t life_s;
	int64_t level;
	struct str org; /* code of a service owner */
	/* organisation numbers */
	struct str consumer;
	struct str supplier;
	bool is_person; /* of a person, else of an organisation: the members below count, else those above */
	struct uuid person_uuid;
	int64_t party_id; /* 0 = none, as user_id */
	int64_t user_id;
	struct str pid;
};
/* Texts that are absent make no claim. RC_NOT_FOUND, RC_BUSY: no key signs now. */
MUST_USE enum rc issuer_test_token(struct issuer *issuer, struct arena *a, const struct test_token *t,
				   struct str *token_out);
