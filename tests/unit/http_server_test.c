#include "http/http.h"
#include "http_client.h"

#include "base/clock.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#define BODY_LIMIT 1000

struct app {
	atomic_int runs, refreshes, served, inside, turns, turns_ended;
	atomic_bool fresh, hold;
	atomic_int version; /* of what handlers decide on */
	sem_t gate;
};

static enum rc hello(struct http_req *req, struct http_res *res)
{
	http_reply(res, 200, "text/plain");
	buf_fmt(&res->body, "%s %.*s %.*s", http_method_name(req->method), STR_FMT(req->param[0]), STR_FMT(req->query));
	return RC_OK;
}

static enum rc echo(struct http_req *req, struct http_res *res)
{
	http_reply(res, 201, "application/octet-stream");
	buf_add(&res->body, req->body);
	http_set_header(res, "Cache-Control", STR("max-age=5"));
	http_set_header(res, "Location", STR("/a\r\nX-Injected: 1"));
	return RC_OK;
}

static enum rc silent(struct http_req *req, struct http_res *res)
{
	(void)req;
	buf_lit(&res->body, "no status");
	return RC_OK;
}

static enum rc blocked(struct http_req *req, struct http_res *res)
{
	struct app *app = req->handlers;
	atomic_fetch_add(&app->inside, 1);
	while (sem_wait(&app->gate) != 0)
		;
	http_reply(res, 200, "text/plain");
	buf_lit(&res->body, "released");
	return RC_OK;
}

static enum rc stale(struct http_req *req, struct http_res *res)
{
	struct app *app = req->handlers;
	atomic_fetch_add(&app->runs, 1);
	buf_lit(&res->body, "x");
	http_set_header(res, "X-Half", STR("1"));
	if (str_is(req->query, "uncertain"))
		return RC_UNCERTAIN;
	if (str_is(req->query, "turn") ? !req->in_turn : str_is(req->query, "always") || !atomic_load(&app->fresh))
		return RC_STALE;
	http_reply(res, 200, "text/plain");
	return RC_OK;
}

static enum rc missing(struct http_req *req, struct http_res *res)
{
	struct app *app = req->handlers;
	atomic_fetch_add(&app->runs, 1);
	http_set_header(res, "ETag", STR("1"));
	http_set_header(res, "WWW-Authenticate", STR("Bearer"));
	return atomic_load(&app->fresh) ? RC_NOT_FOUND : RC_DENIED;
}

/* While it decides, another request brings what it decides on up to date. */
static enum rc overtaken(struct http_req *req, struct http_res *res)
{
	struct app *app = req->handlers;
	if (atomic_fetch_add(&app->runs, 1) == 0) {
		atomic_fetch_add(&app->version, 1);
		return RC_DENIED;
	}
	http_reply(res, 200, "text/plain");
	return RC_OK;
}

static enum rc large(struct http_req *req, struct http_res *res)
{
	(void)req;
	http_reply(res, 200, "text/plain");
	for (int i = 0; i < 200000; i++)
		buf_lit(&res->body, "0123456789");
	return RC_OK;
}

static enum rc check(struct http_req *req, struct http_res *res)
{
	req->caller = req->checks;
	if (str_is(http_header(req, "Authorization"), "set")) {
		http_reply(res, 418, NULL);
		return RC_ANSWERED;
	}
	return http_header(req, "Authorization").p ? RC_OK : RC_UNAUTHENTICATED;
}

static const struct http_route rows[] = {
	// clang-format off
	{ .method = HTTP_GET,  .pattern = "/hello/{name}", .handler = hello },
	{ .method = HTTP_GET,  .pattern = "/checked/{name}", .check = check, .handler = hello },
	{ .method = HTTP_POST, .pattern = "/echo", .max_body = BODY_LIMIT, .handler = echo },
	{ .method = HTTP_GET,  .pattern = "/silent", .handler = silent },
	{ .method = HTTP_GET,  .pattern = "/blocked", .handler = blocked },
	{ .method = HTTP_GET,  .pattern = "/stale", .handler = stale },
	{ .method = HTTP_GET,  .pattern = "/missing", .handler = missing },
	{ .method = HTTP_GET,  .pattern = "/overtaken", .handler = overtaken },
	{ .method = HTTP_GET,  .pattern = "/large", .handler = large },
	// clang-format on
};
static size_t max_bodies; /* of the next server; 0 = the usual */

static int64_t version(void *arg)
{
	struct app *app = arg;
	return atomic_load(&app->version);
}

static bool refresh(void *arg, int64_t noted)
{
	struct app *app = arg;
	atomic_fetch_add(&app->refreshes, 1);
	return version(app) != noted || !atomic_exchange(&app->fresh, true);
}

static bool error_page(void *ctx, struct http_req *req, struct http_res *res, int status)
{
	(void)ctx;
	if (!str_is(http_header(req, "Accept"), "text/html"))
		return false;
	http_reply(res, status, "text/html");
	buf_fmt(&res->body, "<h1>%d</h1>", status);
	return true;
}

static void served(void *arg, const struct http_req *req, const struct http_res *res, int64_t us)
{
	struct app *app = arg;
	int status = res->status;
	if (status == 404 && atomic_load(&app->hold))
		sem_wait(&app->gate);
	if (strlen(req->trace_id) == 32 && status >= 200 && us >= 0)
		atomic_fetch_add(&app->served, 1);
}

struct fixture {
	struct app app;
	struct http_server *server;
};

static void turn(void *ctx, bool begin)
{
	struct app *app = ctx;
	atomic_fetch_add(begin ? &app->turns : &app->turns_ended, 1);
}

static void start(struct fixture *f, int workers)
{
	memset(f, 0, sizeof *f);
	sem_init(&f->app.gate, 0, 0);
	struct http_config c = { .listen = "127.0.0.1",
				 .workers = workers,
				 .io_threads = 1,
				 .ctx = &f->app,
				 .turn = turn,
				 .max_bodies = max_bodies,
				 .version = version,
				 .refresh = refresh,
				 .error_page = error_page,
				 .served = served };
	const struct http_table tables[] = { { .rows = rows, .n = LEN(rows), .checks = &f->app, .handlers = &f->app },
					     { 0 } };
	struct str why;
	CHECK_RC(http_server_start(&c, tables, &f->server, &why), RC_OK);
	CHECK(http_server_port(f->server) > 0);
}

static void stop(struct fixture *f)
{
	CHECK(http_server_stop(f->server, 5));
	sem_destroy(&f->app.gate);
}

static int dial(const struct fixture *f)
{
	return dial_port(http_server_port(f->server));
}

/* A connection of its own; tells whether the server closed it afterwards. */
static struct reply ask(const struct fixture *f, struct arena *a, struct str text, bool *closed_out)
{
	struct buf rest = BUF(a);
	int fd = dial(f);
	put(fd, text);
	struct reply r = reply(a, fd, &rest, str_starts(text, STR("HEAD")));
	if (closed_out)
		*closed_out = r.status == 0 || str_ieq(header_of(r.head, STR("Connection")), STR("close"));
	if (closed_out && *closed_out)
		CHECK(!take(fd, &rest));
	close(fd);
	return r;
}

static void test_server__table(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int status;
		const char *body; /* NULL: any */
	} cases[] = {
		// clang-format off
		{ "GET /hello/x" END, 200, "GET x " }, { "GET /HELLO/X/?q=%41+b" END, 200, "GET X q=%41+b" },
		{ "GET /hello/%C3%A6" END, 200, "GET \xc3\xa6 " }, { "HEAD /hello/x" END, 200, "" },
		{ "GET http://other/hello/x" END, 200, "GET x " },
		{ "GET /hello/x HTTP/1.0\r\n\r\n", 200, "GET x " },
		{ "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", 201, "abc" },
		{ "POST /echo HTTP/1.1\r\nHost: h\r\n"
			 "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 201, "abc" },
		{ "POST /echo" END, 201, "" },
		{ "GET /none" END, 404, NULL }, { "GET /hello" END, 404, NULL }, { "GET /hello/" END, 404, NULL },
		{ "POST /hello/x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", 405, NULL },
		{ "BREW /hello/x" END, 405, NULL }, { "OPTIONS /hello/x" END, 204, "" },
		{ "GET /silent" END, 500, NULL }, { "GET /checked/x" END, 401, NULL },
		{ "GET /checked/x HTTP/1.1\r\nHost: h\r\nAuthorization: y\r\n\r\n", 200, "GET x " },
		{ "GET /checked/x HTTP/1.1\r\nHost: h\r\nAuthorization: set\r\n\r\n", 418, "" },
		{ "GET /none HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\n\r\n", 404, "<h1>404</h1>" },
		{ "GET /silent HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\n\r\n", 500, "<h1>500</h1>" },
		// clang-format on
	};
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	start(&f, 2);
	for (size_t i = 0; i < LEN(cases); i++) {
		struct reply r = ask(&f, &a, str_of(cases[i].text), NULL);
		if (r.status != cases[i].status)
			fail_msg("%s: %d", cases[i].text, r.status);
		if (cases[i].body)
			CHECK_STR(r.body, str_of(cases[i].body));
		assert_int_equal(header_of(r.head, STR("X-Trace-Id")).n, 32);
		CHECK_STR(header_of(r.head, STR("X-Content-Type-Options")), STR("nosniff"));
		assert_non_null(header_of(r.head, STR("Referrer-Policy")).p);
		assert_non_null(header_of(r.head, STR("Cache-Control")).p);
	}
	stop(&f);
	assert_int_equal(f.app.served, LEN(cases));
}

static void test_server__headers(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	start(&f, 1);
	struct reply r = ask(&f, &a, STR("GET /hello/x" END), NULL);
	CHECK_STR(r.reason, STR("OK"));
	CHECK_STR(header_of(r.head, STR("Cache-Control")), STR("no-store"));
	CHECK_STR(header_of(r.head, STR("Content-Type")), STR("text/plain"));
	r = ask(&f, &a, STR("POST /echo" END), NULL);
	CHECK_STR(r.reason, STR("Created"));
	CHECK_STR(header_of(r.head, STR("Cache-Control")), STR("max-age=5"));
	assert_null(header_of(r.head, STR("Location")).p);
	assert_null(header_of(r.head, STR("X-Injected")).p);
	r = ask(&f, &a, STR("PUT /hello/x" END), NULL);
	CHECK_STR(header_of(r.head, STR("Allow")), STR("GET, HEAD, OPTIONS"));
	CHECK_STR(header_of(r.head, STR("Content-Type")), STR("application/problem+json"));
	CHECK(str_find(r.body, header_of(r.head, STR("X-Trace-Id"))) > 0);
	r = ask(&f, &a, STR("OPTIONS /echo" END), NULL);
	CHECK_STR(header_of(r.head, STR("Allow")), STR("POST, OPTIONS"));
	r = ask(&f, &a, STR("GET /missing" END), NULL);
	assert_null(header_of(r.head, STR("ETag")).p);
	CHECK_STR(header_of(r.head, STR("WWW-Authenticate")), STR("Bearer"));
	stop(&f);
}

static void test_server__date_follows_the_domain_clock(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	start(&f, 1);
	for (int days = -400; days <= 400; days += 400) {
		int64_t at;
		clock_set_offset(days * CLOCK_DAY);
		struct reply r = ask(&f, &a, STR("GET /none" END), NULL);
		CHECK_RC(clock_http_parse(header_of(r.head, STR("Date")), &at), RC_OK);
		CHECK(llabs(at - clock_now()) < 3 * CLOCK_SECOND);
	}
	clock_set_offset(0);
	stop(&f);
}

static void test_server__refused_framing_closes(void **state)
{
	(void)state;
	static const struct str bad[] = {
		// clang-format off
		STR_INIT("GET /hello/x HTTP/1.1\r\n\r\n"),
		STR_INIT("GET /hello/x HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"),
		STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\n"
			 "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\n"
			 "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"),
		STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
		STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 0\r\n\r\nabc"),
		STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length : 3\r\n\r\nabc"),
		STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
		STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\n"
			 "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
		STR_INIT("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		STR_INIT("GET /hello/x HTTP/1.1\r\nHost: h\r\nX: a\0Content-Length: 3\r\n\r\n"),
		STR_INIT("GET /hello/x HTTP/1.1\r\nHost: h\r\nX: a\0b\r\nY: c\r\n\r\n"),
		STR_INIT("GET /hello/x HTTP/1.1\r\nHost: h\r\nX\0: a\r\n\r\n"),
		STR_INIT("GET /hello/x HTTP/1.1\r\nHost: h\r\nX: a\x01\r\n\r\n"),
		STR_INIT("GET /hello/x HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n"),
		STR_INIT("GET /hello/x HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n"),
		STR_INIT("GET /hello/x HTTP/1.1\nHost: h\n\n"),
		STR_INIT("GET /hello/x HTTP/1.1\r\nHost: h\nX: a\r\n\r\n"),
		STR_INIT("GET  /hello/x HTTP/1.1\r\nHost: h\r\n\r\n"),
		STR_INIT("GET /hello/x y HTTP/1.1\r\nHost: h\r\n\r\n"),
		STR_INIT("GET /hello/x\0y HTTP/1.1\r\nHost: h\r\n\r\n"),
		STR_INIT("GET /hello/%00 HTTP/1.1\r\nHost: h\r\n\r\n"),
		STR_INIT("GET /hello/a%2Fb HTTP/1.1\r\nHost: h\r\n\r\n"),
		STR_INIT("GET /hello/%4 HTTP/1.1\r\nHost: h\r\n\r\n"),
		STR_INIT("GET /hello/x?a=%00 HTTP/1.1\r\nHost: h\r\n\r\n"),
		STR_INIT("GET hello HTTP/1.1\r\nHost: h\r\n\r\n"),
		// clang-format on
	};
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	start(&f, 1);
	for (size_t i = 0; i < LEN(bad); i++) {
		bool closed = false;
		struct reply r = ask(&f, &a, bad[i], &closed);
		if (r.status != 400 || !closed)
			fail_msg("row %zu: %d, closed %d", i, r.status, closed);
	}
	struct reply r =
		ask(&f, &a, STR("GET /hello/x HTTP/1.1\r\nHost:\th \t\r\nX:\r\nY: \r\nZ: 1\r\nEmpty:\r\n\r\n"), NULL);
	assert_int_equal(r.status, 200);
	stop(&f);
}

static struct str padded(struct arena *a, const char *before, size_t n, const char *after)
{
	struct buf b = BUF(a);
	buf_z(&b, before);
	for (size_t i = 0; i < n; i++)
		buf_c(&b, 'a');
	buf_z(&b, after);
	return buf_str(&b);
}

static void test_server__limits(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	start(&f, 1);
	assert_int_equal(ask(&f, &a, padded(&a, "GET /hello/", HTTP_MAX_PATH - 7, END), NULL).status, 200);
	assert_int_equal(ask(&f, &a, padded(&a, "GET /hello/", HTTP_MAX_PATH - 6, END), NULL).status, 414);
	assert_int_equal(ask(&f, &a, padded(&a, "GET /hello/x?", HTTP_MAX_QUERY, END), NULL).status, 200);
	assert_int_equal(ask(&f, &a, padded(&a, "GET /hello/x?", HTTP_MAX_QUERY + 1, END), NULL).status, 414);
	const char *head = "GET /hello/x HTTP/1.1\r\nHost: h\r\nX: ";
	assert_int_equal(ask(&f, &a, padded(&a, head, HTTP_MAX_HEADER, "\r\n\r\n"), NULL).status, 200);
	assert_int_equal(ask(&f, &a, padded(&a, head, HTTP_MAX_HEADER + 1, "\r\n\r\n"), NULL).status, 431);
	struct buf b = BUF(&a);
	buf_lit(&b, "GET /hello/x HTTP/1.1\r\nHost: h\r\n");
	for (int i = 1; i < HTTP_MAX_HEADERS; i++)
		buf_fmt(&b, "X-%d: y\r\n", i);
	struct buf more = BUF(&a);
	buf_add(&more, buf_str(&b));
	buf_lit(&b, "\r\n");
	buf_lit(&more, "One: more\r\n\r\n");
	assert_int_equal(ask(&f, &a, buf_str(&b), NULL).status, 200);
	assert_int_equal(ask(&f, &a, buf_str(&more), NULL).status, 431);
	/* all at once, as large as it may be */
	struct str query = padded(&a, "GET /hello/x?", HTTP_MAX_QUERY, " HTTP/1.1\r\nHost: h\r\nX: ");
	assert_int_equal(ask(&f, &a, padded(&a, arena_cstr(&a, query), HTTP_MAX_HEADER, "\r\n\r\n"), NULL).status, 200);
	assert_int_equal(ask(&f, &a, padded(&a, "GET /hello/x?", 60000, END), NULL).status, 414);
	stop(&f);
}

static void test_server__body_limits(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	bool closed;
	start(&f, 1);
	const char *exact = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n";
	assert_int_equal(ask(&f, &a, padded(&a, exact, BODY_LIMIT, ""), NULL).body.n, BODY_LIMIT);
	const char *over = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n";
	struct reply r = ask(&f, &a, padded(&a, over, BODY_LIMIT + 1, ""), &closed);
	assert_int_equal(r.status, 413);
	assert_false(closed);
	const char *chunk = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n";
	assert_int_equal(ask(&f, &a, padded(&a, chunk, BODY_LIMIT, "\r\n0\r\n\r\n"), NULL).body.n, BODY_LIMIT);
	r = ask(&f, &a, padded(&a, chunk, BODY_LIMIT, "\r\n1\r\na\r\n0\r\n\r\n"), &closed);
	assert_int_equal(r.status, 413);
	assert_false(closed);
	r = ask(&f, &a, STR("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n"),
		&closed);
	assert_int_equal(r.status, 413);
	assert_true(closed);
	r = ask(&f, &a, STR("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n"), &closed);
	assert_int_equal(r.status, 413);
	assert_true(closed);
	r = ask(&f, &a, padded(&a, "POST /none HTTP/1.1\r\nHost: h\r\nContent-Length: 2000\r\n\r\n", 2000, ""),
		&closed);
	assert_int_equal(r.status, 404);
	assert_false(closed);
	stop(&f);
}

static void test_server__bodies_together(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	struct buf rest = BUF(&a);
	const char *head = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n";
	struct str whole = padded(&a, head, BODY_LIMIT, "");
	struct reply r = { 0 };
	max_bodies = 1999;
	start(&f, 1);
	max_bodies = 0;
	int slow = dial(&f);
	put(slow, str_span(whole.p, whole.n - 1));
	for (int i = 0; i < 20 && r.status != 503; i++) {
		r = ask(&f, &a, whole, NULL); /* 999 + 1000 fit, until the slow one's bytes have come */
		usleep(10000);
	}
	assert_int_equal(r.status, 201); /* 1999 is the limit */
	int second = dial(&f);
	put(second, str_span(whole.p, whole.n - 999));
	for (int i = 0; i < WAIT_MS / 10 && r.status != 503; i++) {
		r = ask(&f, &a, whole, NULL);
		usleep(10000);
	}
	assert_int_equal(r.status, 503);
	put(slow, str_span(whole.p + whole.n - 1, 1));
	assert_int_equal(reply(&a, slow, &rest, false).status, 201);
	close(slow);
	close(second);
	for (int i = 0; i < WAIT_MS / 10 && r.status != 201; i++) {
		r = ask(&f, &a, whole, NULL);
		usleep(10000);
	}
	assert_int_equal(r.status, 201);
	stop(&f);
}

static void test_server__keep_alive_and_pipeline(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	start(&f, 4);
	struct buf rest = BUF(&a);
	int fd = dial(&f);
	for (int i = 0; i < 50; i++) {
		put(fd, STR("GET /hello/x" END));
		assert_int_equal(reply(&a, fd, &rest, false).status, 200);
	}
	struct buf many = BUF(&a);
	for (int i = 0; i < 50; i++)
		buf_fmt(&many, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n%02dGET /none%d" END, i, i);
	put(fd, buf_str(&many));
	for (int i = 0; i < 50; i++) {
		CHECK_STR(reply(&a, fd, &rest, false).body, arena_fmt(&a, "%02d", i));
		assert_int_equal(reply(&a, fd, &rest, false).status, 404);
	}
	assert_int_equal(rest.n, 0);
	put(fd, STR("GET /hello/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
	assert_int_equal(reply(&a, fd, &rest, false).status, 200);
	assert_false(take(fd, &rest));
	close(fd);
	stop(&f);
}

static void test_server__slow_and_truncated(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	start(&f, 1);
	struct buf rest = BUF(&a);
	struct str text = STR("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
	int fd = dial(&f);
	for (size_t i = 0; i < text.n; i++) {
		put(fd, str_span(text.p + i, 1));
		usleep(300);
	}
	CHECK_STR(reply(&a, fd, &rest, false).body, STR("abc"));
	close(fd);
	for (size_t n = 0; n < text.n; n++) {
		fd = dial(&f);
		put(fd, str_span(text.p, n));
		close(fd);
	}
	assert_int_equal(ask(&f, &a, STR("GET /hello/x" END), NULL).status, 200);
	stop(&f);
	assert_int_equal(f.app.served, 2);
}

static void wait_inside(struct fixture *f, int n)
{
	for (int i = 0; i < WAIT_MS && f->app.inside < n; i++)
		usleep(1000);
	assert_int_equal(f->app.inside, n);
}

static void test_server__full_queue(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	int fds[1 + HTTP_QUEUE_PER_WORKER];
	start(&f, 1);
	for (size_t i = 0; i < LEN(fds); i++) {
		fds[i] = dial(&f);
		put(fds[i], STR("GET /blocked" END));
		if (i == 0)
			wait_inside(&f, 1);
	}
	struct reply r = { 0 };
	for (int i = 0; i < 100 && r.status == 0; i++) {
		usleep(20000);
		r = ask(&f, &a, STR("GET /hello/x" END), NULL);
	}
	assert_int_equal(r.status, 503);
	CHECK_STR(header_of(r.head, STR("Retry-After")), STR("1"));
	assert_int_equal(ask(&f, &a, STR("GET /none" END), NULL).status, 404);
	for (size_t i = 0; i < LEN(fds); i++)
		sem_post(&f.app.gate);
	for (size_t i = 0; i < LEN(fds); i++) {
		struct buf rest = BUF(&a);
		assert_int_equal(reply(&a, fds[i], &rest, false).status, 200);
		close(fds[i]);
	}
	stop(&f);
}

static void test_server__stale_runs_again_once(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	start(&f, 1);
	struct reply r = ask(&f, &a, STR("GET /stale" END), NULL);
	assert_int_equal(r.status, 200);
	CHECK_STR(r.body, STR("x"));
	assert_int_equal(f.app.runs, 2);
	assert_int_equal(f.app.refreshes, 1);
	r = ask(&f, &a, STR("GET /stale?always" END), NULL);
	assert_int_equal(r.status, 503);
	assert_null(header_of(r.head, STR("X-Half")).p);
	CHECK_STR(header_of(r.head, STR("Retry-After")), STR("1"));
	assert_int_equal(f.app.runs, 2 + 1 + HTTP_MAX_RERUNS);
	f.app.fresh = false;
	assert_int_equal(ask(&f, &a, STR("GET /missing" END), NULL).status, 404);
	assert_int_equal(f.app.runs, 9);
	assert_int_equal(ask(&f, &a, STR("GET /missing" END), NULL).status, 404);
	assert_int_equal(f.app.runs, 10);
	stop(&f);
}

/* A second run might say that nothing was done. */
static void test_server__an_uncertain_outcome_is_said_and_does_not_run_again(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	start(&f, 1);
	struct reply r = ask(&f, &a, STR("GET /stale?uncertain" END), NULL);
	assert_int_equal(r.status, 500);
	CHECK(str_find(r.body, STR("It is not known whether the change was made")) > 0);
	assert_int_equal(f.app.runs, 1);
	assert_int_equal(f.app.refreshes, 0);
	stop(&f);
}

/* The last run waits for its turn, so that nobody overtakes it; others need none. */
static void test_server__the_last_run_has_its_turn(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	start(&f, 1);
	f.app.fresh = true;
	assert_int_equal(ask(&f, &a, STR("GET /stale" END), NULL).status, 200);
	assert_int_equal(f.app.turns, 0);
	assert_int_equal(ask(&f, &a, STR("GET /stale?turn" END), NULL).status, 200);
	assert_int_equal(f.app.runs, 1 + 1 + HTTP_MAX_RERUNS);
	assert_int_equal(f.app.turns, 1);
	assert_int_equal(f.app.turns_ended, 1);
	assert_int_equal(ask(&f, &a, STR("GET /stale?always" END), NULL).status, 503);
	assert_int_equal(f.app.turns, 2);
	assert_int_equal(f.app.turns_ended, 2);
	stop(&f);
}

static void test_server__a_refusal_that_was_overtaken_runs_again(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	start(&f, 1);
	f.app.fresh = true;
	assert_int_equal(ask(&f, &a, STR("GET /overtaken" END), NULL).status, 200);
	assert_int_equal(f.app.runs, 2);
	stop(&f);
}

static void test_server__many_connections(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	int fds[200];
	start(&f, 8);
	for (size_t i = 0; i < LEN(fds); i++)
		fds[i] = dial(&f);
	for (int round = 0; round < 5; round++) {
		for (size_t i = 0; i < LEN(fds); i++)
			put(fds[i], arena_fmt(&a, "GET /hello/c%zu" END, i));
		for (size_t i = 0; i < LEN(fds); i++) {
			struct buf rest = BUF(&a);
			struct reply r = reply(&a, fds[i], &rest, false);
			assert_int_equal(r.status, 200);
			CHECK_STR(r.body, arena_fmt(&a, "GET c%zu ", i));
		}
	}
	for (size_t i = 0; i < LEN(fds); i++)
		close(fds[i]);
	stop(&f);
}

/* As many requests at once as the engine's event table holds: its own loop would wait for one more. */
static void test_server__a_full_event_table(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	int fds[128];
	start(&f, 2);
	struct buf rest = BUF(&a);
	for (size_t i = 0; i < LEN(fds); i++) {
		fds[i] = dial(&f);
		put(fds[i], STR("GET /hello/x" END));
		assert_int_equal(reply(&a, fds[i], &rest, false).status, 200);
	}
	int holder = dial(&f);
	f.app.hold = true;
	put(holder, STR("GET /none" END));
	usleep(50000);
	for (size_t i = 0; i < LEN(fds); i++)
		put(fds[i], STR("GET /hello/y" END));
	f.app.hold = false;
	sem_post(&f.app.gate);
	for (size_t i = 0; i < LEN(fds); i++) {
		assert_int_equal(reply(&a, fds[i], &rest, false).status, 200);
		close(fds[i]);
	}
	close(holder);
	stop(&f);
}

static void test_server__large_answers(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	start(&f, 2);
	struct reply r = ask(&f, &a, STR("GET /large" END), NULL);
	assert_int_equal(r.body.n, 2000000);
	assert_memory_equal(r.body.p + r.body.n - 10, "0123456789", 10);
	int fd = dial(&f); /* gone before the answer */
	put(fd, STR("GET /large" END));
	close(fd);
	stop(&f);
}

static void *release_later(void *arg)
{
	struct fixture *f = arg;
	usleep(200000);
	sem_post(&f->app.gate);
	sem_post(&f->app.gate);
	return NULL;
}

static void test_server__graceful_stop(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	pthread_t releaser;
	start(&f, 32); /* two threads at least: the blocked handlers hold theirs */
	int one = dial(&f), two = dial(&f), idle = dial(&f);
	put(one, STR("GET /blocked" END));
	put(two, STR("GET /blocked" END));
	wait_inside(&f, 2);
	pthread_create(&releaser, NULL, release_later, &f);
	CHECK(http_server_stop(f.server, 10));
	pthread_join(releaser, NULL);
	struct buf rest = BUF(&a);
	struct reply r = reply(&a, one, &rest, false);
	CHECK_STR(r.body, STR("released"));
	CHECK_STR(header_of(r.head, STR("Connection")), STR("close"));
	CHECK_STR(reply(&a, two, &rest, false).body, STR("released"));
	assert_false(take(idle, &rest));
	close(one);
	close(two);
	close(idle);
	sem_destroy(&f.app.gate);
}

static void test_server__stop_drops_the_queue_after_the_grace(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct fixture f;
	pthread_t releaser;
	start(&f, 1);
	int one = dial(&f), two = dial(&f);
	put(one, STR("GET /blocked" END));
	wait_inside(&f, 1);
	put(two, STR("GET /blocked" END));
	usleep(50000);
	pthread_create(&releaser, NULL, release_later, &f);
	http_server_stop(f.server, 0);
	pthread_join(releaser, NULL);
	struct buf rest = BUF(&a);
	assert_int_equal(reply(&a, one, &rest, false).status, 200);
	assert_int_equal(reply(&a, two, &rest, false).status, 503);
	close(one);
	close(two);
	sem_destroy(&f.app.gate);
}

static void test_server__start_failures(void **state)
{
	(void)state;
	struct fixture f;
	struct http_server *s = NULL;
	struct str why = STR_NONE;
	const struct http_table tables[] = { { .rows = rows, .n = LEN(rows) }, { 0 } };
	start(&f, 1);
	struct http_config taken = { .listen = "127.0.0.1", .port = http_server_port(f.server), .workers = 1 };
	CHECK_RC(http_server_start(&taken, tables, &s, &why), RC_FAIL);
	CHECK(why.n > 0);
	struct http_config nowhere = { .listen = "256.0.0.1", .workers = 1 };
	CHECK_RC(http_server_start(&nowhere, tables, &s, &why), RC_FAIL);
	struct http_config tls = { .listen = "127.0.0.1", .workers = 1, .tls_cert = "no", .tls_key = "no" };
	CHECK_RC(http_server_start(&tls, tables, &s, &why), RC_FAIL);
	struct http_config proxies = { .listen = "127.0.0.1", .workers = 1, .trusted_proxies = "::1, 10.0.0.0/33" };
	CHECK_RC(http_server_start(&proxies, tables, &s, &why), RC_INVALID);
	CHECK_STR(why, STR("10.0.0.0/33"));
	static const struct http_route bad = { .method = HTTP_GET, .pattern = "x", .handler = hello };
	struct http_table broken[] = { { .rows = &bad, .n = 1 }, { 0 } };
	struct http_config c = { .listen = "127.0.0.1", .workers = 1 };
	CHECK_RC(http_server_start(&c, broken, &s, &why), RC_FAIL);
	assert_null(s);
	http_server_stop(NULL, 1);
	stop(&f);
}

T_MAIN(cmocka_unit_test(test_server__table), cmocka_unit_test(test_server__headers),
       cmocka_unit_test(test_server__date_follows_the_domain_clock),
       cmocka_unit_test(test_server__refused_framing_closes), cmocka_unit_test(test_server__limits),
       cmocka_unit_test(test_server__body_limits), cmocka_unit_test(test_server__bodies_together),
       cmocka_unit_test(test_server__keep_alive_and_pipeline), cmocka_unit_test(test_server__slow_and_truncated),
       cmocka_unit_test(test_server__full_queue), cmocka_unit_test(test_server__stale_runs_again_once),
       cmocka_unit_test(test_server__an_uncertain_outcome_is_said_and_does_not_run_again),
       cmocka_unit_test(test_server__the_last_run_has_its_turn),
       cmocka_unit_test(test_server__a_refusal_that_was_overtaken_runs_again),
       cmocka_unit_test(test_server__many_connections), cmocka_unit_test(test_server__a_full_event_table),
       cmocka_unit_test(test_server__large_answers), cmocka_unit_test(test_server__graceful_stop),
       cmocka_unit_test(test_server__stop_drops_the_queue_after_the_grace),
       cmocka_unit_test(test_server__start_failures))
