#include "api/internal.h"
#include "api/selfservice_internal.h"
#include "publish/seed.h"

#define ENTERPRISE API_PREFIX "/enterprise/consentrequests"
#define BFF API_PREFIX "/bff/consentrequests"
#define CONSENTS API_PREFIX "/bff/consents"
#define PORTAL API_PREFIX "/consent"
#define S_WRITE "altinn:consentrequests.write altinn:consentrequests.org"
#define S_READ "altinn:consentrequests.read altinn:consentrequests.write altinn:consentrequests.org"
#define S_LOOKUP "altinn:maskinporten/consent.read"
#define S_USE "altinn:consents.use"
#define S_DELEGATIONS "altinn:maskinporten/delegations altinn:maskinporten/delegations.admin"
#define S_PORTAL "altinn:portal/enduser"
#define S_RESOURCE "altinn:resourceregistry/resource.write"
#define S_LIST_WRITE "altinn:resourceregistry/accesslist.write"
#define S_LIST_READ "altinn:resourceregistry/accesslist.read " S_LIST_WRITE
#define RESOURCE REGISTRY_PREFIX "/resource"
#define TEMPLATES REGISTRY_PREFIX "/consent-templates"
#define LISTS REGISTRY_PREFIX "/access-lists"
#define A_LIST LISTS "/{owner}/{identifier}"
#define CLIENTS SELF_PREFIX "/clients"
#define SCOPES SELF_PREFIX "/scopes"
#define HANDED SELF_PREFIX "/delegations"
#define S_SUPPLIER " idporten:dcr.supplier"
#define S_CREATE "idporten:dcr.write" S_SUPPLIER
#define S_MODIFY "idporten:dcr.modify " S_CREATE
#define S_DCR_READ "idporten:dcr.read " S_MODIFY
#define S_SCOPES "idporten:scopes.write"
#define S_HAND "samtykke:delegations.write"
#define S_HANDED "samtykke:delegations.read " S_HAND
/* Room for the longest assertion with every character percent-encoded: its own limit refuses it first. */
#define TOKEN_BODY 65536
#define SMALL_BODY 16384
#define POLICY_BODY 400000 /* the largest policy with a form around it */

// clang-format off
static const struct http_route rows[] = {
	{ HTTP_POST, ENTERPRISE, gate_bearer, S_WRITE, 0, api_consent_create, "ask for a consent" },
	{ HTTP_GET, ENTERPRISE "/events", gate_bearer, S_READ, 0, api_events, "what happened to the requests of an organisation" },
	{ HTTP_GET, ENTERPRISE "/{id}", gate_bearer, S_READ, 0, api_consent_show, "a request as its requester sees it" },
	{ HTTP_POST, API_PREFIX "/maskinporten/consent/lookup", gate_bearer, S_LOOKUP, SMALL_BODY, api_lookup, "what an issuer may put into a token" },
	{ HTTP_POST, API_PREFIX "/resourceowner/consents/{id}/use", gate_bearer, S_USE, SMALL_BODY, api_use, "data was handed out on a consent" },
	{ HTTP_GET, BFF "/{id}", gate_person, S_PORTAL, 0, api_bff_show, "a request as the person asked sees it" },
	{ HTTP_POST, BFF "/{id}/accept", gate_person, S_PORTAL, SMALL_BODY, api_bff_accept, "say yes" },
	{ HTTP_POST, BFF "/{id}/reject", gate_person, S_PORTAL, SMALL_BODY, api_bff_reject, "say no" },
	{ HTTP_GET, BFF "/count/{party}", gate_person, S_PORTAL, 0, api_bff_count, "how many requests a party is shown" },
	{ HTTP_GET, BFF "/list/{party}", gate_person, S_PORTAL, 0, api_bff_list, "everything that a party was asked" },
	{ HTTP_GET, CONSENTS "/{id}", gate_person, S_PORTAL, 0, api_bff_consent, "a consent as its giver sees it" },
	{ HTTP_POST, CONSENTS "/{id}/revoke", gate_person, S_PORTAL, SMALL_BODY, api_bff_revoke, "withdraw it" },
	{ HTTP_GET, PORTAL "/request/{id}", gate_person, S_PORTAL, 0, api_portal_request, "a request with its texts" },
	{ HTTP_POST, PORTAL "/request/{id}/approve", gate_person, S_PORTAL, SMALL_BODY, api_portal_approve, "say yes" },
	{ HTTP_POST, PORTAL "/request/{id}/reject", gate_person, S_PORTAL, SMALL_BODY, api_portal_reject, "say no" },
	{ HTTP_GET, PORTAL "/count/{party}", gate_person, S_PORTAL, 0, api_portal_count, "how many requests a party is shown" },
	{ HTTP_GET, PORTAL "/active/{party}", gate_person, S_PORTAL, 0, api_portal_active, "what a party gave, and what it can answer" },
	{ HTTP_GET, PORTAL "/log/{party}", gate_person, S_PORTAL, 0, api_portal_log, "everything that a party was asked, with events" },
	{ HTTP_GET, PORTAL "/{id}", gate_person, S_PORTAL, 0, api_portal_consent, "a consent with its texts" },
	{ HTTP_POST, PORTAL "/{id}/revoke", gate_person, S_PORTAL, SMALL_BODY, api_portal_revoke, "withdraw it" },
	{ HTTP_GET, API_PREFIX "/maskinporten/delegations", gate_bearer, S_DELEGATIONS, 0, api_delegations, "who acts for whom with which scopes" },
	{ HTTP_GET, RESOURCE "/{id}", NULL, NULL, 0, api_resource_show, "a resource as it was published" },
	{ HTTP_GET, RESOURCE "/search", NULL, NULL, 0, api_resource_search, "resources, by what they say" },
	{ HTTP_GET, RESOURCE "/resourcelist", NULL, NULL, 0, api_resource_search, "resources, the same" },
	{ HTTP_POST, RESOURCE, gate_bearer, S_RESOURCE, 0, api_resource_create, "publish a resource" },
	{ HTTP_PUT, RESOURCE "/{id}", gate_bearer, S_RESOURCE, 0, api_resource_change, "publish a resource anew" },
	{ HTTP_GET, RESOURCE "/{id}/policy", NULL, NULL, 0, api_policy_show, "its policy (XACML)" },
	{ HTTP_GET, RESOURCE "/{id}/policy/subjects", NULL, NULL, 0, api_policy_subjects, "whom its policy names" },
	{ HTTP_POST, RESOURCE "/{id}/policy", gate_bearer, S_RESOURCE, POLICY_BODY, api_policy_create, "publish its policy" },
	{ HTTP_PUT, RESOURCE "/{id}/policy", gate_bearer, S_RESOURCE, POLICY_BODY, api_policy_change, "publish its policy anew" },
	{ HTTP_GET, TEMPLATES, NULL, NULL, 0, api_template_list, "consent templates" },
	{ HTTP_GET, TEMPLATES "/{id}", NULL, NULL, 0, api_template_show, "a consent template" },
	{ HTTP_GET, LISTS "/get-by-member", gate_bearer, S_LIST_READ, 0, api_list_by_member, "access lists that an organisation is on" },
	{ HTTP_GET, LISTS "/{owner}", gate_bearer, S_LIST_READ, 0, api_list_all, "an owner's access lists" },
	{ HTTP_GET, A_LIST, gate_bearer, S_LIST_READ, 0, api_list_show, "an access list" },
	{ HTTP_PUT, A_LIST, gate_bearer, S_LIST_WRITE, SMALL_BODY, api_list_put, "make or rename an access list" },
	{ HTTP_DELETE, A_LIST, gate_bearer, S_LIST_WRITE, SMALL_BODY, api_list_delete, "remove an access list" },
	{ HTTP_GET, A_LIST "/members", gate_bearer, S_LIST_READ, 0, api_members_show, "who is on an access list" },
	{ HTTP_PUT, A_LIST "/members", gate_bearer, S_LIST_WRITE, 0, api_members_replace, "all of its members" },
	{ HTTP_POST, A_LIST "/members", gate_bearer, S_LIST_WRITE, 0, api_members_add, "more members" },
	{ HTTP_DELETE, A_LIST "/members", gate_bearer, S_LIST_WRITE, 0, api_members_remove, "fewer members" },
	{ HTTP_GET, A_LIST "/resource-connections", gate_bearer, S_LIST_READ, 0, api_connections_show, "what an access list narrows" },
	{ HTTP_PUT, A_LIST "/resource-connections/{resource}", gate_bearer, S_LIST_WRITE, SMALL_BODY, api_connection_put, "connect it to a resource" },
	{ HTTP_DELETE, A_LIST "/resource-connections/{resource}", gate_bearer, S_LIST_WRITE, SMALL_BODY, api_connection_delete, "disconnect it" },
	{ HTTP_GET, CLIENTS, gate_bearer, S_DCR_READ, 0, api_client_list, "clients of an organisation" },
	{ HTTP_POST, CLIENTS, gate_bearer, S_CREATE, 0, api_client_create, "register a client" },
	{ HTTP_GET, CLIENTS "/{id}", gate_bearer, S_DCR_READ, 0, api_client_show, "a client" },
	{ HTTP_PUT, CLIENTS "/{id}", gate_bearer, S_MODIFY, 0, api_client_change, "change a client" },
	{ HTTP_DELETE, CLIENTS "/{id}", gate_bearer, S_MODIFY, SMALL_BODY, api_client_delete, "deactivate a client" },
	{ HTTP_GET, CLIENTS "/{id}/jwks", gate_bearer, S_DCR_READ, 0, api_client_keys_show, "a client's keys" },
	{ HTTP_POST, CLIENTS "/{id}/jwks", gate_bearer, S_MODIFY, 0, api_client_keys, "all of a client's keys" },
	{ HTTP_PUT, CLIENTS "/{id}/jwks", gate_bearer, S_MODIFY, 0, api_client_keys, "all of a client's keys" },
	{ HTTP_GET, SCOPES, gate_bearer, S_SCOPES, 0, api_scope_show, "an organisation's scopes" },
	{ HTTP_GET, SCOPES "/all", NULL, NULL, 0, api_scope_all, "public scopes" },
	{ HTTP_POST, SCOPES, gate_bearer, S_SCOPES, 0, api_scope_create, "make a scope" },
	{ HTTP_PUT, SCOPES, gate_bearer, S_SCOPES, 0, api_scope_change, "change a scope" },
	{ HTTP_DELETE, SCOPES, gate_bearer, S_SCOPES, SMALL_BODY, api_scope_delete, "deactivate a scope" },
	{ HTTP_GET, SCOPES "/access", gate_bearer, S_SCOPES, 0, api_access_list, "who has been granted a scope" },
	{ HTTP_PUT, SCOPES "/access/{orgno}", gate_bearer, S_SCOPES, SMALL_BODY, api_access_put, "grant a scope" },
	{ HTTP_DELETE, SCOPES "/access/{orgno}", gate_bearer, S_SCOPES, SMALL_BODY, api_access_delete, "withdraw it" },
	{ HTTP_GET, SELF_PREFIX "/prefix/all", NULL, NULL, 0, api_prefix_all, "whose the prefixes of scopes are" },
	{ HTTP_GET, SELF_PREFIX "/delegationsources", NULL, NULL, 0, api_source_list, "registers of delegations" },
	{ HTTP_GET, HANDED, gate_bearer, S_HANDED, 0, api_delegation_list, "what an organisation handed over, or was handed" },
	{ HTTP_POST, HANDED, gate_bearer, S_HAND, 0, api_delegation_create, "hand scopes to a supplier" },
	{ HTTP_DELETE, HANDED, gate_bearer, S_HAND, SMALL_BODY, api_delegation_delete, "take them back" },
	{ HTTP_POST, "/token", NULL, NULL, TOKEN_BODY, api_token, "JWT grant to access token (RFC 7523)" },
	{ HTTP_GET, "/errors/{code}", NULL, NULL, 0, api_error_help, "what an error code of the issuer means" },
	{ HTTP_GET, "/jwk", NULL, NULL, 0, api_jwk, "public keys (RFC 7517)" },
	{ HTTP_GET, "/jwk/past", NULL, NULL, 0, api_jwk_past, "those and earlier ones, for receipts" },
	{ HTTP_GET, "/statuslists/{list}", NULL, NULL, 0, api_status_list, "which consents have ended (Token Status List)" },
	{ HTTP_GET, "/.well-known/oauth-authorization-server", NULL, NULL, 0, api_metadata, "issuer metadata (RFC 8414)" },
	{ HTTP_GET, "/health", NULL, NULL, 0, api_health, "the process answers" },
	{ HTTP_GET, "/health/live", NULL, NULL, 0, api_health, "the process answers" },
	{ HTTP_GET, "/health/ready", NULL, NULL, 0, api_ready, "the store answers a read" },
	{ HTTP_GET, "/metrics", NULL, NULL, 0, api_metrics, "counters, as text" },
	{ HTTP_GET, "/openapi.json", NULL, NULL, 0, api_openapi, "docs/openapi.yaml as JSON" },
};

static const struct http_route sandbox_rows[] = {
	{ HTTP_POST, "/sandbox/apply", NULL, NULL, SEED_MAX, api_apply, "apply a seed document" },
	{ HTTP_GET, "/sandbox/clients/{id}", NULL, NULL, 0, api_sandbox_client, "a client's private test key (JWK)" },
	{ HTTP_GET, "/sandbox/clock", NULL, NULL, 0, api_clock_show, "the clock" },
	{ HTTP_POST, "/sandbox/clock", NULL, NULL, 0, api_clock_set, "set the clock" },
	{ HTTP_GET, "/api/getenterprisetoken", NULL, NULL, 0, api_enterprise_token, "a test token of an organisation" },
	{ HTTP_GET, "/api/getpersonaltoken", NULL, NULL, 0, api_personal_token, "a test token of a person" },
};
// clang-format on

const struct http_table api_routes = { .rows = rows, .n = LEN(rows) };
const struct http_table api_sandbox_routes = { .rows = sandbox_rows, .n = LEN(sandbox_rows) };
