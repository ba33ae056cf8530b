#include "consent/snapshot.h"

#include <assert.h>

#include "base/log.h"
#include "consent/internal.h"
#include "jose/jose.h"

static struct str hex_sha256(struct arena *a, struct str bytes)
{
	uint8_t hash[32];
	jose_sha256_into(bytes, hash);
	struct buf b = BUF(a);
	buf_hex(&b, str_span(hash, sizeof hash));
	return buf_str(&b);
}

/* ---- writing ---- */

static void text_put(struct jsw *w, const char *key, struct str text)
{
	if (text.n)
		jsw_kstr(w, key, text);
}

static void name_put(struct jsw *w, const char *key, struct str name, struct str orgno)
{
	if (!name.n && !orgno.n)
		return;
	jsw_key(w, key);
	jsw_obj(w);
	text_put(w, "name", name);
	text_put(w, "orgno", orgno);
	jsw_end_obj(w);
}

static void rights_put(struct jsw *w, const struct consent_view *s)
{
	jsw_key(w, "rights");
	jsw_arr(w);
	for (size_t i = 0; i < s->n_rights; i++) {
		const struct view_right *r = &s->rights[i];
		jsw_obj(w);
		text_put(w, "title", r->title.text);
		name_put(w, "owner", r->owner_name.text, r->owner_orgno);
		jsw_end_obj(w);
	}
	jsw_end_arr(w);
}

static void login_put(struct jsw *w, const struct person_caller *who)
{
	jsw_key(w, "login");
	jsw_obj(w);
	jsw_ki64(w, "level", who->level);
	text_put(w, "acr", who->acr);
	text_put(w, "provider", who->provider);
	jsw_end_obj(w);
}

void consent_snapshot_make(struct arena *a, const struct consent_view *s, const struct consent *c,
			   const struct person_caller *who, struct answer *out)
{
	struct buf html = BUF(a), json = BUF(a);
	assert(s->lang < LANG__MAX);
	consent_view_html(&html, s, c);
	out->language = str_of(lang_code(s->lang));
	out->shown_sha256 = hex_sha256(a, buf_str(&html));
	struct jsw j = JSW(&json);
	jsw_obj(&j);
	jsw_kstr(&j, "language", out->language);
	jsw_kstr(&j, "templateId", s->template_id);
	jsw_ki64(&j, "templateVersion", s->template_version);
	jsw_kbool(&j, "poa", s->is_poa);
	text_put(&j, "title", s->title.text);
	name_put(&j, "from", s->from_name, s->from_orgno);
	name_put(&j, "to", s->to_name, s->to_orgno);
	name_put(&j, "handledBy", s->handler_name, s->handler_orgno);
	rights_put(&j, s);
	login_put(&j, who);
	jsw_kstr(&j, "html", buf_str(&html));
	jsw_end_obj(&j);
	out->snapshot_json = buf_str(&json);
}

/* ---- reading ---- */

static struct str text_of(const struct js *o, const char *key)
{
	struct str s;
	return js_is(o, JS_OBJECT) && js_member_str(o, key, &s) == RC_OK ? s : STR_NONE;
}

static int64_t number_of(const struct js *o, const char *key)
{
	int64_t n;
	return js_is(o, JS_OBJECT) && js_member_i64(o, key, &n) == RC_OK ? n : 0;
}

static struct snapshot_party name_of(const struct js *o, const char *key)
{
	const struct js *n = js_get(o, key);
	return (struct snapshot_party){ text_of(n, "name"), text_of(n, "orgno") };
}

static void rights_of(struct arena *a, const struct js *list, struct consent_snapshot *f)
{
	if (!js_is(list, JS_ARRAY))
		return;
	f->rights = arena_array(a, struct snapshot_right, list->n);
	JS_EACH(r, list)
		f->rights[f->n_rights++] = (struct snapshot_right){ text_of(r, "title"), name_of(r, "owner") };
}

static enum rc snapshot_read(struct consent_service *consents, struct arena *a, const struct consent *c,
			     const struct js **out)
{
	struct str json;
	CLEANUP(reader_closep) struct reader *r = NULL;
	TRY(reader_open(consents->store, false, &r));
	TRY(consents_snapshot(r, a, c->id, &json));
	if (!json.n || js_parse(a, json, NULL, out, NULL) != RC_OK || !js_is(*out, JS_OBJECT))
		return RC_NOT_FOUND;
	return RC_OK;
}

enum rc consent_snapshot_load(struct consent_service *consents, struct arena *a, const struct consent *c,
			      struct consent_snapshot *out)
{
	const struct js *o;
	TRY(snapshot_read(consents, a, c, &o));
	const struct js *login = js_get(o, "login");
	struct consent_snapshot f = {
		.html = text_of(o, "html"),
		.sha256 = c->shown_sha256,
		.title = text_of(o, "title"),
		.template_id = text_of(o, "templateId"),
		.template_version = number_of(o, "templateVersion"),
		.is_poa = js_is(js_get(o, "poa"), JS_BOOL) && js_get(o, "poa")->b,
		.from = name_of(o, "from"),
		.to = name_of(o, "to"),
		.handler = name_of(o, "handledBy"),
		.acr = text_of(login, "acr"),
		.provider = text_of(login, "provider"),
		.level = number_of(login, "level"),
	};
	if (!f.html.n || lang_parse(text_of(o, "language"), &f.lang) != RC_OK)
		return RC_NOT_FOUND;
	if (!str_eq(hex_sha256(a, f.html), f.sha256)) {
		log_error("consent.frozen_damaged", KV("consent", uuid_str(a, c->id)));
		return RC_INVALID;
	}
	rights_of(a, js_get(o, "rights"), &f);
	*out = f;
	return RC_OK;
}

static bool same(const struct snapshot_party *a, const struct snapshot_party *b)
{
	return a->orgno.n || b->orgno.n ? str_eq(a->orgno, b->orgno) : str_eq(a->name, b->name);
}

const struct snapshot_party *snapshot_source(const struct consent_snapshot *f, size_t i)
{
	assert(i < f->n_rights);
	for (size_t k = 0; k < i; k++)
		if (same(&f->rights[k].owner, &f->rights[i].owner))
			return NULL;
	return &f->rights[i].owner;
}

const struct event *snapshot_event(const struct consent *c)
{
	for (size_t i = 0; i < c->n_events; i++)
		if (c->events[i].type == EV_ACCEPTED)
			return &c->events[i];
	return NULL;
}
