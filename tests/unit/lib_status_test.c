#include "lib_kit.h"

#include "base/b64.h"
#include "base/zip.h"
#include "tiny_server.h"

/* A server that hands out what it is told to, and a verifier whose clock stands still. */
struct served {
	struct kit k;
	struct tiny server;
	struct str body;
	int status;
};

static void serve(struct tiny *t, int fd, const char *request)
{
	struct served *s = t->ctx;
	(void)request;
	tiny_reply(fd, s->status, "Content-Type: application/statuslist+jwt\r\n", arena_cstr(&s->k.a, s->body));
}

static void served_start(struct served *s)
{
	*s = (struct served){ .status = 200 };
	kit_start(&s->k, 0);
	tiny_start(&s->server, serve, s);
}

static void served_stop(struct served *s)
{
	tiny_stop(&s->server);
	kit_stop(&s->k);
}

static struct str uri_of(struct served *s)
{
	return arena_fmt(&s->k.a, "%s/statuslists/0", s->server.url);
}

static struct str lst_of(struct served *s, const void *bits, size_t n)
{
	struct str packed;
	CHECK_RC(zip_deflate(&s->k.a, str_span(bits, n), &packed), RC_OK);
	return b64url(&s->k.a, packed);
}

#define TYP "\"typ\":\"statuslist+jwt\""

static void publish(struct served *s, const char *typ, struct str claims)
{
	CHECK_RC(jws_sign_long(&s->k.a, s->k.key, JOSE_ES256, str_of(typ), claims, &s->body), RC_OK);
}

/* more: members after sub */
static struct str list_of(struct served *s, const char *more, int bits, struct str lst)
{
	return arena_fmt(&s->k.a, "{\"sub\":\"%.*s\"%s,\"status_list\":{\"bits\":%d,\"lst\":\"%.*s\"}}",
			 STR_FMT(uri_of(s)), more, bits, STR_FMT(lst));
}

static struct samtykke_token *token_with(struct served *s, const char *status)
{
	struct samtykke_token *t = NULL;
	struct str claims = changed(&s->k.a, "'jti'", arena_cstr(&s->k.a, arena_fmt(&s->k.a, "%s'jti'", status)));
	struct str compact = signed_by(&s->k.a, s->k.key, claims);
	CHECK_SRC(samtykke_verify(s->k.v, compact.p, compact.n, NULL, &t), SAMTYKKE_OK);
	return t;
}

static struct samtykke_token *token_at(struct served *s, const char *idx)
{
	return token_with(s, arena_cstr(&s->k.a, arena_fmt(&s->k.a, "'status':{'status_list':{'idx':%s,'uri':'%.*s'}},",
							   idx, STR_FMT(uri_of(s)))));
}

static enum samtykke_status asked(struct served *s, const char *idx, const char **why)
{
	struct samtykke_token *t = token_at(s, idx);
	enum samtykke_status status = samtykke_token_status(s->k.v, t, why);
	samtykke_token_destroy(t);
	return status;
}

static void test_status__of_each_width(void **state)
{
	(void)state;
	static const unsigned char bytes[] = { 0x02, 0x90 };
	static const struct {
		int bits;
		const char *idx;
		enum samtykke_status want;
	} t[] = {
		{ 1, "0", SAMTYKKE_STATUS_VALID },
		{ 1, "1", SAMTYKKE_STATUS_REVOKED },
		{ 1, "12", SAMTYKKE_STATUS_REVOKED },
		{ 1, "15", SAMTYKKE_STATUS_REVOKED },
		{ 1, "14", SAMTYKKE_STATUS_VALID },
		{ 1, "16", SAMTYKKE_STATUS_UNKNOWN },
		{ 2, "0", SAMTYKKE_STATUS_UNKNOWN },
		{ 2, "1", SAMTYKKE_STATUS_VALID },
		{ 2, "6", SAMTYKKE_STATUS_REVOKED },
		{ 2, "8", SAMTYKKE_STATUS_UNKNOWN },
		{ 4, "1", SAMTYKKE_STATUS_VALID },
		{ 4, "3", SAMTYKKE_STATUS_UNKNOWN },
		{ 4, "4", SAMTYKKE_STATUS_UNKNOWN },
		{ 8, "0", SAMTYKKE_STATUS_UNKNOWN },
		{ 8, "2", SAMTYKKE_STATUS_UNKNOWN },
		{ 1, "-1", SAMTYKKE_STATUS_UNKNOWN },
		{ 1, "9223372036854775807", SAMTYKKE_STATUS_UNKNOWN },
		{ 1, "1.5", SAMTYKKE_STATUS_UNKNOWN },
		{ 1, "'1'", SAMTYKKE_STATUS_UNKNOWN },
	};
	for (size_t i = 0; i < LEN(t); i++) {
		struct served s;
		const char *why;
		served_start(&s);
		publish(&s, TYP, list_of(&s, "", t[i].bits, lst_of(&s, bytes, sizeof bytes)));
		enum samtykke_status got = asked(&s, t[i].idx, &why);
		if (got != t[i].want || (got == SAMTYKKE_STATUS_UNKNOWN) != (why != NULL))
			fail_msg("%d bits, %s: %s", t[i].bits, t[i].idx, samtykke_status_name(got));
		served_stop(&s);
	}
}

/* One list each, in the place of the right one. */
static void unknown(const char *what, const char *typ, const char *more, int bits, size_t n, const char *sub)
{
	struct served s;
	const char *why;
	served_start(&s);
	char *zeros = arena_alloc(&s.k.a, n + 1);
	struct str claims = list_of(&s, more, bits, lst_of(&s, zeros, n));
	publish(&s, typ, sub ? replaced(&s.k.a, claims, "/statuslists/0", sub) : claims);
	if (asked(&s, "0", &why) != SAMTYKKE_STATUS_UNKNOWN || !why || !strstr(why, what))
		fail_msg("%s: %s", what, why ? why : "known");
	served_stop(&s);
}

static void test_status__a_list_that_is_not_to_be_trusted_is_unknown(void **state)
{
	(void)state;
	unknown("none of 1, 2, 4, 8", TYP, "", 3, 10, NULL);
	unknown("none of 1, 2, 4, 8", TYP, "", 0, 10, NULL);
	unknown("place is none", "\"typ\":\"JWT\"", "", 1, 10, NULL);
	unknown("place is none", NULL, "", 1, 10, NULL);
	unknown("has expired", TYP, ",\"exp\":1780000000", 1, 10, NULL);
	unknown("are no times", TYP, ",\"exp\":\"x\"", 1, 10, NULL);
	unknown("ttl", TYP, ",\"ttl\":\"x\"", 1, 10, NULL);
	unknown("ttl", TYP, ",\"ttl\":-1", 1, 10, NULL);
	unknown("too large", TYP, "", 1, (1 << 20) + 1, NULL);
	unknown("too large", TYP, "", 1, (size_t)64 << 20, NULL); /* a bomb */
	unknown("another one", TYP, "", 1, 10, "/statuslists/1");
	unknown("beyond the end", TYP, "", 1, 0, NULL);
}

static void bad_answer(const char *what, int status, const char *body)
{
	struct served s;
	const char *why;
	served_start(&s);
	s.status = status;
	s.body = str_of(body);
	if (asked(&s, "0", &why) != SAMTYKKE_STATUS_UNKNOWN || !strstr(why, what))
		fail_msg("%s: %s", what, why);
	served_stop(&s);
}

static void test_status__what_is_no_list_is_unknown(void **state)
{
	(void)state;
	bad_answer("cannot be fetched", 404, "");
	bad_answer("cannot be fetched", 500, "a.b.c");
	bad_answer("place is none", 200, "");
	bad_answer("place is none", 200, "a.b.c");
	struct arena a = { 0 };
	char *big = arena_alloc(&a, JOSE_LONG_MAX + 2);
	memset(big, 'A', JOSE_LONG_MAX + 1);
	bad_answer("too large", 200, big);
	arena_finish(&a);
}

static void test_status__another_s_signature_is_unknown(void **state)
{
	(void)state;
	struct served s;
	const char *why;
	struct jwk *forger;
	served_start(&s);
	CHECK_RC(jwk_generate(JOSE_ES256, jwk_kid(s.k.key), &forger), RC_OK);
	struct str claims = list_of(&s, "", 1, lst_of(&s, "\0", 1));
	CHECK_RC(jws_sign_long(&s.k.a, forger, JOSE_ES256, STR(TYP), claims, &s.body), RC_OK);
	CHECK(asked(&s, "0", &why) == SAMTYKKE_STATUS_UNKNOWN && strstr(why, "not signed by the issuer"));
	jwk_unref(forger);
	served_stop(&s);
}

static void test_status__a_copy_is_kept_for_its_ttl(void **state)
{
	(void)state;
	struct served s;
	const char *why;
	served_start(&s);
	publish(&s, TYP, list_of(&s, ",\"ttl\":10,\"exp\":1780000025", 1, lst_of(&s, "\0", 1)));
	for (int i = 0; i < 5; i++)
		CHECK(asked(&s, "3", &why) == SAMTYKKE_STATUS_VALID);
	assert_int_equal(s.server.hits, 1);
	publish(&s, TYP, list_of(&s, ",\"ttl\":10,\"exp\":1780000025", 1, lst_of(&s, "\xff", 1)));
	s.k.now += 10 * CLOCK_SECOND - 1;
	CHECK(asked(&s, "3", &why) == SAMTYKKE_STATUS_VALID);
	s.k.now += 1;
	CHECK(asked(&s, "3", &why) == SAMTYKKE_STATUS_REVOKED);
	assert_int_equal(s.server.hits, 2);
	s.k.now += 10 * CLOCK_SECOND;
	CHECK(asked(&s, "3", &why) == SAMTYKKE_STATUS_REVOKED);
	assert_int_equal(s.server.hits, 3);
	s.k.now += 5 * CLOCK_SECOND; /* its exp comes before its ttl is over */
	CHECK(asked(&s, "3", &why) == SAMTYKKE_STATUS_UNKNOWN && strstr(why, "expired"));
	s.k.now -= 25 * CLOCK_SECOND; /* a clock that went back */
	CHECK(asked(&s, "3", &why) == SAMTYKKE_STATUS_REVOKED);
	served_stop(&s);
}

static void test_status__a_failure_is_not_repeated_at_once(void **state)
{
	(void)state;
	struct served s;
	const char *why;
	served_start(&s);
	s.status = 503;
	CHECK(asked(&s, "0", &why) == SAMTYKKE_STATUS_UNKNOWN);
	CHECK(asked(&s, "0", &why) == SAMTYKKE_STATUS_UNKNOWN);
	assert_int_equal(s.server.hits, 1);
	s.status = 200;
	publish(&s, TYP, list_of(&s, "", 1, lst_of(&s, "\0", 1)));
	s.k.now += CLOCK_SECOND;
	CHECK(asked(&s, "0", &why) == SAMTYKKE_STATUS_VALID && !why);
	served_stop(&s);
}

static void test_status__only_of_a_token_that_was_verified(void **state)
{
	(void)state;
	struct served s;
	struct samtykke_token *t = NULL;
	const char *why;
	served_start(&s);
	publish(&s, TYP, list_of(&s, "", 1, lst_of(&s, "\0", 1)));
	t = token_with(&s, "");
	CHECK(samtykke_token_status(s.k.v, t, &why) == SAMTYKKE_STATUS_NONE && !why);
	CHECK(samtykke_token_status(NULL, t, NULL) == SAMTYKKE_STATUS_UNKNOWN);
	samtykke_token_destroy(t);
	t = token_with(&s, "'status':{},");
	CHECK(samtykke_token_status(s.k.v, t, &why) == SAMTYKKE_STATUS_UNKNOWN && why);
	samtykke_token_destroy(t);
	t = token_with(&s, "'status':{'status_list':{'idx':0,'uri':'file:///etc/passwd'}},");
	CHECK(samtykke_token_status(s.k.v, t, &why) == SAMTYKKE_STATUS_UNKNOWN && why);
	samtykke_token_destroy(t);
	struct str compact = signed_by(
		&s.k.a, s.k.key,
		changed(&s.k.a, "'jti'",
			arena_cstr(&s.k.a, arena_fmt(&s.k.a, "'status':{'status_list':{'idx':0,'uri':'%.*s'}},'jti'",
						     STR_FMT(uri_of(&s))))));
	CHECK_SRC(samtykke_inspect(compact.p, compact.n, &t), SAMTYKKE_OK);
	CHECK(samtykke_token_status(s.k.v, t, &why) == SAMTYKKE_STATUS_UNKNOWN && why);
	samtykke_token_destroy(t);
	assert_int_equal(s.server.hits, 0);
	CHECK_Z(samtykke_status_name(SAMTYKKE_STATUS_REVOKED), "revoked");
	CHECK_Z(samtykke_status_name((enum samtykke_status)17), "unknown");
	served_stop(&s);
}

static void *asks(void *arg)
{
	struct served *s = arg;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct samtykke_token *t = NULL;
	struct str claims = changed(
		&a, "'jti'",
		arena_cstr(&a, arena_fmt(&a, "'status':{'status_list':{'idx':0,'uri':'%s/statuslists/0'}},'jti'",
					 s->server.url)));
	struct str compact = signed_by(&a, s->k.key, claims);
	CHECK_SRC(samtykke_verify(s->k.v, compact.p, compact.n, NULL, &t), SAMTYKKE_OK);
	for (int i = 0; i < 50; i++)
		CHECK(samtykke_token_status(s->k.v, t, NULL) == SAMTYKKE_STATUS_VALID);
	samtykke_token_destroy(t);
	return NULL;
}

static void test_status__many_threads_fetch_once(void **state)
{
	(void)state;
	struct served s;
	pthread_t t[8];
	served_start(&s);
	publish(&s, TYP, list_of(&s, "", 1, lst_of(&s, "\0", 1)));
	for (size_t i = 0; i < LEN(t); i++)
		assert_int_equal(pthread_create(&t[i], NULL, asks, &s), 0);
	for (size_t i = 0; i < LEN(t); i++)
		pthread_join(t[i], NULL);
	assert_int_equal(s.server.hits, 1);
	served_stop(&s);
}

T_MAIN(cmocka_unit_test(test_status__of_each_width),
       cmocka_unit_test(test_status__a_list_that_is_not_to_be_trusted_is_unknown),
       cmocka_unit_test(test_status__what_is_no_list_is_unknown),
       cmocka_unit_test(test_status__another_s_signature_is_unknown),
       cmocka_unit_test(test_status__a_copy_is_kept_for_its_ttl),
       cmocka_unit_test(test_status__a_failure_is_not_repeated_at_once),
       cmocka_unit_test(test_status__only_of_a_token_that_was_verified),
       cmocka_unit_test(test_status__many_threads_fetch_once))
