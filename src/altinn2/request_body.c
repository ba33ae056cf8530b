/* The body of a new request. Member names match in any letter case, and unknown members are ignored. */
#include "altinn2/requests.h"
#include "base/clock.h"
#include "base/scan.h"
#include "text/text.h"

static const struct js *member(const struct js *v, const char *name)
{
	const struct js *m = js_get_icase(v, name);
	return m && m->type != JS_NULL ? m : NULL;
}

/* Absent: it is missing, or a fault was added. */
static struct str text(const struct js *v, const char *name, size_t max, bool required, struct altinn2_errors *e)
{
	const struct js *m = member(v, name);
	if (!m || (m->type == JS_STRING && !m->s.n && !required)) {
		if (required)
			altinn2_error(e, A2_FIELD, "%s is missing", name);
		return STR_NONE;
	}
	if (m->type != JS_STRING || !str_trim(m->s).n)
		altinn2_error(e, A2_FIELD, "%s must be a text", name);
	else if (m->s.n > max)
		altinn2_error(e, A2_FIELD, "%s is longer than %zu bytes", name, max);
	else
		return str_trim(m->s);
	return STR_NONE;
}

static struct str orgno(const struct js *v, const char *name, bool required, struct altinn2_errors *e)
{
	struct str s = text(v, name, 20, required, e);
	if (!s.p || model_orgno_valid(s))
		return s;
	altinn2_error(e, A2_FIELD, "%s is no organisation number", name);
	return STR_NONE;
}

static void named_add(struct altinn2_body *out, const char *member, struct str ident, struct str name)
{
	out->named[out->n_named++] = (struct altinn2_named){ member, ident, name };
}

static struct urn party(const struct js *v, const char *name, struct altinn2_errors *e, bool required)
{
	struct str s = text(v, name, 20, required, e);
	if (!s.p)
		return (struct urn){ 0 };
	if (model_orgno_valid(s))
		return (struct urn){ .kind = URN_ORG, .value = s };
	if (!model_pid_valid(s))
		altinn2_error(e, A2_NAME, "%s is either not a valid organization number or social security number",
			      name);
	return (struct urn){ .kind = URN_PERSON, .value = s };
}

static void giver_read(const struct js *v, struct altinn2_body *out, struct altinn2_errors *e)
{
	out->ask.from = party(v, "OfferedBy", e, true);
	struct str name = text(v, "OfferedByName", ALTINN2_MAX_NAME, true, e);
	if (out->ask.from.value.p && name.p)
		named_add(out, "OfferedBy", out->ask.from.value, name);
	out->ask.required_delegator = party(v, "RequiredDelegator", e, false);
	if (!out->ask.required_delegator.value.p)
		return;
	if (out->ask.required_delegator.kind != URN_PERSON)
		altinn2_error(e, A2_FIELD, "RequiredDelegator must be a person");
	name = text(v, "RequiredDelegatorName", ALTINN2_MAX_NAME, true, e);
	if (name.p)
		named_add(out, "RequiredDelegator", out->ask.required_delegator.value, name);
}

static void end_read(const struct js *v, struct altinn2_body *out, struct altinn2_errors *e)
{
	struct str s = text(v, "ValidTo", 60, true, e);
	if (s.p && clock_parse_local(s, &out->ask.valid_to) != RC_OK)
		altinn2_error(e, A2_VALID_TO, "ValidTo must be a time such as 2026-04-11T12:00:00");
}

static void metadata_read(struct arena *a, const struct js *v, struct altinn2_asked *asked, struct altinn2_errors *e)
{
	const struct js *m = member(v, "Metadata");
	struct meta **at = &asked->metadata;
	if (m && (m->type != JS_OBJECT || m->n > CONSENT_MAX_METADATA)) {
		altinn2_error(e, A2_FIELD, "Metadata must be an object of at most %d members", CONSENT_MAX_METADATA);
		return;
	}
	JS_EACH(one, m) {
		if (one->type != JS_STRING || one->s.n > CONSENT_MAX_VALUE || one->key.n > CONSENT_MAX_KEY) {
			altinn2_error(e, A2_FIELD, "Metadata: a value must be a text of at most %d bytes",
				      CONSENT_MAX_VALUE);
			continue;
		}
		*at = arena_new(a, struct meta);
		**at = (struct meta){ .key = one->key, .value = one->s };
		at = &(*at)->next;
	}
}

/* The code is a text and the edition a number; both are taken as either. */
static struct str code_read(struct arena *a, const struct js *v, const char *name, struct altinn2_errors *e)
{
	const struct js *m = member(v, name);
	uint64_t n;
	if (js_is(m, JS_STRING) && m->s.n <= SEED_MAX_KEY && str_u64(m->s, &n) == RC_OK)
		return m->s;
	int64_t number;
	if (js_is(m, JS_NUMBER) && js_i64(m, &number) == RC_OK && number >= 0)
		return arena_fmt(a, "%lld", (long long)number);
	altinn2_error(e, A2_FIELD, "%s must be digits", name);
	return STR_NONE;
}

static void services_read(struct arena *a, const struct js *v, struct altinn2_body *out, struct altinn2_errors *e)
{
	const struct js *list = member(v, "RequestResources");
	if (!js_is(list, JS_ARRAY) || !list->n || list->n > ALTINN2_MAX_SERVICES) {
		altinn2_error(e, A2_FIELD, "RequestResources must be a list of 1 to %d services", ALTINN2_MAX_SERVICES);
		return;
	}
	JS_EACH(one, list) {
		struct altinn2_asked *asked = &out->ask.services[out->ask.n_services++];
		*asked = (struct altinn2_asked){ .id = STR("") };
		if (one->type != JS_OBJECT) {
			altinn2_error(e, A2_FIELD, "RequestResources: a service must be an object");
			continue;
		}
		struct str code = code_read(a, one, "ServiceCode", e),
			   edition = code_read(a, one, "ServiceEditionCode", e);
		if (code.p && edition.p)
			asked->id = arena_fmt(a, "%.*s_%.*s", STR_FMT(code), STR_FMT(edition));
		metadata_read(a, one, asked, e);
	}
}

/* {} counts as no message. */
static void message_read(struct arena *a, const struct js *v, struct altinn2_body *out, struct altinn2_errors *e)
{
	const struct js *m = member(v, "RequestMessage");
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	bool seen[LANG__MAX] = { false };
	size_t n = 0;
	if (m && (m->type != JS_OBJECT || m->n > CONSENT_MAX_MESSAGES)) {
		altinn2_error(e, A2_FIELD, "RequestMessage must be an object of at most %d languages",
			      CONSENT_MAX_MESSAGES);
		return;
	}
	jsw_obj(&w);
	JS_EACH(one, m) {
		enum lang lang;
		bool ok = one->type == JS_STRING && lang_parse_shipped(one->key, &lang) == RC_OK && !seen[lang];
		if (!ok || one->s.n > CONSENT_MAX_MESSAGE) {
			altinn2_error(e, A2_FIELD,
				      "RequestMessage: no-nb, no-nn and en, each once, are texts of at most %d bytes",
				      CONSENT_MAX_MESSAGE);
			return;
		}
		if (one->s.n)
			jsw_kstr(&w, lang_code(lang), one->s);
		seen[lang] = true;
		n += one->s.n > 0;
	}
	jsw_end_obj(&w);
	if (n)
		out->ask.message_json = buf_str(&b);
}

void altinn2_body_read(struct arena *a, const struct js *v, struct altinn2_body *out, struct altinn2_errors *e)
{
	*out = (struct altinn2_body){ .n_named = 0 };
	out->ask.covered_by = orgno(v, "CoveredBy", true, e);
	out->ask.handled_by = orgno(v, "HandledBy", false, e);
	giver_read(v, out, e);
	end_read(v, out, e);
	out->ask.redirect_url = text(v, "RedirectUrl", CONSENT_MAX_REDIRECT, true, e);
	services_read(a, v, out, e);
	message_read(a, v, out, e);
	struct str mode = text(v, "PortalViewMode", 20, false, e);
	if (mode.p && view_mode_parse(mode, &out->ask.view_mode) != RC_OK)
		altinn2_error(e, A2_FIELD, "PortalViewMode must be Show or Hide");
}

/* ---- names ---- */

static struct str last_word(struct str s)
{
	s = str_trim(s);
	size_t i = s.n;
	while (i > 0 && s.p[i - 1] != ' ')
		i--;
	return str_span(s.p + i, s.n - i);
}

bool altinn2_name_fits(struct arena *a, const struct party *p, struct str name)
{
	if (!p->name.p)
		return true;
	struct str have = text_lower(a, str_trim(p->name)), sent = text_lower(a, str_trim(name));
	if (p->type == PARTY_ORG)
		return str_eq(have, sent);
	return str_eq(last_word(have), last_word(sent));
}
