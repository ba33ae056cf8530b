/* The outgoing HTTP client: bounded in time and size, without redirects and cookies. Only this folder uses libcurl. */
#pragma once
#include "base/arena.h"

#define NET_MAX_BODY (4 << 20) /* bytes of an answer */
#define NET_TIMEOUT_S 10       /* for the whole exchange, unless the request says otherwise */

struct net_req {
	const char *method;         /* "GET", "POST" */
	const char *url;            /* http or https */
	const char *const *headers; /* "Name: value" lines, ended by NULL; NULL: none */
	struct str body;            /* absent: none is sent */
	int timeout_s;              /* 0 = NET_TIMEOUT_S */
	const char *ca_file;        /* PEM file of authorities, in place of the system's; NULL: those */
};
struct net_res {
	int status;
	struct str headers; /* raw, as received; in the arena, as the body */
	struct str body;
};
/* Makes one request. RC_OK: there is an answer, whatever its status. RC_BUSY: no connection, or no answer in time.
 * RC_TOO_LARGE: the answer is longer than NET_MAX_BODY. RC_INVALID: the URL cannot be used. RC_FAIL: no memory.
 * *why_out (may be NULL): one line in `a`, set with RC_BUSY, RC_TOO_LARGE and RC_INVALID. */
MUST_USE enum rc net_fetch(struct arena *a, const struct net_req *req, struct net_res *out, struct str *why_out);
/* The first header of that name, in any letter case; absent when there is none. */
struct str net_header(const struct net_res *res, const char *name);
