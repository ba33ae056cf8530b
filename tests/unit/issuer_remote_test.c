#include "issuer/remote_internal.h"

#include "base/clock.h"
#include "net/pool.h"
#include "t.h"

#define ELENA "01025161013"
#define BANK "810419512"
#define ID "77ed0000-0000-4000-9eb4-5c1eb3f165a1"
#define FROM "urn:altinn:person:identifier-no:" ELENA
#define TO "urn:altinn:organization:identifier-no:" BANK
#define RIGHT "{\"action\":[\"read\"],\"resource\":[{\"type\":\"urn:altinn:resource\",\"value\":\"r\"}]}"
#define ANSWER(id, from, to, consented, valid_to, rights)                                                              \
	"{\"id\":\"" id "\",\"from\":\"" from "\",\"to\":\"" to "\",\"consented\":\"" consented                        \
	"\",\"validTo\":\"" valid_to "\",\"consentRights\":[" rights "]}"
#define T1 "2025-01-01T00:00:00.1234567+01:00"
#define T2 "2035-01-01T00:00:00Z"
#define TOKEN_MAX 16384 /* bytes of a bearer token */
#define GOOD ANSWER(ID, FROM, TO, T1, T2, RIGHT)

static struct oauth_consent question(void)
{
	struct oauth_consent asked = { .from = { .kind = URN_PERSON, .value = STR(ELENA) } };
	CHECK_RC(uuid_parse(STR(ID), &asked.id), RC_OK);
	return asked;
}

/* ---- the answer ---- */

static void test_remote__answers(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int status;
		enum rc want;
		const char *body;
	} rows[] = {
		{ "a consent", 200, RC_OK, GOOD },
		{ "another id", 200, RC_BUSY, ANSWER("77ed0000-0000-4000-9eb4-5c1eb3f165a2", FROM, TO, T1, T2, RIGHT) },
		{ "another giver", 200, RC_BUSY,
		  ANSWER(ID, "urn:altinn:person:identifier-no:01014922047", TO, T1, T2, RIGHT) },
		{ "to a person", 200, RC_BUSY, ANSWER(ID, FROM, FROM, T1, T2, RIGHT) },
		{ "no time of consent", 200, RC_BUSY, ANSWER(ID, FROM, TO, "soon", T2, RIGHT) },
		{ "no end", 200, RC_BUSY, ANSWER(ID, FROM, TO, T1, "", RIGHT) },
		{ "no rights", 200, RC_BUSY, ANSWER(ID, FROM, TO, T1, T2, "") },
		{ "a right without action", 200, RC_BUSY,
		  ANSWER(ID, FROM, TO, T1, T2,
			 "{\"action\":[],\"resource\":[{\"type\":\"urn:altinn:resource\",\"value\":\"r\"}]}") },
		{ "a right without resource", 200, RC_BUSY,
		  ANSWER(ID, FROM, TO, T1, T2,
			 "{\"action\":[\"read\"],\"resource\":[{\"type\":\"urn:altinn:resource\",\"value\":\"\"}]}") },
		{ "a list", 200, RC_BUSY, "[" GOOD "]" },
		{ "no JSON", 200, RC_BUSY, "<html>" },
		{ "nothing", 200, RC_BUSY, "" },
		{ "refused", 400, RC_DENIED, "" },
		{ "unknown", 404, RC_DENIED, "<html>" },
		{ "several problems", 500, RC_DENIED, "{\"code\":\"STD-00001\"}" },
		{ "broken", 500, RC_BUSY, "{\"code\":\"STD-00002\"}" },
		{ "broken, without words", 500, RC_BUSY, "" },
		{ "not logged in", 401, RC_BUSY, "" },
		{ "forbidden", 403, RC_BUSY, GOOD },
		{ "created", 201, RC_BUSY, GOOD },
		{ "moved", 302, RC_BUSY, GOOD },
		{ "down", 503, RC_BUSY, "{\"code\":\"STD-00001\"}" },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct oauth_consent asked = question();
		struct consent *c = NULL;
		const char *why = NULL;
		enum rc rc = remote_read(&a, rows[i].status, str_of(rows[i].body), &asked, &c, &why);
		if (rc != rows[i].want || (rc == RC_OK) != (c != NULL) || (rc == RC_BUSY && !why))
			fail_msg("%s: %s, want %s", rows[i].name, rc_name(rc), rc_name(rows[i].want));
	}
}

static void test_remote__times_stay_as_the_other_wrote_them(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct oauth_consent asked = question();
	struct consent *c;
	const char *why;
	CHECK_RC(remote_read(&a, 200, STR(GOOD), &asked, &c, &why), RC_OK);
	CHECK_STR(c->consented_text, STR(T1));
	CHECK_STR(c->valid_to_text, STR(T2));
	CHECK(c->valid_to == INT64_C(2051222400) * CLOCK_SECOND);
	CHECK_STR(c->to.value, STR(BANK));
	CHECK_STR(c->rights->resource, STR("r"));
}

static struct str answer_of_rights(struct arena *a, size_t n)
{
	struct buf rights = BUF(a);
	for (size_t i = 0; i < n; i++) {
		buf_z(&rights, i ? "," : "");
		buf_lit(&rights, RIGHT);
	}
	return arena_fmt(a, ANSWER(ID, FROM, TO, T1, T2, "%.*s"), STR_FMT(buf_str(&rights)));
}

static void test_remote__limits(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct oauth_consent asked = question();
	struct consent *c;
	const char *why;
	CHECK_RC(remote_read(&a, 200, answer_of_rights(&a, 50), &asked, &c, &why), RC_OK);
	CHECK_RC(remote_read(&a, 200, answer_of_rights(&a, 51), &asked, &c, &why), RC_BUSY);
	for (size_t over = 0; over < 2; over++) {
		size_t n = REMOTE_MAX_ANSWER + over - (sizeof GOOD - 1);
		struct str body = arena_fmt(&a, "%s%*s", GOOD, (int)n, "");
		assert_int_equal(body.n, REMOTE_MAX_ANSWER + over);
		CHECK_RC(remote_read(&a, 200, body, &asked, &c, &why), over ? RC_BUSY : RC_OK);
	}
}

/* ---- the token for lookups; the calls are played (linked with --wrap) ---- */

static struct {
	const char *token_body;
	enum rc token_rc;
	int lookup_status;
	int tokens, lookups;
	char bearer[64]; /* header of the last lookup */
} other;

enum rc __wrap_net_pool_fetch(struct net_pool *p, struct arena *a, const struct net_req *req, struct net_res *out,
			      struct str *why_out);
enum rc __wrap_net_pool_fetch(struct net_pool *p, struct arena *a, const struct net_req *req, struct net_res *out,
			      struct str *why_out)
{
	(void)p, (void)a, (void)why_out;
	if (str_eq(str_of(req->url), STR("https://issuer.example/token"))) {
		other.tokens++;
		*out = (struct net_res){ .status = 200, .body = str_of(other.token_body) };
		return other.token_rc;
	}
	other.lookups++;
	(void)snprintf(other.bearer, sizeof other.bearer, "%s", req->headers[2]);
	*out = (struct net_res){ .status = other.lookup_status, .body = STR(GOOD) };
	return RC_OK;
}

struct platform {
	struct arena a;
	struct issuer issuer;
};

static int setup(void **state)
{
	struct platform *p = calloc(1, sizeof *p);
	struct remote_config cfg = {
		.url = "https://other.example/lookup",
		.issuer = "https://issuer.example/",
		.client_id = "us",
		.timeout_s = 5,
	};
	CHECK(p);
	CHECK_RC(jwk_generate(JOSE_ES256, STR("k"), &cfg.key), RC_OK);
	CHECK_RC(remote_create(&cfg, &p->issuer.remote), RC_OK);
	memset(&other, 0, sizeof other);
	other.token_body = "{\"access_token\":\"a.b.c\",\"expires_in\":120}";
	other.lookup_status = 200;
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct platform *p = *state;
	remote_destroy(p->issuer.remote);
	arena_finish(&p->a);
	free(p);
	return 0;
}

static enum rc lookup(struct platform *p)
{
	struct oauth_consent asked = question();
	struct consent *c;
	return remote_lookup(&p->issuer, &p->a, "t", &asked, (struct urn){ .kind = URN_ORG, .value = STR(BANK) }, &c);
}

static void test_remote__one_token_for_many_lookups(void **state)
{
	struct platform *p = *state;
	for (int i = 0; i < 3; i++)
		CHECK_RC(lookup(p), RC_OK);
	assert_int_equal(other.tokens, 1);
	assert_int_equal(other.lookups, 3);
	CHECK_STR(str_of(other.bearer), STR("Authorization: Bearer a.b.c"));
	other.lookup_status = 401;
	CHECK_RC(lookup(p), RC_BUSY);
	other.lookup_status = 200;
	CHECK_RC(lookup(p), RC_OK);
	assert_int_equal(other.tokens, 2); /* a refused token is forgotten */
}

static struct str letters(struct arena *a, size_t n)
{
	struct buf b = BUF(a);
	for (size_t i = 0; i < n; i++)
		buf_c(&b, 'x');
	return buf_str(&b);
}

static void test_remote__tokens_that_are_none(void **state)
{
	struct platform *p = *state;
	static const char *const bodies[] = {
		"",
		"[]",
		"{}",
		"{\"access_token\":\"\"}",
		"{\"access_token\":5}",
		"{\"access_token\":\"a b\"}",
		"{\"access_token\":\"a\\r\\nX: y\"}",
	};
	for (size_t i = 0; i < LEN(bodies); i++) {
		other.token_body = bodies[i];
		CHECK_RC(lookup(p), RC_BUSY);
	}
	other.token_rc = RC_BUSY;
	CHECK_RC(lookup(p), RC_BUSY);
	assert_int_equal(other.lookups, 0);
	other.token_rc = RC_OK;
	for (size_t n = TOKEN_MAX; n <= TOKEN_MAX + 1; n++) {
		struct str long_body = arena_fmt(&p->a, "{\"access_token\":\"%.*s\"}", STR_FMT(letters(&p->a, n)));
		other.token_body = arena_cstr(&p->a, long_body);
		other.lookup_status = 401; /* so that the next lookup fetches another one */
		CHECK_RC(lookup(p), RC_BUSY);
		assert_int_equal(other.lookups, 1);
	}
}

#define CASE(f) cmocka_unit_test(f)
#define LOOKUP(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
T_MAIN(CASE(test_remote__answers), CASE(test_remote__times_stay_as_the_other_wrote_them), CASE(test_remote__limits),
       LOOKUP(test_remote__one_token_for_many_lookups), LOOKUP(test_remote__tokens_that_are_none))
