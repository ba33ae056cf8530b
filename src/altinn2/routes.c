#include "altinn2/internal.h"
#include "altinn2/link_internal.h"
#include "gate/gate.h"

// clang-format off
static const struct http_route routes[] = {
	{ HTTP_GET,  PATH_LINK, gate_page, .handler = link_get, .doc = "a link that asks for consent: the request, to read and answer" },
	{ HTTP_POST, PATH_LINK, gate_page, .handler = link_post, .doc = "the answer, which stores the request", .max_body = 16384 },
	{ HTTP_GET,  PATH_LINK "/request", .handler = link_request_get, .doc = "a stored request, on its page" },
};
// clang-format on

const struct http_table altinn2_routes = { .rows = routes, .n = LEN(routes) };
