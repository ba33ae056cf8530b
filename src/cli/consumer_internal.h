/* The parts of commands that speak to a platform as a client: addresses, the client's key, errors, a verifier. */
#pragma once
#include "cli/internal.h"
#include "samtykke/samtykke.h"

/* First member, named consumer, of the options of each such command. */
struct consumer_opts {
	const char *url;
	const char *cacert;
	const char *issuer;
	const char *client_id;
	const char *key;
	const char *consumer_org;
	bool system_time;
};
// clang-format off
#define CONSUMER_URL_ROW(T) \
	{ "url", 'u', OPT_TEXT, offsetof(T, consumer.url), "URL", \
	  "Origin of the platform. Default: $SAMTYKKE_URL, else http://127.0.0.1:8080." }, \
	{ "cacert", 0, OPT_TEXT, offsetof(T, consumer.cacert), "FILE", \
	  "Certificate authorities for https (PEM), in place of the system's. Default: $SAMTYKKE_CACERT." }
#define CONSUMER_ROWS(T) \
	CONSUMER_URL_ROW(T), \
	{ "issuer", 0, OPT_TEXT, offsetof(T, consumer.issuer), "URL", \
	  "Token issuer. Default: $SAMTYKKE_ISSUER, else the origin and a slash." }, \
	{ "client-id", 'i', OPT_TEXT, offsetof(T, consumer.client_id), "ID", \
	  "Registered client. Default: $SAMTYKKE_CLIENT_ID." }, \
	{ "key", 'k', OPT_TEXT, offsetof(T, consumer.key), "FILE", \
	  "The client's private key as JWK. Default: $SAMTYKKE_CLIENT_KEY." }, \
	{ "consumer-org", 0, OPT_TEXT, offsetof(T, consumer.consumer_org), "ORGNO", \
	  "Act as a supplier for this organisation." }, \
	{ "system-time", 0, OPT_FLAG, offsetof(T, consumer.system_time), NULL, \
	  "Use this machine's clock instead of the server's Date header." }
// clang-format on

/* Addresses and ids: the option, else the environment, else the default. Text is borrowed from the options, from the
 * environment or from `a`. */
const char *consumer_url(const struct consumer_opts *o);
const char *consumer_cacert(const struct consumer_opts *o);    /* NULL: the system's authorities */
const char *consumer_client_id(const struct consumer_opts *o); /* NULL: none is given */
const char *consumer_issuer(const struct consumer_opts *o, struct arena *a);

/* Makes a client with the key file that the options name. Returns 0, or 1 after one line on stderr. The caller destroys
 * *out (consumer_closep). */
int consumer_client(const struct command *c, const struct consumer_opts *o, struct arena *a,
		    struct samtykke_client **out);
/* Makes a verifier with the key set in `jwks`, a file or an address; NULL: the issuer's discovery document names it.
 * altinn2: it is the key set of Altinn 2's tokens, which must be named. The caller has filled in the other members of
 * `v`. Returns 0, or 1 after one line on stderr. The caller destroys *out. */
int consumer_verifier(const struct command *c, struct arena *a, const char *jwks, bool altinn2,
		      struct samtykke_verifier_options *v, struct samtykke_verifier **out);

/* Returns 0 if the text is a UUID, or 1 after one line on stderr. */
int consumer_uuid(const struct command *c, const char *text);
/* Writes why a call of the library failed: the server's answer for SAMTYKKE_REFUSED, else the text of `rc`. `client`
 * may be NULL. Returns 1. */
int consumer_failed(const struct command *c, const struct samtykke_client *client, enum samtykke_rc rc);
/* Writes why the key set, which a verifier got as `jwks`, cannot be had. Returns 1. */
int consumer_keys_unavailable(const struct command *c, const struct consumer_opts *o, struct arena *a,
			      const char *jwks);
/* Writes status and body of an answer that is not a success. Returns 1. */
int consumer_refused(const struct command *c, int status, struct str body);

/* Reads KEY=VALUE texts into *out: key, value, key, value, …, NULL. `option` names the option in the error line.
 * Returns 0, or 1 after one line on stderr. */
int consumer_pairs(const struct command *c, const char *option, const struct opt_list *list, struct arena *a,
		   const char ***out);

/* For CLEANUP. */
static inline void consumer_closep(struct samtykke_client **client)
{
	samtykke_client_destroy(*client);
}
static inline void consumer_answer_closep(struct samtykke_answer **answer)
{
	samtykke_answer_destroy(*answer);
}
static inline void consumer_token_closep(struct samtykke_token **token)
{
	samtykke_token_destroy(*token);
}
static inline void consumer_verifier_closep(struct samtykke_verifier **v)
{
	samtykke_verifier_destroy(*v);
}
