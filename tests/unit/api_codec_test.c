#include "api/codec_internal.h"
#include "t.h"

#define GUID "\"0196b0c0-1234-7abc-8def-0123456789ab\""
#define PERSON "\"urn:altinn:person:identifier-no:01025161013\""
#define BANK "\"urn:altinn:organization:identifier-no:810419512\""
#define PARTY "\"urn:altinn:party:uuid:d5b861c8-8e3b-44cd-9952-5315e5990cf5\""
#define ACTION "\"action\":[\"consent\"]"
#define RESOURCE "\"resource\":[{\"type\":\"urn:altinn:resource\",\"value\":\"r\"}]"
#define RIGHT "{" ACTION "," RESOURCE "}"

static const struct {
	const char *name, *value;
} members[] = {
	{ "id", GUID },
	{ "from", PERSON },
	{ "to", BANK },
	{ "validTo", "\"2026-08-23T10:00:00Z\"" },
	{ "consentRights", "[" RIGHT "]" },
	{ "redirectUrl", "\"https://bank.example\"" },
};

/* The usual body with one member said differently (value NULL: left out), or one more. */
static struct str body_with(struct arena *a, const char *name, const char *value)
{
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	bool there = false;
	jsw_obj(&w);
	for (size_t i = 0; i < LEN(members); i++) {
		bool it = str_is(str_of(name), members[i].name);
		there = there || it;
		if (!it || value)
			jsw_kraw(&w, members[i].name, str_of(it ? value : members[i].value));
	}
	if (!there && value)
		jsw_kraw(&w, name, str_of(value));
	jsw_end_obj(&w);
	return buf_str(&b);
}

static struct bind_error *draft_errors(struct arena *a, struct str body, struct draft *out)
{
	const struct js *o;
	struct binder *b = binder_new(a);
	CHECK_RC(js_parse(a, body, NULL, &o, NULL), RC_OK);
	enum rc rc = codec_draft(b, o, out);
	CHECK((rc == RC_OK) == (b->first == NULL));
	return b->first;
}

static const struct row {
	const char *name, *value, *path;
} rows[] = {
	{ "none", NULL, NULL },
	{ "unknown", "{\"a\":[1]}", NULL },
	{ "handledBy", "7", NULL },
	{ "id", NULL, "$.id" },
	{ "id", "null", "$.id" },
	{ "id", "\"\"", "$.id" },
	{ "id", "7", "$.id" },
	{ "id", "\"0196b0c012347abc8def0123456789ab\"", "$.id" },
	{ "id", "\"{0196b0c0-1234-7abc-8def-0123456789ab}\"", "$.id" },
	{ "id", "\"00000000-0000-0000-0000-000000000000\"", "$.id" },
	{ "id", "\"0196B0C0-1234-7ABC-8DEF-0123456789AB\"", NULL },
	{ "from", NULL, "$.from" },
	{ "from", "null", "$.from" },
	{ "from", "\"01025161013\"", "$.from" },
	{ "from", "\"urn:altinn:person:identifier-no:01025161014\"", "$.from" },
	{ "from", "\"urn:altinn:party:id:501235\"", "$.from" },
	{ "from", "\"urn:altinn:partyid:501235\"", "$.from" },
	{ "from", PARTY, NULL },
	{ "from", BANK, NULL },
	{ "from", "{\"type\":\"urn:altinn:person:identifier-no\",\"value\":\"01025161013\"}", NULL },
	{ "from", "{\"type\":\"urn:altinn:person:identifier-no\"}", "$.from" },
	{ "from", "{\"type\":\"urn:altinn:person:identifier-no\",\"value\":\"01025161013\",\"x\":1}", "$.from" },
	{ "from", "[]", "$.from" },
	{ "to", NULL, "$.to" },
	{ "to", "null", "$.to" },
	{ "to", PERSON, NULL },
	{ "to", "\"urn:altinn:organization:identifier-no:810419513\"", "$.to" },
	{ "to", "\"URN:altinn:organization:identifier-no:810419512\"", "$.to" },
	{ "requiredDelegator", "null", NULL },
	{ "requiredDelegator", PERSON, NULL },
	{ "requiredDelegator", "\"\"", "$.requiredDelegator" },
	{ "requiredDelegator", "\"urn:altinn:party:id:1\"", "$.requiredDelegator" },
	{ "validTo", NULL, "$.validTo" },
	{ "validTo", "null", "$.validTo" },
	{ "validTo", "\"tomorrow\"", "$.validTo" },
	{ "validTo", "1786000000", "$.validTo" },
	{ "validTo", "\"2026-02-30T10:00:00Z\"", "$.validTo" },
	{ "validTo", "\"2026-08-23T10:00:00.1234567+02:00\"", NULL },
	{ "validTo", "\"2026-08-23T10:00:00\"", NULL },
	{ "consentRights", NULL, "$.consentRights" },
	{ "consentRights", "null", "$.consentRights" },
	{ "consentRights", "{}", "$.consentRights" },
	{ "consentRights", "[]", NULL },
	{ "consentRights", "[" RIGHT "," RIGHT "]", NULL },
	{ "consentRights", "[null]", "$.consentRights[0]" },
	{ "consentRights", "[" RIGHT ",\"x\"]", "$.consentRights[1]" },
	{ "consentRights", "[{" RESOURCE "}]", "$.consentRights[0].action" },
	{ "consentRights", "[{\"action\":null," RESOURCE "}]", NULL },
	{ "consentRights", "[{\"action\":[]," RESOURCE "}]", NULL },
	{ "consentRights", "[{\"action\":\"consent\"," RESOURCE "}]", "$.consentRights[0].action" },
	{ "consentRights", "[{\"action\":[null]," RESOURCE "}]", "$.consentRights[0].action[0]" },
	{ "consentRights", "[{\"action\":[\"a\",\"\"]," RESOURCE "}]", "$.consentRights[0].action[1]" },
	{ "consentRights", "[{" ACTION "}]", "$.consentRights[0].resource" },
	{ "consentRights", "[{" ACTION ",\"resource\":null}]", "$.consentRights[0].resource" },
	{ "consentRights", "[{" ACTION ",\"resource\":[]}]", "$.consentRights[0].resource" },
	{ "consentRights", "[{" ACTION ",\"resource\":{}}]", "$.consentRights[0].resource" },
	{ "consentRights", "[{" ACTION ",\"resource\":[1]}]", "$.consentRights[0].resource[0]" },
	{ "consentRights", "[{" ACTION ",\"resource\":[{\"value\":\"r\"}]}]", "$.consentRights[0].resource[0].type" },
	{ "consentRights", "[{" ACTION ",\"resource\":[{\"type\":\"t\"}]}]", "$.consentRights[0].resource[0].value" },
	{ "consentRights", "[{" ACTION ",\"resource\":[{\"type\":\"t\",\"value\":null}]}]",
	  "$.consentRights[0].resource[0].value" },
	{ "consentRights",
	  "[" RIGHT ",{" ACTION ",\"resource\":[{\"type\":\"t\",\"value\":\"a\"},{\"type\":\"t\",\"value\":1}]}]",
	  "$.consentRights[1].resource[1].value" },
	{ "consentRights", "[{" ACTION "," RESOURCE ",\"metadata\":null}]", NULL },
	{ "consentRights", "[{" ACTION "," RESOURCE ",\"metadata\":{}}]", NULL },
	{ "consentRights", "[{" ACTION "," RESOURCE ",\"metaData\":{\"Aar\":\"2024\"}}]", NULL },
	{ "consentRights", "[{" ACTION "," RESOURCE ",\"metadata\":{\"aar\":null}}]", NULL },
	{ "consentRights", "[{" ACTION "," RESOURCE ",\"metadata\":{\"aar\":2024}}]",
	  "$.consentRights[0].metadata.aar" },
	{ "consentRights", "[{" ACTION "," RESOURCE ",\"metadata\":{\"\":\"1\"}}]", "$.consentRights[0].metadata" },
	{ "consentRights", "[{" ACTION "," RESOURCE ",\"metadata\":[]}]", "$.consentRights[0].metadata" },
	{ "requestMessage", "null", NULL },
	{ "requestMessage", "{}", NULL },
	{ "requestMessage", "{\"nb\":\"Hei\",\"en\":\"Hi\"}", NULL },
	{ "requestMessage", "\"Hei\"", "$.requestMessage" },
	{ "requestMessage", "{\"nb\":null}", "$.requestMessage.nb" },
	{ "requestMessage", "{\"nb\":1}", "$.requestMessage.nb" },
	{ "requestMessage", "{\"\":\"x\"}", "$.requestMessage" },
	{ "redirectUrl", NULL, "$.redirectUrl" },
	{ "redirectUrl", "null", NULL },
	{ "redirectUrl", "\"\"", NULL },
	{ "redirectUrl", "1", "$.redirectUrl" },
	{ "redirectUrl", "[]", "$.redirectUrl" },
	{ "portalViewMode", "null", NULL },
	{ "portalViewMode", "\"show\"", NULL },
	{ "portalViewMode", "1", NULL },
	{ "portalViewMode", "\"1\"", NULL },
	{ "portalViewMode", "2", "$.portalViewMode" },
	{ "portalViewMode", "-1", "$.portalViewMode" },
	{ "portalViewMode", "1.0", "$.portalViewMode" },
	{ "portalViewMode", "\"2\"", "$.portalViewMode" },
	{ "portalViewMode", "\"\"", "$.portalViewMode" },
	{ "portalViewMode", "true", "$.portalViewMode" },
	{ "portalViewMode", "\"visible\"", "$.portalViewMode" },
};

static void expect_path(const struct bind_error *e, const char *want, const char *what)
{
	if (!want && e)
		fail_msg("%s: refused at %.*s", what, STR_FMT(e->path));
	if (want && (!e || !str_is(e->path, want)))
		fail_msg("%s: at %.*s, want %s", what, e ? (int)e->path.n : 4, e ? e->path.p : "none", want);
}

static void test_codec__draft_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct draft d;
		struct str body = body_with(&a, rows[i].name, rows[i].value);
		expect_path(draft_errors(&a, body, &d), rows[i].path, arena_cstr(&a, body));
	}
}

static void test_codec__names_in_any_case(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct draft d;
	struct str body =
		STR("{\"ID\":" GUID ",\"From\":" PERSON ",\"TO\":" BANK ",\"VALIDTO\":\"2026-08-23T10:00:00Z\","
		    "\"ConsentRights\":[{\"Action\":[\"read\"],\"Resource\":[{\"Type\":\"urn:altinn:resource\","
		    "\"VALUE\":\"r\"}],\"METADATA\":{\"Aar\":\"2024\"}}],\"REDIRECTURL\":\"https://b.example\","
		    "\"PortalViewMode\":\"SHOW\",\"RequestMessage\":{\"nb\":\"Hei\"}}");
	CHECK(!draft_errors(&a, body, &d));
	assert_int_equal(d.n_rights, 1);
	assert_int_equal(d.rights->n_resources, 1);
	CHECK_STR(d.rights->right.resource, STR("r"));
	CHECK_STR(d.rights->right.actions[0], STR("read"));
	CHECK_STR(d.rights->right.metadata->key, STR("Aar"));
	CHECK_STR(d.message_json, STR("{\"nb\":\"Hei\"}"));
	assert_int_equal(d.view_mode, VIEW_SHOW);
	CHECK(!d.required_delegator.value.p);
}

static void test_codec__first_resource_of_several(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct draft d;
	struct str body = body_with(
		&a, "consentRights",
		"[{" ACTION ",\"resource\":[{\"type\":\"t\",\"value\":\"a\"},{\"type\":\"t\",\"value\":\"b\"}]}]");
	CHECK(!draft_errors(&a, body, &d));
	assert_int_equal(d.rights->n_resources, 2);
	CHECK_STR(d.rights->right.resource, STR("a"));
}

/* ---- limits ---- */

static const char *times(struct arena *a, const char *open, const char *item, size_t n, const char *close)
{
	struct buf b = BUF(a);
	buf_z(&b, open);
	for (size_t i = 0; i < n; i++) {
		if (i && *item != 'x')
			buf_c(&b, ',');
		buf_z(&b, item);
	}
	buf_z(&b, close);
	return buf_cstr(&b);
}

static const char *keyed(struct arena *a, const char *open, size_t n, const char *close)
{
	struct buf b = BUF(a);
	buf_z(&b, open);
	for (size_t i = 0; i < n; i++)
		buf_fmt(&b, "%s\"k%zu\":\"v\"", i ? "," : "", i);
	buf_z(&b, close);
	return buf_cstr(&b);
}

static const char *limit_value(struct arena *a, int which, size_t n)
{
	switch (which) {
	case 0:
		return times(a, "[", RIGHT, n, "]");
	case 1:
		return times(a, "[{\"action\":[", "\"a\"", n, "]," RESOURCE "}]");
	case 2:
		return times(a, "[{" ACTION ",\"resource\":[", "{\"type\":\"t\",\"value\":\"v\"}", n, "]}]");
	case 3:
		return keyed(a, "[{" ACTION "," RESOURCE ",\"metadata\":{", n, "}}]");
	case 4:
		return times(a, "[{\"action\":[\"", "x", n, "\"]," RESOURCE "}]");
	case 5:
		return times(a, "[{" ACTION "," RESOURCE ",\"metadata\":{\"k\":\"", "x", n, "\"}}]");
	case 6:
		return keyed(a, "{", n, "}");
	case 7:
		return times(a, "{\"nb\":\"", "x", n, "\"}");
	case 8:
		return times(a, "\"https://b.example/", "x", n - 18, "\"");
	case 9:
		return times(a, "[{" ACTION ",\"resource\":[{\"type\":\"t\",\"value\":\"", "x", n, "\"}]}]");
	case 10:
		return times(a, "[{" ACTION "," RESOURCE ",\"metadata\":{\"", "x", n, "\":\"v\"}}]");
	default:
		return times(a, "{\"", "x", n, "\":\"v\"}");
	}
}

static void test_codec__limits(void **state)
{
	(void)state;
	static const struct {
		size_t max;
		const char *member, *path;
	} limits[] = {
		{ CONSENT_MAX_RIGHTS, "consentRights", "$.consentRights" },
		{ CONSENT_MAX_ACTIONS, "consentRights", "$.consentRights[0].action" },
		{ CONSENT_MAX_RESOURCES, "consentRights", "$.consentRights[0].resource" },
		{ CONSENT_MAX_METADATA, "consentRights", "$.consentRights[0].metadata" },
		{ CONSENT_MAX_KEY, "consentRights", "$.consentRights[0].action[0]" },
		{ CONSENT_MAX_VALUE, "consentRights", "$.consentRights[0].metadata.k" },
		{ CONSENT_MAX_MESSAGES, "requestMessage", "$.requestMessage" },
		{ CONSENT_MAX_MESSAGE, "requestMessage", "$.requestMessage.nb" },
		{ CONSENT_MAX_REDIRECT, "redirectUrl", "$.redirectUrl" },
		{ CONSENT_MAX_KEY, "consentRights", "$.consentRights[0].resource[0].value" },
		{ CONSENT_MAX_KEY, "consentRights", "$.consentRights[0].metadata" },
		{ CONSENT_MAX_KEY, "requestMessage", "$.requestMessage" },
	};
	for (size_t i = 0; i < LEN(limits); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct draft d;
		struct str fits = body_with(&a, limits[i].member, limit_value(&a, (int)i, limits[i].max));
		struct str over = body_with(&a, limits[i].member, limit_value(&a, (int)i, limits[i].max + 1));
		expect_path(draft_errors(&a, fits, &d), NULL, limits[i].path);
		expect_path(draft_errors(&a, over, &d), limits[i].path, limits[i].path);
	}
}

/* Every single value is within its limit; as it stands in a token, escaped, the whole is n bytes. */
static const char *rights_of(struct arena *a, size_t n, const char *item, size_t item_n)
{
	static const char head[] = "[{" ACTION "," RESOURCE ",\"metadata\":{", tail[] = "}},{" ACTION "," RESOURCE "}]";
	struct buf b = BUF(a);
	size_t left = n - (sizeof head - 1) - (sizeof tail - 1);
	buf_z(&b, head);
	for (size_t i = 0; left; i++) { /* "k00":"…" */
		size_t key = 8 + (i > 0), value = left - key < 900 ? left - key : 900;
		if (left - key - value && left - key - value < 20)
			value -= 20;
		buf_fmt(&b, "%s\"k%02zu\":\"", i ? "," : "", i);
		for (size_t v = value % item_n; v; v--)
			buf_c(&b, 'x');
		for (size_t v = value / item_n; v; v--)
			buf_z(&b, item);
		buf_c(&b, '"');
		left -= key + value;
	}
	buf_z(&b, tail);
	return buf_cstr(&b);
}

static void test_codec__all_rights_fit_a_token(void **state)
{
	(void)state;
	static const struct {
		const char *item;
		size_t in_token; /* bytes */
	} items[] = { { "x", 1 }, { "\\n", 2 }, { "\\u0001", 6 }, { "\xc3\xa6", 2 }, { "\\u00e6", 2 }, { "\\\"", 2 } };
	for (size_t i = 0; i < LEN(items); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct draft d;
		const char *fits = rights_of(&a, CONSENT_MAX_CLAIMS, items[i].item, items[i].in_token);
		const char *over = rights_of(&a, CONSENT_MAX_CLAIMS + 1, items[i].item, items[i].in_token);
		expect_path(draft_errors(&a, body_with(&a, "consentRights", fits), &d), NULL, items[i].item);
		expect_path(draft_errors(&a, body_with(&a, "consentRights", over), &d), "$.consentRights",
			    items[i].item);
	}
}

static void test_codec__errors_are_bounded(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct draft d;
	size_t n = 0;
	struct str body = body_with(&a, "consentRights", times(&a, "[", "1", CONSENT_MAX_RIGHTS, "]"));
	for (struct bind_error *e = draft_errors(&a, body, &d); e; e = e->next)
		n++;
	assert_int_equal(n, BIND_MAX_ERRORS);
}

static void test_codec__lookup(void **state)
{
	(void)state;
	static const struct {
		const char *body, *path;
	} lookups[] = {
		{ "{\"id\":" GUID ",\"from\":" PERSON ",\"to\":" BANK "}", NULL },
		{ "{\"ID\":" GUID ",\"FROM\":" PERSON ",\"To\":" BANK ",\"x\":1}", NULL },
		{ "{\"from\":" PERSON ",\"to\":" BANK "}", NULL },
		{ "{\"id\":null,\"from\":" PERSON ",\"to\":" BANK "}", "$.id" },
		{ "{\"id\":\"x\",\"from\":" PERSON ",\"to\":" BANK "}", "$.id" },
		{ "{\"id\":" GUID ",\"to\":" BANK "}", "$.from" },
		{ "{\"id\":" GUID ",\"from\":null,\"to\":" BANK "}", "$.from" },
		{ "{\"id\":" GUID ",\"from\":" PARTY ",\"to\":" BANK "}", "$.from" },
		{ "{\"id\":" GUID ",\"from\":" PERSON "}", "$.to" },
		{ "{\"id\":" GUID ",\"from\":" PERSON ",\"to\":\"urn:altinn:party:id:1\"}", "$.to" },
	};
	for (size_t i = 0; i < LEN(lookups); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct lookup_request l;
		struct binder *b = binder_new(&a);
		const struct js *o;
		CHECK_RC(js_parse(&a, str_of(lookups[i].body), NULL, &o, NULL), RC_OK);
		CHECK_RC(codec_lookup(b, o, &l), lookups[i].path ? RC_INVALID : RC_OK);
		expect_path(b->first, lookups[i].path, lookups[i].body);
	}
}

static void test_codec__accept(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		enum rc want;
	} accepts[] = {
		{ "{\"language\":\"nb\"}", RC_OK },
		{ "{\"LANGUAGE\":\"en\"}", RC_OK },
		{ "{}", RC_INVALID },
		{ "{\"language\":null}", RC_INVALID },
		{ "{\"language\":1}", RC_INVALID },
		{ "{\"language\":\"\"}", RC_INVALID },
	};
	for (size_t i = 0; i < LEN(accepts); i++) {
		CLEANUP(arena_finish) struct arena a = { 0 };
		struct binder *b = binder_new(&a);
		const struct js *o;
		struct str language;
		CHECK_RC(js_parse(&a, str_of(accepts[i].body), NULL, &o, NULL), RC_OK);
		CHECK_RC(codec_accept(b, o, &language), accepts[i].want);
		expect_path(b->first, accepts[i].want == RC_OK ? NULL : "$.language", accepts[i].body);
	}
}

T_MAIN(cmocka_unit_test(test_codec__draft_table), cmocka_unit_test(test_codec__names_in_any_case),
       cmocka_unit_test(test_codec__first_resource_of_several), cmocka_unit_test(test_codec__limits),
       cmocka_unit_test(test_codec__all_rights_fit_a_token), cmocka_unit_test(test_codec__errors_are_bounded),
       cmocka_unit_test(test_codec__lookup), cmocka_unit_test(test_codec__accept))
