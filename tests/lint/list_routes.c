/* Prints "METHOD pattern" for every route that the program has, for tests/lint/run. */
#include <stdio.h>

#include "api/api.h"
#include "web/web.h"

int main(void)
{
	const struct http_table tables[] = { api_routes, web_routes, api_sandbox_routes, web_sandbox_routes };

	for (size_t t = 0; t < LEN(tables); t++)
		for (size_t i = 0; i < tables[t].n; i++)
			printf("%s %s\n", http_method_name(tables[t].rows[i].method), tables[t].rows[i].pattern);
	return 0;
}
