#include "daemon/internal.h"

#include <stdlib.h>

#include "api/api.h"
#include "base/log.h"
#include "base/thread.h"

struct listing {
	struct service *service;
	pthread_t thread;
};

/* After a failure the waiting calls keep waiting: the next call for a list starts another attempt. */
static void *listing_run(void *arg)
{
	struct service *s = ((struct listing *)arg)->service;
	enum rc rc;
	while ((rc = status_work(s->status)) != RC_NOT_FOUND) {
		if (rc == RC_OK)
			http_wake(s->server, &api_status_key, 1);
		else
			log_warn("status.not_read", KV("rc", rc_name(rc)));
	}
	return NULL;
}

enum rc listing_start(struct service *s, struct listing **out)
{
	struct listing *l = calloc(1, sizeof *l);
	if (!l)
		return RC_FAIL;
	l->service = s;
	if (thread_start(&l->thread, 0, listing_run, l) != RC_OK) {
		free(l);
		return RC_FAIL;
	}
	*out = l;
	return RC_OK;
}

void listing_stop(struct listing *l)
{
	if (!l)
		return;
	status_stop(l->service->status);
	pthread_join(l->thread, NULL);
	free(l);
}
