#include "front/bind.h"

#include <assert.h>

#include "base/clock.h"

struct binder *binder_new(struct arena *a)
{
	struct binder *b = arena_new(a, struct binder);
	b->a = a;
	b->at = &b->first;
	return b;
}

void bind_fail(struct binder *b, struct str path, const char *message)
{
	assert(b->n <= BIND_MAX_ERRORS && *b->at == NULL);
	if (b->n == BIND_MAX_ERRORS)
		return;
	struct bind_error *e = arena_new(b->a, struct bind_error);
	e->path = path;
	e->message = str_of(message);
	*b->at = e;
	b->at = &e->next;
	b->n++;
}

enum rc bind_result(const struct binder *b)
{
	return b->n ? RC_INVALID : RC_OK;
}

/* Every value has its path written, though few fail. */
static struct str path_join(struct binder *b, struct str parent, struct str key)
{
	struct buf path = BUF(b->a);
	buf_add(&path, parent);
	buf_c(&path, '.');
	buf_add(&path, key);
	return buf_str(&path);
}

struct str bind_path(struct binder *b, struct str parent, const char *name)
{
	return path_join(b, parent, str_of(name));
}

struct str bind_path_key(struct binder *b, struct str parent, struct str key)
{
	return path_join(b, parent, key);
}

struct str bind_path_index(struct binder *b, struct str parent, size_t i)
{
	struct buf path = BUF(b->a);
	buf_add(&path, parent);
	buf_c(&path, '[');
	buf_i64(&path, (int64_t)i);
	buf_c(&path, ']');
	return buf_str(&path);
}

bool bind_null(const struct js *v)
{
	return !v || v->type == JS_NULL;
}

size_t bind_chars(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

const struct js *bind_required(struct binder *b, const struct js *o, struct str parent, const char *name)
{
	const struct js *v = js_get_icase(o, name);
	if (!v)
		bind_fail(b, bind_path(b, parent, name), "The field is required.");
	return v;
}

/* ---- readers ---- */

struct str bind_text(struct binder *b, const struct js *v, size_t max, struct str path)
{
	assert(max > 0);
	if (!v)
		return STR_NONE;
	if (v->type != JS_STRING)
		bind_fail(b, path, "The value must be a string.");
	else if (v->s.n == 0)
		bind_fail(b, path, "The value must not be empty.");
	else if (bind_chars(v->s) > max)
		bind_fail(b, path, "The value is too long.");
	else
		return v->s;
	return STR_NONE;
}

struct uuid bind_uuid(struct binder *b, const struct js *v, struct str path)
{
	struct uuid id = { { 0 } };
	if (v && (v->type != JS_STRING || uuid_parse(v->s, &id) != RC_OK))
		bind_fail(b, path, "The value is not a valid GUID.");
	return id;
}

struct urn bind_urn(struct binder *b, const struct js *v, unsigned kinds, struct str path)
{
	struct urn u = { 0 };
	assert(kinds && kinds >> URN__MAX == 0);
	if (!v)
		return u;
	if (urn_parse_js(b->a, v, &u) == RC_OK && (kinds >> u.kind) & 1)
		return u;
	bind_fail(b, path, "The value is not a valid party URN.");
	return (struct urn){ 0 };
}

int64_t bind_time(struct binder *b, const struct js *v, struct str path)
{
	int64_t us = 0;
	if (v && (v->type != JS_STRING || clock_parse_date(v->s, &us) != RC_OK))
		bind_fail(b, path, "The value is not a valid date-time.");
	return us;
}

const struct js *bind_list(struct binder *b, const struct js *v, size_t max, struct str path)
{
	if (!v)
		return NULL;
	if (v->type != JS_ARRAY)
		bind_fail(b, path, "The value must be a list.");
	else if (v->n > max)
		bind_fail(b, path, "The list is too long.");
	else
		return v;
	return NULL;
}
