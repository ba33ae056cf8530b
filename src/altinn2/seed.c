/* The section altinn2 of a seed document. */
#include "altinn2/internal.h"
#include "altinn2/redirect.h"
#include "base/scan.h"

static const char *hex_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	if (v->s.n != 64)
		return "must be 64 hexadecimal digits";
	for (size_t i = 0; i < v->s.n; i++)
		if (!strchr("0123456789abcdef", v->s.p[i]) || !v->s.p[i])
			return "must be 64 hexadecimal digits in lower case";
	return NULL;
}

static const char *digits_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	uint64_t n;
	return str_u64(v->s, &n) == RC_OK ? NULL : "must be digits";
}

static const char *payload_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	int64_t n;
	return js_i64(v, &n) == RC_OK && n >= 1 ? NULL : "must be 1, 2 or 3";
}

static const char *domain_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	CLEANUP(arena_finish) struct arena a = { 0 };
	return altinn2_domain_ok(&a, v->s) ? NULL : "must be a domain such as bank.example, *.bank.example or app://";
}

static const char *api_key_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	return !js_get(v, "key") == !js_get(v, "sha256") ? "needs one of key and sha256" : NULL;
}

// clang-format off
static const struct seed_row api_key_rows[] = {
	{ "key",    SHAPE_TEXT, SEED_UNSTORED, SEED_MAX_ID, NULL, NULL },
	{ "sha256", SHAPE_TEXT, SEED_UNSTORED, SEED_MAX_ID, hex_ok, NULL },
	{ "orgno",  SHAPE_TEXT, SEED_REQUIRED, SEED_MAX_ID, seed_orgno_ok, NULL },
	SEED_STATE, SEED_END
};
static const struct seed_row redirect[]      = { { "", SHAPE_TEXT, 0, SEED_MAX_URL, domain_ok, NULL } };
static const struct seed_row metadata_name[] = { { "", SHAPE_TEXT, 0, SEED_MAX_KEY, seed_name_ok, NULL } };
static const struct seed_row srr_rows[] = {
	{ "orgno",                  SHAPE_TEXT, SEED_REQUIRED, SEED_MAX_ID, seed_orgno_ok, NULL },
	{ "allowedRedirectDomains", SHAPE_LIST, SEED_NULL, SEED_MAX_REDIRECTS, NULL, redirect },
	{ "handledBy",              SHAPE_TEXT, SEED_NULL, SEED_MAX_ID, seed_orgno_ok, NULL },
	{ "keepSessionAlive",       SHAPE_BOOL, 0, 0, NULL, NULL },
	{ "validTo",                SHAPE_TEXT, SEED_NULL, SEED_MAX_KEY, seed_time_ok, NULL },
	SEED_END
};
static const struct seed_row srr[] = { { "", SHAPE_OBJECT, 0, 0, NULL, srr_rows } };
static const struct seed_row service_rows[] = {
	{ "serviceCode",        SHAPE_TEXT, SEED_KEY, SEED_MAX_KEY, digits_ok, NULL },
	{ "serviceEditionCode", SHAPE_INT,  SEED_KEY, ALTINN2_MAX_EDITION, NULL, NULL },
	{ "resource",           SHAPE_TEXT, SEED_REQUIRED, SEED_MAX_ID, seed_word_ok, NULL },
	{ "payload",            SHAPE_INT,  SEED_NULL, ALTINN2_PAYLOADS, payload_ok, NULL },
	{ "metadataNames",      SHAPE_MAP,  SEED_NULL, SEED_MAX_METADATA, NULL, metadata_name },
	{ "srr",                SHAPE_LIST, SEED_NULL, ALTINN2_MAX_SRR, NULL, srr },
	SEED_STATE, SEED_END
};

const struct seed_section altinn2_sections[ALTINN2_SECTIONS] = {
	{ "apiKeys", "altinn2", "altinn2", "apiKey", api_key_rows, .key_prefix = API_KEY_PREFIX, .check = api_key_ok,
	  .hash = "sha256", .secret = "key" },
	{ "services", "altinn2", "altinn2", "service", service_rows, { "serviceCode", "serviceEditionCode" },
	  .key_prefix = SERVICE_PREFIX, .resource = "resource" },
};
// clang-format on
