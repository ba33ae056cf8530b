#include "gate/gate.h"
#include "page/address.h"
#include "web/handlers_internal.h"

// clang-format off
static const struct http_route routes[] = {
	{ HTTP_GET,  PATH_HOME, .handler = home_get, .doc = "to the page that a person without another address begins with", .at_once = true },
	{ HTTP_GET,  PATH_CONSENT, gate_page, .handler = consent_page_get, .doc = "the request, to read and answer" },
	{ HTTP_POST, PATH_CONSENT, gate_page, .handler = consent_page_post, .doc = "the answer", .max_body = 16384 },
	{ HTTP_GET,  PATH_OVERVIEW, gate_page, .handler = overview_get, .doc = "a person's agreements" },
	{ HTTP_GET,  PATH_LOG, gate_page, .handler = log_get, .doc = "what happened to them" },
	{ HTTP_GET,  PATH_EXPORT, gate_page, .handler = export_get, .doc = "all of them in a file" },
	{ HTTP_GET,  PATH_DETAILS, gate_page, .handler = details_get, .doc = "one agreement" },
	{ HTTP_GET,  PATH_WITHDRAW, gate_page, .handler = withdraw_get, .doc = "what withdrawing it means" },
	{ HTTP_POST, PATH_WITHDRAW, gate_page, .handler = withdraw_post, .doc = "withdraws it", .max_body = 16384 },
	{ HTTP_GET,  PATH_RECEIPT, gate_page, .handler = receipt_get, .doc = "receipt of an agreement, to print" },
	{ HTTP_GET,  PATH_RECEIPT "/signed", gate_page, .handler = receipt_signed_get, .doc = "the same as a signed document" },
	{ HTTP_GET,  PATH_ACCESSIBILITY, gate_page, .handler = accessibility_get, .doc = "how accessible the pages are, and where to report" },
	{ HTTP_GET,  "/accessmanagement/ui/language", gate_page, .handler = language_get, .doc = "language choice" },
	{ HTTP_GET,  "/accessmanagement/ui/static/{file}", .handler = static_get, .doc = "the stylesheet, and the operator's logo", .at_once = true },
	{ HTTP_POST, "/accessmanagement/ui/logout", gate_page, .handler = logout_post, .doc = "log out from the menu", .max_body = 16384 },
	{ HTTP_POST, "/accessmanagement/ui/changeuser", gate_page, .handler = change_user_post, .doc = "log out and come back",
	  .max_body = 16384 },
	{ HTTP_GET,  "/accessmanagement/api/v1/consent/request/{id}/logout", gate_page, .handler = logout_consent,
	  .doc = "log out and go back to the requester" },
	{ HTTP_GET,  PATH_LOGOUT, gate_page, .handler = logout_all, .doc = "log out" },
	{ HTTP_GET,  PATH_LEFT, gate_page, .handler = logout_left, .doc = "where the login's logout ends" },
	{ HTTP_GET,  PATH_LOGIN, gate_page, .handler = login_begin_get, .doc = "to the OpenID provider" },
	{ HTTP_GET,  "/login/callback", gate_page, .handler = login_back_get, .doc = "back from the OpenID provider: starts the session" },
	{ HTTP_GET,  "/logout/frontchannel", .handler = logout_front_get, .doc = "the provider ends a session, in a frame" },
	{ HTTP_POST, "/logout/backchannel", .handler = logout_back_post, .doc = "the provider ends a session", .max_body = 16384 },
	{ HTTP_GET,  "/favicon.ico", .handler = favicon_get, .doc = "the icon of the pages", .at_once = true },
	{ HTTP_GET,  "/robots.txt", .handler = robots_get, .doc = "no page is for search engines", .at_once = true },
	{ HTTP_GET,  "/.well-known/security.txt", .handler = security_get, .doc = "who is told of a weakness (RFC 9116)", .at_once = true },
};
static const struct http_route sandbox_routes[] = {
	{ HTTP_GET,  PATH_SANDBOX, gate_page, .handler = sandbox_get, .doc = "what is in the sandbox, and what to try" },
	{ HTTP_POST, "/sandbox/request", .handler = sandbox_request_post, .doc = "makes a request to try", .max_body = 16384 },
	{ HTTP_GET,  "/sandbox/login", gate_page, .handler = login_get, .doc = "test login: choice of method" },
	{ HTTP_GET,  "/sandbox/login/testid", gate_page, .handler = testid_get, .doc = "test login: who" },
	{ HTTP_POST, "/sandbox/login/testid", .handler = testid_post, .doc = "test login: starts the session", .max_body = 16384 },
	{ HTTP_GET,  PATH_TEST_LEFT, .handler = test_left_get, .doc = "test logout: the last page" },
};
// clang-format on

const struct http_table web_routes = { .rows = routes, .n = LEN(routes) };
const struct http_table web_sandbox_routes = { .rows = sandbox_routes, .n = LEN(sandbox_routes) };
