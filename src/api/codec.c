#include "api/codec.h"
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
	if (b->n == BIND_MAX_ERRORS)
		return;
	struct bind_error *e = arena_new(b->a, struct bind_error);
	e->path = path;
	e->message = str_of(message);
	*b->at = e;
	b->at = &e->next;
	b->n++;
}

static enum rc bound(const struct binder *b)
{
	return b->n ? RC_INVALID : RC_OK;
}

static struct str path_of(struct binder *b, struct str parent, const char *name)
{
	return arena_fmt(b->a, "%.*s.%s", STR_FMT(parent), name);
}

static struct str path_key(struct binder *b, struct str parent, struct str key)
{
	return arena_fmt(b->a, "%.*s.%.*s", STR_FMT(parent), STR_FMT(key));
}

static struct str path_index(struct binder *b, struct str parent, size_t i)
{
	return arena_fmt(b->a, "%.*s[%zu]", STR_FMT(parent), i);
}

static bool null(const struct js *v)
{
	return !v || v->type == JS_NULL;
}

static size_t characters(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* A member that has to be there, null or not. */
static const struct js *required(struct binder *b, const struct js *o, struct str parent, const char *name)
{
	const struct js *v = js_get_icase(o, name);
	if (!v)
		bind_fail(b, path_of(b, parent, name), "The field is required.");
	return v;
}

/* Text of 1 to max characters. */
static struct str name_read(struct binder *b, const struct js *v, struct str path)
{
	if (!v)
		return STR_NONE;
	if (v->type != JS_STRING)
		bind_fail(b, path, "The value must be a string.");
	else if (v->s.n == 0)
		bind_fail(b, path, "The value must not be empty.");
	else if (characters(v->s) > CONSENT_MAX_KEY)
		bind_fail(b, path, "The value is too long.");
	else
		return v->s;
	return STR_NONE;
}

/* ---- scalars ---- */

static struct uuid id_read(struct binder *b, const struct js *v, struct str path)
{
	struct uuid id = { { 0 } };
	if (!v)
		return id;
	if (v->type != JS_STRING || uuid_parse(v->s, &id) != RC_OK)
		bind_fail(b, path, "The value is not a valid GUID.");
	return id;
}

static bool kind_in(enum urn_kind k, unsigned kinds)
{
	return (kinds >> k) & 1;
}

#define KINDS_NUMBERS (1u << URN_PERSON | 1u << URN_ORG)
#define KINDS_CREATE (KINDS_NUMBERS | 1u << URN_PARTY_UUID)

static struct urn urn_read(struct binder *b, const struct js *v, unsigned kinds, struct str path)
{
	struct urn u = { 0 };
	if (!v)
		return u;
	if (urn_parse_js(b->a, v, &u) == RC_OK && kind_in(u.kind, kinds))
		return u;
	bind_fail(b, path, "The value is not a valid party URN.");
	return (struct urn){ 0 };
}

static int64_t time_read(struct binder *b, const struct js *v, struct str path)
{
	int64_t us = 0;
	if (v && (v->type != JS_STRING || clock_parse(v->s, &us) != RC_OK))
		bind_fail(b, path, "The value is not a valid date-time.");
	return us;
}

static enum view_mode view_mode_read(struct binder *b, const struct js *v, struct str path)
{
	enum view_mode m = VIEW_HIDE;
	int64_t number = -1;
	uint64_t quoted;
	if (null(v) || (v->type == JS_STRING && view_mode_parse(v->s, &m) == RC_OK))
		return m;
	if (v->type == JS_STRING && str_u64(v->s, &quoted) == RC_OK && quoted < VIEW__MAX)
		return (enum view_mode)quoted;
	if (v->type == JS_NUMBER && js_i64(v, &number) == RC_OK && number >= 0 && number < VIEW__MAX)
		return (enum view_mode)number;
	bind_fail(b, path, "The value is not a valid PortalViewMode.");
	return VIEW_HIDE;
}

/* null passes: the rules say what a redirect address has to be. */
static struct str redirect_read(struct binder *b, const struct js *v, struct str path)
{
	if (null(v))
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
	if (null(v))
		return STR_NONE;
	if (v->type != JS_OBJECT || v->n > CONSENT_MAX_MESSAGES) {
		bind_fail(b, path,
			  v->type != JS_OBJECT ? "The value must be an object." : "There are too many languages.");
		return STR_NONE;
	}
	JS_EACH(text, v) {
		if (text->key.n == 0 || characters(text->key) > CONSENT_MAX_KEY)
			bind_fail(b, path, "A language is empty or too long.");
		else if (text->type != JS_STRING)
			bind_fail(b, path_key(b, path, text->key), "The value must be a string.");
		else if (text->s.n > CONSENT_MAX_MESSAGE)
			bind_fail(b, path_key(b, path, text->key), "The value is too long.");
	}
	struct buf json = BUF(b->a);
	js_write(&json, v);
	return buf_str(&json);
}

/* ---- rights ---- */

static const struct js *list_read(struct binder *b, const struct js *v, size_t max, struct str path)
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

/* None at all is for the rules to refuse. */
static void actions_read(struct binder *b, const struct js *v, struct right *r, struct str path)
{
	const struct js *list = null(v) ? NULL : list_read(b, v, CONSENT_MAX_ACTIONS, path);
	if (!list)
		return;
	r->actions = arena_array(b->a, struct str, list->n);
	JS_EACH(action, list) {
		r->actions[r->n_actions] = name_read(b, action, path_index(b, path, r->n_actions));
		r->n_actions++;
	}
}

static void resource_read(struct binder *b, const struct js *v, struct right *r, struct str path)
{
	if (v->type != JS_OBJECT) {
		bind_fail(b, path, "The value must be an object.");
		return;
	}
	struct str type = name_read(b, required(b, v, path, "type"), path_of(b, path, "type"));
	struct str value = name_read(b, required(b, v, path, "value"), path_of(b, path, "value"));
	if (r->resource.p)
		return;
	r->resource_type = type;
	r->resource = value;
}

static void resources_read(struct binder *b, const struct js *v, struct draft_right *d, struct str path)
{
	const struct js *list = list_read(b, v, CONSENT_MAX_RESOURCES, path);
	if (list && list->n == 0)
		bind_fail(b, path, "The list must not be empty.");
	JS_EACH(resource, list) {
		resource_read(b, resource, &d->right, path_index(b, path, d->n_resources));
		d->n_resources++;
	}
}

static bool key_there(const struct meta *list, struct str key)
{
	for (; list; list = list->next)
		if (str_ieq(list->key, key))
			return true;
	return false;
}

static void meta_read(struct binder *b, const struct js *v, struct meta **list, struct str path)
{
	struct str value = STR("");
	if (v->key.n == 0 || characters(v->key) > CONSENT_MAX_KEY)
		bind_fail(b, path, "A key is empty or too long.");
	else if (key_there(*list, v->key))
		bind_fail(b, path_key(b, path, v->key), "The key is there already in another letter case.");
	else if (v->type != JS_STRING && v->type != JS_NULL)
		bind_fail(b, path_key(b, path, v->key), "The value must be a string.");
	else if (v->type == JS_STRING && v->s.n > CONSENT_MAX_VALUE)
		bind_fail(b, path_key(b, path, v->key), "The value is too long.");
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
	if (null(v))
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
	actions_read(b, required(b, v, path, "action"), &d->right, path_of(b, path, "action"));
	resources_read(b, required(b, v, path, "resource"), d, path_of(b, path, "resource"));
	metadata_read(b, js_get_icase(v, "metadata"), &d->right, path_of(b, path, "metadata"));
	return d;
}

/* Bytes of the list in a token: each is written alone, between brackets that the list has once. */
static size_t claims_size(struct binder *b, const struct draft_right *r)
{
	size_t n = 1;
	for (; r; r = r->next) {
		struct buf one = BUF(b->a);
		struct jsw w = JSW(&one);
		rights_write(&w, &r->right, false, false);
		n += buf_str(&one).n - 1;
	}
	return n;
}

static void rights_read(struct binder *b, const struct js *v, struct draft *d)
{
	struct str path = STR("$.consentRights");
	struct draft_right **at = &d->rights;
	JS_EACH(right, list_read(b, v, CONSENT_MAX_RIGHTS, path)) {
		*at = right_read(b, right, path_index(b, path, d->n_rights));
		at = &(*at)->next;
		d->n_rights++;
	}
	if (b->n == 0 && claims_size(b, d->rights) > CONSENT_MAX_CLAIMS)
		bind_fail(b, path, "The rights are too long for a token, all together.");
}

/* ---- bodies ---- */

enum rc codec_draft(struct binder *b, const struct js *body, struct draft *out)
{
	struct str top = STR("$");
	const struct js *delegator = js_get_icase(body, "requiredDelegator");
	const struct js *id = required(b, body, top, "id");
	struct draft d = { .id = id_read(b, id, STR("$.id")) };
	if (id && b->n == 0 && uuid_is_nil(d.id))
		bind_fail(b, STR("$.id"), "The value is not a valid GUID.");
	d.from = urn_read(b, required(b, body, top, "from"), KINDS_CREATE, STR("$.from"));
	if (!null(delegator))
		d.required_delegator = urn_read(b, delegator, KINDS_CREATE, STR("$.requiredDelegator"));
	d.to = urn_read(b, required(b, body, top, "to"), KINDS_CREATE, STR("$.to"));
	d.valid_to = time_read(b, required(b, body, top, "validTo"), STR("$.validTo"));
	rights_read(b, required(b, body, top, "consentRights"), &d);
	d.message_json = message_read(b, js_get_icase(body, "requestMessage"), STR("$.requestMessage"));
	d.redirect_url = redirect_read(b, required(b, body, top, "redirectUrl"), STR("$.redirectUrl"));
	d.view_mode = view_mode_read(b, js_get_icase(body, "portalViewMode"), STR("$.portalViewMode"));
	TRY(bound(b));
	*out = d;
	return RC_OK;
}

enum rc codec_lookup(struct binder *b, const struct js *body, struct lookup_request *out)
{
	struct str top = STR("$");
	struct lookup_request l = { .id = id_read(b, js_get_icase(body, "id"), STR("$.id")) };
	l.from = urn_read(b, required(b, body, top, "from"), KINDS_NUMBERS, STR("$.from"));
	l.to = urn_read(b, required(b, body, top, "to"), KINDS_NUMBERS, STR("$.to"));
	TRY(bound(b));
	*out = l;
	return RC_OK;
}

enum rc codec_accept(struct binder *b, const struct js *body, struct str *language_out)
{
	struct str language = name_read(b, required(b, body, STR("$"), "language"), STR("$.language"));
	TRY(bound(b));
	*language_out = language;
	return RC_OK;
}

/* Text of 1 to max characters; null is none. */
static struct str reference_read(struct binder *b, const struct js *v, struct str path)
{
	if (null(v))
		return STR_NONE;
	if (v->type == JS_STRING && v->s.n > 0 && characters(v->s) <= CONSENT_MAX_USE_REFERENCE)
		return v->s;
	bind_fail(b, path, "The value must be a string of 1 to 100 characters.");
	return STR_NONE;
}

enum rc codec_use_report(struct binder *b, const struct js *body, struct use_report *out)
{
	const struct js *time = js_get_icase(body, "time");
	struct use_report u = { .has_time = !null(time) };
	if (u.has_time)
		u.time = time_read(b, time, STR("$.time"));
	u.resource = name_read(b, required(b, body, STR("$"), "resource"), STR("$.resource"));
	u.reference = reference_read(b, js_get_icase(body, "reference"), STR("$.reference"));
	TRY(bound(b));
	*out = u;
	return RC_OK;
}
