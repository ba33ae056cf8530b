/* Strict JSON (RFC 8259): a read-only tree in an arena, with typed getters that never convert.
 *
 * It is the project's only parser. Values are spans of the input or of the arena, without reference counts: jansson
 * took 12 µs for a kilobyte, more than a whole token check may cost. tests/unit compares its verdicts with jansson's,
 * and tests/fuzz fuzzes it.
 *
 * RC_INVALID: bytes behind the value, trailing commas, comments, leading zeros, NaN, control characters in strings,
 * lone surrogates, ill-formed UTF-8, byte order marks, \u0000, and duplicate member names unless the options allow
 * them. Readers that look for names in any letter case ask for any_case: of two such names one would win in silence. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"

enum js_type { JS_NULL, JS_BOOL, JS_NUMBER, JS_STRING, JS_ARRAY, JS_OBJECT, JS__MAX };

struct js {
	enum js_type type;
	bool b;         /* JS_BOOL */
	uint32_t n;     /* children of an array or an object */
	struct str s;   /* JS_STRING: the decoded text; JS_NUMBER: its literal */
	struct str raw; /* the value as the input has it */
	struct str key; /* the decoded member name, when the parent is an object */
	const struct js *child;
	const struct js *next;
};

#define JS_MAX_DEPTH 32    /* of nested arrays and objects */
#define JS_MAX_NODES 20000 /* values in one document, unless the options say otherwise */

struct js_opts {
	bool allow_duplicates; /* then js_get gives the last one */
	bool any_case;         /* names that differ only in the case of ASCII letters are duplicates as well */
	/* 0 = the limits above; a greater depth has no effect */
	uint32_t max_depth;
	uint32_t max_nodes;
};
struct js_error {
	size_t at;        /* byte offset */
	const char *what; /* static text */
	bool twice;       /* the only fault: a member name stands twice */
};

/* The text of a document that came from outside, without the byte order mark in front. = RFC 8259 8.1:
 * "implementations that parse JSON texts MAY ignore the presence of a byte order mark rather than treating it as an
 * error" */
struct str js_unmarked(struct str text);
/* Parses the whole of `text`; opts may be NULL. The tree lives in `a` and borrows `text`. RC_INVALID: no JSON as above.
 * RC_TOO_LARGE: deeper or more values than the limits. Both write *err_out, which may be NULL. */
MUST_USE enum rc js_parse(struct arena *a, struct str text, const struct js_opts *opts, const struct js **out,
			  struct js_error *err_out);

/* The member of that name. NULL: there is none, or `o` is NULL or no object. Of equal names the last one counts. */
const struct js *js_get(const struct js *o, const char *key);
const struct js *js_get_str(const struct js *o, struct str key);
const struct js *js_get_icase(const struct js *o, const char *key); /* ASCII case ignored */
/* A member of an object whose name an earlier one has in any letter case. NULL: there is none. `a` is for scratch. */
const struct js *js_twin(struct arena *a, const struct js *o);
/* Item i of an array. NULL: there is none, or `a` is NULL or no array. */
const struct js *js_at(const struct js *a, uint32_t i);

#define JS_EACH(v, parent) for (const struct js *v = (parent) ? (parent)->child : NULL; v; v = v->next)

static inline bool js_is(const struct js *v, enum js_type t)
{
	return v && v->type == t;
}
/* The value of a member. RC_NOT_FOUND: there is no such member. RC_INVALID: it has another type (null too). */
MUST_USE enum rc js_member_str(const struct js *o, const char *key, struct str *out);
MUST_USE enum rc js_member_i64(const struct js *o, const char *key, int64_t *out);
MUST_USE enum rc js_member_bool(const struct js *o, const char *key, bool *out);
/* The strings of a list, copied into `a`, with an absent one after the last; other values are left out. NULL: v is no
 * list. */
struct str *js_strings(struct arena *a, const struct js *v, size_t *n_out);
/* RC_INVALID: no number, one that is written with a fraction or an exponent, or one beyond int64. */
MUST_USE enum rc js_i64(const struct js *v, int64_t *out);
/* A NumericDate (RFC 7519 §2), rounded down to whole seconds. RC_INVALID: no number, or one beyond int64. */
MUST_USE enum rc js_seconds(const struct js *v, int64_t *out);
const char *js_type_name(enum js_type t); /* "string" … */
/* Writes the tree without white space; members keep their order. NULL writes nothing. */
void js_write(struct buf *b, const struct js *v);
