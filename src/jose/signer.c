#include "jose/jose.h"

#include <stdlib.h>

struct local {
	struct signer base;
	struct jwk *key;
};

static enum rc local_sign(struct signer *s, struct arena *a, struct str header_extra, struct str payload,
			  struct str *compact_out)
{
	struct local *l = (struct local *)s;
	return jws_sign_long(a, l->key, jwk_alg(l->key), header_extra, payload, compact_out);
}

static const struct jwk *local_key(const struct signer *s)
{
	return ((const struct local *)s)->key;
}

static void local_destroy(struct signer *s)
{
	struct local *l = (struct local *)s;
	jwk_unref(l->key);
	free(l);
}

static const struct signer_impl local_impl = {
	.name = "local", .sign = local_sign, .public_key = local_key, .destroy = local_destroy
};

struct signer *signer_local(struct jwk *key)
{
	struct local *l = calloc(1, sizeof *l);
	if (!l)
		abort();
	l->base.impl = &local_impl;
	l->key = jwk_ref(key);
	return &l->base;
}

enum rc signer_sign(struct signer *s, struct arena *a, struct str header_extra, struct str payload,
		    struct str *compact_out)
{
	struct str compact;
	if (payload.n > JOSE_COMPACT_MAX)
		return RC_TOO_LARGE;
	TRY(signer_sign_long(s, a, header_extra, payload, &compact));
	if (compact.n > JOSE_COMPACT_MAX)
		return RC_TOO_LARGE;
	*compact_out = compact;
	return RC_OK;
}

enum rc signer_sign_long(struct signer *s, struct arena *a, struct str header_extra, struct str payload,
			 struct str *compact_out)
{
	return s->impl->sign(s, a, header_extra, payload, compact_out);
}

const struct jwk *signer_key(const struct signer *s)
{
	return s->impl->public_key(s);
}

void signer_destroy(struct signer *s)
{
	if (s)
		s->impl->destroy(s);
}
