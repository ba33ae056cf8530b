/* Prints one line a route: TABLE METHOD PATTERN CHECK MAX-BODY SCOPES, with "-" for none; for tests/lint/run and
 * openapi.mjs. */
#include <stdio.h>

#include "api/api.h"
#include "gate/gate.h"
#include "web/web.h"

static const char *check_name(http_handler *check)
{
	if (!check)
		return "-";
	if (check == gate_bearer)
		return "bearer";
	if (check == gate_person)
		return "person";
	return check == gate_page ? "page" : "unknown";
}

int main(void)
{
	const struct http_table tables[] = { api_routes, web_routes, api_sandbox_routes, web_sandbox_routes };
	static const char *const names[LEN(tables)] = { "both", "both", "sandbox", "sandbox" };

	for (size_t t = 0; t < LEN(tables); t++)
		for (size_t i = 0; i < tables[t].n; i++) {
			const struct http_route *r = &tables[t].rows[i];
			printf("%s %s %s %s %zu %s\n", names[t], http_method_name(r->method), r->pattern,
			       check_name(r->check), r->max_body ? r->max_body : (size_t)HTTP_MAX_BODY,
			       r->scope ? r->scope : "-");
		}
	return 0;
}
