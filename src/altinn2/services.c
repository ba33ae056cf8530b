#include "altinn2/internal.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/map.h"
#include "jose/jose.h"

struct world {                /* the part of a snapshot */
	struct map services;  /* CODE_EDITION → struct altinn2_service */
	struct map resources; /* identifier → struct altinn2_service, the first */
	struct map api_keys;  /* SHA-256 in hexadecimal → struct owner */
};
struct owner {
	struct str orgno;
};

static struct str text(struct arena *a, const struct js *v, const char *name)
{
	struct str s;
	return js_member_str(v, name, &s) == RC_OK ? arena_str(a, s) : STR_NONE;
}

static int64_t number(const struct js *v, const char *name, int64_t preset)
{
	int64_t n;
	return js_member_i64(v, name, &n) == RC_OK ? n : preset;
}

static void names_compile(struct arena *a, const struct js *v, struct altinn2_service *s)
{
	const struct js *names = js_get(v, "metadataNames");
	s->names = arena_array(a, struct service_name, names ? names->n + 1 : 1);
	JS_EACH(m, names)
		s->names[s->n_names++] = (struct service_name){ arena_str(a, m->key), arena_str(a, m->s) };
}

static void srr_compile(struct arena *a, const struct js *v, struct altinn2_service *s)
{
	const struct js *srr = js_get(v, "srr");
	if (!js_is(srr, JS_ARRAY))
		return;
	s->srr = arena_array(a, struct srr_entry, srr->n + 1);
	JS_EACH(m, srr) {
		struct srr_entry *e = &s->srr[s->n_srr++];
		*e = (struct srr_entry){ .orgno = text(a, m, "orgno"), .handled_by = text(a, m, "handledBy") };
		struct str end = text(a, m, "validTo");
		if (end.p && clock_parse(end, &e->valid_to) != RC_OK)
			e->valid_to = 0;
		e->domains = js_strings(a, js_get(m, "allowedRedirectDomains"), &e->n_domains);
		if (js_member_bool(m, "keepSessionAlive", &e->keep_session) != RC_OK)
			e->keep_session = false;
	}
}

static void service_compile(struct world *w, struct arena *a, const struct js *v)
{
	struct altinn2_service *s = arena_new(a, struct altinn2_service);
	*s = (struct altinn2_service){ .code = text(a, v, "serviceCode") };
	s->edition = number(v, "serviceEditionCode", 0);
	s->payload = number(v, "payload", ALTINN2_PAYLOADS);
	s->id = arena_fmt(a, "%.*s_%" PRId64, STR_FMT(s->code), s->edition);
	s->resource = text(a, v, "resource");
	names_compile(a, v, s);
	srr_compile(a, v, s);
	map_put(&w->services, a, s->id, s);
	if (!map_get(&w->resources, s->resource))
		map_put(&w->resources, a, s->resource, s);
}

static void compile(void *state, struct arena *a, struct str key, const struct js *v)
{
	struct world *w = state;
	struct str hash = str_span(key.p + strlen(API_KEY_PREFIX), key.n - strlen(API_KEY_PREFIX));
	if (!str_starts(key, STR(API_KEY_PREFIX))) {
		service_compile(w, a, v);
		return;
	}
	struct owner *o = arena_new(a, struct owner);
	*o = (struct owner){ text(a, v, "orgno") };
	map_put(&w->api_keys, a, arena_str(a, hash), o);
}

static bool mapped(const void *state, struct str resource)
{
	const struct world *w = state;
	return map_get(&w->resources, resource) != NULL;
}

const struct registry_part altinn2_part = {
	.kind = "altinn2",
	.size = sizeof(struct world),
	.compile = compile,
	.mapped = mapped,
};

static const struct world *world(const struct registry *r)
{
	return registry_part(r, &altinn2_part);
}

const struct altinn2_service *altinn2_service(const struct registry *r, struct str id)
{
	return map_get(&world(r)->services, id);
}

const struct altinn2_service *altinn2_service_of(const struct registry *r, struct str resource)
{
	return map_get(&world(r)->resources, resource);
}

const struct altinn2_service *altinn2_service_owned(const struct registry *r, struct str id, struct str orgno)
{
	const struct altinn2_service *s = altinn2_service(r, id);
	const struct resource *res = s ? registry_resource(r, s->resource) : NULL;
	return res && str_eq(res->owner_orgno, orgno) ? s : NULL;
}

const struct srr_entry *altinn2_srr(const struct altinn2_service *s, struct str orgno)
{
	for (size_t i = 0; i < s->n_srr; i++)
		if (str_eq(s->srr[i].orgno, orgno) &&
		    (!s->srr[i].valid_to || consent_live(s->srr[i].valid_to, clock_now())))
			return &s->srr[i];
	return NULL;
}

const struct srr_entry *altinn2_srr_any(const struct altinn2_service *s, struct str orgno)
{
	for (size_t i = 0; i < s->n_srr; i++)
		if (str_eq(s->srr[i].orgno, orgno))
			return &s->srr[i];
	return NULL;
}

bool altinn2_keeps_session(const struct altinn2_service *s, struct str orgno)
{
	const struct srr_entry *e = altinn2_srr(s, orgno);
	return e && e->keep_session;
}

bool altinn2_may_ask(const struct altinn2_service *s, struct str orgno)
{
	return !s->srr || altinn2_srr(s, orgno);
}

struct str altinn2_api_key(struct arena *a, const struct registry *r, struct str key)
{
	struct buf hex = BUF(a);
	buf_hex(&hex, jose_sha256(a, key));
	const struct owner *o = map_get(&world(r)->api_keys, buf_str(&hex));
	return o ? o->orgno : STR_NONE;
}

struct str altinn2_key_of(struct arena *a, const struct altinn2_service *s, struct str name)
{
	for (size_t i = 0; i < s->n_names; i++)
		if (str_ieq(s->names[i].name, name))
			return s->names[i].key;
	return arena_lower(a, name);
}

struct str altinn2_name_of(const struct altinn2_service *s, struct str key)
{
	for (size_t i = 0; i < s->n_names; i++)
		if (str_ieq(s->names[i].key, key))
			return s->names[i].name;
	return key;
}
