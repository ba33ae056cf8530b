#include "cli/selfservice_internal.h"

// clang-format off
static const struct selfservice_member client_members[] = {
	{ "name", "client_name", SELFSERVICE_TEXT },
	{ "description", "description", SELFSERVICE_TEXT },
	{ "scope", "scopes", SELFSERVICE_LIST },
	{ "redirect", "redirect_allow", SELFSERVICE_LIST },
	{ "lifetime", "access_token_lifetime", SELFSERVICE_NUMBER },
	{ "for", "client_orgno", SELFSERVICE_TEXT },
};
static const struct selfservice_member scope_members[] = {
	{ "prefix", "prefix", SELFSERVICE_TEXT },
	{ "subscope", "subscope", SELFSERVICE_TEXT },
	{ "description", "description", SELFSERVICE_TEXT },
	{ "visibility", "visibility", SELFSERVICE_TEXT },
	{ "delegation-source", "delegation_source", SELFSERVICE_TEXT },
	{ "at-max-age", "at_max_age", SELFSERVICE_NUMBER },
	{ "authorization-max-age", "authorization_max_age", SELFSERVICE_NUMBER },
	{ "integration-type", "allowed_integration_types", SELFSERVICE_LIST },
	{ "accessible-for-all", "accessible_for_all", SELFSERVICE_TRUE },
	{ "not-for-all", "accessible_for_all", SELFSERVICE_FALSE },
};
static const struct selfservice_member delegation_members[] = {
	{ "supplier", "supplier_org", SELFSERVICE_TEXT },
	{ "scope", "scopes", SELFSERVICE_LIST },
};
static const struct selfservice_member delegation_query[] = {
	{ "supplier", "supplier_org", SELFSERVICE_PARAM },
	{ "scope", "scope", SELFSERVICE_PARAM },
};
static const struct selfservice_member list_query[] = { { "inactive", "inactive", SELFSERVICE_PARAM_TRUE } };

static const struct opt_row client_list_rows[] = {
	CONSUMER_ROWS(struct selfservice_opts),
	{ "inactive", 0, OPT_FLAG, offsetof(struct selfservice_opts, inactive), NULL, "Deactivated ones, too." },
	{ "for-others", 0, OPT_FLAG, offsetof(struct selfservice_opts, for_others), NULL, "As a supplier: clients that it has registered for other organisations." },
};
static const struct opt_row client_one_rows[] = {
	CONSUMER_ROWS(struct selfservice_opts),
	{ "for-others", 0, OPT_FLAG, offsetof(struct selfservice_opts, for_others), NULL, "As a supplier: clients that it has registered for other organisations." },
};
static const struct opt_row client_create_rows[] = {
	CONSUMER_ROWS(struct selfservice_opts),
	{ "name", 'n', OPT_TEXT, offsetof(struct selfservice_opts, name), "TEXT", "Name that people see." },
	{ "description", 0, OPT_TEXT, offsetof(struct selfservice_opts, description), "TEXT", "What the client is for." },
	{ "scope", 's', OPT_LIST, offsetof(struct selfservice_opts, scopes), "SCOPE", "A scope it may ask for; repeatable." },
	{ "redirect", 0, OPT_LIST, offsetof(struct selfservice_opts, redirects), "URL", "Where its consent requests may lead; repeatable." },
	{ "lifetime", 0, OPT_TEXT, offsetof(struct selfservice_opts, lifetime), "SECONDS", "How long its tokens live." },
	{ "jwks", 0, OPT_TEXT, offsetof(struct selfservice_opts, jwks), "FILE", "Its keys: a JWK set, or one JWK. Private members are not sent." },
	{ "for", 0, OPT_TEXT, offsetof(struct selfservice_opts, owner), "ORGNO", "As a supplier: the organisation that it is registered for." },
};
static const struct opt_row client_change_rows[] = {
	CONSUMER_ROWS(struct selfservice_opts),
	{ "name", 'n', OPT_TEXT, offsetof(struct selfservice_opts, name), "TEXT", "Name that people see." },
	{ "description", 0, OPT_TEXT, offsetof(struct selfservice_opts, description), "TEXT", "What the client is for." },
	{ "scope", 's', OPT_LIST, offsetof(struct selfservice_opts, scopes), "SCOPE", "A scope it may ask for; repeatable." },
	{ "redirect", 0, OPT_LIST, offsetof(struct selfservice_opts, redirects), "URL", "Where its consent requests may lead; repeatable." },
	{ "lifetime", 0, OPT_TEXT, offsetof(struct selfservice_opts, lifetime), "SECONDS", "How long its tokens live." },
	{ "for-others", 0, OPT_FLAG, offsetof(struct selfservice_opts, for_others), NULL, "As a supplier: clients that it has registered for other organisations." },
};
static const struct opt_row client_keys_rows[] = {
	CONSUMER_ROWS(struct selfservice_opts),
	{ "jwks", 0, OPT_TEXT, offsetof(struct selfservice_opts, jwks), "FILE", "All of its keys from now on: a JWK set, or one JWK. Private members are not sent." },
	{ "for-others", 0, OPT_FLAG, offsetof(struct selfservice_opts, for_others), NULL, "As a supplier: clients that it has registered for other organisations." },
};
static const struct opt_row scope_list_rows[] = {
	CONSUMER_ROWS(struct selfservice_opts),
	{ "inactive", 0, OPT_FLAG, offsetof(struct selfservice_opts, inactive), NULL, "Deactivated ones, too." },
};
/* What making and changing a scope can say. */
#define SCOPE_ROWS \
	{ "description", 0, OPT_TEXT, offsetof(struct selfservice_opts, description), "TEXT", "What it opens." }, \
	{ "visibility", 0, OPT_TEXT, offsetof(struct selfservice_opts, visibility), "WORD", "PUBLIC (default: in the open list), PRIVATE or INTERNAL." }, \
	{ "accessible-for-all", 0, OPT_FLAG, offsetof(struct selfservice_opts, for_all), NULL, "Every organisation may use it without being granted it." }, \
	{ "delegation-source", 0, OPT_TEXT, offsetof(struct selfservice_opts, source), "URL", "Makes it delegable, with delegations from there." }, \
	{ "at-max-age", 0, OPT_TEXT, offsetof(struct selfservice_opts, max_age), "SECONDS", "Longest life of a token with it; 0: none of its own." }, \
	{ "integration-type", 0, OPT_LIST, offsetof(struct selfservice_opts, types), "WORD", "A type of clients that may have it; repeatable. Default: maskinporten. Without maskinporten nobody gets tokens with it here." }, \
	{ "authorization-max-age", 0, OPT_TEXT, offsetof(struct selfservice_opts, authorization_age), "SECONDS", "Kept for readers of the list; tokens here do not look at it." }
static const struct opt_row scope_create_rows[] = {
	CONSUMER_ROWS(struct selfservice_opts),
	{ "prefix", 0, OPT_TEXT, offsetof(struct selfservice_opts, prefix), "PREFIX", "Before the colon; one of the organisation's own." },
	{ "subscope", 0, OPT_TEXT, offsetof(struct selfservice_opts, subscope), "NAME", "After the colon." },
	SCOPE_ROWS,
};
static const struct opt_row scope_change_rows[] = {
	CONSUMER_ROWS(struct selfservice_opts),
	SCOPE_ROWS,
	{ "not-for-all", 0, OPT_FLAG, offsetof(struct selfservice_opts, not_for_all), NULL, "Only who is granted it may use it." },
};
static const struct opt_row delegation_create_rows[] = {
	CONSUMER_ROWS(struct selfservice_opts),
	{ "supplier", 0, OPT_TEXT, offsetof(struct selfservice_opts, supplier), "ORGNO", "Who may act." },
	{ "scope", 's', OPT_LIST, offsetof(struct selfservice_opts, scopes), "SCOPE", "With which scope; repeatable." },
};
static const struct opt_row delegation_withdraw_rows[] = {
	CONSUMER_ROWS(struct selfservice_opts),
	{ "supplier", 0, OPT_TEXT, offsetof(struct selfservice_opts, supplier), "ORGNO", "Who may no longer act." },
	{ "scope", 's', OPT_TEXT, offsetof(struct selfservice_opts, scope), "SCOPE", "With this scope only. Default: with any." },
};
static const struct opt_row open_rows[] = {
	{ "url", 'u', OPT_TEXT, offsetof(struct selfservice_opts, consumer.url), "URL", "Origin of the platform. Default: $SAMTYKKE_URL, else http://127.0.0.1:8080." },
};
static const struct opt_row plain_rows[] = {
	CONSUMER_ROWS(struct selfservice_opts),
};

/* A command knows its request by the function that runs it. */
#define RUN(id)                                                                                                        \
	static int id##_run(struct arena *a, const void *opts, const struct opt_args *args)                            \
	{                                                                                                              \
		return selfservice_run(&cmd_##id, &id##_call, a, opts, args);                                                 \
	}
#define COMMAND(id, rows) .opts = rows, .n_opts = LEN(rows), .opts_size = sizeof(struct selfservice_opts), .run = id##_run

static const struct selfservice_request client_list_call = { .method = "GET", .path = "/api/v1/clients", .scope = "idporten:dcr.read", .members = list_query, .n_members = LEN(list_query) };
RUN(client_list)
const struct command cmd_client_list = {
	.name = "client list",
	.summary = "List the organisation's clients",
	.text = "Prints the clients as the server tells them. A token with the scope idporten:dcr.read is fetched first.",
	COMMAND(client_list, client_list_rows),
};
static const struct selfservice_request client_show_call = { .method = "GET", .path = "/api/v1/clients/{0}", .scope = "idporten:dcr.read" };
RUN(client_show)
const struct command cmd_client_show = {
	.name = "client show",
	.args = "ID",
	.min_args = 1,
	.max_args = 1,
	.summary = "Show a client",
	.text = "Prints the client as the server tells it. A token with the scope idporten:dcr.read is fetched first.",
	COMMAND(client_show, client_one_rows),
};
static const struct selfservice_request client_create_call = { .method = "POST", .path = "/api/v1/clients", .scope = "idporten:dcr.write", .members = client_members, .n_members = LEN(client_members), .body = true, .needs = { "name" }, .keys = "/api/v1/clients/{0}/jwks" };
RUN(client_create)
const struct command cmd_client_create = {
	.name = "client create",
	.summary = "Register a client",
	.text = "The server gives the id; it is in the answer that is printed. Without --jwks the client has no keys "
		"yet: see samtykke-client-keys(1). When the keys are refused the client is there all the same. The "
		"token has the scope idporten:dcr.write, with --for idporten:dcr.supplier.",
	.example = "samtykke client create --name Fangst --scope ttd:inntekt --jwks fangst.jwk",
	COMMAND(client_create, client_create_rows),
};
static const struct selfservice_request client_change_call = { .method = "PUT", .path = "/api/v1/clients/{0}", .scope = "idporten:dcr.write", .members = client_members, .n_members = LEN(client_members), .merge = true };
RUN(client_change)
const struct command cmd_client_change = {
	.name = "client change",
	.args = "ID",
	.min_args = 1,
	.max_args = 1,
	.summary = "Change a client",
	.text = "What no option names stays as it is; --scope and --redirect name all of them, and an empty text "
		"none. The token has the scope idporten:dcr.write.",
	.example = "samtykke client change --scope ttd:inntekt --scope ttd:formue 0195a7c2-9d10-7c44-8a51-3f2b7d6e9a01",
	COMMAND(client_change, client_change_rows),
};
static const struct selfservice_request client_keys_show_call = { .method = "GET", .path = "/api/v1/clients/{0}/jwks", .scope = "idporten:dcr.read" };
static const struct selfservice_request client_keys_call = { .method = "PUT", .path = "/api/v1/clients/{0}/jwks", .scope = "idporten:dcr.write" };
static int client_keys_run(struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct selfservice_opts *o = opts;
	return selfservice_run(&cmd_client_keys, o->jwks ? &client_keys_call : &client_keys_show_call, a, opts, args);
}
const struct command cmd_client_keys = {
	.name = "client keys",
	.args = "ID",
	.min_args = 1,
	.max_args = 1,
	.summary = "Show or replace a client's keys",
	.text = "Without --jwks: prints its keys, when they were posted and when they expire; the token has the "
		"scope idporten:dcr.read. With it, all of them are replaced: at most five RSA keys, each with kid, "
		"alg and use, and with x5c when it shall count with its certificate only; keys that are not in the "
		"file are refused from now on, the others are good for another year. Of a private key only the "
		"public members are sent; the token has the scope idporten:dcr.write.",
	.example = "samtykke client keys --jwks fangst.jwk 0195a7c2-9d10-7c44-8a51-3f2b7d6e9a01",
	COMMAND(client_keys, client_keys_rows),
};
static const struct selfservice_request client_deactivate_call = { .method = "DELETE", .path = "/api/v1/clients/{0}", .scope = "idporten:dcr.write" };
RUN(client_deactivate)
const struct command cmd_client_deactivate = {
	.name = "client deactivate",
	.args = "ID",
	.min_args = 1,
	.max_args = 1,
	.summary = "Deactivate a client",
	.text = "It gets no tokens any more, and cannot be activated again. The token has the scope idporten:dcr.write.",
	COMMAND(client_deactivate, client_one_rows),
};
static const struct selfservice_request scope_list_call = { .method = "GET", .path = "/api/v1/scopes", .scope = "idporten:scopes.write", .members = list_query, .n_members = LEN(list_query) };
RUN(scope_list)
const struct command cmd_scope_list = {
	.name = "scope list",
	.summary = "List the organisation's scopes",
	.text = "Prints the scopes as the server tells them. A token with the scope idporten:scopes.write is fetched first.",
	COMMAND(scope_list, scope_list_rows),
};
static const struct selfservice_request scope_all_call = { .method = "GET", .path = "/api/v1/scopes/all" };
RUN(scope_all)
const struct command cmd_scope_all = {
	.name = "scope all",
	.summary = "List all public scopes",
	.text = "Of every organisation: those that are active and PUBLIC. The list is open to everybody.",
	COMMAND(scope_all, open_rows),
};
static const struct selfservice_request scope_show_call = { .method = "GET", .path = "/api/v1/scopes?scope={0}", .scope = "idporten:scopes.write" };
RUN(scope_show)
const struct command cmd_scope_show = {
	.name = "scope show",
	.args = "SCOPE",
	.min_args = 1,
	.max_args = 1,
	.summary = "Show a scope",
	.text = "Prints one of the organisation's scopes as the server tells it. A token with the scope idporten:scopes.write is fetched first.",
	COMMAND(scope_show, plain_rows),
};
static const struct selfservice_request scope_access_call = { .method = "GET", .path = "/api/v1/scopes/access?scope={0}", .scope = "idporten:scopes.write" };
RUN(scope_access)
const struct command cmd_scope_access = {
	.name = "scope access",
	.args = "SCOPE",
	.min_args = 1,
	.max_args = 1,
	.summary = "List who has been granted a scope",
	.text = "Prints the organisations, and since when, as the server tells them. A token with the scope idporten:scopes.write is fetched first.",
	.example = "samtykke scope access ttd:fangst",
	COMMAND(scope_access, plain_rows),
};
static const struct selfservice_request scope_create_call = { .method = "POST", .path = "/api/v1/scopes", .scope = "idporten:scopes.write", .members = scope_members, .n_members = LEN(scope_members), .body = true, .needs = { "prefix", "subscope", "description" } };
RUN(scope_create)
const struct command cmd_scope_create = {
	.name = "scope create",
	.summary = "Make a scope",
	.text = "Prints the scope as the server tells it. A token with the scope idporten:scopes.write is fetched first.",
	.example = "samtykke scope create --prefix ttd --subscope fangst --description 'What you caught'",
	COMMAND(scope_create, scope_create_rows),
};
static const struct selfservice_request scope_change_call = { .method = "PUT", .path = "/api/v1/scopes?scope={0}", .scope = "idporten:scopes.write", .members = scope_members, .n_members = LEN(scope_members), .merge = true };
RUN(scope_change)
const struct command cmd_scope_change = {
	.name = "scope change",
	.args = "SCOPE",
	.min_args = 1,
	.max_args = 1,
	.summary = "Change a scope",
	.text = "What no option names stays as it is; an empty text takes it away. A token with the scope idporten:scopes.write is fetched first.",
	.example = "samtykke scope change --at-max-age 60 ttd:fangst",
	COMMAND(scope_change, scope_change_rows),
};
static const struct selfservice_request scope_grant_call = { .method = "PUT", .path = "/api/v1/scopes/access/{1}?scope={0}", .scope = "idporten:scopes.write" };
RUN(scope_grant)
const struct command cmd_scope_grant = {
	.name = "scope grant",
	.args = "SCOPE ORGNO",
	.min_args = 2,
	.max_args = 2,
	.summary = "Grant a scope to an organisation",
	.text = "It counts from the next token on. A token with the scope idporten:scopes.write is fetched first.",
	.example = "samtykke scope grant ttd:fangst 810419512",
	COMMAND(scope_grant, plain_rows),
};
static const struct selfservice_request scope_withdraw_call = { .method = "DELETE", .path = "/api/v1/scopes/access/{1}?scope={0}", .scope = "idporten:scopes.write" };
RUN(scope_withdraw)
const struct command cmd_scope_withdraw = {
	.name = "scope withdraw",
	.args = "SCOPE ORGNO",
	.min_args = 2,
	.max_args = 2,
	.summary = "Withdraw a scope from an organisation",
	.text = "It counts from the next token on; it is no error when the organisation had not been granted it. A "
		"token with the scope idporten:scopes.write is fetched first.",
	COMMAND(scope_withdraw, plain_rows),
};
static const struct selfservice_request scope_deactivate_call = { .method = "DELETE", .path = "/api/v1/scopes?scope={0}", .scope = "idporten:scopes.write" };
RUN(scope_deactivate)
const struct command cmd_scope_deactivate = {
	.name = "scope deactivate",
	.args = "SCOPE",
	.min_args = 1,
	.max_args = 1,
	.summary = "Deactivate a scope",
	.text = "No tokens with it any more, and it cannot be activated again. A token with the scope idporten:scopes.write is fetched first.",
	COMMAND(scope_deactivate, plain_rows),
};
static const struct selfservice_request scope_prefixes_call = { .method = "GET", .path = "/api/v1/prefix/all" };
RUN(scope_prefixes)
const struct command cmd_scope_prefixes = {
	.name = "scope prefixes",
	.summary = "List the prefixes of scopes",
	.text = "Whose each one is: an organisation makes scopes under its own only. The list is open to everybody. Prefixes come in with samtykke apply.",
	COMMAND(scope_prefixes, open_rows),
};
static const struct selfservice_request delegation_list_call = { .method = "GET", .path = "/api/v1/delegations", .scope = "samtykke:delegations.read" };
RUN(delegation_list)
const struct command cmd_delegation_list = {
	.name = "delegation list",
	.summary = "List what suppliers may do",
	.text = "What the organisation has handed to suppliers, and what it was handed. A token with the scope samtykke:delegations.read is fetched first.",
	COMMAND(delegation_list, plain_rows),
};
static const struct selfservice_request delegation_sources_call = { .method = "GET", .path = "/api/v1/delegationsources" };
RUN(delegation_sources)
const struct command cmd_delegation_sources = {
	.name = "delegation sources",
	.summary = "List where delegations come from",
	.text = "Each source that a public scope names (scope create --delegation-source). The list is open to everybody.",
	COMMAND(delegation_sources, open_rows),
};
static const struct selfservice_request delegation_create_call = { .method = "POST", .path = "/api/v1/delegations", .scope = "samtykke:delegations.write", .members = delegation_members, .n_members = LEN(delegation_members), .body = true, .needs = { "supplier", "scope" } };
RUN(delegation_create)
const struct command cmd_delegation_create = {
	.name = "delegation create",
	.summary = "Let a supplier act",
	.text = "The supplier may fetch tokens with the scopes on behalf of the organisation. A token with the scope "
		"samtykke:delegations.write is fetched first.",
	.example = "samtykke delegation create --supplier 810418192 --scope ttd:inntekt",
	COMMAND(delegation_create, delegation_create_rows),
};
static const struct selfservice_request delegation_withdraw_call = { .method = "DELETE", .path = "/api/v1/delegations", .scope = "samtykke:delegations.write", .members = delegation_query, .n_members = LEN(delegation_query), .needs = { "supplier" } };
RUN(delegation_withdraw)
const struct command cmd_delegation_withdraw = {
	.name = "delegation withdraw",
	.summary = "Let a supplier act no more",
	.text = "It counts from the next token on; it is no error when there was nothing to withdraw. A token with "
		"the scope samtykke:delegations.write is fetched first.",
	.example = "samtykke delegation withdraw --supplier 810418192 --scope ttd:inntekt",
	COMMAND(delegation_withdraw, delegation_withdraw_rows),
};
// clang-format on
