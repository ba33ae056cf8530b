/* Time: int64_t microseconds since 1970-01-01T00:00:00Z throughout.
 *
 * Two clocks: clock_now() is domain and token time and can be moved by tests and by the sandbox;
 * clock_real() is for sessions, time-outs, event ids and outgoing TLS. */
#pragma once
#include "base/buf.h"

#define CLOCK_SECOND INT64_C(1000000)
#define CLOCK_MINUTE (60 * CLOCK_SECOND)
#define CLOCK_HOUR (60 * CLOCK_MINUTE)
#define CLOCK_DAY (24 * CLOCK_HOUR)

int64_t clock_now(void);
int64_t clock_real(void);
int64_t clock_mono(void);          /* monotonic, for measuring */
void clock_set_offset(int64_t us); /* clock_now() = clock_real() + us; process-wide, atomic */
int64_t clock_offset(void);

/* RFC 3339 / ISO 8601 date-time: 2026-06-01T12:00:00[.f{1,9}][Z|±HH:MM]; 'T' and 'Z' in any case, a space for
 * 'T' is refused, seconds may be absent, no offset means UTC. Fractions are cut after six digits.
 * Years 0001–9999; day and month are checked; second 60 is refused. */
MUST_USE enum rc clock_parse(struct str s, int64_t *out);
#define CLOCK_TEXT_MAX 40
/* yyyy-MM-ddTHH:mm:ss[.ffffff]+00:00, fraction without trailing zeros, absent when zero. Returns text in `out`. */
struct str clock_text(int64_t us, char out[CLOCK_TEXT_MAX]);
void buf_time(struct buf *b, int64_t us); /* the same, appended */
/* ISO 8601 duration of weeks, days, hours, minutes, seconds: P10D, PT2H, P1DT12H, -PT5M. At most 100 years. */
MUST_USE enum rc clock_duration(struct str s, int64_t *us_out);

/* Wall-clock fields in the process's time zone; the zone is set once by clock_zone (name in the tz database). */
struct clock_fields {
	int year;
	int month;
	int day;
	int hour;
	int minute;
	int second;
	char zone[8]; /* "CET", "CEST" */
};
MUST_USE enum rc clock_zone(const char *name); /* RC_INVALID when the tz database has no such zone */
struct clock_fields clock_local(int64_t us);
/* IMF-fixdate for the Date header: "Sun, 06 Nov 1994 08:49:37 GMT" */
struct str clock_http(int64_t us, char out[CLOCK_TEXT_MAX]);
MUST_USE enum rc clock_http_parse(struct str s, int64_t *us_out);
