/* Shared by the tests of jose: keys from text and tokens put together by hand. */
#pragma once
#include "base/b64.h"
#include "jose/jose.h"
#include "jose_vectors.h"
#include "t.h"

static inline enum rc key_read(struct arena *a, struct str json, struct jwk **out, const char **why_out)
{
	const struct js *o;
	TRY(js_parse(a, json, NULL, &o, NULL));
	return jwk_parse(o, out, why_out);
}

static inline struct jwk *key_of(struct arena *a, struct str json)
{
	struct jwk *k = NULL;
	const char *why = "no JSON";
	if (key_read(a, json, &k, &why) != RC_OK)
		fail_msg("%.*s: %s", STR_FMT(json), why);
	return k;
}

static inline struct jwk *key_new(enum jose_alg alg)
{
	struct jwk *k = NULL;
	CHECK_RC(jwk_generate(alg, STR_NONE, &k), RC_OK);
	return k;
}

static inline struct str key_text(struct arena *a, const struct jwk *k, bool with_private)
{
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	if (with_private)
		jwk_write_private(&w, k);
	else
		jwk_write_public(&w, k);
	return buf_str(&b);
}

/* The first `from` in s becomes `to`. */
static inline struct str replaced(struct arena *a, struct str s, const char *from, const char *to)
{
	ptrdiff_t at = str_find(s, str_of(from));
	CHECK(at >= 0);
	size_t head = (size_t)at, tail = head + strlen(from);
	return arena_fmt(a, "%.*s%s%.*s", (int)head, s.p, to, (int)(s.n - tail), s.p + tail);
}

/* One more member, written first. */
static inline struct str with_member(struct arena *a, struct str object, const char *member)
{
	return arena_fmt(a, "{%s,%.*s", member, (int)object.n - 1, object.p + 1);
}

static inline struct str token_of(struct arena *a, struct str header, struct str payload, struct str signature)
{
	return arena_fmt(a, "%.*s.%.*s.%.*s", STR_FMT(b64url(a, header)), STR_FMT(b64url(a, payload)),
			 STR_FMT(b64url(a, signature)));
}

static inline enum rc token_check(struct arena *a, struct str compact, const struct jwk *k)
{
	struct jws s;
	TRY(jws_parse(a, compact, &s));
	return jws_verify(&s, k);
}
