#include "base/b64.h"
#include "issuer/code_token.h"
#include "issuer_kit.h"
#include "store/activity.h"

#define CODE "5d0e9a4c-7b12-4c3e-8f6a-2b91d7e0c455"

static struct code_param year[] = { { STR_INIT("inntektsaar"), STR_INIT("2024") } };
static struct code_param months[] = { { STR_INIT("fraOgMed"), STR_INIT("2025-01") },
				      { STR_INIT("tilOgMed"), STR_INIT("2025-03") } };
static struct code_service tax = { STR_INIT("4628"), 210607, year, 1 };
static struct code_service both[] = { { STR_INIT("4628"), 210607, year, 1 }, { STR_INIT("4804"), 210607, months, 2 } };
static struct code_service plain = { STR_INIT("3181"), 120803, NULL, 0 };
static struct code_service first = { STR_INIT("4628"), 1, NULL, 0 };

static struct code_claims claims_of(int generation, struct code_service *services, size_t n)
{
	struct code_claims c = { .generation = generation,
				 .services = services,
				 .n_services = n,
				 .offered_by = STR("01816099999"),
				 .covered_by = STR("999999901"),
				 .delegated = 1743505200,
				 .valid_to = 1744365600,
				 .nbf = 1743505260 };
	CHECK_RC(uuid_parse(STR(CODE), &c.code), RC_OK);
	return c;
}

/* = spec altinn2.md section 6.5 */
static void test_code_token__the_worked_example(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	const struct code_claims c = claims_of(3, both, 2);
	CHECK_STR(b64url(&a, code_header(&a, 3, STR("b0gMyW3kQ2xZ1rTn5vE8aHcUsP4"))),
		  STR("eyJhbGciOiJSUzI1NiIsImtpZCI6ImIwZ015VzNrUTJ4WjFyVG41dkU4YUhjVXNQNCIsIng1dCI6ImIwZ015VzNrUTJ4WjFy"
		      "VG41dkU4YUhjVXNQNCIsInR5cCI6IkpXVCJ9"));
	CHECK_STR(b64url(&a, code_payload(&a, &c)),
		  STR("eyJTZXJ2aWNlcyI6WyI0NjI4XzIxMDYwNyIsIjQ2MjhfMjEwNjA3X2lubnRla3RzYWFyPTIwMjQiLCI0ODA0XzIxMDYwNyIs"
		      "IjQ4MDRfMjEwNjA3X2ZyYU9nTWVkPTIwMjUtMDEiLCI0ODA0XzIxMDYwN190aWxPZ01lZD0yMDI1LTAzIl0sIkF1dGhvcml6"
		      "YXRpb25Db2RlIjoiNWQwZTlhNGMtN2IxMi00YzNlLThmNmEtMmI5MWQ3ZTBjNDU1IiwiT2ZmZXJlZEJ5IjoiMDE4MTYwOTk5"
		      "OTkiLCJDb3ZlcmVkQnkiOiI5OTk5OTk5MDEiLCJEZWxlZ2F0ZWREYXRlIjoxNzQzNTA1MjAwLCJWYWxpZFRvRGF0ZSI6MTc0"
		      "NDM2NTYwMCwibmJmIjoxNzQzNTA1MjYwLCJleHAiOjE3NDM1MDUyOTAsImlhdCI6MTc0MzUwNTI2MCwiaXNzIjoiYWx0aW5u"
		      "Lm5vIn0"));
}

/* The published example of 2017: data-source.md section 3. */
static void test_code_token__the_example_of_the_first_generation(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct code_claims c = claims_of(1, &first, 1);
	CHECK_RC(clock_zone("Europe/Oslo"), RC_OK);
	CHECK_RC(uuid_parse(STR("15334e71-5a31-4147-9208-3da1ed605649"), &c.code), RC_OK);
	c.offered_by = STR("05088000112");
	c.covered_by = STR("910514458");
	c.delegated = 1487261826; /* 2017-02-16 17:17:06 in Oslo */
	c.valid_to = 1514847599;  /* 2018-01-01 23:59:59 */
	c.nbf = 1488304277;
	CHECK_STR(b64url(&a, code_header(&a, 1, STR("KaPli0RTuUTr_rQrVJhsBCWA-2k"))),
		  STR("eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsIng1dCI6IkthUGxpMFJUdVVUcl9yUXJWSmhzQkNXQS0yayJ9"));
	CHECK_STR(b64url(&a, code_payload(&a, &c)),
		  STR("eyJTZXJ2aWNlQ29kZXMiOiI0NjI4LDEiLCJBdXRob3JpemF0aW9uQ29kZSI6IjE1MzM0ZTcxLTVhMzEtNDE0Ny05MjA4LTNk"
		      "YTFlZDYwNTY0OSIsIk9mZmVyZWRCeSI6IjA1MDg4MDAwMTEyIiwiQ292ZXJlZEJ5IjoiOTEwNTE0NDU4IiwiRGVsZWdhdGVk"
		      "RGF0ZSI6IjE2LjAyLjIwMTcgMTc6MTc6MDYiLCJWYWxpZFRvRGF0ZSI6IjAxLjAxLjIwMTggMjM6NTk6NTkiLCJpc3MiOiJh"
		      "bHRpbm4ubm8iLCJleHAiOjE0ODgzMDQzMDcsIm5iZiI6MTQ4ODMwNDI3N30"));
}

static void test_code_token__services_by_generation(void **state)
{
	(void)state;
	static const struct {
		int generation;
		struct code_service *services;
		size_t n;
		const char *want;
	} rows[] = {
		{ 3, &plain, 1, "{\"Services\":\"3181_120803\"," },
		{ 3, &tax, 1, "{\"Services\":[\"4628_210607\",\"4628_210607_inntektsaar=2024\"]," },
		{ 2, &plain, 1, "{\"Services\":[\"3181,120803\"]," },
		{ 2, both, 2,
		  "{\"Services\":[\"4628,210607\",\"4628,210607,inntektsaar=2024\",\"4804,210607\","
		  "\"4804,210607,fraOgMed=2025-01,tilOgMed=2025-03\"]," },
		{ 1, both, 2, "{\"ServiceCodes\":\"4628,210607.4804,210607\"," },
	};
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (size_t i = 0; i < LEN(rows); i++) {
		const struct code_claims c = claims_of(rows[i].generation, rows[i].services, rows[i].n);
		struct str payload = code_payload(&a, &c);
		if (!str_starts(payload, str_of(rows[i].want)))
			fail_msg("row %zu: %.*s", i, STR_FMT(payload));
	}
}

static void test_code_token__times_on_the_wall(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	CHECK_RC(clock_zone("Europe/Oslo"), RC_OK);
	struct code_claims c = claims_of(2, &plain, 1);
	c.handled_by = STR("810418192");
	c.required_delegator = STR("01816099999");
	c.delegated = 1729990799; /* the last second of summer time in 2024 */
	c.valid_to = 1735685999;  /* the last second of the year */
	CHECK(str_find(
		      code_payload(&a, &c),
		      STR("\"CoveredBy\":\"999999901\",\"HandledBy\":\"810418192\",\"RequiredDelegator\":\"01816099999\","
			  "\"DelegatedDate\":\"2024-10-27 02:59:59\",\"ValidToDate\":\"2024-12-31 23:59:59\","
			  "\"iss\":\"altinn.no\",\"exp\":1743505290,\"nbf\":1743505260}")) > 0);
	c.delegated++;
	CHECK(str_find(code_payload(&a, &c), STR("\"DelegatedDate\":\"2024-10-27 02:00:00\"")) > 0);
}

/* ---- the order ---- */

static int mapped = 3;
static struct code_service *mapped_to = &plain;

static enum rc map(void *ctx, struct arena *a, const struct registry *r, const struct consent *c,
		   struct code_claims *out, const char **why_out)
{
	(void)a, (void)r, (void)c;
	*why_out = "a right is of no service";
	if (ctx)
		return RC_DENIED;
	out->generation = mapped;
	out->services = mapped_to;
	out->n_services = 1;
	return RC_OK;
}

static enum rc fetch(struct kit *k, struct uuid code, const char *asker, bool unmapped, struct str *token_out)
{
	struct code_order o = { .code = code, .asker = str_of(asker), .map = map, .map_ctx = unmapped ? k : NULL };
	enum rc rc = issuer_code_token(&k->issuer, &k->w->a, &o, token_out);
	CHECK(rc != RC_DENIED || o.why);
	return rc;
}

static struct uuid given(struct kit *k, enum consent_status to)
{
	struct draft d = draft_of(&k->w->a, "tax");
	struct person_caller who = { .party = k->w->elena->uuid, .level = 4 };
	struct problems p = PROBLEMS(&k->w->a);
	struct consent *c;
	(void)world_consent(k->w, &d);
	if (to != ST_CREATED)
		CHECK_RC(consent_decide(&k->w->d, &k->w->a, d.id, &who, to == ST_REVOKED ? ST_ACCEPTED : to, STR("nb"),
					&c, &p),
			 RC_OK);
	if (to == ST_REVOKED)
		CHECK_RC(consent_decide(&k->w->d, &k->w->a, d.id, &who, to, STR("nb"), &c, &p), RC_OK);
	return d.id;
}

static struct keyring *ring_of(struct kit *k)
{
	struct keyring *ring = NULL;
	struct keyring_config c = { .fixed_jwks = keyring_sandbox_jwks(), .fixed_altinn2 = keyring_sandbox_altinn2() };
	CHECK_RC(keyring_open(k->w->store, &c, &ring), RC_OK);
	k->issuer.keys = ring;
	return ring;
}

static void test_code_token__is_given_for_what_stands(void **state)
{
	struct kit *k = *state;
	struct keyring *ring = ring_of(k);
	struct str token, again;
	struct jws jws;
	struct signer *signer;
	struct uuid code = given(k, ST_ACCEPTED);
	CHECK_RC(fetch(k, code, BANK, false, &token), RC_OK);
	CHECK_RC(fetch(k, code, BANK, false, &again), RC_OK);
	CHECK_RC(jws_parse(&k->w->a, token, &jws), RC_OK);
	CHECK_RC(keyring_altinn2_signer(ring, &signer), RC_OK);
	CHECK_RC(jws_verify(&jws, signer_key(signer)), RC_OK);
	CHECK_RC(keyring_verify(ring, &jws), RC_DENIED); /* no access token of the platform's own */
	CHECK(str_find(jws.payload, STR("\"OfferedBy\":\"" ELENA "\",\"CoveredBy\":\"" BANK "\"")) > 0);
	CLEANUP(reader_closep) struct reader *r = NULL;
	struct activity_row *rows;
	size_t n;
	CHECK_RC(reader_open(k->w->store, false, &r), RC_OK);
	CHECK_RC(activities_tokens(r, &k->w->a, code, 10, &rows, &n), RC_OK);
	assert_int_equal(n, 2);
	CHECK_STR(rows[0].consumer, STR(BANK));

	CHECK_RC(fetch(k, code, SUPPLIER, false, &token), RC_DENIED);
	CHECK_RC(fetch(k, code, BANK, true, &token), RC_DENIED);
	CHECK_RC(fetch(k, uuid_v4(), BANK, false, &token), RC_DENIED);
	CHECK_RC(fetch(k, given(k, ST_CREATED), BANK, false, &token), RC_DENIED);
	CHECK_RC(fetch(k, given(k, ST_REJECTED), BANK, false, &token), RC_DENIED);
	CHECK_RC(fetch(k, given(k, ST_REVOKED), BANK, false, &token), RC_DENIED);
	clock_set_offset(6 * CLOCK_DAY);
	CHECK_RC(fetch(k, code, BANK, false, &token), RC_DENIED);
	clock_set_offset(0);
	k->issuer.keys = k->keys;
	CHECK_RC(fetch(k, given(k, ST_ACCEPTED), BANK, false, &token), RC_NOT_FOUND);
	keyring_close(ring);
}

/* Whoever asks for consent chooses the values: none may add a parameter. */
static void test_code_token__no_value_reads_as_a_parameter(void **state)
{
	struct kit *k = *state;
	static const struct {
		const char *value;
		enum rc second;
	} rows[] = { { "2024", RC_OK },      { "a,b", RC_OK },        { "a=b", RC_OK },   { "a=b,c", RC_OK },
		     { "a,b=c", RC_DENIED }, { "a,b,c=", RC_DENIED }, { ",=", RC_DENIED } };
	struct keyring *ring = ring_of(k);
	struct uuid code = given(k, ST_ACCEPTED);
	struct code_param param = { .name = STR("inntektsaar") };
	struct code_service one = { STR("4629"), 2, &param, 1 };
	struct str token;
	mapped_to = &one;
	for (size_t i = 0; i < LEN(rows); i++) {
		param.value = str_of(rows[i].value);
		mapped = 2;
		CHECK_RC(fetch(k, code, BANK, false, &token), rows[i].second);
		mapped = 3;
		CHECK_RC(fetch(k, code, BANK, false, &token), RC_OK);
	}
	mapped_to = &plain;
	keyring_close(ring);
	k->issuer.keys = k->keys;
}

KIT_MAIN(cmocka_unit_test(test_code_token__the_worked_example),
	 cmocka_unit_test(test_code_token__the_example_of_the_first_generation),
	 cmocka_unit_test(test_code_token__services_by_generation),
	 cmocka_unit_test(test_code_token__times_on_the_wall),
	 cmocka_unit_test_setup_teardown(test_code_token__is_given_for_what_stands, kit_setup, kit_teardown),
	 cmocka_unit_test_setup_teardown(test_code_token__no_value_reads_as_a_parameter, kit_setup, kit_teardown))
