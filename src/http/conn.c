#include "http/engine_internal.h"

#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#define TURNS_A_ROUND 64 /* steps of one connection, before others have their turn */

/* ---- bytes in and out ---- */

/* Bytes received, from 1; 0: nothing for now; -1: the client sends no more, or is gone. */
static ptrdiff_t receive(struct conn *c, char *p, size_t n)
{
	ptrdiff_t got = c->ssl ? tls_read(c->ssl, p, n) : recv(c->fd, p, n, 0);
	if (got > 0) {
		/* A short read has emptied the socket. What TLS holds back is not known. */
		c->drained = !c->ssl && (size_t)got < n && !c->hung_up;
		return got;
	}
	if (c->ssl ? got == 0 : got < 0 && errno == EAGAIN) {
		c->drained = true;
		return 0;
	}
	c->broken = got < 0;
	return -1;
}

static ptrdiff_t send_some(struct conn *c, const struct str *parts, size_t n)
{
	if (c->ssl)
		return tls_write(c->ssl, parts[0].p, parts[0].n);
	struct iovec iov[HTTP_ANSWER_PARTS];
	for (size_t i = 0; i < n; i++)
		iov[i] = (struct iovec){ (void *)(uintptr_t)parts[i].p, parts[i].n };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = n };
	ssize_t sent = sendmsg(c->fd, &m, MSG_NOSIGNAL);
	if (sent >= 0)
		return sent;
	return errno == EAGAIN ? 0 : -1;
}

static void parts_skip(struct call *call, size_t n)
{
	while (n) {
		struct str *part = &call->out[call->out_at];
		size_t step = n < part->n ? n : part->n;
		*part = str_span(part->p + step, part->n - step);
		n -= step;
		if (part->n == 0)
			call->out_at++;
	}
}

static size_t unsent(const struct call *call)
{
	size_t n = 0;
	for (size_t i = call->out_at; i < call->n_out; i++)
		n += call->out[i].n;
	return n;
}

/* Sends what the socket takes. true: all was sent. Otherwise the connection is broken, or the socket is full. */
static bool send_answer(struct conn *c)
{
	struct call *call = c->call;
	while (call->out_at < call->n_out && !c->broken) {
		ptrdiff_t sent = send_some(c, &call->out[call->out_at], call->n_out - call->out_at);
		if (sent == 0)
			return false;
		c->broken = sent < 0;
		if (sent > 0) {
			c->moved += (size_t)sent;
			parts_skip(call, (size_t)sent);
		}
	}
	return !c->broken;
}

/* ---- the end of an answer ---- */

static void call_end(struct conn *c)
{
	struct http_server *s = c->io->server;
	struct call *call = c->call;
	c->call = NULL;
	address_leave(s->shares, call->share);
	if (call->counted)
		atomic_fetch_sub(&s->running, 1);
	call_release(&s->calls, call);
}

static void told(struct call *call)
{
	const struct http_config *config = &call->server->config;
	if (config->served)
		config->served(config->ctx, &call->req, &call->res, clock_mono() - call->start_us);
}

/* The client may still be sending: a close would throw away what it has not read yet. */
static void linger(struct conn *c)
{
	if (c->call)
		call_end(c);
	tls_goodbye(c->ssl);
	if (c->broken || shutdown(c->fd, SHUT_WR) != 0) {
		conn_close(c);
		return;
	}
	c->phase = CONN_LINGER;
	io_queue(c, QUEUE_LINGER);
}

static void head_await(struct conn *c)
{
	c->phase = CONN_HEAD;
	c->scan = (struct head_scan){ 0 };
	io_queue(c, QUEUE_IDLE);
}

/* The socket is full: the client reads slowly. */
static void answer_wait(struct conn *c)
{
	struct http_server *s = c->io->server;
	struct call *call = c->call;
	c->phase = CONN_ANSWER;
	c->moved = 0;
	io_queue(c, QUEUE_ANSWER);
	if (call->answer_counted)
		return;
	call->answer_counted = unsent(call);
	size_t max = s->config.max_answers ? s->config.max_answers : HTTP_MAX_ANSWERS;
	if (atomic_fetch_add(&s->answer_bytes, call->answer_counted) + call->answer_counted <= max)
		return;
	/* The answer that has waited longest goes. */
	struct conn *oldest = c->io->queues[QUEUE_ANSWER].first;
	oldest->broken = true;
	conn_close(oldest);
}

/* Goes on with an answer: it was made, or the socket has room again. On the I/O thread. */
static void answer_go_on(struct conn *c)
{
	if (!send_answer(c)) {
		if (c->broken)
			conn_close(c);
		else
			answer_wait(c);
		return;
	}
	if (c->call->closes) {
		linger(c);
		return;
	}
	call_end(c);
	head_await(c);
}

static void answer_now(struct conn *c)
{
	assert(atomic_load_explicit(&c->owner, memory_order_relaxed) == OWNER_IO);
	c->call->phase = CALL_DONE;
	told(c->call);
	answer_prepare(c->call);
	answer_go_on(c);
}

static void refuse(struct conn *c, int status)
{
	call_refuse(c->call, status);
	answer_now(c);
}

static void refuse_and_close(struct conn *c, int status)
{
	c->call->closes = true;
	refuse(c, status);
}

/* ---- to the workers and back ---- */

/* The call goes to the workers once the input behind it has been put aside: see conn_work. */
static void give_away(struct conn *c, enum call_phase phase)
{
	c->call->phase = phase;
	c->phase = CONN_AWAY;
	io_queue(c, QUEUE_AWAY);
}

/* From here on the call and the connection are the workers'. false: their queue is full, and the call is refused. */
static bool hand_over(struct conn *c)
{
	struct call *call = c->call;
	if (!call->counted)
		atomic_fetch_add(&c->io->server->running, 1);
	call->counted = true;
	call->req.deadline_us = c->io->now_us + HTTP_DEADLINE_S * CLOCK_SECOND;
	atomic_store(&c->owner, OWNER_WORKER);
	if (pool_push(c->io->server->pool, call))
		return true;
	atomic_store(&c->owner, OWNER_IO);
	refuse(c, 503);
	return false;
}

/* `rests`: the thread has nothing to do until the client sends more. */
static void give_back(struct conn *c, bool rests)
{
	int with_us = OWNER_WORKER;
	if (rests && atomic_compare_exchange_strong(&c->owner, &with_us, OWNER_NOBODY))
		return;
	atomic_store(&c->owner, OWNER_LISTED);
	io_list(c);
}

void conn_answer(struct call *call)
{
	struct conn *c = call->conn;
	bool rests = false;
	told(call);
	call->phase = CALL_DONE;
	answer_prepare(call);
	if (send_answer(c) && !call->closes) {
		call_end(c);
		rests = c->drained && c->in_n == 0 && !c->hung_up;
	}
	give_back(c, rests);
}

void conn_continue(struct call *call)
{
	response_reset(&call->res, &call->arena);
	call->req.caller = NULL;
	call->checked = true;
	call->phase = CALL_READING;
	give_back(call->conn, false);
}

bool conn_take(struct conn *c)
{
	int nobody = OWNER_NOBODY;
	if (!atomic_compare_exchange_strong(&c->owner, &nobody, OWNER_IO))
		return false;
	head_await(c);
	return true;
}

static void run_or_give_away(struct conn *c)
{
	struct call *call = c->call;
	if (call->refused) {
		refuse(c, call->refused);
		return;
	}
	call->req.body = buf_str(&call->body);
	if (call->req.route->at_once) {
		call->phase = CALL_QUEUED;
		call_run(call);
		answer_now(c);
		return;
	}
	give_away(c, CALL_QUEUED);
}

/* ---- the head ---- */

static int route_find(struct call *c)
{
	struct router_match m = router_find(c->server->router, &c->arena, c->req.method, c->req.path);
	c->allow = m.status == 405 || m.status == 204 ? m.allow : 0;
	c->req.route = m.route;
	c->req.checks = m.checks;
	c->req.handlers = m.handlers;
	memcpy(c->req.param, m.param, sizeof m.param);
	c->body_limit = m.route && m.route->max_body ? m.route->max_body : HTTP_MAX_BODY;
	return m.status;
}

/* Status of a head that leaves it open where the request ends, or that no route can be found for. */
static int head_take(struct conn *c, struct str text)
{
	struct call *call = c->call;
	struct head head = { 0 };
	int status = head_parse(arena_str(&call->arena, text), &call->req, &head);
	int target = head.target.p ? request_target(&call->req, head.target) : 0;
	trace_take(&call->req);
	if (!status)
		status = request_headers_check(&call->req, head.http_1_0);
	call->closes = head.http_1_0 || head_has_word(&call->req, "Connection", "close");
	call->expects = !head.http_1_0 && http_header(&call->req, "Expect").p; /* RFC 9110 §10.1.1 */
	if (status)
		return status;
	if (call->server->config.origin_of_host)
		call->req.origin = request_origin(&call->req, c->ssl);
	call->refused = target ? target : route_find(call);
	return call->refused == 400 ? 400 : 0;
}

/* Best effort, as a client need not wait for it (RFC 9110 §10.1.1). */
static void say_continue(struct conn *c)
{
	struct str text = STR("HTTP/1.1 100 Continue\r\n\r\n");
	if (c->call->expects)
		(void)send_some(c, &text, 1);
}

static void body_await(struct conn *c)
{
	c->phase = CONN_BODY;
	c->moved = 0;
	io_queue(c, QUEUE_BODY);
	say_continue(c);
}

/* Who asks with this body? A large one is taken only from callers whom the check lets through. */
static bool check_first(const struct conn *c)
{
	const struct call *call = c->call;
	return !call->refused && !call->checked && call->req.route->check;
}

static void body_begin(struct conn *c)
{
	struct call *call = c->call;
	uint64_t length = request_length(&call->req);
	if (!call->refused && length > call->body_limit)
		call->refused = 413;
	if (call->expects && !head_has_word(&call->req, "Expect", "100-continue"))
		refuse_and_close(c, 417);
	else if (call->refused && (call->expects || length > call->body_limit + HTTP_MAX_DRAIN))
		refuse_and_close(c, call->refused);
	else if (length > HTTP_SMALL_BODY && check_first(c))
		give_away(c, CALL_CHECK);
	else
		body_await(c);
}

/* Behind a trusted proxy the share is counted for each request. */
static bool forwarded_has_room(struct conn *c)
{
	struct shares *shares = c->io->server->shares;
	struct address a;
	if (!c->trusted || !shares_forwarded(shares, &c->call->req, &a))
		return true;
	c->call->share = address_enter(shares, &a);
	return c->call->share != NULL;
}

static bool call_begin(struct conn *c)
{
	struct http_server *s = c->io->server;
	c->call = call_take(&s->calls, s);
	if (!c->call)
		return false;
	c->call->conn = c;
	return true;
}

static void request_begin(struct conn *c, struct str head)
{
	if (!call_begin(c)) {
		conn_close(c);
		return;
	}
	int status = head_take(c, head);
	if (status) {
		refuse_and_close(c, status);
		return;
	}
	struct call *call = c->call;
	call->req.from_proxy = c->trusted;
	if (!forwarded_has_room(c)) {
		refuse_and_close(c, 503);
		return;
	}
	c->body_left = request_length(&call->req);
	c->chunks = http_header(&call->req, "Transfer-Encoding").p != NULL;
	c->chunked = (struct chunked){ 0 };
	if (c->chunks || c->body_left)
		body_begin(c);
	else
		run_or_give_away(c);
}

/* The head never came, or is none. */
static void refuse_head(struct conn *c, int status)
{
	if (call_begin(c))
		refuse_and_close(c, status);
	else
		conn_close(c);
}

static size_t head_use(struct conn *c, struct str in)
{
	if (in.n == 0)
		return 0;
	if (c->queue != QUEUE_HEAD)
		io_queue(c, QUEUE_HEAD);
	int end = head_scan(&c->scan, in.p, in.n);
	if (end < 0)
		refuse_head(c, -end);
	if (end <= 0)
		return end < 0 ? in.n : 0;
	size_t begin = c->scan.begin;
	c->scan = (struct head_scan){ 0 };
	request_begin(c, str_span(in.p + begin, (size_t)end - begin));
	return (size_t)end;
}

/* ---- the body ---- */

static void body_keep(struct conn *c, struct str data)
{
	struct call *call = c->call;
	call->body_seen += data.n;
	c->moved += data.n;
	if (call->body_seen > call->body_limit && !call->refused)
		call->refused = 413;
	if (!call->refused && !call_body_count(call, data.n))
		call->refused = 503;
	if (!call->refused)
		buf_add(&call->body, data);
}

/* A body in chunks tells its length only as it comes. */
static bool is_too_much(struct conn *c)
{
	struct call *call = c->call;
	if (call->body_seen > call->body_limit + HTTP_MAX_DRAIN) {
		refuse_and_close(c, call->refused);
		return true;
	}
	if (c->chunks && call->body_seen > HTTP_SMALL_BODY && check_first(c)) {
		give_away(c, CALL_CHECK);
		return true;
	}
	return false;
}

static size_t chunks_use(struct conn *c, struct str in)
{
	struct str rest = in, data;
	for (;;) {
		switch (chunked_read(&c->chunked, &rest, &data)) {
		case CHUNK_DATA:
			body_keep(c, data);
			if (is_too_much(c))
				return in.n - rest.n;
			break;
		case CHUNK_MORE:
			return in.n;
		case CHUNK_END:
			run_or_give_away(c);
			return in.n - rest.n;
		case CHUNK_BAD:
			refuse_and_close(c, 400);
			return in.n;
		}
	}
}

static size_t body_use(struct conn *c, struct str in)
{
	if (in.n == 0)
		return 0;
	if (c->chunks)
		return chunks_use(c, in);
	size_t n = c->body_left < in.n ? (size_t)c->body_left : in.n;
	body_keep(c, str_span(in.p, n));
	c->body_left -= n;
	if (c->body_left == 0)
		run_or_give_away(c);
	return n;
}

/* ---- input ---- */

static size_t linger_use(struct conn *c, struct str in)
{
	c->lingered += in.n;
	if (c->lingered > HTTP_MAX_DRAIN)
		conn_close(c);
	return in.n;
}

bool conn_is_ours(const struct conn *c)
{
	return atomic_load_explicit(&c->owner, memory_order_relaxed) == OWNER_IO;
}

static bool takes_input(const struct conn *c)
{
	return conn_is_ours(c) && (c->phase == CONN_HEAD || c->phase == CONN_BODY || c->phase == CONN_LINGER);
}

static size_t input_use(struct conn *c, struct str in)
{
	if (c->phase == CONN_HEAD)
		return head_use(c, in);
	return c->phase == CONN_BODY ? body_use(c, in) : linger_use(c, in);
}

/* Keeps what has come and is not used yet. Without memory the connection ends: what comes later would be read as if
 * nothing had stood before it. */
static void input_keep(struct conn *c, const char *p, size_t n)
{
	c->in = n ? malloc(n) : NULL;
	if (n && !c->in) {
		if (c->call)
			c->call->phase = CALL_READING; /* it has not been handed over */
		c->broken = true;
		conn_close(c);
		return;
	}
	c->in_n = n;
	if (n)
		memcpy(c->in, p, n);
}

static size_t input_fetch(struct conn *c)
{
	size_t n = c->in_n;
	if (n)
		memcpy(c->io->scratch, c->in, n);
	str_wipe(str_span(c->in, n));
	free(c->in);
	c->in = NULL;
	c->in_n = 0;
	return n;
}

/* Uses what has come, up to the end of the input or a call that goes to the workers. */
static void input_work(struct conn *c)
{
	char *p = c->io->scratch;
	size_t n = input_fetch(c), turns = 0;
	for (;;) {
		size_t used = 0, step = 1;
		while (takes_input(c) && step) {
			step = input_use(c, str_span(p + used, n - used));
			used += step;
			turns++;
		}
		n -= used;
		memmove(p, p + used, n);
		if (!takes_input(c) || c->drained || turns > TURNS_A_ROUND)
			break;
		assert(n <= HTTP_MAX_HEAD);
		/* What follows a request waits beside it, so a head is read with little behind it. */
		ptrdiff_t got = receive(c, p + n, c->phase == CONN_HEAD ? HTTP_MAX_HEAD : HTTP_READ);
		if (got < 0)
			conn_close(c);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	if (c->phase != CONN_CLOSED)
		input_keep(c, p, n);
	if (!takes_input(c) || turns <= TURNS_A_ROUND)
		return;
	atomic_store(&c->owner, OWNER_LISTED);
	io_list(c);
}

static void conn_work(struct conn *c)
{
	if (c->phase == CONN_ANSWER)
		answer_go_on(c);
	while (takes_input(c)) {
		input_work(c);
		if (c->phase != CONN_AWAY || hand_over(c))
			return;
	}
}

/* ---- events ---- */

void conn_event(struct conn *c, bool hung_up)
{
	int with_worker = OWNER_WORKER;
	if (c->phase == CONN_CLOSED)
		return;
	if (hung_up)
		atomic_store(&c->hung_up, true);
	if (conn_is_ours(c) || conn_take(c)) {
		c->drained = false;
		conn_work(c);
		return;
	}
	bool noted = atomic_compare_exchange_strong(&c->owner, &with_worker, OWNER_WORKER_NOTED);
	if (!noted && conn_take(c)) { /* given back just now */
		c->drained = false;
		conn_work(c);
		return;
	}
	if (hung_up)
		waits_left(c->io->server->waits, c);
}

/* From a worker: an answer was sent, or some of it, or the check has let the call through. */
static void come_back(struct conn *c)
{
	if (!c->call)
		head_await(c);
	else if (c->call->phase == CALL_DONE)
		c->phase = CONN_ANSWER;
	else
		body_await(c);
}

void conn_listed(struct conn *c)
{
	assert(atomic_load(&c->owner) == OWNER_LISTED);
	atomic_store(&c->owner, OWNER_IO);
	c->drained = false;
	if (c->phase == CONN_AWAY)
		come_back(c);
	conn_work(c);
}

static bool is_fast(struct conn *c, size_t rate)
{
	size_t moved = c->moved;
	c->moved = 0;
	return moved >= rate * HTTP_RATE_S;
}

static void body_due(struct conn *c)
{
	bool late = c->io->now_us > c->call->start_us + HTTP_ARRIVAL_S * CLOCK_SECOND;
	if (!late && is_fast(c, HTTP_BODY_RATE))
		io_queue(c, QUEUE_BODY);
	else
		refuse_and_close(c, 408);
}

void conn_due(struct conn *c)
{
	if (c->queue != QUEUE_AWAY && !conn_is_ours(c)) { /* it has sent much at once, and waits for its turn */
		io_queue(c, c->queue);
		return;
	}
	switch (c->queue) {
	case QUEUE_HEAD:
		if (c->scan.at)
			refuse_head(c, 408);
		else
			conn_close(c); /* no byte came, or TLS has not agreed */
		return;
	case QUEUE_BODY:
		body_due(c);
		return;
	case QUEUE_AWAY:
		if (!conn_take(c))
			io_queue(c, QUEUE_AWAY);
		return;
	case QUEUE_ANSWER:
		c->broken = !is_fast(c, HTTP_ANSWER_RATE);
		if (!c->broken)
			io_queue(c, QUEUE_ANSWER);
		else
			conn_close(c);
		return;
	case QUEUE_IDLE:
	case QUEUE_LINGER:
	case QUEUE__MAX:
		conn_close(c);
	}
}

/* ---- open and close ---- */

static bool socket_take(struct conn *c, int fd)
{
	struct http_server *s = c->io->server;
	int on = 1;
	c->fd = fd;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (!s->tls)
		return true;
	pthread_mutex_lock(&s->tls_lock);
	c->ssl = tls_accept(s->tls, fd);
	pthread_mutex_unlock(&s->tls_lock);
	return c->ssl != NULL;
}

static bool place_take(struct conn *c, const struct sockaddr_storage *at)
{
	struct shares *shares = c->io->server->shares;
	struct address a = address_of(at);
	c->trusted = shares_trust(shares, at);
	if (c->trusted || address_is_loopback(&a))
		return true;
	c->share = address_enter(shares, &a);
	return c->share != NULL;
}

struct conn *conn_open(struct io *io, int fd, const struct sockaddr_storage *at)
{
	struct conn *c = calloc(1, sizeof *c);
	if (!c) {
		(void)close(fd);
		return NULL;
	}
	*c = (struct conn){ .io = io, .fd = fd, .seat = CONN_NO_SEAT, .queue = QUEUE__MAX };
	atomic_fetch_add(&io->server->n_conns, 1);
	if (!place_take(c, at) || !socket_take(c, fd)) {
		conn_close(c);
		return NULL;
	}
	io_queue(c, c->ssl ? QUEUE_HEAD : QUEUE_IDLE);
	return c;
}

void conn_close(struct conn *c)
{
	assert(conn_is_ours(c) && c->phase != CONN_CLOSED);
	struct http_server *s = c->io->server;
	if (c->call)
		call_end(c);
	tls_close(c->ssl, !c->broken);
	(void)close(c->fd);
	str_wipe(str_span(c->in, c->in_n));
	free(c->in);
	address_leave(s->shares, c->share);
	io_unqueue(c);
	atomic_fetch_sub(&s->n_conns, 1);
	c->phase = CONN_CLOSED;
	c->in = NULL;
	c->next = c->io->closed;
	c->io->closed = c;
}
