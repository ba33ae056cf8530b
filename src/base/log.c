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
/* Room for a line and the pair that is taken out again: each byte of its key and value may become six. */
#define ROOM_BYTES (LINE_MAX_BYTES + 6 * (VALUE_MAX_BYTES + 64))
#define GATHER_US (LOG_GATHER_MS * CLOCK_SECOND / 1000)
#define TIME_CHARS 19 /* without fraction and offset */
#define PID_DIGITS 11 /* of a national identity number */

static _Atomic int least_level = LOG_INFO;
static _Atomic int line_format = LOG_TEXT;

/* A line is written in one piece, at most LINE_MAX_BYTES, which a pipe takes whole (PIPE_BUF). The descriptor may be
 * shared with other processes, so it stays blocking. A line goes out at once while the descriptor has room.
 * Lines that follow within LOG_GATHER_MS stay in the queue, unless they are urgent: its thread gathers them for as
 * long, so that a busy server needs one system call for many. The thread may wait in write() for ever, and nobody waits
 * for it. */
enum queue_state { QUEUE_NONE, QUEUE_RUNNING, QUEUE_LOST };
static struct {
	_Atomic int state; /* enum queue_state; it changes while no other thread logs */
	_Atomic int64_t dropped;
	pthread_t thread;
	struct monitor monitor; /* of the members below */
	char texts[2][LOG_QUEUE_BYTES];
	int filling;      /* the text that takes lines; the thread writes the other one */
	size_t n;         /* bytes in it */
	bool writing;     /* the thread has lines in hand */
	bool urgent;      /* the thread must not gather */
	int64_t wrote_at; /* clock_mono() of the last line that was written at once, or of the thread's last text */
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
	static const bool special[256] = { ['"'] = true, ['\\'] = true, ['='] = true, [0x7f] = true };
	unsigned char all = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c <= ' ' || special[c])
			return false;
		all |= c;
	}
	return s.n > 0 && (all < 0x80 || str_utf8(s));
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* No letter before: the start, another mark, or an escape such as %3A. */
static bool begins_word(struct str s, size_t at)
{
	return at == 0 || !is_word(s.p[at - 1]) || (at >= 3 && s.p[at - 3] == '%');
}

/* The first word of eleven digits from `at` on; s.n: there is none. Looks at the end of a window first, so that most
 * bytes are never looked at. */
static size_t pid_find(struct str s, size_t at)
{
	while (at + PID_DIGITS <= s.n) {
		size_t left = PID_DIGITS;
		while (left && is_digit(s.p[at + left - 1]))
			left--;
		if (left) {
			at += left;
			continue;
		}
		size_t end = at + PID_DIGITS;
		if (begins_word(s, at) && (end == s.n || !is_word(s.p[end])))
			return at;
		while (end < s.n && is_word(s.p[end]))
			end++;
		at = end;
	}
	return s.n;
}

/* The last line of defence: a word of eleven digits may be an identity number that a stranger has sent. */
static struct str pids_mask(struct str s, char room[VALUE_MAX_BYTES])
{
	size_t at = pid_find(s, 0);
	if (at == s.n)
		return s;
	memcpy(room, s.p, s.n);
	for (; at < s.n; at = pid_find(s, at + PID_DIGITS))
		memset(room + at, '*', PID_DIGITS);
	return str_span(room, s.n);
}

static void put_value(struct buf *b, struct str s, bool plain)
{
	char room[VALUE_MAX_BYTES];
	s = s.n < PID_DIGITS ? s : pids_mask(s, room);
	if (plain)
		buf_add(b, s);
	else
		buf_json(b, s);
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
	else
		put_value(b, s, is_plain(s));
}

static void put_json(struct buf *b, const struct kv *kv)
{
	buf_lit(b, ",\"");
	buf_z(b, kv->key); /* a name of the code's own */
	buf_lit(b, "\":");
	if (kv->type == KV_INT)
		buf_i64(b, kv->i);
	else
		put_value(b, value_cut(kv->s), false);
}

/* 2026-06-01T12:00:00.000Z. The text of a second is made once in each thread. */
static void put_time(struct buf *b)
{
	static _Thread_local int64_t second = -1;
	static _Thread_local char text[CLOCK_TEXT_MAX];
	int64_t now = clock_real();
	if (now / CLOCK_SECOND != second) {
		second = now / CLOCK_SECOND;
		clock_text(now, text);
	}
	unsigned ms = (unsigned)(now % CLOCK_SECOND / 1000);
	char fraction[] = { '.', (char)('0' + ms / 100), (char)('0' + ms / 10 % 10), (char)('0' + ms % 10), 'Z' };
	buf_raw(b, text, TIME_CHARS);
	buf_raw(b, fraction, sizeof fraction);
}

static void put_head(struct buf *b, enum log_format format, enum log_level level, const char *event)
{
	if (format == LOG_TEXT) {
		put_time(b);
		buf_c(b, ' ');
		buf_z(b, level_name(level));
		buf_c(b, ' ');
		buf_z(b, event);
		return;
	}
	buf_lit(b, "{\"time\":\"");
	put_time(b);
	buf_lit(b, "\",\"level\":\"");
	buf_z(b, level_name(level));
	buf_lit(b, "\",\"event\":");
	buf_json(b, value_cut(str_of(event)));
}

static void line_make(struct buf *b, enum log_level level, const char *event, const struct kv *kvs)
{
	enum log_format format = (enum log_format)atomic_load_explicit(&line_format, memory_order_relaxed);
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

/* A thread makes one line at a time: no call in between lets another task run. */
static struct buf line_buf(struct arena *spill)
{
	static _Thread_local char room[ROOM_BYTES];
	return (struct buf){ .a = spill, .p = room, .cap = sizeof room };
}

/* ---- the queue and its thread ---- */
/* The lock is held. Writes the text that waits, when that is no more than a pipe takes in one piece. */
static void text_write(int64_t now)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };
	char *text = queue.texts[queue.filling];
	if (queue.writing || queue.n > LINE_MAX_BYTES || poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT))
		return;
	ssize_t n = write(STDERR_FILENO, text, queue.n);
	if (n <= 0)
		return;
	queue.n -= (size_t)n;
	memmove(text, text + n, queue.n);
	queue.wrote_at = now;
}

static void queue_add(struct str line, bool urgent)
{
	int64_t now = clock_mono();
	monitor_enter(&queue.monitor);
	bool room = line.n <= LOG_QUEUE_BYTES - queue.n, first = queue.n == 0, wake = false;
	if (room) {
		memcpy(queue.texts[queue.filling] + queue.n, line.p, line.n);
		queue.n += line.n;
		if (urgent || now - queue.wrote_at >= GATHER_US)
			text_write(now);
		bool hurry = queue.n && !queue.urgent && (urgent || queue.n > LOG_QUEUE_BYTES / 2);
		wake = (first && queue.n) || hurry;
		queue.urgent |= hurry;
	}
	monitor_leave(&queue.monitor);
	if (!room)
		atomic_fetch_add(&queue.dropped, 1);
	else if (wake)
		monitor_wake(&queue.monitor);
}

/* The lock is held. Until the log is stopped, or there are lines and either a hurry or enough time for others. */
static void lines_gather(void)
{
	while (!queue.monitor.stopped) {
		while (queue.n == 0 && !queue.monitor.stopped)
			monitor_wait(&queue.monitor);
		int64_t until = clock_mono() + GATHER_US;
		for (bool in_time = true; in_time && !queue.urgent && !queue.monitor.stopped;)
			in_time = monitor_wait_until(&queue.monitor, until);
		if (queue.n)
			return;
	}
}

/* All lines that wait now. Absent: the log has been stopped, and none is left. */
static struct str queue_take(void)
{
	monitor_enter(&queue.monitor);
	queue.writing = false;
	lines_gather();
	queue.urgent = false;
	queue.wrote_at = clock_mono();
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
	struct buf b = line_buf(&a);
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
static void line_put(struct str line, bool urgent)
{
	int state = atomic_load(&queue.state);
	if (state == QUEUE_RUNNING)
		queue_add(line, urgent);
	else if (state == QUEUE_LOST || write(STDERR_FILENO, line.p, line.n) < 0)
		atomic_fetch_add(&queue.dropped, 1);
}

bool log_wants(enum log_level level)
{
	return (int)level >= atomic_load_explicit(&least_level, memory_order_relaxed);
}

static void event_put(enum log_level level, const char *event, const struct kv *kvs, bool urgent)
{
	assert((unsigned)level < LOG__MAX && event);
	if (!log_wants(level))
		return;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct buf b = line_buf(&a);
	line_make(&b, level, event, kvs);
	line_put(buf_str(&b), urgent);
}

void log_event(enum log_level level, const char *event, const struct kv *kvs)
{
	event_put(level, event, kvs, true);
}

void log_event_soon(enum log_level level, const char *event, const struct kv *kvs)
{
	event_put(level, event, kvs, false);
}
