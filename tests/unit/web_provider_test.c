#include "web/provider.h"

#include "base/clock.h"
#include "tiny_server.h"

/* A provider with one key: its metadata, its key set, and what its token endpoint says. */
struct site {
	struct tiny server;
	struct arena a;
	struct jwk *key;
	const char *issuer;   /* that the metadata names */
	const char *metadata; /* NULL: status 500 */
	const char *keys;     /* NULL: status 500 */
	int token_status;
	const char *token;
	int metadata_hits, keys_hits;
	struct net_pool *pool;
	struct provider *provider;
};

static void answer(struct tiny *t, int fd, const char *request)
{
	struct site *s = t->ctx;
	const char *body = NULL;
	if (strstr(request, "GET /.well-known/openid-configuration ")) {
		s->metadata_hits++;
		body = s->metadata;
	} else if (strstr(request, "GET /jwks ")) {
		s->keys_hits++;
		body = s->keys;
	} else if (strstr(request, "POST /token ")) {
		tiny_reply(fd, s->token_status, "", s->token);
		return;
	}
	tiny_reply(fd, body ? 200 : 500, "", body ? body : "");
}

static const char *metadata_of(struct site *s, const char *issuer)
{
	return arena_fmt(
		       &s->a,
		       "{\"issuer\":\"%s\",\"authorization_endpoint\":\"%s/authorize\",\"token_endpoint\":\"%s/token\","
		       "\"jwks_uri\":\"%s/jwks\"}",
		       issuer, s->server.url, s->server.url, s->server.url)
		.p;
}

static void keys_publish(struct site *s)
{
	struct buf b = BUF(&s->a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	jsw_key(&w, "keys");
	jsw_arr(&w);
	jwk_write_public(&w, s->key);
	jsw_end_arr(&w);
	jsw_end_obj(&w);
	s->keys = arena_cstr(&s->a, buf_str(&b));
}

/* client_key NULL: the client has a secret. */
static struct site *start(struct jwk *client_key)
{
	struct site *s = calloc(1, sizeof *s);
	CHECK(s);
	CHECK_RC(jwk_generate(JOSE_ES256, STR("k1"), &s->key), RC_OK);
	tiny_start(&s->server, answer, s);
	s->issuer = arena_fmt(&s->a, "%s/", s->server.url).p;
	s->metadata = metadata_of(s, s->issuer);
	keys_publish(s);
	static const uint8_t login_key[32] = { 7 };
	CHECK_RC(net_pool_create(1, 4, &s->pool), RC_OK);
	CHECK_RC(provider_create(&(struct provider_config){ .issuer = s->issuer,
							    .client_id = "the client",
							    .client_secret = client_key ? NULL : "the secret",
							    .key = client_key,
							    .scope = "openid",
							    .acr = "idporten-loa-high",
							    .calls = s->pool,
							    .login_key = login_key,
							    .max_waiting = 1 },
				 &s->provider),
		 RC_OK);
	assert_memory_equal(provider_config_of(s->provider)->login_key, login_key, sizeof login_key);
	return s;
}

static void stop(struct site *s)
{
	provider_destroy(s->provider);
	provider_destroy(NULL);
	net_pool_destroy(s->pool);
	tiny_stop(&s->server);
	jwk_unref(s->key);
	arena_finish(&s->a);
	free(s);
}

/* The slash at the end of the issuer's name is left out before the path of the metadata (Discovery §4). */
static void test_provider__metadata_is_fetched_once(void **state)
{
	(void)state;
	struct site *s = start(NULL);
	struct oidc_metadata m;
	for (int i = 0; i < 3; i++) {
		CHECK_RC(provider_metadata(s->provider, &s->a, &m), RC_OK);
		CHECK_STR(m.token, arena_fmt(&s->a, "%s/token", s->server.url));
		CHECK(!m.end_session.p);
	}
	assert_int_equal(s->metadata_hits, 1);
	stop(s);
}

/* Without metadata each call asks again, so that a provider that comes up is used at once. */
static void test_provider__metadata_that_cannot_be_had(void **state)
{
	(void)state;
	struct site *s = start(NULL);
	const char *bad[] = { NULL, "", "[]", metadata_of(s, "http://other.example/"), metadata_of(s, s->server.url) };
	struct oidc_metadata m;
	for (size_t i = 0; i < LEN(bad); i++) {
		s->metadata = bad[i];
		CHECK_RC(provider_metadata(s->provider, &s->a, &m), RC_BUSY);
		assert_int_equal(s->metadata_hits, i + 1);
	}
	s->metadata = metadata_of(s, s->issuer);
	CHECK_RC(provider_metadata(s->provider, &s->a, &m), RC_OK);
	s->metadata = NULL;
	CHECK_RC(provider_metadata(s->provider, &s->a, &m), RC_OK);
	stop(s);
}

static enum rc verified(struct site *s, const struct jwk *key)
{
	struct str token;
	struct jws jws;
	CHECK_RC(jws_sign(&s->a, key, JOSE_ES256, STR_NONE, STR("{}"), &token), RC_OK);
	CHECK_RC(jws_parse(&s->a, token, &jws), RC_OK);
	return provider_verify(s->provider, &jws);
}

static void test_provider__verifies_with_its_keys(void **state)
{
	(void)state;
	struct site *s = start(NULL);
	struct jwk *unknown, *forged;
	CHECK_RC(jwk_generate(JOSE_ES256, STR("k2"), &unknown), RC_OK);
	CHECK_RC(jwk_generate(JOSE_ES256, STR("k1"), &forged), RC_OK);
	CHECK_RC(verified(s, s->key), RC_OK);
	CHECK_RC(verified(s, s->key), RC_OK);
	assert_int_equal(s->keys_hits, 1);
	CHECK_RC(verified(s, forged), RC_DENIED);
	assert_int_equal(s->keys_hits, 1);
	CHECK_RC(verified(s, unknown), RC_DENIED);
	assert_int_equal(s->keys_hits, 2);
	s->keys = NULL; /* whether the key is new cannot be told now */
	CHECK_RC(verified(s, unknown), RC_BUSY);
	CHECK_RC(verified(s, s->key), RC_OK);
	jwk_unref(unknown);
	jwk_unref(forged);
	stop(s);
}

/* A provider's set with a malformed key, and with a key of another kind under the same kid. */
static void test_provider__a_malformed_key_keeps_no_other_from_use(void **state)
{
	(void)state;
	struct site *s = start(NULL);
	struct jwk *twin;
	struct buf b = BUF(&s->a);
	struct jsw w = JSW(&b);
	CHECK_RC(jwk_generate(JOSE_EDDSA, STR("k1"), &twin), RC_OK);
	buf_lit(&b, "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k0\"},");
	jwk_write_public(&w, twin);
	w = JSW(&b);
	buf_c(&b, ',');
	jwk_write_public(&w, s->key);
	buf_lit(&b, "]}");
	s->keys = arena_cstr(&s->a, buf_str(&b));
	CHECK_RC(verified(s, s->key), RC_OK);
	assert_int_equal(s->keys_hits, 1);
	jwk_unref(twin);
	stop(s);
}

static void test_provider__unknown_keys_cause_few_fetches(void **state)
{
	(void)state;
	struct site *s = start(NULL);
	struct jwk *unknown;
	CHECK_RC(jwk_generate(JOSE_ES256, STR("k2"), &unknown), RC_OK);
	CHECK_RC(verified(s, s->key), RC_OK);
	for (int i = 0; i < 3 * PROVIDER_UNKNOWN_KEYS; i++)
		CHECK_RC(verified(s, unknown), RC_DENIED);
	assert_int_equal(s->keys_hits, 1 + PROVIDER_UNKNOWN_KEYS);
	jwk_unref(unknown);
	stop(s);
}

static void test_provider__keys_that_cannot_be_had(void **state)
{
	(void)state;
	static const char *const bad[] = { NULL, "", "{}", "{\"keys\":[]}" };
	for (size_t i = 0; i < LEN(bad); i++) {
		struct site *s = start(NULL);
		s->keys = bad[i];
		CHECK_RC(verified(s, s->key), RC_BUSY);
		stop(s);
	}
}

static enum rc redeemed(struct site *s, struct str *id_token_out)
{
	struct oidc_metadata m;
	CHECK_RC(provider_metadata(s->provider, &s->a, &m), RC_OK);
	return provider_redeem(s->provider, &s->a, &m, STR("c o"), STR("v"), STR("http://127.0.0.1/back"),
			       id_token_out);
}

static void test_provider__answers_to_a_code(void **state)
{
	(void)state;
	struct site *s = start(NULL);
	static const struct {
		int status;
		const char *body;
		enum rc want;
	} rows[] = {
		{ 200, "{\"id_token\":\"a.b.c\",\"access_token\":\"x\"}", RC_OK },
		{ 200, "{\"access_token\":\"x\"}", RC_BUSY },
		{ 200, "{\"id_token\":7}", RC_BUSY },
		{ 200, "", RC_BUSY },
		{ 400, "{\"error\":\"invalid_grant\"}", RC_DENIED },
		{ 401, "", RC_DENIED },
		{ 429, "{\"error\":\"slow_down\"}", RC_BUSY },
		{ 500, "", RC_BUSY },
		{ 503, "{\"id_token\":\"a.b.c\"}", RC_BUSY },
		{ 201, "{\"id_token\":\"a.b.c\"}", RC_BUSY },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct str id_token = STR("untouched");
		s->token_status = rows[i].status;
		s->token = rows[i].body;
		if (redeemed(s, &id_token) != rows[i].want)
			fail_msg("row %zu", i);
		CHECK_STR(id_token, rows[i].want == RC_OK ? STR("a.b.c") : STR("untouched"));
	}
	stop(s);
}

/* = RFC 6749 2.3.1: the secret is in the header and not in the form */
static void test_provider__client_secret(void **state)
{
	(void)state;
	struct site *s = start(NULL);
	struct str id_token;
	s->token_status = 200;
	s->token = "{\"id_token\":\"a.b.c\"}";
	CHECK_RC(redeemed(s, &id_token), RC_OK);
	CHECK(strstr(s->server.last, "grant_type=authorization_code&code=c+o&redirect_uri=http%3A%2F%2F127.0.0.1%2Fback"
				     "&code_verifier=v&client_id=the+client"));
	CHECK(strstr(s->server.last, "\r\nAuthorization: Basic "));
	CHECK(!strstr(s->server.last, "secret") && !strstr(s->server.last, "client_assertion"));
	stop(s);
}

/* = RFC 7523 2.2: the assertion is in the form */
static void test_provider__client_key(void **state)
{
	(void)state;
	struct jwk *key;
	CHECK_RC(jwk_generate(JOSE_ES256, STR("client"), &key), RC_OK);
	struct site *s = start(key);
	struct str id_token;
	jwk_unref(key); /* the provider has its own reference */
	s->token_status = 200;
	s->token = "{\"id_token\":\"a.b.c\"}";
	CHECK_RC(redeemed(s, &id_token), RC_OK);
	CHECK(strstr(s->server.last, "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3A"
				     "jwt-bearer&client_assertion=ey"));
	CHECK(!strstr(s->server.last, "\r\nAuthorization:"));
	stop(s);
}

T_MAIN(cmocka_unit_test(test_provider__metadata_is_fetched_once),
       cmocka_unit_test(test_provider__metadata_that_cannot_be_had),
       cmocka_unit_test(test_provider__verifies_with_its_keys),
       cmocka_unit_test(test_provider__a_malformed_key_keeps_no_other_from_use),
       cmocka_unit_test(test_provider__unknown_keys_cause_few_fetches),
       cmocka_unit_test(test_provider__keys_that_cannot_be_had), cmocka_unit_test(test_provider__answers_to_a_code),
       cmocka_unit_test(test_provider__client_secret), cmocka_unit_test(test_provider__client_key))
