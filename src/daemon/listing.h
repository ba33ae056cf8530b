/* The thread that keeps status lists up to date while somebody asks for them. */
#pragma once
#include "daemon/app.h"

struct listing;
MUST_USE enum rc listing_start(struct service *s, struct listing **out);
void listing_stop(struct listing *l); /* l may be NULL */
