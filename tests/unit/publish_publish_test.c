#include <pthread.h>

#include "publish/publish.h"
#include "consent_world.h"

#define WRITERS 6
#define TTD_LIST(name) ((struct list_id){ STR("ttd"), STR(name) })

/* Small JSON with ' for ". */
static const struct js *json(struct arena *a, const char *text)
{
	const struct js *v;
	char *p = (char *)arena_cstr(a, str_of(text));
	for (char *c = p; *c; c++)
		if (*c == '\'')
			*c = '"';
	CHECK_RC(js_parse(a, str_of(p), NULL, &v, NULL), RC_OK);
	return v;
}

#define AUTHORITY(no, code) "'hasCompetentAuthority':{'organization':'" no "','orgcode':'" code "','name':{'nb':'x'}}"
#define TEXTS "'resourceType':'Consent','title':{'nb':'x'},'consentTemplate':'default','consentText':{'nb':'x'},"
#define BODY(id, more) "{'identifier':'" id "'," TEXTS AUTHORITY(AGENCY, "ttd") more "}"

static struct publisher agency(struct world *w)
{
	return (struct publisher){ .registry = &w->d.registry, .a = &w->a, .orgno = STR(AGENCY) };
}

/* Version of the latest and whether it has a policy: "2p"; "-" when there is none. */
static struct str latest(struct world *w, const char *id)
{
	CLEANUP(registry_releasep) const struct registry *r = registry_hold(&w->d.registry);
	const struct resource *res = registry_resource(r, str_of(id));
	if (!res)
		return STR("-");
	return arena_fmt(&w->a, "%lld%s", (long long)res->version, res->policy.n_rules ? "p" : "");
}

static void test_publish__a_resource_and_its_versions(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *id, *body; /* id NULL: a new one */
		const char *want;
		bool changed;
	} steps[] = {
		{ NULL, BODY("ttd_new", ""), "1", true },
		{ "ttd_new", BODY("ttd_new", ""), "1", false },
		{ "ttd_new", BODY("ttd_new", ",'versionId':9"), "1", false },
		{ "ttd_new", BODY("ttd_new", ",'homepage':null"), "1", false },
		{ "ttd_new",
		  BODY("ttd_new", ",'homepage':'x','policy':{'rules':[{'actions':['a'],'subjects':[["
				  "'urn:altinn:rolecode:priv']]}]}"),
		  "2p", true },
		{ "ttd_new", BODY("ttd_new", ",'homepage':'x'"), "2p", false },
		{ "ttd_new", BODY("ttd_new", ""), "3p", true },
		{ "income", BODY("income", ""), "5p", true },
	};
	for (size_t i = 0; i < LEN(steps); i++) {
		struct publication p;
		struct publisher who = agency(w);
		enum rc rc = publish_resource(&who, str_of(steps[i].id), json(&w->a, steps[i].body), &p);
		if (rc != RC_OK)
			fail_msg("%zu: %s %.*s", i, rc_name(rc), STR_FMT(p.faults));
		CHECK_STR(latest(w, steps[i].id ? steps[i].id : "ttd_new"), str_of(steps[i].want));
		assert_int_equal(p.changed, steps[i].changed);
	}
}

static void test_publish__refusals(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *orgno, *id, *body;
		enum rc rc;
		const char *faults;
	} rows[] = {
		{ AGENCY, NULL, BODY("income", ""), RC_CONFLICT, "" },
		{ AGENCY, "ttd_none", BODY("ttd_none", ""), RC_NOT_FOUND, "" },
		{ BANK, "income", BODY("income", ""), RC_DENIED, "" },
		{ BANK, NULL, BODY("b", ""), RC_DENIED, "" },
		{ BANK, NULL, "{'identifier':'b'," TEXTS AUTHORITY(BANK, "ttd") "}", RC_DENIED, "" },
		{ BANK, NULL, "{'identifier':'b'," TEXTS AUTHORITY(BANK, "bank") "}", RC_DENIED, "" },
		{ AGENCY, "income", "{'identifier':'income'," TEXTS AUTHORITY(BANK, "ttd") "}", RC_DENIED, "" },
		{ AGENCY, "income", BODY("tax", ""), RC_INVALID, "identifier: is not that of the address\n" },
		{ AGENCY, "income", BODY("income", ",'state':'absent'"), RC_INVALID, "state: unknown member\n" },
		{ AGENCY, NULL, BODY("a b", ",'x':1"), RC_INVALID,
		  "identifier: must be letters, digits and . _ -\nx: unknown member\n" },
		{ AGENCY, "income", BODY("income", ",'delegable':1"), RC_INVALID,
		  "delegable: is of type number, must be boolean\n" },
		{ AGENCY, "income", BODY("income", ",'isPartOf':'','consentMetadata':{'A':{}}"), RC_INVALID,
		  "consentMetadata.A: the name must be in lower case\n" },
		{ AGENCY, NULL,
		  "{'identifier':'ttd_x'," TEXTS "'hasCompetentAuthority':{'orgcode':'ttd','name':{'nb':'x'}}}",
		  RC_INVALID, "hasCompetentAuthority.organization: is required\n" },
	};
	struct str before = latest(w, "income");
	for (size_t i = 0; i < LEN(rows); i++) {
		struct publication p;
		struct publisher who = { .registry = &w->d.registry, .a = &w->a, .orgno = str_of(rows[i].orgno) };
		enum rc rc = publish_resource(&who, str_of(rows[i].id), json(&w->a, rows[i].body), &p);
		if (rc != rows[i].rc || !str_is(p.faults, rows[i].faults))
			fail_msg("%zu: %s \"%.*s\"", i, rc_name(rc), STR_FMT(p.faults));
		CHECK((rc == RC_DENIED || rc == RC_CONFLICT) == (p.why != NULL) && !p.changed);
	}
	CHECK_STR(latest(w, "income"), before);
}

/* Members and connections: "810419512;|listed(requestconsent,)". */
static struct str list_text(struct world *w, const char *identifier)
{
	CLEANUP(registry_releasep) const struct registry *r = registry_hold(&w->d.registry);
	const struct access_list *l = registry_access_list(r, STR("ttd"), str_of(identifier));
	struct buf b = BUF(&w->a);
	for (size_t i = 0; l && i < l->n_members; i++)
		buf_fmt(&b, "%.*s;", STR_FMT(l->members[i]));
	buf_c(&b, l ? '|' : '-');
	for (size_t i = 0; l && i < l->n_connections; i++) {
		buf_fmt(&b, "%.*s(", STR_FMT(l->connections[i].resource));
		for (size_t k = 0; k < l->connections[i].n_filters; k++)
			buf_fmt(&b, "%.*s,", STR_FMT(l->connections[i].filters[k]));
		buf_c(&b, ')');
	}
	return buf_str(&b);
}

#define URN(no) "'urn:altinn:organization:identifier-no:" no "'"

static void test_publish__members(void **state)
{
	struct world *w = *state;
	static const struct {
		enum member_change how;
		const char *data, *want;
	} steps[] = {
		{ MEMBERS_ADD, "[" URN(SUPPLIER) "," URN(SUPPLIER) "]", SUPPLIER ";" BANK ";|listed(requestconsent,)" },
		{ MEMBERS_ADD, "[" URN(BANK) "]", SUPPLIER ";" BANK ";|listed(requestconsent,)" },
		{ MEMBERS_REMOVE, "[" URN(BANK) "," URN(NOBODY) "]", SUPPLIER ";|listed(requestconsent,)" },
		{ MEMBERS_REPLACE, "[" URN(NOBODY) "," URN(BANK) "]", BANK ";" NOBODY ";|listed(requestconsent,)" },
		{ MEMBERS_REPLACE, "[]", "|listed(requestconsent,)" },
		{ MEMBERS_REPLACE, "[" URN(BANK) "]", BANK ";|listed(requestconsent,)" },
	};
	struct publication p;
	struct publisher who = agency(w);
	for (size_t i = 0; i < LEN(steps); i++) {
		CHECK_RC(publish_members(&who, TTD_LIST("godkjente"), steps[i].how, json(&w->a, steps[i].data), &p),
			 RC_OK);
		CHECK_STR(list_text(w, "godkjente"), str_of(steps[i].want));
	}
	CHECK_RC(publish_members(&who, TTD_LIST("none"), MEMBERS_ADD, json(&w->a, "[]"), &p), RC_NOT_FOUND);
	CHECK_RC(publish_members(&who, TTD_LIST("godkjente"), MEMBERS_ADD, NULL, &p), RC_INVALID);
	CHECK_RC(publish_members(&who, TTD_LIST("godkjente"), MEMBERS_ADD, json(&w->a, "['x'," URN(BANK) ",1]"), &p),
		 RC_INVALID);
	CHECK_STR(p.faults, STR("data[0]: is no URN of an organisation number\n"
				"data[2]: is no URN of an organisation number\n"));
	who.orgno = STR(BANK);
	CHECK_RC(publish_members(&who, TTD_LIST("godkjente"), MEMBERS_ADD, json(&w->a, "[]"), &p), RC_DENIED);
}

static enum rc with_members(struct world *w, size_t n)
{
	struct publication p;
	struct publisher who = agency(w);
	struct buf b = BUF(&w->a);
	buf_c(&b, '[');
	for (size_t i = 0; i < n; i++)
		buf_fmt(&b, "%s" URN(BANK), i ? "," : "");
	buf_c(&b, ']');
	return publish_members(&who, TTD_LIST("godkjente"), MEMBERS_ADD, json(&w->a, buf_cstr(&b)), &p);
}

static void test_publish__members_limit(void **state)
{
	struct world *w = *state;
	CHECK_RC(with_members(w, PUBLISH_MAX_MEMBERS), RC_OK);
	CHECK_RC(with_members(w, PUBLISH_MAX_MEMBERS + 1), RC_INVALID);
}

static void test_publish__lists_and_connections(void **state)
{
	struct world *w = *state;
	struct publication p;
	struct publisher who = agency(w);
	struct list_id id = TTD_LIST("godkjente");
	CHECK_RC(publish_list(&who, id, json(&w->a, "{'name':'N'}"), &p), RC_OK);
	CHECK(p.changed);
	CHECK_RC(publish_list(&who, id, json(&w->a, "{'name':'N'}"), &p), RC_OK);
	CHECK(!p.changed);
	CHECK_STR(list_text(w, "godkjente"), STR(BANK ";|listed(requestconsent,)"));
	CHECK_RC(publish_connection(&who, id, STR("tax"), NULL, &p), RC_OK);
	CHECK_RC(publish_connection(&who, id, STR("listed"), json(&w->a, "['a','b']"), &p), RC_OK);
	CHECK_STR(list_text(w, "godkjente"), STR(BANK ";|tax()listed(a,b,)"));
	CHECK_RC(publish_connection(&who, id, STR("tax"), json(&w->a, "['a','b c']"), &p), RC_INVALID);
	CHECK_STR(p.faults, STR("actionFilters[1]: must be letters, digits and . _ : -\n"));
	CHECK_RC(publish_connection(&who, id, STR("none"), NULL, &p), RC_NOT_FOUND);
	CHECK_RC(publish_connection(&who, TTD_LIST("none"), STR("tax"), NULL, &p), RC_NOT_FOUND);
	CHECK_RC(publish_connection_removal(&who, id, STR("listed"), &p), RC_OK);
	CHECK_STR(list_text(w, "godkjente"), STR(BANK ";|tax()"));
	CHECK_RC(publish_list(&who, id, json(&w->a, "{'members':[]}"), &p), RC_INVALID);
	CHECK_STR(p.faults, STR("members: unknown member\n"));
	CHECK_RC(publish_list(&who, id, json(&w->a, "{'name':1}"), &p), RC_INVALID);
	CHECK_STR(p.faults, STR("name: is of type number, must be string\n"));
	CHECK_RC(publish_list_removal(&who, id, &p), RC_INVALID);
	CHECK_STR(p.faults, STR(": is named by resource banks\n"));
	id = TTD_LIST("another");
	CHECK_RC(publish_list(&who, id, json(&w->a, "{}"), &p), RC_OK);
	CHECK_RC(publish_list_removal(&who, id, &p), RC_OK);
	CHECK_STR(list_text(w, "another"), STR("-"));
	CHECK_RC(publish_list_removal(&who, id, &p), RC_NOT_FOUND);
	who.orgno = STR(BANK);
	CHECK_RC(publish_list(&who, id, json(&w->a, "{}"), &p), RC_DENIED);
	CHECK_RC(publish_list_removal(&who, id, &p), RC_DENIED);
}

/* ---- writers at once ---- */

struct writer {
	struct world *w;
	int nr;
	enum rc rc;
	pthread_t thread;
};

static void *write_one(void *arg)
{
	struct writer *x = arg;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct publisher who = { .registry = &x->w->d.registry, .a = &a, .orgno = STR(AGENCY) };
	struct publication p;
	struct str body = arena_fmt(&a, BODY("income", ",'homepage':'%d'"), x->nr);
	x->rc = publish_resource(&who, STR("income"), json(&a, body.p), &p);
	return NULL;
}

static void test_publish__writers_take_turns(void **state)
{
	struct world *w = *state;
	struct writer writers[WRITERS];
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ .w = w, .nr = i };
		assert_int_equal(pthread_create(&writers[i].thread, NULL, write_one, &writers[i]), 0);
	}
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(writers[i].thread, NULL);
		CHECK_RC(writers[i].rc, RC_OK);
	}
	CHECK_STR(latest(w, "income"), arena_fmt(&w->a, "%dp", 4 + WRITERS));
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)

T_MAIN(CASE(test_publish__a_resource_and_its_versions), CASE(test_publish__refusals), CASE(test_publish__members),
       CASE(test_publish__members_limit), CASE(test_publish__lists_and_connections),
       CASE(test_publish__writers_take_turns))
