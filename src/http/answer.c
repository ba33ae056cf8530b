#include "http/internal.h"

#include "base/clock.h"

#include <assert.h>

#define BODY_COPIED 4096 /* bytes; a larger body is sent from where it is */

static const char *reason(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 201:
		return "Created";
	case 202:
		return "Accepted";
	case 204:
		return "No Content";
	case 302:
		return "Found";
	case 303:
		return "See Other";
	case 304:
		return "Not Modified";
	case 500:
		return "Internal Server Error";
	default:
		return status < 400 ? "" : http_status_title(status);
	}
}

/* The domain's clock may be moved while the server runs, so that the text is kept for its second only. */
static void date_add(struct buf *b)
{
	static _Thread_local int64_t second = -1;
	static _Thread_local struct str text;
	static _Thread_local char bytes[CLOCK_TEXT_MAX];
	int64_t now = clock_now();
	if (now / CLOCK_SECOND != second) {
		text = clock_http(now, bytes);
		second = now / CLOCK_SECOND;
	}
	buf_lit(b, "\r\nDate: ");
	buf_add(b, text);
}

static void header_add(struct buf *b, struct str name, struct str value)
{
	buf_lit(b, "\r\n");
	buf_add(b, name);
	buf_lit(b, ": ");
	buf_add(b, value);
}

static void head_write(struct call *c, struct buf *b)
{
	const struct http_res *res = &c->res;
	buf_lit(b, "HTTP/1.1 ");
	buf_i64(b, res->status);
	buf_c(b, ' ');
	buf_z(b, reason(res->status));
	date_add(b);
	if (res->status != 204 && res->status != 304) {
		buf_lit(b, "\r\nContent-Length: ");
		buf_i64(b, (int64_t)res->body.n);
	}
	if (res->content_type)
		header_add(b, STR("Content-Type"), str_of(res->content_type));
	for (size_t i = 0; i < res->n_headers; i++)
		header_add(b, res->headers[i].name, res->headers[i].value);
	buf_lit(b, "\r\nX-Content-Type-Options: nosniff");
	if (!response_header(res, "Referrer-Policy"))
		buf_lit(b, "\r\nReferrer-Policy: same-origin");
	if (!response_header(res, "Cache-Control"))
		buf_lit(b, "\r\nCache-Control: no-store");
	header_add(b, STR("X-Trace-Id"), str_of(c->req.trace_id));
	if (c->req.traced)
		buf_fmt(b, "\r\ntraceparent: 00-%s-%s-%s", c->req.trace_id, c->req.span_id,
			c->req.sampled ? "01" : "00");
	if (c->server->config.https)
		buf_lit(b, "\r\nStrict-Transport-Security: max-age=31536000");
	if (c->closes)
		buf_lit(b, "\r\nConnection: close");
	buf_lit(b, "\r\n\r\n");
}

void answer_prepare(struct call *c)
{
	struct http_res *res = &c->res;
	struct buf head = BUF(c->req.arena);
	bool empty = c->req.method == HTTP_HEAD || res->status == 204 || res->status == 304;
	assert(res->status >= 200 && res->status <= 599);
	c->closes |= res->close || atomic_load_explicit(&c->server->stopping, memory_order_relaxed);
	head_write(c, &head);
	if (!empty && res->body.n <= BODY_COPIED)
		buf_add(&head, buf_str(&res->body));
	c->out[0] = buf_str(&head);
	c->out[1] = buf_str(&res->body);
	c->out_at = 0;
	c->n_out = empty || res->body.n <= BODY_COPIED ? 1 : 2;
}
