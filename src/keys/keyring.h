/* Signing keys: loaded from the store, unsealed with the master key or found in a PKCS#11 token. One key of each
 * algorithm signs, several are published. A ring may be used by any number of threads at once. */
#pragma once
#include "base/clock.h"
#include "jose/jose.h"
#include "store/keys.h"

#define KEYRING_MAX 16 /* keys that are published at one time */
/* Verifiers keep the key set for a day. They may fetch it from an HTTP cache that is an hour old (our max-age), or from
 * a process that has not read the store for some seconds. The longest token lives two hours. */
#define KEYRING_LEAD (48 * CLOCK_HOUR)     /* published before the first use, by default */
#define KEYRING_LEAD_MIN (26 * CLOCK_HOUR) /* less only with despite_caches */
#define KEYRING_KEEP (48 * CLOCK_HOUR)     /* published after the last use, by default */
#define KEYRING_KEEP_MIN (26 * CLOCK_HOUR)
#define KEYRING_BITS 2048
#define KEYRING_BITS_MAX 4096
struct keyring;

/* The keys that sign in the sandbox: a private JWK set with one key of each algorithm. It is compiled in and public. */
struct str keyring_sandbox_jwks(void);
/* The same for the tokens of Altinn 2: two RSA keys, of which the first signs and the second is published only. */
struct str keyring_sandbox_altinn2(void);

/* The algorithm of that name; RC_INVALID: access tokens are not signed with it. */
MUST_USE enum rc keyring_alg(struct str name, enum jose_alg *out);
#define KEYRING_ALGS "RS256, PS256, ES256, EdDSA" /* the names that keyring_alg takes */

struct keyring_config {
	const uint8_t *master;    /* 32 bytes; NULL: the store's keys are published and do not sign */
	struct str fixed_jwks;    /* sandbox: keyring_sandbox_jwks(); absent otherwise */
	struct str fixed_altinn2; /* sandbox: keyring_sandbox_altinn2(); absent otherwise */
	struct p11 *token;        /* must outlive the ring; NULL: keys in a token are published and do not sign */
};
/* Opens a ring; the caller calls keyring_close. `s` must outlive it. RC_NOT_FOUND: no key signs. RC_DENIED: the master
 * key does not open the store's keys, or the store holds a key of the sandbox and fixed_jwks is absent. */
MUST_USE enum rc keyring_open(struct store *s, const struct keyring_config *c, struct keyring **out);
void keyring_close(struct keyring *k); /* k may be NULL */
/* Reads the key rows again when the registry has another epoch; called with the registry's refresh. */
MUST_USE enum rc keyring_refresh(struct keyring *k);

/* The signer of that algorithm at clock_now(). Borrowed until keyring_close, even when the key is retired or removed
 * meanwhile. RC_NOT_FOUND: none. */
MUST_USE enum rc keyring_signer(struct keyring *k, enum jose_alg alg, struct signer **out);
/* The signer of Altinn 2's tokens, by a key of KEY_USE_ALTINN2 alone. Else as keyring_signer. */
MUST_USE enum rc keyring_altinn2_signer(struct keyring *k, struct signer **out);
/* RC_NOT_FOUND: no key of `alg` signs now. RC_BUSY: a key that signs now lies in a token that does not answer. */
MUST_USE enum rc keyring_ready(struct keyring *k, enum jose_alg alg);
/* Verifies a compact JWS with the published key that its kid names. RC_DENIED: it has no such key or is not signed with
 * it. */
MUST_USE enum rc keyring_verify(struct keyring *k, const struct jws *s);
/* Writes {"keys":[…]}: public members and x5c of the published keys. */
void keyring_write_jwks(struct keyring *k, struct jsw *w);
/* Writes {"keys":[…]} of the keys for Altinn 2, the one that signs first: kid and x5t alike, n in ordinary base64 (spec
 * altinn2.md section 7). */
void keyring_write_altinn2_jwks(struct keyring *k, struct jsw *w);
/* Writes the same as keyring_write_jwks with the removed keys of `s`, except for compromised ones. For documents that
 * outlive the keys they are signed with, never for tokens. */
MUST_USE enum rc keyring_write_past(struct keyring *k, struct store *s, struct arena *a, struct jsw *w);

/* ---- `samtykke key` ---- */

/* A key is published, then signs, then is retired but still published, then removed. Its row stays, so that its kid is
 * never given to another key. KEY_IDLE: it could sign, but a newer key of its algorithm does. */
enum key_state { KEY_WAITING, KEY_ACTIVE, KEY_IDLE, KEY_RETIRED, KEY_REMOVED, KEY_STATE__MAX };
const char *key_state_name(enum key_state s);
struct key_info {
	struct key_row row;
	enum key_state state;
};
/* All keys, removed ones too, in order of `published`; the array lives in `a`. */
MUST_USE enum rc keyring_list(struct store *s, struct arena *a, int64_t now, struct key_info *out[], size_t *n_out);
/* Does a key of `alg` sign now? RC_NOT_FOUND. */
MUST_USE enum rc keyring_signs(struct reader *r, enum jose_alg alg);

struct key_order {
	enum jose_alg alg;
	struct str use;        /* KEY_USE_TOKEN, or KEY_USE_ALTINN2 with JOSE_RS256: then the kid is the certificate's
				  thumbprint */
	unsigned bits;         /* of an RSA key; 0: KEYRING_BITS */
	struct str subject;    /* of the certificate, see jwk_self_sign; absent: that of the key that it
				  replaces, or "Samtykke" */
	const uint8_t *master; /* 32 bytes; NULL only with token_uri */
	struct str import;     /* private key in PEM; absent: a new one */
	struct str chain;      /* certificates in PEM; absent: self-signed */
	struct p11 *token;
	struct str token_uri; /* of the pair, which is made when there is none; absent: the key is kept in the store */
	/* µs; −1: KEYRING_LEAD (at once for the store's first key), KEYRING_KEEP */
	int64_t lead;
	int64_t keep;
	bool despite_caches; /* lead and keep may be shorter than verifiers' caches require */
	const char *why;     /* out, with RC_INVALID: static text */
};
/* Makes or imports a key and stores it with its private part sealed. *kid_out lives in `a`. RC_TOO_LARGE: KEYRING_MAX
 * keys are published. RC_INVALID with why. RC_DENIED: it is a key of the sandbox. RC_CONFLICT: its kid has been used.
 * RC_BUSY: the token does not answer. */
MUST_USE enum rc keyring_create(struct store *s, struct arena *a, struct key_order *o, struct str *kid_out);
/* Publishes a new key that signs after `lead`. The keys of its algorithm without a planned end are retired then, or,
 * when every one has a planned end, those that end last. They are removed `keep` later. RC_NOT_FOUND: no key of the
 * algorithm is there to be replaced. Else as keyring_create. */
MUST_USE enum rc keyring_rotate(struct store *s, struct arena *a, struct key_order *o, struct str *kid_out);
struct key_end {
	struct str kid;
	int64_t keep; /* µs; −1: KEYRING_KEEP, or 0 when it is compromised or never signed */
	bool compromised;
	bool last;       /* it may end although no key of its algorithm signs after it */
	const char *why; /* out, with RC_INVALID: static text */
	/* out: keys that were to make way for it and sign on, with their new times */
	struct key_row *going_on;
	size_t n_going_on;
};
/* Ends a key's signing now and its publication `keep` later. When the key still waits, the keys that were to make way
 * for it sign on for as long as it would have. A key that is removed already can only be marked as compromised, which
 * takes it out of keyring_write_past. RC_NOT_FOUND. RC_INVALID with why: it is retired already, keep is too short, or
 * no key of its algorithm would sign, now or from a planned time on (unless `last`). */
MUST_USE enum rc keyring_retire(struct store *s, struct arena *a, struct key_end *e);
/* Writes a certification request for the key, in PEM. Of `with` subject (absent: that of the key's certificate), master
 * and token are used. RC_NOT_FOUND. RC_DENIED: the master key does not open the key. RC_FAIL: the key needs a master
 * key or a token that `with` has not. */
MUST_USE enum rc keyring_csr(struct store *s, struct arena *a, struct str kid, const struct key_order *with,
			     struct str *pem_out);
/* Replaces the key's certificate by a chain in PEM. RC_NOT_FOUND. RC_INVALID with why. */
MUST_USE enum rc keyring_certify(struct store *s, struct arena *a, struct str kid, struct str chain,
				 const char **why_out);
/* Seals every private part with another master key, all of them or none; *n_out is their number. RC_DENIED: `from` does
 * not open one of them. */
MUST_USE enum rc keyring_rekey(struct store *s, struct arena *a, const uint8_t from[32], const uint8_t to[32],
			       size_t *n_out);
