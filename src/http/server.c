#include "http/internal.h"

#include "base/clock.h"
#include "base/thread.h"

#include <microhttpd.h>

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <sched.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CONNECTIONS 4096
#define BACKLOG 1024
#define STOP_POLL_US 2000
#define STOP_SLACK_US 1000000 /* beyond the grace, for answers on their way */
#define IO_STACK_BYTES 262144
/* Holds the longest request head that the limits allow and the answer's. The engine clears all of it after each
 * request, so that it is resident memory of every connection. */
#define CONNECTION_MEMORY 20480

/* ---- the answer ---- */

static void header_add(struct MHD_Response *r, const char *name, const char *value)
{
	(void)MHD_add_response_header(r, name, value);
}

static void date_add(struct http_server *s, struct MHD_Response *r)
{
	int64_t now = clock_now(), second = now / CLOCK_SECOND;
	char text[CLOCK_TEXT_MAX];
	pthread_mutex_lock(&s->date_lock);
	if (s->date_s != second) {
		(void)clock_http(now, s->date);
		s->date_s = second;
	}
	memcpy(text, s->date, sizeof text);
	pthread_mutex_unlock(&s->date_lock);
	header_add(r, "Date", text);
}

static void headers_add(struct call *c, struct MHD_Response *r)
{
	const struct http_res *res = &c->res;
	date_add(c->server, r);
	if (res->content_type)
		header_add(r, "Content-Type", res->content_type);
	for (size_t i = 0; i < res->n_headers; i++)
		header_add(r, res->headers[i].name.p, res->headers[i].value.p);
	header_add(r, "X-Content-Type-Options", "nosniff");
	if (!response_header(res, "Referrer-Policy"))
		header_add(r, "Referrer-Policy", "same-origin");
	if (!response_header(res, "Cache-Control"))
		header_add(r, "Cache-Control", "no-store");
	header_add(r, "X-Trace-Id", c->req.trace_id);
	if (c->server->config.https)
		header_add(r, "Strict-Transport-Security", "max-age=31536000");
	if (res->close || atomic_load_explicit(&c->server->stopping, memory_order_relaxed))
		header_add(r, "Connection", "close");
}

/* The engine borrows the body: the call outlives the sending, and on_completed releases it. */
static enum MHD_Result answer(struct call *c)
{
	bool empty = c->res.status == 204 || c->res.status == 304;
	struct MHD_Response *r =
		MHD_create_response_from_buffer(empty ? 0 : c->res.body.n, c->res.body.p, MHD_RESPMEM_PERSISTENT);
	if (!r)
		return MHD_NO;
	headers_add(c, r);
	enum MHD_Result queued = MHD_queue_response(c->conn, (unsigned)c->res.status, r);
	MHD_destroy_response(r);
	return queued;
}

static void served(struct call *c)
{
	const struct http_config *config = &c->server->config;
	if (config->served)
		config->served(config->ctx, &c->req, c->res.status, clock_mono() - c->start_us);
}

/* On the I/O thread. */
static enum MHD_Result answer_refusal(struct call *c, int status)
{
	call_refuse(c, status);
	served(c);
	c->phase = CALL_DONE;
	return answer(c);
}

/* From now on the call belongs to the I/O thread. */
static void resume(struct call *c)
{
	struct io *io = c->io;
	served(c);
	c->phase = CALL_DONE;
	MHD_resume_connection(c->conn);
	atomic_fetch_add(&io->resumed, 1);
	if (atomic_exchange(&io->asleep, false))
		(void)eventfd_write(io->wake_fd, 1);
}

/* On a worker. */
static void run(struct call *c)
{
	struct waits *waits = c->server->waits;
	bool again = c->again;
	int refused;
	c->again = false;
	c->wakes_before = waits_count(waits);
	call_run(c);
	if (!c->res.waits) {
		resume(c);
	} else if ((refused = waits_enter(waits, c)) != 0) {
		c->res.waits = false;
		call_refuse(c, refused);
		resume(c);
	}
	if (again)
		waits_ran(waits);
}

/* ---- the request ---- */

/* The engine calls this before it parses the target. It would list every query parameter in the connection's memory,
 * which can run out. No code reads that list, so the query is cut off in the engine's own buffer. */
static void *on_target(void *cls, const char *uri, struct MHD_Connection *conn)
{
	struct io *io = cls;
	struct call *c = call_take(&io->server->calls, io->server);
	if (!c)
		return NULL;
	c->io = io;
	c->conn = conn;
	c->target = arena_str(&c->arena, str_of(uri ? uri : ""));
	char *query = uri ? strchr((char *)(uintptr_t)uri, '?') : NULL;
	if (query && query[1])
		query[1] = '\0';
	return c;
}

static size_t keep_escaped(void *cls, struct MHD_Connection *conn, char *text)
{
	(void)cls;
	(void)conn;
	return strlen(text);
}

static void on_completed(void *cls, struct MHD_Connection *conn, void **con_cls, enum MHD_RequestTerminationCode why)
{
	(void)conn;
	(void)why;
	struct http_server *s = cls;
	struct call *c = *con_cls;
	if (!c)
		return;
	*con_cls = NULL;
	if (c->counted)
		atomic_fetch_sub(&s->running, 1);
	call_release(&s->calls, c);
}

struct gather {
	struct http_req *req;
	size_t cap;
};

static enum MHD_Result header_take(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n,
				   const char *value, size_t value_n)
{
	(void)kind;
	struct gather *g = cls;
	if (g->req->n_headers == g->cap)
		return MHD_NO;
	struct str v = value ? str_span(value, value_n) : STR("");
	while (v.n && (v.p[v.n - 1] == ' ' || v.p[v.n - 1] == '\t'))
		v.n--;
	g->req->headers[g->req->n_headers++] = (struct http_header){ str_span(name, name_n), v };
	return MHD_YES;
}

static void headers_take(struct call *c, struct MHD_Connection *conn)
{
	int n = MHD_get_connection_values_n(conn, MHD_HEADER_KIND, NULL, NULL);
	struct gather g = { .req = &c->req, .cap = n > 0 ? (size_t)n : 0 };
	c->req.headers = arena_array(&c->arena, struct http_header, g.cap);
	(void)MHD_get_connection_values_n(conn, MHD_HEADER_KIND, header_take, &g);
}

#if MHD_VERSION < 0x00097700
static const char *blanks_skip(const char *p)
{
	return p + strspn(p, " \t");
}

/* The engine ends names and values at the first NUL, loses continued lines and accepts a bare LF, all silently. It
 * parses in place, so skipped bytes show as a gap: between a value and the next name stands exactly CRLF. */
static bool head_is_whole(const struct call *c, struct MHD_Connection *conn, const char *method, const char *url,
			  const char *version)
{
	const union MHD_ConnectionInfo *size = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	if (!size || url != method + strlen(method) + 1 || version != url + c->target.n + 1)
		return false;
	const char *at = version + strlen(version) + 2;
	for (size_t i = 0; i < c->req.n_headers; i++) {
		const struct http_header *h = &c->req.headers[i];
		if (h->name.p != at)
			return false;
		at = h->value.n ? h->value.p + h->value.n : h->name.p + h->name.n + 1;
		at = blanks_skip(at) + 2;
	}
	return at + 2 == method + size->header_size;
}
#else
static bool head_is_whole(const struct call *c, struct MHD_Connection *conn, const char *method, const char *url,
			  const char *version)
{
	(void)c, (void)conn, (void)method, (void)url, (void)version;
	return true;
}
#endif

/* Status that refuses the request whatever its body, or 0. */
static int route_find(struct call *c)
{
	int status = request_target(&c->req, c->target);
	if (status)
		return status;
	struct router_match m = router_find(c->server->router, &c->arena, c->req.method, c->req.path);
	c->allow = m.status == 405 || m.status == 204 ? m.allow : 0;
	c->req.route = m.route;
	c->req.checks = m.checks;
	c->req.handlers = m.handlers;
	memcpy(c->req.param, m.param, sizeof m.param);
	if (m.route && m.route->max_body)
		c->body_limit = m.route->max_body;
	return m.status;
}

static enum MHD_Result head_received(struct call *c, struct MHD_Connection *conn, const char *url, const char *method,
				     const char *version)
{
	bool http_1_0 = strcmp(version, "HTTP/1.0") == 0;
	c->req.method = request_method(str_of(method));
	c->body_limit = HTTP_MAX_BODY;
	headers_take(c, conn);
	int status = head_is_whole(c, conn, method, url, version) ? request_headers_check(&c->req, http_1_0) : 400;
	if (status) {
		(void)request_target(&c->req, c->target);
		c->res.close = true;
		return answer_refusal(c, status);
	}
	c->refused = route_find(c);
	if (c->refused == 400) {
		c->res.close = true;
		return answer_refusal(c, 400);
	}
	uint64_t length = request_length(&c->req);
	if (!c->refused && length > c->body_limit)
		c->refused = 413;
	if (c->refused && (length > c->body_limit + HTTP_MAX_DRAIN || http_header(&c->req, "Expect").p)) {
		c->res.close = true;
		return answer_refusal(c, c->refused);
	}
	c->phase = CALL_BODY;
	return MHD_YES;
}

static enum MHD_Result body_received(struct call *c, const char *data, size_t *n)
{
	c->body_seen += *n;
	if (c->body_seen > c->body_limit + HTTP_MAX_DRAIN || clock_mono() > c->start_us + HTTP_ARRIVAL_S * CLOCK_SECOND)
		return MHD_NO;
	if (c->body_seen > c->body_limit && !c->refused)
		c->refused = 413;
	if (!c->refused && !call_body_count(c, *n))
		c->refused = 503;
	if (!c->refused)
		buf_raw(&c->body, data, *n);
	*n = 0;
	return MHD_YES;
}

static enum MHD_Result dispatch(struct call *c)
{
	struct http_server *s = c->server;
	if (c->refused)
		return answer_refusal(c, c->refused);
	if (pool_full(s->pool))
		return answer_refusal(c, 503);
	c->req.body = buf_str(&c->body);
	c->phase = CALL_QUEUED;
	c->counted = true;
	atomic_fetch_add(&s->running, 1);
	c->fd = MHD_get_connection_info(c->conn, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	MHD_suspend_connection(c->conn);
	if (pool_push(s->pool, c))
		return MHD_YES;
	call_refuse(c, 503);
	resume(c);
	return MHD_YES;
}

/* The engine calls this once with the head, then with each piece of the body, then at its end, and again after a
 * resume. An answer to the first call would cost the connection. */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *conn, const char *url, const char *method,
				  const char *version, const char *data, size_t *data_n, void **con_cls)
{
	(void)cls;
	struct call *c = *con_cls;
	if (!c)
		return MHD_NO;
	switch (c->phase) {
	case CALL_HEAD:
		return head_received(c, conn, url, method, version);
	case CALL_BODY:
		return *data_n ? body_received(c, data, data_n) : dispatch(c);
	case CALL_QUEUED:
		return MHD_YES;
	case CALL_DONE:
		return answer(c);
	}
	return MHD_NO;
}

/* ---- start and stop ---- */

static enum rc fail(struct str *err_out, const char *why)
{
	if (err_out)
		*err_out = str_of(why);
	return RC_FAIL;
}

static int socket_bind(const struct addrinfo *ai)
{
	int on = 1;
	int fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, ai->ai_protocol);
	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int why = errno;
	close(fd);
	errno = why;
	return -1;
}

static int port_of(int fd)
{
	struct sockaddr_storage at = { 0 };
	socklen_t n = sizeof at;
	if (getsockname(fd, (struct sockaddr *)&at, &n) != 0)
		return 0;
	in_port_t port = at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
						  : ((struct sockaddr_in *)&at)->sin_port;
	return ntohs(port);
}

static enum rc listen_start(struct http_server *s, struct str *err_out)
{
	char port[16];
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *found = NULL;
	snprintf(port, sizeof port, "%d", s->config.port);
	int failed = getaddrinfo(s->config.listen, port, &hints, &found);
	if (failed)
		return fail(err_out, gai_strerror(failed));
	s->listen_fd = socket_bind(found);
	freeaddrinfo(found);
	if (s->listen_fd < 0)
		return fail(err_out, strerrordesc_np(errno));
	s->port = port_of(s->listen_fd);
	return RC_OK;
}

static size_t io_threads(const struct http_config *c)
{
	if (c->io_threads > 0)
		return c->io_threads < HTTP_MAX_IO ? (size_t)c->io_threads : HTTP_MAX_IO;
	return sysconf(_SC_NPROCESSORS_ONLN) > 2 ? 2 : 1;
}

static struct MHD_Daemon *daemon_start(struct io *io, unsigned max_connections)
{
	struct http_server *s = io->server;
	const struct http_config *c = &s->config;
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK;
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)c->tls_cert },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)c->tls_key },
		{ MHD_OPTION_END, 0, NULL },
	};
	// clang-format off
	return MHD_start_daemon(flags | (c->tls_cert ? MHD_USE_TLS : 0), 0, NULL, NULL, on_request, s,
				MHD_OPTION_LISTEN_SOCKET, s->listen_fd,
				MHD_OPTION_URI_LOG_CALLBACK, on_target, io,
				MHD_OPTION_UNESCAPE_CALLBACK, keep_escaped, NULL,
				MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
				MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
				MHD_OPTION_CONNECTION_LIMIT, max_connections,
				MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S,
				MHD_OPTION_ARRAY, c->tls_cert ? tls : &tls[2],
				MHD_OPTION_END);
	// clang-format on
}

static int wait_ms(struct MHD_Daemon *d)
{
	MHD_UNSIGNED_LONG_LONG ms;
	if (MHD_get_timeout(d, &ms) != MHD_YES)
		return -1;
	return ms < INT_MAX ? (int)ms : INT_MAX;
}

/* Sleeps until the engine has work. `seen` is `resumed` before the engine's last run: a worker that adds to it later
 * finds `asleep` set. */
static void io_sleep(struct io *io, int epoll_fd, unsigned seen)
{
	struct pollfd fds[] = { { .fd = epoll_fd, .events = POLLIN }, { .fd = io->wake_fd, .events = POLLIN } };
	eventfd_t n;
	int ms = wait_ms(io->daemon);
	if (ms == 0)
		return;
	atomic_store(&io->asleep, true);
	if (atomic_load(&io->resumed) == seen && poll(fds, LEN(fds), ms) > 0 && fds[1].revents)
		(void)eventfd_read(io->wake_fd, &n);
	atomic_store(&io->asleep, false);
}

/* The engine's own thread is not used. When exactly as many events come at once as its table holds (128), that thread
 * waits for the next event before it handles them, and the server stands still. Run from here the engine never waits,
 * and a worker wakes this thread only when it sleeps. */
static void *io_main(void *arg)
{
	struct io *io = arg;
	int epoll_fd = MHD_get_daemon_info(io->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	bool quiet = false;
	/* This thread need not interrupt a worker to bring a new request, which can wait while all processors work. */
	(void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &(struct sched_param){ 0 });
	while (!atomic_load(&io->server->io_stop)) {
		if (!quiet && atomic_load(&io->server->stopping)) {
			(void)MHD_quiesce_daemon(io->daemon);
			quiet = true;
		}
		unsigned seen = atomic_load(&io->resumed);
		(void)MHD_run(io->daemon);
		io_sleep(io, epoll_fd, seen);
	}
	return NULL;
}

static void io_wake(struct http_server *s)
{
	for (size_t i = 0; i < s->n_io; i++)
		(void)eventfd_write(s->io[i].wake_fd, 1);
}

static enum rc io_start(struct http_server *s, struct io *io, unsigned max_connections)
{
	*io = (struct io){ .server = s, .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	io->daemon = daemon_start(io, max_connections);
	if (io->wake_fd < 0 || !io->daemon)
		return RC_FAIL;
	TRY(thread_start(&io->thread, IO_STACK_BYTES, io_main, io));
	io->running = true;
	return RC_OK;
}

static void io_finish(struct io *io)
{
	if (io->running)
		pthread_join(io->thread, NULL);
	if (io->daemon) {
		(void)MHD_quiesce_daemon(io->daemon);
		MHD_stop_daemon(io->daemon);
	}
	if (io->wake_fd >= 0)
		close(io->wake_fd);
}

/* Signals belong to the program's own threads. */
static enum rc threads_start(struct http_server *s, struct str *err_out)
{
	sigset_t all, before;
	size_t n = io_threads(&s->config), queue = (size_t)s->config.workers * HTTP_QUEUE_PER_WORKER;
	int max = s->config.max_connections > 0 ? s->config.max_connections : MAX_CONNECTIONS;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	size_t seats = s->config.max_waiting ? s->config.max_waiting : HTTP_MAX_WAITING;
	enum rc rc = waits_create((uint32_t)seats, s->config.workers, &s->waits);
	if (rc == RC_OK)
		rc = pool_create(s->config.workers, queue, run, &s->pool);
	while (rc == RC_OK && s->n_io < n)
		rc = io_start(s, &s->io[s->n_io++], ((unsigned)max + (unsigned)n - 1) / (unsigned)n);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc == RC_OK)
		return RC_OK;
	return fail(err_out, s->config.tls_cert ? "no threads, or the certificate is unusable" : "no threads");
}

static void server_free(struct http_server *s)
{
	atomic_store(&s->io_stop, true);
	io_wake(s);
	for (size_t i = 0; i < s->n_io; i++)
		io_finish(&s->io[i]);
	if (s->listen_fd >= 0)
		close(s->listen_fd);
	pool_destroy(s->pool);
	waits_destroy(s->waits);
	router_destroy(s->router);
	call_list_finish(&s->calls);
	pthread_mutex_destroy(&s->calls.lock);
	pthread_mutex_destroy(&s->date_lock);
	free(s);
}

enum rc http_server_start(const struct http_config *c, const struct http_table *tables, struct http_server **out,
			  struct str *err_out)
{
	struct http_server *s = calloc(1, sizeof *s);
	if (!s)
		return fail(err_out, "out of memory");
	s->config = *c;
	s->config.workers = c->workers > 0 ? c->workers : 1;
	s->listen_fd = -1;
	s->date_s = -1;
	pthread_mutex_init(&s->calls.lock, NULL);
	pthread_mutex_init(&s->date_lock, NULL);
	enum rc rc = router_create(tables, &s->router);
	if (rc != RC_OK)
		rc = fail(err_out, "a route pattern is malformed");
	if (rc == RC_OK)
		rc = listen_start(s, err_out);
	if (rc == RC_OK)
		rc = threads_start(s, err_out);
	if (rc != RC_OK) {
		server_free(s);
		return rc;
	}
	*out = s;
	return RC_OK;
}

int http_server_port(const struct http_server *s)
{
	return s->port;
}

static void wait_for_answers(struct http_server *s, int64_t deadline_us)
{
	while (atomic_load(&s->running) > 0 && clock_mono() < deadline_us)
		usleep(STOP_POLL_US);
}

void http_wake(struct http_server *s, const struct uuid *keys, size_t n)
{
	waits_wake(s->waits, keys, n);
}

size_t http_waiting(struct http_server *s, struct uuid *keys_out, size_t max)
{
	return waits_keys(s->waits, keys_out, max);
}

bool http_server_stop(struct http_server *s, int grace_s)
{
	if (!s)
		return true;
	int64_t deadline = clock_mono() + grace_s * CLOCK_SECOND;
	atomic_store(&s->stopping, true);
	io_wake(s);
	waits_end(s->waits);
	wait_for_answers(s, deadline);
	atomic_store(&s->abandoning, true);
	/* A handler that does not end still uses its connection and the server, so neither is freed. */
	if (!pool_stop(s->pool, deadline + STOP_SLACK_US))
		return false;
	for (struct call *c; (c = waits_take(s->waits)) != NULL;) {
		call_refuse(c, 503);
		resume(c);
	}
	wait_for_answers(s, clock_mono() + STOP_SLACK_US);
	server_free(s);
	return true;
}
