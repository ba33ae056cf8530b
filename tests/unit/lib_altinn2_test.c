#include "issuer/code_token.h"
#include "../../lib/internal.h"
#include "lib_kit.h"
#include "tiny_server.h"

#define THEN_S 1743505260 /* nbf of the worked example: 2025-04-01T11:01:00Z */
#define CODE "5d0e9a4c-7b12-4c3e-8f6a-2b91d7e0c455"
#define PERSON "01816099999"
#define BANK "999999901"
#define SUPPLIER "810418192"
#define TENTH_DAY (10 * 86400)

/* ---- an Altinn 2 with one key ---- */

struct world {
	struct arena a;
	struct jwk *key;
	struct jwk *issuer_key;
	int64_t now; /* µs */
	struct samtykke_verifier *v;
};

static struct str altinn2_set(struct arena *a, const struct jwk *key)
{
	return arena_fmt(a,
			 "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"%.*s\",\"x5t\":\"%.*s\",\"e\":\"AQAB\","
			 "\"n\":\"%.*s\",\"x5c\":[\"AAAA\"]}]}",
			 STR_FMT(jwk_kid(key)), STR_FMT(jwk_kid(key)), STR_FMT(b64(a, jwk_modulus(key, a))));
}

static struct samtykke_verifier_options options_of(struct world *w)
{
	struct samtykke_verifier_options o = SAMTYKKE_VERIFIER_OPTIONS;
	o.issuer = ISSUER;
	o.jwks_json = set_of(&w->a, &w->issuer_key, 1).p;
	o.now = kit_now;
	o.now_ctx = &w->now;
	o.altinn2_jwks_json = altinn2_set(&w->a, w->key).p;
	return o;
}

static int setup(void **state)
{
	static struct world w;
	w = (struct world){ .issuer_key = key_new(JOSE_RS256), .now = THEN_S * CLOCK_SECOND };
	CHECK_RC(jwk_generate(JOSE_RS256, STR("b0gMyW3kQ2xZ1rTn5vE8aHcUsP4"), &w.key), RC_OK);
	struct samtykke_verifier_options o = options_of(&w);
	CHECK_SRC(samtykke_verifier_create(&o, &w.v), SAMTYKKE_OK);
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	samtykke_verifier_destroy(w->v);
	jwk_unref(w->key);
	jwk_unref(w->issuer_key);
	arena_finish(&w->a);
	return 0;
}

/* ---- tokens, as the issuer writes them ---- */

static struct code_param year[] = { { STR_INIT("inntektsaar"), STR_INIT("2024") } };
static struct code_param months[] = { { STR_INIT("fraOgMed"), STR_INIT("2025-01") },
				      { STR_INIT("tilOgMed"), STR_INIT("mars 2025, hele") } };
static struct code_service both[] = { { STR_INIT("4628"), 210607, year, 1 }, { STR_INIT("4804"), 210607, months, 2 } };

static struct code_claims claims_of(int generation)
{
	struct code_claims c = { .generation = generation,
				 .services = both,
				 .n_services = LEN(both),
				 .offered_by = STR(PERSON),
				 .covered_by = STR(BANK),
				 .delegated = 1743505200,
				 .valid_to = 1744365600,
				 .nbf = THEN_S };
	CHECK_RC(uuid_parse(STR(CODE), &c.code), RC_OK);
	CHECK_RC(clock_zone("Europe/Oslo"), RC_OK);
	return c;
}

static struct str token_signed(struct world *w, int generation, struct str payload)
{
	struct str token;
	CHECK_RC(jws_sign(&w->a, w->key, JOSE_RS256, code_header(&w->a, generation, jwk_kid(w->key)), payload, &token),
		 RC_OK);
	return token;
}

static struct str token_made(struct world *w, int generation)
{
	const struct code_claims c = claims_of(generation);
	return token_signed(w, generation, code_payload(&w->a, &c));
}

static struct samtykke_expect altinn2_expect(void)
{
	struct samtykke_expect e = SAMTYKKE_EXPECT;
	e.kinds = SAMTYKKE_KIND_ALTINN2;
	return e;
}

static enum samtykke_rc verified(struct world *w, struct str token, const struct samtykke_expect *e)
{
	return samtykke_verify(w->v, token.p, token.n, e, NULL);
}

static enum samtykke_rc claims_check(struct world *w, int generation, const char *from, const char *to)
{
	const struct code_claims c = claims_of(generation);
	struct samtykke_expect e = altinn2_expect();
	return verified(w, token_signed(w, generation, replaced(&w->a, code_payload(&w->a, &c), from, to)), &e);
}

/* ---- the whole ---- */

static void test_altinn2__each_generation_tells_the_same(void **state)
{
	struct world *w = *state;
	for (int generation = 1; generation <= 3; generation++) {
		struct str token = token_made(w, generation);
		struct samtykke_expect e = altinn2_expect();
		struct samtykke_token *t;
		e.consumer = BANK;
		e.from = PERSON;
		e.service = "4628_210607";
		e.max_validity_s = TENTH_DAY;
		setenv("TZ", "America/New_York", 1); /* the process's own zone means nothing */
		tzset();
		CHECK_SRC(samtykke_verify(w->v, token.p, token.n, &e, &t), SAMTYKKE_OK);
		CHECK(samtykke_token_altinn2(t) == generation);
		CHECK(samtykke_token_has_consent(t));
		CHECK_Z(samtykke_token_issuer(t), "altinn.no");
		CHECK_Z(samtykke_consent_id(t), CODE);
		CHECK_Z(samtykke_consent_from(t), "urn:altinn:person:identifier-no:" PERSON);
		CHECK_Z(samtykke_consent_from_number(t), PERSON);
		CHECK_Z(samtykke_consent_to(t), BANK);
		CHECK_Z(samtykke_token_consumer(t), BANK);
		CHECK(!samtykke_token_supplier(t) && !samtykke_token_jti(t) && !samtykke_token_scope(t));
		CHECK(samtykke_consent_given(t) == 1743505200 * CLOCK_SECOND);
		CHECK(samtykke_consent_valid_to(t) == 1744365600 * CLOCK_SECOND);
		CHECK(samtykke_token_expires(t) == (THEN_S + 30) * CLOCK_SECOND);
		CHECK(samtykke_consent_rights(t) == 2);
		CHECK_Z(samtykke_right_resource(t, 0), "4628_210607");
		CHECK_Z(samtykke_right_resource(t, 1), "4804_210607");
		CHECK(samtykke_right_has_action(t, 1, "read") && samtykke_right_has_action(t, 1, "consent"));
		CHECK(samtykke_token_status(w->v, t, NULL) == SAMTYKKE_STATUS_NONE);
		if (generation > 1) {
			CHECK_Z(samtykke_right_metadata(t, 0, "INNTEKTSAAR"), "2024");
			CHECK_Z(samtykke_right_metadata(t, 1, "fraogmed"), "2025-01");
			CHECK_Z(samtykke_right_metadata(t, 1, "tilogmed"), "mars 2025, hele");
		} else {
			CHECK(!samtykke_right_metadata(t, 0, "inntektsaar"));
		}
		samtykke_token_destroy(t);
		CHECK_SRC(samtykke_inspect(token.p, token.n, &t), SAMTYKKE_OK);
		CHECK(samtykke_token_altinn2(t) == generation && samtykke_consent_rights(t) == 2);
		samtykke_token_destroy(t);
	}
}

/* = data-source.md section 3: the example of 2017, with its claims byte for byte */
static void test_altinn2__the_published_example(void **state)
{
	struct world *w = *state;
	struct samtykke_expect e = altinn2_expect();
	struct samtykke_token *t;
	struct str token = token_signed(
		w, 1,
		STR("{\"ServiceCodes\":\"4628,1\",\"AuthorizationCode\":\"15334e71-5a31-4147-9208-3da1ed605649\","
		    "\"OfferedBy\":\"05088000112\",\"CoveredBy\":\"910514458\",\"DelegatedDate\":\"16.02.2017 "
		    "17:17:06\",\"ValidToDate\":\"01.01.2018 23:59:59\",\"iss\":\"altinn.no\",\"exp\":1488304307,"
		    "\"nbf\":1488304277}"));
	w->now = 1488304277 * CLOCK_SECOND;
	e.service = "4628_1";
	e.consumer = "910514458";
	CHECK_SRC(samtykke_verify(w->v, token.p, token.n, &e, &t), SAMTYKKE_OK);
	CHECK(samtykke_token_altinn2(t) == 1);
	CHECK(samtykke_consent_given(t) == 1487261826 * CLOCK_SECOND);
	CHECK(samtykke_consent_valid_to(t) == 1514847599 * CLOCK_SECOND);
	samtykke_token_destroy(t);
}

/* ---- each check ---- */

static void test_altinn2__a_token_is_taken_only_as_what_it_is(void **state)
{
	struct world *w = *state;
	struct samtykke_verifier_options o = options_of(w);
	struct samtykke_verifier *without;
	struct samtykke_expect none = SAMTYKKE_EXPECT, altinn2 = altinn2_expect(), either = altinn2_expect(),
			       bad = altinn2_expect();
	struct str old = token_made(w, 3), new_one;
	w->now = NOW_S * CLOCK_SECOND;
	new_one = signed_by(&w->a, w->issuer_key, quoted(&w->a, STR(CLAIMS)));
	either.kinds |= SAMTYKKE_KIND_CONSENT;
	bad.kinds = 4;
	CHECK_SRC(verified(w, new_one, NULL), SAMTYKKE_OK);
	CHECK_SRC(verified(w, new_one, &either), SAMTYKKE_OK);
	CHECK_SRC(verified(w, new_one, &altinn2), SAMTYKKE_WRONG_KIND);
	CHECK_SRC(verified(w, new_one, &bad), SAMTYKKE_BAD_ARGUMENT);
	CHECK_SRC(verified(w, signed_by(&w->a, w->key, changed(&w->a, ISSUER, "https://other.test/")), &altinn2),
		  SAMTYKKE_WRONG_ISSUER);
	/* the claims of one kind under the key and name of the other */
	CHECK_SRC(verified(w, signed_by(&w->a, w->issuer_key, changed(&w->a, ISSUER, "altinn.no")), &either),
		  SAMTYKKE_UNKNOWN_KEY);
	CHECK_SRC(verified(w, signed_by(&w->a, w->key, quoted(&w->a, STR(CLAIMS))), &either), SAMTYKKE_UNKNOWN_KEY);
	CHECK_SRC(verified(w, token_signed(w, 3, changed(&w->a, ISSUER, "altinn.no")), &either), SAMTYKKE_BAD_CONSENT);
	w->now = THEN_S * CLOCK_SECOND;
	CHECK_SRC(verified(w, old, NULL), SAMTYKKE_WRONG_KIND);
	CHECK_SRC(verified(w, old, &none), SAMTYKKE_WRONG_KIND);
	CHECK_SRC(verified(w, old, &either), SAMTYKKE_OK);
	CHECK_SRC(verified(w, old, &altinn2), SAMTYKKE_OK);
	o.altinn2_jwks_json = NULL;
	CHECK_SRC(samtykke_verifier_create(&o, &without), SAMTYKKE_OK);
	CHECK_SRC(samtykke_verify(without, old.p, old.n, &either, NULL), SAMTYKKE_WRONG_ISSUER);
	samtykke_verifier_destroy(without);
}

static struct str with_header(struct world *w, const char *header)
{
	const struct code_claims c = claims_of(3);
	struct str token;
	CHECK_RC(jws_sign(&w->a, w->key, JOSE_RS256, quoted(&w->a, str_of(header)), code_payload(&w->a, &c), &token),
		 RC_OK);
	return token;
}

static void test_altinn2__key_and_algorithm(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *header;
		enum samtykke_rc want;
	} rows[] = {
		{ "{'alg':'RS256','x5t':'b0gMyW3kQ2xZ1rTn5vE8aHcUsP4'}", SAMTYKKE_OK },
		{ "{'alg':'RS256','kid':'b0gMyW3kQ2xZ1rTn5vE8aHcUsP4'}", SAMTYKKE_OK },
		{ "{'alg':'RS256','kid':'b0gMyW3kQ2xZ1rTn5vE8aHcUsP4','x5t':'b0gMyW3kQ2xZ1rTn5vE8aHcUsP5'}",
		  SAMTYKKE_MALFORMED },
		{ "{'alg':'RS256','x5t':5}", SAMTYKKE_MALFORMED },
		{ "{'alg':'RS256','x5t':'other'}", SAMTYKKE_UNKNOWN_KEY },
		{ "{'alg':'RS256'}", SAMTYKKE_UNKNOWN_KEY }, /* although there is one key alone */
		{ "{'alg':'RS512','x5t':'b0gMyW3kQ2xZ1rTn5vE8aHcUsP4'}", SAMTYKKE_BAD_ALGORITHM },
		{ "{'alg':'PS256','x5t':'b0gMyW3kQ2xZ1rTn5vE8aHcUsP4'}", SAMTYKKE_BAD_ALGORITHM },
		{ "{'alg':'ES256','x5t':'b0gMyW3kQ2xZ1rTn5vE8aHcUsP4'}", SAMTYKKE_BAD_ALGORITHM },
		{ "{'alg':'none','x5t':'b0gMyW3kQ2xZ1rTn5vE8aHcUsP4'}", SAMTYKKE_BAD_ALGORITHM },
		{ "{'alg':'HS256','x5t':'b0gMyW3kQ2xZ1rTn5vE8aHcUsP4'}", SAMTYKKE_BAD_ALGORITHM },
	};
	struct samtykke_expect e = altinn2_expect();
	for (size_t i = 0; i < LEN(rows); i++) {
		enum samtykke_rc rc = verified(w, with_header(w, rows[i].header), &e);
		if (rc != rows[i].want)
			fail_msg("%s: %s", rows[i].header, samtykke_rc_name(rc));
	}
	struct str token = token_made(w, 3);
	char *byte = (char *)(uintptr_t)token.p + token.n - 8;
	*byte = *byte == 'A' ? 'B' : 'A';
	CHECK_SRC(verified(w, token, &e), SAMTYKKE_BAD_SIGNATURE);
}

static void test_altinn2__times(void **state)
{
	struct world *w = *state;
	static const struct {
		int64_t after_us;
		enum samtykke_rc want;
	} rows[] = { { -1, SAMTYKKE_NOT_YET },
		     { 0, SAMTYKKE_OK },
		     { 30 * CLOCK_SECOND - 1, SAMTYKKE_OK },
		     { 30 * CLOCK_SECOND, SAMTYKKE_EXPIRED } };
	struct samtykke_expect e = altinn2_expect();
	struct str token = token_made(w, 3);
	for (size_t i = 0; i < LEN(rows); i++) {
		w->now = THEN_S * CLOCK_SECOND + rows[i].after_us;
		CHECK_SRC(verified(w, token, &e), rows[i].want);
	}
	w->now = THEN_S * CLOCK_SECOND;
	CHECK_SRC(claims_check(w, 3, "\"ValidToDate\":1744365600", "\"ValidToDate\":1743505260"),
		  SAMTYKKE_CONSENT_EXPIRED);
	CHECK_SRC(claims_check(w, 3, "\"ValidToDate\":1744365600", "\"ValidToDate\":1743505261"), SAMTYKKE_OK);
	CHECK_SRC(claims_check(w, 2, "2025-04-11 12:00:00", "2025-04-01 13:01:00"), SAMTYKKE_CONSENT_EXPIRED);
	CHECK_SRC(claims_check(w, 1, "11.04.2025 12:00:00", "01.04.2025 13:01:01"), SAMTYKKE_OK);
}

static void test_altinn2__parties_right_and_validity(void **state)
{
	struct world *w = *state;
	static const char *const pairs[] = { "INNTEKTSAAR", "2024", NULL };
	static const char *const other[] = { "inntektsaar", "2023", NULL };
	static const struct {
		struct samtykke_expect e;
		enum samtykke_rc want;
	} rows[] = {
		{ { .consumer = BANK }, SAMTYKKE_OK },
		{ { .consumer = ORG }, SAMTYKKE_WRONG_RECIPIENT },
		{ { .consumer = BANK, .supplier = SUPPLIER }, SAMTYKKE_OK }, /* the receiver fetched the token */
		{ { .from = "urn:altinn:person:identifier-no:" PERSON }, SAMTYKKE_OK },
		{ { .from = GIVER }, SAMTYKKE_WRONG_GIVER },
		{ { .service = "4628_210607", .metadata = pairs }, SAMTYKKE_OK },
		{ { .service = "4628_210607", .resource = "inntekt", .metadata = pairs }, SAMTYKKE_OK },
		{ { .service = "4628_210607", .metadata = other }, SAMTYKKE_NOT_COVERED },
		{ { .service = "4804_210607", .metadata = pairs }, SAMTYKKE_NOT_COVERED },
		{ { .service = "4629_2" }, SAMTYKKE_NOT_COVERED },
		{ { .resource = "4628_210607" }, SAMTYKKE_NOT_COVERED },
		{ { .service = "4628_210607", .action = "write" }, SAMTYKKE_NOT_COVERED },
		{ { .max_validity_s = 1744365600 - 1743505200 }, SAMTYKKE_OK },
		{ { .max_validity_s = 1744365600 - 1743505200 - 1 }, SAMTYKKE_TOO_LONG },
		{ { .max_validity_s = INT64_MAX }, SAMTYKKE_OK },
		{ { .max_validity_s = -1 }, SAMTYKKE_BAD_ARGUMENT },
		{ { .scope = "ttd:inntekt" }, SAMTYKKE_WRONG_SCOPE }, /* it has none */
		{ { .audience = "x" }, SAMTYKKE_WRONG_AUDIENCE },
	};
	struct str token = token_made(w, 3);
	for (size_t i = 0; i < LEN(rows); i++) {
		struct samtykke_expect e = rows[i].e;
		e.size = sizeof e;
		e.kinds = SAMTYKKE_KIND_ALTINN2;
		enum samtykke_rc rc = verified(w, token, &e);
		if (rc != rows[i].want)
			fail_msg("row %zu: %s", i, samtykke_rc_name(rc));
	}
	struct code_claims c = claims_of(3);
	c.handled_by = STR(SUPPLIER);
	c.required_delegator = STR(PERSON);
	token = token_signed(w, 3, code_payload(&w->a, &c));
	struct samtykke_expect e = altinn2_expect();
	e.consumer = BANK;
	CHECK_SRC(verified(w, token, &e), SAMTYKKE_OK);
	e.supplier = SUPPLIER;
	CHECK_SRC(verified(w, token, &e), SAMTYKKE_OK);
	e.supplier = ORG;
	CHECK_SRC(verified(w, token, &e), SAMTYKKE_WRONG_RECIPIENT);
}

/* The new demands mean the same for the other kind. */
static void test_altinn2__demands_on_other_tokens(void **state)
{
	struct world *w = *state;
	static const struct {
		struct samtykke_expect e;
		enum samtykke_rc want;
	} rows[] = {
		{ { .consumer = ORG }, SAMTYKKE_OK },
		{ { .consumer = OTHER_ORG }, SAMTYKKE_WRONG_RECIPIENT },
		{ { .supplier = SUPPLIER }, SAMTYKKE_WRONG_RECIPIENT }, /* it has none */
		{ { .service = "4628_1" }, SAMTYKKE_NOT_COVERED },
		{ { .service = "inntekt" }, SAMTYKKE_NOT_COVERED },
		{ { .service = "4628_1", .resource = "inntekt" }, SAMTYKKE_OK },
		{ { .max_validity_s = 59 * 86400 }, SAMTYKKE_OK },
		{ { .max_validity_s = 58 * 86400 }, SAMTYKKE_TOO_LONG },
	};
	struct str token = signed_by(&w->a, w->issuer_key, quoted(&w->a, STR(CLAIMS)));
	w->now = NOW_S * CLOCK_SECOND;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct samtykke_expect e = rows[i].e;
		e.size = sizeof e;
		enum samtykke_rc rc = verified(w, token, &e);
		if (rc != rows[i].want)
			fail_msg("row %zu: %s", i, samtykke_rc_name(rc));
	}
}

static void test_altinn2__claims_that_are_not_as_specified(void **state)
{
	struct world *w = *state;
	static const struct {
		int generation;
		const char *from, *to;
		enum samtykke_rc want;
	} rows[] = {
		{ 3, "\"altinn.no\"", "\"tt02.altinn.no\"", SAMTYKKE_WRONG_ISSUER },
		{ 3, CODE, "x", SAMTYKKE_BAD_CONSENT },
		{ 3, "\"" PERSON "\"", "\"123\"", SAMTYKKE_BAD_CONSENT },
		{ 3, "\"" PERSON "\"", "1816099999", SAMTYKKE_BAD_CONSENT },
		{ 3, "\"OfferedBy\"", "\"offeredBy\"", SAMTYKKE_BAD_CONSENT },
		{ 3, "\"" BANK "\"", "\"99999990x\"", SAMTYKKE_BAD_CONSENT },
		{ 3, "\"" BANK "\"", "\"" BANK "\",\"HandledBy\":\"1\"", SAMTYKKE_BAD_CONSENT },
		{ 3, "\"" BANK "\"", "\"" BANK "\",\"RequiredDelegator\":null", SAMTYKKE_BAD_CONSENT },
		{ 3, "\"DelegatedDate\":1743505200", "\"DelegatedDate\":\"2025-04-01 13:00:00\"",
		  SAMTYKKE_BAD_CONSENT },
		{ 3, "\"ValidToDate\":1744365600", "\"ValidToDate\":9223372036854775807", SAMTYKKE_BAD_CONSENT },
		{ 3, ",\"nbf\":1743505260", "", SAMTYKKE_BAD_CONSENT },
		{ 3, "\"4628_210607\",", "", SAMTYKKE_BAD_CONSENT },
		{ 3, "\"4628_210607\",", "\"4628_210607\",\"4628_210607\",", SAMTYKKE_BAD_CONSENT },
		{ 3, "\"4628_210607\",", "\"4628\",", SAMTYKKE_BAD_CONSENT },
		{ 3, "\"4628_210607\",", "\"46x_210607\",", SAMTYKKE_BAD_CONSENT },
		{ 3, "\"4628_210607\",", "\"4628,210607\",", SAMTYKKE_BAD_CONSENT },
		{ 3, "\"4628_210607\",", "\"4628_210607\",7,", SAMTYKKE_BAD_CONSENT },
		{ 3, "_inntektsaar=2024", "_=2024", SAMTYKKE_BAD_CONSENT },
		{ 3, "_inntektsaar=2024", "_a_b=c=,d=e", SAMTYKKE_OK },
		{ 3, "\"4628_210607_inn", "\"4628_210607_INNTEKTSAAR=2030\",\"4628_210607_inn", SAMTYKKE_AMBIGUOUS },
		{ 3, "\"Services\":", "\"ServiceCodes\":\"4628,1\",\"Services\":", SAMTYKKE_BAD_CONSENT },
		{ 2, "=2024", "=2024,hele", SAMTYKKE_OK },
		{ 2, "=2024", "=20=24", SAMTYKKE_OK },
		{ 2, "=2024", "=2024,inntektsaar=2030", SAMTYKKE_AMBIGUOUS },
		{ 2, "=2024", "=2024,Inntektsaar=2030", SAMTYKKE_AMBIGUOUS },
		{ 2, "=2024", "=2024, hele=ja", SAMTYKKE_AMBIGUOUS },
		{ 2, "=2024", "=2024,=ja", SAMTYKKE_AMBIGUOUS },
		{ 2, "4628,210607,inn", "4628,210607,x,inn", SAMTYKKE_BAD_CONSENT },
		{ 2, "4628,210607,inn", "4628,210608,inn", SAMTYKKE_BAD_CONSENT },
		{ 2, "2025-04-11 12:00:00", "2025-04-11T12:00:00", SAMTYKKE_BAD_CONSENT },
		{ 2, "2025-04-11 12:00:00", "2025-04-31 12:00:00", SAMTYKKE_BAD_CONSENT },
		{ 2, "2025-04-11 12:00:00", "11.04.2025 12:00:00", SAMTYKKE_BAD_CONSENT },
		{ 1, "11.04.2025 12:00:00", "2025-04-11 12:00:00", SAMTYKKE_BAD_CONSENT },
		{ 1, "11.04.2025 12:00:00", "11.04.2025 12:00", SAMTYKKE_BAD_CONSENT },
		{ 1, "4628,210607.4804,210607", "4628,210607.", SAMTYKKE_BAD_CONSENT },
		{ 1, "4628,210607.4804,210607", "", SAMTYKKE_BAD_CONSENT },
		{ 1, "4628,210607.4804,210607", "4628_210607", SAMTYKKE_BAD_CONSENT },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		enum samtykke_rc rc = claims_check(w, rows[i].generation, rows[i].from, rows[i].to);
		if (rc != rows[i].want)
			fail_msg("%s -> %s: %s", rows[i].from, rows[i].to, samtykke_rc_name(rc));
	}
	CHECK_SRC(claims_check(w, 3,
			       "[\"4628_210607\",\"4628_210607_inntektsaar=2024\",\"4804_210607\",\"4804_210607_"
			       "fraOgMed=2025-01\",\"4804_210607_tilOgMed=mars 2025, hele\"]",
			       "\"3181_120803\""),
		  SAMTYKKE_OK);
}

static void test_altinn2__a_bad_consent_looks_like_none(void **state)
{
	struct world *w = *state;
	const struct code_claims c = claims_of(3);
	struct str token = token_signed(w, 3, replaced(&w->a, code_payload(&w->a, &c), CODE, "x"));
	struct samtykke_token *t;
	CHECK_SRC(samtykke_inspect(token.p, token.n, &t), SAMTYKKE_OK);
	CHECK(!samtykke_token_altinn2(t) && !samtykke_token_has_consent(t) && !samtykke_token_consumer(t));
	CHECK(!samtykke_consent_id(t) && !samtykke_consent_to(t) && !samtykke_consent_rights(t));
	samtykke_token_destroy(t);
}

/* ---- dates ---- */

/* The zone's own table must agree, hour by hour around both changes and a year's end. */
static void test_altinn2__dates_are_norwegian(void **state)
{
	(void)state;
	struct arena a CLEANUP(arena_finish) = { 0 };
	CHECK_RC(clock_zone("Europe/Oslo"), RC_OK);
	static const char *const days[] = { "2016-03-26", "2017-03-25", "2024-03-30", "2025-03-29",
					    "2030-03-30", "2016-10-29", "2017-10-28", "2024-10-26",
					    "2026-10-24", "2031-10-25", "2016-12-31", "2025-06-01" };
	for (size_t i = 0; i < LEN(days); i++) {
		for (int hour = 0; hour < 48; hour++) {
			int64_t start, want, got;
			CHECK_RC(clock_parse_date(str_of(days[i]), &start), RC_OK);
			struct clock_fields f = clock_local(start + hour * CLOCK_HOUR);
			struct str second = arena_fmt(&a, "%04d-%02d-%02d %02d:%02d:%02d", f.year, f.month, f.day,
						      f.hour, f.minute, f.second);
			struct str first = arena_fmt(&a, "%02d.%02d.%04d %02d:%02d:%02d", f.day, f.month, f.year,
						     f.hour, f.minute, f.second);
			CHECK_RC(clock_parse_local(second, &want), RC_OK);
			setenv("TZ", "UTC0", 1);
			tzset();
			CHECK_RC(altinn2_date(&a, 2, second, &got), RC_OK);
			CHECK(got == want);
			CHECK_RC(altinn2_date(&a, 1, first, &got), RC_OK);
			CHECK(got == want);
			CHECK_RC(clock_zone("Europe/Oslo"), RC_OK);
		}
	}
	int64_t got;
	CHECK_RC(altinn2_date(&a, 2, STR("2025-03-30 02:30:00"), &got), RC_OK); /* the wall leaves it out */
	CHECK(got == 1743298200 * CLOCK_SECOND);
}

/* ---- the key set ---- */

static void skipped(void *ctx, const char *kid, const char *why)
{
	(void)kid;
	*(const char **)ctx = why;
}

static void test_altinn2__its_key_set_is_in_padded_base64(void **state)
{
	struct world *w = *state;
	struct str set = altinn2_set(&w->a, w->key), n = jwk_modulus(w->key, &w->a);
	struct samtykke_verifier *v;
	const char *why = NULL;
	const struct {
		const char *from, *to, *why;
	} rows[] = {
		{ arena_cstr(&w->a, b64(&w->a, n)), arena_cstr(&w->a, b64url(&w->a, n)), "padded base64" },
		{ "\"RSA\"", "\"EC\"", "RSA" },
		{ "\"sig\"", "\"enc\"", "sig" },
		{ "\"x5t\":\"b", "\"x5t\":\"c", "one name" },
		{ "\"AQAB\"", "\"AQA\"", "padded base64" },
		{ "\"AQAB\"", "\"AAAA\"", "" },
		{ "{\"keys\":", "{\"kays\":", NULL },
		{ "{\"keys\":", "{keys:", NULL },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct samtykke_verifier_options o = options_of(w);
		o.altinn2_jwks_json = arena_cstr(&w->a, replaced(&w->a, set, rows[i].from, rows[i].to));
		o.key_skipped = skipped;
		o.key_skipped_ctx = &why;
		why = NULL;
		CHECK_SRC(samtykke_verifier_create(&o, &v), SAMTYKKE_BAD_ARGUMENT);
		if (rows[i].why ? !why || str_find(str_of(why), str_of(rows[i].why)) < 0 : why != NULL)
			fail_msg("row %zu: %s", i, why ? why : "nobody is told");
	}
	struct samtykke_verifier_options o = options_of(w); /* and the issuer's own set is not read so */
	o.jwks_json = set.p;
	CHECK_SRC(samtykke_verifier_create(&o, &v), SAMTYKKE_BAD_ARGUMENT);
}

static void answer(struct tiny *t, int fd, const char *request)
{
	CHECK(strncmp(request, "GET /api/metadata/jwk ", 22) == 0);
	tiny_reply(fd, 200, "", t->ctx);
}

static void test_altinn2__its_key_set_is_fetched_when_needed(void **state)
{
	struct world *w = *state;
	struct samtykke_verifier_options o = options_of(w);
	struct samtykke_expect e = altinn2_expect();
	struct samtykke_verifier *v;
	struct str token = token_made(w, 2);
	struct tiny server;
	tiny_start(&server, answer, (void *)(uintptr_t)altinn2_set(&w->a, w->key).p);
	o.altinn2_jwks_json = NULL;
	o.altinn2_jwks_url = arena_cstr(&w->a, arena_fmt(&w->a, "%s/api/metadata/jwk", server.url));
	CHECK_SRC(samtykke_verifier_create(&o, &v), SAMTYKKE_OK);
	CHECK_SRC(samtykke_verify(v, token.p, token.n, NULL, NULL), SAMTYKKE_WRONG_KIND);
	CHECK(server.hits == 0); /* a token that is not accepted anyway causes no fetch */
	CHECK_SRC(samtykke_verify(v, token.p, token.n, &e, NULL), SAMTYKKE_OK);
	CHECK_SRC(samtykke_verify(v, token.p, token.n, &e, NULL), SAMTYKKE_OK);
	CHECK(server.hits == 1);
	samtykke_verifier_destroy(v);
	tiny_stop(&server);
}

/* ---- callers with an older header ---- */

static void test_altinn2__older_structs_are_taken(void **state)
{
	struct world *w = *state;
	struct {
		size_t size;
		const char *scope, *audience;
		bool consent;
		const char *from, *resource, *action;
		const char *const *metadata;
		bool allow_handler;
	} expect = { .size = sizeof expect, .from = GIVER };
	struct {
		size_t size;
		const char *issuer, *jwks_json, *jwks_url;
		int jwks_max_age_s, jwks_min_wait_s, skew_s;
		int64_t (*now)(void *ctx);
		void *now_ctx;
		int status_max_age_s, status_timeout_s;
		void (*key_skipped)(void *ctx, const char *kid, const char *why);
		void *key_skipped_ctx;
		const char *ca_file;
	} options = { .size = sizeof options,
		      .issuer = ISSUER,
		      .jwks_json = set_of(&w->a, &w->issuer_key, 1).p,
		      .now = kit_now,
		      .now_ctx = &w->now };
	struct samtykke_verifier *v;
	struct str token = signed_by(&w->a, w->issuer_key, quoted(&w->a, STR(CLAIMS))), old = token_made(w, 3);
	w->now = NOW_S * CLOCK_SECOND;
	CHECK_SRC(samtykke_verifier_create((const void *)&options, &v), SAMTYKKE_OK);
	CHECK_SRC(samtykke_verify(v, token.p, token.n, (const void *)&expect, NULL), SAMTYKKE_OK);
	CHECK_SRC(samtykke_verify(v, old.p, old.n, (const void *)&expect, NULL), SAMTYKKE_WRONG_ISSUER);
	CHECK_SRC(verified(w, old, (const void *)&expect), SAMTYKKE_WRONG_KIND);
	expect.from = "05857420189";
	CHECK_SRC(samtykke_verify(v, token.p, token.n, (const void *)&expect, NULL), SAMTYKKE_WRONG_GIVER);
	samtykke_verifier_destroy(v);
	static const int off[] = { -8, 8, 1000 };
	for (size_t i = 0; i < LEN(off); i++) {
		struct samtykke_expect e = SAMTYKKE_EXPECT;
		struct samtykke_verifier_options o = options_of(w);
		e.size = (off[i] < 0 ? sizeof expect : sizeof e) + (size_t)(ptrdiff_t)off[i];
		o.size = (off[i] < 0 ? sizeof options : sizeof o) + (size_t)(ptrdiff_t)off[i];
		CHECK_SRC(verified(w, token, &e), SAMTYKKE_BAD_ARGUMENT);
		CHECK_SRC(samtykke_verifier_create(&o, &v), SAMTYKKE_BAD_ARGUMENT);
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
T_MAIN(CASE(test_altinn2__each_generation_tells_the_same), CASE(test_altinn2__the_published_example),
       CASE(test_altinn2__a_token_is_taken_only_as_what_it_is), CASE(test_altinn2__key_and_algorithm),
       CASE(test_altinn2__times), CASE(test_altinn2__parties_right_and_validity),
       CASE(test_altinn2__demands_on_other_tokens), CASE(test_altinn2__claims_that_are_not_as_specified),
       CASE(test_altinn2__a_bad_consent_looks_like_none), cmocka_unit_test(test_altinn2__dates_are_norwegian),
       CASE(test_altinn2__its_key_set_is_in_padded_base64), CASE(test_altinn2__its_key_set_is_fetched_when_needed),
       CASE(test_altinn2__older_structs_are_taken))
