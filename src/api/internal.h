/* What the files of this folder share: the handlers by file, and their helpers. */
#pragma once
#include "api/api.h"
#include "api/codec_internal.h"
#include "api/problems_internal.h"
#include "front/front.h"
#include "front/problem.h"
#include "gate/gate.h"

#define JSON_TYPE "application/json; charset=utf-8"
#define API_PREFIX "/accessmanagement/api/v1"

/* consents.c */
http_handler api_consent_create, api_consent_show, api_consent_delete;
/* events.c */
http_handler api_events;
/* lookup.c */
http_handler api_lookup;
/* use.c */
http_handler api_use;
/* enduser.c */
http_handler api_bff_show, api_bff_accept, api_bff_reject, api_bff_revoke, api_bff_consent, api_bff_count, api_bff_list,
	api_bff_receipt;
/* portal.c */
http_handler api_portal_request, api_portal_approve, api_portal_reject, api_portal_consent, api_portal_revoke,
	api_portal_count, api_portal_active, api_portal_log;
/* access.c: decisions (AuthZEN Authorization API 1.0) */
http_handler api_evaluation, api_evaluations, api_access_metadata;
/* delegations.c */
http_handler api_delegations;
/* token.c */
http_handler api_token, api_error_help;
/* wellknown.c */
http_handler api_jwk, api_jwk_past, api_metadata, api_health, api_ready, api_metrics, api_openapi;
/* statuslist.c */
http_handler api_status_list;
/* sandbox.c */
http_handler api_apply, api_sandbox_client, api_clock_show, api_clock_set;
/* testtoken.c */
http_handler api_enterprise_token, api_personal_token;
/* registry_resources.c */
http_handler api_resource_show, api_resource_search, api_resource_create, api_resource_change;
http_handler api_template_list, api_template_show;
/* registry_policy.c */
http_handler api_policy_show, api_policy_subjects, api_policy_create, api_policy_change;
/* registry_lists.c */
http_handler api_list_all, api_list_by_member, api_list_show, api_list_put, api_list_delete;
http_handler api_members_show, api_members_replace, api_members_add, api_members_remove;
http_handler api_connections_show, api_connection_put, api_connection_delete;
/* selfservice.c */
http_handler api_delegation_list, api_delegation_create, api_delegation_delete;
/* selfservice_clients.c */
http_handler api_client_list, api_client_show, api_client_create, api_client_change, api_client_delete;
http_handler api_client_keys, api_client_keys_show;
/* selfservice_scopes.c */
http_handler api_scope_all, api_scope_show, api_scope_create, api_scope_change, api_scope_delete;
http_handler api_access_list, api_access_put, api_access_delete, api_prefix_all, api_source_list;

/* problems.c: front_refused with the AM codes, and an empty 403. */
MUST_USE enum rc api_refused(struct http_res *res, enum rc rc, const struct problems *p);

/* registry.c */
/* The snapshot of the registry that the server decides on now. The caller releases it (registry_releasep). */
const struct registry *api_registry_held(struct http_req *req);
/* The same, after reading what other processes have published. The caller releases it. */
MUST_USE enum rc api_registry_newest(struct http_req *req, const struct registry **out);

/* enduser.c: what the two APIs for people share. */
/* The member "language" of the body. RC_ANSWERED: 400 or 415. */
MUST_USE enum rc api_language(struct http_req *req, struct http_res *res, struct str *out);
/* Reads one page of the consents of the party in the path. RC_ANSWERED: 400. RC_DENIED: the caller may not read the
 * party's consents; the front words it. */
typedef enum rc history_fn(struct consent_service *consents, struct arena *a, const struct person_caller *who,
			   struct uuid party, const struct history_page *page, struct consent_history *out);
MUST_USE enum rc api_history(struct http_req *req, struct http_res *res, history_fn *read,
			     struct history_page *page_out, struct consent_history *out);
/* Answers with the page as an array, item by item, and the Link to the next page. The answer ends at LIST_BYTES_MAX. */
typedef void history_item_fn(struct jsw *w, const void *ctx, const struct consent_history *h, size_t i);
void api_history_write(struct http_req *req, struct http_res *res, const struct history_page *page,
		       const struct consent_history *h, history_item_fn *item, const void *ctx);
/* Answers with the number of the party's consents, as JSON. RC_ANSWERED and RC_DENIED: as api_history. */
MUST_USE enum rc api_count(struct http_req *req, struct http_res *res);
