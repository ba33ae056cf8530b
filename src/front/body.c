#include "front/front.h"

bool front_is_json(const struct http_req *req)
{
	struct str type, rest, value = http_header(req, "Content-Type");
	str_cut(value, ';', &type, &rest);
	type = str_trim(type);
	if (str_ieq(type, STR("application/json")))
		return true;
	struct str head = STR("application/"), tail = STR("+json");
	if (type.n <= head.n + tail.n || !str_ieq(str_span(type.p, head.n), head))
		return false;
	return str_ieq(str_span(type.p + type.n - tail.n, tail.n), tail);
}

/* A value on the way from the document's top to the member that stands twice. */
struct place {
	const struct place *up; /* NULL: the top */
	const struct js *v;
	size_t index; /* in its list */
};

static void place_write(struct buf *b, const struct place *at)
{
	if (!at->up) {
		buf_c(b, '$');
		return;
	}
	place_write(b, at->up);
	if (at->v->key.p)
		buf_c(b, '.');
	if (at->v->key.p)
		buf_add(b, at->v->key);
	else
		buf_fmt(b, "[%zu]", at->index);
}

/* Writes the path of the first member that stands twice. false: there is none. */
static bool twin_write(struct buf *b, const struct place *at)
{
	struct place next = { .up = at };
	next.v = js_is(at->v, JS_OBJECT) ? js_twin(b->a, at->v) : NULL;
	if (next.v) {
		place_write(b, &next);
		return true;
	}
	JS_EACH(child, at->v) {
		next.v = child;
		if (twin_write(b, &next))
			return true;
		next.index++;
	}
	return false;
}

/* Readers take names in any letter case, so of two such names one would win in silence. */
static void json_fail(struct http_req *req, struct binder *b, bool twice)
{
	const struct js_opts loose = { .allow_duplicates = true };
	struct place top = { 0 };
	struct buf path = BUF(req->arena);
	if (twice && js_parse(req->arena, js_unmarked(req->body), &loose, &top.v, NULL) == RC_OK &&
	    twin_write(&path, &top))
		bind_fail(b, buf_str(&path), "The member stands twice, in the same or another letter case.");
	else
		bind_fail(b, STR("$"), "The body is not valid JSON.");
}

static const struct js *object_read(struct http_req *req, struct binder *b)
{
	const struct js *body = NULL;
	struct js_error err = { 0 };
	struct str text = js_unmarked(req->body);
	if (str_trim(text).n == 0)
		bind_fail(b, STR(""), "A non-empty request body is required.");
	else if (js_parse(req->arena, text, &(struct js_opts){ .any_case = true }, &body, &err) != RC_OK)
		json_fail(req, b, err.twice);
	if (b->n == 0 && !js_is(body, JS_OBJECT))
		bind_fail(b, STR("$"), "The value must be an object.");
	return b->n ? NULL : body;
}

enum rc front_body(struct http_req *req, struct http_res *res, const char *name, const struct js **out)
{
	struct binder *b = binder_new(req->arena);
	if (!front_is_json(req)) {
		problem_plain(req, res, 415);
		return RC_ANSWERED;
	}
	const struct js *body = object_read(req, b);
	if (!body) {
		struct str message = arena_fmt(req->arena, "The %s field is required.", name);
		bind_fail(b, str_of(name), arena_cstr(req->arena, message));
		return front_bound(req, res, b, RC_INVALID);
	}
	*out = body;
	return RC_OK;
}

enum rc front_bound(struct http_req *req, struct http_res *res, const struct binder *b, enum rc rc)
{
	if (b->n == 0)
		return rc;
	problem_binding(req, res, b->first);
	return RC_ANSWERED;
}

enum rc front_invalid(struct http_req *req, struct http_res *res, struct str path, const char *message)
{
	struct binder *b = binder_new(req->arena);
	bind_fail(b, path, message);
	return front_bound(req, res, b, RC_INVALID);
}
