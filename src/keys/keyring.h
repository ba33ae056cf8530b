/* Signing keys: loaded from the store, unsealed with the master key or found in a PKCS#11 token; one of each algorithm
 * signs, several are published. */
#pragma once
#include "base/clock.h"
#include "jose/jose.h"
#include "store/keys.h"

#define KEYRING_MAX 16 /* keys that are published at one time */
/* Verifiers keep the key set for a day, and what they fetch may come from an HTTP cache, an hour old (our max-age), or
 * from a process that has not looked for some seconds; the longest token lives two hours. */
#define KEYRING_LEAD (48 * CLOCK_HOUR)     /* published before its first use, unless told otherwise */
#define KEYRING_LEAD_MIN (26 * CLOCK_HOUR) /* less only on demand */
#define KEYRING_KEEP (48 * CLOCK_HOUR)     /* published after its last use */
#define KEYRING_KEEP_MIN (26 * CLOCK_HOUR)
#define KEYRING_BITS 2048
#define KEYRING_BITS_MAX 4096
struct keyring;

/* The keys that sign in the sandbox: a private JWK set, one key an algorithm. It is compiled in, fixed and public. */
struct str keyring_sandbox_jwks(void);

/* What access tokens may be signed with: RS256, PS256, ES256, EdDSA. RC_INVALID: none of these. */
MUST_USE enum rc keyring_alg(struct str name, enum jose_alg *out);
#define KEYRING_ALGS "RS256, PS256, ES256, EdDSA"

struct keyring_config {
	const uint8_t *master; /* 32 bytes; NULL: private parts in the store cannot be read, only published keys */
	struct str fixed_jwks; /* sandbox: the published test keys (private JWK set); absent otherwise */
	struct p11 *token;     /* where token keys lie; NULL: those are only published; outlives the ring */
};
/* RC_NOT_FOUND: no active key. RC_DENIED: the master key does not open the store's keys, or the store holds the
 * sandbox's published key and fixed_jwks is absent. */
MUST_USE enum rc keyring_open(struct store *s, const struct keyring_config *c, struct keyring **out);
void keyring_close(struct keyring *k);
/* Re-reads the store when its key rows changed; called with the registry's refresh. */
MUST_USE enum rc keyring_refresh(struct keyring *k);

/* The key of that algorithm that signs at clock_now(). Borrowed until keyring_close, whatever happens to the key
 * meanwhile. RC_NOT_FOUND: none. */
MUST_USE enum rc keyring_signer(struct keyring *k, enum jose_alg alg, struct signer **out);
/* RC_NOT_FOUND: no key of `alg` signs now. RC_BUSY: a key that signs now lies in a token that does not answer. */
MUST_USE enum rc keyring_ready(struct keyring *k, enum jose_alg alg);
/* Verifies a compact JWS with the published key its kid names; RC_DENIED. */
MUST_USE enum rc keyring_verify(struct keyring *k, const struct jws *s);
/* {"keys":[…]} with public members and x5c. */
void keyring_write_jwks(struct keyring *k, struct jsw *w);
/* The same with the keys of `s` that are published no longer and were not compromised: for documents that outlive the
 * keys they are signed with, never for tokens. */
MUST_USE enum rc keyring_write_past(struct keyring *k, struct store *s, struct arena *a, struct jsw *w);

/* ---- `samtykke key` ---- */

/* A key is published, then signs, then is retired but still published, then removed. Its row stays, so that its kid is
 * never given again. KEY_IDLE: it could sign, but a newer one of its algorithm does. */
enum key_state { KEY_WAITING, KEY_ACTIVE, KEY_IDLE, KEY_RETIRED, KEY_REMOVED, KEY_STATE__MAX };
const char *key_state_name(enum key_state s);
struct key_info {
	struct key_row row;
	enum key_state state;
};
/* By published, removed ones too. */
MUST_USE enum rc keyring_list(struct store *s, struct arena *a, int64_t now, struct key_info *out[], size_t *n_out);
/* Does a key of `alg` sign now? RC_NOT_FOUND. */
MUST_USE enum rc keyring_signs(struct reader *r, enum jose_alg alg);

struct key_order {
	enum jose_alg alg;
	unsigned bits;         /* of an RSA key; 0: KEYRING_BITS */
	struct str subject;    /* of the certificate, see jwk_self_sign; absent: that of the key that is followed, or
				  "Samtykke" */
	const uint8_t *master; /* 32 bytes; NULL only with token_uri */
	struct str import;     /* private key in PEM; absent: a new one */
	struct str chain;      /* certificates in PEM; absent: self-signed */
	struct p11 *token;
	struct str token_uri; /* the pair lies there, or is made there; absent: it is kept in the store */
	/* µs; −1: KEYRING_LEAD (at once for the store's first key), KEYRING_KEEP */
	int64_t lead;
	int64_t keep;
	bool despite_caches; /* lead and keep may be less than verifiers' caches allow */
	const char *why;     /* out, when RC_INVALID */
};
/* Makes or takes a key, and stores it, its private part sealed. RC_TOO_LARGE: KEYRING_MAX keys are published.
 * RC_DENIED: it would be the sandbox's published key. RC_CONFLICT: its kid has been used. RC_BUSY: the token does not
 * answer. */
MUST_USE enum rc keyring_create(struct store *s, struct arena *a, struct key_order *o, struct str *kid_out);
/* Publishes a new key that signs `lead` from now, and retires those of its algorithm then that are not told to end, or,
 * where all are, those that end last; they are removed `keep` after that. RC_NOT_FOUND: there is none to follow. Else
 * as keyring_create. */
MUST_USE enum rc keyring_rotate(struct store *s, struct arena *a, struct key_order *o, struct str *kid_out);
/* A removed key can still be told to be compromised: it is no longer in keyring_write_past then.
 * Ends a key's signing now and its publication `keep` later (−1: KEYRING_KEEP; 0 with `compromised`). Where it waits,
 * those that would make way for it go on, as long as it would have. RC_NOT_FOUND. RC_INVALID with why: it is retired
 * already, keep is too short, or no key of its algorithm would sign, now or at a time that is planned (unless `last`).
 */
struct key_end {
	struct str kid;
	int64_t keep;
	bool compromised;
	bool last;
	const char *why;
	struct key_row *going_on; /* out: with their new times */
	size_t n_going_on;
};
MUST_USE enum rc keyring_retire(struct store *s, struct arena *a, struct key_end *e);
/* A certification request for the key, in PEM. subject absent: its certificate's. RC_NOT_FOUND; RC_DENIED: the master
 * key does not open it. */
MUST_USE enum rc keyring_csr(struct store *s, struct arena *a, struct str kid, const struct key_order *with,
			     struct str *pem_out);
/* Puts a chain in the place of the key's certificate. RC_NOT_FOUND; RC_INVALID with why. */
MUST_USE enum rc keyring_certify(struct store *s, struct arena *a, struct str kid, struct str chain,
				 const char **why_out);
/* Seals every private part under another master key, all or none. RC_DENIED: `from` does not open one. */
MUST_USE enum rc keyring_rekey(struct store *s, struct arena *a, const uint8_t from[32], const uint8_t to[32],
			       size_t *n_out);
