/* Tokens that `token get` has fetched. Each is kept in one file, whose name is a hash of the request for the token. */
#pragma once
#include "cli/consumer_internal.h"

#define CACHE_SPARE_S 10      /* a token is not used in the last seconds before it expires */
#define CACHE_KEEP_S 86400    /* older files are removed; no token lives longer */
#define CACHE_MAX_TOKEN 65536 /* bytes of a file */

/* A request for a token. Two requests that differ in any member have different files. */
struct cache_key {
	const struct consumer_opts *consumer; /* issuer, client and consumer organisation count */
	const char *scope;
	const char *consent; /* NULL: none */
	const char *from;    /* NULL: none */
};

/* Path of the file. `dir` NULL: $XDG_CACHE_HOME/samtykke, else ~/.cache/samtykke. Absent: there is no such directory,
 * because neither variable is set. */
struct str cache_path(struct arena *a, const char *dir, const struct cache_key *k);
/* The token in the file, if only its owner can read the file, the issuer's present keys verify the token, it does not
 * expire within CACHE_SPARE_S, and its consent has not ended according to the status list. Asks the issuer for keys,
 * time (unless --system-time) and status. Absent in every other case, and if `path` is absent. */
struct str cache_get(struct arena *a, struct str path, const struct cache_key *k);
/* Writes the token to the file, readable by its owner only, and removes old files beside it. Failures are ignored: the
 * next run fetches a new token. `path` is one of cache_path, or absent. */
void cache_put(struct arena *a, struct str path, const char *token);
