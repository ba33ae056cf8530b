/* The login in front of pages that only a person with a session sees. */
#pragma once
#include "page/page.h"

/* RC_OK: the caller is a person with a session. RC_ANSWERED: the person is sent to the login, which leads back to this
 * page. Where no login is set up, a notice says so. */
MUST_USE enum rc login_require(struct page *p);
