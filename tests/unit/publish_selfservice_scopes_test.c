#include "selfservice_kit.h"

static void test_selfservice_scopes__registration(void **state)
{
	struct desk *d = *state;
	static const struct {
		const char *orgno, *body, *name, *want;
	} steps[] = {
		// clang-format off
		{ OWNER, "{'prefix':'ttd','subscope':'new'}", "ttd:new", "ok" },
		{ OWNER, "{'prefix':'ttd','subscope':'new'}", "ttd:new", "conflict: a scope has this name" },
		{ OWNER, "{'prefix':'ttd'}", "ttd:", "invalid: subscope: is required\n" },
		{ OWNER, "{}", ":", "invalid: prefix: is required\nsubscope: is required\n" },
		{ BANK, "{'prefix':'ttd','subscope':'b'}", "ttd:b", "denied: the prefix is not one of the organisation's" },
		{ OWNER, "{'prefix':'none','subscope':'b'}", "none:b", "denied: the prefix is not one of the organisation's" },
		{ OWNER, "{'prefix':'ttd','subscope':'b','name':'ttd:c'}", "ttd:b", "invalid: name: cannot be changed\n" },
		{ OWNER, "{'prefix':'ttd','subscope':'b','name':'ttd:b','owner_orgno':'" OWNER "'}", "ttd:b", "ok" },
		{ OWNER, "{'prefix':'ttd','subscope':'c','at_max_age':-1}", "ttd:c",
		  "invalid: at_max_age: must be a whole number from 0 to 86400\n" },
		{ OWNER, "{'prefix':'ttd','subscope':'c','token_type':'OPAQUE'}", "ttd:c",
		  "invalid: token_type: must be \"SELF_CONTAINED\"\n" },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(steps); i++) {
		struct publisher who = publisher(d, steps[i].orgno);
		struct str name = STR_NONE;
		enum rc rc = selfservice_scope_create(&who, body(d, steps[i].body), &d->p, &name);
		CHECK_STR(outcome(d, rc), str_of(steps[i].want));
		CHECK_STR(name, str_of(steps[i].name));
	}
}

enum step_kind { CHANGE, DEACTIVATE, GRANT, WITHDRAW };

static enum rc step_run(struct desk *d, enum step_kind kind, const struct publisher *who, const char *text)
{
	switch (kind) {
	case CHANGE:
		return selfservice_scope_change(who, STR("ttd:open"), body(d, text), &d->p);
	case DEACTIVATE:
		return selfservice_scope_deactivate(who, STR("ttd:open"), &d->p);
	case GRANT:
		return selfservice_grant(who, STR("ttd:open"), str_of(text), &d->p);
	case WITHDRAW:
		return selfservice_grant_withdraw(who, STR("ttd:open"), str_of(text), &d->p);
	}
	return RC_FAIL;
}

static void test_selfservice_scopes__changes(void **state)
{
	struct desk *d = *state;
	static const struct {
		enum step_kind kind;
		const char *orgno, *text, *want;
		const char *grants;
	} steps[] = {
		// clang-format off
		{ GRANT, OWNER, BANK, "ok", BANK },
		{ GRANT, OWNER, BANK, "the same", BANK },
		{ GRANT, OWNER, SUPPLIER, "ok", BANK " " SUPPLIER },
		{ GRANT, OWNER, "810419513", "invalid: orgno: is no organisation number\n", BANK " " SUPPLIER },
		{ GRANT, BANK, BANK, "not-found", BANK " " SUPPLIER },
		{ CHANGE, OWNER, "{'description':'d'}", "ok", BANK " " SUPPLIER },
		{ CHANGE, OWNER, "{'subscope':'other'}", "invalid: subscope: cannot be changed\n", BANK " " SUPPLIER },
		{ CHANGE, BANK, "{'description':'d'}", "not-found", BANK " " SUPPLIER },
		{ WITHDRAW, OWNER, BANK, "ok", SUPPLIER },
		{ WITHDRAW, OWNER, BANK, "the same", SUPPLIER },
		{ DEACTIVATE, BANK, NULL, "not-found", SUPPLIER },
		{ DEACTIVATE, OWNER, NULL, "ok", SUPPLIER },
		{ DEACTIVATE, OWNER, NULL, "the same", SUPPLIER },
		{ CHANGE, OWNER, "{}", "conflict: the scope is deactivated, and that is for good", SUPPLIER },
		{ GRANT, OWNER, BANK, "conflict: the scope is deactivated, and that is for good", SUPPLIER },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(steps); i++) {
		struct publisher who = publisher(d, steps[i].orgno);
		CHECK_STR(outcome(d, step_run(d, steps[i].kind, &who, steps[i].text)), str_of(steps[i].want));
		CLEANUP(registry_releasep) const struct registry *r = registry_hold(&d->box);
		const struct scope *s = registry_scope(r, STR("ttd:open"));
		struct buf grants = BUF(&d->k.a);
		for (size_t j = 0; j < s->n_grants; j++)
			buf_fmt(&grants, "%s%.*s", j ? " " : "", STR_FMT(s->grants[j]));
		CHECK_STR(buf_str(&grants), str_of(steps[i].grants));
	}
}

static void test_selfservice_scopes__a_name_is_never_given_again(void **state)
{
	struct desk *d = *state;
	struct publisher who = publisher(d, OWNER);
	struct str name;
	CHECK_RC(selfservice_scope_deactivate(&who, STR("ttd:closed"), &d->p), RC_OK);
	enum rc rc = selfservice_scope_create(&who, body(d, "{'prefix':'ttd','subscope':'closed'}"), &d->p, &name);
	CHECK_STR(outcome(d, rc), STR("conflict: the scope is deactivated, and that is for good"));
}

#define CASE(t) cmocka_unit_test_setup_teardown(t, desk_setup, desk_teardown)
T_MAIN(CASE(test_selfservice_scopes__registration), CASE(test_selfservice_scopes__changes),
       CASE(test_selfservice_scopes__a_name_is_never_given_again))
