#include "base/clock.h"
#include "text/text.h"

#include <assert.h>
#include <stdio.h>

struct str text_datetime(int64_t us, char out[TEXT_DATE_MAX])
{
	struct clock_fields f = clock_local(us);
	int n = snprintf(out, TEXT_DATE_MAX, "%02d.%02d.%04d, %02d:%02d", f.day, f.month, f.year, f.hour, f.minute);
	assert(n > 0 && n < TEXT_DATE_MAX);
	return str_span(out, (size_t)n);
}

// clang-format off
#define NORWEGIAN \
	{ { "januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "desember" }, ".", "kl.", '.' }
static const struct long_date {
	const char *months[12];
	const char *after_day;
	const char *before_time;
	char before_minute;
} long_dates[] = {
	[LANG_NB] = NORWEGIAN,
	[LANG_NN] = NORWEGIAN,
	[LANG_EN] = { { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December" },
		      "", "at", ':' },
	[LANG_SE] = { { "ođđajagemánnu", "guovvamánnu", "njukčamánnu", "cuoŋománnu", "miessemánnu", "geassemánnu", "suoidnemánnu", "borgemánnu",
			"čakčamánnu", "golggotmánnu", "skábmamánnu", "juovlamánnu" }, ".", "dii.", '.' },
};
// clang-format on
_Static_assert(LEN(long_dates) == LANG__MAX, "dates in each language");

static const struct long_date *long_date_of(enum lang lang)
{
	return &long_dates[lang < LANG__MAX ? lang : LANG_NB];
}

struct str text_clock(struct arena *a, int64_t us, enum lang lang)
{
	struct clock_fields f = clock_local(us);
	return arena_fmt(a, "%02d%c%02d", f.hour, long_date_of(lang)->before_minute, f.minute);
}

struct str text_datetime_long(struct arena *a, int64_t us, enum lang lang)
{
	const struct long_date *d = long_date_of(lang);
	struct clock_fields f = clock_local(us);
	const char *month = d->months[f.month >= 1 && f.month <= 12 ? f.month - 1 : 0];
	return arena_fmt(a, "%d%s %s %04d %s %.*s", f.day, d->after_day, month, f.year, d->before_time,
			 STR_FMT(text_clock(a, us, lang)));
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
