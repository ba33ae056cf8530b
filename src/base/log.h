/* Structured events on stderr: one line for each event, with keys and typed values. docs/LOG.md lists the events and
 * their keys. Only programs log; libraries return. Identity numbers and secrets are never values; should a stranger
 * have sent a number, a value's word of eleven digits is written as eleven '*'. A value over 1024 bytes is cut. A line
 * holds at most 4096 bytes: it drops the pairs that do not fit. text: 2026-06-01T12:00:00.123Z info login.done level=4
 * json:
 * {"time":"…","level":"info","event":"login.done","loa":4}
 *
 * A line is written at once. A server calls log_start: then a thread writes the lines for which stderr has no room, and
 * those of log_event_soon that follow others. No other thread ever waits for a reader of stderr. Lines that find no
 * room are dropped and counted. Lines stand in the order of their calls. */
#pragma once
#include "base/base.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG__MAX };
enum log_format { LOG_TEXT, LOG_JSON };

struct kv {
	const char *key; /* NULL ends the list */
	enum { KV_STR, KV_INT } type;
	struct str s;
	int64_t i;
};
static inline struct kv kv_str(const char *k, struct str v)
{
	return (struct kv){ .key = k, .type = KV_STR, .s = v };
}
static inline struct kv kv_z(const char *k, const char *v)
{
	return kv_str(k, str_of(v));
}
static inline struct kv kv_int(const char *k, int64_t v)
{
	return (struct kv){ .key = k, .type = KV_INT, .i = v };
}
#define KV(k, v)                                                                                                       \
	_Generic((v), struct str: kv_str, const char *: kv_z, char *: kv_z, int: kv_int,           \
		 unsigned: kv_int, long: kv_int, unsigned long: kv_int, long long: kv_int)(k, v)

/* For all threads at once; at first LOG_INFO and LOG_TEXT. */
void log_setup(enum log_level least, enum log_format format);
void log_event(enum log_level level, const char *event, const struct kv *kvs);
/* The same for events of which a busy server has many: with log_start, a line that follows another one within
 * LOG_GATHER_MS waits as long at most, so that many leave in one system call. */
void log_event_soon(enum log_level level, const char *event, const struct kv *kvs);
bool log_wants(enum log_level level); /* false: events of this level are not written */
/* Values are computed only when the event is written. */
#define log_debug(ev, ...)                                                                                             \
	(log_wants(LOG_DEBUG) ? log_event(LOG_DEBUG, ev, (const struct kv[]){ __VA_ARGS__ __VA_OPT__(, ){ 0 } })       \
			      : (void)0)
#define log_info(ev, ...) log_event(LOG_INFO, ev, (const struct kv[]){ __VA_ARGS__ __VA_OPT__(, ){ 0 } })
#define log_warn(ev, ...) log_event(LOG_WARN, ev, (const struct kv[]){ __VA_ARGS__ __VA_OPT__(, ){ 0 } })
#define log_error(ev, ...) log_event(LOG_ERROR, ev, (const struct kv[]){ __VA_ARGS__ __VA_OPT__(, ){ 0 } })

#define LOG_QUEUE_BYTES 131072 /* of lines that wait for the thread; a further line is dropped */
#define LOG_GATHER_MS 10       /* a line of log_event_soon waits so long for others */
#define LOG_FLUSH_MS 1000      /* log_stop waits so long for a reader */
/* Starts the thread that writes. When lines flow again after a drop, it writes log.dropped with their number. Call it
 * once, before other threads log. RC_FAIL: no thread; lines are written at once as before. */
MUST_USE enum rc log_start(void);
/* Writes the lines that wait, for at most LOG_FLUSH_MS. When stderr does not take them in time, they and all later
 * lines are dropped; otherwise later lines are written at once. Without log_start it does nothing. */
void log_stop(void);
int64_t log_dropped(void); /* lines so far */
