/* The login that the settings name. */
#pragma once
#include "daemon/app.h"

/* oidc.*: nothing set is no provider. After outgoing_open, and closed before it is. RC_INVALID, RC_DENIED (a key file
 * that others can read): err_out is one line. */
MUST_USE enum rc login_open(struct service *s, struct str *err_out);
void login_close(struct service *s);
/* Where people without a session are sent; absent: there is no login. */
struct str login_path(const struct service *s);
