/* A login under way at the OpenID provider. The server keeps nothing of it: the `state` that travels with the browser
 * through the provider has everything, encrypted and authenticated (AES-256-GCM). A state counts only in the browser
 * that began the login. All processes on one store take each other's states. */
#pragma once
#include "base/arena.h"

#define LOGIN_LIFE_S 900       /* from the redirect to the provider to the return from it */
#define LOGIN_KEY_BYTES 32     /* of the key that seals states */
#define LOGIN_RANDOM_BYTES 32  /* of nonce and verifier each */
#define LOGIN_BACK_MAX 2000    /* bytes of `back` */
#define LOGIN_STATE_BYTES 2108 /* of the longest state before its encoding: `back` has LOGIN_BACK_MAX bytes */
#define LOGIN_STATE_MAX 2811   /* characters of the longest state */

struct login {
	uint8_t nonce[LOGIN_RANDOM_BYTES];
	uint8_t verifier[LOGIN_RANDOM_BYTES]; /* of PKCE */
	struct str back;  /* local address of the page after the login, at most LOGIN_BACK_MAX bytes */
	int64_t level;    /* lowest level that will do, 0 to 4; 0 = the level of the settings */
	bool fresh;       /* the person must authenticate again, whatever session the provider has */
	int64_t created;  /* real time */
	uint8_t hash[32]; /* SHA-256 of the sealed state: set by login_state_open alone */
};

/* The key that belongs to the store's secret (store/status.h). */
void login_state_key(const uint8_t secret[32], uint8_t out[LOGIN_KEY_BYTES]);
/* The state of a login that begins in the browser. browser: 32 bytes (gate.h, login_browser_hash). */
MUST_USE enum rc login_state_seal(struct arena *a, const uint8_t key[LOGIN_KEY_BYTES], struct str browser,
				  const struct login *l, struct str *out);
/* RC_NOT_FOUND: no process on this store has made the state, or another browser began the login. `back` lives in `a`.
 */
MUST_USE enum rc login_state_open(struct arena *a, const uint8_t key[LOGIN_KEY_BYTES], struct str browser,
				  struct str state, struct login *out);
/* false: the login began longer than LOGIN_LIFE_S ago, or while the machine's clock was ahead. now: real time. */
bool login_state_live(const struct login *l, int64_t now);
