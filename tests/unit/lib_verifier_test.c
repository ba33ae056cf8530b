#include "lib_kit.h"

static void test_verifier__names_every_result(void **state)
{
	(void)state;
	for (int i = 0; i < SAMTYKKE_RC_MAX; i++) {
		CHECK(samtykke_rc_name((enum samtykke_rc)i) && samtykke_rc_text((enum samtykke_rc)i));
		for (int j = 0; j < i; j++)
			CHECK(strcmp(samtykke_rc_name((enum samtykke_rc)i), samtykke_rc_name((enum samtykke_rc)j)));
	}
	CHECK_Z(samtykke_rc_name(SAMTYKKE_RC_MAX), "unknown");
	CHECK_Z(samtykke_rc_text((enum samtykke_rc) - 1), "Unknown result.");
	CHECK(samtykke_version()[0]);
}

static enum samtykke_rc verified(struct kit *k, struct str token)
{
	return samtykke_verify(k->v, token.p, token.n, NULL, NULL);
}

static struct samtykke_verifier *verifier_of(struct kit *k, struct str jwks)
{
	struct samtykke_verifier_options o = SAMTYKKE_VERIFIER_OPTIONS;
	struct samtykke_verifier *v;

	o.issuer = ISSUER;
	o.jwks_json = jwks.p;
	o.now = kit_now;
	o.now_ctx = &k->now;
	CHECK_SRC(samtykke_verifier_create(&o, &v), SAMTYKKE_OK);
	return v;
}

static void changed_bytes_are_refused(struct kit *k, struct str token)
{
	char *copy = (char *)(uintptr_t)arena_str(&k->a, token).p;

	for (size_t i = 0; i < token.n; i++) {
		char was = copy[i];
		copy[i] = was == 'A' ? 'B' : 'A';
		enum samtykke_rc rc = samtykke_verify(k->v, copy, token.n, NULL, NULL);
		bool right = rc == SAMTYKKE_BAD_SIGNATURE || rc == SAMTYKKE_MALFORMED || rc == SAMTYKKE_BAD_ALGORITHM ||
			     rc == SAMTYKKE_UNKNOWN_KEY || rc == SAMTYKKE_WRONG_ISSUER;
		if (!right)
			fail_msg("byte %zu of %zu: %s", i, token.n, samtykke_rc_name(rc));
		copy[i] = was;
	}
	CHECK_SRC(samtykke_verify(k->v, copy, token.n, NULL, NULL), SAMTYKKE_OK);
}

static void test_verifier__takes_every_algorithm_and_no_changed_byte(void **state)
{
	(void)state;
	struct kit k;
	struct jwk *keys[JOSE_ALG__MAX];
	kit_start(&k, 0);
	samtykke_verifier_destroy(k.v);
	for (int i = 0; i < JOSE_ALG__MAX; i++)
		keys[i] = key_new((enum jose_alg)i);
	k.v = verifier_of(&k, set_of(&k.a, keys, LEN(keys)));
	for (int i = 0; i < JOSE_ALG__MAX; i++) {
		struct str token = signed_by(&k.a, keys[i], quoted(&k.a, STR(CLAIMS)));
		CHECK_SRC(verified(&k, token), SAMTYKKE_OK);
		changed_bytes_are_refused(&k, token);
		jwk_unref(keys[i]);
	}
	kit_stop(&k);
}

static void test_verifier__refuses_by_key_and_algorithm(void **state)
{
	(void)state;
	struct kit k;
	kit_start(&k, 0);
	struct str claims = quoted(&k.a, STR(CLAIMS)), none = STR("x");
	struct jwk *stranger = key_new(JOSE_ES256), *rsa = key_new(JOSE_RS256), *forger, *other_alg;
	CHECK_SRC(verified(&k, signed_by(&k.a, stranger, claims)), SAMTYKKE_UNKNOWN_KEY);
	CHECK_RC(jwk_generate(JOSE_ES256, jwk_kid(k.key), &forger), RC_OK);
	CHECK_SRC(verified(&k, signed_by(&k.a, forger, claims)), SAMTYKKE_BAD_SIGNATURE);
	CHECK_SRC(verified(&k, token_of(&k.a, STR("{\"alg\":\"none\"}"), claims, STR_NONE)), SAMTYKKE_BAD_ALGORITHM);
	CHECK_SRC(verified(&k, token_of(&k.a, STR("{\"alg\":\"HS256\"}"), claims, none)), SAMTYKKE_BAD_ALGORITHM);
	CHECK_SRC(verified(&k, token_of(&k.a, STR("{\"alg\":\"ES384\"}"), claims, none)), SAMTYKKE_BAD_ALGORITHM);
	CHECK_SRC(verified(&k, token_of(&k.a, STR("{\"alg\":\"RS256\"}"), claims, none)), SAMTYKKE_BAD_ALGORITHM);

	/* the same key under another algorithm than its own */
	other_alg = key_of(&k.a, replaced(&k.a, key_text(&k.a, rsa, true), "\"RS256\"", "\"RS512\""));
	samtykke_verifier_destroy(k.v);
	k.v = verifier_of(&k, set_of(&k.a, &rsa, 1));
	CHECK_SRC(verified(&k, signed_by(&k.a, rsa, claims)), SAMTYKKE_OK);
	CHECK_SRC(verified(&k, signed_by(&k.a, other_alg, claims)), SAMTYKKE_BAD_ALGORITHM);
	jwk_unref(stranger);
	jwk_unref(forger);
	jwk_unref(rsa);
	jwk_unref(other_alg);
	kit_stop(&k);
}

static void test_verifier__a_token_without_kid_is_fine_where_there_is_one_key(void **state)
{
	(void)state;
	struct kit k;
	kit_start(&k, 0);
	struct str header = STR("{\"alg\":\"ES256\"}"), claims = quoted(&k.a, STR(CLAIMS)), sig;
	struct str input = arena_fmt(&k.a, "%.*s.%.*s", STR_FMT(b64url(&k.a, header)), STR_FMT(b64url(&k.a, claims)));
	CHECK_RC(jose_sign(&k.a, k.key, JOSE_ES256, input, &sig), RC_OK);
	struct str token = token_of(&k.a, header, claims, sig);
	CHECK_SRC(verified(&k, token), SAMTYKKE_OK);
	struct jwk *two[] = { k.key, key_new(JOSE_EDDSA) };
	samtykke_verifier_destroy(k.v);
	k.v = verifier_of(&k, set_of(&k.a, two, 2));
	CHECK_SRC(verified(&k, token), SAMTYKKE_UNKNOWN_KEY);
	jwk_unref(two[1]);
	kit_stop(&k);
}

static void test_verifier__refuses_what_is_no_token(void **state)
{
	(void)state;
	struct kit k;
	static const char *const t[] = { "", ".", "..", "a.b", "a.b.c.d", "eyJ.eyJ.x", "Bearer x.y.z" };
	static const char *const payloads[] = { "", "[]", "null", "x", "{'iss':1,}", "{'iss':'a','iss':'a'}", "\"x\"" };
	kit_start(&k, 0);
	for (size_t i = 0; i < LEN(t); i++)
		CHECK_SRC(verified(&k, str_of(t[i])), SAMTYKKE_MALFORMED);
	for (size_t i = 0; i < LEN(payloads); i++)
		CHECK_SRC(kit_check(&k, quoted(&k.a, str_of(payloads[i])), NULL), SAMTYKKE_MALFORMED);
	static const struct change claims[] = {
		{ "'iat':1780000000", "'iat':'1780000000'", SAMTYKKE_MALFORMED },
		{ "'exp':1780000120", "'exp':null", SAMTYKKE_MALFORMED },
		{ "'exp':1780000120", "'exp':9223372036854775807", SAMTYKKE_MALFORMED },
		{ "'exp':1780000120", "'exp':253402300800", SAMTYKKE_MALFORMED },
		{ "'exp':1780000120", "'exp':253402300799", SAMTYKKE_OK },
		{ "'nbf':1780000000", "'nbf':-9223372036854775807", SAMTYKKE_MALFORMED },
		{ "'jti':'j1'", "'jti':'j1','jti':'j1'", SAMTYKKE_MALFORMED },
		{ "'ID':'0192:" ORG "'}", "'ID':'0192:" ORG "','ID':'x'}", SAMTYKKE_MALFORMED },
		{ "'iss':'" ISSUER "'", "'iss':'https://issuer.test'", SAMTYKKE_WRONG_ISSUER },
		{ "'iss':'" ISSUER "'", "'iss':'https://issuer.test/x'", SAMTYKKE_WRONG_ISSUER },
		{ "'iss':'" ISSUER "'", "'iss':['" ISSUER "']", SAMTYKKE_WRONG_ISSUER },
		{ "'iss':'" ISSUER "',", "", SAMTYKKE_WRONG_ISSUER },
	};
	kit_table(&k, claims, LEN(claims), NULL);
	kit_stop(&k);
}

static void test_verifier__checks_times_to_the_second(void **state)
{
	(void)state;
	struct kit k;
	static const struct change exact[] = {
		{ "'exp':1780000120", "'exp':1780000001", SAMTYKKE_OK },
		{ "'exp':1780000120", "'exp':1780000000", SAMTYKKE_EXPIRED },
		{ "'exp':1780000120", "'exp':1780000000.9", SAMTYKKE_EXPIRED },
		{ "'exp':1780000120,", "", SAMTYKKE_EXPIRED },
		{ "'exp':1780000120", "'exp':-5", SAMTYKKE_EXPIRED },
		{ "'iat':1780000000", "'iat':1780000001", SAMTYKKE_NOT_YET },
		{ "'nbf':1780000000", "'nbf':1780000001", SAMTYKKE_NOT_YET },
		{ "'nbf':1780000000,", "", SAMTYKKE_OK },
		{ "'iat':1780000000,", "", SAMTYKKE_OK },
	};
	kit_start(&k, 0);
	kit_table(&k, exact, LEN(exact), NULL);
	k.now += 120 * CLOCK_SECOND - 1;
	CHECK_SRC(kit_check(&k, quoted(&k.a, STR(CLAIMS)), NULL), SAMTYKKE_OK);
	k.now += 1;
	CHECK_SRC(kit_check(&k, quoted(&k.a, STR(CLAIMS)), NULL), SAMTYKKE_EXPIRED);
	kit_stop(&k);

	static const struct change skewed[] = {
		{ "'exp':1780000120", "'exp':1779999991", SAMTYKKE_OK },
		{ "'exp':1780000120", "'exp':1779999990", SAMTYKKE_EXPIRED },
		{ "'iat':1780000000", "'iat':1780000010", SAMTYKKE_OK },
		{ "'iat':1780000000", "'iat':1780000011", SAMTYKKE_NOT_YET },
		{ "'nbf':1780000000", "'nbf':1780000010", SAMTYKKE_OK },
		{ "'nbf':1780000000", "'nbf':1780000011", SAMTYKKE_NOT_YET },
	};
	kit_start(&k, 10);
	kit_table(&k, skewed, LEN(skewed), NULL);
	kit_stop(&k);
}

static void test_verifier__expects_scope_and_audience(void **state)
{
	(void)state;
	static const struct {
		const char *scope, *audience;
		enum samtykke_rc want;
	} t[] = {
		{ "ttd:inntekt", NULL, SAMTYKKE_OK },
		{ "ttd:gjeld", "x", SAMTYKKE_OK },
		{ "ttd:gjel", NULL, SAMTYKKE_WRONG_SCOPE },
		{ "gjeld", NULL, SAMTYKKE_WRONG_SCOPE },
		{ "ttd:inntekt ttd:gjeld", NULL, SAMTYKKE_WRONG_SCOPE },
		{ "TTD:gjeld", NULL, SAMTYKKE_WRONG_SCOPE },
		{ "", NULL, SAMTYKKE_WRONG_SCOPE },
		{ NULL, "https://source.test/", SAMTYKKE_OK },
		{ NULL, "https://source.test", SAMTYKKE_WRONG_AUDIENCE },
	};
	struct kit k;
	kit_start(&k, 0);
	for (size_t i = 0; i < LEN(t); i++) {
		struct samtykke_expect e = SAMTYKKE_EXPECT;
		e.scope = t[i].scope;
		e.audience = t[i].audience;
		CHECK_SRC(kit_check(&k, quoted(&k.a, STR(CLAIMS)), &e), t[i].want);
	}
	struct samtykke_expect e = SAMTYKKE_EXPECT;
	e.scope = "ttd:gjeld";
	e.audience = "x";
	static const struct change claims[] = {
		{ "['https://source.test/','x']", "'x'", SAMTYKKE_OK },
		{ "['https://source.test/','x']", "[1,'x']", SAMTYKKE_WRONG_AUDIENCE },
		{ "'aud':['https://source.test/','x'],", "", SAMTYKKE_WRONG_AUDIENCE },
		{ "'scope':'ttd:inntekt ttd:gjeld',", "", SAMTYKKE_WRONG_SCOPE },
		{ "'scope':'ttd:inntekt ttd:gjeld'", "'scope':['ttd:gjeld']", SAMTYKKE_WRONG_SCOPE },
	};
	kit_table(&k, claims, LEN(claims), &e);
	kit_stop(&k);
}

static void test_verifier__refuses_bad_arguments(void **state)
{
	(void)state;
	struct samtykke_verifier_options good = SAMTYKKE_VERIFIER_OPTIONS, o;
	struct samtykke_verifier *v = NULL;
	struct samtykke_token *t = NULL;
	struct samtykke_expect e = SAMTYKKE_EXPECT;
	static const char *const sets[] = { "", "x", "{}", "{\"keys\":[]}",
					    "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}]}" };
	good.issuer = ISSUER;
	CHECK_SRC(samtykke_verifier_create(NULL, &v), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_verifier_create(&good, NULL), SAMTYKKE_BAD_ARGUMENT);
	o = good, o.issuer = NULL;
	CHECK_SRC(samtykke_verifier_create(&o, &v), SAMTYKKE_BAD_ARGUMENT);
	o = good, o.size--;
	CHECK_SRC(samtykke_verifier_create(&o, &v), SAMTYKKE_BAD_ARGUMENT);
	o = good, o.skew_s = -1;
	CHECK_SRC(samtykke_verifier_create(&o, &v), SAMTYKKE_BAD_ARGUMENT);
	for (size_t i = 0; i < LEN(sets); i++) {
		o = good, o.jwks_json = sets[i];
		CHECK_SRC(samtykke_verifier_create(&o, &v), SAMTYKKE_BAD_ARGUMENT);
	}
	CHECK(!v);
	CHECK_SRC(samtykke_verifier_create(&good, &v), SAMTYKKE_OK);
	CHECK_SRC(samtykke_verify(NULL, "x", 1, NULL, NULL), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_verify(v, NULL, 0, NULL, NULL), SAMTYKKE_BAD_ARGUMENT);
	e.size = 1;
	CHECK_SRC(samtykke_verify(v, "x", 1, &e, NULL), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_inspect(NULL, 0, &t), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_inspect("x", 1, NULL), SAMTYKKE_BAD_ARGUMENT);
	CHECK(!t);
	samtykke_verifier_destroy(v);
	samtykke_verifier_destroy(NULL);
	samtykke_token_destroy(NULL);
}

/* A token of exactly n bytes, or absent where base64 has no such length. */
static struct str token_sized(struct kit *k, size_t n, size_t extra)
{
	struct str type = arena_fmt(&k->a, "\"typ\":\"%.*s\"", (int)extra, "xxxx"), token, claims;
	static char fill[JOSE_COMPACT_MAX];
	memset(fill, 'x', sizeof fill);
	for (size_t i = n * 3 / 4 - 1200; i < n * 3 / 4; i++) {
		claims = changed(&k->a, "'jti':'j1'", "'jti':'");
		ptrdiff_t at = str_find(claims, STR("\"jti\":\""));
		size_t head = (size_t)at + 7;
		claims = arena_fmt(&k->a, "%.*s%.*s\"%.*s", (int)head, claims.p, (int)(i - claims.n), fill,
				   (int)(claims.n - head), claims.p + head);
		if (jws_sign(&k->a, k->key, JOSE_ES256, type, claims, &token) == RC_OK && token.n == n)
			return token;
	}
	return STR_NONE;
}

static void test_verifier__takes_the_largest_token_and_no_byte_more(void **state)
{
	(void)state;
	struct kit k;
	struct samtykke_token *t = NULL;
	struct str token = STR_NONE;
	kit_start(&k, 0);
	for (size_t extra = 1; !token.p && extra < 4; extra++)
		token = token_sized(&k, JOSE_COMPACT_MAX, extra);
	CHECK(token.p);
	CHECK_SRC(verified(&k, token), SAMTYKKE_OK);
	struct str longer = arena_fmt(&k.a, "%.*sA", STR_FMT(token));
	CHECK(longer.n == JOSE_COMPACT_MAX + 1);
	CHECK_SRC(verified(&k, longer), SAMTYKKE_MALFORMED);
	CHECK_SRC(samtykke_verify(k.v, longer.p, longer.n, NULL, &t), SAMTYKKE_MALFORMED);
	CHECK_SRC(samtykke_inspect(longer.p, longer.n, &t), SAMTYKKE_MALFORMED);
	CHECK(!t);
	kit_stop(&k);
}

static void test_verifier__tells_what_a_token_says(void **state)
{
	(void)state;
	struct kit k;
	struct samtykke_token *t;
	kit_start(&k, 0);
	struct str claims =
		changed(&k.a, "'jti':'j1'",
			"'jti':'j1','supplier':{'authority':'iso6523-actorid-upis','ID':'0192:" OTHER_ORG "'}");
	struct str token = signed_by(&k.a, k.key, claims);
	CHECK_SRC(samtykke_verify(k.v, token.p, token.n, NULL, &t), SAMTYKKE_OK);
	memset((char *)(uintptr_t)token.p, 'x', token.n); /* the token keeps a copy */
	CHECK_Z(samtykke_token_issuer(t), ISSUER);
	CHECK_Z(samtykke_token_client(t), "c1");
	CHECK_Z(samtykke_token_scope(t), "ttd:inntekt ttd:gjeld");
	CHECK_Z(samtykke_token_consumer(t), ORG);
	CHECK_Z(samtykke_token_supplier(t), OTHER_ORG);
	CHECK_Z(samtykke_token_jti(t), "j1");
	CHECK(samtykke_token_expires(t) == (NOW_S + 120) * CLOCK_SECOND);
	CHECK_STR(str_of(samtykke_token_claims_json(t)), claims);
	CHECK(strstr(samtykke_token_header_json(t), "\"alg\":\"ES256\""));
	samtykke_token_destroy(t);

	token = token_of(&k.a, STR("{\"alg\":\"ES256\"}"), STR("{\"exp\":\"x\"}"), STR("x"));
	CHECK_SRC(samtykke_inspect(token.p, token.n, &t), SAMTYKKE_MALFORMED);
	token = token_of(&k.a, STR("{\"alg\":\"ES256\"}"), STR("{\"consumer\":{\"ID\":\"0192:1\"}}"), STR("x"));
	CHECK_SRC(samtykke_inspect(token.p, token.n, &t), SAMTYKKE_OK);
	CHECK(!samtykke_token_issuer(t) && !samtykke_token_client(t) && !samtykke_token_scope(t));
	CHECK(!samtykke_token_consumer(t) && !samtykke_token_supplier(t) && !samtykke_token_jti(t));
	CHECK(samtykke_token_expires(t) == 0 && !samtykke_token_has_consent(t));
	samtykke_token_destroy(t);
	kit_stop(&k);
}

struct told {
	int n;
	bool has_kid;
	char kid[8];
};

static void key_skipped(void *ctx, const char *kid, const char *why)
{
	struct told *t = ctx;
	CHECK(why && *why);
	t->n++;
	t->has_kid = kid != NULL;
	snprintf(t->kid, sizeof t->kid, "%s", kid ? kid : "");
}

static void test_verifier__skips_malformed_keys_and_tells(void **state)
{
	(void)state;
	static const char *const bad[] = { "{'kty':'EC','crv':'P-256','kid':'k0'}", "7" };
	struct kit k;
	kit_start(&k, 0);
	struct str token = signed_by(&k.a, k.key, quoted(&k.a, STR(CLAIMS))), good = set_of(&k.a, &k.key, 1);
	for (size_t i = 0; i < LEN(bad); i++) {
		struct samtykke_verifier_options o = SAMTYKKE_VERIFIER_OPTIONS;
		struct told told = { 0 };
		struct str prefix = arena_fmt(&k.a, "{\"keys\":[%.*s,", STR_FMT(quoted(&k.a, str_of(bad[i]))));
		o.jwks_json = replaced(&k.a, good, "{\"keys\":[", prefix.p).p;
		o.issuer = ISSUER;
		o.now = kit_now;
		o.now_ctx = &k.now;
		o.key_skipped = key_skipped;
		o.key_skipped_ctx = &told;
		samtykke_verifier_destroy(k.v);
		CHECK_SRC(samtykke_verifier_create(&o, &k.v), SAMTYKKE_OK);
		CHECK(told.n == 1 && told.has_kid == (i == 0) && strcmp(told.kid, i == 0 ? "k0" : "") == 0);
		CHECK_SRC(verified(&k, token), SAMTYKKE_OK);
		o.key_skipped = NULL;
		samtykke_verifier_destroy(k.v);
		CHECK_SRC(samtykke_verifier_create(&o, &k.v), SAMTYKKE_OK);
	}
	kit_stop(&k);
}

/* Keys that share a kid: the one that the token's alg fits, whichever comes first. */
static void test_verifier__picks_the_key_that_fits_alg(void **state)
{
	(void)state;
	struct kit k;
	struct jwk *keys[3];
	static const enum jose_alg algs[] = { JOSE_ES256, JOSE_RS256, JOSE_EDDSA };
	kit_start(&k, 0);
	for (size_t i = 0; i < LEN(keys); i++)
		CHECK_RC(jwk_generate(algs[i], STR("one"), &keys[i]), RC_OK);
	samtykke_verifier_destroy(k.v);
	k.v = verifier_of(&k, set_of(&k.a, keys, LEN(keys)));
	for (size_t i = 0; i < LEN(keys); i++) {
		CHECK_SRC(verified(&k, signed_by(&k.a, keys[i], quoted(&k.a, STR(CLAIMS)))), SAMTYKKE_OK);
		jwk_unref(keys[i]);
	}
	kit_stop(&k);
}

T_MAIN(cmocka_unit_test(test_verifier__names_every_result),
       cmocka_unit_test(test_verifier__takes_every_algorithm_and_no_changed_byte),
       cmocka_unit_test(test_verifier__refuses_by_key_and_algorithm),
       cmocka_unit_test(test_verifier__a_token_without_kid_is_fine_where_there_is_one_key),
       cmocka_unit_test(test_verifier__refuses_what_is_no_token),
       cmocka_unit_test(test_verifier__checks_times_to_the_second),
       cmocka_unit_test(test_verifier__expects_scope_and_audience),
       cmocka_unit_test(test_verifier__refuses_bad_arguments),
       cmocka_unit_test(test_verifier__takes_the_largest_token_and_no_byte_more),
       cmocka_unit_test(test_verifier__tells_what_a_token_says),
       cmocka_unit_test(test_verifier__skips_malformed_keys_and_tells),
       cmocka_unit_test(test_verifier__picks_the_key_that_fits_alg))
