/* The body of a new request. Member names match in any letter case, and unknown members are ignored. */
#include "altinn2/fields.h"
#include "altinn2/requests.h"
#include "text/text.h"

static void named_add(struct altinn2_body *out, struct urn party, struct str name)
{
	out->named[out->n_named++] = (struct altinn2_named){ party, name };
}

static struct urn party(const struct js *v, const char *name, struct altinn2_errors *e, bool required)
{
	struct str s = altinn2_text(v, name, ALTINN2_MAX_NUMBER, required, e);
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
	struct str name = altinn2_text(v, "OfferedByName", ALTINN2_MAX_NAME, true, e);
	if (out->ask.from.value.p && name.p)
		named_add(out, out->ask.from, name);
	out->ask.required_delegator = party(v, "RequiredDelegator", e, false);
	if (!out->ask.required_delegator.value.p)
		return;
	if (out->ask.required_delegator.kind != URN_PERSON)
		altinn2_error(e, A2_FIELD, "RequiredDelegator must be a person");
	name = altinn2_text(v, "RequiredDelegatorName", ALTINN2_MAX_NAME, true, e);
	if (name.p)
		named_add(out, out->ask.required_delegator, name);
}

static void metadata_read(struct arena *a, const struct js *v, struct altinn2_asked *asked, struct altinn2_errors *e)
{
	const struct js *m = altinn2_member(v, "Metadata");
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

static void services_read(struct arena *a, const struct js *v, struct altinn2_body *out, struct altinn2_errors *e)
{
	const struct js *list = altinn2_member(v, "RequestResources");
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
		struct str id = altinn2_service_id(a, one, e);
		if (id.p)
			asked->id = id;
		metadata_read(a, one, asked, e);
	}
}

/* {} counts as no message. */
static void message_read(struct arena *a, const struct js *v, struct altinn2_body *out, struct altinn2_errors *e)
{
	const struct js *m = altinn2_member(v, "RequestMessage");
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
	out->ask.covered_by = altinn2_orgno(v, "CoveredBy", true, e);
	out->ask.handled_by = altinn2_orgno(v, "HandledBy", false, e);
	giver_read(v, out, e);
	(void)altinn2_time(v, "ValidTo", true, A2_VALID_TO, &out->ask.valid_to, e);
	out->ask.redirect_url = altinn2_text(v, "RedirectUrl", CONSENT_MAX_REDIRECT, true, e);
	services_read(a, v, out, e);
	message_read(a, v, out, e);
	struct str mode = altinn2_text(v, "PortalViewMode", 20, false, e);
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
