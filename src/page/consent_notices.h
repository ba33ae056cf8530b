/* Notices in place of a page about a consent. Each one is the whole answer. They return RC_ANSWERED, or the rc with
 * which the store could not be read. */
#pragma once
#include "page/address.h"
#include "page/page.h"

MUST_USE enum rc notice_bad_id(struct page *p);
MUST_USE enum rc notice_not_found(struct page *p, const struct consent_params *params);
/* After RC_DENIED: another person is to answer, or the login is too weak for this consent or for any. */
MUST_USE enum rc notice_denied(struct page *p, const struct problems *problems);
/* The same of an agreement that is only read. */
MUST_USE enum rc notice_not_yours(struct page *p, const struct problems *problems);
/* The texts are gone. answered: of a request that the person has answered. */
MUST_USE enum rc notice_load_error(struct page *p, const struct consent_params *params, bool answered);

/* ---- decisions ---- */
/* It is not known whether the decision was taken. p->here is the page that shows the outcome. wanted: ST_ACCEPTED,
 * ST_REJECTED, ST_REVOKED. */
MUST_USE enum rc notice_uncertain(struct page *p, enum consent_status wanted);
/* Of a form: the session has ended, the login is too old, the form is incomplete or out of date. */
MUST_USE enum rc notice_session_lost(struct page *p);
MUST_USE enum rc notice_login_old(struct page *p);
MUST_USE enum rc notice_form_stale(struct page *p);
/* The same of a withdrawal; p->here is the agreement. */
MUST_USE enum rc notice_withdraw_session_lost(struct page *p);
MUST_USE enum rc notice_withdraw_stale(struct page *p);
