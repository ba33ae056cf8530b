/* A whole connection. The first byte seeds a segmentation, the rest is all that a client sends before it ends its side.
 * The requests that handlers see and the statuses of the answers are the same however the bytes come: in one piece, in
 * the seed's segments, one at a time. */
#include "fuzz.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../echo.h"

#define INPUT_MAX 32768
#define SINGLE_MAX 4096 /* bytes that come one at a time; those behind them in segments */
#define WAIT_MS 60000
#define SMALL_BODY 16
#define ADDRESSES 200

/* ---- the server ---- */

static struct {
	pthread_mutex_t lock;
	struct arena arena;
	struct buf text; /* the requests that handlers saw */
} seen = { .lock = PTHREAD_MUTEX_INITIALIZER };

static enum rc record(struct http_req *req, struct http_res *res)
{
	pthread_mutex_lock(&seen.lock);
	echo_write(&seen.text, req, true);
	buf_lit(&seen.text, "\n--\n");
	pthread_mutex_unlock(&seen.lock);
	http_reply(res, 200, "text/plain");
	echo_write(&res->body, req, false);
	return RC_OK;
}

static enum rc refuse(struct http_req *req, struct http_res *res)
{
	if (str_is(http_header(req, "Authorization"), "Bearer good"))
		return RC_OK;
	http_reply(res, 401, NULL);
	return RC_ANSWERED;
}

static const struct http_route rows[] = {
	{ .method = HTTP_GET, .pattern = "/health/live", .handler = record, .at_once = true },
	{ .method = HTTP_POST, .pattern = "/small", .handler = record, .max_body = SMALL_BODY },
	{ .method = HTTP_POST, .pattern = "/locked", .check = refuse, .handler = record },
	ECHO_ROWS(record),
};
static const struct http_table tables[] = { { .rows = rows, .n = LEN(rows) }, { 0 } };

static int server_port(void)
{
	static struct http_server *server;
	const struct http_config config = { .listen = "127.0.0.1", .workers = 2, .io_threads = 1 };
	struct str why;
	if (!server)
		HOLDS(http_server_start(&config, tables, &server, &why) == RC_OK);
	return http_server_port(server);
}

/* ---- the client ---- */

/* Each connection comes from the next of the addresses of loopback: a port rests for a minute after its use. */
static int dial(void)
{
	static uint32_t n;
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr = { htonl(INADDR_LOOPBACK) },
				  .sin_port = htons((uint16_t)server_port()) };
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK + n++ % ADDRESSES) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	HOLDS(fd >= 0 && setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) == 0);
	HOLDS(bind(fd, (struct sockaddr *)&from, sizeof from) == 0);
	HOLDS(connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
	HOLDS(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
	return fd;
}

enum cut { WHOLE, SEGMENTS, SINGLE, CUTS };

/* A linear congruential generator, so that an input always comes in the same segments. */
static size_t segment(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return 1 + (*seed >> 24) % (*seed >> 16 & 1 ? 4 : 200);
}

static size_t step(enum cut cut, size_t at, uint32_t *seed)
{
	if (cut == WHOLE)
		return INPUT_MAX;
	return cut == SINGLE && at < SINGLE_MAX ? 1 : segment(seed);
}

/* A server that has refused need not take the rest. */
static void send_all(int fd, struct str bytes, enum cut cut, uint32_t seed)
{
	for (size_t at = 0; at < bytes.n;) {
		size_t n = step(cut, at, &seed);
		ssize_t sent = send(fd, bytes.p + at, n < bytes.n - at ? n : bytes.n - at, MSG_NOSIGNAL);
		if (sent <= 0)
			break;
		at += (size_t)sent;
		if (cut != WHOLE)
			sched_yield();
	}
	(void)shutdown(fd, SHUT_WR);
}

static struct str read_all(struct arena *a, int fd)
{
	struct buf b = BUF(a);
	char part[16384];
	for (ssize_t n = 1; n > 0;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int ready;
		while ((ready = poll(&p, 1, WAIT_MS)) < 0 && errno == EINTR)
			; /* libFuzzer's alarm */
		HOLDS(ready == 1);
		n = recv(fd, part, sizeof part, 0);
		if (n > 0)
			buf_raw(&b, part, (size_t)n);
	}
	return buf_str(&b);
}

/* ---- the answers ---- */

static struct str after(struct str s, size_t n)
{
	HOLDS(n <= s.n);
	return str_span(s.p + n, s.n - n);
}

static size_t length_of(struct str head)
{
	struct str line, name, value;
	uint64_t n = 0;
	while (str_next(&head, '\n', &line))
		if (str_cut(line, ':', &name, &value) && str_ieq(name, STR("Content-Length")))
			HOLDS(str_u64(str_trim(value), &n) == RC_OK);
	return n;
}

/* The statuses of all answers, without interim ones: whether those are sent depends on what has come. Each answer is
 * whole. The answer to HEAD has a length and no body. */
static void statuses(struct buf *out, struct str answers)
{
	static const struct str version = { "HTTP/1.1 ", 9 };
	while (answers.n) {
		ptrdiff_t end = str_find(answers, STR("\r\n\r\n"));
		HOLDS(end > 12 && str_starts(answers, version));
		struct str head = str_span(answers.p, (size_t)end), status = str_span(answers.p + version.n, 3);
		answers = after(answers, (size_t)end + 4);
		if (answers.n && !str_starts(answers, version))
			answers = after(answers, length_of(head));
		if (status.p[0] == '1')
			continue;
		buf_add(out, status);
		buf_c(out, ' ');
	}
}

/* ---- what holds ---- */

/* The requests that handlers saw, and the statuses of the answers. */
static struct str converse(struct arena *a, struct str bytes, enum cut cut, uint32_t seed)
{
	struct buf b = BUF(a);
	pthread_mutex_lock(&seen.lock);
	arena_reset(&seen.arena);
	seen.text = BUF(&seen.arena);
	pthread_mutex_unlock(&seen.lock);
	int fd = dial();
	send_all(fd, bytes, cut, seed);
	statuses(&b, read_all(a, fd));
	close(fd);
	pthread_mutex_lock(&seen.lock);
	buf_c(&b, '\n');
	buf_add(&b, buf_str(&seen.text));
	pthread_mutex_unlock(&seen.lock);
	return buf_str(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > INPUT_MAX)
		return 0;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct str bytes = str_span(data + 1, size - 1), got[CUTS];
	for (enum cut cut = WHOLE; cut < CUTS; cut++) {
		got[cut] = converse(&a, bytes, cut, data[0]);
		if (str_eq(got[cut], got[WHOLE]))
			continue;
		fprintf(stderr, "in one piece:\n%.*s\nin pieces (%d):\n%.*s\n", STR_FMT(got[WHOLE]), (int)cut,
			STR_FMT(got[cut]));
		abort();
	}
	return 0;
}
