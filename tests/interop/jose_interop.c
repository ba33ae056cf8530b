/* The jose layer behind a line protocol, so that other implementations can be set against it.
 *   generate ALG                      -> ok PRIVATE_JWK
 *   public PRIVATE_JWK                -> ok PUBLIC_JWK
 *   sign ALG PRIVATE_JWK PAYLOAD      -> ok COMPACT
 *   verify JWK COMPACT                -> ok PAYLOAD
 * JWKs are written without blanks. What fails is answered with the name of the result code. */
#include "jose/jose.h"

#include <stdio.h>
#include <stdlib.h>

static enum rc key_read(struct arena *a, struct str json, struct jwk **out)
{
	const struct js *o;
	TRY(js_parse(a, json, NULL, &o, NULL));
	return jwk_parse(o, out, NULL);
}

static void jwk_unref_at(struct jwk **k)
{
	jwk_unref(*k);
}

static enum rc do_generate(struct arena *a, struct str args, struct str *out)
{
	enum jose_alg alg;
	struct jwk *k CLEANUP(jwk_unref_at) = NULL;
	TRY(jose_alg_parse(args, &alg));
	TRY(jwk_generate(alg, STR_NONE, &k));
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	jwk_write_private(&w, k);
	*out = buf_str(&b);
	return RC_OK;
}

static enum rc do_public(struct arena *a, struct str args, struct str *out)
{
	struct jwk *k CLEANUP(jwk_unref_at) = NULL;
	TRY(key_read(a, args, &k));
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	jwk_write_public(&w, k);
	*out = buf_str(&b);
	return RC_OK;
}

static enum rc do_sign(struct arena *a, struct str args, struct str *out)
{
	struct str name, rest, json, payload;
	enum jose_alg alg;
	struct jwk *k CLEANUP(jwk_unref_at) = NULL;
	if (!str_cut(args, ' ', &name, &rest) || !str_cut(rest, ' ', &json, &payload))
		return RC_INVALID;
	TRY(jose_alg_parse(name, &alg));
	TRY(key_read(a, json, &k));
	return jws_sign(a, k, alg, STR("\"typ\":\"JWT\""), payload, out);
}

static enum rc do_verify(struct arena *a, struct str args, struct str *out)
{
	struct str json, compact;
	struct jws s;
	struct jwk *k CLEANUP(jwk_unref_at) = NULL;
	if (!str_cut(args, ' ', &json, &compact))
		return RC_INVALID;
	TRY(key_read(a, json, &k));
	TRY(jws_parse(a, compact, &s));
	TRY(jws_verify(&s, k));
	*out = s.payload;
	return RC_OK;
}

static const struct {
	const char *name;
	enum rc (*run)(struct arena *a, struct str args, struct str *out);
} commands[] = {
	{ "generate", do_generate },
	{ "public", do_public },
	{ "sign", do_sign },
	{ "verify", do_verify },
};

static void answer(struct str line)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct str name, args, out = STR_NONE;
	enum rc rc = RC_INVALID;
	str_cut(line, ' ', &name, &args);
	for (size_t i = 0; i < LEN(commands); i++) {
		if (str_is(name, commands[i].name))
			rc = commands[i].run(&a, args, &out);
	}
	if (rc == RC_OK)
		printf("ok %.*s\n", STR_FMT(out));
	else
		printf("%s\n", rc_name(rc));
	fflush(stdout);
}

int main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	while ((n = getline(&line, &cap, stdin)) > 0)
		answer(str_span(line, (size_t)n - (line[n - 1] == '\n')));
	free(line);
	return 0;
}
