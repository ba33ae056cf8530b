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
#define S_DECIDE "altinn:consents.decide"
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
	{ HTTP_POST, ENTERPRISE, gate_bearer, S_WRITE, 0, api_consent_create, .doc = "create a consent request" },
	{ HTTP_GET, ENTERPRISE "/events", gate_bearer, S_READ, 0, api_events, .doc = "events of the organisation's consents" },
	{ HTTP_GET, ENTERPRISE "/{id}", gate_bearer, S_READ, 0, api_consent_show, .doc = "a consent request, for its requester" },
	{ HTTP_DELETE, ENTERPRISE "/{id}", gate_bearer, S_WRITE, 0, api_consent_delete, .doc = "ends a pending request, or gives a consent back" },
	{ HTTP_POST, API_PREFIX "/maskinporten/consent/lookup", gate_bearer, S_LOOKUP, SMALL_BODY, api_lookup, .doc = "the part of a consent that an issuer puts into a token" },
	{ HTTP_POST, API_PREFIX "/resourceowner/consents/{id}/use", gate_bearer, S_USE, SMALL_BODY, api_use, .doc = "report that data was fetched on a consent" },
	{ HTTP_GET, BFF "/{id}", gate_person, S_PORTAL, 0, api_bff_show, .doc = "a consent request, for the person who answers" },
	{ HTTP_POST, BFF "/{id}/accept", gate_person, S_PORTAL, SMALL_BODY, api_bff_accept, .doc = "accept a consent request" },
	{ HTTP_POST, BFF "/{id}/reject", gate_person, S_PORTAL, SMALL_BODY, api_bff_reject, .doc = "reject a consent request" },
	{ HTTP_GET, BFF "/count/{party}", gate_person, S_PORTAL, 0, api_bff_count, .doc = "number of a party's consents with a status" },
	{ HTTP_GET, BFF "/list/{party}", gate_person, S_PORTAL, 0, api_bff_list, .doc = "consents and requests of a party" },
	{ HTTP_GET, CONSENTS "/{id}", gate_person, S_PORTAL, 0, api_bff_consent, .doc = "a consent, for its giver" },
	{ HTTP_GET, CONSENTS "/{id}/receipt", gate_person, S_PORTAL, 0, api_bff_receipt, .doc = "its signed receipt, for its giver" },
	{ HTTP_POST, CONSENTS "/{id}/revoke", gate_person, S_PORTAL, SMALL_BODY, api_bff_revoke, .doc = "withdraw a consent" },
	{ HTTP_GET, PORTAL "/request/{id}", gate_person, S_PORTAL, 0, api_portal_request, .doc = "a consent request with its texts" },
	{ HTTP_POST, PORTAL "/request/{id}/approve", gate_person, S_PORTAL, SMALL_BODY, api_portal_approve, .doc = "accept a consent request" },
	{ HTTP_POST, PORTAL "/request/{id}/reject", gate_person, S_PORTAL, SMALL_BODY, api_portal_reject, .doc = "reject a consent request" },
	{ HTTP_GET, PORTAL "/count/{party}", gate_person, S_PORTAL, 0, api_portal_count, .doc = "number of a party's consents with a status" },
	{ HTTP_GET, PORTAL "/active/{party}", gate_person, S_PORTAL, 0, api_portal_active, .doc = "consents that a party has given or can answer" },
	{ HTTP_GET, PORTAL "/log/{party}", gate_person, S_PORTAL, 0, api_portal_log, .doc = "consents and requests of a party, with events" },
	{ HTTP_GET, PORTAL "/{id}", gate_person, S_PORTAL, 0, api_portal_consent, .doc = "a consent with its texts" },
	{ HTTP_POST, PORTAL "/{id}/revoke", gate_person, S_PORTAL, SMALL_BODY, api_portal_revoke, .doc = "withdraw a consent" },
	{ HTTP_GET, API_PREFIX "/maskinporten/delegations", gate_bearer, S_DELEGATIONS, 0, api_delegations, .doc = "delegations of scopes to suppliers" },
	{ HTTP_POST, "/access/v1/evaluation", gate_bearer, S_DECIDE, SMALL_BODY, api_evaluation, .doc = "a decision (AuthZEN): may an organisation ask, does a consent stand" },
	{ HTTP_POST, "/access/v1/evaluations", gate_bearer, S_DECIDE, 0, api_evaluations, .doc = "several decisions (AuthZEN)" },
	{ HTTP_GET, "/.well-known/authzen-configuration", NULL, NULL, 0, api_access_metadata, .doc = "addresses of the decisions (AuthZEN)", .at_once = true },
	{ HTTP_GET, RESOURCE "/{id}", NULL, NULL, 0, api_resource_show, .doc = "a resource as it was published" },
	{ HTTP_GET, RESOURCE "/search", NULL, NULL, 0, api_resource_search, .doc = "resources that match a search" },
	{ HTTP_GET, RESOURCE "/resourcelist", NULL, NULL, 0, api_resource_search, .doc = "resources that match a search" },
	{ HTTP_POST, RESOURCE, gate_bearer, S_RESOURCE, 0, api_resource_create, .doc = "publish a resource" },
	{ HTTP_PUT, RESOURCE "/{id}", gate_bearer, S_RESOURCE, 0, api_resource_change, .doc = "publish a new version of a resource" },
	{ HTTP_GET, RESOURCE "/{id}/policy", NULL, NULL, 0, api_policy_show, .doc = "the policy of a resource (XACML)" },
	{ HTTP_GET, RESOURCE "/{id}/policy/subjects", NULL, NULL, 0, api_policy_subjects, .doc = "subjects of the policy of a resource" },
	{ HTTP_POST, RESOURCE "/{id}/policy", gate_bearer, S_RESOURCE, POLICY_BODY, api_policy_create, .doc = "publish the policy of a resource" },
	{ HTTP_PUT, RESOURCE "/{id}/policy", gate_bearer, S_RESOURCE, POLICY_BODY, api_policy_change, .doc = "publish a new version of the policy" },
	{ HTTP_GET, TEMPLATES, NULL, NULL, 0, api_template_list, .doc = "consent templates" },
	{ HTTP_GET, TEMPLATES "/{id}", NULL, NULL, 0, api_template_show, .doc = "a consent template" },
	{ HTTP_GET, LISTS "/get-by-member", gate_bearer, S_LIST_READ, 0, api_list_by_member, .doc = "access lists that have an organisation as a member" },
	{ HTTP_GET, LISTS "/{owner}", gate_bearer, S_LIST_READ, 0, api_list_all, .doc = "an owner's access lists" },
	{ HTTP_GET, A_LIST, gate_bearer, S_LIST_READ, 0, api_list_show, .doc = "an access list" },
	{ HTTP_PUT, A_LIST, gate_bearer, S_LIST_WRITE, SMALL_BODY, api_list_put, .doc = "create or change an access list" },
	{ HTTP_DELETE, A_LIST, gate_bearer, S_LIST_WRITE, SMALL_BODY, api_list_delete, .doc = "remove an access list" },
	{ HTTP_GET, A_LIST "/members", gate_bearer, S_LIST_READ, 0, api_members_show, .doc = "members of an access list" },
	{ HTTP_PUT, A_LIST "/members", gate_bearer, S_LIST_WRITE, 0, api_members_replace, .doc = "replace the members of an access list" },
	{ HTTP_POST, A_LIST "/members", gate_bearer, S_LIST_WRITE, 0, api_members_add, .doc = "add members to an access list" },
	{ HTTP_DELETE, A_LIST "/members", gate_bearer, S_LIST_WRITE, 0, api_members_remove, .doc = "remove members from an access list" },
	{ HTTP_GET, A_LIST "/resource-connections", gate_bearer, S_LIST_READ, 0, api_connections_show, .doc = "resources that an access list is connected to" },
	{ HTTP_PUT, A_LIST "/resource-connections/{resource}", gate_bearer, S_LIST_WRITE, SMALL_BODY, api_connection_put, .doc = "connect an access list to a resource" },
	{ HTTP_DELETE, A_LIST "/resource-connections/{resource}", gate_bearer, S_LIST_WRITE, SMALL_BODY, api_connection_delete, .doc = "disconnect an access list from a resource" },
	{ HTTP_GET, CLIENTS, gate_bearer, S_DCR_READ, 0, api_client_list, .doc = "clients of an organisation" },
	{ HTTP_POST, CLIENTS, gate_bearer, S_CREATE, 0, api_client_create, .doc = "register a client" },
	{ HTTP_GET, CLIENTS "/{id}", gate_bearer, S_DCR_READ, 0, api_client_show, .doc = "a client" },
	{ HTTP_PUT, CLIENTS "/{id}", gate_bearer, S_MODIFY, 0, api_client_change, .doc = "change a client" },
	{ HTTP_DELETE, CLIENTS "/{id}", gate_bearer, S_MODIFY, SMALL_BODY, api_client_delete, .doc = "deactivate a client" },
	{ HTTP_GET, CLIENTS "/{id}/jwks", gate_bearer, S_DCR_READ, 0, api_client_keys_show, .doc = "keys of a client" },
	{ HTTP_POST, CLIENTS "/{id}/jwks", gate_bearer, S_MODIFY, 0, api_client_keys, .doc = "replace the keys of a client" },
	{ HTTP_PUT, CLIENTS "/{id}/jwks", gate_bearer, S_MODIFY, 0, api_client_keys, .doc = "replace the keys of a client" },
	{ HTTP_GET, SCOPES, gate_bearer, S_SCOPES, 0, api_scope_show, .doc = "scopes of an organisation" },
	{ HTTP_GET, SCOPES "/all", NULL, NULL, 0, api_scope_all, .doc = "public scopes" },
	{ HTTP_POST, SCOPES, gate_bearer, S_SCOPES, 0, api_scope_create, .doc = "create a scope" },
	{ HTTP_PUT, SCOPES, gate_bearer, S_SCOPES, 0, api_scope_change, .doc = "change a scope" },
	{ HTTP_DELETE, SCOPES, gate_bearer, S_SCOPES, SMALL_BODY, api_scope_delete, .doc = "deactivate a scope" },
	{ HTTP_GET, SCOPES "/access", gate_bearer, S_SCOPES, 0, api_access_list, .doc = "organisations that a scope is granted to" },
	{ HTTP_PUT, SCOPES "/access/{orgno}", gate_bearer, S_SCOPES, SMALL_BODY, api_access_put, .doc = "grant a scope to an organisation" },
	{ HTTP_DELETE, SCOPES "/access/{orgno}", gate_bearer, S_SCOPES, SMALL_BODY, api_access_delete, .doc = "withdraw a scope from an organisation" },
	{ HTTP_GET, SELF_PREFIX "/prefix/all", NULL, NULL, 0, api_prefix_all, .doc = "prefixes of scopes, and their owners" },
	{ HTTP_GET, SELF_PREFIX "/delegationsources", NULL, NULL, 0, api_source_list, .doc = "registers of delegations" },
	{ HTTP_GET, HANDED, gate_bearer, S_HANDED, 0, api_delegation_list, .doc = "delegations from and to an organisation" },
	{ HTTP_POST, HANDED, gate_bearer, S_HAND, 0, api_delegation_create, .doc = "delegate scopes to a supplier" },
	{ HTTP_DELETE, HANDED, gate_bearer, S_HAND, SMALL_BODY, api_delegation_delete, .doc = "withdraw delegated scopes" },
	{ HTTP_POST, "/token", NULL, NULL, TOKEN_BODY, api_token, .doc = "exchange a JWT grant for an access token (RFC 7523)" },
	{ HTTP_GET, "/errors/{code}", NULL, NULL, 0, api_error_help, .doc = "meaning of an error code of the issuer" },
	{ HTTP_GET, "/jwk", NULL, NULL, 0, api_jwk, .doc = "public keys (RFC 7517)", .at_once = true },
	{ HTTP_GET, "/jwk/past", NULL, NULL, 0, api_jwk_past, .doc = "public keys with earlier ones, for receipts" },
	{ HTTP_GET, "/statuslists/{list}", NULL, NULL, 0, api_status_list, .doc = "status list of consents (Token Status List)" },
	{ HTTP_GET, "/.well-known/oauth-authorization-server", NULL, NULL, 0, api_metadata, .doc = "issuer metadata (RFC 8414)", .at_once = true },
	{ HTTP_GET, "/health", NULL, NULL, 0, api_health, .doc = "liveness of the process", .at_once = true },
	{ HTTP_GET, "/health/live", NULL, NULL, 0, api_health, .doc = "liveness of the process", .at_once = true },
	{ HTTP_GET, "/health/ready", NULL, NULL, 0, api_ready, .doc = "readiness: store and signing key", .reserved = true },
	{ HTTP_GET, "/metrics", NULL, NULL, 0, api_metrics, .doc = "counters as text", .reserved = true },
	{ HTTP_GET, "/openapi.json", NULL, NULL, 0, api_openapi, .doc = "docs/openapi.yaml as JSON", .at_once = true },
};

static const struct http_route sandbox_rows[] = {
	{ HTTP_POST, "/sandbox/apply", NULL, NULL, SEED_MAX, api_apply, .doc = "apply a seed document" },
	{ HTTP_GET, "/sandbox/clients/{id}", NULL, NULL, 0, api_sandbox_client, .doc = "a client's private test key (JWK)" },
	{ HTTP_GET, "/sandbox/clock", NULL, NULL, 0, api_clock_show, .doc = "the clock" },
	{ HTTP_POST, "/sandbox/clock", NULL, NULL, 0, api_clock_set, .doc = "set the clock" },
	{ HTTP_GET, "/api/getenterprisetoken", NULL, NULL, 0, api_enterprise_token, .doc = "a test token of an organisation" },
	{ HTTP_GET, "/api/getpersonaltoken", NULL, NULL, 0, api_personal_token, .doc = "a test token of a person" },
};
// clang-format on

const struct http_table api_routes = { .rows = rows, .n = LEN(rows) };
const struct http_table api_sandbox_routes = { .rows = sandbox_rows, .n = LEN(sandbox_rows) };
