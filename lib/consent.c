#include "internal.h"

#include <assert.h>

#include "model/iso6523.h"

static enum rc right_check(struct arena *a, const struct js *right)
{
	const struct js *actions = js_get(right, "action"), *resources = js_get(right, "resource");
	const struct js *metadata = js_get(right, "metadata");
	struct str s;
	if (!js_is(actions, JS_ARRAY) || actions->n == 0 || !js_is(resources, JS_ARRAY) || resources->n != 1)
		return RC_INVALID;
	JS_EACH(action, actions)
		if (action->type != JS_STRING)
			return RC_INVALID;
	TRY(js_member_str(resources->child, "type", &s));
	TRY(js_member_str(resources->child, "value", &s));
	if (!metadata)
		return RC_OK;
	if (metadata->type != JS_OBJECT || js_twin(a, metadata))
		return RC_INVALID;
	JS_EACH(m, metadata)
		if (m->type != JS_STRING)
			return RC_INVALID;
	return RC_OK;
}

static enum rc fields(struct samtykke_token *t, const struct js *o)
{
	struct consent_claims *c = &t->consent;
	struct uuid id;
	struct urn from;
	TRY(js_member_str(o, "id", &c->id));
	TRY(uuid_parse(c->id, &id));
	TRY(js_member_str(o, "from", &c->from));
	TRY(urn_parse(&t->arena, c->from, &from));
	if (from.kind != URN_PERSON && from.kind != URN_ORG)
		return RC_INVALID;
	c->from_number = from.value;
	TRY(iso6523_read(js_get(o, "to"), &c->to));
	TRY(js_member_str(o, "consented", &c->consented_text));
	TRY(clock_parse(c->consented_text, &c->consented));
	TRY(js_member_str(o, "validTo", &c->valid_to_text));
	TRY(clock_parse(c->valid_to_text, &c->valid_to));
	c->rights = js_get(o, "consentRights");
	if (!js_is(c->rights, JS_ARRAY) || c->rights->n == 0)
		return RC_INVALID;
	JS_EACH(r, c->rights)
		TRY(right_check(&t->arena, r));
	return RC_OK;
}

/* = RFC 9396 §2: authorization_details is an array of objects, each with a type. A consent must be the only object.
 * Tokens with details of other types only carry no consent. */
enum samtykke_rc consent_decode(struct samtykke_token *t)
{
	const struct js *details = js_get(t->claims, "authorization_details");
	bool found = false;
	struct str type;
	assert(js_is(t->claims, JS_OBJECT) && !t->has_consent);

	if (!details)
		return SAMTYKKE_NO_CONSENT;
	if (details->type != JS_ARRAY)
		return SAMTYKKE_BAD_CONSENT;
	JS_EACH(d, details) {
		if (js_member_str(d, "type", &type) != RC_OK)
			return SAMTYKKE_BAD_CONSENT;
		found |= str_is(type, "urn:altinn:consent");
	}
	if (!found)
		return SAMTYKKE_NO_CONSENT;
	if (details->n != 1 || fields(t, details->child) != RC_OK) {
		t->consent =
			(struct consent_claims){ 0 }; /* values from before the fault must not look like a consent */
		return SAMTYKKE_BAD_CONSENT;
	}
	t->has_consent = true;
	return SAMTYKKE_OK;
}

static bool action_covered(const struct js *actions, const char *action)
{
	JS_EACH(a, actions) {
		if (action ? str_ieq(a->s, str_of(action)) : str_is(a->s, "consent") || str_is(a->s, "read"))
			return true;
	}
	return false;
}

static bool metadata_covered(const struct js *metadata, const char *const *pairs)
{
	for (; pairs && pairs[0]; pairs += 2) {
		const struct js *v = js_get_icase(metadata, pairs[0]);
		if (!pairs[1] || !js_is(v, JS_STRING) || !str_is(v->s, pairs[1]))
			return false;
	}
	return true;
}

static bool right_covers(const struct js *right, const char *resource, const char *action, const char *const *metadata)
{
	const struct js *r = js_get(right, "resource")->child;
	if (resource &&
	    !(str_is(js_get(r, "type")->s, "urn:altinn:resource") && str_is(js_get(r, "value")->s, resource)))
		return false;
	return action_covered(js_get(right, "action"), action) && metadata_covered(js_get(right, "metadata"), metadata);
}

bool consent_covers(const struct samtykke_token *t, const char *resource, const char *action,
		    const char *const *metadata, size_t *right_out)
{
	size_t i = 0;
	if (!t->has_consent)
		return false;
	JS_EACH(right, t->consent.rights) {
		if (right_covers(right, resource, action, metadata)) {
			if (right_out)
				*right_out = i;
			return true;
		}
		i++;
	}
	return false;
}
