/* Addresses of the pages: their paths, their parameters, and local addresses that a caller may name.
 *
 * Every text is built in the arena that the call is given, or in the request's. */
#pragma once
#include "text/text.h"
#include "page/site.h"

#define PATH_HOME "/"
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

/* ---- local addresses ---- */
/* A path on this server: starts with one '/', no "//" in the path, no backslash, no control characters, at most
 * LOCAL_MAX bytes. */
bool address_is_local(struct str s);
/* The `goto` of a query or form; absent when it is missing or not local. */
struct str address_goto(const struct pair *pairs);
struct str address_raw(const struct http_req *req); /* path and query as sent: may be no local address */
/* The page for a person who has no other place to go. */
struct str home_address(const struct http_req *req);
enum msg home_label(const struct http_req *req); /* of a link there */

/* ---- addresses with parameters ---- */
struct address {
	struct buf b;
	bool has_parameters;
};
/* path: local, without a query. */
struct address address_start(struct arena *a, struct str path);
void address_put(struct address *to, const char *key, struct str value); /* nothing when absent or empty */
struct str address_str(const struct address *to);

/* ---- the login ---- */
/* Starts a login that comes back to the local address `back`. level: at least this one; 0 = the usual one. fresh: the
 * person has to prove again who they are. Absent when no login is set up. */
struct str login_address(const struct http_req *req, struct str back, int64_t level, bool fresh);
/* Of links "log in again" that lead to `back`. With a provider it is the login itself, else `back`, which asks for the
 * login. */
struct str login_again_address(const struct http_req *req, struct str back);
int64_t login_level(const struct pair *pairs); /* 3 or 4 as `level` of a query or form asks; 0: none */

/* ---- one consent ---- */
/* Parameters of the consent page. */
struct consent_params {
	struct uuid id;
	bool stay;       /* skiplogout: the answer ends on a page here, not at the requester */
	struct str back; /* backtopage, local; absent = none */
};
/* RC_INVALID: no id, or not a UUID; *out is untouched. A backtopage that is not local is dropped. */
MUST_USE enum rc consent_params_read(const struct pair *pairs, struct consent_params *out);
struct str consent_address(struct arena *a, const struct consent_params *params);
struct str consent_back_address(const struct consent_params *params);   /* backtopage, or the overview */
struct str consent_leave_address(struct arena *a, struct uuid consent); /* logs out and goes back to the requester */
struct str details_address(struct arena *a, struct uuid consent);
struct str withdraw_address(struct arena *a, struct uuid consent);
struct str receipt_address(struct arena *a, struct uuid consent);
