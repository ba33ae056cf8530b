#include "cli/selfservice_internal.h"

#define CLIENTS_READ "idporten:dcr.read"
#define CLIENTS_WRITE "idporten:dcr.write"
#define SCOPES_WRITE "idporten:scopes.write"
#define DELEGATIONS_READ "samtykke:delegations.read"
#define DELEGATIONS_WRITE "samtykke:delegations.write"

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

/* ---- options ---- */

#define OPT(field, name, letter, type, arg, help) \
	{ name, letter, type, offsetof(struct selfservice_opts, field), arg, help }
#define COMMON_ROWS CONSUMER_ROWS(struct selfservice_opts)
#define INACTIVE_ROW OPT(inactive, "inactive", 0, OPT_FLAG, NULL, "Also list deactivated ones.")
#define FOR_OTHERS_ROW \
	OPT(for_others, "for-others", 0, OPT_FLAG, NULL, \
	    "As a supplier: clients that it has registered for other organisations.")
#define SUPPLIER_ROW(help) OPT(supplier, "supplier", 0, OPT_TEXT, "ORGNO", help)
#define JWKS_ROW(help) OPT(jwks, "jwks", 0, OPT_TEXT, "FILE", help " Private members are not sent.")
#define CLIENT_ROWS \
	OPT(name, "name", 'n', OPT_TEXT, "TEXT", "Name of the client, for people."), \
	OPT(description, "description", 0, OPT_TEXT, "TEXT", "Purpose of the client."), \
	OPT(scopes, "scope", 's', OPT_LIST, "SCOPE", "Scope that the client may ask for."), \
	OPT(redirects, "redirect", 0, OPT_LIST, "URL", \
	    "Address to which the client's consent requests may redirect."), \
	OPT(lifetime, "lifetime", 0, OPT_TEXT, "SECONDS", "Lifetime of the client's tokens.")
#define SCOPE_ROWS \
	OPT(description, "description", 0, OPT_TEXT, "TEXT", "Data or service that the scope opens."), \
	OPT(visibility, "visibility", 0, OPT_TEXT, "WORD", \
	    "PUBLIC (default: in the open list), PRIVATE or INTERNAL."), \
	OPT(for_all, "accessible-for-all", 0, OPT_FLAG, NULL, "Each organisation may use the scope without a grant."), \
	OPT(source, "delegation-source", 0, OPT_TEXT, "URL", \
	    "Allow delegation of the scope, with delegations from this source."), \
	OPT(max_age, "at-max-age", 0, OPT_TEXT, "SECONDS", \
	    "Longest lifetime of a token with the scope; 0: the scope sets no limit."), \
	OPT(types, "integration-type", 0, OPT_LIST, "WORD", \
	    "Type of clients that may have the scope. Default: maskinporten. " \
	    "Without maskinporten this issuer gives no tokens with the scope."), \
	OPT(authorization_age, "authorization-max-age", 0, OPT_TEXT, "SECONDS", \
	    "Stored for readers of the list; this issuer does not use it.")

static const struct opt_row client_list_rows[] = { COMMON_ROWS, INACTIVE_ROW, FOR_OTHERS_ROW };
static const struct opt_row client_one_rows[] = { COMMON_ROWS, FOR_OTHERS_ROW };
static const struct opt_row client_create_rows[] = {
	COMMON_ROWS,
	CLIENT_ROWS,
	JWKS_ROW("Keys of the client: a JWK set, or one JWK."),
	OPT(owner, "for", 0, OPT_TEXT, "ORGNO", "As a supplier: the organisation for which the client is registered."),
};
static const struct opt_row client_change_rows[] = { COMMON_ROWS, CLIENT_ROWS, FOR_OTHERS_ROW };
static const struct opt_row client_keys_rows[] = {
	COMMON_ROWS,
	JWKS_ROW("Keys that replace all present ones: a JWK set, or one JWK."),
	FOR_OTHERS_ROW,
};
static const struct opt_row scope_list_rows[] = { COMMON_ROWS, INACTIVE_ROW };
static const struct opt_row scope_create_rows[] = {
	COMMON_ROWS,
	OPT(prefix, "prefix", 0, OPT_TEXT, "PREFIX", "Part before the colon. The organisation must own the prefix."),
	OPT(subscope, "subscope", 0, OPT_TEXT, "NAME", "Part after the colon."),
	SCOPE_ROWS,
};
static const struct opt_row scope_change_rows[] = {
	COMMON_ROWS,
	SCOPE_ROWS,
	OPT(not_for_all, "not-for-all", 0, OPT_FLAG, NULL, "Only organisations with a grant may use the scope."),
};
static const struct opt_row delegation_create_rows[] = {
	COMMON_ROWS,
	SUPPLIER_ROW("Supplier that may act."),
	OPT(scopes, "scope", 's', OPT_LIST, "SCOPE", "Scope of the delegation."),
};
static const struct opt_row delegation_withdraw_rows[] = {
	COMMON_ROWS,
	SUPPLIER_ROW("Supplier that may no longer act."),
	OPT(scope, "scope", 's', OPT_TEXT, "SCOPE", "Withdraw this scope only. Default: all scopes."),
};
static const struct opt_row open_rows[] = { CONSUMER_URL_ROW(struct selfservice_opts) };
static const struct opt_row common_rows[] = { COMMON_ROWS };

/* ---- commands ---- */

#define ARGS(names, n) .args = names, .min_args = n, .max_args = n
#define OPTIONS(rows) .opts = rows, .n_opts = LEN(rows), .opts_size = sizeof(struct selfservice_opts)
#define REQUEST(...) .request = &(const struct selfservice_request){ __VA_ARGS__ }, .run = selfservice_run
#define MEMBERS(list) .members = list, .n_members = LEN(list)
#define TOKEN_FIRST(scope) "The command first fetches a token with the scope " scope "."
#define NO_TOKEN "The list is open to everybody: no token is needed."

const struct command cmd_client_list = {
	.name = "client list",
	.summary = "List the organisation's clients",
	.text = "Prints the clients as the server returns them. " TOKEN_FIRST(CLIENTS_READ),
	OPTIONS(client_list_rows),
	REQUEST(.method = "GET", .path = "/api/v1/clients", .scope = CLIENTS_READ, MEMBERS(list_query)),
};
const struct command cmd_client_show = {
	.name = "client show",
	ARGS("ID", 1),
	.summary = "Show a client",
	.text = "Prints the client as the server returns it. " TOKEN_FIRST(CLIENTS_READ),
	OPTIONS(client_one_rows),
	REQUEST(.method = "GET", .path = "/api/v1/clients/{0}", .scope = CLIENTS_READ),
};
const struct command cmd_client_create = {
	.name = "client create",
	.summary = "Register a client",
	.text = "The server chooses the id of the client; the command prints it with the answer. "
		"Without --jwks the client has no keys yet: see samtykke-client-keys(1). "
		"If the server refuses the keys, it has still registered the client. "
		"The token has the scope idporten:dcr.write, with --for idporten:dcr.supplier.",
	.example = "samtykke client create --name Fangst --scope ttd:inntekt --jwks fangst.jwk",
	OPTIONS(client_create_rows),
	REQUEST(.method = "POST", .path = "/api/v1/clients", .scope = CLIENTS_WRITE,
		MEMBERS(client_members), .body = true,
		.needs = { "name" }, .keys = "/api/v1/clients/{0}/jwks"),
};
const struct command cmd_client_change = {
	.name = "client change",
	ARGS("ID", 1),
	.summary = "Change a client",
	.text = "Only the members that options name are changed. "
		"--scope and --redirect replace the whole list; an empty text makes the list empty. "
		"The token has the scope idporten:dcr.write.",
	.example = "samtykke client change --scope ttd:inntekt --scope ttd:formue 0195a7c2-9d10-7c44-8a51-3f2b7d6e9a01",
	OPTIONS(client_change_rows),
	REQUEST(.method = "PUT", .path = "/api/v1/clients/{0}", .scope = CLIENTS_WRITE,
		MEMBERS(client_members), .merge = true),
};
static int client_keys_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	static const struct selfservice_request show = { .method = "GET", .path = "/api/v1/clients/{0}/jwks",
		.scope = CLIENTS_READ };
	static const struct selfservice_request replace = { .method = "PUT", .path = "/api/v1/clients/{0}/jwks",
		.scope = CLIENTS_WRITE };
	const struct selfservice_opts *o = opts;
	return selfservice_send(c, o->jwks ? &replace : &show, a, o, args);
}
const struct command cmd_client_keys = {
	.name = "client keys",
	ARGS("ID", 1),
	.summary = "Show or replace a client's keys",
	.text = "Without --jwks the command prints the keys, "
		"the time when they were posted and the time when they expire. "
		"The token has the scope idporten:dcr.read.\n\n"
		"With --jwks the keys in the file replace all present keys. "
		"The file holds at most five RSA keys, each with kid, alg and use. "
		"A key with x5c is valid only together with its certificate. "
		"Keys that are not in the file are refused from now on; the keys in the file are valid for a year. "
		"Of a private key only the public members are sent. "
		"The token has the scope idporten:dcr.write.",
	.example = "samtykke client keys --jwks fangst.jwk 0195a7c2-9d10-7c44-8a51-3f2b7d6e9a01",
	OPTIONS(client_keys_rows),
	.run = client_keys_run,
};
const struct command cmd_client_deactivate = {
	.name = "client deactivate",
	ARGS("ID", 1),
	.summary = "Deactivate a client",
	.text = "The client gets no more tokens, and cannot be activated again. "
		"The token has the scope idporten:dcr.write.",
	OPTIONS(client_one_rows),
	REQUEST(.method = "DELETE", .path = "/api/v1/clients/{0}", .scope = CLIENTS_WRITE),
};
const struct command cmd_scope_list = {
	.name = "scope list",
	.summary = "List the organisation's scopes",
	.text = "Prints the scopes as the server returns them. " TOKEN_FIRST(SCOPES_WRITE),
	OPTIONS(scope_list_rows),
	REQUEST(.method = "GET", .path = "/api/v1/scopes", .scope = SCOPES_WRITE, MEMBERS(list_query)),
};
const struct command cmd_scope_all = {
	.name = "scope all",
	.summary = "List all public scopes",
	.text = "Prints the active PUBLIC scopes of all organisations. " NO_TOKEN,
	OPTIONS(open_rows),
	REQUEST(.method = "GET", .path = "/api/v1/scopes/all"),
};
const struct command cmd_scope_show = {
	.name = "scope show",
	ARGS("SCOPE", 1),
	.summary = "Show a scope",
	.text = "Prints one of the organisation's scopes as the server returns it. " TOKEN_FIRST(SCOPES_WRITE),
	OPTIONS(common_rows),
	REQUEST(.method = "GET", .path = "/api/v1/scopes?scope={0}", .scope = SCOPES_WRITE),
};
const struct command cmd_scope_access = {
	.name = "scope access",
	ARGS("SCOPE", 1),
	.summary = "List the organisations that have been granted a scope",
	.text = "Prints the organisations and the times of their grants as the server returns them. "
		TOKEN_FIRST(SCOPES_WRITE),
	.example = "samtykke scope access ttd:fangst",
	OPTIONS(common_rows),
	REQUEST(.method = "GET", .path = "/api/v1/scopes/access?scope={0}", .scope = SCOPES_WRITE),
};
const struct command cmd_scope_create = {
	.name = "scope create",
	.summary = "Make a scope",
	.text = "Prints the new scope as the server returns it. " TOKEN_FIRST(SCOPES_WRITE),
	.example = "samtykke scope create --prefix ttd --subscope fangst --description 'Your catches'",
	OPTIONS(scope_create_rows),
	REQUEST(.method = "POST", .path = "/api/v1/scopes", .scope = SCOPES_WRITE, MEMBERS(scope_members), .body = true,
		.needs = { "prefix", "subscope", "description" }),
};
const struct command cmd_scope_change = {
	.name = "scope change",
	ARGS("SCOPE", 1),
	.summary = "Change a scope",
	.text = "Only the members that options name are changed; an empty text removes the member. "
		TOKEN_FIRST(SCOPES_WRITE),
	.example = "samtykke scope change --at-max-age 60 ttd:fangst",
	OPTIONS(scope_change_rows),
	REQUEST(.method = "PUT", .path = "/api/v1/scopes?scope={0}", .scope = SCOPES_WRITE,
		MEMBERS(scope_members), .merge = true),
};
const struct command cmd_scope_grant = {
	.name = "scope grant",
	ARGS("SCOPE ORGNO", 2),
	.summary = "Grant a scope to an organisation",
	.text = "The grant takes effect with the next token. " TOKEN_FIRST(SCOPES_WRITE),
	.example = "samtykke scope grant ttd:fangst 810419512",
	OPTIONS(common_rows),
	REQUEST(.method = "PUT", .path = "/api/v1/scopes/access/{1}?scope={0}", .scope = SCOPES_WRITE),
};
const struct command cmd_scope_withdraw = {
	.name = "scope withdraw",
	ARGS("SCOPE ORGNO", 2),
	.summary = "Withdraw a scope from an organisation",
	.text = "The withdrawal takes effect with the next token. "
		"It is not an error if the organisation had no grant. " TOKEN_FIRST(SCOPES_WRITE),
	OPTIONS(common_rows),
	REQUEST(.method = "DELETE", .path = "/api/v1/scopes/access/{1}?scope={0}", .scope = SCOPES_WRITE),
};
const struct command cmd_scope_deactivate = {
	.name = "scope deactivate",
	ARGS("SCOPE", 1),
	.summary = "Deactivate a scope",
	.text = "The issuer gives no more tokens with the scope, and the scope cannot be activated again. "
		TOKEN_FIRST(SCOPES_WRITE),
	OPTIONS(common_rows),
	REQUEST(.method = "DELETE", .path = "/api/v1/scopes?scope={0}", .scope = SCOPES_WRITE),
};
const struct command cmd_scope_prefixes = {
	.name = "scope prefixes",
	.summary = "List the prefixes of scopes",
	.text = "Prints each prefix with its owner. "
		"An organisation can make scopes only with its own prefixes. "
		"Prefixes are added with samtykke apply. " NO_TOKEN,
	OPTIONS(open_rows),
	REQUEST(.method = "GET", .path = "/api/v1/prefix/all"),
};
const struct command cmd_delegation_list = {
	.name = "delegation list",
	.summary = "List delegations to suppliers",
	.text = "Prints the delegations that the organisation has made to suppliers, and those that it has received. "
		TOKEN_FIRST(DELEGATIONS_READ),
	OPTIONS(common_rows),
	REQUEST(.method = "GET", .path = "/api/v1/delegations", .scope = DELEGATIONS_READ),
};
const struct command cmd_delegation_sources = {
	.name = "delegation sources",
	.summary = "List the sources of delegations",
	.text = "Prints each source that a public scope names (scope create --delegation-source). " NO_TOKEN,
	OPTIONS(open_rows),
	REQUEST(.method = "GET", .path = "/api/v1/delegationsources"),
};
const struct command cmd_delegation_create = {
	.name = "delegation create",
	.summary = "Allow a supplier to act",
	.text = "The supplier may fetch tokens with the scopes on behalf of the organisation. "
		TOKEN_FIRST(DELEGATIONS_WRITE),
	.example = "samtykke delegation create --supplier 810418192 --scope ttd:inntekt",
	OPTIONS(delegation_create_rows),
	REQUEST(.method = "POST", .path = "/api/v1/delegations", .scope = DELEGATIONS_WRITE,
		MEMBERS(delegation_members), .body = true,
		.needs = { "supplier", "scope" }),
};
const struct command cmd_delegation_withdraw = {
	.name = "delegation withdraw",
	.summary = "End a delegation to a supplier",
	.text = "The withdrawal takes effect with the next token. "
		"It is not an error if there is no such delegation. " TOKEN_FIRST(DELEGATIONS_WRITE),
	.example = "samtykke delegation withdraw --supplier 810418192 --scope ttd:inntekt",
	OPTIONS(delegation_withdraw_rows),
	REQUEST(.method = "DELETE", .path = "/api/v1/delegations", .scope = DELEGATIONS_WRITE,
		MEMBERS(delegation_query),
		.needs = { "supplier" }),
};
// clang-format on
