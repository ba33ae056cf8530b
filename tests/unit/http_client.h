/* A client that says exactly what it is told, for tests of the server. */
#pragma once
#include "t.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/buf.h"

#define WAIT_MS 10000
#define END " HTTP/1.1\r\nHost: h\r\n\r\n"

static inline int dial_port(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr = { htonl(INADDR_LOOPBACK) },
				  .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0);
	CHECK(connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
	return fd;
}

static inline void put(int fd, struct str s)
{
	while (s.n) {
		ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		s = str_span(s.p + n, s.n - (size_t)n);
	}
}

/* Bytes as they come, or fewer at the end of the connection. */
static inline bool take(int fd, struct buf *b)
{
	char part[65536];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	if (poll(&p, 1, WAIT_MS) != 1)
		return false;
	ssize_t n = recv(fd, part, sizeof part, 0);
	if (n > 0)
		buf_raw(b, part, (size_t)n);
	return n > 0;
}

static inline struct str header_of(struct str head, struct str name)
{
	for (struct str line, rest = head; rest.n; head = rest) {
		(void)str_cut(head, '\n', &line, &rest);
		if (line.n > name.n && line.p[name.n] == ':' && str_ieq(str_span(line.p, name.n), name))
			return str_trim(str_span(line.p + name.n + 1, line.n - name.n - 1));
	}
	return STR_NONE;
}

struct reply {
	int status;
	struct str reason, head, body;
};

/* One answer; `rest` keeps what came after it. Status 0: the connection ended. */
static inline struct reply reply(struct arena *a, int fd, struct buf *rest, bool head_only)
{
	ptrdiff_t end;
	while ((end = str_find(buf_str(rest), STR("\r\n\r\n"))) < 0)
		if (!take(fd, rest))
			return (struct reply){ 0 };
	struct reply r = { .head = arena_str(a, str_span(rest->p, (size_t)end + 2)) };
	uint64_t n = 0, status = 0;
	if (!head_only)
		(void)!str_u64(header_of(r.head, STR("Content-Length")), &n);
	size_t whole = (size_t)end + 4 + n;
	while (rest->n < whole)
		if (!take(fd, rest))
			return (struct reply){ 0 };
	(void)!str_u64(str_span(r.head.p + 9, 3), &status);
	r.status = (int)status;
	r.reason = str_span(r.head.p + 13, (size_t)str_find(r.head, STR("\r\n")) - 13);
	r.body = arena_str(a, str_span(rest->p + end + 4, n));
	memmove(rest->p, rest->p + whole, rest->n - whole);
	rest->n -= whole;
	return r;
}
