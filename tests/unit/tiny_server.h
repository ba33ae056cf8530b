/* An HTTP server of a hundred lines on loopback, for the tests of what fetches: one thread, one connection at a time,
 * one answer each. */
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "t.h"

struct tiny {
	int fd;
	int port;
	char url[64]; /* "http://127.0.0.1:PORT" */
	atomic_int hits;
	void (*answer)(struct tiny *t, int fd, const char *request);
	void *ctx;
	pthread_t thread;
	char last[65536]; /* the last request; read it when no other is under way */
};

static inline void tiny_send(int fd, const void *p, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
		if (sent <= 0)
			return;
		p = (const char *)p + sent;
		n -= (size_t)sent;
	}
}

/* headers: lines that end with \r\n */
static inline void tiny_reply(int fd, int status, const char *headers, const char *body)
{
	char head[1024];
	int n = snprintf(head, sizeof head, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\nConnection: close\r\n%s\r\n",
			 status, strlen(body), headers);

	tiny_send(fd, head, (size_t)n);
	tiny_send(fd, body, strlen(body));
}

static inline bool tiny_complete(const char *request, size_t n)
{
	const char *end = strstr(request, "\r\n\r\n"), *length = strcasestr(request, "\r\nContent-Length:");

	if (!end)
		return false;
	size_t body = length && length < end ? (size_t)strtoul(length + 17, NULL, 10) : 0;
	return n >= (size_t)(end + 4 - request) + body;
}

static inline bool tiny_read(struct tiny *t, int fd)
{
	size_t n = 0;

	do {
		ssize_t got = recv(fd, t->last + n, sizeof t->last - 1 - n, 0);
		if (got <= 0)
			return false;
		n += (size_t)got;
		t->last[n] = '\0';
	} while (!tiny_complete(t->last, n));
	return true;
}

static inline void *tiny_main(void *arg)
{
	struct tiny *t = arg;

	for (int fd; (fd = accept(t->fd, NULL, NULL)) >= 0; close(fd)) {
		struct timeval limit = { .tv_sec = 10 };
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
		if (!tiny_read(t, fd))
			continue;
		atomic_fetch_add(&t->hits, 1);
		t->answer(t, fd, t->last);
	}
	return NULL;
}

static inline int tiny_bind(int *port_out)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&at, n) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&at, &n) == 0);
	*port_out = ntohs(at.sin_port);
	return fd;
}

static inline void tiny_start(struct tiny *t, void (*answer)(struct tiny *, int, const char *), void *ctx)
{
	t->answer = answer;
	t->ctx = ctx;
	t->hits = 0;
	t->fd = tiny_bind(&t->port);
	snprintf(t->url, sizeof t->url, "http://127.0.0.1:%d", t->port);
	CHECK(listen(t->fd, 64) == 0);
	CHECK(pthread_create(&t->thread, NULL, tiny_main, t) == 0);
}

static inline void tiny_stop(struct tiny *t)
{
	(void)shutdown(t->fd, SHUT_RDWR);
	pthread_join(t->thread, NULL);
	close(t->fd);
}

/* An address where nobody listens: bound, so that nobody else takes it. */
static inline int tiny_nobody(char url[64])
{
	int port, fd = tiny_bind(&port);

	snprintf(url, 64, "http://127.0.0.1:%d", port);
	return fd;
}
