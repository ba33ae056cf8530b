/* What the files of the issuer's self-service share; nobody else includes it. */
#pragma once
#include "api/registry.h"
#include "publish/selfservice.h"

#define SELF_PREFIX "/api/v1"

void self_tag(struct http_res *res, struct str tag); /* ETag */
/* Says in the log who changed what. */
void self_log(const struct http_req *req, const struct publisher *who, const char *what, struct str id);
/* After a change that answers nothing: 204, or what it had to say. */
MUST_USE enum rc self_done(struct http_req *req, struct http_res *res, enum rc rc, const struct publication *p);
