#include "http/engine_internal.h"

#include "base/clock.h"
#include "base/thread.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define IO_STACK_BYTES 262144
#define EVENTS 256
#define ACCEPTS_A_ROUND 64
#define CROWD 64                     /* connections above the limit, until another thread has closed as many */
#define PAUSE_US (CLOCK_SECOND / 10) /* when the system has no descriptor left */

/* ---- queues ---- */

static void queues_expire(struct io *io)
{
	for (unsigned q = 0; q < QUEUE__MAX; q++)
		for (struct conn *c; (c = io->queues[q].first) != NULL && c->due_us <= io->now_us;)
			conn_due(c);
}

static int64_t earliest(const struct io *io)
{
	int64_t us = io->pause_us ? io->pause_us : INT64_MAX;
	for (unsigned q = 0; q < QUEUE__MAX; q++)
		if (io->queues[q].first && io->queues[q].first->due_us < us)
			us = io->queues[q].first->due_us;
	return us;
}

/* ---- what workers give back ---- */

static void listed_take(struct io *io)
{
	for (struct conn *c = atomic_exchange(&io->listed, NULL), *next; c; c = next) {
		next = c->next;
		conn_listed(c);
	}
}

/* ---- connections come and go ---- */

/* Connections whose answer a worker has sent are idle, too, once the thread has looked. */
static void away_look(struct io *io)
{
	for (struct conn *c = io->queues[QUEUE_AWAY].first, *after; c; c = after) {
		after = c->after;
		(void)conn_take(c);
	}
}

/* The first of a queue that may be closed. Others are listed for their turn: they have sent much at once. */
static struct conn *first_ours(const struct io *io, enum conn_queue q)
{
	struct conn *c = io->queues[q].first;
	while (c && !conn_is_ours(c))
		c = c->after;
	return c;
}

/* The connection that has waited longest for a request: of those that the thread knows to be idle, and of those whose
 * answer a worker has sent meanwhile. NULL: there is none. */
static struct conn *idle_oldest(struct io *io)
{
	struct conn *idle = first_ours(io, QUEUE_IDLE), *away = io->queues[QUEUE_AWAY].first;
	while (away && (!idle || away->due_us < idle->due_us)) {
		if (conn_take(away))
			return away;
		away = away->after;
	}
	return idle;
}

/* Makes room for a new connection. One that is idle goes first, then one that is being closed, then the one whose head
 * has been coming for longest. */
static bool give_way(struct io *io)
{
	struct conn *c = idle_oldest(io);
	if (!c)
		c = first_ours(io, QUEUE_LINGER);
	if (!c)
		c = first_ours(io, QUEUE_HEAD);
	if (c)
		conn_close(c);
	return c != NULL;
}

static void listen_on(struct io *io, bool on)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLEXCLUSIVE, .data.ptr = &io->server->listen_fd };
	int op = on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL;
	if (io->listening != on && epoll_ctl(io->epoll_fd, op, io->server->listen_fd, &e) == 0)
		io->listening = on;
	/* The system may have no memory for the event just now. */
	io->pause_us = io->listening == on ? 0 : io->now_us + PAUSE_US;
}

/* Another thread may have idle connections: it makes room a moment later. */
static bool others_give_way(struct io *io)
{
	struct http_server *s = io->server;
	if (s->n_io == 1 || atomic_load(&s->n_conns) >= s->max_conns + CROWD)
		return false;
	for (size_t i = 0; i < s->n_io; i++) {
		if (s->io[i] == io)
			continue;
		atomic_store(&s->io[i]->crowded, true);
		io_wake(s->io[i]);
	}
	return true;
}

static void crowd_thin(struct io *io)
{
	const struct http_server *s = io->server;
	if (!atomic_exchange(&io->crowded, false))
		return;
	while (atomic_load(&s->n_conns) > s->max_conns && give_way(io))
		;
}

static void conn_add(struct io *io, int fd, const struct sockaddr_storage *at)
{
	struct http_server *s = io->server;
	if (atomic_load(&s->n_conns) >= s->max_conns && !give_way(io) && !others_give_way(io)) {
		(void)close(fd);
		return;
	}
	struct conn *c = conn_open(io, fd, at);
	if (!c)
		return;
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c };
	if (epoll_ctl(io->epoll_fd, EPOLL_CTL_ADD, fd, &e) != 0)
		conn_close(c);
}

/* No descriptor is left: an idle connection gives its own. Without one the thread stops to listen for a while, since
 * the event would come at once again. */
static bool descriptors_wanted(struct io *io)
{
	if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM)
		return false;
	if (give_way(io))
		return true;
	listen_on(io, false);
	io->pause_us = io->now_us + PAUSE_US;
	return false;
}

static void conns_accept(struct io *io)
{
	for (int i = 0; i < ACCEPTS_A_ROUND && io->listening; i++) {
		struct sockaddr_storage at = { 0 };
		socklen_t n = sizeof at;
		int fd = accept4(io->server->listen_fd, (struct sockaddr *)&at, &n, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0)
			conn_add(io, fd, &at);
		else if (errno != ECONNABORTED && errno != EINTR && !descriptors_wanted(io))
			return;
	}
}

static void pause_end(struct io *io)
{
	if (!io->pause_us || io->now_us < io->pause_us)
		return;
	listen_on(io, true);
}

/* The server stops: nobody comes any more, and those who wait for nothing leave. */
static void quiet_down(struct io *io)
{
	listen_on(io, false);
	away_look(io);
	for (struct conn *c; (c = first_ours(io, QUEUE_IDLE)) != NULL;)
		conn_close(c);
}

static void closed_free(struct io *io)
{
	for (struct conn *c = io->closed, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	io->closed = NULL;
}

/* ---- the thread ---- */

static void event_take(struct io *io, const struct epoll_event *e)
{
	eventfd_t n;
	if (e->data.ptr == &io->server->listen_fd)
		conns_accept(io);
	else if (e->data.ptr == &io->wake_fd)
		(void)eventfd_read(io->wake_fd, &n);
	else
		conn_event(e->data.ptr, (e->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
}

static int sleep_ms(const struct io *io)
{
	int64_t us = earliest(io);
	if (us == INT64_MAX)
		return -1;
	int64_t ms = (us - io->now_us) / 1000 + 1;
	return ms < 0 ? 0 : ms < INT_MAX ? (int)ms : INT_MAX;
}

/* A worker that lists a connection after the look at `listed` finds `asleep` set. */
static int events_await(struct io *io, struct epoll_event *events)
{
	int ms = sleep_ms(io);
	atomic_store(&io->asleep, true);
	if (atomic_load(&io->listed))
		ms = 0;
	int n = epoll_wait(io->epoll_fd, events, EVENTS, ms);
	atomic_store(&io->asleep, false);
	return n;
}

static void *io_main(void *arg)
{
	struct io *io = arg;
	struct epoll_event events[EVENTS];
	/* This thread need not interrupt a worker to bring a new request, which can wait while all processors work. */
	(void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &(struct sched_param){ 0 });
	io->now_us = clock_mono();
	listen_on(io, true);
	while (!atomic_load(&io->server->io_stop)) {
		int n = events_await(io, events);
		io->now_us = clock_mono();
		for (int i = 0; i < n; i++)
			event_take(io, &events[i]);
		listed_take(io);
		queues_expire(io);
		crowd_thin(io);
		pause_end(io);
		if (atomic_load(&io->server->stopping))
			quiet_down(io);
		closed_free(io);
	}
	return NULL;
}

/* All workers have ended: no connection is theirs any more. */
static void conns_close(struct io *io)
{
	away_look(io);
	for (struct conn *c = atomic_exchange(&io->listed, NULL); c; c = c->next)
		atomic_store(&c->owner, OWNER_IO);
	for (unsigned q = 0; q < QUEUE__MAX; q++)
		while (io->queues[q].first)
			conn_close(io->queues[q].first);
	closed_free(io);
}

void io_finish(struct io *io)
{
	if (io->running) {
		io_wake(io);
		pthread_join(io->thread, NULL);
	}
	conns_close(io);
	if (io->epoll_fd >= 0)
		(void)close(io->epoll_fd);
	if (io->wake_fd >= 0)
		(void)close(io->wake_fd);
	free(io);
}

static enum rc thread_begin(struct io *io)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = &io->wake_fd };
	if (io->epoll_fd < 0 || io->wake_fd < 0 || epoll_ctl(io->epoll_fd, EPOLL_CTL_ADD, io->wake_fd, &e) != 0)
		return RC_FAIL;
	TRY(thread_start(&io->thread, IO_STACK_BYTES, io_main, io));
	io->running = true;
	return RC_OK;
}

enum rc io_start(struct http_server *s, struct io **out)
{
	struct io *io = calloc(1, sizeof *io);
	if (!io)
		return RC_FAIL;
	io->server = s;
	io->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	io->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	enum rc rc = thread_begin(io);
	if (rc == RC_OK)
		*out = io;
	else
		io_finish(io);
	return rc;
}
