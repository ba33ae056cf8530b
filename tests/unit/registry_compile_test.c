#include "registry/snapshot_internal.h"

#include "publish_kit.h"
#include "registry/policy.h"

struct row {
	const char *kind, *key;
	int64_t version;
	const char *body;
};

/* A snapshot of rows as the store would hold them, whether or not a seed document could have brought them. */
static struct registry *compiled(const struct row *rows, size_t n)
{
	struct snapshot *s = snapshot_new();
	for (size_t i = 0; i < n; i++) {
		struct entry e = { str_of(rows[i].kind), str_of(rows[i].key), rows[i].version,
				   json_q(&s->scratch, rows[i].body) };
		e.body = arena_str(&s->a, e.body);
		CHECK_RC(registry_compile(s, &e), RC_OK);
	}
	return registry_over(s);
}

static void test_compile__defaults_of_members_that_are_missing(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "client", "c", 0, "{}" },
		{ "resource", "r", 1, "{}" },
		{ "scope", "a:b", 0, "{}" },
	};
	struct registry *r = compiled(rows, LEN(rows));
	const struct client *c = &r->s->first_client->c;
	const struct scope *s = registry_scope(r, STR("a:b"));
	const struct resource *res = registry_resource(r, STR("r"));
	assert_int_equal(c->token_lifetime, 120);
	CHECK(c->active && c->status_list && c->n_scopes == 0 && !c->private_jwk.p && !c->jwks_json.p);
	CHECK(s->active && !s->accessible_for_all && !s->hidden && !s->foreign);
	CHECK_STR(s->visibility, STR("PUBLIC"));
	CHECK_STR(res->status, STR("Completed"));
	CHECK(res->delegable && !res->one_time && !res->access_list_enabled && res->policy.n_rules == 0);
	registry_release(r);
}

static void test_compile__scopes(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		bool active, hidden, foreign;
	} cases[] = {
		{ "{'state':'absent'}", false, false, false },
		{ "{'state':'present'}", true, false, false },
		{ "{'visibility':'PRIVATE'}", true, true, false },
		{ "{'allowedIntegrationTypes':['krr','idporten']}", true, false, true },
		{ "{'allowedIntegrationTypes':['krr','maskinporten']}", true, false, false },
		{ "{'allowedIntegrationTypes':[]}", true, false, false },
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		const struct row row = { "scope", "a:b", 0, cases[i].body };
		struct registry *r = compiled(&row, 1);
		const struct scope *s = registry_scope(r, STR("a:b"));
		assert_int_equal(s->active, cases[i].active);
		assert_int_equal(s->hidden, cases[i].hidden);
		assert_int_equal(s->foreign, cases[i].foreign);
		registry_release(r);
	}
}

static void test_compile__times_of_grants(void **state)
{
	(void)state;
	static const struct row row = {
		"scope", "a:b", 0, "{'grants':['2','1','3'],'granted':{'1':'2026-01-01T00:00:00Z','3':5,'9':'x'}}"
	};
	struct registry *r = compiled(&row, 1);
	const struct scope *s = registry_scope(r, STR("a:b"));
	assert_int_equal(s->n_grants, 3);
	CHECK_STR(s->grants[0], STR("2"));
	assert_null(s->granted[0].p);
	CHECK_STR(s->granted[1], STR("2026-01-01T00:00:00Z"));
	assert_null(s->granted[2].p);
	registry_release(r);
}

static void test_compile__spans_of_keys_lie_in_the_body(void **state)
{
	(void)state;
	static const struct row row = {
		"client", "c", 0, "{ 'jwks' : {'keys':[], 'posted':'2026-01-01T00:00:00Z'}, 'privateJwk':{'d':'x'} }"
	};
	struct registry *r = compiled(&row, 1);
	const struct client *c = &r->s->first_client->c;
	CHECK(c->jwks_json.p > c->body.p && c->jwks_json.p + c->jwks_json.n < c->body.p + c->body.n);
	CHECK(str_starts(c->jwks_json, STR("{\"keys\":[]")) && str_ends(c->jwks_json, STR("}")));
	CHECK_STR(c->private_jwk, STR("{\"d\":\"x\"}"));
	assert_int_equal(c->keys_posted, 1767225600);
	registry_release(r);
}

static void test_compile__latest_version_stands_in_the_order(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "resource", "a", 1, "{'status':'Old'}" },
		{ "resource", "a", 2, "{'status':'New','limits':{'maxValidity':'soon'}}" },
		{ "resource", "b", 7, "{'limits':{'maxValidity':'P1D'}}" },
	};
	struct registry *r = compiled(rows, LEN(rows));
	assert_int_equal(r->s->n_resources, 2);
	CHECK_STR(r->s->order[0]->version->r.status, STR("New"));
	assert_int_equal(r->s->order[1]->version->r.version, 7);
	assert_int_equal(r->s->order[0]->version->r.max_validity, 1); /* a limit that cannot be read allows nothing */
	assert_int_equal(r->s->order[1]->version->r.max_validity, CLOCK_DAY);
	CHECK_STR(registry_resource_at(r, STR("a"), STR("1"))->status, STR("Old"));
	assert_null(registry_resource_at(r, STR("a"), STR("3")));
	registry_release(r);
}

static void test_compile__an_unreadable_policy_allows_nobody(void **state)
{
	(void)state;
	static const struct row row = { "resource", "a", 1, "{'identifier':'a','policyXml':'<Policy>'}" };
	struct registry *r = compiled(&row, 1);
	assert_int_equal(r->s->order[0]->version->r.policy.n_rules, 0);
	assert_int_equal(r->s->order[0]->version->r.policy.min_level, POLICY_MAX_LEVEL);
	registry_release(r);
}

static void test_compile__members_of_lists_once_and_in_order(void **state)
{
	(void)state;
	static const struct row row = { "accessList", "ttd/l", 0,
					"{'owner':'ttd','identifier':'l','members':["
					"'urn:altinn:organization:identifier-no:991825827',"
					"'urn:altinn:organization:identifier-no:810419512',"
					"'urn:altinn:organization:identifier-no:991825827',"
					"'urn:altinn:person:identifier-no:01025161013','x',1]}" };
	struct registry *r = compiled(&row, 1);
	const struct access_list *l = registry_access_list(r, STR("ttd"), STR("l"));
	assert_int_equal(l->n_members, 2);
	CHECK_STR(l->members[0], STR("810419512"));
	CHECK_STR(l->members[1], STR("991825827"));
	registry_release(r);
}

static void test_compile__bodies_that_are_no_object(void **state)
{
	(void)state;
	static const struct {
		const char *kind, *body;
		enum rc rc;
	} cases[] = {
		{ "scope", "{", RC_FAIL },
		{ "scope", "[]", RC_FAIL },
		{ "scope", "", RC_FAIL },
		{ "extra", "[", RC_OK }, /* of a kind that no snapshot holds */
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		struct registry *r = compiled(NULL, 0);
		struct entry e = { str_of(cases[i].kind), STR("k"), 0, str_of(cases[i].body) };
		CHECK_RC(registry_compile(r->s, &e), cases[i].rc);
		assert_null(r->s->first_scope);
		registry_release(r);
	}
}

#define OWNED(no, code) "{'hasCompetentAuthority':{'organization':'" no "','orgcode':'" code "'}}"

/* Rows of an earlier version keep the letter case of the file; the compiled code has one spelling. */
static void test_compile__owner_codes_have_one_spelling(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "resource", "a", 1, OWNED("991825827", "TTD") },
		{ "resource", "c", 1,
		  "{'policy':{'minimumAuthenticationLevel':3,'rules':[{'actions':['requestconsent'],"
		  "'subjects':[['urn:altinn:org:Ttd'],['urn:altinn:access-list:TTD:Banks']]}]}}" },
		{ "accessList", "TTD/Banks", 0,
		  "{'owner':'TTD','identifier':'Banks','members':['urn:altinn:organization:identifier-no:810418192']}" },
	};
	struct registry *r = compiled(rows, LEN(rows));
	const struct resource *res = registry_resource(r, STR("c"));
	CHECK_STR(registry_resource(r, STR("a"))->owner_code, STR("ttd"));
	CHECK(registry_owns(r, STR("TTD"), STR("991825827")) && registry_owns(r, STR("ttd"), STR("991825827")));
	CHECK(policy_allows_request(r, res, STR("991825827")) && policy_allows_request(r, res, STR("810418192")));
	CHECK(!policy_allows_request(r, res, STR("810419512")));
	CHECK_STR(registry_access_list(r, STR("tTD"), STR("Banks"))->owner, STR("ttd"));
	CHECK(!registry_access_list(r, STR("ttd"), STR("banks")));
	registry_release(r);
}

T_MAIN(cmocka_unit_test(test_compile__owner_codes_have_one_spelling),
       cmocka_unit_test(test_compile__defaults_of_members_that_are_missing), cmocka_unit_test(test_compile__scopes),
       cmocka_unit_test(test_compile__times_of_grants), cmocka_unit_test(test_compile__spans_of_keys_lie_in_the_body),
       cmocka_unit_test(test_compile__latest_version_stands_in_the_order),
       cmocka_unit_test(test_compile__an_unreadable_policy_allows_nobody),
       cmocka_unit_test(test_compile__members_of_lists_once_and_in_order),
       cmocka_unit_test(test_compile__bodies_that_are_no_object))
