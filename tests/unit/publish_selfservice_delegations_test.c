#include "selfservice_kit.h"

/* What the bank has delegated to the supplier, in order: "ttd:open ttd:more"; "-": there is no delegation. */
static struct str delegated(struct desk *d)
{
	CLEANUP(registry_releasep) const struct registry *r = registry_hold(&d->box);
	const struct delegation *found = registry_delegation(r, STR(BANK), STR(SUPPLIER));
	struct buf b = BUF(&d->k.a);
	if (!found)
		return STR("-");
	for (size_t i = 0; i < found->n_scopes; i++)
		buf_fmt(&b, "%s%.*s", i ? " " : "", STR_FMT(found->scopes[i]));
	return buf_str(&b);
}

#define TO(scopes) "{'supplier_org':'" SUPPLIER "','scopes':[" scopes "]}"

static void test_selfservice_delegations__of_scopes(void **state)
{
	struct desk *d = *state;
	static const struct {
		const char *body;  /* NULL: withdraw */
		const char *scope; /* to withdraw; NULL: all of them */
		const char *want, *after;
	} steps[] = {
		// clang-format off
		{ TO("'ttd:open'"), NULL, "ok", "ttd:open" },
		{ TO("'ttd:open','ttd:open'"), NULL, "the same", "ttd:open" },
		{ TO("'ttd:more','ttd:open'"), NULL, "ok", "ttd:open ttd:more" },
		{ TO("'ttd:closed'"), NULL, "invalid: scopes[0]: cannot be delegated\n", "ttd:open ttd:more" },
		{ TO("'ttd:open','ttd:none',1"), NULL, "invalid: scopes[1]: no such scope\nscopes[2]: must be a text\n",
		  "ttd:open ttd:more" },
		{ TO(""), NULL, "invalid: scopes: is required\n", "ttd:open ttd:more" },
		{ "{'scopes':['ttd:open']}", NULL, "invalid: supplier_org: is required\n", "ttd:open ttd:more" },
		{ "{'supplier_org':'1','scopes':['ttd:open']}", NULL, "invalid: supplier_org: is no organisation number\n",
		  "ttd:open ttd:more" },
		{ "{'supplier_org':'" BANK "','scopes':['ttd:open']}", NULL,
		  "invalid: supplier_org: is the organisation itself\n", "ttd:open ttd:more" },
		{ "{'supplier_org':'" SUPPLIER "','consumer_org':'" OWNER "','scopes':['ttd:open']}", NULL,
		  "invalid: consumer_org: cannot be changed\n", "ttd:open ttd:more" },
		{ NULL, "ttd:none", "the same", "ttd:open ttd:more" },
		{ NULL, "ttd:open", "ok", "ttd:more" },
		{ NULL, "ttd:more", "ok", "-" }, /* the last scope takes the delegation with it */
		{ NULL, NULL, "the same", "-" },
		{ TO("'ttd:open','ttd:more'"), NULL, "ok", "ttd:open ttd:more" },
		{ NULL, NULL, "ok", "-" },
		// clang-format on
	};
	struct publisher owner = publisher(d, OWNER), bank = publisher(d, BANK);
	struct str name;
	const struct js *more =
		body(d, "{'prefix':'ttd','subscope':'more','delegation_source':'https://www.altinn.no/'}");
	CHECK_RC(selfservice_scope_create(&owner, more, &d->p, &name), RC_OK);
	for (size_t i = 0; i < LEN(steps); i++) {
		enum rc rc = steps[i].body ? selfservice_delegate(&bank, body(d, steps[i].body), &d->p)
					   : selfservice_delegation_withdraw(&bank, STR(SUPPLIER),
									     str_of(steps[i].scope), &d->p);
		CHECK_STR(outcome(d, rc), str_of(steps[i].want));
		CHECK_STR(delegated(d), str_of(steps[i].after));
	}
}

static void test_selfservice_delegations__scopes_in_one_call(void **state)
{
	struct desk *d = *state;
	struct publisher bank = publisher(d, BANK);
	for (size_t n = SELF_MAX_NAMED; n <= SELF_MAX_NAMED + 1; n++) {
		struct buf b = BUF(&d->k.a);
		buf_lit(&b, "{'supplier_org':'" SUPPLIER "','scopes':[");
		for (size_t i = 0; i < n; i++)
			buf_fmt(&b, "%s'ttd:open'", i ? "," : "");
		buf_lit(&b, "]}");
		enum rc rc = selfservice_delegate(&bank, body(d, buf_cstr(&b)), &d->p);
		CHECK_STR(outcome(d, rc),
			  n > SELF_MAX_NAMED ? STR("invalid: scopes: has too many entries\n") : STR("ok"));
	}
}

#define CASE(t) cmocka_unit_test_setup_teardown(t, desk_setup, desk_teardown)
T_MAIN(CASE(test_selfservice_delegations__of_scopes), CASE(test_selfservice_delegations__scopes_in_one_call))
