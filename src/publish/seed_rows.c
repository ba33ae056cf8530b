/* The tables of all members that a seed document may have without extensions. */
#include <assert.h>

#include "base/clock.h"
#include "base/url.h"
#include "keys/keyring.h"
#include "model/roles.h"
#include "registry/policy.h"
#include "registry/policy_subject.h"
#include "registry/redirects.h"
#include "publish/seed_internal.h"
#include "registry/xacml.h"

/* ---- checks of one value ---- */

const char *seed_word_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	return str_only(v->s, "._-") ? NULL : "must be letters, digits and . _ -";
}

static const char *action_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	return str_only(v->s, "._:-") ? NULL : "must be letters, digits and . _ : -";
}

static const char *client_id_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	return str_only(v->s, "._:-@+~") ? NULL : "must be letters, digits and . _ : - @ + ~";
}

static const char *scope_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	struct str prefix, sub;
	bool sound = str_cut(v->s, ':', &prefix, &sub) && prefix.n && sub.n && str_only(v->s, "._:/-");
	return sound ? NULL : "must be PREFIX:NAME of letters, digits and . _ : / -";
}

const char *seed_orgno_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	return model_orgno_valid(v->s) ? NULL : "is no organisation number";
}

static const char *pid_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	return model_pid_valid(v->s) ? NULL : "is no national identity number";
}

static const char *uuid_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	struct uuid u;
	return uuid_parse(v->s, &u) == RC_OK && !uuid_is_nil(u) ? NULL : "is no UUID";
}

static const char *urn_ok(struct seed_doc *d, const struct js *v)
{
	struct urn u;
	return urn_parse(d->a, v->s, &u) == RC_OK ? NULL : "is no party URN";
}

static const char *org_urn_ok(struct seed_doc *d, const struct js *v)
{
	struct urn u;
	bool org = urn_parse(d->a, v->s, &u) == RC_OK && u.kind == URN_ORG;
	return org ? NULL : "is no URN of an organisation number";
}

static const char *type_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	bool sound = str_is(v->s, "person") || str_is(v->s, "organization");
	return sound ? NULL : "must be person or organization";
}

const char *seed_state_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	return str_is(v->s, "absent") || str_is(v->s, "present") ? NULL : "must be absent or present";
}

static const char *role_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	return role_urn_ok(v->s) ? NULL : "must be urn:altinn:rolecode:CODE or urn:altinn:external-role:ccr:NAME";
}

static const char *package_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	struct str p = STR("urn:altinn:accesspackage:");
	return str_starts(v->s, p) && v->s.n > p.n && str_only(v->s, "._:-") ? NULL
									     : "must be urn:altinn:accesspackage:CODE";
}

static const char *prefix_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	return str_only(v->s, "._-") ? NULL : "must be letters, digits and . _ -";
}

static const char *visibility_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	bool sound = str_is(v->s, "PUBLIC") || str_is(v->s, "PRIVATE") || str_is(v->s, "INTERNAL");
	return sound ? NULL : "must be PUBLIC, PRIVATE or INTERNAL";
}

static const char *integration_ok(struct seed_doc *d, const struct js *v)
{
	static const char *const types[] = { "maskinporten", "idporten", "ansattporten",
					     "api_klient",   "krr",      "eformidling" };
	(void)d;
	for (size_t i = 0; i < LEN(types); i++)
		if (str_is(v->s, types[i]))
			return NULL;
	return "is no integration type";
}

static const char *list_mode_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	return str_is(v->s, "Enabled") || str_is(v->s, "Disabled") ? NULL : "must be Enabled or Disabled";
}

static const char *duration_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	int64_t us;
	return clock_duration(v->s, &us) == RC_OK && us > 0 ? NULL : "must be an ISO 8601 duration such as P10D";
}

const char *seed_time_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	int64_t us;
	return clock_parse(v->s, &us) == RC_OK ? NULL : "must be an ISO 8601 time such as 2026-06-01T12:00:00Z";
}

static const char *lower_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	for (size_t i = 0; i < v->key.n; i++)
		if (v->key.p[i] >= 'A' && v->key.p[i] <= 'Z')
			return "the name must be in lower case";
	return v->key.n && v->key.n <= SEED_MAX_KEY ? NULL : "the name must have 1 to 100 bytes";
}

const char *seed_name_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	return v->key.n && v->key.n <= SEED_MAX_KEY ? NULL : "the name must have 1 to 100 bytes";
}

static const char *url_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	struct url u;
	return url_parse(v->s, &u) == RC_OK ? NULL : "is no absolute URL";
}

static const char *version_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	int64_t n = 0;
	return js_i64(v, &n) == RC_OK && n >= 1 ? NULL : "must be at least 1";
}

static const char *alg_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	enum jose_alg alg;
	return keyring_alg(v->s, &alg) == RC_OK ? NULL : "must be one of " KEYRING_ALGS;
}

static const char *not_empty(struct seed_doc *d, const struct js *v)
{
	(void)d;
	return v->n ? NULL : "must not be empty";
}

static const char *some_language(struct seed_doc *d, const struct js *v)
{
	(void)d;
	return v->n ? NULL : "needs a text in nb, nn or en";
}

static const char *subject_ok(struct seed_doc *d, const struct js *v)
{
	return policy_subject_fault(d->a, v->s);
}

static const char *one_policy(struct seed_doc *d, const struct js *v)
{
	(void)d;
	return js_get(v, "policy") && js_get(v, "policyXml") ? "has both policy and policyXml" : NULL;
}

/* ---- keys of clients ---- */

/* The members of a public RSA key (RFC 7517 section 4, RFC 7518 section 6.3.1), in order of name. */
static const struct seed_row jwk_rows[] = {
	{ "alg", SHAPE_JSON, 0, 0, NULL, NULL },     { "e", SHAPE_JSON, 0, 0, NULL, NULL },
	{ "key_ops", SHAPE_JSON, 0, 0, NULL, NULL }, { "kid", SHAPE_JSON, 0, 0, NULL, NULL },
	{ "kty", SHAPE_JSON, 0, 0, NULL, NULL },     { "n", SHAPE_JSON, 0, 0, NULL, NULL },
	{ "use", SHAPE_JSON, 0, 0, NULL, NULL },     { "x5c", SHAPE_JSON, 0, 0, NULL, NULL },
	{ "x5t", SHAPE_JSON, 0, 0, NULL, NULL },     { "x5t#S256", SHAPE_JSON, 0, 0, NULL, NULL },
	{ "x5u", SHAPE_JSON, 0, 0, NULL, NULL },     { NULL, SHAPE_TEXT, 0, 0, NULL, NULL },
};

/* The members that are stored. */
static struct str canonical(struct seed_doc *d, const struct js *v)
{
	struct buf b = BUF(d->a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	seed_write_members(&w, jwk_rows, v, NULL, 0);
	jsw_end_obj(&w);
	return buf_str(&b);
}

/* Notes the keys of the stored entry, once an entry. Only members of its key set count: an unknown member may hold
 * anything. */
static void stored_keys_note(struct seed_doc *d)
{
	static const struct js_opts opts = { .max_nodes = SEED_MAX_NODES };
	const struct js *entry;
	if (d->stored.n && js_parse(d->a, d->stored, &opts, &entry, NULL) == RC_OK)
		JS_EACH(key, js_get(js_get(entry, "jwks"), "keys"))
			map_put(&d->sound, d->a, canonical(d, key), d);
	d->stored = STR_NONE;
}

/* Parsing a key is costly. It is done once for each key: many clients of a service share one, and documents are applied
 * again. */
static const char *jwk_sound(struct seed_doc *d, const struct js *v)
{
	const char *why = "is no key";
	struct jwk *k = NULL;
	struct str text = canonical(d, v);
	stored_keys_note(d);
	if (map_get(&d->sound, text))
		return NULL;
	if (jwk_parse(v, &k, &why) != RC_OK)
		return why;
	bool rsa = jwk_alg(k) == JOSE_RS256 || jwk_alg(k) == JOSE_RS384 || jwk_alg(k) == JOSE_RS512;
	jwk_unref(k);
	if (!rsa)
		return "must be an RSA key for RS256, RS384 or RS512";
	map_put(&d->sound, d->a, text, d);
	return NULL;
}

static const char *jwk_ok(struct seed_doc *d, const struct js *v)
{
	struct str kid = STR_NONE;
	if (v->raw.n > SEED_MAX_JWK)
		return "is longer than 65536 bytes";
	if (js_get(v, "d"))
		return "holds a private key";
	if (js_member_str(v, "kid", &kid) != RC_OK || !kid.n || kid.n > SEED_KID_MAX || !str_only(kid, "._-"))
		return "kid must be letters, digits and . _ -";
	return jwk_sound(d, v);
}

static const char *kids_differ(struct seed_doc *d, const struct js *v)
{
	(void)d;
	JS_EACH(one, v)
		JS_EACH(other, v) {
			if (one == other)
				break;
			const struct js *a = js_get(one, "kid"), *b = js_get(other, "kid");
			if (js_is(a, JS_STRING) && js_is(b, JS_STRING) && str_eq(a->s, b->s))
				return "two keys have the same kid";
		}
	return NULL;
}

static const char *private_ok(struct seed_doc *d, const struct js *v)
{
	const char *why = "is no key";
	struct jwk *k = NULL;
	if (!d->o.sandbox)
		return "is for the sandbox only";
	if (v->raw.n > SEED_MAX_JWK)
		return "is longer than 65536 bytes";
	if (jwk_parse(v, &k, &why) != RC_OK)
		return why;
	bool is_private = jwk_is_private(k);
	jwk_unref(k);
	return is_private ? NULL : "holds no private key";
}

static const char *party_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	bool pid = js_get(v, "nationalId"), orgno = js_get(v, "organizationNumber");
	const struct js *type = js_get(v, "type");
	bool org = js_is(type, JS_STRING) && str_is(type->s, "organization");
	if (pid == orgno)
		return "needs one of nationalId and organizationNumber";
	if (type && org != orgno)
		return "type and number do not fit";
	if (org && js_get(v, "userId"))
		return "an organisation has no userId";
	return NULL;
}

static const char *role_one_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	return !js_get(v, "role") == !js_get(v, "package") ? "needs one of role and package" : NULL;
}

static const char *redirect_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	struct redirect_entry e;
	return redirect_entry_read(v->s, &e) == RC_OK
		       ? NULL
		       : "is no origin such as https://bank.example or https://*.bank.example";
}

// clang-format off
static const struct seed_row any_text[]  = { { "", SHAPE_TEXT, SEED_EMPTY, SEED_MAX_NAME, NULL, NULL } };
static const struct seed_row owner_code[] = { { "", SHAPE_TEXT, SEED_FOLDED, SEED_MAX_ID, seed_word_ok, NULL } };
static const struct seed_row action[]    = { { "", SHAPE_TEXT, 0, SEED_MAX_KEY, action_ok, NULL } };
static const struct seed_row orgno[]     = { { "", SHAPE_TEXT, 0, SEED_MAX_ID, seed_orgno_ok, NULL } };
static const struct seed_row org_urn[]   = { { "", SHAPE_TEXT, 0, SEED_MAX_ID, org_urn_ok, NULL } };
static const struct seed_row scope[]     = { { "", SHAPE_TEXT, 0, SEED_MAX_ID, scope_ok, NULL } };
static const struct seed_row origin[]    = { { "", SHAPE_TEXT, 0, SEED_MAX_URL, redirect_ok, NULL } };
static const struct seed_row jwk[]       = { { "", SHAPE_OBJECT, SEED_OPEN, 0, jwk_ok, jwk_rows } };

static const struct seed_row names_rows[] = {
	{ "nb", SHAPE_TEXT, SEED_EMPTY | SEED_NULL, SEED_MAX_DESCRIPTION, NULL, NULL },
	{ "nn", SHAPE_TEXT, SEED_EMPTY | SEED_NULL, SEED_MAX_DESCRIPTION, NULL, NULL },
	{ "en", SHAPE_TEXT, SEED_EMPTY | SEED_NULL, SEED_MAX_DESCRIPTION, NULL, NULL },
	{ "se", SHAPE_TEXT, SEED_EMPTY | SEED_NULL, SEED_MAX_DESCRIPTION, NULL, NULL },
	SEED_END
};
static const struct seed_row texts_rows[] = {
	{ "nb", SHAPE_TEXT, SEED_EMPTY | SEED_NULL, SEED_MAX_TEXT, NULL, NULL },
	{ "nn", SHAPE_TEXT, SEED_EMPTY | SEED_NULL, SEED_MAX_TEXT, NULL, NULL },
	{ "en", SHAPE_TEXT, SEED_EMPTY | SEED_NULL, SEED_MAX_TEXT, NULL, NULL },
	{ "se", SHAPE_TEXT, SEED_EMPTY | SEED_NULL, SEED_MAX_TEXT, NULL, NULL },
	SEED_END
};

static const struct seed_row party_rows[] = {
	{ "uuid",               SHAPE_TEXT, 0, SEED_MAX_ID, uuid_ok, NULL },
	{ "partyId",            SHAPE_INT,  0, SEED_MAX_NUMBER, version_ok, NULL },
	{ "userId",             SHAPE_INT,  0, SEED_MAX_NUMBER, version_ok, NULL },
	{ "type",               SHAPE_TEXT, SEED_REQUIRED, SEED_MAX_ID, type_ok, NULL },
	{ "nationalId",         SHAPE_TEXT, 0, SEED_MAX_ID, pid_ok, NULL },
	{ "organizationNumber", SHAPE_TEXT, 0, SEED_MAX_ID, seed_orgno_ok, NULL },
	{ "name",               SHAPE_TEXT, SEED_NULL, SEED_MAX_NAME, NULL, NULL },
	{ "unitType",           SHAPE_TEXT, SEED_NULL, SEED_MAX_KEY, seed_word_ok, NULL },
	{ "parent",             SHAPE_TEXT, SEED_NULL, SEED_MAX_ID, urn_ok, NULL },
	SEED_STATE, SEED_END
};
static const struct seed_row role_rows[] = {
	{ "party",   SHAPE_TEXT, SEED_KEY, SEED_MAX_ID, urn_ok, NULL },
	{ "holder",  SHAPE_TEXT, SEED_KEY, SEED_MAX_ID, urn_ok, NULL },
	{ "role",    SHAPE_TEXT, 0, SEED_MAX_ID, role_ok, NULL },
	{ "package", SHAPE_TEXT, 0, SEED_MAX_ID, package_ok, NULL },
	SEED_STATE, SEED_END
};
static const struct seed_row right_rows[] = {
	{ "party",    SHAPE_TEXT, SEED_KEY, SEED_MAX_ID, urn_ok, NULL },
	{ "holder",   SHAPE_TEXT, SEED_KEY, SEED_MAX_ID, urn_ok, NULL },
	{ "resource", SHAPE_TEXT, SEED_KEY, SEED_MAX_ID, seed_word_ok, NULL },
	{ "actions",  SHAPE_LIST, SEED_REQUIRED, SEED_MAX_ACTIONS, not_empty, action },
	SEED_STATE, SEED_END
};

static const struct seed_row giver_rows[] = { /* texts for a person and for an organisation that gives the consent */
	{ "person", SHAPE_OBJECT, SEED_REQUIRED, 0, some_language, texts_rows },
	{ "org",    SHAPE_OBJECT, SEED_REQUIRED, 0, some_language, texts_rows },
	SEED_END
};
static const struct seed_row template_text_rows[] = {
	{ "title",                      SHAPE_OBJECT, SEED_REQUIRED, 0, NULL, giver_rows },
	{ "titleAccepted",              SHAPE_OBJECT, SEED_NULL, 0, some_language, texts_rows },
	{ "heading",                    SHAPE_OBJECT, SEED_REQUIRED, 0, NULL, giver_rows },
	{ "serviceIntro",               SHAPE_OBJECT, SEED_REQUIRED, 0, NULL, giver_rows },
	{ "serviceIntroAccepted",       SHAPE_OBJECT, SEED_REQUIRED, 0, NULL, giver_rows },
	{ "overriddenDelegationContext", SHAPE_OBJECT, SEED_NULL, 0, some_language, texts_rows },
	{ "expiration",                 SHAPE_OBJECT, SEED_REQUIRED, 0, some_language, texts_rows },
	{ "expirationOneTime",          SHAPE_OBJECT, SEED_REQUIRED, 0, some_language, texts_rows },
	{ "handledBy",                  SHAPE_OBJECT, SEED_REQUIRED, 0, some_language, texts_rows },
	{ "historyUsedBody",            SHAPE_OBJECT, SEED_NULL, 0, some_language, texts_rows },
	{ "historyUsedByHandledByBody", SHAPE_OBJECT, SEED_NULL, 0, some_language, texts_rows },
	SEED_END
};
static const struct seed_row template_rows[] = {
	{ "id",                        SHAPE_TEXT, SEED_KEY, SEED_MAX_ID, seed_word_ok, NULL },
	{ "version",                   SHAPE_INT,  0, SEED_MAX_NUMBER, version_ok, NULL },
	{ "title",                     SHAPE_TEXT, SEED_REQUIRED, SEED_MAX_NAME, NULL, NULL },
	{ "isPoa",                     SHAPE_BOOL, 0, 0, NULL, NULL },
	{ "isMessageSetInRequest",     SHAPE_BOOL, 0, 0, NULL, NULL },
	{ "restrictedToServiceOwners", SHAPE_LIST, SEED_NULL, SEED_MAX_OWNERS, NULL, owner_code },
	{ "texts",                     SHAPE_OBJECT, SEED_REQUIRED, 0, NULL, template_text_rows },
	SEED_STATE, SEED_END
};

static const struct seed_row authority_rows[] = {
	{ "organization", SHAPE_TEXT, SEED_REQUIRED, SEED_MAX_ID, seed_orgno_ok, NULL },
	{ "orgcode",      SHAPE_TEXT, SEED_REQUIRED | SEED_FOLDED, SEED_MAX_ID, seed_word_ok, NULL },
	{ "name",         SHAPE_OBJECT, SEED_NULL, 0, some_language, names_rows },
	SEED_END
};
static const struct seed_row metadata_rows[] = {
	{ "optional", SHAPE_BOOL, 0, 0, NULL, NULL },
	SEED_END
};
static const struct seed_row metadata_key[] = { { "", SHAPE_OBJECT, 0, 0, lower_ok, metadata_rows } };
static const struct seed_row limits_rows[] = {
	{ "maxValidity", SHAPE_TEXT, SEED_NULL, SEED_MAX_KEY, duration_ok, NULL },
	SEED_END
};
static const struct seed_row subject[]     = { { "", SHAPE_TEXT, 0, SEED_MAX_ID, subject_ok, NULL } };
static const struct seed_row alternative[] = { { "", SHAPE_LIST, 0, SEED_MAX_ALL, not_empty, subject } };
static const struct seed_row rule_rows[] = {
	{ "actions",  SHAPE_LIST, SEED_REQUIRED, SEED_MAX_ACTIONS, not_empty, action },
	{ "subjects", SHAPE_LIST, SEED_REQUIRED, SEED_MAX_SUBJECTS, not_empty, alternative },
	SEED_END
};
static const struct seed_row rule[] = { { "", SHAPE_OBJECT, 0, 0, NULL, rule_rows } };
static const struct seed_row policy_rows[] = {
	{ "minimumAuthenticationLevel", SHAPE_INT, 0, POLICY_MAX_LEVEL, NULL, NULL },
	{ "rules",                      SHAPE_LIST, SEED_REQUIRED, SEED_MAX_RULES, NULL, rule },
	SEED_END
};
static const struct seed_row contact_rows[] = {
	{ "category",    SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_NAME, NULL, NULL },
	{ "email",       SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_NAME, NULL, NULL },
	{ "telephone",   SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_KEY, NULL, NULL },
	{ "contactPage", SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_URL, NULL, NULL },
	SEED_END
};
static const struct seed_row contact[] = { { "", SHAPE_OBJECT, 0, 0, NULL, contact_rows } };
static const struct seed_row keyword_rows[] = {
	{ "word",     SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_NAME, NULL, NULL },
	{ "language", SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_KEY, NULL, NULL },
	SEED_END
};
static const struct seed_row keyword[] = { { "", SHAPE_OBJECT, 0, 0, NULL, keyword_rows } };
static const struct seed_row reference_rows[] = {
	{ "referenceSource", SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_KEY, NULL, NULL },
	{ "reference",       SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_URL, NULL, NULL },
	{ "referenceType",   SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_KEY, NULL, NULL },
	SEED_END
};
static const struct seed_row reference[] = { { "", SHAPE_OBJECT, 0, 0, NULL, reference_rows } };
static const struct seed_row authorization_rows[] = {
	{ "id",    SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_ID, NULL, NULL },
	{ "value", SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_ID, NULL, NULL },
	SEED_END
};
static const struct seed_row authorization[] = { { "", SHAPE_OBJECT, 0, 0, NULL, authorization_rows } };
static const struct seed_row resource_rows[] = { /* from "description" to "authorizationReference": published, not used */
	{ "identifier",            SHAPE_TEXT, SEED_KEY, SEED_MAX_ID, seed_word_ok, NULL },
	{ "resourceType",          SHAPE_TEXT, SEED_REQUIRED, SEED_MAX_ID, seed_word_ok, NULL },
	{ "versionId",             SHAPE_INT,  SEED_REQUIRED, SEED_MAX_NUMBER, version_ok, NULL },
	{ "status",                SHAPE_TEXT, 0, SEED_MAX_ID, seed_word_ok, NULL },
	{ "title",                 SHAPE_OBJECT, SEED_REQUIRED, 0, some_language, names_rows },
	{ "description",           SHAPE_OBJECT, SEED_NULL, 0, NULL, names_rows },
	{ "rightDescription",      SHAPE_OBJECT, SEED_NULL, 0, NULL, names_rows },
	{ "homepage",              SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_URL, NULL, NULL },
	{ "version",               SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_KEY, NULL, NULL },
	{ "contactPoints",         SHAPE_LIST, SEED_NULL, SEED_MAX_EXTRAS, NULL, contact },
	{ "keywords",              SHAPE_LIST, SEED_NULL, SEED_MAX_EXTRAS, NULL, keyword },
	{ "visible",               SHAPE_BOOL, SEED_NULL, 0, NULL, NULL },
	{ "selfIdentifiedUserEnabled", SHAPE_BOOL, SEED_NULL, 0, NULL, NULL },
	{ "enterpriseUserEnabled", SHAPE_BOOL, SEED_NULL, 0, NULL, NULL },
	{ "availableForType",      SHAPE_LIST, SEED_NULL, SEED_MAX_EXTRAS, NULL, any_text },
	{ "spatial",               SHAPE_LIST, SEED_NULL, SEED_MAX_EXTRAS, NULL, any_text },
	{ "produces",              SHAPE_LIST, SEED_NULL, SEED_MAX_EXTRAS, NULL, any_text },
	{ "thematicAreas",         SHAPE_LIST, SEED_NULL, SEED_MAX_EXTRAS, NULL, any_text },
	{ "isPartOf",              SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_NAME, NULL, NULL },
	{ "limitedByRRR",          SHAPE_BOOL, SEED_NULL, 0, NULL, NULL },
	{ "resourceReferences",    SHAPE_LIST, SEED_NULL, SEED_MAX_EXTRAS, NULL, reference },
	{ "authorizationReference", SHAPE_LIST, SEED_NULL, SEED_MAX_EXTRAS, NULL, authorization },
	{ "hasCompetentAuthority", SHAPE_OBJECT, SEED_REQUIRED, 0, NULL, authority_rows },
	{ "consentTemplate",       SHAPE_TEXT, 0, SEED_MAX_ID, seed_word_ok, NULL },
	{ "consentText",           SHAPE_OBJECT, 0, 0, some_language, texts_rows },
	{ "consentMetadata",       SHAPE_MAP,  SEED_NULL, SEED_MAX_METADATA, NULL, metadata_key },
	{ "isOneTimeConsent",      SHAPE_BOOL, 0, 0, NULL, NULL },
	{ "delegable",             SHAPE_BOOL, 0, 0, NULL, NULL },
	{ "accessListMode",        SHAPE_TEXT, 0, SEED_MAX_ID, list_mode_ok, NULL },
	{ "limits",                SHAPE_OBJECT, SEED_NULL, 0, NULL, limits_rows },
	{ "policy",                SHAPE_OBJECT, 0, 0, NULL, policy_rows },
	{ "policyXml",             SHAPE_TEXT, 0, XACML_MAX_BYTES, NULL, NULL },
	SEED_STATE, SEED_END
};

static const struct seed_row connection_rows[] = {
	{ "resource",      SHAPE_TEXT, SEED_REQUIRED, SEED_MAX_ID, seed_word_ok, NULL },
	{ "actionFilters", SHAPE_LIST, SEED_NULL, SEED_MAX_ACTIONS, NULL, action },
	SEED_END
};
static const struct seed_row connection[] = { { "", SHAPE_OBJECT, 0, 0, NULL, connection_rows } };
static const struct seed_row access_list_rows[] = {
	{ "owner",               SHAPE_TEXT, SEED_KEY | SEED_FOLDED, SEED_MAX_ID, seed_word_ok, NULL },
	{ "identifier",          SHAPE_TEXT, SEED_KEY, SEED_MAX_ID, seed_word_ok, NULL },
	{ "name",                SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_NAME, NULL, NULL },
	{ "description",         SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_DESCRIPTION, NULL, NULL },
	{ "members",             SHAPE_LIST, 0, SEED_MAX_MEMBERS, NULL, org_urn },
	{ "resourceConnections", SHAPE_LIST, 0, SEED_MAX_CONNECTIONS, NULL, connection },
	SEED_STATE, SEED_END
};
static const struct seed_row integration[] = { { "", SHAPE_TEXT, 0, SEED_MAX_KEY, integration_ok, NULL } };
static const struct seed_row granted[]     = { { "", SHAPE_TEXT, 0, SEED_MAX_KEY, seed_time_ok, NULL } };
static const struct seed_row prefix_rows[] = {
	{ "prefix", SHAPE_TEXT, SEED_KEY, SEED_MAX_KEY, prefix_ok, NULL },
	{ "owner",  SHAPE_TEXT, SEED_REQUIRED, SEED_MAX_ID, seed_orgno_ok, NULL },
	SEED_STATE, SEED_END
};
static const struct seed_row scope_rows[] = {
	{ "scope",            SHAPE_TEXT, SEED_KEY, SEED_MAX_ID, scope_ok, NULL },
	{ "owner",            SHAPE_TEXT, SEED_REQUIRED, SEED_MAX_ID, seed_orgno_ok, NULL },
	{ "description",      SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_DESCRIPTION, NULL, NULL },
	{ "accessibleForAll", SHAPE_BOOL, SEED_NULL, 0, NULL, NULL },
	{ "delegationSource", SHAPE_TEXT, SEED_NULL, SEED_MAX_URL, url_ok, NULL },
	{ "atMaxAge",         SHAPE_INT,  SEED_NULL, SEED_MAX_LIFETIME, NULL, NULL },
	{ "tokenAlg",         SHAPE_TEXT, SEED_NULL, SEED_MAX_KEY, alg_ok, NULL },
	{ "authorizationMaxAge", SHAPE_INT, SEED_NULL, SEED_MAX_LIFETIME, NULL, NULL },
	{ "visibility",       SHAPE_TEXT, SEED_NULL, SEED_MAX_KEY, visibility_ok, NULL },
	{ "allowedIntegrationTypes", SHAPE_LIST, SEED_NULL, SEED_MAX_TYPES, NULL, integration },
	{ "grants",           SHAPE_LIST, 0, SEED_MAX_MEMBERS, NULL, orgno },
	{ "granted",          SHAPE_MAP,  SEED_NULL | SEED_TIMES, SEED_MAX_MEMBERS, NULL, granted },
	{ "created",          SHAPE_TEXT, SEED_NULL | SEED_MADE, SEED_MAX_KEY, seed_time_ok, NULL },
	{ "lastUpdated",      SHAPE_TEXT, SEED_NULL | SEED_CHANGED, SEED_MAX_KEY, seed_time_ok, NULL },
	SEED_STATE, SEED_END
};
static const struct seed_row jwks_rows[] = {
	{ "keys",   SHAPE_LIST, SEED_REQUIRED, SEED_MAX_JWKS, kids_differ, jwk },
	{ "posted", SHAPE_TEXT, SEED_NULL, SEED_MAX_KEY, seed_time_ok, NULL },
	SEED_END
};
static const struct seed_row client_rows[] = {
	{ "clientId",            SHAPE_TEXT, SEED_KEY, SEED_MAX_ID, client_id_ok, NULL },
	{ "orgno",               SHAPE_TEXT, SEED_REQUIRED, SEED_MAX_ID, seed_orgno_ok, NULL },
	{ "supplierOrgno",       SHAPE_TEXT, SEED_NULL, SEED_MAX_ID, seed_orgno_ok, NULL },
	{ "name",                SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_NAME, NULL, NULL },
	{ "description",         SHAPE_TEXT, SEED_NULL | SEED_EMPTY, SEED_MAX_DESCRIPTION, NULL, NULL },
	{ "scopes",              SHAPE_LIST, 0, SEED_MAX_SCOPES, NULL, scope },
	{ "jwks",                SHAPE_OBJECT, 0, 0, NULL, jwks_rows },
	{ "privateJwk",          SHAPE_JSON, SEED_NULL | SEED_SECRET, 0, private_ok, NULL },
	{ "accessTokenLifetime", SHAPE_INT,  SEED_NULL, SEED_MAX_LIFETIME, version_ok, NULL },
	{ "tokenAlg",            SHAPE_TEXT, SEED_NULL, SEED_MAX_KEY, alg_ok, NULL },
	{ "redirectAllow",       SHAPE_LIST, SEED_NULL, SEED_MAX_REDIRECTS, NULL, origin },
	{ "statusList",          SHAPE_BOOL, 0, 0, NULL, NULL },
	{ "created",             SHAPE_TEXT, SEED_NULL | SEED_MADE, SEED_MAX_KEY, seed_time_ok, NULL },
	{ "lastUpdated",         SHAPE_TEXT, SEED_NULL | SEED_CHANGED, SEED_MAX_KEY, seed_time_ok, NULL },
	SEED_STATE, SEED_END
};
static const struct seed_row delegation_rows[] = {
	{ "consumer", SHAPE_TEXT, SEED_KEY, SEED_MAX_ID, seed_orgno_ok, NULL },
	{ "supplier", SHAPE_TEXT, SEED_KEY, SEED_MAX_ID, seed_orgno_ok, NULL },
	{ "scopes",   SHAPE_LIST, SEED_REQUIRED, SEED_MAX_SCOPES, NULL, scope },
	{ "created",            SHAPE_TEXT, SEED_NULL | SEED_MADE, SEED_MAX_ID, seed_time_ok, NULL },
	{ "resource",           SHAPE_TEXT, SEED_NULL, SEED_MAX_ID, seed_word_ok, NULL },
	{ "delegationSchemeId", SHAPE_TEXT, SEED_NULL, SEED_MAX_ID, uuid_ok, NULL },
	SEED_STATE, SEED_END
};

struct seed_section seed_sections[SECTION__MAX] = {
	[SECTION_PARTY]       = { "parties", NULL, NULL, "party", party_rows, .check = party_ok },
	[SECTION_ROLE]        = { "roles", NULL, NULL, "role", role_rows, .check = role_one_ok },
	[SECTION_RIGHT]       = { "rights", NULL, NULL, "right", right_rows },
	[SECTION_TEMPLATE]    = { "templates", NULL, "template", "template", template_rows, { "id" }, .version = "version",
				  .max_bytes = SEED_BYTES_TEMPLATE },
	[SECTION_RESOURCE]    = { "resources", NULL, "resource", "resource", resource_rows, { "identifier" },
				  .version = "versionId", .fixed = true, .check = one_policy, .max_bytes = SEED_BYTES_RESOURCE },
	[SECTION_ACCESS_LIST] = { "accessLists", NULL, "accessList", "accessList", access_list_rows, { "owner", "identifier" } },
	[SECTION_PREFIX]      = { "prefixes", NULL, "prefix", "prefix", prefix_rows, { "prefix" } },
	[SECTION_SCOPE]       = { "scopes", NULL, "scope", "scope", scope_rows, { "scope" }, .deactivates = true },
	[SECTION_CLIENT]      = { "clients", NULL, "client", "client", client_rows, { "clientId" }, .deactivates = true,
				  .max_bytes = SEED_BYTES_CLIENT },
	[SECTION_DELEGATION]  = { "delegations", NULL, "delegation", "delegation", delegation_rows, { "consumer", "supplier" } },
};
// clang-format on

void seed_extend(const struct seed_section *sections, size_t n)
{
	size_t at = SECTION_EXTRA;
	while (at < SECTION__MAX && seed_sections[at].list)
		at++;
	assert(n <= SECTION__MAX - at);
	for (size_t i = 0; i < n; i++)
		seed_sections[at + i] = sections[i];
}
