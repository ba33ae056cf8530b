#include "http/engine_internal.h"

#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define BACKLOG 1024
#define DESCRIPTORS_ELSE 256 /* kept for files, databases and outgoing calls */
#define SHARE_PART 4         /* an address has one connection in so many */
#define STOP_POLL_US 2000
#define STOP_SLACK_US 1000000 /* beyond the grace, for answers on their way */

/* Before a large body is taken. */
static void run_check(struct call *c)
{
	call_run(c);
	if (!c->res.status) {
		conn_continue(c);
		return;
	}
	c->closes = true;
	conn_answer(c);
}

/* On a worker. */
static void run(struct call *c)
{
	struct waits *waits = c->server->waits;
	bool again = c->again;
	int refused;
	if (c->phase == CALL_CHECK) {
		run_check(c);
		return;
	}
	c->again = false;
	c->wakes_before = waits_count(waits);
	call_run(c);
	if (!c->res.waits) {
		conn_answer(c);
	} else if ((refused = waits_enter(waits, c)) != 0) {
		c->res.waits = false;
		call_refuse(c, refused);
		conn_answer(c);
	}
	if (again)
		waits_ran(waits);
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
		return fail(err_out, errno == EADDRINUSE ? HTTP_PORT_TAKEN : strerrordesc_np(errno));
	s->port = port_of(s->listen_fd);
	return RC_OK;
}

static size_t io_threads(const struct http_config *c)
{
	if (c->io_threads > 0)
		return c->io_threads < HTTP_MAX_IO ? (size_t)c->io_threads : HTTP_MAX_IO;
	return sysconf(_SC_NPROCESSORS_ONLN) > 2 ? 2 : 1;
}

/* A connection needs a descriptor. */
static unsigned connections_max(const struct http_config *c)
{
	struct rlimit r;
	rlim_t max = c->max_connections > 0 ? (rlim_t)c->max_connections : HTTP_MAX_CONNECTIONS;
	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur > 2 * DESCRIPTORS_ELSE &&
	    max > r.rlim_cur - DESCRIPTORS_ELSE)
		max = r.rlim_cur - DESCRIPTORS_ELSE;
	return (unsigned)max;
}

static enum rc shares_start(struct http_server *s, struct str *err_out)
{
	struct str bad = STR("out of memory");
	unsigned each = (s->max_conns + SHARE_PART - 1) / SHARE_PART;
	if (s->config.per_address > 0)
		each = (unsigned)s->config.per_address;
	enum rc rc = shares_create(each, s->config.trusted_proxies, &s->shares, &bad);
	if (rc != RC_OK && err_out)
		*err_out = bad;
	return rc;
}

static enum rc certificate_start(struct http_server *s, struct str *err_out)
{
	const char *why;
	if (!s->config.tls_cert)
		return RC_OK;
	if (tls_context(s->config.tls_cert, s->config.tls_key, &s->tls, &why) != RC_OK)
		return fail(err_out, why);
	s->config.tls_cert = s->config.tls_key = NULL; /* the caller's */
	return RC_OK;
}

/* Signals belong to the program's own threads. */
static enum rc threads_start(struct http_server *s, struct str *err_out)
{
	sigset_t all, before;
	size_t n = io_threads(&s->config), queue = (size_t)s->config.workers * HTTP_QUEUE_PER_WORKER;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	size_t seats = s->config.max_waiting ? s->config.max_waiting : HTTP_MAX_WAITING;
	enum rc rc = waits_create((uint32_t)seats, s->config.workers, &s->waits);
	if (rc == RC_OK)
		rc = pool_create(s->config.workers, queue, run, &s->pool);
	for (; rc == RC_OK && s->n_io < n; s->n_io++)
		rc = io_start(s, &s->io[s->n_io]);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == RC_OK ? RC_OK : fail(err_out, "no threads");
}

static void io_wake_all(struct http_server *s)
{
	for (size_t i = 0; i < s->n_io; i++)
		io_wake(s->io[i]);
}

static void server_free(struct http_server *s)
{
	atomic_store(&s->io_stop, true);
	for (size_t i = 0; i < s->n_io; i++)
		io_finish(s->io[i]);
	if (s->listen_fd >= 0)
		close(s->listen_fd);
	pool_destroy(s->pool);
	waits_destroy(s->waits);
	router_destroy(s->router);
	shares_destroy(s->shares);
	tls_context_free(s->tls);
	call_list_finish(&s->calls);
	pthread_mutex_destroy(&s->calls.lock);
	pthread_mutex_destroy(&s->tls_lock);
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
	pthread_mutex_init(&s->calls.lock, NULL);
	pthread_mutex_init(&s->tls_lock, NULL);
	s->max_conns = connections_max(c);
	enum rc rc = router_create(tables, &s->router);
	if (rc != RC_OK)
		rc = fail(err_out, "a route pattern is malformed");
	if (rc == RC_OK)
		rc = shares_start(s, err_out);
	if (rc == RC_OK)
		rc = certificate_start(s, err_out);
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

enum rc http_server_certificate(struct http_server *s, const char *cert, const char *key, struct str *err_out)
{
	struct ssl_ctx_st *fresh;
	const char *why;
	if (tls_context(cert, key, &fresh, &why) != RC_OK) {
		*err_out = str_of(why);
		return RC_INVALID;
	}
	pthread_mutex_lock(&s->tls_lock);
	assert(s->tls);
	struct ssl_ctx_st *old = s->tls;
	s->tls = fresh;
	pthread_mutex_unlock(&s->tls_lock);
	tls_context_free(old);
	return RC_OK;
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
	io_wake_all(s);
	waits_end(s->waits);
	wait_for_answers(s, deadline);
	atomic_store(&s->abandoning, true);
	/* A handler that does not end still uses its connection and the server, so neither is freed. */
	if (!pool_stop(s->pool, deadline + STOP_SLACK_US))
		return false;
	for (struct call *c; (c = waits_take(s->waits)) != NULL;) {
		call_refuse(c, 503);
		conn_answer(c);
	}
	wait_for_answers(s, clock_mono() + STOP_SLACK_US);
	server_free(s);
	return true;
}
