/* The certificate files that the settings cert.* name. */
#pragma once
#include "daemon/app.h"

/* Sets app.trust; NULL where cert.roots is not set. RC_INVALID: err_out says what is wrong with which file. */
MUST_USE enum rc certs_open(struct service *s, struct str *err_out);
/* Reads the files again when one of them has changed; what cannot be read leaves the old ones in force, and is logged.
 */
void certs_refresh(struct service *s);
