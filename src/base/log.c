#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"

#define LINE_MAX_BYTES 4096
#define VALUE_MAX_BYTES 1024
#define TIME_CHARS 19 /* without fraction and offset */

static _Atomic int least_level = LOG_INFO;
static _Atomic int line_format = LOG_TEXT;

/* A line is written in one piece, at most LINE_MAX_BYTES, which a pipe takes whole (PIPE_BUF). The descriptor may be
 * shared with other processes, so it stays blocking. A line goes out at once while the descriptor has room and no line
 * waits. Others go through the queue: its thread may wait in write() for ever, and nobody waits for it. */
enum queue_state { QUEUE_NONE, QUEUE_RUNNING, QUEUE_LOST };
static struct {
	_Atomic int state; /* enum queue_state; it changes while no other thread logs */
	_Atomic int64_t dropped;
	pthread_t thread;
	struct monitor monitor; /* of the members below */
	char texts[2][LOG_QUEUE_BYTES];
	int filling;  /* the text that takes lines; the thread writes the other one */
	size_t n;     /* bytes in it */
	bool writing; /* the thread has lines in hand */
	bool ended;
} queue;

void log_setup(enum log_level least, enum log_format format)
{
	atomic_store(&least_level, (int)least);
	atomic_store(&line_format, (int)format);
}

static const char *level_name(enum log_level level)
{
	static const char *const names[LOG__MAX] = { "debug", "info", "warn", "error" };
	return (unsigned)level < LOG__MAX ? names[level] : "error";
}

/* Cuts between two characters. */
static struct str value_cut(struct str s)
{
	if (s.n <= VALUE_MAX_BYTES)
		return s;
	s.n = VALUE_MAX_BYTES;
	while (s.n && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
		s.n--;
	return s;
}

/* Can key=value hold it without quotes? */
static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c <= ' ' || c == 0x7f || c == '"' || c == '\\' || c == '=')
			return false;
	}
	return s.n > 0 && str_utf8(s);
}

static void put_text(struct buf *b, const struct kv *kv)
{
	buf_c(b, ' ');
	buf_z(b, kv->key);
	buf_c(b, '=');
	struct str s = value_cut(kv->s);
	if (kv->type == KV_INT)
		buf_i64(b, kv->i);
	else if (!s.p)
		buf_c(b, '-');
	else if (is_plain(s))
		buf_add(b, s);
	else
		buf_json(b, s);
}

static void put_json(struct buf *b, const struct kv *kv)
{
	buf_c(b, ',');
	buf_json(b, str_of(kv->key));
	buf_c(b, ':');
	if (kv->type == KV_INT)
		buf_i64(b, kv->i);
	else
		buf_json(b, value_cut(kv->s));
}

static void put_head(struct buf *b, enum log_format format, enum log_level level, const char *event)
{
	char time[CLOCK_TEXT_MAX];
	clock_text(clock_real(), time);
	if (format == LOG_TEXT) {
		buf_fmt(b, "%.*sZ %s %s", TIME_CHARS, time, level_name(level), event);
		return;
	}
	buf_fmt(b, "{\"time\":\"%.*sZ\",\"level\":\"%s\",\"event\":", TIME_CHARS, time, level_name(level));
	buf_json(b, value_cut(str_of(event)));
}

static void line_make(struct buf *b, enum log_level level, const char *event, const struct kv *kvs)
{
	enum log_format format = (enum log_format)atomic_load(&line_format);
	put_head(b, format, level, event);
	for (const struct kv *kv = kvs; kv && kv->key; kv++) {
		size_t before = b->n;
		if (format == LOG_JSON)
			put_json(b, kv);
		else
			put_text(b, kv);
		if (b->n > LINE_MAX_BYTES - sizeof "}\n")
			b->n = before; /* whole pairs, so that the line stays well-formed */
	}
	buf_z(b, format == LOG_JSON ? "}\n" : "\n");
}

/* ---- the queue and its thread ---- */
/* The lock is held. Returns the bytes that were written: none while lines wait, or when the descriptor has no room. */
static size_t write_now(struct str line)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };
	if (queue.n || queue.writing || poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT))
		return 0;
	ssize_t n = write(STDERR_FILENO, line.p, line.n);
	return n > 0 ? (size_t)n : 0;
}

static void queue_add(struct str line)
{
	monitor_enter(&queue.monitor);
	size_t written = write_now(line);
	line = str_span(line.p + written, line.n - written);
	bool room = line.n <= LOG_QUEUE_BYTES - queue.n, wake = queue.n == 0 && line.n;
	if (room) {
		memcpy(queue.texts[queue.filling] + queue.n, line.p, line.n);
		queue.n += line.n;
	}
	monitor_leave(&queue.monitor);
	if (!room)
		atomic_fetch_add(&queue.dropped, 1);
	else if (wake)
		monitor_wake(&queue.monitor);
}

/* All lines that wait now. Absent: the log has been stopped, and none is left. */
static struct str queue_take(void)
{
	monitor_enter(&queue.monitor);
	queue.writing = false;
	while (queue.n == 0 && !queue.monitor.stopped)
		monitor_wait(&queue.monitor);
	struct str text = queue.n ? str_span(queue.texts[queue.filling], queue.n) : STR_NONE;
	queue.writing = queue.n > 0;
	queue.filling ^= 1;
	queue.n = 0;
	monitor_leave(&queue.monitor);
	return text;
}

/* Another process may have made the descriptor non-blocking. */
static bool write_whole(struct str text)
{
	while (text.n) {
		ssize_t n = write(STDERR_FILENO, text.p, text.n);
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			(void)poll(&(struct pollfd){ .fd = STDERR_FILENO, .events = POLLOUT }, 1, -1);
		else if (n < 0 && errno != EINTR)
			return false;
		text = n > 0 ? str_span(text.p + n, text.n - (size_t)n) : text;
	}
	return true;
}

/* As many whole lines from the start of `text` as a pipe takes in one piece. */
static struct str lines_cut(struct str text)
{
	if (text.n <= LINE_MAX_BYTES)
		return text;
	struct str some = str_span(text.p, LINE_MAX_BYTES);
	while (some.p[some.n - 1] != '\n')
		some.n--;
	return some;
}

static void lines_write(struct str text)
{
	while (text.n) {
		struct str some = lines_cut(text);
		bool written = write_whole(some);
		for (size_t i = 0; !written && i < some.n; i++)
			if (some.p[i] == '\n')
				atomic_fetch_add(&queue.dropped, 1);
		text = str_span(text.p + some.n, text.n - some.n);
	}
}

static int64_t drops_tell(int64_t told)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct buf b = BUF(&a);
	int64_t dropped = atomic_load(&queue.dropped);
	if (dropped == told)
		return told;
	line_make(&b, LOG_WARN, "log.dropped", (const struct kv[]){ KV("lines", dropped - told), { 0 } });
	return write_whole(buf_str(&b)) ? dropped : told;
}

static void *queue_main(void *arg)
{
	int64_t told = 0;
	for (struct str text = queue_take(); text.p; text = queue_take()) {
		lines_write(text);
		told = drops_tell(told);
	}
	monitor_enter(&queue.monitor);
	queue.ended = true;
	monitor_wake(&queue.monitor);
	monitor_leave(&queue.monitor);
	return arg;
}

enum rc log_start(void)
{
	assert(atomic_load(&queue.state) == QUEUE_NONE);
	monitor_init(&queue.monitor);
	queue.ended = false;
	TRY(thread_start(&queue.thread, 0, queue_main, NULL));
	atomic_store(&queue.state, QUEUE_RUNNING);
	return RC_OK;
}

void log_stop(void)
{
	int64_t until = clock_mono() + LOG_FLUSH_MS * CLOCK_SECOND / 1000;
	bool in_time = true;
	if (atomic_load(&queue.state) != QUEUE_RUNNING)
		return;
	monitor_stop(&queue.monitor);
	monitor_enter(&queue.monitor);
	while (!queue.ended && in_time)
		in_time = monitor_wait_until(&queue.monitor, until);
	bool ended = queue.ended;
	monitor_leave(&queue.monitor);
	atomic_store(&queue.state, ended ? QUEUE_NONE : QUEUE_LOST);
	if (!ended) {
		pthread_detach(queue.thread);
		return;
	}
	pthread_join(queue.thread, NULL); /* the monitor stays: another thread may be about to enter it */
}

int64_t log_dropped(void)
{
	return atomic_load(&queue.dropped);
}

/* ---- lines ---- */
static void line_put(struct str line)
{
	int state = atomic_load(&queue.state);
	if (state == QUEUE_RUNNING)
		queue_add(line);
	else if (state == QUEUE_LOST || write(STDERR_FILENO, line.p, line.n) < 0)
		atomic_fetch_add(&queue.dropped, 1);
}

bool log_wants(enum log_level level)
{
	return (int)level >= atomic_load_explicit(&least_level, memory_order_relaxed);
}

void log_event(enum log_level level, const char *event, const struct kv *kvs)
{
	assert((unsigned)level < LOG__MAX && event);
	if (!log_wants(level))
		return;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct buf b = BUF(&a);
	line_make(&b, level, event, kvs);
	line_put(buf_str(&b));
}
