#include "cli/selfservice_internal.h"
#include "t.h"

static struct str body(struct arena *a, const struct command *c, const struct selfservice_opts *o, const char *present)
{
	const struct js *doc = NULL;

	if (present)
		CHECK_RC(js_parse(a, str_of(present), NULL, &doc, NULL), RC_OK);
	return selfservice_body(c, c->request, a, o, doc);
}

static void test_selfservice__only_given_options_are_sent(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct selfservice_opts o = { 0 };
	CHECK_STR(body(&a, &cmd_client_create, &o, NULL), STR("{}"));
	o.name = "A \"b\"";
	o.lifetime = "0";
	o.owner = "810419512";
	o.scopes = (struct opt_list){ { "x:y", "", "z" }, 3 };
	CHECK_STR(body(&a, &cmd_client_create, &o, NULL),
		  STR("{\"client_name\":\"A \\\"b\\\"\",\"scopes\":[\"x:y\",\"z\"],\"access_token_lifetime\":0,"
		      "\"client_orgno\":\"810419512\"}"));
	/* --for is an option of client create alone */
	CHECK_STR(body(&a, &cmd_client_change, &o, NULL),
		  STR("{\"client_name\":\"A \\\"b\\\"\",\"scopes\":[\"x:y\",\"z\"],\"access_token_lifetime\":0}"));
	arena_finish(&a);
}

static void test_selfservice__a_change_keeps_the_other_members(void **state)
{
	(void)state;
	static const char present[] =
		"{\"client_id\":\"1\",\"description\":\"d\",\"scopes\":[\"x\"],\"new\":{\"a\":[1]}}";
	struct arena a = { 0 };
	struct selfservice_opts o = { 0 };
	CHECK_STR(body(&a, &cmd_client_change, &o, present), str_of(present));
	o.description = "";
	o.scopes = (struct opt_list){ { "" }, 1 };
	CHECK_STR(body(&a, &cmd_client_change, &o, present),
		  STR("{\"client_id\":\"1\",\"new\":{\"a\":[1]},\"description\":null,\"scopes\":[]}"));
	o = (struct selfservice_opts){ .not_for_all = true };
	CHECK_STR(body(&a, &cmd_scope_change, &o, "{\"accessible_for_all\":true}"),
		  STR("{\"accessible_for_all\":false}"));
	arena_finish(&a);
}

static const char *url(struct arena *a, const struct command *c, const struct selfservice_opts *o, const char *first,
		       const char *second)
{
	const char *words[] = { first, second };
	const struct opt_args args = { words, second ? 2 : first ? 1 : 0 };

	return selfservice_url(c, c->request, a, o, c->request->path, &args);
}

static void test_selfservice__addresses_are_encoded(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct selfservice_opts o = { .consumer.url = "http://h//" };
	CHECK_STR(str_of(url(&a, &cmd_client_list, &o, NULL, NULL)), STR("http://h/api/v1/clients"));
	CHECK_STR(str_of(url(&a, &cmd_client_show, &o, "a/b?c", NULL)), STR("http://h/api/v1/clients/a%2Fb%3Fc"));
	CHECK_STR(str_of(url(&a, &cmd_scope_grant, &o, "a:b&c", "810419512")),
		  STR("http://h/api/v1/scopes/access/810419512?scope=a%3Ab%26c"));
	o.inactive = true;
	CHECK_STR(str_of(url(&a, &cmd_client_list, &o, NULL, NULL)), STR("http://h/api/v1/clients?inactive=true"));
	o.supplier = "1";
	o.scope = "a b";
	CHECK_STR(str_of(url(&a, &cmd_delegation_withdraw, &o, NULL, NULL)),
		  STR("http://h/api/v1/delegations?supplier_org=1&scope=a%20b"));
	arena_finish(&a);
}

static void test_selfservice__private_members_stay_here(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want; /* the set, or the fault */
	} t[] = {
		{ "{\"kty\":\"RSA\",\"n\":\"1\",\"d\":\"2\",\"p\":\"3\",\"q\":\"4\",\"dp\":\"5\",\"dq\":\"6\",\"qi\":\"7\",\"oth\":[]}",
		  "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"1\"}]}" },
		{ "{\"keys\":[{\"kty\":\"oct\",\"k\":\"1\"},{\"kty\":\"EC\",\"x\":\"1\",\"d\":\"2\"}],\"d\":1}",
		  "{\"keys\":[{\"kty\":\"oct\"},{\"kty\":\"EC\",\"x\":\"1\"}]}" },
		{ "{\"keys\":[]}", "{\"keys\":[]}" },
		{ "{\"keys\":1}", "holds neither a key nor a key set" },
		{ "{\"n\":\"1\"}", "holds neither a key nor a key set" },
		{ "[]", "is not a JSON object" },
		{ "", "is not a JSON object" },
	};
	struct arena a = { 0 };
	for (size_t i = 0; i < LEN(t); i++) {
		struct str set = STR_NONE;
		const char *fault = selfservice_public_keys(&a, str_of(t[i].text), &set);
		CHECK_STR(fault ? str_of(fault) : set, str_of(t[i].want));
	}
	arena_finish(&a);
}

T_MAIN(cmocka_unit_test(test_selfservice__only_given_options_are_sent),
       cmocka_unit_test(test_selfservice__a_change_keeps_the_other_members),
       cmocka_unit_test(test_selfservice__addresses_are_encoded),
       cmocka_unit_test(test_selfservice__private_members_stay_here))
