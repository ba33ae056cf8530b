#include "internal.h"

#include <stdlib.h>

#define RECEIPT_TYPE "consent-receipt+jwt"

static bool hash_holds(struct arena *a, const struct js *notice)
{
	struct str html, hash;
	struct buf b = BUF(a);
	if (!js_is(notice, JS_OBJECT) || js_member_str(notice, "html", &html) != RC_OK ||
	    js_member_str(notice, "text_sha256", &hash) != RC_OK)
		return false;
	buf_hex(&b, jose_sha256(a, html));
	return str_eq(buf_str(&b), hash);
}

static bool shaped(struct arena *a, const struct jws *jws, const struct js *doc)
{
	static const char *const groups[] = { "header", "processing", "event" };
	if (!str_is(jws->typ, RECEIPT_TYPE) && !str_is(jws->typ, "application/" RECEIPT_TYPE))
		return false;
	for (size_t i = 0; i < LEN(groups); i++)
		if (!js_is(js_get(doc, groups[i]), JS_OBJECT))
			return false;
	return hash_holds(a, js_get(doc, "notice"));
}

static enum samtykke_rc verify(struct samtykke_verifier *v, struct samtykke_receipt *r, struct str compact)
{
	struct arena *a = &r->arena;
	const struct js *doc;
	struct jws jws;
	enum rc rc = jws_parse_long(a, compact, &jws);
	if (rc == RC_DENIED)
		return SAMTYKKE_BAD_ALGORITHM;
	if (rc != RC_OK || js_parse(a, jws.payload, NULL, &doc, NULL) != RC_OK || !js_is(doc, JS_OBJECT))
		return SAMTYKKE_MALFORMED;
	enum samtykke_rc signature = verifier_signature(v, &jws, doc);
	if (signature != SAMTYKKE_OK)
		return signature;
	if (!shaped(a, &jws, doc))
		return SAMTYKKE_BAD_RECEIPT;
	r->json = arena_cstr(a, jws.payload);
	r->kid = jws.kid.p ? arena_cstr(a, jws.kid) : NULL;
	return SAMTYKKE_OK;
}

enum samtykke_rc samtykke_receipt_verify(struct samtykke_verifier *v, const char *receipt, size_t len,
					 struct samtykke_receipt **out)
{
	if (!v || !receipt || !out)
		return SAMTYKKE_BAD_ARGUMENT;
	if (len > JOSE_LONG_MAX) /* before it is copied */
		return SAMTYKKE_MALFORMED;
	struct samtykke_receipt *r = calloc(1, sizeof *r);
	if (!r)
		return SAMTYKKE_NO_MEMORY;
	enum samtykke_rc rc = verify(v, r, arena_str(&r->arena, str_span(receipt, len)));
	if (rc != SAMTYKKE_OK) {
		samtykke_receipt_destroy(r);
		return rc;
	}
	*out = r;
	return SAMTYKKE_OK;
}

void samtykke_receipt_destroy(struct samtykke_receipt *r)
{
	if (!r)
		return;
	arena_finish(&r->arena);
	free(r);
}

const char *samtykke_receipt_json(const struct samtykke_receipt *r)
{
	return r->json;
}

const char *samtykke_receipt_key_id(const struct samtykke_receipt *r)
{
	return r->kid;
}
