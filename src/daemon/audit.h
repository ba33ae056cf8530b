/* The audit log: one line for each decision, login, logout, token, refusal and change of administration (docs/LOG.md).
 */
#pragma once
#include "http/http.h"

/* Writes the line of a request whose answer is ready. A request without an event has its line at the level debug. */
void audit_log(const struct http_req *req, const struct http_res *res, int64_t us);
