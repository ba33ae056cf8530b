/* Tokens that `token get` has fetched, one file each, under a name that says what was asked for. */
#pragma once
#include "cli/consumer_internal.h"

#define CACHE_SPARE_S 10      /* a token is not handed out closer than this to its end */
#define CACHE_KEEP_S 86400    /* files that are older are removed; no token lives longer */
#define CACHE_MAX_TOKEN 65536 /* bytes of a file */

struct cache_key {
	const struct consumer_opts *consumer;
	const char *scope;
	const char *consent;
	const char *from;
};

/* The file's path; absent: there is no place for one. `dir` NULL: $XDG_CACHE_HOME/samtykke, or ~/.cache/samtykke. */
struct str cache_path(struct arena *a, const char *dir, const struct cache_key *k);
/* A token that the issuer's present keys verify, at the server's time (--system-time: this machine's), and whose
 * consent stands, as the status list has it. Absent: there is none, and it does not matter why. */
struct str cache_get(struct arena *a, struct str path, const struct cache_key *k);
/* Readable by its owner only. A cache that cannot be written is as good as none. */
void cache_put(struct arena *a, struct str path, const char *token);
