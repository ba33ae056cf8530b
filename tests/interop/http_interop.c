/* Behind HTTP_HELPER in http.test.mjs: a server that tells which requests it saw. Prints its port, and ends with its
 * standard input. */
#include <stdio.h>
#include <unistd.h>

#include "../echo.h"

#define GRACE_S 5

static enum rc echo(struct http_req *req, struct http_res *res)
{
	http_reply(res, 200, "application/octet-stream");
	echo_write(&res->body, req, false);
	return RC_OK;
}

static const struct http_route rows[] = {
	{ .method = HTTP_GET, .pattern = "/health/live", .handler = echo, .at_once = true },
	ECHO_ROWS(echo),
};
static const struct http_table tables[] = { { .rows = rows, .n = LEN(rows) }, { 0 } };

int main(void)
{
	const struct http_config config = { .listen = "127.0.0.1", .workers = 4 };
	struct http_server *server;
	struct str why;
	char byte;
	if (http_server_start(&config, tables, &server, &why) != RC_OK) {
		fprintf(stderr, "http_interop: %.*s\n", STR_FMT(why));
		return 1;
	}
	printf("%d\n", http_server_port(server));
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return !http_server_stop(server, GRACE_S);
}
