/* Prints one line a route: TABLE METHOD PATTERN CHECK MAX-BODY SCOPES, with "-" for none; for tests/lint/run and
 * openapi.mjs. */
#include <stdio.h>

#include "api/api.h"
#include "front/extension.h"
#include "gate/gate.h"
#include "web/web.h"

static const char *check_name(http_handler *check)
{
	if (!check)
		return "-";
	if (check == gate_bearer)
		return "bearer";
	if (check == gate_bearer_if)
		return "key";
	if (check == gate_person)
		return "person";
	return check == gate_page ? "page" : "unknown";
}

static void table_print(const char *name, const struct http_table *table)
{
	for (size_t i = 0; table && i < table->n; i++) {
		const struct http_route *r = &table->rows[i];
		printf("%s %s %s %s %zu %s\n", name, http_method_name(r->method), r->pattern, check_name(r->check),
		       r->max_body ? r->max_body : (size_t)HTTP_MAX_BODY, r->scope ? r->scope : "-");
	}
}

int main(void)
{
	table_print("both", &api_routes);
	table_print("both", &web_routes);
	table_print("sandbox", &api_sandbox_routes);
	table_print("sandbox", &web_sandbox_routes);
	for (size_t i = 0; extensions[i]; i++) {
		table_print("both", extensions[i]->routes);
		table_print("sandbox", extensions[i]->sandbox_routes);
	}
	return 0;
}
