#include "api/codec_internal.h"

#include <assert.h>

#include "base/clock.h"

static struct str key_read(struct binder *b, const struct js *v, struct str path)
{
	return bind_text(b, v, CONSENT_MAX_KEY, path);
}

/* ---- scalars ---- */

#define KINDS_NUMBERS (1u << URN_PERSON | 1u << URN_ORG)
#define KINDS_CREATE (KINDS_NUMBERS | 1u << URN_PARTY_UUID)

static enum view_mode view_mode_read(struct binder *b, const struct js *v, struct str path)
{
	enum view_mode m = VIEW_HIDE;
	int64_t number = -1;
	uint64_t quoted;
	if (bind_null(v) || (v->type == JS_STRING && view_mode_parse(v->s, &m) == RC_OK))
		return m;
	if (v->type == JS_STRING && str_u64(v->s, &quoted) == RC_OK && quoted < VIEW__MAX)
		return (enum view_mode)quoted;
	if (v->type == JS_NUMBER && js_i64(v, &number) == RC_OK && number >= 0 && number < VIEW__MAX)
		return (enum view_mode)number;
	bind_fail(b, path, "The value is not a valid PortalViewMode.");
	return VIEW_HIDE;
}

/* Null passes: a rule refuses a missing redirect address. */
static struct str redirect_read(struct binder *b, const struct js *v, struct str path)
{
	if (bind_null(v))
		return STR_NONE;
	if (v->type != JS_STRING)
		bind_fail(b, path, "The value must be a string.");
	else if (v->s.n > CONSENT_MAX_REDIRECT)
		bind_fail(b, path, "The value is too long.");
	else
		return v->s;
	return STR_NONE;
}

static struct str message_read(struct binder *b, const struct js *v, struct str path)
{
	if (bind_null(v))
		return STR_NONE;
	if (v->type != JS_OBJECT || v->n > CONSENT_MAX_MESSAGES) {
		bind_fail(b, path,
			  v->type != JS_OBJECT ? "The value must be an object." : "There are too many languages.");
		return STR_NONE;
	}
	JS_EACH(text, v) {
		if (text->key.n == 0 || bind_chars(text->key) > CONSENT_MAX_KEY)
			bind_fail(b, path, "A language is empty or too long.");
		else if (text->type != JS_STRING)
			bind_fail(b, bind_path_key(b, path, text->key), "The value must be a string.");
		else if (text->s.n > CONSENT_MAX_MESSAGE)
			bind_fail(b, bind_path_key(b, path, text->key), "The value is too long.");
	}
	struct buf json = BUF(b->a);
	js_write(&json, v);
	return buf_str(&json);
}

/* ---- rights ---- */

/* An empty list passes: a rule refuses it. */
static void actions_read(struct binder *b, const struct js *v, struct right *r, struct str path)
{
	const struct js *list = bind_null(v) ? NULL : bind_list(b, v, CONSENT_MAX_ACTIONS, path);
	if (!list)
		return;
	r->actions = arena_array(b->a, struct str, list->n);
	JS_EACH(action, list) {
		r->actions[r->n_actions] = key_read(b, action, bind_path_index(b, path, r->n_actions));
		r->n_actions++;
	}
}

static void resource_read(struct binder *b, const struct js *v, struct right *r, struct str path)
{
	if (v->type != JS_OBJECT) {
		bind_fail(b, path, "The value must be an object.");
		return;
	}
	struct str type = key_read(b, bind_required(b, v, path, "type"), bind_path(b, path, "type"));
	struct str value = key_read(b, bind_required(b, v, path, "value"), bind_path(b, path, "value"));
	if (r->resource.p)
		return;
	r->resource_type = type;
	r->resource = value;
}

static void resources_read(struct binder *b, const struct js *v, struct draft_right *d, struct str path)
{
	const struct js *list = bind_list(b, v, CONSENT_MAX_RESOURCES, path);
	if (list && list->n == 0)
		bind_fail(b, path, "The list must not be empty.");
	JS_EACH(resource, list) {
		resource_read(b, resource, &d->right, bind_path_index(b, path, d->n_resources));
		d->n_resources++;
	}
}

static void meta_read(struct binder *b, const struct js *v, struct meta **list, struct str path)
{
	struct str value = STR("");
	if (v->key.n == 0 || bind_chars(v->key) > CONSENT_MAX_KEY)
		bind_fail(b, path, "A key is empty or too long.");
	else if (v->type != JS_STRING && v->type != JS_NULL)
		bind_fail(b, bind_path_key(b, path, v->key), "The value must be a string.");
	else if (v->type == JS_STRING && v->s.n > CONSENT_MAX_VALUE)
		bind_fail(b, bind_path_key(b, path, v->key), "The value is too long.");
	else if (v->type == JS_STRING)
		value = v->s;
	struct meta **at = list;
	while (*at)
		at = &(*at)->next;
	*at = arena_new(b->a, struct meta);
	(*at)->key = v->key;
	(*at)->value = value;
}

static void metadata_read(struct binder *b, const struct js *v, struct right *r, struct str path)
{
	if (bind_null(v))
		return;
	if (v->type != JS_OBJECT)
		bind_fail(b, path, "The value must be an object.");
	else if (v->n > CONSENT_MAX_METADATA)
		bind_fail(b, path, "There are too many keys.");
	else
		JS_EACH(member, v)
			meta_read(b, member, &r->metadata, path);
}

static struct draft_right *right_read(struct binder *b, const struct js *v, struct str path)
{
	struct draft_right *d = arena_new(b->a, struct draft_right);
	if (v->type != JS_OBJECT) {
		bind_fail(b, path, "The value must be an object.");
		return d;
	}
	actions_read(b, bind_required(b, v, path, "action"), &d->right, bind_path(b, path, "action"));
	resources_read(b, bind_required(b, v, path, "resource"), d, bind_path(b, path, "resource"));
	metadata_read(b, js_get_icase(v, "metadata"), &d->right, bind_path(b, path, "metadata"));
	return d;
}

/* Bytes of the list of rights in a token. Each right is measured as a list of one; the brackets count once. */
static size_t claims_size(struct binder *b, const struct draft_right *r)
{
	size_t n = 1;
	for (; r; r = r->next) {
		struct buf one = BUF(b->a);
		struct jsw w = JSW(&one);
		rights_write(&w, &r->right, 0);
		n += buf_str(&one).n - 1;
	}
	return n;
}

static void rights_read(struct binder *b, const struct js *v, struct draft *d)
{
	struct str path = STR("$.consentRights");
	struct draft_right **at = &d->rights;
	JS_EACH(right, bind_list(b, v, CONSENT_MAX_RIGHTS, path)) {
		*at = right_read(b, right, bind_path_index(b, path, d->n_rights));
		at = &(*at)->next;
		d->n_rights++;
	}
	if (b->n == 0 && claims_size(b, d->rights) > CONSENT_MAX_CLAIMS)
		bind_fail(b, path, "The rights are too long for a token, all together.");
}

/* ---- bodies ---- */

enum rc codec_draft(struct binder *b, const struct js *body, struct draft *out)
{
	assert(js_is(body, JS_OBJECT));
	struct str top = STR("$");
	const struct js *delegator = js_get_icase(body, "requiredDelegator");
	const struct js *id = bind_required(b, body, top, "id");
	struct draft d = { .id = bind_uuid(b, id, STR("$.id")) };
	if (id && b->n == 0 && uuid_is_nil(d.id))
		bind_fail(b, STR("$.id"), "The value is not a valid GUID.");
	d.from = bind_urn(b, bind_required(b, body, top, "from"), KINDS_CREATE, STR("$.from"));
	if (!bind_null(delegator))
		d.required_delegator = bind_urn(b, delegator, KINDS_CREATE, STR("$.requiredDelegator"));
	d.to = bind_urn(b, bind_required(b, body, top, "to"), KINDS_CREATE, STR("$.to"));
	d.valid_to = bind_time(b, bind_required(b, body, top, "validTo"), STR("$.validTo"));
	rights_read(b, bind_required(b, body, top, "consentRights"), &d);
	d.message_json = message_read(b, js_get_icase(body, "requestMessage"), STR("$.requestMessage"));
	d.redirect_url = redirect_read(b, bind_required(b, body, top, "redirectUrl"), STR("$.redirectUrl"));
	d.view_mode = view_mode_read(b, js_get_icase(body, "portalViewMode"), STR("$.portalViewMode"));
	TRY(bind_result(b));
	*out = d;
	return RC_OK;
}

enum rc codec_lookup(struct binder *b, const struct js *body, struct lookup_request *out)
{
	assert(js_is(body, JS_OBJECT));
	struct str top = STR("$");
	struct lookup_request l = { .id = bind_uuid(b, js_get_icase(body, "id"), STR("$.id")) };
	l.from = bind_urn(b, bind_required(b, body, top, "from"), KINDS_NUMBERS, STR("$.from"));
	l.to = bind_urn(b, bind_required(b, body, top, "to"), KINDS_NUMBERS, STR("$.to"));
	TRY(bind_result(b));
	*out = l;
	return RC_OK;
}

enum rc codec_accept(struct binder *b, const struct js *body, struct str *language_out)
{
	assert(js_is(body, JS_OBJECT));
	struct str language = key_read(b, bind_required(b, body, STR("$"), "language"), STR("$.language"));
	TRY(bind_result(b));
	*language_out = language;
	return RC_OK;
}

/* null: no reference. */
static struct str reference_read(struct binder *b, const struct js *v, struct str path)
{
	if (bind_null(v))
		return STR_NONE;
	if (v->type == JS_STRING && v->s.n > 0 && bind_chars(v->s) <= CONSENT_MAX_USE_REFERENCE)
		return v->s;
	bind_fail(b, path, "The value must be a string of 1 to 100 characters.");
	return STR_NONE;
}

enum rc codec_use_report(struct binder *b, const struct js *body, struct use_report *out)
{
	assert(js_is(body, JS_OBJECT));
	const struct js *time = js_get_icase(body, "time");
	struct use_report u = { .has_time = !bind_null(time) };
	if (u.has_time)
		u.time = bind_time(b, time, STR("$.time"));
	u.resource = key_read(b, bind_required(b, body, STR("$"), "resource"), STR("$.resource"));
	u.reference = reference_read(b, js_get_icase(body, "reference"), STR("$.reference"));
	TRY(bind_result(b));
	*out = u;
	return RC_OK;
}
