/* The outgoing HTTP client: bounded in time and size, no redirects, no cookies. Sole user of libcurl. */
#pragma once
#include "base/arena.h"

#define NET_MAX_BODY (4 << 20) /* bytes of an answer */
#define NET_TIMEOUT_S 10       /* for the whole exchange, unless the request says otherwise */

struct net_req {
	const char *method;         /* "GET", "POST" */
	const char *url;            /* http or https */
	const char *const *headers; /* "Name: value" lines, ended by NULL; NULL: none */
	struct str body;            /* sent when .p is not NULL */
	int timeout_s;              /* 0 = NET_TIMEOUT_S */
};
struct net_res {
	int status;
	struct str headers; /* raw, as received */
	struct str body;
};
/* Any HTTP status is RC_OK. RC_BUSY: no answer in time or no connection. RC_TOO_LARGE: past NET_MAX_BODY. RC_INVALID:
 * the URL. why_out (may be NULL): one line in `a` for RCs other than RC_OK. */
MUST_USE enum rc net_fetch(struct arena *a, const struct net_req *req, struct net_res *out, struct str *why_out);
/* First header of that name, any letter case; absent when there is none. */
struct str net_header(const struct net_res *res, const char *name);
