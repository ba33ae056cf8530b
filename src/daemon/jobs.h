/* What runs beside the requests: sessions and keys that are past their time. */
#pragma once
#include "daemon/app.h"

struct jobs;
MUST_USE enum rc jobs_start(struct service *s, struct jobs **out);
/* Does now what it would do within a minute: certificate files, signing keys and the registry are read again. */
void jobs_now(struct jobs *j);
void jobs_stop(struct jobs *j); /* j may be NULL */
