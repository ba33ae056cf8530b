/* A client with one registered key, and grants made with it to the letter. */
#pragma once
#include "base/b64.h"
#include "oauth/oauth.h"
#include "t.h"

#define NOW INT64_C(1800000000)
#define ISSUER "https://issuer.example/"
#define CLIENT_ID "5b0c8a5e-0000-4000-8000-00000000f1c7"
#define ORG "810419512"
#define OTHER_ORG "991825827"
#define HEADER "{\"alg\":\"RS256\",\"kid\":\"k1\"}"

struct kit {
	struct arena a;
	struct jwk *key;
	struct jwks keys;
	struct str scopes[4];
	struct client client;
};

static struct kit kit;

static inline int kit_setup(void **state)
{
	(void)state;
	if (jwk_generate(JOSE_RS256, STR("k1"), &kit.key) != RC_OK)
		return -1;
	kit.keys.keys[0] = kit.key;
	kit.keys.n = 1;
	kit.scopes[0] = STR("fiktiv:inntekt.read");
	kit.scopes[1] = STR("altinn:consentrequests.write");
	kit.scopes[2] = STR("fiktiv:inactive");
	kit.scopes[3] = STR("fiktiv:gone");
	kit.client = (struct client){
		.client_id = STR(CLIENT_ID),
		.orgno = STR(ORG),
		.scopes = kit.scopes,
		.n_scopes = 4,
		.keys = &kit.keys,
		.active = true,
	};
	return 0;
}

static inline int kit_teardown(void **state)
{
	(void)state;
	jwk_unref(kit.key);
	arena_finish(&kit.a);
	return 0;
}

static inline struct str kit_assertion(struct str header, struct str claims)
{
	struct str sig;
	struct buf b = BUF(&kit.a);
	buf_b64url(&b, header);
	buf_c(&b, '.');
	buf_b64url(&b, claims);
	CHECK_RC(jose_sign(&kit.a, kit.key, JOSE_RS256, buf_str(&b), &sig), RC_OK);
	buf_c(&b, '.');
	buf_b64url(&b, sig);
	return buf_str(&b);
}

/* The usual claims, times relative to NOW, then whatever more says (with its comma before). */
static inline struct str kit_claims(long iat, long exp, const char *more)
{
	return arena_fmt(&kit.a,
			 "{\"iss\":\"" CLIENT_ID "\",\"aud\":\"" ISSUER
			 "\",\"scope\":\"fiktiv:inntekt.read\",\"iat\":%ld,\"exp\":%ld%s}",
			 (long)NOW + iat, (long)NOW + exp, more);
}

static inline enum oauth_fault kit_check(struct str header, struct str claims, struct grant *out)
{
	struct oauth_error err = { 0 };
	struct grant_check c = { .issuer = STR(ISSUER), .now = NOW };
	if (oauth_grant_parse(&kit.a, kit_assertion(header, claims), out, &err) != RC_OK)
		return err.fault;
	const struct client *client = str_is(out->iss, CLIENT_ID) ? &kit.client : NULL;
	const char *amr;
	if (oauth_grant_verify(&kit.a, out, client, &c, &amr, &err) != RC_OK)
		return err.fault;
	return OF_NONE;
}

#define KIT_MAIN(...) T_MAIN_WITH(kit_setup, kit_teardown, __VA_ARGS__)
