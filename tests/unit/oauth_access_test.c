#include "oauth_kit.h"

static struct str both[] = { STR_INIT(ORG), STR_INIT(OTHER_ORG) };
static const struct scope scopes[] = {
	{ .scope = STR_INIT("fiktiv:inntekt.read"),
	  .active = true,
	  .grants = both,
	  .n_grants = 2,
	  .delegation_source = STR_INIT("https://www.altinn.no/") },
	{ .scope = STR_INIT("altinn:consentrequests.write"),
	  .active = true,
	  .accessible_for_all = true,
	  .at_max_age = 60 },
	{ .scope = STR_INIT("fiktiv:inactive"), .active = false, .grants = both, .n_grants = 2 },
	{ .scope = STR_INIT("alg:es"), .active = true, .accessible_for_all = true, .token_alg = STR_INIT("ES256") },
	{ .scope = STR_INIT("alg:ps"), .active = true, .accessible_for_all = true, .token_alg = STR_INIT("PS256") },
};

/* The snapshot as these tests make it: oauth looks at nothing of it. */
struct registry {
	const struct scope *list;
	size_t n;
	bool delegates;
};

static const struct scope *scope_of(const struct registry *r, struct str name)
{
	(void)r;
	for (size_t i = 0; i < LEN(scopes); i++)
		if (str_eq(scopes[i].scope, name))
			return &scopes[i];
	return NULL;
}

static bool delegated(const struct registry *r, struct str consumer, struct str supplier, struct str scope)
{
	(void)scope;
	return r->delegates && str_is(consumer, OTHER_ORG) && str_is(supplier, ORG);
}

static struct grant grant_of(const char *scope, const char *consumer_org)
{
	struct grant g = { 0 };
	struct str rest = str_of(scope), one;
	while (rest.n) {
		if (!str_cut(rest, ' ', &one, &rest))
			rest = STR_NONE;
		g.scopes[g.n_scopes++] = one;
	}
	g.scope_text = str_of(scope);
	g.consumer_org = str_of(consumer_org);
	return g;
}

static enum oauth_fault run(struct grant g, bool register_says, struct oauth_access *out, struct oauth_error *err)
{
	const struct registry registry = { .delegates = register_says };
	const struct oauth_scopes src = { &registry, scope_of, delegated };
	*err = (struct oauth_error){ 0 };
	(void)!oauth_access_check(&g, &kit.client, &src, out, err);
	return err->fault;
}

/* RFC 6749 sections 3.3 and 5.2: the characters of a scope, and invalid_scope. */
static void test_access__faults(void **state)
{
	(void)state;
	static const struct {
		const char *scope, *consumer_org;
		bool delegated;
		enum oauth_fault want;
	} rows[] = {
		{ "fiktiv:inntekt.read", NULL, false, OF_NONE },
		{ "fiktiv:inntekt.read altinn:consentrequests.write", NULL, false, OF_NONE },
		{ "", NULL, false, OF_SCOPE },
		{ "fiktiv:unregistered", NULL, false, OF_SCOPE },
		{ "FIKTIV:inntekt.read", NULL, false, OF_SCOPE },
		{ "fiktiv:gone", NULL, false, OF_SCOPE },
		{ "fiktiv:inactive", NULL, false, OF_SCOPE_INACTIVE },
		{ "fiktiv:inactive fiktiv:unregistered", NULL, false, OF_SCOPE },
		{ "fiktiv:inntekt.read", OTHER_ORG, true, OF_NONE },
		{ "fiktiv:inntekt.read", OTHER_ORG, false, OF_NOT_DELEGATED },
		{ "fiktiv:inntekt.read", ORG, true, OF_OWN_ORG },
		{ "fiktiv:inntekt.read", "810418192", true, OF_NO_ACCESS },
		{ "altinn:consentrequests.write", OTHER_ORG, true, OF_NOT_DELEGATED },
		{ "fiktiv:inntekt.read altinn:consentrequests.write", OTHER_ORG, true, OF_NOT_DELEGATED },
	};
	struct oauth_access access;
	struct oauth_error err;
	for (size_t i = 0; i < LEN(rows); i++) {
		enum oauth_fault got =
			run(grant_of(rows[i].scope, rows[i].consumer_org), rows[i].delegated, &access, &err);
		if (got != rows[i].want)
			fail_msg("row %zu: fault %d, want %d", i, (int)got, (int)rows[i].want);
	}
}

static void test_access__delegated(void **state)
{
	(void)state;
	struct oauth_access access;
	struct oauth_error err;
	assert_int_equal(run(grant_of("fiktiv:inntekt.read", OTHER_ORG), true, &access, &err), OF_NONE);
	CHECK_STR(access.consumer, STR(OTHER_ORG));
	CHECK_STR(access.supplier, STR(ORG));
	CHECK_STR(access.delegation_source, STR("https://www.altinn.no/"));
	assert_int_equal(run(grant_of("fiktiv:inntekt.read", OTHER_ORG), false, &access, &err), OF_NOT_DELEGATED);
	CHECK_STR(err.consumer, STR(OTHER_ORG));
	CHECK_STR(err.supplier, STR(ORG));
	CHECK_STR(err.detail, STR("fiktiv:inntekt.read"));
}

static int64_t life(const char *scope, int64_t client_life)
{
	struct oauth_access access = { 0 };
	struct oauth_error err;
	kit.client.token_lifetime = client_life;
	assert_int_equal(run(grant_of(scope, NULL), false, &access, &err), OF_NONE);
	kit.client.token_lifetime = 0;
	CHECK(!access.supplier.p && !access.delegation_source.p);
	return access.life_s;
}

static void test_access__lifetime(void **state)
{
	(void)state;
	assert_int_equal(life("fiktiv:inntekt.read", 0), OAUTH_TOKEN_LIFE_S);
	assert_int_equal(life("fiktiv:inntekt.read", 500), 500);
	assert_int_equal(life("fiktiv:inntekt.read", OAUTH_TOKEN_LIFE_MAX_S), OAUTH_TOKEN_LIFE_MAX_S);
	assert_int_equal(life("fiktiv:inntekt.read", OAUTH_TOKEN_LIFE_MAX_S + 1), OAUTH_TOKEN_LIFE_MAX_S);
	assert_int_equal(life("fiktiv:inntekt.read altinn:consentrequests.write", 500), 60);
	assert_int_equal(life("altinn:consentrequests.write", 30), 30);
}

/* RFC 8707 section 2: an absolute URI without a fragment, else invalid_target. */
static void test_access__targets(void **state)
{
	(void)state;
	static const struct {
		const char *resource;
		enum oauth_fault want;
	} rows[] = {
		{ "https://api.example/x", OF_NONE },
		{ "urn:fiktiv:api", OF_NONE },
		{ "https://api.example/%23a", OF_NONE },
		{ "https://api.example/#a", OF_TARGET },
		{ "https://api.example/#", OF_TARGET },
		{ "/path", OF_TARGET },
		{ "", OF_TARGET },
		{ "api.example", OF_TARGET },
		{ "https://a b", OF_TARGET },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct grant g = { .resources = { str_of(rows[i].resource) }, .n_resources = 1 };
		struct oauth_error err = { 0 };
		(void)!oauth_target_check(&g, &err);
		if (err.fault != rows[i].want)
			fail_msg("%s: fault %d", rows[i].resource, (int)err.fault);
	}
}

static void test_access__pid(void **state)
{
	(void)state;
	static const struct {
		const char *pid;
		enum oauth_fault want;
	} rows[] = { { "01859090083", OF_NONE },
		     { "0185909008", OF_ASSERTION },
		     { "0185909008x", OF_ASSERTION },
		     { NULL, OF_NONE } };
	for (size_t i = 0; i < LEN(rows); i++) {
		struct grant g = { .pid = str_of(rows[i].pid) };
		struct oauth_error err = { 0 };
		(void)!oauth_target_check(&g, &err);
		assert_int_equal(err.fault, rows[i].want);
	}
}

static void test_access__the_scopes_choose_before_the_client(void **state)
{
	(void)state;
	static struct str may[] = { STR_INIT("fiktiv:inntekt.read"), STR_INIT("alg:es"), STR_INIT("alg:ps") };
	static const struct {
		const char *scope, *client, *want; /* want NULL: refused */
	} rows[] = {
		{ "fiktiv:inntekt.read", NULL, "" },
		{ "fiktiv:inntekt.read", "EdDSA", "EdDSA" },
		{ "alg:es", NULL, "ES256" },
		{ "alg:es", "EdDSA", "ES256" },
		{ "fiktiv:inntekt.read alg:ps", "EdDSA", "PS256" },
		{ "alg:es alg:es", NULL, "ES256" },
		{ "alg:es alg:ps", NULL, NULL },
		{ "alg:ps fiktiv:inntekt.read alg:es", "ES256", NULL },
	};
	struct client before = kit.client;
	kit.client.scopes = may;
	kit.client.n_scopes = LEN(may);
	for (size_t i = 0; i < LEN(rows); i++) {
		struct oauth_access a;
		struct oauth_error err;
		kit.client.token_alg = str_of(rows[i].client);
		enum oauth_fault f = run(grant_of(rows[i].scope, NULL), false, &a, &err);
		assert_int_equal(f, rows[i].want ? OF_NONE : OF_SCOPE_ALG);
		if (rows[i].want)
			CHECK_STR(a.alg, str_of(rows[i].want));
	}
	kit.client = before;
}

static const struct scope *scope_listed(const struct registry *r, struct str name)
{
	for (size_t i = 0; i < r->n; i++)
		if (str_eq(r->list[i].scope, name))
			return &r->list[i];
	return NULL;
}

/* Registering a scope is everybody's; a grant is its owner's. */
static void test_access__a_scope_is_held_when_a_token_could_have_it(void **state)
{
	(void)state;
	static struct str mine[] = { STR_INIT("t:granted"),  STR_INIT("t:others"),  STR_INIT("t:all"),
				     STR_INIT("t:inactive"), STR_INIT("t:foreign"), STR_INIT("t:gone") };
	static struct str others[] = { STR_INIT(OTHER_ORG) };
	static const struct scope held[] = {
		{ .scope = STR_INIT("t:granted"), .active = true, .grants = both, .n_grants = 2 },
		{ .scope = STR_INIT("t:others"), .active = true, .grants = others, .n_grants = 1 },
		{ .scope = STR_INIT("t:all"), .active = true, .accessible_for_all = true },
		{ .scope = STR_INIT("t:inactive"), .accessible_for_all = true },
		{ .scope = STR_INIT("t:foreign"), .active = true, .foreign = true, .accessible_for_all = true },
		{ .scope = STR_INIT("t:unregistered"), .active = true, .accessible_for_all = true },
	};
	static const struct {
		const char *scope;
		bool want;
	} rows[] = { { "t:granted", true },  { "t:others", false },       { "t:all", true },  { "t:inactive", false },
		     { "t:foreign", false }, { "t:unregistered", false }, { "t:gone", false } };
	const struct registry registry = { .list = held, .n = LEN(held) };
	const struct oauth_scopes src = { &registry, scope_listed, NULL };
	struct client client = { .orgno = STR(ORG), .scopes = mine, .n_scopes = LEN(mine) };
	for (size_t i = 0; i < LEN(rows); i++)
		if (oauth_scope_held(&client, &src, str_of(rows[i].scope)) != rows[i].want)
			fail_msg("%s: not %d", rows[i].scope, rows[i].want);
}

KIT_MAIN(cmocka_unit_test(test_access__faults), cmocka_unit_test(test_access__delegated),
	 cmocka_unit_test(test_access__lifetime), cmocka_unit_test(test_access__targets),
	 cmocka_unit_test(test_access__pid), cmocka_unit_test(test_access__the_scopes_choose_before_the_client),
	 cmocka_unit_test(test_access__a_scope_is_held_when_a_token_could_have_it))
