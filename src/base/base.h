/* What every other file includes: result codes, spans of text, scoped cleanup. Rules of the code: docs/HACKING.md. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The result codes. The enum, its names (rc_name) and the HTTP status and problem type (http/problem.c) come from this
 * list. */
#define RC_LIST(X)                                                                                                     \
	X(OK, 200, NULL)                           /* done: go on */                                                   \
	X(ANSWERED, 200, "answered")               /* the answer to the request is written already: pass it on */      \
	X(INVALID, 400, "invalid")                 /* the input is wrong; nothing was changed */                       \
	X(UNAUTHENTICATED, 401, "unauthenticated") /* the caller is not known */                                       \
	X(DENIED, 403, "denied")                   /* the caller is known and may not */                               \
	X(NOT_FOUND, 404, "not-found")             /* the thing does not exist */                                      \
	X(CONFLICT, 409, "conflict")               /* a guard matched no row: another change came first */             \
	X(TOO_LARGE, 413, "too-large")             /* a named limit was passed */                                      \
	X(STALE, 503, "stale")                     /* decided on an old registry version: read it and try again */     \
	X(BUSY, 503, "busy")                       /* a queue or the disk is full: try again later */                  \
	X(UNCERTAIN, 500, "outcome-unknown")       /* the commit may have happened or not: read again */               \
	X(FAIL, 500, "internal")                   /* a fault of the program or of a system below it */

#define RC_ENUM(name, status, type) RC_##name,
enum rc { RC_LIST(RC_ENUM) RC__MAX };
#undef RC_ENUM

/* "ok", "invalid" …; "unknown" for any other number. Static text. */
const char *rc_name(enum rc rc);

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Returns the code of `expr` unless it is RC_OK. The only macro that hides control flow. */
#define TRY(expr)                                                                                                      \
	do {                                                                                                           \
		enum rc rc_ = (expr);                                                                                  \
		if (rc_ != RC_OK)                                                                                      \
			return rc_;                                                                                    \
	} while (0)

/* Text or bytes: a borrowed pointer and a length. '\0' is a byte like any other. {NULL, 0} means "absent". */
struct str {
	const char *p;
	size_t n;
};

#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })
#define STR_INIT(lit)                                                                                                  \
	{                                                                                                              \
		"" lit, sizeof(lit) - 1                                                                                \
	} /* for static tables, where a compound literal is no constant */
#define STR_NONE ((struct str){ NULL, 0 })
#define STR_FMT(s) (int)(s).n, (s).p /* for "%.*s" */

static inline struct str str_of(const char *z) /* NULL gives an absent text */
{
	return z ? (struct str){ z, strlen(z) } : STR_NONE;
}
static inline struct str str_span(const void *p, size_t n)
{
	return (struct str){ (const char *)p, n };
}
/* Byte for byte; an absent text equals an empty one. */
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
/* Index of the first `needle`, -1 when there is none; an empty needle is found at 0. */
ptrdiff_t str_find(struct str s, struct str needle);
/* Splits at the first `sep`. false: there is none; then *head_out is s and *tail_out is absent. */
bool str_cut(struct str s, char sep, struct str *head_out, struct str *tail_out);
/* The next part of *rest, which is cut at `sep` and moves behind it. Parts may be empty: an empty text has one part,
 * "a," has two. false: nothing is left, which an absent *rest says. */
bool str_next(struct str *rest, char sep, struct str *part_out);
/* Order of bytes; a text stands before every longer one that it begins. Negative, 0 or positive. */
int str_cmp(struct str a, struct str b);
int str_icmp(struct str a, struct str b);        /* the same, with ASCII capitals as small letters */
int str_cmp_qsort(const void *a, const void *b); /* str_cmp for arrays of struct str */
/* Is `s` one of the n texts of `list`? Exact match; an absent text equals an empty one. */
bool str_in(struct str s, const struct str *list, size_t n);
/* For tables: equal texts have equal hashes, and any of its bits may choose the place. Whoever chooses the texts can
 * make them collide. */
uint64_t str_hash(struct str s);
/* true when every byte is an ASCII letter, a digit or a character of `more`. An empty text passes. */
bool str_only(struct str s, const char *more);
struct str str_trim(struct str s); /* without leading and trailing ASCII white space */
/* The whole span as a decimal number. RC_INVALID: empty, a sign, a blank or any other character, or an overflow. */
MUST_USE enum rc str_u64(struct str s, uint64_t *out);
/* Is `word` one of the words of `list`, which one or more spaces separate? Exact match; an empty word is none. */
bool str_has_word(struct str list, struct str word);
/* True when s is well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF). */
bool str_utf8(struct str s);
/* Overwrites a secret that lives in memory of the caller's; an absent text is allowed. The compiler does not leave it
 * out. Arenas do the same at their end: this is for secrets that are over earlier. */
void str_wipe(struct str s);
/* str_eq for secrets: the time depends on the lengths alone, not on the bytes. */
bool str_eq_secret(struct str a, struct str b);
