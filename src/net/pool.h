/* Outgoing calls for handlers: a few threads wait for the other side, so that no worker has to. The handler's task is
 * parked meanwhile (base/task.h). */
#pragma once
#include "net/net.h"

struct net_pool;
/* `most` calls may be under way or wait for a thread; one more is refused at once. With `most` below the number of
 * requests that are run at the same time, a server that does not answer cannot hold all of them. RC_FAIL: no memory. */
MUST_USE enum rc net_pool_create(int threads, int most, struct net_pool **out);
void net_pool_destroy(struct net_pool *p); /* no call may be under way; p may be NULL */
/* As net_fetch; the time-out begins here, not when a thread is free. RC_BUSY also: too many calls. `a` must not be used
 * by anybody else until it returns. */
MUST_USE enum rc net_pool_fetch(struct net_pool *p, struct arena *a, const struct net_req *req, struct net_res *out,
				struct str *why_out);
