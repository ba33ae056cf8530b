/* Reading a JSON value into the model. A binder collects one error for each wrong value, and the front answers with all
 * of them (front_bound).
 *
 * Member names match in any letter case. Unknown members are ignored. No value is converted to another type.
 * A reader that refuses a value adds an error at `path` and returns an empty value. */
#pragma once
#include "base/js.h"
#include "base/rand.h"
#include "model/model.h"

#define BIND_MAX_ERRORS 32 /* of one request; later errors are dropped */

struct bind_error {
	struct str path; /* "$.member[0]", or the name of a query parameter */
	struct str message;
	struct bind_error *next;
};

struct binder {
	struct arena *a; /* holds the errors */
	struct bind_error *first;
	struct bind_error **at; /* where the next error goes */
	size_t n;               /* errors; at most BIND_MAX_ERRORS */
};
struct binder *binder_new(struct arena *a);
/* Adds an error. `message` must be static or live in the arena. */
void bind_fail(struct binder *b, struct str path, const char *message);
/* RC_INVALID: the binder has an error. */
MUST_USE enum rc bind_result(const struct binder *b);

/* Paths of a value inside `parent`: "$.a.name", "$.a[7]". */
struct str bind_path(struct binder *b, struct str parent, const char *name);
struct str bind_path_key(struct binder *b, struct str parent, struct str key);
struct str bind_path_index(struct binder *b, struct str parent, size_t i);

/* Absent or null. */
bool bind_null(const struct js *v);
/* Characters of a text in UTF-8. */
size_t bind_chars(struct str s);
/* The member `name` of `o`, which may be null. Without it: an error, and NULL. */
const struct js *bind_required(struct binder *b, const struct js *o, struct str parent, const char *name);

/* Readers. v NULL: empty and no error, since bind_required has reported it. */
struct str bind_text(struct binder *b, const struct js *v, size_t max, struct str path); /* 1 to max characters */
struct uuid bind_uuid(struct binder *b, const struct js *v, struct str path);
/* kinds: bits 1 << enum urn_kind that are allowed. */
struct urn bind_urn(struct binder *b, const struct js *v, unsigned kinds, struct str path);
int64_t bind_time(struct binder *b, const struct js *v, struct str path); /* µs */
/* The list when it has at most max elements, else NULL. */
const struct js *bind_list(struct binder *b, const struct js *v, size_t max, struct str path);
