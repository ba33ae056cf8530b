#include "registry/policy_subject.h"

#include "t.h"

static void test_policy_subject__faults(void **state)
{
	(void)state;
	static const struct {
		const char *subject, *want;
	} cases[] = {
		// clang-format off
		{ "urn:altinn:partytype:organization", NULL },
		{ "urn:altinn:partytype:Organization", "the party type must be organization or person" },
		{ "urn:altinn:organization:identifier-no:810419512", NULL },
		{ "urn:altinn:organization:identifier-no:810419513", "is no organisation number" },
		{ "urn:altinn:organizationnumber:1", "is no organisation number" },
		{ "urn:altinn:org:skd", NULL },
		{ "urn:altinn:access-list:ttd:banks", NULL },
		{ "urn:altinn:access-list:ttd", "must be urn:altinn:access-list:OWNER:LIST" },
		{ "urn:altinn:access-list:ttd:", "must be urn:altinn:access-list:OWNER:LIST" },
		{ "urn:altinn:access-list:ttd:a:b", "must be urn:altinn:access-list:OWNER:LIST" },
		{ "urn:altinn:rolecode:dagl", NULL },
		{ "urn:altinn:rolecode:", "must be ATTRIBUTE:VALUE of letters, digits and . _ : / -" },
		{ "urn:altinn:rolecode:a b", "must be ATTRIBUTE:VALUE of letters, digits and . _ : / -" },
		{ "urn:altinn:accesspackage:regnskapsforer-lonn", NULL },
		{ "urn:altinn:external-role:ccr:daglig-leder", NULL },
		{ "urn:altinn:external-role:cra:x", NULL },
		{ "urn:altinn:external-role:xyz:x", "unknown attribute urn:altinn:external-role:xyz" },
		{ "urn:altinn:person:identifier-no:01025161013", "unknown attribute urn:altinn:person:identifier-no" },
		{ "urn:scope:a", "unknown attribute urn:scope" },
		{ "URN:altinn:rolecode:dagl", "unknown attribute URN:altinn:rolecode" },
		{ "dagl", "must be ATTRIBUTE:VALUE" },
		{ ":dagl", "must be ATTRIBUTE:VALUE" },
		{ "a\nb:c", "must be ATTRIBUTE:VALUE" },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		const char *why = policy_subject_fault(&a, str_of(cases[i].subject));
		if (!why != !cases[i].want || (why && strcmp(why, cases[i].want) != 0))
			fail_msg("%s: %s", cases[i].subject, why ? why : "(sound)");
	}
}

static void test_policy_subject__kinds(void **state)
{
	(void)state;
	static const struct {
		const char *subject, *value;
		enum policy_subject_kind kind;
	} cases[] = {
		// clang-format off
		{ "urn:altinn:partytype:person", "person", SUBJECT_PARTY_TYPE },
		{ "urn:altinn:organizationnumber:810419512", "810419512", SUBJECT_ORGNO },
		{ "urn:altinn:organization:identifier-no:810419512", "810419512", SUBJECT_ORGNO },
		{ "urn:altinn:org:skd", "skd", SUBJECT_OWNER_CODE },
		{ "urn:altinn:access-list:ttd:banks", "ttd:banks", SUBJECT_ACCESS_LIST },
		{ "urn:altinn:rolecode:dagl", "dagl", SUBJECT_PERSON_CODE },
		{ "urn:altinn:external-role:ccr:daglig-leder", "daglig-leder", SUBJECT_PERSON_CODE },
		{ "urn:altinn:organisation:1", "untouched", SUBJECT_UNKNOWN },
		{ "", "untouched", SUBJECT_UNKNOWN },
		// clang-format on
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		struct str value = STR("untouched");
		if (policy_subject_parse(str_of(cases[i].subject), &value) != cases[i].kind)
			fail_msg("%s is of another kind", cases[i].subject);
		CHECK_STR(value, str_of(cases[i].value));
	}
}

static void test_policy_subject__only_codes_lose_their_letter_case(void **state)
{
	(void)state;
	static const struct {
		const char *subject, *want;
	} cases[] = {
		{ "urn:altinn:rolecode:DAGL", "urn:altinn:rolecode:dagl" },
		{ "urn:altinn:org:SKD", "urn:altinn:org:skd" },
		{ "urn:altinn:access-list:ttd:Banks", "urn:altinn:access-list:ttd:Banks" },
		{ "urn:altinn:partytype:Person", "urn:altinn:partytype:Person" },
		{ "Unknown:A", "Unknown:A" },
	};
	CLEANUP(arena_finish) struct arena a = { 0 };
	for (size_t i = 0; i < LEN(cases); i++)
		CHECK_STR(policy_subject_canonical(&a, str_of(cases[i].subject)), str_of(cases[i].want));
}

static void test_policy_subject__is_made_of_attribute_and_value(void **state)
{
	(void)state;
	static const struct {
		const char *attribute, *value;
		bool any_case;
		const char *subject, *why;
	} cases[] = {
		// clang-format off
		{ "urn:altinn:rolecode", "DAGL", false, "urn:altinn:rolecode:dagl", NULL },
		{ "urn:altinn:partytype", "Organization", true, "urn:altinn:partytype:organization", NULL },
		{ "urn:altinn:partytype", "Organization", false, NULL, "the party type must be organization or person" },
		{ "urn:altinn:access-list", "ttd:Banks", true, "urn:altinn:access-list:ttd:Banks", NULL },
		{ "urn:altinn", "rolecode:dagl", false, NULL, "unknown attribute" },
		{ "urn:altinn:external-role", "ccr:daglig-leder", false, NULL, "unknown attribute" },
		{ "urn:altinn:rolecodes", "dagl", false, NULL, "unknown attribute" },
		// clang-format on
	};
	CLEANUP(arena_finish) struct arena a = { 0 };
	for (size_t i = 0; i < LEN(cases); i++) {
		struct str subject = STR_NONE;
		const char *why = policy_subject_make(&a, str_of(cases[i].attribute), str_of(cases[i].value),
						      cases[i].any_case, &subject);
		CHECK_STR(str_of(why), str_of(cases[i].why));
		CHECK_STR(subject, str_of(cases[i].subject));
	}
}

static void test_policy_subject__access_list(void **state)
{
	(void)state;
	struct str owner = STR_NONE, list = STR_NONE;
	CHECK(policy_subject_access_list(STR("urn:altinn:access-list:ttd:banks"), &owner, &list));
	CHECK_STR(owner, STR("ttd"));
	CHECK_STR(list, STR("banks"));
	CHECK(!policy_subject_access_list(STR("urn:altinn:rolecode:a:b"), &owner, &list));
	CHECK(!policy_subject_access_list(STR("urn:altinn:access-list:ttd"), &owner, &list));
}

T_MAIN(cmocka_unit_test(test_policy_subject__faults), cmocka_unit_test(test_policy_subject__kinds),
       cmocka_unit_test(test_policy_subject__only_codes_lose_their_letter_case),
       cmocka_unit_test(test_policy_subject__is_made_of_attribute_and_value),
       cmocka_unit_test(test_policy_subject__access_list))
