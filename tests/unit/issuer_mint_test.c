#include "issuer_kit.h"

#include "issuer/remote_internal.h"

/* ---- the layers below, with a fault where a case wants one (linked with --wrap) ---- */

enum row_fate {
	ROW_WRITTEN,
	ROW_LOST,
	ROW_OF_ANOTHER, /* another token takes the guard */
};
static struct {
	enum row_fate fate;
	enum rc rc; /* returned instead of the store's, unless RC_OK */
	void (*before)(void);
	int calls;
	struct token_row row;
} insert;
static struct {
	enum rc rc;
	struct consent *consent;
} lookup;

enum rc __real_tokens_insert(struct store *s, struct arena *a, const struct token_row *t);
enum rc __wrap_tokens_insert(struct store *s, struct arena *a, const struct token_row *t);
enum rc __wrap_tokens_insert(struct store *s, struct arena *a, const struct token_row *t)
{
	struct token_row row = *t;
	insert.calls++;
	insert.row = row;
	if (insert.before)
		insert.before();
	if (insert.fate == ROW_OF_ANOTHER)
		row.id = uuid_v4();
	enum rc rc = insert.fate == ROW_LOST ? RC_OK : __real_tokens_insert(s, a, &row);
	return insert.rc == RC_OK ? rc : insert.rc;
}

enum rc __wrap_remote_lookup(struct issuer *issuer, struct arena *a, const char *trace_id,
			     const struct oauth_consent *asked, struct urn to, struct consent **out);
enum rc __wrap_remote_lookup(struct issuer *issuer, struct arena *a, const char *trace_id,
			     const struct oauth_consent *asked, struct urn to, struct consent **out)
{
	(void)issuer, (void)trace_id, (void)to;
	*out = arena_new(a, struct consent);
	**out = *lookup.consent;
	(*out)->id = asked->id;
	return lookup.rc;
}

static int setup(void **state)
{
	memset(&insert, 0, sizeof insert);
	memset(&lookup, 0, sizeof lookup);
	return kit_setup(state);
}

/* ---- grants ---- */

static struct str grant_signed(struct kit *k, const char *client, const char *more)
{
	int64_t now = clock_now() / CLOCK_SECOND;
	struct str claims =
		arena_fmt(&k->w->a,
			  "{\"iss\":\"%s\",\"aud\":\"" ISSUER
			  "\",\"scope\":\"api:read\",\"iat\":%lld,\"exp\":%lld,\"jti\":\"%.*s\"%s}",
			  client, (long long)now, (long long)now + 100, STR_FMT(rand_code(&k->w->a, 16)), more);
	struct str grant;
	CHECK_RC(jws_sign(&k->w->a, client_key, JOSE_RS256, STR_NONE, claims, &grant), RC_OK);
	return grant;
}

static const char *details_of(struct kit *k, struct uuid id)
{
	char text[UUID_TEXT];
	return arena_cstr(&k->w->a,
			  arena_fmt(&k->w->a,
				    ",\"authorization_details\":[{\"type\":\"urn:altinn:consent\",\"id\":\"%.*s\","
				    "\"from\":\"urn:altinn:person:identifier-no:" ELENA "\"}]",
				    STR_FMT(uuid_text(id, text))));
}

struct outcome {
	enum rc rc;
	struct oauth_error err;
	struct issued_token issued;
	const struct js *claims; /* NULL: no token */
};

static struct outcome order(struct kit *k, struct token_order *o)
{
	struct outcome got = { .rc = RC_FAIL };
	got.rc = issuer_token(&k->issuer, &k->w->a, o, &got.issued, &got.err);
	if (got.rc == RC_OK)
		got.claims = kit_claims(k, got.issued.token);
	return got;
}

static struct outcome ask(struct kit *k, struct str assertion)
{
	struct token_order o = { .assertion = assertion, .trace_id = "t" };
	return order(k, &o);
}

static void check_fault(struct outcome got, enum oauth_fault want, const char *name)
{
	if (want == OF_NONE ? got.rc != RC_OK : got.rc != RC_DENIED || got.err.fault != want)
		fail_msg("%s: %s, fault %d, want %d", name, rc_name(got.rc), (int)got.err.fault, (int)want);
}

static void decide(struct kit *k, struct uuid id, enum consent_status to)
{
	struct person_caller who = { .party = k->w->elena->uuid, .level = 4 };
	struct problems p = PROBLEMS(&k->w->a);
	struct consent *c;
	CHECK_RC(consent_decide(&k->w->d, &k->w->a, id, &who, to, STR("nb"), &c, &p), RC_OK);
}

static struct consent *consent_by(struct kit *k, const struct org_caller *requester, int64_t valid_to)
{
	struct draft d = draft_of(&k->w->a, "tax");
	struct problems p = PROBLEMS(&k->w->a);
	struct consent *c;
	bool existed;
	d.valid_to = valid_to;
	CHECK_RC(consent_create(&k->w->d, &k->w->a, &d, requester, &c, &existed, &p), RC_OK);
	return c;
}

static struct consent *consent_of_bank(struct kit *k)
{
	return consent_by(k, &FROM_ORG(BANK), clock_now() + CLOCK_DAY);
}

/* ---- cases ---- */

static void test_mint__a_token_has_its_row(void **state)
{
	struct kit *k = *state;
	struct outcome got = ask(k, grant_signed(k, "bank", ""));
	check_fault(got, OF_NONE, "plain");
	CHECK_STR(kit_text(got.claims, "iss"), STR(ISSUER));
	CHECK_STR(kit_text(got.claims, "client_id"), STR("bank"));
	CHECK_STR(kit_text(got.claims, "client_amr"), STR("private_key_jwt"));
	CHECK_STR(got.issued.scope, STR("api:read"));
	assert_int_equal(got.issued.life_s, OAUTH_TOKEN_LIFE_S);
	assert_int_equal(kit_number(got.claims, "exp") - kit_number(got.claims, "iat"), OAUTH_TOKEN_LIFE_S);
	assert_int_equal(insert.calls, 1);
	CHECK_STR(insert.row.client_id, STR("bank"));
	CHECK_STR(insert.row.consumer, STR(BANK));
	CHECK(!insert.row.supplier.p && uuid_is_nil(insert.row.consent) && !insert.row.elsewhere);
	assert_int_equal(insert.row.expires, kit_number(got.claims, "exp") * CLOCK_SECOND);
	/* the guard outlasts the last moment at which the grant is taken */
	CHECK(insert.row.guard_until > insert.row.issued + (100 + OAUTH_SKEW_S) * CLOCK_SECOND);
}

static void test_mint__a_replay_is_a_replay(void **state)
{
	struct kit *k = *state;
	struct str grant = grant_signed(k, "bank", "");
	check_fault(ask(k, grant), OF_NONE, "first");
	check_fault(ask(k, grant), OF_REPLAY, "second");
	check_fault(ask(k, grant_signed(k, "bank", "")), OF_NONE, "another grant");
}

static void test_mint__refused_grants_are_not_burnt(void **state)
{
	struct kit *k = *state;
	struct consent *c = consent_of_bank(k);
	struct str grant = grant_signed(k, "bank", details_of(k, c->id));
	check_fault(ask(k, grant), OF_RAR_VALUE, "not answered yet");
	assert_int_equal(insert.calls, 0);
	decide(k, c->id, ST_ACCEPTED);
	insert.fate = ROW_LOST;
	insert.rc = RC_BUSY;
	check_fault(ask(k, grant), OF_UNAVAILABLE, "the store is busy");
	insert.fate = ROW_WRITTEN;
	insert.rc = RC_OK;
	struct outcome got = ask(k, grant);
	check_fault(got, OF_NONE, "accepted");
	CHECK(js_get(got.claims, "authorization_details") && uuid_eq(insert.row.consent, c->id));
	check_fault(ask(k, grant), OF_REPLAY, "again");
	decide(k, c->id, ST_REVOKED);
	check_fault(ask(k, grant_signed(k, "bank", details_of(k, c->id))), OF_RAR_VALUE, "withdrawn");
}

static void test_mint__outcomes_of_the_row(void **state)
{
	struct kit *k = *state;
	static const struct {
		const char *name;
		enum row_fate fate;
		enum rc rc;
		enum oauth_fault want;
	} rows[] = {
		{ "lost connection, durable", ROW_WRITTEN, RC_UNCERTAIN, OF_NONE },
		{ "lost connection, not there", ROW_LOST, RC_UNCERTAIN, OF_OUTCOME },
		{ "lost connection, another token was first", ROW_OF_ANOTHER, RC_UNCERTAIN, OF_REPLAY },
		{ "conflict, another token was first", ROW_OF_ANOTHER, RC_CONFLICT, OF_REPLAY },
		{ "conflict, guard free", ROW_LOST, RC_CONFLICT, OF_RAR_VALUE },
		{ "busy", ROW_LOST, RC_BUSY, OF_UNAVAILABLE },
		{ "failed", ROW_LOST, RC_FAIL, OF_UNAVAILABLE },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		insert.fate = rows[i].fate;
		insert.rc = rows[i].rc;
		check_fault(ask(k, grant_signed(k, "bank", "")), rows[i].want, rows[i].name);
	}
}

static struct kit *withdrawing;
static struct uuid withdrawn;
static void withdraw(void)
{
	insert.before = NULL;
	decide(withdrawing, withdrawn, ST_REVOKED);
}

static void test_mint__withdrawn_after_it_was_read(void **state)
{
	struct kit *k = *state;
	struct consent *c = consent_of_bank(k);
	decide(k, c->id, ST_ACCEPTED);
	withdrawing = k;
	withdrawn = c->id;
	insert.before = withdraw;
	struct outcome got = ask(k, grant_signed(k, "bank", details_of(k, c->id)));
	check_fault(got, OF_RAR_VALUE, "withdrawn");
	CHECK_STR(got.err.detail, STR("consent"));
	assert_int_equal(insert.calls, 1);
}

static void test_mint__a_newer_registry_is_stale(void **state)
{
	struct kit *k = *state;
	struct str grant = grant_signed(k, "bank", "");
	bool changed;
	kit_change_registry(k);
	struct outcome got = ask(k, grant);
	CHECK_RC(got.rc, RC_STALE);
	assert_int_equal(got.err.fault, OF_NONE);
	CHECK_RC(registry_refresh(&k->w->d.registry, &changed), RC_OK);
	check_fault(ask(k, grant), OF_NONE, "run again");
}

static _Atomic int64_t *budget_of(struct kit *k, const char *client)
{
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&k->w->d.registry);
	return registry_client(reg, str_of(client))->budget;
}

static void test_mint__the_share_counts_once(void **state)
{
	struct kit *k = *state;
	struct token_order first = { .assertion = grant_signed(k, "bank", ""), .trace_id = "t" };
	struct token_order next = { .assertion = grant_signed(k, "bank", ""), .trace_id = "t" };
	_Atomic int64_t *budget = budget_of(k, "bank");
	struct str forged = grant_signed(k, "bank", "");
	k->issuer.limit = (struct limit){ .per_s = 1, .burst = 1 };
	char *spoilt = (char *)forged.p + forged.n - 20;
	*spoilt = *spoilt == 'A' ? 'B' : 'A'; /* another letter of base64url */
	check_fault(ask(k, forged), OF_SIGNATURE, "anybody can send this");
	CHECK(*budget == 0);
	insert.fate = ROW_LOST;
	insert.rc = RC_STALE;
	CHECK_RC(order(k, &first).rc, RC_STALE);
	CHECK(first.counted && *budget > 0);
	insert.fate = ROW_WRITTEN;
	insert.rc = RC_OK;
	*budget = clock_mono() + 100 * CLOCK_SECOND; /* the share is used up */
	check_fault(order(k, &first), OF_NONE, "run again");
	struct outcome got = order(k, &next);
	check_fault(got, OF_TOO_OFTEN, "the next one");
	CHECK(!next.counted && got.err.wait_s >= 1);
	check_fault(ask(k, grant_signed(k, "agency", "")), OF_NONE, "another client");
}

#define AS(orgno) ",\"consumer_org\":\"" orgno "\""

/* The front writes the answer when the snapshot that the fault was found in may be gone. */
static void test_mint__a_fault_outlives_the_snapshot(void **state)
{
	struct kit *k = *state;
	bool changed;
	struct outcome got = ask(k, grant_signed(k, "agency", AS(BANK)));
	check_fault(got, OF_NOT_DELEGATED, "no delegation");
	kit_change_registry(k);
	CHECK_RC(registry_refresh(&k->w->d.registry, &changed), RC_OK);
	CHECK(changed);
	CHECK_STR(got.err.supplier, STR(AGENCY));
	CHECK_STR(got.err.consumer, STR(BANK));
	CHECK_STR(got.err.detail, STR("api:read"));
}

static void test_mint__handlers(void **state)
{
	struct kit *k = *state;
	static const struct {
		const char *name;
		struct org_caller requester;
		const char *client, *more;
		enum oauth_fault want;
	} rows[] = {
		{ "receiver", { .consumer = STR_INIT(BANK) }, "bank", "", OF_NONE },
		{ "receiver, by its supplier", { .consumer = STR_INIT(BANK) }, "supplier", AS(BANK), OF_NONE },
		{ "a stranger", { .consumer = STR_INIT(BANK) }, "agency", "", OF_RAR_VALUE },
		{ "supplier that asked, itself",
		  { .consumer = STR_INIT(BANK), .supplier = STR_INIT(SUPPLIER) },
		  "supplier",
		  "",
		  OF_RAR_VALUE },
		{ "supplier that asked, delegated",
		  { .consumer = STR_INIT(BANK), .supplier = STR_INIT(SUPPLIER) },
		  "supplier",
		  AS(BANK),
		  OF_NONE },
		{ "service owner that asked, itself",
		  { .consumer = STR_INIT(AGENCY), .has_org_scope = true },
		  "agency",
		  "",
		  OF_NONE },
		{ "service owner that asked, by a supplier",
		  { .consumer = STR_INIT(AGENCY), .has_org_scope = true },
		  "supplier",
		  AS(AGENCY),
		  OF_RAR_VALUE },
		{ "receiver, asked by a service owner",
		  { .consumer = STR_INIT(AGENCY), .has_org_scope = true },
		  "bank",
		  "",
		  OF_NONE },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct consent *c = consent_by(k, &rows[i].requester, clock_now() + CLOCK_DAY);
		decide(k, c->id, ST_ACCEPTED);
		const char *more =
			arena_cstr(&k->w->a, arena_fmt(&k->w->a, "%s%s", details_of(k, c->id), rows[i].more));
		check_fault(ask(k, grant_signed(k, rows[i].client, more)), rows[i].want, rows[i].name);
	}
}

static void test_mint__no_token_outlives_its_consent(void **state)
{
	struct kit *k = *state;
	/* early in a second, so that the case ends before the next one */
	clock_set_offset(CLOCK_SECOND + 10000 - clock_real() % CLOCK_SECOND);
	int64_t second = clock_now() / CLOCK_SECOND;
	static const struct {
		int64_t valid_us, life_s;
		enum oauth_fault want;
	} rows[] = {
		{ CLOCK_DAY, OAUTH_TOKEN_LIFE_S, OF_NONE },
		{ OAUTH_TOKEN_LIFE_S * CLOCK_SECOND, OAUTH_TOKEN_LIFE_S, OF_NONE },
		{ OAUTH_TOKEN_LIFE_S * CLOCK_SECOND - 1, OAUTH_TOKEN_LIFE_S - 1, OF_NONE },
		{ 50 * CLOCK_SECOND + 900000, 50, OF_NONE },
		{ 900000, 0, OF_RAR_VALUE }, /* its last second has begun */
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct consent *c = consent_by(k, &FROM_ORG(BANK), second * CLOCK_SECOND + rows[i].valid_us);
		decide(k, c->id, ST_ACCEPTED);
		struct outcome got = ask(k, grant_signed(k, "bank", details_of(k, c->id)));
		check_fault(got, rows[i].want, "validity");
		if (got.rc != RC_OK)
			continue;
		int64_t late = kit_number(got.claims, "iat") - second; /* a slow machine */
		int64_t want = rows[i].life_s < OAUTH_TOKEN_LIFE_S ? rows[i].life_s - late : rows[i].life_s;
		CHECK(got.issued.life_s == want || (late > 0 && got.issued.life_s < want));
		assert_int_equal(kit_number(got.claims, "exp") - kit_number(got.claims, "iat"), got.issued.life_s);
	}
}

static void test_mint__settings_make_claims(void **state)
{
	struct kit *k = *state;
	struct consent *c = consent_of_bank(k);
	decide(k, c->id, ST_ACCEPTED);
	for (int on = 0; on < 2; on++) {
		k->issuer.aud_unspecified = k->issuer.consumer_prefix = k->issuer.status_claim = on;
		struct outcome plain = ask(k, grant_signed(k, "bank", ""));
		struct outcome with = ask(k, grant_signed(k, "bank", details_of(k, c->id)));
		check_fault(plain, OF_NONE, "plain");
		check_fault(with, OF_NONE, "with a consent");
		CHECK(!js_get(plain.claims, "status") && !js_get(plain.claims, "authorization_details"));
		CHECK(!!js_get(with.claims, "status") == on);
		CHECK(!!js_get(with.claims, "aud") == on);
		CHECK(!!js_get(with.claims, "consumer_prefix") == on);
	}
}

static void test_mint__nobody_signs(void **state)
{
	struct kit *k = *state;
	k->issuer.alg = JOSE_RS384;
	struct outcome got = ask(k, grant_signed(k, "bank", ""));
	check_fault(got, OF_UNAVAILABLE, "no key");
	CHECK_STR(str_of(got.err.why), STR("no key of this algorithm signs now"));
	assert_int_equal(insert.calls, 0);
}

static void test_mint__wrong_details_cost_no_row(void **state)
{
	struct kit *k = *state;
	static const struct {
		const char *more;
		enum oauth_fault want;
	} rows[] = {
		{ ",\"authorization_details\":[{\"type\":\"x\"}]", OF_RAR_TYPE },
		{ ",\"authorization_details\":[{\"type\":\"urn:altinn:consent\"}]", OF_RAR_VALUE },
		{ ",\"authorization_details\":[{\"type\":\"urn:altinn:consent\",\"x\":1}]", OF_RAR_FIELD },
		{ ",\"resource\":\"no address\"", OF_TARGET },
		{ AS(BANK), OF_OWN_ORG },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		check_fault(ask(k, grant_signed(k, "bank", rows[i].more)), rows[i].want, rows[i].more);
	check_fault(ask(k, grant_signed(k, "nobody", "")), OF_CLIENT, "client");
	check_fault(ask(k, STR("a.b.c")), OF_ASSERTION, "no grant");
	assert_int_equal(insert.calls, 0);
}

static void test_mint__consents_of_another_platform(void **state)
{
	struct kit *k = *state;
	struct remote_config cfg = { .url = "http://127.0.0.1:9/", .timeout_s = 1 };
	static const struct {
		const char *name, *client;
		enum rc rc;
		int64_t valid_us;
		enum oauth_fault want;
	} rows[] = {
		{ "receiver", "bank", RC_OK, CLOCK_DAY, OF_NONE },
		{ "over", "bank", RC_OK, -CLOCK_SECOND, OF_RAR_VALUE },
		{ "the other says no", "bank", RC_DENIED, CLOCK_DAY, OF_RAR_VALUE },
		{ "no answer", "bank", RC_BUSY, CLOCK_DAY, OF_UNAVAILABLE },
		{ "failed", "bank", RC_FAIL, CLOCK_DAY, OF_UNAVAILABLE },
		{ "handler with the scope of service owners", "agency", RC_OK, CLOCK_DAY, OF_NONE },
		{ "handler that nobody granted that scope", "supplier", RC_OK, CLOCK_DAY, OF_RAR_VALUE },
	};
	struct consent c = { .from = PERSON(ELENA), .to = ORG(BANK), .consented_text = STR("2025-01-01T00:00:00Z") };
	c.valid_to_text = STR("2035-01-01T00:00:00Z");
	lookup.consent = &c;
	k->issuer.status_claim = true;
	CHECK_RC(remote_create(&cfg, &k->issuer.remote), RC_OK);
	for (size_t i = 0; i < LEN(rows); i++) {
		lookup.rc = rows[i].rc;
		c.valid_to = clock_now() + rows[i].valid_us;
		struct outcome got = ask(k, grant_signed(k, rows[i].client, details_of(k, uuid_v4())));
		check_fault(got, rows[i].want, rows[i].name);
		CHECK(got.rc != RC_OK || (insert.row.elsewhere && !js_get(got.claims, "status")));
	}
	lookup.rc = RC_STALE;
	struct outcome got = ask(k, grant_signed(k, "bank", details_of(k, uuid_v4())));
	CHECK_RC(got.rc, RC_STALE);
	assert_int_equal(got.err.fault, OF_NONE);
	remote_destroy(k->issuer.remote);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, kit_teardown)
KIT_MAIN(CASE(test_mint__a_token_has_its_row), CASE(test_mint__a_replay_is_a_replay),
	 CASE(test_mint__refused_grants_are_not_burnt), CASE(test_mint__outcomes_of_the_row),
	 CASE(test_mint__withdrawn_after_it_was_read), CASE(test_mint__a_newer_registry_is_stale),
	 CASE(test_mint__the_share_counts_once), CASE(test_mint__a_fault_outlives_the_snapshot),
	 CASE(test_mint__handlers), CASE(test_mint__no_token_outlives_its_consent),
	 CASE(test_mint__settings_make_claims), CASE(test_mint__nobody_signs),
	 CASE(test_mint__wrong_details_cost_no_row), CASE(test_mint__consents_of_another_platform))
