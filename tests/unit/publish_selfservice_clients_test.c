#include "selfservice_kit.h"

static struct client_manager manager(struct desk *d, const char *orgno, bool own, bool supplied)
{
	return (struct client_manager){ .publisher = publisher(d, orgno), .own = own, .supplied = supplied };
}

/* Each step begins with the result of the steps before. */
static void test_selfservice_clients__registration(void **state)
{
	struct desk *d = *state;
	static const struct {
		const char *orgno;
		bool own, supplied;
		const char *id, *body, *want;
	} steps[] = {
		// clang-format off
		{ BANK, true, false, "c1", "{'client_name':'C'}", "ok" },
		{ BANK, true, false, "c2", "{'client_id':'c1'}", "conflict: a client has this id" },
		{ SUPPLIER, true, true, "c2", "{'client_id':'c1'}", "invalid: client_id: is not the caller's to say\n" },
		{ BANK, false, true, "c2", "{}", "denied: a client of the organisation's own needs the scope idporten:dcr.write" },
		{ BANK, true, false, "c2", "{'client_orgno':'" SUPPLIER "'}",
		  "denied: a client for another organisation needs the scope idporten:dcr.supplier" },
		{ SUPPLIER, false, true, "s1", "{'client_orgno':'" BANK "','scopes':['ttd:open']}", "ok" },
		{ SUPPLIER, false, true, "s2", "{'client_orgno':'" BANK "','scopes':['ttd:open','idporten:dcr.read']}",
		  "invalid: scopes[1]: is not for a client of another organisation\n" },
		{ SUPPLIER, false, true, "s2", "{'client_orgno':1}",
		  "denied: a client of the organisation's own needs the scope idporten:dcr.write" },
		{ BANK, true, false, "c2", "{'scopes':['ttd:none']}", "invalid: scopes[0]: no such scope\n" },
		{ BANK, true, false, "c2", "{'client_name':1,'x':2}", "invalid: x: unknown member\n" },
		{ BANK, true, false, "c2", "{'client_name':1}", "invalid: client_name: is of type number, must be string\n" },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(steps); i++) {
		struct client_manager m = manager(d, steps[i].orgno, steps[i].own, steps[i].supplied);
		enum rc rc = selfservice_client_create(&m, str_of(steps[i].id), body(d, steps[i].body), &d->p);
		CHECK_STR(outcome(d, rc), str_of(steps[i].want));
	}
}

static void test_selfservice_clients__who_manages_a_client(void **state)
{
	struct desk *d = *state;
	static const struct {
		const char *orgno;
		bool own, supplied;
		const char *client_orgno, *supplier;
		bool want;
	} cases[] = {
		{ BANK, true, false, BANK, NULL, true },          { BANK, false, true, BANK, NULL, false },
		{ BANK, true, false, BANK, SUPPLIER, true },      { SUPPLIER, false, true, BANK, SUPPLIER, true },
		{ SUPPLIER, true, false, BANK, SUPPLIER, false }, { OWNER, true, true, BANK, SUPPLIER, false },
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		struct client_manager m = manager(d, cases[i].orgno, cases[i].own, cases[i].supplied);
		struct client c = { .orgno = str_of(cases[i].client_orgno), .supplier = str_of(cases[i].supplier) };
		assert_int_equal(client_managed(&m, &c), cases[i].want);
	}
}

enum step_kind { CHANGE, KEYS, DEACTIVATE };

static void test_selfservice_clients__changes(void **state)
{
	struct desk *d = *state;
	static const struct {
		enum step_kind kind;
		const char *orgno, *body, *want;
	} steps[] = {
		// clang-format off
		{ CHANGE, BANK, "{'client_name':'D'}", "ok" },
		{ CHANGE, OWNER, "{'client_name':'D'}", "not-found" },
		{ CHANGE, BANK, "{'client_id':'other'}", "invalid: client_id: cannot be changed\n" },
		{ CHANGE, BANK, "{'client_orgno':'" OWNER "'}", "invalid: client_orgno: cannot be changed\n" },
		{ KEYS, BANK, "{}", "invalid: keys: is required\n" },
		{ KEYS, BANK, "{'keys':[],'posted':'x','expires':'y'}", "ok" },
		{ KEYS, BANK, "{'keys':[],'x':1}", "invalid: x: unknown member\n" },
		{ KEYS, BANK, "{'keys':[{'kty':'RSA','alg':'RS256','use':'sig','kid':'k','e':'AQAB'}]}",
		  "invalid: keys[0].n: is required\n" },
		{ KEYS, BANK, "{'keys':[{'kty':'RSA','alg':'RS256','use':'sig','kid':'k','e':'AQAB','n':'x','x5c':['y']}]}",
		  "invalid: keys[0].x5c: certificates are not taken here: the setting cert.roots is missing\n" },
		{ DEACTIVATE, OWNER, NULL, "not-found" },
		{ DEACTIVATE, BANK, NULL, "ok" },
		{ DEACTIVATE, BANK, NULL, "the same" },
		{ CHANGE, BANK, "{'client_name':'E'}", "conflict: the client is deactivated, and that is for good" },
		{ KEYS, BANK, "{'keys':[]}", "conflict: the client is deactivated, and that is for good" },
		// clang-format on
	};
	struct client_manager bank = manager(d, BANK, true, false);
	CHECK_RC(selfservice_client_create(&bank, STR("c"), body(d, "{'client_name':'C'}"), &d->p), RC_OK);
	for (size_t i = 0; i < LEN(steps); i++) {
		struct client_manager m = manager(d, steps[i].orgno, true, true);
		const struct js *v = body(d, steps[i].body);
		enum rc rc = steps[i].kind == CHANGE ? selfservice_client_change(&m, STR("c"), v, &d->p)
			     : steps[i].kind == KEYS ? selfservice_client_keys(&m, STR("c"), v, &d->p)
						     : selfservice_client_deactivate(&m, STR("c"), &d->p);
		CHECK_STR(outcome(d, rc), str_of(steps[i].want));
	}
}

static void test_selfservice_clients__redirects_and_keys_stay(void **state)
{
	struct desk *d = *state;
	struct client_manager m = manager(d, BANK, true, false);
	const struct js *full = body(d, "{'client_name':'C','description':'d','redirect_allow':['https://a.example']}");
	CHECK_RC(selfservice_client_create(&m, STR("c"), full, &d->p), RC_OK);
	CHECK_RC(selfservice_client_change(&m, STR("c"), body(d, "{'client_name':'D'}"), &d->p), RC_OK);
	CLEANUP(registry_releasep) const struct registry *r = registry_hold(&d->box);
	const struct client *c = registry_client(r, STR("c"));
	CHECK_STR(c->name, STR("D"));
	assert_int_equal(c->description.n, 0); /* back to the value of a new client */
	assert_int_equal(c->n_redirect_allow, 1);
}

static void test_selfservice_clients__a_change_of_another_state_is_overtaken(void **state)
{
	struct desk *d = *state;
	struct client_manager m = manager(d, BANK, true, false);
	CHECK_RC(selfservice_client_create(&m, STR("c"), body(d, "{'client_name':'C'}"), &d->p), RC_OK);
	const struct registry *r = registry_hold(&d->box);
	struct client_manager first = m;
	first.publisher.if_match = selfservice_client_tag(&d->k.a, registry_client(r, STR("c")));
	registry_release(r);
	CHECK_RC(selfservice_client_change(&first, STR("c"), body(d, "{'client_name':'D'}"), &d->p), RC_OK);
	CHECK_RC(selfservice_client_change(&first, STR("c"), body(d, "{'client_name':'E'}"), &d->p), RC_CONFLICT);
	CHECK(d->p.overtaken);
	CHECK_RC(selfservice_client_deactivate(&first, STR("c"), &d->p), RC_CONFLICT);
	CHECK_RC(selfservice_client_deactivate(&m, STR("c"), &d->p), RC_OK);
}

#define CASE(t) cmocka_unit_test_setup_teardown(t, desk_setup, desk_teardown)
T_MAIN(CASE(test_selfservice_clients__registration), CASE(test_selfservice_clients__who_manages_a_client),
       CASE(test_selfservice_clients__changes), CASE(test_selfservice_clients__redirects_and_keys_stay),
       CASE(test_selfservice_clients__a_change_of_another_state_is_overtaken))
