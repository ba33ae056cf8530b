/* What runs beside the requests: sessions and keys that are past their time. */
#pragma once
#include "daemon/app.h"

struct jobs;
MUST_USE enum rc jobs_start(struct service *s, struct jobs **out);
void jobs_stop(struct jobs *j); /* j may be NULL */
