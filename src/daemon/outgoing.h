/* Calls to other servers: the threads that make them, and what they are made for. */
#pragma once
#include "daemon/app.h"

/* Nothing where no setting asks for any. RC_INVALID: err_out is one line. */
MUST_USE enum rc outgoing_open(struct service *s, struct str *err_out);
void outgoing_close(struct service *s);
