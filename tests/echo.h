/* A table of routes whose handlers do nothing but tell which request they saw. */
#pragma once
#include "base/buf.h"
#include "http/http.h"

/* "METHOD TARGET", a line feed and the body; with `fields`, a line "name: value" for each stands between them. */
static inline void echo_write(struct buf *b, const struct http_req *req, bool fields)
{
	buf_z(b, http_method_name(req->method));
	buf_c(b, ' ');
	buf_add(b, req->path);
	if (req->query.p)
		buf_c(b, '?');
	buf_add(b, req->query);
	for (size_t i = 0; fields && i < req->n_headers; i++) {
		buf_c(b, '\n');
		buf_add(b, req->headers[i].name);
		buf_lit(b, ": ");
		buf_add(b, req->headers[i].value);
	}
	buf_c(b, '\n');
	buf_add(b, req->body);
}

/* Rows for paths of up to four segments, with the methods that have bodies and GET. */
#define ECHO_ROWS_OF(m, handle)                                                                                        \
	{ .method = (m), .pattern = "/", .handler = (handle) },                                                        \
		{ .method = (m), .pattern = "/{a}", .handler = (handle) },                                             \
		{ .method = (m), .pattern = "/{a}/{b}", .handler = (handle) },                                         \
		{ .method = (m), .pattern = "/{a}/{b}/{c}", .handler = (handle) },                                     \
	{                                                                                                              \
		.method = (m), .pattern = "/{a}/{b}/{c}/{d}", .handler = (handle)                                      \
	}
#define ECHO_ROWS(handle)                                                                                              \
	ECHO_ROWS_OF(HTTP_GET, handle), ECHO_ROWS_OF(HTTP_POST, handle), ECHO_ROWS_OF(HTTP_PUT, handle),               \
		ECHO_ROWS_OF(HTTP_PATCH, handle), ECHO_ROWS_OF(HTTP_DELETE, handle)
