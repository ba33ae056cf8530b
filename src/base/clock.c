#include "base/clock.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ZONE_DIR "/usr/share/zoneinfo/"
#define ZONE_NAME_MAX 64
#define YEAR_MIN 1
#define YEAR_MAX 9999
#define DURATION_MAX_S (INT64_C(36525) * 86400)
#define HTTP_DATE_LEN 29

static _Atomic int64_t offset_us;

static int64_t clock_read(clockid_t id)
{
	struct timespec ts;
	clock_gettime(id, &ts);
	return ts.tv_sec * CLOCK_SECOND + ts.tv_nsec / 1000;
}

int64_t clock_real(void)
{
	return clock_read(CLOCK_REALTIME);
}

int64_t clock_mono(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

int64_t clock_now(void)
{
	return clock_real() + clock_offset();
}

void clock_set_offset(int64_t us)
{
	atomic_store(&offset_us, us);
}

int64_t clock_offset(void)
{
	return atomic_load(&offset_us);
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

struct date {
	int64_t year;
	int month;
	int day;
};

/* Days since 1970-01-01 in the proleptic Gregorian calendar; the year is counted from March. */
static int64_t days_of(struct date d)
{
	int64_t y = d.month <= 2 ? d.year - 1 : d.year;
	int64_t era = floor_div(y, 400), year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static struct date date_of(int64_t days)
{
	days += 719468;
	int64_t era = floor_div(days, 146097), left = days - era * 146097;
	int64_t year_of_era = (left - left / 1460 + left / 36524 - left / 146096) / 365;
	int day_of_year = (int)(left - (365 * year_of_era + year_of_era / 4 - year_of_era / 100));
	int march = (5 * day_of_year + 2) / 153;
	int month = march < 10 ? march + 3 : march - 9;
	return (struct date){ year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * march + 2) / 5 + 1 };
}

static int days_in_month(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month == 2 && leap ? 29 : days[month - 1];
}

static bool take(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_span(s->p + 1, s->n - 1);
	return true;
}

/* Exactly n digits between low and high. */
static bool digits(struct str *s, size_t n, int low, int high, int *out)
{
	if (s->n < n)
		return false;
	int v = 0;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	*s = str_span(s->p + n, s->n - n);
	*out = v;
	return v >= low && v <= high;
}

static bool parse_date(struct str *s, int64_t *days_out)
{
	int year, month, day;
	if (!digits(s, 4, YEAR_MIN, YEAR_MAX, &year) || !take(s, '-') || !digits(s, 2, 1, 12, &month) ||
	    !take(s, '-') || !digits(s, 2, 1, days_in_month(year, month), &day))
		return false;
	*days_out = days_of((struct date){ year, month, day });
	return true;
}

/* .f… */
static bool parse_fraction(struct str *s, int64_t *us_out)
{
	int64_t us = 0;
	size_t n = 0;
	int digit;
	while (s->n && s->p[0] >= '0' && s->p[0] <= '9' && digits(s, 1, 0, 9, &digit))
		if (n++ < 6)
			us = us * 10 + digit;
	for (size_t i = n; i < 6; i++)
		us *= 10;
	*us_out = us;
	return n > 0;
}

/* HH:MM[:SS[.f]] */
static bool parse_time(struct str *s, int64_t *us_out)
{
	int hour, minute, second = 0;
	int64_t us = 0;
	if (!digits(s, 2, 0, 23, &hour) || !take(s, ':') || !digits(s, 2, 0, 59, &minute))
		return false;
	if (take(s, ':')) {
		if (!digits(s, 2, 0, 59, &second))
			return false;
		if (take(s, '.') && !parse_fraction(s, &us))
			return false;
	}
	*us_out = hour * CLOCK_HOUR + minute * CLOCK_MINUTE + second * CLOCK_SECOND + us;
	return true;
}

/* Nothing, Z or ±HH:MM, and then the end. */
static bool parse_offset(struct str *s, int64_t *us_out)
{
	*us_out = 0;
	if (s->n == 0)
		return true;
	if (take(s, 'Z') || take(s, 'z'))
		return s->n == 0;
	bool minus = take(s, '-');
	int hour, minute;
	if ((!minus && !take(s, '+')) || !digits(s, 2, 0, 23, &hour) || !take(s, ':') || !digits(s, 2, 0, 59, &minute))
		return false;
	int64_t us = hour * CLOCK_HOUR + minute * CLOCK_MINUTE;
	*us_out = minus ? -us : us;
	return s->n == 0;
}

/* The offset may move a time out of the years that clock_text can write. */
static enum rc in_years(int64_t us, int64_t *out)
{
	if (us < days_of((struct date){ YEAR_MIN, 1, 1 }) * CLOCK_DAY ||
	    us >= days_of((struct date){ YEAR_MAX + 1, 1, 1 }) * CLOCK_DAY)
		return RC_INVALID;
	*out = us;
	return RC_OK;
}

enum rc clock_parse(struct str s, int64_t *out)
{
	int64_t days, time, offset;
	if (!parse_date(&s, &days) || (!take(&s, 'T') && !take(&s, 't')) || !parse_time(&s, &time) ||
	    !parse_offset(&s, &offset))
		return RC_INVALID;
	return in_years(days * CLOCK_DAY + time - offset, out);
}

enum rc clock_parse_date(struct str s, int64_t *out)
{
	int64_t days;
	struct str rest = s;
	if (!parse_date(&rest, &days) || rest.n)
		return clock_parse(s, out);
	*out = days * CLOCK_DAY;
	return RC_OK;
}

/* So many digits, with zeros in front. */
static char *digits_put(char *at, int64_t value, int n)
{
	assert(value >= 0);
	for (int i = n - 1; i >= 0; i--, value /= 10)
		at[i] = (char)('0' + value % 10);
	return at + n;
}

/* "-mm-ddThh:mm:ss". Without snprintf, since every answer and every row has some. */
static char *parts_put(char *at, const int parts[5])
{
	for (size_t i = 0; i < 5; i++) {
		*at++ = "--T::"[i];
		at = digits_put(at, parts[i], 2);
	}
	return at;
}

struct str clock_text(int64_t us, char out[CLOCK_TEXT_MAX])
{
	int64_t of_day = us % CLOCK_DAY + (us % CLOCK_DAY < 0 ? CLOCK_DAY : 0);
	struct date d = date_of(floor_div(us, CLOCK_DAY));
	const int parts[] = { d.month, d.day, (int)(of_day / CLOCK_HOUR), (int)(of_day / CLOCK_MINUTE % 60),
			      (int)(of_day / CLOCK_SECOND % 60) };
	char *at = out;
	if (d.year >= 0 && d.year <= YEAR_MAX)
		at = digits_put(at, d.year, 4);
	else
		at += snprintf(at, CLOCK_TEXT_MAX, "%04lld", (long long)d.year);
	assert(at - out < CLOCK_TEXT_MAX - (int)sizeof "-mm-ddThh:mm:ss.ffffff+00:00" + 1);
	at = parts_put(at, parts);
	int64_t fraction = of_day % CLOCK_SECOND;
	if (fraction) {
		*at++ = '.';
		at = digits_put(at, fraction, 6);
		while (at[-1] == '0')
			at--;
	}
	memcpy(at, "+00:00", sizeof "+00:00");
	return str_span(out, (size_t)(at - out) + 6);
}

void buf_time(struct buf *b, int64_t us)
{
	char text[CLOCK_TEXT_MAX];
	buf_add(b, clock_text(us, text));
}

struct duration_unit {
	char letter;
	bool after_t;
	int64_t seconds;
};

static const struct duration_unit duration_units[] = {
	{ 'W', false, 7 * 86400 }, { 'D', false, 86400 }, { 'H', true, 3600 }, { 'M', true, 60 }, { 'S', true, 1 },
};

/* Reads digits and a unit from row *row_io of the table on. Adds to *sum_io and moves *row_io behind the unit. */
static bool duration_part(struct str *s, bool after_t, size_t *row_io, int64_t *sum_io)
{
	size_t n = 0;
	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	uint64_t count;
	if (n == s->n || str_u64(str_span(s->p, n), &count) != RC_OK || count > DURATION_MAX_S)
		return false;
	char letter = s->p[n];
	*s = str_span(s->p + n + 1, s->n - n - 1);
	for (size_t i = *row_io; i < LEN(duration_units); i++) {
		const struct duration_unit *u = &duration_units[i];
		if (u->letter != letter || u->after_t != after_t)
			continue;
		*row_io = i + 1;
		*sum_io += (int64_t)count * u->seconds;
		return *sum_io <= DURATION_MAX_S;
	}
	return false;
}

enum rc clock_duration(struct str s, int64_t *us_out)
{
	bool minus = take(&s, '-'), after_t = false;
	if (!take(&s, 'P') || s.n == 0)
		return RC_INVALID;
	size_t row = 0;
	int64_t sum_s = 0;
	while (s.n) {
		if (!after_t)
			after_t = take(&s, 'T');
		if (!duration_part(&s, after_t, &row, &sum_s))
			return RC_INVALID;
	}
	*us_out = (minus ? -sum_s : sum_s) * CLOCK_SECOND;
	return RC_OK;
}

static bool zone_name_ok(struct str name)
{
	if (name.n == 0 || name.n > ZONE_NAME_MAX || name.p[0] == '/' || str_find(name, STR("..")) >= 0)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i], lower = (char)(c | 0x20);
		if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && !memchr("/_+-", c, 4))
			return false;
	}
	return true;
}

/* The folder also holds lists and notes; only compiled zones begin with TZif (RFC 8536 §3.1). */
static bool zone_exists(const char *name)
{
	char path[sizeof ZONE_DIR + ZONE_NAME_MAX];
	snprintf(path, sizeof path, ZONE_DIR "%s", name);
	FILE *f = fopen(path, "re");
	if (!f)
		return false;
	char magic[4] = "";
	bool ok = fread(magic, 1, sizeof magic, f) == sizeof magic && memcmp(magic, "TZif", 4) == 0;
	fclose(f);
	return ok;
}

enum rc clock_zone(const char *name)
{
	if (!zone_name_ok(str_of(name)) || !zone_exists(name))
		return RC_INVALID;
	if (setenv("TZ", name, 1) != 0)
		return RC_FAIL;
	tzset();
	return RC_OK;
}

struct clock_fields clock_local(int64_t us)
{
	time_t s = floor_div(us, CLOCK_SECOND);
	struct tm tm = { 0 };
	localtime_r(&s, &tm);
	struct clock_fields f = { tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, "" };
	if (tm.tm_zone)
		memcpy(f.zone, tm.tm_zone, strnlen(tm.tm_zone, sizeof f.zone - 1));
	return f;
}

struct str clock_local_text(int64_t us, char out[CLOCK_TEXT_MAX])
{
	struct clock_fields f = clock_local(us);
	const int parts[] = { f.month, f.day, f.hour, f.minute, f.second };
	assert(f.year >= 0 && f.year <= YEAR_MAX);
	char *at = parts_put(digits_put(out, f.year, 4), parts);
	*at++ = '.';
	at = digits_put(at, (us - floor_div(us, CLOCK_SECOND) * CLOCK_SECOND) / 1000, 3);
	return str_span(out, (size_t)(at - out));
}

/* What the wall shows at the instant, as if that were UTC. */
static int64_t wall_of(int64_t us)
{
	struct clock_fields f = clock_local(us);
	return days_of((struct date){ f.year, f.month, f.day }) * CLOCK_DAY + f.hour * CLOCK_HOUR +
	       f.minute * CLOCK_MINUTE + f.second * CLOCK_SECOND + (us - floor_div(us, CLOCK_SECOND) * CLOCK_SECOND);
}

/* A zone has one offset before a change and another behind it, and changes lie months apart. */
static int64_t instant_of(int64_t wall)
{
	int64_t before = wall_of(wall - CLOCK_DAY) - (wall - CLOCK_DAY);
	int64_t after = wall_of(wall + CLOCK_DAY) - (wall + CLOCK_DAY);
	if (wall_of(wall - before) == wall)
		return wall - before;
	return wall_of(wall - after) == wall ? wall - after : wall - before;
}

enum rc clock_parse_local(struct str s, int64_t *out)
{
	int64_t days, time;
	struct str rest = s;
	if (!parse_date(&rest, &days) || (!take(&rest, 'T') && !take(&rest, 't') && !take(&rest, ' ')) ||
	    !parse_time(&rest, &time))
		return RC_INVALID;
	int64_t offset, wall = days * CLOCK_DAY + time;
	bool naive = rest.n == 0;
	if (!parse_offset(&rest, &offset))
		return RC_INVALID;
	return in_years(naive ? instant_of(wall) : wall - offset, out);
}

static const char week_names[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 was a Thursday */
static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

struct str clock_http(int64_t us, char out[CLOCK_TEXT_MAX])
{
	int64_t s = floor_div(us, CLOCK_SECOND), days = floor_div(s, 86400);
	int of_day = (int)(s - days * 86400);
	struct date d = date_of(days);
	int n = snprintf(out, CLOCK_TEXT_MAX, "%.3s, %02d %.3s %04lld %02d:%02d:%02d GMT",
			 week_names + 3 * (days - floor_div(days, 7) * 7), d.day, month_names + 3 * (d.month - 1),
			 (long long)d.year, of_day / 3600, of_day / 60 % 60, of_day % 60);
	return str_span(out, (size_t)n);
}

enum rc clock_http_parse(struct str s, int64_t *us_out)
{
	if (s.n != HTTP_DATE_LEN)
		return RC_INVALID;
	ptrdiff_t month = str_find(str_of(month_names), str_span(s.p + 8, 3));
	struct str day_text = str_span(s.p + 5, 2), year_text = str_span(s.p + 12, 4),
		   time_text = str_span(s.p + 17, 8);
	int day, year;
	int64_t time;
	if (month < 0 || month % 3 || !digits(&year_text, 4, YEAR_MIN, YEAR_MAX, &year) ||
	    !digits(&day_text, 2, 1, days_in_month(year, (int)month / 3 + 1), &day) || !parse_time(&time_text, &time))
		return RC_INVALID;
	int64_t us = days_of((struct date){ year, (int)month / 3 + 1, day }) * CLOCK_DAY + time;
	/* Writing it again also checks the week day and the separators. */
	char again[CLOCK_TEXT_MAX];
	if (!str_eq(clock_http(us, again), s))
		return RC_INVALID;
	*us_out = us;
	return RC_OK;
}
