#include "consent_world.h"

#include "consent/authority.h"
#include "store/change.h"

#define MAIN "312587408"
#define UNIT "316902146" /* of MAIN */
#define ACCOUNTANT "314419553"
#define DAGL "05857420189"
#define LEDE "17819020221"
#define HADM "23926510312"
#define ADMAI "30908820459"
#define MEDL "11917930572"
#define PARTNER "04826320635" /* dagl of the accountant */
#define CLERK "26846830773"   /* a role in the accountant that is no key role */
#define RIGHTED "07880170958" /* single rights for MAIN */
#define LEADER "21898511003"  /* single rights on altinn_access_management */
#define LOCAL "15950190873"   /* dagl of UNIT alone */
#define OWNER "12837621168"

#define O(no) "urn:altinn:organization:identifier-no:" no
#define P(pid) "urn:altinn:person:identifier-no:" pid
#define ORG_ROW(no, more)                                                                                              \
	"{\"type\":\"organization\",\"organizationNumber\":\"" no "\",\"name\":\"ORG " no "\"" more "}"
#define PERSON_ROW(pid) "{\"type\":\"person\",\"nationalId\":\"" pid "\",\"name\":\"P " pid "\"}"
#define ROLE(party, holder, code)                                                                                      \
	"{\"party\":\"" party "\",\"holder\":\"" holder "\",\"role\":\"urn:altinn:rolecode:" code "\"}"
#define PACKAGE(party, holder, code)                                                                                   \
	"{\"party\":\"" party "\",\"holder\":\"" holder "\",\"package\":\"urn:altinn:accesspackage:" code "\"}"
#define RIGHT(party, holder, resource, actions)                                                                        \
	"{\"party\":\"" party "\",\"holder\":\"" holder "\",\"resource\":\"" resource "\",\"actions\":[" actions "]}"
#define AUTH_RESOURCE(id, type, mode, rules)                                                                           \
	"{\"identifier\":\"" id "\",\"resourceType\":\"" type "\",\"versionId\":1,\"title\":{\"nb\":\"a\"},"           \
	"\"hasCompetentAuthority\":{\"organization\":\"" AGENCY "\",\"orgcode\":\"ttd\",\"name\":{\"nb\":\"b\"}},"     \
	"\"consentTemplate\":\"default\",\"consentText\":{\"nb\":\"c\"},\"consentMetadata\":{},\"delegable\":false,"   \
	"\"accessListMode\":\"" mode "\",\"policy\":{\"minimumAuthenticationLevel\":3,\"rules\":[" rules "]}}"
#define RULE(actions, subjects) "{\"actions\":[" actions "],\"subjects\":[" subjects "]}"

static const char *const seed[] = {
	"{\"parties\":[" ORG_ROW(MAIN, "") "," ORG_ROW(UNIT, ",\"parent\":\"" O(MAIN) "\"") "," ORG_ROW(ACCOUNTANT, ""),
	"," PERSON_ROW(DAGL) "," PERSON_ROW(LEDE) "," PERSON_ROW(HADM) "," PERSON_ROW(ADMAI) "," PERSON_ROW(MEDL),
	"," PERSON_ROW(PARTNER) "," PERSON_ROW(CLERK) "," PERSON_ROW(RIGHTED) "," PERSON_ROW(LEADER),
	"," PERSON_ROW(LOCAL) "," PERSON_ROW(OWNER) "],",
	"\"roles\":[" ROLE(O(MAIN), P(DAGL), "DAGL") "," ROLE(O(MAIN), P(LEDE), "lede") "," ROLE(O(MAIN), P(HADM),
												 "hadm"),
	"," ROLE(O(MAIN), P(ADMAI), "admai") "," ROLE(O(MAIN), P(MEDL), "medl") "," ROLE(O(UNIT), P(LOCAL), "dagl"),
	"," ROLE(O(ACCOUNTANT), P(PARTNER), "dagl") "," ROLE(O(ACCOUNTANT), P(CLERK), "medl"),
	"," ROLE(O(MAIN), P(OWNER), "innh"),
	"," PACKAGE(O(MAIN), O(ACCOUNTANT), "payroll") "," PACKAGE(O(MAIN), P(MEDL), "payroll"),
	"," ROLE(P(OTHER), P(OWNER), "dagl") "],",
	"\"rights\":[" RIGHT(O(MAIN), P(RIGHTED), "closed", "\"consent\",\"Read\""),
	"," RIGHT(O(MAIN), P(LEADER), "altinn_access_management", "\"read\""),
	"," RIGHT(P(OTHER), P(LEADER), "altinn_access_management", "\"read\",\"write\""),
	"," RIGHT(P(OTHER), P(LEADER), "closed", "\"consent\""),
	/* another resource than the platform's own */
	"," RIGHT(O(MAIN), P(MEDL), "Altinn_Access_Management", "\"read\",\"write\"") "],",
	"\"resources\":[" AUTH_RESOURCE("Altinn_Access_Management", "Consent", "Disabled", "") ",",
	AUTH_RESOURCE("closed", "Consent", "Disabled",
		      RULE("\"requestconsent\"", "[\"urn:altinn:rolecode:medl\"]")) ",",
	AUTH_RESOURCE("board", "Consent", "Disabled",
		      RULE("\"consent\"", "[\"urn:altinn:external-role:ccr:styreleder\"],[\"urn:altinn:rolecode:"
					  "MEDL\"]") "," RULE("\"urn:oasis:names:tc:xacml:1.0:action:action-id:read\"",
							      "[\"urn:altinn:rolecode:lede\"]")) ",",
	AUTH_RESOURCE("payroll", "Consent", "Disabled",
		      RULE("\"consent\"", "[\"urn:altinn:accesspackage:Payroll\"]")) ",",
	AUTH_RESOURCE("both", "Consent", "Disabled",
		      RULE("\"consent\"", "[\"urn:altinn:rolecode:medl\",\"urn:altinn:accesspackage:payroll\"]")) ",",
	AUTH_RESOURCE("typed", "Consent", "Disabled",
		      RULE("\"consent\"", "[\"urn:altinn:partytype:person\"],[\"" O(MAIN) "\"]")) ",",
	AUTH_RESOURCE("schema", "MaskinportenSchema", "Disabled",
		      RULE("\"consent\"", "[\"urn:altinn:rolecode:priv\"]")) ",",
	AUTH_RESOURCE("members", "Consent", "Enabled",
		      RULE("\"consent\",\"read\",\"other\"",
			   "[\"urn:altinn:rolecode:priv\"],[\"urn:altinn:rolecode:dagl\"]")) "],",
	"\"accessLists\":[{\"owner\":\"ttd\",\"identifier\":\"givers\",\"members\":[\"" O(
		MAIN) "\"],"
		      "\"resourceConnections\":[{\"resource\":\"members\",\"actionFilters\":[\"consent\"]}]},"
		      "{\"owner\":\"ttd\",\"identifier\":\"all\",\"members\":[\"" O(
			      BANK) "\"],"
				    "\"resourceConnections\":[{\"resource\":\"members\"}]}]}",
};

static int setup(void **state)
{
	CHECK(world_setup(state) == 0);
	struct world *w = *state;
	struct buf b = BUF(&w->a);
	bool changed;
	for (size_t i = 0; i < LEN(seed); i++)
		buf_z(&b, seed[i]);
	world_apply(w, buf_str(&b));
	CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
	return 0;
}

static struct person_caller caller(struct world *w, const char *ident, int64_t level)
{
	const struct party *p = world_party(w, ident);
	return (struct person_caller){ .party = p ? p->uuid : uuid_v4(), .level = level };
}

static struct uuid party_of(struct world *w, const char *ident)
{
	const struct party *p = world_party(w, ident);
	return p ? p->uuid : uuid_v4();
}

static void test_authority__access_by_role_and_relation(void **state)
{
	struct world *w = *state;
	const enum rc no = RC_DENIED, yes = RC_OK;
	const struct {
		const char *who, *party;
		int64_t level;
		enum rc read, write;
	} rows[] = {
		{ ELENA, ELENA, 3, yes, yes },    { ELENA, ELENA, 4, yes, yes },   { ELENA, ELENA, 2, no, no },
		{ ELENA, OTHER, 4, no, no },      { ELENA, MAIN, 4, no, no },      { DAGL, MAIN, 3, yes, yes },
		{ DAGL, MAIN, 2, no, no },        { LEDE, MAIN, 3, yes, yes },     { HADM, MAIN, 3, yes, yes },
		{ ADMAI, MAIN, 3, yes, yes },     { OWNER, MAIN, 3, yes, yes },    { MEDL, MAIN, 4, no, no },
		{ DAGL, UNIT, 3, yes, yes },      { ADMAI, UNIT, 3, yes, yes },    { LOCAL, UNIT, 3, yes, yes },
		{ LOCAL, MAIN, 4, no, no },       { PARTNER, MAIN, 4, no, no },    { PARTNER, ACCOUNTANT, 3, yes, yes },
		{ CLERK, ACCOUNTANT, 4, no, no }, { DAGL, ACCOUNTANT, 4, no, no }, { RIGHTED, MAIN, 4, no, no },
		{ LEADER, MAIN, 3, yes, no },     { LEADER, UNIT, 3, no, no },     { LEADER, OTHER, 3, yes, yes },
		{ LEADER, OTHER, 2, no, no },     { OWNER, OTHER, 4, no, no },     { STRANGER, STRANGER, 4, no, no },
		{ DAGL, NOBODY, 4, no, no },      { MAIN, MAIN, 4, no, no },       { ACCOUNTANT, MAIN, 4, no, no },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct person_caller who = caller(w, rows[i].who, rows[i].level);
		struct uuid party = party_of(w, rows[i].party);
		enum rc read = authority_access(&w->d, &w->a, &who, party, ACCESS_READ);
		enum rc write = authority_access(&w->d, &w->a, &who, party, ACCESS_WRITE);
		if (read != rows[i].read || write != rows[i].write)
			fail_msg("%s for %s at %d: read %s, write %s", rows[i].who, rows[i].party, (int)rows[i].level,
				 rc_name(read), rc_name(write));
	}
	struct person_caller nobody = { .level = 4 };
	CHECK_RC(authority_access(&w->d, &w->a, &nobody, (struct uuid){ { 0 } }, ACCESS_READ), RC_DENIED);
}

static struct right right_to(struct str *action, const char *resource)
{
	return (struct right){ .actions = action, .n_actions = 1, .resource = str_of(resource), .version = STR("1") };
}

static void test_authority__consent_by_policy_role_package_and_right(void **state)
{
	struct world *w = *state;
	const enum rc no = RC_DENIED, yes = RC_OK;
	const struct {
		const char *who, *giver, *resource, *action;
		enum rc want;
	} rows[] = {
		/* themselves: what the policy gives to priv */
		{ ELENA, ELENA, "tax", "consent", yes },
		{ ELENA, ELENA, "tax", "READ", yes },
		{ ELENA, ELENA, "tax", "urn:oasis:names:tc:xacml:1.0:action:action-id:consent", yes },
		{ ELENA, ELENA, "tax", "URN:OASIS:names:tc:xacml:1.0:action:action-id:Read", yes },
		{ ELENA, ELENA, "tax", "write", no },
		{ ELENA, ELENA, "tax", "requestconsent", no },
		{ ELENA, ELENA, "tax", "", no },
		{ ELENA, ELENA, "closed", "consent", no },
		{ ELENA, ELENA, "gone", "consent", no },
		{ ELENA, ELENA, "schema", "consent", no },
		{ ELENA, ELENA, "typed", "consent", no },
		{ ELENA, OTHER, "tax", "consent", no },
		{ STRANGER, STRANGER, "tax", "consent", no },
		/* dagl and hadm answer everything of their organisation, and of its sub units */
		{ DAGL, MAIN, "closed", "consent", yes },
		{ DAGL, MAIN, "closed", "anything", yes },
		{ HADM, MAIN, "closed", "consent", yes },
		{ DAGL, UNIT, "closed", "consent", yes },
		{ HADM, UNIT, "closed", "consent", yes },
		{ DAGL, MAIN, "schema", "consent", no },
		{ DAGL, MAIN, "gone", "consent", no },
		{ DAGL, BANK, "closed", "consent", no },
		{ LOCAL, UNIT, "closed", "consent", yes },
		{ LOCAL, MAIN, "closed", "consent", no },
		{ OWNER, OTHER, "closed", "consent", no }, /* a person has no manager */
		/* the others what a rule gives to their role */
		{ LEDE, MAIN, "closed", "consent", no },
		{ ADMAI, MAIN, "closed", "consent", no },
		{ LEDE, MAIN, "board", "consent", yes },
		{ LEDE, UNIT, "board", "consent", yes },
		{ LEDE, MAIN, "board", "Read", yes },
		{ MEDL, MAIN, "board", "consent", yes },
		{ MEDL, MAIN, "board", "read", no },
		{ MEDL, MAIN, "closed", "requestconsent", yes },
		{ ADMAI, MAIN, "board", "consent", no },
		{ LEDE, ACCOUNTANT, "board", "consent", no },
		/* packages, directly and through a key role in whoever holds them */
		{ MEDL, MAIN, "payroll", "consent", yes },
		{ PARTNER, MAIN, "payroll", "consent", yes },
		{ PARTNER, UNIT, "payroll", "consent", yes },
		{ PARTNER, MAIN, "closed", "consent", no },
		{ CLERK, MAIN, "payroll", "consent", no },
		{ LEDE, MAIN, "payroll", "consent", no },
		/* all of a combined subject */
		{ MEDL, MAIN, "both", "consent", yes },
		{ PARTNER, MAIN, "both", "consent", no },
		{ LEDE, MAIN, "both", "consent", no },
		{ LEDE, MAIN, "typed", "consent", no },
		/* single rights: for whom, for what, and no further */
		{ RIGHTED, MAIN, "closed", "consent", yes },
		{ RIGHTED, MAIN, "closed", "read", yes },
		{ RIGHTED, MAIN, "closed", "write", no },
		{ RIGHTED, MAIN, "board", "consent", no },
		{ RIGHTED, UNIT, "closed", "consent", no },
		{ LEADER, OTHER, "closed", "consent", yes },
		{ LEADER, MAIN, "closed", "consent", no },
		/* access lists: an organisation on one that covers the action; people are not asked */
		{ DAGL, MAIN, "members", "consent", yes },
		{ DAGL, MAIN, "members", "read", no },
		{ DAGL, UNIT, "members", "consent", no },
		{ PARTNER, ACCOUNTANT, "members", "consent", no },
		{ ELENA, ELENA, "members", "read", yes },
		/* organisations do not act */
		{ MAIN, MAIN, "board", "consent", no },
		{ ACCOUNTANT, MAIN, "payroll", "consent", no },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		struct person_caller who = caller(w, rows[i].who, 3);
		struct str action = str_of(rows[i].action);
		struct right right = right_to(&action, rows[i].resource);
		struct consent c = { .from_uuid = party_of(w, rows[i].giver), .rights = &right };
		enum rc rc = authority_consent(&w->d, &w->a, &who, &c);
		if (rc != rows[i].want)
			fail_msg("%s for %s, %s of %s: %s", rows[i].who, rows[i].giver, rows[i].action,
				 rows[i].resource, rc_name(rc));
	}
}

static void test_authority__every_action_of_every_right(void **state)
{
	struct world *w = *state;
	struct person_caller lede = caller(w, LEDE, 3);
	struct str actions[] = { STR("consent"), STR("read") }, other[] = { STR("consent") };
	struct right second = right_to(other, "closed"), first = right_to(actions, "board");
	struct consent c = { .from_uuid = party_of(w, MAIN), .rights = &first };
	first.n_actions = 2;
	CHECK_RC(authority_consent(&w->d, &w->a, &lede, &c), RC_OK);
	actions[1] = STR("write");
	CHECK_RC(authority_consent(&w->d, &w->a, &lede, &c), RC_DENIED);
	actions[1] = STR("read");
	first.next = &second;
	CHECK_RC(authority_consent(&w->d, &w->a, &lede, &c), RC_DENIED);
	first.n_actions = 0;
	first.next = NULL;
	CHECK_RC(authority_consent(&w->d, &w->a, &lede, &c), RC_DENIED);
	c.rights = NULL;
	CHECK_RC(authority_consent(&w->d, &w->a, &lede, &c), RC_DENIED);
}

static void test_authority__a_required_delegator_is_the_only_one(void **state)
{
	struct world *w = *state;
	struct person_caller dagl = caller(w, DAGL, 3), hadm = caller(w, HADM, 3), lede = caller(w, LEDE, 3);
	struct str action = STR("consent");
	struct right right = right_to(&action, "closed");
	struct consent c = { .from_uuid = party_of(w, MAIN), .rights = &right };
	c.required_delegator = PERSON(DAGL);
	c.required_delegator_uuid = dagl.party;
	CHECK_RC(authority_consent(&w->d, &w->a, &dagl, &c), RC_OK);
	CHECK_RC(authority_consent(&w->d, &w->a, &hadm, &c), RC_DENIED);
	c.required_delegator_uuid = lede.party; /* named, but without the right */
	CHECK_RC(authority_consent(&w->d, &w->a, &lede, &c), RC_DENIED);
}

static void test_authority__the_level_is_the_highest_asked_for(void **state)
{
	struct world *w = *state;
	struct str action = STR("consent");
	struct right low = right_to(&action, "tax"), high = right_to(&action, "high"), gone = right_to(&action, "gone");
	struct consent c = { .rights = &low };
	CLEANUP(registry_releasep) const struct registry *reg = registry_hold(&w->d.registry);
	assert_int_equal(authority_level(reg, &c), 3);
	low.next = &gone;
	gone.next = &high;
	assert_int_equal(authority_level(reg, &c), 4);
}

static void check_parties(struct world *w, const char *who, const char *const *want)
{
	struct person_caller caller_of = caller(w, who, 3);
	struct party **list;
	size_t n, i = 0;
	CHECK_RC(authority_parties(&w->d, &w->a, &caller_of, &list, &n), RC_OK);
	for (; want[i]; i++)
		if (i >= n || !str_is(list[i]->ident, want[i]))
			fail_msg("%s: party %zu of %zu is %.*s", who, i, n,
				 STR_FMT(i < n ? list[i]->ident : STR("none")));
	assert_int_equal(n, i);
	for (i = 0; i < n; i++)
		CHECK_RC(authority_access(&w->d, &w->a, &caller_of, list[i]->uuid, ACCESS_READ), RC_OK);
}

static void test_authority__parties_are_those_that_may_be_read(void **state)
{
	struct world *w = *state;
	check_parties(w, ELENA, (const char *[]){ ELENA, NULL });
	check_parties(w, DAGL, (const char *[]){ DAGL, MAIN, UNIT, NULL });
	check_parties(w, LEDE, (const char *[]){ LEDE, MAIN, UNIT, NULL });
	check_parties(w, HADM, (const char *[]){ HADM, MAIN, UNIT, NULL });
	check_parties(w, ADMAI, (const char *[]){ ADMAI, MAIN, UNIT, NULL });
	check_parties(w, OWNER, (const char *[]){ OWNER, MAIN, UNIT, NULL });
	check_parties(w, MEDL, (const char *[]){ MEDL, NULL });
	check_parties(w, LOCAL, (const char *[]){ LOCAL, UNIT, NULL });
	check_parties(w, PARTNER, (const char *[]){ PARTNER, ACCOUNTANT, NULL });
	check_parties(w, LEADER, (const char *[]){ LEADER, OTHER, MAIN, NULL });
	struct person_caller weak = caller(w, DAGL, 2), org = caller(w, MAIN, 4), nobody = { .level = 4 };
	struct party **list;
	size_t n;
	CHECK_RC(authority_parties(&w->d, &w->a, &weak, &list, &n), RC_DENIED);
	CHECK_RC(authority_parties(&w->d, &w->a, &org, &list, &n), RC_DENIED);
	CHECK_RC(authority_parties(&w->d, &w->a, &nobody, &list, &n), RC_DENIED);
}

static void test_authority__key_roles_reach_one_step(void **state)
{
	struct world *w = *state;
	/* The bank manages the accountant: whoever is lede of the bank manages the accountant too, but holds nothing of
	 * what the accountant holds for MAIN. */
	world_apply(w,
		    STR("{\"roles\":[" ROLE(O(ACCOUNTANT), O(BANK), "hadm") "," ROLE(O(BANK), P(ELENA), "lede") "]}"));
	struct person_caller elena = caller(w, ELENA, 3);
	struct str action = STR("consent");
	struct right payroll = right_to(&action, "payroll"), closed = right_to(&action, "closed");
	struct consent c = { .from_uuid = party_of(w, ACCOUNTANT), .rights = &closed };
	CHECK_RC(authority_consent(&w->d, &w->a, &elena, &c), RC_OK);
	CHECK_RC(authority_access(&w->d, &w->a, &elena, c.from_uuid, ACCESS_WRITE), RC_OK);
	c = (struct consent){ .from_uuid = party_of(w, MAIN), .rights = &payroll };
	CHECK_RC(authority_consent(&w->d, &w->a, &elena, &c), RC_DENIED);
	check_parties(w, ELENA, (const char *[]){ ELENA, ACCOUNTANT, BANK, NULL });
}

/* Rows of one pair come in the order of the index: kind, then value. */
static void hold(struct world *w, const char *holder, const char *party, size_t n)
{
	struct change *c = change_new(&w->a);
	struct holding h = { party_of(w, party), party_of(w, holder), STR("package"), STR_NONE };
	for (size_t i = 0; i < n; i++) {
		h.value = arena_fmt(&w->a, "urn:altinn:accesspackage:a%05zu", i);
		change_holding(c, &h);
	}
	CHECK_RC(store_apply(w->store, c, true), RC_OK);
}

static void test_authority__holdings_beyond_the_limit_grant_nothing(void **state)
{
	struct world *w = *state;
	hold(w, CLERK, BANK, AUTHORITY_MAX_HOLDINGS - 1);
	world_apply(w, STR("{\"roles\":[" ROLE(O(BANK), P(CLERK), "dagl") "]}"));
	struct person_caller clerk = caller(w, CLERK, 3);
	CHECK_RC(authority_access(&w->d, &w->a, &clerk, w->bank->uuid, ACCESS_READ), RC_OK);
	hold(w, CLERK, BANK, AUTHORITY_MAX_HOLDINGS);
	CHECK_RC(authority_access(&w->d, &w->a, &clerk, w->bank->uuid, ACCESS_READ), RC_DENIED);
}

static struct str orgno_at(struct arena *a, unsigned n)
{
	for (unsigned digit = 0; digit < 10; digit++) {
		struct str s = arena_fmt(a, "%08u%u", 50000000 + n, digit);
		if (model_orgno_valid(s))
			return s;
	}
	return STR_NONE;
}

static void test_authority__parties_beyond_the_limit_are_left_out(void **state)
{
	struct world *w = *state;
	struct change *c = change_new(&w->a);
	size_t made = 0, n;
	for (unsigned i = 0; made < AUTHORITY_MAX_PARTIES; i++) {
		struct party p = { .type = PARTY_ORG, .uuid = uuid_v4(), .ident = orgno_at(&w->a, i) };
		if (!p.ident.n)
			continue;
		p.name = arena_fmt(&w->a, "N%05zu", made);
		struct holding h = { p.uuid, party_of(w, CLERK), STR("role"), STR("urn:altinn:rolecode:dagl") };
		change_party(c, &p);
		change_holding(c, &h);
		if (++made == AUTHORITY_MAX_PARTIES - 1) {
			CHECK_RC(store_apply(w->store, c, true), RC_OK);
			c = change_new(&w->a);
		}
	}
	struct person_caller clerk = caller(w, CLERK, 3);
	struct party **list;
	CHECK_RC(authority_parties(&w->d, &w->a, &clerk, &list, &n), RC_OK);
	assert_int_equal(n, AUTHORITY_MAX_PARTIES);
	CHECK_STR(list[n - 1]->name, arena_fmt(&w->a, "N%05d", AUTHORITY_MAX_PARTIES - 2));
	CHECK_RC(store_apply(w->store, c, true), RC_OK);
	CHECK_RC(authority_parties(&w->d, &w->a, &clerk, &list, &n), RC_OK);
	assert_int_equal(n, AUTHORITY_MAX_PARTIES);
	CHECK_STR(list[n - 1]->name, arena_fmt(&w->a, "N%05d", AUTHORITY_MAX_PARTIES - 2));
}

static void test_authority__a_write_needs_the_version_it_was_decided_on(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "closed");
	struct problems p = PROBLEMS(&w->a);
	struct person_caller dagl = caller(w, DAGL, 3);
	struct consent *c;
	bool changed;
	d.from = ORG(MAIN);
	d.rights->right.resource = STR("tax");
	(void)world_consent(w, &d);
	CHECK_RC(consent_open(&w->d, &w->a, d.id, &dagl, &c, &p), RC_OK);
	world_apply(w, STR("{\"roles\":[{\"party\":\"" O(MAIN) "\",\"holder\":\"" P(
			       DAGL) "\","
				     "\"role\":\"urn:altinn:rolecode:DAGL\",\"state\":\"absent\"}]}"));
	CHECK_RC(consent_decide(&w->d, &w->a, d.id, &dagl, ST_ACCEPTED, STR("nb"), &c, &p), RC_STALE);
	CHECK_RC(registry_refresh(&w->d.registry, &changed), RC_OK);
	CHECK_RC(consent_decide(&w->d, &w->a, d.id, &dagl, ST_ACCEPTED, STR("nb"), &c, &p), RC_DENIED);
	CHECK_PROBLEMS(&p, PROB_NOT_AUTHORIZED);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, world_teardown)
static int64_t epoch_now(struct world *w)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	int64_t epoch = 0;
	CHECK_RC(reader_open(w->store, false, &r), RC_OK);
	CHECK_RC(store_registry_epoch(r, &epoch), RC_OK);
	return epoch;
}

/* A standing that was read lately is what the store has, and does not outlive a change of it. */
static void test_authority__a_known_standing_ends_with_its_epoch(void **state)
{
	struct world *w = *state;
	struct person_caller who = caller(w, PARTNER, 4);
	struct consent c = { .from_uuid = party_of(w, ACCOUNTANT), .epoch = epoch_now(w) };
	struct authority fresh, known;
	for (int i = 0; i < 2; i++) {
		CHECK_RC(authority_load(&w->d, &w->a, &who, c.from_uuid, &fresh), RC_OK);
		CHECK_RC(authority_load_for(&w->d, &w->a, &who, &c, &known), RC_OK);
		CHECK(authority_may(&fresh, ACCESS_READ) && authority_may(&known, ACCESS_READ));
		CHECK(known.standing.epoch == c.epoch && known.standing.type == PARTY_ORG);
		CHECK_STR(known.standing.ident, STR(ACCOUNTANT));
		CHECK_STR(known.standing.held->value, fresh.standing.held->value);
	}
	struct change *end = change_new(&w->a);
	const struct holding role = {
		.party = c.from_uuid, .holder = who.party, .kind = STR("role"), .value = known.standing.held->value
	};
	change_holding_delete(end, &role);
	CHECK_RC(store_apply(w->store, end, true), RC_OK);
	c.epoch = epoch_now(w);
	CHECK_RC(authority_load_for(&w->d, &w->a, &who, &c, &known), RC_OK);
	CHECK(!authority_may(&known, ACCESS_READ));
}

T_MAIN(CASE(test_authority__access_by_role_and_relation),
       CASE(test_authority__consent_by_policy_role_package_and_right),
       CASE(test_authority__every_action_of_every_right), CASE(test_authority__a_required_delegator_is_the_only_one),
       CASE(test_authority__the_level_is_the_highest_asked_for),
       CASE(test_authority__parties_are_those_that_may_be_read), CASE(test_authority__key_roles_reach_one_step),
       CASE(test_authority__holdings_beyond_the_limit_grant_nothing),
       CASE(test_authority__parties_beyond_the_limit_are_left_out),
       CASE(test_authority__a_known_standing_ends_with_its_epoch),
       CASE(test_authority__a_write_needs_the_version_it_was_decided_on))
