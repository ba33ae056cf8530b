/* The pages. Tables of routes for the daemon to assemble. */
#pragma once
#include "http/http.h"
#include "web/provider.h"

extern const struct http_table web_routes;         /* consent page, receipt, logout, stylesheet */
extern const struct http_table web_sandbox_routes; /* /sandbox, test login, test logout */
/* http_config.error_page: an HTML page for paths of people, by Accept and prefix. */
bool web_error_page(struct http_req *req, struct http_res *res, int status);
