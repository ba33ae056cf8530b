/* URLs and forms. */
#pragma once
#include "base/buf.h"

/* Spans into the input; absent parts are STR_NONE. Generic syntax of RFC 3986, absolute only. */
struct url {
	struct str scheme;    /* as written */
	struct str authority; /* "user@host:port"; absent when there is no "//" */
	struct str host;      /* without brackets; lower-casing is the caller's */
	struct str port;
	struct str path;
	struct str query;
	struct str fragment;
};
/* RC_INVALID: no scheme, blanks or control characters, bad percent-escapes, characters no URI may hold. */
MUST_USE enum rc url_parse(struct str s, struct url *out);
/* The same address in ASCII: bytes of UTF-8 beyond it are percent-encoded (RFC 3987 §3.1). */
struct str url_ascii(struct arena *a, struct str s);
/* %XX → byte; %00 and broken escapes are RC_INVALID. plus_is_space for query and form values. */
MUST_USE enum rc url_decode(struct arena *a, struct str s, bool plus_is_space, struct str *out);

struct pair {
	struct str key;
	struct str value;
	struct pair *next;
};
#define URL_MAX_PAIRS 64
/* a=1&b=2 → list in order. RC_INVALID on broken escapes, RC_TOO_LARGE past URL_MAX_PAIRS. Empty text: no pairs. */
MUST_USE enum rc url_pairs(struct arena *a, struct str s, struct pair **out);
const struct pair *pair_get(const struct pair *list, const char *key);
const struct pair *pair_get_icase(const struct pair *list, const char *key);
size_t pair_count(const struct pair *list, const char *key);
