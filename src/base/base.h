/* The ground that every other file stands on: result codes, spans of text, scoped cleanup.
 * Rules of the house: docs/HACKING.md. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* One list makes the enum, its names (rc_name) and, in http/problem.c, the HTTP meaning. */
#define RC_LIST(X)                                                                                                     \
	X(OK, 200, NULL)                           /* done: go on */                                                   \
	X(ANSWERED, 200, "answered")               /* the answer to the request is written already: pass it on */      \
	X(INVALID, 400, "invalid")                 /* the input is wrong; nothing was changed */                       \
	X(UNAUTHENTICATED, 401, "unauthenticated") /* nobody is known to be calling */                                 \
	X(DENIED, 403, "denied")                   /* known, and not allowed */                                        \
	X(NOT_FOUND, 404, "not-found")             /* no such thing */                                                 \
	X(CONFLICT, 409, "conflict")               /* a guard matched zero rows: somebody was there first */           \
	X(TOO_LARGE, 413, "too-large")             /* a named limit was passed */                                      \
	X(STALE, 503, "stale")                     /* decided on an old registry version: read it, again */            \
	X(BUSY, 503, "busy")                       /* a queue is full or the disk is: later, again */                  \
	X(UNCERTAIN, 500, "outcome-unknown")       /* the commit may or may not have happened: re-read */              \
	X(FAIL, 500, "internal")                   /* a fault of ours or of something below us */

#define RC_ENUM(name, status, type) RC_##name,
enum rc { RC_LIST(RC_ENUM) RC__MAX };
#undef RC_ENUM

/* "ok", "invalid" …; static text. */
const char *rc_name(enum rc rc);

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The only macro that hides control flow. */
#define TRY(expr)                                                                                                      \
	do {                                                                                                           \
		enum rc rc_ = (expr);                                                                                  \
		if (rc_ != RC_OK)                                                                                      \
			return rc_;                                                                                    \
	} while (0)

/* Text or bytes: pointer and length, never owned, '\0' is no delimiter. {NULL, 0} is "absent". */
struct str {
	const char *p;
	size_t n;
};

#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })
#define STR_INIT(lit)                                                                                                  \
	{                                                                                                              \
		"" lit, sizeof(lit) - 1                                                                                \
	} /* for static tables */
#define STR_NONE ((struct str){ NULL, 0 })
#define STR_FMT(s) (int)(s).n, (s).p /* for "%.*s" */

static inline struct str str_of(const char *z) /* z may be NULL: absent */
{
	return z ? (struct str){ z, strlen(z) } : STR_NONE;
}
static inline struct str str_span(const void *p, size_t n)
{
	return (struct str){ (const char *)p, n };
}
static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool str_is(struct str a, const char *z)
{
	return str_eq(a, str_of(z));
}
/* ASCII letters compare without case; everything else byte for byte. */
bool str_ieq(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Index of the first `needle`, or -1. */
ptrdiff_t str_find(struct str s, struct str needle);
/* Splits at the first `sep`: false (and *head_out = s, *tail_out absent) when there is none. */
bool str_cut(struct str s, char sep, struct str *head_out, struct str *tail_out);
/* The next part of *rest, which is cut at `sep` and moves behind it. Parts may be empty: an empty text has one part,
 * "a," has two. false: nothing is left, which an absent *rest says. */
bool str_next(struct str *rest, char sep, struct str *part_out);
/* Order of bytes; a text stands before every longer one that it begins. Negative, 0 or positive. */
int str_cmp(struct str a, struct str b);
int str_cmp_qsort(const void *a, const void *b); /* str_cmp for arrays of struct str */
/* Is `s` one of the n texts of `list`? Exact match; an absent text equals an empty one. */
bool str_in(struct str s, const struct str *list, size_t n);
/* Nothing but ASCII letters, digits and the characters of `more`. */
bool str_only(struct str s, const char *more);
struct str str_trim(struct str s); /* without leading and trailing ASCII white space */
/* Decimal, no sign, no blanks, no overflow; whole span. */
MUST_USE enum rc str_u64(struct str s, uint64_t *out);
/* Is `word` one of the tokens of `list`, separated by single or several spaces? Exact match. */
bool str_has_word(struct str list, struct str word);
/* True when s is well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF). */
bool str_utf8(struct str s);
/* Same time whatever the content, for secrets of equal length. */
bool str_eq_secret(struct str a, struct str b);
