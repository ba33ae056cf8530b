/* What the files of the issuer's self-service API share. */
#pragma once
#include "api/registry_internal.h"
#include "publish/selfservice.h"

#define SELF_PREFIX "/api/v1"

/* Logs a change: its name ("scope.create"), the id of the changed object, and the organisation that made it. */
void api_change_note(struct http_res *res, const struct publisher *publisher, const char *change, struct str id);
/* The answer to a change without a body: 204. RC_ANSWERED: the change was refused (api_publish_refused). */
MUST_USE enum rc api_change_done(struct http_req *req, struct http_res *res, enum rc rc, const struct publication *p);
