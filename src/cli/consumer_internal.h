/* What the consumer's commands share: where the server is and who asks. */
#pragma once
#include "cli/internal.h"
#include "samtykke/samtykke.h"

struct consumer_opts { /* first member of each such command's options */
	const char *url;
	const char *issuer;
	const char *client_id;
	const char *key;
	const char *consumer_org;
	bool system_time;
};
#define CONSUMER_ROWS(T)                                                                                               \
	{ "url",    'u',                                                                                               \
	  OPT_TEXT, offsetof(T, consumer.url),                                                                         \
	  "URL",    "Origin of the platform. Default: $SAMTYKKE_URL, else http://127.0.0.1:8080." },                   \
		{ "issuer", 0,                                                                                         \
		  OPT_TEXT, offsetof(T, consumer.issuer),                                                              \
		  "URL",    "Token issuer. Default: $SAMTYKKE_ISSUER, else the origin and a slash." },                 \
		{ "client-id", 'i',                                                                                    \
		  OPT_TEXT,    offsetof(T, consumer.client_id),                                                        \
		  "ID",        "Registered client. Default: $SAMTYKKE_CLIENT_ID." },                                   \
		{ "key",    'k',                                                                                       \
		  OPT_TEXT, offsetof(T, consumer.key),                                                                 \
		  "FILE",   "The client's private key as JWK. Default: $SAMTYKKE_CLIENT_KEY." },                       \
		{ "consumer-org", 0,                                                                                   \
		  OPT_TEXT,       offsetof(T, consumer.consumer_org),                                                  \
		  "ORGNO",        "Act as a supplier for this organisation." },                                        \
	{                                                                                                              \
		"system-time", 0, OPT_FLAG, offsetof(T, consumer.system_time), NULL,                                   \
			"Trust this machine's clock rather than the server's Date header."                             \
	}

/* 0, or 1 after saying why on stderr. The client is the caller's to destroy. */
int consumer_client(const char *name, const struct consumer_opts *o, struct arena *a, struct samtykke_client **out);
const char *consumer_url(const struct consumer_opts *o);
const char *consumer_client_id(const struct consumer_opts *o); /* NULL: nobody said */
const char *consumer_issuer(const struct consumer_opts *o, struct arena *a);
/* Says what went wrong; returns 1. c may be NULL. */
int consumer_failed(const char *name, const struct samtykke_client *c, enum samtykke_rc rc);
/* The same for an answer that is no success. */
int consumer_refused(const char *name, int status, struct str body);
/* A verifier with keys from `jwks`, a file or an address; NULL: found through the issuer's discovery document. The rest
 * of the options is the caller's. 0, or 1 after saying why. */
int consumer_verifier(const char *name, struct arena *a, const char *jwks, struct samtykke_verifier_options *v,
		      struct samtykke_verifier **out);
static inline void consumer_verifier_closep(struct samtykke_verifier **v)
{
	samtykke_verifier_destroy(*v);
}
static inline void consumer_closep(struct samtykke_client **c)
{
	samtykke_client_destroy(*c);
}
