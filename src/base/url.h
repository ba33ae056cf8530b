/* Addresses (RFC 3986) and forms. */
#pragma once
#include "base/buf.h"

/* The parts of an absolute URI: spans of the input. An absent part is STR_NONE. */
struct url {
	struct str scheme;    /* as written */
	struct str authority; /* "user@host:port"; absent without "//" */
	struct str host;      /* without brackets, in the case of the input */
	struct str port;
	struct str path;
	struct str query;
	struct str fragment;
};
/* RC_INVALID: no scheme, a broken percent-escape, or a character that a URI may not hold there. */
MUST_USE enum rc url_parse(struct str s, struct url *out);
/* Is it an http or https address that browsers (WHATWG URL), libcurl and url_parse read as the same origin? It has no
 * user information, and its port is at most 65535. Its host is an IPv6 address in brackets, an IPv4 address of four
 * decimal numbers, or a name: labels of 1 to 63 letters, digits, - and _, in all at most 253 characters. With `idn` a
 * label may also have percent-escapes of octets from %80 on, which browsers map to another name. */
bool url_is_web(const struct url *u, bool idn);
/* Is its host this machine: 127.0.0.0/8, ::1 in any form, or the name localhost? */
bool url_is_loopback(const struct url *u);
/* The address in ASCII: other bytes are percent-encoded (RFC 3987 §3.1). So are, behind the authority, the characters
 * []{}|^`"<> that frameworks write there and RFC 3986 does not know. */
struct str url_ascii(struct arena *a, struct str s);
/* Decodes %XX, and '+' as a space when plus_is_space is set (queries, forms). RC_INVALID: a broken escape, or a zero
 * byte. */
MUST_USE enum rc url_decode(struct arena *a, struct str s, bool plus_is_space, struct str *out);

struct pair {
	struct str key;
	struct str value;
	struct pair *next;
};
#define URL_MAX_PAIRS 64
/* Reads a=1&b=2 into a list in `a`, in order. An empty text gives NULL. RC_INVALID: a broken escape. RC_TOO_LARGE: more
 * than URL_MAX_PAIRS pairs. */
MUST_USE enum rc url_pairs(struct arena *a, struct str s, struct pair **out);
/* The pair of that key. NULL: there is none, or there are several: programs differ in which of them counts. */
const struct pair *pair_get(const struct pair *list, const char *key);
const struct pair *pair_get_icase(const struct pair *list, const char *key); /* ASCII case ignored */
size_t pair_count(const struct pair *list, const char *key);
