#include "altinn2/handlers.h"
#include "altinn2/internal.h"
#include "altinn2/link_internal.h"
#include "gate/gate.h"

#define S_READ "altinn:consentrequests.read altinn:enduser/consentrequest.read"
#define S_WRITE "altinn:consentrequests.write altinn:enduser/consentrequest.write"
#define S_TOKENS "altinn:consenttokens.read altinn:consenttokens"
#define S_TOKENS_WRITE "altinn:consenttokens.write"
#define S_CONSENTS "altinn:serviceowner/consents"
#define S_SRR_READ "altinn:serviceowner/srr.read"
#define S_SRR_WRITE "altinn:serviceowner/srr.write"
#define SMALL_BODY 16384

// clang-format off
#define REQUESTS(path) \
	{ HTTP_POST, path, gate_bearer_if, S_WRITE, 0, altinn2_request_create, .doc = "registers a consent request (Altinn 2)" }, \
	{ HTTP_GET, path, gate_bearer_if, S_READ, 0, altinn2_request_list, .doc = "the organisation's requests (Altinn 2)" }, \
	{ HTTP_GET, path "/{id}", gate_bearer_if, S_READ, 0, altinn2_request_show, .doc = "a request, for who made it or got it (Altinn 2)" }, \
	{ HTTP_DELETE, path "/{id}", gate_bearer_if, S_WRITE, 0, altinn2_request_delete, .doc = "deletes a request that nobody has answered (Altinn 2)" }
static const struct http_route rows[] = {
	{ HTTP_GET,  PATH_LINK, gate_page, .handler = link_get, .doc = "a link that asks for consent: the request, to read and answer" },
	{ HTTP_POST, PATH_LINK, gate_page, .handler = link_post, .doc = "the answer, which stores the request", .max_body = 16384 },
	{ HTTP_GET,  PATH_LINK "/request", .handler = link_request_get, .doc = "a stored request, on its page" },
	REQUESTS("/api/consentrequests"),
	REQUESTS("/api/consentrequest"),
	{ HTTP_GET, "/api/authorization/token", gate_bearer_if, S_TOKENS, 0, altinn2_token_get, .doc = "the token of a code, by ?authcode= (Altinn 2)" },
	{ HTTP_GET, "/api/authorization/token/{code}", gate_bearer_if, S_TOKENS, 0, altinn2_token_get, .doc = "the token of a code (Altinn 2)" },
	{ HTTP_DELETE, "/api/authorization/token/{code}", gate_bearer_if, S_TOKENS_WRITE, 0, altinn2_token_delete, .doc = "gives the consent back (Altinn 2)" },
	{ HTTP_POST, "/api/authorization/token/{code}/loguse", gate_bearer_if, S_TOKENS_WRITE, SMALL_BODY, altinn2_token_used, .doc = "tells that data was fetched (Altinn 2)" },
	{ HTTP_GET, "/api/metadata/jwk", .handler = altinn2_jwk, .doc = "keys of the tokens of Altinn 2", .at_once = true },
	{ HTTP_GET, "/api/metadata/well-known", .handler = altinn2_well_known, .doc = "metadata of Altinn 2", .at_once = true },
	{ HTTP_GET, "/api/serviceowner/consents", gate_bearer_if, S_CONSENTS, 0, altinn2_owner_list, .doc = "the consents to a service, for its owner (Altinn 2)" },
	{ HTTP_GET, "/api/serviceowner/srr", gate_bearer_if, S_SRR_READ, 0, altinn2_srr_list, .doc = "the allow-list of a service (Altinn 2)" },
	{ HTTP_POST, "/api/serviceowner/srr", gate_bearer_if, S_SRR_WRITE, 0, altinn2_srr_create, .doc = "adds rules to it (Altinn 2)" },
	{ HTTP_GET, "/api/serviceowner/srr/{id}", gate_bearer_if, S_SRR_READ, 0, altinn2_srr_show, .doc = "one rule of it (Altinn 2)" },
	{ HTTP_PUT, "/api/serviceowner/srr/{id}", gate_bearer_if, S_SRR_WRITE, SMALL_BODY, altinn2_srr_replace, .doc = "replaces a rule (Altinn 2)" },
	{ HTTP_DELETE, "/api/serviceowner/srr/{id}", gate_bearer_if, S_SRR_WRITE, 0, altinn2_srr_delete, .doc = "removes a rule (Altinn 2)" },
};
static const struct http_route sandbox_rows[] = {
	{ HTTP_GET, "/api/getconsenttoken", .handler = altinn2_test_token, .doc = "a token of Altinn 2 without a consent, for tests" },
};
// clang-format on

const struct http_table altinn2_routes = { .rows = rows, .n = LEN(rows) };
const struct http_table altinn2_sandbox_routes = { .rows = sandbox_rows, .n = LEN(sandbox_rows) };
