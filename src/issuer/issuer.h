/* The issuer: from a grant to a signed token and its row. */
#pragma once
#include "base/limit.h"
#include "consent/consent.h"
#include "keys/keyring.h"
#include "oauth/oauth.h"
#include "proof/status.h"

struct net_pool;
struct remote;
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
