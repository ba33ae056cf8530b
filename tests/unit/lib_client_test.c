#include "lib_kit.h"
#include "tiny_server.h"

#define SERVER_S 1790000000 /* the server's clock, where a case moves it */
#define READ "altinn:consentrequests.read"

struct platform {
	struct tiny server;
	struct arena a;
	struct jwk *key;
	const char *private_jwk;
	struct samtykke_client *c;
	int status; /* of everything but tokens and health */
	const char *body;
	int token_status, expires_in;
	const char *token_body; /* NULL: a token */
	const char *headers;
	struct str token;
	atomic_int tokens, lives;
	char grant[16384], call[16384];
	int traced;
};

static void answer(struct tiny *t, int fd, const char *request)
{
	struct platform *p = t->ctx;
	char body[4096];

	if (strncmp(request, "GET /health/live ", 17) == 0) {
		atomic_fetch_add(&p->lives, 1);
		tiny_reply(fd, 200, p->headers, "ok");
	} else if (strncmp(request, "POST /token ", 12) == 0) {
		atomic_fetch_add(&p->tokens, 1);
		snprintf(p->grant, sizeof p->grant, "%s", request);
		snprintf(body, sizeof body, "{\"access_token\":\"%.*s\",\"token_type\":\"Bearer\",\"expires_in\":%d}",
			 STR_FMT(p->token), p->expires_in);
		tiny_reply(fd, p->token_status, p->headers, p->token_body ? p->token_body : body);
	} else {
		snprintf(p->call, sizeof p->call, "%s", request);
		tiny_reply(fd, p->status, p->headers, p->body);
	}
}

static void traced(void *ctx, const char *method, const char *url, const char *request_headers,
		   const char *request_body, int status, const char *response_headers, const char *response_body)
{
	struct platform *p = ctx;

	CHECK(method && url && request_headers && status && response_headers && response_body);
	CHECK(strcmp(method, "POST") != 0 || request_body);
	p->traced++;
}

static struct samtykke_client *client_of(struct platform *p, bool server_time, const char *consumer_org)
{
	struct samtykke_client_options o = SAMTYKKE_CLIENT_OPTIONS;
	struct samtykke_client *c;

	o.base_url = arena_fmt(&p->a, "%s//", p->server.url).p;
	o.client_id = "c1";
	o.private_jwk = p->private_jwk;
	o.server_time = server_time;
	o.consumer_org = consumer_org;
	o.trace = traced;
	o.trace_ctx = p;
	CHECK_SRC(samtykke_client_create(&o, &c), SAMTYKKE_OK);
	return c;
}

static struct platform *platform_start(void)
{
	struct platform *p = calloc(1, sizeof *p);

	CHECK(p);
	p->status = p->token_status = 200;
	p->body = "{}";
	p->headers = "";
	p->expires_in = 120;
	p->key = key_new(JOSE_RS256);
	p->private_jwk = arena_cstr(&p->a, key_text(&p->a, p->key, true));
	p->token = signed_by(&p->a, p->key, quoted(&p->a, STR(CLAIMS)));
	tiny_start(&p->server, answer, p);
	p->c = client_of(p, false, NULL);
	return p;
}

static void platform_stop(struct platform *p)
{
	samtykke_client_destroy(p->c);
	tiny_stop(&p->server);
	jwk_unref(p->key);
	arena_finish(&p->a);
	free(p);
}

static enum samtykke_rc token_get(struct samtykke_client *c, const char *scope)
{
	char *token = NULL;
	enum samtykke_rc rc = samtykke_client_token(c, scope, NULL, NULL, &token);

	CHECK((rc == SAMTYKKE_OK) == (token != NULL));
	samtykke_free(token);
	return rc;
}

/* The claims of the last grant; its signature is checked. */
static const struct js *grant_claims(struct platform *p)
{
	static const char form[] =
		"\r\n\r\ngrant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
	const char *at = strstr(p->grant, form);
	const struct js *claims;
	struct jws s;

	CHECK(at);
	CHECK(strstr(p->grant, "Content-Type: application/x-www-form-urlencoded\r\n"));
	CHECK_RC(jws_parse(&p->a, arena_str(&p->a, str_of(at + sizeof form - 1)), &s), RC_OK);
	CHECK_RC(jws_verify(&s, p->key), RC_OK);
	CHECK_STR(s.kid, jwk_kid(p->key));
	CHECK_RC(js_parse(&p->a, s.payload, NULL, &claims, NULL), RC_OK);
	return claims;
}

static void check_claim(const struct js *claims, const char *name, const char *want)
{
	struct str got;

	CHECK_RC(js_member_str(claims, name, &got), RC_OK);
	CHECK_STR(got, str_of(want));
}

static int64_t claim_i64(const struct js *claims, const char *name)
{
	int64_t n;

	CHECK_RC(js_member_i64(claims, name, &n), RC_OK);
	return n;
}

static void test_client__signs_a_grant(void **state)
{
	(void)state;
	struct platform *p = platform_start();
	char *token;
	CHECK_SRC(samtykke_client_token(p->c, "a b", NULL, NULL, &token), SAMTYKKE_OK);
	CHECK_STR(str_of(token), p->token);
	samtykke_free(token);
	const struct js *claims = grant_claims(p);
	check_claim(claims, "aud", arena_fmt(&p->a, "%s/", p->server.url).p);
	check_claim(claims, "iss", "c1");
	check_claim(claims, "scope", "a b");
	int64_t iat = claim_i64(claims, "iat"), age = clock_real() / CLOCK_SECOND - iat;
	CHECK(claim_i64(claims, "exp") - iat <= 120 && age >= 0 && age < 10);
	CHECK(!js_get(claims, "consumer_org") && !js_get(claims, "authorization_details") && !js_get(claims, "sub"));
	CHECK(js_is(js_get(claims, "jti"), JS_STRING));

	struct samtykke_client *supplier = client_of(p, false, OTHER_ORG);
	CHECK_SRC(samtykke_client_token(supplier, "a", CONSENT_ID, "urn:altinn:person:identifier-no:" GIVER, &token),
		  SAMTYKKE_OK);
	samtykke_free(token);
	claims = grant_claims(p);
	check_claim(claims, "consumer_org", OTHER_ORG);
	const struct js *details = js_get(claims, "authorization_details");
	CHECK(js_is(details, JS_ARRAY) && details->n == 1 && details->child->n == 3);
	check_claim(details->child, "type", "urn:altinn:consent");
	check_claim(details->child, "id", CONSENT_ID);
	check_claim(details->child, "from", "urn:altinn:person:identifier-no:" GIVER);
	samtykke_client_destroy(supplier);
	CHECK(p->traced == 2);
	platform_stop(p);
}

static void test_client__keeps_tokens_until_shortly_before_they_expire(void **state)
{
	(void)state;
	struct platform *p = platform_start();
	char *token;
	for (int i = 0; i < 3; i++)
		CHECK_SRC(token_get(p->c, "a"), SAMTYKKE_OK);
	CHECK(p->tokens == 1);
	CHECK_SRC(token_get(p->c, "b"), SAMTYKKE_OK);
	CHECK_SRC(token_get(p->c, "a"), SAMTYKKE_OK);
	CHECK(p->tokens == 2);
	for (int i = 0; i < 2; i++) { /* consent tokens are never kept */
		CHECK_SRC(samtykke_client_token(p->c, "a", CONSENT_ID, "urn:x", &token), SAMTYKKE_OK);
		samtykke_free(token);
	}
	CHECK(p->tokens == 4);
	p->expires_in = 11;
	CHECK_SRC(token_get(p->c, "c"), SAMTYKKE_OK);
	CHECK_SRC(token_get(p->c, "c"), SAMTYKKE_OK);
	CHECK(p->tokens == 5);
	usleep(1100000);
	CHECK_SRC(token_get(p->c, "c"), SAMTYKKE_OK);
	CHECK(p->tokens == 6);
	p->expires_in = 5;
	CHECK_SRC(token_get(p->c, "d"), SAMTYKKE_OK);
	CHECK_SRC(token_get(p->c, "d"), SAMTYKKE_OK);
	CHECK(p->tokens == 8);
	p->token_body = "{\"access_token\":\"x\",\"expires_in\":9223372036854775807}";
	CHECK_SRC(token_get(p->c, "e"), SAMTYKKE_OK);
	CHECK_SRC(token_get(p->c, "e"), SAMTYKKE_OK);
	CHECK(p->tokens == 9);
	platform_stop(p);
}

static void test_client__reports_a_use(void **state)
{
	(void)state;
	struct platform *p = platform_start();
	static const char path[] =
		"POST /accessmanagement/api/v1/resourceowner/consents/" CONSENT_ID "/use HTTP/1.1\r\n";
	p->status = 201;
	CHECK_SRC(samtykke_use_report(p->c, CONSENT_ID, "inn\"tekt", "r 1", INT64_C(1700000000000000)), SAMTYKKE_OK);
	CHECK(strncmp(p->call, path, sizeof path - 1) == 0);
	CHECK(strstr(p->call, "\r\n\r\n{\"resource\":\"inn\\\"tekt\",\"reference\":\"r 1\","
			      "\"time\":\"2023-11-14T22:13:20+00:00\"}"));
	check_claim(grant_claims(p), "scope", "altinn:consents.use");
	CHECK_SRC(samtykke_use_report(p->c, CONSENT_ID, "x", NULL, 0), SAMTYKKE_OK);
	CHECK(strstr(p->call, "\r\n\r\n{\"resource\":\"x\"}"));
	p->status = 400;
	CHECK_SRC(samtykke_use_report(p->c, CONSENT_ID, "x", NULL, 0), SAMTYKKE_REFUSED);
	CHECK(samtykke_client_status(p->c) == 400);
	p->status = 503;
	CHECK_SRC(samtykke_use_report(p->c, CONSENT_ID, "x", NULL, 0), SAMTYKKE_UNAVAILABLE);
	CHECK_SRC(samtykke_use_report(p->c, "17", "x", NULL, 0), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_use_report(p->c, CONSENT_ID, NULL, NULL, 0), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_use_report(p->c, NULL, "x", NULL, 0), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_use_report(NULL, CONSENT_ID, "x", NULL, 0), SAMTYKKE_BAD_ARGUMENT);
	platform_stop(p);
}

static void test_client__takes_the_servers_time_when_told(void **state)
{
	(void)state;
	struct platform *p = platform_start();
	char date[CLOCK_TEXT_MAX];
	struct str text = clock_http(SERVER_S * CLOCK_SECOND, date);
	p->headers = arena_fmt(&p->a, "Date: %.*s\r\n", STR_FMT(text)).p;
	int64_t ours = samtykke_client_now(p->c) - clock_real();
	CHECK(ours > -CLOCK_MINUTE && ours <= 0 && p->lives == 0);

	struct samtykke_client *c = client_of(p, true, NULL);
	CHECK_SRC(token_get(c, "a"), SAMTYKKE_OK);
	CHECK(p->lives == 1); /* asked before the first grant, so that it is not refused */
	int64_t iat = claim_i64(grant_claims(p), "iat");
	CHECK(iat >= SERVER_S && iat < SERVER_S + 60);
	int64_t now = samtykke_client_now(c);
	CHECK(p->lives == 2 && now >= SERVER_S * CLOCK_SECOND && now < (SERVER_S + 60) * CLOCK_SECOND);
	CHECK_SRC(token_get(c, "b"), SAMTYKKE_OK);
	CHECK(p->lives == 2);
	samtykke_client_destroy(c);
	platform_stop(p);
}

static void test_client__tells_why_it_was_refused(void **state)
{
	(void)state;
	struct platform *p = platform_start();
	struct samtykke_answer *a = NULL;
	CHECK(samtykke_client_status(p->c) == 0);
	CHECK_Z(samtykke_client_error(p->c), "");
	p->token_status = 400;
	p->token_body = "{\"error\":\"invalid_grant\"}";
	CHECK_SRC(token_get(p->c, "a"), SAMTYKKE_REFUSED);
	CHECK(samtykke_client_status(p->c) == 400);
	CHECK_Z(samtykke_client_error(p->c), p->token_body);
	CHECK_SRC(token_get(p->c, "a"), SAMTYKKE_REFUSED); /* a refusal is not kept */
	CHECK(p->tokens == 2);
	p->token_status = 200;
	p->token_body = NULL;
	p->status = 403;
	p->body = "";
	CHECK_SRC(samtykke_request_get(p->c, CONSENT_ID, &a), SAMTYKKE_REFUSED);
	CHECK(samtykke_client_status(p->c) == 403);
	CHECK_Z(samtykke_client_error(p->c), "");
	p->status = 302; /* a redirect is not followed, and no answer either */
	p->headers = "Location: http://127.0.0.1:1/\r\n";
	CHECK_SRC(samtykke_request_get(p->c, CONSENT_ID, &a), SAMTYKKE_REFUSED);
	CHECK(samtykke_client_status(p->c) == 302 && !a);
	platform_stop(p);
}

static void test_client__unavailable_and_malformed(void **state)
{
	(void)state;
	static const struct {
		int status;
		const char *body;
		enum samtykke_rc want;
	} t[] = {
		{ 429, "", SAMTYKKE_UNAVAILABLE },
		{ 503, "{}", SAMTYKKE_UNAVAILABLE },
		{ 500, "", SAMTYKKE_REFUSED },
		{ 200, "", SAMTYKKE_MALFORMED },
		{ 200, "[]", SAMTYKKE_MALFORMED },
		{ 200, "{\"access_token\":\"x\"}", SAMTYKKE_MALFORMED },
		{ 200, "{\"access_token\":1,\"expires_in\":1}", SAMTYKKE_MALFORMED },
		{ 200, "{\"access_token\":\"x\",\"expires_in\":-1}", SAMTYKKE_MALFORMED },
	};
	struct platform *p = platform_start();
	for (size_t i = 0; i < LEN(t); i++) {
		p->token_status = t[i].status;
		p->token_body = t[i].body;
		CHECK_SRC(token_get(p->c, "a"), t[i].want);
	}
	char url[64], *body = NULL;
	int fd = tiny_nobody(url);
	CHECK_SRC(samtykke_client_fetch(p->c, url, NULL, &body), SAMTYKKE_UNAVAILABLE);
	CHECK_SRC(samtykke_client_fetch(p->c, "file:///etc/hostname", NULL, &body), SAMTYKKE_UNAVAILABLE);
	CHECK(!body);
	close(fd);
	platform_stop(p);
}

static void test_client__fetches_with_the_token(void **state)
{
	(void)state;
	struct platform *p = platform_start();
	const char *url = arena_fmt(&p->a, "%s/data?x=1", p->server.url).p;
	char *body;
	p->body = "[1,2]";
	CHECK_SRC(samtykke_client_fetch(p->c, url, "abc", &body), SAMTYKKE_OK);
	CHECK_Z(body, "[1,2]");
	samtykke_free(body);
	CHECK(str_starts(str_of(p->call), STR("GET /data?x=1 ")) &&
	      strstr(p->call, "\r\nAuthorization: Bearer abc\r\n"));
	p->status = 204;
	p->body = "";
	CHECK_SRC(samtykke_client_fetch(p->c, url, NULL, &body), SAMTYKKE_OK);
	CHECK_Z(body, "");
	samtykke_free(body);
	CHECK(!strstr(p->call, "Authorization"));
	platform_stop(p);
}

static const char *const metadata[] = { "fraOgMed", "2025-01", "a\"b", "\xc3\xb8", NULL };
static const char *const message[] = { "nb", "Hei", "en", "Hello", NULL };
static const struct samtykke_right rights[] = {
	{ "inntekt", NULL, metadata },
	{ "gjeld", "read", NULL },
};

static struct samtykke_request request_of(void)
{
	struct samtykke_request r = SAMTYKKE_REQUEST;

	r.id = CONSENT_ID;
	r.from = GIVER;
	r.valid_to = NOW_S * CLOCK_SECOND;
	r.rights = rights;
	r.n_rights = LEN(rights);
	r.message = message;
	r.redirect_url = "https://bank.test/?a=1&b=2";
	return r;
}

static const char *body_of(const struct platform *p)
{
	const char *end = strstr(p->call, "\r\n\r\n");

	return end ? end + 4 : "";
}

static void test_client__asks_for_consent_in_these_very_words(void **state)
{
	(void)state;
	struct platform *p = platform_start();
	struct samtykke_request r = request_of();
	struct samtykke_answer *a;
	p->status = 201;
	p->body = "{\"id\":\"" CONSENT_ID
		  "\",\"from\":\"urn:f\",\"status\":\"Created\",\"viewUri\":\"https://x.test/v\"}";
	CHECK_SRC(samtykke_request_create(p->c, &r, &a), SAMTYKKE_OK);
	CHECK_Z(samtykke_answer_id(a), CONSENT_ID);
	CHECK_Z(samtykke_answer_from(a), "urn:f");
	CHECK_Z(samtykke_answer_status(a), "Created");
	CHECK_Z(samtykke_answer_view_uri(a), "https://x.test/v");
	CHECK_Z(samtykke_answer_json(a), p->body);
	samtykke_answer_destroy(a);
	CHECK(str_starts(str_of(p->call),
			 STR("POST /accessmanagement/api/v1/enterprise/consentrequests HTTP/1.1\r\n")));
	CHECK(strstr(p->call, "\r\nContent-Type: application/json\r\n"));
	CHECK(strstr(p->call, arena_fmt(&p->a, "\r\nAuthorization: Bearer %.*s\r\n", STR_FMT(p->token)).p));
	check_claim(grant_claims(p), "scope", "altinn:consentrequests.write");
	static const char want[] =
		"{'id':'" CONSENT_ID "','from':'urn:altinn:person:identifier-no:" GIVER
		"','to':'urn:altinn:organization:identifier-no:" ORG "','validTo':'2026-05-28T20:26:40+00:00',"
		"'consentRights':[{'action':['consent'],'resource':[{'type':'urn:altinn:resource','value':'inntekt'}],"
		"'metadata':{'fraOgMed':'2025-01','a\\'b':'\xc3\xb8'}},"
		"{'action':['read'],'resource':[{'type':'urn:altinn:resource','value':'gjeld'}]}],"
		"'requestMessage':{'nb':'Hei','en':'Hello'},'redirectUrl':'https://bank.test/?a=1&b=2',"
		"'portalViewMode':'Hide'}";
	CHECK_STR(str_of(body_of(p)), quoted(&p->a, str_of(want)));

	r.id = NULL;
	r.from = ORG;
	r.to = "urn:altinn:organization:identifier-no:" OTHER_ORG;
	r.message = NULL;
	r.n_rights = 1;
	r.show_in_portal = true;
	p->body = "{}";
	CHECK_SRC(samtykke_request_create(p->c, &r, &a), SAMTYKKE_OK);
	CHECK(!samtykke_answer_id(a) && !samtykke_answer_view_uri(a));
	samtykke_answer_destroy(a);
	const struct js *o;
	CHECK_RC(js_parse(&p->a, arena_str(&p->a, str_of(body_of(p))), NULL, &o, NULL), RC_OK);
	CHECK(js_get(o, "id")->s.n == 36 && !js_get(o, "requestMessage") && js_get(o, "consentRights")->n == 1);
	check_claim(o, "from", "urn:altinn:organization:identifier-no:" ORG);
	check_claim(o, "to", "urn:altinn:organization:identifier-no:" OTHER_ORG);
	check_claim(o, "portalViewMode", "Show");
	platform_stop(p);
}

static void test_client__the_recipient_is_who_the_token_speaks_for(void **state)
{
	(void)state;
	struct platform *p = platform_start();
	struct samtykke_request r = request_of();
	struct samtykke_answer *a = NULL;
	p->token = STR("opaque");
	CHECK_SRC(samtykke_request_create(p->c, &r, &a), SAMTYKKE_MALFORMED);
	samtykke_client_destroy(p->c); /* its kept token too */
	p->c = client_of(p, false, NULL);
	p->token = signed_by(&p->a, p->key, STR("{\"iss\":\"x\"}"));
	CHECK_SRC(samtykke_request_create(p->c, &r, &a), SAMTYKKE_BAD_ARGUMENT);
	r.to = ORG;
	CHECK_SRC(samtykke_request_create(p->c, &r, &a), SAMTYKKE_OK);
	samtykke_answer_destroy(a);
	p->body = "[]";
	CHECK_SRC(samtykke_request_create(p->c, &r, &a), SAMTYKKE_MALFORMED);
	platform_stop(p);
}

static void test_client__reads_a_request(void **state)
{
	(void)state;
	struct platform *p = platform_start();
	struct samtykke_answer *a;
	p->body = "{\"status\":\"Accepted\"}";
	CHECK_SRC(samtykke_request_get(p->c, "0195A7C2-9D10-7C44-8A51-3F2B7D6E9A01", &a), SAMTYKKE_OK);
	CHECK_Z(samtykke_answer_status(a), "Accepted");
	samtykke_answer_destroy(a);
	CHECK(str_starts(str_of(p->call),
			 STR("GET /accessmanagement/api/v1/enterprise/consentrequests/" CONSENT_ID " HTTP/1.1\r\n")));
	check_claim(grant_claims(p), "scope", READ);
	platform_stop(p);
}

static void test_client__refuses_bad_options(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct samtykke_client_options good = SAMTYKKE_CLIENT_OPTIONS, o;
	struct samtykke_client *c = NULL;
	struct jwk *k = key_new(JOSE_ES256);
	good.base_url = "http://127.0.0.1:1";
	CHECK_SRC(samtykke_client_create(NULL, &c), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_client_create(&good, NULL), SAMTYKKE_BAD_ARGUMENT);
	o = good, o.size++;
	CHECK_SRC(samtykke_client_create(&o, &c), SAMTYKKE_BAD_ARGUMENT);
	o = good, o.base_url = NULL;
	CHECK_SRC(samtykke_client_create(&o, &c), SAMTYKKE_BAD_ARGUMENT);
	o = good, o.timeout_s = -1;
	CHECK_SRC(samtykke_client_create(&o, &c), SAMTYKKE_BAD_ARGUMENT);
	const char *const keys[] = { "", "x", "{}", arena_cstr(&a, key_text(&a, k, false)) };
	for (size_t i = 0; i < LEN(keys); i++) {
		o = good, o.private_jwk = keys[i];
		CHECK_SRC(samtykke_client_create(&o, &c), SAMTYKKE_BAD_ARGUMENT);
	}
	CHECK(!c);
	CHECK_SRC(samtykke_client_create(&good, &c), SAMTYKKE_OK);
	CHECK_SRC(token_get(c, "a"), SAMTYKKE_BAD_ARGUMENT); /* neither key nor client */
	samtykke_client_destroy(c);
	samtykke_client_destroy(NULL);
	jwk_unref(k);
	arena_finish(&a);
}

static void test_client__refuses_bad_arguments(void **state)
{
	(void)state;
	struct platform *p = platform_start();
	struct samtykke_answer *a = NULL;
	struct samtykke_request r;
	char *text = NULL;
	CHECK_SRC(samtykke_client_token(NULL, "a", NULL, NULL, &text), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_client_token(p->c, NULL, NULL, NULL, &text), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_client_token(p->c, "a", NULL, NULL, NULL), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_client_token(p->c, "a", CONSENT_ID, NULL, &text), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_client_token(p->c, "a", NULL, GIVER, &text), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_client_fetch(p->c, NULL, NULL, &text), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_client_fetch(p->c, "http://127.0.0.1:1", NULL, NULL), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_request_get(p->c, NULL, &a), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_request_get(p->c, "../x", &a), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_request_get(p->c, CONSENT_ID, NULL), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_request_create(p->c, NULL, &a), SAMTYKKE_BAD_ARGUMENT);
	r = request_of();
	CHECK_SRC(samtykke_request_create(p->c, &r, NULL), SAMTYKKE_BAD_ARGUMENT);
	r = request_of(), r.size = 0;
	CHECK_SRC(samtykke_request_create(p->c, &r, &a), SAMTYKKE_BAD_ARGUMENT);
	r = request_of(), r.from = NULL;
	CHECK_SRC(samtykke_request_create(p->c, &r, &a), SAMTYKKE_BAD_ARGUMENT);
	r = request_of(), r.redirect_url = NULL;
	CHECK_SRC(samtykke_request_create(p->c, &r, &a), SAMTYKKE_BAD_ARGUMENT);
	r = request_of(), r.rights = NULL;
	CHECK_SRC(samtykke_request_create(p->c, &r, &a), SAMTYKKE_BAD_ARGUMENT);
	r = request_of(), r.n_rights = 1, r.rights = &(struct samtykke_right){ NULL, NULL, NULL };
	CHECK_SRC(samtykke_request_create(p->c, &r, &a), SAMTYKKE_BAD_ARGUMENT);
	CHECK(p->server.hits == 0 && !a && !text);
	samtykke_answer_destroy(NULL);
	samtykke_free(NULL);
	platform_stop(p);
}

/* What a process has least of for a client is thread-specific keys. */
static void test_client__no_memory_when_thread_keys_are_used_up(void **state)
{
	(void)state;
	struct samtykke_client_options o = SAMTYKKE_CLIENT_OPTIONS;
	struct samtykke_client *c = NULL;
	pthread_key_t keys[2048];
	size_t n = 0;
	o.base_url = "http://127.0.0.1:1";
	while (n < LEN(keys) && pthread_key_create(&keys[n], NULL) == 0)
		n++;
	enum samtykke_rc rc = samtykke_client_create(&o, &c);
	while (n)
		pthread_key_delete(keys[--n]);
	CHECK_SRC(rc, SAMTYKKE_NO_MEMORY);
	CHECK(!c);
}

static void test_events__wrong_arguments(void **state)
{
	(void)state;
	struct samtykke_client_options o = SAMTYKKE_CLIENT_OPTIONS;
	struct samtykke_feed f = SAMTYKKE_FEED, wrong = SAMTYKKE_FEED, negative = SAMTYKKE_FEED;
	struct samtykke_client *c = NULL;
	struct samtykke_answer *page = NULL;
	o.base_url = "http://127.0.0.1:9";
	CHECK_SRC(samtykke_client_create(&o, &c), SAMTYKKE_OK);
	wrong.size--;
	negative.wait_s = -1;
	CHECK_SRC(samtykke_events(NULL, &f, &page), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_events(c, NULL, &page), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_events(c, &wrong, &page), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_events(c, &negative, &page), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_events(c, &f, NULL), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(samtykke_events(c, &f, &page), SAMTYKKE_BAD_ARGUMENT); /* no key to get a token with */
	assert_null(page);
	samtykke_client_destroy(c);
}

T_MAIN(cmocka_unit_test(test_events__wrong_arguments), cmocka_unit_test(test_client__signs_a_grant),
       cmocka_unit_test(test_client__keeps_tokens_until_shortly_before_they_expire),
       cmocka_unit_test(test_client__reports_a_use), cmocka_unit_test(test_client__takes_the_servers_time_when_told),
       cmocka_unit_test(test_client__tells_why_it_was_refused),
       cmocka_unit_test(test_client__unavailable_and_malformed), cmocka_unit_test(test_client__fetches_with_the_token),
       cmocka_unit_test(test_client__asks_for_consent_in_these_very_words),
       cmocka_unit_test(test_client__the_recipient_is_who_the_token_speaks_for),
       cmocka_unit_test(test_client__reads_a_request), cmocka_unit_test(test_client__refuses_bad_options),
       cmocka_unit_test(test_client__refuses_bad_arguments),
       cmocka_unit_test(test_client__no_memory_when_thread_keys_are_used_up))
