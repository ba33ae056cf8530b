#include "front/front.h"

#include <assert.h>

enum rc front_refused(const struct front_refusal *refusal, struct http_res *res, enum rc rc, const struct problems *p)
{
	assert(refusal->problems && refusal->denied);
	if (rc == RC_OK || rc == RC_ANSWERED)
		return rc;
	if (rc == RC_STALE || rc == RC_BUSY || rc == RC_UNCERTAIN || rc == RC_FAIL)
		return rc;
	if (p->why)
		http_why(res, p->why);
	if (p->n)
		refusal->problems(res, p);
	else if (rc == RC_DENIED)
		refusal->denied(res);
	else
		return rc;
	assert(res->status);
	return RC_ANSWERED;
}
