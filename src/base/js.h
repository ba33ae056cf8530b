/* Strict JSON (RFC 8259) in an arena. Read-only tree; typed getters that fail and never coerce.
 *
 * Own parser, and the only one of the project: values are spans into the input or the arena, one
 * allocation a node, no reference counts; jansson took 12 µs for the same kilobyte, more than a whole
 * token check may cost. tests/unit compares its accept/reject answers with jansson's, tests/fuzz fuzzes it.
 *
 * Refused: trailing bytes, trailing commas, comments, leading zeros, NaN, control characters in
 * strings, lone surrogates, ill-formed UTF-8, byte order marks, \u0000, and, unless told otherwise,
 * duplicate member names. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"

enum js_type { JS_NULL, JS_BOOL, JS_NUMBER, JS_STRING, JS_ARRAY, JS_OBJECT, JS__MAX };

struct js {
	enum js_type type;
	bool b;         /* JS_BOOL */
	uint32_t n;     /* children of an array or an object */
	struct str s;   /* JS_STRING: decoded text; JS_NUMBER: its literal */
	struct str raw; /* the value as it stands in the input */
	struct str key; /* member name (decoded) when the parent is an object */
	const struct js *child;
	const struct js *next;
};

#define JS_MAX_DEPTH 32    /* nesting of arrays and objects */
#define JS_MAX_NODES 20000 /* values in one document, unless opts say otherwise */

struct js_opts {
	bool allow_duplicates; /* the last one wins in js_get; default: refused */
	/* 0 = the defaults above; depth can only be less */
	uint32_t max_depth;
	uint32_t max_nodes;
};
struct js_error {
	size_t at;        /* byte offset */
	const char *what; /* static text */
};

/* Parses the whole of `text`. RC_INVALID: *err_out (may be NULL) says where and why.
 * RC_TOO_LARGE: depth or nodes. The tree borrows `text` and lives in `a`. */
MUST_USE enum rc js_parse(struct arena *a, struct str text, const struct js_opts *opts, const struct js **out,
			  struct js_error *err_out);

/* Member of an object by exact name; NULL when absent or when o is NULL or no object. */
const struct js *js_get(const struct js *o, const char *key);
const struct js *js_get_str(const struct js *o, struct str key);
const struct js *js_get_icase(const struct js *o, const char *key); /* ASCII case ignored, last one wins */
const struct js *js_at(const struct js *a, uint32_t i);

#define JS_EACH(v, parent) for (const struct js *v = (parent) ? (parent)->child : NULL; v; v = v->next)

static inline bool js_is(const struct js *v, enum js_type t)
{
	return v && v->type == t;
}
/* Value of a string member; RC_NOT_FOUND when absent, RC_INVALID when it is something else (null too). */
MUST_USE enum rc js_member_str(const struct js *o, const char *key, struct str *out);
MUST_USE enum rc js_member_i64(const struct js *o, const char *key, int64_t *out);
MUST_USE enum rc js_member_bool(const struct js *o, const char *key, bool *out);
/* The strings of a list, copied into `a`, with an absent one after the last; other values are left out. NULL: v is no
 * list. */
struct str *js_strings(struct arena *a, const struct js *v, size_t *n_out);
/* A number that is a whole number within int64, written without fraction or exponent. */
MUST_USE enum rc js_i64(const struct js *v, int64_t *out);
/* NumericDate (RFC 7519 §2): a number that may have a fraction; out is rounded down to seconds. */
MUST_USE enum rc js_seconds(const struct js *v, int64_t *out);
const char *js_type_name(enum js_type t); /* "string" … */
/* Canonical-order-preserving re-serialisation without white space. */
void js_write(struct buf *b, const struct js *v);
