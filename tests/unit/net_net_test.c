#include "net/net.h"

#include "tiny_server.h"

struct site {
	struct tiny server;
	size_t body; /* bytes of /large */
};

static void large(struct site *s, int fd)
{
	static char block[65536];
	char head[128];
	int n = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", s->body);

	memset(block, 'x', sizeof block);
	tiny_send(fd, head, (size_t)n);
	for (size_t left = s->body, part; left; left -= part) {
		part = left < sizeof block ? left : sizeof block;
		tiny_send(fd, block, part);
	}
}

/* Sends nothing until the other side has given up. */
static void hang(int fd)
{
	char c;

	(void)recv(fd, &c, 1, 0);
}

static void answer(struct tiny *t, int fd, const char *request)
{
	if (strstr(request, " /large "))
		large(t->ctx, fd);
	else if (strstr(request, " /hang "))
		hang(fd);
	else if (strstr(request, " /moved "))
		tiny_reply(fd, 302, "Location: /here\r\n", "moved");
	else if (strstr(request, " /cut "))
		tiny_send(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx", 41);
	else if (strstr(request, " /noise "))
		tiny_send(fd, "not http at all\r\n\r\n", 19);
	else
		tiny_reply(fd, 418, "X-One: 1\r\nx-TWO:  two \r\nX-One: 2\r\nX-Empty:\r\n", "body");
}

struct fixture {
	struct site site;
	struct arena a;
	struct net_res res;
	struct str why;
};

static struct fixture *start(void)
{
	struct fixture *f = calloc(1, sizeof *f);

	CHECK(f);
	tiny_start(&f->site.server, answer, &f->site);
	return f;
}

static void stop(struct fixture *f)
{
	tiny_stop(&f->site.server);
	arena_finish(&f->a);
	free(f);
}

static enum rc get(struct fixture *f, const char *path, int timeout_s)
{
	const char *url = arena_fmt(&f->a, "%s%s", f->site.server.url, path).p;

	return net_fetch(&f->a, &(struct net_req){ .method = "GET", .url = url, .timeout_s = timeout_s }, &f->res,
			 &f->why);
}

static void test_net__any_status_is_an_answer(void **state)
{
	(void)state;
	struct fixture *f = start();
	CHECK_RC(get(f, "/", 0), RC_OK);
	CHECK(f->res.status == 418);
	CHECK_STR(f->res.body, STR("body"));
	CHECK_STR(net_header(&f->res, "x-one"), STR("1"));
	CHECK_STR(net_header(&f->res, "X-Two"), STR("two"));
	CHECK_STR(net_header(&f->res, "CONTENT-LENGTH"), STR("4"));
	CHECK(net_header(&f->res, "x-empty").p && net_header(&f->res, "x-empty").n == 0);
	CHECK(!net_header(&f->res, "x-on").p && !net_header(&f->res, "").p && !net_header(&f->res, "HTTP/1.1 418 X").p);
	CHECK(!net_header(&(struct net_res){ 0 }, "x").p);
	stop(f);
}

static void test_net__sends_method_headers_and_body(void **state)
{
	(void)state;
	struct fixture *f = start();
	static const char *const headers[] = { "X-A: b", "Content-Type: text/x", NULL };
	const char *url = arena_fmt(&f->a, "%s/x?y=z", f->site.server.url).p;
	struct net_req req = { .method = "POST", .url = url, .headers = headers, .body = STR("a=b") };
	CHECK_RC(net_fetch(&f->a, &req, &f->res, NULL), RC_OK);
	const char *sent = f->site.server.last;
	CHECK(str_starts(str_of(sent), STR("POST /x?y=z HTTP/1.1\r\n")) && strstr(sent, "\r\nX-A: b\r\n"));
	CHECK(strstr(sent, "\r\nContent-Type: text/x\r\n") && strstr(sent, "\r\nContent-Length: 3\r\n"));
	CHECK(str_ends(str_of(sent), STR("\r\n\r\na=b")) && !strstr(sent, "Expect"));
	req.body = STR("");
	CHECK_RC(net_fetch(&f->a, &req, &f->res, NULL), RC_OK);
	CHECK(strstr(sent, "\r\nContent-Length: 0\r\n"));
	stop(f);
}

static void test_net__bodies_have_a_limit(void **state)
{
	(void)state;
	struct fixture *f = start();
	f->site.body = NET_MAX_BODY;
	CHECK_RC(get(f, "/large", 0), RC_OK);
	CHECK(f->res.body.n == NET_MAX_BODY);
	f->site.body = NET_MAX_BODY + 1;
	CHECK_RC(get(f, "/large", 0), RC_TOO_LARGE);
	CHECK(str_ends(f->why, STR("the answer is too large")));
	CHECK(f->res.body.n == NET_MAX_BODY); /* not written on failure */
	stop(f);
}

static void test_net__gives_up(void **state)
{
	(void)state;
	struct fixture *f = start();
	CHECK_RC(get(f, "/hang", 1), RC_BUSY);
	CHECK(f->why.n > 0);
	CHECK_RC(get(f, "/cut", 0), RC_BUSY);
	CHECK_RC(get(f, "/noise", 0), RC_BUSY);
	char url[64];
	int fd = tiny_nobody(url);
	CHECK_RC(net_fetch(&f->a, &(struct net_req){ .method = "GET", .url = url }, &f->res, &f->why), RC_BUSY);
	CHECK(str_starts(f->why, str_of(url)));
	close(fd);
	stop(f);
}

static void test_net__speaks_http_only(void **state)
{
	(void)state;
	struct arena a = { 0 };
	struct net_res res;
	static const char *const t[] = { "file:///etc/hostname", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://",
					 "" };
	for (size_t i = 0; i < LEN(t); i++) {
		struct str why = STR_NONE;
		CHECK_RC(net_fetch(&a, &(struct net_req){ .method = "GET", .url = t[i] }, &res, &why), RC_INVALID);
		CHECK(why.p);
	}
	arena_finish(&a);
}

static void test_net__follows_no_redirect(void **state)
{
	(void)state;
	struct fixture *f = start();
	CHECK_RC(get(f, "/moved", 0), RC_OK);
	CHECK(f->res.status == 302 && f->site.server.hits == 1);
	CHECK_STR(net_header(&f->res, "location"), STR("/here"));
	stop(f);
}

T_MAIN(cmocka_unit_test(test_net__any_status_is_an_answer), cmocka_unit_test(test_net__sends_method_headers_and_body),
       cmocka_unit_test(test_net__bodies_have_a_limit), cmocka_unit_test(test_net__gives_up),
       cmocka_unit_test(test_net__speaks_http_only), cmocka_unit_test(test_net__follows_no_redirect))
