/* What the files of this folder share; nobody else includes it. */
#pragma once
#include "api/api.h"
#include "api/codec.h"
#include "api/problems.h"
#include "gate/gate.h"

#define JSON_TYPE "application/json; charset=utf-8"
#define API_PREFIX "/accessmanagement/api/v1"

/* consents.c */
http_handler api_consent_create, api_consent_show;
/* events.c */
http_handler api_events;
/* lookup.c */
http_handler api_lookup;
/* use.c */
http_handler api_use;
/* enduser.c */
http_handler api_bff_show, api_bff_accept, api_bff_reject;
/* token.c */
http_handler api_token;
/* wellknown.c */
http_handler api_jwk, api_metadata, api_health, api_ready, api_metrics, api_openapi;
/* sandbox.c */
http_handler api_apply, api_sandbox_client, api_clock_show, api_clock_set;
/* testtoken.c */
http_handler api_enterprise_token, api_personal_token;

/* The answer to a body that is no JSON object of a media type that we read: RC_OK with *out NULL when `res` is the
 * answer. */
MUST_USE enum rc api_body(struct http_req *req, struct http_res *res, const char *param, const struct js **out);
/* The caller of an enterprise endpoint; NULL when the token names no organisation: `res` is the answer. */
const struct org_caller *api_org(struct http_req *req, struct http_res *res);
/* What a rule said: its problems; an empty 403; or rc itself for the server to render. */
enum rc api_refused(struct http_res *res, enum rc rc, const struct problems *p);
