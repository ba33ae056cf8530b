#include "model/roles.h"

#include "t.h"

static void test_roles__two_names_of_one_role(void **state)
{
	(void)state;
	static const struct {
		const char *urn, *canonical;
		bool known, manager, answers_all;
	} rows[] = {
		{ "urn:altinn:rolecode:dagl", "urn:altinn:rolecode:dagl", true, true, true },
		{ "urn:altinn:external-role:ccr:Daglig-Leder", "urn:altinn:rolecode:dagl", true, true, true },
		{ "URN:altinn:rolecode:HADM", "urn:altinn:rolecode:hadm", true, true, true },
		{ "urn:altinn:external-role:ccr:deltaker-fullt-ansvar", "urn:altinn:rolecode:dtso", true, true, false },
		{ "urn:altinn:rolecode:FFØR", "urn:altinn:rolecode:ffør", true, true, false },
		{ "urn:altinn:external-role:ccr:forretningsforer", "urn:altinn:rolecode:ffør", true, true, false },
		{ "urn:altinn:external-role:ccr:kontaktperson-revisor", "urn:altinn:rolecode:sreva", true, true,
		  false },
		{ "urn:altinn:external-role:ccr:styremedlem", "urn:altinn:rolecode:medl", true, false, false },
		/* no roles of the list: a code is no name, and inneh is none at all */
		{ "urn:altinn:rolecode:INNEH", "urn:altinn:rolecode:inneh", false, false, false },
		{ "urn:altinn:rolecode:daglig-leder", "urn:altinn:rolecode:daglig-leder", false, false, false },
		{ "urn:altinn:external-role:ccr:dagl", "urn:altinn:external-role:ccr:dagl", false, false, false },
		{ "urn:altinn:external-role:cra:Nav-Skatt", "urn:altinn:external-role:cra:nav-skatt", false, false,
		  false },
		{ "urn:altinn:rolecode:", "urn:altinn:rolecode:", false, false, false },
	};
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		const struct role *role = role_find(str_of(rows[i].urn));
		CHECK_STR(role_canonical(&a, str_of(rows[i].urn)), str_of(rows[i].canonical));
		CHECK((role != NULL) == rows[i].known);
		CHECK(!role || (role->manager == rows[i].manager && role->answers_all == rows[i].answers_all));
	}
}

/* Every role that makes a main administrator or an access manager, and no other. */
static void test_roles__managers(void **state)
{
	(void)state;
	static const char *const managers[] = { "dagl", "lede", "innh", "hadm",  "admai", "dtpr",
						"dtso", "komp", "best", "bobe",  "repr",  "knuf",
						"ffør", "komk", "kemn", "sreva", "sam" };
	static const char *const others[] = { "kont", "medl", "nest", "regn", "revi", "sign", "prok", "inneh", "priv" };
	CLEANUP(arena_finish) struct arena a = { 0 };
	for (size_t i = 0; i < LEN(managers); i++) {
		const struct role *role = role_find(arena_fmt(&a, ROLE_URN "%s", managers[i]));
		CHECK(role && role->manager);
		CHECK(role->answers_all == (i == 0 || i == 3));
	}
	for (size_t i = 0; i < LEN(others); i++) {
		const struct role *role = role_find(arena_fmt(&a, ROLE_URN "%s", others[i]));
		CHECK(!role || (!role->manager && !role->answers_all));
	}
}

static void test_roles__urns(void **state)
{
	(void)state;
	static const struct {
		const char *urn;
		bool ok;
	} rows[] = {
		{ "urn:altinn:rolecode:dagl", true },        { "urn:altinn:rolecode:ffør", true },
		{ "urn:altinn:rolecode:FFØR", true },        { "urn:altinn:external-role:ccr:daglig-leder", true },
		{ "urn:altinn:rolecode:", false },           { "urn:altinn:rolecode:a:", false },
		{ "urn:altinn:rolecode:fför", false },       { "urn:altinn:rolecode:ff\xc3", false },
		{ "urn:altinn:rolecode:\x98", false },       { "urn:altinn:rolecode:a b", false },
		{ "urn:altinn:external-role:cra:x", false }, { "dagl", false },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		CHECK(role_urn_ok(str_of(rows[i].urn)) == rows[i].ok);
}

T_MAIN(cmocka_unit_test(test_roles__two_names_of_one_role), cmocka_unit_test(test_roles__managers),
       cmocka_unit_test(test_roles__urns))
