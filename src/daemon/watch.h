/* Wakes who waits for events that another process committed to the same store. */
#pragma once
#include "daemon/app.h"

struct watch;
/* *out is NULL, and there is nothing to do, where the store has one process. */
MUST_USE enum rc watch_start(struct service *s, struct watch **out);
void watch_stop(struct watch *w); /* w may be NULL */
