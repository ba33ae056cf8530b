/* What the files of this folder share; nobody else includes it. */
#pragma once
#include "gate/gate.h"
#include "web/view_internal.h"
#include "web/web.h"

#define PATH_CONSENT "/accessmanagement/ui/consent/request"
#define PATH_OVERVIEW "/accessmanagement/ui/consent/active"
#define PATH_LOG "/accessmanagement/ui/consent/log"
#define PATH_DETAILS "/accessmanagement/ui/consent/details"
#define PATH_WITHDRAW "/accessmanagement/ui/consent/withdraw"
#define PATH_RECEIPT "/accessmanagement/ui/consent/receipt"
#define PATH_EXPORT "/accessmanagement/ui/consent/export"
#define PATH_ACCESSIBILITY "/accessmanagement/ui/accessibility"
#define PATH_LOGOUT "/authentication/api/v1/logout"
#define PATH_LEFT "/accessmanagement/api/v1/logoutredirect"
#define PATH_SANDBOX "/sandbox"
#define PATH_LOGIN "/login"
#define PATH_TEST_LEFT "/sandbox/login.test.idporten.no/logout/success"
#define LOCAL_MAX 2000 /* bytes of a local address that a caller may name */

/* ---- page.c: the frame around every page ---- */
struct page {
	struct http_req *req;
	struct http_res *res;
	struct arena *a;
	enum lang lang;
	struct str here;    /* local address of this page: where the language choice and the login come back to */
	struct str user;    /* name of who is logged in; absent */
	struct str csrf;    /* absent without a session */
	struct str refresh; /* local address to move on to after refresh_s; absent: the page stays */
	int refresh_s;
};
#define PAGE_WARN_S 120 /* before a session ends, its pages say so */
struct page page_of(struct http_req *req, struct http_res *res);
/* Loads the name of who is logged in. */
MUST_USE enum rc page_user(struct page *p);
/* The whole answer. title: of the document, " - Samtykke" is added unless it is there. */
void page_send(struct page *p, int status, struct str title, struct str main);
void page_headers(struct http_res *res);
enum rc see_other(struct page *p, struct str to);          /* 303 to a local address */
struct str back_to(const struct page *p, struct str href); /* the link above a page, HTML */
/* The text, marked with its language where that is not the page's. HTML. */
void put_localized(const struct page *p, struct buf *b, const struct localized *w);
struct str localized_html(const struct page *p, const struct localized *w);

/* One message and the way on. */
struct notice {
	int status;
	enum msg heading;
	enum msg body;
	const struct fill *fills; /* of heading and body; may be NULL */
	struct str href;          /* local address of the way on; absent: none */
	enum msg link;
	const struct fill *link_fills;
	struct str action; /* HTML in place of the link; absent: the link */
	struct str more;   /* HTML after it; absent: nothing */
};
enum rc notice_send(struct page *p, const struct notice *n);
/* Where a person is sent who has no other place to go. */
struct str page_home(const struct page *p);

/* ---- address.c ---- */
/* A path of ours: starts with one '/', no "//" in the path, no backslash, no control characters, at most LOCAL_MAX. */
bool address_is_local(struct str s);
/* The `goto` of a query or form when it is local, else absent. */
struct str address_goto(const struct pair *pairs);
struct str address_raw(const struct http_req *req); /* path and query as sent */
/* Sends a person without a session to the login and back to the raw address; a page when no login is set up. */
enum rc address_login(struct page *p);
/* Where a login begins that comes back to the local address. level: at least this; 0 = the usual one. fresh: the person
 * has to prove again who they are. Absent when no login is set up. */
struct str login_address(const struct page *p, struct str back, int64_t level, bool fresh);

int64_t login_level(const struct pair *pairs); /* 3 or 4; 0: none is asked for */
/* Where "log in again" leads: to the login at once, where a page of ours would only say that it is needed. */
struct str address_again(const struct page *p, struct str back);

/* What a consent page was called with. */
struct visit {
	struct uuid id;
	bool stay;       /* skiplogout: a receipt here, no way back to the requester */
	struct str back; /* backtopage; absent = none */
};
/* RC_INVALID: no id, or not a UUID. */
MUST_USE enum rc visit_read(const struct pair *pairs, struct visit *out);
struct str visit_address(struct arena *a, const struct visit *v);
struct str visit_leave(struct arena *a, const struct visit *v); /* logs out and goes back to the requester */

/* ---- language.c ---- */
enum lang language_of(const struct http_req *req);
struct str language_choices(const struct page *p); /* of the menu, HTML */
/* The attribute that marks a text in another language than the page's; absent where it is the page's. HTML. */
struct str language_mark(const struct page *p, enum lang lang);
struct str language_name(enum lang lang); /* in the language itself */

/* ---- handlers, by file ---- */
http_handler consent_page_get, consent_page_post;      /* consent_page.c */
http_handler overview_get;                             /* overview.c */
http_handler log_get;                                  /* log_page.c */
http_handler details_get, withdraw_get, withdraw_post; /* details.c */
http_handler accessibility_get;                        /* accessibility.c */
http_handler export_get;                               /* export.c */
http_handler receipt_get, receipt_signed_get;          /* receipt.c */
http_handler logout_consent, logout_all, logout_left;  /* logout.c */
http_handler logout_post, change_user_post;
http_handler login_begin_get, login_back_get;    /* login.c */
http_handler logout_front_get, logout_back_post; /* logout_provider.c */
/* Where the login's own logout pages begin. */
struct str logout_address(struct http_req *req);
http_handler language_get;                       /* language.c */
http_handler stylesheet_get, favicon_get;        /* static.c */
http_handler login_get, testid_get, testid_post; /* login_test.c */
http_handler test_left_get;
http_handler sandbox_get, sandbox_request_post; /* sandbox_page.c */
