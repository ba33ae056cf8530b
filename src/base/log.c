#include "base/log.h"

#include <assert.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"

#define LINE_MAX_BYTES 4096
#define VALUE_MAX_BYTES 1024
#define TIME_CHARS 19 /* without fraction and offset */

static _Atomic int least_level = LOG_INFO;
static _Atomic int line_format = LOG_TEXT;

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

void log_event(enum log_level level, const char *event, const struct kv *kvs)
{
	assert((unsigned)level < LOG__MAX && event);
	if ((int)level < atomic_load(&least_level))
		return;
	enum log_format format = (enum log_format)atomic_load(&line_format);
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct buf b = BUF(&a);
	put_head(&b, format, level, event);
	for (const struct kv *kv = kvs; kv && kv->key; kv++) {
		size_t before = b.n;
		if (format == LOG_JSON)
			put_json(&b, kv);
		else
			put_text(&b, kv);
		if (b.n > LINE_MAX_BYTES - sizeof "}\n")
			b.n = before; /* whole pairs, so that the line stays well-formed */
	}
	buf_z(&b, format == LOG_JSON ? "}\n" : "\n");
	if (write(STDERR_FILENO, b.p, b.n) < 0)
		return; /* there is no other place to report it */
}
