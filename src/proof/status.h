/* Token Status Lists (draft-ietf-oauth-status-list): a verifier learns from a signed list of bits that a consent has
 * ended, without telling anybody which one it asks about.
 *
 * A consent's list and index follow from its row key and the store's secret: nothing is written when a token is issued,
 * every process says the same, and no index is ever used twice. Within a list the indexes lie as if drawn at random. A
 * bit is set from the moment at which the consent is revoked, used up or expired. */
#pragma once
#include "keys/keyring.h"
#include "store/status.h"

#define STATUS_TTL_MAX_S 15
#define STATUS_LISTS_KEPT 32  /* in memory at one time; the one not asked for the longest makes room */
#define STATUS_WANTED_MAX 256 /* lists that wait for a look; more wait for the next one */
#define STATUS_BYTES (STATUS_LIST_SIZE / 8)

struct status_lists; /* may be used by many threads at once */
struct status_config {
	struct store *store;
	struct keyring *keys;
	enum jose_alg alg;     /* of the lists' signatures */
	struct str public_url; /* origin, no trailing slash */
	int64_t ttl_s;         /* 1 … STATUS_TTL_MAX_S: how long a verifier may keep a copy */
};
/* Reads the store's secret, or makes it. */
MUST_USE enum rc status_open(const struct status_config *c, struct status_lists **out);
void status_close(struct status_lists *s); /* s may be NULL; nobody may be in status_work */

/* Where a consent with that row key stands in its list, key / STATUS_LIST_SIZE. */
uint32_t status_index(const struct status_lists *s, int64_t key);
/* The value of the token's claim "status". */
struct str status_claim(const struct status_lists *s, struct arena *a, int64_t key);

/* The signed list as it was at `since` (clock_mono) or later, copied into `a`. RC_BUSY: nobody has looked since; the
 * next status_work does. RC_NOT_FOUND: there is no such list. */
MUST_USE enum rc status_get(struct status_lists *s, struct arena *a, int64_t list, int64_t since, struct str *out);
int64_t status_ttl(const struct status_lists *s); /* s */

/* One thread's work: waits until a list is wanted, reads what has changed in those that are, and signs them again where
 * a bit turned or the copy is older than ttl. RC_NOT_FOUND: status_stop was called. Other rcs: the store or the keys
 * could not be had, and what was wanted must be asked for again. */
MUST_USE enum rc status_work(struct status_lists *s);
void status_stop(struct status_lists *s);

/* The list's bits as the claim "lst" holds them: zlib, base64url. */
MUST_USE enum rc status_pack(struct arena *a, const uint8_t bits[STATUS_BYTES], struct str *lst_out);
