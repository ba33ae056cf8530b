/* An extension's sections, for the parts of a seed that only extensions have. */
#pragma once
#include "publish/seed_part.h"

static const char *extra_key_ok(struct seed_doc *d, const struct js *v)
{
	(void)d;
	return !js_get(v, "key") == !js_get(v, "sha256") ? "needs one of key and sha256" : NULL;
}
// clang-format off
static const struct seed_row extra_key_rows[] = {
	{ "key",    SHAPE_TEXT, SEED_UNSTORED, SEED_MAX_ID, NULL, NULL },
	{ "sha256", SHAPE_TEXT, SEED_UNSTORED, SEED_MAX_ID, NULL, NULL },
	{ "orgno",  SHAPE_TEXT, SEED_REQUIRED, SEED_MAX_ID, seed_orgno_ok, NULL },
	SEED_STATE, SEED_END
};
static const struct seed_row extra_text[] = { { "", SHAPE_TEXT, 0, SEED_MAX_URL, NULL, NULL } };
static const struct seed_row extra_item_rows[] = {
	{ "orgno",                  SHAPE_TEXT, SEED_REQUIRED, SEED_MAX_ID, seed_orgno_ok, NULL },
	{ "allowedRedirectDomains", SHAPE_LIST, SEED_NULL, SEED_MAX_REDIRECTS, NULL, extra_text },
	SEED_END
};
static const struct seed_row extra_item[] = { { "", SHAPE_OBJECT, 0, 0, NULL, extra_item_rows } };
static const struct seed_row extra_service_rows[] = {
	{ "serviceCode",        SHAPE_TEXT, SEED_KEY, SEED_MAX_KEY, NULL, NULL },
	{ "serviceEditionCode", SHAPE_INT,  SEED_KEY, SEED_MAX_NUMBER, NULL, NULL },
	{ "resource",           SHAPE_TEXT, SEED_REQUIRED, SEED_MAX_ID, seed_word_ok, NULL },
	{ "srr",                SHAPE_LIST, SEED_NULL, SEED_MAX_EXTRAS * 500, NULL, extra_item },
	SEED_STATE, SEED_END
};
static const struct seed_section extra_sections[] = {
	{ "apiKeys", "extra", "extra", "apiKey", extra_key_rows, .key_prefix = "apiKey/", .check = extra_key_ok,
	  .hash = "sha256", .secret = "key" },
	{ "services", "extra", "extra", "service", extra_service_rows, { "serviceCode", "serviceEditionCode" },
	  .key_prefix = "service/", .resource = "resource" },
};
// clang-format on

__attribute__((constructor)) static void extra_sections_add(void)
{
	seed_extend(extra_sections, LEN(extra_sections));
}
