#include "base/clock.h"
#include "text/text.h"

#include <assert.h>
#include <stdio.h>

/* Pages have many dates: they are written without printf. */
static void two_digits(struct buf *b, int v)
{
	assert(v >= 0 && v <= 99);
	buf_c(b, (char)('0' + v / 10));
	buf_c(b, (char)('0' + v % 10));
}

static void put_year(struct buf *b, int year)
{
	if (year < 1000 || year > 9999) {
		buf_fmt(b, "%04d", year);
		return;
	}
	two_digits(b, year / 100);
	two_digits(b, year % 100);
}

struct str text_datetime(int64_t us, char out[TEXT_DATE_MAX])
{
	struct clock_fields f = clock_local(us);
	int n = snprintf(out, TEXT_DATE_MAX, "%02d.%02d.%04d, %02d:%02d", f.day, f.month, f.year, f.hour, f.minute);
	assert(n > 0 && n < TEXT_DATE_MAX);
	return str_span(out, (size_t)n);
}

// clang-format off
#define NORWEGIAN \
	{ { "januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "desember" }, \
	  { "jan.", "feb.", "mars", "april", "mai", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "des." }, ".", "kl.", '.' }
static const struct long_date {
	const char *months[12];
	const char *short_months[12]; /* NULL: the long ones */
	const char *after_day;
	const char *before_time;
	char before_minute;
} long_dates[] = {
	[LANG_NB] = NORWEGIAN,
	[LANG_NN] = NORWEGIAN,
	[LANG_EN] = { { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December" },
		      { "Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec." }, "", "at", ':' },
	[LANG_SE] = { { "ođđajagemánnu", "guovvamánnu", "njukčamánnu", "cuoŋománnu", "miessemánnu", "geassemánnu", "suoidnemánnu", "borgemánnu",
			"čakčamánnu", "golggotmánnu", "skábmamánnu", "juovlamánnu" }, { 0 }, ".", "dii.", '.' },
};
// clang-format on
_Static_assert(LEN(long_dates) == LANG__MAX, "dates in each language");

static const struct long_date *long_date_of(enum lang lang)
{
	return &long_dates[lang < LANG__MAX ? lang : LANG_NB];
}

static void put_clock(struct buf *b, const struct clock_fields *f, const struct long_date *d)
{
	two_digits(b, f->hour);
	buf_c(b, d->before_minute);
	two_digits(b, f->minute);
}

struct str text_clock(struct arena *a, int64_t us, enum lang lang)
{
	struct clock_fields f = clock_local(us);
	struct buf b = BUF(a);
	put_clock(&b, &f, long_date_of(lang));
	return buf_str(&b);
}

struct str text_datetime_long(struct arena *a, int64_t us, enum lang lang)
{
	const struct long_date *d = long_date_of(lang);
	struct clock_fields f = clock_local(us);
	const char *month = d->months[f.month >= 1 && f.month <= 12 ? f.month - 1 : 0];
	struct buf b = BUF(a);
	buf_i64(&b, f.day);
	buf_z(&b, d->after_day);
	buf_c(&b, ' ');
	buf_z(&b, month);
	buf_c(&b, ' ');
	put_year(&b, f.year);
	buf_c(&b, ' ');
	buf_z(&b, d->before_time);
	buf_c(&b, ' ');
	put_clock(&b, &f, d);
	return buf_str(&b);
}

/* ---- spans of time ---- */

struct day {
	int year;
	int month; /* 0: a year */
	int day;   /* 0: a month or a year */
};

static bool part_read(struct str s, int max, int *out)
{
	uint64_t n;
	if (str_u64(s, &n) != RC_OK || n < 1 || n > (uint64_t)max)
		return false;
	*out = (int)n;
	return true;
}

static bool day_read(struct str s, struct day *out)
{
	*out = (struct day){ 0 };
	if ((s.n != 4 && s.n != 7 && s.n != 10) || !part_read(str_span(s.p, 4), 9999, &out->year))
		return false;
	if (s.n >= 7 && (s.p[4] != '-' || !part_read(str_span(s.p + 5, 2), 12, &out->month)))
		return false;
	return s.n < 10 || (s.p[7] == '-' && part_read(str_span(s.p + 8, 2), 31, &out->day));
}

static void day_put(struct buf *b, const struct day *d, bool year, enum lang lang)
{
	const struct long_date *names = long_date_of(lang);
	if (d->day)
		buf_fmt(b, "%d%s ", d->day, names->after_day);
	if (d->month) {
		const char *name = names->short_months[d->month - 1];
		buf_z(b, name ? name : names->months[d->month - 1]);
	}
	if (year)
		buf_fmt(b, "%s%04d", d->month ? " " : "", d->year);
}

static bool is_whole_year(const struct day *from, const struct day *until)
{
	return from->year == until->year && from->month == 1 && from->day <= 1 && until->month == 12 &&
	       (!until->day || until->day == 31);
}

struct str text_period(struct arena *a, struct str from, struct str until, enum lang lang)
{
	struct day first, last;
	struct buf b = BUF(a);
	if (!day_read(from, &first))
		return STR_NONE;
	if (until.p && (until.n != from.n || !day_read(until, &last) || str_cmp(from, until) > 0))
		return STR_NONE;
	if (until.p && is_whole_year(&first, &last))
		return str_span(from.p, 4);
	if (!until.p || str_eq(from, until)) {
		day_put(&b, &first, true, lang);
		return buf_str(&b);
	}
	day_put(&b, &first, first.year != last.year || !first.month, lang);
	buf_lit(&b, "–");
	day_put(&b, &last, true, lang);
	return buf_str(&b);
}

struct str text_zone(int64_t us, enum lang lang)
{
	struct clock_fields f = clock_local(us);
	struct str zone = str_of(f.zone);
	if (str_is(zone, "CET") || str_is(zone, "CEST"))
		return msg(MSG_ZONE_NORWAY, lang);
	if (str_is(zone, "UTC") || str_is(zone, "GMT"))
		return msg(MSG_ZONE_UTC, lang);
	return msg(MSG_ZONE_LOCAL, lang);
}

struct str text_orgno(struct arena *a, struct str orgno)
{
	if (orgno.n != 9)
		return orgno;
	struct buf b = BUF(a);
	for (size_t i = 0; i < orgno.n; i += 3) {
		if (i)
			buf_lit(&b, "\xc2\xa0"); /* no-break space */
		buf_raw(&b, orgno.p + i, 3);
	}
	return buf_str(&b);
}
