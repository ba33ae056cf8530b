/* Time. Every instant is an int64_t: microseconds since 1970-01-01T00:00:00Z.
 *
 * clock_now() is the time of consents and tokens; tests and the sandbox can move it. clock_real() is the machine's
 * time, for sessions, time-outs, event ids and outgoing TLS. clock_mono() never goes backwards and measures durations.
 */
#pragma once
#include "base/buf.h"

#define CLOCK_SECOND INT64_C(1000000)
#define CLOCK_MINUTE (60 * CLOCK_SECOND)
#define CLOCK_HOUR (60 * CLOCK_MINUTE)
#define CLOCK_DAY (24 * CLOCK_HOUR)

int64_t clock_now(void);
int64_t clock_real(void);
int64_t clock_mono(void);          /* since an unnamed instant */
void clock_set_offset(int64_t us); /* clock_now() = clock_real() + us, for all threads at once */
int64_t clock_offset(void);

#define CLOCK_SKEW_S 10 /* by which the clocks of two processes on one store may differ */
/* Was `at` written while the machine's clock was ahead? Then a lifetime that begins there would last too long. `now` is
 * a time of the same clock. */
static inline bool clock_is_ahead(int64_t at, int64_t now)
{
	return at - now > CLOCK_SKEW_S * CLOCK_SECOND;
}

/* Reads a date-time (RFC 3339, ISO 8601): 2026-06-01T12:00[:00[.f…]][Z|±HH:MM]. T and Z may be in lower case. No
 * offset means UTC. Digits of a fraction after the sixth are dropped. RC_INVALID: any other form (a space for T too), a
 * day that does not exist, second 60, or a year outside 0001–9999. */
MUST_USE enum rc clock_parse(struct str s, int64_t *out);
/* The same, and a date alone: its first instant in UTC, as .NET reads it. */
MUST_USE enum rc clock_parse_date(struct str s, int64_t *out);
#define CLOCK_TEXT_MAX 40
/* Writes yyyy-MM-ddTHH:mm:ss[.ffffff]+00:00 into `out` and returns a span of it. The fraction has no trailing zeros. */
struct str clock_text(int64_t us, char out[CLOCK_TEXT_MAX]);
void buf_time(struct buf *b, int64_t us); /* the same, appended */
/* Reads an ISO 8601 duration of weeks, days, hours, minutes and seconds: P10D, PT2H, P1DT12H, -PT5M. RC_INVALID: years
 * or months, any other form, or more than 100 years. */
MUST_USE enum rc clock_duration(struct str s, int64_t *us_out);

/* An instant as a clock on the wall of the process's time zone shows it. */
struct clock_fields {
	int year;
	int month;
	int day;
	int hour;
	int minute;
	int second;
	char zone[8]; /* "CET", "CEST" */
};
/* Sets the zone by its name in the tz database ("Europe/Oslo"). Call it once, before other threads start. RC_INVALID:
 * the database has no such zone. */
MUST_USE enum rc clock_zone(const char *name);
struct clock_fields clock_local(int64_t us);
/* "2026-12-01T15:44:55.123": the same as text, with milliseconds. Requires a year from 0 to 9999. */
struct str clock_local_text(int64_t us, char out[CLOCK_TEXT_MAX]);
/* Reads a date-time as clock_parse does, also with a space for T; without an offset it is a time on the wall of that
 * zone. Of a time that the wall shows twice, when summer time ends, it is the first. A time that the wall leaves out,
 * when summer time begins, is read as if the clock had not moved yet. RC_INVALID as clock_parse. */
MUST_USE enum rc clock_parse_local(struct str s, int64_t *out);
/* IMF-fixdate (RFC 9110 §5.6.7), as in the Date header: "Sun, 06 Nov 1994 08:49:37 GMT". The reader takes no other
 * form: RC_INVALID. */
struct str clock_http(int64_t us, char out[CLOCK_TEXT_MAX]);
MUST_USE enum rc clock_http_parse(struct str s, int64_t *us_out);
