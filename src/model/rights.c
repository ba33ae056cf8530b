#include "model/model.h"

static enum rc actions_parse(struct arena *a, const struct js *v, struct right *r)
{
	if (!js_is(v, JS_ARRAY))
		return RC_INVALID;
	r->actions = arena_array(a, struct str, v->n);
	JS_EACH(action, v) {
		if (action->type != JS_STRING)
			return RC_INVALID;
		r->actions[r->n_actions++] = action->s;
	}
	return RC_OK;
}

static enum rc resource_parse(const struct js *v, struct right *r)
{
	if (!js_is(v, JS_ARRAY) || v->n != 1)
		return RC_INVALID;
	const struct js *version = js_get(v->child, "version");
	TRY(js_member_str(v->child, "type", &r->resource_type));
	TRY(js_member_str(v->child, "value", &r->resource));
	if (!version || version->type == JS_NULL)
		return RC_OK;
	return js_member_str(v->child, "version", &r->version);
}

static enum rc metadata_parse(struct arena *a, const struct js *v, struct right *r)
{
	if (!v || v->type == JS_NULL)
		return RC_OK;
	if (v->type != JS_OBJECT)
		return RC_INVALID;
	struct meta **at = &r->metadata;
	JS_EACH(member, v) {
		if (member->type != JS_STRING)
			return RC_INVALID;
		*at = arena_new(a, struct meta);
		(*at)->key = member->key;
		(*at)->value = member->s;
		at = &(*at)->next;
	}
	return RC_OK;
}

static enum rc right_parse(struct arena *a, const struct js *v, struct right *r)
{
	if (v->type != JS_OBJECT)
		return RC_INVALID;
	TRY(actions_parse(a, js_get(v, "action"), r));
	enum rc rc = resource_parse(js_get(v, "resource"), r);
	if (rc != RC_OK)
		return RC_INVALID;
	if (js_get(v, "service"))
		TRY(js_member_str(v, "service", &r->service));
	return metadata_parse(a, js_get(v, "metadata"), r);
}

enum rc rights_parse(struct arena *a, struct str json, struct right **out)
{
	const struct js *list;
	TRY(js_parse(a, json, NULL, &list, NULL));
	if (list->type != JS_ARRAY)
		return RC_INVALID;
	struct right *first = NULL, **at = &first;
	JS_EACH(v, list) {
		*at = arena_new(a, struct right);
		TRY(right_parse(a, v, *at));
		at = &(*at)->next;
	}
	*out = first;
	return RC_OK;
}

static void resource_write(struct jsw *w, const struct right *r, bool with_version)
{
	jsw_key(w, "resource");
	jsw_arr(w);
	jsw_obj(w);
	jsw_kstr(w, "type", r->resource_type);
	jsw_kstr(w, "value", r->resource);
	if (with_version)
		jsw_kstr(w, "version", r->version);
	jsw_end_obj(w);
	jsw_end_arr(w);
}

void right_metadata_write(struct jsw *w, const struct right *r)
{
	jsw_key(w, "metadata");
	jsw_obj(w);
	for (const struct meta *m = r->metadata; m; m = m->next) {
		jsw_key_str(w, m->key);
		jsw_str(w, m->value);
	}
	jsw_end_obj(w);
}

void rights_write(struct jsw *w, const struct right *r, unsigned form)
{
	jsw_arr(w);
	for (; r; r = r->next) {
		jsw_obj(w);
		jsw_kstrs(w, "action", r->actions, r->n_actions);
		resource_write(w, r, form & RIGHTS_VERSIONS);
		if (r->metadata)
			right_metadata_write(w, r);
		else if (form & RIGHTS_NULLS)
			jsw_knull(w, "metadata");
		if (form & RIGHTS_SERVICES && r->service.p)
			jsw_kstr(w, "service", r->service);
		jsw_end_obj(w);
	}
	jsw_end_arr(w);
}
