#include "oauth/oauth.h"

#define TYPE_CONSENT "urn:altinn:consent"

static enum rc bad_value(struct oauth_error *err, const char *field)
{
	*err = (struct oauth_error){ .fault = OF_RAR_VALUE, .detail = str_of(field) };
	return RC_DENIED;
}

static enum rc members_check(const struct js *o, struct oauth_error *err)
{
	JS_EACH(m, o) {
		if (str_is(m->key, "type") || str_is(m->key, "id") || str_is(m->key, "from"))
			continue;
		*err = (struct oauth_error){ .fault = OF_RAR_FIELD, .detail = m->key };
		return RC_DENIED;
	}
	return RC_OK;
}

/* = RFC 9396 5: "The AS MUST refuse to process any unknown authorization details type or authorization details not
 * conforming to the respective type definition": unknown type or field, wrong type, missing or invalid value. */
enum rc oauth_details_parse(struct arena *a, const struct grant *g, struct oauth_consent *out, struct oauth_error *err)
{
	struct oauth_consent c = { 0 };
	struct str type, id, from;
	if (!js_is(g->details, JS_ARRAY) || g->details->n != 1 || !js_is(g->details->child, JS_OBJECT))
		return bad_value(err, "authorization_details");
	const struct js *o = g->details->child;
	if (js_member_str(o, "type", &type) != RC_OK)
		return bad_value(err, "type");
	if (!str_is(type, TYPE_CONSENT)) {
		*err = (struct oauth_error){ .fault = OF_RAR_TYPE, .detail = type };
		return RC_DENIED;
	}
	TRY(members_check(o, err));
	if (js_member_str(o, "id", &id) != RC_OK || uuid_parse(id, &c.id) != RC_OK)
		return bad_value(err, "id");
	if (js_member_str(o, "from", &from) != RC_OK || urn_parse(a, from, &c.from) != RC_OK)
		return bad_value(err, "from");
	if (c.from.kind != URN_PERSON && c.from.kind != URN_ORG)
		return bad_value(err, "from");
	*out = c;
	return RC_OK;
}
