#include "registry_xacml_kit.h"

/* ---- what is taken, and what it becomes ---- */

#define R "urn:altinn:rolecode:"
#define TYPE_ORG "urn:altinn:partytype:organization"
#define WITH(function) RULE(ANY(ALL(MATCH_BY(function, SUBJECT, "urn:altinn:rolecode", "DAGL"))) HERE ASK)
#define BY(algorithm) POLICY_AS(algorithm, "<x:Target/>", SOUND)

static const struct taken {
	const char *xml, *want;
} takens[] = {
	// clang-format off
	{ POLICY(SOUND), "0 requestconsent: " TYPE_ORG },
	{ POLICY(SOUND LEVEL("3")), "3 requestconsent: " TYPE_ORG },
	{ POLICY(SOUND LEVEL(" 0 ")), "0 requestconsent: " TYPE_ORG },
	{ POLICY(SOUND LEVEL_AS(LEVEL_ID, "Permit", LEVEL_CATEGORY "-org", XS_INTEGER, "4")), "0 requestconsent: " TYPE_ORG },
	{ POLICY(SOUND LEVEL_AS(LEVEL_ID, "Permit", LEVEL_CATEGORY "-systemuser", XS_INTEGER, "4")), "0 requestconsent: " TYPE_ORG },
	{ POLICY(SOUND LEVEL_AS("urn:ttd:obligation:1", "Permit", LEVEL_CATEGORY, XS_INTEGER, "3")), "3 requestconsent: " TYPE_ORG },
	{ POLICY(SOUND LEVEL("4") LEVEL("2")), "4 requestconsent: " TYPE_ORG },
	/* AnyOf are alternatives, AllOf hold together, the groups all hold */
	{ POLICY(RULE(ANY(ALL(ROLE("priv")) ALL(ROLE("dagl"))) HERE ANY(ALL(ACT("consent")) ALL(ACT("read"))))),
	  "0 consent,read: " R "priv | " R "dagl" },
	{ POLICY(RULE(ANY(ALL(ORG WHO("access-list", "ttd:Banker"))) HERE ASK)),
	  "0 requestconsent: " TYPE_ORG " & urn:altinn:access-list:ttd:Banker" },
	{ POLICY(RULE(ANY(ALL(ORG)) ANY(ALL(WHO("access-list", "ttd:a")) ALL(WHO("access-list", "ttd:b"))) HERE ASK)),
	  "0 requestconsent: " TYPE_ORG " & urn:altinn:access-list:ttd:a | " TYPE_ORG " & urn:altinn:access-list:ttd:b" },
	{ POLICY(RULE(ANY(ALL(ROLE("a")) ALL(ROLE("b"))) ANY(ALL(ROLE("b")) ALL(ROLE("c"))) HERE ASK)),
	  "0 requestconsent: " R "a & " R "b | " R "a & " R "c | " R "b | " R "b & " R "c" },
	{ POLICY(RULE(ANY(ALL(ROLE("a") FOR("r") ACT("read")) ALL(ROLE("b") FOR("r") ACT("consent"))))),
	  "0 read: " R "a; consent: " R "b" },
	{ POLICY(RULE(ANY(ALL(ROLE("a") ACT("read")) ALL(ROLE("a") ACT("consent")) ALL(ROLE("b") ACT("write"))) HERE)),
	  "0 read,consent: " R "a; write: " R "b" },
	{ POLICY(RULE(ANY(ALL(ROLE("a")) ALL(ROLE("a"))) HERE ANY(ALL(ACT("read")) ALL(ACT("READ"))))), "0 read: " R "a" },
	{ POLICY(RULE(ANY(ALL(ROLE("a") ROLE("a"))) ANY(ALL(ACT("read"))))), "0 read: " R "a" },
	/* a rule for another resource does not count, nor what can never hold */
	{ POLICY(RULE(ANY(ALL(ROLE("a"))) ANY(ALL(FOR("other"))) ASK) SOUND), "0 requestconsent: " TYPE_ORG },
	{ POLICY(RULE(ANY(ALL(ROLE("a")) ALL(ROLE("b") FOR("other"))) HERE ASK)), "0 requestconsent: " R "a" },
	{ POLICY(RULE(ANY(ALL(ROLE("a"))) ANY(ALL(FOR("other")) ALL(FOR("r"))) ASK)), "0 requestconsent: " R "a" },
	{ POLICY(RULE(ANY(ALL(ROLE("a"))) ANY(ALL(FOR("R"))) ASK) SOUND), "0 requestconsent: " TYPE_ORG },
	{ POLICY(RULE(ANY(ALL(ROLE("a"))) ANY(ALL(MATCH_BY(EQ_ANY, RESOURCE_CATEGORY, "urn:altinn:resource", "R"))) ASK)),
	  "0 requestconsent: " R "a" },
	{ POLICY(RULE(ANY(ALL(ROLE("a"))) ANY(ALL(ACT("read") ACT("write"))) HERE) SOUND), "0 requestconsent: " TYPE_ORG },
	{ POLICY(RULE(ANY(ALL(ROLE("a"))) ANY(ALL(ACT("read"))) ANY(ALL(ACT("write")) ALL(ACT("read"))) HERE)), "0 read: " R "a" },
	/* the policy's own target */
	{ POLICY_AS(COMBINE "deny-overrides", "<x:Target>" HERE "</x:Target>", SOUND), "0 requestconsent: " TYPE_ORG },
	/* letter case: codes have none, names have */
	{ POLICY(WITH(EQ)), "0 requestconsent: " R "dagl" },
	{ POLICY(WITH(EQ_ANY)), "0 requestconsent: " R "dagl" },
	{ POLICY(WITH("urn:oasis:names:tc:xacml:1.0:function:string-equal-ignore-case")), "0 requestconsent: " R "dagl" },
	{ POLICY(WITH("urn:oasis:names:tc:xacml:3.0:function:string-equal")), "0 requestconsent: " R "dagl" },
	{ POLICY(RULE(ANY(ALL(MATCH_BY(EQ_ANY, SUBJECT, "urn:altinn:partytype", "Organization"))) HERE ASK)),
	  "0 requestconsent: " TYPE_ORG },
	{ POLICY(RULE(ANY(ALL(MATCH_BY(EQ_ANY, SUBJECT, "urn:altinn:access-list", "ttd:Banker"))) HERE ASK)),
	  "0 requestconsent: urn:altinn:access-list:ttd:Banker" },
	/* every attribute */
	{ POLICY(RULE(ANY(ALL(WHO("partytype", "person")) ALL(WHO("org", "SKD")) ALL(WHO("organization:identifier-no", "810419512"))
			  ALL(WHO("organizationnumber", "810419512")) ALL(WHO("accesspackage", "regnskapsforer-lonn"))
			  ALL(WHO("external-role:ccr", "daglig-leder")) ALL(WHO("external-role:cra", "x"))) HERE ASK)),
	  "0 requestconsent: urn:altinn:partytype:person | urn:altinn:org:skd | urn:altinn:organization:identifier-no:810419512 | "
	  "urn:altinn:organizationnumber:810419512 | urn:altinn:accesspackage:regnskapsforer-lonn | "
	  "urn:altinn:external-role:ccr:daglig-leder | urn:altinn:external-role:cra:x" },
	/* ways to combine that mean the same where nothing denies */
	{ BY(COMBINE "ordered-deny-overrides"), "0 requestconsent: " TYPE_ORG },
	{ BY(COMBINE "permit-overrides"), "0 requestconsent: " TYPE_ORG },
	{ BY(COMBINE "ordered-permit-overrides"), "0 requestconsent: " TYPE_ORG },
	{ BY("urn:oasis:names:tc:xacml:1.0:rule-combining-algorithm:deny-overrides"), "0 requestconsent: " TYPE_ORG },
	{ BY("urn:oasis:names:tc:xacml:1.0:rule-combining-algorithm:permit-overrides"), "0 requestconsent: " TYPE_ORG },
	{ BY("urn:oasis:names:tc:xacml:1.1:rule-combining-algorithm:ordered-deny-overrides"), "0 requestconsent: " TYPE_ORG },
	{ BY("urn:oasis:names:tc:xacml:1.1:rule-combining-algorithm:ordered-permit-overrides"), "0 requestconsent: " TYPE_ORG },
	/* how it is written does not matter */
	{ "\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?>\n<!-- c -->\n" POLICY("\n\t<!-- c --><?p i?>" SOUND) "\n",
	  "0 requestconsent: " TYPE_ORG },
	{ "<?xml version='1.0' encoding='utf-16'?>" POLICY("<x:Description>\xC3\xA6</x:Description>" SOUND), "0 requestconsent: " TYPE_ORG },
	{ "<Policy xmlns='" NS "' xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:schemaLocation='a b' RuleCombiningAlgId='"
	  COMBINE "deny-overrides'><Target/><x:Rule xmlns:x='" NS "' Effect='Permit'><x:Description>&lt;Condition/></x:Description>"
	  "<x:Target>" ANY(ALL(ROLE("<![CDATA[dagl]]>"))) HERE ASK "</x:Target></x:Rule></Policy>", "0 requestconsent: " R "dagl" },
	{ "<!-- <x a='' b='' c='' d='' e='' f='' g='' h='' i='' j='' k='' l='' m='' n='' o='' p='' q='' /> -->"
	  POLICY("<x:Description><![CDATA[<x =================>]]></x:Description>" SOUND), "0 requestconsent: " TYPE_ORG },
	{ "<Policy xmlns='" NS "' xmlns:x='" NS "' xmlns:i='u' i:a='=================' RuleCombiningAlgId='" COMBINE "deny-overrides'><Target/>"
	  SOUND "</Policy>", "0 requestconsent: " TYPE_ORG },
	{ POLICY(RULE(ANY(ALL(ROLE("da&#103;l"))) HERE ASK)), "0 requestconsent: " R "dagl" },
	// clang-format on
};

static void test_xacml__compiles(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(takens); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct policy p;
		struct str err = STR_NONE;
		if (xacml_compile(&a, str_of(takens[i].xml), STR("r"), &p, &err) != RC_OK)
			fail_msg("%s\n%.*s", takens[i].xml, STR_FMT(err));
		struct str got = policy_text(&a, &p);
		if (!str_is(got, takens[i].want))
			fail_msg("%s\nwant %s\n got %.*s", takens[i].xml, takens[i].want, STR_FMT(got));
	}
}

/* ---- what is refused, and why ---- */

#define IN_POLICY(more) POLICY(SOUND more)
#define IN_RULE(more) POLICY("<x:Rule Effect='Permit'><x:Target>" ANY(ALL(ORG)) HERE ASK "</x:Target>" more "</x:Rule>")
#define IN_MATCH(inside) POLICY(RULE(ANY(ALL("<x:Match MatchId='" EQ "'>" inside "</x:Match>")) HERE ASK))
#define WHO_IS(subject) POLICY(RULE(ANY(ALL(subject)) HERE ASK))
#define ROLE_ID DESIGNATOR(SUBJECT, "urn:altinn:rolecode")

static const struct refused {
	const char *xml, *want;
} refuseds[] = {
	// clang-format off
	{ "", "line 1: no well-formed XML: Document is empty" },
	{ "<a", "line 1: no well-formed XML: Couldn't find end of Start Tag a line 1" },
	{ "<a>\n</b>", "line 2: no well-formed XML: Opening and ending tag mismatch: a line 1 and b" },
	{ "<Policy/>", "line 1: <Policy> is not supported here" },
	{ "<Policy xmlns='urn:oasis:names:tc:xacml:2.0:policy:schema:os'/>", "line 1: <Policy> is not supported here" },
	{ "<x:PolicySet xmlns:x='" NS "'>" POLICY(SOUND) "</x:PolicySet>", "line 1: <PolicySet> is not supported here" },
	{ "<x:Policy/>", "line 1: no well-formed XML: Namespace prefix x on Policy is not defined" },
	{ POLICY(""), "line 1: no rule is for resource r" },
	{ POLICY(RULE(ANY(ALL(ORG)) ANY(ALL(FOR("other"))) ASK)), "line 1: no rule is for resource r" },
	{ POLICY(RULE(ANY(ALL(ORG)) HERE ANY(ALL(FOR("other"))) ASK)), "line 1: no rule is for resource r" },
	{ POLICY_AS(COMBINE "deny-overrides", "<x:Target>" ANY(ALL(FOR("s"))) "</x:Target>", SOUND), "line 1: <Target> is not for resource r" },
	{ POLICY_AS(COMBINE "deny-overrides", "<x:Target>" ANY(ALL(ORG)) "</x:Target>", SOUND),
	  "line 1: <Target> of <Policy> may name the resource only" },
	{ POLICY_AS(COMBINE "deny-overrides", "<x:Target>" ASK "</x:Target>", SOUND),
	  "line 1: <Target> of <Policy> may name the resource only" },
	{ POLICY_AS(COMBINE "deny-overrides", "", SOUND), "line 1: <Policy> needs one <Target>" },
	{ POLICY_AS(COMBINE "deny-overrides", "<x:Target/><x:Target/>", SOUND), "line 1: <Policy> needs one <Target>" },
	{ BY(COMBINE "permit-unless-deny"), "line 1: RuleCombiningAlgId " COMBINE "permit-unless-deny is not supported" },
	{ BY(COMBINE "deny-overrides2"), "line 1: RuleCombiningAlgId " COMBINE "deny-overrides2 is not supported" },
	{ BY(""), "line 1: RuleCombiningAlgId of <Policy> is missing" },
	/* elements outside */
	{ IN_RULE("\n<x:Condition/>"), "line 2: <Condition> is not supported here" },
	{ IN_RULE("<x:ObligationExpressions/>"), "line 1: <ObligationExpressions> is not supported here" },
	{ IN_RULE("<x:AdviceExpressions/>"), "line 1: <AdviceExpressions> is not supported here" },
	{ IN_POLICY("<x:VariableDefinition/>"), "line 1: <VariableDefinition> is not supported here" },
	{ IN_POLICY("<x:PolicyIssuer/>"), "line 1: <PolicyIssuer> is not supported here" },
	{ IN_POLICY("<x:PolicyDefaults/>"), "line 1: <PolicyDefaults> is not supported here" },
	{ IN_POLICY("<x:CombinerParameters/>"), "line 1: <CombinerParameters> is not supported here" },
	{ IN_POLICY("<x:AdviceExpressions/>"), "line 1: <AdviceExpressions> is not supported here" },
	{ IN_POLICY("<Rule/>"), "line 1: <Rule> is not supported here" },
	{ IN_POLICY("<x:AnyOf/>"), "line 1: <AnyOf> is not supported here" },
	{ IN_MATCH(VALUE("a") "<x:AttributeSelector/>"), "line 1: <AttributeSelector> is not supported here" },
	{ IN_MATCH("<x:Apply/>"), "line 1: <Apply> is not supported here" },
	{ IN_POLICY("text"), "line 1: <Policy> holds text" },
	{ IN_POLICY("<![CDATA[text]]>"), "line 1: <Policy> holds text" },
	{ IN_MATCH(VALUE("da<!-- -->gl") ROLE_ID), "line 1: <AttributeValue> holds more than text" },
	{ IN_MATCH(VALUE("<x:b/>") ROLE_ID), "line 1: <b> is not supported here" },
	{ IN_POLICY("<x:Rule Effect='Permit' Condition='c'><x:Target/></x:Rule>"), "line 1: Condition of <Rule> is not supported" },
	/* rules */
	{ POLICY(SOUND "\n\n<x:Rule Effect='Deny'><x:Target>" ANY(ALL(ORG)) HERE ASK "</x:Target></x:Rule>"), "line 3: Effect must be Permit" },
	{ POLICY(SOUND "<x:Rule Effect='permit'><x:Target>" ANY(ALL(ORG)) HERE ASK "</x:Target></x:Rule>"), "line 1: Effect must be Permit" },
	{ POLICY("<x:Rule><x:Target/></x:Rule>"), "line 1: Effect of <Rule> is missing" },
	{ POLICY("<x:Rule Effect='Permit'/>"), "line 1: <Rule> is empty" },
	{ POLICY("<x:Rule Effect='Permit'><x:Description/></x:Rule>"), "line 1: <Rule> needs one <Target>" },
	{ POLICY(RULE("")), "line 1: <Rule> holds for every action" },
	{ POLICY(RULE(HERE ASK)), "line 1: <Rule> holds for every subject" },
	{ POLICY(RULE(ANY(ALL(ORG)) HERE)), "line 1: <Rule> holds for every action" },
	{ POLICY(RULE(ANY(ALL(ORG) ALL(FOR("r"))) ASK)), "line 1: <Rule> holds for every subject" },
	{ POLICY(RULE(ANY(ALL(ORG) ALL(ORG ACT("read"))) HERE)), "line 1: <Rule> holds for every action" },
	{ POLICY(RULE(ANY(ALL(ORG)) "<x:AnyOf/>" HERE ASK)), "line 1: <AnyOf> is empty" },
	{ POLICY(RULE(ANY(ALL(ORG) "<x:AllOf/>") HERE ASK)), "line 1: <AllOf> is empty" },
	/* matches */
	{ WHO_IS(MATCH_BY("urn:oasis:names:tc:xacml:1.0:function:string-regexp-match", SUBJECT, "urn:altinn:rolecode", "d")),
	  "line 1: MatchId urn:oasis:names:tc:xacml:1.0:function:string-regexp-match is not supported" },
	{ WHO_IS(MATCH("urn:oasis:names:tc:xacml:3.0:attribute-category:environment", "urn:altinn:rolecode", "d")),
	  "line 1: Category urn:oasis:names:tc:xacml:3.0:attribute-category:environment is not supported" },
	{ WHO_IS(MATCH(SUBJECT, "urn:altinn:party:uuid", "d")), "line 1: subject urn:altinn:party:uuid: unknown attribute" },
	{ WHO_IS(MATCH(SUBJECT, "urn:altinn", "rolecode:dagl")), "line 1: subject urn:altinn: unknown attribute" },
	{ WHO_IS(MATCH(SUBJECT, "urn:altinn:external-role", "ccr:x")), "line 1: subject urn:altinn:external-role: unknown attribute" },
	{ WHO_IS(WHO("partytype", "Organization")), "line 1: subject urn:altinn:partytype: the party type must be organization or person" },
	{ WHO_IS(WHO("organization:identifier-no", "810419513")),
	  "line 1: subject urn:altinn:organization:identifier-no: is no organisation number" },
	{ WHO_IS(WHO("access-list", "banker")), "line 1: subject urn:altinn:access-list: must be urn:altinn:access-list:OWNER:LIST" },
	{ WHO_IS(ROLE(" dagl ")), "line 1: subject urn:altinn:rolecode: must be ATTRIBUTE:VALUE of letters, digits and . _ : / -" },
	{ WHO_IS(ROLE("")), "line 1: <AttributeValue> is empty" },
	{ POLICY(RULE(ANY(ALL(ORG)) ANY(ALL(MATCH(RESOURCE_CATEGORY, "urn:altinn:app", "r"))) ASK)),
	  "line 1: resource attribute urn:altinn:app is not supported" },
	{ POLICY(RULE(ANY(ALL(ORG)) HERE ANY(ALL(MATCH(ACTION_CATEGORY, "urn:altinn:action", "r"))))),
	  "line 1: action attribute urn:altinn:action is not supported" },
	{ POLICY(RULE(ANY(ALL(ORG)) HERE ANY(ALL(ACT("read write"))))), "line 1: an action must be letters, digits and . _ : -" },
	{ IN_MATCH(VALUE("a")), "line 1: <Match> needs one <AttributeDesignator>" },
	{ IN_MATCH(ROLE_ID), "line 1: <Match> needs one <AttributeValue>" },
	{ IN_MATCH(VALUE("a") VALUE("b") ROLE_ID), "line 1: <Match> needs one <AttributeValue>" },
	{ IN_MATCH("<x:AttributeValue>a</x:AttributeValue>" ROLE_ID), "line 1: DataType of <AttributeValue> is missing" },
	{ IN_MATCH("<x:AttributeValue DataType='" XS_INTEGER "'>1</x:AttributeValue>" ROLE_ID), "line 1: DataType must be " XS_STRING },
	{ IN_MATCH(VALUE("a") "<x:AttributeDesignator AttributeId='a' Category='b' DataType='c'/>"), "line 1: DataType must be " XS_STRING },
	{ IN_MATCH(VALUE("a") "<x:AttributeDesignator AttributeId='a' Category='" SUBJECT "' DataType='" XS_STRING "' Issuer='i'/>"),
	  "line 1: Issuer of <AttributeDesignator> is not supported" },
	{ IN_MATCH(VALUE("a") "<x:AttributeDesignator>t</x:AttributeDesignator>"), "line 1: <AttributeDesignator> holds text" },
	/* obligations */
	{ IN_POLICY(LEVEL("5")), "line 1: an authentication level must be 0 to 4" },
	{ IN_POLICY(LEVEL("-1")), "line 1: an authentication level must be 0 to 4" },
	{ IN_POLICY(LEVEL("3.0")), "line 1: an authentication level must be 0 to 4" },
	{ IN_POLICY(LEVEL_AS(LEVEL_ID, "Permit", LEVEL_CATEGORY "-org", XS_INTEGER, "5")), "line 1: an authentication level must be 0 to 4" },
	{ IN_POLICY(LEVEL_AS(LEVEL_ID, "Deny", LEVEL_CATEGORY, XS_INTEGER, "3")), "line 1: FulfillOn must be Permit" },
	{ IN_POLICY(LEVEL_AS(LEVEL_ID, "Permit", LEVEL_CATEGORY, XS_STRING, "3")), "line 1: DataType must be " XS_INTEGER },
	{ IN_POLICY(LEVEL_AS(LEVEL_ID, "Permit", "urn:altinn:other", XS_INTEGER, "3")), "line 1: Category urn:altinn:other is not supported" },
	{ IN_POLICY(LEVEL_AS("urn:altinn:obligation:log", "Permit", "urn:altinn:log", XS_INTEGER, "3")),
	  "line 1: Category urn:altinn:log is not supported" },
	/* document types, and what comes with them */
	{ "<!DOCTYPE x>" POLICY(SOUND), "line 1: a document type is not supported" },
	{ "\n<!DOCTYPE x SYSTEM 'file:///etc/passwd'>" POLICY(SOUND), "line 2: a document type is not supported" },
	{ "<!DOCTYPE x [<!ENTITY e 'dagl'>]>" WHO_IS(ROLE("&e;")), "line 1: a document type is not supported" },
	{ WHO_IS(ROLE("&e;")), "line 1: no well-formed XML: Entity 'e' not defined" },
	{ "<x:Policy xmlns:x='" NS "' PolicyId='p\n'><a\nb='c'/></x:Policy>", "line 3: <a> is not supported here" },
	{ "<x:Policy xmlns:x='" NS "' RuleCombiningAlgId='&#10;b'><x:Target/></x:Policy>", "line 1: RuleCombiningAlgId ?b is not supported" },
	// clang-format on
};

static void check_refused(struct str xml, const char *want)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct policy p = { .min_level = -7 };
	struct str err = STR_NONE;
	CHECK_RC(xacml_compile(&a, xml, STR("r"), &p, &err), RC_INVALID);
	assert_int_equal(p.min_level, -7); /* outputs are written on success only */
	if (!str_is(err, want))
		fail_msg("%.*s\nwant %s\n got %.*s", (int)(xml.n < 3000 ? xml.n : 3000), xml.p, want, STR_FMT(err));
}

static void test_xacml__refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(refuseds); i++)
		check_refused(str_of(refuseds[i].xml), refuseds[i].want);
}

static void test_xacml__faults_are_one_short_line(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct buf b = BUF(&a);
	buf_lit(&b, "<x:Policy xmlns:x='" NS "'><x:");
	for (int i = 0; i < 5000; i++)
		buf_lit(&b, "\xC3\xA6");
	buf_lit(&b, "/></x:Policy>");
	struct policy p;
	struct str err = STR_NONE;
	CHECK_RC(xacml_compile(&a, buf_str(&b), STR("r"), &p, &err), RC_INVALID);
	CHECK(err.n < 200 && str_utf8(err) && str_find(err, STR("\n")) < 0);
}

/* The attributes are counted in UTF-8, so nothing else may reach the parser. */
static void test_xacml__other_encodings(void **state)
{
	(void)state;
	static const struct str files[] = {
		STR_INIT("\xFF\xFE<\0a\0/\0>\0"),
		STR_INIT("\xFE\xFF\0<\0a\0/\0>"),
		STR_INIT("<?xml version='1.0' encoding='UTF-7'?>+ADw-a/>"),
	};
	for (size_t i = 0; i < LEN(files); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct policy p;
		struct str err = STR_NONE;
		CHECK_RC(xacml_compile(&a, files[i], STR("r"), &p, &err), RC_INVALID);
		CHECK(str_starts(err, STR("line 1: no well-formed XML: ")));
	}
}

/* ---- limits ---- */

#define OPEN "<x:Policy xmlns:x='" NS "' xmlns='" NS "' RuleCombiningAlgId='" COMBINE "deny-overrides'><x:Target/>"
#define PADDING (XACML_MAX_BYTES - sizeof(OPEN SOUND "</x:Policy>") + 1)

/* head, n items, tail; ~ is the item's number, @ a group of ten alternatives. Another fault or none with `n`, this one
 * with n + 1. */
static const struct limit {
	const char *head, *item, *tail;
	size_t n;
	const char *want;
} limits[] = {
	// clang-format off
	{ OPEN SOUND, " ", "</x:Policy>", PADDING, "line 1: the file is too large" },
	{ OPEN SOUND, "<Description/>", "</x:Policy>", XACML_MAX_ELEMENTS - 19, "line 1: too many elements" },
	{ OPEN SOUND "<x:Description", " a~=''", "/></x:Policy>", XACML_MAX_ATTRIBUTES, "line 1: too many attributes" },
	{ "<!-- > --><x:Policy xmlns:x='" NS "'", " xmlns:n~=\"'>=\"", "><x:Target/></x:Policy>", XACML_MAX_ATTRIBUTES - 1,
	  "line 1: too many attributes" },
	{ "", "<x>", "", XACML_MAX_DEPTH, "line 1: elements stand too deep inside each other" },
	{ OPEN, SOUND, "</x:Policy>", XACML_MAX_RULES, "line 1: <Policy> has more than 100 rules" },
	{ OPEN, RULE("@@@" ASK), "</x:Policy>", 9, "line 1: more than 20000 alternatives in all when multiplied out" },
	{ OPEN "<x:Rule Effect='Permit'><x:Target>" "@@<x:AnyOf>", ALL(ORG), "</x:AnyOf>" ASK "</x:Target></x:Rule></x:Policy>", 10,
	  "line 1: more than 1000 alternatives when multiplied out" },
	{ OPEN "<x:Rule Effect='Permit'><x:Target><x:AnyOf><x:AllOf>", ROLE("r~"), "</x:AllOf></x:AnyOf>" ASK "</x:Target></x:Rule></x:Policy>",
	  XACML_MAX_SUBJECTS, "line 1: more than 10 subjects must hold at once" },
	{ OPEN "<x:Rule Effect='Permit'><x:Target>", ANY(ALL(ROLE("r~"))), ASK "</x:Target></x:Rule></x:Policy>",
	  XACML_MAX_SUBJECTS, "line 1: more than 10 subjects must hold at once" },
	{ OPEN "<x:Rule Effect='Permit'><x:Target>" ANY(ALL(ORG)) "<x:AnyOf>", ALL(ACT("a~")), "</x:AnyOf></x:Target></x:Rule></x:Policy>",
	  XACML_MAX_ACTIONS, "line 1: <Rule> has more than 20 actions" },
	{ OPEN "<x:Rule Effect='Permit'><x:Target>" "<x:AnyOf><x:AllOf><x:Match MatchId='" EQ "'><x:AttributeValue DataType='" XS_STRING "'>", "v",
	  "</x:AttributeValue>" DESIGNATOR(SUBJECT, "urn:altinn:rolecode") "</x:Match></x:AllOf></x:AnyOf>" ASK "</x:Target></x:Rule></x:Policy>",
	  XACML_MAX_VALUE, "line 1: <AttributeValue> is too long" },
	{ "<x:Policy xmlns:x='" NS "' RuleCombiningAlgId='", "v", "'><x:Target/></x:Policy>", XACML_MAX_VALUE,
	  "line 1: RuleCombiningAlgId of <Policy> is too long" },
	// clang-format on
};

static void put(struct buf *b, const char *text, size_t number)
{
	for (; *text; text++) {
		if (*text == '~')
			buf_i64(b, (int64_t)number);
		else if (*text != '@')
			buf_c(b, *text);
		for (int i = 0; *text == '@' && i < 10; i++)
			buf_z(b, i == 0 ? "<x:AnyOf>" ALL(ORG) : i == 9 ? ALL(ORG) "</x:AnyOf>" : ALL(ORG));
	}
}

static bool limit_says(const struct limit *l, size_t n)
{
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct buf b = BUF(&a);
	struct policy p;
	struct str err = STR_NONE;
	put(&b, l->head, 0);
	for (size_t i = 0; i < n; i++)
		put(&b, l->item, i);
	put(&b, l->tail, 0);
	enum rc rc = xacml_compile(&a, buf_str(&b), STR("r"), &p, &err);
	return rc == RC_INVALID && str_is(err, l->want);
}

static void test_xacml__limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(limits); i++) {
		if (limit_says(&limits[i], limits[i].n))
			fail_msg("refused at the limit: %s", limits[i].want);
		if (!limit_says(&limits[i], limits[i].n + 1))
			fail_msg("not refused: %s", limits[i].want);
	}
}

T_MAIN(cmocka_unit_test(test_xacml__compiles), cmocka_unit_test(test_xacml__refuses),
       cmocka_unit_test(test_xacml__faults_are_one_short_line), cmocka_unit_test(test_xacml__other_encodings),
       cmocka_unit_test(test_xacml__limits))
