/* Outgoing calls for handlers. A few threads wait for the other side, so no worker does: the handler's task is parked
 * meanwhile (base/task.h). */
#pragma once
#include "net/net.h"

struct net_pool;
/* At most `most` calls run or wait for one of the threads; a further call is refused at once. Choose `most` below the
 * number of requests that run at once: a server that does not answer then cannot stop all of them. Both from 1.
 * RC_FAIL: no memory, or no thread. */
MUST_USE enum rc net_pool_create(int threads, int most, struct net_pool **out);
void net_pool_destroy(struct net_pool *p); /* p may be NULL; no call may be under way */
/* As net_fetch. The time-out includes the wait for a thread. RC_BUSY also: too many calls. Until it returns, only this
 * call may use `a`. */
MUST_USE enum rc net_pool_fetch(struct net_pool *p, struct arena *a, const struct net_req *req, struct net_res *out,
				struct str *why_out);
