/* The handlers that the route tables name, by file. Each one runs behind gate_page unless its row says otherwise. */
#pragma once
#include "web/web.h"

http_handler accessibility_get;                        /* accessibility.c */
http_handler home_get;                                 /* error_page.c */
http_handler consent_page_get, consent_page_post;      /* consent_page.c */
http_handler details_get, withdraw_get, withdraw_post; /* details.c */
http_handler export_get;                               /* export.c */
http_handler language_get;                             /* language_page.c */
http_handler log_get;                                  /* log_page.c */
http_handler login_begin_get, login_back_get;          /* login.c */
http_handler login_get, testid_get, testid_post;       /* login_test.c */
http_handler test_left_get;
http_handler logout_consent, logout_all, logout_left; /* logout.c */
http_handler logout_post, change_user_post;
http_handler logout_front_get, logout_back_post;                /* logout_provider.c */
http_handler overview_get;                                      /* overview.c */
http_handler receipt_get, receipt_signed_get;                   /* receipt.c */
http_handler sandbox_get, sandbox_request_post;                 /* sandbox_page.c */
http_handler static_get, favicon_get, robots_get, security_get; /* static.c */
